"""Likelihoods: a mixture of normals, and a Gaussian process."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, Workload
from benchmarks.workloads.data import generator

GROUP = "probability"

# -- a mixture of normals with diagonal covariances


def log_normalised(xp: Any, x: Any, axis: int) -> Any:
    """log(sum(exp(x))) along an axis, that stays."""
    top = xp.max(x, axis=axis, keepdims=True)
    return xp.log(xp.sum(xp.exp(x - top), axis=axis, keepdims=True)) + top


def mixture(lang: Language) -> Any:
    xp = lang.np

    def log_likelihood(p: dict[str, Any], x: Any) -> Any:
        z = (x[:, None, :] - p["mean"]) * xp.exp(-p["scale"])
        logs = -0.5 * xp.sum(z * z, axis=-1) - xp.sum(p["scale"], axis=-1) + p["weight"]
        constant = 0.5 * x.shape[1] * math.log(2.0 * math.pi)
        return xp.sum(log_normalised(xp, logs, 1)) - x.shape[0] * (xp.sum(log_normalised(xp, p["weight"], 0)) + constant)

    return log_likelihood


def mixture_gradient(p: dict[str, np.ndarray], x: np.ndarray) -> tuple:
    precision = np.exp(-p["scale"])
    z = (x[:, None, :] - p["mean"]) * precision
    logs = -0.5 * np.sum(z * z, axis=-1) - np.sum(p["scale"], axis=-1) + p["weight"]
    totals, weights = log_normalised(np, logs, 1), log_normalised(np, p["weight"], 0)
    belongs = np.exp(logs - totals)
    value = np.sum(totals) - len(x) * (weights[0] + 0.5 * x.shape[1] * math.log(2.0 * math.pi))
    gradient = {
        "mean": np.einsum("nk,nkd->kd", belongs, z) * precision,
        "scale": np.einsum("nk,nkd->kd", belongs, z * z - 1.0),
        "weight": np.sum(belongs, axis=0) - len(x) * np.exp(p["weight"] - weights),
    }
    return value, gradient


def mixture_inputs(n: int, components: int, dimensions: int) -> tuple:
    rng = generator()
    p = {
        "mean": rng.normal(size=(components, dimensions)),
        "scale": 0.1 * rng.normal(size=(components, dimensions)),
        "weight": rng.normal(size=components),
    }
    return p, rng.normal(size=(n, dimensions))


# -- a Gaussian process


def gaussian_process(lang: Language) -> Any:
    """The negative log likelihood of observations, in the logarithms of the kernel's amplitude and length and of the noise."""
    xp = lang.np

    def loss(p: dict[str, Any], x: Any, y: Any, identity: Any) -> Any:
        squares = xp.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=-1) * xp.exp(-2.0 * p["length"])
        root = xp.linalg.cholesky(xp.exp(2.0 * p["amplitude"] - 0.5 * squares) + xp.exp(2.0 * p["noise"]) * identity)
        z = xp.linalg.solve(root, y)
        return 0.5 * xp.sum(z * z) + xp.sum(xp.log(xp.diagonal(root))) + 0.5 * y.shape[0] * math.log(2.0 * math.pi)

    return loss


def gaussian_process_gradient(p: dict[str, Any], x: np.ndarray, y: np.ndarray, identity: np.ndarray) -> tuple:
    """Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equation 5.9."""
    squares = np.sum((x[:, None, :] - x[None, :, :]) ** 2, axis=-1) * np.exp(-2.0 * p["length"])
    kernel = np.exp(2.0 * p["amplitude"] - 0.5 * squares)
    covariance = kernel + np.exp(2.0 * p["noise"]) * identity
    inverse = np.linalg.inv(covariance)
    a = inverse @ y
    slope = 0.5 * (inverse - np.outer(a, a))
    gradient = {
        "amplitude": 2.0 * np.sum(slope * kernel),
        "length": np.sum(slope * kernel * squares),
        "noise": 2.0 * np.exp(2.0 * p["noise"]) * np.trace(slope),
    }
    return 0.5 * y @ a + 0.5 * np.linalg.slogdet(covariance)[1] + 0.5 * len(y) * math.log(2.0 * math.pi), gradient


def gaussian_process_inputs(n: int, dimensions: int) -> tuple:
    rng = generator()
    x = rng.uniform(size=(n, dimensions))
    y = np.sin(3.0 * np.sum(x, axis=1)) + 0.1 * rng.normal(size=n)
    return {"amplitude": np.float64(0.1), "length": np.float64(-0.7), "noise": np.float64(-2.0)}, x, y, np.eye(n)


WORKLOADS = (
    Workload(
        "mixture of normals, 2000 × 10 × 8", GROUP, mixture, lambda: mixture_inputs(2000, 10, 8), lambda: mixture_inputs(5, 3, 2),
        (GRADIENT,), {("NumPy", GRADIENT): mixture_gradient},
    ),
    Workload(
        "Gaussian process, 300 points", GROUP, gaussian_process, lambda: gaussian_process_inputs(300, 3), lambda: gaussian_process_inputs(5, 2),
        (GRADIENT,), {("NumPy", GRADIENT): gaussian_process_gradient}, rivals=("JAX", "torch"), tolerance=1e-8,
    ),
)  # fmt: skip
