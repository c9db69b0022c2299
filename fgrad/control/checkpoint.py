"""checkpoint: recompute in the backward pass instead of keeping residuals.

`remat` saves its inputs only. Its linear part is one call that recomputes the primal program and applies the linear map; transposing
that call evaluates what reads no tangent first (`backward_jaxpr`), which is the recomputation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fgrad.control.call import call
from fgrad.core.jaxpr import Jaxpr, Var, checked, dead_code_eliminated
from fgrad.core.primitive import Primitive
from fgrad.transforms.jaxprs import Linearized, batch_jaxpr, linearize_jaxpr, present, spread


def _joined(jaxpr: Jaxpr, lz: Linearized) -> Jaxpr:
    """One jaxpr over [inputs, active tangents]: the primal program, then the linear one on its residuals."""
    n = len(lz.sources)
    residuals = lz.residuals(lz.primal.invars, lz.primal.outvars)
    env = dict(zip(lz.linear.invars[:n], residuals, strict=True))

    def substitute(a: Any) -> Any:
        return env.get(a, a) if type(a) is Var else a

    eqns = tuple(e._replace(inputs=[substitute(a) for a in e.inputs]) for e in lz.linear.eqns)
    outs = tuple(substitute(a) for a in lz.linear.outvars)
    return checked(dead_code_eliminated(Jaxpr(lz.primal.invars + lz.linear.invars[n:], lz.primal.eqns + eqns, outs)))


def _linearize(primals: Sequence[Any], active: Sequence[bool], *, jaxpr: Jaxpr) -> tuple[list, Any]:
    lz = linearize_jaxpr(jaxpr, active)
    joined = jaxpr.memoize(("checkpoint", tuple(active)), lambda: _joined(jaxpr, lz))

    def lin(tangents: Sequence[Any]) -> list:
        if not any(lz.out_active):
            return [None] * len(lz.out_active)
        return spread(call(*primals, *present(tangents), jaxpr=joined, name="checkpoint"), lz.out_active)

    return remat(*primals, jaxpr=jaxpr), lin


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, jaxpr: Jaxpr) -> tuple[list, Sequence[bool]]:
    derived, out_mapped = batch_jaxpr(jaxpr, size, mapped)
    return remat(*values, jaxpr=derived), out_mapped


remat = Primitive(
    "checkpoint",
    multi=True,
    impl=lambda *args, jaxpr: jaxpr(*args),
    aval=lambda *args, jaxpr: jaxpr.out_avals,
    linearize=_linearize,
    batch=_batch,
)
