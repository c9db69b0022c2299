"""Reduction of huge arguments modulo pi/2 (Payne and Hanek), in integers: the rarely taken way of sin, cos and tan.

x = m 2**e with an integer m of 53 bits. Of the binary digits of 2/pi, those before the place 2**(1 - e) add multiples of 4 to x 2/pi, and those
192 places further are lost beside the rest: m times the 192 digits between is the quotient modulo 4, with 137 bits behind the point. No double is
closer to a multiple of pi/2 than 2**-62, so that 75 bits of the remainder are right.
"""

from __future__ import annotations

import numpy as np

from fgrad.kernels.intrinsics import absolute, bits, iand, inline, ior, shift_left, shift_right
from fgrad.kernels.vmath_formats import two_product, two_sum

WORD = 32
PAD = 2 * WORD  # zeros before the point, for exponents below 1
DIGITS = 1280


def digits_of_two_over_pi() -> np.ndarray:
    """Words of 32 bits, after PAD zeros; pi by Machin's formula."""
    one = 1 << (DIGITS + 64)

    def arctan_of_inverse(n: int) -> int:
        total, power, k = 0, one // n, 0
        while power:
            total += (-1) ** k * (power // (2 * k + 1))
            power, k = power // (n * n), k + 1
        return total

    pi = 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))
    value = (2 * one << DIGITS) // pi
    return np.array([0] * (PAD // WORD) + [value >> (DIGITS - WORD * (i + 1)) & 0xFFFFFFFF for i in range(DIGITS // WORD)], np.int64)


WORDS = digits_of_two_over_pi()
LOW = 0xFFFFFFFF
HALF_PI_HIGH, HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17


@inline
def reduced_huge(x):
    """(n mod 4, r, low) of |x| >= 1: |x| = n pi/2 + r + low, |r| <= pi/4. What inf gives means nothing."""
    i = bits(absolute(x))
    start = shift_right(i, 52) - 1075 - 1 + PAD - 1  # digit 1 after the point is bit PAD; the window begins at place e - 1
    m = ior(iand(i, 0xFFFFFFFFFFFFF), 0x10000000000000)
    upper, lower = shift_right(m, 32), iand(m, LOW)
    word, offset = start >> 5, start & 31
    last, carry = 0, 0
    r0, r1, r2, r3, r4 = 0, 0, 0, 0, 0
    for k in range(5, -1, -1):
        v = iand(ior(shift_left(WORDS[word + k], offset), shift_right(WORDS[word + k + 1], 32 - offset)), LOW)
        p, q = v * lower, last * upper
        s = iand(p, LOW) + iand(q, LOW) + carry
        carry = shift_right(s, 32) + shift_right(p, 32) + shift_right(q, 32)
        last = v
        r0, r1, r2, r3, r4 = iand(s, LOW), r0, r1, r2, r3
    high = ior(shift_left(ior(shift_left(r0, 32), r1), 2), shift_right(r2, 30))  # the fraction, signed, times 2**64
    rest = shift_right(ior(shift_left(ior(shift_left(r2, 32), r3), 2), shift_right(r4, 30)), 1)
    n = shift_right(r0, 30) + (1 if high < 0 else 0)
    part = iand(high, 2047)
    f, f_low = two_sum((high - part) * 2.0**-64, (part + rest * 2.0**-63) * 2.0**-64)
    p, p_low = two_product(f, HALF_PI_HIGH)
    return n, p, p_low + (f * HALF_PI_LOW + f_low * HALF_PI_HIGH)
