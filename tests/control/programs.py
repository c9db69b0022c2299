"""Scalar programs with loops and branches, written once and run twice: by fgrad, and by Python loops on plain NumPy.

The derivatives of the Python form come from Cauchy's integral: f is evaluated on a circle of complex points about x, whose discrete Fourier transform
is the Taylor series. Nothing is differentiated by a rule. The points are the last axis of every value; the first of them is x itself, and
takes all decisions, so that the trip counts are those at x.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

import fgrad

XS = np.array([0.4, -0.3, 0.8])
TABLE = np.array([0.5, 1.0, -0.25, 0.75])

POINTS = 16
RADIUS = 0.01


# -- the Python form


def _first(p: Any) -> Any:
    return np.ravel(p)[0]


def _scan(f: Callable, init: Any, xs: Any = None, length: int | None = None, reverse: bool = False, checkpoint: Any = None) -> tuple:
    n = length if xs is None else fgrad.tree.leaves(xs)[0].shape[0]
    ys: list = [None] * n
    for i in reversed(range(n)) if reverse else range(n):
        init, ys[i] = f(init, fgrad.tree.map(lambda a: a[i], xs))  # noqa: B023
    return init, fgrad.tree.map(lambda *a: np.stack([np.broadcast_to(x, (POINTS + 1,)) for x in a]), *ys)


def _while(cond: Callable, body: Callable, value: Any, checkpoint: Any = None) -> Any:
    while _first(cond(value)):
        value = body(value)
    return value


def _fori(lower: Any, upper: Any, body: Callable, value: Any, checkpoint: Any = None) -> Any:
    for i in range(int(_first(lower)), int(_first(upper))):
        value = body(i, value)
    return value


PYTHON = SimpleNamespace(
    scan=_scan,
    while_loop=_while,
    fori_loop=_fori,
    map=lambda f, xs: _scan(lambda _, x: (None, f(x)), None, xs)[1],
    cond=lambda p, t, f, *args: (t if _first(p) else f)(*args),
    switch=lambda i, branches, *args: branches[min(max(int(_first(i)), 0), len(branches) - 1)](*args),
    jit=lambda f: f,
    checkpoint=lambda f: f,
    total=lambda ys: np.sum(ys, axis=0),
    times=lambda x, array: x * array[:, None],
    whole=lambda x: np.int64(_first(x).real),
    at=lambda table, i: table[int(_first(i))],
)

FGRAD = SimpleNamespace(
    scan=fgrad.scan,
    while_loop=fgrad.while_loop,
    fori_loop=fgrad.fori_loop,
    map=fgrad.map,
    cond=fgrad.cond,
    switch=fgrad.switch,
    jit=fgrad.jit,
    checkpoint=fgrad.checkpoint,
    total=np.sum,
    times=lambda x, array: x * array,
    whole=lambda x: x.astype(int),
    at=lambda table, i: table[i],
)


def derivatives(program: Callable) -> Callable[[int, float], float]:
    """(n, x) -> the n-th derivative of a program at x."""

    @functools.cache
    def series(x: float) -> np.ndarray:
        circle = RADIUS * np.exp(2j * np.pi * np.arange(POINTS) / POINTS)
        values = np.broadcast_to(program(PYTHON, x + np.concatenate([[0.0], circle])), (POINTS + 1,))
        found = np.fft.fft(values[1:]).real / POINTS
        np.testing.assert_allclose(found[0], values[0].real, rtol=1e-12)  # else the circle is too wide for this program
        return found

    return lambda n, x: series(x)[n] * math.factorial(n) / RADIUS**n


# -- loops and branches of each kind


def scan_forward(m, x):
    c, ys = m.scan(lambda c, u: (np.sin(c * x) + u, c * u), x, XS)
    return c + m.total(ys)


def scan_reverse(m, x):
    def body(carry, u):
        a, b = carry["a"], carry["b"]
        return {"a": a * b + u["p"], "b": np.sin(a)}, (a * u["q"], {"k": u["p"]})

    c, (y, d) = m.scan(body, {"a": x, "b": x * x}, {"p": m.times(x, XS), "q": XS}, reverse=True)
    return c["a"] * c["b"] + m.total(y * d["k"])


def scan_mixed_carry(m, x):
    """Integers, booleans, None and an inactive float beside an active one; no xs."""

    def body(c, _):
        a, n, k, _, none = c
        return (np.sin(a * k) + a * n, n + 1, 0.5 * k, n > 0, none), None

    a, n, k, b, _ = m.scan(body, (x, 0, 1.0, False, None), length=3)[0]
    return a * k + n + b


def scan_checkpointed(m, x):
    c, ys = m.scan(lambda c, u: (np.sin(c * x) + u, c * u), x, m.times(x, XS), checkpoint=2)
    return c + m.total(ys)


def fori_static(m, x):
    return m.fori_loop(0, 3, lambda i, c: np.sin(c * x) + 0.1 * i * c, x)


def fori_traced(m, x):
    n = m.whole(3.0 * x)
    return m.fori_loop(1, n, lambda i, c: np.sin(c * x) + 0.1 * i * c, x)


def fori_checkpointed(m, x):
    return m.fori_loop(1, m.whole(3.0 * x) + 2, lambda i, c: np.sin(c * x) + 0.1 * i * c, x, checkpoint=2)


def while_dynamic(m, x):
    """The condition closes over the argument too."""
    c, k = m.while_loop(lambda v: v[0] < 4.0 + x, lambda v: (1.4 * v[0] + np.sin(v[1] * x), 0.5 * v[1] * x + 0.2), (x, x * x))
    return c * k


def while_checkpointed(m, x):
    return m.while_loop(
        lambda v: v[0] < 4.0 + x, lambda v: (1.4 * v[0] + np.sin(v[1] * x), 0.5 * v[1] * x + 0.2), (x, x * x), checkpoint=2
    )[0]


def while_zero_trips(m, x):
    return x * m.while_loop(lambda c: c < 0.0, lambda c: c / 0.0, np.sin(x))


def cond_closure(m, x):
    return m.cond(x > 1.0, lambda a: np.sin(a) * x, lambda a: np.exp(-a * x) + x, x * x)


def switch_three(m, x):
    return m.switch(m.whole(2.0 * x) - 1, [lambda a: a * a * x, lambda a: np.sin(a * x), lambda a: np.exp(-a)], 0.5 * x)


def map_rows(m, x):
    return m.total(m.map(lambda u: {"a": np.sin(u * x)}, m.times(x, XS))["a"])


# -- one in the other


def scan_in_scan(m, x):
    def outer(c, u):
        d, ys = m.scan(lambda d, v: (np.sin(d * x + u * v), c * d), c, XS[:2])
        return d * u + x, m.total(ys)

    c, ys = m.scan(outer, x, XS[:2])
    return c + m.total(ys)


def while_in_scan(m, x):
    def body(c, u):
        k = m.while_loop(lambda k: k < 3.0, lambda k: 1.5 * k + np.sin(k * x) + u * u + 1.0, c * c)
        return np.sin(k) + u, k * u

    c, ys = m.scan(body, x, XS[:2])
    return c + m.total(ys)


def scan_in_while(m, x):
    def body(v):
        d, ys = m.scan(lambda d, u: (np.sin(d * x + u), d * d), v[0], XS[:2])
        return d, v[1] + m.total(ys) + 0.3

    return m.while_loop(lambda v: v[1] < 1.5, body, (x, x))[1]


def while_in_while(m, x):
    def outer(v):
        k = m.while_loop(lambda k: k < 3.0, lambda k: 1.6 * k + 0.5 * np.sin(k + x) + 0.3, v[0] * v[0])
        return np.sin(k) * x, v[1] + k

    a, b = m.while_loop(lambda v: v[1] < 6.0, outer, (x, x))
    return a * b


def cond_in_scan(m, x):
    c, ys = m.scan(lambda c, u: (m.cond(c + u > 0.5, lambda c: np.sin(c) * x, lambda c: c * c * x + u, c), c), x, XS)
    return c + m.total(ys * ys)


def while_in_cond(m, x):
    loop = lambda a: m.while_loop(lambda k: k < 4.0, lambda k: 1.5 * k + np.sin(k * x) + 0.7, a)
    return m.cond(x > 1.0, lambda a: np.cos(a * x), loop, x)


def cond_in_while(m, x):
    def body(v):
        c, n = v
        return m.cond(n % 2 == 0, lambda c: np.sin(c * x) + c, lambda c: c * x + 0.4, c) + 0.5, n + 1

    return m.while_loop(lambda v: v[0] < 3.0, body, (x, 0))[0]


def loops_in_loop_in_branch(m, x):
    """while in fori with traced bounds in a branch."""

    def rare(a):
        step = lambda i, c: np.sin(m.while_loop(lambda k: k < 1.5 + 0.1 * i, lambda k: 1.4 * k + 0.2 * x, 0.5 * c * c + 0.2))
        return m.fori_loop(0, m.whole(2.0 * x) + 1, step, a)

    return m.cond(x < 2.0, rare, lambda a: a * a, x)


def map_of_switch(m, x):
    branch = lambda u: m.switch(m.whole(3.0 * u), [lambda a: a * x, lambda a: np.sin(a * x), np.exp], u)
    return m.total(m.map(branch, m.times(x, XS)))


def checkpointed_in_checkpointed(m, x):
    """A checkpointed while in a checkpointed scan."""

    def body(c, u):
        k = m.while_loop(lambda k: k < 3.0, lambda k: 1.5 * k + 0.5 * np.sin(k + x) + 0.4, c * c, checkpoint=1)
        return np.sin(k) + u * x, k

    c, ys = m.scan(body, x, XS[:2], checkpoint=2)
    return c + m.total(ys)


def calls_in_loops(m, x):
    """jit in scan, checkpoint in while, closing over the argument and over a loop's variable."""
    c, _ = m.scan(lambda c, u: (m.jit(lambda a: np.sin(a * x) + u * c)(c), None), x, XS[:2])
    return m.while_loop(lambda k: k < 4.0, m.checkpoint(lambda k: 1.5 * k + np.sin(k * x) + 1.0), c * c)


KINDS = [
    scan_forward, scan_reverse, scan_mixed_carry, scan_checkpointed, fori_static, fori_traced, fori_checkpointed, while_dynamic,
    while_checkpointed, while_zero_trips, cond_closure, switch_three, map_rows,
]  # fmt: skip
NESTED = [
    scan_in_scan, while_in_scan, scan_in_while, while_in_while, cond_in_scan, while_in_cond, cond_in_while, loops_in_loop_in_branch,
    map_of_switch, checkpointed_in_checkpointed, calls_in_loops,
]  # fmt: skip
