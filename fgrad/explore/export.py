"""A figure in the formats of other programs: Graphviz, Mermaid, PNG."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from fgrad.core.errors import ArgumentError
from fgrad.explore.scene import Scene
from fgrad.explore.shapes import Shape

PNG_SCALE = 2
"""Pixels of a PNG for each unit of the picture."""


def png(svg: str) -> bytes:
    """An SVG as PNG, by the package resvg_py: wheels for all systems, no library of the system, no browser."""
    try:
        renderer = importlib.import_module("resvg_py")
    except ImportError as err:
        raise ArgumentError(
            "save: .png needs the package resvg_py, which is not installed",
            "pip install resvg_py, or pip install 'fgrad[notebooks]'; .svg and .html need nothing.",
        ) from err
    fonts = importlib.util.find_spec("matplotlib")  # a machine without fonts would get a picture without text
    folders = [str(Path(p) / "mpl-data" / "fonts" / "ttf") for p in (fonts.submodule_search_locations or [])] if fonts else []
    return bytes(renderer.svg_to_bytes(svg_string=svg, zoom=PNG_SCALE, font_dirs=folders, sans_serif_family="DejaVu Sans"))


def _identifiers(scene: Scene, found: dict[str, str] | None = None) -> dict[str, str]:
    """A plain name for each box, since keys may hold what these languages do not take."""
    found = {} if found is None else found
    for key, shape in scene.shapes.items():
        found[key] = f"n{len(found)}"
        if shape.inner is not None:
            _identifiers(shape.inner, found)
    return found


def _wires(scene: Scene) -> Iterator[tuple[str, str, str]]:
    """Every wire from operation to operation: groups are drawn around their nodes, and their ports are passed through."""
    for link in scene.plane.links:
        tail, head = scene.shapes[link.tail], scene.shapes[link.head]
        label = tail.labels[link.out] if link.out < len(tail.labels) else None
        above = label.above[0].text if label and label.above[0] else ""
        below = label.below[0].text if label and label.below[0] else ""
        text = " | ".join(t for t in (above, below) if t)
        yield _end(tail, link.out, "ends"), _end(head, link.into, "starts"), text
    for shape in scene.shapes.values():
        if shape.inner is not None:
            yield from _wires(shape.inner)


def _end(shape: Shape, port: int, side: str) -> str:
    return getattr(shape.inner, side)[port] if shape.inner is not None else shape.box.key


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def dot(scene: Scene, name: str) -> str:
    """The graph in the language of Graphviz: values and gradients on the edges, groups as clusters."""
    names = _identifiers(scene)

    def body(scene: Scene, indent: str) -> Iterator[str]:
        for key, shape in scene.shapes.items():
            if shape.inner is not None:
                yield f"{indent}subgraph cluster_{names[key]} {{"
                yield f"{indent}  label={_quoted(shape.name)};"
                yield from body(shape.inner, indent + "  ")
                yield f"{indent}}}"
            else:
                form = {"op": "ellipse", "port": "point"}.get(shape.kind, "plaintext")
                yield f"{indent}{names[key]} [shape={form}, label={_quoted(shape.text)}];"

    edges = [f"  {names[a]} -> {names[b]} [label={_quoted(t)}];" for a, b, t in _wires(scene)]
    return "\n".join([f"digraph {_quoted(name)} {{", "  rankdir=LR;", *body(scene, "  "), *edges, "}", ""])


def mermaid(scene: Scene) -> str:
    """The graph in the language of Mermaid."""
    names = _identifiers(scene)

    def body(scene: Scene, indent: str) -> Iterator[str]:
        for key, shape in scene.shapes.items():
            if shape.inner is not None:
                yield f"{indent}subgraph {names[key]} [{_mermaid(shape.name)}]"
                yield from body(shape.inner, indent + "  ")
                yield f"{indent}end"
            else:
                left, right = {"op": ("((", "))"), "port": ("((", "))")}.get(shape.kind, ("[", "]"))
                yield f"{indent}{names[key]}{left}{_mermaid(shape.text or ' ')}{right}"

    edges = [f"  {names[a]} -->{f'|{_mermaid(t)}|' if t else ''} {names[b]}" for a, b, t in _wires(scene)]
    return "\n".join(["flowchart LR", *body(scene, "  "), *edges, ""])


def _mermaid(text: str) -> str:
    """A text in Mermaid's quotes: what has a meaning there is written by its code."""
    return '"' + "".join(c if c.isalnum() or c in " .,+-−×÷=()[]_:" else f"#{ord(c)};" for c in text) + '"'
