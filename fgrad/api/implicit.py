"""Implicit differentiation: derivatives of a solution without differentiating the solver.

The implicit function theorem: where f(x*(p), p) = 0, dx* = -(df/dx)^-1 (df/dp) dp. (Griewank & Walther, Evaluating Derivatives, 2nd ed., ch. 15.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, flatten_args
from fgrad.api.loops import while_loop
from fgrad.control.callback import callback
from fgrad.control.linear_solve import linear_solve
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.ops.elementwise import abs_, gt, lt, mul, neg, sub
from fgrad.ops.reductions import reduce_max
from fgrad.ops.shapes import concatenate, reshape, slice_, zeros
from fgrad.ops.stacks import accumulate
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.custom import custom_jvp_call
from fgrad.transforms.jaxprs import cut, jvp_jaxpr, linearize_jaxpr, present, spread, transpose_jaxpr


def _check_same(name: str, fun: Callable, treedef: tree.TreeDef, avals: list, out_tree: tree.TreeDef, outs: list, what: str) -> None:
    if out_tree != treedef:
        raise TreeError(
            f"{name}: {function_name(fun)} must return the structure of {what}, {tree.show(treedef)}, not {tree.show(out_tree)}"
        )
    for path, a, b in zip(tree.paths(treedef), avals, outs, strict=True):
        if a != b:
            kind = ShapeError if a.shape != b.shape else DtypeError
            raise kind(f"{name}: {function_name(fun)} must return the types of {what}: {what}{path} is {a!r}, and it returned {b!r}")


def _staged_solver(solve: Callable, matvec: Jaxpr, mc_avals: list, treedef: tree.TreeDef, b_avals: list) -> tuple[Jaxpr, list]:
    """The jaxpr of solve(matvec, b) over [matvec consts, what solve closes over, b], and the latter."""
    n = len(mc_avals)

    def flat(*args: Any) -> list:
        mc, b = cut(args, n)

        def apply(v: Any) -> Any:
            return tree.unflatten(
                treedef, eval_jaxpr(matvec, (), *mc, *tree.flatten_like(treedef, v, "custom_linear_solve: b and the argument of matvec"))
            )

        out = solve(apply, tree.unflatten(treedef, b))
        found = tree.flatten_like(treedef, out, "custom_linear_solve: b and the solution")
        return [tree.canonical_leaf(x, "custom_linear_solve: the solution") for x in found]

    jaxpr, consts = stage(flat, [*mc_avals, *b_avals], solve)
    found = jaxpr.out_avals
    if found != b_avals:
        raise ShapeError(f"custom_linear_solve: {function_name(solve)} returned {found} for a right-hand side of {b_avals}")
    lead, rest = cut(jaxpr.invars, len(consts))
    mc, b = cut(rest, n)
    return Jaxpr((*mc, *lead, *b), jaxpr.eqns, jaxpr.outvars), consts


def custom_linear_solve(matvec: Callable, b: Any, solve: Callable, transpose_solve: Callable | None = None, symmetric: bool = False) -> Any:
    """x with matvec(x) = b, found by `solve`, with the derivatives of a linear solve in b and in what matvec closes over.

    Args:
        matvec: a linear function of a pytree like b; it may close over traced values.
        b: the right-hand side, a pytree.
        solve: solve(matvec, b) -> x. It is not differentiated: it may be iterative, or a pure_callback.
        transpose_solve: transpose_solve(vecmat, ct) -> the solution of vecmat(x) = ct, where vecmat is the transpose of matvec; needed for reverse mode.
        symmetric: matvec is its own transpose, and `solve` serves for both.

    Returns:
        x, like b.

    Raises:
        TreeError, ShapeError, DtypeError: matvec or solve return something unlike b. UnsupportedError: reverse mode without transpose_solve.

    Example:
        >>> import fgrad, numpy as np
        >>> diagonal = lambda d, b: fgrad.custom_linear_solve(lambda x: d * x, b, lambda mv, b: b / d, symmetric=True)
        >>> fgrad.grad(lambda d: diagonal(d, np.ones(2)).sum())(np.array([1.0, 2.0]))
        array([-1.  , -0.25])
    """
    leaves, args_tree = flatten_args((b,), "custom_linear_solve: b")
    treedef = args_tree.children()[0]
    avals = [typeof(x) for x in leaves]
    flat = FlatFunction(matvec, args_tree)
    matvec_j, mc = stage(flat, avals, matvec)
    _check_same("custom_linear_solve", matvec, treedef, avals, flat.out_tree, matvec_j.out_avals, "b")
    mc_avals = [typeof(c) for c in mc]
    solve_j, sc = _staged_solver(solve, matvec_j, mc_avals, treedef, avals)
    transposed, tc = None, []
    if symmetric:
        transposed, tc = solve_j, sc
    elif transpose_solve is not None:
        vecmat, _ = transpose_jaxpr(matvec_j, [False] * len(mc) + [True] * len(avals), [True] * len(avals), force=True)
        transposed, tc = _staged_solver(transpose_solve, vecmat, mc_avals, treedef, avals)
    outs = linear_solve(
        *mc, *sc, *tc, *leaves, matvec=matvec_j, solve=solve_j, transpose_solve=transposed, sizes=(len(mc), len(sc), len(tc))
    )
    return tree.unflatten(treedef, outs)


def dense_solve(matvec: Callable, b: Any) -> Any:
    """Solves matvec(x) = b by writing matvec as a matrix: for systems of up to some thousand unknowns. Differentiable as custom_linear_solve is.

    Args:
        matvec: a linear function of a pytree like b.
        b: the right-hand side, a pytree of floating point arrays of one dtype.

    Returns:
        x, like b.

    Raises:
        numpy.linalg.LinAlgError: the matrix is singular.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.dense_solve(lambda x: 2.0 * x, np.array([2.0, 4.0]))
        array([1., 2.])
    """
    return custom_linear_solve(matvec, b, _by_matrix, _by_matrix)


def _by_matrix(matvec: Callable, b: Any) -> Any:
    leaves, treedef = tree.flatten(b)
    leaves = [tree.canonical_leaf(x, "dense_solve: b") for x in leaves]
    avals = [typeof(x) for x in leaves]
    if not avals:
        return b
    dtype = np.result_type(*[a.dtype for a in avals])
    n = sum(a.size for a in avals)

    def join(parts: Any) -> Any:
        flat = [reshape(p, shape=(typeof(p).size,)) for p in parts]
        return flat[0] if len(flat) == 1 else concatenate(*flat, axis=0)

    def split(x: Any) -> list:
        start, parts = 0, []
        for a in avals:
            parts.append(reshape(slice_(x, starts=(start,), limits=(start + a.size,), strides=(1,)), shape=a.shape))
            start += a.size
        return parts

    columns, _ = batch_flat(
        lambda e: [join(tree.flatten_like(treedef, matvec(tree.unflatten(treedef, split(e))), "dense_solve: b and matvec(x)"))],
        n,
        [np.eye(n, dtype=dtype)],
        [True],
        True,
    )
    (x,) = callback(columns[0], join(leaves), fun=_solve_rows, avals=(ShapedArray((n,), dtype),), whole_batches=True)
    return tree.unflatten(treedef, split(x))


def _solve_rows(columns: np.ndarray, b: np.ndarray) -> list:
    return [np.linalg.solve(np.swapaxes(columns, -1, -2), b[..., None])[..., 0]]


def custom_root(f: Callable, initial_guess: Any, solve: Callable, tangent_solve: Callable | None = None) -> Any:
    """x with f(x) = 0, found by `solve`, with derivatives by the implicit function theorem, in both modes and to any order.

    Args:
        f: a function of a pytree like initial_guess; what it closes over is what the root can be differentiated in.
        initial_guess: where the solver starts, a pytree.
        solve: solve(f, initial_guess) -> x. It is not differentiated: bisection, a while_loop, a SciPy solver in a pure_callback.
        tangent_solve: tangent_solve(g, y) -> the solution of g(x) = y for a linear g; by default `dense_solve`. It is used for the transpose of g too.

    Returns:
        x, like initial_guess.

    Raises:
        TreeError, ShapeError, DtypeError: f or solve return something unlike the guess.

    Example:
        >>> import fgrad
        >>> def square_root(a):
        ...     f = lambda x: x * x - a
        ...     newton = lambda f, x: fgrad.fori_loop(0, 20, lambda _, x: x - f(x) / (2.0 * x), x)
        ...     return fgrad.custom_root(f, 1.0, newton)
        >>> round(float(square_root(4.0)), 12), round(float(fgrad.grad(square_root)(4.0)), 12)
        (2.0, 0.25)
    """
    leaves, args_tree = flatten_args((initial_guess,), "custom_root: the guess")
    treedef = args_tree.children()[0]
    avals = [typeof(x) for x in leaves]
    flat = FlatFunction(f, args_tree)
    f_j, fc = stage(flat, avals, f)
    _check_same("custom_root", f, treedef, avals, flat.out_tree, f_j.out_avals, "the guess")
    flat_solve = FlatFunction(lambda guess: solve(f, guess), args_tree)
    solve_j, sc = stage(flat_solve, avals, solve)
    _check_same("custom_root", solve, treedef, avals, flat_solve.out_tree, solve_j.out_avals, "the guess")
    n_f, n_s = len(fc), len(sc)
    linear_solver = tangent_solve or _by_matrix

    def run(*operands: Any) -> list:
        _, s, guess = cut(operands, n_f, n_s)
        return eval_jaxpr(solve_j, (), *s, *guess)

    def rule(primals: Any, tangents: Any) -> tuple[list, list]:
        p, _, _ = cut(primals, n_f, n_s)
        t, _, _ = cut(tangents, n_f, n_s)
        x = custom_jvp_call(*primals, fun=run, rule=rule, consts=0)
        if all(v is None for v in t):
            return x, [None] * len(x)
        derived, out_active = jvp_jaxpr(f_j, [v is not None for v in t] + [False] * len(x))
        _, moved = cut(eval_jaxpr(derived, (), *p, *x, *present(t)), len(x))
        rhs = [zeros(aval=a) if m is None else neg(m) for m, a in zip(spread(moved, out_active), avals, strict=True)]
        lz = linearize_jaxpr(f_j, [False] * n_f + [True] * len(x), [True] * len(x))
        residuals = lz.residuals([*p, *x], eval_jaxpr(lz.primal, (), *p, *x))

        def matvec(v: Any) -> Any:
            return tree.unflatten(treedef, eval_jaxpr(lz.linear, (), *residuals, *tree.leaves(v)))

        found = custom_linear_solve(matvec, tree.unflatten(treedef, rhs), linear_solver, linear_solver)
        return x, tree.leaves(found)

    return tree.unflatten(treedef, custom_jvp_call(*fc, *sc, *leaves, fun=run, rule=rule, consts=0))


def custom_fixed_point(
    f: Callable,
    initial_guess: Any,
    solve: Callable | None = None,
    tangent_solve: Callable | None = None,
    tol: float = 1e-12,
    max_steps: int = 10_000,
) -> Any:
    """x with f(x) = x, with derivatives by the implicit function theorem.

    Args:
        f: a contraction of a pytree like initial_guess; what it closes over is what the solution can be differentiated in.
        initial_guess: where the iteration starts, a pytree.
        solve: solve(f, initial_guess) -> x; by default x = f(x) is repeated until no entry changes by more than tol, or max_steps times.
        tangent_solve: as in custom_root, for (1 - df/dx) x = y.
        tol, max_steps: for the default solver.

    Returns:
        x, like initial_guess.

    Example:
        >>> import fgrad, numpy as np
        >>> x = lambda a: fgrad.custom_fixed_point(lambda x: np.cos(a * x), 0.5)
        >>> round(float(x(1.0)), 10), round(float(fgrad.grad(x)(1.0)), 10)
        (0.7390851332, -0.2974743415)
    """
    if tol < 0 or max_steps < 0:
        raise ArgumentError(f"custom_fixed_point: tol and max_steps are not negative, but are {tol} and {max_steps}")

    def iterate(_: Callable, guess: Any) -> Any:
        def step(state: tuple) -> tuple:
            x, _, k = state
            new = f(x)
            changes = [_largest(abs_(sub(a, b))) for a, b in zip(tree.leaves(new), tree.leaves(x), strict=True)]
            change = changes[0]
            for c in changes[1:]:
                change = change + c
            return new, change, k + 1

        go_on = lambda state: (gt(state[1], np.float64(tol))) & (lt(state[2], np.int64(max_steps)))
        return while_loop(go_on, step, (guess, np.inf, 0))[0]

    def _largest(x: Any) -> Any:
        return reduce_max(x, axes=tuple(range(typeof(x).ndim))) if typeof(x).shape else x

    def residual(x: Any) -> Any:
        return tree.map(lambda a, b: accumulate(a, mul(b, typeof(b).dtype.type(-1))), f(x), x)

    return custom_root(residual, initial_guess, iterate if solve is None else lambda _, guess: solve(f, guess), tangent_solve)


__all__ = ["custom_fixed_point", "custom_linear_solve", "custom_root", "dense_solve"]
