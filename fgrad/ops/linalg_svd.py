"""Singular values, QR and the pseudoinverse: primitives on stacks of matrices, square or not.

Singular values, and any symmetric function of them that is smooth, need no gaps between them. Singular vectors are differentiable where
their singular value is simple and not 0: elsewhere their tangents are NaN, and with them the second derivatives of singular values. Of
complex matrices the phases of singular vectors are not determined; the tangents turn the left and the right one by opposite angles, so that
what does not depend on phases has its derivative. Sources: J. Townsend, "Differentiating the singular value decomposition" (2016);
Z.-Q. Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD" (2019); S. F. Walter and L. Lehmann, "Algorithmic
differentiation of linear algebra functions with application in optimum experimental design" (2010), for QR; G. H. Golub and
V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate" (1973).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, short
from fgrad.core.errors import UnsupportedError
from fgrad.core.primitive import Rule
from fgrad.ops import linalg as la
from fgrad.ops.elementwise import add, complex_, convert, imag, mul, sub
from fgrad.ops.family import like
from fgrad.ops.linalg import adjoint, columns, mm, mt, rows
from fgrad.ops.linalg_solve import triangular_solve
from fgrad.ops.shapes import concatenate, slice_

# -- singular values


def _svd_aval(a: Any, *, full: bool) -> list:
    *lead, m, n = a.shape
    k = min(m, n)
    return [
        ShapedArray((*lead, m, m if full else k), a.dtype),
        ShapedArray((*lead, k), la.real_dtype(a.dtype)),
        ShapedArray((*lead, n if full else k, n), a.dtype),
    ]


def _svd_partial(out: Sequence[Any], a: Any, *, full: bool) -> Rule:
    u, s, vh = out
    *_, m, n = a.shape
    if full and m != n:
        raise UnsupportedError(
            f"svd: with full_matrices=True of a: {short(a)} the vectors beyond the first {min(m, n)} have no derivative",
            "Use full_matrices=False; or np.linalg.svdvals, for singular values alone.",
        )
    uh, v = adjoint(u), adjoint(vh)
    square = (*s.shape, s.shape[-1])
    s_row, s_column = rows(s, square), columns(s, square)
    inverse = la.safe_reciprocal(s)
    # of s_j^2 - s_i^2. Singular values of rounding errors differ as others do: they cancel where a is put together again
    turn = la.inverse_gaps(mul(sub(s_column, s_row), add(s_column, s_row)), mul(s_column, s_column))
    turn, s_row, s_column = (convert(x, dtype=a.dtype) for x in (turn, s_row, s_column))
    over_u, over_v = (convert(columns(inverse, x.shape), dtype=a.dtype) for x in (u, v))
    phase = mul(inverse, like(inverse, 0.5))

    def tangent(t: Any) -> list:
        tv = mm(t, v)
        inside = mm(uh, tv)
        across = adjoint(inside)
        du = mul(turn, add(mul(inside, s_column), mul(s_row, across)))
        dv = mul(turn, add(mul(s_row, inside), mul(across, s_column)))
        if la.is_complex(a):
            angle = mul(imag(la.diagonal(inside)), phase)
            turned = la.diagonal_matrix(complex_(like(angle, 0), angle))
            du, dv = add(du, turned), sub(dv, turned)
        du, dv = mm(u, du), mm(v, dv)
        if m > n:  # the part of t v that u does not span
            du = add(du, mul(sub(tv, mm(u, inside)), over_u))
        if n > m:
            dv = add(dv, mul(sub(mm(adjoint(t), u), mm(v, across)), over_v))
        return [du, la.real_part(la.diagonal(inside)), adjoint(dv)]

    return tangent


def _svdvals_linearize(primals: Sequence[Any], active: Sequence[bool]) -> tuple[list, Callable]:
    u, s, vh = svd(primals[0], full=False)
    uh, v = adjoint(u), adjoint(vh)
    return [s], lambda tangents: [la.real_part(la.diagonal_of_product(uh, mm(tangents[0], v)))]


svd = la.stacked(
    "svd",
    impl=la.decomposed("svd", lambda a, *, full: list(np.linalg.svd(a, full_matrices=full))),
    aval=_svd_aval,
    partials=[_svd_partial],
    multi=True,
)
svdvals = la.stacked(
    "svdvals",
    impl=la.decomposed("svdvals", lambda a: np.linalg.svd(a, compute_uv=False)),
    aval=lambda a: ShapedArray((*a.shape[:-2], min(a.shape[-2:])), la.real_dtype(a.dtype)),
    linearize=_svdvals_linearize,
)

# -- QR


def _qr_aval(a: Any, *, mode: str) -> list:
    *lead, m, n = a.shape
    if mode == "raw":
        return [ShapedArray((*lead, n, m), a.dtype), ShapedArray((*lead, min(m, n)), a.dtype)]
    k = m if mode == "complete" else min(m, n)
    return [ShapedArray((*lead, m, k), a.dtype), ShapedArray((*lead, k, n), a.dtype)]


def _qr_tangent(q: Any, r: Any, a: Any, with_q: bool) -> Callable[[Any], list]:
    """The tangents of the compact q (if it is wanted) and r: with x = da r^-1 and q^H x = skew + upper, dq = x - q upper and dr = upper r.

    Of a wide matrix the first columns alone determine q.
    """
    *_, m, n = a.shape
    k = min(m, n)
    qh = adjoint(q)
    first, last = (_columns_between(r, 0, k), _columns_between(r, k, n)) if m < n else (r, None)

    def tangent(t: Any) -> list:
        t_first = t if last is None else _columns_between(t, 0, k)
        x = mt(triangular_solve(first, mt(t_first), lower=False, transposed=True, unit=False, strict=False))
        inside = mm(qh, x)
        lower = la.triangle(inside, lower=True, diagonal=0.0)
        skew = sub(lower, adjoint(lower))
        if la.is_complex(a):  # r has a real diagonal
            angle = imag(la.diagonal(inside))
            skew = add(skew, la.diagonal_matrix(complex_(like(angle, 0), angle)))
        upper = sub(inside, skew)
        dr = mm(upper, first)
        if last is not None:
            dr = concatenate(dr, sub(mm(qh, _columns_between(t, k, n)), mm(skew, last)), axis=len(a.shape) - 1)
        return [sub(x, mm(q, upper)), dr] if with_q else [dr]

    return tangent


def _columns_between(x: Any, start: int, stop: int) -> Any:
    lead = x.shape[:-1]
    return slice_(x, starts=(*[0] * len(lead), start), limits=(*lead, stop), strides=(1,) * len(x.shape))


def _qr_partial(out: Sequence[Any], a: Any, *, mode: str) -> Rule:
    if mode != "reduced":
        raise UnsupportedError(
            f"qr: with mode={mode!r} of a: {short(a)} the result has no derivative"
            + ("" if mode == "raw" else f": the columns of q beyond the first {a.shape[-1]} are not determined"),
            "Use mode='reduced', or mode='r'.",
        )
    q, r = out
    return _qr_tangent(q, r, a, True)


def _qr_r_linearize(primals: Sequence[Any], active: Sequence[bool]) -> tuple[list, Callable]:
    (a,) = primals
    q, r = qr(a, mode="reduced")
    tangent = _qr_tangent(q, r, a, False)
    return [r], lambda tangents: tangent(tangents[0])


qr = la.stacked("qr", impl=lambda a, *, mode: list(np.linalg.qr(a, mode)), aval=_qr_aval, partials=[_qr_partial], multi=True)
qr_r = la.stacked(
    "qr_r",
    impl=lambda a: np.linalg.qr(a, "r"),
    aval=lambda a: ShapedArray((*a.shape[:-2], min(a.shape[-2:]), a.shape[-1]), a.dtype),
    linearize=_qr_r_linearize,
)

# -- the pseudoinverse, of matrices that are not wide (the others are adjoints of these)


def _pinv_partial(p: Any, a: Any, cutoff: Any) -> Rule:
    # Golub and Pereyra, eq. 4.12; the last two terms are of what a does not reach, and what it sends to 0
    ph, pa = adjoint(p), mm(p, a)
    pph, missed = mm(p, ph), sub(convert(la.on_diagonal(pa.shape), dtype=a.dtype), pa)

    def tangent(t: Any) -> Any:
        th = adjoint(t)
        y = mm(pph, th)
        z = mm(mm(missed, mm(th, ph)), p)
        return add(sub(z, mm(mm(p, t), p)), sub(y, mm(mm(y, a), p)))

    return tangent


pinv = la.stacked(
    "pinv",
    impl=la.decomposed("pinv", lambda a, cutoff: np.linalg.pinv(a, cutoff)),
    aval=lambda a, cutoff: ShapedArray((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype),
    partials=[_pinv_partial, None],
)
"""The pseudoinverse of a: [..., m, n] with m >= n; singular values below `cutoff` (a number for each matrix) times the largest count as 0.
Differentiable where the rank does not change."""
