"""Bits, uniform numbers and integers, and what needs nothing else: Bernoulli variates and signs.

The formulas are those of JAX in its 64-bit mode: the same key gives the same bits, numbers in [0, 1), Bernoulli variates, signs and integers of
ranges up to 2^32 (up to 2^16 for dtypes of 32 bits; in wider ones JAX's integers are not equally likely). Between other bounds than 0 and 1
the last bit of a number may differ from that of JAX's compiled code, which does not round the product before the sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.getitem import getitem
from fgrad.ops.random import random_bits, random_uniform
from fgrad.random.arguments import add, dtype_of, fitted_shape, full, is_number, mul, parameter, shape_of, sub
from fgrad.random.key_array import KeyArray, use
from fgrad.random.keys import split_words


def bits(key: KeyArray, shape: Any = (), dtype: Any = np.uint64) -> Any:
    """Unsigned integers of which every bit is random.

    Args:
        key: a single key.
        shape: of the result.
        dtype: uint8, uint16, uint32 or uint64.

    Returns:
        An array of this shape and dtype.

    Raises:
        DtypeError: another dtype. ArgumentError: not a key. ShapeError: several keys, or no shape.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.bits(fgrad.random.key(0), (2,), np.uint32)
        array([4070199207, 4202968722], dtype=uint32)
    """
    found = np.dtype(dtype)
    if found.kind != "u":
        raise DtypeError(f"bits: dtype must be an unsigned integer, not {found}", "Signed integers of a range: fgrad.random.randint.")
    return random_bits(use("bits", key), shape=shape_of("bits", shape), dtype=found)


def uniform_between(words: Any, shape: tuple[int, ...], dtype: np.dtype, low: Any, high: Any) -> Any:
    """Numbers in [low, high), the bounds being of this dtype."""
    u = random_uniform(words, shape=shape, dtype=dtype)
    # rounding may take the sum below its lower bound
    return e.maximum(full(low, shape), full(add(mul(u, sub(high, low)), low), shape))


def uniform(key: KeyArray, shape: Any = (), dtype: Any = np.float64, minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    """Numbers equally likely anywhere in [minval, maxval).

    Args:
        key: a single key.
        shape: of the result.
        dtype: floating point; a float64 has 52 random bits, a float32 has 23.
        minval, maxval: f[...] that broadcasts to `shape`. Derivatives by them are those of minval + u (maxval - minval).

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or bounds that do not broadcast to the shape. DtypeError: not floating point.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.uniform(fgrad.random.key(0), (3,), minval=-1.0).round(6)
        array([-0.163086, -0.567409,  0.930643])
    """
    found = dtype_of("uniform", dtype, least=16)
    words = use("uniform", key)
    if is_number(minval, 0) and is_number(maxval, 1):
        return random_uniform(words, shape=shape_of("uniform", shape), dtype=found)
    low, high = (parameter("uniform", x, found) for x in (minval, maxval))
    return uniform_between(words, fitted_shape("uniform", shape, low, high), found, low, high)


# -- integers: spans and offsets are u64 in arrays of one axis, whose arithmetic wraps around without a warning

_U64, _I64 = np.dtype(np.uint64), np.dtype(np.int64)
_HALF, _32 = np.uint64(2**32 - 1), np.uint64(32)


def _known_integer(x: Any) -> int | None:
    """A bound that is the same for all and has a value."""
    if isinstance(x, (int, np.integer, np.bool_)) or (type(x) is np.ndarray and not x.shape and x.dtype.kind in "iub"):
        return int(x)
    return None


def _bound(x: Any, shape: tuple[int, ...], dtype: np.dtype, extra: int) -> Any:
    """A bound as an array of one axis, of 64 bits, cut to what the dtype holds (and one more, where that fits)."""
    wide = np.dtype(np.uint64 if dtype == _U64 else np.int64)
    info = np.iinfo(dtype)
    lowest, highest = int(info.min), min(int(info.max) + extra, int(np.iinfo(wide).max))
    if isinstance(x, int):
        x = np.asarray(min(max(x, lowest), highest), wide)
    elif as_array(x).dtype.kind == "b":
        x = e.convert(as_array(x), dtype=wide)
    else:
        x, own = as_array(x), np.iinfo(as_array(x).dtype)
        x = e.maximum(full(x, shape), x.dtype.type(max(lowest, own.min)))
        x = e.convert(e.minimum(x, x.dtype.type(min(highest, own.max))), dtype=wide)
    return s.reshape(full(x, shape), shape=(math.prod(shape),))


def _high_product(x: Any, y: Any) -> Any:
    """The upper half of the 128-bit product of u64, by the products of their halves."""
    x0, x1, y0, y1 = e.and_(x, _HALF), e.shift_right(x, _32), e.and_(y, _HALF), e.shift_right(y, _32)
    middle = e.add(e.mul(x1, y0), e.shift_right(e.mul(x0, y0), _32))
    other = e.add(e.mul(x0, y1), e.and_(middle, _HALF))
    return e.add(e.add(e.mul(x1, y1), e.shift_right(middle, _32)), e.shift_right(other, _32))


def _modulo(x: Any, span: Any) -> Any:
    return e.sub(x, e.mul(e.floor_divide(x, span), span))  # NumPy divides by one number much faster than it takes remainders


def _by_remainder(high: Any, low: Any, span: Any, power: Any) -> Any:
    """The 128-bit number (high, low) modulo spans of at most 2^32, `power` being 2^64 modulo the span; this is also what JAX computes."""
    return _modulo(e.add(e.mul(_modulo(high, span), power), _modulo(low, span)), span)


def _by_product(high: Any, low: Any, span: Any) -> Any:
    """The 128-bit fraction (high, low) times the span, rounded down: for spans of which the remainder would be biased."""
    below = e.mul(high, span)
    total = e.add(below, _high_product(low, span))
    return e.add(_high_product(high, span), e.convert(e.lt(total, below), dtype=_U64))


def randint(key: KeyArray, shape: Any, minval: Any, maxval: Any, dtype: Any = np.int64) -> Any:
    """Integers equally likely anywhere in minval, ..., maxval - 1.

    Args:
        key: a single key.
        shape: of the result.
        minval, maxval: integers, or i[...] that broadcasts to `shape`; cut to what the dtype holds.
        dtype: an integer dtype.

    Returns:
        An array of this shape and dtype. Where an array of bounds leaves no integer between them, minval.

    Raises:
        ArgumentError: not a key, or minval is not below maxval. ShapeError: several keys, or bounds that do not broadcast to the shape.
        DtypeError: a dtype or bounds that are not integers.

    Example:
        >>> import fgrad
        >>> fgrad.random.randint(fgrad.random.key(0), (6,), 1, 7)
        array([4, 6, 6, 6, 4, 2])
    """
    found = dtype_of("randint", dtype, "iu", least=8)
    words = use("randint", key)
    first, end = known = [_known_integer(x) for x in (minval, maxval)]
    arrays = [as_array(x) for x, n in zip((minval, maxval), known, strict=True) if n is None]
    for x in arrays:
        if x.dtype.kind not in "iub":
            raise DtypeError(f"randint: the bounds must be integers, not {short(x)}")
    shape = fitted_shape("randint", shape, *arrays)
    if first is not None and end is not None:
        info = np.iinfo(found)
        first, end = (min(max(x, int(info.min)), int(info.max) + 1) for x in (first, end))
        if first >= end:
            raise ArgumentError(f"randint: no {found} is in the range from minval={known[0]} to below maxval={known[1]}")
        return draw_integers(words, shape, end - first, first, found)
    low, high = _bound(minval if first is None else first, shape, found, 0), _bound(maxval if end is None else end, shape, found, 1)
    span = e.select(e.lt(low, high), e.convert(e.sub(high, low), dtype=_U64), np.uint64(1))
    first_bits, last_bits = _integer_bits(words, shape, found)
    if first_bits is None:
        offset = _modulo(last_bits, span)
    else:
        power = _modulo(e.add(e.not_(span), np.uint64(1)), span)
        near, far = _by_remainder(first_bits, last_bits, span, power), _by_product(first_bits, last_bits, span)
        offset = e.select(e.le(span, np.uint64(2**32)), near, far)
    return s.reshape(e.convert(e.add(offset, e.convert(low, dtype=_U64)), dtype=found), shape=shape)


def draw_integers(words: Any, shape: tuple[int, ...], count: int, first: int = 0, dtype: np.dtype = _I64) -> Any:
    """The first of `count` integers or one of those that follow, from the words of a key."""
    high, low = _integer_bits(words, shape, dtype)
    if count == 2**64:
        offset = low
    elif high is None:
        offset = _modulo(low, np.uint64(count))
    elif count <= 2**32:
        offset = _by_remainder(high, low, np.uint64(count), np.uint64(2**64 % count))
    else:
        offset = _by_product(high, low, np.uint64(count))
    return s.reshape(e.convert(e.add(offset, np.uint64(first % 2**64)), dtype=dtype), shape=shape)


def _integer_bits(words: Any, shape: tuple[int, ...], dtype: np.dtype) -> tuple[Any, Any]:
    """128 random bits for each integer, the high ones and the low ones; 64, the low ones, for a dtype of at most 32."""
    drawn = np.dtype(np.uint32 if dtype.itemsize <= 4 else np.uint64)
    both = split_words(words, (2,))
    high, low = (random_bits(getitem(both, i), shape=(math.prod(shape),), dtype=drawn) for i in (0, 1))
    if drawn == _U64:
        return high, low
    return None, e.or_(e.shift_left(e.convert(high, dtype=_U64), _32), e.convert(low, dtype=_U64))


# -- two outcomes


def bernoulli(key: KeyArray, p: Any = 0.5, shape: Any = None) -> Any:
    """True with probability p.

    Args:
        key: a single key.
        p: f[...], the probabilities.
        shape: of the result, to which p broadcasts; None: that of p.

    Returns:
        A boolean array.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or p does not broadcast to the shape. DtypeError: p is not real.

    Example:
        >>> import fgrad
        >>> fgrad.random.bernoulli(fgrad.random.key(0), 0.3, (5,))
        array([False,  True, False, False, False])
    """
    words = use("bernoulli", key)
    own = as_array(p).dtype
    p = parameter("bernoulli", p, own if own.kind == "f" and own.itemsize <= 8 else np.dtype(np.float64))
    shape = fitted_shape("bernoulli", shape, p)
    return e.lt(random_uniform(words, shape=shape, dtype=p.dtype), full(p, shape))


def rademacher(key: KeyArray, shape: Any = (), dtype: Any = np.int64) -> Any:
    """-1 or 1 with equal probability.

    Args:
        key: a single key.
        shape: of the result.
        dtype: a signed numeric dtype.

    Returns:
        An array of this shape and dtype.

    Raises:
        ArgumentError: not a key. ShapeError: several keys, or no shape. DtypeError: the dtype has no -1.

    Example:
        >>> import fgrad
        >>> fgrad.random.rademacher(fgrad.random.key(0), (5,))
        array([ 1,  1, -1, -1, -1])
    """
    found = np.dtype(dtype)
    if found.kind not in "ifc":
        raise DtypeError(f"rademacher: dtype must be a signed number, not {found}")
    words, shape = use("rademacher", key), shape_of("rademacher", shape)
    chosen = e.lt(random_uniform(words, shape=shape, dtype=np.dtype(np.float64)), np.float64(0.5))
    return e.select(chosen, found.type(1), found.type(-1))


__all__ = ["bernoulli", "bits", "rademacher", "randint", "uniform"]
