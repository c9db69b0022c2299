"""Gamma samples, and their derivatives by the shape parameter.

`random_loggamma` draws the logarithm of a gamma variate, which neither underflows for small shapes nor loses the ratios that beta and Dirichlet
variates are made of. It samples by rejection, yet what it gives is a function of the shape `a` for each key, defined by its distribution
function F: raising `a` moves the sample y along its quantile, so dy/da = -F_a(y; a) / F_y(y; a) (Figurnov, Mohamed and Mnih, "Implicit
reparameterization gradients", 2018, eq. 5). `loggamma_slope` is that ratio and its derivatives by `a`, of every order. Reads `random_threefry`.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import add, exp, mul, scaled, sub
from fgrad.ops.family import elementwise, like
from fgrad.ops.random_threefry import element_blocks, unit_interval, words_at
from fgrad.ops.shapes import materialize
from fgrad.ops.special import digamma, polygamma, scipy_special

# -- sampling: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000)


def _sample(k0: Any, k1: Any, positions: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Logarithms of gamma variates. The shapes are positive and finite; below 1 they are raised by 1, and lowered again by a power of u."""
    ndtri = scipy_special("ndtri")
    small = a < 1
    d = np.where(small, a + 1, a) - 1 / 3
    c = 1 / np.sqrt(9 * d)
    out = np.empty_like(a)
    left, stream = np.arange(len(a)), 1
    while len(left):
        keys = (k0, k1) if isinstance(k0, int) else (k0[left], k1[left])
        x = ndtri(unit_interval(*words_at(*keys, positions[left], stream)))
        log_u = np.log(unit_interval(*words_at(*keys, positions[left], stream + 1)))
        stream += 2
        dl = d[left]
        with np.errstate(invalid="ignore", divide="ignore"):  # v may be negative, and is then rejected
            v = 1 + c[left] * x
            v = v * v * v
            log_v = np.log(v)
            accepted = (v > 0) & (log_u < 0.5 * x * x + dl * (1 - v + log_v))
        out[left[accepted]] = (np.log(dl) + log_v)[accepted]
        left = left[~accepted]
    if small.any():
        u = unit_interval(*words_at(k0, k1, positions, 0))
        out[small] += np.log(u[small]) / a[small]
    return out


def _random_loggamma(key: Any, a: Any) -> Any:
    a = np.asarray(a)
    keys = np.asarray(key).reshape(-1, 2)
    shapes = a.astype(np.float64).ravel()
    out = np.where(shapes > 0, shapes, np.nan)  # inf for inf; NaN where there is no such distribution
    out[shapes == 0] = -np.inf
    regular = np.isfinite(out)
    for where, k0, k1, positions in element_blocks(keys, math.prod(a.shape[keys_ndim(key) :])):
        ok = regular[where]
        if not isinstance(k0, int):
            k0, k1 = k0[ok], k1[ok]
        flat = out[where]
        flat[ok] = _sample(k0, k1, positions[ok], flat[ok])
    return out.reshape(a.shape).astype(a.dtype)[()]


def keys_ndim(key: Any) -> int:
    """The number of axes that keys u32[..., 2] share with the parameters they are drawn with."""
    return len(typeof(key).shape) - 1


random_loggamma = Primitive(
    "random_loggamma",
    impl=_random_loggamma,
    aval=lambda key, a: ShapedArray(a.shape, a.dtype),
    partials=[None, scaled(lambda out, key, a: loggamma_slope(out, a, order=0))],
    batch=lambda size, values, mapped: (
        random_loggamma(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)]),
        True,
    ),
)
"""Logarithms of gamma variates of shape `a` (f[..., *s]), for each key (u32[..., 2])."""

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
