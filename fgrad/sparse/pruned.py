"""Passes whose seeds are known: what a seed does not reach is not computed.

A seed is moved about (sliced, gathered) before it meets a coefficient. Where it is constant, that happens once, when the passes are staged; and a part
that is then zero everywhere, or one, needs no product. So where a colour is one parameter of every record, as in a bundle adjustment, its pass is the
partial derivative by that parameter, and not a derivative along a direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import typeof
from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.ops import elementwise
from fgrad.ops.shapes import zeros
from fgrad.transforms.autodiff import LinearProgram
from fgrad.transforms.cost import CALL, forward_work

_SUMS = {elementwise.add, elementwise.sub}


def push_known(program: LinearProgram, seeds: Sequence[np.ndarray]) -> list:
    """`program(seeds)` for constant seeds; None is zero."""
    env: dict[Var, Any] = dict(zip(program.invars, map(_unless_zero, seeds), strict=True))
    for eqn in program.eqns:
        env.update(zip(eqn.outvars, _outputs(eqn, env), strict=True))
    return [None if v is None else env[v] for v in program.outvars]


def _outputs(eqn: Equation, env: dict[Var, Any]) -> list:
    prim, linear = eqn.primitive, [a for a in eqn.inputs if type(a) is Var]
    if all(env[a] is None for a in linear):
        return [None] * len(eqn.outvars)
    if prim in _SUMS and any(env[a] is None for a in linear):
        x, y = (env[a] for a in eqn.inputs)
        return [x if y is None else y if prim is elementwise.add else elementwise.neg(y)]
    operands = [a if type(a) is not Var else zeros(aval=a.aval) if env[a] is None else env[a] for a in eqn.inputs]
    if prim is elementwise.mul:
        for x, y in (operands, reversed(operands)):
            if _is_one(x) and typeof(y).shape == typeof(x).shape:
                return [y]
    out = prim(*operands, **eqn.params)
    return [_unless_zero(o) for o in out] if prim.multi else [_unless_zero(out)]


def _unless_zero(x: Any) -> Any:
    return None if isinstance(x, (np.ndarray, np.generic)) and not np.any(x) else x


def _is_one(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f" and bool((x == 1).all())


def work(jaxpr: Jaxpr) -> float:
    """Seconds that the equations would take, apart from calling them."""
    return sum(w.seconds(1) - w.calls * CALL for eqn in jaxpr.eqns for w in forward_work(eqn))
