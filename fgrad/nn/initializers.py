"""Initial parameters: functions of a key, a shape and a dtype, with the names and the formulas of jax.nn.initializers.

`he_normal()(key, (784, 256))`: what has settings is a function that makes one, `zeros` and `ones` are initialisers themselves. Fans are counted
along `in_axis` and `out_axis`; other axes are the window of a convolution, whose entries each count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad import random
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.ops.axes import normalize_axis
from fgrad.random.arguments import shape_of
from fgrad.random.key_array import KeyArray

Initializer = Callable[..., Any]
"""`initializer(key, shape, dtype=float64)`."""


def zeros(key: Any, shape: Any, dtype: Any = np.float64) -> Any:
    """Zeros; the key is not used.

    Args:
        key: anything.
        shape, dtype: of the result.

    Returns:
        An array of this shape and dtype.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.zeros(None, (3,))
        array([0., 0., 0.])
    """
    return np.zeros(shape_of("zeros", shape), dtype)


def ones(key: Any, shape: Any, dtype: Any = np.float64) -> Any:
    """Ones; the key is not used.

    Args:
        key: anything.
        shape, dtype: of the result.

    Returns:
        An array of this shape and dtype.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.ones(None, (3,))
        array([1., 1., 1.])
    """
    return np.ones(shape_of("ones", shape), dtype)


def constant(value: Any, dtype: Any = np.float64) -> Initializer:
    """An initialiser of equal entries.

    Args:
        value: a number, or an array that broadcasts to the shape.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.constant(0.1)(None, (2,))
        array([0.1, 0.1])
    """
    return lambda key, shape, dtype=dtype: np.full(shape_of("constant", shape), value, dtype)


def normal(stddev: float = 1e-2, dtype: Any = np.float64) -> Initializer:
    """An initialiser of normal numbers of mean 0.

    Args:
        stddev: their standard deviation.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.normal(0.1)(fgrad.random.key(0), (3,)).round(4)
        array([-0.0206, -0.0785,  0.1816])
    """
    return lambda key, shape, dtype=dtype: _scaled(random.normal(key, shape, dtype), stddev)


def uniform(scale: float = 1e-2, dtype: Any = np.float64) -> Initializer:
    """An initialiser of numbers equally likely anywhere from 0 to `scale`.

    Args:
        scale: the upper end.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.uniform(1.0)(fgrad.random.key(0), (3,)).round(4)
        array([0.4185, 0.2163, 0.9653])
    """
    return lambda key, shape, dtype=dtype: _scaled(random.uniform(key, shape, dtype), scale)


def truncated_normal(stddev: float = 1e-2, dtype: Any = np.float64, lower: float = -2.0, upper: float = 2.0) -> Initializer:
    """An initialiser of normal numbers of mean 0 between two bounds.

    Args:
        stddev: the standard deviation before the tails are cut off.
        dtype: of the result, where the initialiser is not given another.
        lower, upper: the bounds, in standard deviations.

    Returns:
        A function (key, shape, dtype) -> array.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.truncated_normal(1.0)(fgrad.random.key(0), (3,)).round(4)
        array([-0.1964, -0.7415,  1.5906])
    """
    return lambda key, shape, dtype=dtype: _scaled(
        random.truncated_normal(key, lower, upper, shape_of("truncated_normal", shape), dtype), stddev
    )


def variance_scaling(
    scale: float,
    mode: str,
    distribution: str,
    in_axis: int | Sequence[int] = -2,
    out_axis: int | Sequence[int] = -1,
    dtype: Any = np.float64,
) -> Initializer:
    """An initialiser of numbers of mean 0 and variance scale / fan: signals keep their size from layer to layer.

    Args:
        scale: the variance times the fan.
        mode: which fan: "fan_in", the number of inputs of a unit; "fan_out", that of outputs; or "fan_avg", their mean.
        distribution: "normal", "truncated_normal" (at two standard deviations, corrected for it) or "uniform".
        in_axis, out_axis: axes of the shape that count inputs and outputs.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array. It raises ShapeError for a shape without such axes.

    Raises:
        ArgumentError: another mode or distribution.

    Example:
        >>> import fgrad
        >>> w = fgrad.nn.initializers.variance_scaling(1.0, "fan_in", "normal")(fgrad.random.key(0), (400, 300))
        >>> round(float(w.std()), 4)
        0.05
    """
    fans = {"fan_in": lambda i, o: i, "fan_out": lambda i, o: o, "fan_avg": lambda i, o: (i + o) / 2}
    if mode not in fans or distribution not in ("normal", "truncated_normal", "uniform"):
        raise ArgumentError(
            f"variance_scaling: mode is {mode!r} and distribution is {distribution!r}",
            "mode is 'fan_in', 'fan_out' or 'fan_avg'; distribution is 'normal', 'truncated_normal' or 'uniform'.",
        )

    def initializer(key: KeyArray, shape: Any, dtype: Any = dtype) -> Any:
        shape = shape_of("variance_scaling", shape)
        stddev = math.sqrt(scale / max(1.0, fans[mode](*_fans(shape, in_axis, out_axis))))
        if distribution == "normal":
            return _scaled(random.normal(key, shape, dtype), stddev)
        if distribution == "uniform":
            return random.uniform(key, shape, dtype, -math.sqrt(3) * stddev, math.sqrt(3) * stddev)
        return _scaled(random.truncated_normal(key, -2.0, 2.0, shape, dtype), stddev / _STDDEV_WITHIN_2)

    return initializer


_STDDEV_WITHIN_2 = 0.87962566103423978
"""The standard deviation of a normal number given that it is between -2 and 2."""


def _fans(shape: tuple[int, ...], in_axis: int | Sequence[int], out_axis: int | Sequence[int]) -> tuple[float, float]:
    """How many inputs a unit has, and how many outputs an input has."""
    sides = [(a,) if isinstance(a, int) else tuple(a) for a in (in_axis, out_axis)]
    if len(shape) < sum(map(len, sides)):
        raise ShapeError(
            f"an initialiser that scales with fans needs the axes {in_axis} (inputs) and {out_axis} (outputs), and the shape is {shape}",
            "Biases are vectors: initializers.zeros, normal and uniform take any shape.",
        )
    inputs, outputs = (math.prod(shape[normalize_axis("initializer", a, len(shape))] for a in side) for side in sides)
    window = math.prod(shape) / max(1, inputs * outputs)
    return inputs * window, outputs * window


def _scaled(x: Any, factor: float) -> Any:
    return x * x.dtype.type(factor)


def _family(name: str, scale: float, mode: str, distribution: str, source: str) -> Callable[..., Initializer]:
    def make(in_axis: int | Sequence[int] = -2, out_axis: int | Sequence[int] = -1, dtype: Any = np.float64) -> Initializer:
        return variance_scaling(scale, mode, distribution, in_axis, out_axis, dtype)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"""variance_scaling({scale}, {mode!r}, {distribution!r}): {source}.

    Args:
        in_axis, out_axis: axes of the shape that count inputs and outputs.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array.

    Example:
        >>> import fgrad
        >>> fgrad.nn.initializers.{name}()(fgrad.random.key(0), (4, 3)).shape
        (4, 3)
    """
    return make


_XAVIER, _HE = "Glorot and Bengio (2010), for tanh and sigmoid units", "He, Zhang, Ren and Sun (2015), for relu units"
_LECUN = "LeCun, Bottou, Orr and Müller (1998), for selu units too"
glorot_normal = _family("glorot_normal", 1.0, "fan_avg", "truncated_normal", _XAVIER)
glorot_uniform = _family("glorot_uniform", 1.0, "fan_avg", "uniform", _XAVIER)
he_normal = _family("he_normal", 2.0, "fan_in", "truncated_normal", _HE)
he_uniform = _family("he_uniform", 2.0, "fan_in", "uniform", _HE)
lecun_normal = _family("lecun_normal", 1.0, "fan_in", "truncated_normal", _LECUN)
lecun_uniform = _family("lecun_uniform", 1.0, "fan_in", "uniform", _LECUN)
xavier_normal, xavier_uniform = glorot_normal, glorot_uniform


def orthogonal(scale: float = 1.0, column_axis: int = -1, dtype: Any = np.float64) -> Initializer:
    """An initialiser of matrices with orthonormal columns, or rows where those are fewer, uniformly distributed.

    Args:
        scale: a factor of all entries.
        column_axis: the axis of the columns; all other axes together are that of the rows.
        dtype: of the result, where the initialiser is not given another.

    Returns:
        A function (key, shape, dtype) -> array. It raises ShapeError for a shape of fewer than two axes.

    Source: Saxe, McClelland and Ganguli (2014).

    Example:
        >>> import fgrad, numpy as np
        >>> w = fgrad.nn.initializers.orthogonal()(fgrad.random.key(0), (4, 3))
        >>> np.allclose(w.T @ w, np.eye(3))
        True
    """

    def initializer(key: KeyArray, shape: Any, dtype: Any = dtype) -> Any:
        shape = shape_of("orthogonal", shape)
        if len(shape) < 2:
            raise ShapeError(f"orthogonal: a matrix has at least two axes, and the shape is {shape}")
        axis = normalize_axis("orthogonal", column_axis, len(shape))
        rest = shape[:axis] + shape[axis + 1 :]
        q = random.orthogonal(key, shape[axis], dtype=dtype, m=math.prod(rest))
        return _scaled(fnp.moveaxis(fnp.reshape(q, (shape[axis], *rest)), 0, axis), scale)

    return initializer


__all__ = [
    "Initializer", "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform", "normal", "ones",
    "orthogonal", "truncated_normal", "uniform", "variance_scaling", "xavier_normal", "xavier_uniform", "zeros",
]  # fmt: skip
