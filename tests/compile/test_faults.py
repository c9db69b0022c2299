"""What goes wrong at run time in compiled programs goes wrong as in NumPy: indices out of range, integers that overflow, divisions by zero, NaN and
infinities. And debug_nans."""

from __future__ import annotations

import functools
import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import cond, fori_loop, grad, jit, scan, vmap, while_loop

X = np.arange(12.0).reshape(3, 4)
at = fnp.at
I = np.array  # noqa: E741


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice encountered")
        yield


# -- indices

# what is done, with NumPy's own form where it has another; operands
OUT_OF_RANGE: dict[str, tuple[Callable, Callable | None, tuple]] = {
    "an array": (lambda x, i: x[i], None, (X, I([0, 3]))),
    "negative": (lambda x, i: x[i], None, (X, I([0, -4]))),
    "one number": (lambda x, i: x[i], None, (X, np.int64(3))),
    "a small integer": (lambda x, i: x[i], None, (X, I([-128], "i1"))),
    "far out": (lambda x, i: x[i], None, (X, I([2**62, 1]))),
    "farther out": (lambda x, i: x[i], None, (X, I([-(2**63)]))),
    "the second axis": (lambda x, i, j: x[i, j], None, (X, I([0, 1]), I([1, 4]))),
    "both axes": (lambda x, i, j: x[i, j], None, (X, I([0, 3]), I([1, 4]))),
    "of nothing": (lambda x, i: x[i], None, (np.zeros((0, 4)), I([0]))),
    "of rows of nothing": (lambda x, i: x[i], None, (np.zeros((2, 0)), I([1, 2]))),
    "of integers": (lambda x, i: x[i], None, (X.astype("i2"), I([7]))),
    "of complex numbers": (lambda x, i: x[i], None, (X * 1j, I([7]))),
    "take": (lambda x, i: np.take(x, i), None, (X, I([[0], [12]]))),
    "take_along_axis": (lambda x, i: np.take_along_axis(x, i, 1), None, (X, I([[0], [1], [4]]))),
    "computed": (lambda x, i: np.sin(x)[i * 2 + 1] * 2, None, (X, I([0, 1]))),
    "add": (lambda x, i: at(x)[i].add(1.0), lambda x, i: np.add.at(x.copy(), i, 1.0), (X, I([2, 5]))),
    "set": (lambda x, i: at(x)[i].set(x[0]), lambda x, i: x.copy().__setitem__(i, x[0]), (X, I([-5, 0]))),
    "max": (lambda x, i: at(x)[i].max(0.0), lambda x, i: np.maximum.at(x.copy(), i, 0.0), (X, I([3]))),
    "in a gradient": (grad(lambda x, i: np.sum(np.square(x[i]))), lambda x, i: x[i], (X, I([5]))),
    "in a batch": (vmap(lambda x, i: x[i], (None, 0)), lambda x, i: x[i], (X, I([1, 5]))),
    "in a branch": (lambda x, i: cond(i > 2, lambda: x[i], lambda: x[0]), lambda x, i: x[i], (X, np.int64(9))),
    "in a scan": (lambda x: scan(lambda c, i: (c + x[i], c), X[0], np.arange(5)), lambda x: x[3], (X,)),
    "in a loop": (lambda x, n: fori_loop(0, n, lambda i, c: c + x[i], X[0]), lambda x, n: x[3], (X, np.int64(7))),
    "in a while loop": (lambda x: while_loop(lambda c: c[0] < 9, lambda c: (c[0] + 1, c[1] + x[c[0]]), (0, X[0]))[1], lambda x: x[3], (X,)),
    "in the gradient of a loop": (
        grad(lambda x: np.sum(while_loop(lambda c: c[0] < 9, lambda c: (c[0] + 1, c[1] * x[c[0]]), (0, X[0]))[1])),
        lambda x: x[3],
        (X,),
    ),
}


@pytest.mark.parametrize("name", OUT_OF_RANGE)
def test_an_index_out_of_range(name):
    """IndexError in NumPy's words, with the line; then the program goes on serving."""
    f, plain, operands = OUT_OF_RANGE[name]
    with pytest.raises(IndexError) as numpys:
        (plain or f)(*operands)
    run = jit(f)
    for _ in range(3):  # the first call, and the quick way of later ones
        with pytest.raises(IndexError) as ours:
            run(*operands)
        assert str(ours.value) == str(numpys.value)
        assert any("test_faults.py" in note for note in ours.value.__notes__)


