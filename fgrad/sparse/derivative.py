"""Sparse Jacobians and Hessians of a staged function: pattern and colouring, found once, and the compiled passes that fill the matrices."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.jit import jit
from fgrad.api.loops import map as map_
from fgrad.core.avals import ShapedArray, is_inexact, typeof
from fgrad.core.errors import DtypeError, ShapeError, UnsupportedError
from fgrad.core.stage import stage
from fgrad.ops.shapes import concatenate, reshape
from fgrad.sparse.coloring import REVERSE_PASS, Coloring, color_hessian, color_jacobian, one_by_one
from fgrad.sparse.compressed import filled, flat, unit_sums
from fgrad.sparse.pattern import differentiated, find_pattern
from fgrad.sparse.pruned import push_known, work
from fgrad.sparse.staged import Arguments, Staged
from fgrad.transforms.autodiff import LinearProgram, linearize_flat
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.cost import bytes_of
from fgrad.transforms.transpose import transpose_program

_DENSE = 0.5  # of all entries: the columns of a fuller pattern are not worth colouring
_CACHED = 2**22  # bytes of the largest array, of all passes that run at once
_CHUNK = 2**28  # and of all passes of one call
_MOST_KNOWN, _LONGEST_KNOWN, _LESS = 32, 2000, 0.7  # passes and equations of a program for known seeds; and what it must save


@dataclass(frozen=True)
class Block:
    """The entries of one output leaf and one input leaf: a CSR structure, and where the passes leave the entries.

    forward, reverse: which entries come from these passes, and the places where they are; None: no entry, all entries, all places in order.
    """

    shape: tuple[int, int]
    indptr: np.ndarray
    indices: np.ndarray
    dtype: np.dtype
    parts: tuple[tuple[np.ndarray | None, np.ndarray | None] | None, ...]

    def matrix(self, passes: Sequence[np.ndarray | None]) -> Any:
        """The CSR array, filled from the results of the forward and the reverse passes."""
        from scipy.sparse import csr_array

        data = None
        for part, found in zip(self.parts, passes, strict=True):
            if part is None or found is None:
                continue
            entries, places = part
            values = found.reshape(-1).copy() if places is None else found.reshape(-1).take(places)
            if entries is None:
                data = values.astype(self.dtype, copy=False)
            else:
                data = np.empty(len(self.indices), self.dtype) if data is None else data
                data[entries] = values
        data = np.empty(0, self.dtype) if data is None else data
        return csr_array((data, self.indices.copy(), self.indptr.copy()), shape=self.shape)


class SparseDerivative:
    """The Jacobian, or Hessian, of a staged function."""

    def __init__(self, name: str, staged: Staged, hessian: bool, holomorphic: bool):
        self.name, self.staged, self.hessian = name, staged, hessian
        for a in staged.outs:
            if not is_inexact(a.dtype):
                raise DtypeError(f"{name}: the function must return floating point arrays, and it returned {a!r}")
        if hessian and (len(staged.outs) != 1 or staged.outs[0].shape):
            shown = ", ".join(map(repr, staged.outs))
            raise ShapeError(f"{name}: a sparse Hessian is of a function with one scalar output, and it returned {shown}", "Sum it.")
        self.pattern, forward = find_pattern(staged, hessian)
        self.rows = staged.ins if hessian else staged.outs
        self.forward = forward and (holomorphic or all(a.dtype.kind != "c" for a in staged.ins))
        self.reverse = not hessian and (holomorphic or all(a.dtype.kind != "c" for a in staged.outs))
        if not (self.forward or self.reverse):
            raise UnsupportedError(
                f"{name}: neither forward nor reverse mode can evaluate this function",
                "Forward mode takes real inputs (or holomorphic=True) and no custom_vjp; reverse mode takes real outputs, and a Hessian needs forward mode.",
            )

    @functools.cached_property
    def dense(self) -> bool:
        """Whether there is too little to gain for passes to be shared."""
        m, n = self.pattern.shape
        return min(m, n) > 1 and self.pattern.nnz > _DENSE * m * n

    @functools.cached_property
    def coloring(self) -> Coloring:
        if self.dense:
            m, n = self.pattern.shape
            return one_by_one(self.pattern, not self.forward or (self.reverse and REVERSE_PASS * m < n))
        return color_hessian(self.pattern) if self.hessian else color_jacobian(self.pattern, self.forward, self.reverse)

    def _cut(self, matrix: Any) -> Iterator[list[tuple[Any, Any, Any]]]:
        """For each output leaf, for each input leaf: their types, and that part of a matrix of the pattern's shape."""
        first = 0
        for a in self.rows:
            across, start = [], 0
            for b in self.staged.ins:
                whole = (a.size, b.size) == matrix.shape
                across.append((a, b, matrix if whole else matrix[first : first + a.size, start : start + b.size]))
                start += b.size
            yield across
            first += a.size

    def patterns(self) -> list[list[Any]]:
        """The pattern, by output leaf and input leaf."""
        return [[part.copy() for _, _, part in across] for across in self._cut(self.pattern)]

    @functools.cached_property
    def blocks(self) -> list[list[Block]]:
        """What is known of each output leaf and each input leaf."""
        p = self.pattern
        numbered = type(p)((np.arange(p.nnz), p.indices, p.indptr), shape=p.shape)
        return [[self._block(part, a, b) for a, b, part in across] for across in self._cut(numbered)]

    def _block(self, numbered: Any, out: Any, into: Any) -> Block:
        reversed_ = self.coloring.reversed[numbered.data]
        places = self.coloring.places[numbered.data]
        parts: list[Any] = []
        for mine in (~reversed_, reversed_):
            if not mine.any():
                parts.append(None)
            elif mine.all():
                parts.append((None, None if self._in_order(places) else places))
            else:
                parts.append((np.flatnonzero(mine), places[mine]))
        dtype = np.result_type(*[d for d, part in zip((out.dtype, into.dtype), parts, strict=True) if part] or [out.dtype])
        return Block(numbered.shape, numbered.indptr, numbered.indices, dtype, tuple(parts))

    def _in_order(self, places: np.ndarray) -> bool:
        m, n = self.pattern.shape
        size = self.coloring.forward * m + self.coloring.reverse * n
        return len(places) == size and np.array_equal(places, np.arange(size))

    @functools.cached_property
    def passes(self) -> Callable[[list, list, list, list], tuple[Any, Any, list]]:
        """The compiled passes: (others, wrt, seeds of the forward passes, of the reverse passes) -> what both give, and aux."""
        staged, count, consts = self.staged, len(self.rows), self.staged.consts

        def linearized(others: list, wrt: list) -> tuple[list, LinearProgram]:
            fun = differentiated(staged, [*consts, *others], self.hessian)
            outs, program = linearize_flat(fun, wrt, [True] * len(wrt))
            program.outvars = program.outvars[:count]
            return outs, program

        def passes(others: list, wrt: list, tangents: list, cts: list) -> tuple[Any, Any, list]:
            outs, program = linearized(others, wrt)
            push = lambda ts: flat(filled(program(ts), outs))
            pull = lambda cts: flat(filled(transpose_program(program, cts), wrt))
            return self._each(push, tangents), self._each(pull, cts), outs[count:]

        def known_passes(others: list, wrt: list, tangents: list, cts: list) -> tuple[Any, Any, list]:
            outs, program = linearized(others, wrt)
            rows = [flat(filled(push_known(program, [s[c] for s in self._together[0]]), outs)) for c in range(self.coloring.forward)]
            return concatenate(*[reshape(r, shape=(1, typeof(r).size)) for r in rows], axis=0), None, outs[count:]

        return jit(known_passes if self._known_is_less(passes, known_passes) else passes)

    def _known_is_less(self, passes: Callable, known_passes: Callable) -> bool:
        """Whether much less is to be computed for seeds that are known: asked where few passes would run one after another."""
        c = self.coloring
        if c.reverse or not 1 < c.forward <= min(_MOST_KNOWN, self.chunk) or c.forward * self.largest <= _CACHED:
            return False
        others = [v.aval for v in self.staged.jaxpr.invars[len(self.staged.consts) : self.staged.known]]
        tangents = [typeof(s) for s in self._together[0]]
        n, m = len(others), len(others) + len(self.staged.ins)
        run = lambda passes: lambda *xs: list(passes(list(xs[:n]), list(xs[n:m]), list(xs[m:]), [])[:1])
        each, _ = stage(run(passes), [*others, *self.staged.ins, *tangents])
        known, seeds = stage(run(known_passes), [*others, *self.staged.ins, *tangents])
        return len(known.eqns) <= _LONGEST_KNOWN and sum(map(bytes_of, map(typeof, seeds))) <= _CHUNK and work(known) < _LESS * work(each)

    def _each(self, run: Any, seeds: list) -> Any:
        """The results of a pass for each seed: all at once where that stays in the cache, else one after another."""
        if not seeds:
            return None
        count = typeof(seeds[0]).shape[0]
        if count == 1:
            out = run([reshape(s, shape=typeof(s).shape[1:]) for s in seeds])
            return reshape(out, shape=(1, typeof(out).size))
        if count * self.largest > _CACHED:
            return map_(run, seeds)
        return batch_flat(lambda *ts: [run(ts)], count, seeds, [True] * len(seeds), True)[0][0]

    @functools.cached_property
    def largest(self) -> int:
        """Bytes of the largest array of the function."""
        avals = [v.aval for e in self.staged.jaxpr.eqns for v in e.outvars]
        sizes = [a.size * a.dtype.itemsize for a in [*self.staged.ins, *self.rows, *avals] if type(a) is ShapedArray]
        return max([8, *sizes])

    @functools.cached_property
    def chunk(self) -> int:
        """How many passes there are in one call, at most."""
        return max(1, _CHUNK // self.largest)

    @functools.cached_property
    def _together(self) -> tuple[list, list]:
        c = self.coloring
        return (
            unit_sums(c.columns, self.staged.ins, 0, c.forward) if c.forward else [],
            unit_sums(c.rows, self.rows, 0, c.reverse) if c.reverse else [],
        )

    def __call__(self, given: Arguments) -> tuple[list[list[Any]], list]:
        """The matrices, by output leaf and input leaf, and the values of aux."""
        c, values = self.coloring, (given.others, given.wrt)
        if self.dense:
            warnings.warn(
                f"{self.name}: mode='sparse' of a function that is not: {self.pattern.nnz:,} of {self.pattern.shape[0]:,} × "
                f"{self.pattern.shape[1]:,} entries may be different from zero, so each takes its own pass; mode='auto' returns an array",
                RuntimeWarning,
                stacklevel=4,
            )
        if c.forward + c.reverse <= self.chunk:
            forward, reverse, aux = self.passes(*values, *self._together)
        else:
            forward, aux = self._in_chunks(values, c.columns, self.staged.ins, c.forward, 0)
            reverse, aux = self._in_chunks(values, c.rows, self.rows, c.reverse, 1, aux)
        return [[b.matrix((forward, reverse)) for b in across] for across in self.blocks], aux

    def _in_chunks(
        self, values: tuple[list, list], colors: np.ndarray, avals: Sequence[Any], count: int, which: int, aux: Any = ()
    ) -> tuple[Any, list]:
        found = []
        for first in range(0, count, self.chunk):
            seeds = unit_sums(colors, avals, first, min(self.chunk, count))  # the last ones may stand for no colour: zeros
            *both, aux = self.passes(*values, seeds if which == 0 else [], seeds if which == 1 else [])
            found.append(both[which])
        return (np.concatenate(found) if found else None), list(aux)
