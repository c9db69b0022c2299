"""Native rules for reading and writing at places that arrays name. Read `native.py` first.

An index out of range ends the program with an error record, before anything is read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fgrad.compile.assembly import added, multiplied
from fgrad.compile.native import Array, NotNative, Program, Rule, Scalar, Value, native
from fgrad.compile.nests import identity
from fgrad.compile.scalars import I64, apply, convert, has, memory, read, write
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
