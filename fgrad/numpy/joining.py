"""Joining and splitting traced arrays: concatenate, stack and their kin, block; split and its kin, unstack. Imports `shapes`."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, atleast_1d, atleast_2d, atleast_3d, cut, expand_dims, ravel, reshape, squeeze
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.promote import as_operand, cast, result_dtype

# -- joining


def _joined(name: str, arrays: Any) -> list:
    xs = list(arrays)
    if not xs:
        raise ArgumentError(f"{name}: needs at least one array")
    return xs


def _concatenate(name: str, xs: Sequence[Any], axis: int, dtype: Any) -> Any:
    """Arrays of equal ndim, joined."""
    axis = normalize_axis(name, axis, xs[0].ndim, xs[0])
    shapes = {s.drop(x.shape, (axis,)) for x in xs}
    if len(shapes) != 1:
        types = " and ".join(dict.fromkeys(map(short, xs)))
        raise ShapeError(f"{name}: {types} cannot be joined along axis {axis}", "They must have equal sizes along every other axis.")
    dtype = result_dtype(*xs) if dtype is None else np.dtype(dtype)
    return cast(xs[0], dtype) if len(xs) == 1 else s.concatenate(*[cast(x, dtype) for x in xs], axis=axis)


@implements(np.concatenate)
def concatenate(arrays: Any, /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    unsupported("concatenate", out=out)
    xs = _joined("concatenate", arrays)
    if axis is None:
        dtype = result_dtype(*map(as_operand, xs)) if dtype is None else dtype
        return _concatenate("concatenate", [ravel(x) for x in xs], 0, dtype)
    xs = [as_array(x) for x in xs]
    if len({x.ndim for x in xs}) > 1 or not xs[0].ndim:
        types = " and ".join(dict.fromkeys(map(short, xs)))
        raise ShapeError(f"concatenate: {types} must have the same number of axes, at least one", "np.stack joins along a new axis.")
    return _concatenate("concatenate", xs, axis, dtype)


@implements(np.stack)
def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    unsupported("stack", out=out)
    xs = [as_array(x) for x in _joined("stack", arrays)]
    if len({x.shape for x in xs}) > 1:
        raise ShapeError(f"stack: the arrays have different shapes: {' and '.join(dict.fromkeys(map(short, xs)))}")
    axis = normalize_axis("stack", axis, xs[0].ndim + 1)
    return _concatenate("stack", [expand_dims(x, axis) for x in xs], axis, dtype)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    return concatenate([atleast_2d(x) for x in _joined("vstack", tup)], 0, dtype=dtype)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    xs = [atleast_1d(x) for x in _joined("hstack", tup)]
    return concatenate(xs, 0 if xs[0].ndim == 1 else 1, dtype=dtype)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    return concatenate([atleast_3d(x) for x in _joined("dstack", tup)], 2)


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    xs = [as_array(x) for x in _joined("column_stack", tup)]
    return concatenate([x if x.ndim > 1 else reshape(x, (-1, 1)) for x in xs], 1)


def _block_depth(x: Any) -> int:
    return 1 + max(map(_block_depth, x), default=0) if isinstance(x, list) else 0


def _block(x: Any, ndim: int, depth: int) -> Any:
    if not isinstance(x, list):
        array = as_array(x)
        return array if array.ndim >= ndim else s.reshape(array, shape=(1,) * (ndim - array.ndim) + array.shape)
    return concatenate([_block(y, ndim, depth - 1) for y in x], ndim - depth)


def _block_ndim(x: Any) -> int:
    return max(map(_block_ndim, x), default=0) if isinstance(x, list) else as_array(x).ndim


@implements(np.block)
def block(arrays: Any) -> Any:
    depth = _block_depth(arrays)
    return _block(arrays, max(depth, _block_ndim(arrays)), depth)


# -- splitting


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    x = as_array(ary)
    axis, n = normalize_axis("array_split", axis, x.ndim, x), 0
    if np.iterable(indices_or_sections):
        points = [None, *map(operator.index, indices_or_sections), None]
    else:
        sections = operator.index(indices_or_sections)
        if sections <= 0:
            raise ArgumentError(f"array_split: the number of sections must be at least 1, not {sections}")
        each, extra = divmod(x.shape[axis], sections)
        points = [0]
        for i in range(sections):
            n += each + (i < extra)
            points.append(n)
    return [cut(x, axis, a, b) for a, b in itertools.pairwise(points)]


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list:
    x = as_array(ary)
    if not np.iterable(indices_or_sections):
        n = x.shape[normalize_axis("split", axis, x.ndim, x)]
        if n % operator.index(indices_or_sections):
            raise ShapeError(
                f"split: axis {axis} of x: {short(x)} does not divide into {indices_or_sections} equal parts",
                "np.array_split takes unequal ones.",
            )
    return array_split(x, indices_or_sections, axis)


def _split_along(name: str, least: int, axis_of: Any) -> Any:
    def apply(ary: Any, indices_or_sections: Any) -> list:
        x = as_array(ary)
        if x.ndim < least:
            raise ShapeError(f"{name}: x: {short(x)} needs at least {least} ax{'i' if least == 1 else 'e'}s")
        return split(x, indices_or_sections, axis_of(x))

    apply.__name__ = apply.__qualname__ = name
    return apply


hsplit = implements(np.hsplit)(_split_along("hsplit", 1, lambda x: 1 if x.ndim > 1 else 0))
vsplit = implements(np.vsplit)(_split_along("vsplit", 2, lambda x: 0))
dsplit = implements(np.dsplit)(_split_along("dsplit", 3, lambda x: 2))


@implements(np.unstack)
def unstack(x: Any, /, *, axis: int = 0) -> tuple:
    x = as_array(x)
    axis = normalize_axis("unstack", axis, x.ndim, x)
    return tuple(squeeze(cut(x, axis, i, i + 1), axis) for i in range(x.shape[axis]))
