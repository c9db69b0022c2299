"""Running a program equation by equation: forward keeping every value, then backward keeping every cotangent.

A `Run` is one execution of a jaxpr; the program of a loop has one for each step, of a branch or a call one. The rules are
those of `grad`. Read `circuit.py` next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, is_inexact
from fgrad.core.errors import FgradError, NanError
from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var
from fgrad.ops.stacks import accumulate
from fgrad.transforms.autodiff import LinearProgram, linearize_flat
from fgrad.transforms.jaxprs import cut
from fgrad.transforms.transpose import transpose_program


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


def operands(eqn: Equation, run: Run) -> list:
    return [run.value(a) for a in eqn.inputs]


def named_bodies(run: Run, prefix: str = "") -> Iterator[tuple[str, Body]]:
    """The opened programs of a run with their keys, `3` and `3.0`, at the first step of each loop."""
    for i, body in run.bodies.items():
        yield f"{prefix}{i}", body
        yield from named_bodies(body.runs[0], f"{prefix}{i}.")


# -- forward ---------------------------------------------------------------------------------------------------------------------------------


class Budget:
    """How many equations may still be run one by one."""

    def __init__(self, left: int):
        self.left = left

    def take(self, n: int) -> bool:
        if n > self.left:
            return False
        self.left -= n
        return True


def run_forward(jaxpr: Jaxpr, values: Sequence[Any], active: Sequence[bool], budget: Budget) -> Run:
    run = Run(jaxpr, dict(zip(jaxpr.invars, values, strict=True)))
    run.active = {v for v, a in zip(jaxpr.invars, active, strict=True) if a and is_inexact(v.aval.dtype)}
    for i, eqn in enumerate(jaxpr.eqns):
        given = operands(eqn, run)
        try:
            out = eqn.primitive(*given, **eqn.params)
        except NanError as err:
            raise err.at(eqn.source) from None
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


def _open_call(eqn: Equation, given: list, outs: list, hot: list[bool], budget: Budget) -> Body | str:
    jaxpr = eqn.params["jaxpr"]
    if not budget.take(len(jaxpr.eqns)):
        return f"{len(jaxpr.eqns):,} operations are too many to open"
    title = eqn.params.get("name") or eqn.primitive.name
    return Body("call", str(title), jaxpr, [run_forward(jaxpr, given, hot, budget)])


def _open_custom(eqn: Equation, given: list, outs: list, hot: list[bool], budget: Budget) -> Body | str:
    """A function with a derivative of its own: its values; the gradients go by its rule and not through its operations."""
    jaxpr = eqn.params["fun"]
    if not isinstance(jaxpr, Jaxpr) or not budget.take(len(jaxpr.eqns)):
        return "it is not opened"
    names = [e.source.function for e in jaxpr.eqns if e.source]
    return Body("call", f"{names[0] if names else 'function'}, own rule", jaxpr, [run_forward(jaxpr, given, [False] * len(given), budget)])


def _open_cond(eqn: Equation, given: list, outs: list, hot: list[bool], budget: Budget) -> Body | str:
    branches, index = eqn.params["branches"], int(given[0])
    jaxpr = branches[index]
    if not budget.take(len(jaxpr.eqns)):
        return f"{len(jaxpr.eqns):,} operations are too many to open"
    title = f"cond: {bool(index)}" if len(branches) == 2 else f"switch: {index}"
    return Body("branch", title, jaxpr, [run_forward(jaxpr, given[1:], hot[1:], budget)])


def _open_scan(eqn: Equation, given: list, outs: list, hot: list[bool], budget: Budget) -> Body | str:
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


def _open_while(eqn: Equation, given: list, outs: list, hot: list[bool], budget: Budget) -> Body | str:
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
