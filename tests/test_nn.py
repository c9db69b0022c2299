"""fgrad.nn: values against closed forms in NumPy, derivatives in both modes and to second order, batches, float32, and errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

import fgrad
from fgrad import nn
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.nn import initializers
from fgrad.testing import check_grads

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 6))
KEY = fgrad.random.key(3)


def softmax(x, axis=-1):
    e = np.exp(x)
    return e / e.sum(axis=axis, keepdims=True)


def attention(q, k, v, bias=0.0, mask=True):
    scores = np.einsum("...id,...jd->...ij", q, k) / math.sqrt(q.shape[-1]) + bias
    return np.einsum("...ij,...jf->...if", softmax(np.where(mask, scores, -1e9)), v)


def layer_norm(x, scale=1.0, bias=0.0, axis=-1, eps=1e-5):
    return (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + eps) * scale + bias


def hinge(s, y, margin=1.0):
    return np.array([sum(max(0.0, r[j] - r[c] + margin) for j in range(len(r)) if j != c) for r, c in zip(s, y, strict=True)])


Y = np.array([2, 0, 5, 2])
PROBABILITIES = softmax(RNG.normal(size=(4, 6)))
WEIGHTS = RNG.normal(size=6)
Q, K, V = (RNG.normal(size=(2, 3, n, d)) for n, d in ((4, 5), (6, 5), (6, 2)))
MASK = RNG.random((4, 6)) < 0.7
MASK[:, 0] = True
IMAGES = RNG.normal(size=(3, 2, 4, 5))
SELU = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)

# name -> (function of floating point arguments, its closed form, arguments)
CASES = {
    "relu": (nn.relu, lambda x: np.maximum(x, 0), (X,)),
    "leaky_relu": (nn.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x), (X,)),
    "leaky_relu, trained": (nn.leaky_relu, lambda x, a: np.where(x > 0, x, a * x), (X, np.linspace(0.1, 0.6, 6))),
    "elu": (nn.elu, lambda x: np.where(x > 0, x, np.exp(x) - 1), (X,)),
    "elu, trained": (nn.elu, lambda x, a: np.where(x > 0, x, a * (np.exp(x) - 1)), (X, 2.0)),
    "selu": (nn.selu, lambda x: SELU[0] * np.where(x > 0, x, SELU[1] * (np.exp(x) - 1)), (X,)),
    "gelu": (nn.gelu, lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))), (X,)),
    "gelu, exact": (lambda x: nn.gelu(x, approximate=False), lambda x: x * scipy.stats.norm.cdf(x), (X,)),
    "silu": (nn.silu, lambda x: x / (1 + np.exp(-x)), (X,)),
    "sigmoid": (nn.sigmoid, lambda x: 1 / (1 + np.exp(-x)), (X,)),
    "log_sigmoid": (nn.log_sigmoid, lambda x: -np.log(1 + np.exp(-x)), (X,)),
    "tanh": (nn.tanh, np.tanh, (X,)),
    "softplus": (nn.softplus, lambda x: np.log(1 + np.exp(x)), (X,)),
    "maxout": (lambda x: nn.maxout(x, 3), lambda x: x.reshape(4, 2, 3).max(2), (X,)),
    "maxout, axis": (lambda x: nn.maxout(x, 2, axis=0), lambda x: np.maximum(x[::2], x[1::2]), (X,)),
    "softmax": (nn.softmax, softmax, (X,)),
    "softmax, axes": (lambda x: nn.softmax(x, axis=(0, 1)), lambda x: np.exp(x) / np.exp(x).sum(), (X,)),
    "log_softmax": (nn.log_softmax, lambda x: np.log(softmax(x)), (X,)),
    "logsumexp": (lambda x: nn.logsumexp(x, axis=0), lambda x: np.log(np.exp(x).sum(0)), (X,)),
    "squared_error": (nn.squared_error, lambda p, t: (p - t) ** 2, (X, X[::-1].copy())),
    "sigmoid_cross_entropy": (
        nn.sigmoid_cross_entropy,
        lambda x, y: -y * np.log(1 / (1 + np.exp(-x))) - (1 - y) * np.log(1 / (1 + np.exp(x))),
        (X, PROBABILITIES),
    ),
    "softmax_cross_entropy": (
        lambda x: nn.softmax_cross_entropy(x, Y),
        lambda x: -np.log(softmax(x))[range(4), Y],
        (X,),
    ),
    "softmax_cross_entropy, axis": (
        lambda x: nn.softmax_cross_entropy(x, Y, axis=0),
        lambda x: -np.log(softmax(x, 0))[Y, range(4)],
        (np.ascontiguousarray(X.T),),
    ),
    "softmax_cross_entropy, one-hot": (
        lambda x: nn.softmax_cross_entropy(x, np.eye(6, dtype=int)[Y]),
        lambda x: -np.log(softmax(x))[range(4), Y],
        (X,),
    ),
    "softmax_cross_entropy, probabilities": (
        nn.softmax_cross_entropy,
        lambda x, y: -(y * np.log(softmax(x))).sum(-1),
        (X, PROBABILITIES),
    ),
    "multiclass_hinge": (lambda s: nn.multiclass_hinge(s, Y), lambda s: hinge(s, Y), (X,)),
    "multiclass_hinge, margin": (lambda s, m: nn.multiclass_hinge(s, Y, m), lambda s, m: hinge(s, Y, m), (X, 0.3)),
    "l1": (lambda w, b: nn.l1([w, {"b": b}]), lambda w, b: abs(w).sum() + abs(b), (X, -0.5)),
    "l2": (lambda w, b: nn.l2([w, {"b": b}]), lambda w, b: (w**2).sum() + b**2, (X, -0.5)),
    "standardize": (lambda x: nn.standardize(x, axis=(0, 1)), lambda x: layer_norm(x, axis=(0, 1)), (X,)),
    "layer_norm": (nn.layer_norm, layer_norm, (X, WEIGHTS, WEIGHTS[::-1].copy())),
    "batch_norm": (
        lambda x, s, b: nn.batch_norm(x, nn.running_stats(2), s, b, training=True)[0],
        lambda x, s, b: layer_norm(x, s[:, None, None], b[:, None, None], (0, 2, 3)),
        (IMAGES, WEIGHTS[:2], WEIGHTS[2:4]),
    ),
    "batch_norm, running": (
        lambda x, m, v: nn.batch_norm(x, nn.RunningStats(m, v), training=False, epsilon=0.0)[0],
        lambda x, m, v: (x - m) / np.sqrt(v),
        (X, WEIGHTS, 0.5 + WEIGHTS**2),
    ),
    "attention": (nn.attention, attention, (Q, K, V)),
    "attention, bias": (nn.attention, attention, (Q, K, V, RNG.normal(size=(3, 4, 6)))),
    "attention, mask": (lambda *qkv: nn.attention(*qkv, mask=MASK), lambda *qkv: attention(*qkv, mask=MASK), (Q, K, V)),
    "attention, causal": (
        lambda *qkv: nn.attention(*qkv, is_causal=True),
        lambda *qkv: attention(*qkv, mask=np.tri(4, 6, dtype=bool)),
        (Q, K, V),
    ),
    "dropout": (
        lambda x: nn.dropout(KEY, x, 0.25),
        lambda x: np.where(fgrad.random.bernoulli(KEY, 0.75, x.shape), x / 0.75, 0.0),
        (X,),
    ),
    "embedding": (lambda t: nn.embedding(t, np.array([[1, 3], [1, 0]])), lambda t: t[[[1, 3], [1, 0]]], (X,)),
    "dense": (lambda x, w, b: nn.dense(5).apply({"w": w, "b": b}, x), lambda x, w, b: x @ w + b, (X, X.T[:, :3].copy(), WEIGHTS[:3])),
    "conv": (
        lambda x, w, b: nn.conv(3, (2, 2)).apply({"w": w, "b": b}, x),
        lambda x, w, b: nn.conv2d(x, w) + b[:, None, None],
        (IMAGES, RNG.normal(size=(3, 2, 2, 2)), WEIGHTS[:3]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    f, closed_form, args = CASES[name]
    expected = closed_form(*args)
    for run in (f, fgrad.jit(f)):
        np.testing.assert_allclose(run(*args), expected, rtol=1e-12, atol=1e-12)
    single = [np.float32(a) if np.ndim(a) == 0 else a.astype(np.float32) for a in args]
    for run in (f, fgrad.jit(f)):
        out = run(*single)
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, expected, rtol=3e-5, atol=3e-5)


@pytest.mark.parametrize("name", CASES)
def test_derivatives(name):
    f, _, args = CASES[name]
    check_grads(f, args)


@pytest.mark.parametrize("name", CASES)
def test_vmap(name):
    f, _, args = CASES[name]
    batch = [
        np.stack([a, -0.5 * a, 0.1 + 0.9 * a]) if "entropy" not in name else np.stack([a, 0.5 * a, 0.9 * a]) for a in map(np.asarray, args)
    ]
    if name in ("batch_norm, running",):
        batch[2] = abs(batch[2])
    expected = np.stack([f(*row) for row in zip(*batch, strict=True)])
    np.testing.assert_allclose(fgrad.vmap(f)(*batch), expected, rtol=1e-10, atol=1e-12)


# -- kinks, tails, special values


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (nn.relu, 0.0, 0.0), (nn.leaky_relu, 0.0, 1.0), (nn.elu, 0.0, 1.0), (nn.l1, 0.0, 0.0), (nn.softplus, 0.0, 0.5), (nn.silu, 0.0, 0.5),
        (nn.gelu, 0.0, 0.5), (nn.elu, 1000.0, 1.0), (nn.softplus, 1000.0, 1.0), (nn.softplus, -1000.0, 0.0), (nn.sigmoid, -50.0, 1.9287498479639178e-22),
        (nn.sigmoid, 50.0, 1.9287498479639178e-22), (nn.log_sigmoid, -1000.0, 1.0), (nn.gelu, 40.0, 1.0), (nn.gelu, -40.0, 0.0), (nn.silu, -1000.0, 0.0),
    ],
)  # fmt: skip
def test_slopes(f, x, slope):
    """Kinks have JAX's slopes; far out nothing overflows and nothing is lost."""
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(fgrad.grad(f)(x), slope, rtol=1e-14, atol=1e-300)
        np.testing.assert_allclose(fgrad.jvp(f, (x,), (1.0,))[1], slope, rtol=1e-14, atol=1e-300)


