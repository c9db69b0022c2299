"""NumPy's means, variances and averages of traced arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.reductions import NOT_GIVEN, count_of, mask_for, reduced, sum
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes
from fgrad.ops.family import like
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS

F64 = np.dtype(np.float64)
_sub, _mul, _div = UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]


def over_count(total: Any, count: Any) -> Any:
    """total / count in the dtype of the total, an integer one too."""
    quotient = _div(total, count if isinstance(count, Tracer) or np.ndim(count) else like(total, count))
    return cast(quotient, total.dtype)


def float_dtype(x: Any, dtype: Any) -> np.dtype:
    """The dtype that a mean or variance is taken in."""
    return np.dtype(dtype) if dtype is not None else F64 if x.dtype.kind in "biu" else x.dtype


@implements(np.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NOT_GIVEN) -> Any:
    unsupported("mean", out=out)
    x, axes = reduced("mean", a, axis)
    half = dtype is None and x.dtype == np.float16  # which NumPy sums in float32
    total = sum(x, axes, np.dtype(np.float32) if half else float_dtype(x, dtype), keepdims=keepdims, where=where)
    average = over_count(total, count_of(x, mask_for("mean", where, x), axes, keepdims))
    return cast(average, x.dtype) if half else average


def squared(x: Any) -> Any:
    """|x|**2 of each entry, real."""
    return e.real(e.mul(e.conj(x), x)) if x.dtype.kind == "c" else e.square(x)


def degrees_lost(name: str, ddof: Any, correction: Any) -> Any:
    """`ddof`, or `correction`, which is its name in the array API standard."""
    if correction is NOT_GIVEN:
        return ddof
    if ddof != 0:
        raise ArgumentError(f"{name}: ddof and correction are the same thing; give one of them")
    return correction


@implements(np.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
    *, where: Any = NOT_GIVEN, mean: Any = NOT_GIVEN, correction: Any = NOT_GIVEN,
) -> Any:  # fmt: skip
    unsupported("var", out=out)
    x, axes = reduced("var", a, axis)
    ddof = degrees_lost("var", ddof, correction)
    dtype = F64 if dtype is None and x.dtype.kind in "biu" else dtype
    mask = mask_for("var", where, x)
    if mean is NOT_GIVEN or mean is None:
        mean = over_count(sum(x, axes, dtype, keepdims=True, where=where), count_of(x, mask, axes, True))
    squares = squared(_sub(x, mean))
    count = count_of(x, mask, axes, keepdims)
    left = np.maximum(count - ddof, 0) if mask is None else UFUNCS[np.maximum](_sub(count, ddof), 0)
    return over_count(sum(squares, axes, dtype, keepdims=keepdims, where=where), left)


@implements(np.std)
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
    *, where: Any = NOT_GIVEN, mean: Any = NOT_GIVEN, correction: Any = NOT_GIVEN,
) -> Any:  # fmt: skip
    """NumPy's standard deviation. Where it is 0 its derivative is that of sqrt, not finite."""
    unsupported("std", out=out)
    ddof = degrees_lost("std", ddof, correction)
    return UFUNCS[np.sqrt](var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean))


def aligned_weights(name: str, weights: Any, x: Any, axis: Any) -> Any:
    """Weights of the shape of x, or to broadcast against it."""
    w = as_array(weights)
    if w.shape == x.shape:
        return w
    if axis is None:
        raise DtypeError(f"{name}: weights: {short(w)} are not of the shape of a: {short(x)}", "Say along which axis they are.")
    axes = normalize_axes(name, axis, x.ndim, x)
    if w.shape != tuple(x.shape[i] for i in axes):
        raise ShapeError(f"{name}: weights: {short(w)} do not fit axis {axis} of a: {short(x)}")
    w = s.transpose(w, axes=tuple(np.argsort(axes).tolist()))
    return s.reshape(w, shape=tuple(n if i in axes else 1 for i, n in enumerate(x.shape)))


@implements(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """NumPy's weighted average. Traced weights are not tested for a sum of zero."""
    x, axes = reduced("average", a, axis)
    if weights is None:
        out = mean(x, axes, keepdims=keepdims)
        return (out, np.full(out.shape, count_of(x, None, axes), out.dtype)[()]) if returned else out
    w = aligned_weights("average", weights, x, axis)
    dtype = np.result_type(x.dtype, w.dtype, *([np.float64] if x.dtype.kind in "biu" else []))
    total = sum(w, axes, dtype, keepdims=keepdims)
    if not isinstance(total, Tracer) and np.any(total == 0):
        raise ZeroDivisionError("average: weights sum to zero, can't be normalized")
    out = _div(sum(_mul(cast(x, dtype), cast(w, dtype)), axes, keepdims=keepdims), total)
    return (out, s.broadcast_to(as_array(total), out.shape)) if returned else out
