"""Loops and branches as native code: rules of `compile/native.py` for scan, while, cond and call, and the step that runs a whole loop.

The state of a loop is in buffers that are allocated once; each step writes its results beside them and they are copied over at its end. Stacked
outputs are written in place. The stacks that a while loop leaves grow by doubling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile import cache
from fgrad.compile.emit import dtype_name
from fgrad.compile.native import NUMBA, Emitter, NotNative, check_native, native
from fgrad.compile.program import LOOPS, scalar
from fgrad.control.scan import parts
from fgrad.control.while_loop import check_tape
from fgrad.core.avals import ShapedArray, Stack, StackType
from fgrad.core.jaxpr import Equation, Jaxpr
from fgrad.transforms.jaxprs import cut


def _array_type(aval: Any, lead: int = 0) -> str:
    check_native(aval)
    ndim = len(aval.shape) + lead
    numba = NUMBA[dtype_name(aval.dtype)]
    return f"types.Array({numba}, {ndim}, 'C', readonly=True)" if ndim else numba


def _state(emit: Emitter, carry: Sequence[str], avals: Sequence[Any]) -> list[str]:
    """Buffers (or variables) that hold the carry, started at these values."""
    names = []
    for start, aval in zip(carry, avals, strict=True):
        name = emit.result(aval)
        emit.copy(name, start, aval)
        names.append(name)
    return names


def _advance(emit: Emitter, state: Sequence[str], new: Sequence[str], avals: Sequence[Any]) -> None:
    """state = new, all at once: what may be a part of the state under another name, or has been overwritten by then, is set aside first."""
    moves = []
    for k, (name, value, aval) in enumerate(zip(state, new, avals, strict=True)):
        if value == name:
            continue
        if not emit.is_own(value) or value in state[:k]:
            aside = emit.result(aval)
            emit.copy(aside, value, aval)
            value = aside
        moves.append((name, value, aval))
    for name, value, aval in moves:
        emit.copy(name, value, aval)


def _scan_loop(
    emit: Emitter, body: Jaxpr, trips: str, consts: list[str], state: list[str], xs: list[str], ys: list[str], n_carry: int, reverse: bool
) -> None:
    i, t = emit.fresh("i"), emit.fresh("i")
    emit.line(f"for {i} in range({trips}):")
    outer, emit.indent = emit.indent, emit.indent + "    "
    emit.line(f"{t} = {trips} - 1 - {i}" if reverse else f"{t} = {i}")
    x_avals = body.in_avals[len(consts) + n_carry :]
    here = []
    for x, aval in zip(xs, x_avals, strict=True):
        name = emit.fresh("x")
        emit.line(f"{name} = {x}[{t}]")
        check_native(aval)
        here.append(name)
    outs = emit.jaxpr(body, [*consts, *state, *here])
    for y, value, aval in zip(ys, outs[n_carry:], body.out_avals[n_carry:], strict=True):
        if aval.shape:
            row = emit.fresh("x")
            emit.line(f"{row} = {y}[{t}]")
            emit.copy(row, value, aval)
        else:
            emit.line(f"{y}[{t}] = {value}")
    _advance(emit, state, outs[:n_carry], body.out_avals[:n_carry])
    emit.indent = outer


@native("scan", "checkpointed_scan")
def _inner_scan(emit: Emitter, eqn: Equation, operands: list[str], outs: list[str]) -> None:
    p = eqn.params
    body, n_carry, length = p["jaxpr"], p["n_carry"], p["length"]
    if length is None:
        raise NotNative("a loop of dynamic length inside another")
    _, consts, carry, xs = parts(operands, p["n_consts"], n_carry, length)
    avals = body.out_avals
    state = _state(emit, carry, avals[:n_carry])
    trips = emit.size(length)
    ys = [emit.allocate(a, trips) for a in avals[n_carry:]]
    _scan_loop(emit, body, trips, consts, state, xs, ys, n_carry, p["reverse"])
    for out, name in zip(outs, [*state, *ys], strict=True):
        emit.line(f"{out} = {name}")


@native("call")
def _call(emit: Emitter, eqn: Equation, operands: list[str], outs: list[str]) -> None:
    for out, name in zip(outs, emit.jaxpr(eqn.params["jaxpr"], operands), strict=True):
        emit.line(f"{out} = {name}")


@native("cond")
def _cond(emit: Emitter, eqn: Equation, operands: list[str], outs: list[str]) -> None:
    index, *rest = operands
    results = [emit.result(v.aval) for v in eqn.outvars]
    for k, branch in enumerate(eqn.params["branches"]):
        last = k + 1 == len(eqn.params["branches"])
        emit.line("else:" if last and k else f"{'elif' if k else 'if'} {index} == {k}:")
        outer, emit.indent = emit.indent, emit.indent + "    "
        emit.line("pass")
        for result, value, v in zip(results, emit.jaxpr(branch, rest), eqn.outvars, strict=True):
            emit.copy(result, value, v.aval)
        emit.indent = outer
    for out, result in zip(outs, results, strict=True):
        emit.line(f"{out} = {result}")


@native("lane_fill")
def _lane_fill(emit: Emitter, eqn: Equation, operands: list[str], outs: list[str]) -> None:
    mask, values = (v.aval for v in eqn.inputs)
    if len(mask.shape) != 1:
        raise NotNative("lanes of lanes")
    live, result = operands
    array, first, lane = emit.allocate(values), emit.fresh("i"), emit.fresh("i")
    emit.line(f"{first} = 0")  # the first live lane, or lane 0 where there is none
    emit.line(f"while {first} < {live}.size - 1 and not {live}[{first}]:")
    emit.line(f"    {first} += 1")
    emit.line(f"if {live}.size and not {live}[{first}]:")
    emit.line(f"    {first} = 0")
    emit.line(f"for {lane} in range({live}.size):")
    emit.line(f"    {array}[{lane}] = {result}[{lane} if {live}[{lane}] else {first}]")
    emit.line(f"{outs[0]} = {array}")


@native("while", "checkpointed_while")
def _inner_while(emit: Emitter, eqn: Equation, operands: list[str], outs: list[str]) -> None:
    p = eqn.params
    n_carry = len(operands) - p["n_cond"] - p["n_body"]
    if len(p["body"].outvars) > n_carry:
        raise NotNative("a while loop with residuals inside another loop")
    cond_consts, consts, carry = cut(operands, p["n_cond"], p["n_body"])
    state = _state(emit, carry, p["body"].out_avals)
    trips = _while_loop(emit, p["cond"], p["body"], cond_consts, consts, state, [], "")
    for out, name in zip(outs, [*state, trips], strict=True):
        emit.line(f"{out} = {name}")


def _while_loop(
    emit: Emitter, cond: Jaxpr, body: Jaxpr, cond_consts: list[str], consts: list[str], state: list[str], stacks: list[str], limit: str
) -> str:
    """Writes the loop; returns the name of the trip count. Each stack is an array that grows; beyond `limit` steps the loop ends."""
    n_carry = len(state)
    trips = emit.fresh("x")
    emit.line(f"{trips} = 0")
    emit.line("while True:")
    outer, emit.indent = emit.indent, emit.indent + "    "
    (go_on,) = emit.jaxpr(cond, [*cond_consts, *state])
    emit.line(f"if not {go_on}:")
    emit.line("    break")
    outs = emit.jaxpr(body, [*consts, *state])
    for stack, value, aval in zip(stacks, outs[n_carry:], body.out_avals[n_carry:], strict=True):
        emit.line(f"if {trips} == {stack}.shape[0]:")
        emit.line(f"    {stack} = grown({stack})")
        if aval.shape:
            row = emit.fresh("x")
            emit.line(f"{row} = {stack}[{trips}]")
            emit.copy(row, value, aval)
        else:
            emit.line(f"{stack}[{trips}] = {value}")
    _advance(emit, state, outs[:n_carry], body.out_avals[:n_carry])
    emit.line(f"{trips} += 1")
    if limit:
        emit.line(f"if {trips} > {limit}:")
        emit.line("    break")
    emit.indent = outer
    return trips


# -- a whole loop as one function


def _ready(values: Sequence[Any]) -> list:
    """Operands as the function takes them: contiguous arrays, and numbers that are no 0-d arrays."""
    return [np.ascontiguousarray(v) if isinstance(v, np.ndarray) and v.ndim else scalar(v) for v in values]


def _returned(outs: Sequence[Any], avals: Sequence[Any]) -> list:
    """Numba returns Python numbers for scalars."""
    return [o if a.shape else a.dtype.type(o) for o, a in zip(outs, avals, strict=True)]


def _parameters(emit: Emitter, avals: Sequence[Any], lead: int = 0) -> list[tuple[str, str]]:
    """Names and types of arguments; `lead` counts axes ahead of the value's own."""
    return [(emit.fresh("b"), _array_type(a, lead)) for a in avals]


