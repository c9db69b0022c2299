"""What the distributions share: shapes, dtypes and parameters as users give them, and the few helpers by which they read like formulas."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.numpy.shapes import as_array
from fgrad.ops import shapes as s
from fgrad.ops.promote import broadcast_shape, cast
from fgrad.ops.ufuncs import UFUNCS

add, sub, mul, div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]
log, log1p, exp, sqrt, neg = UFUNCS[np.log], UFUNCS[np.log1p], UFUNCS[np.exp], UFUNCS[np.sqrt], UFUNCS[np.negative]


def shape_of(name: str, shape: Any) -> tuple[int, ...]:
    """A shape: an integer, or a sequence of them."""
    try:
        found = tuple(operator.index(n) for n in shape) if np.iterable(shape) else (operator.index(shape),)
    except TypeError as err:
        hint = "Arguments in order are (key, ..., shape, dtype); parameters such as a mean are applied outside: mean + scale * normal(key, shape)."
        raise ShapeError(f"{name}: shape must be integers, not {shape!r:.60}", hint) from err
    if min(found, default=0) < 0:
        raise ShapeError(f"{name}: shape {found} has a negative size")
    return found


def dtype_of(name: str, dtype: Any, kinds: str = "f", least: int = 32) -> np.dtype:
    """A dtype of one of these kinds, of at least so many bits and at most 64 (for each part of a complex number); None is float64."""
    found = np.dtype(dtype)
    bits = found.itemsize * (4 if found.kind == "c" else 8)
    if found.kind not in kinds or not least <= bits <= 64:
        wanted = {"f": "floating point", "fc": "floating point or complex", "iu": "an integer"}[kinds]
        raise DtypeError(f"{name}: dtype must be {wanted}, of {least} to 64 bits, not {found}")
    return found


def parameter(name: str, x: Any, dtype: np.dtype) -> Any:
    """A real parameter in this dtype: a number, an array, or traced."""
    x = as_array(x)
    if x.dtype.kind not in "fiub":
        raise DtypeError(f"{name}: a parameter must be real, not {short(x)}")
    return cast(x, dtype)


def fits(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to the other."""
    return len(own) <= len(shape) and all(m in (1, n) for m, n in zip(own[::-1], shape[::-1], strict=False))


def fitted_shape(name: str, shape: Any, *parameters: Any) -> tuple[int, ...]:
    """The shape of the result: the one that is asked for, which the parameters must broadcast to, or (None) that of the parameters."""
    own = broadcast_shape(name, parameters)
    if shape is None:
        return own
    found = shape_of(name, shape)
    if not fits(own, found):
        types = " and ".join(map(short, parameters))
        raise ShapeError(
            f"{name}: the parameters {types} do not broadcast to the shape {found}", "shape is that of the result: it includes theirs."
        )
    return found


def full(x: Any, shape: tuple[int, ...]) -> Any:
    """x broadcast to this shape."""
    return s.broadcast_to(x, shape)


def is_number(x: Any, value: float) -> bool:
    """Whether x is this Python number."""
    return type(x) in PYTHON_SCALARS and x == value
