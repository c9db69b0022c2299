"""cond and switch: only the branch that is taken counts, alone and in batches."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.testing import check_grads


def test_values_and_structures():
    f = lambda p, x: fgrad.cond(p, lambda t: {"a": t[0] * 2.0, "n": t[1]}, lambda t: {"a": np.sin(t[0]), "n": t[1] + 1}, x)
    out = f(True, (np.ones(2), 3))
    np.testing.assert_array_equal(out["a"], 2.0)
    assert int(out["n"]) == 3
    assert int(f(np.array(False), (np.ones(2), 3))["n"]) == 4
    assert fgrad.cond(True, lambda: (None, 1), lambda: (None, 2)) == (None, 1)
    assert [float(fgrad.switch(np.int32(i), [lambda x: x, np.sin, np.cos], 0.5)) for i in (-3, 0, 1, 2, 9)] == [
        0.5, 0.5, np.sin(0.5), np.cos(0.5), np.cos(0.5),
    ]  # fmt: skip


def test_only_the_taken_branch_runs():
    seen = []
    note = lambda name: lambda x: fgrad.pure_callback(lambda x: (seen.append(name), x)[1], x, x)
    f = lambda x: fgrad.cond(x > 0.0, note("positive"), note("other"), x)
    for g in (f, fgrad.jit(f)):
        seen.clear()
        g(1.0), g(-1.0), g(2.0)
        assert seen == ["positive", "other", "positive"]
    seen.clear()
    fgrad.vmap(f)(np.array([1.0, 2.0]))
    assert set(seen) == {"positive"}  # no example takes the other


@pytest.mark.parametrize("p", [True, False])
def test_derivatives(p):
    w = np.array([[0.5, -0.3], [0.2, 0.7]])
    f = lambda x, y: fgrad.cond(p, lambda x: (np.tanh(w @ x) * y, x[0]), lambda x: (x * x[::-1], y), x)
    check_grads(f, (np.array([0.3, -0.8]), 1.3), order=2)
    g = lambda x, y: fgrad.switch(np.int64(p) + 1, [lambda x: x, lambda x: np.sin(x) * y, lambda x: np.exp(-x * y)], x)
    check_grads(g, (np.array([0.3, -0.8]), 1.3), order=2)


def test_residuals_of_branches_share_their_places():
    """A branch with many residuals beside one with none."""

    def f(i, x):
        many = lambda x: np.sum(np.sin(x) * np.exp(x) * np.tanh(x))
        return fgrad.switch(i, [lambda x: np.sum(x), many, lambda x: np.sum(np.cos(x)) * x[0], lambda x: 1.0], x)

    x = np.array([0.3, -0.8, 0.5])
    for i in range(4):
        check_grads(lambda x: f(i, x), (x,), order=2)  # noqa: B023
    by_hand = np.stack([fgrad.grad(lambda x: f(i, x))(x) for i in range(4)])  # noqa: B023
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(f, argnums=1), in_axes=(0, None))(np.arange(4), x), by_hand, rtol=1e-13)
    np.testing.assert_allclose(fgrad.jacrev(lambda x: fgrad.vmap(f, in_axes=(0, None))(np.arange(4), x))(x), by_hand, rtol=1e-13)


def safe_log(x):
    return fgrad.cond(x > 0.0, lambda x: np.log(x) / np.sqrt(x), lambda x: x * x, x)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_an_untaken_branch_poisons_nothing(order):
    f = safe_log
    for _ in range(order):
        f = fgrad.grad(f)
    x = np.array([-1.0, 0.0, 2.0, -0.5, 1e-3])
    with np.errstate(all="raise"):
        expected = [f(v) for v in x]
        for g in (fgrad.vmap(f), fgrad.jit(fgrad.vmap(f)), fgrad.vmap(fgrad.jit(f)), fgrad.vmap(fgrad.checkpoint(f))):
            got = g(x)
            assert np.all(np.isfinite(got))
            np.testing.assert_allclose(got, expected, rtol=1e-13)
        nested = fgrad.vmap(fgrad.vmap(f))(x[:4].reshape(2, 2))
        np.testing.assert_allclose(nested.ravel(), expected[:4], rtol=1e-13)


def test_gradient_of_a_batch_with_untaken_branches():
    x = np.array([-1.0, 0.0, 2.0, -0.5])
    with np.errstate(all="raise"):
        got = fgrad.grad(lambda x: np.sum(np.sin(fgrad.vmap(safe_log)(x))))(x)
        np.testing.assert_allclose(got, [np.cos(safe_log(v)) * fgrad.grad(safe_log)(v) for v in x], rtol=1e-13)
        jvp = fgrad.jvp(fgrad.vmap(safe_log), (x,), (np.ones(4),))[1]
        np.testing.assert_allclose(jvp, [fgrad.grad(safe_log)(v) for v in x], rtol=1e-13)


def test_an_untaken_branch_may_loop_forever():
    """From 0 the doubling never ends; only positive numbers come there."""
    doubled = lambda x: fgrad.while_loop(lambda v: v < 1.0, lambda v: 2.0 * v, x)
    f = lambda x: fgrad.cond(x > 0.0, doubled, lambda x: 3.0 * x, x)
    x = np.array([0.0, 0.3, -2.0, 5.0])
    np.testing.assert_array_equal(fgrad.vmap(f)(x), [0.0, 1.2, -6.0, 5.0])
    np.testing.assert_array_equal(fgrad.vmap(fgrad.grad(f))(x), [3.0, 4.0, 3.0, 1.0])
    np.testing.assert_array_equal(fgrad.vmap(f)(np.zeros(3)), 0.0)
    np.testing.assert_array_equal(fgrad.vmap(fgrad.grad(f))(np.zeros(3)), 3.0)


def test_a_branch_in_a_batched_loop():
    def f(x):
        body = lambda c, u: (fgrad.cond(c > u, lambda c: np.log(c) + u, lambda c: c + np.exp(u * x), c), c)
        return fgrad.scan(body, x, np.array([0.5, 0.2, 3.0, 0.1]))[0]

    x = np.array([0.1, 0.7, 2.5])
    with np.errstate(all="raise"):
        for g in (f, fgrad.grad(f), fgrad.grad(fgrad.grad(f))):
            np.testing.assert_allclose(fgrad.vmap(g)(x), [g(v) for v in x], rtol=1e-12)


def test_a_batch_of_operands_with_one_predicate_stays_a_branch():
    f = lambda x, p: fgrad.cond(p, lambda x: np.sin(x), lambda x: np.log(-x), x)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(fgrad.vmap(f, in_axes=(0, None))(np.array([0.5, 1.0]), True), np.sin([0.5, 1.0]))
    text = repr(fgrad.make_jaxpr(fgrad.vmap(f, in_axes=(0, None)))(np.ones(2), True))
    assert "select" not in text and "cond" in text


def test_branches_close_over_the_same_and_over_different_values():
    def f(x, y):
        z = np.sin(x) * y
        return fgrad.cond(x > y, lambda: z * x, lambda: z + np.exp(y))

    for args in ((0.7, 0.2), (0.2, 0.7)):
        check_grads(f, args, order=2)
        g = fgrad.grad(fgrad.jit(f), argnums=(0, 1))
        np.testing.assert_allclose(
            g(*args), fgrad.grad(lambda x, y: np.sin(x) * y * x if x > y else np.sin(x) * y + np.exp(y), (0, 1))(*args)
        )


def test_types_are_kept():
    f = lambda x: fgrad.cond(x > 0, lambda x: x * 2, lambda x: x / 3, x)
    for dtype in (np.float32, np.float64):
        assert f(dtype(1)).dtype == fgrad.grad(f)(dtype(1)).dtype == dtype
    assert fgrad.cond(True, lambda n: n + 1, lambda n: n, 3).dtype == np.int64
    g = lambda z: fgrad.cond(np.abs(z) > 1.0, lambda z: z * z, lambda z: 1j * z, z)
    np.testing.assert_allclose(fgrad.grad(g, holomorphic=True)(2.0 + 1.0j), 4.0 + 2.0j)
    np.testing.assert_allclose(fgrad.grad(g, holomorphic=True)(0.2 + 0.1j), 1j)


def test_the_inactive_branch_has_a_zero_derivative():
    f = lambda x: fgrad.cond(x > 0.0, lambda x: x * x, lambda x: 5.0, x)
    assert float(fgrad.grad(f)(3.0)) == 6.0
    assert float(fgrad.grad(f)(-3.0)) == 0.0
    assert float(fgrad.jvp(f, (-3.0,), (1.0,))[1]) == 0.0
    np.testing.assert_array_equal(fgrad.vmap(fgrad.grad(f))(np.array([3.0, -3.0])), [6.0, 0.0])
