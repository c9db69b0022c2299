"""Native rules for dense linear algebra of small matrices, which loops over time are full of: Cholesky, triangular solves, LU, inverses, determinants.

Outside of loops a matrix larger than `SMALL` is LAPACK's, called between two programs. Products and sums are in float64. Read `native.py` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from fgrad.compile.assembly import Function, added, multiplied
from fgrad.compile.native import FAILURES, Array, NotNative, Program, Scalar, Value, native
from fgrad.compile.scalars import F64, apply, call, choose, constant, convert, literal, memory, read, write
from fgrad.compile.statuses import NOT_A_MATRIX
from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation
from fgrad.ops.linalg import INSTEAD, MatrixError
from fgrad.ops.linalg_solve import NEARLY_DEFINITE

SMALL = 24
ZERO, ONE = literal(0, F64), literal(1, F64)


class _Matrix:
    """A matrix in memory, read and written as float64; `flipped` reads it transposed."""

    def __init__(self, f: Function, array: Array, offset: str = "0", flipped: bool = False):
        self.f, self.array, self.offset = f, array, offset
        rows = array.dims[-1]
        self.steps = ("1", rows) if flipped else (rows, "1")

    def at(self, i: str, j: str) -> str:
        f = self.f
        place = added(f, added(f, multiplied(f, i, self.steps[0]), multiplied(f, j, self.steps[1])), self.offset)
        return f.at(self.array.pointer, memory(self.array.aval.dtype), place)

    def get(self, i: str, j: str) -> str:
        dtype = self.array.aval.dtype
        return convert(self.f, read(self.f, self.at(i, j), dtype), dtype, F64)[0]

    def put(self, i: str, j: str, value: str) -> None:
        dtype = self.array.aval.dtype
        write(self.f, self.at(i, j), dtype, convert(self.f, (value,), F64, dtype))


def _checked(p: Program, eqn: Equation) -> None:
    a = eqn.inputs[0].aval
    if a.dtype.kind != "f" or (a.shape[-1] > SMALL and not p.hot):
        raise NotNative(f"{eqn.primitive.name} of {a!r}")


@contextmanager
def _each(p: Program, arrays: Sequence[Array], ranks: Sequence[int]) -> Iterator[list[str]]:
    """A loop over a batch: the offset of each array's entry, whose axes are the last `ranks`."""
    f, first = p.f, arrays[0]
    lead = len(first.aval.shape) - ranks[0]
    count = "1"
    for d in first.dims[:lead]:
        count = multiplied(f, count, d)
    with f.loop(count) as n:
        yield [multiplied(f, n, p.entries(Array("", a.aval, a.dims[lead:]))) for a in arrays]


def _sum(f: Function, start: str, stop: str, terms: Callable[[str], tuple[str, str]], low: str = "0") -> str:
    """start - sum of products for k in range(low, stop)"""
    total = f.slot("double")
    f.do(f"store double {start}, ptr {total}")
    with f.loop(stop, low) as k:
        x, y = terms(k)
        held = f.op(f"load double, ptr {total}")
        f.do(f"store double {_less(f, held, x, y)}, ptr {total}")
    return f.op(f"load double, ptr {total}")


def _less(f: Function, held: str, x: str, y: str) -> str:
    product = f.op(f"fmul double {x}, {y}")
    return f.op(f"fsub reassoc double {held}, {product}")


