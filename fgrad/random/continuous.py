"""Continuous distributions that are a function of uniform numbers: normal, exponential, Laplace, logistic, Gumbel, Cauchy and others.

Each is in its standard form: a location and a scale are applied outside, `mean + scale * normal(key, shape)`, and are differentiated there.
The formulas are JAX's, so that the same key gives the same numbers to within rounding errors (but for Rayleigh numbers, and normal numbers truncated
to a tail, where those of JAX lose their digits); see `gammas.py` for what is drawn by rejection.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.ops import elementwise as e
from fgrad.ops.getitem import getitem
from fgrad.ops.random import random_uniform, truncated_normal_quantile
from fgrad.ops.special import erfinv
from fgrad.random.arguments import div, dtype_of, exp, fitted_shape, full, log, log1p, mul, neg, parameter, shape_of, sqrt, sub
from fgrad.random.key_array import KeyArray, use
from fgrad.random.keys import split_words
from fgrad.random.uniforms import uniform_between


def _between(words: Any, shape: tuple[int, ...], dtype: np.dtype, low: float, high: float) -> Any:
    return uniform_between(words, shape, dtype, dtype.type(low), dtype.type(high))


def normal_from(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """Standard normal numbers from the words of a key."""
    if dtype.kind == "c":
        real = np.dtype(f"f{dtype.itemsize // 2}")
        both = split_words(words, (2,))
        re, im = (normal_from(getitem(both, i), shape, real) for i in (0, 1))
        return div(e.complex_(re, im), dtype.type(math.sqrt(2)))
    one = dtype.type(1)
    u = uniform_between(words, shape, dtype, np.nextafter(-one, one), one)
    return mul(erfinv(u), dtype.type(math.sqrt(2)))


def normal(key: KeyArray, shape: Any = (), dtype: Any = np.float64) -> Any:
    """Standard normal numbers.

    Args:
        key: a single key.
        shape: of the result.
        dtype: floating point or complex; a complex number has independent parts of variance 1/2.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or no shape. DtypeError: another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> key = fgrad.random.key(0)
        >>> fgrad.random.normal(key, (3,)).round(6)
        array([-0.205842, -0.784766,  1.816087])
        >>> fgrad.grad(lambda scale: np.sum(scale * fgrad.random.normal(key, (3,))))(1.0).round(6)
        np.float64(0.825479)
    """
    found = dtype_of("normal", dtype, "fc")
    return normal_from(use("normal", key), shape_of("normal", shape), found)


def lognormal(key: KeyArray, sigma: Any = 1.0, shape: Any = None, dtype: Any = np.float64) -> Any:
    """The exponential of a normal number of standard deviation sigma.

    Args:
        key: a single key.
        sigma: f[...], the standard deviation of the logarithm.
        shape: of the result, to which sigma broadcasts; None: that of sigma.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by sigma.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.lognormal(fgrad.random.key(0), 0.5, (3,)).round(6)
        array([0.902198, 0.675445, 2.479466])
    """
    found = dtype_of("lognormal", dtype)
    sigma = parameter("lognormal", sigma, found)
    shape = fitted_shape("lognormal", shape, sigma)
    return exp(mul(normal_from(use("lognormal", key), shape, found), full(sigma, shape)))


# -- distributions without parameters, by their quantile functions


def _exponential(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    return neg(log1p(neg(random_uniform(words, shape=shape, dtype=dtype))))  # 1 - u is never 0


def _laplace(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    u = _between(words, shape, dtype, -1 + np.finfo(dtype).epsneg, 1)
    return mul(e.sign(u), log1p(neg(e.abs_(u))))


def _logistic(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    u = _between(words, shape, dtype, np.finfo(dtype).tiny, 1)
    return sub(log(u), log1p(neg(u)))


def gumbel_from(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """Standard Gumbel numbers from the words of a key."""
    return neg(log(neg(log(_between(words, shape, dtype, np.finfo(dtype).tiny, 1)))))


def _cauchy(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    u = _between(words, shape, dtype, np.finfo(dtype).eps, 1)
    return e.tan(mul(sub(u, dtype.type(0.5)), dtype.type(math.pi)))


def _standard(name: str, draw: Callable, what: str, density: str, example: str) -> Callable[..., Any]:
    def sample(key: KeyArray, shape: Any = (), dtype: Any = np.float64) -> Any:
        found = dtype_of(name, dtype)
        return draw(use(name, key), shape_of(name, shape), found)

    sample.__name__ = sample.__qualname__ = name
    sample.__doc__ = f"""{what}, of density {density}.

    Args:
        key: a single key.
        shape: of the result.
        dtype: floating point.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or no shape. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.{name}(fgrad.random.key(0), (3,)).round(6)
        array({example})
    """
    return sample


exponential = _standard("exponential", _exponential, "Exponential numbers of rate 1", "e^-x for x >= 0", "[0.542071, 0.243723, 3.361634]")
laplace = _standard("laplace", _laplace, "Standard Laplace numbers", "e^-|x| / 2", "[ 0.178034,  0.837963, -2.668487]")
logistic = _standard("logistic", _logistic, "Standard logistic numbers", "e^-x / (1 + e^-x)^2", "[-0.32911 , -1.287387,  3.32634 ]")
gumbel = _standard("gumbel", gumbel_from, "Standard Gumbel numbers", "e^-(x + e^-x)", "[ 0.137906, -0.425993,  3.344039]")
cauchy = _standard("cauchy", _cauchy, "Standard Cauchy numbers", "1 / (pi (1 + x^2))", "[-0.26193 , -1.237846,  9.142528]")

# -- powers of exponential numbers


def pareto(key: KeyArray, b: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Pareto numbers, of density b x^-(b + 1) for x >= 1.

    Args:
        key: a single key.
        b: f[...], positive: the exponent of the tail.
        shape: of the result, to which b broadcasts; None: that of b.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by b.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.pareto(fgrad.random.key(0), 3.0, (3,)).round(6)
        array([1.198044, 1.084632, 3.066524])
    """
    found = dtype_of("pareto", dtype)
    b = parameter("pareto", b, found)
    shape = fitted_shape("pareto", shape, b)
    return exp(div(_exponential(use("pareto", key), shape, found), full(b, shape)))


