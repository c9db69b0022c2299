"""NumPy's quantiles and percentiles of traced arrays, by all thirteen methods, weighted too, and those that pass over NaN.

A method says where in the sorted entries, counted from 0, a quantile stands: between two places (`_BETWEEN`, with the share of the upper
one), or at one (`_AT`). R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996) 361.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.avals import PYTHON_SCALARS, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.numpy import reductions as r
from fgrad.numpy.means import aligned_weights
from fgrad.numpy.nan_reductions import nanmean
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.reductions import NOT_GIVEN
from fgrad.numpy.shapes import as_array, broadcast_to, moveaxis
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import sorting
from fgrad.ops.cumulative import cumsum
from fgrad.ops.family import like
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS

_add, _sub, _mul, _div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]
_floor, _ceil, _rint = UFUNCS[np.floor], UFUNCS[np.ceil], UFUNCS[np.rint]
_equal, _remainder, _maximum, _minimum = UFUNCS[np.equal], UFUNCS[np.remainder], UFUNCS[np.maximum], UFUNCS[np.minimum]
_INTP = np.dtype(np.intp)
_F64 = np.dtype(np.float64)


# -- where a quantile stands among n sorted entries


def _plotting(a: float, b: float) -> Callable[[Any, Any], Any]:
    """The continuous methods, by the constants of their plotting position."""
    return lambda n, q: _sub(_add(_mul(q, n), _add(_mul(q, 1 - a - b), a)), 1)


def _along(n: Any, q: Any) -> Any:
    return _mul(q, _sub(n, 1))


def _halfway(n: Any, q: Any) -> Any:
    return _mul(_add(_floor(_along(n, q)), _ceil(_along(n, q))), 0.5)


_BETWEEN: dict[str, Callable[[Any, Any], Any]] = {
    "averaged_inverted_cdf": lambda n, q: _sub(_mul(q, n), 1), "interpolated_inverted_cdf": _plotting(0, 1), "hazen": _plotting(0.5, 0.5),
    "weibull": _plotting(0, 0), "linear": _along, "median_unbiased": _plotting(1 / 3, 1 / 3), "normal_unbiased": _plotting(3 / 8, 3 / 8),
    "midpoint": _halfway,
}  # fmt: skip


def _share(method: str, place: Any, below: Any) -> Any:
    """The share of the entry above, of those between which the quantile stands."""
    share = _sub(place, below)
    if method == "averaged_inverted_cdf":
        return e.select(_equal(share, 0), like(share, 0.5), like(share, 1))
    if method == "midpoint":
        return e.select(_equal(_remainder(place, 1), 0), like(share, 0), like(share, 0.5))
    return share


def _next_unless(place: Any, stays: Callable[[Any, Any], Any]) -> Any:
    """The entry above this place, or where `stays(share, below)` the one below; not before the first."""
    below = _floor(place)
    chosen = e.select(stays(_sub(place, below), below), below, _add(below, 1))
    return _maximum(chosen, 0)


def _whole(share: Any, below: Any) -> Any:
    return _equal(share, 0)


def _whole_and_odd(share: Any, below: Any) -> Any:
    return e.and_(_equal(share, 0), _equal(_remainder(below, 2), 1))


_AT: dict[str, Callable[[Any, Any], Any]] = {
    "inverted_cdf": lambda n, q: _next_unless(_sub(_mul(q, n), 1), _whole),
    "closest_observation": lambda n, q: _next_unless(_sub(_mul(q, n), 1.5), _whole_and_odd),
    "lower": lambda n, q: _floor(_along(n, q)), "higher": lambda n, q: _ceil(_along(n, q)), "nearest": lambda n, q: _rint(_along(n, q)),
}  # fmt: skip

# -- reading rows of sorted entries


@functools.cache
def _result_dtype(dtype: np.dtype, weak: bool, q: np.dtype, method: Any) -> np.dtype:
    """The dtype of NumPy's result, asked of NumPy itself: its rules have changed with its versions."""
    return np.quantile(np.zeros(1, dtype), 0.5 if weak else np.zeros((), q), method=method).dtype


