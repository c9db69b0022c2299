"""Rows of the methods of ufuncs: reduce, accumulate, reduceat, outer and at, in both spellings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cases.table import FLOATING, REAL, booleans, distinct, given, integers, normal, positive, row, unit

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}
FLOATS = {"values": FLOATING}


def _of(ufunc: str, method: str, *args: Any, **kwargs: Any) -> Callable:
    return lambda np, x: getattr(getattr(np, ufunc), method)(x, *args, **kwargs)


def _row(ufunc: str, method: str, draw: Any, *args: Any, options: dict[str, Any] | None = None, **kwargs: Any) -> None:
    shown = [*map(str, args), *(f"{k}={v}" for k, v in kwargs.items())]
    row(_of(ufunc, method, *args, **kwargs), draw, name=f"{ufunc}.{method}({', '.join(shown)})", options=options)


# -- reduce and accumulate

_TABLE: dict[str, tuple[Callable, dict[str, Any]]] = {
    "add": (normal, COMPLEX), "multiply": (normal, COMPLEX), "subtract": (normal, COMPLEX), "true_divide": (positive, COMPLEX),
    "maximum": (distinct, {"values": REAL}), "minimum": (distinct, {"values": REAL}), "fmax": (distinct, {"values": REAL}),
    "fmin": (distinct, {"values": REAL}), "logical_and": (normal, NO_GRAD), "logical_or": (normal, NO_GRAD),
    "logical_xor": (normal, NO_GRAD), "hypot": (normal, {"values": (*REAL[:2], "int64")}),
    "logaddexp": (normal, {"values": (*REAL[:2], "int64")}),
    "logaddexp2": (normal, FLOATS), "power": (positive, {"values": FLOATING, "order": 1}), "arctan2": (positive, FLOATS),
    "copysign": (normal, FLOATS | NO_GRAD), "remainder": (positive, FLOATS | NO_GRAD), "fmod": (positive, FLOATS | NO_GRAD),
    "floor_divide": (positive, FLOATS | NO_GRAD), "float_power": (unit, FLOATS | NO_GRAD),
    "nextafter": (normal, FLOATS | NO_GRAD), "heaviside": (normal, FLOATS | NO_GRAD),
}  # fmt: skip
# along contiguous entries NumPy's own reduce of these is wrong: power.reduce([a, b, c]) is a**c (seen in 2.4); its accumulate is right
_WRONG = ("power", "arctan2")
for _name, (_draw, _options) in _TABLE.items():
    for _axis in (0, -1):
        if _axis == 0 or _name not in _WRONG:
            _row(_name, "reduce", _draw(2, 3), axis=_axis, options=_options)
        _row(_name, "accumulate", _draw(2, 4), axis=_axis, options=_options)
    _row(_name, "accumulate", _draw(1), options=_options)
    if _name not in _WRONG:
        _row(_name, "reduce", _draw(5), keepdims=True, options=_options)
        _row(_name, "reduceat", _draw(6), [0, 3, 1, 5], options=_options)
    _row(_name, "reduceat", _draw(2, 4), [0, 2], axis=1, options=_options)
for _name in ("add", "multiply", "maximum", "fmin", "hypot", "logaddexp"):
    _draw, _options = _TABLE[_name]
    _row(_name, "reduce", _draw(2, 3, 2), axis=(0, 2), options=_options)
    _row(_name, "reduce", _draw(2, 3), axis=None, options=_options)
    _row(_name, "reduce", _draw(3), initial=2, options=_options | {"values": FLOATING})
    _row(_name, "reduce", _draw(3), initial=1.5, where=[True, False, True], options=_options | {"values": FLOATING})
for _name in ("subtract", "true_divide"):
    _row(_name, "reduce", positive(3), initial=1.5, where=[True, False, True], options=FLOATS | {"order": 1})
    _row(_name, "reduce", positive(3), initial=1.5, options=FLOATS | {"order": 1})
for _name in ("add", "multiply", "hypot", "logaddexp"):
    _row(_name, "reduce", normal(0, 2), options=FLOATS | (NO_GRAD if _name == "logaddexp" else {}))
    _row(_name, "accumulate", normal(0, 2), options=FLOATS)
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "left_shift", "right_shift"):
    for _method in ("reduce", "accumulate"):
        _row(_name, _method, integers(1, 5, 3, 4), options=NO_GRAD)
    _row(_name, "reduceat", integers(1, 5, 6), [1, 4], options=NO_GRAD)
for _dtype in (np.float32, np.complex128):
    _row(
        "add",
        "reduce",
        normal(3),
        dtype=_dtype,
        options={"values": ("float64",), "grad": ("float32",) if _dtype is np.float32 else ("float64",)},
    )
    _row("multiply", "accumulate", normal(3), dtype=_dtype, options={"values": ("float64",), "grad": ()})
_row("fmax", "reduce", given([np.nan, 1.0, np.nan, 0.5]), options=NO_GRAD | FLOATS)
_row("maximum", "accumulate", given([0.0, 1.0, np.nan, 0.5]), options=NO_GRAD | FLOATS)
_row("add", "reduce", normal(), options={})

# -- outer

for _name, _first, _second, _options in (
    ("add", normal, normal, COMPLEX), ("multiply", normal, normal, COMPLEX), ("subtract", normal, normal, COMPLEX),
    ("power", positive, normal, FLOATS), ("arctan2", normal, normal, FLOATS), ("maximum", distinct, normal, FLOATS),
    ("less", normal, normal, NO_GRAD),
):  # fmt: skip
    row(
        lambda np, x, y, name=_name: getattr(np, name).outer(x, y), _first(2, 3), _second(4), name=f"{_name}.outer", options=_options
    )  # fmt: skip
row(lambda np, x: np.add.outer(x, 2), normal(3), name="add.outer")
row(lambda np, x, y: np.multiply.outer(x, y), normal(), normal(2), name="multiply.outer")

# -- at: a changed copy, against NumPy's writing


def _changed(ufunc: str, indices: Any) -> Callable:
    return lambda np, x, *v: getattr(np, ufunc).at(x, indices, *v, inplace=False)


def _written(ufunc: str, indices: Any) -> Callable:
    def reference(x: Any, *v: Any) -> Any:
        out = np.array(x)
        getattr(np, ufunc).at(out, indices, *v)
        return out

    return reference


_AT = FLOATS | {"spellings": ("fnp",)}
for _name in ("add", "subtract", "multiply", "true_divide", "maximum", "minimum", "hypot", "power", "fmax"):
    for _label, _index, _shape in (
        ("array", np.array([0, 2, 2]), (3, 2)),
        ("slice", np.s_[1:], (2,)),
        ("array, number", np.s_[[0, 1, 1], 0], (3,)),
    ):
        row(
            _changed(_name, _index), positive(4, 2), positive(*_shape), name=f"{_name}.at[{_label}]",
            options=_AT | {"reference": _written(_name, _index), "order": 1},
        )  # fmt: skip
for _name in ("negative", "sin", "square"):
    row(
        _changed(_name, np.array([0, 2, 2])),
        distinct(4),
        name=f"{_name}.at",
        options=_AT | {"reference": _written(_name, np.array([0, 2, 2]))},
    )
row(
    lambda np, x, i, v: (np.add.at(x, i, v, inplace=False), np.hypot.at(x, i, v, inplace=False)), distinct(4), integers(0, 4, 3), positive(3),
    name="at traced places", options=_AT | {"reference": lambda x, i, v: (_written("add", i)(x, v), _written("hypot", i)(x, v)), "order": 1},
)  # fmt: skip
row(
    lambda np, x, m: np.multiply.at(x, np.array([True, False, True]), m, inplace=False), normal(3), booleans(2), name="multiply.at[mask]",
    options=_AT | {"reference": _written("multiply", np.array([True, False, True]))},
)  # fmt: skip
