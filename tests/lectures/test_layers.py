"""Layers of many units: backward formulas layer by layer, activations, what depth does to gradients, Jacobians, forward against reverse mode."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.examples import activations, circuits, depth, layered, modes
from fgrad.testing import check_grads


@pytest.mark.parametrize("widths", [(6, 7, 8, 5, 4), (6, 4), (5, 9, 3), (4, *[6] * 8, 3)], ids=lambda w: f"{len(w) - 1} layers")
def test_backward_formulas_layer_by_layer(widths, rng):
    """The gradient with respect to every z, a, weight and bias: that of the last z is y - targets."""
    params = layered.init(widths)
    x, labels = rng.normal(size=(10, widths[0])), rng.integers(0, widths[-1], 10)
    nodes = circuits.every_node(lambda node, params, x: layered.network(node, params, x, labels), params=params, x=x)
    want = layered.by_hand(params, x, labels)
    assert set(nodes) - {"cost"} == set(want)
    for name, gradient in want.items():
        fgrad.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13), nodes[name][1], gradient)
    last = f"z{len(widths) - 1}"
    np.testing.assert_allclose(nodes[last][1], nodes["y"][0] - np.eye(widths[-1])[labels], rtol=0, atol=1e-14)
    check_grads(lambda p: layered.loss(p, x, labels), (params,), order=1)


@pytest.mark.parametrize("name", activations.ACTIVATIONS)
def test_activation(name, rng):
    f, slope = activations.ACTIVATIONS[name]
    x = rng.normal(0, 3, 200)
    np.testing.assert_allclose(activations.slopes(f, x), slope(x), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(f))(x), slope(x), rtol=1e-12, atol=1e-15)


# -- depth


def norms(name, layers=30, width=100):
    activation, initializer = depth.SCHEMES[name]
    weights = depth.init(initializer, layers, width)
    x = np.random.default_rng(1).normal(size=(16, width))
    return depth.gradient_norms(activation, weights, x), depth.spectral_norms(activation, weights, x[0])


def test_gradients_vanish_explode_or_stay():
    """First over last layer: by what a gradient has changed on its way back through 29 layers."""
    ratio = {name: gradients[0] / gradients[-1] for name in depth.SCHEMES for gradients, _ in [norms(name)]}
    assert ratio["sigmoid, Xavier"] < 1e-10 and ratio["tanh, 0.01"] < 1e-20
    assert ratio["ReLU, Xavier"] == pytest.approx(0.5 ** (29 / 2), rel=1)  # each layer lets half of the variance through
    assert 0.05 < ratio["tanh, Xavier"] < 20 and 0.2 < ratio["ReLU, He"] < 5
    assert ratio["ReLU, four times He's variance"] == pytest.approx(2.0**29, rel=1)


def test_spectral_norms():
    """At most 1/4 of the product of the weights' norms for sigmoids; exactly their product's for a linear network."""
    sigmoid = norms("sigmoid, Xavier")[1]
    weights = depth.init(depth.SCHEMES["sigmoid, Xavier"][1], 30, 100)
    bound = np.cumprod([np.linalg.norm(w, 2) / 4 for w in weights])
    assert np.all(sigmoid <= bound) and sigmoid[-1] < 1e-12
    found = depth.spectral_norms(lambda z: z, weights, np.ones(100))
    np.testing.assert_allclose(found[2], np.linalg.norm(weights[0] @ weights[1] @ weights[2], 2), rtol=1e-12)
    assert 0.1 < norms("ReLU, He")[1][-1] < 10
    explodes = norms("ReLU, four times He's variance")[1]
    assert explodes[-1] > 1e6


def test_jacobian_of_one_layer_by_hand(rng):
    w, x = rng.normal(size=(5, 5)), rng.normal(size=5)
    np.testing.assert_allclose(fgrad.jacrev(lambda x: np.tanh(x @ w))(x), (1 - np.tanh(x @ w) ** 2)[:, None] * w.T, rtol=0, atol=1e-15)


# -- the Jacobian of an elementwise layer is a diagonal that nobody stores


def test_relu_of_4096_inputs():
    x = np.random.default_rng(0).normal(size=(100, 4096))
    relu = activations.ACTIVATIONS["relu"][0]
    diagonal = (x > 0).ravel().astype(float)
    found = fgrad.jacobian(relu, mode="sparse")(x)
    assert found.shape == (409_600, 409_600) and found.nnz <= 409_600  # dense, it would take 1.3 TB
    np.testing.assert_array_equal(found.diagonal(), diagonal)
    assert found.sum() == diagonal.sum()
    _, backward = fgrad.vjp(relu, x)
    upstream = np.cos(x)
    np.testing.assert_array_equal(backward(upstream)[0].ravel(), diagonal * upstream.ravel())
    np.testing.assert_array_equal(fgrad.jacrev(relu)(x[0, :50]), np.diag(diagonal[:50]))


# -- forward against reverse mode


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 256), (64, 16), (256, 4)])
def test_modes_agree(inputs, outputs):
    f, x = modes.network(inputs, outputs)
    want = modes.by_hand(inputs, outputs)
    for jacobian in (fgrad.jacfwd, fgrad.jacrev, fgrad.jacobian):
        np.testing.assert_allclose(jacobian(f)(x), want, rtol=0, atol=1e-14)


def test_work_by_shape(compiling):
    """Forward mode's work grows with the inputs, reverse mode's with the outputs (counted, not timed)."""
    flops = lambda jacobian, f, x: sum(part.flops for part in fgrad.jit(jacobian(f)).lower(x).cost)
    wide, tall = modes.network(256, 4), modes.network(4, 256)
    assert flops(fgrad.jacfwd, *wide) > 5 * flops(fgrad.jacrev, *wide)
    assert flops(fgrad.jacrev, *tall) > 5 * flops(fgrad.jacfwd, *tall)


def test_crossover():
    """Between rows where one mode leads and then the other, where the ratio of times is 1."""
    assert modes.crossover([(10, 1000, 1.0, 100.0), (1000, 10, 100.0, 1.0)]) == pytest.approx(1.0)
    assert modes.crossover([(10, 10, 1.0, 10.0), (100, 1, 10.0, 1.0)]) == pytest.approx(10.0)
