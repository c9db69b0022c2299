"""Reading, choosing and rearranging entries of traced arrays: take, where, nonzero and their kin, and `at`, in place of assignment.

What decides a shape (a condition of `compress`, the entries `nonzero` finds) must have a value; `size=` fixes the shape instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import ArgumentError, ConcretizationError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.joining import concatenate, stack
from fgrad.numpy.protocol import FUNCTIONS, PUBLIC, implements, unsupported
from fgrad.numpy.shapes import as_array, moveaxis, ravel
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.at import At
from fgrad.ops.axes import normalize_axis
from fgrad.ops.cumulative import cumsum
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.indexing import scatter
from fgrad.ops.promote import as_operand, broadcast_shape, cast, promote, result_dtype
from fgrad.ops.ufuncs import UFUNCS, to_bool

_I64 = np.dtype(np.int64)


def at(x: Any) -> At:
    """Changed copies of an array, traced or not: `at(x)[index].set(v)` is x after `x[index] = v`.

    Args:
        x: an array. A traced array also has it as the property `x.at`.

    Returns:
        An object to index. Then: get, set, add, subtract, multiply, divide, power, min, max (each of a value), apply (of a function).

    Example:
        >>> import fgrad.numpy as np
        >>> np.at(np.array([1.0, 2.0, 3.0]))[1:].multiply(10.0)
        array([ 1., 20., 30.])
    """
    return At(x)


# -- choosing by integers


def _indices(name: str, x: Any) -> Any:
    x = as_array(x)
    if not isinstance(x, Tracer) and not x.size:
        return x.astype(np.intp)
    if x.dtype.kind not in "iub":
        raise DtypeError(f"{name}: indices are integers, not {short(x)}", "Convert them with .astype(int).")
    return cast(x, np.dtype(np.intp)) if x.dtype.kind == "b" else x


def _by_mode(name: str, mode: str, i: Any, n: int) -> Any:
    """Indices within the axis, as `mode` says; "raise" leaves them to be checked."""
    if mode == "raise":
        return i
    if mode == "wrap":
        return UFUNCS[np.remainder](i, n)
    if mode == "clip":
        return UFUNCS[np.minimum](UFUNCS[np.maximum](i, 0), n - 1)
    raise ArgumentError(f"{name}: mode is 'raise', 'wrap' or 'clip', not {mode!r}")


@implements(np.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    unsupported("take", out=out)
    a, indices = as_array(a), _indices("take", indices)
    if axis is None:
        a, axis = ravel(a), 0
    axis = normalize_axis("take", axis, a.ndim, a)
    return getitem(a, (*[slice(None)] * axis, _by_mode("take", mode, indices, a.shape[axis])))


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    arr, indices = as_array(arr), _indices("take_along_axis", indices)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = normalize_axis("take_along_axis", axis, arr.ndim, arr)
    if indices.ndim != arr.ndim:
        raise ShapeError(f"take_along_axis: indices: {short(indices)} has not as many axes as arr: {short(arr)}")
    index: list[Any] = []
    for d, n in enumerate(arr.shape):
        index.append(indices if d == axis else np.arange(n).reshape([n if i == d else 1 for i in range(arr.ndim)]))
    return getitem(arr, tuple(index))


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    unsupported("choose", out=out)
    a = _indices("choose", a)
    options = [as_array(c) for c in choices]
    shape = broadcast_shape("choose", (a, *options))
    dtype = result_dtype(*options)
    table = stack([s.broadcast_to(cast(c, dtype), shape) for c in options])
    a = s.broadcast_to(_by_mode("choose", mode, a, len(options)), shape)
    known = concrete_or_none(a)
    if known is not None and np.any(known < 0):
        raise ArgumentError("choose: an entry of a is negative", "mode='wrap' counts from the end, mode='clip' takes the first.")
    return getitem(take_along_axis(table, s.reshape(a, shape=(1, *shape)), 0), 0)


# -- choosing by conditions


@implements(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    unsupported("compress", out=out)
    kept = np.asarray(_value("compress", condition))
    if kept.ndim != 1:
        raise ShapeError(f"compress: a condition has one axis, not {short(kept)}")
    return take(a, np.flatnonzero(kept), axis)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    return take(ravel(as_array(arr)), np.flatnonzero(_value("extract", condition)))


def _value(name: str, condition: Any) -> np.ndarray:
    """The value of what decides the shape of a result."""
    condition = as_operand(condition)
    value = concrete_or_none(condition)
    if value is None:
        raise ConcretizationError(
            f"{name}: the values of {short(condition)} decide the shape of the result, but it is {condition.describe_trace()}",
            "Use fgrad.numpy.where(condition, x, other), which keeps the shape.",
            "nonzero, flatnonzero and argwhere of fgrad.numpy take size=n, which fixes the number of entries.",
        )
    return np.asarray(value)


def _sized(a: Any, size: int, fill_value: int) -> list[Any]:
    """The indices of the first `size` true entries, for each axis; `fill_value` where there are fewer."""
    true = to_bool(as_array(a))
    n = true.size
    found = s.reshape(true, shape=(n,))
    rank = cumsum(e.convert(found, dtype=_I64), axis=0, reverse=False)
    # a true entry goes to its rank; all others to a place past the end, which is cut off
    place = e.select(e.and_(found, e.le(rank, np.int64(size))), e.sub(rank, np.int64(1)), np.int64(size))
    flat = scatter(np.full(size + 1, -1), s.iota(size=n, dtype=_I64), place)
    flat = s.slice_(flat, starts=(0,), limits=(size,), strides=(1,))
    missing = e.lt(flat, np.int64(0))
    indices = []
    for axis, m in enumerate(true.shape):
        i = e.remainder(e.floor_divide(flat, np.int64(math.prod(true.shape[axis + 1 :]) or 1)), np.int64(m or 1))
        indices.append(e.select(missing, np.int64(fill_value), i))
    return indices


def nonzero(a: Any, *, size: int | None = None, fill_value: int = 0) -> tuple:
    """The indices of the entries that are not zero, one array for each axis.

    Args:
        a: an array. Where its values are not known (under vmap, or while it is staged) give `size`.
        size: the number of indices returned: the first ones, filled up with `fill_value`.
        fill_value: an index.

    Example:
        >>> import fgrad.numpy as np
        >>> np.nonzero(np.array([0.0, 3.0, 0.0, 5.0]), size=3)
        (array([1, 3, 0]),)
    """
    return np.nonzero(_value("nonzero", a)) if size is None else tuple(_sized(a, size, fill_value))


def flatnonzero(a: Any, *, size: int | None = None, fill_value: int = 0) -> Any:
    """The indices of the entries of `a.ravel()` that are not zero; `size` and `fill_value` as in `nonzero`."""
    return np.flatnonzero(_value("flatnonzero", a)) if size is None else _sized(ravel(as_array(a)), size, fill_value)[0]


def argwhere(a: Any, *, size: int | None = None, fill_value: int = 0) -> Any:
    """The indices of the entries that are not zero, one row for each; `size` and `fill_value` as in `nonzero`."""
    return np.argwhere(_value("argwhere", a)) if size is None else stack(_sized(a, size, fill_value), axis=1)


# they take keywords that NumPy's own do not have, so `implements` cannot make them
for _numpy_function, _traced in ((np.nonzero, nonzero), (np.flatnonzero, flatnonzero), (np.argwhere, argwhere)):
    FUNCTIONS[_numpy_function] = PUBLIC[_numpy_function] = _traced


@implements(np.where)
def where(condition: Any, x: Any = None, y: Any = None, /) -> Any:
    if x is None and y is None:
        return nonzero(condition)
    if x is None or y is None:
        raise ArgumentError("where: give both x and y, or neither")
    operands = [as_operand(v) for v in (condition, x, y)]
    dtype = result_dtype(*operands[1:])
    return e.select(*promote("where", [to_bool(operands[0]), *operands[1:]], [np.dtype(bool), dtype, dtype]))


@implements(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if len(condlist) != len(choicelist) or not condlist:
        raise ArgumentError(f"select: {len(condlist)} conditions and {len(choicelist)} choices; there must be as many, and at least one")
    conditions = [as_array(c) for c in condlist]
    wrong = [c for c in conditions if c.dtype != bool]
    if wrong:
        raise DtypeError(f"select: a condition is an array of booleans, not {short(wrong[0])}")
    choices = [as_operand(c) for c in (*choicelist, default)]
    dtype = result_dtype(*choices)
    shape = broadcast_shape("select", (*conditions, *choices))
    out = s.broadcast_to(_array_of(choices[-1], dtype), shape)
    for condition, choice in zip(conditions[::-1], choices[-2::-1], strict=True):
        out = where(condition, _array_of(choice, dtype), out)
    return out


def _array_of(x: Any, dtype: np.dtype) -> Any:
    return dtype.type(x) if type(x) in PYTHON_SCALARS else cast(x, dtype)


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    x = as_array(x)
    several = isinstance(condlist, (list, tuple)) and len(condlist) and (np.ndim(condlist[0]) or not x.ndim)
    conditions = [to_bool(as_array(c)) for c in (condlist if several else [condlist])]
    if len(funclist) == len(conditions) + 1:
        any_of = conditions[0]
        for c in conditions[1:]:
            any_of = e.or_(any_of, c)
        conditions.append(e.not_(any_of))
    elif len(funclist) != len(conditions):
        raise ArgumentError(f"piecewise: {len(conditions)} conditions take as many functions, or one more, not {len(funclist)}")
    out = s.zeros(aval=s.ShapedArray(x.shape, x.dtype))
    for condition, f in zip(conditions, funclist, strict=True):
        known = concrete_or_none(condition)
        if known is None:
            out = where(condition, cast(as_operand(f(x, *args, **kw) if callable(f) else f), x.dtype), out)
        elif np.any(known):
            # the function sees only what it is for
            out = At(out)[known].set(f(getitem(x, known), *args, **kw) if callable(f) else f)
    return out


_NOT_GIVEN: Any = np._NoValue


@implements(np.clip)
def clip(
    a: Any,
    a_min: Any = _NOT_GIVEN,
    a_max: Any = _NOT_GIVEN,
    out: Any = None,
    *,
    min: Any = _NOT_GIVEN,
    max: Any = _NOT_GIVEN,
    **kwargs: Any,
) -> Any:
    unsupported("clip", out=out, **kwargs)
    low, high = (None if v is _NOT_GIVEN else v for v in (min if a_min is _NOT_GIVEN else a_min, max if a_max is _NOT_GIVEN else a_max))
    a = as_operand(a)
    if low is not None:
        a = UFUNCS[np.maximum](a, low)
    return a if high is None else UFUNCS[np.minimum](a, high)


# -- removing and inserting


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    arr = as_array(arr)
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = normalize_axis("delete", axis, arr.ndim, arr)
    return take(arr, np.delete(np.arange(arr.shape[axis]), _positions("delete", obj)), axis)


def _positions(name: str, obj: Any) -> Any:
    return obj if isinstance(obj, (int, slice)) else _value(name, obj)


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    arr = as_array(arr)
    if axis is None:
        arr, axis = ravel(arr), -1
    axis = normalize_axis("insert", axis, arr.ndim, arr)
    n = arr.shape[axis]
    obj = _positions("insert", obj)
    where_to = np.arange(n)[obj] if isinstance(obj, slice) else np.asarray(obj)
    where_to = np.flatnonzero(where_to) if where_to.dtype == bool else where_to
    values = cast(as_array(values), arr.dtype)
    values = s.reshape(values, shape=(1,) * (arr.ndim - values.ndim) + values.shape)
    if where_to.ndim == 0:
        values = moveaxis(values, 0, axis)
    count = values.shape[axis] if where_to.size == 1 else where_to.size
    values = s.broadcast_to(values, tuple(count if i == axis else m for i, m in enumerate(arr.shape)))
    order = np.insert(np.arange(n), where_to.item() if where_to.size == 1 else where_to, np.arange(n, n + count))
    return take(concatenate([arr, values], axis), order, axis)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    arr, values = as_array(arr), as_array(values)
    return concatenate([ravel(arr), ravel(values)]) if axis is None else concatenate([arr, values], axis)
