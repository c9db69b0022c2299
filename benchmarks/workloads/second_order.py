"""Second derivatives, and a gradient for each example."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import HESSIAN, HVP, PER_EXAMPLE, Workload
from benchmarks.workloads.data import normal
from benchmarks.workloads.elementwise import rosenbrock
from benchmarks.workloads.networks import LAYERS, network_inputs, network_loss
from benchmarks.workloads.regression import PENALTY, logistic, logistic_inputs, probabilities, sigmoid

GROUP = "second order"


def logistic_hessian(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    s = sigmoid(x @ w)
    return (x.T * (s * (1.0 - s) / len(y))) @ x + 2 * PENALTY * np.eye(len(w))


def rosenbrock_hessian(x: np.ndarray) -> np.ndarray:
    diagonal = np.zeros_like(x)
    diagonal[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    diagonal[1:] += 200.0
    beside = -400.0 * x[:-1]
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


def rosenbrock_hvp(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    out = np.zeros_like(x)
    out[:-1] = (1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0) * v[:-1] - 400.0 * x[:-1] * v[1:]
    out[1:] += 200.0 * v[1:] - 400.0 * x[:-1] * v[:-1]
    return out


def direction(make: Any, *args: Any) -> tuple:
    """Parameters, a vector of their shape, and the data."""
    p, *data = make(*args)
    vector = {k: normal(*v.shape) for k, v in p.items()} if isinstance(p, dict) else normal(*p.shape)
    return p, vector, *data


def single_loss(lang: Language) -> Any:
    """The loss of one example."""
    loss = network_loss(lang)
    return lambda p, x, y: loss(p, x[None, :], y[None, :])


def single_gradients(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, np.ndarray]:
    """Of a network with one hidden layer."""
    h = np.tanh(x @ p["w1"] + p["b1"])
    out = probabilities(h @ p["w2"] + p["b2"]) - y
    hidden = (out @ p["w2"].T) * (1.0 - h * h)
    return {"w1": x[:, :, None] * hidden[:, None, :], "b1": hidden, "w2": h[:, :, None] * out[:, None, :], "b2": out}


WORKLOADS = (
    Workload(
        "logistic regression, 10³ × 20", GROUP, logistic, lambda: logistic_inputs(1000, 20), lambda: logistic_inputs(6, 3), (HESSIAN,),
        {("NumPy", HESSIAN): logistic_hessian},
    ),
    Workload(
        "Rosenbrock, 100", GROUP, rosenbrock, lambda: (normal(100),), lambda: (normal(4),), (HESSIAN,), {("NumPy", HESSIAN): rosenbrock_hessian}
    ),
    Workload(
        "Rosenbrock, 10⁶", GROUP, rosenbrock, lambda: tuple(normal(2, 10**6)), lambda: tuple(normal(2, 4)), (HVP,), {("NumPy", HVP): rosenbrock_hvp}
    ),
    Workload(
        "network 784-256-128-10, batch 128", GROUP, network_loss, partial(direction, network_inputs, 128, LAYERS),
        partial(direction, network_inputs, 3, (4, 3, 2)), (HVP,), rivals=("JAX", "torch"),
    ),
    Workload(
        "network 100-64-10, 128 examples", GROUP, single_loss, partial(network_inputs, 128, (100, 64, 10)),
        partial(network_inputs, 3, (4, 3, 2)), (PER_EXAMPLE,), {("NumPy", PER_EXAMPLE): single_gradients},
    ),
)  # fmt: skip
