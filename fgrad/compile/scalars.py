"""The arithmetic of scalars in LLVM: what each operation of a loop body becomes, for each dtype.

`apply(f, op, dtypes, out, operands)` writes an operation. A value is a tuple of names: one, or the two parts of a complex number. Results are
NumPy's: integers wrap, a division of integers by zero gives 0, NaN goes through maximum and minimum. Functions such as exp are those of `kernels/`
and vectorise. Imports `assembly.py`; `lowering.py` says which primitive is which operation."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

import numpy as np

from fgrad.compile.assembly import Function, Module

Parts = tuple[str, ...]

BOOL, I64, F64, F32 = (np.dtype(t) for t in (np.bool_, np.int64, np.float64, np.float32))
DTYPES = frozenset(map(np.dtype, ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "c8", "c16"]))
"""Dtypes that native code computes with."""


def real_dtype(dtype: np.dtype) -> np.dtype:
    """The dtype of the parts of a complex number; others are their own."""
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def register(dtype: np.dtype) -> str:
    """The LLVM type of a value (of each part of a complex one)."""
    if dtype.kind == "b":
        return "i1"
    if dtype.kind in "iu":
        return f"i{dtype.itemsize * 8}"
    return "double" if real_dtype(dtype).itemsize == 8 else "float"


def memory(dtype: np.dtype) -> str:
    """The LLVM type of a value in memory."""
    return {"b": "i8", "c": f"{{ {register(dtype)}, {register(dtype)} }}"}.get(dtype.kind) or register(dtype)


def suffix(dtype: np.dtype) -> str:
    """How intrinsics name the type: f64, i32."""
    t = register(dtype)
    return {"double": "f64", "float": "f32"}.get(t, t)


def literal(value: object, dtype: np.dtype) -> str:
    """A number of a real dtype as LLVM writes it, exactly."""
    if dtype.kind == "f":
        return f"0x{struct.unpack('>Q', struct.pack('>d', float(dtype.type(value))))[0]:016X}"  # type: ignore[arg-type]
    if dtype.kind == "b":
        return "true" if value else "false"
    return str(int(value))  # type: ignore[call-overload]


def constant(value: object, dtype: np.dtype) -> Parts:
    if dtype.kind == "c":
        z, part = complex(value), real_dtype(dtype)  # type: ignore[arg-type]
        return literal(z.real, part), literal(z.imag, part)
    return (literal(value, dtype),)


def read(f: Function, pointer: str, dtype: np.dtype, note: str = "") -> Parts:
    """A value from memory."""
    if dtype.kind == "c":
        t = register(dtype)
        second = f.op(f"getelementptr inbounds {t}, ptr {pointer}, i64 1")
        return f.op(f"load {t}, ptr {pointer}{note}"), f.op(f"load {t}, ptr {second}{note}")
    value = f.op(f"load {memory(dtype)}, ptr {pointer}{note}")
    return (f.op(f"icmp ne i8 {value}, 0") if dtype.kind == "b" else value,)


def write(f: Function, pointer: str, dtype: np.dtype, value: Parts, note: str = "") -> None:
    if dtype.kind == "c":
        t = register(dtype)
        f.do(f"store {t} {value[0]}, ptr {pointer}{note}")
        f.do(f"store {t} {value[1]}, ptr {f.op(f'getelementptr inbounds {t}, ptr {pointer}, i64 1')}{note}")
        return
    held = f.op(f"zext i1 {value[0]} to i8") if dtype.kind == "b" else value[0]
    f.do(f"store {memory(dtype)} {held}, ptr {pointer}{note}")


def choose(f: Function, condition: str, x: Parts, y: Parts, dtype: np.dtype) -> Parts:
    t = register(dtype)
    return tuple(f.op(f"select i1 {condition}, {t} {a}, {t} {b}") for a, b in zip(x, y, strict=True))


def call(f: Function, name: str, dtype: np.dtype, *xs: str) -> str:
    """An LLVM intrinsic that is overloaded on one type."""
    t = register(dtype)
    full = f"llvm.{name}.{suffix(dtype)}"
    f.module.declare(full, f"declare {t} @{full}({', '.join([t] * len(xs))})")
    return f.op(f"call {t} @{full}({', '.join(f'{t} {x}' for x in xs)})")


def math(f: Function, name: str, dtype: np.dtype, *xs: str) -> str:
    """A function of kernels/vmath."""
    t, full = register(dtype), f"fgrad.{name}.{suffix(dtype)}"
    f.module.math.add(f"{name}.{suffix(dtype)}")
    if f.outlined:
        full = _outlined(f.module, full, t, len(xs))
    return f.op(f"call {t} @{full}({', '.join(f'{t} {x}' for x in xs)})")


def _outlined(module: Module, name: str, t: str, arity: int) -> str:
    """A function of mathematics that stays a call: long straight-line programs would be copies of a few functions, and take as long to compile."""
    outlined = f"{name}.call"
    if name not in module.named:
        module.named[name] = outlined
        inner = Function(module, outlined, [f"{t} %v{k}" for k in range(arity)], t, "noinline")
        inner.do(f"ret {t} {_called(inner, name, t, arity)}")
        inner.finish()
    return outlined


def _called(f: Function, name: str, t: str, arity: int) -> str:
    arguments = ", ".join(f"{t} %v{k}" for k in range(arity))
    return f.op(f"call {t} @{name}({arguments})")


# -- one table: the operation, and what it is for each kind of dtype

Rule = Callable[..., Parts]  # (function, dtype of the operands, *operands, each Parts)
_RULES: dict[tuple[str, str], Rule] = {}  # by operation and kind of dtype


def _rule(names: str, kinds: str) -> Callable[[Rule], Rule]:
    def register_rule(rule: Rule) -> Rule:
        for name in names.split():
            for kind in kinds:
                _RULES[name, kind] = rule
        return rule

    return register_rule


def _instruction(text: str) -> Rule:
    """An instruction with {t} for the type, on the first part of each operand."""
    return lambda f, dtype, *xs: (f.op(f"{text.format(t=register(dtype))} {', '.join(x[0] for x in xs)}"),)


def _compare(word: str) -> Rule:
    return lambda f, dtype, x, y: (f.op(f"{word} {register(dtype)} {x[0]}, {y[0]}"),)


def _intrinsic(name: str, *fixed: str) -> Rule:
    return lambda f, dtype, *xs: (call(f, name, dtype, *[x[0] for x in xs]),)


for _kind, _words in {
    "f": {"add": "fadd {t}", "sub": "fsub {t}", "mul": "fmul {t}", "div": "fdiv {t}", "neg": "fneg {t}"},
    "iu": {"add": "add {t}", "sub": "sub {t}", "mul": "mul {t}", "and": "and {t}", "or": "or {t}", "xor": "xor {t}", "neg": "sub {t} 0,"},
    "b": {"add": "or {t}", "mul": "and {t}", "and": "and {t}", "or": "or {t}", "xor": "xor {t}", "maximum": "or {t}", "minimum": "and {t}"},
}.items():
    for _op, _text in _words.items():
        _rule(_op, _kind)(_instruction(_text))
for _op, _float, _signed, _unsigned in (
    ("eq", "oeq", "eq", "eq"), ("ne", "une", "ne", "ne"), ("lt", "olt", "slt", "ult"),
    ("le", "ole", "sle", "ule"), ("gt", "ogt", "sgt", "ugt"), ("ge", "oge", "sge", "uge"),
):  # fmt: skip
    _rule(_op, "f")(_compare(f"fcmp {_float}"))
    _rule(_op, "i")(_compare(f"icmp {_signed}"))
    _rule(_op, "ub")(_compare(f"icmp {_unsigned}"))
for _op, _name in (
    ("sqrt", "sqrt"), ("floor", "floor"), ("ceil", "ceil"), ("trunc", "trunc"), ("rint", "rint"), ("abs", "fabs"), ("copysign", "copysign"),
    ("maximum", "maximum"), ("minimum", "minimum"), ("fmax", "maxnum"), ("fmin", "minnum"),
):  # fmt: skip
    _rule(_op, "f")(_intrinsic(_name))
for _op, _short in (("maximum", "max"), ("minimum", "min"), ("fmax", "max"), ("fmin", "min")):
    _rule(_op, "i")(_intrinsic(f"s{_short}"))
    _rule(_op, "u")(_intrinsic(f"u{_short}"))

MATH = frozenset(
    [
        "exp", "expm1", "exp2", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh",
        "arcsinh", "arccosh", "arctanh", "pow", "hypot", "cbrt", "erf", "erfc", "lgamma", "digamma", "sigmoid",
    ]
)  # fmt: skip
for _op in MATH:
    _rule(_op, "f")(lambda f, dtype, *xs, name=_op: (math(f, name, dtype, *[x[0] for x in xs]),))


def _one(dtype: np.dtype) -> str:
    return literal(1, real_dtype(dtype))


@_rule("square", "fiub")
def _square(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return _RULES["mul", dtype.kind](f, dtype, x, x)


@_rule("reciprocal", "f")
def _reciprocal(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"fdiv {register(dtype)} {_one(dtype)}, {x[0]}"),)


@_rule("sign", "f")
def _sign(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    t, zero = register(dtype), literal(0, dtype)
    positive, negative = (f.op(f"fcmp {w} {t} {x[0]}, {zero}") for w in ("ogt", "olt"))
    nan = f.op(f"fcmp uno {t} {x[0]}, {zero}")
    y = f.op(f"select i1 {positive}, {t} {_one(dtype)}, {t} {zero}")
    y = f.op(f"select i1 {negative}, {t} {literal(-1, dtype)}, {t} {y}")
    return (f.op(f"select i1 {nan}, {t} {x[0]}, {t} {y}"),)


@_rule("sign", "iu")
def _integer_sign(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    t = register(dtype)
    y = f.op(f"zext i1 {f.op(f'icmp ne {t} {x[0]}, 0')} to {t}")
    return (y,) if dtype.kind == "u" else (f.op(f"select i1 {f.op(f'icmp slt {t} {x[0]}, 0')}, {t} -1, {t} {y}"),)


@_rule("abs", "iub")
def _integer_abs(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    if dtype.kind != "i":
        return x
    t = register(dtype)
    return (f.op(f"select i1 {f.op(f'icmp slt {t} {x[0]}, 0')}, {t} {f.op(f'sub {t} 0, {x[0]}')}, {t} {x[0]}"),)


@_rule("not", "biu")
def _not(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"xor {register(dtype)} {x[0]}, {'true' if dtype.kind == 'b' else '-1'}"),)


@_rule("floor ceil trunc rint conj real stop_gradient", "iub")
@_rule("conj real stop_gradient", "f")
@_rule("stop_gradient", "c")
def _identity(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return x


@_rule("isnan", "f")
def _isnan(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"fcmp uno {register(dtype)} {x[0]}, {x[0]}"),)


@_rule("isinf", "f")
def _isinf(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"fcmp oeq {register(dtype)} {call(f, 'fabs', dtype, x[0])}, {literal(np.inf, dtype)}"),)


@_rule("isfinite", "f")
def _isfinite(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"fcmp olt {register(dtype)} {call(f, 'fabs', dtype, x[0])}, {literal(np.inf, dtype)}"),)


@_rule("signbit", "f")
def _signbit(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    t, i = register(dtype), f"i{dtype.itemsize * 8}"
    return (f.op(f"icmp slt {i} {f.op(f'bitcast {t} {x[0]} to {i}')}, 0"),)


@_rule("signbit", "i")
def _integer_signbit(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (f.op(f"icmp slt {register(dtype)} {x[0]}, 0"),)


@_rule("bitwise_count", "iu")
def _count(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    magnitude = _integer_abs(f, dtype, x)  # NumPy counts the bits of the absolute value
    return convert(f, (call(f, "ctpop", dtype, magnitude[0]),), np.dtype(f"u{dtype.itemsize}"), np.dtype(np.uint8))


def _shift(word: str) -> Rule:
    def rule(f: Function, dtype: np.dtype, x: Parts, n: Parts) -> Parts:
        t, width = register(dtype), dtype.itemsize * 8
        fits = f.op(f"icmp ult {t} {n[0]}, {width}")
        safe = f.op(f"select i1 {fits}, {t} {n[0]}, {t} {width - 1}")
        out = f.op(f"{word} {t} {x[0]}, {safe}")
        return (out,) if word == "ashr" else (f.op(f"select i1 {fits}, {t} {out}, {t} 0"),)

    return rule


_rule("shift_left", "iu")(_shift("shl"))
_rule("shift_right", "i")(_shift("ashr"))
_rule("shift_right", "u")(_shift("lshr"))


def _quotient(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> tuple[Parts, Parts]:
    """Quotient and remainder towards zero; both 0 where y is 0."""
    t = register(dtype)
    zero = f.op(f"icmp eq {t} {y[0]}, 0")
    bad = zero
    if dtype.kind == "i":  # the smallest integer by -1 does not fit either: NumPy gives it back
        over = f.op(f"and i1 {f.op(f'icmp eq {t} {x[0]}, {np.iinfo(dtype).min}')}, {f.op(f'icmp eq {t} {y[0]}, -1')}")
        bad = f.op(f"or i1 {zero}, {over}")
    safe = f.op(f"select i1 {bad}, {t} 1, {t} {y[0]}")
    sign = "s" if dtype.kind == "i" else "u"
    q, r = f.op(f"{sign}div {t} {x[0]}, {safe}"), f.op(f"{sign}rem {t} {x[0]}, {safe}")
    return (f.op(f"select i1 {zero}, {t} 0, {t} {q}"),), (f.op(f"select i1 {zero}, {t} 0, {t} {r}"),)


def _apart(f: Function, dtype: np.dtype, r: Parts, y: Parts) -> str:
    """Whether a remainder is not zero and of the other sign than the divisor."""
    t = register(dtype)
    other = f.op(f"icmp slt {t} {f.op(f'xor {t} {r[0]}, {y[0]}')}, 0")
    return f.op(f"and i1 {other}, {f.op(f'icmp ne {t} {r[0]}, 0')}")


@_rule("floor_divide", "iu")
def _floor_divide(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    q, r = _quotient(f, dtype, x, y)
    if dtype.kind == "u":
        return q
    t = register(dtype)
    return (f.op(f"sub {t} {q[0]}, {f.op(f'zext i1 {_apart(f, dtype, r, y)} to {t}')}"),)


@_rule("remainder", "iu")
def _remainder(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    _, r = _quotient(f, dtype, x, y)
    if dtype.kind == "u":
        return r
    t = register(dtype)
    return (f.op(f"add {t} {r[0]}, {f.op(f'select i1 {_apart(f, dtype, r, y)}, {t} {y[0]}, {t} 0')}"),)


@_rule("fmod", "iu")
def _fmod(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    return _quotient(f, dtype, x, y)[1]


@_rule("fmod", "f")
def _float_fmod(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    """x - q y in one rounding, which is exact: the quotient q, where it has no more digits than a number, is right or too large by one."""
    t, zero, slot = register(dtype), literal(0, dtype), f.slot(register(dtype))
    a, b = (call(f, "fabs", dtype, v[0]) for v in (x, y))
    ratio = f.op(f"fdiv {t} {a}, {b}")
    rest = call(f, "fma", dtype, f.op(f"fneg {t} {call(f, 'trunc', dtype, ratio)}"), b, a)
    below = f.op(f"fcmp olt {t} {rest}, {zero}")
    rest = f.op(f"select i1 {below}, {t} {f.op(f'fadd {t} {rest}, {b}')}, {t} {rest}")
    less = f.op(f"fcmp olt {t} {a}, {b}")  # all of x, where y may be infinite
    rest = f.op(f"select i1 {less}, {t} {a}, {t} {rest}")
    f.do(f"store {t} {call(f, 'copysign', dtype, rest, x[0])}, ptr {slot}")
    with f.when(f.op(f"fcmp uge {t} {ratio}, {literal(2.0 ** (np.finfo(dtype).nmant + 1), dtype)}")):
        f.do(f"store {t} {f.op(f'call {t} @{_library_fmod(f.module, t)}({t} {x[0]}, {t} {y[0]})')}, ptr {slot}")
    return (f.op(f"load {t}, ptr {slot}"),)


def _library_fmod(module: Module, t: str) -> str:
    """The C library's, as a function of its own: LLVM would compute it always, not only where it is needed."""
    name = module.named.get(("fmod", t))
    if name is None:
        name = module.named["fmod", t] = f"fmod_{t}"
        f = Function(module, name, [f"{t} %x", f"{t} %y"], t, "noinline cold")
        f.do(f"ret {t} {f.op(f'frem {t} %x, %y')}")
        f.finish()
    return name


