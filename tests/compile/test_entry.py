"""Entries: what a Python function of a native program takes, gives, refuses, and leaves behind. Both forms, on programs written by hand."""

from __future__ import annotations

import functools
import gc
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fgrad.compile import machine
from fgrad.compile.entry import Spec, c_function, entry, memory_is_known

ROOT = Path(__file__).parents[2]
F64, F32, I64, BOOL = np.dtype(float), np.dtype(np.float32), np.dtype(np.int64), np.dtype(bool)
DTYPES = [np.dtype(c) for c in "?bhilBHILefdFD"]

PROGRAMS = """
declare ptr @malloc(i64)
declare ptr @memcpy(ptr, ptr, i64)

; table: the number of copies, the index of the first output, then the bytes of each
define i32 @copy(ptr %args, ptr %table, ptr %work) {
  %n = load i64, ptr %table
  %shift.at = getelementptr i64, ptr %table, i64 1
  %shift = load i64, ptr %shift.at
  br label %next
next:
  %i = phi i64 [0, %0], [%i.next, %one]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %one, label %done
one:
  %from.at = getelementptr ptr, ptr %args, i64 %i
  %from = load ptr, ptr %from.at
  %o = add i64 %i, %shift
  %to.at = getelementptr ptr, ptr %args, i64 %o
  %to = load ptr, ptr %to.at
  %b = add i64 %i, 2
  %bytes.at = getelementptr i64, ptr %table, i64 %b
  %bytes = load i64, ptr %bytes.at
  call ptr @memcpy(ptr %to, ptr %from, i64 %bytes)
  %i.next = add i64 %i, 1
  br label %next
done:
  ret i32 0
}

; a stack of rows of table[0] bytes, times two in number; table[1] is the status it returns
define i32 @twice(ptr %args, ptr %table, ptr %work) {
  %in = load ptr, ptr %args
  %out.at = getelementptr ptr, ptr %args, i64 1
  %out = load ptr, ptr %out.at
  %data = load ptr, ptr %in
  %count.at = getelementptr i64, ptr %in, i64 1
  %count = load i64, ptr %count.at
  %row = load i64, ptr %table
  %bytes = mul i64 %row, %count
  %both = mul i64 %bytes, 2
  %new = call ptr @malloc(i64 %both)
  call ptr @memcpy(ptr %new, ptr %data, i64 %bytes)
  %half = getelementptr i8, ptr %new, i64 %bytes
  call ptr @memcpy(ptr %half, ptr %data, i64 %bytes)
  store ptr %new, ptr %out
  %rows = mul i64 %count, 2
  %rows.at = getelementptr i64, ptr %out, i64 1
  store i64 %rows, ptr %rows.at
  %status.at = getelementptr i64, ptr %table, i64 1
  %status = load i64, ptr %status.at
  %short = trunc i64 %status to i32
  ret i32 %short
}

; leaves nothing in its stack
define i32 @nothing(ptr %args, ptr %table, ptr %work) {
  ret i32 0
}

; the error record is the pointer with the index table[0]; status 7
define i32 @fail(ptr %args, ptr %table, ptr %work) {
  %k = load i64, ptr %table
  %record.at = getelementptr ptr, ptr %args, i64 %k
  %record = load ptr, ptr %record.at
  store i64 -1, ptr %record
  %second = getelementptr i64, ptr %record, i64 1
  store i64 9223372036854775807, ptr %second
  ret i32 7
}

; writes to all of its table[0] bytes of scratch memory, and says where they are
define i32 @scratch(ptr %args, ptr %table, ptr %work) {
  %n = load i64, ptr %table
  br label %next
next:
  %i = phi i64 [0, %0], [%i.next, %one]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %one, label %done
one:
  %at = getelementptr i8, ptr %work, i64 %i
  store volatile i8 -1, ptr %at
  %i.next = add i64 %i, 1
  br label %next
done:
  %out = load ptr, ptr %args
  %address = ptrtoint ptr %work to i64
  store i64 %address, ptr %out
  ret i32 0
}

; sums table[0] numbers by way of the scratch memory, slowly: a second user of that memory would show
define i32 @sum(ptr %args, ptr %table, ptr %work) {
  %x = load ptr, ptr %args
  %out.at = getelementptr ptr, ptr %args, i64 1
  %out = load ptr, ptr %out.at
  %n = load i64, ptr %table
  store double 0.0, ptr %work
  br label %next
next:
  %i = phi i64 [0, %0], [%i.next, %one]
  %more = icmp slt i64 %i, %n
  br i1 %more, label %one, label %done
one:
  %at = getelementptr double, ptr %x, i64 %i
  %v = load double, ptr %at
  %s = load volatile double, ptr %work
  %t = fadd double %s, %v
  store volatile double %t, ptr %work
  %i.next = add i64 %i, 1
  br label %next
done:
  %total = load volatile double, ptr %work
  store double %total, ptr %out
  ret i32 0
}

; waits until the first input is not zero
define i32 @wait(ptr %args, ptr %table, ptr %work) {
  %x = load ptr, ptr %args
  br label %again
again:
  %v = load volatile i64, ptr %x
  %zero = icmp eq i64 %v, 0
  br i1 %zero, label %again, label %done
done:
  ret i32 0
}
"""
NAMES = ("copy", "twice", "nothing", "fail", "scratch", "sum", "wait")


