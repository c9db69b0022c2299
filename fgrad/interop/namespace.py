"""The names that the source of an @njit function sees while it is traced.

In traced source `math` takes traced values, `min` of values that are not known is a selection, arrays made with `np.empty` can be assigned to, and arrays of
the module around are constants. `traced_source(f)` is the function f with names of that meaning: the same code object, over globals that translate
what they give out. Nothing of the user's module is changed.

Imports `arrays` and `mathematics`; `calls.py` runs such functions.
"""

from __future__ import annotations

import builtins
import cmath
import functools
import math
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.errors import UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.interop.arrays import LocalArray, StandIn, calling, local, plain
from fgrad.interop.mathematics import BUILTINS, CMATH, MATH, ScalarType, mathematical
from fgrad.numpy.protocol import PUBLIC
from fgrad.ops.ufuncs import UFUNCS

CALLABLES: list[Callable[[Any], Callable | None]] = []
"""Asked for what a callable of another kind is in traced source."""

inside: ContextVar[bool] = ContextVar("fgrad_njit_source", default=False)
"""Whether the code that runs is source of an @njit function, which takes and gives local arrays."""
_FROZEN = "a global array or one that is closed over, and so constant in @njit code"


def outside(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """Calls a function that is no such source from code that is."""
    token = inside.set(False)
    try:
        return function(*args, **kwargs)
    finally:
        inside.reset(token)


# -- NumPy


_VIEWS = (
    np.transpose, np.swapaxes, np.expand_dims, np.squeeze, np.moveaxis, np.flip, np.flipud, np.fliplr, np.rot90, np.atleast_1d, np.atleast_2d,
    np.atleast_3d, np.diagonal, np.broadcast_to,
)  # fmt: skip
_WRITING = (np.fill_diagonal, np.put, np.put_along_axis, np.place, np.putmask)
_SAME = (np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)


def _view(function: Callable) -> Callable:
    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(a, LocalArray):
            return calling(function)(a, *args, **kwargs)
        return a.viewed(lambda x: function(x, *map(plain, args), **kwargs))

    return call


def _same(function: Callable) -> Callable:
    def call(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, LocalArray) and (dtype is None or np.dtype(plain(dtype)) == a.dtype):
            return a
        return calling(function)(a, dtype, *args, **kwargs)

    return call


def _shaped(function: Callable) -> Callable:
    """reshape and ravel, whose views are the method's."""

    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, LocalArray) and not kwargs:
            return getattr(a, function.__name__)(*args)
        return calling(function)(a, *args, **kwargs)

    return call


