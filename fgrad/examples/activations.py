"""Activation functions of lectures beside their derivatives by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad
from fgrad import nn


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[np.ndarray], np.ndarray]]] = {
    "sigmoid": (nn.sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    "tanh": (nn.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (nn.relu, lambda x: np.where(x > 0, 1.0, 0.0)),
    "leaky_relu": (nn.leaky_relu, lambda x: np.where(x > 0, 1.0, 0.01)),
    "elu": (nn.elu, lambda x: np.where(x > 0, 1.0, np.exp(x))),
    "softplus": (nn.softplus, _sigmoid),
    "silu": (nn.silu, lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x)))),
    "sin": (np.sin, np.cos),
}
"""Name: the function, and its derivative."""


def slopes(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """The derivative of a function of one number at each x: f[n]. (Elementwise functions have one tangent for all: no pass for each.)"""
    return fgrad.jvp(f, (x,), (np.ones_like(x),))[1]
