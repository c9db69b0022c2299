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

    def function(
        self, parameters: Sequence[Any], statements: int, result: Callable[[Writer, list[str]], str]
    ) -> tuple[str, list[str]] | None:
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
                else f"np.clip({text}, 0, 9)"
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
            x = np.where(rng.random(shape) < 0.3, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, 5e-324], shape), x)
    with np.errstate(all="ignore"):
        return np.asarray(x).astype(dtype)[()]


# -- expressions: templates; a number in front says how often


def _table(text: str) -> list[str]:
    found = []
    for part in text.replace("\n", ";").split(";"):
        times, _, template = part.strip().rpartition(" :: ")
        found += [template] * int(times or bool(template))
    return found


UNARY = {
    "f": _table("""
        np.sin({x}); np.cos({x}); np.tan({x}); 2 :: np.tanh({x}); np.sinh({x}); np.cosh({x}); np.arctan({x}); np.arcsinh({x}); np.exp({x})
        np.expm1({x}); np.exp2({x}); np.cbrt({x}); np.log1p(np.abs({x})); np.sqrt(np.abs({x})); np.log(np.abs({x}) + 0.5)
        np.log2(np.square({x}) + 1); np.log10(np.abs({x}) + 2); np.arcsin(np.tanh({x})); np.arccos(np.tanh({x}))
        np.arctanh(0.9 * np.tanh({x})); np.arccosh(1 + np.square({x})); special.erf({x}); special.erfc({x}); special.expit({x})
        special.gammaln(np.abs({x}) + 0.5); special.digamma(np.abs({x}) + 0.5); np.floor({x}); np.ceil({x}); np.trunc({x}); np.rint({x})
        np.round({x}, 1); np.modf({x})[0]; np.frexp({x})[0]; np.ldexp({x}, 2); np.spacing({x}); np.sign({x}); np.abs({x})
        np.copysign(1.5, {x}); np.heaviside({x}, 0.5); np.reciprocal({x}); 1 / {x}; {x} ** 2; {x} ** 3; {x} ** -1; {x} ** 0.5; 2.0 ** {x}
        np.isnan({x}); np.isinf({x}); np.isfinite({x}); np.signbit({x}); np.nan_to_num({x}); np.sinc({x}); np.deg2rad({x})
        np.clip({x}, -0.5, 0.75); np.where({x} > 0, {x}, 0); np.where({x} > 0, np.log({x}), {x}); np.logaddexp({x}, 0.0)
        np.interp({x}, np.array([-1.0, 0.0, 0.5]), np.array([0.0, 2.0, 1.0])); np.polyval([0.5, -1.0, 0.25], {x})
    """),
    "c": _table("""
        np.abs({x}); 2 :: np.conj({x}); 2 :: np.real({x}); 2 :: np.imag({x}); 2 :: {x} * {x}; np.square({x}); {x} ** 2; {x} ** 3
        1 / ({x} + 3); np.reciprocal({x} + 2); np.exp({x}); np.sin({x}); np.cos({x}); np.sinh({x}); np.tanh({x}); np.sqrt({x})
        np.log({x} + 5); np.angle({x}); np.sign({x}); np.isnan({x})
    """),
    "i": _table("""
        ~{x}; np.abs({x}); np.square({x}); np.sign({x}); np.bitwise_count({x}); {x} ** 2; {x} ** 3; {x} ** 4; {x} * 3; {x} // 2; {x} % 3
        {x} << 1; {x} >> 1; {x} + 100; {x} / 2; {x} == 2; np.negative({x}); np.invert({x}); np.floor({x}); np.clip({x}, 1, 4)
    """),
    "b": _table("""
        ~{x}; np.logical_not({x}); {x} * 2; {x} + 1; np.where({x}, 1.5, -0.5); {x} & True; {x} | ~{x}; np.abs({x})
    """),
}


@expression(5)
def unary(w: Writer) -> str | None:
    x = w.pick()
    kind = w.values[x].dtype.kind.replace("u", "i")
    if kind in "ib" and w.r.random() < 0.2:
        x, kind = w.floating(), "f"
    return w.choose(UNARY[kind], x=x)