def test_nan_stays():
    for f in (nn.relu, nn.leaky_relu, nn.elu, nn.selu, nn.gelu, nn.silu, nn.sigmoid, nn.softplus, nn.softmax):
        assert np.isnan(f(np.array([np.nan]))).all()


def test_tails_of_gelu():
    """1 + tanh(u) would cancel here: the value has all its digits."""
    u = math.sqrt(2 / math.pi) * (-6.0 + 0.044715 * -216.0)
    np.testing.assert_allclose(nn.gelu(-6.0), -6.0 / (1 + math.exp(-2 * u)), rtol=1e-14)


def test_integers():
    assert nn.relu(np.array([-1, 2])).tolist() == [0, 2]
    assert nn.relu(np.array([-1, 2])).dtype == np.int64
    for f in (nn.sigmoid, nn.gelu, nn.softmax, nn.elu):
        np.testing.assert_array_equal(f(np.array([0, 2])), f(np.array([0.0, 2.0])))


@pytest.mark.parametrize("size", [1e3, 1e30])
def test_cross_entropies_do_not_overflow(size):
    logits, labels = size * np.array([[1.0, -1.0, 0.5], [-1.0, 0.0, 1.0]]), np.array([0, 0])
    value, slope = fgrad.value_and_grad(lambda z: np.sum(nn.softmax_cross_entropy(z, labels)))(logits)
    np.testing.assert_allclose(value, 2 * size)
    np.testing.assert_allclose(slope, [[0, 0, 0], [-1, 0, 1]], atol=1e-12)
    value, slope = fgrad.value_and_grad(lambda z: np.sum(nn.sigmoid_cross_entropy(z, np.array([1, 1, 0]))))(logits[0])
    np.testing.assert_allclose(value, 1.5 * size)
    np.testing.assert_allclose(slope, [0, -1, 1], atol=1e-12)


