"""Random programs compiled, as they are and transformed: values, dtypes and shapes are those of plain Python on NumPy. `fuzzing.py` says how."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest

from fgrad.compile.native import RULES

from . import fuzzing
from .random_source import Source, Statement

PROGRAMS, IN_ONE_TEST = 2040, 60


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    """Less of LLVM's optimisations for most programs, and what is compiled so is kept apart."""
    monkeypatch.setenv("FGRAD_CACHE_DIR", str(tmp_path))
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
        p.f.do(f"store double 0.0, ptr {out.pointer}")
        return [out]

    monkeypatch.setitem(RULES, "cumsum", wrong)
    failure = fuzzing.check(job)
    assert failure is not None
    small = fuzzing.shrunk(failure)
    assert "the interpreter agrees with NumPy" in small.what
    assert small.job.source.text == "def f(v0):\n    v1 = np.cumsum(v0)\n    return (v1,)"
    assert "v0 = np.array([0.479" in str(small)
