"""Entries: Python functions that call a compiled program on the arguments as they are, with next to nothing in between.

A program is a native function `int32 program(void** args, int64* table, char* work)`. `args` points to the data of the bound constants, the inputs, the
outputs, and an error record of four int64, in this order: for an array, to its C-contiguous data; for a 0-d value, to a slot that holds it in its own
dtype; for a stack, to a record {void* data; int64 count}, and the program fills those of outputs with memory from C's malloc.

There are two forms of one contract: a native one (`trampoline.py` is its text), and one in Python for interpreters whose objects lie otherwise in
memory (free-threaded, PyPy, 32 bits) and for FGRAD_NATIVE_ENTRY=0. Imports `machine`.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fgrad.compile import machine, trampoline

_PYTHON_TYPES = {"float64": float, "complex128": complex, "int64": int, "bool": bool}
_METH_FASTCALL = 0x0080
_ALIGNMENT = 64  # of workspaces
_NATIVE = os.environ.get("FGRAD_NATIVE_ENTRY", "1") not in ("", "0")


class Spec(NamedTuple):
    """An input or output of a program. kind: "array", "scalar" (0-d), or "stack", whose shape is that of one item."""

    dtype: np.dtype
    shape: tuple[int, ...]
    kind: str


def entry(
    address: int,
    bound: Sequence[Any],
    inputs: Sequence[Spec],
    outputs: Sequence[Spec],
    table: np.ndarray,
    work: int,
    release_gil: bool,
    native: bool = _NATIVE,
) -> Callable[..., Any]:
    """A function of the program's inputs, by position.

    Args:
        address: of the program's machine code, which the caller keeps alive.
        bound: constants, arrays or numbers, in the program's order; those that are contiguous arrays are not copied.
        inputs, outputs: what the program reads and makes.
        table: int64, passed on to the program.
        work: bytes of scratch memory, 64-byte aligned, that the program is to have.
        release_gil: other threads run during the call.
        native: False for the form in Python.

    Returns:
        A function that returns a tuple of new arrays (NumPy scalars for 0-d outputs; an array whose first axis counts the items for stacks); or
        `NotImplemented` where an argument is not exactly an aligned C-contiguous ndarray of the dtype and shape (for a 0-d input: such an array, a NumPy
        scalar of the dtype, or the Python number that stands for it); or a list [status, r0, r1, r2, r3] where the program reports an error.

    Raises:
        MemoryError: there is no memory for the outputs or the scratch memory.
    """
    arguments = address, [_constant(x) for x in bound], inputs, outputs, np.ascontiguousarray(table, np.int64), work, release_gil
    return _native(*arguments) if native and memory_is_known() else _plain(*arguments)


def _constant(x: Any) -> np.ndarray:
    """A constant as a program reads it: native byte order, contiguous, aligned; a number at the head of a slot."""
    x = np.asarray(x)
    x = np.require(x, x.dtype.newbyteorder("="), ["C", "A"])
    return x if x.ndim else _slot(x.dtype, x[()])


def _slot(dtype: np.dtype, value: Any = 0) -> np.ndarray:
    slot = np.zeros(_slot_bytes(dtype) // dtype.itemsize, dtype)
    slot[0] = value
    return slot


def _slot_bytes(dtype: np.dtype) -> int:
    return -(-max(dtype.itemsize, 16) // 16) * 16


def c_function(name: str) -> int:
    """The address of a function of the C library: programs must take `malloc` from here, so that `free` knows it."""
    library: Any = ctypes.CDLL("ucrtbase") if sys.platform == "win32" else ctypes.CDLL(None)
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


# -- the native form


@functools.cache
def memory_is_known() -> bool:
    """Whether objects lie in this interpreter's memory as `trampoline.py` says: seen on samples."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    if sys.byteorder != "little" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    at = trampoline.OBJECT
    word, short = ctypes.c_int64.from_address, ctypes.c_int32.from_address
    x = np.zeros((2, 3), np.float32)
    here = id(x)
    fields = [word(here + at[k]).value for k in ("TYPE", "DATA", "ARRAY_DIMS", "ARRAY_DESCR")]
    if [fields[0], fields[1], fields[3]] != [id(np.ndarray), x.ctypes.data, id(x.dtype)] or short(here + at["ARRAY_NDIM"]).value != 2:
        return False
    if (word(fields[2]).value, word(fields[2] + 8).value) != x.shape:
        return False
    flags = [short(id(a) + at["ARRAY_FLAGS"]).value & trampoline.FLAGS for a in (x, x.T, x[:, 1:])]
    if flags != [trampoline.FLAGS, 0x0100, 0x0100]:
        return False
    numbers = [np.dtype(c).type(1) for c in np.typecodes["AllInteger"] + np.typecodes["AllFloat"] + "?"]
    return all(ctypes.string_at(id(v) + at["VALUE"], v.nbytes) == v.tobytes() for v in [*numbers, np.complex128(1 - 2j)]) and all(
        ctypes.string_at(id(v) + at["VALUE"], np.asarray(v).nbytes) == np.asarray(v).tobytes() for v in (1.5, 1 - 2j)
    )


