"""lgamma, digamma and erfc of arrays in the 80-bit format, for the tests of the vectorised mathematics: a thousandth of a float64 unit from exact.

The gamma functions: series about 2 and about the zero of digamma, to where recurrences bring their arguments without cancellation, and
Stirling's from 14 on. Negative arguments are reflected, which loses what the terms have in common: beside the value stands the size of the
largest term. erfc: Taylor series of exp(x^2) erfc(x) about the multiples of 1/8, and the square in two numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import numpy as np

LONG = np.longdouble
TERMS = 48


def long(x: Any) -> Any:
    return LONG(mp.nstr(x, 25))


def scaled_erfc_series(x: Any) -> list[Any]:
    """Taylor coefficients of w(x) = exp(x^2) erfc(x), from w' = 2 x w - 2 / sqrt(pi)."""
    w = [mp.exp(x * x) * mp.erfc(x)]
    w.append(2 * x * w[0] - 2 / mp.sqrt(mp.pi))
    for k in range(1, ORDER - 1):
        w.append(2 * (x * w[k] + w[k - 1]) / (k + 1))
    return [long(c) for c in w]


LAST, STEPS, ORDER = 28, 8, 17

with mp.workdps(60):
    LGAMMA = [long(1 - mp.euler), *(long((-1) ** k * (mp.zeta(k) - 1) / k) for k in range(2, TERMS))]  # of lgamma(2 + t) / t
    DIGAMMA = [c * LONG(k + 1) for k, c in enumerate(LGAMMA)]  # of digamma(2 + t)
    ROOT = mp.findroot(mp.digamma, 1.46)
    ROOT_HIGH, ROOT_LOW = LONG(float(ROOT)), long(ROOT - float(ROOT))
    ABOUT_ROOT = [long((-1) ** (k + 1) * mp.zeta(k + 1, ROOT)) for k in range(1, TERMS)]  # of digamma(ROOT + t) / t
    STIRLING = [long(mp.bernoulli(2 * k) / (2 * k * (2 * k - 1))) for k in range(1, 14)]
    DIGAMMA_TAIL = [c * LONG(2 * k + 1) for k, c in enumerate(STIRLING)]
    ERFCX = np.array([scaled_erfc_series(mp.mpf(k) / STEPS) for k in range(LAST * STEPS + 1)])
    PI, HALF_LOG_2PI = long(mp.pi), long(mp.log(2 * mp.pi) / 2)


def polynomial(t: np.ndarray, coefficients: Sequence[Any]) -> np.ndarray:
    y = np.full_like(t, coefficients[-1])
    for c in coefficients[-2::-1]:
        y = y * t + c
    return y


def pieces(x: np.ndarray, *parts: tuple[float, Any]) -> np.ndarray:
    """Each function where x is below its end, and not below that of the one before."""
    y, start = np.full_like(x, np.nan), LONG(0)
    for end, f in parts:
        at = (x >= start) & (x < end)
        y[at] = f(x[at])
        start = LONG(end)
    return y


def lgamma_positive(x: np.ndarray) -> np.ndarray:
    def product(v: np.ndarray) -> np.ndarray:
        n = np.rint(v) - 2
        t, p = v - n - 2, np.ones_like(v)
        for k in range(1, 13):
            p = np.where(n >= k, p * (v - k), p)
        return t * polynomial(t, LGAMMA) + np.log(p)

    return pieces(
        x,
        (0.5, lambda t: t * polynomial(t, LGAMMA) - np.log1p(t) - np.log(t)),
        (1.5, lambda v: (v - 1) * polynomial(v - 1, LGAMMA) - np.log1p(v - 1)),
        (14, product),
        (np.inf, lambda v: (v - LONG(0.5)) * (np.log(v) - 1) + (HALF_LOG_2PI - LONG(0.5)) + polynomial(1 / v**2, STIRLING) / v),
    )


def digamma_positive(x: np.ndarray) -> np.ndarray:
    def near(v: np.ndarray) -> np.ndarray:
        t = (v - ROOT_HIGH) - ROOT_LOW
        return t * polynomial(t, ABOUT_ROOT)

    def total(v: np.ndarray) -> np.ndarray:
        n = np.rint(v) - 2
        s = np.zeros_like(v)
        for k in range(1, 13):
            s = np.where(n >= k, s + 1 / (v - k), s)
        return polynomial(v - n - 2, DIGAMMA) + s

    return pieces(
        x,
        (1, lambda v: near(1 + v) - 1 / v),
        (2, near),
        (14, total),
        (np.inf, lambda v: np.log(v) - 1 / (2 * v) - polynomial(1 / v**2, DIGAMMA_TAIL) / v**2),
    )


def lgamma(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """lgamma(x), and the size of the largest term it comes from."""
    x = x.astype(LONG)
    a = np.abs(x)
    y = lgamma_positive(a)
    other = np.log(a) + np.log(np.abs(np.sin(PI * (a - np.rint(a)))) / PI)
    return np.where(x > 0, y, -y - other), np.where(x > 0, np.abs(y), np.maximum(np.maximum(np.abs(y), np.abs(other)), 1))


def digamma(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """digamma(x), and the size of the largest term it comes from."""
    x = x.astype(LONG)
    a = np.abs(x)
    positive, other = digamma_positive(a), PI / np.tan(PI * (a - np.rint(a)))
    following = digamma_positive(1 + a)
    return np.where(x > 0, positive, following + other), np.where(x > 0, np.abs(positive), np.maximum(np.abs(following), np.abs(other)))


def erfc(x: np.ndarray) -> np.ndarray:
    a = np.minimum(np.abs(np.where(np.isnan(x), 0, x)), LAST).astype(np.float64)
    at = np.rint(a * STEPS).astype(np.int64)
    t = (a - at / STEPS).astype(LONG)
    y = np.zeros_like(t)
    for k in range(ORDER - 1, -1, -1):
        y = y * t + ERFCX[at, k]
    high = (a.view(np.int64) & ~np.int64(0x3FFFFFF)).view(np.float64)  # 26 bits
    low = (a - high).astype(LONG)
    square = a.astype(LONG) ** 2
    rest = (high.astype(LONG) ** 2 - square) + 2 * high * low + low * low
    y = y * np.exp(-square) * (1 - rest)
    return np.where(np.isnan(x), LONG(np.nan), np.where(x < 0, 2 - y, y))
