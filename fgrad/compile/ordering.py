"""Native rules for sorting and searching: a stable merge sort of short runs, for lanes inside loops and for short ones, and a search by halving. Long
lanes outside of loops are sorted by NumPy. Read `native.py` first.

NaN comes last, as in NumPy.
"""

from __future__ import annotations

import numpy as np

from fgrad.compile.along import entries_between, lanes
from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import NotNative, Program, Value, native
from fgrad.compile.scalars import I64, memory, read, register, write
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation

RUN = 16
"""Runs of this length are sorted by insertion before they are merged."""

FEW = 64
"""More entries than these are quicker in NumPy, where no loop is around."""


@native("sort", "argsort", "argpartition")
def _sort(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    f, x, axis = p.f, p.in_memory(xs[0]), eqn.params["axis"]
    dtype, n = x.aval.dtype, x.aval.shape[axis]
    # NumPy leaves the order of equal entries open, or is quicker: it does not sort what need not be
    tied = not eqn.params.get("stable", True) or "kth" in eqn.params
    if dtype.kind not in "fiub" or ((x.aval.size > FEW or tied) and not (p.hot or p.closed)):
        raise NotNative(f"{eqn.primitive.name} of {x.aval!r}")
    out = p.result(eqn.outvars[0])
    lane, spare = ShapedArray((n,), dtype), ShapedArray((n,), I64)
    sort = _function(p, dtype)
    with (
        p.scratch(lane) as keys, p.scratch(lane) as more_keys, p.scratch(spare) as places, p.scratch(spare) as more_places,
        lanes(p, x, axis) as (first, step, count, _),
    ):  # fmt: skip
        with f.loop(count) as t:
            key = read(f, f.at(x.pointer, memory(dtype), added(f, first, multiplied(f, t, step))), dtype)
            write(f, f.at(keys.pointer, memory(dtype), t), dtype, key)
            write(f, f.at(places.pointer, "i64", t), I64, (t,))
        pointers = ", ".join(f"ptr {a.pointer}" for a in (keys, places, more_keys, more_places))
        f.do(f"call void @{sort}({pointers}, i64 {count})")
        source, kind = (keys, dtype) if eqn.primitive.name == "sort" else (places, I64)
        with f.loop(count) as t:
            value = read(f, f.at(source.pointer, memory(kind), t), kind)
            write(f, f.at(out.pointer, memory(kind), added(f, first, multiplied(f, t, step))), kind, value)
    return [out]


class _Pairs:
    """Keys and the places they came from, side by side."""

    def __init__(self, f: Function, dtype: np.dtype, keys: str, places: str):
        self.f, self.dtype, self.keys, self.places = f, dtype, keys, places

    def key(self, i: str) -> str:
        return read(self.f, self.f.at(self.keys, memory(self.dtype), i), self.dtype)[0]

    def put(self, i: str, source: _Pairs, j: str) -> None:
        f = self.f
        write(f, f.at(self.keys, memory(self.dtype), i), self.dtype, (source.key(j),))
        write(f, f.at(self.places, "i64", i), I64, read(f, f.at(source.places, "i64", j), I64))


def _less(f: Function, dtype: np.dtype, x: str, y: str) -> str:
    t = register(dtype)
    if dtype.kind != "f":
        return f.op(f"icmp {'slt' if dtype.kind == 'i' else 'ult'} {t} {x}, {y}")
    last = f.op(f"and i1 {f.op(f'fcmp uno {t} {y}, {y}')}, {f.op(f'fcmp ord {t} {x}, {x}')}")
    return f.op(f"or i1 {f.op(f'fcmp olt {t} {x}, {y}')}, {last}")


def _minimum(f: Function, x: str, y: str) -> str:
    return f.op(f"select i1 {f.op(f'icmp slt i64 {x}, {y}')}, i64 {x}, i64 {y}")


def _function(p: Program, dtype: np.dtype) -> str:
    """void sort(keys, places, spare keys, spare places, n)"""
    module = p.module
    name = module.named.get(("sort", dtype))
    if name is not None:
        return name
    name = module.named["sort", dtype] = f"sort_{dtype.name}"
    f = Function(module, name, ["ptr %keys", "ptr %places", "ptr %spare_keys", "ptr %spare_places", "i64 %n"], attributes="noinline")
    pairs, spare = _Pairs(f, dtype, "%keys", "%places"), _Pairs(f, dtype, "%spare_keys", "%spare_places")
    _sort_runs(f, pairs, dtype)
    width = f.slot("i64")
    f.do(f"store i64 {RUN}, ptr {width}")
    head, body, done = f.label(), f.label(), f.label()
    f.jump(head)
    f.place(head)
    half = f.op(f"load i64, ptr {width}")
    f.branch(f.op(f"icmp slt i64 {half}, %n"), body, done)
    f.place(body)
    _merge_runs(f, pairs, spare, dtype, half)
    with f.loop("%n") as i:
        pairs.put(i, spare, i)
    f.do(f"store i64 {f.op(f'shl i64 {half}, 1')}, ptr {width}")
    f.jump(head)
    f.place(done)
    f.do("ret void")
    f.finish()
    return name


def _sort_runs(f: Function, pairs: _Pairs, dtype: np.dtype) -> None:
    """Each run of RUN entries by insertion."""
    with f.loop("%n") as i:
        start = f.op(f"and i64 {i}, {-RUN}")
        key = pairs.key(i)
        place = read(f, f.at(pairs.places, "i64", i), I64)
        at = f.slot("i64")
        f.do(f"store i64 {i}, ptr {at}")
        head, compare, shift, done = (f.label() for _ in range(4))
        f.jump(head)
        f.place(head)
        j = f.op(f"load i64, ptr {at}")
        f.branch(f.op(f"icmp sgt i64 {j}, {start}"), compare, done)
        f.place(compare)
        before = f.op(f"sub i64 {j}, 1")
        f.branch(_less(f, dtype, key, pairs.key(before)), shift, done)
        f.place(shift)
        pairs.put(j, pairs, before)
        f.do(f"store i64 {before}, ptr {at}")
        f.jump(head)
        f.place(done)
        write(f, f.at(pairs.keys, memory(dtype), j), dtype, (key,))
        write(f, f.at(pairs.places, "i64", j), I64, place)


def _merge_runs(f: Function, pairs: _Pairs, spare: _Pairs, dtype: np.dtype, half: str) -> None:
    """Neighbouring sorted runs of `half` entries to runs twice as long, in the spare memory."""
    left, right = f.slot("i64"), f.slot("i64")
    whole = f.op(f"shl i64 {half}, 1")
    blocks = f.op(f"udiv i64 {_plus(f, whole)}, {whole}")
    with f.loop(blocks) as b:
        low = f.op(f"mul i64 {b}, {whole}")
        middle = _minimum(f, f.op(f"add i64 {low}, {half}"), "%n")
        high = _minimum(f, f.op(f"add i64 {low}, {whole}"), "%n")
        f.do(f"store i64 {low}, ptr {left}")
        f.do(f"store i64 {middle}, ptr {right}")
        with f.loop(high, low) as k:
            i, j = f.op(f"load i64, ptr {left}"), f.op(f"load i64, ptr {right}")
            more_left, more_right = f.op(f"icmp slt i64 {i}, {middle}"), f.op(f"icmp slt i64 {j}, {high}")
            # entries past the end are not compared: the other run is taken
            x, y = (pairs.key(f.op(f"select i1 {more}, i64 {t}, i64 {low}")) for more, t in ((more_left, i), (more_right, j)))
            smaller = f.op(f"and i1 {_less(f, dtype, y, x)}, {more_right}")
            take_right = f.op(f"or i1 {smaller}, {f.op(f'xor i1 {more_left}, true')}")
            spare.put(k, pairs, f.op(f"select i1 {take_right}, i64 {j}, i64 {i}"))
            f.do(f"store i64 {_step(f, i, take_right, False)}, ptr {left}")
            f.do(f"store i64 {_step(f, j, take_right, True)}, ptr {right}")


def _plus(f: Function, whole: str) -> str:
    less = f.op(f"sub i64 {whole}, 1")
    return f.op(f"add i64 %n, {less}")


def _step(f: Function, i: str, took_right: str, right: bool) -> str:
    one = f.op(f"zext i1 {took_right} to i64")
    return f.op(f"add i64 {i}, {one if right else f.op(f'sub i64 1, {one}')}")


@native("searchsorted")
def _searchsorted(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """By halving, without branches: as many steps for each value."""
    f, (a, v), out = p.f, map(p.in_memory, xs), p.result(eqn.outvars[0])
    dtype = a.aval.dtype
    if dtype.kind not in "fiu":
        raise NotNative(f"searchsorted of {dtype}")
    left, n = eqn.params["side"] == "left", a.dims[-1]
    base, rest = f.slot("i64"), f.slot("i64")
    with f.loop(entries_between(f, v, 0, -1)) as row, f.loop(v.dims[-1]) as j:
        start, at = multiplied(f, row, n), added(f, multiplied(f, row, v.dims[-1]), j)
        value = read(f, f.at(v.pointer, memory(dtype), at), dtype)[0]

        def before(i: str, start: str = start, value: str = value) -> str:
            """Whether the value goes behind entry i."""
            entry = read(f, f.at(a.pointer, memory(dtype), added(f, start, i)), dtype)[0]
            return _less(f, dtype, entry, value) if left else f.op(f"xor i1 {_less(f, dtype, value, entry)}, true")

        f.do(f"store i64 0, ptr {base}")
        f.do(f"store i64 {n}, ptr {rest}")
        head, body, done = f.label(), f.label(), f.label()
        f.jump(head)
        f.place(head)
        many = f.op(f"load i64, ptr {rest}")
        f.branch(f.op(f"icmp sgt i64 {many}, 1"), body, done)
        f.place(body)
        half, low = f.op(f"lshr i64 {many}, 1"), f.op(f"load i64, ptr {base}")
        behind = f.op(f"add i64 {low}, {half}")
        beyond = before(f.op(f"sub i64 {behind}, 1"))
        f.do(f"store i64 {f.op(f'select i1 {beyond}, i64 {behind}, i64 {low}')}, ptr {base}")
        f.do(f"store i64 {f.op(f'sub i64 {many}, {half}')}, ptr {rest}")
        f.jump(head)
        f.place(done)
        with f.when(f.op(f"icmp sgt i64 {n}, 0")):
            low = f.op(f"load i64, ptr {base}")
            one = f.op(f"zext i1 {before(low)} to i64")
            f.do(f"store i64 {f.op(f'add i64 {low}, {one}')}, ptr {base}")
        write(f, f.at(out.pointer, "i64", at), I64, (f.op(f"load i64, ptr {base}"),))
    return [out]
