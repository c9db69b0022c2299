"""Making keys: from a seed, from a key by `split` and `fold_in`, and from the words that a key holds. See `key_array.py` for what a key is."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from fgrad.core.avals import short, typeof
from fgrad.core.errors import ArgumentError
from fgrad.core.trace import Tracer
from fgrad.numpy.shapes import as_shape
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.random import threefry2x32
from fgrad.random.key_array import KeyArray, one_key, use, words_of

_U32 = np.dtype(np.uint32)
_WORD = 2**32


def key(seed: Any) -> KeyArray:
    """A key from a seed.

    Args:
        seed: an integer from -2**63 to 2**64 - 1, or a 0-d array of integers, which may be traced.

    Returns:
        The key, whose words are the high and the low half of the seed.

    Raises:
        ArgumentError: the seed is not an integer, or does not fit.

    Example:
        >>> import fgrad
        >>> fgrad.random.key(42)
        KeyArray(key<fry>[], [0, 42])
    """
    if isinstance(seed, (Tracer, np.ndarray)):
        if seed.shape or seed.dtype.kind not in "iu":
            raise ArgumentError(
                f"key: the seed must be one integer, not {short(seed)}",
                "For a key of each of several seeds: fgrad.vmap(fgrad.random.key)(seeds).",
            )
        if isinstance(seed, Tracer):
            return KeyArray(_seed_words(seed))
        seed = seed[()]
    if not isinstance(seed, (int, np.integer)):
        raise ArgumentError(f"key: the seed must be an integer, not {seed!r:.60}")
    if not -(2**63) <= seed < 2**64:
        raise ArgumentError(f"key: the seed {seed} does not fit in 64 bits")
    wide = not isinstance(seed, np.integer) or seed.itemsize == 8  # a narrower seed has no high half, whatever its sign
    return KeyArray(_frozen(np.array([int(seed) // _WORD % _WORD if wide else 0, int(seed) % _WORD], _U32)))


PRNGKey = key


def _frozen(words: np.ndarray) -> np.ndarray:
    words.flags.writeable = False
    return words


def _seed_words(seed: Any) -> Any:
    low = _low_word(seed)
    high = _low_word(e.shift_right(seed, seed.dtype.type(32))) if seed.dtype.itemsize == 8 else s.zeros(aval=typeof(low))
    return s.concatenate(*[s.reshape(w, shape=(1,)) for w in (high, low)], axis=0)


def _low_word(x: Any) -> Any:
    if x.dtype.itemsize == 8:
        x = e.and_(x, x.dtype.type(_WORD - 1))
    return e.convert(x, dtype=_U32)


def wrap_key_data(key_bits_array: Any) -> KeyArray:
    """Keys of these words.

    Args:
        key_bits_array: u32[..., 2]; such words are what `key_data` gives, and what keys of older programs are.

    Returns:
        A KeyArray of shape [...].

    Raises:
        ArgumentError: an array of another type.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.random.wrap_key_data(np.array([[0, 1], [0, 2]], np.uint32)).shape
        (2,)
    """
    words = key_bits_array if isinstance(key_bits_array, Tracer) else np.array(key_bits_array)
    if words.dtype != _U32 or words.shape[-1:] != (2,):
        raise ArgumentError(f"wrap_key_data takes the words of keys, u32[..., 2], not {short(words)}")
    return KeyArray(words if isinstance(words, Tracer) else _frozen(words))


def key_data(keys: KeyArray) -> Any:
    """The words of keys as an array u32[..., 2].

    Args:
        keys: a key, or an array of keys of shape [...].

    Returns:
        The array; NumPy's are read-only.

    Raises:
        ArgumentError: not a key.

    Example:
        >>> import fgrad
        >>> fgrad.random.key_data(fgrad.random.key(42))
        array([ 0, 42], dtype=uint32)
    """
    return words_of("key_data", keys)


def split_words(words: Any, shape: tuple[int, ...]) -> Any:
    """The words u32[*shape, 2] of new keys: entry j is hashed with counter j."""
    count = math.prod(shape)
    counters = np.zeros((*shape, 2), np.uint32)
    counters[..., 1] = np.arange(count).reshape(shape)
    return threefry2x32(s.broadcast_to(words, counters.shape), counters)


def split(key: KeyArray, num: int | tuple[int, ...] = 2) -> KeyArray:
    """New keys made of a key, which should not be used again.

    Args:
        key: a single key.
        num: how many, or the shape of the array of keys.

    Returns:
        A KeyArray of shape [num], or of the shape given.

    Raises:
        ArgumentError: not a key. ShapeError: several keys.

    Example:
        >>> import fgrad
        >>> key, subkey = fgrad.random.split(fgrad.random.key(0))
        >>> key
        KeyArray(key<fry>[], [1797259609, 2579123966])
    """
    return KeyArray(split_words(use("split", key), as_shape(num)))


def fold_in(key: KeyArray, data: Any) -> KeyArray:
    """A new key made of a key and an integer: for the step of a loop, or the index of an example. The key may be used again, with other integers.

    Args:
        key: a single key.
        data: an integer from 0 to 2**32 - 1, or a 0-d array of integers, of which the lowest 32 bits count; it may be traced.

    Returns:
        A single key.

    Raises:
        ArgumentError: not a key, or not such an integer. ShapeError: several keys.

    Example:
        >>> import fgrad
        >>> base = fgrad.random.key(0)
        >>> keys = [fgrad.random.fold_in(base, step) for step in range(3)]
        >>> bool(keys[0] == keys[1])
        False
    """
    words = one_key("fold_in", key)
    if isinstance(data, Tracer) and not data.shape and data.dtype.kind in "iu":
        low = s.reshape(_low_word(data), shape=(1,))
        return KeyArray(threefry2x32(words, s.concatenate(np.zeros(1, _U32), low, axis=0)))
    if not isinstance(data, (int, np.integer)) and not (isinstance(data, np.ndarray) and not data.shape and data.dtype.kind in "iu"):
        raise ArgumentError(
            f"fold_in: the data must be one integer, not {short(data)}",
            "For several: fgrad.vmap(fold_in, in_axes=(None, 0))(key, numbers).",
        )
    number = operator.index(data)
    if isinstance(data, int) and not 0 <= number < _WORD:
        raise ArgumentError(f"fold_in: the data {number} does not fit in 32 bits without a sign")
    return KeyArray(threefry2x32(words, np.array([0, number % _WORD], _U32)))


__all__ = ["PRNGKey", "fold_in", "key", "key_data", "split", "wrap_key_data"]
