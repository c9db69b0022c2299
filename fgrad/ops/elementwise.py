"""Elementwise primitives: arithmetic, exponentials, trigonometry, comparison, rounding, complex parts.

A row gives the NumPy function and the derivative: `partials` (for most, `scaled`: the tangent times a coefficient that is computed
in the primal program) or `transposes` where the primitive is linear. Conventions where a derivative does not exist are JAX's: see
docs/derivatives.md.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, is_inexact, typeof
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.family import dtype_of, elementwise, like, with_dtype

LN2, LN10 = math.log(2.0), math.log(10.0)


def scaled(coefficient: Callable[..., Any]) -> Rule:
    """The partial `t -> t * coefficient(out, *primals)`."""

    def partial(out: Any, *primals: Any, **params: Any) -> Rule:
        k = coefficient(out, *primals, **params)
        return lambda t: mul(t, k)

    return partial


def same(out: Any, *primals: Any) -> Rule:
    return lambda t: t


def negated(out: Any, *primals: Any) -> Rule:
    return neg


def is_complex(x: Any) -> bool:
    return dtype_of(x).kind == "c"


# -- arithmetic (Python's operators: on 0-d values they are ten times faster than the ufuncs, and equal)

neg = elementwise("neg", operator.neg, transposes=[lambda ct, x: neg(ct)])
add = elementwise("add", operator.add, partials=[same, same], transposes=[lambda ct, x, y: ct, lambda ct, x, y: ct])
sub = elementwise("sub", operator.sub, partials=[same, negated], transposes=[lambda ct, x, y: ct, lambda ct, x, y: neg(ct)])
mul = elementwise("mul", operator.mul, transposes=[lambda ct, x, y: mul(ct, y), lambda ct, x, y: mul(x, ct)])
div = elementwise(
    "div",
    operator.truediv,
    partials=[lambda out, x, y: lambda t: div(t, y), scaled(lambda out, x, y: neg(div(out, y)))],
    transposes=[lambda ct, x, y: div(ct, y), None],
)
reciprocal = elementwise("reciprocal", np.reciprocal, partials=[scaled(lambda out, x: neg(mul(out, out)))])
floor_divide = elementwise("floor_divide", np.floor_divide)
remainder = elementwise("remainder", np.remainder, partials=[same, scaled(lambda out, x, y: neg(floor_divide(x, y)))])
fmod = elementwise("fmod", np.fmod, partials=[same, scaled(lambda out, x, y: neg(trunc(div(x, y))))])
copysign = elementwise("copysign", np.copysign, partials=[scaled(lambda out, x, y: mul(sign(x), copysign(like(x, 1), y))), None])
nextafter = elementwise("nextafter", np.nextafter)


def _abs_partial(out: Any, x: Any) -> Rule:
    if is_complex(x):
        direction = conj(sign(x))
        return lambda t: real(mul(t, direction))
    slope = select(eq(x, like(x, 0)), like(x, 1), sign(x))  # at 0 the derivative from the right, as JAX has it
    return lambda t: mul(t, slope)


abs_ = elementwise("abs", np.absolute, aval=with_dtype(lambda d: np.empty(0, d).real.dtype), partials=[_abs_partial])


def _sign_partial(out: Any, x: Any) -> Rule | None:
    if not is_complex(x):
        return None
    # sign(z) = z / |z|, so the tangent is what is left of t / |z| across the direction of z
    r = convert(select(eq(abs_(x), like(abs_(x), 0)), like(abs_(x), 1), abs_(x)), dtype=dtype_of(x))
    conj_out = conj(out)

    def tangent(t: Any) -> Any:
        s = div(t, r)
        return sub(s, mul(convert(real(mul(s, conj_out)), dtype=typeof(t).dtype), out))

    return tangent


sign = elementwise("sign", np.sign, partials=[_sign_partial])

# -- powers

square = elementwise("square", np.square, partials=[scaled(lambda out, x: mul(like(x, 2), x))])
sqrt = elementwise("sqrt", np.sqrt, partials=[scaled(lambda out, x: div(like(x, 0.5), out))])
cbrt = elementwise("cbrt", np.cbrt, partials=[scaled(lambda out, x: mul(integer_pow(out, y=-2), like(x, 1 / 3)))])


def _pow_base(out: Any, x: Any, y: Any) -> Any:
    flat = eq(y, like(y, 0))  # x**0 is constant, at x = 0 too
    return select(flat, like(x, 0), mul(y, pow_(select(flat, like(x, 1), x), select(flat, like(y, 1), sub(y, like(y, 1))))))


def _pow_exponent(out: Any, x: Any, y: Any) -> Any:
    return mul(out, log(select(eq(x, like(x, 0)), like(x, 1), x)))


pow_ = elementwise("pow", np.power, partials=[scaled(_pow_base), scaled(_pow_exponent)])
float_power = elementwise("float_power", np.float_power, partials=[scaled(_pow_base), scaled(_pow_exponent)])


def _integer_pow(x: Any, *, y: int) -> Any:
    return np.power(x, y) if is_inexact(x.dtype) or y >= 0 else np.power(x, np.asarray(y, x.dtype))


integer_pow = elementwise(
    "integer_pow",
    _integer_pow,
    aval=lambda x, *, y: ShapedArray(x.shape, x.dtype),
    partials=[scaled(lambda out, x, *, y: like(x, 1) if y == 1 else mul(like(x, y), integer_pow(x, y=y - 1)) if y else like(x, 0))],
)

# -- the binary exponent: its dtype is an integer's, so `ldexp` is the one arithmetic primitive whose operands differ


def _ldexp_aval(x: Any, n: Any) -> ShapedArray:
    return ShapedArray(typeof(x).shape or typeof(n).shape, typeof(x).dtype)


ldexp = elementwise(
    "ldexp",
    np.ldexp,
    aval=_ldexp_aval,
    partials=[lambda out, x, n: lambda t: ldexp(t, n), None],
    transposes=[lambda ct, x, n: ldexp(ct, n), None],
)
exponent = elementwise("exponent", lambda x: np.frexp(x)[1], aval=with_dtype(np.int32))


def _significand_partial(out: Any, x: Any) -> Any:
    n = neg(exponent(x))
    return lambda t: ldexp(t, n)


significand = elementwise("significand", lambda x: np.frexp(x)[0], partials=[_significand_partial])

# -- exponentials and logarithms

exp = elementwise("exp", np.exp, partials=[scaled(lambda out, x: out)])
exp2 = elementwise("exp2", np.exp2, partials=[scaled(lambda out, x: mul(out, like(x, LN2)))])
expm1 = elementwise("expm1", np.expm1, partials=[scaled(lambda out, x: add(out, like(x, 1)))])
log = elementwise("log", np.log, partials=[lambda out, x: lambda t: div(t, x)])
log2 = elementwise("log2", np.log2, partials=[scaled(lambda out, x: div(like(x, 1 / LN2), x))])
log10 = elementwise("log10", np.log10, partials=[scaled(lambda out, x: div(like(x, 1 / LN10), x))])
log1p = elementwise("log1p", np.log1p, partials=[scaled(lambda out, x: reciprocal(add(x, like(x, 1))))])


def _log_share(base_exp: Callable[[], Primitive]) -> Callable[[int], Rule]:
    """The partials of log(e**x + e**y): each operand's share of the sum: finite, and split evenly between equal infinities."""

    def of(i: int) -> Rule:
        def share(out: Any, *xy: Any) -> Any:
            gap = sub(xy[1 - i], xy[i])
            gap = select(and_(isnan(gap), isinf(out)), like(gap, 0), gap)
            return reciprocal(add(base_exp()(gap), like(gap, 1)))

        return scaled(share)

    return of


