"""The same programs under JAX, where it has what they need."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import fgrad

jax = pytest.importorskip("jax")
jnp = jax.numpy


@pytest.fixture(autouse=True)
def double_precision():
    before = jax.config.read("jax_enable_x64")
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def namespace(np, transformations, loops, **others):
    """What the programs below are written over."""
    of = lambda module, names: {k: getattr(module, k) for k in names.split()}
    return SimpleNamespace(
        np=np,
        **of(transformations, "grad jvp vmap jit checkpoint"),
        **of(loops, "scan while_loop fori_loop map cond switch associative_scan custom_linear_solve"),
        **others,
    )


def jax_root(f, x, solve):
    return jax.lax.custom_root(f, x, solve, lambda g, y: jnp.linalg.solve(jax.jacobian(g)(y), y))


OURS = namespace(np, fgrad, fgrad, custom_root=fgrad.custom_root)
THEIRS = namespace(jnp, jax, jax.lax, custom_root=jax_root)

W = np.array([[0.4, -0.3, 0.1], [0.2, 0.5, -0.6], [0.3, 0.1, 0.2]])
US = np.array([[0.5, -0.2, 0.1], [0.3, 0.8, -0.4], [-0.6, 0.1, 0.9], [0.2, 0.2, 0.7]])
X = np.array([0.3, -0.7, 0.5])


def rnn(m, x):
    def body(h, u):
        h = m.np.tanh(W @ h + u * x)
        return h, m.np.sum(h * h)

    h, ys = m.scan(body, m.np.zeros(3), US)
    return m.np.sum(ys) + m.np.sum(h)


def reversed_trees(m, x):
    def body(c, u):
        return {"a": c["a"] * m.np.sin(x) + u["p"], "n": c["n"] + 1}, (c["a"] * 2.0, c["n"])

    c, (y, n) = m.scan(body, {"a": x, "n": 0}, {"p": US}, reverse=True)
    return m.np.sum(y * c["a"] * n[:, None])


def branches(m, x):
    def body(c, u):
        c = m.cond(m.np.sum(c + u) > 0.0, lambda c: m.np.sin(c) * x, lambda c: c * c * x + u, c)
        return m.switch((10 * u[0]).astype(int), [lambda c: c, m.np.sin, lambda c: c * x], c), c

    c, ys = m.scan(body, x, US)
    return m.np.sum(ys * ys) + m.np.sum(c)


def nested(m, x):
    def outer(c, u):
        d, ys = m.scan(lambda d, v: (m.np.sin(d * x + v), d * u), c, US)
        return m.np.tanh(d + u), m.np.sum(ys) * c

    c, ys = m.scan(m.checkpoint(outer), x, US)
    return m.np.sum(ys) + m.np.sum(c * c)


def loops(m, x):
    c = m.fori_loop(0, 4, lambda i, c: m.np.sin(c * x) + 0.1 * i * c, x)
    return m.np.sum(m.map(lambda u: m.np.sin(u * c), US))


def prefixes(m, x):
    out = m.associative_scan(lambda f, g: (g[0] * f[0], g[0] * f[1] + g[1]), (US * x, m.np.cos(US)), reverse=True)
    return m.np.sum(out[1] * out[0]) + m.np.sum(m.associative_scan(m.np.multiply, m.np.sin(US * x), axis=1))


def calls(m, x):
    g = m.jit(lambda a, b: (m.np.sin(a) * b, m.jit(lambda a: m.np.exp(a) * 2.0)(a)))
    p, q = g(x, x * x)
    return m.np.sum(m.jit(lambda y: p * y + q)(q))


def inner_derivatives(m, x):
    def body(c, u):
        slope = m.grad(lambda c: m.np.sum(m.np.sin(c * x) * u))(c)
        return slope, m.np.sum(m.vmap(lambda a, b: m.np.sin(a * b))(c, u))

    c, ys = m.scan(body, x, US)
    return m.np.sum(c) + m.np.sum(ys)


def roots(m, x):
    newton = lambda f, g: m.while_loop(lambda v: v[1] < 30, lambda v: (v[0] - f(v[0]) / (3.0 * v[0] ** 2 + 1.0), v[1] + 1), (g, 0))[0]
    return m.np.sum(m.custom_root(lambda y: y**3 + y - m.np.exp(x), 1.0 + 0.0 * x, newton))


def linear_solves(m, x):
    solve = lambda matvec, b: b / (2.0 + m.np.sin(x) ** 2)
    return m.np.sum(m.custom_linear_solve(lambda v: (2.0 + m.np.sin(x) ** 2) * v, m.np.cos(x), solve, symmetric=True) ** 2)


PROGRAMS = [rnn, reversed_trees, branches, nested, loops, prefixes, calls, inner_derivatives, roots, linear_solves]


def batched(m, f):
    return lambda x: m.vmap(f)(m.np.stack([x, 0.7 * x, -x]))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_program(program):
    def everything(m):
        f = lambda x: program(m, x)
        direction = m.np.asarray(X)
        hvp = lambda x: m.jvp(m.grad(f), (x,), (direction,))[1]
        return lambda x: (f(x), m.grad(f)(x), m.jvp(f, (x,), (direction,))[1], hvp(x), batched(m, m.grad(f))(x), batched(m, hvp)(x))

    ours = everything(OURS)(X)
    theirs = jax.jit(everything(THEIRS))(X)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)
    for a, b in zip(fgrad.jit(everything(OURS))(X), theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


def test_forward_mode_of_while_in_batches():
    def f(m, a):
        return m.while_loop(lambda v: v[0] < 9.0, lambda v: (v[0] * 1.3 + m.np.sin(a * v[1]) ** 2 + 0.2, v[1] * 1.05 + a), (a * a, a))[1]

    x = np.array([0.3, -0.7, 2.5])
    for m in (OURS, THEIRS):
        slope = m.vmap(lambda a: m.jvp(lambda a: f(m, a), (a,), (1.0,))[1])(x)  # noqa: B023
        second = m.vmap(lambda a: m.jvp(lambda a: m.jvp(lambda a: f(m, a), (a,), (1.0,))[1], (a,), (1.0,))[1])(x)  # noqa: B023
        if m is OURS:
            found = slope, second
    np.testing.assert_allclose(found[0], slope, rtol=1e-11)
    np.testing.assert_allclose(found[1], second, rtol=1e-10)
    # reverse mode, which JAX has not, agrees with its forward mode
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(lambda a: f(OURS, a)))(x), slope, rtol=1e-11)
