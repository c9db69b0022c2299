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
from fgrad.ops.shapes import iota

F64, I64 = np.dtype(np.float64), np.dtype(np.int64)


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


def counted(n: int) -> Any:
    """0, 1, ..., n - 1; an equation where a program is written, so that what is broadcast of it is not stored as a constant."""
    return iota(size=n, dtype=I64)


def where(p: Any, x: Any, y: Any) -> Any:
    """NumPy's where; a number rather than a 0-d array of numbers."""
    out = fnp.where(p, x, y)
    return out if isinstance(out, Tracer) or out.ndim else out[()]


def class_labels(name: str, labels: Any, classes: int, *context: str) -> Any:
    """Integers from 0 to classes - 1. Those that have values are checked; `context` goes with the error.

    Those without (under jit) are checked where they index: a negative one, which would count from the end, is brought out of range for that.
    """
    labels = as_array(labels)
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"{name}: labels: {short(labels)} must be integers, from 0 to {classes - 1}", *context)
    known = concrete_or_none(labels)
    if known is None:
        return labels if labels.dtype.kind == "u" else where(labels < 0, labels - classes, labels)
    outside = np.asarray((known < 0) | (known >= classes))
    if outside.any():
        at = [int(i) for i in np.argwhere(outside)[0]]
        which = f"labels[{', '.join(map(str, at))}]" if at else "labels"
        raise ArgumentError(
            f"{name}: {which} is {np.asarray(known)[tuple(at)]}, and the {classes} classes are 0 to {classes - 1}",
            *context,
            "Classes are counted from 0; np.unique(labels, return_inverse=True)[1] renumbers others.",
        )
    return labels


def of_class(scores: Any, labels: Any, axis: int) -> Any:
    """The score of each label, the axis of the classes keeping size 1."""
    return fnp.take_along_axis(scores, fnp.expand_dims(labels, axis), axis=axis)
