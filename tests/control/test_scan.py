"""scan, fori_loop and map: values and types, and what their derivatives keep and compute."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.testing import check_grads

A = np.array([[0.4, -0.3, 0.1], [0.2, 0.5, -0.6], [0.3, 0.1, 0.2]])
US = np.array([[0.5, -0.2, 0.1], [0.3, 0.8, -0.4], [-0.6, 0.1, 0.9], [0.2, 0.2, 0.7]])
X = np.array([0.3, -0.7, 0.5])


def unrolled(f, init, xs, length=None, reverse=False):
    n = length if xs is None else fgrad.tree.leaves(xs)[0].shape[0]
    ys = [None] * n
    for i in reversed(range(n)) if reverse else range(n):
        init, ys[i] = f(init, fgrad.tree.map(lambda a: a[i], xs))  # noqa: B023
    return init, fgrad.tree.map(lambda *a: np.stack(a), *ys)


def assert_trees_close(a, b, rtol=1e-12):
    assert fgrad.tree.structure(a) == fgrad.tree.structure(b)
    for x, y in zip(fgrad.tree.leaves(a), fgrad.tree.leaves(b), strict=True):
        assert np.asarray(x).dtype == np.asarray(y).dtype
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-13)


def rnn(h, u):
    h = np.tanh(A @ h + u)
    return h, np.sum(h * u)


def with_trees(c, u):
    h = np.sin(c["h"] * u["p"]) + c["k"][0]
    return {"h": h, "k": (c["k"][0] * 0.9, c["k"][1] + 1)}, (h, {"twice": 2.0 * u["p"], "n": c["k"][1]})


BODIES = {
    "matrix": (rnn, X, US),
    "trees": (with_trees, {"h": X, "k": (0.5, 0)}, {"p": US}),
    "no ys": (lambda c, u: (c * u, None), X, US),
    "no carry": (lambda c, u: (None, np.sin(u)), None, US),
    "ys are the xs": (lambda c, u: (c + u, (u, c)), X, US),
    "constant ys": (lambda c, u: (c + u, np.ones(2)), X, US),
    "carry replaced": (lambda c, u: (u, c), X, US),
    "carry permuted": (lambda c, u: ((c[1], c[2], c[0] * u), c[0]), (X, 2.0 * X, X + 1.0), US),
}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_is_the_unrolled_loop(name, reverse):
    f, init, xs = BODIES[name]
    for n in (4, 1):
        some = fgrad.tree.map(lambda a: a[:n], xs)  # noqa: B023
        assert_trees_close(fgrad.scan(f, init, some, reverse=reverse), unrolled(f, init, some, reverse=reverse))
        assert_trees_close(
            fgrad.jit(lambda i, x: fgrad.scan(f, i, x, reverse=reverse))(init, some), unrolled(f, init, some, reverse=reverse)
        )


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_derivatives(name, reverse):
    f, init, xs = BODIES[name]
    check_grads(lambda i, x: fgrad.scan(f, i, x, reverse=reverse), (init, xs), order=2)


@pytest.mark.parametrize("checkpoint", [1, 2, 3, 10, True])
@pytest.mark.parametrize("name", BODIES)
def test_derivatives_with_checkpoints(name, checkpoint):
    f, init, xs = BODIES[name]
    loop = lambda i, x: fgrad.scan(f, i, x, reverse=True, checkpoint=checkpoint)
    assert_trees_close(loop(init, xs), fgrad.scan(f, init, xs, reverse=True))
    check_grads(loop, (init, xs), order=2 if checkpoint == 2 else 1)


def test_derivative_in_what_the_body_closes_over():
    def loss(a, u):
        return np.sum(fgrad.scan(lambda h, v: (np.tanh(a @ h + u * v), h), X, US)[1])

    check_grads(loss, (A, X[0]), order=2)


def test_vmap_on_any_axis():
    f = lambda x, us: fgrad.scan(lambda h, u: (np.tanh(A @ h * x[0] + u), h[1]), x, us)
    xs = np.stack([X, 2.0 * X], axis=1)
    batches = np.stack([US, -US], axis=1)
    got = fgrad.vmap(f, in_axes=(1, 1), out_axes=(0, 1))(xs, batches)
    one, two = f(xs[:, 0], batches[:, 0]), f(xs[:, 1], batches[:, 1])
    assert_trees_close(got, (np.stack([one[0], two[0]]), np.stack([one[1], two[1]], axis=1)))
    # the carry alone, the xs alone
    assert_trees_close(fgrad.vmap(f, in_axes=(1, None))(xs, US)[0], np.stack([f(x, US)[0] for x in xs.T]))
    assert_trees_close(fgrad.vmap(f, in_axes=(None, 1))(X, batches)[0], np.stack([f(X, batches[:, i])[0] for i in (0, 1)]))


def test_zero_steps():
    c, ys = fgrad.scan(rnn, X, US[:0])
    np.testing.assert_array_equal(c, X)
    assert ys.shape == (0,) and ys.dtype == np.float64
    for checkpoint in (None, 2, True):
        loss = lambda x, a, us: np.sum(fgrad.scan(lambda h, u: (a * h + u, h), x, us, checkpoint=checkpoint)[0] * X)  # noqa: B023
        gx, ga, gus = fgrad.grad(loss, argnums=(0, 1, 2))(X, X, US[:0])
        np.testing.assert_array_equal(gx, X)
        np.testing.assert_array_equal(ga, 0.0)
        assert gus.shape == (0, 3)
    assert float(fgrad.fori_loop(5, 2, lambda i, c: c / 0.0, 3.0)) == 3.0
    assert float(fgrad.grad(lambda x: fgrad.fori_loop(5, 2, lambda i, c: c / 0.0, x))(3.0)) == 1.0
    assert fgrad.map(np.sin, np.zeros((0, 2))).shape == (0, 2)
    assert fgrad.scan(lambda c, _: (c, c), 1.0, length=0)[1].shape == (0,)


def test_types_are_kept():
    x = np.float32(0.5)
    c, ys = fgrad.scan(lambda c, u: (np.sin(c) * u, c), x, US[:, 0].astype(np.float32))
    assert c.dtype == ys.dtype == np.float32
    assert fgrad.grad(lambda x: fgrad.scan(lambda c, u: (np.sin(c) * u, c), x, US[:, 0].astype(np.float32))[0])(x).dtype == np.float32
    z, zs = fgrad.scan(lambda c, u: (c * (1j + u), c), 1.0 + 0j, US[:, 0])
    assert z.dtype == zs.dtype == np.complex128
    np.testing.assert_allclose(z, np.prod(1j + US[:, 0]))
    n, flags = fgrad.scan(lambda n, _: (n + np.int8(3), n > 4), np.int8(0), length=3)
    assert n.dtype == np.int8 and n == 9
    np.testing.assert_array_equal(flags, [False, False, True])


def test_complex_carry_is_differentiated():
    f = lambda z: fgrad.scan(lambda c, u: (c * z + u, None), z * z, US[:, 0] + 1j)[0]
    g = lambda z: unrolled(lambda c, u: (c * z + u, None), z * z, US[:, 0] + 1j)[0]
    z = 0.4 - 0.7j
    np.testing.assert_allclose(fgrad.grad(f, holomorphic=True)(z), (g(z + 1e-6) - g(z - 1e-6)) / 2e-6, rtol=1e-7)
    check_grads(lambda z: fgrad.scan(lambda c, u: (c * z + u, None), z * z, US[:, 0] + 1j)[0], (z,), order=2)


def test_python_scalars_booleans_and_none_in_the_carry():
    def body(c, u):
        a, n, flag, none, scale = c
        assert none is None
        return (a * scale + u, n + 1, ~flag, none, scale), n

    (_, n, flag, none, scale), ns = fgrad.scan(body, (1.0, 0, True, None, np.float64(0.5)), US[:, 0])
    assert none is None
    assert (int(n), bool(flag), float(scale)) == (4, True, 0.5)
    assert ns.dtype == np.int64
    np.testing.assert_array_equal(ns, np.arange(4))
    check_grads(lambda a, s: fgrad.scan(body, (a, 0, True, None, s), US[:, 0])[0][0], (1.0, 0.5), order=2)


def test_bodies_of_inner_loops_close_over_every_outer_level():
    def f(x):
        def outer(c, u):
            def inner(d, v):
                return fgrad.fori_loop(0, 2, lambda i, e: np.sin(e * x + u * v) + c * i, d), x * u

            d, ys = fgrad.scan(inner, c, US[:2, 0])
            return d * x, np.sum(ys)

        c, ys = fgrad.scan(outer, x * x, US[:3, 1])
        return c + np.sum(ys)

    def by_hand(x):
        c, total = x * x, 0.0
        for u in US[:3, 1]:
            d = c
            for v in US[:2, 0]:
                for i in range(2):
                    d = np.sin(d * x + u * v) + c * i
                total = total + x * u
            c = d * x
        return c + total

    np.testing.assert_allclose(f(0.6), by_hand(0.6), rtol=1e-13)
    np.testing.assert_allclose(fgrad.grad(f)(0.6), fgrad.grad(by_hand)(0.6), rtol=1e-12)
    hessian = lambda f: fgrad.grad(lambda x: fgrad.jvp(f, (x,), (1.0,))[1])
    np.testing.assert_allclose(hessian(f)(0.6), hessian(by_hand)(0.6), rtol=1e-12)


def test_derivatives_inside_a_body_that_is_differentiated():
    """The tangent of an inner derivative is not that of the outer one."""

    def f(x, grad):
        def body(c, u):
            slope = grad(lambda y: np.sum(np.sin(c * y) * u))(x)
            return c * slope, grad(lambda y: fgrad.scan(lambda k, v: (k * y + c, None), c, US[:2, 0])[0])(u)

        return body

    def looped(x):
        c, ys = fgrad.scan(f(x, fgrad.grad), x, US[:, 0])
        return c + np.sum(ys)

    def by_hand(x):
        c, ys = unrolled(f(x, lambda g: lambda y: fgrad.jvp(g, (y,), (1.0,))[1]), x, US[:, 0])
        return c + np.sum(ys)

    np.testing.assert_allclose(looped(0.8), by_hand(0.8), rtol=1e-12)
    np.testing.assert_allclose(fgrad.grad(looped)(0.8), fgrad.grad(by_hand)(0.8), rtol=1e-12)


# -- fori_loop and map


def test_fori_loop_with_bounds_of_every_kind():
    body = lambda i, v: v * 2.0 + i
    for bounds in ((2, 5), (np.int32(2), np.int64(5)), (np.array(2), 5), (-1, 2)):
        expected = 1.0
        for i in range(int(bounds[0]), int(bounds[1])):
            expected = body(i, expected)
        assert float(fgrad.fori_loop(*bounds, body, 1.0)) == expected
        assert float(fgrad.jit(lambda a, b: fgrad.fori_loop(a, b, body, 1.0))(*bounds)) == expected
    np.testing.assert_array_equal(fgrad.vmap(lambda n: fgrad.fori_loop(0, n, body, 1.0))(np.array([0, 3, 1, -2])), [1.0, 12.0, 2.0, 1.0])
    np.testing.assert_array_equal(fgrad.vmap(lambda a: fgrad.fori_loop(a, 3, body, 1.0))(np.array([0, 3, 2])), [12.0, 1.0, 4.0])


def test_fori_loop_with_traced_bounds_is_differentiated():
    power = fgrad.jit(lambda x, n: fgrad.fori_loop(0, n, lambda i, v: v * x, 1.0))
    for n in range(5):
        np.testing.assert_allclose(fgrad.grad(power)(1.3, n), n * 1.3 ** (n - 1), rtol=1e-13)
        np.testing.assert_allclose(fgrad.grad(fgrad.grad(power))(1.3, n), n * (n - 1) * 1.3 ** (n - 2), rtol=1e-13)
    ns = np.arange(5)
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(power), in_axes=(None, 0))(1.3, ns), ns * 1.3 ** (ns - 1.0), rtol=1e-13)


def test_the_index_is_an_integer():
    seen = []
    fgrad.fori_loop(0, 3, lambda i, v: (seen.append(i), v)[1], 0.0)
    assert len(seen) == 1  # the body is traced once
    assert seen[0].dtype == np.int64


def test_map_is_vmap_one_by_one():
    f = lambda t: {"s": np.sin(t["a"]) @ t["b"], "k": 1}
    t = {"a": US, "b": US[::-1] * 2.0}
    assert_trees_close(fgrad.map(f, t), fgrad.vmap(f)(t))
    check_grads(lambda t: fgrad.map(f, t)["s"], (t,), order=2)


# -- structure: what derivatives keep and compute


def equations(jaxpr, name):
    return [e for e in jaxpr.eqns if e.primitive.name == name]


def gradient_scans(loss, *args):
    """The forward and the backward loop of a gradient: (equation, body) of each."""
    closed = fgrad.make_jaxpr(fgrad.grad(loss))(*args)
    found = equations(closed.jaxpr, "scan")
    assert len(found) == 2
    return closed, *found


def names(jaxpr):
    return [e.primitive.name for e in jaxpr.eqns]


def test_only_equations_on_tangents_stay_in_the_linear_body():
    loss = lambda x: fgrad.scan(lambda c, u: (np.sin(np.exp(c) * u) + np.sqrt(u), None), x, US[:, 0] ** 2)[0]
    _, forward, backward = gradient_scans(loss, 0.1)
    assert set(names(backward.params["jaxpr"])) == {"mul"}
    assert {"exp", "sin", "cos", "sqrt"} <= set(names(forward.params["jaxpr"]))


def test_loop_invariant_work_is_done_once():
    loss = lambda x: fgrad.scan(lambda c, u: (c * np.exp(np.sin(x)) + u, None), x, US[:, 0])[0]
    closed, forward, backward = gradient_scans(loss, 0.1)
    for loop in (forward, backward):
        assert not {"exp", "sin", "cos"} & set(names(loop.params["jaxpr"]))
    assert names(closed.jaxpr).count("exp") == 1


def test_loop_invariant_residuals_are_not_stacked():
    loss = lambda a, h: np.sum(fgrad.scan(lambda h, u: (a @ h + u, None), h, US)[0])
    _, forward, _ = gradient_scans(lambda h: loss(A, h), X)
    # the gradient of a linear loop needs the matrix and nothing of the steps
    assert [v.aval.shape for v in forward.outvars] == [(3,)]
    # in the matrix too, it needs the carries: one stack of 4 x 3
    _, forward, _ = gradient_scans(lambda a: loss(a, X), A)
    assert sorted(v.aval.shape for v in forward.outvars) == [(3,), (4, 3)]


def test_xs_and_ys_serve_as_residuals():
    """What the loop reads or returns anyway is not stacked again."""
    loss = lambda x: np.sum(fgrad.scan(lambda c, u: ((y := np.exp(c * u)), y), x, US)[1])
    _, forward, _ = gradient_scans(loss, X)
    assert [v.aval.shape for v in forward.outvars].count((4, 3)) == 1  # the ys


def test_inactive_carries_cost_nothing():
    def body(c, u):
        a, clock, weights = c
        return (np.sin(a) + u * clock, clock + 0.1, weights * np.cos(weights)), None

    loss = lambda x: fgrad.scan(body, (x, 0.0, np.ones(50)), US[:, 0])[0][0]
    _, forward, backward = gradient_scans(loss, 0.3)
    assert backward.params["n_carry"] == 1
    assert not any(50 in v.aval.shape for v in [*backward.inputs, *backward.params["jaxpr"].invars] if hasattr(v, "aval"))
    assert not any(v.aval.shape[:1] == (4,) and 50 in v.aval.shape for v in forward.outvars)
    # in forward mode too
    closed = fgrad.make_jaxpr(lambda x: fgrad.jvp(loss, (x,), (1.0,)))(0.3)
    (loop,) = equations(closed.jaxpr, "scan")
    assert loop.params["n_carry"] == 4


def test_activity_is_found_by_fixpoint():
    """A carry that becomes active in the third step only, through two others."""
    body = lambda c, u: ((c[0] * 0.5, c[0] + c[1], c[1] * c[2] + u, c[3] * 2.0), None)
    loss = lambda x: fgrad.scan(body, (x, 0.3, 0.2, 1.0), US[:, 0])[0][2]
    by_hand = lambda x: unrolled(body, (x, 0.3, 0.2, 1.0), US[:, 0])[0][2]
    np.testing.assert_allclose(fgrad.grad(loss)(0.7), fgrad.grad(by_hand)(0.7), rtol=1e-13)
    _, _, backward = gradient_scans(loss, 0.7)
    assert backward.params["n_carry"] == 3


def test_a_long_loop():
    n = 20_000
    decay = lambda x: fgrad.scan(lambda c, _: (c - 1e-4 * c, None), x, length=n)[0]
    np.testing.assert_allclose(fgrad.grad(decay)(2.0), (1 - 1e-4) ** n, rtol=1e-10)
