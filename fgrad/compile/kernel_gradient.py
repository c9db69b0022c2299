"""The native rule for the gradient of a convolution's kernel: sums over images and places of cotangents times what taps see.

Two ways, by which is less work. *Dots*: a vector of neighbouring places of the cotangent times the same places of a shifted image, for some outputs
and some taps at a time; the lanes of each sum are added up at the end. It needs no packing but the padding, and suits few outputs or channels. *Outer
products*: at each place the entries of some channels times vectors of outputs, for which both arrays are packed with channels innermost, a few rows
at a time. Read `convolution.py` first.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.convolution import check_floating, first_row
from fgrad.compile.correlation import Correlation, Sizes, pack_strip, packing
from fgrad.compile.in_parts import clear, max_parts, outlined, run_split
from fgrad.compile.microkernels import (
    Block,
    Vectors,
    dots_kernel,
    integer,
    lanes,
    mixed,
    move,
    outer_kernel,
    registers,
    smaller,
    transpose_run,
)
from fgrad.compile.native import Array, Program, Value, native
from fgrad.compile.parallel import Joined
from fgrad.compile.scalars import register
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation

CHUNK = 512
"""About how many places of packed rows are summed before the next rows are packed."""


@native("conv_kernel")
def _conv_kernel(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x, y = map(p.in_memory, xs)
    check_floating(x.aval)
    w = p.result(eqn.outvars[0])
    if not w.aval.size:
        return [w]
    if not x.aval.size or not y.aval.size:
        p.fill(w, p.number(0, w.aval.dtype))
        return [w]
    c = Correlation.of(x.aval.shape, w.aval.shape, y.aval.shape, **{k: eqn.params[k] for k in ("stride", "padding", "dilation", "groups")})
    if len(c.size) == 1:
        c = c.with_unit_axis()
    dots, outer = Dots.of(c, w.aval.dtype), Outer.of(c, w.aval.dtype)
    (dots if dots.steps < outer.steps else outer).write(p, x, y, w)
    return [w]


@dataclass(frozen=True)
class Dots:
    """The gradient as vectors of sums over neighbouring places."""

    c: Correlation
    dtype: np.dtype
    rows: int  # outputs at a time
    taps: int  # terms at a time
    vectors: int  # of places

    @staticmethod
    def of(c: Correlation, dtype: np.dtype) -> Dots:
        def steps(shape: tuple[int, int]) -> float:
            rows, taps = shape
            return math.ceil(c.results / rows) * math.ceil(c.terms / taps) * max(rows * taps, 2 * taps + rows, 4)

        room = registers()
        shapes = [(r, t) for r in range(1, 15) for t in range(1, 15) if r * t + min(r, t) + 2 <= room and r <= c.results and t <= c.terms]
        rows, taps = min(shapes, key=lambda s: (steps(s), -s[0]))
        return Dots(c, dtype, rows, taps, -(-c.run // lanes(dtype)))

    @property
    def runs(self) -> tuple[int, int]:
        return -(-self.c.results // self.rows), -(-self.c.terms // self.taps)

    @property
    def sums(self) -> int:
        """Entries of the vectors of sums."""
        return self.c.groups * math.prod(self.runs) * self.rows * self.taps * lanes(self.dtype)

    @property
    def steps(self) -> float:
        """About how many vector operations an image takes."""
        each = max(self.rows * self.taps, 2 * self.taps + self.rows, 4)
        kept = 2 * self.rows * self.taps / min(self.vectors, 2 * CHUNK // lanes(self.dtype))  # sums read and written for each strip
        return self.c.groups * math.prod(self.runs) * self.vectors * (each + kept * (1 if self.sums * self.dtype.itemsize < 2**19 else 8))

    def write(self, p: Program, x: Array, y: Array, w: Array) -> None:
        c, dtype, width = self.c, self.dtype, lanes(self.dtype)
        rank = len(c.size)
        parts = 1 if p.hot else max_parts()
        lines = max(1, min(c.places[0], 2 * CHUNK // math.prod(c.extent[1:])))
        lines = min(lines, -(-c.places[0] * c.images // parts))  # a strip for each part at least
        chunks = -(-c.places[0] // lines)
        strip = c.strip(lines)
        vectors = -(-strip.run // width)
        # along other axes the cotangent has the room that taps need, so that its places have the same numbers
        reach = (0, *(e - n for e, n in zip(strip.extent[1:], strip.places[1:], strict=True)))
        cotangent = Correlation(c.images, c.groups, c.results, 1, c.places, strip.places, (0,) * rank, (1,) * rank, (reach,))
        room = c.groups * c.sources * strip.channel + strip.plane + width
        line = max(cotangent.plane, vectors * width)
        spread = line * c.groups * c.results
        with (
            p.scratch(ShapedArray((self.sums,), dtype)) as sums,
            p.scratch(ShapedArray((parts * room,), dtype)) as packed,
            p.scratch(ShapedArray((parts * spread,), dtype)) as places,
        ):
            given = {
                "r": ("ptr", sums.pointer), "x": ("ptr", x.pointer), "y": ("ptr", y.pointer), "packed": ("ptr", packed.pointer),
                "spread": ("ptr", places.pointer), "taps": ("ptr", p.integers(strip.offsets())), **packing(p, strip), **packing(p, cotangent, "d", line),
            }  # fmt: skip
            numbers = {
                "room": room, "other": spread, "line": line, "vectors": vectors, "groups": c.groups, "runs": self.runs[0], "sets": self.runs[1],
                "results": c.results, "terms": c.terms, "within": c.sources * strip.channel, "image": c.groups * c.sources * math.prod(c.size),
                "cotangent": c.groups * c.results * math.prod(c.places), "entries": self.sums, "lines": lines, "chunks": chunks,
            }  # fmt: skip
            given |= {k: ("i64", p.large(n)) for k, n in numbers.items()}
            name = outlined(p, ("dots_part", dtype, self.rows, self.taps, c.stride), given, self._part)
            run_split(
                p, name, list(given.values()), c.images * chunks, parts, [(Joined(0, dtype), given["entries"][1])], work=c.work(dtype)
            )
            ends = {"r": ("ptr", sums.pointer), "w": ("ptr", w.pointer)}
            ends |= {k: given[k] for k in ("groups", "runs", "sets", "results", "terms")}
            name = outlined(p, ("dots_end", dtype, self.rows, self.taps), ends, self._end, split=False)
            p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in ends.values())})")

    def _first_tap(self, f: Function, run: str) -> str:
        return smaller(f, multiplied(f, run, str(self.taps)), f.op(f"sub i64 %terms, {self.taps}"))

    def _block(self, f: Function, g: str, r: str, s: str) -> str:
        number = mixed(f, g, ("%runs", r), ("%sets", s), (str(self.rows * self.taps * lanes(self.dtype)), "0"))
        return f.at("%r", register(self.dtype), number)

    def _part(self, f: Function) -> None:
        kind, rank = register(self.dtype), len(self.c.size)
        kernel = dots_kernel(f.module, self.dtype, self.rows, self.taps)
        image, cotangent = (f.at(to, kind, multiplied(f, "%part", n)) for to, n in (("%packed", "%room"), ("%spread", "%other")))
        for to, n in ((image, "%room"), (cotangent, "%other"), ("%r", "%entries")):
            clear(f, to, n, self.dtype.itemsize)
        with f.loop("%to", "%from") as unit:
            n, chunk = f.op(f"udiv i64 {unit}, %chunks"), f.op(f"urem i64 {unit}, %chunks")
            line = f.op(f"mul i64 {chunk}, %lines")
            pack_strip(f, self.dtype, self.c.stride, f.at("%x", kind, multiplied(f, n, "%image")), line, image)
            pack_strip(f, self.dtype, (1,) * rank, f.at("%y", kind, multiplied(f, n, "%cotangent")), line, cotangent, "d")
            with f.loop("%groups") as g, f.loop("%runs") as r:
                row = mixed(f, g, ("%results", first_row(f, r, self.rows)))
                d = f.at(cotangent, kind, multiplied(f, row, "%line"))
                x = f.at(image, kind, multiplied(f, g, "%within"))
                with f.loop("%sets") as s:
                    taps = f.at("%taps", "i64", self._first_tap(f, s))
                    f.do(f"call void @{kernel}(ptr {d}, i64 %line, ptr {x}, ptr {taps}, i64 %vectors, ptr {self._block(f, g, r, s)})")

    def _end(self, f: Function) -> None:
        """Adds up the lanes."""
        v = Vectors(f, self.dtype)
        with f.loop("%groups") as g, f.loop("%runs") as r, f.loop("%sets") as s:
            block, row, tap = self._block(f, g, r, s), first_row(f, r, self.rows), self._first_tap(f, s)
            with f.loop(str(self.rows)) as i, f.loop(str(self.taps)) as t:
                total = v.sum(v.load(f.at(block, v.entry, mixed(f, i, (str(self.taps), t), (str(v.count), "0")))))
                at = mixed(f, g, ("%results", added(f, row, i)), ("%terms", added(f, tap, t)))
                f.do(f"store {v.entry} {total}, ptr {f.at('%w', v.entry, at)}")


@dataclass(frozen=True)
class Outer:
    """The gradient as outer products of channels and outputs, at each place."""

    c: Correlation
    dtype: np.dtype
    block: Block  # channels, vectors of outputs

    @staticmethod
    def of(c: Correlation, dtype: np.dtype) -> Outer:
        vectors = -(-c.results // lanes(dtype))
        rows = min(c.sources, 8)
        most = (registers() - 2) // (rows + 1)
        fits = range(1, min(vectors, most, 4) + 1)
        best = min(fits, key=lambda n: math.ceil(vectors / n) * max(rows * n, rows + n, 4))
        return Outer(c, dtype, Block(rows, best))

    @property
    def runs(self) -> tuple[int, int]:
        """Runs of channels, runs of outputs."""
        return -(-self.c.sources // self.block.rows), -(-self.c.results // self.whole)

    @property
    def whole(self) -> int:
        """Outputs of a run."""
        return self.block.vectors * lanes(self.dtype)

    @property
    def padded(self) -> Sizes:
        """The spatial shape of an image as far as taps reach."""
        c = self.c
        return tuple((n - 1) * s + max(t[a] for t in c.taps) + 1 for a, (n, s) in enumerate(zip(c.places, c.stride, strict=True)))

    @property
    def steps(self) -> float:
        c, (rows, vectors) = self.c, (self.block.rows, self.block.vectors)
        products = c.groups * math.prod(self.runs) * len(c.taps) * math.prod(c.places) * max(rows * vectors, rows + vectors, 4)
        packed = c.groups * (c.sources * math.prod(c.size) * (0.5 if rows & (rows - 1) == 0 else 2) + c.results * math.prod(c.places) * 0.6)
        return products + packed

    def write(self, p: Program, x: Array, y: Array, w: Array) -> None:
        c, dtype = self.c, self.dtype
        inner = math.prod(c.places[1:])
        channels, outputs = self.runs
        sums = c.groups * channels * outputs * self.block.rows * len(c.taps) * self.whole
        # sums that stay in the cache may be added to more often, so that cotangents stay there too
        chunk = min(CHUNK, max(CHUNK // 4, 2**16 // (outputs * self.whole))) if sums < 2**18 else CHUNK
        lines = max(1, min(c.places[0], chunk // inner))  # rows of places along the first axis that are packed at a time
        padded = self.padded
        reach = max(t[0] for t in c.taps)
        packed_lines = (lines - 1) * c.stride[0] + reach + 1
        row_strides = np.array([math.prod(padded[a + 1 :]) for a in range(len(padded))])
        rows = np.array(list(itertools.product(*map(range, (lines, *c.places[1:-1]))))) * np.array(c.stride[:-1]) @ row_strides[:-1]
        taps = np.array(c.taps) @ row_strides
        by_channels = c.groups * channels > 1
        units = c.groups * channels if by_channels else c.images
        parts = 1 if p.hot else min(max_parts(), units)
        room = packed_lines * int(row_strides[0]) * self.block.rows + (self.block.rows + 1) * lanes(dtype)
        other = c.groups * outputs * lines * inner * self.whole + lanes(dtype) * self.whole
        with (
            p.scratch(ShapedArray((sums,), dtype)) as r,
            p.scratch(ShapedArray((parts * room,), dtype)) as packed,
            p.scratch(ShapedArray((parts * other,), dtype)) as turned,
        ):
            given = {
                "r": ("ptr", r.pointer), "x": ("ptr", x.pointer), "y": ("ptr", y.pointer), "packed": ("ptr", packed.pointer),
                "turned": ("ptr", turned.pointer), "rows": ("ptr", p.integers(rows)), "taps": ("ptr", p.integers(taps)),
            }  # fmt: skip
            numbers = {
                "room": room, "other": other, "images": c.images, "groups": c.groups, "channels": channels, "outputs": outputs, "results": c.results,
                "sources": c.sources, "count": len(c.taps), "lines": lines, "places": c.places[0], "chunks": -(-c.places[0] // lines), "inner": inner,
                "each": math.prod(c.places[1:-1]), "columns": c.places[-1], "reach": reach, "area": math.prod(c.size),
                "block": self.block.rows * len(c.taps) * self.whole, "entries": sums, "run": lines * inner * self.whole, "pixels": math.prod(c.places),
            }  # fmt: skip
            for a, (n, q, low) in enumerate(zip(c.size, padded, c.low, strict=True)):
                numbers |= {f"size{a}": n, f"padded{a}": q, f"low{a}": low}
            n, q, low = c.size[-1], padded[-1], c.low[-1]
            numbers |= {"skip": max(0, low), "begin": max(0, -low), "copied": max(0, min(n + low, q) - max(0, low))}
            given |= {k: ("i64", p.large(n)) for k, n in numbers.items()}
            name = outlined(p, ("outer_part", dtype, self.block, c.stride, by_channels), given, lambda f: self._part(f, by_channels))
            run_split(
                p,
                name,
                list(given.values()),
                units,
                parts,
                [] if by_channels else [(Joined(0, dtype), given["entries"][1])],
                work=c.work(dtype),
            )
            ends = {"r": ("ptr", r.pointer), "w": ("ptr", w.pointer)}
            ends |= {k: given[k] for k in ("groups", "channels", "outputs", "sources", "results", "count", "block")}
            name = outlined(p, ("outer_end", dtype, self.block), ends, self._end, split=False)
            p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in ends.values())})")

    def _part(self, f: Function, by_channels: bool) -> None:
        kind, v = register(self.dtype), Vectors(f, self.dtype)
        kernel = outer_kernel(f.module, self.dtype, self.block)
        packed, turned = (f.at(to, kind, f.op(f"mul i64 %part, {n}")) for to, n in (("%packed", "%room"), ("%turned", "%other")))
        clear(f, turned, "%other", self.dtype.itemsize)
        units = f.op("mul i64 %groups, %channels")
        images, blocks = (("%images", "0"), ("%to", "%from")) if by_channels else (("%to", "%from"), (units, "0"))
        if not by_channels:
            with f.when(f.op("icmp eq i64 %from, %to")):  # a part with nothing to do
                clear(f, "%r", "%entries", self.dtype.itemsize)
        with f.loop(*images) as n, f.loop("%chunks") as chunk:
            start = f.op(f"icmp eq i64 {n}, {images[1]}")
            first = f.op(f"and i1 {start}, {f.op(f'icmp eq i64 {chunk}, 0')}")
            line = f.op(f"mul i64 {chunk}, %lines")
            lines = smaller(f, "%lines", f.op(f"sub i64 %places, {line}"))
            self._turn(f, v, n, line, lines, turned)
            with f.loop(*blocks) as unit:
                g, channel = f.op(f"udiv i64 {unit}, %channels"), f.op(f"urem i64 {unit}, %channels")
                self._pack(f, v, n, g, channel, line, lines, packed)
                with f.loop("%count") as t:
                    x = f.at(packed, kind, multiplied(f, integer(f, "%taps", t), str(self.block.rows)))
                    with f.loop("%outputs") as o:
                        d = f.at(turned, kind, mixed(f, g, ("%outputs", o), ("%run", "0")))
                        r = f.at("%r", kind, mixed(f, unit, ("%outputs", o), ("%block", multiplied(f, t, str(self.whole)))))
                        apart, count = f.op(f"mul i64 %count, {self.whole}"), f.op(f"mul i64 {lines}, %each")
                        f.do(
                            f"call void @{kernel}(ptr {x}, ptr {d}, ptr {r}, i64 {apart}, ptr %rows, i64 {count}, i64 %columns, "
                            f"i64 {self.c.stride[-1]}, i1 {first})"
                        )

    def _turn(self, f: Function, v: Vectors, n: str, line: str, lines: str, to: str) -> None:
        """Packs some lines of an image's cotangent, outputs innermost; lanes without an output stay zero."""
        count, start = f.op(f"mul i64 {lines}, %inner"), f.op(f"mul i64 {line}, %inner")
        with f.loop("%groups") as g, f.loop("%outputs") as o:
            block = f.at(to, v.entry, mixed(f, g, ("%outputs", o), ("%run", "0")))
            for k in range(self.block.vectors):
                first = f.op(f"add i64 {f.op(f'mul i64 {o}, {self.whole}')}, {k * v.count}")
                source = f.at("%y", v.entry, mixed(f, n, ("%groups", g), ("%results", first), ("%pixels", start)))
                place = f.at(block, v.entry, str(k * v.count))
                left = f.op(f"sub i64 %results, {first}")
                whole = f.op(f"icmp sge i64 {left}, {v.count}")
                with f.when(whole):
                    transpose_run(v, v.count, str(self.whole), place, source, "%pixels", count)
                with f.when(f.op(f"xor i1 {whole}, true")), f.loop(left) as j, f.loop(count) as q:
                    move(f, v.entry, place, mixed(f, q, (str(self.whole), j)), source, mixed(f, j, ("%pixels", q)))

    def _pack(self, f: Function, v: Vectors, n: str, g: str, channel: str, line: str, lines: str, to: str) -> None:
        """Packs the padded rows that some lines of places see, of a run of channels, these innermost."""
        rows, last = self.block.rows, len(self.c.size) - 1
        source = f.at("%x", v.entry, mixed(f, n, ("%groups", g), ("%sources", self._first_channel(f, channel)), ("%area", "0")))
        start = f.op(f"mul i64 {line}, {self.c.stride[0]}")
        needed = mixed(f, f.op(f"sub i64 {lines}, 1"), (str(self.c.stride[0]), f.op("add i64 %reach, 1")))
        width = f.op(f"mul i64 %padded{last}, {rows}")

        def along(a: int, origin: str, row: str, inside: str) -> None:
            if a < last:
                with f.loop(needed if a == 0 else f"%padded{a}") as q:
                    i = f.op(f"sub i64 {added(f, q, start) if a == 0 else q}, %low{a}")
                    here = f.op(f"and i1 {inside}, {f.op(f'icmp ult i64 {i}, %size{a}')}")
                    along(a + 1, mixed(f, origin, (f"%size{a}", i)), mixed(f, row, (f"%padded{a}", q)), here)
                return
            place = f.at(to, v.entry, multiplied(f, row, width))
            clear(f, place, width, self.dtype.itemsize)
            with f.when(inside):
                begin = f.at(source, v.entry, mixed(f, origin, (f"%size{last}", "%begin")))
                into = f.at(place, v.entry, f.op(f"mul i64 %skip, {rows}"))
                if rows & (rows - 1) == 0 and rows <= v.count:
                    transpose_run(v, rows, str(rows), into, begin, "%area", "%copied")
                else:
                    with f.loop("%copied") as q:
                        for i in map(str, range(rows)):
                            move(f, v.entry, into, mixed(f, q, (str(rows), i)), begin, mixed(f, i, ("%area", q)))

        along(0, "0", "0", "true")

    def _first_channel(self, f: Function, run: str) -> str:
        return smaller(f, multiplied(f, run, str(self.block.rows)), f.op(f"sub i64 %sources, {self.block.rows}"))

    def _end(self, f: Function) -> None:
        """Writes the sums, [channel, tap, output] of each block, in their order."""
        v = Vectors(f, self.dtype)
        width, whole = v.count, str(self.whole)
        apart = f.op("mul i64 %sources, %count")
        length = f.op(f"mul i64 %count, {self.block.rows}")
        with f.loop("%groups") as g, f.loop("%channels") as k, f.loop("%outputs") as o:
            source = f.at("%r", v.entry, mixed(f, g, ("%channels", k), ("%outputs", o), ("%block", "0")))
            first = multiplied(f, o, whole)
            output = mixed(f, g, ("%results", first))
            to = f.at("%w", v.entry, mixed(f, output, (apart, multiplied(f, self._first_channel(f, k), "%count"))))
            left = smaller(f, whole, f.op(f"sub i64 %results, {first}"))
            long = f.op(f"icmp sge i64 {length}, {width}")
            with f.when(long), f.loop(f.op(f"udiv i64 {f.op(f'add i64 {length}, {width - 1}')}, {width}")) as part:
                at = smaller(f, f.op(f"mul i64 {part}, {width}"), f.op(f"sub i64 {length}, {width}"))
                transpose_run(v, width, apart, f.at(to, v.entry, at), f.at(source, v.entry, multiplied(f, at, whole)), whole, left)
            with f.when(f.op(f"xor i1 {long}, true")), f.loop(left) as j, f.loop(length) as i:
                move(f, v.entry, to, mixed(f, j, (apart, i)), source, mixed(f, i, (whole, j)))
