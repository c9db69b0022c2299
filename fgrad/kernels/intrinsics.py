"""LLVM instructions that Numba has no name for, as functions of scalars: the words the kernels are written in.

Constants beside an operand take the operand's type (`fmuladd(x, 0.5, 1.0)` stays float32 for a float32 x, `shift_left(i, 23)` stays int32),
which Python's operators inside `@njit` do not grant. Imports NumPy, llvmlite and Numba only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

inline = njit(forceinline=True, error_model="numpy", nogil=True)  # how every scalar function of the kernels is compiled

INTEGER_OF = {types.float64: types.int64, types.float32: types.int32}
FLOAT_OF = {i: f for f, i in INTEGER_OF.items()}
_BITS_OF = INTEGER_OF | FLOAT_OF

Emit = Callable[..., Any]


def _float(x: Any) -> Any:
    if x not in INTEGER_OF:
        raise TypingError(f"a float32 or float64 is needed, not {x}")
    return x


@intrinsic
def bits(ctx, x):
    """The same bits as the other type of the same width: float64 <-> int64, float32 <-> int32."""
    if x not in _BITS_OF:
        raise TypingError(f"bits: no twin of the type {x}")
    return _BITS_OF[x](x), lambda cgctx, b, sig, args: b.bitcast(args[0], cgctx.get_value_type(sig.return_type))


def _same_type(emit: Emit, arity: int, check: Callable[[Any], Any]) -> Any:
    """An intrinsic of operands that all take the type of the first."""

    def typer(ctx: Any, *xs: Any) -> Any:
        t = check(xs[0])
        return t(*[t] * arity), lambda cgctx, b, sig, args: emit(b, *args)

    # Numba reads the number of parameters off the signature.
    by_arity = {
        1: lambda ctx, x: typer(ctx, x),
        2: lambda ctx, x, y: typer(ctx, x, y),
        3: lambda ctx, x, y, z: typer(ctx, x, y, z),
    }
    return intrinsic(by_arity[arity])


def _call(name: str, arity: int) -> Any:
    """An LLVM intrinsic that is overloaded on one float type."""

    def emit(b: Any, *args: Any) -> Any:
        t = args[0].type
        return b.call(b.module.declare_intrinsic(name, [t], ir.FunctionType(t, [t] * arity)), args)

    return _same_type(emit, arity, _float)


def _integer(x: Any) -> Any:
    if x not in FLOAT_OF:
        raise TypingError(f"an int32 or int64 is needed, not {x}")
    return x


fma = _call("llvm.fma", 3)  # x * y + z, rounded once: what error-free transformations need
fmuladd = _call("llvm.fmuladd", 3)  # x * y + z, rounded once where that is quicker: what polynomials need
maximum = _call("llvm.maximum", 2)  # NaN if either is, and +0 > -0; vectorises, which comparisons that treat NaN so do not
minimum = _call("llvm.minimum", 2)
copysign = _call("llvm.copysign", 2)
absolute = _call("llvm.fabs", 1)
sqrt = _call("llvm.sqrt", 1)
rint = _call("llvm.rint", 1)
floor = _call("llvm.floor", 1)
radd = _same_type(lambda b, s, x: b.fadd(s, x, flags=("reassoc",)), 2, _float)
"""s + x that may be reordered: for accumulators. A strict `s += x` stops the vectorisation of the whole loop around it."""

iadd = _same_type(lambda b, x, y: b.add(x, y), 2, _integer)
isub = _same_type(lambda b, x, y: b.sub(x, y), 2, _integer)
iand = _same_type(lambda b, x, y: b.and_(x, y), 2, _integer)
ior = _same_type(lambda b, x, y: b.or_(x, y), 2, _integer)
ixor = _same_type(lambda b, x, y: b.xor(x, y), 2, _integer)
shift_left = _same_type(lambda b, x, n: b.shl(x, n), 2, _integer)
shift_right = _same_type(lambda b, x, n: b.lshr(x, n), 2, _integer)  # zeros from the left: the other kind has no 64-bit AVX2 instruction


@intrinsic
def select(ctx, condition, x, y):
    """x if condition else y, both being computed: no branch for LLVM to remove. The constant takes the type of the other; both: float64."""
    t = y if isinstance(x, types.Literal) or (x == types.float64 and y == types.float32) else x
    t = types.unliteral(t)
    return t(types.boolean, t, t), lambda cgctx, b, sig, args: b.select(args[0], args[1], args[2])


@intrinsic
def widen(ctx, x):
    """A float32 as the float64 of the same value."""
    return types.float64(types.float32), lambda cgctx, b, sig, args: b.fpext(args[0], ir.DoubleType())


@intrinsic
def narrow(ctx, x):
    """A float64 rounded to float32."""
    return types.float32(types.float64), lambda cgctx, b, sig, args: b.fptrunc(args[0], ir.FloatType())


def _polynomial(scheme: Callable[[Any, Any, list[Any]], Any]) -> Any:
    def polynomial(ctx, x, coefficients):
        t = _float(x)
        n = len(coefficients)

        def codegen(cgctx, b, sig, args):
            return scheme(b, args[0], [b.extract_value(args[1], k) for k in range(n)])

        return t(t, types.UniTuple(t, n)), codegen

    return intrinsic(polynomial)


def _fmuladd(b: Any, x: Any, y: Any, z: Any) -> Any:
    t = x.type
    return b.call(b.module.declare_intrinsic("llvm.fmuladd", [t], ir.FunctionType(t, [t] * 3)), (x, y, z))


def _horner(b: Any, x: Any, c: list[Any]) -> Any:
    y = c[-1]
    for k in reversed(c[:-1]):
        y = _fmuladd(b, y, x, k)
    return y


def _estrin(b: Any, x: Any, c: list[Any]) -> Any:
    """Pairs, then pairs of pairs: a chain of log2(n) links, where Horner's has n."""
    while len(c) > 1:
        pairs = [_fmuladd(b, c[k + 1], x, c[k]) for k in range(0, len(c) - 1, 2)]
        c = pairs + c[2 * len(pairs) :]
        if len(c) > 1:
            x = b.fmul(x, x)
    return c[0]


