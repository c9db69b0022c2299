"""Convolution and pooling: values against SciPy, loops and PyTorch, derivatives in both modes and to second order, batches, sizes and errors."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings

import fgrad
from fgrad import nn
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.nn import convolution, pooling
from fgrad.ops.convolution import conv, conv_input, conv_kernel, output_size
from fgrad.testing import check_grads

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.normal(size=shape)


def looped(x, w, stride, padding, dilation, groups):
    """The definition, entry by entry."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, w.shape[2:], strict=True)]
    places = [(n - r) // s + 1 for n, r, s in zip(x.shape[2:], reach, stride, strict=True)]
    y = np.zeros((len(x), len(w), *places), x.dtype)
    for n, o, *p in np.ndindex(*y.shape):
        channels = slice(o // (len(w) // groups) * w.shape[1], (o // (len(w) // groups) + 1) * w.shape[1])
        window = tuple(slice(i * s, i * s + r, d) for i, s, r, d in zip(p, stride, reach, dilation, strict=True))
        y[n, o, *p] = np.sum(x[n, channels, *window] * w[o])
    return y


@st.composite
def convolutions(draw, rank=None):
    """Operands and parameters of a convolution that has outputs."""
    rank = draw(st.integers(1, 3)) if rank is None else rank
    whole = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))
    kernel, stride, dilation, padding = whole(1, 3), whole(1, 3), whole(1, 2), tuple(zip(whole(0, 2), whole(0, 2), strict=True))
    size = tuple(max(1, d * (k - 1) + 1 - sum(p)) + draw(st.integers(0, 3)) for k, d, p in zip(kernel, dilation, padding, strict=True))
    groups, channels, outputs = (draw(st.integers(1, 3)) for _ in range(3))
    images = draw(st.integers(0, 2))
    params = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return normal(images, groups * channels, *size), normal(groups * outputs, channels, *kernel), params


@given(convolutions())
def test_against_loops(drawn):
    x, w, params = drawn
    y = conv(x, w, **params)
    assert y.shape[2:] == output_size(x.shape[2:], w.shape[2:], *(params[k] for k in ("stride", "padding", "dilation")))
    np.testing.assert_allclose(y, looped(x, w, **params), rtol=1e-12, atol=1e-12)


@given(convolutions())
def test_transposes(drawn):
    """The three primitives are the derivatives of one trilinear form."""
    x, w, params = drawn
    y = conv(x, w, **params)
    ct = normal(*y.shape)
    form = np.vdot(ct, y)
    np.testing.assert_allclose(np.vdot(x, conv_input(ct, w, spatial=x.shape[2:], **params)), form, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.vdot(w, conv_kernel(x, ct, spatial=w.shape[2:], **params)), form, rtol=1e-9, atol=1e-9)


@settings(max_examples=25)
@given(convolutions(), st.sampled_from([(0, 0), (0, None), (None, 0)]))
def test_vmap(drawn, axes):
    """A mapped axis is folded into images, outputs, channels or groups, by what has it."""
    x, w, params = drawn
    y = conv(x, w, **params)
    size = {"x": x.shape[2:], "w": w.shape[2:]}
    for f, a, b in (
        (lambda x, w: conv(x, w, **params), x, w),
        (lambda y, w: conv_input(y, w, spatial=size["x"], **params), y, w),
        (lambda x, y: conv_kernel(x, y, spatial=size["w"], **params), x, y),
    ):
        batch = [np.stack([v, 2 * v, v + 1]) if axis == 0 else v for v, axis in zip((a, b), axes, strict=True)]
        expected = [f(*(v[i] if axis == 0 else v for v, axis in zip(batch, axes, strict=True))) for i in range(3)]
        np.testing.assert_allclose(fgrad.vmap(f, in_axes=axes)(*batch), np.stack(expected), rtol=1e-11, atol=1e-11)


@settings(max_examples=10)
@given(convolutions(rank=2))
def test_derivatives(drawn):
    x, w, params = drawn
    if x.size:
        check_grads(lambda x, w: np.sum(np.tanh(conv(x, w, **params))), (0.3 * x, 0.3 * w), order=2, modes=("fwd", "rev"))


def test_per_example_gradients():
    x, w = normal(4, 2, 6, 6), normal(3, 2, 3, 3)
    loss = lambda w, x: np.sum(np.tanh(nn.conv2d(x, w, padding=1)))
    each = fgrad.vmap(fgrad.grad(loss), in_axes=(None, 0))(w, x)
    np.testing.assert_allclose(each, [fgrad.grad(loss)(w, image) for image in x], rtol=1e-12)


@pytest.mark.parametrize("mode", ["valid", "same"])
def test_against_scipy(mode):
    x, w = normal(1, 1, 9, 8), normal(1, 1, 3, 5)
    np.testing.assert_allclose(nn.conv2d(x, w, padding=mode)[0, 0], scipy.signal.correlate(x[0, 0], w[0, 0], mode), rtol=1e-12)


