"""NumPy's functions that write into an array: put, place, putmask, put_along_axis, fill_diagonal, copyto.

A traced array cannot be written into. With `inplace=False`, JAX's keyword, they return a changed copy instead, of plain arrays too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, IndexingError, MutationError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.indexing import as_indices, by_mode
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.at import At
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.getitem import getitem
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS, to_bool

_INTP = np.dtype(np.intp)


def _functional(name: str, a: Any, *operands: Any, inplace: bool) -> Any:
    """The array, if a changed copy of it is wanted."""
    if inplace:
        shown = next((x for x in (a, *operands) if isinstance(x, Tracer)), a)
        raise MutationError(
            f"{name}() writes into an array, and traced values cannot be written: {short(shown)}",
            f"fgrad.numpy.{name}(..., inplace=False) returns a changed copy; so does a.at[index].set(v), or fgrad.numpy.at(a)[index].set(v).",
        )
    return as_array(a)


def _cycled(v: Any, count: int, dtype: np.dtype) -> Any:
    """The entries of v, again and again until there are this many."""
    v = cast(ravel(as_array(v)), dtype)
    if v.shape[0] == 1:
        return s.broadcast_to(v, (count,))
    if not v.shape[0]:
        raise ShapeError("there are no values to put")
    return v if v.shape[0] == count else getitem(v, np.arange(count) % v.shape[0])


@implements(np.put, own=("inplace",))
def put(a: Any, ind: Any, v: Any, mode: Any = "raise", *, inplace: bool = True) -> Any:
    """NumPy's put; `inplace=False` returns a changed copy.

    Example:
        >>> import fgrad.numpy as np
        >>> np.put(np.zeros(4), [0, 2], [1.0, 2.0], inplace=False)
        array([1., 0., 2., 0.])
    """
    if inplace and isinstance(a, np.ndarray) and not isinstance(ind, Tracer) and not isinstance(v, Tracer):
        return np.put(a, ind, v, mode)
    x = _functional("put", a, ind, v, inplace=inplace)
    i = ravel(by_mode("put", mode, as_indices("put", ind), x.size))
    if not i.shape[0] or not as_array(v).size:
        return x
    if not x.size:
        raise IndexingError(f"put: a: {short(x)} has no entries to replace")
    return s.reshape(At(ravel(x))[i].set(_cycled(v, i.shape[0], x.dtype)), shape=x.shape)


@implements(np.put_along_axis, own=("inplace",))
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any = -1, *, inplace: bool = True) -> Any:
    """NumPy's put_along_axis; `inplace=False` returns a changed copy."""
    if inplace and isinstance(arr, np.ndarray) and not isinstance(indices, Tracer) and not isinstance(values, Tracer):
        return np.put_along_axis(arr, indices, values, axis)
    x, i = _functional("put_along_axis", arr, indices, values, inplace=inplace), as_indices("put_along_axis", indices)
    shape = x.shape
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis("put_along_axis", axis, x.ndim, x)
    if i.ndim != x.ndim:
        raise ShapeError(f"put_along_axis: indices: {short(i)} has not as many axes as arr: {short(x)}")
    index = [i if d == axis else np.arange(n).reshape([n if k == d else 1 for k in range(x.ndim)]) for d, n in enumerate(x.shape)]
    return s.reshape(At(x)[tuple(index)].set(values), shape=shape)


@implements(np.place, own=("inplace",))
def place(arr: Any, mask: Any, vals: Any, *, inplace: bool = True) -> Any:
    """NumPy's place: the first true entry takes the first value, and so on; `inplace=False` returns a changed copy."""
    if inplace and isinstance(arr, np.ndarray) and not isinstance(mask, Tracer) and not isinstance(vals, Tracer):
        return np.place(arr, mask, vals)
    x, p, v = _functional("place", arr, mask, vals, inplace=inplace), ravel(to_bool(as_array(mask))), ravel(as_array(vals))
    if p.shape[0] != x.size:
        raise ShapeError(f"place: mask has {p.shape[0]} entries, and arr: {short(x)} {x.size}")
    if not x.size:
        return x
    if not v.shape[0]:
        raise ArgumentError("place: cannot insert from an empty array")
    rank = e.sub(cumsum(e.convert(p, dtype=_INTP), axis=0, reverse=False), np.intp(1))
    # entries that are not true have a rank too, of which nothing is read
    chosen = getitem(cast(v, x.dtype), UFUNCS[np.remainder](rank, v.shape[0]))
    return s.reshape(e.select(p, chosen, ravel(x)), shape=x.shape)


@implements(np.putmask, own=("inplace",))
def putmask(a: Any, /, mask: Any, values: Any, *, inplace: bool = True) -> Any:
    """NumPy's putmask: a true entry takes the value at its own place; `inplace=False` returns a changed copy."""
    if inplace and isinstance(a, np.ndarray) and not isinstance(mask, Tracer) and not isinstance(values, Tracer):
        return np.putmask(a, mask, values)
    x, p = _functional("putmask", a, mask, values, inplace=inplace), to_bool(as_array(mask))
    if p.size != x.size:
        raise ShapeError(f"putmask: mask: {short(p)} must have as many entries as a: {short(x)}")
    if not x.size or not as_array(values).size:
        return x
    return e.select(s.reshape(p, shape=x.shape), s.reshape(_cycled(values, x.size, x.dtype), shape=x.shape), x)


@implements(np.fill_diagonal, own=("inplace",))
def fill_diagonal(a: Any, val: Any, wrap: bool = False, *, inplace: bool = True) -> Any:
    """NumPy's fill_diagonal; `inplace=False` returns a changed copy."""
    if inplace and isinstance(a, np.ndarray) and not isinstance(val, Tracer):
        return np.fill_diagonal(a, val, wrap)
    x = _functional("fill_diagonal", a, val, inplace=inplace)
    if x.ndim < 2:
        raise ShapeError(f"fill_diagonal: a: {short(x)} must have two axes or more")
    if x.ndim > 2 and len(set(x.shape)) > 1:
        raise ShapeError(f"fill_diagonal: all axes of a: {short(x)} must be of equal length")
    step = x.shape[1] + 1 if x.ndim == 2 else 1 + int(np.sum(np.cumprod(x.shape[:-1], dtype=np.intp)))
    end = x.size if x.ndim > 2 or wrap else x.shape[1] * x.shape[1]
    places = np.arange(x.size)[:end:step]
    if not places.size:
        return x
    values = _cycled(val, max(places.size, as_array(val).size), x.dtype)
    return s.reshape(At(ravel(x))[places].set(values[: places.size]), shape=x.shape)


@implements(np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> Any:
    raise MutationError(
        f"copyto() writes into an array, and traced values can neither be written nor stored in one: {short(src)} into {short(dst)}",
        "Use fgrad.numpy.where(mask, src, dst), or the value itself.",
    )
