"""jit: a function staged once for each structure and types of its arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.dispatch import REFUSED, Ways, python_entry, write_way
from fgrad.api.flat import FlatFunction, call_path, flatten_args, owned
from fgrad.api.lowered import Lowered
from fgrad.api.misses import Key, Misses
from fgrad.compile.backend import compiled
from fgrad.control.call import call
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.config import config
from fgrad.core.errors import ArgumentError
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import EVAL, Tracer, current_trace

_PLAIN = {np.ndarray, np.float64, np.float32, np.int64, np.bool_}


def jit(
    fun: Callable | None = None,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
    inline: bool = False,
) -> Callable:
    """The same function, staged: Python runs once for each structure and types of the arguments, and what it wrote runs after that.

    Args:
        fun: a function of arrays or pytrees; without it, a decorator: `@jit(static_argnums=1)`.
        static_argnums, static_argnames: arguments that are not traced, by position or name; they are hashable, and each value is staged apart.
        inline: writes the equations into the program around it rather than a call.

    Returns:
        A function of the same arguments. Python side effects of `fun` happen only when it is staged, and arrays that it closes over are copied
        then: pass what changes as an argument. Its method `lower(*args)` shows the stages: `.jaxpr`, `.simplified`, `.loops`, `.source` (a listing
        of what runs), `.llvm`, and `.cost` (operations and bytes of each part). Its method `explain_misses()`
        says which calls were staged or compiled, and why.

    Raises:
        ArgumentError: fun is no function, or has no such static argument; later, a static argument is not hashable.
        ConcretizationError: `fun` asks for the value of a traced argument.

    Example:
        >>> import fgrad, numpy as np
        >>> f = fgrad.jit(lambda x, n: x ** n, static_argnums=1)
        >>> float(f(3.0, 2)), float(fgrad.grad(f)(3.0, 2))
        (9.0, 6.0)
    """
    if fun is None:
        return functools.partial(jit, static_argnums=static_argnums, static_argnames=static_argnames, inline=inline)
    if not callable(fun):
        raise ArgumentError(f"jit takes a function, not {short(fun)}", "Write fgrad.jit(f)(x), not fgrad.jit(f(x)).")
    state = _Jitted(fun, static_argnums, static_argnames, inline)
    ways, misses = state.ways, state.misses

    @functools.wraps(fun)
    def jitted(*args: Any, **kwargs: Any) -> Any:
        if not config.jit:
            misses.plain += 1
            return fun(*args, **kwargs)
        if config.compile and current_trace() is EVAL:
            out = ways.first(args, kwargs)
            if out is not REFUSED:
                return out
            out = ways.others(args, kwargs)
            return state.compute(args, kwargs) if out is REFUSED else out
        return state.trace(args, kwargs)

    jitted.lower = state.lower  # type: ignore[attr-defined]
    jitted.explain_misses = misses.explain  # type: ignore[attr-defined]
    return jitted


class _Staged:
    """A function staged for one structure and types of its arguments."""

    __slots__ = ("jaxpr", "consts", "out_tree", "key", "lasting", "why", "miss", "run", "asked", "entry")

    def __init__(self, jaxpr: Jaxpr, consts: list, out_tree: tree.TreeDef, key: Key, why: str):
        self.jaxpr, self.consts, self.out_tree, self.key, self.why = jaxpr, consts, out_tree, key, why
        self.lasting = not any(isinstance(c, Tracer) for c in consts)  # tracers that it closes over belong to one call
        self.miss = 0
        self.asked = False  # whether it has been compiled, or has failed to
        self.run: Callable[..., list] | None = None
        self.entry: Callable[..., Any] | None = None  # the program as a quick function of the leaves, if it has one

    def compile(self) -> None:
        self.asked = True
        self.run = compiled(self.jaxpr)
        make = getattr(self.run, "entry", None)
        if make is not None:
            self.entry = make(self.consts)
        elif self.run is not None:
            self.entry = python_entry(self.run, self.consts, self.key[1])


class _Jitted:
    """What a jitted function knows: what was staged, the programs, the quick ways to them, and why there are so many."""

    def __init__(self, fun: Callable, static_argnums: int | Sequence[int], static_argnames: str | Sequence[str], inline: bool):
        numbers = {static_argnums} if isinstance(static_argnums, int) else set(static_argnums)
        names = {static_argnames} if isinstance(static_argnames, str) else set(static_argnames)
        self.fun, self.inline = fun, inline
        self.numbers, self.names = _both_spellings(fun, numbers, names)
        self.cache: dict[Key, _Staged] = {}
        self.quick: dict[tuple, _Staged] = {}  # compiled ones by structure, shapes and dtypes, where no argument is static or given by name
        self.ways = Ways()
        self.misses = Misses(fun)

    def staged(self, args: tuple, kwargs: dict[str, Any], why: str = "") -> tuple[_Staged, list]:
        """The function staged for such arguments, and their leaves. `why`: what stages it here, if not a call that computes."""
        fixed = {i % len(args): args[i] for i in self.numbers if -len(args) <= i < len(args)}
        fixed_kw = {k: v for k, v in kwargs.items() if k in self.names}
        positions = tuple([i for i in range(len(args)) if i not in fixed])
        leaves, in_tree = flatten_args(
            (tuple([args[i] for i in positions]), {k: v for k, v in kwargs.items() if k not in self.names}),
            "jit: argument",
            lambda path: call_path(path, positions),
        )
        key = (
            in_tree,
            tuple([typeof(x) for x in leaves]),
            tuple((i, type(v), v) for i, v in sorted(fixed.items())),
            tuple((k, type(v), v) for k, v in sorted(fixed_kw.items())),
        )
        try:
            found = self.cache.get(key)
        except TypeError:
            _refuse_unhashable(self.fun, {**fixed, **fixed_kw})
            raise
        if found is None:
            found = self._stage(len(args), fixed, fixed_kw, key, why)
            if found.lasting:
                found.miss = self.misses.record(key, positions, why)
                self.cache[key] = found
            else:
                outer = next(c for c in found.consts if isinstance(c, Tracer))
                self.misses.record(
                    key, positions, f"it closes over a traced value, {short(outer)}: what is staged is of use to this call alone", False
                )
        return found, leaves

    def _stage(self, n: int, fixed: dict[int, Any], fixed_kw: dict[str, Any], key: Key, why: str) -> _Staged:
        def whole(some: tuple, kw: dict) -> Any:
            rest = iter(some)
            return self.fun(*[fixed[i] if i in fixed else next(rest) for i in range(n)], **kw, **fixed_kw)

        flat = FlatFunction(whole, key[0])
        jaxpr, consts = stage(flat, key[1], self.fun)
        # what was computed of a constant while staging is fixed, so the constant itself must be
        return _Staged(jaxpr, [c.copy() if type(c) is np.ndarray else c for c in consts], flat.out_tree, key, why)

    def trace(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        """A call inside another transformation, or one that is interpreted."""
        return self._run(
            *self.staged(args, kwargs, "with config.compile off" if current_trace() is EVAL else "inside another transformation")
        )

    def _run(self, found: _Staged, leaves: list) -> Any:
        inputs = [*found.consts, *leaves]
        outs = found.jaxpr(*inputs) if self.inline else call(*inputs, jaxpr=found.jaxpr, name=function_name(self.fun))
        return tree.unflatten(found.out_tree, owned(outs))

    def compute(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        """A call that computes and compiles, and that no way served."""
        key = None
        if not (kwargs or self.numbers or self.inline):
            given, in_tree = tree.flatten(args)
            if all(type(x) in _PLAIN for x in given):
                key = (in_tree, *[(x.shape, x.dtype) if type(x) is np.ndarray else type(x) for x in given])
                found = self.quick.get(key)
                if found is not None:
                    run: Any = found.run
                    result = tree.unflatten(found.out_tree, owned(run(*found.consts, *given)))
                    self._open_way(found, args, kwargs, result)
                    return result
        found, leaves = self.staged(args, kwargs)
        result = self._run(found, leaves)
        if found.lasting and not self.inline:
            if not found.asked:
                if found.why:
                    self.misses.record(found.key, (), f"compiled now; {found.miss} staged it {found.why}", False)
                found.compile()
            if found.run is not None:
                if key is not None:
                    self.quick[key] = found
                self._open_way(found, args, kwargs, result)
        return result

    def _open_way(self, found: _Staged, args: tuple, kwargs: dict[str, Any], result: Any) -> None:
        if found.entry is not None:
            in_tree, _, fixed, fixed_kw = found.key
            statics = {i: v for i, _, v in fixed}, {k: v for k, _, v in fixed_kw}
            make = lambda: write_way(in_tree, args, kwargs, *statics, found.out_tree, result)
            self.ways.add((in_tree, fixed, fixed_kw, found.out_tree), found.entry, make)

    def lower(self, *args: Any, **kwargs: Any) -> Lowered:
        found, _ = self.staged(args, kwargs, "for lower()")
        return Lowered(ClosedJaxpr(found.jaxpr, tuple(found.consts)))


def _both_spellings(fun: Callable, numbers: set[int], names: set[str]) -> tuple[set[int], set[str]]:
    """A static argument is static whether it is passed by position or by name; it is one that `fun` has."""
    try:
        found = inspect.signature(fun).parameters
    except (TypeError, ValueError):
        return numbers, names
    parameters = [n for n, p in found.items() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    kinds = {p.kind for p in found.values()}
    if inspect.Parameter.VAR_KEYWORD not in kinds and not names <= found.keys():
        raise ArgumentError(
            f"jit: static_argnames has {sorted(names - found.keys())}, which {function_name(fun)} does not take",
            f"Its arguments are {', '.join(found) or 'none'}.",
        )
    if inspect.Parameter.VAR_POSITIONAL not in kinds and any(not -len(parameters) <= i < len(parameters) for i in numbers):
        raise ArgumentError(
            f"jit: static_argnums has {sorted(numbers)}, but {function_name(fun)} has {len(parameters)} positional arguments",
            "It counts them from 0.",
        )
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
