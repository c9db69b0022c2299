"""Products moved out of loops: what the body of a scan multiplies step by step, one product of large matrices does at once.

A product of an input of the step and a constant (`x @ U`) needs no earlier step: it is made for all steps ahead of the loop. A sum over the steps of
products (the gradient of a weight) is not needed until the loop ends: its factors are stacked, and multiplied behind it. The results differ by
rounding, so this is done where programs are compiled, and not by `simplify`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fgrad.compile.simplify import REWRITES, simplify
from fgrad.control.scan import scan
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation, Jaxpr, Var, dead_code_eliminated
from fgrad.core.stage import stage
from fgrad.ops.contract import contract, fresh_label
from fgrad.ops.elementwise import add
from fgrad.ops.shapes import reduce_sum, shift
from fgrad.transforms.jaxprs import cut

MOST_BYTES = 2**28
"""What is made ahead of a loop, or stacked in it, takes at most so much memory."""


@dataclass(frozen=True)
class _Delayed:
    """A carry that only collects a sum: its number, and the equation of the term."""

    carry: int
    term: Equation


def _moved(eqn: Equation) -> Jaxpr | None:
    """The loop with its products moved, as a jaxpr of its operands; None if none moves."""
    p = eqn.params
    if p["length"] is None or p["length"] < 2:
        return None
    body: Jaxpr = p["jaxpr"]
    key = ("moved", p["n_consts"], p["n_carry"], p["length"], p["reverse"])
    return body.memoize(key, lambda: _rewritten(simplify(body), **{k: v for k, v in p.items() if k != "jaxpr"}))


REWRITES["scan"] = _moved


def _fits(aval: Any, length: int) -> bool:
    return type(aval) is ShapedArray and length * aval.size * aval.dtype.itemsize <= MOST_BYTES


def _rewritten(body: Jaxpr, *, n_consts: int, n_carry: int, length: int, reverse: bool) -> Jaxpr | None:
    consts, carry, xs = cut(body.invars, n_consts, n_carry)
    reads = Counter(a for e in body.eqns for a in e.inputs if type(a) is Var) + Counter(a for a in body.outvars if type(a) is Var)
    early = [e for e in body.eqns if e.primitive is contract and _of_input_and_constant(e, consts, xs) and _fits(e.outvars[0].aval, length)]
    delayed = _delayed(body, consts, carry, reads, length)
    if not early and not delayed:
        return None

    gone = {d.carry for d in delayed}
    kept = [k for k in range(n_carry) if k not in gone]
    factors = dict.fromkeys(a for d in delayed for a in d.term.inputs if a not in xs)
    new_xs = [e.outvars[0] for e in early]
    skipped = {id(e) for e in early}
    outs = [body.outvars[k] for k in kept] + list(body.outvars[n_carry:]) + list(factors)
    inner = dead_code_eliminated(
        Jaxpr((*consts, *[carry[k] for k in kept], *xs, *new_xs), tuple(e for e in body.eqns if id(e) not in skipped), tuple(outs))
    )

    def whole(*operands: Any) -> list:
        c, k, x = cut(operands, n_consts, n_carry)
        known = {**dict(zip(consts, c, strict=True)), **dict(zip(xs, x, strict=True))}
        ahead = [_over_time(e, [known[a] for a in e.inputs], [a in xs for a in e.inputs]) for e in early]  # type: ignore[index]
        found = scan(
            *c, *[k[i] for i in kept], *x, *ahead, jaxpr=inner, n_consts=n_consts, n_carry=len(kept), length=length, reverse=reverse
        )
        carried, ys, stacked = cut(found, len(kept), len(body.outvars) - n_carry)
        known.update(zip(factors, stacked, strict=True))
        final: list[Any] = list(k)
        for i, value in zip(kept, carried, strict=True):
            final[i] = value
        for d in delayed:
            final[d.carry] = add(k[d.carry], _sum_over_time(d.term, [known[a] for a in d.term.inputs]))  # type: ignore[index]
        return final + ys

    avals = [*body.in_avals[: n_consts + n_carry], *[ShapedArray((length, *a.shape), a.dtype) for a in body.in_avals[n_consts + n_carry :]]]
    jaxpr, found_consts = stage(whole, avals, "scan")
    return None if found_consts else jaxpr


def _of_input_and_constant(e: Equation, consts: list, xs: list) -> bool:
    a, b = e.inputs
    return (a in xs and b in consts) or (a in consts and b in xs)


def _over_time(e: Equation, operands: list, stacked: list[bool]) -> Any:
    """The product of all steps: time is one more letter."""
    x, y, out = (e.params[k] for k in ("x_labels", "y_labels", "out_labels"))
    t = fresh_label(x, y, out)
    x, y = (t + labels if s else labels for labels, s in zip((x, y), stacked, strict=True))
    return contract(*operands, x_labels=x, y_labels=y, out_labels=t + out)


def _sum_over_time(e: Equation, operands: list) -> Any:
    """The sum of the terms of all steps."""
    if e.primitive is reduce_sum:
        return reduce_sum(operands[0], axes=(0, *shift(e.params["axes"])))
    x, y, out = (e.params[k] for k in ("x_labels", "y_labels", "out_labels"))
    t = fresh_label(x, y, out)
    return contract(*operands, x_labels=t + x, y_labels=t + y, out_labels=out)


def _delayed(body: Jaxpr, consts: list, carry: list, reads: Counter, length: int) -> list[_Delayed]:
    made_by = {v: e for e in body.eqns for v in e.outvars}
    products: list[_Delayed] = []
    sums: list[_Delayed] = []
    for k, (c, out) in enumerate(zip(carry, body.outvars, strict=False)):
        total = made_by.get(out) if type(out) is Var else None
        if total is None or total.primitive is not add or reads[c] != 1 or reads[out] != 1 or c not in total.inputs:
            continue
        (term,) = [a for a in total.inputs if a is not c] or [None]
        made = made_by.get(term) if type(term) is Var else None
        if made is None or reads[term] != 1 or any(type(a) is not Var or a in consts or not _fits(a.aval, length) for a in made.inputs):
            continue
        if made.primitive is contract:
            products.append(_Delayed(k, made))
        elif made.primitive is reduce_sum:
            sums.append(_Delayed(k, made))
    factors = {a for d in products for a in d.term.inputs}
    return products + [d for d in sums if d.term.inputs[0] in factors]  # what is stacked anyway
