"""Searching in sorted arrays: searchsorted, digitize, interp, and orders: lexsort, and sorting complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, AxisError, DtypeError, ShapeError
from fgrad.numpy.joining import concatenate
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array, cut
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import sorting
from fgrad.ops.axes import normalize_axis
from fgrad.ops.family import like
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.indexing import gather
from fgrad.ops.promote import broadcast_shape, cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS

_F64 = np.dtype(np.float64)


def found_in(a: Any, v: Any, side: str) -> Any:
    """searchsorted of a 1-d array, for v of any shape, of one dtype."""
    found = sorting.searchsorted(a, s.reshape(v, shape=(v.size,)), side=side)
    return s.reshape(found, shape=v.shape)


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """NumPy's searchsorted: integers, without a derivative."""
    side = {"l": "left", "r": "right"}.get(str(side)[:1].lower(), side)
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted: side is 'left' or 'right', not {side!r}")
    a, v = as_array(a), as_array(v)
    if a.ndim != 1:
        raise ShapeError(f"searchsorted: a: {short(a)} must have one axis")
    if sorter is not None:
        sorter = as_array(sorter)
        if sorter.dtype.kind not in "iu" or sorter.shape != a.shape:
            raise ArgumentError(f"searchsorted: sorter: {short(sorter)} must be the integers that sort a: {short(a)}")
        a = gather(a, sorter)
    dtype = result_dtype(a, v)
    return found_in(cast(a, dtype), cast(v, dtype), side)


