"""A two-layer network in eleven lines, trained for 60,000 steps with gradients derived by hand, and fgrad's gradient beside them at each step.

Four examples of three bits (the last is always 1: the bias) and their targets, the exclusive or of the first two; four hidden sigmoid
units, one output, squared error. A step of size 1 follows the gradient of the cost C = 1/2 sum (y - l2)^2.

    python -m fgrad.examples.eleven_lines
"""

from __future__ import annotations

from typing import Any

import numpy as np

import fgrad
from fgrad.nn import sigmoid

INPUTS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]])
TARGETS = np.array([[0.0], [1.0], [1.0], [0.0]])
STEPS = 60_000

Weights = tuple[Any, Any]


def init(rng: np.random.Generator) -> Weights:
    """Weights between -1 and 1: f[3, 4] and f[4, 1]."""
    return rng.uniform(-1, 1, (3, 4)), rng.uniform(-1, 1, (4, 1))


def forward(weights: Weights) -> tuple[Any, Any]:
    """The outputs of both layers for the four examples: f[4, 4] and f[4, 1]."""
    hidden = sigmoid(INPUTS @ weights[0])
    return hidden, sigmoid(hidden @ weights[1])


def cost(weights: Weights) -> Any:
    _, output = forward(weights)
    return 0.5 * np.sum((TARGETS - output) ** 2)


def by_hand(weights: Weights) -> Weights:
    """The gradient of the cost as the deltas of the lecture give it, from the last layer to the first."""
    hidden, output = forward(weights)
    output_delta = (output - TARGETS) * output * (1 - output)
    hidden_delta = output_delta @ weights[1].T * hidden * (1 - hidden)
    return INPUTS.T @ hidden_delta, hidden.T @ output_delta


@fgrad.jit
def train(weights: Weights) -> tuple[Weights, tuple[Any, Any]]:
    """Follows fgrad's gradient for all steps; returns the weights, and for each step the cost and the largest difference from `by_hand`."""

    def step(weights: Weights, _: None) -> tuple[Weights, tuple[Any, Any]]:
        value, gradient = fgrad.value_and_grad(cost)(weights)
        differences = [np.max(np.abs(g - h)) for g, h in zip(gradient, by_hand(weights), strict=True)]
        return fgrad.tree.map(np.subtract, weights, gradient), (value, np.maximum(*differences))

    return fgrad.scan(step, weights, length=STEPS)


def main() -> None:
    weights, (costs, differences) = train(init(np.random.default_rng(1)))
    print(f"cost {costs[0]:.4f} at the first step, {costs[-1]:.2e} at the last")
    print(f"largest difference between fgrad's gradient and the hand-written one in {STEPS} steps: {np.max(differences):.1e}")
    for x, y, output in zip(INPUTS, TARGETS, forward(weights)[1], strict=True):
        print(f"{x[0]:.0f} xor {x[1]:.0f} = {y[0]:.0f}: {output[0]:.4f}")


if __name__ == "__main__":
    main()
