"""The values and gradients of every variable of a program: what the pictures of this room are drawn from.

`trace_circuit(f, args)` stages f, runs its equations one by one and keeps each value, then goes backward equation by equation with the same
rules as `grad` and keeps each cotangent. A `Run` is one execution of a jaxpr; the program of a loop has one for each step, of a branch or a call
one. Nothing here knows about drawing.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, call_path, check_argnums, flatten_args
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, concrete_zeros, is_inexact, typeof
from fgrad.core.errors import ArgumentError, ConcretizationError, FgradError
from fgrad.core.jaxpr import ClosedJaxpr, Equation, Jaxpr, Literal, Var
from fgrad.core.primitive import Primitive
from fgrad.core.source import function_name
from fgrad.core.stage import StageTrace, stage
from fgrad.core.trace import EVAL, Tracer, tracing
from fgrad.ops.stacks import accumulate
from fgrad.transforms.autodiff import LinearProgram, linearize_flat
from fgrad.transforms.jaxprs import cut
from fgrad.transforms.transpose import transpose_program

MAX_EQUATIONS = 20_000
"""How many equations are run one by one, those of every step of a loop counted: about a second's work."""
MAX_JACOBIAN = 64
"""Entries up to which a local derivative that is no elementwise one is computed in full."""


@dataclass(eq=False)
class Run:
    """One execution of a jaxpr: `values` of all its variables; `cotangents` of those that were reached going backward."""

    jaxpr: Jaxpr
    values: dict[Var, Any]
    cotangents: dict[Var, Any] = field(default_factory=dict)
    active: set[Var] = field(default_factory=set)  # depends on a differentiable input
    bodies: dict[int, Body] = field(default_factory=dict)  # of the equations that contain a program and were opened
    closed: dict[int, str] = field(default_factory=dict)  # why others were not
    problems: dict[int, str] = field(default_factory=dict)  # why an equation sent no cotangents back

    def value(self, a: Any) -> Any:
        return a.value if type(a) is Literal else self.values[a]

    def cotangent(self, a: Any) -> Any:
        """None for what has no gradient; a zero that no path reached is 0."""
        if type(a) is Literal or a not in self.active:
            return None
        found = self.cotangents.get(a)
        return np.zeros(a.aval.shape, a.aval.dtype)[()] if found is None and type(a.aval) is ShapedArray else found


@dataclass(eq=False)
class Body:
    """The program inside an equation, and its runs: the steps of a loop in order, or one."""

    kind: str  # loop, branch, call
    title: str
    jaxpr: Jaxpr
    runs: list[Run]
    steps: int = 1


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


def operands(eqn: Equation, run: Run) -> list:
    return [run.value(a) for a in eqn.inputs]


def named_bodies(run: Run, prefix: str = "") -> Iterator[tuple[str, Body]]:
    """The opened programs of a run with their keys, `3` and `3.0`, at the first step of each loop."""
    for i, body in run.bodies.items():
        yield f"{prefix}{i}", body
        yield from named_bodies(body.runs[0], f"{prefix}{i}.")


# -- forward ---------------------------------------------------------------------------------------------------------------------------------


class _Budget:
    """How many equations may still be run one by one."""

    def __init__(self, left: int):
        self.left = left

    def take(self, n: int) -> bool:
        if n > self.left:
            return False
        self.left -= n
        return True


