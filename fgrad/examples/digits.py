"""Trains a small network on handwritten digits, then computes its gradient by forward and by reverse mode and compares them.

The data are the 1797 images of 8 x 8 pixels that ship in scikit-learn; a quarter is held out to measure the accuracy. The network and its
loss are plain NumPy, and `value_and_grad(loss)` gives the gradient as a dict like the parameters.

    python -m fgrad.examples.digits --help
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import fgrad
from fgrad.scipy.special import logsumexp

PIXELS, CLASSES = 64, 10

Params = dict[str, np.ndarray]
Batch = tuple[np.ndarray, np.ndarray]


def load(seed: int) -> tuple[Batch, Batch]:
    """Training and test images f[n, 64], from 0 to 1, each with its labels i[n]; every digit has its share in both."""
    data: Any = load_digits()
    found: Any = train_test_split(data.data / 16.0, data.target, test_size=0.25, stratify=data.target, random_state=seed)
    train_images, test_images, train_labels, test_labels = found
    return (train_images, train_labels), (test_images, test_labels)


def init(hidden: int, rng: np.random.Generator) -> Params:
    """Weights of a network with one hidden layer, drawn so that signals keep their size."""
    return {
        "W1": rng.normal(0, np.sqrt(2 / PIXELS), (PIXELS, hidden)),
        "b1": np.zeros(hidden),
        "W2": rng.normal(0, np.sqrt(1 / hidden), (hidden, CLASSES)),
        "b2": np.zeros(CLASSES),
    }


def predict(params: Params, images: np.ndarray) -> np.ndarray:
    """The score of each class, f[n, 10]."""
    hidden = np.maximum(images @ params["W1"] + params["b1"], 0.0)
    return hidden @ params["W2"] + params["b2"]


def loss(params: Params, images: np.ndarray, labels: np.ndarray) -> Any:
    """The mean cross entropy of the labels under the softmax of the scores."""
    scores = predict(params, images)
    return np.mean(logsumexp(scores, axis=1) - scores[np.arange(len(labels)), labels])


def accuracy(params: Params, images: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(np.argmax(predict(params, images), axis=1) == labels))


def batches(data: Batch, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """The data once, in random order."""
    images, labels = data
    order = rng.permutation(len(labels))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield images[chosen], labels[chosen]


def train(params: Params, data: Batch, epochs: int, rng: np.random.Generator, rate: float = 0.1, momentum: float = 0.9) -> Params:
    """Mini-batch stochastic gradient descent with momentum."""
    value_and_grad = fgrad.value_and_grad(loss)
    velocity = fgrad.tree.map(np.zeros_like, params)
    progress = tqdm(range(epochs), desc="training", unit="epoch")
    for _ in progress:
        losses = []
        for images, labels in batches(data, 64, rng):
            value, gradient = value_and_grad(params, images, labels)
            velocity = fgrad.tree.map(lambda v, g: momentum * v - rate * g, velocity, gradient)
            params = fgrad.tree.map(np.add, params, velocity)
            losses.append(value)
        progress.set_postfix(loss=f"{np.mean(losses):.4f}")
    return params


# -- forward against reverse mode


def directions(params: Params, start: int, stop: int) -> Params:
    """Unit tangents for the weights start, ..., stop - 1, all weights counted in a row: a pytree like params with a leading axis."""
    leaves, structure = fgrad.tree.flatten(params)
    sizes = [leaf.size for leaf in leaves]
    rows = np.split(np.eye(stop - start, sum(sizes), k=start), np.cumsum(sizes)[:-1], axis=1)
    return fgrad.tree.unflatten(structure, [r.reshape(-1, *leaf.shape) for r, leaf in zip(rows, leaves, strict=True)])


def forward_gradient(f: Callable[[Params], Any], params: Params, at_once: int) -> np.ndarray:
    """The gradient f[weights] by forward mode: a derivative along each weight, `at_once` of them in one call by vmap."""
    weights = sum(leaf.size for leaf in fgrad.tree.leaves(params))
    along = fgrad.vmap(lambda tangent: fgrad.jvp(f, (params,), (tangent,))[1])
    starts = range(0, weights, at_once)
    return np.concatenate([along(directions(params, i, min(i + at_once, weights))) for i in starts])


def reverse_gradient(f: Callable[[Params], Any], params: Params) -> np.ndarray:
    """The gradient f[weights] by reverse mode: all of it in one pass."""
    return np.concatenate([leaf.ravel() for leaf in fgrad.tree.leaves(fgrad.grad(f)(params))])


def timed(f: Callable[[], np.ndarray], runs: int) -> tuple[np.ndarray, float]:
    """The result, and the shortest time of several runs in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = f()
        times.append(time.perf_counter() - start)
    return result, min(times)


def compare_modes(params: Params, batch: Batch) -> float:
    """Prints time and passes of both modes for the gradient of the loss of one batch; returns their largest difference."""

    def f(params: Params) -> Any:
        return loss(params, *batch)

    weights = sum(leaf.size for leaf in fgrad.tree.leaves(params))
    reverse, seconds = timed(lambda: reverse_gradient(f, params), runs=10)
    rows = [("reverse: grad", 1, seconds, 0.0)]
    for name, at_once in [("forward: jvp, a weight at a time", 1), ("forward: vmap of jvp, 100 at a time", 100)]:
        forward, seconds = timed(lambda at_once=at_once: forward_gradient(f, params, at_once), runs=1)
        rows.append((name, weights, seconds, float(np.max(np.abs(forward - reverse)))))

    print(f"\nThe gradient of the loss of {len(batch[1])} images with respect to all {weights} weights:\n")
    print(f"{'mode':38}{'passes':>8}{'time':>12}{'times reverse':>16}{'max difference':>17}")
    for name, passes, seconds, difference in rows:
        print(f"{name:38}{passes:8}{1e3 * seconds:9.2f} ms{seconds / rows[0][2]:16.1f}{difference:17.1e}")
    return max(row[3] for row in rows)


def main(argv: Sequence[str] | None = None) -> tuple[float, float]:
    """Returns the test accuracy and the largest difference between the modes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30, help="passes over the training images (default 30)")
    parser.add_argument("--hidden", type=int, default=64, help="width of the hidden layer (default 64)")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the first weights and the order of the images (default 0)")
    args = parser.parse_args(argv)

    rng = np.random.default_rng(args.seed)
    training, test = load(args.seed)
    params = train(init(args.hidden, rng), training, args.epochs, rng)
    found = accuracy(params, *test)
    print(f"test accuracy {found:.4f} on {len(test[1])} held-out images ({len(training[1])} were trained on)")
    return found, compare_modes(params, next(batches(training, 64, rng)))


if __name__ == "__main__":
    main()
