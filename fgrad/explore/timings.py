"""`profile(f)(*args)`: the time and memory of each equation when it is evaluated, or of each kernel when it is compiled, against the user's lines."""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.jit import jit
from fgrad.api.staging import make_jaxpr
from fgrad.core import tree
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import ClosedJaxpr, Equation, Jaxpr, Literal, Var
from fgrad.core.source import Source, function_name
from fgrad.core.trace import EVAL, tracing
from fgrad.explore import jaxpr_table
from fgrad.explore.costs import short_count, short_time
from fgrad.explore.plain import flame, html_table, report, sentence, text_table

_SECONDS, _MOST_RUNS = 0.02, 50
"""How long each equation is measured, and how often at most; the least time counts."""


@dataclass(frozen=True)
class Timing:
    """One equation or kernel: what it is, the user's line (of a kernel, that of its first equation), the least time of a run, and the bytes of its results."""

    what: str
    source: Source | None
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Profile:
    """Where the time of a call goes. Prints as a table, the slowest first; a notebook shows bars, by line and by operation, and the jaxpr with its times."""

    name: str
    compiled: bool
    whole: float
    timings: tuple[Timing, ...]
    jaxpr: ClosedJaxpr

    @property
    def measured(self) -> float:
        """The sum of all timings: what is not in it is the cost of calling them one after another."""
        return sum(t.seconds for t in self.timings)

    def lines(self) -> list[tuple[str, float]]:
        """Seconds by the user's line, the slowest first."""
        found: dict[str, float] = {}
        for t in self.timings:
            key = str(t.source or "")
            found[key] = found.get(key, 0.0) + t.seconds
        return sorted(found.items(), key=lambda item: -item[1])

    def _stacks(self) -> list[tuple[list[str], float]]:
        """For each timing, in order, its scopes, its line and what it is, from the outside in; and its seconds."""
        found = []
        for t in self.timings:
            scopes = t.source.scope.path.split("/") if t.source and t.source.scope else []
            found.append(([*scopes, f"{t.source.place}  {t.source.text}" if t.source else "?", t.what], t.seconds))
        return found

    def _rows(self) -> list[list[str]]:
        total = self.measured or 1.0
        ordered = sorted(self.timings, key=lambda t: -t.seconds)[:40]
        return [
            [short_time(t.seconds), f"{100 * t.seconds / total:.0f} %", f"{short_count(t.bytes)}B", t.what, str(t.source or "")]
            for t in ordered
        ]

    def _title(self) -> str:
        kind = "kernels" if self.compiled else "equations"
        return f"{self.name}: {short_time(self.whole)} a call; {len(self.timings):,} {kind}, one by one {short_time(self.measured)}"

    def __repr__(self) -> str:
        return f"{self._title()}\n{text_table(['time', 'share', 'result', 'operation', 'line'], self._rows(), (3, 4))}"

    def _repr_html_(self) -> str:
        total = self.measured or 1.0
        lines = [(line, s) for line, s in self.lines() if line][:30]
        by_line = html_table(["line", "time"], [[line, short_time(s)] for line, s in lines], (0,), [s / total for _, s in lines])
        ordered = sorted(self.timings, key=lambda t: -t.seconds)[:40]
        by_part = html_table(["time", "share", "result", "operation", "line"], self._rows(), (3, 4), [t.seconds / total for t in ordered])
        table = ""
        if not self.compiled:
            times = {str(i): t.seconds for i, t in enumerate(self.timings)}
            table = f"<details><summary>jaxpr</summary>{jaxpr_table.table(self.jaxpr.jaxpr, times)}</details>"
        return report(
            sentence(self._title()),
            flame(self._stacks()),
            by_line,
            f"<details open><summary>slowest first</summary>{by_part}</details>",
            table,
        )


