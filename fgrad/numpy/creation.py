"""Making arrays: from nested lists of traced values, like a traced array, or between traced endpoints.

What NumPy makes of plain numbers needs no tracing: `zeros`, `eye`, `arange` and the like are NumPy's own functions.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, as_shape, broadcast_to, expand_dims, moveaxis
from fgrad.ops import shapes as s
from fgrad.ops.promote import as_operand, broadcast_shape, cast, result_dtype, stack_sequence
from fgrad.ops.ufuncs import UFUNCS

_add, _sub, _mul, _div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]
_power, _log10, _sign = UFUNCS[np.power], UFUNCS[np.log10], UFUNCS[np.sign]

# -- from values


def _array(x: Any, dtype: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return stack_sequence(x, dtype)
    x = as_array(x)
    return x if dtype is None else cast(x, np.dtype(dtype))


@implements(np.array)
def array(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0, ndmax: int = 0, like: Any = None
) -> Any:  # fmt: skip
    """An array of traced values: nested lists of them are stacked.

    Example:
        >>> import fgrad, fgrad.numpy as fnp
        >>> fgrad.grad(lambda x: fnp.array([x, x * x]).sum())(3.0)
        np.float64(7.0)
    """
    unsupported("array", like=like)
    x = _array(object, dtype)
    if ndmax and x.ndim > ndmax:
        raise ShapeError(f"array: {short(x)} has more axes than ndmax={ndmax}; deeper entries would be objects, which are not traced")
    return x if x.ndim >= ndmin else s.reshape(x, shape=(1,) * (ndmin - x.ndim) + x.shape)


@implements(np.asarray)
def asarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None) -> Any:
    unsupported("asarray", like=like)
    return _array(a, dtype)


@implements(np.asanyarray)
def asanyarray(a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None) -> Any:
    return asarray(a, dtype, like=like)


@implements(np.ascontiguousarray)
def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    return array(a, dtype, ndmin=1, like=like)


@implements(np.asfortranarray)
def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    return ascontiguousarray(a, dtype, like=like)


@implements(np.copy)
def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """The array itself: traced arrays are immutable."""
    return _array(a, None)


# -- like a traced array, or of a traced value


def _like(name: str, numpy_function: Callable, value: int) -> Callable:
    def apply(a: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None) -> Any:
        x = as_array(a)
        return s.full(value=value, shape=x.shape if shape is None else as_shape(shape), dtype=np.dtype(x.dtype if dtype is None else dtype))

    apply.__name__ = apply.__qualname__ = name
    return implements(numpy_function)(apply)


zeros_like = _like("zeros_like", np.zeros_like, 0)
ones_like = _like("ones_like", np.ones_like, 1)
empty_like = _like("empty_like", np.empty_like, 0)


@implements(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", *, device: Any = None, like: Any = None) -> Any:
    unsupported("full", like=like)
    return broadcast_to(_array(fill_value, dtype), as_shape(shape))


@implements(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    x = as_array(a)
    return full(x.shape if shape is None else shape, fill_value, x.dtype if dtype is None else dtype)


# -- between endpoints


def _ends(name: str, *xs: Any) -> list:
    """The endpoints in one shape and one inexact dtype, Python numbers being weak."""
    xs = tuple(as_operand(x) for x in xs)
    dtype = np.result_type(result_dtype(*xs), 1.0)
    shape = broadcast_shape(name, xs)
    return [s.broadcast_to(cast(as_array(x), dtype), shape) for x in xs]


def _linspace(start: Any, stop: Any, num: Any, endpoint: bool) -> tuple[Any, Any]:
    """The numbers along axis 0, and the step between them."""
    num = operator.index(num)
    if num < 0:
        raise ArgumentError(f"linspace: the number of samples cannot be negative, and is {num}")
    intervals = num - 1 if endpoint else num
    start, stop = _ends("linspace", start, stop)
    shape, dtype = start.shape, start.dtype
    delta = _sub(stop, start)
    steps = np.arange(0, num, dtype=dtype).reshape(-1, *[1] * len(shape))
    step = _div(delta, intervals) if intervals > 0 else s.full(value=np.nan, shape=shape, dtype=dtype)
    y = _add(_mul(steps, step if intervals > 0 else delta), start)
    if endpoint and num > 1:  # the last one is the endpoint itself, not start + rounded steps
        head = s.slice_(y, starts=(0,) * y.ndim, limits=(num - 1, *shape), strides=(1,) * y.ndim)
        y = s.concatenate(head, s.reshape(stop, shape=(1, *shape)), axis=0)
    return y, step


def _finish(y: Any, dtype: Any, axis: int) -> Any:
    y = moveaxis(y, 0, axis) if axis else y
    if dtype is None or y.dtype == np.dtype(dtype):
        return y
    return cast(UFUNCS[np.floor](y) if np.dtype(dtype).kind in "iu" else y, np.dtype(dtype))


@implements(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    y, step = _linspace(start, stop, num, endpoint)
    y = _finish(y, dtype, axis)
    return (y, step) if retstep else y


@implements(np.logspace)
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Any:
    if np.ndim(base):
        start, stop, base = _ends("logspace", start, stop, base)
        base = expand_dims(base, 0)
    y = _power(base, _linspace(start, stop, num, endpoint)[0])
    y = moveaxis(y, 0, axis) if axis else y
    return y if dtype is None else cast(y, np.dtype(dtype))


@implements(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    # at least float64, whatever the endpoints are: NumPy's result has that dtype
    first, last = (cast(x, np.promote_types(x.dtype, np.float64)) for x in _ends("geomspace", as_array(start), as_array(stop)))
    shape = first.shape
    sign = _sign(first)
    # turned onto the positive numbers, or for complex ones the first of them
    exponents = _linspace(_log10(_div(first, sign)), _log10(_div(last, sign)), num, endpoint)[0]
    y = _mul(sign, _power(10.0, exponents))
    n = y.shape[0]
    ends = [s.reshape(first, shape=(1, *shape))] if n else []
    inner = n - 1 if endpoint and n > 1 else n
    middle = s.slice_(y, starts=(min(1, n), *[0] * len(shape)), limits=(max(inner, min(1, n)), *shape), strides=(1,) * y.ndim)
    parts = [*ends, middle, *([s.reshape(last, shape=(1, *shape))] if inner < n else [])]
    y = s.concatenate(*[cast(p, y.dtype) for p in parts], axis=0)
    y = moveaxis(y, 0, axis) if axis else y
    return y if dtype is None else cast(y, np.dtype(dtype))


@implements(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    column = as_array(x)
    n = column.shape[0] if N is None else operator.index(N)
    column = cast(column, np.promote_types(column.dtype, int))
    if not n:
        return np.zeros((column.shape[0], 0), column.dtype)
    columns = [_power(column, k) for k in range(n)]
    shape = (column.shape[0], 1)
    return s.concatenate(*[s.reshape(c, shape=shape) for c in (columns if increasing else columns[::-1])], axis=1)