@functools.cache
def address(name: str) -> int:
    return machine.load(PROGRAMS, {"malloc": c_function("malloc"), "memcpy": c_function("memcpy")}, NAMES)[name]


@pytest.fixture(
    params=[pytest.param(True, marks=pytest.mark.skipif(not memory_is_known(), reason="another interpreter")), False],
    ids=["native", "plain"],
)
def make(request):
    """`entry` of a program by its name, in one form."""

    def made(name, bound=(), inputs=(), outputs=(), table=(0, 0), work=0, release_gil=False):
        return entry(address(name), bound, inputs, outputs, np.array(table), work, release_gil, native=request.param)

    made.native = request.param
    return made


def array(dtype, *shape):
    return Spec(np.dtype(dtype), shape, "array")


def scalar(dtype):
    return Spec(np.dtype(dtype), (), "scalar")


def stack(dtype, *shape):
    return Spec(np.dtype(dtype), shape, "stack")


def size(s):
    return s.dtype.itemsize * int(np.prod(s.shape))


def copier(make, *specs, bound=(), **kwargs):
    """A program that returns what it is given."""
    return make("copy", bound, specs, specs, (len(specs), len(bound) + len(specs), *map(size, specs)), **kwargs)


def example(dtype, *shape):
    n = int(np.prod(shape))
    x = np.arange(1, n + 1) % 2 == 1 if dtype == BOOL else (np.arange(1, n + 1) * (1 + 0.5j if dtype.kind == "c" else 1)).astype(dtype)
    return x.reshape(shape)


def test_the_native_form_is_used_here():
    if (
        sys.implementation.name == "cpython"
        and sys.maxsize > 2**32
        and sys.byteorder == "little"
        and getattr(sys, "_is_gil_enabled", lambda: True)()
    ):
        assert memory_is_known()


# -- values


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,), (2, 0, 3), (1, 2, 1, 2, 1)], ids=str)
def test_every_dtype_and_shape(make, dtype, shape):
    x = example(dtype, *shape)
    before = x.copy()
    x.flags.writeable = False
    f = copier(make, array(dtype, *shape) if shape else scalar(dtype))
    for given in (x, x[()]) if not shape else (x,):
        (y,) = f(given)
        assert type(y) is (np.ndarray if shape else dtype.type)
        assert y.dtype == dtype
        assert y.shape == shape
        np.testing.assert_array_equal(y, before)
    if shape:
        assert y.flags.owndata
        assert y.flags.writeable
        assert y.flags.c_contiguous
        assert y.base is None
        assert not np.shares_memory(x, y)


@pytest.mark.parametrize("dtype, number", [(F64, 2.5), (I64, -(2**63)), (BOOL, True), (BOOL, False), (np.dtype(complex), 1 - 2j)], ids=str)
def test_python_numbers(make, dtype, number):
    (y,) = copier(make, scalar(dtype))(number)
    assert type(y) is dtype.type
    assert y == number


def test_outputs_are_new_in_each_call(make):
    f = copier(make, array(F64, 3))
    x = np.ones(3)
    (first,) = f(x)
    first[:] = 5.0
    (second,) = f(x)
    np.testing.assert_array_equal(second, 1.0)
    np.testing.assert_array_equal(x, 1.0)


