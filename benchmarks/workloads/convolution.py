"""Single layers of convolution and pooling of well-known networks, forward and backward: gradients with respect to images and kernels.

In PyTorch as run eagerly, in fgrad and JAX compiled. The shapes are those of LeNet-5 (LeCun and others, 1998), VGG-16 (Simonyan and
Zisserman, 2015) and MobileNet (Howard and others, 2017).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, Workload
from benchmarks.workloads.data import generator
from fgrad import nn

GROUP = "convolution"


@dataclass(frozen=True)
class Shape:
    """A convolution of `images` of `channels` and size x size entries, to `outputs`, by kernels of kernel x kernel."""

    images: int
    channels: int
    size: int
    outputs: int
    kernel: int
    padding: int = 0
    stride: int = 1
    groups: int = 1


def ours(lang: Language, shape: Shape) -> Callable:
    return lambda x, w: nn.conv2d(x, w, shape.stride, shape.padding, groups=x.shape[1] // w.shape[1])


def jax_conv(lang: Language, shape: Shape) -> Callable:
    from jax import lax

    padding = [(shape.padding, shape.padding)] * 2
    return lambda x, w: lax.conv_general_dilated(x, w, (shape.stride,) * 2, padding, feature_group_count=x.shape[1] // w.shape[1])


def torch_conv(lang: Language, shape: Shape) -> Callable:
    import torch.nn.functional as f

    return lambda x, w: f.conv2d(x, w, stride=shape.stride, padding=shape.padding, groups=x.shape[1] // w.shape[1])


def layer(conv: Callable[[Language, Shape], Callable], shape: Shape) -> Callable[[Language], Callable]:
    """The sum of the layer's outputs times numbers, whose gradients are the layer's transposes of them."""

    def text(lang: Language) -> Callable:
        f = conv(lang, shape)
        return lambda p, ct: lang.np.sum(f(p["x"], p["w"]) * ct)

    return text


def layer_inputs(shape: Shape, dtype: type) -> tuple:
    rng = generator()
    side = (shape.size - shape.kernel + 2 * shape.padding) // shape.stride + 1
    sizes = {
        "x": (shape.images, shape.channels, shape.size, shape.size),
        "w": (shape.outputs, shape.channels // shape.groups, shape.kernel, shape.kernel),
    }
    ct = rng.normal(size=(shape.images, shape.outputs, side, side)).astype(dtype)
    return {k: rng.normal(0, 1 if k == "x" else 0.1, s).astype(dtype) for k, s in sizes.items()}, ct


def layer_workload(name: str, shape: Shape, dtype: type = np.float32) -> Workload:
    tiny = Shape(
        2, min(shape.channels, 4), 6 + shape.kernel, min(shape.outputs, 4), shape.kernel, shape.padding, shape.stride, min(shape.groups, 4)
    )
    instead = {library: lambda args, conv=conv: layer(conv, shape) for library, conv in (("JAX", jax_conv), ("torch", torch_conv))}
    return Workload(
        f"{name}, {np.dtype(dtype).name}", GROUP, layer(ours, shape), partial(layer_inputs, shape, dtype), partial(layer_inputs, tiny, dtype), (GRADIENT,),
        rivals=("JAX", "torch"), instead=instead, tolerance=1e-9 if dtype == np.float64 else 1e-4,
    )  # fmt: skip


SHAPES = {
    "LeNet 1 to 6, 5x5 on 28, batch 64": Shape(64, 1, 28, 6, 5, 2),
    "LeNet 6 to 16, 5x5 on 14, batch 64": Shape(64, 6, 14, 16, 5),
    "VGG 3 to 64, 3x3 on 224": Shape(1, 3, 224, 64, 3, 1),
    "VGG 64 to 64, 3x3 on 224": Shape(1, 64, 224, 64, 3, 1),
    "VGG 128 to 128, 3x3 on 112": Shape(1, 128, 112, 128, 3, 1),
    "64 to 64, 3x3 on 56, batch 8": Shape(8, 64, 56, 64, 3, 1),
    "VGG 256 to 256, 3x3 on 56": Shape(1, 256, 56, 256, 3, 1),
    "VGG 512 to 512, 3x3 on 28": Shape(1, 512, 28, 512, 3, 1),
    "VGG 512 to 512, 3x3 on 14": Shape(1, 512, 14, 512, 3, 1),
    "stride 2: 64 to 128, 3x3 on 56, batch 8": Shape(8, 64, 56, 128, 3, 1, 2),
    "depthwise: 64, 3x3 on 56, batch 8": Shape(8, 64, 56, 64, 3, 1, groups=64),
    "1x1: 64 to 256 on 56, batch 8": Shape(8, 64, 56, 256, 1),
}


# -- max pooling


def pool_text(lang: Language) -> Callable:
    return lambda x, ct: lang.np.sum(nn.max_pool2d(x, 2) * ct)


def jax_pool(lang: Language) -> Callable:
    import jax.numpy as jnp
    from jax import lax

    return lambda x, ct: jnp.sum(lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID") * ct)


def torch_pool(lang: Language) -> Callable:
    import torch.nn.functional as f

    return lambda x, ct: (f.max_pool2d(x, 2) * ct).sum()


def pool_inputs(images: int, channels: int, size: int) -> tuple:
    rng = generator()
    return tuple(rng.normal(size=(images, channels, n, n)).astype(np.float32) for n in (size, size // 2))


WORKLOADS = (
    *(layer_workload(name, shape) for name, shape in SHAPES.items()),
    layer_workload("64 to 64, 3x3 on 56, batch 8", SHAPES["64 to 64, 3x3 on 56, batch 8"], np.float64),
    Workload(
        "max pooling 2x2: 64 channels of 112, batch 8, float32", GROUP, pool_text, partial(pool_inputs, 8, 64, 112), partial(pool_inputs, 2, 3, 6), (GRADIENT,),
        rivals=("JAX", "torch"), instead={"JAX": lambda args: jax_pool, "torch": lambda args: torch_pool}, tolerance=1e-4,
    ),
)  # fmt: skip
