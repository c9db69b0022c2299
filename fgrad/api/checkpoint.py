"""checkpoint: trade time for memory in reverse mode."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fgrad.api.flat import FlatFunction, call_path, flatten_args
from fgrad.control import checkpoint as policies
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.errors import ArgumentError
from fgrad.core.stage import stage

_BY_NAME = {
    "nothing": policies.nothing_saveable,
    "everything": policies.everything_saveable,
    "dots": policies.dots_saveable,
}


class checkpoint_policies:
    """What `checkpoint` saves: the values of nothing, everything, matrix products, or those marked with `checkpoint_name`.

    A policy of your own is a function (primitive, *types, **params) -> whether to save its result.
    """

    nothing_saveable = policies.nothing_saveable
    everything_saveable = policies.everything_saveable
    dots_saveable = policies.dots_saveable
    save_only_these_names = staticmethod(policies.save_only_these_names)
    save_anything_except_these_names = staticmethod(policies.save_anything_except_these_names)


def checkpoint(fun: Callable, policy: str | Callable[..., bool] | None = None) -> Callable:
    """The same function, which in reverse mode keeps its arguments and what the policy names, and recomputes the rest in the backward pass.

    Args:
        fun: a function of arrays or pytrees. It is staged, so Python control flow on values is not available inside.
        policy: "nothing" (the default), "everything", "dots" (results of matrix products), or one of `checkpoint_policies`, which also has
            policies by names given with `checkpoint_name`.

    Returns:
        A function of the same arguments with the same values and derivatives.

    Raises:
        ArgumentError: an unknown policy.

    Example:
        >>> import fgrad, numpy as np
        >>> f = fgrad.checkpoint(lambda x: np.sin(fgrad.checkpoint_name(np.exp(x), "e")), policy=fgrad.checkpoint_policies.save_only_these_names("e"))
        >>> round(float(fgrad.grad(f)(0.0)), 6)
        0.540302
    """
    found = policies.nothing_saveable if policy is None else _BY_NAME.get(policy) if isinstance(policy, str) else policy
    if not callable(found):
        raise ArgumentError(
            f"checkpoint: there is no policy {policy!r:.60} ({short(policy)})",
            f"Policies are {', '.join(map(repr, _BY_NAME))} and those of fgrad.checkpoint_policies.",
        )

    @functools.wraps(fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, in_tree = flatten_args((args, kwargs), "checkpoint: argument", call_path)
        flat = FlatFunction(lambda a, k: fun(*a, **k), in_tree)
        jaxpr, consts = stage(flat, [typeof(x) for x in leaves], fun)
        return flat.unflatten(policies.remat(*consts, *leaves, jaxpr=jaxpr, policy=found))

    return checkpointed


def checkpoint_name(x: Any, name: str) -> Any:
    """x, marked with a name that policies of `checkpoint` know it by.

    Args:
        x: an array or a pytree.
        name: the name.
    """
    return tree.map(lambda leaf: policies.named(tree.canonical_leaf(leaf, "checkpoint_name: the value"), name=name), x)


__all__ = ["checkpoint", "checkpoint_name", "checkpoint_policies"]
