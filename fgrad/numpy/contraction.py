"""Products of vectors, matrices and tensors on traced arrays: dot, inner, outer, tensordot, kron, cross, trace, and linalg's names.

Each writes itself as letters for `product` (one `contract`). `einsum` is in `einsum.py`; matmul, vecdot, matvec and vecmat, being ufuncs,
in `ops/matmul.py`.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.diagonals import diagonal
from fgrad.numpy.joining import stack
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, astype, moveaxis, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes, normalize_axis
from fgrad.ops.getitem import getitem
from fgrad.ops.matmul import product
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS


def _operands(*xs: Any) -> list[Any]:
    """Arrays of one dtype."""
    arrays = [as_array(x) for x in xs]
    dtype = result_dtype(*arrays)
    return [cast(x, dtype) for x in arrays]


def _fit(name: str, a: Any, b: Any, axes_a: Sequence[int], axes_b: Sequence[int]) -> None:
    for i, j in zip(axes_a, axes_b, strict=True):
        if a.shape[i] != b.shape[j]:
            raise ShapeError(
                f"{name}: shapes {short(a)} and {short(b)} do not fit",
                f"axis {i} of the first is summed with axis {j} of the second; they have {a.shape[i]} and {b.shape[j]} entries.",
            )


def _summed(name: str, a: Any, b: Any, axes_a: Sequence[int], axes_b: Sequence[int]) -> Any:
    """The sum of products over pairs of axes; the other axes of a come first in the result."""
    _fit(name, a, b, axes_a, axes_b)
    letters = iter(ascii_letters)
    labels_a = [next(letters) for _ in a.shape]
    labels_b = [next(letters) for _ in b.shape]
    for i, j in zip(axes_a, axes_b, strict=True):
        labels_b[j] = labels_a[i]
    summed = {labels_a[i] for i in axes_a}
    out = [c for c in (*labels_a, *labels_b) if c not in summed]
    return product(a, b, "".join(labels_a), "".join(labels_b), "".join(out))


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    unsupported("dot", out=out)
    a, b = _operands(a, b)
    if not a.ndim or not b.ndim:
        return UFUNCS[np.multiply](a, b)
    return _summed("dot", a, b, [a.ndim - 1], [max(b.ndim - 2, 0)])


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    a, b = _operands(a, b)
    if not a.ndim or not b.ndim:
        return UFUNCS[np.multiply](a, b)
    return _summed("inner", a, b, [a.ndim - 1], [b.ndim - 1])


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    a, b = (ravel(x) for x in _operands(a, b))
    return _summed("vdot", e.conj(a) if a.dtype.kind == "c" else a, b, [0], [0])


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    unsupported("outer", out=out)
    a, b = (ravel(x) for x in _operands(a, b))
    return product(a, b, "i", "j", "ij")


@implements(np.linalg.outer)
def linalg_outer(x1: Any, x2: Any, /) -> Any:
    x1, x2 = as_array(x1), as_array(x2)
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"linalg.outer: takes vectors, not {short(x1)} and {short(x2)}", "np.outer ravels its operands.")
    return outer(x1, x2)


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    a, b = _operands(a, b)
    if np.iterable(axes):
        first, second = axes
        axes_a, axes_b = normalize_axes("tensordot", first, a.ndim, a), normalize_axes("tensordot", second, b.ndim, b)
    else:
        n = operator.index(axes)
        if not 0 <= n <= min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot: axes={n} with {short(a)} and {short(b)}")
        axes_a, axes_b = tuple(range(a.ndim - n, a.ndim)), tuple(range(n))
    if len(axes_a) != len(axes_b):
        raise ShapeError(f"tensordot: {len(axes_a)} axes of a and {len(axes_b)} of b cannot be paired")
    return _summed("tensordot", a, b, axes_a, axes_b)


@implements(np.linalg.tensordot)
def linalg_tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return tensordot(x1, x2, axes)


@implements(np.linalg.matmul)
def linalg_matmul(x1: Any, x2: Any, /) -> Any:
    return UFUNCS[np.matmul].traced(x1, x2)


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return UFUNCS[np.vecdot].traced(x1, x2, axis=axis)


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    a, b = _operands(a, b)
    n = max(a.ndim, b.ndim)
    a, b = (s.reshape(x, shape=(1,) * (n - x.ndim) + x.shape) if x.ndim < n else x for x in (a, b))
    blocks, entries = ascii_letters[:n], ascii_letters[n : 2 * n]
    pairs = product(a, b, blocks, entries, "".join(c + d for c, d in zip(blocks, entries, strict=True)))
    return s.reshape(pairs, shape=tuple(i * j for i, j in zip(a.shape, b.shape, strict=True)))


@implements(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = _operands(a, b)
    a = moveaxis(a, normalize_axis("cross", axisa, a.ndim, a), -1)
    b = moveaxis(b, normalize_axis("cross", axisb, b.ndim, b), -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ShapeError(f"cross: the vectors have 2 or 3 components, not {a.shape[-1]} and {b.shape[-1]}")
    mul, sub, neg = UFUNCS[np.multiply], UFUNCS[np.subtract], UFUNCS[np.negative]
    (a0, a1, *a2), (b0, b1, *b2) = ([getitem(x, (..., i)) for i in range(x.shape[-1])] for x in (a, b))

    def minor(p: Any, q: Any, r: Any, t: Any) -> Any:
        return sub(mul(p, q), mul(r, t))

    last = minor(a0, b1, a1, b0)
    if not a2 and not b2:
        return last
    # a plane vector has 0 as its third component
    if not b2:
        parts = [neg(mul(a2[0], b1)), mul(a2[0], b0), last]
    elif not a2:
        parts = [mul(a1, b2[0]), neg(mul(a0, b2[0])), last]
    else:
        parts = [minor(a1, b2[0], a2[0], b1), minor(a2[0], b0, a0, b2[0]), last]
    return stack(parts, axis=normalize_axis("cross", axisc, last.ndim + 1))


@implements(np.linalg.cross)
def linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = as_array(x1), as_array(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(f"linalg.cross: the vectors have 3 components, not {x1.shape[axis]} and {x2.shape[axis]}")
    return cross(x1, x2, axis=axis)


@implements(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    unsupported("trace", out=out)
    d = diagonal(a, offset, axis1, axis2)
    # small integers are summed in a wider one, as np.sum does
    dtype = np.dtype(dtype) if dtype is not None else np.add.reduce(np.empty(0, d.dtype)).dtype
    return s.reduce_sum(astype(d, dtype) if d.dtype != dtype else d, axes=(d.ndim - 1,))


@implements(np.linalg.trace)
def linalg_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return trace(x, offset, -2, -1, dtype)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    unsupported("multi_dot", out=out)
    xs = [as_array(x) for x in arrays]
    if len(xs) < 2:
        raise ArgumentError("multi_dot: takes two arrays or more")
    if any(x.ndim != 2 for x in xs[1:-1]) or any(x.ndim not in (1, 2) for x in (xs[0], xs[-1])):
        raise ShapeError(f"multi_dot: takes matrices, and vectors at the ends, not {', '.join(map(short, xs))}")
    matrix = UFUNCS[np.matmul]
    sizes = [1 if xs[0].ndim == 1 else xs[0].shape[0], *(x.shape[0] for x in xs[1:]), 1 if xs[-1].ndim == 1 else xs[-1].shape[1]]

    @functools.cache
    def cheapest(i: int, j: int) -> tuple[int, int]:
        """The number of multiplications in the product of the arrays i to j, and where it is split."""
        if i == j:
            return 0, i
        costs = ((cheapest(i, k)[0] + cheapest(k + 1, j)[0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))
        return min(costs)

    def multiplied(i: int, j: int) -> Any:
        if i == j:
            return xs[i]
        k = cheapest(i, j)[1]
        return matrix(multiplied(i, k), multiplied(k + 1, j))

    return multiplied(0, len(xs) - 1)
