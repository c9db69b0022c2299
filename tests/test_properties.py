"""Random programs: values against NumPy, derivatives against differences, batches and staging against eager runs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from random_programs import programs

import fgrad
from fgrad.testing import check_grads


@given(programs())
def test_values(program):
    """Traced, staged and mapped, the value is that of NumPy."""
    _, f, x = program
    want = f(x)
    got, _ = fgrad.jvp(f, (x,), (np.ones_like(x),))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
    closed = fgrad.make_jaxpr(f)(x)
    fgrad.check_jaxpr(closed)
    np.testing.assert_allclose(closed(x)[0], want, rtol=1e-12, atol=1e-14)
    both = np.stack([x, x[::-1] if x.ndim else -x])
    np.testing.assert_allclose(fgrad.vmap(f)(both), np.stack([f(b) for b in both]), rtol=1e-12, atol=1e-14)


@given(programs())
def test_derivatives(program):
    """Forward and reverse mode are right, and agree, to second order."""
    _, f, x = program
    check_grads(f, (x,), order=2)


@given(programs())
def test_derivatives_under_vmap_and_staging(program):
    """The gradient of a batch is the batch of gradients, and the staged gradient is the gradient."""
    _, f, x = program
    gradient = fgrad.grad(lambda y: np.sum(np.cos(f(y))))
    both = np.stack([x, 0.5 * x])
    want = np.stack([gradient(b) for b in both])
    np.testing.assert_allclose(fgrad.vmap(gradient)(both), want, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(fgrad.make_jaxpr(gradient)(x)(x)[0], want[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(fgrad.make_jaxpr(fgrad.vmap(gradient))(both)(both)[0], want, rtol=1e-10, atol=1e-12)