def test_cross_entropy_keeps_small_losses():
    """The gradient of a confident right answer is small, and not zero."""
    slope = fgrad.grad(lambda z: nn.sigmoid_cross_entropy(z, 1.0))(np.float64(50.0))
    np.testing.assert_allclose(slope, -scipy.special.expit(-50.0), rtol=1e-14)
    masked = np.array([[1.0, -np.inf, 2.0]])  # a class that is ruled out
    assert np.isfinite(fgrad.grad(lambda z: nn.softmax_cross_entropy(z, np.array([0]))[0])(masked)).all()


def test_fully_masked_query_gets_the_mean():
    mask = np.array([[True, False], [False, False]])
    q, v = np.ones((2, 3)), np.array([[1.0], [3.0]])
    f = lambda q: nn.attention(q, q, v, mask=mask)
    np.testing.assert_allclose(f(q), [[1.0], [2.0]])
    assert np.isfinite(fgrad.grad(lambda q: np.sum(f(q)))(q)).all()


# -- what is compiled: one sweep for each function of entries, and no more than is needed for the others


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "softplus", "tanh"])
def test_activations_are_one_sweep(name):
    f = getattr(nn, name)
    for g in (f, fgrad.grad(lambda x: np.sum(f(x)))):
        assert len(fgrad.jit(g).lower(X).loops) == 1


