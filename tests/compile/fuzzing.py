"""Runs random programs: compiled against plain Python on NumPy, as they are and transformed.

    python -m tests.compile.fuzzing SEED ...          # each, with what differs in few statements
    python -m tests.compile.fuzzing 0:20000           # a range
    python -m tests.compile.fuzzing --quick 0:2000    # with less of LLVM's optimisations, as the tests do

A seed names a program (`random_source.py` writes it) and what is done with it: its value, gradient, batch, ... The reference runs the program's text
with Python's loops and branches, and derivatives eagerly, so it shares with the compiled program only the rules of ordinary primitives.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np

import fgrad
from fgrad.compile import factoring, fuse, native, nests, ordering, parallel, products
from fgrad.control import residuals
from fgrad.core import tree

from . import random_expressions  # noqa: F401 (they register themselves)
from .comparing import EXACT, difference, finite, scattered
from .random_source import LIBRARY, PYTHON, Source, array_text, drawn, program

KINDS = (
    ("value",) * 5
    + ("vmap",) * 2
    + ("grad", "grad", "value_and_grad", "vjp", "vjp", "jvp", "jvp of grad", "grad of jvp", "vmap of grad", "grad of vmap")
)


# -- what is done with a program


@dataclass(frozen=True)
class Job:
    """A program, and a transformation of it with arguments."""

    seed: int
    kind: str
    source: Source
    args: tuple

    def function(self, compiled: bool) -> Callable[..., Any]:
        names = LIBRARY if compiled else PYTHON
        return transformed(self.source.function(names), self.kind, self.source, names["vmap"])


def _is_inexact(x: Any) -> bool:
    return x.dtype.kind in "fc"


def _weights(x: Any) -> Any:
    return np.cos(np.arange(x.size)).reshape(x.shape).astype(x.dtype)


def transformed(f: Callable, kind: str, source: Source, vmap: Callable) -> Callable[..., Any]:
    """The function that is run, of all inputs of the program (stacked, for vmap)."""
    inputs = list(source.inputs.values())
    kinds = "f" if "grad" in kind else "fc"
    active = tuple(i for i, x in enumerate(inputs) if x.dtype.kind in kinds)
    wanted = [i for i, n in enumerate(source.outputs) if _is_inexact(source.values[n])]

    def inexact(*xs: Any) -> tuple:
        outs = f(*xs)
        return tuple([outs[i] for i in wanted])

    def total(*xs: Any) -> Any:
        return sum(np.sum(np.real(o * _weights(o))).astype("f8") for o in inexact(*xs))

    def filled(xs: Sequence[Any], some: Sequence[Any]) -> list:
        full = list(xs)
        for i, x in zip(active, some, strict=True):
            full[i] = x
        return full

    def of_active(g: Callable, xs: Sequence[Any]) -> tuple[Callable, tuple]:
        return lambda *some: g(*filled(xs, some)), tuple(xs[i] for i in active)

    def tangents(some: Sequence[Any]) -> tuple:
        return tuple([_tangent(x, k) for k, x in enumerate(some)])

    def jvp(g: Callable, xs: Sequence[Any]) -> Any:
        h, some = of_active(g, xs)
        return fgrad.jvp(h, some, tangents(some))

    def vjp(*xs: Any) -> Any:
        h, some = of_active(inexact, xs)
        outs, pull = fgrad.vjp(h, *some)
        return outs, pull(tuple([_weights(o) for o in outs]))

    gradient = fgrad.grad(total, active)
    if kind == "value":
        return f
    if kind == "vmap":
        return lambda *xs: vmap(f, _axes(source))(*xs)
    if not (active and wanted):
        raise NotPossible
    return {
        "grad": gradient,
        "value_and_grad": fgrad.value_and_grad(total, active),
        "vjp": vjp,
        "jvp": lambda *xs: jvp(inexact, xs),
        "jvp of grad": lambda *xs: jvp(gradient, xs),
        "grad of jvp": fgrad.grad(lambda *xs: jvp(total, xs)[1], active),
        "vmap of grad": lambda *xs: vmap(gradient, _axes(source))(*xs),
        "grad of vmap": fgrad.grad(
            lambda *xs: sum(np.sum(np.real(o * _weights(o))).astype("f8") for o in vmap(inexact, _axes(source))(*xs)), active
        ),
    }[kind]  # type: ignore[return-value]


class NotPossible(Exception):
    """The program has no floating point input or output that a derivative could be of."""


def _tangent(x: Any, k: int) -> Any:
    return np.sin(np.arange(x.size) + k).reshape(x.shape).astype(x.dtype)[()]


def _axes(source: Source) -> tuple:
    """For each input the axis that is mapped; not all are."""
    return tuple([None if i and i % 3 == 1 else min(1, x.ndim) if i == 2 else 0 for i, x in enumerate(source.inputs.values())])


def _batch(source: Source, seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    out = []
    for x, axis in zip(source.inputs.values(), _axes(source), strict=True):
        rows = [x, drawn(rng, x.shape, x.dtype), drawn(rng, x.shape, x.dtype)]
        out.append(x if axis is None else np.stack(rows, axis))
    return tuple(out)


def job(seed: int) -> Job:
    source = program(seed)
    kind = random.Random(seed * 7919 + 1).choice(KINDS)
    try:
        return of(seed, "value" if source.special and kind != "vmap" else kind, source)
    except NotPossible:
        return of(seed, "value", source)


def of(seed: int, kind: str, source: Source) -> Job:
    transformed(print, kind, source, print)
    args = _batch(source, seed) if kind.startswith("vmap") or kind.endswith("vmap") else tuple(source.inputs.values())
    return Job(seed, kind, source, args)


# -- running


class Refused(Exception):
    """The reference can not be computed: there is nothing to compare with."""


def expected(j: Job) -> Any:
    try:
        with _interpreted(), np.errstate(all="ignore"):
            return j.function(compiled=False)(*j.args)
    except (NotPossible, fgrad.errors.FgradError, TypeError, ValueError, IndexError, OverflowError, ZeroDivisionError) as e:
        raise Refused(f"{type(e).__name__}: {e}") from e


THRESHOLDS: dict[tuple[Any, str], tuple[int, ...]] = {
    (parallel, "WORTH"): (parallel.WORTH, 1),
    (products, "LOOPS_UP_TO"): (products.LOOPS_UP_TO, 0),
    (native, "SMALL"): (native.SMALL, 0),
    (nests, "MOST_SEGMENTS"): (nests.MOST_SEGMENTS, 1),
    (nests, "MATH_IN_PLACE"): (nests.MATH_IN_PLACE, 0),
    (fuse, "CHEAP"): (fuse.CHEAP, 0, 1000),
    (ordering, "RUN"): (ordering.RUN, 2),
    (factoring, "SMALL"): (factoring.SMALL, 1),
    (residuals, "SMALL"): (residuals.SMALL, 0),
    (residuals, "MOST_OPERATIONS"): (residuals.MOST_OPERATIONS, 1000),
}
"""From what size on the compiler does otherwise. Random programs are small, so these are drawn too: both ways are run."""
TOGETHER = 6
"""Seeds that share the thresholds, and are compiled as one program."""


QUICK = False
"""Whether LLVM is told to do less for most programs, which takes a third of the time: what it is given is the same."""
LEVELS = (3, 0, 0, 0, 0, 0, 0)


@contextmanager
def thresholds(seed: int) -> Iterator[None]:
    """Those of a seed."""
    r = random.Random(seed // TOGETHER)
    before = [getattr(module, name) for module, name in THRESHOLDS]
    threads, level = fgrad.config.threads, fgrad.config.opt_level
    fgrad.config.threads = 3
    usual = r.random() < 0.5
    for (module, name), values in THRESHOLDS.items():
        setattr(module, name, values[0] if usual else r.choice(values))
    if QUICK:
        fgrad.config.opt_level = r.choice(LEVELS)
    try:
        yield
    finally:
        fgrad.config.threads, fgrad.config.opt_level = threads, level
        for (module, name), value in zip(THRESHOLDS, before, strict=True):
            setattr(module, name, value)


class _interpreted:
    def __enter__(self) -> None:
        self.before, fgrad.config.compile = fgrad.config.compile, False

    def __exit__(self, *_: Any) -> None:
        fgrad.config.compile = self.before


def other_memory(args: tuple) -> tuple:
    """The same values in other memory: not contiguous; numbers of Python, or arrays without axes, for numbers."""
    other: list[Any] = []
    for k, x in enumerate(args):
        if isinstance(x, np.ndarray) and x.ndim:
            other.append(np.repeat(x, 2, axis=-1)[..., ::2] if k % 2 else np.asfortranarray(x))
        else:
            other.append(x.item() if x.dtype.name in ("float64", "int64", "complex128", "bool") else np.asarray(x))
    return tuple(other)


def found(jobs: Sequence[Job]) -> list[Any]:
    """The compiled results of all, from one program; a list of results for each call."""
    functions = [j.function(compiled=True) for j in jobs]
    run = fgrad.jit(lambda operands: [f(*xs) for f, xs in zip(functions, operands, strict=True)])
    before = [tree.map(np.copy, j.args) for j in jobs]
    results = []
    with np.errstate(all="ignore"), thresholds(jobs[0].seed):
        for memory in (lambda args: args, other_memory):
            results.append(run([memory(j.args) for j in jobs]))  # noqa: PERF401
    for j, was in zip(jobs, before, strict=True):
        for x, y in zip(tree.leaves(j.args), tree.leaves(was), strict=True):
            if not np.array_equal(x, y, equal_nan=_is_inexact(np.asarray(x))):
                raise AssertionError(f"seed {j.seed}: an argument was written to")
    return [[r[k] for r in results] for k in range(len(jobs))]


# -- a job from its seed to a verdict


def _is_known(e: Exception) -> bool:
    """Limits that are documented: an array of NumPy's cannot be indexed by a traced value."""
    return isinstance(e, fgrad.errors.ConcretizationError) and "cannot become a NumPy array" in str(e)


