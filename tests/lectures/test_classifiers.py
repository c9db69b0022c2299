"""Logistic regression, softmax regression and the support vector machine on real data: gradients by hand, and accuracy."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.linear_model import LogisticRegression

import fgrad
from fgrad.examples import classifiers as c

TUMOURS = load_breast_cancer()
IRIS = load_iris()
TWO = c.with_ones(c.standardised(TUMOURS.data)), TUMOURS.target
MANY = c.with_ones(c.standardised(IRIS.data)), IRIS.target
COSTS = [
    (c.squared_error, c.squared_error_by_hand, TWO, (31,)),
    (c.cross_entropy, c.cross_entropy_by_hand, TWO, (31,)),
    (c.softmax, c.softmax_by_hand, MANY, (5, 3)),
    (c.hinge, c.hinge_by_hand, MANY, (5, 3)),
]
ids = [cost.__name__ for cost, *_ in COSTS]


@pytest.mark.parametrize(("cost", "by_hand", "data", "shape"), COSTS, ids=ids)
@pytest.mark.parametrize("lam", [0.0, 2.0])
def test_gradient(cost, by_hand, data, shape, lam, rng):
    weights = rng.normal(size=shape)
    found = fgrad.grad(cost)(weights, *data, lam)
    np.testing.assert_allclose(found, by_hand(weights, *data, lam), rtol=0, atol=1e-14)
    bias = fgrad.grad(lambda w: c.regulariser(w, 2.0, 10))(weights)[0]
    assert not np.any(bias)


@pytest.mark.parametrize(("cost", "by_hand", "data", "shape"), COSTS, ids=ids)
def test_learns(cost, by_hand, data, shape):
    step = fgrad.jit(fgrad.grad(cost))
    weights = np.zeros(shape)
    for _ in range(300):
        weights = weights - 0.5 * step(weights, *data, 0.1)
    assert c.accuracy(weights, *data) >= 0.95
    assert cost(weights, *data) < cost(np.zeros(shape), *data) / 2


def test_optimum_is_that_of_scikit_learn():
    """Newton's method with fgrad's Hessian finds the regularised optimum; scikit-learn's C is 1 / lambda."""
    X, y = TWO
    theta = np.zeros(X.shape[1])
    derivatives = fgrad.jit(lambda theta: (fgrad.grad(c.cross_entropy)(theta, X, y, 1.0), fgrad.hessian(c.cross_entropy)(theta, X, y, 1.0)))
    for _ in range(12):
        gradient, hessian = derivatives(theta)
        theta = theta - np.linalg.solve(hessian, gradient)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(X[:, 1:], y)
    np.testing.assert_allclose(theta[1:], theirs.coef_[0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(theta[0], theirs.intercept_[0], rtol=0, atol=1e-5)
    # the Hessian of the cross-entropy, by hand: X' diag(h (1 - h)) X / m + lambda / m
    h = 1 / (1 + np.exp(-(X @ theta)))
    ridge = np.diag([0.0, *np.ones(X.shape[1] - 1)]) / len(y)
    np.testing.assert_allclose(hessian, (X.T * (h * (1 - h))) @ X / len(y) + ridge, rtol=0, atol=1e-12)


def test_squared_error_stops_learning_where_it_is_most_wrong():
    """At z = -40 and y = 1 the squared error's slope is nothing, the cross-entropy's is all there is."""
    X, y = np.array([[1.0]]), np.array([1.0])
    theta = np.array([-40.0])
    assert abs(fgrad.grad(c.squared_error)(theta, X, y)[0]) < 1e-15
    assert fgrad.grad(c.cross_entropy)(theta, X, y)[0] == -1.0
