"""The methods of ufuncs on traced values, `np.add.reduce(x)` and `fgrad.numpy.add.reduce(x)`: reduce, accumulate, reduceat, outer, at.

Sums, products and extrema are the reductions of that name. Other associative ufuncs are folded in halves, and the rest one entry after another,
by `scan`. What NumPy folds quicker is left to it where it is staged.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.api.associative_scan import associative_scan
from fgrad.api.loops import scan
from fgrad.control.by_numpy import outside
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, IndexingError, MutationError, ShapeError, UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions as r
from fgrad.numpy.joining import concatenate
from fgrad.numpy.nan_reductions import nanmax, nanmin
from fgrad.numpy.protocol import UFUNC_METHODS, has_tracer, unsupported
from fgrad.numpy.reductions import NOT_GIVEN
from fgrad.numpy.shapes import as_array, cut, moveaxis
from fgrad.numpy.sized import value_of
from fgrad.ops import cumulative, reductions
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.at import At
from fgrad.ops.axes import normalize_axis
from fgrad.ops.getitem import concrete_or_none, getitem
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import Ufunc

_COMMUTATIVE = {
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.logical_xor, np.gcd, np.lcm, np.hypot, np.logaddexp, np.logaddexp2, np.fmax, np.fmin,
}  # fmt: skip
"""Ufuncs that are associative and commutative, and have no reduction of their own."""
_BITS = {np.bitwise_and, np.bitwise_or, np.bitwise_xor}
_QUICKER: dict[str, set[np.ufunc]] = {
    "reduce": {np.gcd, np.lcm, np.logaddexp2, np.nextafter},
    "accumulate": {np.gcd, np.lcm, np.logaddexp, np.logaddexp2, np.nextafter, np.fmax, np.fmin, *_BITS},
    "reduceat": {np.gcd, np.lcm, np.logaddexp2, np.nextafter, *_BITS},
}
"""Ufuncs that NumPy folds quicker than the loops here."""


_MISFOLDED = {np.power, np.float_power, np.arctan2}
"""Ufuncs whose folds of contiguous entries are wrong in some versions of NumPy, on some processors."""


def _left_to_numpy(ufunc: Ufunc, method: str, traced: Callable, anyway: bool = False) -> Callable:
    """The method on traced arguments, or, where NumPy's own is quicker, a call of it."""
    own = functools.partial(traced, ufunc)
    return outside(getattr(ufunc.ufunc, method))(own) if anyway or ufunc.ufunc in _QUICKER[method] else own


def _check(ufunc: Ufunc, method: str) -> None:
    if ufunc.ufunc.signature is not None:
        raise UnsupportedError(f"{ufunc.__name__}.{method}: a ufunc of vectors and matrices has no such method")
    if ufunc.nin != 2 or ufunc.nout != 1:
        raise ArgumentError(f"{ufunc.__name__}.{method}: only a ufunc of two operands and one result has this method")


@functools.cache
def _dtype(ufunc: np.ufunc, method: str, own: np.dtype, dtype: np.dtype | None) -> np.dtype:
    """The dtype in which NumPy reduces, asked of NumPy itself."""
    return np.asarray(getattr(ufunc, method)(np.ones(1, own), dtype=dtype)).dtype


def _in_dtype(ufunc: Ufunc, method: str, x: Any, dtype: Any) -> Any:
    return cast(x, _dtype(ufunc.ufunc, method, x.dtype, None if dtype is None else np.dtype(dtype)))


def _given(x: Any) -> bool:
    return x is not NOT_GIVEN and x is not None


# -- reduce


def _halved(f: Callable, x: Any, mask: Any) -> tuple[Any, Any]:
    """A commutative fold of the first axis, in halves; and, with a mask, where it is of any entry at all."""
    while (n := x.shape[0]) > 1:
        half = n // 2
        a, b, end = cut(x, 0, 0, half), cut(x, 0, half, 2 * half), cut(x, 0, 2 * half, n)
        folded = f(a, b)
        if mask is not None:
            # the other entry, not an identity in place of one that is not chosen: -inf has no derivatives
            in_a, in_b, in_end = cut(mask, 0, 0, half), cut(mask, 0, half, 2 * half), cut(mask, 0, 2 * half, n)
            folded = e.select(e.and_(in_a, in_b), folded, e.select(in_a, a, b))
            mask = e.or_(in_a, in_b) if n % 2 == 0 else s.concatenate(e.or_(in_a, in_b), in_end, axis=0)
        x = folded if n % 2 == 0 else s.concatenate(folded, end, axis=0)
    return getitem(x, 0), None if mask is None else getitem(mask, 0)


