"""Elementwise operations and reductions in one sweep over the data, beside the same loop written by hand for Numba.

Most are bound by arithmetic that any compiler vectorises or by memory, so that the quality of the loop decides; two need an exponential.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import prange

from benchmarks.by_hand import threaded
from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, VALUE, Workload
from benchmarks.workloads.data import generator, normal

GROUP = "fused"

# -- weighted squares


def weighted_squares(lang: Language) -> Any:
    return lambda x, y, w: lang.np.sum(w * (x - y) ** 2)


@threaded
def weighted_squares_numba(x, y, w):
    total = 0.0
    for i in prange(x.size):
        total += w[i] * (x[i] - y[i]) ** 2
    return total


@threaded
def weighted_squares_gradient_numba(x, y, w):
    total, gradient = 0.0, np.empty_like(x)
    for i in prange(x.size):
        weighted = w[i] * (x[i] - y[i])
        total += weighted * (x[i] - y[i])
        gradient[i] = 2.0 * weighted
    return total, gradient


# -- a rational function, and its derivative


def rational(lang: Language) -> Any:
    xp = lang.np
    return lambda x: xp.sum((1.0 + x * (0.5 + x * (0.25 + x * 0.125))) / (1.0 + x * x) * xp.sqrt(1.0 + x * x * x * x))


@threaded
def rational_numba(x):
    total = 0.0
    for i in prange(x.size):
        v = x[i]
        total += (1.0 + v * (0.5 + v * (0.25 + v * 0.125))) / (1.0 + v * v) * math.sqrt(1.0 + v * v * v * v)
    return total


@threaded
def rational_gradient_numba(x):
    total, gradient = 0.0, np.empty_like(x)
    for i in prange(x.size):
        v = x[i]
        above, below, root = 1.0 + v * (0.5 + v * (0.25 + v * 0.125)), 1.0 + v * v, math.sqrt(1.0 + v * v * v * v)
        quotient = above / below
        total += quotient * root
        slope = (0.5 + v * (0.5 + v * 0.375) - quotient * 2.0 * v) / below
        gradient[i] = slope * root + quotient * 2.0 * v * v * v / root
    return total, gradient


# -- cosine similarity: three sums over the same data


def cosine(lang: Language) -> Any:
    xp = lang.np
    return lambda x, y: xp.sum(x * y) / xp.sqrt(xp.sum(x * x) * xp.sum(y * y))


@threaded
def cosine_numba(x, y):
    xy, xx, yy = 0.0, 0.0, 0.0
    for i in prange(x.size):
        xy += x[i] * y[i]
        xx += x[i] * x[i]
        yy += y[i] * y[i]
    return xy / math.sqrt(xx * yy)


@threaded
def cosine_gradient_numba(x, y):
    xy, xx, yy, gradient = 0.0, 0.0, 0.0, np.empty_like(x)
    for i in prange(x.size):
        xy += x[i] * y[i]
        xx += x[i] * x[i]
        yy += y[i] * y[i]
    scale = 1.0 / math.sqrt(xx * yy)
    for i in prange(x.size):
        gradient[i] = scale * (y[i] - xy / xx * x[i])
    return xy * scale, gradient


# -- the energy of a field: differences with two neighbours


def energy(lang: Language) -> Any:
    xp = lang.np
    return lambda u: (
        0.5 * xp.sum((u[1:, :] - u[:-1, :]) ** 2) + 0.5 * xp.sum((u[:, 1:] - u[:, :-1]) ** 2) + 0.25 * xp.sum((u * u - 1.0) ** 2)
    )


@threaded
def energy_numba(u):
    total, (n, m) = 0.0, u.shape
    for i in prange(n - 1):
        for j in range(m):
            total += 0.5 * (u[i + 1, j] - u[i, j]) ** 2
    for i in prange(n):
        for j in range(m - 1):
            total += 0.5 * (u[i, j + 1] - u[i, j]) ** 2
        for j in range(m):
            total += 0.25 * (u[i, j] * u[i, j] - 1.0) ** 2
    return total


# -- rows: normalised, and their log-sum-exp


def normalised(lang: Language) -> Any:
    """Each row with mean zero and variance one, scaled and shifted: layer normalisation."""
    xp = lang.np

    def f(x: Any, scale: Any, shift: Any) -> Any:
        centred = x - xp.mean(x, axis=1, keepdims=True)
        return centred / xp.sqrt(xp.mean(centred * centred, axis=1, keepdims=True) + 1e-5) * scale + shift

    return f


@threaded
def normalised_numba(x, scale, shift):
    out, m = np.empty_like(x), x.shape[1]
    for i in prange(x.shape[0]):
        mean = 0.0
        for j in range(m):
            mean += x[i, j]
        mean /= m
        variance = 0.0
        for j in range(m):
            variance += (x[i, j] - mean) ** 2
        factor = 1.0 / math.sqrt(variance / m + 1e-5)
        for j in range(m):
            out[i, j] = (x[i, j] - mean) * factor * scale[j] + shift[j]
    return out


def log_sum_exp(lang: Language) -> Any:
    xp = lang.np

    def f(x: Any) -> Any:
        top = xp.max(x, axis=1, keepdims=True)
        return xp.sum(xp.log(xp.sum(xp.exp(x - top), axis=1)) + top[:, 0])

    return f


@threaded
def log_sum_exp_numba(x):
    total = 0.0
    for i in prange(x.shape[0]):
        top = -np.inf
        for j in range(x.shape[1]):
            top = max(top, x[i, j])
        row = 0.0
        for j in range(x.shape[1]):
            row += math.exp(x[i, j] - top)
        total += math.log(row) + top
    return total


# -- a normal density


def densities(lang: Language) -> Any:
    """The summed densities of points under a normal with its own mean and width in each coordinate."""
    xp = lang.np
    return lambda x, mean, width: xp.sum(xp.exp(-0.5 * xp.sum(((x - mean) / width) ** 2, axis=1)))


@threaded
def densities_numba(x, mean, width):
    total = 0.0
    for i in prange(x.shape[0]):
        square = 0.0
        for j in range(x.shape[1]):
            square += ((x[i, j] - mean[j]) / width[j]) ** 2
        total += math.exp(-0.5 * square)
    return total


def triples(n: int) -> tuple:
    x, y = normal(2, n)
    return x, y, generator().uniform(size=n)


def rows(n: int, m: int) -> tuple:
    return normal(n, m), np.linspace(0.5, 1.5, m), np.linspace(-1.0, 1.0, m)


def clouds(n: int, m: int) -> tuple:
    return normal(n, m), np.linspace(-0.5, 0.5, m), np.linspace(0.5, 1.5, m)


def _hand(value: Any, gradient: Any = None) -> dict:
    return {("Numba", VALUE): value} | ({("Numba", GRADIENT): gradient} if gradient is not None else {})


_SQUARES = _hand(weighted_squares_numba, weighted_squares_gradient_numba)
_RATIONAL = _hand(rational_numba, rational_gradient_numba)

WORKLOADS = (
    Workload("weighted squares, 10⁴", GROUP, weighted_squares, lambda: triples(10**4), lambda: triples(5), by_hand=_SQUARES),
    Workload("weighted squares, 10⁶", GROUP, weighted_squares, lambda: triples(10**6), lambda: triples(6), by_hand=_SQUARES),
    Workload("rational function, 10⁴", GROUP, rational, lambda: (normal(10**4),), lambda: (normal(5),), by_hand=_RATIONAL),
    Workload("rational function, 10⁶", GROUP, rational, lambda: (normal(10**6),), lambda: (normal(6),), by_hand=_RATIONAL),
    Workload(
        "cosine similarity, 10⁵", GROUP, cosine, lambda: tuple(normal(2, 10**5)), lambda: tuple(normal(2, 5)),
        by_hand=_hand(cosine_numba, cosine_gradient_numba),
    ),
    Workload(
        "energy of a field, 1000 × 1000", GROUP, energy, lambda: (normal(1000, 1000),), lambda: (normal(4, 5),), (VALUE,),
        _hand(energy_numba),
    ),
    Workload(
        "normalised rows, 1000 × 256", GROUP, normalised, lambda: rows(1000, 256), lambda: rows(3, 4), (VALUE,), _hand(normalised_numba),
    ),
    Workload(
        "log-sum-exp of rows, 1000 × 1000", GROUP, log_sum_exp, lambda: (normal(1000, 1000),), lambda: (normal(3, 4),), (VALUE,),
        _hand(log_sum_exp_numba),
    ),
    Workload(
        "normal densities, 10⁵ × 8", GROUP, densities, lambda: clouds(10**5, 8), lambda: clouds(4, 3), (VALUE,), _hand(densities_numba),
    ),
)  # fmt: skip
