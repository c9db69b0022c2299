"""Pooling: the maximum of each window and where it is, reading entries at such places, and adding to them, which is the transpose of reading.

The derivative of a maximum routes: a tangent is read, and a cotangent goes, where the first maximal entry is. The places are integers and have no
derivative, so second derivatives read and add at the same places. Windows lie over the last axes, as many as `window` has; axes in front are batches.
`padding` adds entries less than any other, fewer than the window on each side. Sums of windows are convolutions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.convolution import Padding, Sizes, output_size
from fgrad.ops.shapes import materialize

PLACE = np.dtype(np.int32)
"""Places are numbers of entries of one image: its spatial axes as one."""


def pooled_size(size: Sizes, window: Sizes, stride: Sizes, padding: Padding) -> Sizes:
    """How many windows there are along each axis."""
    return output_size(size, window, stride, padding, (1,) * len(size))


def _max_pool(x: Any, *, window: Sizes, stride: Sizes, padding: Padding) -> list[np.ndarray]:
    rank = len(window)
    lead, size = x.shape[: x.ndim - rank], x.shape[x.ndim - rank :]
    places = pooled_size(size, window, stride, padding)
    starts = [np.arange(m) * s - low for m, s, (low, _) in zip(places, stride, padding, strict=True)]
    best, found = np.empty(0), np.empty(0)
    for offset in product(*map(range, window)):  # an entry outside stands for the nearest one inside, which the window has too
        at = [np.clip(a + k, 0, n - 1) for a, k, n in zip(starts, offset, size, strict=True)]
        entries = x[(..., *np.ix_(*at))]
        flat = np.broadcast_to(np.ravel_multi_index(np.ix_(*at), size).astype(PLACE), (*lead, *places))
        if not any(offset):
            best, found = entries, flat
            continue
        more = (entries > best) | ((entries != entries) & (best == best))  # the first NaN is the maximum
        best = np.where(more, entries, best)
        found = np.where(more, flat, found)
    return [np.array(best, x.dtype), np.array(found, PLACE)]


def _flat(x: Any, rank: int) -> Any:
    return x.reshape(*x.shape[: x.ndim - rank], math.prod(x.shape[x.ndim - rank :]))


def _take(x: Any, places: Any, *, rank: int) -> np.ndarray:
    return np.take_along_axis(_flat(x, rank), _flat(places, rank), -1).reshape(places.shape)


def _put(y: Any, places: Any, *, spatial: Sizes) -> np.ndarray:
    rank, room = len(spatial), math.prod(spatial)
    lead = y.shape[: y.ndim - rank]
    out = np.zeros(math.prod(lead) * room, y.dtype)
    rows = np.arange(math.prod(lead)).reshape(*lead, *[1] * rank) * room
    np.add.at(out, (rows + places).reshape(-1), y.reshape(-1))
    return out.reshape(*lead, *spatial)


def _batch_both(prim: Any, size: int, values: Sequence[Any], mapped: Sequence[bool], **params: Any) -> tuple[Any, bool]:
    return prim(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)], **params), True


def _max_pool_aval(x: Any, *, window: Sizes, stride: Sizes, padding: Padding) -> list[ShapedArray]:
    lead = len(x.shape) - len(window)
    shape = (*x.shape[:lead], *pooled_size(x.shape[lead:], window, stride, padding))
    return [ShapedArray(shape, x.dtype), ShapedArray(shape, PLACE)]


def _max_pool_partial(out: Sequence[Any], x: Any, *, window: Sizes, **params: Any) -> Rule:
    places = out[1]
    return lambda t: [pool_take(t, places, rank=len(window)), None]


max_pool = Primitive(
    "max_pool",
    impl=_max_pool,
    aval=_max_pool_aval,
    partials=[_max_pool_partial],
    batch=lambda size, values, mapped, **params: (max_pool(values[0], **params), [True, True]),
    multi=True,
)
"""For each window its maximum, and the place of its first maximal entry."""

pool_take = Primitive(
    "pool_take",
    impl=_take,
    aval=lambda x, places, *, rank: ShapedArray(places.shape, x.dtype),
    transposes=[lambda ct, x, places, *, rank: pool_put(ct, places, spatial=typeof(x).shape[len(typeof(x).shape) - rank :]), None],
    batch=lambda *args, **params: _batch_both(pool_take, *args, **params),
)
"""The entries of the images x[..., *S] at these places[..., *P]; `rank` is the number of spatial axes."""

pool_put = Primitive(
    "pool_put",
    impl=_put,
    aval=lambda y, places, *, spatial: ShapedArray((*y.shape[: len(y.shape) - len(spatial)], *spatial), y.dtype),
    transposes=[lambda ct, y, places, *, spatial: pool_take(ct, places, rank=len(spatial)), None],
    batch=lambda *args, **params: _batch_both(pool_put, *args, **params),
)
"""Images of zeros with the entries of y[..., *P] added at these places[..., *P]."""
