"""Which inputs the outputs of convolutions and poolings depend on: rules of `propagation` for what reads windows of images.

The three primitives of a convolution are one trilinear form of x[n, g, c, q], w[g, o, c, k] and y[n, g, o, p], groups g apart: an output depends on
what shares its indices, and on the places that stand in one term with its own (q = p * stride + k * dilation - low).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fgrad.core.jaxpr import Equation
from fgrad.ops import convolution, pooling
from fgrad.sparse.propagation import Operand, Rule, joined_along, rule, united
from fgrad.sparse.rows import Rows

_INDICES = {"x": "ngc", "w": "goc", "y": "ngo"}


def _terms(x: Sequence[int], w: Sequence[int], y: Sequence[int], eqn: Equation) -> dict[str, np.ndarray]:
    """The flat places of x, w and y in each product that is summed."""
    flat = {a: np.zeros((1, 1), np.int64) for a in "xwy"}
    inside = np.ones((1, 1), np.bool_)
    p = eqn.params
    for n, kernel, places, stride, (low, _), dilation in zip(x, w, y, p["stride"], p["padding"], p["dilation"], strict=True):
        at, tap = np.arange(places)[:, None], np.arange(kernel)[None, :]
        place = at * stride + tap * dilation - low
        # [places, taps] of the axes so far, times those of this axis
        flat = {
            a: _outer(flat[a] * size, np.broadcast_to(b, place.shape))
            for a, size, b in (("x", n, place), ("w", kernel, tap), ("y", places, at))
        }
        inside = _outer(~inside, (place < 0) | (place >= n)) == 0
    return {a: places[inside] for a, places in flat.items()}


def _outer(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sums of all pairs, along both axes."""
    return (a[:, None, :, None] + b[None, :, None, :]).reshape(a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])


def _convolution(arrays: str, out: str) -> Rule:
    """The rule of a primitive of two of the arrays that makes the third."""

    def of(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
        shapes = dict(zip(arrays, (o.shape for o in operands), strict=True)) | {out: eqn.outvars[0].aval.shape}
        terms = _terms(shapes["x"][2:], shapes["w"][2:], shapes["y"][2:], eqn)
        groups = eqn.params["groups"]
        apart = {a: _apart(a, s, groups) for a, s in shapes.items()}
        return [united(_through(o, apart[a], a, apart[out], out, terms) for a, o in zip(arrays, operands, strict=True))]

    return of


def _apart(array: str, shape: Sequence[int], groups: int) -> tuple[int, ...]:
    """A shape with the groups as an axis of their own, and the spatial axes as one."""
    first, second, spatial = shape[0], shape[1], math.prod(shape[2:])
    return (groups, first // groups, second, spatial) if array == "w" else (first, groups, second // groups, spatial)


def _through(o: Operand, shape: tuple[int, ...], array: str, into: tuple[int, ...], out: str, terms: dict[str, np.ndarray]) -> Rows | None:
    if o.rows is None or not math.prod(into):
        return None
    summed = tuple(i for i, c in enumerate(_INDICES[array]) if c not in _INDICES[out])
    kept = tuple(i for i in range(4) if i not in summed)
    numbers = np.transpose(o.numbers.reshape(shape), (*kept, *summed))
    rows = o.rows.gathered(numbers.reshape(math.prod(shape[i] for i in kept), math.prod(shape[i] for i in summed)))
    lines = np.arange(rows.size).reshape(math.prod(shape[i] for i in kept[:-1]), shape[-1])
    order = np.argsort(terms[out], kind="stable")
    counts = np.tile(np.bincount(terms[out], minlength=into[-1]), len(lines))
    rows = rows.unite(np.concatenate([[0], np.cumsum(counts)]), lines[:, terms[array][order]].ravel())
    made = np.arange(rows.size).reshape(*(shape[i] for i in kept[:-1]), into[-1])
    free = tuple(i for i, c in enumerate(_INDICES[out]) if c not in _INDICES[array])
    return rows.take(np.broadcast_to(np.expand_dims(made, free), into))


rule(convolution.conv)(_convolution("xw", "y"))
rule(convolution.conv_input)(_convolution("yw", "x"))
rule(convolution.conv_kernel)(_convolution("xy", "w"))


@rule(pooling.pool_take)
def _pool_take(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    """Places that depend on values are anywhere in the image."""
    x, places = operands
    if x.rows is None:
        return [None]
    if places.known:
        return [x.rows.take(eqn.primitive.impl(x.numbers, places.value, **eqn.params))]
    return [joined_along(x, _last(x, eqn.params["rank"]), eqn.outvars[0].aval)]


@rule(pooling.pool_put)
def _pool_put(eqn: Equation, operands: Sequence[Operand]) -> list[Rows | None]:
    y, _ = operands
    return [joined_along(y, _last(y, len(eqn.params["spatial"])), eqn.outvars[0].aval)]


def _last(x: Operand, rank: int) -> tuple[int, ...]:
    return tuple(range(len(x.shape) - rank, len(x.shape)))
