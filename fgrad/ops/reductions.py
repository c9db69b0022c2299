"""Reductions: product, maximum, minimum, and, or, argmax, argmin. The sum is in `shapes.py`, being broadcast's transpose.

The maximum's derivative is split evenly between ties. The product's derivative multiplies each entry's neighbours from both sides,
so it is right where entries are zero, at every order. Read `cumulative.py` for the running products it uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.cumulative import cumprod, previous
from fgrad.ops.elementwise import convert, div, eq, mul
from fgrad.ops.shapes import broadcast, drop, reduce_sum, reshape, shift, transpose

_INTP = np.dtype(np.intp)


def _aval(x: Any, *, axes: tuple[int, ...]) -> ShapedArray:
    return ShapedArray(drop(x.shape, axes), x.dtype)


def _reduction(name: str, ufunc: np.ufunc, partial: Rule | None = None) -> Primitive:
    """A primitive that reduces `axes` with this ufunc, keeping the dtype."""
    prim = Primitive(
        name,
        impl=lambda x, *, axes: ufunc.reduce(x, axis=axes, dtype=x.dtype),
        aval=_aval,
        partials=None if partial is None else [partial],
        batch=lambda size, values, mapped, *, axes: (prim(values[0], axes=shift(axes)), True),
    )
    return prim


def _extremum_partial(out: Any, x: Any, *, axes: tuple[int, ...]) -> Rule:
    def spread(a: Any) -> Any:
        return broadcast(a, shape=x.shape, axes=axes)

    chosen = convert(eq(x, spread(out)), dtype=x.dtype)
    share = div(chosen, spread(reduce_sum(chosen, axes=axes)))
    return lambda t: reduce_sum(mul(t, share), axes=axes)


reduce_max = _reduction("reduce_max", np.maximum, _extremum_partial)
reduce_min = _reduction("reduce_min", np.minimum, _extremum_partial)
reduce_and = _reduction("reduce_and", np.logical_and)
reduce_or = _reduction("reduce_or", np.logical_or)

# -- product


def _product_of_others(x: Any, axes: tuple[int, ...]) -> Any:
    """For each entry, the product of all others along the axes: of shape x.shape."""
    kept = tuple(a for a in range(len(x.shape)) if a not in axes)
    order = (*kept, *axes)
    moved = transpose(x, axes=order)
    last = len(kept)
    flat = reshape(moved, shape=(*moved.shape[:last], math.prod(moved.shape[last:])))
    before, after = (previous(cumprod(flat, axis=last, reverse=r), last, r, 1) for r in (False, True))
    others = mul(before, after)
    return transpose(reshape(others, shape=moved.shape), axes=tuple(np.argsort(order).tolist()))


def _product_partial(out: Any, x: Any, *, axes: tuple[int, ...]) -> Rule:
    others = _product_of_others(x, axes)
    return lambda t: reduce_sum(mul(t, others), axes=axes)


reduce_prod = _reduction("reduce_prod", np.multiply, _product_partial)

# -- places of extrema: integers, no derivative


def _arg_reduction(name: str, f: Callable[..., Any]) -> Primitive:
    prim = Primitive(
        name,
        impl=lambda x, *, axis: f(x, axis),
        aval=lambda x, *, axis: ShapedArray(drop(x.shape, (axis,)), _INTP),
        batch=lambda size, values, mapped, *, axis: (prim(values[0], axis=axis + 1), True),
    )
    return prim


argmax = _arg_reduction("argmax", np.argmax)
argmin = _arg_reduction("argmin", np.argmin)
