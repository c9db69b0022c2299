"""arcsin, arccos, arctan, arctan2, without branches or tables.

Method: arctan(a) for a >= 0 has its argument brought into [-tan(pi/8), tan(pi/8)] by arctan(a) = pi/4 + arctan((a - 1) / (a + 1)) or
pi/2 - arctan(1 / a), where one division serves all cases; arcsin(x) beyond 1/2 is pi/2 - 2 arcsin(sqrt((1 - |x|) / 2)), whose square root is of
an exact number. The rest are odd minimax polynomials (`benchmarks/vmath_fits.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fgrad.kernels.intrinsics import absolute, bits, copysign, estrin, fmuladd, inline, select, sqrt
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format
from fgrad.kernels.vmath_trigonometric import HALF_PI


def inverse(t: Format) -> dict[str, Callable[..., Any]]:
    HALF_PI_HIGH, HALF_PI_LOW = map(t, HALF_PI[t.width][:2])
    PI_HIGH, PI_LOW = HALF_PI_HIGH * t(2), HALF_PI_LOW * t(2)
    QUARTER_HIGH, QUARTER_LOW = HALF_PI_HIGH * t(0.5), HALF_PI_LOW * t(0.5)
    ONE, ZERO, HALF, MINUS_HALF = t(1), t(0), t(0.5), t(-0.5)
    LOWER, UPPER = t(0.41421356237309503), t(2.414213562373095)  # tan(pi/8), tan(3 pi/8)
    A, S = t.fit("ARCTAN"), t.fit("ARCSIN")
    SHRINK, HUGE = t(2.0**-2), t(2.0 ** (t.bias - 1))
    GROW, SMALL = t(2.0 ** (2 * t.mantissa + 4)), t(2.0 ** (4 * t.mantissa // 2 - t.bias + 4))

    @inline
    def quotient(a, b):
        """arctan(a / b) of a, b >= 0, not both 0 or inf, and a + b finite."""
        low, high = a < LOWER * b, a > UPPER * b
        top = select(low, a, select(high, -b, a - b))
        bottom = select(low, b, select(high, a, a + b))
        q = top / bottom
        z = q * q
        rest = fmuladd(q * z, estrin(z, A), select(low, ZERO, select(high, HALF_PI_LOW, QUARTER_LOW)))
        return select(low, ZERO, select(high, HALF_PI_HIGH, QUARTER_HIGH)) + (q + rest)

    @inline
    def arctan(x):
        a = absolute(x)
        return copysign(quotient(a, ONE), x)

    @inline
    def arctan2(y, x):
        """The angle of the point (x, y)."""
        a, b = absolute(y), absolute(x)
        # Two infinities are worth two ones, and over two zeros the angle is that of x = 1. Sums must not overflow, nor products underflow.
        infinite = (a == b) & (a > FINITE)
        zero = (a == ZERO) & (b == ZERO)
        a, b = select(infinite, ONE, a), select(infinite | zero, ONE, b)
        factor = select((a > HUGE) | (b > HUGE), SHRINK, select((a < SMALL) & (b < SMALL), GROW, ONE))
        a, b = a * factor, b * factor
        angle = quotient(a, b)
        return copysign(select(bits(x) < 0, PI_HIGH - (angle - PI_LOW), angle), y)

    FINITE = t(3.4028234663852886e38 if t.width == 32 else 1.7976931348623157e308)

    @inline
    def polynomial(a):
        """For a = |x|: whether a <= 1/2; then a, else sqrt((1 - a) / 2); and arcsin of that less itself."""
        near = a <= HALF
        z = select(near, a * a, fmuladd(a, MINUS_HALF, HALF))
        s = select(near, a, sqrt(z))
        return near, s, s * z * estrin(z, S)

    @inline
    def arcsin(x):
        near, s, rest = polynomial(absolute(x))
        far = HALF_PI_HIGH - ((s + s) + ((rest + rest) - HALF_PI_LOW))
        return copysign(select(near, s + rest, far), x)

    @inline
    def arccos(x):
        near, s, rest = polynomial(absolute(x))
        double = (s + s) + (rest + rest)
        signed = copysign(s, x)
        middle = HALF_PI_HIGH - (signed - (HALF_PI_LOW - copysign(rest, x)))
        return select(near, middle, select(x < ZERO, PI_HIGH - (double - PI_LOW), double))

    return {"arcsin": arcsin, "arccos": arccos, "arctan": arctan, "arctan2": arctan2}


INVERSE = {t: inverse(t) for t in (FLOAT64, FLOAT32)}
