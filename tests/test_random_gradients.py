"""Derivatives of samples by the parameters of their distributions: along the quantile, whatever the sampler does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special

import fgrad
import fgrad.random as fr
from fgrad.ops.random_gamma import loggamma_slope
from fgrad.testing import check_grads

KEY = fr.key(11)
SHAPES = [1e-3, 0.02, 0.4, 0.97, 1.0, 1.8, 6.0, 40.0, 900.0, 1e4]
LEVELS = [1e-40, 1e-9, 1e-3, 0.2, 0.5, 0.8, 0.999, 1 - 1e-12]


def log_quantile(a: Any, level: float) -> Any:
    """The logarithm of the level's quantile of the gamma distribution, to the working precision."""
    upper = level > 0.5

    def excess(y: Any) -> Any:
        x = mpmath.exp(y)
        p = mpmath.gammainc(a, x, mpmath.inf, regularized=True) if upper else mpmath.gammainc(a, 0, x, regularized=True)
        return mpmath.log(p) - mpmath.log(1 - mpmath.mpf(level) if upper else mpmath.mpf(level))

    x = scipy.special.gammaincinv(float(a), level)
    start = np.log(x) if x > 0 else (np.log(level) + scipy.special.gammaln(float(a) + 1)) / float(a)
    return mpmath.findroot(excess, (mpmath.mpf(start), mpmath.mpf(start) * (1 + mpmath.mpf(10) ** -6)), tol=mpmath.mpf(10) ** -80)


@pytest.mark.parametrize("a", SHAPES)
def test_gamma_slope_is_that_of_the_quantile(a):
    """Within 1e-12 of a central difference of the quantile, in 60 digits."""
    with mpmath.workdps(60):
        h = mpmath.mpf(a) * mpmath.mpf(10) ** -12
        for level in LEVELS:
            at, below, above = (log_quantile(mpmath.mpf(a) + d, level) for d in (0, -h, h))
            want = float((above - below) / (2 * h))
            got = loggamma_slope(np.float64(at), np.float64(a), order=0)
            # what rounding y to a float64 changes
            shift = abs(float(at) * 2.0**-53 * (float(mpmath.digamma(a)) - float(at) - want * (a - float(mpmath.exp(at)))))
            assert abs(got - want) <= 1e-12 * abs(want) + shift, (a, level)


def test_gamma_slope_of_samples():
    """Against SciPy's quantile, at the samples themselves: what a user would check."""
    a = np.repeat([0.3, 1.0, 2.5, 30.0], 50)
    x = fr.gamma(KEY, a)
    level, h = scipy.special.gammainc(a, x), 1e-4 * a
    points = [scipy.special.gammaincinv(a + k * h, level) for k in (-2, -1, 1, 2)]
    want = (points[0] - 8 * points[1] + 8 * points[2] - points[3]) / (12 * h)
    got = fgrad.grad(lambda a: np.sum(fr.gamma(KEY, a)))(a)
    np.testing.assert_allclose(got, want, rtol=1e-8)


def test_slope_is_smooth_where_its_formulas_meet():
    for y, a in ((-1e-12, 0.7), (-0.3, 1.0), (float(scipy.special.psi(3.0)), 3.0)):
        for order in (0, 1, 2):
            left, right = (loggamma_slope(np.float64(y - d), np.float64(a - d), order=order) for d in (1e-9, -1e-9))
            assert abs(left - right) < 1e-6 * abs(left)


def test_slope_in_float32_and_outside():
    got = loggamma_slope(np.float32([0.3, -np.inf, 1.0]), np.float32([2.0, 2.0, -1.0]), order=0)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got[0], loggamma_slope(np.float64(np.float32(0.3)), np.float64(2.0), order=0), rtol=1e-6)
    assert np.all(np.isnan(got[1:]))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("y", "a"), [(-3.0, 0.2), (0.4, 0.2), (-1.0, 2.0), (1.5, 2.0), (3.9, 50.0), (4.1, 50.0)])
def test_higher_slopes(y, a, order):
    with mpmath.workdps(50):
        x = mpmath.exp(mpmath.mpf(y))

        def slope(b: Any) -> Any:
            density = mpmath.exp(b * y - x - mpmath.loggamma(b))
            return -mpmath.diff(lambda c: mpmath.gammainc(c, 0, x, regularized=True), b) / density

        want = float(mpmath.diff(slope, mpmath.mpf(a), order, h=mpmath.mpf(10) ** -6))
    np.testing.assert_allclose(loggamma_slope(np.float64(y), np.float64(a), order=order), want, rtol=1e-8)


# -- means move as they should

N = 200_000
MEANS: dict[str, tuple[Callable, tuple, Callable]] = {
    "gamma": (lambda k, a: fr.gamma(k, a, (N,)), (1.7,), lambda a: a),
    "gamma below 1": (lambda k, a: fr.gamma(k, a, (N,)) ** 2, (0.4,), lambda a: a * (a + 1)),
    "loggamma": (lambda k, a: fr.loggamma(k, a, (N,)), (0.8,), lambda a: scipy.special.psi(a)),
    "beta": (lambda k, a, b: fr.beta(k, a, b, (N,)), (0.8, 2.0), lambda a, b: a / (a + b)),
    "dirichlet": (
        lambda k, a: fr.dirichlet(k, a * np.array([1.0, 2.0, 0.5]), (N,))[:, 0] ** 2,
        (1.5,),
        lambda a: a * (a + 1) / (3.5 * a * (3.5 * a + 1)),
    ),
    "chisquare": (lambda k, d: fr.chisquare(k, d, (N,)), (3.0,), lambda d: d),
    "t": (
        lambda k, d: np.abs(fr.t(k, d, (N,))),
        (9.0,),
        lambda d: 2 * np.sqrt(d / np.pi) * np.exp(scipy.special.gammaln((d + 1) / 2) - scipy.special.gammaln(d / 2)) / (d - 1),
    ),
    "lognormal": (lambda k, s: fr.lognormal(k, s, (N,)), (0.5,), lambda s: np.exp(s * s / 2)),
    "truncated": (
        lambda k, a, b: fr.truncated_normal(k, a, b, (N,)),
        (-0.3, 1.2),
        lambda a, b: (np.exp(-a * a / 2) - np.exp(-b * b / 2)) / np.sqrt(2 * np.pi) / (scipy.special.ndtr(b) - scipy.special.ndtr(a)),
    ),
}


