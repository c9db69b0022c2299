"""Losses, one number for each example, and regularisers of parameters.

What is minimised is their mean: `np.mean(softmax_cross_entropy(logits, labels))`. Labels and shapes are checked where values are known; an
error shows shapes and formula. Under jit labels have no values: one out of range is an IndexError when the program runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.custom import stop_gradient
from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.nn.activations import relu
from fgrad.nn.arguments import class_labels, floating, not_empty, of_class, real_input, same_shape
from fgrad.numpy.shapes import as_array
from fgrad.ops import special
from fgrad.ops.axes import normalize_axis
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import cast

_SQUARED = "(predictions - targets)^2"
_SIGMOID = "-labels log sigmoid(logits) - (1 - labels) log sigmoid(-logits)"
_SOFTMAX = "logsumexp(logits) - logits[label], or for probabilities sum(labels * (logsumexp(logits) - logits))"
_HINGE = "sum over the classes j other than the label of max(0, scores[j] - scores[label] + margin)"


def squared_error(predictions: Any, targets: Any) -> Any:
    """(predictions - targets)^2, for each entry.

    Args:
        predictions: f[...].
        targets: numbers of the same shape.

    Returns:
        f[...] of that shape.

    Raises:
        ShapeError: shapes that differ (f[n, 1] and f[n] would broadcast to f[n, n]), or no examples. DtypeError: predictions that are integers.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
        array([0., 4.])
    """
    predictions, targets = real_input("squared_error", "predictions", predictions, _SQUARED), as_array(targets)
    same_shape("squared_error", _SQUARED, predictions=predictions, targets=targets)
    not_empty("squared_error", _SQUARED, predictions=predictions)
    return fnp.square(predictions - targets)


def sigmoid_cross_entropy(logits: Any, labels: Any) -> Any:
    """The cross entropy of probabilities sigmoid(logits), for each entry: the loss of logistic regression, without overflow.

    Args:
        logits: f[...].
        labels: of the same shape, probabilities from 0 to 1, or integers or booleans that are 0 or 1.

    Returns:
        f[...] of that shape, -labels log sigmoid(logits) - (1 - labels) log sigmoid(-logits).

    Raises:
        ShapeError: shapes that differ, or no examples. DtypeError: logits that are integers. ArgumentError: labels outside of 0 to 1.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.sigmoid_cross_entropy(np.array([0.0, 800.0, 8.0]), np.array([1, 1, 0])).round(4)
        array([0.6931, 0.    , 8.0003])
    """
    name = "sigmoid_cross_entropy"
    logits, labels = real_input(name, "logits", logits, _SIGMOID), as_array(labels)
    same_shape(name, _SIGMOID, logits=logits, labels=labels)
    not_empty(name, _SIGMOID, logits=logits)
    labels = _probabilities(name, labels, logits, _SIGMOID)
    return -labels * special.log_expit(logits) - (1 - labels) * special.log_expit(-logits)


def softmax_cross_entropy(logits: Any, labels: Any, axis: int = -1) -> Any:
    """The cross entropy of probabilities softmax(logits), for each example, without overflow.

    Args:
        logits: f[..., classes].
        labels: i[...], the class of each example, or [..., classes] like logits: probabilities, or one-hot codes.
        axis: the axis of the classes.

    Returns:
        f[...], logsumexp(logits) - logits[label], or sum(labels * (logsumexp(logits) - logits)).

    Raises:
        ArgumentError: a label is out of range, or a probability outside of 0 to 1. ShapeError: shapes that do not fit, or no examples.
        DtypeError: logits that are integers, or labels that are neither.

    Example:
        >>> import fgrad, numpy as np
        >>> logits = np.array([[2.0, 1.0, 0.0], [0.0, 1000.0, 0.0]])
        >>> fgrad.nn.softmax_cross_entropy(logits, np.array([0, 1])).round(4)
        array([0.4076, 0.    ])
        >>> fgrad.nn.softmax_cross_entropy(logits, fgrad.nn.one_hot(np.array([0, 1]), 3)).round(4)
        array([0.4076, 0.    ])
    """
    name = "softmax_cross_entropy"
    logits, labels = real_input(name, "logits", logits, _SOFTMAX), as_array(labels)
    axis, context = _classes(name, logits, labels, axis, _SOFTMAX, probabilities=True)
    gap = logits - fnp.max(stop_gradient(logits), axis=axis, keepdims=True)
    if labels.shape == logits.shape:
        labels = _probabilities(name, labels, logits, _SOFTMAX)
        return fnp.sum(labels * (fnp.log(fnp.sum(fnp.exp(gap), axis=axis, keepdims=True)) - gap), axis=axis)
    labels = class_labels(name, labels, logits.shape[axis], *context)
    return fnp.log(fnp.sum(fnp.exp(gap), axis=axis)) - fnp.squeeze(of_class(gap, labels, axis), axis)


def multiclass_hinge(scores: Any, labels: Any, margin: Any = 1.0, axis: int = -1) -> Any:
    """The hinge loss of several classes, for each example: by how much each other class comes within the margin of the right one, summed.

    Args:
        scores: f[..., classes].
        labels: i[...], the class of each example.
        margin: by how much the right class should lead.
        axis: the axis of the classes.

    Returns:
        f[...], the sum over j != label of max(0, scores[j] - scores[label] + margin). At a kink the derivative is 0.

    Raises:
        ArgumentError: a label is out of range. ShapeError: shapes that do not fit, or no examples. DtypeError: integer
        scores, or labels that are no integers.

    Source: Weston and Watkins (1999), "Support vector machines for multi-class pattern recognition".

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.multiclass_hinge(np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0]]), np.array([0, 1])).round(4)
        array([2.9, 0. ])
    """
    name = "multiclass_hinge"
    scores, labels = real_input(name, "scores", scores, _HINGE), as_array(labels)
    axis, context = _classes(name, scores, labels, axis, _HINGE, probabilities=False)
    labels = class_labels(name, labels, scores.shape[axis], *context)
    margin = cast(as_array(margin), scores.dtype)
    within = relu(scores - of_class(scores, labels, axis) + margin)
    return fnp.sum(within, axis=axis) - relu(margin)  # the label's own term is the margin


# -- regularisers


def l1(params: Any) -> Any:
    """The sum of the absolute values of all parameters; its derivative at 0 is 0.

    Args:
        params: a pytree of floating point arrays.

    Returns:
        f[], to be multiplied by the strength of the penalty.

    Example:
        >>> import fgrad, numpy as np
        >>> float(fgrad.nn.l1({"w": np.array([1.0, -2.0]), "b": 0.5}))
        3.5
    """
    return sum((fnp.sum(p * fnp.sign(p)) for p in map(floating, tree.leaves(params))), 0.0)


def l2(params: Any) -> Any:
    """The sum of the squares of all parameters (without the factor 1/2 that some have).

    Args:
        params: a pytree of floating point arrays.

    Returns:
        f[], to be multiplied by the strength of the penalty.

    Example:
        >>> import fgrad, numpy as np
        >>> float(fgrad.nn.l2({"w": np.array([1.0, -2.0]), "b": 0.5}))
        5.25
    """
    return sum((fnp.sum(fnp.square(p)) for p in map(floating, tree.leaves(params))), 0.0)


# -- reading labels


def _classes(name: str, scores: Any, labels: Any, axis: int, formula: str, probabilities: bool) -> tuple[int, list[str]]:
    """The axis of the classes, and what an error about labels should show."""
    what = "scores" if name == "multiclass_hinge" else "logits"
    shown = f"{what}: {short(scores)} and labels: {short(labels)}"
    if not scores.ndim:
        raise ShapeError(f"{name}: {what} have no axis of classes: {shown}", f"the formula is {formula}")
    axis = normalize_axis(name, axis, scores.ndim, scores)
    batch = scores.shape[:axis] + scores.shape[axis + 1 :]
    if labels.shape != batch and not (probabilities and labels.shape == scores.shape):
        raise ShapeError(
            f"{name}: {shown} do not fit",
            f"the formula is {formula}",
            f"Integer labels have the shape {batch}, that of {what} without axis {axis}"
            + (f"; probabilities have {scores.shape}." if probabilities else "."),
        )
    not_empty(name, formula, **{what: scores, "labels": labels})
    return axis, [shown, f"the formula is {formula}"]


def _probabilities(name: str, labels: Any, logits: Any, formula: str) -> Any:
    """Labels in the dtype of the logits; those that are known lie between 0 and 1."""
    known = concrete_or_none(labels)
    if known is not None and not bool(np.all((known >= 0) & (known <= 1))):
        worst = np.asarray(known)[~np.asarray((known >= 0) & (known <= 1))][0]
        raise ArgumentError(
            f"{name}: a label is {worst}, and labels of the shape of logits are probabilities, from 0 to 1",
            f"logits: {short(logits)} and labels: {short(labels)}",
            f"the formula is {formula}",
        )
    return cast(labels, logits.dtype)


__all__ = ["l1", "l2", "multiclass_hinge", "sigmoid_cross_entropy", "softmax_cross_entropy", "squared_error"]
