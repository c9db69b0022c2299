"""Optimisers, each a short chain of transformations: names, arguments and defaults are optax's.

`opt = optim.adam(1e-3)`, `state = opt.init(params)`, `updates, state = opt.update(grads, state, params)`, `params = optim.apply_updates(params, updates)`.
A learning rate is a number, or a function of the step (see `schedules`). Gradient descent is `sgd` on all data.
"""

from __future__ import annotations

from typing import Any

from fgrad.optim.bounds import add_decayed_weights
from fgrad.optim.moments import scale_by_adam, scale_by_rms, scale_by_rss, trace
from fgrad.optim.transformations import GradientTransformation, chain, scale_by_learning_rate


def sgd(learning_rate: Any, momentum: float | None = None, nesterov: bool = False) -> GradientTransformation:
    """Gradient descent, on all data or on batches: params - rate * grads.

    Args:
        learning_rate: a number, or a function of the step.
        momentum: the decay of the sum of gradients that is followed in place of the gradient; None: no such sum.
        nesterov: that sum one step ahead.

    Returns:
        A GradientTransformation.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad import optim
        >>> opt = optim.sgd(0.1)
        >>> x = np.array([1.0, -2.0])
        >>> updates, state = opt.update(2 * x, opt.init(x))
        >>> optim.apply_updates(x, updates)
        array([ 0.8, -1.6])
    """
    rate = scale_by_learning_rate(learning_rate)
    return chain(rate) if momentum is None else chain(trace(momentum, nesterov), rate)


def momentum(learning_rate: Any, momentum: float = 0.9) -> GradientTransformation:
    """Gradient descent with momentum: velocity = grads + momentum * velocity, params - rate * velocity.

    Args:
        learning_rate: a number, or a function of the step.
        momentum: how much of the velocity is kept at each step.

    Returns:
        A GradientTransformation.

    Source: Polyak (1964).

    Example:
        >>> import fgrad
        >>> opt = fgrad.optim.momentum(0.5, 0.5)
        >>> _, state = opt.update(1.0, opt.init(0.0))
        >>> float(opt.update(1.0, state)[0])
        -0.75
    """
    return sgd(learning_rate, momentum)


def nesterov(learning_rate: Any, momentum: float = 0.9) -> GradientTransformation:
    """Momentum whose step looks one step ahead: velocity = grads + momentum * velocity, params - rate * (grads + momentum * velocity).

    Args:
        learning_rate: a number, or a function of the step.
        momentum: how much of the velocity is kept at each step.

    Returns:
        A GradientTransformation.

    Source: Nesterov (1983), in the form of Sutskever, Martens, Dahl and Hinton (2013).

    Example:
        >>> import fgrad
        >>> opt = fgrad.optim.nesterov(0.5, 0.5)
        >>> float(opt.update(1.0, opt.init(0.0))[0])
        -0.75
    """
    return sgd(learning_rate, momentum, nesterov=True)


def adagrad(learning_rate: Any, initial_accumulator_value: float = 0.1, eps: float = 1e-7) -> GradientTransformation:
    """AdaGrad: params - rate * grads / sqrt(sum of all squares so far + eps).

    Args:
        learning_rate: a number, or a function of the step.
        initial_accumulator_value: what the sums begin with.
        eps: added under the root.

    Returns:
        A GradientTransformation.

    Source: Duchi, Hazan and Singer (2011).

    Example:
        >>> import fgrad
        >>> opt = fgrad.optim.adagrad(0.1, initial_accumulator_value=0.0, eps=0.0)
        >>> float(opt.update(3.0, opt.init(0.0))[0])
        -0.1
    """
    return chain(scale_by_rss(initial_accumulator_value, eps), scale_by_learning_rate(learning_rate))


def rmsprop(
    learning_rate: Any, decay: float = 0.9, eps: float = 1e-8, initial_scale: float = 0.0, eps_in_sqrt: bool = True
) -> GradientTransformation:
    """RMSProp: params - rate * grads / sqrt(decaying mean of squares + eps).

    Args:
        learning_rate: a number, or a function of the step.
        decay: how much of the mean is kept at each step.
        eps: added under the root, or to it.
        initial_scale: what the means begin with.
        eps_in_sqrt: whether eps is under the root.

    Returns:
        A GradientTransformation.

    Source: Tieleman and Hinton (2012).

    Example:
        >>> import fgrad
        >>> opt = fgrad.optim.rmsprop(0.1, decay=0.75, eps=0.0)
        >>> float(opt.update(3.0, opt.init(0.0))[0])
        -0.2
    """
    return chain(scale_by_rms(decay, eps, initial_scale, eps_in_sqrt), scale_by_learning_rate(learning_rate))


def adam(learning_rate: Any, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, eps_root: float = 0.0) -> GradientTransformation:
    """Adam: params - rate * mean of grads / (sqrt(mean of squares + eps_root) + eps), of decaying means without their bias to 0.

    Args:
        learning_rate: a number, or a function of the step.
        b1, b2: how much of the means is kept at each step.
        eps: added to the root.
        eps_root: added under the root: differentiating through it needs a positive one.

    Returns:
        A GradientTransformation.

    Source: Kingma and Ba (2015), algorithm 1.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad import optim
        >>> opt, params = optim.adam(0.1), {"w": np.array([1.0, -2.0])}
        >>> updates, state = opt.update({"w": np.array([0.3, -5.0])}, opt.init(params), params)
        >>> optim.apply_updates(params, updates)["w"].round(6)
        array([ 0.9, -1.9])
    """
    return chain(scale_by_adam(b1, b2, eps, eps_root), scale_by_learning_rate(learning_rate))


def adamw(
    learning_rate: Any,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
    eps_root: float = 0.0,
    *,
    weight_decay: float = 1e-4,
    mask: Any = None,
) -> GradientTransformation:
    """Adam with decay of the parameters, beside the gradient rather than in it: the step of Adam - rate * weight_decay * params.

    Args:
        learning_rate: a number, or a function of the step.
        b1, b2: how much of the means is kept at each step.
        eps: added to the root.
        eps_root: added under the root.
        weight_decay: the multiple of the parameters.
        mask: which parameters decay: a pytree of bool like params, or a function of params that gives one; None: all.

    Returns:
        A GradientTransformation, whose update needs params.

    Source: Loshchilov and Hutter (2019), algorithm 2.

    Example:
        >>> import fgrad
        >>> opt = fgrad.optim.adamw(0.1, weight_decay=0.5)
        >>> round(float(opt.update(0.0, opt.init(2.0), 2.0)[0]), 6)
        -0.1
    """
    return chain(scale_by_adam(b1, b2, eps, eps_root), add_decayed_weights(weight_decay, mask), scale_by_learning_rate(learning_rate))


__all__ = ["adagrad", "adam", "adamw", "momentum", "nesterov", "rmsprop", "sgd"]
