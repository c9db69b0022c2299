"""numpy.linalg on traced values: QR, singular values, eigenvalues; the pseudoinverse, rank and condition that are made of them.

Results have NumPy's named tuples. What is not determined (the signs and phases of vectors, their directions at a repeated value) has no
derivative of its own; functions that do not depend on it have theirs. See the docstrings, and `ops/linalg_spectral.py` and `ops/linalg_svd.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError
from fgrad.numpy import reductions as r
from fgrad.numpy.matrices import matrices
from fgrad.numpy.norms import norm
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import linalg_spectral, linalg_svd
from fgrad.ops import shapes as s
from fgrad.ops.family import like
from fgrad.ops.linalg import MatrixError, adjoint, columns
from fgrad.ops.linalg import hermitian as hermitian_of
from fgrad.ops.linalg_solve import inv
from fgrad.ops.promote import cast
from fgrad.ops.sorting import argsort, gather_along, sort
from fgrad.ops.ufuncs import UFUNCS

_ONE = np.ones((1, 1))
_FUNCTIONS = np.linalg.eigh, np.linalg.eig, np.linalg.qr, np.linalg.svd
EighResult, EigResult, QRResult, SVDResult = (type(f(_ONE)) for f in _FUNCTIONS)  # NumPy does not export them
_INTP = np.dtype(np.intp)
_NOT_GIVEN: Any = getattr(np, "_NoValue")  # noqa: B009 (the default in NumPy's signature; not public)

# -- eigenvalues


def _reads_lower(name: str, uplo: str) -> bool:
    if uplo.upper() not in ("L", "U"):
        raise ArgumentError(f"{name}: UPLO is 'L' or 'U', not {uplo!r}")
    return uplo.upper() == "L"


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, in ascending order, and eigenvectors of Hermitian matrices.

    As in NumPy one triangle of a is read; the other has no derivative. Eigenvectors have a derivative where their eigenvalue is simple, and
    NaN elsewhere. A symmetric function of the eigenvalues, such as their sum, has its first derivative everywhere; `eigvalsh` is
    cheaper where only they are wanted. The phases of complex eigenvectors are LAPACK's choice; a derivative leaves them as they are.

    Args:
        a: [..., n, n], Hermitian.
        UPLO: the triangle that is read, "L" or "U".

    Returns:
        (eigenvalues [..., n], eigenvectors [..., n, n]), a vector in each column.

    Raises:
        numpy.linalg.LinAlgError: a is not square, or has entries that are not finite.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(lambda a: np.linalg.eigh(a).eigenvalues[1])(np.array([[1.0, 0.0], [0.0, 3.0]]))
        array([[0., 0.],
               [0., 1.]])
    """
    lower = _reads_lower("eigh", UPLO)
    return EighResult(*linalg_spectral.eigh(matrices("eigh", a, square=True), lower=lower))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of Hermitian matrices, in ascending order; one triangle is read.

    The first derivative is right for every symmetric function of the eigenvalues, repeated ones too. Second derivatives need
    them to be distinct, and are NaN elsewhere.
    """
    lower = _reads_lower("eigvalsh", UPLO)
    return linalg_spectral.eigvalsh(matrices("eigvalsh", a, square=True), lower=lower)


@implements(np.linalg.eig)
def eig(a: Any) -> Any:
    """The eigenvalues and eigenvectors of square matrices, always complex.

    NumPy gives real arrays where all eigenvalues are real; the dtype of a traced result cannot depend on values. Vectors have norm
    1 and a real largest component, and derivatives keep this. They exist where the eigenvalue is simple, and are NaN elsewhere.

    Example:
        >>> import fgrad, numpy as np
        >>> a = np.array([[0.0, 1.0], [-4.0, 0.0]])
        >>> fgrad.grad(lambda a: np.max(np.linalg.eig(a).eigenvalues.imag))(a)
        array([[ 0.  ,  1.  ],
               [-0.25,  0.  ]])
    """
    return EigResult(*linalg_spectral.eig(matrices("eig", a, square=True)))


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices, always complex. A defective matrix has no derivative (it is infinite, or NaN)."""
    return linalg_spectral.eigvals(matrices("eigvals", a, square=True))


