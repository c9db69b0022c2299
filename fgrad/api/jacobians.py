"""Whole Jacobians and Hessians. The function is linearized once; forward mode applies the linear program to every input direction,
reverse mode its transpose to every output direction, all directions at once under vmap. Where directions do not meet, they share a pass (`sparse/`)."""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, check_argnums, check_inputs, flatten_args, owned, user_path, with_argnums
from fgrad.api.modes import Plan, plan_jacobian
from fgrad.core import tree
from fgrad.core.avals import is_inexact, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError
from fgrad.core.source import function_name
from fgrad.ops.shapes import move_axis, reshape, slice_, zeros
from fgrad.transforms.autodiff import LinearProgram, linearize_flat
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import transpose_program


def jacfwd(fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False) -> Callable:
    """The Jacobian by forward mode: one pass for each input entry. Best where there are more outputs than inputs.

    Args:
        fun: a function of arrays or pytrees.
        argnums: the argument(s) to differentiate with respect to.
        has_aux: `fun` returns (output, aux); the new function returns (Jacobian, aux).
        holomorphic: promises that `fun` is holomorphic; inputs are complex.

    Returns:
        A function of the same arguments. For an output leaf f[*m] and an input leaf f[*n] the Jacobian's leaf is f[*m, *n]: the tree of the
        output, with at each leaf the tree of the argument (a tuple of them if argnums is a sequence).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.jacfwd(lambda x: np.stack([x[0] * x[1], x[0] ** 2]))(np.array([2.0, 3.0]))
        array([[3., 2.],
               [4., 0.]])
    """
    return _jacobian("jacfwd", fun, argnums, has_aux, holomorphic, "forward")


def jacrev(fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False) -> Callable:
    """The Jacobian by reverse mode: one pass for each output entry. Best where there are more inputs than outputs.

    Args, Returns: as `jacfwd`.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.jacrev(lambda x: np.stack([x[0] * x[1], x[0] ** 2]))(np.array([2.0, 3.0]))
        array([[3., 2.],
               [4., 0.]])
    """
    return _jacobian("jacrev", fun, argnums, has_aux, holomorphic, "reverse")


def jacobian(
    fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False, mode: str = "auto"
) -> Callable:
    """The Jacobian, by the mode that is expected to take the least time, or as a sparse matrix.

    Args:
        fun, argnums, has_aux, holomorphic: as `jacfwd`.
        mode: "forward"; "reverse"; "compressed": columns or rows that do not meet share a pass; "sparse": the same, as a sparse matrix; or "auto": the
            cheapest of the first three.

    Returns:
        As `jacfwd`: arrays, in every mode but "sparse". With that, an output leaf of m entries and an input leaf of n give a scipy.sparse.csr_array f[m, n], in
        the same trees; the function is staged, and its pattern and passes are kept for further arguments of such types (see docs/sparse.md).
        Its method `plan(*args)` says which mode it takes, and what each would cost.

    Raises:
        ArgumentError: there is no such mode.
        ConcretizationError: with mode="sparse", `fun` asks for the value of a floating point argument.
        ShapeError: with mode="sparse", so much can be different from zero that it does not fit in memory.
        UnsupportedError: with mode="sparse", it is called inside of another transformation.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.jacobian(np.sin)(np.zeros(2))
        array([[1., 0.],
               [0., 1.]])
        >>> fgrad.jacobian(lambda x: x[1:] * x[:-1], mode="sparse")(np.arange(1.0, 6.0)).nnz
        8
    """
    return _jacobian("jacobian", fun, argnums, has_aux, holomorphic, _checked_mode("jacobian", mode, ("forward", "reverse", "compressed")))


_ORDERS = {
    "forward": ("forward", "forward"),
    "reverse": ("reverse", "reverse"),
    "forward-over-reverse": ("forward", "reverse"),
    "compressed": ("compressed", "reverse"),
}
"""The modes of a Hessian: that of the Jacobian of the gradient, and that of the gradient."""


