"""SciPy's solvers with fgrad's derivatives: classical problems by every method, constraints, pytrees, implicit gradients, mistakes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.optimize

import fgrad
from fgrad import errors
from fgrad.optimize import curve_fit, least_squares, minimize, root
from fgrad.testing import check_grads


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def himmelblau(x):
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def beale(x):
    a, b = x
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def powell(x):
    a, b, c, d = x
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def wood(x):
    a, b, c, d = x
    first = 100 * (b - a**2) ** 2 + (1 - a) ** 2 + 90 * (d - c**2) ** 2 + (1 - c) ** 2
    return first + 10.1 * ((b - 1) ** 2 + (d - 1) ** 2) + 19.8 * (b - 1) * (d - 1)


CLASSICS: dict[Callable, tuple[np.ndarray, np.ndarray | None]] = {
    rosenbrock: (np.array([0.5, 0.3, 0.6, 0.8]), np.ones(4)),
    himmelblau: (np.array([2.5, 2.5]), np.array([3.0, 2.0])),
    beale: (np.array([1.0, 0.5]), np.array([3.0, 0.5])),
    powell: (np.array([3.0, -1.0, 0.0, 1.0]), None),
    wood: (np.array([-3.0, -1.0, -3.0, -1.0]), np.ones(4)),
}
METHODS = ["CG", "BFGS", "Newton-CG", "L-BFGS-B", "SLSQP", "trust-constr", "trust-ncg", "trust-exact", "trust-krylov"]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning:scipy")  # Powell's Hessian is singular at the solution
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("f", CLASSICS, ids=lambda f: f.__name__)
def test_classics(f, method):
    start, solution = CLASSICS[f]
    options = {"maxiter": 2000} if method in ("CG", "SLSQP", "trust-constr", "Newton-CG") else None
    found = minimize(f, start, method=method, tol=1e-10, options=options)
    assert isinstance(found, scipy.optimize.OptimizeResult)
    assert found.fun < 1e-5
    if solution is not None:
        np.testing.assert_allclose(found.x, solution, atol=2e-3)
    assert found.params is found.x


def test_as_many_calls_as_with_derivatives_by_hand():
    start = np.linspace(-1, 1, 30)
    ours = minimize(rosenbrock, start, method="BFGS")
    theirs = scipy.optimize.minimize(scipy.optimize.rosen, start, method="BFGS", jac=scipy.optimize.rosen_der)
    assert (ours.nfev, ours.njev) == (theirs.nfev, theirs.njev)
    hessians = minimize(rosenbrock, start, method="trust-exact")
    np.testing.assert_allclose(hessians.x, np.ones(30), atol=1e-5)


@pytest.mark.parametrize("method", ["Nelder-Mead", "Powell", "COBYLA"])
def test_methods_without_derivatives(method):
    np.testing.assert_allclose(minimize(himmelblau, np.array([2.5, 2.5]), method=method, tol=1e-8).x, [3, 2], atol=1e-3)


def test_pytrees_keep_shapes_and_dtypes():
    start = {"w": np.zeros((2, 3), np.float32), "b": (1, 2.0)}
    target = np.arange(6.0).reshape(2, 3)
    found = minimize(lambda p: np.sum((p["w"] - target) ** 2) + (p["b"][0] - 0.5) ** 2 + p["b"][1] ** 2, start)
    assert found.params["w"].dtype == np.float32
    np.testing.assert_allclose(found.params["w"], target, atol=1e-4)
    np.testing.assert_allclose(found.params["b"], (0.5, 0.0), atol=1e-4)
    assert found.x.shape == (8,)


def test_a_function_that_asks_for_values_is_traced_at_each_call():
    found = minimize(lambda x: (x[0] - 2) ** 2 if x[0] > 0 else (x[0] - 3) ** 2, np.array([1]))
    np.testing.assert_allclose(found.x, [2.0], atol=1e-6)


def test_constraints_and_bounds():
    start = np.array([0.5, 0.0])
    dictionary = {"type": "eq", "fun": lambda x: x[0] ** 2 + x[1] ** 2 - 1.0}
    nonlinear = scipy.optimize.NonlinearConstraint(lambda x: np.sum(x**2), 1.0, 1.0)
    for constraint, method in ((dictionary, "SLSQP"), (dictionary, "trust-constr"), (nonlinear, "trust-constr"), (nonlinear, None)):
        found = minimize(rosenbrock, start, constraints=constraint, method=method, tol=1e-9)
        np.testing.assert_allclose(found.x, [0.786415, 0.617698], atol=1e-4)
    linear = scipy.optimize.LinearConstraint(np.array([[1.0, 1.0]]), 1.0, 1.0)
    np.testing.assert_allclose(minimize(lambda x: np.sum(x**2), start, constraints=[linear], tol=1e-12).x, [0.5, 0.5], atol=1e-5)
    low = {"a": np.zeros(2), "b": -np.inf}
    found = minimize(lambda p: np.sum((p["a"] + 1) ** 2) + (p["b"] + 3) ** 2, {"a": np.ones(2), "b": 1.0}, bounds=(low, None))
    np.testing.assert_allclose(found.params["a"], 0, atol=1e-8)
    np.testing.assert_allclose(found.params["b"], -3, atol=1e-5)


def test_callbacks_and_progress(capsys):
    seen = []
    minimize(lambda p: (p["a"] - 1.0) ** 2, {"a": 3.0}, callback=lambda p: seen.append(p["a"]), progress=True)
    assert seen
    assert abs(seen[-1] - 1) < 1e-6
    assert "calls" in capsys.readouterr().err

    def stop(intermediate_result):
        seen.append(intermediate_result.params["a"])
        raise StopIteration

    stopped = minimize(lambda p: (p["a"] - 1.0) ** 4, {"a": 3.0}, callback=stop, method="L-BFGS-B")
    assert stopped.nit == 1


# -- the derivative of a solution


def test_implicit_gradients():
    quartic = lambda t: minimize(lambda x: np.sum((x - t) ** 2 + x**4), np.zeros(2), tol=1e-12, method="trust-exact").params
    check_grads(quartic, (np.array([1.0, -0.4]),), order=1, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(
        fgrad.jit(fgrad.jacobian(quartic))(np.array([1.0, -0.4])), fgrad.jacobian(quartic)(np.array([1.0, -0.4])), rtol=1e-6
    )
    tilted = fgrad.grad(lambda t: minimize(lambda p: (p["x"] - t) ** 2 + (p["y"] - p["x"]) ** 2, {"x": 0.0, "y": 0.0}).params["y"])
    assert tilted(2.0) == pytest.approx(1.0)
    by_argument = fgrad.grad(lambda t: minimize(lambda x, t: (x - t) ** 2, 0.0, (t,)).params)
    assert by_argument(2.0) == pytest.approx(1.0)
    roots = fgrad.vmap(fgrad.grad(lambda a: root(lambda x: x**3 - a, 1.0).params))(np.array([8.0, 27.0]))
    np.testing.assert_allclose(roots, [1 / 12, 1 / 27], rtol=1e-6)
    t = np.linspace(0, 1, 9)
    fitted = fgrad.grad(lambda s: least_squares(lambda p: p[0] * np.exp(-p[1] * t) - s * np.exp(-2 * t), np.ones(2)).params[0])
    assert fitted(3.0) == pytest.approx(1.0, abs=1e-5)


def test_at_a_bound_the_entries_held_do_not_move():
    held = lambda t: minimize(lambda x: np.sum((x - t) ** 2), np.zeros(2), bounds=[(None, None), (None, 0.5)]).x
    np.testing.assert_allclose(fgrad.jacobian(held)(1.0), [1.0, 0.0], atol=1e-9)


# -- equations and fits


def test_roots():
    f = lambda p: np.stack([p["x"] ** 2 + p["y"] - 3.0, p["x"] - p["y"]])
    for method in ("hybr", "lm", "broyden1"):
        found = root(f, {"x": 1.0, "y": 1.0}, method=method)
        np.testing.assert_allclose(found.params["x"], (np.sqrt(13) - 1) / 2, rtol=1e-5)


def test_sparse_residuals():
    n = 2000

    def residuals(x):  # Broyden's tridiagonal function (More, Garbow and Hillstrom, 1981, no. 30)
        padded = np.pad(x, 1)
        return (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1

    found = least_squares(residuals, -np.ones(n))
    assert found.cost < 1e-12
    assert scipy.sparse.issparse(found.jac)
    small = least_squares(residuals, -np.ones(30), jac="dense")
    assert isinstance(small.jac, np.ndarray)
    np.testing.assert_allclose(small.x, least_squares(residuals, -np.ones(30), jac="sparse").x, atol=1e-8)


def test_curve_fit_has_the_covariance_of_scipy():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 4, 60)
    y = 2.5 * np.exp(-1.3 * x) + 0.5 + rng.normal(size=60) * 0.05
    model = lambda x, a, b, c: a * np.exp(-b * x) + c
    for options in ({}, {"sigma": np.full(60, 0.05), "absolute_sigma": True}, {"bounds": (0, [3.0, 2.0, 1.0])}):
        (popt, pcov), (want, want_cov) = (f(model, x, y, **options) for f in (curve_fit, scipy.optimize.curve_fit))
        np.testing.assert_allclose(popt, want, rtol=1e-5)
        np.testing.assert_allclose(pcov, want_cov, rtol=1e-4)


# -- mistakes


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: minimize(lambda x: x, np.ones(3)), errors.ShapeError, r"returned f64\[3\], and must return a real scalar"),
        (lambda: minimize(rosenbrock, np.ones(2), bounds=[(0, 1), (1, 0)]), errors.ArgumentError, r"bounds of x0\[1\] cross: 1.0 > 0.0"),
        (lambda: minimize(rosenbrock, np.ones(4), bounds=[(0, 1)]), errors.ArgumentError, r"there are 1 bounds, and x0 has 4 entries"),
        (lambda: minimize(lambda x: np.sum(np.log(x)), -np.ones(3)), errors.NanError, r"log made a NaN"),
        (lambda: minimize(lambda x: x**2, np.nan), errors.NanError, r"x0 is nan"),
        (lambda: minimize(lambda x: x**2, 1j), errors.DtypeError, r"x0: c128\[\] is complex"),
        (lambda: root(lambda x: x[:2], np.ones(3)), errors.ShapeError, r"returned f64\[2\] for an x0 of 3 entries"),
        (lambda: curve_fit(lambda x, a: a * x[:3], np.ones(4), np.ones(4)), errors.ShapeError, r"the model gives f64\[3\]"),
        (
            lambda: least_squares(rosenbrock, np.ones(3), jac="magic"),
            errors.ArgumentError,
            r"jac is 'auto', 'dense', 'sparse' or a function",
        ),
        (
            lambda: minimize(rosenbrock, np.ones(3), constraints=scipy.optimize.NonlinearConstraint(lambda x: x, [0, 0], 1)),
            errors.ShapeError,
            r"lb of a constraint has 2 entries, and its function returns f64\[3\]",
        ),
        (
            lambda: minimize(rosenbrock, np.ones(3), constraints=scipy.optimize.LinearConstraint(np.ones((1, 2)), 0, 1)),
            errors.ShapeError,
            r"2 columns, and x0 has 3 entries",
        ),
    ],
)
def test_mistakes(call, error, message):
    with np.errstate(invalid="ignore"), pytest.raises(error, match=message):
        call()
