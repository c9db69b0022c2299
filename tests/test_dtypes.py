"""Integers, booleans, precisions and complex numbers through every transformation."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import grad, hessian, jacfwd, jacrev, jvp, linearize, value_and_grad, vjp, vmap

X = np.array([0.5, -1.0, 2.0])
close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


# -- dtypes


def test_integer_and_boolean_arguments_pass():
    n, mask = np.arange(3), np.array([True, False, True])
    f = lambda x, n, mask: fnp.sum(fnp.where(mask, x * n, 0.0))
    close(grad(f)(X, n, mask), n * mask)
    out, pull = vjp(f, X, n, mask)
    gx, gn, gmask = pull(1.0)
    close(gx, n * mask)
    for g, a in ((gn, n), (gmask, mask)):
        assert g.dtype == fgrad.float0
        assert g.shape == a.shape
    zeros = np.zeros(3, fgrad.float0)
    close(jvp(f, (X, n, mask), (X, zeros, zeros))[1], out)
    close(linearize(f, X, n, mask)[1](X, zeros, zeros), out)


def test_integer_outputs_have_float0_tangents():
    out, tangent = jvp(lambda x: (fnp.argmax(x), x > 0, x), (X,), (X,))
    assert out[0] == 2
    assert out[1].tolist() == [True, False, True]
    assert tangent[0].dtype == tangent[1].dtype == fgrad.float0
    assert tangent[1].shape == (3,)
    close(tangent[2], X)
    (_, n), pull = vjp(lambda x: (x * 2, fnp.argmax(x)), X)
    assert n == 2
    close(pull((X, np.zeros((), fgrad.float0)))[0], 2 * X)


def test_allow_int():
    gx, gn = grad(lambda x, n: fnp.sum(x) * n, (0, 1), allow_int=True)(X, 3)
    close(gx, np.full(3, 3.0))
    assert gn.dtype == fgrad.float0
    assert value_and_grad(lambda n: n * 2.0, allow_int=True)(3)[1].dtype == fgrad.float0


def test_vmap_over_integers_and_booleans():
    assert vmap(lambda n: n + 1)(np.arange(3)).dtype == np.int64
    assert vmap(lambda b: ~b)(np.array([True, False])).tolist() == [False, True]
    close(vmap(lambda i, x: fnp.take(x, i), in_axes=(0, None))(np.array([2, 0]), X), X[[2, 0]])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_float_dtypes_stay(dtype):
    x = X.astype(dtype)
    f = lambda x: fnp.sum(np.sin(x) * 2.0 + x**2 / 3 - x * 1)
    value, g = value_and_grad(f)(x)
    assert value.dtype == g.dtype == dtype
    np.testing.assert_allclose(g, 2 * np.cos(x) + 2 * x / 3 - 1, rtol=20 * np.finfo(dtype).eps, atol=20 * np.finfo(dtype).eps)
    assert jvp(f, (x,), (x,))[1].dtype == dtype
    assert vmap(lambda x: x * 2.0)(x).dtype == dtype
    assert hessian(f)(x).dtype == jacfwd(f)(x).dtype == dtype
    assert fgrad.hvp(f, (x,), (x,)).dtype == dtype


def test_mixed_precision():
    g32, g64 = grad(lambda a, b: fnp.sum(a * b), (0, 1))(X.astype(np.float32), X)
    assert (g32.dtype, g64.dtype) == (np.float32, np.float64)
    assert grad(lambda x: fnp.sum(x.astype(np.float32)))(X).dtype == np.float64
    assert value_and_grad(lambda x: x * np.float32(2))(1.0)[0].dtype == np.float64


def test_numpy_scalars_and_zero_dimensional_arrays():
    for x in (2.0, np.float64(2.0), np.array(2.0)):
        g = grad(lambda x: x**3)(x)
        assert g.shape == ()
        assert g.dtype == np.float64
        assert float(g) == 12.0


# -- complex numbers, with JAX's conventions


def test_gradient_of_a_real_function_of_a_complex_number():
    z = 1.0 + 2.0j
    close(grad(lambda z: (z * np.conj(z)).real)(z), 2 * np.conj(z))  # df/dx - i df/dy
    close(grad(lambda z: z.real)(z), 1.0)
    close(grad(lambda z: z.imag)(z), -1j)
    close(grad(lambda z: abs(z))(z), np.conj(z) / abs(z))


def test_holomorphic():
    z = 1.0 + 2.0j
    close(grad(lambda z: z**3, holomorphic=True)(z), 3 * z**2)
    close(grad(np.sin, holomorphic=True)(z), np.cos(z))
    zs = np.array([z, 2 - 1j])
    for jac in (jacfwd, jacrev):
        close(jac(lambda z: np.exp(z) * z[::-1], holomorphic=True)(zs), jac_of_exp(zs))
    close(hessian(lambda z: fnp.sum(z**3), holomorphic=True)(zs), np.diag(6 * zs))


def jac_of_exp(z):
    return np.array([[np.exp(z[0]) * z[1], np.exp(z[0])], [np.exp(z[1]), np.exp(z[1]) * z[0]]])


def test_jvp_of_complex():
    z, t = 1.0 + 2.0j, 0.5 - 1.0j
    close(jvp(lambda z: z**2, (z,), (t,))[1], 2 * z * t)
    close(jvp(lambda z: abs(z) ** 2, (z,), (t,))[1], 2 * (np.conj(z) * t).real)
    close(vjp(lambda z: z**2, z)[1](t)[0], 2 * z * t)
    close(vjp(np.conj, z)[1](t)[0], np.conj(t))


COMPLEX_FUNCTIONS = {
    "product": lambda np, z: np.sum(np.real(z * z[::-1])),
    "abs": lambda np, z: np.sum(np.abs(z) ** 3),
    "exp": lambda np, z: np.imag(np.sum(np.exp(z) / (1 + z))),
    "mixed": lambda np, z: np.sum(np.real(z) * np.imag(z) ** 2 + np.real(np.conj(z) * np.sin(z))),
    "sqrt log": lambda np, z: np.sum(np.abs(np.sqrt(z)) * np.real(np.log(z))),
    "power": lambda np, z: np.real(np.sum(z**3 + z**-2)),
}


@pytest.mark.parametrize("name", COMPLEX_FUNCTIONS)
def test_complex_gradients_are_those_of_differences_and_of_jax(name):
    f = COMPLEX_FUNCTIONS[name]
    z = np.array([1.0 + 2.0j, -0.5 + 0.3j, 0.7 - 1.1j])
    g = grad(lambda z: f(fnp, z))(z)
    h = 1e-6
    for i in range(3):
        e = np.eye(3)[i] * h
        dx = (f(np, z + e) - f(np, z - e)) / (2 * h)
        dy = (f(np, z + 1j * e) - f(np, z - 1j * e)) / (2 * h)
        np.testing.assert_allclose(g[i], dx - 1j * dy, rtol=1e-7)
    close(jvp(lambda z: f(fnp, z), (z,), (z[::-1],))[1], np.sum(g * z[::-1]).real)


@pytest.mark.parametrize("name", COMPLEX_FUNCTIONS)
def test_complex_gradients_are_those_of_jax(name):
    jax = pytest.importorskip("jax")
    f = COMPLEX_FUNCTIONS[name]
    z = np.array([1.0 + 2.0j, -0.5 + 0.3j, 0.7 - 1.1j])
    with jax.enable_x64(True):
        expected = np.asarray(jax.grad(lambda z: f(jax.numpy, z))(z))
        _, pull = jax.vjp(lambda z: jax.numpy.sin(z) * jax.numpy.conj(z), z)
        cotangents = np.asarray(pull(jax.numpy.asarray(1j * z))[0])
    close(grad(lambda z: f(fnp, z))(z), expected)
    close(vjp(lambda z: np.sin(z) * np.conj(z), z)[1](1j * z)[0], cotangents)
