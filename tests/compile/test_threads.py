"""Compiled programs in several Python threads at once: first calls that race, loops whose tapes grow, errors in one of them, calls from a forked process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import cond, fori_loop, grad, jit, scan, vmap, while_loop
from fgrad.compile import cache
from fgrad.core import tree

THREADS = 8
X = np.linspace(0.1, 1.3, 40)
LARGE = np.linspace(0.1, 1.3, 20_000)  # with so much scratch memory the interpreter's lock is released


@pytest.fixture(autouse=True)
def hurry():
    """Threads take turns far more often than usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def cold(tmp_path, monkeypatch):
    """Nothing is compiled yet, in memory or on disk."""
    monkeypatch.setenv("FGRAD_CACHE_DIR", str(tmp_path))
    for forget in cache.FORGET:
        forget()


def together(functions: Sequence[Callable[[], Any]]) -> list:
    """Each in a thread of its own; all start at once."""
    start = threading.Barrier(len(functions))

    def run(f: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        return f()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def same(got: Any, want: Any) -> None:
    for g, w in zip(tree.leaves(got), tree.leaves(want), strict=True):
        np.testing.assert_array_equal(g, w)


def polynomial(x):
    return fnp.sum(np.tanh(x) * x + x**3)


def recurrence(x):
    c, ys = scan(lambda c, u: (np.sin(c) * u + 0.5, c), x, np.linspace(0.0, 1.0, 12))
    return fnp.sum(c) + fnp.sum(ys * ys)


def growth(x):
    """Steps that depend on the data; their residuals are on tapes that grow."""
    return fnp.sum(while_loop(lambda c: fnp.sum(c) < 30.0 * c.size / 40.0, lambda c: c * 1.05 + 0.01 * np.sin(c) ** 2, x))


def nested(x):
    inner = lambda c: while_loop(lambda v: fnp.max(v) < 2.0, lambda v: v * 1.3 + 0.1 * np.cos(v), c)
    return fnp.sum(fori_loop(0, 3, lambda i, c: np.sin(inner(c)) + 0.1, x))


def sorted_and_gathered(x):
    i = np.argsort(np.cos(7.0 * x), kind="stable")
    return fnp.sum(x[i] * np.sort(x)) + fnp.sum(np.cumsum(x)[i[:3]])


def product(x):
    m = fnp.outer(x, np.sin(x))
    return fnp.sum((m @ m) @ x)


PROGRAMS = [polynomial, recurrence, growth, nested, sorted_and_gathered, product]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_first_calls_race(f, cold):
    """Every thread makes the first call of one jitted function, and of its gradient, on values of its own."""
    xs = [X * (1.0 + k / 50.0) for k in range(THREADS)]
    value, slope = jit(f), jit(grad(f))
    calls = [lambda x=x: [[value(x), slope(x)] for _ in range(5)] for x in xs]
    found = together(calls)
    for x, results in zip(xs, found, strict=True):
        for one in results:
            same(one, [value(x), slope(x)])
        np.testing.assert_allclose(one[0], f(x), rtol=1e-12)


def test_different_programs_at_once(cold):
    """Each thread runs all programs, each from another one on; nothing is warmed up."""
    want = {f.__name__: (f(X), grad(f)(X)) for f in PROGRAMS}
    runs = {f.__name__: (jit(f), jit(grad(f))) for f in PROGRAMS}
    names = list(runs)

    def all_from(k: int) -> None:
        for n in [*names[k:], *names[:k]] * 4:
            for run, w in zip(runs[n], want[n], strict=True):
                np.testing.assert_allclose(run(X), w, rtol=1e-11)

    together([lambda k=k: all_from(k % len(names)) for k in range(THREADS)])


def test_one_function_with_many_types():
    """The threads call one jitted function with arrays of their own shapes and dtypes, in other orders."""
    plain = lambda t, scale: {"y": np.sin(t["a"]) * scale, "n": fnp.sum(t["b"])}
    cases = [
        ({"a": np.full(shape, 0.5, dtype), "b": np.arange(n)}, dtype(2.0))
        for n, shape in enumerate([(), (3,), (2, 3), (3, 1), (0,), (5, 2)], 1)
        for dtype in (np.float64, np.float32)
    ]
    want = [jit(plain)(*c) for c in cases]
    f = jit(plain)

    def calls(k: int) -> None:
        order = np.random.default_rng(k).permutation(len(cases) * 8) % len(cases)
        for i in order:
            got = f(*cases[i])
            same(got, want[i])
            assert got["y"].dtype == want[i]["y"].dtype

    together([lambda k=k: calls(k) for k in range(THREADS)])


@pytest.mark.parametrize("f", [growth, recurrence, nested], ids=lambda f: f.__name__)
def test_programs_run_beside_each_other(f):
    """Large ones run without the interpreter's lock; each call has scratch memory and tapes of its own."""
    run = jit(fgrad.value_and_grad(f))
    xs = [LARGE * (1.0 + k / 100.0) for k in range(4)]
    want = [run(x) for x in xs]
    for found, w in zip(together([lambda x=x: [run(x) for _ in range(4)] for x in xs * 2]), want * 2, strict=True):
        for one in found:
            same(one, w)


def test_results_are_changed_while_others_compute():
    """A thread that writes into its results and its arguments disturbs no other."""
    run = jit(lambda x: (np.sin(x) * 2.0, x + 1.0, x.reshape(2, -1)))

    def calls(k: int) -> None:
        x = np.full(2000, float(k))
        for _ in range(20):
            a, b, c = run(x)
            np.testing.assert_allclose(a, np.sin(x) * 2.0, rtol=1e-14)
            same((b, c), (x + 1.0, x.reshape(2, -1)))
            a[:], b[:], c[:] = np.nan, np.nan, np.nan
            x += 1.0

    together([lambda k=k: calls(k) for k in range(THREADS)])


def test_errors_in_some_threads():
    """IndexError and TapeError where they belong, right values everywhere else."""
    read = jit(lambda x, i: fnp.sum(np.sin(x)) + x[i])
    endless = jit(grad(lambda x: while_loop(lambda v: fnp.sum(v) > 0.0, lambda v: np.sin(v) ** 2 + 1.0, x, max_tape_bytes=200_000)[0]))
    x = X.copy()
    good = np.sin(x).sum()

    def right(k: int) -> None:
        for i in range(200):
            np.testing.assert_allclose(read(x, i % 40), good + x[i % 40], rtol=1e-14)

    def wrong_index(k: int) -> None:
        for _ in range(200):
            with pytest.raises(IndexError, match=f"index {40 + k} is out of bounds for axis 0 with size 40"):
                read(x, 40 + k)

    def wrong_tape(k: int) -> None:
        for _ in range(5):
            with pytest.raises(fgrad.errors.TapeError, match="more than 200,000 bytes"):
                endless(x)

    jobs = [right, wrong_index, wrong_tape]
    together([lambda k=k: jobs[k % 3](k) for k in range(9)])


def test_errors_while_staging_in_one_thread():
    """A first call that fails leaves the function usable."""
    fail = threading.Event()
    fail.set()

    def f(x):
        if fail.is_set() and threading.current_thread().name.startswith("bad"):
            raise RuntimeError("no")
        return np.cos(x) * 3.0

    run = jit(f)
    errors = []

    def bad() -> None:
        try:
            run(X)
        except RuntimeError as e:
            errors.append(e)

    threads = [threading.Thread(target=bad, name=f"bad {k}") for k in range(4)]
    for t in threads:
        t.start()
    same(together([lambda: run(X)] * 4), [np.cos(X) * 3.0] * 4)
    for t in threads:
        t.join()
    fail.clear()
    same(run(X), np.cos(X) * 3.0)


def test_a_function_staged_inside_another_thread():
    """jit inside jit, vmap and branches, staged by all threads at once."""
    inner = jit(lambda x, y: cond(x > y, lambda: np.sin(x) * y, lambda: x - y))

    def outer(x, y):
        return fnp.sum(vmap(lambda a: inner(a, y))(x))

    want = [float(jit(grad(outer))(X, 0.1 * k)[0]) for k in range(THREADS)]
    found = together([lambda k=k: float(jit(grad(outer))(X, 0.1 * k)[0]) for k in range(THREADS)])
    assert found == want


FORK = """
import os, numpy as np, fgrad
x = np.linspace(0.1, 1.3, 40)
recurrence = lambda x: fgrad.scan(lambda c, u: (np.sin(c) * u + 0.5, c), x, np.linspace(0.0, 1.0, 12))[0]
run, late = fgrad.jit(recurrence), fgrad.jit(lambda x: np.tanh(x) * 2.5 - x)
want = run(x)
child = os.fork()
np.testing.assert_allclose(late(x), np.tanh(x) * 2.5 - x, rtol=1e-14)
np.testing.assert_array_equal(run(x), want)
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
def test_a_forked_process_goes_on():
    """What is compiled before a fork, and what is not, runs in both processes."""
    subprocess.run([sys.executable, "-c", FORK], env={**os.environ, "FGRAD_COMPILE": "1"}, check=True, timeout=120)
