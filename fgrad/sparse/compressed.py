"""A dense Jacobian by shared passes: what `jacobian(mode="auto")` does where columns or rows of a linear program do not meet. It can be traced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.jaxpr import Var
from fgrad.ops.elementwise import convert
from fgrad.ops.indexing import gather, scatter
from fgrad.ops.shapes import concatenate, reshape, slice_, zeros
from fgrad.sparse.coloring import Coloring
from fgrad.transforms.autodiff import LinearProgram
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import transpose_program


def unit_sums(colors: np.ndarray, avals: Sequence[Any], first: int, count: int) -> list[np.ndarray]:
    """For each leaf the sums of the unit vectors of each colour, of so many colours."""
    found, start = [], 0
    wanted = np.arange(first, first + count, dtype=colors.dtype)[:, None]
    for a in avals:
        found.append((colors[start : start + a.size] == wanted).astype(a.dtype).reshape(count, *a.shape))
        start += a.size
    return found


def filled(tangents: Sequence[Any], avals: Sequence[Any]) -> list:
    """Tangents with zeros in place of None."""
    return [zeros(aval=typeof(a)) if t is None else t for t, a in zip(tangents, avals, strict=False)]


def flat(parts: Sequence[Any]) -> Any:
    """Several leaves as one vector."""
    dtype = np.result_type(*[typeof(p).dtype for p in parts])
    vectors = [reshape(p if typeof(p).dtype == dtype else convert(p, dtype=dtype), shape=(typeof(p).size,)) for p in parts]
    return vectors[0] if len(vectors) == 1 else concatenate(*vectors, axis=0)


def push(program: LinearProgram, tangents: Sequence[Any]) -> list:
    """`program(tangents)`, each value dropped after its last read: those of many passes at once are large."""
    env: dict[Var, Any] = dict(zip(program.invars, tangents, strict=True))
    kept = {v for v in program.outvars if v is not None}
    dead: list[list[Var]] = []
    for eqn in reversed(program.eqns):
        last = {a for a in (*eqn.inputs, *eqn.outvars) if type(a) is Var and a not in kept}
        kept |= last
        dead.append(list(last))
    for prim, inputs, params, outvars, _ in program.eqns:
        out = prim(*[env[a] if type(a) is Var else a for a in inputs], **params)
        env.update(zip(outvars, out if prim.multi else [out], strict=True))
        del out
        for v in dead.pop():
            del env[v]
    return [None if v is None else env[v] for v in program.outvars]


def dense_jacobian(program: LinearProgram, ins: Sequence[Any], outs: Sequence[Any], coloring: Coloring) -> list[list]:
    """For each output leaf and input leaf the dense block, [*output, *input]."""
    m, n = len(coloring.rows), len(coloring.columns)
    if not (coloring.forward or coloring.reverse):
        return [[zeros(aval=ShapedArray((*a.shape, *b.shape), a.dtype)) for b in ins] for a in outs]
    results = []
    if coloring.forward:
        results.append(_passes(lambda *ts: [flat(filled(push(program, ts), outs))], unit_sums(coloring.columns, ins, 0, coloring.forward)))
    if coloring.reverse:
        pull = lambda *cts: [flat(filled(transpose_program(program, cts), ins))]
        results.append(_passes(pull, unit_sums(coloring.rows, outs, 0, coloring.reverse)))
    values = flat(results)
    places = np.where(coloring.reversed, coloring.places + coloring.forward * m, coloring.places)
    whole = scatter(zeros(aval=ShapedArray((m * n,), values.dtype)), gather(values, places), coloring.entries)
    whole = reshape(whole, shape=(m, n))
    blocks, first = [], 0
    for a in outs:
        across, start = [], 0
        for b in ins:
            part = slice_(whole, starts=(first, start), limits=(first + a.size, start + b.size), strides=(1, 1))
            part = part if part.dtype == a.dtype else convert(part, dtype=a.dtype)
            across.append(reshape(part, shape=(*a.shape, *b.shape)))
            start += b.size
        blocks.append(across)
        first += a.size
    return blocks


def _passes(run: Any, seeds: list[np.ndarray]) -> Any:
    return batch_flat(run, len(seeds[0]), seeds, [True] * len(seeds), True)[0][0]
