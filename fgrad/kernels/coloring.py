"""Greedy colourings of large graphs, as Numba functions of the arrays of CSR matrices. Imports NumPy and Numba only.

Sources: A. H. Gebremedhin, F. Manne, A. Pothen, "What color is your Jacobian? Graph coloring for computing derivatives", SIAM Review 47 (2005);
A. H. Gebremedhin, A. Tarafdar, F. Manne, A. Pothen, "New acyclic and star coloring algorithms with application to computing Hessians", SIAM J. Sci.
Comput. 29 (2007).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def distance_two(indptr, indices, t_indptr, t_indices, order, most):
    """Colours of the columns of a matrix such that two columns with an entry in one row differ.

    Args:
        indptr, indices: the matrix by rows; t_indptr, t_indices: by columns.
        order: the columns in the order in which they get their colours.
        most: a number of colours beyond which it gives up.

    Returns:
        The colours, and how many there are (more than `most`: it gave up).
    """
    n = len(order)
    color = np.full(n, -1, np.int32)
    taken = np.full(n + 1, -1, np.int32)
    count = 0
    for j in order:
        for p in range(t_indptr[j], t_indptr[j + 1]):
            i = t_indices[p]
            for q in range(indptr[i], indptr[i + 1]):
                c = color[indices[q]]
                if c >= 0:
                    taken[c] = j
        c = 0
        while taken[c] == j:
            c += 1
        color[j] = c
        if c >= count:
            count = c + 1
            if count > most:
                return color, count
    return color, count


@njit(cache=True, nogil=True)
def star(indptr, indices, order, hub):
    """Star colours of a symmetric graph: neighbours differ, and no path on four vertices has two colours only.

    Args:
        indptr, indices: the neighbours of each vertex, itself left out or not.
        order: the vertices in the order in which they get their colours.
        hub: vertices that get a colour each to themselves. No path through one can have two colours, so that their edges need not be walked.

    Returns:
        The colours (hubs have the first), and how many there are.
    """
    n = len(order)
    color = np.full(n, -1, np.int32)
    count = 0
    for v in range(n):
        if hub[v]:
            color[v] = count
            count += 1
    first = count
    taken = np.full(n + 1, -1, np.int32)  # taken[c] == v: v must not have colour c
    seen = np.full(n + 1, -1, np.int32)  # seen[c] == v: a neighbour of v has colour c
    twice = np.full(n + 1, -1, np.int32)  # and so does another one
    for v in order:
        if hub[v]:
            continue
        for p in range(indptr[v], indptr[v + 1]):
            w = indices[p]
            if w == v or hub[w] or color[w] < 0:
                continue
            c = color[w]
            taken[c] = v
            if seen[c] == v:
                twice[c] = v
            seen[c] = v
        for p in range(indptr[v], indptr[v + 1]):
            w = indices[p]
            if w == v or hub[w]:
                continue
            c = color[w]
            if c < 0:
                continue
            for q in range(indptr[w], indptr[w + 1]):
                x = indices[q]
                if hub[x] or color[x] < 0 or taken[color[x]] == v:
                    continue
                if x == v or x == w:  # noqa: SIM109 (Numba has no membership in tuples)
                    continue
                if twice[c] == v:  # v would stand inside a path w' - v - w - x
                    taken[color[x]] = v
                    continue
                for r in range(indptr[x], indptr[x + 1]):
                    y = indices[r]
                    if y != w and y != x and color[y] == c:  # v would end a path v - w - x - y
                        taken[color[x]] = v
                        break
        c = first
        while taken[c] == v:
            c += 1
        color[v] = c
        if c >= count:
            count = c + 1
    return color, count
