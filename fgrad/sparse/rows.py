"""Which inputs each entry of an array depends on: a table of sets of inputs, and for each entry the number of its set.

The table is a boolean CSR matrix whose last row is empty, so that number -1 says "none". Moving entries about (a slice, a broadcast, a gather)
changes the numbers and leaves the table; only where entries meet (a sum, an operation of two arrays) are sets united, by SciPy's boolean
matrix products. Sets that grow beyond a budget become one set for all entries: larger than the true ones, never smaller. Imports NumPy and SciPy only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LEAST_BUDGET, BUDGET_PER_ENTRY = 2**22, 128
"""How many members all sets of an array may have together: the first, or this many for each entry or input."""

Table = Any
"""scipy.sparse.csr_array of booleans, its last row empty."""


def csr(indptr: np.ndarray, indices: np.ndarray, shape: tuple[int, int]) -> Any:
    """A boolean CSR matrix of these entries."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(indices), np.bool_), indices, indptr), shape=shape)


class Rows:
    """The sets of the entries of one array, in C order: entry e depends on the inputs in row `number[e]` of `table`."""

    __slots__ = ("number", "table")

    def __init__(self, table: Table, number: np.ndarray):
        self.table, self.number = table, number

    @property
    def size(self) -> int:
        return len(self.number)

    @property
    def inputs(self) -> int:
        return self.table.shape[1]

    def lengths(self) -> np.ndarray:
        """How many members the set of each entry has."""
        return np.diff(self.table.indptr)[self.number]

    def take(self, places: np.ndarray) -> Rows:
        """The entries at these flat places; -1 for an entry that depends on nothing."""
        places = np.ravel(places)
        found = self.number[places] if self.size else np.full(len(places), -1)
        return Rows(self.table, np.where(places < 0, -1, found) if places.size and places.min() < 0 else found)

    def matrix(self) -> Any:
        """The same as a boolean CSR matrix, a row for each entry."""
        k = self.table.shape[0] - 1
        if self.size == k and np.array_equal(self.number, np.arange(k)):
            return self.table[:k]
        return self.table[self.number % (k + 1)]

    def members(self) -> np.ndarray:
        """Every input that some entry depends on."""
        used = np.zeros(self.table.shape[0], np.bool_)
        used[self.number] = True
        seen = np.zeros(self.inputs, np.bool_)
        seen[self.table.indices if used[:-1].all() else self.table[np.flatnonzero(used)].indices] = True
        return np.flatnonzero(seen)

    def spread(self, size: int | None = None) -> Rows:
        """Every entry (of so many) depends on all that some entry depends on."""
        return everywhere(self.members(), self.inputs, self.size if size is None else size)

    def unite(self, indptr: np.ndarray, entries: np.ndarray) -> Rows:
        """New entries, each of which depends on what the entries `entries[indptr[i]:indptr[i+1]]` do."""
        k, size = self.table.shape[0], len(indptr) - 1
        reads = csr(indptr, self.number[entries] % k, (size, k))
        lengths = np.diff(self.table.indptr)
        if lengths[reads.indices].sum() > self.budget(size):
            reads.sum_duplicates()  # entries that share a set, as the copies that a broadcast made do
            if lengths[reads.indices].sum() > self.budget(size):
                return self.take(entries).spread(size)
        return of_matrix(reads @ self.table)

    def gathered(self, groups: np.ndarray) -> Rows:
        """New entries, each of which depends on what the entries in one row of `groups` do."""
        size, each = groups.shape
        return self.unite(np.arange(size + 1) * each, groups.ravel())

    def budget(self, size: int) -> int:
        return max(LEAST_BUDGET, BUDGET_PER_ENTRY * max(size, self.inputs))

    def __or__(self, other: Rows) -> Rows:
        if self.table is other.table and (self.number is other.number or np.array_equal(self.number, other.number)):
            return self
        ks = self.table.shape[0], other.table.shape[0]
        if max(ks) <= self.size // 2:  # both share sets: unite each pair that occurs once
            pairs, number = np.unique(self.number % ks[0] * ks[1] + other.number % ks[1], return_inverse=True)
            if len(pairs) <= self.size // 2:
                return (Rows(self.table, pairs // ks[1]) | Rows(other.table, pairs % ks[1])).take(number)
        if self.lengths().sum() + other.lengths().sum() > min(self.budget(self.size), 4 * self.size + sum(ks) * 8):
            for small, large in ((self, other), (other, self)):
                if small._within(large):
                    return large
        if self.lengths().sum() + other.lengths().sum() > self.budget(self.size):
            return everywhere(np.union1d(self.members(), other.members()), self.inputs, self.size)
        return of_matrix(self.matrix() + other.matrix())

    def _within(self, other: Rows) -> bool:
        """Whether each set of these is part of the other's set for that entry."""
        if self.lengths().sum() > self.budget(self.size) or len(other.table.indices) > self.budget(self.size) or not other.table.nnz:
            return False
        mine, n, k = self.matrix(), self.inputs, other.table.shape[0]
        row = np.repeat(other.number % k, np.diff(mine.indptr))
        theirs = np.repeat(np.arange(k), np.diff(other.table.indptr)) * n + other.table.indices  # in order: a table has sorted rows
        wanted = row * n + mine.indices
        place = np.minimum(np.searchsorted(theirs, wanted), len(theirs) - 1)
        return bool((theirs[place] == wanted).all())

    def same_as(self, other: Rows) -> bool:
        if self.table is other.table and np.array_equal(self.number, other.number):
            return True
        a, b = self.lengths(), other.lengths()
        if not np.array_equal(a, b):
            return False
        if a.sum() > self.budget(self.size):
            return self._within(other) and other._within(self)
        return np.array_equal(self.matrix().indices, other.matrix().indices)


def of_matrix(matrix: Any) -> Rows:
    """The rows of a boolean CSR matrix."""
    matrix.sort_indices()
    size, n = matrix.shape
    return Rows(csr(np.append(matrix.indptr, matrix.indptr[-1]), matrix.indices, (size + 1, n)), np.arange(size))


def identity(size: int, first: int, inputs: int) -> Rows:
    """Entry e depends on input first + e, of so many inputs."""
    indptr = np.append(np.arange(size + 1, dtype=np.int32), np.int32(size))
    return Rows(csr(indptr, np.arange(first, first + size, dtype=np.int32), (size + 1, inputs)), np.arange(size))


def everywhere(members: np.ndarray, inputs: int, size: int) -> Rows:
    """All entries depend on the same inputs."""
    n = len(members)
    return Rows(csr(np.array([0, n, n], np.int32), members.astype(np.int32), (2, inputs)), np.zeros(size, np.int64))


def joined(parts: Sequence[Rows | None], sizes: Sequence[int]) -> Rows | None:
    """The entries of several arrays, one after another; None depends on nothing."""
    from scipy.sparse import vstack

    tables: list[Any] = []
    starts: list[int] = []
    numbers = []
    for part, size in zip(parts, sizes, strict=True):
        if part is None:
            numbers.append(np.full(size, -1))
            continue
        known = next((i for i, t in enumerate(tables) if t is part.table), None)
        if known is None:
            known = len(tables)
            starts.append(sum(t.shape[0] for t in tables))
            tables.append(part.table)
        numbers.append(part.number % part.table.shape[0] + starts[known])
    if not tables:
        return None
    return Rows(tables[0] if len(tables) == 1 else vstack(tables, format="csr"), np.concatenate(numbers))