def test_programs_go_on_after_an_error():
    f = jit(lambda x, i: x[i] + np.sin(x[0]))
    for i in ([0, 1], [0, 3], [2, -3], [-4], [1, 1]):
        indices = I(i)
        if all(-3 <= k < 3 for k in i):
            np.testing.assert_allclose(f(X, indices), X[indices] + np.sin(X[0]), rtol=1e-15)
        else:
            with pytest.raises(IndexError):
                f(X, indices)


def test_negative_indices():
    f = jit(lambda x, i, j: (x[i], x[i, j], at(x)[i, j].add(1.0), at(x)[i].set(0.0), np.take(x, j, axis=1)))
    i, j = I([-1, 0, -3], "i1"), I([-4, 3, -1], "i4")
    want = X.copy(), X.copy()
    np.add.at(want[0], (i, j), 1.0)
    want[1][i] = 0.0
    for got, w in zip(f(X, i, j), (X[i], X[i, j], *want, np.take(X, j, axis=1)), strict=True):
        np.testing.assert_array_equal(got, w)


def test_unsigned_indices_wrap_as_numpys():
    i = I([2**64 - 1, 1], "u8")
    np.testing.assert_array_equal(jit(lambda x, i: x[i])(X, i), X[i])


def test_no_error_where_nothing_is_read():
    """In a branch that is not taken, for lanes that do not take it, in steps that are not done, for no indices at all."""
    read = lambda p, x, i: cond(p, lambda: x[i], lambda: x[0])
    np.testing.assert_array_equal(jit(read)(False, X, 9), X[0])
    lanes = jit(vmap(read, (0, None, 0)))(I([True, False, True]), X, I([1, 99, 2]))
    np.testing.assert_array_equal(lanes, X[[1, 0, 2]])
    slopes = jit(vmap(grad(lambda x, p, i: np.sum(read(p, x, i))), (None, 0, 0)))(X, I([True, False]), I([1, 99]))
    np.testing.assert_array_equal(slopes[:, :2, 0], [[0.0, 1.0], [1.0, 0.0]])
    loop = jit(lambda x, n: fori_loop(0, n, lambda i, c: c + x[i + 7], 0.0))
    assert loop(np.arange(3.0), 0) == 0.0
    np.testing.assert_array_equal(jit(lambda x, i: x[i])(np.zeros((0, 2)), np.zeros(0, int)), np.zeros((0, 2)))
    np.testing.assert_array_equal(jit(lambda x, i: at(x)[i].add(1.0))(np.zeros((0, 2)), np.zeros(0, int)), np.zeros((0, 2)))


def test_clipped_and_wrapped():
    for mode in ("clip", "wrap"):
        i = I([-9, -1, 2, 7])
        take = functools.partial(np.take, axis=0, mode=mode)
        np.testing.assert_array_equal(jit(take)(X, i), take(X, i))


def test_a_failed_loop_gives_its_memory_back():
    """The tapes of a loop that ends with an error are freed."""
    pytest.importorskip("resource")
    x = np.full(20_000, 0.5)

    def f(x, table):
        body = lambda c: (c[0] + 1, np.sin(c[1]) * c[1] + table[c[0]])
        return np.sum(while_loop(lambda c: c[0] < 50, body, (0, x))[1])

    run = jit(grad(f))
    run(x, np.ones(50))
    before = _resident()
    for _ in range(40):
        with pytest.raises(IndexError, match="index 30 is out of bounds for axis 0 with size 30"):
            run(x, np.ones(30))  # 30 steps of 160 kB a residual: about 5 MB
    assert _resident() - before < 40_000_000


def _resident() -> int:
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        pytest.skip("no /proc")


