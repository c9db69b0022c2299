"""Random programs compiled, as they are and transformed: values, dtypes and shapes are those of plain Python on NumPy. `fuzzing.py` says how."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

import fgrad.numpy as fnp
from fgrad import grad, jit, scan, vjp, while_loop
from fgrad.compile.native import RULES
from fgrad.core import tree

from . import fuzzing
from .random_source import Source, Statement

PROGRAMS, IN_ONE_TEST = 2040, 60


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Less of LLVM's optimisations for most programs."""
    monkeypatch.setattr(fuzzing, "QUICK", True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message="fgrad: a program could not be compiled")
        yield


@pytest.mark.parametrize("first", range(0, PROGRAMS, IN_ONE_TEST))
def test_compiled(first):
    count: Counter = Counter()
    for k in range(first, first + IN_ONE_TEST, fuzzing.TOGETHER):
        for failure in fuzzing.check_together(range(k, k + fuzzing.TOGETHER), count):
            pytest.fail(
                f"{fuzzing.shrunk(failure)}\n\nTo run it again: python -m tests.compile.fuzzing --quick {failure.job.seed}", pytrace=False
            )
    assert count["run"] >= IN_ONE_TEST * 0.9  # few have nothing to be compared with


def test_a_defect_is_found_and_made_small(monkeypatch):
    """What is said of a compiler that forgets the first entry of a running sum."""
    x = np.linspace(0.5, 1.0, 5)
    values = {"x0": x, "v0": np.sin(x), "v1": np.cumsum(np.sin(x)), "v2": np.cumsum(np.sin(x)) * 2.0}
    texts = {"v0": "np.sin(x0)", "v1": "np.cumsum(v0)", "v2": "v1 * 2.0"}
    statements = [Statement((name,), [f"{name} = {text}"]) for name, text in texts.items()]
    job = fuzzing.of(0, "value", Source({"x0": x}, False, statements, ["v0", "v2"], values))
    assert fuzzing.check(job) is None
    right = RULES["cumsum"]

    def wrong(p, eqn, xs):
        (out,) = right(p, eqn, xs)
        p.f.do(f"store double 0.0, ptr {p.in_memory(out).pointer}")
        return [out]

    monkeypatch.setitem(RULES, "cumsum", wrong)
    failure = fuzzing.check(job)
    assert failure is not None
    small = fuzzing.shrunk(failure)
    assert "the interpreter agrees with NumPy" in small.what
    assert small.job.source.text == "def f(v0):\n    v1 = np.cumsum(v0)\n    return (v1,)"
    assert "v0 = np.array([0.479" in str(small)


# -- what random programs have found, in few lines

X = np.linspace(0.6, 1.3, 6).reshape(2, 3)
I64, U64 = np.array([-5, -1, 0, 7, 2**63 - 1, -(2**63)]), np.array([0, 1, 7, 2**63 - 1, 2**63, 2**64 - 1], np.uint64)


def stencil(u):
    """So many shifted reads of three axes that a loop for each segment of each would be thousands."""
    c = -7.5 * u[2:-2, 2:-2, 2:-2]
    for axis in range(3):
        for k in (-2, -1, 1, 2):
            part: list[slice] = [slice(2, -2)] * 3
            part[axis] = slice(2 + k, (-2 + k) or None)
            c = c + u[tuple(part)] / k**2
    return np.sum(c * c)


FOUND: dict[str, tuple[Callable, tuple]] = {
    "a strided slice of a pad": (lambda x: x / np.sum(np.pad(x, 1)[::2]), (X,)),
    "a pad computed again inside a flipped view": (grad(lambda x: np.sum(np.rot90(x)) + np.sum(np.rot90(x)[-3:1, ::-2]) * 2.0), (X,)),
    "slices of pads, backward": (lambda x: [np.pad(np.sin(x), 2)[a:b:c, ::-1] * 2.0 for a, b, c in ((5, 0, -2), (1, 6, 3), (4, 1, -1), (0, 2, 1))], (X,)),
    "an update that reads what it updates": (lambda x: fnp.at(x * 2.0)[::-1].add(x * 2.0), (X,)),
    "the state of a loop as its residual": (grad(lambda x: np.sum(while_loop(lambda c: np.sum(c) < 99.0, lambda c: c * c + 0.1, x))), (X,)),
    "a state used twice": (
        grad(lambda x: np.sum(while_loop(lambda c: np.sum(c[0]) < 9.0, lambda c: (c[1] * c[1], c[1] * c[1] + c[0]), (x, x))[0])), (X,),
    ),
    "a constant loop inside a program": (
        lambda x: vjp(lambda x: scan(lambda c, v: ((v * 1.0,), ()), (x,), np.stack([x, x]))[0][0], x)[1](np.ones((2, 3))), (X,),
    ),
    "int64 beside uint64": (lambda x, y: (x < y[:, None], x >= y[:, None], x == y[:, None], y[0] > x), (I64, U64)),
    "a stencil": (grad(stencil), (np.linspace(0.0, 1.0, 7 * 6 * 8).reshape(7, 6, 8),)),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(name):
    f, args = FOUND[name]
    for got, want in zip(tree.leaves(jit(f)(*args)), tree.leaves(f(*args)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
