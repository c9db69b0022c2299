"""The norms of numpy.linalg, of vectors and of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy import reductions as r
from fgrad.numpy.matrices import matrices
from fgrad.numpy.means import squared
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes
from fgrad.ops.family import like
from fgrad.ops.linalg import mt
from fgrad.ops.linalg_polar import nuclear_norm
from fgrad.ops.linalg_svd import svdvals
from fgrad.ops.promote import cast


def _nonzero_root(total: Any, root: Any) -> Any:
    """root(total), and 0 where the total is 0, as a constant: the roots have no finite derivative there."""
    nothing = e.eq(total, like(total, 0))
    return e.select(nothing, like(total, 0), root(e.select(nothing, like(total, 1), total)))


def _euclidean(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    return _nonzero_root(r.sum(squared(x), axes, keepdims=keepdims), e.sqrt)


def _power_norm(x: Any, p: float, axes: tuple[int, ...], keepdims: bool) -> Any:
    size = e.abs_(x)
    nothing = e.eq(size, like(size, 0))
    powers = e.pow_(e.select(nothing, like(size, 1), size), like(size, p))
    total = r.sum(e.select(nothing, like(size, 0 if p > 0 else np.inf), powers), axes, keepdims=keepdims)

    def root(t: Any) -> Any:
        return e.pow_(t, np.reciprocal(p, dtype=t.dtype))

    return _nonzero_root(total, root) if p > 0 else root(total)


def _vector(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if order is None or order == 2:
        return _euclidean(x, axes, keepdims)
    if isinstance(order, str):
        raise ArgumentError(f"norm: ord={order!r} is a norm of matrices, not of vectors", "Give two axes, or a number as ord.")
    if order == np.inf:
        return r.max(e.abs_(x), axes, keepdims=keepdims, initial=r.NOT_GIVEN if r.all_present(x, axes) else 0)
    if order == -np.inf:
        return r.min(e.abs_(x), axes, keepdims=keepdims)
    if order == 0:
        return r.sum(e.ne(x, like(x, 0)), axes, np.empty(0, x.dtype).real.dtype, keepdims=keepdims)
    if order == 1:
        return r.sum(e.abs_(x), axes, keepdims=keepdims)
    return _power_norm(x, order, axes, keepdims)


def _matrix(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if order is None or order in ("fro", "f"):
        return _euclidean(x, axes, keepdims)
    if order in (2, -2, "nuc"):
        found = _spectral(x, order, axes)
        return s.reshape(found, shape=tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else found
    if order in (1, -1, np.inf, -np.inf):
        row, column = axes
        within, across = (row, column) if abs(order) == 1 else (column, row)
        sums = r.sum(e.abs_(x), within, keepdims=True)
        if order < 0:
            found = r.min(sums, across, keepdims=True)
        else:
            found = r.max(sums, across, keepdims=True, initial=r.NOT_GIVEN if r.all_present(sums, (across,)) else 0)
        return found if keepdims else s.reshape(found, shape=s.drop(x.shape, axes))
    raise ArgumentError(f"norm: ord={order!r} is no norm of matrices", "It is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf.")


def _spectral(x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """The largest, the smallest or the sum of the singular values."""
    others = tuple(i for i in range(x.ndim) if i not in axes)
    stack = matrices("norm", s.transpose(x, axes=(*others, *axes)))
    if order == "nuc":
        return nuclear_norm(stack if stack.shape[-2] >= stack.shape[-1] else mt(stack))
    values = svdvals(stack)
    last = values.ndim - 1
    if order == -2:
        return r.min(values, last)
    return r.max(values, last, initial=r.NOT_GIVEN if values.shape[-1] else 0)


def _floating(x: Any) -> Any:
    x = as_array(x)
    return x if x.dtype.kind in "fc" else cast(x, np.dtype(np.float64))


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's norm of vectors and matrices.

    At zero, where the Euclidean and the p-norms have no derivative, it is taken as 0; the orders 1, inf and -inf follow abs there.
    Of matrices 2, -2 and 'nuc' are the largest, the smallest and the sum of the singular values. Where the largest or the smallest is
    repeated, its derivative is their mean; 'nuc' has derivatives of every order where the rank is full.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.grad(np.linalg.norm)(np.array([3.0, 4.0]))
        array([0.6, 0.8])
    """
    x = _floating(x)
    if axis is None and ord is None:
        return _euclidean(x, tuple(range(x.ndim)), keepdims)
    axes = normalize_axes("norm", axis, x.ndim, x)
    if len(axes) not in (1, 2):
        raise ShapeError(f"norm: a norm is over one axis or two, not {len(axes)}: x: {short(x)}", "Give axis=.")
    return _vector(x, ord, axes, keepdims) if len(axes) == 1 else _matrix(x, ord, axes, keepdims)


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The norm of the entries over the axes (all of them for None), as those of one vector."""
    x = _floating(x)
    return _vector(x, ord, normalize_axes("vector_norm", axis, x.ndim, x), keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of the matrices in the last two axes."""
    x = _floating(x)
    return _matrix(x, ord, normalize_axes("matrix_norm", (-2, -1), x.ndim, x), keepdims)
