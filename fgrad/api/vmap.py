"""vmap: a function of one example as a function of a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fgrad.api.flat import FlatFunction, call_path, flatten_args, owned
from fgrad.core import tree
from fgrad.core.avals import short, typeof
from fgrad.core.errors import ArgumentError, AxisError, ShapeError
from fgrad.core.source import function_name
from fgrad.ops.shapes import materialize, move_axis
from fgrad.transforms.batch import batch_flat


def vmap(fun: Callable, in_axes: Any = 0, out_axes: Any = 0, axis_size: int | None = None) -> Callable:
    """Maps a function over an axis of its arguments, without a loop: each primitive works on the whole batch.

    Args:
        fun: a function of arrays or pytrees.
        in_axes: for each positional argument the axis to map over: an int (negative counts from the end), None (the same for every
            example), or a pytree prefix of these; one int stands for all. Keyword arguments are mapped over axis 0.
        out_axes: where the mapped axis goes in the outputs: an int, None for outputs that do not depend on the example, or a pytree prefix.
        axis_size: the number of examples; needed only where nothing is mapped.

    Returns:
        A function of the batched arguments.

    Raises:
        ShapeError: mapped axes of different sizes. AxisError: an axis out of range. ArgumentError, TreeError: axes that do not fit the arguments.

    Example:
        >>> import fgrad, numpy as np
        >>> per_example = fgrad.vmap(fgrad.grad(lambda w, x: np.sum(w * x) ** 2), in_axes=(None, 0))
        >>> per_example(np.ones(2), np.array([[1.0, 0.0], [1.0, 2.0]]))
        array([[ 2.,  0.],
               [ 6., 12.]])
    """
    in_axes = tuple(in_axes) if isinstance(in_axes, list) else in_axes

    @functools.wraps(fun)
    def mapped_fun(*args: Any, **kwargs: Any) -> Any:
        if isinstance(in_axes, tuple) and len(in_axes) != len(args):
            raise ArgumentError(
                f"vmap: in_axes has {len(in_axes)} entries, but {function_name(fun)} was called with {len(args)} positional arguments"
            )
        leaves, in_tree = flatten_args((args, kwargs), "vmap: argument", call_path)
        args_tree = in_tree.children()[0]
        axes = tree.broadcast_prefix(in_axes, args_tree, "vmap: in_axes")
        axes += [0] * (len(leaves) - len(axes))
        paths = tree.paths(in_tree)
        axes = [None if a is None else _axis(a, x.ndim, f"argument{call_path(p)}", x) for a, x, p in zip(axes, leaves, paths, strict=True)]
        size = _batch_size(fun, leaves, axes, paths, axis_size)
        values = [x if a is None else move_axis(x, a, 0) for x, a in zip(leaves, axes, strict=True)]
        flat = FlatFunction(lambda a, k: fun(*a, **k), in_tree)
        outs, out_mapped = batch_flat(flat, size, values, [a is not None for a in axes], fun=fun)
        to = tree.broadcast_prefix(out_axes, flat.out_tree, "vmap: out_axes")
        placed = [_place(fun, size, o, m, a) for o, m, a in zip(outs, out_mapped, to, strict=True)]
        outs.clear()
        return flat.unflatten(owned(placed))

    return mapped_fun


def _axis(axis: Any, ndim: int, where: str, x: Any) -> int:
    if not isinstance(axis, int) or isinstance(axis, bool):
        raise ArgumentError(f"vmap: an axis is an int or None, not {axis!r} (for {where})")
    if not -ndim <= axis < ndim:
        raise AxisError(
            f"vmap: axis {axis} is out of range for {where} of type {short(typeof(x))}",
            "It has no axis to map over; None in its place in in_axes shares it among the examples." if not ndim else "",
        )
    return axis % ndim


def _batch_size(fun: Callable, leaves: list, axes: list, paths: list[str], axis_size: int | None) -> int:
    sizes = {p: x.shape[a] for x, a, p in zip(leaves, axes, paths, strict=True) if a is not None}
    found = set(sizes.values()) | ({axis_size} if axis_size is not None else set())
    if len(found) > 1:
        lines = [f"argument{call_path(p)} has {n} along its mapped axis" for p, n in sizes.items()]
        raise ShapeError(
            f"vmap: {function_name(fun)} is mapped over axes of different sizes", *lines, f"axis_size is {axis_size}" if axis_size else ""
        )
    if not found:
        raise ArgumentError(
            f"vmap: no argument of {function_name(fun)} is mapped, so the number of examples is unknown",
            "Pass axis_size=, or an axis in in_axes.",
        )
    return found.pop()


def _place(fun: Callable, size: int, out: Any, mapped: bool, axis: int | None) -> Any:
    if axis is None:
        if mapped:
            raise ArgumentError(
                f"vmap: out_axes is None for an output of {function_name(fun)} that differs between examples",
                "Give it an axis in out_axes.",
            )
        return out
    out = materialize(size, out, mapped)
    return move_axis(out, 0, _axis(axis, out.ndim, f"out_axes, for an output of {function_name(fun)}", out))


__all__ = ["vmap"]
