"""Reading, choosing and rearranging entries of traced arrays: take, where, nonzero and their kin, and `at`, in place of assignment.

What decides a shape (a condition of `compress`, the entries `nonzero` finds) must have a value; `size=` fixes the shape instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.joining import concatenate, stack
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, cut, moveaxis, ravel
from fgrad.numpy.sized import SIZED, nonzero, value_of
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.at import At
from fgrad.ops.axes import normalize_axis
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.promote import as_operand, broadcast_shape, cast, promote, result_dtype
from fgrad.ops.ufuncs import UFUNCS, to_bool


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


def as_indices(name: str, x: Any) -> Any:
    x = as_array(x)
    if not isinstance(x, Tracer) and not x.size:
        return x.astype(np.intp)
    if x.dtype.kind not in "iub":
        raise DtypeError(f"{name}: indices are integers, not {short(x)}", "Convert them with .astype(int).")
    return cast(x, np.dtype(np.intp)) if x.dtype.kind == "b" else x


def by_mode(name: str, mode: str, i: Any, n: int) -> Any:
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
    a, indices = as_array(a), as_indices("take", indices)
    if axis is None:
        a, axis = ravel(a), 0
    axis = normalize_axis("take", axis, a.ndim, a)
    return getitem(a, (*[slice(None)] * axis, by_mode("take", mode, indices, a.shape[axis])))


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    arr, indices = as_array(arr), as_indices("take_along_axis", indices)
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
    a = as_indices("choose", a)
    options = [as_array(c) for c in choices]
    shape = broadcast_shape("choose", (a, *options))
    dtype = result_dtype(*options)
    table = stack([s.broadcast_to(cast(c, dtype), shape) for c in options])
    a = s.broadcast_to(by_mode("choose", mode, a, len(options)), shape)
    known = concrete_or_none(a)
    if known is not None and np.any((known < 0) | (known >= len(options))):
        raise ArgumentError(f"choose: an entry of a is none of 0, ..., {len(options) - 1}", "mode='wrap' and mode='clip' bring it inside.")
    return getitem(take_along_axis(table, s.reshape(a, shape=(1, *shape)), 0), 0)


# -- choosing by conditions


@implements(np.where, own=SIZED)
def where(condition: Any, x: Any = None, y: Any = None, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    """NumPy's where. Of a condition alone it is `nonzero`, with its `size` and `fill_value`."""
    if x is None and y is None:
        return nonzero(condition, size=size, fill_value=fill_value)
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
    return _arranged([arr], np.delete(np.arange(arr.shape[axis]), _positions("delete", obj)), axis)


_FEW = 8


def _arranged(arrays: list[Any], order: np.ndarray, axis: int) -> Any:
    """The entries along an axis in this order, counted through all arrays: runs of them joined, where there are few."""
    starts = np.cumsum([0, *[x.shape[axis] for x in arrays]])
    owner = np.searchsorted(starts, order, side="right") - 1
    breaks = np.flatnonzero((np.diff(order) != 1) | (np.diff(owner) != 0)) + 1
    if len(breaks) >= _FEW or not order.size:
        return take(concatenate(arrays, axis) if len(arrays) > 1 else arrays[0], order, axis)
    runs = [(owner[run[0]], order[run[0]] - starts[owner[run[0]]], len(run)) for run in np.split(np.arange(len(order)), breaks)]
    return concatenate([cut(arrays[k], axis, int(first), int(first) + n) for k, first, n in runs], axis)


def _positions(name: str, obj: Any) -> Any:
    return obj if isinstance(obj, (int, slice)) else value_of(name, obj, "Give positions that are not traced.")


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
    if values.shape[axis] not in (1, count):
        raise ShapeError(f"insert: {values.shape[axis]} entries along axis {axis} cannot be inserted at {count} places")
    values = s.broadcast_to(values, tuple(count if i == axis else m for i, m in enumerate(arr.shape)))
    order = np.insert(np.arange(n), where_to.item() if where_to.size == 1 else where_to, np.arange(n, n + count))
    return _arranged([arr, values], order, axis)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    arr, values = as_array(arr), as_array(values)
    return concatenate([ravel(arr), ravel(values)]) if axis is None else concatenate([arr, values], axis)
