"""The matrix exponential, logarithm and square root with their Fréchet derivatives, and Sylvester's equation: primitives on stacks of matrices.

L(a, t), the derivative of a function f at a in the direction t, is the upper right block of f([[a, t], [0, a]]), so the derivative of L in a is L of
block matrices, and its transpose in t is L(a^T, .). Sources: N. J. Higham, "Functions of Matrices" (2008), section 3.2; A. H. Al-Mohy and N. J. Higham,
"Computing the Fréchet derivative of the matrix exponential" (2009). The algorithms are SciPy's, which is loaded at the first use.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.elementwise import neg
from fgrad.ops.linalg import MatrixError, mm, mt, same_aval, stacked
from fgrad.ops.shapes import concatenate, slice_, zeros

Impl = Callable[..., np.ndarray]


def _scipy(name: str) -> Callable[..., Any]:
    return getattr(importlib.import_module("scipy.linalg"), name)


def _each(name: str, f: Impl) -> Impl:
    """f, a function of single matrices, on stacks of them. A real matrix has a real result, or none."""

    def impl(*xs: Any) -> np.ndarray:
        dtype = xs[-1].dtype
        out = np.empty(xs[-1].shape, dtype)
        for i in np.ndindex(xs[0].shape[:-2]) if out.size else ():
            value: Any = f(*(x[i] for x in xs))
            if dtype.kind != "c" and np.iscomplexobj(value) and np.abs(value.imag).max() > 1e3 * np.finfo(dtype).eps * np.abs(value).max():
                raise MatrixError(
                    f"{name}: the matrix{f' {list(i)}' if i else ''} has an eigenvalue on the negative real axis: its {name} is complex",
                    "Convert the matrix to complex numbers first.",
                )
            out[i] = value.real if dtype.kind != "c" else value
        return out

    return impl


def _blocks(x: Any, y: Any, z: Any) -> Any:
    """[[x, y], [0, z]]."""
    rows = len(x.shape) - 2
    upper = concatenate(x, y, axis=rows + 1)
    lower = concatenate(zeros(aval=typeof(z)), z, axis=rows + 1)
    return concatenate(upper, lower, axis=rows)


def _upper_right(x: Any) -> Any:
    *lead, n, _ = x.shape
    return slice_(x, starts=(*[0] * len(lead), 0, n // 2), limits=(*lead, n // 2, n), strides=(1,) * len(x.shape))


def _function(name: str, value: Impl, frechet: Impl) -> tuple[Primitive, Primitive]:
    """A function of matrices and its Fréchet derivative, from their impls."""

    def by_matrix(out: Any, a: Any, t: Any) -> Rule:
        block = _blocks(a, t, a)
        return lambda s: _upper_right(derivative(block, _blocks(s, zeros(aval=typeof(s)), s)))

    derivative = stacked(
        f"{name}_frechet",
        impl=frechet,
        aval=same_aval,
        partials=[by_matrix, lambda out, a, t: lambda s: derivative(a, s)],
        transposes=[None, lambda ct, a, t: derivative(mt(a), ct)],
    )
    return stacked(name, impl=value, aval=same_aval, partials=[lambda out, a: lambda t: derivative(a, t)]), derivative


def _expm(a: Any) -> np.ndarray:
    return _scipy("expm")(a) if a.size else np.empty_like(a)


def _expm_frechet(a: Any, t: Any) -> np.ndarray:
    return _scipy("expm_frechet")(a, t, compute_expm=False, check_finite=False)


def _by_blocks(f: Callable[[Any], Any]) -> Impl:
    """The derivative of a function of matrices as a block of its value."""
    return lambda a, t: _upper_right(f(np.block([[a, t], [np.zeros_like(a), a]])))


def _logm(a: Any) -> Any:
    return _scipy("logm")(a)


def _sqrtm(a: Any) -> Any:
    root = _scipy("sqrtm")(a)
    if not np.isfinite(root).all():
        raise MatrixError("sqrtm: the matrix is singular and has no square root that can be computed")
    return root


def _sqrtm_frechet(a: Any, t: Any) -> Any:
    root = _sqrtm(a)
    return _scipy("solve_sylvester")(root, root, t)


expm, expm_frechet = _function("expm", _expm, _each("expm_frechet", _expm_frechet))
logm, logm_frechet = _function("logm", _each("logm", _logm), _each("logm_frechet", _by_blocks(_logm)))
sqrtm, sqrtm_frechet = _function("sqrtm", _each("sqrtm", _sqrtm), _each("sqrtm_frechet", _sqrtm_frechet))


# -- a x + x b = q


def _solve_sylvester(a: Any, b: Any, q: Any) -> np.ndarray:
    out = np.empty(q.shape, q.dtype)
    for i in np.ndindex(q.shape[:-2]) if q.size else ():
        out[i] = _scipy("solve_sylvester")(a[i], b[i], q[i])
    return out


sylvester = stacked(
    "sylvester",
    impl=_solve_sylvester,
    aval=lambda a, b, q: ShapedArray(q.shape, q.dtype),
    partials=[
        lambda x, a, b, q: lambda t: neg(sylvester(a, b, mm(t, x))),
        lambda x, a, b, q: lambda t: neg(sylvester(a, b, mm(x, t))),
        lambda x, a, b, q: lambda t: sylvester(a, b, t),
    ],
    transposes=[None, None, lambda ct, a, b, q: sylvester(mt(a), mt(b), ct)],
)
"""x with a x + x b = q."""
