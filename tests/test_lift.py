"""lift: compiled Numba functions as operations with a given derivative, which is compared with that of their traced source."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numba import njit, vectorize

import fgrad
from fgrad.core.errors import ArgumentError, FgradError, UnsupportedError


@njit
def kepler(m, e):
    x, step = m, 1.0
    while abs(step) > 1e-14:
        step = (x - e * np.sin(x) - m) / (1.0 - e * np.cos(x))
        x -= step
    return x


@vectorize
def piecewise(x, y):
    if x > y:
        return x * x
    return x * y


def _fails(error, f, *args, **kwargs):
    with pytest.raises(error) as found:
        f(*args, **kwargs)
    return str(found.value)


def _kepler_rule(primals, tangents):
    (m, e), (tm, te) = primals, tangents
    x = solve(m, e)
    return x, (tm + np.sin(x) * te) / (1 - e * np.cos(x))


solve = fgrad.lift(kepler, jvp=_kepler_rule, elementwise=True)


@njit
def smooth(x, s):
    return np.cumsum(x) * s, x.sum()


smoothed = fgrad.lift(
    smooth,
    vjp=(
        lambda x, s: (smoothed(x, s), (x, s)),
        lambda res, ct: (np.cumsum(ct[0][::-1])[::-1] * res[1] + ct[1], np.sum(np.cumsum(res[0]) * ct[0])),
    ),
    result=lambda x, s: (x, fgrad.ShapeDtypeStruct((), x.dtype)),
)


def test_lift_elementwise():
    m = np.array([[0.5], [1.0]])
    e = np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(solve(m, e), np.vectorize(kepler)(m, e))
    total = lambda e: np.sum(solve(m, e) ** 2)
    want = fgrad.grad(lambda e: sum(kepler(m[i, 0], e[j]) ** 2 for i in range(2) for j in range(3)))(e)
    np.testing.assert_allclose(fgrad.grad(total)(e), want, rtol=1e-9)
    np.testing.assert_allclose(fgrad.jit(fgrad.grad(total))(e), want, rtol=1e-9)
    np.testing.assert_allclose(fgrad.jvp(total, (e,), (np.ones(3),))[1], want.sum(), rtol=1e-9)
    h = fgrad.hessian(total)(e)
    np.testing.assert_allclose(h, fgrad.jit(fgrad.hessian(total))(e), rtol=1e-9)
    np.testing.assert_allclose(
        np.diag(h), [(fgrad.grad(total)(e + d) - fgrad.grad(total)(e - d))[i] / 2e-5 for i, d in enumerate(1e-5 * np.eye(3))], rtol=1e-6
    )
    np.testing.assert_allclose(fgrad.vmap(solve, (0, None))(m[:, 0], 0.3), [kepler(x, 0.3) for x in m[:, 0]])
    np.testing.assert_allclose(
        fgrad.vmap(fgrad.jit(fgrad.grad(solve)))(m[:, 0], e[:2]), [fgrad.grad(solve)(x, y) for x, y in zip(m[:, 0], e[:2], strict=True)]
    )
    assert solve(1.0, 0.3).dtype == np.float64 and solve(1.0, 0.3) == kepler(1.0, 0.3)
    assert fgrad.make_jaxpr(solve)(np.float32(1), np.float32(0.5)).out_avals == [fgrad.ShapeDtypeStruct((), np.dtype(np.float64))]
    out, _ = fgrad.scan(lambda c, x: (solve(c, x), c), 1.0, e)
    assert out == kepler(kepler(kepler(1.0, 0.1), 0.2), 0.3)


def test_lift_of_arrays():
    x = np.array([0.5, 1.0, 2.0])

    def loss(f):
        def of(x, s):
            a, b = f(x, s)
            return np.sum(a**2) * b

        return of

    want = fgrad.grad(loss(smooth), (0, 1))(x, 2.0)
    for g in (fgrad.grad(loss(smoothed), (0, 1)), fgrad.jit(fgrad.grad(loss(smoothed), (0, 1)))):
        for a, b in zip(g(x, 2.0), want, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12)
    batch = np.stack([x, x + 1])
    np.testing.assert_allclose(
        fgrad.vmap(fgrad.grad(loss(smoothed)), (0, None))(batch, 2.0), fgrad.vmap(fgrad.grad(loss(smooth)), (0, None))(batch, 2.0)
    )
    np.testing.assert_allclose(
        fgrad.jit(fgrad.vmap(fgrad.vmap(smoothed, (0, None)), (None, 0)))(batch, x)[0], [[smooth(b, s)[0] for b in batch] for s in x]
    )
    np.testing.assert_allclose(fgrad.jacrev(fgrad.grad(loss(smoothed)))(x, 2.0), fgrad.hessian(loss(smooth))(x, 2.0), rtol=1e-12)
    assert fgrad.vmap(smoothed, (0, None))(np.ones((0, 3)), 1.0)[0].shape == (0, 3)
    with pytest.raises(UnsupportedError, match="forward mode"):
        fgrad.jvp(loss(smoothed), (x, 2.0), (x, 1.0))


def test_lift_in_source():
    @njit
    def twice(e):
        return 2.0 * solve(1.0, e)

    assert twice(0.3) == 2 * kepler(1.0, 0.3)
    assert fgrad.grad(twice)(0.3) == pytest.approx(2 * fgrad.grad(solve, 1)(1.0, 0.3))
    assert fgrad.jit(twice)(0.3) == pytest.approx(twice(0.3))


def test_lift_of_a_ufunc():
    f = fgrad.lift(
        piecewise, jvp=lambda p, t: (f(*p), t[0] * np.where(p[0] > p[1], 2 * p[0], p[1]) + t[1] * np.where(p[0] > p[1], 0.0, p[0]))
    )
    x = np.array([0.1, 0.4, 0.7])
    np.testing.assert_allclose(fgrad.jit(f)(x, 0.5), piecewise(x, 0.5))
    np.testing.assert_allclose(fgrad.jit(fgrad.grad(lambda x: np.sum(f(x, 0.5))))(x), [0.5, 0.5, 1.4])


def test_lift_pickles():
    closed = fgrad.make_jaxpr(lambda x: fgrad.lift(smooth, result=(x, 1.0))(x, 2.0))(np.ones(3))
    again = pickle.loads(pickle.dumps(closed))
    np.testing.assert_allclose(again(np.ones(3))[0], [2.0, 4.0, 6.0])


def test_lift_errors():
    lift = fgrad.lift
    assert "numba.njit" in _fails(ArgumentError, lift, lambda x: x)
    assert "@vectorize" in _fails(ArgumentError, lift, np.sin)
    assert "not both" in _fails(ArgumentError, lift, kepler, _kepler_rule, (len, len))
    assert "(fwd, bwd)" in _fails(ArgumentError, lift, kepler, vjp=_kepler_rule)
    text = _fails(UnsupportedError, fgrad.grad(lift(kepler)), 1.0, 0.3)
    assert "jvp=" in text and "vjp=" in text and "source is traced" in text
    text = _fails(ArgumentError, fgrad.jit(lift(smooth)), np.ones(3), 1.0)
    assert "result=" in text and "f64[?]" in text
    assert "result= says f64[3]" in _fails(ArgumentError, fgrad.jit(lift(smooth, result=np.ones(3))), np.ones(3), 1.0)
    assert "returned f64[3], f64[]" in _fails(FgradError, fgrad.jit(lift(smooth, result=(np.ones(2), 1.0))), np.ones(3), 1.0)
    for rule, word in [
        (lambda p, t: (p[0], t[0], t[0]), "must return a pair"),
        (lambda p, t: ((p[0], p[0]), t[0]), "one value"),
        (lambda p, t: (p[0] * np.ones(3), t[0]), "f64[3]"),
        (lambda p, t: (p[0].astype(np.float32), t[0].astype(np.float32)), "f32[]"),
        (lambda p, t: (p[0], t[0] * np.ones(3)), "shape (3,)"),
    ]:
        assert word in _fails(FgradError, fgrad.grad(lift(kepler, jvp=rule)), 1.0, 0.3)
    wrong = lift(smooth, vjp=(lambda x, s: (smooth(x, s), s), lambda res, ct: (ct[0],)))
    assert "tuple of 2" in _fails(FgradError, fgrad.grad(lambda x: wrong(x, 1.0)[1]), np.ones(3))
    assert "numbers and arrays" in _fails(FgradError, lift(kepler), (1.0, 2.0), 0.3)
    assert "cannot compile" in _fails(FgradError, fgrad.jit(lift(kepler)), 1.0)


def test_compiled(monkeypatch):
    monkeypatch.setattr(fgrad.config, "compile", True)
    e = np.array([0.1, 0.2, 0.3])
    loss = lambda e: np.sum(np.sin(solve(1.0, e * 2)) ** 2)
    np.testing.assert_allclose(fgrad.jit(loss)(e), loss(e))
    np.testing.assert_allclose(fgrad.jit(fgrad.grad(loss))(e), fgrad.grad(loss)(e))
    np.testing.assert_allclose(fgrad.jit(fgrad.vmap(smoothed, (0, None)))(np.eye(3), 2.0)[0], [smooth(r, 2.0)[0] for r in np.eye(3)])
    carry = fgrad.jit(lambda e: fgrad.scan(lambda c, x: (solve(c, x), c), 1.0, e)[0])
    np.testing.assert_allclose(fgrad.grad(carry)(e), fgrad.grad(lambda e: kepler(kepler(kepler(1.0, e[0]), e[1]), e[2]))(e), rtol=1e-9)
