"""Derivatives where there is none: the documented conventions, and JAX's where JAX is installed and has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

import fgrad
import fgrad.numpy as fnp
import fgrad.scipy.special

INF = np.inf
NAN = np.nan

# name: (function of a namespace and arguments, the arguments, its gradients)
POINTS: dict[str, tuple[Callable, tuple, tuple]] = {
    "abs at 0": (lambda np, x: np.abs(x), (0.0,), (1.0,)),
    "complex abs at 0": (lambda np, x: np.abs(x), (0j,), (0j,)),
    "sign at 0": (lambda np, x: np.sign(x), (0.0,), (0.0,)),
    "maximum of equals": (lambda np, x, y: np.maximum(x, y), (1.0, 1.0), (0.5, 0.5)),
    "minimum of equals": (lambda np, x, y: np.minimum(x, y), (1.0, 1.0), (0.5, 0.5)),
    "relu as maximum at 0": (lambda np, x: np.maximum(x, 0.0), (0.0,), (0.5,)),
    "relu as where at 0": (lambda np, x: np.where(x > 0, x, 0.0), (0.0,), (0.0,)),
    "max of ties": (lambda np, x: np.max(x), (np.array([1.0, 3.0, 3.0]),), (np.array([0.0, 0.5, 0.5]),)),
    "min of ties": (lambda np, x: np.min(x), (np.array([1.0, 1.0, 1.0, 4.0]),), (np.array([1 / 3, 1 / 3, 1 / 3, 0.0]),)),
    "sort of ties": (lambda np, x: np.sort(x)[0], (np.array([2.0, 1.0, 1.0]),), (np.array([0.0, 1.0, 0.0]),)),
    "sqrt at 0": (lambda np, x: np.sqrt(x), (0.0,), (INF,)),
    "x**0 at 0": (lambda np, x: x**0, (0.0,), (0.0,)),
    "x**0.0 at 0": (lambda np, x: np.power(x, 0.0), (0.0,), (0.0,)),
    "x**2 at 0": (lambda np, x: x**2, (0.0,), (0.0,)),
    "x**y at x = 0, y = 2": (lambda np, x, y: np.power(x, y), (0.0, 2.0), (0.0, 0.0)),
    "x**y at x = 0, y = 0": (lambda np, x, y: np.power(x, y), (0.0, 0.0), (0.0, 0.0)),
    "0**y at y = 3": (lambda np, y: np.power(0.0, y), (3.0,), (0.0,)),
    "hypot at 0, 0": (lambda np, x, y: np.hypot(x, y), (0.0, 0.0), (0.0, 0.0)),
    "clip at its lower bound": (lambda np, x: np.clip(x, 1.0, 2.0), (1.0,), (0.5,)),
    "clip at its upper bound": (lambda np, x: np.clip(x, 1.0, 2.0), (2.0,), (0.5,)),
    "clip outside": (lambda np, x: np.clip(x, 1.0, 2.0), (3.0,), (0.0,)),
    "floor, ceil, round": (lambda np, x: np.floor(x) + np.ceil(x) + np.round(x), (2.0,), (0.0,)),
    "logaddexp of equal infinities": (lambda np, x, y: np.logaddexp(x, y), (-INF, -INF), (0.5, 0.5)),
    "logaddexp of -inf and 0": (lambda np, x, y: np.logaddexp(x, y), (-INF, 0.0), (0.0, 1.0)),
    "arctan2 at 0, 0": (lambda np, y, x: np.arctan2(y, x), (0.0, 0.0), (NAN, NAN)),
    "norm at 0": (lambda np, x: np.linalg.norm(x), (np.zeros(2),), (np.zeros(2),)),
    "prod with a zero": (lambda np, x: np.prod(x), (np.array([0.0, 2.0, 3.0]),), (np.array([6.0, 0.0, 0.0]),)),
    "cumprod with two zeros": (lambda np, x: np.sum(np.cumprod(x)), (np.array([2.0, 0.0, 0.0]),), (np.array([1.0, 2.0, 0.0]),)),
    "sinc at 0": (lambda np, x: np.sinc(x), (0.0,), (0.0,)),
    "remainder at a multiple": (lambda np, x, y: np.remainder(x, y), (4.0, 2.0), (1.0, -2.0)),
}


OWN = {"x**0.0 at 0", "x**y at x = 0, y = 0", "hypot at 0, 0", "norm at 0", "logaddexp of equal infinities"}
"""Where JAX has no convention: a NaN, or a value that follows from how it computes and not from the function."""


def gradients(f: Callable, args: tuple) -> tuple:
    with np.errstate(all="ignore"):
        return fgrad.grad(f, argnums=tuple(range(len(args))))(*args)


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("spelling", [np, fnp], ids=["np", "fnp"])
def test_convention(name, spelling):
    f, args, want = POINTS[name]
    for got, expected in zip(gradients(lambda *xs: f(spelling, *xs), args), want, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-15)


@pytest.mark.parametrize("name", POINTS)
def test_both_modes_agree(name):
    f, args, want = POINTS[name]
    with np.errstate(all="ignore"):
        for i, expected in enumerate(want):
            if np.iscomplexobj(expected):
                continue
            columns = np.eye(max(1, np.size(expected))).reshape(-1, *np.shape(expected))
            tangents = [tuple(c if j == i else np.zeros_like(a) for j, a in enumerate(args)) for c in columns]
            slopes = [fgrad.jvp(lambda *xs: f(np, *xs), args, ts)[1] for ts in tangents]
            np.testing.assert_allclose(np.reshape(slopes, np.shape(expected)), expected, rtol=1e-15)


@pytest.mark.parametrize("name", [n for n in POINTS if n not in OWN])
def test_is_that_of_jax(name):
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        f, args, want = POINTS[name]
        got = jax.grad(lambda *xs: f(jax.numpy, *xs), argnums=tuple(range(len(args))))(*args)
        for g, expected in zip(got, want, strict=True):
            np.testing.assert_allclose(np.asarray(g), expected, rtol=1e-12)


def test_logsumexp_of_minus_infinity():
    """Entries of -inf have no weight, and no NaN comes of them."""
    with np.errstate(all="ignore"):
        g = fgrad.grad(fgrad.scipy.special.logsumexp)(np.array([-INF, 0.0, 0.0]))
        np.testing.assert_array_equal(g, [0.0, 0.5, 0.5])
        assert float(fgrad.scipy.special.logsumexp(np.array([-INF, -INF]))) == -INF
        value, slope = fgrad.jvp(fgrad.scipy.special.logsumexp, (np.array([-INF, 1.0]),), (np.ones(2),))
    assert (float(value), float(slope)) == (1.0, 1.0)


def test_masked_nan_does_not_leak():
    """The safe form of a function outside its domain: where on both sides."""

    def f(x: Any) -> Any:
        safe = np.where(x > 0, x, 1.0)
        return np.sum(np.where(x > 0, np.sqrt(safe), 0.0))

    np.testing.assert_array_equal(fgrad.grad(f)(np.array([-1.0, 0.0, 4.0])), [0.0, 0.0, 0.25])


def test_integers_have_no_tangent():
    assert fgrad.grad(lambda x, n: x * n, argnums=(0, 1), allow_int=True)(2.0, 3)[1].dtype == fgrad.float0
    assert float(fgrad.grad(lambda x: x * np.argmax(np.array([0.0, 1.0])))(2.0)) == 1.0


def test_special_functions_at_their_ends():
    with np.errstate(all="ignore"):
        assert float(fgrad.grad(scipy.special.xlogy, argnums=0)(0.0, 2.0)) == np.log(2.0)
        assert float(fgrad.grad(scipy.special.xlogy, argnums=1)(0.0, 0.0)) == 0.0
        assert float(fgrad.grad(scipy.special.expit)(-800.0)) == 0.0
        assert float(fgrad.grad(scipy.special.log_ndtr)(-40.0)) == pytest.approx(40.024968, rel=1e-6)
