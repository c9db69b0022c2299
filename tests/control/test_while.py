"""while_loop: reverse mode with a trip count that depends on data, ragged batches, idle lanes."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.testing import check_grads


def halve(x):
    return fgrad.while_loop(lambda v: np.sum(v * v) > 1.0, lambda v: v / 2.0, x)


def collatz(n):
    return fgrad.while_loop(lambda v: v[0] != 1, lambda v: (np.where(v[0] % 2 == 0, v[0] // 2, 3 * v[0] + 1), v[1] + 1), (n, 0))[1]


def root(a, checkpoint=None):
    """The square root by Newton's method."""
    step = lambda v: (0.5 * (v[0] + a / v[0]), v[0])
    return fgrad.while_loop(lambda v: np.abs(v[0] - v[1]) > 1e-14 * v[0], step, (a, 0.0 * a), checkpoint=checkpoint)[0]


def test_values():
    np.testing.assert_array_equal(halve(np.array([8.0, 4.0])), [0.5, 0.25])
    assert [int(collatz(n)) for n in (1, 6, 27)] == [0, 8, 111]
    np.testing.assert_allclose(root(2.0), np.sqrt(2.0), rtol=1e-15)


@pytest.mark.parametrize("checkpoint", [None, 1, 2, True])
def test_derivatives_to_third_order(checkpoint):
    f = lambda a: root(a, checkpoint)
    for a in (0.01, 2.0, 1e4):
        expected = [0.5 / np.sqrt(a), -0.25 * a**-1.5, 0.375 * a**-2.5]
        g = f
        for d in expected:
            g = fgrad.grad(g)
            np.testing.assert_allclose(g(a), d, rtol=1e-9)
        np.testing.assert_allclose(fgrad.jvp(fgrad.grad(f), (a,), (1.0,))[1], expected[1], rtol=1e-11)
        np.testing.assert_allclose(fgrad.grad(lambda a: fgrad.jvp(f, (a,), (1.0,))[1])(a), expected[1], rtol=1e-11)


@pytest.mark.parametrize("checkpoint", [None, 2])
def test_pytrees_and_closures(checkpoint):
    def f(p, w):
        def body(v):
            h = np.tanh(w @ v["h"]) + p["shift"]
            return {"h": h, "steps": v["steps"] + 1, "sum": v["sum"] + np.sum(h * h), "none": v["none"]}

        start = {"h": p["h"], "steps": 0, "sum": 0.0, "none": None}
        out = fgrad.while_loop(lambda v: v["sum"] < p["limit"], body, start, checkpoint=checkpoint)
        return out["h"], out["sum"] * out["steps"]

    p = {"h": np.array([0.3, -0.2]), "shift": 0.4, "limit": 2.0}
    w = np.array([[0.5, -0.3], [0.2, 0.6]])
    check_grads(f, (p, w), order=2)
    gradient = fgrad.grad(lambda p: f(p, w)[1])(p)
    assert gradient["limit"] == 0.0  # the condition has no derivative


def test_zero_trips():
    f = lambda x: fgrad.while_loop(lambda v: v < 0.0, lambda v: np.log(v) / 0.0, x)
    with np.errstate(all="raise"):
        assert float(f(2.0)) == 2.0
        assert float(fgrad.grad(f)(2.0)) == 1.0
        assert float(fgrad.grad(fgrad.grad(f))(2.0)) == 0.0
        np.testing.assert_array_equal(fgrad.vmap(fgrad.grad(f))(np.array([2.0, 3.0])), 1.0)
    in_closure = lambda a: fgrad.while_loop(lambda v: v < 0.0, lambda v: v * a, 2.0)
    assert float(fgrad.grad(in_closure)(3.0)) == 0.0
    assert fgrad.grad(lambda a: np.sum(fgrad.while_loop(lambda v: False, lambda v: v * a, np.ones(2))))(np.ones(2)).shape == (2,)