class _Rows:
    """Sorted rows x[..., n]; `read` gives the entries at places[m], or places[..., m] that differ between rows."""

    def __init__(self, x: Any, count: Any):
        self.x, self.count, self.last = x, count, x.ndim - 1
        self.sorted: Any = None

    def read(self, *places: Any) -> list[Any]:
        known = [concrete_or_none(p) for p in places]
        n = self.x.shape[-1]
        if self.sorted is None and all(k is not None and k.ndim == 1 for k in known):
            # a few places: what stands there is found without sorting the rest
            wanted = tuple(sorted({int(k) % n for ks in known for k in ks}))
            order = sorting.argpartition(self.x, kth=wanted, axis=self.last)
            return [sorting.gather_along(self.x, getitem(order, (..., k)), self.last) for k in known]
        if self.sorted is None:
            self.sorted = sorting.sort(self.x, axis=self.last)
        return [
            getitem(self.sorted, (..., p)) if typeof(p).shape[:-1] == () else sorting.gather_along(self.sorted, p, self.last)
            for p in places
        ]


def _lerp(low: Any, high: Any, share: Any, dtype: np.dtype) -> Any:
    # as NumPy does: the gap in the precision of the entries (not that of integers, which may overflow), and from the nearer end, which is then exact
    low, high = (x if x.dtype.kind == "f" else cast(x, dtype) for x in (low, high))
    gap = cast(_sub(high, low), dtype)
    low, high, share = cast(low, dtype), cast(high, dtype), cast(share, dtype)
    up, down = _add(low, _mul(gap, share)), _sub(high, _mul(gap, _sub(1, share)))
    return e.select(s.broadcast_to(e.ge(share, like(share, 0.5)), up.shape), down, up)


def _read(rows: _Rows, q: Any, method: str, dtype: np.dtype) -> Any:
    """The quantiles of rows, of shape (..., m): `rows.count` are the entries that count in each, a number or an array[..., 1]."""
    n = rows.count
    if method in _AT:
        place = cast(_AT[method](n, q), _INTP)
        return rows.read(_minimum(_maximum(place, 0), _maximum(_sub(n, 1), 0)))[0]
    place = _BETWEEN[method](n, q)
    below = e.floor(place) if place.dtype.kind == "f" else place
    top = _maximum(_sub(n, 1), 0)
    share = _share(method, place, below)
    low = _minimum(_maximum(cast(below, _INTP), 0), top)
    high = _minimum(_maximum(_add(cast(below, _INTP), 1), 0), top)
    low_value, high_value = rows.read(low, high)
    return _lerp(low_value, high_value, share, dtype)


# -- weights: the inverted distribution function


def _weighted(name: str, x: Any, w: Any, q: Any, missing: Any) -> Any:
    """Quantiles of rows x[..., n] with weights w[..., n]; `missing` marks entries that do not count."""
    last = x.ndim - 1
    known = concrete_or_none(w)
    if known is not None and np.any(known < 0):
        raise ArgumentError(f"{name}: weights must be non-negative")
    if missing is not None:
        w = e.select(missing, like(w, 0), w)
    order = sorting.argsort(x, axis=last, stable=False)
    ordered = sorting.gather_along(x, order, last)
    share = cumsum(cast(sorting.gather_along(w, order, last), _F64), axis=last, reverse=False)
    total = getitem(share, (..., slice(-1, None)))
    share = _div(share, total)
    known = concrete_or_none(total)
    if known is not None and not np.all(np.isfinite(known) & (known != 0)) and missing is None:
        raise ArgumentError(f"{name}: weights included NaN, inf or were all zero")
    share = cast(share, q.dtype) if q.dtype.kind == "f" else share
    share = e.select(e.eq(share, like(share, 0)), like(share, -1), share)  # so that q=0 is the first entry with a weight
    dtype = np.result_type(share.dtype, q.dtype)
    wanted = s.broadcast_to(cast(q, dtype), (*x.shape[:-1], *q.shape))
    place = sorting.searchsorted(cast(share, dtype), wanted, side="left")
    end = np.intp(x.shape[-1] - 1) if missing is None else _sub(r.sum(e.not_(missing), -1, _INTP, keepdims=True), 1)
    return sorting.gather_along(ordered, _maximum(_minimum(place, end), 0), last)


