"""Rows of numpy.linalg's solves, factorizations and spectra, and of scipy.linalg in the spelling of fgrad.scipy.linalg.

Vectors that are determined up to a phase (of complex matrices) are compared through products that do not depend on it: `in_phase`.
"""

from __future__ import annotations

from typing import Any

import numpy
import scipy.linalg

import fgrad.numpy as fnp
import fgrad.scipy.linalg
from cases.table import ALL_DTYPES, FLOATING, REAL, Draw, distinct, given, matrix, normal, row, spd

INEXACT = (*FLOATING, "complex128", "complex64")
EVERY: dict[str, Any] = {"values": ALL_DTYPES, "grad": ("float64", "float32", "complex128")}
COMPLEX: dict[str, Any] = {"values": INEXACT, "grad": ("float64", "float32", "complex128")}
FLOATS: dict[str, Any] = {"values": FLOATING}
VALUES_ONLY: dict[str, Any] = {"values": INEXACT, "grad": (), "modes": ()}

# -- solves, inverses, determinants

for _a, _b in (
    ((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (2, 3, 2)), ((2, 3, 3), (3,)), ((3, 3), (2, 3, 2)), ((2, 1, 3, 3), (4, 3, 2)),
    ((1, 1), (1,)), ((0, 0), (0,)), ((0, 0), (0, 2)), ((2, 0, 0), (0,)), ((0, 3, 3), (3,)), ((3, 3), (3, 0)), ((13, 13), (13,)),
    ((2, 24, 24), (24, 1)),
):  # fmt: skip
    row("linalg.solve", matrix(*_a), normal(*_b), options=EVERY if _a == (3, 3) else COMPLEX)
for _a in ((3, 3), (2, 3, 3), (1, 1), (0, 0), (2, 0, 0), (0, 2, 2), (13, 13)):
    _options = EVERY if _a == (3, 3) else COMPLEX
    row("linalg.inv", matrix(*_a), options=_options)
    row("linalg.det", matrix(*_a), options=_options | ({"rtol": 1e-10, "grad": ("float64",)} if _a == (13, 13) else {}))
    row("linalg.slogdet", matrix(*_a), options=_options)
    row("linalg.cholesky", spd(*_a), options=FLOATS)


def gram_cholesky(np: Any, m: Any, upper: bool) -> Any:
    """Of a complex Hermitian matrix, which a draw is not."""
    return np.linalg.cholesky(m @ np.conj(np.swapaxes(m, -1, -2)) + np.eye(m.shape[-1], dtype=m.dtype), upper=upper)


row("linalg.cholesky", spd(3, 3), upper=True, options=FLOATS | {"values": REAL})
for _upper in (False, True):
    row(gram_cholesky, normal(3, 3), _upper, options=COMPLEX)
    row(gram_cholesky, normal(2, 2, 2), _upper, options=COMPLEX)
row("linalg.det", given([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]]), name="det of rank 2", options=FLOATS)
row("linalg.det", given(numpy.ones((3, 3))), name="det of rank 1", options=FLOATS | {"rtol": 1e-10})
row("linalg.det", given(numpy.zeros((2, 2, 2))), name="det of zeros", options=FLOATS)
for _n in (-3, -1, 0, 1, 2, 3, 5):
    row("linalg.matrix_power", matrix(3, 3), _n, options=EVERY)
row("linalg.matrix_power", matrix(2, 3, 3), -2, options=COMPLEX)
row("linalg.tensorinv", normal(2, 3, 6), options=COMPLEX | {"rtol": 1e-10})
row("linalg.tensorinv", normal(4, 2, 2), ind=1, options=COMPLEX | {"rtol": 1e-10})
row("linalg.tensorsolve", normal(2, 3, 6), normal(2, 3), options=COMPLEX | {"rtol": 1e-10})
row("linalg.tensorsolve", normal(2, 6, 3), normal(2, 3), axes=(1,), options=COMPLEX | {"rtol": 1e-10})
row("linalg.matrix_transpose", normal(2, 3, 4), options=COMPLEX)

# -- least squares: residuals only where there are more rows than columns

for _a, _b in (((4, 3), (4,)), ((4, 2), (4, 3)), ((3, 3), (3,)), ((2, 4), (2, 3)), ((4, 0), (4,)), ((0, 2), (0,)), ((4, 2), (4, 0))):
    row("linalg.lstsq", normal(*_a), normal(*_b), options=COMPLEX | {"rtol": 1e-10})
_LOW_RANK = given([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]])
row(lambda np, a, b: np.linalg.lstsq(a, b)[::2], _LOW_RANK, normal(3), name="lstsq of rank 2", options={"values": FLOATING, "grad": ()})
for _shape in ((4, 3), (2, 3, 4), (3, 3), (0, 3), (3, 0), (2, 0, 2)):
    row("linalg.pinv", normal(*_shape), options=COMPLEX | {"rtol": 1e-10})
