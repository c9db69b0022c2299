"""`minimize`: SciPy's minimizers with the gradients, Hessians and constraint Jacobians that each of them asks for."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.callbacks import pure_callback
from fgrad.api.derivatives import grad, hvp, value_and_grad
from fgrad.api.implicit import custom_root
from fgrad.api.jacobians import hessian, jacobian
from fgrad.api.vector import F64, Vector
from fgrad.core import tree
from fgrad.core.avals import ShapedArray
from fgrad.core.errors import ArgumentError, ShapeError, UnsupportedError
from fgrad.core.source import function_name
from fgrad.optimize.problem import Program
from fgrad.optimize.progress import counted

_BY_VALUES = {"nelder-mead", "powell", "cobyla", "cobyqa"}
_WHOLE_HESSIAN = {"dogleg", "trust-exact"}
_HESSIAN_PRODUCTS = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}


def _scipy() -> Any:
    return importlib.import_module("scipy.optimize")


def minimize(
    fun: Callable, x0: Any, args: tuple = (), method: str | None = None, jac: Any = None, hess: Any = None, hessp: Any = None, bounds: Any = None,
    constraints: Any = (), tol: float | None = None, callback: Callable | None = None, options: dict[str, Any] | None = None, progress: bool = False,
) -> Any:  # fmt: skip
    """scipy.optimize.minimize of a function of a pytree, with derivatives found and compiled by fgrad.

    A method that takes gradients gets them; those that take Hessians get the matrix or its products with vectors, as suits them; constraints
    get their Jacobians. What the function closes over, and `args`, may be traced: the solution is then differentiable by them, by the implicit function
    theorem (at a bound, of the entries that are not held there).

    Args:
        fun: fun(x, *args) -> a real scalar; x is like x0.
        x0: where to start: an array or a pytree of arrays. Integers count as float64; the search is in float64.
        args: further arguments of fun and of its derivatives.
        method, tol, options: SciPy's.
        jac, hess, hessp: as SciPy's, functions of vectors, in place of those found here.
        bounds: SciPy's forms for the vector of all entries; or a pair (low, high) of pytrees like x0, with None for none.
        constraints: SciPy's forms; the function of a constraint takes x like x0, and its Jacobian and Hessian are found where they are not given.
        callback: called after each iteration with x like x0, or with the keyword `intermediate_result` as SciPy does it; StopIteration ends the search.
        progress: show a bar (tqdm) of the evaluations and the value.

    Returns:
        scipy.optimize.OptimizeResult, and in it `params`: the solution like x0. Under a transformation only x, params and fun.

    Raises:
        ShapeError: fun does not return a scalar. ArgumentError: bounds cross or have the wrong length. NanError: fun is NaN at x0, by which primitive.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.optimize import minimize
        >>> found = minimize(lambda p: (p["a"] - 1.0) ** 2 + np.sum((p["b"] - 2.0) ** 2), {"a": 0.0, "b": np.zeros(2)})
        >>> found.success, {k: v.round(6).tolist() for k, v in found.params.items()}
        (True, {'a': 1.0, 'b': [2.0, 2.0]})
        >>> fgrad.grad(lambda t: minimize(lambda x: (x - t**2) ** 2, 0.0).params)(3.0).round(6)
        np.float64(6.0)
    """
    vector = Vector("minimize", x0)
    program = Program("minimize", fun, vector, args if isinstance(args, tuple) else (args,))
    if program.aval.shape != () or program.aval.dtype.kind not in "fiub":
        raise ShapeError(
            f"minimize: {function_name(fun)} returned {program.aval!r}, and must return a real scalar",
            "Reduce it (.sum(), .mean()), or use fgrad.optimize.least_squares for a vector of residuals.",
        )
    limits = _bounds(vector, bounds)
    found = [_constraint(vector, c, method) for c in ([constraints] if _is_one(constraints) else constraints)]
    given = {"jac": jac, "hess": hess, "hessp": hessp}
    run = functools.partial(
        _run,
        program,
        limits=limits,
        constraints=found,
        method=method,
        tol=tol,
        callback=callback,
        options=options,
        progress=progress,
        given=given,
    )
    if not program.traced:
        result = run(program.known, np.asarray(vector.pack(x0)))
        result.params = vector.unpack(result.x)
        return result
    if found:
        raise UnsupportedError("minimize: a solution under constraints has no derivative here", "Put them into bounds, or into a penalty.")
    return _implicit(program, vector.pack(x0), limits, lambda known, x: run(known, x).x)


def _run(
    program: Program, known: Sequence[Any], x: np.ndarray, *, limits: Any, constraints: list, method: str | None, tol: Any, callback: Any, options: Any,
    progress: bool, given: dict[str, Any],
) -> Any:  # fmt: skip
    kind = method.lower() if isinstance(method, str) else ""
    vector = program.vector
    if kind in _BY_VALUES:
        fun, extra = program.compiled(lambda f: f, known), {}
    else:
        jac, extra = given["jac"], {k: v for k, v in given.items() if v is not None and k != "jac"}
        fun = program.compiled(lambda f: f if jac is not None else value_and_grad(f), known)
        extra["jac"] = True if jac is None else jac
        if not extra.keys() & {"hess", "hessp"}:
            if kind in _WHOLE_HESSIAN:
                extra["hess"] = program.compiled(hessian, known)
            elif kind in _HESSIAN_PRODUCTS:
                extra["hessp"] = program.compiled(lambda f: lambda x, v: hvp(f, (x,), (v,)), known)
    first = fun(x)
    program.check_start(known, x, first)
    value = lambda out: float(out[0] if isinstance(out, tuple) else out)
    with counted(fun, progress, f"minimize {method or ''}".strip(), value) as evaluated:
        return _scipy().minimize(
            evaluated,
            x,
            method=method,
            bounds=limits,
            constraints=constraints,
            tol=tol,
            options=options,
            callback=_callback(vector, callback),
            **extra,
        )


def _implicit(program: Program, start: Any, limits: Any, solve: Callable) -> Any:
    """The solution as a root of the gradient, or where there are bounds of the step along it that they cut off."""
    vector, known = program.vector, program.known
    shape = ShapedArray((vector.size,), F64)

    def optimality(x: Any) -> Any:
        slope = grad(program.of(known))(x)
        return slope if limits is None else x - fnp.clip(x - slope, limits.lb, limits.ub)

    x = custom_root(optimality, start, lambda _, guess: pure_callback(solve, shape, list(known), guess))
    return _scipy().OptimizeResult(x=x, params=vector.unpack(x), fun=program.of(known)(x))


def _callback(vector: Vector, callback: Callable | None) -> Callable | None:
    if callback is None:
        return None
    if list(inspect.signature(callback).parameters) == ["intermediate_result"]:

        def with_result(intermediate_result: Any) -> Any:
            intermediate_result.params = vector.unpack(intermediate_result.x)
            return callback(intermediate_result=intermediate_result)

        return with_result
    return lambda x, *state: callback(vector.unpack(x), *state)


# -- bounds and constraints


def _bounds(vector: Vector, bounds: Any) -> Any:
    """scipy.optimize.Bounds for the vector, or None."""
    if bounds is None:
        return None
    scipy = _scipy()
    if isinstance(bounds, scipy.Bounds):
        low, high, feasible = bounds.lb, bounds.ub, bounds.keep_feasible
    else:
        pair = tuple(bounds)
        feasible = False
        trees = len(pair) == 2 and all(b is None or _like(vector, b) for b in pair) and not vector.plain
        if trees:
            low, high = (
                np.full(vector.size, end) if b is None else np.asarray(vector.pack(b))
                for b, end in zip(pair, (-np.inf, np.inf), strict=True)
            )
        else:
            ends = [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in pair]
            if len(ends) != vector.size:
                raise ArgumentError(
                    f"minimize: there are {len(ends)} bounds, and x0 has {vector.size} entries",
                    "Give a pair (low, high) for each entry, or a pair of pytrees like x0.",
                )
            low, high = np.array(ends, np.float64).reshape(-1, 2).T
    low, high = (np.broadcast_to(np.asarray(b, np.float64), (vector.size,)) for b in (low, high))
    crossed = np.flatnonzero(low > high)
    if len(crossed):
        i = int(crossed[0])
        raise ArgumentError(f"minimize: the bounds of {vector.entry(i)} cross: {low[i]} > {high[i]}")
    return scipy.Bounds(low, high, feasible)


def _like(vector: Vector, b: Any) -> bool:
    leaves, treedef = tree.flatten(b)
    return treedef == vector.treedef and [np.shape(x) for x in leaves] == vector.shapes


def _is_one(constraints: Any) -> bool:
    return isinstance(constraints, dict) or hasattr(constraints, "lb")


def _constraint(vector: Vector, constraint: Any, method: str | None) -> Any:
    """The constraint with its derivatives, as a function of the vector."""
    scipy = _scipy()
    if isinstance(constraint, scipy.LinearConstraint):
        columns = np.atleast_2d(constraint.A.toarray() if hasattr(constraint.A, "toarray") else constraint.A).shape[-1]
        if columns != vector.size:
            raise ShapeError(f"minimize: a linear constraint has {columns} columns, and x0 has {vector.size} entries")
        return constraint
    if isinstance(constraint, dict):
        own = Program("minimize: a constraint", constraint["fun"], vector, tuple(constraint.get("args", ())))
        found = {"type": constraint["type"], "fun": own.compiled(lambda f: f, own.known)}
        found["jac"] = constraint.get("jac") or own.compiled(jacobian, own.known)
        return found
    own = Program("minimize: a constraint", constraint.fun, vector, ())
    size = max(1, int(np.prod(own.aval.shape)))
    for what in ("lb", "ub"):
        if np.size(getattr(constraint, what)) not in (1, size):
            raise ShapeError(
                f"minimize: {what} of a constraint has {np.size(getattr(constraint, what))} entries, and its function returns {own.aval!r}"
            )
    jac = constraint.jac if callable(constraint.jac) else own.compiled(jacobian, own.known)
    options = {"keep_feasible": constraint.keep_feasible}
    if method is not None and method.lower() == "trust-constr":  # the others take none, and warn
        weighted = lambda f: lambda x, v: hessian(lambda x: fnp.sum(fnp.ravel(f(x)) * v))(x)
        options["hess"] = constraint.hess if callable(constraint.hess) else own.compiled(weighted, own.known)
    return scipy.NonlinearConstraint(own.compiled(lambda f: f, own.known), constraint.lb, constraint.ub, jac=jac, **options)
