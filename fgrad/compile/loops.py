"""The loop-nest IR: what a fused kernel does, before it is written in any language.

A `LoopNest` runs over axes of given sizes. Its statements are loads, scalar operations, stores and reductions. A value lives at a *depth*:
outside the loops (0) or inside the loop of an axis; it is computed as far outside as its operands allow. Sizes, offsets and numbers are
parameters, so two nests of the same structure are equal (and compiled once), whatever the shapes.

An axis may be cut into segments: a value with a *guard* is computed in some of them and is zero in the others, which is how the padding of an
array is read. Each segment becomes a loop of its own, so that no loop asks where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Index:
    """One subscript of a load: `start + step * axis`; step and start name integer parameters, or are None for 1 and 0."""

    axis: int
    step: int | None = None
    start: int | None = None

    def __str__(self) -> str:
        text = f"i{self.axis}" if self.step is None else f"p{self.step} * i{self.axis}"
        return text if self.start is None else f"p{self.start} + {text}"


@dataclass(frozen=True)
class Guard:
    """True in the segments first, ..., last - 1 of an axis."""

    axis: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"i{self.axis} in segments {self.first}..{self.last - 1}"


@dataclass(frozen=True)
class Load:
    """`value = array[indices]`, or zero where a guard is false"""

    value: int
    array: int
    indices: tuple[Index, ...]
    depth: int
    dtype: np.dtype
    guards: tuple[Guard, ...] = ()

    def __str__(self) -> str:
        return f"v{self.value} = a{self.array}[{', '.join(map(str, self.indices))}]{_where(self.guards)}"


def _where(guards: tuple[Guard, ...]) -> str:
    return f" where {' and '.join(map(str, guards))}" if guards else ""


_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&", "or": "|", "xor": "^",
}  # fmt: skip


@dataclass(frozen=True)
class Compute:
    """`value = op(operands)`, an operation of `scalars.py` on operands of these dtypes; zero where a guard is false."""

    value: int
    op: str
    operands: tuple[str, ...]
    dtypes: tuple[np.dtype, ...]
    depth: int
    dtype: np.dtype
    guards: tuple[Guard, ...] = ()

    def __str__(self) -> str:
        if self.op in _INFIX:
            text = f" {_INFIX[self.op]} ".join(self.operands)
        elif self.op == "select":
            text = "{1} if {0} else {2}".format(*self.operands)
        elif self.op == "convert":
            text = f"{self.dtype.name}({self.operands[0]})"
        else:
            text = f"{self.op}({', '.join(self.operands)})" if self.op != "copy" else self.operands[0]
        return f"v{self.value} = {text}{_where(self.guards)}"


@dataclass(frozen=True)
class Store:
    """`out[all axes] = operand`"""

    out: int
    operand: str

    def __str__(self) -> str:
        return f"store o{self.out} = {self.operand}"


@dataclass(frozen=True)
class Reduce:
    """`out[kept axes]` accumulates the operand over the other axes."""

    out: int
    kind: str
    operand: str
    kept: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.kind} o{self.out}[{', '.join(f'i{a}' for a in self.kept)}] of {self.operand}"


@dataclass(frozen=True)
class Out:
    """An array (or scalar) the nest makes: over all axes, or over the kept ones of a reduction."""

    dtype: np.dtype
    axes: tuple[int, ...]


@dataclass(frozen=True)
class LoopNest:
    """Loops over `rank` axes. Parameters in order: sizes n0.., integers p0.., scalars s0.., arrays a0.. (their dtypes and ranks)."""

    rank: int
    integers: int
    scalars: tuple[np.dtype, ...]
    arrays: tuple[tuple[np.dtype, int], ...]
    larger: tuple[int, ...]  # arrays that have entries the loops do not reach, or in another order of axes
    cuts: tuple[tuple[int, ...], ...]  # for each axis the integer parameters at which its segments end, but for the last
    body: tuple[Load | Compute | Store | Reduce, ...]
    outs: tuple[Out, ...]

    def __str__(self) -> str:
        axes = ", ".join(f"i{k} < n{k}" for k in range(self.rank))
        lines = [f"for {axes}:" if axes else "once:"]
        for s in self.body:
            depth = getattr(s, "depth", self.rank)
            lines.append("  " * (depth + 1) + str(s))
        return "\n".join(lines)


@dataclass
class NestBuilder:
    """Collects the parameters and statements of a nest; the order of use names them, so that equal structures get equal names."""

    sizes: Sequence[int]
    integers: list[int] = field(default_factory=list)
    scalars: list = field(default_factory=list)  # (atom or number, dtype)
    arrays: list = field(default_factory=list)
    body: list = field(default_factory=list)
    outs: list[Out] = field(default_factory=list)
    values: int = 0

    @property
    def rank(self) -> int:
        return len(self.sizes)

    def integer(self, n: int) -> int:
        self.integers.append(n)
        return len(self.integers) - 1

    def scalar(self, atom: object, dtype: np.dtype) -> str:
        for i, (a, d) in enumerate(self.scalars):
            if a is atom and d == dtype:
                return f"s{i}"
        self.scalars.append((atom, dtype))
        return f"s{len(self.scalars) - 1}"

    def array(self, var: object) -> int:
        if var not in self.arrays:
            self.arrays.append(var)
        return self.arrays.index(var)

    def value(self) -> int:
        self.values += 1
        return self.values - 1

    def nest(self) -> LoopNest:
        avals = [v.aval for v in self.arrays]
        types = tuple((a.dtype, len(a.shape)) for a in avals)
        larger = tuple(k for k, a in enumerate(avals) if a.shape != tuple(self.sizes))
        scalars = tuple(d for _, d in self.scalars)
        places, cuts = self._segments()
        body = []
        for s in self.body:
            if isinstance(s, (Load, Compute)) and s.guards:
                guards = tuple(Guard(g.axis, *[places[g.axis][min(b, self.sizes[g.axis])] for b in (g.first, g.last)]) for g in s.guards)
                s = replace(s, guards=guards)
            body.append(s)
        return LoopNest(self.rank, len(self.integers), scalars, types, larger, cuts, tuple(body), tuple(self.outs))

    def _segments(self) -> tuple[list[dict[int, int]], tuple[tuple[int, ...], ...]]:
        """While building, guards hold bounds; here they are numbered, and those inside an axis become parameters."""
        places, cuts = [], []
        guards = [g for s in self.body if isinstance(s, (Load, Compute)) for g in s.guards]
        for axis, n in enumerate(self.sizes):
            bounds = {b for g in guards if g.axis == axis for b in (g.first, g.last)}
            inner = sorted(b for b in bounds if 0 < b < n)
            places.append({0: 0, **{b: k + 1 for k, b in enumerate(inner)}, n: len(inner) + 1})
            cuts.append(tuple(map(self.integer, inner)))
        return places, tuple(cuts)
