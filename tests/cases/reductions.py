"""Rows of reductions, running reductions, sorting, searching and sets."""

from __future__ import annotations

import numpy as np

from cases.table import FLOATING, REAL, booleans, distinct, given, integers, normal, positive, row

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}
FLOATS = {"values": FLOATING}
AXES = (None, 0, -1, (0, 2), (-1, 0, 1), ())

# -- reductions: every kind of axis, keepdims, numbers, empty arrays, where= and initial=

for _name, _draw, _options in (
    ("sum", normal, COMPLEX), ("prod", normal, COMPLEX), ("mean", normal, COMPLEX), ("var", normal, COMPLEX), ("std", normal, {}),
    ("max", distinct, {}), ("min", distinct, {}), ("any", normal, NO_GRAD), ("all", normal, NO_GRAD),
    ("nansum", normal, {}), ("nanprod", normal, {}),
):  # fmt: skip
    for _axis in AXES if not _name.startswith("nan") else AXES[:4]:
        row(_name, _draw(2, 3, 2), axis=_axis, options=_options if _axis != () or _name not in ("var", "std") else NO_GRAD)
    row(_name, _draw(2, 3), axis=1, keepdims=True, options=_options)
    row(_name, _draw(), options=NO_GRAD if _name in ("var", "std") else _options)
for _name, _draw in (("mean", normal), ("max", distinct), ("min", distinct), ("std", normal), ("var", normal)):
    for _axis in (None, 0, -1, (0, 2)):
        row(f"nan{_name}", _draw(2, 3, 2), axis=_axis, options=FLOATS)
    row(f"nan{_name}", given([[1.0, np.nan, 3.0], [0.5, 2.5, np.nan]]), axis=1, keepdims=True, options=FLOATS | NO_GRAD)
for _name in ("nansum", "nanprod"):
    row(_name, given([[1.0, np.nan, 3.0], [0.5, 2.5, np.nan]]), axis=1, options=FLOATS | NO_GRAD)
for _name in ("sum", "prod", "any", "all"):
    row(_name, normal(0, 3), axis=0, options=NO_GRAD if _name in ("any", "all") else {})
for _name in ("sum", "mean", "max", "min", "prod", "any", "all", "var", "std"):
    row(_name, normal(3, 0), axis=0, options=NO_GRAD)
for _name, _initial in (("sum", 1.5), ("prod", 1.5), ("max", -9.0), ("min", 9.0)):
    row(_name, distinct(2, 3), axis=1, initial=_initial, options=FLOATS)
    row(_name, distinct(2, 3), axis=0, initial=_initial, where=np.array([True, False, True]), options=FLOATS)
for _name in ("sum", "prod", "mean", "var", "std"):
    row(_name, normal(3, 3), axis=0, where=np.array([[True], [False], [True]]), options=FLOATS)
    row(_name, normal(2, 3), dtype=np.float64, options={"grad": ("float64",), "values": REAL})
for _name in ("var", "std"):
    row(_name, normal(2, 3), axis=1, ddof=1, options=FLOATS)
    row(_name, normal(2, 3), correction=1, options=FLOATS)
row("sum", given([[np.nan, 1.0], [np.inf, 2.0]]), axis=0, options=FLOATS | NO_GRAD)
row("max", given([[np.nan, 1.0], [np.inf, 2.0]]), axis=1, options=FLOATS | NO_GRAD)
row("prod", given([0.0, 2.0, 3.0]), options=FLOATS)
row("prod", given([[0.0, 2.0, 0.0], [0.0, 1.5, 3.0]]), axis=1, options=FLOATS)
row("average", normal(2, 3))
row("average", normal(2, 3), axis=1, options=FLOATS)
row("average", normal(2, 3), axis=1, weights=np.array([0.2, 0.3, 0.9]), options=FLOATS)
row(lambda np, x, w: np.average(x, axis=0, weights=w, returned=True), normal(3, 2), positive(3), name="weighted average", options=FLOATS)
row("count_nonzero", normal(2, 3), axis=1, options=NO_GRAD)
row("count_nonzero", normal(2, 3), options=NO_GRAD | {"stageable": True})
row("ptp", distinct(2, 3), axis=1, options=FLOATS)
row("ptp", distinct(2, 3), options=FLOATS)
row("amax", distinct(2, 3), axis=1, options=FLOATS)
row("amin", distinct(2, 3), axis=1, options=FLOATS)
for _name in ("argmax", "argmin", "nanargmax", "nanargmin"):
    for _axis in (None, 0, -1):
        row(_name, distinct(2, 3), axis=_axis, options=NO_GRAD | FLOATS)
row("argmax", distinct(2, 3), axis=1, keepdims=True, options=NO_GRAD)

# -- running reductions

for _name, _options in (("cumsum", COMPLEX), ("cumprod", COMPLEX), ("nancumsum", {}), ("nancumprod", {})):
    for _axis in (None, 0, -1):
        row(_name, normal(3, 4), axis=_axis, options=_options)
    row(_name, normal(11), options=_options)
    row(_name, normal(0), options=_options)
row("cumprod", given([2.0, 0.0, 3.0, 0.0, 1.5]), options=FLOATS)
for _name in ("cumulative_sum", "cumulative_prod"):
    row(_name, normal(4))
    row(_name, normal(2, 3), axis=1, include_initial=True)

# -- sorting and searching

for _axis in (0, 1, -1, None):
    row("sort", distinct(3, 4), axis=_axis, options={"values": REAL})
    row("argsort", distinct(3, 4), axis=_axis, options=NO_GRAD | FLOATS)
row("sort", given([2.0, np.nan, 1.0, np.inf]), options=NO_GRAD | FLOATS)
row("argsort", given([2.0, 1.0, 2.0, 1.0]), stable=True, options=NO_GRAD | FLOATS)
row("partition", distinct(7), 3, options=FLOATS | {"reference": lambda x: np.partition(x, 3)})
row("argpartition", distinct(2, 7), 3, axis=1, options=NO_GRAD | FLOATS)
row("median", distinct(2, 3, 2), options=FLOATS)
row("median", distinct(2, 4), axis=1, options=FLOATS)
row("median", distinct(2, 3, 2), axis=(0, 2), keepdims=True, options=FLOATS)
row("nanmedian", distinct(2, 4), axis=1, options=FLOATS)
for _name in ("nonzero", "flatnonzero", "argwhere"):
    row(_name, booleans(2, 3), options=NO_GRAD | {"stageable": False, "values": ("float64",)})
row("bincount", integers(0, 4, 6), minlength=5, options=NO_GRAD | {"stageable": False})

row(
    lambda np, x: (
        x.sum(), x.sum(axis=0), x.sum(1, keepdims=True), x.mean(), x.prod(axis=0), x.max(), x.min(axis=1), x.var(), x.std(axis=0), x.any(),
        x.all(axis=0), x.argmax(), x.argmin(axis=1), x.cumsum(), x.cumprod(axis=0), x.argsort(), x.round(), x.clip(-0.3, 0.36),
        x.diagonal(),
    ),
    distinct(2, 3), name="reduction methods", options=FLOATS | {"grad": ("float64",), "order": 1},
)  # fmt: skip
