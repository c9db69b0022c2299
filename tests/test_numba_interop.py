"""Numba's functions under fgrad's transformations: real programs, what their source may do, and what it is told it may not.

Values are those of the compiled function; derivatives are compared with finite differences of the compiled function.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
import threading
from collections import namedtuple

import numba
import numpy as np
import pytest
from numba import guvectorize, njit, prange, vectorize

import fgrad
from fgrad.core.errors import ConcretizationError, FgradError, MutationError, UnsupportedError
from fgrad.interop.arrays import local, plain

# -- programs


@njit
def normal_cdf(d):
    return 0.5 * (1.0 + math.erf(d / math.sqrt(2.0)))


@njit(fastmath=True)
def black_scholes(spot, strike, expiry, rate, vol):
    n = len(spot)
    call = np.empty(n)
    put = np.empty_like(call)
    for i in range(n):
        root = vol * math.sqrt(expiry[i])
        d1 = (math.log(spot[i] / strike[i]) + (rate + 0.5 * vol**2) * expiry[i]) / root
        discounted = strike[i] * math.exp(-rate * expiry[i])
        call[i] = spot[i] * normal_cdf(d1) - discounted * normal_cdf(d1 - root)
        put[i] = call[i] + discounted - spot[i]
    return call, put


@njit("float64(float64, float64, int64)")
def logistic_map(r, x, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


@njit
def escape(cr, ci, limit):
    """The smooth escape time of the Mandelbrot set."""
    zr = zi = 0.0
    for k in range(limit):
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        r2 = zr * zr + zi * zi
        if r2 > 256.0:
            return k + 1 - math.log(math.log(r2)) / math.log(2.0)
    return float(limit)


@njit
def lotka_volterra(t, y, p, dy):
    dy[0] = p[0] * y[0] - p[1] * y[0] * y[1]
    dy[1] = p[2] * y[0] * y[1] - p[3] * y[1]


@njit
def runge_kutta(rhs, y0, p, h, steps):
    y = y0.copy()
    k = np.zeros((4, len(y)))
    path = np.empty((steps + 1, len(y)))
    path[0, :] = y
    for n in range(steps):
        t = n * h
        rhs(t, y, p, k[0])
        rhs(t + h / 2, y + h / 2 * k[0], p, k[1])
        rhs(t + h / 2, y + h / 2 * k[1], p, k[2])
        rhs(t + h, y + h * k[2], p, k[3])
        y += h / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3])
        path[n + 1] = y
    return path


@njit
def lennard_jones(x, box):
    energy = 0.0
    for i in range(x.shape[0]):
        for j in range(i):
            r2 = 0.0
            for k in range(x.shape[1]):
                d = x[i, k] - x[j, k]
                d -= box * round(d / box)
                r2 += d * d
            s6 = 1.0 / r2**3
            energy += 4.0 * (s6 * s6 - s6)
    return energy


@njit
def heat(u, alpha, steps):
    u = u.copy()
    new = np.empty(u.shape)
    for _ in range(steps):
        new[0] = u[0]
        new[-1] = u[-1]
        new[1:-1] = u[1:-1] + alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
        u, new = new, u
    return u


@njit
def cholesky_logdet(a):
    n = a.shape[0]
    lower = np.zeros_like(a)
    logdet = 0.0
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s -= lower[j, k] ** 2
        lower[j, j] = np.sqrt(s)
        logdet += 2.0 * np.log(lower[j, j])
        for i in range(j + 1, n):
            lower[i, j] = (a[i, j] - np.dot(lower[i, :j], lower[j, :j])) / lower[j, j]
    return logdet


@njit
def thomas(lower, diag, upper, rhs):
    n = rhs.size
    c, d = upper.copy(), rhs.copy()
    c[0] /= diag[0]
    d[0] /= diag[0]
    for i in range(1, n):
        m = diag[i] - lower[i] * c[i - 1]
        c[i] /= m
        d[i] = (d[i] - lower[i] * d[i - 1]) / m
    for i in range(n - 2, -1, -1):
        d[i] -= c[i] * d[i + 1]
    return d


@njit
def viterbi_score(start, move, emit):
    best = start + emit[0]
    for t in range(1, emit.shape[0]):
        following = np.full(best.shape, -np.inf)
        for j in range(best.size):
            for i in range(best.size):
                following[j] = max(following[j], best[i] + move[i, j])
        best = following + emit[t]
    return best.max()


TABLE = np.linspace(0.0, 3.0, 31) ** 2


@njit
def interpolate(x):
    total = 0.0
    for v in x:
        position = v * 10.0
        k = min(max(math.floor(position), 0), TABLE.size - 2)
        total += TABLE[k] + (position - k) * (TABLE[k + 1] - TABLE[k])
    return total


@njit
def householder(a):
    """Upper triangular part of a QR decomposition, in place on a copy; views of it are written."""
    r = a.copy()
    for j in range(min(r.shape[0] - 1, r.shape[1])):
        column = r[j:, j]
        v = column.copy()
        v[0] += math.copysign(np.sqrt(np.sum(column * column)), column[0])
        v /= np.sqrt(np.sum(v * v))
        block = r[j:, j:]
        block -= 2.0 * np.outer(v, v @ block.copy())
    return r


@njit(parallel=True)
def softmax_rows(x):
    out = np.empty(x.shape)
    for i in prange(x.shape[0]):
        row = np.exp(x[i] - np.max(x[i]))
        out[i] = row / row.sum()
    return out


@njit
def kepler(m, e):
    x, step = m, 1.0
    while abs(step) > 1e-14:
        step = (x - e * np.sin(x) - m) / (1.0 - e * np.cos(x))
        x -= step
    return x


rng = np.random.default_rng(0)
SPD = (lambda m: m @ m.T + 4 * np.eye(4))(rng.normal(size=(4, 4)))
PROGRAMS = {
    "black_scholes": (black_scholes, (np.array([90.0, 100.0, 120.0]), np.full(3, 100.0), np.array([0.5, 1.0, 2.0]), 0.03, 0.25)),
    "logistic_map": (lambda r, x: logistic_map(r, x, 12), (3.4, 0.3)),
    "escape": (lambda a, b: escape(a, b, 50), (0.4, 0.6)),
    "escape inside": (lambda a, b: escape(a, b, 5) + a, (0.1, 0.1)),
    "runge_kutta": (
        lambda y, p: runge_kutta(lotka_volterra, y, p, 0.05, 8),
        (np.array([1.0, 0.5]), np.array([1.1, 0.4, 0.1, 0.4])),
    ),
    "lennard_jones": (lambda x: lennard_jones(x, 5.0), (rng.permutation(np.arange(5.0))[:, None] * 1.1 + rng.uniform(-0.2, 0.2, (5, 3)),)),
    "heat": (lambda u, a: heat(u, a, 5), (rng.normal(size=7), 0.2)),
    "cholesky_logdet": (cholesky_logdet, (SPD,)),
    "thomas": (thomas, (rng.normal(size=5), 4 + rng.random(5), rng.normal(size=5), rng.normal(size=5))),
    "viterbi_score": (viterbi_score, (rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(4, 3)))),
    "interpolate": (interpolate, (np.array([0.51, 1.23, 2.94]),)),
    "householder": (householder, (rng.normal(size=(4, 3)),)),
    "softmax_rows": (softmax_rows, (rng.normal(size=(2, 3)),)),
    "kepler": (kepler, (1.0, 0.4)),
}


def leaves(x):
    return [np.asarray(y) for y in (x if isinstance(x, tuple) else (x,))]


def directional(f, args, tangents, h=1e-6):
    """Finite differences of the compiled function."""
    up = leaves(f(*[x + h * t for x, t in zip(args, tangents, strict=True)]))
    down = leaves(f(*[x - h * t for x, t in zip(args, tangents, strict=True)]))
    return [(a - b) / (2 * h) for a, b in zip(up, down, strict=True)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_differentiate(name):
    f, args = PROGRAMS[name]
    tangents = tuple(rng.normal(size=np.shape(x))[()] for x in args)
    expected = leaves(f(*args))
    out, tangent = fgrad.jvp(f, args, tangents)
    for x, want in zip(leaves(out), expected, strict=True):
        np.testing.assert_allclose(x, want, rtol=1e-10, atol=1e-12)
        assert x.dtype == want.dtype and x.shape == want.shape
    for t, want in zip(leaves(tangent), directional(f, args, tangents), strict=True):
        np.testing.assert_allclose(t, want, rtol=2e-5, atol=2e-6)
    out, pull = fgrad.vjp(f, *args)
    cts = [rng.normal(size=x.shape)[()] for x in leaves(out)]
    grads = pull(tuple(cts) if isinstance(out, tuple) else cts[0])
    left = sum(np.sum(c * t) for c, t in zip(cts, leaves(tangent), strict=True))
    np.testing.assert_allclose(sum(np.sum(g * t) for g, t in zip(grads, tangents, strict=True)), left, rtol=1e-9)


STRAIGHT = [
    "black_scholes",
    "logistic_map",
    "runge_kutta",
    "heat",
    "cholesky_logdet",
    "thomas",
    "viterbi_score",
    "householder",
    "softmax_rows",
]


@pytest.mark.parametrize("name", STRAIGHT)
def test_programs_without_branches_on_values_stage_and_map(name):
    f, args = PROGRAMS[name]
    for x, want in zip(leaves(fgrad.jit(f)(*args)), leaves(f(*args)), strict=True):
        np.testing.assert_allclose(x, want, rtol=1e-10, atol=1e-12)
    batches = [np.stack([x, x * 1.01, x * 0.98]) for x in args]
    out = leaves(fgrad.vmap(f)(*batches))
    for i in range(3):
        for x, want in zip(out, leaves(f(*[b[i] for b in batches])), strict=True):
            np.testing.assert_allclose(x[i], want, rtol=1e-10, atol=1e-12)
    total = lambda *xs: sum(map(np.sum, fgrad.tree.leaves(f(*xs))))
    numbers = tuple(range(len(args)))
    eager, staged = fgrad.grad(total, numbers)(*args), fgrad.jit(fgrad.grad(total, numbers))(*args)
    for a, b in zip(eager, staged, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


def test_second_order():
    h = fgrad.hessian(lambda p: np.sum(runge_kutta(lotka_volterra, np.array([1.0, 0.5]), p, 0.05, 4)))(np.array([1.1, 0.4, 0.1, 0.4]))
    g = fgrad.grad(lambda p: np.sum(runge_kutta(lotka_volterra, np.array([1.0, 0.5]), p, 0.05, 4)))
    p = np.array([1.1, 0.4, 0.1, 0.4])
    for i in range(4):
        e = 1e-5 * np.eye(4)[i]
        np.testing.assert_allclose(h[i], (g(p + e) - g(p - e)) / 2e-5, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(h, h.T)


def test_compiled_versions_stay_as_they_are():
    @njit
    def f(x):
        return x * x

    f(2.0)
    before = f.signatures
    assert fgrad.grad(f)(3.0) == 6.0
    assert f.signatures == before
    assert f(np.float32(2)) == 4  # and others are compiled as ever
    assert len(f.signatures) == 2
    fixed = logistic_map.signatures
    fgrad.grad(logistic_map)(3.0, 0.2, 3)
    assert logistic_map.signatures == fixed
    with pytest.raises(TypeError, match="No matching definition"):
        logistic_map("a", 0.2, 3)


# -- what source may do


Point = namedtuple("Point", "x y")


@njit
def many_arguments(a, b=2.0, *rest):
    return a * b + len(rest) * np.sin(a)


@njit
def of_point(p, scale):
    return Point(p.y * scale, p.x + p.y), (p.x, [p.y, p.x])[1]


@njit
def recursive(x, n):
    if n == 0:
        return x
    return np.sin(recursive(x, n - 1)) + x


@njit
def compose(f, g, x):
    return f(g(x))


@njit
def square(x):
    return x * x


@njit
def growing(x):
    values = [x]
    for i in range(3):
        values.append(values[-1] * x + i)
    return np.array(values).sum()


@njit
def many_views(x):
    out = np.zeros((3, 4))
    row = out[1]
    row[1:] = x
    out[:, 0] += 2.0
    flat = out.reshape(-1)
    flat[11] = x[0] * 7
    out.T[2, 0] = x[1] ** 2
    flat[flat > 100.0] = 0.0
    part = np.ravel(out)[4:8]
    part *= x[2]
    np.fill_diagonal(out, x[0])
    corner = np.transpose(out)[:2, :2]
    corner[...] = corner + 1.0
    out[np.array([0, 2]), 3] = x[:2]
    return out


@njit
def parts(x):
    out = np.zeros(4)
    left, right = np.split(out, 2)
    left[0] = x
    out[3] = x * x
    square = np.zeros((2, 2))
    corner = np.diag(square)
    square[0, 0] = x
    return left + right, corner + np.diag(left).sum(), np.swapaxes(square, 0, 1)


@njit
def frees(x):
    """Values that were read before a write stay as they were."""
    a = np.zeros(3)
    a[0] = x
    b = a.copy()
    s = a.sum()
    a[0] = 2 * x
    a[:] = a + b
    a[1], a[2] = a[0], a[1]
    return s, a, b


@njit
def number_types(x, n):
    y = float(n) * x + np.float64(n) + int(x) + numba.float64(x)
    z = np.float32(x) * np.float32(2)
    return y, z, round(x, 1) + round(x) + min(x, 2.0, x * x) - max(x, 0.1)


@njit
def complex_numbers(x, y):
    z = complex(x, 0.0) * 1j + y
    w = np.zeros(2, np.complex128)
    w[0] = z * z
    w[1] = w[0].conjugate() + np.exp(z)
    return w.real.sum() + w[1].imag + abs(z)


@njit
def work_arrays(x):
    """Whole numbers in arrays keep their values: they can be indices."""
    order = np.zeros(x.size, np.int64)
    for i in range(x.size):
        order[i] = (i * 2 + 1) % x.size
    count = np.zeros(2)
    for i in order:
        count[i % 2] += x[i] * i
    return x[order], count, np.sort(x)[::-1]


@njit
def with_out(x):
    a = np.empty_like(x)
    np.multiply(x, 3.0, a)
    np.exp(x, x.copy())
    return a + np.add(x, a)


CASES = {
    "many arguments": (
        lambda a: many_arguments(a) + many_arguments(a, 3.0) + many_arguments(a, 3.0, 4.0, a) + many_arguments(b=a, a=1.0),
        (1.3,),
    ),
    "named tuples": (lambda x, y: of_point(Point(x, y), 3.0)[0] + (of_point(Point(x, y), 3.0)[1][0],), (1.3, 0.4)),
    "recursion": (lambda x: recursive(x, 4), (0.3,)),
    "functions as arguments": (lambda x: compose(square, normal_cdf, x), (0.3,)),
    "lists": (growing, (1.2,)),
    "views": (many_views, (np.array([1.5, 2.5, 0.5]),)),
    "parts": (parts, (1.3,)),
    "copies": (frees, (1.5,)),
    "numbers": (lambda x: number_types(x, 3), (1.3,)),
    "complex": (complex_numbers, (0.7, 0.3)),
    "work arrays": (work_arrays, (np.array([0.3, 2.0, 1.0, -1.0, 5.0]),)),
    "out=": (with_out, (np.array([0.3, 2.0]),)),
}


@pytest.mark.parametrize("name", CASES)
def test_source(name):
    f, args = CASES[name]
    tangents = tuple(rng.normal(size=np.shape(x))[()] for x in args)
    out, tangent = fgrad.jvp(f, args, tangents)
    for x, want in zip(leaves(out), leaves(f(*args)), strict=True):
        np.testing.assert_allclose(x, want, rtol=1e-10)
    for t, want in zip(leaves(tangent), directional(f, args, tangents, 1e-6 if name != "numbers" else 1e-2), strict=True):
        np.testing.assert_allclose(t, want, rtol=1e-4, atol=1e-6)


@njit
def stepping(x, n):
    for i in range(n):
        row = np.full(2, x)
        row[0] += i
        yield row * x


@njit
def of_steps(x):
    total = 0.0
    for row in stepping(x, 3):
        total += row.sum()
    return total


def test_generators():
    for f in (of_steps, lambda x: sum(np.sum(row) for row in stepping(x, 3))):
        assert fgrad.grad(f)(1.5) == pytest.approx((of_steps(1.5 + 1e-6) - of_steps(1.5 - 1e-6)) / 2e-6)


def _program(seed, x, array):
    """A random program that reads and writes arrays and views of them; `array` makes an array of an array."""
    draw = random.Random(seed)
    arrays, out = [array(np.zeros((3, 4))), array(np.arange(5.0)), array(x) * 1.0], []
    number = lambda: draw.choice([lambda: x[0] * x[1], lambda: x[1] + 1.0, lambda: 2.5, lambda: x[2]])()

    def index(a):
        found = []
        for n in a.shape[: draw.randint(0, a.ndim)]:
            low = draw.randint(0, n)
            found.append(
                draw.choice(
                    [
                        slice(low, None),
                        slice(None, low),
                        slice(None, None, 2),
                        slice(None, None, -1),
                        draw.randrange(-n, n) if n else slice(0),
                    ]
                )
            )
        return tuple(found)

    for _ in range(draw.randint(3, 25)):
        a, what = draw.choice(arrays), draw.choice("vvwwwiicerfmtR=")
        if what == "v" and getattr(v := a[index(a)], "ndim", 0):
            arrays.append(v)
        elif what == "w":
            a[index(a)] = number()
        elif what == "i":
            i = index(a)
            a[i] += number()
        elif what == "c":
            arrays.append(a.copy())
        elif what == "e" and a.size:
            i = tuple(draw.randrange(n) for n in a.shape)
            a[i] = a[i] * 2 + number()
        elif what == "r":
            out += [a.sum(), (a * 2.0).sum()]
        elif what == "f" and a.ndim and a.shape[0]:
            i = np.array([draw.randrange(a.shape[0]) for _ in range(2)])
            arrays.append(a[i])
            a[i[:1]] = number()
        elif what == "m" and a.ndim:
            a[np.array([draw.random() < 0.5 for _ in range(a.shape[0])], dtype=bool)] = number()
        elif what == "t":
            arrays.append(a.T)
        elif what == "R":
            arrays.append(a.reshape(-1) if draw.random() < 0.5 else a.ravel())
        elif what == "=":
            b = draw.choice(arrays)
            if b.shape == a.shape:
                a[...] = b
    return out + arrays


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_random_programs_of_arrays(first):
    x, t = np.array([0.7, -1.2, 0.4]), np.array([0.3, 0.5, -0.2])
    for seed in range(first, first + 20):
        out, tangent = fgrad.jvp(lambda x: plain(_program(seed, x, local)), (x,), (t,))  # noqa: B023
        up, down = _program(seed, x + 1e-6 * t, np.array), _program(seed, x - 1e-6 * t, np.array)
        staged = fgrad.jit(lambda x: plain(_program(seed, x, local)))(x) if seed % 5 == 0 else out  # noqa: B023
        for a, s, d, want, u, v in zip(out, staged, tangent, _program(seed, x, np.array), up, down, strict=True):
            np.testing.assert_allclose(a, want, rtol=1e-9, err_msg=f"seed {seed}")
            np.testing.assert_allclose(s, want, rtol=1e-9, err_msg=f"seed {seed}")
            np.testing.assert_allclose(
                d, (u - v) / 2e-6, rtol=1e-4, atol=1e-5 * (1 + np.max(np.abs(want), initial=0.0)), err_msg=f"seed {seed}"
            )


def test_closures_over_traced_values():
    def loss(k):
        @njit
        def rhs(y):
            return -k * y

        y = 1.0
        for _ in range(10):
            y = y + 0.1 * rhs(y)
        return y

    assert fgrad.grad(loss)(1.0) == pytest.approx(-(0.9**9))
    assert fgrad.jit(fgrad.grad(loss))(1.0) == pytest.approx(-(0.9**9))


def test_index_that_is_traced():
    @njit
    def pick(x, i):
        y = np.zeros((3, 2))
        y[i] = x[i] * 2.0
        y[i, 0] += 1.0
        row = y[i]
        row[1] = x[0, 0]
        return y * TABLE[i]

    x = np.arange(6.0).reshape(3, 2)
    for i in range(3):
        np.testing.assert_allclose(fgrad.jit(pick)(x, i), pick(x, i))
    np.testing.assert_allclose(fgrad.vmap(pick, (None, 0))(x, np.arange(3)), [pick(x, i) for i in range(3)])


def test_in_loops_and_branches():
    step = lambda y: y + 0.1 * square(y)
    expected = 0.5
    for _ in range(5):
        expected = step(expected)
    assert fgrad.fori_loop(0, 5, lambda i, y: step(y), 0.5) == pytest.approx(expected)
    g = fgrad.grad(fgrad.jit(lambda y: fgrad.scan(lambda c, _: (step(c), c), y, None, 5)[0]))(0.5)
    assert g == pytest.approx((lambda h: (np.float64(_steps(0.5 + h)) - _steps(0.5 - h)) / (2 * h))(1e-6))
    assert fgrad.grad(lambda x: fgrad.cond(x > 0, square, lambda x: x, x))(3.0) == 6.0


def _steps(y):
    for _ in range(5):
        y = y + 0.1 * y * y
    return y


def test_threads():
    @njit("float64(float64)")
    def f(x):
        return np.sin(x) * x

    found = []

    def run():
        found.extend(float(fgrad.grad(f)(0.7)) + f(0.7) for _ in range(20))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 80 and len(set(found)) == 1
    assert len(f.signatures) == 1


# -- ufuncs of Numba


@vectorize(["float64(float64, float64)"])
def damped(x, y):
    return math.exp(-x) * y


@vectorize
def piecewise(x, y):
    if x > y:
        return x * x
    return x * y


@guvectorize(["void(float64[:], float64, float64[:])"], "(n),()->(n)")
def running(x, s, out):
    total = 0.0
    for i in range(x.shape[0]):
        total += x[i] * s
        out[i] = total


@guvectorize(["void(float64[:], float64[:], float64[:])"], "(n),(n)->()")
def inner(x, y, out):
    out[0] = 0.0
    for i in range(len(x)):
        out[0] += x[i] * y[i]


@guvectorize("(n)->(n)")
def dynamic(x, out):
    for i in range(len(x)):
        out[i] = x[i] ** 2


@njit
def of_ufuncs(x):
    a, b = np.empty(x.size), np.empty(x.size)
    running(x, 2.0, a)
    dynamic(x, b)
    return piecewise(x, 0.3) + damped(x, x) + a * b


UFUNCS = {
    "vectorize": lambda x: damped(x[:, None], x),
    "branches": lambda x: piecewise(x, 0.5),
    "scalars": lambda x: damped(x[0], 2.0) + x,
    "guvectorize": lambda x: running(np.stack([x, x * x]) if isinstance(x, np.ndarray) else fgrad.numpy.stack([x, x * x]), x[0]),
    "inner": lambda x: inner(x[None], np.ones((2, 4))),
    "in source": of_ufuncs,
}


@pytest.mark.parametrize("name", UFUNCS)
def test_ufuncs(name):
    f, x, t = UFUNCS[name], np.array([0.1, 0.4, 0.7, 1.0]), np.array([1.0, -0.5, 0.3, 2.0])
    out, tangent = fgrad.jvp(f, (x,), (t,))
    np.testing.assert_allclose(out, f(x))
    np.testing.assert_allclose(tangent, directional(f, (x,), (t,))[0], rtol=1e-6, atol=1e-8)
    if name not in ("branches", "in source"):
        np.testing.assert_allclose(fgrad.jit(f)(x), f(x))
        np.testing.assert_allclose(fgrad.vmap(f)(np.stack([x, t])), [f(x), f(t)])


# -- what it may not, and what to do


@njit
def ranges(x, n):
    for _ in range(n):
        x = x * x
    return x


@njit
def branches(x):
    if x > 0:
        return x
    return -x


@njit
def assigns(x):
    x[0] = 2.0
    return x.sum()


@njit
def assigns_global(x):
    TABLE[0] = x
    return x


@njit
def through_a_row(x, i):
    y = np.zeros((3, 3))
    part = y[i][1:]
    part[0] = x
    return y


@numba.experimental.jitclass([("value", numba.float64)])
class Holder:
    def __init__(self, value):
        self.value = value


def _fails(error, f, *args, **kwargs):
    with pytest.raises(error) as found:
        f(*args, **kwargs)
    return str(found.value)


def test_errors_name_the_line_and_what_to_do():
    text = _fails(ConcretizationError, fgrad.jit(ranges), 1.0, 3)
    assert "for _ in range(n):" in text and "fori_loop" in text and "fgrad.lift(ranges" in text and "static_argnums" in text
    assert "test_numba_interop.py" in text
    assert fgrad.jit(ranges, static_argnums=1)(2.0, 3) == fgrad.jit(ranges, static_argnames="n")(2.0, n=3) == 256.0
    text = _fails(ConcretizationError, fgrad.vmap(branches), np.ones(3))
    assert "if x > 0:" in text and "fgrad.cond" in text and "fgrad.lift(branches" in text
    text = _fails(MutationError, fgrad.grad(assigns), np.ones(3))
    assert "x[0] = 2.0" in text and "x.copy()" in text and "fgrad.lift(assigns" in text
    text = _fails(FgradError, fgrad.grad(assigns_global), 1.0)
    assert "TABLE[0] = x" in text and "constant in @njit code" in text
    text = _fails(MutationError, fgrad.jit(through_a_row), 1.0, 2)
    assert "part[0] = x" in text and "x[i, j] = v" in text


def test_calls_of_numba_are_said_once():
    @njit
    def outer(x):
        return branches(x) + 1.0

    text = _fails(ConcretizationError, fgrad.jit(outer), 1.0)
    assert text.count("The Python source") == 1 and "`outer`" in text and "if x > 0" in text


def test_jitclass():
    text = _fails(UnsupportedError, fgrad.grad(lambda x: Holder(x).value), 1.0)
    assert "jitclass" in text


# -- imports

_ORDER = """
import sys
{imports}
{check}
@numba.njit
def f(x):
    return x * x
assert fgrad.grad(f)(3.0) == 6.0
def late(k):
    @numba.njit
    def g(y):
        return k * y
    return g(2.0)
assert fgrad.grad(late)(3.0) == 2.0
"""


@pytest.mark.parametrize(
    "imports, check",
    [("import fgrad", "assert 'numba' not in sys.modules\nimport numba"), ("import numba, fgrad", ""), ("import fgrad, numba", "")],
)
def test_either_may_be_imported_first(imports, check):
    subprocess.run([sys.executable, "-c", _ORDER.format(imports=imports, check=check)], check=True)


# -- all of it in compiled programs


def test_compiled(monkeypatch):
    monkeypatch.setattr(fgrad.config, "compile", True)
    for name in ("black_scholes", "thomas", "heat", "runge_kutta"):
        f, args = PROGRAMS[name]
        total = lambda *xs, f=f: sum(map(np.sum, fgrad.tree.leaves(f(*xs))))
        np.testing.assert_allclose(fgrad.jit(total)(*args), total(*args), rtol=1e-10)
        np.testing.assert_allclose(fgrad.jit(fgrad.grad(total))(*args), fgrad.grad(total)(*args), rtol=1e-9, atol=1e-12)