def test_nothing_of_the_batch_is_stored_in_a_program():
    """Numbers of classes, and masks, are not constants as large as what they meet."""
    for f in (lambda y: nn.one_hot(y, 6), lambda y: nn.attention(Q * np.sum(y), K, V, is_causal=True)):
        consts = fgrad.make_jaxpr(f)(Y).consts
        assert sum(np.size(c) for c in consts) <= Q.size + K.size + V.size


# -- one-hot, dropout, normalisation


def test_one_hot():
    labels = np.array([[0, 2], [1, 1]])
    for run in (nn.one_hot, fgrad.jit(nn.one_hot, static_argnums=1)):
        np.testing.assert_array_equal(run(labels, 3), np.eye(3)[labels])
    np.testing.assert_array_equal(nn.one_hot(labels, 3, axis=0), np.moveaxis(np.eye(3)[labels], -1, 0))
    assert nn.one_hot(2, 3, dtype=np.float32).dtype == np.float32
    np.testing.assert_array_equal(fgrad.jit(lambda y: nn.one_hot(y, 3))(np.array([-1, 3, 1])), [[0, 0, 0], [0, 0, 0], [0, 1, 0]])


def test_dropout():
    x = np.ones(100_000)
    y = nn.dropout(KEY, x, 0.2)
    assert set(np.unique(y)) == {0.0, 1.25}
    assert abs(y.mean() - 1) < 4 * math.sqrt(0.25 / len(x))
    assert nn.dropout(None, X, 0.5, training=False) is X
    np.testing.assert_array_equal(nn.dropout(KEY, X, 0.0), X)
    rate = fgrad.jit(lambda rate: nn.dropout(KEY, X, rate))(0.25)
    np.testing.assert_allclose(rate, nn.dropout(KEY, X, 0.25))
    with pytest.raises(ArgumentError, match=r"rate is 1\.5"):
        nn.dropout(KEY, X, 1.5)
    with pytest.raises(ArgumentError, match="training is traced"):
        fgrad.jit(lambda x, training: nn.dropout(KEY, x, 0.5, training))(X, True)


