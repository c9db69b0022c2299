"""Linear classifiers: logistic regression with either cost, softmax regression, and the support vector machine, with gradients by hand.

Each cost is the mean over m examples plus the regulariser lambda / 2m times the sum of squared weights, biases left out. Rows of X: f[m, n]
are examples with a 1 in front (`with_ones`), so row 0 of the weights is the bias.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.nn import logsumexp, sigmoid


def with_ones(X: np.ndarray) -> np.ndarray:
    """Examples f[m, n] with a column of ones in front."""
    return np.concatenate([np.ones((len(X), 1)), X], axis=1)


def standardised(X: np.ndarray) -> np.ndarray:
    """Each column with mean 0 and deviation 1."""
    return (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-6)


def regulariser(weights: Any, lam: float, m: int) -> Any:
    return lam / (2 * m) * np.sum(weights[1:] ** 2)


def regulariser_slope(weights: np.ndarray, lam: float, m: int) -> np.ndarray:
    return lam / m * np.concatenate([np.zeros_like(weights[:1]), weights[1:]])


# -- two classes: theta f[n], y f[m] of zeros and ones


def squared_error(theta: Any, X: Any, y: Any, lam: float = 0.0) -> Any:
    """1/2m sum (h - y)^2 with h = sigmoid(X theta)."""
    h = sigmoid(X @ theta)
    return np.mean((h - y) ** 2) / 2 + regulariser(theta, lam, len(y))


def squared_error_by_hand(theta: np.ndarray, X: np.ndarray, y: np.ndarray, lam: float = 0.0) -> np.ndarray:
    """1/m X' ((h - y) h (1 - h)): where h is nearly 0 or 1 it vanishes, right or wrong."""
    h = sigmoid(X @ theta)
    return X.T @ ((h - y) * h * (1 - h)) / len(y) + regulariser_slope(theta, lam, len(y))


def cross_entropy(theta: Any, X: Any, y: Any, lam: float = 0.0) -> Any:
    """-1/m sum (y log h + (1 - y) log(1 - h)), written so that no logarithm of 0 is taken: log(1 + e^z) - y z."""
    z = X @ theta
    return np.mean(np.logaddexp(0.0, z) - y * z) + regulariser(theta, lam, len(y))


def cross_entropy_by_hand(theta: np.ndarray, X: np.ndarray, y: np.ndarray, lam: float = 0.0) -> np.ndarray:
    """1/m X' (h - y): the factor h (1 - h) has cancelled."""
    return X.T @ (sigmoid(X @ theta) - y) / len(y) + regulariser_slope(theta, lam, len(y))


# -- many classes: weights f[n, classes], labels i[m]


def softmax(weights: Any, X: Any, labels: Any, lam: float = 0.0) -> Any:
    """The mean of -log of the probability of the label."""
    scores = X @ weights
    picked = scores[np.arange(len(labels)), labels]
    return np.mean(logsumexp(scores, axis=1) - picked) + regulariser(weights, lam, len(labels))


def softmax_by_hand(weights: np.ndarray, X: np.ndarray, labels: np.ndarray, lam: float = 0.0) -> np.ndarray:
    """1/m X' (p - one-hot)."""
    scores = X @ weights
    p = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
    return X.T @ (p - np.eye(weights.shape[1])[labels]) / len(labels) + regulariser_slope(weights, lam, len(labels))


def hinge(weights: Any, X: Any, labels: Any, lam: float = 0.0) -> Any:
    """The support vector machine's: the mean of the sum, over wrong classes, of max(0, score - score of the label + 1)."""
    scores = X @ weights
    margins = np.maximum(scores - scores[np.arange(len(labels)), labels][:, None] + 1.0, 0.0)
    return np.mean(np.sum(margins, axis=1) - 1.0) + regulariser(weights, lam, len(labels))  # the label's own margin is 1


def hinge_by_hand(weights: np.ndarray, X: np.ndarray, labels: np.ndarray, lam: float = 0.0) -> np.ndarray:
    """1/m X' V, where V is 1 at each wrong class within the margin, and minus the number of those at the label."""
    rows, scores = np.arange(len(labels)), X @ weights
    violated = (scores - scores[rows, labels][:, None] + 1.0 > 0).astype(float)
    violated[rows, labels] = 0.0
    violated[rows, labels] = -np.sum(violated, axis=1)
    return X.T @ violated / len(labels) + regulariser_slope(weights, lam, len(labels))


def accuracy(weights: np.ndarray, X: np.ndarray, labels: np.ndarray) -> float:
    """The share of examples whose label has the highest score; of two classes, whose score has the label's sign."""
    scores = X @ weights
    return float(np.mean((scores > 0 if scores.ndim == 1 else np.argmax(scores, axis=1)) == labels))
