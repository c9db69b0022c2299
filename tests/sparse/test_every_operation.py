"""No entry is missing from any pattern: every differentiable row of the table, to second order, against its dense derivatives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cases import ROWS, Case

import fgrad
from fgrad.core import tree
from fgrad.core.avals import is_inexact

CASES = list({c.name.split("(")[0]: c for c in reversed(ROWS) if c.stageable and "float64" in c.grad}.values())
"""The first row of each function."""


def flat(c: Case) -> tuple[Callable, list]:
    """The row as a function of a list of floating point arguments, of one vector."""
    given = c.draw()
    wrt = [i for i, x in enumerate(given) if is_inexact(x.dtype)]
    f = c.function("fnp" if "fnp" in c.spellings else "np")

    def fun(xs: list) -> Any:
        full = list(given)
        for i, x in zip(wrt, xs, strict=True):
            full[i] = x
        outs = [fgrad.numpy.ravel(o) for o in tree.leaves(f(*full)) if is_inexact(o.dtype)]
        return fgrad.numpy.concatenate([fgrad.numpy.concatenate([o.real, o.imag]) if o.dtype.kind == "c" else o for o in outs])

    return fun, [given[i] for i in wrt]


def assert_covers(pattern: list, dense: list) -> None:
    for p, d in zip(pattern, dense, strict=True):
        d = np.asarray(d).reshape(p.shape)
        missing = (d != 0) & ~p.toarray()
        assert not missing.any(), f"missing from the pattern: {np.argwhere(missing)[:5].tolist()}"


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.mark.parametrize("c", CASES, ids=lambda c: c.name)
def test_nothing_is_missing(c):
    fun, xs = flat(c)
    out = fun(xs)
    if not (out.size and all(x.size for x in xs)):
        assert all(p.shape == (out.size, x.size) for p, x in zip(fgrad.sparsity(fun)(xs), xs, strict=True))
        return
    reverse = "fwd" not in c.modes
    dense = (fgrad.jacrev if reverse else fgrad.jacfwd)(fun)(xs)
    assert_covers(fgrad.sparsity(fun)(xs), dense)
    if c.order < 2 or reverse or "rev" not in c.modes:
        return
    weights = np.random.default_rng(0).uniform(0.5, 1.5, out.size)
    gradient = fgrad.grad(lambda xs: fgrad.numpy.sum(weights * fun(xs)))
    of_leaf = fgrad.jacfwd(gradient)(xs)
    patterns = fgrad.sparsity(gradient)(xs)
    for p, d in zip(patterns, of_leaf, strict=True):
        assert_covers(p, d)
