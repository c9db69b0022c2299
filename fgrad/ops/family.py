"""How families of primitives are made: one elementwise maker, and the batch rule and types its members share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, ShapedArray, typeof
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.core.primitive import Primitive, Rule
from fgrad.core.trace import Tracer
from fgrad.ops.shapes import broadcast


def elementwise_aval(*xs: Any) -> ShapedArray:
    """The type all operands share. Python numbers and 0-d constants fit any shape."""
    shape = dtype = None
    for x in xs:
        if type(x) in PYTHON_SCALARS:
            continue
        if dtype is None:
            shape, dtype = x.shape, x.dtype
        elif x.shape != shape or x.dtype != dtype:
            if x.dtype != dtype or (x.shape and shape):
                raise _mismatch(xs)
            if x.shape:
                shape = x.shape
    if shape is None:
        return typeof(xs[0])
    for x in xs:
        if shape and isinstance(x, (Tracer, ShapedArray)) and x.shape != shape:
            raise _mismatch(xs)
    return ShapedArray(shape, dtype)


def _mismatch(xs: Sequence[Any]) -> Exception:
    types = " and ".join(repr(typeof(x)) for x in xs)
    if len({x.dtype for x in map(typeof, xs)}) > 1:
        return DtypeError(f"an elementwise primitive takes operands of one dtype, not {types}", "fgrad.numpy's functions convert them.")
    return ShapeError(f"an elementwise primitive takes operands of one shape, not {types}", "fgrad.numpy's functions broadcast them.")


def with_dtype(dtype: Any) -> Callable[..., ShapedArray]:
    """An elementwise aval whose dtype is this one, or this function of the operands' dtype."""

    def aval(*xs: Any) -> ShapedArray:
        a = elementwise_aval(*xs)
        return ShapedArray(a.shape, dtype(a.dtype) if callable(dtype) and not isinstance(dtype, type) else dtype)

    return aval


def batch_elementwise(prim: Primitive) -> Rule:
    def rule(size: int, values: Sequence[Any], mapped: Sequence[bool], **params: Any) -> tuple[Any, bool]:
        def align(x: Any, m: bool) -> Any:
            if m or type(x) in PYTHON_SCALARS or (not isinstance(x, Tracer) and x.ndim == 0):
                return x
            return broadcast(x, shape=(size, *x.shape), axes=(0,))

        return prim(*[align(x, m) for x, m in zip(values, mapped, strict=True)], **params), True

    return rule


def elementwise(
    name: str,
    impl: Rule,
    *,
    aval: Callable[..., ShapedArray] = elementwise_aval,
    partials: Sequence[Rule | None] | None = None,
    transposes: Sequence[Rule | None] | None = None,
) -> Primitive:
    """A primitive that works on each entry by itself."""
    prim = Primitive(name, impl=impl, aval=aval, partials=partials, transposes=transposes, elementwise=True)
    prim.batch = batch_elementwise(prim)
    return prim


def dtype_of(x: Any) -> np.dtype:
    """The dtype of an operand, or of the Var that stands for one."""
    # asking an array for its dtype is three times faster than making its aval
    if type(x) in PYTHON_SCALARS:
        return typeof(x).dtype
    try:
        return x.dtype
    except AttributeError:
        return x.aval.dtype


def like(x: Any, value: float) -> Any:
    """A constant of the dtype of x."""
    return dtype_of(x).type(value)
