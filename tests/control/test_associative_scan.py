"""associative_scan against the loop it stands for."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.testing import check_grads

RNG = np.random.default_rng(0)


def loop(fn, x, axis=0, reverse=False):
    x = np.moveaxis(x, axis, 0)
    x = x[::-1] if reverse else x
    out = [x[0]] if len(x) else []
    for v in x[1:]:
        out.append(fn(out[-1], v))
    out = np.stack(out) if len(x) else x
    return np.moveaxis(out[::-1] if reverse else out, 0, axis)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 13])
def test_sums_products_maxima(n, reverse):
    x = RNG.normal(size=(n, 2))
    for fn in (np.add, np.multiply, np.maximum):
        np.testing.assert_allclose(fgrad.associative_scan(fn, x, reverse=reverse), loop(fn, x, 0, reverse), rtol=1e-13)
    check_grads(lambda x: fgrad.associative_scan(np.multiply, x, reverse=reverse), (x,), order=2)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_axes(axis):
    x = RNG.normal(size=(3, 4, 5))
    np.testing.assert_allclose(fgrad.associative_scan(np.add, x, axis=axis), np.cumsum(x, axis=axis))
    np.testing.assert_allclose(
        fgrad.vmap(lambda x: fgrad.associative_scan(np.add, x, axis=1), in_axes=2, out_axes=2)(x), np.cumsum(x, axis=1)
    )


@pytest.mark.parametrize("dtype", [np.int64, np.bool_, np.float32, np.complex128])
def test_dtypes(dtype):
    x = (RNG.normal(size=6) * 3).astype(dtype)
    fn = np.logical_or if dtype is np.bool_ else np.add
    got = fgrad.associative_scan(fn, x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, loop(fn, x), rtol=1e-6)


def test_empty_and_jit():
    assert fgrad.associative_scan(np.add, np.zeros((0, 3))).shape == (0, 3)
    x = RNG.normal(size=6)
    np.testing.assert_allclose(fgrad.jit(lambda x: fgrad.associative_scan(np.add, x))(x), np.cumsum(x))


@pytest.mark.parametrize("reverse", [False, True])
def test_an_operation_that_does_not_commute(reverse):
    """x -> a x + b as pairs: the linear recurrence, and products of matrices."""

    def compose(f, g):
        return {"a": g["a"] * f["a"], "b": g["a"] * f["b"] + g["b"]}

    a, b = RNG.normal(size=7), RNG.normal(size=7)
    out = fgrad.associative_scan(compose, {"a": a, "b": b}, reverse=reverse)["b"]
    h, expected = 0.0, []
    order = range(6, -1, -1) if reverse else range(7)
    for i in order:
        h = a[i] * h + b[i]
        expected.append(h)
    np.testing.assert_allclose(out, expected[::-1] if reverse else expected)
    check_grads(lambda a, b: fgrad.associative_scan(compose, {"a": a, "b": b}, reverse=reverse)["b"], (a, b), order=2)
    m = RNG.normal(size=(5, 2, 2))
    np.testing.assert_allclose(fgrad.associative_scan(np.matmul, m, reverse=reverse), loop(np.matmul, m, 0, reverse))


def test_it_calls_the_operation_a_logarithmic_number_of_times():
    calls = []
    fgrad.associative_scan(lambda a, b: (calls.append(1), a + b)[1], np.ones(1000))
    assert len(calls) <= 2 * 10


def test_errors():
    with pytest.raises(fgrad.errors.AxisError, match=r"axis 1 is out of range for f64\[3\]"):
        fgrad.associative_scan(np.add, np.ones(3), axis=1)
    with pytest.raises(fgrad.errors.ShapeError, match="different sizes along the axis"):
        fgrad.associative_scan(lambda a, b: a, (np.ones(3), np.ones(4)))
    with pytest.raises(fgrad.errors.ShapeError, match="associative_scan: <lambda> made"):
        fgrad.associative_scan(lambda a, b: np.sum(a + b), np.ones(3))
    with pytest.raises(fgrad.errors.TreeError):
        fgrad.associative_scan(lambda a, b: (a, b), np.ones(3))
