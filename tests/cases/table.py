"""What a row of the table is: a function in both spellings, how to draw its arguments, and what holds for it.

row("sum", normal(3, 4), axis=1)                    np.sum(x, axis=1) and fnp.sum(x, axis=1)
row("reshape", normal(3, 4), (2, 6))                what is not a draw is passed as it is, untraced
row("concatenate", [normal(3, 4), normal(2, 4)])    arguments may be nested
row(lambda np, x: x[1:] * x[:-1], normal(5), name="window")  any function of a namespace and arguments
"""

from __future__ import annotations

import operator
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad.numpy as fnp

ALL_DTYPES = ("float64", "float32", "int64", "int32", "uint8", "bool", "complex128", "complex64")
REAL = ALL_DTYPES[:6]
FLOATING = ALL_DTYPES[:2]


@dataclass(frozen=True)
class Draw:
    """How an argument is drawn: a shape, and a function (rng, shape) -> array. `dtype` is fixed, or None for that of the test."""

    shape: tuple[int, ...]
    sample: Callable[[np.random.Generator, tuple[int, ...]], Any]
    dtype: str | None = None

    def __call__(self, rng: np.random.Generator, dtype: str, shape: tuple[int, ...] | None = None) -> Any:
        shape = self.shape if shape is None else shape
        x = np.asarray(self.sample(rng, shape))
        kind = np.dtype(self.dtype or dtype)
        if kind.kind == "c":
            x = x + 1j * np.asarray(self.sample(rng, shape))
        elif kind.kind == "u":
            x = np.abs(x)
        elif kind.kind == "b" and x.dtype.kind == "f":
            x = x > 0.3
        return np.asarray(x).astype(kind)[()]


def normal(*shape: int) -> Draw:
    return Draw(shape, lambda rng, s: rng.normal(size=s))


def uniform(low: float, high: float, *shape: int) -> Draw:
    return Draw(shape, lambda rng, s: rng.uniform(low, high, size=s))


def positive(*shape: int) -> Draw:
    return uniform(0.4, 2.4, *shape)


def unit(*shape: int) -> Draw:
    return uniform(-0.9, 0.9, *shape)


