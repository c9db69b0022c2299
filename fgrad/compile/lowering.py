"""What each elementwise primitive is inside a loop: an expression of scalars.

Names in the expressions are those `emit.py` imports. A primitive that is not here, or not for a dtype, is called as it is between two loops.
"""

from __future__ import annotations

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Equation
from fgrad.ops import elementwise as e
from fgrad.ops import reductions as r
from fgrad.ops import shapes as s
from fgrad.ops import special as sp

REALS = frozenset(map(np.dtype, (np.float64, np.float32)))
DTYPES = REALS | frozenset(map(np.dtype, (np.int64, np.bool_)))
"""Dtypes whose arithmetic in a kernel is NumPy's; the others (small integers, complex) are not lowered yet."""

EXACT = {
    e.add: "{0} + {1}", e.sub: "{0} - {1}", e.mul: "{0} * {1}", e.neg: "-{0}", e.square: "{0} * {0}",
    e.eq: "{0} == {1}", e.ne: "{0} != {1}", e.lt: "{0} < {1}", e.le: "{0} <= {1}", e.gt: "{0} > {1}", e.ge: "{0} >= {1}",
    e.select: "({1} if {0} else {2})",
}  # fmt: skip
"""For every dtype of DTYPES."""

BOOLEAN = {e.and_: "{0} & {1}", e.or_: "{0} | {1}", e.xor: "{0} ^ {1}", e.not_: "not {0}"}

REAL = {
    e.div: "{0} / {1}", e.reciprocal: "{one} / {0}", e.abs_: "abs({0})", e.sqrt: "sqrt({0})",
    e.floor: "floor({0})", e.ceil: "ceil({0})", e.trunc: "trunc({0})", e.rint: "rint({0})", e.sign: "sign({0})", e.copysign: "copysign({0}, {1})",
    e.maximum: "maximum({0}, {1})", e.minimum: "minimum({0}, {1})", e.isnan: "isnan({0})", e.isinf: "isinf({0})", e.isfinite: "isfinite({0})",
}  # fmt: skip

MATH = {
    e.exp: "exp", e.expm1: "expm1", e.exp2: "exp2", e.log: "log", e.log2: "log2", e.log10: "log10", e.log1p: "log1p",
    e.sin: "sin", e.cos: "cos", e.tan: "tan", e.arcsin: "arcsin", e.arccos: "arccos", e.arctan: "arctan", e.arctan2: "arctan2",
    e.sinh: "sinh", e.cosh: "cosh", e.tanh: "tanh", e.arcsinh: "arcsinh", e.arccosh: "arccosh", e.arctanh: "arctanh",
    e.pow_: "pow", e.hypot: "hypot", e.cbrt: "cbrt", sp.erf: "erf", sp.erfc: "erfc", sp.gammaln: "lgamma", sp.digamma: "digamma", sp.logistic: "sigmoid",
}  # fmt: skip
"""Functions that have a version for each dtype."""

REDUCTIONS = {s.reduce_sum: "sum", r.reduce_prod: "prod", r.reduce_max: "max", r.reduce_min: "min", r.reduce_and: "and", r.reduce_or: "or"}

VIEWS = frozenset([s.broadcast, s.transpose, s.slice_, s.reverse])
"""Index maps: no statement of their own in a nest that reads them."""


def lowered(aval: object) -> bool:
    return type(aval) is ShapedArray and aval.dtype in DTYPES


def expression(eqn: Equation) -> str | None:
    """The scalar expression of an equation, or None where it has none."""
    prim = eqn.primitive
    kinds = {a.aval.dtype for a in eqn.inputs}
    if not all(lowered(a.aval) for a in eqn.inputs) or not lowered(eqn.outvars[0].aval):
        return None
    if prim in EXACT and not (prim in (e.add, e.sub, e.mul, e.neg, e.square) and np.dtype(bool) in kinds):
        return EXACT[prim]
    if prim in BOOLEAN and kinds == {np.dtype(bool)}:
        return BOOLEAN[prim]
    if prim in REAL and kinds <= REALS:
        return REAL[prim]
    if prim in MATH and kinds <= REALS:
        operands = ", ".join(f"{{{k}}}" for k in range(len(eqn.inputs)))
        return f"{MATH[prim]}_{eqn.outvars[0].aval.dtype.name}({operands})"
    if prim is e.convert:
        to = eqn.params["dtype"]
        if to == np.dtype(bool):
            return "({0} != 0)"
        if to in REALS:
            return f"{to.name}({{0}})"
        if kinds <= {np.dtype(np.int64), np.dtype(bool)}:
            return f"{to.name}({{0}})"
        return None
    if prim is e.integer_pow and kinds <= REALS and 1 <= eqn.params["y"] <= 4:
        return " * ".join(["{0}"] * eqn.params["y"])
    return None
