"""The way from a Python call to a compiled program, as LLVM text: one function that serves every program, led by a plan.

A *plan* is an array of int64 that `entry.py` writes: what to expect of the arguments, and what to make. This text knows how objects of CPython and NumPy
lie in memory (`entry.py` checks that they do before it is used), and no address: functions are symbols, and objects are in the plan. Imports the
standard library only.
"""

from __future__ import annotations

from string import Template

# the words of a plan: a header, a record for each input and output, then data of bound arrays and the dims that records point at
HEADER = {"PROGRAM": 0, "BOUND": 1, "N_BOUND": 2, "N_INPUTS": 3, "N_OUTPUTS": 4, "FRAME": 5, "BYTES": 6, "TABLE": 7, "RELEASE": 8,
          "REFUSED": 9, "NDARRAY": 10, "INT": 11, "BOOL": 12, "TRUE": 13}  # fmt: skip
RECORDS = 16  # where they begin
RECORD = {"KIND": 0, "NDIM": 1, "DIMS": 2, "DESCR": 3, "SCALAR_TYPE": 4, "PYTHON_TYPE": 5, "ITEM": 6, "SLOT": 7}
LENGTH = 8  # of a record
ARRAY, SCALAR, STACK = 0, 1, 2  # kinds

# where things are in a frame: the error record, then a pointer for each argument of the program, then slots
POINTERS = 32

# byte offsets in the objects of CPython and NumPy
OBJECT = {"TYPE": 8, "VALUE": 16, "DATA": 16, "ARRAY_NDIM": 24, "ARRAY_DIMS": 32, "ARRAY_DESCR": 56, "ARRAY_FLAGS": 64}
FLAGS = 0x0001 | 0x0100  # C-contiguous, aligned

SMALL = 2048  # frames with their workspace up to this size are on the machine's stack
KEPT = 256 << 20  # the largest workspace that is kept for the next call

FUNCTIONS = {
    "PyTuple_New": "ptr (i64)",
    "PyTuple_GetItem": "ptr (ptr, i64)",
    "PyTuple_SetItem": "i32 (ptr, i64, ptr)",
    "PyList_New": "ptr (i64)",
    "PyList_SetItem": "i32 (ptr, i64, ptr)",
    "PyLong_FromLongLong": "ptr (i64)",
    "PyLong_AsLongLongAndOverflow": "i64 (ptr, ptr)",
    "PyErr_NoMemory": "ptr ()",
    "PyEval_SaveThread": "ptr ()",
    "PyEval_RestoreThread": "void (ptr)",
    "PyMem_RawMalloc": "ptr (i64)",
    "PyMem_RawFree": "void (ptr)",
    "Py_IncRef": "void (ptr)",
    "Py_DecRef": "void (ptr)",
}
NUMPY_FUNCTIONS = {  # with their places in NumPy's table, which are part of its binary interface
    "PyArray_Scalar": (60, "ptr (ptr, ptr, ptr)"),
    "PyArray_NewFromDescr": (94, "ptr (ptr, ptr, i32, ptr, ptr, ptr, i32, ptr)"),
    "PyArray_EquivTypes": (182, "i8 (ptr, ptr)"),
}
C_FUNCTIONS = {"free": "void (ptr)", "memcpy": "ptr (ptr, ptr, i64)"}

