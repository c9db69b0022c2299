"""How Numba compiles what is written by hand: sums may be reordered, as one who writes for speed allows."""

from __future__ import annotations

from numba import njit

from benchmarks import threads

compiled = njit(fastmath=True, error_model="numpy")
"""Compiles a function for the types of its first call."""
threaded = njit(fastmath=True, error_model="numpy", parallel=threads() == "all")
"""The same, for a function whose outer loop is a `prange`: it runs in threads with `--threads all`."""
