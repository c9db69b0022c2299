"""The continuous adjoint: the gradient of a solution of dy/dt = f(t, y, p) by an equation that runs backward (Pontryagin; Hairer, Norsett and Wanner,
"Solving ODEs I", I.14).

With the cotangents of the states at each time added on the way, da/dt = -(df/dy)^T a, and the gradient by p is the integral of (df/dp)^T a. The state on
the way back is the solver's interpolant of a second run forward: to integrate it backward would be unstable for stiff problems.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.callbacks import pure_callback
from fgrad.api.custom import custom_vjp
from fgrad.api.derivatives import vjp
from fgrad.api.jacobians import jacobian
from fgrad.api.jit import jit
from fgrad.core.avals import ShapedArray, is_inexact, typeof
from fgrad.core.errors import ConvergenceError
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr

F64 = np.dtype(np.float64)
_IMPLICIT = ("Radau", "BDF", "LSODA")


def _solve(f: Any, slopes: Any, span: tuple, y: np.ndarray, times: Any, method: str, options: dict[str, Any], dense: bool = False) -> Any:
    extra = {"jac": slopes} if method in _IMPLICIT and slopes is not None else {}
    found = importlib.import_module("scipy.integrate").solve_ivp(f, span, y, method, times, dense, **extra, **options)
    if not found.success:
        raise ConvergenceError(f"solve_ivp: {method} stopped at t = {found.t[-1] if len(found.t) else span[0]}: {found.message}")
    return found.sol if dense else found.y.T


def continuous(jaxpr: Jaxpr, known: Sequence[Any], t0: Any, y0: Any, times: Any, method: str, options: dict[str, Any]) -> Any:
    """The states at `times`, [m, n], of the right-hand side that is this jaxpr over (*known, t, y)."""
    moving = [is_inexact(typeof(k).dtype) for k in known]
    n, m = y0.shape[0], times.shape[0]
    f = jit(lambda known, t, y: eval_jaxpr(jaxpr, (), *known, t, y)[0])
    slopes = jit(jacobian(lambda known, t, y: eval_jaxpr(jaxpr, (), *known, t, y)[0], argnums=2))

    def merged(floats: Sequence[Any], rest: Sequence[Any]) -> list:
        a, b = iter(floats), iter(rest)
        return [next(a) if is_moving else next(b) for is_moving in moving]

    @jit
    def backward(floats: list, rest: list, t: Any, y: Any, a: Any) -> tuple:
        _, pull = vjp(lambda floats, y: eval_jaxpr(jaxpr, (), *merged(floats, rest), t, y)[0], floats, y)
        by_floats, by_y = pull(a)
        return fnp.concatenate([-by_y, *[-fnp.ravel(g) for g in by_floats]])

    def host(floats: list, rest: list, t0: Any, y0: Any, times: Any) -> np.ndarray:
        fixed = merged(floats, rest)
        at = lambda t, y: f(fixed, np.float64(t), y)
        states = _solve(at, lambda t, y: slopes(fixed, np.float64(t), y), (float(t0), float(times[-1])), y0, times, method, options)
        return states if float(t0) != float(times[-1]) else np.broadcast_to(y0, (m, n)).copy()

    def host_back(floats: list, rest: list, t0: Any, y0: Any, times: Any, states: Any, ct: Any) -> tuple:
        sizes = [np.size(x) for x in floats]
        a, total = np.zeros(n), np.zeros(sum(sizes))
        ends = np.concatenate([[t0], times])
        by_time = np.zeros(m)
        fixed = merged(floats, rest)
        at = lambda t, y: f(fixed, np.float64(t), y)
        along = lambda t, y: slopes(fixed, np.float64(t), y)
        state: Any = None if ends[-1] == t0 else _solve(at, along, (float(t0), float(ends[-1])), y0, None, method, options, dense=True)
        right = lambda t, s: backward(floats, rest, np.float64(t), state(t), s[:n])
        for k in range(m, 0, -1):
            by_time[k - 1] = ct[k - 1] @ at(times[k - 1], states[k - 1])
            a = a + ct[k - 1]
            if ends[k] == ends[k - 1]:
                continue
            end = _solve(right, None, (float(ends[k]), float(ends[k - 1])), np.concatenate([a, total]), None, method, options)[-1]
            a, total = end[:n], end[n:]
        parts = np.split(total, np.cumsum(sizes)[:-1]) if sizes else []
        by_floats = [np.reshape(p, np.shape(x)).astype(x.dtype) for p, x in zip(parts, floats, strict=True)]
        return by_floats, np.float64(-a @ at(t0, y0)), a, by_time

    @custom_vjp
    def solution(floats: list, rest: list, t0: Any, y0: Any, times: Any) -> Any:
        return pure_callback(host, ShapedArray((m, n), F64), floats, rest, t0, y0, times)

    def forward(floats: list, rest: list, t0: Any, y0: Any, times: Any) -> tuple:
        states = solution(floats, rest, t0, y0, times)
        return states, (floats, rest, t0, y0, times, states)

    def reverse(residuals: tuple, ct: Any) -> tuple:
        floats = residuals[0]
        shapes = ([typeof(x) for x in floats], ShapedArray((), F64), ShapedArray((n,), F64), ShapedArray((m,), F64))
        by_floats, by_start, by_state, by_time = pure_callback(host_back, shapes, *residuals, ct)
        return by_floats, None, by_start, by_state, by_time

    solution.defvjp(forward, reverse)
    floats = [k for k, is_moving in zip(known, moving, strict=True) if is_moving]
    rest = [k for k, is_moving in zip(known, moving, strict=True) if not is_moving]
    return solution(floats, rest, fnp.asarray(t0) * 1.0, y0, times)
