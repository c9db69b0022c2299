"""Scaled dot-product attention, and the rows of a table that are an embedding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import DtypeError, ShapeError
from fgrad.nn.activations import softmax
from fgrad.nn.arguments import class_labels, counted, real_input
from fgrad.numpy.shapes import as_array
from fgrad.ops.promote import broadcast_shape

_FORMULA = "softmax(query @ key.T * scale + bias) @ value"


def attention(
    query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, *, is_causal: bool = False, scale: float | None = None
) -> Any:
    """Means of values, weighted by how well their keys fit each query: softmax(query @ key.T * scale + bias) @ value.

    What jax.nn.dot_product_attention computes, with heads before lengths: leading axes (examples, heads) are those of a product of matrices.

    Args:
        query: f[..., length, depth].
        key: f[..., places, depth].
        value: f[..., places, features].
        bias: f[..., length, places], added to the scores, or None.
        mask: bool that broadcasts to [..., length, places], True where a query may see a place, or None. A query that may see none gets the mean of all.
        is_causal: query i sees places 0 to i alone.
        scale: a factor of the scores; None: 1 / sqrt(depth).

    Returns:
        f[..., length, features].

    Raises:
        ShapeError: shapes that do not fit. DtypeError: integers, or a mask that is not bool.

    Source: Vaswani et al. (2017), "Attention is all you need", eq. 1.

    Example:
        >>> import fgrad, numpy as np
        >>> q = k = np.eye(3)
        >>> v = np.array([[1.0], [2.0], [3.0]])
        >>> fgrad.nn.attention(q, k, v, is_causal=True).round(4).ravel()
        array([1.    , 1.6405, 2.2066])
    """
    query, key, value = (real_input("attention", n, x, _FORMULA) for n, x in (("query", query), ("key", key), ("value", value)))
    shown = f"query: {short(query)}, key: {short(key)}, value: {short(value)}"
    if min(x.ndim for x in (query, key, value)) < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        raise ShapeError(
            f"attention: {shown} do not fit",
            f"the formula is {_FORMULA}",
            "query is [..., length, depth], key [..., places, depth], value [..., places, features].",
        )
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else float(scale)
    scores = (query * factor) @ fnp.swapaxes(key, -1, -2)  # the queries are fewer numbers than the scores
    if bias is not None:
        scores = scores + bias
    if is_causal:
        scores = _masked(scores, fnp.expand_dims(counted(query.shape[-2]), 1) >= counted(key.shape[-2]), "is_causal")
    if mask is not None:
        mask = as_array(mask)
        if mask.dtype != bool:
            raise DtypeError(
                f"attention: mask: {short(mask)} must be bool, True where a query may see a place", "What is added to scores is bias=."
            )
        scores = _masked(scores, mask, "mask")
    return softmax(scores) @ value


def _masked(scores: Any, mask: Any, what: str) -> Any:
    """Scores that are the lowest number where the mask is False: not -inf, of which a row would have no softmax."""
    if broadcast_shape("attention", (scores, mask)) != scores.shape:
        raise ShapeError(f"attention: {what}: {short(mask)} does not broadcast to the scores {short(scores)}", f"the formula is {_FORMULA}")
    return fnp.where(mask, scores, np.finfo(scores.dtype).min)


def embedding(table: Any, ids: Any) -> Any:
    """The rows of a table that integers name.

    Args:
        table: [n, features].
        ids: i[...], from 0 to n - 1.

    Returns:
        [..., features]; the derivative of a row is the sum of those of its uses.

    Raises:
        ArgumentError: an integer is out of range (an IndexError where it has no value, as under jit). DtypeError: ids that are no integers.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.embedding(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([1, 1, 0]))
        array([[2., 3.],
               [2., 3.],
               [0., 1.]])
    """
    table, ids = as_array(table), as_array(ids)
    if not table.ndim:
        raise ShapeError(f"embedding: table: {short(table)} has no rows", "the formula is table[ids]")
    found = class_labels("embedding", ids, table.shape[0], f"table: {short(table)} and ids: {short(ids)}", "the formula is table[ids]")
    return fnp.take(table, found, axis=0)


__all__ = ["attention", "embedding"]
