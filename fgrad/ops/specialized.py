"""Primitives with their params worked out, for programs that run many times (`core/evaluate.py`).

The NumPy call that is left is the one a person would write: `x[0:3]`, `x.reshape(3, 4)`, `x[:, None]`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from operator import add, itemgetter, methodcaller
from typing import Any

import numpy as np

from fgrad.core.evaluate import specialized, thin
from fgrad.ops.contract import contract, contraction
from fgrad.ops.shapes import broadcast, pad, reduce_sum, reshape, slice_, transpose

View = Callable[[Any], Any]


def _slice(starts: Sequence[int], limits: Sequence[int], strides: Sequence[int]) -> View:
    return itemgetter(tuple(map(slice, starts, limits, strides)))


def _reshape(shape: tuple[int, ...]) -> View:
    return methodcaller("reshape", shape) if shape else lambda x: x.reshape(())[()]


def _reduce_sum(axes: tuple[int, ...]) -> View:
    total = np.add.reduce
    return lambda x: total(x, axes, x.dtype)


def _thin_broadcast(shape: tuple[int, ...], axes: tuple[int, ...]) -> View | None:
    """Axes of size 1 where the broadcast has copies; None where NumPy adds them by itself."""
    if axes == tuple(range(len(axes))):
        return None
    return itemgetter(tuple(None if i in axes else slice(None) for i in range(len(shape))))


def _broadcast(shape: tuple[int, ...], axes: tuple[int, ...]) -> View:
    view, stretch = _thin_broadcast(shape, axes), np.broadcast_to
    return (lambda x: stretch(x, shape)) if view is None else lambda x: stretch(view(x), shape)


def _pad(widths: tuple[tuple[int, int, int], ...]) -> View:
    if any(low < 0 or high < 0 or interior for low, high, interior in widths):
        return functools.partial(pad.impl, widths=widths)
    more = [low + high for low, high, _ in widths]
    inside = tuple(slice(low, -high if high else None) for low, high, _ in widths)
    empty = np.zeros

    def padded(x: Any) -> Any:
        out = empty(tuple(map(add, x.shape, more)), x.dtype)
        out[inside] = x
        return out

    return padded


specialized.update(
    {
        slice_: _slice,
        reshape: _reshape,
        pad: _pad,
        transpose: lambda axes: methodcaller("transpose", axes),
        broadcast: _broadcast,
        reduce_sum: _reduce_sum,
        contract: contraction,
    }
)
thin[broadcast] = _thin_broadcast
