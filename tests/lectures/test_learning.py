"""Networks trained with gradients checked on the way: eleven lines, differences, and the 784-16-16-10 network on MNIST digits."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import optim
from fgrad.examples import differences, eleven_lines, mnist


def test_eleven_lines(compiling, rng):
    weights, (costs, largest) = eleven_lines.train(eleven_lines.init(rng))
    assert costs.shape == largest.shape == (60_000,)
    assert np.max(largest) < 1e-15
    assert costs[-1] < 1e-3 < costs[0]
    assert np.max(np.abs(eleven_lines.forward(weights)[1] - eleven_lines.TARGETS)) < 0.05


# -- differences


def test_exact_slope():
    for x in (0.3, 0.9, 1.5):
        np.testing.assert_allclose(fgrad.grad(differences.squire_trapp)(x), differences.squire_trapp_slope(x), rtol=1e-14)


def test_errors_of_differences():
    """Truncation falls as h, h^2 and h^2; rounding rises as 1/h, and is absent from the complex step."""
    x = 1.5
    steps = 10.0 ** -np.arange(1, 16)
    errors = differences.errors(differences.squire_trapp, x, fgrad.grad(differences.squire_trapp)(x), steps)
    slope = lambda name, a, b: np.log10(errors[name][b - 1] / errors[name][a - 1]) / (a - b)
    assert slope("one-sided", 2, 5) == pytest.approx(1, abs=0.1)
    assert slope("centred", 1, 3) == pytest.approx(2, abs=0.2)
    assert slope("complex step", 1, 5) == pytest.approx(2, abs=0.1)
    assert 1e-10 < errors["one-sided"].min() < 1e-7 and errors["one-sided"].argmin() + 1 in (7, 8, 9)
    assert 1e-13 < errors["centred"].min() < 1e-9 and errors["centred"].argmin() + 1 in (4, 5, 6)
    assert errors["one-sided"][-1] > 1e-3 and errors["centred"][-1] > 1e-3
    assert np.all(errors["complex step"][8:] < 1e-15)
    assert abs(differences.complex_step(differences.squire_trapp, x, 1e-200) / differences.squire_trapp_slope(x) - 1) < 1e-15


@pytest.mark.parametrize(("rule", "h", "tol"), [("one-sided", 1e-8, 1e-6), ("centred", 1e-5, 1e-9), ("complex step", 1e-100, 1e-14)])
def test_gradient_of_a_network_by_differences(rule, h, tol, rng):
    x, w2 = rng.normal(size=(5, 3)), rng.normal(size=4)
    f = lambda w: np.sum(np.tanh(x @ w) @ w2)
    w = rng.normal(size=(3, 4))
    exact = x.T @ (w2 / np.cosh(x @ w) ** 2)
    np.testing.assert_allclose(fgrad.grad(f)(w), exact, rtol=0, atol=1e-13)
    np.testing.assert_allclose(differences.gradient(f, w, differences.RULES[rule], h), exact, rtol=0, atol=tol)


# -- MNIST


def test_digits_are_real(digits):
    (images, labels), (test_images, test_labels) = digits
    assert images.shape == (4000, 784) and test_images.shape == (1000, 784)
    assert images.min() == 0 and images.max() == 1
    np.testing.assert_array_equal(np.bincount(np.concatenate([labels, test_labels])), 500)
    assert {i.tobytes() for i in images}.isdisjoint(i.tobytes() for i in test_images)


def test_network_has_13002_weights():
    params = mnist.init()
    assert mnist.count(params) == 784 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10 == 13_002


def test_backpropagation_by_hand(digits):
    """The four equations: delta of the outputs, delta of a layer from the next, the slopes of biases and of weights."""
    params = mnist.init()
    x, label = digits[0][0][7], digits[0][1][7]
    a = [x]
    for layer in params:
        a.append(1 / (1 + np.exp(-(a[-1] @ layer["w"] + layer["b"]))))
    delta = 2 * (a[-1] - np.eye(10)[label]) * a[-1] * (1 - a[-1])
    found = fgrad.grad(mnist.cost)(params, x, label)
    for k in (2, 1, 0):
        np.testing.assert_allclose(found[k]["b"], delta, rtol=0, atol=1e-15)
        np.testing.assert_allclose(found[k]["w"], np.outer(a[k], delta), rtol=0, atol=1e-15)
        delta = (params[k]["w"] @ delta) * a[k] * (1 - a[k])


def test_per_example_gradients(digits):
    """Their mean is the batch's gradient; each is the gradient of its image alone."""
    params = mnist.init()
    images, labels = digits[0][0][:64], digits[0][1][:64]
    each = mnist.per_example_gradients(params, images, labels)
    together = fgrad.grad(mnist.cost)(params, images, labels)
    alone = fgrad.grad(mnist.cost)(params, images[3], labels[3])
    assert each[0]["w"].shape == (64, 784, 16)
    fgrad.tree.map(lambda e, t: np.testing.assert_allclose(np.mean(e, axis=0), t, rtol=0, atol=1e-15), each, together)
    fgrad.tree.map(lambda e, a: np.testing.assert_allclose(e[3], a, rtol=0, atol=1e-15), each, alone)


def test_mnist_is_learned(compiling, digits):
    training, test = digits
    params, _, history, _ = mnist.train(mnist.init(), training)
    assert mnist.accuracy(params, *test) >= 0.90
    assert history["epoch_loss"][-1] < history["epoch_loss"][0] / 5


def test_batch_sizes(compiling, digits):
    """In as many epochs, smaller batches make more steps and get further; the whole batch's cost falls at every step."""
    training, _ = digits
    found = mnist.compare_batch_sizes((1, 32, 64, 128, 4000), training, epochs=2)
    assert {size: len(run.history["loss"]) for size, (run, _) in found.items()} == {1: 8000, 32: 250, 64: 126, 128: 64, 4000: 2}
    final = [float(mnist.cost(run.params, *training)) for run, _ in found.values()]
    assert final == sorted(final)
    whole = optim.fit(mnist.cost, mnist.init(), training, optim.sgd(0.5), epochs=12)
    assert np.all(np.diff(whole.history["loss"]) < 0)
