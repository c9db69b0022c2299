"""What those who come from NumPy write on their first day: small programs compiled, and the mistakes that every one of them makes."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize

import fgrad
import fgrad.numpy as fnp
from fgrad import errors, fori_loop, grad, hvp, jit, scan, value_and_grad, vmap

X = np.arange(3.0)


@pytest.fixture(autouse=True)
def compiling():
    before, fgrad.config.compile = fgrad.config.compile, True
    yield
    fgrad.config.compile = before


def message(kind, call):
    """The message of the error that `call` must raise."""
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, errors.FgradError)
    return str(caught.value)


# -- programs


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_scipy_minimizes_a_jitted_function():
    start = np.linspace(0, 2, 6)
    found = scipy.optimize.minimize(jit(value_and_grad(rosenbrock)), start, jac=True, method="BFGS", options={"gtol": 1e-8})
    np.testing.assert_allclose(found.x, 1.0, rtol=1e-6)
    product = jit(lambda x, v: hvp(rosenbrock, (x,), (v,)))
    found = scipy.optimize.minimize(
        jit(rosenbrock), start, jac=jit(grad(rosenbrock)), hessp=product, method="trust-ncg", options={"gtol": 1e-8}
    )
    np.testing.assert_allclose(found.x, 1.0, rtol=1e-5)


def test_scipy_integrates_a_jitted_right_hand_side():
    def pull(t, y, p):
        return p[0] * np.sin(y) + p[1] * np.sum(np.sin(y[:, None] - y), axis=1)

    y, p = np.linspace(0.1, 1, 4), np.array([0.3, -0.1])
    plain = scipy.integrate.solve_ivp(pull, (0, 3), y, args=(p,), rtol=1e-9, atol=1e-12)
    jitted = scipy.integrate.solve_ivp(
        jit(pull), (0, 3), y, args=(p,), rtol=1e-9, atol=1e-12, method="Radau", jac=jit(fgrad.jacobian(pull, 1))
    )
    np.testing.assert_allclose(jitted.y[:, -1], plain.y[:, -1], rtol=1e-6)


def test_a_table_filled_entry_by_entry():
    """Edit distance as it is written for NumPy: an array, two indices, an assignment."""

    def distance(a, b, cost):
        n, m = a.shape[0], b.shape[0]
        table = fnp.at(np.zeros((n + 1, m + 1)))[0].set(np.arange(m + 1) * cost[0])
        table = fnp.at(table)[:, 0].set(np.arange(n + 1) * cost[1])

        def body(k, table):
            i, j = k // m + 1, k % m + 1
            changed = fnp.at(a)[i - 1].get() != fnp.at(b)[j - 1].get()
            diagonal = table[i - 1, j - 1] + np.where(changed, cost[2], 0.0)
            return table.at[i, j].set(np.minimum(np.minimum(table[i - 1, j] + cost[1], table[i, j - 1] + cost[0]), diagonal))

        return fori_loop(0, n * m, body, table)[n, m]

    a, b = np.array([0, 1, 2, 3, 1]), np.array([0, 2, 3, 3, 1, 1])
    cost = np.array([1.0, 1.1, 1.3])
    assert float(distance(a, b, cost)) == pytest.approx(float(jit(distance)(a, b, cost)))
    assert float(jit(distance)(a, b, np.ones(3))) == 3.0  # one left out, two put in
    np.testing.assert_allclose(jit(grad(distance, 2))(a, b, cost), grad(distance, 2)(a, b, cost))


def test_parameters_of_any_shape_under_jit():
    class Layer(NamedTuple):
        w: np.ndarray
        b: dict

    class Model:
        def __init__(self, n):
            self.scale = np.arange(1.0, n + 1)

        @jit(static_argnums=0)
        def energy(self, layer):
            return np.sum(np.sin(layer.w * self.scale)) + layer.b["c"]

    layer = Layer(X, {"c": np.float64(2.0)})
    model = Model(3)
    found = jit(grad(model.energy))(layer)
    assert type(found) is Layer
    np.testing.assert_allclose(found.w, np.cos(X * model.scale) * model.scale)
    assert found.b["c"] == 1.0


def test_threads_compile_and_call_one_function():
    f = jit(grad(lambda x: np.sum(np.cos(x) ** 3 * x)))
    expected = lambda x: np.cos(x) ** 3 - 3 * x * np.cos(x) ** 2 * np.sin(x)
    seen = {}

    def work(i):
        x = np.linspace(0, 1, 50 + i)
        seen[i] = np.allclose(f(x), expected(x), rtol=1e-12)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == dict.fromkeys(range(4), True)


def test_round_of_a_traced_value():
    assert round(grad(lambda x: x * round(x, 1))(2.34), 12) == 2.3
    assert float(jit(lambda x: round(x, 1))(2.34)) == 2.3
    assert grad(lambda x: x * round(x))(2.34) == 2.0


def test_jit_with_arguments_is_a_decorator():
    @jit(static_argnames="n")
    def power(x, n):
        return x**n if n > 1 else x

    assert float(power(2.0, 3)) == float(power(2.0, n=3)) == 8.0
    assert power.__name__ == "power"


# -- mistakes


def test_what_jit_does_not_take():
    assert "Write fgrad.jit(f)(x), not fgrad.jit(f(x))." in message(errors.ArgumentError, lambda: jit(X))
    f = lambda x, n: x * n
    text = message(errors.ArgumentError, lambda: jit(f, static_argnames="m"))
    assert "static_argnames has ['m'], which <lambda> does not take" in text
    assert "Its arguments are x, n." in text
    assert "<lambda> has 2 positional arguments" in message(errors.ArgumentError, lambda: jit(f, static_argnums=2))
    jit(lambda *args: args, static_argnums=5)
    jit(lambda **kwargs: kwargs, static_argnames="m")
    text = message(errors.DtypeError, lambda: jit(f)(X, "twice"))
    assert "argument 1 is 'twice' of type str" in text
    assert "static_argnums" in text


def test_a_point_in_the_place_of_argnums():
    text = message(errors.ArgumentError, lambda: grad(rosenbrock, 3.0))
    assert "argnums is an int or a tuple of ints, not 3.0" in text
    assert "write fgrad.grad(f)(x), not fgrad.grad(f, x)" in text


@pytest.mark.parametrize(
    ("f", "x", "what", "advice"),
    [
        pytest.param(lambda x: np.where(0 < x < 2, x, 0.0), X, "`if`", "(a < x) & (x < b)", id="chained"),
        pytest.param(lambda x: max(x, 1.0), 2.0, "`if`", "np.maximum(x, y)", id="max"),
        pytest.param(lambda n: sum(range(n)), 3, "an index or a size", "static_argnums", id="range"),
        pytest.param(lambda n: np.linspace(0, 1, n), 3, "an index or a size", "static_argnums", id="linspace"),
        pytest.param(lambda n: np.arange(n), 3, "a traced value x: i64[]", "static_argnums", id="arange"),
        pytest.param(lambda i: X[i : i + 2], 0, "an index or a size", "x[i + np.arange(3)]", id="slice"),
        pytest.param(lambda i: [1, 2, 3][i], 0, "an index or a size", "fgrad.numpy.take(np.array(items), i)", id="list"),
        pytest.param(lambda i: X[i], 0, "a traced value x: i64[]", "fgrad.numpy.at(a)[x].get()", id="table"),
        pytest.param(lambda x: f"{x:.3f}", 1.0, "a formatted string", "fgrad.debug_print", id="format"),
        pytest.param(lambda x: round(x), 1.0, "round()", "move this conversion out", id="round"),
    ],
)
def test_values_that_staging_does_not_have(f, x, what, advice):
    text = message(errors.ConcretizationError, lambda: jit(f)(x))
    assert text.startswith(what)
    assert advice in text
    assert "test_new_users.py" in text


def filled(x):
    out = np.zeros(3)
    out[0] = x[0] ** 2
    return out.sum()


def filled_by_parts(x):
    out = np.zeros(3)
    out[1:] = x[1:] ** 2
    return out.sum()


@pytest.mark.parametrize("transform", [grad, jit])
def test_assignments_to_numpy_arrays(transform):
    with pytest.raises(ValueError, match="setting an array element with a sequence") as caught:  # NumPy's, because of ours
        transform(filled)(X)
    assert "fgrad.numpy.at(" in str(caught.value.__cause__)
    assert "out[0] = x[0] ** 2" in str(caught.value.__cause__)
    text = message(errors.ConcretizationError, lambda: transform(filled_by_parts)(X))
    assert "a = fgrad.numpy.at(a)[i].set(x)" in text
    assert "out[1:] = x[1:] ** 2" in text


def test_bodies_that_are_none():
    assert "functions, not 1.0" in message(errors.ArgumentError, lambda: fgrad.cond(True, 1.0, 2.0))
    assert "functions, not 1.0" in message(errors.ArgumentError, lambda: fori_loop(0, 3, 1.0, 2.0))
    assert "functions, not f64[3]" in message(errors.ArgumentError, lambda: scan(X, 0.0, X))

    def forgetful(carry, x):
        carry = carry + x

    text = message(errors.TreeError, lambda: scan(forgetful, 0.0, X))
    assert "forgetful must return a pair (carry, y), and it returned None" in text
    assert "`return carry, None`" in text


def test_which_branch_returns_what():
    text = message(errors.DtypeError, lambda: fgrad.cond(True, lambda x: x, lambda x: 0, 1.0))
    assert "false_fun: <lambda> returns i64[], true_fun: <lambda> returns f64[]" in text

    def two(x):
        return x, x

    text = message(errors.TreeError, lambda: fgrad.switch(0, [np.sin, two], 1.0))
    assert "branch 0: sin returns *\n" in text
    assert "branch 1: two returns (*, *)" in text


def test_a_loop_of_draws():
    """A walk that draws in each step is the same compiled and not."""

    def walk(key, width):
        def step(x, key):
            move, accept = fgrad.random.split(key)
            y = x + width * fgrad.random.uniform(move, (2,), minval=-1.0)
            x = np.where(np.log(fgrad.random.uniform(accept)) < 0.5 * (np.sum(x**2) - np.sum(y**2)), y, x)
            return x, x

        return scan(step, np.zeros(2), fgrad.random.split(key, 50))[1]

    key = fgrad.random.key(0)
    np.testing.assert_allclose(jit(walk)(key, 0.8), walk(key, 0.8), rtol=1e-12)


def test_resampling_by_keys():
    data = np.linspace(0, 1, 40) ** 2

    def spread(key, x):
        def mean(key):
            return np.mean(fnp.take(x, fgrad.random.randint(key, x.shape, 0, x.shape[0])))

        return np.std(vmap(mean)(fgrad.random.split(key, 100)))

    key = fgrad.random.key(1)
    np.testing.assert_allclose(jit(spread)(key, data), spread(key, data), rtol=1e-12)
    np.testing.assert_allclose(spread(key, data), np.std(data) / np.sqrt(40), rtol=0.3)
