"""Initial value problems: SciPy's solvers on plain values, and two ways to differentiate a solution.

*Discrete*: the embedded Runge-Kutta pairs of SciPy (RK45, RK23), with its error control step for step, written as a loop that fgrad traces: it has
derivatives of every order in both modes, those of the steps that were taken, and is compiled by jit. The lengths of the steps count as constants. *Continuous*
(`ode_adjoint`): the solver is SciPy's, of any method, and the gradient solves the adjoint equation backward.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.custom import stop_gradient
from fgrad.api.jacobians import jacobian
from fgrad.api.jit import jit
from fgrad.api.loops import scan, while_loop
from fgrad.api.vector import F64, Vector
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, short
from fgrad.core.errors import ArgumentError, ConcretizationError, ShapeError
from fgrad.core.jaxpr import eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer
from fgrad.scipy.ode_adjoint import continuous

_DISCRETE = ("RK45", "RK23")
_EPS = float(np.finfo(np.float64).eps)
_SAFETY, _LEAST, _MOST = 0.9, 0.2, 10.0  # of the change of a step's length: Hairer, Norsett and Wanner, "Solving ODEs I", II.4


def _scipy() -> Any:
    return importlib.import_module("scipy.integrate")


def _detached(x: Any) -> Any:
    return stop_gradient(x) if isinstance(x, Tracer) else x


class Pair(NamedTuple):
    """An embedded pair, as SciPy has it: stages, weights, times, error weights, the polynomial between steps."""

    A: np.ndarray
    B: np.ndarray
    C: np.ndarray
    E: np.ndarray
    P: np.ndarray
    order: int


@functools.cache
def _pair(method: str) -> Pair:
    solver = getattr(_scipy(), method)
    return Pair(solver.A, solver.B, solver.C, solver.E, solver.P, solver.error_estimator_order)


def _rms(x: Any) -> Any:
    return fnp.sqrt(fnp.mean(x * x))


def _first_step(f: Callable, t: Any, y: Any, slope: Any, way: Any, span: Any, order: int, rtol: float, atol: Any, longest: float) -> Any:
    """Hairer, Norsett and Wanner, II.4, as SciPy has it."""
    scale = atol + fnp.abs(y) * rtol
    d0, d1 = _rms(y / scale), _rms(slope / scale)
    h0 = fnp.minimum(fnp.where((d0 < 1e-5) | (d1 < 1e-5), 1e-6, 0.01 * d0 / fnp.where(d1 > 0, d1, 1.0)), span)
    d2 = _rms((f(t + h0 * way, y + h0 * way * slope) - slope) / scale) / h0
    steepest = fnp.maximum(d1, d2)
    h1 = fnp.where(steepest <= 1e-15, fnp.maximum(1e-6, h0 * 1e-3), (0.01 / fnp.where(steepest > 0, steepest, 1.0)) ** (1 / (order + 1)))
    return fnp.minimum(fnp.minimum(100 * h0, h1), fnp.minimum(span, longest))


def _stages(pair: Pair, f: Callable, t: Any, y: Any, slope: Any, h: Any) -> tuple[Any, Any]:
    """The state after a step, and the slopes of its stages: [stages + 1, n]."""
    slopes = [slope]
    for a, c in zip(pair.A[1:], pair.C[1:], strict=True):
        moved = sum((float(w) * k for w, k in zip(a, slopes, strict=False) if w), start=0.0 * slope)
        slopes.append(f(t + float(c) * h, y + h * moved))
    new = y + h * sum((float(w) * k for w, k in zip(pair.B, slopes, strict=True) if w), start=0.0 * slope)
    return new, fnp.stack([*slopes, f(t + h, new)])


def discrete(
    f: Callable, t0: Any, y0: Any, times: Any, method: str, rtol: float, atol: Any, first_step: Any, longest: float
) -> tuple[Any, Any]:
    """The states at `times`, [len(times), n], which go from t0 in one direction, and whether the step became too short on the way."""
    pair = _pair(method)
    end = _detached(times[-1])
    way = fnp.sign(end - _detached(t0))
    slope = f(t0, y0)
    start, start_y, start_slope = _detached(t0), _detached(y0), _detached(slope)
    if first_step is None:
        first_step = _first_step(f, start, start_y, start_slope, way, fnp.abs(end - start), pair.order, rtol, atol, longest)
    bend = fnp.zeros((y0.shape[0], pair.P.shape[1]))
    # before, its time, the step since; now: time, state, slope; the next length, whether the last try failed, whether none succeeds
    state = (y0, t0 * 1.0, fnp.ones(()), bend, t0 * 1.0, y0, slope, _detached(first_step) * 1.0, np.False_, np.False_)

    def attempt(state: tuple) -> tuple:
        before, t_before, h_before, bend, t, y, slope, length, failed, hopeless = state
        now = _detached(t)
        least = fnp.maximum(10 * _EPS * fnp.abs(now), 1e-300)
        length = fnp.minimum(fnp.maximum(length, least), longest)
        h = fnp.where(way * (now + way * length - end) > 0, end - now, way * length)
        new, slopes = _stages(pair, f, t, y, slope, h)
        error = _detached(slopes).T @ pair.E * h / (atol + fnp.maximum(fnp.abs(_detached(y)), fnp.abs(_detached(new))) * rtol)
        error = _rms(error)
        error = fnp.where(fnp.isfinite(error), error, 1e10)
        accepted = error < 1
        grown = fnp.where(error == 0, _MOST, fnp.minimum(_MOST, _SAFETY * fnp.where(error > 0, error, 1.0) ** (-1 / (pair.order + 1))))
        grown = fnp.where(failed, fnp.minimum(1.0, grown), grown)
        shrunk = fnp.maximum(_LEAST, _SAFETY * fnp.where(error > 0, error, 1.0) ** (-1 / (pair.order + 1)))
        pick = lambda a, b: fnp.where(accepted, a, b)
        length = fnp.abs(h) * pick(grown, shrunk)
        return (
            pick(y, before), pick(t, t_before), pick(h, h_before), pick(slopes.T @ pair.P, bend), pick(t + h, t), pick(new, y), pick(slopes[-1], slope),
            length, ~accepted, hopeless | (~accepted & (fnp.abs(h) * shrunk < least)),
        )  # fmt: skip

    def reach(state: tuple, target: Any) -> tuple[tuple, Any]:
        state = while_loop(lambda s: (way * (_detached(s[4]) - _detached(target)) < 0) & ~s[9], attempt, state)
        before, t_before, h_before, bend = state[:4]
        x = (target - t_before) / h_before
        powers = fnp.cumprod(fnp.stack([x] * bend.shape[1]))
        return state, before + h_before * (bend @ powers)

    last, states = scan(reach, state, times)
    return states, last[9]


# -- what users call


def solve_ivp(
    fun: Callable, t_span: Sequence[Any], y0: Any, method: str = "RK45", t_eval: Any = None, dense_output: bool = False, events: Any = None,
    vectorized: bool = False, args: tuple = (), adjoint: str = "auto", **options: Any,
) -> Any:  # fmt: skip
    """scipy.integrate.solve_ivp of a function of a pytree, with the Jacobian that implicit methods take; the solution is differentiable.

    Args:
        fun: fun(t, y, *args) -> dy/dt, like y. It may close over traced values.
        t_span: (first, last).
        y0: the state at the first time: a vector or a pytree of arrays.
        method, dense_output, events, vectorized, options: SciPy's (rtol, atol, first_step, max_step, ...).
        t_eval: the times, [m], at which the state is wanted; needed where something is traced.
        args: further arguments of fun.
        adjoint: how a traced solution is found and differentiated. "discrete": by the steps of RK45 or RK23, in both modes, of every order, compiled by
            jit. "continuous": by SciPy's solver of any method, with a gradient (reverse mode, first order) by the adjoint equation, solved backward with the
            same tolerances. "auto": discrete for the methods that have it.

    Returns:
        SciPy's result object: `t` [m], `y` [n, m] and more; in it `states`: y as the pytree of y0, each leaf with a first axis of m times.

    Raises:
        ShapeError: fun does not return the shapes of y. ArgumentError: no t_eval, or a keyword that a traced solution does not take.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.integrate import solve_ivp
        >>> last = lambda k: solve_ivp(lambda t, y: -k * y, (0.0, 1.0), np.ones(1), t_eval=[1.0], rtol=1e-8, atol=1e-10).y[0, -1]
        >>> fgrad.grad(last)(2.0).round(6)
        np.float64(-0.135335)
    """
    vector = Vector("solve_ivp", y0)
    args = args if isinstance(args, tuple) else (args,)

    def flat(t: Any, y: Any) -> Any:
        out = fun(t, vector.unpack(y), *args)
        return _checked_slope("solve_ivp", fun, vector, out)

    try:
        staged = stage(lambda t, y: [flat(t, y)], [ShapedArray((), F64), ShapedArray((vector.size,), F64)], fun)
    except ConcretizationError:
        staged = None
    start = vector.pack(y0)
    known = staged[1] if staged else []
    if not any(isinstance(x, Tracer) for x in (start, *t_span, t_eval, *tree.leaves(args), *known)):
        return _by_scipy(vector, flat, staged, t_span, np.asarray(start), method, t_eval, dense_output, events, vectorized, options)
    if staged is None or vectorized or events is not None or dense_output:
        raise ArgumentError(
            "solve_ivp: vectorized, events, dense_output and functions that ask for values are for solutions that do not depend on traced values"
        )
    if t_eval is None:
        raise ArgumentError("solve_ivp: a traced solution needs t_eval: how many steps there are depends on values", "Give the times.")
    kind = ("discrete" if method in _DISCRETE else "continuous") if adjoint == "auto" else adjoint
    if kind not in ("discrete", "continuous") or (kind == "discrete" and method not in _DISCRETE):
        raise ArgumentError(
            f"solve_ivp: adjoint={adjoint!r} with the method {method!r}", f"'discrete' is there for {_DISCRETE}, 'continuous' for all."
        )
    times = fnp.asarray(t_eval) * 1.0
    if kind == "continuous":
        states = continuous(staged[0], known, t_span[0], start, times, method, options)
    else:
        states = _by_steps(staged, t_span, start, times, method, options)
    return _scipy()._ivp.ivp.OdeResult(t=times, y=states.T, states=_unpacked(vector, states))


def _by_steps(staged: Any, t_span: Sequence[Any], start: Any, times: Any, method: str, options: dict[str, Any]) -> Any:
    jaxpr, known = staged
    settings = {"rtol": 1e-3, "atol": 1e-6, "first_step": None, "max_step": np.inf} | options
    if unknown := settings.keys() - {"rtol", "atol", "first_step", "max_step"}:
        raise ArgumentError(f"solve_ivp: {', '.join(sorted(unknown))}: not for a solution that depends on traced values")
    f = lambda t, y: eval_jaxpr(jaxpr, (), *known, t * 1.0, y)[0]
    first, last = (fnp.asarray(t) * 1.0 for t in t_span)
    whole = fnp.concatenate([times, last[None]])  # the steps are those of the whole span
    states, hopeless = discrete(
        f, first, start, whole, method, settings["rtol"], settings["atol"], settings["first_step"], settings["max_step"]
    )
    return fnp.where(hopeless, np.nan, states[:-1])


def odeint(
    func: Callable,
    y0: Any,
    t: Any,
    args: tuple = (),
    rtol: float | None = None,
    atol: float | None = None,
    tfirst: bool = False,
    adjoint: str = "discrete",
    **options: Any,
) -> Any:
    """The states of dy/dt = func(y, t, *args) at the times t, as scipy.integrate.odeint.

    On untraced values that is SciPy's LSODA, with the Jacobian of func; a traced solution is that of RK45 with the same tolerances, and differs from it
    within them (adjoint="continuous" has LSODA there too).

    Args:
        func: func(y, t, *args) -> dy/dt, like y; func(t, y, *args) with tfirst.
        y0: the state at t[0]: a vector or a pytree of arrays.
        t: the times, [m].
        args, rtol, atol (1.49e-8), options: SciPy's.
        adjoint: as for solve_ivp.

    Returns:
        The states, [m, n]; for a pytree, each leaf with a first axis of m.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.scipy.integrate import odeint
        >>> fgrad.grad(lambda k: odeint(lambda y, t: -k * y, np.ones(1), np.array([0.0, 1.0]))[-1, 0])(2.0).round(6)
        np.float64(-0.135335)
    """
    vector = Vector("odeint", y0)
    args = args if isinstance(args, tuple) else (args,)
    call = (lambda t, y: func(t, y, *args)) if tfirst else (lambda t, y: func(y, t, *args))
    flat = lambda t, y: _checked_slope("odeint", func, vector, call(t, vector.unpack(y)))
    try:
        staged = stage(lambda t, y: [flat(t, y)], [ShapedArray((), F64), ShapedArray((vector.size,), F64)], func)
    except ConcretizationError:
        staged = None
    start, times = vector.pack(y0), fnp.asarray(t) * 1.0
    if staged is None or not any(isinstance(x, Tracer) for x in (start, times, *staged[1])):
        f, slopes = _compiled(flat, staged)
        given = {k: v for k, v in {"rtol": rtol, "atol": atol}.items() if v is not None}
        states = _scipy().odeint(f, np.asarray(start), np.asarray(times), Dfun=slopes, tfirst=True, **given, **options)
        return states if options.get("full_output") else _unpacked(vector, states)
    if options:
        raise ArgumentError(f"odeint: {', '.join(options)}: not for a solution that depends on traced values")
    settings = {"rtol": 1.49e-8 if rtol is None else rtol, "atol": 1.49e-8 if atol is None else atol}
    if adjoint == "continuous":
        return _unpacked(vector, continuous(staged[0], staged[1], times[0], start, times, "LSODA", settings))
    return _unpacked(vector, _by_steps(staged, (times[0], times[-1]), start, times, "RK45", settings))


def _checked_slope(name: str, fun: Callable, vector: Vector, out: Any) -> Any:
    leaves, treedef = tree.flatten(out)
    if len(leaves) == 1 and treedef.num_nodes == 1 and len(vector.shapes) == 1 and np.shape(leaves[0]) == vector.shapes[0]:
        return fnp.astype(fnp.reshape(fnp.asarray(leaves[0]), (-1,)), F64)
    if isinstance(out, (list, tuple)) and vector.plain:  # [dy0, dy1, ...], as SciPy takes it
        out = fnp.stack([fnp.asarray(x) for x in out])
    elif vector.plain or treedef != vector.treedef:
        raise ShapeError(f"{name}: {function_name(fun)} returned {short(out)}, and must return the derivative of the state, like y0")
    found = vector.pack(out)
    if found.shape != (vector.size,):
        raise ShapeError(f"{name}: {function_name(fun)} returned {found.shape[0]} entries for a state of {vector.size}")
    return found


def _compiled(flat: Callable, staged: Any) -> tuple[Callable, Callable | None]:
    """The right-hand side and its Jacobian as functions of plain values."""
    if staged is None:
        return flat, None
    jaxpr, known = staged
    f = lambda known, t, y: eval_jaxpr(jaxpr, (), *known, t, y)[0]
    value, slopes = jit(f), jit(jacobian(f, argnums=2))
    return lambda t, y: value(known, np.float64(t), y), lambda t, y: slopes(known, np.float64(t), y)


def _unpacked(vector: Vector, states: Any) -> Any:
    """Rows of entries as the pytree, each leaf with a first axis of times."""
    if vector.plain:
        return states
    starts = [0, *vector.stops]
    parts = zip(vector.shapes, starts, vector.stops, strict=False)
    return tree.unflatten(vector.treedef, [fnp.reshape(states[:, i:j], (states.shape[0], *shape)) for shape, i, j in parts])


def _by_scipy(
    vector: Vector,
    flat: Callable,
    staged: Any,
    t_span: Any,
    start: np.ndarray,
    method: str,
    t_eval: Any,
    dense_output: bool,
    events: Any,
    vectorized: bool,
    options: dict,
) -> Any:
    f, slopes = _compiled(flat, staged)
    if slopes is not None and method in ("Radau", "BDF", "LSODA"):
        options = {"jac": slopes} | options
    result = _scipy().solve_ivp(f, t_span, start, method, t_eval, dense_output, events, vectorized, **options)
    if not vectorized:
        result.states = _unpacked(vector, result.y.T)
    return result
