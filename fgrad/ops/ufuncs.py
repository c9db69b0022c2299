"""NumPy's ufuncs on traced operands: promote, then bind the strict primitive.

On values that belong to no trace a `Ufunc` is NumPy's own function. The tables at the end are what `fgrad.numpy` exports, what NumPy's
protocol looks up, and what the operators use. The methods of a ufunc (`reduce`, ...) are put on by `fgrad/numpy/ufunc_methods.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS
from fgrad.core.errors import UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.ops import elementwise as e
from fgrad.ops.family import like
from fgrad.ops.promote import as_operand, promote, resolve_dtypes

_F64, _U64 = np.dtype(np.float64), np.dtype(np.uint64)
UFUNCS: dict[np.ufunc, Ufunc] = {}
"""What each NumPy ufunc is on traced operands."""


class Ufunc:
    """A NumPy ufunc that also takes traced values. `strict` is a primitive, or a function of operands of equal shape and dtype."""

    def __init__(self, ufunc: np.ufunc, strict: Callable[..., Any]):
        self.ufunc, self.strict = ufunc, strict
        self.__name__ = self.__qualname__ = ufunc.__name__
        self.__doc__ = ufunc.__doc__
        self.nin, self.nout = ufunc.nin, ufunc.nout
        self.kept: set[np.dtype] = set()  # dtypes that need no conversion when all operands have them
        UFUNCS[ufunc] = self

    def __call__(self, *xs: Any, **kwargs: Any) -> Any:
        for x in xs:
            if isinstance(x, Tracer):
                return self.traced(*xs, **kwargs)
        return self.ufunc(*xs, **kwargs)

    def traced(self, *xs: Any, **kwargs: Any) -> Any:
        if kwargs:
            xs = self._apply_keywords(xs, **kwargs)
        elif (operands := self._already_strict(xs)) is not None:
            return self.strict(*operands)
        operands = [as_operand(x) for x in xs]
        name = self.__name__
        dtypes = resolve_dtypes(name, self.ufunc, operands)
        if all(d == dtypes[0] and (type(x) in PYTHON_SCALARS or x.dtype == d) for x, d in zip(operands, dtypes, strict=True)):
            self.kept.add(dtypes[0])
        return self.strict(*promote(name, operands, dtypes))

    def _already_strict(self, xs: Any) -> Any:
        """The operands, where there is nothing to convert or broadcast: the common case, made quick. Otherwise None."""
        x = xs[0]
        if len(xs) == 1:
            return xs if x.dtype in self.kept else None
        if len(xs) != 2:
            return None
        y = xs[1]
        if isinstance(x, Tracer):
            if (dtype := x.dtype) in self.kept:
                if type(y) is float and dtype is _F64:
                    return xs
                if isinstance(y, (Tracer, np.ndarray, np.generic)) and y.dtype is dtype and y.shape == x.shape:
                    return xs
        elif type(x) is float and (dtype := y.dtype) is _F64 and dtype in self.kept:
            return xs
        return None

    def _apply_keywords(self, xs: Any, dtype: Any = None, out: Any = None, where: Any = True, **others: Any) -> Any:
        if out is not None and any(o is not None for o in (out if type(out) is tuple else (out,))):
            raise UnsupportedError(
                f"{self.__name__}: out= writes into an array, which traced code cannot do",
                "Use the returned value. `a += x` with a NumPy array a and a traced x ends here too: write a = a + x.",
            )
        if where is not True:
            raise UnsupportedError(
                f"{self.__name__}: where= without out= leaves entries undefined", "Use fgrad.numpy.where(mask, f(x), otherwise)."
            )
        unknown = set(others) - {"casting", "order", "subok"}
        if unknown:
            raise UnsupportedError(f"{self.__name__}: the keyword {sorted(unknown)[0]} is not supported on traced values")
        if dtype is None:
            return xs
        return [e.convert(x, dtype=np.dtype(dtype)) if isinstance(x, Tracer) else np.asarray(x, dtype) for x in xs]

    def __getattr__(self, name: str) -> Any:
        """`identity`, `types`, `nargs`, the signature and the like are those of NumPy's ufunc."""
        if name.startswith("_") and name != "__signature__":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return getattr(self.ufunc, name)

    def __reduce__(self):
        return UFUNCS.__getitem__, (self.ufunc,)

    def __repr__(self) -> str:
        return f"<fgrad ufunc {self.__name__!r}>"


class _Power(Ufunc):
    """x**n with a Python integer n keeps its own primitive: cheaper, and exact at negative x."""

    def traced(self, *xs: Any, **kwargs: Any) -> Any:
        x, y = xs
        if type(y) is int and isinstance(x, Tracer) and not kwargs and x.dtype.kind in "fc":
            return e.square(x) if y == 2 else e.integer_pow(x, y=y)
        return super().traced(*xs, **kwargs)


class _Comparison(Ufunc):
    """An integer array compares with any Python integer: of one that its dtype does not hold, every entry is on the same side."""

    def traced(self, *xs: Any, **kwargs: Any) -> Any:
        for x, n in (xs, xs[::-1]):
            if type(n) is int and isinstance(x, Tracer) and x.dtype.kind in "iu":
                held = np.iinfo(x.dtype)
                if not held.min <= n <= held.max:
                    return self.ufunc(*[np.zeros(x.shape, x.dtype) if a is x else a for a in xs])
        operands = [as_operand(x) for x in xs]
        dtypes = resolve_dtypes(self.__name__, self.ufunc, operands)
        if dtypes[0] == dtypes[1]:
            return super().traced(*xs, **kwargs)
        # int64 and uint64 have no common integer: a negative number is below every unsigned one, others are compared unsigned
        x, y = promote(self.__name__, operands, dtypes)
        signed_first = dtypes[0].kind == "i"
        negative = e.lt(x, like(x, 0)) if signed_first else e.lt(y, like(y, 0))
        below = self.ufunc(*((-1, 0) if signed_first else (0, -1)))
        return e.select(negative, np.bool_(below), self.strict(e.convert(x, dtype=_U64), e.convert(y, dtype=_U64)))