def _in_turn(f: Callable, start: Any, x: Any, mask: Any) -> Any:
    """A fold of the first axis from its first entry to its last, of those where the mask holds."""

    def step(total: Any, entry: Any) -> tuple[Any, None]:
        value, chosen = entry
        after = f(total, value)
        return (after if chosen is None else e.select(chosen, after, total)), None

    return scan(step, start, (x, mask))[0] if x.shape[0] else start


def _rows(x: Any, axes: tuple[int, ...]) -> Any:
    """x with these axes merged into one, the first."""
    others = tuple(i for i in range(x.ndim) if i not in axes)
    moved = s.transpose(x, axes=(*axes, *others))
    return s.reshape(moved, shape=(r.count_of(x, None, axes), *moved.shape[len(axes) :]))


def _fold(ufunc: Ufunc, x: Any, axes: tuple[int, ...], initial: Any, mask: Any) -> Any:
    f, identity = ufunc.strict, ufunc.ufunc.identity
    rows = _rows(x, axes)
    shape = rows.shape[1:]
    if _given(initial):
        start = s.broadcast_to(cast(as_array(initial), x.dtype), shape)
    else:
        if mask is not None and identity is None:
            raise ArgumentError(
                f"{ufunc.__name__}.reduce: with where= there may be nothing to choose from", "Give initial=, the value of that."
            )
        if not rows.shape[0] and identity is None:
            raise ShapeError(f"{ufunc.__name__}.reduce: nothing is left of an empty array: {short(x)}", "Give initial=, the value of that.")
        start = None if rows.shape[0] and mask is None else s.full(value=identity, shape=shape, dtype=x.dtype)
    mask = None if mask is None else _rows(mask, axes)
    if ufunc.ufunc in _COMMUTATIVE:
        if not rows.shape[0]:
            return start
        folded, some = _halved(f, rows, mask)
        out = f(start, folded) if _given(initial) else folded
        return out if some is None else e.select(some, out, start)
    if start is None:
        start, rows = getitem(rows, 0), cut(rows, 0, 1, None)
    if mask is None and ufunc.ufunc in _INVERSES:
        # x0 - x1 - x2 = x0 - (x1 + x2), and so for quotients
        return f(start, _INVERSES[ufunc.ufunc](rows, axes=(0,)))
    return _in_turn(f, start, rows, mask)


_INVERSES: dict[np.ufunc, Callable] = {np.subtract: s.reduce_sum, np.true_divide: reductions.reduce_prod}
_REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {
    np.add: r.sum, np.multiply: r.prod, np.maximum: r.max, np.minimum: r.min, np.logical_and: r.all, np.logical_or: r.any,
    np.fmax: nanmax, np.fmin: nanmin,
}  # fmt: skip


def reduce(
    ufunc: Ufunc, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOT_GIVEN, where: Any = True
) -> Any:  # fmt: skip
    """numpy.ufunc.reduce. Sums and the like are the reductions of that name; other ufuncs fold the entries in NumPy's order, or in halves."""
    name = f"{ufunc.__name__}.reduce"
    _check(ufunc, "reduce")
    unsupported(name, out=out if out != (None,) else None)
    own = _REDUCTIONS.get(ufunc.ufunc)
    if own is not None:
        x = as_array(array)
        if own in (r.sum, r.prod):
            return own(x, axis, dtype, keepdims=keepdims, initial=initial, where=where)
        if own in (r.max, r.min, nanmax, nanmin):
            return own(x if dtype is None else cast(x, np.dtype(dtype)), axis, keepdims=keepdims, initial=initial, where=where)
        truth = own(x, axis, keepdims=keepdims, where=where)
        return ufunc(as_array(initial), truth) if _given(initial) else truth
    return _left_to_numpy(ufunc, "reduce", _reduce)(array, axis, dtype, keepdims=keepdims, initial=initial, where=where)


def _reduce(ufunc: Ufunc, array: Any, axis: Any, dtype: Any, *, keepdims: Any, initial: Any, where: Any) -> Any:
    name = f"{ufunc.__name__}.reduce"
    x, axes = r.reduced(name, array, axis)
    x = _in_dtype(ufunc, "reduce", x, dtype)
    if len(axes) > 1 and ufunc.ufunc not in _COMMUTATIVE:
        raise ArgumentError(f"{name}: the operation is not reorderable, so it reduces one axis, not {len(axes)}")
    mask = r.mask_for(name, where, x)
    return r.kept(_fold(ufunc, x, axes, initial, mask) if axes else x, x, axes, keepdims)


# -- accumulate

