"""Every row of the table compiled: values, dtypes and shapes equal to those of the eager function, for the function and its derivatives.

Rows are compiled many in one program, which also mixes their loops: it is quicker, and a harder test of fusion. LLVM's vectoriser takes most of the time of
compiling, and works on what is written alike for all: every program is compiled without it, and each FULL-th of them with it too. (The random
programs of `test_random_programs.py` all are.)
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from cases import ROWS, Case

import fgrad
from fgrad.core import tree
from fgrad.core.avals import is_inexact

STAGEABLE = [c for c in ROWS if c.stageable]
FULL = 6
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
Row = tuple[str, Callable, list]


@pytest.fixture(autouse=True)
def quiet():
    """Values at the edge of a domain are part of the tests; NumPy's warnings about them are not. A kernel that does not compile is an error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.filterwarnings("error", message="fgrad: a program could not be compiled")
        yield


def values(case: Case, dtype: str) -> Iterator[Row]:
    if dtype in case.values:
        xs, f = case.draw(dtype), case.function(case.spellings[0])
        try:
            fgrad.make_jaxpr(f)(*xs)
        except (TypeError, ValueError):  # not a dtype of NumPy's function
            return
        yield case.name, f, xs


def derivatives(case: Case, dtype: str) -> Iterator[Row]:
    """Forward and reverse mode."""
    if dtype not in case.grad:
        return
    xs, f = case.draw(dtype), case.function(case.spellings[0])
    active = [i for i, x in enumerate(xs) if is_inexact(x.dtype)]

    def of_active(*some: Any) -> Any:
        full = list(xs)
        for i, x in zip(active, some, strict=True):
            full[i] = x
        return f(*full)

    def reverse(*some: Any) -> Any:
        out, pull = fgrad.vjp(of_active, *some)
        return pull(tree.map(lambda o: o * 0 + 1 if is_inexact(o.dtype) else np.zeros(o.shape, fgrad.float0), out))

    def both(*some: Any) -> Any:
        out, tangent = fgrad.jvp(of_active, some, tuple(x * 0 + 1 for x in some))
        _, pull = fgrad.vjp(of_active, *some)
        return out, tangent, pull(tangent)

    yield case.name, both if "fwd" in case.modes else reverse, [xs[i] for i in active]


def assert_same(got: Any, want: Any) -> None:
    for g, w in zip(tree.leaves(got), tree.leaves(want), strict=True):
        g, w = np.asarray(g), np.asarray(w)
        if w.dtype == fgrad.float0:
            continue
        assert (g.dtype, g.shape) == (w.dtype, w.shape)
        tolerance = TOLERANCE.get(w.real.dtype.name, 0.0)
        scale = np.max(np.abs(w[np.isfinite(w)]), initial=0.0) if w.size and is_inexact(w.dtype) else 0.0
        np.testing.assert_allclose(g, w, rtol=tolerance, atol=tolerance * max(scale, 1.0))


def chunks(kind: Callable, dtype: str, size: int) -> Iterator[Any]:
    for i, k in enumerate(range(0, len(STAGEABLE), size)):
        for level in (1, 3) if i % FULL == 0 else (1,):
            yield pytest.param(kind, dtype, STAGEABLE[k : k + size], level, id=f"{kind.__name__}-{dtype}-{k}-O{level}")


@pytest.mark.parametrize(
    ("kind", "dtype", "cases", "level"),
    [
        *chunks(values, "float64", 24),
        *chunks(values, "float32", 24),
        *chunks(values, "int64", 24),
        *chunks(values, "complex128", 24),
        *chunks(derivatives, "float64", 12),
    ],
)
def test_compiled(kind: Callable, dtype: str, cases: list[Case], level: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fgrad.config, "opt_level", level)
    rows = [row for case in cases for row in kind(case, dtype)]

    def together(operands: list) -> list:
        return [f(*xs) for (_, f, _), xs in zip(rows, operands, strict=True)]

    got = fgrad.jit(together)([xs for _, _, xs in rows])
    for (name, f, xs), g in zip(rows, got, strict=True):
        try:
            assert_same(g, fgrad.make_jaxpr(f)(*xs)(*xs))
        except AssertionError as e:
            e.add_note(f"{name} with {dtype}")
            raise
