"""Making operands strict: NumPy's promotion and broadcasting, written as `convert` and `broadcast`.

The dtypes are those of the ufunc's own loops (`ufunc.resolve_dtypes`), Python numbers being weak (NEP 50). A Python number or a 0-d
constant is not broadcast: it stands beside the arrays as a literal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.ops import elementwise as e
from fgrad.ops.shapes import broadcast_to, concatenate, reshape

_F64 = np.dtype(np.float64)
_resolved: dict[tuple, tuple[np.dtype, ...]] = {}


def as_operand(x: Any) -> Any:
    """A tracer, a Python number or an array; sequences (of tracers too) become arrays.

    Raises:
        DtypeError: an array of objects, strings, dates or records.
    """
    if isinstance(x, Tracer) or type(x) in PYTHON_SCALARS:
        return x
    if isinstance(x, (list, tuple)) and _has_tracer(x):
        return stack_sequence(x)
    array = x if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x)
    if array.dtype.kind not in "fcuib":
        raise not_numeric(short(x), array.dtype)
    return array


def not_numeric(what: str, dtype: np.dtype) -> DtypeError:
    return DtypeError(
        f"{what} is not numeric (dtype {dtype}), and cannot meet traced values",
        "They meet booleans, integers, floating point and complex numbers; an array of objects is made one with .astype(float).",
    )


def _has_tracer(xs: Sequence[Any]) -> bool:
    return any(isinstance(x, Tracer) or (isinstance(x, (list, tuple)) and _has_tracer(x)) for x in xs)


def stack_sequence(xs: Sequence[Any], dtype: Any = None) -> Any:
    """The array of nested sequences with tracers among them: what `np.array` makes of numbers."""
    leaves: list[Any] = []
    outer = _nested_shape(xs, leaves)
    inner = leaves[0].shape
    if any(x.shape != inner for x in leaves):
        raise ShapeError(
            f"the entries of a sequence have different shapes: {', '.join(sorted({short(x) for x in leaves}))}",
            "An array has entries of one shape; broadcast them first, or keep the sequence as a tuple.",
        )
    dtype = np.result_type(*[x.dtype for x in leaves]) if dtype is None else np.dtype(dtype)
    rows = [reshape(cast(x, dtype), shape=(1, *inner)) for x in leaves]
    stacked = concatenate(*rows, axis=0) if len(rows) > 1 else rows[0]
    return stacked if stacked.shape == (*outer, *inner) else reshape(stacked, shape=(*outer, *inner))


def _nested_shape(x: Any, leaves: list[Any]) -> tuple[int, ...]:
    """The shape of the nesting alone; collects what is nested, as arrays and tracers."""
    if not isinstance(x, (list, tuple)):
        leaves.append(x if isinstance(x, Tracer) else np.asarray(as_operand(x)))
        return ()
    shapes = [_nested_shape(y, leaves) for y in x]
    if any(s != shapes[0] for s in shapes):
        raise ShapeError(
            "a nested sequence is ragged: its parts have different lengths or depths",
            "An array has entries of one shape; pad them, or keep the sequence as a tuple.",
        )
    return (len(x), *(shapes[0] if shapes else ()))


def _kind(x: Any) -> Any:
    t = type(x)
    return t if t in PYTHON_SCALARS else x.dtype


def resolve_dtypes(name: str, ufunc: np.ufunc, xs: Sequence[Any]) -> tuple[np.dtype, ...]:
    """The dtypes a ufunc converts these operands to."""
    kinds = tuple([_kind(x) for x in xs])
    found = _resolved.get((ufunc, kinds))
    if found is None:
        given = [np.dtype(bool) if k is bool else k for k in kinds]
        if all(k in PYTHON_SCALARS for k in given):
            given = [np.dtype(k) for k in given]
        try:
            found = ufunc.resolve_dtypes((*given, *[None] * ufunc.nout))[: ufunc.nin]
        except TypeError as err:
            raise DtypeError(f"{name}: no operation for {' and '.join(map(short, xs))}") from err
        _resolved[ufunc, kinds] = found
    return found


def result_dtype(*xs: Any) -> np.dtype:
    """NumPy's promotion of these operands, Python numbers being weak."""
    return np.result_type(*[x if type(x) in PYTHON_SCALARS else x.dtype for x in xs])


def cast(x: Any, dtype: np.dtype) -> Any:
    """x in this dtype: a Python number becomes a NumPy scalar."""
    if type(x) in PYTHON_SCALARS:
        return x if dtype is _F64 and type(x) is float else dtype.type(x)
    if x.dtype == dtype:
        return x
    if dtype.kind not in "fcuib":
        raise not_numeric(f"the dtype that {short(x)} is converted to", dtype)
    return e.convert(x, dtype=dtype)


def broadcast_shape(name: str, xs: Sequence[Any]) -> tuple[int, ...]:
    """The common shape, or an error that says which axes disagree."""
    shapes = [() if type(x) in PYTHON_SCALARS else x.shape for x in xs]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        pass
    types = " and ".join(map(short, xs))
    full = [s for s in shapes if s]
    a, b = next((a, b) for i, a in enumerate(full) for b in full[i + 1 :] if not _compatible(a, b))
    i = next(i for i, (m, n) in enumerate(zip(a[::-1], b[::-1], strict=False)) if m != n and 1 not in (m, n))
    axis = "the last axis" if i == 0 else f"axis {-i - 1}"
    raise ShapeError(
        f"{name}: shapes {types} do not broadcast",
        f"{axis} has {a[-i - 1]} entries in {a} and {b[-i - 1]} in {b}; they must be equal, or one of them 1.",
    )


def _compatible(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1], strict=False))


def broadcast_operand(x: Any, shape: tuple[int, ...]) -> Any:
    """x in this shape; 0-d constants stay as they are, as literals of an elementwise primitive."""
    if type(x) in PYTHON_SCALARS or x.shape == shape:
        return x
    if isinstance(x, Tracer):
        return broadcast_to(x, shape)
    return np.broadcast_to(x, shape) if x.ndim else x[()]


def promote(name: str, xs: Sequence[Any], dtypes: Sequence[np.dtype]) -> list[Any]:
    """Operands of one shape, in these dtypes."""
    first = xs[0]
    if len(xs) == 1:
        return [cast(first, dtypes[0])]
    shape = None
    for x in xs:
        if type(x) not in PYTHON_SCALARS:
            s = x.shape
            if shape is None or s == shape:
                shape = s
            else:
                shape = broadcast_shape(name, xs)
                break
    return [broadcast_operand(cast(x, d), shape or ()) for x, d in zip(xs, dtypes, strict=True)]
