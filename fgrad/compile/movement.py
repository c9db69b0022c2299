"""Native rules for what moves data without computing: zeros, reshapes, views that are written out, concatenation, padding. Read `native.py` first."""

from __future__ import annotations

from fgrad.compile.assembly import added, multiplied
from fgrad.compile.lowering import VIEWS
from fgrad.compile.native import PAIR, Array, NotNative, Program, Scalar, Tape, Value, copied_view, native
from fgrad.compile.scalars import I64, convert, memory, read, write
from fgrad.core.avals import StackType
from fgrad.core.jaxpr import Equation
from fgrad.ops.shapes import slice_


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
    return [p.reshaped(x, aval)]


@native(*[v.name for v in VIEWS])
def _view(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    out = eqn.outvars[0]
    if not out.aval.shape:
        return list(xs)
    if eqn.primitive is slice_ and type(xs[0]) is Array and out not in p.destinations:
        if out in p.windows:
            return [_where_it_lies(p, eqn, xs[0], next(k for k, n in enumerate(out.aval.shape) if n != eqn.inputs[0].aval.shape[k]))]
        if _is_run(eqn):
            return [_where_it_lies(p, eqn, xs[0])]
    return [copied_view(p, eqn, xs[0])]


def _is_run(eqn: Equation) -> bool:
    """Whether a slice is one run of memory: whole rows of the first axis that has more than one."""
    inside, outside = eqn.outvars[0].aval.shape, eqn.inputs[0].aval.shape
    first = next((k for k, n in enumerate(inside) if n != 1), len(inside))
    return set(eqn.params["strides"]) <= {1} and inside[first + 1 :] == outside[first + 1 :]


def _where_it_lies(p: Program, eqn: Equation, x: Array, axis: int | None = None) -> Array:
    """A slice that is one run of memory, or, along an axis, one for each row before it."""
    f, start = p.f, "0"
    for n, d in zip(eqn.params["starts"], x.dims, strict=True):
        start = added(f, multiplied(f, start, d), p.size(n))
    aval, step = eqn.outvars[0].aval, "" if axis is None else "1"
    for d in x.dims[axis:] if axis is not None else ():
        step = multiplied(f, step, d)
    return Array(f.at(x.pointer, memory(aval.dtype), start), aval, tuple(map(p.size, aval.shape)), x.buffer, step)


@native("concatenate")
def _concatenate(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """Row by row of the axes before: what lies behind is one run of memory in each operand."""
    f, axis, out = p.f, eqn.params["axis"], p.result(eqn.outvars[0])
    itemsize = out.aval.dtype.itemsize
    outer, inner = "1", str(itemsize)
    for d in out.dims[:axis]:
        outer = multiplied(f, outer, d)
    for d in out.dims[axis + 1 :]:
        inner = multiplied(f, inner, d)
    stride = multiplied(f, out.dims[axis], inner)
    arrays = [x for x in map(p.in_memory, xs) if x.aval.size]
    runs = [multiplied(f, x.dims[axis], inner) for x in arrays]
    with f.loop(outer) as i:
        start = multiplied(f, i, stride)
        for x, run in zip(arrays, runs, strict=True):
            to = f.at(out.pointer, "i8", start)
            if run == str(itemsize):  # a column
                kind = memory(out.aval.dtype)
                source = f.at(x.pointer, kind, multiplied(f, i, x.step) if x.step else i)
                f.do(f"store {kind} {f.op(f'load {kind}, ptr {source}')}, ptr {to}")
            else:
                step = multiplied(f, x.step, str(itemsize)) if x.step else run
                p.memcpy(to, f.at(x.pointer, "i8", multiplied(f, i, step)), run)
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
