"""Register-blocked kernels as LLVM vectors: the innermost loops of convolutions, and the packing that feeds them.

A kernel keeps a block of sums in registers, some rows of some vectors, while it runs over what is summed: each vector that is read meets each row.
How wide vectors are and how many registers there are is the machine's. Every kernel is a function of its module, written once for each dtype and
shape of its block. Read `convolution.py` next.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fgrad.compile import machine
from fgrad.compile.assembly import Function, Module, added, multiplied
from fgrad.compile.scalars import register, suffix


@functools.cache
def _registers() -> tuple[int, int]:
    """The bytes of a vector register and how many there are."""
    features = machine.cpu()[1]
    if "+avx512f" in features:
        return 64, 32
    if "+avx" in features:
        return 32, 16
    return 16, 32 if "+neon" in features else 16


def lanes(dtype: np.dtype) -> int:
    """Entries of a vector."""
    return _registers()[0] // dtype.itemsize


@functools.cache
def blocks() -> tuple[tuple[int, int], ...]:
    """The shapes (rows, vectors) of blocks of sums that fit the registers, beside the vectors and one entry that a step reads."""
    room = _registers()[1] - 1
    return tuple((rows, min(12, (room - 0) // (rows + 1))) for rows in range(1, 15) if (room // (rows + 1)))


@dataclass(frozen=True)
class Block:
    """A block of sums: `rows` of `vectors`."""

    rows: int
    vectors: int


def best_block(rows: int, vectors: int) -> Block:
    """The block that covers so many rows and vectors in the fewest steps; never more rows than there are."""

    shapes = [Block(m, n) for m, most in blocks() if m <= rows for n in range(1, most + 1)]
    return min(shapes, key=lambda b: (steps_of(b, rows, vectors), -b.rows))


def steps_of(block: Block, rows: int, vectors: int) -> float:
    """About how many cycles a block takes to cover so many rows and vectors, for each term."""
    m, n = block.rows, block.vectors
    products, reads = m * n, 2 * n + m  # vectors lie across cache lines, and count twice; reads are hidden, but not all of them
    packed = 1.0 if m & (m - 1) == 0 else 1.03  # powers of two are quick to pack
    return math.ceil(rows / m) * math.ceil(vectors / n) * (max(products, reads, 4.0) + reads / 4) * packed


def registers() -> int:
    """How many vector registers there are."""
    return _registers()[1]


def mixed(f: Function, first: str, *rest: tuple[str, str]) -> str:
    """A number from its digits: (first * size + digit) * size + digit ... for the pairs (size, digit)."""
    for size, digit in rest:
        first = added(f, multiplied(f, first, size), digit)
    return first


def smaller(f: Function, x: str, y: str) -> str:
    f.module.declare("llvm.smin.i64", "declare i64 @llvm.smin.i64(i64, i64)")
    return f.op(f"call i64 @llvm.smin.i64(i64 {x}, i64 {y})")


def integer(f: Function, pointer: str, i: str) -> str:
    """An entry of an array of integers."""
    return f.op(f"load i64, ptr {f.at(pointer, 'i64', i)}")


def move(f: Function, kind: str, to: str, at: str, source: str, place: str) -> None:
    """to[at] = source[place]"""
    entry = f.op(f"load {kind}, ptr {f.at(source, kind, place)}")
    f.do(f"store {kind} {entry}, ptr {f.at(to, kind, at)}")


class Vectors:
    """Operations on vectors of a dtype, written to a function."""

    def __init__(self, f: Function, dtype: np.dtype):
        self.f, self.dtype, self.count = f, dtype, lanes(dtype)
        self.entry = register(dtype)
        self.type = f"<{self.count} x {self.entry}>"
        self.suffix = f"v{self.count}{suffix(dtype)}"
        self.bits = f"i{self.count}"
        self.mask = f"<{self.count} x i1>"

    def load(self, pointer: str) -> str:
        return self.f.op(f"load {self.type}, ptr {pointer}, align {self.dtype.itemsize}")

    def store(self, value: str, pointer: str) -> None:
        self.f.do(f"store {self.type} {value}, ptr {pointer}, align {self.dtype.itemsize}")

    def splat(self, pointer: str) -> str:
        """An entry of memory in every lane."""
        entry = self.f.op(f"load {self.entry}, ptr {pointer}")
        first = self.f.op(f"insertelement {self.type} poison, {self.entry} {entry}, i64 0")
        return self.f.op(f"shufflevector {self.type} {first}, {self.type} poison, <{self.count} x i32> zeroinitializer")

    def fma(self, x: str, y: str, z: str) -> str:
        name = self.f.module.declare(
            f"llvm.fma.{self.suffix}", f"declare {self.type} @llvm.fma.{self.suffix}({', '.join([self.type] * 3)})"
        )
        return self.f.op(f"call {self.type} @{name}({self.type} {x}, {self.type} {y}, {self.type} {z})")

    def add(self, x: str, y: str) -> str:
        return self.f.op(f"fadd {self.type} {x}, {y}")

    def compressed(self, value: str, mask: str) -> str:
        """The lanes of a mask, side by side."""
        name = f"llvm.experimental.vector.compress.{self.suffix}"
        self.f.module.declare(name, f"declare {self.type} @{name}({self.type}, {self.mask}, {self.type})")
        return self.f.op(f"call {self.type} @{name}({self.type} {value}, {self.mask} {mask}, {self.type} poison)")

    def store_some(self, value: str, pointer: str, mask: str) -> None:
        name = f"llvm.masked.store.{self.suffix}.p0"
        self.f.module.declare(name, f"declare void @{name}({self.type}, ptr, i32, {self.mask})")
        self.f.do(f"call void @{name}({self.type} {value}, ptr {pointer}, i32 {self.dtype.itemsize}, {self.mask} {mask})")

    def mask_of(self, bits: str) -> str:
        """A mask from the bits of an i64."""
        small = self.f.op(f"trunc i64 {bits} to {self.bits}")
        return self.f.op(f"bitcast {self.bits} {small} to {self.mask}")

    def load_some(self, pointer: str, mask: str) -> str:
        """The lanes of a mask; zeros in the others."""
        name = f"llvm.masked.load.{self.suffix}.p0"
        self.f.module.declare(name, f"declare {self.type} @{name}(ptr, i32, {self.mask}, {self.type})")
        return self.f.op(
            f"call {self.type} @{name}(ptr {pointer}, i32 {self.dtype.itemsize}, {self.mask} {mask}, {self.type} zeroinitializer)"
        )

    def first_lanes(self, count: str) -> str:
        """A mask of so many lanes, fewer than 64."""
        return self.mask_of(self.f.op(f"sub i64 {self.f.op(f'shl i64 1, {count}')}, 1"))

    def interleaved(self, rows: list[str]) -> list[str]:
        """Vectors, a power of two of them, whose entries alternate: entry c of row r is at c * len(rows) + r of the result."""
        half = self.count // 2
        low, high = (", ".join(f"i32 {start + k // 2 + (self.count if k % 2 else 0)}" for k in range(self.count)) for start in (0, half))
        index = f"<{self.count} x i32>"
        for _ in range(len(rows).bit_length() - 1):
            pairs = zip(rows[: len(rows) // 2], rows[len(rows) // 2 :], strict=True)
            rows = [
                self.f.op(f"shufflevector {self.type} {a}, {self.type} {b}, {index} <{order}>") for a, b in pairs for order in (low, high)
            ]
        return rows

    def sum(self, value: str) -> str:
        name = f"llvm.vector.reduce.fadd.{self.suffix}"
        self.f.module.declare(name, f"declare {self.entry} @{name}({self.entry}, {self.type})")
        return self.f.op(f"call reassoc {self.entry} @{name}({self.entry} 0.0, {self.type} {value})")


def summed(f: Function, kind: str, count: str, before: Sequence[str], body: Callable[[str, list[str]], list[str]]) -> list[str]:
    """sums = body(i, sums) for i in range(count), count being 1 at least: the sums in registers, from `before`."""
    loop, done = f.label(), f.label()
    origin = f.block
    f.jump(loop)
    f.place(loop)
    i, following = f.fresh(), f.fresh()
    sums = [f.fresh() for _ in before]
    at = len(f.lines)
    new = body(i, sums)
    end = f.block
    f.do(f"{following} = add nuw nsw i64 {i}, 1")
    f.branch(f.op(f"icmp slt i64 {following}, {count}"), loop, done)
    heads = [f"  {i} = phi i64 [0, %{origin}], [{following}, %{end}]"]
    heads += [f"  {s} = phi {kind} [{b}, %{origin}], [{n}, %{end}]" for s, b, n in zip(sums, before, new, strict=True)]
    f.lines[at:at] = heads
    f.place(done)
    return new


def _with_kept(v: Vectors, kept: Sequence[str], sums: Sequence[str]) -> list[str]:
    """Sums and what is kept of the pieces before, unless this is the `%first`: sums of sums, whose rounding errors grow slower than those of long sums."""
    f = v.f
    origin, more, done = f.block, f.label(), f.label()
    f.branch("%first", done, more)
    f.place(more)
    joined = [v.add(s, v.load(q)) for s, q in zip(sums, kept, strict=True)]
    f.jump(done)
    f.place(done)
    return [f.op(f"phi {v.type} [{s}, %{origin}], [{j}, %{more}]") for s, j in zip(sums, joined, strict=True)]


def tile_kernel(module: Module, dtype: np.dtype, block: Block) -> str:
    """y[i, places...] = sum over t < count of a[t, i] * x[taps[t] + j], i < rows, j < vectors * lanes; those j are kept that the masks of the vectors have.

    It is added to `sums` unless this is its first piece, and goes there unless this is its last.
    """
    key = ("tile", dtype, block)
    name = module.named.get(key)
    if name is not None:
        return name
    name = module.named[key] = f"tile{len(module.named)}"
    f = Function(
        module,
        name,
        [
            "ptr noalias readonly %a", "ptr noalias readonly %x", "ptr noalias readonly %taps", "i64 %count", "ptr noalias %y", "i64 %row",
            "ptr noalias readonly %masks", "ptr noalias readonly %places", "ptr noalias %sums", "i1 %first", "i1 %last",
        ],
        attributes="noinline",
    )  # fmt: skip
    v = Vectors(f, dtype)
    kept = [f.at("%sums", v.entry, str(k * v.count)) for k in range(block.rows * block.vectors)]

    def step(t: str, sums: list[str]) -> list[str]:
        base = f.at("%x", v.entry, integer(f, "%taps", t))
        columns = [v.load(f.at(base, v.entry, str(j * v.count))) for j in range(block.vectors)]
        rows = f.at("%a", v.entry, f.op(f"mul nuw nsw i64 {t}, {block.rows}"))
        new = []
        for i in range(block.rows):
            entry = v.splat(f.at(rows, v.entry, str(i)))
            new += [v.fma(entry, c, s) for c, s in zip(columns, sums[i * block.vectors :], strict=False)]
        return new

    sums = _with_kept(v, kept, summed(f, v.type, "%count", ["zeroinitializer"] * len(kept), step))
    keep, end = f.label(), f.label()
    f.branch("%last", end, keep)
    f.place(keep)
    for s, q in zip(sums, kept, strict=True):
        v.store(s, q)
    f.do("ret void")
    f.place(end)
    f.module.declare("llvm.ctpop.i64", "declare i64 @llvm.ctpop.i64(i64)")
    for j in range(block.vectors):
        bits = integer(f, "%masks", str(j))
        place = f.at("%y", v.entry, integer(f, "%places", str(j)))
        chosen = v.mask_of(bits)
        some = v.first_lanes(f.op(f"call i64 @llvm.ctpop.i64(i64 {bits})"))
        for i in range(block.rows):
            v.store_some(v.compressed(sums[i * block.vectors + j], chosen), place, some)
            if i + 1 < block.rows:
                place = f.at(place, v.entry, "%row")
    f.do("ret void")
    f.finish()
    return name


def copy_run(v: Vectors, to: str, source: str, count: str) -> None:
    """to[:count] = source[:count], vector by vector: rows are short, and their ends matter."""
    f, width = v.f, v.count
    whole = f.op(f"udiv i64 {count}, {width}")
    with f.loop(whole) as j:
        at = f.op(f"mul i64 {j}, {width}")
        v.store(v.load(f.at(source, v.entry, at)), f.at(to, v.entry, at))
    rest = f.op(f"urem i64 {count}, {width}")
    with f.when(f.op(f"icmp ne i64 {rest}, 0")):
        mask = v.first_lanes(rest)
        at = f.op(f"sub i64 {count}, {rest}")
        v.store_some(v.load_some(f.at(source, v.entry, at), mask), f.at(to, v.entry, at), mask)


def outer_kernel(module: Module, dtype: np.dtype, block: Block) -> str:
    """r[i, j] += sum over rows and columns of x[rows[row] + column * step][i] * d[row, column][j]: entries of x meet vectors of d. `first`: r was 0."""
    key = ("outer", dtype, block)
    name = module.named.get(key)
    if name is not None:
        return name
    name = module.named[key] = f"outer{len(module.named)}"
    f = Function(
        module,
        name,
        [
            "ptr noalias readonly %x", "ptr noalias readonly %d", "ptr noalias %r", "i64 %apart", "ptr noalias readonly %rows", "i64 %count",
            "i64 %columns", "i64 %step", "i1 %first",
        ],
        attributes="noinline",
    )  # fmt: skip
    v = Vectors(f, dtype)
    places = [
        [f.at(f.at("%r", v.entry, f.op(f"mul i64 %apart, {i}")), v.entry, str(j * v.count)) for j in range(block.vectors)]
        for i in range(block.rows)
    ]
    whole = block.vectors * v.count
    stride = f.op(f"mul i64 %step, {block.rows}")

    def row(k: str, sums: list[str]) -> list[str]:
        place = f.op(f"load i64, ptr {f.at('%rows', 'i64', k)}")
        start = f.at("%x", v.entry, f.op(f"mul i64 {place}, {block.rows}"))
        line = f.at("%d", v.entry, f.op(f"mul i64 {f.op(f'mul i64 {k}, %columns')}, {whole}"))

        def column(c: str, sums: list[str]) -> list[str]:
            entries = f.at(start, v.entry, f.op(f"mul i64 {c}, {stride}"))
            vectors = f.at(line, v.entry, f.op(f"mul i64 {c}, {whole}"))
            ds = [v.load(f.at(vectors, v.entry, str(j * v.count))) for j in range(block.vectors)]
            new = []
            for i in range(block.rows):
                entry = v.splat(f.at(entries, v.entry, str(i)))
                new += [v.fma(entry, d, s) for d, s in zip(ds, sums[i * block.vectors :], strict=False)]
            return new

        return summed(f, v.type, "%columns", sums, column)

    kept = [q for line in places for q in line]
    for s, q in zip(_with_kept(v, kept, summed(f, v.type, "%count", ["zeroinitializer"] * len(kept), row)), kept, strict=True):
        v.store(s, q)
    f.do("ret void")
    f.finish()
    return name


def dots_kernel(module: Module, dtype: np.dtype, rows: int, taps: int) -> str:
    """r[i, t] += sum over vectors k of d[i][k] * x[taps[t]][k]: vectors of sums, whose lanes are added up later."""
    key = ("dots", dtype, rows, taps)
    name = module.named.get(key)
    if name is not None:
        return name
    name = module.named[key] = f"dots{len(module.named)}"
    f = Function(
        module, name,
        ["ptr noalias readonly %d", "i64 %row", "ptr noalias readonly %x", "ptr noalias readonly %taps", "i64 %count", "ptr noalias %r"],
        attributes="noinline",
    )  # fmt: skip
    v = Vectors(f, dtype)
    lines = [f.at("%d", v.entry, f.op(f"mul i64 %row, {i}")) for i in range(rows)]
    shifted = [f.at("%x", v.entry, f.op(f"load i64, ptr {f.at('%taps', 'i64', str(t))}")) for t in range(taps)]
    places = [f.at("%r", v.entry, str(k * v.count)) for k in range(rows * taps)]

    def step(k: str, sums: list[str]) -> list[str]:
        at = f.op(f"mul nuw nsw i64 {k}, {v.count}")
        xs = [v.load(f.at(x, v.entry, at)) for x in shifted]
        ds = [v.load(f.at(d, v.entry, at)) for d in lines]
        return [v.fma(d, x, sums[i * taps + t]) for i, d in enumerate(ds) for t, x in enumerate(xs)]

    for s, q in zip(summed(f, v.type, "%count", ["zeroinitializer"] * len(places), step), places, strict=True):
        v.store(v.add(v.load(q), s), q)
    f.do("ret void")
    f.finish()
    return name


def transpose_run(v: Vectors, rows: int, apart: str, to: str, source: str, row: str, count: str) -> None:
    """to[k * apart + i] = source[i * row + k] for i < rows, k < count. rows: the lanes, or another power of two below that is also `apart`."""
    f, width = v.f, v.count
    lines = [f.at(source, v.entry, multiplied(f, row, str(i))) for i in range(rows)]
    whole, rest = f.op(f"udiv i64 {count}, {width}"), f.op(f"urem i64 {count}, {width}")

    def places(at: str) -> list[str]:
        """Where the vectors go that `interleaved` makes of a step's."""
        each = [mixed(f, added(f, at, str(k * width // rows)), (apart, "0")) for k in range(rows)]
        return [f.at(to, v.entry, place) for place in each]

    with f.loop(whole) as j:
        at = f.op(f"mul i64 {j}, {width}")
        for x, q in zip(v.interleaved([v.load(f.at(line, v.entry, at)) for line in lines]), places(at), strict=True):
            v.store(x, q)
    with f.when(f.op(f"icmp ne i64 {rest}, 0")):
        mask = v.first_lanes(rest)
        at = f.op(f"mul i64 {whole}, {width}")
        vectors = v.interleaved([v.load_some(f.at(line, v.entry, at), mask) for line in lines])
        f.module.declare("llvm.smax.i64", "declare i64 @llvm.smax.i64(i64, i64)")
        for k, (x, q) in enumerate(zip(vectors, places(at), strict=True)):
            left = f.op(f"sub i64 {multiplied(f, rest, str(rows))}, {k * width}")
            left = f.op(f"call i64 @llvm.smax.i64(i64 {smaller(f, left, str(width))}, i64 0)")
            v.store_some(x, q, v.first_lanes(left))
