"""sin, cos, tan, without branches or tables up to a limit, and exactly reduced beyond.

Method: x = n pi/2 + r by Cody and Waite's reduction, with pi/2 in parts of full precision, since fma does not round n times a part: the first
difference is exact, and what the second one loses is kept. sin(r) and cos(r) are odd and even minimax polynomials
(`benchmarks/vmath_fits.py`); the quadrant n mod 4 selects one and a sign. Beyond the limit the vector code goes lane by lane through
`vmath_huge`, in float64 for both formats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types

from fgrad.kernels.intrinsics import (
    absolute,
    beyond,
    bits,
    copysign,
    estrin,
    fma,
    fmuladd,
    iadd,
    iand,
    inline,
    ixor,
    outlined,
    rarely,
    select,
    shift_left,
)  # fmt: skip
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, Format, quick_sum, two_product
from fgrad.kernels.vmath_huge import reduced_huge

HALF_PI = {
    64: (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
    32: (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
}
LIMITS = {64: 2.0**45, 32: 2.0**17}  # up to them the quotient is small enough for the parts of pi/2


def quadrants(t: Format) -> tuple[Callable[..., Any], dict[str, Callable[..., Any]]]:
    """sin(r + low) and cos(r + low) for |r| <= pi/4, and sin, cos, tan of n pi/2 + r from n, sin(r) and cos(r)."""
    S, C = t.fit("SIN"), t.fit("COS")
    ONE, MINUS_HALF = t(1), t(-0.5)
    SIGN = t.width - 2  # bit 1 of the quadrant, shifted so far, is the sign

    @inline
    def both(r, low):
        z = r * r
        w = fmuladd(z, MINUS_HALF, ONE)
        sine = r + fmuladd(z * r, estrin(z, S), low * w)
        return sine, w + (fmuladd(z, MINUS_HALF, ONE - w) + fmuladd(z * z, estrin(z, C), -(r * low)))

    @inline
    def sin(n, s, c):
        return bits(ixor(bits(select(iand(n, 1) == 0, s, c)), shift_left(iand(n, 2), SIGN)))

    @inline
    def cos(n, s, c):
        return sin(iadd(n, 1), s, c)

    @inline
    def tan(n, s, c):
        even = iand(n, 1) == 0
        return select(even, s, c) / select(even, c, -s)

    return both, {"sin": sin, "cos": cos, "tan": tan}


BOTH, QUADRANTS = quadrants(FLOAT64)
OF_QUADRANT = QUADRANTS["sin"]


def shifted_sine(x, quadrant):
    """sin(x + quadrant * pi/2) for x >= 1."""
    n, r, low = reduced_huge(x)
    s, c = BOTH(r, low)
    return OF_QUADRANT(iadd(n, quadrant), s, c)


sine_of_huge = outlined("fgrad.huge.f64", types.float64(types.float64, types.int64), shifted_sine)
HUGE: dict[str, Callable[[Any], Any]] = {
    "sin": inline(lambda x: copysign(1.0, x) * sine_of_huge(absolute(x), 0)),
    "cos": inline(lambda x: sine_of_huge(absolute(x), 1)),
    "tan": inline(lambda x: copysign(1.0, x) * (sine_of_huge(absolute(x), 0) / sine_of_huge(absolute(x), 1))),
}


def trigonometric(t: Format) -> dict[str, Callable[..., Any]]:
    MAGIC, LIMIT = t.magic, t(LIMITS[t.width])
    P1, P2, P3 = (-t(p) for p in HALF_PI[t.width])
    TWO_OVER_PI, TINY, NAN, INF = t(0.6366197723675814), t.tiny, t(np.nan), t(np.inf)
    both, functions = quadrants(t)

    @inline
    def reduced(x):
        """n mod 4 in the last bits, r and low, of x = n pi/2 + r + low."""
        n = fmuladd(x, TWO_OVER_PI, MAGIC)
        k = n - MAGIC
        first = fma(k, P1, x)
        p, p_low = two_product(k, P2)
        r, low = quick_sum(first, p)
        return bits(n), r, fmuladd(k, P3, low + p_low)

    def function(name: str) -> Callable[..., Any]:
        odd = name != "cos"
        of_quadrant, of_huge = functions[name], HUGE[name]
        names = {types.float64: f"fgrad.{name}.f64.huge", types.float32: f"fgrad.{name}.f32.huge"}
        widened = (lambda x: of_huge(x)) if t.width == 64 else (lambda x: np.float32(of_huge(np.float64(x))))
        huge = rarely(names, beyond(LIMITS[t.width]), widened)

        @inline
        def f(x):
            n, r, low = reduced(x)
            s, c = both(r, low)
            y = of_quadrant(n, s, c)
            a = absolute(x)
            y = select(a > LIMIT, huge(x), y)
            y = select(a < INF, y, NAN)
            return select(a < TINY, x, y) if odd else y

        return f

    return {name: function(name) for name in ("sin", "cos", "tan")}


TRIGONOMETRIC = {t: trigonometric(t) for t in (FLOAT64, FLOAT32)}
