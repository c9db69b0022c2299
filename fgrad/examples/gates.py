"""Gates and layers with a forward and a backward of one's own, as a lecture writes them, made differentiable functions by `custom_vjp`.

`forward` returns the output and what is to be remembered; `backward` gets that and the gradient of the output, and returns the gradient of
each input: the local derivative times what comes from above.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad


def gate(forward: Callable[..., tuple[Any, Any]], backward: Callable[[Any, Any], tuple]) -> Callable[..., Any]:
    """The function that `forward` computes, whose gradient is what `backward` says.

    Args:
        forward: `(*inputs) -> (output, remembered)`.
        backward: `(remembered, gradient of the output) -> (gradient of each input, ...)`.

    Example:
        >>> double = gate(lambda x: (2.0 * x, None), lambda _, gradient: (2.0 * gradient,))
        >>> float(fgrad.grad(double)(5.0))
        2.0
    """
    function = fgrad.custom_vjp(lambda *inputs: forward(*inputs)[0])
    function.defvjp(forward, backward)
    return function


class Multiply:
    """z = x y. Backward it swaps: each input's gradient is the other input times the gradient from above."""

    @staticmethod
    def forward(x: Any, y: Any) -> tuple[Any, Any]:
        return x * y, (x, y)

    @staticmethod
    def backward(remembered: Any, dz: Any) -> tuple:
        x, y = remembered
        return y * dz, x * dz


class MultiplyConstant:
    """z = c x, with a number c that is no input and has no gradient."""

    def __init__(self, c: float):
        self.c = c

    def forward(self, x: Any) -> tuple[Any, Any]:
        return self.c * x, None

    def backward(self, remembered: Any, dz: Any) -> tuple:
        return (self.c * dz,)


class Sigmoid:
    """y = 1 / (1 + exp(-x)), one gate where there could be four: its derivative is y (1 - y), so y is all it remembers."""

    @staticmethod
    def forward(x: Any) -> tuple[Any, Any]:
        y = 1.0 / (1.0 + np.exp(-x))
        return y, y

    @staticmethod
    def backward(y: Any, dy: Any) -> tuple:
        return (dy * y * (1.0 - y),)


multiply = gate(Multiply.forward, Multiply.backward)
sigmoid = gate(Sigmoid.forward, Sigmoid.backward)


def multiply_constant(c: float) -> Callable[[Any], Any]:
    """The gate that multiplies by c."""
    layer = MultiplyConstant(c)
    return gate(layer.forward, layer.backward)
