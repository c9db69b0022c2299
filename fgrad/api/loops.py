"""Loops on traced values: scan, while_loop, fori_loop, map."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, flatten_args
from fgrad.control.checkpointed import checkpointed_scan, checkpointed_while
from fgrad.control.loops import hoisted
from fgrad.control.scan import scan as scan_p
from fgrad.control.while_loop import while_
from fgrad.core import tree
from fgrad.core.avals import PYTHON_SCALARS, ShapedArray, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer
from fgrad.ops.elementwise import add, convert, maximum, sub


def _check_function(fun: Any) -> None:
    if not callable(fun):
        raise ArgumentError(
            f"the body of a loop and a branch are functions, not {short(fun)}",
            "For a choice between values: fgrad.numpy.where(pred, x, y).",
        )


def staged(fun: Callable, in_tree: tree.TreeDef, avals: Sequence[Any]) -> tuple[Jaxpr, list, tree.TreeDef]:
    """The jaxpr of a body, what it closes over (its leading inputs), and the structure of its output."""
    _check_function(fun)
    flat = FlatFunction(fun, in_tree)
    jaxpr, consts = stage(flat, avals, fun)
    return jaxpr, consts, flat.out_tree


def _check_carry(
    name: str, fun: Callable, init: Any, in_tree: tree.TreeDef, avals: Sequence[Any], out_tree: tree.TreeDef, outs: Sequence[Any]
) -> None:
    """The carry that a body returns has the structure and the types of the one it takes."""
    if out_tree != in_tree:
        raise TreeError(
            f"{name}: {function_name(fun)} must return a carry of the structure it takes",
            f"takes   {tree.show(in_tree)}",
            f"returns {tree.show(out_tree)}",
        )
    given = tree.leaves(init)
    for path, start, a, b in zip(tree.paths(in_tree), given, avals, outs, strict=True):
        if a == b:
            continue
        where = f"the carry{path}" if path else "the carry"
        hint = "The body must return the type it takes: convert one of them."
        if a.dtype != b.dtype:
            if a.dtype.kind in "iub" and b.dtype.kind in "fc":
                value = f"{start!r}" if type(start) in PYTHON_SCALARS else "an integer"
                hint = (
                    f"It starts as {value}, an integer, and the body makes it a float: start it with {float(start)!r}."
                    if type(start) is int
                    else (f"It starts as {value} and the body makes it a float: start it as a float, with .astype(float).")
                )
            raise DtypeError(f"{name}: {where} is {a!r} before a step of {function_name(fun)} and {b!r} after it", hint)
        raise ShapeError(f"{name}: {where} is {a!r} before a step of {function_name(fun)} and {b!r} after it", hint)


_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def _states(name: str, checkpoint: Any, avals: Sequence[Any]) -> int | None:
    """How many states a loop may keep (0: the logarithm of its steps); None for a loop without checkpointing."""
    if checkpoint is None or checkpoint is False:
        return None
    if checkpoint is True:
        return 0
    if isinstance(checkpoint, int) and checkpoint >= 1:
        return checkpoint
    if isinstance(checkpoint, str):
        number = checkpoint.rstrip("bkmgiBKMGI ")
        unit = _UNITS.get(checkpoint[len(number) :].strip().lower())
        try:
            budget = float(number) * (unit or math.nan)
        except ValueError:
            budget = math.nan
        if budget >= 0:
            return max(int(budget // max(sum(a.size * a.dtype.itemsize for a in avals), 1)), 1)
    raise ArgumentError(
        f"{name}: checkpoint is True, a number of states to keep (at least 1), or bytes such as '64 MB', not {checkpoint!r}"
    )


def scan(
    f: Callable,
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
    checkpoint: int | str | bool | None = None,
) -> tuple[Any, Any]:
    """A loop with a carry over the leading axis of arrays: `carry, y = f(carry, x)` for each x; the ys are stacked.

    Args:
        f: the body, (carry, x) -> (carry, y). The carry keeps its structure, shapes and dtypes.
        init: the first carry, a pytree (Python numbers and None too).
        xs: a pytree of arrays with a common first axis of n entries, or None (then x is None).
        length: n; needed where xs is None.
        reverse: goes from the last x to the first; ys keep the order of xs.
        unroll: accepted for compatibility; a hint without effect.
        checkpoint: for reverse mode, keep only some carries and recompute the others: how many, or how much memory they may take ("64 MB"), or True
            for log2 n of them. With s carries kept, no step is recomputed more than r times, where r is the least with C(s + r, s) >= n. The
            schedule is binomial: Griewank, Walther, Algorithm 799: Revolve, ACM TOMS 26 (2000).

    Returns:
        (the last carry, the stacked ys).

    Raises:
        TreeError, DtypeError, ShapeError: the carry changes, naming the leaf and both types; xs have different lengths.
        ArgumentError: no length, or a negative one.

    Example:
        >>> import fgrad, numpy as np
        >>> total, partial_sums = fgrad.scan(lambda c, x: (c + x, c + x), 0.0, np.array([1.0, 2.0, 3.0]))
        >>> float(total), partial_sums
        (6.0, array([1., 3., 6.]))
    """
    carry, carry_tree = flatten_args((init,), "scan: the carry")
    xs_leaves, xs_tree = flatten_args((xs,), "scan: xs")
    n = _scan_length(xs_leaves, xs_tree, length)
    carry_avals = [typeof(c) for c in carry]
    x_avals = [ShapedArray(x.shape[1:], x.dtype) for x in xs_leaves]
    body, consts, out_tree = staged(f, tree.structure((init, xs)), carry_avals + x_avals)
    pair = out_tree.children()
    if out_tree.type is not tuple or len(pair) != 2:
        raise TreeError(
            f"scan: {function_name(f)} must return a pair (carry, y), and it returned {tree.show(out_tree)}",
            "Write `return carry, y`, or `return carry, None` where nothing is to be stacked.",
        )
    carry_out = pair[0]
    _check_carry("scan", f, init, carry_tree.children()[0], carry_avals, carry_out, body.out_avals[: carry_out.num_leaves])
    body, consts = hoisted(body, consts)
    outs = _loop(_states("scan", checkpoint, carry_avals))(
        *consts, *carry, *xs_leaves, jaxpr=body, n_consts=len(consts), n_carry=len(carry), length=n, reverse=bool(reverse)
    )
    return tree.unflatten(out_tree, outs)


def _loop(states: int | None) -> Callable:
    return scan_p if states is None else functools.partial(checkpointed_scan, states=states)


def _scan_length(leaves: Sequence[Any], treedef: tree.TreeDef, length: int | None) -> int:
    paths = [p.removeprefix("[0]") for p in tree.paths(treedef)]
    for x, p in zip(leaves, paths, strict=True):
        if not x.shape:
            raise ShapeError(
                f"scan: xs{p} is {short(typeof(x))}, which has no axis to loop over",
                "What does not change belongs in the carry or the closure.",
            )
    sizes = {f"xs{p}": x.shape[0] for x, p in zip(leaves, paths, strict=True)}
    if length is not None:
        try:
            n = length.__index__()
        except (AttributeError, TypeError) as e:
            raise ArgumentError(
                f"scan: length must be an integer, and is {short(length)}", "For a length known only when it runs use fgrad.fori_loop."
            ) from e
        if n < 0:
            raise ArgumentError(f"scan: length is negative: {n}")
        sizes["length"] = n
    if not sizes:
        raise ArgumentError("scan: xs has no arrays, so the number of steps is unknown", "Pass length=.")
    if len(set(sizes.values())) > 1:
        raise ShapeError("scan: xs (and length) disagree about the number of steps", *[f"{k} has {v}" for k, v in sizes.items()])
    return next(iter(sizes.values()))


def while_loop(
    cond_fun: Callable, body_fun: Callable, init_val: Any, *, max_tape_bytes: int | None = None, checkpoint: int | str | bool | None = None
) -> Any:
    """Repeats `val = body_fun(val)` while `cond_fun(val)`. Differentiable in both modes, at any order.

    Reverse mode keeps the residuals of every step, as many as the loop makes.

    Args:
        cond_fun: val -> a boolean scalar.
        body_fun: val -> val of the same structure, shapes and dtypes.
        init_val: the first value, a pytree.
        max_tape_bytes: what the residuals of reverse mode may take in memory, in bytes (default 8 GiB): a loop that does not end raises
            TapeError rather than filling the memory.
        checkpoint: keep only some values for reverse mode, as in scan; the loop first runs and counts its steps, so the schedule is the same.

    Returns:
        The first value for which cond_fun is false.

    Raises:
        TreeError, DtypeError, ShapeError: the value changes its type. DtypeError: cond_fun returns no boolean scalar. TapeError: see max_tape_bytes.

    Example:
        >>> import fgrad
        >>> halve = lambda x: fgrad.while_loop(lambda v: v > 1.0, lambda v: v / 2.0, x)
        >>> float(halve(12.0)), float(fgrad.grad(halve)(12.0))
        (0.75, 0.0625)
    """
    carry, args_tree = flatten_args((init_val,), "while_loop: the value")
    carry_tree = args_tree.children()[0]
    avals = [typeof(c) for c in carry]
    test, test_consts, _ = staged(cond_fun, args_tree, avals)
    check_predicate("while_loop", f"{function_name(cond_fun)} returns", test.out_avals)
    body, consts, out_tree = staged(body_fun, args_tree, avals)
    _check_carry("while_loop", body_fun, init_val, carry_tree, avals, out_tree, body.out_avals)
    test, test_consts = hoisted(test, test_consts)
    body, consts = hoisted(body, consts)
    states = _states("while_loop", checkpoint, avals)
    loop = while_ if states is None else functools.partial(checkpointed_while, states=states)
    outs = loop(
        *test_consts, *consts, *carry, cond=test, body=body, n_cond=len(test_consts), n_body=len(consts), max_tape_bytes=max_tape_bytes
    )
    return tree.unflatten(carry_tree, outs[: len(carry)])


def check_predicate(name: str, what: str, avals: Sequence[Any]) -> None:
    if len(avals) == 1 and avals[0].shape == () and avals[0].dtype == np.bool_:
        return
    found = repr(avals[0]) if len(avals) == 1 else f"{len(avals)} values"
    hint = "Write a comparison, such as x > 0." if len(avals) == 1 and not avals[0].shape else "Reduce it with .any() or .all()."
    raise DtypeError(f"{name}: the predicate must be a boolean scalar, and {what} {found}", hint)


def fori_loop(lower: Any, upper: Any, body_fun: Callable, init_val: Any, *, checkpoint: int | str | bool | None = None) -> Any:
    """`for i in range(lower, upper): val = body_fun(i, val)`. Differentiable in both modes; the bounds may be traced.

    Args:
        lower, upper: integers, static or traced.
        body_fun: (i, val) -> val of the same structure, shapes and dtypes; i is an i64[].
        init_val: the first value, a pytree.
        checkpoint: keep only some values for reverse mode, as in scan.

    Returns:
        The last value.

    Raises:
        As while_loop.

    Example:
        >>> import fgrad
        >>> float(fgrad.fori_loop(0, 5, lambda i, v: v * 2.0, 1.0))
        32.0
    """
    _check_function(body_fun)
    for what, bound in (("lower", lower), ("upper", upper)):
        if np.ndim(bound) or typeof(tree.canonical_leaf(bound, f"fori_loop: {what}")).dtype.kind not in "iu":
            raise DtypeError(f"fori_loop: {what} must be an integer scalar, and is {short(bound)}")
    carry, args_tree = flatten_args((init_val,), "fori_loop: the value")
    carry_tree = args_tree.children()[0]
    avals = [typeof(c) for c in carry]
    i64 = np.dtype(np.int64)
    lower = convert(lower, dtype=i64) if isinstance(lower, Tracer) else np.int64(lower)
    upper = convert(upper, dtype=i64) if isinstance(upper, Tracer) else np.int64(upper)

    def step(counter: Any, value: Any) -> tuple:
        return add(counter, np.int64(1)), body_fun(counter, value)

    body, consts, out_tree = staged(step, tree.structure((0, init_val)), [typeof(lower), *avals])
    _check_carry("fori_loop", body_fun, init_val, carry_tree, avals, out_tree.children()[1], body.out_avals[1:])
    body, consts = hoisted(body, consts)
    static = not isinstance(lower, Tracer) and not isinstance(upper, Tracer)
    trips = [] if static else [maximum(sub(upper, lower), np.int64(0))]
    length = max(int(upper) - int(lower), 0) if static else None
    outs = _loop(_states("fori_loop", checkpoint, avals))(
        *trips, *consts, lower, *carry, jaxpr=body, n_consts=len(consts), n_carry=1 + len(carry), length=length, reverse=False
    )
    return tree.unflatten(carry_tree, outs[1:])


def map(f: Callable, xs: Any) -> Any:
    """`f` applied to each entry of the leading axis, one after the other (vmap does all at once).

    Args:
        f: a function of one pytree.
        xs: a pytree of arrays with a common first axis.

    Returns:
        The stacked results.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.map(lambda x: x ** 2, np.arange(3.0))
        array([0., 1., 4.])
    """
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


__all__ = ["fori_loop", "map", "scan", "while_loop"]
