"""What stands in a figure: the shapes of a level and the wires between them.

A `Scene` is one level as a `Plane` of the layout and a `Shape` for each box; a group's shape holds the scene inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.explore.grouping import Group, Level, Op, body_inputs, body_outputs
from fgrad.explore.hovering import source_line, value_lines
from fgrad.explore.layout import Box, Link, Plane, arrange, place
from fgrad.explore.shapes import (
    PAD,
    PORT,
    SMALL,
    TITLE,
    Label,
    Look,
    Shape,
    input_shape,
    label_of,
    op_shape,
    output_shape,
    port_shape,
    rows,
    spread,
)
from fgrad.explore.text import call_text, shortened, width

FRAME = (16.0, 30.0, 10.0)  # sides, top and bottom of an open group


@dataclass(eq=False)
class Scene:
    level: Level
    plane: Plane
    shapes: dict[str, Shape]
    starts: list[str] = field(default_factory=list)  # the boxes that the ports of the frame around it lead to
    ends: list[str] = field(default_factory=list)


def group_shape(group: Group, level: Level, look: Look, opened: set[str]) -> tuple[Shape, list[Any], list[Var]]:
    """The shape of a group, and what its input and output ports stand for: in the order in which they are best connected inside."""
    reads, writes = group_reads(group, level.jaxpr), group_writes(group, level.jaxpr)
    labels = [label_of(v, level, look) for v in writes]
    inside = body_scene(group, labels, look, opened) if group.in_equation else scope_scene(group, reads, writes, look, opened)
    starts, ends = _as_drawn(inside, inside.starts), _as_drawn(inside, inside.ends)
    reads, writes, labels = [reads[i] for i in starts], [writes[i] for i in ends], [labels[i] for i in ends]
    inside.starts, inside.ends = [inside.starts[i] for i in starts], [inside.ends[i] for i in ends]
    text = shortened(group.title, 30)
    w = max(width(text, TITLE) + 40, width(f"{group.operations:,} operations", SMALL) + 24) + 5
    box = Box(group.key, w + max((lb.w for lb in labels if lb), default=PAD))
    rows(box, labels, 23.0, 46.0)
    centre = sum(box.outs) / len(box.outs) if box.outs else box.h / 2
    box.ins = spread(centre, len(reads), max(30.0, box.h - 24.0))
    shape = Shape("group", box, text, list(labels), w, item=group, inner=inside, open=group.key in opened, name=group.title)
    shape.closed = (w, box.w, box.h, box.ins, box.outs)
    head = call_text(group.eqns[0]) if group.in_equation else f"{group.title}: {group.operations:,} operations"
    for view in level.views:
        values = [value_lines(level.names.get(v, ""), v, view, look.values) for v in writes]
        shape.infos.append("\n".join([head, *values, *(source_line(group.eqns[0]) if group.in_equation else [])]))
    return shape, reads, writes


def _as_drawn(scene: Scene, ports: Sequence[str]) -> list[int]:
    """The numbers of ports from top to bottom."""
    place = {k: i for col in scene.plane.columns for i, k in enumerate(col)}
    return sorted(range(len(ports)), key=lambda i: place[ports[i]])


# -- reading and writing of groups -----------------------------------------------------------------------------------------------------------


def group_reads(group: Group, jaxpr: Jaxpr) -> list[Any]:
    """What a group's input ports stand for: variables from outside (of a body, the operands of its equation, literals too)."""
    if group.in_equation:
        return list(group.eqns[0].inputs)
    made = {v for e in group.eqns for v in e.outvars}
    order = jaxpr.memoize(("made_at",), lambda: {v: i for i, v in enumerate([*jaxpr.invars, *[v for e in jaxpr.eqns for v in e.outvars]])})
    return sorted({a for e in group.eqns for a in e.inputs if type(a) is Var and a not in made}, key=lambda v: order[v])


def group_writes(group: Group, jaxpr: Jaxpr) -> list[Var]:
    if group.in_equation:
        return list(group.eqns[0].outvars)
    users = jaxpr.memoize(("users",), lambda: _users(jaxpr))
    inside = {id(e) for e in group.eqns}
    return [v for e in group.eqns for v in e.outvars if not users.get(v, set()) <= inside]


def _users(jaxpr: Jaxpr) -> dict[Var, set[int]]:
    """The equations that read each variable, by id; 0 is the outside."""
    found: dict[Var, set[int]] = {}
    for e in jaxpr.eqns:
        for a in e.inputs:
            if type(a) is Var:
                found.setdefault(a, set()).add(id(e))
    for a in jaxpr.outvars:
        if type(a) is Var:
            found.setdefault(a, set()).add(0)
    return found


# -- scenes ----------------------------------------------------------------------------------------------------------------------------------


class _Building:
    """A scene being put together: shapes in the order of the program, and who makes what."""

    def __init__(self, level: Level, look: Look, opened: set[str]):
        self.level, self.look, self.opened = level, look, opened
        self.shapes: dict[str, Shape] = {}
        self.links: list[Link] = []
        self.makers: dict[Var, tuple[str, int]] = {}

    def add(self, shape: Shape, reads: Sequence[Any], writes: Sequence[Var]) -> None:
        key = shape.box.key
        self.shapes[key] = shape
        for i, a in enumerate(reads):
            if type(a) is Var and a in self.makers:
                tail, out = self.makers[a]
                self.links.append(Link(self.level.names.get(a, ""), tail, out, key, i))
        self.makers.update((v, (key, k)) for k, v in enumerate(writes))

    def items(self) -> None:
        for item in self.level.items:
            if isinstance(item, Op):
                self.add(op_shape(item, self.level, self.look), [a for a in item.eqn.inputs if type(a) is Var], item.eqn.outvars)
            else:
                self.add(*group_shape(item, self.level, self.look, self.opened))

    def scene(self, starts: list[str], ends: list[str]) -> Scene:
        plane = Plane({k: s.box for k, s in self.shapes.items()}, self.links)
        arrange(plane)
        _align(plane, self.shapes)
        return Scene(self.level, plane, self.shapes, starts, ends)


