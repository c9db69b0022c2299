"""Gamma samples, differentiable by the shape parameter.

`random_loggamma` draws the logarithm of a gamma variate, which neither underflows for small shapes nor loses the ratios that beta and Dirichlet
variates are made of. It samples by rejection, yet what it gives is a function of the shape `a` for each key, defined by its distribution
function: raising `a` moves the sample along its quantile, with the slope that `special_gamma` has. Reads `random_threefry` and `special_gamma`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import scaled
from fgrad.ops.random_threefry import element_blocks, unit_interval, words_at
from fgrad.ops.shapes import materialize
from fgrad.ops.special import scipy_special
from fgrad.ops.special_gamma import loggamma_slope

# -- sampling: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000)


def _sample(k0: Any, k1: Any, positions: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Logarithms of gamma variates. The shapes are positive and finite; below 1 they are raised by 1, and lowered again by a power of u."""
    ndtri = scipy_special("ndtri")
    small = a < 1
    d = np.where(small, a + 1, a) - 1 / 3
    c = 1 / np.sqrt(9 * d)
    out = np.empty_like(a)
    left, stream = np.arange(len(a)), 1
    while len(left):
        keys = (k0, k1) if isinstance(k0, int) else (k0[left], k1[left])
        x = ndtri(unit_interval(*words_at(*keys, positions[left], stream)))
        log_u = np.log(unit_interval(*words_at(*keys, positions[left], stream + 1)))
        stream += 2
        dl = d[left]
        with np.errstate(invalid="ignore", divide="ignore"):  # v may be negative, and is then rejected
            v = 1 + c[left] * x
            v = v * v * v
            log_v = np.log(v)
            accepted = (v > 0) & (log_u < 0.5 * x * x + dl * (1 - v + log_v))
        out[left[accepted]] = (np.log(dl) + log_v)[accepted]
        left = left[~accepted]
    if small.any():
        u = unit_interval(*words_at(k0, k1, positions, 0))
        out[small] += np.log(u[small]) / a[small]
    return out


def _random_loggamma(key: Any, a: Any) -> Any:
    a = np.asarray(a)
    keys = np.asarray(key).reshape(-1, 2)
    shapes = a.astype(np.float64).ravel()
    out = np.where(shapes > 0, shapes, np.nan)  # inf for inf; NaN where there is no such distribution
    out[shapes == 0] = -np.inf
    regular = np.isfinite(out)
    for where, k0, k1, positions in element_blocks(keys, math.prod(a.shape[keys_ndim(key) :])):
        ok = regular[where]
        if not isinstance(k0, int):
            k0, k1 = k0[ok], k1[ok]
        flat = out[where]
        flat[ok] = _sample(k0, k1, positions[ok], flat[ok])
    return out.reshape(a.shape).astype(a.dtype)[()]


def keys_ndim(key: Any) -> int:
    """The number of axes that keys u32[..., 2] share with the parameters they are drawn with."""
    return len(typeof(key).shape) - 1


random_loggamma = Primitive(
    "random_loggamma",
    impl=_random_loggamma,
    aval=lambda key, a: ShapedArray(a.shape, a.dtype),
    partials=[None, scaled(lambda out, key, a: loggamma_slope(out, a, order=0))],
    batch=lambda size, values, mapped: (
        random_loggamma(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)]),
        True,
    ),
)
"""Logarithms of gamma variates of shape `a` (f[..., *s]), for each key (u32[..., 2])."""
