"""Functions of Python mapped over arrays: vectorize, apply_along_axis, apply_over_axes. On traced values they are vmap."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.api.vmap import vmap
from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.protocol import has_tracer, implements
from fgrad.numpy.shapes import as_array, expand_dims, moveaxis
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes, normalize_axis
from fgrad.ops.promote import cast

_NAMES = r"\(\s*(?:\w+\s*(?:,\s*\w+\s*)*,?)?\s*\)"
_SIGNATURE = re.compile(rf"^\s*({_NAMES}\s*(?:,\s*{_NAMES}\s*)*)?->\s*({_NAMES}\s*(?:,\s*{_NAMES}\s*)*)$")


def _core_axes(signature: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The names of the core axes of inputs and outputs in '(m,n),(n)->(m)'."""
    found = _SIGNATURE.match(signature)
    if found is None:
        raise ArgumentError(f"vectorize: {signature!r} is no signature, such as '(m,n),(n)->(m)'")
    inputs, outputs = (re.findall(_NAMES, part or "") for part in found.groups())
    return [tuple(re.findall(r"\w+", g)) for g in inputs], [tuple(re.findall(r"\w+", g)) for g in outputs]


class vectorize(np.vectorize):
    """numpy.vectorize, which maps with `vmap` where an argument is traced.

    On traced values the function is traced once, for a scalar (or for its core axes, with a signature), and each of its operations then works
    on the whole array: it has no Python `if` on its arguments (use `where`).

    Example:
        >>> import fgrad, fgrad.numpy as np
        >>> distance = np.vectorize(lambda a, b: np.sqrt(np.sum((a - b) ** 2)), signature="(n),(n)->()")
        >>> fgrad.jit(distance)(np.zeros((2, 1, 3)), np.ones((2, 3)) * np.array([[1.0], [2.0]])) ** 2
        array([[ 3., 12.],
               [ 3., 12.]])
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not callable(self.pyfunc) or not (has_tracer(args) or has_tracer(kwargs.values())):
            return super().__call__(*args, **kwargs)
        return self._traced(args, kwargs)

    def _traced(self, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        excluded = self.excluded or set()
        mapped: list[Any] = [i for i in range(len(args)) if i not in excluded]
        mapped += [k for k in kwargs if k not in excluded]
        operands = [as_array(args[k] if isinstance(k, int) else kwargs[k]) for k in mapped]
        inputs, outputs = ([()] * len(operands), None) if self.signature is None else _core_axes(self.signature)
        if len(inputs) != len(operands):
            raise TypeError(f"vectorize: the signature {self.signature!r} has {len(inputs)} operands, and {len(operands)} were given")

        def call(*values: Any) -> Any:
            positional, named = list(args), dict(kwargs)
            for k, v in zip(mapped, values, strict=True):
                if isinstance(k, int):
                    positional[k] = v
                else:
                    named[k] = v
            return self.pyfunc(*positional, **named)

        out = _broadcast_call(call, operands, inputs)
        several = isinstance(out, tuple)
        outs = [as_array(o) for o in (out if several else (out,))]
        if outputs is not None and len(outputs) != len(outs):
            raise ArgumentError(f"vectorize: the signature {self.signature!r} has {len(outputs)} results, and the function {len(outs)}")
        if self.otypes is not None:
            outs = [cast(o, np.dtype(t)) for o, t in zip(outs, self.otypes, strict=True)]
        return tuple(outs) if several else outs[0]


def _broadcast_call(f: Callable, operands: Sequence[Any], inputs: Sequence[tuple[str, ...]]) -> Any:
    """f mapped over the axes that are not core axes, broadcast against each other."""
    sizes: dict[str, int] = {}
    loops = []
    for x, names in zip(operands, inputs, strict=True):
        core = x.shape[x.ndim - len(names) :] if names else ()
        if x.ndim < len(names):
            raise ShapeError(f"vectorize: {short(x)} has fewer axes than the core axes ({','.join(names)})")
        for name, n in zip(names, core, strict=True):
            if sizes.setdefault(name, n) != n:
                raise ShapeError(f"vectorize: the core axis {name} has {sizes[name]} entries, and {n} in {short(x)}")
        loops.append(x.shape[: x.ndim - len(names)])
    loop = np.broadcast_shapes(*loops)
    if not loop:
        return f(*operands)
    count = math.prod(loop)
    flat, axes = [], []
    for x, own in zip(operands, loops, strict=True):
        core = x.shape[len(own) :]
        if not own:
            flat.append(x)
            axes.append(None)
        else:
            flat.append(s.reshape(s.broadcast_to(x, (*loop, *core)), shape=(count, *core)))
            axes.append(0)
    out = vmap(f, in_axes=tuple(axes))(*flat)
    return tree.map(lambda o: s.reshape(o, shape=(*loop, *o.shape[1:])), out)


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Callable, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """NumPy's apply_along_axis. The function is traced once, for all slices together: no Python `if` on its entries."""
    x = as_array(arr)
    axis = normalize_axis("apply_along_axis", axis, x.ndim, x)
    moved = moveaxis(x, axis, -1)
    lead, n = moved.shape[:-1], moved.shape[-1]

    def one(row: Any) -> Any:
        return as_array(func1d(row, *args, **kwargs))

    if not lead:
        return one(moved)
    if not math.prod(lead):
        raise ShapeError(f"apply_along_axis: there is no slice to apply the function to: arr: {short(x)}")
    out = vmap(one)(s.reshape(moved, shape=(math.prod(lead), n)))
    core = out.ndim - 1
    out = s.reshape(out, shape=(*lead, *out.shape[1:]))
    return moveaxis(out, tuple(range(len(lead), out.ndim)), tuple(range(axis, axis + core))) if core else out


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable, a: Any, axes: Any) -> Any:
    out = as_array(a)
    ndim = out.ndim
    for axis in normalize_axes("apply_over_axes", axes if np.iterable(axes) else (axes,), ndim, out):
        after = as_array(func(out, axis))
        if after.ndim == ndim - 1:
            after = expand_dims(after, axis)
        if after.ndim != ndim:
            raise ShapeError(f"apply_over_axes: the function made {short(after)} of {short(out)}, which has not as many axes")
        out = after
    return out
