"""Sparse Jacobians and Hessians as users call them: trees, types, caching, other transformations around and inside, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

import fgrad
import fgrad.numpy as fnp
from fgrad.sparse import derivative
from fgrad.sparse.pruned import push_known

X = np.random.default_rng(0).normal(size=7)
stencil = lambda x: x[2:] * x[:-2] + np.sin(x[1:-1])


def test_a_sparse_matrix():
    found = fgrad.jacobian(stencil, mode="sparse")(X)
    assert isinstance(found, csr_array) and found.dtype == float and found.shape == (5, 7) and found.nnz == 15
    np.testing.assert_allclose(found.toarray(), fgrad.jacfwd(stencil)(X))


def test_elementwise_is_diagonal():
    x = np.random.default_rng(0).normal(size=(100, 4096))
    found = fgrad.jacobian(lambda x: np.maximum(x, 0.0), mode="sparse")(x)
    assert found.shape == (x.size, x.size) and found.nnz == x.size
    assert np.array_equal(found.diagonal(), (x.ravel() > 0).astype(float))


def test_trees_and_aux():
    def f(p, y, scale=1.0):
        return {"a": p["u"] * y * scale, "b": np.sum(p["v"] ** 2)}, ("aux", y * 2.0)

    args = ({"u": np.arange(1.0, 3.0), "v": np.ones(3)}, np.array([3.0, 4.0]))
    found, aux = fgrad.jacobian(f, argnums=(0, 1), has_aux=True, mode="sparse")(*args, scale=2.0)
    dense, _ = fgrad.jacobian(f, argnums=(0, 1), has_aux=True, mode="forward")(*args, scale=2.0)
    flat = lambda m: m.toarray()
    for sparse, plain in zip(fgrad.tree.leaves(fgrad.tree.map(flat, found)), fgrad.tree.leaves(dense), strict=True):
        np.testing.assert_allclose(sparse, np.reshape(plain, sparse.shape))
    assert aux[0] == "aux" and np.array_equal(aux[1], [6.0, 8.0])


def test_hessian_of_a_tree():
    f = lambda p: np.sum(p["u"][1:] * p["u"][:-1] ** 2) * p["s"]
    p = {"u": X, "s": np.float64(1.5)}
    found, dense = fgrad.hessian(f, mode="sparse")(p), fgrad.hessian(f, mode="forward-over-reverse")(p)
    for a in p:
        for b in p:
            np.testing.assert_allclose(found[a][b].toarray(), np.reshape(dense[a][b], found[a][b].shape))


def test_single_precision_and_complex():
    assert fgrad.jacobian(stencil, mode="sparse")(X.astype(np.float32)).dtype == np.float32
    z = X + 1j
    found = fgrad.jacobian(lambda z: z[1:] ** 2 * z[0], holomorphic=True, mode="sparse")(z)
    np.testing.assert_allclose(found.toarray(), fgrad.jacfwd(lambda z: z[1:] ** 2 * z[0], holomorphic=True)(z))
    to_complex = fgrad.jacobian(lambda x: np.fft.fft(x.reshape(1, 7), axis=0) * (1 + 2j), mode="sparse")(X)
    np.testing.assert_allclose(to_complex.toarray(), np.diag(np.full(7, 1 + 2j)))


def test_staged_once_for_each_types():
    traced = []

    def f(x, scale, places):
        traced.append(places)
        return x[places] * scale

    jacobian = fgrad.jacobian(f, mode="sparse")
    places = np.array([0, 2])
    first = jacobian(X, 2.0, places)
    again = jacobian(X + 1.0, 3.0, places.copy())
    assert len(traced) == 1 and again.toarray()[1, 2] == 3.0 and first.toarray()[1, 2] == 2.0
    other = jacobian(X, 2.0, np.array([0, 3]))  # integers decide what depends on what
    assert len(traced) == 2 and other.toarray()[1, 3] == 2.0


def test_results_are_the_users_own():
    jacobian = fgrad.jacobian(lambda x: x * np.array([0.0, 2.0]), mode="sparse")
    found = jacobian(np.ones(2))
    found.eliminate_zeros()
    found.data[:] = 7.0
    found.indices[:] = 0
    np.testing.assert_array_equal(jacobian(np.ones(2)).toarray(), np.diag([0.0, 2.0]))
    pattern = fgrad.sparsity(np.sin)
    x = np.ones(3)
    pattern(x).data[:] = False
    assert pattern(x).nnz == pattern(x).sum() == 3


@pytest.mark.parametrize("cached, chunk", [(0, 2**28), (2**22, 64)], ids=["one after another", "in several calls"])
def test_many_passes(monkeypatch, cached, chunk):
    monkeypatch.setattr(derivative, "_CACHED", cached)
    monkeypatch.setattr(derivative, "_CHUNK", chunk)
    np.testing.assert_allclose(fgrad.jacobian(stencil, mode="sparse")(X).toarray(), fgrad.jacfwd(stencil)(X))
    arrow = lambda x: fnp.concatenate([fnp.sum(x**2).reshape(1), x[1:] ** 2 * x[0]])
    np.testing.assert_allclose(fgrad.jacobian(arrow, mode="sparse")(X).toarray(), fgrad.jacfwd(arrow)(X))


def test_passes_of_known_seeds(monkeypatch):
    """Where a colour is one parameter of every record, what its seed does not reach is not computed."""
    monkeypatch.setattr(derivative, "_CACHED", 0)
    made = []
    monkeypatch.setattr(derivative, "push_known", lambda *args: made.append(1) or push_known(*args))
    records, place = np.arange(1.0, 16.0).reshape(5, 3), np.array([0, 1, 4, 2, 2, 3, 0])

    def f(records, t):
        a, b, c = records[place].T
        return np.stack([a - np.sin(b * t), np.exp(-c) * t + a * 2.0])

    found = fgrad.jacobian(f, mode="sparse")(records, X)
    assert made and found.nnz == 28
    np.testing.assert_allclose(found.toarray(), fgrad.jacfwd(f)(records, X).reshape(14, 15))
    assert fgrad.jacobian(f, argnums=1, mode="sparse")(records, X).nnz == 14


def test_rules_of_the_users_own():
    """A straight-through estimator: the rule says what depends on what, not the function."""
    rounded = fgrad.custom_jvp(np.round)
    rounded.defjvp(lambda primals, tangents: (np.round(primals[0]), tangents[0]))
    assert np.array_equal(fgrad.jacobian(lambda x: rounded(x), mode="sparse")(X).toarray(), np.eye(7))

    clipped = fgrad.custom_vjp(lambda x: x * 1.0)
    clipped.defvjp(lambda x: (x * 1.0, None), lambda _, ct: (np.clip(ct, -0.5, 0.5),))
    with pytest.warns(
        RuntimeWarning, match="mode='sparse' of a function that is not"
    ):  # what a rule for reverse mode does is not looked into
        found = fgrad.jacobian(lambda x: clipped(x) * 1.0, mode="sparse")(X)
    assert np.array_equal(found.toarray(), 0.5 * np.eye(7))


def test_compiled_functions_inside():
    f = fgrad.jit(stencil)
    np.testing.assert_allclose(fgrad.jacobian(lambda x: f(x) * 2.0, mode="sparse")(X).toarray(), 2.0 * fgrad.jacfwd(stencil)(X))
    np.testing.assert_allclose(fgrad.jacobian(fgrad.checkpoint(stencil), mode="sparse")(X).toarray(), fgrad.jacfwd(stencil)(X))


def test_a_dense_function_says_so():
    jacobian = fgrad.jacobian(lambda x: np.outer(x, x) @ x, mode="sparse")
    with pytest.warns(RuntimeWarning, match="49 of 7 × 7 entries"):
        found = jacobian(X)
    np.testing.assert_allclose(found.toarray(), fgrad.jacfwd(lambda x: np.outer(x, x) @ x)(X))


def test_empty():
    assert fgrad.jacobian(lambda x: x * 2.0, mode="sparse")(np.zeros(0)).shape == (0, 0)
    assert fgrad.jacobian(lambda x: np.floor(x), mode="sparse")(X).nnz == 0
    assert fgrad.hessian(lambda x: np.sum(x), mode="sparse")(X).nnz == 0


def test_what_is_refused():
    with pytest.raises(fgrad.errors.ArgumentError, match="mode is 'forward', 'reverse', 'compressed', 'sparse' or 'auto', not 'fast'"):
        fgrad.jacobian(stencil, mode="fast")
    with pytest.raises(fgrad.errors.ShapeError, match=r"one scalar output, and it returned f64\[5\]"):
        fgrad.hessian(stencil, mode="sparse")(X)
    with pytest.raises(fgrad.errors.DtypeError, match=r"must return floating point arrays, and it returned bool\[7\]"):
        fgrad.jacobian(lambda x: x > 0, mode="sparse")(X)
    with pytest.raises(fgrad.errors.DtypeError, match=r"inputs must be floating point, but argument 0 is i64\[3\]"):
        fgrad.jacobian(np.square, mode="sparse")(np.arange(3))
    with pytest.raises(fgrad.errors.ConcretizationError, match="needs a value"):
        fgrad.jacobian(lambda x: x if x[0] > 0 else -x, mode="sparse")(X)
    for around in (fgrad.jit, fgrad.vmap, lambda f: lambda x: fgrad.jvp(f, (x,), (x,))):
        with pytest.raises(fgrad.errors.UnsupportedError, match="a sparse result is a SciPy matrix"):
            around(fgrad.jacobian(stencil, mode="sparse"))(X[None] if around is fgrad.vmap else X)
