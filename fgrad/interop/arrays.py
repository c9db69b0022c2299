"""Arrays inside the source of an @njit function while it is traced: they can be assigned to, as Numba code does everywhere.

A traced value is immutable. A `LocalArray` is memory over such values: an integer array says for each entry which entry of which stored value it holds.
Views of that array are NumPy's own views of the integers, so `row = out[i]; row[j] = v` writes into `out` as it should. Reading gathers; writing
stores one more value. An array that was never written is the value itself, and one that holds no traced value is a NumPy array.

`memory.py` keeps the values, `namespace.py` puts these arrays into functions, `calls.py` runs them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import DtypeError, MutationError, ShapeError, UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.interop.hook import SourceValue
from fgrad.interop.memory import Memory
from fgrad.ops.at import At
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.promote import cast

_BASIC = (int, np.integer, slice, type(None), type(Ellipsis))


class LocalArray(SourceValue):
    """An array of a traced @njit function, or a view of one: `view` is what makes it of `parent`.

    `key` in place of `view`: an index without a value. Such an array has no positions of its own: it is read and written through its parent.
    """

    __slots__ = ("_memory", "_parent", "_view", "_key", "_placed", "_places", "_shape", "_dtype", "_read", "_version")
    __array_ufunc__ = None  # so that `ndarray + x` comes here
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, memory: Memory, parent: LocalArray | None = None, view: Callable | None = None, key: Any = None):
        self._memory, self._parent, self._view, self._key = memory, parent, view, key
        self._placed = key is None and (parent is None or parent._placed)
        self._places: Any = None
        self._read: Any = None
        self._version = -1
        self._dtype = memory.value.dtype
        if parent is None:
            self._shape = memory.value.shape
        elif key is not None:
            self._shape = self.value().shape
        else:
            self._shape = view(np.broadcast_to(np.int8(0), parent._shape)).shape  # type: ignore[misc]

    # -- reading

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    @property
    def dtype(self) -> np.dtype:
        return self._dtype

    @property
    def ndim(self) -> int:
        return len(self._shape)

    @property
    def size(self) -> int:
        return int(np.prod(self._shape, dtype=np.int64))

    def value(self) -> Any:
        """What it holds: a tracer, or a NumPy array that must not be written."""
        memory = self._memory
        if self._version == memory.version:
            return self._read
        parent, view = self._parent, self._view
        if parent is not None and view is None:
            found = getitem(parent.value(), self._key)
        elif memory.sources and self._placed:
            found = memory.read(self.places())
        elif parent is not None and view is not None:
            found = view(parent.value())
        else:
            found = memory.value
        if isinstance(found, np.ndarray):
            memory.shared = True
            found = found.view()
            found.flags.writeable = False
        self._read, self._version = found, memory.version
        return found

    def places(self) -> np.ndarray:
        """For each entry, its position among the values stored in the memory."""
        if self._places is None:
            parent, view = self._parent, self._view
            if parent is None or view is None:
                self._places = np.arange(self.size).reshape(self._shape)
            else:
                self._places = view(parent.places())
        return self._places

    def _data(self) -> np.ndarray:
        """The NumPy memory of an array that holds nothing traced."""
        parent, view = self._parent, self._view
        return self._memory.value if parent is None or view is None else view(parent._data())

    def viewed(self, make: Callable[[Any], Any]) -> LocalArray:
        """A view of the same memory: `make` takes NumPy arrays and tracers."""
        return LocalArray(self._memory, self, make)

    def copy(self, order: str = "C") -> LocalArray:
        return LocalArray(Memory(self.value()))

    def __getitem__(self, index: Any) -> Any:
        index = _index(index)
        elements = index if isinstance(index, tuple) else (index,)
        if all(isinstance(i, _BASIC) and not isinstance(i, bool) for i in elements):
            memory = self._memory
            if len(elements) == self.ndim and all(isinstance(i, (int, np.integer)) for i in elements):
                if not self._placed:
                    return getitem(self.value(), index)
                if memory.sources:
                    return memory.read(self.places()[index])
                # without `value` where there is memory, which would be copied at its next change
                return self._data()[index] if memory.concrete else getitem(self.value(), index)
            found = self.viewed(lambda a: a[index])
            return found if found.ndim else _number(found.value())
        if any(isinstance(i, Tracer) for i in elements):
            if all(not getattr(i, "ndim", 0) for i in elements):
                found = LocalArray(self._memory, self, key=index)
                return found if found.ndim else _number(found.value())
            return local(getitem(self.value(), index))
        if self._memory.sources and self._placed:
            return local(self._memory.read(self.places()[index]))
        return local(self.value()[index])

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("len() of unsized object")
        return self._shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bool(fnp.any(self.value() == plain(x)))

    def __bool__(self) -> bool:
        return bool(self.value())

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.value(), dtype)

    def __repr__(self) -> str:
        return f"LocalArray({short(self.value())})"

    # -- writing

    def __setitem__(self, index: Any, v: Any) -> None:
        memory, index, v = self._memory, _index(index), plain(v)
        if memory.refusal is not None:
            raise MutationError(
                f"x[index] = v, where x: {short(self.value())} is {memory.refusal}", "Make an array of it first: x = x.copy()."
            )
        v = _fitted(v, self._dtype)
        if not self._placed:
            if self._parent is None or self._key is None:
                raise MutationError(f"an array is written through a part of it at a traced index: {short(self.value())}", _ONE_INDEX)
            self._parent[self._key] = At(self.value())[index].set(v)
            return
        elements = index if isinstance(index, tuple) else (index,)
        traced_index = any(isinstance(i, Tracer) for i in elements)
        if memory.concrete and not traced_index and not isinstance(v, Tracer):
            if memory.shared:
                memory.value, memory.shared = memory.value.copy(), False
            memory.version += 1
            self._data()[index] = v
            return
        if not memory.sources:
            memory.store(memory.value)
        places = self.places()
        if traced_index:
            value = At(self.value())[index].set(v)
            places[...] = memory.store(value) + np.arange(value.size).reshape(value.shape)
        else:
            target = np.shape(places[index])
            places[index] = memory.store(v) + _spread(np.arange(v.size).reshape(v.shape), target)
        memory.version += 1

    def fill(self, value: Any) -> None:
        self[...] = value

    def sort(self, axis: int = -1) -> None:
        self[...] = fnp.sort(self.value(), axis=axis)

    # -- views

    @property
    def T(self) -> LocalArray:
        return self.viewed(fnp.transpose)

    @property
    def flat(self) -> LocalArray:
        return self.ravel()

    def transpose(self, *axes: Any) -> LocalArray:
        return self.viewed(lambda a: a.transpose(*axes))

    def swapaxes(self, i: int, j: int) -> LocalArray:
        return self.viewed(lambda a: a.swapaxes(i, j))

    def squeeze(self, axis: Any = None) -> LocalArray:
        return self.viewed(lambda a: a.squeeze(axis))

    def reshape(self, *shape: Any) -> LocalArray:
        # a view where NumPy makes one: the integers know
        if self._parent is None or (self._placed and np.may_share_memory(self.places().reshape(*shape), self.places())):
            return self.viewed(lambda a: a.reshape(*shape))
        return local(self.value().reshape(*shape))

    def ravel(self) -> LocalArray:
        if self._parent is None or (self._placed and self.places().flags.c_contiguous):
            return self.reshape(-1)
        return local(self.value().reshape(-1))

    def flatten(self) -> LocalArray:
        return self.copy().reshape(-1)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"an array has no attribute {name!r}", name=name, obj=self)
        if name in _WRITERS:
            raise UnsupportedError(f"x.{name}() writes into an array in a way that has no rule for traced values: {short(self.value())}")
        found = getattr(self.value(), name)
        return calling(found) if callable(found) else local(found, f"the {name} part of another array")


_ONE_INDEX = "Write it with one index: x[i, j] = v in place of x[i][j] = v."
_WRITERS = frozenset({"partition", "put", "resize", "byteswap", "setfield", "setflags", "itemset", "view"})


def _number(x: Any) -> Any:
    return x[()] if isinstance(x, np.ndarray) else x


def _index(index: Any) -> Any:
    """An index without local arrays, and with values where there are some."""

    def one(i: Any) -> Any:
        if isinstance(i, (LocalArray, list)):
            i = plain(i)
        value = concrete_or_none(i)
        return i if value is None else value

    return tuple(map(one, index)) if isinstance(index, tuple) else one(index)


def _fitted(v: Any, dtype: np.dtype) -> Any:
    """A value in the dtype of the array it is assigned to."""
    v = v if hasattr(v, "dtype") else np.asarray(v)
    if v.dtype.kind == "c" and dtype.kind != "c":
        raise DtypeError(f"complex values cannot be stored in an array of {dtype}: {short(v)}", "Make the array with dtype=np.complex128.")
    return cast(v, dtype) if isinstance(v, Tracer) else v.astype(dtype, copy=False)[()]


def _spread(positions: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Broadcast as assignment does: leading axes of size 1 may be too many."""
    extra = positions.ndim - len(shape)
    if extra > 0 and all(n == 1 for n in positions.shape[:extra]):
        positions = positions.reshape(positions.shape[extra:])
    try:
        return np.broadcast_to(positions, shape)
    except ValueError:
        raise ShapeError(f"x[index] = v: a value of shape {positions.shape} does not fit x[index], whose shape is {shape}") from None


