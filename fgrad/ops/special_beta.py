"""The incomplete beta function in all three arguments, its inverses, and the distributions that it makes: Student's t, F, binomial.

In y = logit x the beta distribution has the density f(y) = s(y)^a s(-y)^b / B(a, b), s the logistic function. By `a` its distribution function has the
derivative -f beta_slope, `beta_slope` being dy/da along a quantile. It is an integral over either tail (`_slope`), and so are its derivatives by a and
b of every order; by `b`, the distribution is that of -y with a and b exchanged. Reads `special`.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.ops.elementwise import abs_, eq, exp, floor, log, log1p, scaled, select, sign, square
from fgrad.ops.family import elementwise, like
from fgrad.ops.special import betaln, digamma, log_expit, logistic, polygamma, scipy_special, ufunc, xlog1py, xlogy
from fgrad.ops.special_hypergeometric import with_whole

_CUTOFF = 42.0  # the exponent at which an integrand is below the rounding errors of the integral
_NODES = 200
_BLOCK = 1 << 13

# -- the slope. With c = psi(a) - psi(a + b), the mean of log x,
#      dy/da = int_0^inf  (log s(y + w) - c) f(y + w) / f(y)  dw   over the upper tail,
#    and the same from -inf to 0, negated, over the lower one. The tail is that where log s(y + w) - c has one sign: nothing cancels. A derivative by a (by b)
#    brings down A = log(s(y + w) / s(y)) (B = log(s(-y - w) / s(-y))), and those of c.


@functools.cache
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [0, 1] that crowd at 0 (Takahasi and Mori, "Double exponential formulas for numerical integration", 1974)."""
    t, step = np.linspace(-3.7, 0.567, _NODES, retstep=True)
    w = np.exp(t - np.exp(-t))
    return w, step * w * (1 + np.exp(-t))


def _log_ratio(p: np.ndarray, q: np.ndarray, w: np.ndarray) -> np.ndarray:
    """-log(q + p e^w), where p + q = 1, without cancellation or overflow."""
    near = -np.log1p(np.where((p <= 0.5) | (w > 0), p, 0) * np.expm1(np.minimum(w, 700)))
    far = -w - np.log(p + q * np.exp(-np.maximum(w, 1)))
    left = np.where(w > -1, -w - np.log1p(q * np.expm1(np.minimum(-w, 1))), -np.log(q + p * np.exp(np.minimum(w, 0))))
    return np.where(w > 700, far, np.where((p <= 0.5) | (w > 0), near, left))


