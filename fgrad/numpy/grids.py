"""Grids, index arrays and concatenation by index: arange, mgrid, ogrid, r_, c_, ix_, ravel_multi_index, unravel_index, triangles.

`mgrid`, `r_` and the like are NumPy's own objects where nothing in the index is traced.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import ArgumentError, ShapeError, UnsupportedError
from fgrad.numpy.creation import linspace
from fgrad.numpy.indexing import as_indices, by_mode
from fgrad.numpy.joining import concatenate
from fgrad.numpy.protocol import has_tracer, implements, unsupported
from fgrad.numpy.shapes import as_array, as_shape, meshgrid, reshape, swapaxes
from fgrad.numpy.sized import flatnonzero, value_of
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops import special
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS

_INTP = np.dtype(np.intp)
_add, _sub, _mul, _div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]


@implements(np.arange)
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None, *, device: Any = None, like: Any = None) -> Any:
    """NumPy's arange. Its arguments must have values, which say how many entries there are; it has a derivative in start and step.

    Raises:
        ConcretizationError: an argument has no value.
    """
    unsupported("arange", like=like)
    start, stop = (0, start) if stop is None else (start, stop)
    step = 1 if step is None else step
    hint = "The number of entries must be known: use fgrad.numpy.linspace(start, stop, num), or start + step * np.arange(n)."
    known: list[Any] = [value_of("arange", v, hint, decides="the number of entries")[()] for v in (start, stop, step)]
    n = len(np.arange(*known))
    dtype = np.arange(*known, dtype=dtype).dtype if dtype is not None else result_dtype(*map(as_array, (start, stop, step)))
    return cast(_add(start, _mul(step, np.arange(n))), dtype)


# -- r_, c_, mgrid, ogrid


class _Concatenator:
    """numpy.r_ and numpy.c_, for traced entries too.

    Example:
        >>> import fgrad, fgrad.numpy as np
        >>> fgrad.grad(lambda x: np.sum(np.r_[x, 1.0, x[0] * x[1], 0:3] ** 2))(np.array([2.0, 3.0]))
        array([40., 30.])
    """

    def __init__(self, original: Any, axis: int, ndmin: int, trans1d: int):
        self.original, self.defaults = original, (axis, ndmin, trans1d)

    def __getitem__(self, key: Any) -> Any:
        entries = key if isinstance(key, tuple) else (key,)
        bounds = [v for k in entries if isinstance(k, slice) for v in (k.start, k.stop, k.step)]
        if not has_tracer(entries) and not has_tracer(bounds):
            return self.original[key]
        axis, ndmin, trans1d = self.defaults
        if isinstance(entries[0], str):
            axis, ndmin, trans1d = self._directive(entries[0])
            entries = entries[1:]
        parts = [self._part(entry, ndmin, trans1d) for entry in entries]
        scalars = [entry for entry in entries if isinstance(entry, (int, float, complex)) and not isinstance(entry, bool)]
        arrays = [p for p, entry in zip(parts, entries, strict=True) if not any(entry is v for v in scalars)]
        dtype = result_dtype(*arrays, *scalars)  # numbers of Python are weak
        return concatenate([cast(p, dtype) for p in parts], axis)

    def _directive(self, text: str) -> tuple[int, int, int]:
        if text in ("r", "c"):
            raise UnsupportedError(f"{text!r} makes a matrix, which traced values cannot be", "Use np.vstack or np.hstack.")
        numbers = [int(v) for v in text.split(",")]
        return (*numbers, *self.defaults[len(numbers) :])[:3]  # type: ignore[return-value]

    def _part(self, entry: Any, ndmin: int, trans1d: int) -> Any:
        if isinstance(entry, str):
            raise ArgumentError("a directive must be the first entry")
        if isinstance(entry, slice):
            x = _run(entry)
            x = reshape(x, (1,) * (ndmin - 1) + x.shape) if ndmin > 1 else x
            return swapaxes(x, -1, trans1d) if ndmin > 1 and trans1d != -1 else x
        x = as_array(entry)
        ndim = x.ndim
        if not ndim:
            return reshape(x, (1,) * max(ndmin, 1))
        if ndim >= ndmin:
            return x
        x = reshape(x, (1,) * (ndmin - ndim) + x.shape)
        if trans1d == -1:
            return x
        first = trans1d + ndmin + 1 - ndim if trans1d < 0 else trans1d
        order = list(range(ndmin))
        own = [order.pop() for _ in range(ndim)][::-1]
        order[first:first] = own
        return s.transpose(x, axes=tuple(order))


def _run(index: slice) -> Any:
    """The numbers of a slice: with an imaginary step, that many of them, both ends included."""
    start = 0 if index.start is None else index.start
    if isinstance(index.step, (complex, np.complexfloating)):
        return linspace(start, index.stop, int(abs(index.step)))
    return (
        arange(start, index.stop, index.step) if has_tracer((start, index.stop, index.step)) else np.arange(start, index.stop, index.step)
    )


def _bounds(index: slice) -> tuple[Any, Any, Any]:
    """The start, the stop and the step of a slice; of an imaginary step, how large it is."""
    step = 1 if index.step is None else abs(index.step) if isinstance(index.step, (complex, np.complexfloating)) else index.step
    return 0 if index.start is None else index.start, index.stop, step


def _common_dtype(numbers: Sequence[Any]) -> np.dtype:
    return result_dtype(*[x if type(x) in PYTHON_SCALARS else as_array(x) for x in numbers])


class _Grid:
    """numpy.mgrid and numpy.ogrid, for traced bounds too."""

    def __init__(self, original: Any, sparse: bool):
        self.original, self.sparse = original, sparse

    def __getitem__(self, key: Any) -> Any:
        several = isinstance(key, tuple)
        slices = key if several else (key,)
        if not has_tracer([v for k in slices for v in (k.start, k.stop, k.step)]):
            return self.original[key]
        runs = [_run(k) for k in slices]
        if not several:
            return cast(runs[0], _common_dtype(_bounds(key))) if isinstance(key.step, (complex, np.complexfloating)) else runs[0]
        dtype = _common_dtype([0, *[x for k in slices for x in _bounds(k)]])
        grid = meshgrid(*[cast(x, dtype) for x in runs], indexing="ij", sparse=self.sparse)
        return tuple(grid) if self.sparse else s.concatenate(*[s.reshape(g, shape=(1, *g.shape)) for g in grid], axis=0)


r_ = _Concatenator(np.r_, 0, 1, -1)
c_ = _Concatenator(np.c_, -1, 2, 0)
mgrid, ogrid = _Grid(np.mgrid, False), _Grid(np.ogrid, True)


# -- indices


@implements(np.ix_)
def ix_(*args: Any) -> tuple:
    out = []
    for i, arg in enumerate(args):
        x = as_array(arg)
        if x.ndim != 1:
            raise ShapeError(f"ix_: takes sequences, with one axis, not {short(x)}")
        x = flatnonzero(x) if x.dtype == bool else as_indices("ix_", x) if not x.size else x
        out.append(reshape(x, tuple(x.shape[0] if k == i else 1 for k in range(len(args)))))
    return tuple(out)


def _strides(dims: tuple[int, ...], order: str) -> list[int]:
    if order not in ("C", "F"):
        raise ArgumentError(f"order is 'C' or 'F', not {order!r}")
    return [math.prod(dims[i + 1 :] if order == "C" else dims[:i]) for i in range(len(dims))]


def _check_inside(name: str, i: Any, n: int) -> None:
    known = concrete_or_none(i)
    if known is not None and np.any((known < 0) | (known >= n)):
        raise ArgumentError(f"{name}: an index is out of bounds for {n} entries", "mode='wrap' and mode='clip' bring it inside.")


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Any:
    """NumPy's ravel_multi_index. Indices that are traced without a value are not tested."""
    sizes = as_shape(dims)
    indices = [as_indices("ravel_multi_index", i) for i in multi_index]
    if len(indices) != len(sizes):
        raise ArgumentError(f"ravel_multi_index: {len(indices)} indices for {len(sizes)} dimensions")
    modes = (mode,) * len(sizes) if isinstance(mode, str) else tuple(mode)
    total: Any = np.intp(0)
    for i, n, stride, m in zip(indices, sizes, _strides(sizes, order), modes, strict=True):
        if m == "raise":
            _check_inside("ravel_multi_index", i, n)
        total = _add(total, _mul(by_mode("ravel_multi_index", m, cast(i, _INTP), n), stride))
    return total


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple:
    """NumPy's unravel_index. Indices that are traced without a value are not tested."""
    i, sizes = cast(as_indices("unravel_index", indices), _INTP), as_shape(shape)
    _check_inside("unravel_index", i, math.prod(sizes))
    strides = [stride or 1 for stride in _strides(sizes, order)]
    found: dict[int, Any] = {}
    for axis in sorted(range(len(sizes)), key=lambda k: (-strides[k], -sizes[k])):  # each takes its part of what is left
        found[axis] = i if strides[axis] == 1 and sizes[axis] != 1 else UFUNCS[np.floor_divide](i, strides[axis])
        i = _sub(i, _mul(found[axis], strides[axis]))
    return tuple(found[axis] for axis in range(len(sizes)))


