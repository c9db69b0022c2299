"""What the transformations mean: perturbation confusion, closures, control flow, memory, auxiliary values, NumPy's spelling."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import errors, grad, hessian, jacfwd, jacobian, jacrev, jvp, linearize, value_and_grad, vjp, vmap
from fgrad.core.trace import Tracer

X = np.array([0.5, -1.0, 2.0])
close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


# -- perturbation confusion and closures


def derivative(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


@pytest.mark.parametrize("outer", [grad, derivative], ids=["grad", "jvp"])
@pytest.mark.parametrize("inner", [grad, derivative], ids=["grad", "jvp"])
def test_perturbations_are_not_confused(inner, outer):
    # d/dx (x d/dy (x + y)) = 1, not 2 (Siskind and Pearlmutter, 2005)
    close(outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0), 1.0)
    # d/dx (x d/dy (x y)) = 2x
    close(outer(lambda x: x * inner(lambda y: x * y)(3.0))(5.0), 10.0)
    # the same variable inside and outside
    close(outer(lambda x: inner(lambda y: y**3 * x)(x) * x)(2.0), 3 * 4 * 2.0**3)
    # a curried function: d/dx (d/dy x y^2)|y=2
    close(outer(lambda x: inner(lambda y: x * y * y)(2.0))(7.0), 4.0)


@pytest.mark.parametrize("outer", [grad, derivative], ids=["grad", "jvp"])
def test_a_closure_over_every_level(outer):
    def f(x):
        def g(y):
            def h(z):
                return x * y**2 * z**3

            return outer(h)(y) * x

        return outer(g)(x)

    # h' = 3 x y^2 z^2 at z = y: 3 x y^4; g = 3 x^2 y^4; g' at y = x: 12 x^5; f' = 60 x^4
    close(outer(f)(1.5), 60 * 1.5**4)


def test_a_closure_over_a_mapped_value():
    out = vmap(lambda x: grad(lambda y: x * y**2)(x))(X)
    close(out, 2 * X**2)
    out = vmap(lambda x: vmap(lambda y: x * y)(X))(X)
    close(out, np.outer(X, X))
    out = grad(lambda s: vmap(lambda x: grad(lambda y: fnp.sin(s * y) * x)(x))(X).sum())(0.7)
    close(out, np.sum(X * np.cos(0.7 * X) - X * 0.7 * X * np.sin(0.7 * X)))


def test_closures_of_staged_functions():
    """make_jaxpr and checkpoint take what a function closes over, tracers of outer traces too, as leading inputs."""
    close(grad(lambda x: fgrad.checkpoint(lambda y: y * x)(2.0))(3.0), 2.0)
    close(grad(lambda x: grad(fgrad.checkpoint(lambda y: y**2 * x))(x))(3.0), 12.0)
    close(vmap(lambda x: fgrad.checkpoint(lambda y: y * x)(2.0))(X), 2 * X)
    close(vmap(lambda x: grad(fgrad.checkpoint(lambda y: y**2 * x))(x))(X), 2 * X**2)

    def through_jaxpr(x):
        closed = fgrad.make_jaxpr(lambda y: y * x)(1.0)
        return fgrad.eval_jaxpr(closed.jaxpr, closed.consts, x)[0]

    close(grad(through_jaxpr)(3.0), 6.0)
    close(vmap(grad(through_jaxpr))(X), 2 * X)


def test_a_linear_function_used_in_an_outer_trace():
    def f(x):
        y, linear = linearize(lambda z: z**3, x)
        _, pull = vjp(lambda z: z**2, x)
        return linear(x) * pull(x)[0] * y  # 3x^3 * 2x^2 * x^3

    close(grad(f)(1.3), 6 * 8 * 1.3**7)
    close(vmap(f)(X), 6 * X**8)


# -- control flow on concrete values


def piecewise(x):
    while x > 2.0:
        x = x / 2.0
    if x > 1.0:
        return x**2
    return -x if x > 0 else fnp.sin(x)


@pytest.mark.parametrize(("x", "expected"), [(5.0, 2 * 1.25 / 4), (1.5, 3.0), (0.5, -1.0), (-1.0, np.cos(-1.0))])
def test_python_control_flow(x, expected):
    close(grad(piecewise)(x), expected)
    close(value_and_grad(piecewise)(x)[0], piecewise(x))
    close(jvp(piecewise, (x,), (1.0,))[1], expected)
    close(vjp(piecewise, x)[1](1.0)[0], expected)
    close(linearize(piecewise, x)[1](1.0), expected)
    close(grad(lambda y: grad(lambda z: y * piecewise(z))(x))(2.0), expected)


def test_values_read_from_tracers_under_grad():
    seen = []

    def f(x):
        seen.append(
            (
                bool(x[0] > 0),
                int(x[2]),
                x[0].item(),
                x.tolist(),
                f"{x[0]:.2f}",
                max(x[0], 0.1) is not None,
                len(x),
                [1, 2, 3][fnp.argmax(x)],
            )
        )
        total = 0.0
        for i, v in enumerate(x):  # iteration gives tracers
            assert isinstance(v, Tracer)
            total = total + v * i
        return total

    close(grad(f)(X), [0.0, 1.0, 2.0])
    assert seen == [(True, 2, 0.5, [0.5, -1.0, 2.0], "0.50", True, 3, 3)]


def test_sorting_by_value_in_python():
    close(grad(lambda x: sorted(x)[0] * 3.0)(X), [0.0, 3.0, 0.0])
    close(grad(lambda x: max(x) * min(x))(X), [0.0, 2.0, -1.0])


# -- constants


def test_outputs_that_do_not_depend_on_inputs():
    assert grad(lambda x: 3.0)(1.0) == 0.0
    close(grad(lambda x: np.float64(3.0))(X), np.zeros(3))
    out, tangent = jvp(lambda x: (1.0, x), (X,), (X,))
    assert (out[0], tangent[0]) == (1.0, 0.0)
    close(jacrev(lambda x: np.ones(2))(X), np.zeros((2, 3)))
    close(jacfwd(lambda x: np.ones(2))(X), np.zeros((2, 3)))
    close(hessian(lambda x: fnp.sum(x))(X), np.zeros((3, 3)))
    close(vjp(lambda x: (x, 2.0), 1.0)[1]((3.0, 4.0))[0], 3.0)
    close(vmap(lambda x: 2.0)(X), np.full(3, 2.0))
    close(linearize(lambda x: np.ones(3), X)[1](X), np.zeros(3))


def test_inputs_that_are_not_used():
    gx, gy = grad(lambda x, y: x * 2.0, argnums=(0, 1))(1.0, X)
    assert gx == 2.0
    close(gy, np.zeros(3))
    assert gy.flags.writeable


# -- results own their memory


def arrays(tree):
    return [x for x in fgrad.tree.leaves(tree) if isinstance(x, np.ndarray)]


def results():
    ct = np.ones(3)
    table = np.array([1.0, 2.0, 3.0])
    doubled = fgrad.custom_vjp(lambda x: x)
    doubled.defvjp(lambda x: (x, None), lambda _, ct: (table,))
    yield "a gradient that is a cotangent", vjp(lambda x: x, X)[1](ct), (X, ct)
    yield "one cotangent for two arguments", vjp(lambda x, y: x + y, X, X)[1](ct), (X, ct)
    yield "the value of an identity", vjp(lambda x: x, X)[0], (X,)
    yield "both halves of jvp", jvp(lambda x: (x, x), (X,), (ct,)), (X, ct)
    yield "linearize", (linearize(lambda x: x, X)[0], linearize(lambda x: x, X)[1](ct)), (X, ct)
    yield "a broadcast gradient", grad(lambda x: fnp.sum(x))(X), ()
    yield "a zero gradient", grad(lambda x: 1.0)(X), ()
    yield "a constant that is the gradient", grad(lambda x: fnp.sum(x * table))(X), (table,)
    yield "a constant that a rule returns", grad(lambda x: fnp.sum(doubled(x)))(X), (table,)
    yield "two equal gradients", grad(lambda x, y: fnp.sum((x + y) * table), (0, 1))(X, X), (X, table)
    yield "views", vjp(lambda x: x.reshape(3, 1).T, X)[1](np.ones((1, 3))), (X,)
    yield "vmap", vmap(lambda x: (x, x, np.ones(2)))(X), (X,)
    yield "vmap with another axis", vmap(lambda x: x, in_axes=1, out_axes=1)(np.ones((2, 3))), ()
    yield "jacobian", jacobian(lambda x: x)(X), (X,)
    yield "hvp", fgrad.hvp(lambda x: fnp.sum(x**2), (X,), (ct,)), (X, ct)
    yield "linear_transpose", fgrad.linear_transpose(lambda x: x, X)(ct), (X, ct)


@pytest.mark.parametrize(("result", "others"), [pytest.param(r, o, id=name) for name, r, o in results()])
def test_results_own_their_memory(result, others):
    found = arrays(result)
    assert found
    for i, x in enumerate(found):
        assert type(x) is np.ndarray
        assert x.flags.writeable
        for other in (*found[:i], *others):
            assert not np.shares_memory(x, other)


def test_changing_a_result_does_not_change_the_next():
    value, pull = vjp(lambda x: np.exp(x), X)  # the value is a residual
    (first,) = pull(np.ones(3))
    expected = first.copy()
    value[:] = 0.0
    first[:] = 0.0
    close(pull(np.ones(3))[0], expected)


# -- has_aux, argnums, keywords


def with_aux(x, y):
    total = fnp.sum(x**2) * y
    return total, {"double": x * 2, "name": "aux", "none": None, "count": 3}


def check_aux(aux):
    assert type(aux["double"]) is np.ndarray
    close(aux["double"], 2 * X)
    assert (aux["name"], aux["none"], aux["count"]) == ("aux", None, 3)


def test_has_aux_everywhere():
    g, aux = grad(with_aux, has_aux=True)(X, 2.0)
    close(g, 4 * X)
    check_aux(aux)
    (value, aux), g = value_and_grad(with_aux, has_aux=True)(X, 2.0)
    close(value, 2 * np.sum(X**2))
    check_aux(aux)
    out, tangent, aux = jvp(with_aux, (X, 2.0), (X, 0.0), has_aux=True)
    close(tangent, 2 * out)
    check_aux(aux)
    out, pull, aux = vjp(with_aux, X, 2.0, has_aux=True)
    close(pull(1.0)[1], np.sum(X**2))
    check_aux(aux)
    out, linear, aux = linearize(with_aux, X, 2.0, has_aux=True)
    close(linear(X, 0.0), 2 * out)
    check_aux(aux)
    for jac in (jacfwd, jacrev, jacobian):
        j, aux = jac(with_aux, has_aux=True)(X, 2.0)
        close(j, 4 * X)
        check_aux(aux)
    h, aux = hessian(with_aux, has_aux=True)(X, 2.0)
    close(h, 4 * np.eye(3))
    check_aux(aux)


def test_aux_of_an_inner_gradient_belongs_to_the_outer_one():
    def f(x):
        g, aux = grad(lambda y: (y**3, y * x), has_aux=True)(x)
        return g * aux  # 3x^2 x^2

    close(grad(f)(1.5), 12 * 1.5**3)
    close(vmap(f)(X), 3 * X**4)


def test_argnums():
    f = lambda x, y, z: x * y**2 * z**3
    args = (2.0, 3.0, 5.0)
    expected = (9 * 125.0, 2 * 6 * 125.0, 2 * 9 * 75.0)
    for i in (0, 1, 2, -1, -3):
        close(grad(f, argnums=i)(*args), expected[i])
        close(jacfwd(f, argnums=i)(*args), expected[i])
    assert isinstance(grad(f, argnums=(1,))(*args), tuple)
    for argnums in ((0, 2), (2, 0), (-1, 1), [1, 2]):
        found = grad(f, argnums=argnums)(*args)
        assert isinstance(found, tuple)
        close(found, [expected[i] for i in argnums])
        close(jacrev(f, argnums=argnums)(*args), [expected[i] for i in argnums])


def test_keywords_are_passed_and_not_differentiated():
    def f(x, *, power=2, scale=None, table=()):
        return x**power * (1.0 if scale is None else scale["s"])

    close(grad(f)(3.0), 6.0)
    close(grad(f)(3.0, power=3), 27.0)
    close(value_and_grad(f)(3.0, scale={"s": 2.0})[1], 12.0)
    close(jacfwd(f)(3.0, scale={"s": 2.0}), 12.0)
    close(hessian(f)(3.0, power=3, table="anything"), 18.0)
    close(vmap(lambda x, *, y: x * y)(X, y=X), X**2)
    close(fgrad.checkpoint(f)(3.0, scale={"s": 2.0}), 18.0)


def test_transformed_functions_keep_name_and_docstring():
    def loss(x):
        """The loss."""
        return x

    for transform in (
        grad,
        value_and_grad,
        vmap,
        jacfwd,
        jacrev,
        hessian,
        fgrad.checkpoint,
        fgrad.make_jaxpr,
        fgrad.custom_jvp,
        fgrad.custom_vjp,
    ):
        assert transform(loss).__name__ == "loss"
        assert transform(loss).__doc__ == "The loss."


def test_methods_partials_and_callables():
    class Model:
        def __init__(self, w):
            self.w = w

        def loss(self, x):
            return fnp.sum(self.w * x**2)

        def __call__(self, x):
            return self.loss(x)

    model = Model(3.0)
    for f in (model.loss, model, functools.partial(lambda w, x: fnp.sum(w * x**2), 3.0)):
        close(grad(f)(X), 6 * X)
        close(vmap(f)(X), 3 * X**2)
        assert len(fgrad.make_jaxpr(f)(X).eqns) == 3
    close(grad(np.sin)(0.0), 1.0)


# -- stop_gradient


def test_stop_gradient():
    stop = fgrad.stop_gradient
    close(grad(lambda x: stop(x) * x)(3.0), 3.0)
    close(grad(lambda x: stop(x**2))(3.0), 0.0)
    close(jvp(lambda x: stop(x) * x, (3.0,), (1.0,))[1], 3.0)
    close(grad(grad(lambda x: stop(x) * x**2))(3.0), 6.0)
    close(vmap(grad(lambda x: stop(x) * x))(X), X)
    close(grad(lambda p: fnp.sum(p["a"] * stop(p)["a"]))({"a": X})["a"], X)
    assert stop({"a": 1, "b": "text"}) == {"a": 1, "b": "text"}
    closed = fgrad.make_jaxpr(lambda x: stop(x) * x)(3.0)
    close(grad(lambda x: closed(x)[0])(3.0), 3.0)
    close(grad(lambda x: grad(lambda y: stop(x) * y * x)(1.0))(3.0), 3.0)


# -- NumPy's spelling


def test_values_on_the_left_of_a_tracer():
    a = np.arange(9.0).reshape(3, 3)
    cases: list[tuple[Any, Any]] = [
        (lambda x: (np.float64(2.0) * x).sum(), 2 * np.ones(3)),
        (lambda x: (np.float32(2.0) - x).sum(), -np.ones(3)),
        (lambda x: (np.int64(2) / x).sum(), -2 / X**2),
        (lambda x: (a @ x).sum(), a.sum(0)),
        (lambda x: (X + x).sum(), np.ones(3)),
        (lambda x: ([1.0, 2.0, 3.0] * x).sum(), [1.0, 2.0, 3.0]),
        (lambda x: ((1.0, 2.0, 3.0) + x).sum(), np.ones(3)),
        (lambda x: 2 ** x[0], [np.log(2) * 2 ** X[0], 0, 0]),
        (lambda x: (np.array(2.0) * x).sum(), 2 * np.ones(3)),
        (lambda x: (True * x).sum(), np.ones(3)),
        (lambda x: sum(x), np.ones(3)),
        (lambda x: fnp.sum([x, x]), 2 * np.ones(3)),
        (lambda x: fnp.sum([x[0], 2.0, x[2]]), [1.0, 0.0, 1.0]),
        (lambda x: np.multiply(2.0, x).sum(), 2 * np.ones(3)),
        (lambda x: abs(x).sum() - (-x).sum() + (+x).sum(), np.sign(X) + 2),
        (lambda x: divmod(x, 2.0)[1].sum(), np.ones(3)),
        (lambda x: (x[::-1] // 1.0).sum() + (x % 2.0).sum(), np.ones(3)),
    ]
    for i, (f, expected) in enumerate(cases):
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-12, err_msg=f"case {i}")
        np.testing.assert_allclose(fgrad.make_jaxpr(f)(X)(X)[0], f(X), rtol=1e-12, err_msg=f"case {i} staged")
        np.testing.assert_allclose(vmap(f)(np.stack([X, 2 * X]))[0], f(X), rtol=1e-12, err_msg=f"case {i} mapped")


def test_augmented_assignment_rebinds():
    def f(x):
        y = x
        y += 1.0
        y *= x
        return y.sum() + (x is y)

    close(grad(f)(X), 2 * X + 1)


def test_every_attribute_of_ndarray_is_there_or_says_why_not():
    missing = []

    def f(x):
        missing[:] = [n for n in dir(np.ndarray) if not n.startswith("_") and not hasattr(x, n)]
        return x.var() + x.trace() + x.std()

    a = np.arange(4.0).reshape(2, 2)
    expected = a.var() + a.trace() + a.std()
    close(value_and_grad(f)(a)[0], expected)
    close(fgrad.make_jaxpr(f)(a)(a)[0], expected)
    close(vmap(f)(a[None])[0], expected)
    for name in missing:
        with pytest.raises(AttributeError, match=f"the traced value x: f64\\[2,2\\] has no attribute '{name}'"):
            grad(lambda x: getattr(x, name))(a)  # noqa: B023


def test_isinstance_and_attributes():
    def f(x):
        assert (x.shape, x.ndim, x.size, x.dtype) == ((3,), 1, 3, np.float64)
        assert np.shape(x) == (3,)
        assert np.ndim(x) == 1
        return x.sum()

    for run in (grad(f), fgrad.make_jaxpr(f), fgrad.checkpoint(f)):
        run(X)
    vmap(f)(np.ones((2, 3)))


# -- length


def chain(x, n):
    for _ in range(n // 2):
        x = x * 1.0000001
        x = x + 1e-7
    return x


def test_a_chain_of_a_hundred_thousand_operations():
    n = 100_000
    expected = 1.0000001 ** (n // 2)
    np.testing.assert_allclose(grad(chain)(1.0, n), expected, rtol=1e-9)
    np.testing.assert_allclose(jvp(lambda x: chain(x, n), (1.0,), (1.0,))[1], expected, rtol=1e-9)
    closed = fgrad.make_jaxpr(lambda x: chain(x, n))(1.0)
    assert len(closed.eqns) == n
    np.testing.assert_allclose(closed(1.0)[0], chain(1.0, n), rtol=1e-9)
    again = grad(lambda x: fgrad.eval_jaxpr(closed.jaxpr, closed.consts, x)[0])
    np.testing.assert_allclose(again(1.0), expected, rtol=1e-9)
    assert str(closed).count("\n") == n + 1


def test_a_wide_sum():
    n = 20_000
    xs = [1.0] * n
    g = grad(lambda xs: sum(xs))(xs)
    assert len(g) == n
    assert all(v == 1.0 for v in g)


def test_errors_are_reexported():
    assert issubclass(fgrad.errors.ShapeError, errors.FgradError)
