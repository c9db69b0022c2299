"""Which inputs each output of a linear program depends on, from its equations.

`propagate` walks a jaxpr in which some operands carry sets of inputs (`Rows`): the tangents of a pushforward, in which every derivative rule, the
user's too, has been applied already. So a primitive's rule says how *it* moves and joins entries, never how its derivative does. A new
elementwise primitive needs no rule; one without any joins everything (every output depends on all that its operands depend on). What
does not depend on the inputs and can be computed, is: the places that a gather reads, the zeros of a constant matrix. Loops and branches are in `loops`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.errors import FgradError
from fgrad.core.jaxpr import Equation, Jaxpr, Literal
from fgrad.core.primitive import Primitive
from fgrad.core.trace import EVAL, tracing
from fgrad.ops import contract as contractions
from fgrad.ops import cumulative, elementwise, fft, indexing, linalg, linalg_solve, reductions, shapes, sliding
from fgrad.sparse.rows import Rows, everywhere, joined

UNKNOWN: Any = object()
"""The value of what depends on values that are not known here."""


class Operand(NamedTuple):
    """What is known of a value: its type, itself (or UNKNOWN), and what its entries depend on (None: on no input)."""

    aval: Any
    value: Any = UNKNOWN
    rows: Rows | None = None

    @property
    def known(self) -> bool:
        return self.value is not UNKNOWN

    @property
    def shape(self) -> tuple[int, ...]:
        return self.aval.shape

    @property
    def size(self) -> int:
        return entries(self.aval)

    @property
    def numbers(self) -> np.ndarray:
        """The number of each entry, in its place."""
        return np.arange(self.size).reshape(self.shape)


def entries(aval: Any) -> int:
    """How many entries are told apart: one, for a stack."""
    return aval.size if type(aval) is ShapedArray else 1


Rule = Callable[[Equation, Sequence[Operand]], Sequence[Any]]
"""For each output its rows (None: of no input), or an Operand."""

RULES: dict[Primitive, Rule] = {}


def rule(*primitives: Primitive) -> Callable[[Rule], Rule]:
    def register(f: Rule) -> Rule:
        for prim in primitives:
            RULES[prim] = f
        return f

    return register


def propagate(jaxpr: Jaxpr, operands: Sequence[Operand]) -> list[Operand]:
    """What the outputs depend on, given what the inputs do."""
    env: dict[Any, Operand] = dict(zip(jaxpr.invars, operands, strict=True))

    def read(a: Any) -> Operand:
        return Operand(a.aval, a.value) if type(a) is Literal else env[a]

    with tracing(EVAL), np.errstate(all="ignore"):
        for eqn in jaxpr.eqns:
            env.update(zip(eqn.outvars, _equation(eqn, [read(a) for a in eqn.inputs]), strict=True))
    return [read(a) for a in jaxpr.outvars]


def _equation(eqn: Equation, operands: list[Operand]) -> list[Operand]:
    prim = eqn.primitive
    avals = [v.aval for v in eqn.outvars]
    if all(o.known for o in operands) and not prim.effectful:
        try:
            found = prim.impl(*[o.value for o in operands], **eqn.params)
        except (FgradError, ArithmeticError, ValueError, IndexError):  # in a branch that is not taken
            return [Operand(a) for a in avals]
        return [Operand(a, x) for a, x in zip(avals, found if prim.multi else [found], strict=True)]
    if prim in RULES:
        outs = RULES[prim](eqn, operands)
    elif all(o.rows is None for o in operands):
        outs = [None] * len(avals)
    else:
        outs = (_elementwise if prim.elementwise else join_all)(eqn, operands)
    return [o if type(o) is Operand else Operand(a, UNKNOWN, o) for a, o in zip(avals, outs, strict=True)]


def united(parts: Iterable[Rows | None]) -> Rows | None:
    """Entry by entry, what any of these depends on."""
    found = None
    for part in parts:
        if part is not None:
            found = part if found is None else found | part
    return found


def join_all(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """Every output depends on all that any operand depends on."""
    parts = [o.rows for o in operands if o.rows is not None]
    if not parts:
        return [None] * len(eqn.outvars)
    members = np.unique(np.concatenate([p.members() for p in parts]))
    return [everywhere(members, parts[0].inputs, entries(v.aval)) for v in eqn.outvars]


def _elementwise(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    return [united(o.rows for o in operands)]


@rule(elementwise.mul)
def _mul(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """A product with a known zero depends on nothing."""
    parts = []
    for o, other in zip(operands, reversed(operands), strict=True):
        part = o.rows
        if part is not None and other.known and np.ndim(other.value) and not np.all(other.value):
            part = part.take(np.where(np.ravel(other.value) != 0, np.arange(o.size), -1))
        parts.append(part)
    return [united(parts)]


@rule(elementwise.select)
def _select(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    p, x, y = operands
    if not p.known or not np.ndim(p.value):
        return [united((x.rows, y.rows))] if not p.known else [x.rows if p.value else y.rows]
    size = p.size
    both = joined([o.rows for o in (x, y)], [size, size])
    return [None if both is None else both.take(np.where(np.ravel(p.value), np.arange(size), np.arange(size, 2 * size)))]


# -- primitives that move entries: run on the numbers of the entries, they say themselves where each goes


def moved(prim: Primitive, arrays: Sequence[Operand], others: Sequence[Any], params: dict[str, Any], absent: bool = False) -> Rows | None:
    """The rows of a primitive's result in which each entry is an entry of one of these arrays, or (`absent`) a zero."""
    if all(o.rows is None for o in arrays):
        return None
    sizes = [o.size for o in arrays]
    first = int(absent)
    numbers = []
    for o, size in zip(arrays, sizes, strict=True):
        numbers.append(np.arange(first, first + size).reshape(o.shape))
        first += size
    rows = joined([o.rows for o in arrays], sizes) if len(arrays) > 1 else arrays[0].rows
    assert rows is not None
    return rows.take(np.asarray(prim.impl(*numbers, *others, **params)) - int(absent))


