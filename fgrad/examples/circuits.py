"""The circuits of a first lecture on backpropagation, and the value and the gradient of every node in them.

A circuit calls `node(name, value)` for what has a name in the lecture's figure. `every_node` runs it once for the values, and once more with
a number added to every node: the derivative with respect to that number, at zero, is the gradient that the lecture writes below the wire.

    python -m fgrad.examples.circuits
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad
from fgrad import tree

Node = Callable[[str, Any], Any]


def every_node(circuit: Callable[..., Any], **inputs: Any) -> dict[str, tuple[Any, Any]]:
    """The value of each input and node, and the gradient of the circuit's output with respect to it.

    Args:
        circuit: `circuit(node, **inputs)`, where `node(name, value)` returns the value.
        **inputs: numbers, arrays or pytrees of arrays.

    Example:
        >>> for name, (value, gradient) in every_node(product_of_a_sum, x=-2.0, y=5.0, z=-4.0).items():
        ...     print(f"{name} {value:6.2f} {gradient:6.2f}")
        x  -2.00  -4.00
        y   5.00  -4.00
        z  -4.00   3.00
        q   3.00  -4.00
        f -12.00   1.00
    """
    values: dict[str, Any] = {}

    def run(node: Node) -> Any:
        return circuit(node, **{name: node(name, value) for name, value in inputs.items()})

    def record(name: str, value: Any) -> Any:
        values[name] = value
        return value

    def nudged(by: dict[str, Any]) -> Any:
        return run(lambda name, value: tree.map(lambda v, d: v + d, value, by[name]))

    run(record)
    gradients = fgrad.grad(nudged)(tree.map(lambda v: np.zeros(np.shape(v)), values))
    return {name: (value, gradients[name]) for name, value in values.items()}


def product_of_a_sum(node: Node, x: Any, y: Any, z: Any) -> Any:
    """f = (x + y) z."""
    q = node("q", x + y)
    return node("f", q * z)


def sigmoid_neuron(node: Node, w0: Any, x0: Any, w1: Any, x1: Any, w2: Any) -> Any:
    """f = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))), with the sigmoid taken apart into four gates."""
    products = node("w0 x0", w0 * x0), node("w1 x1", w1 * x1)
    total = node("w0 x0 + w1 x1", products[0] + products[1])
    return sigmoid_chain(node, node("w0 x0 + w1 x1 + w2", total + w2))


def sigmoid_chain(node: Node, x: Any) -> Any:
    """f = 1 / (1 + exp(-x)), gate by gate."""
    negative = node("-x", x * -1.0)
    exponential = node("exp(-x)", np.exp(negative))
    denominator = node("1 + exp(-x)", exponential + 1.0)
    return node("f", 1.0 / denominator)


def squared_error_neuron(node: Node, w: Any, x: Any, b: Any, y: Any) -> Any:
    """C = (sigmoid(w . x + b) - y)^2: a neuron and the cost of its output."""
    z = node("z", np.dot(w, x) + b)
    a = node("a", 1.0 / (1.0 + np.exp(-z)))
    return node("C", (a - y) ** 2)


LECTURE: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "(x + y) z": (product_of_a_sum, {"x": -2.0, "y": 5.0, "z": -4.0}),
    "sigmoid neuron of two inputs": (sigmoid_neuron, {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}),
    "the sigmoid, gate by gate": (sigmoid_chain, {"x": 1.0}),
    "neuron of three inputs with squared error": (
        squared_error_neuron,
        {"w": np.array([-1.0, 0.5, 10.0]), "x": np.array([4.0, -2.0, 1.0]), "b": -2.0, "y": 1.0},
    ),
}
"""Each circuit with the inputs it has on the blackboard."""


def table(nodes: dict[str, tuple[Any, Any]]) -> str:
    """Nodes with values and gradients, to be printed."""
    show = lambda x: np.array2string(np.asarray(x), formatter={"float_kind": lambda v: f"{v:.4g}"})
    rows = [("node", "value", "gradient"), *((name, show(value), show(gradient)) for name, (value, gradient) in nodes.items())]
    return "\n".join(f"{name:22}{value:>18}{gradient:>32}" for name, value, gradient in rows)


if __name__ == "__main__":
    for title, (circuit, inputs) in LECTURE.items():
        print(f"\n{title}\n\n{table(every_node(circuit, **inputs))}")