def compile_scan(params: dict[str, Any]) -> Callable[..., list]:
    """The scan of these parameters as a native function of its operands; raises NotNative."""
    body, n_consts, n_carry, length = params["jaxpr"], params["n_consts"], params["n_carry"], params["length"]
    emit = Emitter()
    avals = body.out_avals
    x_avals = body.in_avals[n_consts + n_carry :]
    operands = _parameters(emit, body.in_avals[: n_consts + n_carry]) + _parameters(emit, x_avals, 1)
    names = [n for n, _ in operands]
    consts, carry, xs = cut(names, n_consts, n_carry)
    state = _state(emit, carry, avals[:n_carry])
    ys = [emit.allocate(a, "trips") for a in avals[n_carry:]]
    _scan_loop(emit, body, "trips", consts, state, xs, ys, n_carry, params["reverse"])
    run = cache.load(emit.source([("trips", "types.int64"), *operands], [*state, *ys, "0"]), "kernel")
    fixed = emit.arguments()

    def loop(*args: Any) -> list:
        head, c, k, x = parts(args, n_consts, n_carry, length)
        n = max(int(head[0]), 0) if head else length
        x = [_as_array(v, a, n) if isinstance(v, Stack) else v for v, a in zip(x, x_avals, strict=True)]
        outs = run(*fixed, n, *_ready([*c, *k, *x]))
        state_out = _returned(outs[:n_carry], avals[:n_carry])
        runs = outs[n_carry:-1]
        return state_out + [Stack(y, a) if length is None else y for y, a in zip(runs, avals[n_carry:], strict=True)]

    return loop


