"""What `math`, `cmath` and Python's own functions are in the source of an @njit function while it is traced.

There they take traced values, as they take any number in compiled code: `math.exp` is `np.exp`, `min` of values that are not known is a selection, and `float`
is a conversion. On plain numbers they are what they were, but for nan and inf where Python raises and Numba does not.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad.numpy as fnp
import fgrad.scipy.special as special
from fgrad.core.trace import Tracer
from fgrad.interop.arrays import StandIn, local, plain
from fgrad.numpy.protocol import has_tracer
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import as_operand, cast

# -- math and cmath


def _whole(function: Callable) -> Callable:
    """floor, ceil and trunc of `math`, which give integers."""

    def call(x: Any) -> Any:
        value = concrete_or_none(x)
        return cast(function(x), np.dtype(np.int64)) if value is None else int(function(value))

    return call


def _log(x: Any, base: Any = None) -> Any:
    return fnp.log(x) if base is None else fnp.log(x) / fnp.log(base)


MATH: dict[str, Callable] = {
    **{n: getattr(fnp, n) for n in (
        "sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "expm1", "exp2", "cbrt", "log2", "log10", "log1p", "sqrt", "fabs", "fmod", "hypot", "copysign",
        "isnan", "isinf", "isfinite", "degrees", "radians", "ldexp", "frexp", "modf", "nextafter",
    )},
    **{n: getattr(fnp, f"arc{n[1:]}") for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh", "atan2")},
    **{n: _whole(getattr(fnp, n)) for n in ("floor", "ceil", "trunc")},
    "pow": fnp.power, "log": _log, "erf": special.erf, "erfc": special.erfc, "gamma": special.gamma, "lgamma": special.gammaln,
}  # fmt: skip


def _complex_log(x: Any, base: Any = None) -> Any:
    return _log(x + 0j, base)


CMATH: dict[str, Callable] = {
    **{n: functools.partial(lambda f, x: f(x + 0j), getattr(fnp, n)) for n in ("exp", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log10")},
    **{n: functools.partial(lambda f, x: f(x + 0j), getattr(fnp, f"arc{n[1:]}")) for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh")},
    "log": _complex_log, "phase": fnp.angle, "polar": lambda z: (abs(z), fnp.angle(z)), "rect": lambda r, phi: r * fnp.exp(1j * phi),
    "isnan": fnp.isnan, "isinf": fnp.isinf, "isfinite": fnp.isfinite,
}  # fmt: skip


def mathematical(original: Callable, function: Callable) -> Callable:
    def call(*xs: Any) -> Any:
        if has_tracer(xs):
            return function(*xs)
        try:
            return original(*xs)
        except (ValueError, OverflowError):  # Numba gives nan and inf
            with np.errstate(all="ignore"):
                return function(*xs)

    return functools.update_wrapper(call, original)


# -- builtins


def _extreme(original: Callable, better: Callable) -> Callable:
    def call(*xs: Any, **kwargs: Any) -> Any:
        values = list(xs[0]) if len(xs) == 1 else xs
        if kwargs or not has_tracer(values):
            return original(values, **kwargs)
        # the first of equals, as Python and Numba choose
        return functools.reduce(lambda a, b: fnp.where(better(b, a), b, a), values)

    return call


class ScalarType(StandIn):
    """A scalar type of Python, NumPy or Numba: a conversion of traced values too, and a dtype where one is wanted."""

    def __init__(self, original: Any, dtype: Any, convert: Callable | None = None):
        self.original, self.dtype, self.convert = original, np.dtype(dtype), convert or original

    def __call__(self, *args: Any) -> Any:
        (x, *rest) = map(plain, args or (0,))
        if rest and has_tracer(args) and self.original is complex:
            return as_operand(x) + 1j * rest[0]
        if isinstance(x, Tracer) and not rest:
            value = concrete_or_none(x) if self.dtype.kind in "iub" else None
            return local(cast(x, self.dtype)) if value is None else self.convert(value)
        return self.convert(x, *rest)

    def __instancecheck__(self, x: Any) -> bool:
        return x.ndim == 0 and x.dtype == self.dtype if isinstance(x, Tracer) else isinstance(x, self.original)

    def __getitem__(self, shape: Any) -> Any:  # float64[:, :] is a type of Numba
        return self.original[shape]

    def __eq__(self, other: object) -> bool:
        return bool(self.dtype == getattr(other, "dtype", other))

    def __hash__(self) -> int:
        return hash(self.dtype)


def _round(x: Any, ndigits: Any = None) -> Any:
    if not isinstance(x, Tracer):
        return round(x, ndigits)
    value = concrete_or_none(x)
    if ndigits is None:
        return cast(fnp.round(x), np.dtype(np.int64)) if value is None else round(value.item())
    return fnp.round(x, ndigits)


BUILTINS: dict[str, Any] = {
    "min": _extreme(min, operator.lt), "max": _extreme(max, operator.gt), "round": _round, "float": ScalarType(float, np.float64),
    "int": ScalarType(int, np.int64), "complex": ScalarType(complex, np.complex128),
}  # fmt: skip
