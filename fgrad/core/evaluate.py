"""Evaluating a jaxpr many times: as a Python function written for it, with no dispatch between the equations.

Only where values are computed and not traced; `eval_jaxpr` serves everything else.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from fgrad.core.jaxpr import Jaxpr, Literal, eval_jaxpr, last_uses
from fgrad.core.trace import EvalTrace, current_trace

_INFIX = {operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/"}
_WORTH = 3  # calls after which writing the function has paid
_LONGEST = 5000  # equations; Python compiles a longer function slowly


def runner(jaxpr: Jaxpr, times: int = 1, prepare: Callable[[Jaxpr], Jaxpr] = lambda jaxpr: jaxpr) -> Callable[..., list]:
    """A function of the jaxpr's inputs that returns its outputs, for a caller that will use it `times` times.

    `prepare` makes an equivalent jaxpr; it is called where writing a function is worth while.
    """
    if type(current_trace()) is not EvalTrace or len(jaxpr.eqns) > _LONGEST:
        return functools.partial(eval_jaxpr, jaxpr, ())
    made = jaxpr.memo.get("runner")
    if made is None:
        jaxpr.memo["uses"] = uses = jaxpr.memo.get("uses", 0) + times
        if uses < _WORTH:
            return functools.partial(eval_jaxpr, jaxpr, ())
        made = jaxpr.memo["runner"] = _write(prepare(jaxpr))
    return made


def _write(jaxpr: Jaxpr) -> Callable[..., list]:
    names: dict[Any, str] = {}
    space: dict[str, Any] = {}

    def name(v: Any) -> str:
        return names.setdefault(v, f"v{len(names)}")

    def constant(value: Any) -> str:
        key = f"k{len(space)}"
        space[key] = value
        return key

    def atom(a: Any) -> str:
        return constant(a.value) if type(a) is Literal else name(a)

    lines = [f"def run({', '.join(map(name, jaxpr.invars))}):"]
    for eqn, dead in zip(jaxpr.eqns, last_uses(jaxpr), strict=True):
        prim = eqn.primitive
        operands = list(map(atom, eqn.inputs))
        infix = _INFIX.get(prim.impl)
        if infix and len(operands) == 2:
            value = f"{operands[0]} {infix} {operands[1]}"
        else:
            keywords = [f"{k}={constant(v)}" for k, v in eqn.params.items()]
            value = f"{constant(prim.impl)}({', '.join(operands + keywords)})"
        outs = ", ".join(map(name, eqn.outvars))
        lines.append(f"  [{outs}] = {value}" if prim.multi else f"  {outs} = {value}")
        large = [name(v) for v in dead if getattr(v.aval, "shape", (1,))]
        if large:
            lines.append(f"  del {', '.join(large)}")
    lines.append(f"  return [{', '.join(map(atom, jaxpr.outvars))}]")
    exec("\n".join(lines), space)  # the names are ours; values are bound, not written
    return space["run"]
