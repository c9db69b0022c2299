"""NumPy's reductions of traced arrays: sums, products, extrema and their places, truth, and logsumexp.

`axis`, `dtype`, `keepdims`, `initial` and `where` are resolved here; the primitives of `ops/reductions.py` keep the dtype and take a
tuple of axes. Next: `means.py`, `nan_reductions.py` (which pass over NaN), `cumulative.py`, `norms.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.core.primitive import Primitive
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import reductions as r
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes, normalize_axis
from fgrad.ops.family import like
from fgrad.ops.promote import broadcast_shape, cast
from fgrad.ops.ufuncs import UFUNCS, to_bool

NOT_GIVEN: Any = getattr(np, "_NoValue")  # noqa: B009 (the default in NumPy's signatures; not public)
INTP = np.dtype(np.intp)
_sub = UFUNCS[np.subtract]

# -- what they share


def reduced(name: str, a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """The array, and the axes to reduce, in order. A 0-d array takes axis 0 and -1, as in NumPy."""
    x = as_array(a)
    return x, tuple(sorted(normalize_axes(name, None if not x.ndim and axis in (0, -1) else axis, x.ndim, x)))


def kept(out: Any, x: Any, axes: tuple[int, ...], keepdims: Any) -> Any:
    """The result of reducing x, with axes of size 1 where that is asked for."""
    if keepdims is NOT_GIVEN or not keepdims or not axes:
        return out
    return s.reshape(out, shape=tuple(1 if i in axes else n for i, n in enumerate(x.shape)))


def mask_for(name: str, where: Any, x: Any) -> Any:
    """`where` as booleans of the shape of x, or None where it chooses everything."""
    if where is NOT_GIVEN or where is True or where is None:
        return None
    mask = to_bool(as_array(where))
    if broadcast_shape(name, (x, mask)) != x.shape:
        raise ShapeError(f"{name}: where: {short(mask)} has more entries than the array it chooses from, {short(x)}")
    return s.broadcast_to(mask, x.shape)


def chosen(x: Any, mask: Any, otherwise: Any) -> Any:
    """x where the mask holds, elsewhere this number."""
    return x if mask is None else e.select(mask, x, like(x, otherwise))


def sum_dtype(own: np.dtype, dtype: Any) -> np.dtype:
    """The dtype a sum or product is taken in: small integers in the machine's."""
    if dtype is not None:
        return np.dtype(dtype)
    if own.kind in "bi":
        return np.promote_types(own, np.int_)
    return np.promote_types(own, np.uint) if own.kind == "u" else own


def lowest(dtype: np.dtype) -> Any:
    """What is below every value of this dtype."""
    if dtype.kind == "b":
        return False
    return complex(-np.inf, -np.inf) if dtype.kind == "c" else -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def highest(dtype: np.dtype) -> Any:
    if dtype.kind == "b":
        return True
    return complex(np.inf, np.inf) if dtype.kind == "c" else np.inf if dtype.kind == "f" else np.iinfo(dtype).max


def _with_initial(ufunc: np.ufunc, out: Any, initial: Any) -> Any:
    return out if initial is NOT_GIVEN or initial is None else UFUNCS[ufunc](out, cast(as_array(initial), out.dtype))


def count_of(x: Any, mask: Any, axes: tuple[int, ...], keepdims: Any = False) -> Any:
    """How many entries each result is of."""
    if mask is None:
        return math.prod(x.shape[i] for i in axes)
    return kept(s.reduce_sum(cast(mask, INTP), axes=axes), x, axes, keepdims)


# -- sum, product, extrema, truth


def _accumulated(
    name: str, prim: Primitive, ufunc: np.ufunc, a: Any, axis: Any, dtype: Any, out: Any, keepdims: Any, initial: Any, where: Any
) -> Any:
    unsupported(name, out=out)
    x, axes = reduced(name, a, axis)
    mask = mask_for(name, where, x)
    terms = chosen(cast(x, sum_dtype(x.dtype, dtype)), mask, ufunc.identity)
    return kept(_with_initial(ufunc, prim(terms, axes=axes) if axes else terms, initial), x, axes, keepdims)


@implements(np.sum)
def sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN
) -> Any:
    return _accumulated("sum", s.reduce_sum, np.add, a, axis, dtype, out, keepdims, initial, where)


@implements(np.prod)
def prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN
) -> Any:
    """NumPy's product. Its derivative is right where entries are zero, at every order."""
    return _accumulated("prod", r.reduce_prod, np.multiply, a, axis, dtype, out, keepdims, initial, where)


def _extremum(
    name: str, prim: Primitive, ufunc: np.ufunc, bound: Callable, a: Any, axis: Any, out: Any, keepdims: Any, initial: Any, where: Any
) -> Any:
    unsupported(name, out=out)
    x, axes = reduced(name, a, axis)
    mask = mask_for(name, where, x)
    without = initial is NOT_GIVEN or initial is None
    if mask is not None:
        if without:
            raise ArgumentError(f"{name}: with where= there may be nothing to choose from", "Give initial=, the value of that.")
        x = chosen(x, mask, bound(x.dtype))
    if all_present(x, axes):
        found = prim(x, axes=axes) if axes else x
    elif without:
        raise ShapeError(f"{name}: an empty array has no extremum: x: {short(x)} over axes {axes}", "Give initial=, the value of that.")
    else:
        found = s.full(value=bound(x.dtype), shape=s.drop(x.shape, axes), dtype=x.dtype)
    return kept(_with_initial(ufunc, found, initial), x, axes, keepdims)


