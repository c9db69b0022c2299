"""NumPy's sorts, partitions and medians of traced arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.errors import ArgumentError
from fgrad.numpy import reductions as r
from fgrad.numpy.means import mean
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, cut, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import sorting
from fgrad.ops.axes import normalize_axis
from fgrad.ops.family import like


def _along(name: str, a: Any, axis: int | None) -> tuple[Any, int]:
    """The array and its axis; for None the flattened array."""
    x = as_array(a)
    if axis is None:
        return ravel(x), 0
    return x, normalize_axis(name, axis, x.ndim, x)


def _is_stable(name: str, kind: Any, stable: Any) -> bool:
    if kind is not None and stable is not None:
        raise ArgumentError(f"{name}: kind and stable cannot be given together")
    if kind is not None and kind not in ("quicksort", "heapsort", "mergesort", "stable"):
        raise ArgumentError(f"{name}: kind is 'quicksort', 'heapsort', 'mergesort' or 'stable', not {kind!r}")
    return bool(stable) or kind in ("mergesort", "stable")


@implements(np.sort, own=("descending",))
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: bool = False) -> Any:
    """NumPy's sort. Each entry carries its derivative to its place in the order, the first of equal ones first.

    `descending`, the array API standard's keyword, which NumPy does not have, puts the largest first, and NaN before it.
    """
    unsupported("sort", order=order)
    _is_stable("sort", kind, stable)
    x, i = _along("sort", a, axis)
    return s.reverse(sorting.sort(s.reverse(x, axes=(i,)), axis=i), axes=(i,)) if descending else sorting.sort(x, axis=i)


@implements(np.argsort, own=("descending",))
def argsort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: bool = False) -> Any:
    """NumPy's argsort; `descending` as in `sort`, equal entries staying in order."""
    unsupported("argsort", order=order)
    x = as_array(a)
    x, i = _along("argsort", x, axis if x.ndim else None)
    stable = _is_stable("argsort", kind, stable)
    if not descending:
        return sorting.argsort(x, axis=i, stable=stable)
    backward = sorting.argsort(s.reverse(x, axes=(i,)), axis=i, stable=True)
    return e.sub(np.intp(x.shape[i] - 1), s.reverse(backward, axes=(i,)))


def _places(name: str, kth: Any, n: int) -> tuple[int, ...]:
    places = tuple(operator.index(k) for k in (kth if np.iterable(kth) else (kth,)))
    for k in places if n else ():
        if not -n <= k < n:
            raise ArgumentError(f"{name}: kth={k} is out of range for an axis of {n} entries")
    return tuple(k % n for k in places) if n else (0,)


@implements(np.argpartition)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    unsupported("argpartition", order=order)
    x, i = _along("argpartition", a, axis)
    return sorting.argpartition(x, kth=_places("argpartition", kth, x.shape[i]), axis=i)


@implements(np.partition)
@outside(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None) -> Any:
    """NumPy's partition: the entries at `kth` stand where sorting puts them, smaller ones before them and larger ones after.

    The order among the smaller and among the larger ones is not defined, and may differ from NumPy's.
    """
    unsupported("partition", order=order)
    x, i = _along("partition", a, axis)
    return sorting.gather_along(x, sorting.argpartition(x, kth=_places("partition", kth, x.shape[i]), axis=i), i)


# -- medians


def _rows(x: Any, axes: tuple[int, ...]) -> Any:
    """x with these axes merged into one, the last."""
    others = tuple(i for i in range(x.ndim) if i not in axes)
    moved = s.transpose(x, axes=(*others, *axes))
    return s.reshape(moved, shape=(*moved.shape[: len(others)], r.count_of(x, None, axes)))


@implements(np.median)
@outside(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    unsupported("median", out=out)
    x, axes = r.reduced("median", a, axis)
    rows = _rows(x, axes)
    n, last = rows.shape[-1], rows.ndim - 1
    if not n:
        return mean(x, axes, keepdims=keepdims)
    low, high = (n - 1) // 2, n // 2
    order = sorting.argpartition(rows, kth=(*range(low, high + 1), n - 1), axis=last)
    middle = sorting.gather_along(rows, cut(order, last, low, high + 1), last)
    found = mean(middle, last)
    if x.dtype.kind in "fc":
        largest = r.sum(sorting.gather_along(rows, cut(order, last, n - 1, n), last), last)
        found = e.select(e.isnan(largest), largest, found)  # NaN sorts last
    return r.kept(found, x, axes, keepdims)


@implements(np.nanmedian)
@outside(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    unsupported("nanmedian", out=out)
    x, axes = r.reduced("nanmedian", a, axis)
    rows = _rows(x, axes)
    last = rows.ndim - 1
    if x.dtype.kind not in "fc" or not rows.shape[-1]:
        return median(x, axes, keepdims=keepdims)
    ordered = sorting.sort(rows, axis=last)
    count = r.sum(e.not_(e.isnan(rows)), last, r.INTP, keepdims=True)
    # without any entry both places are outside or hold NaN: read the last one
    low = e.floor_divide(e.sub(count, like(count, 1)), like(count, 2))
    high = e.floor_divide(count, like(count, 2))
    middle = [sorting.gather_along(ordered, i, last) for i in (low, high)]
    found = mean(s.concatenate(*middle, axis=last), last)
    return r.kept(found, x, axes, keepdims)
