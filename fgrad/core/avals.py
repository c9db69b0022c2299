"""Abstract values: the types of the jaxpr, and what is asked of them.

A `ShapedArray` is a shape and a dtype. Everything that flows through a program has one (`typeof`): NumPy arrays and
scalars, Python numbers, tracers. Imports NumPy only; read `primitive.py` next.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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


class StackType:
    """The type of a `Stack`: a run of `elem` values whose length only the run knows. Prints as `[*]f64[3]`."""

    __slots__ = ("elem",)
    elem: Any

    def __init__(self, elem: Any):
        _set_elem(self, elem)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"an aval is immutable; cannot set {name}")

    @property
    def dtype(self) -> np.dtype:
        return self.elem.dtype

    @property
    def aval(self) -> StackType:
        return self  # as a ShapedArray has a shape and a dtype, so that typeof takes types too

    def __eq__(self, other: object) -> bool:
        return type(other) is StackType and self.elem == other.elem

    def __hash__(self) -> int:
        return hash((StackType, self.elem))

    def __repr__(self) -> str:
        return f"[*]{self.elem!r}"

    def __reduce__(self):
        return StackType, (self.elem,)


_set_elem = StackType.elem.__set__  # type: ignore[attr-defined]


class Stack:
    """What a loop with a trip count known only when it runs leaves behind: one value for each step, arrays or stacks in turn.

    The empty stack is the additive zero: reading past the end gives zeros of the element type.
    """

    __slots__ = ("items", "aval")

    def __init__(self, items: Any, elem: Any):  # a list, or an array whose first axis runs over the steps
        self.items, self.aval = items, StackType(elem)

    @property
    def dtype(self) -> np.dtype:
        return self.aval.dtype

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> Any:
        return self.items[i] if i < len(self.items) else concrete_zeros(self.aval.elem)

    def __repr__(self) -> str:
        return f"Stack({len(self.items)} of {self.aval.elem!r})"


def concrete_zeros(aval: Any) -> Any:
    """A zero of this type: an array that takes no memory, or an empty stack."""
    if type(aval) is StackType:
        return Stack([], aval.elem)
    return aval.dtype.type(0) if not aval.shape else np.broadcast_to(aval.dtype.type(0), aval.shape)


def map_leaf(f: Callable[[ShapedArray], ShapedArray], aval: Any) -> Any:
    """The same type with its array type changed: that of the innermost elements, for a stack."""
    return StackType(map_leaf(f, aval.elem)) if type(aval) is StackType else f(aval)


def batched(aval: Any, size: int) -> Any:
    """The type of a batch of these: a new first axis (on the innermost arrays of a stack)."""
    return map_leaf(lambda a: ShapedArray((size, *a.shape), a.dtype), aval)


def unbatched(aval: Any) -> Any:
    """The type of one example of a batch."""
    return map_leaf(lambda a: ShapedArray(a.shape[1:], a.dtype), aval)


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
    if hasattr(x, "aval") or (hasattr(x, "shape") and hasattr(x, "dtype")):
        return repr(typeof(x))
    return type(x).__name__
