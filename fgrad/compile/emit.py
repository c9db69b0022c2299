"""Loop nests as Python source for Numba: nested loops over C-contiguous arrays with scalar bodies.

Each value is computed in the outermost loop it can be; a sum over inner axes is kept in a scalar, one over outer axes in its output array. A nest whose
arrays are all read and written in order becomes one loop over all entries.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fgrad.compile.loops import Compute, Index, Load, LoopNest, Out, Reduce, Store

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
    if nest.rank < 2 or nest.larger:
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
    return LoopNest(1, nest.integers, nest.scalars, tuple((d, 1) for d, _ in nest.arrays), (), body, outs)


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
        self.before: list[list[str]] = [[] for _ in range(nest.rank + 1)]  # by depth: ahead of the loop inside it
        self.after: list[list[str]] = [[] for _ in range(nest.rank + 1)]

    def lines(self) -> list[str]:
        for s in self.nest.body:
            if isinstance(s, Load):
                sizes = [f"d{s.array}_{k}" for k in range(len(s.indices))]
                self.before[s.depth].append(f"v{s.value} = load(a{s.array}, {_offset(list(map(str, s.indices)), sizes)})")
            elif isinstance(s, Compute):
                self.before[s.depth].append(str(s))
            elif isinstance(s, Store):
                self.store(s)
            else:
                self.reduce(s, self.nest.outs[s.out])
        ranks = enumerate(ndim for _, ndim in self.nest.arrays)
        lines = [f"    d{k}_{axis} = a{k}.shape[{axis}]" for k, ndim in ranks for axis in range(1, ndim)]
        for depth in range(self.nest.rank + 1):
            pad = "    " * (depth + 1)
            lines += [pad + text for text in self.before[depth]]
            if depth < self.nest.rank:
                lines.append(f"{pad}for i{depth} in range({self.sizes[depth]}):")
                if depth + 1 == self.nest.rank and not self.before[depth + 1]:
                    lines.append(pad + "    pass")
        for depth in range(self.nest.rank, -1, -1):
            lines += ["    " * (depth + 1) + text for text in self.after[depth]]
        return lines

    def store(self, s: Store) -> None:
        out = self.nest.outs[s.out]
        self.before[self.nest.rank].append(self.write(s.out, out.axes, s.operand))

    def write(self, out: int, axes: tuple[int, ...], value: str) -> str:
        if not axes:
            return f"o{out} = {value}"
        return f"store({self.result}{out}, {_offset([f'i{a}' for a in axes], [self.sizes[a] for a in axes])}, {value})"

    def reduce(self, s: Reduce, out: Out) -> None:
        rank, dtype = self.nest.rank, dtype_name(out.dtype)
        wide = "float64" if s.kind == "sum" and dtype == "float32" else dtype  # a long sum in single precision loses digits
        update = _UPDATE[s.kind] if dtype.startswith("float") else _INTEGER_UPDATE.get(s.kind, _UPDATE[s.kind])
        inner = s.kept == tuple(range(len(s.kept)))
        if inner:
            acc, depth = f"r{s.out}", len(s.kept)
            self.before[depth].append(f"{acc} = {_IDENTITY[s.kind](wide)}")
            value = s.operand if wide == dtype else f"{wide}({s.operand})"
            self.before[rank].append(f"{acc} = {update.format(acc=acc, v=value)}")
            result = acc if wide == dtype else f"{dtype}({acc})"
            self.after[depth].append(self.write(s.out, s.kept, result))
            return
        self.before[0].append(f"{self.result}{s.out}[:] = {_IDENTITY[s.kind](dtype)}")
        where = f"{self.result}{s.out}[{', '.join(f'i{a}' for a in s.kept)}]"
        self.before[rank].append(f"{where} = {update.format(acc=where, v=s.operand)}")


def _offset(subscripts: list[str], sizes: list[str]) -> str:
    """The flat offset of an entry in an array of these sizes, C order; the first size is not needed."""
    text = subscripts[0]
    for subscript, size in zip(subscripts[1:], sizes[1:], strict=True):
        text = f"({text}) * {size} + {subscript}" if " " in text else f"{text} * {size} + {subscript}"
    return text
