"""log, log1p, log2, log10, and the logarithm of an unevaluated sum, without branches or tables.

Method: x = 2**k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f), log(1 + f) = 2 artanh(s) = 2s + s^3 L(s^2), L minimax
(`benchmarks/vmath_fits.py`), summed as f - (f^2/2 - s (f^2/2 + s^2 L)), where the rounding errors are those of the small terms
(the arrangement of fdlibm). k ln(2) is added in two parts. log1p carries the rounding error of 1 + x along into f.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.intrinsics import absolute, estrin, fmuladd, inline, select
from fgrad.kernels.vmath_exponential import LN2
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, splitter, two_sum

LOG10_2 = {64: (0.3010299955494702, 1.1451100899212592e-10), 32: (0.30078125, 2.4874567e-4)}  # k * high is exact


def logarithmic(t: Format) -> dict[str, Callable[..., Any]]:
    split, split_any = splitter(t)
    HIGH, LOW = map(t, LN2[t.width])
    HIGH10, LOW10 = map(t, LOG10_2[t.width])
    LOG2E, LOG10E = t(1.4426950408889634), t(0.4342944819032518)
    LOG2E_LOW = t(2.0355273740931033e-17 if t.width == 64 else 1.925963033500e-8)
    L = t.fit("LOG")
    ONE, TWO, HALF, ZERO, TINY, INF, NAN = t(1), t(2), t(0.5), t(0), t.tiny, t(np.inf), t(np.nan)
    MINUS_INF = -INF

    @inline
    def small(f):
        """(f^2/2, s (f^2/2 + s^2 L)): log(1 + f) is f minus the first plus the second."""
        s = f / (TWO + f)
        w = s * s
        h = HALF * f * f
        return h, s * fmuladd(w, estrin(w, L), h)

    @inline
    def finished(x, y):
        """y, or the logarithm of what is no positive finite x."""
        y = select(x < INF, y, x)
        y = select(x < ZERO, NAN, y)
        return select(x == ZERO, MINUS_INF, y)

    @inline
    def log(x):
        k, f = split_any(x)
        h, p = small(f)
        return finished(x, fmuladd(k, HIGH, f - (h - fmuladd(k, LOW, p))))

    @inline
    def log_sum(u, e):
        """log(u + e) for a normal positive u and an e that is small beside it."""
        k, f, inverse = split(u)
        f = fmuladd(e * inverse, HALF, f)
        h, p = small(f)
        return fmuladd(k, HIGH, f - (h - fmuladd(k, LOW, p)))

    @inline
    def log1p(x):
        """log(1 + x)."""
        u, e = two_sum(ONE, x)
        return select(absolute(x) < TINY, x, finished(u, log_sum(u, e)))

    @inline
    def log2(x):
        """The logarithm to base 2, exact for powers of 2."""
        k, f = split_any(x)
        h, p = small(f)
        y = f - (h - p)
        return finished(x, fmuladd(y, LOG2E, fmuladd(y, LOG2E_LOW, k)))

    @inline
    def log10(x):
        k, f = split_any(x)
        h, p = small(f)
        return finished(x, fmuladd(k, HIGH10, fmuladd(k, LOW10, (f - (h - p)) * LOG10E)))

    return {"log": log, "log1p": log1p, "log2": log2, "log10": log10, "small": small, "log_sum": log_sum}


LOGARITHMIC = {t: logarithmic(t) for t in (FLOAT64, FLOAT32)}
