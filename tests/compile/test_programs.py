"""Compiled programs: loops as native functions, kernels shared between shapes, what falls back to the interpreter, and the cache."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import tracemalloc
import warnings

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import cond, fori_loop, grad, jit, jvp, scan, vmap, while_loop
from fgrad.compile import cache
from fgrad.compile.fuse import NestStep, fuse
from fgrad.compile.program import Part, parts
from fgrad.compile.simplify import prepared, simplify
from fgrad.core import tree
from fgrad.scipy import special

RNG = np.random.default_rng(0)
W = RNG.normal(size=(4, 4)) * 0.5
XS = RNG.normal(size=(7, 4))
X = np.array([0.3, 0.2, 0.9, -0.4])
LANES = np.array([0.3, 0.7, 1.1, 3.5])


def rnn(x):
    def step(h, u):
        h = np.tanh(W @ h + u * x)
        return h, np.sum(h * h)

    h, ys = scan(step, np.zeros(4), XS)
    return np.sum(ys) + np.sum(h)


def growth(a):
    def step(c):
        return c[0] * 1.3 + np.sin(a * c[1]) ** 2 * 0.1 + 0.02, c[1] * 1.05 + a

    return while_loop(lambda c: c[0] < 9.0, step, (a * a, a))[1]


def branches(x):
    def step(c, u):
        return cond(np.sum(c + u) > 0.0, lambda c: np.sin(c) * x, lambda c: c * c * x + u, c), np.sum(c)

    return np.sum(scan(step, x, XS)[0])


def swapped(x):
    (a, b), ys = scan(lambda c, _: ((c[1], c[0] * 1.1), c[0]), (x, x * 2), None, length=5)
    return np.sum(a * b) + np.sum(ys)


def mixed_carry(x):
    def step(c, _):
        n, v, seen = c
        return (n + 1, v * 2.0 + n, seen | (n > 2)), v

    (n, v, seen), ys = scan(step, (0, x, False), None, length=5)
    return np.sum(v) * n + fnp.where(seen, 1.0, 0.0) + np.sum(ys)


def shuffled(x):
    def step(c, _):
        return np.concatenate([c[1:], c[:1]]) * x + fnp.pad(c[1:], (1, 0)), np.roll(c, 1)

    c, ys = scan(step, x, None, length=5, reverse=True)
    return np.sum(c) + np.sum(ys * ys)


def aliased(x):
    """A new carry that is the old one under another name."""

    def step(c, _):
        a, b, s = c
        return (a * 1.1 + 0.1, a.reshape(2, 2), s + b[0, 1]), jit(lambda v: v)(a)

    (a, b, s), ys = scan(step, (x, np.zeros((2, 2)), 0.0), None, length=4)
    return np.sum(a) + np.sum(b * b) + s + np.sum(ys)


def nested(x):
    def outer(c, u):
        return fori_loop(0, 3, lambda i, v: np.sin(v) * x + i, c) + u, None

    return np.sum(scan(outer, x, XS)[0])


def squares(x):
    m, _ = scan(lambda m, u: (np.tanh(m @ W @ m.T) + np.outer(u, x), None), np.eye(4), XS)
    return np.sum(m)


ARRAYS = [rnn, branches, swapped, aliased, mixed_carry, shuffled, nested, squares]


def assert_same(f, *args):
    want, got = f(*args), jit(f)(*args)
    for g, w in zip(tree.leaves(got), tree.leaves(want), strict=True):
        assert (np.asarray(g).dtype, np.shape(g)) == (np.asarray(w).dtype, np.shape(w))
        single = np.asarray(w).dtype == np.float32
        np.testing.assert_allclose(g, w, rtol=1e-5 if single else 1e-10, atol=1e-6 if single else 1e-12)


@pytest.mark.parametrize("f", ARRAYS, ids=lambda f: f.__name__)
def test_loops_of_arrays(f):
    assert_same(f, X)
    assert_same(grad(f), X)
    assert_same(lambda x: jvp(grad(f), (x,), (x,))[1], X)


@pytest.mark.parametrize("transform", [lambda f: f, grad], ids=["value", "grad"])
@pytest.mark.parametrize("f", ARRAYS, ids=lambda f: f.__name__)
def test_loops_are_native(f, transform):
    """The whole program, its loops too, is one compiled function."""
    closed = fgrad.make_jaxpr(transform(f))(X)
    assert [type(p) for p in parts(simplify(closed.jaxpr))] == [Part]


def test_loops_of_unknown_length():
    assert_same(growth, 0.7)
    assert_same(grad(grad(growth)), 0.7)
    assert_same(vmap(growth), LANES)
    assert_same(vmap(grad(growth)), LANES)
    assert_same(grad(lambda v: np.sum(vmap(growth)(v))), LANES)


def test_float32_and_empty_loops():
    x = X.astype(np.float32)
    assert_same(lambda x: scan(lambda c, _: (np.sin(c) * x + 1, np.sum(c)), x, None, length=5), x)
    assert_same(lambda x: scan(lambda c, u: (c + u, c), x, np.zeros((0, 4))), X)


def test_an_endless_loop_under_reverse_mode_is_an_error():
    f = jit(grad(lambda x: while_loop(lambda v: v > 0.0, lambda v: np.sin(v) ** 2 + 1.0, x, max_tape_bytes=10_000)))
    with pytest.raises(fgrad.errors.TapeError, match="more than 10,000 bytes"):
        f(1.0)


def test_scalars_may_be_arrays_without_axes():
    f = jit(lambda x, n: scan(lambda c, _: (c * x + n, None), x, None, length=3)[0] * x)
    assert f(np.array(0.5), np.float64(2.0)) == f(0.5, 2.0) == f(np.array(0.5), np.array(2.0))


@pytest.mark.parametrize("compiling", [True, False])
def test_results_are_the_users_own(compiling):
    """Changing a result in place changes no input, no constant of the program, and no other result."""
    fgrad.config.compile = compiling
    constant = np.arange(4.0)
    f = jit(lambda x: (x, np.sin(x) * 2.0, constant, np.ones(4), x.reshape(2, 2), np.sin(x) * 2.0))
    x = X.copy()
    for _ in range(4):  # the first call stages, later ones take the quick path
        found = f(x)
        for got, want in zip(found, [X, np.sin(X) * 2.0, np.arange(4.0), np.ones(4), X.reshape(2, 2), np.sin(X) * 2.0], strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-14)
            got[:] = 99.0


def test_arrays_closed_over_are_those_of_the_staging():
    scale = np.ones(4)
    f = jit(lambda x: x * scale + np.sin(scale))
    before = f(X)
    scale[:] = 5.0
    np.testing.assert_array_equal(f(X), before)


def test_intermediate_arrays_are_dropped():
    """A long program holds the arrays of a few steps, not those of all."""

    def f(x):
        for _ in range(20):
            x = np.sort(np.sin(x))  # a call between kernels: nothing fuses across it
        return x

    x = RNG.normal(size=200_000)
    g = jit(f)
    g(x)
    tracemalloc.start()
    g(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * x.nbytes


def test_what_has_no_kernel_runs_between_kernels():
    def f(x):
        order = np.argsort(x * 2.0)
        return np.sort(np.sin(x))[::-1] * np.cumsum(x) + x[order], (x * 1j).imag

    assert_same(f, X)


def test_callbacks_in_loops_are_interpreted():
    f = lambda x: scan(lambda c, _: (fgrad.pure_callback(np.cbrt, X, c) * x, None), x, None, length=3)[0]
    assert_same(f, X)


def loss(params, x, y):
    h = np.tanh(x @ params["w"] + params["b"])
    return np.mean((h @ params["v"] - y) ** 2)


PARAMS = {"w": W, "b": X, "v": X * 2}


def test_a_new_batch_size_compiles_nothing():
    f = jit(grad(loss))
    for n in (8, 9):
        f(PARAMS, RNG.normal(size=(n, 4)), np.ones(n))
    before = cache.stats()["loaded"]
    for n in range(10, 30):
        f(PARAMS, RNG.normal(size=(n, 4)), np.ones(n))
    assert cache.stats()["loaded"] == before


def test_elementwise_programs_are_one_nest():
    """Value and gradient in one sweep over the data."""

    def price(s, k):
        d = np.log(s / k) + 0.5
        return np.sum(s * np.tanh(d) - k * np.exp(-d))

    closed = fgrad.make_jaxpr(fgrad.value_and_grad(price, (0, 1)))(X + 2, X + 3)
    steps = fuse(simplify(closed.jaxpr)).steps
    assert [type(s) for s in steps] == [NestStep]


def test_simplified_programs_are_equal_to_the_bit():
    for f in (grad(rnn), grad(branches), lambda x: fgrad.value_and_grad(loss)(PARAMS, XS, x[0] * np.ones(7))):
        closed = fgrad.make_jaxpr(f)(X)
        for a, b in zip(closed(X), simplify(closed.jaxpr)(*closed.consts, X), strict=True):
            np.testing.assert_array_equal(a, b)


def test_division_and_overflow_are_those_of_numpy():
    def f(x, n):
        return x / 0.0, n * n, np.float64(1.0) / x, x * np.inf

    with np.errstate(all="ignore"):
        assert_same(f, np.array([1.0, 0.0, -1.0, np.nan]), np.array([2**62, 3]))


def test_disable_jit_and_interpretation():
    f = jit(lambda x: x * 2 if x > 0 else x)
    with fgrad.disable_jit():
        assert f(3.0) == 6.0
    with pytest.raises(fgrad.errors.ConcretizationError):
        f(3.0)


@pytest.mark.skipif(sys.platform == "win32", reason="programs find no functions of Python's there")
def test_a_loop_that_does_not_end_can_be_interrupted():
    """And other threads run meanwhile."""
    text = """
        import _thread, threading, time, fgrad
        forever = fgrad.jit(lambda x: fgrad.while_loop(lambda c: c > -1.0, lambda c: c * 0.5 + 1.0, x))
        forever(-2.0)  # compiles, and ends at once
        def interrupt():
            time.sleep(0.3)
            _thread.interrupt_main()
        for _ in range(2):
            threading.Thread(target=interrupt).start()
            try:
                forever(1.0)
            except KeyboardInterrupt as e:
                print(e)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], env={**os.environ, "FGRAD_COMPILE": "1"}, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == ["a compiled loop was interrupted"] * 2, done.stderr