@rule(shapes.broadcast, shapes.reshape, shapes.transpose, shapes.reverse, shapes.slice_, shapes.concatenate)
def _move(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    return [moved(eqn.primitive, operands, (), eqn.params)]


@rule(shapes.pad)
def _pad(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    return [moved(eqn.primitive, operands, (), eqn.params, absent=True)]


def _within(shape: Sequence[int], indices: Sequence[Operand]) -> tuple[tuple[int, ...], np.ndarray]:
    """Which axes are indexed by places that depend on values; and where each indexed entry is, in an array without those axes."""
    k = len(indices)
    free = tuple(a for a in range(k) if not indices[a].known)
    numbers = np.arange(math.prod(n for a, n in enumerate(shape) if a not in free)).reshape(
        [n for a, n in enumerate(shape) if a not in free]
    )
    known = [i.value for i in indices if i.known]
    if known:
        return free, indexing.gather.impl(numbers, *known)
    return free, np.broadcast_to(numbers, (*indices[0].shape, *shape[k:]))


@rule(indexing.gather)
def _gather(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """Along axes whose places depend on values, any place may be read."""
    x, *indices = operands
    if x.rows is None:
        return [None]
    free, places = _within(x.shape, indices)
    return [(x.rows.gathered(along(x, free)) if free else x.rows).take(places)]


def _written(x: Operand, updates: Operand, indices: Sequence[Operand]) -> Rows | None:
    """What reaches each entry of x from the updates."""
    if updates.rows is None or not updates.size:
        return None
    free, places = _within(x.shape, indices)
    size = math.prod(n for a, n in enumerate(x.shape) if a not in free)
    order = np.argsort(places, axis=None, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(places.ravel(), minlength=size))])
    found = updates.rows.unite(indptr, order)
    numbers = np.arange(size).reshape([n for a, n in enumerate(x.shape) if a not in free])
    return found.take(np.broadcast_to(np.expand_dims(numbers, free), x.shape)) if free else found


@rule(indexing.scatter)
def _scatter(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    x, updates, *indices = operands
    if all(i.known for i in indices):
        return [moved(eqn.primitive, [x, updates], [i.value for i in indices], {})]
    return [united((x.rows, _written(x, updates, indices)))]


@rule(indexing.scatter_add, indexing.scatter_mul, indexing.scatter_min, indexing.scatter_max)
def _scatter_onto(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """What was there stays part of the result."""
    x, updates, *indices = operands
    return [united((x.rows, _written(x, updates, indices)))]


# -- primitives that join entries along axes


def along(o: Operand, axes: Sequence[int]) -> np.ndarray:
    """The numbers of the entries, a row for each place along the other axes."""
    kept = [a for a in range(len(o.shape)) if a not in axes]
    return np.transpose(o.numbers, (*kept, *axes)).reshape(math.prod(o.shape[a] for a in kept), math.prod(o.shape[a] for a in axes))


@rule(shapes.reduce_sum, reductions.reduce_prod, reductions.reduce_max, reductions.reduce_min)
def _reduce(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    (x,) = operands
    return [x.rows and x.rows.gathered(along(x, eqn.params["axes"]))]


def joined_along(x: Operand, axes: Sequence[int], aval: Any) -> Rows | None:
    """Each entry of the result, of this type, depends on the whole of x along the axes (which may have another size in it)."""
    if x.rows is None:
        return None
    lines = x.rows.gathered(along(x, axes))
    kept = [a for a in range(len(x.shape)) if a not in axes]
    line = np.expand_dims(np.arange(lines.size).reshape([x.shape[a] for a in kept]), tuple(axes))
    return lines.take(np.broadcast_to(line, aval.shape))


@rule(fft.fft)
def _fft(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    return [joined_along(operands[0], eqn.params["axes"], eqn.outvars[0].aval)]


@rule(fft.rfft, fft.irfft)
def _along_axis(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    return [joined_along(operands[0], (eqn.params["axis"],), eqn.outvars[0].aval)]


@rule(cumulative.cumsum, cumulative.cumprod, cumulative.cummax, cumulative.cummin, cumulative.linear_recurrence)
def _running(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """Each entry depends on those before it (after it, in reverse)."""
    axis, reverse = eqn.params["axis"], eqn.params["reverse"]
    outs = []
    for x in operands:
        if x.rows is None:
            continue
        n = x.shape[axis]
        if n * x.size > x.rows.budget(x.size):
            outs.append(joined_along(x, (axis,), x.aval))
            continue
        lines = along(x, (axis,))[:, ::-1] if reverse else along(x, (axis,))
        before = np.tril(np.ones((n, n), bool))
        read = lines[:, np.nonzero(before)[1]].ravel()
        counts = np.tile(np.arange(1, n + 1), len(lines))
        made = x.rows.unite(np.concatenate([[0], np.cumsum(counts)]), read)  # in the order of `lines`
        back = np.empty(x.size, np.int64)
        back[lines.ravel()] = np.arange(x.size)
        outs.append(made.take(back))
    return [united(outs)]


@rule(sliding.sliding_dot)
def _sliding(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """y[i] reads a[i - low : i - low + m], and all of v."""
    (a, v), (low, _) = operands, eqn.params["widths"]
    aval = eqn.outvars[0].aval
    parts = [None if v.rows is None else joined_along(v, (len(v.shape) - 1,), aval)]
    if a.rows is not None:
        n, m, count = a.shape[-1], v.shape[-1], aval.shape[-1]
        place = np.arange(count)[:, None] + np.arange(m) - low
        inside = (place >= 0) & (place < n)
        lines = a.numbers.reshape(math.prod(a.shape[:-1]), n)
        read = lines[:, place[inside]].ravel()
        counts = np.tile(inside.sum(1), len(lines))
        parts.append(a.rows.unite(np.concatenate([[0], np.cumsum(counts)]), read))
    return [united(parts)]


@rule(linalg_solve.triangular_solve, linalg_solve.lu_solve)
def _solve(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """Each column of the solution depends on that column of the right-hand side."""
    *matrices, b = operands
    if any(o.rows is not None for o in matrices):
        return join_all(eqn, operands)
    return [joined_along(b, (len(b.shape) - 2,), b.aval)]


@rule(linalg.triangle)
def _triangle(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    (x,) = operands
    kept = np.asarray(eqn.primitive.impl(np.ones(x.shape), **eqn.params)) != 0
    return [x.rows and x.rows.take(np.where(kept, x.numbers, -1))]


# -- products


@rule(contractions.contract)
def _contract(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """An entry depends on what is summed for it: but for what is multiplied with a known zero."""
    labels = eqn.params["x_labels"], eqn.params["y_labels"]
    out = eqn.params["out_labels"]
    parts = []
    for i in (0, 1):
        o, other = operands[i], operands[1 - i]
        if o.rows is not None:
            if other.known and np.count_nonzero(other.value) <= 0.5 * np.size(other.value):
                parts.append(_sparse_product(o, labels[i], other.value, labels[1 - i], out, eqn.outvars[0].aval))
            else:
                parts.append(_dense_product(o, labels[i], out, eqn.outvars[0].aval))
    return [united(parts)]


def _dense_product(o: Operand, labels: str, out: str, aval: Any) -> Rows:
    assert o.rows is not None
    summed = [a for a, c in enumerate(labels) if c not in out]
    rows = o.rows.gathered(along(o, summed)) if summed else o.rows
    free = [c for c in labels if c in out]
    numbers = np.arange(rows.size).reshape([o.shape[labels.index(c)] for c in free])
    numbers = np.transpose(numbers, [free.index(c) for c in out if c in free])
    return rows.take(np.broadcast_to(np.expand_dims(numbers, tuple(a for a, c in enumerate(out) if c not in free)), aval.shape))


def _sparse_product(o: Operand, labels: str, other: Any, other_labels: str, out: str, aval: Any) -> Rows:
    assert o.rows is not None
    places = np.nonzero(other)
    free = [c for c in labels if c not in other_labels]
    free_sizes = [o.shape[labels.index(c)] for c in free]
    if len(places[0]) * math.prod(free_sizes) > o.rows.budget(aval.size):
        return _dense_product(o, labels, out, aval)
    index: dict[str, Any] = dict(zip(other_labels, (p[:, None] for p in places), strict=True))
    index |= dict(zip(free, np.indices(free_sizes).reshape(len(free), 1, math.prod(free_sizes)), strict=True))

    def flat(axes: str, shape: tuple[int, ...]) -> np.ndarray:
        found = np.zeros((len(places[0]), math.prod(free_sizes)), np.int64)
        for c, n in zip(axes, shape, strict=True):
            found = found * n + index[c]
        return found.ravel()

    into, read = flat(out, aval.shape), flat(labels, o.shape)
    order = np.argsort(into, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(into, minlength=aval.size))])
    return o.rows.unite(indptr, read[order])
