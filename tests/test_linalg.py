"""Linear algebra beyond the table: degenerate matrices, what is not determined, one triangle, errors, costs, and JAX's results."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import fgrad
import fgrad.scipy.linalg
from fgrad.core.jaxpr import subjaxprs
from fgrad.ops import linalg_det, linalg_polar
from fgrad.testing import check_grads

REAL_AND_COMPLEX = pytest.mark.parametrize("dtype", ["float64", "complex128"])


def draw(rng: np.random.Generator, dtype: str, *shape: int) -> Any:
    x = rng.normal(size=shape)
    return x + 1j * rng.normal(size=shape) if dtype == "complex128" else x


def adjoint(x: Any) -> Any:
    return np.conj(np.swapaxes(x, -1, -2))


def close(got: Any, want: Any, tol: float = 1e-12) -> None:
    np.testing.assert_allclose(got, want, rtol=tol, atol=tol)


def unitary(rng: np.random.Generator, dtype: str, n: int) -> Any:
    return np.linalg.qr(draw(rng, dtype, n, n))[0]


def tangent_of(f: Callable, x: Any, t: Any) -> Any:
    return fgrad.jvp(f, (x,), (t,))[1]


def equations(jaxpr: Any) -> list[str]:
    """The names of all primitives of a program, those inside others too."""
    names = []
    for eqn in jaxpr.eqns:
        names.append(eqn.primitive.name)
        for sub in subjaxprs(eqn.params):
            names += equations(sub)
    return names


# -- what a factorization multiplies to has the tangent of the matrix, whatever its vectors are


@REAL_AND_COMPLEX
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)])
def test_products_of_factors(rng, dtype, shape):
    a, t = draw(rng, dtype, *shape), draw(rng, dtype, *shape)

    def from_svd(a: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return (u * s[..., None, :]) @ vh

    def from_qr(a: Any) -> Any:
        q, r = np.linalg.qr(a)
        return q @ r

    for f in (from_svd, from_qr):
        close(tangent_of(f, a, t), t, 1e-11)
        pulled = fgrad.vjp(f, a)[1](t)
        close(pulled[0], t, 1e-11)
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    du, _, dvh = tangent_of(lambda a: tuple(np.linalg.svd(a, full_matrices=False)), a, t)
    close(adjoint(u) @ du + adjoint(du) @ u, 0 * (adjoint(u) @ u), 1e-11)  # columns stay orthonormal
    close(vh @ adjoint(dvh) + dvh @ adjoint(vh), 0 * (vh @ adjoint(vh)), 1e-11)


@REAL_AND_COMPLEX
def test_products_of_eigenvectors(rng, dtype):
    a, t = draw(rng, dtype, 4, 4), draw(rng, dtype, 4, 4)

    def from_eig(a: Any) -> Any:
        w, v = np.linalg.eig(a)
        return (v * w) @ np.linalg.inv(v)

    def from_eigh(a: Any) -> Any:
        w, v = np.linalg.eigh(a)
        return (v * w) @ adjoint(v)

    close(tangent_of(from_eig, a, t), t, 1e-10)
    h, th = a + adjoint(a), t + adjoint(t)
    close(tangent_of(from_eigh, h, th), th, 1e-11)
    v, dv = np.linalg.eig(a)[1], tangent_of(lambda a: np.linalg.eig(a)[1], a, t)
    close(np.sum(np.real(np.conj(v) * dv), axis=0), np.zeros(4), 1e-10)  # their norm stays 1


@REAL_AND_COMPLEX
def test_projections(rng, dtype):
    """A projection on several eigenvectors is smooth, and so is its second derivative."""
    base = draw(rng, dtype, 4, 4)
    h = base + adjoint(base)

    def on_eigenvectors(a: Any) -> Any:
        v = np.linalg.eigh(a + adjoint(a))[1][:, :2]
        return v @ adjoint(v)

    def on_singular_vectors(a: Any) -> Any:
        u = np.linalg.svd(a, full_matrices=False)[0][:, :2]
        return u @ adjoint(u)

    def on_columns(a: Any) -> Any:
        q = np.linalg.qr(a[:, :2])[0]
        return q @ adjoint(q)

    for f in (on_eigenvectors, on_singular_vectors, on_columns):
        check_grads(f, (h,))


# -- repeated eigenvalues and singular values


@REAL_AND_COMPLEX
def test_symmetric_functions_at_repeated_eigenvalues(rng, dtype):
    q = unitary(rng, dtype, 4)
    repeated = (q * np.array([1.0, 1.0, 2.0, 2.0])) @ adjoint(q)
    for h in (np.eye(4).astype(dtype), repeated):
        t = draw(rng, dtype, 4, 4)
        t = t + adjoint(t)
        for f, slope in (
            (np.sum, lambda x: np.eye(4)),
            (lambda w: np.sum(w**2), lambda x: 2 * x),
            (lambda w: np.sum(w**3), lambda x: 3 * x @ x),
        ):
            want = np.real(np.trace(slope(h) @ t))
            for values in (np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0], np.linalg.eigvals):
                close(tangent_of(lambda a, f=f, values=values: np.real(f(values(a))), h, t), want, 1e-10)


def test_singular_values_at_repeated_ones(rng):
    q, p = unitary(rng, "float64", 4), unitary(rng, "float64", 3)
    for a in (np.eye(4, 3), q[:, :3] @ np.diag([2.0, 2.0, 1.0]) @ p):
        close(fgrad.grad(lambda a: np.sum(np.linalg.svdvals(a) ** 2))(a), 2 * a)
        close(fgrad.grad(lambda a: np.sum(np.linalg.svd(a, full_matrices=False)[1] ** 4))(a), 4 * a @ a.T @ a)


def test_vectors_at_repeated_values_are_nan():
    for f in (
        lambda a: np.linalg.eigh(a)[1][0, 0],
        lambda a: np.linalg.svd(a)[0][0, 0],
        lambda a: np.real(np.linalg.eig(a)[1][0, 0]),
        lambda a: fgrad.grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(a)[0, 0],
    ):
        assert np.isnan(fgrad.grad(f)(np.eye(3))).any()


@REAL_AND_COMPLEX
def test_nuclear_norm(rng, dtype):
    """Smooth at full rank, singular values repeated or not; at rank 1 a subgradient."""
    for m, n in ((3, 3), (4, 2), (2, 4)):
        for a in (np.eye(m, n).astype(dtype), draw(rng, dtype, m, n)):
            check_grads(lambda a: np.linalg.norm(a, "nuc"), (a,), order=3)
    ones = np.ones((3, 2), dtype)
    gradient = fgrad.grad(lambda a: np.linalg.norm(a, "nuc"))(ones)
    assert np.linalg.norm(gradient, 2) <= 1 + 1e-12
    close(np.sum(gradient * ones), np.sqrt(6.0))


def test_polar_factor_obeys_its_equations(rng):
    a = draw(rng, "complex128", 4, 3)
    p = linalg_polar.polar(a)
    h = adjoint(p) @ a
    close(adjoint(p) @ p, np.eye(3))
    close(h, adjoint(h))
    k = draw(rng, "complex128", 3, 3)
    x = linalg_polar.lyapunov(h, k)
    close(h @ x + x @ h, k, 1e-11)


def test_smallest_and_largest_singular_value_share_ties():
    close(fgrad.grad(lambda a: np.linalg.norm(a, 2))(np.eye(2)), np.eye(2) / 2)
    close(fgrad.grad(lambda a: np.linalg.norm(a, -2))(np.eye(2)), np.eye(2) / 2)


# -- singular matrices


@REAL_AND_COMPLEX
def test_determinant_of_singular_matrices(rng, dtype):
    n = 4
    for rank in range(n):
        a = draw(rng, dtype, n, rank) @ draw(rng, dtype, rank, n)
        check_grads(np.linalg.det, (a,), order=2)
        minors = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) * (-1) ** (i + j) for j in range(n)] for i in range(n)]
        close(fgrad.grad(np.linalg.det, holomorphic=dtype == "complex128")(a), np.array(minors), 1e-11)


def test_determinant_to_third_order(rng):
    check_grads(np.linalg.det, (draw(rng, "float64", 3, 3) + 2 * np.eye(3),), order=3)


def test_adjugate_is_accurate_near_singular_matrices():
    for small in (1e-3, 1e-8, 1e-12, 0.0):
        a = np.diag([small, 1.0, 2.0])
        close(linalg_det.adjugate(a), np.diag([2.0, 2 * small, small]), 1e-15)


def test_slogdet_of_a_singular_matrix_has_no_derivative():
    gradient = fgrad.grad(lambda a: np.linalg.slogdet(a).logabsdet)(np.stack([np.ones((2, 2)), np.eye(2)])[1])
    close(gradient, np.eye(2))
    both = fgrad.vmap(fgrad.grad(lambda a: np.linalg.slogdet(a).logabsdet))(np.stack([np.ones((2, 2)), np.eye(2)]))
    assert np.isnan(both[0]).all()
    close(both[1], np.eye(2))  # a singular matrix does not spoil the others


@pytest.mark.parametrize("rank", [1, 2])
def test_pseudoinverse_where_the_rank_stays(rng, rank):
    for m, n in ((4, 3), (3, 4), (3, 3)):
        left, right = rng.normal(size=(m, rank)), rng.normal(size=(rank, n))
        f = lambda left, right: np.linalg.pinv(left @ right, rcond=1e-8)
        check_grads(f, (left, right), order=2, atol=2e-5, rtol=2e-5)
        b = rng.normal(size=m)
        solution = lambda b, a=left @ right: np.linalg.lstsq(a, b)[0]
        close(fgrad.jvp(solution, (b,), (b,))[1], solution(b), 1e-10)  # linear in b


def test_least_squares_of_tall_matrices_are_small():
    """No square matrix of the longer side is made."""
    a, b = np.ones((500, 2)) + np.arange(1000).reshape(500, 2) % 7, np.arange(500.0)
    for f in (
        lambda a: np.sum(np.linalg.lstsq(a, b)[0]),
        lambda a: np.sum(np.linalg.pinv(a) @ b),
        lambda a: np.sum(np.linalg.pinv(a.T).T @ b),
    ):
        jaxpr = fgrad.make_jaxpr(fgrad.grad(f))(a).jaxpr
        assert max(v.aval.size for e in jaxpr.eqns for v in e.outvars) <= 1000


# -- one triangle


@REAL_AND_COMPLEX
def test_one_triangle_is_read(rng, dtype):
    base = draw(rng, dtype, 3, 3)
    h = base @ adjoint(base) + np.eye(3)
    lower, upper = np.tril(h), np.triu(h)
    garbage = np.triu(np.full((3, 3), np.nan), 1)
    weights = rng.normal(size=(3, 3))
    functions = {
        "cholesky": (lambda a: np.linalg.cholesky(a), lambda a: np.linalg.cholesky(a, upper=True)),
        "eigvalsh": (lambda a: np.linalg.eigvalsh(a, "L"), lambda a: np.linalg.eigvalsh(a, "U")),
        "eigh": (lambda a: np.linalg.eigh(a, "L")[0], lambda a: np.linalg.eigh(a, "U")[0]),
    }
    for of_lower, of_upper in functions.values():
        for f, part, other in ((of_lower, lower, garbage), (of_upper, upper, garbage.T)):
            loss = lambda a, f=f: np.sum(np.abs(f(a)) ** 2 * weights[: f(a).shape[0]])
            gradient = fgrad.grad(loss)(part + other)
            assert np.all(gradient[np.isnan(other)] == 0)
            close(gradient, fgrad.grad(loss)(part))


def test_gradients_of_symmetric_parametrizations(rng):
    """Where the matrix is symmetric for every parameter, the triangle that is read does not matter."""
    p = rng.normal(size=(3, 3))
    matrix = lambda p: p @ p.T + np.eye(3)
    lower = fgrad.grad(lambda p: np.sum(np.log(np.diagonal(np.linalg.cholesky(matrix(p))))))(p)
    upper = fgrad.grad(lambda p: np.sum(np.log(np.diagonal(np.linalg.cholesky(matrix(p), upper=True)))))(p)
    want = fgrad.grad(lambda p: 0.5 * np.linalg.slogdet(matrix(p))[1])(p)
    close(lower, want)
    close(upper, want)


def test_triangular_solve_does_not_read_the_rest(rng):
    a = np.tril(rng.normal(size=(3, 3))) + 3 * np.eye(3)
    b = rng.normal(size=3)
    solve = fgrad.scipy.linalg.solve_triangular
    for batch in ((), (2,)):
        x = np.broadcast_to(a + np.triu(np.full((3, 3), np.nan), 1), (*batch, 3, 3)).copy()
        value, pull = fgrad.vjp(lambda a: solve(a, b, lower=True), x)
        close(value, np.broadcast_to(np.linalg.solve(a, b), value.shape))
        (gradient,) = pull(np.ones_like(value))
        assert np.isfinite(gradient).all()
        assert np.all(np.triu(gradient, 1) == 0)


# -- costs


def test_a_solve_and_its_gradient_factor_once(rng):
    a, b = rng.normal(size=(4, 4)), rng.normal(size=4)
    gradient = fgrad.grad(lambda a, b: np.sum(np.linalg.solve(a, b) ** 2), argnums=(0, 1))
    names = equations(fgrad.make_jaxpr(gradient)(a, b).jaxpr)
    assert names.count("lu_factor") == 1
    assert names.count("lu_solve") == 2


def test_values_alone_are_not_decomposed_further(rng):
    a = rng.normal(size=(4, 4))
    for f, name in ((np.linalg.svdvals, "svdvals"), (np.linalg.eigvalsh, "eigvalsh"), (np.linalg.eigvals, "eigvals")):
        assert equations(fgrad.make_jaxpr(f)(a).jaxpr) == [name]


def test_one_matrix_and_many_right_hand_sides(rng):
    """A batch of right-hand sides is more columns: the matrix is neither repeated nor factored again."""
    a, b = rng.normal(size=(4, 4)), rng.normal(size=(7, 4, 2))
    for program in (lambda a, b: np.linalg.solve(a, b), fgrad.vmap(np.linalg.solve, in_axes=(None, 0))):
        jaxpr = fgrad.make_jaxpr(program)(a, b).jaxpr
        close(program(a, b), np.linalg.solve(a, b))
        shapes = {e.primitive.name: e.outvars[0].aval.shape for e in jaxpr.eqns}
        assert shapes["lu_factor"] == (4, 4)
        assert shapes["lu_solve"] == (4, 14)


@pytest.mark.parametrize("n", [3, 11, 12, 23, 24, 30])
def test_stacks_of_every_size(rng, n):
    """Small matrices are solved by NumPy's loop, large ones by LAPACK, one at a time."""
    a, b = rng.normal(size=(3, n, n)) + 3 * n**0.5 * np.eye(n), rng.normal(size=(3, n, 2))
    solve = lambda a, b: np.linalg.solve(a, b)
    gradient = fgrad.grad(lambda a, b: np.sum(solve(a, b) ** 2), argnums=(0, 1))
    for i, (got_a, got_b) in enumerate(zip(*fgrad.vmap(gradient)(a, b), strict=True)):
        want_a, want_b = gradient(a[i], b[i])
        close(got_a, want_a, 1e-10)
        close(got_b, want_b, 1e-10)
    for lower in (False, True):
        for trans in (0, 1):
            x = fgrad.jvp(lambda b, low=lower, t=trans: fgrad.scipy.linalg.solve_triangular(a, b, t, low), (b,), (b,))[1]
            part = np.tril(a) if lower else np.triu(a)
            close(np.einsum("bji,bjk->bik" if trans else "bij,bjk->bik", part, x), b, 1e-10)


