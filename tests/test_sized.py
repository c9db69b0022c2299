"""`size=`, `fill_value=`, `inplace=` and their kin, JAX's keywords, against JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad.numpy as fnp

A, B = np.array([3.0, 1.0, 3.0, 2.0, 1.0, 7.0]), np.array([2.0, 9.0, 1.0])
M = np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 2.0]])

SIZED: dict[str, Callable] = {
    "unique": lambda np, n: np.unique(A, return_index=True, return_inverse=True, return_counts=True, size=n),
    "unique, filled": lambda np, n: np.unique(A, size=n, fill_value=-1),
    "unique rows": lambda np, n: np.unique(M, axis=0, size=n),
    "unique_all": lambda np, n: tuple(np.unique_all(A, size=n)),
    "unique_values": lambda np, n: np.unique_values(A, size=n),
    "union1d": lambda np, n: np.union1d(A, B, size=n),
    "intersect1d": lambda np, n: np.intersect1d(A, B, size=n, return_indices=True),
    "setdiff1d": lambda np, n: np.setdiff1d(A, B, size=n),
    "setxor1d": lambda np, n: np.setxor1d(A, B, size=n),
    "nonzero": lambda np, n: np.nonzero(A > 1, size=n),
    "nonzero, filled": lambda np, n: np.nonzero(M > 0, size=n, fill_value=(7, 8)),
    "flatnonzero": lambda np, n: np.flatnonzero(A > 1, size=n, fill_value=-1),
    "argwhere": lambda np, n: np.argwhere(M > 0, size=n),
    "where": lambda np, n: np.where(A > 1, size=n, fill_value=3),
    "compress": lambda np, n: np.compress(A > 1, A, size=n, fill_value=-1),
    "extract": lambda np, n: np.extract(A > 1, A, size=n),
    "bincount": lambda np, n: np.bincount(A.astype(int), length=n),
    "repeat": lambda np, n: np.repeat(A, fnp.array([2, 0, 1, 0, 3, 1]), total_repeat_length=n),
}
CHANGED: dict[str, Callable] = {
    "fill_diagonal": lambda np: np.fill_diagonal(np.asarray(M), 9.0, inplace=False),
    "put": lambda np: np.put(np.asarray(A), np.array([0, 3]), np.array([9.0, 8.0]), inplace=False),
    "place": lambda np: np.place(np.asarray(A), A > 1, np.array([9.0, 8.0]), inplace=False),
    "put_along_axis": lambda np: np.put_along_axis(np.asarray(M), np.array([[1], [0], [1]]), 9.0, axis=1, inplace=False),
    "add.at": lambda np: np.add.at(np.asarray(A), np.array([0, 0, 1]), 2.0, inplace=False),
    "multiply.at": lambda np: np.multiply.at(np.asarray(A), np.array([0, 0, 1]), 2.0, inplace=False),
    "add.reduceat": lambda np: np.add.reduceat(np.asarray(A), np.array([0, 3, 1, 5])),
    "roots": lambda np: np.sort(np.roots(np.array([1.0, -3.0, 2.0]), strip_zeros=False).real),
}


def _compare(f: Callable[[Any], Any]) -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        want = jax.tree.map(np.asarray, f(jax.numpy))
    for g, w in zip(jax.tree.leaves(f(fnp)), jax.tree.leaves(want), strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-12)


@pytest.mark.parametrize("size", [2, 6])
@pytest.mark.parametrize("name", SIZED)
def test_sizes_are_those_of_jax(name, size):
    _compare(lambda np: SIZED[name](np, size))


@pytest.mark.parametrize("name", CHANGED)
def test_changed_copies_are_those_of_jax(name):
    _compare(CHANGED[name])


def test_sizes_are_numbers():
    with pytest.raises(ValueError, match="negative"):
        fnp.nonzero(A, size=-1)
    with pytest.raises(TypeError):
        fnp.nonzero(A, size=1.5)
    assert fnp.unique(A, size=None).tolist() == [1.0, 2.0, 3.0, 7.0]
    with pytest.raises(TypeError, match="size"):
        np.unique(A, size=3)