class _MethodDef(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


_lock = threading.Lock()
_method: list[_MethodDef] = []  # one for all entries, which live as long as the process


def _trampoline() -> _MethodDef:
    with _lock:
        if not _method:
            address = machine.load(trampoline.text(), _symbols(), ("enter",), level=3)["enter"]
            _method.append(_MethodDef(b"program", address, _METH_FASTCALL, None))
        return _method[0]


def _symbols() -> dict[str, int]:
    """Addresses of what the trampoline calls."""
    found = {name: ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in trampoline.FUNCTIONS}
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    numpy_functions = pointer(np._core._multiarray_umath._ARRAY_API, None)  # type: ignore[attr-defined]
    for name, (place, _) in trampoline.NUMPY_FUNCTIONS.items():
        found[name] = ctypes.c_void_p.from_address(numpy_functions + 8 * place).value or 0
    return found | {name: c_function(name) for name in trampoline.C_FUNCTIONS}


def _native(
    address: int,
    bound: Sequence[np.ndarray],
    inputs: Sequence[Spec],
    outputs: Sequence[Spec],
    table: np.ndarray,
    work: int,
    release_gil: bool,
) -> Callable[..., Any]:
    method = _trampoline()
    t = trampoline
    frame = _up(t.POINTERS + 8 * (len(bound) + len(inputs) + len(outputs) + 1), 16)
    n_records = len(inputs) + len(outputs)
    bound_at = t.RECORDS + t.LENGTH * n_records
    records, dims = [], []
    for s in (*inputs, *outputs):
        kind = (t.ARRAY, t.SCALAR, t.STACK)[("array", "scalar", "stack").index(s.kind)]
        shape = (0, *s.shape) if kind == t.STACK else s.shape
        size = s.dtype.itemsize * int(np.prod(s.shape, dtype=np.int64)) if kind == t.STACK else s.dtype.itemsize
        python = _PYTHON_TYPES.get(s.dtype.name)
        record = {
            "KIND": kind, "NDIM": len(shape), "DIMS": bound_at + len(bound) + len(dims), "DESCR": id(s.dtype),
            "SCALAR_TYPE": id(s.dtype.type), "PYTHON_TYPE": id(python) if python else 0, "ITEM": size, "SLOT": frame,
        }  # fmt: skip
        records += [record[k] for k in t.RECORD]
        dims += shape
        frame += 0 if kind == t.ARRAY else _slot_bytes(s.dtype) if kind == t.SCALAR else _up(16 + 8 * len(shape), 16)
    frame = _up(frame, _ALIGNMENT)
    header = {
        "PROGRAM": address, "BOUND": bound_at, "N_BOUND": len(bound), "N_INPUTS": len(inputs), "N_OUTPUTS": len(outputs), "FRAME": frame,
        "BYTES": frame + work, "TABLE": table.ctypes.data, "RELEASE": int(release_gil), "REFUSED": id(NotImplemented), "NDARRAY": id(np.ndarray),
        "INT": id(int), "BOOL": id(bool), "TRUE": id(True),
    }  # fmt: skip
    words = [header[k] for k in t.HEADER]
    words += [0] * (t.RECORDS - len(words))
    plan = np.array([*words, *records, *[x.ctypes.data for x in bound], *dims], np.int64)
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.POINTER(_MethodDef), ctypes.py_object, ctypes.py_object]
    return make(method, (plan, table, tuple(bound), tuple(s.dtype for s in (*inputs, *outputs))), None)


