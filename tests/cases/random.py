"""Rows of the primitives of random numbers. Keys are drawn as their words; references are written for one number at a time.

A sample by rejection jumps where a proposal is accepted that was not: its derivative is that of the quantile, which `test_random.py` checks.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import scipy.stats

from cases.table import FLOATING, Draw, normal, positive, row, uniform
from fgrad.ops.random import random_bits, random_uniform, threefry2x32, truncated_normal_quantile
from fgrad.ops.random_gamma import loggamma_slope, random_loggamma
from fgrad.ops.random_poisson import random_poisson
from fgrad.ops.random_threefry import hash_word

_F64, _F32, _U16 = np.dtype("float64"), np.dtype("float32"), np.dtype("uint16")
_OWN: dict[str, Any] = {"spellings": ("fnp",), "values": ("float64",), "grad": ()}


def own(f: Callable, *args: Any, reference: Callable, name: str, **options: Any) -> None:
    row(lambda np, *xs: f(*xs), *args, name=name, options=_OWN | {"reference": reference} | options)


def words(*shape: int) -> Draw:
    return Draw((*shape, 2), lambda rng, s: rng.integers(0, 2**32, size=s), "uint32")


def _hash(key: Any, high: int, low: int) -> tuple[int, int]:
    return hash_word((int(key[0]), int(key[1])), (high, low))


def _open(pair: tuple[int, int]) -> float:
    return ((pair[0] << 32 | pair[1]) // 2**12 + 0.5) / 2.0**52


def _uniform(key: Any) -> Any:
    return np.array([(x0 << 32 | x1) // 2**12 / 2.0**52 for x0, x1 in (_hash(key, 0, j) for j in range(6))]).reshape(2, 3)


def _loggamma(key: Any, a: Any) -> Any:
    out = []
    for j, shape in enumerate(a):
        d = (shape + 1 if shape < 1 else shape) - 1 / 3
        for attempt in range(1, 200, 2):
            v = (1 + scipy.stats.norm.ppf(_open(_hash(key, attempt << 16, j))) / math.sqrt(9 * d)) ** 3
            if v > 0:
                x = (np.cbrt(v) - 1) * math.sqrt(9 * d)
                if math.log(_open(_hash(key, attempt + 1 << 16, j))) < x * x / 2 + d - d * v + d * math.log(v):
                    break
        out.append(math.log(d * v) + (math.log(_open(_hash(key, 0, j))) / shape if shape < 1 else 0.0))
    return np.array(out)


def _slope(y: Any, a: Any) -> Any:
    def one(y: float, a: float) -> float:
        x = mpmath.exp(y)
        by_shape = mpmath.diff(lambda b: mpmath.gammainc(b, 0, x, regularized=True), a)
        return float(-by_shape / mpmath.exp(a * y - x - mpmath.loggamma(a)))

    with mpmath.workdps(30):
        return np.array([one(*xs) for xs in zip(y.tolist(), a.tolist(), strict=True)], y.dtype)


_SHARES = np.array([0.1, 0.5, 0.95])


def _truncated(low: Any, high: Any) -> Any:
    shares = _SHARES.astype(low.dtype)
    below, above = scipy.stats.norm.cdf(low.astype(float)), scipy.stats.norm.cdf(high.astype(float))
    return scipy.stats.norm.ppf(below + shares * (above - below)).astype(low.dtype)


def _truncated_right(low: Any, high: Any) -> Any:
    above, below = scipy.stats.norm.sf(low), scipy.stats.norm.sf(high)
    return scipy.stats.norm.isf(above - _SHARES * (above - below))


own(
    threefry2x32,
    words(3),
    words(3),
    reference=lambda k, c: np.array([_hash(a, int(b[0]), int(b[1])) for a, b in zip(k, c, strict=True)], np.uint32),
    name="threefry2x32",
)
own(
    lambda k: random_bits(k, shape=(7,), dtype=_U16),
    words(),
    reference=lambda k: np.array([(a ^ b) % 2**16 for a, b in (_hash(k, 0, j) for j in range(7))], _U16),
    name="random_bits",
)
own(lambda k: random_uniform(k, shape=(2, 3), dtype=_F64), words(), reference=_uniform, name="random_uniform")
own(
    lambda k: random_uniform(k, shape=(), dtype=_F32),
    words(),
    reference=lambda k: np.float32((operator.xor(*_hash(k, 0, 0)) >> 9) / 2.0**23),
    name="random_uniform of one float32",
)
own(random_loggamma, words(), uniform(0.05, 6.0, 9), reference=_loggamma, name="random_loggamma", rtol=1e-10)
own(
    random_poisson,
    words(),
    uniform(0.0, 9.9, 5),
    reference=lambda k, m: np.array([int(scipy.stats.poisson.ppf(_open(_hash(k, 0, j)), r)) for j, r in enumerate(m)]),
    name="random_poisson",
)
own(
    lambda y, a: loggamma_slope(y, a, order=0),
    normal(3),
    positive(3),
    reference=_slope,
    name="loggamma_slope",
    values=FLOATING,
    grad=FLOATING,
    rtol=1e-10,
)
own(
    lambda low, high: truncated_normal_quantile(_SHARES.astype(low.dtype), low, high),
    uniform(-2.0, -0.5, 3),
    uniform(0.5, 2.0, 3),
    reference=_truncated,
    name="truncated_normal_quantile",
    values=FLOATING,
    grad=FLOATING,
    rtol=1e-11,
)
own(
    lambda low, high: truncated_normal_quantile(_SHARES.astype(low.dtype), low, high),
    uniform(4.0, 5.0, 3),
    uniform(6.0, 7.0, 3),
    reference=_truncated_right,
    name="truncated_normal_quantile on the right",
    grad=("float64",),
    rtol=1e-11,
)
