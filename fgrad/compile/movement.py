"""Native rules for what moves data without computing: zeros, reshapes, views that are written out, concatenation, padding. Read `native.py` first."""

from __future__ import annotations

from fgrad.compile.assembly import added, multiplied
from fgrad.compile.lowering import VIEWS
from fgrad.compile.native import PAIR, Array, NotNative, Program, Scalar, Tape, Value, copied_view, native
from fgrad.compile.scalars import I64, convert, memory, read, write
from fgrad.core.avals import StackType
from fgrad.core.jaxpr import Equation


def filled(p: Program, eqn: Equation, value: object) -> list[Value]:
    aval = eqn.outvars[0].aval
    parts = p.number(value, aval.dtype)
    if not aval.shape:
        return [Scalar(parts, aval)]
    out = p.result(eqn.outvars[0])
    p.fill(out, parts)
    return [out]


@native("zeros")
def _zeros(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    aval = eqn.outvars[0].aval
    if type(aval) is StackType:
        elem, columns = aval.elem, []
        while type(elem) is StackType:
            elem = elem.elem
            columns.append(p.column(PAIR))
        return [Tape(aval, "0", "0", (*columns, p.column(elem)))]
    return filled(p, eqn, 0)


@native("full")
def _full(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    return filled(p, eqn, eqn.params["value"])


@native("iota")
def _iota(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    out = p.result(eqn.outvars[0])
    dtype = out.aval.dtype
    with p.f.loop(out.dims[0]) as i:
        write(p.f, p.f.at(out.pointer, memory(dtype), i), dtype, convert(p.f, (i,), I64, dtype))
    return [out]


@native("reshape")
def _reshape(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    (x,) = xs
    aval = eqn.outvars[0].aval
    if not aval.shape:
        return [Scalar(read(p.f, x.pointer, aval.dtype), aval)] if type(x) is Array else [x]
    if type(x) is Scalar:
        out = p.result(eqn.outvars[0])
        write(p.f, out.pointer, aval.dtype, x.parts)
        return [out]
    assert type(x) is Array
    return [Array(x.pointer, aval, tuple(map(p.size, aval.shape)), x.buffer)]


@native(*[v.name for v in VIEWS])
def _view(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    if not eqn.outvars[0].aval.shape:
        return list(xs)
    return [copied_view(p, eqn, xs[0])]


@native("concatenate")
def _concatenate(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """Block by block: what lies behind the axis is one run of memory in each operand."""
    f, axis, out = p.f, eqn.params["axis"], p.result(eqn.outvars[0])
    itemsize = out.aval.dtype.itemsize
    outer, inner = "1", str(itemsize)
    for d in out.dims[:axis]:
        outer = multiplied(f, outer, d)
    for d in out.dims[axis + 1 :]:
        inner = multiplied(f, inner, d)
    stride = multiplied(f, out.dims[axis], inner)
    start = "0"
    for x in map(p.in_memory, xs):
        run = multiplied(f, x.dims[axis], inner)
        with f.loop(outer) as i:
            to = f.at(out.pointer, "i8", added(f, multiplied(f, i, stride), start))
            p.memcpy(to, f.at(x.pointer, "i8", multiplied(f, i, run)), run)
        start = added(f, start, run)
    return [out]


@native("pad")
def _pad(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    f, widths, out = p.f, eqn.params["widths"], p.result(eqn.outvars[0])
    if any(low < 0 or high < 0 for low, high, _ in widths):
        raise NotNative("a pad that cuts")
    x = p.in_memory(xs[0])
    dtype = out.aval.dtype
    p.fill(out, p.number(0, dtype))

    def along(axis: int, source: str, to: str) -> None:
        if axis == len(widths):
            write(f, f.at(out.pointer, memory(dtype), to), dtype, read(f, f.at(x.pointer, memory(dtype), source), dtype))
            return
        low, _, interior = widths[axis]
        with f.loop(x.dims[axis]) as i:
            place = added(f, p.size(low), multiplied(f, p.size(interior + 1), i))
            along(axis + 1, added(f, multiplied(f, source, x.dims[axis]), i), added(f, multiplied(f, to, out.dims[axis]), place))

    along(0, "0", "0")
    return [out]
