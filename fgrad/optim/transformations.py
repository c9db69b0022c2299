"""Transformations of gradients: what optimisers are chains of. Names, arguments and formulas are optax's.

A transformation is two pure functions, `init(params) -> state` and `update(updates, state, params) -> (updates, state)`; states are pytrees of arrays, so that
both run under jit and are carried by scan. Numbers (rates, decays, counts) are brought to the dtype of each array: float32 stays float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import fgrad.numpy as fnp
from fgrad.core import tree
from fgrad.core.errors import ArgumentError
from fgrad.numpy.shapes import as_array
from fgrad.ops.promote import cast

Schedule = Callable[[Any], Any]
"""A number as a function of the step, which is counted from 0."""


class GradientTransformation(NamedTuple):
    """Two pure functions.

    init: params -> state.
    update: (updates, state, params=None) -> (updates, state); updates is a pytree like params, gradients at first.
    """

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


class EmptyState(NamedTuple):
    """The state of what keeps none."""


class CountState(NamedTuple):
    """count: i64[], the steps so far."""

    count: Any


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


def _number(x: Any, value: Any) -> Any:
    """A number in the dtype of x."""
    return cast(as_array(value), x.dtype) if x.dtype.kind in "fc" else value


def _full_like(params: Any, value: float = 0.0) -> Any:
    return tree.map(lambda p: fnp.full_like(as_array(p), value), params)


def _mean(decay: float, means: Any, updates: Any, power: int) -> Any:
    """The decaying mean of updates to a power."""
    return tree.map(lambda m, u: decay * m + (1 - decay) * (u if power == 1 else u * u), means, updates)


def _unbiased(means: Any, decay: float, count: Any) -> Any:
    """Decaying means that began at 0, as if they had not: divided by 1 - decay^count."""
    correction = 1 - decay ** cast(count, np.dtype(np.float64))
    return tree.map(lambda m: m / _number(m, correction), means)


def _stateless(f: Callable[[Any, Any], Any]) -> GradientTransformation:
    return GradientTransformation(lambda params: EmptyState(), lambda updates, state, params=None: (f(updates, params), state))


def identity() -> GradientTransformation:
    """Updates as they are.

    Returns:
        A GradientTransformation.

    Example:
        >>> import fgrad
        >>> fgrad.optim.identity().update(3.0, ())[0]
        3.0
    """
    return _stateless(lambda updates, params: updates)


def chain(*transformations: GradientTransformation) -> GradientTransformation:
    """Transformations one behind the other.

    Args:
        transformations: the first gets the gradients.

    Returns:
        A GradientTransformation whose state is the tuple of theirs.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad import optim
        >>> opt = optim.chain(optim.clip(1.0), optim.sgd(0.1))
        >>> opt.update(np.array([0.5, -3.0]), opt.init(np.zeros(2)))[0]
        array([-0.05,  0.1 ])
    """

    def init(params: Any) -> tuple:
        return tuple(t.init(params) for t in transformations)

    def update(updates: Any, state: tuple, params: Any = None) -> tuple[Any, tuple]:
        new = []
        if len(state) != len(transformations):
            raise ArgumentError(
                f"chain: the state is of {len(state)} transformations, and there are {len(transformations)}",
                "opt.init(params) makes a state.",
            )
        for t, s in zip(transformations, state, strict=True):
            updates, s = t.update(updates, s, params)
            new.append(s)
        return updates, tuple(new)

    return GradientTransformation(init, update)


# -- factors


def scale(step_size: Any) -> GradientTransformation:
    """Updates times a number.

    Args:
        step_size: the number; negative to go downhill.

    Returns:
        A GradientTransformation.

    Example:
        >>> import fgrad
        >>> fgrad.optim.scale(-0.5).update(3.0, ())[0]
        np.float64(-1.5)
    """
    return _stateless(lambda updates, params: _times(updates, step_size))


def _times(updates: Any, factor: Any) -> Any:
    return tree.map(lambda u: _number(as_array(u), factor) * u, updates)


def scale_by_schedule(step_size_fn: Schedule) -> GradientTransformation:
    """Updates times a number that depends on the step.

    Args:
        step_size_fn: the number at step 0, 1, ...

    Returns:
        A GradientTransformation with a CountState.

    Example:
        >>> import fgrad
        >>> halve = fgrad.optim.scale_by_schedule(lambda count: 0.5**count)
        >>> _, state = halve.update(1.0, halve.init(1.0))
        >>> float(halve.update(1.0, state)[0])
        0.5
    """

    def update(updates: Any, state: CountState, params: Any = None) -> tuple[Any, CountState]:
        return _times(updates, step_size_fn(state.count)), CountState(state.count + 1)

    return GradientTransformation(lambda params: CountState(np.int64(0)), update)


def scale_by_learning_rate(learning_rate: Any, *, flip_sign: bool = True) -> GradientTransformation:
    """Updates times a learning rate, or a schedule of them.

    Args:
        learning_rate: a number, or a function of the step.
        flip_sign: times minus the rate, to go downhill.

    Returns:
        A GradientTransformation.

    Example:
        >>> import fgrad
        >>> float(fgrad.optim.scale_by_learning_rate(0.1).update(3.0, ())[0])
        -0.30000000000000004
    """
    sign = -1 if flip_sign else 1
    if callable(learning_rate):
        schedule: Schedule = learning_rate
        return scale_by_schedule(lambda count: sign * schedule(count))
    return scale(sign * learning_rate)


# -- memory


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


# -- bounds and decay


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
    squares = [fnp.sum(fnp.square(abs(u) if u.dtype.kind == "c" else u)) for u in map(as_array, tree.leaves(updates))]
    return fnp.sqrt(sum(squares[1:], squares[0])) if squares else np.float64(0)


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
    return _stateless(lambda updates, params: tree.map(lambda u: fnp.clip(u, -max_delta, max_delta), updates))


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
        norm = global_norm(updates)
        return tree.map(lambda u: fnp.where(norm < max_norm, u, u / _number(as_array(u), norm) * max_norm), updates)

    return _stateless(shortened)


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
        add = lambda u, p: u + _number(as_array(p), weight_decay) * p
        if mask is None:
            return tree.map(add, updates, params)
        chosen = mask(params) if callable(mask) else mask
        return tree.map(lambda u, p, m: add(u, p) if m else u, updates, params, chosen)

    return _stateless(decayed)


def apply_updates(params: Any, updates: Any) -> Any:
    """params + updates, each array in the dtype it had.

    Args:
        params: a pytree of arrays.
        updates: a pytree like it.

    Returns:
        The new parameters.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.optim.apply_updates({"w": np.ones(2)}, {"w": np.array([-0.5, 0.5])})
        {'w': array([0.5, 1.5])}
    """
    return tree.map(lambda p, u: cast(as_array(p + u), as_array(p).dtype), params, updates)


__all__ = [
    "AdamState", "CountState", "EmptyState", "GradientTransformation", "RmsState", "RssState", "Schedule", "TraceState", "add_decayed_weights",
    "apply_updates", "chain", "clip", "clip_by_global_norm", "global_norm", "identity", "scale", "scale_by_adam", "scale_by_learning_rate",
    "scale_by_rms", "scale_by_rss", "scale_by_schedule", "trace",
]  # fmt: skip
