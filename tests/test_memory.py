"""Reverse mode keeps residuals, and nothing else: peaks as NumPy reports its arrays to tracemalloc."""

from __future__ import annotations

import functools
import gc
import tracemalloc
import weakref
from collections.abc import Callable

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp

N = 100_000
BYTES = 8 * N
SLACK = 100_000
"""Python's own objects."""


def peak(f: Callable) -> int:
    """The most memory allocated at once while f ran, over what there was before."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    out = f()
    found = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    del out
    return found


def chain(layer: Callable, n: int = 50) -> Callable:
    def f(x):
        for _ in range(n):
            x = layer(x)
        return fnp.sum(x)

    return f


CHAINS = {
    "sin, one cosine a layer": (fnp.sin, 1),
    "tanh, one coefficient a layer": (fnp.tanh, 1),
    "exp, its output is its residual": (lambda x: fnp.exp(x * -1e-3), 1),
    "sqrt(1 + x x), its input and one coefficient": (lambda x: fnp.sqrt(x * x + 1.0), 2),
}


@pytest.mark.parametrize("name", CHAINS)
def test_gradient_of_a_chain(name):
    layer, residuals = CHAINS[name]
    x = np.linspace(0.1, 1.0, N)
    gradient = fgrad.grad(chain(layer))
    gradient(x)
    assert peak(lambda: gradient(x)) <= 1.2 * residuals * 50 * BYTES + SLACK


def test_linear_layers_keep_nothing():
    x = np.ones(N)
    gradient = fgrad.grad(chain(lambda x: (x + 1.0) * 0.5 - 2.0))
    assert peak(lambda: gradient(x)) <= 6 * BYTES + SLACK


def test_the_second_derivative_of_a_chain():
    x = np.linspace(0.1, 1.0, N)
    f = chain(fnp.sin, 20)
    product = lambda: fgrad.hvp(f, (x,), (x,))
    product()
    # of each layer the cosine and its tangent
    assert peak(product) <= 1.2 * 2 * 20 * BYTES + SLACK


def test_checkpoint_keeps_its_arguments_only():
    x = np.linspace(0.1, 1.0, N)
    block = fgrad.checkpoint(lambda x: fnp.sin(fnp.sin(fnp.sin(fnp.sin(fnp.sin(x))))))
    gradient = fgrad.grad(chain(block, 10))
    gradient(x)
    assert peak(lambda: gradient(x)) <= 1.2 * (10 + 2 * 5) * BYTES + SLACK


def test_jvp_keeps_nothing():
    x = np.linspace(0.1, 1.0, N)
    f = chain(fnp.sin)
    assert peak(lambda: fgrad.jvp(f, (x,), (x,))) <= 7 * BYTES + SLACK


def test_vjp_can_be_called_again_and_frees_its_residuals_with_it():
    x = np.linspace(0.1, 1.0, N)
    _, pull = fgrad.vjp(chain(fnp.sin), x)
    (first,), (second,) = pull(1.0), pull(2.0)
    np.testing.assert_array_equal(2 * first, second)
    np.testing.assert_array_equal(first, fgrad.grad(chain(fnp.sin))(x))
    held = weakref.ref(pull)
    assert peak(functools.partial(pull, 1.0)) <= 5 * BYTES + SLACK
    del pull
    assert held() is None


def test_nothing_is_kept_after_a_gradient():
    """No cycle keeps the residuals until the garbage collector comes by."""
    x = np.linspace(0.1, 1.0, N)
    gradient = fgrad.grad(chain(fnp.sin))
    gradient(x)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            gradient(x)
            fgrad.hvp(chain(fnp.sin, 5), (x,), (x,))
            fgrad.vjp(fnp.sin, x)[1](x)
            fgrad.linearize(fnp.sin, x)[1](x)
            fgrad.vmap(fgrad.grad(fnp.sin))(x)
        assert tracemalloc.get_traced_memory()[0] - before < BYTES
    finally:
        tracemalloc.stop()
        gc.enable()


def test_evaluating_a_jaxpr_frees_what_is_not_read_again():
    x = np.linspace(0.1, 1.0, N)
    closed = fgrad.make_jaxpr(chain(fnp.sin))(x)
    closed(x)
    assert peak(lambda: closed(x)) <= 4 * BYTES + SLACK
