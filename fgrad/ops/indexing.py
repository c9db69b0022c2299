"""Gather and scatter: reading and writing at places that integer arrays name.

`gather(x, *indices)` is `x[i1, ..., ik]` for k >= 1 integer arrays of one shape S, which index the leading k axes; its shape is
S + x.shape[k:]. `scatter_*(x, updates, *indices)` is x with the updates (of that shape) combined into those places. Out of range raises
IndexError, negative indices count from the end, as in NumPy. Derivatives are right where several updates meet in one place. Read
`getitem.py` next.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.jaxpr import Var
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.elementwise import add, convert, div, eq, maximum, mul, select, sub
from fgrad.ops.family import like
from fgrad.ops.shapes import broadcast, concatenate, full, iota, materialize, reshape, slice_, transpose, zeros

_I64 = np.dtype(np.int64)

# -- how a mapped axis is carried: behind the indexed axes, or as one more indexed axis in front


def _behind(x: Any, k: int) -> Any:
    """x with its mapped axis moved behind the next k axes."""
    return transpose(x, axes=(*range(1, k + 1), 0, *range(k + 1, len(x.shape)))) if k else x


def _in_front(x: Any, k: int) -> Any:
    """What `_behind` undid."""
    return transpose(x, axes=(k, *range(k), *range(k + 1, len(x.shape)))) if k else x


def _mapped_indices(size: int, indices: Sequence[Any], mapped: Sequence[bool]) -> list[Any]:
    return [materialize(size, i, m) for i, m in zip(indices, mapped, strict=True)]


def _example_index(size: int, shape: tuple[int, ...]) -> Any:
    """The number of the example, at each of the places of shape (size, *S)."""
    i = iota(size=size, dtype=_I64)
    return i if len(shape) == 1 else broadcast(i, shape=shape, axes=tuple(range(1, len(shape))))


def _gather_batch(size: int, values: Sequence[Any], mapped: Sequence[bool]) -> tuple[Any, bool]:
    x, *indices = values
    if not any(mapped[1:]):
        k = len(indices)
        return _in_front(gather(_behind(x, k), *indices), len(typeof(indices[0]).shape)), True
    indices = _mapped_indices(size, indices, mapped[1:])
    if mapped[0]:
        indices = [_example_index(size, indices[0].shape), *indices]
    return gather(x, *indices), True


def _batch_scatter(prim: Primitive) -> Rule:
    def rule(size: int, values: Sequence[Any], mapped: Sequence[bool]) -> tuple[Any, bool]:
        x, updates = (materialize(size, v, m) for v, m in zip(values[:2], mapped[:2], strict=True))
        indices = list(values[2:])
        if any(mapped[2:]):
            indices = _mapped_indices(size, indices, mapped[2:])
            return prim(x, updates, _example_index(size, indices[0].shape), *indices), True
        k, s = len(indices), len(typeof(indices[0]).shape)
        return _in_front(prim(_behind(x, k), _behind(updates, s), *indices), k), True

    return rule


def _linearize(prim: Callable[[], Primitive], *partials: Rule) -> Rule:
    """The derivative of a primitive with a partial for each leading operand; the indices behind them, any number, have none."""

    def rule(primals: Sequence[Any], active: Sequence[bool]) -> tuple[list, Callable[[Sequence[Any]], list]]:
        out = prim()(*primals)
        maps = [partial(out, *primals) if a else None for partial, a in zip(partials, active, strict=False)]

        def lin(tangents: Sequence[Any]) -> list:
            total = None
            for f, t in zip(maps, tangents, strict=False):
                if f is not None:
                    total = f(t) if total is None else add(total, f(t))
            return [total]

        return [out], lin

    return rule


# -- gather


def _gather_aval(x: Any, *indices: Any) -> ShapedArray:
    return ShapedArray((*typeof(indices[0]).shape, *x.shape[len(indices) :]), x.dtype)


def _gather_transpose(ct: Any, x: Any, *indices: Any) -> list:
    return [scatter_add(zeros(aval=x.aval), ct, *indices), *[None] * len(indices)]


gather = Primitive(
    "gather",
    impl=lambda x, *indices: x[indices],
    aval=_gather_aval,
    linearize=_linearize(lambda: gather, lambda out, x, *indices: lambda t: gather(t, *indices)),
    transpose=_gather_transpose,
    batch=_gather_batch,
)

# -- scatter, of each kind


def _flat_places(shape: tuple[int, ...], indices: Sequence[Any]) -> np.ndarray:
    """The same places as one index into x.ravel(): ufunc.at is several times faster on it than on rows."""
    k = len(indices)
    flat: Any = 0
    for axis, (n, i) in enumerate(zip(shape, indices, strict=False)):
        i = np.asarray(i, _I64)
        if i.size and (i.min() < -n or i.max() >= n):
            raise IndexError(f"index {i[(i < -n) | (i >= n)][0]} is out of bounds for axis {axis} with size {n}")
        flat = flat * n + np.where(i < 0, i + n, i)
    rest = math.prod(shape[k:])
    return (np.ravel(flat)[:, None] * rest + np.arange(rest)).ravel() if k < len(shape) else np.ravel(flat)


def _scatter_with(ufunc: np.ufunc) -> Callable[..., np.ndarray]:
    def impl(x: Any, updates: Any, *indices: Any) -> np.ndarray:
        out = np.array(x, order="C")
        if np.ndim(indices[0]) == 0:
            out[indices] = ufunc(out[indices], updates)
        elif out.ndim == 1:
            ufunc.at(out, indices[0], updates)
        else:
            ufunc.at(out.reshape(-1), _flat_places(out.shape, indices), np.ravel(updates))
        return out

    return impl


def _scatter_set(x: Any, updates: Any, *indices: Any) -> np.ndarray:
    out = np.array(x, order="C")
    out[indices] = updates
    return out


def _scatter_primitive(name: str, impl: Rule, partials: Sequence[Rule], transpose: Rule | None = None) -> Primitive:
    prim = Primitive(
        name,
        impl=impl,
        aval=lambda x, updates, *indices: ShapedArray(x.shape, x.dtype),
        linearize=_linearize(lambda: prim, *partials),
        transpose=transpose,
    )
    prim.batch = _batch_scatter(prim)
    return prim


def _zeros_like(x: Any) -> Any:
    return zeros(aval=typeof(x))


def _added(coefficient: Callable[..., Any] | None = None) -> Rule:
    """The partial of updates: the tangent, times a coefficient, added into zeros."""

    def partial(out: Any, x: Any, updates: Any, *indices: Any) -> Rule:
        nothing = _zeros_like(x)
        if coefficient is None:
            return lambda t: scatter_add(nothing, t, *indices)
        k = coefficient(out, x, updates, *indices)
        return lambda t: scatter_add(nothing, mul(t, k), *indices)

    return partial


# scatter_add and scatter are linear in x and updates together


def _scatter_add_transpose(ct: Any, x: Any, updates: Any, *indices: Any) -> list:
    return [
        ct if type(x) is Var else None,
        gather(ct, *indices) if type(updates) is Var else None,
        *[None] * len(indices),
    ]


scatter_add = _scatter_primitive(
    "scatter_add", _scatter_with(np.add), [lambda out, x, updates, *indices: lambda t: t, _added()], _scatter_add_transpose
)


def _written_last(shape: tuple[int, ...], indices: Sequence[Any], updates: Any) -> Any:
    """Which updates stay: of those that meet in one place, NumPy keeps the last."""
    s = typeof(indices[0]).shape
    number = iota(size=math.prod(s), dtype=_I64)
    number = number if len(s) == 1 else reshape(number, shape=s)
    places = full(value=-1, shape=shape[: len(indices)], dtype=_I64)
    stays = eq(gather(scatter(places, number, *indices), *indices), number)
    shape = typeof(updates).shape
    return broadcast(stays, shape=shape, axes=tuple(range(len(s), len(shape)))) if len(shape) > len(s) else stays


def _scatter_transpose(ct: Any, x: Any, updates: Any, *indices: Any) -> list:
    ct_x = ct_updates = None
    if type(x) is Var:
        ct_x = scatter(ct, _zeros_like(updates), *indices)
    if type(updates) is Var:
        ct_updates = gather(ct, *indices)
        if typeof(indices[0]).shape:
            ct_updates = select(_written_last(ct.shape, indices, updates), ct_updates, like(ct, 0))
    return [ct_x, ct_updates, *[None] * len(indices)]


def _scatter_into(out: Any, x: Any, updates: Any, *indices: Any) -> Rule:
    nothing = _zeros_like(updates)
    return lambda t: scatter(t, nothing, *indices)


def _scatter_from(out: Any, x: Any, updates: Any, *indices: Any) -> Rule:
    nothing = _zeros_like(x)
    return lambda t: scatter(nothing, t, *indices)


scatter = _scatter_primitive("scatter", _scatter_set, [_scatter_into, _scatter_from], _scatter_transpose)

# scatter_mul is linear in x, and in each update


def _other_factors(out: Any, x: Any, updates: Any, *indices: Any) -> Any:
    """What multiplies each update: x there, and the other updates that meet it.

    Products of those before it and of those after it, by doubling along the chain of updates that meet: no division, so zeros are exact to
    every order.
    """
    here = gather(x, *indices)
    s = typeof(indices[0]).shape
    n = math.prod(s)
    if n <= 1:
        return here
    rest = typeof(updates).shape[len(s) :]
    flat = reshape(updates, shape=(n, *rest))
    one = full(value=1, shape=(1, *rest), dtype=flat.dtype)
    product = here
    for backward in (False, True):
        step = neighbour(*indices, shape=typeof(x).shape[: len(indices)], backward=backward)
        # entry n stands for "none": the product of nothing, its own neighbour
        pointer, run = step, concatenate(flat, one, axis=0)
        for _ in range((n - 1).bit_length()):
            run = mul(run, gather(run, pointer))
            pointer = gather(pointer, pointer)
        product = mul(product, reshape(gather(run, slice_(step, starts=(0,), limits=(n,), strides=(1,))), shape=typeof(updates).shape))
    return product


def _neighbour(*indices: Any, shape: tuple[int, ...], backward: bool) -> np.ndarray:
    places = _flat_places(shape, indices)
    order = np.argsort(places, kind="stable")
    n = len(places)
    same = places[order[1:]] == places[order[:-1]]
    out = np.full(n + 1, n, _I64)
    into, source = (order[:-1], order[1:]) if backward else (order[1:], order[:-1])
    out[into[same]] = source[same]
    return out


def _neighbour_batch(
    size: int, values: Sequence[Any], mapped: Sequence[bool], *, shape: tuple[int, ...], backward: bool
) -> tuple[Any, bool]:
    indices = _mapped_indices(size, values, mapped)
    n = math.prod(indices[0].shape[1:])
    # one chain for all examples: within each its numbers are shifted by those of the examples before it
    example = _example_index(size, indices[0].shape)
    chain = neighbour(example, *indices, shape=(size, *shape), backward=backward)
    chain = reshape(slice_(chain, starts=(0,), limits=(size * n,), strides=(1,)), shape=(size, n))
    last = broadcast(full(value=n, shape=(size,), dtype=_I64), shape=(size, 1), axes=(1,))
    first = broadcast(iota(size=size, dtype=_I64), shape=(size, n), axes=(1,))
    none = eq(chain, like(chain, size * n))
    chain = select(none, like(chain, n), sub(chain, mul(first, like(chain, n))))
    return concatenate(chain, last, axis=1), True


neighbour = Primitive(
    "neighbour",
    impl=_neighbour,
    aval=lambda *indices, shape, backward: ShapedArray((math.prod(typeof(indices[0]).shape) + 1,), _I64),
    batch=_neighbour_batch,
)
"""For each update, the number of the previous (`backward`: next) one at the same place; where there is none, how many updates there are."""


def _scatter_mul_into(out: Any, x: Any, updates: Any, *indices: Any) -> Rule:
    return lambda t: scatter_mul(t, updates, *indices)


def _scatter_mul_transpose(ct: Any, x: Any, updates: Any, *indices: Any) -> list:
    return [scatter_mul(ct, updates, *indices), *[None] * (len(indices) + 1)]


scatter_mul = _scatter_primitive(
    "scatter_mul", _scatter_with(np.multiply), [_scatter_mul_into, _added(_other_factors)], _scatter_mul_transpose
)

# scatter_min and scatter_max: all that equal the result share its derivative evenly


def _winners(out: Any, x: Any, updates: Any, *indices: Any) -> tuple[Any, Any]:
    """The share of x, and that of updates."""
    dtype = typeof(x).dtype
    of_x = convert(eq(x, out), dtype=dtype)
    of_updates = convert(eq(updates, gather(out, *indices)), dtype=dtype)
    count = scatter_add(of_x, of_updates, *indices)
    count = maximum(count, like(count, 1))  # a NaN equals nothing
    return div(of_x, count), div(of_updates, gather(count, *indices))


def _share_of_x(*operands: Any) -> Rule:
    share = _winners(*operands)[0]
    return lambda t: mul(t, share)


_share_of_updates = _added(lambda *operands: _winners(*operands)[1])
scatter_min = _scatter_primitive("scatter_min", _scatter_with(np.minimum), [_share_of_x, _share_of_updates])
scatter_max = _scatter_primitive("scatter_max", _scatter_with(np.maximum), [_share_of_x, _share_of_updates])
