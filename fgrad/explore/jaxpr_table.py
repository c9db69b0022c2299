"""A jaxpr as a table that folds: each equation with its type, the user's line, its costs, and its time where one was measured; and the source beside it."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.core.printer import show_param
from fgrad.core.source import Source
from fgrad.explore.costs import equation_bytes, equation_flops, short_count, short_time
from fgrad.explore.grouping import scope_at, variable_names
from fgrad.explore.runs import Body
from fgrad.explore.svg import escape, line_key
from fgrad.explore.text import shortened

MAX_ROWS = 1_000
MAX_LINES = 400
_CONTEXT = 2  # lines shown around those that made equations


@dataclass
class _Table:
    """`times`: seconds by the key of an equation; `bodies`: what a run knows of the programs inside equations, by key."""

    times: Mapping[str, float]
    bodies: Mapping[str, Body]
    rows: int = 0

    def jaxpr(self, jaxpr: Jaxpr, prefix: str = "") -> Iterator[str]:
        names = variable_names(jaxpr)
        yield from self.scoped(list(enumerate(jaxpr.eqns)), 0, names, prefix)

    def scoped(self, eqns: Sequence[tuple[int, Equation]], depth: int, names: dict[Var, str], prefix: str) -> Iterator[str]:
        """Rows of consecutive equations, those of one named scope under one heading with the sums of their costs."""
        for scope, group in itertools.groupby(eqns, lambda e: scope_at(e[1], depth)):
            found = list(group)
            if scope is None:
                for k, (i, eqn) in enumerate(found):
                    if self.rows >= MAX_ROWS:
                        yield f'<div class="fg-note">{len(found) - k:,} more equations: print(jaxpr) shows all of them.</div>'
                        return
                    self.rows += 1
                    yield from self.equation(f"{prefix}{i}", eqn, names)
            else:
                flops = [equation_flops(e, self.steps(f"{prefix}{i}")) for i, e in found]
                moved = sum(equation_bytes(e) for _, e in found)
                cells = [
                    scope.name,
                    "",
                    "",
                    short_count(None if None in flops else sum(f for f in flops if f is not None)),
                    short_count(moved),
                ]
                if self.times:
                    cells.append(short_time(sum(self.times.get(f"{prefix}{i}", 0.0) for i, _ in found)))
                yield f'<details open><summary><div class="fg-row fg-scoped">{_cells(cells)}</div></summary><div class="fg-inner">'
                yield from self.scoped(found, depth + 1, names, prefix)
                yield "</div></details>"

    def equation(self, key: str, eqn: Equation, names: dict[Var, str]) -> Iterator[str]:
        inner = programs(eqn)
        row = self.row(key, eqn, names)
        if not inner:
            yield row
            return
        body = self.bodies.get(key)
        yield f"<details open><summary>{row}</summary>"
        for label, sub in inner:
            here = variable_names(sub)
            head = " ".join(f"{here[v]}:{v.aval!r}" for v in sub.invars)
            yield f'<div class="fg-inner"><div class="fg-head">{escape(label)} = λ {escape(shortened(head, 400))}</div>'
            # equations of the program that a figure shows have its keys
            yield from self.jaxpr(sub, f"{key}." if (len(inner) == 1 if body is None else sub is body.jaxpr) else f"{key}/{label}.")
            yield f'<div class="fg-head">in {escape(shortened(_atoms(sub.outvars, here), 400))}</div></div>'
        yield "</details>"

    def steps(self, key: str) -> int | None:
        """Of a loop whose trip count only a run knows."""
        body = self.bodies.get(key)
        return body.steps if body is not None and body.kind == "loop" and body.steps else None

    def row(self, key: str, eqn: Equation, names: dict[Var, str]) -> str:
        params = " ".join(f"{k}={show_param(v)}" for k, v in eqn.params.items() if v is not None and not _is_program(v))
        call = eqn.primitive.name + (f"[{params}]" if params else "")
        text = f"{' '.join(names[v] for v in eqn.outvars)} = {' '.join([call, *(_atom(a, names) for a in eqn.inputs)])}"
        kind = " ".join(repr(v.aval) for v in eqn.outvars)
        source = eqn.source
        line = f' data-line="{line_key(source)}"' if source else ""
        cells = [shortened(text, 200), kind, shortened(str(source or ""), 120)]
        cells += [short_count(equation_flops(eqn, self.steps(key))), short_count(equation_bytes(eqn))]
        if self.times:
            cells.append(short_time(self.times.get(key)))
        return f'<div class="fg-row" data-eqn="{escape(key)}"{line}>{_cells(cells)}</div>'


def _cells(texts: Sequence[str]) -> str:
    return "".join(f"<span>{escape(t)}</span>" for t in texts)


def _is_program(value: Any) -> bool:
    return isinstance(value, Jaxpr) or (isinstance(value, tuple) and bool(value) and all(isinstance(v, Jaxpr) for v in value))


def programs(eqn: Equation) -> list[tuple[str, Jaxpr]]:
    """The programs inside an equation, and what they are called there."""
    found = []
    for k, v in eqn.params.items():
        if isinstance(v, Jaxpr):
            found.append((k, v))
        elif _is_program(v):
            found += [(f"{k}[{i}]", sub) for i, sub in enumerate(v)]
    return found


def _atom(a: Any, names: dict[Var, str]) -> str:
    return names[a] if type(a) is Var else repr(a)


def _atoms(found: tuple, names: dict[Var, str]) -> str:
    return "(" + ", ".join(_atom(a, names) for a in found) + ("," if len(found) == 1 else "") + ")"


def table(jaxpr: Jaxpr, times: Mapping[str, float] | None = None, bodies: Mapping[str, Body] | None = None) -> str:
    """The table as HTML.

    Args:
        jaxpr: the program.
        times: seconds measured, by the key of an equation: its number, then a dot and the number in its body.
        bodies: what a run knows of the programs inside equations, by key: `named_bodies(run)`.
    """
    names = variable_names(jaxpr)
    inputs = " ".join(f"{names[v]}:{v.aval!r}" for v in jaxpr.invars)
    heads = "".join(f"<span>{name}</span>" for name in (*_HEADS, *(["time"] if times else [])))
    rows = "".join(_Table(times or {}, bodies or {}).jaxpr(jaxpr))
    timed = " fg-timed" if times else ""
    return (
        f'<div class="fg-table{timed}"><div class="fg-head">λ {escape(shortened(inputs, 400))}</div><div class="fg-row fg-heading">{heads}</div>'
        f'{rows}<div class="fg-head">in {escape(shortened(_atoms(jaxpr.outvars, names), 400))}</div></div>'
    )


_HEADS = ("equation", "type", "line", "flops", "bytes")


# -- the source ------------------------------------------------------------------------------------------------------------------------------


def source_lines(jaxpr: Jaxpr) -> dict[str, set[int]]:
    """The user's lines that a program's equations came from, by file."""
    found: dict[str, set[int]] = {}
    waiting = [jaxpr]
    while waiting:
        for eqn in waiting.pop().eqns:
            if eqn.source:
                found.setdefault(eqn.source.filename, set()).add(eqn.source.line)
            waiting += [sub for _, sub in programs(eqn)]
    return found


def source(jaxpr: Jaxpr) -> str:
    """The source of a program as HTML: the lines that made its equations, with a little around them; empty where there is none to read."""
    out: list[str] = []
    for filename, used in source_lines(jaxpr).items():
        lines = linecache.getlines(filename)
        last = 0
        for n in sorted({m for u in used for m in range(u - _CONTEXT, u + _CONTEXT + 1) if 1 <= m <= len(lines)}):
            if len(out) >= MAX_LINES:
                return "".join(out) + '<div class="fg-head">…</div>'
            if n > last + 1 and last:
                out.append('<div class="fg-code"><i>⋮</i></div>')
            last = n
            mark = f' fg-used" data-line="{line_key(Source(filename, n, ""))}' if n in used else ""
            out.append(f'<div class="fg-code{mark}"><i>{n}</i>{escape(lines[n - 1].rstrip())}</div>')
    return "".join(out)
