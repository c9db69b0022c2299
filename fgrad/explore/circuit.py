"""A function at a point: its program, with the value and the gradient of every variable. What the pictures of this room are drawn from.

`trace_circuit(f, args)` stages f and runs its program forward and backward (`runs.py`). Nothing here knows about drawing.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, call_path, check_argnums, flatten_args
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, is_inexact, typeof
from fgrad.core.errors import ArgumentError, ConcretizationError
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr, Var
from fgrad.core.primitive import Primitive
from fgrad.core.source import function_name
from fgrad.core.stage import StageTrace, stage
from fgrad.core.trace import EVAL, Tracer, tracing
from fgrad.explore.runs import Budget, Run, run_backward, run_forward

MAX_EQUATIONS = 20_000
"""How many equations are run one by one, those of every step of a loop counted: about a second's work."""


@dataclass(eq=False)
class Circuit:
    """A function at a point: its program, the run, and what the user calls its inputs and outputs."""

    name: str
    closed: ClosedJaxpr
    run: Run
    inputs: list[str]
    outputs: list[str]
    notes: list[str]

    @property
    def jaxpr(self) -> Jaxpr:
        return self.closed.jaxpr

    @property
    def invars(self) -> tuple[Var, ...]:
        """The inputs that are the user's arguments; the others are constants that the function closes over."""
        return self.jaxpr.invars[len(self.closed.consts) :]


def trace_circuit(fun: Callable, args: tuple, kwargs: dict[str, Any], cotangent: Any = None, static_argnums: Any = ()) -> Circuit:
    """Stages a function, and runs its program forward and backward.

    Args:
        fun: a function of arrays or pytrees.
        args, kwargs: its arguments, with values.
        cotangent: the cotangents of its output, of the same structure and shapes; ones where None, so gradients are those of the sum.
        static_argnums: positions of arguments that are passed as they are.

    Returns:
        The Circuit.

    Raises:
        ConcretizationError: an argument is a traced value.
        ArgumentError: the program has more than MAX_EQUATIONS equations.
    """
    name = function_name(fun).replace("<lambda>", "output")
    for x in tree.leaves((args, kwargs)):
        if isinstance(x, Tracer):
            raise ConcretizationError(
                f"graph of {name} needs values, and an argument is traced: {x!r}",
                "Call graph(f)(*args) outside of jit, grad and vmap, with arrays.",
            )
    fixed = check_argnums("graph", fun, static_argnums, args, "static_argnums")
    numbers = [i for i in range(len(args)) if i not in fixed]

    def dynamic_fun(dynamic: tuple, kw: dict) -> Any:
        rest = iter(dynamic)
        return fun(*[args[i] if i in fixed else next(rest) for i in range(len(args))], **kw)

    dynamic = (tuple(args[i] for i in numbers), kwargs)
    leaves, in_tree = flatten_args(dynamic, f"graph of {name}: argument", lambda p: " " + call_path(p, numbers).strip())
    flat = FlatFunction(dynamic_fun, in_tree)
    jaxpr, consts = stage(flat, [typeof(x) for x in leaves], fun, _Counted)
    closed, out_shape = ClosedJaxpr(jaxpr, tuple(consts)), flat.unflatten(jaxpr.out_avals)
    values = [*consts, *leaves]
    with tracing(EVAL):
        run = run_forward(closed.jaxpr, values, [i >= len(closed.consts) for i in range(len(values))], Budget(MAX_EQUATIONS))
        notes: list[str] = []
        cts = _seeds(closed.jaxpr, run, out_shape, cotangent, notes)
        run_backward(run, cts)
    inputs = input_names(fun, tree.paths(in_tree), numbers)
    outs, out_tree = tree.flatten(out_shape)
    outputs = [name] if len(outs) == 1 else tree.paths(out_tree)
    return Circuit(name, closed, run, inputs, outputs, notes)


class _Counted(StageTrace):
    """Stages until there is more than can be run equation by equation."""

    __slots__ = ()

    def record(self, prim: Primitive, args: Any, params: dict[str, Any], aval: Any) -> Any:
        if len(self.eqns) >= MAX_EQUATIONS:
            raise ArgumentError(
                f"graph of {function_name(self.fun)}: its program has more than {MAX_EQUATIONS:,} operations, and they are shown one by one",
                "Collapse what repeats: a Python loop as fgrad.scan or fgrad.fori_loop, a large part under fgrad.jit: each is one node.",
                "Or show a smaller case: fewer steps or layers have the same picture.",
            )
        return super().record(prim, args, params, aval)


def _seeds(jaxpr: Jaxpr, run: Run, out_shape: Any, cotangent: Any, notes: list[str]) -> list:
    """Cotangents of the outputs: what the user gave, or ones."""
    avals = jaxpr.out_avals
    if cotangent is not None:
        given, structure = tree.flatten(cotangent)
        if structure != tree.structure(out_shape):
            raise ArgumentError(
                f"graph: the cotangent has the structure {tree.show(structure)}, the output {tree.show(tree.structure(out_shape))}",
                "Give one array for each output, of its shape.",
            )
        seeds: list[Any] = []
        for x, a in zip(given, avals, strict=True):
            x = tree.canonical_leaf(x, "graph: a cotangent")
            if x.shape != a.shape:
                raise ArgumentError(f"graph: a cotangent of type {typeof(x)!r} for an output of type {a!r}", "It has the output's shape.")
            seeds.append(np.asarray(x, a.dtype)[()] if is_inexact(a.dtype) else None)
        return seeds
    seeds = [np.ones(a.shape, a.dtype)[()] if is_inexact(a.dtype) and type(a) is ShapedArray else None for a in avals]
    reached = [a for a, v in zip(avals, jaxpr.outvars, strict=True) if type(v) is Var and v in run.active]
    if not reached:
        notes.append("No output depends on a floating-point argument: there are no gradients.")
    elif sum(math.prod(a.shape) for a in reached) != 1:
        notes.append("The output is not one number: the gradients are those of the sum of its entries. Give others with cotangent=.")
    if any(a.dtype.kind == "c" for a in [*avals, *jaxpr.in_avals] if hasattr(a, "shape")):
        notes.append("Gradients of complex values are cotangents, by the convention of fgrad.vjp.")
    return seeds


def input_names(fun: Callable, paths: Sequence[str], numbers: Sequence[int]) -> list[str]:
    """What the user calls each leaf of (args, kwargs): `w`, `params['w']`."""
    try:
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is p.VAR_POSITIONAL), "args")
    found = []
    for path in paths:
        text = call_path(path, numbers).strip()
        head = text[: len(text) - len(text.lstrip("0123456789"))]
        if head and path.startswith("[0]"):
            i = int(head)
            text = (named[i] if i < len(named) else f"{rest}[{i - len(named)}]") + text[len(head) :]
        found.append(text)
    return found