def test_complex():
    x, w = normal(2, 2, 5) + 1j * normal(2, 2, 5), normal(3, 2, 2) + 1j * normal(3, 2, 2)
    np.testing.assert_allclose(nn.conv1d(x, w), looped(x, w, (1,), ((0, 0),), (1,), 1), rtol=1e-12)


def test_dtypes():
    x, w = normal(1, 2, 5, 5), normal(3, 2, 2, 2)
    assert nn.conv2d(x.astype(np.float32), w.astype(np.float32)).dtype == np.float32
    assert nn.conv2d(x.astype(np.float32), w).dtype == np.float64
    assert nn.max_pool2d(np.arange(16, dtype=np.uint8).reshape(1, 4, 4), 2).tolist() == [[[5, 7], [13, 15]]]


# -- against PyTorch


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_against_torch(rank):
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    size, kernel = (7, 8, 6)[:rank], (3, 2, 3)[:rank]
    x = normal(2, 4, *size)
    for stride, padding, dilation, groups in itertools.product((1, 2, 3), (0, 2), (1, 2), (1, 2)):
        w = normal(6, 4 // groups, *kernel)
        tx, tw = (torch.tensor(a, requires_grad=True) for a in (x, w))
        expected = getattr(f, f"conv{rank}d")(tx, tw, stride=stride, padding=padding, dilation=dilation, groups=groups)
        y, vjp = fgrad.vjp(lambda x, w, a=(stride, padding, dilation, groups): getattr(nn, f"conv{rank}d")(x, w, *a), x, w)
        ct = normal(*y.shape)
        expected.backward(torch.tensor(ct))
        for ours, theirs in zip((y, *vjp(ct)), (expected.detach(), tx.grad, tw.grad), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)
        w = normal(4, 6 // groups, *kernel)
        for more in range(stride):
            expected = getattr(f, f"conv_transpose{rank}d")(
                torch.tensor(x), torch.tensor(w), stride=stride, padding=padding, output_padding=more, dilation=dilation, groups=groups
            )
            y = getattr(nn, f"conv{rank}d_transpose")(x, w, stride, padding, more, dilation, groups)
            np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)
    for stride, padding, kind in itertools.product((1, 2, 3), (0, 1), ("max", "avg")):
        tx = torch.tensor(x, requires_grad=True)
        expected = getattr(f, f"{kind}_pool{rank}d")(tx, 3, stride, padding)
        y, vjp = fgrad.vjp(lambda x, a=(kind, stride, padding): getattr(nn, f"{a[0]}_pool{rank}d")(x, 3, *a[1:]), x)
        ct = normal(*y.shape)
        expected.backward(torch.tensor(ct))
        np.testing.assert_allclose(y, expected.detach(), rtol=1e-12)
        np.testing.assert_allclose(vjp(ct)[0], tx.grad, rtol=1e-12, atol=1e-14)


# -- pooling


def test_router():
    """The cotangent goes to the first maximal entry, where several are equal too; a NaN is a maximum."""
    x = np.array([[[1.0, 1.0, 0.0, 2.0], [1.0, 0.0, 2.0, 2.0]]])
    assert fgrad.grad(lambda x: np.sum(nn.max_pool2d(x, 2)))(x).tolist() == [[[1, 0, 0, 1], [0, 0, 0, 0]]]
    assert fgrad.jvp(lambda x: nn.max_pool2d(x, 2), (x,), (np.arange(8.0).reshape(x.shape),))[1].tolist() == [[[0, 3]]]
    x[0, 1, 0] = x[0, 1, 1] = np.nan
    assert np.isnan(nn.max_pool2d(x, 2)[0, 0, 0])
    assert fgrad.grad(lambda x: np.nansum(nn.max_pool2d(x, 2)) + nn.max_pool2d(x, 2)[0, 0, 0])(x)[0, 1, 0] == 1


def test_pooling_twice_differentiated():
    x = normal(1, 2, 6, 6)
    check_grads(lambda x: np.sum(np.sin(nn.max_pool2d(x, 3, 2, 1)) ** 2), (x,), order=2, modes=("fwd", "rev"))
    check_grads(lambda x: np.sum(np.sin(nn.avg_pool2d(x, (2, 3), (1, 2), 1)) ** 2), (x,), order=2, modes=("fwd", "rev"))


# -- sizes


def test_sizes():
    assert nn.output_shape(32, 5, padding=2) == 32
    assert nn.output_shape((227, 227), 11, stride=4) == (55, 55)
    assert nn.output_shape((10, 7), (3, 2), (2, 1), [(1, 0), (0, 2)], (2, 1)) == (4, 8)
    assert nn.output_shape(10, 3, stride=3, padding="same") == 4
    assert [nn.receptive_field([k] * n) for k, n in ((3, 1), (3, 3), (5, 2))] == [1 + n * (k - 1) for k, n in ((3, 1), (3, 3), (5, 2))]
    assert nn.receptive_field([7, 3, 3], strides=[2, 2, 1], dilations=[1, 1, 2]) == 1 + 6 + 2 * 2 + 4 * 2 * 2


def test_receptive_field_is_what_the_gradient_sees():
    layers = [(3, 1, 1), (3, 2, 1), (2, 1, 3)]

    def network(x):
        for kernel, stride, dilation in layers:
            x = nn.conv1d(x, np.ones((1, 1, kernel)), stride, dilation=dilation)
        return x[0, 0, 2]

    seen = np.flatnonzero(fgrad.grad(network)(normal(1, 1, 60)))
    assert seen[-1] - seen[0] + 1 == nn.receptive_field(*zip(*layers, strict=True))


def test_one_image_and_none():
    x, w = normal(2, 3, 6, 5), normal(4, 3, 2, 2)
    np.testing.assert_array_equal(nn.conv2d(x[0], w), nn.conv2d(x, w)[0])
    np.testing.assert_array_equal(nn.max_pool2d(x[0], 2), nn.max_pool2d(x, 2)[0])
    assert nn.conv2d(x[:0], w).shape == (0, 4, 5, 4)
    assert not fgrad.grad(lambda w: np.sum(nn.conv2d(x[:0], w)))(w).any()


# -- errors


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.conv2d(normal(1, 3, 8, 8), normal(4, 2, 3, 3)), ShapeError, "has 3 channels, and w: f64[4,2,3,3] takes 2"),
        (lambda: nn.conv2d(normal(1, 4, 8, 8), normal(3, 2, 3, 3), groups=2), ShapeError, "groups divides channels and outputs"),
        (lambda: nn.conv2d(normal(1, 1, 4, 4), normal(1, 1, 5, 5)), ShapeError, "(W - K + 2P) / S + 1 = (4 - 5 + 0) / 1 + 1"),
        (lambda: nn.conv1d(normal(1, 1, 6), normal(1, 1, 4), dilation=3), ShapeError, "K = 3 * (4 - 1) + 1 with the dilation"),
        (lambda: nn.max_pool2d(normal(1, 1, 2, 4), 3), ShapeError, "x: f64[1,1,2,4]"),
        (lambda: nn.conv2d(np.ones((1, 1, 4, 4), np.uint8), normal(1, 1, 2, 2)), DtypeError, "x.astype(np.float32) / 255"),
        (lambda: nn.avg_pool1d(np.ones((1, 1, 4), int), 2), DtypeError, "floating point numbers"),
        (lambda: nn.max_pool1d(np.ones((1, 1, 4), complex), 2), DtypeError, "no maximum"),
        (lambda: nn.conv2d(normal(8, 8), normal(1, 1, 3, 3)), ShapeError, "x[N, C, H, W], or one image x[C, H, W]"),
        (lambda: nn.conv2d(normal(1, 1, 8, 8), normal(3, 3)), ShapeError, "it is w[O, C, H, W]"),
        (lambda: nn.conv2d(normal(1, 1, 8, 8), normal(1, 1, 3, 3), stride=0), ArgumentError, "stride is at least 1"),
        (lambda: nn.conv2d(normal(1, 1, 8, 8), normal(1, 1, 3, 3), stride=(1, 2, 3)), ArgumentError, "3 entries for 2 spatial axes"),
        (lambda: nn.conv2d(normal(1, 1, 8, 8), normal(1, 1, 3, 3), padding=1.5), ArgumentError, "padding is an integer"),
        (lambda: nn.conv2d(normal(1, 1, 8, 8), normal(1, 1, 3, 3), padding="full"), ArgumentError, "'same', 'valid'"),
        (lambda: nn.max_pool2d(normal(1, 1, 8, 8), 2, padding=2), ArgumentError, "padding alone"),
        (lambda: nn.conv2d_transpose(normal(1, 2, 4, 4), normal(3, 1, 3, 3)), ShapeError, "has 2 channels, and w: f64[3,1,3,3] takes 3"),
        (lambda: nn.conv2d_transpose(normal(1, 2, 4, 4), normal(2, 1, 3, 3), output_padding=1), ArgumentError, "less than stride"),
        (lambda: nn.conv1d_transpose(normal(1, 1, 2), normal(1, 1, 2), padding=2), ShapeError, "leaves nothing"),
        (lambda: nn.global_max_pool(normal(2, 3)), ShapeError, "x[N, C, *S]"),
    ],
)  # fmt: skip
def test_errors(call, error, says):
    with pytest.raises(error) as caught:
        call()
    assert says in str(caught.value)


def test_errors_are_the_same_when_traced():
    with pytest.raises(ShapeError, match="has 3 channels"):
        fgrad.jit(fgrad.grad(lambda w: np.sum(nn.conv2d(normal(1, 3, 8, 8), w))))(normal(4, 2, 3, 3))


def test_public_functions_are_exported():
    for module in (convolution, pooling):
        public = [
            n for n, f in vars(module).items() if getattr(f, "__module__", "") == module.__name__ and f.__doc__ and "Example" in f.__doc__
        ]
        assert public and all(getattr(nn, n, None) is getattr(module, n) for n in public)
