"""Keys: what they are as values and as pytrees, what they refuse, and the check that none is used twice."""

from __future__ import annotations

import copy
import operator
import pickle
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
import fgrad.random as fr
from fgrad.core import tree
from fgrad.core.errors import ArgumentError, DtypeError, IndexingError, ShapeError

KEY = fr.key(1)
KEYS = fr.split(KEY, 6).reshape(2, 3)


def data(key: Any) -> list:
    return fr.key_data(key).tolist()


# -- values


def test_shapes():
    assert (KEY.shape, KEY.ndim, KEY.size) == ((), 0, 1)
    assert (KEYS.shape, KEYS.ndim, KEYS.size, len(KEYS)) == ((2, 3), 2, 6, 2)
    assert [k.shape for k in KEYS] == [(3,), (3,)]
    assert KEYS.reshape(-1).shape == KEYS.reshape((6,)).shape == (6,)
    assert KEYS[0].shape == (3,)
    assert KEYS[1, 2].shape == KEYS[..., 2][1].shape == ()
    assert KEYS[:, None, 1:].shape == (2, 1, 2)
    assert KEYS[np.array([True, False])].shape == (1, 3)
    assert KEYS[[0, 0, 1], 1].shape == (3,)
    assert data(KEYS[1, 2]) == fr.key_data(KEYS)[1, 2].tolist()
    assert data(KEYS[fr.split(KEY).size - 1]) == data(KEYS)[1]


def test_comparison():
    assert bool(fr.key(1) == KEY)
    assert not bool(fr.key(1) != KEY)
    assert (KEYS[:, :1] == KEYS).tolist() == [[True, False, False]] * 2
    assert KEY != 1
    assert not KEY == 1  # noqa: SIM201
    with pytest.raises(TypeError, match="unhashable"):
        hash(KEY)


def test_copies():
    for again in (pickle.loads(pickle.dumps(KEYS)), copy.deepcopy(KEYS), copy.copy(KEYS)):
        assert data(again) == data(KEYS)
    words = np.array([3, 4], np.uint32)
    key = fr.wrap_key_data(words)
    words[0] = 9
    assert data(key) == [3, 4]
    with pytest.raises(ValueError, match="read-only"):
        fr.key_data(key)[0] = 9


def test_printing():
    assert repr(KEY) == "KeyArray(key<fry>[], [0, 1])"
    assert repr(KEYS[:0]) == "KeyArray(key<fry>[0,3], [])"
    shown = []
    fgrad.make_jaxpr(lambda k: shown.append(repr(k)) or fr.key_data(k))(KEYS)
    assert shown == ["KeyArray(key<fry>[2,3], traced)"]
    assert "KeyArray(None)" in repr(tree.unflatten(tree.structure(KEY), [None]))


@pytest.mark.parametrize("seed", [0, 7, -1, 2**63, np.int64(-2), np.int32(-2), np.uint8(200), np.uint64(2**64 - 1)])
def test_traced_seeds(seed):
    assert data(fgrad.jit(fr.key)(np.asarray(seed))) == data(fr.key(seed)) == data(fr.key(np.asarray(seed)))
    assert fr.PRNGKey is fr.key


# -- pytrees


def test_keys_travel():
    assert tree.leaves({"key": KEY, "w": 1.0})[0].dtype == np.uint32

    def draw(d: dict) -> Any:
        return d["w"] * fr.normal(d["key"], (2,))

    want = 2.0 * fr.normal(KEY, (2,))
    np.testing.assert_array_equal(fgrad.jit(draw)({"key": KEY, "w": 2.0}), want)
    np.testing.assert_array_equal(fgrad.checkpoint(draw)({"key": KEY, "w": 2.0}), want)
    np.testing.assert_array_equal(fgrad.cond(True, draw, lambda d: d["w"] * np.ones(2), {"key": KEY, "w": 2.0}), want)
    assert fgrad.grad(lambda w, k: np.sum(draw({"key": k, "w": w})))(2.0, KEY) == np.sum(fr.normal(KEY, (2,)))
    zero = tree.map(lambda x: np.zeros(x.shape, fgrad.float0), KEY)
    out, tangent = fgrad.jvp(lambda k, w: (fr.split(k), w * fr.normal(k)), (KEY, 2.0), (zero, 1.0))
    assert out[0].shape == (2,)
    assert tangent[1] == fr.normal(KEY)


