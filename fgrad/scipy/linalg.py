"""scipy.linalg on traced values: triangular and Cholesky solves, LU, functions of matrices, Sylvester's equation, special matrices.

On untraced values SciPy's own functions run. SciPy does not dispatch, so traced code calls these rather than `scipy.linalg`'s. Matrices are in
the last two axes; batches broadcast. Solves, eigenvalues and the like are in `fgrad.numpy.linalg`, and plain `numpy.linalg` traces too.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.matrices import check_matrices, floating, matrices, solved
from fgrad.numpy.protocol import has_tracer
from fgrad.ops import linalg_functions, linalg_lu, linalg_solve
from fgrad.ops import shapes as s
from fgrad.ops.elementwise import conj, stop_gradient
from fgrad.ops.linalg import adjoint, is_complex
from fgrad.ops.promote import cast

_TRANSPOSED = {0: 0, "N": 0, 1: 1, "T": 1, 2: 2, "C": 2}


def _scipy(name: str) -> Callable[..., Any]:
    return getattr(importlib.import_module("scipy.linalg"), name)


def _substituted(lower: bool, mode: int, unit: bool) -> Callable[[Any, Any], Any]:
    """The solve with a triangular matrix, its transpose (mode 1) or its adjoint (2), as a function of matrices of equal batches."""

    def solve(a: Any, b: Any) -> Any:
        conjugated = mode == 2 and is_complex(a)  # a^H x = b where a^T conj(x) = conj(b)
        x = linalg_solve.triangular_solve(a, conj(b) if conjugated else b, lower=lower, transposed=mode > 0, unit=unit, strict=True)
        return conj(x) if conjugated else x

    return solve


def solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    """The x with a x = b, for a triangular a; its other triangle is not read, and has no derivative.

    Args:
        a: [..., n, n].
        b: [n], or [..., n, k].
        trans: 0 or "N" solves a x = b, 1 or "T" a^T x = b, 2 or "C" a^H x = b.
        lower: whether the lower triangle is read, else the upper one.
        unit_diagonal: the diagonal counts as ones, and is not read.
        overwrite_b, check_finite: SciPy's; no meaning for traced values.

    Returns:
        x, of the shape of b with the batch of both.

    Raises:
        numpy.linalg.LinAlgError: the diagonal has a zero, or a is not square.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import solve_triangular
        >>> l = np.array([[2.0, 0.0], [1.0, 4.0]])
        >>> fgrad.grad(lambda b: solve_triangular(l, b, lower=True)[1])(np.ones(2))
        array([-0.125,  0.25 ])
    """
    if not has_tracer((a, b)):
        return _scipy("solve_triangular")(a, b, trans, lower, unit_diagonal, overwrite_b, check_finite)
    if trans not in _TRANSPOSED:
        raise ArgumentError(f"solve_triangular: trans is 0, 1, 2, 'N', 'T' or 'C', not {trans!r}")
    a, b = floating("solve_triangular", a, b)
    return solved("solve_triangular", _substituted(bool(lower), _TRANSPOSED[trans], bool(unit_diagonal)), a, b)


def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Any, bool]:
    """The Cholesky factor of a Hermitian positive definite matrix, as `cho_solve` takes it.

    Args:
        a: [..., n, n]; one triangle is read, the lower one if `lower`.
        lower: whether the factor is lower triangular, else upper.
        overwrite_a, check_finite: SciPy's; no meaning for traced values.

    Returns:
        (factor, lower). The other triangle of the factor is 0 here, where SciPy leaves what was in a.

    Raises:
        numpy.linalg.LinAlgError: a is not positive definite, or not square.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import cho_factor, cho_solve
        >>> a, b = np.array([[4.0, 0.0], [0.0, 2.0]]), np.array([4.0, 2.0])
        >>> fgrad.grad(lambda b: cho_solve(cho_factor(a), b) @ b)(b)
        array([2., 2.])
    """
    if not has_tracer((a,)):
        return _scipy("cho_factor")(a, lower, overwrite_a, check_finite)[0], bool(lower)  # SciPy repeats `lower` for each of a batch
    a = matrices("cho_factor", a, square=True)
    return (linalg_solve.cholesky(a) if lower else adjoint(linalg_solve.cholesky(adjoint(a)))), bool(lower)


def cho_solve(c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """The x with a x = b, given a Cholesky factor of a.

    Args:
        c_and_lower: (c, lower), as `cho_factor` gives it: a is c c^H if lower, else c^H c. One triangle of c: [..., n, n] is read.
        b: [n], or [..., n, k].
        overwrite_b, check_finite: SciPy's; no meaning for traced values.

    Returns:
        x, of the shape of b with the batch of both.

    Raises:
        numpy.linalg.LinAlgError: the factor is singular, or not square.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import cho_solve
        >>> fgrad.grad(lambda c: cho_solve((c, True), np.array([8.0]))[0])(np.array([[2.0]]))
        array([[-2.]])
    """
    c, lower = c_and_lower
    if not has_tracer((c, b)):
        return _scipy("cho_solve")(c_and_lower, b, overwrite_b, check_finite)
    c, b = floating("cho_solve", c, b)

    def solve(c: Any, b: Any) -> Any:
        first, second = (0, 2) if lower else (2, 0)
        return _substituted(bool(lower), second, False)(c, _substituted(bool(lower), first, False)(c, b))

    return solved("cho_solve", solve, c, b)


def expm(A: Any) -> Any:
    """The matrix exponential.

    The derivative is the Fréchet derivative, computed with the exponential's own scaling and squaring (Al-Mohy and Higham, 2009).

    Args:
        A: [..., n, n].

    Returns:
        exp(A), of the shape of A.

    Raises:
        numpy.linalg.LinAlgError: A is not square.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import expm
        >>> fgrad.grad(lambda t: expm(t * np.array([[0.0, 1.0], [0.0, 0.0]]))[0, 1])(3.0)
        np.float64(1.0)
    """
    if not has_tracer((A,)):
        return _scipy("expm")(A)
    return linalg_functions.expm(matrices("expm", A, square=True))


def expm_frechet(A: Any, E: Any, method: str | None = None, compute_expm: bool = True, check_finite: bool = True) -> Any:
    """The Fréchet derivative of the matrix exponential at A in the direction E.

    Args:
        A, E: [..., n, n].
        compute_expm: whether the exponential is wanted too.
        method, check_finite: SciPy's; no meaning for traced values.

    Returns:
        (exp(A), L(A, E)), or L(A, E) alone.

    Raises:
        numpy.linalg.LinAlgError: A is not square.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import expm_frechet
        >>> fgrad.grad(lambda e: expm_frechet(np.zeros((1, 1)), e, compute_expm=False)[0, 0])(np.ones((1, 1)))
        array([[1.]])
    """
    if not has_tracer((A, E)):
        return _scipy("expm_frechet")(A, E, method, compute_expm, check_finite)
    a, t = (
        cast(x, np.promote_types(x.dtype, np.float64)) for x in floating("expm_frechet", A, E)
    )  # float64 of float32 too, as SciPy gives
    check_matrices("expm_frechet", a, square=True)
    if t.shape[-2:] != a.shape[-2:]:
        raise ShapeError(f"expm_frechet: A: {short(a)} and E: {short(t)} do not fit", "They are square matrices of one size.")
    lead = np.broadcast_shapes(a.shape[:-2], t.shape[:-2])
    a, t = (s.broadcast_to(x, lead + x.shape[-2:]) for x in (a, t))
    derivative = linalg_functions.expm_frechet(a, t)
    return (linalg_functions.expm(a), derivative) if compute_expm else derivative


def _of_matrix(name: str, prim: Callable[[Any], Any], what: str, example: str) -> Callable[[Any], Any]:
    def function(A: Any) -> Any:
        if not has_tracer((A,)):
            return _scipy(name)(A)
        return prim(matrices(name, A, square=True))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{what}

    The derivative is the Fréchet derivative (Higham, "Functions of Matrices", 2008).

    Args:
        A: [..., n, n]. SciPy makes complex numbers of real ones where the result is complex; a traced A keeps its dtype.

    Returns:
        An array of the shape of A.

    Raises:
        numpy.linalg.LinAlgError: A is not square, or it is real and the result complex.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import {name}
        >>> {example}
    """
    return function