def hessian(
    fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False, mode: str = "auto"
) -> Callable:
    """The Hessian, as the Jacobian of the Jacobian, or as a sparse matrix.

    Args:
        fun: a function, usually of scalar output; with mode="sparse", of one scalar.
        argnums, has_aux, holomorphic: as `jacfwd`.
        mode: "forward-over-reverse"; "forward" or "reverse", each over itself; "compressed": columns that do not meet share a pass; "sparse": the same,
            as a sparse matrix; or "auto": by what each would cost.

    Returns:
        A function of the same arguments; for a scalar function of an array f[*n] it returns f[*n, *n], and with mode="sparse" a scipy.sparse.csr_array
        f[n, n] for n entries: one of each pair of argument leaves. Its method `plan(*args)` says which mode it takes.

    Raises:
        As `jacobian`.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
        array([[6., 4.],
               [4., 0.]])
        >>> fgrad.hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2), mode="sparse")(np.ones(5)).nnz
        12
    """
    mode = _checked_mode("hessian", mode, tuple(_ORDERS))
    if mode == "sparse":
        return _sparse("hessian", fun, argnums, has_aux, holomorphic, True)
    outer, inner = _ORDERS.get(mode, ("auto", "auto"))
    gradient = _jacobian("hessian", fun, argnums, has_aux, holomorphic, inner)
    hessian_of = _jacobian("hessian", gradient, argnums, has_aux, holomorphic, outer)
    over, names = hessian_of.plan, {order: name for name, order in _ORDERS.items()}  # type: ignore[attr-defined]

    def plan(*args: Any, **kwargs: Any) -> Plan:
        first = gradient.plan(*args, **kwargs).mode  # type: ignore[attr-defined]
        named = lambda mode: mode if mode == "compressed" else names.get((mode, first), f"{mode}-over-{first}")
        found = over(*args, **kwargs)
        costs = tuple(dataclasses.replace(c, mode=named(c.mode)) for c in found.costs)
        return Plan(named(found.mode), costs, found.coloring)

    hessian_of.plan = plan  # type: ignore[attr-defined]
    return hessian_of


def _checked_mode(name: str, mode: str, modes: Sequence[str]) -> str:
    if mode not in ("auto", "sparse", *modes):
        names = ", ".join(repr(m) for m in (*modes, "sparse"))
        raise ArgumentError(f"{name}: mode is {names} or 'auto', not {mode!r}")
    return mode


def _sparse(name: str, fun: Callable, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, second: bool) -> Callable:
    derivative = importlib.import_module("fgrad.sparse.api").Sparse(name, fun, argnums, has_aux, holomorphic, second)

    @functools.wraps(fun)
    def sparse_of(*args: Any, **kwargs: Any) -> Any:
        return derivative(*args, **kwargs)

    sparse_of.plan = derivative.plan  # type: ignore[attr-defined]
    return sparse_of


def _jacobian(name: str, fun: Callable, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, mode: str) -> Callable:
    if mode == "sparse":
        return _sparse(name, fun, argnums, has_aux, holomorphic, False)
    single = isinstance(argnums, int)

    def linearized(args: tuple, kwargs: dict[str, Any], planned: bool = False) -> tuple:
        numbers = check_argnums(name, fun, argnums, args)
        leaves, in_tree = flatten_args(tuple([args[i] for i in numbers]), f"{name}: argument", lambda p: user_path(p, numbers))
        check_inputs(name, leaves, in_tree, numbers, holomorphic)
        flat = FlatFunction(with_argnums(fun, numbers, args), in_tree, kwargs, has_aux)
        outs, program = linearize_flat(flat, leaves, [True] * len(leaves), fun)
        aux = flat.take_aux(outs) if has_aux else None
        program.outvars = program.outvars[: len(outs)]
        ins, outs = [typeof(x) for x in leaves], [typeof(o) for o in outs]
        plan = plan_jacobian(program, ins, outs, holomorphic, mode) if planned or mode not in ("forward", "reverse") else Plan(mode, ())
        _check_dtypes(name, fun, ins, outs, holomorphic, plan.mode == "forward")
        return flat, in_tree, program, ins, outs, aux, plan

    @functools.wraps(fun)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        flat, in_tree, program, ins, outs, aux, plan = linearized(args, kwargs)
        if plan.coloring is not None and plan.mode == "compressed":
            blocks = importlib.import_module("fgrad.sparse.compressed").dense_jacobian(program, ins, outs, plan.coloring)
        else:
            blocks = (_forward if plan.mode == "forward" else _reverse)(program, ins, outs)
        rows = []
        for row in blocks:
            found = tree.unflatten(in_tree, owned(row))
            rows.append(found[0] if single else found)
        result = tree.unflatten(flat.out_tree, rows)
        return (result, aux) if has_aux else result

    def plan(*args: Any, **kwargs: Any) -> Plan:
        return linearized(args, kwargs, True)[-1]

    jacobian_of.plan = plan  # type: ignore[attr-defined]
    return jacobian_of


