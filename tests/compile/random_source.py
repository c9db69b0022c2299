"""Random programs as Python source: what `fuzzing.py` runs.

A program is written statement by statement; each is run on NumPy as it is written, so that the next one knows the shapes and dtypes, and one that
NumPy refuses, or whose values grow, is not written. Loops, branches and transformations stand under names (`scan`, `cond`, `vmap`, ...) that the
reader of the text binds: `PYTHON` binds them to plain Python on NumPy, `LIBRARY` to fgrad.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import scipy.special

import fgrad
import fgrad.numpy as fnp
from fgrad.core import tree

DTYPES = ["f8"] * 8 + ["f4"] * 3 + ["c16", "c16", "c8", "i8", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "?"]
KNOWN = frozenset(map(np.dtype, DTYPES))
LARGEST = 1e4  # a float that is larger grew, and is not kept
MOST_ENTRIES = 300


# -- control flow in plain Python


def _scan(f: Callable, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False) -> tuple:
    n: int = (length or 0) if xs is None else tree.leaves(xs)[0].shape[0]
    ys: list = [None] * n
    if not n:  # the types of what it would stack
        _, one = f(init, tree.map(lambda a: np.zeros(a.shape[1:], a.dtype)[()], xs))
        return init, tree.map(lambda y: np.zeros((0, *np.shape(y)), _dtype(y)), one)
    for i in reversed(range(n)) if reverse else range(n):
        init, ys[i] = f(init, tree.map(lambda a: a[i], xs))  # noqa: B023
    return init, tree.map(lambda *y: np.stack(y), *ys)


def _while(cond: Callable, body: Callable, value: Any) -> Any:
    while cond(value):
        value = body(value)
    return value


def _fori(lower: Any, upper: Any, body: Callable, value: Any) -> Any:
    for i in range(int(lower), int(upper)):
        value = body(np.int64(i), value)
    return value


def _vmap(f: Callable, in_axes: Any = 0) -> Callable:
    def mapped(*xs: Any) -> Any:
        axes = in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(xs)
        size = next(x.shape[a] for x, a in zip(xs, axes, strict=True) if a is not None)
        outs = [f(*[x if a is None else np.moveaxis(x, a, 0)[i] for x, a in zip(xs, axes, strict=True)]) for i in range(size)]
        return tree.map(lambda *y: np.stack(y), *outs)

    return mapped


def _dtype(x: Any) -> np.dtype:
    return x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype


_SHARED = {"np": np, "fnp": fnp, "special": scipy.special, "at": fnp.at, "grad": fgrad.grad}
PYTHON = _SHARED | {
    "scan": _scan,
    "while_loop": _while,
    "fori_loop": _fori,
    "cond": lambda p, t, f, *xs: (t if p else f)(*xs),
    "switch": lambda i, fs, *xs: fs[min(max(int(i), 0), len(fs) - 1)](*xs),
    "vmap": _vmap,
    "jit": lambda f: f,
    "checkpoint": lambda f: f,
}
LIBRARY = _SHARED | {name: getattr(fgrad, name) for name in PYTHON.keys() - _SHARED.keys()}


# -- a program


@dataclass
class Statement:
    """Lines of the program's body, and the names they define."""

    names: tuple[str, ...]
    lines: list[str]

    @property
    def reads(self) -> set[str]:
        return set(re.findall(r"\b[vx]\d+\b", "\n".join(self.lines)))


@dataclass
class Source:
    """A program `f(*inputs) -> tuple`."""

    inputs: dict[str, Any]
    special: bool
    statements: list[Statement]
    outputs: list[str]
    values: dict[str, Any] = field(default_factory=dict, repr=False)  # of every name, on NumPy

    @property
    def text(self) -> str:
        body = [line for s in self.statements for line in s.lines]
        return "\n".join(
            [f"def f({', '.join(self.inputs)}):", *[f"    {line}" for line in body], f"    return ({', '.join(self.outputs)},)"]
        )

    def function(self, names: dict[str, Any]) -> Callable[..., tuple]:
        space = dict(names)
        exec(compile(self.text, "<random program>", "exec"), space)
        return space["f"]


def array_text(x: Any) -> str:
    """A value as an expression."""
    x = np.asarray(x)
    with np.printoptions(threshold=10**6, floatmode="unique"):
        body = np.array2string(x, separator=", ", max_line_width=10**6, formatter={"all": repr_number}).replace("\n", "")
    if not x.size:
        return f"np.zeros({x.shape}, {x.dtype.str[1:]!r})"
    return f"np.array({body}, {x.dtype.str[1:]!r})"


