"""AlexNet and VGG-16, the networks that won on ImageNet: 61 and 138 million parameters, in float32, for images f32[n, 3, 224, 224] or so.

AlexNet: Krizhevsky, Sutskever, Hinton, ImageNet classification with deep convolutional neural networks, 2012, its two halves as groups and without
response normalisation, which later networks left out. VGG-16: Simonyan, Zisserman, Very deep convolutional networks for large-scale
image recognition, 2014, configuration D.

    python -m fgrad.examples.imagenet
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad
from fgrad import nn

HE = nn.initializers.he_uniform()


def _conv(features: int, kernel: int, stride: int = 1, padding: int = 0, groups: int = 1) -> list[Any]:
    return [nn.conv(features, (kernel, kernel), stride, padding, groups=groups, w_init=HE), nn.relu]


def _pool(kernel: int, stride: int) -> list[Any]:
    return [lambda x: nn.max_pool2d(x, kernel, stride)]


def _classifier(classes: int) -> list[Any]:
    return [nn.flatten, nn.dense(4096, w_init=HE), nn.relu, nn.dense(4096, w_init=HE), nn.relu, nn.dense(classes, w_init=HE)]


def alexnet(classes: int = 1000) -> nn.Layer:
    """Five convolutions and three dense layers, for images f32[n, 3, 227, 227]."""
    return nn.serial(
        *_conv(96, 11, stride=4),  # [n, 96, 55, 55]
        *_pool(3, 2),  # [n, 96, 27, 27]
        *_conv(256, 5, padding=2, groups=2),
        *_pool(3, 2),  # [n, 256, 13, 13]
        *_conv(384, 3, padding=1),
        *_conv(384, 3, padding=1, groups=2),
        *_conv(256, 3, padding=1, groups=2),
        *_pool(3, 2),  # [n, 256, 6, 6]
        *_classifier(classes),
    )


def vgg16(classes: int = 1000) -> nn.Layer:
    """Thirteen convolutions of 3 x 3 and three dense layers, for images f32[n, 3, 224, 224]; each pooling halves the size."""
    blocks = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
    return nn.serial(
        *(layer for features, n in blocks for layer in [*_conv(features, 3, padding=1) * n, *_pool(2, 2)]), *_classifier(classes)
    )


MODELS = {"alexnet": (alexnet, (1, 3, 227, 227)), "vgg16": (vgg16, (1, 3, 224, 224))}
"""The networks, and the shape of one image."""


def shapes(model: nn.Layer, image: tuple[int, ...]) -> tuple[Any, Any]:
    """The types of parameters and scores, found without a number being computed."""
    x = fgrad.ShapeDtypeStruct(image, np.dtype(np.float32))
    params = fgrad.eval_shape(model.init, fgrad.random.key(0), x)
    return params, fgrad.eval_shape(model.apply, params, x)


def count(params: Any) -> int:
    """How many numbers there are in parameters, or in their types."""
    return sum(math.prod(leaf.shape) for leaf in fgrad.tree.leaves(params))


def loss(model: nn.Layer) -> Any:
    """The cross entropy of labels: a function of parameters, images and labels."""
    return lambda params, images, labels: np.mean(nn.softmax_cross_entropy(model.apply(params, images), labels))


def training_step(name: str) -> tuple[Callable[[Any], Any], Any]:
    """A compiled function of parameters that gives loss and gradient for one random image, and parameters."""
    build, shape = MODELS[name]
    model = build()
    params = model.init(fgrad.random.key(0), fgrad.ShapeDtypeStruct(shape, np.dtype(np.float32)))
    image, label = np.random.default_rng(0).normal(size=shape).astype(np.float32), np.array([7])
    step = fgrad.jit(fgrad.value_and_grad(loss(model)))
    return lambda params: step(params, image, label), params


def timed(f: Callable[..., Any], *args: Any) -> tuple[Any, float]:
    """The result, and the seconds it took."""
    start = time.perf_counter()
    found = f(*args)
    return found, time.perf_counter() - start


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=list(MODELS), help="alexnet, vgg16 (default: both)")
    for name in parser.parse_args(argv).names:
        step, params = training_step(name)
        first = timed(step, params)[1]
        (value, _), second = timed(step, params)
        print(f"{name}: {count(params):,} parameters, loss {value:.2f}, forward and backward {second:.2f} s (the first time {first:.2f} s)")


if __name__ == "__main__":
    main()
