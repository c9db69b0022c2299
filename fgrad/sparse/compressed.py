"""A dense Jacobian by shared passes: what `jacobian(mode="auto")` does where columns or rows of a linear program do not meet. It can be traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.trace import Tracer
from fgrad.ops.elementwise import convert
from fgrad.ops.indexing import gather, scatter
from fgrad.ops.shapes import concatenate, reshape, slice_, zeros
from fgrad.sparse.coloring import Coloring, color_jacobian, least_cost, loads_numba
from fgrad.sparse.pattern import matrix_of, seeds
from fgrad.sparse.propagation import UNKNOWN, Operand, propagate
from fgrad.transforms.autodiff import LinearProgram
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import transpose_program

_FULLEST = 0.5  # of all entries: the columns of a fuller pattern are not coloured


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


def coloring_of(
    program: LinearProgram,
    ins: Sequence[Any],
    outs: Sequence[Any],
    forward: bool,
    reverse: bool,
    worth: Callable[[int, float, bool], bool] | None,
) -> Coloring | None:
    """The colouring of a linear program's pattern, if it is `worth` the passes: asked with how many entries there are, the passes that it takes at
    least, and whether Numba would have to be loaded. Without `worth`, it is."""
    jaxpr, residuals = program.to_jaxpr()
    known = [Operand(typeof(x), UNKNOWN if isinstance(x, Tracer) else x) for x in residuals]
    found = iter(propagate(jaxpr, known + seeds(ins)))
    parts = [None if v is None else next(found).rows for v in program.outvars]
    m, n = sum(a.size for a in outs), sum(a.size for a in ins)
    if worth is not None and sum(int(p.lengths().sum()) for p in parts if p is not None) > _FULLEST * n * m:
        return None
    pattern = matrix_of(parts, [a.size for a in outs], n)
    if worth is not None and not worth(pattern.nnz, least_cost(pattern, forward, reverse), loads_numba(pattern)):
        return None
    return color_jacobian(pattern, forward, reverse)


def dense_jacobian(program: LinearProgram, ins: Sequence[Any], outs: Sequence[Any], coloring: Coloring) -> list[list]:
    """For each output leaf and input leaf the dense block, [*output, *input]."""
    m, n = len(coloring.rows), len(coloring.columns)
    if not (coloring.forward or coloring.reverse):
        return [[zeros(aval=ShapedArray((*a.shape, *b.shape), a.dtype)) for b in ins] for a in outs]
    results = []
    if coloring.forward:
        results.append(_passes(lambda *ts: [flat(filled(program(ts), outs))], unit_sums(coloring.columns, ins, 0, coloring.forward)))
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
