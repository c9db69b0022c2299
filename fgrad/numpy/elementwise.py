"""Functions of NumPy on entries that are not ufuncs: complex parts, rounding, sinc, closeness, differences."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.numpy.joining import concatenate
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, broadcast_to, cut, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import special
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.family import like
from fgrad.ops.promote import broadcast_shape, cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS

_add, _sub, _mul, _div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]


def _floating(x: Any) -> Any:
    """x, integers made float64."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else cast(x, np.dtype(np.float64))


def _no_truth(name: str, x: Any) -> Any:
    if x.dtype.kind == "b":
        raise DtypeError(f"{name}: {short(x)} are truth values, which have no differences", "Convert them with .astype(int).")
    return x


def _zeros(x: Any, dtype: Any = None) -> Any:
    return s.full(value=0, shape=x.shape, dtype=np.dtype(x.dtype if dtype is None else dtype))


# -- complex parts


@implements(np.real)
def real(val: Any) -> Any:
    x = as_array(val)
    return e.real(x) if x.dtype.kind == "c" else x


@implements(np.imag)
def imag(val: Any) -> Any:
    x = as_array(val)
    return e.imag(x) if x.dtype.kind == "c" else _zeros(x)


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    x = as_array(z)
    out = UFUNCS[np.arctan2](imag(x), real(x)) if x.dtype.kind == "c" else UFUNCS[np.arctan2](0, x)
    return _mul(out, 180 / np.pi) if deg else out


@implements(np.isreal)
def isreal(x: Any) -> Any:
    x = as_array(x)
    part = imag(x)
    return e.eq(part, like(part, 0)) if x.dtype.kind == "c" else s.full(value=True, shape=x.shape, dtype=np.dtype(bool))


@implements(np.iscomplex)
def iscomplex(x: Any) -> Any:
    x = as_array(x)
    part = imag(x)
    return e.ne(part, like(part, 0)) if x.dtype.kind == "c" else _zeros(x, bool)


# -- rounding, sinc, replacing


@implements(np.round, np.around)
def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    unsupported("round", out=out)
    x, decimals = as_array(a), operator.index(decimals)
    if x.dtype.kind == "b":
        return cast(e.rint(cast(x, np.dtype(np.float16))), np.dtype(np.float16))
    if x.dtype.kind in "iu":
        if decimals >= 0:
            return x
        scale = 10.0**-decimals
        return cast(_mul(e.rint(_div(x, scale)), scale), x.dtype)
    if not decimals:
        return e.rint(x)
    if x.dtype.kind == "c":
        return e.complex_(round(e.real(x), decimals), round(e.imag(x), decimals))
    up, down = (e.mul, e.div) if decimals > 0 else (e.div, e.mul)
    scale = like(x, 10.0 ** abs(decimals))
    return down(e.rint(up(x, scale)), scale)


@implements(np.fix)
def fix(x: Any, out: Any = None) -> Any:
    unsupported("fix", out=out)
    return UFUNCS[np.trunc](x)


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """sin(pi x) / (pi x), smooth at 0: derivatives of every order are right there too."""
    return special.sinc_derivative(_mul(_floating(x), np.pi), order=0)


