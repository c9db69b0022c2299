"""What fgrad costs uncompiled: over NumPy's own calls, and beside autograd, eager JAX and eager PyTorch.

    python -m benchmarks.eager [--json FILE] [--quick] [--only overhead,staging,libraries,memory,imports]

All in one process on one core, the libraries taking turns (`timing.py`); memory and import time in processes of their own. Times are
the shortest of many rounds, with the median beside them. Results of the libraries are compared before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import fgrad
from benchmarks.rivals import Library, installed
from benchmarks.timing import Row, as_json, markdown, pin_to_one_core, rows, side_by_side
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


def chain(lib: Library) -> Callable[[Any], Any]:
    """20 operations on a value."""
    sin, tanh = lib.np.sin, lib.np.tanh

    def f(x: Any) -> Any:
        for _ in range(5):
            x = tanh(sin(x) * 1.1 + 0.3)
        return x

    return f


def summed_chain(lib: Library) -> Callable[[Any], Any]:
    f, total = chain(lib), lib.np.sum
    return lambda x: total(f(x))


def mlp_loss(lib: Library) -> Callable[..., Any]:
    """Softmax cross entropy of a network with one hidden layer; targets are one-hot."""
    xp = lib.np

    def loss(p: Any, x: Any, y: Any) -> Any:
        z = xp.tanh(x @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        z = z - xp.max(z, axis=-1, keepdims=True) if lib.name != "torch, eager" else z - xp.max(z, -1, keepdim=True)
        return xp.mean(xp.log(xp.sum(xp.exp(z), -1)) - xp.sum(z * y, -1))

    return loss


def mlp_data() -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    p = {"W1": rng.normal(0, 0.1, (64, 64)), "b1": np.zeros(64), "W2": rng.normal(0, 0.1, (64, 10)), "b2": np.zeros(10)}
    return p, rng.uniform(size=(64, 64)), np.eye(10)[rng.integers(0, 10, 64)]


Job = Callable[[Library], Callable[[], Any] | None]


def _derivative_of_chain(x: Any, over: Callable[[Library], Callable]) -> Job:
    def job(lib: Library) -> Callable[[], Any]:
        g, at = lib.grad(over(lib)), lib.array(x)
        return lambda: lib.wait(g(at))

    return job


def _mlp_step(lib: Library) -> Callable[[], Any]:
    p, x, y = mlp_data()
    params, images, targets = {k: lib.array(v) for k, v in p.items()}, lib.array(x), lib.array(y)
    g = lib.value_and_grad(mlp_loss(lib))
    return lambda: lib.wait(g(params, images, targets))


def _jvp_of_chain(lib: Library) -> Callable[[], Any] | None:
    if lib.jvp is None:
        return None
    f, x, t, jvp = chain(lib), lib.array(np.linspace(0, 1, 100)), lib.array(np.ones(100)), lib.jvp
    return lambda: lib.wait(jvp(f, x, t))


def _per_example(lib: Library) -> Callable[[], Any] | None:
    if lib.per_example is None:
        return None
    rng = np.random.default_rng(0)
    w, xs = lib.array(rng.normal(0, 0.3, (10, 10))), lib.array(rng.uniform(size=(100, 10)))
    tanh, total = lib.np.tanh, lib.np.sum
    g = lib.per_example(lambda w, x: total(tanh(tanh(x @ w) @ w)))
    return lambda: lib.wait(g(w, xs))


JOBS: dict[str, Job] = {
    "grad, chain of 20 operations, f64[]": _derivative_of_chain(np.float64(0.5), chain),
    "grad, chain of 20 operations, f64[100]": _derivative_of_chain(np.linspace(0, 1, 100), summed_chain),
    "value_and_grad, MLP 64-64-10, 64 examples": _mlp_step,
    "jvp, chain of 20 operations, f64[100]": _jvp_of_chain,
    "vmap of grad, two layers, 100 examples": _per_example,
}


def libraries(rounds: int) -> list[Row]:
    found = installed()
    table: list[Row] = []
    for what, job in JOBS.items():
        calls = {lib.name: call for lib in found if (call := job(lib)) is not None}
        check_equal(what, calls)
        table += rows(what, side_by_side(calls, rounds, seconds=0.01))
    lines = [(r.what, r.library, r.microseconds, r.median_microseconds, r.over_fgrad) for r in table]
    show("Beside other libraries, uncompiled", ("what", "library", "us", "median us", "over fgrad"), lines)
    return table


def check_equal(what: str, calls: Mapping[str, Callable[[], Any]]) -> None:
    """All libraries compute the same thing."""
    ours = leaves(calls["fgrad"]())
    for name, call in calls.items():
        for a, b in zip(ours, leaves(call()), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12, err_msg=f"{what}: {name}")


def leaves(x: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in fgrad.tree.leaves(x)]


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


def shortest(f: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return min(times)


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


def show(title: str, head: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    print(f"\n### {title}\n\n{markdown(head, lines)}", flush=True)


def machine() -> str:
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), cpu)
    return f"{cpu}, one core, Python {platform.python_version()}, NumPy {np.__version__}"


def main(argv: Sequence[str] | None = None) -> Report:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--quick", action="store_true", help="few rounds and a small array for the memory: a check that all of it runs")
    parser.add_argument("--only", default="overhead,staging,libraries,memory,imports", help="which parts, separated by commas")
    args = parser.parse_args(argv)
    pin_to_one_core()
    rounds = 3 if args.quick else 40
    parts: dict[str, Callable[[], Any]] = {
        "overhead": lambda: overhead(rounds),
        "staging": lambda: staging(rounds // 4 + 1),  # before others fill the heap, which the garbage collector walks
        "libraries": lambda: as_json(libraries(rounds)),
        "memory": lambda: memory(10**5 if args.quick else 10**7),
        "imports": lambda: imports(rounds // 2 + 1),
    }
    print(machine())
    report: Report = {"machine": machine()}
    for name in args.only.split(","):
        report[name] = parts[name]()
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    return report


if __name__ == "__main__":
    main()
