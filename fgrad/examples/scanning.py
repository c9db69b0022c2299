"""A detector that scans: the same small network at every place, so that it finds a pattern wherever that is.

Parameters that are shared are copies that must stay equal; the gradient with respect to what is shared is the sum over the copies. A
convolution is this scan written as one operation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import fgrad
from fgrad import nn, optim

CROSS = np.array([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])

Params = dict[str, Any]


def pattern_at(places: list[tuple[int, int]], size: int = 12) -> np.ndarray:
    """An image f[size, size] with a cross whose upper left corner is at each place."""
    image = np.zeros((size, size))
    for i, j in places:
        image[i : i + 3, j : j + 3] += CROSS
    return image


def examples(n: int, columns: tuple[int, int] = (0, 10), size: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Images f[n, size, size] with noise, every other one with a cross, its left edge in one of the columns, and whether there is one f[n]."""
    rng = np.random.default_rng(seed)
    images, labels = rng.normal(0, 0.3, (n, size, size)), np.arange(n) % 2.0
    for k in range(1, n, 2):
        images[k] += pattern_at([(int(rng.integers(size - 2)), int(rng.integers(*columns)))], size)
    return images, labels


def init(seed: int = 0, hidden: int = 4) -> Params:
    """A network of 9 inputs, a hidden layer and one score."""
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(0, 1 / 3, (hidden, 9)), "b": np.zeros(hidden), "v": rng.normal(0, hidden**-0.5, hidden), "c": np.zeros(())}


def score(params: Params, window: Any) -> Any:
    """How much windows f[..., 9] look like the pattern: f[...]."""
    return nn.relu(window @ params["w"].T + params["b"]) @ params["v"] + params["c"]


def windows(image: np.ndarray) -> np.ndarray:
    """Every 3 x 3 window of an image f[h, w] as a row: f[(h - 2) * (w - 2), 9]."""
    return sliding_window_view(image, (3, 3)).reshape(-1, 9)


def scan_copies(copies: Params, image: np.ndarray) -> Any:
    """The scores f[places] of a network of its own at each place: parameters with the places along a first axis."""
    each = zip(windows(image), *(copies[name] for name in ("w", "b", "v", "c")), strict=True)
    return np.stack([nn.relu(w @ window + b) @ v + c for window, w, b, v, c in each])


def scan_map(params: Params, images: Any) -> Any:
    """The scores f[n, h - 2, w - 2] of one network at each place of images f[n, h, w], by convolution."""
    w = params["w"].reshape(-1, 1, 3, 3)
    hidden = nn.relu(nn.conv2d(images[:, None], w) + params["b"][:, None, None])
    return nn.conv2d(hidden, params["v"].reshape(1, -1, 1, 1))[:, 0] + params["c"]


def loss(params: Params, images: Any, labels: Any) -> Any:
    """The cross entropy of "there is a pattern somewhere": the place with the highest score speaks for the image."""
    best = np.max(scan_map(params, images), axis=(1, 2))
    return np.mean(nn.sigmoid_cross_entropy(best, labels))


def accuracy(params: Params, images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean((np.max(scan_map(params, images), axis=(1, 2)) > 0) == labels))


def train(images: np.ndarray, labels: np.ndarray, epochs: int = 60) -> optim.FitResult:
    """A detector that tells these images apart."""
    return optim.fit(loss, init(), (images, labels), optim.adam(0.02), epochs=epochs, batch_size=20, key=fgrad.random.key(0))
