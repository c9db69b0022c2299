"""Rows of sorting, searching, quantiles, sets, counting and covariances."""

from __future__ import annotations

from typing import Any

import numpy as np

from cases.table import FLOATING, REAL, Draw, booleans, distinct, given, integers, normal, positive, row, uniform

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}
FLOATS = {"values": FLOATING}
SIZED: dict[str, Any] = {"spellings": ("fnp",)}
NANS = [3.0, np.nan, 1.0, np.inf, 2.0]


def repeated(*shape: int) -> Draw:
    """Small whole numbers, which repeat."""
    return Draw(shape, lambda rng, s: rng.integers(0, 4, size=s))


# -- sorting

for _kind in ("quicksort", "stable", "heapsort"):
    row("sort", distinct(7), kind=_kind, options=FLOATS)
    row("argsort", distinct(7), kind=_kind, options=NO_GRAD | FLOATS)
row("sort", distinct(3, 0), axis=0, options=NO_GRAD)
row("sort", distinct(3, 4), axis=-2, stable=True, options=FLOATS)
row("partition", distinct(2, 7), (1, 4), axis=1, options=FLOATS)
row("lexsort", (distinct(5), given([1.0, 0.0, 1.0, 0.0, 1.0])), options=NO_GRAD | FLOATS)
row("lexsort", (repeated(3, 5), repeated(3, 5)), axis=0, options=NO_GRAD)
row("lexsort", repeated(3, 5), options=NO_GRAD)
row("sort_complex", distinct(5), options={"grad": ("float64",)})
row("sort_complex", given([1 + 2j, 1 - 2j, 0.5 + 0j], "complex128"), options=NO_GRAD)

# -- searching

for _side in ("left", "right"):
    row("searchsorted", given([0.0, 1.0, 1.0, 2.0]), uniform(-1.0, 3.0, 2, 3), side=_side, options=NO_GRAD)
    row("searchsorted", given([0.0, 1.0, 2.0]), given([1.0, 2.0, np.nan]), side=_side, options=NO_GRAD | FLOATS)
row("searchsorted", given([0.0, 1.0, 2.0]), 1, options=NO_GRAD)
row("searchsorted", given([2.0, 0.0, 1.0]), normal(4), sorter=np.array([1, 2, 0]), options=NO_GRAD | FLOATS)
row("searchsorted", normal(0), normal(3), options=NO_GRAD)
row("digitize", uniform(-1.0, 3.0, 5), np.array([0.0, 1.0, 2.0]), options=NO_GRAD | FLOATS)
row("digitize", uniform(-1.0, 3.0, 2, 3), given([0.0, 1.0, 2.0]), right=True, options=NO_GRAD | FLOATS)
row("digitize", integers(-1, 4, 6), given([2.0, 1.0, 0.0]), options=NO_GRAD | FLOATS)
row("digitize", integers(-1, 4, 6), given([2.0, 1.0, 0.0]), True, options=NO_GRAD | FLOATS)

_INTERP = {"grad": ("float64",)}
row("interp", uniform(-0.5, 2.5, 2, 3), given([0.0, 1.0, 2.0]), normal(3), options=_INTERP | {"values": REAL})
row("interp", uniform(-0.5, 2.5), given([0.0, 1.0, 2.0]), normal(3), options=_INTERP)
row("interp", uniform(-0.5, 2.5, 6), given([0.0, 1.0, 2.0]), normal(3), normal(), normal(), options=_INTERP | FLOATS | {"alone": (0, 1, 2)})
row("interp", uniform(-9.0, 9.0, 6), given([0.1, 0.8, 2.0]), normal(3), period=3.0, options=_INTERP | FLOATS)
row("interp", given([0.0, 1.0, 2.0, np.nan, 1.5]), [0.0, 1.0, 2.0], normal(3), options=NO_GRAD | FLOATS)
row("interp", given([0.5, 1.0, 1.0, 3.0]), [0.0, 1.0, 1.0, 2.0], given([1.0, 2.0, np.inf, 4.0]), options=NO_GRAD | FLOATS)
row("interp", given([-1.0, 1.0, 2.0]), [1.0], [5.0], options=NO_GRAD | FLOATS)
row(
    lambda np, x, a, b: np.interp(x, [0.0, 1.0, 2.0], a + 1j * b),
    uniform(0.1, 1.9, 4), normal(3), normal(3), name="interp between complex numbers", target=np.interp, options=_INTERP | FLOATS,
)  # fmt: skip

# -- quantiles

_METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "linear",
    "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip
for _method in _METHODS:
    for _q in (0.0, 0.3, [0.11, 0.5, 0.9], 1.0):
        row("quantile", distinct(5), _q, method=_method, options=FLOATS)
    row("percentile", distinct(3, 4), [15, 65], axis=1, method=_method, options={"values": REAL[:5]})
    row(
        "nanquantile",
        given([[0.5, np.nan, 2.0, 1.2], [np.nan] * 4, [0.1, 0.7, 3.0, 2.0]]),
        0.4,
        axis=1,
        method=_method,
        options=NO_GRAD | FLOATS,
    )
    row("nanquantile", distinct(3, 4), [0.21, 0.77], axis=0, method=_method, options=FLOATS)
for _q in (0.3, [0.11, 0.9], 1.0):
    row("quantile", distinct(3, 4), _q, options=FLOATS)
    row("quantile", distinct(3, 4), _q, axis=0, options=FLOATS)
    row("nanquantile", distinct(3, 4), _q, axis=-1, options=FLOATS)
row("quantile", distinct(2, 3, 4), [[0.2], [0.7]], axis=(0, -1), keepdims=True, options=FLOATS)
row("quantile", distinct(2, 3), uniform(0.1, 0.9, 2), axis=1, options={"grad": ("float64",)} | FLOATS)
row("quantile", distinct(6), uniform(0.1, 0.9), method="weibull", options={"grad": ("float64",)} | FLOATS)
row("quantile", given([1.0, np.nan, 2.0]), 0.5, options=NO_GRAD | FLOATS)
row("quantile", distinct(), 0.5, options=FLOATS)
row("percentile", distinct(3, 4), 30, axis=1, keepdims=True, options=FLOATS)
row("percentile", distinct(3, 4), [30, 60], axis=1, options=FLOATS)
row("percentile", integers(0, 9, 7), 50, options=NO_GRAD)
row("nanpercentile", distinct(3, 4), 30, axis=1, options=FLOATS)
row("nanpercentile", integers(0, 9, 7), [20, 50], options=NO_GRAD)
_WEIGHTED = {"grad": ("float64",)} | FLOATS
row("quantile", distinct(5), [0.1, 0.45, 1.0], weights=np.array([0.3, 1.0, 0.0, 2.0, 0.7]), method="inverted_cdf", options=_WEIGHTED)
row("quantile", distinct(2, 5), 0.4, axis=1, weights=np.array([0.3, 1.0, 0.4, 2.0, 0.7]), method="inverted_cdf", options=_WEIGHTED)
row("quantile", distinct(2, 3), 0.4, axis=(1, 0), weights=np.arange(1.0, 7.0).reshape(3, 2), method="inverted_cdf", options=_WEIGHTED)
row(
    lambda np, x, w: np.nanpercentile(x, [30, 70], axis=0, weights=w, method="inverted_cdf"),
    given([[0.5, np.nan], [2.0, 1.0], [0.1, 0.4]]), positive(3, 2), name="weighted nanpercentile", target=np.nanpercentile, options=NO_GRAD | FLOATS,
)  # fmt: skip
row("median", distinct(3, 0), axis=1, options=NO_GRAD)
row("median", given([[1.0, np.nan, 2.0], [3.0, 1.0, 2.0]]), axis=1, options=NO_GRAD | FLOATS)
row("nanmedian", given([[1.0, np.nan, 2.0], [3.0, 1.0, 2.0]]), axis=1, keepdims=True, options=NO_GRAD | FLOATS)

# -- sets: without values a size

_UNSTAGED: dict[str, Any] = {"stageable": False}
for _x in (repeated(7), repeated(2, 3), given(NANS + NANS), normal(0)):
    _floats = FLOATS if _x.shape == (10,) else {}
    row("unique", _x, options=NO_GRAD | _UNSTAGED | _floats)
    row("unique", _x, True, True, True, options=NO_GRAD | _UNSTAGED | _floats)
    row("unique", _x, equal_nan=False, return_counts=True, options=NO_GRAD | _UNSTAGED | _floats)
    for _name in ("unique_all", "unique_counts", "unique_inverse", "unique_values"):
        _sorted = {"reference": lambda x: np.unique(x, equal_nan=False)} if _name == "unique_values" else {}  # NumPy's are in any order
        row(_name, _x, options=NO_GRAD | _UNSTAGED | _floats | _sorted)
row("unique", distinct(5), options=_UNSTAGED)
row("unique", repeated(6, 2), axis=0, return_inverse=True, return_index=True, options=NO_GRAD | _UNSTAGED)
row("unique", repeated(2, 6), axis=1, options=NO_GRAD | _UNSTAGED)


