"""The examples of lectures at their full size: accuracy, seconds and peak memory.

    python -m benchmarks.lectures
    python -m benchmarks.lectures --only lenet,vgg16     some of them
    python -m benchmarks.lectures --threads all          with the threads that fgrad and BLAS take

Each runs in a process of its own, which compiles what it needs; peak memory is that of the process while it works (not while it imports or makes
parameters; on Linux).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import use_threads

STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def forget_peak() -> None:
    """From here on the peak is measured anew."""
    if FORGET.exists():
        FORGET.write_text("5")


def peak_memory() -> str:
    if not STATUS.exists():
        return "peak memory not measured: it is read from /proc"
    kilobytes = next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return f"peak {kilobytes / 1024:,.0f} MiB"


def eleven_lines() -> str:
    import numpy as np

    from fgrad.examples import eleven_lines as e

    start = time.perf_counter()
    _, (costs, differences) = e.train(e.init(np.random.default_rng(1)))
    seconds = time.perf_counter() - start
    return f"60,000 steps in {seconds:.2f} s, cost {costs[-1]:.1e}, gradient within {np.max(differences):.0e} of the formulas at each"


def mnist() -> str:
    from fgrad.examples import mnist as m

    training, test = m.load()
    start = time.perf_counter()
    run = m.train(m.init(), training)
    seconds = time.perf_counter() - start
    return f"784-16-16-10: accuracy {m.accuracy(run.params, *test):.3f} on 1,000 held-out images in {seconds:.1f} s"


def lenet() -> str:
    from fgrad.examples import lenet as m

    training, test = m.load()
    start = time.perf_counter()
    run = m.train(m.init(), training)
    seconds = time.perf_counter() - start
    return f"LeNet: accuracy {m.accuracy(run.params, *test):.3f} on 1,000 held-out images in {seconds:.1f} s"


def _imagenet(name: str) -> str:
    from fgrad.examples import imagenet as m

    step, params = m.training_step(name)
    forget_peak()
    first = m.timed(step, params)[1]  # not kept: a gradient is as large as the parameters
    (value, _), second = m.timed(step, params)
    return (
        f"{m.count(params):,} parameters in float32, one image: loss {value:.2f}, forward and backward {second:.2f} s (first {first:.2f} s)"
    )


def _recurrent(cell: str) -> str:
    from fgrad.examples import recurrent as m

    codes, letters = m.encode(m.text())
    start = time.perf_counter()
    run = m.train(getattr(m, cell), codes, len(letters), epochs=40)
    return f"a letter costs {run.history['epoch_loss'][-1]:.2f} nats after 40 epochs of {len(codes)} letters in {time.perf_counter() - start:.1f} s"


def turing() -> str:
    from fgrad.examples import turing as m

    start = time.perf_counter()
    *_, (params, _) = m.train()
    seconds = time.perf_counter() - start
    wrong = ", ".join(f"{100 * m.wrong_bits(params, n):.2f} % of {n}" for n in (6, 10, 16))
    return f"copy task, 2,000 steps on sequences up to 6 in {seconds:.1f} s; wrong bits by length: {wrong}"


def modes() -> str:
    from fgrad.examples import modes as m

    rows = m.measure()
    ends = "; ".join(f"{i} -> {o}: forward {f:.1f}, reverse {r:.1f} ms" for i, o, f, r in (rows[0], rows[-1]))
    return f"Jacobians of {m.ENTRIES:,} entries: {ends}; equal at {m.crossover(rows):.1f} inputs for each output"


EXAMPLES: dict[str, Callable[[], str]] = {
    "eleven_lines": eleven_lines,
    "mnist": mnist,
    "lenet": lenet,
    "alexnet": lambda: _imagenet("alexnet"),
    "vgg16": lambda: _imagenet("vgg16"),
    "rnn": lambda: _recurrent("rnn"),
    "lstm": lambda: _recurrent("lstm"),
    "turing": turing,
    "modes": modes,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.lectures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", metavar="NAMES", help=f"separated by commas, of {', '.join(EXAMPLES)}")
    parser.add_argument(
        "--threads",
        choices=("one", "all"),
        default="one",
        help="one (small products of matrices do not gain by more), or all that fgrad and BLAS take",
    )
    parser.add_argument("--here", choices=EXAMPLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        found = EXAMPLES[options.here]()
        print(f"{options.here:13} {found}; {peak_memory()}", flush=True)
        return 0
    chosen = options.only.split(",") if options.only else list(EXAMPLES)
    unknown = [name for name in chosen if name not in EXAMPLES]
    if unknown:
        parser.error(f"no example is called {', '.join(unknown)}; there are {', '.join(EXAMPLES)}")
    use_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "FGRAD_CACHE_DIR": folder}  # nothing was compiled before
        return max(
            subprocess.run([sys.executable, "-m", "benchmarks.lectures", "--here", name], env=env, check=False).returncode
            for name in chosen
        )


if __name__ == "__main__":
    sys.exit(main())
