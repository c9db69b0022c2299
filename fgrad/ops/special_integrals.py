"""Integrals of elementary functions in scipy.special: exponential, sine, Fresnel and Dawson integrals, Owen's T, the dilogarithm; zeta, Lambert's W.

The derivatives are the integrands (DLMF chapters 6 and 7). Where those are quotients 0/0 they are written as hypergeometric functions, which are
smooth there. Reads `special` and `special_hypergeometric`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.ops.elementwise import cos, eq, exp, maximum, scaled, select, sin, square
from fgrad.ops.elementwise import cosh as cosh_
from fgrad.ops.family import elementwise, like
from fgrad.ops.special import SPECIAL, SQRT_PI, erf, scipy_special, sinc_derivative, ufunc
from fgrad.ops.special_hypergeometric import hyp0f1, hyp2f1, of_order


def _part(name: str, index: int, slope: Any) -> Any:
    """One of the results of a ufunc that has several, as a primitive."""
    return elementwise(
        f"{name}_{index}",
        lambda x: scipy_special(name)(x)[index],
        aval=lambda x: ShapedArray(typeof(x).shape, typeof(x).dtype),
        partials=[scaled(slope)],
    )


def _pair(name: str, first: Any, second: Any) -> None:
    parts = _part(name, 0, first), _part(name, 1, second)
    SPECIAL[name] = lambda x: tuple(f(x) for f in parts)


_pair("sici", lambda out, x: sinc_derivative(x, order=0), lambda out, x: cos(x) / x)
_pair("shichi", lambda out, x: hyp0f1(like(x, 1.5), square(x) / 4), lambda out, x: cosh_(x) / x)
_pair("fresnel", lambda out, x: sin(math.pi / 2 * square(x)), lambda out, x: cos(math.pi / 2 * square(x)))


def _expn_slope(out: Any, n: Any, x: Any) -> Any:
    first = eq(n, like(n, 0))
    return select(first, -out * (1 + 1 / x), -expn(maximum(n - 1, like(n, 0)), x))


expn = of_order("expn", _expn_slope)
erfi = ufunc("erfi", lambda out, x: 2 / SQRT_PI * exp(square(x)))
dawsn = ufunc("dawsn", lambda out, x: 1 - 2 * x * out)
wofz = ufunc("wofz", lambda out, z: 2j / SQRT_PI - 2 * z * out)
ufunc("spence", lambda out, x: -hyp2f1(like(x, 1), like(x, 1), like(x, 2), 1 - x))
ufunc(
    "owens_t",
    lambda out, h, a: exp(-square(h) / 2) * erf(a * h / math.sqrt(2)) / (-2 * math.sqrt(2 * math.pi)),
    lambda out, h, a: exp(-square(h) * (1 + square(a)) / 2) / (2 * math.pi * (1 + square(a))),
)
ufunc("ndtri_exp", lambda out, y: exp(y + square(out) / 2) * math.sqrt(2 * math.pi))
ufunc("wrightomega", lambda out, z: out / (1 + out))

# -- Lambert's W, a branch of the inverse of w e^w

lambertw = elementwise(
    "lambertw",
    lambda z, *, k: scipy_special("lambertw")(z, k).astype(z.dtype)[()],
    aval=lambda z, *, k: ShapedArray(typeof(z).shape, typeof(z).dtype),
    partials=[scaled(lambda out, z, *, k: exp(-out) / (1 + out))],
)

# -- the Hurwitz zeta function, sum over n >= 0 of (n + q)^-s, by Euler and Maclaurin's formula (DLMF 25.11.43), and its derivatives by s

_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
    854513 / 138,
    -236364091 / 2730,
)
_TERMS = 20


def _times(a: list[Any], b: list[Any]) -> list[Any]:
    """The product of two Taylor polynomials."""
    return [sum(a[j] * b[i - j] for j in range(i + 1)) for i in range(len(a))]


def _zeta(s: Any, q: Any, *, order: int) -> Any:
    if not order:
        return np.asarray(scipy_special("zeta")(s, q)).astype(s.dtype)[()]
    dtype = s.dtype
    s, q = np.broadcast_arrays(np.asarray(s, np.float64), np.asarray(q, np.float64))
    zero, n = np.zeros(s.shape), order + 1

    def power(x: np.ndarray) -> list[Any]:
        """The Taylor polynomial of x^-s in s."""
        return [x**-s * (-np.log(x)) ** i / math.factorial(i) for i in range(n)]

    end = q + _TERMS
    total = [sum(terms) for terms in zip(*(power(q + k) for k in range(_TERMS)), strict=True)]
    last = power(end)
    pole = [(-1.0) ** i * end / (s - 1) ** (i + 1) for i in range(n)]  # end / (s - 1)
    total = [t + p + x / 2 for t, p, x in zip(total, _times(last, pole), last, strict=True)]
    rising = [s, zero + 1, *[zero] * n][:n]  # s (s + 1) ... (s + 2 j - 2)
    for j, bernoulli in enumerate(_BERNOULLI, 1):
        scale = bernoulli / math.factorial(2 * j) * end ** (1 - 2 * j)
        total = [t + scale * x for t, x in zip(total, _times(last, rising), strict=True)]
        for k in (2 * j - 1, 2 * j):
            rising = _times(rising, [s + k, zero + 1, *[zero] * n][:n])
    return (total[order] * math.factorial(order)).astype(dtype)[()]


zeta = elementwise(
    "zeta",
    _zeta,
    aval=lambda s, q, *, order: ShapedArray(typeof(s).shape or typeof(q).shape, typeof(s).dtype),
    partials=[
        scaled(lambda out, s, q, *, order: zeta(s, q, order=order + 1)),
        scaled(lambda out, s, q, *, order: _zeta_by_q(s, q, order)),
    ],
)


def _zeta_by_q(s: Any, q: Any, order: int) -> Any:
    """-s zeta(s + 1, q), differentiated by s."""
    slope = -s * zeta(s + 1, q, order=order)
    return slope - order * zeta(s + 1, q, order=order - 1) if order else slope


ufunc("zetac", lambda out, s: zeta(s, like(s, 1), order=1))
