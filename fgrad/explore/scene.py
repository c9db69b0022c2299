"""What stands in a figure: the shapes of a level with their sizes, ports and labels, and the wires between them.

A `Scene` is one level as a `Plane` of the layout and a `Shape` for each box; a group's shape holds the scene inside it. Labels are measured here,
for every step of a loop that can be looked at, so that no text of any step leaves its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.explore.circuit import Local, Run, local_derivatives
from fgrad.explore.grouping import Group, Level, Op, View, body_inputs, body_outputs
from fgrad.explore.layout import Box, Link, Plane, arrange, place
from fgrad.explore.text import COMMUTATIVE, STRUCTURAL, Summary, call_text, entries, number, shortened, sign, summary, type_text, width

VALUE, SIGN, SMALL, NAME, TITLE = 13.0, 15.0, 11.0, 14.0, 13.0  # font sizes
ROW = 18.0  # above or below a wire
RADIUS = 16.0
HISTOGRAM = (30.0, 11.0)
PAD = 7.0  # beside a label
FRAME = (16.0, 30.0, 10.0)  # sides, top and bottom of an open group
PORT = 16.0


@dataclass(frozen=True)
class Label:
    """What is written on a wire in each view: above it the value, below it the gradient (None where there is none)."""

    variable: str
    kind: str
    above: list[Summary | None]
    below: list[Summary | None]
    w: float
    up: float
    down: float


@dataclass(eq=False)
class Shape:
    """One box of a figure and what is drawn in it.

    kind: op, input, output, port, group. text: a sign, a name or a title. tag: the user's name of a result. w: of the part left of the labels.
    """

    kind: str
    box: Box
    text: str
    labels: list[Label | None]
    w: float
    tag: str = ""
    item: Op | Group | None = None
    infos: list[str] = field(default_factory=list)  # for each view, what hovering shows
    inner: Scene | None = None
    open: bool = False
    problem: bool = False
    name: str = ""  # in full
    closed: tuple[float, float, float, list[float], list[float]] = (0.0, 0.0, 0.0, [], [])  # of a folded group: card, w, h, ins, outs


@dataclass(eq=False)
class Scene:
    level: Level
    plane: Plane
    shapes: dict[str, Shape]
    starts: list[str] = field(default_factory=list)  # the boxes that the ports of the frame around it lead to
    ends: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Look:
    """How a figure is made: significant digits, and whether values and gradients are there at all."""

    digits: int = 3
    values: bool = True


# -- labels ----------------------------------------------------------------------------------------------------------------------------------


def label_of(v: Any, level: Level, look: Look) -> Label | None:
    if not look.values:
        kind = type_text(v.aval)
        return Label(level.names.get(v, ""), kind, [Summary("", kind)], [None], width(kind, SMALL) + 2 * PAD, ROW, 4.0)
    above: list[Summary | None] = []
    below: list[Summary | None] = []
    for view in level.views:
        known = v in view.run.values
        above.append(summary(view.run.values[v], look.digits) if known else None)
        ct = view.run.cotangent(v) if known else None
        below.append(None if ct is None else summary(ct, look.digits))
    shown = [s for s in [*above, *below] if s is not None]
    kind = next((s.kind for s in shown if s.kind), "")
    bars = any(s.bars for s in shown)
    w = max((width(s.text, VALUE) for s in shown), default=0) + (HISTOGRAM[0] + 5 if bars else 0)
    w = max(w, width(kind, SMALL) if kind else 0) + 2 * PAD
    return Label(level.names.get(v, ""), kind, above, below, w, 2 * ROW - 2 if kind else ROW, ROW if any(below) else 4.0)


def _rows(box: Box, labels: Sequence[Label | None], middle: float, least: float) -> None:
    """Stacks the rows of outputs, at least so high around the middle of the first or of all of them; sets the box's height and its outs."""
    y, outs = 0.0, []
    for label in labels:
        up, down = (label.up, label.down) if label else (PORT / 2, PORT / 2)
        outs.append(y + up)
        y += up + down + 2
    centre = sum(outs) / len(outs) if outs else least / 2
    top = max(0.0, middle - centre)
    box.outs = [o + top for o in outs]
    box.h = max(y + top, centre + top + least - middle)


def _spread(centre: float, n: int, room: float) -> list[float]:
    step = min(10.0, room / max(n - 1, 1))
    return [centre + (i - (n - 1) / 2) * step for i in range(n)]


# -- shapes ----------------------------------------------------------------------------------------------------------------------------------


def op_shape(op: Op, level: Level, look: Look) -> Shape:
    text = shortened(sign(op.eqn), 22)
    minor = op.eqn.primitive.name in STRUCTURAL
    font = SMALL if minor else SIGN
    glyph, tall = width(text, font) + (12 if minor else 18), 22.0 if minor else 2 * RADIUS
    glyph = max(glyph, tall)
    tag = shortened(op.name, 14)
    w = max(glyph, width(tag, SMALL) if tag else 0)
    labels = [label_of(v, level, look) for v in op.eqn.outvars]
    box = Box(op.key, w + max((lb.w for lb in labels if lb), default=PAD))
    _rows(box, labels, tall / 2 + (14 if tag else 0), tall + (14 if tag else 0))
    inputs = [a for a in op.eqn.inputs if type(a) is Var]
    centre = sum(box.outs) / len(box.outs) if box.outs else box.h / 2
    box.ins = _spread(centre, len(inputs), tall * 0.6)
    box.any_order = op.eqn.primitive.name in COMMUTATIVE and len(inputs) == 2
    box.source = not inputs
    problem = any(op.index in v.run.problems for v in level.views)
    infos = [info(op, level, v, look) for v in level.views]
    return Shape("op", box, text, list(labels), w, tag, op, infos, problem=problem)


