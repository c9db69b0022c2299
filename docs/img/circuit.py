"""Draws circuit.svg: a neuron of two inputs with the value above and the gradient below each wire.

python docs/img/circuit.py
"""

from __future__ import annotations

from pathlib import Path

from fgrad import nn
from fgrad.explore import graph


def neuron(w0: float, x0: float, w1: float, x1: float, b: float) -> float:
    first = w0 * x0
    second = w1 * x1
    both = first + second
    return nn.sigmoid(both + b)


if __name__ == "__main__":
    graph(neuron)(2.0, -1.0, -3.0, -2.0, -3.0).save(Path(__file__).with_suffix(".svg"))
