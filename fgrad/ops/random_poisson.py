"""Poisson counts: a primitive without a derivative.

Rates below 10 invert the distribution function, one number for each count. Above, Hörmann's transformed rejection ("The transformed rejection
method for generating Poisson random variables", 1993, algorithm PTRS), whose cost does not depend on the rate. Reads `random_threefry`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Primitive
from fgrad.ops.random_gamma import keys_ndim
from fgrad.ops.random_threefry import element_blocks, unit_interval, words_at
from fgrad.ops.shapes import materialize
from fgrad.ops.special import scipy_special

_INVERTED = 10.0  # rates below it
_LARGEST = float(2**63 - 1024)  # the largest float64 that an int64 holds


def _invert(u: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The smallest k whose distribution function is above u."""
    out = np.zeros_like(rate)
    left, k = np.arange(len(rate)), 0
    probability = np.exp(-rate)
    total = probability.copy()
    while len(left):
        # far in the tail the sum no longer grows, and may have stopped below u
        more = (total <= u[left]) & (probability > 1e-20)
        left, probability, total, k = left[more], probability[more], total[more], k + 1
        out[left] = k
        probability = probability * rate[left] / k
        total = total + probability
    return out


def _log_probability(k: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """log(rate^k e^-rate / k!) without the cancellation of its terms: Loader's form, by the deviance and Stirling's series."""
    delta = (k - rate) / rate
    with np.errstate(divide="ignore", invalid="ignore"):
        deviance = rate * ((1 + delta) * np.log1p(delta) - delta)
        stirling = 1 / (12 * k) - 1 / (360 * k**3) + 1 / (1260 * k**5)
        direct = k * np.log(rate) - rate - scipy_special("gammaln")(k + 1)
        return np.where(k < 16, direct, -deviance - stirling - 0.5 * np.log(2 * math.pi * k))


def _reject(k0: Any, k1: Any, positions: np.ndarray, rate: np.ndarray) -> np.ndarray:
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    scale = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2)
    out = np.empty_like(rate)
    left, stream = np.arange(len(rate)), 1
    while len(left):
        keys = (k0, k1) if isinstance(k0, int) else (k0[left], k1[left])
        u = unit_interval(*words_at(*keys, positions[left], stream)) - 0.5
        v = unit_interval(*words_at(*keys, positions[left], stream + 1))
        stream += 2
        m, al, bl = rate[left], a[left], b[left]
        us = 0.5 - np.abs(u)
        k = np.floor((2 * al / us + bl) * u + m + 0.43)
        possible = (k >= 0) & ~((us < 0.013) & (v > us))
        with np.errstate(invalid="ignore", divide="ignore"):
            below = np.log(v * scale[left] / (al / (us * us) + bl)) <= _log_probability(np.maximum(k, 0), m)
        accepted = ((us >= 0.07) & (v <= sure[left])) | (possible & below)
        out[left[accepted]] = k[accepted]
        left = left[~accepted]
    return out


def _random_poisson(key: Any, rate: Any) -> Any:
    rate = np.asarray(rate)
    keys = np.asarray(key).reshape(-1, 2)
    rates = rate.astype(np.float64).ravel()
    out = np.full(rates.shape, -1.0)  # where the rate is negative or not a number
    out[rates > _LARGEST] = _LARGEST
    small, large = (rates >= 0) & (rates < _INVERTED), (rates >= _INVERTED) & (rates <= _LARGEST)
    for where, k0, k1, positions in element_blocks(keys, math.prod(rate.shape[keys_ndim(key) :])):
        flat = out[where]
        for chosen in (small[where], large[where]):
            if chosen.any():
                k = (k0, k1) if isinstance(k0, int) else (k0[chosen], k1[chosen])
                at, m = positions[chosen], rates[where][chosen]
                flat[chosen] = _reject(*k, at, m) if m[0] >= _INVERTED else _invert(unit_interval(*words_at(*k, at, 0)), m)
    return np.minimum(out, _LARGEST).astype(np.int64).reshape(rate.shape)[()]


random_poisson = Primitive(
    "random_poisson",
    impl=_random_poisson,
    aval=lambda key, rate: ShapedArray(rate.shape, np.dtype(np.int64)),
    batch=lambda size, values, mapped: (
        random_poisson(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)]),
        True,
    ),
)
"""Counts (i64) of these rates (f[..., *s]), for each key (u32[..., 2]); -1 where there is no such distribution."""
