"""numba_function: a function of fgrad, a gradient for example, as one that @njit code and C can call.

The function is compiled to machine code for the types of its example arguments, `int32 program(void** args, int64* table, char* work)` of `compile/entry.py`.
A function of Numba around it checks its arguments, makes the outputs, and calls that address. Numba is loaded when it is first called from @njit code.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction
from fgrad.compile.native import NotNative
from fgrad.compile.program import Native, failed, native_program, parts
from fgrad.compile.simplify import prepared
from fgrad.compile.statuses import INDEX_ERROR, INTERRUPTED, NOT_A_MATRIX, OUT_OF_MEMORY, TAPE_TOO_LARGE
from fgrad.control import native as _native  # noqa: F401 (adds the rules for loops)
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import EVAL, Tracer, tracing
from fgrad.interop.arrays import calling
from fgrad.interop.invocation import ALIGNMENT, invocation, kept
from fgrad.interop.namespace import CALLABLES, outside
from fgrad.numpy.protocol import has_tracer

_ON_STACK = 4096  # bytes of scratch memory that need no allocation
_FAILURES: dict[int, tuple[type[Exception], str]] = {
    INDEX_ERROR: (IndexError, "an index is out of bounds"),
    OUT_OF_MEMORY: (MemoryError, "there is no memory for what its loops leave behind"),
    TAPE_TOO_LARGE: (MemoryError, "the residuals of a loop take more memory than they may"),
    NOT_A_MATRIX: (np.linalg.LinAlgError, "a matrix is singular or not positive definite"),
    INTERRUPTED: (RuntimeError, "a loop was interrupted"),
}
"""What @njit code is told of a status; from Python the error says more."""


def numba_function(fun: Callable, *example_args: Any) -> NumbaFunction:
    """Compiles a function for the types of example arguments, so that it can be called from @njit code, and from C.

    Args:
        fun: a function of arrays and numbers, such as fgrad.grad(f).
        example_args: arrays, numbers or fgrad.ShapeDtypeStruct: their shapes and dtypes are those of all calls. Values are not read.

    Returns:
        A function of as many arguments. In @njit code, as from Python, it returns new arrays and numbers: one value, or a flat tuple of the leaves of
        what `fun` returns. Arrays that are not contiguous are copied. Numba does not keep code that calls it on disk (cache=True). Its method
        `cfunc()` gives a C function.

    Raises:
        ArgumentError: an example that is not an array or a number; arrays that are traced are closed over. UnsupportedError: a part of `fun`
        has no native form. When called: ValueError for an array of another shape; TypeError (a TypingError of Numba in @njit code) for another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> from numba import njit
        >>> slope = fgrad.numba_function(fgrad.grad(lambda x: np.sum(np.sin(x) ** 2)), np.zeros(3))
        >>> @njit
        ... def descend(x, steps):
        ...     for _ in range(steps):
        ...         x = x - 0.1 * slope(x)
        ...     return x
        >>> descend(np.array([0.1, 0.2, 0.3]), 100).round(6)
        array([0., 0., 0.])
    """
    return NumbaFunction(fun, example_args)


class NumbaFunction:
    """A function compiled for arguments of given types, which @njit code and C can call; see `numba_function`."""

    def __init__(self, fun: Callable, example_args: Sequence[Any]):
        functools.update_wrapper(self, fun, updated=())
        self.fun, self.name = fun, function_name(fun)
        self.avals = tuple(self._aval(i, x) for i, x in enumerate(example_args))
        self.names = _argument_names(fun, len(self.avals))
        flat = FlatFunction(fun, tree.structure(tuple(0 for _ in self.avals)))
        with tracing(EVAL):
            jaxpr, consts = stage(flat, self.avals, fun)
        if any(isinstance(c, Tracer) for c in consts):
            raise ArgumentError(
                f"numba_function: {self.name} closes over a value that is being traced",
                "Make the compiled function outside of transformations.",
            )
        self.single = flat.out_tree == tree.LEAF
        self._bound = [_constant(c) for c in consts]
        self._native = _compiled(self.name, jaxpr)
        self.outputs = tuple(self._native.outputs)
        self._entry = self._native.entry(self._bound)
        self._c_functions: dict[bool, Any] = {}

    def _aval(self, i: int, x: Any) -> ShapedArray:
        if isinstance(x, (tuple, list, dict)):
            raise ArgumentError(
                f"numba_function: argument {i} of {self.name} is {short(x)}, and compiled functions take arrays and numbers",
                "Write a function around it that takes the parts one by one.",
            )
        return x if isinstance(x, ShapedArray) else typeof(tree.canonical_leaf(x, f"numba_function: argument {i} of {self.name}"))

    # -- from Python

    def __call__(self, *args: Any) -> Any:
        outs = self._entry(*args)
        if outs is NotImplemented:  # it takes arrays and numbers of exactly its types
            if has_tracer(args):
                out = self.fun(*args)
                return out if self.single else tuple(tree.leaves(out))
            if len(args) != len(self.avals):
                raise TypeError(f"{self.name} takes {len(self.avals)} arguments, and {len(args)} were given")
            outs = self._entry(*[self._argument(i, x) for i, x in enumerate(args)])
        if type(outs) is list:
            failed(outs, self._native.written)
        return outs[0] if self.single else outs

    def _argument(self, i: int, x: Any) -> Any:
        aval = self.avals[i]
        x = tree.canonical_leaf(x, f"{self.name}: argument {self.names[i]}")
        if x.shape != aval.shape:
            raise ShapeError(_wrong_shape(self.name, self.names[i], aval), f"It has shape {x.shape}.")
        if not (x.dtype == aval.dtype if aval.shape else np.can_cast(x.dtype, aval.dtype, "same_kind")):
            raise DtypeError(f"{self.name}: argument {self.names[i]} must be {aval!r}, and is {typeof(x)!r}")
        return np.require(x, None, ["C", "A"]) if aval.shape else aval.dtype.type(x)

    def __repr__(self) -> str:
        outs = ", ".join(map(repr, self.outputs))
        return f"<numba_function {self.name}({', '.join(map(repr, self.avals))}) -> {outs if self.single else f'({outs})'}>"

    def __reduce__(self) -> Any:
        return NumbaFunction, (self.fun, self.avals)

    # -- from @njit code

    @property
    def _numba_type_(self) -> Any:
        return importlib.import_module("numba").types.Dispatcher(self.dispatcher)

    @functools.cached_property
    def dispatcher(self) -> Any:
        """The function as one of Numba."""
        return self._dispatcher(failing=True)

    def _dispatcher(self, failing: bool) -> Any:
        numba = importlib.import_module("numba")
        names = ", ".join(self.names)
        space: dict[str, Any] = {"_self": self}
        exec(f"def _stub({names}): return _self({names})", space)  # where its source is traced, it is this function
        stub = space["_stub"]
        stub.__name__ = stub.__qualname__ = self.name if self.name.isidentifier() else "function"
        # raised where the types are known: an overload may refuse them with words of its own
        numba.extending.overload(stub)(_with_signature(names, lambda *types: self._implementation(types, failing)))
        exec(f"def call({names}): return _stub({names})", space)
        kept.append((stub, self._bound, self._native))
        return numba.njit(space["call"])

    def _implementation(self, types: Sequence[Any], failing: bool) -> Callable:
        """The function of Numba for arguments of these types of Numba's."""
        written = self._native.written
        # names that begin with an underscore are ours: those of arguments may be any others
        space: dict[str, Any] = {"_np": np, "_invoke": invocation(self._native, self._bound)}
        lines, inputs, outputs, results = [], [], [], []
        for i, (name, aval, given) in enumerate(zip(self.names, self.avals, types, strict=True)):
            value = self._accepted(i, given)
            if aval.shape:
                lines.append(f"if {name}.shape != {aval.shape}: raise ValueError({_wrong_shape(self.name, name, aval)!r})")
            lines.append(f"_in{i} = {value}")
            inputs.append(f"_in{i}")
        for i, aval in enumerate(self.outputs):
            if aval.shape:
                space[f"_dtype{i}"] = aval.dtype.type
                lines.append(f"_out{i} = _np.empty({aval.shape}, _dtype{i})")
                outputs.append(f"_out{i}")
            results.append(f"_out{i}" if aval.shape else f"_r[{1 + sum(not a.shape for a in self.outputs[:i])}]")
        scratch = f"_np.empty({written.work + ALIGNMENT}, _np.uint8)" if written.work > _ON_STACK else "0"
        lines.append(f"_r = _invoke({_tuple(inputs)}, {_tuple(outputs)}, {scratch})")
        if failing:
            for status, (error, what) in _FAILURES.items():
                space[f"_error{status}"] = error
                lines.append(f"if _r[0] == {status}: raise _error{status}({f'{self.name}: {what}'!r})")
        else:
            lines.append("if _r[0] != 0: return _np.nan")
        lines.append(f"return {results[0] if self.single else _tuple(results)}")
        exec(f"def implementation({', '.join(self.names)}):\n  " + "\n  ".join(lines), space)
        return space["implementation"]

    def _accepted(self, i: int, given: Any) -> str:
        """The text that makes of an argument of this type of Numba's what the program takes."""
        numba = importlib.import_module("numba")
        types, as_dtype = numba.types, numba.np.numpy_support.as_dtype
        name, aval = self.names[i], self.avals[i]
        given = types.unliteral(given)
        is_array = isinstance(given, types.Array)
        if is_array and given.ndim == aval.ndim and aval.ndim and as_dtype(given.dtype) == aval.dtype and given.aligned:
            return name if given.layout == "C" else f"_np.ascontiguousarray({name})"
        number = given.dtype if is_array and not given.ndim else given
        if not aval.ndim and isinstance(number, (types.Number, types.Boolean)) and np.can_cast(as_dtype(number), aval.dtype, "same_kind"):
            return f"{name}[()]" if is_array else name
        raise numba.core.errors.TypingError(f"{self.name}: argument {name} must be {aval!r}, and is {given}")

    # -- from C

    def cfunc(self, user_data: bool = False) -> Any:
        """The function as one of C, for scipy.LowLevelCallable(f.cfunc().ctypes) and the like.

        Args:
            user_data: the last argument is not passed by value: a `void*` points to its data.

        Returns:
            A numba.cfunc: its `.ctypes` and `.address` are of a function
            `double (double)`, where one number is left, or `double (int n, double* xx)`, where it is n numbers or one vector of n;
            with `void* user_data` as the last argument. Where the function fails it returns nan.

        Raises:
            UnsupportedError: the function does not return one float64, or its arguments are not numbers and vectors of float64.

        Example:
            >>> import fgrad, numpy as np, scipy
            >>> slope = fgrad.numba_function(fgrad.grad(np.sin), 0.0)
            >>> value, error = scipy.integrate.quad(scipy.LowLevelCallable(slope.cfunc().ctypes), 0.0, 1.0)
            >>> print(round(value, 12))
            0.841470984808
        """
        if user_data not in self._c_functions:
            self._c_functions[user_data] = self._c_function(user_data)
        return self._c_functions[user_data]

    def _c_function(self, user_data: bool) -> Any:
        numba = importlib.import_module("numba")
        types = numba.types
        f64 = np.dtype(np.float64)
        direct = self.avals[: len(self.avals) - user_data]
        vector = len(direct) == 1 and direct[0].ndim == 1
        if not self.single or self.outputs[0] != ShapedArray((), f64):
            raise UnsupportedError(f"cfunc: a C function returns one float64, and {self!r} does not")
        if any(a.dtype != f64 for a in self.avals) or not direct or not (vector or all(not a.shape for a in direct)):
            raise UnsupportedError(
                f"cfunc: the arguments of a C function are numbers or one vector of float64, and those of {self!r} are not"
            )
        pointer, size = types.CPointer(types.float64), direct[0].shape[0] if vector else len(direct)
        space: dict[str, Any] = {"f": self._dispatcher(failing=False), "carray": numba.carray, "nan": np.nan, "f64": np.float64}
        if size == 1 and not vector:
            names, arguments, given = ["x"], [types.float64], ["x"]
        else:
            names, arguments = ["n", "xx"], [types.intc, pointer]
            given = ["carray(xx, (n,))"] if vector else [f"xx[{i}]" for i in range(size)]
        lines = [f"if n != {size}: return nan"] if len(names) == 2 else []
        if user_data:
            names.append("data")
            arguments.append(types.voidptr)
            last = self.avals[-1]
            given.append(f"carray(data, {last.shape or (1,)}, f64)" + ("" if last.shape else "[0]"))
        lines.append(f"return f({', '.join(given)})")
        exec(f"def c_function({', '.join(names)}):\n  " + "\n  ".join(lines), space)
        found = numba.cfunc(types.float64(*arguments))(space["c_function"])
        kept.append(found)
        return found