def repr_number(v: Any) -> str:
    text = repr(v.item())
    return re.sub(r"\b(nan|inf)\b", r"np.\1", text)


# -- writing one

Expression = Callable[["Writer"], "str | None"]
_EXPRESSIONS: list[tuple[float, Expression]] = []


def expression(weight: float) -> Callable[[Expression], Expression]:
    def register(f: Expression) -> Expression:
        _EXPRESSIONS.append((weight, f))
        return f

    return register


class Nothing(Exception):
    """There is no value that an expression could be of."""


class Writer:
    """Writes the statements of one function; `values` are those in reach by name."""

    def __init__(self, r: random.Random, values: dict[str, Any], numbers: Iterator[int], depth: int = 0, special: bool = False):
        self.r, self.values, self.numbers, self.depth, self.special = r, values, numbers, depth, special
        self.statements: list[Statement] = []

    # -- choosing

    def pick(self, test: Callable[[Any], bool] = lambda v: True) -> str:
        """The name of a value; late ones are likelier."""
        names = [n for n, v in self.values.items() if test(v)]
        if not names:
            raise Nothing
        return names[-1 - min(int(self.r.expovariate(0.35)), len(names) - 1)]

    def array(self, test: Callable[[Any], bool] = lambda v: True) -> str:
        return self.pick(lambda v: v.ndim > 0 and test(v))

    def floating(self) -> str:
        """An expression of floating point."""
        name = self.pick(lambda v: v.dtype.kind in "fiub")
        v = self.values[name]
        return name if v.dtype.kind == "f" else f"{name}.astype({self.r.choice(['f8', 'f8', 'f4'])!r})"

    def same_type(self, v: Any) -> str:
        return self.pick(lambda u: u.shape == v.shape and u.dtype == v.dtype)

    def fitting(self, v: Any) -> str:
        """An expression that broadcasts with v."""
        for _ in range(4):
            name = self.pick()
            u = self.values[name]
            try:
                if np.broadcast(u, v).size <= MOST_ENTRIES:
                    return name
            except ValueError:
                pass
            if u.ndim:
                text = f"{name}[{', '.join(['0'] * u.ndim)}]" if u.size and self.r.random() < 0.5 else f"np.sum({name})"
                return text if u.size or "sum" in text else self.number(u.dtype)
        return self.number(v.dtype)

    def number(self, dtype: np.dtype) -> str:
        if dtype.kind in "iub":
            return str(self.r.randrange(0, 5))
        return self.r.choice(["0.5", "-1.25", "2", "0.1", "-1", "3.0"])

    # -- statements

    def run(self, text: str) -> Any:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(text, PYTHON | self.values)

    def accepted(self, v: Any) -> bool:
        if not isinstance(v, (np.ndarray, np.generic)) or v.dtype not in KNOWN or v.size > MOST_ENTRIES:
            return False
        return self.special or v.dtype.kind not in "fc" or bool(np.all(np.abs(v) < LARGEST))

    def add(self, text: str, before: Sequence[str] = ()) -> str | None:
        """A statement of this expression; None if its value is not wanted."""
        try:
            value = self.run(text)
        except (TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError, AttributeError):
            return None
        if not self.accepted(value):
            return None
        name = f"v{next(self.numbers)}"
        self.values[name] = value
        self.statements.append(Statement((name,), [*before, f"{name} = {text}"]))
        return name

    def add_tuple(self, text: str, before: Sequence[str]) -> list[str] | None:
        """A statement that takes a tuple (or a nest of tuples) apart."""
        space = PYTHON | self.values
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec("\n".join(before), space)
                values = eval(text, space)
        except (TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError, AttributeError):
            return None
        leaves = tree.leaves(values)
        if not leaves or not all(map(self.accepted, leaves)):
            return None
        names = [f"v{next(self.numbers)}" for _ in leaves]
        rest = iter(names)

        def pattern(x: Any) -> str:
            return f"({''.join(pattern(y) + ', ' for y in x)})" if isinstance(x, tuple) else next(rest)

        self.values.update(zip(names, leaves, strict=True))
        self.statements.append(Statement(tuple(names), [*before, f"{pattern(values)} = {text}"]))
        return names

    def choose(self, table: Sequence[str], **fields: Any) -> str | None:
        """A statement of one of these templates."""
        return self.add(self.r.choice(table).format(**fields))

    def grow(self, statements: int) -> None:
        for _ in range(statements):
            for _ in range(20):
                kinds, weights = zip(*[(f, w) for w, f in _EXPRESSIONS], strict=True)
                try:
                    if self.r.choices(kinds, weights)[0](self) is not None:
                        break
                except Nothing:
                    pass

    # -- functions inside

    def function(self, parameters: Sequence[Any], statements: int, result: Callable[[Writer, list[str]], str]) -> tuple[str, list[str]]:
        """(its name, the lines that define it) of a function of parameters of these types. `result(writer, parameters)` gives what it returns."""
        names = [f"v{next(self.numbers)}" for _ in parameters]
        known = dict(self.values) if self.r.random() < 0.7 else {}
        inner = Writer(self.r, known | dict(zip(names, parameters, strict=True)), self.numbers, self.depth + 1, self.special)
        inner.grow(statements)
        returned = result(inner, names)
        name = f"f{next(self.numbers)}"
        lines = [
            f"def {name}({', '.join(names)}):",
            *[f"    {line}" for s in inner.statements for line in s.lines],
            f"    return {returned}",
        ]
        return name, lines

    def like(self, v: Any, last: Sequence[str] = ()) -> str:
        """An expression of the type of v, of bounded size."""
        choice = self.r.random()
        if choice < 0.25:
            return self.same_type(v)
        name = self.r.choice(last) if last and choice < 0.5 else self.pick()
        u = self.values[name]
        text = name
        if u.dtype.kind == "c" and v.dtype.kind != "c":
            text = f"np.real({text})"
        if v.dtype.kind == "b":
            text = f"({text} > 0)"
        elif v.dtype.kind in "iu":
            text = (
                f"({text} * 1)"
                if u.dtype.kind == "b"
                else f"np.clip(np.nan_to_num({text}), 0, 9)"
                if u.dtype.kind == "f" or v.dtype.kind != u.dtype.kind
                else text
            )
            text = f"{text}.astype({v.dtype.str[1:]!r})"
        else:
            bounded = self.r.choice(["np.tanh({})", "np.sin({})", "({} * 0.5)", "(0.3 * {0} * {0} + 0.1)"])
            text = f"{bounded.format(f'{text}.astype({v.dtype.str[1:]!r})')}"
        try:
            fits = np.broadcast_shapes(u.shape, v.shape) == v.shape
        except ValueError:
            fits = False
        if not fits:
            text = f"np.sum({text}).astype({v.dtype.str[1:]!r})" if v.dtype.kind != "b" else f"np.any({text})"
        return text if fits and u.shape == v.shape else f"np.broadcast_to({text}, {v.shape})" if v.ndim else text


