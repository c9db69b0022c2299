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
from fgrad.compile.scalars import I64, Parts, apply, choose, convert, has, memory, read, register, write
from fgrad.compile.statuses import INDEX_ERROR
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


def _extremum_place(word: str) -> Rule:
    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, x = p.f, p.in_memory(xs[0])
        aval, dtype = eqn.outvars[0].aval, x.aval.dtype
        if dtype.kind not in "fiu" or not x.aval.size:
            raise NotNative(f"{eqn.primitive.name} of {x.aval!r}")
        out = p.result(eqn.outvars[0]) if aval.shape else p.in_memory(Scalar(("0",), aval))
        kind, best_at = register(dtype), f.slot("i64")
        best = f.slot(kind)
        with lanes(p, x, eqn.params["axis"]) as (first, step, count, lane):
            f.do(f"store i64 0, ptr {best_at}")
            f.do(f"store {kind} {read(f, f.at(x.pointer, memory(dtype), first), dtype)[0]}, ptr {best}")
            with f.loop(count, "1") as t:
                value = read(f, f.at(x.pointer, memory(dtype), added(f, first, multiplied(f, t, step))), dtype)
                held = (f.op(f"load {kind}, ptr {best}"),)
                better = apply(f, word, (dtype, dtype), np.dtype(bool), (value, held))[0]
                if dtype.kind == "f":  # the first NaN is the extremum
                    nan, was = (f.op(f"fcmp uno {kind} {v}, {v}") for v in (value[0], held[0]))
                    better = f.op(f"and i1 {f.op(f'or i1 {better}, {nan}')}, {f.op(f'xor i1 {was}, true')}")
                f.do(f"store {kind} {choose(f, better, value, held, dtype)[0]}, ptr {best}")
                was_at = f.op(f"load i64, ptr {best_at}")
                f.do(f"store i64 {f.op(f'select i1 {better}, i64 {t}, i64 {was_at}')}, ptr {best_at}")
            write(f, f.at(out.pointer, "i64", lane), I64, (f.op(f"load i64, ptr {best_at}"),))
        return [out if aval.shape else Scalar(read(f, out.pointer, I64), aval)]

    return rule


native("argmax")(_extremum_place("gt"))
native("argmin")(_extremum_place("lt"))


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
