"""What the emitted source calls: scalar functions that Numba inlines. Imports Numba, so only compiled code may import this."""

from __future__ import annotations

import math

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

exp, expm1, exp2, log, log2, log10, log1p = np.exp, np.expm1, np.exp2, np.log, np.log2, np.log10, np.log1p
sin, cos, tan, arcsin, arccos, arctan, arctan2 = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2
sinh, cosh, tanh, arcsinh, arccosh, arctanh = np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh
sqrt, hypot, floor, ceil, trunc, rint, sign, copysign = np.sqrt, np.hypot, np.floor, np.ceil, np.trunc, np.rint, np.sign, np.copysign
isnan, isinf, isfinite, pow = np.isnan, np.isinf, np.isfinite, np.power
erf, erfc, gammaln = math.erf, math.erfc, math.lgamma
float32, float64, int64, bool_ = np.float32, np.float64, np.int64, np.bool_


@intrinsic
def radd(context, s, x):  # type: ignore[no-untyped-def]
    """s + x in whatever order: on the accumulator alone, so that the loop around it vectorises."""
    if isinstance(s, types.Float):
        return s(s, s), lambda cgctx, builder, signature, args: builder.fadd(*args, flags=("reassoc",))
    return s(s, s), lambda cgctx, builder, signature, args: builder.add(*args)


def _llvm_binary(name: str):  # type: ignore[no-untyped-def]
    @intrinsic
    def call(context, x, y):  # type: ignore[no-untyped-def]
        def codegen(cgctx, builder, signature, args):  # type: ignore[no-untyped-def]
            t = cgctx.get_value_type(signature.return_type)
            return builder.call(builder.module.declare_intrinsic(name, [t], ir.FunctionType(t, [t, t])), args)

        return x(x, x), codegen

    return call


maximum, minimum = _llvm_binary("llvm.maximum"), _llvm_binary("llvm.minimum")  # a NaN wins, and they vectorise


@njit(error_model="numpy")
def logistic(x):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x)) without overflow."""
    z = exp(-abs(x))
    one = z / z if z != 0 else z + 1  # 1 in the dtype of x
    return (one if x >= 0 else z) / (one + z)