def run_forward(jaxpr: Jaxpr, values: Sequence[Any], active: Sequence[bool], budget: _Budget) -> Run:
    run = Run(jaxpr, dict(zip(jaxpr.invars, values, strict=True)))
    run.active = {v for v, a in zip(jaxpr.invars, active, strict=True) if a and is_inexact(v.aval.dtype)}
    for i, eqn in enumerate(jaxpr.eqns):
        given = operands(eqn, run)
        out = eqn.primitive(*given, **eqn.params)
        run.values.update(zip(eqn.outvars, out if eqn.primitive.multi else (out,), strict=True))
        hot = [type(a) is Var and a in run.active for a in eqn.inputs]
        if any(hot) and eqn.primitive.differentiable:
            run.active.update(v for v in eqn.outvars if is_inexact(v.aval.dtype))
        opener = _OPENERS.get(eqn.primitive.name)
        if opener is not None:
            before = budget.left
            opened = opener(eqn, given, [run.values[v] for v in eqn.outvars], hot, budget)
            if isinstance(opened, Body):
                run.bodies[i] = opened
            else:
                budget.left, run.closed[i] = before, opened
    return run


def _too_long(steps: int, jaxpr: Jaxpr) -> str:
    return f"{steps:,} steps of {len(jaxpr.eqns):,} operations are too many to open"


def _open_call(eqn: Equation, given: list, outs: list, hot: list[bool], budget: _Budget) -> Body | str:
    jaxpr = eqn.params["jaxpr"]
    if not budget.take(len(jaxpr.eqns)):
        return f"{len(jaxpr.eqns):,} operations are too many to open"
    title = eqn.params.get("name") or eqn.primitive.name
    return Body("call", str(title), jaxpr, [run_forward(jaxpr, given, hot, budget)])


def _open_custom(eqn: Equation, given: list, outs: list, hot: list[bool], budget: _Budget) -> Body | str:
    """A function with a derivative of its own: its values; the gradients go by its rule and not through its operations."""
    jaxpr = eqn.params["fun"]
    if not isinstance(jaxpr, Jaxpr) or not budget.take(len(jaxpr.eqns)):
        return "it is not opened"
    names = [e.source.function for e in jaxpr.eqns if e.source]
    return Body("call", f"{names[0] if names else 'function'}, own rule", jaxpr, [run_forward(jaxpr, given, [False] * len(given), budget)])


def _open_cond(eqn: Equation, given: list, outs: list, hot: list[bool], budget: _Budget) -> Body | str:
    branches, index = eqn.params["branches"], int(given[0])
    jaxpr = branches[index]
    if not budget.take(len(jaxpr.eqns)):
        return f"{len(jaxpr.eqns):,} operations are too many to open"
    title = f"cond: {bool(index)}" if len(branches) == 2 else f"switch: {index}"
    return Body("branch", title, jaxpr, [run_forward(jaxpr, given[1:], hot[1:], budget)])


def _open_scan(eqn: Equation, given: list, outs: list, hot: list[bool], budget: _Budget) -> Body | str:
    p = eqn.params
    jaxpr, length, n_carry = p["jaxpr"], p["length"], p["n_carry"]
    h = int(length is None)
    _, consts, carry, xs = cut(given, h, p["n_consts"], n_carry)
    n = max(int(given[0]), 0) if length is None else length
    if not n:
        return "it ran no step"
    if not budget.take(n * len(jaxpr.eqns)):
        return _too_long(n, jaxpr)
    order = range(n - 1, -1, -1) if p["reverse"] else range(n)
    hot_consts, hot_carry, hot_xs = cut(hot[h:], p["n_consts"], n_carry)
    hot_carry = _hot_carry(jaxpr, hot_consts, hot_carry, hot_xs)
    runs = []
    for t in order:
        run = run_forward(jaxpr, [*consts, *carry, *[x[t] for x in xs]], [*hot_consts, *hot_carry, *hot_xs], budget)
        carry = [run.value(a) for a in jaxpr.outvars[:n_carry]]
        runs.append(run)
    return Body("loop", "scan", jaxpr, runs, n)


