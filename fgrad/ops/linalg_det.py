"""Determinants, and the adjugate that the derivatives of `det` are made of: primitives on stacks of matrices.

The determinant is a polynomial in the entries, so it has derivatives where the matrix is singular, which the formula with the inverse does not
give: where that is inaccurate the adjugate comes from the singular value decomposition, as its derivative always does. Source: M. B. Giles,
"Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Rule
from fgrad.ops.elementwise import add, convert, mul, real, sub
from fgrad.ops.linalg import is_complex, mm, mt, np_adjoint, real_dtype, same_aval, stacked, trace_of_product
from fgrad.ops.linalg_solve import inv
from fgrad.ops.shapes import broadcast


def _others(s: np.ndarray) -> np.ndarray:
    """For each entry of the last axis the product of all others."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], -1), -1)[..., ::-1]
    return before * after


def _oriented_svd(a: np.ndarray) -> tuple[np.ndarray, ...]:
    """u, s, v^H, and det(u) det(v^H)."""
    u, s, vh = np.linalg.svd(a)
    return u, s, vh, (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def _adjugate(a: Any) -> np.ndarray:
    """adj(a) = det(a) a^-1 where that is accurate, else by the SVD: adj(u s v^H) = det(u v^H) v adj(s) u^H."""
    if not a.size:
        return np.empty_like(a)
    limit = np.finfo(a.dtype).eps ** (-1 / 3)
    try:
        inverse = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        pass
    else:
        condition = np.linalg.norm(a, 1, (-2, -1)) * np.linalg.norm(inverse, 1, (-2, -1))
        if not np.any(condition > limit):
            return np.linalg.det(a)[..., None, None] * inverse
    u, s, vh, sign = _oriented_svd(a)
    return (sign * (np_adjoint(vh) * _others(s)[..., None, :]) @ np_adjoint(u)).astype(a.dtype, copy=False)


def _adjugate_tangent(a: Any, t: Any) -> np.ndarray:
    """The derivative of adj at a in the direction t: with t = u t' v^H, the entries of t' times the products of all but two singular values."""
    if not a.size:
        return np.empty_like(a)
    u, s, vh, sign = _oriented_svd(a)
    inside = np_adjoint(u) @ t @ np_adjoint(vh)
    n = a.shape[-1]
    diagonal = np.eye(n, dtype=bool)
    products = _others(np.where(diagonal, 1, s[..., None, :]))  # of all but the i-th and the j-th
    traces = (np.where(diagonal, 0, products) * np.diagonal(inside, axis1=-2, axis2=-1)[..., None, :]).sum(-1)
    moved = np.where(diagonal, traces[..., None], -products * inside)
    return (sign * np_adjoint(vh) @ moved @ np_adjoint(u)).astype(a.dtype, copy=False)


def _third_derivative(out: Any, a: Any, t: Any) -> Rule:
    # of d (w tr(w t) - w t w) with w = a^-1 and d = det(a), where dw = -w s w and dd = d tr(w s)
    w = inv(a, strict=False)
    wt = mm(w, t)
    wtw, tr_t, d = mm(wt, w), _spread(trace_of_product(w, t), a.shape), _spread(det(a), a.shape)

    def tangent(s: Any) -> Any:
        ws = mm(w, s)
        wsw = mm(ws, w)
        tr_s, tr_st = _spread(trace_of_product(w, s), a.shape), _spread(trace_of_product(ws, wt), a.shape)
        crossed = add(mm(ws, wtw), mm(wt, wsw))
        return add(mul(tr_s, out), mul(d, sub(sub(crossed, mul(wsw, tr_t)), mul(tr_st, w))))

    return tangent


def _spread(x: Any, shape: tuple[int, ...]) -> Any:
    return broadcast(x, shape=shape, axes=(len(shape) - 2, len(shape) - 1))


adjugate_tangent = stacked(
    "adjugate_tangent",
    impl=_adjugate_tangent,
    aval=same_aval,
    partials=[_third_derivative, lambda out, a, t: lambda s: adjugate_tangent(a, s)],
    # adj(a)^T is the gradient of det, so this is a Hessian, up to transposes
    transposes=[None, lambda ct, a, t: mt(adjugate_tangent(a, mt(ct)))],
)
adjugate = stacked("adjugate", impl=_adjugate, aval=same_aval, partials=[lambda out, a: lambda t: adjugate_tangent(a, t)])
"""The transposed matrix of cofactors: a polynomial in the entries of a, so the derivatives of det are right where a is singular, up to
the second (the third needs the inverse)."""


def _det_partial(out: Any, a: Any) -> Rule:
    cofactors = adjugate(a)  # Jacobi's formula
    return lambda t: trace_of_product(cofactors, t)


det = stacked("det", impl=np.linalg.det, aval=lambda a: ShapedArray(a.shape[:-2], a.dtype), partials=[_det_partial])


def _slogdet_partial(out: Sequence[Any], a: Any) -> Rule:
    sign = out[0]
    inverse = inv(a, strict=False)

    def tangent(t: Any) -> list:
        turned = trace_of_product(inverse, t)  # of the logarithm of the determinant: the imaginary part turns its sign
        if not is_complex(a):
            return [None, turned]
        return [mul(sub(turned, convert(real(turned), dtype=a.dtype)), sign), real(turned)]

    return tangent


slogdet = stacked(
    "slogdet",
    impl=lambda a: list(np.linalg.slogdet(a)),
    aval=lambda a: [ShapedArray(a.shape[:-2], a.dtype), ShapedArray(a.shape[:-2], real_dtype(a.dtype))],
    multi=True,
    partials=[_slogdet_partial],
)
