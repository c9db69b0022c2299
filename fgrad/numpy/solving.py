"""numpy.linalg on traced values: solves, inverses, determinants, Cholesky, least squares, powers.

Matrices are in the last two axes. The derivative of each is made of solves and products again. Factorizations with a
spectrum (eigenvalues, singular values) and QR are in `factoring.py`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError
from fgrad.numpy import reductions as r
from fgrad.numpy.factoring import pinv_of, rank_of
from fgrad.numpy.matrices import check_matrices, floating, matrices, solved
from fgrad.numpy.means import squared
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array, matrix_transpose
from fgrad.ops import linalg_det, linalg_solve
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes
from fgrad.ops.linalg import MatrixError, adjoint, mm, real_dtype
from fgrad.ops.linalg_svd import svdvals
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS

_matmul, _sub = UFUNCS[np.matmul], UFUNCS[np.subtract]
SlogdetResult = type(np.linalg.slogdet(np.ones((1, 1))))
_INT32 = np.dtype(np.int32)


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The x with a x = b.

    The derivative solves with the same LU factors, which are computed once.

    Args:
        a: [..., n, n].
        b: [n], or [..., n, k]; the batches broadcast.

    Returns:
        x, of the shape of b with the batch of both.

    Raises:
        numpy.linalg.LinAlgError: a is singular, or not square.

    Example:
        >>> import fgrad, numpy as np
        >>> a = np.array([[2.0, 0.0], [0.0, 4.0]])
        >>> fgrad.grad(lambda b: np.sum(np.linalg.solve(a, b)))(np.ones(2))
        array([0.5 , 0.25])
    """
    a, b = floating("solve", a, b)
    return solved("solve", linalg_solve.solve, a, b)


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    return linalg_solve.inv(matrices("inv", a, square=True), strict=True)


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """The determinant, a polynomial in the entries: its first two derivatives are right for singular matrices too.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(np.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]]))
        array([[ 4., -2.],
               [-2.,  1.]])
    """
    return linalg_det.det(matrices("det", a, square=True))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign of the determinant and the logarithm of its absolute value; the derivative is NaN where the matrix is singular."""
    return SlogdetResult(*linalg_det.slogdet(matrices("slogdet", a, square=True)))


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The lower triangular l with a = l l^H, or the upper triangular u with a = u^H u.

    As in NumPy one triangle of a is read, the lower one, or with `upper` the upper one: the other is neither compared with it nor
    has it a derivative. Where a = a(p) is symmetric for every p, derivatives with respect to p are what one expects.

    Args:
        a: [..., n, n], Hermitian and positive definite.
        upper: whether the upper triangle is read, and an upper triangular factor given.

    Returns:
        The factor, of the shape of a.

    Raises:
        numpy.linalg.LinAlgError: a is not positive definite, or not square.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(lambda a: np.linalg.cholesky(a)[1, 1])(np.array([[4.0, 2.0], [2.0, 2.0]]))
        array([[ 0.125,  0.   ],
               [-0.5  ,  0.5  ]])
    """
    a = matrices("cholesky", a, square=True)
    return adjoint(linalg_solve.cholesky(adjoint(a))) if upper else linalg_solve.cholesky(a)


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    a = as_array(a)
    check_matrices("matrix_power", a, square=True)
    try:
        n = operator.index(n)
    except TypeError:
        raise ArgumentError(f"matrix_power: the exponent is an integer, not {short(n)}") from None
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    if n < 0:
        a, n = inv(a), -n
    power, out = a, None
    while n:
        if n & 1:
            out = power if out is None else _matmul(out, power)
        n >>= 1
        if n:
            power = _matmul(power, power)
    return out


@implements(np.linalg.matrix_transpose)
def linalg_matrix_transpose(x: Any, /) -> Any:
    return matrix_transpose(x)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    a = as_array(a)
    if ind <= 0:
        raise ArgumentError(f"tensorinv: ind must be positive, and is {ind}")
    rest = math.prod(a.shape[ind:])
    first = math.prod(a.shape[:ind])
    if first != rest:
        raise MatrixError(
            f"tensorinv: a: {short(a)} is not square with ind={ind}",
            f"Its first {ind} axes have {first} places and the others {rest}; they must be equal.",
        )
    return s.reshape(inv(s.reshape(a, shape=(rest, rest))), shape=(*a.shape[ind:], *a.shape[:ind]))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    if axes is not None:
        last = normalize_axes("tensorsolve", axes, a.ndim, a)
        a = s.transpose(a, axes=(*(i for i in range(a.ndim) if i not in last), *last))
    shape = a.shape[b.ndim :]
    n = math.prod(shape)
    if a.size != n * n or b.size != n:
        raise MatrixError(
            f"tensorsolve: a: {short(a)} and b: {short(b)} do not fit",
            f"a has the axes of b and then those of x, as many places in both: here {b.size} and {n}.",
        )
    return s.reshape(solve(s.reshape(a, shape=(n, n)), s.reshape(b, shape=(n,))), shape=shape)


def _numpy_lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """NumPy's, with the residuals that it leaves out where a has not full rank."""
    x, residuals, rank, singular_values = np.linalg.lstsq(a, b, rcond)
    if a.shape[0] > a.shape[1] and not residuals.size and b.size:
        residuals = np.sum(np.abs((b - a @ x).reshape(len(b), -1)) ** 2, 0)
    return x, residuals, rank, singular_values


@implements(np.linalg.lstsq)
@outside(_numpy_lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, Any, Any]:
    """The x of least norm among those that make the norm of b - a x least.

    The derivative is that of the pseudoinverse, which holds where the rank of a does not change. The shape of a result cannot depend on
    the values of traced arrays, so the residuals are there whenever a has more rows than columns; NumPy leaves them out when a has not
    full rank.

    Args:
        a: [m, n].
        b: [m] or [m, k].
        rcond: singular values below this times the largest count as 0; None is the precision times max(m, n).

    Returns:
        (x, residuals, rank, singular values of a).

    Example:
        >>> import fgrad, numpy as np
        >>> a = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
        >>> slope = lambda b: np.linalg.lstsq(a, b)[0][1]
        >>> np.round(fgrad.grad(slope)(np.array([0.0, 1.0, 3.0])), 6) + 0.0
        array([-0.5,  0. ,  0.5])
    """
    a, b = floating("lstsq", a, b)
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        raise MatrixError(
            f"lstsq: a: {short(a)} and b: {short(b)} do not fit", "They are a matrix, and a vector or matrix of as many rows."
        )
    dtype = a.dtype
    a, b = (cast(x, np.promote_types(dtype, np.float64)) for x in (a, b))  # NumPy solves in double precision
    m, n = a.shape
    rcond = np.finfo(a.dtype).eps * max(m, n) if rcond is None else np.finfo(a.dtype).eps if rcond == -1 else rcond
    columns = b if b.ndim == 2 else s.reshape(b, shape=(m, 1))
    singular_values = svdvals(a)
    x = mm(pinv_of(a, rcond), columns)
    if m > n:
        residuals = r.sum(squared(_sub(columns, mm(a, x))), 0)
    else:
        residuals = np.empty(0, real_dtype(a.dtype))
    x = x if b.ndim == 2 else s.reshape(x, shape=(n,))
    rank = cast(rank_of(singular_values, rcond), _INT32)
    real = real_dtype(dtype)
    return cast(x, dtype), cast(residuals, real), rank, cast(singular_values, real)
