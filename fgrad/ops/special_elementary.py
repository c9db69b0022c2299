"""Functions of scipy.special made of powers, exponentials and logarithms that are computed without cancellation: Box-Cox, Huber, relative entropy.

Derivatives that would cancel in turn are hypergeometric functions, smooth where the quotients are 0/0. Reads `special` and
`special_hypergeometric`.
"""

from __future__ import annotations

import math
from typing import Any

from fgrad.ops import elementwise as e
from fgrad.ops.elementwise import abs_, eq, exp, le, log, log1p, maximum, minimum, neg, pow_, select, sin, sqrt, square
from fgrad.ops.family import like
from fgrad.ops.special import SPECIAL, ufunc
from fgrad.ops.special_hypergeometric import hyp1f1, hyp2f1

RADIAN = math.pi / 180

# -- exponentials and logarithms: some are NumPy's

SPECIAL |= {"exp2": e.exp2, "expm1": e.expm1, "log1p": log1p, "cbrt": e.cbrt}
ufunc("exp10", lambda out, x: out * math.log(10))
ufunc("exprel", lambda out, x: 0.5 * hyp1f1(like(x, 2), like(x, 3), x))
ufunc("cosm1", lambda out, x: -sin(x))


def _power_slope(out: Any, x: Any, y: Any) -> Any:
    flat = eq(y, like(y, 0))
    return select(flat, like(x, 0), y * pow_(x, select(flat, like(y, 1), y - 1)))


ufunc("powm1", _power_slope, lambda out, x, y: (out + 1) * log(select(eq(x, like(x, 0)), like(x, 1), x)))

# -- trigonometry in degrees

sindg = ufunc("sindg", lambda out, x: RADIAN * cosdg(x))
cosdg = ufunc("cosdg", lambda out, x: -RADIAN * sindg(x))
ufunc("tandg", lambda out, x: RADIAN * (1 + out * out))
ufunc("cotdg", lambda out, x: -RADIAN * (1 + out * out))
ufunc(
    "radian",
    lambda out, d, m, s: like(d, RADIAN),
    lambda out, d, m, s: like(d, RADIAN / 60),
    lambda out, d, m, s: like(d, RADIAN / 3600),
)

# -- Box and Cox's transform (x^k - 1) / k and its inverse. By k it is the integral of s e^(us), u = k log x, which is 1F1(2; 3; u) / 2


def _transform(base: Any) -> tuple[Any, Any]:
    """Its slopes, as functions of log of the base, which is x or 1 + x."""

    def by_x(out: Any, x: Any, k: Any) -> Any:
        return exp((k - 1) * base(x))

    def by_k(out: Any, x: Any, k: Any) -> Any:
        return 0.5 * square(base(x)) * hyp1f1(like(x, 2), like(x, 3), k * base(x))

    return by_x, by_k


def _inverse_slopes(shift: int) -> tuple[Any, Any]:
    """Those of (1 + k y)^(1/k) - shift; by k the quotient (u / (1 + u) - log(1 + u)) / u^2 is -2F1(2, 2; 3; -u) / 2, u = k y."""

    def by_y(out: Any, y: Any, k: Any) -> Any:
        return (out + shift) / (1 + k * y)

    def by_k(out: Any, y: Any, k: Any) -> Any:
        return -0.5 * (out + shift) * square(y) * hyp2f1(like(y, 2), like(y, 2), like(y, 3), -k * y)

    return by_y, by_k


ufunc("boxcox", *_transform(log))
ufunc("boxcox1p", *_transform(log1p))
ufunc("inv_boxcox", *_inverse_slopes(0))
ufunc("inv_boxcox1p", *_inverse_slopes(1))

# -- relative entropies and robust losses

ufunc("rel_entr", lambda out, x, y: log(x / y) + 1, lambda out, x, y: -x / y)
ufunc("kl_div", lambda out, x, y: log(x / y), lambda out, x, y: 1 - x / y)
ufunc(
    "huber",
    lambda out, delta, r: select(le(abs_(r), delta), like(r, 0), abs_(r) - delta),
    lambda out, delta, r: maximum(minimum(r, delta), neg(delta)),
)
ufunc(
    "pseudo_huber",
    lambda out, delta, r: 2 * out / delta - r * r / (delta * sqrt(1 + square(r / delta))),
    lambda out, delta, r: r / sqrt(1 + square(r / delta)),
)
ufunc("gammasgn", None)
