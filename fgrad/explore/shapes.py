"""The shapes of a figure with their sizes, ports and labels: operations, inputs, outputs, ports.

Labels are measured here, for every step of a loop that can be looked at, so that no text of any step leaves its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fgrad.core.jaxpr import Var
from fgrad.explore.grouping import Group, Level, Op
from fgrad.explore.hovering import info, value_lines
from fgrad.explore.layout import Box
from fgrad.explore.text import COMMUTATIVE, STRUCTURAL, Summary, number, shortened, sign, summary, type_text, width

if TYPE_CHECKING:  # a group's shape holds a scene of shapes
    from fgrad.explore.scene import Scene

VALUE, SIGN, SMALL, NAME, TITLE = 13.0, 15.0, 11.0, 14.0, 13.0  # font sizes
ROW = 18.0  # above or below a wire
RADIUS = 16.0
HISTOGRAM = (30.0, 11.0)
PAD = 7.0  # beside a label
PORT = 16.0


@dataclass(frozen=True)
class Look:
    """How a figure is made: significant digits, and whether values and gradients are there at all."""

    digits: int = 3
    values: bool = True


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


def rows(box: Box, labels: Sequence[Label | None], middle: float, least: float) -> None:
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


def spread(centre: float, n: int, room: float) -> list[float]:
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
    rows(box, labels, tall / 2 + (14 if tag else 0), tall + (14 if tag else 0))
    inputs = [a for a in op.eqn.inputs if type(a) is Var]
    centre = sum(box.outs) / len(box.outs) if box.outs else box.h / 2
    box.ins = spread(centre, len(inputs), tall * 0.6)
    box.any_order = op.eqn.primitive.name in COMMUTATIVE and len(inputs) == 2
    box.source = not inputs
    problem = any(op.index in v.run.problems for v in level.views)
    infos = [info(op, level, v, look.values) for v in level.views]
    return Shape("op", box, text, list(labels), w, tag, op, infos, problem=problem)


def input_shape(key: str, v: Var, name: str, level: Level, look: Look, side: str) -> Shape:
    text = shortened(name, 18)
    label = label_of(v, level, look)
    w = width(text, NAME) + 4.0
    box = Box(key, w + (label.w if label else PAD), side=side, source=not side)
    rows(box, [label], 9.0, 18.0)
    infos = [value_lines(name, v, view, look.values) for view in level.views]
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
