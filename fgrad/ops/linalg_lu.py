"""The factors of LU decompositions: primitives on stacks of matrices.

`lu_permutation(a)` is the order of rows that partial pivoting chooses, and has no derivative. Of a square matrix in that order, `lu_factors` are l and u:
dl = l tril(f, -1) and du = triu(f) u, where f = l^-1 da u^-1. SciPy is loaded at the first use.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Rule
from fgrad.ops.elementwise import sub
from fgrad.ops.linalg import mm, mt, stacked, triangle
from fgrad.ops.linalg_solve import triangular_solve


def _scipy_lu(a: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return importlib.import_module("scipy.linalg").lu(a, p_indices=True)


def _permutation(a: Any) -> np.ndarray:
    placed = np.asarray(_scipy_lu(a)[0], np.int64)  # row i of a is row placed[i] of l u
    return np.argsort(placed, axis=-1)


lu_permutation = stacked("lu_permutation", impl=_permutation, aval=lambda a: ShapedArray(a.shape[:-1], np.dtype(np.int64)))
"""i64[..., m] for a[..., m, n]: the rows of a in the order that is l u."""


def by_lower(low: Any, x: Any) -> Any:
    """low^-1 x, of a lower triangular matrix with ones on its diagonal."""
    return triangular_solve(low, x, lower=True, transposed=False, unit=True, strict=False)


def by_upper(x: Any, u: Any) -> Any:
    """x u^-1, of an upper triangular u."""
    return mt(triangular_solve(u, mt(x), lower=False, transposed=True, unit=False, strict=False))


def _partial(out: Sequence[Any], a: Any) -> Rule:
    low, u = out

    def tangent(t: Any) -> list:
        f = by_upper(by_lower(low, t), u)
        upper = triangle(f, lower=False, diagonal=1.0)
        return [mm(low, sub(f, upper)), mm(upper, u)]

    return tangent


lu_factors = stacked(
    "lu_factors",
    impl=lambda a: list(_scipy_lu(a)[1:]),
    aval=lambda a: [ShapedArray(a.shape, a.dtype)] * 2,
    partials=[_partial],
    multi=True,
)
"""l and u of square matrices whose rows are in order."""
