"""Sparse Jacobians and Hessians by compiled passes: all at once, one after another, of known seeds, in both directions."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.sparse import derivative

X = np.random.default_rng(0).normal(size=12)
PLACE = np.array([0, 2, 1, 1, 3, 0])


def records(x):
    a, b, c = x.reshape(4, 3)[PLACE].T
    return fnp.stack([a * fnp.sin(b), c * c])


FUNCTIONS = {
    "stencil": lambda x: x[2:] * x[:-2] + fnp.sin(x[1:-1]),
    "arrow": lambda x: fnp.concatenate([fnp.sum(x**2).reshape(1), x[1:] ** 2 * x[0]]),
    "records": records,
}


@pytest.mark.parametrize("cached", [2**22, 0], ids=["at once", "one after another"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_passes(name, cached, monkeypatch):
    monkeypatch.setattr(derivative, "_CACHED", cached)
    f = FUNCTIONS[name]
    jacobian = fgrad.jacobian(f, mode="sparse")
    for x in (X, 2.0 * X):
        np.testing.assert_allclose(jacobian(x).toarray(), fgrad.jacfwd(f)(x).reshape(-1, 12), rtol=1e-13)
    energy = lambda x: fnp.sum(fnp.ravel(f(x))[1:] ** 2)
    np.testing.assert_allclose(fgrad.hessian(energy, mode="sparse")(X).toarray(), fgrad.hessian(energy)(X), rtol=1e-12, atol=1e-12)
