"""Optimisation of parameters that are pytrees: optimisers as chains of transformations of gradients.

Names, arguments and formulas are optax's: `opt = optim.adam(1e-3)`, `opt.init(params)`, `opt.update(grads, state, params)`, `optim.apply_updates`.
"""

from fgrad.optim.bounds import add_decayed_weights, clip, clip_by_global_norm, global_norm
from fgrad.optim.checkpointing import restore_checkpoint, save_checkpoint
from fgrad.optim.fitting import DivergenceError, FitResult, FitStep, fit
from fgrad.optim.moments import scale_by_adam, scale_by_rms, scale_by_rss, trace
from fgrad.optim.optimizers import adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd
from fgrad.optim.schedules import (
    constant_schedule,
    cosine_decay_schedule,
    exponential_decay,
    join_schedules,
    linear_schedule,
    piecewise_constant_schedule,
    warmup_cosine_decay_schedule,
)
from fgrad.optim.transformations import (
    GradientTransformation,
    apply_updates,
    chain,
    identity,
    scale,
    scale_by_learning_rate,
    scale_by_schedule,
)

__all__ = [
    "DivergenceError", "FitResult", "FitStep", "GradientTransformation", "adagrad", "adam", "adamw", "add_decayed_weights",
    "apply_updates", "chain", "clip", "clip_by_global_norm", "constant_schedule", "cosine_decay_schedule", "exponential_decay", "fit",
    "global_norm", "identity", "join_schedules", "linear_schedule", "momentum", "nesterov", "piecewise_constant_schedule",
    "restore_checkpoint", "rmsprop", "save_checkpoint", "scale", "scale_by_adam", "scale_by_learning_rate", "scale_by_rms",
    "scale_by_rss", "scale_by_schedule", "sgd", "trace", "warmup_cosine_decay_schedule",
]  # fmt: skip
