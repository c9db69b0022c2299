"""Axes as users give them (negative, a tuple, None) made canonical: what primitives take as parameters. Imports core only."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, AxisError


def normalize_axis(name: str, axis: Any, ndim: int, of: Any = None) -> int:
    """One axis, counted from the front.

    Args:
        name: the function that was called, for the message.
        axis: an integer, negative ones counting from the back.
        ndim: the number of axes there are.
        of: the array, for the message.

    Raises:
        AxisError: the axis is out of range.
        ArgumentError: it is no integer.
    """
    try:
        i = operator.index(axis)
    except TypeError:
        raise ArgumentError(f"{name}: an axis is an integer, not {short(axis)}") from None
    if -ndim <= i < ndim:
        return i + ndim if i < 0 else i
    operand = "an array" if of is None else f"x: {short(of)}"
    allowed = f"Axes go from {-ndim} to {ndim - 1}." if ndim else "It has no axes: leave the axis out, or use axis=None."
    raise AxisError(f"{name}: axis {i} is out of range for {operand} with {ndim} ax{'i' if ndim == 1 else 'e'}s", allowed)


def normalize_axes(name: str, axis: Any, ndim: int, of: Any = None) -> tuple[int, ...]:
    """A tuple of axes counted from the front, in the order given: all of them for None, one for an integer.

    Raises:
        AxisError: an axis is out of range, or given twice.
        ArgumentError: an axis is no integer.
    """
    if axis is None:
        return tuple(range(ndim))
    if not isinstance(axis, Iterable):
        return (normalize_axis(name, axis, ndim, of),)
    axes = tuple(normalize_axis(name, a, ndim, of) for a in axis)
    if len(set(axes)) != len(axes):
        raise AxisError(f"{name}: axis={tuple(axis)} names an axis twice")
    return axes
