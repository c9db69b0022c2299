"""checkpoint: trade time for memory in reverse mode."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fgrad.api.flat import FlatFunction, flatten_args
from fgrad.control.checkpoint import remat
from fgrad.core.avals import typeof
from fgrad.core.stage import stage


def checkpoint(fun: Callable) -> Callable:
    """The same function, which in reverse mode keeps its arguments only and recomputes the rest in the backward pass.

    Args:
        fun: a function of arrays or pytrees. It is staged, so Python control flow on values is not available inside.

    Returns:
        A function of the same arguments with the same values and derivatives.

    Example:
        >>> import fgrad, numpy as np
        >>> f = fgrad.checkpoint(lambda x: np.sin(np.sin(x)))
        >>> float(fgrad.grad(f)(0.0))
        1.0
    """

    @functools.wraps(fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, in_tree = flatten_args((args, kwargs), "checkpoint: the argument")
        flat = FlatFunction(lambda a, k: fun(*a, **k), in_tree)
        jaxpr, consts = stage(flat, [typeof(x) for x in leaves], fun)
        return flat.unflatten(remat(*consts, *leaves, jaxpr=jaxpr))

    return checkpointed


__all__ = ["checkpoint"]