def _up(x: int, to: int) -> int:
    return -(-x // to) * to


# -- the form in Python


class _Record(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("count", ctypes.c_int64)]


def _plain(
    address: int,
    bound: Sequence[np.ndarray],
    inputs: Sequence[Spec],
    outputs: Sequence[Spec],
    table: np.ndarray,
    work: int,
    release_gil: bool,
) -> Callable[..., Any]:
    prototype = ctypes.CFUNCTYPE if release_gil else ctypes.PYFUNCTYPE
    run = prototype(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(address)
    free = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(c_function("free"))
    n_pointers = len(bound) + len(inputs) + len(outputs) + 1
    constants, sizes = [_address(x) for x in bound], table.ctypes.data

    def program(*args: Any) -> Any:
        if len(args) != len(inputs):
            return NotImplemented
        held: list[Any] = []  # what must live as long as the call
        for x, s in zip(args, inputs, strict=True):
            value = _accepted(x, s)
            if value is None:
                return NotImplemented
            held.append(value)
        results = [_prepared(s) for s in outputs]
        error = np.zeros(4, np.int64)
        pointers = (ctypes.c_void_p * n_pointers)(*constants, *[_address(x) for x in (*held, *results, error)])
        scratch = np.empty(work + _ALIGNMENT, np.uint8)
        status = run(ctypes.addressof(pointers), sizes, _up(scratch.ctypes.data, _ALIGNMENT))
        try:
            if status:
                return [status, *error.tolist()]
            return tuple(_completed(x, s) for x, s in zip(results, outputs, strict=True))
        finally:
            for x in results:
                if isinstance(x, _Record):
                    free(x.data)

    program.alive = bound, table  # type: ignore[attr-defined]
    return program


def _address(x: Any) -> int:
    return ctypes.addressof(x) if isinstance(x, _Record) else x.ctypes.data


def _accepted(x: Any, s: Spec) -> Any:
    """What the program's pointer points to, or None where the argument does not fit."""
    if type(x) is np.ndarray:
        shape = x.shape[1:] if s.kind == "stack" else x.shape
        if (
            x.ndim != len(s.shape) + (s.kind == "stack")
            or shape != s.shape
            or x.dtype != s.dtype
            or not (x.flags.c_contiguous and x.flags.aligned)
        ):
            return None
        if s.kind == "array":
            return x
        if s.kind == "scalar":
            return _slot(s.dtype, x[()])
        return _Record(x.ctypes.data, len(x))
    if s.kind != "scalar" or (type(x) is not s.dtype.type and type(x) is not _PYTHON_TYPES.get(s.dtype.name)):
        return None
    try:
        return _slot(s.dtype, x)
    except OverflowError:  # an int beyond int64
        return None


def _prepared(s: Spec) -> Any:
    return np.empty(s.shape, s.dtype) if s.kind == "array" else _slot(s.dtype) if s.kind == "scalar" else _Record(None, 0)


def _completed(x: Any, s: Spec) -> Any:
    if s.kind != "stack":
        return x[0] if s.kind == "scalar" else x
    out = np.empty((x.count, *s.shape), s.dtype)
    if out.nbytes:
        ctypes.memmove(out.ctypes.data, x.data, out.nbytes)
    return out
