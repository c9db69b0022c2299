"""What NumPy computes for compiled programs, and native code for NumPy's functions where it is written in another way than NumPy's."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import grad, jit, scan
from fgrad.compile import blas
from fgrad.compile.program import native_program
from fgrad.core import tree

RNG = np.random.default_rng(0)
X, Y, Z = RNG.normal(size=(3, 20, 15))
M = np.vstack([X, Y])
INTS = RNG.integers(0, 50, 300)
UNEVEN = np.array([0, 1, 4, 9, 8, 17, 12])


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN")
        warnings.filterwarnings("error", message="fgrad: a program could not be compiled")
        yield


def same(got, want, rtol=1e-12):
    got, want = tree.leaves(got), tree.leaves(want)
    for g, w in zip(got, want, strict=True):
        assert (np.asarray(g).dtype, np.shape(g)) == (np.asarray(w).dtype, np.shape(w))
        np.testing.assert_allclose(g, w, rtol=rtol, atol=rtol)


# -- calls of NumPy

CALLED = {
    "percentile": lambda np, x: np.percentile(x, [10, 50], axis=0),
    "nanquantile": lambda np, x: np.nanquantile(x, 0.3, axis=1),
    "median": lambda np, x: np.median(x, axis=(0, 1)),
    "nanmedian": lambda np, x: np.nanmedian(x, axis=0),
    "histogram": lambda np, x: np.histogram(x, 7, weights=np.abs(x)),
    "histogram of given edges": lambda np, x: np.histogram(x, [-1.0, 0.0, 2.0], weights=x)[0],
    "histogram2d": lambda np, x: np.histogram2d(x.ravel(), x.ravel()[::-1], 4, weights=x.ravel())[0],
    "partition": lambda np, x: np.partition(x, 3, axis=0)[3],
    "isin": lambda np, x: np.isin(x, [x[0, 0], 0.0]) * x,
    "digitize": lambda np, x: np.digitize(x, np.array([-1.0, 0.0, 1.0])) * x,
    "reduceat": lambda np, x: np.add.reduceat(x, UNEVEN),
    "reduceat of another ufunc": lambda np, x: np.logaddexp2.reduceat(x, UNEVEN, axis=0),
    "reduce": lambda np, x: np.logaddexp2.reduce(x, axis=1),
    "accumulate": lambda np, x: np.fmin.accumulate(x, axis=1),
    "lstsq": lambda np, x: np.linalg.lstsq(x, x[:, 0])[:2],
}


@pytest.mark.parametrize("name", CALLED)
def test_calls_of_numpy(name):
    """The value is NumPy's; derivatives, batches and loops are those of what the function is on traced values."""
    f = lambda x: CALLED[name](np, x)
    same(jit(f)(X), f(X))
    assert "call of by_numpy" in jit(f).lower(X).source
    closed = fgrad.make_jaxpr(f)(X)
    same(pickle.loads(pickle.dumps(closed))(X), tree.leaves(f(X)))
    total = lambda x: sum(np.sum(np.sin(v)) for v in tree.leaves(CALLED[name](fnp, x)))
    for derivative in (grad(jit(total)), jit(grad(total))):
        same(derivative(X), grad(total)(X), 1e-9)
    same(fgrad.vmap(jit(f))(np.stack([X, Y])), tree.map(lambda *rows: np.stack(rows), f(X), f(Y)), 1e-11)


@pytest.mark.parametrize("name", ["percentile", "median", "histogram of given edges", "reduceat", "accumulate"])
def test_calls_of_numpy_inside_loops_are_native(name):
    f = lambda x: CALLED[name](np, x)
    steps = lambda x: scan(lambda c, _: (c[::-1] * 1.25, f(c)), x, None, length=3)[1]
    same(jit(steps)(X), np.stack([f(X), f(X[::-1] * 1.25), f(X * 1.25**2)]))
    native_program(fgrad.make_jaxpr(f)(X).jaxpr)


def test_bits():
    packed = jit(lambda x: np.packbits(x % 2))(INTS)
    same(packed, np.packbits(INTS % 2))
    same(jit(np.unpackbits)(np.tile(packed, 10)), np.unpackbits(np.tile(packed, 10)))


def test_results_of_calls_are_their_own():
    """Arrays that users get are no views, and arguments are not returned."""
    f = jit(lambda x: (np.median(x, axis=0), x, np.partition(x, 2, axis=0)[:4]))
    for out in f(X), f(X):
        assert all(o.base is None and not np.shares_memory(o, X) for o in out)


