"""What the primitives of linear algebra share: products and triangles of stacks of matrices, and their errors.

The matrices are in the last two axes; the axes before them are batches, equal in all operands. Next: `linalg_solve.py` (triangular solves,
LU, Cholesky), `linalg_det.py`, `linalg_spectral.py` (eigenvalues), `linalg_svd.py` (SVD, QR, pseudoinverse), `linalg_polar.py` (nuclear
norm), `linalg_functions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, short
from fgrad.core.errors import FgradError
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.contract import contract
from fgrad.ops.elementwise import abs_, add, conj, eq, le, mul, real, reciprocal, select
from fgrad.ops.family import like
from fgrad.ops.shapes import broadcast, iota, materialize, pad, reduce_sum, reshape, slice_, transpose

_INT = np.dtype(np.int64)


class MatrixError(FgradError, np.linalg.LinAlgError):
    """A matrix that an operation cannot take: singular, not square, not positive definite. Also NumPy's LinAlgError."""


def which(a: np.ndarray, fails: Callable[[np.ndarray], bool]) -> tuple[str, np.ndarray]:
    """The first matrix of a stack that fails, and how errors name it."""
    for i in np.ndindex(a.shape[:-2]):
        if fails(a[i]):
            return (f"the matrix a{list(i)} of a: {short(a)}" if i else f"the matrix a: {short(a)}"), a[i]
    return f"{'a matrix of a' if a.ndim > 2 else 'the matrix a'}: {short(a)}", a


def raises(f: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], bool]:
    """Whether this function of NumPy refuses a matrix."""

    def fails(x: np.ndarray) -> bool:
        try:
            f(x)
        except np.linalg.LinAlgError:
            return True
        return False

    return fails


INSTEAD = "np.linalg.lstsq and np.linalg.pinv take such matrices."
"""What to do where a matrix is singular."""


def singular(name: str, a: np.ndarray) -> MatrixError:
    """The error for a stack in which a matrix is singular."""
    what, found = which(a, raises(np.linalg.inv))
    if not np.isfinite(found).all():
        cause = "it has entries that are not finite (inf or NaN)."
    else:
        cause = f"its rank is {np.linalg.matrix_rank(found)} of {a.shape[-1]}." if found.ndim == 2 else ""
    return MatrixError(f"{name}: {what} is singular", cause, INSTEAD)


def decomposed(name: str, f: Callable[..., Any]) -> Rule:
    """f of NumPy, saying what was wrong where LAPACK's iteration finds no result."""

    def impl(a: Any, *others: Any, **params: Any) -> Any:
        try:
            return f(a, *others, **params)
        except np.linalg.LinAlgError as err:
            finite = np.isfinite(a).all((-2, -1))
            cause = "it has entries that are not finite (inf or NaN)." if not finite.all() else "the iteration did not converge."
            what = which(a, lambda x: not np.isfinite(x).all())[0]
            raise MatrixError(f"{name}: {what} has no decomposition", cause) from err

    return impl


def np_adjoint(x: np.ndarray) -> np.ndarray:
    """The conjugate transposes, in an implementation (`adjoint` is of traced values)."""
    return np.conj(np.matrix_transpose(x))