_TEXT = """
$DECLARATIONS

; ---- words and pointers in memory

define internal i64 @word(ptr %p, i64 %i) alwaysinline {
  %a = getelementptr i64, ptr %p, i64 %i
  %v = load i64, ptr %a
  ret i64 %v
}

define internal ptr @address(ptr %p, i64 %i) alwaysinline {
  %a = getelementptr ptr, ptr %p, i64 %i
  %v = load ptr, ptr %a
  ret ptr %v
}

define internal ptr @field(ptr %object, i64 %offset) alwaysinline {
  %a = getelementptr i8, ptr %object, i64 %offset
  %v = load ptr, ptr %a
  ret ptr %v
}

; ---- workspaces: blocks aligned to 64 bytes, with their size and the address to free before them. One is kept for the next call, of any thread.

@spare = internal global i64 0

define internal void @drop(ptr %block) {
  %a = getelementptr i8, ptr %block, i64 -8
  %raw = load ptr, ptr %a
  call void @PyMem_RawFree(ptr %raw)
  ret void
}

define internal ptr @take(i64 %size) {
  %kept = atomicrmw xchg ptr @spare, i64 0 acq_rel
  %none = icmp eq i64 %kept, 0
  br i1 %none, label %new, label %look
look:
  %block = inttoptr i64 %kept to ptr
  %has = call i64 @word(ptr %block, i64 -2)
  %enough = icmp uge i64 %has, %size
  br i1 %enough, label %found, label %short
found:
  ret ptr %block
short:
  call void @drop(ptr %block)
  br label %new
new:
  %bytes = add i64 %size, 128
  %raw = call ptr @PyMem_RawMalloc(i64 %bytes)
  %failed = icmp eq ptr %raw, null
  br i1 %failed, label %nothing, label %made
nothing:
  ret ptr null
made:
  %begin = ptrtoint ptr %raw to i64
  %after = add i64 %begin, 127
  %aligned = and i64 %after, -64
  %fresh = inttoptr i64 %aligned to ptr
  %size.at = getelementptr i64, ptr %fresh, i64 -2
  store i64 %size, ptr %size.at
  %raw.at = getelementptr i64, ptr %fresh, i64 -1
  store ptr %raw, ptr %raw.at
  ret ptr %fresh
}

define internal void @give_back(ptr %block) {
  %size = call i64 @word(ptr %block, i64 -2)
  %large = icmp ugt i64 %size, $KEPT
  br i1 %large, label %away, label %keep
away:
  call void @drop(ptr %block)
  ret void
keep:
  %value = ptrtoint ptr %block to i64
  %old = atomicrmw xchg ptr @spare, i64 %value acq_rel
  %none = icmp eq i64 %old, 0
  br i1 %none, label %done, label %replaced
replaced:
  %other = inttoptr i64 %old to ptr
  call void @drop(ptr %other)
  br label %done
done:
  ret void
}

; ---- arguments

; whether an object is an ndarray of the record's type; dims are compared from the first given on
define internal i1 @is_array(ptr %plan, ptr %record, ptr %object, i64 %first) {
  %type = call ptr @field(ptr %object, i64 $TYPE)
  %ndarray = call ptr @address(ptr %plan, i64 $NDARRAY)
  %exact = icmp eq ptr %type, %ndarray
  br i1 %exact, label %layout, label %no
layout:
  %ndim.at = getelementptr i8, ptr %object, i64 $ARRAY_NDIM
  %ndim = load i32, ptr %ndim.at
  %rank = sext i32 %ndim to i64
  %expected = call i64 @word(ptr %record, i64 $NDIM)
  %same.rank = icmp eq i64 %rank, %expected
  %flags.at = getelementptr i8, ptr %object, i64 $ARRAY_FLAGS
  %flags = load i32, ptr %flags.at
  %both = and i32 %flags, $FLAGS
  %plain = icmp eq i32 %both, $FLAGS
  %fits = and i1 %same.rank, %plain
  br i1 %fits, label %dtype, label %no
dtype:
  %found = call ptr @field(ptr %object, i64 $ARRAY_DESCR)
  %descr = call ptr @address(ptr %record, i64 $DESCR)
  %same.descr = icmp eq ptr %found, %descr
  br i1 %same.descr, label %dims, label %other
other:  ; unpickled arrays have a descriptor of their own, and so have second names of a type (long long)
  %equal = call i8 @PyArray_EquivTypes(ptr %found, ptr %descr)
  %equivalent = icmp ne i8 %equal, 0
  br i1 %equivalent, label %dims, label %no
dims:
  %shape = call ptr @field(ptr %object, i64 $ARRAY_DIMS)
  %at = call i64 @word(ptr %record, i64 $DIMS)
  %wanted = getelementptr i64, ptr %plan, i64 %at
  br label %next
next:
  %i = phi i64 [%first, %dims], [%i.next, %compare]
  %more = icmp slt i64 %i, %rank
  br i1 %more, label %compare, label %yes
compare:
  %d = call i64 @word(ptr %shape, i64 %i)
  %w = call i64 @word(ptr %wanted, i64 %i)
  %i.next = add i64 %i, 1
  %same = icmp eq i64 %d, %w
  br i1 %same, label %next, label %no
yes:
  ret i1 true
no:
  ret i1 false
}

; a number of the record's type into its slot
define internal i1 @number(ptr %plan, ptr %record, ptr %object, ptr %slot) {
  %overflow = alloca i32
  %type = call ptr @field(ptr %object, i64 $TYPE)
  %item = call i64 @word(ptr %record, i64 $ITEM)
  %inside = getelementptr i8, ptr %object, i64 $VALUE
  %scalar = call ptr @address(ptr %record, i64 $SCALAR_TYPE)
  %is.scalar = icmp eq ptr %type, %scalar
  br i1 %is.scalar, label %copy, label %python
python:
  %number = call ptr @address(ptr %record, i64 $PYTHON_TYPE)
  %is.number = icmp eq ptr %type, %number
  br i1 %is.number, label %which, label %array
which:
  %bool = call ptr @address(ptr %plan, i64 $BOOL)
  %is.bool = icmp eq ptr %type, %bool
  br i1 %is.bool, label %truth, label %maybe.int
truth:
  %true = call ptr @address(ptr %plan, i64 $TRUE)
  %is.true = icmp eq ptr %object, %true
  %as.byte = zext i1 %is.true to i8
  store i8 %as.byte, ptr %slot
  ret i1 true
maybe.int:
  %int = call ptr @address(ptr %plan, i64 $INT)
  %is.int = icmp eq ptr %type, %int
  br i1 %is.int, label %integer, label %copy  ; what else is here, a float or complex, holds its value like a scalar
integer:
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %object, ptr %overflow)
  store i64 %value, ptr %slot
  %outside = load i32, ptr %overflow
  %in.range = icmp eq i32 %outside, 0
  ret i1 %in.range
array:
  %is.array = call i1 @is_array(ptr %plan, ptr %record, ptr %object, i64 0)
  br i1 %is.array, label %data, label %no
data:
  %of.array = call ptr @field(ptr %object, i64 $DATA)
  br label %copy
copy:
  %from = phi ptr [%inside, %0], [%inside, %maybe.int], [%of.array, %data]
  call ptr @memcpy(ptr %slot, ptr %from, i64 %item)
  ret i1 true
no:
  ret i1 false
}

; the program's pointer to an argument, or null where the argument does not fit
define internal ptr @accept(ptr %plan, ptr %record, ptr %object, ptr %frame) {
  %kind = call i64 @word(ptr %record, i64 $KIND)
  %offset = call i64 @word(ptr %record, i64 $SLOT)
  %slot = getelementptr i8, ptr %frame, i64 %offset
  switch i64 %kind, label %stack [i64 $ARRAY, label %array
                                  i64 $SCALAR, label %scalar]
array:
  %fits = call i1 @is_array(ptr %plan, ptr %record, ptr %object, i64 0)
  br i1 %fits, label %data, label %no
data:
  %pointer = call ptr @field(ptr %object, i64 $DATA)
  ret ptr %pointer
scalar:
  %taken = call i1 @number(ptr %plan, ptr %record, ptr %object, ptr %slot)
  br i1 %taken, label %in.slot, label %no
stack:
  %run = call i1 @is_array(ptr %plan, ptr %record, ptr %object, i64 1)
  br i1 %run, label %counted, label %no
counted:
  %items = call ptr @field(ptr %object, i64 $DATA)
  store ptr %items, ptr %slot
  %shape = call ptr @field(ptr %object, i64 $ARRAY_DIMS)
  %count = load i64, ptr %shape
  %count.at = getelementptr i64, ptr %slot, i64 1
  store i64 %count, ptr %count.at
  br label %in.slot
in.slot:
  ret ptr %slot
no:
  ret ptr null
}

; ---- results

; a new array of the record's dtype
define internal ptr @new_array(ptr %plan, ptr %record, ptr %dims) {
  %ndarray = call ptr @address(ptr %plan, i64 $NDARRAY)
  %descr = call ptr @address(ptr %record, i64 $DESCR)
  %rank = call i64 @word(ptr %record, i64 $NDIM)
  %ndim = trunc i64 %rank to i32
  call void @Py_IncRef(ptr %descr)  ; the array takes it
  %array = call ptr @PyArray_NewFromDescr(ptr %ndarray, ptr %descr, i32 %ndim, ptr %dims, ptr null, ptr null, i32 0, ptr null)
  ret ptr %array
}

; the program's pointer to a result, or null with an exception. Arrays are made now, and stand in the tuple.
define internal ptr @prepare(ptr %plan, ptr %record, ptr %tuple, i64 %i, ptr %frame) {
  %kind = call i64 @word(ptr %record, i64 $KIND)
  %is.array = icmp eq i64 %kind, $ARRAY
  br i1 %is.array, label %array, label %in.slot
array:
  %at = call i64 @word(ptr %record, i64 $DIMS)
  %dims = getelementptr i64, ptr %plan, i64 %at
  %made = call ptr @new_array(ptr %plan, ptr %record, ptr %dims)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %no, label %put
put:
  call i32 @PyTuple_SetItem(ptr %tuple, i64 %i, ptr %made)
  %data = call ptr @field(ptr %made, i64 $DATA)
  ret ptr %data
in.slot:
  %offset = call i64 @word(ptr %record, i64 $SLOT)
  %slot = getelementptr i8, ptr %frame, i64 %offset
  store ptr null, ptr %slot
  %second = getelementptr i64, ptr %slot, i64 1
  store i64 0, ptr %second
  ret ptr %slot
no:
  ret ptr null
}

; the items of a stack as an array, or null with an exception
define internal ptr @unstacked(ptr %plan, ptr %record, ptr %slot) {
  %at = call i64 @word(ptr %record, i64 $DIMS)
  %from = getelementptr i64, ptr %plan, i64 %at
  %dims = getelementptr i64, ptr %slot, i64 2  ; the plan serves other threads, so the dims are completed in the frame
  %rank = call i64 @word(ptr %record, i64 $NDIM)
  %bytes = shl i64 %rank, 3
  call ptr @memcpy(ptr %dims, ptr %from, i64 %bytes)
  %count = call i64 @word(ptr %slot, i64 1)
  store i64 %count, ptr %dims
  %made = call ptr @new_array(ptr %plan, ptr %record, ptr %dims)
  %failed = icmp eq ptr %made, null
  %empty = icmp eq i64 %count, 0
  %skip = or i1 %failed, %empty
  br i1 %skip, label %done, label %copy
copy:
  %item = call i64 @word(ptr %record, i64 $ITEM)
  %size = mul i64 %item, %count
  %to = call ptr @field(ptr %made, i64 $DATA)
  %items = load ptr, ptr %slot
  call ptr @memcpy(ptr %to, ptr %items, i64 %size)
  br label %done
done:
  ret ptr %made
}

; the object of a result that is not in the tuple yet, or null with an exception (%good false: none is made). Frees the memory of a stack.
define internal i1 @complete(ptr %plan, ptr %record, ptr %tuple, i64 %i, ptr %frame, i1 %good) {
  %kind = call i64 @word(ptr %record, i64 $KIND)
  %offset = call i64 @word(ptr %record, i64 $SLOT)
  %slot = getelementptr i8, ptr %frame, i64 %offset
  switch i64 %kind, label %array [i64 $SCALAR, label %scalar
                                  i64 $STACK, label %stack]
array:
  ret i1 %good
scalar:
  br i1 %good, label %number, label %array
number:
  %descr = call ptr @address(ptr %record, i64 $DESCR)
  %boxed = call ptr @PyArray_Scalar(ptr %slot, ptr %descr, ptr null)
  br label %put
stack:
  br i1 %good, label %collect, label %clear
collect:
  %run = call ptr @unstacked(ptr %plan, ptr %record, ptr %slot)
  br label %clear
clear:
  %object = phi ptr [null, %stack], [%run, %collect]
  %items = load ptr, ptr %slot
  call void @free(ptr %items)
  br label %put
put:
  %result = phi ptr [%boxed, %number], [%object, %clear]
  %failed = icmp eq ptr %result, null
  br i1 %failed, label %no, label %store
store:
  call i32 @PyTuple_SetItem(ptr %tuple, i64 %i, ptr %result)
  ret i1 true
no:
  ret i1 false
}

; [status, r0, r1, r2, r3], or null with an exception
define internal ptr @report(i64 %status, ptr %frame) {
  %list = call ptr @PyList_New(i64 5)
  %none = icmp eq ptr %list, null
  br i1 %none, label %no, label %next
next:
  %i = phi i64 [0, %0], [%i.next, %store]
  %before = sub i64 %i, 1
  %is.first = icmp eq i64 %i, 0
  %at = select i1 %is.first, i64 0, i64 %before
  %of.record = call i64 @word(ptr %frame, i64 %at)
  %value = select i1 %is.first, i64 %status, i64 %of.record
  %number = call ptr @PyLong_FromLongLong(i64 %value)
  %failed = icmp eq ptr %number, null
  br i1 %failed, label %undo, label %store
store:
  call i32 @PyList_SetItem(ptr %list, i64 %i, ptr %number)
  %i.next = add i64 %i, 1
  %more = icmp slt i64 %i.next, 5
  br i1 %more, label %next, label %done
done:
  ret ptr %list
undo:
  call void @Py_DecRef(ptr %list)
  br label %no
no:
  ret ptr null
}

; ---- the call

define internal i32 @run(ptr %plan, ptr %frame) {
  %program = call ptr @address(ptr %plan, i64 $PROGRAM)
  %pointers = getelementptr i8, ptr %frame, i64 $POINTERS
  %table = call ptr @address(ptr %plan, i64 $TABLE)
  %size = call i64 @word(ptr %plan, i64 $FRAME)
  %work = getelementptr i8, ptr %frame, i64 %size
  %release = call i64 @word(ptr %plan, i64 $RELEASE)
  %alone = icmp eq i64 %release, 0
  br i1 %alone, label %holding, label %releasing
holding:
  %status = call i32 %program(ptr %pointers, ptr %table, ptr %work)
  ret i32 %status
releasing:
  %thread = call ptr @PyEval_SaveThread()
  %status.free = call i32 %program(ptr %pointers, ptr %table, ptr %work)
  call void @PyEval_RestoreThread(ptr %thread)
  ret i32 %status.free
}

; everything but the memory of the frame: a tuple, a list, NotImplemented, or null with an exception
define internal ptr @call(ptr %plan, ptr %args, ptr %frame) {
entry:
  store i64 0, ptr %frame
  %record.1 = getelementptr i64, ptr %frame, i64 1
  store i64 0, ptr %record.1
  %record.2 = getelementptr i64, ptr %frame, i64 2
  store i64 0, ptr %record.2
  %record.3 = getelementptr i64, ptr %frame, i64 3
  store i64 0, ptr %record.3
  %pointers = getelementptr i8, ptr %frame, i64 $POINTERS
  %n.bound = call i64 @word(ptr %plan, i64 $N_BOUND)
  %n.inputs = call i64 @word(ptr %plan, i64 $N_INPUTS)
  %n.outputs = call i64 @word(ptr %plan, i64 $N_OUTPUTS)
  %records = getelementptr i64, ptr %plan, i64 $RECORDS
  %bound.word = call i64 @word(ptr %plan, i64 $BOUND)
  %bound.at = getelementptr ptr, ptr %plan, i64 %bound.word
  br label %bound
bound:
  %b = phi i64 [0, %entry], [%b.next, %bind]
  %b.more = icmp slt i64 %b, %n.bound
  br i1 %b.more, label %bind, label %inputs.begin
bind:
  %constant = call ptr @address(ptr %bound.at, i64 %b)
  %constant.at = getelementptr ptr, ptr %pointers, i64 %b
  store ptr %constant, ptr %constant.at
  %b.next = add i64 %b, 1
  br label %bound

inputs.begin:
  %input.pointers = getelementptr ptr, ptr %pointers, i64 %n.bound
  br label %inputs
inputs:
  %i = phi i64 [0, %inputs.begin], [%i.next, %input.fits]
  %input.record = phi ptr [%records, %inputs.begin], [%input.record.next, %input.fits]
  %i.more = icmp slt i64 %i, %n.inputs
  br i1 %i.more, label %input, label %outputs.begin
input:
  %object = call ptr @address(ptr %args, i64 %i)
  %pointer = call ptr @accept(ptr %plan, ptr %input.record, ptr %object, ptr %frame)
  %misfit = icmp eq ptr %pointer, null
  br i1 %misfit, label %refuse, label %input.fits
input.fits:
  %pointer.at = getelementptr ptr, ptr %input.pointers, i64 %i
  store ptr %pointer, ptr %pointer.at
  %i.next = add i64 %i, 1
  %input.record.next = getelementptr i64, ptr %input.record, i64 $LENGTH
  br label %inputs
refuse:
  %refused = call ptr @address(ptr %plan, i64 $REFUSED)
  call void @Py_IncRef(ptr %refused)
  ret ptr %refused

outputs.begin:
  %output.pointers = getelementptr ptr, ptr %input.pointers, i64 %n.inputs
  %tuple = call ptr @PyTuple_New(i64 %n.outputs)
  %no.tuple = icmp eq ptr %tuple, null
  br i1 %no.tuple, label %fail, label %outputs
outputs:
  %o = phi i64 [0, %outputs.begin], [%o.next, %output.ready]
  %output.record = phi ptr [%input.record, %outputs.begin], [%output.record.next, %output.ready]
  %o.more = icmp slt i64 %o, %n.outputs
  br i1 %o.more, label %output, label %go
output:
  %result = call ptr @prepare(ptr %plan, ptr %output.record, ptr %tuple, i64 %o, ptr %frame)
  %not.made = icmp eq ptr %result, null
  br i1 %not.made, label %undo, label %output.ready
output.ready:
  %result.at = getelementptr ptr, ptr %output.pointers, i64 %o
  store ptr %result, ptr %result.at
  %o.next = add i64 %o, 1
  %output.record.next = getelementptr i64, ptr %output.record, i64 $LENGTH
  br label %outputs

go:
  %error.at = getelementptr ptr, ptr %output.pointers, i64 %n.outputs
  store ptr %frame, ptr %error.at
  %status = call i32 @run(ptr %plan, ptr %frame)
  %success = icmp eq i32 %status, 0
  br label %finish
finish:
  %f = phi i64 [0, %go], [%f.next, %finish.one]
  %finish.record = phi ptr [%input.record, %go], [%finish.record.next, %finish.one]
  %good = phi i1 [%success, %go], [%good.next, %finish.one]
  %f.more = icmp slt i64 %f, %n.outputs
  br i1 %f.more, label %finish.one, label %finished
finish.one:
  %good.next = call i1 @complete(ptr %plan, ptr %finish.record, ptr %tuple, i64 %f, ptr %frame, i1 %good)
  %f.next = add i64 %f, 1
  %finish.record.next = getelementptr i64, ptr %finish.record, i64 $LENGTH
  br label %finish
finished:
  br i1 %good, label %return, label %unsuccessful
return:
  ret ptr %tuple
unsuccessful:
  br i1 %success, label %undo, label %reported
reported:
  call void @Py_DecRef(ptr %tuple)
  %wide = sext i32 %status to i64
  %list = call ptr @report(i64 %wide, ptr %frame)
  ret ptr %list
undo:
  call void @Py_DecRef(ptr %tuple)
  br label %fail
fail:
  ret ptr null
}

; METH_FASTCALL; self is a tuple, the plan its first item
define ptr @enter(ptr %self, ptr %args, i64 %given) {
  %small = alloca [$SMALL x i8], align 64
  %array = call ptr @PyTuple_GetItem(ptr %self, i64 0)
  %plan = call ptr @field(ptr %array, i64 $DATA)
  %n.inputs = call i64 @word(ptr %plan, i64 $N_INPUTS)
  %expected = icmp eq i64 %given, %n.inputs
  br i1 %expected, label %memory, label %refuse
refuse:
  %refused = call ptr @address(ptr %plan, i64 $REFUSED)
  call void @Py_IncRef(ptr %refused)
  ret ptr %refused
memory:
  %bytes = call i64 @word(ptr %plan, i64 $BYTES)
  %is.small = icmp ule i64 %bytes, $SMALL
  br i1 %is.small, label %on.stack, label %large
on.stack:
  %result = call ptr @call(ptr %plan, ptr %args, ptr %small)
  ret ptr %result
large:
  %block = call ptr @take(i64 %bytes)
  %none = icmp eq ptr %block, null
  br i1 %none, label %no.memory, label %in.block
no.memory:
  %null = call ptr @PyErr_NoMemory()
  ret ptr null
in.block:
  %result.large = call ptr @call(ptr %plan, ptr %args, ptr %block)
  call void @give_back(ptr %block)
  ret ptr %result.large
}
"""


def text() -> str:
    """The trampoline as LLVM text; the function is `enter`."""
    signatures = {**FUNCTIONS, **{name: signature for name, (_, signature) in NUMPY_FUNCTIONS.items()}, **C_FUNCTIONS}
    declarations = [f"declare {s.split()[0]} @{name}{s[s.index('(') :]}" for name, s in signatures.items()]
    return Template(_TEXT).substitute(
        HEADER, **RECORD, **OBJECT, RECORDS=RECORDS, LENGTH=LENGTH, POINTERS=POINTERS, FLAGS=FLAGS, SMALL=SMALL, KEPT=KEPT,
        ARRAY=ARRAY, SCALAR=SCALAR, STACK=STACK, DECLARATIONS="\n".join(declarations),
    )  # fmt: skip
