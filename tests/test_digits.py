"""The digits example: it learns, and forward and reverse mode agree on its gradient."""

from __future__ import annotations

import numpy as np

import fgrad
from fgrad.examples import digits


def test_main(capsys):
    accuracy, difference = digits.main([])
    assert accuracy >= 0.96
    assert difference <= 1e-12
    printed = capsys.readouterr()
    assert f"test accuracy {accuracy:.4f} on 450 held-out images (1347 were trained on)" in printed.out
    assert "reverse: grad" in printed.out
    assert "training: 100%" in printed.err


def test_arguments(capsys):
    accuracy, difference = digits.main(["--epochs", "2", "--hidden", "8", "--seed", "3"])
    assert 0.5 < accuracy < 1
    assert difference <= 1e-12
    assert "all 610 weights" in capsys.readouterr().out


def test_gradient_against_the_closed_form():
    """The gradient with respect to the last bias is the mean of softmax(scores) minus the one-hot labels."""
    rng = np.random.default_rng(0)
    (images, labels), _ = digits.load(0)
    params = digits.init(16, rng)
    scores = digits.predict(params, images)
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    found = fgrad.grad(digits.loss)(params, images, labels)["b2"]
    np.testing.assert_allclose(found, np.mean(p - np.eye(10)[labels], axis=0), atol=1e-15)


def test_split_is_held_out():
    (train, train_labels), (test, test_labels) = digits.load(0)
    assert len(train) + len(test) == 1797
    assert np.bincount(train_labels).min() > 100 and np.bincount(test_labels).min() > 40
    assert train.min() == 0 and train.max() == 1
    assert {t.tobytes() for t in train}.isdisjoint(t.tobytes() for t in test)
