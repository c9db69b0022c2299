"""Native rules for products of tensors: each contraction is matrix products of BLAS on views of the operands, or plain loops where those are quicker.

Transposed and strided operands are arguments of the product, not copies; only an operand whose letters lie in no order that BLAS can read is copied first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import SMALL, Array, Program, Scalar, Value, native
from fgrad.compile.nests import accumulated
from fgrad.compile.scalars import F32, F64, Parts, apply, constant, convert, memory, read, register, write
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation

LOOPS_UP_TO = 2048
"""A product of at most so many multiplications is quicker in loops than the call of BLAS."""

_BLAS_LETTER = {"f4": "s", "f8": "d", "c8": "c", "c16": "z"}


@dataclass(frozen=True)
class _Operand:
    """An array with a letter for each axis, and its strides in entries."""

    array: Array
    labels: str
    strides: dict[str, str]
    length: dict[str, str]

    @staticmethod
    def of(f: Function, array: Array, labels: str) -> _Operand:
        strides, step = {}, "1"
        for c, d in reversed(list(zip(labels, array.dims, strict=True))):
            strides[c] = step
            step = multiplied(f, step, d)
        return _Operand(array, labels, strides, dict(zip(labels, array.dims, strict=True)))

    def merges(self, group: Sequence[str]) -> bool:
        """Whether these letters lie one behind the other, and so can be walked as one."""
        return "".join(group) in self.labels

    def stride(self, group: Sequence[str]) -> str:
        return self.strides[group[-1]] if group else "1"


@native("contract")
def _contract(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    x, y, out = (eqn.params[k] for k in ("x_labels", "y_labels", "out_labels"))
    a, b = (p.in_memory(v) for v in xs)
    batch = [c for c in out if c in x and c in y]
    summed = [c for c in x if c in y and c not in out]
    free_x, free_y = [c for c in out if c not in y], [c for c in out if c not in x]
    sizes = {**dict(zip(x, a.aval.shape, strict=True)), **dict(zip(y, b.aval.shape, strict=True))}
    aval: ShapedArray = eqn.outvars[0].aval
    result = p.result(eqn.outvars[0]) if aval.shape else None
    if result is None and len(summed) <= 1:
        return [Scalar(_dot(p, a, b), aval)]
    target = result or p.in_memory(Scalar(constant(0, aval.dtype), aval))
    work = math.prod(sizes[c] for c in (*free_x, *free_y, *summed))
    if batch and all(sizes[c] <= SMALL for c in (*free_x, *free_y, *summed)):  # many small products: their sizes are text
        a, b = (_of_known_sizes(v, labels, batch) for v, labels in ((a, x), (b, y)))
        target = _of_known_sizes(target, out, batch)
    left, right = _readable(p, a, x, free_x, summed, sizes), _readable(p, b, y, free_y, summed, sizes)
    order = "".join([*batch, *free_x, *free_y])
    plain = out if _walks(out, free_x, free_y) else order
    made = target if plain == out else p.allocate(ShapedArray(tuple(sizes[c] for c in order), aval.dtype))
    if made is not target:
        p.hold(made)
    gram = eqn.inputs[0] is eqn.inputs[1] and len(free_x) == len(free_y) == 1 and x.replace(free_x[0], free_y[0]) == y
    _products(p, left, right, _Operand.of(p.f, made, plain), batch, free_x, free_y, summed, work, gram)
    if made is not target:
        _permute(p, made, order, target, out)
        p.drop(made)
    for operand, given in ((left, a), (right, b)):
        if operand.array is not given:
            p.drop(operand.array)
    return [target if result is not None else Scalar(read(p.f, target.pointer, aval.dtype), aval)]


def _of_known_sizes(array: Array, labels: str, batch: Sequence[str]) -> Array:
    dims = [d if c in batch else str(n) for c, d, n in zip(labels, array.dims, array.aval.shape, strict=True)]
    return Array(array.pointer, array.aval, tuple(dims), array.buffer)


def _walks(labels: str, first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether BLAS can read an array of these letters as a matrix of the two groups."""
    if "".join(first) not in labels or "".join(second) not in labels:
        return False
    return not labels or not (first or second) or labels[-1] in (*first[-1:], *second[-1:])


