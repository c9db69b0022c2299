"""Learning rates as functions of the step, which is counted from 0: names, arguments and formulas are optax's.

`optim.sgd(optim.cosine_decay_schedule(0.1, 1000))`; any function of the step, written with NumPy, is a schedule too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.errors import ArgumentError
from fgrad.optim.transformations import Schedule


def _positive(name: str, what: str, steps: int) -> None:
    if steps <= 0:
        raise ArgumentError(f"{name}: {what} must be positive, and is {steps}")


def constant_schedule(value: float) -> Schedule:
    """The same number at every step.

    Args:
        value: the number.

    Returns:
        A function of the step.

    Example:
        >>> import fgrad
        >>> fgrad.optim.constant_schedule(0.1)(7)
        0.1
    """
    return lambda count: value


def linear_schedule(init_value: float, end_value: float, transition_steps: int, transition_begin: int = 0) -> Schedule:
    """From one number to another at equal paces, and constant before and after.

    Args:
        init_value, end_value: the numbers.
        transition_steps: how many steps it takes.
        transition_begin: the step it begins at.

    Returns:
        A function of the step.

    Raises:
        ArgumentError: a number of steps that is not positive.

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.linear_schedule(1.0, 0.0, 4)
        >>> [float(rate(i)) for i in (0, 1, 4, 9)]
        [1.0, 0.75, 0.0, 0.0]
    """
    _positive("linear_schedule", "transition_steps", transition_steps)

    def schedule(count: Any) -> Any:
        left = 1 - fnp.clip(count - transition_begin, 0, transition_steps) / transition_steps
        return (init_value - end_value) * left + end_value

    return schedule


def exponential_decay(
    init_value: float,
    transition_steps: int,
    decay_rate: float,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: float | None = None,
) -> Schedule:
    """init_value * decay_rate^(count / transition_steps).

    Args:
        init_value: the first number.
        transition_steps: after how many steps it is decay_rate times that.
        decay_rate: the factor, positive.
        transition_begin: the step it begins at.
        staircase: whole powers alone.
        end_value: the number is not taken beyond it; None: there is no bound.

    Returns:
        A function of the step.

    Raises:
        ArgumentError: a number of steps, or a rate, that is not positive.

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.exponential_decay(1.0, 2, 0.25, end_value=0.1)
        >>> [float(rate(i)) for i in (0, 1, 2, 3, 4)]
        [1.0, 0.5, 0.25, 0.125, 0.1]
    """
    _positive("exponential_decay", "transition_steps", transition_steps)
    if decay_rate <= 0:
        raise ArgumentError(f"exponential_decay: decay_rate must be positive, and is {decay_rate}")

    def schedule(count: Any) -> Any:
        power = fnp.maximum(count - transition_begin, 0) / transition_steps
        value = init_value * np.float64(decay_rate) ** (fnp.floor(power) if staircase else power)
        if end_value is None:
            return value
        return fnp.maximum(value, end_value) if decay_rate < 1 else fnp.minimum(value, end_value)

    return schedule


def cosine_decay_schedule(init_value: float, decay_steps: int, alpha: float = 0.0, exponent: float = 1.0) -> Schedule:
    """Half a wave of a cosine, from init_value down to alpha * init_value.

    Args:
        init_value: the first number.
        decay_steps: after how many steps it stays.
        alpha: what is left at the end, as a share.
        exponent: a power of the wave.

    Returns:
        A function of the step.

    Raises:
        ArgumentError: a number of steps that is not positive.

    Source: Loshchilov and Hutter (2017), "SGDR".

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.cosine_decay_schedule(1.0, 4)
        >>> [round(float(rate(i)), 3) for i in (0, 1, 2, 4, 9)]
        [1.0, 0.854, 0.5, 0.0, 0.0]
    """
    _positive("cosine_decay_schedule", "decay_steps", decay_steps)

    def schedule(count: Any) -> Any:
        wave = 0.5 * (1 + fnp.cos(np.pi * (fnp.minimum(count, decay_steps) / decay_steps)))
        return init_value * ((1 - alpha) * wave**exponent + alpha)

    return schedule


def piecewise_constant_schedule(init_value: float, boundaries_and_scales: Mapping[int, float] | None = None) -> Schedule:
    """A number that is multiplied by a factor from each of some steps on.

    Args:
        init_value: the first number.
        boundaries_and_scales: for each such step the factor.

    Returns:
        A function of the step.

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.piecewise_constant_schedule(1.0, {3: 0.5, 6: 0.5})
        >>> [float(rate(i)) for i in (0, 2, 3, 6)]
        [1.0, 1.0, 0.5, 0.25]
    """
    pairs = sorted((boundaries_and_scales or {}).items())

    def schedule(count: Any) -> Any:
        value: Any = init_value
        for boundary, factor in pairs:
            value = value * fnp.where(count < boundary, 1.0, factor)
        return value

    return schedule


def join_schedules(schedules: Sequence[Schedule], boundaries: Sequence[int]) -> Schedule:
    """Schedules one behind the other.

    Args:
        schedules: each counts its own steps from 0.
        boundaries: the step at which each but the first begins.

    Returns:
        A function of the step.

    Raises:
        ArgumentError: not one boundary fewer than schedules.

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.join_schedules([lambda i: 10 + i, lambda i: 20 + i], [2])
        >>> [int(rate(i)) for i in range(4)]
        [10, 11, 20, 21]
    """
    if len(boundaries) != len(schedules) - 1:
        raise ArgumentError(f"join_schedules: {len(schedules)} schedules have {len(schedules) - 1} boundaries, not {len(boundaries)}")

    def schedule(count: Any) -> Any:
        value = schedules[0](count)
        for boundary, later in zip(boundaries, schedules[1:], strict=True):
            value = fnp.where(count < boundary, value, later(count - boundary))
        return value

    return schedule


def warmup_cosine_decay_schedule(
    init_value: float, peak_value: float, warmup_steps: int, decay_steps: int, end_value: float = 0.0, exponent: float = 1.0
) -> Schedule:
    """A linear rise, then half a wave of a cosine down.

    Args:
        init_value, peak_value, end_value: the numbers at the start, at the top and at the end.
        warmup_steps: the steps of the rise.
        decay_steps: the steps of both together.
        exponent: a power of the wave.

    Returns:
        A function of the step.

    Raises:
        ArgumentError: no steps for the rise, or none left for the wave.

    Example:
        >>> import fgrad
        >>> rate = fgrad.optim.warmup_cosine_decay_schedule(0.0, 1.0, 2, 6)
        >>> [round(float(rate(i)), 3) for i in range(7)]
        [0.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    alpha = end_value / peak_value if peak_value else 0.0
    rise = linear_schedule(init_value, peak_value, warmup_steps)
    return join_schedules([rise, cosine_decay_schedule(peak_value, decay_steps - warmup_steps, alpha, exponent)], [warmup_steps])


__all__ = [
    "constant_schedule", "cosine_decay_schedule", "exponential_decay", "join_schedules", "linear_schedule", "piecewise_constant_schedule",
    "warmup_cosine_decay_schedule",
]  # fmt: skip
