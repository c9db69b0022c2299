"""Runs workloads: results are compared first, then all libraries are timed in turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.languages import RIVALS
from benchmarks.tables import Seconds, geometric_mean, show
from benchmarks.timing import Effort, Measured, side_by_side
from benchmarks.workload import Workload, check, runnable
from fgrad.core.errors import UnsupportedError


@dataclass(frozen=True)
class Row:
    """A workload's measure in the libraries that have it."""

    group: str
    workload: str
    what: str
    times: dict[str, Measured]

    @property
    def seconds(self) -> float:
        return self.times["fgrad"].minimum

    def over(self, rival: str) -> float | None:
        """A library's time over fgrad's: above 1 it is slower."""
        return self.times[rival].minimum / self.seconds if rival in self.times else None

    def as_json(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "workload": self.workload,
            "what": self.what,
            "seconds": {name: {"minimum": m.minimum, "median": m.median} for name, m in self.times.items()},
            "over_fgrad": {name: self.over(name) for name in self.times if name != "fgrad"},
        }


@dataclass(frozen=True)
class Absent:
    """What could not be measured, and why. `expected` where fgrad has no rule for it, which it says itself; otherwise it is a defect."""

    what: str
    reason: str
    expected: bool = False

    def __str__(self) -> str:
        return f"{self.what} is left out: {self.reason}"


def measure(w: Workload, what: str, rivals: Sequence[str], effort: Effort, jit: bool = True) -> tuple[Row | None, list[Absent]]:
    """The times of one measure of a workload. A library whose result is another one is not timed."""
    args = w.inputs()
    title = f"{w.name}, {what}"
    try:
        ours = runnable(w, what, "fgrad", args, jit)
        assert ours is not None
        result = ours()
    except UnsupportedError as e:
        return None, [Absent(title, e.what, expected=True)]
    except Exception as e:  # one broken workload does not end the others
        return None, [Absent(title, f"{type(e).__name__}: {e}")]
    calls, absent = {"fgrad": ours}, []
    for rival in rivals:
        try:
            call = runnable(w, what, rival, args, jit)
            if call is not None:
                check(w, what, result, [(rival, call())])
                calls[rival] = call
        except Exception as e:
            absent.append(Absent(f"{title}, {rival}", f"{type(e).__name__}: {e}"))
    return Row(w.group, w.name, what, side_by_side(calls, effort.rounds, effort.seconds, effort.longest)), absent


def group_table(
    group: str, workloads: Sequence[Workload], rivals: Sequence[str], effort: Effort, jit: bool = True
) -> tuple[list[Row], list[Absent]]:
    """Measures the workloads of a group and prints their table."""
    rows, absent = [], []
    for w in workloads:
        for what in w.measures:
            row, missing = measure(w, what, rivals, effort, jit)
            rows += [row] if row else []
            absent += missing
    shown = [r for r in RIVALS if any(r in row.times for row in rows)]
    lines: list[tuple] = [(r.workload, r.what, Seconds(r.seconds), *(r.over(s) for s in shown)) for r in rows]
    lines.append(("geometric mean", "", None, *(geometric_mean(r.over(s) for r in rows) for s in shown)))
    notes = [w.note for w in workloads if w.note] + list(map(str, absent))
    show(f"{group}: times over fgrad's (above 1: slower)", ("workload", "what", "fgrad", *shown), lines, *notes)
    return rows, absent