def test_errors_of_calls_name_the_line():
    for f, x, error in (
        (np.linalg.svd, X * np.nan, np.linalg.LinAlgError),
        (lambda x: np.histogram(x, 5), X * np.nan, ValueError),
        (lambda x: np.digitize(x, x[0]), X, ValueError),
    ):
        with pytest.raises(error) as caught:
            jit(lambda x, f=f: f(x + 0.0))(x)
        assert "test_surface.py" in caught.value.__notes__[0]


def test_other_arguments_of_called_programs():
    """A program that calls NumPy takes views, numbers of Python and 0-d arrays as a native one does."""
    f = jit(lambda x, k: np.median(x) * k + np.linalg.eigvalsh(x @ x.T)[0])
    want = f(M, 2.0)
    for x, k in ((np.repeat(M, 2, 1)[:, ::2], 2.0), (M, np.float64(2.0)), (M, np.array(2.0))):
        same(f(x, k), want)
    assert f(M.astype(np.float32), np.float32(2.0)).dtype == np.float32
    assert f(M, 3) != want


# -- along an axis


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i2", "u1"])
def test_places_of_extrema(dtype):
    for shape, axis in (((1,), 0), ((31,), 0), ((900,), 0), ((5, 270), 1), ((270, 5), 0), ((3, 40, 7), 1), ((3, 40, 1), 1)):
        draws = [RNG.integers(-3, 4, shape)]
        if dtype[0] == "f":
            draws += [
                np.where(RNG.random(shape) < 0.01, np.nan, draws[0]),
                np.where(draws[0] < 0, -np.inf, np.inf),
                np.copysign(0.0, draws[0]),
            ]
        else:
            info = np.iinfo(dtype)
            draws.append(RNG.integers(info.min, info.max, shape, dtype=dtype, endpoint=True))
        for x in draws:
            x = x.astype(dtype)
            same(jit(lambda x, axis=axis: (np.argmax(x, axis), np.argmin(x, axis)))(x), (np.argmax(x, axis), np.argmin(x, axis)))


def test_running_reductions_along_the_last_axis():
    x = RNG.normal(size=(2, 5, 23))
    x[0, 1, 4], x[1, 2, 0], x[0, 0, :2], x[0, 2] = np.nan, np.nan, (-0.0, 0.0), -np.inf
    for y in (x, x[0, 1], x.astype(np.float32), x[:, :, :1]):
        for f in (np.cumsum, np.cumprod, np.maximum.accumulate, np.minimum.accumulate):
            got, want = jit(lambda y, f=f: f(y, axis=-1))(y), f(y, axis=-1)
            np.testing.assert_allclose(got, want, rtol=1e-5 if y.dtype == np.float32 else 1e-13)
    z = RNG.normal(size=(6, 9))
    backward = lambda z: np.sum(np.cumsum(z, axis=1) ** 2)
    same(jit(grad(backward))(z), grad(backward)(z))


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_sliding_sums(mode):
    for n, m in ((2500, 7), (7, 2500), (5, 5), (1, 4)):
        for kind in (float, np.float32, complex, int):
            a, v = (RNG.normal(size=k) * 5 for k in (n, m))
            a, v = (a + 1j * a[::-1], v - 2j * v) if kind is complex else (a.astype(kind), v.astype(kind))
            for f in (np.convolve, np.correlate):
                same(jit(lambda a, v, f=f: f(a, v, mode))(a, v), f(a, v, mode), 1e-4 if kind is np.float32 else 1e-11)
    native_program(fgrad.make_jaxpr(lambda a, v: np.convolve(a, v, mode))(np.ones(40), np.ones(7)).jaxpr)


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_searching(dtype, side):
    for n in (0, 1, 3, 8, 100):
        a, v = np.sort(RNG.integers(-5, 6, n).astype(dtype)), RNG.integers(-7, 8, 50).astype(dtype)
        if dtype[0] == "f" and n > 3:
            a[-2:], a[0], v[:5] = np.nan, -np.inf, (np.nan, np.inf, -np.inf, 0.0, -0.0)
        same(jit(lambda a, v: np.searchsorted(a, v, side))(a, v), np.searchsorted(a, v, side))
    grid, values = np.sort(X[:2].ravel()), X[3:9]
    same(jit(lambda x: np.interp(x, grid, np.sin(grid)))(values), np.interp(values, grid, np.sin(grid)))


# -- joined slices, and results that are reshaped


