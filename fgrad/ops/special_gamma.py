"""The incomplete gamma function in both arguments, its inverses, and the distributions and factorials that it and gamma make.

By the shape `a` the distribution function P(a, x) has the derivative -f s: f is the density of y = log x, and s = dy/da the slope of its quantile
(Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", 2018, eq. 5), which `loggamma_slope` computes, with its
derivatives by `a` of every order, to the relative accuracy of floating point in both tails. Reads `special`.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.ops.elementwise import add, eq, exp, floor, log, mul, scaled, select, sub
from fgrad.ops.family import elementwise, like
from fgrad.ops.special import digamma, gammaln, polygamma, scipy_special, ufunc, xlogy

# -- the slope. With x = e^y, F_a is an integral of the density f over either tail:
#      s(y, a) = int_0^inf  (y - psi(a) + w) exp(a w - x (e^w - 1))  dw   over the upper one,
#    and the same from -inf to 0, negated, over the lower one. The upper tail is taken right of y = psi(a), the lower one left of it: the
#    integrand then has one sign, and nothing cancels. For a < 1 and x < 1, where the tails are long, the series of F is as good.

_CUTOFF = 42.0  # the exponent at which an integrand is below the rounding errors of the integral
_NODES = 56
_BLOCK = 1 << 14


@functools.cache
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre on [0, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2


def _reach(x: np.ndarray, a: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """How far from y the integrand has fallen to exp(-_CUTOFF): the root of a convex function, by Newton from its right."""
    sign = np.where(upper, 1.0, -1.0)
    with np.errstate(divide="ignore", over="ignore"):
        w = np.where(upper, np.log1p((_CUTOFF + a + 1) / x) + 1, (_CUTOFF + x) / a)
        bound = np.sqrt(3 * _CUTOFF / x) + 1 / (x + 1)  # from the curvature, good where it is below 1
    w = np.where((bound < 1) & (bound < w), bound, w)
    for _ in range(8):
        e = np.expm1(sign * w)
        w = np.maximum(w - (x * e - sign * a * w - _CUTOFF) / (sign * (x * (e + 1) - a)), 0)
    return sign * w


def _integrals(y: np.ndarray, a: np.ndarray, psis: list[np.ndarray], order: int) -> np.ndarray:
    upper = y > psis[0]
    x = np.exp(y)
    reach = _reach(x, a, upper)
    total = np.zeros_like(y)
    for node, weight in zip(*_rule(), strict=True):
        w = reach * node
        factor = (y - psis[0] + w) * w**order
        for j in range(1, order + 1):
            factor -= math.comb(order, j) * psis[j] * w ** (order - j)
        total += weight * factor * np.exp((a - x) * w - x * (np.expm1(w) - w))
    return total * reach


def _series(y: np.ndarray, a: np.ndarray, order: int) -> np.ndarray:
    """By F = x^a U / Gamma(a + 1), U = 1 + a sum_m (-x)^m / (m! (a + m)): a s = -e^x (U_a + (y - psi(a + 1)) U), differentiated."""
    x, polygammas = np.exp(y), scipy_special("polygamma")
    t = [np.zeros_like(x) for _ in range(order + 2)]
    term = np.ones_like(x)
    for m in range(1, 22):
        term = term * (-x / m)
        for k in range(order + 2):
            t[k] += term * (-1) ** k * math.factorial(k) / (a + m) ** (k + 1)
    u = [a * t[k] + (k * t[k - 1] if k else 1.0) for k in range(order + 2)]
    logs = [y - scipy_special("psi")(a + 1), *(-polygammas(j, a + 1) for j in range(1, order + 1))]
    s = np.zeros_like(x)
    for n in range(order + 1):
        d = -np.exp(x) * (u[n + 1] + sum(math.comb(n, j) * logs[j] * u[n - j] for j in range(n + 1)))
        s = (d - n * s) / a
    return s


def _slope(y: Any, a: Any, *, order: int) -> Any:
    dtype = np.result_type(y, a)
    shape = np.broadcast_shapes(np.shape(y), np.shape(a))
    ys, shapes = (np.broadcast_to(np.asarray(v, np.float64), shape).ravel() for v in (y, a))
    out = np.full(ys.shape, np.nan)
    regular = np.isfinite(ys) & np.isfinite(shapes) & (shapes > 0)
    near = regular & (shapes < 1) & (ys < 0)
    psis = [scipy_special("psi"), *(functools.partial(scipy_special("polygamma"), j) for j in range(1, order + 1))]
    for chosen, compute in ((near, False), (regular & ~near, True)):
        places = np.flatnonzero(chosen)
        for start in range(0, len(places), _BLOCK):
            i = places[start : start + _BLOCK]
            u, v = ys[i], shapes[i]
            out[i] = _integrals(u, v, [p(v) for p in psis], order) if compute else _series(u, v, order)
    return out.reshape(shape).astype(dtype)[()]


def _slope_by_value(out: Any, y: Any, a: Any, *, order: int) -> Any:
    """From F_a = -f s: s_y = psi(a) - y - s (a - e^y), and its derivatives by a."""
    rate = mul(out, sub(exp(y), a))
    if not order:
        return add(sub(digamma(a), y), rate)
    lower = mul(loggamma_slope(y, a, order=order - 1), like(a, -order))
    return add(add(polygamma(a, n=order), rate), lower)


loggamma_slope = elementwise(
    "loggamma_slope",
    _slope,
    aval=lambda y, a, *, order: ShapedArray(typeof(y).shape or typeof(a).shape, typeof(a).dtype),
    partials=[scaled(_slope_by_value), scaled(lambda out, y, a, *, order: loggamma_slope(y, a, order=order + 1))],
)
"""How a gamma variate e^y moves with its shape: the derivative of order `order` by `a` of the slope dy/da."""

# -- the incomplete gamma function


def _log(x: Any) -> Any:
    """log x, and of 1 where x is 0: the density there is 0, or infinite."""
    return log(select(eq(x, like(x, 0)), like(x, 1), x))


def _density(a: Any, x: Any) -> Any:
    """The density of the gamma distribution of shape a."""
    return exp(xlogy(a - 1, x) - x - gammaln(a))


def _by_shape(a: Any, x: Any) -> Any:
    """The derivative of P(a, x) by a."""
    y = _log(x)
    slope = -exp(a * y - x - gammaln(a)) * loggamma_slope(y, a, order=0)
    return select(eq(x, like(x, 0)), like(x, 0), slope)


ufunc("gammainc", lambda out, a, x: _by_shape(a, x), lambda out, a, x: _density(a, x))
ufunc("gammaincc", lambda out, a, x: -_by_shape(a, x), lambda out, a, x: -_density(a, x))


def _quantile_by_shape(out: Any, a: Any, p: Any) -> Any:
    return select(eq(out, like(out, 0)), like(out, 0), out * loggamma_slope(_log(out), a, order=0))


ufunc("gammaincinv", _quantile_by_shape, lambda out, a, p: 1 / _density(a, out))
ufunc("gammainccinv", _quantile_by_shape, lambda out, a, p: -1 / _density(a, out))

# -- distributions that are incomplete gamma functions: chi squared, gamma, Poisson

ufunc("chdtr", lambda out, v, x: 0.5 * _by_shape(v / 2, x / 2), lambda out, v, x: 0.5 * _density(v / 2, x / 2))
ufunc("chdtrc", lambda out, v, x: -0.5 * _by_shape(v / 2, x / 2), lambda out, v, x: -0.5 * _density(v / 2, x / 2))
ufunc(
    "chdtri",
    lambda out, v, p: 0.5 * out * loggamma_slope(_log(out / 2), v / 2, order=0),
    lambda out, v, p: -2 / _density(v / 2, out / 2),
)
for _name, _sign in (("gdtr", 1), ("gdtrc", -1)):
    ufunc(
        _name,
        lambda out, a, b, x, k=_sign: k * x * _density(b, a * x),
        lambda out, a, b, x, k=_sign: k * _by_shape(b, a * x),
        lambda out, a, b, x, k=_sign: k * a * _density(b, a * x),
    )
for _name, _sign in (("pdtr", -1), ("pdtrc", 1)):
    ufunc(
        _name,
        None,  # constant between whole n
        lambda out, n, m, k=_sign: k * _density(floor(n) + 1, m),
    )

# -- factorials

ufunc("loggamma", lambda out, x: digamma(x))
ufunc("rgamma", lambda out, x: -out * digamma(x))
ufunc("beta", lambda out, a, b: out * (digamma(a) - digamma(a + b)), lambda out, a, b: out * (digamma(b) - digamma(a + b)))
ufunc("poch", lambda out, z, m: out * (digamma(z + m) - digamma(z)), lambda out, z, m: out * digamma(z + m))
ufunc(
    "binom",
    lambda out, n, k: out * (digamma(n + 1) - digamma(n - k + 1)),
    lambda out, n, k: out * (digamma(n - k + 1) - digamma(k + 1)),
)
