"""Nests on several threads: the values of one thread, the same in every run, from many Python threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import jit, value_and_grad
from fgrad.core import tree

RNG = np.random.default_rng(0)
FLAT, WIDE, CUBE = RNG.normal(size=300_001), RNG.normal(size=(700, 301)), RNG.normal(size=(150, 31, 71))


def flat(x):
    return fnp.sum(fnp.exp(-x * x) * fnp.sin(x)), fnp.max(x), x * 2.0


def rows(x):
    y = fnp.tanh(x)
    return fnp.sum(y, axis=1), fnp.max(y, axis=0), fnp.sum(y * x), y


def middle(x):
    y = fnp.exp(x)
    return fnp.sum(y, axis=1), fnp.sum(y, axis=(0, 2)), fnp.prod(1.0 + 1e-3 * y, axis=2), fnp.any(y > 20.0, axis=0)


def differences(x):
    return value_and_grad(lambda x: fnp.sum((x[1:] - x[:-1]) ** 2 * fnp.cos(x[:-1])))(x)


@pytest.fixture(params=[2, 3, 7])
def threads(request):
    before, fgrad.config.threads = fgrad.config.threads, request.param
    yield request.param
    fgrad.config.threads = before


def leaves(f, x):
    return [np.asarray(v) for v in tree.leaves(f(x))]


@pytest.mark.parametrize(("f", "x"), [(flat, FLAT), (rows, WIDE), (middle, CUBE), (differences, FLAT), (differences, WIDE)])
def test_results_are_those_of_one_thread(f, x, threads):
    run = jit(f)
    fgrad.config.threads = 1
    want = leaves(run, x)
    fgrad.config.threads = threads
    first = leaves(run, x)
    for a, b in zip(first, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)
    for _ in range(5):
        for a, b in zip(leaves(run, x), first, strict=True):
            np.testing.assert_array_equal(a, b)


def test_many_python_threads_at_once(threads):
    run = jit(lambda x: value_and_grad(lambda x: flat(x)[0])(x))
    inputs = [FLAT * (k + 1) for k in range(6)]
    want = [leaves(run, x) for x in inputs]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda x: leaves(run, x), inputs * 3))
    for a, b in zip(found, want * 3, strict=True):
        for u, v in zip(a, b, strict=True):
            np.testing.assert_array_equal(u, v)


@pytest.mark.parametrize("value", [0, -1, 1.5, "2"])
def test_a_number_of_threads_is_positive(value):
    with pytest.raises(ValueError, match="positive number of threads"):
        fgrad.config.threads = value
