"""Gradient descent, plainly: the batches of an epoch, and one compiled loop over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad

Cost = Callable[..., Any]


def batches(data: tuple[np.ndarray, ...], size: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """The examples in random order, cut into batches: each array [n, ...] becomes [n // size, size, ...]; what is left over sits out."""
    count = len(data[0]) // size
    order = rng.permutation(len(data[0]))[: count * size]
    return tuple(x[order].reshape(count, size, *x.shape[1:]) for x in data)


def epoch(cost: Cost, rate: float) -> Callable[[Any, tuple], tuple[Any, Any]]:
    """A compiled pass over batches: `(params, batches) -> (params, the cost of each batch before its step)`."""

    def step(params: Any, batch: tuple) -> tuple[Any, Any]:
        value, gradient = fgrad.value_and_grad(cost)(params, *batch)
        return fgrad.tree.map(lambda p, g: p - rate * g, params, gradient), value

    return fgrad.jit(lambda params, batches: fgrad.scan(step, params, batches))


def descend(
    cost: Cost, params: Any, data: tuple[np.ndarray, ...], size: int, rate: float, epochs: int, rng: np.random.Generator
) -> tuple[Any, np.ndarray]:
    """Mini-batch gradient descent: the whole batch if `size` is the number of examples, stochastic if it is 1.

    Args:
        cost: `cost(params, *batch)`, a mean over the batch.
        params: a pytree of arrays.
        data: arrays with the examples along their first axis.
        size: examples in a batch.
        rate: the step is this times the gradient.
        epochs: passes over the data.
        rng: gives the order of the examples.

    Returns:
        (the parameters, the cost of every batch before its step: f[steps]).

    Example:
        >>> x = np.linspace(-1, 1, 64)
        >>> cost = lambda p, x, y: np.mean((p["slope"] * x + p["start"] - y) ** 2)
        >>> params, costs = descend(cost, {"slope": 0.0, "start": 0.0}, (x, 3 * x + 1), 16, 0.1, 50, np.random.default_rng(0))
        >>> round(float(params["slope"]), 6), round(float(params["start"]), 6)
        (3.0, 1.0)
    """
    run, costs = epoch(cost, rate), []
    for _ in range(epochs):
        params, values = run(params, batches(data, size, rng))
        costs.append(values)
    return params, np.concatenate(costs)
