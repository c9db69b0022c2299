"""Convolutions as lectures count them, the scanning network, LeNet, AlexNet and VGG-16."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import nn
from fgrad.examples import differences, imagenet, lenet, mnist, scanning


def test_arithmetic_of_a_layer(compiling):
    """3 x 32 x 32 with ten 5 x 5 filters, stride 1, padding 2: 10 x 32 x 32, 760 parameters, 768,000 multiplications with additions."""
    layer = nn.conv(10, (5, 5), stride=1, padding=2)
    x = np.ones((1, 3, 32, 32))
    params = layer.init(fgrad.random.key(0), x)
    assert layer.apply(params, x).shape == (1, 10, 32, 32)
    assert mnist.count(params) == 10 * (3 * 5 * 5 + 1) == 760
    costs = fgrad.jit(lambda x, w: nn.conv2d(x, w, padding=2)).lower(x, params["w"]).cost
    assert sum(c.flops for c in costs) == 2 * 768_000 == 2 * (10 * 32 * 32) * (3 * 5 * 5)


@pytest.mark.parametrize(("w", "k", "p", "s"), [(32, 5, 2, 1), (7, 3, 0, 1), (7, 3, 0, 2), (7, 3, 1, 3), (227, 11, 0, 4), (28, 5, 0, 1)])
def test_size_of_the_output(w, k, p, s):
    assert nn.output_shape(w, k, s, p) == (w - k + 2 * p) // s + 1
    assert nn.conv2d(np.ones((1, w, w)), np.ones((1, 1, k, k)), stride=s, padding=p).shape == (1,) + ((w - k + 2 * p) // s + 1,) * 2


@pytest.mark.parametrize(("layers", "k"), [(1, 3), (2, 3), (3, 3), (2, 5), (4, 3)])
def test_receptive_field(layers, k):
    """1 + L (K - 1): as many pixels have a gradient from one output."""
    seen = 1 + layers * (k - 1)
    assert nn.receptive_field([k] * layers) == seen

    def middle(image):
        for _ in range(layers):
            image = nn.conv2d(image, np.ones((1, 1, k, k)), padding=k // 2)
        return image[0, 10, 10]

    touched = fgrad.grad(middle)(np.ones((1, 21, 21)))[0] != 0
    assert touched.any(axis=0).sum() == touched.any(axis=1).sum() == seen and touched.sum() == seen**2


def test_two_convolutions_are_one(rng):
    """Without a nonlinearity between: the kernels' full convolution, as large as the receptive field."""
    x, a, b = rng.normal(size=(1, 12, 12)), rng.normal(size=(1, 1, 3, 3)), rng.normal(size=(1, 1, 3, 3))
    both = nn.conv2d(a, b[:, :, ::-1, ::-1], padding=2)
    assert both.shape == (1, 1, 5, 5)
    np.testing.assert_allclose(nn.conv2d(nn.conv2d(x, a), b), nn.conv2d(x, both), rtol=0, atol=1e-13)


BINARY = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], float)
FILTER = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], float)


def test_binary_image():
    y = nn.conv2d(BINARY[None], FILTER[None, None])
    np.testing.assert_array_equal(y[0], [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
    of_image, of_filter = fgrad.grad(lambda x, w: np.sum(nn.conv2d(x[None], w[None, None])), (0, 1))(BINARY, FILTER)
    # a filter's entry meets the 3 x 3 places it slides over; a pixel the entries that reach it
    np.testing.assert_array_equal(of_filter, [[np.sum(BINARY[i : i + 3, j : j + 3]) for j in range(3)] for i in range(3)])
    np.testing.assert_array_equal(of_image, [[1, 1, 2, 1, 1], [1, 2, 3, 2, 1], [2, 3, 5, 3, 2], [1, 2, 3, 2, 1], [1, 1, 2, 1, 1]])


def test_pooling():
    x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], float)
    np.testing.assert_array_equal(nn.max_pool2d(x[None], 2)[0], [[6, 8], [3, 4]])
    np.testing.assert_array_equal(nn.avg_pool2d(x[None], 2)[0], [[3.25, 5.25], [2, 2]])
    routed = fgrad.grad(lambda x: np.sum(nn.max_pool2d(x[None], 2)[0] * np.array([[1.0, 2.0], [3.0, 4.0]])))(x)
    np.testing.assert_array_equal(routed, [[0, 0, 0, 0], [0, 1, 0, 2], [3, 0, 0, 0], [0, 0, 0, 4]])
    np.testing.assert_array_equal(fgrad.grad(lambda x: np.sum(nn.avg_pool2d(x[None], 2)))(x), np.full((4, 4), 0.25))


