"""The layered layout: nothing overlaps, wires go from column to column, and folding keeps that."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fgrad.explore import graph
from fgrad.explore.layout import Box, Link, Plane, arrange, crossings, place
from fgrad.explore.scene import Scene
from tests.explore.programs import CASES, IDS, lecture, neuron


def random_plane(rng: np.random.Generator, n: int) -> Plane:
    ins = [0] * n
    links = []
    for head in range(2, n):
        for _ in range(rng.integers(1, 4)):
            tail = int(rng.integers(max(0, head - 9), head))
            links.append(Link("", str(tail), int(rng.integers(2)), str(head), ins[head]))
            ins[head] += 1
    boxes = {}
    for i in range(n):
        h = float(rng.integers(40, 90))
        boxes[str(i)] = Box(str(i), float(rng.integers(30, 200)), h, sorted(rng.uniform(5, h - 5, ins[i])), [h / 3, 2 * h / 3])
        boxes[str(i)].source = not ins[i]
        boxes[str(i)].any_order = bool(rng.integers(2))
    return Plane(boxes, links)


def check(plane: Plane) -> None:
    column = {k: c for c, col in enumerate(plane.columns) for k in col}
    assert set(column) == set(plane.boxes)
    assert all(column[h.head] == column[h.tail] + 1 for h in plane.hops)
    for a, b in itertools.pairwise(zip(plane.lefts, plane.rights, strict=True)):
        assert a[1] < b[0]
    for c, col in enumerate(plane.columns):
        for k in col:
            box = plane.boxes[k]
            assert plane.lefts[c] - 1e-6 <= box.x and box.x + box.w <= plane.rights[c] + 1e-6
            assert box.y >= 0 and box.y + box.h <= plane.h + 1e-6
        for a, b in itertools.pairwise(col):
            assert plane.boxes[a].y + plane.boxes[a].h + 5 < plane.boxes[b].y


@pytest.mark.parametrize("n", [1, 2, 5, 30, 120])
def test_random_graphs(n, rng):
    for _ in range(4):
        plane = random_plane(rng, n)
        arrange(plane)
        place(plane)
        check(plane)
        # each link is a chain of hops from its tail to its head, and an input port has one wire
        ends = {(h.head, h.into): h for h in plane.hops}
        assert len(ends) == len(plane.hops)
        for link in plane.links:
            arriving = [h for h in plane.hops if h.head == link.head]
            assert len(arriving) == len([x for x in plane.links if x.head == link.head])
            tails = set()
            for hop in arriving:
                while plane.boxes[hop.tail].way:
                    hop = ends[hop.tail, 0]
                tails.add((hop.tail, hop.out))
            assert (link.tail, link.out) in tails


def test_crossings():
    assert crossings([(0, 0), (1, 1)]) == 0
    assert crossings([(0, 1), (1, 0), (2, 0.5)]) == 2
    rng = np.random.default_rng(0)
    wires = [tuple(w) for w in rng.random((30, 2))]
    expected = sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in itertools.combinations(wires, 2))
    assert crossings(wires) == expected


def test_lecture_figures_are_planar():
    for f, args in ((lecture, (-2.0, 5.0, -4.0)), (neuron, ((2.0, -3.0, -3.0), (-1.0, -2.0)))):
        plane = graph(f)(*args).scene.plane
        for c in range(1, len(plane.columns)):
            place_of = {k: i for col in plane.columns for i, k in enumerate(col)}
            hops = [h for h in plane.hops if h.head in plane.columns[c]]
            assert crossings([(place_of[h.tail] + 0.1 * h.out, place_of[h.head] + 0.1 * h.into) for h in hops]) == 0


@pytest.mark.parametrize("unfold", [False, True])
@pytest.mark.parametrize(("f", "args"), CASES, ids=IDS)
def test_figures(f, args, unfold):
    def walk(scene: Scene) -> None:
        check(scene.plane)
        for shape in scene.shapes.values():
            assert all(0 <= y <= shape.box.h for y in [*shape.box.ins, *shape.box.outs])
            if shape.inner is not None:
                assert len(shape.box.ins) == len(shape.inner.starts) and len(shape.box.outs) == len(shape.inner.ends)
                if shape.open:
                    assert shape.inner.plane.w < shape.w and shape.inner.plane.h < shape.box.h
                walk(shape.inner)

    walk(graph(f, unfold=unfold)(*args).scene)
