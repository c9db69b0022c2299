"""Activation functions, softmax and one-hot codes: names, arguments and derivatives at kinks are those of jax.nn.

Each is one expression of NumPy's functions, in a form that neither overflows nor cancels, so that its derivative does not either, and that
compiles to one sweep. float32 stays float32; integers become float64, but for relu, which keeps them.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.custom import stop_gradient
from fgrad.core.avals import short
from fgrad.core.errors import ShapeError
from fgrad.nn.arguments import class_labels, counted, floating, where
from fgrad.numpy.reductions import logsumexp
from fgrad.numpy.shapes import as_array
from fgrad.ops import special
from fgrad.ops.axes import normalize_axis
from fgrad.ops.promote import cast

# -- pieces of lines


def relu(x: Any) -> Any:
    """max(x, 0), whose derivative at 0 is 0.

    Args:
        x: any array.

    Returns:
        An array like x; NaN stays NaN.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.relu(np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 2.])
        >>> float(fgrad.grad(fgrad.nn.relu)(0.0))
        0.0
    """
    x = as_array(x)
    return where(x <= 0, 0, x)


def leaky_relu(x: Any, negative_slope: Any = 0.01) -> Any:
    """x where x >= 0, negative_slope * x elsewhere; the derivative at 0 is 1.

    Args:
        x: f[...].
        negative_slope: a number, or an array that broadcasts with x (trained, this is PReLU).

    Returns:
        f[...] like x.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.leaky_relu(np.array([-1.0, 2.0]), 0.1)
        array([-0.1,  2. ])
    """
    x = floating(x)
    return where(x >= 0, x, negative_slope * x)


def maxout(x: Any, pool_size: int, axis: int = -1) -> Any:
    """The largest of each group of `pool_size` neighbouring features; a tie shares the derivative evenly.

    Args:
        x: [..., n * pool_size, ...].
        pool_size: features in a group.
        axis: the axis of the features.

    Returns:
        [..., n, ...].

    Raises:
        ShapeError: the features are not a multiple of pool_size.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), "Maxout networks".

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.maxout(np.array([1.0, 5.0, 2.0, -3.0]), 2)
        array([5., 2.])
    """
    x = as_array(x)
    axis, size = normalize_axis("maxout", axis, x.ndim, x), operator.index(pool_size)
    features = x.shape[axis]
    if size < 1 or features % size:
        raise ShapeError(
            f"maxout: the {features} features of x: {short(x)} along axis {axis} are not groups of {size}",
            "the formula is out[k] = max(x[k * pool_size], ..., x[(k + 1) * pool_size - 1])",
        )
    groups = (*x.shape[:axis], features // size, size, *x.shape[axis + 1 :])
    return fnp.max(fnp.reshape(x, groups), axis=axis + 1)


# -- exponentials and what is made of them


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        x: f[...].
        alpha: minus the limit at -inf; a number, or an array that broadcasts with x.

    Returns:
        f[...] like x.

    Source: Clevert, Unterthiner and Hochreiter (2016).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.elu(np.array([-1.0, 2.0])).round(4)
        array([-0.6321,  2.    ])
    """
    x = floating(x)
    below = where(x > 0, 0, x)  # what is not used must not overflow: its derivative would be infinity times zero
    return where(x > 0, x, alpha * fnp.expm1(below))


def selu(x: Any) -> Any:
    """elu scaled so that standard normal features stay so from layer to layer.

    Args:
        x: f[...].

    Returns:
        f[...] like x: scale * elu(x, alpha), of the constants of the source.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), "Self-normalizing neural networks", eq. 14.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.selu(np.array([-1.0, 2.0])).round(4)
        array([-1.1113,  2.1014])
    """
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), exact in both tails, and so is its derivative.

    Args:
        x: f[...].

    Returns:
        f[...] like x.

    Example:
        >>> import fgrad
        >>> float(fgrad.nn.sigmoid(0.0)), float(fgrad.grad(fgrad.nn.sigmoid)(-800.0))
        (0.5, 0.0)
    """
    return special.logistic(floating(x))


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)), which is nearly x far to the left.

    Args:
        x: f[...].

    Returns:
        f[...] like x.

    Example:
        >>> import fgrad
        >>> float(fgrad.nn.log_sigmoid(-1000.0))
        -1000.0
    """
    return special.log_expit(floating(x))


