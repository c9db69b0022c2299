"""NumPy's running sums and products of traced arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError
from fgrad.core.primitive import Primitive
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.reductions import sum_dtype
from fgrad.numpy.shapes import as_array, ravel
from fgrad.ops import cumulative as c
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.promote import cast


def running(name: str, prim: Primitive, a: Any, axis: int | None, dtype: Any, out: Any) -> Any:
    """A running reduction along an axis, or of the flattened array."""
    unsupported(name, out=out)
    x = as_array(a)
    if axis is None or not x.ndim:
        x, axis = ravel(x), axis or 0
    i = normalize_axis(name, axis, x.ndim, x)
    return prim(cast(x, sum_dtype(x.dtype, dtype)), axis=i, reverse=False)


@implements(np.cumsum)
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    return running("cumsum", c.cumsum, a, axis, dtype, out)


@implements(np.cumprod)
def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """NumPy's running product. Its derivative is right where entries are zero, at every order."""
    return running("cumprod", c.cumprod, a, axis, dtype, out)


def _standard(name: str, prim: Primitive, x: Any, axis: int | None, dtype: Any, out: Any, include_initial: bool, initial: int) -> Any:
    """The array API standard's form: an axis must be given where there are several."""
    x = as_array(x)
    if axis is None and x.ndim > 1:
        raise ArgumentError(f"{name}: x: {short(x)} has {x.ndim} axes", "Say along which one: axis=0.")
    y = running(name, prim, x, axis, dtype, out)
    if not include_initial:
        return y
    i = normalize_axis(name, 0 if axis is None else axis, y.ndim, y)
    first = s.full(value=initial, shape=tuple(1 if k == i else n for k, n in enumerate(y.shape)), dtype=y.dtype)
    return s.concatenate(first, y, axis=i)


@implements(np.cumulative_sum)
def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    return _standard("cumulative_sum", c.cumsum, x, axis, dtype, out, include_initial, 0)


@implements(np.cumulative_prod)
def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False) -> Any:
    return _standard("cumulative_prod", c.cumprod, x, axis, dtype, out, include_initial, 1)
