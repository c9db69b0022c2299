"""Gradient descent: the batches of an epoch, and one compiled loop over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad
from fgrad import optim

Cost = Callable[..., Any]


def batches(data: tuple[np.ndarray, ...], size: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """The examples in random order, cut into batches: each array [n, ...] becomes [n // size, size, ...]; what is left over sits out."""
    count = len(data[0]) // size
    order = rng.permutation(len(data[0]))[: count * size]
    return tuple(x[order].reshape(count, size, *x.shape[1:]) for x in data)


def epoch(cost: Cost, optimizer: optim.GradientTransformation) -> Callable[[Any, tuple], tuple[Any, Any]]:
    """A compiled pass over batches: `((params, state), batches) -> ((params, state), the cost of each batch before its step)`."""

    def step(carry: Any, batch: tuple) -> tuple[Any, Any]:
        params, state = carry
        value, gradient = fgrad.value_and_grad(cost)(params, *batch)
        updates, state = optimizer.update(gradient, state, params)
        return (optim.apply_updates(params, updates), state), value

    return fgrad.jit(lambda carry, batches: fgrad.scan(step, carry, batches))


def descend(
    cost: Cost,
    params: Any,
    data: tuple[np.ndarray, ...],
    size: int,
    optimizer: optim.GradientTransformation,
    epochs: int,
    rng: np.random.Generator,
) -> tuple[Any, np.ndarray]:
    """Mini-batch gradient descent: the whole batch if `size` is the number of examples, stochastic if it is 1.

    Args:
        cost: `cost(params, *batch)`, a mean over the batch.
        params: a pytree of arrays.
        data: arrays with the examples along their first axis.
        size: examples in a batch.
        optimizer: of fgrad.optim: `sgd(rate)` is plain descent.
        epochs: passes over the data.
        rng: gives the order of the examples.

    Returns:
        (the parameters, the cost of every batch before its step: f[steps]).

    Example:
        >>> x = np.linspace(-1, 1, 64)
        >>> cost = lambda p, x, y: np.mean((p["slope"] * x + p["start"] - y) ** 2)
        >>> start, rng = {"slope": 0.0, "start": 0.0}, np.random.default_rng(0)
        >>> params, costs = descend(cost, start, (x, 3 * x + 1), 16, optim.sgd(0.1), 50, rng)
        >>> round(float(params["slope"]), 4), round(float(params["start"]), 4)
        (2.9999, 1.0)
    """
    run, carry, costs = epoch(cost, optimizer), (params, optimizer.init(params)), []
    for _ in range(epochs):
        carry, values = run(carry, batches(data, size, rng))
        costs.append(values)
    return carry[0], np.concatenate(costs)