row("linalg.pinv", given(numpy.eye(3, 2)), name="pinv with equal singular values", options=FLOATS)
row("linalg.pinv", normal(2, 3, 3), 1e-3, options=FLOATS | {"rtol": 1e-10})
row("linalg.pinv", normal(2, 3, 3), rtol=None, options=COMPLEX | {"rtol": 1e-10})
row("linalg.pinv", spd(3, 3), hermitian=True, options=COMPLEX | {"rtol": 1e-10})
row("linalg.pinv", normal(2, 3, 2), numpy.array([1e-3, 1e-5]), options=FLOATS | {"rtol": 1e-10})

# -- spectra


_APART = numpy.array([[0.0, 2.0, 0.0], [-2.0, 0.0, 0.0], [0.0, 0.0, 4.0]])


def apart(*shape: int) -> Draw:
    """General matrices whose eigenvalues are apart: a complex pair, and a real one."""
    return Draw(shape, lambda rng, s: rng.normal(size=s) * 0.3 + _APART[: s[-1], : s[-1]])


def in_phase(np: Any, v: Any, axis: int = -2) -> Any:
    """Vectors times the conjugate of their first component."""
    return v * np.conj(np.take(v, np.array([0]), axis=axis))


def eigenpairs(np: Any, a: Any, uplo: str = "L") -> tuple:
    w, v = np.linalg.eigh(a, uplo)
    return w, in_phase(np, v)


def singular_triples(np: Any, a: Any) -> tuple:
    """Both vectors of a singular value times the conjugate of the same component."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    phase = np.conj(u[..., :1, :])
    return u * phase, s, vh * np.conj(np.swapaxes(phase, -1, -2))


def complex_eig(np: Any, a: Any) -> tuple:
    """NumPy's results are real where all eigenvalues are; those of traced matrices never."""
    return tuple(x + 0j for x in np.linalg.eig(a))


def complex_eigvals(np: Any, a: Any) -> Any:
    return np.linalg.eigvals(a) + 0j


for _a in ((3, 3), (2, 3, 3), (1, 1), (0, 0), (0, 2, 2)):
    row("linalg.eigh", normal(*_a), options=(EVERY if _a == (3, 3) else COMPLEX) | {"grad": FLOATING if _a != (1, 1) else ("float64",)})
    row("linalg.eigvalsh", normal(*_a), options=EVERY if _a == (3, 3) else COMPLEX)
    row(complex_eigvals, apart(*_a), name="linalg.eigvals", target=numpy.linalg.eigvals, options=COMPLEX)
    row(complex_eig, apart(*_a), name="linalg.eig", target=numpy.linalg.eig, options=COMPLEX)
for _uplo in ("L", "U"):
    row("linalg.eigh", normal(3, 3), _uplo, options=FLOATS)
    row("linalg.eigvalsh", normal(2, 3, 3), _uplo, options=COMPLEX)
    row(eigenpairs, normal(3, 3), _uplo, name="eigh in phase", options={"values": INEXACT, "grad": ("complex128",)})
for _a in ((3, 4), (4, 3), (3, 3), (2, 2, 3), (1, 1), (0, 3), (3, 0), (2, 0, 0)):
    row("linalg.svd", normal(*_a), full_matrices=False, options=COMPLEX | {"grad": FLOATING})
    row("linalg.svd", normal(*_a), compute_uv=False, options=EVERY if _a == (3, 4) else COMPLEX)
    row("linalg.svdvals", normal(*_a), options=COMPLEX)
    row(singular_triples, normal(*_a), name="svd in phase", options={"values": INEXACT, "grad": ("complex128",)}) if 0 not in _a else None
row("linalg.svd", normal(3, 3), options=FLOATS)
row("linalg.svd", normal(2, 3, 4), options=VALUES_ONLY)
row("linalg.svd", normal(3, 3), hermitian=True, options=FLOATS)
row("linalg.svd", normal(2, 3, 3), compute_uv=False, hermitian=True, options=COMPLEX)
for _a in ((3, 4), (4, 3), (3, 3), (2, 4, 2), (1, 1), (0, 3), (3, 0)):
    row("linalg.qr", normal(*_a), options=EVERY if _a == (4, 3) else COMPLEX)
    row("linalg.qr", normal(*_a), "r", options=COMPLEX)
row("linalg.qr", normal(3, 4), mode="complete", options=COMPLEX)
row("linalg.qr", normal(4, 3), mode="complete", options=VALUES_ONLY)
row("linalg.qr", normal(2, 4, 3), mode="raw", options=VALUES_ONLY)

# -- what is made of spectra

for _ord in (2, -2, "nuc"):
    row("linalg.norm", distinct(2, 3), _ord, options=COMPLEX)
    row("linalg.norm", normal(2, 3, 4), _ord, axis=(2, 0), keepdims=True, options=COMPLEX)
    row("linalg.matrix_norm", normal(2, 3, 3), ord=_ord, options=COMPLEX)
for _ord in (2, "nuc"):
    row("linalg.norm", normal(0, 3), _ord, options=COMPLEX)
row("linalg.norm", given(numpy.eye(3, 2)), "nuc", name="nuclear norm with equal singular values", options=FLOATS)
for _p in (None, 2, -2, "fro", "nuc", 1, numpy.inf, -1, -numpy.inf):
    row("linalg.cond", distinct(3, 3), _p, options=COMPLEX | {"rtol": 1e-10, "grad_tol": 1e-5, "grad": ("float64", "complex128")})
