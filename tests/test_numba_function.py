"""numba_function: gradients and the like called from @njit code, from Python and from C."""

from __future__ import annotations

import ctypes
import gc
import threading

import numba
import numpy as np
import pytest
from numba import njit
from scipy import LowLevelCallable
from scipy.integrate import quad

import fgrad
from fgrad.core.errors import ArgumentError, UnsupportedError

rng = np.random.default_rng(0)


def _fails(error, f, *args, **kwargs):
    with pytest.raises(error) as found:
        f(*args, **kwargs)
    return str(found.value)


gradient = fgrad.numba_function(fgrad.grad(lambda x: np.sum(np.sin(x) ** 2)), np.zeros(3))


@njit
def descend(x, steps):
    for _ in range(steps):
        x = x - 0.1 * gradient(x)
    return x


def _mixed(x, k, s, b):
    return {"a": np.sin(x) @ np.arange(3.0) * s + k, "m": np.outer(x, x), "z": np.sum(x) * s, "i": k * 2, "q": b}


def test_numba_function():
    x = np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(gradient(x), np.sin(2 * x))
    np.testing.assert_allclose(gradient.dispatcher(x), np.sin(2 * x))
    want = x
    for _ in range(50):
        want = want - 0.1 * np.sin(2 * want)
    np.testing.assert_allclose(descend(x, 50), want)
    np.testing.assert_allclose(descend(np.stack([x, x], 1)[:, 0], 50), want)
    x.flags.writeable = False
    np.testing.assert_allclose(descend(x, 50), want)


