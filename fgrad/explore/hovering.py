"""What hovering over a node shows: its equation, value and gradient, local derivatives, and the user's line."""

from __future__ import annotations

from typing import Any

from fgrad.core.jaxpr import Equation, Var
from fgrad.explore.formula import derivative_formula, operation_text
from fgrad.explore.grouping import Level, Op, View
from fgrad.explore.local import Local, local_derivatives
from fgrad.explore.runs import Run
from fgrad.explore.text import entries, number, type_text


def value_lines(name: str, v: Any, view: View, values: bool) -> str:
    """A variable's value and gradient, or without values its type."""
    if not values:
        return f"{name} : {type_text(v.aval)}"
    if v not in view.run.values:
        return f"{name}: not computed in this step"
    lines = [f"{name} = {entries(view.run.values[v])} : {type_text(v.aval)}"]
    ct = view.run.cotangent(v)
    if ct is not None:
        lines.append(f"gradient {entries(ct)}")
    return "\n".join(lines)


def source_line(eqn: Equation) -> list[str]:
    return [f"↳ {eqn.source}"] if eqn.source else []


def info(op: Op, level: Level, view: View, values: bool) -> str:
    """An equation, its values and local derivatives, and the user's line."""
    eqn, names = op.eqn, level.names
    outs = " ".join(names[v] for v in eqn.outvars)
    lines = [f"{outs} = {operation_text(eqn, names)}"]
    told = [value_lines(names[v], v, view, values) for v in eqn.outvars]
    if len(told) == 1 and values:  # `b = sin a = 0.84`
        lines[0] += told[0].removeprefix(names[eqn.outvars[0]])
    else:
        lines += told
    if values and all(v in view.run.values for v in eqn.outvars):
        lines += [_local_line(d, eqn, view.run, names) for d in local_derivatives(eqn, view.run)]
        if op.index in view.run.problems:
            lines.append(f"no gradient goes back from here: {view.run.problems[op.index]}")
        if op.index in view.run.closed:
            lines.append(view.run.closed[op.index])
    return "\n".join(lines + source_line(eqn))


def _local_line(d: Local, eqn: Equation, run: Run, names: dict[Var, str]) -> str:
    a, out = eqn.inputs[d.operand], eqn.outvars[d.output]
    assert type(a) is Var
    formula = derivative_formula(eqn, d.operand, names)
    head = f"∂{names[out]}/∂{names[a]}" + (f" = {formula}" if formula else "")
    if d.kind == "map":
        return f"{head}: a linear map from {type_text(a.aval)} to {type_text(out.aval)}"
    if d.kind == "number":
        ct = run.cotangent(out)
        sent = (
            ""
            if ct is None or len(eqn.outvars) > 1
            else f"   so {number(ct)} × {number(d.value)} = {number(ct * d.value)} goes to {names[a]}"
        )
        return f"{head} = {number(d.value, 4)}{sent}"
    return f"{head} = {entries(d.value)}" + (", entry by entry" if d.kind == "diagonal" else "")