def _readable(p: Program, array: Array, labels: str, free: Sequence[str], summed: Sequence[str], sizes: dict[str, int]) -> _Operand:
    """The operand, copied into another order of axes if BLAS cannot read it."""
    if _walks(labels, free, summed):
        return _Operand.of(p.f, array, labels)
    order = "".join([c for c in labels if c not in (*free, *summed)] + [*free, *summed])
    copy = p.allocate(ShapedArray(tuple(sizes[c] for c in order), array.aval.dtype))
    p.hold(copy)
    _permute(p, array, labels, copy, order)
    return _Operand.of(p.f, copy, order)


def _permute(p: Program, source: Array, labels: str, to: Array, order: str) -> None:
    """Copies an array with its axes in another order."""
    f, dtype = p.f, to.aval.dtype
    origin = _Operand.of(f, source, labels)

    def along(k: int, offset: str, flat: str) -> None:
        if k == len(order):
            write(f, f.at(to.pointer, memory(dtype), flat), dtype, read(f, f.at(source.pointer, memory(dtype), offset), dtype))
            return
        with f.loop(to.dims[k]) as i:
            along(k + 1, added(f, offset, multiplied(f, i, origin.strides[order[k]])), added(f, multiplied(f, flat, to.dims[k]), i))

    along(0, "0", "0")


def _dot(p: Program, a: Array, b: Array) -> Parts:
    """The product of two vectors, or of two numbers."""
    f, dtype = p.f, a.aval.dtype
    if not a.dims:
        return apply(f, "mul", (dtype, dtype), dtype, (read(f, a.pointer, dtype), read(f, b.pointer, dtype)))
    return _summed(f, dtype, a.dims[0], lambda i: (f.at(a.pointer, memory(dtype), i), f.at(b.pointer, memory(dtype), i)))


def _summed(f: Function, dtype: np.dtype, n: str, places: Callable[[str], tuple[str, str]]) -> Parts:
    """The sum of n products of entries at these places; float32 products in float64."""
    wide = F64 if dtype == F32 else dtype
    slots = [f.slot(register(wide)) for _ in constant(0, wide)]
    for slot, part in zip(slots, constant(0, wide), strict=True):
        f.do(f"store {register(wide)} {part}, ptr {slot}")

    def total() -> Parts:
        return tuple(f.op(f"load {register(wide)}, ptr {slot}") for slot in slots)

    with f.loop(n) as i:
        factors = [convert(f, read(f, at, dtype), dtype, wide) for at in places(i)]
        new = accumulated(f, "sum", wide, total(), apply(f, "mul", (wide, wide), wide, factors))
        for slot, part in zip(slots, new, strict=True):
            f.do(f"store {register(wide)} {part}, ptr {slot}")
    return convert(f, total(), wide, dtype)


def _products(
    p: Program,
    x: _Operand,
    y: _Operand,
    out: _Operand,
    batch: list[str],
    free_x: list[str],
    free_y: list[str],
    summed: list[str],
    work: int,
    gram: bool,
) -> None:
    """A matrix product for each entry of the batch; `gram`: of a matrix and its own transpose."""
    f, dtype = p.f, out.array.aval.dtype
    if free_x and free_y and out.labels[-1] == free_x[-1]:  # the transposed product
        x, y, free_x, free_y = y, x, free_y, free_x
    merged = {}
    for name, group, operand in (("m", free_x, x), ("n", free_y, y), ("k", summed, x)):
        size = "1"
        for c in group:
            size = multiplied(f, size, operand.length[c])
        merged[name] = size

    def each(k: int, places: list[str]) -> None:
        if k < len(batch):
            with f.loop(out.length[batch[k]]) as i:
                each(k + 1, [added(f, at, multiplied(f, i, o.strides[batch[k]])) for at, o in zip(places, (x, y, out), strict=True)])
            return
        pointers = [f.at(o.array.pointer, memory(dtype), at) for at, o in zip(places, (x, y, out), strict=True)]
        strides = [(x.stride(free_x), x.stride(summed)), (y.stride(summed), y.stride(free_y)), (out.stride(free_x), out.stride(free_y))]
        if work <= LOOPS_UP_TO or dtype.str[1:] not in _BLAS_LETTER or not (free_x or free_y):
            _in_loops(p, dtype, merged, pointers, strides)
        elif free_x and free_y:
            if gram:
                _syrk(p, dtype, merged, pointers, strides, x.labels[-1] == (summed or "?")[-1])
                return
            unit_x, unit_y = (o.labels[-1] == s[-1] for o, s in ((x, summed or "?"), (y, free_y)))
            _gemm(p, dtype, merged, pointers, strides, unit_x, unit_y)
        else:
            _gemv(p, dtype, merged, pointers, strides, (x, summed) if free_x else (y, free_y), bool(free_x))

    each(0, ["0", "0", "0"])