# -- results


def test_named_tuples(rng):
    a = rng.normal(size=(3, 3))
    results = []

    def f(a: Any) -> Any:
        h = a + a.T
        results[:] = [np.linalg.eigh(h), np.linalg.eig(a), np.linalg.qr(a), np.linalg.svd(a), np.linalg.slogdet(a)]
        return results[0].eigenvalues[0] + results[2].R[0, 0] + results[3].S[0] + results[4].logabsdet

    fgrad.grad(f)(a)
    want = [np.linalg.eigh(a), np.linalg.eig(a), np.linalg.qr(a), np.linalg.svd(a), np.linalg.slogdet(a)]
    assert [type(r) for r in results] == [type(w) for w in want]


def test_eigenvalues_of_real_matrices_are_complex_when_traced():
    a = np.diag([1.0, 2.0]).astype(np.float32)
    assert np.linalg.eigvals(a).dtype == np.float32
    assert fgrad.eval_shape(np.linalg.eigvals, a).dtype == np.complex64


def test_residuals_of_least_squares(rng):
    a, b = rng.normal(size=(5, 2)), rng.normal(size=(5, 3))
    got = fgrad.jvp(lambda a, b: np.linalg.lstsq(a, b)[1], (a, b), (a, b))[0]
    close(got, np.linalg.lstsq(a, b)[1])
    assert fgrad.eval_shape(lambda a: np.linalg.lstsq(a, a)[1], np.ones((3, 3))).shape == (0,)


