"""Layers of networks and steps of their training beside JAX, compiled, and PyTorch: `python -m benchmarks.nn`.

    python -m benchmarks.nn                     everything, on one thread of one core
    python -m benchmarks.nn --only LeNet        workloads by a part of their names
    python -m benchmarks.nn --threads all       with the threads that the libraries take

The libraries take turns round after round; a time is the shortest of many rounds. Results are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from benchmarks import use_threads


def run(options: argparse.Namespace) -> int:
    # not before the environment says how many threads there may be
    from benchmarks.compare import group_table
    from benchmarks.languages import is_installed
    from benchmarks.tables import machine_line
    from benchmarks.timing import QUICK, Effort, pin_to_one_core
    from benchmarks.workloads import convolution, training

    workloads = [w for w in (*convolution.WORKLOADS, *training.WORKLOADS) if options.only is None or options.only.lower() in w.name.lower()]
    if not workloads:
        print(f"no workload is called {options.only!r}", file=sys.stderr)
        return 2
    if options.threads == "one":
        pin_to_one_core()
    print(machine_line())
    effort = QUICK if options.quick else Effort(longest=5.0)
    wrong = []
    for group in dict.fromkeys(w.group for w in workloads):
        rivals = [r for r in ("JAX", "torch") if is_installed(r)]
        _, absent = group_table(group, [w for w in workloads if w.group == group], rivals, effort)
        wrong += [a for a in absent if not a.expected]
    return int(bool(wrong))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.nn", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", choices=("one", "all"), default="one", help="one: a single thread on one core")
    parser.add_argument("--only", metavar="NAME", help="workloads by a part of their names")
    parser.add_argument("--quick", action="store_true", help="few rounds: whether all of it runs")
    options = parser.parse_args()
    use_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FGRAD_CACHE_DIR"] = folder
        return run(options)


if __name__ == "__main__":
    sys.exit(main())
