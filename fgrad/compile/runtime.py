"""What the emitted source calls: scalar functions that Numba inlines. Imports Numba, so only compiled code may import this."""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from fgrad.kernels.intrinsics import maximum as maximum
from fgrad.kernels.intrinsics import minimum as minimum
from fgrad.kernels.intrinsics import prefer_512 as prefer_512
from fgrad.kernels.intrinsics import radd as radd
from fgrad.kernels.vmath import FUNCTIONS

sqrt, floor, ceil, trunc, rint, sign, copysign = np.sqrt, np.floor, np.ceil, np.trunc, np.rint, np.sign, np.copysign
isnan, isinf, isfinite = np.isnan, np.isinf, np.isfinite
float32, float64, int64, bool_ = np.float32, np.float64, np.int64, np.bool_

for _name, _versions in FUNCTIONS.items():  # `exp_float64`, `exp_float32`, ...
    for _dtype, _function in _versions.items():
        globals()[f"{_name}_{_dtype.name}"] = _function


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


@intrinsic
def assign(context, to, source):  # type: ignore[no-untyped-def]
    """Copies a C-contiguous array to one of the same dtype, or to the beginning of a larger one: no loop to compile."""

    def codegen(cgctx, builder, signature, args):  # type: ignore[no-untyped-def]
        target, origin = (make_array(t)(cgctx, builder, a) for t, a in zip(signature.args, args, strict=True))
        itemsize = cgctx.get_abi_sizeof(cgctx.get_data_type(signature.args[0].dtype))
        cgutils.raw_memcpy(builder, target.data, origin.data, origin.nitems, itemsize)
        return cgctx.get_dummy_value()

    return types.void(to, source), codegen


@njit
def grown(stack):  # type: ignore[no-untyped-def]
    """The entries of a stack at the beginning of one twice as large."""
    larger = np.empty((2 * stack.shape[0], *stack.shape[1:]), stack.dtype)
    assign(larger, stack)
    return larger
