"""Repeating and extending traced arrays: pad, tile, repeat, resize. Imports `joining` and `indexing`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.indexing import take
from fgrad.numpy.joining import concatenate
from fgrad.numpy.mapping import apply_along_axis
from fgrad.numpy.protocol import PUBLIC, implements
from fgrad.numpy.shapes import as_array, as_shape, broadcast_to, cut, ravel, reshape
from fgrad.numpy.sized import value_of
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.promote import cast
from fgrad.ops.sorting import searchsorted
from fgrad.ops.ufuncs import UFUNCS

# -- pad: axis after axis, each by what stands before and after it

_DEFAULTS = {
    "constant": {"constant_values": 0}, "linear_ramp": {"end_values": 0}, "edge": {}, "wrap": {}, "empty": {},
    "reflect": {"reflect_type": "even"}, "symmetric": {"reflect_type": "even"},
    "mean": {"stat_length": None}, "maximum": {"stat_length": None}, "minimum": {"stat_length": None},
}  # fmt: skip
_STATISTICS: dict[str, Callable[..., Any]] = {"mean": np.mean, "maximum": np.max, "minimum": np.min}


def _pairs(value: Any, ndim: int) -> list[tuple[Any, Any]]:
    """(before, after) for each axis, from a number, (before, after), or one such pair for each axis."""
    if value is None:
        return [(None, None)] * ndim
    x = as_array(value)
    shape = (ndim, 2)
    x = broadcast_to(x, shape) if x.shape != shape else x
    return [(x[i, 0], x[i, 1]) for i in range(ndim)]


def _taken(x: Any, axis: int, index: np.ndarray) -> Any:
    """x at these indices of an axis, as slices joined: what pads is a few runs, forward, backward or of one entry."""
    parts, i = [], 0
    while i < len(index):
        step = index[i + 1] - index[i] if i + 1 < len(index) else 1
        j = i + 1
        while j < len(index) and step in (-1, 0, 1) and index[j] - index[j - 1] == step:
            j += 1
        if step in (0, 1):
            run = cut(x, axis, int(index[i]), int(index[j - 1]) + 1)
            run = s.broadcast_to(run, tuple(j - i if k == axis else n for k, n in enumerate(x.shape))) if step == 0 else run
        elif step == -1:
            run = s.reverse(cut(x, axis, int(index[j - 1]), int(index[i]) + 1), axes=(axis,))
        else:
            run = cut(x, axis, int(index[i]), int(index[i]) + 1)
        parts.append(run)
        i = j
    return s.concatenate(*parts, axis=axis) if len(parts) > 1 else parts[0]


def _constant_block(x: Any, axis: int, width: int, value: Any) -> Any:
    shape = tuple(width if i == axis else n for i, n in enumerate(x.shape))
    return s.broadcast_to(cast(as_array(value), x.dtype), shape)


def _ramp(x: Any, axis: int, width: int, end: Any, edge: Any, rising: bool) -> Any:
    steps = np.arange(width) / width if width else np.zeros(0)
    steps = (steps if rising else steps[::-1]).reshape(tuple(width if i == axis else 1 for i in range(x.ndim)))
    ramp = UFUNCS[np.add](end, UFUNCS[np.multiply](UFUNCS[np.subtract](edge, end), steps))
    return cast(UFUNCS[np.floor](ramp) if x.dtype.kind in "iu" else ramp, x.dtype)


def _statistic(x: Any, axis: int, width: int, block: Any, mode: str) -> Any:
    value = _STATISTICS[mode](block, axis=axis, keepdims=True)
    value = UFUNCS[np.rint](value) if mode == "mean" and x.dtype.kind in "iu" else value
    return s.broadcast_to(cast(value, x.dtype), tuple(width if i == axis else n for i, n in enumerate(x.shape)))


def _pad_sides(x: Any, axis: int, low: int, high: int, mode: str, before: Any, after: Any) -> Any:
    n = x.shape[axis]
    if mode == "constant":
        sides = _constant_block(x, axis, low, before), _constant_block(x, axis, high, after)
    elif mode == "linear_ramp":
        first, last = cut(x, axis, 0, 1), cut(x, axis, n - 1, n)
        sides = _ramp(x, axis, low, before, first, True), _ramp(x, axis, high, after, last, False)
    else:
        first = cut(x, axis, 0, n if before is None else int(before))
        last = cut(x, axis, 0 if after is None else max(0, n - int(after)), n)
        sides = _statistic(x, axis, low, first, mode), _statistic(x, axis, high, last, mode)
    return s.concatenate(*[p for p in (sides[0], x, sides[1]) if p.shape[axis] or p is x], axis=axis)


def _odd(x: Any, axis: int, low: int, high: int, mode: str) -> Any:
    """x reflected through its first and last entry, as a point is: 2 * edge minus the mirror image, over and over.

    It repeats with a period of two lengths, but for what it has grown by: twice the last entry less the first.
    """
    n = x.shape[axis]
    length = n - 1 if mode == "reflect" else n
    if not length:
        return _taken(x, axis, np.zeros(low + n + high, int))
    rounds, place = np.divmod(np.arange(-low, n + high), 2 * length)
    mirrored = place >= n
    mirror = 2 * length - place - (mode == "symmetric")

    def along(factors: np.ndarray) -> np.ndarray:
        return factors.astype(x.dtype).reshape([-1 if i == axis else 1 for i in range(x.ndim)])

    mul, add, subtract = UFUNCS[np.multiply], UFUNCS[np.add], UFUNCS[np.subtract]
    image = take(x, np.where(mirrored, mirror, place), axis)
    first, last = cut(x, axis, 0, 1), cut(x, axis, n - 1, n)
    turned = add(mul(image, along(1 - 2 * mirrored)), mul(last, along(2 * mirrored)))
    return add(turned, mul(subtract(last, first), along(2 * rounds)))


def _widths(x: Any, pad_width: Any) -> list[tuple[int, int]]:
    """How many entries go before and behind each axis."""
    if isinstance(pad_width, dict):
        by_axis = {normalize_axis("pad", k, x.ndim, x): v for k, v in pad_width.items()}
        pad_width = [_pairs(by_axis.get(i, 0), 1)[0] for i in range(x.ndim)]
    widths = [(operator.index(a), operator.index(b)) for a, b in _pairs(pad_width, x.ndim)]
    if any(a < 0 or b < 0 for a, b in widths):
        raise ArgumentError(f"pad: widths cannot be negative, and are {widths}")
    return widths


def _padded_by(function: Callable, x: Any, widths: list[tuple[int, int]], kwargs: dict[str, Any]) -> Any:
    """x between zeros, then each of its vectors along one axis after the other as the function returns it."""
    x = s.pad(x, widths=tuple((a, b, 0) for a, b in widths)) if x.ndim else x
    for axis, width in enumerate(widths if x.size else ()):

        def padded(vector: Any, width: Any = width, axis: int = axis) -> Any:
            out = function(vector, width, axis, kwargs)
            if out is None or as_array(out).shape != vector.shape:
                raise ArgumentError(
                    f"pad: the function given as mode returned {'nothing' if out is None else short(as_array(out))} for {short(vector)}",
                    "It is to return the padded vector, such as vector.at[:n].set(value): traced vectors cannot be written into.",
                )
            return cast(as_array(out), vector.dtype)

        x = apply_along_axis(padded, axis, x)
    return x


@implements(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    x = as_array(array)
    if callable(mode):
        return _padded_by(mode, x, _widths(x, pad_width), kwargs)
    if mode not in _DEFAULTS:
        raise ArgumentError(f"pad: mode={mode!r} is none of {', '.join(_DEFAULTS)}, and no function")
    unknown = set(kwargs) - set(_DEFAULTS[mode])
    if unknown:
        raise ArgumentError(f"pad: mode {mode!r} takes no keyword {sorted(unknown)[0]!r}")
    options = {**_DEFAULTS[mode], **kwargs}
    odd = options.get("reflect_type", "even") == "odd"
    widths = _widths(x, pad_width)
    value = next((v for k, v in options.items() if k != "reflect_type"), None)
    if mode == "empty" or (mode == "constant" and isinstance(value, (int, float, complex)) and value == 0):
        return s.pad(x, widths=tuple((a, b, 0) for a, b in widths)) if x.ndim else x
    for axis, ((low, high), (before, after)) in enumerate(zip(widths, _pairs(value, x.ndim), strict=True)):
        if not (low or high):
            continue
        if not x.shape[axis] and mode != "constant":
            raise ShapeError(f"pad: axis {axis} of x: {short(x)} is empty, and mode {mode!r} extends what is there", "Use mode='constant'.")
        if odd:
            x = _odd(x, axis, low, high, mode)
        elif mode in ("edge", "wrap", "reflect", "symmetric"):
            x = _taken(x, axis, np.pad(np.arange(x.shape[axis]), (low, high), mode=mode))
        else:
            x = _pad_sides(x, axis, low, high, mode, before, after)
    return x


def _writing(function: Callable) -> Callable:
    """A function as NumPy's pad takes it: what it returns is written into the vector."""

    def write(vector: Any, *args: Any) -> Any:
        out = function(vector, *args)
        if isinstance(vector, np.ndarray) and out is not None:
            vector[...] = out
        return out

    return write


