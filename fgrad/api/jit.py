"""jit: a function staged once for each structure and types of its arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, call_path, flatten_args, owned
from fgrad.compile.program import compiled
from fgrad.compile.simplify import simplify
from fgrad.control import native as _native  # noqa: F401 (its rules for loops register themselves)
from fgrad.control.call import call
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.config import config
from fgrad.core.errors import ArgumentError
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import EvalTrace, Tracer, current_trace

_PLAIN = (np.ndarray, np.float64, np.float32, np.int64, np.bool_)


@dataclass(frozen=True)
class Lowered:
    """The stages of a jitted function for one set of argument types."""

    jaxpr: ClosedJaxpr

    @property
    def simplified(self) -> ClosedJaxpr:
        """The program that runs: calls inlined, constants folded, common subexpressions shared, dead code removed."""
        return ClosedJaxpr(simplify(self.jaxpr.jaxpr), self.jaxpr.consts)


def jit(
    fun: Callable, static_argnums: int | Sequence[int] = (), static_argnames: str | Sequence[str] = (), inline: bool = False
) -> Callable:
    """The same function, staged: Python runs once for each structure and types of the arguments, and what it wrote runs after that.

    Args:
        fun: a function of arrays or pytrees.
        static_argnums, static_argnames: arguments that are not traced, by position or name; they are hashable, and each value is staged apart.
        inline: writes the equations into the program around it rather than a call.

    Returns:
        A function of the same arguments. Python side effects of `fun` happen only when it is staged, and arrays that it closes over are copied
        then: pass what changes as an argument. Its method `lower(*args)` shows the stages:
        `.jaxpr`, and `.simplified`, which is what runs.

    Raises:
        ArgumentError: a static argument is not hashable. ConcretizationError: `fun` asks for the value of a traced argument.

    Example:
        >>> import fgrad, numpy as np
        >>> f = fgrad.jit(lambda x, n: x ** n, static_argnums=1)
        >>> float(f(3.0, 2)), float(fgrad.grad(f)(3.0, 2))
        (9.0, 6.0)
    """
    numbers = {static_argnums} if isinstance(static_argnums, int) else set(static_argnums)
    names = {static_argnames} if isinstance(static_argnames, str) else set(static_argnames)
    numbers, names = _both_spellings(fun, numbers, names)
    cache: dict[tuple, tuple[Jaxpr, list, tree.TreeDef]] = {}

    def staged(args: tuple, kwargs: dict[str, Any]) -> tuple[Jaxpr, list, tree.TreeDef, list]:
        fixed = {i % len(args): args[i] for i in numbers if -len(args) <= i < len(args)}
        fixed_kw = {k: v for k, v in kwargs.items() if k in names}
        dynamic = tuple(a for i, a in enumerate(args) if i not in fixed)
        leaves, in_tree = flatten_args((dynamic, {k: v for k, v in kwargs.items() if k not in names}), "jit: argument", call_path)
        avals = [typeof(x) for x in leaves]
        key = (
            in_tree,
            tuple(avals),
            tuple((i, type(v), v) for i, v in fixed.items()),
            tuple((k, type(v), v) for k, v in sorted(fixed_kw.items())),
        )
        try:
            found = cache.get(key)
        except TypeError:
            _refuse_unhashable(fun, {**fixed, **fixed_kw})
            raise
        if found is None:

            def whole(some: tuple, kw: dict) -> Any:
                rest = iter(some)
                return fun(*[fixed[i] if i in fixed else next(rest) for i in range(len(args))], **kw, **fixed_kw)

            flat = FlatFunction(whole, in_tree)
            jaxpr, consts = stage(flat, avals, fun)
            # what was computed of a constant while staging is fixed, so the constant itself must be
            consts = [c.copy() if type(c) is np.ndarray else c for c in consts]
            found = jaxpr, consts, flat.out_tree
            if not any(isinstance(c, Tracer) for c in consts):  # tracers that it closes over belong to this call
                cache[key] = found
        jaxpr, consts, out_tree = found
        return jaxpr, consts, out_tree, leaves

    # compiled programs by structure, shapes and dtypes: for calls with arrays alone, where values are computed
    quick: dict[tuple, tuple] = {}

    @functools.wraps(fun)
    def jitted(*args: Any, **kwargs: Any) -> Any:
        if not config.jit:
            return fun(*args, **kwargs)
        key = None
        if not (kwargs or numbers or inline) and config.compile and type(current_trace()) is EvalTrace:
            leaves, in_tree = tree.flatten(args)
            key = (in_tree, *[(x.shape, x.dtype) if type(x) is np.ndarray else type(x) for x in leaves])
            found = quick.get(key)
            if found is not None:
                run, consts, out_tree = found
                return tree.unflatten(out_tree, owned(run(*consts, *leaves)))
        jaxpr, consts, out_tree, leaves = staged(args, kwargs)
        if key is not None and all(type(x) in _PLAIN for x in leaves) and not any(isinstance(c, Tracer) for c in consts):
            run = compiled(jaxpr)
            if run is not None:
                quick[key] = run, consts, out_tree
        outs = jaxpr(*consts, *leaves) if inline else call(*consts, *leaves, jaxpr=jaxpr, name=function_name(fun))
        return tree.unflatten(out_tree, owned(outs))

    def lower(*args: Any, **kwargs: Any) -> Lowered:
        jaxpr, consts, _, _ = staged(args, kwargs)
        return Lowered(ClosedJaxpr(jaxpr, tuple(consts)))

    jitted.lower = lower  # type: ignore[attr-defined]
    return jitted


def _both_spellings(fun: Callable, numbers: set[int], names: set[str]) -> tuple[set[int], set[str]]:
    """A static argument is static whether it is passed by position or by name."""
    try:
        parameters = [n for n, p in inspect.signature(fun).parameters.items() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        return numbers, names
    by_number = {parameters[i] for i in numbers if -len(parameters) <= i < len(parameters)}
    by_name = {parameters.index(n) for n in names if n in parameters}
    return numbers | by_name, names | by_number


def _refuse_unhashable(fun: Callable, fixed: dict[Any, Any]) -> None:
    for where, value in fixed.items():
        try:
            hash(value)
        except TypeError as e:
            raise ArgumentError(
                f"jit: the static argument {where!r} of {function_name(fun)} is not hashable: {short(value)}",
                "Static arguments are looked up in a cache. Pass a tuple for a list, or leave the argument out of static_argnums.",
            ) from e


__all__ = ["jit"]
