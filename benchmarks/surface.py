"""Every function of NumPy's surface and of fgrad.random, compiled beside itself uncompiled: what `jit` costs where it gains nothing.

The times of `jit(f)`, compiled before, over those of f on plain arrays, which is NumPy wherever NumPy has the function. Both take turns; a ratio is
that of the medians. The calls are those of `workloads/surface.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad
import fgrad.numpy as fnp
from benchmarks.compare import Absent
from benchmarks.tables import Seconds, geometric_mean, show
from benchmarks.timing import Effort, Measured, side_by_side
from benchmarks.workloads.surface import CALLS, Call
from fgrad.core import tree

SLOWER = 1.2
"""Above this ratio a call is slower under jit."""


FREE = ("argpartition", "partition", "linalg.eig", "power.reduceat", "arctan2.reduceat")
"""Functions whose order of results is nobody's promise, and those that some versions of NumPy compute wrong."""


@dataclass(frozen=True)
class Pair:
    """What a call takes."""

    call: Call
    eager: Measured
    jit: Measured

    @property
    def ratio(self) -> float:
        return self.jit.median / self.eager.median

    def as_json(self) -> dict[str, Any]:
        return {"call": self.call.label, "eager": self.eager.median, "jit": self.jit.median, "ratio": self.ratio}


def same(call: Call, ours: Any, theirs: Any) -> None:
    """Compiled results are the uncompiled ones.

    Raises:
        AssertionError: names the call.
    """
    for a, b in zip(map(_numbers, tree.leaves(ours)), map(_numbers, tree.leaves(theirs)), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape), f"{call.label}: {a.dtype}{a.shape} is not {b.dtype}{b.shape}"
        if not call.name.startswith(FREE):
            tolerance = 1e-4 if a.dtype in (np.float32, np.complex64) else 1e-8
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=call.label)


def _numbers(x: Any) -> Any:
    return np.asarray(fgrad.random.key_data(x) if isinstance(x, fgrad.random.KeyArray) else x)


def measure(call: Call, effort: Effort) -> Pair:
    f, compiled, arrays = call.copied(fnp), fgrad.jit(call.function(fnp)), call.arrays
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", "(divide|invalid|overflow|underflow|All-NaN|Mean of empty|Degrees of freedom)")
        same(call, compiled(*arrays), f(*arrays))
        warnings.simplefilter("ignore")
        candidates = {"eager": lambda: f(*arrays), "jit": lambda: compiled(*arrays)}
        times = side_by_side(candidates, max(5, effort.rounds // 4), effort.seconds, effort.longest / 2)
    return Pair(call, times["eager"], times["jit"])


def surface(labels: Sequence[str], effort: Effort) -> tuple[list[Pair], list[Absent]]:
    """Measures the calls of these labels and prints their table, the slowest first."""
    pairs, absent = [], []
    for call in CALLS:
        if call.label in labels:
            try:
                pairs.append(measure(call, effort))
            except Exception as e:  # one broken call does not end the others
                absent.append(Absent(call.label, f"{type(e).__name__}: {e}"))
    pairs.sort(key=lambda p: -p.ratio)
    lines: list[tuple] = [(p.call.label, Seconds(p.eager.median), Seconds(p.jit.median), p.ratio) for p in pairs]
    slow = [p for p in pairs if p.ratio > SLOWER]
    lines.append(("geometric mean", None, None, geometric_mean(p.ratio for p in pairs)))
    show(
        "surface: jit over eager (above 1: jit is slower)",
        ("call", "eager", "jit", "ratio"),
        lines,
        f"{len(slow)} of {len(pairs)} calls are above {SLOWER}",
        *map(str, absent),
    )
    return pairs, absent
