"""Special functions: the logistic and error functions, gamma and its derivatives, Bessel functions, x log y, sinc.

Values are SciPy's. It is slow to import, so an impl loads it when it first runs: importing fgrad does not. Derivatives that do not
name a source are those of DLMF chapters 5 (gamma), 7 (error functions) and 10 (Bessel functions).
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, short, typeof
from fgrad.core.errors import UnsupportedError
from fgrad.core.primitive import Primitive
from fgrad.ops import elementwise as e
from fgrad.ops.elementwise import add, div, exp, log, log1p, mul, neg, reciprocal, scaled, select, square, sub
from fgrad.ops.family import elementwise, like

SQRT_PI = math.sqrt(math.pi)
SPECIAL: dict[str, Callable[..., Any]] = {}
"""What each ufunc of scipy.special, by name, is on operands of equal shape and dtype. The rooms special_*.py fill it; fgrad.scipy.special loads them all."""


@functools.cache
def _loaded(name: str) -> Callable[..., Any]:
    return getattr(importlib.import_module("scipy.special"), name)


def scipy_special(name: str) -> Callable[..., Any]:
    """The function of scipy.special of this name, imported when it is first called."""

    def call(*xs: Any, **kwargs: Any) -> Any:
        return _loaded(name)(*xs, **kwargs)

    call.__name__ = name
    return call


def ufunc(name: str, *coefficients: Callable[..., Any] | None) -> Primitive:
    """The primitive of a ufunc of scipy.special, entered in the table; its derivative by each operand is the tangent times a coefficient `(out, *operands)`."""
    prim = elementwise(name, scipy_special(name), partials=[None if c is None else scaled(c) for c in coefficients])
    SPECIAL[name] = prim
    return prim


def underived(name: str, parameter: str) -> Callable[..., Any]:
    """The coefficient of a parameter by which there is no derivative."""

    def coefficient(out: Any, *xs: Any, **params: Any) -> Any:
        raise UnsupportedError(
            f"{name}: there is no derivative by {parameter}, only by the other arguments",
            f"Pass {parameter} as a constant (fgrad.stop_gradient), or wrap {name} with fgrad.custom_jvp.",
        )

    return coefficient


# -- logistic: derivatives in terms of the result, which is exact in both tails

logistic = elementwise("logistic", scipy_special("expit"), partials=[scaled(lambda out, x: mul(out, logistic(neg(x))))])
logit = elementwise("logit", scipy_special("logit"), partials=[scaled(lambda out, x: reciprocal(mul(x, sub(like(x, 1), x))))])
log_expit = elementwise("log_expit", scipy_special("log_expit"), partials=[scaled(lambda out, x: logistic(neg(x)))])

# -- error functions and the normal distribution


def _gaussian(factor: float) -> Callable[..., Any]:
    return lambda out, x: mul(exp(neg(square(x))), like(x, factor))


def _normal_density(x: Any) -> Any:
    return mul(exp(mul(square(x), like(x, -0.5))), like(x, 1 / math.sqrt(2 * math.pi)))


erf = elementwise("erf", scipy_special("erf"), partials=[scaled(_gaussian(2 / SQRT_PI))])
erfc = elementwise("erfc", scipy_special("erfc"), partials=[scaled(_gaussian(-2 / SQRT_PI))])
erfcx = elementwise(
    "erfcx",
    scipy_special("erfcx"),
    partials=[scaled(lambda out, x: sub(mul(mul(like(x, 2), x), out), like(x, 2 / SQRT_PI)))],
)
erfinv = elementwise("erfinv", scipy_special("erfinv"), partials=[scaled(lambda out, x: mul(exp(square(out)), like(x, SQRT_PI / 2)))])
erfcinv = elementwise("erfcinv", scipy_special("erfcinv"), partials=[scaled(lambda out, x: mul(exp(square(out)), like(x, -SQRT_PI / 2)))])
ndtr = elementwise("ndtr", scipy_special("ndtr"), partials=[scaled(lambda out, x: _normal_density(x))])
ndtri = elementwise("ndtri", scipy_special("ndtri"), partials=[scaled(lambda out, x: reciprocal(_normal_density(out)))])
# the ratio of density and distribution, as an exponential of a difference: it does not underflow far in the left tail
log_ndtr = elementwise(
    "log_ndtr",
    scipy_special("log_ndtr"),
    partials=[scaled(lambda out, x: exp(sub(mul(square(x), like(x, -0.5)), add(out, like(x, 0.5 * math.log(2 * math.pi))))))],
)

# -- gamma and its logarithmic derivatives


def _polygamma(x: Any, *, n: int) -> Any:
    if x.dtype.kind == "c":
        raise UnsupportedError(f"polygamma: x: {short(x)} is complex, and SciPy computes it for real values only")
    return np.asarray(_loaded("polygamma")(n, x)).astype(x.dtype)[()]


gammaln = elementwise("gammaln", scipy_special("gammaln"), partials=[scaled(lambda out, x: digamma(x))])
gamma = elementwise("gamma", scipy_special("gamma"), partials=[scaled(lambda out, x: mul(out, digamma(x)))])
digamma = elementwise("digamma", scipy_special("digamma"), partials=[scaled(lambda out, x: polygamma(x, n=1))])
polygamma = elementwise(
    "polygamma",
    _polygamma,
    aval=lambda x, *, n: ShapedArray(typeof(x).shape, typeof(x).dtype),
    partials=[scaled(lambda out, x, *, n: polygamma(x, n=n + 1))],
)

betaln = elementwise(
    "betaln",
    scipy_special("betaln"),
    partials=[scaled(lambda out, a, b: sub(digamma(a), digamma(add(a, b)))), scaled(lambda out, a, b: sub(digamma(b), digamma(add(a, b))))],
)
exp1 = elementwise("exp1", scipy_special("exp1"), partials=[scaled(lambda out, x: neg(div(exp(neg(x)), x)))])
expi = elementwise("expi", scipy_special("expi"), partials=[scaled(lambda out, x: div(exp(x), x))])

# -- modified Bessel functions, and those scaled by exp(-|x|)


def _i1_over_x(value: Any, x: Any) -> Any:
    """I1(x) / x, which is 1/2 at 0."""
    flat = e.eq(x, like(x, 0))
    return select(flat, like(x, 0.5), div(value, select(flat, like(x, 1), x)))


i0 = elementwise("i0", scipy_special("i0"), partials=[scaled(lambda out, x: i1(x))])
i1 = elementwise("i1", scipy_special("i1"), partials=[scaled(lambda out, x: sub(i0(x), _i1_over_x(out, x)))])
i0e = elementwise("i0e", scipy_special("i0e"), partials=[scaled(lambda out, x: sub(i1e(x), mul(e.sign(x), out)))])
i1e = elementwise("i1e", scipy_special("i1e"), partials=[scaled(lambda out, x: sub(i0e(x), add(_i1_over_x(out, x), mul(e.sign(x), out))))])

# -- products with a logarithm, 0 where x is 0


def _ratio(x: Any, y: Any) -> Any:
    """x / y, and 0 where x is 0: y may be 0 there."""
    flat = e.and_(e.eq(x, like(x, 0)), e.eq(y, like(y, 0)))
    return div(x, select(flat, like(y, 1), y))


def _entropy_slope(out: Any, x: Any) -> Any:
    return neg(add(log(x), like(x, 1)))


xlogy = elementwise(
    "xlogy",
    scipy_special("xlogy"),
    partials=[scaled(lambda out, x, y: log(y)), scaled(lambda out, x, y: _ratio(x, y))],
)
xlog1py = elementwise(
    "xlog1py",
    scipy_special("xlog1py"),
    partials=[scaled(lambda out, x, y: log1p(y)), scaled(lambda out, x, y: _ratio(x, add(y, like(y, 1))))],
)
entr = elementwise("entr", scipy_special("entr"), partials=[scaled(_entropy_slope)])

# -- derivatives of sin(x) / x, of every order: smooth at 0


def _sinc_series(x: Any, order: int) -> Any:
    """The Taylor series at 0 of the derivative: sum of (-1)^k x^(2k-n) / ((2k+1) (2k-n)!)."""
    first = (order + 1) // 2
    total, terms = np.zeros_like(x), first + 16 + order
    for k in range(terms, first - 1, -1):
        total = total + (-1.0) ** k / ((2 * k + 1) * math.factorial(2 * k - order)) * x ** (2 * k - order)
    return total


def _sinc(x: Any, *, order: int) -> Any:
    x = np.asarray(x)
    near = np.abs(x) < order + 1 if order else x == 0
    far = np.where(near, x.dtype.type(1), x)
    out = np.sin(far) / far
    quarter_turns = (np.sin, np.cos, lambda v: -np.sin(v), lambda v: -np.cos(v))
    for k in range(1, order + 1):  # x f = sin x, differentiated k times
        out = (quarter_turns[k % 4](far) - k * out) / far
    if near.any():
        out = np.where(near, _sinc_series(np.where(near, x, x.dtype.type(0)), order) if order else x.dtype.type(1), out)
    return out.astype(x.dtype)[()]


sinc_derivative = elementwise(
    "sinc_derivative",
    _sinc,
    aval=lambda x, *, order: ShapedArray(typeof(x).shape, typeof(x).dtype),
    partials=[scaled(lambda out, x, *, order: sinc_derivative(x, order=order + 1))],
)

SPECIAL |= {
    "expit": logistic, "logit": logit, "log_expit": log_expit, "erf": erf, "erfc": erfc, "erfcx": erfcx, "erfinv": erfinv,
    "erfcinv": erfcinv, "ndtr": ndtr, "ndtri": ndtri, "log_ndtr": log_ndtr, "gammaln": gammaln, "gamma": gamma, "psi": digamma,
    "digamma": digamma, "i0": i0, "i1": i1, "i0e": i0e, "i1e": i1e, "xlogy": xlogy, "xlog1py": xlog1py, "entr": entr, "betaln": betaln,
    "exp1": exp1, "expi": expi,
}  # fmt: skip