def _open_while(eqn: Equation, given: list, outs: list, hot: list[bool], budget: _Budget) -> Body | str:
    p = eqn.params
    jaxpr = p["body"]
    _, consts, carry = cut(given, p["n_cond"], p["n_body"])
    n = int(outs[len(carry)])
    if not n:
        return "it ran no step"
    if not budget.take(n * len(jaxpr.eqns)):
        return _too_long(n, jaxpr)
    _, hot_consts, hot_carry = cut(hot, p["n_cond"], p["n_body"])
    hot_carry = _hot_carry(jaxpr, hot_consts, hot_carry, [])
    runs = []
    for _ in range(n):
        run = run_forward(jaxpr, [*consts, *carry], [*hot_consts, *hot_carry], budget)
        carry = [run.value(a) for a in jaxpr.outvars[: len(carry)]]
        runs.append(run)
    return Body("loop", "while", jaxpr, runs, n)


def _hot_carry(jaxpr: Jaxpr, consts: list[bool], carry: list[bool], xs: list[bool]) -> list[bool]:
    """Which carries depend on a differentiable input after any number of steps."""
    while True:
        active = {v for v, a in zip(jaxpr.invars, [*consts, *carry, *xs], strict=True) if a}
        for eqn in jaxpr.eqns:
            if any(type(a) is Var and a in active for a in eqn.inputs):
                active.update(v for v in eqn.outvars if is_inexact(v.aval.dtype))
        after = [c or (type(a) is Var and a in active) for c, a in zip(carry, jaxpr.outvars, strict=False)]
        if after == carry:
            return carry
        carry = after


# -- backward --------------------------------------------------------------------------------------------------------------------------------


def linear_map(eqn: Equation, given: Sequence[Any], active: Sequence[bool]) -> LinearProgram:
    """The derivative of an equation at these operands, by the primitive's own rules, as a linear program over the active ones."""
    prim, params = eqn.primitive, eqn.params
    flat = (lambda *xs: prim(*xs, **params)) if prim.multi else (lambda *xs: [prim(*xs, **params)])
    return linearize_flat(flat, given, active)[1]


def run_backward(run: Run, cts: Sequence[Any]) -> None:
    """Fills `run.cotangents`, from those of the jaxpr's outputs (None is zero)."""
    env = run.cotangents

    def send(a: Any, ct: Any) -> None:
        if ct is not None and type(a) is Var and a in run.active:
            env[a] = accumulate(env[a], ct) if a in env else ct

    for a, ct in zip(run.jaxpr.outvars, cts, strict=True):
        send(a, ct)
    for i in range(len(run.jaxpr.eqns) - 1, -1, -1):
        eqn = run.jaxpr.eqns[i]
        out_cts = [env.get(v) for v in eqn.outvars]
        active = [type(a) is Var and a in run.active for a in eqn.inputs]
        if all(c is None for c in out_cts) or not any(active):
            continue
        try:
            body = run.bodies.get(i)
            sent = transpose_program(linear_map(eqn, operands(eqn, run), active), out_cts, consume=True)
            if body is not None:
                _BACKWARD[body.kind](eqn, body, out_cts)
        except FgradError as err:
            run.problems[i] = err.what
            continue
        for a, ct in zip((a for a, hot in zip(eqn.inputs, active, strict=True) if hot), sent, strict=True):
            send(a, ct)


def _back_once(eqn: Equation, body: Body, cts: list) -> None:
    run_backward(body.runs[0], cts)


def _back_loop(eqn: Equation, body: Body, cts: list) -> None:
    p = eqn.params
    n_consts, n_carry = (p["n_body"], len(eqn.inputs) - p["n_cond"] - p["n_body"]) if "n_body" in p else (p["n_consts"], p["n_carry"])
    carry = cts[:n_carry]
    ys = cts[n_carry + ("n_body" in p) :]
    n = len(body.runs)
    for k in range(n - 1, -1, -1):
        t = n - 1 - k if p.get("reverse") else k
        run = body.runs[k]
        run_backward(run, [*carry, *[None if y is None else y[t] for y in ys]])
        carry = [run.cotangents.get(v) for v in run.jaxpr.invars[n_consts : n_consts + n_carry]]


