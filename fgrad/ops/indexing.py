"""Gather and scatter: reading and writing at places that integer arrays name.

`gather(x, *indices)` is `x[i1, ..., ik]` for k >= 1 integer arrays of one shape S, which index the leading k axes; its shape is S + x.shape[k:].
`scatter_*(x, updates, *indices)` is x with the updates (of that shape) combined into those places. Out of range raises IndexError, negative
indices count from the end, as in NumPy. Derivatives are right where several updates meet in one place. Read `getitem.py` next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.primitive import Primitive, Rule
from fgrad.ops.elementwise import convert, div, eq, maximum, mul, select
from fgrad.ops.family import like
from fgrad.ops.shapes import broadcast, full, iota, materialize, reshape, transpose, zeros

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


# -- gather


def _gather_aval(x: Any, *indices: Any) -> ShapedArray:
    return ShapedArray((*typeof(indices[0]).shape, *x.shape[len(indices) :]), x.dtype)


def _gather_transpose(ct: Any, x: Any, *indices: Any) -> list:
    return [scatter_add(zeros(aval=x.aval), ct, *indices), *[None] * len(indices)]


gather = Primitive(
    "gather",
    impl=lambda x, *indices: x[indices],
    aval=_gather_aval,
    partials=[lambda out, x, *indices: lambda t: gather(t, *indices)],
    transpose=_gather_transpose,
    batch=_gather_batch,
)

# -- scatter, of each kind


def _linear_index(shape: tuple[int, ...], indices: Sequence[Any]) -> np.ndarray:
    """One index into the flattened leading axes, none of it negative, in range."""
    flat: Any = 0
    for axis, (n, i) in enumerate(zip(shape, indices, strict=False)):
        i = np.asarray(i)
        i = i.astype(_I64) if i.dtype.kind == "u" else i
        if i.size and (i.min() < -n or i.max() >= n):
            wrong = i[(i < -n) | (i >= n)].flat[0]
            raise IndexError(f"index {wrong} is out of bounds for axis {axis} with size {n}")
        flat = flat * n + np.where(i < 0, i + n, i)
    return np.ravel(flat)


def _scatter_with(ufunc: np.ufunc) -> Callable[..., np.ndarray]:
    def impl(x: Any, updates: Any, *indices: Any) -> np.ndarray:
        out = np.array(x, order="C")
        if np.ndim(indices[0]) == 0:
            out[indices] = ufunc(out[indices], updates)
        else:
            ufunc.at(out, indices, updates)
        return out

    return impl


def _scatter_set(x: Any, updates: Any, *indices: Any) -> np.ndarray:
    out = np.array(x, order="C")
    out[indices] = updates
    return out


def _scatter_aval(x: Any, updates: Any, *indices: Any) -> ShapedArray:
    return ShapedArray(x.shape, x.dtype)


def _scatter_primitive(name: str, impl: Rule, partials: Sequence[Rule], transpose: Rule | None = None) -> Primitive:
    prim = Primitive(name, impl=impl, aval=_scatter_aval, partials=partials, transpose=transpose)
    prim.batch = _batch_scatter(prim)
    return prim


def _zeros_like(x: Any) -> Any:
    return zeros(aval=typeof(x))


def _into_zeros(prim: Callable[[], Primitive], coefficient: Callable[..., Any] | None = None) -> Rule:
    """The partial with respect to updates: its tangent (times a coefficient) scattered into zeros."""

    def partial(out: Any, x: Any, updates: Any, *indices: Any) -> Rule:
        nothing = _zeros_like(x)
        if coefficient is None:
            return lambda t: prim()(nothing, t, *indices)
        k = coefficient(out, x, updates, *indices)
        return lambda t: prim()(nothing, mul(t, k), *indices)

    return partial


def _unless(linear: Any, ct: Callable[[], Any]) -> Any:
    """The cotangent, for an operand that has one."""
    return ct() if _is_linear(linear) else None


def _is_linear(x: Any) -> bool:
    return not hasattr(x, "dtype") and hasattr(x, "aval")
