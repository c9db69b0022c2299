"""Rows of the ufuncs, and of NumPy's other functions on entries."""

from __future__ import annotations

import numpy as np

from cases.table import FLOATING, REAL, booleans, given, integers, normal, positive, row, uniform, unit

COMPLEX = {"grad": ("float64", "float32", "complex128")}
NO_GRAD = {"grad": ()}

# -- one operand: a matrix, a number, and nothing

_ANALYTIC = {
    "negative": normal, "positive": normal, "square": normal, "sqrt": positive, "reciprocal": positive, "exp": normal, "exp2": normal,
    "expm1": normal,
    "log": positive, "log2": positive, "log10": positive, "log1p": positive, "sin": normal, "cos": normal, "tan": unit, "arcsin": unit,
    "arccos": unit, "arctan": unit, "sinh": normal, "cosh": normal, "tanh": normal, "arcsinh": unit, "arctanh": unit,
    "conjugate": normal, "absolute": normal, "sign": normal,
}  # fmt: skip
_REAL = {
    "fabs": normal, "cbrt": positive, "deg2rad": normal, "rad2deg": normal, "radians": normal, "degrees": normal, "floor": normal,
    "ceil": normal,
    "trunc": normal, "rint": normal,
}  # fmt: skip
for _table, _options in ((_ANALYTIC, COMPLEX), (_REAL, {"values": REAL})):
    for _name, _draw in _table.items():
        for _shape in ((2, 3), (), (0, 2)):
            row(_name, _draw(*_shape), options=_options)
row("arccosh", uniform(1.3, 3.0, 2, 3), options=COMPLEX)
row("arccosh", uniform(1.3, 3.0))
row("cbrt", uniform(-2.0, -1.0, 3), options={"values": FLOATING})
for _name in ("isnan", "isinf", "isfinite", "signbit", "logical_not", "spacing"):
    row(_name, normal(2, 3), options=NO_GRAD | ({"values": REAL} if _name in ("signbit", "spacing") else {}))
row("isnan", given([np.nan, 1.0, np.inf]), options=NO_GRAD | {"values": FLOATING})
row("modf", normal(2, 3))
row("frexp", normal(2, 3))
row("invert", integers(-5, 5, 3), options=NO_GRAD)
row("invert", booleans(3), options=NO_GRAD)
row("bitwise_count", integers(-5, 50, 3), options=NO_GRAD)

# -- two operands: equal shapes, broadcast both ways, numbers of Python and of NumPy, an empty array

_BINARY = {
    "add": (normal, normal, COMPLEX), "subtract": (normal, normal, COMPLEX), "multiply": (normal, normal, COMPLEX),
    "true_divide": (normal, positive, COMPLEX), "power": (positive, normal, COMPLEX | {"values": (*FLOATING, "complex128", "complex64")}),
    "float_power": (positive, normal, {}), "maximum": (normal, normal, {"values": REAL}), "minimum": (normal, normal, {"values": REAL}),
    "fmax": (normal, normal, {"values": REAL}), "fmin": (normal, normal, {"values": REAL}), "arctan2": (normal, normal, {}),
    "hypot": (normal, normal, {}), "logaddexp": (normal, normal, {}), "logaddexp2": (normal, normal, {}), "copysign": (normal, normal, {}),
    "remainder": (normal, positive, {"values": REAL[:4]}), "fmod": (normal, positive, {"values": REAL[:4]}),
    "floor_divide": (normal, positive, NO_GRAD | {"values": REAL[:4]}), "heaviside": (normal, normal, {}),
    "divmod": (normal, positive, {"values": REAL[:4], "grad": ("float64",)}), "nextafter": (normal, normal, NO_GRAD),
}  # fmt: skip
for _name, (_first, _second, _options) in _BINARY.items():
    for _a, _b in (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (3,)), ((3,), ()), ((0, 2), (2,))):
        row(_name, _first(*_a), _second(*_b), options=_options)
    row(_name, _first(2, 3), 1.7, options=_options)
    row(_name, 1.7, _second(2, 3), options=_options)
    row(_name, _first(2, 3), 2, options=_options)
    row(_name, _first(3), np.float64(1.3), options=_options)
    row(_name, _first(2, 3), np.array([0.6, 1.6, 0.9]), options=_options)
    row(_name, [1.5, 0.5], _second(2), options=_options)
for _n in (-2, -1, 0, 1, 2, 3, 5):
    row("power", uniform(-2.0, -0.5, 2, 3), _n, options={"values": (*FLOATING, "complex128"), "grad": ("float64", "float32", "complex128")})
row("power", given([0.0, 1.5]), given([0.0, 2.0]), options=NO_GRAD)
for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor"):
    row(_name, normal(2, 3), normal(3), options=NO_GRAD)
    row(_name, normal(2, 3), 0.5, options=NO_GRAD)
row("equal", given([1.0, 2.0, np.nan]), given([1.0, 3.0, np.nan]), options=NO_GRAD | {"values": FLOATING})
row("less", integers(0, 9, 4, dtype="uint8"), 300, options=NO_GRAD)
row("greater", -1, integers(0, 9, 4, dtype="uint8"), options=NO_GRAD)
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    row(_name, integers(0, 9, 2, 3), integers(0, 9, 3), options=NO_GRAD)
    row(_name, booleans(3), booleans(2, 3), options=NO_GRAD)
