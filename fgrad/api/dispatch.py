"""Calls of compiled programs with pytrees as arguments: Python functions written for one structure each.

A *way* checks that the arguments have its structure, takes the leaves out, hands them to a program's native entry, and builds the result, in one function
without a loop. The entry looks at shapes and dtypes itself, and refuses what it is not for. What no way serves is served by `jit.py` in general.
Imports core and what is in this room.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import os
import threading
from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, CodeType, FunctionType, NoneType
from typing import Any

import numpy as np
import optree

from fgrad.api.flat import owned
from fgrad.compile.statuses import INTERRUPTED
from fgrad.core import tree
from fgrad.core.avals import ShapedArray

REFUSED = NotImplemented
"""What an entry and a way return for arguments that they are not for."""

_MOST = 8  # programs of one structure, and structures, that are tried in turn; more are found by their types in jit's own caches
_PATIENCE = 8  # of calls that are not served by what is tried first, one changes what that is: what alternates is not moved all the time
_LARGEST = 5000  # nodes of a tree; Python compiles longer functions slowly
_DEEPEST = 60  # Python's parser takes so many brackets
_FILE = os.path.join(os.path.dirname(__file__), "<way>")  # a place inside of fgrad: errors do not take it for the user's
_KEYS = (str, int)
_FIXED = (int, float, complex, bool, str, bytes, NoneType, type, FunctionType, BuiltinFunctionType, np.ufunc)


_NUMBERS = {np.dtype(float): float, np.dtype(complex): complex, np.dtype(np.int64): int, np.dtype(bool): bool}


def python_entry(run: Callable[..., list], consts: Sequence[Any], avals: Sequence[Any]) -> Callable[..., Any] | None:
    """What a native program has an entry of its own for, for one that calls NumPy: a tuple of the results, or REFUSED for leaves of other types."""
    if not all(isinstance(a, ShapedArray) for a in avals):
        return None
    names = [f"x{k}" for k in range(len(avals))]
    space: dict[str, Any] = {"run": run, "owned": owned, "ndarray": np.ndarray, "REFUSED": REFUSED, "consts": consts}
    tests = []
    for k, (x, a) in enumerate(zip(names, avals, strict=True)):
        if a.shape:
            space[f"d{k}"], space[f"s{k}"] = a.dtype, a.shape
            tests.append(f"type({x}) is not ndarray or {x}.dtype != d{k} or {x}.shape != s{k}")
        else:
            space[f"t{k}"] = (a.dtype.type, *([_NUMBERS[a.dtype]] if a.dtype in _NUMBERS else []))
            tests.append(f"type({x}) not in t{k}")
    lines = [f"def entry({', '.join(names)}):", *(f"  if {t}: return REFUSED" for t in tests)]
    exec(_code("\n".join([*lines, f"  return tuple(owned(run({', '.join(['*consts', *names])})))"])), space)
    return space["entry"]


class NoWay(Exception):
    """There is no function for such arguments: a node of a kind whose check would be as slow as flattening, or that could run the user's code."""


class Way:
    """Calls with arguments of one structure (and the same static arguments) whose results have one structure."""

    __slots__ = ("call", "space", "programs", "late")

    def __init__(self, text: str, space: dict[str, Any]):
        self.space = space
        self.programs: tuple[Callable[..., Any], ...] = ()
        self.late = 0  # calls that the first program did not serve
        space.update(REFUSED=REFUSED, first=_refuse, others=self.others)
        exec(_code(text), space)  # names are ours, values are bound, and keys are written by repr
        self.call: Callable[[tuple, dict], Any] = space["way"]

    def add(self, program: Callable[..., Any]) -> None:
        """From now on this program is tried first."""
        rest = [p for p in self.programs if p is not program]
        self.programs = (program, *rest[: _MOST - 1])
        self.space["first"] = program

    def others(self, outs: Any, leaves: Sequence[Any]) -> Any:
        """What the other programs make of leaves that the first one refused, or all of them of contiguous copies."""
        if outs is not REFUSED:  # the list of an error: the general way runs the program again and raises it
            if outs[0] == INTERRUPTED:
                raise KeyboardInterrupt("a compiled loop was interrupted")
            return REFUSED
        for program in self.programs[1:]:
            outs = program(*leaves)
            if outs is not REFUSED:
                self.late += 1
                if self.late % _PATIENCE == 0:
                    self.add(program)
                return outs if type(outs) is tuple else REFUSED
        copies = [x if type(x) is not np.ndarray or (x.flags.c_contiguous and x.flags.aligned) else x.copy() for x in leaves]
        if any(map(operator.is_not, leaves, copies)):
            for program in self.programs:
                outs = program(*copies)
                if type(outs) is tuple:
                    return outs
        return REFUSED


