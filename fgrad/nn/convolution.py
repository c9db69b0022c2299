"""Convolution of images x[N, C, *S] with kernels w[O, C / groups, *K], its transpose, and the sizes that come of it.

What is computed is a correlation (the kernel is not turned round), as everywhere in networks: y[n, o, p] is the sum over c and k of
w[o, c, k] * x[n, c, p * stride + k * dilation - padding], with zeros outside of x. One image x[C, *S] gives one output.
The primitives are in `ops/convolution.py`.
Formulas: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.numpy.shapes import as_array
from fgrad.ops.convolution import Padding, Sizes, conv, conv_input
from fgrad.ops.convolution import output_size as _places
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.shapes import reshape


def per_axis(name: str, what: str, value: Any, rank: int, least: int) -> Sizes:
    """An integer for each spatial axis: one for all, or a sequence."""
    values = [value] * rank if not isinstance(value, Sequence) else list(value)
    try:
        sizes = tuple(map(operator.index, values))
    except TypeError:
        raise ArgumentError(f"{name}: {what} is an integer, or one for each spatial axis, not {value!r}") from None
    if len(sizes) != rank:
        raise ArgumentError(f"{name}: {what}={value!r} has {len(sizes)} entries for {rank} spatial ax{'i' if rank == 1 else 'e'}s")
    if min(sizes, default=least) < least:
        raise ArgumentError(f"{name}: {what} is at least {least}, not {value!r}")
    return sizes


def pads(name: str, padding: Any, size: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Padding:
    """How many zeros stand before and behind each axis."""
    rank = len(kernel)
    if padding == "valid":
        return ((0, 0),) * rank
    if padding == "same":  # as many outputs as strides begin: ceil(W / stride)
        missing = [max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n) for n, k, s, d in zip(size, kernel, stride, dilation, strict=True)]
        return tuple((m // 2, m - m // 2) for m in missing)
    if isinstance(padding, str):
        raise ArgumentError(f"{name}: padding is 'same', 'valid', an integer, or pairs (low, high), not {padding!r}")
    if isinstance(padding, Sequence) and any(isinstance(p, Sequence) for p in padding):
        if len(padding) != rank or any(not isinstance(p, Sequence) or len(p) != 2 for p in padding):
            raise ArgumentError(f"{name}: padding={padding!r} is no pair (low, high) for each of {rank} spatial axes")
        return tuple((low, high) for low, high in (per_axis(name, "padding", p, 2, 0) for p in padding))
    return tuple((p, p) for p in per_axis(name, "padding", padding, rank, 0))


def output_shape(size: Any, kernel: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Any:
    """The spatial shape that a convolution or pooling makes: floor((W - K + 2P) / S) + 1 along each axis, K being D (K - 1) + 1 with a dilation D.

    Args:
        size: W, an integer or one for each spatial axis.
        kernel: K, likewise; so are stride and dilation.
        padding: "same", "valid", an integer for each axis or for all, or pairs (low, high).

    Returns:
        An integer where size is one, else a tuple.

    Raises:
        ShapeError: the kernel is larger than what it runs over.

    Example:
        >>> from fgrad.nn.convolution import output_shape
        >>> output_shape(227, 11, stride=4), output_shape((28, 28), 5, padding="same")
        (55, (28, 28))
    """
    one = not isinstance(size, Sequence)
    rank = 1 if one else len(size)
    sizes = per_axis("output_shape", "size", size, rank, 0)
    kernels, strides, dilations = _steps("output_shape", kernel, stride, dilation, rank)
    places = counted("output_shape", sizes, kernels, strides, pads("output_shape", padding, sizes, kernels, strides, dilations), dilations)
    return places[0] if one else places


def _steps(name: str, kernel: Any, stride: Any, dilation: Any, rank: int) -> tuple[Sizes, Sizes, Sizes]:
    return (
        per_axis(name, "kernel", kernel, rank, 1),
        per_axis(name, "stride", stride, rank, 1),
        per_axis(name, "dilation", dilation, rank, 1),
    )


def counted(name: str, size: Sizes, kernel: Sizes, stride: Sizes, padding: Padding, dilation: Sizes, *operands: str) -> Sizes:
    """The spatial shape of an output, or the error that there is none."""
    places = _places(size, kernel, stride, padding, dilation)
    for axis, (n, w, k, s, (low, high), d) in enumerate(zip(places, size, kernel, stride, padding, dilation, strict=True)):
        if n < 1:
            wide = d * (k - 1) + 1
            spread = f" (K = {d} * ({k} - 1) + 1 with the dilation)" if d > 1 else ""
            raise ShapeError(
                f"{name}: the kernel {kernel} is larger than the padded image {size}{''.join(f', {o}' for o in operands)}",
                f"along spatial axis {axis}, (W - K + 2P) / S + 1 = ({w} - {wide} + {low + high}) / {s} + 1 is less than 1{spread}.",
                "Take a larger image, a smaller kernel, or more padding.",
            )
    return places


def receptive_field(kernels: Sequence[int], strides: int | Sequence[int] = 1, dilations: int | Sequence[int] = 1) -> int:
    """How many entries of the input along an axis one entry behind a stack of layers sees: 1 + the sum of D (K - 1) times the strides before.

    Args:
        kernels: the size of each layer's kernel, the first layer first: convolutions and poolings alike.
        strides: of each layer, or one for all; so are dilations.

    Example:
        >>> from fgrad.nn.convolution import receptive_field
        >>> receptive_field([3, 3, 3])                  # 1 + L (K - 1): three layers of 3 see what one of 7 sees
        7
        >>> receptive_field([5, 2, 5, 2], strides=[1, 2, 1, 2])
        16
    """
    rank = len(kernels)
    sizes, steps, spread = _steps("receptive_field", tuple(kernels), strides, dilations, rank)
    seen = apart = 1
    for k, s, d in zip(sizes, steps, spread, strict=True):
        seen += d * (k - 1) * apart
        apart *= s
    return seen


# -- convolutions


def images(name: str, x: Any, rank: int) -> tuple[Any, bool]:
    """x with an axis of images in front, and whether it had one."""
    x = as_array(x)
    if x.ndim not in (rank + 1, rank + 2):
        axes = ["N", "C", *("D", "H", "W")[3 - rank :]]
        raise ShapeError(
            f"{name}: x: {short(x)} has {x.ndim} axes", f"It takes x[{', '.join(axes)}], or one image x[{', '.join(axes[1:])}]."
        )
    return (x, True) if x.ndim == rank + 2 else (reshape(x, shape=(1, *x.shape)), False)


def floating(name: str, x: Any) -> None:
    if x.dtype.kind not in "fc":
        raise DtypeError(
            f"{name}: takes images of floating point numbers, not x: {short(x)}",
            "Convert them first: x.astype(np.float32) / 255 for bytes.",
        )


def _operands(name: str, x: Any, w: Any, rank: int) -> tuple[Any, Any, bool]:
    x, batched = images(name, x, rank)
    w = as_array(w)
    floating(name, x)
    if w.ndim != rank + 2:
        axes = ", ".join(["O", "C", *("D", "H", "W")[3 - rank :]])
        raise ShapeError(f"{name}: w: {short(w)} has {w.ndim} axes", f"With {rank} spatial ax{'i' if rank == 1 else 'e'}s it is w[{axes}].")
    dtype = result_dtype(x, w)
    return cast(x, dtype), cast(w, dtype), batched


def _unbatched(y: Any, batched: bool) -> Any:
    return y if batched else reshape(y, shape=y.shape[1:])


def _groups(name: str, groups: Any) -> int:
    return per_axis(name, "groups", groups, 1, 1)[0]


def _conv(rank: int, x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: Any) -> Any:
    name = f"conv{rank}d"
    x, w, batched = _operands(name, x, w, rank)
    groups = _groups(name, groups)
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        within = f" in each of {groups} groups" if groups > 1 else ""
        raise ShapeError(
            f"{name}: x: {short(x)} has {x.shape[1]} channels, and w: {short(w)} takes {w.shape[1]}{within} for {w.shape[0]} outputs",
            "w has the shape (outputs, channels / groups, *kernel); groups divides channels and outputs.",
        )
    kernel, steps, spread = _steps(name, w.shape[2:], stride, dilation, rank)
    around = pads(name, padding, x.shape[2:], kernel, steps, spread)
    counted(name, x.shape[2:], kernel, steps, around, spread, f"x: {short(x)}", f"w: {short(w)}")
    return _unbatched(conv(x, w, stride=steps, padding=around, dilation=spread, groups=groups), batched)


def _transposed(rank: int, x: Any, w: Any, stride: Any, padding: Any, output_padding: Any, dilation: Any, groups: Any) -> Any:
    name = f"conv{rank}d_transpose"
    x, w, batched = _operands(name, x, w, rank)
    groups = _groups(name, groups)
    if x.shape[1] != w.shape[0] or w.shape[0] % groups:
        raise ShapeError(
            f"{name}: x: {short(x)} has {x.shape[1]} channels, and w: {short(w)} takes {w.shape[0]}",
            "w has the shape (channels, outputs / groups, *kernel), that of the convolution it is the transpose of; groups divides channels.",
        )
    kernel, steps, spread = _steps(name, w.shape[2:], stride, dilation, rank)
    more = per_axis(name, "output_padding", output_padding, rank, 0)
    if padding == "same":
        raise ArgumentError(f"{name}: padding='same' says nothing about the size of the output; give padding and output_padding")
    if any(m >= s for m, s in zip(more, steps, strict=True)):
        raise ArgumentError(f"{name}: output_padding={output_padding!r} is not less than stride={stride!r}")
    around = pads(name, padding, x.shape[2:], kernel, steps, spread)
    axes = zip(x.shape[2:], kernel, steps, around, spread, more, strict=True)
    size = tuple((n - 1) * s + d * (k - 1) + 1 - low - high + m for n, k, s, (low, high), d, m in axes)
    if min(size) < 1:
        raise ShapeError(
            f"{name}: the padding {around} leaves nothing of the output {size} of x: {short(x)} and w: {short(w)}",
            "it has (W - 1) S + K - 2P + output_padding entries along each spatial axis.",
        )
    return _unbatched(conv_input(x, w, spatial=size, stride=steps, padding=around, dilation=spread, groups=groups), batched)


def conv1d(x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Convolution of sequences: as `conv2d`, over one spatial axis.

    Args:
        x: f[N, C, W] or f[C, W].
        w: f[O, C / groups, K].
        stride, padding, dilation, groups: see `conv2d`.

    Returns:
        f[N, O, (W - K + 2P) / S + 1], or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv1d
        >>> conv1d(np.array([[1.0, 2.0, 4.0, 7.0]]), np.array([[[-1.0, 1.0]]]))
        array([[1., 2., 3.]])
    """
    return _conv(1, x, w, stride, padding, dilation, groups)


