"""The measures that the benchmarks are for, what is wanted of each, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.compare import Row
from benchmarks.fresh import NETWORK, FirstCall
from benchmarks.tables import geometric_mean, show
from benchmarks.workload import GRADIENT, VALUE
from benchmarks.workloads import dispatch, elementwise, fused, loops

Line = tuple[str, str, str | None]


def extreme(pick: Callable, found: Sequence[tuple[float | None, str]], unit: str = "") -> str | None:
    """The smallest or the largest, and of what; None where nothing was measured."""
    there = [(value, name) for value, name in found if value is not None]
    if not there:
        return None
    value, name = pick(there)
    return f"{value:.2f}{unit} ({name})"


def mean(values: Sequence[float | None]) -> str | None:
    found = geometric_mean(values)
    return None if found is None else f"{found:.2f}"


def gradient_ratios(rows: Sequence[Row]) -> list[tuple[float | None, str]]:
    """The time of value and gradient over that of the value, for elementwise programs."""
    times = {(r.workload, r.what): r.seconds for r in rows if r.group == elementwise.GROUP}
    return [(seconds / times[name, VALUE], name) for (name, what), seconds in times.items() if what == GRADIENT and (name, VALUE) in times]


def lines(rows: Sequence[Row], firsts: Sequence[FirstCall]) -> list[Line]:
    running = [r for r in rows if r.group != dispatch.GROUP]
    label = lambda r: f"{r.workload}, {r.what}"
    of = lambda group: [r for r in rows if r.group == group]
    calls = {r.workload: r.seconds for r in of(dispatch.GROUP)}
    microseconds = lambda name: f"{1e6 * calls[name]:.2f} µs" if name in calls else None
    fused_ratios = [(r.over("Numba"), label(r)) for r in of(fused.GROUP)]
    gradients = gradient_ratios(rows)
    cold = [(c.over_jax, c.program) for c in firsts]
    warm = [(1e3 * c.warm, c.program) for c in firsts]
    return [
        ("run time against JAX's jit, geometric mean", "≥ 2.5", mean([r.over("JAX") for r in running])),
        ("slowest against JAX's jit", "≥ 0.95", extreme(min, [(r.over("JAX"), label(r)) for r in running])),
        ("loops and their gradients against JAX's jit, geometric mean", "≥ 5", mean([r.over("JAX") for r in of(loops.GROUP)])),
        ("fused loops against Numba by hand, geometric mean", "≥ 0.9", mean([v for v, _ in fused_ratios])),
        ("fused loops against Numba by hand, slowest", "≥ 0.9", extreme(min, fused_ratios)),
        ("value and gradient over value, elementwise, geometric mean", "≤ 3", mean([v for v, _ in gradients])),
        ("value and gradient over value, elementwise, largest", "≤ 3", extreme(max, gradients)),
        ("a call with one small array", "≤ 2 µs", microseconds(dispatch.ONE)),
        ("value and gradient of a dict of ten small arrays", "≤ 12 µs", microseconds(dispatch.TEN)),
        ("first call over JAX's, geometric mean", "≤ 2", mean([v for v, _ in cold])),
        ("first call over JAX's, largest", "≤ 2", extreme(max, cold)),
        ("first call in a second process, network", "≤ 150 ms", extreme(max, [(v, p) for v, p in warm if p.startswith(NETWORK)], " ms")),
        ("first call in a second process, largest", "≤ 150 ms", extreme(max, warm, " ms")),
    ]


def summarise(rows: Sequence[Row], firsts: Sequence[FirstCall]) -> list[dict[str, Any]]:
    """Prints what there is of the summary."""
    found = [line for line in lines(rows, firsts) if line[2] is not None]
    if found:
        show("summary", ("measure", "wanted", "measured"), found)
    return [dict(zip(("measure", "wanted", "measured"), line, strict=True)) for line in found]
