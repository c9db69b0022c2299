"""lift: compiled Numba functions as they are, with a derivative that the user gives."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.custom import custom_jvp, custom_vjp
from fgrad.control.lifted import LiftedFunction, lifted
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.source import function_name
from fgrad.interop.arrays import calling
from fgrad.interop.namespace import CALLABLES, outside
from fgrad.numpy.protocol import has_tracer


class lift:
    """A compiled Numba function as one operation: it is called as it is, and its derivative is the one you give.

    To differentiate an @njit function without giving anything, call it: on traced values its Python source is traced. Lift a function whose loops depend on
    values that are not known when it is traced, or are long, or whose derivative is known in closed form.

    Args:
        fun: an @njit function of numbers and arrays, which it must not change, that returns a number, an array or a tuple of these; or a @vectorize function.
        jvp: its derivative as of `custom_jvp`: rule(primals, tangents) returns (output, tangent of the output), linear in tangents.
        vjp: or its derivative as of `custom_vjp`, a pair (fwd, bwd): fwd(*args) returns (output, residuals), bwd(residuals, ct) a tuple of
            cotangents. Reverse mode only.
        result: the type of the result, for jit, scan and the like, where `fun` returns arrays: an fgrad.ShapeDtypeStruct (or an example array), a
            tuple of them, or a function of those of the arguments that returns them. Numba says what numbers are.
        elementwise: `fun` is a function of numbers, and is applied to each entry of arrays, broadcast against each other.

    Returns:
        A function of the same arguments. It works under grad, jvp, vmap (one call for each example, unless elementwise), jit and in loops, to the
        order to which the rule can be differentiated. It can be called from @njit code too, where it is `fun`.

    Raises:
        ArgumentError: `fun` is not a function of Numba; both jvp and vjp; `result` is needed, or does not fit. UnsupportedError: it is differentiated, and
        there is no rule. TreeError, ShapeError, DtypeError: a rule returns another output than `fun`, or derivatives of other types.

    Example:
        >>> import fgrad, numpy as np
        >>> from numba import njit
        >>> @njit
        ... def kepler(m, e):  # Newton's method, until it has converged: E - e sin E = m
        ...     x, step = m, 1.0
        ...     while abs(step) > 1e-14:
        ...         step = (x - e * np.sin(x) - m) / (1 - e * np.cos(x))
        ...         x -= step
        ...     return x
        >>> def rule(primals, tangents):
        ...     (m, e), (tm, te) = primals, tangents
        ...     x = solve(m, e)
        ...     return x, (tm + np.sin(x) * te) / (1 - e * np.cos(x))
        >>> solve = fgrad.lift(kepler, jvp=rule, elementwise=True)
        >>> fgrad.grad(lambda e: np.sum(solve(np.array([0.5, 1.0]), e)))(0.3).round(6)
        np.float64(1.877154)
    """

    def __init__(
        self,
        fun: Callable,
        jvp: Callable | None = None,
        vjp: Sequence[Callable] | None = None,
        result: Any = None,
        elementwise: bool = False,
    ):
        ufunc = isinstance(fun, _types("numba.np.ufunc.dufunc", "DUFunc"))
        if not (ufunc or isinstance(fun, _types("numba.core.dispatcher", "Dispatcher"))):
            raise ArgumentError(
                f"lift: {function_name(fun)} is not an @njit function, nor made with @vectorize: {short(fun)}",
                "Decorate it with numba.njit. Any function of NumPy arrays can be called with fgrad.pure_callback.",
            )
        if jvp is not None and vjp is not None:
            raise ArgumentError("lift: give jvp, which serves forward and reverse mode, or vjp, not both")
        if vjp is not None and not (isinstance(vjp, (tuple, list)) and len(vjp) == 2 and all(map(callable, vjp))):
            raise ArgumentError(f"lift: vjp is a pair of functions (fwd, bwd), not {short(vjp)}")
        functools.update_wrapper(self, fun, updated=())
        self.fun = fun
        self.function = LiftedFunction(fun, _result(result), elementwise or ufunc)
        call: Any = functools.wraps(fun, updated=())(lambda *args: self._bind(*args))
        if jvp is not None:
            call = custom_jvp(call)
            call.defjvp(lambda primals, tangents: self._checked(jvp(primals, tangents), primals, "jvp", "an output and its tangent"))
        elif vjp is not None:
            fwd, bwd = vjp
            call = custom_vjp(call)
            call.defvjp(lambda *args: self._checked(fwd(*args), args, "fwd", "an output and residuals"), bwd)
        self._derived = call

    def __call__(self, *args: Any) -> Any:
        args = tuple(self._operand(i, x) for i, x in enumerate(args))
        if self.function.elementwise:
            args = tuple(fnp.broadcast_arrays(*args)) if len(args) > 1 else args
        return self._derived(*args) if has_tracer(args) else self._bind(*args)

    def __repr__(self) -> str:
        return f"<lift {self.function.__name__}>"

    @property
    def _numba_type_(self) -> Any:
        return sys.modules["numba"].types.Dispatcher(self.fun)

    def _operand(self, i: int, x: Any) -> Any:
        if isinstance(x, (tuple, list, dict)):
            raise DtypeError(
                f"lift: argument {i} of {self.function.__name__} is {short(x)}",
                "A lifted function takes numbers and arrays; write an @njit function around it that takes them one by one.",
            )
        return tree.canonical_leaf(x, f"lift: argument {i} of {self.function.__name__}")

    def _bind(self, *args: Any) -> Any:
        outs = lifted(*args, function=self.function, loops=())
        return tuple(outs) if self._several(args) else outs[0]

    def _several(self, args: Sequence[Any]) -> bool:
        return self.function.outputs([typeof(x) for x in args])[0]

    def _checked(self, pair: Any, args: Sequence[Any], rule: str, both: str) -> Any:
        """What a rule returned, if its first part is an output of the function for these arguments."""
        name = self.function.__name__
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
            raise ArgumentError(f"lift: the {rule} of {name} must return a pair, {both}, and it returned {short(pair)}")
        several, outputs = self.function.outputs([typeof(x) for x in args])
        found = pair[0] if isinstance(pair[0], (tuple, list)) else (pair[0],)
        if isinstance(pair[0], (tuple, list)) != several or len(found) != len(outputs):
            expected = f"a tuple of {len(outputs)}" if several else "one value"
            raise TreeError(f"lift: {name} returns {expected}, and the output that its {rule} returned is {short(pair[0])}")
        shape = np.broadcast_shapes(*[typeof(x).shape for x in args]) if self.function.elementwise else None
        for x, o in zip(found, outputs, strict=True):
            aval = typeof(tree.canonical_leaf(x, f"lift: the output that the {rule} of {name} returned"))
            if len(aval.shape) != o.ndim if shape is None else aval.shape != shape:
                raise ShapeError(
                    f"lift: {name} returns {ShapedArray(shape, o.dtype) if shape is not None else o!r}, and its {rule} {aval!r}"
                )
            if aval.dtype != o.dtype:
                raise DtypeError(f"lift: {name} returns {o!r}, and its {rule} {aval!r}")
        return pair


def _types(module: str, name: str) -> Any:
    """A class of Numba, if it is loaded."""
    found = sys.modules.get(module)
    return () if found is None else getattr(found, name)


def _result(result: Any) -> Any:
    if result is None or (callable(result) and not isinstance(result, ShapedArray)):
        return result
    leaves = result if isinstance(result, (tuple, list)) else (result,)
    return tuple(x if isinstance(x, ShapedArray) else typeof(tree.canonical_leaf(x, "lift: result")) for x in leaves)


CALLABLES.append(lambda value: calling(functools.partial(outside, value)) if isinstance(value, lift) else None)

__all__ = ["lift"]
