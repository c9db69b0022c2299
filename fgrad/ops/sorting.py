"""Sorting: sort, argsort, argpartition, lexsort, searchsorted, and reading an array at places along an axis.

The derivative of a sort reads the tangent in the sorted order (so ties are not split: each entry keeps its own tangent).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive
from fgrad.ops.indexing import gather
from fgrad.ops.shapes import broadcast, iota, materialize, reshape

_INTP = np.dtype(np.intp)


def axis_indices(indices: Any, axis: int) -> list[Any]:
    """The index arrays, one for each axis, that read an array at `indices` along one axis and in place along the others."""
    shape = typeof(indices).shape
    others = tuple(range(len(shape)))

    def places(i: int) -> Any:
        along = iota(size=shape[i], dtype=_INTP)
        return broadcast(along, shape=shape, axes=others[:i] + others[i + 1 :]) if len(shape) > 1 else along

    return [indices if i == axis else places(i) for i in others]


def gather_along(x: Any, indices: Any, axis: int) -> Any:
    """NumPy's take_along_axis, the other axes being equal."""
    return gather(x, *axis_indices(indices, axis))


def _sort_linearize(primals: Sequence[Any], active: Sequence[bool], *, axis: int) -> tuple[list, Callable]:
    (x,) = primals
    places = axis_indices(argsort(x, axis=axis, stable=True), axis)
    return [gather(x, *places)], lambda tangents: [gather(tangents[0], *places)]


sort = Primitive(
    "sort",
    impl=lambda x, *, axis: np.sort(x, axis),
    aval=lambda x, *, axis: ShapedArray(x.shape, x.dtype),
    linearize=_sort_linearize,
    batch=lambda size, values, mapped, *, axis: (sort(values[0], axis=axis + 1), True),
)
argsort = Primitive(
    "argsort",
    impl=lambda x, *, axis, stable: np.argsort(x, axis, stable=stable),
    aval=lambda x, *, axis, stable: ShapedArray(x.shape, _INTP),
    batch=lambda size, values, mapped, *, axis, stable: (argsort(values[0], axis=axis + 1, stable=stable), True),
)
argpartition = Primitive(
    "argpartition",
    impl=lambda x, *, kth, axis: np.argpartition(x, kth, axis),
    aval=lambda x, *, kth, axis: ShapedArray(x.shape, _INTP),
    batch=lambda size, values, mapped, *, kth, axis: (argpartition(values[0], kth=kth, axis=axis + 1), True),
)


def _lexsort_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, axis: int) -> tuple[Any, bool]:
    return lexsort(*[materialize(size, k, m) for k, m in zip(values, mapped, strict=True)], axis=axis + 1), True


lexsort = Primitive(
    "lexsort",
    impl=lambda *keys, axis: np.lexsort(keys, axis),
    aval=lambda *keys, axis: ShapedArray(keys[0].shape, _INTP),
    batch=_lexsort_batch,
)
"""The order of an axis by several keys of one shape, the last of them first."""

# -- searchsorted: rows of sorted values a[..., n], rows of what is looked for v[..., m]; their leading axes are equal


def _searchsorted(a: Any, v: Any, *, side: Any) -> np.ndarray:
    if a.ndim == 1:
        return np.searchsorted(a, v, side)
    lead = a.shape[:-1]
    out = np.empty(v.shape, _INTP)
    for i in np.ndindex(lead):
        out[i] = np.searchsorted(a[i], v[i], side)
    return out


def _searchsorted_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, side: str) -> tuple[Any, bool]:
    a, v = values
    if not mapped[0] and len(typeof(a).shape) == 1:
        # one array is searched for all examples: theirs are one row
        found = searchsorted(a, reshape(v, shape=(size * v.shape[1],)), side=side)
        return reshape(found, shape=v.shape), True
    return searchsorted(materialize(size, a, mapped[0]), materialize(size, v, mapped[1]), side=side), True


searchsorted = Primitive(
    "searchsorted",
    impl=_searchsorted,
    aval=lambda a, v, *, side: ShapedArray(typeof(v).shape, _INTP),
    batch=_searchsorted_batch,
)
