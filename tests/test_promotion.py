"""Every ufunc on every pair of dtypes, Python numbers too, at the edges of their ranges: values, dtypes and refusals are NumPy's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
from fgrad.core import tree
from fgrad.ops.ufuncs import UFUNCS

DTYPES = ("bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128")
EDGES = [0.0, 1.0, 2.0, 3.0, 5.0, -0.0, -1.0, -2.5, 0.5, 100.0, np.nan, np.inf, -np.inf]
SCALARS = (True, 2, -1, 0.5, 1j)
KNOWN = [u for u in UFUNCS if u.signature is None]


def edges(dtype: str) -> np.ndarray:
    kind = np.dtype(dtype).kind
    if kind == "c":
        return np.array([0, 1, 1j, -1 + 2j, 0.5 - 0.5j], dtype)
    if kind in "iub":
        return np.array([0, 1, 2, 3, 5, 7, 100]).astype(dtype) if kind != "i" else np.array([0, 1, 2, 3, -1, -7, 100]).astype(dtype)
    return np.array(EDGES).astype(dtype)


def outcome(f: Callable, *xs: Any) -> Any:
    """The results, or the kind of error."""
    try:
        return tree.leaves(f(*xs))
    except (TypeError, ValueError, OverflowError) as e:
        return "TypeError" if isinstance(e, TypeError) else "ValueError"


def staged(f: Callable, *xs: Any) -> Any:
    """f of traced arrays; Python numbers stay what they are."""
    arrays = [x for x in xs if isinstance(x, np.ndarray)]

    def traced(*given: Any) -> Any:
        values = iter(given)
        return f(*[next(values) if isinstance(x, np.ndarray) else x for x in xs])

    return fgrad.make_jaxpr(traced)(*arrays)(*arrays)


def compare(ufunc: np.ufunc, *xs: Any) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want, got = outcome(ufunc, *xs), outcome(lambda *ys: staged(ufunc, *ys), *xs)
    what = f"{ufunc.__name__}({', '.join(str(getattr(x, 'dtype', x)) for x in xs)})"
    if isinstance(want, str) or isinstance(got, str):
        assert got == want, what
        return
    for g, w in zip(got, want, strict=True):
        assert (np.asarray(g).dtype, np.shape(g)) == (w.dtype, w.shape), what
        tolerance = 0 if w.dtype.kind in "iub" else 4 * float(np.finfo(w.dtype).eps)
        np.testing.assert_allclose(g, w, rtol=tolerance, atol=0, err_msg=what)


@pytest.mark.parametrize("ufunc", [u for u in KNOWN if u.nin == 1], ids=lambda u: u.__name__)
def test_one_operand(ufunc):
    for dtype in DTYPES:
        compare(ufunc, edges(dtype))


@pytest.mark.parametrize("ufunc", [u for u in KNOWN if u.nin == 2], ids=lambda u: u.__name__)
def test_two_operands(ufunc):
    for first in DTYPES:
        for second in DTYPES:
            compare(ufunc, edges(first)[:, None], edges(second))
        for scalar in SCALARS:
            compare(ufunc, edges(first), scalar)
            compare(ufunc, scalar, edges(first))


def test_integers_out_of_range():
    """Python integers that a dtype does not hold: NumPy refuses arithmetic, and answers comparisons."""
    small = edges("uint8")
    for ufunc in (np.add, np.multiply, np.maximum, np.less, np.equal, np.greater_equal):
        for n in (300, -1, 2**70):
            compare(ufunc, small, n)
            compare(ufunc, n, small)
