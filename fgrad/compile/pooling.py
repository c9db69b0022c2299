"""Native rules for pooling: maxima of windows with their places, reading at places and adding at places, image by image.

The loop over a row of windows is the innermost, so that it becomes vectors; windows that reach into the padding, at the ends of a row, have loops of
their own. Read `in_parts.py` first.
"""

from __future__ import annotations

import math

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.in_parts import clear, outlined, run_split
from fgrad.compile.lowering import lowered
from fgrad.compile.microkernels import mixed, smaller
from fgrad.compile.native import Array, NotNative, Program, Value, native
from fgrad.compile.nests import accumulated
from fgrad.compile.scalars import memory, read, register, write
from fgrad.core.jaxpr import Equation

Sizes = tuple[int, ...]

UNROLLED = 64
"""Windows of more entries are left to NumPy: the comparisons of a window are written out."""


def _given(p: Program, arrays: dict[str, Array], numbers: dict[str, int]) -> dict[str, tuple[str, str]]:
    return {k: ("ptr", a.pointer) for k, a in arrays.items()} | {k: ("i64", p.large(n)) for k, n in numbers.items()}


@native("max_pool")
def _max_pool(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x = p.in_memory(xs[0])
    window, stride, padding = (eqn.params[k] for k in ("window", "stride", "padding"))
    dtype, rank = x.aval.dtype, len(window)
    if dtype.kind not in "fiub" or not lowered(x.aval) or math.prod(window) > UNROLLED:
        raise NotNative("the maxima of large windows")
    out, places = map(p.result, eqn.outvars)
    size, counts = x.aval.shape[-rank:], out.aval.shape[-rank:]
    images = math.prod(x.aval.shape[:-rank])
    if not out.aval.size:
        return [out, places]
    numbers = {}
    for a in range(rank):
        numbers |= {f"size{a}": size[a], f"count{a}": counts[a], f"low{a}": padding[a][0], f"last{a}": size[a] - 1}
    low, n, s = padding[-1][0], size[-1], stride[-1]
    start = min(counts[-1], -(-low // s))
    numbers |= {"begin": start, "end": max(start, min(counts[-1], (n - window[-1] + low) // s + 1))}
    given = _given(p, {"x": x, "out": out, "places": places}, numbers)
    name = outlined(p, ("max_pool", dtype, window, stride), given, lambda f: _write_max_pool(f, dtype, window, stride))
    run_split(p, name, list(given.values()), images, images, work=out.aval.size * math.prod(window))
    return [out, places]


def _write_max_pool(f: Function, dtype: np.dtype, window: Sizes, stride: Sizes) -> None:
    rank, last, kind = len(window), len(window) - 1, memory(dtype)
    area = mixed(f, "1", *[(f"%size{a}", "0") for a in range(rank)])

    def clamped(i: str, a: int) -> str:
        """The nearest entry that there is: the window of one outside has it too."""
        f.module.declare("llvm.smax.i64", "declare i64 @llvm.smax.i64(i64, i64)")
        return smaller(f, f.op(f"call i64 @llvm.smax.i64(i64 {i}, i64 0)"), f"%last{a}")

    def row(image: str, lines: list[str], at: str) -> None:
        """A row of windows; `lines` are where the rows they see start."""
        for first, stop, inside in (("0", "%begin", False), ("%begin", "%end", True), ("%end", f"%count{last}", False)):
            with f.loop(stop, first) as j:
                start = f.op(f"sub i64 {multiplied(f, j, str(stride[last]))}, %low{last}")
                best = place = ""
                for line in lines:
                    for k in range(window[last]):
                        i = added(f, start, str(k))
                        flat = added(f, line, i if inside else clamped(i, last))
                        entry = read(f, f.at(image, kind, flat), dtype)[0]
                        number = f.op(f"trunc i64 {flat} to i32")
                        if not best:
                            best, place = entry, number
                            continue
                        more = _more(f, dtype, entry, best)
                        best = f.op(f"select i1 {more}, {register(dtype)} {entry}, {register(dtype)} {best}")
                        place = f.op(f"select i1 {more}, i32 {number}, i32 {place}")
                number = added(f, at, j)
                write(f, f.at("%out", kind, number), dtype, (best,))
                f.do(f"store i32 {place}, ptr {f.at('%places', 'i32', number)}")

    def along(a: int, image: str, lines: list[str], at: str) -> None:
        if a == last:
            row(image, [multiplied(f, line, f"%size{last}") for line in lines], multiplied(f, at, f"%count{last}"))
            return
        with f.loop(f"%count{a}") as j:
            start = f.op(f"sub i64 {multiplied(f, j, str(stride[a]))}, %low{a}")
            seen = [clamped(added(f, start, str(k)), a) for k in range(window[a])]
            inner = [mixed(f, line, (f"%size{a}", i)) for line in lines for i in seen]
            along(a + 1, image, inner, mixed(f, at, (f"%count{a}", j)))

    with f.loop("%to", "%from") as n:
        along(0, f.at("%x", kind, multiplied(f, n, area)), ["0"], n)


def _more(f: Function, dtype: np.dtype, entry: str, best: str) -> str:
    """Whether an entry takes the place of the best so far; the first NaN is the maximum."""
    kind = register(dtype)
    if dtype.kind == "f":
        above = f.op(f"fcmp ugt {kind} {entry}, {best}")
        return f.op(f"and i1 {above}, {f.op(f'fcmp ord {kind} {best}, {best}')}")
    return f.op(f"icmp {'sgt' if dtype.kind == 'i' else 'ugt'} {kind} {entry}, {best}")


def _place(f: Function, at: str) -> str:
    small = f.op(f"load i32, ptr {f.at('%places', 'i32', at)}")
    return f.op(f"zext i32 {small} to i64")


@native("pool_take")
def _pool_take(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x, places = map(p.in_memory, xs)
    rank, dtype = eqn.params["rank"], x.aval.dtype
    out = p.result(eqn.outvars[0])
    images = math.prod(x.aval.shape[:-rank])
    if not out.aval.size:
        return [out]
    given = _given(
        p, {"x": x, "places": places, "out": out}, {"area": math.prod(x.aval.shape[-rank:]), "count": math.prod(out.aval.shape[-rank:])}
    )

    def body(f: Function) -> None:
        with f.loop("%to", "%from") as n, f.loop("%count") as j:
            at = mixed(f, n, ("%count", j))
            place = _place(f, at)
            value = read(f, f.at("%x", memory(dtype), mixed(f, n, ("%area", place))), dtype)
            write(f, f.at("%out", memory(dtype), at), dtype, value)

    name = outlined(p, ("pool_take", dtype), given, body)
    run_split(p, name, list(given.values()), images, images, work=out.aval.size)
    return [out]


@native("pool_put")
def _pool_put(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    y, places = map(p.in_memory, xs)
    rank, dtype = len(eqn.params["spatial"]), y.aval.dtype
    out = p.result(eqn.outvars[0])
    images = math.prod(y.aval.shape[:-rank])
    if not out.aval.size:
        return [out]
    given = _given(
        p, {"y": y, "places": places, "out": out}, {"area": math.prod(out.aval.shape[-rank:]), "count": math.prod(y.aval.shape[-rank:])}
    )

    def body(f: Function) -> None:
        with f.loop("%to", "%from") as n:
            image = f.at("%out", memory(dtype), multiplied(f, n, "%area"))
            clear(f, image, "%area", dtype.itemsize)
            with f.loop("%count") as j:
                at = mixed(f, n, ("%count", j))
                to = f.at(image, memory(dtype), _place(f, at))
                value = read(f, f.at("%y", memory(dtype), at), dtype)
                write(f, to, dtype, accumulated(f, "sum", dtype, read(f, to, dtype), value))

    name = outlined(p, ("pool_put", dtype), given, body)
    run_split(p, name, list(given.values()), images, images, work=out.aval.size)
    return [out]
