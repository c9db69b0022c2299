"""erf and erfc, without branches or tables.

Method: erf(x) = x + x P(x^2) up to 1, and 1 - exp(-Q(|x|)) beyond, Q(x) = -log(erfc(x)). erfc(x) = 1 - erf(x) near 0 and exp(-x^2) erfcx(x) beyond, where
(1 + 2x) erfcx(x) is a polynomial in (x - K) / (x + K) (Shepherd and Laframboise, 1981), and x^2 is kept with its rounding error;
erfc(-x) = 2 - erfc(x). All polynomials are minimax fits (`benchmarks/vmath_fits.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fgrad.kernels.intrinsics import absolute, copysign, estrin, fma, fmuladd, horner, inline, select
from fgrad.kernels.vmath_exponential import EXPONENTIAL, LN2
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, two_product, two_sum


def error(t: Format) -> dict[str, Callable[..., Any]]:
    exp_normal, scaled = EXPONENTIAL[t]["exp_normal"], EXPONENTIAL[t]["scaled"]
    MAGIC, MINUS_LOG2E, MINUS_LN2, MINUS_LN2_LOW = t.magic, t(-1.4426950408889634), *(-t(part) for part in LN2[t.width])
    EXPM1, P, Q, E = t.fit("EXPM1"), t.fit("ERF"), t.fit("ERF_TAIL"), t.fit("ERFCX")
    ONE, TWO, ZERO, K = t(1), t(2), t(0), t(3.75)
    FLAT = t(6 if t.width == 64 else 4)  # erf of it is 1
    E_FIRST, E_LOW, E_REST = E[0], t.number("ERFCX_LOW"), E[1:]
    MIDDLE = t(0.8)  # beyond it, 1 - erf(x) is smaller than 1/4 and cancels
    LARGEST = t(27.3 if t.width == 64 else 10.1)  # erfc of it is 0

    @inline
    def erf(x):
        a = absolute(x)
        b = select(a > FLAT, FLAT, a)
        z = b * b
        near = fmuladd(b, estrin(z, P), b)
        return copysign(select(b < ONE, near, ONE - exp_normal(-horner(b, Q))), x)

    @inline
    def erfc(x):
        a = absolute(x)
        a = select(a > LARGEST, LARGEST, a)
        square, low = two_product(a, a)
        # exp(-square - low) = 2**k (1 + r + tail), up to r_low, which is the rounding error of r too
        n = fmuladd(square, MINUS_LOG2E, MAGIC)
        k = n - MAGIC
        s = fmuladd(k, MINUS_LN2, -square)
        r = fmuladd(k, MINUS_LN2_LOW, s)
        r_low = fmuladd(k, MINUS_LN2_LOW, s - r) - low
        tail = r * r * estrin(r, EXPM1)
        d, d_low = two_sum(ONE, a + a)
        m = a + K
        both = ONE / (d * m)  # one division for two quotients; the second is corrected by its residue
        inverse = both * m
        v = (a - K) * (both * d)
        h = horner(v, E_REST)
        e = fma(v, h, E_FIRST)
        e_low = fma(v, h, E_FIRST - e) + E_LOW
        g = e * inverse
        residue = ((fma(-g, d, e) - g * d_low) + e_low) * inverse
        rest = fmuladd(g, tail, fmuladd(g * r_low, ONE + (r + tail), residue))
        far = scaled(n, g + fmuladd(g, r, rest))
        near = ONE - fmuladd(x, estrin(square, P), x)
        return select(a < MIDDLE, near, select(x < ZERO, TWO - far, far))

    return {"erf": erf, "erfc": erfc}


ERROR = {t: error(t) for t in (FLOAT64, FLOAT32)}