def test_no_inputs_and_no_outputs(make):
    assert make("nothing")() == ()
    x = np.arange(3.0)
    assert make("nothing", inputs=[array(F64, 3)])(x) == ()
    (y,) = make("copy", bound=[x], outputs=[array(F64, 3)], table=(1, 1, 24))()
    np.testing.assert_array_equal(y, x)


def test_many_inputs_and_outputs(make):
    """More than what fits in a small frame, of all kinds."""
    specs = [array(F64, 2) if i % 3 == 0 else scalar(F32) if i % 3 == 1 else array(np.int8, 3, 1) for i in range(400)]
    xs = [example(s.dtype, *s.shape) * (i % 5) for i, s in enumerate(specs)]
    xs = [x.astype(s.dtype)[()] for x, s in zip(xs, specs, strict=True)]
    for y, x in zip(copier(make, *specs)(*xs), xs, strict=True):
        np.testing.assert_array_equal(y, x)
        assert y.dtype == x.dtype


def test_bound_constants(make):
    """They live as long as the entry; numbers, and arrays that are not contiguous, are laid out for the program."""
    constants = [np.arange(6.0).reshape(2, 3).T, np.float32(1.5), np.array(3), np.arange(3, dtype=">i4"), np.ones((0, 2))]
    specs = [array(F64, 3, 2), scalar(F32), scalar(I64), array(np.int32, 3), array(F64, 0, 2)]
    f = make("copy", constants, [array(F64, 2)], [*specs, array(F64, 2)], (6, 6, *map(size, specs), 16))
    expected = [np.array(c) for c in constants]
    constants.clear()
    gc.collect()
    _ = [np.full((3, 2), np.nan) for _ in range(100)]
    *found, x = f(np.array([1.0, 2.0]))
    for y, e, s in zip(found, expected, specs, strict=True):
        np.testing.assert_array_equal(y, e)
        assert y.dtype == s.dtype
    np.testing.assert_array_equal(x, [1.0, 2.0])


# -- what fits


class Sub(np.ndarray):
    pass


def unaligned():
    return np.frombuffer(b"\0" + np.ones(3).tobytes(), np.uint8)[1:].view(F64)


