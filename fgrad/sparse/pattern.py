"""The pattern of a staged function: which entries of its Jacobian, or Hessian, can be different from zero.

It is that of the pushforward, staged with unknown values (`propagation`); of a Hessian, that of its gradient's pushforward: so one table of rules serves
both, custom derivatives count as they are, and what is found is what will be evaluated. A Hessian is symmetric, so an entry whose mirror cannot be
there is not there either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import typeof
from fgrad.core.errors import ShapeError, UnsupportedError
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.stage import stage
from fgrad.ops.shapes import zeros
from fgrad.sparse import loops as loops  # rules for loops and branches
from fgrad.sparse import windows as windows  # and for convolutions
from fgrad.sparse.propagation import UNKNOWN, Operand, propagate
from fgrad.sparse.rows import Rows, identity, joined
from fgrad.sparse.staged import Staged
from fgrad.transforms.autodiff import jvp_flat, linearize_flat
from fgrad.transforms.transpose import transpose_program

MOST_ENTRIES = 2**28
"""A pattern of more entries is refused: the matrix would take more than 3 GB."""


def differentiated(staged: Staged, known: Sequence[Any], hessian: bool) -> Callable[..., list]:
    """The function whose Jacobian is wanted, of flat leaves, its aux behind its outputs: the staged one, or its gradient."""
    fun = staged.of(known)
    if not hessian:
        return fun

    def gradient(*leaves: Any) -> list:
        outs, program = linearize_flat(fun, leaves, [True] * len(leaves))
        program.outvars = program.outvars[:1]
        grads = transpose_program(program, [outs[0].dtype.type(1)])
        return [zeros(aval=typeof(x)) if g is None else g for g, x in zip(grads, leaves, strict=True)] + outs[1:]

    return gradient


def pushforward(staged: Staged, hessian: bool) -> tuple[Jaxpr, bool]:
    """The jaxpr over [consts, others, wrt, tangents] of the tangents of the outputs, and whether there is forward mode to evaluate it."""
    n = len(staged.ins)
    count = n if hessian else len(staged.outs)

    def push(*args: Any) -> list:
        known, wrt, tangents = args[: staged.known], args[staged.known : -n], args[-n:]
        outs, touts = jvp_flat(differentiated(staged, known, hessian), wrt, tangents)
        return _filled(outs[:count], touts)

    def push_linear(*args: Any) -> list:
        known, wrt, tangents = args[: staged.known], args[staged.known : -n], args[-n:]
        outs, program = linearize_flat(differentiated(staged, known, hessian), wrt, [True] * n)
        return _filled(outs[:count], program(tangents))

    avals = [*staged.jaxpr.in_avals, *staged.ins]
    try:
        return stage(push, avals)[0], True
    except UnsupportedError:  # a rule for reverse mode alone: what it makes of cotangents is not looked into
        return stage(push_linear, avals)[0], False


def _filled(outs: Sequence[Any], touts: Sequence[Any]) -> list:
    return [zeros(aval=typeof(o)) if t is None else t for o, t in zip(outs, touts, strict=False)]


def find_pattern(staged: Staged, hessian: bool) -> tuple[Any, bool]:
    """The boolean CSR matrix, outputs by inputs, all leaves together; and whether there is forward mode."""
    inputs = sum(a.size for a in staged.ins)
    jaxpr, forward = pushforward(staged, hessian)
    operands = [Operand(typeof(c), c) for c in staged.consts]
    operands += [Operand(a) for a in staged.jaxpr.in_avals[len(staged.consts) :]]
    outs = propagate(jaxpr, operands + seeds(staged.ins))
    found = matrix_of([o.rows for o in outs], [o.size for o in outs], inputs)
    return (found.multiply(found.T.tocsr()).tocsr() if hessian else found), forward


def seeds(avals: Sequence[Any]) -> list[Operand]:
    """Tangents each of whose entries is an input."""
    inputs, first, operands = sum(a.size for a in avals), 0, []
    for a in avals:
        operands.append(Operand(a, UNKNOWN, identity(a.size, first, inputs)))
        first += a.size
    return operands


def matrix_of(parts: Sequence[Rows | None], sizes: Sequence[int], inputs: int) -> Any:
    """The sets of all outputs as one boolean CSR matrix."""
    rows = joined(parts, sizes)
    if rows is None:
        from scipy.sparse import csr_array

        return csr_array((sum(sizes), inputs), dtype=np.bool_)
    entries = int(rows.lengths().sum())
    if entries > MOST_ENTRIES:
        raise ShapeError(
            f"this function is not sparse: {entries:,} of the {rows.size:,} × {inputs:,} entries of its Jacobian may be different from zero",
            "They do not fit in memory. jvp, vjp and hvp give its products with vectors.",
        )
    return rows.matrix()
