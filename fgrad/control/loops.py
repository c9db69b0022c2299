"""What scan and while_loop share: linearizing a body once, hoisting what does not change, and finding which carries are active.

A body's operands are [consts, carry, xs], its outputs [carry, ys].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.control.residuals import thinned
from fgrad.core.avals import typeof
from fgrad.core.jaxpr import Jaxpr, Literal, Var, checked, dead_code_eliminated, eval_jaxpr
from fgrad.ops import specialized as specialized  # fills the table that written loops look in
from fgrad.ops.shapes import zeros
from fgrad.transforms.jaxprs import cut, jvp_jaxpr, linearize_jaxpr, present


def split_invariant(body: Jaxpr, n_consts: int) -> tuple[Jaxpr, tuple, list[Var]]:
    """Splits a body into what reads only its consts (a jaxpr of them) and the equations left; also the variables that those read."""
    consts = set(body.invars[:n_consts])
    invariant, before, rest = set(consts), [], []
    for eqn in body.eqns:
        fixed = eqn.inputs and not eqn.primitive.effectful and all(type(a) is Literal or a in invariant for a in eqn.inputs)
        if fixed:
            before.append(eqn)
            invariant.update(eqn.outvars)
        else:
            rest.append(eqn)
    needed: dict[Var, None] = {}
    for a in [a for e in rest for a in e.inputs] + list(body.outvars):
        if type(a) is Var and a in invariant and a not in consts:
            needed[a] = None
    pre = dead_code_eliminated(Jaxpr(body.invars[:n_consts], tuple(before), tuple(needed)))
    return pre, tuple(rest), list(needed)


def hoisted(body: Jaxpr, consts: Sequence[Any]) -> tuple[Jaxpr, list]:
    """The body without its loop-invariant part, which runs now, once, in the current trace (so it is also differentiated once)."""
    n = len(consts)
    pre, rest, needed = split_invariant(body, n)
    read = {a for e in rest for a in e.inputs if type(a) is Var} | {a for a in body.outvars if type(a) is Var}
    kept = [i for i, v in enumerate(body.invars[:n]) if v in read]
    values = [consts[i] for i in kept] + eval_jaxpr(pre, (), *consts)
    return checked(Jaxpr((*[body.invars[i] for i in kept], *needed, *body.invars[n:]), rest, body.outvars)), values


@dataclass(frozen=True, eq=False)
class LinearizedBody:
    """A body cut for differentiation.

    `before` computes the loop-invariant residuals from the consts; `body` is the primal body over [consts, invariants, carry, xs], its further
    outputs the residuals to stack; `linear` the linear body over [once, tangents of consts, of carry, each, tangents of xs]. `once` and `each` say
    where its residuals are found: ("const" | "invariant" | "x" | "y" | "saved", index).
    """

    before: Jaxpr
    body: Jaxpr
    linear: Jaxpr
    active: tuple[bool, ...]
    out_active: tuple[bool, ...]
    once: list[tuple[str, int]]
    each: list[tuple[str, int]]


def linearize_body(body: Jaxpr, n_consts: int, n_carry: int, active: Sequence[bool]) -> LinearizedBody:
    """Only equations that read a tangent stay in the linear body; a residual is loop-invariant, a forwarded x, an existing y, or newly stacked."""

    def make() -> LinearizedBody:
        act, n_outs = list(active), len(body.outvars)
        no_forward = range(n_consts, n_consts + n_carry)  # a carry differs in each step: it must be stacked
        while True:
            carried = act[n_consts : n_consts + n_carry]
            lz = linearize_jaxpr(body, act, (*carried, *[False] * (n_outs - n_carry)), no_forward)
            grown = [a or b for a, b in zip(carried, lz.out_active[:n_carry], strict=True)]
            if grown == carried:
                break
            act[n_consts : n_consts + n_carry] = grown
        primal = lz.primal
        before, rest, needed = split_invariant(primal, n_consts)
        fixed = {*primal.invars[:n_consts], *needed}
        ys = list(primal.outvars[n_carry:n_outs])
        wanted = [a for a in primal.outvars[n_outs:] if a not in fixed and a not in ys]
        xs = primal.invars[n_consts + n_carry :]
        saved, again = thinned(rest, wanted, {*fixed, *xs, *[y for y in ys if type(y) is Var]})  # type: ignore[arg-type]

        def source(kind: str, i: int) -> tuple[str, int]:
            if kind == "in":
                return ("const", i) if i < n_consts else ("x", i - n_consts - n_carry)
            v = primal.outvars[i]
            if v in primal.invars[:n_consts]:
                return "const", primal.invars.index(v)  # type: ignore[arg-type]
            if v in needed:
                return "invariant", needed.index(v)  # type: ignore[arg-type]
            return where(v)

        def where(v: Any) -> tuple[str, int]:
            for kind, values in (("y", ys), ("saved", saved), ("again", wanted), ("invariant", needed), ("x", xs)):
                if v in values:
                    return kind, list(values).index(v)
            return "const", primal.invars.index(v)

        sources = [source(*s) for s in lz.sources]
        residuals, tangents = cut(lz.linear.invars, len(sources))
        # what is not stacked is computed again in the linear body, from residuals that it may have to be given
        names: dict[Any, Var] = {}
        for (kind, i), v in zip(sources, residuals, strict=True):
            names[{"y": ys, "saved": saved, "again": wanted, "invariant": needed, "x": xs, "const": primal.invars}[kind][i]] = v
        for a in dict.fromkeys(a for eqn in again for a in eqn.inputs if type(a) is Var):
            if a not in names and a not in {v for eqn in again for v in eqn.outvars}:
                names[a] = Var(a.aval)
                sources.append(where(a))
                residuals.append(names[a])
        computed = []
        for eqn in again:
            inputs = [names[a] if type(a) is Var else a for a in eqn.inputs]
            computed.append(eqn._replace(inputs=inputs, outvars=[names.setdefault(v, Var(v.aval)) for v in eqn.outvars]))
        given = [i for i, (kind, _) in enumerate(sources) if kind != "again"]
        sources, residuals = [sources[i] for i in given], [residuals[i] for i in given]
        t_consts, t_carry, t_xs = cut(tangents, sum(act[:n_consts]), sum(act[n_consts : n_consts + n_carry]))
        once = [i for i, (kind, _) in enumerate(sources) if kind in ("const", "invariant")]
        each = [i for i in range(len(sources)) if i not in once]
        linear = Jaxpr(
            (*[residuals[i] for i in once], *t_consts, *t_carry, *[residuals[i] for i in each], *t_xs),
            (*computed, *lz.linear.eqns),
            lz.linear.outvars,
        )
        primal_body = Jaxpr((*primal.invars[:n_consts], *needed, *primal.invars[n_consts:]), rest, (*primal.outvars[:n_outs], *saved))
        return LinearizedBody(
            before, checked(primal_body), checked(linear), tuple(act), lz.out_active, [sources[i] for i in once], [sources[i] for i in each]
        )

    return body.memoize(("linearize_body", n_consts, n_carry, tuple(active)), make)


def carry_fixpoint(
    n_consts: int, n_carry: int, n_outs: int, mask: Sequence[bool], derive: Callable[[tuple, tuple], tuple[Jaxpr, Sequence[bool]]]
) -> tuple[Jaxpr, list[bool], Sequence[bool]]:
    """`derive(mask, force) -> (jaxpr, out_mask)`, with the carry's part of the mask grown until the outputs agree with it."""
    mask = list(mask)
    while True:
        carried = mask[n_consts : n_consts + n_carry]
        jaxpr, out = derive(tuple(mask), (*carried, *[False] * (n_outs - n_carry)))
        grown = [a or b for a, b in zip(carried, out[:n_carry], strict=True)]
        if grown == carried:
            return jaxpr, mask, out
        mask[n_consts : n_consts + n_carry] = grown


