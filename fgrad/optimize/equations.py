"""`root`, `least_squares` and `curve_fit`: SciPy's solvers of equations, with the Jacobian they ask for, dense or sparse."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.callbacks import pure_callback
from fgrad.api.derivatives import grad
from fgrad.api.implicit import custom_root
from fgrad.api.jacobians import jacobian
from fgrad.api.vector import F64, Vector
from fgrad.core.avals import ShapedArray
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.core.source import function_name
from fgrad.optimize.problem import Program
from fgrad.optimize.progress import counted


def _scipy() -> Any:
    return importlib.import_module("scipy.optimize")


def _norm(residuals: Any) -> float:
    return float(np.linalg.norm(residuals))


def _as_vector(f: Callable) -> Callable:
    return lambda x: fnp.astype(fnp.ravel(f(x)), F64)


def root(
    fun: Callable, x0: Any, args: tuple = (), method: str = "hybr", jac: Any = None, tol: float | None = None, callback: Callable | None = None,
    options: dict[str, Any] | None = None, progress: bool = False,
) -> Any:  # fmt: skip
    """scipy.optimize.root of a function of a pytree, with its Jacobian.

    Args:
        fun: fun(x, *args) -> an array of as many entries as x0 has.
        x0: where to start: an array or a pytree of arrays.
        args, method, tol, callback, options: SciPy's. The methods "hybr" and "lm" take the Jacobian.
        jac: as SciPy's, a function of vectors, in place of the one found here.
        progress: show a bar (tqdm) of the evaluations and the norm of fun.

    Returns:
        scipy.optimize.OptimizeResult, and in it `params`: the solution like x0, differentiable in what fun closes over. Under a transformation only these.

    Raises:
        ShapeError: fun has another number of entries. NanError: fun is NaN at x0, by which primitive.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.optimize import root
        >>> fgrad.grad(lambda a: root(lambda x: x**2 - a, 1.0).params)(4.0).round(9)
        np.float64(0.25)
    """
    vector = Vector("root", x0)
    program = Program("root", fun, vector, args if isinstance(args, tuple) else (args,))
    size = int(np.prod(program.aval.shape))
    if size != vector.size:
        raise ShapeError(
            f"root: {function_name(fun)} returned {program.aval!r} for an x0 of {vector.size} entries",
            "There must be as many equations as unknowns; fgrad.optimize.least_squares takes any number.",
        )

    def run(known: Sequence[Any], x: np.ndarray) -> Any:
        f = program.compiled(_as_vector, known)
        program.check_start(known, x, f(x))
        derivative = jac or (program.compiled(lambda g: jacobian(_as_vector(g)), known) if method in ("hybr", "lm") else None)
        with counted(f, progress, f"root {method}", _norm) as evaluated:
            return _scipy().root(evaluated, x, method=method, jac=derivative, tol=tol, callback=callback, options=options)

    if not program.traced:
        result = run(program.known, np.asarray(vector.pack(x0)))
        result.params = vector.unpack(result.x)
        return result
    return _implicit(program, vector.pack(x0), _as_vector(program.of(program.known)), run)


def _implicit(program: Program, start: Any, optimality: Callable, run: Callable) -> Any:
    shape = ShapedArray((program.vector.size,), F64)
    solve = lambda _, guess: pure_callback(lambda known, x: run(known, x).x, shape, list(program.known), guess)
    x = custom_root(optimality, start, solve)
    return _scipy().OptimizeResult(x=x, params=program.vector.unpack(x), fun=program.of(program.known)(x))


def least_squares(
    fun: Callable, x0: Any, args: tuple = (), jac: Any = "auto", bounds: Any = (-np.inf, np.inf), method: str = "trf", progress: bool = False, **options: Any
) -> Any:  # fmt: skip
    """scipy.optimize.least_squares of a function of a pytree, with its Jacobian.

    Args:
        fun: fun(x, *args) -> the residuals, an array.
        x0: where to start: an array or a pytree of arrays.
        args, bounds, method, options: SciPy's.
        jac: "auto": dense by the cheapest mode, and sparse where the residuals have at least 10 000 entries of which less than 1 in 20 can be different
            from zero; "dense"; "sparse"; or a function of vectors, as SciPy's.
        progress: show a bar (tqdm) of the evaluations and the norm of the residuals.

    Returns:
        scipy.optimize.OptimizeResult, and in it `params`: the solution like x0. What fun closes over may be traced; under a transformation only x,
        params and fun are there, and the derivative is that of the stationary point.

    Raises:
        NanError: fun is NaN at x0, by which primitive.

    Example:
        >>> import numpy as np
        >>> from fgrad.optimize import least_squares
        >>> t = np.linspace(0.0, 1.0, 20)
        >>> found = least_squares(lambda p: p["a"] * np.exp(-p["k"] * t) - 2.0 * np.exp(-3.0 * t), {"a": 1.0, "k": 1.0})
        >>> {k: float(v.round(6)) for k, v in found.params.items()}
        {'a': 2.0, 'k': 3.0}
    """
    vector = Vector("least_squares", x0)
    program = Program("least_squares", fun, vector, args if isinstance(args, tuple) else (args,))
    if not callable(jac) and jac not in ("auto", "dense", "sparse"):
        raise ArgumentError(f"least_squares: jac is 'auto', 'dense', 'sparse' or a function, not {jac!r}")

    def run(known: Sequence[Any], x: np.ndarray) -> Any:
        f = program.compiled(_as_vector, known)
        program.check_start(known, x, f(x))
        with counted(f, progress, f"least_squares {method}", _norm) as evaluated:
            return _scipy().least_squares(
                evaluated, x, jac=_jacobian(program, known, x, jac, method), bounds=bounds, method=method, **options
            )

    if not program.traced:
        result = run(program.known, np.asarray(vector.pack(x0)))
        result.params = vector.unpack(result.x)
        return result
    residuals = _as_vector(program.of(program.known))
    return _implicit(program, vector.pack(x0), grad(lambda x: 0.5 * fnp.sum(residuals(x) ** 2)), run)


def _jacobian(program: Program, known: Sequence[Any], x: np.ndarray, jac: Any, method: str) -> Callable:
    if callable(jac):
        return jac
    entries = int(np.prod(program.aval.shape)) * program.vector.size
    sparse = jac == "sparse"
    if jac == "auto" and method != "lm" and entries >= 200_000:
        derivative = jacobian(_as_vector(program.of(known)), mode="sparse")
        found = derivative(x)
        sparse = found.nnz * 20 < entries
    if sparse:
        return jacobian(_as_vector(program.of(known)), mode="sparse")
    return program.compiled(lambda g: jacobian(_as_vector(g)), known)


def curve_fit(
    f: Callable, xdata: Any, ydata: Any, p0: Any = None, sigma: Any = None, absolute_sigma: bool = False, bounds: Any = (-np.inf, np.inf),
    method: str | None = None, jac: Any = None, **options: Any,
) -> Any:  # fmt: skip
    """scipy.optimize.curve_fit with the Jacobian of the model by its parameters.

    Args:
        f: the model, f(xdata, *parameters) -> an array like ydata.
        xdata, ydata, p0, sigma, absolute_sigma, bounds, method, options: SciPy's; p0 is ones for as many parameters as f names.
        jac: as SciPy's, in place of the one found here.

    Returns:
        (popt[n], pcov[n, n]): the parameters and their covariance; more with full_output=True.

    Example:
        >>> import numpy as np
        >>> from fgrad.optimize import curve_fit
        >>> x = np.linspace(0.0, 4.0, 50)
        >>> popt, pcov = curve_fit(lambda x, a, b: a * np.exp(-b * x), x, 2.5 * np.exp(-1.3 * x))
        >>> popt.round(6).tolist()
        [2.5, 1.3]
    """
    if p0 is None:
        named = [p for p in inspect.signature(f).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
        count = len(named) - 1
        if count < 1:
            raise ArgumentError(f"curve_fit: the number of parameters of {function_name(f)} is not known", "Give p0.")
        start = np.ones(count)
    else:
        start = np.atleast_1d(np.asarray(p0, np.float64))
    x = xdata if callable(xdata) else np.asarray(xdata)
    program = Program("curve_fit", lambda p: f(x, *p), Vector("curve_fit", start), ())
    if program.aval.shape != np.shape(ydata):
        raise ShapeError(f"curve_fit: the model gives {program.aval!r}, and ydata has the shape {np.shape(ydata)}")
    model = program.compiled(lambda g: g, program.known)
    slopes = program.compiled(jacobian, program.known)
    given = {"jac": jac or (lambda x, *p: slopes(np.asarray(p)))}
    return _scipy().curve_fit(
        lambda x, *p: model(np.asarray(p)), x, np.asarray(ydata), p0=start, sigma=sigma, absolute_sigma=absolute_sigma, bounds=bounds, method=method,
        **given, **options,
    )  # fmt: skip
