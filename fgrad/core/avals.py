"""Abstract values: the types of the jaxpr, and what is asked of them.

A `ShapedArray` is a shape and a dtype. Everything that flows through a program has one (`typeof`): NumPy arrays and
scalars, Python numbers, tracers. Imports NumPy only; read `primitive.py` next.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

float0 = np.dtype([("float0", np.void, 0)])
"""The dtype of the (empty) tangents and cotangents of integers and booleans."""

_KIND_NAMES = {"f": "f", "c": "c", "i": "i", "u": "u"}


def dtype_name(dtype: np.dtype) -> str:
    """`f64`, `c128`, `i8`, `bool`, ..."""
    if dtype == float0:
        return "float0"
    if dtype.kind in _KIND_NAMES:
        return f"{_KIND_NAMES[dtype.kind]}{dtype.itemsize * 8}"
    return dtype.name


class ShapedArray:
    """A shape and a dtype, immutable and hashable. Prints as `f64[3,4]`."""

    __slots__ = ("shape", "dtype")
    shape: tuple[int, ...]
    dtype: np.dtype

    def __init__(self, shape: tuple[int, ...], dtype: Any):
        _set_shape(self, shape)
        _set_dtype(self, dtype if isinstance(dtype, np.dtype) else np.dtype(dtype))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an aval is immutable; cannot set {name}")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __eq__(self, other: object) -> bool:
        return type(other) is ShapedArray and self.shape == other.shape and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        return f"{dtype_name(self.dtype)}[{','.join(map(str, self.shape))}]"

    def __reduce__(self):
        return ShapedArray, (self.shape, self.dtype)


_set_shape = ShapedArray.shape.__set__  # type: ignore[attr-defined]
_set_dtype = ShapedArray.dtype.__set__  # type: ignore[attr-defined]

F64 = ShapedArray((), np.dtype(np.float64))
I64 = ShapedArray((), np.dtype(np.int64))
BOOL = ShapedArray((), np.dtype(np.bool_))
C128 = ShapedArray((), np.dtype(np.complex128))
_PYTHON_AVALS = {float: F64, int: I64, bool: BOOL, complex: C128}
PYTHON_SCALARS = frozenset(_PYTHON_AVALS)


def typeof(x: Any) -> ShapedArray:
    """The abstract value of an array, a NumPy or Python number, or a tracer."""
    python = _PYTHON_AVALS.get(type(x))
    if python is not None:
        return python
    aval = getattr(x, "aval", None)
    return aval if aval is not None else ShapedArray(x.shape, x.dtype)


def is_inexact(dtype: np.dtype) -> bool:
    """Whether values of this dtype have tangents (real and complex floating point)."""
    return dtype.kind in "fc"


def short(x: Any) -> str:
    """How errors show an operand: its type, or its value where it is a Python object."""
    if isinstance(x, (ShapedArray, str)):
        return repr(x)
    if type(x) in PYTHON_SCALARS:
        return repr(x)
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return repr(typeof(x))
    return type(x).__name__
