"""Neural networks as pure functions: activations, losses, initialisers of parameters, and layers as pairs of functions.

Parameters are plain pytrees that `fgrad.grad` differentiates and `fgrad.optim` trains. Names are those of jax.nn where it has the thing.
"""

from fgrad.nn import initializers as initializers
from fgrad.nn import layers as layers
from fgrad.nn.activations import (
    elu,
    gelu,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    logsumexp,
    maxout,
    one_hot,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from fgrad.nn.layers import Layer, dense, flatten, serial
from fgrad.nn.losses import l1, l2, multiclass_hinge, sigmoid_cross_entropy, softmax_cross_entropy, squared_error

__all__ = [
    "Layer", "dense", "elu", "flatten", "gelu", "initializers", "l1", "l2", "layers", "leaky_relu", "log_sigmoid", "log_softmax", "logsumexp",
    "maxout", "multiclass_hinge", "one_hot", "relu", "selu", "serial", "sigmoid", "sigmoid_cross_entropy", "silu", "softmax",
    "softmax_cross_entropy", "softplus", "squared_error", "tanh",
]  # fmt: skip