_RUNNING = {
    np.add: cumulative.cumsum, np.multiply: cumulative.cumprod, np.maximum: cumulative.cummax, np.minimum: cumulative.cummin,
    np.logical_and: cumulative.cummin, np.logical_or: cumulative.cummax,
}  # fmt: skip


def accumulate(ufunc: Ufunc, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """numpy.ufunc.accumulate."""
    name = f"{ufunc.__name__}.accumulate"
    _check(ufunc, "accumulate")
    unsupported(name, out=out if out != (None,) else None)
    if not as_array(array).ndim:
        raise DtypeError(f"{name}: cannot accumulate on a scalar: {short(as_array(array))}")
    return _left_to_numpy(ufunc, "accumulate", _accumulate)(array, axis, dtype)


def _accumulate(ufunc: Ufunc, array: Any, axis: int, dtype: Any) -> Any:
    x = as_array(array)
    axis = normalize_axis(f"{ufunc.__name__}.accumulate", axis, x.ndim, x)
    x = _in_dtype(ufunc, "accumulate", x, dtype)
    if not x.size:
        return x
    if ufunc.ufunc in _RUNNING:
        return _RUNNING[ufunc.ufunc](x, axis=axis, reverse=False)
    if ufunc.ufunc in _COMMUTATIVE:
        return associative_scan(ufunc.strict, x, axis=axis)
    rows = moveaxis(x, axis, 0)

    def step(total: Any, entry: Any) -> tuple[Any, Any]:
        after = ufunc.strict(total, entry)
        return after, after

    _, rest = scan(step, getitem(rows, 0), cut(rows, 0, 1, None))
    return moveaxis(s.concatenate(cut(rows, 0, 0, 1), rest, axis=0), 0, axis)


# -- reduceat


_COLLECTED = {np.add: ("add", 0), np.multiply: ("multiply", 1), np.maximum: ("max", r.lowest), np.minimum: ("min", r.highest)}
_FEW = 4
"""Ranges of so many lengths are reduced length by length."""


def _by_length(ufunc: Ufunc, rows: Any, begins: np.ndarray, lengths: np.ndarray) -> Any:
    """Each range of rows reduced, those of one length together."""
    parts, order = [], []
    for length in np.unique(lengths):
        (these,) = np.nonzero(lengths == length)
        entries = begins[these, None] + np.arange(length)
        run = slice(int(begins[these[0]]), int(begins[these[0]]) + entries.size)
        adjacent = np.array_equal(entries.ravel(), np.arange(run.start, run.stop))
        chosen = getitem(rows, run if adjacent else entries.ravel())
        block = s.reshape(chosen, shape=(*entries.shape, *rows.shape[1:]))
        parts.append(reduce(ufunc, block, 1, rows.dtype))
        order.append(these)
    places = np.argsort(np.concatenate(order))
    joined = concatenate(parts)
    return joined if len(parts) == 1 else getitem(joined, places)


def reduceat(ufunc: Ufunc, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """numpy.ufunc.reduceat; the indices must have values."""
    name = f"{ufunc.__name__}.reduceat"
    _check(ufunc, "reduceat")
    unsupported(name, out=out if out != (None,) else None)
    x = as_array(array)
    n = x.shape[normalize_axis(name, axis, x.ndim, x)]
    hint = "For sums over groups use fgrad.numpy.at(np.zeros(n))[group].add(x)."
    starts = value_of(name, indices, hint, decides="which entries are reduced together").astype(np.intp)
    if starts.ndim != 1:
        raise ShapeError(f"{name}: indices have one axis, not {starts.ndim}")
    if np.any((starts < 0) | (starts >= n)):
        raise IndexingError(f"{name}: an index is out of bounds for axis {axis} with size {n}")
    ragged = len(np.unique(_lengths(starts, n))) > _FEW
    return _left_to_numpy(ufunc, "reduceat", _reduceat, ragged and ufunc.ufunc not in _MISFOLDED)(array, starts, axis, dtype)


def _lengths(starts: np.ndarray, n: int) -> np.ndarray:
    """How many of n entries belong to each range; a range that ends before it starts is of one entry."""
    return np.maximum(np.append(starts[1:], n) - starts, 1)[: len(starts)]


def _reduceat(ufunc: Ufunc, array: Any, starts: np.ndarray, axis: int, dtype: Any) -> Any:
    x = as_array(array)
    rows = _in_dtype(ufunc, "reduce", moveaxis(x, axis, 0), dtype)
    if not len(starts):
        return moveaxis(cut(rows, 0, 0, 0), 0, axis)
    lengths = _lengths(starts, rows.shape[0])
    found = _by_length if ufunc.ufunc not in _COLLECTED or len(np.unique(lengths)) <= _FEW else _collected
    return moveaxis(found(ufunc, rows, starts, lengths), 0, axis)


def _collected(ufunc: Ufunc, rows: Any, begins: np.ndarray, lengths: np.ndarray) -> Any:
    """Each range of rows reduced, by updates of one result."""
    method, first = _COLLECTED[ufunc.ufunc]
    owner = np.repeat(np.arange(len(begins)), lengths)
    entries = np.arange(len(owner)) + np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
    value = first(rows.dtype) if callable(first) else first
    start = np.full((len(begins), *rows.shape[1:]), value, rows.dtype)
    chosen = rows if np.array_equal(entries, np.arange(rows.shape[0])) else getitem(rows, entries)
    return getattr(At(start)[owner], method)(chosen)


# -- outer


def outer(ufunc: Ufunc, A: Any, B: Any, /, **kwargs: Any) -> Any:
    """numpy.ufunc.outer: the ufunc on every pair of entries."""
    if ufunc.ufunc.signature is not None or ufunc.nin != 2:
        _check(ufunc, "outer")
    a, b = as_array(A), as_array(B)
    return ufunc(s.reshape(a, shape=a.shape + (1,) * b.ndim), b, **kwargs)


# -- at

_UPDATES = {
    np.add: "add", np.subtract: "subtract", np.multiply: "multiply", np.true_divide: "divide", np.maximum: "max", np.minimum: "min",
}  # fmt: skip


def at(ufunc: Ufunc, a: Any, indices: Any, b: Any = None, /, *, inplace: bool = True) -> Any:
    """numpy.ufunc.at. With `inplace=False`, JAX's keyword, it returns a changed copy; a traced array cannot be changed in place.

    Example:
        >>> import fgrad.numpy as np
        >>> np.add.at(np.zeros(3), [0, 0, 2], 1.0, inplace=False)
        array([2., 0., 1.])
    """
    name = f"{ufunc.__name__}.at"
    if inplace:
        shown = next((v for v in (a, b, indices) if isinstance(v, Tracer)), a)
        raise MutationError(
            f"{name}() writes into an array, and traced values cannot be written: {short(shown)}",
            f"fgrad.numpy.{name}(a, indices, b, inplace=False) returns a changed copy; so do a.at[i].add(v), .multiply, .max and their kin.",
        )
    if ufunc.ufunc.signature is not None or ufunc.nout != 1 or ufunc.nin != (1 if b is None else 2):
        raise ArgumentError(f"{name}: takes a ufunc of {'one operand' if b is None else 'two operands'} and one result")
    x = as_array(a)
    update = _UPDATES.get(ufunc.ufunc)
    if update is not None and not (update == "divide" and x.dtype.kind not in "fc"):
        return getattr(At(x)[indices], update)(b)
    places = as_array(getitem(np.arange(x.size).reshape(x.shape), indices))
    operands = [] if b is None else [as_array(b)]
    known = concrete_or_none(places)
    if known is not None and known.size == len(np.unique(known)):
        return At(x)[indices].set(_same_kind(name, ufunc(At(x)[indices].get(), *operands), x.dtype))
    values = [s.reshape(s.broadcast_to(v, places.shape), shape=(places.size,)) for v in operands]

    def step(flat: Any, entry: Any) -> tuple[Any, None]:
        place, *others = entry
        return At(flat)[place].set(_same_kind(name, ufunc(getitem(flat, place), *others), x.dtype)), None

    flat, _ = scan(step, s.reshape(x, shape=(x.size,)), (s.reshape(places, shape=(places.size,)), *values))
    return s.reshape(flat, shape=x.shape)


def _same_kind(name: str, value: Any, dtype: np.dtype) -> Any:
    if not np.can_cast(value.dtype, dtype, "same_kind"):
        raise DtypeError(f"{name}: the result {short(value)} cannot be kept in an array of {dtype}", "Convert the array first.")
    return cast(value, dtype)


# -- on Ufunc, and for NumPy's protocol


def _method(name: str, traced: Callable) -> Callable:
    @functools.wraps(traced)
    def method(self: Ufunc, *args: Any, **kwargs: Any) -> Any:
        if has_tracer(args) or has_tracer(kwargs.values()) or kwargs.get("inplace") is False:
            return traced(self, *args, **kwargs)
        kwargs.pop("inplace", None)
        return getattr(self.ufunc, name)(*args, **kwargs)

    return method


UFUNC_METHODS.update(reduce=reduce, accumulate=accumulate, reduceat=reduceat, outer=outer, at=at)
for _name, _function in UFUNC_METHODS.items():
    setattr(Ufunc, _name, _method(_name, _function))
