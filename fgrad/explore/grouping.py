"""From a program to the tree that is drawn: operations, and groups that fold.

Groups are the user's named scopes (`fgrad.name`), the programs inside loops, branches and calls, and, where a level would still show too many nodes,
consecutive equations cut where few variables cross. Every group is a run of consecutive equations, so no path leaves and enters it again:
folded groups make no circles.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fgrad.core.jaxpr import Equation, Jaxpr, Var
from fgrad.core.printer import letters
from fgrad.core.source import Scope, Source
from fgrad.explore.runs import Body, Run

LEVEL = 100
"""Nodes that one level may show; more are cut into parts."""
MAX_VIEWS = 48
"""In how many steps, those of outer loops multiplied, the body of a loop can be looked at."""
MAX_STEPS = 12
MAX_STEPS_OPERATIONS = 500  # steps times operations in the body: a page holds the texts of all


@dataclass(frozen=True, eq=False)
class View:
    """One of the runs that a level can show: the steps chosen in the loops around it, and where that is."""

    steps: tuple[int, ...]
    run: Run


@dataclass(eq=False)
class Level:
    """The nodes of one jaxpr or of one group in it, in the order of the program."""

    jaxpr: Jaxpr
    names: dict[Var, str]
    views: list[View]
    items: list[Op | Group] = field(default_factory=list)


@dataclass(eq=False)
class Op:
    """One equation."""

    key: str
    index: int
    eqn: Equation
    name: str = ""  # what the user calls its result, where that is known

    @property
    def eqns(self) -> list[Equation]:
        return [self.eqn]

    @property
    def first(self) -> int:
        return self.index


@dataclass(eq=False)
class Group:
    """Several equations (kind scope or part), or the program inside one (kind loop, branch or call)."""

    key: str
    kind: str
    title: str
    level: Level
    eqns: list[Equation]
    first: int
    steps: int = 1  # of a loop
    shown: tuple[int, ...] = ()  # the steps that can be looked at
    operations: int = 0

    @property
    def in_equation(self) -> bool:
        """The program inside one equation, not several equations."""
        return self.kind in ("loop", "branch", "call")


def variable_names(jaxpr: Jaxpr) -> dict[Var, str]:
    """The letters that the printed jaxpr has."""
    found: dict[Var, str] = {}
    for v in [*jaxpr.invars, *[v for e in jaxpr.eqns for v in e.outvars]]:
        found.setdefault(v, letters(len(found)))
    return found


def tree_of(run: Run, names: dict[Var, str], part: int = LEVEL) -> Level:
    """The levels of a run, with the names that its inputs have."""
    return _level_of(run.jaxpr, [View((), run)], names, "", part)


def _level_of(jaxpr: Jaxpr, views: list[View], names: dict[Var, str], prefix: str, part: int) -> Level:
    level = Level(jaxpr, {**variable_names(jaxpr), **names}, views)
    assigned = assigned_names(jaxpr.eqns)
    items: list[Op | Group] = []
    for i, eqn in enumerate(jaxpr.eqns):
        bodies = [(v, v.run.bodies[i]) for v in views if i in v.run.bodies]
        if bodies:
            items.append(_body_group(f"{prefix}{i}", i, eqn, bodies, level, part))
        else:
            op = Op(f"{prefix}{i}", i, eqn, assigned.get(i, ""))
            items.append(op)
            if op.name:
                level.names[eqn.outvars[0]] = op.name
    level.items = _in_scopes(items, 0, level, prefix, part)
    return level


def _body_group(key: str, i: int, eqn: Equation, bodies: list[tuple[View, Body]], outer: Level, part: int) -> Group:
    shape = bodies[0][1]
    most = max(1, min(MAX_STEPS, MAX_VIEWS // len(bodies), MAX_STEPS_OPERATIONS // max(len(shape.jaxpr.eqns), 1)))
    views = []
    longest: tuple[int, ...] = ()
    for view, body in bodies:
        if body.jaxpr is not shape.jaxpr:
            continue  # another branch was taken in this step of the loop around
        steps = _spread(len(body.runs), most)
        longest = max(longest, steps, key=len)
        views += [View((*view.steps, s) if shape.kind == "loop" else view.steps, body.runs[s]) for s in steps]
    names = dict(zip(shape.jaxpr.invars, _body_names(eqn, shape, outer), strict=True))
    level = _level_of(shape.jaxpr, views, names, f"{key}.", part)
    title = f"{shape.title} × {shape.steps:,}" if shape.kind == "loop" else shape.title
    return Group(key, shape.kind, title, level, [eqn], i, shape.steps, longest if shape.kind == "loop" else (), len(shape.jaxpr.eqns))


def _spread(n: int, most: int) -> tuple[int, ...]:
    """At most so many of 0..n-1, the first and the last among them."""
    return tuple(range(n)) if n <= most else tuple(sorted({round(k * (n - 1) / max(most - 1, 1)) for k in range(most)}))


def body_inputs(eqn: Equation, kind: str) -> list[int | None]:
    """For each operand of an equation, the input of its body that it is (None: of the condition, or the number of steps)."""
    p, n = eqn.params, len(eqn.inputs)
    skip = p["n_cond"] if "n_cond" in p else int(kind == "branch" or (kind == "loop" and p.get("length", 0) is None))
    return [None if j < skip else j - skip for j in range(n)]


def body_outputs(eqn: Equation, kind: str) -> list[int | None]:
    """For each output of an equation, that of its body which it comes from (None: the number of steps of a while loop)."""
    if "n_cond" not in eqn.params:
        return list(range(len(eqn.outvars)))
    trips = len(eqn.inputs) - eqn.params["n_cond"] - eqn.params["n_body"]
    return [None if k == trips else k - (k > trips) for k in range(len(eqn.outvars))]


def _body_names(eqn: Equation, body: Body, outer: Level) -> list[str]:
    """Inputs of a body: the carry and the slices of a loop by what they are, anything else by its name outside."""
    inner: list[str] = [""] * len(body.jaxpr.invars)
    for a, k in zip(eqn.inputs, body_inputs(eqn, body.kind), strict=True):
        if k is not None:
            inner[k] = outer.names[a] if type(a) is Var else str(a)
    if body.kind == "loop":
        p = eqn.params
        first = p["n_body"] if "n_body" in p else p["n_consts"]
        carry = len(body.jaxpr.invars) - first if "n_body" in p else p["n_carry"]
        xs = len(inner) - first - carry
        inner[first:] = _numbered("carry", carry) + _numbered("x", xs)
    return inner


def _numbered(name: str, n: int) -> list[str]:
    return [name] if n == 1 else [f"{name}[{i}]" for i in range(n)]


# -- scopes and parts ------------------------------------------------------------------------------------------------------------------------


def _chain(eqn: Equation) -> list[Scope]:
    """The scopes around an equation, the outermost first."""
    found: list[Scope] = []
    scope = eqn.source.scope if eqn.source else None
    while scope is not None:
        found.append(scope)
        scope = scope.parent
    return found[::-1]


def scope_at(eqn: Equation, depth: int) -> Scope | None:
    """The named scope around an equation at this depth, the outermost being 0."""
    chain = _chain(eqn)
    return chain[depth] if len(chain) > depth else None


def _in_scopes(items: Sequence[Op | Group], depth: int, level: Level, prefix: str, part: int) -> list[Op | Group]:
    out: list[Op | Group] = []
    run: list[Op | Group] = []
    current: Scope | None = None

    def close() -> None:
        nonlocal run
        if run and current is not None:
            inner = Level(level.jaxpr, level.names, level.views, _in_scopes(run, depth + 1, level, prefix, part))
            out.append(_group("scope", current.name, inner, run, prefix, depth))
        else:
            out.extend(run)
        run = []

    for item in items:
        scope = scope_at(item.eqns[0], depth)
        if scope is not current:
            close()
            current = scope
        run.append(item)
    close()
    return _in_parts(out, level, prefix, part)


def _group(kind: str, title: str, inner: Level, items: Sequence[Op | Group], prefix: str, depth: int) -> Group:
    eqns = [e for it in items for e in it.eqns]
    first = items[0].first
    return Group(f"{prefix}{kind[0]}{depth}_{first}_{items[-1].first}", kind, title, inner, eqns, first, operations=len(eqns))


def _in_parts(items: list[Op | Group], level: Level, prefix: str, part: int) -> list[Op | Group]:
    """A level of too many nodes as consecutive parts, cut near equal sizes where the fewest variables cross."""
    n = len(items)
    if n <= part:
        return items
    count = min(max(2, round(math.sqrt(n))), max(2, part * 2 // 5))
    live = _crossing(items)
    size = n / count
    cuts = [0]
    for k in range(1, count):
        middle = round(k * size)
        near = range(max(cuts[-1] + 1, middle - int(size / 3)), min(n, middle + int(size / 3) + 1))
        if len(near):
            cuts.append(min(near, key=lambda c: (live[c], abs(c - middle))))
    groups: list[Op | Group] = []
    for a, b in zip(cuts, [*cuts[1:], n], strict=True):
        inner = Level(level.jaxpr, level.names, level.views, _in_parts(items[a:b], level, prefix, part))
        groups.append(_group("part", _lines(items[a:b]), inner, items[a:b], prefix, b - a))
    return groups


def _crossing(items: Sequence[Op | Group]) -> list[int]:
    """For each place before an item, how many variables are made ahead of it and used behind."""
    made: dict[Var, int] = {}
    last: dict[Var, int] = {}
    for k, item in enumerate(items):
        for eqn in item.eqns:
            for a in eqn.inputs:
                if type(a) is Var and a in made:
                    last[a] = k
            made.update(dict.fromkeys(eqn.outvars, k))
    change: Counter[int] = Counter()
    for v, k in last.items():
        change[made[v] + 1] += 1
        change[k + 1] -= 1
    found, alive = [], 0
    for k in range(len(items) + 1):
        alive += change[k]
        found.append(alive)
    return found


def _lines(items: Sequence[Op | Group]) -> str:
    """Where a part comes from: `loss: lines 12–17`."""
    sources = [e.source for it in items for e in it.eqns if e.source]
    if not sources:
        return "part"
    (file, function), _ = Counter((s.filename, s.function) for s in sources).most_common(1)[0]
    lines = [s.line for s in sources if (s.filename, s.function) == (file, function)]
    low, high = min(lines), max(lines)
    where = f"line {low}" if low == high else f"lines {low}–{high}"
    return f"{function.strip('<>')}, {where}"


# -- the user's names ------------------------------------------------------------------------------------------------------------------------


def assigned_names(eqns: Sequence[Equation]) -> dict[int, str]:
    """The equations whose result the user's line binds to one name, `q = x + y`: the last of those that came from the line."""
    found: dict[int, str] = {}
    for i, eqn in enumerate(eqns):
        following = eqns[i + 1].source if i + 1 < len(eqns) else None
        if eqn.source and len(eqn.outvars) == 1 and not _same_line(eqn.source, following) and (name := _target(eqn.source)):
            found[i] = name
    return found


def _same_line(a: Source, b: Source | None) -> bool:
    return b is not None and a[:3] == b[:3]


def _target(source: Source) -> str:
    try:
        (statement,) = ast.parse(source.text).body
    except (SyntaxError, ValueError):  # a part of a longer statement, or several on a line
        return ""
    if isinstance(statement, ast.AugAssign):
        target = statement.target
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    else:
        return ""
    return target.id if isinstance(target, ast.Name) else ""


def walk(level: Level) -> Iterator[Op | Group]:
    """Every operation and group, depth first."""
    for item in level.items:
        yield item
        if isinstance(item, Group):
            yield from walk(item.level)
