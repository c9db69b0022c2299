"""A layered drawing of a directed graph, from left to right: which column, in what order, and where.

`arrange` chooses columns and orders (Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11(2), 1981): longest paths, with a link through several columns cut into
hops over waypoints; orders by barycentres and exchanges of neighbours. `place` finds coordinates: rows are a least-squares fit of straight
wires under the order (pool adjacent violators), columns are as wide as what is in them. `arrange` depends on the graph alone and runs once;
`place` depends on sizes and runs again when a group is folded, in the page as `place` of assets/figure.js, which is the same program.

Boxes in a column are disjoint, wires bend only between columns and cross a column in a row of their own: nothing is drawn over a box. It knows nothing of
programs. The libraries that lay out graphs have no sizes of nodes, no ports, or no answer to folding, so this is our own.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

GAP = 12.0  # between boxes of a column
WAY_GAP = 9.0  # beside a wire that passes through a column
CHANNEL, LANE, MAX_CHANNEL = 20.0, 1.5, 70.0  # between columns: at least, more for each wire, at most
SWEEPS = 6
_ROUNDS, _PATIENCE = 12, 3  # sweeps at most, and how many without fewer crossings


@dataclass(eq=False)
class Box:
    """A rectangle with ports: `ins` on its left and `outs` on its right side, as distances from its top."""

    key: str
    w: float = 0.0
    h: float = 0.0
    ins: list[float] = field(default_factory=list)
    outs: list[float] = field(default_factory=list)
    side: str = ""  # `first`, `last` column, or by its links
    source: bool = False  # has no inputs of its own, so it may move to where it is used
    any_order: bool = False  # its inputs may be taken in any order
    way: bool = False  # a waypoint of a wire
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, eq=False)
class Link:
    """A wire from an output port of one box to an input port of another; `label` is what it carries."""

    label: str
    tail: str
    out: int
    head: str
    into: int


@dataclass(eq=False)
class Hop:
    """A part of a link between two columns that follow each other."""

    label: str
    tail: str
    out: int
    head: str
    into: int


@dataclass(eq=False)
class Plane:
    """Boxes and links, and what became of them."""

    boxes: dict[str, Box]
    links: list[Link]
    columns: list[list[str]] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)
    lefts: list[float] = field(default_factory=list)  # of the columns
    rights: list[float] = field(default_factory=list)
    w: float = 0.0
    h: float = 0.0


# -- columns and orders ----------------------------------------------------------------------------------------------------------------------


def arrange(plane: Plane) -> None:
    """Fills `columns` and `hops`; `boxes` must be in an order in which tails stand before heads."""
    column = _columns(plane)
    hops: dict[tuple, Hop] = {}  # a wire to several heads shares its way
    for link in plane.links:
        tail, out = link.tail, link.out
        for c in range(column[link.tail] + 1, column[link.head]):
            key = f"{link.tail}:{link.out}@{c}"
            if key not in plane.boxes:
                plane.boxes[key] = Box(key, ins=[0.0], outs=[0.0], way=True)
                column[key] = c
                hops[tail, key] = Hop(link.label, tail, out, key, 0)
            tail, out = key, 0
        hops[tail, out, link.head, link.into] = Hop(link.label, tail, out, link.head, link.into)
    plane.hops = list(hops.values())
    plane.columns = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for key in plane.boxes:
        plane.columns[column[key]].append(key)
    _order(plane)
    _sort_ports(plane)


def _columns(plane: Plane) -> dict[str, int]:
    column = dict.fromkeys(plane.boxes, 0)
    into: dict[str, list[str]] = defaultdict(list)
    outof: dict[str, list[str]] = defaultdict(list)
    for link in plane.links:
        into[link.head].append(link.tail)
        outof[link.tail].append(link.head)
    for key in plane.boxes:
        column[key] = max((column[t] + 1 for t in into[key]), default=0)
        if plane.boxes[key].side == "" and not into[key] and any(b.side == "first" for b in plane.boxes.values()):
            column[key] = 1
    for key in reversed(plane.boxes):  # what shortens more wires than it lengthens moves right
        box = plane.boxes[key]
        if not box.side and outof[key] and (box.source or len(set(outof[key])) > len(set(into[key]))):
            column[key] = max(column[key], min(column[h] for h in outof[key]) - 1)
    last = max([column[k] for k in column if plane.boxes[k].side != "last"], default=-1) + 1
    for key, box in plane.boxes.items():
        if box.side == "first":
            column[key] = 0
        elif box.side == "last":
            column[key] = max(last, 1)
    return column


def _order(plane: Plane) -> None:
    before: dict[str, list[Hop]] = defaultdict(list)
    after: dict[str, list[Hop]] = defaultdict(list)
    for hop in plane.hops:
        before[hop.head].append(hop)
        after[hop.tail].append(hop)
    seen = _first_seen(plane, before, after)
    for col in plane.columns:
        col.sort(key=lambda k: seen[k])
    place = {k: float(i) for col in plane.columns for i, k in enumerate(col)}

    def tail_at(hop: Hop) -> float:
        return place[hop.tail] + _fraction(hop.out, len(plane.boxes[hop.tail].outs))

    def head_at(hop: Hop) -> float:
        box = plane.boxes[hop.head]
        return place[hop.head] + (0.0 if box.any_order else _fraction(hop.into, len(box.ins)))

    def reorder(col: list[str], forward: bool) -> None:
        def wish(key: str) -> float:
            ends = [tail_at(h) for h in before[key]] if forward else [head_at(h) for h in after[key]]
            return sum(ends) / len(ends) if ends else place[key]

        wishes = {k: wish(k) for k in col}
        col.sort(key=lambda k: wishes[k])
        _number(col, place)

    def between(keys: Iterable[str], forward: bool) -> list[tuple[float, float]]:
        return [(tail_at(h), head_at(h)) for k in keys for h in (before[k] if forward else after[k])]

    def exchange(col: list[str]) -> None:
        for _ in range(len(col)):
            better = False
            for i in range(len(col) - 1):
                pair = col[i : i + 2]
                now = crossings(between(pair, True)) + crossings(between(pair, False))
                if not now:
                    continue
                col[i], col[i + 1] = pair[1], pair[0]
                _number(col, place)
                if crossings(between(pair, True)) + crossings(between(pair, False)) < now:
                    better = True
                else:
                    col[i], col[i + 1] = pair
                    _number(col, place)
            if not better:
                break

    def total() -> int:
        return sum(crossings(between(col, True)) for col in plane.columns[1:])

    best, found, since = total(), [list(c) for c in plane.columns], 0
    for r in range(_ROUNDS):
        if not best or since == _PATIENCE:
            break
        since += 1
        for col in plane.columns[1:] if r % 2 == 0 else plane.columns[-2::-1]:
            reorder(col, r % 2 == 0)
        for col in plane.columns:
            exchange(col)
        now = total()
        if now < best:
            best, found, since = now, [list(c) for c in plane.columns], 0
    plane.columns = found


def _first_seen(plane: Plane, before: dict[str, list[Hop]], after: dict[str, list[Hop]]) -> dict[str, int]:
    """Boxes as a reader meets them who goes backward from the ends, first operands first: for a tree an order without crossings, as it is written."""
    seen: dict[str, int] = {}
    waiting = [k for k in reversed(plane.boxes) if not after[k]]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen[key] = len(seen)
            waiting += [h.tail for h in sorted(before[key], key=lambda h: -h.into)]
    return seen


def _number(col: Sequence[str], place: dict[str, float]) -> None:
    for i, k in enumerate(col):
        place[k] = float(i)


def _fraction(port: int, ports: int) -> float:
    return 0.8 * ((port + 0.5) / ports - 0.5) if ports > 1 else 0.0


def crossings(wires: list[tuple[float, float]]) -> int:
    """How many pairs of wires between two columns cross."""
    seen: list[float] = []
    found = 0
    for _, end in sorted(wires):
        found += len(seen) - bisect_right(seen, end)
        insort(seen, end)
    return found


def _sort_ports(plane: Plane) -> None:
    """Where the order of inputs does not matter, they are taken in the order in which they arrive."""
    place = {k: i for col in plane.columns for i, k in enumerate(col)}
    arriving: dict[str, list[Hop]] = defaultdict(list)
    for hop in plane.hops:
        if plane.boxes[hop.head].any_order:
            arriving[hop.head].append(hop)
    for hops in arriving.values():
        hops.sort(key=lambda h: (place[h.tail], h.out))
        for i, hop in enumerate(hops):
            hop.into = i


# -- coordinates -----------------------------------------------------------------------------------------------------------------------------


def place(plane: Plane) -> None:
    """Fills x and y of the boxes, and the size of the plane, from the sizes of the boxes."""
    boxes = plane.boxes
    column = {k: c for c, col in enumerate(plane.columns) for k in col}
    wires = [0] * (len(plane.columns) + 1)
    for hop in plane.hops:
        wires[column[hop.head]] += 1
    x = 0.0
    plane.lefts, plane.rights = [], []
    for c, col in enumerate(plane.columns):
        if c:
            x += min(CHANNEL + LANE * wires[c], MAX_CHANNEL)
        wide = max((boxes[k].w for k in col), default=0.0)
        for k in col:
            boxes[k].x = x + (wide - boxes[k].w if boxes[k].side == "last" else 0.0)
        plane.lefts.append(x)
        plane.rights.append(x + wide)
        x += wide
    for col in plane.columns:
        y = 0.0
        for i, k in enumerate(col):
            y += _gap(boxes[col[i - 1]], boxes[k]) if i else 0.0
            boxes[k].y = y
            y += boxes[k].h
    before: dict[str, list[Hop]] = {k: [] for k in boxes}
    after: dict[str, list[Hop]] = {k: [] for k in boxes}
    for hop in plane.hops:
        before[hop.head].append(hop)
        after[hop.tail].append(hop)
    for s in range(2 * SWEEPS + 1):
        both = s == 2 * SWEEPS
        order = plane.columns if s % 2 == 0 else plane.columns[::-1]
        for col in order:
            _straighten(plane, col, before if both or s % 2 == 0 else {}, after if both or s % 2 else {})
    low = min((b.y for b in boxes.values()), default=0.0)
    for b in boxes.values():
        b.y = round(b.y - low, 2)
    plane.w = x
    plane.h = max((b.y + b.h for b in boxes.values()), default=0.0)


def _straighten(plane: Plane, col: Sequence[str], before: dict[str, list[Hop]], after: dict[str, list[Hop]]) -> None:
    """Moves the boxes of a column to where their wires are straight, as far as their order and sizes allow."""
    boxes = plane.boxes
    blocks: list[list[float]] = []  # [sum of weighted wishes, weight, boxes]: values that must be equal are pooled
    offset, offsets = 0.0, []
    for i, k in enumerate(col):
        box = boxes[k]
        if i:
            offset += boxes[col[i - 1]].h + _gap(boxes[col[i - 1]], box)
        offsets.append(offset)
        total = weight = 0.0
        for hop in before.get(k, ()):
            other = boxes[hop.tail]
            w = _weight(box, other)
            total += w * (other.y + other.outs[hop.out] - box.ins[hop.into])
            weight += w
        for hop in after.get(k, ()):
            other = boxes[hop.head]
            w = _weight(box, other)
            total += w * (other.y + other.ins[hop.into] - box.outs[hop.out])
            weight += w
        if not weight:
            total, weight = 0.01 * box.y, 0.01
        blocks.append([total - weight * offset, weight, 1.0])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    i = 0
    for total, weight, count in blocks:
        for _ in range(int(count)):
            boxes[col[i]].y = total / weight + offsets[i]
            i += 1


def _weight(a: Box, b: Box) -> float:
    """Long wires are straightened first."""
    return 8.0 if a.way and b.way else 2.0 if a.way or b.way else 1.0


def _gap(a: Box, b: Box) -> float:
    return WAY_GAP if a.way or b.way else GAP
