"""A scene as SVG text. Everything that came from the user's code passes `escape`. The page moves and hides what is drawn here and draws nothing of its own."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from fgrad.core.source import Source
from fgrad.explore.grouping import Group, Op
from fgrad.explore.layout import Box, Hop, Plane
from fgrad.explore.scene import FRAME, Scene
from fgrad.explore.shapes import HISTOGRAM, PAD, RADIUS, SIGN, SMALL, TITLE, VALUE, Label, Shape
from fgrad.explore.text import BINS, STRUCTURAL, Summary, width

MARGIN = 12.0


def escape(text: str) -> str:
    """Text for HTML and SVG, without the characters that neither may hold."""
    return html.escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]", " ", text), quote=True)


def line_key(source: Source) -> str:
    """What rows, nodes and lines of source are matched by: short, and without the folders of this machine."""
    return f"{zlib.crc32(source.filename.encode()):x}:{source.line}"


@cache
def asset(name: str) -> str:
    return resources.files("fgrad.explore").joinpath("assets", name).read_text(encoding="utf-8")


def num(x: float) -> str:
    """A coordinate, short."""
    return f"{x:.1f}".removesuffix(".0")


def draw(scene: Scene, title: str, style: str) -> str:
    """A whole figure; `style` is its CSS, which a page holds elsewhere."""
    w, h = scene.plane.w + 2 * MARGIN, scene.plane.h + 2 * MARGIN
    body = "".join(_plane(scene, "root", MARGIN, MARGIN))
    css = f"<style>{style}</style>" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fg-svg" width="{num(w)}" height="{num(h)}" viewBox="0 0 {num(w)} {num(h)}" role="img"'
        f' aria-label="{escape(title)}">{css}<rect class="fg-back" width="100%" height="100%"/>{body}</svg>'
    )


def _plane(scene: Scene, key: str, x: float, y: float) -> Iterator[str]:
    yield f'<g class="fg-plane" data-plane="{escape(key)}" transform="translate({num(x)} {num(y)})"><g class="fg-wires">'
    column = {k: c for c, col in enumerate(scene.plane.columns) for k in col}
    for hop in scene.plane.hops:
        yield f'<path class="fg-wire" data-tail="{escape(hop.tail)}" data-head="{escape(hop.head)}" d="{wire(scene.plane, hop, column)}"/>'
    yield "</g>"
    for shape in scene.shapes.values():
        yield from _DRAW[shape.kind](shape)
    yield "</g>"


def wire(plane: Plane, hop: Hop, column: dict[str, int]) -> str:
    """Straight through columns, bent between them."""
    tail, head = plane.boxes[hop.tail], plane.boxes[hop.head]
    c = column[hop.tail]
    y1, y2 = tail.y + tail.outs[hop.out], head.y + head.ins[hop.into]
    x0, x1, x2 = tail.x + tail.w, plane.rights[c], plane.lefts[c + 1]
    middle = (x1 + x2) / 2
    bend = f"H{num(x2)}" if abs(y1 - y2) < 0.05 else f"C{num(middle)} {num(y1)} {num(middle)} {num(y2)} {num(x2)} {num(y2)}"
    return f"M{num(x0)} {num(y1)}H{num(x1)}{bend}" + (f"H{num(head.x)}" if head.x > x2 else "")


def _open_shape(shape: Shape, classes: str, attributes: str = "") -> str:
    box = shape.box
    title = f"<title>{escape(shape.infos[0])}</title>" if shape.infos else ""
    return (
        f'<g class="fg-shape {classes}" data-key="{escape(box.key)}"{attributes} tabindex="0"'
        f' transform="translate({num(box.x)} {num(box.y)})">{title}'
    )


def _eqn(shape: Shape) -> str:
    item = shape.item
    if isinstance(item, Op) or (isinstance(item, Group) and item.in_equation):
        source = item.eqns[0].source
        line = f' data-line="{line_key(source)}"' if source else ""
        return f' data-eqn="{escape(item.key)}" data-op="{escape(item.eqns[0].primitive.name)}"{line}'
    return ""


def _op(shape: Shape) -> Iterator[str]:
    box, item = shape.box, shape.item
    assert isinstance(item, Op)
    minor = item.eqn.primitive.name in STRUCTURAL
    centre = sum(box.outs) / len(box.outs) if box.outs else box.h / 2
    x = shape.w / 2
    yield _open_shape(shape, "fg-op" + (" fg-minor" if minor else "") + (" fg-problem" if shape.problem else ""), _eqn(shape))
    into = "".join(f"M0 {num(y)}H{num(x)}" for y in box.ins)
    out = "".join(f"M{num(x)} {num(centre)}{f'L{num(shape.w)} {num(y)}' if y != centre else ''}H{num(box.w)}" for y in box.outs)
    yield f'<path class="fg-stub" d="{into}{out}"/>'
    tall = 22.0 if minor else 2 * RADIUS
    wide = max(width(shape.text, SMALL if minor else SIGN) + (12 if minor else 18), tall)
    yield (
        f'<rect class="fg-glyph" x="{num(x - wide / 2)}" y="{num(centre - tall / 2)}" width="{num(wide)}" height="{num(tall)}" rx="{num(tall / 2)}"/>'
        f'<text class="fg-sign" x="{num(x)}" y="{num(centre + (4 if minor else 5))}">{escape(shape.text)}</text>'
    )
    if shape.tag:
        yield f'<text class="fg-tag" x="{num(x)}" y="{num(centre - tall / 2 - 4)}">{escape(shape.tag)}</text>'
    yield from _labels(shape, shape.w)
    yield "</g>"


def _input(shape: Shape) -> Iterator[str]:
    box = shape.box
    yield _open_shape(shape, "fg-input", f' data-name="{escape(shape.name)}"')
    yield f'<text class="fg-name fg-right" x="{num(shape.w - 4)}" y="{num(box.outs[0] + 4.5)}">{escape(shape.text)}</text>'
    yield f'<path class="fg-stub" d="M{num(shape.w)} {num(box.outs[0])}H{num(box.w)}"/>'
    yield from _labels(shape, shape.w)
    yield "</g>"


def _output(shape: Shape) -> Iterator[str]:
    y = shape.box.ins[0]
    yield _open_shape(shape, "fg-output", f' data-name="{escape(shape.name)}"')
    yield f'<circle class="fg-end" cx="5" cy="{num(y)}" r="4"/>'
    if shape.text:
        yield f'<text class="fg-name" x="14" y="{num(y + 4)}">{escape(shape.text)}</text>'
    yield "</g>"


def _port(shape: Shape) -> Iterator[str]:
    box = shape.box
    y, into = (box.outs or box.ins)[0], bool(box.outs)
    yield _open_shape(shape, "fg-port")
    yield f'<circle class="fg-end" cx="{num(box.w if into else 0)}" cy="{num(y)}" r="3"/>'
    if shape.text:
        yield f'<text class="fg-count{" fg-right" if into else ""}" x="{num(box.w - 7 if into else 7)}" y="{num(y + 4)}">{escape(shape.text)}</text>'
    yield "</g>"


def _group(shape: Shape) -> Iterator[str]:
    group, inner = shape.item, shape.inner
    assert isinstance(group, Group) and inner is not None
    card = shape.closed[0]
    state = "fg-open" if shape.open else "fg-closed"
    yield _open_shape(shape, f"fg-group fg-{group.kind} {state}", _eqn(shape) + f' data-name="{escape(shape.name)}"')
    outs = shape.box.outs
    yield (
        '<g class="fg-stubs">' + "".join(f'<path class="fg-stub" d="M{num(shape.w)} {num(y)}H{num(shape.box.w)}"/>' for y in outs) + "</g>"
    )
    _, _, h, ins, ports = shape.closed
    top = min([h / 2 - 23, *[y - 12 for y in (*ins, *ports)]])
    tall = max([h / 2 + 23, *[y + 12 for y in (*ins, *ports)]]) - top
    middle = top + tall / 2
    box = f'width="{num(card - 5)}" height="{num(tall)}" rx="8"'
    yield (
        f'<g class="fg-card fg-fold" role="button" aria-label="unfold {escape(shape.name)}">'
        f'<rect x="4" y="{num(top - 4)}" {box} class="fg-under"/><rect x="0" y="{num(top)}" {box} class="fg-box"/>'
        f'<text class="fg-title" x="12" y="{num(middle - 2)}">▸ {escape(shape.text)}</text>'
        f'<text class="fg-count" x="14" y="{num(middle + 15)}">{group.operations:,} operation{"s" * (group.operations != 1)}</text></g>'
    )
    side, top, _ = FRAME
    yield (
        f'<g class="fg-frame"><rect class="fg-box" width="{num(shape.w)}" height="{num(shape.box.h)}" rx="10"/>'
        f'<g class="fg-fold" role="button" aria-label="fold {escape(shape.name)}"><rect class="fg-handle" width="{num(width(shape.text, TITLE) + 30)}"'
        f' height="24" rx="8"/><text class="fg-title" x="12" y="18">▾ {escape(shape.text)}</text></g>'
    )
    if len(group.shown) > 1:
        x = width(shape.text, TITLE) + 40
        yield (
            f'<g class="fg-steps" data-loop="{escape(group.key)}" transform="translate({num(x)} 0)">'
            '<g class="fg-step" data-by="-1" role="button" aria-label="step before"><rect width="22" height="22" y="2" rx="5"/><text x="11" y="18">‹</text></g>'
            f'<text class="fg-at" x="60" y="18">step {group.shown[0] + 1}</text>'
            '<g class="fg-step" data-by="1" role="button" aria-label="next step"><rect width="22" height="22" x="98" y="2" rx="5"/>'
            '<text x="109" y="18">›</text></g></g>'
        )
    yield from _plane(inner, group.key, side, top)
    yield "</g>"
    yield from _labels(shape, shape.w)
    yield "</g>"


_DRAW = {"op": _op, "input": _input, "output": _output, "port": _port, "group": _group}


# -- labels ----------------------------------------------------------------------------------------------------------------------------------


def _labels(shape: Shape, x: float) -> Iterator[str]:
    for k, label in enumerate(shape.labels):
        if label is not None:
            yield _label(label, k, x, shape.box)


def _label(label: Label, k: int, x: float, box: Box) -> str:
    y = box.outs[k]
    room = num(label.w - 2 * PAD)
    out = [
        f'<g class="fg-label" data-out="{k}" data-var="{escape(label.variable)}" data-room="{room}" transform="translate({num(x + PAD)} {num(y)})">'
    ]
    if label.kind:
        out.append(f'<text class="fg-type" y="{num(-VALUE - 8 if label.up > 20 else -5)}">{escape(label.kind)}</text>')
    out.append(_line("fg-value", label.above[0], -5.0, any(s and s.bars for s in label.above)))
    out.append(_line("fg-gradient", label.below[0], VALUE + 2, any(s and s.bars for s in label.below)))
    return "".join(out) + "</g>"


def _line(name: str, s: Summary | None, y: float, has_bars: bool) -> str:
    """A value or gradient: its histogram, then its text."""
    x = HISTOGRAM[0] + 5 if has_bars else 0.0
    bars = (
        f'<path class="fg-bars" transform="translate(0 {num(y - HISTOGRAM[1] + 1)})" d="{bars_path(s.bars if s else ())}"/>'
        if has_bars
        else ""
    )
    text, exact = (s.text, s.exact) if s else ("", "")
    return f'<g class="{name}">{bars}<text x="{num(x)}" y="{num(y)}" data-exact="{escape(exact)}">{escape(text)}</text></g>'


def bars_path(bars: tuple[float, ...]) -> str:
    w, h = HISTOGRAM[0] / BINS, HISTOGRAM[1]
    tall = [(i, max(1.0, round(b * h, 1))) for i, b in enumerate(bars) if b > 0]
    return "".join(f"M{num(i * w)} {num(h)}v-{num(b)}h{num(w - 0.5)}v{num(b)}z" for i, b in tall)


# -- style -----------------------------------------------------------------------------------------------------------------------------------


def themed(css: str, theme: str) -> str:
    """The style with its colours in place: for files read by programs that know no CSS variables."""
    colours = dict(re.findall(r"(--fg-[\w-]+):\s*([^;]+);", _block(css, theme)))
    without = re.sub(r"/\* page \*/.*", "", css, flags=re.DOTALL)
    without = re.sub(r"/\* colours \*/.*?/\* figure \*/", "", without, flags=re.DOTALL)
    return re.sub(r"var\((--fg-[\w-]+)\)", lambda m: colours[m[1]], without)


def _block(css: str, theme: str) -> str:
    found = re.search(rf"/\* {theme} \*/(.*?)}}", css, flags=re.DOTALL)
    assert found is not None
    return found[1]