# -- singular values


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """The singular value decomposition a = u diag(s) vh.

    Singular vectors have a derivative where their singular value is simple and not 0, and NaN elsewhere. Of a matrix that is not square,
    those that `full_matrices` adds have none, and differentiating says so: use full_matrices=False, or svdvals. The phases of complex
    vectors are LAPACK's choice; the derivative is right for what does not depend on them.

    Args:
        a: [..., m, n].
        full_matrices: whether u is [..., m, m] and vh [..., n, n]; else [..., m, k] and [..., k, n] with k = min(m, n).
        compute_uv: whether u and vh are wanted; else s alone is the result.
        hermitian: a is Hermitian: it is decomposed by eigh, which reads the lower triangle.

    Returns:
        (u, s, vh), or s: [..., k], in descending order.

    Raises:
        numpy.linalg.LinAlgError: a has entries that are not finite.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(lambda a: np.linalg.svd(a, full_matrices=False).S[0])(np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]]))
        array([[1., 0.],
               [0., 0.],
               [0., 0.]])
    """
    if hermitian:
        return _hermitian_svd(matrices("svd", a, square=True), compute_uv)
    a = matrices("svd", a)
    if not compute_uv:
        return linalg_svd.svdvals(a)
    return SVDResult(*linalg_svd.svd(a, full=bool(full_matrices) and a.shape[-1] != a.shape[-2]))


def _hermitian_svd(a: Any, compute_uv: bool) -> Any:
    last = a.ndim - 2
    if not compute_uv:
        return s.reverse(sort(e.abs_(linalg_spectral.eigvalsh(a, lower=True)), axis=last), axes=(last,))
    w, v = linalg_spectral.eigh(a, lower=True)
    order = s.reverse(argsort(e.abs_(w), axis=last, stable=False), axes=(last,))
    w, u = gather_along(w, order, last), gather_along(v, columns(order, a.shape), last + 1)
    sign = e.copysign(like(w, 1), w)
    vh = adjoint(e.mul(u, columns(cast(sign, a.dtype), a.shape)))
    out = [u, e.abs_(w), vh]
    return SVDResult(*out)


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """The singular values, in descending order.

    The first derivative is right for every symmetric function of them that is smooth, repeated ones too. Second derivatives need
    them to be distinct and not 0, and are NaN elsewhere.
    """
    return linalg_svd.svdvals(matrices("svdvals", x))


def singular_values(name: str, x: Any, symmetric: bool = False) -> Any:
    """In descending order, but for a Hermitian matrix."""
    x = matrices(name, x, square=symmetric)
    return e.abs_(linalg_spectral.eigvalsh(x, lower=True)) if symmetric else linalg_svd.svdvals(x)


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    if rtol is not None and tol is not None:
        raise ArgumentError("matrix_rank: tol and rtol cannot be given together")
    x = as_array(A)
    if x.ndim < 2:
        return cast(UFUNCS[np.not_equal](0, r.sum(e.ne(x, like(x, 0)))), _INTP)
    values = singular_values("matrix_rank", x, hermitian)
    if tol is None:
        return rank_of(values, max(x.shape[-2:]) * np.finfo(values.dtype).eps if rtol is None else rtol)
    return _count_above(values, tol)


def rank_of(values: Any, rtol: Any) -> Any:
    """How many singular values are above this times the largest."""
    if not values.shape[-1]:
        return np.zeros(values.shape[:-1], _INTP)[()]
    return _count_above(values, UFUNCS[np.multiply](r.max(values, -1), rtol))


