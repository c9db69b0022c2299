"""What `x[index]` means: NumPy's index expressions, read once and lowered to primitives.

`parse` turns an index into one item for each axis it names. Slices, integers and new axes become slice, reverse and reshape (views);
integer arrays, and integers that are traced without a value, become a gather of the leading axes. Boolean masks must have a value: they
become the integer arrays of their true entries. Read `at.py` next.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ConcretizationError, IndexingError
from fgrad.core.trace import Tracer
from fgrad.ops.indexing import gather
from fgrad.ops.promote import as_operand, broadcast_shape
from fgrad.ops.shapes import broadcast_to, reshape, reverse, slice_, transpose


class Item(NamedTuple):
    """What an index says of one axis. `kind` is int, slice, array or new (an axis of size 1 that x does not have).

    `value`: the integer; the (start, count, step) of the slice; or the integer array, or traced integer.
    """

    kind: str
    axis: int
    value: Any = None


class Parsed(NamedTuple):
    """An index of an array. A 0-d boolean in it indexes an axis of size 1: `shape` is that of x with those axes.

    `together`: the arrays (and the integers, which count as arrays beside one) stand side by side, so that their axes come out in their
    place; otherwise they come out in front.
    """

    shape: tuple[int, ...]
    items: tuple[Item, ...]
    together: bool

    @property
    def arrays(self) -> list[Any]:
        return [i.value for i in self.items if i.kind == "array"]


# -- reading

_COUNTS = "Indices go from 0 to the size less 1, or from -size to -1, counted from the end."
_BAD_INDEX = "an index is an integer, a slice, `...`, `None` or an integer or boolean array"


def concrete_or_none(x: Any) -> Any:
    """The value of an array or a tracer, where it has one."""
    if not isinstance(x, Tracer):
        return x
    if type(x).concrete is Tracer.concrete:
        return None
    try:
        return x.concrete("an index")
    except ConcretizationError:
        return None


def _as_array(i: Any) -> Any:
    """One element of an index that is neither slice, None nor Ellipsis: a Python integer or bool, an array, or a tracer without a value."""
    if isinstance(i, (int, np.integer)):
        return i
    if not isinstance(i, (Tracer, np.ndarray, np.generic)):
        if hasattr(i, "__index__"):
            return operator.index(i)
        if not (hasattr(i, "__len__") or hasattr(i, "__array__")) or isinstance(i, (str, bytes, dict)):
            raise IndexingError(f"{_BAD_INDEX}, not {short(i)}")
        i = as_operand(i)
        if not isinstance(i, Tracer) and i.size == 0 and i.dtype.kind == "f":
            i = i.astype(np.intp)  # an empty list
    if i.dtype.kind not in "iub":
        raise IndexingError(f"{_BAD_INDEX}, not {short(i)}", "Convert it with .astype(int)." if i.ndim else "")
    value = concrete_or_none(i)
    if value is None:
        if i.dtype.kind == "b":
            raise mask_without_value(i)
        return i
    return value if value.ndim else value[()]


def mask_without_value(mask: Any) -> ConcretizationError:
    return ConcretizationError(
        f"x[mask] needs the values of the mask, which decide the shape of the result, but mask: {short(mask)} is {mask.describe_trace()}",
        "Use fgrad.numpy.where(mask, x, other), which keeps the shape of x; a sum over chosen entries is fgrad.numpy.sum(x, where=mask).",
        "To get a fixed number of entries, fgrad.numpy.nonzero(mask, size=n) gives indices.",
    )


def _expand(index: Any) -> list[Any]:
    """The elements of an index, each a slice, None, Ellipsis, a Python integer or bool, an array, or a tracer."""
    elements = index if isinstance(index, tuple) else (index,)
    return [i if i is None or i is Ellipsis or type(i) is slice else _as_array(i) for i in elements]


def _consumed(i: Any) -> int:
    if i is None or i is Ellipsis or isinstance(i, (bool, np.bool_)):
        return 0
    return i.ndim if getattr(i, "ndim", 0) and i.dtype.kind == "b" else 1


def parse(shape: tuple[int, ...], index: Any) -> Parsed:
    """Reads an index of an array of this shape.

    Raises:
        IndexingError: what NumPy raises as IndexError: too many indices, one out of range, or something that is no index.
    """
    elements = _expand(index)
    named, ellipses = sum(map(_consumed, elements)), sum(i is Ellipsis for i in elements)
    if named > len(shape):
        raise IndexingError(f"too many indices for an array of shape {shape}: it has {len(shape)} axes, and {named} were indexed")
    if ellipses > 1:
        raise IndexingError("an index can have only one `...`")
    if not ellipses:
        elements.append(Ellipsis)
    sizes = list(shape)
    items: list[Item] = []
    marks = ""  # how the elements stand: a for an array or an integer, - for all others
    axis = 0
    for i in elements:
        marks += "-" if i is None or i is Ellipsis or type(i) is slice else "a"
        if i is Ellipsis:
            for _ in range(len(shape) - named):
                items.append(Item("slice", axis, (0, sizes[axis], 1)))
                axis += 1
        elif i is None:
            items.append(Item("new", -1))
        elif isinstance(i, (bool, np.bool_)):
            sizes.insert(axis, 1)
            items.append(Item("array", axis, np.zeros(int(i), np.intp)))
            axis += 1
        elif type(i) is slice:
            start, stop, step = i.indices(sizes[axis])
            items.append(Item("slice", axis, (start, len(range(start, stop, step)), step)))
            axis += 1
        elif not isinstance(i, Tracer) and getattr(i, "ndim", 0) and i.dtype.kind == "b":
            _check_mask(i, sizes, axis)
            for found in i.nonzero():
                items.append(Item("array", axis, found))
                axis += 1
        else:
            items.append(_integer(i, axis, sizes[axis]))
            axis += 1
    return Parsed(tuple(sizes), tuple(items), "-" not in marks.strip("-"))


def _integer(i: Any, axis: int, n: int) -> Item:
    if isinstance(i, Tracer):
        return Item("array", axis, i)
    if isinstance(i, np.ndarray):
        if i.size and (i.min() < -n or i.max() >= n):
            bad = i[(i < -n) | (i >= n)][0]
            raise IndexingError(f"index {bad} is out of bounds for axis {axis} with size {n}", _COUNTS)
        return Item("array", axis, i)
    i = int(i)
    if not -n <= i < n:
        raise IndexingError(f"index {i} is out of bounds for axis {axis} with size {n}", _COUNTS)
    return Item("int", axis, i + n if i < 0 else i)


def _check_mask(mask: np.ndarray, sizes: Sequence[int], axis: int) -> None:
    for a, (n, m) in enumerate(zip(sizes[axis:], mask.shape, strict=False), axis):
        if m not in (n, 0):  # NumPy takes an axis without entries for any other
            raise IndexingError(f"a boolean mask of shape {mask.shape} does not fit: axis {a} has {n} entries, and the mask {m} there")


# -- lowering


class _View(NamedTuple):
    """The primitives of an index without arrays: each None where there is nothing to do."""

    cut: dict[str, Any] | None
    reversed: tuple[int, ...]
    shape: tuple[int, ...] | None


def _view(shape: tuple[int, ...], items: Sequence[Item]) -> _View:
    """How slices, integers and new axes are taken; axes of arrays are left whole."""
    bounds, backward, result = [], [], []
    for kind, axis, value in items:
        if kind == "new":
            result.append(1)
            continue
        start, count, step = (value, 1, 1) if kind == "int" else value if kind == "slice" else (0, shape[axis], 1)
        if step < 0:
            start, step = start + (count - 1) * step, -step
            if count > 1:
                backward.append(axis)
        if count == 0:
            start, step = 0, 1
        if count <= 1:
            step = 1
        bounds.append((start, start + (count - 1) * step + 1 if count else start, step))
        if kind != "int":
            result.append(count)
    whole = [(0, n, 1) for n in shape]
    starts, limits, strides = zip(*bounds, strict=True) if bounds else ((), (), ())
    cut = None if bounds == whole else {"starts": starts, "limits": limits, "strides": strides}
    same = all(kind in ("slice", "array") for kind, _, _ in items)
    return _View(cut, tuple(backward), None if same else tuple(result))


def _apply(view: _View, x: Any) -> Any:
    if view.cut is not None:
        x = slice_(x, **view.cut)
    if view.reversed:
        x = reverse(x, axes=view.reversed)
    return x if view.shape is None else reshape(x, shape=view.shape)


def _key(index: Any) -> Any:
    """A hashable form of an index of Python integers, slices, None and Ellipsis; None for others."""
    key = []
    for i in index if type(index) is tuple else (index,):
        if type(i) is slice:
            for bound in (i.start, i.stop, i.step):
                if bound is not None and type(bound) is not int:
                    return None
            key.append((i.start, i.stop, i.step))
        elif type(i) is int or i is None or i is Ellipsis:
            key.append(i)
        else:
            return None
    return tuple(key)


@lru_cache(maxsize=4096)
def _basic(shape: tuple[int, ...], key: tuple) -> _View:
    return _view(shape, parse(shape, tuple(slice(*i) if type(i) is tuple else i for i in key)).items)


def getitem(x: Any, index: Any) -> Any:
    """x[index] of an array or a tracer, by NumPy's rules."""
    key = _key(index)
    if key is not None:
        return _apply(_basic(x.shape, key), x)
    parsed = parse(x.shape, index)
    if parsed.shape != x.shape:
        x = reshape(x, shape=parsed.shape)
    x = _apply(_view(parsed.shape, parsed.items), x)
    arrays = parsed.arrays
    if not arrays:
        return x
    # where each array's axis is now, and where the axes of the result go
    kept = [item for item in parsed.items if item.kind != "int"]
    indexed = [n for n, item in enumerate(kept) if item.kind == "array"]
    lead = [*indexed, *(n for n in range(len(kept)) if n not in indexed)]
    if lead != sorted(lead):
        x = transpose(x, axes=tuple(lead))
    together = broadcast_indices(arrays)
    out = gather(x, *together)
    s = together[0].ndim
    before = first_array(parsed)
    if s and before:
        out = transpose(out, axes=(*range(s, s + before), *range(s), *range(s + before, out.ndim)))
    return out


def first_array(parsed: Parsed) -> int:
    """How many axes of the result come before those of the arrays."""
    if not parsed.together:
        return 0
    before = 0
    for item in parsed.items:
        if item.kind in ("array", "int"):
            break
        before += 1
    return before


def broadcast_indices(arrays: Sequence[Any]) -> list[Any]:
    """Index arrays of one shape."""
    shape = broadcast_shape("indexing", arrays) if len(arrays) > 1 else arrays[0].shape
    return [a if a.shape == shape else broadcast_to(a, shape) for a in arrays]
