"""A jaxpr as one LLVM function: fused nests, matrix products by BLAS, loops and branches as native control flow.

A `Program` writes the function `int32 program(ptr args, ptr table, ptr work)`: `args` points to the data of inputs and outputs, `table` holds sizes
and numbers (so that shapes do not enter the text), `work` is scratch memory in which every intermediate array has a place, reused when the array is
dead. A primitive with no rule in `RULES` raises `NotNative`, and is called between two programs. Read `nests.py` first; rules for loops and branches
are in `control/native.py`."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from fgrad.compile.assembly import Function, Module, multiplied
from fgrad.compile.fuse import NestStep, Plan, copy_nest, fuse
from fgrad.compile.listing import Listing
from fgrad.compile.lowering import lowered
from fgrad.compile.nests import Arguments, apply_nest
from fgrad.compile.parallel import call_in_parts, worth_it
from fgrad.compile.scalars import I64, Parts, constant, memory, read, real_dtype, register, write
from fgrad.compile.sharing import Sharing
from fgrad.compile.simplify import prepared
from fgrad.compile.statuses import INDEX_ERROR, INTERRUPTED, OUT_OF_MEMORY
from fgrad.core.avals import PYTHON_SCALARS, ShapedArray, StackType
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var, subjaxprs

SMALL = 8
"""Inside a loop over time, sizes up to this are written into the text: loops over three coordinates are unrolled, and their arrays live in registers."""

_TEXT = frozenset([0, 1, -1, 2, -2, 0.5, -0.5, 3, 4])
"""Numbers that are text rather than arguments: LLVM simplifies what is done with them."""


PAIR = ShapedArray((2,), I64)
"""What a tape of tapes holds for each entry: its first row in the next column, and how many."""


FAILURES: dict[int, Callable[[Sequence[int], Sequence[Equation]], None]] = {}
"""What raises the error of a status, from the record and the equations that sites name."""


class NotNative(Exception):
    """The program has a part that has no native form."""


# -- values


@dataclass(eq=False)
class Buffer:
    """A piece of the scratch memory; free when no value refers to it."""

    offset: int
    size: int
    uses: int = 0


@dataclass(eq=False)
class Array:
    """An array in memory, C-contiguous; but what is joined to others may have its rows `step` entries apart (see `Program.windows`)."""

    pointer: str
    aval: ShapedArray
    dims: tuple[str, ...]
    buffer: Buffer | None = None
    step: str = ""


@dataclass(eq=False)
class Scalar:
    """A number in registers."""

    parts: Parts
    aval: ShapedArray


@dataclass(eq=False)
class Tape:
    """A stack: `count` entries from number `start` of growable columns. The last column holds rows of numbers; those before it, pairs (start, count)
    of entries of the next."""

    aval: StackType
    start: str
    count: str
    columns: tuple[Column, ...]


@dataclass(eq=False)
class Column:
    """A growable run of rows: a pointer, how many rows there is room for, how many are used, all in memory at `slot`."""

    slot: str
    row_bytes: str


Value = Array | Scalar | Tape
Rule = Callable[["Program", Equation, list[Value]], Sequence[Value]]
RULES: dict[str, Rule] = {}
"""How primitives (by name) are written."""


def native(*names: str) -> Callable[[Rule], Rule]:
    def register_rule(rule: Rule) -> Rule:
        for n in names:
            RULES[n] = rule
        return rule

    return register_rule


def check_native(aval: Any) -> None:
    if not lowered(aval):
        raise NotNative(f"values of type {aval!r}")


class _Arena:
    """Places in the scratch memory, first fit."""

    def __init__(self) -> None:
        self.free: list[tuple[int, int]] = []  # offset and size, in order
        self.end = 0

    def take(self, size: int) -> int:
        for k, (offset, room) in enumerate(self.free):
            if room >= size:
                self.free[k : k + 1] = [(offset + size, room - size)] if room > size else []
                return offset
        if self.free and self.free[-1][0] + self.free[-1][1] == self.end:
            offset, _ = self.free.pop()
        else:
            offset = self.end
        self.end = offset + size
        return offset

    def take_apart(self, size: int) -> int:
        """A place that nothing else has had or will have."""
        offset, self.end = self.end, self.end + size
        return offset

    def give(self, offset: int, size: int) -> None:
        pieces = sorted([*self.free, (offset, size)])
        self.free = [pieces[0]]
        for o, s in pieces[1:]:
            last, room = self.free[-1]
            if last + room == o:
                self.free[-1] = last, room + s
            else:
                self.free.append((o, s))


@dataclass(frozen=True)
class Written:
    """A program as text, and what it is called with."""

    text: str
    math: frozenset[str]
    symbols: frozenset[str]
    table: np.ndarray
    work: int
    listing: Listing
    sites: tuple[Equation, ...]  # the equations that may fail, as error records number them
    long: bool  # whether there are loops over time


class Program:
    """A function being written; see the module's docstring."""

    def __init__(self, name: str = "program", closed: bool = False):
        self.closed = closed  # whether all of it has to be native, be it slower than NumPy
        self.module = Module()
        self.f = Function(self.module, name, ["ptr %args", "ptr %table", "ptr %work"], "i32", linkage="")
        self.table: list[bytes] = []
        self.blocks: list[tuple[int, np.ndarray]] = []  # integers behind the table, and the entry that says where
        self.arena = _Arena()
        self.symbols: set[str] = set()
        self.hot = 0  # how many loops over time stand around
        self.long = False  # whether there are loops over time
        self.in_parts = False  # whether nests may run on several threads
        self.status = self.f.slot("i32")
        self.exit = self.f.label()
        self.sharing = Sharing(self.f, self.exit)
        self.columns: list[str] = []
        self.sites: list[Equation] = []
        self.destinations: dict[Var, Array] = {}
        self.listing = Listing()
        self.arguments = 0
        self.zeros: dict[ShapedArray, str] = {}  # memory of zeros, by type
        self.ready: dict[Var, Array] = {}  # where the new value of a state goes: to that of the old one, once that is dead
        self.dying: set[Var] = set()  # variables that the equation being written is the last to read
        self.windows: set[Var] = set()  # slices along one axis that are only joined along it: they are read where they lie
        self.f.do(f"store i32 0, ptr {self.status}")

    # -- sizes and numbers

    def size(self, n: int) -> str:
        """A size or offset: text where it is small and inside a loop, else an entry of the table."""
        if n in (0, 1) or (self.hot and 0 <= n <= SMALL):
            return str(n)
        return self._entry(struct.pack("<q", n), "i64")

    def large(self, n: int) -> str:
        """A number of any size, never text."""
        return self._entry(struct.pack("<q", min(n, 2**63 - 1)), "i64")

    def _entry(self, bits: bytes, kind: str) -> str:
        self.table.append(bits.ljust(8, b"\0"))
        where = self.f.early(f"getelementptr inbounds i64, ptr %table, i64 {len(self.table) - 1}")
        return self.f.early(f"load {kind}, ptr {where}, !invariant.load !0")

    def integers(self, values: np.ndarray) -> str:
        """Integers of any number, behind the table: their address."""
        self.blocks.append((len(self.table), np.ascontiguousarray(values, np.int64).reshape(-1)))
        return self.f.early(f"getelementptr inbounds i64, ptr %table, i64 {self._entry(bytes(8), 'i64')}")

    def number(self, value: Any, dtype: np.dtype) -> Parts:
        """A number of the program."""
        if dtype.kind == "b" or (
            type(value) is not complex and dtype.kind != "c" and value in _TEXT and not (value == 0 and np.signbit(value))
        ):
            return constant(value, dtype)
        part = real_dtype(dtype)
        values = [value] if dtype.kind != "c" else [complex(value).real, complex(value).imag]
        return tuple(self._entry(part.type(v).tobytes(), register(part)) for v in values)

    def literal(self, a: Literal, dtype: np.dtype | None = None) -> Scalar:
        weak = dtype is not None and type(a.value) in PYTHON_SCALARS
        aval = ShapedArray((), dtype) if weak else a.aval
        check_native(aval)
        return Scalar(self.number(a.value, aval.dtype), aval)

    # -- memory

    def allocate(self, aval: ShapedArray, apart: bool = False) -> Array:
        """A new array in the scratch memory; `apart`: in memory that no other array has at any time."""
        check_native(aval)
        room = max(64, -(-aval.size * aval.dtype.itemsize // 64) * 64)
        buffer = Buffer(self.arena.take_apart(room) if apart else self.arena.take(room), room)
        pointer = self.f.early(f"getelementptr inbounds i8, ptr %work, i64 {self._entry(struct.pack('<q', buffer.offset), 'i64')}")
        return Array(pointer, aval, tuple(map(self.size, aval.shape)), buffer)

    def result(self, v: Var) -> Array:
        """Where the array of a variable goes: an output, the state of a loop that is dead by now, or scratch memory."""
        place = self.destinations.pop(v, None) or self.ready.pop(v, None)
        return place or self.allocate(v.aval)  # type: ignore[arg-type]

    def zeroed(self, aval: ShapedArray) -> str:
        """Memory that is zero throughout the program."""
        array = self.allocate(aval, apart=True)
        self.hold(array)
        size = str(aval.dtype.itemsize)
        for d in array.dims:
            size = self.f.early(f"mul i64 {size}, {d}")
        self.module.declare("llvm.memset.p0.i64", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        self.f.entry.append(f"  call void @llvm.memset.p0.i64(ptr {array.pointer}, i8 0, i64 {size}, i1 false)")
        return array.pointer

    def taken_over(self, eqn: Equation, operand: int, value: Value) -> Array:
        """The first output as an array that starts with an operand's entries: in the operand's own memory where nothing else reads that."""
        v, out = eqn.inputs[operand], eqn.outvars[0]
        array = self.in_memory(value)
        alone = array.buffer is not None and array.buffer.uses == 1 and eqn.inputs.count(v) == 1  # x.at[i].add(x) reads it too
        if alone and v in self.dying and out not in self.destinations:
            return Array(array.pointer, out.aval, array.dims, array.buffer)
        to = self.result(out)
        self.copy(to, array)
        return to

    def hold(self, value: Value) -> None:
        if type(value) is Array and value.buffer is not None:
            value.buffer.uses += 1

    def drop(self, value: Value) -> None:
        """One reader less; the memory of what nobody reads is used again."""
        if type(value) is Array and value.buffer is not None:
            value.buffer.uses -= 1
            if value.buffer.uses <= 0:
                self.arena.give(value.buffer.offset, value.buffer.size)

    @contextmanager
    def scratch(self, aval: ShapedArray) -> Iterator[Array]:
        """An array for the time being."""
        array = self.allocate(aval)
        self.hold(array)
        yield array
        self.drop(array)

    def in_memory(self, value: Value) -> Array:
        """A value as an array; a number is written to a slot."""
        if type(value) is Array:
            return value
        assert type(value) is Scalar
        slot = self.f.slot(memory(value.aval.dtype))
        write(self.f, slot, value.aval.dtype, value.parts)
        return Array(slot, value.aval, ())

    def entries(self, array: Array) -> str:
        """How many entries an array has."""
        n = "1"
        for d in array.dims:
            n = multiplied(self.f, n, d)
        return n

    def reshaped(self, array: Array, aval: ShapedArray) -> Array:
        return Array(array.pointer, aval, tuple(map(self.size, aval.shape)), array.buffer)

    def row(self, array: Array, i: str) -> Value:
        """array[i]"""
        aval = ShapedArray(array.aval.shape[1:], array.aval.dtype)
        inner = Array("", aval, array.dims[1:])
        pointer = self.f.at(array.pointer, memory(aval.dtype), multiplied(self.f, i, self.entries(inner)))
        if not aval.shape:
            return Scalar(read(self.f, pointer, aval.dtype), aval)
        return Array(pointer, aval, array.dims[1:])

    def copy(self, to: Array, value: Value) -> None:
        """Writes a value where an array is."""
        if type(value) is Scalar:
            write(self.f, to.pointer, to.aval.dtype, value.parts)
            return
        assert type(value) is Array
        if value.pointer == to.pointer or not to.aval.size:
            return
        size = multiplied(self.f, self.entries(to), str(to.aval.dtype.itemsize))
        self.memcpy(to.pointer, value.pointer, size)

    def memcpy(self, to: str, source: str, size: str) -> None:
        self.module.declare("llvm.memcpy.p0.p0.i64", "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        self.f.do(f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {size}, i1 false)")

    def fill(self, to: Array, parts: Parts) -> None:
        with self.f.loop(self.entries(to)) as i:
            write(self.f, self.f.at(to.pointer, memory(to.aval.dtype), i), to.aval.dtype, parts)

    # -- arguments and errors

    def argument(self) -> str:
        """The pointer of the next argument."""
        where = self.f.early(f"getelementptr inbounds ptr, ptr %args, i64 {self.arguments}")
        self.arguments += 1
        return self.f.early(f"load ptr, ptr {where}")

    def external(self, name: str, signature: str) -> str:
        """A function whose address is given when the program is loaded."""
        self.symbols.add(name)
        result, parameters = signature.split("(", 1)
        return self.module.declare(name, f"declare {result.strip()} @{name}({parameters}")

    def libc(self, name: str, signature: str) -> str:
        result, parameters = signature.split("(", 1)
        return self.module.declare(name, f"declare {result.strip()} @{name}({parameters}")

    def fail(self, status: int, *details: str) -> None:
        """Ends the program with an error."""
        f = self.f
        f.do(f"store i32 {status}, ptr {self.status}")
        for k, d in enumerate(details):
            f.do(f"store i64 {d}, ptr {f.at('%record', 'i64', str(k))}")
        f.jump(self.exit)
        f.place(f.label())  # what follows is not reached

    def poll(self, steps: str) -> None:
        """Ends the program if the user has interrupted it; asked at every 65536th step of a loop that may not end."""
        if sys.platform == "win32":  # where a program finds no functions of Python's
            return
        f = self.f
        for name, text in (
            ("PyGILState_Ensure", "i32 ()"), ("PyGILState_Release", "void (i32)"), ("PyErr_CheckSignals", "i32 ()"), ("PyErr_Clear", "void ()"),
        ):  # fmt: skip
            self.libc(name, text)
        with f.when(f.op(f"icmp eq i64 {f.op(f'and i64 {steps}, 65535')}, 65535")):
            held = f.op("call i32 @PyGILState_Ensure()")
            found = f.op(f"icmp ne i32 {f.op('call i32 @PyErr_CheckSignals()')}, 0")
            with f.when(found):
                f.do("call void @PyErr_Clear()")
            f.do(f"call void @PyGILState_Release(i32 {held})")
            with f.when(found):
                self.fail(INTERRUPTED)

    # -- tapes

    def column(self, row: ShapedArray) -> Column:
        """A growable column for rows of this type, empty where the program stands now; freed when the program ends."""
        f = self.f
        slot = f.slot("{ ptr, i64, i64 }")
        f.entry.append(f"  store {{ ptr, i64, i64 }} zeroinitializer, ptr {slot}")
        self.columns.append(slot)
        size = str(row.dtype.itemsize)
        for n in row.shape:
            size = multiplied(f, size, self.size(n))
        f.do(f"store i64 0, ptr {self._part(slot, 2)}")
        return Column(slot, size)

    def _part(self, slot: str, k: int) -> str:
        return self.f.at(slot, "i64", str(k))

    def column_data(self, column: Column) -> str:
        return self.f.op(f"load ptr, ptr {column.slot}")

    def used(self, column: Column) -> str:
        return self.f.op(f"load i64, ptr {self._part(column.slot, 2)}")

    def extend(self, column: Column, rows: str) -> str:
        """Room for more rows at the end of a column; returns the pointer of the first of them."""
        f = self.f
        self.libc("realloc", "ptr (ptr, i64)")
        used, room = self.used(column), f.op(f"load i64, ptr {self._part(column.slot, 1)}")
        total = f.op(f"add nsw i64 {used}, {rows}")
        with f.when(f.op(f"icmp sgt i64 {total}, {room}")):
            twice = f.op(f"shl i64 {room}, 1")
            wanted = f.op(f"select i1 {f.op(f'icmp sgt i64 {twice}, {total}')}, i64 {twice}, i64 {total}")
            wanted = f.op(f"select i1 {f.op(f'icmp sgt i64 {wanted}, 16')}, i64 {wanted}, i64 16")
            bytes_ = multiplied(f, wanted, column.row_bytes)
            bytes_ = f.op(f"select i1 {f.op(f'icmp sgt i64 {bytes_}, 0')}, i64 {bytes_}, i64 64")
            new = f.op(f"call ptr @realloc(ptr {self.column_data(column)}, i64 {bytes_})")
            with f.when(f.op(f"icmp eq ptr {new}, null")):
                self.fail(OUT_OF_MEMORY)
            f.do(f"store ptr {new}, ptr {column.slot}")
            f.do(f"store i64 {wanted}, ptr {self._part(column.slot, 1)}")
        f.do(f"store i64 {total}, ptr {self._part(column.slot, 2)}")
        return f.at(self.column_data(column), "i8", multiplied(f, used, column.row_bytes))

    def free_columns(self) -> None:
        for slot in self.columns:
            self.libc("free", "void (ptr)")
            self.f.do(f"call void @free(ptr {self.f.op(f'load ptr, ptr {slot}')})")

    def taken_tape(self, aval: StackType, record: str) -> Tape:
        """A stack that is an argument: a record of pointer and count."""
        check_native(aval.elem)
        f = self.f
        column = self.column(aval.elem)
        f.do(f"store ptr {f.op(f'load ptr, ptr {record}')}, ptr {column.slot}")
        self.columns.remove(column.slot)  # its memory is the caller's
        return Tape(aval, "0", f.op(f"load i64, ptr {f.at(record, 'i64', '1')}"), (column,))

    def give_tape(self, tape: Tape, record: str) -> None:
        """A stack that is a result: memory that the caller frees."""
        f = self.f
        if len(tape.columns) != 1:
            raise NotNative("a stack of stacks as a result")
        self.libc("malloc", "ptr (i64)")
        (column,) = tape.columns
        size = multiplied(f, tape.count, column.row_bytes)
        room = f.op(f"call ptr @malloc(i64 {f.op(f'add i64 {size}, 1')})")
        with f.when(f.op(f"icmp eq ptr {room}, null")):
            self.fail(OUT_OF_MEMORY)
        self.memcpy(room, f.at(self.column_data(column), "i8", multiplied(f, tape.start, column.row_bytes)), size)
        f.do(f"store ptr {room}, ptr {record}")
        f.do(f"store i64 {tape.count}, ptr {f.at(record, 'i64', '1')}")

    # -- a jaxpr in place

    def bind(
        self,
        jaxpr: Jaxpr,
        operands: Sequence[Value],
        carry: tuple[int, int] = (0, 0),
        places: Sequence[Array | None] = (),
    ) -> list[Value]:
        """Writes the equations; returns the outputs, held: the caller drops them.

        `carry` are the number of the first operand that is the state of a loop and how many are; a new value may be written over the old one when that is dead.
        `places` says where outputs are wanted (they may be elsewhere).
        """
        jaxpr = prepared(jaxpr)
        first, count = carry
        inside = set(jaxpr.invars)

        def replaces(a: Atom, value: Value) -> bool:
            """Whether an output may be written over the state it is the new value of."""
            return type(a) is Var and type(value) is Array and value.buffer is not None and a not in inside and jaxpr.outvars.count(a) == 1

        pairs = zip(jaxpr.invars[first : first + count], jaxpr.outvars, operands[first:], strict=False)
        state: dict[Var, Var] = {v: a for v, a, value in pairs if replaces(a, value)}  # type: ignore[misc]
        wanted = [(a, place) for a, place in zip(jaxpr.outvars, places, strict=False) if place is not None and type(a) is Var]
        for a, place in wanted:
            if place.aval.shape and a not in jaxpr.invars:
                self.destinations[a] = place
                state = {v: o for v, o in state.items() if o is not a}
        self.listing.line(f"<- {', '.join(map(self.listing.typed, jaxpr.invars))}")
        outs = self.steps(fuse(jaxpr), jaxpr.invars, operands, jaxpr.outvars, state)
        self.listing.line(f"-> {', '.join(map(self.listing.name, jaxpr.outvars))}")
        for a, _ in wanted:
            self.destinations.pop(a, None)
        return outs

    def passed_on(self, values: list[Value]) -> list[Value]:
        """Held values as the results of a rule, which nobody holds yet."""
        for value in values:
            if type(value) is Array and value.buffer is not None:
                value.buffer.uses -= 1
        return values

    def steps(
        self,
        plan: Plan,
        invars: Sequence[Var],
        operands: Sequence[Value],
        outvars: Sequence[Atom],
        state: Mapping[Var, Var] = MappingProxyType({}),
    ) -> list[Value]:
        """Writes the steps of a plan. `state` maps inputs that may be overwritten when they are dead to the outputs that take their place."""
        names: dict[Var, Value] = dict(zip(invars, operands, strict=True))
        own: set[Var] = set()

        def atom(a: Atom, dtype: np.dtype | None = None) -> Value:
            return self.literal(a, dtype) if type(a) is Literal else names[a]  # type: ignore[index]

        def over(v: Var) -> None:
            """An input is dead: its memory is ready for what takes its place."""
            value = names[v]
            if type(value) is Array and value.buffer is not None and value.buffer.uses == 1:
                self.ready[state[v]] = value

        self.windows |= _windows(plan, outvars)
        dead_after = last_reads(plan, outvars)
        read = {v for dead in dead_after for v in dead}
        for v in state.keys() - read - set(outvars):
            over(v)
        for step, dead in zip(plan.steps, dead_after, strict=True):
            self.dying = {v for v in dead if v in own or v in state}
            if isinstance(step, NestStep):
                scalars = [_number(atom(a, d)) for a, d in zip(step.scalars, step.nest.scalars, strict=True)]
                made = self.nest(step, scalars, [_array(names[v]) for v in step.arrays])
            else:
                rule = RULES.get(step.primitive.name)
                if rule is None:
                    raise NotNative(f"the primitive {step.primitive.name}")
                self.listing.equation(step)
                made = self.ruled(rule, step, [atom(a) for a in step.inputs])
            for v, value in zip(step.outvars, made, strict=True):
                names[v] = value
                self.hold(value)
                own.add(v)
            for v in dead:
                if v in own:
                    self.drop(names.pop(v))
                elif v in state:
                    over(v)
        outs = [atom(a) for a in outvars]
        for value in outs:
            self.hold(value)
        for v in own & names.keys():
            self.drop(names[v])
        for a in state.values():
            self.ready.pop(a, None)
        return outs

    def ruled(self, rule: Rule, eqn: Equation, xs: list[Value]) -> Sequence[Value]:
        """What a rule makes. Its code is a function, but for that inside loops over time, where LLVM is to see all, and for that of jaxprs."""
        if self.hot or any(True for _ in subjaxprs(eqn.params)):
            return rule(self, eqn, xs)
        made: list[Value] = []

        def write() -> list[str] | None:
            made.extend(rule(self, eqn, xs))
            return None if any(type(x) is Tape for x in made) else [name for x in made for name in _names(x)]

        self.sharing.apart(eqn.primitive.name, write)
        return made

    def nest(self, step: NestStep, scalars: Sequence[Parts], arrays: Sequence[Array]) -> list[Value]:
        """Writes a loop nest; returns its results."""
        nest = step.nest
        outs: list[Array | None] = [self.result(v) if o.axes else None for o, v in zip(nest.outs, step.outvars, strict=True)]
        sizes = self.sizes_of(step, [*arrays, *[o for o in outs if o is not None]])
        args = Arguments(
            [o.pointer if o is not None else "" for o in outs],
            [a.pointer for a in arrays],
            [a.dims for a in arrays],
            sizes,
            list(map(self.size, step.integers)),
            scalars,
        )
        self.listing.nest(step)
        numbers = apply_nest(self.f, nest, args, bool(self.hot), call_in_parts if self.in_parts else None)
        return [o if o is not None else Scalar(numbers[k], v.aval) for k, (o, v) in enumerate(zip(outs, step.outvars, strict=True))]

    def sizes_of(self, step: NestStep, arrays: Sequence[Array]) -> list[str]:
        """The sizes of the loops: those of an array of this shape, so that LLVM sees they are equal."""
        for a in arrays:
            if a.aval.shape == step.sizes:
                return list(a.dims)
        return list(map(self.size, step.sizes))

    def site(self, eqn: Equation) -> str:
        """The number of an equation that may fail, as a value: other than that the code of equal equations is equal."""
        self.sites.append(eqn)
        return self.f.early(f"add i64 0, {len(self.sites) - 1}")

    # -- the whole program

    def whole(self, plan: Plan, invars: Sequence[Var], outvars: Sequence[Atom]) -> Written:
        """The program of a plan: inputs, then outputs, then the error record are its arguments."""
        f = self.f
        # for all nests or none: each by itself would make another text at many sizes
        self.in_parts = any(isinstance(s, NestStep) and worth_it(s.nest, s.sizes) for s in plan.steps)
        operands = [self.input(v.aval) for v in invars]
        outs: list[Any] = []
        for a in outvars:
            pointer = self.argument()
            aval: Any = a.aval
            if type(aval) is StackType:
                outs.append(pointer)
                continue
            check_native(aval)
            outs.append(Array(pointer, aval, tuple(map(self.size, aval.shape))))
            if type(a) is Var and aval.shape and a not in self.destinations and a not in invars:
                self.destinations[a] = outs[-1]
        for step in reversed(plan.steps):  # what an output is a reshape of is made where the output goes
            if isinstance(step, Equation) and step.primitive.name == "reshape" and step.outvars[0] in self.destinations:
                source = step.inputs[0]
                if type(source) is Var and source.aval.shape and source not in self.destinations and source not in invars:
                    self.destinations[source] = self.reshaped(self.destinations[step.outvars[0]], source.aval)
        record = self.argument()
        f.entry.append(f"  %record = getelementptr inbounds i8, ptr {record}, i64 0")
        for value, to in zip(self.steps(plan, invars, operands, outvars), outs, strict=True):
            if type(value) is Tape:
                self.give_tape(value, to)
            else:
                self.copy(to, value)
        f.jump(self.exit)
        f.place(self.exit)
        self.free_columns()
        f.do(f"ret i32 {f.op(f'load i32, ptr {self.status}')}")
        f.finish()
        return Written(
            self.module.text(),
            frozenset(self.module.math),
            frozenset(self.symbols),
            self.whole_table(),
            self.arena.end,
            self.listing,
            tuple(self.sites),
            self.long,
        )

    def whole_table(self) -> np.ndarray:
        table = np.frombuffer(b"".join([*self.table, bytes(8)]), np.int64).copy()
        parts, end = [table], len(table)
        for entry, values in self.blocks:
            table[entry] = end
            parts.append(values)
            end += len(values)
        return np.concatenate(parts)

    def input(self, aval: Any) -> Value:
        pointer = self.argument()
        if type(aval) is StackType:
            return self.taken_tape(aval, pointer)
        check_native(aval)
        if not aval.shape:
            return Scalar(read(self.f, pointer, aval.dtype), aval)
        return Array(pointer, aval, tuple(map(self.size, aval.shape)))


def _windows(plan: Plan, outvars: Sequence[Atom]) -> set[Var]:
    """Slices of one axis that nothing reads but concatenations along it."""
    cut: dict[Var, int] = {}
    for step in plan.steps:
        if isinstance(step, Equation) and step.primitive.name == "slice" and set(step.params["strides"]) <= {1}:
            inside, outside = step.outvars[0].aval.shape, step.inputs[0].aval.shape
            axes = [k for k, (n, m) in enumerate(zip(inside, outside, strict=True)) if n != m]
            if len(axes) == 1:
                cut[step.outvars[0]] = axes[0]
    for step in plan.steps:
        for a in (*step.arrays, *step.scalars) if isinstance(step, NestStep) else step.inputs:
            joined = isinstance(step, Equation) and step.primitive.name == "concatenate" and step.params["axis"] == cut.get(a)  # type: ignore[arg-type]
            if not joined:
                cut.pop(a, None)  # type: ignore[arg-type]
    return cut.keys() - set(outvars)


def last_reads(plan: Plan, outvars: Sequence[Atom]) -> list[list[Var]]:
    """For each step the variables that nothing reads after it."""
    seen = {a for a in outvars if type(a) is Var}
    dead = []
    for step in reversed(plan.steps):
        read = [*step.arrays, *step.scalars, *step.outvars] if isinstance(step, NestStep) else [*step.inputs, *step.outvars]
        now = [v for v in dict.fromkeys(read) if type(v) is Var and v not in seen]
        seen.update(now)
        dead.append(now)
    return dead[::-1]


def _names(value: Value) -> tuple[str, ...]:
    """What the text of a program calls a number or an array."""
    return value.parts if type(value) is Scalar else (value.pointer, *value.dims)  # type: ignore[union-attr]


def _number(value: Value) -> Parts:
    assert type(value) is Scalar
    return value.parts


def _array(value: Value) -> Array:
    if type(value) is not Array:
        raise NotNative("a number where an array is read")
    return value


def copied_view(p: Program, eqn: Equation, value: Value) -> Array:
    """A view written out."""
    step = copy_nest(eqn)
    out = p.result(eqn.outvars[0])
    if type(value) is Scalar:
        p.fill(out, value.parts)
    else:
        array = _array(value)
        args = Arguments([out.pointer], [array.pointer], [array.dims], list(out.dims), list(map(p.size, step.integers)), [])
        apply_nest(p.f, step.nest, args, bool(p.hot))
    return out


def _index_error(details: Sequence[int], sites: Sequence[Equation]) -> None:
    index, axis, size, site = details
    error = IndexError(f"index {index} is out of bounds for axis {axis} with size {size}")
    if sites[site].source is not None:
        error.add_note(f"  at {sites[site].source}")
    raise error


def _memory_error(details: Sequence[int], sites: Sequence[Equation]) -> None:
    raise MemoryError("a compiled program ran out of memory for what its loops leave behind")


def _interrupted(details: Sequence[int], sites: Sequence[Equation]) -> None:
    raise KeyboardInterrupt("a compiled loop was interrupted")


FAILURES.update({INDEX_ERROR: _index_error, OUT_OF_MEMORY: _memory_error, INTERRUPTED: _interrupted})
