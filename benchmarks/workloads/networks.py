"""Networks: a training step of a perceptron with several layers, and a block of a transformer."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, STEP, Workload
from benchmarks.workloads.data import generator, layers, one_hot
from benchmarks.workloads.regression import cross_entropy, probabilities

GROUP = "networks"
LAYERS = (784, 256, 128, 10)
RATE = 0.1


def network_loss(lang: Language) -> Any:
    """The cross entropy of a network of tanh layers."""
    xp = lang.np

    def loss(p: dict[str, Any], x: Any, y: Any) -> Any:
        last = len(p) // 2
        for k in range(1, last):
            x = xp.tanh(x @ p[f"w{k}"] + p[f"b{k}"])
        return cross_entropy(xp, x @ p[f"w{last}"] + p[f"b{last}"], y)

    return loss


def train_step(lang: Language) -> Any:
    """A step of gradient descent: the loss, and the next parameters."""

    def step(p: dict[str, Any], x: Any, y: Any) -> Any:
        value, gradient = lang.value_and_grad(network_loss(lang))(p, x, y)  # type: ignore[misc]
        return value, {k: p[k] - RATE * gradient[k] for k in p}

    return step


def network_gradient(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple:
    last = len(p) // 2
    activations = [x]
    for k in range(1, last):
        activations.append(np.tanh(activations[-1] @ p[f"w{k}"] + p[f"b{k}"]))
    z = activations[-1] @ p[f"w{last}"] + p[f"b{last}"]
    slope, gradient = (probabilities(z) - y) / x.dtype.type(len(x)), {}
    for k in range(last, 0, -1):
        h = activations[k - 1]
        gradient[f"w{k}"], gradient[f"b{k}"] = h.T @ slope, np.sum(slope, axis=0)
        if k > 1:
            slope = (slope @ p[f"w{k}"].T) * (1 - h * h)
    return cross_entropy(np, z, y), gradient


def network_step(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple:
    value, gradient = network_gradient(p, x, y)
    return value, {k: p[k] - RATE * gradient[k] for k in p}


def network_inputs(batch: int, sizes: tuple[int, ...] = LAYERS, dtype: type = np.float64) -> tuple:
    images = generator().uniform(size=(batch, sizes[0])).astype(dtype)
    return layers(sizes, dtype), images, one_hot(batch, sizes[-1], dtype)


def attention_block(lang: Language, heads: int = 4) -> Any:
    """The mean square of x + attention(norm(x)), then of that + a network of it: a block of a transformer before its normalisation's scales."""
    xp = lang.np

    def norm(x: Any) -> Any:
        centred = x - xp.mean(x, axis=-1, keepdims=True)
        return centred / xp.sqrt(xp.mean(centred * centred, axis=-1, keepdims=True) + 1e-5)

    def split(x: Any) -> Any:
        batch, length, width = x.shape
        return xp.transpose(xp.reshape(x, (batch, length, heads, width // heads)), (0, 2, 1, 3))

    def attention(p: dict[str, Any], x: Any) -> Any:
        q, k, v = split(x @ p["q"]), split(x @ p["k"]), split(x @ p["v"])
        scores = q @ xp.swapaxes(k, -1, -2) / q.shape[-1] ** 0.5
        e = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True))
        mixed = (e / xp.sum(e, axis=-1, keepdims=True)) @ v
        return xp.reshape(xp.transpose(mixed, (0, 2, 1, 3)), x.shape) @ p["o"]

    def gelu(x: Any) -> Any:
        return 0.5 * x * (1.0 + xp.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))

    def loss(p: dict[str, Any], x: Any) -> Any:
        x = x + attention(p, norm(x))
        x = x + gelu(norm(x) @ p["up"]) @ p["down"]
        return xp.mean(x * x)

    return loss


def attention_inputs(batch: int, length: int, width: int) -> tuple:
    rng = generator()
    square = {name: rng.normal(0, width**-0.5, (width, width)) for name in "qkvo"}
    wide = {"up": rng.normal(0, width**-0.5, (width, 4 * width)), "down": rng.normal(0, (4 * width) ** -0.5, (4 * width, width))}
    return square | wide, rng.normal(size=(batch, length, width))


_SMALL = (5, 4, 3, 2)
_NAME = "network 784-256-128-10, batch 128, "
_HAND = {("NumPy", STEP): network_step}

WORKLOADS = (
    Workload(_NAME + "float64", GROUP, train_step, partial(network_inputs, 128), partial(network_inputs, 3, _SMALL), (STEP,), _HAND),
    Workload(
        _NAME + "float32", GROUP, train_step, partial(network_inputs, 128, dtype=np.float32), partial(network_inputs, 3, _SMALL, np.float32),
        (STEP,), _HAND, tolerance=1e-4,
    ),
    Workload(
        "attention block, 8 × 64 × 128, 4 heads", GROUP, attention_block, partial(attention_inputs, 8, 64, 128),
        partial(attention_inputs, 2, 3, 8), (GRADIENT,),
    ),
)  # fmt: skip
