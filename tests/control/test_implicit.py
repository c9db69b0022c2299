"""Implicit differentiation: derivatives of solutions whatever found them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special
from scipy.sparse import linalg

import fgrad
from fgrad.testing import check_grads


def newton(f, x):
    """Newton's method in a while loop."""

    def step(v):
        x, _, n = v
        move = f(x) / fgrad.grad(f)(x)
        return x - move, np.abs(move), n + 1

    return fgrad.while_loop(lambda v: (v[1] > 1e-13) & (v[2] < 50), step, (x, np.inf, 0))[0]


def bisection(f, guess):
    def step(v):
        low, high = v
        middle = 0.5 * (low + high)
        left = f(middle) > 0.0
        return np.where(left, low, middle), np.where(left, middle, high)

    low, high = fgrad.fori_loop(0, 60, lambda i, v: step(v), (0.0 * guess, 0.0 * guess + 10.0))
    return 0.5 * (low + high)


@pytest.mark.parametrize("solver", [newton, bisection])
def test_scalar_root(solver):
    root = lambda a: fgrad.custom_root(lambda x: x**3 + x - a, 1.0, solver)
    x = root(10.0)
    np.testing.assert_allclose(x, 2.0, rtol=1e-12)
    first = 1 / (3 * 4.0 + 1)
    second = -6 * 2.0 * first**3
    np.testing.assert_allclose(fgrad.grad(root)(10.0), first, rtol=1e-10)
    np.testing.assert_allclose(fgrad.jvp(root, (10.0,), (1.0,))[1], first, rtol=1e-10)
    for g in (
        fgrad.grad(fgrad.grad(root)),
        lambda a: fgrad.jvp(fgrad.grad(root), (a,), (1.0,))[1],
        fgrad.grad(lambda a: fgrad.jvp(root, (a,), (1.0,))[1]),
        fgrad.jit(fgrad.grad(fgrad.jit(fgrad.grad(root)))),
        fgrad.grad(fgrad.grad(fgrad.checkpoint(root))),
    ):
        np.testing.assert_allclose(g(10.0), second, rtol=1e-9)
    a = np.array([2.0, 10.0, 30.0])
    for f in (root, fgrad.grad(root), fgrad.grad(fgrad.grad(root))):
        np.testing.assert_allclose(fgrad.vmap(f)(a), [f(v) for v in a], rtol=1e-9)
    np.testing.assert_allclose(fgrad.jacrev(fgrad.vmap(root))(a), np.diag([fgrad.grad(root)(v) for v in a]), rtol=1e-9)


def test_the_solver_is_not_differentiated():
    """Nor are the guess's derivatives anything but zero."""

    def solver(f, guess):
        return fgrad.pure_callback(lambda g: np.float64(2.0), guess, fgrad.stop_gradient(guess))

    root = lambda a, guess: fgrad.custom_root(lambda x: x * x - a, guess, solver)
    np.testing.assert_allclose(fgrad.grad(root)(4.0, 1.0), 0.25)
    assert float(fgrad.grad(root, argnums=1)(4.0, 1.0)) == 0.0


def system(p, x):
    return {"u": x["u"] ** 3 + p["a"] * x["u"] + 0.1 * np.sum(x["v"]), "v": np.sinh(x["v"]) - p["b"] * x["u"][0]}


P = {"a": 1.5, "b": np.array([0.4, -0.3])}
GUESS = {"u": np.array([0.5, 0.2]), "v": np.zeros(2)}


def newton_system(f, x):
    def step(_, x):
        matvec = lambda v: fgrad.jvp(f, (x,), (v,))[1]
        move = fgrad.dense_solve(matvec, f(x))
        return fgrad.tree.map(lambda a, b: a - b, x, move)

    return fgrad.fori_loop(0, 20, step, x)