def test_loops():
    def step(key: Any, _: Any) -> tuple[Any, Any]:
        key, sub = fr.split(key)
        return key, fr.normal(sub)

    last, xs = fgrad.scan(step, KEY, None, length=4)
    key, each = KEY, []
    for _ in range(4):
        key, x = step(key, None)
        each.append(x)
    assert data(last) == data(key)
    np.testing.assert_array_equal(xs, each)
    row = KEYS[0]
    np.testing.assert_array_equal(fgrad.map(lambda i: fr.normal(row[i]), np.arange(3)), [fr.normal(k) for k in row])
    end, count = fgrad.while_loop(lambda s: fr.uniform(s[0]) > 0.1, lambda s: (fr.split(s[0])[0], s[1] + 1), (KEY, 0))
    key, steps = KEY, 0
    while fr.uniform(key) > 0.1:
        key, steps = fr.split(key)[0], steps + 1
    assert (data(end), count) == (data(key), steps)


def test_vmap_axes():
    columns = fgrad.vmap(lambda ks: fr.normal(ks[1]), in_axes=1)(KEYS)
    np.testing.assert_array_equal(columns, [fr.normal(k) for k in KEYS[1]])
    assert fgrad.vmap(fr.key)(np.arange(3)).shape == (3,)
    folded = fgrad.vmap(fr.fold_in, in_axes=(None, 0))(KEY, np.arange(3))
    assert [data(k) for k in folded] == [data(fr.fold_in(KEY, i)) for i in range(3)]
    assert fgrad.vmap(fr.split)(KEYS[0]).shape == (3, 2)
    with pytest.raises(ArgumentError, match="lost its last axis"):
        fgrad.vmap(fr.normal, in_axes=-1)(KEYS[0])


# -- what they refuse

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul, operator.and_, operator.lshift]


@pytest.mark.parametrize("f", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [1, np.ones(2), np.float64(1.0), KEY], ids=["int", "array", "scalar", "key"])
def test_no_arithmetic(f, other):
    for a, b in ((KEY, other), (other, KEY)):
        with pytest.raises(TypeError, match=r"it is not a number\n  at .*test_random_keys.py(.|\n)*random\.split\(key, n\)"):
            f(a, b)


