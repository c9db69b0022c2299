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
from fgrad.nn.attention import attention, embedding
from fgrad.nn.convolution import (
    conv1d,
    conv1d_transpose,
    conv2d,
    conv2d_transpose,
    conv3d,
    conv3d_transpose,
    output_shape,
    receptive_field,
)
from fgrad.nn.dropout import dropout
from fgrad.nn.layers import Layer, conv, dense, flatten, serial
from fgrad.nn.losses import l1, l2, multiclass_hinge, sigmoid_cross_entropy, softmax_cross_entropy, squared_error
from fgrad.nn.normalization import RunningStats, batch_norm, layer_norm, running_stats, standardize
from fgrad.nn.pooling import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    global_avg_pool,
    global_max_pool,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)

__all__ = [
    "Layer", "RunningStats", "attention", "avg_pool1d", "avg_pool2d", "avg_pool3d", "batch_norm", "conv", "conv1d", "conv1d_transpose",
    "conv2d", "conv2d_transpose", "conv3d", "conv3d_transpose", "dense", "dropout", "elu", "embedding", "flatten", "gelu",
    "global_avg_pool", "global_max_pool", "initializers", "l1", "l2", "layer_norm", "layers", "leaky_relu", "log_sigmoid",
    "log_softmax", "logsumexp", "max_pool1d", "max_pool2d", "max_pool3d", "maxout", "multiclass_hinge", "one_hot", "output_shape",
    "receptive_field", "relu", "running_stats", "selu", "serial", "sigmoid", "sigmoid_cross_entropy", "silu", "softmax",
    "softmax_cross_entropy", "softplus", "squared_error", "standardize", "tanh",
]  # fmt: skip
