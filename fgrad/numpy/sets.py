"""NumPy's set functions: unique and its kin, isin, unions, intersections, differences.

How many entries a set has depends on values. Where these are not known (under vmap, and while staging) `size=` fixes it, and `fill_value=`
stands in the places that are left; both are JAX's keywords. Entries of a set carry the derivative of their first occurrence.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.errors import ArgumentError
from fgrad.numpy.joining import concatenate
from fgrad.numpy.protocol import implements
from fgrad.numpy.searching import found_in
from fgrad.numpy.shapes import as_array, moveaxis, ravel
from fgrad.numpy.sized import INTP, SIZED, as_size, first_true, has_value, picked
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import sorting
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.indexing import gather, scatter, scatter_add
from fgrad.ops.promote import cast, result_dtype

# -- runs of equal entries in sorted order


def _head(n: int, first: bool, rest: Any) -> Any:
    """A mask of n entries: this first one, then the rest."""
    return rest if not n else s.concatenate(s.full(value=first, shape=(1,), dtype=np.dtype(bool)), rest, axis=0)


def _differs(x: Any, equal_nan: bool) -> Any:
    """For each entry of a sorted 1-d array whether it differs from the one before it."""
    n = x.shape[0]
    if n < 2:
        return np.ones(n, bool)
    low, high = (s.slice_(x, starts=(i,), limits=(n - 1 + i,), strides=(1,)) for i in (0, 1))
    new = e.ne(high, low)
    if equal_nan and x.dtype.kind in "fc":
        new = e.and_(new, e.not_(e.and_(e.isnan(high), e.isnan(low))))
    return _head(n, True, new)


def _runs(x: Any, equal_nan: bool = True) -> tuple[Any, Any, Any]:
    """The order of a 1-d array, the array in it, and which entries begin a run of equal ones."""
    order = sorting.argsort(x, axis=0, stable=True)
    ordered = gather(x, order)
    return order, ordered, _differs(ordered, equal_nan)


def _row_runs(x: Any) -> tuple[Any, Any, Any]:
    """The same of the rows of x[n, ...], in lexicographic order. Rows that hold a NaN are all different."""
    n = x.shape[0]
    rows = s.reshape(x, shape=(n, x.size // n if n else 0))
    columns = [getitem(rows, (slice(None), i)) for i in range(rows.shape[1])]
    order = sorting.lexsort(*columns[::-1], axis=0) if columns else np.arange(n)
    if n < 2 or not columns:
        return order, gather(x, order), np.arange(n) < 1
    ordered = gather(rows, order)
    low, high = (s.slice_(ordered, starts=(i, 0), limits=(n - 1 + i, rows.shape[1]), strides=(1, 1)) for i in (0, 1))
    different = e.convert(e.ne(high, low), dtype=INTP)
    return order, gather(x, order), _head(n, True, e.gt(s.reduce_sum(different, axes=(1,)), np.intp(0)))


# -- unique


def _known_unique(x: Any, equal_nan: bool, axis: int | None) -> tuple[Any, Any, Any, Any]:
    """Values, first places, inverse and counts, where the entries are known: NumPy finds the places."""
    _, index, inverse, counts = np.unique(concrete_or_none(x), True, True, True, axis, equal_nan=equal_nan)
    values = gather(ravel(x), index) if axis is None else moveaxis(gather(moveaxis(x, axis, 0), index), 0, axis)
    return values, index, inverse, counts


def _sized_unique(x: Any, equal_nan: bool, axis: int | None, size: Any, fill_value: Any) -> tuple[Any, Any, Any, Any]:
    size = as_size("unique", size)
    rows = ravel(x) if axis is None else moveaxis(x, axis, 0)
    n = rows.shape[0]
    order, ordered, new = _runs(rows, equal_nan) if axis is None else _row_runs(rows)
    if not n:
        nothing = np.zeros(size, INTP)
        values = s.broadcast_to(cast(as_array(0 if fill_value is None else fill_value), x.dtype), (size, *rows.shape[1:]))
        return (values if axis is None else moveaxis(values, 0, axis)), nothing, np.zeros(x.shape if axis is None else 0, INTP), nothing
    smallest = getitem(ordered, 0)
    values = picked("unique", ordered, new, size, smallest if fill_value is None else fill_value)
    places, _ = first_true(new, size)  # the smallest entry's, where there are fewer
    rank = e.sub(cumsum(e.convert(new, dtype=INTP), axis=0, reverse=False), np.intp(1))
    inverse = scatter(np.zeros(n, INTP), rank, order)
    counts = scatter_add(np.zeros(size + 1, INTP), np.ones(n, INTP), e.minimum(rank, np.intp(size)))
    counts = s.slice_(counts, starts=(0,), limits=(size,), strides=(1,))
    index = gather(order, places)
    if axis is None:
        return values, index, s.reshape(inverse, shape=x.shape), counts
    return moveaxis(values, 0, axis), index, inverse, counts


def _unique(name: str, ar: Any, equal_nan: bool, axis: Any, size: Any, fill_value: Any) -> tuple[Any, Any, Any, Any]:
    x = as_array(ar)
    axis = None if axis is None else normalize_axis(name, axis, x.ndim, x)
    if size is not None:
        return _sized_unique(x, equal_nan, axis, size, fill_value)
    if not has_value(x):
        picked(name, x, x, None)  # raises: it names size=
    return _known_unique(x, equal_nan, axis)


@implements(np.unique, own=SIZED)
def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None,
    *, equal_nan: bool = True, sorted: bool = True, size: int | None = None, fill_value: Any = None,
) -> Any:  # fmt: skip
    """NumPy's unique, always sorted.

    Args:
        ar: an array. Where its values are not known (under vmap, or while it is staged) give `size`.
        return_index, return_inverse, return_counts, axis, equal_nan: as in NumPy.
        sorted: accepted; the result is sorted in any case.
        size: the number of entries returned: the first ones, filled up with `fill_value`. Indices are then filled with that of the smallest
            entry, counts with 0.
        fill_value: by default the smallest entry.

    Raises:
        ConcretizationError: ar has no value, and no size was given.

    Example:
        >>> import fgrad, fgrad.numpy as np
        >>> fgrad.jit(lambda x: np.unique(x, return_counts=True, size=4))(np.array([3.0, 1.0, 3.0, 2.0, 1.0]))
        (array([1., 2., 3., 1.]), array([2, 1, 2, 0]))
    """
    values, *others = _unique("unique", ar, equal_nan, axis, size, fill_value)
    wanted = [o for o, w in zip(others, (return_index, return_inverse, return_counts), strict=True) if w]
    return (values, *wanted) if wanted else values


# NumPy's named tuples are not public: they are read off what the functions return
@functools.cache
def _named(function: Callable) -> Any:
    return type(function(np.zeros(0)))


@implements(np.unique_all, own=SIZED)
def unique_all(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    return _named(np.unique_all)(*_unique("unique_all", x, False, None, size, fill_value))


@implements(np.unique_counts, own=SIZED)
def unique_counts(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    values, _, _, counts = _unique("unique_counts", x, False, None, size, fill_value)
    return _named(np.unique_counts)(values, counts)


@implements(np.unique_inverse, own=SIZED)
def unique_inverse(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    values, _, inverse, _ = _unique("unique_inverse", x, False, None, size, fill_value)
    return _named(np.unique_inverse)(values, inverse)


@implements(np.unique_values, own=SIZED)
def unique_values(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    return _unique("unique_values", x, False, None, size, fill_value)[0]


# -- two sets


@implements(np.isin)
@outside(np.isin)
def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None) -> Any:
    """NumPy's isin. A NaN is in nothing."""
    if kind not in (None, "sort", "table"):
        raise ArgumentError(f"isin: kind is None, 'sort' or 'table', not {kind!r}")
    x, members = as_array(element), ravel(as_array(test_elements))
    if not members.size:
        return s.full(value=bool(invert), shape=x.shape, dtype=np.dtype(bool))
    dtype = result_dtype(x, members)
    x, members = cast(x, dtype), sorting.sort(cast(members, dtype), axis=0)
    place = e.minimum(found_in(members, x, "left"), np.intp(members.size - 1))
    nearest = gather(members, place)
    return e.ne(nearest, x) if invert else e.eq(nearest, x)


