"""Which mode a Jacobian is computed in: forward, reverse, or compressed (columns that do not meet share a pass), by what each would cost.

`transforms/cost.py` counts; here passes, seeds and results are added, and the cheapest mode is chosen. A pattern is looked for only where that is expected
to take less time than the dense modes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fgrad.core.jaxpr import Equation, subjaxprs
from fgrad.transforms.autodiff import LinearProgram
from fgrad.transforms.cost import PLACE, LinearCost, linear_cost, per_byte, seconds
from fgrad.transforms.custom import custom_linear

if TYPE_CHECKING:  # loaded when a pattern is looked for
    from fgrad.sparse.coloring import Coloring

_FEWEST = 32  # rows or columns: where there are no more, no pattern is looked for
_AROUND, _AROUND_FORWARD = 50e-6, 30e-6  # seconds for seeds and results of any size; and what forward mode adds
_FINDING, _FINDING_EACH, _FINDING_ENTRY = (
    3e-4,
    1.5e-4,
    5e-8,
)  # for a pattern and its colours: at least, for each operation, and for each entry
_TURNED = 4  # times as long as a plain copy takes a transposed one
_MOST_CALLS = 200  # a longer loop is not followed step by step
_LOADING = 0.6  # seconds that loading Numba takes


@dataclass(frozen=True)
class ModeCost:
    """What a mode would cost: passes, operations and bytes moved by all of them, bytes that live at once, and the time that the model expects, for
    the passes, their seeds and the result (evaluating the function is not counted: all modes do)."""

    mode: str
    passes: int
    flops: float
    bytes: float
    peak_bytes: float
    seconds: float


@dataclass(frozen=True)
class Plan:
    """The mode chosen, and what each mode that is possible would cost. Prints as a table.

    Example:
        >>> import fgrad, numpy as np
        >>> plan = fgrad.jacobian(lambda x: np.sin(x[:3]) * x[3]).plan(np.ones(100))
        >>> plan.mode, [(c.mode, c.passes) for c in plan.costs]
        ('reverse', [('forward', 100), ('reverse', 3)])
    """

    mode: str
    costs: tuple[ModeCost, ...]
    coloring: Coloring | None = None

    def __repr__(self) -> str:
        rows = [("", "passes", "flops", "bytes", "peak bytes", "expected")]
        rows += [
            (
                ("→ " if c.mode == self.mode else "  ") + c.mode,
                f"{c.passes:,}",
                _short(c.flops),
                _short(c.bytes),
                _short(c.peak_bytes),
                _time(c.seconds),
            )
            for c in self.costs
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(t.ljust(w) if k == 0 else t.rjust(w) for k, (t, w) in enumerate(zip(r, widths, strict=True))) for r in rows]
        return "\n".join(map(str.rstrip, lines))


def _short(x: float) -> str:
    return f"{x:,.0f}" if x < 1e6 else f"{x:.1e}".replace("e+0", "e")


def _time(s: float) -> str:
    return f"{s * 1e6:.0f} µs" if s < 1e-3 else f"{s * 1e3:.1f} ms" if s < 1 else f"{s:.1f} s"


def plan_jacobian(program: LinearProgram, ins: Sequence[Any], outs: Sequence[Any], holomorphic: bool, mode: str = "auto") -> Plan:
    """The mode for the Jacobian of a linear program, and what it would cost beside the others; "auto" is the cheapest one."""
    n, m = sum(a.size for a in ins), sum(a.size for a in outs)
    cost = linear_cost(program.eqns, program.invars, program.outvars)
    real = lambda avals: holomorphic or all(a.dtype.kind != "c" for a in avals)
    forward = real(ins) and not _some(program.eqns, lambda e: e.primitive is custom_linear)
    reverse = not forward or (real(outs) and not _some(program.eqns, lambda e: e.params.get("transpose_solve", True) is None))
    found = [mode_cost("forward", cost, n, m, n, 0)] if forward else []
    found += [mode_cost("reverse", cost, n, m, 0, m)] if reverse else []
    best = min(found, key=lambda c: c.seconds)
    coloring = None
    if mode == "compressed" or (mode == "auto" and min(m, n) > _FEWEST and best.seconds > 2 * _finding(cost, max(m, n))):
        compressed = importlib.import_module("fgrad.sparse.compressed")
        coloring = compressed.coloring_of(
            program, ins, outs, forward, reverse, None if mode == "compressed" else _worth(cost, best, forward)
        )
        if coloring is not None:
            found.append(mode_cost("compressed", cost, n, m, coloring.forward, coloring.reverse, len(coloring.places)))
    return Plan(min(found, key=lambda c: c.seconds).mode if mode == "auto" else mode, tuple(found), coloring)


def _worth(cost: LinearCost, best: ModeCost, forward: bool) -> Callable[[int, float, bool], bool]:
    """Whether a pattern of so many entries, that takes at least so many passes, and perhaps Numba to colour, would be evaluated sooner than the best mode."""
    one_pass = seconds(cost.forward if forward else cost.reverse, 1)
    return lambda entries, passes, loads: _finding(cost, entries) + passes * one_pass + (_LOADING if loads else 0) < best.seconds


def mode_cost(mode: str, cost: LinearCost, n: int, m: int, forward: int, reverse: int, entries: int | None = None) -> ModeCost:
    """What so many passes of each kind cost, with a dense result; `entries`: how many of its entries are put in their places one by one."""
    seeds_bytes = 8 * (forward * n + reverse * m)
    # forward passes leave columns, which are turned into rows
    turned = _TURNED if forward and entries is None else 1
    around = _AROUND + (_AROUND_FORWARD if forward else 0) + _moved(seeds_bytes) + turned * _moved(2 * 8 * m * n)
    if entries is not None:
        around += 4 * entries * PLACE + _finding(cost, entries)
    total = lambda what: sum(getattr(w, what) * forward for w in cost.forward) + sum(getattr(w, what) * reverse for w in cost.reverse)
    return ModeCost(
        mode,
        forward + reverse,
        total("flops"),
        total("bytes") + seeds_bytes + 8 * m * n,
        cost.peak * max(forward, reverse) + seeds_bytes + 8 * m * n,
        seconds(cost.forward, forward) + seconds(cost.reverse, reverse) + around,
    )


def _moved(size: float) -> float:
    return size * per_byte(size)


def _finding(cost: LinearCost, entries: int) -> float:
    """Seconds that finding a pattern of so many entries takes, and its colours."""
    return _FINDING + _FINDING_EACH * sum(min(w.calls, _MOST_CALLS) for w in cost.forward) + _FINDING_ENTRY * entries


def _some(eqns: Sequence[Equation], refuses: Callable[[Equation], bool]) -> bool:
    """Whether there is such an equation, in loops and calls too."""
    return any(refuses(e) or any(_some(sub.eqns, refuses) for sub in subjaxprs(e.params)) for e in eqns)
