"""Diagonals and triangles of traced arrays: diagonal, diag, diagflat, tril, triu. A diagonal is a strided slice of the flattened matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ShapeError
from fgrad.numpy.indexing import where
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array, ravel
from fgrad.ops.axes import normalize_axes
from fgrad.ops.shapes import pad, reshape, slice_, transpose


def _cut_last(x: Any, *bounds: tuple[int, int, int]) -> Any:
    """x with (start, limit, stride) taken of its last axes."""
    lead = x.ndim - len(bounds)
    whole = [(0, n, 1) for n in x.shape]
    if list(bounds) == whole[lead:]:
        return x
    starts, limits, strides = zip(*whole[:lead], *bounds, strict=True)
    return slice_(x, starts=starts, limits=limits, strides=strides)


@implements(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    a = as_array(a)
    if a.ndim < 2:
        raise ShapeError(f"diagonal: a: {short(a)} has no diagonal; it takes two axes or more")
    first, second = normalize_axes("diagonal", (axis1, axis2), a.ndim, a)
    order = (*(i for i in range(a.ndim) if i not in (first, second)), first, second)
    if order != tuple(range(a.ndim)):
        a = transpose(a, axes=order)
    m, n = a.shape[-2:]
    top, left = max(-offset, 0), max(offset, 0)
    count = max(0, min(m - top, n - left))
    if count == 0:
        top = left = 0
    lead = a.shape[:-2]
    # rows of the diagonal alone, from its first column on; then every (columns + 1)-th entry
    columns = n - left
    a = _cut_last(a, (top, top + count, 1), (left, n, 1))
    a = reshape(a, shape=(*lead, count * columns))
    return _cut_last(a, (0, (count - 1) * (columns + 1) + 1 if count else 0, columns + 1))


@implements(np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return diagonal(x, offset, -2, -1)


@implements(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    v = as_array(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: v: {short(v)} must have one axis or two")
    n = v.shape[0]
    size = n + abs(k)
    # in the flattened matrix the entries stand size + 1 apart
    low = k if k >= 0 else -k * size
    spread = (n - 1) * (size + 1) + 1 if n else 0
    return reshape(pad(v, widths=((low, size * size - low - spread, size),)), shape=(size, size))


@implements(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    return diag(ravel(as_array(v)), k)


@implements(np.tril)
def tril(m: Any, k: int = 0) -> Any:
    m = as_array(m)
    return where(np.tri(*m.shape[-2:], k=k, dtype=bool), m, m.dtype.type(0))


@implements(np.triu)
def triu(m: Any, k: int = 0) -> Any:
    m = as_array(m)
    return where(np.tri(*m.shape[-2:], k=k - 1, dtype=bool), m.dtype.type(0), m)