@implements(np.i0)
def i0(x: Any) -> Any:
    x = _floating(x)
    if x.dtype.kind == "c":
        raise DtypeError(f"i0: x: {short(x)} is complex, and i0 is implemented for real values")
    return special.i0(x)


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    x = as_array(x)
    if x.dtype.kind == "c":
        re, im = (nan_to_num(part, copy, nan, posinf, neginf) for part in (e.real(x), e.imag(x)))
        return e.complex_(re, im)
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    high, low = (limits.max if posinf is None else posinf), (limits.min if neginf is None else neginf)
    out = x
    for p, value in ((e.isnan(x), nan), (e.eq(x, like(x, np.inf)), high), (e.eq(x, like(x, -np.inf)), low)):
        out = e.select(p, s.broadcast_to(cast(as_array(value), x.dtype), x.shape), out)
    return out


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    x = as_array(p)
    axis = normalize_axis("unwrap", axis, x.ndim, x)
    step = diff(x, axis=axis)
    dtype = result_dtype(step, period)
    whole = dtype.kind in "iu"
    half, odd = (period // 2, period % 2) if whole else (period / 2, 0)
    wrapped = _sub(UFUNCS[np.remainder](_add(step, half), period), half)
    if not odd:  # a step of half a period may go either way: it goes the way it came
        edge = UFUNCS[np.logical_and](UFUNCS[np.equal](wrapped, -half), UFUNCS[np.greater](step, 0))
        wrapped = e.select(edge, s.broadcast_to(like(wrapped, half), wrapped.shape), wrapped)
    small = UFUNCS[np.less](UFUNCS[np.absolute](step), half if discont is None else max(discont, half))
    jump = _sub(wrapped, step)
    # the jumps are whole periods: what is added is piecewise constant, but its tangent must be exactly 0
    jump = e.select(small, _zeros(jump), jump if whole else _mul(UFUNCS[np.rint](_div(jump, period)), period))
    rest = _add(cut(x, axis, 1, None), cumsum(jump, axis=axis, reverse=False))
    return concatenate([cast(cut(x, axis, 0, 1), dtype), rest], axis)


# -- comparison of whole arrays


def _all(p: Any) -> Any:
    count = s.reduce_sum(e.convert(p, dtype=np.dtype(np.int64)), axes=tuple(range(p.ndim)))
    return e.eq(count, like(count, p.size))


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    x, y = as_array(a), as_array(b)
    gap = UFUNCS[np.less_equal](UFUNCS[np.absolute](_sub(_floating(x), y)), _add(atol, _mul(rtol, UFUNCS[np.absolute](y))))
    near = UFUNCS[np.logical_and](gap, UFUNCS[np.isfinite](y))
    same = UFUNCS[np.equal](x, y)
    if equal_nan:
        same = UFUNCS[np.logical_or](same, UFUNCS[np.logical_and](UFUNCS[np.isnan](x), UFUNCS[np.isnan](y)))
    return UFUNCS[np.logical_or](near, same)


@implements(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> Any:
    return _all(isclose(a, b, rtol, atol, equal_nan))


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Any:
    x, y = as_array(a1), as_array(a2)
    if x.shape != y.shape:
        return False
    same = UFUNCS[np.equal](x, y)
    if equal_nan and x.dtype.kind in "fc" and y.dtype.kind in "fc":
        same = UFUNCS[np.logical_or](same, UFUNCS[np.logical_and](UFUNCS[np.isnan](x), UFUNCS[np.isnan](y)))
    return _all(same)


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    x, y = as_array(a1), as_array(a2)
    try:
        broadcast_shape("array_equiv", [x, y])
    except ShapeError:
        return False
    return _all(UFUNCS[np.equal](x, y))


# -- differences and sums along an axis

_NOTHING = getattr(np, "_NoValue")  # noqa: B009 (NumPy's default of diff; not public)


@implements(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = _NOTHING, append: Any = _NOTHING) -> Any:
    if n == 0:
        return a
    if n < 0:
        raise ArgumentError(f"diff: n cannot be negative, and is {n}")
    x = as_array(a)
    if not x.ndim:
        raise ShapeError("diff: x is 0-d, and a difference needs an axis")
    axis = normalize_axis("diff", axis, x.ndim, x)

    def beside(v: Any) -> list:
        if v is _NOTHING or v is None:
            return []
        v = as_array(v)
        return [v if v.ndim else broadcast_to(v, tuple(1 if i == axis else m for i, m in enumerate(x.shape)))]

    parts = [*beside(prepend), x, *beside(append)]
    x = concatenate(parts, axis) if len(parts) > 1 else x
    subtract: Callable[..., Any] = UFUNCS[np.not_equal] if x.dtype == bool else _sub
    for _ in range(n):
        x = subtract(cut(x, axis, 1, None), cut(x, axis, 0, max(x.shape[axis] - 1, 0)))
    return x


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    x = _no_truth("ediff1d", ravel(ary))
    ends = [None if v is None else cast(ravel(v), x.dtype) for v in (to_begin, to_end)]
    parts = [p for p in (ends[0], diff(x), ends[1]) if p is not None]
    return concatenate(parts) if len(parts) > 1 else parts[0]


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = as_array(y)
    axis = normalize_axis("trapezoid", axis, y.ndim, y)
    width = dx
    if x is not None:
        points = as_array(x)
        width = diff(points, axis=axis if points.ndim > 1 else 0)
        if points.ndim == 1:
            width = s.reshape(width, shape=tuple(width.shape[0] if i == axis else 1 for i in range(y.ndim)))
    heights = _add(cut(y, axis, 1, None), cut(y, axis, 0, max(y.shape[axis] - 1, 0)))
    return s.reduce_sum(_div(_mul(width, heights), 2.0), axes=(axis,))


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    x = _floating(_no_truth("gradient", as_array(f)))
    axes = tuple(range(x.ndim)) if axis is None else tuple(normalize_axis("gradient", a, x.ndim, x) for a in np.atleast_1d(axis))
    spacings = list(varargs) or [1.0]
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    if len(spacings) != len(axes):
        raise ArgumentError(f"gradient: {len(spacings)} spacings were given for {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ArgumentError(f"gradient: edge_order is 1 or 2, not {edge_order}")
    out = [_gradient(x, h, a, edge_order) for h, a in zip(spacings, axes, strict=True)]
    return out[0] if len(out) == 1 else tuple(out)


def _gradient(f: Any, h: Any, axis: int, edge_order: int) -> Any:
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ShapeError(f"gradient: axis {axis} of {short(f)} needs at least {edge_order + 1} entries for edge_order={edge_order}")
    h = as_array(h)
    if h.ndim > 1 or (h.ndim and h.shape[0] != n):
        raise ShapeError(f"gradient: the coordinates {short(h)} of axis {axis} must be one for each of its {n} entries")
    gaps = s.reshape(diff(h) if h.ndim else broadcast_to(h, (n - 1,)), shape=tuple(n - 1 if i == axis else 1 for i in range(f.ndim)))
    part = lambda x, start, stop: cut(x, axis, start, stop)
    slopes = _div(diff(f, axis=axis), gaps)
    left, right = part(slopes, 0, n - 2), part(slopes, 1, None)
    a, b = part(gaps, 0, n - 2), part(gaps, 1, None)
    total = _add(a, b)
    if h.ndim:
        inner = _add(_mul(left, _div(b, total)), _mul(right, _div(a, total)))
    else:  # which does not read the entry in the middle, be it NaN
        inner = _div(_sub(part(f, 2, None), part(f, 0, n - 2)), _mul(h, 2))
    first, last = part(slopes, 0, 1), part(slopes, n - 2, n - 1)
    if edge_order == 2:  # extrapolate the slopes at the middles of the gaps linearly to the edges
        first = _sub(first, _mul(_sub(part(right, 0, 1), first), _div(part(a, 0, 1), part(total, 0, 1))))
        last = _add(last, _mul(_sub(last, part(left, n - 3, None)), _div(part(b, n - 3, None), part(total, n - 3, None))))
    return cast(concatenate([first, inner, last], axis), f.dtype)
