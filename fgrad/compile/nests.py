"""Loop nests in LLVM: nested loops over C-contiguous arrays with scalar bodies.

Each value is computed in the outermost loop it can be; a reduction over inner axes is kept in a variable, one over outer axes in its output array. A
nest whose arrays are all read and written in order becomes one loop over all entries. Sums may be reordered (`reassoc` on the accumulator alone):
without that LLVM could not vectorise them; nothing else may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.loops import Compute, Index, Load, LoopNest, Reduce, Store
from fgrad.compile.scalars import F32, F64, MATH, Parts, apply, constant, convert, memory, read, real_dtype, register, write

MATH_IN_PLACE = 24
"""Straight-line code with more functions of mathematics than this calls them."""

_IDENTITY = {"sum": 0, "prod": 1, "and": True, "or": False}
_UPDATE = {"max": "maximum", "min": "minimum", "and": "and", "or": "or", "sum": "add", "prod": "mul"}


def identity(kind: str, dtype: np.dtype) -> Parts:
    """What a reduction of nothing is."""
    if kind in _IDENTITY:
        return constant(_IDENTITY[kind], dtype)
    lowest = kind == "max"
    if dtype.kind == "f":
        return constant(-np.inf if lowest else np.inf, dtype)
    if dtype.kind == "b":
        return constant(not lowest, dtype)
    return constant(np.iinfo(dtype).min if lowest else np.iinfo(dtype).max, dtype)


def accumulated(f: Function, kind: str, dtype: np.dtype, total: Parts, value: Parts) -> Parts:
    """The total with one more value."""
    if kind in ("sum", "prod") and (dtype.kind == "f" or (dtype.kind == "c" and kind == "sum")):
        word = "fadd" if kind == "sum" else "fmul"
        return tuple(f.op(f"{word} reassoc {register(dtype)} {a}, {b}") for a, b in zip(total, value, strict=True))
    return apply(f, _UPDATE[kind], (dtype, dtype), dtype, (total, value))


def collapsed(nest: LoopNest) -> LoopNest:
    """The nest as one loop over all entries, where every load is in order and every reduction over all axes; else the nest."""
    if nest.rank < 2 or nest.larger or any(nest.cuts):
        return nest
    plain = tuple(Index(k) for k in range(nest.rank))
    for s in nest.body:
        if (isinstance(s, Load) and s.indices != plain) or (isinstance(s, Reduce) and s.kept):
            return nest
    body = tuple(
        replace(s, indices=(Index(0),), depth=1)
        if isinstance(s, Load)
        else replace(s, depth=min(s.depth, 1))
        if isinstance(s, Compute)
        else s
        for s in nest.body
    )
    outs = tuple(replace(o, axes=(0,) if o.axes else ()) for o in nest.outs)
    return LoopNest(1, nest.integers, nest.scalars, tuple((d, 1) for d, _ in nest.arrays), (), ((),), body, outs)


@dataclass(frozen=True)
class Arguments:
    """What a nest is applied to: names for its parameters."""

    outs: Sequence[str]  # pointers; for a result that is a number, where to store it, or "" to get it
    arrays: Sequence[str]
    dims: Sequence[Sequence[str]]  # the sizes of each array
    sizes: Sequence[str]
    integers: Sequence[str]
    scalars: Sequence[Parts]


Caller = Callable[[Function, LoopNest, str, Sequence[tuple[str, str]], Sequence[str]], None]


def apply_nest(f: Function, nest: LoopNest, args: Arguments, hot: bool, in_parts: Caller | None = None) -> dict[int, Parts]:
    """Writes a nest into a function: a call of a function of its own, or in place where it has no loops. Returns results that are numbers, by number.

    `hot`: inside a loop, where a call may cost more than the nest: LLVM then decides whether it stays one. Elsewhere `in_parts` calls the function
    of a nest on parts of its outermost loop.
    """
    flat = collapsed(nest)
    if flat is not nest:
        size = args.sizes[0]
        for n in args.sizes[1:]:
            size = multiplied(f, size, n)
        args = replace(args, sizes=[size], dims=[[size]] * len(args.arrays))
    if not flat.rank:
        f.outlined = sum(isinstance(s, Compute) and s.op in MATH for s in flat.body) > MATH_IN_PLACE
        results = _Writer(f, flat, args).written()
        f.outlined = False
        return results
    given: list[tuple[str, str]] = []  # type and name, argument by argument
    names: list[str] = []

    def parameter(kind: str, name: str, value: str) -> str:
        given.append((kind.split()[0], value))
        names.append(f"{kind} %{name}")
        return f"%{name}"

    # outputs are memory of their own; inputs are not written to
    outs = [parameter("ptr noalias", f"o{k}", o or f.slot(memory(flat.outs[k].dtype))) for k, o in enumerate(args.outs)]
    slots = [value for _, value in given]
    arrays = [parameter("ptr noalias readonly", f"a{k}", a) for k, a in enumerate(args.arrays)]
    sizes = [parameter("i64", f"n{k}", n) for k, n in enumerate(args.sizes)]
    integers = [parameter("i64", f"p{k}", p) for k, p in enumerate(args.integers)]
    dims = [
        [sizes[0], *[parameter("i64", f"d{k}_{j}", d) for j, d in enumerate(ds) if j]] if k in flat.larger else sizes
        for k, ds in enumerate(args.dims)
    ]
    scalars = [
        tuple(parameter(register(dtype), f"s{k}_{j}", p) for j, p in enumerate(parts))
        for k, (parts, dtype) in enumerate(zip(args.scalars, flat.scalars, strict=True))
    ]
    attributes = "" if hot else "noinline"
    if hot:
        in_parts = None
    split = in_parts is not None
    bounds = ("%from", "%to") if split else ("0", sizes[0])
    if split:
        names += ["i64 %from", "i64 %to"]
    key = (hot, split, flat)
    name = f.module.named.get(key)
    if name is None:
        name = f.module.named[key] = f"nest{len(f.module.named)}"
        inner = Function(f.module, name, names, attributes=attributes)
        results = _Writer(inner, flat, Arguments(outs, arrays, dims, sizes, integers, scalars), bounds).written()
        for k, parts in results.items():
            write(inner, outs[k], flat.outs[k].dtype, parts)
        inner.do("ret void")
        inner.finish()
    if in_parts is not None:
        in_parts(f, flat, name, given, args.sizes)
    else:
        f.do(f"call void @{name}({', '.join(f'{kind} {value}' for kind, value in given)})")
    return {k: read(f, slots[k], o.dtype) for k, o in enumerate(flat.outs) if not o.axes and not args.outs[k]}


MOST_SEGMENTS = 32
"""A nest is written out for at most so many pieces; the guards of further axes, outer ones, are tested in the loop."""


def _cut_axes(nest: LoopNest) -> frozenset[int]:
    """The axes whose segments become loops of their own: from the innermost, as long as there are few pieces."""
    cut, pieces = set(), 1
    for axis in reversed(range(nest.rank)):
        pieces *= len(nest.cuts[axis]) + 1
        if pieces > MOST_SEGMENTS:
            break
        cut.add(axis)
    return frozenset(cut)


class _Writer:
    def __init__(self, f: Function, nest: LoopNest, args: Arguments, bounds: tuple[str, str] = ("", "")):
        self.f, self.nest, self.args, self.bounds = f, nest, args, bounds  # bounds of the outermost loop
        self.names: dict[str, Parts] = {f"s{k}": parts for k, parts in enumerate(args.scalars)}
        self.axes: list[str] = []
        self.results: dict[int, Parts] = {}
        self.slots: dict[int, list[str]] = {}
        self.cut = _cut_axes(nest)

    def written(self) -> dict[int, Parts]:
        for s in self.nest.body:
            if isinstance(s, Reduce) and not self.in_variable(s):
                self.fill(s)
        self.block(0, {})
        return self.results

    def block(self, depth: int, segment: dict[int, int]) -> None:
        """What stands inside the loops of the first `depth` axes, in these segments of them."""
        f, rank = self.f, self.nest.rank
        reductions = [s for s in self.nest.body if isinstance(s, Reduce)]
        for s in reductions:
            if depth == len(s.kept) and self.in_variable(s):
                dtype = self.wide(s)
                self.slots[s.out] = [f.slot(register(dtype)) for _ in identity(s.kind, dtype)]
                self.keep(s, identity(s.kind, dtype))
        for s in self.nest.body:
            if isinstance(s, (Load, Compute)):
                if s.depth == depth:
                    self.names[f"v{s.value}"] = self.value(s, segment)
            elif depth == rank:
                if isinstance(s, Store):
                    self.store(s.out, self.names[s.operand])
                else:
                    self.update(s)
        if depth < rank:
            bounds = self.edges(depth) if depth in self.cut else ["0", self.args.sizes[depth]]
            for j, (low, high) in enumerate(pairwise(bounds)):
                if depth == 0:
                    low, high = self.within(low, high)
                with f.loop(high, low) as i:
                    self.axes.append(i)
                    self.block(depth + 1, {**segment, depth: j} if depth in self.cut else segment)
                    self.axes.pop()
        for s in reductions:
            if depth == len(s.kept) and self.in_variable(s):
                self.store(s.out, convert(f, self.kept(s), self.wide(s), self.nest.outs[s.out].dtype))

    def within(self, low: str, high: str) -> tuple[str, str]:
        """The part of a segment of the outermost loop that this call is to do."""
        first, last = self.bounds
        if first == "0":
            return low, high
        start = first if low == "0" else self.larger(low, first, "sgt")
        return start, last if high == self.args.sizes[0] else self.larger(high, last, "slt")

    def larger(self, x: str, y: str, word: str) -> str:
        return self.f.op(f"select i1 {self.f.op(f'icmp {word} i64 {x}, {y}')}, i64 {x}, i64 {y}")

    def edges(self, axis: int) -> list[str]:
        """Where the segments of an axis begin, and where the last ends."""
        return ["0", *[self.args.integers[p] for p in self.nest.cuts[axis]], self.args.sizes[axis]]

    def value(self, s: Load | Compute, segment: dict[int, int]) -> Parts:
        if not all(g.first <= segment[g.axis] < g.last for g in s.guards if g.axis in segment):
            return constant(0, s.dtype)
        tests = []
        for g in s.guards:
            if g.axis not in segment:
                i, edges = self.axes[g.axis], self.edges(g.axis)
                tests += [f"icmp sge i64 {i}, {edges[g.first]}", f"icmp slt i64 {i}, {edges[g.last]}"]
        if not tests:
            return self.unguarded(s)
        f, inside = self.f, "true"
        for t in tests:
            inside = f.op(f"and i1 {inside}, {f.op(t)}")
        slots = [f.slot(register(s.dtype)) for _ in constant(0, s.dtype)]
        for slot, part in zip(slots, constant(0, s.dtype), strict=True):
            f.do(f"store {register(s.dtype)} {part}, ptr {slot}")
        with f.when(inside):
            for slot, part in zip(slots, self.unguarded(s), strict=True):
                f.do(f"store {register(s.dtype)} {part}, ptr {slot}")
        return tuple(f.op(f"load {register(s.dtype)}, ptr {slot}") for slot in slots)

    def unguarded(self, s: Load | Compute) -> Parts:
        if isinstance(s, Compute):
            return apply(self.f, s.op, s.dtypes, s.dtype, [self.names[o] for o in s.operands])
        subscripts = [self.subscript(i) for i in s.indices]
        return read(
            self.f, self.f.at(self.args.arrays[s.array], memory(s.dtype), self.offset(subscripts, self.args.dims[s.array])), s.dtype
        )

    def subscript(self, index: Index) -> str:
        at = self.axes[index.axis]
        if index.step is not None:
            at = multiplied(self.f, self.args.integers[index.step], at)
        return at if index.start is None else added(self.f, self.args.integers[index.start], at)

    def offset(self, subscripts: Sequence[str], sizes: Sequence[str]) -> str:
        """The flat offset of an entry in an array of these sizes, C order; the first size is not needed."""
        if not subscripts:
            return "0"
        flat = subscripts[0]
        for subscript, size in zip(subscripts[1:], sizes[1:], strict=True):
            flat = added(self.f, multiplied(self.f, flat, size), subscript)
        return flat

    def place(self, out: int) -> str:
        axes = self.nest.outs[out].axes
        offset = self.offset([self.axes[a] for a in axes], [self.args.sizes[a] for a in axes])
        return self.f.at(self.args.outs[out], memory(self.nest.outs[out].dtype), offset)

    def store(self, out: int, value: Parts) -> None:
        if self.nest.outs[out].axes:
            write(self.f, self.place(out), self.nest.outs[out].dtype, value)
        else:
            self.results[out] = value

    # -- reductions: over inner axes in a variable, over outer ones in the result

    def in_variable(self, s: Reduce) -> bool:
        return s.kept == tuple(range(len(s.kept)))

    def wide(self, s: Reduce) -> np.dtype:
        """The dtype in which s is accumulated: a long sum in float32 loses digits."""
        dtype = self.nest.outs[s.out].dtype
        if s.kind == "sum" and real_dtype(dtype) == F32 and self.in_variable(s):
            return F64 if dtype.kind == "f" else np.dtype(np.complex128)
        return dtype

    def keep(self, s: Reduce, value: Parts) -> None:
        for slot, part in zip(self.slots[s.out], value, strict=True):
            self.f.do(f"store {register(self.wide(s))} {part}, ptr {slot}")

    def kept(self, s: Reduce) -> Parts:
        return tuple(self.f.op(f"load {register(self.wide(s))}, ptr {slot}") for slot in self.slots[s.out])

    def update(self, s: Reduce) -> None:
        value, dtype = self.names[s.operand], self.nest.outs[s.out].dtype
        if self.in_variable(s):
            wide = self.wide(s)
            self.keep(s, accumulated(self.f, s.kind, wide, self.kept(s), convert(self.f, value, dtype, wide)))
            return
        place = self.place(s.out)
        write(self.f, place, dtype, accumulated(self.f, s.kind, dtype, read(self.f, place, dtype), value))

    def fill(self, s: Reduce) -> None:
        out = self.nest.outs[s.out]
        row = "1"
        for a in out.axes[1:]:
            row = multiplied(self.f, row, self.args.sizes[a])
        # of a result that has the outermost axis, other parts fill the rest
        first, last = self.bounds if out.axes[0] == 0 and self.bounds[1] else ("0", self.args.sizes[out.axes[0]])
        with self.f.loop(multiplied(self.f, last, row), multiplied(self.f, first, row)) as i:
            write(self.f, self.f.at(self.args.outs[s.out], memory(out.dtype), i), out.dtype, identity(s.kind, out.dtype))
