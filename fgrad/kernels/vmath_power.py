"""pow, cbrt and hypot, without branches or tables.

Methods: x**y = exp(y log(x)) with a logarithm of about 66 bits: 2s + 2/3 s^3 in two numbers each, s = f / (2 + f), and the tail of the series in one
(minimax, `benchmarks/vmath_fits.py`); the product with y in two numbers; the exponential takes the lower one into its last step. float32 goes
through float64, whose plain logarithm is exact enough for it. cbrt: a minimax polynomial on [1, 8), two steps of Halley, and a correction by
the exact residue. hypot: scaled by a power of two, and the square root corrected by its residue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.intrinsics import (
    absolute,
    bits,
    copysign,
    estrin,
    floor,
    fma,
    fmuladd,
    iand,
    inline,
    ior,
    isub,
    maximum,
    minimum,
    select,
    shift_left,
    shift_right,
    sqrt,
)  # fmt: skip
from fgrad.kernels.vmath_exponential import EXPONENTIAL
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, quick_sum, splitter, two_product, two_sum

INF, NAN = np.inf, np.nan
TAIL = FLOAT64.fit("LOG_TAIL")
LOG, EXPM1 = FLOAT64.fit("LOG"), FLOAT64.fit("EXPM1")
LN2_HIGH, LN2_LOW = 0.6931471805598903, 5.497923018708371e-14  # k * high is exact, as the high part has 42 bits
TWO_THIRDS, TWO_THIRDS_LOW = 0.6666666666666666, 3.700743415417188e-17
_, split_any = splitter(FLOAT64)
reduced, expm1_small, scaled, exp = (EXPONENTIAL[FLOAT64][name] for name in ("reduced", "expm1_small", "scaled", "exp"))


@inline
def log_two(x):
    """log(x) of a positive finite x in two numbers."""
    k, f = split_any(x)
    d, d_low = quick_sum(2.0, f)
    inverse = 1.0 / d
    s = f * inverse
    s_low = (fma(-s, d, f) - s * d_low) * inverse
    w, w_low = two_product(s, s)
    w_low = fmuladd(s + s, s_low, w_low)
    cube, cube_low = two_product(s, w)
    cube_low += fmuladd(s, w_low, s_low * w)
    third, third_low = two_product(cube, TWO_THIRDS)
    third_low += fmuladd(cube, TWO_THIRDS_LOW, cube_low * TWO_THIRDS)
    third_low = fmuladd(cube * w, estrin(w, TAIL), third_low)
    a, a_low = quick_sum(s + s, third)
    a_low += third_low + (s_low + s_low)
    b, b_low = two_sum(k * LN2_HIGH, a)
    return quick_sum(b, b_low + fmuladd(k, LN2_LOW, a_low))


@inline
def power_special(x, y, a, z):
    """x**y, where z is |x|**y of finite positive |x| = a and finite y; as C99 has it."""
    half = y * 0.5
    integral = floor(y) == y  # true of infinities
    odd = integral & (floor(half) != half)
    # |x| = 0 or inf, or |y| = inf: 0, 1 or inf.
    big = (a > 1.0) == (y > 0.0)
    z = select((a == 0.0) | (a == INF) | (absolute(y) == INF), select(big, INF, 0.0), z)
    z = select((a == 1.0) & (absolute(y) == INF), 1.0, z)
    z = select((x < 0.0) & (a < INF) & (absolute(y) < INF) & (not integral), NAN, z)
    z = select(odd, copysign(z, x), z)
    z = select((x != x) | (y != y), x + y, z)
    return select((x == 1.0) | (y == 0.0), 1.0, z)


@inline
def pow64(x, y):
    a = absolute(x)
    valid = (a > 0.0) & (a < INF)
    h, low = log_two(select(valid, a, 1.0))
    v = minimum(maximum(y, -1e300), 1e300)  # the product stays a number
    p, p_low = two_product(h, v)
    p_low = fmuladd(low, v, p_low)
    inside = absolute(p) < 800.0
    p, p_low = select(inside, p, copysign(800.0, p)), select(inside, p_low, 0.0)
    p = select(p > 709.9, 709.9, p)
    p = select(p < -745.5, -745.5, p)
    n, r = reduced(p)
    q = expm1_small(r)
    z = scaled(n, 1.0 + (q + fmuladd(q, p_low, p_low)))
    return power_special(x, y, a, z)


@inline
def pow32(x, y):
    u, v = np.float64(x), np.float64(y)
    a = absolute(u)
    k, f = split_any(select((a > 0.0) & (a < INF), a, 1.0))
    s = f / (2.0 + f)
    w = s * s
    log = fmuladd(k, 0.6931471805599453, fmuladd(s * w, estrin(w, LOG), s + s))
    p = minimum(maximum(log * v, -200.0), 200.0)
    return np.float32(power_special(u, v, a, exp(select(p == p, p, 0.0))))


def roots(t: Format) -> dict[str, Callable[..., Any]]:
    M, BIAS, MAGIC, MAGIC_BITS = t.mantissa, t.bias, t.magic, t.magic_bits
    ROOT = t.fit("CBRT")
    ZERO, ONE, HALF, INFINITE, THIRD, MINUS_THREE = t(0), t(1), t(0.5), t(np.inf), t(1 / 3), t(-3)
    NORMAL, LIFTED = t.smallest_normal, M // 3 + 2
    LIFT, NONE, BACK = t(2.0 ** (3 * LIFTED)), t(0), t(LIFTED)
    INT_BITS, INT = t.bits(2.0**M), t(2.0**M + BIAS)
    MANTISSA, ONE_BITS = (1 << M) - 1, BIAS << M
    HUGE, SMALL, FACTOR = t(2.0 ** (BIAS // 2)), t(2.0 ** -(BIAS // 2)), t(2.0 ** (BIAS // 2 + M + 3))
    INVERSE = ONE / FACTOR

    @inline
    def power_of_two(n):
        """2**k of n = k + MAGIC."""
        return bits(shift_left(isub(bits(n), MAGIC_BITS - BIAS), M))

    @inline
    def cbrt(x):
        a = absolute(x)
        low = a < NORMAL
        valid = (a > ZERO) & (a < INFINITE)
        i = bits(select(valid, select(low, a * LIFT, a), ONE))
        e = bits(ior(shift_right(i, M), INT_BITS)) - INT
        n = fmuladd(e - ONE, THIRD, MAGIC)  # the multiple of 3 that leaves 0, 1 or 2
        k = n - MAGIC
        m = bits(ior(iand(i, MANTISSA), ONE_BITS)) * power_of_two(fmuladd(k, MINUS_THREE, e) + MAGIC)
        y = estrin(m, ROOT)
        cube = y * y * y
        y = y * ((cube + (m + m)) / (cube + cube + m))
        square, square_low = two_product(y, y)
        cube, cube_low = two_product(square, y)
        residue = (cube - m) + fmuladd(square_low, y, cube_low)
        y = y - residue * THIRD / square
        y = y * power_of_two(n - select(low, BACK, NONE))
        return copysign(select(valid, y, a), x)

    @inline
    def hypot(x, y):
        a, b = absolute(x), absolute(y)
        infinite = (a == INFINITE) | (b == INFINITE)
        large, small = select(a > b, a, b), select(a > b, b, a)
        huge, tiny = large > HUGE, large < SMALL
        factor = select(huge, INVERSE, select(tiny, FACTOR, ONE))
        back = select(huge, FACTOR, select(tiny, INVERSE, ONE))
        large, small = large * factor, small * factor
        s, s_low = two_product(large, large)
        h, h_low = quick_sum(s, small * small)
        h_low = h_low + s_low + fma(small, small, -(small * small))
        root = sqrt(h)
        rest = (fma(-root, root, h) + h_low) * HALF / select(root > ZERO, root, ONE)
        return select(infinite, INFINITE, select(a != a, a, (root + rest) * back))

    return {"cbrt": cbrt, "hypot": hypot}


POWER = {t: {"pow": pow64 if t.width == 64 else pow32} | roots(t) for t in (FLOAT64, FLOAT32)}