@implements(np.digitize)
@outside(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """NumPy's digitize. Bins that are traced without a value are taken as decreasing if the first is above the last."""
    x, bins = as_array(x), as_array(bins)
    if x.dtype.kind == "c":
        raise DtypeError(f"digitize: x: {short(x)} may not be complex")
    if bins.ndim != 1:
        raise ShapeError(f"digitize: bins: {short(bins)} must have one axis")
    n = bins.shape[0]
    dtype = result_dtype(x, bins)
    x, bins = cast(x, dtype), cast(bins, dtype)
    side = "left" if right else "right"
    known = concrete_or_none(bins)

    def rising() -> Any:
        return found_in(bins, x, side)

    def falling() -> Any:
        return e.sub(np.intp(n), found_in(s.reverse(bins, axes=(0,)), x, side))

    if known is not None:
        if np.all(known[:-1] <= known[1:]):
            return rising()
        if np.all(known[:-1] >= known[1:]):
            return falling()
        raise ArgumentError("digitize: bins must be monotonically increasing or decreasing")
    if n < 2:
        return rising()
    descends = e.gt(getitem(bins, 0), getitem(bins, -1))
    return e.select(s.broadcast_to(descends, x.shape), falling(), rising())


@implements(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Any:
    """NumPy's lexsort: the order by the last key, then by the one before it, and so on. Integers, without a derivative."""
    rows = [as_array(k) for k in keys] if isinstance(keys, (list, tuple)) else [getitem(as_array(keys), i) for i in range(len(keys))]
    if not rows:
        raise ArgumentError("lexsort: need at least one key")
    if len({k.shape for k in rows}) > 1:
        raise ShapeError(f"lexsort: keys have different shapes: {', '.join(map(short, rows))}")
    if not rows[0].ndim:
        return s.full(value=0, shape=(), dtype=np.dtype(np.intp))
    return sorting.lexsort(*rows, axis=normalize_axis("lexsort", axis, rows[0].ndim, rows[0]))


@implements(np.sort_complex)
def sort_complex(a: Any) -> Any:
    x = as_array(a)
    if not x.ndim:
        raise AxisError(f"sort_complex: x: {short(x)} has no axis to sort along")
    small = x.dtype.kind in "iu" and x.dtype.itemsize <= 2  # the only ones that NumPy makes complex64
    dtype = x.dtype if x.dtype.kind == "c" else np.dtype(np.complex64) if small else np.promote_types(x.dtype, np.complex128)
    return sorting.sort(cast(x, dtype), axis=x.ndim - 1)


# -- piecewise linear interpolation


def _interpolated(x: Any, xp: Any, fp: Any) -> Any:
    """The value at x, flat, between the points around it (those at the ends go on)."""
    n = xp.shape[0]
    if n == 1:
        return s.broadcast_to(fp, x.shape)
    place = found_in(xp, x, "right")
    at = e.maximum(e.sub(place, np.intp(1)), np.intp(0))  # the last point at or before x
    low = e.minimum(at, np.intp(n - 2))
    high = e.add(low, np.intp(1))
    x0, x1, f0, f1 = gather(xp, low), gather(xp, high), gather(fp, low), gather(fp, high)
    gap = e.sub(x1, x0)
    flat = e.eq(gap, like(gap, 0))
    rise, gap = e.sub(f1, f0), cast(e.select(flat, like(gap, 1), gap), fp.dtype)
    slope = e.div(rise, gap)
    usable = e.and_(e.isfinite(slope), e.not_(flat))
    line = e.add(e.mul(e.select(usable, slope, like(slope, 0)), cast(e.sub(x, x0), fp.dtype)), f0)
    return e.select(usable, line, e.stop_gradient(_at_jump(x, xp, fp, at, low, high, slope)))


def _at_jump(x: Any, xp: Any, fp: Any, at: Any, low: Any, high: Any, slope: Any) -> Any:
    """The value where the slope is not finite: a point's own at the point, the line from the other side, a constant's."""
    f0, f1 = gather(fp, low), gather(fp, high)
    left = e.add(e.mul(slope, cast(e.sub(x, gather(xp, low)), fp.dtype)), f0)
    right = e.add(e.mul(slope, cast(e.sub(x, gather(xp, high)), fp.dtype)), f1)
    out = e.select(e.isnan(left), right, left)
    out = e.select(e.and_(e.isnan(out), e.eq(f0, f1)), f0, out)
    out = e.select(e.eq(x, gather(xp, at)), gather(fp, at), out)
    return e.select(e.isnan(x), cast(x, fp.dtype), out)


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """NumPy's interp: float64, or complex128. At a point its derivative in x is that of the piece to the right of it.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(np.interp)(1.5, np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 4.0]))
        np.float64(1.0)
    """
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    for name, operand in (("x", x), ("xp", xp)):
        if operand.dtype.kind == "c":
            raise DtypeError(f"interp: {name}: {short(operand)} may not be complex")
    if xp.ndim != 1 or fp.ndim != 1 or xp.shape != fp.shape:
        raise ShapeError(f"interp: xp: {short(xp)} and fp: {short(fp)} must have one axis, of equal size")
    if not xp.size:
        raise ShapeError("interp: there are no points to interpolate between: xp is empty")
    dtype = np.dtype(np.complex128) if fp.dtype.kind == "c" else _F64
    x, xp, fp = cast(x, _F64), cast(xp, _F64), cast(fp, dtype)
    if period is not None:
        known = concrete_or_none(period)
        if known is not None and known == 0:
            raise ArgumentError("interp: period must not be zero")
        left = right = None
        period = UFUNCS[np.absolute](period)
        x, xp = UFUNCS[np.remainder](x, period), UFUNCS[np.remainder](xp, period)
        order = sorting.argsort(xp, axis=0, stable=False)
        xp, fp = gather(xp, order), gather(fp, order)
        n = xp.shape[0]
        sub, add = UFUNCS[np.subtract], UFUNCS[np.add]
        xp = concatenate([sub(cut(xp, 0, n - 1, n), period), xp, add(cut(xp, 0, 0, 1), period)])
        fp = concatenate([cut(fp, 0, n - 1, n), fp, cut(fp, 0, 0, 1)])
    flat = s.reshape(x, shape=(x.size,))
    out = _interpolated(flat, xp, fp)
    for beyond, end, value in ((e.lt, 0, left), (e.gt, -1, right)):
        value = cast(as_array(getitem(fp, end) if value is None else value), dtype)
        if broadcast_shape("interp", (value,)) != ():
            raise ShapeError(f"interp: left and right are numbers, not {short(value)}")
        out = e.select(beyond(flat, s.broadcast_to(getitem(xp, end), flat.shape)), s.broadcast_to(value, flat.shape), out)
    return s.reshape(out, shape=x.shape)