def _float_divmod(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> tuple[str, str]:
    """Python's: the remainder has the divisor's sign, and the quotient is exact where it can be."""
    t, zero = register(dtype), literal(0, dtype)
    (mod,) = _float_fmod(f, dtype, x, y)
    quotient = f.op(f"fdiv {t} {f.op(f'fsub {t} {x[0]}, {mod}')}, {y[0]}")
    nonzero = f.op(f"fcmp one {t} {mod}, {zero}")
    other = f.op(f"xor i1 {f.op(f'fcmp olt {t} {y[0]}, {zero}')}, {f.op(f'fcmp olt {t} {mod}, {zero}')}")
    wrong = f.op(f"and i1 {nonzero}, {other}")
    mod_out = f.op(f"select i1 {wrong}, {t} {f.op(f'fadd {t} {mod}, {y[0]}')}, {t} {mod}")
    is_zero = f.op(f"fcmp oeq {t} {mod}, {zero}")
    mod_out = f.op(f"select i1 {is_zero}, {t} {call(f, 'copysign', dtype, zero, y[0])}, {t} {mod_out}")
    quotient = f.op(f"select i1 {wrong}, {t} {f.op(f'fsub {t} {quotient}, {_one(dtype)}')}, {t} {quotient}")
    whole = call(f, "floor", dtype, quotient)
    more = f.op(f"fcmp ogt {t} {f.op(f'fsub {t} {quotient}, {whole}')}, {literal(0.5, dtype)}")
    whole = f.op(f"select i1 {more}, {t} {f.op(f'fadd {t} {whole}, {_one(dtype)}')}, {t} {whole}")
    ratio = f.op(f"fdiv {t} {x[0]}, {y[0]}")
    none = f.op(f"fcmp oeq {t} {quotient}, {zero}")
    whole = f.op(f"select i1 {none}, {t} {call(f, 'copysign', dtype, zero, ratio)}, {t} {whole}")
    by_zero = f.op(f"fcmp oeq {t} {y[0]}, {zero}")
    return f.op(f"select i1 {by_zero}, {t} {ratio}, {t} {whole}"), f.op(f"select i1 {by_zero}, {t} {mod}, {t} {mod_out}")


_rule("floor_divide", "f")(lambda f, dtype, x, y: (_float_divmod(f, dtype, x, y)[0],))
_rule("remainder", "f")(lambda f, dtype, x, y: (_float_divmod(f, dtype, x, y)[1],))


@_rule("logaddexp", "f")
def _logaddexp(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    t = register(dtype)
    equal = f.op(f"fcmp oeq {t} {x[0]}, {y[0]}")  # of equal infinities too, whose difference is NaN
    gap = f.op(f"fneg {t} {call(f, 'fabs', dtype, f.op(f'fsub {t} {x[0]}, {y[0]}'))}")
    gap = f.op(f"select i1 {equal}, {t} {literal(0, dtype)}, {t} {gap}")
    return (f.op(f"fadd {t} {call(f, 'maximum', dtype, x[0], y[0])}, {math(f, 'log1p', dtype, math(f, 'exp', dtype, gap))}"),)


def _erfinv_start(f: Function, dtype: np.dtype, y: str) -> str:
    """erfinv to three digits: Winitzki's formula."""
    t = register(dtype)
    a = 0.147
    square = f.op(f"fmul {t} {y}, {y}")
    inside = f.op(f"fsub {t} {_one(dtype)}, {square}")
    logarithm = math(f, "log", dtype, inside)
    half = f.op(f"fmul {t} {logarithm}, {literal(0.5, dtype)}")
    b = f.op(f"fadd {t} {half}, {literal(2 / (np.pi * a), dtype)}")
    c = f.op(f"fmul {t} {logarithm}, {literal(1 / a, dtype)}")
    root = call(f, "sqrt", dtype, f.op(f"fsub {t} {f.op(f'fmul {t} {b}, {b}')}, {c}"))
    x = call(f, "sqrt", dtype, f.op(f"fsub {t} {root}, {b}"))
    return call(f, "copysign", dtype, x, y)


@_rule("erfinv", "f")
def _erfinv(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """Halley's method on erf(x) = y, of which each step triples the digits. In the tails the distance of both from 1 is compared, which loses none."""
    wide = convert(f, x, dtype, F64)[0]
    size = call(f, "fabs", F64, wide)
    inside = f.op(f"fcmp olt double {size}, {_one(F64)}")
    y = f.op(f"select i1 {inside}, double {size}, double {literal(0.5, F64)}")
    rest = f.op(f"fsub double {_one(F64)}, {y}")
    tail = f.op(f"fcmp ogt double {y}, {literal(0.5, F64)}")
    z = _erfinv_start(f, F64, y)
    for _ in range(2):
        near = f.op(f"fsub double {math(f, 'erf', F64, z)}, {y}")
        far = f.op(f"fsub double {rest}, {math(f, 'erfc', F64, z)}")
        error = f.op(f"select i1 {tail}, double {far}, double {near}")
        slope = f.op(f"fmul double {math(f, 'exp', F64, f.op(f'fneg double {_product(f, z, z)}'))}, {literal(2 / np.sqrt(np.pi), F64)}")
        u = f.op(f"fdiv double {error}, {slope}")
        bent = f.op(f"fadd double {_one(F64)}, {_product(f, z, u)}")
        z = f.op(f"fsub double {z}, {f.op(f'fdiv double {u}, {bent}')}")
    z = call(f, "copysign", F64, z, wide)
    bound = f.op(f"fcmp oeq double {size}, {_one(F64)}")
    edge = call(f, "copysign", F64, f.op(f"select i1 {bound}, double {literal(np.inf, F64)}, double {literal(np.nan, F64)}"), wide)
    zero = f.op(f"fcmp oeq double {size}, {literal(0, F64)}")
    out = f.op(f"select i1 {inside}, double {z}, double {edge}")
    return convert(f, (f.op(f"select i1 {zero}, double {wide}, double {out}"),), F64, dtype)


def _product(f: Function, x: str, y: str) -> str:
    return f.op(f"fmul double {x}, {y}")


@_rule("ndtr", "f")
def _ndtr(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """SciPy's: by erf about 0, by erfc beyond."""
    t, half = register(dtype), literal(0.5, dtype)
    z = f.op(f"fmul {t} {x[0]}, {literal(np.sqrt(0.5), dtype)}")
    size = call(f, "fabs", dtype, z)
    area = math(f, "erf", dtype, z)
    middle = f.op(f"fadd {t} {half}, {f.op(f'fmul {t} {half}, {area}')}")
    tail = f.op(f"fmul {t} {half}, {math(f, 'erfc', dtype, size)}")
    right = f.op(f"select i1 {f.op(f'fcmp ogt {t} {z}, {literal(0, dtype)}')}, {t} {f.op(f'fsub {t} {_one(dtype)}, {tail}')}, {t} {tail}")
    near = f.op(f"fcmp olt {t} {size}, {literal(np.sqrt(0.5), dtype)}")
    return (f.op(f"select i1 {near}, {t} {middle}, {t} {right}"),)


@_rule("log_expit", "f")
def _log_expit(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    t = register(dtype)
    rest = math(f, "log1p", dtype, math(f, "exp", dtype, f.op(f"fneg {t} {call(f, 'fabs', dtype, x[0])}")))
    return (f.op(f"fsub {t} {call(f, 'minimum', dtype, x[0], literal(0, dtype))}, {rest}"),)


def _times_logarithm(name: str) -> Rule:
    """x log(y), and 0 where x is 0 and y a number."""

    def rule(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
        t, zero = register(dtype), literal(0, dtype)
        nothing = f.op(f"and i1 {f.op(f'fcmp oeq {t} {x[0]}, {zero}')}, {f.op(f'fcmp ord {t} {y[0]}, {y[0]}')}")
        product = f.op(f"fmul {t} {x[0]}, {math(f, name, dtype, y[0])}")
        return (f.op(f"select i1 {nothing}, {t} {zero}, {t} {product}"),)

    return rule


_rule("xlogy", "f")(_times_logarithm("log"))
_rule("xlog1py", "f")(_times_logarithm("log1p"))


# -- complex numbers


@_rule("add", "c")
def _cadd(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    return tuple(f.op(f"fadd {register(dtype)} {a}, {b}") for a, b in zip(x, y, strict=True))


@_rule("sub", "c")
def _csub(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    return tuple(f.op(f"fsub {register(dtype)} {a}, {b}") for a, b in zip(x, y, strict=True))


@_rule("mul", "c")
def _cmul(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    t = register(dtype)
    (a, b), (c, d) = x, y
    ac, bd, ad, bc = (f.op(f"fmul {t} {p}, {q}") for p, q in ((a, c), (b, d), (a, d), (b, c)))
    return f.op(f"fsub {t} {ac}, {bd}"), f.op(f"fadd {t} {ad}, {bc}")


@_rule("square", "c")
def _csquare(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return _cmul(f, dtype, x, x)


@_rule("div", "c")
def _cdiv(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    """Smith's method, as NumPy's: scaled by the larger part of the divisor."""
    t, zero = register(dtype), literal(0, real_dtype(dtype))
    (a, b), (c, d) = x, y
    size_c, size_d = (call(f, "fabs", real_dtype(dtype), v) for v in (c, d))
    wide = f.op(f"fcmp oge {t} {size_c}, {size_d}")
    both = f.op(f"and i1 {f.op(f'fcmp oeq {t} {size_c}, {zero}')}, {f.op(f'fcmp oeq {t} {size_d}, {zero}')}")
    large, small = choose(f, wide, (c, d), (d, c), dtype)
    ratio = f.op(f"fdiv {t} {small}, {large}")
    product = f.op(f"fmul {t} {small}, {ratio}")
    scale = f.op(f"fdiv {t} {_one(dtype)}, {f.op(f'fadd {t} {large}, {product}')}")
    ar, br = f.op(f"fmul {t} {a}, {ratio}"), f.op(f"fmul {t} {b}, {ratio}")
    re = choose(f, wide, (f.op(f"fadd {t} {a}, {br}"),), (f.op(f"fadd {t} {ar}, {b}"),), dtype)[0]
    im = choose(f, wide, (f.op(f"fsub {t} {b}, {ar}"),), (f.op(f"fsub {t} {br}, {a}"),), dtype)[0]
    out = f.op(f"fmul {t} {re}, {scale}"), f.op(f"fmul {t} {im}, {scale}")
    by_zero = f.op(f"fdiv {t} {a}, {size_c}"), f.op(f"fdiv {t} {b}, {size_c}")
    return choose(f, both, by_zero, out, dtype)


@_rule("reciprocal", "c")
def _creciprocal(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return _cdiv(f, dtype, constant(1, dtype), x)


@_rule("neg", "c")
def _cneg(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return tuple(f.op(f"fneg {register(dtype)} {v}") for v in x)


@_rule("conj", "c")
def _conj(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return x[0], f.op(f"fneg {register(dtype)} {x[1]}")


@_rule("real", "c")
def _real(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (x[0],)


@_rule("imag", "c")
def _imag(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (x[1],)


@_rule("complex", "f")
def _complex(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
    return x[0], y[0]


@_rule("abs", "c")
def _cabs(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    return (math(f, "hypot", real_dtype(dtype), *x),)


def _both(word: str, join: str) -> Rule:
    def rule(f: Function, dtype: np.dtype, x: Parts, y: Parts) -> Parts:
        a, b = (f.op(f"fcmp {word} {register(dtype)} {p}, {q}") for p, q in zip(x, y, strict=True))
        return (f.op(f"{join} i1 {a}, {b}"),)

    return rule


_rule("eq", "c")(_both("oeq", "and"))
_rule("ne", "c")(_both("une", "or"))


@_rule("exp", "c")
def _cexp(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    part, t = real_dtype(dtype), register(dtype)
    size, zero = math(f, "exp", part, x[0]), literal(0, real_dtype(dtype))
    real = f.op(f"fcmp oeq {t} {x[1]}, {zero}")  # or inf * 0 makes a NaN of the imaginary part
    im = f.op(f"fmul {t} {size}, {math(f, 'sin', part, x[1])}")
    return f.op(f"fmul {t} {size}, {math(f, 'cos', part, x[1])}"), f.op(f"select i1 {real}, {t} {x[1]}, {t} {im}")


@_rule("log", "c")
def _clog(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """Near the unit circle the logarithm of the modulus is that of 1 + (its square - 1): the difference is then exact where it is small."""
    part, t = real_dtype(dtype), register(dtype)
    size, one = math(f, "hypot", part, *x), _one(dtype)
    a, b = (call(f, "fabs", part, v) for v in x)
    large, small = call(f, "maximum", part, a, b), call(f, "minimum", part, a, b)
    beyond = f.op(f"fmul {t} {f.op(f'fsub {t} {large}, {one}')}, {f.op(f'fadd {t} {large}, {one}')}")
    beyond = f.op(f"fadd {t} {beyond}, {f.op(f'fmul {t} {small}, {small}')}")
    near = f.op(f"and i1 {f.op(f'fcmp ogt {t} {size}, {literal(0.7, part)}')}, {f.op(f'fcmp olt {t} {size}, {literal(1.4, part)}')}")
    close = f.op(f"fmul {t} {math(f, 'log1p', part, beyond)}, {literal(0.5, part)}")
    re = f.op(f"select i1 {near}, {t} {close}, {t} {math(f, 'log', part, size)}")
    return re, math(f, "arctan2", part, x[1], x[0])


@_rule("sqrt", "c")
def _csqrt(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """From the half of the plane where nothing cancels: the root's larger part first, and the other as a quotient."""
    part, t = real_dtype(dtype), register(dtype)
    zero, half = literal(0, part), literal(0.5, part)
    size = f.op(f"fadd {t} {call(f, 'fabs', part, x[0])}, {math(f, 'hypot', part, *x)}")
    large = call(f, "sqrt", part, f.op(f"fmul {t} {size}, {half}"))
    small = f.op(f"fdiv {t} {f.op(f'fmul {t} {x[1]}, {half}')}, {large}")
    right = f.op(f"fcmp oge {t} {x[0]}, {zero}")
    left = call(f, "fabs", part, small), call(f, "copysign", part, large, x[1])
    out = choose(f, right, (large, small), left, dtype)
    return choose(f, f.op(f"fcmp oeq {t} {large}, {zero}"), (zero, x[1]), out, dtype)


def _circular(first: str, second: str, negative: bool) -> Rule:
    """sin and cos: products of a circular function of one part and a hyperbolic one of the other."""

    def rule(f: Function, dtype: np.dtype, x: Parts) -> Parts:
        part, t = real_dtype(dtype), register(dtype)
        re = f.op(f"fmul {t} {math(f, first, part, x[0])}, {math(f, 'cosh', part, x[1])}")
        im = f.op(f"fmul {t} {math(f, second, part, x[0])}, {math(f, 'sinh', part, x[1])}")
        return re, f.op(f"fneg {t} {im}") if negative else im

    return rule


_rule("sin", "c")(_circular("sin", "cos", False))
_rule("cos", "c")(_circular("cos", "sin", True))


def _hyperbolic(first: str, second: str) -> Rule:
    def rule(f: Function, dtype: np.dtype, x: Parts) -> Parts:
        part, t = real_dtype(dtype), register(dtype)
        re = f.op(f"fmul {t} {math(f, first, part, x[0])}, {math(f, 'cos', part, x[1])}")
        return re, f.op(f"fmul {t} {math(f, second, part, x[0])}, {math(f, 'sin', part, x[1])}")

    return rule


_rule("sinh", "c")(_hyperbolic("sinh", "cosh"))
_rule("cosh", "c")(_hyperbolic("cosh", "sinh"))


# -- between dtypes


def convert(f: Function, x: Parts, source: np.dtype, to: np.dtype) -> Parts:
    """NumPy's astype; of a complex number to a real one, the real part."""
    if source == to:
        return x
    if to.kind == "c":
        zero = literal(0, real_dtype(to))
        parts = [convert(f, (p,), real_dtype(source), real_dtype(to))[0] for p in x]
        return parts[0], parts[1] if len(parts) == 2 else zero
    if to.kind == "b":
        nonzero = [
            f.op(f"{'fcmp une' if source.kind in 'fc' else 'icmp ne'} {register(source)} {p}, {literal(0, real_dtype(source))}") for p in x
        ]
        return (nonzero[0] if len(nonzero) == 1 else f.op(f"or i1 {nonzero[0]}, {nonzero[1]}"),)
    source = real_dtype(source)
    a, b = register(source), register(to)
    if source.kind == "f":
        word = ("fpext" if to.itemsize > source.itemsize else "fptrunc") if to.kind == "f" else None
        if word is None:
            return (_to_integer(f, x[0], source, to),)
    elif to.kind == "f":
        word = "sitofp" if source.kind == "i" else "uitofp"
    elif source.kind == "b" or to.itemsize > source.itemsize:
        word = "sext" if source.kind == "i" else "zext"
    else:
        word = "trunc" if to.itemsize < source.itemsize else ""
    return (f.op(f"{word} {a} {x[0]} to {b}"),) if word and a != b else (x[0],)


def _to_integer(f: Function, x: str, source: np.dtype, to: np.dtype) -> str:
    """A float cut to an integer. What does not fit has no defined value, in NumPy either; it is what the processor makes of it, by way of as many bits."""
    if to.itemsize < 4 or (to.kind == "i" and to.itemsize == 4):
        narrow = f.op(f"freeze i32 {f.op(f'fptosi {register(source)} {x} to i32')}")
        return narrow if to.itemsize == 4 else f.op(f"trunc i32 {narrow} to {register(to)}")
    wide = f.op(f"fptosi {register(source)} {x} to i64")
    if to.kind == "u" and to.itemsize == 8:
        t = register(source)
        half = literal(2.0**63, source)
        large = f.op(f"fcmp oge {t} {x}, {half}")
        rest = f.op(f"fsub {t} {x}, {half}")
        above = f.op(f"xor i64 {f.op(f'fptosi {t} {rest} to i64')}, {-(2**63)}")
        wide = f.op(f"select i1 {large}, i64 {above}, i64 {wide}")
    wide = f.op(f"freeze i64 {wide}")
    return wide if to.itemsize == 8 else f.op(f"trunc i64 {wide} to {register(to)}")


def _half_power(f: Function, dtype: np.dtype, x: str, halves: int) -> Parts:
    """x to the power halves / 2, by products and a square root: a power function would take ten times as long."""
    t = register(dtype)
    factors = []
    if halves % 2:  # the power of -inf is that of +inf
        lowest = f.op(f"fcmp oeq {t} {x}, {literal(-np.inf, dtype)}")
        x = f.op(f"select i1 {lowest}, {t} {literal(np.inf, dtype)}, {t} {x}")
        factors.append(call(f, "sqrt", dtype, x))
    count, square = abs(halves) // 2, x
    while count:
        if count % 2:
            factors.append(square)
        count //= 2
        if count:
            square = f.op(f"fmul {t} {square}, {square}")
    y = factors[0]
    for factor in factors[1:]:
        y = f.op(f"fmul {t} {y}, {factor}")
    if halves % 2:  # the root of -0 is -0, the power of it is not
        y = call(f, "fabs", dtype, y)
    return (f.op(f"fdiv {t} {_one(dtype)}, {y}"),) if halves < 0 else (y,)


def _binary(f: Function, dtype: np.dtype, x: str) -> tuple[str, str, str]:
    """The bits of x, lifted out of the subnormal numbers; by how much its exponent is then too large; and whether it is finite and not 0."""
    info = np.finfo(dtype)
    t, i, size = register(dtype), f"i{info.bits}", call(f, "fabs", dtype, x)
    low = f.op(f"fcmp olt {t} {size}, {literal(info.smallest_normal, dtype)}")
    lift = f.op(f"select i1 {low}, {t} {literal(2.0 ** (info.nmant + 2), dtype)}, {t} {_one(dtype)}")
    bits = f.op(f"bitcast {t} {f.op(f'fmul {t} {x}, {lift}')} to {i}")
    lifted = f.op(f"select i1 {low}, {i} {info.nmant + info.maxexp}, {i} {info.maxexp - 2}")
    above, below = f.op(f"fcmp ogt {t} {size}, {literal(0, dtype)}"), f.op(f"fcmp olt {t} {size}, {literal(np.inf, dtype)}")
    return bits, lifted, f.op(f"and i1 {above}, {below}")


@_rule("exponent", "f")
def _exponent(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """The n of x = m 2**n with |m| in [1/2, 1), as an int32; 0 for 0 and what is not finite."""
    info = np.finfo(dtype)
    (bits, lifted, inside), i = _binary(f, dtype, x[0]), f"i{info.bits}"
    biased = f.op(f"and {i} {f.op(f'lshr {i} {bits}, {info.nmant}')}, {2 * info.maxexp - 1}")
    n = f.op(f"sub {i} {biased}, {lifted}")
    n = f.op(f"trunc {i} {n} to i32") if info.bits > 32 else n
    return (f.op(f"select i1 {inside}, i32 {n}, i32 0"),)


@_rule("significand", "f")
def _significand(f: Function, dtype: np.dtype, x: Parts) -> Parts:
    """The m of x = m 2**n; what is 0 or not finite is its own."""
    info = np.finfo(dtype)
    (bits, _, inside), t, i = _binary(f, dtype, x[0]), register(dtype), f"i{info.bits}"
    own = f.op(f"and {i} {bits}, {-(2 ** (info.bits - 1)) | (2**info.nmant - 1)}")
    m = f.op(f"bitcast {i} {f.op(f'or {i} {own}, {(info.maxexp - 2) << info.nmant}')} to {t}")
    return (f.op(f"select i1 {inside}, {t} {m}, {t} {x[0]}"),)


def _ldexp(f: Function, dtype: np.dtype, x: str, n: str) -> str:
    """x 2**n of an int32 n, rounded once: up to two steps of a power that cannot lose digits, and the rest."""
    info = np.finfo(dtype)
    t, i, top, bottom = register(dtype), f"i{info.bits}", info.maxexp - 1, info.minexp
    step = -(bottom + info.nmant + 1)  # so far down a normal number keeps its digits
    for _ in range(2):
        high, low = f.op(f"icmp sgt i32 {n}, {top}"), f.op(f"icmp slt i32 {n}, {bottom}")
        down = f.op(f"select i1 {low}, {t} {literal(2.0**-step, dtype)}, {t} {_one(dtype)}")
        x = f.op(f"fmul {t} {x}, {f.op(f'select i1 {high}, {t} {literal(2.0**top, dtype)}, {t} {down}')}")
        rest = f.op(f"select i1 {low}, i32 {-step}, i32 0")
        n = f.op(f"sub i32 {n}, {f.op(f'select i1 {high}, i32 {top}, i32 {rest}')}")
    for word, bound in (("smin", top), ("smax", bottom)):
        f.module.declare(f"llvm.{word}.i32", f"declare i32 @llvm.{word}.i32(i32, i32)")
        n = f.op(f"call i32 @llvm.{word}.i32(i32 {n}, i32 {bound})")
    exponent = f.op(f"add i32 {n}, {top}")
    wide = f.op(f"zext i32 {exponent} to {i}") if info.bits > 32 else exponent
    power = f.op(f"bitcast {i} {f.op(f'shl {i} {wide}, {info.nmant}')} to {t}")
    return f.op(f"fmul {t} {x}, {power}")


def is_product(op: str) -> bool:
    """Whether a power is computed by products: more of them would round otherwise than NumPy does."""
    return 1 <= int(op[4:]) <= 4


def _whole_power(f: Function, dtype: np.dtype, x: str, y: int) -> str:
    """An integer to a positive power, wrapping, by squares."""
    t, square, product = register(dtype), x, ""
    while y:
        if y % 2:
            product = f.op(f"mul {t} {product}, {square}") if product else square
        y //= 2
        if y:
            square = f.op(f"mul {t} {square}, {square}")
    return product


def has(op: str, dtypes: Sequence[np.dtype]) -> bool:
    """Whether there is native code for an operation of operands of these dtypes."""
    if op in ("convert", "copy"):
        return True
    if op == "select":
        return dtypes[0] == BOOL
    if op == "ldexp":
        return dtypes[0].kind == "f" and dtypes[1] == np.int32
    if op.startswith("pow:"):
        return dtypes[0].kind == "f" or (dtypes[0].kind in "iuc" and is_product(op)) or (dtypes[0].kind in "iu" and int(op[4:]) > 0)
    if op.startswith("halves:"):
        return dtypes[0].kind == "f"
    return len(set(dtypes)) == 1 and (op, dtypes[0].kind) in _RULES


def apply(f: Function, op: str, dtypes: Sequence[np.dtype], out: np.dtype, operands: Sequence[Parts]) -> Parts:
    """Writes an operation; `has` says which there are."""
    if op == "convert":
        return convert(f, operands[0], dtypes[0], out)
    if op == "copy":
        return operands[0]
    if op == "select":
        return choose(f, operands[0][0], operands[1], operands[2], out)
    if op == "ldexp":
        return (_ldexp(f, out, operands[0][0], operands[1][0]),)
    if op.startswith("halves:"):
        return _half_power(f, out, operands[0][0], int(op[7:]))
    if op.startswith("pow:"):
        if out.kind in "iu":
            return (_whole_power(f, out, operands[0][0], int(op[4:])),)
        if not is_product(op):
            return (math(f, "pow", out, operands[0][0], literal(int(op[4:]), out)),)
        product = operands[0]
        for _ in range(int(op[4:]) - 1):
            product = _RULES["mul", out.kind](f, out, product, operands[0])
        return product
    return _RULES[op, dtypes[0].kind](f, dtypes[0], *operands)