def _padded(x: Any, size: int, fill: Any) -> Any:
    """The first `size` entries, filled up."""
    x = x[:size]
    rest = np.broadcast_to(np.asarray(fill, x.dtype), (size - len(x), *x.shape[1:]))
    return np.concatenate([x, rest])


def _sized_unique(size: int, equal_nan: bool = True, fill: Any = None) -> Any:
    def reference(x: Any) -> tuple:
        values, index, inverse, counts = np.unique(x, True, True, True, equal_nan=equal_nan)
        fill_value = values[0] if fill is None else fill
        return _padded(values, size, fill_value), _padded(index, size, index[0]), inverse, _padded(counts, size, 0)

    return reference


for _size in (2, 4, 9):
    row(
        lambda np, x, size=_size: np.unique(x, True, True, True, size=size),
        repeated(8), name=f"unique of size {_size}", target=np.unique, options=NO_GRAD | SIZED | {"reference": _sized_unique(_size)},
    )  # fmt: skip
    for _equal in (False, True):
        row(
            lambda np, x, size=_size, equal=_equal: np.unique(x, True, True, True, equal_nan=equal, size=size, fill_value=7),
            given(NANS + NANS), name=f"unique of size {_size} with NaN", target=np.unique,
            options=NO_GRAD | SIZED | FLOATS | {"reference": _sized_unique(_size, _equal, 7)},
        )  # fmt: skip
row(
    lambda np, x: np.unique(x, size=6, fill_value=-1), distinct(5), name="unique of size 6, differentiated", target=np.unique,
    options=SIZED | FLOATS | {"reference": lambda x: _padded(np.unique(x), 6, -1)},
)  # fmt: skip
row(
    lambda np, x: np.unique(x, axis=0, size=5, fill_value=0), repeated(6, 2), name="unique rows of size 5", target=np.unique,
    options=NO_GRAD | SIZED | {"reference": lambda x: _padded(np.unique(x, axis=0), 5, 0)},
)  # fmt: skip
for _name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
    _target = getattr(np, _name)
    for _a, _b in (
        (repeated(6), repeated(2, 2)),
        (given(NANS), given([np.nan, 2.0, 9.0])),
        (normal(0), repeated(3)),
        (distinct(4), distinct(3)),
    ):
        _floats = FLOATS if _a.shape == (5,) else {}
        _grad = {} if _a.shape == (4,) else NO_GRAD
        row(_name, _a, _b, options=_UNSTAGED | _floats | _grad)
        row(
            lambda np, x, y, name=_name: getattr(np, name)(x, y, size=5, fill_value=7),
            _a, _b, name=f"{_name} of size 5", target=_target,
            options=_grad | SIZED | _floats | {"reference": lambda x, y, f=_target: _padded(f(x, y), 5, 7)},
        )  # fmt: skip
    if _name != "union1d":
        row(_name, distinct(4), given([0.0, 1.0]), assume_unique=True, options=NO_GRAD | _UNSTAGED | FLOATS)
row("intersect1d", given([4.0, 1.0, 3.0, 1.0]), given([3.0, 1.0, 5.0]), return_indices=True, options=NO_GRAD | _UNSTAGED)
for _invert in (False, True):
    row("isin", repeated(2, 3), repeated(4), invert=_invert, options=NO_GRAD)
    row("isin", given(NANS), given([np.nan, 2.0]), invert=_invert, options=NO_GRAD | FLOATS)
    row("isin", repeated(3), [], invert=_invert, options=NO_GRAD)

# -- what a size fixes


def _sized_places(function: Any, size: int) -> Any:
    def reference(x: Any) -> Any:
        found = function(x)
        return tuple(_padded(i, size, 1) for i in found) if isinstance(found, tuple) else _padded(found, size, 1)

    return reference


for _function in (np.nonzero, np.flatnonzero, np.argwhere, np.where):
    for _size in (0, 2, 6):
        row(
            lambda np, x, name=_function.__name__, size=_size: getattr(np, name)(x, size=size, fill_value=1),
            booleans(2, 3), name=f"{_function.__name__} of size {_size}", target=_function,
            options=NO_GRAD | SIZED | {"values": ("float64",), "reference": _sized_places(_function, _size)},
        )  # fmt: skip
row("where", booleans(2, 3), options=NO_GRAD | _UNSTAGED | {"values": ("float64",)})
row(
    lambda np, c, x: (np.extract(c, x, size=2), np.compress(c, x, size=4, fill_value=0.5)), booleans(4), normal(4),
    name="extract and compress of a size", target=np.extract,
    options=SIZED | FLOATS | {"reference": lambda c, x: (_padded(np.extract(c, x), 2, 0), _padded(np.compress(c, x), 4, 0.5))},
)  # fmt: skip
row(
    lambda np, c, x: np.compress(c, x, axis=1, size=2), booleans(3), normal(2, 4), name="compress columns to a size", target=np.compress,
    options=SIZED | FLOATS | {"reference": lambda c, x: _padded(np.compress(c, x, axis=1).T, 2, 0).T},
)  # fmt: skip