def test_a_system_of_pytrees():
    solution = lambda p: fgrad.custom_root(lambda x: fgrad.tree.map(lambda r: r - 0.3, system(p, x)), GUESS, newton_system)
    unrolled = lambda p: newton_system(lambda x: fgrad.tree.map(lambda r: r - 0.3, system(p, x)), GUESS)
    for leaf in fgrad.tree.leaves(system(P, solution(P))):
        np.testing.assert_allclose(leaf, 0.3, rtol=1e-12)
    check_grads(solution, (P,), order=2)
    loss = lambda f: lambda p: np.sum(f(p)["u"] ** 2) + np.sum(f(p)["v"])
    one, two = fgrad.grad(loss(solution))(P), fgrad.grad(loss(unrolled))(P)
    np.testing.assert_allclose(one["a"], two["a"], rtol=1e-10)
    np.testing.assert_allclose(one["b"], two["b"], rtol=1e-10)
    many = fgrad.vmap(fgrad.grad(loss(solution)), in_axes=({"a": None, "b": 0},))({"a": 1.5, "b": np.stack([P["b"], 2.0 * P["b"]])})
    np.testing.assert_allclose(many["b"][0], one["b"], rtol=1e-10)


# -- black boxes of SciPy


def slope_of_three(x):
    """The derivative of three nested solutions, by the derivative of Lambert's function at each."""
    slope = 1.0
    for _ in range(3):
        w = special.lambertw(x + 1.0).real
        slope *= w / ((x + 1.0) * (1 + w))
        x = w
    return slope


def test_brentq():
    def root(a):
        def solver(f, guess):
            brent = lambda a: np.float64(optimize.brentq(lambda x: x * np.exp(x) - a, 0.0, 10.0, xtol=1e-14))
            return fgrad.pure_callback(brent, guess, fgrad.stop_gradient(a))

        return fgrad.custom_root(lambda x: x * np.exp(x) - a, 1.0, solver)

    w = float(special.lambertw(2.0).real)
    np.testing.assert_allclose(root(2.0), w, rtol=1e-12)
    first = w / (2.0 * (1 + w))
    np.testing.assert_allclose(fgrad.grad(root)(2.0), first, rtol=1e-11)
    np.testing.assert_allclose(fgrad.jvp(root, (2.0,), (1.0,))[1], first, rtol=1e-11)
    np.testing.assert_allclose(fgrad.grad(fgrad.grad(root))(2.0), -(w**2) * (w + 2) / (4.0 * (1 + w) ** 3), rtol=1e-10)
    a = np.array([0.5, 2.0, 7.0])
    expected = special.lambertw(a).real
    np.testing.assert_allclose(fgrad.vmap(root)(a), expected, rtol=1e-12)
    np.testing.assert_allclose(fgrad.jit(fgrad.vmap(fgrad.grad(root)))(a), expected / (a * (1 + expected)), rtol=1e-11)
    np.testing.assert_allclose(fgrad.grad(lambda a: np.sum(fgrad.vmap(root)(a)))(a), expected / (a * (1 + expected)), rtol=1e-11)
    np.testing.assert_allclose(
        fgrad.grad(lambda x: fgrad.scan(lambda c, _: (root(c + 1.0), None), x, length=3)[0])(0.5), slope_of_three(0.5), rtol=1e-8
    )


def test_scipy_root_of_a_system():
    w = np.array([[0.5, -0.2], [0.1, 0.4]])

    def equilibrium(w, b):
        def solver(f, guess):
            def solve(w, b):
                return optimize.root(lambda x: x - np.tanh(w @ x + b), np.zeros(2), tol=1e-13).x

            return fgrad.pure_callback(solve, guess, fgrad.stop_gradient(w), fgrad.stop_gradient(b))

        return fgrad.custom_root(lambda x: x - np.tanh(w @ x + b), np.zeros(2), solver)

    b = np.array([0.3, -0.8])
    check_grads(equilibrium, (w, b), order=2)
    bs = np.stack([b, -b, 2.0 * b])
    g = lambda b: fgrad.grad(lambda w: np.sum(equilibrium(w, b) ** 2))(w)
    np.testing.assert_allclose(fgrad.vmap(g)(bs), np.stack([g(b) for b in bs]), rtol=1e-8)
    np.testing.assert_allclose(
        fgrad.vmap(equilibrium, in_axes=(0, None))(np.stack([w, w.T]), b), [equilibrium(w, b), equilibrium(w.T, b)], rtol=1e-10
    )