_share, _share2 = _log_share(lambda: exp), _log_share(lambda: exp2)
logaddexp = elementwise("logaddexp", np.logaddexp, partials=[_share(0), _share(1)])
logaddexp2 = elementwise("logaddexp2", np.logaddexp2, partials=[_share2(0), _share2(1)])

# -- trigonometry


def _one_minus_square(x: Any) -> Any:
    return mul(sub(like(x, 1), x), add(like(x, 1), x))


def _one_plus_square(x: Any) -> Any:
    return add(like(x, 1), mul(x, x))


sin = elementwise("sin", np.sin, partials=[scaled(lambda out, x: cos(x))])
cos = elementwise("cos", np.cos, partials=[scaled(lambda out, x: neg(sin(x)))])
tan = elementwise("tan", np.tan, partials=[scaled(lambda out, x: _one_plus_square(out))])
arcsin = elementwise("arcsin", np.arcsin, partials=[scaled(lambda out, x: reciprocal(sqrt(_one_minus_square(x))))])
arccos = elementwise("arccos", np.arccos, partials=[scaled(lambda out, x: neg(reciprocal(sqrt(_one_minus_square(x)))))])
arctan = elementwise("arctan", np.arctan, partials=[scaled(lambda out, x: reciprocal(_one_plus_square(x)))])
sinh = elementwise("sinh", np.sinh, partials=[scaled(lambda out, x: cosh(x))])
cosh = elementwise("cosh", np.cosh, partials=[scaled(lambda out, x: sinh(x))])
tanh = elementwise("tanh", np.tanh, partials=[scaled(lambda out, x: _one_minus_square(out))])
arcsinh = elementwise("arcsinh", np.arcsinh, partials=[scaled(lambda out, x: reciprocal(sqrt(_one_plus_square(x))))])
arccosh = elementwise(
    "arccosh",
    np.arccosh,
    partials=[scaled(lambda out, x: reciprocal(mul(sqrt(sub(x, like(x, 1))), sqrt(add(x, like(x, 1))))))],
)
arctanh = elementwise("arctanh", np.arctanh, partials=[scaled(lambda out, x: reciprocal(_one_minus_square(x)))])


