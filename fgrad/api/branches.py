"""Branches on traced values: cond and switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.flat import flatten_args
from fgrad.api.loops import check_predicate, staged
from fgrad.control.cond import cond as cond_p
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.jaxpr import Jaxpr, Var
from fgrad.core.source import function_name
from fgrad.ops.elementwise import convert, maximum, minimum


def cond(pred: Any, true_fun: Callable, false_fun: Callable, *operands: Any) -> Any:
    """`true_fun(*operands)` if pred, else `false_fun(*operands)`; only the one that is taken runs.

    Under vmap with a predicate that differs between examples both run, and the results are selected; what the untaken branch would make
    of an example (NaN, infinity, an endless loop) does not reach its value or its gradient.

    Args:
        pred: a boolean scalar.
        true_fun, false_fun: functions of the operands whose results have the same structure and types.
        operands: pytrees.

    Returns:
        The result of the branch.

    Raises:
        DtypeError: pred is not a boolean scalar. TreeError, DtypeError, ShapeError: the branches return different types.

    Example:
        >>> import fgrad, numpy as np
        >>> f = lambda x: fgrad.cond(x > 0, lambda x: np.log(x), lambda x: 0.0 * x, x)
        >>> fgrad.vmap(fgrad.grad(f))(np.array([-1.0, 2.0]))
        array([0. , 0.5])
    """
    pred = tree.canonical_leaf(pred, "cond: the predicate")
    check_predicate("cond", "it is", [typeof(pred)])
    index = convert(pred, dtype=np.dtype(np.int64))
    return _choose("cond", index, (false_fun, true_fun), operands, ("false_fun", "true_fun"))


def switch(index: Any, branches: Sequence[Callable], *operands: Any) -> Any:
    """`branches[index](*operands)`, the index being clamped to those there are.

    Args:
        index: an integer scalar.
        branches: functions of the operands whose results have the same structure and types.
        operands: pytrees.

    Returns:
        The result of the branch.

    Raises:
        As cond.

    Example:
        >>> import fgrad
        >>> [float(fgrad.switch(i, [lambda x: x, lambda x: -x], 2.0)) for i in (0, 1, 7)]
        [2.0, -2.0, -2.0]
    """
    if not branches:
        raise ArgumentError("switch: there are no branches")
    index = tree.canonical_leaf(index, "switch: the index")
    if index.shape or index.dtype.kind not in "iu":
        raise DtypeError(f"switch: the index must be an integer scalar, and is {short(typeof(index))}")
    index = convert(index, dtype=np.dtype(np.int64))
    index = minimum(maximum(index, np.int64(0)), np.int64(len(branches) - 1))
    return _choose("switch", index, branches, operands, [f"branch {i}" for i in range(len(branches))])


def _choose(name: str, index: Any, funs: Sequence[Callable], operands: tuple, roles: Sequence[str]) -> Any:
    leaves, in_tree = flatten_args(operands, f"{name}: the operand")
    found = [staged(f, in_tree, [typeof(x) for x in leaves]) for f in funs]
    first, _, out_tree = found[0]
    said = [f"{role}: {function_name(f)}" for role, f in zip(roles, funs, strict=True)]
    for role, (jaxpr, _, other) in zip(said, found, strict=True):
        if other != out_tree:
            raise TreeError(
                f"{name}: the branches must return the same structure",
                f"{said[0]} returns {tree.show(out_tree)}",
                f"{role} returns {tree.show(other)}",
            )
        for path, a, b in zip(tree.paths(out_tree), first.out_avals, jaxpr.out_avals, strict=True):
            if a != b:
                kind = DtypeError if a.dtype != b.dtype else ShapeError
                raise kind(
                    f"{name}: the branches must return the same types, and their results{path} are {a!r} and {b!r}",
                    f"{said[0]} returns {a!r}, {role} returns {b!r}; convert one (0.0 for 0, .astype, reshape).",
                )
    consts, branches = _shared_consts([(jaxpr, values) for jaxpr, values, _ in found])
    return tree.unflatten(out_tree, cond_p(index, *consts, *leaves, branches=branches))


def _shared_consts(found: Sequence[tuple[Jaxpr, list]]) -> tuple[list, tuple[Jaxpr, ...]]:
    """Branches staged apart get one list of leading inputs: the union of what they close over."""
    values: list[Any] = []
    for _, consts in found:
        values += [c for c in consts if not any(c is v for v in values)]
    branches = []
    for jaxpr, consts in found:
        own = {id(c): v for c, v in zip(consts, jaxpr.invars[: len(consts)], strict=True)}
        lead = [own.get(id(v)) or Var(typeof(v)) for v in values]
        branches.append(Jaxpr((*lead, *jaxpr.invars[len(consts) :]), jaxpr.eqns, jaxpr.outvars))
    return values, tuple(branches)


__all__ = ["cond", "switch"]