# -- counting

row("bincount", integers(0, 4, 6), positive(6), minlength=5, options={"stageable": False, "grad": ("float64",)} | FLOATS)
row("bincount", integers(0, 4, 0), options=NO_GRAD | _UNSTAGED)
row(
    lambda np, x, w: (np.bincount(x, w, length=6), np.bincount(x, length=2)), integers(0, 4, 6), normal(6), name="bincount of a length",
    target=np.bincount, options=SIZED | FLOATS | {
        "grad": ("float64",), "reference": lambda x, w: (np.bincount(x, w, minlength=6), np.bincount(x, minlength=2)[:2]),
    },
)  # fmt: skip
for _bins in (4, [0.0, 0.4, 0.5, 2.0], given([-1.0, 0.0, 0.5])):
    row("histogram", distinct(9), _bins, options={"grad": ("float64",)} | FLOATS)
    row("histogram", distinct(3, 3), _bins, weights=np.arange(9.0).reshape(3, 3), density=True, options={"grad": ("float64",)} | FLOATS)
row("histogram", integers(0, 9, 20), 5, (1, 8), options=NO_GRAD)
row("histogram", integers(0, 9, 20), options=NO_GRAD)
row("histogram", booleans(5), 2, options=NO_GRAD | {"values": ("bool",)})
row("histogram", given([2.0, 2.0]), 3, options=NO_GRAD)
row("histogram", normal(0), 3, options=NO_GRAD)
row("histogram", distinct(20), "auto", options=NO_GRAD | _UNSTAGED | FLOATS)
row(
    lambda np, x, w: np.histogram(x, 5, (-1.0, 1.0), weights=w), normal(8), normal(8), name="histogram with weights", target=np.histogram,
    options={"grad": ("float64", "float32")} | FLOATS,
)  # fmt: skip
row("histogram_bin_edges", distinct(6), 3, options={"grad": ("float64",)} | FLOATS)
row("histogram_bin_edges", distinct(6), 3, (-2.0, 2.0), options=NO_GRAD | FLOATS)
row("histogram_bin_edges", distinct(6), "fd", options=NO_GRAD | _UNSTAGED | FLOATS)
row("histogram2d", distinct(7), distinct(7, offset=0.87), [2, 3], options={"grad": ("float64",)} | FLOATS)
row("histogram2d", distinct(7), distinct(7, offset=0.87), np.array([-1.0, 0.0, 0.4, 2.0]), density=True, options=NO_GRAD | FLOATS)
row("histogramdd", distinct(7, 3), 2, options={"grad": ("float64",)} | FLOATS)
row("histogramdd", [distinct(7), distinct(7, offset=0.87)], [3, np.array([-1.0, 0.0, 2.0])], options={"grad": ("float64",)} | FLOATS)
row(
    lambda np, x, w: np.histogramdd(x, 2, [(-1.0, 1.0), (-2.0, 2.0)], weights=w, density=True), normal(7, 2), positive(7),
    name="histogramdd with weights", target=np.histogramdd, options={"grad": ("float64",)} | FLOATS,
)  # fmt: skip

# -- covariances

row("cov", normal(3, 6), options=COMPLEX)
row("cov", normal(6), options=FLOATS)
row("cov", normal(6, 3), rowvar=False, bias=True, options=FLOATS)
row("cov", normal(2, 6), normal(6), ddof=2, options=FLOATS)
row("cov", normal(6, 2), normal(6, 1), rowvar=False, options=FLOATS)
row("cov", normal(3, 6), fweights=np.array([1, 2, 1, 0, 3, 1]), options=FLOATS)
row("cov", normal(3, 6), dtype=np.float32, options=FLOATS | {"grad": ("float32",)})
row(
    lambda np, x, w: (np.cov(x, aweights=w), np.cov(x, aweights=w, ddof=0, fweights=[1, 2, 1, 2])), normal(2, 4), positive(4),
    name="cov with weights", target=np.cov, options={"grad": ("float64",)} | FLOATS,
)  # fmt: skip
row("corrcoef", normal(3, 6), options=COMPLEX)
row("corrcoef", normal(6), normal(6), options=FLOATS)
row("corrcoef", normal(6), options=FLOATS | NO_GRAD)
