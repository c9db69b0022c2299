"""Stacks of matrices as arguments: their dtype, their shape, and the broadcasting of batches. For `solving.py`, `factoring.py`, `norms.py`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.numpy.shapes import as_array
from fgrad.ops import shapes as s
from fgrad.ops.linalg import MatrixError
from fgrad.ops.promote import cast

_LAPACK = "fdFD"


def floating(name: str, *xs: Any) -> list[Any]:
    """Arrays of one dtype that LAPACK has; integers and booleans count as float64."""
    arrays = [as_array(x) for x in xs]
    dtypes = [np.dtype(np.float64) if x.dtype.kind in "biu" else x.dtype for x in arrays]
    for x, dtype in zip(arrays, dtypes, strict=True):
        if dtype.char not in _LAPACK:
            raise DtypeError(f"{name}: {short(x)} has a dtype that LAPACK does not have", "Convert it to float32 or float64.")
    common = np.result_type(*dtypes)
    return [cast(x, common) for x in arrays]


def check_matrices(name: str, a: Any, square: bool = False) -> None:
    if a.ndim < 2:
        raise MatrixError(f"{name}: a: {short(a)} is no matrix", "It takes a matrix, or a stack of them in the last two axes.")
    if square and a.shape[-1] != a.shape[-2]:
        raise MatrixError(f"{name}: the last two axes of a: {short(a)} are not equal", "It takes square matrices.")


def matrices(name: str, a: Any, square: bool = False) -> Any:
    """An array of matrices of floating point numbers."""
    (a,) = floating(name, a)
    check_matrices(name, a, square)
    return a


def solved(name: str, solve: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """`solve(a, b)`, made for matrices with equal batches, on what NumPy takes: b may be a vector, and batches broadcast."""
    check_matrices(name, a, square=True)
    vector = b.ndim == 1
    if not b.ndim or b.shape[-1 if vector else -2] != a.shape[-1]:
        raise ShapeError(
            f"{name}: a: {short(a)} and b: {short(b)} do not fit",
            "b is a vector with as many entries as a has rows, or has them in its last axis but one.",
        )
    if vector:
        b = s.reshape(b, shape=(*b.shape, 1))
    if a.ndim == 2 and b.ndim > 2:  # one matrix: the batch of b is more columns
        lead = b.ndim - 2
        moved = s.transpose(b, axes=(lead, *range(lead), lead + 1))
        shape = moved.shape
        x = s.reshape(solve(a, s.reshape(moved, shape=(shape[0], math.prod(shape[1:])))), shape=shape)
        return s.transpose(x, axes=(*range(1, lead + 1), 0, lead + 1))
    try:
        lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ShapeError(f"{name}: the batches of a: {short(a)} and b: {short(b)} do not broadcast") from None
    x = solve(s.broadcast_to(a, lead + a.shape[-2:]), s.broadcast_to(b, lead + b.shape[-2:]))
    return s.reshape(x, shape=x.shape[:-1]) if vector else x
