"""A jaxpr as a compiled program: its parts with native code as native functions, and calls of NumPy between them.

Most programs are one native function. A primitive with no native form cuts the program: what stands before and behind it is compiled, and it is
called as it is."""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.compile import (  # noqa: F401 (rules register themselves)
    blas,
    cache,
    convolution,
    factoring,
    indexed,
    kernel_gradient,
    machine,
    movement,
    ordering,
    parallel,
    pooling,
    products,
    randomness,
)
from fgrad.compile.entry import Spec, entry
from fgrad.compile.fuse import NestStep, Plan, fuse
from fgrad.compile.listing import Cost, Costs
from fgrad.compile.loops import LoopNest
from fgrad.compile.native import FAILURES, RULES, NotNative, Program, Written, last_reads
from fgrad.compile.simplify import prepared
from fgrad.core.avals import Stack, StackType
from fgrad.core.config import config
from fgrad.core.evaluate import specialized
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var
from fgrad.core.source import Source
from fgrad.kernels.vmath_ir import definitions

Step = NestStep | Equation


@dataclass(frozen=True)
class Part:
    """A run of steps with native code, what it reads and what is read of it."""

    steps: tuple[Step, ...]
    invars: tuple[Var, ...]
    outvars: tuple[Var, ...]


@dataclass(frozen=True)
class Native:
    """A part as machine code: a function `int32 (void** args, int64* table, char* work)` and what it is called with."""

    address: int
    written: Written
    inputs: tuple[Any, ...]  # avals
    outputs: tuple[Any, ...]

    @property
    def table(self) -> np.ndarray:
        return self.written.table

    @property
    def work(self) -> int:
        return self.written.work

    def entry(self, bound: Sequence[np.ndarray] = ()) -> Callable[..., Any]:
        """A Python function of the inputs behind the bound ones: a tuple, NotImplemented if an argument does not fit, or a list if it failed."""
        w = self.written
        specs = [_spec(a) for a in self.inputs[len(bound) :]]
        return entry(self.address, bound, specs, [_spec(a) for a in self.outputs], w.table, w.work, w.long or w.work > RELEASE_ABOVE)


RELEASE_ABOVE = 2**16
"""With more bytes of scratch memory than this, or with loops over time, the interpreter lock is released while a program runs."""


def _spec(aval: Any) -> Spec:
    if type(aval) is StackType:
        return Spec(aval.elem.dtype, aval.elem.shape, "stack")
    return Spec(aval.dtype, aval.shape, "array" if aval.shape else "scalar")


# -- from a jaxpr to parts


def parts(jaxpr: Jaxpr) -> list[Part | Equation]:
    """A simplified jaxpr as native parts and equations that are called as they are, in an order with few parts."""
    plan = fuse(jaxpr)
    made_by: dict[Var, int] = {v: k for k, s in enumerate(plan.steps) for v in s.outvars}
    needs = [{made_by[v] for v in reads(s) if v in made_by} for s in plan.steps]
    native = [_is_native(s) for s in plan.steps]
    waiting = list(range(len(plan.steps)))
    done: set[int] = set()
    groups: list[list[int]] = []
    kind = True
    while waiting:
        group = []
        for k in waiting:  # in order, so one pass finds all that becomes ready on the way
            if native[k] == kind and needs[k] <= done:
                group.append(k)
                done.add(k)
        if group:
            groups += [group] if kind else [[k] for k in group]
            waiting = [k for k in waiting if k not in done]
        kind = not kind
    found: list[Part | Equation] = []
    later: set[Var] = {a for a in jaxpr.outvars if type(a) is Var}
    for group in reversed(groups):
        steps = tuple(plan.steps[k] for k in group)
        if native[group[0]]:
            made = {v for s in steps for v in s.outvars}
            read = dict.fromkeys(v for s in steps for v in reads(s) if v not in made)
            found.append(Part(steps, tuple(read), tuple(v for s in steps for v in s.outvars if v in later)))
        else:
            found.append(steps[0])  # type: ignore[arg-type]
        later.update(v for s in steps for v in reads(s))
    return found[::-1]


def reads(step: Step) -> list[Var]:
    atoms = [*step.arrays, *step.scalars] if isinstance(step, NestStep) else step.inputs
    return [a for a in atoms if type(a) is Var]