def _count_above(values: Any, tol: Any) -> Any:
    tol = as_array(tol)
    above = UFUNCS[np.greater](values, s.reshape(tol, shape=(*tol.shape, 1)))
    return r.sum(above, -1, _INTP)


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number in the norm p (None is 2); infinite where the matrix is singular."""
    x = as_array(x)
    if 0 in x.shape[-2:]:
        raise MatrixError(f"cond: x: {short(x)} is empty, and has no condition number")
    if p is None or p in (2, -2):
        values = singular_values("cond", x)
        first, last = (_entry(values, i) for i in (0, values.shape[-1] - 1))
        if p == -2:
            first, last = last, first
        flat = e.eq(last, like(last, 0))
        ratio = e.select(flat, like(last, np.inf), e.div(first, e.select(flat, like(last, 1), last)))
    else:
        x = matrices("cond", x, square=True)
        inverse = inv(x, strict=False)
        ratio = e.mul(norm(x, p, (-2, -1)), norm(inverse, p, (-2, -1)))
    unknown = r.any(e.isnan(x), (-2, -1)) if x.dtype.kind in "fc" else np.broadcast_to(False, x.shape[:-2])
    return e.select(e.and_(e.isnan(ratio), e.not_(unknown)), like(ratio, np.inf), ratio)


def _entry(values: Any, i: int) -> Any:
    lead = values.shape[:-1]
    one = s.slice_(values, starts=(*[0] * len(lead), i), limits=(*lead, i + 1), strides=(1,) * values.ndim)
    return s.reshape(one, shape=lead)


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _NOT_GIVEN) -> Any:
    """The pseudoinverse.

    Its derivative holds where the rank does not change: singular values may be repeated, and some may be 0 as long as they stay so.

    Args:
        a: [..., m, n].
        rcond: singular values below this times the largest count as 0: a number, or one for each matrix. The default is 1e-15.
        hermitian: a is Hermitian, and its lower triangle is read.
        rtol: the same as rcond; None is the precision times max(m, n).

    Returns:
        [..., n, m].

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(lambda a: np.linalg.pinv(a)[0, 0])(np.array([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
        array([[-0.25,  0.  ],
               [ 0.  ,  0.  ],
               [ 0.  ,  0.  ]])
    """
    if rcond is not None and rtol is not _NOT_GIVEN:
        raise ArgumentError("pinv: rcond and rtol cannot be given together")
    a = matrices("pinv", a, square=hermitian)
    if rcond is None:
        rcond = 1e-15 if rtol is _NOT_GIVEN else max(a.shape[-2:]) * np.finfo(a.dtype).eps if rtol is None else rtol
    return pinv_of(hermitian_of(a, lower=True) if hermitian else a, rcond)


def pinv_of(a: Any, rcond: Any) -> Any:
    cutoff = cast(s.broadcast_to(as_array(rcond), a.shape[:-2]), np.dtype(np.float64))
    if a.shape[-2] < a.shape[-1]:
        return adjoint(linalg_svd.pinv(adjoint(a), cutoff))
    return linalg_svd.pinv(a, cutoff)


# -- QR


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """The decomposition a = q r, q with orthonormal columns and r upper triangular.

    Differentiable where the first min(m, n) columns of a are independent; elsewhere the result is not a number.

    Args:
        a: [..., m, n].
        mode: "reduced": q: [..., m, k] and r: [..., k, n] with k = min(m, n). "r": r alone. "complete": q: [..., m, m], without a derivative
            where m > n, as its last columns are not determined. "raw": LAPACK's reflectors and their factors, without a derivative.

    Returns:
        (q, r), or r; (h, tau) for "raw".

    Raises:
        numpy.linalg.LinAlgError: a has less than two axes.

    Example:
        >>> import fgrad, numpy as np
        >>> gradient = fgrad.grad(lambda a: abs(np.linalg.qr(a, "r")[0, 0]))
        >>> np.round(gradient(np.array([[3.0, 1.0], [4.0, 1.0]])), 6) + 0.0
        array([[0.6, 0. ],
               [0.8, 0. ]])
    """
    if mode not in ("reduced", "complete", "r", "raw"):
        raise ArgumentError(f"qr: mode is 'reduced', 'complete', 'r' or 'raw', not {mode!r}")
    a = matrices("qr", a)
    if mode == "r":
        return linalg_svd.qr_r(a)
    if mode == "raw":
        return tuple(linalg_svd.qr(a, mode="raw"))
    return QRResult(*linalg_svd.qr(a, mode="complete" if mode == "complete" and a.shape[-2] > a.shape[-1] else "reduced"))
