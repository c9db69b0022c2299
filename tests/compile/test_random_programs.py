"""Random programs compiled: values and derivatives are those of the interpreter, dtypes and shapes too."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import HealthCheck, given, settings
from random_programs import programs

import fgrad


# each example compiles kernels of its own; the fixture that turns compiling on serves all examples
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(programs())
def test_compiled(program):
    _, f, x = program
    gradient = fgrad.grad(lambda y: np.sum(np.cos(f(y))))

    def everything(y):
        return f(y), gradient(y), fgrad.jvp(gradient, (y,), (y,))[1], fgrad.vmap(gradient)(np.stack([y, 0.5 * y]))

    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="fgrad: a program could not be compiled")
        found = fgrad.jit(everything)(x)
    for got, want in zip(found, everything(x), strict=True):
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)
