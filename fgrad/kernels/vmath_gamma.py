"""lgamma and digamma, without branches or tables.

Methods, for positive x. lgamma: (x - 1)(x - 2) R(x) on [0.8, 3), so that both zeros are exact; lgamma(1 + x) - log(x) below; and beyond, Stirling's
formula as (x - 1/2)(log(x) - 1) + (log(2 pi) - 1)/2 + g(1/x^2)/x, where nothing cancels, log(x) - 1 being kept in two numbers.
digamma: (x - x0) R(x) on [1, 3), x0 its positive zero; digamma(1 + x) - 1/x below; and log(x) - 1/(2x) - g(1/x^2)/x^2 from 3 on. Negative
x are reflected. R are quotients and g minimax polynomials (`benchmarks/vmath_fits.py`). Near the zeros between negative integers the error is
small beside the terms that cancel there, not beside the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.intrinsics import absolute, estrin, fmuladd, horner, inline, rint, select
from fgrad.kernels.vmath_exponential import LN2
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, splitter, two_product, two_sum
from fgrad.kernels.vmath_logarithmic import LOGARITHMIC
from fgrad.kernels.vmath_trigonometric import quadrants

ROOT = {64: (1.4616321449683622, 9.549995429965697e-17), 32: (1.4616321325302124, 1.2438149772e-08)}  # of digamma, in two numbers


def gamma(t: Format) -> dict[str, Callable[..., Any]]:
    ONE, THREE, HALF, QUARTER, ZERO, INF, NAN = t(1), t(3), t(0.5), t(0.25), t(0), t(np.inf), t(np.nan)
    PI, PI_LOW = (t(3.141592653589793), t(1.2246467991473532e-16)) if t.width == 64 else (t(3.1415927410125732), t(-8.742277657347586e-08))
    HIGH, LOW = map(t, LN2[t.width])
    OVER_PI, STIRLING_CONSTANT, TINY = t(1 / np.pi), t(0.41893853320467274), t(2.0**-t.mantissa)
    A, B, G = t.fit("LGAMMA"), t.fit("LGAMMA_BELOW"), t.fit("STIRLING")
    DA, DB, DG = t.fit("DIGAMMA"), t.fit("DIGAMMA_BELOW"), t.fit("DIGAMMA_TAIL")
    ROOT_HIGH, ROOT_LOW = map(t, ROOT[t.width])
    MINUS_ONE, SHIFTED = -ONE, t(0.8)
    _, split_any = splitter(t)
    small, log = LOGARITHMIC[t]["small"], LOGARITHMIC[t]["log"]
    both, _ = quadrants(t)

    @inline
    def sine_and_cosine(x):
        """|sin(pi x)|, |cos(pi x)|, and whether they have the same sign."""
        y = x - rint(x)
        a = absolute(y)
        outer = a > QUARTER
        v = select(outer, HALF - a, a)
        r, low = two_product(v, PI)
        s, c = both(r, fmuladd(v, PI_LOW, low))
        return select(outer, c, s), select(outer, s, c), y > ZERO

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
        near = d * (d - ONE) * horner(d, A) / horner(d, B) - select(low, fmuladd(k, HIGH, f + c), ZERO)
        y = select(a < THREE, near, far)
        y = select(a < TINY, -fmuladd(k, HIGH, f + c), y)
        # below 0: Gamma(x) Gamma(-x) = -pi / (x sin(pi x))
        s, _, _ = sine_and_cosine(x)
        y = select((x < ZERO) & (a >= TINY), -log(a * s * OVER_PI) - y, y)
        y = select((a == ZERO) | ((x < ZERO) & (s == ZERO)), INF, y + ZERO)  # a pole; a zero is never -0
        return select(a < INF, y, x)

    @inline
    def digamma(x):
        """The derivative of lgamma."""
        a = select(x > ZERO, x, ONE - x)
        below = a < ONE
        u = select(a < THREE, select(below, a + ONE, a), ONE)
        z = ONE / a
        near = ((u - ROOT_HIGH) - ROOT_LOW) * horner(u - ONE, DA) / horner(u - ONE, DB) - select(below, z, ZERO)
        far = log(a) - z * fmuladd(z, estrin(z * z, DG), HALF)
        y = select(a < THREE, near, far)
        s, c, same = sine_and_cosine(x)
        quotient = PI * (c / s)
        reflected = y - select(same, quotient, -quotient)
        y = select(x > ZERO, y, select(s == ZERO, NAN, reflected))
        y = select(x == ZERO, -ONE / x, y)
        return select(x == -INF, NAN, select(x == INF, INF, y))

    return {"lgamma": lgamma, "digamma": digamma}


GAMMA = {t: gamma(t) for t in (FLOAT64, FLOAT32)}
