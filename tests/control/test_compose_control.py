"""Every word of up to three transformations on loops and branches of every kind, and on one in the other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import fgrad
from control.programs import FGRAD, KINDS, NESTED, derivatives

SCALES = np.array([1.0, 1.3])

TRANSFORMATIONS = {
    "jvp": (lambda f: lambda x: fgrad.jvp(f, (x,), (1.0,))[1], lambda d: lambda n, x: d(n + 1, x)),
    "grad": (fgrad.grad, lambda d: lambda n, x: d(n + 1, x)),
    "vmap": (
        lambda f: lambda x: np.sum(fgrad.vmap(f)(x * SCALES)),
        lambda d: lambda n, x: sum(s**n * d(n, float(s * x)) for s in SCALES),
    ),
    "jit": (fgrad.jit, lambda d: d),
    "checkpoint": (fgrad.checkpoint, lambda d: d),
}
"""Each transformation as a map from functions to functions, and what it does to their derivatives."""

WORDS = [list(itertools.product(TRANSFORMATIONS, repeat=k)) for k in (0, 1, 2, 3)]


def check_words(program, words):
    taylor = derivatives(program)
    for word in words:
        f, d = (lambda x: program(FGRAD, x)), taylor
        for name in reversed(word):
            f, d = TRANSFORMATIONS[name][0](f), TRANSFORMATIONS[name][1](d)
        got = f(np.float64(0.9))
        expected = d(0, 0.9)
        assert got.dtype == np.float64, word
        np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-7, err_msg="-".join(word))


@pytest.mark.parametrize("program", KINDS + NESTED, ids=lambda p: p.__name__)
def test_words_of_up_to_two(program):
    check_words(program, WORDS[0] + WORDS[1] + WORDS[2])


@pytest.mark.parametrize("first", TRANSFORMATIONS)
@pytest.mark.parametrize("program", KINDS + NESTED, ids=lambda p: p.__name__)
def test_words_of_three(program, first):
    check_words(program, [w for w in WORDS[3] if w[0] == first])
