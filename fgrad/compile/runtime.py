"""What the emitted source calls: scalar functions that Numba inlines. Imports Numba, so only compiled code may import this."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from fgrad.kernels.intrinsics import maximum as maximum
from fgrad.kernels.intrinsics import minimum as minimum
from fgrad.kernels.intrinsics import prefer_512 as prefer_512
from fgrad.kernels.intrinsics import radd as radd

exp, expm1, exp2, log, log2, log10, log1p = np.exp, np.expm1, np.exp2, np.log, np.log2, np.log10, np.log1p
sin, cos, tan, arcsin, arccos, arctan, arctan2 = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2
sinh, cosh, tanh, arcsinh, arccosh, arctanh = np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh
sqrt, hypot, floor, ceil, trunc, rint, sign, copysign = np.sqrt, np.hypot, np.floor, np.ceil, np.trunc, np.rint, np.sign, np.copysign
isnan, isinf, isfinite, pow = np.isnan, np.isinf, np.isfinite, np.power
erf, erfc, gammaln = math.erf, math.erfc, math.lgamma
float32, float64, int64, bool_ = np.float32, np.float64, np.int64, np.bool_


def _scope(module, name):  # type: ignore[no-untyped-def]
    """An alias scope: what is stored in it is not what a load outside of it reads."""
    domain = module.add_metadata(["fgrad arrays"])
    return module.add_metadata([module.add_metadata([name, domain])])


def _loader(noalias):  # type: ignore[no-untyped-def]
    @intrinsic
    def at(context, array, i):  # type: ignore[no-untyped-def]
        def codegen(cgctx, builder, signature, args):  # type: ignore[no-untyped-def]
            data = make_array(signature.args[0])(cgctx, builder, args[0]).data
            value = builder.load(builder.gep(data, [args[1]], inbounds=True))
            if noalias:
                value.set_metadata("noalias", _scope(builder.module, "results"))
            return cgctx.data_model_manager[signature.return_type].from_data(builder, value)

        return array.dtype(array, types.intp), codegen

    return at


def _storer(scoped):  # type: ignore[no-untyped-def]
    @intrinsic
    def to(context, array, i, value):  # type: ignore[no-untyped-def]
        def codegen(cgctx, builder, signature, args):  # type: ignore[no-untyped-def]
            data = make_array(signature.args[0])(cgctx, builder, args[0]).data
            held = cgctx.data_model_manager[signature.args[2]].as_data(builder, args[2])
            done = builder.store(held, builder.gep(data, [args[1]], inbounds=True))
            if scoped:
                done.set_metadata("alias.scope", _scope(builder.module, "results"))
            return cgctx.get_dummy_value()

        return types.void(array, types.intp, array.dtype), codegen

    return to


# The entry at a flat offset, with no test for negative offsets. What `load` reads is known not to be what `store` writes (a kernel's operands and
# results); inside a loop over time, results of one step are operands of the next, and `read` and `write` promise nothing.
load, store = _loader(True), _storer(True)
read, write = _loader(False), _storer(False)


@njit(error_model="numpy")
def logistic(x):  # type: ignore[no-untyped-def]
    """1 / (1 + exp(-x)) without overflow."""
    z = exp(-abs(x))
    one = z / z if z != 0 else z + 1  # 1 in the dtype of x
    return (one if x >= 0 else z) / (one + z)
