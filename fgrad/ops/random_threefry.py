"""Threefry-2x32 in NumPy: 64 random bits from a 64-bit key and a 64-bit counter, by a cipher of 20 rounds.

The generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). It has no state: the bits depend
on the key and the counter alone, so any part of a stream can be computed by itself, in any order. The rounds run in place on blocks
that stay in the cache; a few words are computed with Python integers, which is quicker than a hundred calls of NumPy. Imports NumPy only;
the primitives that use it are in `random.py`, `random_gamma.py` and `random_poisson.py`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)
PARITY = 0x1BD11BDA  # Skein's constant, so that no key has a schedule of zeros
_MASK = 0xFFFFFFFF
_SHIFTS = tuple(tuple((np.uint32(r), np.uint32(32 - r)) for r in rotations) for rotations in ROTATIONS)

BLOCK = 1 << 16
"""Words that are computed together: three arrays of them fit in a cache of the second level."""
_FEW = 8  # up to so many, Python's integers are quicker
_HIGH, _LOW = (1, 0) if sys.byteorder == "little" else (0, 1)  # the halves of a 64-bit word in memory


def hash_word(key: Sequence[int], counter: Sequence[int]) -> tuple[int, int]:
    """The two words of one key and counter, as Python integers."""
    k0, k1 = key
    schedule = (k0, k1, k0 ^ k1 ^ PARITY)
    x0, x1 = (counter[0] + k0) & _MASK, (counter[1] + k1) & _MASK
    for i in range(5):
        for r in ROTATIONS[i % 2]:
            x0 = (x0 + x1) & _MASK
            x1 = ((x1 << r) & _MASK | x1 >> (32 - r)) ^ x0
        x0 = (x0 + schedule[(i + 1) % 3]) & _MASK
        x1 = (x1 + schedule[(i + 2) % 3] + i + 1) & _MASK
    return x0, x1


def hash_in_place(k0: Any, k1: Any, x0: np.ndarray, x1: np.ndarray, spare: np.ndarray) -> None:
    """Replaces the counters (x0, x1) by their words. The key is two integers, or two arrays like these; `spare` is overwritten."""
    schedule = (k0, k1, k0 ^ k1 ^ PARITY)
    x0 += schedule[0]
    x1 += schedule[1]
    for i in range(5):
        for left, right in _SHIFTS[i % 2]:
            np.add(x0, x1, out=x0)
            np.left_shift(x1, left, out=spare)
            np.right_shift(x1, right, out=x1)
            np.bitwise_or(x1, spare, out=x1)
            np.bitwise_xor(x1, x0, out=x1)
        x0 += schedule[(i + 1) % 3]
        x1 += schedule[(i + 2) % 3]
        x1 += i + 1


def hash_pairs(keys: np.ndarray, counters: np.ndarray) -> np.ndarray:
    """The words of keys and counters, all u32[..., 2] of one shape."""
    out = np.empty(counters.shape, np.uint32)
    flat, k, c = out.reshape(-1, 2), keys.reshape(-1, 2), counters.reshape(-1, 2)
    if len(flat) <= _FEW:
        for i, (a, b) in enumerate(zip(k.tolist(), c.tolist(), strict=True)):
            flat[i] = hash_word(a, b)
        return out
    for start in range(0, len(flat), BLOCK):
        part = slice(start, start + BLOCK)
        x0, x1 = c[part, 0].copy(), c[part, 1].copy()
        hash_in_place(k[part, 0].copy(), k[part, 1].copy(), x0, x1, np.empty_like(x0))
        flat[part, 0], flat[part, 1] = x0, x1
    return out


def words_at(k0: Any, k1: Any, positions: np.ndarray, stream: int) -> tuple[np.ndarray, np.ndarray]:
    """The two words of each position (u64) in one of the streams of a key: for samplers that draw again where they rejected.

    The counter holds 48 bits of the position and 16 of the stream.
    """
    if len(positions) <= _FEW:
        at = zip(*(k.tolist() if isinstance(k, np.ndarray) else [k] * len(positions) for k in (k0, k1)), positions.tolist(), strict=True)
        return _columns([hash_word((a, b), (stream << 16 | j >> 32, j & _MASK)) for a, b, j in at])
    x0 = (positions >> np.uint64(32)).astype(np.uint32)
    x0 += np.uint32(stream << 16)
    x1 = positions.astype(np.uint32)
    hash_in_place(k0, k1, x0, x1, np.empty_like(x0))
    return x0, x1


def _columns(words: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(words, np.uint32).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def unit_interval(x0: np.ndarray, x1: np.ndarray) -> np.ndarray:
    """Words as float64 in the open interval (0, 1): the middles of 2^52 equal cells."""
    u = x0 * 2.0**20
    u += x1 >> np.uint32(12)
    u += 0.5
    u *= 2.0**-52
    return u


def element_blocks(keys: np.ndarray, size: int) -> Iterator[tuple[slice, Any, Any, np.ndarray]]:
    """Blocks of the elements (key i, position j), j < size, in order: where they stand in the flat result, their keys, their positions."""
    if size >= BLOCK or len(keys) == 1:
        for i, (k0, k1) in enumerate(keys.tolist()):
            for start in range(0, size, BLOCK):
                stop = min(start + BLOCK, size)
                yield slice(i * size + start, i * size + stop), k0, k1, np.arange(start, stop, dtype=np.uint64)
        return
    rows = BLOCK // max(size, 1)
    positions = np.arange(size, dtype=np.uint64)
    for i in range(0, len(keys) if size else 0, rows):
        part = keys[i : i + rows]
        k0, k1 = (np.repeat(part[:, j], size) for j in (0, 1))
        yield slice(i * size, (i + len(part)) * size), k0, k1, np.tile(positions, len(part))


def fill(keys: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """For each key (u32[..., 2]) an array of random integers, or of numbers in [0, 1) for a floating point dtype.

    Entry j of an array is made of the words of counter j: of both for 64 bits, of their exclusive or for fewer.
    """
    size = math.prod(shape)
    flat_keys = keys.reshape(-1, 2)
    out = np.empty(len(flat_keys) * size, dtype)
    if out.size <= _FEW:
        x0, x1 = _columns([hash_word(k, (0, j)) for k in flat_keys.tolist() for j in range(size)])
        _store(x0, x1, np.empty_like(x0), out)
    else:
        spare = np.empty(min(BLOCK, out.size), np.uint32)
        for where, k0, k1, positions in element_blocks(flat_keys, size):
            x1 = positions.astype(np.uint32)
            x0 = (positions >> np.uint64(32)).astype(np.uint32)
            t = spare[: len(x1)]
            hash_in_place(k0, k1, x0, x1, t)
            _store(x0, x1, t, out[where])
    return out.reshape(keys.shape[:-1] + shape)


def _store(x0: np.ndarray, x1: np.ndarray, spare: np.ndarray, out: np.ndarray) -> None:
    """Words as entries of `out`. A floating point number takes the highest bits as its mantissa: it is in [1, 2) first, and then 1 less."""
    bits = out.dtype.itemsize * 8
    if out.dtype.kind == "u":
        if bits == 64:
            halves = out.view(np.uint32)
            halves[_HIGH::2], halves[_LOW::2] = x0, x1
        else:
            np.copyto(out, np.bitwise_xor(x0, x1, out=x0), casting="unsafe")
        return
    mantissa = np.finfo(out.dtype).nmant
    one = int(out.dtype.type(1).view(f"u{bits // 8}"))
    if bits == 64:
        halves, unused = out.view(np.uint32), np.uint32(64 - mantissa)
        np.right_shift(x1, unused, out=x1)
        np.left_shift(x0, np.uint32(32) - unused, out=spare)
        np.bitwise_or(x1, spare, out=halves[_LOW::2])
        np.right_shift(x0, unused, out=x0)
        np.bitwise_or(x0, np.uint32(one >> 32), out=halves[_HIGH::2])
    else:
        np.bitwise_xor(x0, x1, out=x0)
        np.bitwise_and(x0, np.uint32((1 << bits) - 1), out=x0)
        np.right_shift(x0, np.uint32(bits - mantissa), out=x0)
        np.copyto(out.view(f"u{bits // 8}"), np.bitwise_or(x0, np.uint32(one), out=x0), casting="unsafe")
    np.subtract(out, out.dtype.type(1), out=out)