def all_present(x: Any, axes: tuple[int, ...]) -> bool:
    """Whether each result is of at least one entry."""
    return 0 not in [x.shape[i] for i in axes]


@implements(np.max, np.amax)
def max(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:
    """NumPy's maximum over axes. Entries that tie share the derivative evenly."""
    return _extremum("max", r.reduce_max, np.maximum, lowest, a, axis, out, keepdims, initial, where)


@implements(np.min, np.amin)
def min(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:
    """NumPy's minimum over axes. Entries that tie share the derivative evenly."""
    return _extremum("min", r.reduce_min, np.minimum, highest, a, axis, out, keepdims, initial, where)


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    unsupported("ptp", out=out)
    return _sub(max(a, axis, keepdims=keepdims), min(a, axis, keepdims=keepdims))


def _truth(name: str, prim: Primitive, a: Any, axis: Any, out: Any, keepdims: Any, where: Any, otherwise: bool) -> Any:
    unsupported(name, out=out)
    x, axes = reduced(name, a, axis)
    b = chosen(to_bool(x), mask_for(name, where, x), otherwise)
    return kept(prim(b, axes=axes) if axes else b, x, axes, keepdims)


@implements(np.any)
def any(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NOT_GIVEN) -> Any:
    return _truth("any", r.reduce_or, a, axis, out, keepdims, where, False)


@implements(np.all)
def all(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NOT_GIVEN) -> Any:
    return _truth("all", r.reduce_and, a, axis, out, keepdims, where, True)


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return sum(to_bool(as_array(a)), axis, INTP, keepdims=keepdims)


def arg_extremum(name: str, prim: Primitive, a: Any, axis: int | None, out: Any, keepdims: Any) -> Any:
    """The places of extrema, along one axis or in the flattened array."""
    unsupported(name, out=out)
    x = as_array(a)
    if axis is None or not x.ndim:
        normalize_axis(name, 0 if axis is None else axis, 1)
        flat, i = s.reshape(x, shape=(x.size,)), 0
    else:
        flat, i = x, normalize_axis(name, axis, x.ndim, x)
    if not flat.shape[i]:
        raise ShapeError(f"{name}: there is no extremum among no entries: x: {short(x)}")
    axes = tuple(range(x.ndim)) if axis is None else (i,) if x.ndim else ()
    return kept(prim(flat, axis=i), x, axes, keepdims)


@implements(np.argmax)
def argmax(a: Any, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Any:
    return arg_extremum("argmax", r.argmax, a, axis, out, keepdims)


@implements(np.argmin)
def argmin(a: Any, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Any:
    return arg_extremum("argmin", r.argmin, a, axis, out, keepdims)


# -- the logarithm of a sum of exponentials


def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b * exp(a))) over axes, without overflow, as scipy.special.logsumexp.

    Entries of -inf add nothing. Where the result is infinite because entries are, their derivative is taken as 0.

    Args:
        a: f[...]. Integers are made float64.
        axis: an axis, a tuple of them, or None for all.
        b: factors of the exponentials, any shape that broadcasts with a. An entry of a with the factor 0 does not count, infinite or not.
        keepdims: keep the axes that are reduced, with size 1.
        return_sign: return the pair (log|s|, sign of s); without it, the logarithm of a negative sum is NaN.

    Example:
        >>> import fgrad
        >>> from fgrad.scipy.special import logsumexp
        >>> fgrad.grad(logsumexp)([1000.0, 1000.0])
        [np.float64(0.5), np.float64(0.5)]
    """
    x = as_array(a)
    factors = None if b is None else as_array(b)
    kinds = [x.dtype] if factors is None else [x.dtype, factors.dtype]
    dtype = np.result_type(*kinds, *([] if {k.kind for k in kinds} & {*"fc"} else [np.float64]))
    x, counted = cast(x, dtype), None
    if factors is not None:
        shape = broadcast_shape("logsumexp", (x, factors))
        x, factors = s.broadcast_to(x, shape), s.broadcast_to(cast(factors, dtype), shape)
        counted = e.ne(factors, like(factors, 0))
    x, axes = reduced("logsumexp", x, axis)
    size = chosen(e.stop_gradient(e.real(x) if dtype.kind == "c" else x), counted, -np.inf)
    top = max(size, axes, keepdims=True, initial=NOT_GIVEN if all_present(x, axes) else -np.inf)
    endless = e.isinf(top)
    gap = _sub(x, cast(e.select(endless, like(top, 0), top), dtype))
    if counted is not None:
        # what does not count may be far above the others, or NaN; it only has to stay finite
        gap = e.select(counted, gap, e.fmin(gap, like(x, math.log(np.finfo(dtype).max) / 2)))
    # among infinite entries those at the top are equal, and the others nothing beside them
    at_top = e.eq(size, s.broadcast_to(top, x.shape))
    gap = e.select(s.broadcast_to(endless, x.shape), e.select(at_top, like(x, 0), like(x, -np.inf)), gap)
    terms = e.exp(gap) if factors is None else e.mul(factors, e.exp(gap))
    total = sum(terms, axes, keepdims=keepdims)
    base = s.reshape(top, shape=total.shape)
    if return_sign:
        return e.add(e.log(e.abs_(total)), base), e.sign(total)
    return e.add(e.log(total), cast(base, dtype))
