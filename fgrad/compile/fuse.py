"""Fusion: a simplified jaxpr cut into loop nests and the calls between them.

Equations with a scalar expression join the nest of their shape that already holds their operands, unless a path through another step would
make a circle. Reductions join the nest of what they reduce. Views (broadcast, transpose, slice, reverse) become index maps of the nests that read them.
Everything else is a step of its own. What is read outside its nest is stored; nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fgrad.compile.loops import Compute, Index, Load, LoopNest, NestBuilder, Out, Reduce, Store
from fgrad.compile.lowering import REDUCTIONS, VIEWS, expression, lowered
from fgrad.core.avals import PYTHON_SCALARS
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var
from fgrad.ops.shapes import broadcast, reverse, transpose


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
class _Group:
    """A nest in the making: equations over one shape."""

    shape: tuple[int, ...]
    eqns: list[Equation] = field(default_factory=list)
    after: set[_Group | CallStep] = field(default_factory=set)


@dataclass(eq=False)
class CallStep:
    """A step that is one equation, called as it is."""

    eqn: Equation
    after: set[Any] = field(default_factory=set)


def fuse(jaxpr: Jaxpr) -> Plan:
    """The plan of a jaxpr (simplified first, or fusion finds less)."""
    return _Fusion(jaxpr).plan()


class _Fusion:
    def __init__(self, jaxpr: Jaxpr):
        self.jaxpr = jaxpr
        self.home: dict[Var, Any] = {}  # the step that defines a variable; inputs have none
        self.maker: dict[Var, Equation] = {}
        self.steps: list[Any] = []

    def plan(self) -> Plan:
        for eqn in self.jaxpr.eqns:
            for v in eqn.outvars:
                self.maker[v] = eqn
            self.place(eqn)
        stored = self.stored()
        ordered = self.in_order()
        return Plan(tuple(s.eqn if isinstance(s, CallStep) else self.nest(s, stored) for s in ordered))

    # -- which step an equation goes to

    def place(self, eqn: Equation) -> None:
        prim = eqn.primitive
        fusable = (prim in REDUCTIONS and lowered(eqn.inputs[0].aval)) or (len(eqn.outvars) == 1 and expression(eqn) is not None)
        if not fusable:
            step = CallStep(eqn, self.needs(eqn, None))
            self.steps.append(step)
            for v in eqn.outvars:
                self.home[v] = step
            return
        shape = eqn.inputs[0].aval.shape if prim in REDUCTIONS else eqn.outvars[0].aval.shape
        group = next((g for g in self.candidates(eqn, shape) if self.may_join(eqn, g)), None)
        if group is None:
            group = _Group(shape)
            self.steps.append(group)
        group.eqns.append(eqn)
        group.after |= self.needs(eqn, group)
        self.home[eqn.outvars[0]] = group

    def candidates(self, eqn: Equation, shape: tuple[int, ...]) -> list[_Group]:
        """Groups of this shape, those that hold an operand first, then the latest."""
        groups = [s for s in reversed(self.steps) if isinstance(s, _Group) and s.shape == shape]
        holders = [self.home.get(a) for a in eqn.inputs if type(a) is Var]
        return sorted(groups, key=lambda g: g not in holders)

    def inside(self, a: Atom, group: _Group | None) -> bool:
        """Whether a is a value of the group's loops (not the finished result of a reduction in it)."""
        return type(a) is Var and group is not None and self.home.get(a) is group and self.maker[a].primitive not in REDUCTIONS

    def needs(self, eqn: Equation, group: _Group | None) -> set:
        """The steps that must be complete before the equation runs as part of the group."""
        found = set()
        for a in eqn.inputs:
            if type(a) is Var and not self.inside(a, group):
                source = self.through_views(a)[0] if group is not None else a
                step = self.home.get(source) if type(source) is Var else None
                if step is not None:
                    found.add(step)
        return found

    def may_join(self, eqn: Equation, group: _Group) -> bool:
        needs = self.needs(eqn, group)
        if group in needs:  # it reads a finished result of the same nest
            return False
        seen: set[Any] = set()
        todo = list(needs)
        while todo:
            step = todo.pop()
            if step is group:
                return False
            if step not in seen:
                seen.add(step)
                todo += step.after
        return True

    def through_views(self, a: Atom) -> tuple[Atom, list[Equation]]:
        """What an operand is a view of, and the views from the outside in."""
        views = []
        while type(a) is Var and a in self.maker and self.maker[a].primitive in VIEWS and lowered(a.aval):
            views.append(self.maker[a])
            a = self.maker[a].inputs[0]
        return a, views

    def in_order(self) -> list:
        """The steps, each after those it needs; a view that only nests read is no step."""
        read: set[Var] = {a for a in self.jaxpr.outvars if type(a) is Var}
        for s in self.steps:
            if isinstance(s, CallStep) and s.eqn.primitive not in VIEWS:
                read.update(a for a in s.eqn.inputs if type(a) is Var)
        wanted = []
        for s in reversed(self.steps):  # a view that is read keeps the view it is of
            if isinstance(s, CallStep) and s.eqn.primitive in VIEWS:
                if not any(v in read for v in s.eqn.outvars):
                    continue
                read.update(a for a in s.eqn.inputs if type(a) is Var)
            wanted.append(s)
        wanted.reverse()
        done: set[Any] = set()
        ordered: list[Any] = []
        keep = set(map(id, wanted))

        def ready(s: Any) -> list:
            return [d for d in s.after if d not in done and id(d) in keep]

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
        """Variables that are read outside the loops that compute them."""
        found = {a for a in self.jaxpr.outvars if type(a) is Var}
        for s in self.steps:
            for eqn in s.eqns if isinstance(s, _Group) else [s.eqn]:
                group = s if isinstance(s, _Group) else None
                for a in eqn.inputs:
                    if not self.inside(a, group):
                        source = a if group is None else self.through_views(a)[0]
                        if type(source) is Var:
                            found.add(source)
        return found

    # -- one nest

    def nest(self, group: _Group, stored: set[Var]) -> NestStep:
        b = NestBuilder(group.shape)
        names: dict[Var, tuple[str, int]] = {}  # values of the nest: their names and depths
        loaded: dict[tuple, tuple[str, int]] = {}
        outvars: list[Var] = []

        def operand(a: Atom, weak: np.dtype) -> tuple[str, int]:
            if type(a) is Var and a in names:
                return names[a]
            indices = [Index(k) for k in range(b.rank)]
            source, views = self.through_views(a)
            for view in views:
                indices = _mapped(view, indices, b)
            if type(source) is Literal:
                return b.scalar(source, weak if type(source.value) in PYTHON_SCALARS else source.aval.dtype), 0
            if not source.aval.shape:
                return b.scalar(source, source.aval.dtype), 0
            if type(source) is Var and source in names:  # a view of a value of this nest cannot be: it would be another index
                raise AssertionError("a view of a value that its own nest computes")
            key = (source, tuple(indices))
            if key not in loaded:
                depth = 1 + max((i.axis for i in indices), default=-1)
                value = b.value()
                b.body.append(Load(value, b.array(source), tuple(indices), depth))
                loaded[key] = f"v{value}", depth
            return loaded[key]

        for eqn in group.eqns:
            out = eqn.outvars[0]
            strong = [a.aval.dtype for a in eqn.inputs if type(a) is Var or type(a.value) not in PYTHON_SCALARS]  # type: ignore[union-attr]
            weak = next((d for d in reversed(strong)), out.aval.dtype)  # a Python number takes the dtype beside it
            found = [operand(a, weak) for a in eqn.inputs]
            if eqn.primitive in REDUCTIONS:
                kept = tuple(k for k in range(b.rank) if k not in eqn.params["axes"])
                b.outs.append(Out(out.aval.dtype, kept))
                outvars.append(out)
                b.body.append(Reduce(len(b.outs) - 1, REDUCTIONS[eqn.primitive], found[0][0], kept))
                continue
            text = expression(eqn)
            assert text is not None  # it was placed here because it has one
            if "{one}" in text:
                text = text.replace("{one}", f"{out.aval.dtype.name}(1)")
            depth = max((d for _, d in found), default=0)
            value = b.value()
            b.body.append(Compute(value, text, tuple(n for n, _ in found), depth))
            names[out] = f"v{value}", depth
            if out in stored:
                b.outs.append(Out(out.aval.dtype, tuple(range(b.rank))))
                outvars.append(out)
                b.body.append(Store(len(b.outs) - 1, f"v{value}"))
        return NestStep(b.nest(), tuple(group.shape), tuple(b.integers), tuple(a for a, _ in b.scalars), tuple(b.arrays), tuple(outvars))