@pytest.mark.parametrize("name", MEANS)
def test_means(name):
    draw, parameters, mean = MEANS[name]
    both = tuple(range(len(parameters)))
    samples = lambda *p: np.mean(draw(KEY, *p))
    np.testing.assert_allclose(samples(*parameters), mean(*parameters), rtol=0.02)
    got = fgrad.grad(samples, argnums=both)(*parameters)
    want = fgrad.grad(mean, argnums=both)(*parameters)
    np.testing.assert_allclose(got, want, rtol=0.03, atol=0.003)
    forward = [fgrad.jvp(samples, parameters, tuple(float(i == j) for j in both))[1] for i in both]
    np.testing.assert_allclose(forward, got, rtol=1e-12)


# -- samples that are smooth functions of the parameters, against finite differences

SMOOTH: dict[str, tuple[Callable, tuple]] = {
    "uniform": (lambda a, b: fr.uniform(KEY, (3,), minval=a, maxval=b), (-1.0, np.array([0.5, 2.0, 3.0]))),
    "lognormal": (lambda s: fr.lognormal(KEY, s, (2, 3)), (np.array([0.3, 0.6, 1.0]),)),
    "pareto": (lambda b: fr.pareto(KEY, b), (np.array([1.0, 2.5]),)),
    "weibull_min": (lambda s, c: fr.weibull_min(KEY, s, c, (3,)), (2.0, np.array([0.7, 1.0, 3.0]))),
    "rayleigh": (lambda s: fr.rayleigh(KEY, s, (3,)), (1.3,)),
    "truncated_normal": (lambda a, b: fr.truncated_normal(KEY, a, b, (4,)), (np.array([-1.0, 0.2, 2.0, 6.0]), 8.0)),
    "below": (lambda b: fr.truncated_normal(KEY, -np.inf, b, (4,)), (np.array([-9.0, -1.0, 0.5, 3.0]),)),
    "choice": (lambda x: fr.choice(KEY, x, (4,)), (np.array([0.3, 1.0, 2.0]),)),
    "permutation": (lambda x: fr.permutation(KEY, x, independent=True), (np.array([[0.3, 1.0], [2.0, 5.0]]),)),
    "scaled": (lambda m, s: m + s * fr.normal(KEY, (3,)), (0.5, 2.0)),
    "multivariate_normal": (
        lambda m, f: fr.multivariate_normal(KEY, m, f @ f.T + np.eye(2), (3,)),
        (np.array([1.0, -1.0]), np.array([[1.0, 0.2], [0.5, 1.5]])),
    ),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth(name):
    f, xs = SMOOTH[name]
    check_grads(f, xs, order=2)
    check_grads(fgrad.jit(f), xs, order=1)


ROUGH: dict[str, Callable] = {
    "gamma": lambda a: fr.gamma(KEY, a, (3,)),
    "loggamma": lambda a: fr.loggamma(KEY, a),
    "beta": lambda a: fr.beta(KEY, a, 2.0),
    "dirichlet": lambda a: fr.dirichlet(KEY, a, (2,)),
    "chisquare": lambda a: fr.chisquare(KEY, a),
    "t": lambda a: fr.t(KEY, a),
}


@pytest.mark.parametrize("name", ROUGH)
def test_every_way_differentiates_the_same(name):
    f, a = ROUGH[name], np.array([0.4, 1.0, 5.0])
    total = lambda a: np.sum(np.sin(f(a)))
    want = fgrad.grad(total)(a)
    assert np.all(np.isfinite(want))
    assert np.all(want != 0)
    np.testing.assert_allclose(fgrad.jit(fgrad.grad(total))(a), want, rtol=1e-12)
    np.testing.assert_allclose(np.cos(f(a)).ravel() @ fgrad.jacfwd(f)(a).reshape(-1, 3), want, rtol=1e-12)
    hessian = fgrad.hessian(total)(a)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(fgrad.jacrev(fgrad.grad(total))(a), hessian, rtol=1e-10, atol=1e-12)
    batch = np.stack([a, 2 * a])
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(total))(batch), [fgrad.grad(total)(x) for x in batch], rtol=1e-12)
    single = fgrad.grad(lambda a: np.sum(np.sin(f(a))))(a.astype(np.float32))
    assert single.dtype == np.float32


def test_second_derivative_of_a_mean():
    """E[x^2] = a + a^2 for a gamma variate: its second derivative is 2."""
    got = fgrad.grad(fgrad.grad(lambda a: np.mean(fr.gamma(KEY, a, (N,)) ** 2)))(2.0)
    np.testing.assert_allclose(got, 2.0, rtol=0.03)


def test_gradient_through_a_loop_that_draws():
    def walk(scale: Any) -> Any:
        def step(state: Any, _: Any) -> Any:
            key, x = state
            key, sub = fr.split(key)
            return (key, x + scale * fr.normal(sub) * np.cos(x)), x

        return fgrad.scan(step, (KEY, 0.5), None, length=6)[0][1]

    check_grads(walk, (0.7,), order=2)
    check_grads(fgrad.jit(walk), (0.7,), order=1)