def _log_ratios(p: np.ndarray, q: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A and B."""
    return _log_ratio(q, p, -w), _log_ratio(p, q, w)


def _reach(p: np.ndarray, q: np.ndarray, a: np.ndarray, b: np.ndarray, way: np.ndarray) -> np.ndarray:
    """How far from y the integrand has fallen to exp(-_CUTOFF), by bisection of the logarithm: two digits do."""

    def fallen(w: np.ndarray) -> np.ndarray:
        x, y = _log_ratios(p, q, way * w)
        return a * x + b * y < -_CUTOFF

    low, high = np.full_like(a, 1e-9), np.full_like(a, 1.0)
    while not (done := fallen(high)).all():
        high = np.where(done, high, 8 * high)
    for _ in range(12):
        middle = np.sqrt(low * high)
        beyond = fallen(middle)
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return high


def _mean_log(a: Any, b: Any, i: int, j: int) -> Any:
    """c, i times differentiated by a and j times by b."""
    psi = lambda n, x: scipy_special("polygamma")(n, x) if n else scipy_special("psi")(x)
    return (psi(i, a) if not j else 0) - psi(i + j, a + b)


def _integrals(y: np.ndarray, a: np.ndarray, b: np.ndarray, m: int, n: int) -> np.ndarray:
    p, q = scipy_special("expit")(y), scipy_special("expit")(-y)
    start = scipy_special("log_expit")(y) - _mean_log(a, b, 0, 0)
    way = np.where(start >= 0, 1.0, -1.0)
    reach = way * _reach(p, q, a, b, way)
    lower = [(i, j, math.comb(m, i) * math.comb(n, j) * _mean_log(a, b, i, j)) for i in range(m + 1) for j in range(n + 1) if i + j]
    total = np.zeros_like(y)
    nodes, weights = _rule()
    together = max(1, _BLOCK // y.size)
    for k in range(0, _NODES, together):
        x, z = _log_ratios(p, q, reach * nodes[k : k + together, None])
        factor = (start + x) * x**m * z**n
        for i, j, constant in lower:
            factor -= constant * x ** (m - i) * z ** (n - j)
        total += np.sum(weights[k : k + together, None] * factor * np.exp(a * x + b * z), axis=0)
    return total * reach


def _slope(y: Any, a: Any, b: Any, *, m: int, n: int) -> Any:
    dtype = np.result_type(y, a, b)
    shape = np.broadcast_shapes(np.shape(y), np.shape(a), np.shape(b))
    ys, first, second = (np.broadcast_to(np.asarray(v, np.float64), shape).ravel() for v in (y, a, b))
    out = np.full(ys.shape, np.nan)
    places = np.flatnonzero(np.isfinite(ys) & np.isfinite(first) & np.isfinite(second) & (first > 0) & (second > 0))
    with np.errstate(divide="ignore", under="ignore"):
        for start in range(0, len(places), _BLOCK):
            i = places[start : start + _BLOCK]
            out[i] = _integrals(ys[i], first[i], second[i], m, n)
    return out.reshape(shape).astype(dtype)[()]


def _slope_by_value(out: Any, y: Any, a: Any, b: Any, *, m: int, n: int) -> Any:
    """From dF/da = -f slope: its derivative by y is c - log s(y) - slope (a s(-y) - b s(y)), differentiated by a and b."""
    p, q = logistic(y), logistic(-y)
    total = -out * (a * q - b * p)
    if m:
        total = total - m * q * beta_slope(y, a, b, m=m - 1, n=n)
    if n:
        total = total + n * p * beta_slope(y, a, b, m=m, n=n - 1)
    if not n:
        total = total + (polygamma(a, n=m) if m else digamma(a))
    total = total - (polygamma(a + b, n=m + n) if m + n else digamma(a + b))
    return total if m + n else total - log_expit(y)


beta_slope = elementwise(
    "beta_slope",
    _slope,
    aval=lambda y, a, b, *, m, n: ShapedArray(max((typeof(v).shape for v in (y, a, b)), key=len), typeof(a).dtype),
    partials=[
        scaled(_slope_by_value),
        scaled(lambda out, y, a, b, *, m, n: beta_slope(y, a, b, m=m + 1, n=n)),
        scaled(lambda out, y, a, b, *, m, n: beta_slope(y, a, b, m=m, n=n + 1)),
    ],
)
"""How the logit y of a beta variate moves with its first shape, dy/da: m times differentiated by a, n times by b."""

# -- the incomplete beta function


def _inside(x: Any) -> tuple[Any, Any]:
    """Whether x is 0 or 1, and x with 1/2 there."""
    edge = eq(x * (1 - x), like(x, 0))
    return edge, select(edge, like(x, 0.5), x)


def _logit(x: Any) -> Any:
    return log(x) - log1p(-x)


def _density(a: Any, b: Any, x: Any) -> Any:
    return exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))


def _by_first(a: Any, b: Any, x: Any) -> Any:
    """The derivative of I_x(a, b) by a."""
    edge, x = _inside(x)
    y = _logit(x)
    return select(edge, like(x, 0), -exp(a * log(x) + b * log1p(-x) - betaln(a, b)) * beta_slope(y, a, b, m=0, n=0))


def _by_second(a: Any, b: Any, x: Any) -> Any:
    edge, x = _inside(x)
    y = _logit(x)
    return select(edge, like(x, 0), exp(a * log(x) + b * log1p(-x) - betaln(a, b)) * beta_slope(-y, b, a, m=0, n=0))


for _name, _sign in (("betainc", 1), ("betaincc", -1)):
    ufunc(
        _name,
        lambda out, a, b, x, k=_sign: k * _by_first(a, b, x),
        lambda out, a, b, x, k=_sign: k * _by_second(a, b, x),
        lambda out, a, b, x, k=_sign: k * _density(a, b, x),
    )


def _quantile_by_first(out: Any, a: Any, b: Any, p: Any) -> Any:
    edge, x = _inside(out)
    return select(edge, like(x, 0), x * (1 - x) * beta_slope(_logit(x), a, b, m=0, n=0))


def _quantile_by_second(out: Any, a: Any, b: Any, p: Any) -> Any:
    edge, x = _inside(out)
    return select(edge, like(x, 0), -x * (1 - x) * beta_slope(-_logit(x), b, a, m=0, n=0))


ufunc("betaincinv", _quantile_by_first, _quantile_by_second, lambda out, a, b, p: 1 / _density(a, b, out))
ufunc("betainccinv", _quantile_by_first, _quantile_by_second, lambda out, a, b, p: -1 / _density(a, b, out))

# -- distributions that are incomplete beta functions


def _t_density(df: Any, t: Any) -> Any:
    return exp(-betaln(df / 2, like(df, 0.5)) - 0.5 * log(df) - (df + 1) / 2 * log1p(t * t / df))


def _t_by_df(df: Any, t: Any) -> Any:
    """From P(T > |t|) = I_x(df / 2, 1/2) / 2, x = df / (df + t^2)."""
    tail = 0.25 * _by_first(df / 2, like(df, 0.5), df / (df + t * t)) + _t_density(df, t) * abs_(t) / (2 * df)
    return -sign(t) * tail


ufunc("stdtr", lambda out, df, t: _t_by_df(df, t), lambda out, df, t: _t_density(df, t))
ufunc("stdtrit", lambda out, df, p: -_t_by_df(df, out) / _t_density(df, out), lambda out, df, p: 1 / _t_density(df, out))


def _f(m: Any, n: Any, x: Any) -> tuple[Any, Any, Any]:
    """I_z(m / 2, n / 2) is the distribution: the halves, and z."""
    return m / 2, n / 2, m * x / (m * x + n)


def _f_by_m(m: Any, n: Any, x: Any) -> Any:
    return 0.5 * _by_first(*_f(m, n, x)) + _density(*_f(m, n, x)) * x * n / square(m * x + n)


def _f_by_n(m: Any, n: Any, x: Any) -> Any:
    return 0.5 * _by_second(*_f(m, n, x)) - _density(*_f(m, n, x)) * x * m / square(m * x + n)


def _f_density(m: Any, n: Any, x: Any) -> Any:
    return _density(*_f(m, n, x)) * m * n / square(m * x + n)


for _name, _sign in (("fdtr", 1), ("fdtrc", -1)):
    ufunc(
        _name,
        lambda out, m, n, x, k=_sign: k * _f_by_m(m, n, x),
        lambda out, m, n, x, k=_sign: k * _f_by_n(m, n, x),
        lambda out, m, n, x, k=_sign: k * _f_density(m, n, x),
    )
ufunc(
    "fdtri",
    lambda out, m, n, p: -_f_by_m(m, n, out) / _f_density(m, n, out),
    lambda out, m, n, p: -_f_by_n(m, n, out) / _f_density(m, n, out),
    lambda out, m, n, p: 1 / _f_density(m, n, out),
)
# the numbers of trials and successes are whole: there is no derivative by them
for _name, _sign in (("bdtr", -1), ("bdtrc", 1)):
    with_whole(_name, (1,), None, None, lambda out, k, n, p, sign=_sign: sign * _density(floor(k) + 1, n - floor(k), p))
for _name, _sign in (("nbdtr", 1), ("nbdtrc", -1)):
    with_whole(_name, (0, 1), None, None, lambda out, k, n, p, sign=_sign: sign * _density(n, floor(k) + 1, p))