for _name in ("left_shift", "right_shift"):
    row(_name, integers(0, 99, 2, 3), integers(0, 4, 3), options=NO_GRAD)
for _name in ("gcd", "lcm"):
    row(_name, integers(1, 40, 2, 3), integers(1, 40, 3), options=NO_GRAD)
row("ldexp", normal(2, 3), integers(-2, 3, 3))
row("ldexp", normal(3), 2)
for _dtype in (np.float32, np.complex128):
    row(
        "add",
        normal(3),
        normal(3),
        dtype=_dtype,
        options={"values": ("float64", "float32"), "grad": ("float64",) if _dtype is np.complex128 else ("float32",)},
    )

# -- operators

_OPERATORS = {
    "operators": lambda np, x, y: (x + y, x - y, x * y, x / y, -x, +x, abs(x), x**2, x**y, x**-1, x % y),
    "reflected operators": lambda np, x, y: (1.5 + x, 1.5 - x, 2 * x, 2 / x, 2**y, 2.5 % x, np.array([1.0, 2.0]) * x, np.float64(2.0) - y),
}
for _name, _f in _OPERATORS.items():
    row(_f, positive(3, 2), positive(3, 2), name=_name, options={"values": FLOATING})
row(
    lambda np, x, y: (x < y, x <= y, x > y, x >= y, x == y, x != y, x < 1, x <= 0.5),
    normal(3),
    normal(3),
    name="comparisons",
    options=NO_GRAD,
)
row(
    lambda np, x, y: (x & y, x | y, x ^ y, ~x, x << y, x >> y, x // (y + 1), divmod(x, y + 1), 3 & x, 1 << y),
    integers(0, 9, 3), integers(0, 4, 3), name="integer operators", options=NO_GRAD,
)  # fmt: skip

# -- functions that are not ufuncs

for _name in ("real", "imag", "angle"):
    row(_name, normal(2, 3), options=COMPLEX)
    row(_name, normal(), options=COMPLEX)
row("angle", normal(3), deg=True, options=COMPLEX)
row("isreal", normal(3), options=NO_GRAD)
row("iscomplex", normal(3), options=NO_GRAD)
row("round", normal(2, 3), options={"values": FLOATING})
row("round", normal(2, 3), 2, options={"values": FLOATING, "grad": ("float64",)})
row("around", normal(2, 3), options={"values": FLOATING})
row("fix", normal(2, 3), options={"values": FLOATING})
row("sinc", normal(2, 3), options={"values": REAL})
row("sinc", given([0.0, 0.5, -1.0, 1e-3]), options={"values": FLOATING})
row("i0", normal(2, 3), options={"values": FLOATING, "rtol": 1e-7})
row("nan_to_num", given([0.5, np.nan, np.inf, -np.inf]), options=NO_GRAD | {"values": FLOATING})
row("nan_to_num", given([0.5, np.nan, np.inf, -np.inf]), nan=1.0, posinf=2.0, neginf=-2.0, options=NO_GRAD | {"values": FLOATING})
row("nan_to_num", normal(2, 3))
row("unwrap", given([0.0, 3.0, 6.5, 9.0, 1.0, -4.0]), options={"values": FLOATING})
row("unwrap", uniform(-9.0, 9.0, 2, 5), axis=0, options={"values": FLOATING})
for _name in ("isclose", "allclose"):
    row(_name, normal(3), normal(3), options=NO_GRAD)
    row(_name, given([1.0, np.nan]), given([1.0 + 1e-9, np.nan]), equal_nan=True, options=NO_GRAD | {"values": FLOATING})
for _name in ("array_equal", "array_equiv"):
    row(_name, normal(3), normal(3), options=NO_GRAD)
    row(_name, given([1.0, 2.0]), given([1.0, 2.0]), options=NO_GRAD)
    row(_name, normal(3), normal(2, 3), options=NO_GRAD)
row("diff", normal(5))
row("diff", normal(3, 4), axis=0, n=2)
row(lambda np, x, a: np.diff(x, prepend=0.0, append=a), normal(3, 4), normal(3, 1), name="diff between ends", options={"values": FLOATING})
row("ediff1d", normal(5), options={"values": FLOATING})
row("ediff1d", normal(2, 3), normal(2), normal(1), options={"values": FLOATING})
row("trapezoid", normal(5), options={"values": FLOATING})
row("trapezoid", normal(3, 5), normal(5), options={"values": FLOATING})
row("trapezoid", normal(3, 5), dx=0.5, axis=0, options={"values": FLOATING})
row("gradient", normal(5), options={"values": FLOATING})
row("gradient", normal(4, 5), 0.5, axis=1, edge_order=2, options={"values": FLOATING})
row("gradient", normal(4, 5), options={"values": FLOATING})
row("polyval", normal(4), normal(3))
row("polyval", [1.0, 2.0, 0.5], normal(2, 3))