def test_joined_slices():
    t = RNG.normal(size=(4, 5, 6))
    for f in (
        lambda t: np.roll(t, (1, 2, -1), (0, 1, 2)), np.fft.fftshift, lambda t: np.concatenate([t[:, 2:], t[:, :1], t], 1),
        lambda t: (np.roll(t, 1, 2), t[:, :, 5:], np.concatenate([t[:, :, 5:] * 2.0, t[:, :, 5:]], 2)), lambda t: np.insert(t, 2, t[:, 0], axis=1),
        lambda t: np.delete(t, [0, 3], axis=2), lambda t: np.roll(np.roll(t, 1, 1), 2, 1) + t, lambda t: np.roll(t * 2.0, 1, 0)[1:],
        lambda t: np.stack([t[0], t[0]]).reshape(60), lambda t: np.repeat(t, 2, axis=1), lambda t: (t.reshape(20, 6).T, np.tile(t, (2, 1, 3))),
        lambda t: np.gradient(t, axis=1),
    ):  # fmt: skip
        same(jit(f)(t), f(t))
    rolled = lambda t: scan(lambda c, _: (np.roll(c, 1, 1) - np.roll(c, -1, 0), c[:, 0]), t[0], None, length=4)
    same(jit(rolled)(t), rolled(t))
    same(jit(grad(lambda t: np.sum(rolled(t)[1] ** 2)))(t), grad(lambda t: np.sum(rolled(t)[1] ** 2))(t))


# -- arithmetic


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_division_with_remainder(dtype):
    special = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 5e-324, 1e300, -1e-300, 3, 0.1, 0.3, 7.5], dtype)
    wide = (10.0 ** RNG.uniform(-30, 30, (2, 2000))).astype(dtype)
    for x, y in ((np.repeat(special, 14), np.tile(special, 14)), wide, RNG.normal(size=(2, 2000)).astype(dtype) * 9):
        for got, f in zip(
            jit(lambda x, y: (np.fmod(x, y), np.remainder(x, y), x // y))(x, y), (np.fmod, np.remainder, np.floor_divide), strict=True
        ):
            np.testing.assert_array_equal(got, f(x, y))
            np.testing.assert_array_equal(np.signbit(got[got == 0]), np.signbit(f(x, y)[got == 0]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_binary_exponents(dtype):
    info = np.finfo(dtype)
    x = np.array([0, -0.0, 1, -3, info.max, info.tiny, info.tiny / 2, info.smallest_subnormal, np.inf, -np.inf, np.nan, 1e-30], dtype)
    same(jit(np.frexp)(x), np.frexp(x))
    for n in (0, 1, -1, 1023, -1022, -1075, 2100, -2200, 2**31 - 1, -(2**31)):
        np.testing.assert_array_equal(jit(np.ldexp)(x, np.full(12, n, np.int32)), np.ldexp(x, np.full(12, n, np.int32)))


def test_whole_powers():
    x, n = RNG.normal(size=50), RNG.integers(-9, 9, 50)
    for y in (-3, -1, 5, 7, 20):
        f = lambda x, y=y: x**y
        assert "call" not in jit(f).lower(x).source
        np.testing.assert_allclose(jit(f)(x), f(x), rtol=5e-16 * abs(y))
        if y > 0:
            np.testing.assert_array_equal(jit(f)(n), f(n))


# -- products


def products(a, b):
    return a @ a.T, a.T @ a, a @ b.T, np.swapaxes(b, 0, 1) @ a, np.einsum("ij,ij->j", a, b), a.T @ b @ a.T


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "c8"])
@pytest.mark.parametrize("library", ["NumPy", "SciPy"])
def test_products(dtype, library, monkeypatch, tmp_path):
    """Of transposed matrices, and of a matrix with itself; through SciPy's BLAS where NumPy has none of 64-bit integers."""
    a, b = RNG.normal(size=(2, 40, 30))
    a, b = ((a + 1j * b).astype(dtype), (b - 3j).astype(dtype)) if dtype[0] == "c" else (a.astype(dtype), b.astype(dtype))
    if library == "SciPy":
        monkeypatch.setattr(blas, "_numpy_blas", lambda: None)
        jaxpr = fgrad.make_jaxpr(products)(a, b).jaxpr
        got = list(native_program(jaxpr).entry()(a, b))
    else:
        got = jit(products)(a, b)
        assert "transpose" not in jit(products).lower(a, b).source
    same(got, products(a, b), 1e-3 if dtype in ("f4", "c8") else 1e-11)
    small = RNG.normal(size=(7, 3, 3)).astype(dtype)
    same(
        jit(lambda s: s @ s @ np.swapaxes(s, 1, 2))(small),
        small @ small @ np.swapaxes(small, 1, 2),
        1e-4 if dtype in ("f4", "c8") else 1e-12,
    )
