"""Triangular solves, LU solves, inverse and Cholesky: primitives on stacks of matrices.

All derivatives are products and solves again, so they hold to every order. Sources: M. B. Giles, "Collected matrix derivative results for
forward and reverse mode algorithmic differentiation" (2008); I. Murray, "Differentiation of the Cholesky decomposition" (2016).
LAPACK is called through SciPy, which is loaded at the first solve.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.errors import UnsupportedError
from fgrad.core.jaxpr import Var
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.elementwise import neg, sub
from fgrad.ops.linalg import (
    MatrixError,
    adjoint,
    hermitian,
    mm,
    np_adjoint,
    raises,
    same_aval,
    singular,
    stacked,
    triangle,
    which,
)
from fgrad.ops.shapes import materialize, move_axis, reshape

# below these sizes a stack of matrices is cheaper to solve by NumPy's loop over it than by a call of LAPACK for each
_LU_FROM, _TRIANGULAR_FROM = 24, 12
_INT32 = np.dtype(np.int32)


@functools.cache
def _lapack(name: str, dtype: np.dtype) -> Callable[..., Any]:
    """SciPy's routine of LAPACK or BLAS of this name."""
    from scipy.linalg import blas, lapack

    return getattr(blas if name == "trsm" else lapack, {"f": "s", "d": "d", "F": "c", "D": "z"}[dtype.char] + name)


# -- triangular solves


def _trsm(a: np.ndarray, b: np.ndarray, lower: bool, transposed: bool, unit: bool) -> np.ndarray:
    # LAPACK's matrices are ours transposed: x with a x = b is found as x^T a^T = b^T, which copies nothing to change its order
    return _lapack("trsm", a.dtype)(1.0, a.T, b.T, side=1, lower=not lower, trans_a=transposed, diag=unit).T


def _substitution(a: np.ndarray, b: np.ndarray, lower: bool, transposed: bool, unit: bool) -> np.ndarray:
    """NumPy's solve, which computes nothing else here: an upper triangular matrix is its own LU decomposition, a lower one is upper when read
    from its end."""
    a = np.tril(a) if lower else np.triu(a)
    if unit:
        n = a.shape[-1]
        a[..., range(n), range(n)] = 1
    a = np.matrix_transpose(a) if transposed else a
    if lower != transposed:
        return np.ascontiguousarray(np.linalg.solve(a[..., ::-1, ::-1], b[..., ::-1, :])[..., ::-1, :])
    return np.linalg.solve(a, b)


def _triangular_solve(a: Any, b: Any, *, lower: bool, transposed: bool, unit: bool, strict: bool) -> np.ndarray:
    n, zero = a.shape[-1], False
    if not b.size:
        return np.empty_like(b)
    if not unit:
        diagonal = np.diagonal(a, axis1=-2, axis2=-1)
        zero = not diagonal.all()
        if zero and strict:
            what, found = which(a, lambda x: not np.diagonal(x).all())
            raise MatrixError(
                f"solve_triangular: {what} is singular", f"its diagonal is zero at place {int(np.argmin(np.diagonal(found) != 0))}."
            )
    if a.ndim == 2:
        return _trsm(a, b, lower, transposed, unit)
    if n < _TRIANGULAR_FROM and not zero:
        try:
            return _substitution(a, b, lower, transposed, unit)
        except np.linalg.LinAlgError:  # what is not finite can make it take another pivot
            pass
    out = np.empty(b.shape, b.dtype)
    for i in np.ndindex(a.shape[:-2]):
        out[i] = _trsm(a[i], b[i], lower, transposed, unit)
    return out


def _right_hand_side(b: Any, moved: Any) -> Any:
    """The tangent of b less what the tangent of the matrix moved: there is one solve for both, and so one backward."""
    if moved is None:
        return b
    return neg(moved) if b is None else sub(b, moved)


def _refuse_linear(name: str, matrices: Sequence[Any]) -> None:
    if any(type(a) is Var for a in matrices):
        raise UnsupportedError(f"{name} cannot be transposed: it is linear in its right-hand side, not in its matrix")