row("linalg.cond", normal(2, 3, 4), options=COMPLEX)
row("linalg.cond", given(numpy.ones((2, 2, 2))), 1, name="cond of singular matrices", options={"values": FLOATING, "grad": ()})
row("linalg.cond", given(numpy.diag([1.0, 0.0])), name="cond of a singular matrix", options={"values": FLOATING, "grad": ()})
for _options in ({}, {"tol": 0.5}, {"rtol": 1e-3}, {"hermitian": True}):
    row("linalg.matrix_rank", given([[[2.0, 0.0], [0.0, 1e-20]], [[1.0, 1.0], [1.0, 1.2]]]), **_options, options=VALUES_ONLY)  # type: ignore[arg-type]
row("linalg.matrix_rank", normal(3), options={"values": FLOATING, "grad": ()})
row("linalg.matrix_rank", normal(2, 0, 3), options={"values": FLOATING, "grad": ()})

# -- scipy.linalg


def _scipy_row(name: str, *args: Any, options: dict[str, Any] | None = None, reference: Any = None, **kwargs: Any) -> None:
    original, ours = getattr(scipy.linalg, name), getattr(fgrad.scipy.linalg, name)
    chosen = {"spellings": ("fnp",), "reference": reference or (lambda *xs: original(*xs, **kwargs))}
    row(lambda np, *xs: ours(*xs, **kwargs), *args, name=f"scipy.{name}({kwargs})", options=COMPLEX | chosen | (options or {}))


for _lower in (False, True):
    for _trans in (0, 1, 2):
        _scipy_row("solve_triangular", matrix(3, 3), normal(3), trans=_trans, lower=_lower)
    _scipy_row("solve_triangular", matrix(3, 3), normal(3, 2), lower=_lower, unit_diagonal=True)
    _scipy_row("solve_triangular", matrix(2, 3, 3), normal(2, 3, 2), lower=_lower)
    row(
        lambda np, a, low: (np.tril if low else np.triu)(fgrad.scipy.linalg.cho_factor(a, low)[0]), spd(3, 3), _lower, name="scipy.cho_factor",
        options=FLOATS | {"reference": lambda a, low=_lower: numpy.linalg.cholesky(a, upper=not low)},
    )  # fmt: skip
    row(
        lambda np, c, b, low: fgrad.scipy.linalg.cho_solve((c, low), b), matrix(3, 3), normal(3), _lower, name="scipy.cho_solve",
        options=COMPLEX | {"spellings": ("fnp",), "reference": lambda c, b, low=_lower: scipy.linalg.cho_solve((c, low), b)},
    )  # fmt: skip
_scipy_row("solve_triangular", matrix(2, 13, 13), normal(2, 13, 1), lower=True, options={"grad": FLOATING})
row(
    lambda np, a, b: fgrad.scipy.linalg.cho_solve(fgrad.scipy.linalg.cho_factor(a), b), spd(2, 3, 3), normal(2, 3, 2),
    name="scipy.cho_solve of cho_factor", options=FLOATS | {"spellings": ("fnp",), "reference": numpy.linalg.solve,
    "grad": ("float64",)},
)  # fmt: skip
for _a in ((3, 3), (2, 2, 2), (1, 1), (0, 0)):
    _scipy_row("expm", normal(*_a), options={"rtol": 1e-11})
_scipy_row(
    "expm_frechet",
    normal(3, 3),
    normal(3, 3),
    options={"rtol": 1e-11, "values": ("float64", "complex128"), "grad": ("float64", "complex128")},
)
_scipy_row("expm_frechet", normal(2, 2), normal(2, 2), compute_expm=False, options={"rtol": 1e-11, "values": ("float64",)})
for _name in ("logm", "sqrtm"):
    for _a in ((3, 3), (2, 2, 2), (1, 1)):
        _scipy_row(_name, spd(*_a), options={"rtol": 1e-10, "values": ("float64", "complex128"), "grad": ("float64", "complex128")})
_sylvester = {"rtol": 1e-10, "values": ("float64", "complex128"), "grad": ("float64", "complex128")}
_scipy_row("solve_sylvester", matrix(3, 3), matrix(2, 2), normal(3, 2), options=_sylvester)
for _a in ((3, 3), (4, 3), (2, 4), (2, 3, 3)):
    for _options in ({}, {"permute_l": True}, {"p_indices": True}):
        _scipy_row("lu", normal(*_a), **_options, options={"values": ("float64",), "rtol": 1e-10, "grad": ("float64",)})
_scipy_row("block_diag", normal(2, 2), normal(3), normal(1, 2), options=FLOATS)
_scipy_row("toeplitz", normal(3), options=FLOATS)
_scipy_row("toeplitz", normal(3), normal(4), options=FLOATS)
_scipy_row("hankel", normal(3), normal(4), options=FLOATS)
_scipy_row("hankel", normal(3), options=FLOATS)
_scipy_row("circulant", normal(3), options=FLOATS)
assert fnp.linalg.solve is not numpy.linalg.solve
