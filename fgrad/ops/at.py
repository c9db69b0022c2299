"""`at(x)[index].set(v)`, `.add(v)`, ...: a copy of an array with some entries changed, in place of `x[index] = v` and `x[index] += v`.

An index is brought to one form: the axes it names lead, each with an integer array, and the rest are whole. Then a scatter primitive
writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short, typeof
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.core.primitive import Primitive
from fgrad.core.trace import Tracer
from fgrad.ops import elementwise as e
from fgrad.ops.getitem import Parsed, broadcast_indices, first_array, getitem, parse
from fgrad.ops.indexing import scatter, scatter_add, scatter_max, scatter_min, scatter_mul
from fgrad.ops.promote import as_operand, cast
from fgrad.ops.shapes import broadcast_to, full, reshape, transpose


def _spread(a: Any, before: int, after: int) -> Any:
    """An index array with axes of size 1 around its own."""
    return reshape(a, shape=(1,) * before + tuple(typeof(a).shape) + (1,) * after) if typeof(a).shape and (before or after) else a


class _Places:
    """Where an index writes.

    indices: integer arrays of one shape, one for each indexed axis.
    order: brings the indexed axes of x to the front; the axes behind them are written whole.
    broadcast: the shape of x[index].
    result, layout: that shape without its new axes, and the order that makes updates of it.
    """

    __slots__ = ("broadcast", "indices", "layout", "order", "result", "shape")

    def __init__(self, parsed: Parsed):
        self.shape = parsed.shape
        slices = [i for i in parsed.items if i.kind == "slice"]
        whole = [i for i in slices if i.value == (0, parsed.shape[i.axis], 1)]
        part = [i for i in slices if i not in whole]
        arrays = parsed.arrays
        met = broadcast_indices(arrays) if arrays else []
        met_shape = tuple(typeof(met[0]).shape) if met else ()
        s = len(met_shape)

        axes = [i.axis for i in parsed.items if i.kind == "array"]
        indices = [_spread(a, 0, len(part)) for a in met]
        for n, (_, axis, (start, count, step)) in enumerate(part):
            axes.append(axis)
            indices.append(_spread(start + step * np.arange(count), s + n, len(part) - n - 1))
        for kind, axis, value in parsed.items:
            if kind == "int":
                axes.append(axis)
                indices.append(np.intp(value))
        self.indices = broadcast_indices(indices) if indices else []
        self.order = (*axes, *(i.axis for i in whole))

        # each axis of x[index]: its number among those of the updates (None for a new axis), and its size
        number = {item.axis: n for n, item in enumerate([*part, *whole], s)}
        dims = [(number.get(axis), 1 if kind == "new" else value[1]) for kind, axis, value in parsed.items if kind in ("slice", "new")]
        front = first_array(parsed)
        dims[front:front] = enumerate(met_shape)
        self.broadcast = tuple(size for _, size in dims)
        kept = [(n, size) for n, size in dims if n is not None]
        self.result = tuple(size for _, size in kept)
        self.layout = tuple(np.argsort([n for n, _ in kept]).tolist())


def _ordered(x: Any, axes: tuple[int, ...]) -> Any:
    return x if axes == tuple(range(len(axes))) else transpose(x, axes=axes)


def _shaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else reshape(x, shape=shape)


def _update(prim: Primitive, whole: Callable[[Any, Any], Any], x: Any, index: Any, v: Any) -> Any:
    """x with v combined into x[index] by a scatter primitive, or by `whole` where the index takes every entry once, in order."""
    places = _Places(parse(x.shape, index))
    v = _fitted(v, places.broadcast, x, index)
    v = _ordered(_shaped(v, places.result), places.layout)
    moved = _ordered(_shaped(x, places.shape), places.order)
    moved = prim(moved, v, *places.indices) if places.indices else whole(moved, v)
    return _shaped(_ordered(moved, tuple(np.argsort(places.order).tolist())), x.shape)


def _fitted(v: Any, shape: tuple[int, ...], x: Any, index: Any) -> Any:
    """v with the shape of x[index], by the rules of assignment: leading axes of size 1 may be too many."""
    extra = v.ndim - len(shape)
    if extra > 0 and all(n == 1 for n in v.shape[:extra]):
        v = reshape(v, shape=v.shape[extra:])
    try:
        fits = np.broadcast_shapes(v.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(f"x.at[index]: a value v: {short(v)} does not fit x[index], whose shape is {shape} (x: {short(x)})")
    return broadcast_to(v, shape)


def _value(name: str, x: Any, v: Any, casting: Any) -> Any:
    """v as an array of the dtype of x."""
    v = as_operand(v)
    dtype = typeof(x).dtype
    weak = type(v) in (int, float, complex) and np.result_type(dtype, v) == dtype
    given = typeof(v).dtype
    if not (weak or np.can_cast(given, dtype, casting)) or (given.kind == "c" and dtype.kind not in "cb"):
        raise DtypeError(
            f"x.at[index].{name}: v: {short(v)} would lose what its dtype holds in x: {short(x)}", f"Convert x first: x.astype({given})."
        )
    return np.asarray(v, dtype)[()] if not isinstance(v, (Tracer, np.ndarray)) else cast(v, dtype)


class At:
    """What `x.at` is, and `fgrad.numpy.at(x)`: index it."""

    __slots__ = ("x",)

    def __init__(self, x: Any):
        x = as_operand(x)
        self.x = x if hasattr(x, "shape") else np.asarray(x)

    def __getitem__(self, index: Any) -> AtIndex:
        return AtIndex(self.x, index)

    def __repr__(self) -> str:
        return f"at({short(self.x)})"


class AtIndex:
    """`at(x)[index]`. Each method returns a changed copy of x, of its shape and dtype, v being broadcast against x[index].

    Where an index names an entry several times, `set` keeps the last value; the others combine all.

    Example:
        >>> import numpy as np
        >>> from fgrad.numpy import at
        >>> at(np.zeros(3))[[0, 0, 2]].add(1.0)
        array([2., 0., 1.])
    """

    __slots__ = ("index", "x")

    def __init__(self, x: Any, index: Any):
        self.x, self.index = x, index

    def _by(self, name: str, v: Any, prim: Primitive, whole: Callable[[Any, Any], Any], casting: Any = "same_kind") -> Any:
        x = self.x
        v = _value(name, x, v, casting)
        mask = self.index
        if v.ndim == 0 and isinstance(mask, Tracer) and mask.dtype == bool and mask.ndim and mask.shape == x.shape[: mask.ndim]:
            # one value at all true entries needs no indices
            mask = broadcast_to(_shaped(mask, mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)
            return e.select(mask, whole(x, broadcast_to(v, x.shape)), x)
        return _update(prim, whole, x, self.index, v)

    def get(self) -> Any:
        """x[index]."""
        return getitem(self.x, self.index)

    def set(self, v: Any) -> Any:
        """As `x[index] = v`."""
        return self._by("set", v, scatter, lambda x, v: v, "unsafe")

    def add(self, v: Any) -> Any:
        """As `x[index] += v`, once for each time the index names an entry."""
        return self._by("add", v, scatter_add, e.add)

    def subtract(self, v: Any) -> Any:
        """As `x[index] -= v`."""
        v = _value("subtract", self.x, v, "same_kind")
        return self.add(e.neg(v))

    def multiply(self, v: Any) -> Any:
        """As `x[index] *= v`."""
        return self._by("multiply", v, scatter_mul, e.mul)

    def _factors(self, name: str, v: Any) -> Any:
        """What v multiplies up to at each entry, and 1 elsewhere."""
        v = _value(name, self.x, v, "same_kind")
        ones = full(value=1, shape=self.x.shape, dtype=self.x.dtype)
        return AtIndex(ones, self.index).multiply(v)

    def divide(self, v: Any) -> Any:
        """As `x[index] /= v`."""
        if self.x.dtype.kind not in "fc":
            raise DtypeError(f"x.at[index].divide: x: {short(self.x)} cannot hold a quotient", "Convert x first: x.astype(float).")
        return e.div(self.x, self._factors("divide", v))

    def power(self, v: Any) -> Any:
        """As `x[index] **= v`."""
        return e.pow_(self.x, self._factors("power", v))

    def min(self, v: Any) -> Any:
        """As `x[index] = np.minimum(x[index], v)`."""
        return self._by("min", v, scatter_min, e.minimum)

    def max(self, v: Any) -> Any:
        """As `x[index] = np.maximum(x[index], v)`."""
        return self._by("max", v, scatter_max, e.maximum)

    def apply(self, f: Callable[[Any], Any]) -> Any:
        """As `x[index] = f(x[index])`."""
        return self.set(f(self.get()))

    mul = multiply
    sub = subtract
    div = divide

    def __repr__(self) -> str:
        return f"at({short(self.x)})[{self.index}]"
