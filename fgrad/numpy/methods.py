"""The methods and attributes of NumPy arrays, on traced values: each is the function of the same name.

`x.trace` is the trace a value belongs to, so the sum of a diagonal is `np.trace(x)`. Methods that write into the array say what to
use instead, and an attribute that arrays do not have says which and of what.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ConcretizationError, MutationError, UnknownAttributeError
from fgrad.core.trace import Tracer
from fgrad.numpy.elementwise import imag, real
from fgrad.numpy.protocol import FUNCTIONS, missing
from fgrad.numpy.shapes import astype, matrix_transpose, ravel, reshape, transpose
from fgrad.ops.ufuncs import UFUNCS

# -- methods whose arguments are those of the function, the array before them

_FUNCTIONS: dict[str, Callable] = {
    "sum": np.sum, "prod": np.prod, "mean": np.mean, "var": np.var, "std": np.std, "max": np.max, "min": np.min, "any": np.any,
    "all": np.all, "argmax": np.argmax, "argmin": np.argmin, "cumsum": np.cumsum, "cumprod": np.cumprod, "argsort": np.argsort,
    "nonzero": np.nonzero, "searchsorted": np.searchsorted, "argpartition": np.argpartition, "ravel": np.ravel, "flatten": np.ravel,
    "swapaxes": np.swapaxes, "squeeze": np.squeeze, "repeat": np.repeat, "copy": np.copy, "dot": np.dot, "clip": np.clip,
    "round": np.round, "take": np.take, "diagonal": np.diagonal, "trace": np.trace, "choose": np.choose,
}  # fmt: skip


def _method(name: str, function: Callable) -> Callable:
    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        found = FUNCTIONS.get(function)
        if found is None:
            raise missing(f"ndarray.{name}", "method")
        return found(self, *args, **kwargs)

    return method


def _reshape(self: Tracer, *shape: Any, order: Any = "C", copy: bool | None = None) -> Any:
    return reshape(self, shape[0] if len(shape) == 1 else shape, order=order)


def _transpose(self: Tracer, *axes: Any) -> Any:
    return transpose(self, (axes[0] if len(axes) == 1 and (axes[0] is None or np.iterable(axes[0])) else axes) if axes else None)


def _astype(self: Tracer, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True) -> Any:
    if not np.can_cast(self.dtype, dtype, casting):
        raise TypeError(f"astype: {short(self)} cannot be cast to {np.dtype(dtype)} by the rule {casting!r}")
    return astype(self, dtype)


def _compress(self: Tracer, condition: Any, axis: int | None = None, out: Any = None) -> Any:
    return _method("compress", np.compress)(condition, self, axis, out)


def _conjugate(self: Tracer) -> Any:
    return UFUNCS[np.conjugate].traced(self)


def _contains(self: Tracer, value: Any) -> bool:
    return bool(FUNCTIONS[np.any](UFUNCS[np.equal].traced(self, value)))


def _pickled(self: Tracer, protocol: Any) -> Any:
    raise ConcretizationError(
        f"a traced value x: {short(self)} cannot be pickled, nor sent to another process: it lives while its function is traced"
    )


_METHODS: dict[str, Callable] = {
    "reshape": _reshape, "transpose": _transpose, "astype": _astype, "compress": _compress, "conj": _conjugate, "conjugate": _conjugate,
    "__contains__": _contains, "__copy__": lambda self: self, "__deepcopy__": lambda self, memo: self, "__reduce_ex__": _pickled,
}  # fmt: skip
_PROPERTIES: dict[str, Callable] = {
    "T": transpose,
    "mT": matrix_transpose,
    "real": real,
    "imag": imag,
    "flat": ravel,
    "itemsize": lambda self: self.dtype.itemsize,
    "nbytes": lambda self: self.size * self.dtype.itemsize,
}

# -- methods that change an array in place, and what to write instead

_IN_PLACE = {
    "sort": "In place of x.sort() write x = np.sort(x).",
    "partition": "In place of x.partition(k) write x = np.partition(x, k).",
    "fill": "In place of x.fill(v) write x = np.full_like(x, v).",
    "put": "In place of x.put(i, v) write x = x.ravel().at[i].set(v).reshape(x.shape).",
    "itemset": "In place of x.itemset(i, v) write x = x.at[i].set(v).",
    "resize": "In place of x.resize(shape) write x = np.resize(x, shape).",
    "byteswap": "Convert the byte order before tracing.",
    "setfield": "Traced arrays have no fields.",
    "setflags": "Traced arrays are immutable and have no flags.",
}


def _refusal(name: str, hint: str) -> Callable:
    def method(self: Tracer, *args: Any, **kwargs: Any) -> Any:
        raise MutationError(f"{name}() changes an array in place, and the traced x: {short(self)} is immutable", hint)

    return method


_LIKELY = {
    "strides": "A traced array has no memory layout.", "flags": "A traced array has no memory layout.",
    "base": "A traced array has no memory.", "data": "A traced array has no memory.", "ctypes": "A traced array has no memory.",
    "tobytes": "A traced array has no memory.", "view": "To change the dtype write x.astype(dtype); to drop nothing, use x itself.",
    "ptp": "Use np.ptp(x).", "numpy": "Return the value from the traced function: what comes out is a NumPy array.",
}  # fmt: skip


def _missing_attribute(self: Tracer, name: str) -> Any:
    # protocols ask for names that begin with an underscore; a name that the class has failed inside its own property
    if name.startswith("_") or hasattr(type(self), name):
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
    hint = _LIKELY.get(name, "It has the attributes and methods of a NumPy array that do not write into it.")
    raise UnknownAttributeError(f"the traced value x: {short(self)} has no attribute {name!r}", hint)


for _name, _function in {k: _method(k, f) for k, f in _FUNCTIONS.items()}.items() | _METHODS.items():
    _function.__name__ = _name
    setattr(Tracer, _name, _function)
for _name, _function in _IN_PLACE.items():
    setattr(Tracer, _name, _refusal(_name, _function))
for _name, _function in _PROPERTIES.items():
    setattr(Tracer, _name, property(_function))
Tracer.__getattr__ = _missing_attribute  # type: ignore[method-assign]
