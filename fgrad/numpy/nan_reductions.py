"""NumPy's reductions that pass over NaN: each fills the NaN entries with what does not matter, so that no derivative reaches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.errors import DtypeError
from fgrad.core.primitive import Primitive
from fgrad.numpy import cumulative
from fgrad.numpy import means as m
from fgrad.numpy import reductions as r
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.reductions import NOT_GIVEN
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import reductions as primitives
from fgrad.ops.family import like
from fgrad.ops.ufuncs import UFUNCS


def _present(x: Any) -> Any:
    """Which entries are no NaN; None where none can be one."""
    return e.not_(e.isnan(x)) if x.dtype.kind in "fc" else None


def _filled(a: Any, value: Any) -> Any:
    x = as_array(a)
    return r.chosen(x, _present(x), value)


@implements(np.nansum)
def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN
) -> Any:
    return r.sum(_filled(a, 0), axis, dtype, out, keepdims, initial, where)


@implements(np.nanprod)
def nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN
) -> Any:
    return r.prod(_filled(a, 1), axis, dtype, out, keepdims, initial, where)


@implements(np.nancumsum)
def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    return cumulative.cumsum(_filled(a, 0), axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    return cumulative.cumprod(_filled(a, 1), axis, dtype, out)


def _nan_extremum(extremum: Callable, bound: Callable, a: Any, axis: Any, out: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    x = as_array(a)
    present = _present(x)
    found = extremum(r.chosen(x, present, bound(x.dtype)), axis, out, keepdims, initial, where)
    if present is None or not (initial is NOT_GIVEN or initial is None):
        return found
    return e.select(r.any(present, axis, keepdims=keepdims), found, like(x, np.nan))


@implements(np.nanmax)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:
    return _nan_extremum(r.max, r.lowest, a, axis, out, keepdims, initial, where)


@implements(np.nanmin)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = NOT_GIVEN) -> Any:
    return _nan_extremum(r.min, r.highest, a, axis, out, keepdims, initial, where)


def _nan_place(name: str, prim: Primitive, bound: Callable, a: Any, axis: int | None, out: Any, keepdims: Any) -> Any:
    x = as_array(a)
    present = _present(x)
    found = r.arg_extremum(name, prim, r.chosen(x, present, bound(x.dtype)), axis, out, keepdims)
    return found if present is None else e.select(r.any(present, axis, keepdims=keepdims), found, like(found, -1))


@implements(np.nanargmax)
def nanargmax(a: Any, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's nanargmax, but -1 where all entries are NaN: whether they are may not be known while tracing."""
    return _nan_place("nanargmax", primitives.argmax, r.lowest, a, axis, out, keepdims)


@implements(np.nanargmin)
def nanargmin(a: Any, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """NumPy's nanargmin, but -1 where all entries are NaN: whether they are may not be known while tracing."""
    return _nan_place("nanargmin", primitives.argmin, r.highest, a, axis, out, keepdims)


# -- means and variances


def _chosen_mask(name: str, x: Any, present: Any, where: Any) -> Any:
    mask = r.mask_for(name, where, x)
    return present if mask is None else e.and_(present, mask)


def _check_dtype(name: str, dtype: Any) -> None:
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        raise DtypeError(f"{name}: of a floating array the dtype must be floating too, not {np.dtype(dtype)}")


@implements(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = NOT_GIVEN) -> Any:
    x, axes = r.reduced("nanmean", a, axis)
    present = _present(x)
    if present is None:
        return m.mean(x, axes, dtype, out, keepdims, where=where)
    unsupported("nanmean", out=out)
    _check_dtype("nanmean", dtype)
    mask = _chosen_mask("nanmean", x, present, where)
    return m.over_count(r.sum(r.chosen(x, mask, 0), axes, dtype, keepdims=keepdims), r.count_of(x, mask, axes, keepdims))


@implements(np.nanvar)
def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
    *, where: Any = NOT_GIVEN, mean: Any = NOT_GIVEN, correction: Any = NOT_GIVEN,
) -> Any:  # fmt: skip
    x, axes = r.reduced("nanvar", a, axis)
    present = _present(x)
    if present is None:
        return m.var(x, axes, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    unsupported("nanvar", out=out)
    _check_dtype("nanvar", dtype)
    ddof = m.degrees_lost("nanvar", ddof, correction)
    mask = _chosen_mask("nanvar", x, present, where)
    x = r.chosen(x, mask, 0)
    if mean is NOT_GIVEN or mean is None:
        mean = m.over_count(r.sum(x, axes, dtype, keepdims=True), r.count_of(x, mask, axes, True))
    gap = UFUNCS[np.subtract](x, mean)
    squares = m.squared(r.chosen(gap, mask, 0))
    left = UFUNCS[np.subtract](r.count_of(x, mask, axes, keepdims), ddof)
    total = r.sum(squares, axes, dtype, keepdims=keepdims)
    enough = e.gt(left, like(left, 0))
    return e.select(enough, m.over_count(total, e.select(enough, left, like(left, 1))), like(total, np.nan))


@implements(np.nanstd)
def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False,
    *, where: Any = NOT_GIVEN, mean: Any = NOT_GIVEN, correction: Any = NOT_GIVEN,
) -> Any:  # fmt: skip
    unsupported("nanstd", out=out)
    ddof = m.degrees_lost("nanstd", ddof, correction)
    return UFUNCS[np.sqrt](nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean))