def _triangular_linearize(primals: Sequence[Any], active: Sequence[bool], **params: Any) -> tuple[list, Callable]:
    a, b = primals
    x = triangular_solve(a, b, **params)
    kept = {"lower": params["lower"], "diagonal": 0.0 if params["unit"] else 1.0}

    def lin(tangents: Sequence[Any]) -> list:
        t, t_b = tangents
        moved = None if t is None else mm(triangle(t, **kept), x, transposed=params["transposed"])
        return [triangular_solve(a, _right_hand_side(t_b, moved), **(params | {"strict": False}))]

    return [x], lin


def _triangular_transpose(ct: Any, a: Any, b: Any, **params: Any) -> list:
    _refuse_linear("triangular_solve", (a,))
    return [None, triangular_solve(a, ct, **(params | {"transposed": not params["transposed"], "strict": False}))]


def _batch_solve(prim: Callable[[], Primitive]) -> Rule:
    """The batch rule of a solve with operands (a, ..., b): where b alone is mapped, it has more columns."""

    def rule(size: int, values: Sequence[Any], mapped: Sequence[bool], **params: Any) -> tuple[Any, bool]:
        *matrices, b = values
        if any(mapped[:-1]):
            return prim()(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)], **params), True
        last = len(b.shape) - 1
        moved = move_axis(b, 0, last)
        shape = moved.shape
        out = prim()(*matrices, reshape(moved, shape=(*shape[:-2], shape[-2] * shape[-1])), **params)
        return move_axis(reshape(out, shape=shape), last, 0), True

    return rule


triangular_solve = Primitive(
    "triangular_solve",
    impl=_triangular_solve,
    aval=lambda a, b, **params: ShapedArray(b.shape, b.dtype),
    linearize=_triangular_linearize,
    transpose=_triangular_transpose,
    batch=_batch_solve(lambda: triangular_solve),
)
"""x with a x = b, or a^T x = b, reading one triangle of a: a: [..., n, n], b: [..., n, k]. `strict`: a zero on the diagonal is an error;
else it gives what division by zero does, which is what the rules want."""

# -- LU: `lu_solve(a, lu, pivots, b)` is a function of a and b alone. The factors are a value kept beside a, so that the derivative, which
# solves with the same matrix, factors nothing; they have no derivative of their own


def _lu_dtype(dtype: np.dtype) -> np.dtype:
    return np.promote_types(dtype, np.float64)  # NumPy solves in double precision


def _lu_factor(a: Any) -> list:
    n = a.shape[-1]
    dtype = _lu_dtype(a.dtype)
    if not a.size or (a.ndim > 2 and n < _LU_FROM):
        return [np.broadcast_to(dtype.type(0), a.shape), np.full(a.shape[:-1], -1, _INT32)]  # negative pivots: not factored
    lu, pivots = np.empty(a.shape, dtype), np.empty(a.shape[:-1], _INT32)
    getrf = _lapack("getrf", dtype)
    for i in np.ndindex(a.shape[:-2]):
        found, pivots[i], info = getrf(a[i].T)
        if info > 0:
            raise singular("solve", a)
        lu[i] = found.T
    return [lu, pivots]


def _lu_solve(a: Any, lu: Any, pivots: Any, b: Any, *, transposed: bool) -> np.ndarray:
    if not b.size:
        return np.empty_like(b)
    if pivots.flat[0] < 0:
        try:
            return np.linalg.solve(np.matrix_transpose(a) if transposed else a, b)
        except np.linalg.LinAlgError:
            raise singular("solve", a) from None
    getrs = _lapack("getrs", lu.dtype)
    if a.ndim == 2:
        return np.ascontiguousarray(getrs(lu.T, pivots, b, trans=not transposed)[0], dtype=b.dtype)
    out = np.empty(b.shape, b.dtype)
    for i in np.ndindex(a.shape[:-2]):
        out[i] = getrs(lu[i].T, pivots[i], b[i], trans=not transposed)[0]
    return out


