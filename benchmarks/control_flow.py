"""Loops that are not compiled: what a step costs beside the same operations in a Python loop, and gradients through very long ones.

    python -m benchmarks.control_flow [--json FILE] [--quick] [--only bodies,steps,long]

One process, one core, the candidates taking turns (`timing.py`); times are the shortest of many rounds. Results are compared before
anything is timed. Compiled loops are in `python -m benchmarks --only loops`.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import fgrad
from benchmarks.languages import leaves
from benchmarks.tables import machine, machine_line, show
from benchmarks.timing import pin_to_one_core, side_by_side
from fgrad.control import checkpointed
from fgrad.control.schedule import default_states, recomputed_steps
from fgrad.ops import elementwise as e
from fgrad.ops.contract import contract

Call = Callable[[], Any]


# -- the body of a scan, beside the same primitives called by hand


PRIMITIVES = {"add": e.add, "mul": e.mul, "sin": e.sin, "tanh": e.tanh, "contract": contract}
BOUND = SimpleNamespace(**PRIMITIVES)
"""The primitives, called as such."""
DIRECT = SimpleNamespace(**{name: p.impl for name, p in PRIMITIVES.items()})
"""Their own NumPy computations, with nothing of fgrad around them."""
Body = Callable[[Any, Any, Any], tuple[Any, Any]]
MATMUL = {"x_labels": "ab", "y_labels": "bc", "out_labels": "ac"}


def scalar_ode(ops: Any, c: Any, x: Any) -> tuple[Any, Any]:
    return ops.add(c, ops.mul(0.001, ops.sin(c))), None


def scalar_map(ops: Any, c: Any, x: Any) -> tuple[Any, Any]:
    c = ops.add(ops.mul(0.9, c), ops.sin(x))
    return c, ops.tanh(c)


def long_body(ops: Any, c: Any, x: Any) -> tuple[Any, Any]:
    for _ in range(7):
        c = ops.tanh(ops.add(ops.mul(1.1, c), x))
    return c, None


def recurrent(weights: np.ndarray) -> Body:
    def body(ops: Any, h: Any, x: Any) -> tuple[Any, Any]:
        h = ops.tanh(ops.add(x, ops.contract(h, weights, **MATMUL)))
        return h, h

    return body


def bodies_measured(steps: int) -> dict[str, tuple[Body, Any, np.ndarray]]:
    """Bodies, with a first carry and xs."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(steps, 100))
    weights = rng.normal(0, 0.1, (64, 64))
    return {
        "ODE, 3 primitives, f64[]": (scalar_ode, np.float64(0.5), rows[:, 0]),
        "filter with outputs, 4 primitives, f64[]": (scalar_map, np.float64(0.5), rows[:, 0]),
        "chain of 21 primitives, f64[100]": (long_body, np.zeros(100), rows),
        "RNN step, 3 primitives, f64[16,64]": (recurrent(weights), np.zeros((16, 64)), rng.normal(size=(steps, 16, 64))),
    }


def by_hand(body: Body, ops: Any, carry: Any, xs: np.ndarray) -> tuple[Any, Any]:
    """The loop one would write."""
    n = len(xs)
    ys = None
    for i in range(n):
        carry, y = body(ops, carry, xs[i])
        if y is not None:
            if ys is None:
                ys = np.empty((n, *y.shape))
            ys[i] = y
    return carry, ys


def bodies(rounds: int, steps: int = 1000) -> list[dict[str, Any]]:
    """An interpreted scan, its staging included, over the loop by hand."""
    report = []
    for what, (body, carry, xs) in bodies_measured(steps).items():
        calls: dict[str, Call] = {
            "scan": lambda body=body, carry=carry, xs=xs: fgrad.scan(lambda c, x: body(BOUND, c, x), carry, xs),
            "primitives": lambda body=body, carry=carry, xs=xs: by_hand(body, BOUND, carry, xs),
            "NumPy": lambda body=body, carry=carry, xs=xs: by_hand(body, DIRECT, carry, xs),
        }
        check(what, calls)
        m = side_by_side(calls, rounds, seconds=0.01)
        us = {name: 1e6 * t.minimum / steps for name, t in m.items()}
        ratios = {"over_primitives": us["scan"] / us["primitives"], "over_numpy": us["scan"] / us["NumPy"]}
        report.append({"body": what, "us_per_step": us} | ratios)
    show(
        f"An uncompiled scan of {steps} steps, staging included, over the same loop by hand (us a step)",
        ("body", "scan", "primitives by hand", "scan over it", "NumPy by hand", "scan over it"),
        [
            (r["body"], us["scan"], us["primitives"], r["over_primitives"], us["NumPy"], r["over_numpy"])
            for r in report
            for us in [r["us_per_step"]]
        ],
    )
    return report


