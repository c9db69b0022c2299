"""One primitive for all products of tensors: `contract(x, y)` with a letter for each axis, as einsum writes it.

A letter in both operands and not in the result is summed over; in all three, it is a batch axis; in one operand and the result, it is
free. A letter stands once in each; one that stands in an operand alone must be summed before. So the transposes permute the three strings,
and a mapped axis is one more letter. The work is BLAS's: a plan for each triple of strings says which views to hand to it. Read `matmul.py`
next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from string import ascii_letters
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.errors import ShapeError
from fgrad.core.primitive import Primitive

Plan = Callable[[Any, Any], Any]


def fresh_label(*used: str) -> str:
    """A letter that none of these has."""
    taken = set().union(*used)
    for c in ascii_letters:
        if c not in taken:
            return c
    return chr(max(map(ord, taken)) + 1)


def _permutation(labels: str, order: str) -> tuple[int, ...] | None:
    """The axes that bring `labels` into this order; None where they are in it."""
    return None if labels == order else tuple(labels.index(c) for c in order)


def _transposed(x: Any, axes: tuple[int, ...] | None) -> Any:
    return x if axes is None else x.transpose(axes)


# -- plans: each a function of two arrays


def _outer_plan(xl: str, yl: str, ol: str) -> Plan:
    """Nothing is summed: a product of views with axes of size 1."""

    def view(labels: str) -> Callable[[Any], Any]:
        axes = _permutation(labels, "".join(c for c in ol if c in labels))
        index = tuple(slice(None) if c in labels else None for c in ol)
        if None not in index:
            return lambda x: _transposed(x, axes)
        return lambda x: _transposed(np.asarray(x), axes)[index]

    view_x, view_y = view(xl), view(yl)
    return lambda x, y: np.multiply(view_x(x), view_y(y))


def _dot_plan(left: tuple[int, ...] | None, right: tuple[int, ...] | None) -> Plan:
    """A product of vectors and matrices: np.dot, which costs less to call than matmul."""
    dot = np.dot
    if left is None:
        return dot if right is None else lambda x, y: dot(x, y.T)
    return (lambda x, y: dot(x.T, y)) if right is None else lambda x, y: dot(x.T, y.T)


def _vecdot_plan(xl: str, yl: str, batch: str, summed: str) -> Plan:
    """A dot product for each entry of a batch."""
    axes_x, axes_y = _permutation(xl, batch + summed), _permutation(yl, batch + summed)
    lead = len(batch)

    def plan(x: Any, y: Any) -> Any:
        x, y = _transposed(x, axes_x), _transposed(y, axes_y)
        if len(summed) > 1:
            shape = (*x.shape[:lead], math.prod(x.shape[lead:]))
            x, y = x.reshape(shape), y.reshape(shape)
        if x.dtype.kind == "c":  # np.vecdot would conjugate
            return np.matmul(x[..., None, :], y[..., None])[..., 0, 0]
        return np.vecdot(x, y)

    return plan


def _grouped(labels: str, groups: Sequence[str]) -> Callable[[Any], Any]:
    """A view of an array with one axis for each group of its letters (an empty group: an axis of size 1)."""
    axes = _permutation(labels, "".join(groups))
    if all(len(g) == 1 for g in groups):
        return lambda x: _transposed(x, axes)
    if all(len(g) <= 1 for g in groups):
        index = tuple(slice(None) if g else None for g in groups)
        return lambda x: _transposed(x, axes)[index]
    ends = np.cumsum([0, *map(len, groups)]).tolist()
    pairs = tuple(pairwise(ends))

    def view(x: Any) -> Any:
        x = _transposed(x, axes)
        shape = x.shape
        return x.reshape([math.prod(shape[a:b]) for a, b in pairs])

    return view


def _matmul_plan(xl: str, yl: str, ol: str, batch: str, summed: str) -> Plan:
    """The general case: matmul on a view of each operand with one axis for the batch, the free and the summed letters."""
    free_x, free_y = ("".join(c for c in labels if c not in batch + summed) for labels in (xl, yl))
    # letters that an operand has before its summed ones, apart from its other free ones, are looped over: to merge them would copy
    loop = ""
    for labels, free in ((xl, free_x), (yl, free_y)):
        if len(free) > 1 and not loop and ol[0] == free[0] == labels[0] and free not in labels:
            loop = free[0]
    free_x, free_y = free_x.replace(loop, ""), free_y.replace(loop, "")
    whole_batch = [batch] if batch else []

    def groups(labels: str, *rest: str) -> list[str]:
        return [*(c for c in loop if c in labels), *whole_batch, *rest]

    view_x = _grouped(xl, groups(xl, free_x, summed))
    view_y = _grouped(yl, groups(yl, summed, free_y))
    made = loop + batch + free_x + free_y
    back = _permutation(made, ol)
    if len(batch) <= 1 and len(free_x) <= 1 and len(free_y) <= 1:
        if free_x and free_y:
            return lambda x, y: _transposed(np.matmul(view_x(x), view_y(y)), back)
        vector = (..., 0) if free_x else (..., 0, slice(None))
        return lambda x, y: _transposed(np.matmul(view_x(x), view_y(y))[vector], back)
    where = [(0, xl.index(c)) if c in xl else (1, yl.index(c)) for c in made]

    def plan(x: Any, y: Any) -> Any:
        shapes = x.shape, y.shape
        out = np.matmul(view_x(x), view_y(y))
        return _transposed(out.reshape([shapes[i][axis] for i, axis in where]), back)

    return plan


def _make_plan(xl: str, yl: str, ol: str) -> Plan:
    summed = "".join(c for c in xl if c not in ol)
    if not summed:
        return _outer_plan(xl, yl, ol)
    free_x, free_y = ("".join(c for c in a if c in ol and c not in b) for a, b in ((xl, yl), (yl, xl)))
    if free_x and free_y and ol.index(free_x[-1]) > ol.index(free_y[-1]):
        swapped = _plan(yl, xl, ol)  # so that the result comes out in its order
        return lambda x, y: swapped(y, x)
    batch = "".join(c for c in ol if c in xl and c in yl)
    if not free_x and not free_y:
        if batch:
            return _vecdot_plan(xl, yl, batch, summed)
        axes = _permutation(yl, xl)
        return np.dot if len(xl) == 1 else lambda x, y: np.dot(x.reshape(-1), _transposed(y, axes).reshape(-1))
    if not batch and len(summed) == 1 and len(free_x) <= 1 and len(free_y) <= 1:
        return _dot_plan(_permutation(xl, free_x + summed), _permutation(yl, summed + free_y))
    return _matmul_plan(xl, yl, ol, batch, summed)


_plans: dict[tuple[str, str, str], Plan] = {}


def _plan(xl: str, yl: str, ol: str) -> Plan:
    plan = _plans.get((xl, yl, ol))
    if plan is None:
        plan = _plans[xl, yl, ol] = _make_plan(xl, yl, ol)
    return plan


# -- the primitive


def contraction(x_labels: str, y_labels: str, out_labels: str) -> Plan:
    """The NumPy computation for these letters, as a function of two arrays."""
    return _plan(x_labels, y_labels, out_labels)


def _impl(x: Any, y: Any, *, x_labels: str, y_labels: str, out_labels: str) -> Any:
    plan = _plans.get((x_labels, y_labels, out_labels))
    return (_plan(x_labels, y_labels, out_labels) if plan is None else plan)(x, y)


def _aval(x: Any, y: Any, *, x_labels: str, y_labels: str, out_labels: str) -> ShapedArray:
    sizes = dict(zip(x_labels, x.shape, strict=True))
    for c, n in zip(y_labels, y.shape, strict=True):
        if sizes.setdefault(c, n) != n:
            raise ShapeError(f"contract {x_labels},{y_labels}->{out_labels}: axis {c} has {sizes[c]} entries in x and {n} in y")
    return ShapedArray(tuple([sizes[c] for c in out_labels]), x.dtype)


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, x_labels: str, y_labels: str, out_labels: str) -> tuple[Any, bool]:
    x, y = values
    b = fresh_label(x_labels, y_labels, out_labels)
    x_labels, y_labels = (b + labels if m else labels for labels, m in zip((x_labels, y_labels), mapped, strict=True))
    return contract(x, y, x_labels=x_labels, y_labels=y_labels, out_labels=b + out_labels), True


contract = Primitive(
    "contract",
    impl=_impl,
    aval=_aval,
    transposes=[
        lambda ct, x, y, *, x_labels, y_labels, out_labels: contract(ct, y, x_labels=out_labels, y_labels=y_labels, out_labels=x_labels),
        lambda ct, x, y, *, x_labels, y_labels, out_labels: contract(x, ct, x_labels=x_labels, y_labels=out_labels, out_labels=y_labels),
    ],
    batch=_batch,
)