class Ways:
    """The ways of one jitted function, a recent one first."""

    __slots__ = ("first", "rest", "known", "late", "lock")

    def __init__(self) -> None:
        self.first: Callable[[tuple, dict], Any] = _refuse
        self.rest: tuple[Callable[[tuple, dict], Any], ...] = ()
        self.known: dict[Any, Way | None] = {}
        self.late = 0
        self.lock = threading.Lock()

    def others(self, args: tuple, kwargs: dict[str, Any]) -> Any:
        """What the other ways make of arguments that the first one refused."""
        for call in self.rest:
            out = call(args, kwargs)
            if out is not REFUSED:
                self.late += 1
                if self.late % _PATIENCE == 0:
                    self._put_first(call)
                return out
        return REFUSED

    def add(self, key: Any, program: Callable[..., Any], make: Callable[[], Way]) -> None:
        """From now on this program serves arguments of this key; `make` writes the way for them if there is none."""
        if key not in self.known:
            try:
                self.known[key] = make()
            except NoWay:
                self.known[key] = None
        way = self.known[key]
        if way is not None:
            if program not in way.programs:
                way.add(program)
            if self.first is not way.call:
                self._put_first(way.call)

    def _put_first(self, call: Callable[[tuple, dict], Any]) -> None:
        with self.lock:
            rest = [c for c in (self.first, *self.rest) if c is not call and c is not _refuse]
            self.first, self.rest = call, tuple(rest[: _MOST - 1])


def _refuse(*args: Any) -> Any:
    return REFUSED


@functools.lru_cache(maxsize=1024)
def _code(text: str) -> CodeType:
    return compile(text, _FILE, "exec")


def write_way(
    in_tree: tree.TreeDef,
    args: tuple,
    kwargs: dict[str, Any],
    fixed: dict[int, Any],
    fixed_kw: dict[str, Any],
    out_tree: tree.TreeDef,
    result: Any,
) -> Way:
    """The way for such arguments.

    Args:
        in_tree: of the arguments that are not static, `(args, kwargs)`.
        args, kwargs: an example of the arguments.
        fixed, fixed_kw: those of them that are static, by position and name.
        out_tree: of the results.
        result: an example; its dicts have the order that all results are to have.

    Raises:
        NoWay: there is none.
    """
    if in_tree.num_nodes + out_tree.num_nodes > _LARGEST:
        raise NoWay
    w = _Writer()
    names = [w.fresh() for _ in args]
    w.refuse_if(f"len(args) != {len(args)}", f"len(kwargs) != {len(kwargs)}" if kwargs else "kwargs")
    if names:
        w.line(f"{', '.join(names)}, = args")
    for i, value in fixed.items():
        w.check_static(names[i], value)
    for k, value in fixed_kw.items():
        w.check_static(f"kwargs[{k!r}]", value)
    positional, by_name = in_tree.children()
    dynamic = [i for i in range(len(args)) if i not in fixed]
    for i, spec in zip(dynamic, positional.children(), strict=True):
        w.take(spec, args[i], names[i], 0)
    for k, spec in zip(by_name.entries(), by_name.children(), strict=True):
        name = w.fresh()
        w.line(f"{name} = kwargs[{k!r}]")
        w.take(spec, kwargs[k], name, 0)
    outs = [f"r{i}" for i in range(out_tree.num_leaves)]
    packed = w.pack(out_tree, result, iter(outs), 0)
    leaves = "".join(f"{x}, " for x in w.leaves)
    text = [
        "def way(args, kwargs):",
        "  try:",
        *[f"    {line}" for line in w.lines],
        "  except Exception:",  # a missing key, or a comparison that raises: the general way says what is wrong
        "    return REFUSED",
        f"  outs = first({leaves.rstrip(', ')})",
        "  if type(outs) is not tuple:",
        f"    outs = others(outs, ({leaves}))",
        "    if outs is REFUSED:",
        "      return REFUSED",
        f"  {', '.join(outs)}, = outs" if outs else "",
        f"  return {packed}",
    ]
    return Way("\n".join(text), w.space)