def profile(f: Callable, compiled: bool = False) -> Callable[..., Profile]:
    """Measures where the time of a function goes.

    Args:
        f: a function of arrays or pytrees, transformed or not (`profile(fgrad.grad(loss))`).
        compiled: measure the kernels of jit(f), each compiled by itself, in place of the equations as they are evaluated one by one.

    Returns:
        A function of the arguments of f, which gives a Profile.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.explore import profile
        >>> found = profile(lambda x: np.sum(np.exp(x @ x)))(np.ones((50, 50)))
        >>> [t.what for t in found.timings]
        ['contract', 'exp', 'reduce_sum']
    """

    @functools.wraps(f)
    def profiled(*args: Any) -> Profile:
        closed = make_jaxpr(f)(*args)
        values = [*closed.consts, *[tree.canonical_leaf(x) for x in tree.leaves(args)]]
        name = function_name(f).replace("<lambda>", "f")
        fast = jit(f)
        with np.errstate(all="ignore"):
            whole = least(lambda: (fast if compiled else f)(*args))
            if not compiled:
                return Profile(name, False, whole, tuple(_equations(closed.jaxpr, values)), closed)
            prepared = importlib.import_module("fgrad.compile.simplify").prepared(closed.jaxpr)
            return Profile(name, True, whole, tuple(_kernels(prepared, values)), ClosedJaxpr(prepared, closed.consts))

    return profiled


def least(call: Callable[[], Any]) -> float:
    """The least time of a call, in seconds."""
    call()
    best, spent, runs = float("inf"), 0.0, 0
    while runs < 3 or (spent < _SECONDS and runs < _MOST_RUNS):
        begin = time.perf_counter()
        call()
        taken = time.perf_counter() - begin
        best, spent, runs = min(best, taken), spent + taken, runs + 1
    return best


def _bytes(values: Any) -> int:
    return sum(np.asarray(v).nbytes for v in values if isinstance(v, (np.ndarray, np.generic)))


def _equations(jaxpr: Jaxpr, values: list) -> Iterator[Timing]:
    env: dict[Var, Any] = dict(zip(jaxpr.invars, values, strict=True))
    read = lambda a: a.value if type(a) is Literal else env[a]
    with tracing(EVAL):
        for eqn in jaxpr.eqns:
            given = [read(a) for a in eqn.inputs]
            out = eqn.primitive(*given, **eqn.params)
            outs = list(out) if eqn.primitive.multi else [out]
            env.update(zip(eqn.outvars, outs, strict=True))
            yield Timing(eqn.primitive.name, eqn.source, least(lambda e=eqn, xs=given: e.primitive(*xs, **e.params)), _bytes(outs))


def _kernels(jaxpr: Jaxpr, values: list) -> Iterator[Timing]:
    """Each step of the compiled program, as a program of its own."""
    backend = importlib.import_module("fgrad.compile.program")
    env: dict[Var, Any] = dict(zip(jaxpr.invars, values, strict=True))
    makers = {v: e for e in jaxpr.eqns for v in e.outvars}
    for piece in backend.parts(jaxpr):
        for step in piece.steps if isinstance(piece, backend.Part) else (piece,):
            if isinstance(step, Equation) and not isinstance(piece, backend.Part):
                given = [a.value if type(a) is Literal else env[a] for a in step.inputs]
                call: Callable[[], Any] = lambda e=step, xs=given: e.primitive(*xs, **e.params)
                out = call()
                outs = list(out) if step.primitive.multi else [out]
                name = f"{step.primitive.name} (called)"
            else:
                part = backend.Part((step,), tuple(dict.fromkeys(backend.reads(step))), tuple(step.outvars))
                run, given = backend.native_part(part).entry(), [env[v] for v in part.invars]
                call = lambda run=run, xs=given: run(*xs)
                found = call()
                outs = list(found) if isinstance(found, tuple) else [found]
                name = step.primitive.name if isinstance(step, Equation) else f"loop over {'×'.join(map(str, step.sizes)) or 'one entry'}"
            env.update(zip(step.outvars, outs, strict=True))
            first = next((makers[v] for v in step.outvars if v in makers), None)
            kept = [v for v in step.outvars if type(v.aval) is ShapedArray]
            yield Timing(f"{name} → {', '.join(repr(v.aval) for v in kept)}", first.source if first else None, least(call), _bytes(outs))
