"""Fusion: a simplified jaxpr cut into loop nests and the calls between them.

Equations with a scalar expression join the nest of their shape that already holds their operands, unless a path through another step would
make a circle. Reductions join the nest of what they reduce. Views (broadcast, transpose, slice, reverse) become index maps of the nests that read them.
Everything else is a step of its own. What is read outside its nest is stored; nothing else is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fgrad.compile.loops import Compute, Guard, Index, Load, LoopNest, NestBuilder, Out, Reduce, Store
from fgrad.compile.lowering import REDUCTIONS, VIEWS, costly, lowered, operand_dtypes, operation, reducible
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var
from fgrad.ops.shapes import broadcast, pad, reverse, transpose

LATEST = 24
"""How many groups of its shape, from the latest, an equation is tried with beside those of its operands."""

CHEAP = 12
"""A value of at most so many of these operations is computed again where a view of it is read."""


@dataclass(frozen=True)
class NestStep:
    """A loop nest applied: values for its parameters, and the variables it defines."""

    nest: LoopNest
    sizes: tuple[int, ...]
    integers: tuple[int, ...]
    scalars: tuple[Atom, ...]
    arrays: tuple[Var, ...]
    outvars: tuple[Var, ...]


@dataclass(frozen=True)
class Plan:
    """A program as steps: nests, and equations called as they are."""

    steps: tuple[NestStep | Equation, ...]


@dataclass(eq=False)
class _Step:
    """A step in the making, and the steps it needs: `after` directly; `before` all of them, as the bits of a number, for a circle to be seen at once."""

    bit: int
    after: set[_Step] = field(default_factory=set)
    before: int = 0
    needed_by: set[_Step] = field(default_factory=set)

    def need(self, steps: set[_Step]) -> None:
        for step in steps - self.after:
            self.after.add(step)
            step.needed_by.add(self)
            self._come_after(step.bit | step.before)

    def _come_after(self, steps: int) -> None:
        todo: list[_Step] = [self]
        while todo:
            step = todo.pop()
            if steps & ~step.before:
                step.before |= steps
                todo += step.needed_by


@dataclass(eq=False)
class _Group(_Step):
    """A nest in the making: equations over one shape."""

    shape: tuple[int, ...] = ()
    eqns: list[Equation] = field(default_factory=list)


@dataclass(eq=False)
class CallStep(_Step):
    """A step that is one equation, called as it is."""

    eqn: Equation = None  # type: ignore[assignment]


def fuse(jaxpr: Jaxpr) -> Plan:
    """The plan of a jaxpr (simplified first, or fusion finds less)."""
    return _Fusion(jaxpr).plan()


class _Fusion:
    def __init__(self, jaxpr: Jaxpr):
        self.jaxpr = jaxpr
        self.home: dict[Var, Any] = {}  # the step that defines a variable; inputs have none
        self.maker: dict[Var, Equation] = {}
        self.steps: list[Any] = []
        self.groups: dict[tuple[int, ...], list[_Group]] = {}  # by shape
        self.cost: dict[Var, float] = {}  # operations to compute a value from what is stored
        self.ops: dict[Var, str] = {}  # the operations of elementwise equations

    def plan(self) -> Plan:
        for eqn in self.jaxpr.eqns:
            for v in eqn.outvars:
                self.maker[v] = eqn
            op = operation(eqn)
            if op is not None:
                self.ops[eqn.outvars[0]] = op
            if op is not None and not costly(op):
                self.cost[eqn.outvars[0]] = 1 + sum(self.cost.get(self.through_views(a)[0], 1) for a in eqn.inputs if type(a) is Var)  # type: ignore[arg-type]
            self.place(eqn)
        stored = self.stored()
        ordered = self.in_order(stored)
        return Plan(tuple(s.eqn if isinstance(s, CallStep) else self.nest(s, stored) for s in ordered))

    # -- which step an equation goes to

    def place(self, eqn: Equation) -> None:
        prim = eqn.primitive
        fusable = reducible(eqn) or (len(eqn.outvars) == 1 and eqn.outvars[0] in self.ops)
        if not fusable:
            step = CallStep(self.next_bit(), eqn=eqn)
            step.need(self.needs(eqn, None))
            self.steps.append(step)
            for v in eqn.outvars:
                self.home[v] = step
            return
        shape = eqn.inputs[0].aval.shape if prim in REDUCTIONS else eqn.outvars[0].aval.shape
        group = next((g for g in self.candidates(eqn, shape) if self.may_join(eqn, g)), None)
        if group is None:
            group = _Group(self.next_bit(), shape=shape)
            self.steps.append(group)
            self.groups.setdefault(shape, []).append(group)
        group.eqns.append(eqn)
        group.need(self.needs(eqn, group))
        self.home[eqn.outvars[0]] = group

    def next_bit(self) -> int:
        return 1 << len(self.steps)

    def candidates(self, eqn: Equation, shape: tuple[int, ...]) -> list[_Group]:
        """Groups of this shape: those that hold an operand, then the latest."""
        held = [self.home.get(a) for a in eqn.inputs if type(a) is Var]
        holders = [g for g in dict.fromkeys(held) if isinstance(g, _Group) and g.shape == shape]
        return holders + [g for g in reversed(self.groups.get(shape, [])[-LATEST:]) if g not in holders]

    def inside(self, a: Atom, group: _Group | None) -> bool:
        """Whether a is a value of the group's loops (not the finished result of a reduction in it)."""
        return type(a) is Var and group is not None and self.home.get(a) is group and self.maker[a].primitive not in REDUCTIONS

    def needs(self, eqn: Equation, group: _Group | None) -> set:
        """The steps that must be complete before the equation runs as part of the group."""
        read = [v for a in eqn.inputs for v in (self.read(a, group) if group is not None else [a])]
        return {self.home[v] for v in read if type(v) is Var and v in self.home}

    def read(self, a: Atom, group: _Group) -> list[Var]:
        """The variables that a group must find complete for this operand."""
        return [] if self.inside(a, group) else self.sources(a)

    def sources(self, a: Atom, inline: bool = False) -> list[Var]:
        """The variables that are loaded for an operand: what it is a view of, or if that is cheap, what that is computed from."""
        source, views = self.through_views(a)
        if type(source) is not Var:
            return []
        if (views or inline) and self.is_cheap(source):
            return [v for x in self.maker[source].inputs for v in self.sources(x, inline=True)]
        return [source]

    def is_cheap(self, v: Var) -> bool:
        """Whether computing v again, in a view of it, is quicker than storing and loading it."""
        return bool(v.aval.shape) and self.cost.get(v, math.inf) <= CHEAP  # a number is passed, whatever it cost

    def may_join(self, eqn: Equation, group: _Group) -> bool:
        needs = self.needs(eqn, group)
        if group in needs:  # it reads a finished result of the same nest
            return False
        return not any(step.before & group.bit for step in needs)

    def through_views(self, a: Atom) -> tuple[Atom, list[Equation]]:
        """What an operand is a view of, and the views from the outside in."""
        views = []
        while type(a) is Var and a in self.maker and lowered(a.aval):
            view = self.maker[a]
            if not _is_view(view):
                break
            views.append(view)
            a = view.inputs[0]
        return a, views

    def in_order(self, stored: set[Var]) -> list:
        """The steps, each after those it needs. Views that nests see through, and nests whose values are all computed elsewhere, are no steps."""
        wanted = [s for s in self.steps if (s.eqns if isinstance(s, _Group) else not _is_view(s.eqn) or s.eqn.outvars[0] in stored)]
        done: set[Any] = set()
        ordered: list[Any] = []
        keep = set(map(id, wanted))

        def ready(s: Any) -> list:
            # in an order that is the same in every process, or a program on disk would not be found again
            return sorted((d for d in s.after if d not in done and id(d) in keep), key=lambda d: -d.bit)

        for start in wanted:
            stack = [start]
            while stack:
                s = stack[-1]
                if s in done:
                    stack.pop()
                    continue
                missing = ready(s)
                if missing:
                    stack += missing
                else:
                    done.add(s)
                    ordered.append(stack.pop())
        return ordered

    def stored(self) -> set[Var]:
        """Variables that are read outside the loops that compute them. Drops the equations that then nothing reads."""
        outputs = {a for a in self.jaxpr.outvars if type(a) is Var}
        groups = [s for s in self.steps if isinstance(s, _Group)]
        while True:  # a group that drops an equation reads less
            read = outputs | {v for g in groups for e in g.eqns for a in e.inputs for v in self.read(a, g)}
            for s in reversed(self.steps):  # a view that is read keeps the view it is of
                if isinstance(s, CallStep) and (not _is_view(s.eqn) or s.eqn.outvars[0] in read):
                    read.update(a for a in s.eqn.inputs if type(a) is Var)
            if not sum([self.drop_unread(g, read) for g in groups]):
                return read

    def drop_unread(self, group: _Group, read: set[Var]) -> bool:
        used, kept = set(read), []
        for eqn in reversed(group.eqns):
            if eqn.outvars[0] in used:
                kept.append(eqn)
                used.update(a for a in eqn.inputs if self.inside(a, group))  # type: ignore[arg-type]
        dropped = len(kept) < len(group.eqns)
        group.eqns = kept[::-1]
        return dropped

    # -- one nest

    def nest(self, group: _Group, stored: set[Var]) -> NestStep:
        b = NestBuilder(group.shape)
        names: dict[Var, tuple[str, int]] = {}  # values of the nest: their names and depths
        loaded: dict[tuple, tuple[str, int]] = {}
        outvars: list[Var] = []

        plain = tuple(_Subscript(k, 1, 0) for k in range(b.rank))

        def operand(a: Atom, weak: np.dtype, at: tuple[_Subscript, ...], guards: tuple[Guard, ...], inline: bool) -> tuple[str, int]:
            if type(a) is Var and a in names and at == plain and not guards:
                return names[a]
            source, views = self.through_views(a)
            for view in views:
                at, guards = _mapped(view, at, guards)
            guard_depth = 1 + max((g.axis for g in guards), default=-1)
            if type(source) is Literal or not source.aval.shape:
                dtype = weak if type(source) is Literal else source.aval.dtype
                name = b.scalar(source, dtype)
                return compute("copy", [(name, 0)], (dtype,), dtype, guards, guard_depth) if guards else (name, 0)
            key = (source, at, guards)
            if key not in loaded:
                if type(source) is Var and (views or inline) and self.is_cheap(source):
                    loaded[key] = applied(self.maker[source], at, guards, True)
                else:
                    depth = max(guard_depth, 1 + max((i.axis for i in at), default=-1))
                    value = b.value()
                    b.body.append(Load(value, b.array(source), tuple(i.index(b) for i in at), depth, source.aval.dtype, guards))
                    loaded[key] = f"v{value}", depth
            return loaded[key]

        def applied(
            eqn: Equation, at: tuple[_Subscript, ...] = plain, guards: tuple[Guard, ...] = (), inline: bool = False
        ) -> tuple[str, int]:
            dtypes = operand_dtypes(eqn)
            found = [operand(a, d, at, guards, inline) for a, d in zip(eqn.inputs, dtypes, strict=True)]
            if eqn.primitive in REDUCTIONS:
                return found[0]
            out = eqn.outvars[0]
            depth = 1 + max((g.axis for g in guards), default=-1)
            return compute(self.ops[out], found, tuple(dtypes), out.aval.dtype, guards, depth)

        def compute(
            op: str, found: list[tuple[str, int]], dtypes: tuple[np.dtype, ...], dtype: np.dtype, guards: tuple[Guard, ...], depth: int
        ) -> tuple[str, int]:
            depth = max([depth, *[d for _, d in found]])
            value = b.value()
            b.body.append(Compute(value, op, tuple(n for n, _ in found), dtypes, depth, dtype, guards))
            return f"v{value}", depth

        for eqn in group.eqns:
            out = eqn.outvars[0]
            value = applied(eqn)
            if eqn.primitive in REDUCTIONS:
                kept = tuple(k for k in range(b.rank) if k not in eqn.params["axes"])
                b.outs.append(Out(out.aval.dtype, kept))
                outvars.append(out)
                b.body.append(Reduce(len(b.outs) - 1, REDUCTIONS[eqn.primitive], value[0], kept))
                continue
            names[out] = value
            if out in stored:
                b.outs.append(Out(out.aval.dtype, tuple(range(b.rank))))
                outvars.append(out)
                b.body.append(Store(len(b.outs) - 1, value[0]))
        nest = b.nest()
        return NestStep(nest, tuple(group.shape), tuple(b.integers), tuple(a for a, _ in b.scalars), tuple(b.arrays), tuple(outvars))


