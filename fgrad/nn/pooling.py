"""Pooling of images x[N, C, *S]: the maximum or the mean of each window, or of all of an image.

The derivative of a maximum goes to the first maximal entry of its window (so does PyTorch's), and so do those of higher order. Means divide by the
size of the window, padding included. Windows that padding and strides leave incomplete at the end are left out. The primitives are in
`ops/pooling.py`; a mean is a convolution.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.nn.convolution import counted, floating, images, pads, per_axis
from fgrad.numpy.shapes import as_array
from fgrad.ops.convolution import Padding, Sizes, conv
from fgrad.ops.elementwise import mul
from fgrad.ops.family import like
from fgrad.ops.pooling import max_pool
from fgrad.ops.reductions import reduce_max
from fgrad.ops.shapes import reduce_sum, reshape


def _windows(name: str, rank: int, x: Any, kernel: Any, stride: Any, padding: Any) -> tuple[Any, bool, Sizes, Sizes, Padding]:
    """The images, whether they are several, and the kernel, stride and padding along each axis."""
    x, batched = images(name, x, rank)
    window = per_axis(name, "kernel", kernel, rank, 1)
    steps = window if stride is None else per_axis(name, "stride", stride, rank, 1)
    ones = (1,) * rank
    around = pads(name, padding, x.shape[2:], window, steps, ones)
    if any(p >= k for pair, k in zip(around, window, strict=True) for p in pair):
        raise ArgumentError(f"{name}: padding={padding!r} is not less than the kernel {window}, so that windows would hold padding alone")
    counted(name, x.shape[2:], window, steps, around, ones, f"x: {short(x)}")
    return x, batched, window, steps, around


def _max_pool(rank: int, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    name = f"max_pool{rank}d"
    x, batched, window, steps, around = _windows(name, rank, x, kernel, stride, padding)
    if x.dtype.kind == "c":
        raise DtypeError(f"{name}: complex numbers have no maximum: x: {short(x)}", "Pool their magnitudes, np.abs(x).")
    y, _ = max_pool(x, window=window, stride=steps, padding=around)
    return y if batched else reshape(y, shape=y.shape[1:])


def _avg_pool(rank: int, x: Any, kernel: Any, stride: Any, padding: Any) -> Any:
    name = f"avg_pool{rank}d"
    x, batched, window, steps, around = _windows(name, rank, x, kernel, stride, padding)
    floating(name, x)
    weights = np.full((1, 1, *window), 1 / math.prod(window), x.dtype)
    lead = x.shape[:2]
    each = reshape(x, shape=(lead[0] * lead[1], 1, *x.shape[2:]))
    y = conv(each, weights, stride=steps, padding=around, dilation=(1,) * rank, groups=1)
    return reshape(y, shape=(*lead, *y.shape[2:]) if batched else (lead[1], *y.shape[2:]))


def max_pool1d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The maximum of each window of sequences: as `max_pool2d`, over one spatial axis.

    Args:
        x: [N, C, W] or [C, W].
        kernel, stride, padding: see `max_pool2d`.

    Returns:
        [N, C, (W - K + 2P) / S + 1], or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import max_pool1d
        >>> max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2)
        array([[3., 2.]])
    """
    return _max_pool(1, x, kernel, stride, padding)


