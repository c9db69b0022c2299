"""Calls out of a program: `pure_callback`, a function of the user's on NumPy arrays, and `debug_print`.

Both are primitives whose implementation runs Python, so they work wherever equations do: in staged programs, in loops, under vmap (one call for each
example, unless the function takes a whole batch).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, batched
from fgrad.core.errors import ShapeError, UnsupportedError
from fgrad.core.primitive import Primitive
from fgrad.core.source import function_name
from fgrad.ops.stacks import materialize


def _checked(fun: Callable, found: Sequence[Any], avals: Sequence[ShapedArray]) -> list:
    """The results of a callback, of the types it was said to return."""
    outs = [np.asarray(o) for o in found]
    if len(outs) != len(avals) or any(o.shape != a.shape for o, a in zip(outs, avals, strict=True)):
        types = ", ".join(repr(ShapedArray(o.shape, o.dtype)) for o in outs)
        raise ShapeError(f"pure_callback: {function_name(fun)} returned {types}, and result_shape says {', '.join(map(repr, avals))}")
    return [o.astype(a.dtype, copy=False) if o.ndim else a.dtype.type(o) for o, a in zip(outs, avals, strict=True)]


class PerExample:
    """A flat callback on a batch, as a loop over its examples."""

    def __init__(self, fun: Callable, size: int, mapped: Sequence[bool], avals: Sequence[ShapedArray]):
        self.fun, self.size, self.mapped, self.avals = fun, size, tuple(mapped), tuple(avals)
        self.__name__ = function_name(fun)

    def __call__(self, *args: Any) -> list:
        outs = [np.empty((self.size, *a.shape), a.dtype) for a in self.avals]
        for i in range(self.size):
            found = self.fun(*[x[i] if m else x for x, m in zip(args, self.mapped, strict=True)])
            for out, value in zip(outs, _checked(self.fun, found, self.avals), strict=True):
                out[i] = value
        return outs


def _call_back(*args: Any, fun: Callable, avals: tuple, whole_batches: bool) -> list:
    return _checked(fun, fun(*args), avals)


def _no_derivative(*args: Any, fun: Callable, **params: Any) -> Any:
    raise UnsupportedError(
        f"pure_callback has no derivative: {function_name(fun)} is a black box",
        "Give it one with fgrad.custom_jvp, custom_vjp, or custom_root; or wrap its arguments in fgrad.stop_gradient.",
    )


def _callback_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, fun: Callable, avals: tuple, whole_batches: bool) -> tuple:
    out_avals = tuple(batched(a, size) for a in avals)
    if whole_batches:
        values = [materialize(size, v, m) for v, m in zip(values, mapped, strict=True)]
    else:
        fun = PerExample(fun, size, mapped, avals)
    return callback(*values, fun=fun, avals=out_avals, whole_batches=whole_batches), [True] * len(avals)


callback = Primitive(
    "pure_callback",
    multi=True,
    impl=_call_back,
    aval=lambda *args, fun, avals, whole_batches: list(avals),
    linearize=_no_derivative,
    batch=_callback_batch,
)


def _print(*args: Any, fun: Callable) -> list:
    fun(*args)
    return []


def _print_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, fun: Callable) -> tuple:
    return printed(*values, fun=PerExample(fun, size, mapped, ())), []


printed = Primitive("debug_print", multi=True, effectful=True, impl=_print, aval=lambda *args, fun: [], batch=_print_batch)
