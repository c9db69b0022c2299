"""The shape functions of NumPy on traced arrays: reshaping, moving axes, reversing, and the questions about types.

Each promotes and normalizes its arguments and binds the primitives of `ops/shapes.py`. Joining and splitting are in `joining.py`,
padding and repetition in `tiling.py`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import ArgumentError, AxisError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.protocol import implements
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes, normalize_axis
from fgrad.ops.promote import as_operand, broadcast_shape, cast


def as_array(x: Any) -> Any:
    """A tracer or an array, of the dtype NumPy gives it by itself (a Python float is float64)."""
    return np.asarray(x) if type(x) in PYTHON_SCALARS else as_operand(x)


def as_shape(shape: Any) -> tuple[int, ...]:
    """A shape as users give it: an integer, or a sequence of them."""
    return tuple(operator.index(n) for n in shape) if np.iterable(shape) else (operator.index(shape),)


def cut(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """x[start:stop] along one axis, by Python's rules of slices."""
    a, b, _ = slice(start, stop).indices(x.shape[axis])
    if (a, b) == (0, x.shape[axis]):
        return x
    starts, limits = [0] * x.ndim, list(x.shape)
    starts[axis], limits[axis] = a, max(a, b)
    return s.slice_(x, starts=tuple(starts), limits=tuple(limits), strides=(1,) * x.ndim)


# -- shape