def to_bool(x: Any) -> Any:
    """Truth of each entry."""
    if type(x) in PYTHON_SCALARS:
        return bool(x)
    return x if x.dtype == bool else e.ne(x, like(x, 0))


def _times(numerator: float, denominator: float) -> Callable[[Any], Any]:
    def times(x: Any) -> Any:
        real = np.promote_types(x.dtype, np.float32).type  # the ratio is taken in x's own precision, as NumPy does
        return e.mul(x, like(x, real(numerator) / real(denominator)))

    return times


def _heaviside(x: Any, h: Any) -> Any:
    step = e.select(e.eq(x, like(x, 0)), h, e.select(e.gt(x, like(x, 0)), like(x, 1), like(x, 0)))
    return e.select(e.isnan(x), x, step)


def _divmod(x: Any, y: Any) -> tuple[Any, Any]:
    return e.floor_divide(x, y), e.remainder(x, y)


def _modf(x: Any) -> tuple[Any, Any]:
    sign = e.copysign(like(x, 1), x)  # a factor, not copysign(rest, x), whose derivative at a rest of 0 is 0
    magnitude = e.mul(x, sign)
    rest = e.select(e.isinf(x), like(x, 0), e.sub(magnitude, e.trunc(magnitude)))
    return e.mul(rest, sign), e.trunc(x)


def _frexp(x: Any) -> tuple[Any, Any]:
    return e.significand(x), e.exponent(x)


def _logical(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs: f(*map(to_bool, xs))


_ROWS: list[tuple[np.ufunc, Callable[..., Any]]] = [
    # arithmetic
    (np.add, e.add), (np.subtract, e.sub), (np.multiply, e.mul), (np.true_divide, e.div), (np.floor_divide, e.floor_divide),
    (np.remainder, e.remainder), (np.fmod, e.fmod), (np.divmod, _divmod), (np.negative, e.neg), (np.positive, lambda x: x),
    (np.absolute, e.abs_), (np.fabs, e.abs_), (np.sign, e.sign), (np.reciprocal, e.reciprocal), (np.square, e.square),
    (np.sqrt, e.sqrt), (np.cbrt, e.cbrt), (np.float_power, e.float_power), (np.copysign, e.copysign), (np.nextafter, e.nextafter),
    (np.spacing, e.spacing), (np.modf, _modf), (np.ldexp, e.ldexp), (np.frexp, _frexp), (np.heaviside, _heaviside),
    (np.gcd, e.gcd), (np.lcm, e.lcm),
    # exponentials and logarithms
    (np.exp, e.exp), (np.exp2, e.exp2), (np.expm1, e.expm1), (np.log, e.log), (np.log2, e.log2), (np.log10, e.log10), (np.log1p, e.log1p),
    (np.logaddexp, e.logaddexp), (np.logaddexp2, e.logaddexp2),
    # trigonometry
    (np.sin, e.sin), (np.cos, e.cos), (np.tan, e.tan), (np.arcsin, e.arcsin), (np.arccos, e.arccos), (np.arctan, e.arctan),
    (np.sinh, e.sinh), (np.cosh, e.cosh), (np.tanh, e.tanh), (np.arcsinh, e.arcsinh), (np.arccosh, e.arccosh), (np.arctanh, e.arctanh),
    (np.arctan2, e.arctan2), (np.hypot, e.hypot),
    (np.deg2rad, _times(np.pi, 180)), (np.radians, _times(np.pi, 180)), (np.rad2deg, _times(180, np.pi)), (np.degrees, _times(180, np.pi)),
    # logic, bits
    (np.isnan, e.isnan), (np.isinf, e.isinf), (np.isfinite, e.isfinite), (np.signbit, e.signbit),
    (np.logical_and, _logical(e.and_)), (np.logical_or, _logical(e.or_)), (np.logical_xor, _logical(e.xor)),
    (np.logical_not, _logical(e.not_)),
    (np.bitwise_and, e.and_), (np.bitwise_or, e.or_), (np.bitwise_xor, e.xor), (np.invert, e.not_),
    (np.left_shift, e.shift_left), (np.right_shift, e.shift_right), (np.bitwise_count, e.bitwise_count),
    # rounding, choice, complex
    (np.floor, e.floor), (np.ceil, e.ceil), (np.trunc, e.trunc), (np.rint, e.rint),
    (np.maximum, e.maximum), (np.minimum, e.minimum), (np.fmax, e.fmax), (np.fmin, e.fmin), (np.conjugate, e.conj),
]  # fmt: skip
_COMPARISONS = [
    (np.equal, e.eq), (np.not_equal, e.ne), (np.less, e.lt), (np.less_equal, e.le), (np.greater, e.gt), (np.greater_equal, e.ge),
]  # fmt: skip
for _ufunc, _strict in _ROWS:
    Ufunc(_ufunc, _strict)
for _ufunc, _strict in _COMPARISONS:
    _Comparison(_ufunc, _strict)
power = _Power(np.power, e.pow_)
