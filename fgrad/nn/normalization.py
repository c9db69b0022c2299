"""Normalisation of features: by the statistics of a batch, or of each example by its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ShapeError
from fgrad.nn.arguments import not_empty, real_input
from fgrad.numpy.shapes import as_array
from fgrad.ops.axes import normalize_axis
from fgrad.ops.promote import cast

_FORMULA = "(x - mean) / sqrt(var + epsilon) * scale + bias"


class RunningStats(NamedTuple):
    """Decaying means of what a feature's mean and variance were in batches: f[features] each."""

    mean: Any
    var: Any


def running_stats(features: int, dtype: Any = np.float64) -> RunningStats:
    """What running statistics begin with: mean 0 and variance 1.

    Args:
        features: how many.
        dtype: of both.

    Returns:
        RunningStats, to be given to `batch_norm`.

    Example:
        >>> import fgrad
        >>> fgrad.nn.running_stats(2)
        RunningStats(mean=array([0., 0.]), var=array([1., 1.]))
    """
    return RunningStats(np.zeros(features, dtype), np.ones(features, dtype))


def _moments(x: Any, axes: Any) -> tuple[Any, Any, Any]:
    """Mean, deviations from it, and their mean square: in two sweeps, since a difference of squares would cancel."""
    mean = fnp.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    return mean, centred, fnp.mean(fnp.square(centred), axis=axes, keepdims=True)


def _standardized(name: str, x: Any, axes: Any, epsilon: float) -> Any:
    x = real_input(name, "x", x, _FORMULA)
    not_empty(name, _FORMULA, x=x)
    _, centred, var = _moments(x, axes)
    return _over_root(centred, var, epsilon)


def _over_root(centred: Any, var: Any, epsilon: float) -> Any:
    return centred * (1 / fnp.sqrt(var + epsilon))  # the root is of few numbers, the product of many


def _rescaled(normal: Any, scale: Any, bias: Any) -> Any:
    if scale is not None:
        normal = normal * scale
    return normal if bias is None else normal + bias


def standardize(x: Any, axis: Any = -1, epsilon: float = 1e-5) -> Any:
    """x of mean 0 and variance 1 over axes.

    Args:
        x: f[...].
        axis: an axis, or a tuple of them.
        epsilon: added to the variance.

    Returns:
        f[...] like x, (x - mean) / sqrt(var + epsilon).

    Raises:
        DtypeError: integers. ShapeError: no entries.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.standardize(np.array([1.0, 2.0, 3.0])).round(4)
        array([-1.2247,  0.    ,  1.2247])
    """
    return _standardized("standardize", x, axis, epsilon)


def layer_norm(x: Any, scale: Any = None, bias: Any = None, *, axis: Any = -1, epsilon: float = 1e-5) -> Any:
    """Each example standardised over its features, then scaled and shifted.

    Args:
        x: f[..., features].
        scale, bias: that broadcast with x; None: 1 and 0.
        axis: of the features, or a tuple of axes.
        epsilon: added to the variance.

    Returns:
        f[...] like x, (x - mean) / sqrt(var + epsilon) * scale + bias.

    Raises:
        DtypeError: integers. ShapeError: no entries, or shapes that do not broadcast.

    Source: Ba, Kiros and Hinton (2016).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), np.array([1.0, 2.0])).round(4)
        array([[-1.,  2.],
               [-1.,  2.]])
    """
    return _rescaled(_standardized("layer_norm", x, axis, epsilon), scale, bias)


def batch_norm(
    x: Any,
    running: RunningStats,
    scale: Any = None,
    bias: Any = None,
    *,
    training: bool,
    axis: int = 1,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
) -> tuple[Any, RunningStats]:
    """Features standardised by their mean and variance in the batch, or by running statistics, then scaled and shifted.

    Args:
        x: f[n, features, ...].
        running: the statistics of batches so far (`running_stats` makes the first).
        scale, bias: f[features]; None: 1 and 0.
        training: True normalises by this batch, and returns new running statistics; False normalises by the running ones.
        axis: of the features; means are over all others.
        momentum: how much of the running statistics is kept.
        epsilon: added to the variance.

    Returns:
        f[...] like x, (x - mean) / sqrt(var + epsilon) * scale + bias, and the running statistics: those given, or
        momentum * running + (1 - momentum) * (mean, var) of the batch, the variance being the mean square.

    Raises:
        ShapeError: statistics, scale or bias that are not of the features, or an empty batch. DtypeError: integers.

    Source: Ioffe and Szegedy (2015).

    Example:
        >>> import fgrad, numpy as np
        >>> x, running = np.array([[0.0], [2.0]]), fgrad.nn.running_stats(1)
        >>> y, running = fgrad.nn.batch_norm(x, running, training=True)
        >>> y.round(4).ravel(), running.mean.round(4)
        (array([-1.,  1.]), array([0.1]))
        >>> fgrad.nn.batch_norm(x, running, training=False)[0].round(4).ravel()
        array([-0.1,  1.9])
    """
    x = real_input("batch_norm", "x", x, _FORMULA)
    not_empty("batch_norm", _FORMULA, x=x)
    axis = normalize_axis("batch_norm", axis, x.ndim, x)
    features = [n if i == axis else 1 for i, n in enumerate(x.shape)]
    given = {"running.mean": running.mean, "running.var": running.var, "scale": scale, "bias": bias}
    for name, v in given.items():
        if v is not None and as_array(v).shape != (x.shape[axis],):
            raise ShapeError(
                f"batch_norm: {name}: {short(as_array(v))} is not one number for each of the {x.shape[axis]} features of x: {short(x)}",
                f"the formula is {_FORMULA}",
                f"Features are along axis {axis}; axis= says otherwise.",
            )
    mean, var, scale, bias = (None if v is None else fnp.reshape(v, features) for v in given.values())
    if training:
        batch_mean, centred, var = _moments(x, tuple(i for i in range(x.ndim) if i != axis))
        running = RunningStats(
            *[
                cast(momentum * old + (1 - momentum) * fnp.reshape(new, old.shape), old.dtype)
                for old, new in ((as_array(running.mean), batch_mean), (as_array(running.var), var))
            ]
        )
    else:
        centred = x - mean
    return _rescaled(_over_root(centred, var, epsilon), scale, bias), running


__all__ = ["RunningStats", "batch_norm", "layer_norm", "running_stats", "standardize"]