# -- in and out


def local(x: Any, refusal: str | None = None) -> Any:
    """A value as the source of an @njit function sees it: arrays, also in tuples and lists, are local arrays."""
    if isinstance(x, (Tracer, np.ndarray)):
        return LocalArray(Memory(x, refusal)) if x.ndim else x
    if isinstance(x, tuple) and x:
        parts = [local(y, refusal) for y in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if type(x) is list:
        return [local(y, refusal) for y in x]
    return x


class StandIn:
    """Something of traced source that stands for `original`."""

    original: Any


def plain(x: Any) -> Any:
    """A value as functions outside of traced source take it."""
    if isinstance(x, LocalArray):
        return x.value()
    if isinstance(x, StandIn):
        return x.original
    if isinstance(x, tuple) and x:
        parts = [plain(y) for y in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, list):
        return [plain(y) for y in x]
    return x


def calling(function: Callable) -> Callable:
    """A function of plain values as one of local arrays."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return local(function(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()}))

    return call


# -- operators


def _binary(function: Callable) -> tuple[Callable, Callable, Callable]:
    def forward(self: LocalArray, other: Any) -> Any:
        return local(function(self.value(), plain(other)))

    def reflected(self: LocalArray, other: Any) -> Any:
        return local(function(plain(other), self.value()))

    def in_place(self: LocalArray, other: Any) -> Any:
        found = function(self.value(), plain(other))
        if not np.can_cast(found.dtype, self.dtype, "same_kind"):
            raise DtypeError(f"an array of {self.dtype} cannot take the result {short(found)} in place")
        self[...] = found
        return self

    return forward, reflected, in_place


def _unary(function: Callable) -> Callable:
    return lambda self: local(function(self.value()))


def _install(names: Sequence[str]) -> None:
    for name in names:
        forward, reflected, in_place = _binary(getattr(operator, f"__{name}__"))
        setattr(LocalArray, f"__{name}__", forward)
        setattr(LocalArray, f"__r{name}__", reflected)
        setattr(LocalArray, f"__i{name}__", in_place)


_install(["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift", "matmul"])
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(LocalArray, f"__{_name}__", _binary(getattr(operator, f"__{_name}__"))[0])
for _name in ("neg", "pos", "abs", "invert"):
    setattr(LocalArray, f"__{_name}__", _unary(getattr(operator, f"__{_name}__")))
