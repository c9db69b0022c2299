"""A call of a compiled program, by its address, as an intrinsic of Numba: the argument block on the stack, pointers into arrays, slots for numbers."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.compile.program import Native

ALIGNMENT = 64  # of scratch memory
kept: list[Any] = []
"""What addresses in machine code point to: that code may outlive the objects here."""


def invocation(native: Native, bound: Sequence[Any]) -> Any:
    """An intrinsic (inputs, outputs, scratch memory) -> (status, results that are numbers...)."""
    numba = importlib.import_module("numba")
    ir, cgutils, types = importlib.import_module("llvmlite.ir"), importlib.import_module("numba.core.cgutils"), numba.types
    written = native.written
    slots = [_slot(x) for x in bound]
    kept.append(slots)
    inputs, outputs = native.inputs[len(bound) :], native.outputs
    numbers = [numba.from_dtype(a.dtype) for a in outputs if not a.shape]

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(64)
        own = ir.Constant(word, 16)

        def address(x: int, what: str) -> Any:
            return context.add_dynamic_addr(builder, x, info=f"fgrad {what}")  # which keeps such code out of Numba's cache on disk

        def slot() -> Any:
            found = cgutils.alloca_once(builder, ir.IntType(8), size=own)
            found.align = 16
            return found

        def data(value: Any, given: Any) -> Any:
            return builder.bitcast(context.make_array(given)(context, builder, value).data, byte)

        pointers = [address(s.ctypes.data, "constant") for s in slots]
        given_in, given_out, given_work = signature.args
        for aval, value, given in zip(inputs, cgutils.unpack_tuple(builder, args[0]), given_in, strict=True):
            if aval.shape:
                pointers.append(data(value, given))
                continue
            kind = numba.from_dtype(aval.dtype)
            place = slot()
            value = context.data_model_manager[kind].as_data(builder, context.cast(builder, value, given, kind))
            builder.store(value, builder.bitcast(place, value.type.as_pointer()))
            pointers.append(place)
        arrays = iter(zip(cgutils.unpack_tuple(builder, args[1]), given_out, strict=True))
        places = []
        for aval in outputs:
            if aval.shape:
                pointers.append(data(*next(arrays)))
            else:
                places.append(slot())
                pointers.append(places[-1])
        record = cgutils.alloca_once(builder, word, size=ir.Constant(word, 4))
        pointers.append(builder.bitcast(record, byte))
        table = cgutils.alloca_once(builder, byte, size=ir.Constant(word, len(pointers)))
        for i, p in enumerate(pointers):
            builder.store(p, builder.gep(table, [ir.Constant(word, i)]))
        if isinstance(given_work, types.Array):
            first = builder.ptrtoint(data(args[2], given_work), word)
            up = builder.and_(builder.add(first, ir.Constant(word, ALIGNMENT - 1)), ir.Constant(word, -ALIGNMENT))
            work = builder.inttoptr(up, byte)
        else:
            work = cgutils.alloca_once(builder, ir.IntType(8), size=ir.Constant(word, max(written.work, 1)))
            work.align = ALIGNMENT
        kind = ir.FunctionType(ir.IntType(32), [byte.as_pointer(), word.as_pointer(), byte])
        program = builder.bitcast(address(native.address, "program"), kind.as_pointer())
        constants = builder.bitcast(address(written.table.ctypes.data, "table"), word.as_pointer())
        found = [builder.call(program, [table, constants, work])]
        for place, number in zip(places, numbers, strict=True):
            model = context.data_model_manager[number]
            found.append(model.from_data(builder, builder.load(builder.bitcast(place, model.get_data_type().as_pointer()))))
        return context.make_tuple(builder, signature.return_type, found)

    def typed(typingctx: Any, given_in: Any, given_out: Any, given_work: Any) -> Any:
        return types.Tuple([types.int32, *numbers])(given_in, given_out, given_work), generate

    return numba.extending.intrinsic(typed)


def _slot(x: Any) -> np.ndarray:
    """The memory of a bound constant: a number lies in a slot of 16 bytes."""
    if isinstance(x, np.ndarray) and x.ndim:
        return x
    x = np.asarray(x)
    slot = np.zeros(16 // min(x.dtype.itemsize, 16), x.dtype)
    slot[0] = x
    return slot
