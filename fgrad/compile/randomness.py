"""Native rules for random bits: Threefry-2x32 in a loop that vectorises. `ops/random_threefry.py` says what it is and where it comes from. Read
`native.py` first."""

from __future__ import annotations

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import Array, NotNative, Program, Scalar, Value, native
from fgrad.compile.scalars import convert, memory, read, register, write
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation
from fgrad.ops.random_threefry import PARITY, ROTATIONS

U32, U64 = np.dtype(np.uint32), np.dtype(np.uint64)


def _hash(f: Function, k0: str, k1: str, x0: str, x1: str) -> tuple[str, str]:
    """The two words of a key and a counter."""
    f.module.declare("llvm.fshl.i32", "declare i32 @llvm.fshl.i32(i32, i32, i32)")
    schedule = (k0, k1, f.op(f"xor i32 {f.op(f'xor i32 {k0}, {k1}')}, {PARITY}"))
    x0, x1 = f.op(f"add i32 {x0}, {k0}"), f.op(f"add i32 {x1}, {k1}")
    for i in range(5):
        for r in ROTATIONS[i % 2]:
            x0 = f.op(f"add i32 {x0}, {x1}")
            x1 = f.op(f"xor i32 {f.op(f'call i32 @llvm.fshl.i32(i32 {x1}, i32 {x1}, i32 {r})')}, {x0}")
        x0 = f.op(f"add i32 {x0}, {schedule[(i + 1) % 3]}")
        x1 = f.op(f"add i32 {f.op(f'add i32 {x1}, {schedule[(i + 2) % 3]}')}, {i + 1}")
    return x0, x1


@native("threefry2x32")
def _threefry(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    f, (keys, counters) = p.f, map(p.in_memory, xs)
    out = p.result(eqn.outvars[0])
    if keys.aval.shape != counters.aval.shape:
        raise NotNative("keys and counters of two shapes")
    pairs = p.entries(Array("", out.aval, out.dims[:-1]))
    with f.loop(pairs) as n:
        at = [multiplied(f, n, "2"), added(f, multiplied(f, n, "2"), "1")]
        words = [read(f, f.at(a.pointer, "i32", i), U32)[0] for a in (keys, counters) for i in at]
        for i, word in zip(at, _hash(f, *words), strict=True):
            write(f, f.at(out.pointer, "i32", i), U32, (word,))
    return [out]


@native("random_bits", "random_uniform")
def _fill(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """For each key as many entries as `shape` says, entry j of the words of counter j."""
    f, keys, aval = p.f, p.in_memory(xs[0]), eqn.outvars[0].aval
    dtype = aval.dtype
    if dtype.itemsize * 8 not in (8, 16, 32, 64) or (dtype.kind == "f" and dtype.itemsize < 4):
        raise NotNative(f"random {dtype}")
    out = p.result(eqn.outvars[0]) if aval.shape else p.in_memory(Scalar(("0" if dtype.kind == "u" else "0.0",), aval))
    lead = len(keys.aval.shape) - 1
    count = p.entries(Array("", ShapedArray((), dtype), out.dims[lead:]))
    with f.loop(p.entries(Array("", keys.aval, keys.dims[:-1]))) as i:
        k0, k1 = (read(f, f.at(keys.pointer, "i32", added(f, multiplied(f, i, "2"), str(j))), U32)[0] for j in (0, 1))
        row = multiplied(f, i, count)
        with f.loop(count) as j:
            high = f.op(f"trunc i64 {f.op(f'lshr i64 {j}, 32')} to i32")
            words = _hash(f, k0, k1, high, f.op(f"trunc i64 {j} to i32"))
            write(f, f.at(out.pointer, memory(dtype), added(f, row, j)), dtype, (_entry(f, words, dtype),))
    return [out if aval.shape else Scalar(read(f, out.pointer, dtype), aval)]


def _entry(f: Function, words: tuple[str, str], dtype: np.dtype) -> str:
    """Two words as an entry: both for 64 bits, their exclusive or for fewer; a floating point number in [1, 2), less 1."""
    bits = dtype.itemsize * 8
    kind = f"i{bits}"
    if bits == 64:
        high, low = (f.op(f"zext i32 {w} to i64") for w in words)
        value = f.op(f"or i64 {f.op(f'shl i64 {high}, 32')}, {low}")
    else:
        value = convert(f, (f.op(f"xor i32 {words[0]}, {words[1]}"),), U32, np.dtype(f"u{dtype.itemsize}"))[0]
    if dtype.kind == "u":
        return value
    mantissa = np.finfo(dtype).nmant
    one = int(np.array(1, dtype).view(f"u{dtype.itemsize}"))
    value = f.op(f"or {kind} {f.op(f'lshr {kind} {value}, {bits - mantissa}')}, {one}")
    t = register(dtype)
    return f.op(f"fsub {t} {f.op(f'bitcast {kind} {value} to {t}')}, 1.0")