def conv2d(x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Convolution of images with kernels: y[n, o, i, j] is the sum over c, a, b of w[o, c, a, b] * x[n, c, i S + a D - P, j S + b D - P].

    Args:
        x: images, f[N, C, H, W] or f[C, H, W], floating point (or complex).
        w: kernels, f[O, C / groups, KH, KW]; x and w are promoted as NumPy does.
        stride: S, an integer or one for each spatial axis.
        padding: P zeros on every side; an integer, one for each axis, pairs (low, high) for each axis, "valid" (none), or "same" (such that there are
            ceil(W / S) outputs, the odd zero behind).
        dilation: D, the distance of entries of x that meet neighbours of the kernel.
        groups: channels and outputs are cut into so many runs, each run of outputs seeing one run of channels; as many as channels is a depthwise convolution.

    Returns:
        f[N, O, (H - KH + 2P) / S + 1, (W - KW + 2P) / S + 1], rounded down, or without N as x.

    Raises:
        ShapeError: ranks or channels that do not fit, or a kernel larger than the padded images.
        DtypeError: images of integers.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv2d
        >>> x, w = np.ones((10, 3, 32, 32)), np.ones((8, 3, 5, 5))
        >>> conv2d(x, w, padding=2).shape, conv2d(x, w, stride=2).shape
        ((10, 8, 32, 32), (10, 8, 14, 14))
        >>> conv2d(x, w)[0, 0, 0, 0]
        np.float64(75.0)
    """
    return _conv(2, x, w, stride, padding, dilation, groups)


def conv3d(x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Convolution of volumes: as `conv2d`, over three spatial axes.

    Args:
        x: f[N, C, D, H, W] or f[C, D, H, W].
        w: f[O, C / groups, KD, KH, KW].
        stride, padding, dilation, groups: see `conv2d`.

    Returns:
        f[N, O, ...] with (W - K + 2P) / S + 1 entries along each spatial axis, or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv3d
        >>> conv3d(np.ones((2, 1, 4, 4, 4)), np.ones((5, 1, 3, 3, 3)), padding="same").shape
        (2, 5, 4, 4, 4)
    """
    return _conv(3, x, w, stride, padding, dilation, groups)


def conv1d_transpose(x: Any, w: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """The transpose of `conv1d`: as `conv2d_transpose`, over one spatial axis.

    Args:
        x: f[N, C, W] or f[C, W].
        w: f[C, O / groups, K].
        stride, padding, output_padding, dilation, groups: see `conv2d_transpose`.

    Returns:
        f[N, O, (W - 1) S + D (K - 1) + 1 - 2P + output_padding], or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv1d_transpose
        >>> conv1d_transpose(np.array([[1.0, 10.0]]), np.array([[[1.0, 2.0, 3.0]]]), stride=2)
        array([[ 1.,  2., 13., 20., 30.]])
    """
    return _transposed(1, x, w, stride, padding, output_padding, dilation, groups)


def conv2d_transpose(x: Any, w: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """The transpose of the linear map x -> conv2d(x, w): what takes the gradient of its output to that of its input, and images to larger ones.

    Args:
        x: f[N, C, H, W] or f[C, H, W].
        w: f[C, O / groups, KH, KW]: the kernel of the convolution from O to C channels that this is the transpose of, as in PyTorch.
        stride: S, an integer or one for each spatial axis; so are dilation and output_padding.
        padding: P, what the convolution pads with, and so what is cut off here: an integer, one for each axis, or pairs (low, high).
        output_padding: how many of the S sizes that the convolution would map to the size of x is meant: less than S, added to the smallest.
        groups: see `conv2d`.

    Returns:
        f[N, O, ...] with (W - 1) S + D (K - 1) + 1 - 2P + output_padding entries along each spatial axis, or without N as x.

    Raises:
        ShapeError: ranks or channels that do not fit, or more padding than there is output.
        DtypeError: images of integers.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv2d_transpose
        >>> conv2d_transpose(np.ones((1, 4, 7, 7)), np.ones((4, 2, 3, 3)), stride=2, padding=1, output_padding=1).shape
        (1, 2, 14, 14)
    """
    return _transposed(2, x, w, stride, padding, output_padding, dilation, groups)


def conv3d_transpose(x: Any, w: Any, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """The transpose of `conv3d`: as `conv2d_transpose`, over three spatial axes.

    Args:
        x: f[N, C, D, H, W] or f[C, D, H, W].
        w: f[C, O / groups, KD, KH, KW].
        stride, padding, output_padding, dilation, groups: see `conv2d_transpose`.

    Returns:
        f[N, O, ...] with (W - 1) S + D (K - 1) + 1 - 2P + output_padding entries along each spatial axis, or without N as x.

    Example:
        >>> import numpy as np
        >>> from fgrad.nn.convolution import conv3d_transpose
        >>> conv3d_transpose(np.ones((1, 4, 2, 2, 2)), np.ones((4, 1, 2, 2, 2)), stride=2).shape
        (1, 1, 4, 4, 4)
    """
    return _transposed(3, x, w, stride, padding, output_padding, dilation, groups)