def distinct(*shape: int, offset: float = 0.37) -> Draw:
    """Entries well apart from each other and from 0, out of reach of a finite difference. Those of another offset are apart from these."""

    def sample(rng: np.random.Generator, s: tuple[int, ...]) -> Any:
        n = int(np.prod(s))
        return (rng.permutation(n).reshape(s) - n // 2 + offset) * 0.31 + rng.uniform(-0.03, 0.03, size=s)

    return Draw(shape, sample)


def integers(low: int, high: int, *shape: int, dtype: str = "int64") -> Draw:
    return Draw(shape, lambda rng, s: rng.integers(low, high, size=s), dtype)


def booleans(*shape: int) -> Draw:
    return Draw(shape, lambda rng, s: rng.integers(0, 2, size=s) == 1, "bool")


def matrix(*shape: int) -> Draw:
    """Well conditioned square matrices."""
    return Draw(shape, lambda rng, s: rng.normal(size=s) * 0.4 + 2.0 * np.eye(s[-1]))


def spd(*shape: int) -> Draw:
    """Symmetric positive definite matrices."""

    def sample(rng: np.random.Generator, s: tuple[int, ...]) -> Any:
        a = rng.normal(size=s)
        return a @ np.swapaxes(a, -1, -2) + s[-1] * np.eye(s[-1])

    return Draw(shape, sample)


def given(values: Any, dtype: str | None = None) -> Draw:
    """These values, whatever the seed."""
    x = np.asarray(values)
    return Draw(x.shape, lambda rng, s: np.broadcast_to(x, s), dtype)


@dataclass(frozen=True)
class Case:
    """A row.

    call: `(namespace, *args) -> output`, the namespace being `numpy` or `fgrad.numpy`.
    args: draws among untraced values, possibly nested in lists and tuples.
    reference: what the value is compared with, `(*arrays) -> output`; None: `call` on NumPy and plain arrays.
    values: dtypes in which the value is compared; where NumPy itself refuses one, it is left out.
    grad: dtypes in which derivatives are checked. order: to which order, in float64.
    alone: the positions of the arguments that vmap can map while the others are arrays (None: all); `array[tracer]` cannot be traced.
    modes: of differentiation that there are. pickles: its jaxpr does (it holds no function of Python).
    stageable: it can be staged and mapped (the shape of the result does not depend on values).
    rtol: of values, in float64.
    """

    name: str
    call: Callable[..., Any]
    args: tuple[Any, ...]
    target: Any = None
    reference: Callable[..., Any] | None = None
    values: tuple[str, ...] = ALL_DTYPES
    grad: tuple[str, ...] = ("float64", "float32")
    order: int = 2
    alone: tuple[int, ...] | None = None
    stageable: bool = True
    modes: tuple[str, ...] = ("fwd", "rev")
    pickles: bool = True
    spellings: tuple[str, ...] = ("np", "fnp")
    rtol: float = 1e-12
    grad_tol: float | None = None

    @property
    def program_dtypes(self) -> tuple[str, ...]:
        """Dtypes in which it is staged and mapped."""
        return ("float64", "complex128") if "complex128" in self.grad else ("float64",)

    @property
    def draws(self) -> list[Draw]:
        return list(_draws(self.args))

    def draw(self, dtype: str = "float64", seed: int = 0) -> list[Any]:
        """Values of the traced arguments."""
        rng = np.random.default_rng([zlib.crc32(self.name.encode()), seed])
        return [d(rng, dtype) for d in self.draws]

    def draw_batch(self, size: int, dtype: str = "float64") -> list[list[Any]]:
        """For each argument, its value in each example."""
        return [list(xs) for xs in zip(*[self.draw(dtype, seed=s + 1) for s in range(size)], strict=True)]

    def function(self, spelling: str = "np") -> Callable[..., Any]:
        """The function of the traced arguments."""
        namespace = np if spelling == "np" else fnp
        return lambda *xs: self.call(namespace, *_fill(self.args, iter(xs)))

    def expected(self, *xs: Any) -> Any:
        """The value, by NumPy or the reference."""
        return (self.reference or self.function())(*xs)


def _draws(x: Any) -> Iterator[Draw]:
    if isinstance(x, Draw):
        yield x
    elif isinstance(x, (list, tuple)):
        for y in x:
            yield from _draws(y)


def _fill(x: Any, values: Iterator[Any]) -> Any:
    if isinstance(x, Draw):
        return next(values)
    if type(x) in (list, tuple) and next(_draws(x), None) is not None:
        return type(x)(_fill(y, values) for y in x)
    return x


ROWS: list[Case] = []
_names: dict[str, int] = {}


def row(
    f: str | Callable[..., Any],
    *args: Any,
    name: str | None = None,
    target: Any = None,
    options: dict[str, Any] | None = None,
    **kwargs: Any,
) -> None:
    """Adds a row. `f` is the name of a function of NumPy, called with these arguments; `options` are fields of `Case`."""
    if isinstance(f, str):
        get, base = operator.attrgetter(f), f
        target = get(np)
        call = lambda np, *xs: get(np)(*xs, **kwargs)
    else:
        base, call = name or f.__name__, lambda np, *xs: f(np, *xs, **kwargs)
    name = name or base
    label = f"{name}({', '.join([*(_show(a) for a in args), *(f'{k}={_show(v)}' for k, v in kwargs.items())])})"
    count = _names[label] = _names.get(label, 0) + 1
    ROWS.append(Case(label if count == 1 else f"{label}#{count}", call, args, target, **(options or {})))


def _show(x: Any) -> str:
    if isinstance(x, Draw):
        return f"{x.dtype or 'f'}[{','.join(map(str, x.shape))}]"
    if isinstance(x, list):
        return f"[{', '.join(map(_show, x))}]"
    if isinstance(x, tuple):
        return f"({', '.join(map(_show, x))})"
    if isinstance(x, np.ndarray):
        return f"array{list(x.shape)}"
    return getattr(x, "__name__", None) or str(x)
