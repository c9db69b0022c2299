"""Eigenvalues and eigenvectors, of Hermitian and of general matrices: primitives on stacks of matrices.

A simple eigenvalue, and any symmetric function of the eigenvalues, is differentiable; so the rules for values need no gaps between them.
Eigenvectors are differentiable where their eigenvalue is simple: at one that is repeated, but for rounding, their tangents are NaN, and with them the
second derivatives of eigenvalues. Source: M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Rule
from fgrad.ops import linalg as la
from fgrad.ops.elementwise import abs_, complex_, conj, convert, eq, imag, mul, real, select, sub
from fgrad.ops.family import like
from fgrad.ops.linalg import adjoint, columns, inverse_gaps, mm, rows
from fgrad.ops.linalg_solve import inv
from fgrad.ops.reductions import argmax, reduce_max
from fgrad.ops.shapes import broadcast, iota, reduce_sum


def _inverse_gaps(w: Any) -> Any:
    """1 / (w_j - w_i), where the two differ by more than rounding."""
    shape = (*w.shape, w.shape[-1])
    largest = reduce_max(abs_(w), axes=(len(w.shape) - 1,))
    scale = broadcast(largest, shape=shape, axes=(len(shape) - 2, len(shape) - 1))
    return inverse_gaps(sub(columns(w, shape), rows(w, shape)), scale)


# -- Hermitian matrices, of which one triangle is read


def _eigh_partial(out: Sequence[Any], a: Any, *, lower: bool) -> Rule | None:
    w, v = out
    vh = adjoint(v)
    if not a.shape[-1]:
        return None
    turn = convert(_inverse_gaps(w), dtype=a.dtype)

    def tangent(t: Any) -> list:
        inside = mm(vh, mm(la.hermitian(t, lower), v))  # the vectors turn towards each other, none along itself
        return [la.real_part(la.diagonal(inside)), mm(v, mul(inside, turn))]

    return tangent


def _eigvalsh_linearize(primals: Sequence[Any], active: Sequence[bool], *, lower: bool) -> tuple[list, Callable]:
    (a,) = primals
    w, v = eigh(a, lower=lower)
    vh = adjoint(v)
    return [w], lambda tangents: [la.real_part(la.diagonal_of_product(vh, mm(la.hermitian(tangents[0], lower), v)))]


def _values_aval(a: Any, **params: Any) -> ShapedArray:
    return ShapedArray(a.shape[:-1], la.real_dtype(a.dtype))


eigh = la.stacked(
    "eigh",
    impl=la.decomposed("eigh", lambda a, *, lower: list(np.linalg.eigh(a, "L" if lower else "U"))),
    aval=lambda a, *, lower: [_values_aval(a), la.same_aval(a)],
    partials=[_eigh_partial],
    multi=True,
)
eigvalsh = la.stacked(
    "eigvalsh",
    impl=la.decomposed("eigvalsh", lambda a, *, lower: np.linalg.eigvalsh(a, "L" if lower else "U")),
    aval=_values_aval,
    linearize=_eigvalsh_linearize,
)

# -- general matrices: always complex


def _complex_dtype(dtype: np.dtype) -> np.dtype:
    return np.promote_types(dtype, np.complex64)


def _eig(a: Any) -> list:
    w, v = np.linalg.eig(a)
    dtype = _complex_dtype(a.dtype)
    return [w.astype(dtype, copy=False), v.astype(dtype, copy=False)]


def _eig_partial(out: Sequence[Any], a: Any) -> Rule | None:
    w, v = out
    if not a.shape[-1]:
        return None
    inverse, vh = inv(v, strict=False), conj(v)
    turn = _inverse_gaps(w)
    anchor, height = _anchor(v)
    last = len(a.shape) - 2

    def tangent(t: Any) -> list:
        inside = mm(inverse, mm(convert(t, dtype=v.dtype), v))
        moved = mm(v, mul(inside, turn))
        # each vector keeps its norm 1, and stays real in its anchor, as LAPACK has it
        longer = reduce_sum(real(mul(vh, moved)), axes=(last,))
        turned = mul(reduce_sum(mul(imag(moved), anchor), axes=(last,)), height)
        return [la.diagonal(inside), sub(moved, mul(v, columns(complex_(longer, turned), a.shape)))]

    return tangent


def _anchor(v: Any) -> tuple[Any, Any]:
    """For each vector, where its largest component is, which LAPACK makes real (1 there, else 0), and 1 over that component."""
    size = abs_(v)
    last = len(v.shape) - 2
    place = argmax(select(eq(imag(v), like(size, 0)), size, like(size, -1)), axis=last)
    row = broadcast(iota(size=v.shape[-1], dtype=place.dtype), shape=v.shape, axes=(*range(last), last + 1))
    chosen = convert(eq(row, columns(place, v.shape)), dtype=size.dtype)
    return chosen, la.safe_reciprocal(reduce_sum(mul(real(v), chosen), axes=(last,)))


def _eigvals_linearize(primals: Sequence[Any], active: Sequence[bool]) -> tuple[list, Callable]:
    w, v = eig(primals[0])
    inverse = inv(v, strict=False)
    return [w], lambda tangents: [la.diagonal_of_product(inverse, mm(convert(tangents[0], dtype=v.dtype), v))]


eig = la.stacked(
    "eig",
    impl=la.decomposed("eig", _eig),
    aval=lambda a: [ShapedArray(a.shape[:-1], _complex_dtype(a.dtype)), ShapedArray(a.shape, _complex_dtype(a.dtype))],
    partials=[_eig_partial],
    multi=True,
)
eigvals = la.stacked(
    "eigvals",
    impl=la.decomposed("eigvals", lambda a: np.linalg.eigvals(a).astype(_complex_dtype(a.dtype), copy=False)),
    aval=lambda a: ShapedArray(a.shape[:-1], _complex_dtype(a.dtype)),
    linearize=_eigvals_linearize,
)
