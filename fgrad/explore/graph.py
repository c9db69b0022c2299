"""`graph(f)(*args)`: the picture of a computation, with its values and gradients."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fgrad.core.errors import ArgumentError
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr
from fgrad.core.printer import letters
from fgrad.explore import export, jaxpr_table, page
from fgrad.explore.circuit import Circuit, trace_circuit
from fgrad.explore.formula import operation_text
from fgrad.explore.grouping import Group, tree_of, walk
from fgrad.explore.runs import Body, Run, named_bodies
from fgrad.explore.scene import Scene, settle, top_scene
from fgrad.explore.shapes import Look
from fgrad.explore.svg import asset, draw, themed
from fgrad.explore.text import entries, type_text

MAX_DRAWN = 5_000
"""Operations up to which a picture is drawn; a table is shown of any program."""
MAX_LINES = 400
"""Lines of the text form; a longer one shows its beginning and its end."""


class Figure:
    """A computation graph: shows itself in a notebook, prints as text, and is saved with `.save(path)`.

    `circuit` holds the program, and the value and gradient of each variable.
    """

    def __init__(self, circuit: Circuit, look: Look, opened: Callable[[Group], bool] | None = None):
        self.circuit, self.look = circuit, look
        self._opens = opened or (lambda group: False)

    @cached_property
    def scene(self) -> Scene:
        """The layout: boxes and wires with their coordinates."""
        c = self.circuit
        names = dict(zip(c.invars, c.inputs, strict=True))
        names |= {v: f"const {letters(i)}" for i, v in enumerate(c.jaxpr.invars[: len(c.closed.consts)])}
        level = tree_of(c.run, names)
        opened = {g.key for g in walk(level) if isinstance(g, Group) and self._opens(g)}
        if len(level.items) == 1 and isinstance(level.items[0], Group):
            opened.add(level.items[0].key)  # a jitted function is what it contains
        scene = top_scene(level, c.invars, c.jaxpr.invars[: len(c.closed.consts)], c.outputs, self.look, opened)
        settle(scene)
        return scene

    def svg(self, theme: str = "light") -> str:
        """The picture as SVG text, in theme `light` or `dark`."""
        return draw(self.scene, f"computation graph of {self.circuit.name}", themed(asset("figure.css"), theme))

    @cached_property
    def html(self) -> str:
        """What a notebook shows: the picture with its controls, the jaxpr and the source."""
        jaxpr = self.circuit.jaxpr
        size = count_equations(jaxpr)
        drawn = size <= MAX_DRAWN
        notes = list(self.circuit.notes)
        if not drawn:
            notes.append(f"No picture: {size:,} operations are too many to draw. Put repeated parts into fgrad.scan or fgrad.jit.")
        w = self.scene.plane.w + 24 if drawn else 0
        svg = draw(self.scene, f"computation graph of {self.circuit.name}", "") if drawn else ""
        svg = svg.replace("<svg ", f'<svg style="width:100%;max-width:{w:.0f}px;min-width:{0.7 * w:.0f}px" ', 1)
        data = page.figure_data(self.scene if drawn else None)
        return page.fragment(
            svg,
            data,
            notes=notes,
            table=jaxpr_table.table(jaxpr, bodies=dict(named_bodies(self.circuit.run))),
            equations=len(jaxpr.eqns),
            source=jaxpr_table.source(jaxpr),
            folds=bool(data["groups"]),
            plays=drawn and self.look.values,
        )

    def save(self, path: str | Path, theme: str = "light") -> Path:
        """Writes the figure to a file, by its ending: .html (with controls), .svg, .png, .dot (Graphviz) or .mmd (Mermaid).

        Args:
            path: where to; an existing file is replaced.
            theme: `light` or `dark`, of .svg and .png; a page follows the reader's.

        Returns:
            The path.

        Raises:
            ArgumentError: the ending is none of these, or .png and the package that draws it is not installed.
        """
        if theme not in ("light", "dark"):
            raise ArgumentError(f"save: the theme is 'light' or 'dark', not {theme!r}")
        path = Path(path)
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": lambda: page.document(self.html, f"{self.circuit.name}: computation graph"),
            ".svg": lambda: self.svg(theme),
            ".png": lambda: export.png(self.svg(theme)),
            ".dot": lambda: export.dot(self.scene, self.circuit.name),
            ".mmd": lambda: export.mermaid(self.scene),
        }
        writer = writers.get(path.suffix.lower())
        if writer is None:
            raise ArgumentError(f"save: cannot write {path.name}: its ending is none of {', '.join(writers)}")
        content = writer()
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return "\n".join(text_lines(self.circuit)) if self.look.values else repr(self.circuit.closed)


def count_equations(jaxpr: Jaxpr) -> int:
    """Equations, those of inner programs included."""
    found, waiting = 0, [jaxpr]
    while waiting:
        for eqn in (j := waiting.pop()).eqns:
            waiting += [sub for _, sub in jaxpr_table.programs(eqn)]
        found += len(j.eqns)
    return found


def text_lines(circuit: Circuit) -> list[str]:
    """The figure as text: a line for each input and equation, with its value, its gradient and the user's line."""
    level = tree_of(circuit.run, dict(zip(circuit.invars, circuit.inputs, strict=True)))
    names, run = level.names, circuit.run
    rows = [("", "value", "gradient", "")]

    def row(head: str, v: Any, where: str) -> tuple[str, str, str, str]:
        ct = run.cotangent(v)
        return head, entries(run.values[v], most=3), "" if ct is None else entries(ct, most=3), where

    rows += [row(f"{names[v]}: {type_text(v.aval)}", v, "") for v in circuit.invars]
    for eqn in circuit.jaxpr.eqns:
        for k, v in enumerate(eqn.outvars):
            where = eqn.source.place if eqn.source and not k else ""
            rows.append(row(f"{names[v]}: {type_text(v.aval)} = {operation_text(eqn, names)}" if not k else f"{names[v]}", v, where))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    if len(lines) > MAX_LINES:
        lines = [*lines[: MAX_LINES // 2], f"… {len(lines) - MAX_LINES:,} more lines …", *lines[-MAX_LINES // 2 :]]
    return [f"{circuit.name}: {', '.join(circuit.inputs)}", *lines, *circuit.notes]


def graph(
    fun: Callable,
    *,
    cotangent: Any = None,
    digits: int = 3,
    unfold: bool | Iterable[str] = False,
    static_argnums: int | Sequence[int] = (),
) -> Callable[..., Figure]:
    """A function that draws what `fun` computes: the circuit from left to right, on each wire the value above and the gradient below.

    In a notebook a slider plays the computation forward and then backward, hovering shows local derivatives and the line of source, and named
    scopes (`fgrad.name`), loops, branches and jitted functions fold and unfold. Anywhere else it prints as text; `.save("x.svg")` writes files.

    Args:
        fun: a function of arrays or pytrees.
        cotangent: what goes backward from the output, of its structure and shapes. Ones by default: the gradients are those of the
            output, or of the sum of its entries.
        digits: significant digits of the numbers on wires.
        unfold: True shows the inside of every group at first, or the titles of those that are to be open. A loop shows one of its steps at a time.
        static_argnums: positions of arguments that are passed to `fun` as they are, untraced.

    Returns:
        A function of fun's arguments that returns a Figure.

    Raises:
        ArgumentError: the program is too long to run equation by equation: it says what to collapse.
        ConcretizationError: an argument is a traced value.

    Example:
        >>> from fgrad.explore import graph
        >>> figure = graph(lambda x, y, z: (x + y) * z)(-2.0, 5.0, -4.0)
        >>> figure.circuit.run.cotangent(figure.circuit.invars[0])
        np.float64(-4.0)
    """
    if not callable(fun):
        raise ArgumentError(f"graph: takes a function, not {type(fun).__name__}", "Call it as graph(f)(*args).")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 17:
        raise ArgumentError(f"graph: digits is a number from 1 to 17, not {digits!r}")
    titles = frozenset([unfold] if isinstance(unfold, str) else () if isinstance(unfold, bool) else unfold)

    @functools.wraps(fun)
    def show(*args: Any, **kwargs: Any) -> Figure:
        circuit = trace_circuit(fun, args, kwargs, cotangent, static_argnums)
        return Figure(circuit, Look(digits), lambda g: unfold is True or g.title in titles)

    return show


def jaxpr_figure(closed: ClosedJaxpr) -> Figure:
    """A program without values: its picture, table and source. What a ClosedJaxpr shows in a notebook."""
    jaxpr = closed.jaxpr
    inputs = [letters(len(closed.consts) + i) for i in range(len(jaxpr.invars) - len(closed.consts))]
    outputs = ["out"] if len(jaxpr.outvars) == 1 else [f"[{i}]" for i in range(len(jaxpr.outvars))]
    return Figure(Circuit("jaxpr", closed, outline(jaxpr), inputs, outputs, []), Look(values=False))


def jaxpr_html(closed: ClosedJaxpr) -> str:
    return jaxpr_figure(closed).html


_KINDS = {
    "call": ("call", "jaxpr"), "checkpoint": ("call", "jaxpr"), "custom_jvp_call": ("call", "fun"), "custom_vjp_call": ("call", "fun"),
    "scan": ("loop", "jaxpr"), "checkpointed_scan": ("loop", "jaxpr"), "while": ("loop", "body"), "checkpointed_while": ("loop", "body"),
    "cond": ("branch", "branches"),
}  # fmt: skip


def outline(jaxpr: Jaxpr) -> Run:
    """A run without values, for the structure alone; of a branch its last program."""
    run = Run(jaxpr, {})
    for i, eqn in enumerate(jaxpr.eqns):
        kind, key = _KINDS.get(eqn.primitive.name, ("", ""))
        if isinstance(eqn.params.get(key), (Jaxpr, tuple)):
            program = eqn.params[key][-1] if kind == "branch" else eqn.params[key]
            title = (
                f"cond: {len(eqn.params[key])} branches, the last"
                if kind == "branch"
                else str(eqn.params.get("name") or eqn.primitive.name)
            )
            run.bodies[i] = Body(kind, title, program, [outline(program)], eqn.params.get("length") or 0)
    return run


__all__ = ["Figure", "graph", "jaxpr_figure", "jaxpr_html"]
