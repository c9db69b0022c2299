"""associative_scan: all partial sums of an associative operation in a logarithmic number of vectorised steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fgrad.api.flat import flatten_args
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.errors import AxisError, ShapeError
from fgrad.core.source import function_name
from fgrad.ops.elementwise import add
from fgrad.ops.shapes import concatenate, move_axis, pad, slice_
from fgrad.ops.shapes import reverse as reverse_axes


def associative_scan(fn: Callable, elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """The results of an associative operation on the first 1, 2, ..., n entries of an axis.

    Blelloch's odd-even recursion: about 2 n operations in 2 log2 n vectorised calls of `fn` (Prefix Sums and Their Applications, 1990).

    Args:
        fn: an associative operation on pytrees like `elems`, on many pairs at once (entry by entry along the axis).
        elems: a pytree of arrays with a common size n along the axis.
        reverse: goes from the last entry to the first: fn's first argument is of the later ones.
        axis: the axis.

    Returns:
        A pytree like `elems`.

    Raises:
        ShapeError: the sizes differ, or fn changes shapes. AxisError: the axis is out of range.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.associative_scan(np.multiply, np.array([1.0, 2.0, 3.0, 4.0]))
        array([ 1.,  2.,  6., 24.])
    """
    leaves, args_tree = flatten_args((elems,), "associative_scan: elems")
    treedef = args_tree.children()[0]
    for x in leaves:
        if not -x.ndim <= axis < x.ndim:
            raise AxisError(f"associative_scan: axis {axis} is out of range for {short(typeof(x))}")
    axes = [axis % x.ndim for x in leaves]
    sizes = {x.shape[a] for x, a in zip(leaves, axes, strict=True)}
    if len(sizes) > 1:
        raise ShapeError("associative_scan: elems have different sizes along the axis", *[short(typeof(x)) for x in leaves])
    values = [move_axis(x, a, 0) for x, a in zip(leaves, axes, strict=True)]
    if not values or sizes == {0}:
        return elems

    def combine(a: list, b: list) -> list:
        restore = lambda xs: tree.unflatten(treedef, [move_axis(x, 0, k) for x, k in zip(xs, axes, strict=True)])
        out = tree.flatten_like(treedef, fn(restore(a), restore(b)), f"associative_scan: elems and the result of {function_name(fn)}")
        out = [move_axis(o, k, 0) for o, k in zip(out, axes, strict=True)]
        for o, x in zip(out, a, strict=True):
            if typeof(o) != typeof(x):
                raise ShapeError(f"associative_scan: {function_name(fn)} made {short(typeof(o))} of two {short(typeof(x))}")
        return out

    found = list(map(_flip, _prefixes(combine, list(map(_flip, values))))) if reverse else _prefixes(combine, values)
    return tree.unflatten(treedef, [move_axis(x, 0, a) for x, a in zip(found, axes, strict=True)])


def _flip(x: Any) -> Any:
    return reverse_axes(x, axes=(0,))


def _part(x: Any, start: int, stop: int, step: int = 1) -> Any:
    n = x.ndim
    return slice_(x, starts=(start, *[0] * (n - 1)), limits=(stop, *x.shape[1:]), strides=(step, *[1] * (n - 1)))


def _prefixes(combine: Callable, xs: list) -> list:
    n = xs[0].shape[0]
    if n == 1:
        return xs
    # combine neighbours, solve for the pairs, and fill in the entries between
    pairs = combine([_part(x, 0, n - 1, 2) for x in xs], [_part(x, 1, n, 2) for x in xs])
    odd = _prefixes(combine, pairs)
    even = [_part(x, 0, 1) for x in xs]
    if n > 2:
        m = (n - 1) // 2
        later = combine([_part(x, 0, m) for x in odd], [_part(x, 2, n, 2) for x in xs])
        even = [concatenate(e, r, axis=0) for e, r in zip(even, later, strict=True)]
    return [_interleaved(a, b) for a, b in zip(even, odd, strict=True)]


def _interleaved(even: Any, odd: Any) -> Any:
    """even[0], odd[0], even[1], ...: each spread out with zeros between, and added."""
    n = even.shape[0] + odd.shape[0]
    rest = ((0, 0, 0),) * (even.ndim - 1)
    spread_even = pad(even, widths=((0, n - (2 * even.shape[0] - 1), 1), *rest))
    spread_odd = pad(odd, widths=((1, n - 2 * odd.shape[0], 1), *rest))
    return add(spread_even, spread_odd) if even.dtype != bool else spread_even | spread_odd


__all__ = ["associative_scan"]
