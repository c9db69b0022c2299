"""scipy.special on traced values: logistic and error functions, gamma and Bessel functions, logsumexp and softmax.

On untraced values SciPy's own functions run. Its ufuncs take traced values themselves (`scipy.special.erf(x)`, through NumPy's protocol,
which looks in the same table); those that are written in Python (`logsumexp`, `softmax`, `polygamma`) do not, and are here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.errors import ArgumentError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions
from fgrad.numpy.protocol import has_tracer, scipy_ufunc
from fgrad.numpy.reductions import logsumexp
from fgrad.numpy.shapes import as_array
from fgrad.ops import special
from fgrad.ops.elementwise import stop_gradient
from fgrad.ops.promote import cast
from fgrad.ops.special import SPECIAL, scipy_special
from fgrad.ops.ufuncs import UFUNCS


def _public(name: str) -> Callable[..., Any]:
    original = scipy_special(name)

    def function(*xs: Any, **kwargs: Any) -> Any:
        return scipy_ufunc(name)(*xs, **kwargs) if has_tracer(xs) else original(*xs, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"scipy.special.{name}, of traced values too."
    return function


expit, logit, log_expit = _public("expit"), _public("logit"), _public("log_expit")
erf, erfc, erfcx, erfinv, erfcinv = _public("erf"), _public("erfc"), _public("erfcx"), _public("erfinv"), _public("erfcinv")
ndtr, ndtri, log_ndtr = _public("ndtr"), _public("ndtri"), _public("log_ndtr")
gammaln, gamma, digamma, psi, betaln = _public("gammaln"), _public("gamma"), _public("psi"), _public("psi"), _public("betaln")
i0, i1, i0e, i1e = _public("i0"), _public("i1"), _public("i0e"), _public("i1e")
xlogy, xlog1py, entr = _public("xlogy"), _public("xlog1py"), _public("entr")
exp1, expi = _public("exp1"), _public("expi")


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of digamma, for an integer n: derivatives are with respect to x."""
    if not isinstance(x, Tracer):
        if isinstance(n, Tracer):
            raise ArgumentError("polygamma: the order n must be an integer, not a traced value")
        return scipy_special("polygamma")(n, x)
    order = operator.index(n)
    if order < 0:
        raise ArgumentError(f"polygamma: the order must not be negative, and is {order}")
    x = cast(x, np.promote_types(x.dtype, np.float64))  # float64 of float32 too, as SciPy gives
    return special.polygamma(x, n=order) if order else special.digamma(x)


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


__all__ = [*(n for n in SPECIAL if n != "digamma"), "digamma", "log_softmax", "logsumexp", "polygamma", "softmax", "softplus"]