PLAIN = ["{x} + {y}", "{x} - {y}", "{x} * {y}", "{x} / {y}"]
BINARY = _table("""
    {x} / (2 + np.abs({y})); {x} // {y}; {x} % {y}; np.fmod({x}, {y}); np.divmod({x}, {y})[0]; np.divmod({x}, {y})[1]
    np.maximum({x}, {y}); np.minimum({x}, {y}); np.fmax({x}, {y}); np.fmin({x}, {y}); np.hypot({x}, {y}); np.arctan2({x}, {y})
    np.logaddexp({x}, {y}); np.copysign({x}, {y}); np.nextafter({x}, {y}); np.heaviside({x}, {y}); np.power(np.abs({x}) + 0.5, {y})
    np.float_power(np.abs({x}) + 1, {y}); {x} < {y}; {x} <= {y}; {x} == {y}; {x} != {y}; {x} > {y}; {x} >= {y}; np.isclose({x}, {y})
    {x} & {y}; {x} | {y}; {x} ^ {y}; {x} << {y}; {x} >> {y}; np.gcd({x}, {y}); np.lcm({x}, {y}); np.logical_and({x}, {y})
    np.logical_or({x}, {y}); np.logical_xor({x}, {y}); np.subtract({x}, {y}); {x} * {y} + 1; fnp.where({x} > {y}, {x}, {y})
    2 :: np.where({z} > 0, {x}, {y}); 2 :: np.where({z}, {x}, {y}); np.clip({x}, {y}, 1)
""")


@expression(6)
def binary(w: Writer) -> str | None:
    x = w.pick()
    y = x if w.r.random() < 0.05 else w.fitting(w.values[x])
    z = w.fitting(w.values[x])
    if w.r.random() < 0.3:
        x, y = y, x
    return w.choose(PLAIN if w.r.random() < 0.4 else BINARY, x=x, y=y, z=z)


@expression(1.5)
def conversion(w: Writer) -> str | None:
    x = w.pick()
    v, to = w.values[x], np.dtype(w.r.choice(DTYPES))
    if v.dtype.kind == "c" and to.kind != "c":
        x = f"np.real({x})"
    if v.dtype.kind in "fc" and to.kind in "iu":  # of what does not fit the value is not defined
        x = f"np.clip(np.nan_to_num({x}), {0 if to.kind == 'u' else -100}, 100)"
    return w.add(f"{x}.astype({to.str[1:]!r})")


# -- views

VIEWS = _table("""
    4 :: {x}[{index}]; {x}.T; np.transpose({x}, {order}); np.flip({x}, {k}); np.roll({x}, {shift}, {k}); 2 :: np.pad({x}, {widths})
    np.pad({x}[{index}], 1); np.pad({x}, 1)[{index}]; np.pad({x}, {widths}, mode={mode!r}); np.reshape({x}, {shape}); np.ravel({x})
    np.expand_dims({x}, {k}); np.squeeze({x}); np.broadcast_to({x}, {more}); np.repeat({x}, 2, {k}); np.tile({x}, 2)
    np.swapaxes({x}, 0, {k}); np.moveaxis({x}, {k}, 0); np.moveaxis({x}, {k}, 0)[{start}:{stop}]; np.diff({x}, axis={k})
    np.gradient({x}, axis={k}); np.tril({x}); np.triu({x}, 1); np.diag({x}); np.diagonal({x}); np.rot90({x})
    {x}[{at}]; {x}[..., -1]; 2 :: np.concatenate({parts}, {k}); np.stack({parts}, {k}); np.hstack({parts}); np.vstack({parts})
""")


