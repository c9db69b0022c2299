"""exp, exp2, expm1 and the logistic function, without branches or tables.

Method: x = k ln(2) + r by Cody and Waite's two-part ln(2), so |r| < 0.35; exp(r) - 1 = r + r^2 q(r) with a minimax q
(`benchmarks/vmath_fits.py`); then the power of two, put together from bits. Rounding to the integer k is the addition of 1.5 * 2**mantissa,
whose last bits then hold k: these functions must not be compiled with reassociation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fgrad.kernels.intrinsics import absolute, bits, estrin, fmuladd, inline, isub, select, shift_left, shift_right
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format

# The high parts have 33 and 10 bits: k * high is exact.
LN2 = {64: (0.6931471803691238, 1.9082149292705877e-10), 32: (0.693359375, -2.1219444e-4)}


def exponential(t: Format) -> dict[str, Callable[..., Any]]:
    M, BIAS, MAGIC, MAGIC_BITS = t.mantissa, t.bias, t.magic, t.magic_bits
    HIGH, LOW = map(t, LN2[t.width])
    MINUS_HIGH, MINUS_LOW = -HIGH, -LOW
    LOG2E, LN2_ALL, ONE, TWO, HALF, ZERO, TINY = t(1.4426950408889634), t(0.6931471805599453), t(1), t(2), t(0.5), t(0), t.tiny
    Q = t.fit("EXPM1")
    HALVES = MAGIC_BITS - 8 * BIAS  # k + 8 bias is positive
    OFFSET = 3 * BIAS
    wide = t.width == 64
    LARGEST, SMALLEST = t(709.8 if wide else 89), t(-745.2 if wide else -104)  # beyond them the result is inf or 0
    LARGEST2, SMALLEST2 = t(BIAS + 1), t(-(BIAS + M + 2))
    ALL_LOST = t(-40 if wide else -20)  # expm1 is -1 there

    @inline
    def reduced(x):
        """n + MAGIC, and x - n ln(2)."""
        n = fmuladd(x, LOG2E, MAGIC)
        k = n - MAGIC
        return n, fmuladd(k, MINUS_LOW, fmuladd(k, MINUS_HIGH, x))

    @inline
    def expm1_small(r):
        return fmuladd(r * r, estrin(r, Q), r)

    @inline
    def scaled(n, y):
        """y 2**k, from n = k + MAGIC, in two factors: the result may be subnormal."""
        k = isub(bits(n), HALVES)
        half = shift_right(k, 1)
        return y * bits(shift_left(isub(half, OFFSET), M)) * bits(shift_left(isub(isub(k, half), OFFSET), M))

    @inline
    def exp(x):
        """e**x."""
        x = select(x > LARGEST, LARGEST, x)
        x = select(x < SMALLEST, SMALLEST, x)
        n, r = reduced(x)
        return scaled(n, expm1_small(r) + ONE)

    @inline
    def exp_normal(x):
        """e**x where that is a normal number; a cheaper part of other functions."""
        n, r = reduced(x)
        return (expm1_small(r) + ONE) * bits(shift_left(isub(bits(n), MAGIC_BITS - BIAS), M))

    @inline
    def exp2(x):
        """2**x, exact for integers."""
        x = select(x > LARGEST2, LARGEST2, x)
        x = select(x < SMALLEST2, SMALLEST2, x)
        n = x + MAGIC
        return scaled(n, expm1_small((x - (n - MAGIC)) * LN2_ALL) + ONE)

    @inline
    def expm1(x):
        """e**x - 1."""
        y = select(x > LARGEST, LARGEST, x)
        y = select(y < ALL_LOST, ALL_LOST, y)
        n, r = reduced(y)
        s = bits(shift_left(isub(bits(n), MAGIC_BITS - BIAS + 1), M))  # 2**(k - 1): k may be the largest exponent plus one
        y = fmuladd(s, expm1_small(r), s - HALF) * TWO
        return select(absolute(x) < TINY, x, y)

    @inline
    def sigmoid(x):
        """1 / (1 + e**-x), whose left end goes down to the subnormal numbers."""
        e = exp(-absolute(x))
        return select(x < ZERO, e, ONE) / (ONE + e)

    return {
        "exp": exp, "exp2": exp2, "expm1": expm1, "sigmoid": sigmoid,
        "exp_normal": exp_normal, "reduced": reduced, "expm1_small": expm1_small, "scaled": scaled,
    }  # fmt: skip


EXPONENTIAL = {t: exponential(t) for t in (FLOAT64, FLOAT32)}
