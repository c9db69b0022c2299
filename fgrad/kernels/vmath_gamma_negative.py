"""lgamma and digamma of negative numbers, in pairs of numbers: the rarely taken way of both.

Between -18.5 and 0, x = t - m with an integer m and |t| <= 1/2: Gamma(x) is Gamma(2 + t) over the product of x, x + 1, ..., 1 + t, and digamma(x) is
digamma(2 + t) less the sum of their inverses. Series about 2, products and sums are kept in two numbers each, so that what cancels leaves an error
of about 2**-66. Beside a zero even that is too much, and the Taylor series there is used, from the zero in two numbers (`benchmarks/vmath_fits.py`).
Below, both are reflected: |Gamma(-a)| = pi / (a sin(pi a) Gamma(a)), where lgamma has no zero between numbers of this format any more, and
digamma(-a) = digamma(1 + a) + pi / tan(pi a), of which every zero down to -2**52 counts.

What holds: lgamma has the error of positive numbers everywhere, and digamma down to -18.5; below, digamma has it where |digamma| > 2**-10, and
beside its zeros, where it is smaller, an absolute error of 2**-62.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types

from fgrad.kernels import vmath_coefficients as coefficients
from fgrad.kernels.intrinsics import absolute, below, estrin, fma, fmuladd, horner, inline, outlined, rarely, rint
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64, quick_sum, two_product, two_sum
from fgrad.kernels.vmath_power import log_two
from fgrad.kernels.vmath_trigonometric import BOTH

INF, NAN, PI, PI_LOW = np.inf, np.nan, 3.141592653589793, 1.2246467991473532e-16
OVER_PI, STIRLING_CONSTANT = 1 / np.pi, 0.41893853320467274
LAST = 18.0  # the largest m of the product
ZERO_OF_LGAMMA, ZERO_OF_DIGAMMA = 2.0**-13, 2.0**-11  # what is smaller comes from the Taylor series about a zero
FIRST_ZERO = 5  # 2 m + (t < 0) of the largest negative zero of lgamma
ROW = 8  # a zero, its rest, the slope, its rest, four more coefficients
LGAMMA_ZEROS, DIGAMMA_ZEROS = np.array(coefficients.LGAMMA_ZEROS_64), np.array(coefficients.DIGAMMA_ZEROS_64)
LGAMMA_HEAD, LGAMMA_HEAD_LOW = np.array(coefficients.LGAMMA_HEAD_64), np.array(coefficients.LGAMMA_HEAD_LOW_64)
DIGAMMA_HEAD, DIGAMMA_HEAD_LOW = np.array(coefficients.DIGAMMA_HEAD_64), np.array(coefficients.DIGAMMA_HEAD_LOW_64)
SINE_HEAD, SINE_HEAD_LOW = np.array(coefficients.SINE_HEAD_64), np.array(coefficients.SINE_HEAD_LOW_64)
COSINE_HEAD, COSINE_HEAD_LOW = np.array(coefficients.COSINE_HEAD_64), np.array(coefficients.COSINE_HEAD_LOW_64)
LGAMMA_REST, DIGAMMA_REST = FLOAT64.fit("LGAMMA_REST"), FLOAT64.fit("DIGAMMA_REST")
SINE_REST, COSINE_REST = FLOAT64.fit("SINE_REST"), FLOAT64.fit("COSINE_REST")
STIRLING, DIGAMMA_FAR = FLOAT64.fit("STIRLING"), FLOAT64.fit("DIGAMMA_FAR")


@inline
def product(x, x_low, y, y_low):
    p, low = two_product(x, y)
    return p, fmuladd(x, y_low, fmuladd(x_low, y, low))


@inline
def times(x, x_low, y):
    p, low = two_product(x, y)
    return p, fmuladd(x_low, y, low)


@inline
def polynomial(x, x_low, head, head_low, rest):
    """head[0] + head[1] x + ..., where terms decrease, and rest(x) times the next power of x."""
    y, low = rest, 0.0
    for k in range(head.size - 1, -1, -1):
        y, low = product(y, low, x, x_low)
        y, error = quick_sum(head[k], y)
        low += error + head_low[k]
    return y, low


@inline
def inverse(x, x_low):
    q = 1.0 / x
    return q, (fma(-q, x, 1.0) - q * x_low) * q


@inline
def series(x, zeros, at):
    """The Taylor series of row `at` of the zeros."""
    k = ROW * at
    d = x - zeros[k]
    e = d - zeros[k + 1]
    tail = horner(e, (zeros[k + 4], zeros[k + 5], zeros[k + 6], zeros[k + 7]))
    return fmuladd(d, zeros[k + 2], fmuladd(e * e, tail, fmuladd(d, zeros[k + 3], -zeros[k + 1] * zeros[k + 2])))


@inline
def sine_of_pi(t):
    """sin(pi t) for 0 <= t <= 1/2."""
    outer = t > 0.25
    v = 0.5 - t if outer else t
    r, low = two_product(v, PI)
    s, c = BOTH(r, fmuladd(v, PI_LOW, low))
    return c if outer else s


@inline
def lgamma_reflected(a, t):
    """lgamma(-a) of a large a, t away from an integer."""
    log, log_low = log_two(a)
    b, b_low = two_sum(log, -1.0)
    p, p_low = times(b, b_low + log_low, a - 0.5)
    z = 1.0 / a
    other, other_low = log_two(a * sine_of_pi(t) * OVER_PI)
    y, low = two_sum(-p, -other)
    return y - ((p_low - low) + (other_low + fmuladd(z, estrin(z * z, STIRLING), STIRLING_CONSTANT)))


def lgamma_negative(x):
    """log |Gamma(x)| of x < 0; what -inf gives means nothing."""
    m = rint(-x)
    t = x + m
    if t == 0.0:
        return INF
    if m > LAST:
        return lgamma_reflected(-x, absolute(t))
    u, u_low = two_sum(1.0, t)
    p, p_low = times(u, u_low, t)
    j = 1.0
    while j <= m:
        p, p_low = times(p, p_low, j - t)
        j += 1.0
    log, log_low = log_two(absolute(p))
    s, s_low = polynomial(t, 0.0, LGAMMA_HEAD, LGAMMA_HEAD_LOW, horner(t, LGAMMA_REST))
    s, s_low = times(s, s_low, t)
    y, low = two_sum(s, -log)
    y += low + (s_low - (log_low + p_low / p))
    at = 2 * int(m) + (1 if t < 0.0 else 0) - FIRST_ZERO
    if absolute(y) < ZERO_OF_LGAMMA and at * ROW < LGAMMA_ZEROS.size:
        y = series(x, LGAMMA_ZEROS, at)
    return y


@inline
def digamma_reflected(a, t):
    """digamma(-a) of a large a, t being -a less an integer."""
    v = absolute(t)
    outer = v > 0.25
    v = 0.5 - v if outer else v
    r, low = times(PI, PI_LOW, v)
    z, z_low = product(r, low, r, low)
    s, s_low = polynomial(z, z_low, SINE_HEAD, SINE_HEAD_LOW, horner(z, SINE_REST))
    s, s_low = product(s, s_low, r, low)
    c, c_low = polynomial(z, z_low, COSINE_HEAD, COSINE_HEAD_LOW, horner(z, COSINE_REST))
    if outer:
        s, s_low, c, c_low = c, c_low, s, s_low
    q, q_low = inverse(s, s_low)
    q, q_low = product(q, q_low, c, c_low)
    q, q_low = product(q, q_low, PI, PI_LOW)
    if t > 0.0:
        q, q_low = -q, -q_low
    log, log_low = log_two(a)
    h, h_low = inverse(a + a, 0.0)
    y, low = two_sum(log, q)
    y, low2 = two_sum(y, h)
    w = 4.0 * h * h
    return y + ((low + low2) + ((log_low + h_low) + fmuladd(-w, estrin(w, DIGAMMA_FAR), q_low)))


def digamma_negative(x):
    """The derivative of lgamma at x < 0."""
    m = rint(-x)
    t = x + m
    if t == 0.0 or x == -INF:
        return NAN
    if x > -1e-100:
        return -1.0 / x
    if m > LAST:
        return digamma_reflected(-x, t)
    u, u_low = two_sum(1.0, t)
    y, low = inverse(u, u_low)
    s, s_low = polynomial(t, 0.0, DIGAMMA_HEAD, DIGAMMA_HEAD_LOW, horner(t, DIGAMMA_REST))
    y, rest = two_sum(s, -y)
    low = rest + (s_low - low)
    j = 0.0
    while j <= m:
        q, q_low = inverse(j - t, 0.0)
        y, rest = two_sum(y, q)
        low += rest + q_low
        j += 1.0
    y += low
    at = int(m) - 1
    if absolute(y) < ZERO_OF_DIGAMMA and at >= 0:
        y = series(x, DIGAMMA_ZEROS, at)
    return y


def for_negative(name: str, function: Callable[[Any], Any]) -> dict[Any, Callable[[Any], Any]]:
    """`call(x)` by format: the function of x < 0, else 0."""
    outside = outlined(f"fgrad.{name}_negative.f64", types.float64(types.float64), function)
    names = {types.float64: f"fgrad.{name}.f64.negative", types.float32: f"fgrad.{name}.f32.negative"}
    return {
        FLOAT64: rarely(names, below(0.0), lambda x: outside(x)),
        FLOAT32: rarely(names, below(0.0), lambda x: np.float32(outside(np.float64(x)))),
    }


NEGATIVE = {"lgamma": for_negative("lgamma", lgamma_negative), "digamma": for_negative("digamma", digamma_negative)}