def _is_native(step: Step) -> bool:
    """Whether a step can be written; asked by writing it."""
    if isinstance(step, NestStep):
        return True
    if step.primitive.name not in RULES:
        return False
    try:
        invars = tuple(dict.fromkeys(reads(step)))
        Program().whole(Plan((step,)), invars, step.outvars)
    except NotNative:
        return False
    return True


def native_part(part: Part) -> Native:
    """A part, compiled."""
    written = Program().whole(Plan(part.steps), part.invars, part.outvars)
    return _loaded(written, part.invars, part.outvars)


def _loaded(written: Written, invars: Sequence[Var], outvars: Sequence[Atom]) -> Native:
    text = llvm_text(written)
    try:
        address = machine.load(text, blas.symbols(written.symbols) | parallel.thread_count())["program"]
    except Exception as e:
        e.text = text  # type: ignore[attr-defined]  # kept for whoever mends it
        raise
    return Native(address, written, tuple(v.aval for v in invars), tuple(a.aval for a in outvars))


def llvm_text(written: Written) -> str:
    """The whole module: the program, and the mathematics it calls."""
    shims = blas.definitions(written.symbols)
    text = "\n".join(line for line in written.text.splitlines() if not any(f"declare void @{name}(" in line for name in shims))
    return "\n".join([text, *shims.values(), definitions(sorted(written.math))])


# -- running


def program(jaxpr: Jaxpr) -> Callable[..., list]:
    """The compiled jaxpr: a function of its inputs that returns its outputs."""
    return jaxpr.memoize(("program",), lambda: _assembled(prepared(jaxpr)))


class Compiled:
    """A program that is one native function: called as it is, or, in the quick way, by `entry`."""

    def __init__(self, native: Native):
        self.native = native
        self.run = native.entry()

    def __call__(self, *args: Any) -> list:
        outs = self.run(*args)
        if outs is NotImplemented:
            outs = self.run(*[_fitted(x, a) for x, a in zip(args, self.native.inputs, strict=True)])
        if type(outs) is list:
            failed(outs, self.native.written)
        return [Stack(x, a.elem) if type(a) is StackType else x for x, a in zip(outs, self.native.outputs, strict=True)]

    def entry(self, bound: Sequence[np.ndarray]) -> Callable[..., Any] | None:
        """The function behind `__call__`, with the leading arguments bound; None where results need more than it gives."""
        if any(type(a) is StackType for a in (*self.native.inputs, *self.native.outputs)):
            return None
        return self.native.entry([np.ascontiguousarray(x) for x in bound])


def _fitted(x: Any, aval: Any) -> Any:
    """An argument as a native function takes it."""
    if type(aval) is StackType:
        return _stack_array(x, aval)
    if aval.shape:
        return np.require(x, aval.dtype, ["C", "A"])
    return aval.dtype.type(x)


def _stack_array(stack: Stack, aval: StackType) -> np.ndarray:
    if isinstance(stack.items, np.ndarray):
        return np.ascontiguousarray(stack.items)
    out = np.zeros((len(stack.items), *aval.elem.shape), aval.elem.dtype)
    for i, item in enumerate(stack.items):
        out[i] = item
    return out


def failed(record: list, written: Written) -> None:
    """Raises the error that a program reports."""
    status, *details = record
    FAILURES[status](details, written.sites)


def _assembled(jaxpr: Jaxpr) -> Callable[..., list]:
    try:
        written = Program().whole(fuse(jaxpr), jaxpr.invars, jaxpr.outvars)
    except NotNative:
        return _driver(jaxpr)
    return Compiled(_loaded(written, jaxpr.invars, jaxpr.outvars))


