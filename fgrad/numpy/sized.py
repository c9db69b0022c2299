"""Functions whose result has as many entries as a condition has true ones: nonzero and its kin, compress, extract.

The condition must have a value (under vmap, and while staging, it has none), or `size=` fixes the number of entries; `fill_value=` is what
stands in the places that are left. Both are JAX's keywords, and NumPy's own functions do not have them.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ConcretizationError, IndexingError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.joining import stack
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, cut, moveaxis, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.indexing import gather, scatter
from fgrad.ops.promote import as_operand, cast
from fgrad.ops.ufuncs import to_bool

INTP = np.dtype(np.intp)
SIZED = ("size", "fill_value")


def needs_value(name: str, x: Any, decides: str, *hints: str) -> ConcretizationError:
    """The error for a traced x without a value, which decides something that tracing has to know."""
    if not hints:
        hints = (f"Give size=n, which fixes the number of entries: fgrad.numpy.{name}(..., size=n).",)
    return ConcretizationError(f"{name}: the values of x: {short(x)} decide {decides}, but it is {x.describe_trace()}", *hints)


def value_of(name: str, x: Any, *hints: str, decides: str = "the shape of the result") -> np.ndarray:
    """The value of what decides the shape of a result.

    Raises:
        ConcretizationError: it is traced without a value; `hints` say what to do (by default: give size=).
    """
    x = as_operand(x)
    value = concrete_or_none(x)
    if value is None:
        raise needs_value(name, x, decides, *hints)
    return np.asarray(value)


def has_value(*xs: Any) -> bool:
    """Whether all of these have values."""
    return all(concrete_or_none(as_operand(x)) is not None for x in xs)


def as_size(name: str, size: Any) -> int:
    n = operator.index(size)
    if n < 0:
        raise ArgumentError(f"{name}: size cannot be negative, and is {n}")
    return n


def first_true(mask: Any, size: int) -> tuple[Any, Any]:
    """The places of the first `size` true entries of a 1-d mask (0 where there are fewer), and which of them there are."""
    rank = cumsum(e.convert(mask, dtype=INTP), axis=0, reverse=False)
    # a true entry goes to its rank; all others to a place past the end, which is cut off
    place = e.select(e.and_(mask, e.le(rank, np.intp(size))), e.sub(rank, np.intp(1)), np.intp(size))
    found = scatter(np.full(size + 1, -1), s.iota(size=mask.shape[0], dtype=INTP), place)
    found = s.slice_(found, starts=(0,), limits=(size,), strides=(1,))
    present = e.ge(found, np.intp(0))
    return e.select(present, found, np.intp(0)), present


def picked(name: str, x: Any, mask: Any, size: Any, fill_value: Any = None) -> Any:
    """The entries of x, along its first axis, where a 1-d mask holds; with a size, that many, filled up with a value (by default 0)."""
    if size is None:
        return getitem(x, np.flatnonzero(value_of(name, mask)))
    size = as_size(name, size)
    rest = x.shape[1:]
    fill = s.broadcast_to(cast(as_array(0 if fill_value is None else fill_value), x.dtype), (size, *rest))
    if not x.shape[0] or not size:
        return fill
    places, present = first_true(mask, size)
    present = s.broadcast(present, shape=(size, *rest), axes=tuple(range(1, x.ndim))) if rest else present
    return e.select(present, gather(x, places), fill)


# -- the places of what is not zero


def _fill_of(axis: int, fill_value: Any) -> int:
    fill = fill_value[axis] if isinstance(fill_value, (tuple, list)) else fill_value
    return 0 if fill is None else operator.index(fill)


def _sized(name: str, a: Any, size: Any, fill_value: Any) -> list[Any]:
    """The indices of the first `size` true entries, for each axis; `fill_value` where there are fewer."""
    size = as_size(name, size)
    true = to_bool(as_array(a))
    n = true.size
    flat, present = first_true(s.reshape(true, shape=(n,)), size) if n else (np.zeros(size, INTP), np.zeros(size, bool))
    indices = []
    for axis, m in enumerate(true.shape):
        i = e.remainder(e.floor_divide(flat, np.intp(math.prod(true.shape[axis + 1 :]) or 1)), np.intp(m or 1))
        indices.append(e.select(present, i, np.intp(_fill_of(axis, fill_value))))
    return indices


def _checked(name: str, a: Any) -> Any:
    x = as_array(a)
    if not x.ndim:
        raise ShapeError(f"{name}: x: {short(x)} has no axes", "Use np.atleast_1d(x).")
    return x


@implements(np.nonzero, own=SIZED)
def nonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> tuple:
    """The indices of the entries that are not zero, one array for each axis.

    Args:
        a: an array. Where its values are not known (under vmap, or while it is staged) give `size`.
        size: the number of indices returned: the first ones, filled up with `fill_value`.
        fill_value: an index, or one for each axis; by default 0.

    Raises:
        ConcretizationError: a has no value, and no size was given.

    Example:
        >>> import fgrad.numpy as np
        >>> np.nonzero(np.array([0.0, 3.0, 0.0, 5.0]), size=3)
        (array([1, 3, 0]),)
    """
    x = _checked("nonzero", a)
    return np.nonzero(value_of("nonzero", x)) if size is None else tuple(_sized("nonzero", x, size, fill_value))


@implements(np.flatnonzero, own=SIZED)
def flatnonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The indices of the entries of `a.ravel()` that are not zero; `size` and `fill_value` as in `nonzero`."""
    if size is None:
        return np.flatnonzero(value_of("flatnonzero", a))
    return _sized("flatnonzero", ravel(as_array(a)), size, fill_value)[0]


@implements(np.argwhere, own=SIZED)
def argwhere(a: Any, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The indices of the entries that are not zero, one row for each; `size` and `fill_value` as in `nonzero`."""
    if size is None:
        return np.argwhere(value_of("argwhere", a))
    columns = _sized("argwhere", a, size, fill_value)
    return stack(columns, axis=1) if columns else np.zeros((as_size("argwhere", size), 0), INTP)


# -- the entries where a condition holds


@implements(np.compress, own=SIZED)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None, *, size: int | None = None, fill_value: Any = None) -> Any:
    """NumPy's compress; `size` fixes the number of slices that are returned, `fill_value` (by default 0) stands where there are fewer."""
    unsupported("compress", out=out)
    return _compressed("compress", condition, a, axis, size, fill_value)


def _compressed(name: str, condition: Any, a: Any, axis: Any, size: Any, fill_value: Any) -> Any:
    mask = to_bool(as_array(condition))
    if mask.ndim != 1:
        raise ShapeError(f"{name}: a condition has one axis, not {short(mask)}")
    x = as_array(a)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis(name, axis, x.ndim, x)
    n = x.shape[axis]
    if mask.shape[0] > n:
        if isinstance(mask, Tracer) and not has_value(mask):
            raise IndexingError(f"{name}: a condition of {mask.shape[0]} entries for an axis of {n}: x: {short(x)}")
        if np.any(value_of(name, mask)[n:]):
            raise IndexingError(f"{name}: the condition is true beyond the {n} entries of axis {axis} of x: {short(x)}")
    x = cut(moveaxis(x, axis, 0), 0, 0, mask.shape[0])
    return moveaxis(picked(name, x, cut(mask, 0, 0, n), size, fill_value), 0, axis)


@implements(np.extract, own=SIZED)
def extract(condition: Any, arr: Any, *, size: int | None = None, fill_value: Any = None) -> Any:
    """The entries of arr where a condition holds; `size` and `fill_value` as in `compress`."""
    return _compressed("extract", ravel(as_array(condition)), arr, None, size, fill_value)