def jvp_body(body: Jaxpr, n_consts: int, n_carry: int, active: Sequence[bool]) -> tuple[Jaxpr, list[bool], Sequence[bool]]:
    """The body of primals and tangents together: [consts, t_consts, carry, t_carry, xs, t_xs] -> [carry, t_carry, ys, t_ys]."""
    n_outs = len(body.outvars)
    derived, act, out = carry_fixpoint(n_consts, n_carry, n_outs, active, lambda m, f: jvp_jaxpr(body, m, f))

    def make() -> Jaxpr:
        c, k, x, t = cut(derived.invars, n_consts, n_carry, len(body.invars) - n_consts - n_carry)
        tc, tk, tx = cut(t, sum(act[:n_consts]), sum(act[n_consts : n_consts + n_carry]))
        carry, ys, touts = cut(derived.outvars, n_carry, n_outs - n_carry)
        t_carry, t_ys = cut(touts, sum(out[:n_carry]))
        return checked(Jaxpr((*c, *tc, *k, *tk, *x, *tx), derived.eqns, (*carry, *t_carry, *ys, *t_ys)))

    return body.memoize(("jvp_body", n_consts, n_carry, tuple(active)), make), act, out


def jvp_operands(
    primals: Sequence[Any], tangents: Sequence[Any], active: Sequence[bool], n_consts: int, n_carry: int
) -> tuple[list, list, list]:
    """Operands for `jvp_body`: (consts, carry, xs), each with its tangents; active carries without one get zeros."""
    c, k, x = cut(primals, n_consts, n_carry)
    tc, tk, tx = cut(tangents, n_consts, n_carry)
    carried = active[n_consts : n_consts + n_carry]
    tk = [zeros(aval=typeof(p)) if t is None else t for p, t, m in zip(k, tk, carried, strict=True) if m]
    return c + present(tc), k + tk, x + present(tx)