def _resolve(name: str, x: Any, shape: Any) -> tuple[int, ...]:
    new = as_shape(shape)
    unknown = [i for i, n in enumerate(new) if n < 0]
    known = math.prod(n for n in new if n >= 0)
    if len(unknown) == 1 and new[unknown[0]] == -1 and known and x.size % known == 0:
        return (*new[: unknown[0]], x.size // known, *new[unknown[0] + 1 :])
    if unknown or known != x.size:
        hint = "At most one size may be -1." if len(unknown) > 1 else f"x has {x.size} entries; the sizes {new} multiply to {known}."
        raise ShapeError(f"{name}: x: {short(x)} cannot take the shape {new}", hint)
    return new


def _reversed_axes(x: Any) -> Any:
    return s.transpose(x, axes=tuple(range(x.ndim))[::-1]) if x.ndim > 1 else x


def _check_order(name: str, order: Any) -> str:
    if order not in ("C", "F", "A", "K", None):
        raise ArgumentError(f"{name}: order is 'C', 'F', 'A' or 'K', not {order!r}")
    return "F" if order == "F" else "C"  # a traced array has no memory layout: 'A' and 'K' are 'C'


@implements(np.reshape)
def reshape(a: Any, /, shape: Any, order: Any = "C", *, copy: bool | None = None) -> Any:
    x = as_array(a)
    new = _resolve("reshape", x, shape)
    if _check_order("reshape", order) == "F":
        return _reversed_axes(s.reshape(_reversed_axes(x), shape=new[::-1]))
    return x if new == x.shape else s.reshape(x, shape=new)


@implements(np.ravel)
def ravel(a: Any, order: Any = "C") -> Any:
    return reshape(a, (-1,) if as_array(a).size else (0,), order=_check_order("ravel", order))


@implements(np.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    x = as_array(a)
    axes = tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None else normalize_axes("squeeze", axis, x.ndim, x)
    for i in axes:
        if x.shape[i] != 1:
            raise ShapeError(f"squeeze: axis {i} of x: {short(x)} has {x.shape[i]} entries; only axes of one entry can be dropped")
    return s.reshape(x, shape=s.drop(x.shape, axes)) if axes else x


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    x = as_array(a)
    count = len(tuple(axis)) if np.iterable(axis) else 1
    axes = normalize_axes("expand_dims", axis, x.ndim + count, x)
    sizes = iter(x.shape)
    return s.reshape(x, shape=tuple(1 if i in axes else next(sizes) for i in range(x.ndim + count)))


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    x, new = as_array(array), as_shape(shape)
    if len(new) < x.ndim or any(m not in (1, n) for m, n in zip(x.shape[::-1], new[::-1], strict=False)):
        raise ShapeError(f"broadcast_to: x: {short(x)} does not broadcast to the shape {new}")
    return s.broadcast_to(x, new)


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> tuple:
    xs = [as_array(x) for x in args]
    shape = broadcast_shape("broadcast_arrays", xs)
    return tuple(s.broadcast_to(x, shape) for x in xs)


def _at_least(ndim: int, widen: Any) -> Any:
    def apply(*arys: Any) -> Any:
        out = tuple(x if x.ndim >= ndim else s.reshape(x, shape=widen(x.shape)) for x in map(as_array, arys))
        return out[0] if len(out) == 1 else out

    apply.__name__ = apply.__qualname__ = f"atleast_{ndim}d"
    return apply


atleast_1d = implements(np.atleast_1d)(_at_least(1, lambda shape: (1,)))
atleast_2d = implements(np.atleast_2d)(_at_least(2, lambda shape: (1,) * (2 - len(shape)) + shape))
atleast_3d = implements(np.atleast_3d)(
    _at_least(3, lambda shape: ((1, *shape, 1) if len(shape) < 2 else (*shape, 1)) if shape else (1, 1, 1))
)

# -- order of axes


@implements(np.transpose)
def transpose(a: Any, axes: Any = None) -> Any:
    x = as_array(a)
    if axes is None:
        return _reversed_axes(x)
    order = normalize_axes("transpose", axes, x.ndim, x)
    if len(order) != x.ndim:
        raise AxisError(f"transpose: axes={tuple(axes)} do not name every axis of x: {short(x)} once")
    return x if order == tuple(range(x.ndim)) else s.transpose(x, axes=order)


@implements(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    return swapaxes(x, -1, -2)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    x = as_array(a)
    origin, target = normalize_axes("moveaxis", source, x.ndim, x), normalize_axes("moveaxis", destination, x.ndim, x)
    if len(origin) != len(target):
        raise AxisError(f"moveaxis: source={source} and destination={destination} have different lengths")
    order = [i for i in range(x.ndim) if i not in origin]
    for d, i in sorted(zip(target, origin, strict=True)):
        order.insert(d, i)
    return transpose(x, order)


@implements(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    x = as_array(a)
    i, j = normalize_axis("rollaxis", axis, x.ndim, x), normalize_axis("rollaxis", start, x.ndim + 1, x) if start >= 0 else start + x.ndim
    return moveaxis(x, i, j - 1 if i < j else j)


@implements(np.swapaxes)
def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    x = as_array(a)
    i, j = normalize_axis("swapaxes", axis1, x.ndim, x), normalize_axis("swapaxes", axis2, x.ndim, x)
    order = list(range(x.ndim))
    order[i], order[j] = j, i
    return transpose(x, order)


# -- reversing and rotating


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    x = as_array(m)
    axes = normalize_axes("flip", axis, x.ndim, x)
    return s.reverse(x, axes=axes) if axes else x


def _flip_at(name: str, axis: int) -> Any:
    def apply(m: Any) -> Any:
        x = as_array(m)
        if x.ndim <= axis:
            raise ShapeError(f"{name}: x: {short(x)} needs at least {axis + 1} ax{'e' if axis else 'i'}s")
        return flip(x, axis)

    apply.__name__ = apply.__qualname__ = name
    return apply


fliplr = implements(np.fliplr)(_flip_at("fliplr", 1))
flipud = implements(np.flipud)(_flip_at("flipud", 0))


@implements(np.rot90)
def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    x = as_array(m)
    plane = normalize_axes("rot90", tuple(axes), x.ndim, x)
    if len(plane) != 2:
        raise AxisError(f"rot90: axes={tuple(axes)} must be two axes")
    a, b = plane
    k %= 4
    if k == 2:
        return flip(x, (a, b))
    return x if k == 0 else swapaxes(flip(x, b), a, b) if k == 1 else flip(swapaxes(x, a, b), b)


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    x = as_array(a)
    if axis is None:
        return reshape(roll(ravel(x), sum(as_shape(shift)), 0), x.shape)
    for by, i in np.nditer([np.asarray(as_shape(shift)), np.asarray(as_shape(axis))], flags=["zerosize_ok"]):
        i = normalize_axis("roll", int(i), x.ndim, x)
        n = x.shape[i]
        k = int(by) % n if n else 0
        if k:
            x = s.concatenate(cut(x, i, n - k, n), cut(x, i, 0, n - k), axis=i)
    return x


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple:
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing is 'xy' or 'ij', not {indexing!r}")
    ndim = len(xi)
    place = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        place[:2] = [1, 0]
    out = [reshape(x, tuple(-1 if i == p else 1 for i in range(ndim))) for x, p in zip(xi, place, strict=True)]
    return tuple(out) if sparse else broadcast_arrays(*out)


# -- what an array is


@implements(np.shape)
def shape(a: Any) -> tuple[int, ...]:
    return as_array(a).shape


@implements(np.ndim)
def ndim(a: Any) -> int:
    return as_array(a).ndim


@implements(np.size)
def size(a: Any, axis: Any = None) -> int:
    x = as_array(a)
    return math.prod(x.shape[i] for i in normalize_axes("size", axis, x.ndim, x))


@implements(np.iscomplexobj)
def iscomplexobj(x: Any) -> bool:
    return as_array(x).dtype.kind == "c"


@implements(np.isrealobj)
def isrealobj(x: Any) -> bool:
    return not iscomplexobj(x)


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    return np.result_type(*[x.dtype if isinstance(x, Tracer) else x for x in arrays_and_dtypes])


@implements(np.common_type)
def common_type(*arrays: Any) -> Any:
    return np.common_type(*[np.empty(0, as_array(x).dtype) for x in arrays])


@implements(np.can_cast)
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    return np.can_cast(*[x.dtype if isinstance(x, Tracer) else x for x in (from_, to)], casting=casting)


@implements(np.astype)
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    return cast(as_array(x), np.dtype(dtype))