def check(what: str, calls: Mapping[str, Call]) -> None:
    first, *others = [leaves(f()) for f in calls.values()]
    for other in others:
        for a, b in zip(first, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, err_msg=what)


# -- what a step and a loop cost by themselves


def steps(rounds: int, n: int = 10_000) -> dict[str, float]:
    """Microseconds a step, beyond the step's own operations, and microseconds a loop."""
    one, limit = np.int64(1), np.int64(n)
    xs = np.linspace(0.0, 1.0, n)
    start = np.float64(0.0)

    def hand_scan() -> Any:
        c = start
        for _ in range(n):
            c = c + 1.0
        return c

    def hand_scan_with_ys() -> Any:
        c, ys = start, np.empty(n)
        for i in range(n):
            c = c + xs[i]
            ys[i] = c
        return c, ys

    def hand_while() -> Any:
        i = np.int64(0)
        while i < limit:
            i = i + one
        return i

    loops: dict[str, tuple[Call, Call | None]] = {
        "scan, empty body": (lambda: fgrad.scan(lambda c, _: (c, None), start, None, n), None),
        "scan, c + 1": (lambda: fgrad.scan(lambda c, _: (c + 1.0, None), start, None, n), hand_scan),
        "scan, c + x, with ys": (lambda: fgrad.scan(lambda c, x: (c + x, c + x), start, xs), hand_scan_with_ys),
        "fori_loop, c + 1": (lambda: fgrad.fori_loop(0, n, lambda i, c: c + 1.0, start), hand_scan),
        "while_loop, i + 1 while i < n": (lambda: fgrad.while_loop(lambda i: i < limit, lambda i: i + one, np.int64(0)), hand_while),
    }
    report, lines = {}, []
    for what, (loop, hand) in loops.items():
        m = side_by_side({"loop": loop} | ({"hand": hand} if hand else {}), rounds, seconds=0.02)
        total = 1e6 * m["loop"].minimum / n
        own = 1e6 * m["hand"].minimum / n if hand else 0.0
        report[what] = total - own
        lines.append((what, f"{total:.3f}", f"{own:.3f}", f"{total - own:.3f}"))
    show("What a step of a loop costs (us)", ("loop", "fgrad", "Python loop on NumPy scalars", "over it"), lines)

    d_scan = fgrad.grad(lambda c: fgrad.scan(lambda c, _: (c * 1.1, None), c, None, 1)[0])
    d_while = fgrad.grad(lambda c: fgrad.while_loop(lambda c: c < 1.0, lambda c: c * 2.0, c))
    short: dict[str, Call] = {
        "scan": lambda: fgrad.scan(lambda c, _: (c + 1.0, None), start, None, 1),
        "while_loop": lambda: fgrad.while_loop(lambda i: i < one, lambda i: i + one, np.int64(0)),
        "grad of scan": lambda: d_scan(start),
        "grad of while_loop": lambda: d_while(np.float64(0.6)),
    }
    m = side_by_side(short | {f"{k}, jitted": jitted_call(k, start, one) for k in ("scan", "while_loop")}, rounds)
    show("A loop of one step (us)", ("loop", "us"), [(k, 1e6 * v.minimum) for k, v in m.items()])
    return report | {f"one step of {k}": 1e6 * v.minimum for k, v in m.items()}


def jitted_call(kind: str, start: Any, one: Any) -> Call:
    if kind == "scan":
        f = fgrad.jit(lambda c: fgrad.scan(lambda c, _: (c + 1.0, None), c, None, 1)[0])
        return lambda: f(start)
    g = fgrad.jit(lambda i: fgrad.while_loop(lambda i: i < one, lambda i: i + one, i))
    return lambda: g(np.int64(0))


# -- gradients through very long loops


def peak_bytes(f: Call) -> int:
    """What one call allocates at its peak, Python's objects and NumPy's buffers."""
    tracemalloc.start()
    f()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@dataclass
class Tally:
    """What a backward loop did: steps run again, and how many states it held at once at most (the one in hand is one)."""

    recomputed: int = 0
    most: int = 0


