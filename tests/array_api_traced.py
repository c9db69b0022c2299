"""A namespace of the array API standard whose arrays are traced values: with `ARRAY_API_TESTS_MODULE=array_api_traced.xp` the standard's tests run on it.

`fgrad.numpy` on plain arrays is mostly NumPy itself. Here each function, method and operator that has an array among its arguments runs on
the tracers of a transformation, which FGRAD_ARRAY_API names: it is staged and its jaxpr evaluated (`stage`), or called under `jit`, `vmap` or
`jvp`. From the array's value comes only what no trace has: truth and numbers (`bool(x)`, `float(x)`), memory (DLPack), and what decides a shape
(masks, bounds of slices, numbers of repeats, and, but for `jvp`, `nonzero` and the sets). What has no derivative, the vectors that
`svd(full_matrices=True)` and `qr(mode="complete")` add, does not run under `jvp`.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad
import fgrad.numpy as fnp
from fgrad.core.avals import is_inexact
from fgrad.core.trace import Tracer

MODE = os.environ.get("FGRAD_ARRAY_API", "stage")


def _jvp(f: Callable, *xs: Any) -> Any:
    return fgrad.jvp(f, xs, tuple(np.ones_like(x) if is_inexact(x.dtype) else np.zeros(x.shape, fgrad.float0) for x in xs))[0]


TRANSFORMED: dict[str, Callable[..., list]] = {
    "stage": lambda f, *xs: fgrad.make_jaxpr(f)(*xs)(*xs),
    "jit": lambda f, *xs: fgrad.jit(f)(*xs),
    "vmap": lambda f, *xs: [out[0] for out in fgrad.vmap(f)(*[x[None] for x in xs])],
    "jvp": _jvp,
}  # how a function of arrays, which returns a list of arrays, runs on tracers


class Array:
    """A NumPy array whose operators and methods are those of a traced value. Those of the standard are put on below."""

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any):
        self.value = np.asarray(value)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Traced values write `x = x.at[key].set(value)`."""
        self.value = traced(lambda x, k, v: fnp.at(x)[k].set(v))(self, _known(key), value).value

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        traced(lambda x: x.__array_namespace__(api_version=api_version))(self)
        return xp

    def __repr__(self) -> str:
        return f"Array({self.value!r})"


class _Place:
    """Stands in a result for an array that is still to be computed."""

    def __init__(self, number: int):
        self.number = number


# -- arguments and results: arrays in tuples, lists, slices and keywords


def _replaced(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    """The arguments or the result of a call, with `leaf` applied to what is no container."""
    if type(tree) is slice:
        return slice(*[_replaced(t, leaf) for t in (tree.start, tree.stop, tree.step)])
    if isinstance(tree, dict):
        return {k: _replaced(t, leaf) for k, t in tree.items()}
    if isinstance(tree, (list, tuple)):
        items = [_replaced(t, leaf) for t in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else type(tree)(items)
    return leaf(tree)


def _value(x: Any) -> Any:
    return x.value if isinstance(x, Array) else x


def _wrapped(x: Any) -> Any:
    return Array(x) if isinstance(x, (np.ndarray, np.generic)) else x


def _known(key: Any) -> Any:
    """An index whose masks and slices are plain values."""
    if type(key) is tuple:
        return tuple(map(_known, key))
    if type(key) is slice:
        return _replaced(key, _value)
    return _value(key) if isinstance(key, Array) and key.value.dtype == bool else key


# -- functions of NumPy as functions of such arrays


def eager(function: Callable) -> Callable:
    """The function of the arrays' values, as it is."""

    @functools.wraps(function, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _replaced((args, kwargs), _value)
        return _replaced(function(*args, **kwargs), _wrapped)

    return call


def traced(function: Callable) -> Callable:
    """The function of tracers in place of the arrays; what it returns beside arrays (a dtype, a shape) is returned as it is."""

    @functools.wraps(function, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        arrays: list[Array] = []
        _replaced((args, kwargs), lambda a: arrays.append(a) if isinstance(a, Array) else None)
        if not arrays:
            return _replaced(function(*args, **kwargs), _wrapped)
        result = None

        def program(*tracers: Any) -> list:
            nonlocal result
            rest, outs = iter(tracers), []

            def numbered(out: Any) -> Any:
                if not isinstance(out, (Tracer, np.ndarray, np.generic)):
                    return out
                outs.append(out)
                return _Place(len(outs) - 1)

            given, keywords = _replaced((args, kwargs), lambda a: next(rest) if isinstance(a, Array) else a)
            result = _replaced(function(*given, **keywords), numbered)
            return outs

        values = TRANSFORMED[MODE](program, *[a.value for a in arrays])
        return _replaced(result, lambda out: Array(values[out.number]) if isinstance(out, _Place) else out)

    return call


# -- what an array of the standard has

_OPERATORS = """abs neg pos invert add sub mul truediv floordiv mod pow matmul and or xor lshift rshift eq ne lt le gt ge getitem
radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul rand ror rxor rlshift rrshift"""
_OF_VALUES = ("__bool__", "__int__", "__float__", "__complex__", "__index__", "__dlpack__", "__dlpack_device__")
_PROPERTIES = ("T", "mT", "shape", "dtype", "ndim", "size", "device")


def _method(name: str) -> Callable:
    call = traced(lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs))

    @functools.wraps(getattr(Tracer, name), updated=())
    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        return call(self, *(_known(args) if name == "__getitem__" else args), **kwargs)

    return method


def _of_value(name: str) -> Callable:
    @functools.wraps(getattr(np.ndarray, name), updated=())
    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.value, name)(*args, **kwargs)

    return method


for _name in ("to_device", *[f"__{n}__" for n in _OPERATORS.split()]):
    setattr(Array, _name, _method(_name))
for _name in _OF_VALUES:
    setattr(Array, _name, _of_value(_name))
for _name in _PROPERTIES:
    setattr(Array, _name, property(traced(lambda x, name=_name: getattr(x, name))))

# -- the functions

EAGER = {"from_dlpack"} | ({"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"} if MODE != "jvp" else set())


def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Any:
    return traced(fnp.repeat)(x, _value(repeats), axis=axis)


def svd(x: Any, /, *, full_matrices: bool = True) -> Any:
    return (eager if MODE == "jvp" and full_matrices else traced)(fnp.linalg.svd)(x, full_matrices=full_matrices)


def qr(x: Any, /, *, mode: Any = "reduced") -> Any:
    return (eager if MODE == "jvp" and mode == "complete" else traced)(fnp.linalg.qr)(x, mode=mode)


class Namespace:
    """The functions of a namespace of fgrad, of such arrays. What is no function is the namespace's own."""

    def __init__(self, functions: Any, **own: Any):
        self.__name__, self._functions = f"{functions.__name__} under {MODE}", functions
        self.__dict__ |= own

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._functions, name)
        if callable(found) and not name.startswith("__") and not (isinstance(found, type) and issubclass(found, np.generic)):
            found = (eager if name in EAGER else traced)(found)
        setattr(self, name, found)
        return found


xp = Namespace(fnp, linalg=Namespace(fnp.linalg, svd=svd, qr=qr), fft=Namespace(fnp.fft), repeat=repeat)
