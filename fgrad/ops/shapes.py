"""Primitives that move entries without computing: reshape, broadcast, transpose, slice, pad, reverse, concatenate. And the sum over axes,
which is broadcast's transpose.

All are linear. `broadcast(x, shape=, axes=)` inserts `axes` into the result; sizes of 1 are never stretched (the front end
drops them first), so the transposes are exact inverses of index maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, concrete_zeros, typeof
from fgrad.core.primitive import Primitive


def drop(shape: tuple[int, ...], axes: Sequence[int]) -> tuple[int, ...]:
    """A shape without these axes."""
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def shift(axes: Sequence[int]) -> tuple[int, ...]:
    """Axes as they are numbered once a mapped axis stands in front."""
    return tuple(a + 1 for a in axes)


# -- zeros: the only constant a linear program needs

zeros = Primitive(
    "zeros",
    impl=lambda *, aval: concrete_zeros(aval),
    aval=lambda *, aval: aval,
)

full = Primitive(
    "full",
    impl=lambda *, value, shape, dtype: np.full(shape, value, dtype),
    aval=lambda *, value, shape, dtype: ShapedArray(shape, dtype),
)

iota = Primitive(
    "iota",
    impl=lambda *, size, dtype: np.arange(size, dtype=dtype),
    aval=lambda *, size, dtype: ShapedArray((size,), dtype),
)

# -- broadcast and its transpose


def _broadcast(x: Any, *, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    if isinstance(x, np.generic) or (type(x) is np.ndarray and x.size and x.flags.c_contiguous):
        # the view that broadcast_to gives, at a fifth of its cost
        strides = list(x.strides)
        for a in axes:
            strides.insert(a, 0)
        out = np.ndarray(shape, x.dtype, x, 0, strides)
        out.flags.writeable = False
        return out
    return np.broadcast_to(np.expand_dims(x, axes), shape)


def _reduce_sum(x: Any, *, axes: tuple[int, ...]) -> Any:
    return np.add.reduce(x, axis=axes, dtype=x.dtype)


broadcast = Primitive(
    "broadcast",
    impl=_broadcast,
    aval=lambda x, *, shape, axes: ShapedArray(shape, typeof(x).dtype),
    transposes=[lambda ct, x, *, shape, axes: reduce_sum(ct, axes=axes)],
    batch=lambda size, values, mapped, *, shape, axes: (broadcast(values[0], shape=(size, *shape), axes=shift(axes)), True),
)

reduce_sum = Primitive(
    "reduce_sum",
    impl=_reduce_sum,
    aval=lambda x, *, axes: ShapedArray(drop(x.shape, axes), x.dtype),
    transposes=[lambda ct, x, *, axes: broadcast(ct, shape=x.aval.shape, axes=axes)],
    batch=lambda size, values, mapped, *, axes: (reduce_sum(values[0], axes=shift(axes)), True),
)

# -- the same entries in another order or shape

reshape = Primitive(
    "reshape",
    impl=lambda x, *, shape: np.reshape(x, shape)[()],
    aval=lambda x, *, shape: ShapedArray(shape, x.dtype),
    transposes=[lambda ct, x, *, shape: reshape(ct, shape=x.aval.shape)],
    batch=lambda size, values, mapped, *, shape: (reshape(values[0], shape=(size, *shape)), True),
)

transpose = Primitive(
    "transpose",
    impl=lambda x, *, axes: np.transpose(x, axes),
    aval=lambda x, *, axes: ShapedArray(tuple(x.shape[a] for a in axes), x.dtype),
    transposes=[lambda ct, x, *, axes: transpose(ct, axes=tuple(np.argsort(axes).tolist()))],
    batch=lambda size, values, mapped, *, axes: (transpose(values[0], axes=(0, *shift(axes))), True),
)

reverse = Primitive(
    "reverse",
    impl=lambda x, *, axes: np.flip(x, axes),
    aval=lambda x, *, axes: ShapedArray(x.shape, x.dtype),
    transposes=[lambda ct, x, *, axes: reverse(ct, axes=axes)],
    batch=lambda size, values, mapped, *, axes: (reverse(values[0], axes=shift(axes)), True),
)

# -- slice, and pad, which undoes it with zeros (low and high may be negative: they cut; interior zeros stand between entries)


def _slices(starts: Sequence[int], limits: Sequence[int], strides: Sequence[int]) -> tuple[slice, ...]:
    return tuple(slice(a, b, s) for a, b, s in zip(starts, limits, strides, strict=True))


def _slice_aval(x: Any, *, starts: Any, limits: Any, strides: Any) -> ShapedArray:
    return ShapedArray(tuple(max(0, -((a - b) // s)) for a, b, s in zip(starts, limits, strides, strict=True)), x.dtype)


def _slice_transpose(ct: Any, x: Any, *, starts: Any, limits: Any, strides: Any) -> Any:
    widths = []
    for n, k, a, s in zip(x.aval.shape, ct.shape, starts, strides, strict=True):
        covered = (k - 1) * s + 1 if k else 0
        widths.append((a, n - a - covered, s - 1))
    return pad(ct, widths=tuple(widths))


def _padded(n: int, low: int, high: int, interior: int) -> int:
    return low + high + n + max(n - 1, 0) * interior


def _pad(x: Any, *, widths: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    out = np.zeros(tuple(_padded(n, *w) for n, w in zip(x.shape, widths, strict=True)), x.dtype)
    into, taken = [], []
    for n, m, (low, _, interior) in zip(x.shape, out.shape, widths, strict=True):
        step = interior + 1
        first = max(0, -(low // step))  # entries before it fall off the low end
        last = max(first, min(n, -((low - m) // step)))  # the first one past the high end
        start = low + first * step
        into.append(slice(start, start + (last - first) * step, step) if last > first else slice(0, 0))
        taken.append(slice(first, last))
    out[tuple(into)] = x[tuple(taken)]
    return out


def _pad_transpose(ct: Any, x: Any, *, widths: Any) -> Any:
    # entries that a negative width cut off get zero: pad them back, then take every (interior + 1)-th
    back = tuple((max(0, -low), max(0, -high), 0) for low, high, _ in widths)
    if any(low or high for low, high, _ in back):
        ct = pad(ct, widths=back)
    starts = tuple(max(0, low) for low, _, _ in widths)
    strides = tuple(i + 1 for _, _, i in widths)
    limits = tuple(a + ((n - 1) * s + 1 if n else 0) for a, n, s in zip(starts, x.aval.shape, strides, strict=True))
    return slice_(ct, starts=starts, limits=limits, strides=strides)


slice_ = Primitive(
    "slice",
    impl=lambda x, *, starts, limits, strides: x[_slices(starts, limits, strides)],
    aval=_slice_aval,
    transposes=[_slice_transpose],
    batch=lambda size, values, mapped, *, starts, limits, strides: (
        slice_(values[0], starts=(0, *starts), limits=(size, *limits), strides=(1, *strides)),
        True,
    ),
)

pad = Primitive(
    "pad",
    impl=_pad,
    aval=lambda x, *, widths: ShapedArray(tuple(_padded(n, *w) for n, w in zip(x.shape, widths, strict=True)), x.dtype),
    transposes=[_pad_transpose],
    batch=lambda size, values, mapped, *, widths: (pad(values[0], widths=((0, 0, 0), *widths)), True),
)

# -- concatenate: linear in all its operands together


def _concatenate_aval(*xs: Any, axis: int) -> ShapedArray:
    shape = list(xs[0].shape)
    shape[axis] = sum(x.shape[axis] for x in xs)
    return ShapedArray(tuple(shape), xs[0].dtype)


def _concatenate_linearize(primals: Sequence[Any], active: Sequence[bool], *, axis: int) -> tuple[list, Any]:
    avals = [typeof(x) for x in primals]

    def lin(tangents: Sequence[Any]) -> list:
        return [concatenate(*[zeros(aval=a) if t is None else t for t, a in zip(tangents, avals, strict=True)], axis=axis)]

    return [concatenate(*primals, axis=axis)], lin


def _concatenate_transpose(ct: Any, *xs: Any, axis: int) -> list:
    cts, start = [], 0
    for x in xs:
        n = typeof(x).shape[axis]
        starts = tuple(start if i == axis else 0 for i in range(ct.ndim))
        limits = tuple(start + n if i == axis else m for i, m in enumerate(ct.shape))
        cts.append(slice_(ct, starts=starts, limits=limits, strides=(1,) * ct.ndim))
        start += n
    return cts


def _concatenate_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, axis: int) -> tuple[Any, bool]:
    return concatenate(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)], axis=axis + 1), True


concatenate = Primitive(
    "concatenate",
    impl=lambda *xs, axis: np.concatenate(xs, axis),
    aval=_concatenate_aval,
    linearize=_concatenate_linearize,
    transpose=_concatenate_transpose,
    batch=_concatenate_batch,
)


# -- uses of these that many rules share


def materialize(size: int, x: Any, mapped: bool) -> Any:
    """x with a mapped axis in front, repeated if it has none."""
    return x if mapped else broadcast(x, shape=(size, *typeof(x).shape), axes=(0,))


def broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    """NumPy's broadcast_to: new axes in front, sizes of 1 stretched."""
    old = x.shape
    if old == shape:
        return x
    lead = len(shape) - len(old)
    stretched = tuple(i for i, n in enumerate(old) if n == 1 and shape[i + lead] != 1)
    if stretched:
        x = reshape(x, shape=drop(old, stretched))
    return broadcast(x, shape=shape, axes=(*range(lead), *(i + lead for i in stretched)))


def move_axis(x: Any, source: int, destination: int) -> Any:
    """x with one axis moved; axes are not negative."""
    if source == destination:
        return x
    axes = [i for i in range(x.ndim) if i != source]
    axes.insert(destination, source)
    return transpose(x, axes=tuple(axes))
