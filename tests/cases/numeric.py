"""Rows of NumPy's numeric functions that are no reductions: polynomials, convolution, differences, grids, mapping, writing, bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from cases.table import FLOATING, REAL, booleans, distinct, given, integers, matrix, normal, positive, row, uniform, unit

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}
FLOATS = {"values": FLOATING}
NOT_BOOL = (*REAL[:5], "complex128")
FNP: dict[str, Any] = {"spellings": ("fnp",)}

# -- convolution

for _mode in ("full", "same", "valid"):
    for _n, _m in ((6, 3), (3, 6), (5, 2), (4, 4), (1, 3)):
        row("convolve", normal(_n), normal(_m), mode=_mode, options=COMPLEX if _n == 6 else {})
        row("correlate", normal(_n), normal(_m), mode=_mode, options=COMPLEX if _n == 6 else {})
row("convolve", normal(), normal(3))
row("correlate", normal(5), [1, 0, -1])
row("convolve", [1, 2], normal(5))

# -- polynomials

row("polyval", normal(4), normal(3), options=COMPLEX)
row("polyval", [1.0, 2.0, 0.5], normal(2, 3))
row("polyval", np.poly1d([1.0, 0.5]), normal(3))
row("polyval", normal(0), normal(3))
for _name in ("polyadd", "polysub", "polymul"):
    row(_name, positive(4), positive(2))
    row(_name, positive(3), [1, 2, 3, 4, 5])
row("polymul", given([0.0, 1.0, 2.0]), given([0.0, 0.0, 3.0]), options=NO_GRAD | {"stageable": False})
row("polymul", given([0.0, 0.0]), given([1.0, 3.0]), options=NO_GRAD | {"stageable": False})
row("polydiv", positive(5), positive(3), options={"values": ("float64", "complex128"), "grad": ("float64",)})
row("polydiv", positive(2), positive(3), options=FLOATS)
row("polydiv", given([1.0, -3.0, 2.0]), given([1.0, -1.0]), options=NO_GRAD | FLOATS | {"stageable": False})
for _m in (0, 1, 2):
    row("polyder", normal(4), _m)
    row("polyint", normal(3), _m)
row("polyder", normal(1), 2)
row("polyint", normal(3), 2, k=[0.5, 1.5], options=FLOATS)
row("polyint", normal(3), 2, normal(1), options=FLOATS | {"alone": (0,)})
row("roots", given([0.0, 1.0, -3.0, 2.0, 0.0]), options=NO_GRAD | {"stageable": False, "values": FLOATING})
row("roots", given([0.0, 0.0]), options=NO_GRAD | {"stageable": False, "values": FLOATING})
row("roots", given([2.0, 0.0]), options=NO_GRAD | {"stageable": False, "values": FLOATING})
row("poly", normal(4), options=COMPLEX)
row("poly", given([1 + 2j, 1 - 2j], "complex128"), options=NO_GRAD | {"stageable": False})
row("vander", normal(3), 4)
row("vander", normal(3), increasing=True)
row("trim_zeros", given([0.0, 1.0, 0.0, 2.0, 0.0]), options=NO_GRAD | {"stageable": False})
row("trim_zeros", given([0.0, 1.0, 0.0, 2.0, 0.0]), "f", options=NO_GRAD | {"stageable": False})
row("trim_zeros", distinct(4), options={"stageable": False} | FLOATS)
row("trim_zeros", given([0.0, 0.0]), "b", options=NO_GRAD | {"stageable": False})

_FIT = {"grad": ("float64",), "values": ("float64",), "rtol": 1e-9}
row("polyfit", distinct(6), normal(6), 2, options=_FIT)
row("polyfit", distinct(6), normal(6, 2), 1, w=positive(6)(np.random.default_rng(3), "float64"), options=_FIT)
row("polyfit", distinct(6), normal(6), 1, cov=True, options=_FIT)
row("polyfit", distinct(6), normal(6), 1, cov="unscaled", options=_FIT)
row("polyfit", distinct(6), normal(6), 1, full=True, options=_FIT)

# -- differences and integrals, in every dtype

for _n in (0, 1, 2, 3):
    row("diff", normal(5), _n)
row("diff", normal(2, 0))
row("diff", booleans(5), options=NO_GRAD)
row("ediff1d", normal(2, 3))
row("ediff1d", normal(1))
row("trapezoid", normal(5))
row("trapezoid", normal(3, 5), normal(3, 5), axis=0)
row("trapezoid", normal(5), normal(5), options=COMPLEX)
row("trapezoid", integers(0, 5, 4), [0, 1, 3, 4], options=NO_GRAD)
for _order in (1, 2):
    row("gradient", normal(5), edge_order=_order, options=COMPLEX)
    row("gradient", normal(4, 5), normal(4), 0.5, edge_order=_order, options=FLOATS)
    row("gradient", normal(4, 5), given([0.0, 0.5, 2.0, 2.5, 4.0]), axis=-1, edge_order=_order, options=FLOATS)
row("gradient", normal(3, 4, 5), axis=(0, 2), options=FLOATS)
row("gradient", integers(0, 9, 5), options=NO_GRAD)
row("unwrap", integers(0, 900, 7), period=360, options=NO_GRAD)
row("unwrap", uniform(-9.0, 9.0, 4, 3), axis=0, period=4.0, options=FLOATS)
row("unwrap", uniform(-9.0, 9.0, 7), discont=4.0, options=FLOATS)
row("cross", normal(2, 3), normal(3))
row("cross", normal(3, 2), normal(3, 2), axis=0)
row("kron", normal(2, 3), normal(3, 2), options=COMPLEX)
row("angle", normal(3), options=COMPLEX)

row("average", normal(2, 3, 2), axis=(1, 0), weights=np.arange(1.0, 7.0).reshape(3, 2), options=FLOATS)
for _name in ("sum", "prod", "var", "max", "nanmean"):
    row(_name, distinct(2, 1, 3), axis=(1, 0), options=FLOATS)

# -- mapping


def _vectorized(np: Any, x: Any, y: Any) -> Any:
    return np.vectorize(lambda a, b: a * np.sin(b) + 1.0)(x, y)


def _core(np: Any, x: Any, y: Any) -> Any:
    return np.vectorize(lambda a, b: np.sum(a * b), signature="(n),(n)->()")(x, y)


def _two_results(np: Any, x: Any) -> Any:
    return np.vectorize(lambda a: (a * 2, a**2), otypes=[float, float])(x)


row(_vectorized, normal(2, 1), normal(3), name="vectorize", target=np.vectorize, options=FNP | FLOATS | {"grad": ("float64",)})
row(_vectorized, normal(), normal(), name="vectorize", target=np.vectorize, options=FNP | {"values": ("float64",), "grad": ("float64",)})
row(
    _core,
    normal(2, 1, 3),
    normal(4, 3),
    name="vectorize with core axes",
    target=np.vectorize,
    options=FNP | {"values": ("float64",), "grad": ("float64",)},
)
row(
    _two_results,
    normal(3),
    name="vectorize, two results",
    target=np.vectorize,
    options=FNP | {"values": ("float64",), "grad": ("float64",)},
)
row(
    lambda np, x, y: np.vectorize(lambda a, b, c: a * b + c, excluded={2, "b"})(x, b=2.0, c=y), normal(3), normal(3),
    name="vectorize with keywords", target=np.vectorize, options=FNP | {"values": ("float64",), "grad": ("float64",)},
)  # fmt: skip
for _axis in (0, 1, -1):
    row("apply_along_axis", lambda row: row * row[0], _axis, normal(2, 3, 2), options=FLOATS | {"pickles": True})
row("apply_along_axis", lambda row: row[:2, None] * row[None, :], 1, normal(2, 3), options=FLOATS)
row("apply_along_axis", lambda row, k: k * row[0], 0, normal(3), 2.0, options=FLOATS)
row("apply_over_axes", np.sum, normal(2, 3, 2), [0, 2], options=FLOATS)
row("apply_over_axes", np.mean, normal(2, 3), 1, options=FLOATS)

# -- writing: changed copies


def _put(np: Any, x: Any, v: Any) -> tuple:
    return (
        np.put(x, [0, -1, 3], v, inplace=False), np.put(x, [7, -9], v, mode="wrap", inplace=False),
        np.put(x, [7, -9], v, mode="clip", inplace=False), np.put(x, [0, 1, 2, 3, 4], v, inplace=False),
    )  # fmt: skip


def _other_writes(np: Any, x: Any, v: Any) -> tuple:
    mask = [[True, False, True], [False, True, True]]
    return (
        np.place(x, mask, v, inplace=False), np.putmask(x, mask, v, inplace=False), np.fill_diagonal(x, v[1], inplace=False),
        np.put_along_axis(x, [[1], [0]], v[:2, None], axis=1, inplace=False), np.put_along_axis(x, [4, 0], v[:2], axis=None, inplace=False),
    )  # fmt: skip


def _in_place(f: Any) -> Any:
    """The same calls, writing into copies."""

    class Writing:
        def __getattr__(self, name: str) -> Any:
            def call(x: Any, *args: Any, inplace: bool, **kwargs: Any) -> Any:
                out = np.array(x)
                args = [np.asarray(a) if isinstance(a, list) else a for a in args]
                getattr(np, name)(out, *args, **kwargs)
                return out

            return call

    return lambda *xs: f(Writing(), *xs)


_WRITES = FNP | FLOATS
row(_put, normal(2, 3), normal(3), name="put", target=np.put, options=_WRITES | {"reference": _in_place(_put)})
for _target in (np.place, np.putmask, np.fill_diagonal, np.put_along_axis):
    row(
        _other_writes, normal(2, 3), normal(3), name=f"{_target.__name__} and its kin", target=_target,
        options=_WRITES | {"reference": _in_place(_other_writes)},
    )  # fmt: skip
for _shape, _wrap in (((3, 3), False), ((5, 2), True), ((5, 2), False), ((3, 3, 3), False)):
    for _values in (normal(), normal(2)):
        _fill = lambda np, x, v, wrap=_wrap: np.fill_diagonal(x, v, wrap, inplace=False)
        row(
            _fill,
            normal(*_shape),
            _values,
            name=f"fill_diagonal, wrap={_wrap}",
            target=np.fill_diagonal,
            options=_WRITES | {"reference": _in_place(_fill)},
        )

# -- grids


row("arange", given(0.5), given(3.2), options=FNP | {"stageable": False, "grad": ("float64",)})
row("arange", given(3.0), options=FNP | NO_GRAD | {"stageable": False})
row("arange", 0.0, 1.0, given(0.3), options=FNP | FLOATS | {"stageable": False, "grad": ("float64",)})
row(lambda np, x: np.r_[x, 1.0, x[0], 0:3], normal(3), name="r_", options=FNP)
row(
    lambda np, x, y: (np.c_[x, y], np.c_[x, np.zeros((3, 2))], np.r_["0,2", x, y], np.r_["1,2,0", x, y]),
    normal(3),
    normal(3),
    name="c_",
    options=FNP,
)
row(lambda np, x: np.r_[x[0] : x[1] : 5j, x], given([0.5, 2.5]), name="r_", options=FNP | FLOATS | {"grad": ("float64",)})
row(lambda np, x: (np.mgrid[0 : x[0] : 3j, x[1] : 2 : 2j], *np.ogrid[0 : x[0] : 3j, 0:2]), normal(2), name="mgrid", options=FNP | {
    "values": ("float64",), "grad": ("float64",)})  # fmt: skip
row("ix_", integers(0, 4, 2), integers(0, 4, 3), options=NO_GRAD)
row("ix_", booleans(4), options=NO_GRAD | {"stageable": False})
for _order in ("C", "F"):
    row("ravel_multi_index", (integers(0, 2, 3), integers(0, 3, 3)), (2, 3), order=_order, options=NO_GRAD)
    row("unravel_index", integers(0, 24, 2, 3), (2, 3, 4), order=_order, options=NO_GRAD)
row("ravel_multi_index", (integers(-5, 9, 3), integers(-5, 9, 3)), (2, 3), mode=("wrap", "clip"), options=NO_GRAD)
for _name in ("tril_indices_from", "triu_indices_from"):
    row(_name, normal(3, 4), k=1, options=NO_GRAD)
row("diag_indices_from", normal(3, 3), options=NO_GRAD)
row("kaiser", 6, uniform(0.5, 4.0), options=FNP | FLOATS | {"grad": ("float64",), "rtol": 1e-7})
row("kaiser", 1, uniform(0.5, 4.0), options=FNP | NO_GRAD | FLOATS)

# -- questions, conversions, bits

for _name in ("isposinf", "isneginf"):
    row(_name, given([np.inf, -np.inf, np.nan, 1.0]), options=NO_GRAD | FLOATS)
    row(_name, normal(2, 3), options=NO_GRAD)
row("real_if_close", given([1.0, 2.0]), options=NO_GRAD | {"stageable": False})
row("real_if_close", normal(3), options=NO_GRAD | {"values": REAL})
row("asarray_chkfinite", normal(3), options=FNP | {"stageable": False})
row("require", normal(3), options=FNP)
row("require", normal(3), np.float32, options=FNP | {"values": REAL, "grad": ("float32",)})
for _order in ("big", "little"):
    for _axis in (None, 0, 1):
        row("packbits", booleans(3, 9), _axis, _order, options=NO_GRAD)
        row("unpackbits", integers(0, 256, 2, 3, dtype="uint8"), _axis, bitorder=_order, options=NO_GRAD)
row("packbits", integers(0, 2, 5), options=NO_GRAD)
for _count in (5, -3, 20):
    row("unpackbits", integers(0, 256, 2, dtype="uint8"), count=_count, options=NO_GRAD)

# -- repetition by traced counts

row(
    lambda np, x, n: (np.repeat(x, n, total_repeat_length=6), np.repeat(x, n, axis=0, total_repeat_length=3)), normal(3), given([2, 0, 3], "int64"),
    name="repeat to a length", target=np.repeat,
    options=FNP | FLOATS | {"reference": lambda x, n: (np.append(np.repeat(x, n), x[-1]), np.repeat(x, n)[:3])},
)  # fmt: skip
row("repeat", normal(3), given([2, 0, 3], "int64"), options=FNP | {"stageable": False})

# -- the dtypes that float64 rows do not reach

for _name, _draw in (
    ("exp", normal), ("log1p", positive), ("tanh", normal), ("sinc", unit), ("nan_to_num", normal), ("round", normal), ("sort", distinct),
    ("cumprod", normal), ("ptp", distinct), ("matmul", matrix),
):  # fmt: skip
    _args = [_draw(3, 3), _draw(3, 3)] if _name == "matmul" else [_draw(3, 3)]
    row(_name, *_args, name=f"half precision {_name}", options=NO_GRAD | {"values": ("float16",), "rtol": 5e-3})

# -- padding by reflection through the ends, spirals

for _mode in ("reflect", "symmetric"):
    for _widths in (1, (2, 3), (7, 9)):
        row("pad", normal(4), _widths, mode=_mode, reflect_type="odd", options={"values": NOT_BOOL})
    row("pad", normal(1, 3), 2, mode=_mode, reflect_type="odd", options={"values": NOT_BOOL})
row(
    "geomspace",
    given(1.0 + 1.0j, "complex128"),
    given(2.0 - 1.0j, "complex128"),
    5,
    options={"grad": ("complex128",), "values": ("complex128",)},
)
row("geomspace", given(-1.0), given(-8.0), 4, options=FLOATS | {"grad": ("float64",)})
