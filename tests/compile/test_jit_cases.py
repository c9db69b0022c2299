"""Every row of the table compiled: values, dtypes and shapes equal to those of the eager function, for the function and its derivatives.

Rows are compiled many in one program, which also mixes their loops: it is quicker, and a harder test of fusion. All of them are compiled without LLVM's
optimisations, which take most of the time and work on what is written alike for all rows; the first row of each function with them too.
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
FIRST = list({c.name.split("(")[0]: c for c in reversed(STAGEABLE)}.values())[::-1]
"""The first row of each function."""
WITHOUT = [c for c in FIRST if "float64" not in c.grad]
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


def chunks(kind: Callable, dtype: str, cases: list[Case], size: int, level: int = 0) -> Iterator[Any]:
    for k in range(0, len(cases), size):
        yield pytest.param(kind, dtype, cases[k : k + size], level, id=f"{kind.__name__}-{dtype}-O{level}-{k}")


def compiled(rows: list[Row]) -> list:
    """The results of all rows, from one program."""
    run = fgrad.jit(lambda operands: [f(*xs) for (_, f, _), xs in zip(rows, operands, strict=True)])
    try:
        return run([xs for _, _, xs in rows])
    except Exception as e:
        for name, f, xs in rows:
            try:
                fgrad.jit(f)(*xs)
            except Exception as of_row:
                e.add_note(f"{name}: {type(of_row).__name__}: {of_row}")
        raise


@pytest.mark.parametrize(
    ("kind", "dtype", "cases", "level"),
    [
        *chunks(values, "float64", STAGEABLE, 24),
        *chunks(values, "float32", STAGEABLE, 24),
        *chunks(values, "int64", STAGEABLE, 24),
        *chunks(values, "complex128", STAGEABLE, 24),
        *chunks(derivatives, "float64", STAGEABLE, 12),
        *chunks(values, "float64", WITHOUT, 24, level=3),
        *chunks(values, "int64", FIRST, 24, level=3),
        *chunks(derivatives, "float64", FIRST, 12, level=3),
    ],
)
def test_compiled(kind: Callable, dtype: str, cases: list[Case], level: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fgrad.config, "opt_level", level)
    rows = [row for case in cases for row in kind(case, dtype)]
    for (name, f, xs), got in zip(rows, compiled(rows), strict=True):
        try:
            assert_same(got, fgrad.make_jaxpr(f)(*xs)(*xs))
        except AssertionError as e:
            e.add_note(f"{name} with {dtype}")
            raise
