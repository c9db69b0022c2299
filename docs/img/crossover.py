"""Draws docs/img/crossover.svg: the measured cost of a whole Jacobian by forward and by reverse mode, for maps of every shape.

python docs/img/crossover.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

import fgrad

PRODUCT = 2**18  # inputs times outputs: every Jacobian has as many entries
SIZES = [2**k for k in range(5, 14)]
FORWARD, REVERSE, INK = "#c2571a", "#1f6f8b", "#333333"


def network(inputs: int, outputs: int) -> tuple[Callable[[Any], Any], np.ndarray]:
    """Three layers of 256 units between `inputs` and `outputs`."""
    rng = np.random.default_rng(0)
    widths = (inputs, 256, 256, outputs)
    weights = [rng.normal(0, m**-0.5, (m, n)) for m, n in pairwise(widths)]

    def f(x: Any) -> Any:
        for w in weights:
            x = np.tanh(x @ w)
        return x

    return f, rng.normal(size=inputs)


def milliseconds(jacobian: Callable, x: np.ndarray, rounds: int = 5) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        jacobian(x)
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def measure() -> tuple[list[float], list[float]]:
    forward, reverse = [], []
    for n in SIZES:
        f, x = network(n, PRODUCT // n)
        forward.append(milliseconds(fgrad.jacfwd(f), x))
        reverse.append(milliseconds(fgrad.jacrev(f), x))
        print(f"R^{n} -> R^{PRODUCT // n}: forward {forward[-1]:.1f} ms, reverse {reverse[-1]:.1f} ms")
    return forward, reverse


def draw(forward: list[float], reverse: list[float], path: Path) -> None:
    mpl.rcParams.update({"font.family": "sans-serif", "font.size": 10, "svg.hashsalt": "fgrad", "text.color": INK, "axes.labelcolor": INK})
    fig, ax = plt.subplots(figsize=(7.2, 3.7), layout="constrained")
    for times, color in ((forward, FORWARD), (reverse, REVERSE)):
        ax.plot(SIZES, times, "o-", color=color, markersize=4.5, linewidth=1.8)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    label = {"textcoords": "offset points", "weight": "bold", "va": "center", "linespacing": 1.4}
    ax.annotate("jacfwd\none pass for each input", (SIZES[-2], forward[-2]), (-14, 5), color=FORWARD, ha="right", **label)
    ax.annotate("jacrev\none pass for each output", (SIZES[1], reverse[1]), (14, 5), color=REVERSE, **label)
    ax.axvline(PRODUCT**0.5, color="#999999", linewidth=0.8, linestyle=":")
    ax.annotate(
        "as many inputs as outputs",
        (PRODUCT**0.5, max(reverse)),
        (5, -4),
        textcoords="offset points",
        color="#777777",
        va="top",
        fontsize=8.5,
    )
    ax.set_xticks(SIZES, [f"{n}\n{PRODUCT // n}" for n in SIZES], fontsize=8.5)
    ax.minorticks_off()
    ax.set_xlabel("inputs (above) and outputs (below) of the function")
    ax.set_ylabel("the whole Jacobian, ms")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#e6e6e6", linewidth=0.7)
    fig.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(*measure(), Path(__file__).with_suffix(".svg"))
