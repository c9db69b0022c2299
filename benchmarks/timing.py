"""Timing side by side: every candidate runs in turn, round after round, so that a change of the machine's mood hits all alike.

Also one-core pinning. Imports the standard library only, and `tables`.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.tables import markdown as markdown


@dataclass(frozen=True)
class Measured:
    """Seconds of one call: the shortest and the median round."""

    minimum: float
    median: float


@dataclass(frozen=True)
class Effort:
    """rounds: how often each candidate is measured. seconds: the length of a round; quick functions are called many times in it.
    longest: seconds that a candidate may take in all; slow ones sit out rounds, but for three.
    processes: how often what needs a fresh process is measured.
    """

    rounds: int = 100  # many and short: some of them are undisturbed where others use the machine
    seconds: float = 0.005
    longest: float = 2.0
    processes: int = 3


QUICK = Effort(rounds=10, seconds=0.002, longest=0.2, processes=1)


def pin_to_one_core() -> None:
    """Keeps this process, and the threads its libraries start later, on one core (where the system allows it)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def side_by_side(
    candidates: Mapping[str, Callable[[], Any]], rounds: int = 30, seconds: float = 0.003, longest: float = math.inf
) -> dict[str, Measured]:
    """The time of one call of each, taken in alternating rounds; the arguments are those of `Effort`."""
    counts, every = {}, {}
    for name, f in candidates.items():
        counts[name], one = _calls(f, seconds)
        affordable = max(3, math.floor(longest / (counts[name] * one))) if longest < math.inf else rounds
        every[name] = max(1, rounds // affordable)
    found: dict[str, list[float]] = {name: [] for name in candidates}
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for k in range(rounds):
            for name, f in candidates.items():
                if k % every[name]:
                    continue
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


def _calls(f: Callable[[], Any], seconds: float) -> tuple[int, float]:
    """How many calls fill a round, and about the time of one; warms up on the way."""
    f()
    f()
    n = 1
    while True:
        start = time.perf_counter()
        for _ in range(n):
            f()
        passed = time.perf_counter() - start
        if passed >= seconds / 4:
            return max(1, round(n * seconds / passed)), passed / n
        n *= 4


def shortest(f: Callable[[], Any], repeats: int) -> float:
    """Seconds of the shortest of some calls."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times)