def max_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The maximum of each window of images; its derivative goes to the first maximal entry of the window, row by row.

    Args:
        x: [N, C, H, W] or [C, H, W], real numbers.
        kernel: K, the size of the window, an integer or one for each spatial axis.
        stride: S, likewise; None: the kernel's size, so that windows lie side by side.
        padding: P entries less than any number on every side, fewer than K: an integer, one for each axis, pairs (low, high), "same" or "valid".

    Returns:
        [N, C, (H - K + 2P) / S + 1, (W - K + 2P) / S + 1], rounded down, or without N as x.

    Raises:
        ShapeError: too few or too many axes, or a window larger than the padded images.
        DtypeError: complex images.

    Example:
        >>> import numpy as np
        >>> from fgrad import grad
        >>> from fgrad.nn.pooling import max_pool2d
        >>> x = np.arange(16.0).reshape(1, 4, 4)
        >>> max_pool2d(x, 2)
        array([[[ 5.,  7.],
                [13., 15.]]])
        >>> grad(lambda x: max_pool2d(x, 2).sum())(x)[0, 1]
        array([0., 1., 0., 1.])
    """
    return _max_pool(2, x, kernel, stride, padding)


def max_pool3d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The maximum of each window of volumes: as `max_pool2d`, over three spatial axes.

    Args:
        x: [N, C, D, H, W] or [C, D, H, W].
        kernel, stride, padding: see `max_pool2d`.

    Returns:
        [N, C, ...] with (W - K + 2P) / S + 1 entries along each spatial axis, or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import max_pool3d
        >>> max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2)
        array([[[[7.]]]])
    """
    return _max_pool(3, x, kernel, stride, padding)


def avg_pool1d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of each window of sequences: as `avg_pool2d`, over one spatial axis.

    Args:
        x: f[N, C, W] or f[C, W].
        kernel, stride, padding: see `avg_pool2d`.

    Returns:
        f[N, C, (W - K + 2P) / S + 1], or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import avg_pool1d
        >>> avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0, 5.0]]), 2)
        array([[2., 1.]])
    """
    return _avg_pool(1, x, kernel, stride, padding)


def avg_pool2d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of each window of images, padding counted as zeros (torch: count_include_pad=True).

    Args:
        x: f[N, C, H, W] or f[C, H, W].
        kernel: K, the size of the window, an integer or one for each spatial axis.
        stride: S, likewise; None: the kernel's size, so that windows lie side by side.
        padding: P zeros on every side, fewer than K: an integer, one for each axis, pairs (low, high), "same" or "valid".

    Returns:
        f[N, C, (H - K + 2P) / S + 1, (W - K + 2P) / S + 1], rounded down, or without N as x.

    Raises:
        ShapeError: too few or too many axes, or a window larger than the padded images.
        DtypeError: images of integers.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import avg_pool2d
        >>> avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2)
        array([[[ 2.5,  4.5],
                [10.5, 12.5]]])
    """
    return _avg_pool(2, x, kernel, stride, padding)


def avg_pool3d(x: Any, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """The mean of each window of volumes: as `avg_pool2d`, over three spatial axes.

    Args:
        x: f[N, C, D, H, W] or f[C, D, H, W].
        kernel, stride, padding: see `avg_pool2d`.

    Returns:
        f[N, C, ...] with (W - K + 2P) / S + 1 entries along each spatial axis, or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import avg_pool3d
        >>> avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2)
        array([[[[3.5]]]])
    """
    return _avg_pool(3, x, kernel, stride, padding)


def _spatial_axes(name: str, x: Any) -> tuple[Any, tuple[int, ...]]:
    x = as_array(x)
    if x.ndim < 3:
        raise ShapeError(f"{name}: x: {short(x)} has {x.ndim} axes", "It takes x[N, C, *S] with one spatial axis or more.")
    axes = tuple(range(2, x.ndim))
    if not all(x.shape[2:]):
        raise ShapeError(f"{name}: x: {short(x)} has images without entries")
    return x, axes


def global_max_pool(x: Any) -> Any:
    """The maximum of each channel of each image; its derivative is split evenly between equal entries, as that of `np.max`.

    Args:
        x: [N, C, *S].

    Returns:
        [N, C].

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import global_max_pool
        >>> global_max_pool(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[3., 7.]])
    """
    x, axes = _spatial_axes("global_max_pool", x)
    return reduce_max(x, axes=axes)


def global_avg_pool(x: Any) -> Any:
    """The mean of each channel of each image.

    Args:
        x: f[N, C, *S].

    Returns:
        f[N, C].

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.pooling import global_avg_pool
        >>> global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2))
        array([[1.5, 5.5]])
    """
    x, axes = _spatial_axes("global_avg_pool", x)
    floating("global_avg_pool", x)
    return mul(reduce_sum(x, axes=axes), like(x, 1 / math.prod(x.shape[2:])))
