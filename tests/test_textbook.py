"""Worked numbers: small programs whose derivatives are written out by hand, in both modes, to 1e-12."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import fgrad

TOL = 1e-12


def reverse(f: Callable, args: Sequence[Any]) -> list:
    return list(fgrad.grad(f, argnums=tuple(range(len(args))))(*args))


def forward(f: Callable, args: Sequence[Any]) -> list:
    return list(fgrad.jacfwd(f, argnums=tuple(range(len(args))))(*args))


both_modes = pytest.mark.parametrize("gradients", [reverse, forward], ids=lambda f: f.__name__)


def close(got: Any, want: Any, tol: float = TOL) -> None:
    np.testing.assert_allclose(got, want, rtol=0, atol=tol)


@both_modes
def test_product_of_a_sum(gradients):
    """f = (x + y) z at (-2, 5, -4)."""

    def f(x: Any, y: Any, z: Any) -> Any:
        return (x + y) * z

    assert f(-2.0, 5.0, -4.0) == -12.0
    close(gradients(f, (-2.0, 5.0, -4.0)), [-4.0, -4.0, 3.0])


@both_modes
def test_sigmoid_neuron(gradients):
    """f = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))) at w = (2, -3, -3), x = (-1, -2)."""

    def f(w: Any, x: Any) -> Any:
        return 1 / (1 + np.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))

    w, x = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0])
    s = 1 / (1 + math.exp(-1.0))  # the argument is 2 * -1 + -3 * -2 - 3 = 1
    slope = s * (1 - s)
    close(f(w, x), s)
    of_w, of_x = gradients(f, (w, x))
    close(of_w, [slope * -1, slope * -2, slope])
    close(of_x, [slope * 2, slope * -3])
    # the figures as they are printed, to two digits
    assert np.round(s, 2) == 0.73
    np.testing.assert_array_equal(np.round(of_w, 2), [-0.20, -0.39, 0.20])
    np.testing.assert_array_equal(np.round(of_x, 2), [0.39, -0.59])


@both_modes
def test_logistic_slope(gradients):
    """d/dx 1 / (1 + exp(-x)) at 1 is e / (1 + e)^2 = 0.197."""
    (slope,) = gradients(lambda x: 1 / (1 + np.exp(-x)), (1.0,))
    close(slope, math.e / (1 + math.e) ** 2)
    assert round(float(slope), 3) == 0.197


@both_modes
def test_neuron_with_squared_error(gradients):
    """C = (sigmoid(b + W . x) - y)^2 at b = -2, W = (-1, 0.5, 10), x = (4, -2, 1), y = 1."""

    def cost(b: Any, w: Any, x: Any, y: Any) -> Any:
        return (1 / (1 + np.exp(-(b + np.dot(w, x)))) - y) ** 2

    b, w, x, y = -2.0, np.array([-1.0, 0.5, 10.0]), np.array([4.0, -2.0, 1.0]), 1.0
    a = 1 / (1 + math.exp(-3.0))  # -2 - 4 - 1 + 10 = 3
    delta = 2 * (a - y) * a * (1 - a)
    of_b, of_w, of_x, of_y = gradients(cost, (b, w, x, y))
    close(of_b, delta)
    close(of_w, [4 * delta, -2 * delta, delta])
    close(of_x, [-delta, 0.5 * delta, 10 * delta])
    close(of_y, -2 * (a - y))
    assert f"{float(of_b):.9f}".startswith("-0.00428")


@both_modes
def test_polynomial_and_its_derivatives(gradients):
    """x^3 - 2 x^2 + 5 at 3: 14, 15, 14, 6, 0."""
    f: Callable = lambda x: x**3 - 2 * x**2 + 5
    values = []
    for _ in range(5):
        values.append(float(f(3.0)))
        f = lambda x, f=f: gradients(f, (x,))[0]
    close(values, [14.0, 15.0, 14.0, 6.0, 0.0])


@both_modes
def test_rosenbrock(gradients):
    """(1 - x)^2 + 100 (y - x^2)^2: the gradient at (-1.2, 1), and the Hessian at the minimum."""

    def f(p: Any) -> Any:
        return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2

    close(gradients(f, (np.array([-1.2, 1.0]),))[0], [-215.6, -88.0], 1e-10)
    close(fgrad.hessian(f)(np.array([1.0, 1.0])), [[802.0, -400.0], [-400.0, 200.0]], 1e-10)


@both_modes
def test_spherical_coordinates(gradients):
    """x = r sin(t) cos(p), y = r sin(t) sin(p), z = r cos(t): the determinant of the Jacobian is r^2 sin(t)."""
    parts = (
        lambda q: q[0] * np.sin(q[1]) * np.cos(q[2]),
        lambda q: q[0] * np.sin(q[1]) * np.sin(q[2]),
        lambda q: q[0] * np.cos(q[1]),
    )
    q = np.array([2.0, 0.7, 1.9])
    jacobian = np.stack([gradients(f, (q,))[0] for f in parts])
    close(np.linalg.det(jacobian), 4 * math.sin(0.7))
