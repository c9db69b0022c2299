"""Running sums, products, maxima and minima along an axis, and the linear recurrence their derivatives are made of.

`linear_recurrence(a, b)` is y[i] = a[i] * y[i-1] + b[i]. The derivatives of the others are such recurrences (a running product's
tangent obeys one), and its own derivatives are again: so all are right where entries are zero or tied, at every order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.elementwise import convert, div, eq, isnan, mul, or_
from fgrad.ops.shapes import concatenate, full, materialize, slice_

_SHORT = 8
"""Recurrences up to this length are computed step by step, longer ones by halving."""


def previous(x: Any, axis: int, reverse: bool, first: float = 0) -> Any:
    """For each entry the one before it along the axis (the one after it, in reverse); `first` stands before the first."""
    shape = x.shape
    n = shape[axis]
    if not n:
        return x
    starts = tuple(int(reverse and i == axis) for i in range(len(shape)))
    limits = tuple(m - int(not reverse and i == axis) for i, m in enumerate(shape))
    rest = slice_(x, starts=starts, limits=limits, strides=(1,) * len(shape))
    one = full(value=first, shape=tuple(1 if i == axis else m for i, m in enumerate(shape)), dtype=x.dtype)
    return concatenate(*((rest, one) if reverse else (one, rest)), axis=axis)


# -- linear recurrence


def _recur(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """y[i] = a[i] * y[i-1] + b[i] along the first axis.

    Two neighbouring steps compose to one, y[i] = (a[i] a[i-1]) y[i-2] + (a[i] b[i-1] + b[i]), so the odd entries obey a recurrence
    of half the length: O(n) operations in O(log n) array operations.
    """
    n = len(b)
    y = b.copy()
    if n <= _SHORT:
        for i in range(1, n):
            y[i] += a[i] * y[i - 1]
        return y
    odd, a_odd = slice(1, n, 2), a[1::2]
    pairs = n // 2
    y[odd] = _recur(a_odd * a[: 2 * pairs : 2], b[odd] + a_odd * b[: 2 * pairs : 2])
    y[2::2] += a[2::2] * y[1 : n - 1 : 2]
    return y


def _linear_recurrence(a: Any, b: Any, *, axis: int, reverse: bool) -> np.ndarray:
    a, b = np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0)
    y = _recur(a[::-1], b[::-1])[::-1] if reverse else _recur(a, b)
    return np.moveaxis(y, 0, axis)


def _recurrence_coefficient_partial(out: Any, a: Any, b: Any, *, axis: int, reverse: bool) -> Rule:
    before = previous(out, axis, reverse)
    return lambda t: linear_recurrence(a, mul(t, before), axis=axis, reverse=reverse)


def _recurrence_transpose(ct: Any, a: Any, b: Any, *, axis: int, reverse: bool) -> list:
    # the same recurrence run the other way, each cotangent coming back through the coefficient of the step after it
    return [None, linear_recurrence(previous(a, axis, not reverse), ct, axis=axis, reverse=not reverse)]


def _recurrence_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, axis: int, reverse: bool) -> tuple[Any, bool]:
    a, b = (materialize(size, v, m) for v, m in zip(values, mapped, strict=True))
    return linear_recurrence(a, b, axis=axis + 1, reverse=reverse), True


linear_recurrence = Primitive(
    "linear_recurrence",
    impl=_linear_recurrence,
    aval=lambda a, b, *, axis, reverse: ShapedArray(b.shape, b.dtype),
    partials=[
        _recurrence_coefficient_partial,
        lambda out, a, b, *, axis, reverse: lambda t: linear_recurrence(a, t, axis=axis, reverse=reverse),
    ],
    transpose=_recurrence_transpose,
    batch=_recurrence_batch,
)

# -- running reductions


def _running(name: str, ufunc: np.ufunc, partial: Rule | None = None, transpose: Rule | None = None) -> Primitive:
    """A primitive that accumulates with this ufunc along `axis`, from its end in `reverse`, keeping the dtype."""

    def impl(x: Any, *, axis: int, reverse: bool) -> np.ndarray:
        if reverse:
            return np.flip(ufunc.accumulate(np.flip(x, axis), axis=axis, dtype=x.dtype), axis)
        return ufunc.accumulate(x, axis=axis, dtype=x.dtype)

    prim = Primitive(
        name,
        impl=impl,
        aval=lambda x, *, axis, reverse: ShapedArray(typeof(x).shape, typeof(x).dtype),
        partials=None if partial is None else [partial],
        transposes=None if transpose is None else [transpose],
        batch=lambda size, values, mapped, *, axis, reverse: (prim(values[0], axis=axis + 1, reverse=reverse), True),
    )
    return prim


def _cumprod_partial(out: Any, x: Any, *, axis: int, reverse: bool) -> Rule:
    # y[i] = x[i] y[i-1], so y'[i] = x[i] y'[i-1] + y[i-1] x'[i]; before the first there is a product of nothing
    before = previous(out, axis, reverse, 1)
    return lambda t: linear_recurrence(x, mul(t, before), axis=axis, reverse=reverse)


def _running_extremum_partial(out: Any, x: Any, *, axis: int, reverse: bool) -> Rule:
    # the mean of the tangents of the entries tied so far: a sum, and a count, that start again where the extremum changes
    # (a NaN is the extremum from where it first stands)
    before = previous(out, axis, reverse)
    same = convert(or_(eq(out, before), isnan(before)), dtype=x.dtype)
    chosen = convert(or_(eq(x, out), isnan(x)), dtype=x.dtype)
    count = linear_recurrence(same, chosen, axis=axis, reverse=reverse)

    def tangent(t: Any) -> Any:
        return div(linear_recurrence(same, mul(t, chosen), axis=axis, reverse=reverse), count)

    return tangent


def _cumsum_transpose(ct: Any, x: Any, *, axis: int, reverse: bool) -> Any:
    return cumsum(ct, axis=axis, reverse=not reverse)


cumsum = _running("cumsum", np.add, transpose=_cumsum_transpose)
cumprod = _running("cumprod", np.multiply, _cumprod_partial)
cummax = _running("cummax", np.maximum, _running_extremum_partial)
cummin = _running("cummin", np.minimum, _running_extremum_partial)
