"""Looking at what a function does: its jaxpr, and the types of its outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.api.flat import FlatFunction, check_argnums
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.jaxpr import ClosedJaxpr
from fgrad.core.stage import stage


def make_jaxpr(fun: Callable, static_argnums: int | Sequence[int] = (), return_shape: bool = False) -> Callable:
    """A function that returns the jaxpr of `fun` for arguments of given types.

    Args:
        fun: a function of arrays or pytrees.
        static_argnums: positions of arguments that are passed to `fun` as they are, untraced.
        return_shape: also return the pytree of output types.

    Returns:
        A function of the same arguments (arrays, or fgrad.ShapeDtypeStruct) that returns a ClosedJaxpr. It prints as text; `.pretty(source=True)`
        adds the user's lines.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.make_jaxpr(lambda x: np.sum(np.sin(x) * 2.0))(np.ones(3))
        { lambda a:f64[3]. let
            b:f64[3] = sin a
            c:f64[3] = mul b 2.0
            d:f64[]  = reduce_sum[axes=(0,)] c
          in (d,) }
    """

    @functools.wraps(fun)
    def make(*args: Any, **kwargs: Any) -> Any:
        fixed = {i: args[i] for i in check_argnums("make_jaxpr", fun, static_argnums, args, "static_argnums")}

        def dynamic_fun(dynamic: tuple, kw: dict) -> Any:
            rest = iter(dynamic)
            return fun(*[fixed[i] if i in fixed else next(rest) for i in range(len(args))], **kw)

        dynamic = tuple(a for i, a in enumerate(args) if i not in fixed)
        leaves, in_tree = tree.flatten((dynamic, kwargs))
        flat = FlatFunction(dynamic_fun, in_tree)
        jaxpr, consts = stage(flat, [abstract(x, "make_jaxpr: the argument") for x in leaves], fun)
        closed = ClosedJaxpr(jaxpr, tuple(consts))
        return (closed, flat.unflatten(closed.out_avals)) if return_shape else closed

    return make


def abstract(x: Any, what: str) -> Any:
    """The type of an argument, which may be one already."""
    return x if isinstance(x, ShapedArray) else typeof(tree.canonical_leaf(x, what))


def eval_shape(fun: Callable, *args: Any, **kwargs: Any) -> Any:
    """The shapes and dtypes of a function's outputs, without computing them.

    Args:
        fun: a function of arrays or pytrees.
        args, kwargs: arrays, or fgrad.ShapeDtypeStruct.

    Returns:
        The pytree of the output, with fgrad.ShapeDtypeStruct as leaves.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.eval_shape(np.matmul, fgrad.ShapeDtypeStruct((1000, 3), float), np.ones(3))
        f64[1000]
    """
    return make_jaxpr(fun, return_shape=True)(*args, **kwargs)[1]


__all__ = ["eval_shape", "make_jaxpr"]
