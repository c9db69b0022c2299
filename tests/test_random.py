"""Random numbers: the bits of the generator, the distributions, and that every way of running a sampler draws the same."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import scipy.stats as st

import fgrad
import fgrad.random as fr
from fgrad.core import tree
from fgrad.ops.random_threefry import BLOCK, hash_in_place, hash_word

KEY = fr.key(42)
P = np.array([0.1, 0.2, 0.3, 0.4])
COV = np.array([[2.0, 1.0], [1.0, 3.0]])


def from_hex(*numbers: str) -> list[float]:
    return [float.fromhex(x) for x in numbers]


# -- the generator

KNOWN_ANSWERS = {  # of the paper's own implementation, Random123: key, counter, words
    ((0, 0), (0, 0)): (0x6B200159, 0x99BA4EFE),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF)): (0x1CB996FC, 0xBB002BE7),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3)): (0xC4923A9C, 0x483DF7A0),
}


@pytest.mark.parametrize(("given", "words"), KNOWN_ANSWERS.items())
def test_known_answers(given, words):
    key, counter = given
    assert hash_word(key, counter) == words
    x0, x1 = (np.full(5, c, np.uint32) for c in counter)
    hash_in_place(key[0], key[1], x0, x1, np.empty_like(x0))
    assert set(zip(x0.tolist(), x1.tolist(), strict=True)) == {words}


BITS = {  # of key(42), computed by JAX 0.10.2 in its 64-bit mode
    "uint8": [162, 217, 249, 215],
    "uint16": [5026, 12505, 63993, 49623],
    "uint32": [2098992034, 2919706841, 2646866425, 2409546199],
    "uint64": [7871734211187709741, 276886910877598708, 10591095138341673235, 13462782411356743825],
}
UNIFORM = {
    "float16": from_hex("0x1.38p-4", "0x1.86p-3", "0x1.f38p-1", "0x1.838p-1"),
    "float32": from_hex("0x1.f47048p-2", "0x1.5c0e6p-1", "0x1.3b87fp-1", "0x1.1f3d8p-1"),
    "float64": from_hex("0x1.b4f8123c40884p-2", "0x1.ebd996d6e8400p-7", "0x1.25f641d41e71ap-1", "0x1.75aad28c6a974p-1"),
}


@pytest.mark.parametrize("dtype", BITS)
def test_stored_bits(dtype):
    got = fr.bits(KEY, (4,), dtype)
    assert got.dtype == dtype
    assert got.tolist() == BITS[dtype]


@pytest.mark.parametrize("dtype", UNIFORM)
def test_stored_uniform(dtype):
    got = fr.uniform(KEY, (4,), dtype)
    assert got.dtype == dtype
    assert got.tolist() == UNIFORM[dtype]


def test_stored_keys():
    assert fr.key_data(fr.split(KEY, 3)).tolist() == [[1832780943, 270669613], [64467757, 2916123636], [2465931498, 255383827]]
    assert fr.key_data(fr.split(KEY, (2, 2)))[1].tolist() == [[2465931498, 255383827], [3134548294, 894150801]]
    folded = [fr.key_data(fr.fold_in(KEY, i)).tolist() for i in (0, 1, 2**32 - 1)]
    assert folded == [[1832780943, 270669613], [64467757, 2916123636], [2398536845, 3890976714]]
    assert fr.uniform(fr.key(-5), (2,)).tolist() == from_hex("0x1.4b7c0dd94af58p-1", "0x1.c2974577c513cp-1")


STORED: dict[str, tuple[Callable, list]] = {
    "many": (
        lambda k: fr.uniform(k, (100000,))[[65535, 65536, 99999]],
        from_hex("0x1.b8876854cf8b8p-3", "0x1.b0feb768d7670p-2", "0x1.6388b74857f10p-2"),
    ),
    "normal": (lambda k: fr.normal(k, (4,)), [-0.18471174528191162, -2.169824560397754, 0.18693555179382582, 0.6122653570510959]),
    "exponential": (lambda k: fr.exponential(k, (3,)), [0.5563942243855916, 0.015123860720489336, 0.8536549993431988]),
    "laplace": (lambda k: fr.laplace(k, (3,)), [0.15846230602649014, 3.5058868215207473, -0.16050781878325354]),
    "logistic": (lambda k: fr.logistic(k, (3,)), [-0.29521526220084393, -4.183910141360207, 0.29878068416298553]),
    "gumbel": (lambda k: fr.gumbel(k, (3,)), [0.16062720630382138, -1.4348544993307841, 0.5890136500161952]),
    "cauchy": (lambda k: fr.cauchy(k, (3,)), [-0.23434604341667786, -21.19070234669309, 0.23723777098183235]),
    "truncated": (lambda k: fr.truncated_normal(k, -1.0, 0.5, (3,)), [-0.28971072063226666, -0.9674773589312475, -0.08894316886548902]),
    "randint": (lambda k: fr.randint(k, (8,), -5, 100), [85, 53, 88, 56, 35, 61, 29, 62]),
    "randint32": (lambda k: fr.randint(k, (8,), 0, 1000, np.int32), [644, 914, 71, 369, 709, 419, 977, 807]),
    "randint8": (lambda k: fr.randint(k, (8,), 0, 256, np.uint8), [196, 18, 183, 193, 141, 107, 129, 39]),
    "bernoulli": (lambda k: fr.bernoulli(k, 0.4, (8,)), [0, 1, 0, 0, 0, 0, 0, 0]),
    "rademacher": (lambda k: fr.rademacher(k, (8,)), [1, 1, -1, -1, -1, -1, -1, -1]),
    "permutation": (lambda k: fr.permutation(k, 10), [7, 4, 2, 5, 3, 6, 8, 9, 0, 1]),
    "choice": (lambda k: fr.choice(k, 10, (6,)), [5, 8, 3, 1, 5, 6]),
    "choice without replacement": (lambda k: fr.choice(k, 10, (6,), replace=False), [7, 4, 2, 5, 3, 6]),
    "choice by probability": (lambda k: fr.choice(k, 4, (8,), p=P), [2, 3, 2, 1, 2, 2, 2, 2]),
    "choice by both": (lambda k: fr.choice(k, 4, (3,), replace=False, p=P), [3, 2, 0]),
    "categorical": (lambda k: fr.categorical(k, np.log(P), shape=(8,)), [3, 3, 2, 1, 3, 3, 1, 3]),
    "categories": (lambda k: fr.categorical(k, np.log(P), shape=(3,), replace=False), [3, 2, 0]),
}


@pytest.mark.parametrize("name", STORED)
def test_stored_samples(name):
    draw, want = STORED[name]
    np.testing.assert_allclose(draw(KEY), want, rtol=1e-13)


@pytest.mark.parametrize("shape", [(), (3,), (9,), (7, 5), (BLOCK,), (2, BLOCK + 3), (0,)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint32"])
def test_blocks(shape, dtype):
    """However the work is divided, entry j is made of counter j."""
    draw = fr.bits if dtype == "uint32" else fr.uniform
    got = draw(KEY, shape, dtype)
    assert (got.shape, got.dtype) == (shape, dtype)
    size = math.prod(shape)
    for j in {0, size // 2, size - 1} if size else ():
        x0, x1 = hash_word((0, 42), (0, j))
        want = {"uint32": x0 ^ x1, "float32": (x0 ^ x1) // 2**9 / 2.0**23, "float64": (x0 << 32 | x1) // 2**12 / 2.0**52}[dtype]
        assert np.ravel(got)[j] == want


@pytest.mark.parametrize("shape", [(), (2,), (50,), (BLOCK - 1,)])
def test_batches_of_keys(shape):
    keys = fr.split(KEY, 7)
    np.testing.assert_array_equal(fgrad.vmap(lambda k: fr.uniform(k, shape))(keys), [fr.uniform(k, shape) for k in keys])


class TestAgainstJax:
    @pytest.fixture(autouse=True)
    def jax(self):
        jax = pytest.importorskip("jax")
        before = jax.config.read("jax_enable_x64")
        jax.config.update("jax_enable_x64", True)
        yield jax
        jax.config.update("jax_enable_x64", before)

    @pytest.mark.parametrize("seed", [0, -1, 2**31, 2**40 + 3, np.int32(-7), np.uint32(5), np.uint64(2**64 - 1)])
    def test_bits(self, jax, seed):
        ours, theirs = fr.key(seed), jax.random.key(seed)
        for a, b in (
            (ours, theirs),
            (fr.split(ours, 5), jax.random.split(theirs, 5)),
            (fr.fold_in(ours, 9), jax.random.fold_in(theirs, 9)),
            (fgrad.jit(fr.fold_in)(ours, np.int64(-3)), jax.random.fold_in(theirs, np.int64(-3))),
        ):
            np.testing.assert_array_equal(fr.key_data(a), jax.random.key_data(b))
        for dtype in ("uint8", "uint16", "uint32", "uint64"):
            np.testing.assert_array_equal(fr.bits(ours, (3, 5), dtype), jax.random.bits(theirs, (3, 5), dtype))
        for dtype in ("float32", "float64"):
            np.testing.assert_array_equal(fr.uniform(ours, (3, 500), dtype), jax.random.uniform(theirs, (3, 500), dtype))

    @pytest.mark.parametrize("name", [n for n in STORED if n != "many"])
    def test_samples(self, jax, name):
        draw = STORED[name][0]
        theirs = FunctionType(draw.__code__, {"fr": jax.random, "np": np, "P": P})(jax.random.key(7))
        np.testing.assert_allclose(draw(fr.key(7)), theirs, rtol=1e-12, atol=1e-14)


# -- integers of wide ranges


def test_wide_integers():
    """Spans above 2^32 take the upper part of a product of 128 bits, exactly."""
    high, low = (fr.bits(k, (200,)).tolist() for k in fr.split(KEY))
    for first, last in ((0, 3 * 2**40), (-(2**63), 2**63 - 1), (-(2**62), 2**63 - 2)):
        want = [first + ((upper << 64 | lower) * (last - first) >> 128) for upper, lower in zip(high, low, strict=True)]
        assert fr.randint(KEY, (200,), first, last).tolist() == want
        assert fr.randint(KEY, (200,), np.array([first]), np.array([last])).tolist() == want


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"])
def test_whole_ranges(dtype):
    info = np.iinfo(dtype)
    x = fr.randint(KEY, (4000,), int(info.min), int(info.max) + 1, dtype)
    assert x.dtype == dtype
    scaled = (x.astype(float) - float(info.min)) / 2.0**info.bits
    assert st.kstest(scaled + 0.5 / 2.0**info.bits, "uniform").pvalue > 1e-3
    ends = fr.randint(KEY, (500,), int(info.max) - 1, int(info.max) + 1, dtype)
    assert sorted(set(ends.tolist())) == [info.max - 1, info.max]


def test_integer_bounds():
    lows, highs = np.array([0, 5, -3, 7]), np.array([10, 6, 2**50, 7])
    x = fr.randint(KEY, (1000, 4), lows, highs)
    assert np.all(x >= lows)
    assert np.all(x[:, :3] < highs[:3])
    assert set(x[:, 1]) == {5}
    assert set(x[:, 3]) == {7}  # nothing between the bounds
    np.testing.assert_array_equal(fgrad.jit(lambda k, h: fr.randint(k, (9,), 0, h))(KEY, 7), fr.randint(KEY, (9,), 0, 7))
    np.testing.assert_array_equal(
        fr.randint(KEY, (9,), np.uint8(0), np.full(9, 200, np.uint8), np.int8), fr.randint(KEY, (9,), 0, 128, np.int8)
    )
    flags = fr.randint(KEY, (9,), np.zeros(9, bool), 2**70)
    np.testing.assert_array_equal(flags, fr.randint(KEY, (9,), 0, 2**63 - 1))


# -- distributions

CONTINUOUS: dict[str, tuple[Callable, Any]] = {
    "uniform": (lambda k, s, d: fr.uniform(k, s, d, -1.0, 3.0), st.uniform(-1, 4)),
    "normal": (fr.normal, st.norm),
    "lognormal": (lambda k, s, d: fr.lognormal(k, 0.7, s, d), st.lognorm(0.7)),
    "exponential": (fr.exponential, st.expon),
    "laplace": (fr.laplace, st.laplace),
    "logistic": (fr.logistic, st.logistic),
    "gumbel": (fr.gumbel, st.gumbel_r),
    "cauchy": (fr.cauchy, st.cauchy),
    "pareto": (lambda k, s, d: fr.pareto(k, 2.5, s, d), st.pareto(2.5)),
    "weibull_min": (lambda k, s, d: fr.weibull_min(k, 2.0, 1.5, s, d), st.weibull_min(1.5, scale=2)),
    "rayleigh": (lambda k, s, d: fr.rayleigh(k, 2.0, s, d), st.rayleigh(scale=2)),
    "truncated": (lambda k, s, d: fr.truncated_normal(k, -0.5, 2.0, s, d), st.truncnorm(-0.5, 2)),
    "truncated on the right": (lambda k, s, d: fr.truncated_normal(k, 3.0, 4.0, s, d), st.truncnorm(3, 4)),
    "gamma below 1": (lambda k, s, d: fr.gamma(k, 0.3, s, d), st.gamma(0.3)),
    "gamma": (lambda k, s, d: fr.gamma(k, 4.5, s, d), st.gamma(4.5)),
    "gamma of a large shape": (lambda k, s, d: fr.gamma(k, 3000.0, s, d), st.gamma(3000)),
    "loggamma": (lambda k, s, d: fr.loggamma(k, 0.05, s, d), st.loggamma(0.05)),
    "beta": (lambda k, s, d: fr.beta(k, 0.4, 2.5, s, d), st.beta(0.4, 2.5)),
    "dirichlet": (lambda k, s, d: fr.dirichlet(k, np.array([0.4, 1.5, 1.0]), s, d)[..., 0], st.beta(0.4, 2.5)),
    "chisquare": (lambda k, s, d: fr.chisquare(k, 3.0, s, d), st.chi2(3)),
    "t": (lambda k, s, d: fr.t(k, 3.0, s, d), st.t(3)),
    "multivariate_normal": (
        lambda k, s, d: fr.multivariate_normal(k, np.ones(2), COV, s, d) @ np.array([1, -1], d),
        st.norm(0, math.sqrt(3)),
    ),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_distribution(name, dtype):
    draw, distribution = CONTINUOUS[name]
    x = draw(fr.key(3), (20000,), dtype)
    assert (x.shape, x.dtype) == ((20000,), dtype)
    assert st.kstest(x.astype(float), distribution.cdf).pvalue > 1e-3


def check_frequencies(x: Any, probabilities: Any) -> None:
    want = np.asarray(probabilities) * x.size
    found = np.bincount(x.ravel(), minlength=len(want))
    assert found.size == len(want)
    common = want > 5
    assert st.chisquare(found[common], want[common] * found[common].sum() / want[common].sum()).pvalue > 1e-3
    assert abs(found[~common].sum() - want[~common].sum()) < 6 + 5 * math.sqrt(want[~common].sum())


@pytest.mark.parametrize("rate", [0.02, 0.7, 4.0, 9.99, 10.0, 37.5, 800.0])
def test_poisson(rate):
    x = fr.poisson(fr.key(4), rate, (20000,))
    check_frequencies(x, st.poisson.pmf(np.arange(x.max() + 1), rate) + np.eye(1, x.max() + 1, x.max())[0] * st.poisson.sf(x.max(), rate))


def test_poisson_of_rates_without_a_distribution():
    assert fr.poisson(KEY, np.array([0.0, -1.0, np.nan, np.inf])).tolist() == [0, -1, -1, 2**63 - 1024]
    large = fr.poisson(fr.key(5), 1e14, (20000,))
    assert st.kstest((large - 1e14) / 1e7, "norm").pvalue > 1e-3


def test_choices():
    key = fr.key(6)
    check_frequencies(fr.categorical(key, np.log(P), shape=(20000,)), P)
    check_frequencies(fr.categorical(key, np.log(P)[:, None] + np.zeros(5), axis=0, shape=(4000, 5)), P)
    check_frequencies(fr.choice(key, 4, (20000,), p=P), P)
    check_frequencies(fr.choice(key, 4, (20000,)), np.full(4, 0.25))
    check_frequencies(fr.bernoulli(key, 0.3, (20000,)).astype(int), [0.7, 0.3])
    orders = fgrad.vmap(lambda k: fr.permutation(k, 3))(fr.split(key, 12000)) @ np.array([9, 3, 1])
    check_frequencies(np.unique(orders, return_inverse=True)[1], np.full(6, 1 / 6))
    first = fgrad.vmap(lambda k: fr.choice(k, 4, (2,), replace=False, p=P))(fr.split(key, 12000))
    assert not np.any(first[:, 0] == first[:, 1])
    check_frequencies(first[:, 0], P)
    second = [sum(P[i] * P[j] / (1 - P[i]) for i in range(4) if i != j) for j in range(4)]
    check_frequencies(first[:, 1], second)


def test_permutation_moves_slices_or_entries():
    x = np.arange(60).reshape(3, 4, 5)
    for axis in (0, 1, -1):
        whole = fr.permutation(KEY, x, axis)
        places = fr.permutation(KEY, x.shape[axis])
        np.testing.assert_array_equal(whole, np.take(x, places, axis))
        single = fr.permutation(KEY, x, axis, independent=True)
        np.testing.assert_array_equal(np.sort(single, axis), x)
    assert sorted(fr.permutation(KEY, 5000).tolist()) == list(range(5000))
    assert fr.permutation(KEY, 0).shape == (0,)


def test_multivariate_normal_moments():
    for method in ("cholesky", "eigh", "svd"):
        x = fr.multivariate_normal(fr.key(8), np.array([1.0, -2.0]), COV, (40000,), method=method)
        np.testing.assert_allclose(np.mean(x, 0), [1, -2], atol=0.03)
        np.testing.assert_allclose(np.cov(x.T), COV, atol=0.06)
    singular = fr.multivariate_normal(KEY, np.zeros(2), np.ones((2, 2)), (5,), method="svd")
    np.testing.assert_allclose(singular[:, 0], singular[:, 1], atol=1e-7)


@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
@pytest.mark.parametrize(("n", "m"), [(3, 3), (2, 4), (4, 2)])
def test_orthogonal(n, m, dtype):
    q = fr.orthogonal(KEY, n, (5,), dtype, m)
    assert (q.shape, q.dtype) == ((5, n, m), dtype)
    adjoint = np.conj(np.swapaxes(q, -1, -2))
    one = q @ adjoint if n <= m else adjoint @ q
    np.testing.assert_allclose(one, np.broadcast_to(np.eye(min(n, m)), one.shape), atol=1e-5 if dtype == "float32" else 1e-13)


def test_orthogonal_matrices_are_evenly_distributed():
    angles = np.angle(fr.orthogonal(fr.key(9), 2, (4000,))[:, :, 0] @ np.array([1, 1j]))
    assert st.kstest(angles / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3


def test_gamma_without_a_distribution():
    logs = fr.loggamma(KEY, np.array([0.0, -1.0, np.nan, np.inf]))
    np.testing.assert_array_equal(logs, [-np.inf, np.nan, np.nan, np.inf])


def test_small_shapes_do_not_underflow():
    x = fr.dirichlet(KEY, np.full((100, 3), 1e-4))
    np.testing.assert_allclose(np.sum(x, -1), 1)
    assert np.all(np.isfinite(fr.beta(KEY, 1e-5, 1e-5, (100,))))
    far = fr.truncated_normal(KEY, np.array([50.0, -np.inf]), np.array([np.inf, -50.0]), (1000, 2))
    assert st.kstest((far[:, 0] - 50) * 50, "expon").pvalue > 1e-3
    assert st.kstest((-far[:, 1] - 50) * 50, "expon").pvalue > 1e-3


# -- one function, however it is run

X = np.arange(12.0).reshape(3, 4)
SAMPLERS: dict[str, tuple[Callable, str]] = {  # and the type of what it draws
    "bits": (lambda k: fr.bits(k, (3,)), "uint64[3]"),
    "uniform": (lambda k: fr.uniform(k, (2, 3)), "float64[2,3]"),
    "uniform between": (lambda k: fr.uniform(k, (2,), np.float32, -1.0, np.array([2.0, 5.0])), "float32[2]"),
    "one normal": (fr.normal, "float64[]"),
    "normal": (lambda k: fr.normal(k, 3, np.float32), "float32[3]"),
    "complex normal": (lambda k: fr.normal(k, (2,), np.complex64), "complex64[2]"),
    "lognormal": (lambda k: fr.lognormal(k, P), "float64[4]"),
    "exponential": (lambda k: fr.exponential(k, (2,)), "float64[2]"),
    "laplace": (lambda k: fr.laplace(k, (2,), np.float32), "float32[2]"),
    "logistic": (lambda k: fr.logistic(k, (2,)), "float64[2]"),
    "gumbel": (lambda k: fr.gumbel(k, ()), "float64[]"),
    "cauchy": (lambda k: fr.cauchy(k, (1,)), "float64[1]"),
    "pareto": (lambda k: fr.pareto(k, P + 2), "float64[4]"),
    "rayleigh": (lambda k: fr.rayleigh(k, 2.0), "float64[]"),
    "weibull_min": (lambda k: fr.weibull_min(k, 2.0, P), "float64[4]"),
    "truncated_normal": (lambda k: fr.truncated_normal(k, 1.0, np.inf, (3,)), "float64[3]"),
    "randint": (lambda k: fr.randint(k, (5,), 0, 10), "int64[5]"),
    "one randint": (lambda k: fr.randint(k, (), 0, 10, np.int32), "int32[]"),
    "wide randint": (lambda k: fr.randint(k, (5,), 0, 2**40), "int64[5]"),
    "randint of arrays": (lambda k: fr.randint(k, (2,), np.array([0, 5]), np.array([2, 2**50])), "int64[2]"),
    "bernoulli": (lambda k: fr.bernoulli(k, P), "bool[4]"),
    "rademacher": (lambda k: fr.rademacher(k, (3,), np.float32), "float32[3]"),
    "permutation": (lambda k: fr.permutation(k, 5), "int64[5]"),
    "permutation of slices": (lambda k: fr.permutation(k, X, 1), "float64[3,4]"),
    "permutation of entries": (lambda k: fr.permutation(k, X, 1, independent=True), "float64[3,4]"),
    "choice": (lambda k: fr.choice(k, X, (2, 2), axis=1), "float64[3,2,2]"),
    "one choice": (lambda k: fr.choice(k, 5), "int64[]"),
    "choice without replacement": (lambda k: fr.choice(k, X, (2,), replace=False), "float64[2,4]"),
    "choice by probability": (lambda k: fr.choice(k, 4, (3,), p=P), "int64[3]"),
    "choice by both": (lambda k: fr.choice(k, 4, (3,), replace=False, p=P), "int64[3]"),
    "categorical": (lambda k: fr.categorical(k, np.log(P)), "int64[]"),
    "categorical of rows": (lambda k: fr.categorical(k, X, 0, (2, 4)), "int64[2,4]"),
    "different categories": (lambda k: fr.categorical(k, np.log(P), shape=(3,), replace=False), "int64[3]"),
    "gamma": (lambda k: fr.gamma(k, P), "float64[4]"),
    "one gamma": (lambda k: fr.gamma(k, 2.0, dtype=np.float32), "float32[]"),
    "loggamma": (lambda k: fr.loggamma(k, P, (3, 4)), "float64[3,4]"),
    "beta": (lambda k: fr.beta(k, P, 2.0), "float64[4]"),
    "dirichlet": (lambda k: fr.dirichlet(k, P, (2,)), "float64[2,4]"),
    "chisquare": (lambda k: fr.chisquare(k, 3.0, (2,)), "float64[2]"),
    "t": (lambda k: fr.t(k, 3.0, (2,)), "float64[2]"),
    "poisson": (lambda k: fr.poisson(k, np.array([0.0, 3.0, 30.0])), "int64[3]"),
    "poisson in float32": (lambda k: fr.poisson(k, 3.0, dtype=np.float32), "float32[]"),
    "multivariate_normal": (lambda k: fr.multivariate_normal(k, np.zeros((3, 2)), COV), "float64[3,2]"),
    "orthogonal": (lambda k: fr.orthogonal(k, 3), "float64[3,3]"),
    "split": (lambda k: fr.split(k, 3), "uint32[3,2]"),
    "fold_in": (lambda k: fr.fold_in(k, 7), "uint32[2]"),
}


def assert_same(got: Any, want: Any) -> None:
    for g, w in zip(tree.leaves(got), tree.leaves(want), strict=True):
        assert (g.dtype, g.shape) == (w.dtype, w.shape)
        exact = w.dtype.kind not in "fc"
        np.testing.assert_allclose(g, w, rtol=0 if exact else 40 * np.finfo(w.dtype).eps, atol=0 if exact else 8 * np.finfo(w.dtype).eps)


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_way_draws_the_same(name):
    draw, kind = SAMPLERS[name]
    keys = fr.split(KEY, 4)
    one = draw(keys[0])
    (leaf,) = tree.leaves(one)
    assert isinstance(leaf, (np.ndarray, np.generic))
    assert f"{leaf.dtype}[{','.join(map(str, leaf.shape))}]" == kind
    (aval,) = tree.leaves(fgrad.eval_shape(draw, KEY))
    assert (aval.shape, aval.dtype) == (leaf.shape, leaf.dtype)
    each = tree.map(lambda *xs: np.stack(xs), *[draw(k) for k in keys])
    assert_same(fgrad.jit(draw)(keys[0]), one)
    assert_same(fgrad.vmap(draw)(keys), each)
    assert_same(fgrad.jit(fgrad.vmap(draw))(keys), each)
    assert_same(fgrad.map(draw, keys), each)
    assert_same(fgrad.scan(lambda c, k: (c, draw(k)), 0.0, keys)[1], each)
    square = tree.map(lambda x: x.reshape(2, 2, *x.shape[1:]), each)
    assert_same(fgrad.vmap(fgrad.vmap(draw))(keys.reshape(2, 2)), square)


def test_every_way_is_complete():
    """Every function that draws is in the table above, and every public one has an example."""
    code = {name for draw, _ in SAMPLERS.values() for name in draw.__code__.co_names} | {"normal"}
    functions = {n for n in fr.__all__ if callable(getattr(fr, n)) and not isinstance(getattr(fr, n), type)}
    assert functions - code == {"PRNGKey", "debug_key_reuse", "key", "key_data", "wrap_key_data"}
    for name in fr.__all__:
        found = doctest.DocTestFinder(recurse=False).find(getattr(fr, name), name)
        assert name == "KeyReuseError" or any(t.examples for t in found), name


def test_parameters_are_mapped():
    """A shared key: the same numbers for each example, as in a loop."""
    shapes = np.array([0.5, 1.0, 4.0])
    np.testing.assert_array_equal(fgrad.vmap(lambda a: fr.gamma(KEY, a, (2,)))(shapes), [fr.gamma(KEY, a, (2,)) for a in shapes])
    np.testing.assert_array_equal(fgrad.vmap(lambda r: fr.poisson(KEY, r))(shapes * 9), [fr.poisson(KEY, r) for r in shapes * 9])
    keys, tops = fr.split(KEY, 3), np.array([1, 10, 1000])
    mapped = fgrad.vmap(lambda k, n: fr.randint(k, (2,), 0, n))(keys, tops)
    np.testing.assert_array_equal(mapped, [fr.randint(k, (2,), 0, n) for k, n in zip(keys, tops, strict=True)])
    weights = np.array([[0.2, 0.8, 0.0], [0.5, 0.0, 0.5]])
    mapped = fgrad.vmap(lambda p: fr.choice(KEY, 3, (5,), p=p))(weights)
    np.testing.assert_array_equal(mapped, [fr.choice(KEY, 3, (5,), p=p) for p in weights])
