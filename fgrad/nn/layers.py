"""Layers as pairs of functions: `init(key, x) -> params` and `apply(params, x, key=None) -> out`, and `serial`, which puts them in a row.

Parameters are plain pytrees, and a layer holds none: `params = model.init(key, x)` makes them for inputs like x (of which shape and dtype alone count), and
`model.apply(params, x)` uses them. A function of x is a layer without parameters, so `serial(dense(64), relu, dense(10))` is a network. A key given
to `apply` says that it is for training: what is random (dropout) draws with it, and without a key does nothing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import fgrad.numpy as fnp
from fgrad import random
from fgrad.api.staging import eval_shape
from fgrad.core.avals import ShapedArray, short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.nn.arguments import F64, real_input
from fgrad.nn.attention import embedding as lookup
from fgrad.nn.convolution import conv1d, conv2d, conv3d
from fgrad.nn.dropout import dropout as drop
from fgrad.nn.initializers import Initializer, glorot_uniform, normal, zeros
from fgrad.nn.normalization import layer_norm as standardized
from fgrad.random.key_array import KeyArray


class Layer(NamedTuple):
    """A layer: two functions, and no state.

    init: (key, x) -> params; x is an array, a traced one or fgrad.ShapeDtypeStruct.
    apply: (params, x, key=None) -> out.
    """

    init: Callable[..., Any]
    apply: Callable[..., Any]


def example(x: Any) -> Any:
    """What `init` is given: something with a shape and a dtype."""
    return x if isinstance(x, (ShapedArray, Tracer, np.ndarray)) else np.asarray(x)


def param_dtype(x: Any, dtype: Any) -> np.dtype:
    """The dtype of parameters: the one that is asked for, or that of the input where it is floating point, or float64."""
    if dtype is not None:
        return np.dtype(dtype)
    return x.dtype if x.dtype.kind == "f" else F64


def dense(features: int, w_init: Initializer | None = None, b_init: Initializer | None = zeros, dtype: Any = None) -> Layer:
    """A fully connected layer, x @ w + b.

    Args:
        features: of the output.
        w_init: of the weights f[inputs, features]; None: initializers.glorot_uniform().
        b_init: of the biases f[features]; None: there are none.
        dtype: of the parameters; None: that of x.

    Returns:
        A Layer of inputs f[..., inputs], whose parameters are {"w": ..., "b": ...}.

    Raises:
        ShapeError, DtypeError: (when it is applied) an input that does not fit, or of integers.

    Example:
        >>> import fgrad, numpy as np
        >>> layer = fgrad.nn.dense(3)
        >>> params = layer.init(fgrad.random.key(0), np.ones((2, 4)))
        >>> layer.apply(params, np.ones((2, 4))).shape
        (2, 3)
    """
    units, make_w = operator.index(features), glorot_uniform() if w_init is None else w_init

    def init(key: KeyArray, x: Any) -> dict[str, Any]:
        x = example(x)
        if not x.shape:
            raise ShapeError(f"dense: an input has an axis of features, and x: {short(x)} has none", f"the formula is {_DENSE}")
        found, (w_key, b_key) = param_dtype(x, dtype), random.split(key)
        params = {"w": make_w(w_key, (x.shape[-1], units), found)}
        return params if b_init is None else {**params, "b": b_init(b_key, (units,), found)}

    def apply(params: dict[str, Any], x: Any, key: KeyArray | None = None) -> Any:
        x, w = real_input("dense", "x", x, _DENSE), params["w"]
        if x.shape[-1:] != w.shape[:1]:
            flat = x.ndim > 2 and math.prod(x.shape[1:]) == w.shape[0]
            raise ShapeError(
                f"dense: x: {short(x)} has not the {w.shape[0]} features that w: {short(w)} takes",
                f"the formula is {_DENSE}",
                "Put fgrad.nn.flatten before this layer." if flat else "",
            )
        out = x @ w
        return out + params["b"] if "b" in params else out

    return Layer(init, apply)


_DENSE = "x[..., inputs] @ w[inputs, features] + b[features]"


def conv(
    features: int,
    kernel: Sequence[int],
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    w_init: Initializer | None = None,
    b_init: Initializer | None = zeros,
    dtype: Any = None,
) -> Layer:
    """A convolution and a bias for each of its channels.

    Args:
        features: channels of the output.
        kernel: its size along each spatial axis: three numbers convolve volumes.
        stride, padding, dilation, groups: see fgrad.nn.conv2d.
        w_init: of the kernels, drawn in the shape (*kernel, channels / groups, features), of which initialisers know the fans; None:
            initializers.glorot_uniform().
        b_init: of the biases f[features]; None: there are none.
        dtype: of the parameters; None: that of x.

    Returns:
        A Layer of inputs f[n, channels, *spatial], whose parameters are {"w": f[features, channels / groups, *kernel], "b": f[features]}.

    Raises:
        ShapeError, DtypeError: (when it is applied) an input that does not fit, or of integers.

    Example:
        >>> import fgrad, numpy as np
        >>> layer = fgrad.nn.conv(6, (5, 5), padding=2)
        >>> images = np.ones((2, 1, 28, 28))
        >>> layer.apply(layer.init(fgrad.random.key(0), images), images).shape
        (2, 6, 28, 28)
    """
    channels, window = operator.index(features), tuple(map(operator.index, kernel))
    if len(window) not in _CONVOLUTIONS:
        raise ArgumentError(f"conv: kernel has a size for each of 1 to 3 spatial axes, and is {kernel!r}")
    convolve, make_w = _CONVOLUTIONS[len(window)], glorot_uniform() if w_init is None else w_init

    def init(key: KeyArray, x: Any) -> dict[str, Any]:
        x = example(x)
        if len(x.shape) != len(window) + 2:
            raise ShapeError(f"conv: x: {short(x)} is not [n, channels, ...] with {len(window)} spatial axes, those of the kernel {window}")
        found, (w_key, b_key) = param_dtype(x, dtype), random.split(key)
        w = fnp.moveaxis(make_w(w_key, (*window, x.shape[1] // groups, channels), found), (-1, -2), (0, 1))
        params = {"w": w if isinstance(w, Tracer) else np.ascontiguousarray(w)}
        return params if b_init is None else {**params, "b": b_init(b_key, (channels,), found)}

    def apply(params: dict[str, Any], x: Any, key: KeyArray | None = None) -> Any:
        out = convolve(x, params["w"], stride, padding, dilation, groups)
        return out + fnp.reshape(params["b"], (-1, *[1] * len(window))) if "b" in params else out

    return Layer(init, apply)


_CONVOLUTIONS = {1: conv1d, 2: conv2d, 3: conv3d}


def embedding(size: int, features: int, init: Initializer | None = None, dtype: Any = np.float64) -> Layer:
    """A table of vectors, looked up by integers.

    Args:
        size: how many vectors there are.
        features: of each.
        init: of the table f[size, features]; None: normal numbers of variance 1 / features.
        dtype: of the table.

    Returns:
        A Layer of inputs i[...] from 0 to size - 1, whose parameters are {"table": f[size, features]}.

    Example:
        >>> import fgrad, numpy as np
        >>> layer = fgrad.nn.layers.embedding(10, 4)
        >>> layer.apply(layer.init(fgrad.random.key(0), np.array([3])), np.array([[3, 7]])).shape
        (1, 2, 4)
    """
    shape = (operator.index(size), operator.index(features))
    make = normal(shape[1] ** -0.5) if init is None else init
    return Layer(lambda key, x: {"table": make(key, shape, dtype)}, lambda params, x, key=None: lookup(params["table"], x))


def layer_norm(epsilon: float = 1e-5, dtype: Any = None) -> Layer:
    """Each example standardised over its last axis, then scaled and shifted.

    Args:
        epsilon: added to the variance.
        dtype: of the parameters; None: that of x.

    Returns:
        A Layer of inputs f[..., features], whose parameters are {"scale": f[features], "bias": f[features]}, 1 and 0 at first.

    Example:
        >>> import fgrad, numpy as np
        >>> layer = fgrad.nn.layers.layer_norm()
        >>> x = np.array([[1.0, 3.0]])
        >>> layer.apply(layer.init(fgrad.random.key(0), x), x).round(3)
        array([[-1.,  1.]])
    """

    def init(key: KeyArray, x: Any) -> dict[str, Any]:
        x = example(x)
        found = param_dtype(x, dtype)
        return {"scale": np.ones(x.shape[-1:], found), "bias": np.zeros(x.shape[-1:], found)}

    return Layer(init, lambda params, x, key=None: standardized(x, params["scale"], params["bias"], epsilon=epsilon))


def dropout(rate: float) -> Layer:
    """Entries set to 0 at random where a key is given, and nothing where none is.

    Args:
        rate: the probability of each entry.

    Returns:
        A Layer without parameters.

    Example:
        >>> import fgrad, numpy as np
        >>> layer = fgrad.nn.layers.dropout(0.5)
        >>> layer.apply((), np.ones(3)), layer.apply((), np.ones(3), fgrad.random.key(0))
        (array([1., 1., 1.]), array([2., 2., 0.]))
    """
    return Layer(lambda key, x: (), lambda params, x, key=None: drop(key, x, rate, training=key is not None))


def flatten(x: Any) -> Any:
    """Each example as a vector.

    Args:
        x: [n, ...].

    Returns:
        [n, features].

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.flatten(np.ones((2, 3, 4))).shape
        (2, 12)
    """
    return fnp.reshape(x, (x.shape[0], math.prod(x.shape[1:])))


def serial(*layers: Layer | Callable[[Any], Any]) -> Layer:
    """Layers one behind the other.

    Args:
        layers: each a Layer, or a function of x alone, such as fgrad.nn.relu.

    Returns:
        A Layer whose parameters are a tuple with those of each layer, () for a function.

    Raises:
        ArgumentError: something else among the layers.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad import nn
        >>> model = nn.serial(nn.dense(16), nn.relu, nn.dense(3))
        >>> x = np.ones((2, 4))
        >>> params = model.init(fgrad.random.key(0), x)
        >>> fgrad.tree.map(np.shape, params)
        ({'w': (4, 16), 'b': (16,)}, (), {'w': (16, 3), 'b': (3,)})
        >>> model.apply(params, x).shape
        (2, 3)
    """
    row = [_as_layer(f) for f in layers]

    def init(key: KeyArray, x: Any) -> tuple:
        x, params = example(x), []
        x = ShapedArray(x.shape, x.dtype)
        for layer, own in zip(row, random.split(key, len(row)), strict=True):
            params.append(layer.init(own, x))
            x = eval_shape(layer.apply, params[-1], x)
        return tuple(params)

    def apply(params: tuple, x: Any, key: KeyArray | None = None) -> Any:
        if len(params) != len(row):
            raise ArgumentError(f"serial: there are {len(row)} layers, and parameters for {len(params)}", "model.init(key, x) makes them.")
        keys = [None] * len(row) if key is None else random.split(key, len(row))
        for layer, own, k in zip(row, params, keys, strict=True):
            x = layer.apply(own, x, k)
        return x

    return Layer(init, apply)


def _as_layer(f: Any) -> Layer:
    if isinstance(f, tuple) and len(f) == 2 and all(map(callable, f)):
        return Layer(*f)
    if not callable(f):
        raise ArgumentError(f"serial: a layer is a pair of functions (init, apply), or a function of x, not {short(f)}")
    return Layer(lambda key, x: (), lambda params, x, key=None: f(x))


__all__ = ["Layer", "conv", "dense", "dropout", "embedding", "flatten", "layer_norm", "serial"]
