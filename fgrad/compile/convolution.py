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
from fgrad.compile.microkernels import Block, Vectors, best_block, copy_run, lanes, smaller, tile_kernel
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
        return tuple(n + max(t[a] for t in self.taps) // s for a, (n, s) in enumerate(zip(self.places, self.stride, strict=True)))

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


def correlate(p: Program, c: Correlation, x: Array, w: str, weights: Weights, to: Array, y: str) -> None:
    """Writes a correlation of the images x, to where the result `to` (of its dtype) is."""
    dtype = to.aval.dtype
    width = lanes(dtype)
    block = best_block(c.results, -(-c.run // width))
    tiles = -(-c.run // (width * block.vectors))
    runs = -(-c.results // block.rows)
    room = c.groups * c.sources * c.channel + c.plane + (block.vectors + 1) * width
    parts = 1 if p.hot else max_parts()
    masks, first = c.stores(tiles * block.vectors, width)
    with (
        p.scratch(ShapedArray((c.groups * runs * c.terms * block.rows,), dtype)) as a,
        p.scratch(ShapedArray((parts * room,), dtype)) as images,
    ):
        pack_weights(p, dtype, block.rows, a.pointer, w, weights, c, runs)
        given = {
            "x": ("ptr", x.pointer), "a": ("ptr", a.pointer), "y": ("ptr", y), "packed": ("ptr", images.pointer),
            "taps": ("ptr", p.integers(c.offsets())), "masks": ("ptr", p.integers(masks)), "places": ("ptr", p.integers(first)),
            **packing(p, c),
        }  # fmt: skip
        numbers = {
            "room": room, "tiles": tiles, "groups": c.groups, "runs": runs, "terms": c.terms, "results": c.results, "count": math.prod(c.places),
            "within": c.sources * c.channel,
        }  # fmt: skip
        given |= {k: ("i64", p.large(n)) for k, n in numbers.items()}
        key = ("correlate", dtype, block, c.stride)
        name = outlined(p, key, given, lambda f: _correlate_part(f, dtype, block, c.stride))
        run_split(p, name, list(given.values()), c.images * tiles, parts, work=c.work(dtype))


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
    """The parameters of `pack_image`; `of` goes before their names. channel: the distance of packed channels, if they are not one behind the other."""
    numbers = {"sources": c.groups * c.sources, "channel": channel or c.channel, "plane": c.plane}
    for a, (n, e, low, s) in enumerate(zip(c.size, c.extent, c.low, c.stride, strict=True)):
        numbers |= {f"first{a}": max(0, -low), f"last{a}": max(0, min(n, e * s - low)), f"low{a}": low, f"size{a}": n, f"extent{a}": e}
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


def pack_image(f: Function, dtype: np.dtype, stride: Sizes, source: str, to: str, of: str = "") -> None:
    """Copies the channels of an image to where its padding (and each phase of the stride) has room. `of` goes before the names of its parameters."""
    kind = register(dtype)
    last = len(stride) - 1
    v = Vectors(f, dtype)

    def row(source: str, to: str) -> None:
        """One row along the last axis; `to` is the start of the row in the first phase."""
        with f.loop(str(stride[last])) as r:
            three = f.op(f"mul i64 {r}, 3")
            start, origin, count = (f.op(f"load i64, ptr {f.at(f'%{of}phases', 'i64', added(f, three, str(k)))}") for k in range(3))
            into = f.at(to, kind, added(f, multiplied(f, r, f"%{of}plane"), start))
            out_of = f.at(source, kind, origin)
            if stride[last] == 1:
                copy_run(v, into, out_of, count)
            else:
                with f.loop(count) as j:
                    entry = f.op(f"load {kind}, ptr {f.at(out_of, kind, multiplied(f, j, str(stride[last])))}")
                    f.do(f"store {kind} {entry}, ptr {f.at(into, kind, j)}")

    def along(a: int, source: str, to: str, phase: str) -> None:
        """source and to: offsets so far, in entries; phase: the number of the phase so far."""
        if a == last:
            at = added(f, multiplied(f, to, f"%{of}extent{a}"), multiplied(f, multiplied(f, phase, str(stride[a])), f"%{of}plane"))
            row(f.at(f"%{of}source", kind, multiplied(f, source, f"%{of}size{a}")), f.at("%" + of + "into", kind, at))
            return
        with f.loop(f"%{of}last{a}", f"%{of}first{a}") as i:
            q = f.op(f"add nsw i64 {i}, %{of}low{a}")
            s = str(stride[a])
            j, r = (q, "0") if s == "1" else (f.op(f"udiv i64 {q}, {s}"), f.op(f"urem i64 {q}, {s}"))
            along(
                a + 1,
                added(f, multiplied(f, source, f"%{of}size{a}"), i),
                added(f, multiplied(f, to, f"%{of}extent{a}"), j),
                added(f, multiplied(f, phase, s), r),
            )

    whole = "1"
    for a in range(last + 1):
        whole = multiplied(f, whole, f"%{of}size{a}")
    with f.loop(f"%{of}sources") as channel:
        # the names that the offsets of `along` start from
        f.do(f"%{of}source = getelementptr {kind}, ptr {source}, i64 {multiplied(f, channel, whole)}")
        f.do(f"%{of}into = getelementptr {kind}, ptr {to}, i64 {multiplied(f, channel, f'%{of}channel')}")
        along(0, "0", "0", "0")


def clear(f: Function, to: str, entries: str, itemsize: int) -> None:
    f.module.declare("llvm.memset.p0.i64", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
    f.do(f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {multiplied(f, entries, str(itemsize))}, i1 false)")


def _correlate_part(f: Function, dtype: np.dtype, block: Block, stride: Sizes) -> None:
    """Units are tiles of places, image after image."""
    kind = register(dtype)
    kernel = tile_kernel(f.module, dtype, block)
    image = f.at("%packed", kind, f.op("mul i64 %part, %room"))
    clear(f, image, "%room", dtype.itemsize)
    latest = f.slot("i64")
    f.do(f"store i64 -1, ptr {latest}")
    whole = f.op("mul i64 %sources, %size0")
    for a in range(1, len(stride)):
        whole = f.op(f"mul i64 {whole}, %size{a}")
    with f.loop("%to", "%from") as unit:
        n, tile = f.op(f"udiv i64 {unit}, %tiles"), f.op(f"urem i64 {unit}, %tiles")
        with f.when(f.op(f"icmp ne i64 {n}, {f.op(f'load i64, ptr {latest}')}")):
            f.do(f"store i64 {n}, ptr {latest}")
            pack_image(f, dtype, stride, f.at("%x", kind, f.op(f"mul i64 {n}, {whole}")), image)
        vector = f.op(f"mul i64 {tile}, {block.vectors}")
        masks, places = f.at("%masks", "i64", vector), f.at("%places", "i64", vector)
        x = f.at(image, kind, f.op(f"mul i64 {vector}, {lanes(dtype)}"))
        with f.loop("%groups") as g:
            xg = f.at(x, kind, f.op(f"mul i64 {g}, %within"))
            group = f.op(f"add i64 {f.op(f'mul i64 {n}, %groups')}, {g}")
            with f.loop("%runs") as r:
                number = f.op(f"add i64 {f.op(f'mul i64 {g}, %runs')}, {r}")
                a = f.at("%a", kind, f.op(f"mul i64 {f.op(f'mul i64 {number}, %terms')}, {block.rows}"))
                row = f.op(f"add i64 {f.op(f'mul i64 {group}, %results')}, {first_row(f, r, block.rows)}")
                y = f.at("%y", kind, f.op(f"mul i64 {row}, %count"))
                f.do(f"call void @{kernel}(ptr {a}, ptr {xg}, ptr %taps, i64 %terms, ptr {y}, i64 %count, ptr {masks}, ptr {places})")


def first_row(f: Function, run: str, rows: int) -> str:
    """Where a run of rows starts: the last one overlaps the one before, so that all are whole."""
    return smaller(f, multiplied(f, run, str(rows)), f.op(f"sub i64 %results, {rows}"))


# -- packing weights


@dataclass(frozen=True)
class Weights:
    """Where a correlation's weights are: a[g, d, term] = w[g * group + d * row + terms[term]]."""

    group: int
    row: int
    terms: np.ndarray | None  # None: term after term


def pack_weights(p: Program, dtype: np.dtype, rows: int, to: str, w: str, weights: Weights, c: Correlation, runs: int) -> None:
    """Weights in the order in which kernels read them: [g, run, term, row]."""
    given = {
        "a": ("ptr", to),
        "w": ("ptr", w),
        "index": ("ptr", "null" if weights.terms is None else p.integers(weights.terms)),
        **{
            k: ("i64", p.large(n))
            for k, n in {
                "groups": c.groups,
                "runs": runs,
                "terms": c.terms,
                "results": c.results,
                "group": weights.group,
                "row": weights.row,
            }.items()
        },
    }

    def write(f: Function) -> None:
        kind = register(dtype)
        with f.loop("%groups") as g, f.loop("%runs") as r:
            number = f.op(f"add i64 {f.op(f'mul i64 {g}, %runs')}, {r}")
            to = f.at("%a", kind, f.op(f"mul i64 {f.op(f'mul i64 {number}, %terms')}, {rows}"))
            start = f.op(f"add i64 {f.op(f'mul i64 {g}, %group')}, {f.op(f'mul i64 {first_row(f, r, rows)}, %row')}")
            origin = f.at("%w", kind, start)
            origins = [f.at(origin, kind, f.op(f"mul i64 %row, {i}")) for i in range(rows)]
            with f.loop("%terms") as t:
                at = t if weights.terms is None else f.op(f"load i64, ptr {f.at('%index', 'i64', t)}")
                place = f.at(to, kind, f.op(f"mul i64 {t}, {rows}"))
                for i, row in enumerate(origins):
                    f.do(f"store {kind} {f.op(f'load {kind}, ptr {f.at(row, kind, at)}')}, ptr {f.at(place, kind, str(i))}")

    name = outlined(p, ("weights", dtype, rows, weights.terms is None), given, write, split=False)
    p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in given.values())})")


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
    correlate(p, c, x, w.pointer, Weights(c.results * c.terms, c.terms, None), y, y.pointer)
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
        weights = Weights(outputs * inner * taps_each, taps_each, terms)
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
