"""What loops stack for their backward pass: no more bytes than a short computation needs."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
import fgrad.testing
from fgrad import grad, make_jaxpr, scan

N = 100
X = np.linspace(-1.0, 1.0, N)


def gated(p):
    """Three gates of one product: their derivatives read six functions of three values."""

    def step(c, _):
        z = p * c
        a, b = np.tanh(z), np.tanh(2.0 * z)
        return (0.5 * a + 0.5) * b + (1.0 - a) * c, None

    return np.sum(scan(step, X, None, length=4)[0])


def power(p):
    """sin, cos and the state."""
    return np.sum(scan(lambda c, _: (np.sin(c) * p + c * c, None), X, None, length=4)[0])


def read_twice(p):
    """The state, and a result that is stacked anyway."""

    def step(c, x):
        y = np.exp(c * p)
        return y * x, y

    c, ys = scan(step, X, np.linspace(0.5, 1.0, 4))
    return np.sum(c) + np.sum(ys * ys)


@pytest.mark.parametrize(("f", "stacked"), [(gated, 3), (power, 3), (read_twice, 2)])
def test_stacked_values(f, stacked):
    """Arrays of the size of the state that the forward loop leaves for the backward one (or for the user)."""
    (forward,) = [e for e in make_jaxpr(grad(f))(X).jaxpr.eqns if e.primitive.name == "scan" and e.params["reverse"] is False][:1]
    arrays = [v for v in forward.outvars[forward.params["n_carry"] :] if v.aval.size == 4 * N]
    assert len(arrays) <= stacked


@pytest.mark.parametrize("f", [gated, power, read_twice])
def test_derivatives(f):
    fgrad.testing.check_grads(f, (X,), order=2)
    np.testing.assert_allclose(fgrad.vmap(grad(f))(np.stack([X, 0.5 * X])), np.stack([grad(f)(X), grad(f)(0.5 * X)]), rtol=1e-10)