horner = _polynomial(_horner)  # horner(x, (c0, c1, c2)) = c0 + c1 x + c2 x^2
estrin = _polynomial(_estrin)


@intrinsic
def prefer_512(ctx):
    """Called once in a function: lets LLVM use 512-bit vectors there, where the machine has them (by itself it takes 256 bits)."""

    def codegen(cgctx, b, sig, args):
        # llvmlite's attribute set admits names without values only; the set behind it takes any text.
        set.add(b.function.attributes, '"prefer-vector-width"="512"')
        set.add(b.function.attributes, '"stackrealign"')  # spilled vectors would straddle cache lines
        return cgctx.get_dummy_value()

    return types.void(), codegen


_LANES = {types.float64: (2, 4, 8), types.float32: (4, 8, 16)}


def outlined(name: str, signature: Any, function: Callable[..., Any]) -> Any:
    """`call(x, ...)`: function(x, ...) of numbers, as a function of its own that is compiled once: small, as it runs rarely.

    `name` must belong to this function alone, and function be pure; Numba compiles it with the signature.
    """

    def codegen(cgctx: Any, b: Any, sig: Any, args: Any) -> Any:
        module, types_of_args = b.module, [cgctx.get_value_type(t) for t in sig.args]
        if name not in module.globals:
            f = _pure_function(module, name, cgctx.get_value_type(sig.return_type), types_of_args, "noinline", "cold", "optsize")
            inner = ir.IRBuilder(f.append_basic_block())
            inner.ret(_call_compiled(cgctx, inner, function, sig, f.args))
        return b.call(module.globals[name], args)

    by_arity = {
        1: lambda ctx, x: (signature, codegen),
        2: lambda ctx, x, y: (signature, codegen),
    }
    return intrinsic(by_arity[len(signature.args)])


def _call_compiled(cgctx: Any, b: Any, function: Any, signature: Any, args: Any) -> Any:
    compiled = cgctx.compile_subroutine(b, function, signature)
    return cgctx.call_internal_no_propagate(b, compiled.fndesc, signature, args)[1]


