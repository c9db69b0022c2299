"""Native rules along an axis: where its extrema stand, running reductions, and sums over a sliding window. Read `native.py` first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import Array, NotNative, Program, Rule, Scalar, Value, native
from fgrad.compile.scalars import I64, Parts, apply, choose, constant, has, literal, memory, read, register, write
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation


def entries_between(f: Function, x: Array, start: int, stop: int | None = None) -> str:
    """How many entries some axes of an array have."""
    n = "1"
    for d in x.dims[start:stop]:
        n = multiplied(f, n, d)
    return n


@contextmanager
def lanes(p: Program, x: Array, axis: int) -> Iterator[tuple[str, str, str, str]]:
    """A loop over all lanes along an axis: (offset of the first entry, distance of two, how many, number of the lane)."""
    f = p.f
    outer, inner = entries_between(f, x, 0, axis), entries_between(f, x, axis + 1)
    with f.loop(outer) as i, f.loop(inner) as j:
        first = added(f, multiplied(f, i, multiplied(f, x.dims[axis], inner)), j)
        yield first, inner, x.dims[axis], added(f, multiplied(f, i, inner), j)


# -- where an extremum stands


def _extremum_place(least: bool) -> Rule:
    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, x, axis = p.f, p.in_memory(xs[0]), eqn.params["axis"]
        aval, dtype = eqn.outvars[0].aval, x.aval.dtype
        if dtype.kind not in "fiu" or not x.aval.size:
            raise NotNative(f"{eqn.primitive.name} of {x.aval!r}")
        out = p.result(eqn.outvars[0]) if aval.shape else p.in_memory(Scalar(("0",), aval))
        if all(n == 1 for n in x.aval.shape[axis + 1 :]):
            with lanes(p, x, axis) as (first, _, count, lane):
                run = f.at(x.pointer, memory(dtype), first)
                place = f.op(f"call i64 @{_place_function(f, dtype, least)}(ptr {run}, i64 {count})")
                f.do(f"store i64 {place}, ptr {f.at(out.pointer, 'i64', lane)}")
        else:
            with p.scratch(ShapedArray(x.aval.shape[axis + 1 :], np.dtype(f"i{dtype.itemsize}"))) as best:
                _places_of_rows(p, x, axis, least, best, out)
        return [out if aval.shape else Scalar(read(f, out.pointer, I64), aval)]

    return rule


def _place_function(f: Function, dtype: np.dtype, least: bool) -> str:
    """i64 place(run, count): where the first extremum of a run stands, or its first NaN.

    Blocks of a fixed size, of which the last may overlap the one before it, are compared as vectors; then the place is looked for in the first block
    that has the extremum of all.
    """
    key = "place", dtype, least
    name = f.module.named.get(key)
    if name is not None:
        return name
    name = f.module.named[key] = f"{'least' if least else 'largest'}_of_{dtype.name}"
    g, block = Function(f.module, name, ["ptr readonly %run", "i64 %count"], "i64", "noinline"), 256 // dtype.itemsize
    few, many = g.label(), g.label()
    g.branch(g.op(f"icmp slt i64 %count, {block}"), few, many)
    for label, size in ((few, "%count"), (many, str(block))):
        g.place(label)
        search = _Search(g, dtype, least)
        ends = g.op(f"sub i64 %count, {size}")
        blocks = g.op(f"sdiv i64 {g.op(f'add i64 %count, {block - 1}')}, {block}") if label == many else "1"
        with g.loop(blocks) as b:
            g.module.declare("llvm.smin.i64", "declare i64 @llvm.smin.i64(i64, i64)")
            search.compare(g.op(f"call i64 @llvm.smin.i64(i64 {g.op(f'mul i64 {b}, {block}')}, i64 {ends})"), size)
        g.do(f"ret i64 {search.place(size)}")
    g.finish()
    return name


class _Search:
    """The code that looks for an extremum, block by block."""

    def __init__(self, f: Function, dtype: np.dtype, least: bool):
        self.f, self.dtype, self.t = f, dtype, register(dtype)
        self.is_float, word = dtype.kind == "f", "lt" if least else "gt"
        self.beyond = f"fcmp o{word} {self.t}" if self.is_float else f"icmp {'u' if dtype.kind == 'u' else 's'}{word} {self.t}"
        self.best, self.start = f.slot(self.t), f.slot("i64")
        f.do(f"store {self.t} {self.entry('0')}, ptr {self.best}")
        f.do(f"store i64 0, ptr {self.start}")

    def entry(self, i: str) -> str:
        return read(self.f, self.f.at("%run", memory(self.dtype), i), self.dtype)[0]

    def compare(self, low: str, size: str) -> None:
        """Compares the extremum of a block with that of the blocks before; returns from the function where there is a NaN."""
        f, t, held, nan = self.f, self.t, self.f.slot(self.t), self.f.slot("i1")
        flags = "nnan nsz " if self.is_float else ""  # that entries are numbers is found out beside
        f.do(f"store {t} {self.entry(low)}, ptr {held}")
        f.do(f"store i1 false, ptr {nan}")
        with f.loop(size) as i:
            v, most = self.entry(f.op(f"add i64 {low}, {i}")), f.op(f"load {t}, ptr {held}")
            better = f.op(f"{self.beyond.replace('fcmp ', f'fcmp {flags}')} {v}, {most}")
            f.do(f"store {t} {f.op(f'select {flags}i1 {better}, {t} {v}, {t} {most}')}, ptr {held}")
            if self.is_float:
                seen, unordered = f.op(f"load i1, ptr {nan}"), f.op(f"fcmp uno {t} {v}, {v}")
                f.do(f"store i1 {f.op(f'or i1 {seen}, {unordered}')}, ptr {nan}")
        if self.is_float:
            with f.when(f.op(f"load i1, ptr {nan}")):
                self.return_first_nan(low)
        most, before = f.op(f"load {t}, ptr {held}"), f.op(f"load {t}, ptr {self.best}")
        with f.when(f.op(f"{self.beyond} {most}, {before}")):
            f.do(f"store {t} {most}, ptr {self.best}")
            f.do(f"store i64 {low}, ptr {self.start}")

    def return_first_nan(self, low: str) -> None:
        f, at = self.f, self.f.slot("i64")
        f.do(f"store i64 {low}, ptr {at}")
        head, following, done, dead = (f.label() for _ in range(4))
        f.jump(head)
        f.place(head)
        i = f.op(f"load i64, ptr {at}")
        v = self.entry(i)
        f.branch(f.op(f"fcmp uno {self.t} {v}, {v}"), done, following)
        f.place(following)
        f.do(f"store i64 {f.op(f'add i64 {i}, 1')}, ptr {at}")
        f.jump(head)
        f.place(done)
        f.do(f"ret i64 {i}")
        f.place(dead)

    def place(self, size: str) -> str:
        """Where the extremum of all is found first."""
        f, nearest = self.f, self.f.slot("i32")
        most, low = f.op(f"load {self.t}, ptr {self.best}"), f.op(f"load i64, ptr {self.start}")
        f.do(f"store i32 -1, ptr {nearest}")
        f.module.declare("llvm.umin.i32", "declare i32 @llvm.umin.i32(i32, i32)")
        with f.loop(size) as i:
            is_it = f.op(f"{'fcmp oeq' if self.is_float else 'icmp eq'} {self.t} {self.entry(f.op(f'add i64 {low}, {i}'))}, {most}")
            here = f.op(f"select i1 {is_it}, i32 {f.op(f'trunc i64 {i} to i32')}, i32 -1")
            held = f.op(f"load i32, ptr {nearest}")
            f.do(f"store i32 {f.op(f'call i32 @llvm.umin.i32(i32 {here}, i32 {held})')}, ptr {nearest}")
        found = f.op(f"load i32, ptr {nearest}")
        return f.op(f"add i64 {low}, {f.op(f'zext i32 {found} to i64')}")


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


def _places_of_rows(p: Program, x: Array, axis: int, least: bool, best: Array, out: Array) -> None:
    """Along an axis that others stand behind: a row after the other, each entry compared with the largest of its lane so far."""
    f, dtype, kind = p.f, x.aval.dtype, memory(best.aval.dtype)
    outer, inner = entries_between(f, x, 0, axis), entries_between(f, x, axis + 1)
    key = lambda at: _order_key(f, dtype, read(f, f.at(x.pointer, memory(dtype), at), dtype)[0], least)
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

# -- running reductions

Update = Callable[[Function, np.dtype, Parts, Parts, Parts], Parts]
"""(function, dtype, what stands before, the entry, its coefficient) -> the new entry"""

AT_ONCE = 4
"""So many lanes run side by side: an entry waits for the one before it, but not for those of other lanes."""


def _running(update: Update, needs: str) -> Rule:
    """y[0] = x[0]; y[t] = update(y[t - 1], x[t], a[t]) along the axis."""

    def rule(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
        f, a, x = p.f, p.in_memory(xs[0]), p.in_memory(xs[-1])
        dtype, axis, reverse = x.aval.dtype, eqn.params["axis"], eqn.params["reverse"]
        if not has(needs, (dtype, dtype)):
            raise NotNative(f"{eqn.primitive.name} of {dtype}")
        out = p.result(eqn.outvars[0])
        outer, inner, count = entries_between(f, x, 0, axis), entries_between(f, x, axis + 1), x.dims[axis]
        if inner != "1":
            _rows_in_turn(f, update, (a, x, out), outer, inner, count, reverse)
            return [out]
        groups = f.op(f"sdiv i64 {outer}, {AT_ONCE}") if outer != "1" else "0"
        with f.loop(groups) as g:
            _lanes_at_once(f, update, (a, x, out), f.op(f"mul i64 {g}, {AT_ONCE}"), AT_ONCE, count, reverse)
        with f.loop(outer, f.op(f"mul i64 {groups}, {AT_ONCE}") if groups != "0" else "0") as i:
            _lanes_at_once(f, update, (a, x, out), i, 1, count, reverse)
        return [out]

    return rule


def _lanes_at_once(
    f: Function, update: Update, arrays: tuple[Array, Array, Array], first: str, lanes: int, count: str, reverse: bool
) -> None:
    """Neighbouring lanes along the last axis, what stands before in variables."""
    a, x, out = arrays
    dtype, kind = x.aval.dtype, memory(x.aval.dtype)
    starts = [multiplied(f, added(f, first, str(k)), count) for k in range(lanes)]
    slots = [[f.slot(register(dtype)) for _ in constant(0, dtype)] for _ in range(lanes)]
    for own in slots:
        for slot, part in zip(own, constant(0, dtype), strict=True):
            f.do(f"store {register(dtype)} {part}, ptr {slot}")
    with f.loop(count) as s:
        t = f.op(f"sub i64 {f.op(f'sub i64 {count}, 1')}, {s}") if reverse else s
        begins = f.op(f"icmp eq i64 {s}, 0")
        for start, own in zip(starts, slots, strict=True):
            at = added(f, start, t)
            value, coefficient = (read(f, f.at(v.pointer, kind, at), dtype) for v in (x, a))
            before = tuple(f.op(f"load {register(dtype)}, ptr {slot}") for slot in own)
            new = choose(f, begins, value, update(f, dtype, before, value, coefficient), dtype)
            for slot, part in zip(own, new, strict=True):
                f.do(f"store {register(dtype)} {part}, ptr {slot}")
            write(f, f.at(out.pointer, kind, at), dtype, new)


def _rows_in_turn(
    f: Function, update: Update, arrays: tuple[Array, Array, Array], outer: str, inner: str, count: str, reverse: bool
) -> None:
    """Time outside, the entries behind the axis inside: neighbours in memory are read together."""
    a, x, out = arrays
    dtype, kind = x.aval.dtype, memory(x.aval.dtype)
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


def _with(op: str) -> Rule:
    return _running(lambda f, dtype, before, value, a: apply(f, op, (dtype, dtype), dtype, (before, value)), op)


def _with_extremum(op: str, word: str) -> Rule:
    """As NumPy: what stands before stays unless the entry is beyond it, or a NaN. The chain from entry to entry is one comparison long."""

    def update(f: Function, dtype: np.dtype, before: Parts, value: Parts, a: Parts) -> Parts:
        if dtype.kind != "f":
            return apply(f, op, (dtype, dtype), dtype, (before, value))
        t = register(dtype)
        is_number = f.op(f"fcmp ord {t} {value[0]}, {value[0]}")
        stays = f.op(f"and i1 {f.op(f'fcmp u{word} {t} {before[0]}, {value[0]}')}, {is_number}")
        return choose(f, stays, before, value, dtype)

    return _running(update, op)


def _recurrence(f: Function, dtype: np.dtype, before: Parts, value: Parts, a: Parts) -> Parts:
    return apply(f, "add", (dtype, dtype), dtype, (apply(f, "mul", (dtype, dtype), dtype, (a, before)), value))


native("cumsum")(_with("add"))
native("cumprod")(_with("mul"))
native("cummax")(_with_extremum("maximum", "ge"))
native("cummin")(_with_extremum("minimum", "le"))
native("linear_recurrence")(_running(_recurrence, "mul"))

# -- sums over a sliding window

STRIP = 1024
"""Sums that are made side by side, so that they stay in the cache."""


@native("sliding_dot")
def _sliding_dot(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """out[..., i] = the sum of a[..., i + j - low] v[..., j] over j: one term after the other for a strip of sums."""
    f, (a, v), out = p.f, map(p.in_memory, xs), p.result(eqn.outvars[0])
    dtype = out.aval.dtype
    if dtype.kind == "b" or not has("mul", (dtype, dtype)):
        raise NotNative(f"sliding_dot of {dtype}")
    name = _sliding_function(f, dtype)
    low = p.size(eqn.params["widths"][0])
    n, m, count = a.dims[-1], v.dims[-1], out.dims[-1]
    with f.loop(entries_between(f, out, 0, -1)) as row:
        pointers = [f.at(x.pointer, memory(dtype), multiplied(f, row, x.dims[-1])) for x in (a, v, out)]
        f.do(f"call void @{name}({', '.join(f'ptr {q}' for q in pointers)}, i64 {n}, i64 {m}, i64 {count}, i64 {low})")
    return [out]


def _sliding_function(f: Function, dtype: np.dtype) -> str:
    module = f.module
    name = module.named.get(("sliding", dtype))
    if name is not None:
        return name
    name = module.named["sliding", dtype] = f"sliding_{dtype.name}"
    parameters = ["ptr noalias readonly %a", "ptr noalias readonly %v", "ptr noalias %o", "i64 %n", "i64 %m", "i64 %count", "i64 %low"]
    g, kind = Function(module, name, parameters), memory(dtype)
    for word in ("smin", "smax"):
        module.declare(f"llvm.{word}.i64", f"declare i64 @llvm.{word}.i64(i64, i64)")
    end = g.op("add i64 %n, %low")
    with g.loop(g.op(f"sdiv i64 {g.op(f'add i64 %count, {STRIP - 1}')}, {STRIP}")) as strip:
        start = g.op(f"mul i64 {strip}, {STRIP}")
        stop = g.op(f"call i64 @llvm.smin.i64(i64 {g.op(f'add i64 {start}, {STRIP}')}, i64 %count)")
        with g.loop(stop, start) as i:
            write(g, g.at("%o", kind, i), dtype, constant(0, dtype))
        with g.loop("%m") as j:
            factor = read(g, g.at("%v", kind, j), dtype)
            first = g.op(f"call i64 @llvm.smax.i64(i64 {start}, i64 {g.op(f'sub i64 %low, {j}')})")
            last = g.op(f"call i64 @llvm.smin.i64(i64 {stop}, i64 {g.op(f'sub i64 {end}, {j}')})")
            shift = g.op(f"sub i64 {j}, %low")
            with g.loop(last, first) as i:
                entry = read(g, g.at("%a", kind, g.op(f"add i64 {i}, {shift}")), dtype)
                at = g.at("%o", kind, i)
                term = apply(g, "mul", (dtype, dtype), dtype, (entry, factor))
                write(g, at, dtype, apply(g, "add", (dtype, dtype), dtype, (read(g, at, dtype), term)))
    g.do("ret void")
    g.finish()
    return name
