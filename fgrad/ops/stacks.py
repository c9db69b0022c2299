"""The operations that also take stacks (runs of a length known only when they ran: see `core/avals.py`).

Stacks are the residuals of loops with dynamic trip counts. They flow from a loop to its backward loop, and on the way can be added, masked
and batched; each operation here acts on the innermost arrays. On arrays the functions are the ordinary primitives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, Stack, StackType, batched, concrete_zeros, map_leaf, typeof, unbatched
from fgrad.core.primitive import Primitive
from fgrad.ops import shapes
from fgrad.ops.elementwise import add, select
from fgrad.ops.shapes import zeros


def is_stack(x: Any) -> bool:
    return type(typeof(x)) is StackType


def _lift(f: Callable, *xs: Any) -> Any:
    """f on the innermost arrays; operands that are no stacks are shared by all elements."""
    stacks = [x for x in xs if isinstance(x, Stack)]
    if not stacks:
        return f(*xs)
    n = max(map(len, stacks))
    items = [_lift(f, *[x[i] if isinstance(x, Stack) else x for x in xs]) for i in range(n)]
    return Stack(items, typeof(items[0]) if items else stacks[0].aval.elem)


def _prefix(p: Any, x: Any) -> Any:
    """p with axes appended, to stand beside x."""
    return np.reshape(p, np.shape(p) + (1,) * (np.ndim(x) - np.ndim(p)))


def _each(size: int, values: Any, mapped: Any) -> list:
    return [materialize(size, v, m) for v, m in zip(values, mapped, strict=True)]


def _stack_add(x: Stack, y: Stack) -> Stack:
    return x if not len(y) else y if not len(x) else _lift(np.add, x, y)


stack_add = Primitive(
    "stack_add",
    aval=lambda x, y: typeof(x),
    impl=_stack_add,
    partials=[lambda out, x, y: lambda t: t] * 2,
    transposes=[lambda ct, x, y: ct] * 2,
    batch=lambda size, values, mapped: (stack_add(*_each(size, values, mapped)), True),
)

stack_select = Primitive(
    "stack_select",  # the mask's shape is a prefix of that of the innermost arrays
    aval=lambda p, x, y: typeof(x),
    impl=lambda p, x, y: _lift(lambda x, y: np.where(_prefix(p, x), x, y), x, y),
    partials=[
        None,
        lambda out, p, x, y: lambda t: stack_select(p, t, zeros(aval=typeof(t))),
        lambda out, p, x, y: lambda t: stack_select(p, zeros(aval=typeof(t)), t),
    ],
    transposes=[
        None,
        lambda ct, p, x, y: stack_select(p, ct, zeros(aval=typeof(ct))),
        lambda ct, p, x, y: stack_select(p, zeros(aval=typeof(ct)), ct),
    ],
    batch=lambda size, values, mapped: (stack_select(*_each(size, values, mapped)), True),
)


def _fill(p: Any, x: Any) -> Any:
    live = np.expand_dims(np.argmax(p, axis=-1), -1)
    other = np.take_along_axis(x, _prefix(live, x), axis=np.ndim(p) - 1)
    return np.where(_prefix(p, x), x, other)


def _fill_partial(out: Any, p: Any, x: Any) -> Callable:
    live = _widened(p, out)
    return lambda t: choose(live, t, zeros(aval=typeof(t)))


lane_fill = Primitive(
    "lane_fill",  # idle lanes repeat the values of a live one, and have no tangent: they can make no NaN
    aval=lambda p, x: typeof(x),
    impl=lambda p, x: _lift(lambda x: _fill(p, x), x),
    partials=[None, _fill_partial],
    batch=lambda size, values, mapped: (lane_fill(*_each(size, values, mapped)), True),
)

stack_broadcast = Primitive(
    "stack_broadcast",
    aval=lambda x, *, size: batched(typeof(x), size),
    impl=lambda x, *, size: (
        _lift(lambda v: np.broadcast_to(v, (size, *np.shape(v))), x) if len(x) else concrete_zeros(batched(x.aval, size))
    ),
    transposes=[lambda ct, x, *, size: stack_sum(ct)],
    batch=lambda n, values, mapped, *, size: (swap_first_axes(stack_broadcast(values[0], size=size)), True),
)

stack_sum = Primitive(
    "stack_sum",
    aval=lambda x: unbatched(typeof(x)),
    impl=lambda x: _lift(lambda v: np.sum(v, axis=0, dtype=v.dtype), x) if len(x) else concrete_zeros(unbatched(x.aval)),
    transposes=[lambda ct, x: stack_broadcast(ct, size=_innermost(x.aval).shape[0])],
    batch=lambda n, values, mapped: (stack_sum(swap_first_axes(values[0])), True),
)


def _swapped(a: ShapedArray, axis: int) -> ShapedArray:
    s = a.shape
    return ShapedArray((*s[:axis], s[axis + 1], s[axis], *s[axis + 2 :]), a.dtype)


stack_swap = Primitive(
    "stack_swap",
    aval=lambda x, *, axis: map_leaf(lambda a: _swapped(a, axis), typeof(x)),
    impl=lambda x, *, axis: (
        _lift(lambda v: np.swapaxes(v, axis, axis + 1), x) if len(x) else concrete_zeros(map_leaf(lambda a: _swapped(a, axis), x.aval))
    ),
    transposes=[lambda ct, x, *, axis: stack_swap(ct, axis=axis)],
    batch=lambda n, values, mapped, *, axis: (stack_swap(values[0], axis=axis + 1), True),
)


def _innermost(aval: Any) -> ShapedArray:
    return _innermost(aval.elem) if type(aval) is StackType else aval


def stack_bytes(x: Stack) -> int:
    """What the arrays in a stack take in memory."""
    elem = x.aval.elem
    return sum(map(stack_bytes, x.items)) if type(elem) is StackType else len(x) * elem.size * elem.dtype.itemsize


# -- for arrays and stacks alike


def accumulate(a: Any, b: Any) -> Any:
    """The sum of two tangents or cotangents of one value."""
    return stack_add(a, b) if type(getattr(a, "aval", None)) is StackType else add(a, b)


def materialize(size: int, x: Any, mapped: bool) -> Any:
    """x with a mapped axis in front, repeated if it has none."""
    if mapped or not is_stack(x):
        return shapes.materialize(size, x, mapped)
    return stack_broadcast(x, size=size)


def swap_first_axes(x: Any) -> Any:
    """x with its first two axes (of the innermost arrays) exchanged."""
    if is_stack(x):
        return stack_swap(x, axis=0)
    return shapes.transpose(x, axes=(1, 0, *range(2, len(typeof(x).shape))))


def _widened(p: Any, x: Any) -> Any:
    """p, whose shape is a prefix of x's, in the shape of x; stacks take it as it is."""
    if is_stack(x):
        return p
    shape, n = typeof(x).shape, len(typeof(p).shape)
    return shapes.broadcast(p, shape=shape, axes=tuple(range(n, len(shape)))) if len(shape) > n else p


def choose(p: Any, x: Any, y: Any) -> Any:
    """x where p, else y; p's shape is a prefix of theirs."""
    return (stack_select if is_stack(x) else select)(_widened(p, x), x, y)
