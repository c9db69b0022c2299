"""Compiled functions of Numba as a primitive: evaluated by calling them.

The primitive carries the function (`LiftedFunction`, with its dispatcher), so that a back end can put its code where the call stands. Its derivative is given
one floor above, by custom_jvp or custom_vjp around it. Numba is loaded already where there is one of its functions.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fgrad.core.avals import ShapedArray, batched, dtype_name, unbatched
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError
from fgrad.core.primitive import Primitive
from fgrad.core.source import function_name
from fgrad.ops.shapes import broadcast


class Output(NamedTuple):
    """What Numba says of one result: everything but the sizes of an array."""

    dtype: np.dtype
    ndim: int

    def __repr__(self) -> str:
        return f"{dtype_name(self.dtype)}[{','.join('?' * self.ndim)}]"

    def admits(self, aval: Any) -> bool:
        return self.dtype == aval.dtype and self.ndim == len(aval.shape)


class LiftedFunction:
    """An @njit function of scalars and arrays, or a function of scalars that is applied to each entry of arrays.

    Args:
        dispatcher: the function: a Numba dispatcher, or a ufunc made with @vectorize.
        result: avals of the results, or a function of the avals of the arguments that returns them; None where Numba's types say enough.
        elementwise: it is a function of scalars for entries of arrays of one shape.
    """

    def __init__(self, dispatcher: Any, result: Any = None, elementwise: bool = False):
        self.dispatcher, self.result, self.elementwise = dispatcher, result, elementwise
        self.__name__ = function_name(dispatcher)
        self._outputs: dict[tuple, tuple[bool, tuple[Output, ...]]] = {}
        self._loop: dict[int, Callable] = {}

    @property
    def is_ufunc(self) -> bool:
        return hasattr(self.dispatcher, "_dispatcher")

    def outputs(self, avals: Sequence[ShapedArray]) -> tuple[bool, tuple[Output, ...]]:
        """Whether the function returns a tuple, and what Numba infers of each result, for one entry if it is elementwise."""
        args = tuple((a.dtype, 0 if self.elementwise else len(a.shape)) for a in avals)
        found = self._outputs.get(args)
        if found is None:
            found = self._outputs[args] = self._inferred(args)
        return found

    def _inferred(self, args: tuple) -> tuple[bool, tuple[Output, ...]]:
        numba = importlib.import_module("numba")
        types = numba.types
        given = [types.Array(numba.from_dtype(d), ndim, "C") if ndim else numba.from_dtype(d) for d, ndim in args]
        dispatcher = self.dispatcher
        try:
            found = (
                dispatcher.typingctx.resolve_function_type(types.Dispatcher(dispatcher), tuple(given), {}) if not self.is_ufunc else None
            )
        except numba.core.errors.TypingError as e:
            raise self._refused(args, str(e).strip().splitlines()[0]) from e
        if self.is_ufunc:
            return False, tuple(Output(np.asarray(o).dtype, 0) for o in _tuple(dispatcher(*[np.ones((), d) for d, _ in args])))
        if found is None:
            raise self._refused(args, "it has no version for these types")
        out = found.return_type
        several = isinstance(out, types.BaseTuple)
        return several, tuple(self._output(t) for t in (out if several else (out,)))

    def _refused(self, args: tuple, why: str) -> Exception:
        shown = ", ".join(repr(Output(*a)) for a in args)
        return DtypeError(f"lift: Numba cannot compile {self.__name__} for ({shown}): {why}")

    def _output(self, t: Any) -> Output:
        numba = importlib.import_module("numba")
        t = numba.types.unliteral(t)
        if isinstance(t, numba.types.Array):
            return Output(numba.np.numpy_support.as_dtype(t.dtype), t.ndim)
        if isinstance(t, (numba.types.Number, numba.types.Boolean)):
            return Output(numba.np.numpy_support.as_dtype(t), 0)
        raise DtypeError(
            f"lift: {self.__name__} returns a value of Numba's type {t}",
            "A lifted function returns a number, an array, or a tuple of these.",
        )

    def avals(self, avals: Sequence[ShapedArray]) -> list[ShapedArray]:
        """The types of the results."""
        _, outputs = self.outputs(avals)
        if self.elementwise:
            return [ShapedArray(avals[0].shape if avals else (), o.dtype) for o in outputs]
        if self.result is not None:
            found = self.result(*avals) if callable(self.result) else self.result
            found = list(_tuple(found))
            if len(found) != len(outputs) or not all(o.admits(a) for o, a in zip(outputs, found, strict=True)):
                raise ArgumentError(
                    f"lift: result= says {_shown(found)}, and by Numba's types {self.__name__} returns {_shown(outputs)}",
                )
            return found
        if any(o.ndim for o in outputs):
            raise ArgumentError(
                f"lift: {self.__name__} returns {_shown(outputs)}, and the sizes are not known before it runs",
                "Pass result=fgrad.ShapeDtypeStruct(shape, dtype), a tuple of them, or a function of those of the arguments: result=lambda x: x.",
            )
        return [ShapedArray((), o.dtype) for o in outputs]

    def __call__(self, *args: Any) -> list:
        """The results for these arguments, in the dtypes that Numba gives them."""
        if self.elementwise:
            return self._map(args)
        found = list(_tuple(self.dispatcher(*[x[()] if isinstance(x, np.ndarray) and not x.ndim else x for x in args])))
        avals = [ShapedArray(np.shape(x), x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype) for x in args]
        _, outputs = self.outputs(avals)
        found = [x if isinstance(x, np.ndarray) and x.ndim else o.dtype.type(x) for x, o in zip(found, outputs, strict=True)]
        if self.result is not None:
            expected = self.avals(avals)
            if any(np.shape(x) != a.shape for x, a in zip(found, expected, strict=True)):
                raise ShapeError(f"lift: {self.__name__} returned {_shown(found)}, and result= says {_shown(expected)}")
        return found

    def _map(self, args: Sequence[Any]) -> list:
        if self.is_ufunc:
            return list(_tuple(self.dispatcher(*args)))
        arrays = [np.ascontiguousarray(x) for x in args]
        several, outputs = self.outputs([ShapedArray((), x.dtype) for x in arrays])
        shape = args[0].shape if args else ()
        outs = [np.empty(shape, o.dtype) for o in outputs]
        loop = self._loop.get(len(arrays)) or self._loop.setdefault(len(arrays), _loop(self.dispatcher, len(arrays), len(outs), several))
        loop(*[x.reshape(-1) for x in arrays], *[o.reshape(-1) for o in outs])
        return [o[()] for o in outs]

    def __repr__(self) -> str:
        return self.__name__

    def __getstate__(self) -> dict[str, Any]:
        return {"dispatcher": self.dispatcher, "result": self.result, "elementwise": self.elementwise}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)


def _tuple(x: Any) -> tuple:
    return x if isinstance(x, tuple) else (x,)


def _shown(avals: Sequence[Any]) -> str:
    return ", ".join(repr(a if isinstance(a, (ShapedArray, Output)) else ShapedArray(np.shape(a), np.asarray(a).dtype)) for a in avals)


def _loop(dispatcher: Any, inputs: int, outputs: int, several: bool) -> Callable:
    """The compiled loop over the entries of flat arrays."""
    ins, outs = [f"x{i}" for i in range(inputs)], [f"y{i}" for i in range(outputs)]
    stores = "; ".join(f"{y}[i] = {f'r[{k}]' if several else 'r'}" for k, y in enumerate(outs))
    text = f"def loop({', '.join(ins + outs)}):\n  for i in range(len(y0)):\n    r = f({', '.join(f'{x}[i]' for x in ins)})\n    {stores}\n"
    space: dict[str, Any] = {"f": dispatcher}
    exec(text, space)
    return importlib.import_module("numba").njit(space["loop"])


# -- the primitive. `loops` are batches of a function that is not elementwise, the outermost last: (size, which operands have that axis)


def _run(*args: Any, function: LiftedFunction, loops: tuple) -> list:
    if not loops:
        return function(*args)
    *inner, (size, mapped) = loops
    found = [
        _run(*[x[i] if m else x for x, m in zip(args, mapped, strict=True)], function=function, loops=tuple(inner)) for i in range(size)
    ]
    if not found:
        avals = [
            unbatched(ShapedArray(np.shape(x), x.dtype)) if m else ShapedArray(np.shape(x), x.dtype)
            for x, m in zip(args, mapped, strict=True)
        ]
        return [np.empty((0, *a.shape), a.dtype) for a in _avals(*avals, function=function, loops=tuple(inner))]
    return [np.stack(xs) for xs in zip(*found, strict=True)]


def _avals(*args: Any, function: LiftedFunction, loops: tuple) -> list:
    avals = [ShapedArray(tuple(np.shape(a)), a.dtype if hasattr(a, "dtype") else np.asarray(a).dtype) for a in args]
    if not loops:
        return function.avals(avals)
    *inner, (size, mapped) = loops
    one = [unbatched(a) if m else a for a, m in zip(avals, mapped, strict=True)]
    return [batched(a, size) for a in _avals(*one, function=function, loops=tuple(inner))]


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, function: LiftedFunction, loops: tuple) -> tuple[list, list[bool]]:
    if function.elementwise:
        values = [v if m else broadcast(v, shape=(size, *v.shape), axes=(0,)) for v, m in zip(values, mapped, strict=True)]
    else:
        loops = (*loops, (size, tuple(mapped)))
    outs = lifted(*values, function=function, loops=loops)
    return outs, [True] * len(outs)


def _no_derivative(*args: Any, function: LiftedFunction, **params: Any) -> Any:
    raise UnsupportedError(
        f"the lifted function {function.__name__} has no derivative: it is compiled code, called as it is",
        "Give one: fgrad.lift(f, jvp=rule) or fgrad.lift(f, vjp=(fwd, bwd)); or call f itself: then its Python source is traced.",
        "For no derivative through it, wrap its arguments in fgrad.stop_gradient.",
    )


lifted = Primitive("lifted", multi=True, impl=_run, aval=_avals, linearize=_no_derivative, batch=_batch)
