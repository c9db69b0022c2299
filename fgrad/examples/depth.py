"""Vanishing and exploding gradients: what becomes of a gradient on its way back through many layers, by activation and initialisation.

A layer multiplies the gradient with its Jacobian, the weights times the activation's slopes. Where the Jacobians' norms are less than 1 the product
vanishes, where they are more it explodes, and it stays where the variance of the weights fits the activation: 1/n for tanh (Glorot and
Bengio, 2010), 2/n for ReLU, which lets half of the signal through (He, Zhang, Ren and Sun, 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad
from fgrad import nn

SCHEMES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "sigmoid, Xavier": (nn.sigmoid, nn.initializers.glorot_normal()),
    "tanh, Xavier": (nn.tanh, nn.initializers.glorot_normal()),
    "tanh, 0.01": (nn.tanh, nn.initializers.normal(0.01)),
    "ReLU, Xavier": (nn.relu, nn.initializers.glorot_normal()),
    "ReLU, He": (nn.relu, nn.initializers.he_normal()),
    "ReLU, four times He's variance": (nn.relu, nn.initializers.variance_scaling(8.0, "fan_in", "normal")),
}
"""Name: the activation, and the initialiser of the weights."""


def init(initializer: Any, depth: int, width: int, seed: int = 0) -> list[Any]:
    """Square weights f[width, width] for each layer."""
    return [initializer(key, (width, width)) for key in fgrad.random.split(fgrad.random.key(seed), depth)]


def every_layer(activation: Callable[[Any], Any], weights: Sequence[Any], x: Any, nudges: Sequence[Any] | None = None) -> list[Any]:
    """The activations of each layer, of examples x f[..., width]; a nudge is added to what a layer gives."""
    found = []
    for k, w in enumerate(weights):
        x = activation(x @ w)
        x = x if nudges is None else x + nudges[k]
        found.append(x)
    return found


def gradient_norms(activation: Callable[[Any], Any], weights: list[Any], x: np.ndarray, seed: int = 0) -> np.ndarray:
    """The norm of the gradient that reaches each layer's output, the first layer's first: f[depth]. The cost is a random direction of the last output."""
    direction = np.random.default_rng(seed).normal(size=x.shape)
    cost = lambda nudges: np.sum(every_layer(activation, weights, x, nudges)[-1] * direction)
    return np.array([np.linalg.norm(g) for g in fgrad.grad(cost)([np.zeros_like(x)] * len(weights))])


def spectral_norms(activation: Callable[[Any], Any], weights: list[Any], x: np.ndarray) -> np.ndarray:
    """The spectral norm of the Jacobian of the first k layers at one input f[width], for k = 1, ..., depth."""
    return np.array([np.linalg.norm(jacobian, 2) for jacobian in fgrad.jacfwd(lambda x: every_layer(activation, weights, x))(x)])
