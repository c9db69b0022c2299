"""Recurrent networks, a Neural Turing Machine, and points in the plane."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad.examples import recurrent, toy2d, turing
from fgrad.testing import check_grads

CODES, LETTERS = recurrent.encode(recurrent.text())


def test_text_is_read_as_it_is():
    whole = recurrent.text()
    assert len(whole) > 10_000 and "petal" in whole
    assert "".join(LETTERS[c] for c in CODES) == whole
    cut = recurrent.passages(CODES, 40)
    np.testing.assert_array_equal(cut[1], CODES[20:61])


def test_backpropagation_through_time_by_hand():
    params = recurrent.init(recurrent.rnn, len(LETTERS), 7)
    passage = CODES[:13]
    found = fgrad.grad(recurrent.loss(recurrent.rnn))(params, passage[None])
    fgrad.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-14), found, recurrent.by_hand(params, passage))


@pytest.mark.parametrize("cell", [recurrent.rnn, recurrent.lstm])
def test_recurrent_gradient(cell):
    params = recurrent.init(cell, len(LETTERS), 4)
    check_grads(lambda p: recurrent.loss(cell)(p, recurrent.passages(CODES[:30], 6)), (params,), order=1)


def test_forget_gate_carries_the_gradient():
    """Along c nothing but the forget gates multiplies: the derivative of c after n letters with respect to c before them, by hand."""
    params = recurrent.init(recurrent.lstm, len(LETTERS), 1)
    params = {**params, "U": np.zeros_like(params["U"])}
    letters = CODES[:20]

    def last(c):
        state = (np.zeros(1), c)
        for letter in letters:
            state = recurrent.lstm(params, state, letter)
        return state[1]

    gates = 1 / (1 + np.exp(-(params["W"][letters, 1] + params["b"][1])))
    np.testing.assert_allclose(fgrad.jacrev(last)(np.array([0.5]))[0, 0], np.prod(gates), rtol=1e-13)


@pytest.mark.parametrize("cell", [recurrent.rnn, recurrent.lstm])
def test_text_is_learned(cell, compiling):
    """Better than guessing by frequency, which costs the entropy of the letters."""
    share = np.bincount(CODES) / len(CODES)
    params, _, history, _ = recurrent.train(cell, CODES, len(LETTERS), epochs=8, hidden=32)
    assert history["epoch_loss"][-1] < -share @ np.log(share) - 0.5
    written = recurrent.write(cell, params, LETTERS, "The ", 20)
    assert len(written) == 24 and written.startswith("The ") and set(written) <= set(LETTERS)


# -- the Neural Turing Machine


def test_copy_task():
    inputs, targets, which = turing.copy_task(3, 2, np.random.default_rng(0), longest=5)
    assert inputs.shape == (12, 2, turing.BITS + 2) and targets.shape == (12, 2, turing.BITS)
    np.testing.assert_array_equal(inputs[1:4, :, : turing.BITS], targets[5:8])
    assert not inputs[5:].any() and which.sum() == 3 and which[5:8].all()  # it recites with nothing before it


def test_address_moves_and_finds(rng):
    """With the gate shut a head goes where the shift says; with it open and a strong key, where the memory is like the key."""
    memory = rng.normal(size=(1, 6, turing.CELL))
    before = np.eye(6)[[2]]
    order = np.zeros((1, turing.HEAD))
    order[0, turing.CELL + 1], order[0, turing.CELL + 4] = -50.0, 50.0  # the gate, the shift by one
    np.testing.assert_allclose(turing.address(order, before, memory), np.eye(6)[[3]], atol=1e-9)
    order[0, : turing.CELL] = memory[0, 5]
    order[0, turing.CELL], order[0, turing.CELL + 1], order[0, turing.CELL + 4] = 200.0, 50.0, 0.0
    order[0, turing.CELL + 3] = 50.0  # no shift
    np.testing.assert_allclose(turing.address(order, before, memory), np.eye(6)[[5]], atol=1e-6)


def test_turing_machine_gradient():
    params = turing.init()
    example = turing.copy_task(2, 2, np.random.default_rng(0))
    check_grads(lambda p: turing.loss(p, *example, cells=5), (params,), order=1)


def test_turing_machine_learns_to_copy(compiling):
    """Far from the end of its training (python -m fgrad.examples.turing), it recites short sequences."""
    *_, (params, cost) = turing.train(300)
    assert cost < 0.1
    assert turing.wrong_bits(turing.init(), 3) > 0.4
    assert turing.wrong_bits(params, 3) < 0.03


# -- the plane


@pytest.mark.parametrize(("shape", "widths"), [(toy2d.circle, (2, 8, 2, 1)), (toy2d.spiral, (2, 16, 16, 2, 1))])
def test_plane_is_separated(shape, widths, compiling):
    rng = np.random.default_rng(0)
    params, _, history, _ = toy2d.train(shape(400, rng), widths)
    assert toy2d.accuracy(params, *shape(1000, rng)) >= 0.98
    assert history["loss"][-1] < 0.1 * history["loss"][0]
    # a straight line cuts what the last hidden layer makes of the points
    points, labels = shape(200, rng)
    hidden = toy2d.hidden(params, points)
    side = hidden @ params[-1]["w"][:, 0] + params[-1]["b"][0] > 0
    assert hidden.shape == (200, 2) and np.mean(side == labels) >= 0.98
