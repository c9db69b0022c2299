"""scipy.integrate on traced values: sums of samples, integrals of functions, initial value problems.

On untraced values SciPy's own functions run. What takes a function finds out by staging it whether it closes over traced values.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.protocol import has_tracer
from fgrad.scipy.ode import odeint as odeint
from fgrad.scipy.ode import solve_ivp as solve_ivp
from fgrad.scipy.quadrature import quad as quad


def _scipy(name: str) -> Callable[..., Any]:
    return getattr(importlib.import_module("scipy.integrate"), name)


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral of samples along an axis by the trapezoidal rule, as numpy.trapezoid."""
    return fnp.trapezoid(y, x, dx, axis) if has_tracer((y, x, dx)) else _scipy("trapezoid")(y, x, dx, axis)


def _spacings(name: str, y: Any, x: Any, dx: Any) -> Any:
    """The steps between samples along the last axis."""
    n = y.shape[-1]
    if x is None:
        return dx * fnp.ones(n - 1)
    x = fnp.asarray(x)
    if x.shape[-1] != n:
        raise ShapeError(f"{name}: x: {short(x)} does not have the {n} entries that y: {short(y)} has along the axis")
    return fnp.diff(x, axis=-1)


def cumulative_trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1, initial: Any = None) -> Any:
    """The integrals of samples from the first up to each of the others, by the trapezoidal rule; `initial` (0) is put before them."""
    if not has_tracer((y, x, dx)):
        return _scipy("cumulative_trapezoid")(y, x, dx, axis, initial)
    y = fnp.asarray(y)
    x = x if x is None or fnp.asarray(x).ndim == 1 else fnp.moveaxis(x, axis, -1)
    y = fnp.moveaxis(y, axis, -1)
    out = fnp.cumsum(_spacings("cumulative_trapezoid", y, x, dx) * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    if initial is not None:
        out = fnp.concatenate([fnp.full_like(y[..., :1], initial), out], axis=-1)
    return fnp.moveaxis(out, -1, axis)


def simpson(y: Any, x: Any = None, *, dx: float = 1.0, axis: int = -1) -> Any:
    """The integral of samples along an axis by Simpson's rule, for steps of any length.

    Of an even number of samples the last step is integrated by the parabola through the last three (Cartwright, "Simpson's rule cumulative
    integration with MS Excel and irregularly-spaced data", 2017), as in SciPy.

    Args:
        y: samples, [..., n, ...].
        x: where they are, [n] or like y; else they are `dx` apart.
        axis: of y.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.integrate import simpson
        >>> fgrad.grad(lambda y: simpson(y, dx=0.5))(np.ones(3)).round(4)
        array([0.1667, 0.6667, 0.1667])
    """
    if not has_tracer((y, x, dx)):
        return _scipy("simpson")(y, x, dx=dx, axis=axis)
    y = fnp.asarray(y)
    x = x if x is None or fnp.asarray(x).ndim == 1 else fnp.moveaxis(x, axis, -1)
    y = fnp.moveaxis(y, axis, -1)
    n = y.shape[-1]
    if n == 0:
        raise ArgumentError(f"simpson: y: {short(y)} has no samples along the axis")
    h = _spacings("simpson", y, x, dx)
    if n == 1:
        return fnp.sum(y, axis=-1) * 0
    if n == 2:
        return h[..., 0] * (y[..., 0] + y[..., 1]) / 2
    pairs = n - 1 - (n % 2 == 0)
    h0, h1 = h[..., 0:pairs:2], h[..., 1:pairs:2]
    y0, y1, y2 = y[..., 0:pairs:2], y[..., 1:pairs:2], y[..., 2 : pairs + 1 : 2]
    total, ratio = h0 + h1, h0 / h1
    out = fnp.sum(total / 6 * (y0 * (2 - 1 / ratio) + y1 * total * total / (h0 * h1) + y2 * (2 - ratio)), axis=-1)
    if n % 2 == 0:
        before, last = h[..., -2], h[..., -1]
        a = (2 * last**2 + 3 * before * last) / (6 * (before + last))
        b = (last**2 + 3 * before * last) / (6 * before)
        c = last**3 / (6 * before * (before + last))
        out = out + a * y[..., -1] + b * y[..., -2] - c * y[..., -3]
    return out


__all__ = ["cumulative_trapezoid", "odeint", "quad", "simpson", "solve_ivp", "trapezoid"]
