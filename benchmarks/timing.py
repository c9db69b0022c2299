"""Timing side by side: every candidate runs in turn, round after round, so that a change of the machine's mood hits all alike.

Also one-thread pinning, and the tables the benchmarks print. Imports the standard library only.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """Seconds of one call: the shortest and the median round."""

    minimum: float
    median: float


@dataclass(frozen=True)
class Row:
    """A line of a table: what ran, its time, and how it compares with fgrad's (above 1: slower than fgrad)."""

    what: str
    library: str
    microseconds: float
    median_microseconds: float
    over_fgrad: float


def pin_to_one_core() -> None:
    """Keeps this process, and the threads its libraries start later, on one core (where the system allows it)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def side_by_side(candidates: Mapping[str, Callable[[], Any]], rounds: int = 30, seconds: float = 0.003) -> dict[str, Measured]:
    """The time of one call of each, taken in alternating rounds.

    Args:
        candidates: functions of no arguments, by name.
        rounds: how often each is measured.
        seconds: the length of one round; quick functions are called many times in it.
    """
    counts = {name: _calls(f, seconds) for name, f in candidates.items()}
    found: dict[str, list[float]] = {name: [] for name in candidates}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, f in candidates.items():
                n = counts[name]
                start = time.perf_counter()
                for _ in range(n):
                    f()
                found[name].append((time.perf_counter() - start) / n)
            gc.collect(0)
    finally:
        if collecting:
            gc.enable()
    return {name: Measured(min(ts), statistics.median(ts)) for name, ts in found.items()}


def _calls(f: Callable[[], Any], seconds: float) -> int:
    """How many calls fill a round; warms up on the way."""
    f()
    f()
    n = 1
    while True:
        start = time.perf_counter()
        for _ in range(n):
            f()
        passed = time.perf_counter() - start
        if passed >= seconds / 4:
            return max(1, round(n * seconds / passed))
        n *= 4


def rows(what: str, measured: Mapping[str, Measured]) -> list[Row]:
    """The lines of a table, fgrad's first."""
    ours = measured["fgrad"].minimum
    return [Row(what, name, 1e6 * m.minimum, 1e6 * m.median, m.minimum / ours) for name, m in measured.items()]


def markdown(head: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    """A Markdown table, its columns aligned; numbers to three figures."""
    cells = [list(head)] + [[_shown(x) for x in line] for line in lines]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    numeric = [not isinstance(x, str) for x in lines[0]]

    def joined(line: Sequence[str]) -> str:
        return "| " + " | ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(line, widths, numeric, strict=True)) + " |"

    rule = "|" + "|".join("-" * (w + 1) + ":" if n else "-" * (w + 2) for w, n in zip(widths, numeric, strict=True)) + "|"
    return "\n".join([joined(cells[0]), rule, *map(joined, cells[1:])])


def _shown(x: Any) -> str:
    if not isinstance(x, float):
        return str(x)
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


def as_json(table: Sequence[Row]) -> list[dict[str, Any]]:
    return [asdict(row) for row in table]