_OPENERS: dict[str, Callable[..., Body | str]] = {
    "call": _open_call,
    "checkpoint": _open_call,
    "custom_jvp_call": _open_custom,
    "custom_vjp_call": _open_custom,
    "cond": _open_cond,
    "scan": _open_scan,
    "checkpointed_scan": _open_scan,
    "while": _open_while,
    "checkpointed_while": _open_while,
}
_BACKWARD = {"call": _back_once, "branch": _back_once, "loop": _back_loop}


# -- local derivatives -----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Local:
    """The derivative of output `output` of an equation with respect to operand `operand`.

    kind: `number` (both are scalars), `diagonal` (elementwise: the derivative of each entry by its own), `jacobian` (all entries, of shape
    output shape + operand shape), or `map` (more than MAX_JACOBIAN of them: not computed, `value` is None).
    """

    operand: int
    output: int
    kind: str
    value: Any


def local_derivatives(eqn: Equation, run: Run) -> Iterator[Local]:
    """The local derivatives of one equation at the values of a run; none of an equation without rules."""
    active = [type(a) is Var and a in run.active for a in eqn.inputs]
    outs = [k for k, v in enumerate(eqn.outvars) if v in run.active and type(v.aval) is ShapedArray]
    pairs = [(k, j) for k in outs for j, a in enumerate(eqn.inputs) if active[j] and type(a.aval) is ShapedArray]
    program: LinearProgram | None = None
    for k, j in pairs:
        out, operand = eqn.outvars[k].aval, eqn.inputs[j].aval
        diagonal = eqn.primitive.elementwise or not (out.shape or operand.shape)
        if not diagonal and out.size * operand.size > MAX_JACOBIAN:
            yield Local(j, k, "map", None)
            continue
        if program is None:
            try:
                program = linear_map(eqn, operands(eqn, run), active)
            except FgradError:
                return
        if diagonal:
            value = _row(program, k, np.ones(out.shape, out.dtype)[()], active, j, operand)
            yield Local(j, k, "diagonal" if out.shape else "number", value)
        elif out.size <= operand.size:
            rows = [_row(program, k, unit, active, j, operand) for unit in _units(out)]
            yield Local(j, k, "jacobian", np.reshape(rows, (*out.shape, *operand.shape)))
        else:
            columns = [_column(program, k, unit, active, j, eqn) for unit in _units(operand)]
            yield Local(
                j, k, "jacobian", np.moveaxis(np.reshape(columns, (operand.size, *out.shape)), 0, -1).reshape(*out.shape, *operand.shape)
            )


def _units(aval: ShapedArray) -> Iterator[Any]:
    for e in range(aval.size):
        unit = np.zeros(aval.size, aval.dtype)
        unit[e] = 1
        yield unit.reshape(aval.shape)[()]


def _row(program: LinearProgram, k: int, ct: Any, active: Sequence[bool], j: int, aval: ShapedArray) -> Any:
    """The cotangent of operand j from that of output k."""
    found = transpose_program(program, [ct if i == k else None for i in range(len(program.outvars))])[sum(active[:j])]
    return np.zeros(aval.shape, aval.dtype)[()] if found is None else found


def _column(program: LinearProgram, k: int, tangent: Any, active: Sequence[bool], j: int, eqn: Equation) -> Any:
    """The tangent of output k from that of operand j."""
    tangents = [tangent if i == j else concrete_zeros(a.aval) for i, a in enumerate(eqn.inputs) if active[i]]
    found = program(tangents)[k]
    return np.zeros(eqn.outvars[k].aval.shape, eqn.outvars[k].aval.dtype) if found is None else found


# -- from a function -------------------------------------------------------------------------------------------------------------------------


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
        run = run_forward(closed.jaxpr, values, [i >= len(closed.consts) for i in range(len(values))], _Budget(MAX_EQUATIONS))
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
