"""Random programs as Python source: what `random_programs.py` runs.

A program is written statement by statement; each is run on NumPy as it is written, so that the next one knows the shapes and dtypes, and one that NumPy refuses, or
whose values grow, is not written. Loops, branches and transformations stand under names (`scan`, `cond`, `vmap`, ...) that the reader of the text binds: `PYTHON`
binds them to plain Python on NumPy.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np

import fgrad
import fgrad.numpy as fnp
from fgrad.core import tree

DTYPES = ["f8"] * 8 + ["f4"] * 3 + ["c16", "c16", "c8", "i8", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "?"]
KNOWN = frozenset(map(np.dtype, DTYPES))
LARGEST = 1e4  # a float that is larger grew, and is not kept
MOST_ENTRIES = 300


# -- control flow in plain Python


def _scan(f: Callable, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False) -> tuple:
    n = length if xs is None else tree.leaves(xs)[0].shape[0]
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


_SHARED = {"np": np, "fnp": fnp, "at": fnp.at, "grad": fgrad.grad, "jvp": fgrad.jvp}
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
LIBRARY = _SHARED | {
    name: getattr(fgrad, name) for name in ("scan", "while_loop", "fori_loop", "cond", "switch", "vmap", "jit", "checkpoint")
}  # fmt: skip


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
        return "\n".join([f"def f({', '.join(self.inputs)}):", *[f"    {line}" for line in body], f"    return ({', '.join(self.outputs)},)"])

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

    def axis(self, v: Any) -> int:
        return self.r.randrange(-v.ndim, v.ndim)

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

    def function(self, parameters: Sequence[Any], statements: int, result: Callable[[Writer, list[str]], str]) -> tuple[str, list[str]] | None:
        """(its name, the lines that define it) of a function of parameters of these types. `result(writer, parameters)` gives what it returns."""
        names = [f"v{next(self.numbers)}" for _ in parameters]
        known = dict(self.values) if self.r.random() < 0.7 else {}
        inner = Writer(self.r, known | dict(zip(names, parameters, strict=True)), self.numbers, self.depth + 1, self.special)
        inner.grow(statements)
        returned = result(inner, names)
        name = f"f{next(self.numbers)}"
        lines = [f"def {name}({', '.join(names)}):", *[f"    {line}" for s in inner.statements for line in s.lines], f"    return {returned}"]
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
            text = f"({text} * 1)" if u.dtype.kind == "b" else f"np.clip({text}, 0, 9)" if u.dtype.kind == "f" or v.dtype.kind != u.dtype.kind else text
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
    sizes = r.choice([[1, 2, 3, 4], [1, 2, 3, 4], [2, 3], [0, 1, 3], [1, 7, 9, 17], [5, 16]])
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
            x = np.where(rng.random(shape) < 0.3, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, 5e-324], shape), x)
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(dtype)[()]


# -- expressions: elementwise

_UNARY_FLOAT = (
    "np.sin({})", "np.cos({})", "np.tan({})", "np.tanh({})", "np.sinh({})", "np.cosh({})", "np.arctan({})", "np.arcsinh({})", "np.exp({})", "np.expm1({})",
    "np.exp2({})", "np.cbrt({})", "np.log1p(np.abs({}))", "np.sqrt(np.abs({}))", "np.log(np.abs({}) + 0.5)", "np.log2(np.square({}) + 1)",
    "np.log10(np.abs({}) + 2)", "np.arcsin(np.tanh({}))", "np.arccos(np.tanh({}))", "np.arctanh(0.9 * np.tanh({}))", "np.arccosh(1 + np.square({}))",
    "np.floor({})", "np.ceil({})", "np.trunc({})", "np.rint({})", "np.sign({})", "np.abs({})", "np.reciprocal({})", "(1 / {})", "np.isnan({})", "np.isinf({})",
    "np.isfinite({})", "np.signbit({})", "np.sinc({})", "np.deg2rad({})", "np.nan_to_num({})", "np.clip({}, -0.5, 0.75)", "({} ** 2)", "({} ** 3)", "({} ** -1)",
    "({} ** 0.5)", "(2.0 ** {})", "np.where({0} > 0, {0}, 0)", "np.where({0} > 0, np.log({0}), {0})", "np.heaviside({}, 0.5)", "np.spacing({})", "np.modf({})[0]",
    "np.frexp({})[0]", "np.ldexp({}, 2)", "np.round({}, 1)", "np.logaddexp({}, 0.0)", "np.copysign(1.5, {})",
)  # fmt: skip
_UNARY_COMPLEX = ("np.abs({})", "np.conj({})", "np.real({})", "np.imag({})", "({0} * {0})", "np.square({})", "np.exp({})", "np.sin({})", "np.sqrt({})", "np.angle({})",
                  "({} ** 2)", "({} ** 3)", "(1 / ({} + 3))", "np.tanh({})", "np.sign({})", "np.log({} + 5)", "np.isnan({})", "np.reciprocal({} + 2)")  # fmt: skip
_UNARY_INTEGER = ("~{}", "np.abs({})", "np.square({})", "np.sign({})", "np.bitwise_count({})", "({} ** 2)", "({} ** 3)", "({} ** 4)", "({} * 3)", "({} // 2)", "({} % 3)",
                  "({} << 1)", "({} >> 1)", "({} + 100)", "np.clip({}, 1, 4)", "({} == 2)", "({} / 2)", "np.negative({})", "np.invert({})", "np.floor({})")  # fmt: skip
_UNARY_BOOL = ("~{}", "np.logical_not({})", "({} * 2)", "({} + 1)", "np.where({}, 1.5, -0.5)", "({} & True)", "({0} | ~{0})", "np.abs({})")


@expression(5)
def unary(w: Writer) -> str | None:
    name = w.pick()
    v = w.values[name]
    table = {"f": _UNARY_FLOAT, "c": _UNARY_COMPLEX, "i": _UNARY_INTEGER, "u": _UNARY_INTEGER, "b": _UNARY_BOOL}[v.dtype.kind]
    if v.dtype.kind in "iub" and w.r.random() < 0.2:
        name, table = w.floating(), _UNARY_FLOAT
    return w.add(w.r.choice(table).format(name))


_BINARY = (
    "{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} / (2 + np.abs({}))", "{} // {}", "{} % {}", "np.fmod({}, {})", "np.maximum({}, {})", "np.minimum({}, {})",
    "np.fmax({}, {})", "np.fmin({}, {})", "np.hypot({}, {})", "np.arctan2({}, {})", "np.logaddexp({}, {})", "np.copysign({}, {})", "np.power(np.abs({}) + 0.5, {})",
    "{} < {}", "{} <= {}", "{} == {}", "{} != {}", "{} > {}", "{} >= {}", "{} & {}", "{} | {}", "{} ^ {}", "{} << {}", "{} >> {}", "np.gcd({}, {})", "np.lcm({}, {})",
    "np.logical_and({}, {})", "np.logical_or({}, {})", "np.logical_xor({}, {})", "{} * {} + 1", "np.float_power(np.abs({}) + 1, {})", "np.divmod({}, {})[0]",
    "np.divmod({}, {})[1]", "np.isclose({}, {})", "np.nextafter({}, {})", "np.heaviside({}, {})", "fnp.where({0} > {1}, {0}, {1})", "np.subtract({}, {})",
)  # fmt: skip


@expression(6)
def binary(w: Writer) -> str | None:
    x = w.pick()
    y = x if w.r.random() < 0.05 else w.fitting(w.values[x])
    if w.r.random() < 0.3:
        x, y = y, x
    text = w.r.choice(_BINARY[:4] if w.r.random() < 0.4 else _BINARY).format(x, y)
    return w.add(text)


@expression(1.5)
def choice(w: Writer) -> str | None:
    x = w.pick()
    v = w.values[x]
    condition = w.fitting(v)
    return w.add(f"np.where({condition} > {w.r.choice(['0', '0.5', w.fitting(v)])}, {x}, {w.fitting(v)})")


@expression(1.5)
def conversion(w: Writer) -> str | None:
    x = w.pick()
    v, to = w.values[x], np.dtype(w.r.choice(DTYPES))
    if v.dtype.kind == "c" and to.kind != "c":
        x = f"np.real({x})"
    if v.dtype.kind in "fc" and to.kind in "iu":
        x = f"np.clip(np.nan_to_num({x}), {0 if to.kind == 'u' else -100}, 100)"
    return w.add(f"{x}.astype({to.str[1:]!r})")


# -- views


@expression(6)
def view(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    k = w.axis(v)
    n = v.shape[k]

    def part(n: int) -> str:
        a, b = sorted(r.randrange(-n, n + 1) if n else 0 for _ in range(2))
        return r.choice([":", "::-1", "::2", "1:", ":-1", "::-2", f"{a}:{b}", f"{b}:{a}:-1", "None, :", "..."])

    index = ", ".join(dict.fromkeys(part(n) for n in v.shape[: r.randint(1, v.ndim)])) if r.random() < 0.5 else part(n)
    order = r.sample(range(v.ndim), v.ndim)
    widths = [(r.randrange(3), r.randrange(3)) for _ in range(v.ndim)]
    shape = r.choice([(-1,), (1, *v.shape), (*v.shape, 1), (v.size,), *([(-1, d) for d in v.shape if d and v.size]), v.shape[::-1]])
    start, stop = sorted(r.randrange(n + 1) for _ in range(2))
    texts = [
        f"{x}[{index}]", f"{x}[{index}]", f"{x}[{index}]", f"{x}.T", f"np.transpose({x}, {order})", f"np.flip({x}, {k})", f"np.roll({x}, {r.randrange(-2, 4)}, {k})",
        f"np.pad({x}, {widths})", f"np.pad({x}, {widths})", f"np.reshape({x}, {shape})", f"np.ravel({x})", f"np.expand_dims({x}, {k})", f"np.squeeze({x})",
        f"np.broadcast_to({x}, {(r.randint(0, 3), *v.shape)})", f"np.repeat({x}, 2, {k})", f"np.tile({x}, 2)", f"np.swapaxes({x}, 0, {k})", f"np.moveaxis({x}, {k}, 0)",
        f"np.moveaxis({x}, {k}, 0)[{start}:{stop}]", f"np.diff({x}, axis={k})", f"np.tril({x})", f"np.triu({x}, 1)", f"np.diagonal({x})", f"np.rot90({x})", f"np.diag({x})",
        f"np.pad({x}[{index}], 1)", f"np.pad({x}, 1)[{index}]", f"np.pad({x}, {widths}, mode={r.choice(['edge', 'reflect', 'wrap'])!r})",
    ]  # fmt: skip
    if n:
        texts += [f"np.take({x}, {r.randrange(-n, n)}, {k})", f"{x}[{r.randrange(-v.shape[0], v.shape[0]) if v.shape[0] else 0}]", f"{x}[..., -1]"]
    return w.add(r.choice(texts))


@expression(2)
def join(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    k = w.axis(v)
    others = [w.pick(lambda u: u.ndim == v.ndim and all(i == k % v.ndim or a == b for i, (a, b) in enumerate(zip(u.shape, v.shape, strict=True))))]
    others.append(f"np.ones_like({x})" if r.random() < 0.2 else others[0])
    parts = [x, *others[: r.randint(1, 2)]]
    r.shuffle(parts)
    joined = f"({', '.join(parts)})"
    return w.add(r.choice([f"np.concatenate({joined}, {k})", f"np.concatenate({joined}, {k})", f"np.stack({joined}, {k})", f"np.hstack({joined})", f"np.vstack({joined})"]))


# -- reductions and running reductions

_REDUCTIONS = ("sum", "sum", "prod", "max", "min", "mean", "any", "all", "var", "std", "count_nonzero", "ptp", "nansum", "nanmax", "average", "median", "logsum")


@expression(5)
def reduction(w: Writer) -> str | None:
    x = w.array() if w.r.random() < 0.95 else w.pick()
    v, r = w.values[x], w.r
    axes = tuple(sorted(r.sample(range(v.ndim), r.randint(0, v.ndim))))
    axis = r.choice([None, axes, axes, axes[0] if axes else None])
    keep = f", keepdims={r.random() < 0.3}"
    name = r.choice(_REDUCTIONS)
    if name == "logsum":
        return w.add(f"np.log(np.sum(np.exp({x} - np.max({x}, {axis}, keepdims=True)), {axis}{keep}))")
    if name in ("average", "median", "count_nonzero"):
        keep = ""
    if name == "prod" and v.dtype.kind in "fc":
        x = f"np.tanh({x})"
    where = f", where={w.same_shape_bool(v)}" if name in ("sum", "prod", "any") and r.random() < 0.1 else ""
    return w.add(f"np.{name}({x}, axis={axis}{keep}{where})")


def _same_shape_bool(self: Writer, v: Any) -> str:
    return f"({self.pick(lambda u: u.shape == v.shape)} > 0)"


Writer.same_shape_bool = _same_shape_bool  # type: ignore[attr-defined]


@expression(1.5)
def arg_reduction(w: Writer) -> str | None:
    x = w.array()
    v = w.values[x]
    axis = w.r.choice([None, w.axis(v), w.axis(v)])
    return w.add(f"np.{w.r.choice(['argmax', 'argmin'])}({x}, axis={axis}{w.r.choice(['', ', keepdims=True'])})")


@expression(2)
def running(w: Writer) -> str | None:
    x = w.array()
    v = w.values[x]
    k = w.axis(v)
    return w.add(
        w.r.choice(
            [f"np.cumsum({x}, axis={k})", f"np.cumsum({x})", f"np.cumprod(np.tanh({x}), axis={k})", f"np.cumprod({x}, axis={k})",
             f"np.maximum.accumulate({x}, axis={k})", f"np.minimum.accumulate({x}, axis={k})", f"np.cumsum({x}[::-1], axis={k})[::-1]"]
        )
    )  # fmt: skip


# -- products


@expression(4)
def contraction(w: Writer) -> str | None:
    r = w.r
    x = w.pick(lambda v: v.ndim <= 3)
    v = w.values[x]
    y = w.pick(lambda u: u.ndim <= 3 and bool(set(u.shape) & set(v.shape))) if r.random() < 0.8 else w.pick(lambda u: u.ndim <= 3)
    u = w.values[y]
    letters = r.sample("abcdefgh", 8)
    of_x = letters[: v.ndim]
    of_y: list[str] = []
    free = letters[v.ndim :]
    for n in u.shape:
        same = [c for c, m in zip(of_x, v.shape, strict=True) if m == n and c not in of_y]
        of_y.append(r.choice(same) if same and r.random() < 0.75 else free.pop())
    out = [c for c in dict.fromkeys(of_x + of_y) if (r.random() < 0.35 if c in of_x and c in of_y else r.random() < 0.85)]
    r.shuffle(out)
    return w.add(f"np.einsum('{''.join(of_x)},{''.join(of_y)}->{''.join(out)}', {x}, {y})")


@expression(2)
def product(w: Writer) -> str | None:
    x = w.array()
    y = x if w.r.random() < 0.1 else w.array()
    return w.add(
        w.r.choice(
            ["{} @ {}", "{} @ {}", "np.dot({}, {})", "{}.T @ {}", "{} @ {}.T", "np.outer({}, {})", "np.inner({}, {})", "np.tensordot({}, {}, 1)", "np.kron({}, {})",
             "np.vdot({}, {})", "np.tensordot({}, {}, 0)", "np.matmul(np.transpose({}), {})"]
        ).format(x, y)
    )  # fmt: skip


# -- reading and writing at places


def _index(w: Writer, n: int) -> str:
    """An integer array or number in -n ... n - 1: a constant, or a value of the program."""
    if n == 0:
        raise Nothing
    r = w.r
    if r.random() < 0.4:
        shape = r.choice([(2,), (3,), (1,), (), (2, 2), (0,), (5,)])
        flat = [r.randrange(-n, n) for _ in range(int(np.prod(shape)))]
        return f"np.array({np.reshape(flat, shape).tolist() if shape else flat[0]}, {r.choice(['i8', 'i8', 'i4', 'i1'])!r})" if shape else str(flat[0])
    i = w.pick(lambda v: v.dtype.kind in "iu" and v.ndim <= 2)
    v = w.values[i]
    if n > 127:
        raise Nothing
    return f"({i} % {n})" if v.dtype.kind == "u" or r.random() < 0.5 else f"({i} % {n} - {n})"


@expression(3)
def gather(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    k = w.axis(v)
    i = _index(w, v.shape[k])
    texts = [f"fnp.take({x}, {i}, axis={k})", f"np.moveaxis({x}, {k}, 0)[{i}]", f"{x}[{_index(w, v.shape[0])}]"]
    if v.ndim > 1:
        texts += [f"{x}[{_index(w, v.shape[0])}, {r.choice([_index(w, v.shape[1]), ':', '0:1', 'None'])}]", f"{x}[:, {_index(w, v.shape[1])}]"]
    if v.dtype.kind in "fiu":
        texts.append(f"np.take_along_axis({x}, np.argsort({x}, axis={k}, kind='stable'), axis={k})")
    return w.add(r.choice(texts))


@expression(3)
def scatter(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    what = r.choice(["set", "add", "add", "multiply", "min", "max", "subtract"])
    index = r.choice([_index(w, v.shape[0]), f"{r.randrange(v.shape[0] + 1)}:", "::-1", "::2", "..., 0"])
    if v.ndim > 1 and r.random() < 0.4:
        index = f"{_index(w, v.shape[0])}, {r.choice([_index(w, v.shape[1]), ':', '1:', '::-1'])}"
    try:
        target = w.run(f"{x}[{index}]")
    except IndexError:
        return None
    value = r.choice([f"{x}[{index}]", w.number(v.dtype), x])
    if r.random() < 0.6:
        value = w.pick(lambda u: np.can_cast(u.dtype, v.dtype, "same_kind") and u.ndim <= target.ndim and u.shape == target.shape[target.ndim - u.ndim :])
    return w.add(f"at({x})[{index}].{what}({value})")


@expression(1)
def ordering(w: Writer) -> str | None:
    x = w.array(lambda v: v.dtype.kind in "fiu")
    k = w.axis(w.values[x])
    return w.add(
        w.r.choice([f"np.sort({x}, axis={k})", f"np.argsort({x}, axis={k}, kind='stable')", f"np.searchsorted(np.sort({x}, axis=None), {w.pick()})"])
    )


@expression(0.5)
def algebra(w: Writer) -> str | None:
    if w.special:
        return None
    x = w.pick(lambda v: v.ndim == 2 and v.shape[0] <= 5 and v.dtype.str[1:] in ("f8", "f4"))
    square = f"({x} @ {x}.T + 3 * np.eye({w.values[x].shape[0]}, dtype={w.values[x].dtype.str[1:]!r}))"
    return w.add(w.r.choice(["np.linalg.inv({0})", "np.linalg.det({0})", "np.linalg.solve({0}, {1})", "np.linalg.cholesky({0})"]).format(square, x))


@expression(1)
def constant(w: Writer) -> str | None:
    r = w.r
    n = r.randint(0, 5)
    dtype = r.choice(["f8", "f8", "f4", "i8", "u1", "c16", "?"])
    v = w.pick()
    return w.add(
        r.choice(
            [f"np.arange({n}, dtype={dtype!r})", f"np.full({w.values[v].shape}, 2, {dtype!r})", f"np.zeros_like({v})", f"np.eye({n}, dtype={dtype!r})",
             f"np.ones_like({v})", f"np.array({[r.randrange(9) for _ in range(n)]}, {dtype!r})", f"np.float64({r.randrange(5)})", f"np.linspace(0, 1, {n + 1})"]
        )
    )  # fmt: skip


# -- control flow


def _tuple(parts: Sequence[str]) -> str:
    return f"({''.join(p + ', ' for p in parts)})"


@expression(3.5)
def loop(w: Writer) -> Any:
    """scan, fori_loop, while_loop: the carry is passed through, swapped, shared, or computed."""
    if w.depth > 1 and w.r.random() < 0.7:
        raise Nothing
    r = w.r
    kind = r.choice(["scan", "scan", "scan", "fori", "while"])
    kinds = "fc" if r.random() < 0.6 else "fciub"
    carry = [w.pick(lambda v: v.size <= 80 and v.dtype.kind in kinds) for _ in range(r.randint(0 if kind == "scan" else 1, 3))]
    values = [w.values[c] for c in carry]
    kept: list[str] = []

    def new(inner: Writer, names: list[str]) -> list[str]:
        last = [n for s in inner.statements for n in s.names]
        return [inner.like(v, last) for v in values]

    if kind == "scan":
        rows = [w.array(lambda v: v.shape[0] <= 5) for _ in range(r.randint(0, 2))]
        length = w.values[rows[0]].shape[0] if rows else r.randint(0, 4)
        rows = [x if w.values[x].shape[0] == length else rows[0] for x in rows]
        entries = [w.values[x][0] if length else np.zeros(w.values[x].shape[1:], w.values[x].dtype)[()] for x in rows]

        def result(inner: Writer, names: list[str]) -> str:
            carried = new(inner, names)
            ys = [inner.pick(lambda v: v.size <= 60) for _ in range(r.randint(0 if carried else 1, 3))]
            ys = [r.choice([y, y, *carried[:1]]) for y in ys]
            kept[:] = names
            return f"({_tuple(carried)}, {_tuple(ys)})"

        name, lines = w.function([*values, *entries], r.randint(1, 4), result) or ("", [])
        n = len(carry)
        step = f"lambda c, x: {name}(*c{', *x' if rows else ''})"
        xs = _tuple(rows) if rows else f"None, length={length}"
        return w.add_tuple(f"scan({step}, {_tuple(carry)}, {xs}, reverse={r.random() < 0.4})" if n or rows else "()", lines)
    if kind == "fori":
        name, lines = w.function([np.int64(1), *values], r.randint(1, 3), lambda inner, names: _tuple(new(inner, names)))
        bounds = r.choice([f"0, {r.randint(0, 4)}", "1, 3"])
        if r.random() < 0.5:
            i = w.pick(lambda v: v.dtype.kind in "iu" and v.dtype.itemsize < 8 and v.ndim == 0) if r.random() < 0.5 else f"np.sum({w.pick()} > 0)"
            bounds = f"0, {i} % 4"
        return w.add_tuple(f"fori_loop({bounds}, lambda i, c: {name}(i, *c), {_tuple(carry)})", lines)
    limit = r.randint(0, 4)
    name, lines = w.function(values, r.randint(1, 3), lambda inner, names: _tuple(new(inner, names)))
    test = f"c[0] < {limit}"
    scalar = [k for k, v in enumerate(values) if v.dtype.kind in "fiu" and v.size]
    if scalar:
        test = f"(c[0] < {limit}) & (np.sum(c[{r.choice(scalar) + 1}]) < {r.choice([0, 1, 3, 10])})"
    counted = f"while_loop(lambda c: {test}, lambda c: (c[0] + 1, *{name}(*c[1:])), (0, *{_tuple(carry)}))[1:]"
    return w.add_tuple(counted, lines)


@expression(1.6)
def branch(w: Writer) -> Any:
    if w.depth > 1 and w.r.random() < 0.7:
        raise Nothing
    r = w.r
    operands = [w.pick() for _ in range(r.randint(0, 3))]
    kinds = [w.values[w.pick(lambda v: v.size <= 80)] for _ in range(r.randint(1, 3))]
    n = r.choice([2, 2, 3])
    lines, names = [], []
    for _ in range(n):
        name, more = w.function(
            [w.values[o] for o in operands],
            r.randint(0, 3),
            lambda inner, _: _tuple([inner.like(v, [n for s in inner.statements for n in s.names]) for v in kinds]),
        )
        names.append(name)
        lines += more
    scalar = w.pick(lambda v: v.dtype.kind in "fiu")
    arguments = "".join(f", {o}" for o in operands)
    if n == 2:
        return w.add_tuple(f"cond(np.sum({scalar}) > {r.choice(['0', '0.5', '-1'])}, {names[0]}, {names[1]}{arguments})", lines)
    return w.add_tuple(f"switch(np.sum({scalar} > 0), [{', '.join(names)}]{arguments})", lines)


@expression(1)
def inside(w: Writer) -> Any:
    """jit, checkpoint, vmap, grad of a function inside."""
    if w.depth > 1:
        raise Nothing
    r = w.r
    kind = r.choice(["jit", "checkpoint", "vmap", "vmap", "grad"])
    several = lambda inner, names: _tuple([inner.pick(lambda v: v.size <= 60) for _ in range(r.randint(1, 2))])
    if kind in ("jit", "checkpoint"):
        operands = [w.pick() for _ in range(r.randint(1, 2))]
        name, lines = w.function([w.values[o] for o in operands], r.randint(1, 4), several)
        return w.add_tuple(f"{kind}({name})({', '.join(operands)})", lines)
    if kind == "vmap":
        first = w.array(lambda v: 0 < v.shape[0] <= 5)
        size = w.values[first].shape[0]
        operands = [first, *[w.pick() for _ in range(r.randint(0, 1))]]
        axes = [0, *[w.values[o].shape.index(size) if size in w.values[o].shape and r.random() < 0.7 else None for o in operands[1:]]]
        entries = [w.values[o] if a is None else np.moveaxis(w.values[o], a, 0)[0] for o, a in zip(operands, axes, strict=True)]
        name, lines = w.function(entries, r.randint(1, 4), several)
        return w.add_tuple(f"vmap({name}, {_tuple(map(str, axes))})({', '.join(operands)})", lines)
    x = w.pick(lambda v: v.dtype.str[1:] in ("f8", "f4"))
    dtype = w.values[x].dtype.str[1:]

    def total(inner: Writer, names: list[str]) -> str:
        y = inner.pick(lambda v: v.dtype.kind in "fc")
        return f"np.sum(np.real({y})).astype({dtype!r}) + np.sum({names[0]})"

    name, lines = w.function([w.values[x]], r.randint(1, 3), total)
    return w.add_tuple(f"(grad({name})({x}),)", lines)


__all__ = ["LIBRARY", "PYTHON", "Source", "Statement", "array_text", "drawn", "program"]
_ = SimpleNamespace
