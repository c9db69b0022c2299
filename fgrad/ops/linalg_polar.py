"""The nuclear norm, with the polar factor and the Lyapunov equation its derivatives are made of: primitives on stacks of matrices.

The sum of the singular values of a matrix of full rank is smooth, though single ones, where they are equal, are not. Its gradient is the conjugate of
the factor p of the polar decomposition a = p h, with p^H p = 1 and h Hermitian; and p and h obey equations of their own, in which no
singular vector stands. So the derivatives hold to every order. Source: N. J. Higham, "Functions of Matrices" (2008), chapter 8.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Rule
from fgrad.ops import linalg as la
from fgrad.ops.elementwise import add, neg, sub
from fgrad.ops.linalg import adjoint, mm
from fgrad.ops.linalg_solve import inv


def _lyapunov(h: Any, k: Any) -> np.ndarray:
    w, v = np.linalg.eigh(h)
    vh = la.np_adjoint(v)
    total = w[..., :, None] + w[..., None, :]
    total[total == 0] = np.nan
    return (v @ ((vh @ k @ v) / total) @ vh).astype(k.dtype, copy=False)


def _lyapunov_matrix_partial(x: Any, h: Any, k: Any) -> Rule:
    return lambda t: neg(lyapunov(h, add(mm(t, x), mm(x, t))))


lyapunov = la.stacked(
    "lyapunov",
    impl=la.decomposed("lyapunov", _lyapunov),
    aval=lambda h, k: ShapedArray(k.shape, k.dtype),
    partials=[_lyapunov_matrix_partial, lambda out, h, k: lambda t: lyapunov(h, t)],
    # with the pairing sum(a * b) the transpose of h . + . h is h^T . + . h^T
    transposes=[None, lambda ct, h, k: la.mt(lyapunov(h, la.mt(ct)))],
)
"""x with h x + x h = k, for a Hermitian positive definite h."""


def _polar(a: Any) -> np.ndarray:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return u @ vh


def _polar_partial(p: Any, a: Any) -> Rule:
    # of a = p h: p^H dp is skew and solves h x + x h = p^H da - da^H p; what p does not span is da h^-1
    ph = adjoint(p)
    h = mm(ph, a)
    over = inv(h, strict=False) if a.shape[-2] > a.shape[-1] else None

    def tangent(t: Any) -> Any:
        inside = mm(ph, t)
        turned = mm(p, lyapunov(h, sub(inside, adjoint(inside))))
        return turned if over is None else add(turned, mm(sub(t, mm(p, inside)), over))

    return tangent


polar = la.stacked("polar", impl=la.decomposed("polar", _polar), aval=la.same_aval, partials=[_polar_partial])
"""The p of a = p h, for a: [..., m, n] with m >= n and full rank."""


def _nuclear_partial(out: Any, a: Any) -> Rule:
    ph = adjoint(polar(a))
    return lambda t: la.real_part(la.trace_of_product(ph, t))


nuclear_norm = la.stacked(
    "nuclear_norm",
    impl=la.decomposed("norm", lambda a: np.linalg.svd(a, compute_uv=False).sum(-1)),
    aval=lambda a: ShapedArray(a.shape[:-2], la.real_dtype(a.dtype)),
    partials=[_nuclear_partial],
)
"""The sum of the singular values of a: [..., m, n] with m >= n."""