logm = _of_matrix(
    "logm", linalg_functions.logm, "The principal logarithm of matrices.",
    "fgrad.grad(lambda t: logm(t * np.eye(2))[0, 0])(4.0).round(9)\n        np.float64(0.25)",
)  # fmt: skip
sqrtm = _of_matrix(
    "sqrtm", linalg_functions.sqrtm, "The principal square root of matrices.",
    "fgrad.grad(lambda t: sqrtm(t * np.eye(2))[0, 0])(4.0).round(9)\n        np.float64(0.25)",
)  # fmt: skip


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The x with a x + x b = q.

    Args:
        a: [..., m, m].
        b: [..., n, n].
        q: [..., m, n].

    Returns:
        x: [..., m, n], of the batch of all three.

    Raises:
        numpy.linalg.LinAlgError: shapes do not fit, or a and -b have a common eigenvalue.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import solve_sylvester
        >>> fgrad.grad(lambda q: solve_sylvester(np.eye(1), np.eye(1), q)[0, 0])(np.ones((1, 1)))
        array([[0.5]])
    """
    if not has_tracer((a, b, q)):
        return _scipy("solve_sylvester")(a, b, q)
    a, b, q = floating("solve_sylvester", a, b, q)
    check_matrices("solve_sylvester", a, square=True)
    check_matrices("solve_sylvester", b, square=True)
    check_matrices("solve_sylvester", q)
    if q.shape[-2:] != (a.shape[-1], b.shape[-1]):
        raise ShapeError(
            f"solve_sylvester: a: {short(a)}, b: {short(b)} and q: {short(q)} do not fit",
            "q has as many rows as a and as many columns as b.",
        )
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
    return linalg_functions.sylvester(*(s.broadcast_to(x, lead + x.shape[-2:]) for x in (a, b, q)))


def lu(a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True, p_indices: bool = False) -> tuple[Any, ...]:
    """The decomposition a = p l u into a permutation, a lower triangular matrix with ones on its diagonal, and an upper triangular one.

    Args:
        a: [..., m, n]; k is the smaller of m and n.
        permute_l: give (p l, u).
        overwrite_a, check_finite: SciPy's; no meaning for traced values.
        p_indices: give p as indices, [..., m], with a = l[p] @ u.

    Returns:
        (p, l, u): [..., m, m], [..., m, k], [..., k, n]. p has no derivative: it does not change where the pivots are not tied.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.linalg import lu
        >>> fgrad.grad(lambda t: lu(t * np.array([[4.0, 2.0], [2.0, 3.0]]))[2][1, 1])(1.0)
        np.float64(2.0)
    """
    if not has_tracer((a,)):
        return _scipy("lu")(a, permute_l, overwrite_a, check_finite, p_indices)
    a = matrices("lu", a)
    m, n = a.shape[-2:]
    order = linalg_lu.lu_permutation(stop_gradient(a))
    placed = fnp.argsort(order, axis=-1)
    ordered = fnp.take_along_axis(a, order[..., None], axis=-2)
    low, u = linalg_lu.lu_factors(ordered[..., : min(m, n), : min(m, n)])
    if m > n:
        low = fnp.concatenate([low, linalg_lu.by_upper(ordered[..., n:, :], u)], axis=-2)
    elif n > m:
        u = fnp.concatenate([u, linalg_lu.by_lower(low, ordered[..., :, m:])], axis=-1)
    if permute_l:
        return fnp.take_along_axis(low, placed[..., None], axis=-2), u
    return (fnp.astype(placed, np.int32) if p_indices else fnp.asarray(placed[..., None] == np.arange(m), dtype=a.dtype)), low, u


def block_diag(*arrs: Any) -> Any:
    """The matrix with these matrices on its diagonal, and 0 elsewhere; a vector is a row, a number a matrix of one."""
    if not has_tracer(arrs):
        return _scipy("block_diag")(*arrs)
    blocks = [fnp.atleast_2d(x) for x in arrs]
    for x in blocks:
        check_matrices("block_diag", x)
    widths = [x.shape[-1] for x in blocks]
    rows = []
    for i, x in enumerate(blocks):
        before, after = sum(widths[:i]), sum(widths[i + 1 :])
        rows.append(fnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(before, after)]))
    return fnp.concatenate(rows, axis=-2)


def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix t[i, j] of the first column c and the first row r: c[i - j] below and on the diagonal, r[j - i] above. r is conj(c) if not given."""
    if not has_tracer((c, r)):
        return _scipy("toeplitz")(c, r)
    c = fnp.asarray(c)
    r = fnp.conj(c) if r is None else fnp.asarray(r)
    if c.ndim != 1 or r.ndim != 1:
        raise ShapeError(f"toeplitz: c: {short(c)} and r: {short(r)} are to be vectors")
    i, j = np.ogrid[: c.shape[0], : r.shape[0]]
    return fnp.concatenate([fnp.flip(c), r[1:]])[c.shape[0] - 1 + j - i]


def hankel(c: Any, r: Any = None) -> Any:
    """The matrix h[i, j] = c[i + j], continued with the last row r (0 if not given; its first entry is not read)."""
    if not has_tracer((c, r)):
        return _scipy("hankel")(c, r)
    c = fnp.asarray(c)
    r = fnp.zeros_like(c) if r is None else fnp.asarray(r)
    i, j = np.ogrid[: c.shape[0], : r.shape[0]]
    return fnp.concatenate([c, r[1:]])[i + j]


def circulant(c: Any) -> Any:
    """The matrix whose columns are c, each turned by one more place than that before."""
    if not has_tracer((c,)):
        return _scipy("circulant")(c)
    c = fnp.asarray(c)
    n = c.shape[-1]
    return c[..., (np.arange(n)[:, None] - np.arange(n)) % n]


__all__ = [
    "block_diag", "cho_factor", "cho_solve", "circulant", "expm", "expm_frechet", "hankel", "logm", "lu", "solve_sylvester", "solve_triangular", "sqrtm",
    "toeplitz",
]  # fmt: skip