MEMORY = """
import resource
import numpy as np
from fgrad import grad, jit, scan, while_loop

x = np.full(100_000, 0.5)
body = lambda c: (c[0] + 1, np.sin(c[1]) * c[1])
tapes = jit(grad(lambda x, n: np.sum(while_loop(lambda c: c[0] < n, body, (0, x))[1])))
stacked = jit(lambda x: scan(lambda c, _: (np.sin(c), c * 2), x, None, length=2000)[1])
scratch = jit(lambda x: np.sum(np.outer(x, x) @ np.outer(x, x)))
want = tapes(x, 3)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 400_000_000,) * 2)
for run in (lambda: tapes(x, 1000), lambda: stacked(x), lambda: scratch(np.ones(10_000))):
    try:
        run()
    except MemoryError:
        continue
    raise AssertionError("there was memory")
np.testing.assert_array_equal(tapes(x, 3), want)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="limits of memory are those of Linux")
def test_out_of_memory():
    """For tapes, results and scratch memory: MemoryError, and the process goes on."""
    subprocess.run([sys.executable, "-c", MEMORY], env={**os.environ, "FGRAD_COMPILE": "1"}, check=True, timeout=120)


# -- integers

INTEGERS = [np.dtype(c) for c in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]]
INTEGER_OPERATIONS: dict[str, Callable] = {
    "arithmetic": lambda x, y: (x + y, x - y, x * y, -x, abs(x), x * x, x**2, x**3, np.square(x), np.sign(x), np.positive(x)),
    "division": lambda x, y: (x // y, x % y, np.fmod(x, y), np.divmod(x, y), x / y, np.floor_divide(y, x), np.remainder(y, x)),
    "bits": lambda x, y: (
        x & y,
        x | y,
        x ^ y,
        ~x,
        x << y,
        x >> y,
        np.left_shift(x, abs(y) % 80),
        np.right_shift(x, abs(y) % 80),
        np.bitwise_count(x),
    ),
    "order": lambda x, y: (
        x < y,
        x >= y,
        x == y,
        np.maximum(x, y),
        np.minimum(x, y),
        np.fmax(x, y),
        np.clip(x, 1, 9),
        np.gcd(x, y),
        np.lcm(x, y),
    ),
    "reductions": lambda x, y: (
        np.sum(x, dtype=x.dtype),
        np.prod(x, dtype=x.dtype),
        np.max(x),
        np.min(x),
        np.sum(x),
        np.cumsum(x, dtype=x.dtype),
        np.cumprod(x, dtype=x.dtype),
        np.argmax(x),
        np.argmin(x),
        np.any(x),
        np.all(x),
        np.dot(x, y),
        np.mean(x),
        np.maximum.accumulate(x),
        np.minimum.accumulate(x),
        np.sort(x),
        np.bitwise_or.reduce(x & y),
    ),
    "conversions": lambda x, y: tuple(x.astype(d) for d in [*INTEGERS, "f4", "f8", "?", "c8", "c16"]),
}


def ends(dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of the ends of a dtype, numbers near zero, and some between."""
    info = np.iinfo(dtype)
    values = {
        info.min,
        info.min + 1,
        info.max,
        info.max - 1,
        info.max // 2 + 1,
        0,
        1,
        2,
        3,
        7,
        8,
        31,
        63,
        64,
        info.min // 2,
        -1,
        -2,
        -3,
        -7,
    }
    kept = [v for v in sorted(values) if info.min <= v <= info.max]
    x, y = (np.array(v, dtype) for v in zip(*itertools.product(kept, kept), strict=True))
    return x, y


def flat(results: Any) -> list:
    return [r for x in results for r in (flat(x) if isinstance(x, tuple) else [x])]


@pytest.mark.parametrize("name", INTEGER_OPERATIONS)
def test_integers_overflow_and_divide_as_numpys(name):
    operands = [ends(d) for d in INTEGERS]
    f = INTEGER_OPERATIONS[name]
    found = jit(lambda operands: [f(*xy) for xy in operands])(operands)
    for dtype, xy, got in zip(INTEGERS, operands, found, strict=True):
        for k, (g, w) in enumerate(zip(flat(got), flat(f(*xy)), strict=True)):
            g, w = np.asarray(g), np.asarray(w)
            assert (g.dtype, g.shape) == (w.dtype, w.shape), (dtype, k)
            if w.dtype.kind in "fc":
                np.testing.assert_allclose(g, w, rtol=1e-6 if w.dtype in ("f4", "c8") else 1e-13, err_msg=f"{dtype} {k}")
            else:
                np.testing.assert_array_equal(g, w, err_msg=f"{dtype} {k}")


