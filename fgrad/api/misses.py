"""Why a jitted function was staged or compiled: what `jit(f).explain_misses()` says.

A miss is recorded with what it was looked up by; it is compared with earlier ones only when somebody asks. Imports core and what is in this room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fgrad.api.flat import call_path
from fgrad.core import tree
from fgrad.core.source import Source, function_name, user_source

Key = tuple[tree.TreeDef, tuple, tuple, tuple]
"""What jit looks up: structure, avals, static arguments as (position, type, value), and as (name, type, value)."""

_MOST = 1000  # misses that are remembered
_COMPARED = 50  # earlier ones that a miss is compared with
_SHOWN = 6  # differences of one miss that are shown


@dataclass(frozen=True)
class Miss:
    """A call that found no program."""

    number: int
    source: Source | None
    key: Key
    positions: tuple[int, ...]  # of the arguments that are not static
    note: str = ""  # what is to say beside the comparison, or in place of it
    compare: bool = True


class Misses:
    """The misses of one jitted function."""

    def __init__(self, fun: Callable):
        self.fun = fun
        self.found: deque[Miss] = deque(maxlen=_MOST)
        self.count = 0
        self.plain = 0  # calls with config.jit off

    def record(self, key: Key, positions: Sequence[int], note: str = "", compare: bool = True) -> int:
        """Returns the number of the miss."""
        self.count += 1
        self.found.append(Miss(self.count, user_source(2), key, tuple(positions), note, compare))
        return self.count

    def explain(self) -> str:
        """Why calls were staged or compiled: for each its line, and what is new beside the nearest earlier one.

        Returns:
            Text to print. Calls that found their program are not in it: counting them would cost them time.
        """
        name = function_name(self.fun)
        if not (self.count or self.plain):
            return f"{name} has not been called"
        lines = [f"{name}: {self.count} {'calls' if self.count != 1 else 'call'} found no program"]
        if self.count > len(self.found):
            lines[0] += f"; the last {len(self.found)}:"
        earlier: deque[Miss] = deque(maxlen=_COMPARED)
        for miss in self.found:
            lines.append(f"{miss.number}. at {miss.source}" if miss.source else f"{miss.number}.")
            lines += [f"   {line}" for line in _reasons(miss, earlier)]
            if miss.compare:
                earlier.append(miss)
        if self.plain:
            lines.append(f"{self.plain} calls with fgrad.config.jit off ran {name} as it is")
        return "\n".join(lines)


def _reasons(miss: Miss, earlier: Sequence[Miss]) -> Iterator[str]:
    if miss.compare and not earlier:
        in_tree, avals, *_ = miss.key
        args, kwargs = tree.unflatten(in_tree, [_Shown(a) for a in avals])
        shown = [repr(x) for x in args] + [f"{k}={x!r}" for k, x in kwargs.items()]
        yield f"the first call: {', '.join(shown)}" if shown else "the first call"
    elif miss.compare:
        compared = [(list(differences(m, miss)), m) for m in earlier]
        found, closest = min(compared, key=lambda c: (sum(d.weight for d in c[0]), -c[1].number))
        yield from (d.text for d in found[:_SHOWN])
        if len(found) > _SHOWN:
            yield f"and {len(found) - _SHOWN} more differences"
        if len(earlier) > 1:
            yield f"(beside {closest.number}, the nearest before)"
    if miss.note:
        yield miss.note


class Difference(NamedTuple):
    """One way in which a call differs from an earlier one; the nearest of the earlier ones is that of least weight."""

    text: str
    weight: int = 1


class _Shown:
    """Prints as the type of an argument does, inside of containers."""

    def __init__(self, aval: Any):
        self.aval = aval

    def __repr__(self) -> str:
        return repr(self.aval)


def differences(old: Miss, new: Miss) -> Iterator[Difference]:
    """In what a call's key differs from an earlier one's: structure, types, static arguments."""
    old_tree, old_avals, *old_fixed = old.key
    new_tree, new_avals, *new_fixed = new.key
    if old_tree != new_tree or old.positions != new.positions:
        yield from _calls(old, new)
    was = dict(zip(_paths(old_tree, old.positions), old_avals, strict=True))
    for path, aval in zip(_paths(new_tree, new.positions), new_avals, strict=True):
        before = was.get(path, aval)
        if before != aval:
            both = getattr(before, "shape", None) != getattr(aval, "shape", None) and before.dtype != aval.dtype
            yield Difference(f"argument{path} is {aval!r}, and was {before!r}", 2 if both else 1)
    for a, b in zip(old_fixed, new_fixed, strict=True):
        was, now = ({where: (kind, value) for where, kind, value in fixed} for fixed in (a, b))
        for k in was:
            if k not in now:
                yield Difference(f"static argument {k} is not given, and was {was[k][1]!r:.60}")
        for k in now:
            if k not in was:
                yield Difference(f"static argument {k} is {now[k][1]!r:.60}, and was not given")
            elif now[k] != was[k]:
                yield Difference(f"static argument {k} is {_value(now[k], was[k])}, and was {_value(was[k], now[k])}")


def _paths(treedef: tree.TreeDef, positions: Sequence[int]) -> list[str]:
    return [call_path(path, positions) for path in tree.paths(treedef)]


def _value(x: tuple[type, Any], other: tuple[type, Any]) -> str:
    return f"{x[1]!r:.60} of type {x[0].__name__}" if x[0] is not other[0] else f"{x[1]!r:.60}"


def _calls(old: Miss, new: Miss) -> Iterator[Difference]:
    (old_args, old_kw), (new_args, new_kw) = old.key[0].children(), new.key[0].children()
    if old.positions == new.positions:
        for i, a, b in zip(new.positions, old_args.children(), new_args.children(), strict=True):
            yield from _structures(a, b, f"argument {i}")
    else:
        yield Difference(f"{len(new.positions)} arguments are given by position, and {len(old.positions)} were", 4)
    before, after = (dict(zip(t.entries(), t.children(), strict=True)) for t in (old_kw, new_kw))
    yield from (Difference(f"argument {k} is not given by name, and was", 2) for k in before if k not in after)
    for k in after:
        if k in before:
            yield from _structures(before[k], after[k], f"argument {k}")
        else:
            yield Difference(f"argument {k} is given by name, and was not", 2)


def _structures(a: tree.TreeDef, b: tree.TreeDef, where: str) -> Iterator[Difference]:
    if a == b:
        return
    if a.type is not b.type:
        yield Difference(f"{where} is {_kind(b)}, and was {_kind(a)}", 4 if a.num_nodes > 1 and b.num_nodes > 1 else 2)
    elif b.type is dict:
        before, after = (dict(zip(t.entries(), t.children(), strict=True)) for t in (a, b))
        yield from (Difference(f"{where} has a new key {k!r}", 2) for k in after if k not in before)
        yield from (Difference(f"{where} lacks the key {k!r}", 2) for k in before if k not in after)
        for k in after:
            if k in before:
                yield from _structures(before[k], after[k], f"{where}[{k!r}]")
    elif len(a.children()) != len(b.children()):
        yield Difference(f"{where} is {_kind(b)}, and was {_kind(a)}", 3)
    else:
        level: Any = b.one_level()
        inside = [
            d for at, x, y in zip(level.accessors(), a.children(), b.children(), strict=True) for d in _structures(x, y, at.codify(where))
        ]
        if inside:
            yield from inside
        else:  # what is part of the structure without being a tree, as static fields are
            yield Difference(f"{where} is {tree.show(b):.80}, and was {tree.show(a):.80}", 2)


def _kind(spec: tree.TreeDef) -> str:
    if spec.type is None:
        return "an array or a number"
    if spec.type is type(None):
        return "None"
    name, n = spec.type.__name__, len(spec.children())
    return f"a {name} of {n}" if issubclass(spec.type, (list, tuple)) else f"a {name}"


__all__ = ["Misses"]
