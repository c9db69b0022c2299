"""Programs of a given number of equations, which alternate between loops over a matrix and reductions of it.

Each block is different from the others, so that none can be compiled by looking up another. Imports NumPy only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.languages import Language

SHAPE = (64, 48)
BLOCK = 12
"""Equations of a block, about."""

_UNARY: tuple[Callable[[Any, Any], Any], ...] = (
    lambda xp, x: xp.sin(x),
    lambda xp, x: xp.cos(x),
    lambda xp, x: xp.tanh(x),
    lambda xp, x: xp.arctan(x),
    lambda xp, x: xp.exp(-xp.abs(x)),
    lambda xp, x: xp.sqrt(x * x + 1.0),
    lambda xp, x: xp.log1p(x * x),
    lambda xp, x: xp.maximum(x, 0.1 * x),
)


def generated(equations: int) -> Callable[[Language], Callable]:
    """A scalar function of a matrix in about so many equations, the same at every call."""
    blocks = max(1, round(equations / BLOCK))

    def text(lang: Language) -> Callable:
        xp = lang.np

        def f(x: Any) -> Any:
            draw = random.Random(equations)
            for _ in range(blocks):
                first, second = draw.sample(_UNARY, 2)
                y = first(xp, x * draw.uniform(0.5, 1.5) + draw.uniform(-0.5, 0.5))
                z = second(xp, y) * x
                middle = xp.mean(z, axis=draw.randrange(2), keepdims=True)
                x = z - middle * y if draw.random() < 0.5 else y / (1.0 + middle * middle)
            return xp.sum(x)

        return f

    return text


def matrix() -> tuple:
    return (np.random.default_rng(0).normal(size=SHAPE),)
