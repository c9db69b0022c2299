"""Calls with next to nothing to compute: what is left is the way there and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.by_hand import compiled
from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, VALUE, Workload
from benchmarks.workloads.data import normal

GROUP = "dispatch"


def small(lang: Language) -> Any:
    return lambda x: lang.np.sin(x) * 2.0


@compiled
def small_numba(x):
    return np.sin(x) * 2.0


def dictionary(lang: Language) -> Any:
    return lambda p: sum(lang.np.sum(lang.np.sin(v) * v) for v in p.values())


def dictionary_gradient(p: dict[str, np.ndarray]) -> tuple:
    return sum(np.sum(np.sin(v) * v) for v in p.values()), {k: np.sin(v) + v * np.cos(v) for k, v in p.items()}


def leaves(n: int) -> tuple:
    return (dict(zip("abcdefghij"[:n], normal(n, 3), strict=True)),)


ONE, TEN = "one array of 3 numbers", "ten arrays of 3 numbers in a dict"

WORKLOADS = (
    Workload(ONE, GROUP, small, lambda: (normal(3),), lambda: (normal(2),), (VALUE,), {("Numba", VALUE): small_numba}),
    Workload(TEN, GROUP, dictionary, lambda: leaves(10), lambda: leaves(2), (GRADIENT,), {("NumPy", GRADIENT): dictionary_gradient}),
)
