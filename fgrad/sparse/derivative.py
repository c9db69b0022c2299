"""Sparse Jacobians and Hessians of a staged function: pattern and colouring, found once, and the compiled passes that fill the matrices."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.jit import jit
from fgrad.core.avals import is_inexact, typeof
from fgrad.core.errors import DtypeError, ShapeError, UnsupportedError
from fgrad.ops.elementwise import convert
from fgrad.ops.shapes import concatenate, reshape, zeros
from fgrad.sparse.coloring import REVERSE_PASS, Coloring, color_hessian, color_jacobian, one_by_one
from fgrad.sparse.pattern import differentiated, find_pattern
from fgrad.sparse.staged import Arguments, Staged
from fgrad.transforms.autodiff import jvp_flat, linearize_flat
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import transpose_program

_DENSE = 0.5  # of all entries: the columns of a fuller pattern are not worth colouring
_CHUNK = 2**28  # bytes of the largest array, of all passes that run together


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

        data = np.empty(len(self.indices), self.dtype)
        for part, found in zip(self.parts, passes, strict=True):
            if part is None or found is None:
                continue
            entries, places = part
            if entries is None and places is None:
                data[...] = found.reshape(-1)
            elif entries is None and found.dtype == data.dtype:
                found.reshape(-1).take(places, out=data, mode="clip")  # without "clip", take fills a copy of `out`
            else:
                data[slice(None) if entries is None else entries] = found.reshape(-1).take(places)
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

    @functools.cached_property
    def blocks(self) -> list[list[Block]]:
        """For each output leaf and each input leaf."""
        p = self.pattern
        numbered = type(p)((np.arange(p.nnz), p.indices, p.indptr), shape=p.shape)
        blocks, first = [], 0
        for a in self.rows:
            across, start = [], 0
            for b in self.staged.ins:
                whole = (a.size, b.size) == p.shape
                across.append(self._block(numbered if whole else numbered[first : first + a.size, start : start + b.size], a, b))
                start += b.size
            blocks.append(across)
            first += a.size
        return blocks

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
    def passes(self) -> Any:
        """The compiled passes: (consts, others, wrt, seeds of the forward passes, of the reverse passes) -> what both give, and aux."""
        staged, count = self.staged, len(self.rows)

        def passes(consts: list, others: list, wrt: list, tangents: list, cts: list) -> tuple[Any, Any, list]:
            fun = differentiated(staged, [*consts, *others], self.hessian)
            if not cts:
                outs: list = []

                def push(*ts: Any) -> list:
                    outs[:], touts = jvp_flat(fun, wrt, ts)
                    return _filled(outs[:count], touts)

                pushed, _ = batch_flat(push, _batch_of(tangents), tangents, [True] * len(tangents), True)
                return _flat(pushed), None, outs[count:]
            outs, program = linearize_flat(fun, wrt, [True] * len(wrt))
            program.outvars = program.outvars[:count]
            forward = None
            if tangents:
                push = lambda *ts: _filled(outs, program(ts))
                forward = _flat(batch_flat(push, _batch_of(tangents), tangents, [True] * len(tangents), True)[0])
            pull = lambda *cts: _filled(wrt, transpose_program(program, cts))
            return forward, _flat(batch_flat(pull, _batch_of(cts), cts, [True] * len(cts), True)[0]), outs[count:]

        return jit(passes)

    @functools.cached_property
    def chunk(self) -> int:
        """How many passes run together."""
        largest = max([8 * max(self.pattern.shape), *(8 * v.aval.size for e in self.staged.jaxpr.eqns for v in e.outvars if hasattr(v.aval, "size"))])
        return max(1, _CHUNK // largest)

    def _seeds(self, colors: np.ndarray, avals: Sequence[Any], first: int, count: int) -> list[np.ndarray]:
        """For each leaf the sums of the unit vectors of each colour, of so many colours."""
        found, start = [], 0
        wanted = np.arange(first, first + count, dtype=colors.dtype)[:, None]
        for a in avals:
            found.append((colors[start : start + a.size] == wanted).astype(a.dtype).reshape(count, *a.shape))
            start += a.size
        return found

    @functools.cached_property
    def _together(self) -> tuple[list, list]:
        c = self.coloring
        return (
            self._seeds(c.columns, self.staged.ins, 0, c.forward) if c.forward else [],
            self._seeds(c.rows, self.rows, 0, c.reverse) if c.reverse else [],
        )

    def __call__(self, given: Arguments) -> tuple[list[list[Any]], list]:
        """The matrices, by output leaf and input leaf, and the values of aux."""
        c, values = self.coloring, (self.staged.consts, given.others, given.wrt)
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

    def _in_chunks(self, values: tuple, colors: np.ndarray, avals: Sequence[Any], count: int, which: int, aux: Any = ()) -> tuple[Any, list]:
        found = []
        for first in range(0, count, self.chunk):
            seeds = self._seeds(colors, avals, first, min(self.chunk, count))  # the last ones may stand for no colour: zeros
            *both, aux = self.passes(*values, *((seeds, []) if which == 0 else ([], seeds)))
            found.append(both[which])
        return (np.concatenate(found) if found else None), list(aux)


def _filled(avals: Sequence[Any], tangents: Sequence[Any]) -> list:
    return [zeros(aval=typeof(a)) if t is None else t for a, t in zip(avals, tangents, strict=False)]


def _batch_of(seeds: Sequence[Any]) -> int:
    return seeds[0].shape[0]


def _flat(parts: Sequence[Any]) -> Any:
    """Batches of several leaves as one matrix, a row for each pass."""
    dtype = np.result_type(*[p.dtype for p in parts])
    flat = [reshape(p if p.dtype == dtype else convert(p, dtype=dtype), shape=(p.shape[0], typeof(p).size // max(p.shape[0], 1))) for p in parts]
    return flat[0] if len(flat) == 1 else concatenate(*flat, axis=1)
