"""Compiled convolutions and poolings against NumPy's implementations: every form of kernel, in both precisions, on one thread and on several."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import nn
from fgrad.compile import cache, convolution, correlation
from fgrad.compile.kernel_gradient import Dots, Outer
from fgrad.ops.convolution import conv, conv_input, conv_kernel, output_size

RNG = np.random.default_rng(0)
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-13}

# images, groups, channels and outputs of a group, size, kernel, stride, padding, dilation
SHAPES = {
    "one channel": (3, 1, 1, 6, (11, 12), (5, 5), (1, 1), ((2, 2), (2, 2)), (1, 1)),
    "few channels": (2, 1, 6, 16, (9, 10), (3, 3), (1, 1), ((0, 0), (1, 0)), (1, 1)),
    "many terms": (1, 1, 130, 19, (5, 6), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "many weights": (1, 1, 512, 530, (3, 4), (1, 1), (1, 1), ((0, 0), (0, 0)), (1, 1)),
    "many weights, several taps": (1, 1, 128, 300, (3, 3), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "large image": (1, 1, 8, 4, (120, 130), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "strides": (2, 1, 3, 9, (13, 14), (3, 2), (2, 3), ((1, 2), (0, 3)), (1, 1)),
    "strides beyond the kernel": (2, 1, 2, 3, (11, 13), (2, 1), (3, 2), ((0, 0), (0, 1)), (1, 1)),
    "dilation": (2, 1, 5, 4, (12, 11), (3, 3), (1, 2), ((2, 0), (3, 1)), (2, 3)),
    "groups": (2, 3, 2, 5, (8, 7), (3, 3), (1, 1), ((1, 1), (0, 1)), (1, 1)),
    "depthwise": (2, 9, 1, 1, (10, 10), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)),
    "depthwise by strides": (2, 5, 1, 2, (9, 10), (3, 3), (2, 2), ((1, 1), (0, 1)), (1, 1)),
    "more padding than the kernel": (1, 1, 2, 3, (4, 5), (2, 2), (1, 1), ((3, 2), (2, 4)), (1, 1)),
    "sequences": (2, 2, 3, 4, (70,), (4,), (2,), ((3, 1),), (2,)),
    "volumes": (2, 1, 2, 3, (6, 5, 7), (2, 3, 2), (1, 2, 1), ((1, 0), (1, 1), (0, 2)), (2, 1, 1)),
}


@pytest.fixture(autouse=True)
def eager_threads(monkeypatch):
    """Threads are started for the smallest work."""
    before = fgrad.config.threads
    monkeypatch.setattr("fgrad.compile.parallel.WORTH", 0)
    yield
    fgrad.config.threads = before


def on_threads(f, *args):
    """The results on one thread and on three."""
    for fgrad.config.threads in (1, 3):
        yield f(*args)


def operands(shape, dtype):
    images, groups, channels, outputs, size, kernel, stride, padding, dilation = shape
    places = output_size(size, kernel, stride, padding, dilation)
    sizes = (images, groups * channels, *size), (groups * outputs, channels, *kernel), (images, groups * outputs, *places)
    return [RNG.normal(size=s).astype(dtype) for s in sizes], {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


def close(got, expected):
    """Relative to the largest entry: sums in another order differ by what its terms are rounded by."""
    assert got.dtype == expected.dtype and got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE[expected.dtype.type] * np.abs(expected).max(initial=1e-30))


@pytest.mark.parametrize("name", SHAPES)
def test_all_three(name, monkeypatch):
    """Values are those of float64, rounded."""
    dtype = np.float64 if list(SHAPES).index(name) % 3 == 2 else np.float32
    (x, w, y), params = operands(SHAPES[name], dtype)

    def three(x, w, y):
        return conv(x, w, **params), conv_input(y, w, spatial=x.shape[2:], **params), conv_kernel(x, y, spatial=w.shape[2:], **params)

    expected = three(*(a.astype(np.float64) for a in (x, w, y)))
    for prim in (conv, conv_input, conv_kernel):
        monkeypatch.setattr(prim, "impl", None)  # all of it is native code
    for results in on_threads(fgrad.jit(three), x, w, y):
        for got, wanted in zip(results, expected, strict=True):
            close(got, wanted.astype(dtype))


def test_long_sums_are_sums_of_sums():
    """The gradient of a kernel over 40,000 places in float32 is exact to a few of its last digits, and so are outputs of 4,000 terms."""
    (x, w, y), params = operands((1, 1, 450, 16, (20, 20), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)), np.float32)
    got = fgrad.jit(lambda x, w: conv(x, w, **params))(x, w)
    expected = conv(x.astype(np.float64), w.astype(np.float64), **params)
    assert np.abs(got - expected).max() < 2e-6 * np.abs(expected).max()
    (x, w, y), params = operands((1, 1, 4, 16, (200, 200), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)), np.float32)
    got = fgrad.jit(lambda x, y: conv_kernel(x, y, spatial=(3, 3), **params))(x, y)
    expected = conv_kernel(x.astype(np.float64), y.astype(np.float64), spatial=(3, 3), **params)
    assert np.abs(got - expected).max() < 2e-6 * np.abs(expected).max()


@pytest.mark.parametrize("way", [Dots, Outer])
@pytest.mark.parametrize("name", ["few channels", "strides", "groups", "sequences", "volumes"])
def test_both_ways_to_the_kernels_gradient(way, name, monkeypatch):
    """Which of them is taken is a matter of speed alone."""
    monkeypatch.setattr({Dots: Outer, Outer: Dots}[way], "steps", property(lambda self: float("inf")))
    (x, _, y), params = operands(SHAPES[name], np.float32)
    spatial = SHAPES[name][5]
    got = fgrad.jit(lambda x, y: conv_kernel(x, y, spatial=spatial, **params))(x, y)
    close(got, conv_kernel(x.astype(np.float64), y.astype(np.float64), spatial=spatial, **params).astype(np.float32))


@pytest.mark.parametrize(
    "shape",
    [(2, 2, 7, 11, (23, 17), (3, 3), (1, 1), ((1, 1), (1, 1)), (1, 1)), (2, 1, 9, 5, (23, 17), (3, 2), (2, 2), ((0, 1), (1, 1)), (1, 2))],
)
def test_strips_and_pieces(shape, monkeypatch):
    """Images in strips, sums in pieces and weights packed on the way, at sizes where each of them has a remainder."""
    monkeypatch.setattr(correlation, "STRIP", 3000)
    monkeypatch.setattr(correlation, "PIECE", 20)
    monkeypatch.setattr(convolution, "AHEAD", 0)
    (x, w, y), params = operands(shape, np.float64)
    f = lambda x, w, y: (conv(x, w, **params), conv_input(y, w, spatial=x.shape[2:], **params))
    for results in on_threads(fgrad.jit(f), x, w, y):
        for got, expected in zip(results, f(x, w, y), strict=True):
            close(got, expected)


def test_nan_and_infinity_stay_in_their_windows():
    x = RNG.normal(size=(1, 2, 9, 30))
    x[0, 1, 4, 11] = np.nan
    w = RNG.normal(size=(3, 2, 3, 3))
    np.testing.assert_array_equal(np.isnan(fgrad.jit(lambda x: nn.conv2d(x, w, padding=1))(x)), np.isnan(nn.conv2d(x, w, padding=1)))


POOLINGS = [(1, 3, 2, 1), (2, (2, 3), (2, 1), ((0, 1), (2, 0))), (3, 2, (1, 2, 3), 1)]


@pytest.mark.parametrize(("rank", "kernel", "stride", "padding"), POOLINGS)
def test_pooling(rank, kernel, stride, padding):
    """Ties, NaN, padding, strides that leave the end out."""
    x = np.round(RNG.normal(size=(2, 3, *(7, 11, 6)[:rank])) * 2).astype(np.float32)
    x.reshape(-1)[::13] = np.nan
    f = lambda x: getattr(nn, f"max_pool{rank}d")(x, kernel, stride, padding)
    ct = RNG.normal(size=f(x).shape).astype(np.float32)
    all_of_it = lambda x, ct: (f(x), fgrad.jvp(f, (x,), (x,))[1], fgrad.vjp(f, x)[1](ct)[0])
    for results in on_threads(fgrad.jit(all_of_it), x, ct):
        for got, expected in zip(results, all_of_it(x, ct), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.uint8, np.bool_])
def test_maxima_of_other_numbers(dtype):
    x = np.round(RNG.normal(size=(2, 3, 7, 9)) * 2).astype(dtype)
    f = lambda x: nn.max_pool2d(x, (2, 3), 2, 1)
    np.testing.assert_array_equal(fgrad.jit(f)(x), f(x))


def test_large_windows_are_called():
    x = RNG.normal(size=(2, 1, 20, 20))
    np.testing.assert_array_equal(fgrad.jit(lambda x: nn.max_pool2d(x, 9, 3))(x), nn.max_pool2d(x, 9, 3))


# -- in programs


def lenet(p, x):
    h = nn.max_pool2d(nn.relu(nn.conv2d(x, p["c1"], padding=2) + p["b"][:, None, None]), 2)
    h = nn.avg_pool2d(np.tanh(nn.conv2d(h, p["c2"])), 2)
    return np.sum(np.sin(nn.flatten(h) @ p["w"]))


def lenet_inputs(images):
    p = {"c1": RNG.normal(size=(4, 1, 5, 5)), "b": RNG.normal(size=4), "c2": RNG.normal(size=(5, 4, 3, 3)), "w": RNG.normal(size=(20, 3))}
    return p, RNG.normal(size=(images, 1, 12, 12))


def test_gradient_of_a_network_and_new_batch_sizes():
    """Another number of images is another entry of the table: nothing is compiled for it."""
    step = fgrad.jit(fgrad.value_and_grad(lenet))
    for images in (3, 8, 5):
        args = lenet_inputs(images)
        before = cache.stats()["loaded"]
        value, gradient = step(*args)
        assert images == 3 or cache.stats()["loaded"] == before
        expected, wanted = fgrad.value_and_grad(lenet)(*args)
        np.testing.assert_allclose(value, expected, rtol=1e-10)
        for k in wanted:
            np.testing.assert_allclose(gradient[k], wanted[k], rtol=1e-9, atol=1e-10)


def test_inside_loops_and_twice_differentiated():
    w = 0.3 * RNG.normal(size=(2, 2, 3, 3))

    def loss(x):
        step = lambda x, _: (np.tanh(nn.conv2d(x, w, padding=1)), None)
        return np.sum(fgrad.scan(step, x, None, length=3)[0] ** 2)

    x, t = RNG.normal(size=(2, 1, 2, 6, 7))
    f = lambda x, t: fgrad.jvp(fgrad.grad(loss), (x,), (t,))
    for got, expected in zip(fgrad.jit(f)(x, t), f(x, t), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


def test_vmap():
    x, w = RNG.normal(size=(3, 2, 4, 6, 6)), RNG.normal(size=(3, 4, 2, 3, 3))
    for axes in ((0, 0), (0, None), (None, 0)):
        args = [a if axis == 0 else a[0] for a, axis in zip((x, w), axes, strict=True)]
        f = fgrad.vmap(lambda x, w: nn.conv2d(x, w, padding=1, groups=2), in_axes=axes)
        np.testing.assert_allclose(fgrad.jit(f)(*args), f(*args), rtol=1e-11, atol=1e-12)


def test_cost():
    """Ten 5x5 filters over a 3x32x32 image: 768,000 multiplications, each with an addition."""
    x, w = np.ones((1, 3, 32, 32)), np.ones((10, 3, 5, 5))
    cost = fgrad.jit(lambda x, w: nn.conv2d(x, w, padding=2)).lower(x, w).cost
    assert cost.multiply_adds == 768_000 and cost.flops == 2 * 768_000
    both = fgrad.jit(fgrad.grad(lambda x, w: np.sum(nn.conv2d(x, w, padding=2)), argnums=(0, 1))).lower(x, w).cost
    assert both.multiply_adds == 2 * 768_000  # nobody asks for the value
    assert fgrad.jit(lambda a, b: a @ b).lower(np.ones((3, 4)), np.ones((4, 5))).cost.multiply_adds == 60