@pytest.mark.parametrize("transform", ["vmap", "vmap of jit", "jit of vmap", "vmap of vmap"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_each_example_has_its_own_trip_count(transform, order):
    f = root
    for _ in range(order):
        f = fgrad.grad(f)
    a = np.array([1e-6, 0.5, 1.0, 2.0, 1e5, 3.0])
    expected = np.array([f(x) for x in a])
    batch = {
        "vmap": fgrad.vmap(f),
        "vmap of jit": fgrad.vmap(fgrad.jit(f)),
        "jit of vmap": fgrad.jit(fgrad.vmap(f)),
        "vmap of vmap": lambda a: fgrad.vmap(fgrad.vmap(f))(a.reshape(2, 3)).ravel(),
    }[transform]
    with np.errstate(all="raise"):
        np.testing.assert_allclose(batch(a), expected, rtol=1e-13)


def test_gradient_of_a_batch():
    a = np.array([1e-3, 0.5, 40.0])
    np.testing.assert_allclose(
        fgrad.grad(lambda a: np.sum(np.sin(fgrad.vmap(root)(a))))(a), np.cos(np.sqrt(a)) * 0.5 / np.sqrt(a), rtol=1e-12
    )
    np.testing.assert_array_equal(fgrad.vmap(collatz)(np.array([1, 6, 27, 2])), [0, 8, 111, 1])


def test_a_batch_of_parameters_in_the_condition_or_the_body_alone():
    f = lambda limit, rate, x: fgrad.while_loop(lambda v: v[0] < limit, lambda v: (v[0] * rate, v[1] + v[0] * rate), (x, 0.0))[1]
    args = (5.0, 1.5, 0.7)
    for argnum, batch in enumerate(([0.1, 5.0, 40.0], [1.2, 3.0, 7.0], [0.1, 8.0, 2.0])):
        batch = np.array(batch)
        axes = [None] * 3
        axes[argnum] = 0
        given = [batch if i == argnum else a for i, a in enumerate(args)]
        for g in (f, fgrad.grad(f, argnums=1), fgrad.grad(fgrad.grad(f, argnums=1), argnums=2)):
            one = [g(*[b if i == argnum else a for i, a in enumerate(args)]) for b in batch]
            np.testing.assert_allclose(fgrad.vmap(g, in_axes=tuple(axes))(*given), one, rtol=1e-12)


def test_idle_lanes_compute_nothing_of_their_own():
    """A lane that has ended must not go on: here one more step would divide by zero, and take the log of it."""

    def f(x):
        return fgrad.while_loop(lambda v: v[0] > 0.5, lambda v: (v[0] - 1.0, v[1] + np.log(v[0]) / np.sqrt(v[0])), (x, x))[1]

    x = np.array([0.25, 1.0, 2.0, 3.0, 0.4])
    with np.errstate(all="raise"):
        for g in (f, fgrad.grad(f), fgrad.grad(fgrad.grad(f)), lambda x: fgrad.jvp(f, (x,), (1.0,))[1]):
            got = fgrad.vmap(g)(x)
            np.testing.assert_allclose(got, [g(v) for v in x], rtol=1e-13)
            assert np.all(np.isfinite(got))
        np.testing.assert_allclose(fgrad.grad(lambda x: np.sum(fgrad.vmap(f)(x)))(x), [fgrad.grad(f)(v) for v in x], rtol=1e-13)


def test_ragged_loops_in_ragged_loops():
    def f(a):
        def outer(v):
            inner = fgrad.while_loop(lambda k: k < 4.0 * a, lambda k: 1.3 * k + a * a + 0.1, v[0])
            scanned = fgrad.scan(lambda c, u: (np.sin(c * u) + inner, c), v[1], np.array([0.3, -0.6]))
            return np.sin(inner) ** 2, scanned[0] + np.sum(scanned[1])

        return fgrad.while_loop(lambda v: v[1] < 30.0, outer, (a, a))[1]

    a = np.array([0.6, 1.7, 0.9, 2.5])
    hessian = lambda a: fgrad.grad(lambda a: fgrad.jvp(f, (a,), (1.0,))[1])(a)
    for g in (f, fgrad.grad(f), fgrad.grad(fgrad.grad(f)), hessian):
        np.testing.assert_allclose(fgrad.vmap(g)(a), [g(v) for v in a], rtol=1e-11)
    with np.errstate(all="raise"):
        np.testing.assert_allclose(fgrad.jacrev(fgrad.vmap(f))(a), np.diag(fgrad.vmap(fgrad.grad(f))(a)), rtol=1e-11)
    check_grads(f, (0.6,), order=2, atol=1e-4, rtol=1e-5)


def test_types_are_kept():
    x = np.float32(20.0)
    f = lambda x: fgrad.while_loop(lambda v: v > 1, lambda v: v / 2, x)
    assert f(x).dtype == fgrad.grad(f)(x).dtype == np.float32
    assert float(fgrad.grad(f)(x)) == 2.0**-5
    z = fgrad.while_loop(lambda v: np.abs(v) < 10.0, lambda v: v * (1.0 + 1.0j), 1.0 + 0.0j)
    np.testing.assert_allclose(z, (1 + 1j) ** 7)
    power = lambda z: fgrad.while_loop(lambda v: v[1] < 3, lambda v: (v[0] * z, v[1] + 1), (z, 0))[0]
    np.testing.assert_allclose(fgrad.grad(power, holomorphic=True)(0.3 - 0.5j), 4 * (0.3 - 0.5j) ** 3)
    n, flag = fgrad.while_loop(lambda v: v[1], lambda v: (v[0] + 1, v[0] < 3), (0, True))
    assert (n.dtype, flag.dtype, int(n), bool(flag)) == (np.int64, np.bool_, 4, False)


def test_a_loop_without_end_stops_at_its_memory_budget():
    endless = lambda x, limit: fgrad.while_loop(lambda v: v > -1.0, lambda v: np.sin(v), x, max_tape_bytes=limit)
    with pytest.raises(fgrad.errors.TapeError, match=r"after \d+ steps the residuals .* more than 8,000 bytes \(8 a step\)") as info:
        fgrad.grad(lambda x: endless(x, 8000))(1.0)
    assert "max_tape_bytes" in str(info.value) and "checkpoint" in str(info.value)
    assert isinstance(info.value, MemoryError)
    # residuals of inner loops count too
    inner = lambda x: fgrad.scan(lambda c, _: (np.sin(c), None), x, length=100)[0]
    with pytest.raises(fgrad.errors.TapeError):
        fgrad.grad(lambda x: fgrad.while_loop(lambda v: v > -1.0, inner, x, max_tape_bytes=80_000))(1.0)
    dynamic = lambda x: fgrad.fori_loop(0, np.int64(100) + (x > 5.0), lambda i, c: np.sin(c), x)
    with pytest.raises(fgrad.errors.TapeError):
        fgrad.grad(lambda x: fgrad.while_loop(lambda v: v > -1.0, dynamic, x, max_tape_bytes=80_000))(1.0)
    # and a batch counts as such
    with pytest.raises(fgrad.errors.TapeError, match=r"\(\d+ a step\)"):
        fgrad.grad(lambda x: np.sum(fgrad.vmap(lambda x: endless(x, 8000))(x)))(np.ones(10))


def test_a_budget_is_for_reverse_mode_alone():
    count = lambda x: fgrad.while_loop(lambda v: v[1] < 3000, lambda v: (np.sin(v[0]), v[1] + 1), (x, 0), max_tape_bytes=100)[0]
    assert 0.0 < float(count(1.0)) < 0.1
    assert np.isfinite(fgrad.jvp(count, (1.0,), (1.0,))[1])


def test_residuals_of_inner_loops_are_stacks_of_stacks():
    def f(x):
        inner = lambda v: fgrad.while_loop(lambda k: k < 3.0, lambda k: k + 0.5 * np.sin(k) + 0.5, v)
        return fgrad.while_loop(lambda v: v < 4.0, lambda v: 0.5 * np.sin(inner(np.cos(v) ** 2)) + v + 0.7, x)

    text = repr(fgrad.make_jaxpr(fgrad.grad(f))(0.5))
    assert "[*][*]f64[]" in text
    check_grads(f, (0.5,), order=2)