def _in_loops(p: Program, dtype: np.dtype, size: dict[str, str], pointers: list[str], strides: list[tuple[str, str]]) -> None:
    """Row by row of the result: the innermost loop runs over its columns and vectorises. A function of its own, whose arguments say that memory is apart."""
    f = p.f
    values = [*size.values(), *[s for pair in strides for s in pair]]
    fixed = ["" if v.startswith("%") else v for v in values]
    key = f"product {dtype} {fixed} {bool(p.hot)}"
    name = f.module.named.get(key)
    if name is None:
        name = f.module.named[key] = f"product{len(f.module.named)}"
        names = ["m", "n", "k", "xm", "xk", "yk", "yn", "om", "on"]
        inner = Function(
            f.module, name, ["ptr noalias readonly %x", "ptr noalias readonly %y", "ptr noalias %o", *[f"i64 %{s}" for s in names]]
        )  # fmt: skip
        m, n, k, xm, xk, yk, yn, om, on = (fix or f"%{s}" for fix, s in zip(fixed, names, strict=True))
        _write_product(inner, dtype, (m, n, k), (xm, xk), (yk, yn), (om, on))
        inner.do("ret void")
        inner.finish()
    arguments = [f"ptr {pointer}" for pointer in pointers] + [f"i64 {v}" for v in values]
    f.do(f"call void @{name}({', '.join(arguments)})")


def _write_product(
    f: Function, dtype: np.dtype, size: tuple[str, str, str], sx: tuple[str, str], sy: tuple[str, str], so: tuple[str, str]
) -> None:
    kind = memory(dtype)

    def place(pointer: str, i: str, si: str, j: str, sj: str) -> str:
        return f.at(pointer, kind, added(f, multiplied(f, i, si), multiplied(f, j, sj)))

    with f.loop(size[0]) as i:
        if sy[1] != "1" or size[1] == "1":  # columns are far apart: a sum for each entry
            with f.loop(size[1]) as j:
                total = _summed(f, dtype, size[2], lambda k: (place("%x", i, sx[0], k, sx[1]), place("%y", k, sy[0], j, sy[1])))
                write(f, place("%o", i, so[0], j, so[1]), dtype, total)
        else:
            with f.loop(size[1]) as j:
                write(f, place("%o", i, so[0], j, so[1]), dtype, constant(0, dtype))
            with f.loop(size[2]) as k:
                left = read(f, place("%x", i, sx[0], k, sx[1]), dtype)
                with f.loop(size[1]) as j:
                    at = place("%o", i, so[0], j, so[1])
                    term = apply(f, "mul", (dtype, dtype), dtype, (left, read(f, place("%y", k, sy[0], j, sy[1]), dtype)))
                    write(f, at, dtype, accumulated(f, "sum", dtype, read(f, at, dtype), term))


def _numbers(p: Program, dtype: np.dtype) -> tuple[str, str, str]:
    """The type in which BLAS takes 1 and 0, and these: complex numbers by address."""
    if dtype.kind == "f":
        return register(dtype), constant(1, dtype)[0], constant(0, dtype)[0]
    slots = []
    for value in (1, 0):
        slot = p.f.slot(memory(dtype))
        write(p.f, slot, dtype, constant(value, dtype))
        slots.append(slot)
    return "ptr", slots[0], slots[1]


_ROW_MAJOR, _PLAIN, _TURNED, _UPPER = 101, 111, 112, 121


