"""Sliding products, of which convolutions and correlations in one dimension are made.

`sliding_dot(a, v, widths=(low, high))` is y[i] = sum over j of a[i + j - low] * v[j], of those j where there is such an entry of a, for
i = 0, ..., n + low + high - m: rows a[..., n] and v[..., m] of equal leading axes, low and high less than m. It is linear in each operand, and its
transposes are sliding products again: that of v slides the cotangent over a, that of a slides v, reversed, over the cotangent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive
from fgrad.ops.shapes import materialize, reverse

Widths = tuple[int, int]


def _row(a: np.ndarray, v: np.ndarray, low: int, high: int) -> np.ndarray:
    if not (low or high):
        return np.convolve(a, v[::-1], "valid")
    start = len(v) - 1 - low
    return np.convolve(a, v[::-1])[start : start + len(a) + low + high - len(v) + 1]


def _sliding_dot(a: Any, v: Any, *, widths: Widths) -> np.ndarray:
    low, high = widths
    if a.ndim == 1:
        return _row(a, v, low, high)
    lead, n, m = a.shape[:-1], a.shape[-1], v.shape[-1]
    count = n + low + high - m + 1
    out = np.zeros((*lead, count), a.dtype)
    if np.prod(lead) <= m:  # few rows: one after another
        for i in np.ndindex(lead):
            out[i] = _row(a[i], v[i], low, high)
        return out
    for j in range(m):  # all rows at once, one entry of v after another
        start, stop = max(0, low - j), min(count, n + low - j)
        if start < stop:
            out[..., start:stop] += a[..., start + j - low : stop + j - low] * v[..., j : j + 1]
    return out


def _aval(a: Any, v: Any, *, widths: Widths) -> ShapedArray:
    shape = typeof(a).shape
    return ShapedArray((*shape[:-1], shape[-1] + sum(widths) - typeof(v).shape[-1] + 1), typeof(a).dtype)


def _transpose_a(ct: Any, a: Any, v: Any, *, widths: Widths) -> Any:
    m = v.shape[-1]
    return sliding_dot(ct, reverse(v, axes=(len(v.shape) - 1,)), widths=(m - 1 - widths[0], m - 1 - widths[1]))


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, widths: Widths) -> tuple[Any, bool]:
    a, v = (materialize(size, x, m) for x, m in zip(values, mapped, strict=True))
    return sliding_dot(a, v, widths=widths), True


sliding_dot = Primitive(
    "sliding_dot",
    impl=_sliding_dot,
    aval=_aval,
    transposes=[_transpose_a, lambda ct, a, v, *, widths: sliding_dot(a, ct, widths=widths)],
    batch=_batch,
)
