"""Local derivatives: of each output of one equation with respect to each operand, at the values of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, concrete_zeros
from fgrad.core.errors import FgradError
from fgrad.core.jaxpr import Equation, Var
from fgrad.explore.runs import Run, linear_map, operands
from fgrad.transforms.autodiff import LinearProgram
from fgrad.transforms.transpose import transpose_program

MAX_JACOBIAN = 64
"""Entries up to which a local derivative that is no elementwise one is computed in full."""


@dataclass(frozen=True)
class Local:
    """The derivative of output `output` of an equation with respect to operand `operand`.

    kind: `number` (both are scalars), `diagonal` (elementwise: the derivative of each entry by its own), `jacobian` (all entries, of shape
    output shape + operand shape), or `map` (more than MAX_JACOBIAN of them: not computed, `value` is None).
    """

    operand: int
    output: int
    kind: str
    value: Any


def local_derivatives(eqn: Equation, run: Run) -> Iterator[Local]:
    """The local derivatives of one equation at the values of a run; none of an equation without rules."""
    active = [type(a) is Var and a in run.active for a in eqn.inputs]
    outs = [k for k, v in enumerate(eqn.outvars) if v in run.active and type(v.aval) is ShapedArray]
    pairs = [(k, j) for k in outs for j, a in enumerate(eqn.inputs) if active[j] and type(a.aval) is ShapedArray]
    program: LinearProgram | None = None
    for k, j in pairs:
        out, operand = eqn.outvars[k].aval, eqn.inputs[j].aval
        diagonal = eqn.primitive.elementwise or not (out.shape or operand.shape)
        if not diagonal and out.size * operand.size > MAX_JACOBIAN:
            yield Local(j, k, "map", None)
            continue
        if program is None:
            try:
                program = linear_map(eqn, operands(eqn, run), active)
            except FgradError:
                return
        if diagonal:
            value = _row(program, k, np.ones(out.shape, out.dtype)[()], active, j, operand)
            yield Local(j, k, "diagonal" if out.shape else "number", value)
        elif out.size <= operand.size:
            rows = [_row(program, k, unit, active, j, operand) for unit in _units(out)]
            yield Local(j, k, "jacobian", np.reshape(rows, (*out.shape, *operand.shape)))
        else:
            columns = [_column(program, k, unit, active, j, eqn) for unit in _units(operand)]
            yield Local(
                j, k, "jacobian", np.moveaxis(np.reshape(columns, (operand.size, *out.shape)), 0, -1).reshape(*out.shape, *operand.shape)
            )


def _units(aval: ShapedArray) -> Iterator[Any]:
    for e in range(aval.size):
        unit = np.zeros(aval.size, aval.dtype)
        unit[e] = 1
        yield unit.reshape(aval.shape)[()]


def _row(program: LinearProgram, k: int, ct: Any, active: Sequence[bool], j: int, aval: ShapedArray) -> Any:
    """The cotangent of operand j from that of output k."""
    found = transpose_program(program, [ct if i == k else None for i in range(len(program.outvars))])[sum(active[:j])]
    return np.zeros(aval.shape, aval.dtype)[()] if found is None else found


def _column(program: LinearProgram, k: int, tangent: Any, active: Sequence[bool], j: int, eqn: Equation) -> Any:
    """The tangent of output k from that of operand j."""
    tangents = [tangent if i == j else concrete_zeros(a.aval) for i, a in enumerate(eqn.inputs) if active[i]]
    found = program(tangents)[k]
    return np.zeros(eqn.outvars[k].aval.shape, eqn.outvars[k].aval.dtype) if found is None else found