def test_exponential(rng):
    a, e = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
    got = fgrad.jvp(fgrad.scipy.linalg.expm, (a,), (e,))
    for g, w in zip(got, scipy.linalg.expm_frechet(a, e), strict=True):
        close(g, w)
    check_grads(fgrad.scipy.linalg.expm, (a * 0.3,), order=3)


# -- errors

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
STACK = np.stack([np.eye(2), SINGULAR])
ONES = np.ones(2)
solve_triangular = fgrad.scipy.linalg.solve_triangular
FAILURES: dict[str, tuple[Callable, Any, str]] = {
    "solve": (lambda a: np.linalg.solve(a, ONES), SINGULAR, r"solve: the matrix a: f64\[2,2\] is singular\n.*\n  its rank is 1 of 2"),
    "solve, many": (lambda a: np.linalg.solve(a, ONES), STACK, r"solve: the matrix a\[1\] of a: f64\[2,2,2\] is singular"),
    "inv": (np.linalg.inv, SINGULAR, "inv: the matrix a.* is singular"),
    "large": (lambda a: np.linalg.solve(a, np.ones(30)), np.ones((2, 30, 30)), r"the matrix a\[0\] of .* is singular\n.*\n  its rank is 1 of 30"),
    "cholesky": (np.linalg.cholesky, -np.eye(2), "cholesky: .* is not positive definite\n.*\n  its smallest eigenvalue is -1 "),
    "svd": (np.linalg.svd, np.full((2, 2), np.nan), "svd: .* has no decomposition\n.*\n  it has entries that are not finite"),
    "eigh": (np.linalg.eigh, np.full((3, 3), np.nan), "eigh: .* has no decomposition"),
    "triangular": (lambda a: solve_triangular(a, ONES), np.array([[1.0, 2.0], [0.0, 0.0]]), "solve_triangular: .* zero at place 1"),
    "square": (np.linalg.inv, np.ones((2, 3)), r"inv: the last two axes of a: f64\[2,3\] are not equal"),
    "matrix": (np.linalg.det, ONES, r"det: a: f64\[2\] is no matrix"),
    "qr": (np.linalg.qr, ONES, "qr: .* is no matrix"),
    "tensorinv": (np.linalg.tensorinv, np.ones((2, 3)), "tensorinv: .* is not square"),
    "lstsq": (lambda a: np.linalg.lstsq(a, ONES), np.ones((3, 2)), "lstsq: .* do not fit"),
    "cond": (np.linalg.cond, np.ones((0, 2)), "cond: .* is empty"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("name", FAILURES)
def test_matrices_that_cannot_be_taken(name):
    f, a, text = FAILURES[name]
    flat = lambda a: fgrad.tree.leaves(f(a))[0]
    text = text.replace("\n", "\\n")
    for program in (lambda a: fgrad.vjp(flat, a), fgrad.jit(flat), lambda a: fgrad.jit(fgrad.vmap(flat))(a[None])):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            program(a)
        assert isinstance(caught.value, fgrad.core.errors.FgradError)
    with pytest.raises(np.linalg.LinAlgError, match=text):
        fgrad.vjp(flat, a)


def test_other_arguments():
    def refused(error: type, match: str, f: Callable, a: Any = STACK[0]) -> None:
        with pytest.raises(error, match=match):
            fgrad.vjp(lambda a: fgrad.tree.leaves(f(a))[0], a)

    refused(ValueError, "do not fit", lambda a: np.linalg.solve(a, np.ones(3)))
    refused(ValueError, "do not broadcast", lambda a: np.linalg.solve(a, np.ones((3, 2, 1))), np.ones((2, 2, 2)))
    refused(TypeError, "LAPACK does not have", np.linalg.inv, np.eye(2, dtype=np.float16))
    refused(ValueError, "UPLO", lambda a: np.linalg.eigh(a, "X"))
    refused(ValueError, "mode is", lambda a: np.linalg.qr(a, "economic"))
    refused(TypeError, "exponent is an integer", lambda a: np.linalg.matrix_power(a, 1.5))
    refused(ValueError, "no norm of matrices", lambda a: np.linalg.norm(a, "x"))
    refused(ValueError, "trans is", lambda a: solve_triangular(a, ONES, trans=3))
    refused(ValueError, "rcond and rtol", lambda a: np.linalg.pinv(a, 1e-3, rtol=1e-3))
    refused(NotImplementedError, "Use full_matrices=False", np.linalg.svd, np.ones((3, 2)))
    refused(NotImplementedError, "Use mode='reduced'", lambda a: np.linalg.qr(a, "complete"), np.ones((3, 2)))
    refused(NotImplementedError, "Use mode='reduced'", lambda a: np.linalg.qr(a, "raw"))
    for f in (lambda a: np.linalg.solve(a, ONES), lambda a: solve_triangular(a, ONES)):
        with pytest.raises(NotImplementedError, match="linear in its right-hand side, not in its matrix"):
            fgrad.linear_transpose(f, STACK[0])(ONES)


# -- JAX

JAX_PROGRAMS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "solve": lambda np, a, b: np.sum(np.sin(np.linalg.solve(a, b))),
    "inv": lambda np, a, b: np.sum(np.cos(np.linalg.inv(a))),
    "slogdet": lambda np, a, b: np.linalg.slogdet(a)[1] * np.sum(b),
    "det": lambda np, a, b: np.linalg.det(a),
    "cholesky": lambda np, a, b: np.sum(np.sin(np.linalg.cholesky(a @ a.T + np.eye(4)))),
    "eigh": lambda np, a, b: np.sum(np.abs(np.linalg.eigh(a + a.T)[1]) ** 3),
    "eigvals": lambda np, a, b: np.sum(np.abs(np.linalg.eigvals(a)) ** 3),
    "svd": lambda np, a, b: np.sum(np.abs(np.linalg.svd(b, full_matrices=False)[2]) ** 3),
    "qr": lambda np, a, b: np.sum(np.abs(np.linalg.qr(b)[0]) ** 3),
    "pinv": lambda np, a, b: np.sum(np.sin(np.linalg.pinv(b))),
    "norms": lambda np, a, b: np.linalg.norm(a, 2) + np.linalg.norm(b, "nuc") + np.linalg.norm(a, -2),
    "complex solve": lambda np, a, b: np.sum(np.abs(np.linalg.solve(a + 1j * a.T, b)) ** 3),
    "complex cholesky": lambda np, a, b: np.sum(np.abs(np.linalg.cholesky((a + 1j * a.T) @ np.conj(a + 1j * a.T).T + np.eye(4))) ** 3),
    "complex svd": lambda np, a, b: np.sum(np.abs(np.linalg.svd(b + 1j * b[::-1], full_matrices=False)[0]) ** 3),
    "complex eigh": lambda np, a, b: np.sum(np.abs(np.linalg.eigh(a + a.T + 1j * (a - a.T))[1]) ** 3),
    "fft": lambda np, a, b: np.sum(np.abs(np.fft.fft2(a)) ** 3) + np.sum(np.abs(np.fft.rfft(b, axis=0)) ** 3),
    "irfft": lambda np, a, b: np.sum(np.fft.irfftn(a + 1j * a.T) ** 3),
}  # fmt: skip


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("name", JAX_PROGRAMS)
def test_against_jax(rng, name):
    jax = importlib.import_module("jax")
    program = JAX_PROGRAMS[name]
    a, b = rng.normal(size=(4, 4)) + 2 * np.eye(4), rng.normal(size=(4, 2))
    with jax.enable_x64(True):
        theirs = jax.value_and_grad(lambda a, b: program(jax.numpy, a, b), argnums=(0, 1))(a, b)
        want = [np.asarray(x) for x in jax.tree.leaves(theirs)]
    got = fgrad.tree.leaves(fgrad.value_and_grad(lambda a, b: program(np, a, b), argnums=(0, 1))(a, b))
    for g, w in zip(got, want, strict=True):
        close(g, w, 1e-9)
