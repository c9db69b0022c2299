"""Which values a loop stacks for its backward pass: as few bytes as a short computation allows.

Derivatives read many values that are cheap functions of few: (1 - y) and (1 + y) of one y = tanh(z). Stacking y alone, and computing the others again
in the backward loop, reads and writes less memory than stacking them. What is cheap is arithmetic and views, nothing like exp; what is small is left
alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fgrad.core.jaxpr import Equation, Var
from fgrad.ops import elementwise as e
from fgrad.ops.shapes import broadcast, reshape, slice_, transpose

CHEAP = frozenset(
    [
        e.add, e.sub, e.mul, e.neg, e.square, e.select, e.convert, e.eq, e.ne, e.lt, e.le, e.gt, e.ge, e.and_, e.or_, e.not_,
        e.maximum, e.minimum, e.abs_, e.sign, e.stop_gradient, broadcast, reshape, slice_, transpose,
    ]
)  # fmt: skip
SMALL = 64
"""Values of fewer entries are stacked as they are."""
MOST_OPERATIONS = 12
"""A value that takes more operations to compute again is stacked."""


def _bytes(v: Var) -> int:
    aval: Any = v.aval
    return aval.size * aval.dtype.itemsize


class _Choice:
    def __init__(self, eqns: Sequence[Equation], saved: Sequence[Var], free: set[Var]):
        self.made_by = {eqn.outvars[0]: eqn for eqn in eqns if eqn.primitive in CHEAP}
        self.kept, self.free = dict.fromkeys(saved), free
        self.large = [v for v in saved if getattr(v.aval, "size", 0) >= SMALL and v in self.made_by]

    def needs(self, v: Var, known: set[Var]) -> tuple[set[Var], int]:
        """What must be stacked to compute v again, given what is known, and in how many operations."""
        missing: set[Var] = set()
        done: set[Var] = set()
        todo = [a for a in self.made_by[v].inputs if type(a) is Var]
        while todo:
            a = todo.pop()
            if a in known or a in done:
                continue
            if a in self.made_by and len(done) < MOST_OPERATIONS:
                done.add(a)
                todo += [b for b in self.made_by[a].inputs if type(b) is Var]
            else:
                missing.add(a)
        return missing, 1 + len(done)

    def drop_computable(self) -> None:
        for v in reversed(self.large):
            if v in self.kept:
                missing, operations = self.needs(v, (self.kept.keys() | self.free) - {v})
                if not missing and operations <= MOST_OPERATIONS:
                    del self.kept[v]

    def best_swap(self) -> tuple[int, set[Var]]:
        """Values to stack so that others need not be, and the bytes that saves."""
        known = self.kept.keys() | self.free
        best: tuple[int, set[Var]] = (0, set())
        for v in self.large:
            if v not in self.kept:
                continue
            roots, operations = self.needs(v, self.free)
            roots -= self.kept.keys()
            if not roots or operations > MOST_OPERATIONS or not all(hasattr(r.aval, "size") for r in roots):
                continue
            replaced = [w for w in self.large if w in self.kept and not self.needs(w, (known | roots) - set(self.large))[0]]
            gain = sum(map(_bytes, replaced)) - sum(map(_bytes, roots))
            if gain > best[0]:
                best = gain, roots
        return best


def thinned(eqns: Sequence[Equation], saved: Sequence[Var], free: set[Var]) -> tuple[list[Var], list[Equation]]:
    """The values to stack in place of `saved`, and the equations that compute the others from them and from what is free."""
    choice = _Choice(eqns, saved, free)
    place = {v: k for k, eqn in enumerate(eqns) for v in eqn.outvars}
    choice.drop_computable()
    while True:
        gain, roots = choice.best_swap()
        if gain <= 0:
            break
        choice.kept.update(dict.fromkeys(sorted(roots, key=lambda v: place.get(v, -1))))
        before = len(choice.kept)
        choice.drop_computable()
        if len(choice.kept) >= before:
            break
    known = choice.kept.keys() | free
    wanted = {v for v in saved if v not in choice.kept}
    again = []
    for eqn in reversed(eqns):
        if eqn.outvars and eqn.outvars[0] in wanted and eqn.outvars[0] not in known:
            again.append(eqn)
            wanted.update(a for a in eqn.inputs if type(a) is Var)
    return list(choice.kept), again[::-1]