MISFITS = {
    "dtype": (array(F64, 3), np.ones(3, F32)),
    "kind": (array(F64, 3), np.ones(3, I64)),
    "signed": (array(np.uint64, 3), np.ones(3, I64)),
    "shape": (array(F64, 3), np.ones(4)),
    "longer": (array(F64, 3), np.ones((3, 1))),
    "shorter": (array(F64, 3, 1), np.ones(3)),
    "last dim": (array(F64, 2, 3), np.ones((2, 4))),
    "0-d": (array(F64, 3), np.array(1.0)),
    "zero": (array(F64, 3), np.ones(0)),
    "strided": (array(F64, 3), np.ones(6)[::2]),
    "reversed": (array(F64, 3), np.arange(3.0)[::-1]),
    "transposed": (array(F64, 2, 3), np.ones((3, 2)).T),
    "broadcast": (array(F64, 3), np.broadcast_to(1.0, 3)),
    "unaligned": (array(F64, 3), unaligned()),
    "swapped": (array(F64, 3), np.ones(3, ">f8")),
    "subclass": (array(F64, 3), np.ones(3).view(Sub)),
    "masked": (array(F64, 3), np.ma.masked_array(np.ones(3))),
    "list": (array(F64, 3), [1.0, 2.0, 3.0]),
    "None": (array(F64, 3), None),
    "number": (array(F64, 1), 1.0),
    "objects": (array(F64, 3), np.array([None] * 3)),
    "dates": (array(I64, 3), np.zeros(3, "M8[s]")),
    "record": (array(F64, 3), np.zeros(3, [("a", float)])),
    "int for float": (scalar(F64), 1),
    "bool for float": (scalar(F64), True),
    "float32 for float": (scalar(F64), np.float32(1)),
    "float for int": (scalar(I64), 1.0),
    "bool for int": (scalar(I64), True),
    "int for bool": (scalar(BOOL), 1),
    "float for float32": (scalar(F32), 1.0),
    "int for int32": (scalar(np.int32), 1),
    "float for complex": (scalar(complex), 1.0),
    "too large": (scalar(I64), 2**63),
    "too small": (scalar(I64), -(2**63) - 1),
    "much too large": (scalar(I64), 10**400),
    "0-d of float32": (scalar(F64), np.array(1, F32)),
    "0-d swapped": (scalar(F64), np.array(1, ">f8")),
    "1-d": (scalar(F64), np.ones(1)),
    "str": (scalar(F64), "1.0"),
    "a type": (scalar(F64), float),
    "subclass of float": (scalar(F64), type("F", (float,), {})(1.0)),
    "subclass of int": (scalar(I64), type("I", (int,), {})(1)),
    "items of a stack": (stack(F64, 2), np.ones((4, 3))),
    "rank of a stack": (stack(F64, 2), np.ones(2)),
    "dtype of a stack": (stack(F64, 2), np.ones((4, 2), F32)),
    "number for a stack": (stack(F64), np.float64(1.0)),
    "0-d for a stack": (stack(F64), np.array(1.0)),
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_refused(make, name):
    spec, x = MISFITS[name]
    f = make("nothing", inputs=[scalar(F64), spec, scalar(F64)], work=5000)
    assert f(1.0, x, 1.0) is NotImplemented


def test_other_numbers_of_arguments(make):
    f = copier(make, array(F64, 3))
    x = np.ones(3)
    assert f() is NotImplemented
    assert f(x, x) is NotImplemented
    with pytest.raises(TypeError):
        f(x=x)


def test_other_descriptors_of_the_same_type(make):
    """Those of unpickled arrays, and second names of a type, are not the objects that NumPy makes."""
    x = pickle.loads(pickle.dumps(np.arange(3)))
    for given in (x, np.arange(3, dtype=np.longlong), np.arange(3, dtype=np.dtype(I64, metadata={"unit": "m"}))):
        if given.dtype.itemsize == 8:
            (y,) = copier(make, array(I64, 3))(given)
            np.testing.assert_array_equal(y, [0, 1, 2])
            assert y.dtype.metadata is None
    (y,) = copier(make, scalar(F64))(pickle.loads(pickle.dumps(np.array(2.5))))
    assert y == 2.5


# -- stacks


@pytest.mark.parametrize("shape", [(), (2,), (3, 0), (2, 3)], ids=str)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_stacks(make, shape, count):
    x = np.arange(count * int(np.prod(shape)), dtype=F32).reshape(count, *shape)
    (y,) = make("twice", inputs=[stack(F32, *shape)], outputs=[stack(F32, *shape)], table=(size(array(F32, *shape)), 0))(x)
    np.testing.assert_array_equal(y, np.concatenate([x, x]))
    assert y.dtype == F32
    assert y.flags.owndata


def test_an_empty_stack_has_no_memory(make):
    found = make("nothing", outputs=[stack(F64, 2), stack(I64)])()
    assert [y.shape for y in found] == [(0, 2), (0,)]


# -- errors


def test_errors_of_the_program(make):
    x = np.ones(3)
    f = make("fail", [x], [array(F64, 3)], [array(F64, 2), scalar(F64), stack(F64)], (5,))
    assert f(x) == [7, -1, 2**63 - 1, 0, 0]
    assert make("twice", inputs=[stack(F64)], outputs=[stack(F64)], table=(8, -3))(x) == [-3, 0, 0, 0, 0]


def test_no_memory(make):
    huge = array(F64, 2**45)
    held = np.dtype(float)
    before = sys.getrefcount(held)
    for _ in range(3):
        with pytest.raises(MemoryError):
            make("nothing", outputs=[array(F64, 3), huge, scalar(F64)])()
        with pytest.raises(MemoryError):
            make("nothing", outputs=[array(F64, 3)], work=2**50)()
    assert sys.getrefcount(held) == before


# -- scratch memory


@pytest.mark.parametrize("work", [0, 1, 100, 5000, 10**6])
@pytest.mark.parametrize("release_gil", [False, True])
def test_scratch_memory(make, work, release_gil):
    f = make("scratch", outputs=[scalar(I64)], table=(work,), work=work, release_gil=release_gil)
    for _ in range(3):
        (where,) = f()
        assert where % 64 == 0


def test_scratch_memory_is_kept(make):
    if not make.native:
        pytest.skip("the plain form takes new memory in each call")
    small, large = (make("scratch", outputs=[scalar(I64)], table=(n,), work=n) for n in (10**5, 10**6))
    (where,) = large()
    assert small() == large() == (where,)


# -- threads


@pytest.mark.parametrize("release_gil", [False, True])
@pytest.mark.parametrize("n", [10, 3000])
def test_threads(make, n, release_gil):
    f = make("sum", inputs=[array(F64, n)], outputs=[scalar(F64)], table=(n,), work=8 * n, release_gil=release_gil)
    start = threading.Barrier(8)

    def run(k):
        x = np.full(n, float(k))
        start.wait(timeout=60)
        return {float(f(x)[0]) for _ in range(1000 if make.native else 100)}

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [{float(n * k)} for k in range(8)]


def test_the_lock_is_released(make):
    f = make("wait", inputs=[array(I64, 1)], release_gil=True)
    x = np.zeros(1, int)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(f, x)
        x[0] = 1
        assert waiting.result(timeout=60) == ()


# -- what is left behind


def everything(make):
    """Calls of every kind, and the objects whose references they could lose."""
    x, swapped, rows = np.ones(3), np.ones(3, ">f8"), np.ones((4, 2))
    specs = [array(F64, 3), scalar(F64), array(F32, 2, 0)]
    copy = copier(make, *specs)
    args = x, np.float64(1.5), np.ones((2, 0), F32)
    twice, failing = (make("twice", inputs=[stack(F64, 2)], outputs=[stack(F64, 2)], table=(16, status), work=3000) for status in (0, 1))
    refusing = make("nothing", inputs=[array(F64, 3)] * 3, outputs=[array(F64, 3)])
    calls = [
        lambda: copy(*args),
        lambda: copy(x, 2.5, args[2]),
        lambda: twice(rows),
        lambda: failing(rows),
        lambda: refusing(x, swapped, x),
        copy,
    ]
    held = [x, swapped, rows, *args, *[s.dtype for s in specs], NotImplemented, np.ndarray, np.float64, copy, twice, failing]
    return calls, held


def test_references(make):
    calls, held = everything(make)
    for call in calls:
        call()
    before = [sys.getrefcount(x) for x in held]
    for call in calls:
        for _ in range(500):
            call()
    gc.collect()
    after = [sys.getrefcount(x) for x in held]
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) < 100