def test_integers_of_two_dtypes():
    """As many as there are pairs: the common dtype is NumPy's, and the values are."""
    operands = [(ends(a)[0][::7].copy(), ends(b)[1][::7][: len(ends(a)[0][::7])].copy()) for a in INTEGERS for b in INTEGERS]
    operands = [(x[: min(len(x), len(y))], y[: min(len(x), len(y))]) for x, y in operands]
    f = lambda x, y: (x + y, x * y, np.maximum(x, y))
    for got, (x, y) in zip(jit(lambda operands: [f(*xy) for xy in operands])(operands), operands, strict=True):
        for g, w in zip(got, f(x, y), strict=True):
            assert g.dtype == w.dtype
            np.testing.assert_array_equal(g, w)


def test_loop_counters_wrap():
    f = lambda n: fori_loop(0, 300, lambda i, c: c + np.int8(1), n)
    with np.errstate(over="ignore"):
        want = (np.array([100], "i1") + np.array([300 % 256]).astype("i1"))[0]
    assert jit(f)(np.int8(100)) == want


# -- floating point

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.5, 1e300, -1e300, 5e-324, 3.0]
FLOAT_OPERATIONS: dict[str, Callable] = {
    "arithmetic": lambda x, y: (
        x + y,
        x - y,
        x * y,
        x / y,
        1 / x,
        x**2,
        x**3,
        x**-1,
        np.sqrt(x),
        np.abs(x),
        np.sign(x),
        -x,
        np.reciprocal(x),
    ),
    "division": lambda x, y: (x // y, x % y, np.fmod(x, y), np.divmod(x, y)),
    "order": lambda x, y: (
        np.maximum(x, y),
        np.minimum(x, y),
        np.fmax(x, y),
        np.fmin(x, y),
        x < y,
        x <= y,
        x > y,
        x >= y,
        x == y,
        x != y,
        np.clip(x, -1.5, y),
        np.where(x > y, x, y),
    ),
    "tests": lambda x, y: (
        np.isnan(x),
        np.isinf(x),
        np.isfinite(x),
        np.signbit(x),
        np.copysign(x, y),
        np.isclose(x, y, equal_nan=True),
        np.nan_to_num(x),
    ),
    "rounding": lambda x, y: (
        np.floor(x),
        np.ceil(x),
        np.trunc(x),
        np.rint(x),
        np.modf(x),
        np.round(x, 1),
        x.astype(bool),
        np.heaviside(x, y),
        np.nextafter(x, y),
    ),
    "functions": lambda x, y: (
        np.exp(x),
        np.log(x),
        np.log1p(x),
        np.expm1(x),
        np.sin(x),
        np.cos(x),
        np.tan(x),
        np.tanh(x),
        np.sinh(x),
        np.cosh(x),
        np.arctan(x),
        np.arctan2(x, y),
        np.hypot(x, y),
        np.power(x, y),
        np.logaddexp(x, y),
        np.arcsin(x),
        np.arccos(x),
        np.arcsinh(x),
        np.arccosh(x),
        np.arctanh(x),
        np.cbrt(x),
        np.exp2(x),
        np.log2(x),
        np.log10(x),
    ),
}


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("name", FLOAT_OPERATIONS)
def test_special_numbers(name, dtype):
    """Entry by entry, at every pair: values, NaN, and the signs of zeros and infinities."""
    x, y = (np.array(v, "f8").astype(dtype) for v in zip(*itertools.product(SPECIAL, SPECIAL), strict=True))
    f = FLOAT_OPERATIONS[name]
    for k, (got, want) in enumerate(zip(flat(jit(f)(x, y)), flat(f(x, y)), strict=True)):
        assert got.dtype == want.dtype, k
        np.testing.assert_allclose(got, want, rtol=1e-14 if dtype == "f8" else 1e-6, err_msg=f"result {k}")
        if name not in ("order",) and want.dtype.kind == "f":  # of two zeros of different sign, NumPy's maximum is the first or the second
            held = ~np.isnan(want)
            np.testing.assert_array_equal(np.signbit(got[held]), np.signbit(want[held]), err_msg=f"result {k}: {x[held]} {y[held]}")


def extrema(x: Any) -> tuple:
    """Whatever chooses among entries, along each axis and of all."""
    along = [
        (
            np.max(x, axis=a),
            np.min(x, axis=a),
            np.argmax(x, axis=a),
            np.argmin(x, axis=a),
            np.ptp(x, axis=a),
            np.nanmax(x, axis=a),
            np.nanmin(x, axis=a),
        )
        for a in (None, 0, 1, -1)
    ]
    running = [
        (
            np.maximum.accumulate(x, axis=a),
            np.minimum.accumulate(x, axis=a),
            np.sort(x, axis=a),
            np.argsort(x, axis=a, kind="stable"),
            np.cumsum(x, axis=a),
        )
        for a in (0, 1)
    ]
    return (
        *along,
        *running,
        np.fmax(x, x[::-1]),
        np.sum(x, axis=0),
        np.mean(x),
        np.prod(x, axis=1),
        np.median(x, axis=0),
        np.any(x, axis=0),
        np.all(x, axis=1),
    )


@pytest.mark.parametrize("dtype", ["f8", "f4"])
def test_nan_and_infinities_among_entries(dtype):
    """In every place of rows that are longer and shorter than a vector."""
    r = np.random.default_rng(0)
    arrays = []
    for n in (1, 2, 7, 8, 17, 33):
        for k, special in enumerate([np.nan, np.inf, -np.inf, -0.0]):
            x = r.normal(size=(3, n)).round(1)
            x[r.integers(3), r.integers(n)] = special
            if k % 2:
                x[:, r.integers(n)] = np.nan
                x[r.integers(3), r.integers(n)] = -special
            arrays.append(x.astype(dtype))
    run = jit(extrema)  # one machine code for all sizes
    for x in arrays:
        for k, (g, w) in enumerate(zip(flat(run(x)), flat(extrema(x)), strict=True)):
            g, w = np.asarray(g), np.asarray(w)
            assert g.dtype == w.dtype, k
            np.testing.assert_allclose(g, w, rtol=1e-12 if dtype == "f8" else 1e-5, err_msg=f"result {k} of {x}")


def test_reductions_of_nothing():
    x = np.zeros((0, 3))
    f = lambda x: (np.sum(x), np.prod(x, axis=0), np.any(x), np.all(x, axis=0), np.sum(x, axis=1), np.max(x, axis=1), np.cumsum(x, axis=0))
    for got, want in zip(jit(f)(x), f(x), strict=True):
        np.testing.assert_array_equal(got, want)
    for g in (np.max, np.min, np.argmax, lambda x: np.argmin(x, axis=0)):
        for run in (g, jit(g)):
            with pytest.raises(ValueError):
                run(x)


def test_complex_division_by_zero():
    z = np.array([1 + 1j, 0, -1j, np.inf, complex(np.nan, 1)])
    f = lambda z, w: (z / w, 1 / w, z * w, np.abs(z), z == w, z != w)
    for got, want in zip(jit(f)(z, z * 0), f(z, z * 0), strict=True):
        np.testing.assert_array_equal(got, want)


# -- debug_nans

LINES: dict[str, Callable] = {
    "log": lambda x: np.log(x - 2.0) * 2.0,
    "div": lambda x: (x - x) / (x - x),
    "sqrt": lambda x: jit(lambda y: np.sqrt(y) + 1.0)(-x),
}


@pytest.mark.parametrize("name", LINES)
def test_debug_nans_under_jit(name):
    """The primitive, its operands and the user's line, before and after the program was compiled."""
    f = jit(LINES[name])
    x = np.array([1.0, 3.0]) if name != "sqrt" else np.array([1.0, 2.0])
    for _ in range(2):
        with fgrad.debug_nans(), pytest.raises(fgrad.errors.NanError, match=f"^{name} made a NaN in its result f64\\[2\\]") as info:
            f(x)
        assert "test_faults.py" in str(info.value)
        assert LINES[name].__code__.co_firstlineno in _lines(str(info.value))
        assert np.isnan(f(x)).any()  # outside, the compiled program runs


def test_debug_nans_in_compiled_loops_and_gradients():
    f = jit(lambda x: scan(lambda c, _: (np.log(c), None), x, None, length=3)[0])
    g = jit(grad(lambda x: np.sqrt(x) * 0.0))
    for run, x, name in ((f, 1.5, "log"), (g, 0.0, "mul")):
        run(x)
        with fgrad.debug_nans(), pytest.raises(fgrad.errors.NanError, match=f"^{name} made a NaN"):
            run(x)


def _lines(text: str) -> list[int]:
    return [int(part.split()[0].rstrip(",:")) for part in text.split("test_faults.py:")[1:]]
