"""Native rules for convolutions: register-blocked kernels over packed images.

A convolution, and the gradient of its input, is a `Correlation`: sums over source channels and taps of weights times images at an offset. An image is
copied into scratch memory with its padding, and with the entries that a stride apart lie side by side, so that each tap is one offset for all places.
Places are numbered through the padded rows: a vector of them may run over the end of a row, and the lanes that lie there are dropped when it is
stored. The kernels are in `microkernels.py`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fgrad.compile import parallel
from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.listing import PRODUCTS
from fgrad.compile.microkernels import (
    Block,
    Vectors,
    best_block,
    copy_run,
    integer,
    lanes,
    mixed,
    move,
    smaller,
    steps_of,
    tile_kernel,
    transpose_run,
)
from fgrad.compile.native import Array, NotNative, Program, Value, native
from fgrad.compile.scalars import F32, F64, register
from fgrad.core.avals import ShapedArray
from fgrad.core.config import config
from fgrad.core.jaxpr import Equation
from fgrad.ops import convolution as primitives

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Correlation:
    """y[n, g, d, p] = sum over c and t of a[g, d, c, t] * x[n, g, c, p * stride + taps[t] - low], with zeros outside of x."""

    images: int
    groups: int
    sources: int  # channels c of a group
    results: int  # channels d of a group
    size: Sizes  # of x
    places: Sizes  # of y
    low: Sizes
    stride: Sizes
    taps: tuple[Sizes, ...]
    room: int = 0  # the places along the first axis that packed images have room for, if more

    @staticmethod
    def of(x: Sizes, w: Sizes, y: Sizes, *, stride: Sizes, padding: Sequence[tuple[int, int]], dilation: Sizes, groups: int) -> Correlation:
        """The correlation of a convolution of these shapes."""
        taps = tuple(tuple(k * d for k, d in zip(at, dilation, strict=True)) for at in itertools.product(*map(range, w[2:])))
        return Correlation(x[0], groups, w[1], w[0] // groups, x[2:], y[2:], tuple(low for low, _ in padding), stride, taps)

    def with_unit_axis(self) -> Correlation:
        """The same with an axis of size 1 in front of the others."""
        ones = {k: (1, *getattr(self, k)) for k in ("size", "places", "stride")}
        return replace(self, **ones, low=(0, *self.low), taps=tuple((0, *t) for t in self.taps))

    @cached_property
    def extent(self) -> Sizes:
        """The spatial shape of a packed image's phases: places, and how far taps reach."""
        places = (max(self.places[0], self.room), *self.places[1:])
        return tuple(n + max(t[a] for t in self.taps) // s for a, (n, s) in enumerate(zip(places, self.stride, strict=True)))

    @cached_property
    def plane(self) -> int:
        return math.prod(self.extent)

    @cached_property
    def channel(self) -> int:
        """Entries of a channel of a packed image: one plane for each phase of the stride."""
        return self.plane * math.prod(self.stride)

    @cached_property
    def run(self) -> int:
        """How many places there are, numbered through the rows of a packed image."""
        return int(np.ravel_multi_index([n - 1 for n in self.places], self.extent)) + 1

    @cached_property
    def terms(self) -> int:
        """Products for each entry of the result."""
        return self.sources * len(self.taps)

    def strip(self, lines: int, room: int | None = None) -> Correlation:
        """The same with so many places along the first axis, in packed images with room for others."""
        return replace(self, places=(lines, *self.places[1:]), room=lines if room is None else room)

    def best_strip(self, dtype: np.dtype) -> tuple[int, Block]:
        """How many places along the first axis are made at a time from an image packed so far, and the shape of the kernel's block."""
        reach = max(t[0] for t in self.taps) // self.stride[0]
        line = self.groups * self.sources * self.stride[0] * math.prod(self.stride[1:]) * math.prod(self.extent[1:]) * dtype.itemsize
        held = line / -(-self.terms // PIECE)  # of which so much is read again and again
        most = max(1, min(self.places[0], max(int(STRIP / held) - reach, reach)))
        least = -(-self.places[0] // most)  # strips
        found = []
        for chunks in range(least, least + 4):
            lines = -(-self.places[0] // chunks)
            vectors = -(-self.strip(lines).run // lanes(dtype))
            block = best_block(self.results, vectors)
            found.append((chunks * (steps_of(block, self.results, vectors) + 0.2 * reach * vectors / lines), lines, block))
        return min(found, key=lambda x: x[0])[1:]

    def work(self, dtype: np.dtype) -> int:
        """About how many vector operations it takes."""
        return self.images * self.groups * self.results * self.terms * math.prod(self.places) // lanes(dtype)

    def offsets(self) -> np.ndarray:
        """Where in a packed image each term is, from the first place."""
        taps = np.array(self.taps).reshape(len(self.taps), -1)
        phase = np.ravel_multi_index((taps % self.stride).T, self.stride)
        within = np.ravel_multi_index((taps // self.stride).T, self.extent)
        return (np.arange(self.sources)[:, None] * self.channel + phase * self.plane + within).reshape(-1)

    def stores(self, count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """For each vector of places, the lanes that hold some, as bits, and where the first of them is stored."""
        at = np.arange(count * width)
        coordinates = np.array(np.unravel_index(np.minimum(at, self.plane - 1), self.extent))
        kept = (at < self.run) & (coordinates < np.array(self.places)[:, None]).all(0)
        before = np.cumsum(kept) - kept
        bits = (kept.reshape(count, width).astype(object) << np.arange(width)).sum(1) if width < 64 else None
        return np.array(bits, np.int64), before.reshape(count, width)[:, 0]


STRIP = 2**19
"""About how many bytes of a packed image are in the cache at a time."""

AHEAD = 2**20
"""Weights of at most so many bytes are packed once; others, which would not stay in the cache, block by block."""

PIECE = 768
"""How many terms are summed at most before the sums are put aside, so that what they read stays close."""


def correlate(p: Program, c: Correlation, x: Array, w: str, weights: Weights, to: Array, y: str) -> None:
    """Writes a correlation of the images x, to where the result `to` (of its dtype) is."""
    dtype = to.aval.dtype
    width = lanes(dtype)
    lines, block = c.best_strip(dtype)
    parts = 1 if p.hot else max_parts()
    lines = min(lines, -(-c.places[0] * c.images // parts))  # a strip for each part at least
    chunks = -(-c.places[0] // lines)
    strip, end = c.strip(lines), c.strip(c.places[0] - (chunks - 1) * lines, lines)
    tiles, tiles_end = (-(-s.run // (width * block.vectors)) for s in (strip, end))
    runs = -(-c.results // block.rows)
    unit = weights.run if weights.run < c.terms else 1  # a piece is made of whole runs
    pieces = -(-c.terms // (PIECE // unit * unit or unit))
    piece = -(-c.terms // (pieces * unit)) * unit
    pieces = -(-c.terms // piece)
    entries = c.groups * runs * c.terms * block.rows
    ahead = (
        entries * dtype.itemsize <= AHEAD or weights.run < c.terms
    )  # short runs are read as much faster as their neighbours are read next
    parts = 1 if p.hot else max_parts()
    block_entries = piece * block.rows
    room = c.groups * c.sources * strip.channel + strip.plane + (block.vectors + 1) * width
    aside = runs * tiles * block.rows * block.vectors * width if pieces > 1 else width
    stores = [s.stores(tiles * block.vectors, width) for s in (strip, end)]
    with (
        p.scratch(ShapedArray((entries if ahead else parts * block_entries,), dtype)) as a,
        p.scratch(ShapedArray((parts * room,), dtype)) as images,
        p.scratch(ShapedArray((parts * aside,), dtype)) as sums,
    ):
        given = weights.parameters(p, w, c, runs)
        if ahead:
            pack_weights(p, dtype, block.rows, a.pointer, weights, c, runs, given)
        given |= {
            "x": ("ptr", x.pointer), "a": ("ptr", a.pointer), "y": ("ptr", y), "packed": ("ptr", images.pointer), "sums": ("ptr", sums.pointer),
            "taps": ("ptr", p.integers(strip.offsets())), **packing(p, strip),
            "masks": ("ptr", p.integers(np.concatenate([m for m, _ in stores]))),
            "places": ("ptr", p.integers(np.concatenate([f for _, f in stores]))),
        }  # fmt: skip
        numbers = {
            "room": room, "aside": aside, "lines": lines, "chunks": chunks, "tiles": tiles, "fewer": tiles_end, "pieces": pieces, "piece": piece,
            "entries": block_entries, "count": math.prod(c.places),
            "inner": math.prod(c.places[1:]), "within": c.sources * strip.channel, "image": c.groups * c.sources * math.prod(c.size),
        }  # fmt: skip
        given |= {k: ("i64", p.large(n)) for k, n in numbers.items()}
        packed = None if ahead else weights
        key = ("correlate", dtype, block, c.stride, packed and packed.form(dtype, block.rows))
        name = outlined(p, key, given, lambda f: _correlate_part(f, dtype, block, c.stride, packed))
        run_split(p, name, list(given.values()), c.images * chunks, parts, work=c.work(dtype))


def max_parts() -> int:
    """How many threads a program has memory for."""
    return max(config.threads, parallel.CORES) if parallel.AVAILABLE else 1


def outlined(p: Program, key: object, given: dict[str, tuple[str, str]], write: Callable[[Function], None], split: bool = True) -> str:
    """A function of these parameters (name: type and value), written once. `split`: and of a part, its number, first and last unit."""
    module = p.module
    name = module.named.get(key)
    if name is None:
        name = module.named[key] = f"{key[0]}{len(module.named)}"  # type: ignore[index]
        parameters = [f"{'ptr noalias' if kind == 'ptr' else kind} %{k}" for k, (kind, _) in given.items()]
        f = Function(module, name, parameters + (["i64 %part", "i64 %from", "i64 %to"] if split else []), attributes="noinline")
        write(f)
        f.do("ret void")
        f.finish()
    return name


def run_split(
    p: Program,
    name: str,
    given: Sequence[tuple[str, str]],
    units: int,
    parts: int,
    joined: Sequence[tuple[parallel.Joined, str]] = (),
    *,
    work: int,
) -> None:
    """Calls a function for all its units, in as many parts as there are threads if its work, in operations, is worth it."""
    if p.hot or not parallel.AVAILABLE:
        p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in given)}, i64 0, i64 0, i64 {p.large(units)})")
    else:
        parallel.call_split(p.f, name, given, p.large(units), p.large(parts if work >= parallel.WORTH else 1), joined)


# -- packing images


def packing(p: Program, c: Correlation, of: str = "", channel: int | None = None) -> dict[str, tuple[str, str]]:
    """The parameters of `pack_strip`; `of` goes before their names. channel: the distance of packed channels, if they are not one behind the other."""
    numbers = {"sources": c.groups * c.sources, "channel": channel or c.channel, "plane": c.plane}
    for a, (n, e, low, s) in enumerate(zip(c.size, c.extent, c.low, c.stride, strict=True)):
        numbers |= {f"from{a}": max(0, -low), f"to{a}": max(0, min(n, e * s - low)), f"low{a}": low, f"size{a}": n, f"extent{a}": e}
    phases = p.integers(np.array(_phases(c)))
    return {f"{of}phases": ("ptr", phases)} | {of + k: ("i64", p.large(n)) for k, n in numbers.items()}


def _phases(c: Correlation) -> list[int]:
    """For each phase of the last axis: the first entry of a packed row that is copied, the entry of x it is, and how many there are."""
    n, e, low, s = c.size[-1], c.extent[-1], c.low[-1], c.stride[-1]
    found = []
    for r in range(s):
        start = max(0, -(-(low - r) // s))
        stop = min(e, -(-(n + low - r) // s))
        found += [start, start * s + r - low, max(0, stop - start)]
    return found


def pack_strip(f: Function, dtype: np.dtype, stride: Sizes, source: str, line: str, to: str, of: str = "") -> None:
    """Copies what places from `line` of the first axis on see, of all channels of an image, to where its padding and each phase of the stride have room.

    The padding along other axes is there already; along the first, lines are cleared. `of` goes before the names of the parameters.
    """
    kind = register(dtype)
    last = len(stride) - 1
    v = Vectors(f, dtype)

    def number(x: str) -> str:
        return f"%{of}{x}"

    def row(source: str, to: str) -> None:
        """One row along the last axis; `to` is the start of the row in the first phase."""
        with f.loop(str(stride[last])) as r:
            start, origin, count = (integer(f, number("phases"), mixed(f, r, ("3", str(k)))) for k in range(3))
            into = f.at(to, kind, mixed(f, r, (number("plane"), start)))
            out_of = f.at(source, kind, origin)
            if stride[last] == 1:
                copy_run(v, into, out_of, count)
            else:
                with f.loop(count) as j:
                    move(f, kind, into, j, out_of, multiplied(f, j, str(stride[last])))

    def along(a: int, channel: tuple[str, str], source: str, to: str, phase: str) -> None:
        """source and to: offsets so far, in entries; phase: the number of the phase so far."""
        s = str(stride[a])
        if a == last:
            at = mixed(f, to, (number(f"extent{a}"), multiplied(f, multiplied(f, phase, s), number("plane"))))
            row(f.at(channel[0], kind, multiplied(f, source, number(f"size{a}"))), f.at(channel[1], kind, at))
            return
        with f.loop(number(f"to{a}"), number(f"from{a}")) as i:
            j, r = split(f.op(f"add nsw i64 {i}, {number(f'low{a}')}"), s)
            along(
                a + 1, channel, mixed(f, source, (number(f"size{a}"), i)), mixed(f, to, (number(f"extent{a}"), j)), mixed(f, phase, (s, r))
            )

    def split(q: str, s: str) -> tuple[str, str]:
        return (q, "0") if s == "1" else (f.op(f"udiv i64 {q}, {s}"), f.op(f"urem i64 {q}, {s}"))

    area, rest = number("size0"), "1"
    for a in range(1, last + 1):
        area, rest = multiplied(f, area, number(f"size{a}")), multiplied(f, rest, number(f"extent{a}"))
    first = str(stride[0])
    begin = f.op(f"sub i64 {multiplied(f, line, first)}, {number('low0')}")
    others = str(math.prod(stride[1:]))
    with f.loop(number("sources")) as c:
        channel = f.at(source, kind, multiplied(f, c, area)), f.at(to, kind, multiplied(f, c, number("channel")))
        with f.loop(multiplied(f, number("extent0"), first)) as q:
            i = f.op(f"add nsw i64 {q}, {begin}")
            j, r = split(q, first)
            inside = f.op(f"icmp ult i64 {i}, {number('size0')}")
            with f.when(inside):
                along(1, channel, i, j, r)
            with f.when(f.op(f"xor i1 {inside}, true")), f.loop(others) as other:
                clear(
                    f, f.at(channel[1], kind, mixed(f, r, (others, other), (number("plane"), multiplied(f, j, rest)))), rest, dtype.itemsize
                )


def clear(f: Function, to: str, entries: str, itemsize: int) -> None:
    f.module.declare("llvm.memset.p0.i64", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
    f.do(f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {multiplied(f, entries, str(itemsize))}, i1 false)")


def _correlate_part(f: Function, dtype: np.dtype, block: Block, stride: Sizes, weights: Weights | None) -> None:
    """Units are strips of places, image after image. weights: those that are packed on the way."""
    kind = register(dtype)
    whole = block.rows * block.vectors * lanes(dtype)
    kernel = tile_kernel(f.module, dtype, block)
    image, sums = (f.at(to, kind, f.op(f"mul i64 %part, {n}")) for to, n in (("%packed", "%room"), ("%sums", "%aside")))
    clear(f, image, "%room", dtype.itemsize)
    with f.loop("%to", "%from") as unit:
        n, chunk = f.op(f"udiv i64 {unit}, %chunks"), f.op(f"urem i64 {unit}, %chunks")
        line = f.op(f"mul i64 {chunk}, %lines")
        pack_strip(f, dtype, stride, f.at("%x", kind, multiplied(f, n, "%image")), line, image)
        end = f.op(f"icmp eq i64 {f.op(f'add i64 {chunk}, 1')}, %chunks")
        tiles = f.op(f"select i1 {end}, i64 %fewer, i64 %tiles")
        table = f.op(f"select i1 {end}, i64 %tiles, i64 0")
        with f.loop("%groups") as g, f.loop("%pieces") as piece, f.loop("%runs") as r:
            term = f.op(f"mul i64 {piece}, %piece")
            terms = smaller(f, "%piece", f.op(f"sub i64 %terms, {term}"))
            first, last = (f.op(f"icmp eq i64 {k}, {n}") for k, n in ((piece, "0"), (f.op(f"add i64 {piece}, 1"), "%pieces")))
            if weights is None:
                a = f.at("%a", kind, multiplied(f, mixed(f, g, ("%runs", r), ("%terms", term)), str(block.rows)))
            else:
                a = f.at("%a", kind, f.op("mul i64 %part, %entries"))
                weights.pack(f, dtype, block.rows, g, r, term, terms, a)
            taps = f.at("%taps", "i64", term)
            xg = f.at(image, kind, multiplied(f, g, "%within"))
            y = f.at(
                "%y",
                kind,
                mixed(f, n, ("%groups", g), ("%results", first_row(f, r, block.rows)), ("%count", multiplied(f, line, "%inner"))),
            )
            aside = multiplied(f, r, "%tiles")
            with f.loop(tiles) as tile:
                vector = multiplied(f, added(f, tile, table), str(block.vectors))
                x = f.at(xg, kind, f.op(f"mul i64 {tile}, {block.vectors * lanes(dtype)}"))
                kept = f.at(
                    sums,
                    kind,
                    multiplied(f, f.op(f"select i1 {f.op(f'and i1 {first}, {last}')}, i64 0, i64 {added(f, aside, tile)}"), str(whole)),
                )
                f.do(
                    f"call void @{kernel}(ptr {a}, ptr {x}, ptr {taps}, i64 {terms}, ptr {y}, i64 %count, ptr {f.at('%masks', 'i64', vector)}, "
                    f"ptr {f.at('%places', 'i64', vector)}, ptr {kept}, i1 {first}, i1 {last})"
                )


def first_row(f: Function, run: str, rows: int) -> str:
    """Where a run of rows starts: the last one overlaps the one before, so that all are whole."""
    return smaller(f, multiplied(f, run, str(rows)), f.op(f"sub i64 %results, {rows}"))


# -- packing weights


@dataclass(frozen=True, eq=False)
class Weights:
    """Where a correlation's weights are: a[g, d, term] = w[g * group + d * row + terms[term]]."""

    group: int
    row: int
    terms: np.ndarray
    run: int  # how many terms lie one behind the other, again and again

    def parameters(self, p: Program, w: str, c: Correlation, runs: int) -> dict[str, tuple[str, str]]:
        numbers = {
            "groups": c.groups, "runs": runs, "terms": c.terms, "results": c.results, "group": self.group, "row": self.row, "length": self.run,
        }  # fmt: skip
        return {"w": ("ptr", w), "index": ("ptr", p.integers(self.terms))} | {k: ("i64", p.large(n)) for k, n in numbers.items()}

    def form(self, dtype: np.dtype, rows: int) -> tuple[bool, str]:
        """How they are read: as vectors or not; and the distance of rows, where it is 1."""
        return rows > 1 and rows & (rows - 1) == 0 and rows <= lanes(dtype) and self.run > 1, "1" if self.row == 1 else "%row"

    def pack(self, f: Function, dtype: np.dtype, rows: int, g: str, run: str, term: str, count: str, to: str) -> None:
        """Packs some terms of a run of rows as [term, row]."""
        kind = register(dtype)
        vectors, row = self.form(dtype, rows)
        origin = f.at("%w", kind, added(f, multiplied(f, g, "%group"), multiplied(f, first_row(f, run, rows), row)))
        index = f.at("%index", "i64", term)
        if not vectors:
            with f.loop(count) as t:
                at = integer(f, index, t)
                for i in map(str, range(rows)):
                    move(f, kind, to, mixed(f, t, (str(rows), i)), origin, added(f, at, multiplied(f, i, row)))
            return
        whole = f.op(f"add i64 {count}, {f.op('sub i64 %length, 1')}")
        with f.loop(f.op(f"udiv i64 {whole}, %length")) as k:
            t = f.op(f"mul i64 {k}, %length")
            left = smaller(f, "%length", f.op(f"sub i64 {count}, {t}"))
            source = f.at(origin, kind, integer(f, index, t))
            transpose_run(Vectors(f, dtype), rows, str(rows), f.at(to, kind, multiplied(f, t, str(rows))), source, "%row", left)


def pack_weights(
    p: Program, dtype: np.dtype, rows: int, to: str, weights: Weights, c: Correlation, runs: int, given: dict[str, tuple[str, str]]
) -> None:
    """All weights in the order in which kernels read them: [g, run, term, row]."""
    given = {"a": ("ptr", to), **given}

    def write(f: Function) -> None:
        with f.loop("%to", "%from") as unit:
            g, r = f.op(f"udiv i64 {unit}, %runs"), f.op(f"urem i64 {unit}, %runs")
            to = f.at("%a", register(dtype), mixed(f, unit, ("%terms", "0"), (str(rows), "0")))
            weights.pack(f, dtype, rows, g, r, "0", "%terms", to)

    name = outlined(p, ("weights", dtype, rows, *weights.form(dtype, rows)), given, write)
    run_split(p, name, list(given.values()), c.groups * runs, 1 if p.hot else max_parts(), work=c.groups * runs * c.terms * rows)


# -- rules


def check_floating(aval: ShapedArray) -> None:
    if aval.dtype not in (F32, F64):
        raise NotNative("convolutions of other numbers than float32 and float64")


@native("conv")
def _conv(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x, w = map(p.in_memory, xs)
    check_floating(x.aval)
    y = p.result(eqn.outvars[0])
    if not y.aval.size:
        return [y]
    if not x.aval.size:
        p.fill(y, p.number(0, y.aval.dtype))
        return [y]
    c = Correlation.of(x.aval.shape, w.aval.shape, y.aval.shape, **eqn.params)
    c = c.with_unit_axis() if len(c.size) == 1 else c
    correlate(p, c, x, w.pointer, Weights(c.results * c.terms, c.terms, np.arange(c.terms), c.terms), y, y.pointer)
    return [y]


@native("conv_input")
def _conv_input(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """For each phase of the stride a correlation of the cotangent: entries of x a stride apart meet the same taps."""
    y, w = map(p.in_memory, xs)
    stride, padding, dilation, groups = (eqn.params[k] for k in ("stride", "padding", "dilation", "groups"))
    check_floating(y.aval)
    x = p.result(eqn.outvars[0])
    if not x.aval.size:
        return [x]
    rank = len(stride)
    kernel, size, inner = w.aval.shape[2:], x.aval.shape[2:], w.aval.shape[1]
    outputs, taps_each = w.aval.shape[0] // groups, math.prod(kernel)
    direct = all(s == 1 for s in stride)
    if not direct and (not y.aval.size or any(_unmet(*a) for a in zip(kernel, dilation, stride, strict=True))):
        p.fill(x, p.number(0, x.aval.dtype))
    if not y.aval.size:
        return [x]
    for phase in itertools.product(*map(range, stride)):
        met = [[k for k in range(n) if (r - d * k) % s == 0] for n, d, s, r in zip(kernel, dilation, stride, phase, strict=True)]
        lows = [low for low, _ in padding]
        # entries s * j + r - low of x, from the first that there is
        first = [max(0, -(-(low - r) // s)) for low, s, r in zip(lows, stride, phase, strict=True)]
        places = tuple((n - 1 + low - r) // s - j + 1 for n, low, s, r, j in zip(size, lows, stride, phase, first, strict=True))
        if not all(met) or min(places) < 1:
            continue
        back = [[(r - d * k) // s for k in ks] for ks, d, s, r in zip(met, dilation, stride, phase, strict=True)]
        least = [min(b) for b in back]
        taps = tuple(tuple(b - m for b, m in zip(at, least, strict=True)) for at in itertools.product(*back))
        numbers = np.ravel_multi_index(np.array(list(itertools.product(*met))).T.reshape(rank, -1), kernel)
        terms = (np.arange(outputs)[:, None] * inner * taps_each + numbers).reshape(-1)
        low = tuple(-(j + m) for j, m in zip(first, least, strict=True))
        c = Correlation(y.aval.shape[0], groups, outputs, inner, y.aval.shape[2:], places, low, (1,) * rank, taps)
        c = c.with_unit_axis() if rank == 1 else c
        weights = Weights(outputs * inner * taps_each, taps_each, terms, taps_each if direct else 1)
        if direct:
            correlate(p, c, y, w.pointer, weights, x, x.pointer)
            continue
        with p.scratch(ShapedArray((*x.aval.shape[:2], *places), x.aval.dtype)) as part:
            correlate(p, c, y, w.pointer, weights, part, part.pointer)
            starts = [j * s + r - low for j, s, r, low in zip(first, stride, phase, lows, strict=True)]
            _interleave(p, part, x, stride, starts)
    return [x]


def _unmet(kernel: int, dilation: int, stride: int) -> bool:
    """Whether there are entries of an axis that no tap meets."""
    return len({dilation * k % stride for k in range(kernel)}) < stride


def _interleave(p: Program, part: Array, x: Array, stride: Sizes, starts: Sequence[int]) -> None:
    """Writes entries to where they are a stride apart."""
    rank, kind = len(stride), register(x.aval.dtype)
    given = {"part_": ("ptr", part.pointer), "x": ("ptr", x.pointer), "lead": ("i64", p.large(math.prod(x.aval.shape[:2])))}
    for a in range(rank):
        for k, n in {"places": part.aval.shape[2 + a], "size": x.aval.shape[2 + a], "start": starts[a]}.items():
            given[f"{k}{a}"] = ("i64", p.large(n))

    def write(f: Function) -> None:
        def along(a: int, source: str, to: str) -> None:
            if a == rank:
                entry = f.op(f"load {kind}, ptr {f.at('%part_', kind, source)}")
                f.do(f"store {kind} {entry}, ptr {f.at('%x', kind, to)}")
                return
            with f.loop(f"%places{a}") as i:
                at = added(f, multiplied(f, i, str(stride[a])), f"%start{a}")
                along(a + 1, added(f, multiplied(f, source, f"%places{a}"), i), added(f, multiplied(f, to, f"%size{a}"), at))

        with f.loop("%lead") as i:
            along(0, i, i)

    name = outlined(p, ("interleave", x.aval.dtype, stride), given, write, split=False)
    p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in given.values())})")


# -- costs: each entry of the output meets each entry of its kernel, those on the padding too

PRODUCTS[primitives.conv] = lambda x, w, y: y.size * math.prod(w.shape[1:])
PRODUCTS[primitives.conv_input] = lambda y, w, x: y.size * math.prod(w.shape[1:])
PRODUCTS[primitives.conv_kernel] = lambda x, y, w: y.size * math.prod(w.shape[1:])
