"""A recurrent network and an LSTM that read a text letter by letter and guess the next.

The text is the descriptions of the data sets that come with scikit-learn. What a cell keeps of what it has read is its state; `scan` runs it
along the text, and its gradient is backpropagation through time, which `by_hand` writes out for the plain recurrent cell.
(LSTM: Hochreiter, Schmidhuber, Long short-term memory, Neural Computation 9, 1997; with forget gates.)

    python -m fgrad.examples.recurrent
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import datasets

import fgrad
from fgrad import nn, optim

Params = dict[str, Any]


def text() -> str:
    """The descriptions, one behind the other: some fifteen thousand letters."""
    names = ("breast_cancer", "iris", "wine", "digits", "diabetes", "linnerud")
    return "\n".join(getattr(datasets, f"load_{name}")().DESCR for name in names)


def encode(text: str) -> tuple[np.ndarray, str]:
    """Each letter's place in the alphabet i[n], and the alphabet."""
    letters = "".join(sorted(set(text)))
    return np.array([letters.index(c) for c in text]), letters


def passages(codes: np.ndarray, length: int) -> np.ndarray:
    """The text cut into overlapping passages of length + 1 letters: i[n, length + 1]."""
    starts = np.arange(0, len(codes) - length, length // 2)
    return np.stack([codes[s : s + length + 1] for s in starts if s + length < len(codes)])


# -- cells: (params, state, letter) -> state


def rnn(params: Params, h: Any, letter: Any) -> Any:
    """h' = tanh(W x + U h + b); W x is a row of W, for x is a letter."""
    return nn.tanh(nn.one_hot(letter, params["W"].shape[0]) @ params["W"] + h @ params["U"] + params["b"])


def lstm(params: Params, state: tuple[Any, Any], letter: Any) -> tuple[Any, Any]:
    """c' = f c + i g, h' = o tanh(c'): along c the gradient is multiplied by the forget gate f, and by no matrix."""
    h, c = state
    gates = nn.one_hot(letter, params["W"].shape[0]) @ params["W"] + h @ params["U"] + params["b"]
    n = h.shape[-1]
    i, f, o = (nn.sigmoid(gates[..., k * n : (k + 1) * n]) for k in range(3))
    c = f * c + i * nn.tanh(gates[..., 3 * n :])
    return o * nn.tanh(c), c


def init(cell: Callable, letters: int, hidden: int, seed: int = 0) -> Params:
    """Weights of the input W, of the state U, and of the guess V, with biases; those of the forget gates are 1."""
    width = 4 * hidden if cell is lstm else hidden
    keys = fgrad.random.split(fgrad.random.key(seed), 3)
    glorot, orthogonal = nn.initializers.glorot_normal(), nn.initializers.orthogonal()
    b = np.zeros(width)
    if cell is lstm:
        b[hidden : 2 * hidden] = 1.0
    return {
        "W": glorot(keys[0], (letters, width)),
        "U": orthogonal(keys[1], (hidden, width)),
        "b": b,
        "V": glorot(keys[2], (hidden, letters)),
        "d": np.zeros(letters),
    }


def start(cell: Callable, params: Params, shape: tuple[int, ...]) -> Any:
    """The state before the first letter: zeros."""
    zeros = np.zeros((*shape, params["V"].shape[0]))
    return (zeros, zeros) if cell is lstm else zeros


def guesses(cell: Callable, params: Params, letters: Any) -> Any:
    """The scores of the next letter, after each letter of passages i[n, length]: f[length, n, letters]."""

    def step(state: Any, letter: Any) -> tuple[Any, Any]:
        state = cell(params, state, letter)
        return state, state[0] if cell is lstm else state

    _, states = fgrad.scan(step, start(cell, params, letters.shape[:1]), letters.T)
    return states @ params["V"] + params["d"]


def loss(cell: Callable) -> Callable[[Params, Any], Any]:
    """The cost of passages i[n, length + 1]: the mean cross entropy of each next letter, in nats."""

    def cost(params: Params, passages: Any) -> Any:
        return np.mean(nn.softmax_cross_entropy(guesses(cell, params, passages[:, :-1]), passages[:, 1:].T))

    return cost


def by_hand(params: Params, passage: np.ndarray) -> Params:
    """Backpropagation through time for the cell `rnn` and one passage i[length + 1]: the gradient of `loss(rnn)`.

    From the last letter to the first: dh = V ds + (what the next step sends back), dz = (1 - h^2) dh, and U dz goes on to the step before.
    """
    inputs, targets = passage[:-1], passage[1:]
    states = [np.zeros(len(params["U"]))]
    for letter in inputs:
        states.append(np.tanh(params["W"][letter] + states[-1] @ params["U"] + params["b"]))
    found = {name: np.zeros_like(p) for name, p in params.items()}
    back = np.zeros(len(params["U"]))
    for t in range(len(inputs) - 1, -1, -1):
        h, before = states[t + 1], states[t]
        scores = h @ params["V"] + params["d"]
        p = np.exp(scores - scores.max())
        ds = (p / p.sum() - np.eye(len(p))[targets[t]]) / len(inputs)
        dz = (1 - h**2) * (params["V"] @ ds + back)
        found["V"] += np.outer(h, ds)
        found["d"] += ds
        found["W"][inputs[t]] += dz
        found["U"] += np.outer(before, dz)
        found["b"] += dz
        back = params["U"] @ dz
    return found


def train(cell: Callable, codes: np.ndarray, letters: int, epochs: int, hidden: int = 64, length: int = 40) -> optim.FitResult:
    """Adam on batches of 16 passages, gradients no longer than 1."""
    optimizer = optim.chain(optim.clip_by_global_norm(1.0), optim.adam(1e-2))
    data = passages(codes, length)
    return optim.fit(loss(cell), init(cell, letters, hidden), data, optimizer, epochs=epochs, batch_size=16, key=fgrad.random.key(0))


def write(cell: Callable, params: Params, letters: str, prompt: str, n: int, temperature: float = 0.5, seed: int = 0) -> str:
    """What the network writes behind a prompt: each letter drawn from its guess."""
    rng, state, written = np.random.default_rng(seed), start(cell, params, ()), prompt
    for k in range(len(prompt) + n - 1):
        state = cell(params, state, letters.index(written[k]))
        if k + 1 == len(written):
            scores = (state[0] if cell is lstm else state) @ params["V"] + params["d"]
            written += letters[rng.choice(len(letters), p=nn.softmax(scores / temperature))]
    return written


def main(epochs: int = 40) -> None:
    whole = text()
    codes, letters = encode(whole)
    share = np.bincount(codes) / len(codes)
    print(f"{len(whole)} letters of {len(letters)} kinds; guessing by frequency alone costs {-share @ np.log(share):.2f}")
    for cell in (rnn, lstm):
        begin = time.perf_counter()
        params, _, history, _ = train(cell, codes, len(letters), epochs)
        losses = history["epoch_loss"]
        print(f"\n{cell.__name__}: cost {losses[0]:.2f} -> {losses[-1]:.2f} in {time.perf_counter() - begin:.0f} s; it writes:")
        print(write(cell, params, letters, "The ", 200))


if __name__ == "__main__":
    main()