def test_numba_function_of_many_types():
    f = fgrad.numba_function(_mixed, np.zeros(3), 1, np.float32(2), True)

    @njit
    def call(x, k, s, b):
        return f(x, k, s, b)

    x = np.arange(3.0)
    want = fgrad.tree.leaves(_mixed(x, 2, np.float32(3), False))
    for found in (f(x, 2, np.float32(3), False), call(x, 2, np.float32(3), False), call(x, np.int32(2), 3.0, False)):
        assert isinstance(found, tuple) and len(found) == 5
        for a, b in zip(found, want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    z = fgrad.numba_function(lambda z: (z * 1j, np.abs(z)), 1j)
    for found in (z(2 + 1j), njit(lambda w: z(w))(2 + 1j)):
        assert found[0] == -1 + 2j and found[1] == abs(2 + 1j)


def test_numba_function_of_any_signature():
    f = fgrad.numba_function(lambda i1, i0, np, r: (i0 - i1, np, i1, 1.0, r), 0.0, np.zeros(2), np.zeros(2), 1)
    for g in (f, njit(lambda a, b, c, d: f(a, b, c, d))):
        a, b, *rest = g(1.0, np.ones(2), np.full(2, 3.0), 4)
        assert a.tolist() == [0.0, 0.0] and b.tolist() == [3.0, 3.0] and rest == [1.0, 1.0, 4]
    none, empty, one = fgrad.numba_function(lambda: 3.0), fgrad.numba_function(lambda x: (), 1.0), fgrad.numba_function(lambda x: (x,), 1.0)
    assert none() == njit(lambda: none())() == 3.0
    assert empty(1.0) == njit(lambda: empty(1.0))() == ()
    assert one(2.0) == njit(lambda: one(2.0))() == (2.0,)


def test_numba_function_of_loops_and_its_failures():
    loop = lambda x: fgrad.while_loop(lambda c: c[0] < 100, lambda c: (c[0] * c[0], c[1] + 1), (x, 0))[0]
    slope = fgrad.numba_function(fgrad.grad(loop), 1.0)
    assert slope(3.0) == njit(lambda x: slope(x))(3.0) == 8 * 3.0**7
    item = fgrad.numba_function(lambda x, i: x[i], np.arange(3.0), 0)
    for g in (item, njit(lambda x, i: item(x, i))):
        assert g(np.arange(3.0), 2) == 2.0
        with pytest.raises(IndexError, match="out of bounds"):
            g(np.arange(3.0), 7)


def test_numba_function_with_scratch_memory():
    x = rng.normal(size=(40, 40))
    f = lambda x: np.cumsum(np.sin(x @ x.T) @ x)
    g = fgrad.numba_function(f, x)
    assert g._native.written.work > 4096
    np.testing.assert_allclose(njit(lambda x: g(x))(x), f(x), rtol=1e-10)


def test_numba_function_guards():
    f = fgrad.numba_function(_mixed, np.zeros(3), 1, np.float32(2), True)
    call = njit(lambda x, k: f(x, k, 1.0, True))
    for g in (call, lambda x, k: f(x, k, 1.0, True)):
        with pytest.raises(ValueError, match=r"argument x must be f64\[3\], of shape \(3,\)"):
            g(np.zeros(4), 1)
        with pytest.raises((TypeError, numba.TypingError), match=r"argument x must be f64\[3\]"):
            g(np.zeros(3, np.float32), 1)
        with pytest.raises((TypeError, numba.TypingError), match="argument k must be i64"):
            g(np.zeros(3), 1.5)
    with pytest.raises(TypeError, match="takes 4 arguments"):
        f(1.0)
    assert "pure_callback" in _fails(
        UnsupportedError, fgrad.numba_function, lambda x: fgrad.pure_callback(np.sin, fgrad.ShapeDtypeStruct((), float), x), 1.0
    )
    assert "arrays and numbers" in _fails(ArgumentError, fgrad.numba_function, lambda x: x[0], (1.0, 2.0))
    assert "traced" in _fails(ArgumentError, fgrad.grad(lambda y: fgrad.numba_function(lambda x: x * y, 1.0)(2.0)), 1.0)


def test_numba_function_under_transformations():
    x = np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(fgrad.jacobian(gradient)(x), np.diag(2 * np.cos(2 * x)))
    total = fgrad.grad(lambda x: np.sum(descend(x, 3)))(x)
    want = [(np.sum(descend(x + d, 3)) - np.sum(descend(x - d, 3))) / 2e-6 for d in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(total, want, rtol=1e-6)
    apply = njit(lambda f, x: f(x))
    np.testing.assert_allclose(apply(gradient, x), np.sin(2 * x))
    np.testing.assert_allclose(fgrad.grad(lambda x: np.sum(apply(gradient, x)))(x), 2 * np.cos(2 * x))


def test_numba_function_outlives_its_object():
    def made(k):
        f = fgrad.numba_function(lambda x: x * np.full(2, k), np.zeros(2))
        return njit(lambda x: f(x))

    functions = [made(k) for k in (2.0, 3.0)]
    for g, k in zip(functions, (2.0, 3.0), strict=True):
        np.testing.assert_allclose(g(np.ones(2)), k)
    gc.collect()
    for g, k in zip(functions, (2.0, 3.0), strict=True):
        np.testing.assert_allclose(g(np.ones(2)), k)


def test_numba_function_in_threads():
    @njit(nogil=True)
    def work(x, n):
        for _ in range(n):
            x = x - 1e-4 * gradient(x)
        return x

    x = np.array([0.1, 0.2, 0.3])
    want, found = work(x, 20000), []
    threads = [threading.Thread(target=lambda: found.append(work(x, 20000))) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for y in found:
        np.testing.assert_array_equal(y, want)


def test_cfunc():
    slope = fgrad.numba_function(fgrad.grad(np.sin), 0.0)
    found = LowLevelCallable(slope.cfunc().ctypes)
    assert found.signature == "double (double)"
    assert quad(found, 0.0, 1.0)[0] == pytest.approx(np.sin(1.0), rel=1e-14)
    wave = lambda x, a, b: np.exp(-a * x) * np.cos(b * x)
    want = quad(wave, 0.0, 1.0, args=(2.0, 3.0))[0]
    several = LowLevelCallable(fgrad.numba_function(wave, 0.0, 0.0, 0.0).cfunc().ctypes)
    assert several.signature == "double (int, double *)"
    assert quad(several, 0.0, 1.0, args=(2.0, 3.0))[0] == pytest.approx(want, rel=1e-14)
    three = (ctypes.c_double * 3)(1.0, 2.0, 3.0)
    call = fgrad.numba_function(wave, 0.0, 0.0, 0.0).cfunc().ctypes
    assert call(3, three) == pytest.approx(wave(1.0, 2.0, 3.0)) and np.isnan(call(2, three))
    vector = fgrad.numba_function(lambda x: wave(x[0], x[1], x[2]), np.zeros(3))
    assert quad(LowLevelCallable(vector.cfunc().ctypes), 0.0, 1.0, args=(2.0, 3.0))[0] == pytest.approx(want, rel=1e-14)
    theta = np.array([2.0, 3.0])
    data = fgrad.numba_function(lambda x, theta: wave(x, theta[0], theta[1]), 0.0, theta)
    given = LowLevelCallable(data.cfunc(user_data=True).ctypes, ctypes.cast(theta.ctypes.data, ctypes.c_void_p))
    assert given.signature == "double (double, void *)"
    assert quad(given, 0.0, 1.0)[0] == pytest.approx(want, rel=1e-14)
    assert slope.cfunc() is slope.cfunc()
    assert "returns one float64" in _fails(UnsupportedError, gradient.cfunc)
    assert "one vector" in _fails(UnsupportedError, data.cfunc)


def test_code_that_calls_one_is_not_cached_on_disk():
    @njit(cache=True)
    def f(x):
        return gradient(x)

    with pytest.warns(numba.NumbaWarning, match="Cannot cache"):
        f(np.zeros(3))
