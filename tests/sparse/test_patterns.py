"""Patterns: exact where a program says what depends on what, larger where values decide; which is documented in docs/sparse.md."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.ops.convolution import conv

N = 6
X = np.random.default_rng(0).normal(size=N)
KERNEL = np.array([1.0, -2.0, 1.0])
PLACES = np.array([0, 0, 3, 5])
BANDED = np.diag(np.full(N, 2.0)) + np.diag(np.ones(N - 1), 1)

EXACT = {
    "elementwise": np.sin,
    "slices": lambda x: x[1:] - x[:-1],
    "reversed": lambda x: x[::-1] * x,
    "roll": lambda x: np.roll(x, 2) * x,
    "gather": lambda x: x[PLACES] ** 2,
    "gather at counted places": lambda x: x[np.arange(3) * 2 + 1],
    "scatter": lambda x: fnp.at(x)[PLACES[1:]].set(x[:3] * 2.0),
    "scatter_add": lambda x: fnp.at(fnp.zeros(4))[np.array([0, 1, 1, 3, 3, 3])].add(x),
    "sums of rows": lambda x: np.sum(np.square(x.reshape(2, 3)), axis=1),
    "rows less their means": lambda x: x.reshape(2, 3) - np.mean(x.reshape(2, 3), axis=1, keepdims=True),
    "running sums": lambda x: np.cumsum(x * x),
    "convolution": lambda x: np.convolve(x, KERNEL, "valid"),
    "a banded matrix": lambda x: BANDED @ x,
    "a batch of products": lambda x: np.einsum("bi,ij->bj", x.reshape(2, 3), np.ones((3, 2))),
    "a known mask": lambda x: np.where(np.arange(N) % 2 == 0, x * x, 1.0) * np.array([1.0, 1, 0, 0, 1, 1]),
    "outer": lambda x: x[:2, None] * x[None, 2:],
    "stack and transpose": lambda x: np.stack([x, x * x]).T,
    "sort rows": lambda x: np.sort(x.reshape(2, 3), axis=0)[:, 0] * 1.0,
    "map": lambda x: fgrad.map(lambda y: y**2, x),
    "a loop with a counter": lambda x: fgrad.fori_loop(0, N - 1, lambda i, v: v.at[i].set(v[i + 1] * 2.0), x),
    "a scan": lambda x: fgrad.scan(lambda c, y: (y, c * y), x[0], x)[1],
    "a long scan": lambda x: fgrad.scan(lambda c, y: (c, c * y), x[0], np.tile(x, 50))[1],
    "nothing": lambda x: np.floor(x),
    "rfft": lambda x: np.abs(np.fft.rfft(x.reshape(2, 3), axis=1)),
}


def dense_of(f: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(fgrad.jacfwd(f)(x)).reshape(-1, x.size) != 0


@pytest.mark.parametrize("name", EXACT)
def test_exact(name):
    f = EXACT[name]
    found = fgrad.sparsity(f)(X).toarray()
    seen = np.any([dense_of(f, np.random.default_rng(seed).permutation(X) * 1.1**seed) for seed in range(4)], axis=0)
    assert np.array_equal(found, seen)


CONSERVATIVE = {
    "sorted": (lambda x: np.sort(x), N * N),  # any entry may come to any place
    "maximum": (lambda x: np.max(x) * x[:2], 2 * N),
    "both branches": (lambda x: fgrad.cond(np.sum(x) > 0, lambda x: x * x, lambda x: x[::-1] * 2.0, x), 2 * N),
    "a choice by value": (lambda x: np.where(x > 0, x, x[::-1]), 2 * N),
    "a place by value": (lambda x: fnp.take(x, np.argmax(x)) * x[:1], N),
    "a loop that ends by value": (lambda x: fgrad.while_loop(lambda v: np.sum(v * v) > 1.0, lambda v: v * 0.5, x), N),
    "a product that is zero here": (lambda x: x * (x - x), N),
}


@pytest.mark.parametrize("name", CONSERVATIVE)
def test_values_are_not_looked_at(name):
    f, count = CONSERVATIVE[name]
    found = fgrad.sparsity(f)(X)
    assert found.nnz == count
    assert not (dense_of(f, X) & ~found.toarray()).any()


def test_of_types_alone():
    found = fgrad.sparsity(lambda x: x[1:] * 2.0)(fgrad.ShapeDtypeStruct((4,), float))
    assert found.dtype == bool and found.toarray().tolist() == np.eye(3, 4, 1, dtype=bool).tolist()


def test_trees():
    found = fgrad.sparsity(lambda p, y: {"a": p["u"] * y, "b": np.sum(p["v"])}, argnums=(0, 1))(
        {"u": np.ones(2), "v": np.ones(3)}, np.ones(2)
    )
    shapes = fgrad.tree.map(lambda m: m.shape, found)
    assert shapes == {"a": ({"u": (2, 2), "v": (2, 3)}, (2, 2)), "b": ({"u": (1, 2), "v": (1, 3)}, (1, 2))}
    assert fgrad.tree.map(lambda m: m.nnz, found) == {"a": ({"u": 2, "v": 0}, 2), "b": ({"u": 0, "v": 3}, 0)}


def test_large_patterns_stay_structured():
    """Sets that are shared are kept once: these would be 10¹⁰ members one by one."""
    x = fgrad.ShapeDtypeStruct((100_000,), float)
    assert fgrad.sparsity(lambda x: np.sum(np.exp(x - np.max(x))))(x).nnz == 100_000
    assert fgrad.sparsity(lambda x: (x - np.mean(x))[:1])(x).nnz == 100_000
    with pytest.raises(fgrad.errors.ShapeError, match="not sparse: 10,000,000,000 of"):
        fgrad.sparsity(lambda x: x - np.mean(x))(x)


IMAGE, FILTERS = np.random.default_rng(1).normal(size=(2, 4, 5, 4)), np.random.default_rng(2).normal(size=(6, 2, 3, 2))
OPTIONS = {"stride": (2, 1), "padding": ((1, 0), (0, 2)), "dilation": (1, 2), "groups": 2}


@pytest.mark.parametrize("of", ["the image", "the kernel", "the gradient"])
def test_convolutions(of):
    if of == "the kernel":
        f, x = lambda w: conv(IMAGE, w, **OPTIONS), FILTERS
    elif of == "the image":
        f, x = lambda x: conv(x, FILTERS, **OPTIONS), IMAGE
    else:  # both other primitives
        f = fgrad.grad(lambda x, w: fnp.sum(conv(x, w, **OPTIONS) ** 3), argnums=(0, 1))
        found = fgrad.sparsity(lambda x: f(x, FILTERS))(IMAGE)
        dense = fgrad.jacfwd(lambda x: f(x, FILTERS))(IMAGE)
        for p, d in zip(found, dense, strict=True):
            assert not ((d.reshape(p.shape) != 0) & ~p.toarray()).any()
        assert found[0].nnz < 0.5 * IMAGE.size**2
        return
    assert np.array_equal(fgrad.sparsity(f)(x).toarray(), dense_of(f, x))
