"""The vectorised mathematics: errors in units of the last place, special values, and that loops over it become vector code.

Three references: mpmath on hundreds of points per function, for the bounds of `BOUNDS`; on a million points the 80-bit functions of NumPy for float64
(those that NumPy lacks: SciPy, whose own error the bound then admits) and float64 for float32; and NumPy and SciPy for special values.
"""

from __future__ import annotations

import functools
import platform
import re
from collections.abc import Callable
from typing import Any

import long_reference
import mpmath as mp
import numpy as np
import pytest
import scipy.special
from numba import njit

from fgrad.kernels.intrinsics import fma, fmuladd, maximum, minimum, prefer_512, radd
from fgrad.kernels.vmath import FUNCTIONS

LONG = np.longdouble
HAS_LONG = np.finfo(LONG).nmant >= 63
F64, F32 = np.dtype(np.float64), np.dtype(np.float32)
BINARY = ("pow", "hypot", "arctan2")
GAMMA = {"lgamma": long_reference.lgamma, "digamma": long_reference.digamma}
DIGITS = {
    **dict.fromkeys(("sin", "cos", "tan", "log1p", "expm1"), 360),
    **dict.fromkeys(GAMMA, 80),
}  # of mpmath, where more than 40 are needed

BOUNDS = {  # the largest error in ulps: float64, float32
    "exp": (1.1, 1.1), "exp2": (1.2, 1.1), "expm1": (2.3, 2.0), "sigmoid": (2.5, 2.5),
    "log": (0.9, 0.9), "log1p": (1.5, 1.5), "log2": (1.6, 1.6), "log10": (2.0, 2.1),
    "sin": (0.9, 0.9), "cos": (0.9, 0.9), "tan": (2.3, 2.3),
    "arcsin": (1.8, 1.8), "arccos": (1.4, 1.4), "arctan": (2.0, 2.0), "arctan2": (2.1, 2.1),
    "sinh": (2.0, 1.9), "cosh": (1.8, 1.8), "tanh": (2.5, 2.5), "arcsinh": (1.7, 1.7), "arccosh": (1.7, 1.7), "arctanh": (1.7, 1.7),
    "erf": (2.1, 1.5), "erfc": (2.0, 2.0), "lgamma": (2.4, 2.4), "digamma": (2.3, 2.3),
    "pow": (1.9, 0.6), "cbrt": (0.8, 0.6), "hypot": (1.0, 1.1),
}  # fmt: skip

SCIPY = {"sigmoid": "expit", "lgamma": "gammaln"}
LONG_FORMULA: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: np.where(x < 0, np.exp(-abs(x)), 1) / (1 + np.exp(-abs(x))),
    "erfc": long_reference.erfc,
}
EXACT: dict[str, Callable[..., Any]] = {
    "exp2": lambda x: mp.power(2, x), "sigmoid": lambda x: 1 / (1 + mp.exp(-x)), "log2": lambda x: mp.log(x) / mp.log(2),
    "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arctan2": mp.atan2, "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh,
    "pow": mp.power, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "lgamma": lambda x: mp.loggamma(x) if x > 0 else mp.log(mp.pi / abs(x * mp.sinpi(x))) - mp.loggamma(-x),
    "digamma": lambda x: mp.digamma(x) if x > 0 else mp.digamma(1 - x) - mp.pi * mp.cospi(x) / mp.sinpi(x),
}  # fmt: skip
DOMAIN = {  # where the functions are real and no special value
    "log": (0, np.inf), "log2": (0, np.inf), "log10": (0, np.inf), "log1p": (-1, np.inf), "arcsin": (-1, 1), "arccos": (-1, 1), "arctanh": (-1, 1),
    "arccosh": (1, np.inf),
}  # fmt: skip
CASES = [pytest.param(name, dtype, id=f"{name}-{dtype}") for name in FUNCTIONS for dtype in (F64, F32)]


@functools.cache
def loop(name: str, dtype: np.dtype) -> Any:
    f = FUNCTIONS[name][dtype]
    if name in BINARY:

        @njit(error_model="numpy")
        def run(x, y, out):
            prefer_512()
            for i in range(x.size):
                out[i] = f(x[i], y[i])

    else:

        @njit(error_model="numpy")
        def run(x, out):
            prefer_512()
            for i in range(x.size):
                out[i] = f(x[i])

    return run


def ours(name: str, *xs: np.ndarray) -> np.ndarray:
    out = np.empty_like(xs[0])
    loop(name, xs[0].dtype)(*xs, out)
    return out