def test_batch_norm_statistics():
    running = nn.RunningStats(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    _, new = nn.batch_norm(IMAGES, running, training=True, momentum=0.8)
    np.testing.assert_allclose(new.mean, 0.8 * running.mean + 0.2 * IMAGES.mean((0, 2, 3)))
    np.testing.assert_allclose(new.var, 0.8 * running.var + 0.2 * IMAGES.var((0, 2, 3)))
    assert nn.batch_norm(IMAGES, running, training=False)[1] is running
    single = nn.running_stats(2, np.float32)
    assert nn.batch_norm(IMAGES, single, training=True)[1].mean.dtype == np.float32


# -- initialisers


def test_initializers_are_those_of_jax():
    """The same key gives the same numbers: these are jax.nn.initializers' in 64-bit mode."""
    key, shape = fgrad.random.key(0), (2, 3)
    stored = {
        initializers.normal: [[-0.002058421, -0.007847658, 0.018160867], [0.00187844, 0.000808679, -0.003721108]],
        initializers.glorot_uniform: [[-0.178651517, -0.621565517, 1.019468243], [0.163222491, 0.070604698, -0.317886823]],
        initializers.he_normal: [[-0.223222219, -0.842938761, 1.808259358], [0.203726128, 0.087742871, -0.402936694]],
        initializers.orthogonal: [[-0.112512597, 0.992666656, 0.044202103], [-0.888825927, -0.080656428, -0.451090914]],
    }
    for make, expected in stored.items():
        np.testing.assert_allclose(make()(key, shape), expected, atol=2e-9)


@pytest.mark.parametrize(
    ("name", "scale", "fan"),
    [("he_normal", 2.0, 300), ("lecun_uniform", 1.0, 300), ("xavier_normal", 1.0, 250), ("glorot_uniform", 1.0, 250)],
)
def test_variances(name, scale, fan):
    w = getattr(initializers, name)()(KEY, (300, 200))
    assert abs(w.mean()) < 4 * w.std() / math.sqrt(w.size)
    np.testing.assert_allclose(w.var(), scale / fan, rtol=0.03)
    kernel = getattr(initializers, name)(in_axis=1, out_axis=0)(KEY, (50, 75, 2, 2), np.float32)  # fans 75 * 4 and 50 * 4
    assert kernel.dtype == np.float32
    np.testing.assert_allclose(kernel.var(), scale / fan, rtol=0.03)


def test_orthogonal():
    for shape in ((5, 3), (3, 5), (4, 4)):
        w = initializers.orthogonal(2.0)(KEY, shape)
        gram = w.T @ w if shape[0] >= shape[1] else w @ w.T
        np.testing.assert_allclose(gram, 4 * np.eye(min(shape)), atol=1e-12)


def test_initializers_refuse():
    with pytest.raises(ShapeError, match=r"the shape is \(3,\)"):
        initializers.he_normal()(KEY, (3,))
    with pytest.raises(ShapeError, match="at least two axes"):
        initializers.orthogonal()(KEY, (3,))
    with pytest.raises(ArgumentError, match="mode is 'fan'"):
        initializers.variance_scaling(1.0, "fan", "normal")


# -- layers


def test_serial():
    """A network's value is that of its layers in turn; parameters and outputs have the dtype of the input."""
    row = [
        nn.conv(4, (3, 3), padding=1),
        nn.relu,
        lambda x: nn.max_pool2d(x, 2),
        nn.flatten,
        nn.dense(6),
        nn.layers.layer_norm(),
        nn.tanh,
        nn.dense(2),
    ]
    model = nn.serial(*row)
    x = RNG.normal(size=(3, 1, 4, 4)).astype(np.float32)
    params = model.init(KEY, fgrad.ShapeDtypeStruct(x.shape, x.dtype))
    shapes = [{k: v.shape for k, v in p.items()} if p else p for p in params]
    assert shapes == [
        {"w": (4, 1, 3, 3), "b": (4,)},
        (),
        (),
        (),
        {"w": (16, 6), "b": (6,)},
        {"scale": (6,), "bias": (6,)},
        (),
        {"w": (6, 2), "b": (2,)},
    ]
    assert {leaf.dtype for leaf in fgrad.tree.leaves(params)} == {np.dtype(np.float32)}
    h = np.maximum(nn.conv2d(x, params[0]["w"], padding=1) + params[0]["b"][:, None, None], 0)
    h = nn.max_pool2d(h, 2).reshape(3, -1) @ params[4]["w"] + params[4]["b"]
    expected = np.tanh(layer_norm(h)) @ params[7]["w"] + params[7]["b"]
    np.testing.assert_allclose(model.apply(params, x), expected, rtol=1e-4, atol=1e-5)
    other = model.init(fgrad.random.key(4), x)
    assert not any(np.array_equal(a["w"], b["w"]) for a, b in zip(params, other, strict=True) if "w" in a)
    nested = nn.serial(nn.serial(*row[:4]), nn.serial(*row[4:]))
    both = nested.init(KEY, x)
    assert nested.apply(both, x).shape == (3, 2)
    inside = fgrad.jit(model.init)(KEY, x)
    np.testing.assert_allclose(inside[4]["w"], params[4]["w"], rtol=1e-6)


def test_key_says_training():
    model = nn.serial(nn.dense(50), nn.layers.dropout(0.5), nn.layers.dropout(0.5))
    params = model.init(KEY, X)
    still, moved = model.apply(params, X), model.apply(params, X, KEY)
    np.testing.assert_allclose(still, X @ params[0]["w"])
    assert 0.65 < np.mean(moved == 0) < 0.85
    np.testing.assert_allclose(moved[moved != 0], 4 * still[moved != 0])


def test_embedding_layer():
    model = nn.serial(nn.layers.embedding(7, 3), nn.dense(2))
    ids = np.array([[0, 6], [3, 3]])
    params = model.init(KEY, ids)
    np.testing.assert_allclose(model.apply(params, ids), params[0]["table"][ids] @ params[1]["w"])


def test_own_layers():
    """Any pair of functions is a layer."""
    scale = (lambda key, x: np.full(x.shape[-1], 2.0), lambda params, x, key=None: x * params)
    model = nn.serial(scale, nn.dense(3, b_init=None, w_init=initializers.ones))
    params = model.init(KEY, X)
    assert params[1].keys() == {"w"}
    np.testing.assert_allclose(model.apply(params, X), 2 * X.sum(1, keepdims=True) * np.ones(3))
    with pytest.raises(ArgumentError, match="not 3"):
        nn.serial(3)
    with pytest.raises(ArgumentError, match="2 layers, and parameters for 1"):
        model.apply(params[:1], X)


# -- errors


LOGITS = np.zeros((4, 3))
BYTES = np.zeros((4, 1, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.softmax_cross_entropy(LOGITS, [0, 1, 3, 2]), ArgumentError, r"labels\[2\] is 3, and the 3 classes are 0 to 2"),
        (lambda: nn.softmax_cross_entropy(LOGITS, [0, 1, -1, 2]), ArgumentError, r"(?s)labels\[2\] is -1.*logits: f64\[4,3\].*logsumexp"),
        (lambda: nn.softmax_cross_entropy(LOGITS, [[0], [1], [2], [0]]), ShapeError, r"(?s)labels: i64\[4,1\] do not fit.*shape \(4,\)"),
        (lambda: nn.softmax_cross_entropy(LOGITS, [0.0, 1.0, 1.0, 1.0]), DtypeError, r"labels: f64\[4\] must be integers"),
        (lambda: nn.softmax_cross_entropy(np.zeros(4, int), LOGITS), DtypeError, r"logits: i64\[4\] must be floating point"),
        (lambda: nn.softmax_cross_entropy(LOGITS, LOGITS - 0.5), ArgumentError, "a label is -0.5"),
        (lambda: nn.softmax_cross_entropy(LOGITS[:0], np.zeros(0, int)), ShapeError, r"no examples: logits: f64\[0,3\], labels: i64\[0\]"),
        (lambda: nn.multiclass_hinge(LOGITS, [0, 1, 3, 2]), ArgumentError, r"(?s)labels\[2\] is 3.*scores\[label\] \+ margin"),
        (lambda: nn.multiclass_hinge(LOGITS, LOGITS), ShapeError, "scores: f64"),
        (lambda: nn.sigmoid_cross_entropy(np.zeros(3), [0, 1, 2]), ArgumentError, "a label is 2"),
        (lambda: nn.sigmoid_cross_entropy(np.zeros((3, 1)), np.zeros(3)), ShapeError, "must have the same shape"),
        (lambda: nn.squared_error(np.zeros((3, 1)), np.zeros(3)), ShapeError, r"f64\[3,1\] and targets: f64\[3\] must have the same shape"),
        (lambda: nn.squared_error(np.zeros(0), np.zeros(0)), ShapeError, "no examples"),
        (lambda: nn.one_hot(np.array([0, 3]), 3), ArgumentError, r"labels\[1\] is 3"),
        (lambda: nn.embedding(LOGITS, np.array([4])), ArgumentError, r"(?s)labels\[0\] is 4.*table\[ids\]"),
        (lambda: nn.dense(2).init(KEY, np.zeros(())), ShapeError, "has none"),
        (lambda: nn.dense(2).apply({"w": np.zeros((64, 2))}, BYTES), DtypeError, r"(?s)x: u8\[4,1,8,8\].*x / 255"),
        (lambda: nn.dense(2).apply({"w": np.zeros((64, 2))}, BYTES / 255.0), ShapeError, r"(?s)64 features.*x\[..., inputs\] @ w.*flatten"),
        (lambda: nn.conv(2, (3, 3)).apply({"w": np.zeros((2, 1, 3, 3))}, BYTES), DtypeError, r"u8\[4,1,8,8\]"),
        (lambda: nn.conv(2, (3, 3)).init(KEY, LOGITS), ShapeError, "2 spatial axes"),
        (lambda: nn.layer_norm(np.zeros((3, 4), int)), DtypeError, r"(?s)layer_norm: x: i64\[3,4\].*sqrt\(var"),
        (lambda: nn.batch_norm(np.zeros((0, 4)), nn.running_stats(4), training=True), ShapeError, "no examples"),
        (lambda: nn.batch_norm(LOGITS, nn.running_stats(4), training=True), ShapeError, r"running.mean: f64\[4\].*3 features"),
        (lambda: nn.attention(LOGITS, LOGITS[:, :2], LOGITS), ShapeError, r"(?s)query: f64\[4,3\], key: f64\[4,2\].*softmax\(query"),
        (lambda: nn.attention(LOGITS, LOGITS, LOGITS, mask=np.ones((4, 4))), DtypeError, "must be bool"),
        (lambda: nn.attention(LOGITS, LOGITS, LOGITS, mask=np.ones((2, 4, 4), bool)), ShapeError, "does not broadcast"),
        (lambda: nn.maxout(LOGITS, 2), ShapeError, r"(?s)3 features.*groups of 2.*max\(x"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    """What is wrong, with the shapes and the formula."""
    with pytest.raises(error, match=message):
        call()


def test_labels_without_values_are_checked_when_they_index():
    for f in (nn.softmax_cross_entropy, nn.multiclass_hinge, nn.embedding):
        slope = fgrad.grad(lambda x, y, f=f: np.sum(f(x, y)))
        for wrong in (-1, 4):
            with pytest.raises((IndexError, ArgumentError)):
                fgrad.jit(f)(np.zeros((4, 4)), np.array([0, 1, wrong, 2]))
            with pytest.raises((IndexError, ArgumentError)):
                fgrad.jit(slope)(np.zeros((4, 4)), np.array([0, 1, wrong, 2]))
