"""Multilayer networks of any depth, and their backward formulas by hand, layer by layer.

`network` names every z and a (`node`, see circuits.py), so that `every_node` gives the gradient with respect to each; `by_hand` has the
lecture's formulas for the same: from the last layer to the first, the gradient of z, then of the weights, of the bias, and of what came in.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

import fgrad
from fgrad import nn
from fgrad.examples.circuits import Node

Params = list[dict[str, Any]]


def init(widths: tuple[int, ...], seed: int = 0) -> Params:
    """Weights f[inputs, outputs] by He's rule, and biases f[outputs], for each layer."""
    keys = fgrad.random.split(fgrad.random.key(seed), len(widths) - 1)
    he = nn.initializers.he_normal()
    return [{"w": he(key, shape), "b": np.zeros(shape[1])} for key, shape in zip(keys, pairwise(widths), strict=True)]


def network(node: Node, params: Params, x: Any, labels: Any) -> Any:
    """ReLU layers, then a softmax y, and the cross entropy of the labels, summed over the examples x f[m, n]."""
    a = x
    for k, layer in enumerate(params, 1):
        z = node(f"z{k}", a @ layer["w"] + layer["b"])
        a = node(f"a{k}", nn.relu(z)) if k < len(params) else node("y", nn.softmax(z))
    return node("cost", -np.sum(np.log(a) * nn.one_hot(labels, a.shape[1])))


def by_hand(params: Params, x: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """The gradient of the cost with respect to every z and a, and to the parameters of each layer ("params") and the input ("x")."""
    a, z = [x], []
    for layer in params:
        z.append(a[-1] @ layer["w"] + layer["b"])
        a.append(np.maximum(z[-1], 0.0))
    y = np.exp(z[-1] - np.max(z[-1], axis=1, keepdims=True))
    y /= np.sum(y, axis=1, keepdims=True)
    targets = np.eye(y.shape[1])[labels]

    found: dict[str, Any] = {"y": -targets / y, "params": [{} for _ in params]}
    dz = y - targets  # softmax and logarithm have met: the first factor of the chain is a difference
    for k in range(len(params), 0, -1):
        found[f"z{k}"] = dz
        found["params"][k - 1] = {"w": a[k - 1].T @ dz, "b": np.sum(dz, axis=0)}
        da = dz @ params[k - 1]["w"].T
        if k > 1:
            found[f"a{k - 1}"] = da
            dz = da * (z[k - 2] > 0)
    return {**found, "x": da}


def predict(params: Params, x: Any) -> Any:
    """The scores of the classes, f[m, classes]."""
    for layer in params[:-1]:
        x = nn.relu(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss(params: Params, x: Any, labels: Any) -> Any:
    """The mean cross entropy."""
    return np.mean(nn.softmax_cross_entropy(predict(params, x), labels))