def rarely(names: dict[Any, str], needed: Callable[[Any], Any], function: Callable[[Any], Any]) -> Any:
    """`call(x)`: function(x) if needed(x), else 0, that does not stop the vectorisation of a loop.

    LLVM cannot vectorise a loop with a branch around expensive code. Here it sees a pure function of known vector variants: each asks whether
    any lane needs the function, and only then goes through the lanes. The names, by type, must belong to this function alone. `needed` is the emitter
    of a comparison, of a builder and a number or a vector of numbers; `function` a function of a number, that Numba compiles.
    """

    def typer(ctx, x):
        t = _float(x)
        return t(t), lambda cgctx, b, sig, args: _call_rarely(cgctx, b, names[t], t, needed, function, args[0])

    return intrinsic(typer)


def _call_rarely(cgctx: Any, b: Any, name: str, t: Any, needed: Any, function: Any, x: Any) -> Any:
    module = b.module
    scalar = cgctx.get_value_type(t)
    if name not in module.globals:
        plain = _pure_function(module, name, scalar, [scalar], "noinline")
        inner = ir.IRBuilder(plain.append_basic_block())
        argument, slot = plain.args[0], inner.alloca(scalar)
        inner.store(scalar(0), slot)
        with inner.if_then(needed(inner, argument), likely=False):
            inner.store(_call_compiled(cgctx, inner, function, t(t), (argument,)), slot)
        inner.ret(inner.load(slot))
        variants = [_variant(module, f"{name}.x{n}", plain, scalar, n, needed) for n in _LANES[t]]
        used = ir.GlobalVariable(module, ir.ArrayType(ir.PointerType(), len(variants)), "llvm.compiler.used")
        used.linkage, used.section = "appending", "llvm.metadata"
        used.initializer = ir.Constant(used.value_type, [v.bitcast(ir.PointerType()) for v in variants])
    call = b.call(module.globals[name], (x,))
    variant_names = ",".join(f"_ZGV_LLVM_N{n}v_{name}({name}.x{n})" for n in _LANES[t])
    set.add(call.attributes, f'"vector-function-abi-variant"="{variant_names}"')
    return call


def _pure_function(module: Any, name: str, result: Any, args: Any, *words: str) -> Any:
    f = ir.Function(module, ir.FunctionType(result, args), name)
    f.linkage = "linkonce_odr"
    for word in (*words, "nounwind", "willreturn", "memory(none)"):
        set.add(f.attributes, word)
    return f


def _variant(module: Any, name: str, plain: Any, scalar: Any, lanes: int, needed: Any) -> Any:
    """A test that Numba's second round of optimisation inlines into the vector loop of the first, and behind it the way through the lanes."""
    t = ir.VectorType(scalar, lanes)
    slow = _pure_function(module, f"{name}.lanes", t, [t], "noinline", "cold")
    b = ir.IRBuilder(slow.append_basic_block())
    y = slow.args[0]
    for k in range(lanes):
        index = ir.IntType(32)(k)
        y = b.insert_element(y, b.call(plain, (b.extract_element(y, index),)), index)
    b.ret(y)
    f = _pure_function(module, name, t, [t], "alwaysinline")
    b = ir.IRBuilder(f.append_basic_block())
    x = f.args[0]
    flags = b.bitcast(needed(b, x), ir.IntType(lanes))
    before = b.block
    with b.if_then(b.icmp_unsigned("!=", flags, flags.type(0)), likely=False):
        y = b.call(slow, (x,))
        inside = b.block
    result = b.phi(t)
    result.add_incoming(ir.Constant(t, [scalar(0)] * lanes), before)
    result.add_incoming(y, inside)
    b.ret(result)
    return f


def _like(t: Any, value: float) -> Any:
    """The constant, or a vector of it."""
    return ir.Constant(t, [t.element(value)] * t.count) if isinstance(t, ir.VectorType) else t(value)


def beyond(limit: float) -> Callable[[Any, Any], Any]:
    """The emitter of |x| > limit, for `rarely`."""
    return lambda b, x: b.or_(b.fcmp_ordered(">", x, _like(x.type, limit)), b.fcmp_ordered("<", x, _like(x.type, -limit)))


def below(limit: float) -> Callable[[Any, Any], Any]:
    """The emitter of x < limit, for `rarely`."""
    return lambda b, x: b.fcmp_ordered("<", x, _like(x.type, limit))