def _parts(function: Callable) -> Callable:
    """split and its kin, whose results are views."""

    def call(a: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(a, LocalArray):
            return calling(function)(a, *args, **kwargs)
        count = len(function(np.broadcast_to(np.int8(0), a.shape), *args, **kwargs))
        return [a.viewed(lambda x, i=i: function(x, *args, **kwargs)[i]) for i in range(count)]

    return call


def _writing(function: Callable) -> Callable:
    """What returns a changed copy, as what changes a local array."""

    def call(a: LocalArray, *args: Any, **kwargs: Any) -> None:
        a[...] = function(plain(a), *map(plain, args), **kwargs, inplace=False)

    return call


def _copyto(dst: LocalArray, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    dst[...] = plain(src) if where is True else fnp.where(plain(where), plain(src), plain(dst))


def _refused(function: Callable) -> Callable:
    def call(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(f"{function.__name__} writes into an array, and has no rule for traced values")

    return call


def _general(function: Callable) -> Callable:
    """Any other function: of plain values, the result being new; out= is written."""
    n_in = getattr(function, "nin", None)

    def call(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if n_in is not None and len(args) > n_in:
            args, out = args[:n_in], args[n_in]
        if type(out) is tuple:
            (out,) = out
        found = calling(function)(*args, **kwargs)
        if out is None:
            return found
        out[...] = found
        return out

    return call


_FUNCTIONS: dict[Any, Callable] = {
    **{f: _view(PUBLIC.get(f, f)) for f in _VIEWS},
    **{f: _same(PUBLIC.get(f, f)) for f in _SAME},
    **{f: _shaped(PUBLIC.get(f, f)) for f in (np.reshape, np.ravel)},
    **{f: _parts(PUBLIC.get(f, f)) for f in (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit)},
    **{f: _writing(PUBLIC[f]) for f in _WRITING if f in PUBLIC},
    np.copyto: _copyto,
    np.random.shuffle: _refused(np.random.shuffle),
}  # fmt: skip


# -- what a name stands for


class Namespace(StandIn):
    """A module, as traced source sees it. Of a library (NumPy, `math`) all functions take plain values, and none changes its meaning."""

    def __init__(self, module: ModuleType, functions: dict[str, Callable] | None = None):
        self.original, self._functions = module, functions or {}
        self._library = module.__name__.partition(".")[0] in ("numpy", "scipy", "numba", "math", "cmath")

    def __getattr__(self, name: str) -> Any:
        original = getattr(self.original, name)
        function = self._functions.get(name)
        found = translated(original) if function is None else mathematical(original, function)
        if self._library:
            if found is original and callable(found) and not isinstance(found, type):
                found = _general(found)
            setattr(self, name, found)
        return found


class _List(list):
    """numba.typed.List, which holds one type of Numba's."""

    @classmethod
    def empty_list(cls, *args: Any, **kwargs: Any) -> _List:
        return cls()


class _Dict(dict):
    @classmethod
    def empty(cls, *args: Any, **kwargs: Any) -> _Dict:
        return cls()


_NUMPY, _MATH_MODULE, _CMATH_MODULE = Namespace(np), Namespace(math, MATH), Namespace(cmath, CMATH)
_MATHEMATICAL = {
    **{getattr(math, n): mathematical(getattr(math, n), f) for n, f in MATH.items() if hasattr(math, n)},
    **{getattr(cmath, n): mathematical(getattr(cmath, n), f) for n, f in CMATH.items()},
}


def translated(value: Any) -> Any:
    """What stands in traced source for this value of the user's module, or of a module it names."""
    if isinstance(value, np.ndarray):
        return local(value, _FROZEN)
    if isinstance(value, ModuleType):
        return _module(value)
    if not callable(value) or isinstance(value, Tracer):
        return local(value, _FROZEN) if isinstance(value, (Tracer, tuple)) else value
    if isinstance(value, type):
        return _type(value)
    if isinstance(value, BuiltinFunctionType) and value in _MATHEMATICAL:
        return _MATHEMATICAL[value]
    if isinstance(value, np.ufunc) or _of_numpy(value):
        return _numpy_function(value)
    for find in CALLABLES:
        found = find(value)
        if found is not None:
            return found
    if isinstance(value, FunctionType) and (value.__module__ or "").partition(".")[0] not in ("numba", "fgrad"):
        return traced_source(value)
    if isinstance(value, _numba_numbers()):
        return ScalarType(value, sys.modules["numba"].np.numpy_support.as_dtype(value))
    return value


@functools.cache
def _module(module: ModuleType) -> Any:
    if module is np:
        return _NUMPY
    if module is math:
        return _MATH_MODULE
    if module is cmath:
        return _CMATH_MODULE
    return Namespace(module)


def _type(cls: type) -> Any:
    if issubclass(cls, np.generic) and cls is not np.generic:
        return ScalarType(cls, cls) if np.dtype(cls).kind in "fciub" else cls
    if cls.__module__.startswith("numba.typed"):
        return {"List": _List, "Dict": _Dict}.get(cls.__name__, cls)
    return BUILTINS.get(cls.__name__, cls) if cls.__module__ == "builtins" else cls


def _of_numpy(value: Any) -> bool:
    try:
        return value in PUBLIC or value in _FUNCTIONS or (getattr(value, "__module__", None) or "").partition(".")[0] in ("numpy", "scipy")
    except TypeError:  # it has no hash
        return False


def _numpy_function(value: Any) -> Callable:
    found: Any = UFUNCS.get(value, value) if isinstance(value, np.ufunc) else PUBLIC.get(value, value)
    return _FUNCTIONS.get(value) or _general(found)


def _numba_numbers() -> tuple:
    numba = sys.modules.get("numba")
    return () if numba is None else (numba.types.Number, numba.types.Boolean)


class _Globals(dict):
    """The globals of a function, translated as they are read."""

    def __init__(self, original: dict[str, Any]):
        super().__init__(__builtins__=original.get("__builtins__", builtins))
        self.original = original

    def __missing__(self, name: str) -> Any:
        if name in self.original:
            return translated(self.original[name])
        return BUILTINS[name]


def traced_source(function: Callable) -> Callable:
    """The same function over translated names. What it closes over is translated when this is called."""
    cells = getattr(function, "__closure__", None)
    closure = None if cells is None else tuple(map(_cell, cells))
    found = FunctionType(function.__code__, _Globals(function.__globals__), function.__name__, function.__defaults__, closure)
    found.__kwdefaults__ = function.__kwdefaults__  # type: ignore[attr-defined]
    found.__qualname__ = function.__qualname__
    return found


def _cell(cell: CellType) -> CellType:
    try:
        return CellType(translated(cell.cell_contents))
    except ValueError:  # not assigned yet
        return cell