def _pair(name: str, ar1: Any, ar2: Any) -> tuple[Any, Any]:
    a, b = ravel(as_array(ar1)), ravel(as_array(ar2))
    dtype = result_dtype(a, b)
    return cast(a, dtype), cast(b, dtype)


@implements(np.union1d, own=SIZED)
def union1d(ar1: Any, ar2: Any, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The sorted entries of two arrays; `size` and `fill_value` as in `unique`."""
    return _unique("union1d", concatenate([ravel(ar1), ravel(ar2)]), True, None, size, fill_value)[0]


def _filled_with_first(name: str, x: Any, mask: Any, size: Any, fill_value: Any) -> Any:
    """The entries of x that are picked; with a size and no fill value, filled up with the first of them."""
    if size is not None and fill_value is None and x.shape[0]:
        fill_value = getitem(picked(name, x, mask, 1, 0), 0)
    return picked(name, x, mask, size, fill_value)


@implements(np.setdiff1d, own=SIZED)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The entries of ar1 that are not in ar2; `size` as in `unique`, `fill_value` being 0 by default."""
    a, b = ravel(as_array(ar1)), ravel(as_array(ar2))
    if assume_unique:
        return picked("setdiff1d", a, isin(a, b, invert=True), size, fill_value)
    _, ordered, new = _runs(a)
    return picked("setdiff1d", ordered, e.and_(new, isin(ordered, b, invert=True)), size, fill_value)


@implements(np.intersect1d, own=SIZED)
def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False, *, size: int | None = None, fill_value: Any = None
) -> Any:
    """The sorted entries that are in both arrays; `size` and `fill_value` as in `unique`. Indices are filled with the lengths of the arrays."""
    a, b = _pair("intersect1d", ar1, ar2)
    order, ordered, new = _runs(a)
    both = e.and_(new, isin(ordered, b))
    common = _filled_with_first("intersect1d", ordered, both, size, fill_value)
    if not return_indices:
        return common
    in_a = picked("intersect1d", order, both, size, a.shape[0])
    order_b = sorting.argsort(b, axis=0, stable=True)
    places = e.minimum(found_in(gather(b, order_b), ordered, "left"), np.intp(max(b.shape[0] - 1, 0)))
    in_b = picked("intersect1d", gather(order_b, places) if b.shape[0] else order, both, size, b.shape[0])
    return common, in_a, in_b


@implements(np.setxor1d, own=SIZED)
def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The sorted entries that are in one of two arrays only; `size` and `fill_value` as in `unique`."""
    a, b = _pair("setxor1d", ar1, ar2)
    parts = [(x, np.ones(x.shape, bool)) if assume_unique else _runs(x)[1:] for x in (a, b)]
    x, counted = (concatenate(p) for p in zip(*parts, strict=True))
    if not x.shape[0]:
        return _filled_with_first("setxor1d", x, counted, size, fill_value)
    # those that count first, sorted; among them an entry is alone if it equals neither neighbour
    order = sorting.lexsort(x, e.not_(counted), axis=0)
    x, counted = gather(x, order), gather(counted, order)
    starts = e.or_(_differs(x, False), _differs(counted, False))
    n = x.shape[0]
    ends = s.concatenate(s.slice_(starts, starts=(1,), limits=(n,), strides=(1,)), np.ones(1, bool), axis=0)
    return _filled_with_first("setxor1d", x, e.and_(counted, e.and_(starts, ends)), size, fill_value)