# -- the scanning network


def test_scan_is_a_convolution():
    params, image = scanning.init(), scanning.examples(2)[0][1]
    places = scanning.score(params, scanning.windows(image))
    np.testing.assert_allclose(scanning.scan_map(params, image[None])[0].ravel(), places, rtol=0, atol=1e-14)


def test_shared_gradient_is_the_sum_over_copies():
    params, image = scanning.init(), scanning.examples(2, (0, 6), size=8)[0][1]
    weights = np.cos(np.arange(36.0))
    copies = fgrad.tree.map(lambda p: np.repeat(p[None], 36, axis=0), params)
    of_copies = fgrad.grad(lambda copies: scanning.scan_copies(copies, image) @ weights)(copies)
    shared = fgrad.grad(lambda params: scanning.scan_map(params, image[None]).ravel() @ weights)(params)
    fgrad.tree.map(lambda c, s: np.testing.assert_allclose(np.sum(c, axis=0), s, rtol=0, atol=1e-12), of_copies, shared)


def test_detector_finds_the_pattern_anywhere(compiling):
    """Trained with crosses at the left, it fires on crosses at the right: what is learned at one place is known at all."""
    left, labels = scanning.examples(200, columns=(0, 5))
    params = scanning.train(left, labels).params
    right, there = scanning.examples(200, columns=(5, 10), seed=1)
    assert scanning.accuracy(params, right, there) >= 0.95
    image = scanning.pattern_at([(7, 8)])
    fired = scanning.scan_map(params, image[None])[0]
    assert np.unravel_index(np.argmax(fired), fired.shape) == (7, 8)
    moved = scanning.scan_map(params, np.roll(image, (-6, -5), (0, 1))[None])[0]
    np.testing.assert_allclose(moved[0:4, 1:5], fired[6:10, 6:10], rtol=0, atol=1e-13)


# -- LeNet, AlexNet, VGG-16


def test_lenet_has_61706_parameters():
    params = lenet.init()
    assert mnist.count(params) == 6 * 26 + 16 * 151 + 401 * 120 + 121 * 84 + 85 * 10 == 61_706
    assert {leaf.dtype for leaf in fgrad.tree.leaves(params)} == {np.dtype(np.float32)}
    assert fgrad.eval_shape(lenet.MODEL.apply, params, np.zeros((5, 1, 28, 28), np.float32)).shape == (5, 10)


def test_lenet_gradient(digits, rng):
    """In float64, along random directions, against differences (small ones: maxima and ReLUs have kinks) and forward mode."""
    (images, labels), _ = digits
    params = fgrad.tree.map(lambda p: p + rng.normal(0, 0.05, p.shape), lenet.init())
    cost = lambda p: lenet.loss(p, images[:4].reshape(-1, 1, 28, 28), labels[:4])
    gradient = fgrad.grad(cost)(params)
    for _ in range(3):
        along = fgrad.tree.map(lambda p: rng.normal(size=p.shape), params)
        slope = sum(fgrad.tree.leaves(fgrad.tree.map(lambda g, t: np.sum(g * t), gradient, along)))
        np.testing.assert_allclose(fgrad.jvp(cost, (params,), (along,))[1], slope, rtol=1e-12)
        moved = lambda h, along=along: cost(fgrad.tree.map(lambda p, t: p + h * t, params, along))
        np.testing.assert_allclose(differences.centred(moved, 0.0, 1e-8), slope, rtol=1e-5)


def test_lenet_learns(compiling):
    training, test = lenet.load()
    params = lenet.train(lenet.init(), training).params
    assert lenet.accuracy(params, *test) >= 0.97


@pytest.mark.parametrize(("name", "parameters"), [("alexnet", 60_965_224), ("vgg16", 138_357_544)])
def test_imagenet_networks(name, parameters):
    """Their parameters are counted without one being made (python -m benchmarks.lectures runs them)."""
    build, image = imagenet.MODELS[name]
    params, scores = imagenet.shapes(build(), image)
    assert imagenet.count(params) == parameters
    assert scores.shape == (1, 1000) and scores.dtype == np.float32
    gradient = fgrad.eval_shape(
        fgrad.grad(imagenet.loss(build())), params, fgrad.ShapeDtypeStruct(image, np.dtype(np.float32)), np.zeros(1, int)
    )
    assert fgrad.tree.map(lambda g: g.shape, gradient) == fgrad.tree.map(lambda p: p.shape, params)