@dataclass
class Failure:
    job: Job
    what: str

    def __str__(self) -> str:
        j = self.job
        arguments = "\n".join(f"{n} = {array_text(x)}" for n, x in zip(j.source.inputs, j.args, strict=True))
        return f"seed {j.seed}, {j.kind}: {self.what}\n{j.source.text}\n{arguments}"


def check(j: Job, got: Sequence[Any] | None = None, want: Any = None) -> Failure | None:
    """Whether the compiled job is wrong."""
    try:
        want = expected(j) if want is None else want
    except Refused:
        return None
    try:
        results = found([j])[0] if got is None else got
    except Exception as e:
        return None if _is_known(e) else Failure(j, "".join(traceback.format_exception_only(e)).strip())
    for g in results:
        what = difference(g, want)
        if what is not None:
            plain, slack = scattered(j.function(compiled=True), j.args)
            if difference(g, want, slack) is None:
                continue
            if difference(g, plain, slack) is None:
                if j.source.special or not finite(g) or not finite(want):
                    continue  # an infinity times a zero that another order of operations does not multiply
                _, wider = scattered(j.function(compiled=True), j.args, EXACT - {"add", "sub"})
                if difference(plain, tree.leaves(want), wider) is None:
                    continue  # the loop adds in another order than its steps one by one
                what += "; the interpreter agrees with the compiled program"
            elif difference(plain, tree.leaves(want), slack) is None:
                what += "; the interpreter agrees with NumPy"
            return Failure(j, what)
    return None


