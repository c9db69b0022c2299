"""Rows of fgrad.nn's convolutions and poolings, against loops over windows; `test_convolution.py` draws many more convolutions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy

import fgrad.nn.convolution as convolution
import fgrad.nn.pooling as pooling
from cases.table import FLOATING, Draw, distinct, normal, row

FLOATS: dict[str, Any] = {"values": FLOATING, "spellings": ("np",), "rtol": 1e-10}


def windows(x: Any, kernel: Any, stride: int, padding: int, fill: float = 0.0) -> Any:
    """Each window of padded images, by loops: [N, C, *P, *K]."""
    rank = len(kernel)
    x = numpy.pad(x, [(0, 0)] * 2 + [(padding, padding)] * rank, constant_values=fill)
    places = [(n - k) // stride + 1 for n, k in zip(x.shape[2:], kernel, strict=True)]
    out = numpy.empty((*x.shape[:2], *places, *kernel), x.dtype)
    for p in itertools.product(*map(range, places)):
        out[:, :, *p] = x[:, :, *(slice(i * stride, i * stride + k) for i, k in zip(p, kernel, strict=True))]
    return out


def looped(stride: int, padding: int, groups: int) -> Any:
    def f(x: Any, w: Any) -> Any:
        seen = windows(x, w.shape[2:], stride, padding)
        runs = [
            numpy.tensordot(s, k, (tuple(range(seen.ndim - w.ndim + 2, seen.ndim)), tuple(range(2, w.ndim))))
            for s, k in zip(numpy.split(seen, groups, 1), numpy.split(w, groups, 0), strict=True)
        ]
        # [n, c, *p, o, c]: channels meet
        return numpy.concatenate([numpy.moveaxis(numpy.trace(r, axis1=1, axis2=-1), -1, 1) for r in runs], 1)

    return f


for _x, _w, _stride, _padding, _groups in (
    ((2, 3, 6), (4, 3, 3), 2, 1, 1), ((2, 2, 5, 6), (3, 2, 3, 2), 1, 0, 1), ((1, 4, 5, 4), (6, 2, 2, 3), 2, 2, 2), ((2, 3, 4, 4), (3, 1, 3, 3), 1, 1, 3),
    ((2, 3, 3, 4), (2, 3, 1, 1), 1, 0, 1), ((1, 2, 3, 4, 3), (2, 2, 2, 2, 2), 1, 1, 1), ((0, 2, 4, 4), (2, 2, 3, 3), 1, 1, 1),
):  # fmt: skip
    _f = getattr(convolution, f"conv{len(_w) - 2}d")
    row(
        lambda np, x, w, f=_f, s=_stride, p=_padding, g=_groups: f(x, w, s, p, 1, g),
        normal(*_x), normal(*_w), name=f"conv{len(_w) - 2}d by {_stride}, {_padding} around, {_groups} groups",
        options=FLOATS | {"reference": looped(_stride, _padding, _groups)},
    )  # fmt: skip


def spread(stride: int, padding: int, more: int) -> Any:
    """A transposed convolution: each entry of x adds the kernel, times it, to the output."""

    def f(x: Any, w: Any) -> Any:
        size = [(n - 1) * stride + k + more for n, k in zip(x.shape[2:], w.shape[2:], strict=True)]
        out = numpy.zeros((x.shape[0], w.shape[1], *size), x.dtype)
        for p in itertools.product(*map(range, x.shape[2:])):
            at = tuple(slice(i * stride, i * stride + k) for i, k in zip(p, w.shape[2:], strict=True))
            out[:, :, *at] += numpy.tensordot(x[:, :, *p], w, (1, 0))
        return out[:, :, *(slice(padding, n - padding) for n in size)]

    return f


for _x, _w, _stride, _padding, _more in (
    ((2, 2, 3), (2, 3, 3), 2, 1, 1),
    ((1, 3, 3, 2), (3, 2, 3, 2), 2, 0, 0),
    ((2, 2, 3, 3), (2, 2, 3, 3), 1, 1, 0),
):
    _f = getattr(convolution, f"conv{len(_w) - 2}d_transpose")
    row(
        lambda np, x, w, f=_f, s=_stride, p=_padding, m=_more: f(x, w, s, p, m),
        normal(*_x), normal(*_w), name=f"conv{len(_w) - 2}d_transpose by {_stride}, {_padding} off, {_more} more",
        options=FLOATS | {"reference": spread(_stride, _padding, _more)},
    )  # fmt: skip


def pooled(name: str, x: Draw, kernel: tuple[int, ...], stride: int, padding: int, options: dict[str, Any]) -> None:
    rank, maximum = len(kernel), name == "max"
    axes = tuple(range(-rank, 0))
    reduce, fill = (numpy.max, -numpy.inf) if maximum else (numpy.mean, 0.0)
    row(
        lambda np, x: getattr(pooling, f"{name}_pool{rank}d")(x, kernel, stride, padding), x, name=f"{name}_pool{rank}d {kernel} by {stride}, {padding} around",
        options=options | {"reference": lambda x: reduce(windows(x, kernel, stride, padding, fill), axes)},
    )  # fmt: skip


for _shape, _kernel, _stride, _padding in (
    ((2, 3, 7), (3,), 2, 1), ((2, 2, 6, 6), (2, 2), 2, 0), ((1, 2, 5, 6), (3, 2), 1, 1), ((1, 1, 3, 4, 4), (2, 2, 2), 2, 1), ((0, 2, 4, 4), (2, 2), 2, 0),
):  # fmt: skip
    pooled("max", distinct(*_shape), _kernel, _stride, _padding, FLOATS)
    pooled("avg", normal(*_shape), _kernel, _stride, _padding, FLOATS)
row(
    lambda np, x: pooling.global_max_pool(x),
    distinct(2, 3, 4, 2),
    name="global_max_pool",
    options=FLOATS | {"reference": lambda x: x.max((2, 3))},
)
row(lambda np, x: pooling.global_avg_pool(x), normal(2, 3, 5), name="global_avg_pool", options=FLOATS | {"reference": lambda x: x.mean(2)})