def library(name: str) -> Callable[..., Any]:
    """NumPy's or SciPy's function."""
    return getattr(np, "power" if name == "pow" else name, None) or getattr(scipy.special, SCIPY.get(name, name))


def specials(dtype: np.dtype) -> np.ndarray:
    info = np.finfo(dtype)
    middle = [0.5, 1.0, 2.0, 3.0, 2.5, 10.0, 100.0, 1000.0, 2.0**53 - 1, 2.0**24 + 2, 1e16]
    ends = [0.0, info.smallest_subnormal, info.smallest_normal, info.eps, info.max, np.inf]
    positive = np.array([*middle, *ends], dtype)
    return np.concatenate([positive, -positive, np.array([np.nan], dtype)])


def neighbours(x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.concatenate([x, np.nextafter(x, x.dtype.type(np.inf)), np.nextafter(x, x.dtype.type(-np.inf))])


def spread(dtype: np.dtype, n: int, rng: np.random.Generator) -> np.ndarray:
    """Points over all bit patterns, over the sizes that occur, near 1, and specials with their neighbours."""
    bits = rng.integers(0, 2 ** (8 * dtype.itemsize), n // 3, dtype=f"u{dtype.itemsize}").view(dtype)
    sizes = rng.normal(size=n // 2) * 10.0 ** rng.uniform(-3, 3, n // 2)
    near = 1 + rng.normal(size=n - n // 3 - n // 2) * 10.0 ** rng.uniform(-8, 0, n - n // 3 - n // 2)
    return np.concatenate(
        [bits, sizes.astype(dtype), (near * rng.choice([1, 1, -1, 2, np.pi / 2], near.size)).astype(dtype), neighbours(specials(dtype))]
    )


def operands(name: str, dtype: np.dtype, n: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(len(name))
    x = spread(dtype, n, rng)
    with np.errstate(all="ignore"):
        if name == "arccosh":
            x = np.abs(x) + (np.abs(x) < 1).astype(dtype)
        elif name in ("arcsin", "arccos", "arctanh"):
            x = np.where((np.abs(x) > 1) & (rng.uniform(size=x.size) < 0.9), 1 / x, x)
    if name not in BINARY:
        return (x,)
    y = rng.permutation(spread(dtype, n, rng))
    half = x.size // 2  # half of the pairs meet where the result is interesting
    with np.errstate(all="ignore"):
        if name == "pow":
            x[:half] = np.abs(x[:half])
            y[:half] = rng.uniform(-1.02, 1.02, half) * (745 if dtype == F64 else 104) / np.log(x[:half].astype(np.float64))
        else:
            y[:half] = x[:half] * rng.normal(size=half).astype(dtype)
    return x, y


def in_ulps(found: np.ndarray, exact: np.ndarray, lost: Any = 0) -> np.ndarray:
    """The error, less what the exact value has lost, in units of the last place; 0 where both are the same special value."""
    dtype, info = found.dtype, np.finfo(found.dtype)
    with np.errstate(all="ignore"):
        rounded = exact.astype(dtype)
        size = np.clip(np.abs(exact), info.smallest_normal, info.max)
        unit = np.ldexp(exact.dtype.type(1), np.frexp(size)[1] - 1 - info.nmant)
        error = np.maximum(np.abs(found.astype(exact.dtype) - exact) - lost, 0) / unit
    same = (np.isnan(found) & np.isnan(rounded)) | ((found == rounded) & ~np.isfinite(rounded))
    return np.where(same, 0, np.where(np.isfinite(error), error, np.inf)).astype(np.float64)


def assert_below(errors: np.ndarray, bound: float, xs: tuple[np.ndarray, ...], found: np.ndarray, exact: np.ndarray) -> None:
    worst = int(np.argmax(errors))
    at = ", ".join(repr(x[worst]) for x in xs)
    assert errors[worst] <= bound, f"{errors[worst]:.2f} ulps at {at}: {found[worst]!r}, not {exact[worst]!r}"


def exact_value(name: str, *xs: Any) -> Any:
    """mpmath's function."""
    return (EXACT.get(name) or getattr(mp, name))(*xs)


def check_hard_points(name: str, dtype: np.dtype) -> None:
    """Against mpmath, on a subset of the points."""
    xs = operands(name, dtype, 10_000 if name in (*GAMMA, "erf", "erfc") else 900)
    low, high = DOMAIN.get(name, (-np.inf, np.inf))
    kept = np.logical_and.reduce([np.isfinite(x) & (np.abs(x) > 0) for x in xs]) & (xs[0] > low) & (xs[0] < high)
    if name == "pow":
        kept &= xs[0] > 0
        with np.errstate(all="ignore"):
            kept &= np.abs(xs[1].astype(np.float64) * np.log(xs[0].astype(np.float64))) < 1000
    elif name in ("exp", "exp2", "expm1", "sinh", "cosh", "sigmoid", "erf", "erfc", "tanh"):
        kept &= np.abs(xs[0]) < 1500
    elif name in GAMMA:
        kept &= xs[0] < np.finfo(dtype).max / 1e4
        kept[kept] &= (xs[0][kept] > 0) | (xs[0][kept] != np.rint(xs[0][kept]))
    xs = tuple(x[kept] for x in xs)
    digits = 40 if dtype == F64 else 30
    with mp.workdps(max(digits, DIGITS.get(name, digits))):
        values = [exact_value(name, *(mp.mpf(float(v)) for v in at)) for at in zip(*xs, strict=True)]
    found = ours(name, *xs)
    bound = BOUNDS[name][dtype == F32]
    # The distance is taken in mpmath: the reference may lie outside the range of a NumPy type.
    info = np.finfo(dtype)
    unit_bits = info.nmant
    for k, (value, y) in enumerate(zip(values, found, strict=True)):
        at = ", ".join(repr(x[k]) for x in xs)
        if abs(value) > float(info.max):
            assert abs(y) >= info.max, f"{y!r} at {at}, not {mp.nstr(value)}"
            continue
        exponent = max(mp.frexp(value)[1] - 1, int(info.minexp)) - unit_bits
        error = abs(mp.mpf(float(y)) - value) if np.isfinite(y) else mp.inf
        floor = 2.0**-62 if name == "digamma" and xs[0][k] < -18.5 else 0.0  # near the zeros far out: see `vmath_gamma_negative`
        ulps = float((error - floor) / mp.ldexp(1, exponent))
        assert ulps <= bound, f"{ulps:.2f} ulps at {at}: {y!r}, not {mp.nstr(value, 20)}"


def check_many_points(name: str, dtype: np.dtype) -> None:
    xs = operands(name, dtype, 1_000_000)
    found = ours(name, *xs)
    wide = F64.type if dtype == F32 else LONG
    bound = BOUNDS[name][dtype == F32]
    if name in GAMMA:
        check_many_points_of_gamma(name, xs[0], found, bound)
        return
    in_scipy = not hasattr(np, "power" if name == "pow" else name) and name not in LONG_FORMULA
    with np.errstate(all="ignore"):
        if in_scipy:
            exact = library(name)(xs[0].astype(np.float64))
            kept = (np.abs(exact) > 1e-300) & (xs[0] != 0) & np.isfinite(exact)
            bound += 16 if dtype == F64 else 0  # SciPy's own errors
        else:
            exact = (LONG_FORMULA.get(name) or library(name))(*(x.astype(wide) for x in xs))
            kept = np.ones(xs[0].shape, bool)
        bound += 0.02  # the reference's own rounding
    assert_below(in_ulps(found[kept], exact[kept]), bound, tuple(x[kept] for x in xs), found[kept], exact[kept])


def check_many_points_of_gamma(name: str, x: np.ndarray, found: np.ndarray, bound: float) -> None:
    kept = np.abs(x) < np.finfo(x.dtype).max / 1e4
    kept[kept] &= (x[kept] > 0) | (x[kept] != np.rint(x[kept]))
    x, found = x[kept], found[kept]
    with np.errstate(all="ignore"):
        exact, largest = GAMMA[name](x)
    lost = np.where(x < 0, largest * 2.0**-61, 0)  # by the reference, whose terms cancel near the zeros
    assert_below(in_ulps(found, exact, lost), bound, (x,), found, exact)


def check_special_values(name: str, dtype: np.dtype) -> None:
    """NaNs, infinities and signed zeros are those of NumPy and SciPy."""
    x = specials(dtype)
    if name == "lgamma":  # SciPy's is infinite at subnormal numbers
        x = x[(x == 0) | ~(np.abs(x) < np.finfo(dtype).smallest_normal)]
    xs = tuple(v.ravel() for v in np.meshgrid(x, x)) if name in BINARY else (x,)
    found = ours(name, *xs)
    with np.errstate(all="ignore"):
        wanted = library(name)(*xs) if name != "sigmoid" else LONG_FORMULA[name](xs[0])
    for is_so in (np.isnan, np.isinf, lambda v: v == 0):
        if name == "erfc" and is_so is not np.isnan:  # SciPy's vanishes before the smallest number is reached
            continue
        different = is_so(found) != is_so(wanted)
        assert not different.any(), f"at {[v[different] for v in xs]}: {found[different]}, not {wanted[different]}"
    different = (np.signbit(found) != np.signbit(wanted)) & ~np.isnan(found) & ((found == 0) | np.isinf(found))
    assert not different.any(), f"at {[v[different] for v in xs]}: {found[different]}, not {wanted[different]}"


def check_vector_code(name: str, dtype: np.dtype) -> None:
    code = next(iter(loop(name, dtype).inspect_asm().values()))
    machine = platform.machine().lower()
    if machine in ("x86_64", "amd64"):
        wide = r"[yz]mm" if "ymm" in code or "zmm" in code else "xmm"
        assert re.search(rf"\bv?(mul|add|fmadd\d*|fmsub\d*|fnmadd\d*)p[sd]\s.*%{wide}", code), "no packed arithmetic"
    elif machine in ("aarch64", "arm64"):
        assert re.search(r"\bf(mla|mul|add)(\.(2d|4s)|\s+v\d+\.(2d|4s)|\s+z\d+\.)", code), "no packed arithmetic"


@pytest.mark.parametrize("name, dtype", CASES)
def test_function(name, dtype):
    check_special_values(name, dtype)
    check_vector_code(name, dtype)
    check_hard_points(name, dtype)
    if dtype == F32 or HAS_LONG:
        check_many_points(name, dtype)


def test_every_function_has_a_bound():
    assert set(BOUNDS) == set(FUNCTIONS)


@pytest.mark.parametrize("dtype", (F64, F32), ids=str)
def test_empty_and_single_elements(dtype):
    assert ours("exp", np.empty(0, dtype)).size == 0
    for n in range(1, 40):  # all remainders of the vector loops
        x = np.linspace(-3, 3, n, dtype=dtype)
        np.testing.assert_array_almost_equal_nulp(ours("sin", x), np.sin(x), 2)


def test_huge_arguments_beside_small_ones(rng):
    """One lane that leaves the vector code does not disturb the others."""
    x = rng.uniform(-10, 10, 1000)
    x[::37] = 10.0 ** rng.uniform(14, 308, x[::37].size)
    for name in ("sin", "cos", "tan"):
        alone = np.concatenate([ours(name, x[i : i + 1]) for i in range(x.size)])
        np.testing.assert_array_equal(ours(name, x), alone)


def test_fused_loop_with_huge_arguments_stays_vector_code():
    sin, cos, exp = (FUNCTIONS[name][F64] for name in ("sin", "cos", "exp"))

    @njit(error_model="numpy")
    def fused(x, out):
        prefer_512()
        total = 0.0
        for i in range(x.size):
            y = sin(x[i]) * cos(x[i] * 3.0) + sin(exp(-x[i]))
            out[i] = y
            total = radd(total, y)
        return total

    x = np.linspace(0, 20, 1003)
    x[5] = 1e300
    out = np.empty_like(x)
    total = fused(x, out)
    expected = np.sin(x) * np.cos(x * 3.0) + np.sin(np.exp(-x))
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(total, expected.sum(), rtol=1e-12)
    if platform.machine().lower() in ("x86_64", "amd64"):
        assert re.search(r"v?(mul|fmadd\d*)pd\s", next(iter(fused.inspect_asm().values())))


def test_exact_values():
    k = np.arange(-1074, 1024.0)
    np.testing.assert_array_equal(ours("exp2", k), np.ldexp(1.0, k.astype(int)))
    np.testing.assert_array_equal(ours("log2", np.ldexp(1.0, k.astype(int))), k)
    np.testing.assert_array_equal(ours("cbrt", np.arange(200.0) ** 3), np.arange(200.0))


def test_intrinsics_take_the_type_of_the_first_operand():
    @njit
    def f(x):
        return fma(x, 0.5, 1.0), fmuladd(x, 0.5, 1.0), maximum(x, 2.0), minimum(x, 2.0), radd(x, 1.0)

    for kind, name in ((np.float32, "float32"), (np.float64, "float64")):
        assert f(kind(3)) == (2.5, 2.5, 3.0, 2.0, 4.0)
        assert all(np.isnan(v) for v in f(kind(np.nan)))
        assert str(f.nopython_signatures[-1].return_type) == f"UniTuple({name} x 5)"
