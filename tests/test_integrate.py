"""fgrad.scipy.integrate: samples, integrals of functions, initial value problems, against SciPy and against each other."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate

import fgrad
from fgrad import errors
from fgrad.scipy.integrate import cumulative_trapezoid, odeint, quad, simpson, solve_ivp, trapezoid
from fgrad.testing import check_grads

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8])
def test_samples(n):
    y, x = RNG.normal(size=(2, n)), np.sort(RNG.uniform(size=n))
    for spacing in ({"x": x}, {"dx": 0.3}):
        for ours, theirs in ((simpson, scipy.integrate.simpson), (trapezoid, scipy.integrate.trapezoid)):
            np.testing.assert_allclose(fgrad.jit(lambda y, f=ours, s=spacing: f(y, **s))(y), theirs(y, **spacing), rtol=1e-12)
            check_grads(lambda y, f=ours, s=spacing: f(y.T, axis=0, **s), (y,), order=2)
        if n > 1:
            got = fgrad.jit(lambda y, s=spacing: cumulative_trapezoid(y, initial=0, **s))(y)
            np.testing.assert_allclose(got, scipy.integrate.cumulative_trapezoid(y, initial=0, **spacing), rtol=1e-12)
    if n > 2:
        check_grads(lambda x: simpson(y, x), (x,), order=1)


LIMITS = [(0.0, 2.0), (2.0, 0.5), (0.5, np.inf), (-np.inf, 0.3), (-np.inf, np.inf), (np.inf, 1.0)]


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_quad(limits):
    def integral(k, shift):
        return quad(lambda x: np.exp(-k * x * x) * np.cos(x + shift), *limits)[0]

    value = scipy.integrate.quad(lambda x: np.exp(-1.3 * x * x) * np.cos(x + 0.2), *limits)[0]
    np.testing.assert_allclose(fgrad.jit(integral)(1.3, 0.2), value, rtol=1e-10, atol=1e-14)
    check_grads(integral, (1.3, 0.2), order=2)


def test_quad_by_its_limits_and_arguments():
    for a, b in ((0.2, 1.5), (1.5, 0.2)):
        check_grads(lambda a, b: quad(lambda x, k: np.sin(k * x) / (1 + x), a, b, (2.0,))[0], (a, b), order=2)
    value, slope = fgrad.value_and_grad(lambda p: quad(lambda x: x**p, 0.0, 1.0)[0])(-0.5)  # infinite at 0: many pieces
    assert value == pytest.approx(2.0, rel=1e-9)
    assert slope == pytest.approx(-4.0, rel=0.05)
    with pytest.raises(errors.ArgumentError, match="points"):
        fgrad.grad(lambda k: quad(lambda x: k * x, 0, 1, points=[0.5])[0])(1.0)
    with pytest.raises(errors.ShapeError, match=r"returned f64\[2\]"):
        quad(lambda x: np.stack([x, x]), 0, 1)


# -- initial value problems


def van_der_pol(t, y, mu):
    return [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]]


TIMES, START = np.linspace(0.0, 6.0, 5), np.array([2.0, 0.0])
EXACT = {"rtol": 1e-10, "atol": 1e-12}


def total(mu, start, method="RK45", adjoint="auto", **options):
    states = solve_ivp(van_der_pol, (0.0, 6.0), start, method, TIMES, args=(mu,), adjoint=adjoint, **(EXACT | options)).y
    return np.sum(states[0])


@pytest.mark.parametrize("method", ["RK45", "RK23"])
def test_traced_steps_are_those_of_scipy(method):
    for options in ({}, {"rtol": 1e-8, "atol": 1e-10}, {"max_step": 0.1}, {"first_step": 0.01}):
        traced = fgrad.jit(lambda mu, options=options: solve_ivp(van_der_pol, (0.0, 6.0), START, method, TIMES, args=(mu,), **options).y)(
            2.0
        )
        want = scipy.integrate.solve_ivp(van_der_pol, (0.0, 6.0), START, method, TIMES, args=(2.0,), **options).y
        np.testing.assert_allclose(traced, want, atol=1e-10)
    back = fgrad.jit(lambda mu: solve_ivp(van_der_pol, (6.0, 0.0), START, method, TIMES[::-1], args=(mu,)).y)(0.1)
    np.testing.assert_allclose(
        back, scipy.integrate.solve_ivp(van_der_pol, (6.0, 0.0), START, method, TIMES[::-1], args=(0.1,)).y, atol=1e-10
    )


def test_discrete_derivatives():
    check_grads(total, (1.2, START), order=1, atol=1e-5, rtol=1e-5)
    slope = fgrad.jit(fgrad.grad(total))
    second = fgrad.jit(fgrad.jacfwd(fgrad.grad(total)))(1.2, START)
    np.testing.assert_allclose(second, (slope(1.2 + 1e-5, START) - slope(1.2 - 1e-5, START)) / 2e-5, rtol=1e-4)
    each = fgrad.vmap(lambda mu: total(mu, START))(np.array([0.5, 2.0]))
    np.testing.assert_allclose(each, [total(0.5, START), total(2.0, START)], rtol=1e-9)
    np.testing.assert_allclose(fgrad.jit(fgrad.grad(total))(1.2, START), fgrad.grad(total)(1.2, START), rtol=1e-9)


@pytest.mark.parametrize("method", ["RK45", "DOP853", "LSODA", "Radau"])
def test_continuous_adjoint(method):
    loose = {"rtol": 1e-6, "atol": 1e-8} if method == "Radau" else {}
    got = fgrad.grad(lambda mu, y: total(mu, y, method, "continuous", **loose), (0, 1))(1.2, START)
    want = fgrad.grad(total, (0, 1))(1.2, START)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4 if loose else 1e-6)


@pytest.mark.parametrize("adjoint", ["discrete", "continuous"])
def test_derivatives_by_times(adjoint):
    def decayed(first, last):
        return solve_ivp(lambda t, y: -y, (first, last), np.ones(1), t_eval=np.stack([last]), adjoint=adjoint, **EXACT).y[0, 0]

    np.testing.assert_allclose(fgrad.grad(decayed, (0, 1))(0.2, 1.0), [np.exp(-0.8), -np.exp(-0.8)], rtol=1e-8)


def test_pytrees_and_stiff_methods():
    def robertson(t, y, k):
        fast = 1e4 * y["b"] * y["c"]
        slow = k * y["a"]
        return {"a": fast - slow, "b": slow - fast - 3e7 * y["b"] ** 2, "c": 3e7 * y["b"] ** 2}

    start = {"a": 1.0, "b": 0.0, "c": 0.0}
    plain = solve_ivp(robertson, (0.0, 40.0), start, "LSODA", [4.0, 40.0], args=(0.04,), rtol=1e-8, atol=1e-10)
    assert plain.success
    np.testing.assert_allclose(plain.states["a"], [0.9055186, 0.7158271], rtol=1e-5)  # Hairer and Wanner, "Solving ODEs II", IV.10
    assert plain.njev > 0
    states = lambda k: solve_ivp(robertson, (0.0, 40.0), start, "LSODA", [40.0], args=(k,), rtol=1e-8, atol=1e-10).states["a"][-1]
    slope = (states(0.04 + 1e-5) - states(0.04 - 1e-5)) / 2e-5
    np.testing.assert_allclose(fgrad.grad(states)(0.04), slope, rtol=1e-3)


def test_odeint():
    t = np.linspace(0.0, 3.0, 4)
    for k in (0.5, 2.0):
        want = scipy.integrate.odeint(lambda y, t, k=k: -k * y + t, [1.0], t)
        np.testing.assert_allclose(odeint(lambda y, t, k=k: -k * y + t, np.ones(1), t), want, rtol=1e-6)
        traced = fgrad.jit(lambda k: odeint(lambda y, s: -k * y + s, np.ones(1), t))
        np.testing.assert_allclose(traced(k), want, rtol=1e-6)
    for adjoint in ("discrete", "continuous"):
        slope = fgrad.grad(lambda k, a=adjoint: odeint(lambda y, t: -k * y, np.ones(1), t, adjoint=a)[-1, 0])(0.5)
        assert slope == pytest.approx(-3 * np.exp(-1.5), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda k: solve_ivp(lambda t, y: k * y, (0, 1), np.ones(2)), errors.ArgumentError, "needs t_eval"),
        (
            lambda k: solve_ivp(lambda t, y: k * y[:1], (0, 1), np.ones(2), t_eval=[1.0]),
            errors.ShapeError,
            r"must return the derivative of the state",
        ),
        (
            lambda k: solve_ivp(lambda t, y: k * y, (0, 1), np.ones(2), "BDF", [1.0], adjoint="discrete"),
            errors.ArgumentError,
            "adjoint='discrete'",
        ),
        (
            lambda k: solve_ivp(lambda t, y: k * y, (0, 1), np.ones(2), t_eval=[1.0], events=lambda t, y: y[0]),
            errors.ArgumentError,
            "events",
        ),
        (lambda k: solve_ivp(lambda t, y: k * y, (0, 1), np.ones(2), t_eval=[1.0], lband=1), errors.ArgumentError, "lband"),
    ],
)
def test_mistakes(call, error, message):
    with pytest.raises(error, match=message):
        fgrad.grad(lambda k: call(k).y.sum())(1.0)


def test_a_solution_that_ends_in_infinity_is_nan():
    late = fgrad.jit(lambda k: solve_ivp(lambda t, y: k * y**2, (0.0, 2.0), np.ones(1), t_eval=[0.5, 2.0]).y)(1.0)
    assert np.isnan(late).all()
