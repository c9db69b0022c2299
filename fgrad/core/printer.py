"""Printing jaxprs: names, types and equals signs aligned; inner jaxprs indented below their equation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # jaxpr.py prints with this module
    from fgrad.core.jaxpr import Equation, Jaxpr, Var


def letters(i: int) -> str:
    """a, b, ..., z, ba, bb, ...: the names of variables."""
    name = chr(ord("a") + i % 26)
    return name if i < 26 else letters(i // 26) + name


class _Names(dict):
    def __missing__(self, v: Var) -> str:
        self[v] = letters(len(self))
        return self[v]

    def atom(self, a: Any) -> str:
        return repr(a) if hasattr(a, "value") else self[a]

    def typed(self, v: Var) -> str:
        return f"{self[v]}:{v.aval!r}"


def show_param(value: Any) -> str:
    """A parameter as it is shown in brackets; functions by name, arrays by type."""
    if isinstance(value, np.ndarray):
        return f"<array {value.dtype}{list(value.shape)}>"
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, tuple):
        return f"({', '.join(map(show_param, value))}{',' if len(value) == 1 else ''})"
    if callable(value) and not isinstance(value, type):
        return getattr(value, "__name__", type(value).__name__)
    return repr(value)


def show_jaxpr(jaxpr: Jaxpr, consts: int = 0, source: bool = False) -> str:
    """The printed form; the first `consts` inputs stand before the semicolon, and `source` adds the user's lines."""
    return "\n".join(_lines(jaxpr, consts, source))


def _lines(jaxpr: Jaxpr, consts: int, source: bool) -> list[str]:
    names = _Names()
    inputs = [names.typed(v) for v in jaxpr.invars]
    head = " ".join(inputs[:consts]) + (" ; " if consts else "") + " ".join(inputs[consts:])
    left = [" ".join(names.typed(v) for v in e.outvars) for e in jaxpr.eqns]
    width = max(map(len, left), default=0)
    body: list[tuple[str, Equation | None]] = []
    for lhs, eqn in zip(left, jaxpr.eqns, strict=True):
        inner = [(k, v) for k, v in eqn.params.items() if _holds_jaxpr(v)]
        params = " ".join(f"{k}={show_param(v)}" for k, v in eqn.params.items() if not _holds_jaxpr(v) and v is not None)
        call = eqn.primitive.name + (f"[{params}]" if params else "")
        body.append((f"    {lhs.ljust(width)} = {' '.join([call, *map(names.atom, eqn.inputs)])}", eqn))
        for key, value in inner:
            for j, sub in enumerate(value if isinstance(value, tuple) else (value,)):
                label = f"{key}[{j}]" if isinstance(value, tuple) else key
                lines = _lines(sub, 0, source)
                body.append((f"      {label} = {lines[0]}", None))
                body += [(f"      {line}", None) for line in lines[1:]]
    if source:
        margin = max((len(text) for text, eqn in body if eqn), default=0)
        text = [f"{t.ljust(margin)}  # {eqn.source}" if eqn and eqn.source else t for t, eqn in body]
    else:
        text = [t for t, _ in body]
    outs = ", ".join(map(names.atom, jaxpr.outvars)) + ("," if len(jaxpr.outvars) == 1 else "")
    return [f"{{ lambda {head}. let", *text, f"  in ({outs}) }}"]


def _holds_jaxpr(value: Any) -> bool:
    return hasattr(value, "eqns") or (isinstance(value, tuple) and bool(value) and all(hasattr(v, "eqns") for v in value))
