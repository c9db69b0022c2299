"""What fgrad costs uncompiled: over NumPy's own calls, and beside autograd, eager JAX and eager PyTorch.

    python -m benchmarks.eager [--json FILE] [--quick] [--only overhead,staging,libraries,memory,imports]

All in one process on one core, the libraries taking turns (`timing.py`); memory and import time in processes of their own. Times are
the shortest of many rounds. Results of the libraries are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import fgrad
from benchmarks.compare import group_table
from benchmarks.languages import Language, is_installed
from benchmarks.tables import machine, machine_line, show
from benchmarks.timing import QUICK, Effort, pin_to_one_core, shortest, side_by_side
from benchmarks.workload import GRADIENT, JVP, PER_EXAMPLE, Workload
from benchmarks.workloads.elementwise import chain
from benchmarks.workloads.networks import network_inputs, network_loss
from benchmarks.workloads.second_order import single_loss
from fgrad.core.avals import ShapedArray
from fgrad.core.stage import stage
from fgrad.ops import elementwise as e
from fgrad.ops.shapes import reduce_sum

Report = dict[str, Any]


# -- a primitive over NumPy's own call


def overhead(rounds: int) -> Report:
    """Binding a primitive on arrays, against the NumPy call inside it."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.5, 1.5, (2, 100))
    a, b = x[0], y[0]
    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "add f64[100]": (lambda: np.add(x, y), lambda: e.add(x, y)),
        "mul f64[100]": (lambda: np.multiply(x, y), lambda: e.mul(x, y)),
        "mul f64[]": (lambda: a * b, lambda: e.mul(a, b)),
        "sin f64[100]": (lambda: np.sin(x), lambda: e.sin(x)),
        "maximum f64[100]": (lambda: np.maximum(x, y), lambda: e.maximum(x, y)),
        "reduce_sum f64[100]": (lambda: np.add.reduce(x, axis=(0,)), lambda: reduce_sum(x, axes=(0,))),
    }
    table = []
    for what, (numpy_call, bind) in pairs.items():
        m = side_by_side({"numpy": numpy_call, "bind": bind}, rounds)
        table.append((what, 1e6 * m["numpy"].minimum, 1e6 * m["bind"].minimum, 1e6 * (m["bind"].minimum - m["numpy"].minimum)))
    show("A primitive on arrays over NumPy's own call (us)", ("primitive", "NumPy", "fgrad", "over NumPy"), table)
    return {what: over for what, _, _, over in table}


# -- beside other libraries


def scalar_chain(lang: Language) -> Callable:
    """20 operations on a number, or on each entry of an array."""
    xp = lang.np

    def f(x: Any) -> Any:
        for _ in range(5):
            x = xp.tanh(xp.sin(x) * 1.1 + 0.3)
        return x

    return f


ENTRIES = np.linspace(0.0, 1.0, 100)
WORKLOADS = (
    Workload("chain of 20 operations, f64[]", "uncompiled", scalar_chain, lambda: (np.float64(0.5),), lambda: (np.float64(0.1),), (GRADIENT,)),
    Workload("chain of 20 operations, f64[100]", "uncompiled", chain, lambda: (ENTRIES,), lambda: (ENTRIES[:3],), (GRADIENT,)),
    Workload("chain of 20 operations, f64[100]", "uncompiled", scalar_chain, lambda: (ENTRIES, ENTRIES), lambda: (ENTRIES[:3],) * 2, (JVP,)),
    Workload(
        "network 64-64-10, 64 examples", "uncompiled", network_loss, partial(network_inputs, 64, (64, 64, 10)),
        partial(network_inputs, 2, (4, 3, 2)), (GRADIENT,),
    ),
    Workload(
        "network 10-10-10, 100 examples", "uncompiled", single_loss, partial(network_inputs, 100, (10, 10, 10)),
        partial(network_inputs, 2, (4, 3, 2)), (PER_EXAMPLE,),
    ),
)  # fmt: skip


def libraries(effort: Effort) -> list[dict[str, Any]]:
    rivals = [name for name in ("autograd", "torch", "JAX") if is_installed(name)]
    rows, absent = group_table("uncompiled", WORKLOADS, rivals, effort, jit=False)
    if absent:
        raise SystemExit("a library computes something else")
    return [row.as_json() for row in rows]