def _gemm(
    p: Program, dtype: np.dtype, size: dict[str, str], pointers: list[str], strides: list[tuple[str, str]], unit_x: bool, unit_y: bool
) -> None:
    t, one, zero = _numbers(p, dtype)
    name = p.external(
        f"blas_{_BLAS_LETTER[dtype.str[1:]]}gemm", f"void (i32, i32, i32, i64, i64, i64, {t}, ptr, i64, ptr, i64, {t}, ptr, i64)"
    )
    (xm, xk), (yk, yn), (om, _) = strides
    a, b, c = pointers
    p.f.do(
        f"call void @{name}(i32 {_ROW_MAJOR}, i32 {_PLAIN if unit_x else _TURNED}, i32 {_PLAIN if unit_y else _TURNED}, "
        f"i64 {size['m']}, i64 {size['n']}, i64 {size['k']}, {t} {one}, ptr {a}, i64 {_leading(p, xm if unit_x else xk)}, "
        f"ptr {b}, i64 {_leading(p, yk if unit_y else yn)}, {t} {zero}, ptr {c}, i64 {_leading(p, om)})"
    )


def _syrk(p: Program, dtype: np.dtype, size: dict[str, str], pointers: list[str], strides: list[tuple[str, str]], unit: bool) -> None:
    """A matrix times its own transpose: half of it, and the other half from that."""
    f, kind = p.f, memory(dtype)
    t, one, zero = _numbers(p, dtype)
    name = p.external(f"blas_{_BLAS_LETTER[dtype.str[1:]]}syrk", f"void (i32, i32, i32, i64, i64, {t}, ptr, i64, {t}, ptr, i64)")
    (xm, xk), _, (om, on) = strides
    a, _, c = pointers
    f.do(
        f"call void @{name}(i32 {_ROW_MAJOR}, i32 {_UPPER}, i32 {_PLAIN if unit else _TURNED}, i64 {size['m']}, i64 {size['k']}, "
        f"{t} {one}, ptr {a}, i64 {_leading(p, xm if unit else xk)}, {t} {zero}, ptr {c}, i64 {_leading(p, om)})"
    )
    place = lambda i, j: f.at(c, kind, added(f, multiplied(f, i, om), multiplied(f, j, on)))
    with f.loop(size["m"]) as i, f.loop(i) as j:
        write(f, place(i, j), dtype, read(f, place(j, i), dtype))


def _leading(p: Program, stride: str) -> str:
    """BLAS refuses a leading dimension of 0, which empty arrays have."""
    if not stride.startswith("%"):
        return stride if stride != "0" else "1"
    return p.f.op(f"select i1 {p.f.op(f'icmp sgt i64 {stride}, 0')}, i64 {stride}, i64 1")


def _gemv(
    p: Program,
    dtype: np.dtype,
    size: dict[str, str],
    pointers: list[str],
    strides: list[tuple[str, str]],
    matrix: tuple,
    matrix_first: bool,
) -> None:
    """matrix @ vector or vector @ matrix."""
    t, one, zero = _numbers(p, dtype)
    name = p.external(f"blas_{_BLAS_LETTER[dtype.str[1:]]}gemv", f"void (i32, i32, i64, i64, {t}, ptr, i64, ptr, i64, {t}, ptr, i64)")
    (xm, xk), (yk, yn), (om, on) = strides
    operand, inner = matrix
    rows_first = operand.labels[-1] == (inner[-1] if inner else "?")  # the matrix lies as its letters are written
    a, b, c = pointers
    if matrix_first:  # y[m] = A[m, k] x[k]
        lies = (size["m"], size["k"], xm) if rows_first else (size["k"], size["m"], xk)
        turned, vector, step, to = not rows_first, b, yk, om
        a_pointer = a
    else:  # y[n] = A[k, n] transposed, times x[k]
        lies = (size["k"], size["n"], yk) if rows_first else (size["n"], size["k"], yn)
        turned, vector, step, to = rows_first, a, xk, on
        a_pointer = b
    p.f.do(
        f"call void @{name}(i32 {_ROW_MAJOR}, i32 {_TURNED if turned else _PLAIN}, i64 {lies[0]}, i64 {lies[1]}, {t} {one}, ptr {a_pointer}, "
        f"i64 {_leading(p, lies[2])}, ptr {vector}, i64 {_leading(p, step)}, {t} {zero}, ptr {c}, i64 {_leading(p, to)})"
    )
