"""What a program does, for people: the listing that `lower(...).source` shows, its loop nests, and what each of its parts costs.

A listing is written beside the LLVM text, statement by statement, with the variables' letters, sizes and numbers in place of parameters. Read
`native.py` first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fgrad.compile.fuse import NestStep
from fgrad.compile.loops import Compute, LoopNest, Reduce
from fgrad.core.jaxpr import Atom, Equation, Literal, Var
from fgrad.core.primitive import Primitive
from fgrad.core.printer import letters, show_param

PRODUCTS: dict[Primitive, Callable[..., int]] = {}
"""For primitives that are sums of products, how many products there are, as a function of the types of operands and result."""


@dataclass(frozen=True)
class Cost:
    """What one part of a program does in one call: arithmetic operations, bytes read and written, and how often it runs (in loops over time).

    An operation such as exp counts as one, a multiplication and the addition of its product as two. times: None in a loop whose number of steps only
    the run knows; flops and bytes are then those of one step.
    """

    kernel: str
    flops: int
    bytes: int
    times: int | None
    multiply_adds: int = 0
    """Of the operations, how many pairs of a multiplication and an addition belong to products: of matrices, and convolutions."""


@dataclass(frozen=True)
class Costs:
    """The costs of a program's parts; prints as a table."""

    parts: tuple[Cost, ...]

    @property
    def flops(self) -> int:
        return sum(c.flops * (c.times or 1) for c in self.parts)

    @property
    def multiply_adds(self) -> int:
        return sum(c.multiply_adds * (c.times or 1) for c in self.parts)

    @property
    def bytes(self) -> int:
        return sum(c.bytes * (c.times or 1) for c in self.parts)

    def __iter__(self) -> Iterator[Cost]:
        return iter(self.parts)

    def __repr__(self) -> str:
        rows = [("kernel", "flops", "bytes", "times")]
        rows += [(c.kernel, f"{c.flops:,}", f"{c.bytes:,}", "?" if c.times is None else f"{c.times:,}") for c in self.parts]
        rows.append(("in all", f"{self.flops:,}", f"{self.bytes:,}", ""))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(t.ljust(w) if k == 0 else t.rjust(w) for k, (t, w) in enumerate(zip(r, widths, strict=True))) for r in rows]
        return "\n".join(map(str.rstrip, lines))


@dataclass
class Listing:
    """A listing being written."""

    lines: list[str] = field(default_factory=list)
    nests: list[LoopNest] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    names: dict[Var, str] = field(default_factory=dict)
    indent: int = 0
    times: list[int | None] = field(default_factory=list)  # trips of the loops around

    def name(self, a: Atom) -> str:
        if type(a) is Literal:
            return f"{a.value}"
        return self.names.setdefault(a, letters(len(self.names)))  # type: ignore[arg-type]

    def typed(self, v: Var) -> str:
        return f"{self.name(v)}:{v.aval!r}"

    def line(self, text: str) -> None:
        self.lines.append("  " * self.indent + text)

    @contextmanager
    def block(self, head: str, trips: int | None = 1) -> Iterator[None]:
        """What stands inside a loop (of so many trips) or a branch."""
        self.line(head)
        self.indent += 1
        self.times.append(trips)
        yield
        self.times.pop()
        self.indent -= 1

    def cost(self, kernel: str, flops: int, moved: int, multiply_adds: int = 0) -> None:
        times = None if None in self.times else math.prod(t for t in self.times if t is not None)
        self.costs.append(Cost(kernel, flops + 2 * multiply_adds, moved, times, multiply_adds))

    def equation(self, eqn: Equation) -> None:
        """A call of a rule."""
        params = " ".join(f"{k}={show_param(v)}" for k, v in eqn.params.items() if not _inner(v) and v is not None)
        outs = ", ".join(map(self.typed, eqn.outvars))
        self.line(f"{outs} = {eqn.primitive.name}({', '.join(map(self.name, eqn.inputs))}){f'  [{params}]' if params else ''}")
        if eqn.primitive.name == "contract":
            sizes = dict(zip(eqn.params["x_labels"], eqn.inputs[0].aval.shape, strict=True))
            sizes |= dict(zip(eqn.params["y_labels"], eqn.inputs[1].aval.shape, strict=True))
            self.cost(f"{outs} = contract", 0, _bytes([*eqn.inputs, *eqn.outvars]), math.prod(sizes.values()))
        elif eqn.primitive in PRODUCTS:
            products = PRODUCTS[eqn.primitive](*[a.aval for a in eqn.inputs], eqn.outvars[0].aval)
            self.cost(f"{outs} = {eqn.primitive.name}", 0, _bytes([*eqn.inputs, *eqn.outvars]), products)
        elif not any(map(_inner, eqn.params.values())):
            self.cost(f"{outs} = {eqn.primitive.name}", 0, _bytes([*eqn.inputs, *eqn.outvars]))

    def nest(self, step: NestStep) -> None:
        nest = step.nest
        self.nests.append(nest)
        named = {f"n{k}": str(n) for k, n in enumerate(step.sizes)}
        named |= {f"p{k}": str(n) for k, n in enumerate(step.integers)}
        named |= {f"s{k}": self.name(a) for k, a in enumerate(step.scalars)}
        named |= {f"a{k}": self.name(v) for k, v in enumerate(step.arrays)}
        named |= {f"o{k}": self.name(v) for k, v in enumerate(step.outvars)}
        outs = ", ".join(map(self.typed, step.outvars))
        self.line(f"{outs}:")
        for text in str(nest).splitlines():
            self.line("  " + re.sub(r"\b[npsao]\d+\b", lambda m: named.get(m[0], m[0]), text))
        flops = 0
        for s in nest.body:
            if isinstance(s, (Compute, Reduce)) and not (isinstance(s, Compute) and s.op in ("copy", "convert")):
                depth = s.depth if isinstance(s, Compute) else nest.rank
                flops += math.prod(step.sizes[:depth])
        self.cost(outs, flops, _bytes([*step.arrays, *step.outvars]))


def _inner(value: Any) -> bool:
    return hasattr(value, "eqns") or (isinstance(value, tuple) and bool(value) and all(hasattr(v, "eqns") for v in value))


def _bytes(atoms: Sequence[Atom]) -> int:
    avals: list[Any] = [a.aval for a in atoms]
    return sum(a.size * a.dtype.itemsize for a in avals if hasattr(a, "shape"))
