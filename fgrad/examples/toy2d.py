"""Points in the plane that no line separates, a small network that separates them, and what its hidden layers make of the plane.

The last hidden layer has two units, so it can be drawn: training bends the plane until a straight line cuts the classes apart.

    python -m fgrad.examples.toy2d
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import fgrad
from fgrad import nn, optim

Params = list[dict[str, Any]]


def circle(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points f[n, 2] inside of a disc, and on a ring around it; their class, 0 or 1."""
    labels = np.arange(n) % 2
    radius = np.where(labels == 0, 0.5 * np.sqrt(rng.uniform(size=n)), rng.uniform(0.8, 1.1, n))
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels


def spiral(n: int, rng: np.random.Generator, turns: float = 1.25) -> tuple[np.ndarray, np.ndarray]:
    """Points f[n, 2] on two arms wound into each other; their class, 0 or 1."""
    labels = np.arange(n) % 2
    radius = np.sqrt(rng.uniform(0.01, 1, n))
    angle = 2 * np.pi * turns * radius + np.pi * labels + rng.normal(0, 0.08, n)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), labels


def init(widths: tuple[int, ...], seed: int = 0) -> Params:
    """Weights f[inputs, outputs] and biases f[outputs] of each layer."""
    keys = fgrad.random.split(fgrad.random.key(seed), len(widths) - 1)
    glorot = nn.initializers.glorot_normal()
    return [{"w": glorot(key, shape), "b": np.zeros(shape[1])} for key, shape in zip(keys, pairwise(widths), strict=True)]


def hidden(params: Params, x: Any) -> Any:
    """Where the last hidden layer puts points f[n, 2]: f[n, units]."""
    for layer in params[:-1]:
        x = nn.tanh(x @ layer["w"] + layer["b"])
    return x


def score(params: Params, x: Any) -> Any:
    """Positive for class 1: f[n]."""
    return (hidden(params, x) @ params[-1]["w"] + params[-1]["b"])[:, 0]


def loss(params: Params, x: Any, labels: Any) -> Any:
    return np.mean(nn.sigmoid_cross_entropy(score(params, x), labels))


def accuracy(params: Params, x: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean((score(params, x) > 0) == labels))


def train(data: tuple[np.ndarray, np.ndarray], widths: tuple[int, ...], epochs: int = 300, seed: int = 0) -> optim.FitResult:
    """A network that tells the points apart."""
    return optim.fit(
        loss, init(widths, seed), data, optim.adamw(0.01, weight_decay=0.03), epochs=epochs, batch_size=50, key=fgrad.random.key(seed)
    )


def main() -> None:
    for shape, widths in ((circle, (2, 8, 2, 1)), (spiral, (2, 16, 16, 2, 1))):
        rng = np.random.default_rng(0)
        params, _, history, _ = train(shape(400, rng), widths)
        found = accuracy(params, *shape(1000, rng))
        print(f"{shape.__name__}: cost {history['loss'][0]:.3f} -> {history['loss'][-1]:.4f}; accuracy {found:.3f} on new points")


if __name__ == "__main__":
    main()
