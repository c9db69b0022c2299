"""What convolutions are made of: sums over channels and taps of weights times images at an offset, and the images packed for them.

An image is copied into scratch memory with its padding, and with the entries that a stride apart lie side by side, so that each tap is one offset for all
places. Places are numbered through the padded rows: a vector of them may run over the end of a row, and the lanes that lie there are dropped when it is
stored. `convolution.py` makes outputs of packed images, `kernel_gradient.py` the gradients of kernels.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fgrad.compile.assembly import Function, multiplied
from fgrad.compile.in_parts import clear
from fgrad.compile.microkernels import Block, Vectors, best_block, copy_run, integer, lanes, mixed, move, steps_of
from fgrad.compile.native import Program
from fgrad.compile.scalars import register

Sizes = tuple[int, ...]

STRIP = 2**19
"""About how many bytes of a packed image are in the cache at a time."""

PIECE = 768
"""How many terms are summed at most before the sums are put aside, so that what they read stays close."""


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
