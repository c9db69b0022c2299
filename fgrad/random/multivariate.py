"""Normal vectors of a given covariance, and uniformly distributed orthogonal matrices: what needs a factorisation."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, FgradError, ShapeError
from fgrad.ops.linalg_solve import cholesky
from fgrad.random.arguments import add, dtype_of, fitted_shape, full, mul, parameter, shape_of, sqrt
from fgrad.random.continuous import normal_from
from fgrad.random.key_array import KeyArray, use


def _factor(cov: Any, method: str) -> Any:
    """A matrix whose product with its transpose is the covariance."""
    if method == "cholesky":
        try:
            return cholesky(cov)
        except np.linalg.LinAlgError as e:
            if isinstance(e, FgradError):
                e.add_note("  multivariate_normal takes a covariance that is only semidefinite with method='eigh' or 'svd'.")
            raise
    if method == "eigh":
        values, vectors = fnp.linalg.eigh(cov)
    elif method == "svd":
        vectors, values, _ = fnp.linalg.svd(cov)
    else:
        raise ArgumentError(f"multivariate_normal: method is 'cholesky', 'eigh' or 'svd', not {method!r}")
    return mul(vectors, sqrt(fnp.expand_dims(values, -2)))


def multivariate_normal(key: KeyArray, mean: Any, cov: Any, shape: Any = None, dtype: Any = np.float64, method: str = "cholesky") -> Any:
    """Normal vectors of a mean and a covariance.

    Args:
        key: a single key.
        mean: f[..., n].
        cov: f[..., n, n], symmetric and positive definite; `method` 'eigh' and 'svd' also take one that is only semidefinite.
        shape: of the result without its last axis, to which mean.shape[:-1] and cov.shape[:-2] broadcast; None: that of both together.
        dtype: floating point.
        method: how the covariance is factored.

    Returns:
        An array [*shape, n] of this dtype, mean + factor @ normal numbers, differentiable by mean and cov.

    Raises:
        ArgumentError: not a key, or another method. ShapeError: several keys, or shapes that do not fit. DtypeError: another dtype.
        numpy.linalg.LinAlgError: the covariance is not positive definite.

    Example:
        >>> import fgrad, numpy as np
        >>> cov = np.array([[2.0, 1.0], [1.0, 3.0]])
        >>> fgrad.random.multivariate_normal(fgrad.random.key(0), np.zeros(2), cov).round(6)
        array([-0.291105, -1.386376])
    """
    found = dtype_of("multivariate_normal", dtype)
    mean, cov = (parameter("multivariate_normal", x, found) for x in (mean, cov))
    if not mean.shape or cov.shape[-2:] != (mean.shape[-1], mean.shape[-1]):
        raise ShapeError(f"multivariate_normal: mean f[..., n] and cov f[..., n, n] are expected, not {short(mean)} and {short(cov)}")
    rows = fnp.take(cov, 0, axis=-1)
    result = fitted_shape(
        "multivariate_normal", None if shape is None else (*shape_of("multivariate_normal", shape), mean.shape[-1]), mean, rows
    )
    z = normal_from(use("multivariate_normal", key), result, found)
    return add(full(mean, result), fnp.einsum("...ij,...j->...i", _factor(cov, method), z))


def orthogonal(key: KeyArray, n: int, shape: Any = (), dtype: Any = np.float64, m: int | None = None) -> Any:
    """Orthogonal matrices, uniformly distributed: every rotation of one is equally likely.

    Args:
        key: a single key.
        n: the number of rows.
        shape: of the batch of matrices.
        dtype: floating point or complex (the matrices are then unitary).
        m: the number of columns; None: n. Rows, or columns where they are fewer, are orthonormal.

    Returns:
        An array [*shape, n, m] of this dtype.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or no shape. DtypeError: another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> q = fgrad.random.orthogonal(fgrad.random.key(0), 3)
        >>> np.allclose(q @ q.T, np.eye(3))
        True
    """
    found = dtype_of("orthogonal", dtype, "fc")
    rows = operator.index(n)
    columns = rows if m is None else operator.index(m)
    batch = shape_of("orthogonal", shape)
    z = normal_from(use("orthogonal", key), (*batch, max(rows, columns), min(rows, columns)), found)
    q, r = fnp.linalg.qr(z)
    # the factor with a positive diagonal in r is unique, and so distributed evenly (Mezzadri, 2007, "How to generate random matrices ...")
    q = mul(q, fnp.expand_dims(fnp.sign(fnp.diagonal(r, axis1=-2, axis2=-1)), -2))
    return fnp.matrix_transpose(q) if rows < columns else q


__all__ = ["multivariate_normal", "orthogonal"]
