"""Convolution over any number of spatial axes: one trilinear form, and a primitive for each of its three arrays.

The form is the sum of y[n, o, p] * w[o, c, k] * x[n, c, p * stride + k * dilation - low] over all indices, with zeros outside of x: images x[N, C,
*S], kernels w[O, C / groups, *K], outputs y[N, O, *P]. (The kernel is not turned round: what networks call convolution is a correlation.) With
`groups`, channels and outputs are cut into as many runs, and a run of outputs sees its run of channels alone. `conv` makes y of x and w, `conv_input`
x of y and w (the transposed convolution), `conv_kernel` w of x and y: each is linear in both operands, and its transposes are the other two, so
derivatives of every order are made of these three. `spatial` is the spatial shape that does not follow from the operands.

A mapped axis is folded into the index that the two mapped arrays share (n, o or c), or into the groups where all three have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.errors import ShapeError
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.shapes import reshape, transpose

Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]

COLUMNS = 2**21
"""How many entries of windows (each image's, one column for a window) NumPy's implementation has in memory at a time, if one image has no more."""


def output_size(size: Sizes, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes) -> Sizes:
    """How many places a kernel has along each axis: floor((W + low + high - dilation (K - 1) - 1) / stride) + 1."""
    axes = zip(size, kernel, stride, padding, dilation, strict=True)
    return tuple((n + low + high - d * (k - 1) - 1) // s + 1 for n, k, s, (low, high), d in axes)


def _checked(x: Sizes, w: Sizes, y: Sizes, groups: int, **params: Any) -> None:
    """Whether the three shapes belong together."""
    spatial = output_size(x[2:], w[2:], **params)
    fit = x[0] == y[0] and w[0] == y[1] and x[1] == w[1] * groups and w[0] % groups == 0 and spatial == y[2:]
    if not fit or min(spatial, default=1) < 1:
        raise ShapeError(f"convolution: the shapes x {x}, w {w} and y {y} do not fit with groups={groups} and {params}")


# -- in NumPy: products of the kernel with the windows of the images, laid side by side


def _windows(x: np.ndarray, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes) -> np.ndarray:
    """What each place of the kernel sees, as a view of the padded images: [N, C, *K, *P]."""
    padded = np.pad(x, ((0, 0), (0, 0), *padding)) if any(map(any, padding)) else x
    places = output_size(x.shape[2:], kernel, stride, padding, dilation)
    steps = padded.strides[2:]
    inner, outer = ([a * b for a, b in zip(steps, by, strict=True)] for by in (dilation, stride))
    return np.lib.stride_tricks.as_strided(padded, (*x.shape[:2], *kernel, *places), (*padded.strides[:2], *inner, *outer), writeable=False)


def _runs(images: int, entries: int) -> Iterator[slice]:
    """The images, so many at a time that their windows stay within memory."""
    step = max(1, COLUMNS // max(1, entries))
    return (slice(i, min(i + step, images)) for i in range(0, images, step))


def _conv(x: Any, w: Any, *, stride: Sizes, padding: Padding, dilation: Sizes, groups: int) -> np.ndarray:
    (n, channels), (outputs, inner), kernel = x.shape[:2], w.shape[:2], w.shape[2:]
    places = output_size(x.shape[2:], kernel, stride, padding, dilation)
    count, taps = math.prod(places), inner * math.prod(kernel)
    rows = w.reshape(groups, outputs // groups, taps)
    y = np.empty((n, groups, outputs // groups, count), x.dtype)
    for run in _runs(n, channels * math.prod(kernel) * count):
        seen = _windows(x[run], kernel, stride, padding, dilation).reshape(run.stop - run.start, groups, taps, count)
        np.matmul(rows, seen, out=y[run])
    return y.reshape(n, outputs, *places)


def _conv_input(y: Any, w: Any, *, spatial: Sizes, stride: Sizes, padding: Padding, dilation: Sizes, groups: int) -> np.ndarray:
    (n, outputs), places, (_, inner), kernel = y.shape[:2], y.shape[2:], w.shape[:2], w.shape[2:]
    channels, count, taps = inner * groups, math.prod(places), inner * math.prod(kernel)
    columns = np.swapaxes(w.reshape(groups, outputs // groups, taps), 1, 2)
    around = tuple(m + low + high for m, (low, high) in zip(spatial, padding, strict=True))
    x = np.empty((n, channels, *spatial), y.dtype)
    within = tuple(slice(low, low + m) for m, (low, _) in zip(spatial, padding, strict=True))
    for run in _runs(n, channels * math.prod(kernel) * count):
        images = run.stop - run.start
        cts = y[run].reshape(images, groups, outputs // groups, count)
        spread = np.matmul(columns, cts).reshape(images, channels, *kernel, *places)
        padded = np.zeros((images, channels, *around), y.dtype)
        for k in product(*map(range, kernel)):
            axes = zip(k, dilation, stride, places, strict=True)
            padded[:, :, *(slice(i * d, i * d + (m - 1) * s + 1, s) for i, d, s, m in axes)] += spread[:, :, *k]
        x[run] = padded[:, :, *within]
    return x


def _conv_kernel(x: Any, y: Any, *, spatial: Sizes, stride: Sizes, padding: Padding, dilation: Sizes, groups: int) -> np.ndarray:
    (n, channels), outputs, count = x.shape[:2], y.shape[1], math.prod(y.shape[2:])
    taps = channels // groups * math.prod(spatial)
    w = np.zeros((groups, outputs // groups, taps), x.dtype)
    for run in _runs(n, channels * math.prod(spatial) * count):
        images = run.stop - run.start
        seen = _windows(x[run], spatial, stride, padding, dilation).reshape(images, groups, taps, count)
        for image, cts in zip(seen, y[run].reshape(images, groups, outputs // groups, count), strict=True):
            w += np.matmul(cts, np.swapaxes(image, 1, 2))
    return w.reshape(outputs, channels // groups, *spatial)


# -- types


def _conv_aval(x: Any, w: Any, *, groups: int, **params: Any) -> ShapedArray:
    shape = (x.shape[0], w.shape[0], *output_size(x.shape[2:], w.shape[2:], **params))
    _checked(x.shape, w.shape, shape, groups, **params)
    return ShapedArray(shape, x.dtype)


def _conv_input_aval(y: Any, w: Any, *, spatial: Sizes, groups: int, **params: Any) -> ShapedArray:
    shape = (y.shape[0], w.shape[1] * groups, *spatial)
    _checked(shape, w.shape, y.shape, groups, **params)
    return ShapedArray(shape, y.dtype)


def _conv_kernel_aval(x: Any, y: Any, *, spatial: Sizes, groups: int, **params: Any) -> ShapedArray:
    shape = (y.shape[1], x.shape[1] // groups, *spatial)
    _checked(x.shape, shape, y.shape, groups, **params)
    return ShapedArray(shape, x.dtype)


# -- batches

_PLACES = {"x": "ngc", "w": "goc", "y": "ngo"}
"""The indices of each array in front of its spatial ones, groups apart."""


def _apart(labels: str, groups: int, shape: Sizes) -> Sizes:
    """A shape with groups as an axis of their own: the channels or outputs of x and y, the outputs of w, are those of all groups."""
    whole = labels.index("g")
    return (*shape[:whole], groups, shape[whole] // groups, *shape[whole + 1 :])


def _folded(array: str, index: str, groups: int, x: Any) -> Any:
    """An array with a mapped axis in front as one without: the axis runs outside of an index."""
    labels, (size, *inner) = _PLACES[array], x.shape
    shape, at = _apart(labels, groups, tuple(inner)), labels.index(index)
    whole = labels.index("g")
    moved = transpose(reshape(x, shape=(size, *shape)), axes=(*range(1, at + 1), 0, *range(at + 1, len(shape) + 1)))
    merged = [n * size if i == at else n for i, n in enumerate(shape)]
    return reshape(moved, shape=(*merged[:whole], merged[whole] * merged[whole + 1], *merged[whole + 2 :]))


def _unfolded(array: str, index: str, groups: int, size: int, x: Any) -> Any:
    """The other way: the mapped axis in front again."""
    labels = _PLACES[array]
    at = labels.index(index)
    shape = _apart(labels, groups * size if index == "g" else groups, x.shape)
    split = (*shape[:at], size, shape[at] // size, *shape[at + 1 :])
    moved = transpose(reshape(x, shape=split), axes=(at, *range(at), *range(at + 1, len(split))))
    inner = moved.shape[1:]
    whole = labels.index("g")
    return reshape(moved, shape=(size, *inner[:whole], inner[whole] * inner[whole + 1], *inner[whole + 2 :]))


def _batch(prim: Callable[..., Any], arrays: str, out: str) -> Rule:
    """The batch rule of a primitive of two of the arrays that makes the third."""

    def rule(size: int, values: Sequence[Any], mapped: Sequence[bool], *, groups: int, **params: Any) -> tuple[Any, bool]:
        having = [a for a, m in zip(arrays, mapped, strict=True) if m] + [out]
        (index,) = set.intersection(*(set(_PLACES[a]) for a in having)) - {"g"} or {"g"}
        operands = [_folded(a, index, groups, v) if m else v for a, v, m in zip(arrays, values, mapped, strict=True)]
        made = prim(*operands, groups=groups * size if index == "g" else groups, **params)
        return _unfolded(out, index, groups, size, made), True

    return rule


# -- the primitives


def _spatial(x: Any) -> Sizes:
    return typeof(x).shape[2:]


conv = Primitive(
    "conv",
    impl=_conv,
    aval=_conv_aval,
    transposes=[
        lambda ct, x, w, **params: conv_input(ct, w, spatial=_spatial(x), **params),
        lambda ct, x, w, **params: conv_kernel(x, ct, spatial=_spatial(w), **params),
    ],
)
conv_input = Primitive(
    "conv_input",
    impl=_conv_input,
    aval=_conv_input_aval,
    transposes=[
        lambda ct, y, w, *, spatial, **params: conv(ct, w, **params),
        lambda ct, y, w, *, spatial, **params: conv_kernel(ct, y, spatial=_spatial(w), **params),
    ],
)
conv_kernel = Primitive(
    "conv_kernel",
    impl=_conv_kernel,
    aval=_conv_kernel_aval,
    transposes=[
        lambda ct, x, y, *, spatial, **params: conv_input(y, ct, spatial=_spatial(x), **params),
        lambda ct, x, y, *, spatial, **params: conv(x, ct, **params),
    ],
)
for _prim, _arrays, _out in ((conv, "xw", "y"), (conv_input, "yw", "x"), (conv_kernel, "xy", "w")):
    _prim.batch = _batch(_prim, _arrays, _out)