# -- staging, and programs of any length


def long_chain(n: int) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for _ in range(n // 2):
            x = np.sin(x) * 1.1
        return x

    return f


def staging(rounds: int) -> Report:
    """Time to stage an equation, and to differentiate a chain, at growing lengths."""
    aval = ShapedArray((), np.dtype(float))
    report: Report = {}
    table = []
    for n in (1_000, 10_000, 100_000):
        f = long_chain(n)
        repeats = max(3, rounds * 1000 // n)
        stage_time = shortest(lambda f=f: stage(lambda x: [f(x)], [aval]), repeats)
        grad_time = shortest(lambda f=f: fgrad.grad(f)(0.5), repeats)
        table.append((n, 1e6 * stage_time / n, 1e6 * grad_time / n))
        report[str(n)] = {"stage_us_per_equation": table[-1][1], "grad_us_per_operation": table[-1][2]}
    show("Programs of growing length", ("operations", "stage, us an equation", "grad, us an operation"), table)
    return report


# -- memory and imports, in processes of their own

# tracemalloc sees NumPy's buffers and Python's objects, and nothing of the interpreter, so its peak compares with bytes of arrays
MEMORY_PROGRAM = """
import tracemalloc
import numpy as np
import fgrad
from fgrad.transforms.autodiff import linearize_flat

layers, entries = {layers}, {entries}

def f(x):
    for _ in range(layers):
        x = np.tanh(x)
    return np.sum(x)

x = np.linspace(0.0, 1.0, entries)
_, program = linearize_flat(lambda x: [f(x)], [x], [True])
held = {{id(a): a.nbytes for e in program.eqns for a in e.inputs if isinstance(a, np.ndarray)}}
residuals = sum(held.values())
del program, held
tracemalloc.start()
fgrad.grad(f)(x)
print(residuals, tracemalloc.get_traced_memory()[1])
"""


def memory(entries: int, layers: int = 50) -> Report:
    """The peak of grad of a chain of elementwise layers over the bytes of what linearization keeps."""
    residuals, peak = map(int, run(MEMORY_PROGRAM.format(layers=layers, entries=entries)).split())
    table = [(f"grad of {layers} x tanh, f64[{entries}]", residuals / 1e6, peak / 1e6, peak / residuals)]
    show("Memory", ("what", "residuals, MB", "peak, MB", "peak over residuals"), table)
    return {"residual_bytes": residuals, "peak_bytes": peak, "ratio": peak / residuals}


IMPORT_PROGRAM = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def imports(rounds: int) -> Report:
    """The time of `import fgrad` over that of what it needs, in fresh processes that take turns, their bytecode cached."""
    names = ("numpy, optree", "fgrad")
    found: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as cache:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": cache}
        run("import fgrad", env)
        for _ in range(rounds):
            for name in names:
                found[name].append(float(run(IMPORT_PROGRAM.format(name), env)))
    best = {name: min(times) for name, times in found.items()}
    ratio = best["fgrad"] / best["numpy, optree"]
    show("Imports (ms)", ("import numpy, optree", "import fgrad", "ratio"), [(1e3 * best["numpy, optree"], 1e3 * best["fgrad"], ratio)])
    return {"seconds": best, "ratio": ratio}


def run(program: str, env: Mapping[str, str] | None = None) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=env).stdout


# --


def main(argv: Sequence[str] | None = None) -> Report:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--quick", action="store_true", help="few rounds and a small array for the memory: a check that all of it runs")
    parser.add_argument("--only", default="overhead,staging,libraries,memory,imports", help="which parts, separated by commas")
    args = parser.parse_args(argv)
    pin_to_one_core()
    effort = QUICK if args.quick else Effort()
    rounds = 3 if args.quick else 40
    parts: dict[str, Callable[[], Any]] = {
        "overhead": lambda: overhead(rounds),
        "staging": lambda: staging(rounds // 4 + 1),  # before others fill the heap, which the garbage collector walks
        "libraries": lambda: libraries(effort),
        "memory": lambda: memory(10**5 if args.quick else 10**7),
        "imports": lambda: imports(rounds // 2 + 1),
    }
    print(machine_line())
    report: Report = {"machine": machine()}
    for name in args.only.split(","):
        report[name] = parts[name]()
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    return report


if __name__ == "__main__":
    main()
