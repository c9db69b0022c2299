"""What each elementwise primitive is inside a loop: the name of an operation of `scalars.py`.

A primitive that is not here, or not for a dtype, has a rule of its own in `native.py`, or is called as it is between two programs.
"""

from __future__ import annotations

import numpy as np

from fgrad.compile.scalars import DTYPES, MATH, has, is_product
from fgrad.core.avals import PYTHON_SCALARS, ShapedArray
from fgrad.core.jaxpr import Equation, Literal
from fgrad.core.primitive import Primitive
from fgrad.ops import elementwise as e
from fgrad.ops import reductions as r
from fgrad.ops import shapes as s
from fgrad.ops import special as sp

_SAME_NAME = (
    e.add, e.sub, e.mul, e.div, e.neg, e.square, e.reciprocal, e.abs_, e.sign, e.sqrt, e.cbrt, e.hypot, e.copysign,
    e.floor, e.ceil, e.trunc, e.rint, e.maximum, e.minimum, e.fmax, e.fmin, e.floor_divide, e.remainder, e.fmod, e.logaddexp,
    e.eq, e.ne, e.lt, e.le, e.gt, e.ge, e.and_, e.or_, e.xor, e.not_, e.shift_left, e.shift_right, e.bitwise_count,
    e.isnan, e.isinf, e.isfinite, e.signbit, e.select, e.convert, e.conj, e.real, e.imag, e.complex_, e.stop_gradient,
    e.exp, e.expm1, e.exp2, e.log, e.log2, e.log10, e.log1p, e.sin, e.cos, e.tan, e.arcsin, e.arccos, e.arctan, e.arctan2,
    e.sinh, e.cosh, e.tanh, e.arcsinh, e.arccosh, e.arctanh, e.pow_, e.exponent, e.significand, e.ldexp,
    sp.erf, sp.erfc, sp.digamma, sp.erfinv, sp.ndtr, sp.log_expit, sp.xlogy, sp.xlog1py,
)  # fmt: skip
OPERATIONS: dict[Primitive, str] = {p: p.name for p in _SAME_NAME} | {sp.gammaln: "lgamma", sp.logistic: "sigmoid", e.float_power: "pow"}

REDUCTIONS = {s.reduce_sum: "sum", r.reduce_prod: "prod", r.reduce_max: "max", r.reduce_min: "min", r.reduce_and: "and", r.reduce_or: "or"}

VIEWS = frozenset([s.broadcast, s.transpose, s.slice_, s.reverse])
"""Index maps: no statement of their own in a nest that reads them."""

COSTLY = MATH | {
    "erfinv",
    "ndtr",
    "log_expit",
    "xlogy",
    "xlog1py",
    "div",
    "sqrt",
    "reciprocal",
    "floor_divide",
    "remainder",
    "fmod",
    "logaddexp",
}


def costly(op: str) -> bool:
    """Whether an operation takes many times as long as a sum."""
    return op in COSTLY or (op.startswith("pow:") and not is_product(op))


def lowered(aval: object) -> bool:
    return type(aval) is ShapedArray and aval.dtype in DTYPES


def reducible(eqn: Equation) -> bool:
    """Whether the equation is a reduction with native code."""
    if eqn.primitive not in REDUCTIONS or not lowered(eqn.inputs[0].aval):
        return False
    dtype = eqn.inputs[0].aval.dtype
    kind = REDUCTIONS[eqn.primitive]
    if kind in ("and", "or"):
        return dtype == np.bool_
    return dtype.kind in ("fiuc" if kind in ("sum", "prod") else "fiub")


def operand_dtypes(eqn: Equation) -> list[np.dtype]:
    """The operands' dtypes; a Python number takes that of what stands beside it."""
    strong = [a.aval.dtype for a in eqn.inputs if type(a) is not Literal or type(a.value) not in PYTHON_SCALARS]
    weak = strong[-1] if strong and eqn.primitive is not e.select else eqn.outvars[0].aval.dtype
    return [weak if type(a) is Literal and type(a.value) in PYTHON_SCALARS else a.aval.dtype for a in eqn.inputs]


def operation(eqn: Equation) -> str | None:
    """The operation of an elementwise equation, or None where it has none."""
    if len(eqn.outvars) != 1 or not lowered(eqn.outvars[0].aval) or not all(lowered(a.aval) for a in eqn.inputs):
        return None
    op = OPERATIONS.get(eqn.primitive)
    dtypes = operand_dtypes(eqn)
    if eqn.primitive is e.integer_pow:
        power = f"pow:{eqn.params['y']}"
        return power if has(power, dtypes) else None
    if eqn.primitive is e.pow_ and dtypes[0].kind == "f" and type(eqn.inputs[1]) is Literal:
        halves = 2 * float(eqn.inputs[1].value)
        if halves in range(-8, 9) and halves:
            return f"halves:{int(halves)}"
    if op is None or (eqn.primitive is e.real and dtypes[0].kind == "b"):
        return None
    return op if has(op, dtypes) else None