class _Writer:
    """Text that checks a structure and takes its leaves out, and text that puts a result together."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.leaves: list[str] = []
        self.space: dict[str, Any] = {}
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def bound(self, value: Any) -> str:
        name = f"k{len(self.space)}"
        self.space[name] = value
        return name

    def line(self, text: str) -> None:
        self.lines.append(text)

    def refuse_if(self, *conditions: str) -> None:
        self.line(f"if {' or '.join(conditions)}: return REFUSED")

    def check_static(self, name: str, value: Any) -> None:
        """As a cache would look it up: the same type, and equal."""
        if not _is_fixed(value):
            raise NoWay  # a key whose hash may change, or whose comparison is the user's code
        x, known = self.fresh(), self.bound(value)
        self.line(f"{x} = {name}")
        self.refuse_if(f"type({x}) is not {self.bound(type(value))}", f"({x} is not {known} and {x} != {known})")

    def take(self, spec: tree.TreeDef, example: Any, name: str, depth: int) -> None:
        """Checks that `name` is a tree of this structure, and takes its leaves. Leaves are checked by the entry.

        `__tree_fields__` of fgrad's own classes are the attributes that are their children, which they are made of, in this order.
        """
        kind, children = spec.type, spec.children()
        if kind is None:
            self.leaves.append(name)
            return
        if depth > _DEEPEST:
            raise NoWay
        if kind is NoneType:
            self.refuse_if(f"{name} is not None")
            return
        checks = [f"type({name}) is not {self.bound(kind)}"]
        names = [self.fresh() for _ in children]
        if kind is dict:
            if not all(type(k) in _KEYS for k in spec.entries()):
                raise NoWay
            self.refuse_if(*checks, f"len({name}) != {len(children)}")
            for n, k in zip(names, spec.entries(), strict=True):
                self.line(f"{n} = {name}[{k!r}]")
            values = [example[k] for k in spec.entries()]
        elif kind in (list, tuple) or _is_plain_namedtuple(kind):
            self.refuse_if(*checks, f"len({name}) != {len(children)}")
            if names:
                self.line(f"{', '.join(names)}, = {name}")
            values = list(example)
        elif fields := getattr(kind, "__tree_fields__", ()):
            self.refuse_if(*checks)
            for n, k in zip(names, fields, strict=True):
                self.line(f"{n} = {name}.{k}")
            values = [getattr(example, k) for k in fields]
        elif static := _dataclass_fields(kind, spec.namespace, example):
            self.refuse_if(*checks)
            for k, value in static[1].items():
                self.check_static(f"{name}.{k}", value)
            for n, k in zip(names, static[0], strict=True):
                self.line(f"{n} = {name}.{k}")
            values = [getattr(example, k) for k in static[0]]
        else:
            raise NoWay
        for child, value, n in zip(children, values, names, strict=True):
            self.take(child, value, n, depth + 1)

    def pack(self, spec: tree.TreeDef, example: Any, outs: Any, depth: int) -> str:
        """An expression of the leaves `outs` that builds what `tree.unflatten` does."""
        kind, children = spec.type, spec.children()
        if kind is None:
            return next(outs)
        if kind is NoneType:
            return "None"
        if depth > _DEEPEST:
            raise NoWay
        if kind is dict and all(type(k) in _KEYS for k in example):
            parts = {k: self.pack(c, example[k], outs, depth + 1) for k, c in zip(spec.entries(), children, strict=True)}
            return "{" + ", ".join(f"{k!r}: {parts[k]}" for k in example) + "}"
        if kind in (list, tuple) or _is_plain_namedtuple(kind):
            parts = [self.pack(c, x, outs, depth + 1) for c, x in zip(children, example, strict=True)]
            inner = ", ".join(parts)
            if kind is list:
                return f"[{inner}]"
            return f"({inner}{',' if parts else ''})" if kind is tuple else f"{self.bound(kind)}({inner})"
        if fields := getattr(kind, "__tree_fields__", ()):
            inner = ", ".join(self.pack(c, getattr(example, k), outs, depth + 1) for c, k in zip(children, fields, strict=True))
            return f"{self.bound(kind)}({inner})"
        leaves = "".join(f"{next(outs)}, " for _ in range(spec.num_leaves))
        return f"{self.bound(tree.unflatten)}({self.bound(spec)}, ({leaves}))"


def _is_fixed(x: Any) -> bool:
    """Whether a value can not change, and is compared by Python alone."""
    return all(map(_is_fixed, x)) if type(x) in (tuple, frozenset) else type(x) in _FIXED or isinstance(x, np.dtype)


def _is_plain_namedtuple(kind: type) -> bool:
    """Whether this is a named tuple that is taken apart and made as a tuple is."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields") and kind.__iter__ is tuple.__iter__ and kind.__len__ is tuple.__len__


def _dataclass_fields(kind: type, namespace: str, example: Any) -> tuple[Sequence[str], dict[str, Any]] | None:
    """The names of the children, and the static fields, of a dataclass that fgrad registered by itself; None for other classes."""
    known = optree.register_pytree_node.get(kind, namespace=namespace)  # type: ignore[attr-defined]
    if known is None or getattr(known.flatten_func, "__module__", "") != tree.__name__:
        return None
    flattened: Any = known.flatten_func(example)
    _, values, children = flattened
    static = [f.name for f in dataclasses.fields(kind) if f.name not in children]
    return children, dict(zip(static, values, strict=True))