def test_gmres():
    """An iterative solver of sparse systems, matrix-free, as the solver of a linear solve and of its transpose."""
    n = 12
    d = np.linspace(2.0, 4.0, n)

    def tridiagonal(d, e, x):
        return d * x + e * np.concatenate([x[1:], np.zeros(1)]) - 0.3 * np.concatenate([np.zeros(1), x[:-1]])

    def solution(d, e, b):
        def solver(transposed):
            def solve(_, b):
                def run(d, e, b):
                    matrix = np.diag(d) + np.diag(np.full(n - 1, e), 1) - np.diag(np.full(n - 1, 0.3), -1)
                    return linalg.gmres(matrix.T if transposed else matrix, b, rtol=1e-13, atol=0.0)[0]

                return fgrad.pure_callback(run, b, *map(fgrad.stop_gradient, (d, e, b)))

            return solve

        return fgrad.custom_linear_solve(lambda x: tridiagonal(d, e, x), b, solver(False), solver(True))

    b = np.sin(np.arange(n))
    e = 0.5
    dense = lambda d, e, b: np.linalg.solve(np.diag(d) + np.diag(np.full(n - 1, e), 1) - np.diag(np.full(n - 1, 0.3), -1), b)
    np.testing.assert_allclose(solution(d, e, b), dense(d, e, b), rtol=1e-10)
    check_grads(solution, (d, e, b), order=2)
    loss = lambda d, e, b: np.sum(solution(d, e, b) ** 2)
    for transform in (lambda f: f, fgrad.jit):
        gd, ge, gb = transform(fgrad.grad(loss, argnums=(0, 1, 2)))(d, e, b)
        x = dense(d, e, b)
        matrix = np.stack([tridiagonal(d, e, c) for c in np.eye(n)], axis=1)
        y = np.linalg.solve(matrix.T, 2.0 * x)
        np.testing.assert_allclose(gb, y, rtol=1e-9)
        np.testing.assert_allclose(gd, -y * x, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(ge, -np.sum(y[:-1] * x[1:]), rtol=1e-9)
    bs = np.stack([b, 2.0 * b])
    np.testing.assert_allclose(fgrad.vmap(solution, in_axes=(None, None, 0))(d, e, bs), [dense(d, e, b), 2.0 * dense(d, e, b)], rtol=1e-9)


# -- linear solves


def test_symmetric_solver():
    a = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 4.0]])
    b = np.array([1.0, -2.0, 0.5])

    def conjugate_gradients(matvec, b):
        def step(v):
            x, r, p = v
            ap = matvec(p)
            alpha = np.sum(r * r) / np.sum(p * ap)
            new = r - alpha * ap
            return x + alpha * p, new, new + np.sum(new * new) / np.sum(r * r) * p

        return fgrad.while_loop(lambda v: np.sum(v[1] ** 2) > 1e-28, step, (0.0 * b, b, b))[0]

    def solution(a, b):
        symmetric = 0.5 * (a + a.T)
        return fgrad.custom_linear_solve(lambda x: symmetric @ x, b, conjugate_gradients, symmetric=True)

    np.testing.assert_allclose(solution(a, b), np.linalg.solve(a, b), rtol=1e-10)
    check_grads(solution, (a, b), order=2)
    many = np.stack([b, b[::-1], np.ones(3)])
    np.testing.assert_allclose(fgrad.vmap(solution, in_axes=(None, 0))(a, many), np.linalg.solve(a, many.T).T, rtol=1e-9)
    matrices = np.stack([a, 2.0 * a])
    np.testing.assert_allclose(
        fgrad.vmap(solution, in_axes=(0, None))(matrices, b), np.stack([np.linalg.solve(m, b) for m in matrices]), rtol=1e-9
    )
    loss = lambda a: np.sum(fgrad.vmap(solution, in_axes=(None, 0))(a, many) ** 2)
    exact = lambda a: np.sum(np.linalg.solve(0.5 * (a + a.T), many.T) ** 2)
    e = np.zeros((3, 3))
    e[0, 1] = 1e-6
    np.testing.assert_allclose(fgrad.grad(loss)(a)[0, 1], (exact(a + e) - exact(a - e)) / 2e-6, rtol=1e-6)


