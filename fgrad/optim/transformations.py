"""Transformations of gradients: what optimisers are chains of. Names, arguments and formulas are optax's.

A transformation is two pure functions, `init(params) -> state` and `update(updates, state, params) -> (updates, state)`; states are pytrees of arrays, so that
both run under jit and are carried by scan. Numbers (rates, decays, counts) are brought to the dtype of each array: float32 stays float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

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


def number_like(x: Any, value: Any) -> Any:
    """A number in the dtype of x."""
    return cast(as_array(value), x.dtype) if x.dtype.kind in "fc" else value


def stateless(f: Callable[[Any, Any], Any]) -> GradientTransformation:
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
    return stateless(lambda updates, params: updates)


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
    return stateless(lambda updates, params: _times(updates, step_size))


def _times(updates: Any, factor: Any) -> Any:
    return tree.map(lambda u: number_like(as_array(u), factor) * u, updates)


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
    "CountState", "EmptyState", "GradientTransformation", "Schedule", "apply_updates", "chain", "identity", "scale", "scale_by_learning_rate",
    "scale_by_schedule",
]  # fmt: skip
