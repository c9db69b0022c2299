"""Loops that keep few states for reverse mode and recompute the rest.

The primal loop runs as it is and keeps nothing but its operands, and, for a while loop, its trip count. The backward pass so knows the
number of steps, whether or not it was known before, and reverses them by the binomial schedule (`schedule.py`). It is a primitive of its own;
what it computes is also the jaxpr of the ordinary backward loop, which gives its derivatives and batches.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile.simplify import simplify
from fgrad.control import scan as scans
from fgrad.control import while_loop as whiles
from fgrad.control.call import like_a_call
from fgrad.control.loops import linearize_body
from fgrad.control.scan import parts, scan, stacked
from fgrad.control.schedule import default_states, reverse_steps
from fgrad.core.avals import I64, Stack, StackType
from fgrad.core.evaluate import looper, runner
from fgrad.core.jaxpr import Jaxpr, dead_code_eliminated, eval_jaxpr
from fgrad.core.primitive import Primitive
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import accumulate
from fgrad.transforms.autodiff import jvp_flat, linearize_flat
from fgrad.transforms.jaxprs import cut, linearize_jaxpr, present, spread, stage_closed
from fgrad.transforms.transpose import backward_jaxpr, transpose_program


def _operand_avals(jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None) -> list:
    c, k, x = cut(jaxpr.in_avals, n_consts, n_carry)
    return ([I64] if length is None else []) + c + k + [stacked(a, length) for a in x]


def _active(values: Sequence[Any], active: Sequence[bool]) -> list:
    return [v for v, m in zip(values, active, strict=True) if m]


# -- the linear part: applied forward, tangents alone of the loop of primals and tangents


def _linear_equivalent(
    *, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool, states: int, wrt: tuple, wrt_out: tuple
) -> Jaxpr:
    def run(*operands: Any) -> list:
        head, consts, carry, rest = parts(operands, n_consts, n_carry, length)
        xs, tangents = cut(rest, len(jaxpr.invars) - n_consts - n_carry)
        loop = lambda *args: scan(*head, *args, jaxpr=jaxpr, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse)
        _, touts = jvp_flat(loop, [*consts, *carry, *xs], spread(tangents, wrt))
        avals = scans.run_aval(jaxpr=jaxpr, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse)
        return [zeros(aval=a) if t is None else t for t, a, m in zip(touts, avals, wrt_out, strict=True) if m]

    def make() -> Jaxpr:
        avals = _operand_avals(jaxpr, n_consts, n_carry, length)
        return stage_closed(run, avals + _active(avals[int(length is None) :], wrt))

    return jaxpr.memoize(("checkpointed_linear", n_consts, n_carry, length, reverse, wrt, wrt_out), make)


def _linear_impl(*args: Any, **params: Any) -> list:
    return _linear_equivalent(**params)(*args)


def _linear_transpose(cts: Sequence[Any], *args: Any, jaxpr: Jaxpr, wrt_out: tuple, **params: Any) -> list:
    # every tangent counts as linear, even one that is a plain zero
    values = args[: len(args) - sum(params["wrt"])]
    given = spread([ct is not None for ct in cts], wrt_out)
    n_carry = params["n_carry"]
    avals = [a for a, m in zip(jaxpr.out_avals[:n_carry], wrt_out[:n_carry], strict=True) if m]
    ct_carry = [zeros(aval=a) if ct is None else ct for ct, a in zip(cts[: len(avals)], avals, strict=True)]
    y_given = tuple(bool(g) for g in given[n_carry:])
    grads = reversed_loop(*values, *ct_carry, *present(cts[len(avals) :]), jaxpr=jaxpr, y_given=y_given, **params)
    return [None] * len(values) + grads


checkpointed_linear = like_a_call("checkpointed_linear", _linear_impl, _linear_equivalent, _linear_transpose)


# -- the backward loop: operands [trip count, consts, carry, xs, ct of the active carries, cts given of ys] -> cts of the active operands


def _reversed_equivalent(
    *, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool, states: int, wrt: tuple, y_given: tuple
) -> Jaxpr:
    carried = wrt[n_consts : n_consts + n_carry]
    operands = _operand_avals(jaxpr, n_consts, n_carry, length)
    avals = operands[int(length is None) :]

    def run(*args: Any) -> list:
        head, consts, carry, rest = parts(args, n_consts, n_carry, length)
        xs, cts = cut(rest, len(avals) - n_consts - n_carry)
        loop = lambda *args: scan(*head, *args, jaxpr=jaxpr, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse)
        _, program = linearize_flat(loop, [*consts, *carry, *xs], wrt)
        grads = transpose_program(program, spread(cts, (*carried, *y_given)))
        return [zeros(aval=a) if g is None else g for g, a in zip(grads, _active(avals, wrt), strict=True)]

    def make() -> Jaxpr:
        outs = scans.run_aval(jaxpr=jaxpr, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse)
        return stage_closed(run, operands + _active(outs, (*carried, *y_given)))

    return jaxpr.memoize(("reversed", n_consts, n_carry, length, reverse, wrt, y_given), make)


def _step_vjp(jaxpr: Jaxpr, n_consts: int, n_carry: int, wrt: tuple, y_given: tuple) -> Jaxpr:
    """One step backward: [consts, carry, xs, ct of active carries, cts given of ys] -> cts of the active operands."""
    carried = wrt[n_consts : n_consts + n_carry]
    avals = jaxpr.in_avals

    def run(*args: Any) -> list:
        primals, cts = cut(args, len(avals))
        lz = linearize_jaxpr(jaxpr, wrt, (*carried, *[False] * len(y_given)))
        residuals = lz.residuals(primals, eval_jaxpr(lz.primal, (), *primals))
        cts = [ct for ct, m in zip(spread(cts, (*carried, *y_given)), lz.out_active, strict=True) if m]
        mask = [False] * len(residuals) + [True] * sum(wrt)
        grads = backward_jaxpr(lz.linear, mask, residuals, cts)
        return [zeros(aval=a) if g is None else g for g, a in zip(grads, _active(avals, wrt), strict=True)]

    return jaxpr.memoize(
        ("step_vjp", n_consts, n_carry, wrt, y_given), lambda: stage_closed(run, avals + _active(jaxpr.out_avals, (*carried, *y_given)))
    )


def _carry_alone(jaxpr: Jaxpr, n_carry: int) -> Jaxpr:
    """The body without its ys."""
    return jaxpr.memoize(("carry_alone", n_carry), lambda: dead_code_eliminated(Jaxpr(jaxpr.invars, jaxpr.eqns, jaxpr.outvars[:n_carry])))


class _States:
    """The states that a backward loop keeps: for each part of the carry one array of them all, or a list where it is a stack."""

    def __init__(self, avals: Sequence[Any], most: int):
        self.parts: list[Any] = [[None] * most if type(a) is StackType else np.empty((most, *a.shape), a.dtype) for a in avals]

    def __setitem__(self, k: int, state: Sequence[Any]) -> None:
        for part, value in zip(self.parts, state, strict=True):
            part[k] = value

    def __getitem__(self, k: int) -> list:
        # a copy: the slot may be written before the state is done with
        return [part[k].copy() if isinstance(part, np.ndarray) and part.ndim > 1 else part[k] for part in self.parts]


def _reversed_impl(
    *args: Any, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool, states: int, wrt: tuple, y_given: tuple
) -> list:
    head, consts, carry, rest = parts(args, n_consts, n_carry, length)
    n = max(int(head[0]), 0) if length is None else length
    a_consts, a_carry, a_xs = cut(wrt, n_consts, n_carry)
    xs, ct_carry, ct_ys = cut(rest, len(a_xs), sum(a_carry))
    forward = looper(_carry_alone(jaxpr, n_carry), n_consts, n_carry, n, simplify)
    step_vjp = runner(_step_vjp(jaxpr, n_consts, n_carry, wrt, y_given), n, simplify)
    sums = [0] * sum(a_consts)
    x_avals = _active(jaxpr.in_avals[n_consts + n_carry :], a_xs)
    whole = [length is not None and type(a) is not StackType for a in x_avals]
    ct_xs: list[Any] = [np.zeros((n, *a.shape), a.dtype) if w else [None] * n for a, w in zip(x_avals, whole, strict=True)]
    place = (lambda i: n - 1 - i) if reverse else (lambda i: i)

    def advance(state: list, start: int, stop: int) -> list:
        return forward(range(n - 1 - start, n - 1 - stop, -1) if reverse else range(start, stop), consts, state, xs, [])

    def adjoint(state: list, i: int) -> None:
        nonlocal sums, ct_carry
        j = place(i)
        grads = step_vjp(*consts, *state, *[x[j] for x in xs], *ct_carry, *[y[j] for y in ct_ys])
        ct_consts, ct_carry, ct_x = cut(grads, len(sums), len(ct_carry))
        sums = ct_consts if i == n - 1 else [accumulate(a, b) for a, b in zip(sums, ct_consts, strict=True)]
        for all_of_it, ct in zip(ct_xs, ct_x, strict=True):
            all_of_it[j] = ct

    if n:
        most = min(states or default_states(n), n)
        reverse_steps(n, most, carry, advance, adjoint, _States(jaxpr.out_avals[:n_carry], most))
    else:
        sums = [zeros(aval=a) for a in _active(jaxpr.in_avals[:n_consts], a_consts)]
    return sums + list(ct_carry) + [x if w else Stack(x, a) for x, w, a in zip(ct_xs, whole, x_avals, strict=True)]


reversed_loop = like_a_call("reversed_loop", _reversed_impl, _reversed_equivalent)


# -- the loops


def _linear_part(
    head: list,
    operands: list,
    jaxpr: Jaxpr,
    n_consts: int,
    n_carry: int,
    length: int | None,
    reverse: bool,
    states: int,
    active: Sequence[bool],
) -> tuple[Callable, Sequence[bool]]:
    """tangents -> tangents of a loop over these operands, and which outputs have one."""
    lz = linearize_body(jaxpr, n_consts, n_carry, active)

    def lin(tangents: Sequence[Any]) -> list:
        if not any(lz.out_active):
            return [None] * len(lz.out_active)
        avals = _operand_avals(jaxpr, n_consts, n_carry, length)[len(head) :]
        full = [zeros(aval=a) if t is None else t for t, a, m in zip(tangents, avals, lz.active, strict=True) if m]
        touts = checkpointed_linear(
            *head, *operands, *full, jaxpr=jaxpr, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse, states=states,
            wrt=lz.active, wrt_out=lz.out_active,
        )  # fmt: skip
        return spread(touts, lz.out_active)

    return lin, lz.out_active


def _scan_linearize(primals: Sequence[Any], active: Sequence[bool], *, states: int, **params: Any) -> tuple[list, Callable]:
    outs = checkpointed_scan(*primals, states=states, **params)
    h = int(params["length"] is None)
    lin, _ = _linear_part(list(primals[:h]), list(primals[h:]), states=states, active=active[h:], **params)
    return outs, lambda tangents: lin(tangents[h:])


checkpointed_scan = Primitive(
    "checkpointed_scan",
    multi=True,
    impl=lambda *args, states, **params: scans.run(*args, **params),
    aval=lambda *args, states, **params: scans.run_aval(*args, **params),
    linearize=_scan_linearize,
    jvp=lambda primals, tangents, *, states, **params: scans.jvp_rule(
        functools.partial(checkpointed_scan, states=states), primals, tangents, **params
    ),
    batch=lambda size, values, mapped, *, states, **params: scans.batch_rule(
        functools.partial(checkpointed_scan, states=states), size, values, mapped, **params
    ),
)


def _while_linearize(
    primals: Sequence[Any],
    active: Sequence[bool],
    *,
    cond: Jaxpr,
    body: Jaxpr,
    n_cond: int,
    n_body: int,
    max_tape_bytes: int | None,
    states: int,
) -> tuple[list, Callable]:
    outs = checkpointed_while(*primals, cond=cond, body=body, n_cond=n_cond, n_body=n_body, max_tape_bytes=max_tape_bytes, states=states)
    operands = list(primals[n_cond:])
    n_carry = len(operands) - n_body
    trips = outs[n_carry : n_carry + 1]
    lin, _ = _linear_part(trips, operands, body, n_body, n_carry, None, False, states, active[n_cond:])

    def with_trips(tangents: Sequence[Any]) -> list:
        touts = lin(tangents[n_cond:])
        return touts[:n_carry] + [None] + touts[n_carry:]

    return outs, with_trips


checkpointed_while = Primitive(
    "checkpointed_while",
    multi=True,
    impl=lambda *args, states, **params: whiles.run(*args, **params),
    aval=lambda *args, states, **params: whiles.run_aval(*args, **params),
    linearize=_while_linearize,
    jvp=lambda primals, tangents, *, states, **params: whiles.jvp_rule(
        functools.partial(checkpointed_while, states=states), primals, tangents, **params
    ),
    batch=lambda size, values, mapped, *, states, **params: whiles.batch_rule(
        functools.partial(checkpointed_while, states=states), size, values, mapped, **params
    ),
)
