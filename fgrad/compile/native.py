"""Whole jaxprs as lines of one Numba function: what the body of a native loop is made of.

An `Emitter` writes a jaxpr into a function it is building: fused nests in place, matrix products as calls of BLAS, views and constants as copies,
inner control flow as Python statements. Every intermediate array is allocated once, ahead of all loops. Sizes and numbers are arguments, so
shapes do not enter the text. A primitive with no rule in `RULES` raises `NotNative`, and the caller keeps to the interpreter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fgrad.compile.emit import dtype_name, nest_lines
from fgrad.compile.fuse import NestStep, copy_nest, fuse
from fgrad.compile.lowering import DTYPES, VIEWS
from fgrad.compile.simplify import simplify
from fgrad.core.avals import PYTHON_SCALARS, ShapedArray
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var

NUMBA = {"float64": "types.float64", "float32": "types.float32", "int64": "types.int64", "bool_": "types.boolean"}


MOST_NESTS = 60
"""Numba takes a twentieth of a second or more for each loop nest of a function; a longer body is left to the interpreter."""


class NotNative(Exception):
    """The program has a part that has no native form."""


Rule = Callable[["Emitter", Equation, list[str], list[str]], None]
RULES: dict[str, Rule] = {}
"""How primitives (by name) are written: (emitter, equation, operand names, result names)."""


def native(*names: str) -> Callable[[Rule], Rule]:
    def register(rule: Rule) -> Rule:
        for n in names:
            RULES[n] = rule
        return rule

    return register


def check_native(aval: Any) -> None:
    if type(aval) is not ShapedArray or aval.dtype not in DTYPES:
        raise NotNative(f"values of type {aval!r}")


@dataclass
class Emitter:
    """A function being written: allocations, then the body; its numbers are collected in arrays that are arguments."""

    allocations: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    constants: list[tuple[Any, np.dtype]] = field(default_factory=list)
    count: int = 0
    nests: int = 0
    indent: str = "    "

    def fresh(self, prefix: str = "t") -> str:
        self.count += 1
        return f"{prefix}_{self.count}"

    def line(self, text: str) -> None:
        self.body.append(self.indent + text)

    def size(self, n: int) -> str:
        """A size or offset as a name: an entry of the argument `sizes`."""
        self.sizes.append(n)
        return f"z{len(self.sizes) - 1}"

    def constant(self, value: Any, dtype: np.dtype) -> str:
        self.constants.append((value, dtype))
        return f"k{len(self.constants) - 1}"

    def allocate(self, aval: Any, lead: str = "") -> str:
        """A new array of this type, with a leading size `lead` if given."""
        check_native(aval)
        shape = ", ".join(([lead] if lead else []) + [self.size(n) for n in aval.shape])
        name = self.fresh()
        self.allocations.append(f"    {name} = np.empty(({shape},), {dtype_name(aval.dtype)})")
        return name

    def is_own(self, name: str) -> bool:
        """Whether a name is that of an array allocated here, and no other name for a part of one."""
        return name.startswith("t_")

    def result(self, aval: Any) -> str:
        """Where a value goes: an allocated array, or a scalar variable."""
        check_native(aval)
        return self.allocate(aval) if aval.shape else self.fresh("x")

    def copy(self, to: str, source: str, aval: Any) -> None:
        """to = source, entry by entry for arrays."""
        if not aval.shape:
            self.line(f"{to} = {source}")
            return
        self.line(f"assign({to}, {source})")

    # -- a jaxpr in place

    def jaxpr(self, jaxpr: Jaxpr, operands: Sequence[str]) -> list[str]:
        """Writes the equations; returns the names of the outputs."""
        jaxpr = simplify(jaxpr)
        for a in jaxpr.in_avals:
            check_native(a)
        names: dict[Var, str] = dict(zip(jaxpr.invars, operands, strict=True))

        def atom(a: Atom, dtype: np.dtype | None = None) -> str:
            if type(a) is Literal:
                weak = dtype is not None and type(a.value) in PYTHON_SCALARS
                return self.constant(a.value, dtype if weak else a.aval.dtype)  # type: ignore[arg-type]
            return names[a]  # type: ignore[index]

        for step in fuse(jaxpr).steps:
            if isinstance(step, NestStep):
                outs = [self.result(v.aval) for v in step.outvars]
                names.update(zip(step.outvars, outs, strict=True))
                scalars = [atom(a, d) for a, d in zip(step.scalars, step.nest.scalars, strict=True)]
                self.nest(step, scalars, [names[v] for v in step.arrays], outs)
                continue
            rule = RULES.get(step.primitive.name)
            if rule is None:
                raise NotNative(f"the primitive {step.primitive.name}")
            outs = [self.fresh("w") for _ in step.outvars]
            rule(self, step, [atom(a) for a in step.inputs], outs)
            names.update(zip(step.outvars, outs, strict=True))
        return [atom(a) for a in jaxpr.outvars]

    def nest(self, step: NestStep, scalars: Sequence[str], arrays: Sequence[str], outs: Sequence[str]) -> None:
        """Writes a loop nest, its own names replaced by those of this function."""
        self.nests += 1
        if self.nests > MOST_NESTS:
            raise NotNative(f"more than {MOST_NESTS} loop nests: they would take too long to compile")
        own = self.fresh("")
        named: dict[str, str] = {}
        for kind, values in (("s", scalars), ("a", arrays), ("o", outs)):
            named.update({f"{kind}{k}": v for k, v in enumerate(values)})
        named.update({f"n{k}": self.size(n) for k, n in enumerate(step.sizes)})
        named.update({f"p{k}": self.size(n) for k, n in enumerate(step.integers)})

        def rename(m: re.Match) -> str:
            return named.get(m[0]) or f"{m[0]}{own}"

        for text in nest_lines(step.nest):
            self.line(re.sub(r"\b[vianpsodr]\d+(?:_\d+)?\b", rename, text))

    def source(self, parameters: Sequence[tuple[str, str]], results: Sequence[str]) -> str:
        """The module: a function of (sizes, one argument for each constant, the parameters), with its types."""
        types = ["types.Array(types.int64, 1, 'C')", *[NUMBA[dtype_name(d)] for _, d in self.constants], *[t for _, t in parameters]]
        names = ["sizes", *[f"k{i}" for i in range(len(self.constants))], *[n for n, _ in parameters]]
        lines = [
            "import numpy as np",
            "from numba import njit, types",
            "from fgrad.compile.runtime import *",
            "",
            "",
            f'@njit([({", ".join(types)},)], error_model="numpy", cache=True)',
            f"def kernel({', '.join(names)}):",
            "    prefer_512()",
            *[f"    z{i} = sizes[{i}]" for i in range(len(self.sizes))],
            *self.allocations,
            *self.body,
            f"    return {', '.join(results)}{',' if len(results) == 1 else ''}",
        ]
        return "\n".join(lines) + "\n"

    def arguments(self) -> list[Any]:
        """Values of the leading arguments."""
        return [np.array(self.sizes, np.int64), *[d.type(v) for v, d in self.constants]]


# -- primitives outside of nests


@native("reshape")
def _reshape(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    shape = eqn.params["shape"]
    if not shape:
        emit.line(f"{outs[0]} = {xs[0]}.reshape(1)[0]" if eqn.inputs[0].aval.shape else f"{outs[0]} = {xs[0]}")
    elif not eqn.inputs[0].aval.shape:
        _fill(emit, eqn.outvars[0].aval, xs[0], outs[0])
    else:
        emit.line(f"{outs[0]} = {xs[0]}.reshape(({', '.join(map(emit.size, shape))},))")


def _fill(emit: Emitter, aval: Any, value: str, out: str) -> None:
    if not aval.shape:
        emit.line(f"{out} = {value}")
        return
    array = emit.allocate(aval)
    emit.line(f"{array}[:] = {value}")
    emit.line(f"{out} = {array}")


@native("zeros")
def _zeros(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    aval = eqn.outvars[0].aval
    check_native(aval)
    _fill(emit, aval, emit.constant(0, aval.dtype), outs[0])


@native("full")
def _full(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    aval = eqn.outvars[0].aval
    check_native(aval)
    _fill(emit, aval, emit.constant(eqn.params["value"], aval.dtype), outs[0])


@native(*[p.name for p in VIEWS])
def _view(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    """A view that something other than a nest reads: a copy."""
    check_native(eqn.inputs[0].aval)
    aval = eqn.outvars[0].aval
    if type(eqn.inputs[0]) is Literal or not eqn.inputs[0].aval.shape:
        _fill(emit, aval, xs[0], outs[0])
        return
    array = emit.allocate(aval)
    emit.nest(copy_nest(eqn), [], xs, [array])
    emit.line(f"{outs[0]} = {array}")


@native("concatenate")
def _concatenate(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    aval, axis = eqn.outvars[0].aval, eqn.params["axis"]
    array = emit.allocate(aval)
    start = 0
    for x, a in zip(xs, eqn.inputs, strict=True):
        n = a.aval.shape[axis]
        where = ", ".join(f"{emit.size(start)}:{emit.size(start + n)}" if k == axis else ":" for k in range(aval.ndim))
        emit.line(f"{array}[{where}] = {x}")
        start += n
    emit.line(f"{outs[0]} = {array}")


@native("pad")
def _pad(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    aval, widths = eqn.outvars[0].aval, eqn.params["widths"]
    if any(low < 0 or high < 0 for low, high, _ in widths):
        raise NotNative("a pad that cuts")
    array = emit.allocate(aval)
    where = []
    for n, (low, _, interior) in zip(eqn.inputs[0].aval.shape, widths, strict=True):
        stop = low + (n - 1) * (interior + 1) + 1 if n else low
        where.append(f"{emit.size(low)}:{emit.size(stop)}:{emit.size(interior + 1)}")
    emit.line(f"{array}[:] = {emit.constant(0, aval.dtype)}")
    emit.line(f"{array}[{', '.join(where)}] = {xs[0]}")
    emit.line(f"{outs[0]} = {array}")


@native("contract")
def _contract(emit: Emitter, eqn: Equation, xs: list[str], outs: list[str]) -> None:
    """A product of matrices or vectors by BLAS, where the labels are in the right order; else plain loops."""
    x, y, out = (eqn.params[k] for k in ("x_labels", "y_labels", "out_labels"))
    a, b = (v.aval for v in eqn.inputs)
    aval = eqn.outvars[0].aval
    check_native(aval)
    batch = [c for c in out if c in x and c in y]
    summed = [c for c in x if c in y and c not in out]
    free_x, free_y = [c for c in out if c not in y], [c for c in out if c not in x]
    if not out and list(x) == list(y) == summed and len(x) == 1 and aval.dtype.kind == "f":
        emit.line(f"{outs[0]} = np.dot({xs[0]}, {xs[1]})")
        return
    matrices = not batch and len(x) <= 2 and len(y) <= 2 and len(summed) == 1 and len(free_x) <= 1 and len(free_y) <= 1 and out
    if matrices and aval.dtype.kind == "f":
        array = emit.allocate(aval)
        left = xs[0] if len(x) == 1 or x[1] in summed else f"{xs[0]}.T"
        right = xs[1] if len(y) == 1 or y[0] in summed else f"{xs[1]}.T"
        if free_x and free_y and list(out) != [*free_x, *free_y]:  # the transposed product
            turn = lambda m: m.removesuffix(".T") if m.endswith(".T") else f"{m}.T"
            left, right = turn(right), turn(left)
        elif not free_x:  # vector @ matrix
            right = right.removesuffix(".T") if right.endswith(".T") else f"{right}.T"
            left, right = right, left
        emit.line(f"np.dot({left}, {right}, {array})")
        emit.line(f"{outs[0]} = {array}")
        return
    length = {**dict(zip(x, a.shape, strict=True)), **dict(zip(y, b.shape, strict=True))}
    array = emit.allocate(aval) if out else ""
    index = {c: emit.fresh("i") for c in [*out, *summed]}
    total, depth = emit.fresh("x"), 0
    pad = lambda: "    " * depth
    for c in out:
        emit.line(f"{pad()}for {index[c]} in range({emit.size(length[c])}):")
        depth += 1
    emit.line(f"{pad()}{total} = {emit.constant(0, aval.dtype)}")
    outer = depth
    for c in summed:
        emit.line(f"{pad()}for {index[c]} in range({emit.size(length[c])}):")
        depth += 1
    at = lambda name, labels: f"{name}[{', '.join(index[c] for c in labels)}]" if labels else name
    emit.line(f"{pad()}{total} += {at(xs[0], x)} * {at(xs[1], y)}")
    depth = outer
    if out:
        emit.line(f"{pad()}{at(array, out)} = {total}")
    emit.line(f"{outs[0]} = {array or total}")