OTHERS: dict[str, Callable] = {
    "neg": operator.neg, "abs": abs, "less": lambda k: k < k, "bool": bool, "float": float, "int": int, "index": lambda k: [0][k],
    "asarray": np.asarray, "sin": np.sin, "stack": lambda k: np.stack([k, k]), "sum": np.sum, "fnp": lambda k: fnp.exp(k),
    "traced": lambda k: fgrad.grad(lambda x: x * k)(1.0), "traced on the right": lambda k: fgrad.grad(lambda x: k - x)(1.0),
    "traced ufunc": lambda k: fgrad.grad(lambda x: np.add(x, k))(1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_no_number(name):
    with pytest.raises(DtypeError, match="it is not a number"):
        OTHERS[name](KEY)


WRONG: dict[str, tuple[Callable, type[Exception], str, str]] = {
    "words": (
        lambda: fr.normal(np.array([0, 1], np.uint32)),
        ArgumentError,
        "normal: the first argument must be a random key, not u32[2]",
        "fgrad.random.wrap_key_data(key)",
    ),
    "seed": (lambda: fr.uniform(3, (2,)), ArgumentError, "uniform: the first argument must be a random key, not 3", "fgrad.random.key(3)"),
    "array": (lambda: fr.split(np.ones(2)), ArgumentError, "split: the first argument must be a random key, not f64[2]", "random.key(seed)"),
    "generator": (
        lambda: fr.normal(np.random.default_rng(0)),
        ArgumentError,
        "normal: the first argument must be a random key, not Generator",
        "have a state",
    ),
    "keys": (lambda: fr.normal(KEYS), ShapeError, "normal takes one key, and key is key<fry>[2,3]", "fgrad.vmap("),
    "many splits": (lambda: fr.split(KEYS), ShapeError, "split takes one key, and key is key<fry>[2,3]", "fgrad.vmap("),
    "many folds": (lambda: fr.fold_in(KEYS, 1), ShapeError, "fold_in takes one key, and key is key<fry>[2,3]", "fgrad.vmap("),
    "fold of a float": (lambda: fr.fold_in(KEY, 1.5), ArgumentError, "fold_in: the data must be one integer, not 1.5", ""),
    "fold of -1": (lambda: fr.fold_in(KEY, -1), ArgumentError, "fold_in: the data -1 does not fit in 32 bits without a sign", ""),
    "seed of a float": (lambda: fr.key(0.5), ArgumentError, "key: the seed must be an integer, not 0.5", ""),
    "seeds": (lambda: fr.key(np.arange(3)), ArgumentError, "key: the seed must be one integer, not i64[3]", "fgrad.vmap(fgrad.random.key)"),
    "large seed": (lambda: fr.key(2**64), ArgumentError, f"key: the seed {2**64} does not fit in 64 bits", ""),
    "no words": (lambda: fr.wrap_key_data(np.ones(2)), ArgumentError, "wrap_key_data takes the words of keys, u32[..., 2], not f64[2]", ""),
    "index": (lambda: KEY[0], IndexingError, "a single key has no axes to index", "fgrad.random.split(key, n)"),
    "length": (lambda: len(KEY), ShapeError, "a single key has no length", "fgrad.random.split(key, n)"),
    "reshape": (lambda: KEYS.reshape(4), ShapeError, "6 keys cannot take the shape (4,)", ""),
    "dtype": (lambda: fr.normal(KEY, (2,), int), DtypeError, "normal: dtype must be floating point or complex, of 32 to 64 bits, not int64", ""),
    "bits": (lambda: fr.bits(KEY, (), np.int32), DtypeError, "bits: dtype must be an unsigned integer, not int32", "randint"),
    "shape": (lambda: fr.normal(KEY, 0.5), ShapeError, "normal: shape must be integers, not 0.5", "mean + scale * normal(key, shape)"),
    "negative": (lambda: fr.normal(KEY, (2, -1)), ShapeError, "normal: shape (2, -1) has a negative size", ""),
    "parameters": (
        lambda: fr.gamma(KEY, np.ones(3), (2,)),
        ShapeError,
        "gamma: the parameters f64[3] do not broadcast to the shape (2,)",
        "it includes theirs",
    ),
    "both": (lambda: fr.beta(KEY, np.ones(3), np.ones(2)), ShapeError, "beta: shapes f64[3] and f64[2] do not broadcast", ""),
    "complex": (lambda: fr.gamma(KEY, 1j), DtypeError, "gamma: a parameter must be real, not c128[]", ""),
    "range": (lambda: fr.randint(KEY, (), 3, 3), ArgumentError, "randint: no int64 is in the range from minval=3 to below maxval=3", ""),
    "floats": (lambda: fr.randint(KEY, (), 0, 2.5), DtypeError, "randint: the bounds must be integers, not f64[]", ""),
    "nothing": (lambda: fr.choice(KEY, 0), ArgumentError, "choice: 1 entries cannot be taken from 0", ""),
    "too many": (lambda: fr.choice(KEY, 3, (4,), False), ArgumentError, "choice: 4 entries cannot be taken from 3 with replace=False", ""),
    "weights": (lambda: fr.choice(KEY, 3, p=np.ones(4)), ShapeError, "choice: p: f64[4] must have one entry for each of the 3 of a along axis 0", ""),
    "categories": (
        lambda: fr.categorical(KEY, np.zeros(3), shape=(4,), replace=False),
        ArgumentError,
        "categorical: replace=False draws each of 3 categories at most once, and the shape (4,) asks for 4",
        "",
    ),
    "rows": (lambda: fr.categorical(KEY, X, shape=(5,)), ShapeError, "categorical: logits: f64[2,3] without axis 1 do not broadcast to the shape (5,)", ""),
    "population": (lambda: fr.permutation(KEY, 2.5), ArgumentError, "permutation: an array or an integer is expected, not f64[]", ""),
    "alpha": (lambda: fr.dirichlet(KEY, 1.0), ShapeError, "dirichlet: alpha needs an axis, of the parameters of one variate", "beta variate"),
    "covariance": (
        lambda: fr.multivariate_normal(KEY, np.zeros(2), np.eye(3)),
        ShapeError,
        "multivariate_normal: mean f[..., n] and cov f[..., n, n] are expected, not f64[2] and f64[3,3]",
        "",
    ),
    "method": (
        lambda: fr.multivariate_normal(KEY, np.zeros(2), np.eye(2), method="lu"),
        ArgumentError,
        "multivariate_normal: method is 'cholesky', 'eigh' or 'svd', not 'lu'",
        "",
    ),
    "sign": (lambda: fr.rademacher(KEY, (), np.uint8), DtypeError, "rademacher: dtype must be a signed number, not uint8", ""),
    "counts": (lambda: fr.poisson(KEY, 1.0, dtype=bool), DtypeError, "poisson: dtype must be an integer or floating point, not bool", ""),
}  # fmt: skip
X = np.zeros((2, 3))


@pytest.mark.parametrize("name", WRONG)
def test_errors(name):
    f, kind, first, hint = WRONG[name]
    with pytest.raises(kind) as caught:
        f()
    lines = str(caught.value).splitlines()
    assert lines[0] == first
    assert "test_random_keys.py" in lines[1]
    assert hint in str(caught.value)


# -- reuse

REUSED: dict[str, Callable] = {
    "twice": lambda: (fr.normal(KEY), fr.uniform(KEY)),
    "split and drawn": lambda: (fr.split(KEY), fr.normal(KEY)),
    "split twice": lambda: (fr.split(KEY), fr.split(KEY, 3)),
    "equal keys": lambda: (fr.normal(fr.key(1)), fr.normal(KEY)),
    "slices": lambda: (fr.normal(KEYS[0, 1]), fr.normal(KEYS[0][1])),
    "mapped": lambda: (fgrad.vmap(fr.normal)(KEYS[0]), fr.normal(KEYS[0, 2])),
    "jit": lambda: (fgrad.jit(fr.normal)(KEY), fgrad.jit(fr.normal)(KEY)),
    "differentiated": lambda: fgrad.grad(lambda w: w * fr.normal(KEY) + fr.gamma(KEY, w))(1.0),
    "in a loop": lambda: fgrad.scan(lambda k, _: (fr.split(k)[0], fr.normal(k)), KEY, None, length=2),
}
NOT_REUSED: dict[str, Callable] = {
    "split": lambda: [fr.normal(k) for k in fr.split(KEY, 3)],
    "folded": lambda: [fr.normal(fr.fold_in(KEY, i)) for i in range(3)],
    "made of parts": lambda: [fr.t(KEYS[0, 0], 3.0), fr.beta(KEYS[0, 1], 1.0, 2.0), fr.randint(KEYS[0, 2], (), 0, 5)],
    "gradient": lambda: fgrad.hessian(lambda a: fr.gamma(KEY, a))(1.0),
    "checkpoint": lambda: fgrad.grad(fgrad.checkpoint(lambda w: np.sin(w * fr.normal(KEY))))(1.0),
    "mapped": lambda: fgrad.vmap(lambda a: fr.gamma(KEY, a))(np.ones(3)),
    "loop": lambda: fgrad.scan(lambda k, _: (fr.split(k)[0], 0.0), KEY, None, length=2),
    "read": lambda: (fr.key_data(KEY), fr.normal(KEY)),
}


@pytest.mark.parametrize("name", REUSED)
def test_reuse_is_found(name):
    REUSED[name]()  # without the check nothing happens
    with fr.debug_key_reuse(), pytest.raises(fr.KeyReuseError, match="the key was used before") as caught:
        REUSED[name]()
    lines = str(caught.value).splitlines()
    assert "test_random_keys.py" in lines[1]
    assert lines[2].startswith("  first used by")
    assert "test_random_keys.py" in lines[2]
    assert "fgrad.random.split(key)" in lines[3]
    assert fgrad.config.jit


@pytest.mark.parametrize("name", NOT_REUSED)
def test_no_false_alarm(name):
    with fr.debug_key_reuse():
        NOT_REUSED[name]()


def test_contexts_are_separate():
    with fr.debug_key_reuse():
        fr.normal(KEY)
        with fr.debug_key_reuse():
            fr.normal(KEY)
        with fr.debug_key_reuse(False):
            fr.normal(KEY)
        thread = threading.Thread(target=lambda: fr.normal(KEY))
        thread.start()
        thread.join()
    with fr.debug_key_reuse():
        fr.normal(KEY)
