"""SciPy's minimizers with derivatives by fgrad, by SciPy's finite differences and by hand: `python -m benchmarks.optimize`.

End to end: a call is the whole of `minimize`, tracing and compiling included. `first` is the call of a process that has not seen the problem and
has no compiled code on disk; `again` is the median of later calls in that process, which trace again and find the machine code in memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import scipy.optimize

from fgrad.optimize import minimize

N = 100
METHODS = ("BFGS", "L-BFGS-B", "Newton-CG", "trust-exact")


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def start() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, N)


def calls(method: str) -> dict[str, Callable[[], object]]:
    """What is timed. Methods that want second derivatives have them by hand too, and none by differences."""
    second = method in ("Newton-CG", "trust-exact")
    by_hand = {"jac": scipy.optimize.rosen_der} | ({"hess": scipy.optimize.rosen_hess} if second else {})
    found: dict[str, Callable[[], object]] = {
        "fgrad": lambda: minimize(rosenbrock, start(), method=method),
        "by hand": lambda: scipy.optimize.minimize(rosenbrock, start(), method=method, **by_hand),
    }
    if not second:
        found["differences"] = lambda: scipy.optimize.minimize(rosenbrock, start(), method=method)
    return found


def _first(method: str) -> float:
    """The first call in a new process, without code on disk."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-m", "benchmarks.optimize", "--first", method],
            env={**os.environ, "FGRAD_CACHE_DIR": folder},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(run.stdout)


def main() -> None:
    print(f"minimize, Rosenbrock in {N} dimensions, milliseconds")
    print(
        f"{'method':12} {'fgrad first':>12} {'fgrad again':>12} {'by hand':>9} {'differences':>12} {'again / by hand':>16} {'differences / again':>20}"
    )
    for method in METHODS:
        first = _first(method)
        timed: dict[str, list[float]] = {name: [] for name in calls(method)}
        for call in calls(method).values():
            call()
        for _ in range(9):  # one after another: noise meets all alike
            for name, call in calls(method).items():
                begin = time.perf_counter()
                call()
                timed[name].append(time.perf_counter() - begin)
        median = {name: statistics.median(ts) for name, ts in timed.items()}
        other = median.get("differences", float("nan"))
        row = (
            first * 1e3,
            median["fgrad"] * 1e3,
            median["by hand"] * 1e3,
            other * 1e3,
            median["fgrad"] / median["by hand"],
            other / median["fgrad"],
        )
        print(f"{method:12} {row[0]:12.1f} {row[1]:12.1f} {row[2]:9.1f} {row[3]:12.1f} {row[4]:16.2f} {row[5]:20.2f}")


if __name__ == "__main__":
    if "--first" in sys.argv:
        begin = time.perf_counter()
        minimize(rosenbrock, start(), method=sys.argv[-1])
        print(time.perf_counter() - begin)
    else:
        main()
