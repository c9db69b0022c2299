"""sinh, cosh, tanh and their inverses, without branches or tables.

Method: |x| = k ln(2) + r as for exp; sinh(r) and cosh(r) - 1 are odd and even minimax polynomials, and the addition theorem joins them to
sinh(k ln 2) and cosh(k ln 2), which are halves of 2**k -+ 2**-k. Nothing cancels, and up to 0.55 k is 0: the polynomials alone remain. The inverses
are logarithms of sums that are kept with their rounding errors (`log_sum`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.intrinsics import absolute, bits, copysign, estrin, fma, fmuladd, inline, isub, select, shift_left, sqrt
from fgrad.kernels.vmath_exponential import LN2
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, two_sum
from fgrad.kernels.vmath_logarithmic import LOGARITHMIC


def hyperbolic(t: Format) -> dict[str, Callable[..., Any]]:
    M, BIAS, MAGIC, MAGIC_BITS = t.mantissa, t.bias, t.magic, t.magic_bits
    HIGH, LOW = map(t, LN2[t.width])
    MINUS_HIGH, MINUS_LOW = -HIGH, -LOW
    LOG2E, ONE, TWO, HALF, ZERO, TINY, NAN, INF = t(1.4426950408889634), t(1), t(2), t(0.5), t(0), t.tiny, t(np.nan), t(np.inf)
    S, C = t.fit("SINH"), t.fit("COSH")
    wide = t.width == 64
    LARGEST = t(710.5 if wide else 89.5)  # sinh and cosh of it overflow
    FAR_APART = t(40)  # 2**-k is lost beside 2**k
    MIDDLE = t(0.55)  # the polynomials reach so far
    FLAT = t(20 if wide else 10)  # tanh of it is 1
    FAR = t(2.0 ** (t.mantissa // 2 + 3))  # beyond it, sqrt(x^2 + 1) is x
    LN2_ALL = t(0.6931471805599453)
    log_sum = LOGARITHMIC[t]["log_sum"]

    @inline
    def parts(a, down):
        """2**(k - 1), 2**(-k - 1), both times 2**-down, sinh(r) and cosh(r) - 1, of a = k ln(2) + r >= 0."""
        n = select(a < MIDDLE, MAGIC, fmuladd(a, LOG2E, MAGIC))
        k = n - MAGIC
        r = fmuladd(k, MINUS_LOW, fmuladd(k, MINUS_HIGH, a))
        z = r * r
        i = isub(bits(n), MAGIC_BITS)
        up = bits(shift_left(isub(i, 1 + down - BIAS), M))
        under = bits(shift_left(isub(isub(isub(i, i), i), 1 + down - BIAS), M))
        under = select(a > FAR_APART, ZERO, under)
        return up, under, fmuladd(r * z, estrin(z, S), r), z * fmuladd(z, estrin(z, C), HALF)

    @inline
    def sinh(x):
        a = absolute(x)
        up, under, sr, cr = parts(select(a > LARGEST, LARGEST, a), 1)
        s, c = up - under, up + under
        y = (s + fmuladd(cr, s, sr * c)) * TWO
        return select(a < TINY, x, copysign(y, x))

    @inline
    def cosh(x):
        a = absolute(x)
        up, under, sr, cr = parts(select(a > LARGEST, LARGEST, a), 1)
        s, c = up - under, up + under
        return (c + fmuladd(cr, c, sr * s)) * TWO

    @inline
    def tanh(x):
        """sinh / cosh, or 1 - e**-|x| / cosh where that is larger than a half: the quotient's error then counts for less."""
        a = absolute(x)
        up, under, sr, cr = parts(select(a > FLAT, FLAT, a), 0)
        s, c = up - under, up + under
        middle = a < MIDDLE
        q = select(middle, s + fmuladd(cr, s, sr * c), (under + under) * (ONE + (cr - sr))) / (c + fmuladd(cr, c, sr * s))
        return copysign(select(middle, q, ONE - q), x)

    @inline
    def arcsinh(x):
        """log(|x| + sqrt(x^2 + 1)) with the rounding errors of the sum."""
        a = absolute(x)
        far = a > FAR
        b = select(far, ONE, a)
        square = b * b
        h, low = two_sum(ONE, square)
        root = sqrt(h)
        rest = (fma(-root, root, h) + (low + fma(b, b, -square))) * (HALF / root)
        u, e = two_sum(root, b)
        y = log_sum(select(far, a, u), select(far, ZERO, e + rest)) + select(far, LN2_ALL, ZERO)
        y = select(a < TINY, a, y)
        return copysign(select(a < INF, y, a), x)

    @inline
    def arccosh(x):
        """log1p(d + sqrt(d (d + 2))), d = x - 1, with the rounding errors of the sum."""
        far = x > FAR
        b = select(far, TWO, x)
        d = b - ONE
        h, low = two_sum(d, TWO)
        q = d * h
        root = sqrt(q)
        rest = (fma(-root, root, q) + fma(d, h, -q) + d * low) * (HALF / select(root > ZERO, root, ONE))
        near, e = two_sum(d, root)
        u, e2 = two_sum(ONE, near)
        y = log_sum(select(far, x, u), select(far, ZERO, e2 + (e + rest))) + select(far, LN2_ALL, ZERO)
        y = select(x < INF, y, x)
        return select(x < ONE, NAN, y)

    @inline
    def arctanh(x):
        """log1p(2 |x| / (1 - |x|)) / 2 with the rounding error of the quotient."""
        a = absolute(x)
        b = select(a < ONE, a, ZERO)
        h, low = two_sum(ONE, -b)
        inverse = ONE / h
        q = (b + b) * inverse
        rest = (fma(-q, h, b + b) - q * low) * inverse
        u, e = two_sum(ONE, q)
        y = HALF * log_sum(u, e + rest)
        y = select(a < TINY, a, y)
        y = select(a == ONE, INF, y)
        return copysign(select(a <= ONE, y, NAN), x)

    return {"sinh": sinh, "cosh": cosh, "tanh": tanh, "arcsinh": arcsinh, "arccosh": arccosh, "arctanh": arctanh}


HYPERBOLIC = {t: hyperbolic(t) for t in (FLOAT64, FLOAT32)}
