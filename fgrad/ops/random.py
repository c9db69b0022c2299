"""The primitives of random numbers: Threefry's words, random integers and numbers in [0, 1), and the quantile of a truncated normal.

A key is u32[..., 2]. What is drawn depends on the key and on the place in `shape` alone, so a batch of keys gives what a loop over them gives,
and none of it has a derivative. Distributions are made of these in `fgrad/random`; those that are sampled by rejection have primitives
in `random_gamma.py` and `random_poisson.py`. The generator itself is in `random_threefry.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import exp, mul, scaled, square, sub
from fgrad.ops.family import elementwise, like
from fgrad.ops.random_threefry import fill, hash_pairs
from fgrad.ops.shapes import materialize
from fgrad.ops.special import scipy_special


def _threefry_batch(size: int, values: Sequence[Any], mapped: Sequence[bool]) -> tuple[Any, bool]:
    return threefry2x32(*[materialize(size, x, m) for x, m in zip(values, mapped, strict=True)]), True


threefry2x32 = Primitive(
    "threefry2x32",
    impl=lambda key, counter: hash_pairs(np.asarray(key), np.asarray(counter)),
    aval=lambda key, counter: ShapedArray(counter.shape, counter.dtype),
    batch=_threefry_batch,
)
"""The words of a key and a counter, both u32[..., 2]."""


def _drawn(name: str) -> Primitive:
    """Entries drawn for each key: params `shape` (for one key) and `dtype`."""
    prim = Primitive(
        name,
        impl=lambda key, *, shape, dtype: fill(np.asarray(key), shape, dtype)[()],
        aval=lambda key, *, shape, dtype: ShapedArray(key.shape[:-1] + shape, dtype),
        batch=lambda size, values, mapped, **params: (prim(values[0], **params), True),
    )
    return prim


random_bits = _drawn("random_bits")
"""Unsigned integers of `dtype`, every bit random."""
random_uniform = _drawn("random_uniform")
"""Numbers of a floating point `dtype`, equally likely multiples of its spacing below 1, in [0, 1)."""

# -- the quantile of the normal distribution between two bounds


def _truncated_quantile(u: Any, low: Any, high: Any) -> Any:
    """The x with Phi(x) = Phi(low) + u (Phi(high) - Phi(low)).

    Where the interval is right of 0 it is reflected, since Phi is precise on the left; logarithms, since there Phi underflows.
    """
    u, low, high = (np.asarray(x, np.float64) for x in (u, low, high))
    right = low > 0
    a, b = np.where(right, -high, low), np.where(right, -low, high)
    share = np.where(right, 1 - u, u)
    log_ndtr, ndtri_exp = scipy_special("log_ndtr"), scipy_special("ndtri_exp")
    with np.errstate(divide="ignore"):  # the logarithm of a share of 0
        x = ndtri_exp(np.logaddexp(np.log1p(-share) + log_ndtr(a), np.log(share) + log_ndtr(b)))
    return np.clip(np.where(right, -x, x), low, high)


def _bound_slope(out: Any, share: Any, bound: Any) -> Any:
    # of the implicit derivative: share * density(bound) / density(x)
    return mul(share, exp(mul(sub(square(out), square(bound)), like(out, 0.5))))


def _truncated(u: Any, low: Any, high: Any) -> Any:
    return _truncated_quantile(u, low, high).astype(np.result_type(u, low, high))[()]


truncated_normal_quantile = elementwise(
    "truncated_normal_quantile",
    _truncated,
    partials=[
        None,  # u is a random number, which has no derivative
        scaled(lambda out, u, low, high: _bound_slope(out, sub(like(u, 1), u), low)),
        scaled(lambda out, u, low, high: _bound_slope(out, u, high)),
    ],
)
