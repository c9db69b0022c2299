"""Which inputs the outputs of loops, branches and calls depend on: rules of `propagation` for primitives that contain jaxprs.

A loop of known length is walked step by step, so that a counter it carries is known at each; a longer one, or one whose length depends on values, is
closed over: what its carry depends on grows until it grows no more, and one walk through the body mapped over all steps then gives the stacked outputs.
Of a branch that depends on values, each may be taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.control import call, checkpoint, checkpointed, cond, scan, while_loop
from fgrad.core.avals import StackType
from fgrad.core.jaxpr import Equation, Jaxpr
from fgrad.sparse.propagation import UNKNOWN, Operand, entries, propagate, rule, united
from fgrad.sparse.rows import Rows, joined
from fgrad.transforms.jaxprs import batch_jaxpr, cut

LONGEST = 200
"""Steps of a loop that are walked one by one."""
_ROUNDS = 4  # of growth, after which the entries of a carry are taken to depend on what any of them does


@rule(call.call, checkpoint.remat)
def _call(eqn: Equation, operands: Sequence[Operand]) -> list[Operand]:
    return propagate(eqn.params["jaxpr"], operands)


@rule(cond.cond)
def _cond(eqn: Equation, operands: Sequence[Operand]) -> list[Any]:
    index, *rest = operands
    branches = eqn.params["branches"]
    if index.known:
        return propagate(branches[int(index.value)], rest)
    found = [propagate(b, rest) for b in branches]
    return [united(o.rows for o in outs) for outs in zip(*found, strict=True)]


# -- scan


def _step(x: Operand, i: int) -> Operand:
    """What a loop reads of its xs in one step."""
    if type(x.aval) is StackType:
        return Operand(x.aval.elem, x.value[i] if x.known else UNKNOWN, x.rows)
    aval = type(x.aval)(x.aval.shape[1:], x.aval.dtype)
    rows = x.rows and Rows(x.rows.table, x.rows.number[i * aval.size : (i + 1) * aval.size])
    return Operand(aval, x.value[i] if x.known else UNKNOWN, rows)


@rule(scan.scan, checkpointed.checkpointed_scan)
def _scan(eqn: Equation, operands: Sequence[Operand]) -> list[Any]:
    p = eqn.params
    body, n_carry, length = p["jaxpr"], p["n_carry"], p["length"]
    head, consts, carry, xs = scan.parts(operands, p["n_consts"], n_carry, length)
    if length is None and head[0].known:
        length = max(int(head[0].value), 0)
    ys = eqn.outvars[n_carry:]
    stacks = any(type(v.aval) is StackType for v in ys) or any(type(x.aval) is StackType for x in xs)
    if length is None or (stacks and (length > LONGEST or not _unrollable(xs, ys))):
        return _closed(body, consts, carry, xs, ys)
    if not n_carry or length > LONGEST:
        return _mapped(body, length, consts, _closure(body, consts, carry, [_any_step(x) for x in xs]), xs)
    steps: list[list[Operand]] = []
    for i in range(length - 1, -1, -1) if p["reverse"] else range(length):
        carry, found = cut(propagate(body, [*consts, *carry, *[_step(x, i) for x in xs]]), n_carry)
        steps.append(found)
    if p["reverse"]:
        steps.reverse()
    if not steps:
        return [*carry, *[None] * len(ys)]
    return [*carry, *[_stacked([y.rows for y in parts]) for parts in zip(*steps, strict=True)]]


def _unrollable(xs: Sequence[Operand], ys: Sequence[Any]) -> bool:
    """Whether stacks among the xs can be read step by step, and there are none among the results."""
    return all(type(x.aval) is not StackType or x.known for x in xs) and all(type(v.aval) is not StackType for v in ys)


def _stacked(parts: list[Rows | None]) -> Rows | None:
    size = next((part.size for part in parts if part is not None), 0)
    return joined(parts, [size] * len(parts))


def _any_step(x: Operand) -> Operand:
    """What some step reads of xs."""
    if type(x.aval) is StackType:
        return Operand(x.aval.elem, UNKNOWN, x.rows and x.rows.spread(entries(x.aval.elem)))
    aval = type(x.aval)(x.aval.shape[1:], x.aval.dtype)
    return Operand(aval, UNKNOWN, x.rows and x.rows.gathered(x.numbers.reshape(x.aval.shape[0], aval.size).T))


def _closure(body: Jaxpr, consts: list[Operand], carry: list[Operand], xs: list[Operand]) -> list[Operand]:
    """What the carry may depend on at any step."""
    carry = [Operand(c.aval, UNKNOWN, c.rows) for c in carry]
    for n in range(2 * _ROUNDS + len(carry)):
        outs = propagate(body, [*consts, *carry, *xs])[: len(carry)]
        grown = [united((c.rows, o.rows)) for c, o in zip(carry, outs, strict=True)]
        same = [g is None or (c.rows is not None and g.same_as(c.rows)) for g, c in zip(grown, carry, strict=True)]
        if all(same):
            return carry
        if n >= _ROUNDS:
            grown = [g and g.spread() for g in grown]
        carry = [Operand(c.aval, UNKNOWN, g) for c, g in zip(carry, grown, strict=True)]
    every = united([g.spread(1) for g in (c.rows for c in [*consts, *carry, *xs]) if g is not None])
    return [Operand(c.aval, UNKNOWN, every and every.take(np.zeros(entries(c.aval), np.int64))) for c in carry]


def _mapped(body: Jaxpr, length: int, consts: list[Operand], carry: list[Operand], xs: list[Operand]) -> list[Any]:
    """The stacked outputs by one walk through the body mapped over the steps; the carry is what it may be at any step."""
    n_carry = len(carry)
    derived, _ = batch_jaxpr(body, length, [False] * (len(consts) + n_carry) + [True] * len(xs), True)
    ys = propagate(derived, [*consts, *carry, *xs])[n_carry:]
    return [*carry, *ys]


def _closed(body: Jaxpr, consts: list[Operand], carry: list[Operand], xs: list[Operand], ys: Sequence[Any]) -> list[Any]:
    """A loop of unknown length, or over stacks: whatever any step makes, at any step."""
    each = [_any_step(x) for x in xs]
    carry = _closure(body, consts, carry, each)
    made = propagate(body, [*consts, *carry, *each])[len(carry) :]
    outs = []
    for y, v in zip(made, ys, strict=True):
        size = entries(v.aval)
        if y.rows is None or not y.size:
            outs.append(None)
        elif type(v.aval) is StackType:
            outs.append(y.rows.spread(1))
        else:
            outs.append(y.rows.take(np.tile(np.arange(y.size), size // y.size)))
    return [*carry, *outs]


@rule(while_loop.while_, checkpointed.checkpointed_while)
def _while(eqn: Equation, operands: Sequence[Operand]) -> list[Any]:
    p = eqn.params
    _, consts, carry = cut(operands, p["n_cond"], p["n_body"])
    outs = _closed(p["body"], consts, carry, [], eqn.outvars[len(carry) + 1 :])
    return [*outs[: len(carry)], None, *outs[len(carry) :]]
