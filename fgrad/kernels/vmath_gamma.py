"""lgamma and digamma, for positive numbers without branches or tables.

Methods. lgamma: (x - 1)(x - 2) R(x) on [0.8, 3), so that both zeros are exact; lgamma(1 + x) - log(x) below; and beyond, Stirling's
formula as (x - 1/2)(log(x) - 1) + (log(2 pi) - 1)/2 + g(1/x^2)/x, where nothing cancels, log(x) - 1 being kept in two numbers.
digamma: (x - x0) R(x) on [1, 3), x0 its positive zero; digamma(1 + x) - 1/x below; and log(x) - 1/(2x) - g(1/x^2)/x^2 from 3 on. R are a
constant and a quotient of polynomials that is small beside it, and g minimax polynomials (`benchmarks/vmath_fits.py`). Negative x leave the
vector code (`vmath_gamma_negative`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.intrinsics import absolute, estrin, fma, fmuladd, horner, inline, select
from fgrad.kernels.vmath_exponential import LN2
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, splitter, two_product, two_sum
from fgrad.kernels.vmath_gamma_negative import NEGATIVE
from fgrad.kernels.vmath_logarithmic import LOGARITHMIC

ROOT = {64: (1.4616321449683622, 9.549995429965697e-17), 32: (1.4616321325302124, 1.2438149772e-08)}  # of digamma, in two numbers


def gamma(t: Format) -> dict[str, Callable[..., Any]]:
    ONE, THREE, HALF, ZERO, INF = t(1), t(3), t(0.5), t(0), t(np.inf)
    HIGH, LOW = map(t, LN2[t.width])
    STIRLING_CONSTANT, TINY = t(0.41893853320467274), t(2.0**-t.mantissa)
    A, B, G = t.fit("LGAMMA"), t.fit("LGAMMA_BELOW"), t.fit("STIRLING")
    DA, DB, DG = t.fit("DIGAMMA"), t.fit("DIGAMMA_BELOW"), t.fit("DIGAMMA_TAIL")
    ROOT_HIGH, ROOT_LOW = map(t, ROOT[t.width])
    MINUS_ROOT_LOW, MIDDLE, DIGAMMA_MIDDLE = -ROOT_LOW, t(0.46875), t(0.75)
    MINUS_ONE, SHIFTED = -ONE, t(0.8)
    _, split_any = splitter(t)
    small, log = LOGARITHMIC[t]["small"], LOGARITHMIC[t]["log"]
    negative_lgamma, negative_digamma = NEGATIVE["lgamma"][t], NEGATIVE["digamma"][t]

    @inline
    def lgamma(x):
        """log |Gamma(x)|."""
        a = absolute(x)
        k, f = split_any(a)
        h, p = small(f)
        c = fmuladd(k, LOW, p) - h
        # from 3 on
        b, e = two_sum(fmuladd(k, HIGH, MINUS_ONE), f)
        b, e2 = two_sum(b, c)
        v = a - HALF
        product, rest = two_product(v, b)
        z = ONE / a
        far = product + (fmuladd(v, e + e2, rest) + fmuladd(z, estrin(z * z, G), STIRLING_CONSTANT))
        far = select(product < INF, far, INF)
        # below 3
        low = a < SHIFTED
        d = select(low, a, a - ONE)
        w, w_low = two_product(d, d - ONE)
        r = horner(d, A) / horner(d, B)
        near = fmuladd(w, MIDDLE, fmuladd(w, r, w_low * (r + MIDDLE))) - select(low, fmuladd(k, HIGH, f + c), ZERO)
        y = select(a < THREE, near, far)
        y = select(a < TINY, -fmuladd(k, HIGH, f + c), y)
        y = select(x < ZERO, negative_lgamma(x), y + ZERO)  # a zero is never -0
        y = select(a == ZERO, INF, y)
        return select(a < INF, y, x)

    @inline
    def digamma(x):
        """The derivative of lgamma."""
        a = absolute(x)
        below = a < ONE
        u = select(a < THREE, select(below, a + ONE, a), ONE)
        z = ONE / a
        d = u - ROOT_HIGH
        r = horner(u - ONE, DA) / horner(u - ONE, DB)
        pole = select(below, z, ZERO)
        pole_low = select(below & (a > TINY), z * fma(-z, a, ONE), ZERO)
        near = fmuladd(d, DIGAMMA_MIDDLE, fmuladd(d, r, MINUS_ROOT_LOW * (r + DIGAMMA_MIDDLE) - pole_low)) - pole
        far = log(a) - z * fmuladd(z, estrin(z * z, DG), HALF)
        y = select(a < THREE, near, far)
        y = select(x < ZERO, negative_digamma(x), y)
        y = select(a == ZERO, -ONE / x, y)
        return select(x == INF, INF, y)

    return {"lgamma": lgamma, "digamma": digamma}


GAMMA = {t: gamma(t) for t in (FLOAT64, FLOAT32)}
