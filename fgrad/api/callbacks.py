"""pure_callback and debug_print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.api.flat import call_path, flatten_args
from fgrad.control.callback import callback, printed
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, short, typeof
from fgrad.core.errors import ArgumentError, TreeError
from fgrad.core.source import function_name


def pure_callback(fun: Callable, result_shape: Any, *args: Any, vmap_method: str = "sequential", **kwargs: Any) -> Any:
    """Calls a function of NumPy arrays from a traced one: a solver of SciPy's, a table, a simulator.

    The function must be pure: it may be called more often, or less, than written. It has no derivative (see custom_jvp, custom_vjp, custom_root).

    Args:
        fun: a function of NumPy arrays.
        result_shape: the pytree of its result, with fgrad.ShapeDtypeStruct (or example arrays) as leaves.
        args, kwargs: its arguments, pytrees.
        vmap_method: "sequential" calls `fun` for each example; "broadcast_all" calls it once, with a new first axis on all arguments and results.

    Returns:
        What `fun` returns.

    Raises:
        ShapeError: the result has other shapes than result_shape. UnsupportedError: it is differentiated.

    Example:
        >>> import fgrad, numpy as np
        >>> f = lambda x: fgrad.pure_callback(np.cbrt, fgrad.ShapeDtypeStruct((), float), x)
        >>> fgrad.vmap(fgrad.jit(f))(np.array([1.0, 8.0]))
        array([1., 2.])
    """
    if vmap_method not in ("sequential", "broadcast_all"):
        raise ArgumentError(f"pure_callback: vmap_method is 'sequential' or 'broadcast_all', not {vmap_method!r}")
    shapes, out_tree = tree.flatten(result_shape)
    avals = tuple(s if isinstance(s, ShapedArray) else typeof(tree.canonical_leaf(s, "pure_callback: result_shape")) for s in shapes)
    leaves, in_tree = flatten_args((args, kwargs), "pure_callback: argument", call_path)

    def flat(*xs: Any) -> list:
        some, kw = tree.unflatten(in_tree, xs)
        found, treedef = tree.flatten(fun(*some, **kw))
        if treedef != out_tree:
            raise TreeError(f"pure_callback: {function_name(fun)} returned {tree.show(treedef)}, and result_shape is {tree.show(out_tree)}")
        return found

    flat.__name__ = function_name(fun)
    return tree.unflatten(out_tree, callback(*leaves, fun=flat, avals=avals, whole_batches=vmap_method == "broadcast_all"))


def debug_print(fmt: str, *args: Any, **kwargs: Any) -> None:
    """Prints values when they are computed, in staged programs and loops too; under vmap once for each example.

    Args:
        fmt: a format string, as of str.format.
        args, kwargs: values for it, arrays or pytrees.

    Example:
        >>> import fgrad
        >>> def body(i, v):
        ...     fgrad.debug_print("step {}: {v:.2f}", i, v=v)
        ...     return v / 2
        >>> _ = fgrad.fori_loop(0, 2, body, 1.0)
        step 0: 1.00
        step 1: 0.50
    """
    if not isinstance(fmt, str):
        raise ArgumentError(
            f"debug_print: the first argument is a format string, not {short(fmt)}", 'Write fgrad.debug_print("x = {}", x).'
        )
    leaves, in_tree = flatten_args((args, kwargs), "debug_print: argument", call_path)

    def show(*xs: Any) -> list:
        some, kw = tree.unflatten(in_tree, [x.copy() if isinstance(x, np.ndarray) else x for x in xs])
        print(fmt.format(*some, **kw))
        return []

    printed(*leaves, fun=show)


__all__ = ["debug_print", "pure_callback"]
