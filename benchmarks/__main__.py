"""fgrad beside JAX, PyTorch, autograd, and NumPy and Numba by hand.

    python -m benchmarks                        everything, on one thread of one core
    python -m benchmarks --threads all          with the threads that the libraries take
    python -m benchmarks --only loops,Newton    some tables or workloads; --list names them

One process, the libraries taking turns round after round, so that ratios hold on a machine that is not quiet; a time is the shortest of many
rounds. Each workload's values and derivatives are compared before anything is timed. What compiles does so before it is timed (jit of fgrad and JAX;
PyTorch and autograd run eagerly), but for first calls, which have processes of their own. Exits with 1 if a library computes something else.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import use_threads


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", choices=("one", "all"), default="one", help="one: a single thread on one core")
    parser.add_argument("--only", metavar="NAMES", help="tables by name, and workloads by a part of it, separated by commas")
    parser.add_argument(
        "--rivals", metavar="NAMES", help="libraries to compare with, separated by commas (default: those that are installed)"
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: whether all of it runs")
    parser.add_argument("--list", action="store_true", help="names the tables, the workloads and the libraries")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write what was measured to a file")
    return parser.parse_args()


def names(text: str | None) -> list[str] | None:
    return [name.strip().lower() for name in text.split(",")] if text else None


def run(options: argparse.Namespace) -> int:
    # not before the environment says how many threads there may be
    from benchmarks.compare import Absent, Row, group_table
    from benchmarks.fresh import FirstCall, first_calls, size_sweep
    from benchmarks.languages import RIVALS, is_installed
    from benchmarks.registry import FIRST_CALLS, GROUPS, SIZES, SURFACE, WORKLOADS, select
    from benchmarks.summary import summarise
    from benchmarks.surface import Pair, surface
    from benchmarks.tables import machine, machine_line
    from benchmarks.timing import QUICK, Effort, pin_to_one_core

    try:
        tables = select(names(options.only))
    except LookupError as e:
        print(e.args[0], file=sys.stderr)
        return 2
    if options.list:
        for title, inside in {**tables, "libraries": RIVALS}.items():
            print(title, *(f"    {name}" for name in inside), sep="\n")
        return 0
    wanted = [r for r in RIVALS if options.rivals is None or r.lower() in (names(options.rivals) or ())]
    rivals = [r for r in wanted if is_installed(r)]
    effort = QUICK if options.quick else Effort()
    if options.threads == "one":
        pin_to_one_core()
    print(machine_line())
    for name in wanted:
        if name not in rivals:
            print(f"{name} is not installed and left out")

    rows: list[Row] = []
    firsts: list[FirstCall] = []
    absent: list[Absent] = []
    sizes: dict[str, Any] = {}
    pairs: list[Pair] = []
    for group in GROUPS:
        if group in tables:
            found, missing = group_table(group, [w for w in WORKLOADS if w.group == group and w.name in tables[group]], rivals, effort)
            rows += found
            absent += missing
    if FIRST_CALLS in tables:
        firsts, missing = first_calls(tables[FIRST_CALLS], rivals, effort)
        absent += missing
    if SIZES in tables:
        sizes, missing = size_sweep(rivals, effort)
        absent += missing
    if SURFACE in tables:
        pairs, missing = surface(tables[SURFACE], effort)
        absent += missing
    report = {
        "machine": machine(),
        "quick": options.quick,
        "workloads": [r.as_json() for r in rows],
        "first_calls": [c.as_json() for c in firsts],
        "batch_sizes": sizes,
        "surface": [p.as_json() for p in pairs],
        "summary": summarise(rows, firsts),
        "left_out": [str(a) for a in absent],
    }
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return int(any(not a.expected for a in absent))


def main() -> int:
    options = parse()
    use_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FGRAD_CACHE_DIR"] = folder  # nothing was compiled before
        return run(options)


if __name__ == "__main__":
    sys.exit(main())
