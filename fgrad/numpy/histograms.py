"""Counting: bincount, and histograms in one dimension and more. They are linear in the weights, and have a derivative in them.

The number of bins must be known. `bincount` takes it from its largest entry, or from `length=`, JAX's keyword.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions as r
from fgrad.numpy.creation import linspace
from fgrad.numpy.elementwise import diff
from fgrad.numpy.joining import stack
from fgrad.numpy.protocol import implements
from fgrad.numpy.searching import found_in
from fgrad.numpy.shapes import as_array, ravel
from fgrad.numpy.sized import value_of
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.family import like
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.indexing import scatter_add
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS

_INTP = np.dtype(np.intp)
_F64 = np.dtype(np.float64)
_div = UFUNCS[np.true_divide]


def _counted(places: Any, weights: Any, n: int) -> Any:
    """The sums of weights at n places; those at place n are dropped."""
    total = scatter_add(np.zeros(n + 1, weights.dtype), weights, places)
    return s.slice_(total, starts=(0,), limits=(n,), strides=(1,))


@implements(np.bincount, own=("length",))
def bincount(x: Any, /, weights: Any = None, minlength: Any = 0, *, length: int | None = None) -> Any:
    """NumPy's bincount.

    Args:
        x: i[n], not negative.
        weights: real numbers of the shape of x, to which the result is linear.
        minlength: the least number of bins.
        length: the number of bins. It is needed where the values of x are not known (under vmap, or while it is staged); entries beyond it, and
            negative ones, are then not counted.

    Raises:
        ConcretizationError: x has no value, and no length was given.

    Example:
        >>> import fgrad, fgrad.numpy as np
        >>> fgrad.jit(lambda x: np.bincount(x, length=4))(np.array([0, 1, 1, 3]))
        array([1, 2, 0, 1])
    """
    x = as_array(x)
    if x.ndim != 1:
        raise ShapeError(f"bincount: x: {short(x)} must have one axis")
    if x.dtype.kind not in "iub" or (x.dtype == np.uint64 and not np.can_cast(x.dtype, _INTP)):
        raise DtypeError(f"bincount: x: {short(x)} must be integers that fit int64", "Convert it with .astype(int).")
    x = cast(x, _INTP)
    if operator.index(minlength) < 0:
        raise ArgumentError("bincount: minlength must not be negative")
    if length is None:
        known = value_of(
            "bincount", x, "Give length=n, the number of bins: fgrad.numpy.bincount(x, length=n).", decides="the length of the result"
        )
        if known.size and known.min() < 0:
            raise ArgumentError("bincount: x must not be negative")
        length = max(int(minlength), int(known.max()) + 1 if known.size else 0)
    n = operator.index(length)
    places = e.select(e.and_(e.ge(x, np.intp(0)), e.lt(x, np.intp(n))), x, np.intp(n))
    if weights is None:
        return _counted(places, np.ones(x.shape, _INTP), n)
    w = as_array(weights)
    if w.dtype.kind == "c":
        raise DtypeError(f"bincount: weights: {short(w)} must be real")
    if w.shape != x.shape:
        raise ShapeError(f"bincount: weights: {short(w)} must have the shape of x: {short(x)}")
    return _counted(places, cast(w, _F64), n)


# -- bins


def _ends(name: str, a: Any, range: Any) -> tuple[Any, Any]:
    """The lowest and the highest edge."""
    if range is not None:
        low, high = range
        known = [concrete_or_none(v) for v in (low, high)]
        if all(k is not None for k in known):
            if known[0] > known[1]:
                raise ArgumentError(f"{name}: max must be larger than min in range={tuple(known)}")
            if not np.all(np.isfinite(known)):
                raise ArgumentError(f"{name}: range={tuple(known)} is not finite")
    elif not a.size:
        low, high = 0, 1
    else:
        low, high = r.min(a), r.max(a)
        known = [concrete_or_none(v) for v in (low, high)]
        if all(k is not None and not np.isfinite(k) for k in known):
            raise ArgumentError(f"{name}: the range of the entries is not finite", "Give range=(low, high).")
    if not isinstance(low, Tracer) and not isinstance(high, Tracer):
        return (low - 0.5, high + 0.5) if low == high else (low, high)
    low, high = as_array(low), as_array(high)
    dtype = result_dtype(low, high)
    dtype = np.result_type(dtype, _F64) if dtype.kind in "biu" else dtype
    low, high = cast(low, dtype), cast(high, dtype)
    half = e.select(e.eq(low, high), like(low, 0.5), like(low, 0))
    return e.sub(low, half), e.add(high, half)


def _edges(name: str, a: Any, bins: Any, range: Any, weights: Any) -> Any:
    if isinstance(bins, str):
        if weights is not None:
            raise DtypeError(f"{name}: the number of bins is not found for weighted entries", "Give bins=n.")
        known = value_of(name, a, "Give bins=n, a number.", decides="the number of bins")
        count = len(np.histogram_bin_edges(known, bins, range)) - 1
    elif as_array(bins).ndim == 1:
        edges = as_array(bins)
        known = concrete_or_none(edges)
        if known is not None and np.any(known[:-1] > known[1:]):
            raise ArgumentError(f"{name}: bins must increase monotonically")
        return edges
    elif as_array(bins).ndim:
        raise ShapeError(f"{name}: bins: {short(as_array(bins))} must have one axis")
    else:
        count = _count(name, bins)
    low, high = _ends(name, a, range)
    dtype = np.result_type(*[v.dtype if isinstance(v, Tracer) else v for v in (low, high)], a.dtype)
    return linspace(low, high, count + 1, dtype=np.result_type(dtype, _F64) if dtype.kind in "biu" else dtype)


def _count(name: str, bins: Any) -> int:
    try:
        n = operator.index(bins)
    except TypeError:
        raise DtypeError(f"{name}: bins is an integer, a string or an array, not {bins!r}") from None
    if n < 1:
        raise ArgumentError(f"{name}: the number of bins must be positive, and is {n}")
    return n


def _places(x: Any, edges: Any) -> Any:
    """The bin of each entry; the number of bins for those outside. The last bin holds its right edge."""
    n = edges.shape[0] - 1
    dtype = result_dtype(x, edges)
    x, edges = cast(x, dtype), cast(edges, dtype)
    place = e.sub(found_in(edges, x, "right"), np.intp(1))
    place = e.select(e.eq(x, s.broadcast_to(getitem(edges, -1), x.shape)), np.intp(n - 1), place)
    return e.select(e.and_(e.ge(place, np.intp(0)), e.lt(place, np.intp(n))), place, np.intp(n))


def _flat_sample(name: str, a: Any, weights: Any) -> tuple[Any, Any]:
    x = as_array(a)
    if x.dtype == bool:
        x = cast(x, np.dtype(np.uint8))
    if weights is None:
        return ravel(x), None
    w = as_array(weights)
    if w.shape != x.shape:
        raise ShapeError(f"{name}: weights: {short(w)} should have the shape of a: {short(x)}")
    return ravel(x), ravel(w)


@implements(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    x, w = _flat_sample("histogram_bin_edges", a, weights)
    return _edges("histogram_bin_edges", x, bins, range, w)


@implements(np.histogram)
@outside(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> tuple[Any, Any]:
    """NumPy's histogram. Counts have a derivative in the weights, and edges one in the entries they are taken from.

    Raises:
        ConcretizationError: the number of bins is to be found ("auto") from entries without a value.
    """
    x, w = _flat_sample("histogram", a, weights)
    edges = _edges("histogram", x, bins, range, w)
    n = edges.shape[0] - 1
    counts = _counted(_places(x, edges), np.ones(x.shape, _INTP) if w is None else w, n)
    if not density:
        return counts, edges
    return _div(_div(counts, cast(diff(edges), _F64)), r.sum(counts)), edges


@implements(np.histogramdd)
@outside(np.histogramdd)
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> tuple[Any, Any]:
    """NumPy's histogramdd; counts have a derivative in the weights."""
    listed = isinstance(sample, (list, tuple)) and as_array(sample[0]).ndim == 1
    columns: Sequence[Any]
    if listed:
        columns = [as_array(c) for c in sample]
    else:
        x = as_array(sample)
        if x.ndim != 2:
            raise ShapeError(f"histogramdd: sample: {short(x)} must have two axes, a row for each point")
        if not x.shape[1]:
            raise ShapeError(f"histogramdd: sample: {short(x)} has no columns")
        columns = [getitem(x, (slice(None), i)) for i in np.arange(x.shape[1]).tolist()]
    d = len(columns)
    try:
        each = list(bins)
    except TypeError:
        each = [bins] * d
    if len(each) != d:
        raise ArgumentError(f"histogramdd: {len(each)} bins for {d} dimensions")
    ranges = [None] * d if range is None else list(range)
    if len(ranges) != d:
        raise ArgumentError(f"histogramdd: {len(ranges)} ranges for {d} dimensions")
    edges = []
    for x, b, limits in zip(columns, each, ranges, strict=True):
        if as_array(b).ndim:
            edges.append(_edges("histogramdd", x, b, None, None))
        else:
            edges.append(linspace(*_ends("histogramdd", x, limits), _count("histogramdd", b) + 1))
    shape = tuple(ends.shape[0] - 1 for ends in edges)
    flat: Any = np.zeros(columns[0].shape, _INTP)
    outside: Any = np.zeros(columns[0].shape, bool)
    for x, ends, n in zip(columns, edges, shape, strict=True):
        place = _places(x, ends)
        flat, outside = e.add(e.mul(flat, np.intp(n)), place), e.or_(outside, e.eq(place, np.intp(n)))
    size = math.prod(shape)
    w = np.ones(flat.shape) if weights is None else as_array(weights)
    if w.dtype.kind == "c":
        raise DtypeError(f"histogramdd: weights: {short(w)} must be real")
    counts = s.reshape(_counted(e.select(outside, np.intp(size), flat), cast(w, _F64), size), shape=shape)
    if density:
        total = r.sum(counts)
        for i, ends in enumerate(edges):
            counts = _div(counts, s.reshape(diff(ends), shape=tuple(n if k == i else 1 for k, n in enumerate(shape))))
        counts = _div(counts, total)
    return counts, edges


@implements(np.histogram2d)
@outside(np.histogram2d)
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> tuple[Any, Any, Any]:
    """NumPy's histogram2d; counts have a derivative in the weights."""
    x, y = as_array(x), as_array(y)
    if x.shape[:1] != y.shape[:1]:
        raise ShapeError(f"histogram2d: x: {short(x)} and y: {short(y)} must have the same length")
    try:
        edges = len(bins)
    except TypeError:
        edges = 1
    if edges not in (1, 2):
        bins = [bins, bins]  # one array, the edges of both
    counts, (xs, ys) = histogramdd(stack([x, y], 1), bins, range, density, weights)
    return counts, xs, ys
