"""What the benchmarks print: Markdown tables, durations, and what they ran on. Standard library only."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import threads


def markdown(head: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    """A Markdown table, its columns aligned; numbers to three figures, None a dash."""
    cells = [list(head)] + [[_shown(x) for x in line] for line in lines]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    numeric = [not any(isinstance(line[i], str) for line in lines) for i in range(len(head))]

    def joined(line: Sequence[str]) -> str:
        return "| " + " | ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(line, widths, numeric, strict=True)) + " |"

    rule = "|" + "|".join("-" * (w + 1) + ":" if n else "-" * (w + 2) for w, n in zip(widths, numeric, strict=True)) + "|"
    return "\n".join([joined(cells[0]), rule, *map(joined, cells[1:])])


def _shown(x: Any) -> str:
    if isinstance(x, Seconds):
        return x.shown()
    if x is None:
        return "–"
    if not isinstance(x, float):
        return str(x)
    return f"{x:.0f}" if abs(x) >= 100 else f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


class Seconds(float):
    """A time, which a table shows in the unit that suits it."""

    def shown(self) -> str:
        for unit, scale in (("s", 1.0), ("ms", 1e-3)):
            if self >= scale:
                return f"{_shown(float(self) / scale)} {unit}"
        return f"{_shown(float(self) / 1e-6)} µs"


def show(title: str, head: Sequence[str], lines: Sequence[Sequence[Any]], *notes: str) -> None:
    print(f"\n### {title}\n\n{markdown(head, lines)}", flush=True)
    for note in notes:
        print(f"\n{note}", flush=True)


def geometric_mean(values: Iterable[float | None]) -> float | None:
    """Of those that are there; None where none is."""
    there = [v for v in values if v is not None]
    return math.exp(sum(map(math.log, there)) / len(there)) if there else None


def machine() -> dict[str, Any]:
    """What is measured on: the processor, the cores this process may use, the versions of the libraries that are installed."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), cpu)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processor": cpu,
        "cores": cores,
        "threads": threads(),
        "python": platform.python_version(),
        "versions": {name: v for name in ("fgrad", "numpy", "numba", "llvmlite", "jax", "torch", "autograd") if (v := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def machine_line() -> str:
    m = machine()
    cores = f"{m['cores']} core{'s' if m['cores'] != 1 else ''}, {'one thread' if m['threads'] == 'one' else 'as many threads as each library takes'}"
    return f"{m['processor']}, {cores}; Python {m['python']}, " + ", ".join(f"{k} {v}" for k, v in m["versions"].items())