def _entries(avals: Sequence[Any]) -> int:
    return sum(a.size for a in avals)


def _check_dtypes(name: str, fun: Callable, ins: list, outs: list, holomorphic: bool, forward: bool) -> None:
    if forward and not holomorphic and any(a.dtype.kind == "c" for a in ins):
        raise DtypeError(f"{name}: forward mode takes real inputs unless holomorphic=True, not {short(ins[0])}")
    for a in outs:
        if not is_inexact(a.dtype):
            raise DtypeError(f"{name}: {function_name(fun)} must return floating point arrays, and it returned {a!r}")
        if a.dtype.kind == "c" and not (holomorphic or forward):
            raise DtypeError(f"{name}: reverse mode takes real outputs unless holomorphic=True, not {a!r}")


def _basis(avals: Sequence[Any]) -> list[np.ndarray]:
    """The standard basis of these leaves together: for each leaf an array [entries of all, *shape]."""
    n, start, parts = _entries(avals), 0, []
    for a in avals:
        part = np.zeros((n, a.size), a.dtype)
        part[start : start + a.size][np.diag_indices(a.size)] = 1
        parts.append(part.reshape((n, *a.shape)))
        start += a.size
    return parts


def _split(x: Any, avals: Sequence[Any], axis: int) -> list:
    """Cuts axis `axis` of x (the entries of all leaves) into the leaves' shapes."""
    start, parts = 0, []
    for a in avals:
        starts = tuple(start if i == axis else 0 for i in range(x.ndim))
        limits = tuple(start + a.size if i == axis else n for i, n in enumerate(x.shape))
        part = slice_(x, starts=starts, limits=limits, strides=(1,) * x.ndim)
        parts.append(reshape(part, shape=(*x.shape[:axis], *a.shape, *x.shape[axis + 1 :])))
        start += a.size
    return parts


def _each(run: Callable[..., list], n: int, seeds: list[np.ndarray]) -> list:
    """The results for each of n seeds; a single one needs no batch."""
    if n != 1:
        return batch_flat(run, n, seeds, [True] * len(seeds), True)[0]
    return [reshape(x, shape=(1, *typeof(x).shape)) for x in run(*[s[0] for s in seeds])]


def _forward(program: LinearProgram, ins: list, outs: list) -> list[list]:
    n = _entries(ins)
    active = [v is not None for v in program.outvars]
    run = lambda *ts: [t for t in program(ts) if t is not None]
    columns = _each(run, n, _basis(ins))
    found = iter(columns)
    blocks = []
    for a, m in zip(outs, active, strict=True):
        column = move_axis(next(found), 0, a.ndim) if m else zeros(aval=type(a)((*a.shape, n), a.dtype))
        blocks.append(_split(column, ins, a.ndim))
    return blocks


def _reverse(program: LinearProgram, ins: list, outs: list) -> list[list]:
    n = _entries(outs)
    used: list[bool] = []

    def run(*cts: Any) -> list:
        grads = transpose_program(program, cts)
        used[:] = [g is not None for g in grads]
        return [g for g in grads if g is not None]

    rows = _each(run, n, _basis(outs))
    found = iter(rows)
    by_input = [_split(next(found) if m else zeros(aval=type(a)((n, *a.shape), a.dtype)), outs, 0) for a, m in zip(ins, used, strict=True)]
    return [list(row) for row in zip(*by_input, strict=True)] if outs and ins else [[] for _ in outs]


__all__ = ["hessian", "jacfwd", "jacobian", "jacrev"]
