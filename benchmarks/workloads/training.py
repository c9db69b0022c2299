"""Training steps of networks, each library with its own layers: value, gradient, and parameters less a rate times it.

The programs of fgrad are `fgrad.nn` and `fgrad.optim`; those of JAX and PyTorch are what one writes there by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import STEP, Workload
from benchmarks.workloads.data import generator, layers
from fgrad import nn, optim

GROUP = "training"
RATE = 0.1

Params = dict[str, Any]


def stepped(lang: Language, loss: Callable[[Params, Any, Any], Any]) -> Callable:
    """A step of gradient descent."""

    def step(p: Params, x: Any, y: Any) -> tuple:
        value, gradient = lang.value_and_grad(loss)(p, x, y)  # type: ignore[misc]
        return value, {k: p[k] - RATE * gradient[k] for k in p}

    return step


# -- perceptrons with relu


def perceptron(lang: Language) -> Callable:
    optimizer = optim.sgd(RATE)

    def loss(p: Params, x: Any, y: Any) -> Any:
        last = len(p) // 2
        for k in range(1, last):
            x = nn.relu(x @ p[f"w{k}"] + p[f"b{k}"])
        return np.mean(nn.softmax_cross_entropy(x @ p[f"w{last}"] + p[f"b{last}"], y))

    return optimized(lang, loss, optimizer)


def optimized(lang: Language, loss: Callable[[Params, Any, Any], Any], optimizer: optim.GradientTransformation) -> Callable:
    """As `stepped`, by an optimiser without state."""

    def step(p: Params, x: Any, y: Any) -> tuple:
        value, gradient = lang.value_and_grad(loss)(p, x, y)  # type: ignore[misc]
        updates, _ = optimizer.update(gradient, optimizer.init(p), p)
        return value, optim.apply_updates(p, updates)

    return step


def jax_cross_entropy(logits: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


def jax_perceptron(lang: Language) -> Callable:
    import jax

    def loss(p: Params, x: Any, y: Any) -> Any:
        last = len(p) // 2
        for k in range(1, last):
            x = jax.nn.relu(x @ p[f"w{k}"] + p[f"b{k}"])
        return jax_cross_entropy(x @ p[f"w{last}"] + p[f"b{last}"], y)

    return stepped(lang, loss)


def torch_perceptron(lang: Language) -> Callable:
    import torch.nn.functional as f

    def loss(p: Params, x: Any, y: Any) -> Any:
        last = len(p) // 2
        for k in range(1, last):
            x = f.relu(f.linear(x, p[f"w{k}"].T, p[f"b{k}"]))
        return f.cross_entropy(f.linear(x, p[f"w{last}"].T, p[f"b{last}"]), y)

    return stepped(lang, loss)


def perceptron_inputs(batch: int, sizes: tuple[int, ...], dtype: type) -> tuple:
    rng = generator()
    return layers(sizes, dtype), rng.uniform(size=(batch, sizes[0])).astype(dtype), rng.integers(0, sizes[-1], batch)


# -- LeNet-5 with relu and max pooling (LeCun, Bottou, Bengio and Haffner, 1998)


def lenet(lang: Language) -> Callable:
    def loss(p: Params, x: Any, y: Any) -> Any:
        h = nn.max_pool2d(nn.relu(nn.conv2d(x, p["c1"], padding=2) + p["d1"][:, None, None]), 2)
        h = nn.flatten(nn.max_pool2d(nn.relu(nn.conv2d(h, p["c2"]) + p["d2"][:, None, None]), 2))
        h = nn.relu(h @ p["w1"] + p["b1"])
        h = nn.relu(h @ p["w2"] + p["b2"])
        return np.mean(nn.softmax_cross_entropy(h @ p["w3"] + p["b3"], y))

    return optimized(lang, loss, optim.sgd(RATE))


def jax_lenet(lang: Language) -> Callable:
    import jax
    import jax.numpy as jnp
    from jax import lax

    def conv(x: Any, w: Any, b: Any, padding: int) -> Any:
        return lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2) + b[:, None, None]

    def pool(x: Any) -> Any:
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(p: Params, x: Any, y: Any) -> Any:
        h = pool(jax.nn.relu(conv(x, p["c1"], p["d1"], 2)))
        h = pool(jax.nn.relu(conv(h, p["c2"], p["d2"], 0)))
        h = jax.nn.relu(h.reshape(len(h), -1) @ p["w1"] + p["b1"])
        h = jax.nn.relu(h @ p["w2"] + p["b2"])
        return jax_cross_entropy(h @ p["w3"] + p["b3"], y)

    return stepped(lang, loss)


def torch_lenet(lang: Language) -> Callable:
    import torch.nn.functional as f

    def loss(p: Params, x: Any, y: Any) -> Any:
        h = f.max_pool2d(f.relu(f.conv2d(x, p["c1"], p["d1"], padding=2)), 2)
        h = f.max_pool2d(f.relu(f.conv2d(h, p["c2"], p["d2"])), 2)
        h = f.relu(f.linear(h.flatten(1), p["w1"].T, p["b1"]))
        h = f.relu(f.linear(h, p["w2"].T, p["b2"]))
        return f.cross_entropy(f.linear(h, p["w3"].T, p["b3"]), y)

    return stepped(lang, loss)


def lenet_inputs(batch: int, dtype: type) -> tuple:
    rng = generator()
    kernels = {"c1": (6, 1, 5, 5), "c2": (16, 6, 5, 5)}
    p = {k: rng.normal(0, np.prod(s[1:]) ** -0.5, s).astype(dtype) for k, s in kernels.items()}
    p |= {"d1": np.zeros(6, dtype), "d2": np.zeros(16, dtype)}
    return p | layers((400, 120, 84, 10), dtype), rng.uniform(size=(batch, 1, 28, 28)).astype(dtype), rng.integers(0, 10, batch)


def _workload(name: str, texts: tuple[Callable, Callable, Callable], inputs: Callable, tiny: Callable, dtype: type) -> Workload:
    ours, *others = texts
    instead = {library: lambda args, text=text: text for library, text in zip(("JAX", "torch"), others, strict=True)}
    return Workload(
        f"{name}, {np.dtype(dtype).name}", GROUP, ours, partial(inputs, dtype=dtype), partial(tiny, dtype=dtype), (STEP,),
        rivals=("JAX", "torch"), instead=instead, tolerance=1e-9 if dtype == np.float64 else 2e-4,
    )  # fmt: skip


_PERCEPTRON, _LENET = (perceptron, jax_perceptron, torch_perceptron), (lenet, jax_lenet, torch_lenet)
_TINY = partial(perceptron_inputs, 3, (5, 4, 3))

WORKLOADS = tuple(
    _workload(name, texts, inputs, tiny, dtype)
    for name, texts, inputs, tiny in (
        ("perceptron 784-256-10, batch 128", _PERCEPTRON, partial(perceptron_inputs, 128, (784, 256, 10)), _TINY),
        ("perceptron 784-16-16-10, batch 128", _PERCEPTRON, partial(perceptron_inputs, 128, (784, 16, 16, 10)), _TINY),
        ("LeNet, batch 64", _LENET, partial(lenet_inputs, 64), partial(lenet_inputs, 2)),
    )
    for dtype in (np.float32, np.float64)
)