def test_special_functions_in_loops():
    def f(x):
        def step(c, u):
            c = (
                special.erfinv(special.ndtr(c + u) * 2.0 - 1.0)
                + special.xlogy(u, c * c + 1.0)
                + special.log_expit(c)
                + special.xlog1py(u, c * c)
            )
            return c * 0.5, fgrad.random.normal(fgrad.random.key(3), (4,)) * c

        return np.sum(scan(step, x, np.linspace(0.1, 0.5, 4))[1])

    closed = fgrad.make_jaxpr(grad(f))(X)
    assert [type(p) for p in parts(prepared(closed.jaxpr))] == [Part]
    assert_same(grad(f), X)


# -- the cache, in processes of their own

PROGRAM = """
    import warnings, numpy as np, fgrad
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f = fgrad.jit(fgrad.grad(lambda x: np.sum(np.sin(x) * x)))
        x = np.arange(3.0)
        assert np.allclose(f(x), np.cos(x) * x + np.sin(x))
    print(len([w for w in caught if "cache" in str(w.message)]), fgrad.cache.stats()["on_disk"], fgrad.cache.stats()["compiled"])
"""


def run_program(folder, **env):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        env={**os.environ, "FGRAD_COMPILE": "1", "FGRAD_CACHE_DIR": str(folder), **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_cache_is_shared_between_processes(tmp_path):
    assert run_program(tmp_path) == ["0", "2", "2"]  # the program, and the function that calls programs
    assert run_program(tmp_path) == ["0", "2", "0"]


def test_a_damaged_cache_is_no_error(tmp_path):
    run_program(tmp_path)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    assert run_program(tmp_path) == ["0", "2", "2"]


def test_a_cache_that_cannot_be_written_warns_once(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert run_program(blocked / "cache") == ["1", "0", "2"]


def test_clear(tmp_path, monkeypatch):
    monkeypatch.setenv("FGRAD_CACHE_DIR", str(tmp_path))
    (tmp_path / "other.txt").write_text("of somebody else")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jit(lambda x: np.sinh(x) * 3.25 + x)(X)
    assert cache.stats()["on_disk"] >= 1
    fgrad.cache.clear()
    assert cache.stats()["on_disk"] == 0
    assert (tmp_path / "other.txt").exists()