def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    """NumPy's pad. A function as mode, `function(vector, widths, axis, kwargs)`, returns the padded vector, where NumPy's writes into it.

    Example:
        >>> import fgrad, fgrad.numpy as np
        >>> ends = lambda v, widths, axis, kwargs: np.at(v)[0].set(v[1] * 10.0)
        >>> fgrad.grad(lambda x: np.pad(x, (1, 0), ends).sum())(np.array([1.0, 2.0]))
        array([11.,  1.])
    """
    return _pad(array, pad_width, _writing(mode) if callable(mode) else mode, **kwargs)


PUBLIC[np.pad] = pad  # the function that returns vectors is one, whether they are traced or not

# -- repetition


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    x, counts = as_array(A), as_shape(reps)
    ndim = max(x.ndim, len(counts))
    counts, old = (1,) * (ndim - len(counts)) + counts, (1,) * (ndim - x.ndim) + x.shape
    x = s.broadcast(
        s.reshape(x, shape=old), shape=tuple(k for pair in zip(counts, old, strict=True) for k in pair), axes=tuple(range(0, 2 * ndim, 2))
    )
    return s.reshape(x, shape=tuple(c * n for c, n in zip(counts, old, strict=True)))


@implements(np.repeat, own=("total_repeat_length",))
def repeat(a: Any, repeats: Any, axis: int | None = None, *, total_repeat_length: int | None = None) -> Any:
    """NumPy's repeat.

    `total_repeat_length`, JAX's keyword, fixes the length of the result, which counts without values do not tell: what is beyond it is cut off, and
    the last entry is repeated where there is less.
    """
    x = as_array(a)
    if axis is None:
        x, axis = ravel(x), 0
    axis = normalize_axis("repeat", axis, x.ndim, x)
    n = x.shape[axis]
    if total_repeat_length is not None:
        counts = broadcast_to(cast(as_array(repeats), np.dtype(np.intp)), (n,))
        if not n:
            raise ShapeError(f"repeat: axis {axis} of x: {short(x)} is empty, and there is nothing to repeat")
        ends = cumsum(counts, axis=0, reverse=False)
        place = searchsorted(ends, np.arange(operator.index(total_repeat_length)), side="right")
        return take(x, UFUNCS[np.minimum](place, n - 1), axis)
    hint = "Give total_repeat_length=n: fgrad.numpy.repeat(x, counts, total_repeat_length=n)."
    counts = value_of("repeat", repeats, hint, decides="the length of the result")
    if counts.size != 1:
        return take(x, np.repeat(np.arange(n), counts), axis)
    k = int(counts.reshape(()))
    if k < 0:
        raise ArgumentError(f"repeat: a count cannot be negative, and is {k}")
    shape = x.shape[: axis + 1] + (k,) + x.shape[axis + 1 :]
    return s.reshape(s.broadcast(x, shape=shape, axes=(axis + 1,)), shape=(*x.shape[:axis], n * k, *x.shape[axis + 1 :]))


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    x, shape = ravel(a), as_shape(new_shape)
    size = math.prod(shape)
    if not x.size or not size:
        return s.full(value=0, shape=shape, dtype=x.dtype)
    return reshape(cut(concatenate([x] * -(-size // x.size)), 0, 0, size), shape)
