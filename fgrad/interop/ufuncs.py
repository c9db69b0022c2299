"""@vectorize and @guvectorize functions on traced values: their Python source, mapped over the entries.

They reach a tracer through `__array_ufunc__`, as NumPy's own ufuncs do. The source is traced once, for all entries together (`vmap`); where it branches on the
value of an entry, once for each entry.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.vmap import vmap
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ConcretizationError, FgradError, ShapeError
from fgrad.interop.arrays import local, plain
from fgrad.interop.calls import call_source, explain
from fgrad.interop.namespace import CALLABLES, outside
from fgrad.numpy.protocol import FOREIGN_UFUNCS
from fgrad.ops.promote import as_operand, cast
from fgrad.ops.shapes import broadcast_to


def _foreign(ufunc: Any, method: str) -> Callable | None:
    """What a ufunc of Numba is on traced arguments, or None for another."""
    if method != "__call__" or "numba.np.ufunc" not in sys.modules:
        return None
    module = sys.modules["numba.np.ufunc.dufunc"]
    if isinstance(ufunc, module.DUFunc):
        return lambda *args, **kwargs: _elementwise(ufunc, args, kwargs)
    # GUFunc.__call__ calls a plain ufunc, which knows nothing of its maker: that is the caller's frame
    gufunc = sys.modules["numba.np.ufunc.gufunc"].GUFunc
    frame = sys._getframe(2)
    if frame.f_code is gufunc.__call__.__code__:
        found = frame.f_locals["self"]
        return lambda *args, **kwargs: _generalized(found, args, kwargs)
    return None


FOREIGN_UFUNCS.append(_foreign)


def _in_source(value: Any) -> Callable | None:
    """The same functions called from source of @njit functions, where they may write into arrays."""
    if not type(value).__module__.startswith("numba.np.ufunc."):
        return None
    generalized = type(value).__name__ == "GUFunc"
    n_in = len(_core(value.gufunc_builder.signature)[0]) if generalized else value.nin
    function = _generalized if generalized else _elementwise

    def call(*args: Any) -> Any:
        inputs, outs = [plain(x) for x in args[:n_in]], args[n_in:]
        found = local(outside(function, value, inputs, {}))
        for out, result in zip(outs, found if isinstance(found, tuple) else (found,), strict=False):
            out[...] = result
        return found

    return call


CALLABLES.append(_in_source)


def _elementwise(ufunc: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """A function made with @vectorize."""
    if kwargs or len(args) != ufunc.nin:
        raise ArgumentError(f"{ufunc.__name__}: on traced values it takes {ufunc.nin} arguments, and no keywords or output array")
    xs, out_dtypes = _converted(ufunc, args)
    xs = [fnp.asarray(x) for x in xs]
    source = ufunc._dispatcher.py_func
    return cast_all(_mapped(lambda *entries: call_source(source, entries), source, xs, [()] * len(xs)), out_dtypes)


def _converted(ufunc: Any, args: Sequence[Any]) -> tuple[list, list | None]:
    """The arguments in the dtypes of the first loop that takes them, and the dtypes of its results (None where a loop would be compiled for them)."""
    found = [as_operand(x) for x in args]
    for loop in ufunc.types:
        inputs, outputs = loop.split("->")
        dtypes = [np.dtype(c) for c in inputs]
        if all(np.can_cast(np.result_type(x.dtype if hasattr(x, "dtype") else x), d, "safe") for x, d in zip(found, dtypes, strict=False)):
            exact = all(getattr(x, "dtype", d) == d for x, d in zip(found, dtypes, strict=False))
            if exact or getattr(ufunc, "_frozen", True):
                return [cast(x, d) for x, d in zip(found, dtypes, strict=False)], [np.dtype(c) for c in outputs]
    return found, None


def cast_all(out: Any, dtypes: Sequence[np.dtype] | None) -> Any:
    if dtypes is None:
        return out
    return tuple(map(cast, out, dtypes)) if isinstance(out, tuple) else cast(out, dtypes[0])


def _generalized(gufunc: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """A function made with @guvectorize: its source writes into arrays for the results."""
    builder = gufunc.gufunc_builder
    name, signature = gufunc.__name__, builder.signature
    core_in, core_out = _core(signature)
    if kwargs or len(args) != len(core_in):
        raise ArgumentError(f"{name}: on traced values it takes {len(core_in)} arguments, and no keywords or output array")
    args, dtypes = _converted(gufunc.ufunc, args)
    xs = [fnp.asarray(x) for x in args]
    sizes: dict[str, int] = {}
    for x, names in zip(xs, core_in, strict=True):
        shape = x.shape[x.ndim - len(names) :]
        if x.ndim < len(names) or any(sizes.setdefault(k, n) != n for k, n in zip(names, shape, strict=True)):
            raise ShapeError(f"{name}: an argument {short(x)} does not fit the signature {signature!r}")
    shapes = [tuple(sizes[k] for k in names) or (1,) for names in core_out]  # a result without axes is an array of one entry
    dtypes = dtypes or [np.result_type(*[x.dtype for x in xs])] * len(core_out)
    # an argument without axes is a number, or declared an array of one entry
    declared = next(iter(builder._sigs), None)
    as_array = [not names and getattr(t, "ndim", 0) == 1 for names, t in zip(core_in, declared.args if declared else core_in, strict=False)]

    def one(*entries: Any) -> tuple:
        inputs = [fnp.reshape(e, (1,)) if a else e for e, a in zip(entries, as_array, strict=True)]
        outs = [local(np.zeros(shape, dtype)) for shape, dtype in zip(shapes, dtypes, strict=True)]
        call_source(builder.py_func, (*inputs, *outs))
        return tuple(plain(o)[0] if not names else plain(o) for o, names in zip(outs, core_out, strict=True))

    found = _mapped(one, builder.py_func, xs, core_in)
    return found[0] if len(found) == 1 else found


def _core(signature: str) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """The names of the core axes of '(m,n),(n)->(m)'."""
    return sys.modules["numba.np.ufunc.sigparse"].parse_signature(signature)


def _mapped(function: Callable, source: Callable, xs: list[Any], core: Sequence[Sequence[str]]) -> Any:
    """The function mapped over the axes of its arguments that are not core axes, broadcast against each other."""
    loop = np.broadcast_shapes(*[x.shape[: x.ndim - len(c)] for x, c in zip(xs, core, strict=True)])
    if not loop:
        return function(*xs)
    size = math.prod(loop)
    flat = [fnp.reshape(broadcast_to(x, (*loop, *_tail(x, c))), (size, *_tail(x, c))) for x, c in zip(xs, core, strict=True)]
    try:
        found = vmap(function)(*flat)
    except ConcretizationError:
        found = _one_by_one(function, source, flat, size)
    restore = lambda y: fnp.reshape(y, (*loop, *y.shape[1:]))
    return tuple(map(restore, found)) if isinstance(found, tuple) else restore(found)


def _tail(x: Any, core: Sequence[str]) -> tuple[int, ...]:
    return tuple(x.shape[x.ndim - len(core) :])


def _one_by_one(function: Callable, source: Callable, flat: Sequence[Any], size: int) -> Any:
    """The same by a loop, in which an entry may have a value where all together have none."""
    try:
        found = [function(*[x[i] for x in flat]) for i in range(size)]
    except FgradError as e:
        if "Numba function" not in str(e):
            explain(e, source)
        raise
    if isinstance(found[0], tuple):
        return tuple(map(fnp.stack, itertools.zip_longest(*found)))
    return fnp.stack(found)
