"""Which columns and rows of a sparse Jacobian share a pass, and where each of its entries stands in what the passes return.

Columns with no entry in a common row share a forward pass, rows with none in a common column a reverse pass. A matrix with a few dense rows is
cut: those rows by reverse passes, the others by forward passes; one with a few dense columns likewise (T. F. Coleman, A. Verma, "The efficient
computation of sparse Jacobian matrices using automatic differentiation", SIAM J. Sci. Comput. 19 (1998)). A symmetric matrix needs a star colouring
of its columns: an entry is read from its own column's pass or from its mirror's (T. F. Coleman, J. J. Moré, "Estimation of sparse Hessian matrices
and graph coloring problems", Math. Programming 28 (1984)). Each cut has a lower bound, the fullest row or column, so most need not be coloured. The
greedy loops are `kernels/coloring.py`; bands need none.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

REVERSE_PASS = 2.0
"""What a reverse pass costs, in forward passes."""
_KERNELS = "fgrad.kernels.coloring"
_NARROW = 3  # a band of this width needs as many star colours
_HUB = 8  # times the mean degree (and a few more): vertices of a symmetric graph that get colours of their own


@dataclass(frozen=True)
class Coloring:
    """Seeds for the passes, and where they leave each entry of the pattern.

    columns, rows: the colour of each column and row; -1 where no pass is for it. forward, reverse: how many colours there are.
    reversed: for each entry of the CSR pattern, whether it is read from a reverse pass. places: where, in the flat [colours, m] of the forward passes
    or [colours, n] of the reverse passes. entries: the flat places of the pattern's entries in the dense matrix.
    """

    columns: np.ndarray
    rows: np.ndarray
    forward: int
    reverse: int
    reversed: np.ndarray
    places: np.ndarray
    entries: np.ndarray

    @property
    def cost(self) -> float:
        return self.forward + REVERSE_PASS * self.reverse


def color_jacobian(pattern: Any, forward: bool = True, reverse: bool = True) -> Coloring:
    """The cheapest colouring found of a boolean CSR matrix; `forward`, `reverse`: which passes there may be."""
    best: Coloring | None = None
    for bound, mask in sorted(_cuts(pattern, forward, reverse), key=lambda cut: cut[0]):
        if best is not None and bound >= best.cost:
            break
        found = _colored(pattern, mask, np.inf if best is None else best.cost)
        if found is not None:
            best = found
    assert best is not None  # without a limit the first is found
    return best


def least_cost(pattern: Any, forward: bool = True, reverse: bool = True) -> float:
    """What any colouring costs at least, by the fullest rows and columns."""
    return min(bound for bound, _ in _cuts(pattern, forward, reverse))


def loads_numba(pattern: Any) -> bool:
    """Whether colouring its columns would load Numba, which takes about half a second: the greedy loops are not in memory, and it is no band."""
    return _KERNELS not in sys.modules and _band(pattern) is None


def color_hessian(pattern: Any) -> Coloring:
    """A star colouring of a symmetric boolean CSR matrix, and where each entry is read."""
    n = pattern.shape[0]
    band = _band(pattern)
    color, count = _star(pattern) if band is None or band[1] > _NARROW else band
    row, column = _coordinates(pattern)
    # an entry can be read in its row where its column is alone of its colour; if it is not, its mirror can
    key = row * count + color[column]
    order = np.argsort(key, kind="stable")
    alone = np.ones(len(key) + 1, np.bool_)
    same = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    alone[order[same]] = alone[order[same + 1]] = False
    alone = alone[:-1]
    place = np.where(alone, color[column] * n + row, color[row] * n + column)
    nothing = np.zeros(len(row), np.bool_)
    return Coloring(color, np.full(n, -1, np.int32), count, 0, nothing, place, row * n + column)


def _coordinates(pattern: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr)), pattern.indices.astype(np.int64)


def _cuts(pattern: Any, forward: bool, reverse: bool) -> Iterator[tuple[float, np.ndarray]]:
    """Ways to share the entries between forward and reverse passes: the least they can cost, and which entries are read in reverse."""
    row, column = _coordinates(pattern)
    in_row, in_column = np.diff(pattern.indptr), np.bincount(column, minlength=pattern.shape[1])
    fullest = lambda counts: int(counts.max()) if counts.size else 0
    if forward:
        yield fullest(in_row), np.zeros(len(row), np.bool_)
    if reverse:
        yield REVERSE_PASS * fullest(in_column), np.ones(len(row), np.bool_)
    if not (forward and reverse):
        return
    for counts, of, other, size, by_row in (
        (in_row, row, column, pattern.shape[1], True),
        (in_column, column, row, pattern.shape[0], False),
    ):
        limit = fullest(counts) // 2
        while limit > 0 and limit * 2 > counts.mean():
            dense = counts > limit
            mask = dense[of] if by_row else ~dense[of]
            across = fullest(np.bincount(other[dense[of]], minlength=size))  # the passes that the dense ones need
            rest = fullest(counts[~dense])
            yield (rest + REVERSE_PASS * across if by_row else across + REVERSE_PASS * rest), mask
            limit //= 2


def _colored(pattern: Any, mask: np.ndarray, limit: float) -> Coloring | None:
    """The colouring of this cut, unless it costs more than the limit."""
    m, n = pattern.shape
    row, column = _coordinates(pattern)
    if not mask.any():
        f, r = pattern, None
    elif mask.all():
        f, r = None, pattern.T.tocsr()
    else:
        f, r = _part(pattern, ~mask), _part(pattern, mask).T.tocsr()
    columns, forward = (np.full(n, -1, np.int32), 0) if f is None else _columns(f, limit)
    if forward >= limit:
        return None
    rows, reverse = (np.full(m, -1, np.int32), 0) if r is None else _columns(r, (limit - forward) / REVERSE_PASS)
    if forward + REVERSE_PASS * reverse >= limit:
        return None
    places = np.where(mask, rows[row].astype(np.int64) * n + column, columns[column].astype(np.int64) * m + row)
    return Coloring(columns, rows, forward, reverse, mask, places, row * n + column)


def _part(pattern: Any, mask: np.ndarray) -> Any:
    counts = np.bincount(_coordinates(pattern)[0][mask], minlength=pattern.shape[0])
    return type(pattern)((pattern.data[mask], pattern.indices[mask], np.concatenate([[0], np.cumsum(counts)])), shape=pattern.shape)


def _columns(pattern: Any, limit: float = np.inf) -> tuple[np.ndarray, int]:
    """Colours of columns such that two with an entry in one row differ: -1 for empty columns."""
    if not pattern.nnz:
        return np.full(pattern.shape[1], -1, np.int32), 0
    in_column = np.bincount(pattern.indices, minlength=pattern.shape[1])
    found = _band(pattern)
    if found is None:
        kernel = importlib.import_module(_KERNELS).distance_two
        by_column = pattern.tocsc()
        fullest = int(np.diff(pattern.indptr).max())
        most = int(min(limit, pattern.shape[1])) + 1
        for order in (np.arange(pattern.shape[1]), np.argsort(-in_column, kind="stable")):  # as they stand, and the fullest first
            color, count = kernel(pattern.indptr, pattern.indices, by_column.indptr, by_column.indices, order, most)
            if found is None or count < found[1]:
                found = color, count
            if found[1] <= 1.25 * fullest:
                break
    assert found is not None
    return np.where(in_column > 0, found[0], -1).astype(np.int32), found[1]


def _band(pattern: Any) -> tuple[np.ndarray, int] | None:
    """Colours that repeat along the columns, where no row is wider than the fullest row is full (Curtis, Powell, Reid 1974): as few as there can be."""
    counts = np.diff(pattern.indptr)
    some = counts > 0
    if not some.any():
        return np.zeros(pattern.shape[1], np.int32), 1
    first, last = pattern.indices[pattern.indptr[:-1][some]], pattern.indices[pattern.indptr[1:][some] - 1]
    width = int((last - first).max()) + 1
    if width > counts.max():
        return None
    return (np.arange(pattern.shape[1]) % width).astype(np.int32), width


def _star(pattern: Any) -> tuple[np.ndarray, int]:
    degree = np.diff(pattern.indptr)
    hub = degree > _HUB * degree.mean() + 2 * _HUB
    kernel = importlib.import_module(_KERNELS).star
    orders = np.arange(len(degree)), np.argsort(-degree, kind="stable")
    return min((kernel(pattern.indptr, pattern.indices, order, hub) for order in orders), key=lambda found: found[1])


def one_by_one(pattern: Any, reverse: bool) -> Coloring:
    """A colour for each row (`reverse`) or column: what a dense matrix needs."""
    m, n = pattern.shape
    row, column = _coordinates(pattern)
    entries = row * n + column
    if reverse:
        return Coloring(np.full(n, -1, np.int32), np.arange(m, dtype=np.int32), 0, m, np.ones(len(row), np.bool_), entries, entries)
    return Coloring(np.arange(n, dtype=np.int32), np.full(m, -1, np.int32), n, 0, np.zeros(len(row), np.bool_), column * m + row, entries)
