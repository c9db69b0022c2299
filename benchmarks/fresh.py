"""First calls, in processes of their own: what compiling costs, what a warm disk cache saves, and what new sizes cost.

    python -m benchmarks.fresh first LIBRARY PROGRAM        (run by `python -m benchmarks`)
    python -m benchmarks.fresh sizes LIBRARY

A process imports its library, makes the arguments, and times its first call of a program; JAX keeps nothing on disk, fgrad has a cache folder that
is empty or was filled by another process. Modules that the call imports are counted apart.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from benchmarks.compare import Absent
from benchmarks.languages import is_installed, language
from benchmarks.programs import generated, matrix
from benchmarks.tables import Seconds, geometric_mean, show
from benchmarks.timing import Effort
from benchmarks.workload import GRADIENT, MEASURES, STEP, VALUE, Inputs, Text
from benchmarks.workloads.networks import network_inputs, train_step

NETWORK = "network 784-256-128-10"
PROGRAMS: dict[str, tuple[Text, Inputs, str]] = {
    f"{n} equations, {what}": (generated(n), matrix, what) for n in (10, 50, 200, 1000) for what in (VALUE, GRADIENT)
} | {f"{NETWORK}, {STEP}": (train_step, partial(network_inputs, 128), STEP)}
SIZES = tuple(range(17, 17 + 20 * 12, 12))
LIMIT = 1800
"""Seconds after which a process has failed."""


# -- in the process that measures


@contextmanager
def import_clock() -> Iterator[list[float]]:
    """Adds up the seconds spent importing modules."""
    spent, inside = [0.0], [False]

    def watched(original: Callable) -> Callable:
        def run(*args: Any, **kwargs: Any) -> Any:
            if inside[0]:
                return original(*args, **kwargs)
            inside[0], start = True, time.perf_counter()
            try:
                return original(*args, **kwargs)
            finally:
                spent[0] += time.perf_counter() - start
                inside[0] = False

        return run

    originals = builtins.__import__, importlib.import_module
    builtins.__import__, importlib.import_module = map(watched, originals)
    try:
        yield spent
    finally:
        builtins.__import__, importlib.import_module = originals


def clocked(call: Callable[[], Any]) -> dict[str, float]:
    """Seconds of a call without its imports, and of these."""
    start = time.perf_counter()
    with import_clock() as imports:
        call()
    return {"seconds": time.perf_counter() - start - imports[0], "imports": imports[0]}


def first(library: str, program: str) -> dict[str, float]:
    lang = language(library)
    text, inputs, what = PROGRAMS[program]
    f = MEASURES[what](lang, text(lang))
    assert f is not None
    return clocked(lang.call(lang.jit(f), lang.inputs(inputs())))


def sizes(library: str) -> dict[str, Any]:
    """The first calls of a training step with batches of many sizes, and how often machine code was made."""
    lang = language(library)
    compilations = compilation_counter(library)
    step = lang.jit(train_step(lang))
    seconds, made = [], []
    for n in SIZES:
        call = lang.call(step, lang.inputs(network_inputs(n)))
        before = compilations()
        seconds.append(clocked(call)["seconds"])
        made.append(compilations() - before)
    return {"first": seconds[0], "others": sum(seconds[1:]), "compiled_first": made[0], "compiled_others": sum(made[1:])}


def compilation_counter(library: str) -> Callable[[], int]:
    """How many programs this process has compiled."""
    if library == "fgrad":
        import fgrad

        return lambda: fgrad.cache.stats()["compiled"]
    from jax import monitoring

    events: list[str] = []
    monitoring.register_event_duration_secs_listener(lambda event, *_, **__: events.append(event))
    return lambda: sum(event.endswith("backend_compile_duration") for event in events)


# -- in the process that asks


@dataclass(frozen=True)
class FirstCall:
    """Seconds of the first call of a program, imports apart: with an empty cache, with the cache of another process, and JAX's."""

    program: str
    cold: float
    warm: float
    imports: float
    warm_imports: float
    jax: float | None

    @property
    def over_jax(self) -> float | None:
        return self.cold / self.jax if self.jax else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"over_jax": self.over_jax}


def run(*arguments: str, cache: str) -> dict[str, Any]:
    """What a fresh process reports."""
    environment = os.environ | {"FGRAD_CACHE_DIR": cache}
    command = [sys.executable, "-m", "benchmarks.fresh", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, timeout=LIMIT, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def first_call(program: str, effort: Effort, with_jax: bool) -> FirstCall:
    """The shortest of a few, the libraries taking turns."""
    cold, warm, jax = [], [], []
    for _ in range(effort.processes):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(run("first", "fgrad", program, cache=cache))
            warm.append(run("first", "fgrad", program, cache=cache))
            if with_jax:
                jax.append(run("first", "JAX", program, cache=cache))
    least = lambda found, key: min(r[key] for r in found)
    return FirstCall(
        program,
        least(cold, "seconds"),
        least(warm, "seconds"),
        least(cold, "imports"),
        least(warm, "imports"),
        least(jax, "seconds") if jax else None,
    )


def first_calls(programs: Sequence[str], rivals: Sequence[str], effort: Effort) -> tuple[list[FirstCall], list[Absent]]:
    """Measures programs and prints their table."""
    with_jax = "JAX" in rivals and is_installed("JAX")
    found, absent = [], []
    for program in programs:
        try:
            found.append(first_call(program, effort, with_jax))
        except subprocess.SubprocessError as e:
            absent.append(Absent(f"first call of {program}", str(e)))
    seconds = lambda x: None if x is None else Seconds(x)
    lines: list[tuple] = [
        (c.program, *map(seconds, (c.cold, c.jax)), c.over_jax, *map(seconds, (c.imports, c.warm, c.warm_imports))) for c in found
    ]
    lines.append(("geometric mean", None, None, geometric_mean(c.over_jax for c in found), None, None, None))
    show(
        "first calls, each in a fresh process: seconds beyond imports",
        ("program", "fgrad, empty cache", "JAX", "fgrad / JAX", "imports", "fgrad, warm cache", "imports "),
        lines,
        "Imports: modules that fgrad loads within the call, not counted in the time before it. Warm: another process had compiled the program.",
        *map(str, absent),
    )
    return found, absent


def size_sweep(rivals: Sequence[str], effort: Effort) -> tuple[dict[str, dict[str, Any]], list[Absent]]:
    """Measures the batch sizes and prints their table."""
    libraries = ["fgrad"] + (["JAX"] if "JAX" in rivals and is_installed("JAX") else [])
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in libraries}
    try:
        for _ in range(effort.processes):
            for name in libraries:
                with tempfile.TemporaryDirectory() as cache:
                    found[name].append(run("sizes", name, cache=cache))
    except subprocess.SubprocessError as e:
        return {}, [Absent("batch sizes", str(e))]
    best = {name: min(runs, key=lambda r: r["first"] + r["others"]) for name, runs in found.items()}
    show(
        f"{NETWORK}, {STEP}: first calls with {len(SIZES)} batch sizes, one after the other",
        ("library", "all sizes", "first size", "other sizes", "compilations for the first", "for the others"),
        [
            (name, Seconds(r["first"] + r["others"]), Seconds(r["first"]), Seconds(r["others"]), r["compiled_first"], r["compiled_others"])
            for name, r in best.items()
        ],
    )
    return best, []


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    print(json.dumps({"first": first, "sizes": sizes}[what](*arguments)))
