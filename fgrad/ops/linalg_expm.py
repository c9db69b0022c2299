"""The matrix exponential and its Fréchet derivative: primitives on stacks of matrices.

L(a, t), the derivative of exp at a in the direction t, is the upper right block of exp([[a, t], [0, a]]), so the derivative of L in a is L of
block matrices, and its transpose in t is L(a^T, .). Sources: A. H. Al-Mohy and N. J. Higham, "Computing the Fréchet derivative of the matrix
exponential" (2009), which SciPy implements; N. J. Higham, "Functions of Matrices" (2008), section 3.2. SciPy is loaded at the first use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import typeof
from fgrad.core.primitive import Rule
from fgrad.ops.linalg import mt, same_aval, stacked
from fgrad.ops.shapes import concatenate, slice_, zeros


def _expm(a: Any) -> np.ndarray:
    from scipy.linalg import expm

    return expm(a) if a.size else np.empty_like(a)


def _expm_frechet(a: Any, t: Any) -> np.ndarray:
    from scipy.linalg import expm_frechet

    out = np.empty(a.shape, a.dtype)
    if a.size:
        for i in np.ndindex(a.shape[:-2]):
            out[i] = expm_frechet(a[i], t[i], compute_expm=False, check_finite=False)
    return out


def _blocks(x: Any, y: Any, z: Any) -> Any:
    """[[x, y], [0, z]]."""
    rows = len(x.shape) - 2
    upper = concatenate(x, y, axis=rows + 1)
    lower = concatenate(zeros(aval=typeof(z)), z, axis=rows + 1)
    return concatenate(upper, lower, axis=rows)


def _upper_right(x: Any) -> Any:
    *lead, n, _ = x.shape
    return slice_(x, starts=(*[0] * len(lead), 0, n // 2), limits=(*lead, n // 2, n), strides=(1,) * len(x.shape))


def _frechet_matrix_partial(out: Any, a: Any, t: Any) -> Rule:
    block = _blocks(a, t, a)
    return lambda s: _upper_right(expm_frechet(block, _blocks(s, zeros(aval=typeof(s)), s)))


expm = stacked("expm", impl=_expm, aval=same_aval, partials=[lambda out, a: lambda t: expm_frechet(a, t)])
expm_frechet = stacked(
    "expm_frechet",
    impl=_expm_frechet,
    aval=same_aval,
    partials=[_frechet_matrix_partial, lambda out, a, t: lambda s: expm_frechet(a, s)],
    transposes=[None, lambda ct, a, t: expm_frechet(mt(a), ct)],
)