# -- the functions


def _rows(x: Any, axes: tuple[int, ...]) -> Any:
    """x with these axes merged into one, the last."""
    others = tuple(i for i in range(x.ndim) if i not in axes)
    moved = s.transpose(x, axes=(*others, *axes))
    return s.reshape(moved, shape=(*moved.shape[: len(others)], r.count_of(x, None, axes)))


def _check_q(name: str, q: Any, top: float) -> None:
    known = concrete_or_none(q)
    if known is not None and not np.all((known >= 0) & (known <= 1)):
        raise ArgumentError(f"{name}: q must be in the range [0, {top:g}]")


def _quantile(
    name: str, a: Any, q: Any, axis: Any, out: Any, method: str, keepdims: Any, weights: Any, top: float, skip_nan: bool
) -> Any:  # fmt: skip
    unsupported(name, out=out)
    if method not in _AT and method not in _BETWEEN:
        raise ArgumentError(f"{name}: method={method!r} is none of {', '.join((*_AT, *_BETWEEN))}")
    if weights is not None and method != "inverted_cdf":
        raise ArgumentError(f"{name}: only the method 'inverted_cdf' takes weights, not {method!r}")
    x, axes = r.reduced(name, a, axis)
    if x.dtype.kind == "c":
        raise DtypeError(f"{name}: a: {short(x)} must be real")
    weak = type(q) in PYTHON_SCALARS
    q = as_array(q)
    q = _div(q, top) if top != 1 else q
    if q.ndim > 2:
        raise ShapeError(f"{name}: q: {short(q)} has more than two axes")
    _check_q(name, q, top)
    dtype = _result_dtype(x.dtype, weak, q.dtype, method)
    flat = s.reshape(q, shape=(q.size,))
    rows = _rows(x, axes)
    nan = e.isnan(rows) if x.dtype.kind == "f" else None
    if skip_nan and not x.size:
        return nanmean(x, axes, keepdims=keepdims)  # as NumPy has it, without an axis for q
    if not rows.shape[-1]:
        raise IndexError(f"{name}: there is no quantile of no entries: a: {short(x)}")
    if weights is not None:
        w = _rows(broadcast_to(aligned_weights(name, weights, x, axis), x.shape), axes)
        found = cast(_weighted(name, rows, w, flat, nan if skip_nan else None), dtype)
    else:
        some = skip_nan and nan is not None
        count = r.sum(e.not_(nan), -1, _INTP, keepdims=True) if some else rows.shape[-1]
        if some:
            # each row has places of its own
            flat = s.broadcast_to(flat, (*rows.shape[:-1], q.size))
        found = cast(_read(_Rows(rows, count), flat, method, dtype), dtype)
    if nan is not None:
        spoiled = (r.all if skip_nan else r.any)(nan, -1, keepdims=True)
        found = e.select(s.broadcast_to(spoiled, found.shape), like(found, np.nan), found)
    found = moveaxis(found, -1, 0)
    others = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    if keepdims is not NOT_GIVEN and keepdims:
        others = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return s.reshape(found, shape=(*q.shape, *others))


@implements(np.quantile)
@outside(np.quantile)
def quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    """NumPy's quantile. It has a derivative in q too; entries that tie carry theirs as sorting does."""
    return _quantile("quantile", a, q, axis, out, method, keepdims, weights, 1, False)


@implements(np.percentile)
@outside(np.percentile)
def percentile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    return _quantile("percentile", a, q, axis, out, method, keepdims, weights, 100, False)


@implements(np.nanquantile)
@outside(np.nanquantile)
def nanquantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear", keepdims: Any = NOT_GIVEN,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    return _quantile("nanquantile", a, q, axis, out, method, keepdims, weights, 1, True)


@implements(np.nanpercentile)
@outside(np.nanpercentile)
def nanpercentile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear", keepdims: Any = NOT_GIVEN,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    return _quantile("nanpercentile", a, q, axis, out, method, keepdims, weights, 100, True)