def _matrix_shape(name: str, arr: Any) -> tuple[int, int]:
    x = as_array(arr)
    if x.ndim != 2:
        raise ShapeError(f"{name}: takes a matrix, not {short(x)}")
    return x.shape


@implements(np.tril_indices_from)
def tril_indices_from(arr: Any, k: int = 0) -> tuple:
    n, m = _matrix_shape("tril_indices_from", arr)
    return np.tril_indices(n, k, m)


@implements(np.triu_indices_from)
def triu_indices_from(arr: Any, k: int = 0) -> tuple:
    n, m = _matrix_shape("triu_indices_from", arr)
    return np.triu_indices(n, k, m)


@implements(np.diag_indices_from)
def diag_indices_from(arr: Any) -> tuple:
    x = as_array(arr)
    if x.ndim < 2 or len(set(x.shape)) > 1:
        raise ShapeError(f"diag_indices_from: takes an array of two axes or more, all of equal length, not {short(x)}")
    return np.diag_indices(x.shape[0], x.ndim)


# -- windows: of the five only Kaiser's has a parameter that can be traced


@implements(np.kaiser)
def kaiser(M: Any, beta: Any) -> Any:
    """Kaiser's window, with a derivative in beta."""
    m, beta = operator.index(M), cast(as_array(beta), np.dtype(np.float64))
    if m <= 1:
        return np.ones(max(m, 0))
    place = (np.arange(m) - (m - 1) / 2) / ((m - 1) / 2)
    return _div(special.i0(e.mul(s.broadcast_to(beta, (m,)), np.sqrt(1 - place**2))), special.i0(beta))