def copy_nest(view: Equation) -> NestStep:
    """A nest that writes a view out."""
    aval = view.outvars[0].aval
    b = NestBuilder(aval.shape)
    indices = tuple(_mapped(view, [Index(k) for k in range(b.rank)], b))
    b.body += [Load(0, 0, indices, 1 + max((i.axis for i in indices), default=-1)), Store(0, "v0")]
    b.outs.append(Out(aval.dtype, tuple(range(b.rank))))
    source = view.inputs[0]
    b.array(source)
    return NestStep(b.nest(), aval.shape, tuple(b.integers), (), (source,), (view.outvars[0],))  # type: ignore[arg-type]


def _mapped(view: Equation, indices: Sequence[Index], b: NestBuilder) -> list[Index]:
    """The subscripts of a view's operand, from those of the view."""
    p, prim = view.params, view.primitive
    if prim is broadcast:
        return [i for k, i in enumerate(indices) if k not in p["axes"]]
    if prim is transpose:
        out = list(indices)
        for k, axis in enumerate(p["axes"]):
            out[axis] = indices[k]
        return out
    out = list(indices)
    if prim is reverse:
        for k in p["axes"]:
            n = view.inputs[0].aval.shape[k]
            out[k] = _compose(b, indices[k], -1, n - 1)
        return out
    for k, (start, step) in enumerate(zip(p["starts"], p["strides"], strict=True)):
        if start or step != 1:
            out[k] = _compose(b, indices[k], step, start)
    return out


def _compose(b: NestBuilder, i: Index, step: int, start: int) -> Index:
    """start + step * i"""
    old_step = 1 if i.step is None else b.integers[i.step]
    old_start = 0 if i.start is None else b.integers[i.start]
    new_step, new_start = step * old_step, start + step * old_start
    return Index(i.axis, None if new_step == 1 else b.integer(new_step), None if new_start == 0 else b.integer(new_start))
