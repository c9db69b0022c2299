"""Einstein sums of traced arrays, with NumPy's whole syntax: `...`, implicit results, repeated letters, and lists of axis numbers.

The operands are contracted in pairs, in the order `np.einsum_path` finds; each pair is one `contract`, which reaches BLAS.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.diagonals import diagonal
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array
from fgrad.ops import shapes as s
from fgrad.ops.contract import fresh_label
from fgrad.ops.matmul import product
from fgrad.ops.promote import cast, result_dtype


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, optimize: Any = False, **kwargs: Any) -> Any:
    dtype = kwargs.pop("dtype", None)
    kwargs = {k: v for k, v in kwargs.items() if k not in ("order", "casting")}
    unsupported("einsum", out=out, **kwargs)
    if isinstance(operands[0], str):
        subscripts, xs = operands[0], [as_array(x) for x in operands[1:]]
    else:
        subscripts, xs = _interleaved(operands)
    inputs, result = parse_subscripts(subscripts, tuple(len(x.shape) for x in xs))
    dtype = result_dtype(*xs) if dtype is None else np.dtype(dtype)
    terms = []
    sizes: dict[str, int] = {}
    for x, labels in zip(xs, inputs, strict=True):
        x, labels = _without_repeats(cast(x, dtype), labels, subscripts)
        for c, n in zip(labels, x.shape, strict=True):
            known = sizes.setdefault(c, n)
            if known == 1:
                sizes[c] = n
            elif n not in (1, known):
                raise ShapeError(f"einsum: {subscripts!r} with {', '.join(map(short, xs))}: {c} stands for axes of {known} and {n} entries")
        terms.append((x, labels))
    return _contracted(terms, result, sizes)


def _interleaved(operands: Sequence[Any]) -> tuple[str, list[Any]]:
    """`einsum(x, [0, 1], y, [1, 2], [0, 2])` as subscripts and arrays."""
    xs = [as_array(x) for x in operands[: len(operands) // 2 * 2 : 2]]
    lists = [*operands[1::2], *([operands[-1]] if len(operands) % 2 else [])]
    numbers = sorted({int(n) for one in lists for n in one if n is not Ellipsis})
    if len(numbers) > len(ascii_letters):
        raise ArgumentError(f"einsum: takes {len(ascii_letters)} different axes at most")
    letter = {n: ascii_letters[i] for i, n in enumerate(numbers)}
    texts = ["".join("..." if n is Ellipsis else letter[int(n)] for n in one) for one in lists]
    return ",".join(texts[: len(xs)]) + ("->" + texts[-1] if len(operands) % 2 else ""), xs


@lru_cache(maxsize=1024)
def parse_subscripts(subscripts: str, ndims: tuple[int, ...]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, an ellipsis being written out as letters that are free."""
    text = subscripts.replace(" ", "")
    left, arrow, result = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise ArgumentError(f"einsum: {subscripts!r} names {len(inputs)} operands, and {len(ndims)} were given")
    wrong = [c for c in (left + result).replace("...", "").replace(",", "") if c not in ascii_letters]
    if wrong:
        raise ArgumentError(f"einsum: {subscripts!r} holds {wrong[0]!r}; axes are letters, operands are separated by commas")
    extra = [n - len(term.replace("...", "")) for term, n in zip(inputs, ndims, strict=True)]
    for term, n, more in zip(inputs, ndims, extra, strict=True):
        if more < 0 or (more and "..." not in term):
            raise ArgumentError(f"einsum: {subscripts!r}: {term!r} does not name the axes of an operand with {n} axes")
    widest = max(more if "..." in term else 0 for term, more in zip(inputs, extra, strict=True))
    ellipsis = ""
    for _ in range(widest):
        ellipsis += fresh_label(text, ellipsis)
    inputs = [term.replace("...", ellipsis[widest - more :]) for term, more in zip(inputs, extra, strict=True)]
    if arrow:
        result = result.replace("...", ellipsis)
    else:
        letters = left.replace("...", "").replace(",", "")
        result = ellipsis + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    if len(set(result)) != len(result):
        raise ArgumentError(f"einsum: {subscripts!r} names an axis of the result twice")
    unknown = set(result) - set("".join(inputs))
    if unknown:
        raise ArgumentError(f"einsum: {subscripts!r}: the axis {min(unknown)} of the result is in no operand")
    return inputs, result


def _without_repeats(x: Any, labels: str, subscripts: str) -> tuple[Any, str]:
    """An operand whose letters are all different: its diagonal, where two are equal."""
    for c in sorted(set(labels)):
        while labels.count(c) > 1:
            i = labels.index(c)
            j = labels.index(c, i + 1)
            if x.shape[i] != x.shape[j]:
                raise ShapeError(f"einsum: {subscripts!r}: {c} stands for axes of {x.shape[i]} and {x.shape[j]} entries of {short(x)}")
            x = diagonal(x, 0, i, j)
            labels = labels[:i] + labels[i + 1 : j] + labels[j + 1 :] + c
    return x, labels


@lru_cache(maxsize=1024)
def _order(terms: tuple[str, ...], result: str, sizes: tuple[tuple[str, int], ...]) -> tuple[tuple[int, ...], ...]:
    """Which terms to contract, step after step."""
    n = dict(sizes)
    zero = np.zeros(())
    arrays = [np.broadcast_to(zero, tuple(n[c] for c in term)) for term in terms]
    path = np.einsum_path(",".join(terms) + "->" + result, *arrays, optimize="greedy")[0][1:]
    return tuple(tuple(sorted(step)) for step in path)


def _contracted(terms: list[tuple[Any, str]], result: str, sizes: dict[str, int]) -> Any:
    if len(terms) > 2:
        for step in _order(tuple(labels for _, labels in terms), result, tuple(sizes.items())):
            group = [terms.pop(i) for i in reversed(step)][::-1]
            while len(group) > 1:
                (x, labels_x), (y, labels_y), *others = group
                needed = set(result).union(*(labels for _, labels in (*terms, *others)))
                labels = "".join(c for c in dict.fromkeys(labels_x + labels_y) if c in needed)
                final = not terms and not others
                labels = result if final else labels
                group = [(product(x, y, labels_x, labels_y, labels), labels), *others]
            terms.append(group[0])
    elif len(terms) == 2:
        (x, labels_x), (y, labels_y) = terms
        return product(x, y, labels_x, labels_y, result)
    x, labels = terms[0]
    summed = tuple(i for i, c in enumerate(labels) if c not in result)
    if summed:
        x, labels = s.reduce_sum(x, axes=summed), "".join(c for c in labels if c in result)
    return x if labels == result else s.transpose(x, axes=tuple(labels.index(c) for c in result))
