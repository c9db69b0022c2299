"""All measured workloads, the tables they stand in, and those a user asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.fresh import PROGRAMS
from benchmarks.workload import Workload
from benchmarks.workloads import dispatch, elementwise, fused, indexing, loops, networks, probability, regression, second_order, surface

WORKLOADS: tuple[Workload, ...] = tuple(
    w
    for family in (elementwise, fused, regression, networks, probability, loops, second_order, indexing, dispatch)
    for w in family.WORKLOADS
)
GROUPS = tuple(dict.fromkeys(w.group for w in WORKLOADS))
FIRST_CALLS, SIZES, SURFACE = "first calls", "batch sizes", "surface"
TABLES: Mapping[str, tuple[str, ...]] = {g: tuple(w.name for w in WORKLOADS if w.group == g) for g in GROUPS} | {
    FIRST_CALLS: tuple(PROGRAMS),
    SIZES: (),
    SURFACE: tuple(c.label for c in surface.CALLS),
}
"""Each table, and what stands in it."""


def select(asked: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """The tables asked for, by their names or by part of the names of what stands in them; all without `asked`.

    Raises:
        LookupError: nothing has such a name.
    """
    if asked is None:
        return dict(TABLES)
    found: dict[str, tuple[str, ...]] = {}
    for wanted in map(str.lower, asked):
        hits = {table: names if wanted == table else tuple(n for n in names if wanted in n.lower()) for table, names in TABLES.items()}
        hits = {table: names for table, names in hits.items() if names or wanted == table}
        if not hits:
            raise LookupError(f"no table and no workload is called {wanted!r}; --list names them")
        for table, names in hits.items():
            found[table] = tuple(n for n in TABLES[table] if n in names or n in found.get(table, ()))
    return {table: found[table] for table in TABLES if table in found}
