"""Regressions: a matrix product, something elementwise, a mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, Workload
from benchmarks.workloads.data import normal, one_hot

GROUP = "regression"
PENALTY = 0.01


def logistic(lang: Language) -> Any:
    """y is 1 or -1."""
    xp = lang.np
    return lambda w, x, y: xp.mean(xp.logaddexp(0.0, -y * (x @ w))) + PENALTY * xp.sum(w * w)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 0.5 * np.tanh(0.5 * z) + 0.5


def logistic_gradient(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple:
    z = -y * (x @ w)
    slope = -y * sigmoid(z) / len(y)
    return np.mean(np.logaddexp(0.0, z)) + PENALTY * np.sum(w * w), x.T @ slope + 2 * PENALTY * w


def logistic_inputs(n: int, features: int) -> tuple:
    drawn = normal(n + 1, features)
    w, x = drawn[0], drawn[1:]
    return 0.1 * w, x, np.sign(x @ w + normal(n))


def cross_entropy(xp: Any, z: Any, y: Any) -> Any:
    """The mean cross entropy of logits z with one-hot targets y."""
    z = z - xp.max(z, axis=1, keepdims=True)
    return xp.mean(xp.log(xp.sum(xp.exp(z), axis=1)) - xp.sum(z * y, axis=1))


def softmax(lang: Language) -> Any:
    xp = lang.np
    return lambda p, x, y: cross_entropy(xp, x @ p["w1"] + p["b1"], y) + PENALTY * xp.sum(p["w1"] * p["w1"])


def probabilities(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def softmax_gradient(p: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple:
    z = x @ p["w1"] + p["b1"]
    slope = (probabilities(z) - y) / len(y)
    value = cross_entropy(np, z, y) + PENALTY * np.sum(p["w1"] * p["w1"])
    return value, {"w1": x.T @ slope + 2 * PENALTY * p["w1"], "b1": np.sum(slope, axis=0)}


def softmax_inputs(n: int, features: int, classes: int) -> tuple:
    drawn = normal(n + classes, features)
    return {"w1": 0.1 * drawn[:classes].T.copy(), "b1": np.zeros(classes)}, drawn[classes:], one_hot(n, classes)


_LOGISTIC = {("NumPy", GRADIENT): logistic_gradient}
_SOFTMAX = {("NumPy", GRADIENT): softmax_gradient}
ONLY = (GRADIENT,)

WORKLOADS = (
    Workload(
        "logistic regression, 10³ × 20", GROUP, logistic, lambda: logistic_inputs(1000, 20), lambda: logistic_inputs(6, 3), ONLY, _LOGISTIC
    ),
    Workload(
        "logistic regression, 10⁴ × 50", GROUP, logistic, lambda: logistic_inputs(10**4, 50), lambda: logistic_inputs(5, 2), ONLY, _LOGISTIC
    ),
    Workload(
        "softmax regression, 10³ × 20, 5 classes", GROUP, softmax, lambda: softmax_inputs(1000, 20, 5), lambda: softmax_inputs(6, 3, 2), ONLY, _SOFTMAX
    ),
    Workload(
        "softmax regression, 10⁴ × 50, 10 classes", GROUP, softmax, lambda: softmax_inputs(10**4, 50, 10), lambda: softmax_inputs(5, 4, 3), ONLY, _SOFTMAX,
    ),
)  # fmt: skip