@dataclass(frozen=True)
class _Subscript:
    """start + step * axis, in numbers."""

    axis: int
    step: int
    start: int

    def of(self, step: int, start: int) -> _Subscript:
        """start + step * self"""
        return _Subscript(self.axis, step * self.step, start + step * self.start)

    def first_beyond(self, edge: int) -> int:
        """The first i of the axis at which this is at least `edge`; below it where steps are negative."""
        return -((self.start - edge) // self.step) if self.step > 0 else (self.start - edge) // -self.step + 1

    def index(self, b: NestBuilder) -> Index:
        return Index(self.axis, None if self.step == 1 else b.integer(self.step), None if self.start == 0 else b.integer(self.start))


def copy_nest(view: Equation) -> NestStep:
    """A nest that writes a view out."""
    aval = view.outvars[0].aval
    b = NestBuilder(aval.shape)
    at, guards = _mapped(view, tuple(_Subscript(k, 1, 0) for k in range(b.rank)), ())
    source = view.inputs[0]
    depth = 1 + max([*[i.axis for i in at], *[g.axis for g in guards]], default=-1)
    b.body += [Load(0, b.array(source), tuple(i.index(b) for i in at), depth, aval.dtype, guards), Store(0, "v0")]
    b.outs.append(Out(aval.dtype, tuple(range(b.rank))))
    return NestStep(b.nest(), aval.shape, tuple(b.integers), (), (source,), (view.outvars[0],))  # type: ignore[arg-type]


def _is_view(eqn: Equation) -> bool:
    return eqn.primitive in VIEWS or (eqn.primitive is pad and _plain_pad(eqn))


def _plain_pad(eqn: Equation) -> bool:
    """Whether a pad only adds at the ends."""
    return lowered(eqn.outvars[0].aval) and all(low >= 0 and high >= 0 and not interior for low, high, interior in eqn.params["widths"])


def _mapped(view: Equation, at: tuple[_Subscript, ...], guards: tuple[Guard, ...]) -> tuple[tuple[_Subscript, ...], tuple[Guard, ...]]:
    """The subscripts of a view's operand from those of the view, and where they are valid."""
    p, prim = view.params, view.primitive
    if prim is broadcast:
        return tuple(i for k, i in enumerate(at) if k not in p["axes"]), guards
    out = list(at)
    shape = view.inputs[0].aval.shape
    if prim is transpose:
        for k, axis in enumerate(p["axes"]):
            out[axis] = at[k]
    elif prim is reverse:
        for k in p["axes"]:
            out[k] = at[k].of(-1, shape[k] - 1)
    elif prim is pad:
        for k, (low, high, _) in enumerate(p["widths"]):
            if low or high:
                # guards speak of the loop's axis, which may run over a slice of the pad
                bounds = sorted(at[k].first_beyond(edge) for edge in (low, low + shape[k]))
                guards = (*guards, Guard(at[k].axis, *[max(b, 0) for b in bounds]))
                out[k] = at[k].of(1, -low)
    else:
        for k, (start, step) in enumerate(zip(p["starts"], p["strides"], strict=True)):
            out[k] = at[k].of(step, start)
    return tuple(out), guards
