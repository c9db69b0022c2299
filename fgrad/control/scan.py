"""scan as a primitive: a loop whose trip count is known before it runs.

Operands are [trip count if length is None, consts, carry, xs]; outputs [carry, ys]. With a static length ys are arrays with a new first axis; with
length None they are stacks, and so is every residual of a while loop: the linear part of a while *is* a scan of dynamic length, so
transposition, higher orders and vmap are all here. xs may be stacks in either.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile.simplify import simplify
from fgrad.control.call import linear_operands
from fgrad.control.loops import LinearizedBody, carry_fixpoint, jvp_body, jvp_operands, linearize_body
from fgrad.core.avals import I64, ShapedArray, Stack, StackType, typeof
from fgrad.core.evaluate import looper
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import add, lt, sub
from fgrad.ops.reductions import reduce_max
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import accumulate, choose, is_stack, lane_fill, materialize, swap_first_axes
from fgrad.transforms.jaxprs import batch_jaxpr, cut, present, spread, stage_closed, transpose_jaxpr


def stacked(aval: Any, length: int | None) -> Any:
    """The type of a run of these."""
    return ShapedArray((length, *aval.shape), aval.dtype) if length is not None and type(aval) is ShapedArray else StackType(aval)


def parts(args: Sequence[Any], n_consts: int, n_carry: int, length: int | None) -> list[list]:
    """Operands as [trip count or nothing], consts, carry, xs."""
    return cut(args, int(length is None), n_consts, n_carry)


def run(*args: Any, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool) -> list:
    head, consts, carry, xs = parts(args, n_consts, n_carry, length)
    n = max(int(head[0]), 0) if length is None else length
    avals = jaxpr.out_avals[n_carry:]
    whole = [length is not None and type(a) is ShapedArray for a in avals]
    ys: list[Any] = [np.empty((n, *a.shape), a.dtype) if w else [None] * n for a, w in zip(avals, whole, strict=True)]
    loop = looper(jaxpr, n_consts, n_carry, n, simplify)
    carry = loop(range(n - 1, -1, -1) if reverse else range(n), consts, carry, xs, ys)
    return carry + [y if w else Stack(y, a) for y, w, a in zip(ys, whole, avals, strict=True)]


def run_aval(*args: Any, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool) -> list:
    avals = jaxpr.out_avals
    return avals[:n_carry] + [stacked(a, length) for a in avals[n_carry:]]


def linear_loop(
    lz: LinearizedBody,
    head: list,
    length: int | None,
    reverse: bool,
    n_consts: int,
    n_carry: int,
    found: dict[str, list],
    carry_avals: list,
) -> Callable[[Sequence[Any]], list]:
    """The linear part of a loop: a scan of the linear body over the residuals. `found` holds values by the kinds that `lz` names."""
    once = [found[kind][i] for kind, i in lz.once]
    each = [found[kind][i] for kind, i in lz.each]
    carried = lz.active[n_consts : n_consts + n_carry]

    def lin(tangents: Sequence[Any]) -> list:
        if not any(lz.out_active):
            return [None] * len(lz.out_active)
        tc, tk, tx = cut(tangents, n_consts, n_carry)
        tc, tx = present(tc), present(tx)
        tk = [zeros(aval=a) if t is None else t for t, a, m in zip(tk, carry_avals, carried, strict=True) if m]
        outs = scan(
            *head,
            *once,
            *tc,
            *tk,
            *each,
            *tx,
            jaxpr=lz.linear,
            n_consts=len(once) + len(tc),
            n_carry=len(tk),
            length=length,
            reverse=reverse,
        )
        return spread(outs, lz.out_active)

    return lin


def _linearize(
    primals: Sequence[Any], active: Sequence[bool], *, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool
) -> tuple[list, Callable]:
    head, consts, carry, xs = parts(primals, n_consts, n_carry, length)
    lz = linearize_body(jaxpr, n_consts, n_carry, active[len(head) :])
    invariants = eval_jaxpr(lz.before, (), *consts)
    outs = scan(
        *head, *consts, *invariants, *carry, *xs,
        jaxpr=lz.body, n_consts=n_consts + len(invariants), n_carry=n_carry, length=length, reverse=reverse,
    )  # fmt: skip
    carry_out, ys, saved = cut(outs, n_carry, len(jaxpr.outvars) - n_carry)
    found = {"const": consts, "invariant": invariants, "x": xs, "y": ys, "saved": saved}
    lin = linear_loop(lz, head, length, reverse, n_consts, n_carry, found, jaxpr.out_avals[:n_carry])
    return carry_out + ys, lambda tangents: lin(tangents[len(head) :])


def jvp_rule(
    loop: Callable,
    primals: Sequence[Any],
    tangents: Sequence[Any],
    *,
    jaxpr: Jaxpr,
    n_consts: int,
    n_carry: int,
    length: int | None,
    reverse: bool,
) -> tuple[list, list]:
    """Primals and tangents in one loop; `loop` is scan, or a variant of it."""
    h = int(length is None)
    body, active, out = jvp_body(jaxpr, n_consts, n_carry, [t is not None for t in tangents[h:]])
    c, k, x = jvp_operands(primals[h:], tangents[h:], active, n_consts, n_carry)
    outs = loop(*primals[:h], *c, *k, *x, jaxpr=body, n_consts=len(c), n_carry=len(k), length=length, reverse=reverse)
    carry, t_carry, ys, t_ys = cut(outs, n_carry, len(k) - n_carry, len(jaxpr.outvars) - n_carry)
    return carry + ys, spread(t_carry + t_ys, out)


def _transpose(cts: Sequence[Any], *args: Any, jaxpr: Jaxpr, n_consts: int, n_carry: int, length: int | None, reverse: bool) -> list:
    head, consts, _, xs = parts(args, n_consts, n_carry, length)
    linear_c, consts = linear_operands(consts)
    linear_x, xs = linear_operands(xs)
    n_linear = sum(linear_c)
    carry_avals = jaxpr.out_avals[:n_carry]
    ct_carry = [zeros(aval=a) if ct is None else ct for ct, a in zip(cts[:n_carry], carry_avals, strict=True)]
    y_given, ct_ys = [ct is not None for ct in cts[n_carry:]], present(cts[n_carry:])
    # every carry counts as linear, even one that starts at a plain zero
    linear = (*linear_c, *[True] * n_carry, *linear_x)

    def make() -> Jaxpr:
        derived, _ = transpose_jaxpr(jaxpr, linear, [True] * n_carry + y_given, force=True)

        def body(*operands: Any) -> list:
            # [consts, ct_carry, sums of ct_consts, xs, ct_ys] -> [ct_carry, sums, ct_xs]
            c, k, sums, x, y = cut(operands, len(consts), n_carry, n_linear, len(xs))
            ct_c, ct_k, ct_x = cut(eval_jaxpr(derived, (), *c, *x, *k, *y), n_linear, n_carry)
            return ct_k + [accumulate(a, b) for a, b in zip(sums, ct_c, strict=True)] + ct_x

        of = lambda variables, mask: [v.aval for v, m in zip(variables, mask, strict=True) if m]
        c, _, x = cut(jaxpr.invars, n_consts, n_carry)
        fixed_c, fixed_x = of(c, [not m for m in linear_c]), of(x, [not m for m in linear_x])
        y_avals = [a for a, m in zip(jaxpr.out_avals[n_carry:], y_given, strict=True) if m]
        return stage_closed(body, fixed_c + carry_avals + of(c, linear_c) + fixed_x + y_avals)

    derived = jaxpr.memoize(("scan_transpose", n_consts, n_carry, linear, tuple(y_given)), make)
    sums = [zeros(aval=v.aval) for v, m in zip(jaxpr.invars[:n_consts], linear_c, strict=True) if m]
    outs = scan(
        *head, *consts, *ct_carry, *sums, *xs, *ct_ys,
        jaxpr=derived, n_consts=len(consts), n_carry=n_carry + n_linear, length=length, reverse=not reverse,
    )  # fmt: skip
    ct_k, ct_c, ct_x = cut(outs, n_carry, n_linear)
    return [None] * len(head) + spread(ct_c, linear_c) + ct_k + spread(ct_x, linear_x)


def fill_lanes(live: Any, values: Sequence[Any], mapped: Sequence[bool]) -> list:
    """Batched operands in which idle lanes repeat a live one."""
    return [lane_fill(live, v) if m else v for v, m in zip(values, mapped, strict=True)]


def batch_rule(
    loop: Callable,
    size: int,
    values: Sequence[Any],
    mapped: Sequence[bool],
    *,
    jaxpr: Jaxpr,
    n_consts: int,
    n_carry: int,
    length: int | None,
    reverse: bool,
) -> tuple[list, Sequence[bool]]:
    """The loop on batches; `loop` is scan, or a variant of it."""
    h, n_outs = int(length is None), len(jaxpr.outvars)
    head, consts, carry, xs = parts(values, n_consts, n_carry, length)
    mask = list(mapped[h:])
    ragged = any(mapped[:h])
    if ragged:
        mask[n_consts : n_consts + n_carry] = [True] * n_carry
    body, mask, out = carry_fixpoint(n_consts, n_carry, n_outs, mask, lambda m, f: batch_jaxpr(jaxpr, size, m, f))
    m_carry, m_xs = mask[n_consts : n_consts + n_carry], mask[n_consts + n_carry :]
    was = mapped[h + n_consts :]
    carry = [materialize(size, k, was[i]) if m else k for i, (k, m) in enumerate(zip(carry, m_carry, strict=True))]
    # the loop's axis leads in its xs and ys, the mapped one comes next
    xs = [swap_first_axes(x) if m and not is_stack(x) else x for x, m in zip(xs, m_xs, strict=True)]
    if ragged:
        outs = _ragged(loop, size, body, mask, out, head[0], consts, carry, xs, n_consts, n_carry, reverse)
        out = [True] * n_outs
    else:
        outs = loop(*head, *consts, *carry, *xs, jaxpr=body, n_consts=n_consts, n_carry=n_carry, length=length, reverse=reverse)
    outs = [swap_first_axes(o) if i >= n_carry and m and not is_stack(o) else o for i, (o, m) in enumerate(zip(outs, out, strict=True))]
    return outs, out


def _ragged(
    loop: Callable,
    size: int,
    body: Jaxpr,
    mask: list[bool],
    out: Sequence[bool],
    trips: Any,
    consts: list,
    carry: list,
    xs: list,
    n_consts: int,
    n_carry: int,
    reverse: bool,
) -> list:
    """A trip count for each lane: runs the longest, with finished lanes frozen."""
    longest = reduce_max(trips, axes=(0,))

    def masked(*operands: Any) -> list:
        (n,), c, (i,), k, x = cut(operands, 1, n_consts, 1, n_carry)
        live = lt(materialize(size, i, False), n)
        new, ys = cut(eval_jaxpr(body, (), *fill_lanes(live, [*c, *k, *x], mask)), n_carry)
        ys = [materialize(size, y, m) for y, m in zip(ys, out[n_carry:], strict=True)]
        ys = [choose(live, y, zeros(aval=typeof(y))) for y in ys]
        return [add(i, -1 if reverse else 1)] + [choose(live, a, b) for a, b in zip(new, k, strict=True)] + ys

    c, k, x = cut(body.in_avals, n_consts, n_carry)
    derived = body.memoize(("ragged", size, tuple(mask), reverse), lambda: stage_closed(masked, [typeof(trips), *c, I64, *k, *x]))
    first = sub(longest, 1) if reverse else np.int64(0)
    return loop(
        longest, trips, *consts, first, *carry, *xs, jaxpr=derived, n_consts=n_consts + 1, n_carry=n_carry + 1, length=None, reverse=reverse
    )[1:]


scan = Primitive("scan", multi=True, impl=run, aval=run_aval, linearize=_linearize, transpose=_transpose)
scan.jvp = functools.partial(jvp_rule, scan)
scan.batch = functools.partial(batch_rule, scan)
