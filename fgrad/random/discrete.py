"""Choices and counts: categories, samples of an array, permutations, Poisson counts. None of them has a derivative by its probabilities.

What is chosen is JAX's choice for the same key (but for Poisson counts, and but for ties that rounding decides otherwise).
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.shapes import as_array, cut
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.getitem import getitem
from fgrad.ops.random import random_bits, random_uniform
from fgrad.ops.random_poisson import random_poisson
from fgrad.ops.sorting import argsort, gather_along
from fgrad.random.arguments import add, fits, fitted_shape, full, log, parameter, shape_of
from fgrad.random.continuous import gumbel_from
from fgrad.random.key_array import KeyArray, use
from fgrad.random.keys import split_words
from fgrad.random.uniforms import draw_integers

_F64 = np.dtype(np.float64)


def _floating(name: str, x: Any) -> Any:
    """A real parameter in its own precision, integers as float64."""
    own = as_array(x).dtype
    return parameter(name, x, own if own.kind == "f" and own.itemsize <= 8 else _F64)


def _largest(x: Any, count: int) -> Any:
    """The places of the largest entries along the last axis, the largest first."""
    return cut(argsort(e.neg(x), axis=x.ndim - 1, stable=True), x.ndim - 1, 0, count)


# -- categories


def categorical(key: KeyArray, logits: Any, axis: int = -1, shape: Any = None, replace: bool = True) -> Any:
    """Categories, of probabilities proportional to exp(logits).

    Args:
        key: a single key.
        logits: f[...], logarithms of weights; -inf is never drawn.
        axis: the axis of the categories.
        shape: of the result, which ends with that of logits without `axis` or broadcasts with it; None: that itself.
        replace: False draws different categories: there is one for each entry of the leading axes that `shape` adds.

    Returns:
        Indices, i64, found by the Gumbel trick: the largest of logits + gumbel numbers (Kool, van Hoof and Welling, 2019).

    Raises:
        ArgumentError: not a key, or more different categories than there are. ShapeError: several keys, or a shape that does not fit.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.categorical(fgrad.random.key(0), np.log([0.1, 0.2, 0.7]), shape=(8,))
        array([2, 2, 2, 1, 1, 2, 1, 2])
    """
    words, logits = use("categorical", key), _floating("categorical", logits)
    axis = normalize_axis("categorical", axis, logits.ndim, logits)
    batch = s.drop(logits.shape, (axis,))
    shape = batch if shape is None else shape_of("categorical", shape)
    more = len(shape) - len(batch)
    if not fits(batch, shape):
        raise ShapeError(f"categorical: logits: {short(logits)} without axis {axis} do not broadcast to the shape {shape}")
    if replace:
        drawn = list(shape)
        drawn.insert(more + axis, logits.shape[axis])
        return fnp.argmax(add(gumbel_from(words, tuple(drawn), logits.dtype), logits), axis=more + axis)
    count = math.prod(shape[:more])
    if shape[more:] != batch or count > logits.shape[axis]:
        raise ArgumentError(
            f"categorical: replace=False draws each of {logits.shape[axis]} categories at most once, and the shape {shape} asks for {count}"
            + ("" if shape[more:] == batch else f" for each of {shape[more:]}, not {batch}"),
        )
    scores = s.move_axis(add(gumbel_from(words, logits.shape, logits.dtype), logits), axis, logits.ndim - 1)
    return s.reshape(s.move_axis(_largest(scores, count), logits.ndim - 1, 0), shape=shape)


# -- permutations and samples


def _shuffled_places(words: Any, shape: tuple[int, ...], axis: int) -> Any:
    """A random order along an axis, independent for each vector: places sorted by random words, more than once where words may be equal."""
    size = math.prod(shape)
    places = s.broadcast_to(
        s.reshape(s.iota(size=shape[axis], dtype=np.dtype(np.int64)), shape=(shape[axis], *[1] * (len(shape) - 1 - axis))), shape
    )
    for _ in range(math.ceil(3 * math.log(max(1, size)) / math.log(2**32 - 1))):
        both = split_words(words, (2,))
        words, once = (getitem(both, i) for i in (0, 1))
        order = argsort(random_bits(once, shape=shape, dtype=np.dtype(np.uint32)), axis=axis, stable=True)
        places = gather_along(places, order, axis)
    return places


def _permuted(words: Any, x: Any, axis: int, independent: bool = False) -> Any:
    if independent or x.ndim == 1:
        return gather_along(x, _shuffled_places(words, x.shape, axis), axis)
    return fnp.take(x, _shuffled_places(words, (x.shape[axis],), 0), axis=axis)


def permutation(key: KeyArray, x: Any, axis: int = 0, independent: bool = False) -> Any:
    """An array with the entries of one axis in random order, or the integers below a number.

    Args:
        key: a single key.
        x: an array, or an integer n for arange(n).
        axis: the axis that is shuffled.
        independent: each vector along the axis gets an order of its own; otherwise slices are moved as a whole.

    Returns:
        An array like x, whose derivative is that of the entries in their places.

    Raises:
        ArgumentError: not a key, or x is a single number that is not an integer. ShapeError: several keys.

    Example:
        >>> import fgrad
        >>> fgrad.random.permutation(fgrad.random.key(0), 6)
        array([0, 1, 5, 4, 3, 2])
    """
    words, x = use("permutation", key), _population("permutation", x)
    return _permuted(words, x, normalize_axis("permutation", axis, x.ndim, x), independent)


def _population(name: str, x: Any) -> Any:
    """An array, or the integers below a number."""
    x = as_array(x)
    if x.shape:
        return x
    if isinstance(x, Tracer) or x.dtype.kind not in "iu":
        raise ArgumentError(f"{name}: an array or an integer is expected, not {short(x)}", "A size cannot be a traced value.")
    return np.arange(operator.index(x[()]))


def choice(key: KeyArray, a: Any, shape: Any = (), replace: bool = True, p: Any = None, axis: int = 0) -> Any:
    """Random entries of an array.

    Args:
        key: a single key.
        a: an array, or an integer n for arange(n).
        shape: how many, as a shape.
        replace: False takes each entry at most once.
        p: f[a.shape[axis]], the probabilities, or numbers proportional to them; None: all are equally likely.
        axis: the axis of `a` to choose along.

    Returns:
        An array in which `shape` stands in place of that axis, whose derivative is that of the entries.

    Raises:
        ArgumentError: not a key, nothing to choose from, or more entries than there are with replace=False. ShapeError: several keys, or p of
        another shape.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.choice(fgrad.random.key(0), np.array([0.5, 1.5, 2.5]), (4,), p=np.array([0.1, 0.1, 0.8]))
        array([2.5, 2.5, 0.5, 2.5])
    """
    words, a, shape = use("choice", key), _population("choice", a), shape_of("choice", shape)
    axis = normalize_axis("choice", axis, a.ndim, a)
    n, count = a.shape[axis], math.prod(shape)
    if count and (not n or (count > n and not replace)):
        raise ArgumentError(f"choice: {count} entries cannot be taken from {n}" + ("" if replace else " with replace=False"))
    if p is None:
        if not replace:
            taken = cut(_permuted(words, a, axis), axis, 0, count)
            return s.reshape(taken, shape=(*a.shape[:axis], *shape, *a.shape[axis + 1 :]))
        places = draw_integers(words, shape, n) if count else np.zeros(shape, np.int64)
        return fnp.take(a, places, axis=axis)
    p = _floating("choice", p)
    if p.shape != (n,):
        raise ShapeError(f"choice: p: {short(p)} must have one entry for each of the {n} of a along axis {axis}")
    if replace:
        total = fnp.cumsum(p)
        u = random_uniform(words, shape=shape, dtype=p.dtype)
        places = fnp.searchsorted(total, e.mul(e.sub(p.dtype.type(1), u), full(total[-1], shape)))
    else:
        places = s.reshape(_largest(add(gumbel_from(words, (n,), p.dtype), log(p)), count), shape=shape)
    return fnp.take(a, places, axis=axis)


# -- counts


def poisson(key: KeyArray, lam: Any, shape: Any = None, dtype: Any = np.int64) -> Any:
    """Poisson counts.

    Args:
        key: a single key.
        lam: f[...], the rates, not negative.
        shape: of the result, to which lam broadcasts; None: that of lam.
        dtype: of the result, an integer or floating point dtype.

    Returns:
        An array of this shape and dtype; -1 where the rate is negative or NaN.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or a shape that does not fit. DtypeError: another dtype.

    Example:
        >>> import fgrad
        >>> fgrad.random.poisson(fgrad.random.key(0), 4.0, (6,))
        array([3, 2, 8, 4, 4, 3])
    """
    found = np.dtype(dtype)
    if found.kind not in "iuf":
        raise DtypeError(f"poisson: dtype must be an integer or floating point, not {found}")
    lam = _floating("poisson", lam)
    shape = fitted_shape("poisson", shape, lam)
    return e.convert(random_poisson(use("poisson", key), full(lam, shape)), dtype=found)


__all__ = ["categorical", "choice", "permutation", "poisson"]
