"""Arguments of the workloads: random numbers from a fixed seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return generator().normal(size=shape)


def layers(sizes: tuple[int, ...], dtype: type = np.float64) -> dict[str, np.ndarray]:
    """Weights w1, w2, ... and biases b1, b2, ... of a network of these widths."""
    rng = generator()
    params = {}
    for k, (a, b) in enumerate(pairwise(sizes), 1):
        params[f"w{k}"] = rng.normal(0, a**-0.5, (a, b)).astype(dtype)
        params[f"b{k}"] = rng.normal(0, 0.1, b).astype(dtype)
    return params


def one_hot(n: int, classes: int, dtype: type = np.float64) -> np.ndarray:
    return np.eye(classes, dtype=dtype)[generator().integers(0, classes, n)]
