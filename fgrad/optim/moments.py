"""Transformations that remember: momentum, and factors of each entry by the size that its gradients had. Names and formulas are optax's."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import fgrad.numpy as fnp
from fgrad.core import tree
from fgrad.numpy.shapes import as_array
from fgrad.ops.promote import cast
from fgrad.optim.transformations import GradientTransformation, number_like


class TraceState(NamedTuple):
    """trace: the decaying sum of updates."""

    trace: Any


class AdamState(NamedTuple):
    """count: i64[], the steps so far; mu, nu: decaying means of updates and of their squares."""

    count: Any
    mu: Any
    nu: Any


class RmsState(NamedTuple):
    """nu: the decaying mean of squares."""

    nu: Any


class RssState(NamedTuple):
    """sum_of_squares: of all updates so far."""

    sum_of_squares: Any


def _full_like(params: Any, value: float = 0.0) -> Any:
    return tree.map(lambda p: fnp.full_like(as_array(p), value), params)


def _mean(decay: float, means: Any, updates: Any, power: int) -> Any:
    """The decaying mean of updates to a power."""
    return tree.map(lambda m, u: decay * m + (1 - decay) * (u if power == 1 else u * u), means, updates)


def _unbiased(means: Any, decay: float, count: Any) -> Any:
    """Decaying means that began at 0, as if they had not: divided by 1 - decay^count."""
    correction = 1 - decay ** cast(count, np.dtype(np.float64))
    return tree.map(lambda m: m / number_like(m, correction), means)


def trace(decay: float, nesterov: bool = False) -> GradientTransformation:
    """The decaying sum of updates, trace = updates + decay * trace: momentum.

    Args:
        decay: how much of the sum is kept at each step.
        nesterov: give updates + decay * trace, one step ahead.

    Returns:
        A GradientTransformation with a TraceState.

    Source: Polyak (1964); Nesterov (1983) in the form of Sutskever, Martens, Dahl and Hinton (2013).

    Example:
        >>> import fgrad
        >>> t = fgrad.optim.trace(0.5)
        >>> _, state = t.update(1.0, t.init(0.0))
        >>> float(t.update(1.0, state)[0])
        1.5
    """

    def update(updates: Any, state: TraceState, params: Any = None) -> tuple[Any, TraceState]:
        ahead = lambda t, u: u + decay * t
        new = tree.map(ahead, state.trace, updates)
        return tree.map(ahead, new, updates) if nesterov else new, TraceState(new)

    return GradientTransformation(lambda params: TraceState(_full_like(params)), update)


def scale_by_rss(initial_accumulator_value: float = 0.1, eps: float = 1e-7) -> GradientTransformation:
    """Updates over the root of the sum of their squares so far: AdaGrad.

    Args:
        initial_accumulator_value: what the sums begin with.
        eps: added under the root. Where a sum is 0 the update is 0.

    Returns:
        A GradientTransformation with an RssState.

    Source: Duchi, Hazan and Singer (2011).

    Example:
        >>> import fgrad
        >>> t = fgrad.optim.scale_by_rss(0.0, 0.0)
        >>> float(t.update(3.0, t.init(0.0))[0])
        1.0
    """

    def factor(s: Any, u: Any) -> Any:
        safe = fnp.where(s > 0, s + eps, 1)
        return fnp.where(s > 0, u / fnp.sqrt(safe), 0)

    def update(updates: Any, state: RssState, params: Any = None) -> tuple[Any, RssState]:
        sums = tree.map(lambda s, u: s + u * u, state.sum_of_squares, updates)
        return tree.map(factor, sums, updates), RssState(sums)

    return GradientTransformation(lambda params: RssState(_full_like(params, initial_accumulator_value)), update)


def scale_by_rms(decay: float = 0.9, eps: float = 1e-8, initial_scale: float = 0.0, eps_in_sqrt: bool = True) -> GradientTransformation:
    """Updates over the root of the decaying mean of their squares: RMSProp.

    Args:
        decay: how much of the mean is kept at each step.
        eps: added under the root, or to it.
        initial_scale: what the means begin with.
        eps_in_sqrt: whether eps is under the root.

    Returns:
        A GradientTransformation with an RmsState.

    Source: Tieleman and Hinton (2012), lecture 6.5 of "Neural networks for machine learning".

    Example:
        >>> import fgrad
        >>> t = fgrad.optim.scale_by_rms(0.75, eps=0.0)
        >>> float(t.update(3.0, t.init(0.0))[0])
        2.0
    """

    def update(updates: Any, state: RmsState, params: Any = None) -> tuple[Any, RmsState]:
        nu = _mean(decay, state.nu, updates, 2)
        root = (lambda n: fnp.sqrt(n + eps)) if eps_in_sqrt else (lambda n: fnp.sqrt(n) + eps)
        return tree.map(lambda n, u: u / root(n), nu, updates), RmsState(nu)

    return GradientTransformation(lambda params: RmsState(_full_like(params, initial_scale)), update)


def scale_by_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, eps_root: float = 0.0) -> GradientTransformation:
    """The decaying mean of updates over the root of that of their squares, both freed from their bias to 0: Adam.

    Args:
        b1, b2: how much of the means is kept at each step.
        eps: added to the root.
        eps_root: added under the root: differentiating through it needs a positive one.

    Returns:
        A GradientTransformation with an AdamState.

    Source: Kingma and Ba (2015), algorithm 1.

    Example:
        >>> import fgrad
        >>> t = fgrad.optim.scale_by_adam(eps=0.0)
        >>> round(float(t.update(3.0, t.init(0.0))[0]), 12)
        1.0
    """

    def update(updates: Any, state: AdamState, params: Any = None) -> tuple[Any, AdamState]:
        count = state.count + 1
        mu, nu = _mean(b1, state.mu, updates, 1), _mean(b2, state.nu, updates, 2)
        means, squares = _unbiased(mu, b1, count), _unbiased(nu, b2, count)
        return tree.map(lambda m, n: m / (fnp.sqrt(n + eps_root) + eps), means, squares), AdamState(count, mu, nu)

    return GradientTransformation(lambda params: AdamState(np.int64(0), _full_like(params), _full_like(params)), update)


__all__ = ["AdamState", "RmsState", "RssState", "TraceState", "scale_by_adam", "scale_by_rms", "scale_by_rss", "trace"]