def _driver(jaxpr: Jaxpr) -> Callable[..., list]:
    """A Python function that runs native parts and calls in order, and drops each array after its last use."""
    names: dict[Var, str] = {}
    space: dict[str, Any] = {}

    def name(v: Var) -> str:
        return names.setdefault(v, f"v{len(names)}")

    def constant(value: Any) -> str:
        key = f"k{len(space)}"
        space[key] = value
        return key

    def atom(a: Atom) -> str:
        return constant(a.value) if type(a) is Literal else name(a)  # type: ignore[arg-type]

    lines = [f"def run({', '.join(map(name, jaxpr.invars))}):", " try:"]
    sources: dict[int, Source] = {}  # of the calls, by line
    pieces = parts(jaxpr)
    dead_after = last_reads(Plan(tuple(_as_step(p) for p in pieces)), jaxpr.outvars)  # type: ignore[arg-type]
    for piece, dead in zip(pieces, dead_after, strict=True):
        if isinstance(piece, Part):
            outs = f"[{', '.join(map(name, piece.outvars))}]"
            lines.append(f"  {outs} = {constant(Compiled(native_part(piece)))}({', '.join(map(name, piece.invars))})")
        else:
            prim = piece.primitive
            outs, special = ", ".join(map(name, piece.outvars)), specialized.get(prim)
            keywords = [f"{k}={constant(v)}" for k, v in piece.params.items()] if special is None else []
            function = constant(prim.impl if special is None else special(**piece.params))
            call = f"{function}({', '.join([*map(atom, piece.inputs), *keywords])})"
            lines.append(f"  [{outs}] = {call}" if prim.multi else f"  {outs} = {call}")
            if piece.source is not None:
                sources[len(lines)] = piece.source
        if dead:
            lines.append(f"  del {', '.join(map(name, dead))}")
    lines.append(f"  return [{', '.join(map(atom, jaxpr.outvars))}]")
    lines += [" except Exception as e:", f"  {constant(functools.partial(_say_where, sources))}(e)", "  raise"]
    exec(compile("\n".join(lines), _FILE, "exec"), space)  # the names are ours; values are bound, not written
    return space["run"]


_FILE = os.path.join(os.path.dirname(__file__), "<program>")  # a place inside of fgrad: errors do not take it for the user's


def _say_where(sources: dict[int, Source], e: Exception) -> None:
    """Adds the user's line to an error of a call."""
    source = sources.get(e.__traceback__.tb_lineno) if e.__traceback__ else None
    if source is not None:
        e.add_note(f"  at {source}")


@dataclass(frozen=True)
class _Reads:
    """What `last_reads` asks of a step."""

    inputs: tuple[Var, ...]
    outvars: tuple[Var, ...]


def _as_step(piece: Part | Equation) -> Any:
    return _Reads(piece.invars, piece.outvars) if isinstance(piece, Part) else piece


@dataclass(frozen=True)
class Stages:
    """A program as it is compiled: its loop nests, a listing, the LLVM it becomes, and what its parts cost."""

    loops: tuple[LoopNest, ...]
    source: str
    llvm: str
    cost: Costs


def stages(jaxpr: Jaxpr) -> Stages:
    """How a jaxpr is compiled, for people to read."""
    jaxpr = prepared(jaxpr)
    loops: list[LoopNest] = []
    costs: list[Cost] = []
    source, llvm = [], []
    for piece in parts(jaxpr):
        if isinstance(piece, Part):
            written = Program().whole(Plan(piece.steps), piece.invars, piece.outvars)
            listing = written.listing
            inputs, outs = (", ".join(map(listing.typed, vs)) for vs in (piece.invars, piece.outvars))
            source += [f"native part {len(llvm)}: {inputs} -> {outs}", *[f"  {line}" for line in listing.lines]]
            loops += listing.nests
            costs += listing.costs
            llvm.append(str(machine.optimised(llvm_text(written), config.opt_level)))
        else:
            source.append(
                f"call of {piece.primitive.name}: {', '.join(repr(a.aval) for a in piece.inputs)} -> {', '.join(repr(v.aval) for v in piece.outvars)}"
            )
    return Stages(tuple(loops), "\n".join(source), "\n".join(llvm), Costs(tuple(costs)))


def compiled(jaxpr: Jaxpr) -> Callable[..., list] | None:
    """The compiled jaxpr, or None (with one warning) where it does not compile."""
    if ("failed",) in jaxpr.memo:
        return None
    try:
        return program(jaxpr)
    except Exception as e:  # a program that does not compile is a defect here, and must not stop the user
        jaxpr.memo["failed",] = True
        where = cache.keep_failed(str(jaxpr), getattr(e, "text", ""))
        warnings.warn(
            f"fgrad: a program could not be compiled and is interpreted ({type(e).__name__}: {str(e).strip().splitlines()[0]:.200}). "
            f"Its source is kept in {where}.",
            RuntimeWarning,
            stacklevel=2,
        )
        return None


def native_program(jaxpr: Jaxpr) -> Native:
    """A jaxpr that is one native function; raises NotNative where it cannot be one."""
    jaxpr = prepared(jaxpr)
    return _loaded(Program(closed=True).whole(fuse(jaxpr), jaxpr.invars, jaxpr.outvars), jaxpr.invars, jaxpr.outvars)
