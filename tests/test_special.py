"""Derivatives of special functions by their parameters, far from where finite differences are good, against mpmath at 40 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
import scipy.special

import fgrad
from fgrad import errors, grad
from fgrad.scipy import special

REFERENCES: dict[str, Callable[..., Any]] = {
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True),
    "betainc": lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True),
    "zeta": mpmath.zeta,
    "ellipk": mpmath.ellipk,
    "ellipkinc": mpmath.ellipf,
    "ellipeinc": mpmath.ellipe,
    "elliprd": mpmath.elliprd,
    "elliprj": mpmath.elliprj,
    "stdtr": lambda v, t: 1 - mpmath.betainc(v / 2, 0.5, 0, v / (v + t * t), regularized=True) / 2,
    "boxcox": lambda x, k: (x**k - 1) / k,
}
POINTS = {
    "gammainc": [(0.01, 1e-3), (0.5, 8.0), (30.0, 25.0), (1000.0, 1010.0), (1e-4, 3.0)],
    "gammaincc": [(0.01, 5.0), (50.0, 120.0)],
    "betainc": [(0.02, 3.0, 0.3), (0.5, 0.1, 0.99), (40.0, 200.0, 0.2), (5.0, 1e-3, 0.5), (300.0, 0.5, 0.999)],
    "zeta": [(1.1, 0.3), (7.0, 20.0), (1.5, 2.0)],
    "ellipk": [(0.999999,), (0.0,), (-30.0,)],
    "ellipkinc": [(10.0, 0.99), (0.3, 0.0), (-2.0, -5.0)],
    "ellipeinc": [(10.0, 0.99), (0.3, 0.0)],
    "elliprd": [(1e-3, 2.0, 50.0)],
    "elliprj": [(0.1, 2.0, 5.0, 1e-2)],
    "stdtr": [(1.5, 0.01), (80.0, 2.0)],
    "boxcox": [(3.0, 1e-9)],
}


@pytest.mark.parametrize(("name", "point"), [(n, p) for n, points in POINTS.items() for p in points])
def test_derivatives_against_mpmath(name, point):
    def partial(orders: tuple[int, ...]) -> float:
        with mpmath.workdps(50):
            exact = tuple(map(mpmath.mpf, point))
            if len(point) == 1:
                return float(mpmath.diff(REFERENCES[name], exact[0], orders[0]))
            return float(mpmath.diff(REFERENCES[name], exact, orders))

    f = getattr(special, name)
    argnums = tuple(range(len(point)))
    first = grad(f, argnums)(*point)
    second = [grad(lambda *xs, i=i: grad(f, i)(*xs), argnums)(*point) for i in argnums]
    for i in argnums:
        unit = tuple(int(i == j) for j in argnums)
        np.testing.assert_allclose(first[i], partial(unit), rtol=1e-9)
        for j in argnums:
            both = tuple(int(i == k) + int(j == k) for k in argnums)
            np.testing.assert_allclose(second[i][j], partial(both), rtol=1e-7, atol=1e-12)


def test_orders_have_no_derivative():
    with pytest.raises(errors.UnsupportedError, match=r"jv: there is no derivative by the order v"):
        grad(special.jv)(1.5, 2.0)
    assert grad(special.jv, 1)(1.5, 2.0) == pytest.approx(scipy.special.jvp(1.5, 2.0))


def test_results_in_several_parts():
    ai, aip, bi, bip = fgrad.jit(scipy.special.airy)(np.array([0.3, -1.0]))
    np.testing.assert_array_equal((ai, aip, bi, bip), scipy.special.airy(np.array([0.3, -1.0])))
    assert grad(lambda x: scipy.special.sici(x)[1])(2.0) == pytest.approx(np.cos(2.0) / 2)


def test_whole_orders_of_any_dtype():
    x = np.linspace(0.1, 0.9, 5)
    for n in (3, 3.0, np.int32(3), np.arange(5)):
        np.testing.assert_allclose(
            fgrad.jit(lambda x, n=n: scipy.special.eval_legendre(n, x))(x), scipy.special.eval_legendre(n, x), rtol=1e-14
        )
