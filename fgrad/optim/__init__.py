"""Optimisation of parameters that are pytrees: optimisers as chains of transformations of gradients.

Names, arguments and formulas are optax's: `opt = optim.adam(1e-3)`, `opt.init(params)`, `opt.update(grads, state, params)`, `optim.apply_updates`.
"""

from fgrad.optim.optimizers import adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd
from fgrad.optim.transformations import (
    GradientTransformation,
    add_decayed_weights,
    apply_updates,
    chain,
    clip,
    clip_by_global_norm,
    global_norm,
    identity,
    scale,
    scale_by_adam,
    scale_by_learning_rate,
    scale_by_rms,
    scale_by_rss,
    scale_by_schedule,
    trace,
)

__all__ = [
    "GradientTransformation", "adagrad", "adam", "adamw", "add_decayed_weights", "apply_updates", "chain", "clip", "clip_by_global_norm",
    "global_norm", "identity", "momentum", "nesterov", "rmsprop", "scale", "scale_by_adam", "scale_by_learning_rate", "scale_by_rms",
    "scale_by_rss", "scale_by_schedule", "sgd", "trace",
]  # fmt: skip
