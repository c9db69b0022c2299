"""Small matrices and short lanes in native code: the values of NumPy, in loops too, and the errors."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import grad, jit, scan
from fgrad.compile.program import Part, parts
from fgrad.compile.simplify import prepared
from fgrad.core import tree

RNG = np.random.default_rng(0)


def assert_native(f, *args):
    """The same values as uncompiled, by one native function."""
    closed = fgrad.make_jaxpr(f)(*args)
    assert [type(p) for p in parts(prepared(closed.jaxpr))] == [Part]
    for got, want in zip(tree.leaves(jit(f)(*args)), tree.leaves(f(*args)), strict=True):
        assert np.asarray(got).dtype == np.asarray(want).dtype
        tolerance = 1e-3 if np.asarray(want).dtype == np.float32 else 1e-9
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("shape", "dtype"), [((1, 1), "float64"), ((3, 3), "float32"), ((4, 5, 5), "float64"), ((2, 0, 0), "float64")])
def test_matrices(shape, dtype):
    n = shape[-1]
    a = (RNG.normal(size=shape) + 3 * np.eye(n)).astype(dtype)
    b = RNG.normal(size=(*shape[:-1], 2)).astype(dtype)
    s = a @ np.swapaxes(a, -1, -2) + np.eye(n, dtype=dtype)
    programs = (
        lambda a, b, s: np.linalg.solve(a, b),
        lambda a, b, s: (np.linalg.cholesky(s), np.linalg.inv(a), np.linalg.det(a), tuple(np.linalg.slogdet(a))),
        lambda a, b, s: [
            fgrad.scipy.linalg.solve_triangular(a, b, lower=low, trans=t, unit_diagonal=u) for low in (0, 1) for t in (0, 1) for u in (0, 1)
        ],
        grad(lambda a, b, s: np.sum(np.sin(np.linalg.solve(a, b))) + np.sum(np.linalg.slogdet(s)[1]), (0, 1, 2)),
        grad(lambda a, b, s: np.sum(np.sin(np.linalg.cholesky(s))) + np.sum(np.linalg.inv(a) ** 2), (0, 2)),
    )
    for f in programs:
        assert_native(f, a, b, s)


@pytest.mark.parametrize("a", [np.zeros((3, 3)), np.ones((2, 2)), np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([2.0, 0.0, 5.0])])
def test_singular_matrices_have_determinants(a):
    with np.errstate(divide="ignore"):
        assert_native(lambda a: (np.linalg.det(a), tuple(np.linalg.slogdet(a))), a)


def test_in_loops():
    def filtered(x):
        def step(p, _):
            gain = p @ np.linalg.inv(p + np.eye(3))
            p = p - gain @ p + np.eye(3) * x
            return p, np.linalg.slogdet(p)[1] + np.sum(np.linalg.solve(p, np.ones(3))) + np.sum(np.linalg.cholesky(p))

        return np.sum(scan(step, np.eye(3), None, length=10)[1])

    assert_native(grad(filtered), 0.3)
    sorted_steps = lambda x: np.sum(scan(lambda c, u: (np.sort(c * u), np.argsort(c)), x, np.linspace(0.5, 1.5, 7))[0] * np.arange(300.0))
    assert_native(grad(sorted_steps), RNG.normal(size=300))


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda a: np.linalg.solve(a, np.ones(2)), r"solve: the matrix a: f64\[2,2\] is singular"),
        (lambda a: np.linalg.cholesky(a - np.eye(2)), "cholesky: .* is not positive definite"),
        (np.linalg.inv, "inv: .* is singular"),
        (lambda a: fgrad.scipy.linalg.solve_triangular(a, np.ones(2)), "solve_triangular: .* its diagonal has a zero"),
    ],
)
def test_errors(f, text):
    with pytest.raises(np.linalg.LinAlgError, match=text) as caught:
        jit(f)(np.zeros((2, 2)))
    assert "test_linear_algebra.py" in caught.value.__notes__[0]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i2", "u1", "?"])
@pytest.mark.parametrize(
    ("shape", "axis"), [((5,), 0), ((100,), 0), ((3, 37), 1), ((3, 37), 0), ((2, 17, 4), 1), ((0, 3), 0), ((1,), 0), ((250,), 0)]
)
def test_sort(shape, axis, dtype):
    x = (RNG.normal(size=shape) * 50).astype(dtype) if dtype != "?" else RNG.normal(size=shape) > 0
    if dtype[0] == "f" and x.size > 3:
        x.flat[:4] = 0.0, np.nan, np.nan, -np.inf
    both = lambda x: (fnp.sort(x, axis=axis), fnp.argsort(x, axis=axis, stable=True))
    assert_native(lambda x: scan(lambda c, _: (np.flip(c, axis), both(c)), x, None, length=2)[1], x)  # outside of loops NumPy sorts
    for got, want in zip(jit(both)(x), both(x), strict=True):
        np.testing.assert_array_equal(got, want)
