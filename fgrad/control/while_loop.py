"""while_loop as a primitive, differentiable in both modes.

Operands are [consts of cond, consts of body, carry]; outputs [carry, trip count, a stack for each further output of the body]. Linearization runs
the augmented body, whose residuals become stacks; the linear part is a scan over them, with the trip count as an operand.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile.simplify import simplify
from fgrad.control.loops import carry_fixpoint, jvp_body, jvp_operands, linearize_body
from fgrad.control.scan import fill_lanes, linear_loop
from fgrad.core.avals import I64, ShapedArray, Stack, StackType, typeof
from fgrad.core.errors import TapeError
from fgrad.core.evaluate import while_looper
from fgrad.core.jaxpr import Jaxpr, Var, eval_jaxpr
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import add, convert
from fgrad.ops.reductions import reduce_or
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import choose, materialize, stack_bytes
from fgrad.transforms.jaxprs import batch_jaxpr, cut, spread, stage_closed

MAX_TAPE_BYTES = 8 * 2**30
"""What the residuals of one while loop may take in memory by default: 8 GiB."""
_ROUND = 16


def check_tape(trips: int, step_bytes: int, max_tape_bytes: int | None) -> int:
    """How many steps the residuals may be kept of; raises if there were more."""
    limit = MAX_TAPE_BYTES if max_tape_bytes is None else max_tape_bytes
    if trips * step_bytes > limit:
        raise TapeError(
            f"while_loop: after {trips} steps the residuals for reverse mode take more than {limit:,} bytes ({step_bytes:,} a step)",
            "Does the loop end? If it does, give it more memory with max_tape_bytes=, or keep fewer states with checkpoint=.",
        )
    return limit // step_bytes if step_bytes else sys.maxsize


def run(*args: Any, cond: Jaxpr, body: Jaxpr, n_cond: int, n_body: int, max_tape_bytes: int | None) -> list:
    cond_consts, body_consts, carry = cut(args, n_cond, n_body)
    n_carry = len(carry)
    avals = body.out_avals[n_carry:]
    ys: list[list] = [[] for _ in avals]
    step_bytes = sum(a.size * a.dtype.itemsize for a in avals if type(a) is ShapedArray)
    most = check_tape(0, step_bytes, max_tape_bytes)
    loop = while_looper(cond, body, n_cond, n_body, simplify)
    runs = [y for y, a in zip(ys, avals, strict=True) if type(a) is StackType]
    if not runs:
        carry, trips = loop(cond_consts, body_consts, carry, ys, most)
        check_tape(trips, step_bytes, max_tape_bytes)
    else:  # inner loops leave runs of any length: count them every few steps
        trips, n, found = 0, _ROUND, 0
        while n == _ROUND:
            carry, n = loop(cond_consts, body_consts, carry, ys, _ROUND - 1)
            found += n * step_bytes + sum(stack_bytes(x) for y in runs for x in y[trips:])
            trips += n
            check_tape(trips, -(-found // max(trips, 1)), max_tape_bytes)
    return carry + [np.int64(trips)] + [Stack(y, a) for y, a in zip(ys, avals, strict=True)]


def run_aval(*args: Any, cond: Jaxpr, body: Jaxpr, n_cond: int, n_body: int, max_tape_bytes: int | None) -> list:
    n_carry = len(args) - n_cond - n_body
    avals = body.out_avals
    return avals[:n_carry] + [I64] + [StackType(a) for a in avals[n_carry:]]


def _linearize(
    primals: Sequence[Any], active: Sequence[bool], *, cond: Jaxpr, body: Jaxpr, n_cond: int, n_body: int, max_tape_bytes: int | None
) -> tuple[list, Callable]:
    cond_consts, consts, carry = cut(primals, n_cond, n_body)
    n_carry = len(carry)
    lz = linearize_body(body, n_body, n_carry, active[n_cond:])
    invariants = eval_jaxpr(lz.before, (), *consts)
    outs = while_(
        *cond_consts, *consts, *invariants, *carry,
        cond=cond, body=lz.body, n_cond=n_cond, n_body=n_body + len(invariants), max_tape_bytes=max_tape_bytes,
    )  # fmt: skip
    carry_out, trips, ys, saved = cut(outs, n_carry, 1, len(body.outvars) - n_carry)
    found = {"const": consts, "invariant": invariants, "x": [], "y": ys, "saved": saved}
    lin = linear_loop(lz, trips, None, False, n_body, n_carry, found, body.out_avals[:n_carry])

    def with_trips(tangents: Sequence[Any]) -> list:
        touts = lin(tangents[n_cond:])
        return touts[:n_carry] + [None] + touts[n_carry:]

    return carry_out + trips + ys, with_trips


def jvp_rule(
    loop: Callable,
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    cond: Jaxpr,
    body: Jaxpr,
    n_cond: int,
    n_body: int,
    max_tape_bytes: int | None,
) -> tuple[list, list]:
    cond_consts, rest = cut(primals, n_cond)
    n_carry = len(rest) - n_body
    derived, active, out = jvp_body(body, n_body, n_carry, [t is not None for t in tangents[n_cond:]])
    c, k, _ = jvp_operands(rest, tangents[n_cond:], active, n_body, n_carry)
    unread = tuple(typeof(t) for t in k[n_carry:])
    wide = cond.memoize(("widened", unread), lambda: Jaxpr((*cond.invars, *map(Var, unread)), cond.eqns, cond.outvars))
    outs = loop(*cond_consts, *c, *k, cond=wide, body=derived, n_cond=n_cond, n_body=len(c), max_tape_bytes=max_tape_bytes)
    carry, t_carry, trips, ys, t_ys = cut(outs, n_carry, len(k) - n_carry, 1, len(body.outvars) - n_carry)
    touts = spread(t_carry + t_ys, out)
    return carry + trips + ys, touts[:n_carry] + [None] + touts[n_carry:]


def batch_rule(
    loop: Callable,
    size: int,
    values: Sequence[Any],
    mapped: Sequence[bool],
    *,
    cond: Jaxpr,
    body: Jaxpr,
    n_cond: int,
    n_body: int,
    max_tape_bytes: int | None,
) -> tuple[list, Sequence[bool]]:
    cond_consts, consts, carry = cut(values, n_cond, n_body)
    n_carry, n_outs = len(carry), len(body.outvars)
    m_cond, was = mapped[:n_cond], mapped[n_cond + n_body :]
    derived, mask, out = carry_fixpoint(n_body, n_carry, n_outs, mapped[n_cond:], lambda m, f: batch_jaxpr(body, size, m, f))
    derived_cond, (ragged,) = batch_jaxpr(cond, size, (*m_cond, *mask[n_body:]))
    if ragged:
        mask = [*mask[:n_body], *[True] * n_carry]
        derived, out = batch_jaxpr(body, size, mask, (*[True] * n_carry, *[False] * (n_outs - n_carry)))
        derived_cond, _ = batch_jaxpr(cond, size, (*m_cond, *[True] * n_carry))
    carry = [materialize(size, k, w) if m else k for k, m, w in zip(carry, mask[n_body:], was, strict=True)]
    if not ragged:
        outs = loop(
            *cond_consts, *consts, *carry, cond=derived_cond, body=derived, n_cond=n_cond, n_body=n_body, max_tape_bytes=max_tape_bytes
        )
        return outs, [*out[:n_carry], False, *out[n_carry:]]

    # lanes end at different times: go on while any lane does, freeze those that ended, and count each lane's trips
    def any_live(*operands: Any) -> list:
        return [reduce_or(eval_jaxpr(derived_cond, (), *operands[:-1])[0], axes=(0,))]

    def step(*operands: Any) -> list:
        cc, c, k, (trips,) = cut(operands, n_cond, n_body, n_carry)
        live = eval_jaxpr(derived_cond, (), *cc, *k)[0]
        new, ys = cut(eval_jaxpr(derived, (), *fill_lanes(live, [*c, *k], mask)), n_carry)
        return [choose(live, a, b) for a, b in zip(new, k, strict=True)] + [add(trips, convert(live, dtype=I64.dtype))] + ys

    trips_aval = ShapedArray((size,), I64.dtype)
    cc_avals, k_avals = derived_cond.in_avals[:n_cond], derived.in_avals[n_body:]
    cond2 = derived_cond.memoize(("any_live", n_cond), lambda: stage_closed(any_live, [*cc_avals, *k_avals, trips_aval]))
    body2 = derived.memoize(
        ("live_lanes", derived_cond, tuple(mask)),
        lambda: stage_closed(step, [*cc_avals, *derived.in_avals[:n_body], *k_avals, trips_aval]),
    )
    outs = loop(
        *cond_consts, *cond_consts, *consts, *carry, zeros(aval=trips_aval),
        cond=cond2, body=body2, n_cond=n_cond, n_body=n_cond + n_body, max_tape_bytes=max_tape_bytes,
    )  # fmt: skip
    carry_out, trips, _, ys = cut(outs, n_carry, 1, 1)
    return carry_out + trips + ys, [*[True] * (n_carry + 1), *out[n_carry:]]


while_ = Primitive("while", multi=True, impl=run, aval=run_aval, linearize=_linearize)
while_.jvp = functools.partial(jvp_rule, while_)
while_.batch = functools.partial(batch_rule, while_)
