"""Rows of indexing: `x[i]` of every kind, `at(x)[i]` updates, take and its kin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cases.table import FLOATING, booleans, distinct, given, integers, normal, positive, row, uniform
from fgrad.ops.at import At

COMPLEX = {"grad": ("float64", "float32", "complex128")}
FLOATS = {"values": FLOATING}
NO_GRAD = {"grad": ()}

# -- reading: what each index is, on an array of shape (4, 3, 5)

INDICES: dict[str, Any] = {
    "i": 1, "-i": -2, "i,j": (1, -1), "i,j,k": (0, 1, 2), "a:b": np.s_[1:3], "a:b:c": np.s_[::2], "-c": np.s_[::-1],
    "b:a:-c": np.s_[3:0:-2],
    ":,i": np.s_[:, 1], ":,a:b": np.s_[:, 1:], "...,i": np.s_[..., 0], "i,...": np.s_[2, ...], "None": None, ":,None,i": np.s_[:, None, 1],
    "empty": np.s_[2:2], "()": (), "...": ..., "list": [0, 2, 2], "array": np.array([[0, 1], [3, 3]]), "negative array": np.array([-1, 0]),
    ":,array": np.s_[:, [0, 2]], "array,:,i": np.s_[[0, 1, 1], :, 2], "array,array": np.s_[[0, 1, 1], [2, 0, 0]],
    "array,:,array": np.s_[[0, 1, 1], :, [2, 0, 4]], "a:b,array,array": np.s_[1:, [0, 1], [2, 3]], "outer": np.ix_([0, 2], [1], [0, 4]),
    "array,None": np.s_[[0, 1], None, 1:], "mask": np.arange(4) % 2 == 0, "mask 2d": np.arange(12).reshape(4, 3) % 5 < 2,
    ":,mask": np.s_[:, np.array([True, False, True])], "mask 3d": np.arange(60).reshape(4, 3, 5) % 7 == 1, "no entries": np.array([], int),
    "0-d array": np.array(2), "numpy integer": np.int64(1), "bool": True,
}  # fmt: skip


def _read(index: Any) -> Callable:
    return lambda np, x: x[index]


for _name, _index in INDICES.items():
    row(_read(_index), normal(4, 3, 5), name=f"x[{_name}]", options=COMPLEX if _name in ("a:b", "array") else {})
row(lambda np, x, i: x[i], normal(4, 3), integers(-4, 4, 2, 3), name="x[traced]", options={"alone": (0,)})
row(lambda np, x, i: x[i], normal(4, 3), integers(0, 4), name="x[traced number]", options={"alone": (0,)})
row(lambda np, x, i, j: x[i, j], normal(4, 3), integers(0, 4, 3), integers(0, 3, 2, 1), name="x[traced,traced]", options={"alone": (0,)})
row(lambda np, x, i: x[1:, i], normal(4, 3), integers(0, 3, 2), name="x[a:b,traced]", options={"alone": (0,)})
row(lambda np, x, i: x[i, :, 1], normal(4, 3, 2), integers(0, 4, 2), name="x[traced,:,i]", options={"alone": (0,)})
row(lambda np, x: (*x,), normal(3, 2), name="iteration")

# -- writing: against assignment, and ufunc.at


def _updated(method: str, index: Any) -> Callable:
    return lambda np, x, v: getattr(At(x)[index], method)(v)


_IN_PLACE: dict[str, Callable] = {
    "add": np.add.at, "subtract": np.subtract.at, "multiply": np.multiply.at, "divide": np.divide.at, "min": np.minimum.at,
    "max": np.maximum.at,
}  # fmt: skip


def _assigned(method: str, index: Any) -> Callable:
    def reference(x: Any, v: Any) -> Any:
        out = np.array(x)
        if method == "set":
            out[index] = v
        else:
            _IN_PLACE[method](out, index, v)
        return out

    return reference


_WRITES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "i": (1, (3,)), "a:b": (np.s_[1:3], (2, 3)), "a:b broadcast": (np.s_[1:3], (1, 3)), "-c": (np.s_[::-1], (4, 3)),
    ":,i": (np.s_[:, -1], (4,)), "i,j": ((1, 2), ()),
    "array": (np.array([0, 2, 2]), (3, 3)), "array,array": (np.s_[[0, 1, 1], [2, 0, 0]], (3,)), ":,array": (np.s_[:, [0, 0]], (4, 2)),
    "number everywhere": (..., ()), "mask": (np.array([True, False, True, False]), (2, 3)),
    "array of rows": (np.array([[0, 1], [3, 0]]), (3,)),
}  # fmt: skip
for _method in ("set", *_IN_PLACE):
    for _name, (_index, _shape) in _WRITES.items():
        row(
            _updated(_method, _index),
            distinct(4, 3),
            positive(*_shape) if _method == "divide" else distinct(*_shape, offset=0.87),
            name=f"at[{_name}].{_method}",
            options=FLOATS | {"reference": _assigned(_method, _index), "spellings": ("fnp",)},
        )


def _every_update(np: Any, x: Any, v: Any, i: Any) -> tuple:
    return At(x)[i].set(v), At(x)[i].add(v), At(x)[i].multiply(v), At(x)[i].min(v), At(x)[i].max(v)


def _every_assignment(x: Any, v: Any, i: Any) -> tuple:
    return tuple(_assigned(m, i)(x, v) for m in ("set", "add", "multiply", "min", "max"))


def _sine_and_squares(x: Any) -> tuple:
    return x[1], _assigned("set", [0, 2])(x, x[[0, 2]] ** 2), _assigned("set", np.s_[1:])(x, np.sin(x[1:]))


_UPDATES = FLOATS | {"spellings": ("fnp",), "reference": _every_assignment}
row(_every_update, distinct(4, 3), distinct(3, offset=0.87), integers(0, 4), name="at[traced]", options=_UPDATES)
row(_every_update, distinct(4, 2), distinct(5, 2, offset=0.87), given([0, 3, 0, 1, 0], "int64"), name="at[traced array]", options=_UPDATES)
row(
    lambda np, x: (At(x)[1].get(), At(x)[[0, 2]].power(2), At(x)[1:].apply(np.sin)),
    positive(4, 2),
    name="at get, power, apply",
    options=FLOATS | {"spellings": ("fnp",), "reference": _sine_and_squares},
)

# -- functions

row("take", normal(4, 3), [1, 0, 0])
row("take", normal(4, 3), np.array([[1, -1]]), axis=0, options=COMPLEX)
row("take", normal(4, 3), 1, axis=1)
row("take", normal(4, 3), [5, -7], mode="wrap", axis=0)
row("take", normal(4, 3), [5, -7], mode="clip", axis=0)
row("take", normal(4, 3), integers(0, 4, 2), axis=0, options={"spellings": ("fnp",)})
row("take_along_axis", normal(4, 3), np.array([[1, 0, 3]]), axis=0)
row("take_along_axis", normal(4, 3), integers(0, 3, 4, 2), axis=1)
row("choose", integers(0, 2, 3), [normal(3), normal(3)])
row("compress", [True, False, True], normal(3, 2), axis=0)
row("compress", [True, False, True], normal(3, 2))
row("extract", np.array([True, False, True]), normal(3))
row("where", booleans(2, 3), normal(3), normal(2, 1), options=COMPLEX)
row("where", booleans(3), normal(3), 0.0, options=COMPLEX)
row("where", booleans(3), 1, normal(), options={"values": FLOATING})
row("where", booleans(3), given([np.nan, 1.0, 2.0]), 0.0, options=NO_GRAD | {"values": FLOATING})
row("select", [booleans(3), booleans(3)], [normal(3), normal(3)], 0.5, options=FLOATS)
row("piecewise", distinct(5), [np.array([True, False, True, False, True])], [lambda x: x * x, 3.0], options=FLOATS)
row("clip", distinct(2, 3), -0.35, 0.35, options=FLOATS)
row("clip", distinct(2, 3), uniform(-0.42, -0.28, 3), 0.35, options=FLOATS)
row("clip", distinct(4), None, 0.35, options=FLOATS)