def check_together(seeds: Sequence[int], count: Counter | None = None) -> list[Failure]:
    """Programs compiled as one; each is looked at alone where something differs."""
    jobs, wants = [], []
    for seed in seeds:
        j = job(seed)
        try:
            wants.append(expected(j))
            jobs.append(j)
        except Refused as e:
            if count is not None:
                count[f"refused: {j.kind}"] += 1
                count[f"why: {str(e)[:60]}"] += 1
    if count is not None:
        count["run"] += len(jobs)
        count.update(j.kind for j in jobs)
    try:
        results = found(jobs) if jobs else []
    except Exception as e:
        failures = [f for j in jobs if (f := check(j)) is not None]
        if failures or _is_known(e):
            return failures
        return [Failure(jobs[0], f"together with {[j.seed for j in jobs[1:]]}: {''.join(traceback.format_exception_only(e)).strip()}")]
    failures = []
    for j, got, want in zip(jobs, results, wants, strict=True):
        f = check(j, got, want)
        if f is not None:
            alone = check(j, want=want)
            failures.append(alone or replace(f, what=f"only together with {[o.seed for o in jobs]}: {f.what}"))
    return failures


# -- fewer statements


def shrunk(f: Failure) -> Failure:
    """The failure of a smaller program: results become inputs, statements and outputs go, as long as it fails."""
    best = f

    def attempt(source: Source, kind: str) -> bool:
        nonlocal best
        try:
            again = check(of(f.job.seed, kind, source))
        except Exception:
            return False
        if again is None or ("Error" in again.what) != ("Error" in best.what):
            return False
        best = again
        return True

    if f.job.kind != "value":
        attempt(f.job.source, "value")
    changed = True
    while changed:
        changed = False
        for n in list(best.job.source.outputs):
            rest = [o for o in best.job.source.outputs if o != n]
            changed |= bool(rest) and attempt(_pruned(replace(best.job.source, outputs=rest)), best.job.kind)
        for s in list(best.job.source.statements):  # what was wrong before is wrong without what comes of it
            source = best.job.source
            if set(source.outputs) <= set(s.names):
                made = {n for t in source.statements if t is not s for n in t.names}
                changed |= any(attempt(_pruned(replace(source, outputs=[n])), best.job.kind) for n in sorted(s.reads & made - set(s.names)))
        for s in list(best.job.source.statements):
            source = best.job.source
            if s not in source.statements:
                continue
            rest = [t for t in source.statements if t is not s]
            inputs = source.inputs | {n: source.values[n] for n in s.names}
            outputs = [o for o in source.outputs if o not in s.names]
            if outputs:
                changed |= attempt(_pruned(replace(source, inputs=inputs, statements=rest, outputs=outputs)), best.job.kind)
    return best


def _pruned(source: Source) -> Source:
    wanted = set(source.outputs)
    kept = []
    for s in reversed(source.statements):
        if wanted & set(s.names):
            kept.append(s)
            wanted |= s.reads
    inputs = {n: x for n, x in source.inputs.items() if n in wanted} or dict(list(source.inputs.items())[:1])
    return replace(source, statements=kept[::-1], inputs=inputs)


# -- by hand


def main(arguments: Sequence[str]) -> int:
    global QUICK
    warnings.simplefilter("ignore")
    warnings.filterwarnings("error", message="fgrad: a program could not be compiled")
    failed = 0
    count: Counter = Counter()
    for a in arguments:
        if a == "--quick":
            QUICK = True
            continue
        first, _, stop = a.partition(":")
        seeds = list(range(int(first), int(stop))) if stop else [int(first)]
        started = time.time()
        for _, group in groupby(seeds, lambda seed: seed // TOGETHER):
            for f in check_together(list(group), count):
                failed += 1
                print("=" * 80 + f"\n{shrunk(f) if 'together with' not in f.what else f}", flush=True)
        print(f"{a}: {failed} failures, {time.time() - started:.1f} s, {dict(count.most_common(40))}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