def weibull_min(key: KeyArray, scale: Any, concentration: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Weibull numbers, of density (c / s) (x / s)^(c - 1) e^-(x / s)^c for x >= 0, s being the scale and c the concentration.

    Args:
        key: a single key.
        scale, concentration: f[...], positive.
        shape: of the result, to which they broadcast; None: that of both together.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by scale and concentration.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.weibull_min(fgrad.random.key(0), 1.0, 2.0, (3,)).round(6)
        array([0.736254, 0.493683, 1.833476])
    """
    found = dtype_of("weibull_min", dtype)
    scale, concentration = (parameter("weibull_min", x, found) for x in (scale, concentration))
    shape = fitted_shape("weibull_min", shape, scale, concentration)
    power = div(found.type(1), full(concentration, shape))
    return mul(e.pow_(_exponential(use("weibull_min", key), shape, found), full(power, shape)), full(scale, shape))


def rayleigh(key: KeyArray, scale: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Rayleigh numbers, of density (x / s^2) e^-(x^2 / (2 s^2)) for x >= 0: the length of a vector of two normal numbers of deviation s.

    Args:
        key: a single key.
        scale: f[...], positive.
        shape: of the result, to which scale broadcasts; None: that of scale.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by scale.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.rayleigh(fgrad.random.key(0), 1.0, (3,)).round(6)
        array([1.041221, 0.698174, 2.592927])
    """
    found = dtype_of("rayleigh", dtype)
    scale = parameter("rayleigh", scale, found)
    shape = fitted_shape("rayleigh", shape, scale)
    return mul(sqrt(mul(_exponential(use("rayleigh", key), shape, found), found.type(2))), full(scale, shape))


# -- between bounds


def truncated_normal(key: KeyArray, lower: Any, upper: Any, shape: Any = None, dtype: Any = np.float64) -> Any:
    """Standard normal numbers between two bounds, which may be far in a tail.

    Args:
        key: a single key.
        lower, upper: f[...], which may be infinite.
        shape: of the result, to which the bounds broadcast; None: that of both together.
        dtype: floating point.

    Returns:
        An array of this shape and dtype, differentiable by the bounds: x is the quantile of a fixed u, and so
        dx/dlower = (1 - u) phi(lower) / phi(x) and dx/dupper = u phi(upper) / phi(x), phi being the normal density.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.truncated_normal(fgrad.random.key(0), 30.0, np.inf, (3,)).round(6)
        array([30.018044, 30.008114, 30.111723])
    """
    found = dtype_of("truncated_normal", dtype)
    lower, upper = (parameter("truncated_normal", x, found) for x in (lower, upper))
    shape = fitted_shape("truncated_normal", shape, lower, upper)
    u = random_uniform(use("truncated_normal", key), shape=shape, dtype=found)
    return truncated_normal_quantile(u, full(lower, shape), full(upper, shape))


__all__ = [
    "cauchy", "exponential", "gumbel", "laplace", "logistic", "lognormal", "normal", "pareto", "rayleigh", "truncated_normal", "weibull_min",
]  # fmt: skip
