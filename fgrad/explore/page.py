"""A figure as HTML for a notebook or a file: controls, the picture, what hovering shows, the jaxpr and the source, with style and script inline.

It stands on its own: nothing is loaded from anywhere. With scripts off the picture, the table and the source are there, and the controls are not. Each
figure has a name of its own, so that many fit in one page.
"""

from __future__ import annotations

import json
import re
import secrets
from functools import cache
from typing import Any

from fgrad.explore import layout
from fgrad.explore.grouping import Group
from fgrad.explore.scene import FRAME, Scene, outside_width, title_room
from fgrad.explore.shapes import PAD, PORT, TITLE, Shape
from fgrad.explore.svg import MARGIN, asset, bars_path, escape
from fgrad.explore.text import Summary, width

_LIGHT = ('[data-jp-theme-light="true"] .fgrad', "body.vscode-light .fgrad", 'html[data-theme="light"] .fgrad')
_DARK = ('[data-jp-theme-light="false"] .fgrad', "body.vscode-dark .fgrad", 'html[data-theme="dark"] .fgrad')


@cache
def style() -> str:
    """The style of a page; where JupyterLab, VS Code or a documentation page says which theme it has, that goes before the system's."""
    css = asset("figure.css")
    rules = []
    for theme, hosts in (("light", _LIGHT), ("dark", _DARK)):
        found = re.search(rf"/\* {theme} \*/(.*?)}}", css, flags=re.DOTALL)
        assert found is not None
        rules.append(f"{', '.join(hosts)} {{{found[1]}}}")
    return _squeezed(css.replace("/* hosts */", "\n".join(rules)))


def _squeezed(text: str) -> str:
    return re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()


@cache
def script() -> str:
    return re.sub(r"\n\s+", "\n", asset("figure.js"))


def fragment(svg: str, data: dict[str, Any], *, notes: list[str], table: str, equations: int, source: str, folds: bool, plays: bool) -> str:
    """What a notebook shows."""
    name = f"fg{secrets.token_hex(6)}"
    bar = ""
    if plays:
        bar += (
            '<button class="fg-play" type="button" aria-label="play">▶</button>'
            '<input class="fg-slider" type="range" min="0" max="1" value="1" step="1" aria-label="step of the computation"><span class="fg-now"></span>'
        )
    if folds:
        bar += '<button class="fg-unfold" type="button">unfold all</button><button class="fg-foldall" type="button">fold all</button>'
    parts = [f'<div class="fgrad" data-figure="{name}"><style>{style()}</style>']
    if bar:
        parts.append(f'<div class="fg-bar fg-script" hidden>{bar}</div>')
    if svg:
        parts.append(f'<div class="fg-scroll">{svg}</div><div class="fg-info fg-script" hidden>{_HINT}</div>')
    parts += [f'<div class="fg-note">{escape(n)}</div>' for n in notes]
    if table:
        parts.append(
            f"<details{'' if plays else ' open'}><summary>jaxpr, {equations:,} equation{'s' * (equations != 1)}</summary>{table}</details>"
        )
    if source:
        parts.append(f'<details><summary>source</summary><div class="fg-source">{source}</div></details>')
    parts.append(f'<script type="application/json" class="fg-data">{_json(data)}</script>')
    start = f"document.querySelectorAll('[data-figure=\"{name}\"]:not([data-ready])').forEach(fgradFigure);"
    parts.append(f"<script>(() => {{{script()}\n{start}}})()</script></div>")
    return "".join(parts)


_HINT = "Hover over a node: its equation, local derivative and line are shown here. Click a group to unfold it."


def document(fragment: str, title: str) -> str:
    """A page of its own."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        "<style>:root { color-scheme: light dark } body { margin: 16px; background: #fff } "
        f"@media (prefers-color-scheme: dark) {{ body {{ background: #0d1117 }} }}</style></head><body>{fragment}</body></html>"
    )


def _json(data: Any) -> str:
    """JSON that may stand in a script element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


# -- what the script needs to know -----------------------------------------------------------------------------------------------------------


def figure_data(scene: Scene | None) -> dict[str, Any]:
    planes: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    if scene is not None:
        _scene_data(scene, "root", [], planes, groups)
    constants = {
        "gap": layout.GAP, "wayGap": layout.WAY_GAP, "channel": layout.CHANNEL, "lane": layout.LANE, "maxChannel": layout.MAX_CHANNEL,
        "sweeps": layout.SWEEPS, "frame": FRAME, "margin": MARGIN, "pad": PAD, "port": PORT,
    }  # fmt: skip
    return {"constants": constants, "planes": planes, "groups": groups}


def _scene_data(scene: Scene, key: str, chain: list[str], planes: dict[str, Any], groups: dict[str, Any]) -> None:
    plane = scene.plane
    number = {k: i for i, k in enumerate(plane.boxes)}
    data: dict[str, Any] = {
        "boxes": [[k, _r(b.w), _r(b.h), _rs(b.ins), _rs(b.outs), int(b.way), int(b.side == "last")] for k, b in plane.boxes.items()],
        "columns": [[number[k] for k in col] for col in plane.columns],
        "hops": [[number[h.tail], h.out, number[h.head], h.into] for h in plane.hops],
        "chain": chain,
        "views": [list(v.steps) for v in scene.level.views],
    }
    if len(scene.level.views) > 1:
        data["labels"] = {k: found for k, s in scene.shapes.items() if (found := _label_data(s))}
        data["infos"] = {k: s.infos for k, s in scene.shapes.items() if s.infos}
    planes[key] = data
    for k, shape in scene.shapes.items():
        if shape.inner is None or not isinstance(shape.item, Group):
            continue
        card, w, h, ins, outs = shape.closed
        groups[k] = {
            "closed": [_r(card), _r(w), _r(h), _rs(ins), _rs(outs)],
            "outside": _r(outside_width(shape)),
            "title": width(shape.text, TITLE) + title_room(shape),
            "starts": shape.inner.starts,
            "ends": shape.inner.ends,
            "rows": [_r(lb.down) if lb else 0 for lb in shape.labels],
            "shown": shape.item.shown,
        }
        _scene_data(shape.inner, k, [*chain, k] if shape.item.kind == "loop" else chain, planes, groups)


def _label_data(shape: Shape) -> dict[int, Any]:
    return {
        k: [[_summary_data(s) for s in label.above], [_summary_data(s) for s in label.below]]
        for k, label in enumerate(shape.labels)
        if label is not None
    }


def _summary_data(s: Summary | None) -> list[str] | None:
    return None if s is None else [s.text, s.exact, bars_path(s.bars)]


def _r(x: float) -> float:
    return round(x, 2)


def _rs(xs: list[float]) -> list[float]:
    return [round(x, 2) for x in xs]
