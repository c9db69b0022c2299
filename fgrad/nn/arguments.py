"""What the functions of `nn` share: reading arrays, class labels and shapes as users give them, with errors that show shapes and formula."""

from __future__ import annotations

from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.shapes import as_array
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import cast

F64 = np.dtype(np.float64)


def floating(x: Any) -> Any:
    """x as an array, integers and booleans made float64."""
    x = as_array(x)
    return x if x.dtype.kind in "fc" else cast(x, F64)


def real_input(name: str, what: str, x: Any, formula: str) -> Any:
    """x as an array of floating point numbers; integers are an error: they are pixels not yet scaled, or another argument."""
    x = as_array(x)
    if x.dtype.kind != "f":
        raise DtypeError(
            f"{name}: {what}: {short(x)} must be floating point",
            f"the formula is {formula}",
            f"Scale integers as they should be: {what} / 255.0 for images of bytes, {what}.astype(float) for counts."
            if x.dtype.kind in "iub"
            else "",
        )
    return x


def not_empty(name: str, formula: str, **arrays: Any) -> None:
    """Raises where there is no example: what is averaged over them later would be NaN."""
    if any(not x.size for x in arrays.values()):
        shown = ", ".join(f"{k}: {short(x)}" for k, x in arrays.items())
        raise ShapeError(f"{name}: there are no examples: {shown}", f"the formula is {formula}", "Is the last batch of the data empty?")


def same_shape(name: str, formula: str, **arrays: Any) -> None:
    """Raises where shapes differ: broadcasting f[n, 1] with f[n] would pair every example with every other."""
    if len({x.shape for x in arrays.values()}) > 1:
        shown = " and ".join(f"{k}: {short(x)}" for k, x in arrays.items())
        raise ShapeError(
            f"{name}: {shown} must have the same shape", f"the formula is {formula}", "reshape or broadcast one of them first."
        )


def where(p: Any, x: Any, y: Any) -> Any:
    """NumPy's where; a number rather than a 0-d array of numbers."""
    out = fnp.where(p, x, y)
    return out if isinstance(out, Tracer) or out.ndim else out[()]


def class_labels(name: str, labels: Any, classes: int, *context: str) -> tuple[Any, bool]:
    """Integer labels from 0 to classes - 1, and whether they were checked, which takes values. `context` goes with an error."""
    labels = as_array(labels)
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"{name}: labels: {short(labels)} must be integers, the numbers of classes", *context)
    known = concrete_or_none(labels)
    if known is None:
        return labels, False
    outside = np.asarray((known < 0) | (known >= classes))
    if outside.any():
        at = [int(i) for i in np.argwhere(outside)[0]]
        which = f"labels[{', '.join(map(str, at))}]" if at else "labels"
        raise ArgumentError(
            f"{name}: {which} is {np.asarray(known)[tuple(at)]}, and the {classes} classes are 0 to {classes - 1}",
            *context,
            "Classes are counted from 0; np.unique(labels, return_inverse=True)[1] renumbers others.",
        )
    return labels, True


def matches(labels: Any, classes: int, axis: int) -> Any:
    """bool: one axis more, of the classes, True at the class of the label. A comparison fuses with what uses it; gathers do not."""
    numbers = np.arange(classes, dtype=labels.dtype).reshape([classes if i == axis else 1 for i in range(labels.ndim + 1)])
    return fnp.expand_dims(labels, axis) == numbers
