"""Loops and branches as native code: rules of `compile/native.py` for scan, while, cond and calls.

The state of a loop is in memory (numbers: in variables) that is there before it starts. A step writes a new state where the old one is, if that is
dead by then, and otherwise beside it. What a scan stacks is written where it belongs; what a while loop leaves goes on tapes, which grow by doubling.
The tape of a loop inside a loop is one run of rows for all steps, and a pair (first row, how many) for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.compile.assembly import added, multiplied
from fgrad.compile.native import (
    FAILURES,
    PAIR,
    Array,
    Column,
    NotNative,
    Program,
    Scalar,
    Tape,
    Value,
    check_native,
    native,
)  # fmt: skip
from fgrad.compile.scalars import BOOL, I64, choose, convert, memory, read, write
from fgrad.compile.statuses import TAPE_TOO_LARGE
from fgrad.control import motion  # noqa: F401 (registers itself)
from fgrad.control.by_numpy import FEW
from fgrad.control.scan import parts
from fgrad.control.while_loop import check_tape
from fgrad.core.avals import ShapedArray, StackType
from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.transforms.jaxprs import cut

# -- the state of a loop


def _started(p: Program, carry: Sequence[Value], avals: Sequence[Any]) -> list[Array]:
    """Memory that holds the carry, with the values it starts with."""
    state = []
    for value, aval in zip(carry, avals, strict=True):
        check_native(aval)
        here = p.allocate(aval) if aval.shape else Array(p.f.slot(memory(aval.dtype)), aval, ())
        p.hold(here)
        p.copy(here, value)
        state.append(here)
    return state


def _now(p: Program, state: Sequence[Array]) -> list[Value]:
    """The state as values."""
    return [s if s.aval.shape else Scalar(read(p.f, s.pointer, s.aval.dtype), s.aval) for s in state]


def _advance(p: Program, state: Sequence[Array], new: Sequence[Value]) -> None:
    """state = new, all at once: what lies in the memory of another part of the state is set aside first."""
    buffers = {s.buffer for s in state if s.buffer is not None}
    moves: list[tuple[Array, Value, bool]] = []
    for to, value in zip(state, new, strict=True):
        if type(value) is Array and value.buffer in buffers and value.pointer != to.pointer:
            aside = p.allocate(to.aval)
            p.hold(aside)
            p.copy(aside, value)
            moves.append((to, aside, True))
        else:
            moves.append((to, value, False))
    for to, value, aside in moves:
        p.copy(to, value)
        if aside:
            p.drop(value)


def _release(p: Program, state: Sequence[Array]) -> None:
    """The loop has ended: its state belongs to whoever reads it."""
    for s in state:
        if s.buffer is not None:
            s.buffer.uses -= 1


def _step(
    p: Program, body: Jaxpr, consts: Sequence[Value], state: Sequence[Array], xs: Sequence[Value], rows: Sequence[Array | None]
) -> list[Value]:
    """One step of a body: advances the state, writes the other outputs where `rows` says, and returns those; the caller drops them."""
    n = len(state)
    outs = p.bind(body, [*consts, *_now(p, state), *xs], carry=(len(consts), n), places=[None] * n + list(rows))
    for row, value in zip(rows, outs[n:], strict=True):
        if row is not None:
            p.copy(row, value)
    _advance(p, state, outs[:n])
    for value in outs[:n]:
        p.drop(value)
    return outs[n:]


# -- stacks: what is written at each step, and what is read


def _columns(p: Program, aval: Any) -> tuple[Column, ...]:
    """New columns of a stack of these elements."""
    columns = []
    while type(aval) is StackType:
        columns.append(p.column(PAIR))
        aval = aval.elem
    check_native(aval)
    return (*columns, p.column(aval))


def _append(p: Program, columns: Sequence[Column], value: Value) -> str:
    """The rows of a stack at the end of these columns; returns the number of the first."""
    assert type(value) is Tape
    f = p.f
    column, *inner = columns
    start = p.used(column)
    if not inner:
        (source,) = value.columns
        to = p.extend(column, value.count)
        size = multiplied(f, value.count, source.row_bytes)
        p.memcpy(to, f.at(p.column_data(source), "i8", multiplied(f, value.start, source.row_bytes)), size)
    else:
        with f.loop(value.count) as i:
            _write_pair(p, p.extend(column, "1"), inner, _element(p, value, i))
    return start


def _write_pair(p: Program, place: str, inner: Sequence[Column], value: Value) -> None:
    """Where the rows of an element that is a stack itself are, having put them behind those of the elements before it."""
    assert type(value) is Tape
    start = _append(p, inner, value)
    write(p.f, place, I64, (start,))
    write(p.f, p.f.at(place, "i64", "1"), I64, (value.count,))


def _element(p: Program, tape: Tape, t: str) -> Value:
    """Element t of a stack; past its end a zero."""
    f, elem = p.f, tape.aval.elem
    inside = f.op(f"icmp slt i64 {t}, {tape.count}")
    column, *inner = tape.columns
    place = multiplied(f, added(f, tape.start, t), column.row_bytes)
    zero = _zero_row(p, elem)
    row = f.op(f"select i1 {inside}, ptr {f.at(p.column_data(column), 'i8', place)}, ptr {zero}")
    if type(elem) is StackType:
        return Tape(elem, *(read(f, f.at(row, "i64", str(k)), I64)[0] for k in (0, 1)), tuple(inner))  # type: ignore[arg-type]
    if not elem.shape:
        return Scalar(read(f, row, elem.dtype), elem)
    return Array(row, elem, tuple(map(p.size, elem.shape)))


def _zero_row(p: Program, elem: Any) -> str:
    """Memory of zeros, as large as a row."""
    aval = PAIR if type(elem) is StackType else elem
    if aval not in p.zeros:
        p.zeros[aval] = p.zeroed(aval)
    return p.zeros[aval]


# -- rules


@native("call", "checkpoint")
def _call(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    return p.passed_on(p.bind(eqn.params["jaxpr"], operands))


@native("by_numpy")
def _by_numpy(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    if not (p.hot or p.closed) and sum(a.aval.size for a in eqn.inputs) > FEW:
        raise NotNative(f"{eqn.params['function']} of many entries")
    return p.passed_on(p.bind(eqn.params["jaxpr"], operands))


@native("custom_jvp_call", "custom_vjp_call")
def _custom_call(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    if not isinstance(eqn.params["fun"], Jaxpr):
        raise NotNative("a function that is not staged")
    return p.passed_on(p.bind(eqn.params["fun"], operands))


@native("scan", "checkpointed_scan")
def _scan(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    f, params = p.f, eqn.params
    body, n_carry, length = params["jaxpr"], params["n_carry"], params["length"]
    head, consts, carry, xs = parts(operands, params["n_consts"], n_carry, length)
    if length is None:
        (count,) = head
        assert type(count) is Scalar
        given = convert(f, count.parts, count.aval.dtype, I64)[0]
        trips = f.op(f"select i1 {f.op(f'icmp sgt i64 {given}, 0')}, i64 {given}, i64 0")
    else:
        trips = p.size(length)
    state = _started(p, carry, body.out_avals[:n_carry])
    stacked = [
        _Stacked.of(p, a, v, length is not None, trips) for a, v in zip(body.out_avals[n_carry:], eqn.outvars[n_carry:], strict=True)
    ]
    for x, aval in zip(xs, body.in_avals[params["n_consts"] + n_carry :], strict=True):
        if type(x) is Tape:
            _zero_row(p, aval)  # here, ahead of the loop
    last = f.op(f"sub i64 {trips}, 1") if params["reverse"] else ""
    p.hot += 1
    p.long = True
    order = "last to first" if params["reverse"] else "first to last"
    with p.listing.block(f"each of {'a number of' if length is None else length} steps, {order}:", length), f.loop(trips) as i:
        t = f.op(f"sub i64 {last}, {i}") if params["reverse"] else i
        here = [_element(p, x, t) if type(x) is Tape else p.row(p.in_memory(x), t) for x in xs]
        places = [y.place(p, t) for y in stacked]
        for y, place, value in zip(stacked, places, _step(p, body, consts, state, here, places), strict=True):
            if place is None:
                y.write(p, t, value)
            p.drop(value)
    p.hot -= 1
    out = [*_now(p, state), *[y.value(trips) for y in stacked]]
    _release(p, state)
    return out


@dataclass(frozen=True)
class _Stacked:
    """What a scan stacks: an array, or columns with room for as many rows as there are steps."""

    aval: Any
    elem: Any
    array: Array | None
    columns: tuple[Column, ...]
    base: str

    @staticmethod
    def of(p: Program, elem: Any, v: Var, fixed: bool, trips: str) -> _Stacked:
        if fixed and type(elem) is ShapedArray:
            return _Stacked(v.aval, elem, p.result(v), (), "")
        columns = _columns(p, elem)
        return _Stacked(v.aval, elem, None, columns, p.extend(columns[0], trips))

    def place(self, p: Program, t: str) -> Array | None:
        """Where the element of step t goes; None if it is a stack itself."""
        if type(self.elem) is StackType:
            return None
        if self.array is None:
            pointer, dims = p.f.at(self.base, "i8", multiplied(p.f, t, self.columns[0].row_bytes)), tuple(map(p.size, self.elem.shape))
        else:
            dims = self.array.dims[1:]
            rows = p.entries(Array("", self.elem, dims))
            pointer = p.f.at(self.array.pointer, memory(self.elem.dtype), multiplied(p.f, t, rows))
        return Array(pointer, self.elem, dims)

    def write(self, p: Program, t: str, value: Value) -> None:
        first, *inner = self.columns
        _write_pair(p, p.f.at(self.base, "i8", multiplied(p.f, t, first.row_bytes)), inner, value)

    def value(self, trips: str) -> Value:
        return self.array or Tape(self.aval, "0", trips, self.columns)


@native("while", "checkpointed_while")
def _while(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    f, params = p.f, eqn.params
    cond, body = params["cond"], params["body"]
    cond_consts, consts, carry = cut(operands, params["n_cond"], params["n_body"])
    n_carry = len(carry)
    state = _started(p, carry, body.out_avals[:n_carry])
    y_avals = body.out_avals[n_carry:]
    stacks = [_columns(p, a) for a in y_avals]
    step_bytes = sum(a.size * a.dtype.itemsize for a in y_avals if type(a) is ShapedArray)
    limit = p.large(check_tape(0, step_bytes, params["max_tape_bytes"])) if stacks else ""
    trips = f.slot("i64")
    f.do(f"store i64 0, ptr {trips}")
    head, inside, done = f.label(), f.label(), f.label()
    p.hot += 1
    p.long = True
    f.jump(head)
    f.place(head)
    with p.listing.block("while:", None):
        (go_on,) = p.bind(cond, [*cond_consts, *_now(p, state)])
    assert type(go_on) is Scalar
    f.branch(convert(f, go_on.parts, go_on.aval.dtype, BOOL)[0], inside, done)
    f.place(inside)
    count = f.op(f"load i64, ptr {trips}")
    p.poll(count)
    if stacks:
        with f.when(f.op(f"icmp sge i64 {count}, {limit}")):
            p.fail(TAPE_TOO_LARGE, f.op(f"add i64 {count}, 1"), p.large(step_bytes), "0", p.site(eqn))
    rows = [
        None if inner else Array(p.extend(c, "1"), a, tuple(map(p.size, a.shape))) for (c, *inner), a in zip(stacks, y_avals, strict=True)
    ]
    with p.listing.block("do:", None):
        rest = _step(p, body, consts, state, [], rows)
    for (first, *inner), value in zip(stacks, rest, strict=True):
        if inner:
            _write_pair(p, p.extend(first, "1"), inner, value)
        p.drop(value)
    f.do(f"store i64 {f.op(f'add i64 {count}, 1')}, ptr {trips}")
    f.jump(head)
    f.place(done)
    p.hot -= 1
    n = Scalar((f.op(f"load i64, ptr {trips}"),), eqn.outvars[n_carry].aval)  # type: ignore[arg-type]
    out = [*_now(p, state), n]
    _release(p, state)
    return out + [Tape(v.aval, "0", n.parts[0], s) for v, s in zip(eqn.outvars[n_carry + 1 :], stacks, strict=True)]


def _tape_error(details: Sequence[int], sites: Sequence[Equation]) -> None:
    trips, step_bytes, _, site = details
    check_tape(trips, step_bytes, sites[site].params["max_tape_bytes"])


FAILURES[TAPE_TOO_LARGE] = _tape_error


@native("cond")
def _cond(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    f = p.f
    index, *rest = operands
    assert type(index) is Scalar
    chosen = convert(f, index.parts, index.aval.dtype, I64)[0]
    branches = eqn.params["branches"]
    results: list[Any] = []
    for v in eqn.outvars:
        aval: Any = v.aval
        if type(aval) is StackType:
            raise NotNative("a branch that gives a stack")
        check_native(aval)
        results.append(p.allocate(aval) if aval.shape else Array(f.slot(memory(aval.dtype)), aval, ()))
        p.hold(results[-1])
    done = f.label()
    for k, branch in enumerate(branches):
        last = k + 1 == len(branches)
        after = done if last else f.label()
        if not last:
            here = f.label()
            f.branch(f.op(f"icmp eq i64 {chosen}, {k}"), here, after)
            f.place(here)
        zeros = dict(p.zeros)
        with p.listing.block(f"branch {k}:"):
            found = p.bind(branch, rest)
        for result, value in zip(results, found, strict=True):
            p.copy(result, value)
            p.drop(value)
        p.zeros = zeros
        f.jump(done)
        if not last:
            f.place(after)
    f.place(done)
    out = _now(p, results)
    _release(p, results)
    return out


@native("lane_fill")
def _lane_fill(p: Program, eqn: Equation, operands: list[Value]) -> list[Value]:
    f = p.f
    mask, values = operands
    if type(mask) is not Array or type(values) is not Array or len(mask.dims) != 1:
        raise NotNative("lanes of lanes, or of stacks")
    out = p.result(eqn.outvars[0])
    first = f.slot("i64")  # the first live lane, or lane 0 where there is none
    f.do(f"store i64 0, ptr {first}")
    (n,) = mask.dims
    with f.loop(n) as back:
        lane = f.op(f"sub i64 {f.op(f'sub i64 {n}, 1')}, {back}")
        (live,) = read(f, f.at(mask.pointer, "i8", lane), BOOL)
        held = f.op(f"load i64, ptr {first}")
        f.do(f"store i64 {f.op(f'select i1 {live}, i64 {lane}, i64 {held}')}, ptr {first}")
    origin = f.op(f"load i64, ptr {first}")
    dtype = out.aval.dtype
    row = p.entries(Array("", ShapedArray(out.aval.shape[1:], dtype), out.dims[1:]))
    with f.loop(n) as lane:
        (live,) = read(f, f.at(mask.pointer, "i8", lane), BOOL)
        (source,) = choose(f, live, (lane,), (origin,), I64)
        with f.loop(row) as j:
            value = read(f, f.at(values.pointer, memory(dtype), added(f, multiplied(f, source, row), j)), dtype)
            write(f, f.at(out.pointer, memory(dtype), added(f, multiplied(f, lane, row), j)), dtype, value)
    return [out]
