"""scipy.stats on traced values: densities and distribution functions of the common distributions.

A distribution is a row: its support, and functions of the standard variable z = (x - loc) / scale. On untraced arguments SciPy's own object
answers; SciPy does not dispatch, so traced code calls `fgrad.scipy.stats.norm.logpdf` rather than `scipy.stats.norm.logpdf`. There are derivatives
by every argument but whole numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import fgrad.numpy as fnp
import fgrad.scipy.special as sp
from fgrad.core.errors import ArgumentError
from fgrad.numpy.protocol import has_tracer
from fgrad.scipy.distributions import Continuous, Discrete, scipy_stats
from fgrad.scipy.linalg import solve_triangular

LOG_2PI = math.log(2 * math.pi)
# -- formulas that several rows share

_INF = math.inf
_LOG_SQRT_2PI = 0.5 * LOG_2PI


def _positive(*shapes: Any) -> Any:
    valid = shapes[0] > 0
    for s in shapes[1:]:
        valid = valid & (s > 0)
    return valid


def _log_normal_density(z: Any) -> Any:
    return -0.5 * z * z - _LOG_SQRT_2PI


def _log_t_density(z: Any, df: Any) -> Any:
    return -(df + 1) / 2 * fnp.log1p(z * z / df) - 0.5 * fnp.log(df) - sp.betaln(df / 2, 0.5)


def _log_f_density(z: Any, m: Any, n: Any) -> Any:
    scaled = sp.xlogy(m / 2, m) + sp.xlogy(n / 2, n) + sp.xlogy(m / 2 - 1, z)
    return scaled - (m + n) / 2 * fnp.log(n + m * z) - sp.betaln(m / 2, n / 2)


def _expm1_over(c: Any, z: Any) -> Any:
    """-log(1 - c z) / c of the generalised extreme value distribution, which is z at c = 0."""
    flat = c == 0
    safe = fnp.where(flat, 1.0, c)
    return fnp.where(flat, z, -fnp.log1p(-safe * z) / safe)


def _between(a: Any, b: Any) -> tuple[Any, Any]:
    """Log of the normal probability of [a, b], and the sign by which both are turned so as to lie in the left tail."""
    turned = a > 0
    low, high = fnp.where(turned, -b, a), fnp.where(turned, -a, b)
    top = sp.log_ndtr(high)
    return top + fnp.log1p(-fnp.exp(sp.log_ndtr(low) - top)), turned


def _midpoint(a: Any, b: Any) -> Any:
    """A point between a and b, of which either may be infinite."""
    return (fnp.maximum(a, fnp.minimum(b, 0) - 1) + fnp.minimum(b, fnp.maximum(a, 0) + 1)) / 2


def _truncated_cdf(z: Any, a: Any, b: Any) -> Any:
    return fnp.exp(_between(a, z)[0] - _between(a, b)[0])


norm = Continuous(
    "norm", "", -_INF, _INF, 0.0, _log_normal_density, sp.ndtr, lambda z: sp.ndtr(-z), log_cdf=sp.log_ndtr, log_sf=lambda z: sp.log_ndtr(-z)
)
expon = Continuous("expon", "", 0, _INF, 1.0, lambda z: -z, lambda z: -fnp.expm1(-z), lambda z: fnp.exp(-z), log_sf=lambda z: -z)
uniform = Continuous("uniform", "", 0, 1, 0.5, lambda z: 0 * z, lambda z: z)
gamma = Continuous(
    "gamma", "a", 0, _INF, 1.0, lambda z, a: sp.xlogy(a - 1, z) - z - sp.gammaln(a), lambda z, a: sp.gammainc(a, z), lambda z, a: sp.gammaincc(a, z),
    _positive,
)  # fmt: skip
chi2 = Continuous(
    "chi2", "df", 0, _INF, 1.0, lambda z, v: sp.xlogy(v / 2 - 1, z) - z / 2 - sp.gammaln(v / 2) - v / 2 * math.log(2),
    lambda z, v: sp.chdtr(v, z), lambda z, v: sp.chdtrc(v, z), _positive,
)  # fmt: skip
invgamma = Continuous(
    "invgamma", "a", 0, _INF, 1.0, lambda z, a: -(a + 1) * fnp.log(z) - 1 / z - sp.gammaln(a), lambda z, a: sp.gammaincc(a, 1 / z),
    lambda z, a: sp.gammainc(a, 1 / z), _positive,
)  # fmt: skip
beta = Continuous(
    "beta", "a b", 0, 1, 0.5, lambda z, a, b: sp.xlogy(a - 1, z) + sp.xlog1py(b - 1, -z) - sp.betaln(a, b), lambda z, a, b: sp.betainc(a, b, z),
    lambda z, a, b: sp.betaincc(a, b, z), _positive,
)  # fmt: skip
t = Continuous("t", "df", -_INF, _INF, 0.0, _log_t_density, lambda z, v: sp.stdtr(v, z), lambda z, v: sp.stdtr(v, -z), _positive)
f = Continuous("f", "dfn dfd", 0, _INF, 1.0, _log_f_density, lambda z, m, n: sp.fdtr(m, n, z), lambda z, m, n: sp.fdtrc(m, n, z), _positive)
cauchy = Continuous(
    "cauchy", "", -_INF, _INF, 0.0, lambda z: -math.log(math.pi) - fnp.log1p(z * z), lambda z: 0.5 + fnp.arctan(z) / math.pi,
    lambda z: 0.5 - fnp.arctan(z) / math.pi,
)  # fmt: skip
laplace = Continuous(
    "laplace", "", -_INF, _INF, 1.0, lambda z: -fnp.abs(z) - math.log(2),
    lambda z: fnp.where(z > 0, 1 - 0.5 * fnp.exp(-fnp.abs(z)), 0.5 * fnp.exp(-fnp.abs(z))),
    lambda z: fnp.where(z > 0, 0.5 * fnp.exp(-fnp.abs(z)), 1 - 0.5 * fnp.exp(-fnp.abs(z))),
)  # fmt: skip
logistic = Continuous(
    "logistic", "", -_INF, _INF, 0.0, lambda z: sp.log_expit(z) + sp.log_expit(-z), sp.expit, lambda z: sp.expit(-z), log_cdf=sp.log_expit,
    log_sf=lambda z: sp.log_expit(-z),
)  # fmt: skip
lognorm = Continuous(
    "lognorm", "s", 0, _INF, 1.0, lambda z, s: _log_normal_density(fnp.log(z) / s) - fnp.log(s * z), lambda z, s: sp.ndtr(fnp.log(z) / s),
    lambda z, s: sp.ndtr(-fnp.log(z) / s), _positive,
)  # fmt: skip
weibull_min = Continuous(
    "weibull_min", "c", 0, _INF, 1.0, lambda z, c: fnp.log(c) + sp.xlogy(c - 1, z) - z**c, lambda z, c: -fnp.expm1(-(z**c)),
    lambda z, c: fnp.exp(-(z**c)), _positive, log_sf=lambda z, c: -(z**c),
)  # fmt: skip
pareto = Continuous(
    "pareto", "b", 1, _INF, 2.0, lambda z, b: fnp.log(b) - (b + 1) * fnp.log(z), lambda z, b: -fnp.expm1(-b * fnp.log(z)), lambda z, b: z**-b,
    _positive,
)  # fmt: skip
powerlaw = Continuous("powerlaw", "a", 0, 1, 0.5, lambda z, a: fnp.log(a) + sp.xlogy(a - 1, z), lambda z, a: z**a, valid=_positive)
gumbel_r = Continuous(
    "gumbel_r", "", -_INF, _INF, 0.0, lambda z: -z - fnp.exp(-z), lambda z: fnp.exp(-fnp.exp(-z)), lambda z: -fnp.expm1(-fnp.exp(-z)),
    log_cdf=lambda z: -fnp.exp(-z),
)  # fmt: skip
gumbel_l = Continuous(
    "gumbel_l", "", -_INF, _INF, 0.0, lambda z: z - fnp.exp(z), lambda z: -fnp.expm1(-fnp.exp(z)), lambda z: fnp.exp(-fnp.exp(z)),
    log_sf=lambda z: -fnp.exp(z),
)  # fmt: skip
genextreme = Continuous(
    "genextreme", "c", lambda c: fnp.where(c < 0, 1 / fnp.where(c < 0, c, -1.0), -_INF), lambda c: fnp.where(c > 0, 1 / fnp.where(c > 0, c, 1.0), _INF),
    0.0, lambda z, c: (lambda y: -(1 - c) * y - fnp.exp(-y))(_expm1_over(c, z)), lambda z, c: fnp.exp(-fnp.exp(-_expm1_over(c, z))),
    lambda z, c: -fnp.expm1(-fnp.exp(-_expm1_over(c, z))),
)  # fmt: skip
halfnorm = Continuous(
    "halfnorm",
    "",
    0,
    _INF,
    1.0,
    lambda z: _log_normal_density(z) + math.log(2),
    lambda z: sp.erf(z / math.sqrt(2)),
    lambda z: sp.erfc(z / math.sqrt(2)),
)
halfcauchy = Continuous(
    "halfcauchy", "", 0, _INF, 1.0, lambda z: math.log(2 / math.pi) - fnp.log1p(z * z), lambda z: 2 / math.pi * fnp.arctan(z)
)
rayleigh = Continuous(
    "rayleigh", "", 0, _INF, 1.0, lambda z: fnp.log(z) - 0.5 * z * z, lambda z: -fnp.expm1(-0.5 * z * z), lambda z: fnp.exp(-0.5 * z * z),
    log_sf=lambda z: -0.5 * z * z,
)  # fmt: skip
maxwell = Continuous(
    "maxwell", "", 0, _INF, 1.0, lambda z: 0.5 * math.log(2 / math.pi) + 2 * fnp.log(z) - 0.5 * z * z, lambda z: sp.gammainc(1.5, z * z / 2),
    lambda z: sp.gammaincc(1.5, z * z / 2),
)  # fmt: skip
skewnorm = Continuous(
    "skewnorm", "a", -_INF, _INF, 0.0, lambda z, a: math.log(2) + _log_normal_density(z) + sp.log_ndtr(a * z),
    lambda z, a: sp.ndtr(z) - 2 * sp.owens_t(z, a), lambda z, a: sp.ndtr(-z) + 2 * sp.owens_t(z, a),
)  # fmt: skip
truncnorm = Continuous(
    "truncnorm", "a b", lambda a, b: a, lambda a, b: b, _midpoint, lambda z, a, b: _log_normal_density(z) - _between(a, b)[0],
    _truncated_cdf, valid=lambda a, b: a < b,
)  # fmt: skip

# -- distributions of whole numbers

bernoulli = Discrete(
    "bernoulli", "p", 0, 1, lambda k, p: sp.xlogy(k, p) + sp.xlog1py(1 - k, -p), lambda k, p: fnp.where(k < 1, 1 - p, 1.0),
    lambda k, p: fnp.where(k < 1, p, 0.0), lambda p: (p >= 0) & (p <= 1),
)  # fmt: skip
binom = Discrete(
    "binom", "n p", 0, lambda n, p: n,
    lambda k, n, p: sp.gammaln(n + 1.0) - sp.gammaln(k + 1) - sp.gammaln(n - k + 1) + sp.xlogy(k, p) + sp.xlog1py(n - k, -p),
    lambda k, n, p: sp.bdtr(k, n, p), lambda k, n, p: sp.bdtrc(k, n, p), lambda n, p: (n >= 0) & (p >= 0) & (p <= 1),
)  # fmt: skip
geom = Discrete(
    "geom", "p", 1, _INF, lambda k, p: sp.xlog1py(k - 1, -p) + fnp.log(p), lambda k, p: -fnp.expm1(fnp.log1p(-p) * k),
    lambda k, p: fnp.exp(fnp.log1p(-p) * k), lambda p: (p > 0) & (p <= 1),
)  # fmt: skip
nbinom = Discrete(
    "nbinom", "n p", 0, _INF,
    lambda k, n, p: sp.gammaln(n + k) - sp.gammaln(k + 1) - sp.gammaln(n + 0.0) + sp.xlogy(n, p) + sp.xlog1py(k, -p),
    lambda k, n, p: sp.betainc(n, k + 1, p), lambda k, n, p: sp.betaincc(n, k + 1, p), lambda n, p: (n > 0) & (p > 0) & (p <= 1),
)  # fmt: skip
poisson = Discrete(
    "poisson", "mu", 0, _INF, lambda k, mu: sp.xlogy(k, mu) - sp.gammaln(k + 1) - mu, lambda k, mu: sp.pdtr(k, mu), lambda k, mu: sp.pdtrc(k, mu),
    lambda mu: mu >= 0,
)  # fmt: skip


# -- distributions of vectors


class _MultivariateNormal:
    """scipy.stats.multivariate_normal: `logpdf` and `pdf` of (x[..., n], mean[n], cov[n, n])."""

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """The logarithm of the density at x[..., n]: an array of shape [...]."""
        if not has_tracer((x, mean, cov)):
            return scipy_stats("multivariate_normal").logpdf(x, mean, cov, allow_singular)
        if allow_singular:
            raise ArgumentError(
                "multivariate_normal.logpdf: allow_singular has no meaning for traced values: cov must be positive definite"
            )
        d = fnp.atleast_1d(x - mean if mean is not None else fnp.asarray(x))
        n = d.shape[-1]
        cov = fnp.asarray(cov)
        cov = cov * np.eye(n) if cov.ndim == 0 else fnp.diag(cov) if cov.ndim == 1 else cov
        factor = fnp.linalg.cholesky(cov)
        flat = fnp.reshape(d, (-1, n))
        z = solve_triangular(factor, flat.T, lower=True)
        out = -0.5 * fnp.sum(z * z, axis=0) - fnp.sum(fnp.log(fnp.diagonal(factor))) - 0.5 * n * LOG_2PI
        return fnp.reshape(out, d.shape[:-1])

    def pdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """The density at x[..., n]."""
        return fnp.exp(self.logpdf(x, mean, cov, allow_singular))


class _Dirichlet:
    """scipy.stats.dirichlet: `logpdf` and `pdf` of (x[n], alpha[n])."""

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """The logarithm of the density at x[n], whose entries sum to 1."""
        if not has_tracer((x, alpha)):
            return scipy_stats("dirichlet").logpdf(x, alpha)
        x, alpha = fnp.asarray(x), fnp.asarray(alpha)
        return fnp.sum(sp.xlogy((alpha - 1), x)) + sp.gammaln(fnp.sum(alpha)) - fnp.sum(sp.gammaln(alpha))

    def pdf(self, x: Any, alpha: Any) -> Any:
        """The density at x[n]."""
        return fnp.exp(self.logpdf(x, alpha))


multivariate_normal, dirichlet = _MultivariateNormal(), _Dirichlet()
