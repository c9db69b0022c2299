"""Loop nests on several threads: the outermost loop in as many parts as there are threads, each part a call of the nest's function.

A nest runs in parallel where its work is worth the start of a thread (some 10 us), which is known when it runs. Threads start with the nest and end
with it: there is no pool, so programs may run in many Python threads at once, and after a fork. Reductions over the outermost loop are kept apart for
each part and joined in order: for a fixed number of threads results do not change from run to run. The number of threads is `config.threads`."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fgrad.compile.assembly import Function, multiplied
from fgrad.compile.loops import Compute, LoopNest, Reduce
from fgrad.compile.lowering import COSTLY
from fgrad.compile.nests import accumulated
from fgrad.compile.scalars import memory, read, write
from fgrad.core.config import config

WORTH = 100_000
"""The least work of a nest in parallel, in entries times operations (a function such as exp counts as ten): some 50 us."""

AVAILABLE = sys.platform != "win32"
"""Whether there are POSIX threads."""

CORES = os.cpu_count() or 1

_threads = ctypes.c_int64(1)


def thread_count() -> dict[str, int]:
    """The symbol of the number of threads, where programs read it; kept up to date by `config`."""
    return {"fgrad_threads": ctypes.addressof(_threads)}


def _changed() -> None:
    _threads.value = config.threads


config.watch(_changed)


def work_of(nest: LoopNest) -> int:
    """Operations for each turn of the innermost loop."""
    inner = [s for s in nest.body if getattr(s, "depth", nest.rank) == nest.rank]
    return sum(10 if isinstance(s, Compute) and s.op in COSTLY else 1 for s in inner)


def worth_it(nest: LoopNest, sizes: Sequence[int]) -> bool:
    """Whether a nest of these sizes may run in parallel: a program with none has no code for it."""
    return AVAILABLE and nest.rank > 0 and math.prod(sizes) * max(1, work_of(nest)) >= WORTH


def partial_outs(nest: LoopNest) -> list[int]:
    """Results that every part of the outermost loop adds to."""
    return [s.out for s in nest.body if isinstance(s, Reduce) and 0 not in s.kept]


@dataclass(frozen=True)
class Joined:
    """An argument of a function that every part adds to: each part has an array of its own, and they are joined in order."""

    argument: int
    dtype: np.dtype
    kind: str = "sum"


def call_in_parts(f: Function, nest: LoopNest, name: str, given: Sequence[tuple[str, str]], sizes: Sequence[str]) -> None:
    """Calls the function of a nest, `name(given..., from, to)`, on several threads if that is worth it."""
    module = f.module
    entries = "1"
    for n in sizes:
        entries = multiplied(f, entries, n)
    module.declare("fgrad_threads", "@fgrad_threads = external global i64")
    threads = f.op("load i64, ptr @fgrad_threads")
    enough = f.op(f"icmp sge i64 {multiplied(f, entries, str(max(1, work_of(nest))))}, {WORTH}")
    several = f.op(f"icmp sgt i64 {threads}, 1")
    together, alone, done = f.label(), f.label(), f.label()
    f.branch(f.op(f"and i1 {enough}, {several}"), together, alone)
    f.place(alone)
    f.do(f"call void @{name}({', '.join(f'{kind} {value}' for kind, value in given)}, i64 0, i64 {sizes[0]})")
    f.jump(done)
    f.place(together)
    kinds = {s.out: s.kind for s in nest.body if isinstance(s, Reduce)}
    joined = [Joined(k, nest.outs[k].dtype, kinds[k]) for k in partial_outs(nest)]
    team = _team(f, name, [kind for kind, _ in given], joined)
    f.do(
        f"call void @{team}({', '.join(f'{kind} {value}' for kind, value in given)}, i64 {threads}, i64 {sizes[0]}{_counts(f, nest, sizes)})"
    )
    f.jump(done)
    f.place(done)


def _counts(f: Function, nest: LoopNest, sizes: Sequence[str]) -> str:
    """How many entries each result has that every part adds to."""
    counts = []
    for k in partial_outs(nest):
        n = "1"
        for a in nest.outs[k].axes:
            n = multiplied(f, n, sizes[a])
        counts.append(f", i64 {n}")
    return "".join(counts)


def call_split(
    f: Function, name: str, given: Sequence[tuple[str, str]], size: str, most: str, joined: Sequence[tuple[Joined, str]] = ()
) -> None:
    """Calls `name(given..., part, from, to)` on as many threads as there are, `most` at most. `joined`: with how many entries there are."""
    module = f.module
    module.declare("fgrad_threads", "@fgrad_threads = external global i64")
    module.declare("llvm.smin.i64", "declare i64 @llvm.smin.i64(i64, i64)")
    threads = f.op(f"call i64 @llvm.smin.i64(i64 {f.op('load i64, ptr @fgrad_threads')}, i64 {most})")
    arguments = ", ".join(f"{kind} {value}" for kind, value in given)
    several, alone, done = f.label(), f.label(), f.label()
    f.branch(f.op(f"icmp sgt i64 {threads}, 1"), several, alone)
    f.place(alone)
    f.do(f"call void @{name}({arguments}, i64 0, i64 0, i64 {size})")
    f.jump(done)
    f.place(several)
    team = _team(f, name, [kind for kind, _ in given], [j for j, _ in joined], numbered=True)
    f.do(f"call void @{team}({arguments}, i64 {threads}, i64 {size}{''.join(f', i64 {n}' for _, n in joined)})")
    f.jump(done)
    f.place(done)


def _team(f: Function, name: str, kinds: Sequence[str], joined: Sequence[Joined], numbered: bool = False) -> str:
    """A function that runs parts of a function on a number of threads. `numbered`: it takes the number of the part, and parts are not rounded."""
    module = f.module
    team = module.named.get(f"team {name}")
    if team is not None:
        return team
    team = module.named[f"team {name}"] = f"{name}_team"
    fields = [*kinds, *["i64"] * numbered, "i64", "i64"]
    frame = f"{{ {', '.join(fields)} }}"
    worker = Function(module, f"{name}_worker", ["ptr %frame"], "ptr", attributes="noinline")
    values = []
    for k, kind in enumerate(fields):
        where = worker.op(f"getelementptr {frame}, ptr %frame, i32 0, i32 {k}")
        values.append(f"{kind} {worker.op(f'load {kind}, ptr {where}')}")
    worker.do(f"call void @{name}({', '.join(values)})")
    worker.do("ret ptr null")
    worker.finish()

    partial = [j.argument for j in joined]
    names = [f"%x_{k}" for k in range(len(kinds))]
    counts = [f"%c_{k}" for k in range(len(partial))]
    t = Function(
        module,
        team,
        [*[f"{kind} {n}" for kind, n in zip(kinds, names, strict=True)], "i64 %threads", "i64 %size", *[f"i64 {c}" for c in counts]],
        attributes="noinline",
    )
    for function, text in {
        "pthread_create": "i32 @pthread_create(ptr, ptr, ptr, ptr)",
        "pthread_join": "i32 @pthread_join(i64, ptr)",
        "malloc": "ptr @malloc(i64)",
        "free": "void @free(ptr)",
    }.items():
        module.declare(function, f"declare {text}")
    parts = t.op(f"select i1 {t.op('icmp slt i64 %threads, %size')}, i64 %threads, i64 %size")
    step = _shared(t, parts) if numbered else _rounded(t, parts)
    frames = t.op(f"alloca {frame}, i64 {parts}")
    ids, started = t.op(f"alloca i64, i64 {parts}"), t.op(f"alloca i1, i64 {parts}")
    bytes_each = [multiplied(t, c, str(j.dtype.itemsize)) for j, c in zip(joined, counts, strict=True)]
    spare = [t.op(f"call ptr @malloc(i64 {t.op(f'add i64 {multiplied(t, b, parts)}, 1')})") for b in bytes_each]

    def bounds(part: str) -> tuple[str, str]:
        low = t.op(f"mul i64 {part}, {step}")
        high = t.op(f"add i64 {low}, {step}")
        low, high = (t.op(f"select i1 {t.op(f'icmp slt i64 {x}, %size')}, i64 {x}, i64 %size") for x in (low, high))
        return low, high

    with t.loop(parts, "1") as part:
        here = t.op(f"getelementptr {frame}, ptr {frames}, i64 {part}")
        own = list(names)
        for k, room, b in zip(partial, spare, bytes_each, strict=True):
            own[k] = t.op(f"getelementptr i8, ptr {room}, i64 {t.op(f'mul i64 {part}, {b}')}")
        for k, (kind, value) in enumerate(zip(fields, [*own, *[part] * numbered, *bounds(part)], strict=True)):
            t.do(f"store {kind} {value}, ptr {t.op(f'getelementptr {frame}, ptr {here}, i32 0, i32 {k}')}")
        status = t.op(
            f"call i32 @pthread_create(ptr {t.op(f'getelementptr i64, ptr {ids}, i64 {part}')}, ptr null, ptr @{name}_worker, ptr {here})"
        )
        running = t.op(f"icmp eq i32 {status}, 0")
        t.do(f"store i1 {running}, ptr {t.op(f'getelementptr i1, ptr {started}, i64 {part}')}")
        with t.when(t.op(f"xor i1 {running}, true")):  # no thread to be had: this one does the work
            t.op(f"call ptr @{name}_worker(ptr {here})")
    low, high = bounds("0")
    t.do(
        f"call void @{name}({', '.join(f'{kind} {n}' for kind, n in zip(kinds, names, strict=True))}{', i64 0' * numbered}, i64 {low}, i64 {high})"
    )
    with t.loop(parts, "1") as part:
        running = t.op(f"load i1, ptr {t.op(f'getelementptr i1, ptr {started}, i64 {part}')}")
        with t.when(running):
            thread = t.op(f"load i64, ptr {t.op(f'getelementptr i64, ptr {ids}, i64 {part}')}")
            t.op(f"call i32 @pthread_join(i64 {thread}, ptr null)")
        for j, room, b, count in zip(joined, spare, bytes_each, counts, strict=True):
            k, dtype = j.argument, j.dtype
            others = t.op(f"getelementptr i8, ptr {room}, i64 {t.op(f'mul i64 {part}, {b}')}")
            with t.loop(count) as i:
                total = t.at(names[k], memory(dtype), i)
                more = read(t, t.at(others, memory(dtype), i), dtype)
                write(t, total, dtype, accumulated(t, j.kind, dtype, read(t, total, dtype), more))
    for room in spare:
        t.do(f"call void @free(ptr {room})")
    t.do("ret void")
    t.finish()
    return team


def _shared(t: Function, parts: str) -> str:
    """The length of a part."""
    above = t.op(f"add i64 %size, {t.op(f'sub i64 {parts}, 1')}")
    return t.op(f"udiv i64 {above}, {parts}")


def _rounded(t: Function, parts: str) -> str:
    """The length of a part: whole cache lines of the smallest dtype, so that no two threads write to one."""
    step = _shared(t, parts)
    long = t.op(f"icmp sgt i64 {step}, 64")
    whole = t.op(f"and i64 {t.op(f'add i64 {step}, 63')}, -64")
    return t.op(f"select i1 {long}, i64 {whole}, i64 {step}")
