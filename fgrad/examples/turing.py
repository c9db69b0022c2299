"""A Neural Turing Machine learns to copy: it reads a sequence of bits, writes it into a memory, and recites it from there.

A network (the controller) drives two heads over a memory of n cells. A head has a weight for each cell; it finds cells by their content or moves on
from where it was, and each of that is differentiable, so that backpropagation through time teaches the algorithm. What was learned on short
sequences works on longer ones than were ever seen.
(Graves, Wayne, Danihelka, Neural Turing Machines, arXiv:1410.5401: equations 1 to 9. Cells start as one small constant: Collier, Beel,
Implementing Neural Turing Machines, 2018.)

    python -m fgrad.examples.turing
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

import fgrad
from fgrad import nn, optim

Params = dict[str, Any]
Batch = tuple[np.ndarray, np.ndarray, np.ndarray]

BITS = 8
CELL = 16
HIDDEN = 64
HEAD = CELL + 6
"""What a head is told: a key, its strength, the gate, three shifts, and the sharpening."""


def copy_task(length: int, batch: int, rng: np.random.Generator, longest: int | None = None) -> Batch:
    """Sequences of so many bit vectors, shown, then to be recited.

    Returns:
        (inputs f[time, batch, BITS + 2]: bits, then marks where the sequence begins and ends; targets f[time, batch, BITS];
        which[time]: 1 where an answer counts). There are 2 longest + 2 times, whatever the length.
    """
    longest = longest or length
    inputs, targets = np.zeros((2 * longest + 2, batch, BITS + 2)), np.zeros((2 * longest + 2, batch, BITS))
    which = np.zeros(2 * longest + 2)
    bits = rng.integers(0, 2, (length, batch, BITS))
    inputs[0, :, BITS] = inputs[length + 1, :, BITS + 1] = 1.0
    inputs[1 : length + 1, :, :BITS] = bits
    targets[length + 2 : 2 * length + 2] = bits
    which[length + 2 : 2 * length + 2] = 1.0
    return inputs, targets, which


def init(seed: int = 0) -> Params:
    """Weights of the controller, of what it tells both heads and writes, and of the answer."""
    keys = fgrad.random.split(fgrad.random.key(seed), 3)
    glorot = nn.initializers.glorot_uniform()
    orders = 2 * HEAD + 2 * CELL
    return {
        "controller": {"w": glorot(keys[0], (BITS + 2 + CELL, HIDDEN)), "b": np.zeros(HIDDEN)},
        "orders": {"w": glorot(keys[1], (HIDDEN, orders)), "b": np.zeros(orders)},
        "answer": {"w": glorot(keys[2], (HIDDEN + CELL, BITS)), "b": np.zeros(BITS)},
    }


def affine(layer: dict[str, Any], x: Any) -> Any:
    return x @ layer["w"] + layer["b"]


def address(order: Any, before: Any, memory: Any) -> Any:
    """The weights of a head f[batch, n] from its order f[batch, HEAD], its weights before, and the memory f[batch, n, CELL]."""
    key, strength, gate = order[:, :CELL], nn.softplus(order[:, CELL]), nn.sigmoid(order[:, CELL + 1])
    shift, sharpening = nn.softmax(order[:, CELL + 2 : CELL + 5]), 1.0 + nn.softplus(order[:, CELL + 5])
    norms = np.sqrt(np.sum(memory**2, axis=2) * np.sum(key**2, axis=1)[:, None] + 1e-12)
    likeness = np.einsum("bnc,bc->bn", memory, key) / norms
    by_content = nn.softmax(strength[:, None] * likeness)
    w = gate[:, None] * by_content + (1.0 - gate[:, None]) * before
    w = shift[:, :1] * np.roll(w, -1, axis=1) + shift[:, 1:2] * w + shift[:, 2:] * np.roll(w, 1, axis=1)
    w = (w + 1e-12) ** sharpening[:, None]
    return w / np.sum(w, axis=1, keepdims=True)


def machine(params: Params, inputs: Any, cells: int) -> tuple[Any, Any]:
    """The answers' scores f[time, batch, BITS], and where both heads were, f[time, 2, batch, cells]."""
    batch = inputs.shape[1]
    first = np.zeros((batch, cells)) + np.eye(cells)[0]  # both heads at the first cell

    def step(state: Any, x: Any) -> tuple[Any, Any]:
        memory, reading, writing, read = state
        hidden = nn.tanh(affine(params["controller"], np.concatenate([x, read], axis=1)))
        orders = affine(params["orders"], hidden)
        erase, add = nn.sigmoid(orders[:, 2 * HEAD : 2 * HEAD + CELL]), nn.tanh(orders[:, 2 * HEAD + CELL :])
        writing = address(orders[:, :HEAD], writing, memory)
        memory = memory * (1.0 - writing[:, :, None] * erase[:, None, :]) + writing[:, :, None] * add[:, None, :]
        reading = address(orders[:, HEAD : 2 * HEAD], reading, memory)
        read = np.einsum("bn,bnc->bc", reading, memory)
        scores = affine(params["answer"], np.concatenate([hidden, read], axis=1))
        return (memory, reading, writing, read), (scores, np.stack([writing, reading]))

    state = np.full((batch, cells, CELL), 1e-2), first, first, np.zeros((batch, CELL))
    return fgrad.scan(step, state, inputs)[1]


