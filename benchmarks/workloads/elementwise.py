"""Elementwise programs with a sum at the end: what fusion is for. The time of a gradient over that of its function is taken from these."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from numba import prange

from benchmarks.by_hand import threaded
from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, VALUE, Workload
from benchmarks.workloads.data import generator, normal

GROUP = "elementwise"

# -- Rosenbrock


def rosenbrock(lang: Language) -> Any:
    return lambda x: lang.np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_gradient(x: np.ndarray) -> tuple:
    a, b = x[1:] - x[:-1] ** 2, 1.0 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[1:] = 200.0 * a
    gradient[:-1] -= 400.0 * a * x[:-1] + 2.0 * b
    return np.sum(100.0 * a**2 + b**2), gradient


@threaded
def rosenbrock_numba(x):
    total = 0.0
    for i in prange(x.size - 1):
        a, b = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        total += 100.0 * a * a + b * b
    return total


@threaded
def rosenbrock_gradient_numba(x):
    total, gradient, last = 0.0, np.empty_like(x), x.size - 1
    a, b = x[1] - x[0] * x[0], 1.0 - x[0]
    gradient[0] = -400.0 * a * x[0] - 2.0 * b
    total = 100.0 * a * a + b * b
    for i in prange(1, last):
        a, b = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        gradient[i] = 200.0 * (x[i] - x[i - 1] * x[i - 1]) - 400.0 * a * x[i] - 2.0 * b
        total += 100.0 * a * a + b * b
    gradient[last] = 200.0 * (x[last] - x[last - 1] * x[last - 1])
    return total, gradient


# -- Black-Scholes

RATE = 0.03


def black_scholes(lang: Language) -> Any:
    """The value of a portfolio of calls; its gradient is the delta, the vega and the theta (with the other sign) of each."""
    xp, erf = lang.np, lang.special.erf

    def cdf(x: Any) -> Any:
        return 0.5 * (1.0 + erf(x * math.sqrt(0.5)))

    def value(p: dict[str, Any], strike: Any) -> Any:
        s, v, t = p["spot"], p["volatility"], p["maturity"]
        spread = v * xp.sqrt(t)
        d1 = (xp.log(s / strike) + (RATE + 0.5 * v * v) * t) / spread
        return xp.sum(s * cdf(d1) - strike * xp.exp(-RATE * t) * cdf(d1 - spread))

    return value


def options(n: int) -> tuple:
    rng = generator()
    p = {"spot": rng.uniform(50, 150, n), "volatility": rng.uniform(0.1, 0.5, n), "maturity": rng.uniform(0.1, 2, n)}
    return p, rng.uniform(50, 150, n)


def greeks(p: dict[str, np.ndarray], strike: np.ndarray) -> tuple:
    s, v, t = p["spot"], p["volatility"], p["maturity"]
    root = np.sqrt(t)
    d1 = (np.log(s / strike) + (RATE + 0.5 * v * v) * t) / (v * root)
    in_money, paid = scipy.special.ndtr(d1), strike * np.exp(-RATE * t) * scipy.special.ndtr(d1 - v * root)
    density = s * np.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
    gradient = {"spot": in_money, "volatility": density * root, "maturity": density * v / (2.0 * root) + RATE * paid}
    return np.sum(s * in_money - paid), gradient


@threaded
def _price_loop(spot, volatility, maturity, strike):
    total = 0.0
    for i in prange(spot.size):
        s, v, t, k = spot[i], volatility[i], maturity[i], strike[i]
        spread = v * math.sqrt(t)
        d1 = (math.log(s / k) + (RATE + 0.5 * v * v) * t) / spread
        d2 = d1 - spread
        total += s * 0.5 * (1.0 + math.erf(d1 * math.sqrt(0.5))) - k * math.exp(-RATE * t) * 0.5 * (1.0 + math.erf(d2 * math.sqrt(0.5)))
    return total


@threaded
def _greeks_loop(spot, volatility, maturity, strike):
    total, delta, vega, theta = 0.0, np.empty_like(spot), np.empty_like(spot), np.empty_like(spot)
    for i in prange(spot.size):
        s, v, t, k = spot[i], volatility[i], maturity[i], strike[i]
        root = math.sqrt(t)
        d1 = (math.log(s / k) + (RATE + 0.5 * v * v) * t) / (v * root)
        d2 = d1 - v * root
        in_money = 0.5 * (1.0 + math.erf(d1 * math.sqrt(0.5)))
        paid = k * math.exp(-RATE * t) * 0.5 * (1.0 + math.erf(d2 * math.sqrt(0.5)))
        density = s * math.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi)
        delta[i], vega[i], theta[i] = in_money, density * root, density * v / (2.0 * root) + RATE * paid
        total += s * in_money - paid
    return total, delta, vega, theta


def price_numba(p: dict[str, np.ndarray], strike: np.ndarray) -> Any:
    return _price_loop(p["spot"], p["volatility"], p["maturity"], strike)


def greeks_numba(p: dict[str, np.ndarray], strike: np.ndarray) -> tuple:
    total, delta, vega, theta = _greeks_loop(p["spot"], p["volatility"], p["maturity"], strike)
    return total, {"spot": delta, "volatility": vega, "maturity": theta}


# -- a kernel's mean, a robust loss, a long chain


def rbf(lang: Language) -> Any:
    xp = lang.np
    return lambda x, y: xp.sum(xp.exp(-0.5 * xp.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1)))


def points(n: int, m: int, dimensions: int) -> tuple:
    both = normal(n + m, dimensions)
    return both[:n], both[n:]


def rbf_gradient(x: np.ndarray, y: np.ndarray) -> tuple:
    """With the squared distances from one matrix product, as one writes it for NumPy."""
    squares = np.sum(x * x, axis=1)[:, None] + np.sum(y * y, axis=1)[None, :] - 2.0 * (x @ y.T)
    kernel = np.exp(-0.5 * squares)
    return np.sum(kernel), kernel @ y - np.sum(kernel, axis=1)[:, None] * x


@threaded
def rbf_numba(x, y):
    total = 0.0
    for i in prange(x.shape[0]):
        for j in range(y.shape[0]):
            square = 0.0
            for k in range(x.shape[1]):
                square += (x[i, k] - y[j, k]) ** 2
            total += math.exp(-0.5 * square)
    return total


@threaded
def rbf_gradient_numba(x, y):
    total, gradient = 0.0, np.zeros_like(x)
    for i in prange(x.shape[0]):
        for j in range(y.shape[0]):
            square = 0.0
            for k in range(x.shape[1]):
                square += (x[i, k] - y[j, k]) ** 2
            kernel = math.exp(-0.5 * square)
            total += kernel
            for k in range(x.shape[1]):
                gradient[i, k] -= kernel * (x[i, k] - y[j, k])
    return total, gradient


def huber(lang: Language) -> Any:
    """A robust regression of one slope: quadratic for small residuals, linear for large ones."""
    xp = lang.np

    def loss(p: dict[str, Any], x: Any, y: Any) -> Any:
        r = y - (p["a"] * x + p["b"])
        size = xp.abs(r)
        return xp.sum(xp.where(size < 1.0, 0.5 * r * r, size - 0.5))

    return loss


def huber_inputs(n: int) -> tuple:
    x, y = normal(2, n)
    return {"a": np.float64(0.5), "b": np.float64(0.1)}, x, y


def huber_gradient(p: dict[str, Any], x: np.ndarray, y: np.ndarray) -> tuple:
    r = y - (p["a"] * x + p["b"])
    size, slope = np.abs(r), -np.clip(r, -1.0, 1.0)
    return np.sum(np.where(size < 1.0, 0.5 * r * r, size - 0.5)), {"a": slope @ x, "b": np.sum(slope)}


@threaded
def _huber_loop(a, b, x, y):
    total = 0.0
    for i in prange(x.size):
        r = y[i] - (a * x[i] + b)
        size = abs(r)
        total += 0.5 * r * r if size < 1.0 else size - 0.5
    return total


@threaded
def _huber_gradient_loop(a, b, x, y):
    total, da, db = 0.0, 0.0, 0.0
    for i in prange(x.size):
        r = y[i] - (a * x[i] + b)
        size = abs(r)
        total += 0.5 * r * r if size < 1.0 else size - 0.5
        slope = min(max(r, -1.0), 1.0)
        da -= slope * x[i]
        db -= slope
    return total, da, db


def huber_numba(p: dict[str, Any], x: np.ndarray, y: np.ndarray) -> Any:
    return _huber_loop(p["a"], p["b"], x, y)


def huber_gradient_numba(p: dict[str, Any], x: np.ndarray, y: np.ndarray) -> tuple:
    total, da, db = _huber_gradient_loop(p["a"], p["b"], x, y)
    return total, {"a": da, "b": db}


def chain(lang: Language) -> Any:
    """20 operations one after the other, half of them sines and hyperbolic tangents."""
    xp = lang.np

    def f(x: Any) -> Any:
        for _ in range(5):
            x = xp.tanh(xp.sin(x) * 1.1 + 0.3)
        return xp.sum(x)

    return f


def chain_gradient(x: np.ndarray) -> tuple:
    slope = np.ones_like(x)
    for _ in range(5):
        slope *= 1.1 * np.cos(x)
        x = np.tanh(np.sin(x) * 1.1 + 0.3)
        slope *= 1.0 - x * x
    return np.sum(x), slope


def _hand(value: Any, gradient: Any, gradient_numpy: Any) -> dict:
    return {("Numba", VALUE): value, ("Numba", GRADIENT): gradient, ("NumPy", GRADIENT): gradient_numpy}


_ROSENBROCK = _hand(rosenbrock_numba, rosenbrock_gradient_numba, rosenbrock_gradient)

WORKLOADS = (
    Workload("Rosenbrock, 10³", GROUP, rosenbrock, lambda: (normal(10**3),), lambda: (normal(5),), by_hand=_ROSENBROCK),
    Workload("Rosenbrock, 10⁶", GROUP, rosenbrock, lambda: (normal(10**6),), lambda: (normal(6),), by_hand=_ROSENBROCK),
    Workload(
        "Black-Scholes, 10⁶ options", GROUP, black_scholes, lambda: options(10**6), lambda: options(4),
        by_hand=_hand(price_numba, greeks_numba, greeks),
    ),
    Workload(
        "RBF kernel, 400 × 400 in 3 dimensions", GROUP, rbf, lambda: points(400, 400, 3), lambda: points(4, 5, 3),
        by_hand=_hand(rbf_numba, rbf_gradient_numba, rbf_gradient),
    ),
    Workload(
        "Huber loss, 10⁶ residuals", GROUP, huber, lambda: huber_inputs(10**6), lambda: huber_inputs(6),
        by_hand=_hand(huber_numba, huber_gradient_numba, huber_gradient),
    ),
    Workload(
        "chain of 20 operations, 10⁵", GROUP, chain, lambda: (normal(10**5),), lambda: (normal(5),),
        by_hand={("NumPy", GRADIENT): chain_gradient},
    ),
)  # fmt: skip