CALLABLES.append(lambda value: calling(functools.partial(outside, value)) if isinstance(value, NumbaFunction) else None)


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _wrong_shape(function: str, argument: str, aval: ShapedArray) -> str:
    return f"{function}: argument {argument} must be {aval!r}, of shape {aval.shape}"


def _constant(x: Any) -> Any:
    return np.require(x, None, ["C", "A"]).copy() if isinstance(x, np.ndarray) and x.ndim else x


def _argument_names(fun: Callable, n: int) -> list[str]:
    """Names for the arguments: the function's own, where it has names for them."""
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:n]
    return positional if len(positional) == n and not any(p.startswith("_") for p in positional) else [f"x{i}" for i in range(n)]


def _with_signature(names: str, function: Callable) -> Callable:
    """The function with parameters of these names, as an overload needs."""
    space: dict[str, Any] = {"_function": function}
    exec(f"def _typed({names}): return _function({names})", space)
    return space["_typed"]


def _compiled(name: str, jaxpr: Jaxpr) -> Native:
    try:
        return native_program(jaxpr)
    except NotNative as e:
        calls = sorted({p.primitive.name for p in parts(prepared(jaxpr)) if hasattr(p, "primitive")})  # type: ignore[union-attr]
        raise UnsupportedError(
            f"numba_function: {name} has parts with no native form: {', '.join(calls) or e}",
            "Callbacks, lifted functions and some decompositions are called from Python, and so cannot be in a function of Numba.",
        ) from None


__all__ = ["numba_function"]