def test_dense_solve():
    a = np.array([[3.0, 1.0], [-1.0, 2.0]])
    t = {"x": np.array([1.0, -2.0]), "y": 3.0}
    matvec = lambda t: {"x": a @ t["x"] + t["y"], "y": 2.0 * t["y"] + np.sum(t["x"])}
    x = fgrad.dense_solve(matvec, t)
    back = matvec(x)
    np.testing.assert_allclose(back["x"], t["x"])
    np.testing.assert_allclose(back["y"], t["y"])
    assert fgrad.dense_solve(lambda x: x, ()) == ()
    single = fgrad.dense_solve(lambda x: 2.0 * x, np.ones(2, np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(fgrad.vmap(lambda b: fgrad.dense_solve(lambda x: a @ x, b))(np.eye(2)), np.linalg.inv(a).T)
    with pytest.raises(np.linalg.LinAlgError):
        fgrad.dense_solve(lambda x: 0.0 * x, np.ones(2))


def test_dense_solve_is_differentiated():
    a, b = np.array([[3.0, 1.0], [-1.0, 2.0]]), np.array([1.0, -2.0])
    check_grads(lambda a, b: fgrad.dense_solve(lambda x: a @ x, b), (a, b), order=2)
    solved = lambda a: fgrad.dense_solve(lambda x: a @ x, b)
    matrices = np.stack([a, a.T])
    np.testing.assert_allclose(
        fgrad.vmap(fgrad.jacrev(solved))(matrices), np.stack([fgrad.jacfwd(solved)(m) for m in matrices]), rtol=1e-12
    )


# -- fixed points


def test_fixed_point():
    point = lambda a, b: fgrad.custom_fixed_point(lambda x: np.cos(a * x) * b, 0.5)
    x = point(0.8, 0.9)
    np.testing.assert_allclose(x, 0.9 * np.cos(0.8 * x), rtol=1e-11)
    check_grads(point, (0.8, 0.9), order=2)
    slope = -np.sin(0.8 * x) * 0.9
    np.testing.assert_allclose(fgrad.grad(point)(0.8, 0.9), slope * x / (1 - slope * 0.8), rtol=1e-9)
    a = np.array([0.2, 0.8, 1.0])
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(point), in_axes=(0, None))(a, 0.9), [fgrad.grad(point)(v, 0.9) for v in a], rtol=1e-9)


def test_fixed_point_of_a_pytree_with_a_solver_of_the_users():
    f = lambda p: lambda x: {"u": 0.5 * np.tanh(x["v"] * p), "v": 0.3 * x["u"][::-1] + p}
    plain = lambda p: fgrad.custom_fixed_point(f(p), {"u": np.zeros(2), "v": np.ones(2)})
    own = lambda p: fgrad.custom_fixed_point(
        f(p), {"u": np.zeros(2), "v": np.ones(2)}, solve=lambda f, x: fgrad.fori_loop(0, 60, lambda i, x: f(x), x)
    )
    p = np.array([0.4, -0.7])
    np.testing.assert_allclose(plain(p)["u"], own(p)["u"], rtol=1e-10)
    check_grads(own, (p,), order=2)
    unrolled = lambda p: fgrad.fori_loop(0, 60, lambda i, x: f(p)(x), {"u": np.zeros(2), "v": np.ones(2)})
    loss = lambda g: lambda p: np.sum(g(p)["u"] * g(p)["v"])
    for g in (plain, own):
        np.testing.assert_allclose(fgrad.grad(loss(g))(p), fgrad.grad(loss(unrolled))(p), rtol=1e-9)


def test_max_steps_end_the_iteration():
    assert float(fgrad.custom_fixed_point(lambda x: x + 1.0, 0.0, max_steps=7)) == 7.0


def test_a_tangent_solver_of_the_users():
    calls = []

    def tangent_solve(g, y):
        calls.append(1)
        return y / g(np.ones_like(y))

    root = lambda a: fgrad.custom_root(
        lambda x: x * x - a, np.ones(3), lambda f, x: fgrad.fori_loop(0, 30, lambda i, x: 0.5 * (x + a / x), x), tangent_solve
    )
    a = np.array([1.0, 4.0, 9.0])
    np.testing.assert_allclose(fgrad.grad(lambda a: np.sum(root(a)))(a), 0.5 / np.sqrt(a), rtol=1e-12)
    assert calls
