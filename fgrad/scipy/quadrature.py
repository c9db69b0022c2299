"""`quad`: SciPy's adaptive integrals, with the derivative of the rule that was used.

QUADPACK cuts the interval where the integrand asks for it, and sums a Gauss-Kronrod rule over the pieces. A traced integral finds the pieces with
SciPy, at the values of this moment, and differentiates the same sum, to every order, by the limits too, calling the integrand on all nodes at once
under vmap. The value is SciPy's own: where the integrand is infinite at an end it is extrapolated, and more accurate than the derivatives.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.callbacks import pure_callback
from fgrad.api.custom import stop_gradient
from fgrad.api.vmap import vmap
from fgrad.core.avals import ShapedArray
from fgrad.core.errors import ArgumentError, ConcretizationError, ShapeError
from fgrad.core.jaxpr import eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer

F64 = np.dtype(np.float64)

# -- Gauss-Kronrod rules on [-1, 1]: the positive nodes and their weights (QUADPACK's qk21 and qk15; Piessens et al., 1983)

_NODES_21 = (
    0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508, 0.865063366688984510732096688423493,
    0.780817726586416897063717578345042, 0.679409568299024406234327365114874, 0.562757134668604683339000099272694, 0.433395394129247190799265943165784,
    0.294392862701460198131126603103866, 0.148874338981631210884826001129720, 0.0,
)  # fmt: skip
_WEIGHTS_21 = (
    0.011694638867371874278064396062192, 0.032558162307964727478818972459390, 0.054755896574351996031381300244580, 0.075039674810919952767043140916190,
    0.093125454583697605535065465083366, 0.109387158802297641899210590325805, 0.123491976262065851077958109585166, 0.134709217311473325928054001771707,
    0.142775938577060080797094273138717, 0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
)  # fmt: skip
_NODES_15 = (
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691693013, 0.405845151377397166906606412076961, 0.207784955007898467600689403773245, 0.0,
)  # fmt: skip
_WEIGHTS_15 = (
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014, 0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
)  # fmt: skip


def _rule(nodes: tuple[float, ...], weights: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.array(nodes), np.array(weights)
    return np.concatenate([-x, x[-2::-1]]), np.concatenate([w, w[-2::-1]])


def _scipy() -> Any:
    return importlib.import_module("scipy.integrate")


def quad(
    func: Callable,
    a: Any,
    b: Any,
    args: tuple = (),
    full_output: int = 0,
    epsabs: float = 1.49e-8,
    epsrel: float = 1.49e-8,
    limit: int = 50,
    **options: Any,
) -> tuple:
    """The integral of func(x, *args) from a to b, and an estimate of its error, as scipy.integrate.quad.

    Args:
        func: a real function of a scalar; it may close over traced values.
        a, b: the limits, scalars; infinite ones have no derivative.
        args: further arguments of func.
        epsabs, epsrel, limit: the tolerances, and the largest number of pieces.
        full_output, options: SciPy's, for integrals that do not depend on traced values.

    Returns:
        (integral, error). The error has no derivative.

    Raises:
        ArgumentError: a keyword that a traced integral does not take (points, weight).

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.integrate import quad
        >>> fgrad.grad(lambda k: quad(lambda x: np.exp(-k * x), 0.0, np.inf)[0])(2.0).round(9)
        np.float64(-0.25)
    """
    args = args if isinstance(args, tuple) else (args,)
    try:
        jaxpr, known = stage(lambda x: [func(x, *args)], [ShapedArray((), F64)], func)
    except ConcretizationError:
        if any(isinstance(x, Tracer) for x in (a, b, *args)):
            raise
        return _scipy().quad(func, a, b, args, full_output, epsabs, epsrel, limit, **options)
    if jaxpr.out_avals[0].shape != ():
        raise ShapeError(f"quad: {function_name(func)} returned {jaxpr.out_avals[0]!r} of a scalar, and must return a scalar")
    if not any(isinstance(x, Tracer) for x in (a, b, *known)):
        return _scipy().quad(func, a, b, args, full_output, epsabs, epsrel, limit, **options)
    if options or full_output:
        raise ArgumentError(
            f"quad: {', '.join([*options, *['full_output'] * bool(full_output)])}: not for an integral that depends on traced values"
        )
    infinite = [not isinstance(x, Tracer) and math.isinf(x) for x in (a, b)]
    if all(infinite):  # QUADPACK folds the line at 0
        if a == b:
            return 0.0, 0.0
        (left, e0), (right, e1) = (quad(func, *ends, args, 0, epsabs / 2, epsrel, limit) for ends in ((a, 0.0), (0.0, b)))
        return left + right, e0 + e1
    if (infinite[0] and a > 0) or (infinite[1] and b < 0):  # from infinity down
        value, error = quad(func, b, a, args, 0, epsabs, epsrel, limit)
        return -value, error
    pieces, value, error = _pieces(jaxpr, known, a, b, infinite, (epsabs, epsrel, limit))
    nodes, weights = _rule(_NODES_15, _WEIGHTS_15) if any(infinite) else _rule(_NODES_21, _WEIGHTS_21)
    starts, stops = pieces[0], pieces[1]  # in the variable of the rule: from 0 to 1
    half, middle = (stops - starts) / 2, (stops + starts) / 2
    u = fnp.ravel(middle[:, None] + half[:, None] * nodes)
    weight = fnp.ravel(half[:, None] * weights)
    x, scale = _placed(u, a, b, infinite)
    values = vmap(lambda x: eval_jaxpr(jaxpr, (), *known, x)[0])(x)
    # pieces that were not needed have no length
    total = fnp.sum(fnp.where(weight != 0, weight * scale * values, 0.0))
    return total - stop_gradient(total) + value, error


def _placed(u: Any, a: Any, b: Any, infinite: list[bool]) -> tuple[Any, Any]:
    """x(u) on (0, 1) and dx/du: straight between finite limits, (1 - u) / u beyond them."""
    if not any(infinite):
        return a + (b - a) * u, b - a
    away, scale = (1 - u) / u, 1 / u**2
    return (a + away, scale) if infinite[1] else (b - away, scale)


def _pieces(jaxpr: Any, known: list, a: Any, b: Any, infinite: list[bool], settings: tuple) -> tuple[Any, Any, Any]:
    """The pieces that SciPy cuts [0, 1] into, two rows of `limit` numbers, its integral, and its estimate of the error."""
    epsabs, epsrel, limit = settings

    def host(known: list, a: Any, b: Any) -> tuple[np.ndarray, np.float64, np.float64]:
        f = lambda x: float(eval_jaxpr(jaxpr, (), *known, np.float64(x))[0])
        value, error, info, *_ = _scipy().quad(f, float(a), float(b), full_output=1, epsabs=epsabs, epsrel=epsrel, limit=limit)
        n = info["last"]
        low, high = info["alist"][:n], info["blist"][:n]
        if not any(infinite):
            low, high = np.sort([(v - a) / (b - a) if b != a else 0 * v for v in (low, high)], axis=0)
        return np.stack([np.pad(v, (0, limit - n), constant_values=0.5) for v in (low, high)]), np.float64(value), np.float64(error)

    frozen = [stop_gradient(k) if isinstance(k, Tracer) else k for k in known]
    limits = [stop_gradient(v) if isinstance(v, Tracer) else np.float64(v) for v in (a, b)]
    shapes = (ShapedArray((2, limit), F64), ShapedArray((), F64), ShapedArray((), F64))
    return pure_callback(host, shapes, frozen, *limits)
