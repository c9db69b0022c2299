"""Random bits in native code: to the bit those of the interpreter."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import jit, random, vmap
from fgrad.compile.program import Part, parts
from fgrad.compile.simplify import prepared

KEY = random.key(3)
PROGRAMS = {
    "uniform": lambda k: random.uniform(k, (1000,)),
    "float32": lambda k: random.uniform(k, (7, 3), np.float32),
    "one number": lambda k: random.uniform(k),
    "no number": lambda k: random.uniform(k, (0, 3)),
    "uint8": lambda k: random.bits(k, (33,), np.uint8),
    "uint64": lambda k: random.bits(k, (5,), np.uint64),
    "split": lambda k: random.key_data(random.split(k, 5)),
    "fold_in": lambda k: random.key_data(random.fold_in(k, 7)),
    "vmap": lambda k: vmap(lambda k: random.uniform(k, (4,)))(random.split(k, 6)),
    "bernoulli": lambda k: random.bernoulli(k, 0.3, (40,)),
    "scan": lambda k: fgrad.scan(lambda k, _: (random.fold_in(k, 1), random.uniform(k, (3,))), k, None, length=5)[1],
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_bits_are_the_same(name):
    f = PROGRAMS[name]
    got, want = jit(f)(KEY), f(KEY)
    np.testing.assert_array_equal(got, want)
    assert np.asarray(got).dtype == np.asarray(want).dtype
    assert [type(p) for p in parts(prepared(fgrad.make_jaxpr(f)(KEY).jaxpr))] == [Part]