def input_shape(key: str, v: Var, name: str, level: Level, look: Look, side: str) -> Shape:
    text = shortened(name, 18)
    label = label_of(v, level, look)
    w = width(text, NAME) + 4.0
    box = Box(key, w + (label.w if label else PAD), side=side, source=not side)
    _rows(box, [label], 9.0, 18.0)
    infos = [value_lines(name, v, view, look) for view in level.views]
    return Shape("input", box, text, [label], w, infos=infos, name=name)


def output_shape(key: str, a: Any, name: str, side: str, label: Label | None = None) -> Shape:
    text = shortened(name if type(a) is Var else f"{name} = {number(a.value)}", 18)
    w = 14.0 + width(text, NAME)
    up, down = max(9.0, label.up if label else 0.0), max(9.0, label.down if label else 0.0)
    box = Box(key, w, up + down, ins=[up], side=side)  # as high as the row outside that it leads to
    return Shape("output", box, text, [], w, name=name)


def port_shape(key: str, side: str, text: str = "", label: Label | None = None) -> Shape:
    up, down = max(PORT / 2, label.up if label else 0.0), max(PORT / 2, label.down if label else 0.0)
    w = width(text, SMALL) + 8.0 if text else 0.0
    box = Box(key, w, up + down, side=side)
    (box.outs if side == "first" else box.ins).append(up)
    return Shape("port", box, text, [], w)


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
    _rows(box, labels, 23.0, 46.0)
    centre = sum(box.outs) / len(box.outs) if box.outs else box.h / 2
    box.ins = _spread(centre, len(reads), max(30.0, box.h - 24.0))
    shape = Shape("group", box, text, list(labels), w, item=group, inner=inside, open=group.key in opened, name=group.title)
    shape.closed = (w, box.w, box.h, box.ins, box.outs)
    head = call_text(group.eqns[0]) if group.in_equation else f"{group.title}: {group.operations:,} operations"
    for view in level.views:
        values = [value_lines(level.names.get(v, ""), v, view, look) for v in writes]
        shape.infos.append("\n".join([head, *values, *(_source_line(group.eqns[0]) if group.in_equation else [])]))
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


# -- what hovering shows ---------------------------------------------------------------------------------------------------------------------


def value_lines(name: str, v: Any, view: View, look: Look) -> str:
    if not look.values:
        return f"{name} : {type_text(v.aval)}"
    if v not in view.run.values:
        return f"{name}: not computed in this step"
    lines = [f"{name} = {entries(view.run.values[v])} : {type_text(v.aval)}"]
    ct = view.run.cotangent(v)
    if ct is not None:
        lines.append(f"gradient {entries(ct)}")
    return "\n".join(lines)


def _source_line(eqn: Equation) -> list[str]:
    return [f"↳ {eqn.source}"] if eqn.source else []


def info(op: Op, level: Level, view: View, look: Look) -> str:
    """An equation, its values and local derivatives, and the user's line."""
    eqn, names = op.eqn, level.names
    operands = " ".join(names[a] if type(a) is Var else str(a) for a in eqn.inputs)
    outs = " ".join(names[v] for v in eqn.outvars)
    lines = [f"{outs} = {call_text(eqn)} {operands}".rstrip()]
    told = [value_lines(names[v], v, view, look) for v in eqn.outvars]
    if len(told) == 1 and look.values:  # `b = sin a = 0.84`
        lines[0] += told[0].removeprefix(names[eqn.outvars[0]])
    else:
        lines += told
    if look.values and all(v in view.run.values for v in eqn.outvars):
        lines += [_local_line(d, eqn, view.run, names) for d in local_derivatives(eqn, view.run)]
        if op.index in view.run.problems:
            lines.append(f"no gradient goes back from here: {view.run.problems[op.index]}")
        if op.index in view.run.closed:
            lines.append(view.run.closed[op.index])
    return "\n".join(lines + _source_line(eqn))


def _local_line(d: Local, eqn: Equation, run: Run, names: dict[Var, str]) -> str:
    a, out = eqn.inputs[d.operand], eqn.outvars[d.output]
    assert type(a) is Var
    head = f"∂{names[out]}/∂{names[a]}"
    if d.kind == "map":
        return f"{head}: a linear map from {type_text(a.aval)} to {type_text(out.aval)}"
    if d.kind == "number":
        ct = run.cotangent(out)
        sent = (
            ""
            if ct is None or len(eqn.outvars) > 1
            else f"   so {number(ct)} × {number(d.value)} = {number(ct * d.value)} goes to {names[a]}"
        )
        return f"{head} = {number(d.value, 4)}{sent}"
    return f"{head} = {entries(d.value)}" + (", entry by entry" if d.kind == "diagonal" else "")


__all__ = ["Label", "Look", "Scene", "Shape", "open_geometry", "settle", "top_scene"]