def _over_square_norm(numerator: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda out, y, x: div(numerator(y, x), add(mul(x, x), mul(y, y)))


arctan2 = elementwise(
    "arctan2",
    np.arctan2,
    partials=[scaled(_over_square_norm(lambda y, x: x)), scaled(_over_square_norm(lambda y, x: neg(y)))],
)


def _hypot_share(i: int) -> Rule:
    # at the origin 0, as for abs
    def share(out: Any, *xy: Any) -> Any:
        return div(xy[i], select(eq(out, like(out, 0)), like(out, 1), out))

    return scaled(share)


hypot = elementwise("hypot", np.hypot, partials=[_hypot_share(0), _hypot_share(1)])

# -- comparison, logic, bits: no derivative

eq, ne = (elementwise(n, f, aval=with_dtype(np.bool_)) for n, f in (("eq", np.equal), ("ne", np.not_equal)))
lt, le = (elementwise(n, f, aval=with_dtype(np.bool_)) for n, f in (("lt", np.less), ("le", np.less_equal)))
gt, ge = (elementwise(n, f, aval=with_dtype(np.bool_)) for n, f in (("gt", np.greater), ("ge", np.greater_equal)))
isnan, isinf = (elementwise(n, f, aval=with_dtype(np.bool_)) for n, f in (("isnan", np.isnan), ("isinf", np.isinf)))
isfinite = elementwise("isfinite", np.isfinite, aval=with_dtype(np.bool_))
signbit = elementwise("signbit", np.signbit, aval=with_dtype(np.bool_))
and_ = elementwise("and", np.bitwise_and)
or_ = elementwise("or", np.bitwise_or)
xor = elementwise("xor", np.bitwise_xor)
not_ = elementwise("not", np.bitwise_not)
shift_left = elementwise("shift_left", np.left_shift)
shift_right = elementwise("shift_right", np.right_shift)
gcd = elementwise("gcd", np.gcd)
lcm = elementwise("lcm", np.lcm)
bitwise_count = elementwise("bitwise_count", np.bitwise_count, aval=with_dtype(np.uint8))

# -- rounding: piecewise constant

floor = elementwise("floor", np.floor)
ceil = elementwise("ceil", np.ceil)
trunc = elementwise("trunc", np.trunc)
rint = elementwise("rint", np.rint)
spacing = elementwise("spacing", np.spacing)

# -- choice


def _select(p: Any, x: Any, y: Any) -> Any:
    out = np.where(p, x, y)
    return out if out.ndim else out[()]


def _select_aval(p: Any, x: Any, y: Any) -> ShapedArray:
    values = with_dtype(lambda d: d)(x, y)
    shape = typeof(p).shape or values.shape
    return ShapedArray(shape, values.dtype)


def _zero_like(t: Any) -> Any:
    return like(t, 0)


select = elementwise(
    "select",
    _select,
    aval=_select_aval,
    partials=[None, lambda out, p, x, y: lambda t: select(p, t, _zero_like(t)), lambda out, p, x, y: lambda t: select(p, _zero_like(t), t)],
    transposes=[None, lambda ct, p, x, y: select(p, ct, _zero_like(ct)), lambda ct, p, x, y: select(p, _zero_like(ct), ct)],
)


def _tie_share(out: Any, mine: Any, other: Any) -> Any:
    """1 where `mine` was chosen, 1/2 where both were equal: ties are split evenly."""
    return select(eq(mine, out), select(eq(other, out), like(out, 0.5), like(out, 1)), like(out, 0))


_first, _second = scaled(lambda out, x, y: _tie_share(out, x, y)), scaled(lambda out, x, y: _tie_share(out, y, x))
maximum = elementwise("maximum", np.maximum, partials=[_first, _second])
minimum = elementwise("minimum", np.minimum, partials=[_first, _second])
fmax = elementwise("fmax", np.fmax, partials=[_first, _second])
fmin = elementwise("fmin", np.fmin, partials=[_first, _second])

stop_gradient = elementwise("stop_gradient", lambda x: x)

# -- dtypes and complex parts. Transposes are with respect to the real inner product Re(sum(a * b)), as in JAX.


def _convert(x: Any, *, dtype: np.dtype) -> Any:
    x = np.asarray(x)
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        x = x.real
    return x.astype(dtype)[()] if x.ndim == 0 else x.astype(dtype, copy=False)


convert = elementwise(
    "convert",
    _convert,
    aval=lambda x, *, dtype: ShapedArray(typeof(x).shape, dtype),
    partials=[lambda out, x, *, dtype: (lambda t: convert(t, dtype=dtype)) if is_inexact(dtype) else None],
    transposes=[lambda ct, x, *, dtype: convert(ct, dtype=x.aval.dtype)],
)


conj = elementwise("conj", np.conjugate, transposes=[lambda ct, x: conj(ct)])
_real_dtype = with_dtype(lambda d: np.empty(0, d).real.dtype)
real = elementwise("real", np.real, aval=_real_dtype, transposes=[lambda ct, x: convert(ct, dtype=x.aval.dtype)])
imag = elementwise(
    "imag", np.imag, aval=_real_dtype, transposes=[lambda ct, x: mul(convert(ct, dtype=x.aval.dtype), x.aval.dtype.type(-1j))]
)


def _complex(re: Any, im: Any) -> Any:
    out = np.empty(np.broadcast_shapes(np.shape(re), np.shape(im)), np.result_type(re, np.complex64))
    out.real, out.imag = re, im  # not re + 1j * im, which makes a NaN of an infinity
    return out[()]


complex_ = elementwise(
    "complex",
    _complex,
    aval=with_dtype(lambda d: np.result_type(d, np.complex64)),
    partials=[lambda out, x, y: lambda t: complex_(t, _zero_like(t)), lambda out, x, y: lambda t: complex_(_zero_like(t), t)],
    transposes=[lambda ct, x, y: real(ct), lambda ct, x, y: neg(imag(ct))],
)
