"""Colourings: no two entries that a pass would add up are read from it, every entry is read from somewhere, and passes are few where they can be."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.sparse import csr_array

from fgrad.sparse.coloring import Coloring, color_hessian, color_jacobian, least_cost, one_by_one


def matrices(symmetric: bool = False) -> st.SearchStrategy:
    def make(drawn: tuple) -> csr_array:
        m, n, seed, fill, lines = drawn
        rng = np.random.default_rng(seed)
        dense = rng.random((n if symmetric else m, n)) < fill
        if lines & 1:
            dense[0] = True
        if lines & 2:
            dense[:, 0] = True
        if symmetric:
            dense |= dense.T
        return csr_array(dense)

    size = st.integers(1, 12)
    return st.tuples(size, size, st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 0.3, 0.8]), st.integers(0, 3)).map(make)


def recovered(c: Coloring, values: np.ndarray, pattern: csr_array) -> np.ndarray:
    """The matrix as the passes give it."""
    m, n = pattern.shape
    forward = values @ (c.columns[:, None] == np.arange(max(c.forward, 1)))  # [m, colours]
    reverse = (c.rows[:, None] == np.arange(max(c.reverse, 1))).T @ values  # [colours, n]
    found = np.zeros(m * n)
    from_forward, from_reverse = forward.T.ravel(), reverse.ravel()
    found[c.entries] = [(from_reverse if r else from_forward)[p] for r, p in zip(c.reversed, c.places, strict=True)]
    return found.reshape(m, n)


def values_of(pattern: csr_array, symmetric: bool = False) -> np.ndarray:
    values = pattern.toarray() * np.random.default_rng(0).integers(1, 10**6, pattern.shape).astype(float)
    return np.tril(values) + np.tril(values, -1).T if symmetric else values


@given(matrices(), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_every_entry_is_recovered(pattern, forward, reverse):
    values = values_of(pattern)
    c = color_jacobian(pattern, forward or not reverse, reverse)
    assert np.array_equal(recovered(c, values, pattern), values)
    assert c.cost >= least_cost(pattern, forward or not reverse, reverse)
    assert c.cost <= 2 * max(pattern.shape)
    assert np.array_equal(recovered(one_by_one(pattern, reverse), values, pattern), values)


@given(matrices(symmetric=True))
@settings(max_examples=100)
def test_every_entry_of_a_symmetric_matrix_is_recovered(pattern):
    values = values_of(pattern, symmetric=True)
    assert np.array_equal(recovered(color_hessian(pattern), values, pattern), values)


def banded(n: int, *offsets: int) -> csr_array:
    return csr_array(sum(np.eye(n, k=k, dtype=bool) for k in offsets))


def grid(side: int) -> csr_array:
    """A grid's points and their four neighbours."""
    line = banded(side, -1, 1).toarray()
    return csr_array(np.kron(line, np.eye(side, dtype=bool)) + np.kron(np.eye(side, dtype=bool), line) + np.eye(side * side, dtype=bool))


def arrow(n: int) -> csr_array:
    dense = np.eye(n, dtype=bool)
    dense[0] = dense[:, 0] = True
    return csr_array(dense)


@pytest.mark.parametrize(
    "pattern, forward, reverse",
    [
        (banded(30, 0), 1, 0),
        (banded(30, -1, 0, 1), 3, 0),
        (csr_array(np.ones((2, 40), bool)), 0, 2),
        (csr_array(np.ones((40, 2), bool)), 2, 0),
    ],
    ids=["diagonal", "band", "two rows", "two columns"],
)
def test_as_few_passes_as_there_can_be(pattern, forward, reverse):
    c = color_jacobian(pattern)
    assert (c.forward, c.reverse) == (forward, reverse)


def test_an_arrow_takes_passes_of_both_kinds():
    c = color_jacobian(arrow(50))
    assert c.forward == 2 and c.reverse == 1


def test_symmetric_matrices_take_fewer_passes():
    assert color_hessian(arrow(50)).forward == 2
    assert color_hessian(banded(50, -1, 0, 1)).forward == 3
    assert color_hessian(banded(50, *range(-3, 4))).forward <= color_jacobian(banded(50, *range(-3, 4))).forward
    assert color_hessian(grid(12)).forward < color_jacobian(grid(12), reverse=False).forward
