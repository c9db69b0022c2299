"""The two floating-point formats, as the scalar functions see them, and the steps that all of them share.

A family of functions is written once, in a function of the format that returns the functions for it: constants are then numbers of the
format, and no float32 is widened on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types

from fgrad.kernels import vmath_coefficients
from fgrad.kernels.intrinsics import bits, fma, iadd, inline, ior, isub, select, shift_left, shift_right


@dataclass(frozen=True)
class Format:
    """float64 or float32.

    kind: its scalar type. width: bits of a number; mantissa: those after the point. bias: what is added to an exponent.
    magic: 1.5 * 2**mantissa; a small number added to it is rounded to an integer, which stands in the last bits of the sum.
    """

    kind: type[np.float64] | type[np.float32]
    numba: Any
    width: int
    mantissa: int
    bias: int

    def __call__(self, x: float | str) -> Any:
        return self.kind(x)

    @property
    def magic(self) -> Any:
        return self.kind(1.5 * 2.0**self.mantissa)

    @property
    def magic_bits(self) -> int:
        return self.bits(self.magic)

    @property
    def smallest_normal(self) -> Any:
        return np.finfo(self.kind).smallest_normal

    @property
    def tiny(self) -> Any:
        """Below it, x + x**2 is x."""
        return self.kind(2.0 ** -(self.mantissa + 2))

    def bits(self, x: Any) -> int:
        return int(self.kind(x).view(f"i{self.width // 8}"))

    def fit(self, name: str) -> tuple[Any, ...]:
        """The coefficients of that name, lowest degree first."""
        return tuple(map(self.kind, getattr(vmath_coefficients, f"{name}_{self.width}")))

    def number(self, name: str) -> Any:
        """The number of that name among the coefficients."""
        return self.kind(getattr(vmath_coefficients, f"{name}_{self.width}"))


FLOAT64 = Format(np.float64, types.float64, 64, 52, 1023)
FLOAT32 = Format(np.float32, types.float32, 32, 23, 127)


@inline
def two_sum(x, y):
    """The rounded sum, and the rest exactly (Knuth)."""
    s = x + y
    t = s - x
    return s, (x - (s - t)) + (y - t)


@inline
def quick_sum(x, y):
    """two_sum for |x| >= |y| (Dekker)."""
    s = x + y
    return s, y - (s - x)


@inline
def two_product(x, y):
    """The rounded product, and the rest exactly."""
    p = x * y
    return p, fma(x, y, -p)


def splitter(t: Format) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The functions that take apart a number for a logarithm.

    split(u): (k, m - 1, 2**(1 - k)) of a normal u = 2**k * m, with m in [sqrt(1/2), sqrt(2)) and k a float.
    split_any(u): (k, m - 1) of any positive finite u, subnormal too.
    """
    M, BIAS = t.mantissa, t.bias
    SHIFTED = (BIAS << M) - t.bits(np.sqrt(0.5))
    ONE_BITS = BIAS << M
    INT, INT_BITS = t(2.0**M + BIAS), t.bits(2.0**M)
    TURN = 2 * BIAS + 1
    ONE, ZERO, LIFT, LIFTED, NORMAL = t(1), t(0), t(2.0 ** (M + 2)), t(M + 2), t.smallest_normal

    @inline
    def split(u):
        i = bits(u)
        k = shift_right(iadd(i, SHIFTED), M)  # k + bias
        m = bits(iadd(isub(i, shift_left(k, M)), ONE_BITS))
        inverse = bits(shift_left(isub(isub(k, k), isub(k, TURN)), M))
        return bits(ior(k, INT_BITS)) - INT, m - ONE, inverse

    @inline
    def split_any(u):
        low = u < NORMAL
        k, f, _ = split(select(low, u * LIFT, u))
        return k - select(low, LIFTED, ZERO), f

    return split, split_any
