"""The circuits, the gates, and the forward and backward functions of a first lecture: every node's value and gradient, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.examples import circuits, gates
from fgrad.scipy.special import expit


def nodes(title):
    circuit, inputs = circuits.LECTURE[title]
    return circuits.every_node(circuit, **inputs)


def check(found, want, tol=1e-15):
    assert list(found) == list(want)
    for name, (value, gradient) in want.items():
        np.testing.assert_allclose(found[name][0], value, rtol=0, atol=tol, err_msg=f"value of {name}")
        np.testing.assert_allclose(found[name][1], gradient, rtol=0, atol=tol, err_msg=f"gradient of {name}")


def test_product_of_a_sum():
    check(nodes("(x + y) z"), {"x": (-2, -4), "y": (5, -4), "z": (-4, 3), "q": (3, -4), "f": (-12, 1)}, 0)


def test_sigmoid_gate_by_gate():
    """The figures of the blackboard, to its two digits, and the formulas behind them."""
    found = nodes("the sigmoid, gate by gate")
    e = math.exp(-1)
    want = {
        "x": (1, e / (1 + e) ** 2),
        "-x": (-1, -e / (1 + e) ** 2),
        "exp(-x)": (e, -1 / (1 + e) ** 2),
        "1 + exp(-x)": (1 + e, -1 / (1 + e) ** 2),
        "f": (1 / (1 + e), 1),
    }
    check(found, want)
    assert [round(float(v), 2) for v, _ in found.values()] == [1.0, -1.0, 0.37, 1.37, 0.73]
    assert [round(float(g), 2) for _, g in found.values()] == [0.20, -0.20, -0.53, -0.53, 1.0]


def test_sigmoid_neuron():
    found = nodes("sigmoid neuron of two inputs")
    f = 1 / (1 + math.exp(-1))
    slope = f * (1 - f)  # the whole chain of four gates at once
    want = {"w0": (2, -slope), "x0": (-1, 2 * slope), "w1": (-3, -2 * slope), "x1": (-2, -3 * slope), "w2": (-3, slope)}
    want |= {"w0 x0": (-2, slope), "w1 x1": (6, slope), "w0 x0 + w1 x1": (4, slope), "w0 x0 + w1 x1 + w2": (1, slope)}
    want |= {"-x": (-1, -slope), "exp(-x)": (1 / f - 1, -f * f), "1 + exp(-x)": (1 / f, -f * f), "f": (f, 1)}
    check(found, want)
    blackboard = {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20, "w0 x0": 0.20, "w1 x1": 0.20}
    assert {name: round(float(found[name][1]), 2) for name in blackboard} == blackboard


def test_neuron_with_squared_error():
    w, x, b, y = (circuits.LECTURE["neuron of three inputs with squared error"][1][name] for name in "wxby")
    z = w @ x + b
    a = 1 / (1 + math.exp(-z))
    delta = 2 * (a - y) * a * (1 - a)
    want = {"w": (w, delta * x), "x": (x, delta * w), "b": (b, delta), "y": (y, -2 * (a - y))}
    want |= {"z": (3, delta), "a": (a, 2 * (a - y)), "C": ((a - y) ** 2, 1)}
    check(nodes("neuron of three inputs with squared error"), want)


def test_forward_mode_agrees():
    for circuit, inputs in circuits.LECTURE.values():
        f = lambda inputs, circuit=circuit: circuit(lambda _, value: value, **inputs)
        forward = fgrad.jacfwd(f)(inputs)
        for name, (_, gradient) in circuits.every_node(circuit, **inputs).items():
            if name in inputs:
                np.testing.assert_allclose(forward[name], gradient, rtol=0, atol=1e-15)


# -- gates: what each does with the gradient that reaches it


@pytest.mark.parametrize(
    ("name", "f", "gradients"),
    [
        ("add distributes", lambda x, y: x + y, (2.0, 2.0)),
        ("max routes", np.maximum, (2.0, 0.0)),
        ("mul swaps", lambda x, y: x * y, (-4.0 * 2.0, 3.0 * 2.0)),
        ("sub distributes, with a sign", lambda x, y: x - y, (2.0, -2.0)),
    ],
)
def test_gate(name, f, gradients):
    _, backward = fgrad.vjp(f, 3.0, -4.0)
    assert tuple(float(g) for g in backward(2.0)) == gradients


def test_copies_add():
    """What is used three times gets the sum of three gradients."""
    _, backward = fgrad.vjp(lambda x: (x, x, x), 3.0)
    assert float(backward((2.0, -4.0, 0.5))[0]) == -1.5
    assert float(fgrad.grad(lambda x: x * x + x)(3.0)) == 3.0 + 3.0 + 1.0


def test_max_of_many_routes_to_one():
    x = np.array([1.0, 5.0, 2.0])
    np.testing.assert_array_equal(fgrad.grad(np.max)(x), [0.0, 1.0, 0.0])
    assert fgrad.grad(np.maximum, (0, 1))(1.0, 1.0) == (0.5, 0.5)  # a tie is shared


def test_sum_and_broadcast_are_each_others_transpose():
    _, of_sum = fgrad.vjp(np.sum, np.ones(3))
    np.testing.assert_array_equal(of_sum(2.0)[0], [2.0, 2.0, 2.0])
    _, of_copies = fgrad.vjp(lambda x: fnp.broadcast_to(x, (3,)), 1.0)
    assert float(of_copies(np.array([1.0, 2.0, 4.0]))[0]) == 7.0


# -- forward and backward written out, as custom_vjp


@pytest.mark.parametrize(
    ("ours", "built_in", "args"),
    [
        (gates.multiply, np.multiply, (3.0, -4.0)),
        (gates.multiply_constant(3.0), lambda x: 3.0 * x, (-4.0,)),
        (gates.sigmoid, expit, (1.0,)),
        (gates.multiply, np.multiply, (np.array([1.0, -2.0]), np.array([0.5, 4.0]))),
        (gates.sigmoid, expit, (np.linspace(-8, 8, 9),)),
    ],
)
@pytest.mark.parametrize("transform", [lambda f: f, fgrad.jit, lambda f: fgrad.vmap(f) if f.batched else f], ids=["eager", "jit", "vmap"])
def test_gate_of_ones_own_is_the_built_in(ours, built_in, args, transform):
    def gradients(f):
        def weighed(*args):
            out, backward = fgrad.vjp(f, *args)
            return out, backward(np.cos(out))

        weighed.batched = all(np.ndim(a) for a in args)
        return transform(weighed)(*args)

    fgrad.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), gradients(ours), gradients(built_in))


def test_the_built_in_keeps_more_digits():
    """1 - y cancels where y is nearly 1; the library's slope does not subtract."""
    x = 30.0
    exact = math.exp(-x) / (1 + math.exp(-x)) ** 2
    assert abs(fgrad.grad(expit)(x) / exact - 1) < 1e-15 < abs(fgrad.grad(gates.sigmoid)(x) / exact - 1)


def test_circuit_of_ones_own_gates():
    """The neuron made of gates written by hand, composed by fgrad."""
    f = lambda w, x: gates.sigmoid(gates.multiply(w, x) + gates.multiply_constant(2.0)(w))
    g = lambda w, x: expit(w * x + 2.0 * w)
    np.testing.assert_allclose(fgrad.grad(f, (0, 1))(0.3, -1.2), fgrad.grad(g, (0, 1))(0.3, -1.2), rtol=1e-14)


def test_the_examples_lines_are_the_users():
    """An error or an equation in an example points at its line, as at a line of one's own."""
    jaxpr = fgrad.make_jaxpr(lambda x: circuits.sigmoid_chain(lambda _, value: value, x))(1.0).jaxpr
    assert {eqn.source.filename for eqn in jaxpr.eqns} == {circuits.__file__}