def _as_array(stack: Stack, aval: ShapedArray, n: int) -> np.ndarray:
    """The n entries of a stack in one array; those past its end are zero."""
    if isinstance(stack.items, np.ndarray) and len(stack.items) == n:
        return stack.items
    out = np.zeros((n, *aval.shape), aval.dtype)
    for i in range(min(n, len(stack.items))):
        out[i] = stack.items[i]
    return out


def compile_while(params: dict[str, Any]) -> Callable[..., list]:
    """The while loop of these parameters as a native function of its operands; raises NotNative."""
    cond, body, n_cond, n_body = params["cond"], params["body"], params["n_cond"], params["n_body"]
    n_carry = len(body.invars) - n_body
    emit = Emitter()
    avals = body.out_avals
    stacked = avals[n_carry:]
    operands = _parameters(emit, [*cond.in_avals[:n_cond], *body.in_avals])
    cond_consts, consts, carry = cut([n for n, _ in operands], n_cond, n_body)
    state = _state(emit, carry, avals[:n_carry])
    stacks = [emit.allocate(a, "16") for a in stacked]
    trips = _while_loop(emit, cond, body, cond_consts, consts, state, stacks, "limit" if stacks else "")
    results = [*state, trips, *[f"{s}[:{trips}]" for s in stacks]]
    run = cache.load(emit.source([("limit", "types.int64"), *operands], results), "kernel")
    fixed = emit.arguments()
    step_bytes = sum(a.size * a.dtype.itemsize for a in stacked)

    def loop(*args: Any) -> list:
        limit = check_tape(0, step_bytes, params["max_tape_bytes"])
        outs = run(*fixed, limit, *_ready(args))
        n = outs[n_carry]
        check_tape(n, step_bytes, params["max_tape_bytes"])
        return (
            _returned(outs[:n_carry], avals[:n_carry])
            + [np.int64(n)]
            + [Stack(s, a) for s, a in zip(outs[n_carry + 1 :], stacked, strict=True)]
        )

    return loop


def _compile_equation(eqn: Equation) -> Callable[..., list]:
    params = {k: v for k, v in eqn.params.items() if k != "states"}
    if any(type(v.aval) is StackType and type(v.aval.elem) is StackType for v in [*eqn.inputs, *eqn.outvars]):
        raise NotNative("stacks of stacks")
    return compile_scan(params) if "length" in params else compile_while(params)


for _name in ("scan", "while", "checkpointed_scan", "checkpointed_while"):
    LOOPS[_name] = _compile_equation
