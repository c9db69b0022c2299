"""Distributions made of gamma variates: gamma, chi-square, Student's t, beta, Dirichlet.

They are differentiable by their shape parameters through `random_loggamma`, whose derivative is implicit (`ops/random_gamma.py` has the
source). A beta or Dirichlet variate is a ratio of gamma variates, taken in logarithms: shapes far below 1 leave it finite.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.errors import ShapeError
from fgrad.numpy import reductions
from fgrad.ops.elementwise import stop_gradient
from fgrad.ops.getitem import getitem
from fgrad.ops.random_gamma import random_loggamma
from fgrad.ops.special import logistic
from fgrad.random.arguments import div, dtype_of, exp, fitted_shape, full, mul, parameter, shape_of, sqrt, sub
from fgrad.random.continuous import normal_from
from fgrad.random.key_array import KeyArray, use
from fgrad.random.keys import split_words


def _pair(words: Any) -> tuple[Any, Any]:
    both = split_words(words, (2,))
    return getitem(both, 0), getitem(both, 1)


def loggamma(key: KeyArray, a: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Logarithms of gamma variates: finite where the variate itself underflows.

    Args:
        key: a single key.
        a: f[...], the shape parameter, positive.
        shape: of the result, to which `a` broadcasts; None: that of `a`.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by `a`, to any order.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.loggamma(fgrad.random.key(0), 0.001, (3,)).round(3)
        array([ -872.096, -1531.339,   -35.472])
    """
    found = dtype_of("loggamma", dtype)
    a = parameter("loggamma", a, found)
    shape = fitted_shape("loggamma", shape, a)
    return random_loggamma(use("loggamma", key), full(a, shape))


def gamma(key: KeyArray, a: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Gamma variates of scale 1, of density x^(a - 1) e^-x / Gamma(a) for x > 0.

    Args:
        key: a single key.
        a: f[...], the shape parameter, positive.
        shape: of the result, to which `a` broadcasts; None: that of `a`.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, NaN where `a` is not positive. It is differentiable by `a`: a sample moves along its quantile
        (Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", 2018).

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> key = fgrad.random.key(0)
        >>> fgrad.random.gamma(key, 2.0, (3,)).round(6)
        array([1.218576, 1.86422 , 1.927171])
        >>> mean = lambda a: np.mean(fgrad.random.gamma(key, a, (10000,)))
        >>> fgrad.grad(mean)(2.0).round(2)
        np.float64(1.0)
    """
    found = dtype_of("gamma", dtype)
    a = parameter("gamma", a, found)
    shape = fitted_shape("gamma", shape, a)
    return exp(random_loggamma(use("gamma", key), full(a, shape)))


def chisquare(key: KeyArray, df: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Chi-square variates: the sum of df squares of standard normal numbers.

    Args:
        key: a single key.
        df: f[...], the degrees of freedom, positive.
        shape: of the result, to which df broadcasts; None: that of df.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by df.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.chisquare(fgrad.random.key(0), 3.0, (3,)).round(6)
        array([1.598417, 2.666333, 2.773404])
    """
    found = dtype_of("chisquare", dtype)
    df = parameter("chisquare", df, found)
    shape = fitted_shape("chisquare", shape, df)
    half = mul(full(df, shape), found.type(0.5))
    return mul(exp(random_loggamma(use("chisquare", key), half)), found.type(2))


def t(key: KeyArray, df: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Student's t: a normal number over the root of a chi-square variate's mean square.

    Args:
        key: a single key.
        df: f[...], the degrees of freedom, positive.
        shape: of the result, to which df broadcasts; None: that of df.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by df.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.t(fgrad.random.key(0), 5.0, (3,)).round(6)
        array([ 1.313987, -0.690245,  0.398402])
    """
    found = dtype_of("t", dtype)
    df = parameter("t", df, found)
    shape = fitted_shape("t", shape, df)
    for_normal, for_gamma = _pair(use("t", key))
    half = mul(full(df, shape), found.type(0.5))
    return mul(normal_from(for_normal, shape, found), sqrt(div(half, exp(random_loggamma(for_gamma, half)))))


def beta(key: KeyArray, a: Any, b: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Beta variates, of density proportional to x^(a - 1) (1 - x)^(b - 1) on [0, 1].

    Args:
        key: a single key.
        a, b: f[...], positive.
        shape: of the result, to which they broadcast; None: that of both together.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by a and b through the two gamma variates that it is made of.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.beta(fgrad.random.key(0), 2.0, 3.0, (3,)).round(6)
        array([0.293475, 0.61384 , 0.187286])
    """
    found = dtype_of("beta", dtype)
    a, b = (parameter("beta", x, found) for x in (a, b))
    shape = fitted_shape("beta", shape, a, b)
    for_a, for_b = _pair(use("beta", key))
    return logistic(sub(random_loggamma(for_a, full(a, shape)), random_loggamma(for_b, full(b, shape))))


def dirichlet(key: KeyArray, alpha: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Dirichlet variates: probabilities of density proportional to the product of x_i^(alpha_i - 1).

    Args:
        key: a single key.
        alpha: f[..., n], positive.
        shape: of the result without its last axis, to which alpha.shape[:-1] broadcasts; None: that itself.
        dtype: floating point.

    Returns:
        An array [*shape, n] of this dtype, whose last axis sums to 1, differentiable by alpha.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, a shape that does not fit, or alpha has no axis. DtypeError: another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.dirichlet(fgrad.random.key(0), np.array([1.0, 2.0, 3.0])).round(6)
        array([0.07605 , 0.354628, 0.569321])
    """
    found = dtype_of("dirichlet", dtype)
    alpha = parameter("dirichlet", alpha, found)
    if not alpha.shape:
        raise ShapeError(
            "dirichlet: alpha needs an axis, of the parameters of one variate", "Of two categories the first one's share is a beta variate."
        )
    result = fitted_shape("dirichlet", None if shape is None else (*shape_of("dirichlet", shape), alpha.shape[-1]), alpha)
    logs = random_loggamma(use("dirichlet", key), full(alpha, result))
    weights = exp(sub(logs, stop_gradient(reductions.max(logs, axis=-1, keepdims=True))))
    return div(weights, reductions.sum(weights, axis=-1, keepdims=True))


__all__ = ["beta", "chisquare", "dirichlet", "gamma", "loggamma", "t"]
