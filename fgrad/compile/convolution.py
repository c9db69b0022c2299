"""Native rules for convolutions: register-blocked kernels over packed images.

A convolution, and the gradient of its input, is a `Correlation`, made strip by strip: as many rows of an image as stay in the cache are packed, and then all
outputs of the strip are made, a block of sums at a time. Long sums are made in pieces. The kernels are in `microkernels.py`; read `correlation.py` first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fgrad.compile import correlation
from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.correlation import Correlation, Sizes, pack_strip, packing
from fgrad.compile.in_parts import clear, max_parts, outlined, run_split
from fgrad.compile.listing import PRODUCTS
from fgrad.compile.microkernels import Block, Vectors, integer, lanes, mixed, move, smaller, tile_kernel, transpose_run
from fgrad.compile.native import Array, NotNative, Program, Value, native
from fgrad.compile.scalars import F32, F64, register
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation
from fgrad.ops import convolution as primitives

AHEAD = 2**20
"""Weights of at most so many bytes are packed once; others, which would not stay in the cache, block by block."""


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
    pieces = -(-c.terms // (correlation.PIECE // unit * unit or unit))
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