def program(seed: int) -> Source:
    """The program of a seed."""
    r = random.Random(seed)
    rng = np.random.default_rng(seed)
    special = r.random() < 0.08
    sizes = r.choice([[1, 2, 3, 4], [1, 2, 3, 4], [2, 3], [0, 1, 3], [1, 7, 9, 17], [5, 16], [3, 70], [130]])
    inputs = {f"x{k}": _input(r, rng, sizes, special) for k in range(r.randint(1, 4))}
    w = Writer(r, dict(inputs), count(), special=special)
    w.grow(r.randint(1, 9))
    made = [n for s in w.statements for n in s.names]
    last = made[-3:]
    outputs = last + [n for n in made[:-3] if r.random() < 0.15] or list(inputs)
    if r.random() < 0.1:
        outputs.append(r.choice([*inputs, *outputs]))
    return Source(inputs, special, w.statements, outputs, w.values)


def _input(r: random.Random, rng: np.random.Generator, sizes: list[int], special: bool) -> Any:
    shape = tuple(r.choice(sizes) for _ in range(r.choice([0, 1, 1, 2, 2, 2, 3])))
    while np.prod(shape) > MOST_ENTRIES:
        shape = shape[1:]
    dtype = np.dtype(r.choice(DTYPES))
    return drawn(rng, shape, dtype, special)


def drawn(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype, special: bool = False) -> Any:
    """Random entries; `special` ones are infinite, NaN, zeros and the ends of the integers too."""
    if dtype.kind == "b":
        x = rng.random(shape) < 0.5
    elif dtype.kind in "iu":
        info = np.iinfo(dtype)
        x = rng.integers(max(info.min, -5), 6, shape)
        if special:
            x = np.where(rng.random(shape) < 0.3, rng.choice(np.array([info.min, info.max], dtype), shape), x.astype(dtype))
    else:
        x = rng.uniform(-1.5, 1.5, shape)
        if dtype.kind == "c":
            x = x + 1j * rng.uniform(-1.5, 1.5, shape)
        if special:
            x = np.where(rng.random(shape) < 0.3, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], shape), x)
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(dtype)[()]
