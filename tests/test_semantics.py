"""What the transformations mean: perturbation confusion, closures, control flow, auxiliary values, dtypes, custom derivatives, mapping."""

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


# -- linear_transpose, eval_shape, make_jaxpr


def test_linear_transpose():
    a = np.arange(6.0).reshape(2, 3)
    (x,) = fgrad.linear_transpose(lambda x: a @ x, X)(np.array([1.0, 2.0]))
    close(x, a.T @ np.array([1.0, 2.0]))
    gx, gy = fgrad.linear_transpose(lambda x, y: 2 * x[::-1] + np.sum(y), fgrad.ShapeDtypeStruct((3,), float), 0.0)(X)
    close(gx, 2 * X[::-1])
    close(gy, X.sum())
    back = fgrad.linear_transpose(lambda x: fgrad.linear_transpose(lambda y: a @ y, X)(x)[0], np.ones(2))
    close(back(X)[0], a @ X)
    close(vmap(lambda ct: fgrad.linear_transpose(lambda x: a @ x, X)(ct)[0])(np.eye(2)), a)
    close(grad(lambda s: fgrad.linear_transpose(lambda x: s * x, 1.0)(2.0)[0])(3.0), 2.0)
    close(fgrad.linear_transpose(lambda x: {"a": x, "b": 3 * x}, 1.0)({"a": 1.0, "b": 2.0})[0], 7.0)


def test_eval_shape_computes_nothing():
    huge = fgrad.ShapeDtypeStruct((10**6, 10**6), np.float32)
    out = fgrad.eval_shape(lambda x, y: {"s": np.sin(x), "sum": np.sum(x, axis=0), "m": x > 0, "y": y}, huge, 1)
    assert {k: str(v) for k, v in out.items()} == {
        "s": "f32[1000000,1000000]",
        "sum": "f32[1000000]",
        "m": "bool[1000000,1000000]",
        "y": "i64[]",
    }
    assert fgrad.eval_shape(grad(lambda x: fnp.sum(x)), huge) == huge
    assert fgrad.eval_shape(lambda x, *, scale: x * scale, 1.0, scale=X).shape == (3,)


def test_make_jaxpr_arguments():
    closed = fgrad.make_jaxpr(lambda x, n, f: f(x) * n, static_argnums=(1, 2))(1.0, 3, np.sin)
    assert len(closed.in_avals) == 1
    close(closed(0.7)[0], 3 * np.sin(0.7))
    assert fgrad.make_jaxpr(lambda n, x: x**n, static_argnums=0)(3, 1.0).in_avals == [fgrad.ShapeDtypeStruct((), float)]
    assert len(fgrad.make_jaxpr(lambda x, f: f(x), static_argnums=-1)(1.0, np.sin).in_avals) == 1
    closed, shape = fgrad.make_jaxpr(lambda p: {"y": p["x"] * 2}, return_shape=True)({"x": X})
    assert shape == {"y": fgrad.ShapeDtypeStruct((3,), float)}
    assert len(fgrad.make_jaxpr(lambda x, *, y: x * y)(1.0, y=2.0).in_avals) == 2
    assert str(fgrad.make_jaxpr(np.sin)(fgrad.ShapeDtypeStruct((3,), np.float32)).out_avals[0]) == "f32[3]"


def test_constants_are_evaluated_and_not_staged():
    closed = fgrad.make_jaxpr(lambda x: x * np.sin(np.ones(3)) + fnp.exp(np.ones(3)))(1.0)
    assert [e.primitive.name for e in closed.eqns] == ["broadcast", "mul", "add"]
    assert len(closed.consts) == 2


def test_printing_inside_a_traced_function(capsys):
    grad(lambda x: print(x) or x * 2.0)(1.5)
    fgrad.make_jaxpr(lambda x: print(x) or x)(1.5)
    vmap(lambda x: print(x) or x)(X)
    lines = capsys.readouterr().out.splitlines()
    assert "1.5" in lines[0]
    assert "f64[]" in lines[1]
    assert "f64[]" in lines[2]


# -- vmap


def test_vmap_axes():
    a = np.arange(24.0).reshape(2, 3, 4)
    f = lambda x: x.sum(axis=0) * 2
    for i in (0, 1, 2, -1, -2, -3):
        expected = np.stack([f(x) for x in np.moveaxis(a, i, 0)])
        close(vmap(f, in_axes=i)(a), expected)
        for o in (0, 1, -1, -2):
            found = vmap(f, in_axes=i, out_axes=o)(a)
            close(found, np.moveaxis(expected, 0, o))


def test_vmap_trees_of_axes():
    p = {"w": np.arange(6.0).reshape(2, 3), "b": np.arange(3.0), "s": 2.0}
    f = lambda p, x: {"y": p["w"] * x + p["b"], "s": p["s"]}
    out = vmap(f, in_axes=({"w": 1, "b": 0, "s": None}, None), out_axes={"y": 1, "s": None})(p, np.array([1.0, 2.0]))
    close(out["y"], p["w"] * np.array([[1.0], [2.0]]) + p["b"])
    assert out["s"] == 2.0
    out = vmap(f, in_axes=(None, 0))(p, np.ones((5, 3)))
    assert out["y"].shape == (5, 2, 3)
    assert out["s"].shape == (5,)
    close(vmap(lambda p: p["a"] + p["b"])({"a": X, "b": X}), 2 * X)
    close(vmap(lambda x, y: x + y, in_axes=[0, None])(X, 1.0), X + 1)
    close(vmap(lambda x, y: (x, y), in_axes=(0, None), out_axes=(0, None))(X, 1.0)[1], 1.0)
    close(vmap(lambda t: t[0] * t[1], in_axes=((0, None),))((X, 2.0)), 2 * X)


def test_vmap_axis_size():
    assert vmap(lambda: 1.0, axis_size=3)().tolist() == [1.0, 1.0, 1.0]
    assert vmap(lambda x: x, in_axes=None, axis_size=2)(X).shape == (2, 3)
    close(vmap(lambda x: x * 2, axis_size=3)(X), 2 * X)


def test_vmap_nested():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    close(vmap(vmap(lambda x, y: x * y), in_axes=(0, None))(a, b), a * b)
    close(vmap(vmap(lambda x, y: x * y, in_axes=(0, None)), in_axes=(None, 0))(b, b), np.outer(b, b))
    close(vmap(vmap(vmap(lambda x: x**2)))(np.ones((2, 3, 4))), np.ones((2, 3, 4)))
    close(vmap(lambda x: vmap(lambda y: x @ y)(a))(a), a @ a.T)


def test_vmap_of_empty_and_single_batches():
    assert vmap(lambda x: x * 2)(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(grad(lambda x: fnp.sum(x**2)))(np.zeros((0, 3))).shape == (0, 3)
    close(vmap(lambda x: x * 2)(np.ones((1, 3))), 2 * np.ones((1, 3)))


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