def softplus(x: Any) -> Any:
    """log(1 + exp(x)), whose derivative is sigmoid(x).

    Args:
        x: f[...].

    Returns:
        f[...] like x.

    Example:
        >>> import fgrad
        >>> float(fgrad.nn.softplus(1000.0)), float(fgrad.grad(fgrad.nn.softplus)(0.0))
        (1000.0, 0.5)
    """
    return -special.log_expit(-floating(x))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent, NumPy's.

    Args:
        x: f[...].

    Returns:
        f[...] like x.

    Example:
        >>> import fgrad
        >>> round(float(fgrad.nn.tanh(1.0)), 6)
        0.761594
    """
    return fnp.tanh(x)


def silu(x: Any) -> Any:
    """x * sigmoid(x), also called swish.

    Args:
        x: f[...].

    Returns:
        f[...] like x.

    Source: Elfwing, Uchibe and Doya (2018).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.silu(np.array([-1.0, 1.0])).round(4)
        array([-0.2689,  0.7311])
    """
    x = floating(x)
    return x * sigmoid(x)


def gelu(x: Any, approximate: bool = True) -> Any:
    """x times the probability that a standard normal number is below x.

    Args:
        x: f[...].
        approximate: by tanh, as 0.5 x (1 + tanh(u)) with u = sqrt(2 / pi) (x + 0.044715 x^3), which is x sigmoid(2 u): so it is computed, since
            1 + tanh(u) cancels far to the left. False: by the error function.

    Returns:
        f[...] like x.

    Source: Hendrycks and Gimpel (2016).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.gelu(np.array([-1.0, 1.0])).round(4), fgrad.nn.gelu(1.0, approximate=False).round(4)
        (array([-0.1588,  0.8412]), np.float64(0.8413))
    """
    x = floating(x)
    if not approximate:
        return x * special.ndtr(x)
    return x * special.logistic(x * (_GELU_1 + _GELU_3 * (x * x)))


_GELU_1 = 2 * math.sqrt(2 / math.pi)
_GELU_3 = 0.044715 * _GELU_1

# -- over an axis


def _below_top(x: Any, axis: Any) -> Any:
    """x less its largest entry, a constant to the derivative: softmax does not change with it."""
    return x - fnp.max(stop_gradient(x), axis=axis, keepdims=True)


def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) over an axis, without overflow.

    Args:
        x: f[...].
        axis: an axis, or a tuple of them.

    Returns:
        f[...] like x, positive, of sum 1.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.softmax(np.array([1000.0, 1000.0, -np.inf]))
        array([0.5, 0.5, 0. ])
    """
    e = fnp.exp(_below_top(floating(x), axis))
    return e * (1 / fnp.sum(e, axis=axis, keepdims=True))  # one division for each sum, and none in the derivative


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """log(softmax(x)), without the overflow and underflow of its parts.

    Args:
        x: f[...].
        axis: an axis, or a tuple of them.

    Returns:
        f[...] like x: x - logsumexp(x).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.log_softmax(np.array([0.0, -1000.0]))
        array([    0., -1000.])
    """
    gap = _below_top(floating(x), axis)
    return gap - fnp.log(fnp.sum(fnp.exp(gap), axis=axis, keepdims=True))


def one_hot(x: Any, num_classes: int, *, dtype: Any = np.float64, axis: int = -1) -> Any:
    """Vectors with a 1 at the class of each label and 0 elsewhere.

    Args:
        x: i[...], labels from 0 to num_classes - 1.
        num_classes: how many classes there are.
        dtype: of the result.
        axis: where the axis of the classes is put.

    Returns:
        [..., num_classes] of this dtype.

    Raises:
        ArgumentError: a label is out of range. Labels without a value (under jit or vmap) cannot be checked: one out of range gives zeros.
        DtypeError: labels that are no integers.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.one_hot(np.array([0, 2]), 3)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    classes = operator.index(num_classes)
    labels = class_labels("one_hot", x, classes, "the formula is out[..., c] = 1 if x[...] == c else 0")
    axis = normalize_axis("one_hot", axis, labels.ndim + 1)
    numbers = fnp.reshape(counted(classes), [classes if i == axis else 1 for i in range(labels.ndim + 1)])
    return cast(fnp.expand_dims(labels, axis) == numbers, np.dtype(dtype))


__all__ = [
    "elu", "gelu", "leaky_relu", "log_sigmoid", "log_softmax", "logsumexp", "maxout", "one_hot", "relu", "selu", "sigmoid", "silu", "softmax",
    "softplus", "tanh",
]  # fmt: skip
