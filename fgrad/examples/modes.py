"""Forward against reverse mode: forward costs a pass for each input, reverse a pass for each output, and where the curves cross is measured.

python -m fgrad.examples.modes
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import fgrad

ENTRIES = 2**14  # inputs times outputs: every Jacobian has as many


def _weights(inputs: int, outputs: int, width: int) -> tuple[list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(0, m**-0.5, (m, n)) for m, n in pairwise((inputs, width, width, outputs))], rng.normal(size=inputs)


def network(inputs: int, outputs: int, width: int = 64) -> tuple[Callable[[Any], Any], np.ndarray]:
    """A function from f[inputs] to f[outputs] with two hidden layers, and a point."""
    weights, point = _weights(inputs, outputs, width)

    def f(x: Any) -> Any:
        for w in weights:
            x = np.tanh(x @ w)
        return x

    return f, point


def by_hand(inputs: int, outputs: int, width: int = 64) -> np.ndarray:
    """The Jacobian f[outputs, inputs] of `network` at its point: for each layer a factor diag(1 - x^2) W'."""
    weights, x = _weights(inputs, outputs, width)
    jacobian = np.eye(inputs)
    for w in weights:
        x = np.tanh(x @ w)
        jacobian = (1 - x**2)[:, None] * (w.T @ jacobian)
    return jacobian


def milliseconds(f: Callable[[np.ndarray], Any], x: np.ndarray, rounds: int = 5) -> float:
    """The shortest time of several rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        f(x)
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def measure(entries: int = ENTRIES, rounds: int = 5) -> list[tuple[int, int, float, float]]:
    """(inputs, outputs, milliseconds of jacfwd, of jacrev) for Jacobians of every shape with so many entries."""
    found = []
    inputs = 2
    while inputs < entries:
        f, x = network(inputs, entries // inputs)
        found.append((inputs, entries // inputs, milliseconds(fgrad.jacfwd(f), x, rounds), milliseconds(fgrad.jacrev(f), x, rounds)))
        inputs *= 4
    return found


def crossover(rows: list[tuple[int, int, float, float]]) -> float:
    """The ratio of inputs to outputs at which both modes take as long, between the measured ones (log-linear)."""
    ratios = np.log([inputs / outputs for inputs, outputs, *_ in rows])
    leads = np.log([forward / reverse for *_, forward, reverse in rows])
    return float(np.exp(np.interp(0.0, leads, ratios)))


def main() -> None:
    rows = measure()
    print(f"{'inputs':>8}{'outputs':>8}{'forward':>12}{'reverse':>12}")
    for inputs, outputs, forward, reverse in rows:
        print(f"{inputs:8}{outputs:8}{forward:9.2f} ms{reverse:9.2f} ms")
    print(f"as long at {crossover(rows):.1f} inputs for each output")


if __name__ == "__main__":
    main()