def test_results_belong_to_the_caller_alone(make):
    y, v, i = copier(make, array(F64, 3), scalar(F64), scalar(I64))(np.ones(3), 10.5, 2**40)
    fresh = np.ones(3)
    assert [sys.getrefcount(y), sys.getrefcount(v), sys.getrefcount(i)] == [sys.getrefcount(fresh)] * 3


def test_a_million_calls_leave_nothing(make):
    calls, _ = everything(make)
    n = 10**6 // len(calls) if make.native else 1000
    for call in calls:
        for _ in range(100):
            call()
    gc.collect()
    before = sys.getallocatedblocks()
    for call in calls:
        for _ in range(n):
            call()
    gc.collect()
    assert abs(sys.getallocatedblocks() - before) < 500


def test_memory_of_stacks_is_freed():
    """Measured from outside: what the program takes with malloc, Python does not count. 400 MB in all."""
    pytest.importorskip("resource")
    program = "\n".join(
        [
            "import resource, numpy as np",
            "from tests.compile.test_entry import address, entry, stack, F64",
            "x = np.ones((500, 10))",
            "for native in (True, False):",
            "  for status in (0, 1):",
            "    f = entry(address('twice'), (), [stack(F64, 10)], [stack(F64, 10)], np.array([80, status]), 0, False, native=native)",
            "    for _ in range(20): f(x)",
            "    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss",
            "    for _ in range(5000): f(x)",
            "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)",
        ]
    )
    out = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert len(out) == 4
    assert max(map(int, out)) < 20_000  # kilobytes


def test_an_entry_can_be_dropped(make):
    x = np.ones(3)
    before = sys.getrefcount(x)
    f = make("nothing", bound=[x])
    assert sys.getrefcount(x) > before
    f()
    del f
    gc.collect()
    assert sys.getrefcount(x) == before