@contextmanager
def counting() -> Iterator[Tally]:
    """Counts the steps that checkpointed backward loops run again, and the states they hold."""
    tally, original = Tally(), checkpointed.reverse_steps

    class Kept:
        def __init__(self, places: Any):
            self.places = places

        def __setitem__(self, k: int, state: Any) -> None:
            tally.most = max(tally.most, k + 2)
            self.places[k] = state

        def __getitem__(self, k: int) -> Any:
            return self.places[k]

    def reverse_steps(n: int, s: int, first: Any, advance: Callable, adjoint: Callable, kept: Any) -> None:
        def counted(state: Any, start: int, stop: int) -> Any:
            tally.recomputed += stop - start
            return advance(state, start, stop)

        original(n, s, first, counted, adjoint, Kept(kept))

    checkpointed.reverse_steps = reverse_steps
    try:
        yield tally
    finally:
        checkpointed.reverse_steps = original


def ode_gradient(n: int, x: Any, keep: Any) -> Call:
    """The gradient of the end of n steps of x' = sin x in its start."""

    def f(x: Any) -> Any:
        return np.sum(fgrad.scan(lambda c, _: (c + 1e-3 * np.sin(c), None), x, None, length=n, checkpoint=keep)[0])

    g = fgrad.grad(f)
    return lambda: g(x)


def ode_peak(n: int, x: Any, keep: Any) -> int:
    return peak_bytes(ode_gradient(n, x, keep))


def long(lengths: Sequence[int], width: int, widths_longest: int) -> list[dict[str, Any]]:
    """Time, memory and recomputation of a gradient through n steps, by how many states are kept."""
    report = []
    for x, longest in ((np.float64(0.5), max(lengths)), (np.full(width, 0.5), widths_longest)):
        for n in [n for n in lengths if n <= longest]:
            plain = ode_gradient(n, x, None)()
            report += [long_gradient(n, x, keep, plain) for keep in (None, math.isqrt(n), 3 * math.isqrt(n), True)]
    staging = ode_peak(1, np.float64(0.5), None) / 1e3
    show(
        "Gradient through n steps of an ODE",
        ("state", "n", "kept", "s", "us a step", "peak, kB", "in states", "/ sqrt n", "states held", "run again", "theory", "times"),
        [_long_line(r) for r in report],
    )
    print(
        "\nkept: the argument checkpoint of scan; s: how many states that is. in states: the peak (tracemalloc) over the bytes of a\n"
        "state's data. states held: counted, with the one in hand. run again: forward steps of the backward loop, and what the schedule\n"
        "promises; times: over n.\n"
        f"A loop of one step peaks at {staging:.0f} kB: its staging."
    )
    return report


def _long_line(r: dict[str, Any]) -> tuple:
    n = r["steps"]
    counted = ("", "", "") if r["budget"] is None else (r["states_held"], r["recomputed"], r["theory"])
    return (
        r["state"], n, r["kept"], r["budget"] or "", 1e6 * r["seconds"] / n, r["peak_bytes"] / 1e3, r["peak_states"],
        r["peak_states"] / math.sqrt(n), *map(str, counted), r["recomputed"] / n,
    )  # fmt: skip


def long_gradient(n: int, x: Any, keep: Any, plain: Any) -> dict[str, Any]:
    call = ode_gradient(n, x, keep)
    start = time.perf_counter()
    found = call()
    seconds = time.perf_counter() - start
    np.testing.assert_allclose(found, plain, rtol=1e-9)
    with counting() as tally:
        call()
    peak = ode_peak(n, x, keep)
    budget = None if keep is None else default_states(n) if keep is True else keep
    return {
        "state": f"f64[{x.size if x.ndim else ''}]",
        "steps": n,
        "kept": "all" if keep is None else str(keep),
        "budget": budget,
        "seconds": seconds,
        "peak_bytes": peak,
        "peak_states": peak / x.nbytes,
        "states_held": tally.most,
        "recomputed": tally.recomputed,
        "theory": 0 if budget is None else recomputed_steps(n, budget),
    }


# --


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--quick", action="store_true", help="few rounds and shorter loops: a check that all of it runs")
    parser.add_argument("--only", default="bodies,steps,long", help="which parts, separated by commas")
    args = parser.parse_args(argv)
    pin_to_one_core()
    rounds = 3 if args.quick else 20
    lengths = (10**3, 10**4) if args.quick else (10**4, 10**5, 10**6)
    parts: dict[str, Callable[[], Any]] = {
        "bodies": lambda: bodies(rounds),
        "steps": lambda: steps(rounds),
        "long": lambda: long(lengths, 1000, 10**3 if args.quick else 10**4),
    }
    print(machine_line())
    report: dict[str, Any] = {"machine": machine()}
    for name in args.only.split(","):
        report[name] = parts[name]()
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    return report


if __name__ == "__main__":
    main()
