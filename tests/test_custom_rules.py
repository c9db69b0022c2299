"""custom_jvp, custom_vjp and checkpoint: in every mode and order, mapped and staged."""

from __future__ import annotations

import functools

import numpy as np

import fgrad
import fgrad.numpy as fnp
from fgrad import grad, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap

X = np.array([0.5, -1.0, 2.0])
close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


def derivative(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


# -- custom_jvp


def make_custom_sin():
    calls = []

    @fgrad.custom_jvp
    def f(x):
        return fnp.sin(x)

    @f.defjvp
    def _(primals, tangents):
        (x,), (t,) = primals, tangents
        calls.append(x)
        return f(x), 2.0 * fnp.cos(x) * t  # twice the truth, to see who was asked

    return f, calls


def test_custom_jvp_in_every_mode():
    f, calls = make_custom_sin()
    close(f(X), np.sin(X))
    assert not calls
    close(grad(f)(0.7), 2 * np.cos(0.7))
    close(jvp(f, (0.7,), (3.0,))[1], 6 * np.cos(0.7))
    close(linearize(f, 0.7)[1](3.0), 6 * np.cos(0.7))
    close(jacfwd(f)(X), np.diag(2 * np.cos(X)))
    close(jacrev(f)(X), np.diag(2 * np.cos(X)))
    close(vmap(f)(X), np.sin(X))
    close(vmap(grad(f))(X), 2 * np.cos(X))
    close(grad(lambda x: vmap(f)(x).sum())(X), 2 * np.cos(X))
    close(jvp(vmap(f), (X,), (X,))[1], 2 * np.cos(X) * X)
    close(vmap(lambda t: jvp(f, (0.7,), (t,))[1])(X), 2 * np.cos(0.7) * X)


def test_custom_jvp_to_second_order():
    f, _ = make_custom_sin()
    for second in (grad(grad(f)), derivative(derivative(f)), grad(derivative(f)), derivative(grad(f))):
        close(second(0.7), -2 * np.sin(0.7))
        close(vmap(second)(X), -2 * np.sin(X))
    close(hessian(lambda x: f(x).sum())(X), np.diag(-2 * np.sin(X)))


def test_custom_jvp_staged():
    f, calls = make_custom_sin()
    closed = fgrad.make_jaxpr(lambda x: f(x) * 3.0)(1.0)
    assert not calls  # a rule is traced only where the jaxpr is differentiated
    fgrad.check_jaxpr(closed)
    assert "custom_jvp_call" in str(closed)
    run = lambda x: closed(x)[0]
    close(run(0.7), 3 * np.sin(0.7))
    for second in (grad(grad(run)), derivative(derivative(run)), grad(derivative(run))):
        close(second(0.7), -6 * np.sin(0.7))
    close(vmap(grad(run))(X), 6 * np.cos(X))
    close(grad(lambda x: vmap(run)(x).sum())(X), 6 * np.cos(X))
    close(grad(fgrad.checkpoint(f))(0.7), 2 * np.cos(0.7))
    close(fgrad.make_jaxpr(grad(f))(1.0)(0.7)[0], 2 * np.cos(0.7))
    close(fgrad.make_jaxpr(vmap(f))(X)(X)[0], np.sin(X))


def test_custom_jvp_of_trees_and_several_outputs():
    @fgrad.custom_jvp
    def f(p, y):
        return {"product": p["a"] * y, "sum": [p["a"] + y]}

    @f.defjvp
    def _(primals, tangents):
        (p, y), (tp, ty) = primals, tangents
        return f(p, y), {"product": 10.0 * tp["a"] * y, "sum": [100.0 * ty]}

    g = grad(lambda p, y: (lambda out: out["product"] + out["sum"][0])(f(p, y)), (0, 1))({"a": 2.0}, 3.0)
    assert g == ({"a": 30.0}, 100.0)
    out, tangent = jvp(f, ({"a": 2.0}, 3.0), ({"a": 1.0}, 1.0))
    assert out == {"product": 6.0, "sum": [5.0]}
    assert tangent == {"product": 30.0, "sum": [100.0]}


def test_defjvps():
    @fgrad.custom_jvp
    def f(x, y):
        return x * y

    f.defjvps(lambda t, out, x, y: 10.0 * t * y, lambda t, out, x, y: 100.0 * t * x)
    close(grad(f, (0, 1))(2.0, 3.0), (30.0, 200.0))
    f.defjvps(None, lambda t, out, x, y: t * out)
    close(grad(f, (0, 1))(2.0, 3.0), (0.0, 6.0))
    f.defjvps(None, None)
    close(grad(f, (0, 1))(2.0, 3.0), (0.0, 0.0))
    close(jvp(f, (X, X), (X, X))[1], np.zeros(3))


def test_custom_jvp_with_nondiff_argnums():
    @functools.partial(fgrad.custom_jvp, nondiff_argnums=(0, 2))
    def apply(f, x, n):
        for _ in range(n):
            x = f(x)
        return x

    @apply.defjvp
    def _(f, n, primals, tangents):
        (x,), (t,) = primals, tangents
        assert callable(f)
        return apply(f, x, n), t * float(n)

    close(apply(np.sin, 0.7, 2), np.sin(np.sin(0.7)))
    close(grad(lambda x: apply(np.sin, x, 2))(0.7), 2.0)
    close(vmap(grad(lambda x: apply(np.sin, x, 3)))(X), np.full(3, 3.0))
    close(fgrad.make_jaxpr(grad(lambda x: apply(np.sin, x, 3)))(1.0)(0.7)[0], 3.0)

    g = fgrad.custom_jvp(lambda x, f: f(x), nondiff_argnums=-1)
    g.defjvp(lambda f, p, t: (f(p[0]), t[0] * 5.0))
    close(grad(g)(0.7, np.sin), 5.0)


def test_custom_jvp_of_integers():
    @fgrad.custom_jvp
    def f(x, n):
        return x * n

    f.defjvp(lambda p, t: (f(*p), t[0] * p[1] * 10.0))
    close(grad(f)(2.0, 3), 30.0)
    close(vmap(grad(f))(X, np.arange(3)), 10.0 * np.arange(3))
    close(jvp(lambda x: f(x, 3), (2.0,), (1.0,))[1], 30.0)


def test_custom_rules_may_return_a_dtype_of_lower_kind():
    f = fgrad.custom_jvp(lambda x: x)
    f.defjvp(lambda p, t: (p[0], 0))
    close(grad(f)(X[0]), 0.0)
    close(jvp(f, (1.0,), (1.0,))[1], 0.0)


def test_custom_jvp_methods():
    class Scaled:
        scale = 3.0

        @functools.partial(fgrad.custom_jvp, nondiff_argnums=(0,))
        def f(self, x):
            return self.scale * x

        @f.defjvp
        def _(self, primals, tangents):
            return self.f(*primals), 10.0 * self.scale * tangents[0]

    close(grad(Scaled().f)(2.0), 30.0)
    close(Scaled().f(2.0), 6.0)


# -- custom_vjp


def make_custom_product():
    calls = []

    @fgrad.custom_vjp
    def f(x, y):
        return fnp.sin(x) * y

    def fwd(x, y):
        calls.append("fwd")
        return f(x, y), {"x": x, "y": y, "nothing": None}

    def bwd(res, ct):
        calls.append("bwd")
        return 10.0 * ct * fnp.cos(res["x"]) * res["y"], 100.0 * ct * fnp.sin(res["x"])

    f.defvjp(fwd, bwd)
    return f, calls


def test_custom_vjp():
    f, calls = make_custom_product()
    close(f(0.7, 2.0), 2 * np.sin(0.7))
    assert not calls
    gx, gy = grad(f, (0, 1))(0.7, 2.0)
    assert calls == ["fwd", "bwd"]
    close(gx, 20 * np.cos(0.7))
    close(gy, 100 * np.sin(0.7))
    close(vjp(f, 0.7, 2.0)[1](3.0), (60 * np.cos(0.7), 300 * np.sin(0.7)))
    close(vmap(f, in_axes=(0, None))(X, 2.0), 2 * np.sin(X))
    close(vmap(grad(f), in_axes=(0, None))(X, 2.0), 20 * np.cos(X))
    gx, gy = grad(lambda x, y: vmap(f, in_axes=(0, None))(x, y).sum(), (0, 1))(X, 2.0)
    close(gx, 20 * np.cos(X))
    close(gy, 100 * np.sin(X).sum())
    close(jacrev(vmap(f, in_axes=(0, None)))(X, 2.0), np.diag(20 * np.cos(X)))


def test_custom_vjp_to_second_order():
    f, _ = make_custom_product()
    close(grad(grad(f))(0.7, 2.0), -20 * np.sin(0.7))
    close(grad(grad(f), 1)(0.7, 2.0), 10 * np.cos(0.7))
    close(vmap(grad(grad(f)), in_axes=(0, None))(X, 2.0), -20 * np.sin(X))
    # forward over reverse differentiates fwd and bwd, and so works where fwd does not call the function itself
    g = fgrad.custom_vjp(fnp.sin)
    g.defvjp(lambda x: (fnp.sin(x), x), lambda x, ct: (10.0 * ct * fnp.cos(x),))
    close(fgrad.hvp(g, (0.7,), (1.0,)), -10 * np.sin(0.7))
    close(hessian(lambda x: g(x).sum())(X), np.diag(-10 * np.sin(X)))
    close(jacrev(grad(lambda x: g(x).sum()))(X), np.diag(-10 * np.sin(X)))


def test_custom_vjp_staged():
    f, calls = make_custom_product()
    closed = fgrad.make_jaxpr(f)(1.0, 2.0)
    assert not calls
    fgrad.check_jaxpr(closed)
    run = lambda x, y: closed(x, y)[0]
    close(run(0.7, 2.0), 2 * np.sin(0.7))
    close(grad(run, (0, 1))(0.7, 2.0), (20 * np.cos(0.7), 100 * np.sin(0.7)))
    close(grad(grad(run))(0.7, 2.0), -20 * np.sin(0.7))
    close(vmap(grad(run), in_axes=(0, None))(X, 2.0), 20 * np.cos(X))
    close(grad(fgrad.checkpoint(f))(0.7, 2.0), 20 * np.cos(0.7))
    close(fgrad.make_jaxpr(grad(f))(1.0, 2.0)(0.7, 2.0)[0], 20 * np.cos(0.7))


def test_custom_vjp_none_is_zero():
    f = fgrad.custom_vjp(lambda x, p: x * p["w"])
    f.defvjp(lambda x, p: (x * p["w"], p["w"]), lambda w, ct: (ct * w, None))
    gx, gp = grad(f, (0, 1))(2.0, {"w": 3.0, "b": X})
    assert gx == 3.0
    assert gp["w"] == 0.0
    close(gp["b"], np.zeros(3))


def test_custom_vjp_with_nondiff_argnums():
    @functools.partial(fgrad.custom_vjp, nondiff_argnums=(0,))
    def apply(f, x):
        return f(x)

    def fwd(f, x):
        return apply(f, x), x

    def bwd(f, x, ct):
        assert callable(f)
        return (ct * f(x) * 10.0,)

    apply.defvjp(fwd, bwd)
    close(grad(lambda x: apply(np.sin, x))(0.7), 10 * np.sin(0.7))
    close(vmap(grad(lambda x: apply(np.sin, x)))(X), 10 * np.sin(X))


def test_custom_vjp_of_integers():
    f = fgrad.custom_vjp(lambda x, n: x * n)
    f.defvjp(lambda x, n: (x * n, n), lambda n, ct: (ct * n * 10.0, None))
    close(grad(f)(2.0, 3), 30.0)
    assert vjp(f, 2.0, 3)[1](1.0)[1].dtype == fgrad.float0
    f.defvjp(lambda x, n: (x * n, n), lambda n, ct: (ct * n * 10.0, np.zeros((), fgrad.float0)))
    close(grad(f)(2.0, 3), 30.0)


def test_custom_vjp_methods_and_residuals_that_are_not_arrays():
    class Clip:
        bound = 1.0

        @functools.partial(fgrad.custom_vjp, nondiff_argnums=(0,))
        def f(self, x):
            return x

        f.defvjp(lambda self, x: (x, ()), lambda self, res, ct: (np.clip(ct, -self.bound, self.bound),))

    close(grad(lambda x: Clip().f(x) * 10.0)(3.0), 1.0)


def test_custom_vjp_cotangents_are_given_their_dtype():
    f = fgrad.custom_vjp(lambda x: x)
    f.defvjp(lambda x: (x, None), lambda _, ct: (ct.astype(np.float64),))
    assert grad(lambda x: f(x).sum())(X.astype(np.float32)).dtype == np.float32


# -- checkpoint


def test_checkpoint_recomputes_in_reverse_mode():
    calls = []
    spy = fgrad.custom_jvp(lambda x: x)

    def rule(primals, tangents):
        calls.append("linearized")
        return primals[0], tangents[0]

    spy.defjvp(rule)
    f = lambda x: fnp.sin(spy(fnp.sin(x)))
    close(grad(fgrad.checkpoint(f))(0.7), np.cos(np.sin(0.7)) * np.cos(0.7))
    saved = linearize(fgrad.checkpoint(f), 0.7)[1].jaxpr
    assert [e.primitive.name for e in saved.eqns] == ["call"]  # of the argument and the tangent: no other residual
    assert len(saved.eqns[0].inputs) == 2
    assert calls


def test_checkpoint_in_every_mode_and_order():
    f = lambda x: fnp.sin(x) * fnp.exp(x)
    c = fgrad.checkpoint(f)
    for transform in (
        grad, derivative, lambda f: grad(grad(f)), lambda f: derivative(grad(f)), lambda f: grad(derivative(f)),
        lambda f: lambda x: linearize(f, x)[1](1.0), lambda f: lambda x: fgrad.hvp(f, (x,), (1.0,)),
    ):  # fmt: skip
        close(transform(c)(0.7), transform(f)(0.7))
        close(vmap(transform(c))(X), vmap(transform(f))(X))
    close(grad(fgrad.checkpoint(lambda x: c(c(x))))(0.7), grad(lambda x: f(f(x)))(0.7))


def test_checkpoint_of_trees_constants_and_unused_arguments():
    c = fgrad.checkpoint(lambda p, n: {"y": p["a"] * n, "zero": 0.0, "same": p["b"]})
    out = c({"a": 2.0, "b": X}, 3)
    assert (out["y"], out["zero"]) == (6.0, 0.0)
    g = grad(lambda p: c(p, 3)["y"])({"a": 2.0, "b": X})
    assert g["a"] == 3.0
    close(g["b"], np.zeros(3))
    close(grad(lambda p: c(p, 3)["same"].sum())({"a": 2.0, "b": X})["b"], np.ones(3))