def loss(params: Params, inputs: Any, targets: Any, which: Any, cells: int = 24) -> Any:
    """The mean cross entropy of the bits to be recited."""
    scores, _ = machine(params, inputs, cells)
    each = np.mean(nn.sigmoid_cross_entropy(scores, targets), axis=(1, 2))
    return np.sum(each * which) / np.sum(which)


def wrong_bits(params: Params, length: int, sequences: int = 100, cells: int = 24, seed: int = 1) -> float:
    """The share of bits recited wrongly, of new sequences."""
    inputs, targets, which = copy_task(length, sequences, np.random.default_rng(seed))
    scores, _ = machine(params, inputs, cells)
    return float(np.mean((scores > 0) != targets, axis=(1, 2)) @ which / np.sum(which))


def train(steps: int = 2000, longest: int = 6, batch: int = 16, seed: int = 0) -> Iterator[tuple[Params, float]]:
    """The parameters and the cost after each of 2000 steps (or less: `steps`), on sequences of 1 to `longest` vectors."""
    rng, params = np.random.default_rng(seed), init(seed)
    optimizer = optim.chain(optim.clip_by_global_norm(10.0), optim.adam(optim.cosine_decay_schedule(3e-3, 2000)))
    state = optimizer.init(params)

    @fgrad.jit
    def step(params: Params, state: Any, example: Batch) -> tuple[Params, Any, Any]:
        value, gradient = fgrad.value_and_grad(loss)(params, *example)
        updates, state = optimizer.update(gradient, state, params)
        return optim.apply_updates(params, updates), state, value

    for _ in range(steps):
        example = copy_task(int(rng.integers(1, longest + 1)), batch, rng, longest)
        params, state, value = step(params, state, example)
        yield params, float(value)


def main(steps: int = 2000) -> dict[int, float]:
    """Prints how it learns; returns the share of wrong bits by length."""
    begin, params = time.perf_counter(), init()
    for k, (params, cost) in enumerate(train(steps), 1):
        if k % 250 == 0:
            print(f"step {k}: cost {cost:.5f}, {100 * wrong_bits(params, 6):.2f} % of bits wrong", flush=True)
    found = {length: wrong_bits(params, length) for length in (3, 6, 10, 16)}
    print(f"in {time.perf_counter() - begin:.0f} s; sequences were up to 6 long")
    for length, share in found.items():
        print(f"sequences of {length:2}: {100 * share:.2f} % of bits wrong")
    return found


if __name__ == "__main__":
    main()
