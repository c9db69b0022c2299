"""`compare_modes(f, *args)`: forward, reverse and compressed passes of one Jacobian, what they are expected to cost and what they do cost."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.jacobians import jacobian
from fgrad.api.modes import ModeCost, Plan
from fgrad.core import tree
from fgrad.core.source import function_name
from fgrad.explore.costs import short_count, short_time
from fgrad.explore.plain import html_table, report, sentence, text_table
from fgrad.explore.style import figure, legend

_ALIKE = 1.25
_SECONDS = 0.3
"""How long each mode is measured, at most twice that where one call takes longer."""


@dataclass(frozen=True)
class Measured:
    """A mode: what the model expects, the median time of a call, the most memory it allocated, and how far the result is from the first mode's."""

    cost: ModeCost
    seconds: float
    peak_bytes: int
    difference: float


@dataclass(frozen=True)
class Comparison:
    """The modes of one Jacobian. Prints as a table; `.plot()` draws where one mode becomes the better one."""

    name: str
    inputs: int
    outputs: int
    plan: Plan
    modes: tuple[Measured, ...]

    @property
    def fastest(self) -> str:
        """The mode that took the least time."""
        return min(self.modes, key=lambda m: m.seconds).cost.mode

    @property
    def agree(self) -> bool:
        """Whether all modes gave the same Jacobian, to rounding."""
        return all(m.difference < 1e-6 for m in self.modes)

    @property
    def recommendation(self) -> str:
        """What to use, and why, in a sentence."""
        n, m, best = self.inputs, self.outputs, self.fastest
        times = {x.cost.mode: x.seconds for x in self.modes}
        if times.get(self.plan.mode, np.inf) <= _ALIKE * times[best]:  # nearer than one measurement tells
            best = self.plan.mode
        if best == "compressed":
            passes = next(x.cost.passes for x in self.modes if x.cost.mode == best)
            why = f"columns or rows that do not meet share a pass: {passes:,} in place of {min(n, m):,}"
        else:
            few, many, ends = (n, m, ("input", "outputs")) if best == "forward" else (m, n, ("output", "inputs"))
            plural = "s" * (few != 1)
            why = (
                f"{few:,} {ends[0]}{plural} need{'s' * (few == 1)} {few:,} pass{'es' * (few != 1)}, {many:,} {ends[1]} would need {many:,}"
            )
        call = f'jacobian(f, mode="{best}")'
        chosen = "which mode='auto' chooses" if self.plan.mode == best else f"where mode='auto' chooses {self.plan.mode}"
        if m == 1 and best == "reverse":
            call = "grad(f)"
        return f"Use {call}, {chosen}: {why}."

    def _rows(self) -> tuple[list[str], list[list[str]]]:
        heads = ["mode", "passes", "flops", "expected peak", "peak", "expected time", "time", "difference"]
        return heads, [
            [
                m.cost.mode, f"{m.cost.passes:,}", short_count(m.cost.flops), f"{short_count(m.cost.peak_bytes)}B", f"{short_count(m.peak_bytes)}B",
                short_time(m.cost.seconds), short_time(m.seconds), f"{m.difference:.1e}",
            ]
            for m in self.modes
        ]  # fmt: skip

    def __repr__(self) -> str:
        return (
            f"Jacobian of {self.name}: {self.inputs:,} inputs, {self.outputs:,} outputs\n{text_table(*self._rows())}\n{self.recommendation}"
        )

    def _repr_html_(self) -> str:
        title = f"Jacobian of {self.name}: {self.inputs:,} inputs, {self.outputs:,} outputs"
        return report(sentence(title), html_table(*self._rows()), sentence(self.recommendation))

    def plot(self) -> Any:
        """Draws the expected time of each mode as the inputs grow, for the outputs of f, and the times that were measured.

        A pass is taken to cost what it costs here: forward mode grows with the inputs, reverse mode with the outputs.

        Returns:
            A matplotlib Figure.
        """
        fig, axes = figure()
        least, most = 1.0, 100.0 * max(self.inputs, self.outputs, 10)
        n = np.geomspace(least, most, 60)
        for m in self.modes:
            mode, each = m.cost.mode, m.seconds / max(m.cost.passes, 1)
            passes = n if mode == "forward" else np.full_like(n, m.cost.passes)
            (line,) = axes.plot(n, passes * each, label=f"{mode}: {short_time(each)} a pass")
            axes.plot([self.inputs], [m.seconds], "o", color=line.get_color())
        axes.axvline(self.inputs, color="0.6", linewidth=0.8, linestyle=":")
        axes.set(xscale="log", yscale="log", xlabel="inputs", ylabel="seconds", title=f"Jacobian of {self.name}: {self.outputs:,} outputs")
        legend(axes)
        return fig


def compare_modes(f: Callable, *args: Any) -> Comparison:
    """Computes the Jacobian of f by its first argument in every mode, and says which to use.

    Args:
        f: a function of arrays or pytrees.
        args: its arguments, with values.

    Returns:
        A Comparison: passes, operations, expected and measured time and memory, the agreement of the results, and a recommendation.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.explore import compare_modes
        >>> found = compare_modes(lambda x: np.sum(x**2), np.ones(200))
        >>> found.fastest, found.agree
        ('reverse', True)
    """
    plan: Plan = jacobian(f).plan(*args)  # type: ignore[attr-defined]
    every: Plan = jacobian(f, mode="compressed").plan(*args)  # type: ignore[attr-defined]  (the automatic one does not look at all modes)
    first: list | None = None
    found = []
    for cost in every.costs:
        derivative = jacobian(f, mode=cost.mode)
        leaves = [np.asarray(x) for x in tree.leaves(derivative(*args))]
        first = first or leaves
        found.append(Measured(cost, _timed(derivative, args), _peak(derivative, args), _difference(first, leaves)))
    outs = sum(x.size for x in first or []) // max(_entries(args[0]), 1)
    return Comparison(function_name(f).replace("<lambda>", "f"), _entries(args[0]), outs, plan, tuple(found))


def _entries(x: Any) -> int:
    return sum(np.size(leaf) for leaf in tree.leaves(x))


def _timed(derivative: Callable, args: tuple) -> float:
    times: list[float] = []
    while not times or (sum(times) < _SECONDS and len(times) < 50):
        begin = time.perf_counter()
        derivative(*args)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _peak(derivative: Callable, args: tuple) -> int:
    """The most memory that NumPy's arrays took during a call."""
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        derivative(*args)
        return max(tracemalloc.get_traced_memory()[1] - before, 0)
    finally:
        if not running:
            tracemalloc.stop()


def _difference(first: list, other: list) -> float:
    """The largest difference of two Jacobians, relative to the largest entry."""
    size = max((float(np.abs(x).max()) for x in first if x.size), default=0.0) or 1.0
    return max((float(np.abs(x - y).max()) / size for x, y in zip(first, other, strict=True) if x.size), default=0.0)
