"""Native rules for reading and writing at places that arrays name, and for running reductions along an axis. Read `native.py` first.

An index out of range ends the program with an error record, before anything is read there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import Array, NotNative, Program, Rule, Scalar, Value, native
from fgrad.compile.nests import identity
from fgrad.compile.scalars import I64, Parts, apply, choose, convert, has, literal, memory, read, register, write
from fgrad.compile.statuses import INDEX_ERROR
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation


@contextmanager
def _places(p: Program, x: Array, indices: list[Value], eqn: Equation) -> Iterator[tuple[str, str]]:
    """A loop over the entries of the index arrays: (number of the entry, number of the row of x it names)."""
    f, site = p.f, p.site(eqn)
    arrays = [p.in_memory(i) for i in indices]
    with f.loop(p.entries(arrays[0])) as n:
        flat = "0"
        for axis, (array, size) in enumerate(zip(arrays, x.dims, strict=False)):
            dtype = array.aval.dtype
            given = convert(f, read(f, f.at(array.pointer, memory(dtype), n), dtype), dtype, I64)[0]
            below = f.op(f"icmp slt i64 {given}, 0")
            i = f.op(f"select i1 {below}, i64 {f.op(f'add i64 {given}, {size}')}, i64 {given}")
            with f.when(f.op(f"icmp uge i64 {i}, {size}")):
                p.fail(INDEX_ERROR, given, str(axis), size, site)
            flat = added(f, multiplied(f, flat, size), i)
        yield n, flat


def _row(p: Program, x: Array, k: int) -> str:
    """How many entries lie behind the first k axes."""
    n = "1"
    for d in x.dims[k:]:
        n = multiplied(p.f, n, d)
    return n


@native("gather")
def _gather(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x, indices = p.in_memory(xs[0]), xs[1:]
    f, dtype, aval = p.f, x.aval.dtype, eqn.outvars[0].aval
    out = p.result(eqn.outvars[0]) if aval.shape else p.in_memory(Scalar(identity("sum", dtype), aval))
    row = _row(p, x, len(indices))
    with _places(p, x, indices, eqn) as (n, place):
        source, to = multiplied(f, place, row), multiplied(f, n, row)
        with f.loop(row) as j:
            value = read(f, f.at(x.pointer, memory(dtype), added(f, source, j)), dtype)
            write(f, f.at(out.pointer, memory(dtype), added(f, to, j)), dtype, value)
    return [out if aval.shape else Scalar(read(f, out.pointer, dtype), aval)]


def _scatter(op: str | None) -> Rule:
    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, indices, dtype = p.f, xs[2:], eqn.outvars[0].aval.dtype
        if op is not None and not has(op, (dtype, dtype)):
            raise NotNative(f"{eqn.primitive.name} of {dtype}")
        out = p.taken_over(eqn, 0, xs[0])
        updates = p.in_memory(xs[1])
        row = _row(p, out, len(indices))
        with _places(p, out, indices, eqn) as (n, place):
            to, source = multiplied(f, place, row), multiplied(f, n, row)
            with f.loop(row) as j:
                at = f.at(out.pointer, memory(dtype), added(f, to, j))
                value = read(f, f.at(updates.pointer, memory(dtype), added(f, source, j)), dtype)
                write(f, at, dtype, value if op is None else apply(f, op, (dtype, dtype), dtype, (read(f, at, dtype), value)))
        return [out]

    return rule


for _name, _op in {"scatter": None, "scatter_add": "add", "scatter_mul": "mul", "scatter_min": "minimum", "scatter_max": "maximum"}.items():
    native(_name)(_scatter(_op))


# -- along an axis


@contextmanager
def lanes(p: Program, x: Array, axis: int) -> Iterator[tuple[str, str, str, str]]:
    """A loop over all lanes along an axis: (offset of the first entry, distance of two, how many, number of the lane)."""
    f = p.f
    outer = "1"
    for d in x.dims[:axis]:
        outer = multiplied(f, outer, d)
    inner = _row(p, x, axis + 1)
    with f.loop(outer) as i, f.loop(inner) as j:
        first = added(f, multiplied(f, i, multiplied(f, x.dims[axis], inner)), j)
        yield first, inner, x.dims[axis], added(f, multiplied(f, i, inner), j)


BLOCK = 512
"""Entries of which the largest is found before it is asked where it stands."""


def _order_key(f: Function, dtype: np.dtype, x: str, least: bool) -> str:
    """An integer that is the larger, the earlier x is to be chosen: NaN before all, equal numbers alike."""
    bits = dtype.itemsize * 8
    kind, top = f"i{bits}", 2 ** (bits - 1) - 1
    if dtype.kind == "f":
        t = register(dtype)
        nan = f.op(f"fcmp uno {t} {x}, {x}")
        key = f.op(f"bitcast {t} {f.op(f'fadd {t} {x}, {literal(0, dtype)}')} to {kind}")  # -0 + 0 is 0
        sign = f.op(f"ashr {kind} {key}, {bits - 1}")
        key = f.op(f"xor {kind} {key}, {f.op(f'lshr {kind} {sign}, 1')}")
    else:
        key = f.op(f"xor {kind} {x}, {-top - 1}") if dtype.kind == "u" else x
    key = f.op(f"xor {kind} {key}, -1") if least else key
    return f.op(f"select i1 {nan}, {kind} {top}, {kind} {key}") if dtype.kind == "f" else key


def _extremum_place(least: bool) -> Rule:
    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, x, axis = p.f, p.in_memory(xs[0]), eqn.params["axis"]
        aval, dtype = eqn.outvars[0].aval, x.aval.dtype
        if dtype.kind not in "fiu" or not x.aval.size:
            raise NotNative(f"{eqn.primitive.name} of {x.aval!r}")
        out = p.result(eqn.outvars[0]) if aval.shape else p.in_memory(Scalar(("0",), aval))
        kind = f"i{dtype.itemsize * 8}"
        key = lambda at: _order_key(f, dtype, read(f, f.at(x.pointer, memory(dtype), at), dtype)[0], least)
        if all(n == 1 for n in x.aval.shape[axis + 1 :]):
            with lanes(p, x, axis) as (first, _, count, lane):
                write(f, f.at(out.pointer, "i64", lane), I64, (_place_in_run(f, kind, lambda t: key(added(f, first, t)), count),))
        else:
            with p.scratch(ShapedArray(x.aval.shape[axis + 1 :], np.dtype(f"i{dtype.itemsize}"))) as best:
                _places_of_rows(p, x, axis, kind, key, best, out)
        return [out if aval.shape else Scalar(read(f, out.pointer, I64), aval)]

    return rule


def _one_vector(f: Function) -> str:
    """A note on a loop that may be short: one vector at a time, so that few entries are left over."""
    count = f.module.node('!{!"llvm.loop.interleave.count", i32 1}')
    return f", !llvm.loop {f.module.node(f'distinct !{{{{}}, {count}}}')}"


def _place_in_run(f: Function, kind: str, key: Callable[[str], str], count: str) -> str:
    """Where the first of the largest keys of a run stands: in the first block that has the largest of all, which are compared without branches."""
    best, start, held = f.slot(kind), f.slot("i64"), f.slot(kind)
    f.do(f"store {kind} {key('0')}, ptr {best}")
    f.do(f"store i64 0, ptr {start}")
    blocks = f.op(f"sdiv i64 {f.op(f'add i64 {count}, {BLOCK - 1}')}, {BLOCK}")
    end_of = lambda low: f.op(f"call i64 @llvm.smin.i64(i64 {f.op(f'add i64 {low}, {BLOCK}')}, i64 {count})")
    f.module.declare("llvm.smin.i64", "declare i64 @llvm.smin.i64(i64, i64)")
    with f.loop(blocks) as b:
        low = f.op(f"mul i64 {b}, {BLOCK}")
        f.do(f"store {kind} {key(low)}, ptr {held}")
        with f.loop(end_of(low), low, _one_vector(f)) as t:
            k, most = key(t), f.op(f"load {kind}, ptr {held}")
            larger = f.op(f"icmp sgt {kind} {k}, {most}")
            f.do(f"store {kind} {f.op(f'select i1 {larger}, {kind} {k}, {kind} {most}')}, ptr {held}")
        most = f.op(f"load {kind}, ptr {held}")
        with f.when(f.op(f"icmp sgt {kind} {most}, {f.op(f'load {kind}, ptr {best}')}")):
            f.do(f"store {kind} {most}, ptr {best}")
            f.do(f"store i64 {low}, ptr {start}")
    most, low, place = f.op(f"load {kind}, ptr {best}"), f.op(f"load i64, ptr {start}"), f.slot("i64")
    f.do(f"store i64 {count}, ptr {place}")
    with f.loop(end_of(low), low, _one_vector(f)) as t:
        here = f.op(f"select i1 {f.op(f'icmp eq {kind} {key(t)}, {most}')}, i64 {t}, i64 {count}")
        held_place = f.op(f"load i64, ptr {place}")
        f.do(f"store i64 {f.op(f'call i64 @llvm.smin.i64(i64 {here}, i64 {held_place})')}, ptr {place}")
    return f.op(f"load i64, ptr {place}")


def _places_of_rows(p: Program, x: Array, axis: int, kind: str, key: Callable[[str], str], best: Array, out: Array) -> None:
    """Along an axis that others stand behind: a row after the other, each entry compared with the largest of its lane so far."""
    f, inner, outer = p.f, _row(p, x, axis + 1), "1"
    for d in x.dims[:axis]:
        outer = multiplied(f, outer, d)
    with f.loop(outer) as i:
        base, to = multiplied(f, multiplied(f, i, x.dims[axis]), inner), multiplied(f, i, inner)
        with f.loop(inner) as j:
            f.do(f"store {kind} {key(added(f, base, j))}, ptr {f.at(best.pointer, kind, j)}")
            f.do(f"store i64 0, ptr {f.at(out.pointer, 'i64', added(f, to, j))}")
        with f.loop(x.dims[axis], "1") as t:
            row = added(f, base, multiplied(f, t, inner))
            with f.loop(inner) as j:
                held, place = f.at(best.pointer, kind, j), f.at(out.pointer, "i64", added(f, to, j))
                k, most, was = key(added(f, row, j)), f.op(f"load {kind}, ptr {held}"), f.op(f"load i64, ptr {place}")
                better = f.op(f"icmp sgt {kind} {k}, {most}")
                f.do(f"store {kind} {f.op(f'select i1 {better}, {kind} {k}, {kind} {most}')}, ptr {held}")
                f.do(f"store i64 {f.op(f'select i1 {better}, i64 {t}, i64 {was}')}, ptr {place}")


native("argmax")(_extremum_place(False))
native("argmin")(_extremum_place(True))


Update = Callable[[Function, np.dtype, Parts, Parts, Parts], Parts]
"""(function, dtype, what stands before, the entry, its coefficient) -> the new entry"""


def _running(update: Update, needs: str) -> Rule:
    """y[0] = x[0]; y[t] = update(y[t - 1], x[t], a[t]) along the axis."""

    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, a, x = p.f, p.in_memory(xs[0]), p.in_memory(xs[-1])
        dtype, kind, axis, reverse = x.aval.dtype, memory(x.aval.dtype), eqn.params["axis"], eqn.params["reverse"]
        if not has(needs, (dtype, dtype)):
            raise NotNative(f"{eqn.primitive.name} of {dtype}")
        out = p.result(eqn.outvars[0])
        outer, inner, count = "1", _row(p, x, axis + 1), x.dims[axis]
        for d in x.dims[:axis]:
            outer = multiplied(f, outer, d)
        # time outside, the entries behind the axis inside: neighbours in memory are read together
        with f.loop(outer) as i:
            base = multiplied(f, i, multiplied(f, count, inner))
            with f.loop(count) as s:
                t = f.op(f"sub i64 {f.op(f'sub i64 {count}, 1')}, {s}") if reverse else s
                row = added(f, base, multiplied(f, t, inner))
                begins = f.op(f"icmp eq i64 {s}, 0")
                back = f.op(f"select i1 {begins}, i64 0, i64 {inner if reverse else f.op(f'sub i64 0, {inner}')}")
                with f.loop(inner) as j:
                    at = added(f, row, j)
                    value = read(f, f.at(x.pointer, kind, at), dtype)
                    write(f, f.at(out.pointer, kind, at), dtype, value)
                    before = read(f, f.at(out.pointer, kind, added(f, at, back)), dtype)
                    new = update(f, dtype, before, value, read(f, f.at(a.pointer, kind, at), dtype))
                    write(f, f.at(out.pointer, kind, at), dtype, choose(f, begins, value, new, dtype))
        return [out]

    return rule


def _with(op: str) -> Rule:
    return _running(lambda f, dtype, before, value, a: apply(f, op, (dtype, dtype), dtype, (before, value)), op)


def _recurrence(f: Function, dtype: np.dtype, before: Parts, value: Parts, a: Parts) -> Parts:
    return apply(f, "add", (dtype, dtype), dtype, (apply(f, "mul", (dtype, dtype), dtype, (a, before)), value))


for _name, _op in {"cumsum": "add", "cumprod": "mul", "cummax": "maximum", "cummin": "minimum"}.items():
    native(_name)(_with(_op))
native("linear_recurrence")(_running(_recurrence, "mul"))
