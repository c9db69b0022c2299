"""A choice between branches as a primitive: `branches[index]` run on the operands.

Under vmap with a batched index every branch that some example takes runs on all lanes, idle lanes repeating a live one's operands (with zero
tangents), so that an untaken branch can neither make a NaN nor loop forever; the results are then selected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile.simplify import simplify
from fgrad.control.call import linear_operands
from fgrad.control.scan import fill_lanes
from fgrad.core.avals import I64, typeof
from fgrad.core.evaluate import runner
from fgrad.core.jaxpr import Equation, Jaxpr, Var, checked, eval_jaxpr
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import convert, eq
from fgrad.ops.reductions import reduce_or
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import choose
from fgrad.transforms.jaxprs import Linearized, batch_jaxpr, cut, jvp_jaxpr, linearize_jaxpr, present, spread, stage_closed, transpose_jaxpr


def _rename(jaxpr_eqns: Sequence[Equation], env: dict) -> tuple[Equation, ...]:
    return tuple(e._replace(inputs=[env.get(a, a) if type(a) is Var else a for a in e.inputs]) for e in jaxpr_eqns)


def _same_residuals(lzs: Sequence[Linearized]) -> tuple[list[Jaxpr], list[list[int]], list[Any]]:
    """Gives every branch the same saved outputs: slots shared by type, zeros where a branch has nothing to save. Also each residual's slot."""
    n = len(lzs[0].out_active)
    slots: list[Any] = []
    places: list[list[int]] = []
    for lz in lzs:
        free, mine = list(range(len(slots))), []
        for a in lz.primal.out_avals[n:]:
            k = next((i for i in free if slots[i] == a), None)
            if k is None:
                k = len(slots)
                slots.append(a)
            else:
                free.remove(k)
            mine.append(k)
        places.append(mine)
    bodies = []
    for lz, mine in zip(lzs, places, strict=True):
        eqns, outs = list(lz.primal.eqns), list(lz.primal.outvars[:n])
        for k, a in enumerate(slots):
            if k in mine:
                outs.append(lz.primal.outvars[n + mine.index(k)])
            else:
                v = Var(a)
                eqns.append(Equation(zeros, (), {"aval": a}, (v,), None))
                outs.append(v)
        bodies.append(checked(Jaxpr(lz.primal.invars, tuple(eqns), tuple(outs))))
    return bodies, places, slots


def _linearized(branches: tuple[Jaxpr, ...], active: tuple[bool, ...]) -> tuple:
    force = [any(m) for m in zip(*[linearize_jaxpr(b, active).out_active for b in branches], strict=True)]
    lzs = [linearize_jaxpr(b, active, force) for b in branches]
    bodies, places, slots = _same_residuals(lzs)
    n = len(force)
    ins = sorted({i for lz in lzs for kind, i in lz.sources if kind == "in"})
    linears = []
    for lz, mine in zip(lzs, places, strict=True):  # each takes [inputs that any branch needs, slots, tangents]
        from_in = {i: Var(lz.primal.invars[i].aval) for i in ins}
        from_slot = [Var(a) for a in slots]
        residuals, tangents = cut(lz.linear.invars, len(lz.sources))
        env = {r: from_in[i] if kind == "in" else from_slot[mine[i - n]] for r, (kind, i) in zip(residuals, lz.sources, strict=True)}
        outs = tuple(env.get(a, a) if type(a) is Var else a for a in lz.linear.outvars)
        linears.append(checked(Jaxpr((*from_in.values(), *from_slot, *tangents), _rename(lz.linear.eqns, env), outs)))
    return tuple(bodies), tuple(linears), ins, force


def _linearize(primals: Sequence[Any], active: Sequence[bool], *, branches: tuple[Jaxpr, ...]) -> tuple[list, Callable]:
    index, *operands = primals
    mask = tuple(active[1:])
    bodies, linears, ins, force = branches[0].memoize(("cond", branches, mask), lambda: _linearized(branches, mask))
    outs, saved = cut(cond(index, *operands, branches=bodies), len(force))

    def lin(tangents: Sequence[Any]) -> list:
        if not any(force):
            return [None] * len(force)
        return spread(cond(index, *[operands[i] for i in ins], *saved, *present(tangents[1:]), branches=linears), force)

    return outs, lin


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], *, branches: tuple[Jaxpr, ...]) -> tuple[list, list]:
    index, *operands = primals
    active = [t is not None for t in tangents[1:]]
    out = [any(m) for m in zip(*[jvp_jaxpr(b, active)[1] for b in branches], strict=True)]
    derived = tuple(jvp_jaxpr(b, active, out)[0] for b in branches)
    outs, touts = cut(cond(index, *operands, *present(tangents[1:]), branches=derived), len(out))
    return outs, spread(touts, out)


def _transpose(cts: Sequence[Any], index: Any, *args: Any, branches: tuple[Jaxpr, ...]) -> list:
    linear, values = linear_operands(args)
    given = [ct is not None for ct in cts]
    derived = tuple(transpose_jaxpr(b, linear, given, force=True)[0] for b in branches)
    return [None, *spread(cond(index, *values, *present(cts), branches=derived), linear)]


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, branches: tuple[Jaxpr, ...]) -> tuple[list, Sequence[bool]]:
    index, *operands = values
    mask = mapped[1:]
    if not mapped[0]:
        out = [any(m) for m in zip(*[batch_jaxpr(b, size, mask)[1] for b in branches], strict=True)]
        return cond(index, *operands, branches=tuple(batch_jaxpr(b, size, mask, out)[0] for b in branches)), out
    outs = None
    for k, branch in enumerate(branches):
        taken = eq(index, np.int64(k))
        found = _on_live_lanes(batch_jaxpr(branch, size, mask, True)[0], mask, taken, operands)
        outs = found if outs is None else [choose(taken, a, b) for a, b in zip(found, outs, strict=True)]
    assert outs is not None  # there is a branch
    return outs, [True] * len(outs)


def _on_live_lanes(branch: Jaxpr, mask: Sequence[bool], taken: Any, operands: Sequence[Any]) -> list:
    """A batched branch, run if any lane takes it."""

    def make() -> tuple[Jaxpr, Jaxpr]:
        run = stage_closed(lambda p, *xs: eval_jaxpr(branch, (), *fill_lanes(p, xs, mask)), [typeof(taken), *branch.in_avals])
        skip = stage_closed(lambda *xs: [zeros(aval=a) for a in branch.out_avals], run.in_avals)
        return skip, run

    any_taken = convert(reduce_or(taken, axes=(0,)), dtype=I64.dtype)
    return cond(any_taken, taken, *operands, branches=branch.memoize(("live_lanes", tuple(mask)), make))


cond = Primitive(
    "cond",
    multi=True,
    impl=lambda index, *operands, branches: runner(branches[int(index)], prepare=simplify)(*operands),
    aval=lambda index, *operands, branches: branches[0].out_avals,
    linearize=_linearize,
    jvp=_jvp,
    transpose=_transpose,
    batch=_batch,
)