@native("cholesky")
def _cholesky(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    _checked(p, eqn)
    f, a, out, site = p.f, p.in_memory(xs[0]), p.result(eqn.outvars[0]), p.site(eqn)
    n = a.dims[-1]
    with _each(p, [a, out], [2, 2]) as (source, to):
        m, low = _Matrix(f, a, source), _Matrix(f, out, to)
        with f.loop(n) as i, f.loop(n) as j:
            low.put(i, j, ZERO)
        with f.loop(n) as j:
            square = _sum(f, m.get(j, j), j, lambda k: (low.get(j, k), low.get(j, k)))
            with f.when(f.op(f"fcmp ole double {square}, {ZERO}")):  # a NaN goes through, as in NumPy
                p.fail(NOT_A_MATRIX, "0", "0", "0", site)
            root = call(f, "sqrt", F64, square)
            low.put(j, j, root)
            with f.loop(n, f.op(f"add i64 {j}, 1")) as i:
                rest = _sum(f, m.get(i, j), j, lambda k: (low.get(i, k), low.get(j, k)))
                low.put(i, j, f.op(f"fdiv double {rest}, {root}"))
    return [out]


def _substitute(f: Function, m: _Matrix, x: _Matrix, n: str, columns: str, forward: bool, unit: bool) -> None:
    """x = m^-1 x for a triangular m, from its first row forward or from its last backward."""
    with f.loop(n) as step:
        i = step if forward else f.op(f"sub i64 {f.op(f'sub i64 {n}, 1')}, {step}")
        low, high = ("0", i) if forward else (f.op(f"add i64 {i}, 1"), n)
        pivot = "" if unit else m.get(i, i)
        with f.loop(columns) as c:
            rest = _sum(f, x.get(i, c), high, lambda k: (m.get(i, k), x.get(k, c)), low)
            x.put(i, c, rest if unit else f.op(f"fdiv double {rest}, {pivot}"))


@native("triangular_solve")
def _triangular(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    _checked(p, eqn)
    f, (a, b), params, site = p.f, map(p.in_memory, xs), eqn.params, p.site(eqn)
    out = p.result(eqn.outvars[0])
    p.copy(out, b)
    with _each(p, [a, out], [2, 2]) as (source, to):
        m = _Matrix(f, a, source, params["transposed"])
        if params["strict"] and not params["unit"]:
            with f.loop(a.dims[-1]) as i, f.when(f.op(f"fcmp oeq double {m.get(i, i)}, {ZERO}")):
                p.fail(NOT_A_MATRIX, i, "0", "0", site)
        _substitute(f, m, _Matrix(f, out, to), a.dims[-1], out.dims[-1], params["lower"] != params["transposed"], params["unit"])
    return [out]


def _factor(p: Program, m: _Matrix, pivots: Callable[[str], str], n: str, site: str = "", singular: str = "") -> None:
    """m = its LU decomposition with partial pivoting; `pivots(i)` is where the row exchanged with row i is written, as an int32.

    A singular matrix is an error of the equation `site`; without one, `singular` is the pivot put in place of a zero that nothing can be exchanged for.
    """
    f = p.f
    best, place = f.slot("double"), f.slot("i64")
    with f.loop(n) as k:
        f.do(f"store double {literal(-1, F64)}, ptr {best}")
        f.do(f"store i64 {k}, ptr {place}")
        with f.loop(n, k) as i:
            size = call(f, "fabs", F64, m.get(i, k))
            with f.when(f.op(f"fcmp ogt double {size}, {f.op(f'load double, ptr {best}')}")):
                f.do(f"store double {size}, ptr {best}")
                f.do(f"store i64 {i}, ptr {place}")
        none = f.op(f"fcmp oeq double {f.op(f'load double, ptr {best}')}, {ZERO}")
        if site:
            with f.when(none):
                p.fail(NOT_A_MATRIX, k, "0", "0", site)
        row = f.op(f"load i64, ptr {place}")
        f.do(f"store i32 {f.op(f'trunc i64 {row} to i32')}, ptr {pivots(k)}")
        with f.loop(n) as j:
            above, below = m.get(k, j), m.get(row, j)
            m.put(k, j, below)
            m.put(row, j, above)
        pivot, after = m.get(k, k), f.op(f"add i64 {k}, 1")
        if not site:
            m.put(k, k, f.op(f"select i1 {none}, double {singular}, double {pivot}"))
            # below a pivot of 0 is nothing to subtract
            pivot = f.op(f"select i1 {none}, double {ONE if singular == ZERO else singular}, double {pivot}")
        with f.loop(n, after) as i:
            factor = f.op(f"fdiv double {m.get(i, k)}, {pivot}")
            m.put(i, k, factor)
            with f.loop(n, after) as j:
                m.put(i, j, _less(f, m.get(i, j), factor, m.get(k, j)))


def _solve_factored(p: Program, m: _Matrix, pivots: Callable[[str], str], x: _Matrix, n: str, columns: str, transposed: bool) -> None:
    """x = a^-1 x from the factors of a, or of a transposed."""
    f = p.f

    def exchange(k: str) -> None:
        row = f.op(f"sext i32 {f.op(f'load i32, ptr {pivots(k)}')} to i64")
        with f.loop(columns) as c:
            one, other = x.get(k, c), x.get(row, c)
            x.put(k, c, other)
            x.put(row, c, one)

    flipped = _Matrix(f, m.array, m.offset, True) if m.steps[1] == "1" else _Matrix(f, m.array, m.offset)
    if not transposed:
        with f.loop(n) as k:
            exchange(k)
        _substitute(f, m, x, n, columns, True, True)
        _substitute(f, m, x, n, columns, False, False)
        return
    _substitute(f, flipped, x, n, columns, True, False)
    _substitute(f, flipped, x, n, columns, False, True)
    with f.loop(n) as step:
        exchange(f.op(f"sub i64 {f.op(f'sub i64 {n}, 1')}, {step}"))


def _places(p: Program, array: Array, offset: str) -> Callable[[str], str]:
    return lambda k: p.f.at(array.pointer, "i32", added(p.f, offset, k))


@native("lu_factor")
def _lu_factor(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """The factors of each matrix transposed, as `lu_factor` of `ops/linalg_solve.py` keeps them."""
    _checked(p, eqn)
    f, a, site = p.f, p.in_memory(xs[0]), p.site(eqn)
    lu, pivots = map(p.result, eqn.outvars)
    with _each(p, [a, lu, pivots], [2, 2, 1]) as (source, to, where):
        m, origin, n = _Matrix(f, lu, to, True), _Matrix(f, a, source), a.dims[-1]
        with f.loop(n) as i, f.loop(n) as j:
            m.put(i, j, origin.get(j, i))
        _factor(p, m, _places(p, pivots, where), n, site)
    return [lu, pivots]


@native("lu_solve")
def _lu_solve(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    _checked(p, eqn)
    f, (a, lu, pivots, b), site = p.f, list(map(p.in_memory, xs)), p.site(eqn)
    out = p.result(eqn.outvars[0])
    p.copy(out, b)
    n, columns = a.dims[-1], out.dims[-1]
    square = ShapedArray(a.aval.shape[-2:], F64)
    order = ShapedArray(a.aval.shape[-1:], pivots.aval.dtype)
    with (
        p.scratch(square) as own_lu,
        p.scratch(order) as own_pivots,
        _each(p, [a, lu, pivots, out], [2, 2, 1, 2]) as (at_a, at_lu, at_pivots, to),
    ):
        x = _Matrix(f, out, to)
        first = f.op(f"load i32, ptr {_places(p, pivots, at_pivots)('0')}")
        given, own, done = f.label(), f.label(), f.label()
        f.branch(f.op(f"icmp sge i32 {first}, 0"), given, own)
        f.place(given)
        _solve_factored(p, _Matrix(f, lu, at_lu, True), _places(p, pivots, at_pivots), x, n, columns, not eqn.params["transposed"])
        f.jump(done)
        f.place(own)  # not factored by those who made it
        m, origin = _Matrix(f, own_lu), _Matrix(f, a, at_a)
        with f.loop(n) as i, f.loop(n) as j:
            m.put(i, j, origin.get(i, j))
        _factor(p, m, _places(p, own_pivots, "0"), n, site)
        _solve_factored(p, m, _places(p, own_pivots, "0"), x, n, columns, eqn.params["transposed"])
        f.jump(done)
        f.place(done)
    return [out]


@native("inv")
def _inv(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    _checked(p, eqn)
    f, a, out = p.f, p.in_memory(xs[0]), p.result(eqn.outvars[0])
    site = p.site(eqn) if eqn.params["strict"] else ""
    n = a.dims[-1]
    square = ShapedArray(a.aval.shape[-2:], F64)
    order = ShapedArray(a.aval.shape[-1:], np.dtype(np.int32))
    with p.scratch(square) as lu, p.scratch(order) as pivots, _each(p, [a, out], [2, 2]) as (source, to):
        m, x, origin = _Matrix(f, lu), _Matrix(f, out, to), _Matrix(f, a, source)
        with f.loop(n) as i, f.loop(n) as j:
            m.put(i, j, origin.get(i, j))
            x.put(i, j, f.op(f"select i1 {f.op(f'icmp eq i64 {i}, {j}')}, double {ONE}, double {ZERO}"))
        _factor(p, m, _places(p, pivots, "0"), n, site, literal(np.nan, F64))
        _solve_factored(p, m, _places(p, pivots, "0"), x, n, n, False)
    return [out]


@native("det", "slogdet")
def _det(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    """The product of the pivots, or its sign and the sum of their logarithms."""
    _checked(p, eqn)
    f, a = p.f, p.in_memory(xs[0])
    n, dtype, logarithm = a.dims[-1], a.aval.dtype, eqn.primitive.name == "slogdet"
    avals = [v.aval for v in eqn.outvars]
    outs = [p.result(v) if v.aval.shape else p.in_memory(Scalar(constant(0, dtype), v.aval)) for v in eqn.outvars]
    product, total = f.slot("double"), f.slot("double")
    with (
        p.scratch(ShapedArray(a.aval.shape[-2:], F64)) as lu,
        p.scratch(ShapedArray(a.aval.shape[-1:], np.dtype(np.int32))) as pivots,
        _each(p, [a, *outs], [2, *[0] * len(outs)]) as (source, *to),
    ):
        m, origin, place = _Matrix(f, lu), _Matrix(f, a, source), _places(p, pivots, "0")
        with f.loop(n) as i, f.loop(n) as j:
            m.put(i, j, origin.get(i, j))
        _factor(p, m, place, n, singular=ZERO)
        f.do(f"store double {ONE}, ptr {product}")
        f.do(f"store double {ZERO}, ptr {total}")
        with f.loop(n) as k:
            pivot, row = m.get(k, k), f.op(f"sext i32 {f.op(f'load i32, ptr {place(k)}')} to i64")
            exchanged = f.op(f"icmp ne i64 {row}, {k}")
            held = f.op(f"load double, ptr {product}")
            held = f.op(f"select i1 {exchanged}, double {f.op(f'fneg double {held}')}, double {held}")
            factor = apply(f, "sign", (F64,), F64, [(pivot,)])[0] if logarithm else pivot
            f.do(f"store double {f.op(f'fmul double {held}, {factor}')}, ptr {product}")
            if logarithm:
                size = apply(f, "log", (F64,), F64, [(call(f, "fabs", F64, pivot),)])[0]
                before = f.op(f"load double, ptr {total}")
                f.do(f"store double {f.op(f'fadd double {before}, {size}')}, ptr {total}")
        for out, offset, slot in zip(outs, to, (product, total), strict=False):
            value = convert(f, (f.op(f"load double, ptr {slot}"),), F64, dtype)
            write(f, f.at(out.pointer, memory(dtype), offset), dtype, value)
    return [o if a.shape else Scalar(read(f, o.pointer, dtype), a) for o, a in zip(outs, avals, strict=True)]


@native("triangle")
def _triangle(p: Program, eqn: Equation, xs: list[Value]) -> list[Value]:
    f, a, out = p.f, p.in_memory(xs[0]), p.result(eqn.outvars[0])
    dtype, diagonal = a.aval.dtype, eqn.params["diagonal"]
    rows, columns = a.dims[-2:]
    with _each(p, [a], [2]) as (offset,), f.loop(rows) as i, f.loop(columns) as j:
        at = added(f, added(f, multiplied(f, i, columns), j), offset)
        inside = f.op(f"icmp {'sle' if eqn.params['lower'] else 'sge'} i64 {j}, {i}")
        value = read(f, f.at(a.pointer, memory(dtype), at), dtype)
        if diagonal != 1:
            scaled = apply(f, "mul", (dtype, dtype), dtype, [value, constant(diagonal, dtype)]) if diagonal else constant(0, dtype)
            value = choose(f, f.op(f"icmp eq i64 {i}, {j}"), scaled, value, dtype)
        write(f, f.at(out.pointer, memory(dtype), at), dtype, choose(f, inside, value, constant(0, dtype), dtype))
    return [out]


_CAUSES = {
    "cholesky": ("is not positive definite", NEARLY_DEFINITE),
    "triangular_solve": ("is singular: its diagonal has a zero", ""),
}


def _matrix_error(details: Sequence[int], sites: Sequence[Equation]) -> None:
    eqn = sites[details[3]]
    name = {"lu_factor": "solve", "lu_solve": "solve", "triangular_solve": "solve_triangular"}.get(eqn.primitive.name, eqn.primitive.name)
    what = "the matrix a" if len(eqn.inputs[0].aval.shape) == 2 else "a matrix of a"
    cause, hint = _CAUSES.get(eqn.primitive.name, ("is singular", INSTEAD))
    error = MatrixError(f"{name}: {what}: {eqn.inputs[0].aval!r} {cause}", hint)
    if eqn.source is not None:
        error.add_note(f"  at {eqn.source}")
    raise error


FAILURES[NOT_A_MATRIX] = _matrix_error