@expression(8)
def view(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    k = r.randrange(-v.ndim, v.ndim)
    n = v.shape[k]

    def part(n: int) -> str:
        a, b = sorted(r.randrange(-n, n + 1) if n else 0 for _ in range(2))
        return r.choice([":", "::-1", "::2", "1:", ":-1", "::-2", f"{a}:{b}", f"{b}:{a}:-1", "None, :", "..."])

    start, stop = sorted(r.randrange(n + 1) for _ in range(2))
    joins = lambda u: u.ndim == v.ndim and all(i == k % v.ndim or a == b for i, (a, b) in enumerate(zip(u.shape, v.shape, strict=True)))
    parts = [x, w.pick(joins), *r.choice([[], [f"np.ones_like({x})"], [x]])]
    r.shuffle(parts)
    return w.choose(
        VIEWS, x=x, k=k, start=start, stop=stop, parts=f"({', '.join(parts)})",
        index=", ".join(dict.fromkeys(part(n) for n in v.shape[: r.randint(1, v.ndim)])) if r.random() < 0.5 else part(n),
        order=r.sample(range(v.ndim), v.ndim), shift=r.randrange(-2, 4), widths=[(r.randrange(3), r.randrange(3)) for _ in range(v.ndim)],
        mode=r.choice(["edge", "reflect", "wrap", "symmetric"]), more=(r.randint(0, 3), *v.shape), at=r.randrange(-v.shape[0], v.shape[0] or 1),
        shape=r.choice([(-1,), (1, *v.shape), (*v.shape, 1), (v.size,), v.shape[::-1], *[(-1, d) for d in v.shape if v.size]]),
    )  # fmt: skip


# -- reductions and running reductions

REDUCTIONS = _table("""
    3 :: np.sum({x}, axis={axes}, keepdims={keep}); np.sum({x}, axis={axes}, where={where})
    np.prod({bounded}, axis={axes}, keepdims={keep}); np.prod({x}, axis={axes}, where={where})
    2 :: np.max({x}, axis={axes}, keepdims={keep}); 2 :: np.min({x}, axis={axes}, keepdims={keep})
    np.mean({x}, axis={axes}, keepdims={keep}); np.any({x}, axis={axes}, keepdims={keep}); np.all({x}, axis={axes}, keepdims={keep})
    np.var({x}, axis={axes}, keepdims={keep}); np.std({x}, axis={axes}, keepdims={keep}); np.ptp({x}, axis={axes}, keepdims={keep})
    np.nansum({x}, axis={axes}, keepdims={keep}); np.nanmax({x}, axis={axes}, keepdims={keep}); np.average({x}, axis={axes})
    np.median({x}, axis={axes}); np.count_nonzero({x}, axis={axes}); np.linalg.norm({x}, axis={k}); np.trapezoid({x}, axis={k})
    np.log(np.sum(np.exp({x} - np.max({x}, {axes}, keepdims=True)), {axes})); 2 :: np.argmax({x}, axis={k}, keepdims={keep})
    2 :: np.argmin({x}, axis={k}, keepdims={keep}); 2 :: np.cumsum({x}, axis={k}); np.cumprod({bounded}, axis={k})
    np.cumprod({x}, axis={k}); np.maximum.accumulate({x}, axis={one}); np.minimum.accumulate({x}, axis={one})
    np.cumsum({x}[::-1], axis={one})[::-1]; np.sort({x}, axis={k}); np.argsort({x}, axis={k}, kind='stable')
    np.searchsorted(np.sort({x}, axis=None), {other})
""")


@expression(8)
def reduction(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    axes = tuple(sorted(r.sample(range(v.ndim), r.randint(0, v.ndim))))
    k = r.randrange(-v.ndim, v.ndim)
    return w.choose(
        REDUCTIONS, x=x, axes=r.choice([None, axes, axes, k]), k=r.choice([None, k, k]), one=k, keep=r.random() < 0.3, other=w.pick(),
        bounded=f"np.tanh({x})" if v.dtype.kind in "fc" else x, where=f"({w.pick(lambda u: u.shape == v.shape)} > 0)",
    )  # fmt: skip


# -- products

PRODUCTS = _table("""
    3 :: {x} @ {y}; np.dot({x}, {y}); {x}.T @ {y}; {x} @ {y}.T; np.outer({x}, {y}); np.inner({x}, {y}); np.tensordot({x}, {y}, 1)
    np.tensordot({x}, {y}, 0); np.kron({x}, {y}); np.vdot({x}, {y}); np.matmul(np.transpose({x}), {y}); np.convolve({x}, {y})
""")


@expression(2)
def product(w: Writer) -> str | None:
    x = w.array()
    return w.choose(PRODUCTS, x=x, y=x if w.r.random() < 0.1 else w.array())


@expression(4)
def contraction(w: Writer) -> str | None:
    r = w.r
    x = w.pick(lambda v: v.ndim <= 3)
    v = w.values[x]
    y = w.pick(lambda u: u.ndim <= 3 and (r.random() < 0.2 or bool(set(u.shape) & set(v.shape))))
    letters = r.sample("abcdefgh", 8)
    of_x, free = letters[: v.ndim], letters[v.ndim :]
    of_y: list[str] = []
    for n in w.values[y].shape:
        same = [c for c, m in zip(of_x, v.shape, strict=True) if m == n and c not in of_y]
        of_y.append(r.choice(same) if same and r.random() < 0.75 else free.pop())
    out = [c for c in dict.fromkeys(of_x + of_y) if r.random() < (0.35 if c in of_x and c in of_y else 0.85)]
    r.shuffle(out)
    return w.add(f"np.einsum('{''.join(of_x)},{''.join(of_y)}->{''.join(out)}', {x}, {y})")


ALGEBRA = _table("""
    np.linalg.inv({square}); np.linalg.det({square}); np.linalg.slogdet({square})[1]; np.linalg.solve({square}, {x})
    2 :: np.linalg.cholesky({square})
""")


@expression(0.6)
def algebra(w: Writer) -> str | None:
    x = w.pick(lambda v: v.ndim == 2 and 0 < v.shape[0] <= 7 and v.dtype.str[1:] in ("f8", "f4"))
    n, dtype = w.values[x].shape[0], w.values[x].dtype.str[1:]
    return None if w.special else w.choose(ALGEBRA, x=x, square=f"({x} @ {x}.T + 3 * np.eye({n}, dtype={dtype!r}))")


# -- reading and writing at places


def _index(w: Writer, n: int) -> str:
    """An integer array or number in -n ... n - 1: a constant, or a value of the program."""
    r = w.r
    if not 0 < n <= 127:
        raise Nothing
    if r.random() < 0.4:
        shape = r.choice([(2,), (3,), (1,), (), (2, 2), (0,), (5,)])
        flat = [r.randrange(-n, n) for _ in range(int(np.prod(shape)))]
        return f"np.array({np.reshape(flat, shape).tolist()}, {r.choice(['i8', 'i8', 'i4', 'i1'])!r})" if shape else str(flat[0])
    i = w.pick(lambda v: v.dtype.kind in "iu" and v.ndim <= 2)
    return f"({i} % {n})" if w.values[i].dtype.kind == "u" or r.random() < 0.5 else f"({i} % {n} - {n})"


READS = _table("""
    fnp.take({x}, {i}, axis={k}); np.moveaxis({x}, {k}, 0)[{i}]; {x}[{first}]; {x}[{first}, {second}]; {x}[{first}, {part}]
    {x}[:, {second}]; np.take_along_axis({x}, np.argsort({x}, axis={k}, kind='stable'), axis={k})
""")


@expression(3)
def gather(w: Writer) -> str | None:
    x = w.array()
    v = w.values[x]
    k = w.r.randrange(-v.ndim, v.ndim)
    second = _index(w, v.shape[1]) if v.ndim > 1 else "0"
    return w.choose(
        READS, x=x, k=k, i=_index(w, v.shape[k]), first=_index(w, v.shape[0]), second=second, part=w.r.choice([":", "0:1", "None"])
    )


@expression(3)
def scatter(w: Writer) -> str | None:
    x = w.array()
    v, r = w.values[x], w.r
    index = r.choice([_index(w, v.shape[0]), f"{r.randrange(v.shape[0] + 1)}:", "::-1", "::2", "..., 0"])
    if v.ndim > 1 and r.random() < 0.4:
        index = f"{_index(w, v.shape[0])}, {r.choice([_index(w, v.shape[1]), ':', '1:', '::-1'])}"
    try:
        target = w.run(f"{x}[{index}]")
    except IndexError:
        return None
    value = r.choice([f"{x}[{index}]", w.number(v.dtype), x])
    if r.random() < 0.6:
        value = w.pick(lambda u: np.can_cast(u.dtype, v.dtype, "same_kind") and u.shape == target.shape[target.ndim - u.ndim :])
    return w.add(f"at({x})[{index}].{r.choice(['set', 'add', 'add', 'multiply', 'min', 'max', 'subtract'])}({value})")


CONSTANTS = _table("""
    np.arange({n}, dtype={dtype!r}); np.full({shape}, 2, {dtype!r}); np.zeros_like({x}); np.ones_like({x}); np.eye({n}, dtype={dtype!r})
    np.array({numbers}, {dtype!r}); np.float64({n}); np.linspace(0, 1, {n})
""")


@expression(1)
def constant(w: Writer) -> str | None:
    x, n = w.pick(), w.r.randint(0, 5)
    dtype = w.r.choice(["f8", "f8", "f4", "i8", "u1", "c16", "?"])
    return w.choose(CONSTANTS, x=x, n=n, dtype=dtype, shape=w.values[x].shape, numbers=[w.r.randrange(9) for _ in range(n)])


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
            i = (
                w.pick(lambda v: v.dtype.kind in "iu" and v.dtype.itemsize < 8 and v.ndim == 0)
                if r.random() < 0.5
                else f"np.sum({w.pick()} > 0)"
            )
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
