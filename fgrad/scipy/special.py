"""scipy.special on traced values: logistic and error functions, gamma and Bessel functions, logsumexp and softmax.

On untraced values SciPy's own functions run. Its ufuncs take traced values themselves (`scipy.special.erf(x)`, through NumPy's protocol,
which looks in the same table); those that are written in Python (`logsumexp`, `softmax`, `polygamma`) do not, and are here.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.errors import ArgumentError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions
from fgrad.numpy.protocol import has_tracer, scipy_ufunc
from fgrad.numpy.reductions import logsumexp as logsumexp
from fgrad.numpy.shapes import as_array
from fgrad.ops import special, special_beta, special_elementary, special_elliptic, special_gamma  # noqa: F401 (they fill the table)
from fgrad.ops import special_integrals as integrals
from fgrad.ops.elementwise import lt, select, stop_gradient
from fgrad.ops.family import like
from fgrad.ops.promote import as_operand, cast, promote, result_dtype
from fgrad.ops.special import SPECIAL, scipy_special
from fgrad.ops.special_bessel import SPHERICAL
from fgrad.ops.ufuncs import UFUNCS


def _public(name: str) -> Callable[..., Any]:
    original = scipy_special(name)

    def function(*xs: Any, **kwargs: Any) -> Any:
        return scipy_ufunc(name)(*xs, **kwargs) if has_tracer(xs) else original(*xs, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"scipy.special.{name}, of traced values too."
    return function


def __getattr__(name: str) -> Any:
    if name not in SPECIAL:
        raise AttributeError(f"module 'fgrad.scipy.special' has no attribute {name!r}", name=name)
    globals()[name] = function = _public(name)
    return function


def _floating(name: str, *xs: Any, least: type = np.float64) -> list[Any]:
    """Operands of one shape and one floating point dtype, integers counting as float64.

    Most of SciPy's functions that are written in Python give float64 of float32 too: `least` is the least dtype.
    """
    operands = [as_operand(x) for x in xs]
    dtype = result_dtype(*operands)
    return promote(name, operands, (np.promote_types(dtype, np.float64 if dtype.kind in "biu" else least),) * len(operands))


def _order(name: str, n: Any) -> int:
    if isinstance(n, Tracer):
        raise ArgumentError(f"{name}: the order n must be an integer, not a traced value")
    order = operator.index(n)
    if order < 0:
        raise ArgumentError(f"{name}: the order must not be negative, and is {order}")
    return order


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of digamma, for an integer n: derivatives are with respect to x."""
    if not isinstance(x, Tracer):
        return scipy_special("polygamma")(n if not isinstance(n, Tracer) else _order("polygamma", n), x)
    order = _order("polygamma", n)
    (x,) = _floating("polygamma", x)
    return special.polygamma(x, n=order) if order else special.digamma(x)


def _spherical(name: str) -> Callable[..., Any]:
    prim, slope = SPHERICAL[name]

    def function(n: int, z: Any, derivative: bool = False) -> Any:
        if not has_tracer((n, z)):
            return scipy_special(name)(n, z, derivative)
        order, (z,) = _order(name, n), _floating(name, z, least=np.float32 if name == "spherical_kn" else np.float64)
        return slope(z, n=order) if derivative else prim(z, n=order)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"scipy.special.{name}, of a traced z too; the order n is an integer."
    return function


spherical_jn, spherical_yn, spherical_in, spherical_kn = map(_spherical, SPHERICAL)


def lambertw(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    """The branch k of Lambert's W, the inverse of w exp(w): complex, as SciPy's. (`tol` has no meaning for traced values.)"""
    if not has_tracer((z, k)):
        return scipy_special("lambertw")(z, k, tol)
    (z,) = _floating("lambertw", z)
    branch = operator.index(k)
    return integrals.lambertw(z if z.dtype.kind == "c" else cast(z, np.dtype(np.complex128)), k=branch)


def zeta(x: Any, q: Any = None) -> Any:
    """The zeta function of Riemann, or of Hurwitz (the sum over n of (n + q)^-x): derivatives by both."""
    if not has_tracer((x, q)):
        return scipy_special("zeta")(x, q)
    s, a = _floating("zeta", x, 1.0 if q is None else q, least=np.float32)
    return integrals.zeta(s, a, order=0)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension d."""
    if not has_tracer((a, d)):
        return scipy_special("multigammaln")(a, d)
    d, (a,) = operator.index(d), _floating("multigammaln", a)
    total = d * (d - 1) * 0.25 * math.log(math.pi)
    return sum((special.gammaln(a - 0.5 * j) for j in range(d)), start=a * 0.0 + total)


def factorial(n: Any, exact: bool = False, extend: str = "zero") -> Any:
    """n! = gamma(n + 1), 0 for a negative n."""
    if not has_tracer((n,)):
        return scipy_special("factorial")(n, exact=exact, extend=extend)
    if exact or extend != "zero":
        raise ArgumentError("factorial: of a traced value it is approximate (exact=False), and 0 for negative n (extend='zero')")
    (n,) = _floating("factorial", n)
    return select(lt(n, like(n, 0)), np.zeros(n.shape, n.dtype), special.gamma(n + 1))


def _shifted(x: Any, axis: Any) -> Any:
    """x less its largest entry, a constant to the derivative: softmax does not change with it."""
    top = stop_gradient(reductions.max(x, axis=axis, keepdims=True))
    return UFUNCS[np.subtract](x, top)


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) over an axis (all of them for None)."""
    if not has_tracer((x,)):
        return scipy_special("softmax")(x, axis)
    e = UFUNCS[np.exp](_shifted(as_array(x), axis))
    return UFUNCS[np.true_divide](e, reductions.sum(e, axis=axis, keepdims=True))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """The logarithm of softmax, without the overflow and underflow of its parts."""
    if not has_tracer((x,)):
        return scipy_special("log_softmax")(x, axis)
    shifted = _shifted(as_array(x), axis)
    total = reductions.sum(UFUNCS[np.exp](shifted), axis=axis, keepdims=True)
    return UFUNCS[np.subtract](shifted, UFUNCS[np.log](total))


def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    return UFUNCS[np.logaddexp](0.0, x)


_WRITTEN = [
    *SPHERICAL, "factorial", "lambertw", "log_softmax", "logsumexp", "multigammaln", "polygamma", "softmax", "softplus", "zeta",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted([*SPECIAL, *_WRITTEN])
