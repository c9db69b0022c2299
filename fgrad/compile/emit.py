"""Loop nests as Python source for Numba: nested loops over C-contiguous arrays with scalar bodies.

Each value is computed in the outermost loop it can be; a sum over inner axes is kept in a scalar, one over outer axes in its output array. A nest whose
arrays are all read and written in order becomes one loop over all entries.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from fgrad.compile.loops import Compute, Index, Load, LoopNest, Reduce, Store

_IDENTITY = {
    "sum": lambda d: f"{d}(0)",
    "prod": lambda d: f"{d}(1)",
    "max": lambda d: f"{d}(-np.inf)" if d.startswith("float") else "False" if d == "bool_" else "np.iinfo(np.int64).min",
    "min": lambda d: f"{d}(np.inf)" if d.startswith("float") else "True" if d == "bool_" else "np.iinfo(np.int64).max",
    "and": lambda d: "True",
    "or": lambda d: "False",
}
_UPDATE = {
    "sum": "radd({acc}, {v})",
    "prod": "{acc} * {v}",
    "max": "maximum({acc}, {v})",
    "min": "minimum({acc}, {v})",
    "and": "{acc} and {v}",
    "or": "{acc} or {v}",
}
_INTEGER_UPDATE = {"sum": "{acc} + {v}", "max": "max({acc}, {v})", "min": "min({acc}, {v})"}


def dtype_name(dtype: np.dtype) -> str:
    return "bool_" if dtype == np.bool_ else dtype.name


def collapsed(nest: LoopNest) -> LoopNest:
    """The nest as one loop over all entries, where every load is in order and every reduction over all axes; else the nest."""
    if nest.rank < 2 or nest.larger or any(nest.cuts):
        return nest
    plain = tuple(Index(k) for k in range(nest.rank))
    for s in nest.body:
        if (isinstance(s, Load) and s.indices != plain) or (isinstance(s, Reduce) and s.kept):
            return nest
    body = tuple(
        replace(s, indices=(Index(0),), depth=1)
        if isinstance(s, Load)
        else replace(s, depth=min(s.depth, 1))
        if isinstance(s, Compute)
        else s
        for s in nest.body
    )
    outs = tuple(replace(o, axes=(0,) if o.axes else ()) for o in nest.outs)
    return LoopNest(1, nest.integers, nest.scalars, tuple((d, 1) for d, _ in nest.arrays), (), ((),), body, outs)


def source(nest: LoopNest, name: str = "kernel") -> str:
    """A Python function of (sizes, integers, scalars, arrays) that returns the outputs; arrays of a collapsed nest are flattened inside."""
    flat = collapsed(nest)
    parameters = [f"n{k}" for k in range(nest.rank)] + [f"p{k}" for k in range(nest.integers)]
    parameters += [f"s{k}" for k in range(len(nest.scalars))] + [f"a{k}" for k in range(len(nest.arrays))]
    lines = [f"def {name}({', '.join(parameters)}):"]
    results = []
    if flat is not nest:
        lines.append(f"    n = {' * '.join(f'n{k}' for k in range(nest.rank))}")
        lines += [f"    a{k} = a{k}.reshape(n)" for k in range(len(nest.arrays))]
    for k, out in enumerate(nest.outs):
        if out.axes:
            lines.append(f"    o{k} = np.empty(({', '.join(f'n{a}' for a in out.axes)},), {dtype_name(out.dtype)})")
        results.append(f"o{k}")
        if flat is not nest and out.axes:
            lines.append(f"    f{k} = o{k}.reshape(n)")
    if flat.rank:
        lines.append("    prefer_512()")
    lines += (_Writer(nest, "n0", "o") if flat is nest else _Writer(flat, "n", "f")).lines()
    lines.append(f"    return {', '.join(results)}")
    return "\n".join(lines) + "\n"


def nest_lines(nest: LoopNest) -> list[str]:
    """The loops alone, at no indentation, writing to o0, o1, ..., which are there: for a nest inside a larger function."""
    return [text[4:].replace("load(", "read(").replace("store(", "write(") for text in _Writer(nest, "n0", "o").lines()]


class _Writer:
    def __init__(self, nest: LoopNest, first_size: str, result: str):
        self.nest, self.result = nest, result
        self.sizes = [first_size, *[f"n{k}" for k in range(1, nest.rank)]]

    def lines(self) -> list[str]:
        ranks = enumerate(ndim for _, ndim in self.nest.arrays)
        sizes = [f"    d{k}_{axis} = a{k}.shape[{axis}]" for k, ndim in ranks for axis in range(1, ndim)]
        return sizes + ["    " + text for text in self.block(0, {})]

    def block(self, depth: int, segment: dict[int, int]) -> list[str]:
        """What stands inside the loops of the first `depth` axes, in these segments of them."""
        rank = self.nest.rank
        reductions = [s for s in self.nest.body if isinstance(s, Reduce)]
        lines = [text for s in reductions for text in self.start(s, depth)]
        for s in self.nest.body:
            if isinstance(s, (Load, Compute)):
                if s.depth == depth:
                    lines.append(self.value(s, segment))
            elif depth == rank:
                lines.append(self.write(s.out, self.nest.outs[s.out].axes, s.operand) if isinstance(s, Store) else self.update(s))
        if depth < rank:
            bounds = ["0", *[f"p{p}" for p in self.nest.cuts[depth]], self.sizes[depth]]
            for j, (low, high) in enumerate(pairwise(bounds)):
                lines.append(f"for i{depth} in range({high if low == '0' else f'{low}, {high}'}):")
                lines += ["    " + text for text in self.block(depth + 1, {**segment, depth: j}) or ["pass"]]
        return lines + [text for s in reductions for text in self.finish(s, depth)]

    def value(self, s: Load | Compute, segment: dict[int, int]) -> str:
        if not all(g.first <= segment[g.axis] < g.last for g in s.guards):
            return f"v{s.value} = {'False' if s.dtype == np.bool_ else f'{dtype_name(s.dtype)}(0)'}"
        if isinstance(s, Compute):
            return s.text
        sizes = [f"d{s.array}_{k}" for k in range(len(s.indices))]
        return f"v{s.value} = load(a{s.array}, {_offset(list(map(str, s.indices)), sizes)})"

    def write(self, out: int, axes: tuple[int, ...], value: str) -> str:
        if not axes:
            return f"o{out} = {value}"
        return f"store({self.result}{out}, {_offset([f'i{a}' for a in axes], [self.sizes[a] for a in axes])}, {value})"

    # -- reductions: over inner axes in a scalar, over outer ones in the result

    def accumulator(self, s: Reduce) -> tuple[bool, str, str]:
        """Whether s is kept in a scalar, its name, and its dtype."""
        dtype = dtype_name(self.nest.outs[s.out].dtype)
        if s.kept == tuple(range(len(s.kept))):
            return True, f"r{s.out}", "float64" if s.kind == "sum" and dtype == "float32" else dtype  # a long float32 sum loses digits
        return False, f"{self.result}{s.out}[{', '.join(f'i{a}' for a in s.kept)}]", dtype

    def start(self, s: Reduce, depth: int) -> list[str]:
        scalar, name, dtype = self.accumulator(s)
        if depth != (len(s.kept) if scalar else 0):
            return []
        return [f"{name if scalar else f'{self.result}{s.out}[:]'} = {_IDENTITY[s.kind](dtype)}"]

    def update(self, s: Reduce) -> str:
        _, name, dtype = self.accumulator(s)
        text = _UPDATE[s.kind] if dtype.startswith("float") else _INTEGER_UPDATE.get(s.kind, _UPDATE[s.kind])
        narrow = dtype != dtype_name(self.nest.outs[s.out].dtype)
        return f"{name} = {text.format(acc=name, v=f'{dtype}({s.operand})' if narrow else s.operand)}"

    def finish(self, s: Reduce, depth: int) -> list[str]:
        scalar, name, dtype = self.accumulator(s)
        if not scalar or depth != len(s.kept):
            return []
        own = dtype_name(self.nest.outs[s.out].dtype)
        return [self.write(s.out, s.kept, name if own == dtype else f"{own}({name})")]


def _offset(subscripts: list[str], sizes: list[str]) -> str:
    """The flat offset of an entry in an array of these sizes, C order; the first size is not needed."""
    text = subscripts[0]
    for subscript, size in zip(subscripts[1:], sizes[1:], strict=True):
        text = f"({text}) * {size} + {subscript}" if " " in text else f"{text} * {size} + {subscript}"
    return text