def real_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of the absolute values of these."""
    return np.finfo(dtype).dtype


def is_complex(x: Any) -> bool:
    return x.dtype.kind == "c"


def stacked(name: str, *, impl: Rule, aval: Callable[..., Any], **rules: Any) -> Primitive:
    """A primitive whose leading axes, equal in all operands, are a batch: a mapped axis is one more of them."""
    multi = rules.get("multi", False)

    def batch(size: int, values: Sequence[Any], mapped: Sequence[bool], **params: Any) -> tuple[Any, Any]:
        out = prim(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)], **params)
        return out, [True] * len(out) if multi else True

    prim = Primitive(name, impl=impl, aval=aval, batch=batch, **rules)
    return prim


def same_aval(a: Any, *others: Any, **params: Any) -> ShapedArray:
    return ShapedArray(a.shape, a.dtype)


# -- products and transposes of stacks of matrices


def mt(x: Any) -> Any:
    """The transposes."""
    n = len(x.shape)
    return transpose(x, axes=(*range(n - 2), n - 1, n - 2))


def adjoint(x: Any) -> Any:
    """The conjugate transposes."""
    return conj(mt(x)) if is_complex(x) else mt(x)


def mm(x: Any, y: Any, *, transposed: bool = False) -> Any:
    """The products x y; `transposed`: of the transpose of x."""
    lead = ascii_lowercase[: len(x.shape) - 2]
    return contract(x, y, x_labels=lead + ("KI" if transposed else "IK"), y_labels=lead + "KJ", out_labels=lead + "IJ")


def diagonal_of_product(x: Any, y: Any) -> Any:
    """The diagonals of the products x y."""
    lead = ascii_lowercase[: len(x.shape) - 2]
    return contract(x, y, x_labels=lead + "IK", y_labels=lead + "KI", out_labels=lead + "I")


def columns(v: Any, shape: tuple[int, ...]) -> Any:
    """A stack of vectors as matrices of this shape: entry j of the vector fills column j."""
    return broadcast(v, shape=shape, axes=(len(shape) - 2,))


def rows(v: Any, shape: tuple[int, ...]) -> Any:
    """A stack of vectors as matrices of this shape: entry i of the vector fills row i."""
    return broadcast(v, shape=shape, axes=(len(shape) - 1,))


# -- triangles and diagonals


def _triangle(x: Any, *, lower: bool, diagonal: float) -> np.ndarray:
    strict = diagonal == 0
    out = np.ascontiguousarray(np.tril(x, -strict) if lower else np.triu(x, strict))
    if diagonal not in (0, 1):
        *lead, n, _ = x.shape
        out.reshape(*lead, n * n)[..., :: n + 1] *= x.dtype.type(diagonal)
    return out


triangle = stacked(
    "triangle",
    impl=_triangle,
    aval=same_aval,
    transposes=[lambda ct, x, *, lower, diagonal: triangle(ct, lower=lower, diagonal=diagonal)],
)
"""One triangle of square matrices, its diagonal times a number, and 0 in the other. Zeros, not products with 0: what is not read may be NaN."""


def hermitian(x: Any, lower: bool) -> Any:
    """The Hermitian matrix of which LAPACK reads this triangle, and of its diagonal the real part."""
    half = triangle(x, lower=lower, diagonal=0.5)
    return add(half, adjoint(half))


def on_diagonal(shape: tuple[int, ...]) -> Any:
    """Whether an entry is on the diagonal: computed from the shape, so that a program keeps no constant array."""
    lead = tuple(range(len(shape) - 2))
    m, n = shape[-2:]
    row = broadcast(iota(size=m, dtype=_INT), shape=shape, axes=(*lead, len(lead) + 1))
    return eq(row, broadcast(iota(size=n, dtype=_INT), shape=shape, axes=(*lead, len(lead))))


def diagonal(x: Any) -> Any:
    """The diagonals of square matrices."""
    *lead, n, _ = x.shape
    flat, zeros = reshape(x, shape=(*lead, n * n)), (0,) * len(lead)
    return slice_(flat, starts=(*zeros, 0), limits=(*lead, n * n), strides=(*(1 for _ in lead), n + 1))


def diagonal_matrix(v: Any) -> Any:
    """The diagonal matrices of a stack of vectors."""
    *lead, n = v.shape
    return reshape(pad(v, widths=(*((0, 0, 0) for _ in lead), (0, 0, n))), shape=(*lead, n, n))


def real_part(x: Any) -> Any:
    return real(x) if is_complex(x) else x


def safe_reciprocal(x: Any) -> Any:
    """1 / x, and a NaN without a warning where x is 0: where a derivative does not exist, and may not be asked for."""
    zero = eq(x, like(x, 0))
    return select(zero, like(x, np.nan), reciprocal(select(zero, like(x, 1), x)))


def inverse_gaps(gap: Any, scale: Any) -> Any:
    """1 / gap off the diagonal, NaN where the gap is 0 but for rounding in numbers as large as `scale`; on the diagonal 0."""
    own, rounding = on_diagonal(gap.shape), gap.shape[-1] * float(np.finfo(gap.dtype).eps)
    near = le(abs_(gap), mul(scale, like(scale, rounding)))
    return select(own, like(gap, 0), safe_reciprocal(select(own, like(gap, 1), select(near, like(gap, 0), gap))))


def trace_of_product(x: Any, y: Any) -> Any:
    """The traces of the products x y."""
    d = diagonal_of_product(x, y)
    return reduce_sum(d, axes=(len(d.shape) - 1,))