lu_factor = stacked(
    "lu_factor",
    impl=_lu_factor,
    aval=lambda a: [ShapedArray(a.shape, _lu_dtype(a.dtype)), ShapedArray(a.shape[:-1], _INT32)],
    multi=True,
)


def _lu_linearize(primals: Sequence[Any], active: Sequence[bool], *, transposed: bool) -> tuple[list, Callable]:
    *factored, b = primals
    x = lu_solve(*factored, b, transposed=transposed)

    def lin(tangents: Sequence[Any]) -> list:
        t, *_, t_b = tangents
        if t is None and t_b is None:  # the factors alone have tangents: in a loop that carries them
            return [None]
        moved = None if t is None else mm(t, x, transposed=transposed)
        return [lu_solve(*factored, _right_hand_side(t_b, moved), transposed=transposed)]

    return [x], lin


def _lu_transpose(ct: Any, a: Any, lu: Any, pivots: Any, b: Any, *, transposed: bool) -> list:
    _refuse_linear("solve", (a, lu, pivots))
    return [None, None, None, lu_solve(a, lu, pivots, ct, transposed=not transposed)]


lu_solve = Primitive(
    "lu_solve",
    impl=_lu_solve,
    aval=lambda a, lu, pivots, b, *, transposed: ShapedArray(b.shape, b.dtype),
    linearize=_lu_linearize,
    transpose=_lu_transpose,
    batch=_batch_solve(lambda: lu_solve),
)


def solve(a: Any, b: Any) -> Any:
    """x with a x = b: a: [..., n, n], b: [..., n, k]."""
    return lu_solve(a, *lu_factor(a), b, transposed=False)


# -- inverse


def _inv(a: Any, *, strict: bool) -> np.ndarray:
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if strict:
            raise singular("inv", a) from None
    out = np.full(a.shape, np.nan, a.dtype)
    for i in np.ndindex(a.shape[:-2]):
        if not raises(np.linalg.inv)(a[i]):
            out[i] = np.linalg.inv(a[i])
    return out


inv = stacked(
    "inv",
    impl=_inv,
    aval=lambda a, *, strict: ShapedArray(a.shape, a.dtype),
    partials=[lambda out, a, *, strict: lambda t: neg(mm(mm(out, t), out))],
)
"""The inverse. `strict`: a singular matrix is an error, else its inverse is NaN."""

# -- Cholesky


NEARLY_DEFINITE = "Where rounding makes it so, add a little to its diagonal."


def _cholesky(a: Any) -> np.ndarray:
    try:
        return np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        what, found = which(a, raises(np.linalg.cholesky))
        if not np.isfinite(found).all():
            raise MatrixError(f"cholesky: {what} has entries that are not finite (inf or NaN)") from None
        smallest, apart = float(np.linalg.eigvalsh(found)[0]), float(np.abs(found - np_adjoint(found)).max())
        lopsided = apart > 1e3 * np.finfo(found.dtype).eps * np.abs(found).max()
        raise MatrixError(
            f"cholesky: {what} is not positive definite",
            f"its smallest eigenvalue is {smallest:.3g} (of the Hermitian matrix whose lower triangle is read).",
            f"It is not Hermitian either: entries differ from those across the diagonal by up to {apart:.3g}." if lopsided else "",
            NEARLY_DEFINITE,
        ) from None


def _cholesky_partial(out: Any, a: Any) -> Rule:
    # of a = l l^H: dl = l half(l^-1 da l^-H) (Murray, eq. 8)
    def inverse(x: Any) -> Any:
        return triangular_solve(out, x, lower=True, transposed=False, unit=False, strict=False)

    def tangent(t: Any) -> Any:
        inside = inverse(adjoint(inverse(hermitian(t, lower=True))))
        return mm(out, triangle(inside, lower=True, diagonal=0.5))

    return tangent


cholesky = stacked("cholesky", impl=_cholesky, aval=same_aval, partials=[_cholesky_partial])
"""The lower triangular l with a = l l^H, of a Hermitian matrix of which the lower triangle is read."""
