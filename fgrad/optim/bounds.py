"""Bounds of updates, and decay of parameters. Names and formulas are optax's."""

from __future__ import annotations

from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core import tree
from fgrad.core.errors import ArgumentError
from fgrad.numpy.shapes import as_array
from fgrad.optim.transformations import GradientTransformation, number_like, stateless


def global_norm(updates: Any) -> Any:
    """The Euclidean norm of all entries of a pytree together.

    Args:
        updates: a pytree of arrays.

    Returns:
        f[].

    Example:
        >>> import fgrad
        >>> float(fgrad.optim.global_norm({"w": 3.0, "b": 4.0}))
        5.0
    """
    return fnp.sqrt(_squares(updates))


def _squares(updates: Any) -> Any:
    parts = [fnp.sum(fnp.square(abs(u) if u.dtype.kind == "c" else u)) for u in map(as_array, tree.leaves(updates))]
    return sum(parts[1:], parts[0]) if parts else np.float64(0)


def clip(max_delta: float) -> GradientTransformation:
    """Each entry brought between -max_delta and max_delta.

    Args:
        max_delta: the bound.

    Returns:
        A GradientTransformation.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.optim.clip(1.0).update(np.array([0.5, -3.0]), ())[0]
        array([ 0.5, -1. ])
    """
    return stateless(lambda updates, params: tree.map(lambda u: fnp.clip(u, -max_delta, max_delta), updates))


def clip_by_global_norm(max_norm: float) -> GradientTransformation:
    """Updates shortened, where they are longer, to a norm: their direction stays.

    Args:
        max_norm: the bound of `global_norm`.

    Returns:
        A GradientTransformation.

    Source: Pascanu, Mikolov and Bengio (2013).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.optim.clip_by_global_norm(1.0).update(np.array([3.0, 4.0]), ())[0]
        array([0.6, 0.8])
    """

    def shortened(updates: Any, params: Any) -> Any:
        squares = _squares(updates)
        long = squares > max_norm**2
        factor = fnp.where(long, max_norm / fnp.sqrt(fnp.where(long, squares, 1)), 1)  # a root of 0 would have no derivative
        return tree.map(lambda u: u * number_like(as_array(u), factor), updates)

    return stateless(shortened)


def add_decayed_weights(weight_decay: Any = 0.0, mask: Any = None) -> GradientTransformation:
    """Updates plus a multiple of the parameters: weight decay.

    Args:
        weight_decay: the multiple.
        mask: which parameters decay: a pytree of bool like params, or a function of params that gives one; None: all.

    Returns:
        A GradientTransformation, whose update needs params.

    Source: Loshchilov and Hutter (2019).

    Example:
        >>> import fgrad
        >>> float(fgrad.optim.add_decayed_weights(0.1).update(0.0, (), 5.0)[0])
        0.5
    """

    def decayed(updates: Any, params: Any) -> Any:
        if params is None:
            raise ArgumentError("add_decayed_weights: update needs the parameters", "Write opt.update(grads, state, params).")
        add = lambda u, p: u + number_like(as_array(p), weight_decay) * p
        if mask is None:
            return tree.map(add, updates, params)
        chosen = mask(params) if callable(mask) else mask
        return tree.map(lambda u, p, m: add(u, p) if m else u, updates, params, chosen)

    return stateless(decayed)


__all__ = ["add_decayed_weights", "clip", "clip_by_global_norm", "global_norm"]