def _align(plane: Plane, shapes: dict[str, Shape]) -> None:
    """Wires of inputs in one column begin at one place."""
    for col in plane.columns:
        inputs = [shapes[k] for k in col if k in shapes and shapes[k].kind == "input"]
        w = max((s.w for s in inputs), default=0.0)
        for s in inputs:
            s.box.w += w - s.w
            s.w = w


def top_scene(level: Level, inputs: Sequence[Var], consts: Sequence[Var], outputs: Sequence[str], look: Look, opened: set[str]) -> Scene:
    building = _Building(level, look, opened)
    used = level.jaxpr.memoize(("users",), lambda: _users(level.jaxpr))
    for k, v in enumerate([*inputs, *[c for c in consts if c in used]]):
        building.add(input_shape(f"in{k}", v, level.names[v], level, look, ""), [], [v])
    building.items()
    for k, (a, name) in enumerate(zip(level.jaxpr.outvars, outputs, strict=True)):
        building.add(output_shape(f"out{k}", a, name, ""), [a], [])
    return building.scene([], [])


def scope_scene(group: Group, reads: Sequence[Var], writes: Sequence[Var], look: Look, opened: set[str]) -> Scene:
    building = _Building(group.level, look, opened)
    starts, ends = [f"{group.key}/in{k}" for k in range(len(reads))], [f"{group.key}/out{k}" for k in range(len(writes))]
    for key, v in zip(starts, reads, strict=True):
        building.add(port_shape(key, "first"), [], [v])
    building.items()
    for key, v in zip(ends, writes, strict=True):
        building.add(port_shape(key, "last", label=label_of(v, group.level, look)), [v], [])
    return building.scene(starts, ends)


def body_scene(group: Group, labels: Sequence[Label | None], look: Look, opened: set[str]) -> Scene:
    eqn, level = group.eqns[0], group.level
    building = _Building(level, look, opened)
    starts = [f"{group.key}/in{k}" for k in range(len(eqn.inputs))]
    ends = [f"{group.key}/out{k}" for k in range(len(eqn.outvars))]
    for key, k in zip(starts, body_inputs(eqn, group.kind), strict=True):
        if k is None:
            building.add(port_shape(key, "first", _ELSEWHERE[group.kind if "n_cond" not in eqn.params else "while"]), [], [])
        else:
            v = level.jaxpr.invars[k]
            building.add(input_shape(key, v, level.names[v], level, look, "first"), [], [v])
    building.items()
    for i, (key, k) in enumerate(zip(ends, body_outputs(eqn, group.kind), strict=True)):
        if k is None:
            building.add(port_shape(key, "last", "steps", labels[i]), [], [])
        else:
            a = level.jaxpr.outvars[k]
            building.add(output_shape(key, a, _output_name(eqn, group.kind, i), "last", labels[i]), [a], [])
    return building.scene(starts, ends)


_ELSEWHERE = {"while": "condition", "loop": "steps", "branch": "which"}
"""What reads the operands of a loop or branch that its body does not."""


def _output_name(eqn: Equation, kind: str, i: int) -> str:
    if kind != "loop":
        return ""
    carry = len(eqn.inputs) - eqn.params["n_cond"] - eqn.params["n_body"] if "n_cond" in eqn.params else eqn.params["n_carry"]
    return "next" if i < carry else "y"


def settle(scene: Scene) -> None:
    """Coordinates of a scene and of the open groups in it, from the inside out."""
    for shape in scene.shapes.values():
        if shape.inner is not None:
            settle(shape.inner)
            if shape.open:
                open_geometry(shape)
    place(scene.plane)


def open_geometry(shape: Shape) -> None:
    """The box of an open group: a frame around the scene inside, and the labels of a body's results on its right."""
    inner = shape.inner
    assert inner is not None
    side, top, bottom = FRAME
    boxes = inner.plane.boxes
    shape.w = max(inner.plane.w + 2 * side, width(shape.text, TITLE) + title_room(shape))
    shape.box.w = shape.w + outside_width(shape)
    shape.box.ins = [top + boxes[k].y + (boxes[k].outs or [PORT / 2])[0] for k in inner.starts]
    shape.box.outs = [top + boxes[k].y + (boxes[k].ins or [PORT / 2])[0] for k in inner.ends]
    rows = [o + (lb.down if lb else 0) for o, lb in zip(shape.box.outs, shape.labels, strict=True)]
    shape.box.h = max([inner.plane.h + top + bottom, *rows])


def outside_width(shape: Shape) -> float:
    """Of the labels right of an open group: a scope's results are labelled inside it."""
    assert isinstance(shape.item, Group)
    if shape.item.kind in ("scope", "part"):
        return PAD
    return max((lb.w for lb in shape.labels if lb), default=PAD)


def title_room(shape: Shape) -> float:
    """What stands in the title bar of an open group beside its title: the sign that folds it, and the step of a loop."""
    return 150.0 if isinstance(shape.item, Group) and shape.item.shown else 40.0
