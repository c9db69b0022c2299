"""Random sparse programs: nothing is missing from any pattern, and sparse matrices are the dense ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

import fgrad
import fgrad.numpy as fnp


@st.composite
def steps(draw: st.DrawFn, size: int) -> tuple[Callable[[Any], Any], int]:
    """One step of a program on a vector of this size: what it computes, and the size of its result."""
    integers = lambda low, high: draw(st.integers(low, high))
    kind = draw(st.sampled_from(sorted(STEPS)))
    return STEPS[kind](size, integers)


def _slice(n: int, draw: Callable) -> tuple[Callable, int]:
    start, step = draw(0, n - 1), draw(1, 2)
    return lambda x: x[start::step], len(range(start, n, step))


def _gather(n: int, draw: Callable) -> tuple[Callable, int]:
    places = np.array([draw(-n, n - 1) for _ in range(draw(1, 6))])
    return lambda x: x[places], len(places)


def _by_value(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: x * fnp.take(x, fnp.argsort(x)), n


def _scatter(n: int, draw: Callable) -> tuple[Callable, int]:
    places, add = np.array([draw(0, n - 1) for _ in range(2)]), draw(0, 1)
    change = (lambda x, v: fnp.at(x)[places].add(v)) if add else (lambda x, v: fnp.at(x)[places].set(v))
    return lambda x: change(x, x[:1] * np.array([1.5, -0.5])), n


def _stencil(n: int, draw: Callable) -> tuple[Callable, int]:
    k = draw(1, n)
    return lambda x: x * fnp.roll(x, k) + fnp.roll(x, -1), n


def _pair(n: int, draw: Callable) -> tuple[Callable, int]:
    k = draw(1, n)
    return lambda x: fnp.concatenate([x[:k] ** 2, fnp.sin(x)]), n + k


def _matrix(n: int, draw: Callable) -> tuple[Callable, int]:
    a = np.zeros((draw(1, 5), n))
    for _ in range(4):
        a[draw(0, len(a) - 1), draw(0, n - 1)] = draw(1, 3)
    return lambda x: a @ fnp.cos(x), len(a)


def _sums(n: int, draw: Callable) -> tuple[Callable, int]:
    groups = draw(1, n)
    return lambda x: fnp.sum(fnp.square(x[: n // groups * groups]).reshape(groups, n // groups), axis=1), groups


def _masked(n: int, draw: Callable) -> tuple[Callable, int]:
    mask = np.array([bool(draw(0, 1)) for _ in range(n)])
    return lambda x: fnp.where(mask, x * x, 0.5) * np.where(mask, 1.0, 0.0) + fnp.exp(-x * x) * mask[::-1], n


def _chosen(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: fnp.where(x > 0.1, x * x, x[::-1]), n


def _running(n: int, draw: Callable) -> tuple[Callable, int]:
    return (lambda x: fnp.cumsum(x * x)) if draw(0, 1) else (lambda x: fnp.maximum(x, 0.3)), n


def _loop(n: int, draw: Callable) -> tuple[Callable, int]:
    length = draw(1, 3)

    def f(x: Any) -> Any:
        return fgrad.scan(lambda c, i: (c * 0.5 + fnp.roll(c, 1) * x[i], None), x, np.arange(length) % n)[0]

    return f, n


def _steps(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: fgrad.scan(lambda c, y: (c + y * y, c * y), x[0], x)[1], n


def _while(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: fgrad.while_loop(lambda v: fnp.sum(v * v) > 1.0, lambda v: v * 0.6 + 0.01 * v[:1], x), n


def _branch(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: fgrad.cond(fnp.sum(x) > 0, lambda x: x * x, lambda x: x[::-1] * 2.0, x), n


def _outer(n: int, draw: Callable) -> tuple[Callable, int]:
    return lambda x: (x[:2, None] * x[None, :]).reshape(-1), min(n, 2) * n


STEPS: dict[str, Callable] = {
    f.__name__: f
    for f in (
        _slice, _gather, _by_value, _scatter, _stencil, _pair, _matrix, _sums, _masked, _chosen, _running, _loop, _steps, _while, _branch, _outer,
    )
}  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> tuple[Callable[[Any], Any], np.ndarray]:
    """A function of a vector, and a vector."""
    n = draw(st.integers(2, 7))
    size, fs = n, []
    for _ in range(draw(st.integers(1, 4))):
        f, size = draw(steps(size))
        fs.append(f)
        if size > 40:
            break

    def program(x: Any) -> Any:
        for f in fs:
            x = f(x)
        return x

    return program, np.random.default_rng(draw(st.integers(0, 99))).normal(size=n)


def quiet(f: Callable, *args: Any) -> Any:
    """A dense function is said to be one; here that is no news."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return f(*args)


@given(programs())
@settings(max_examples=150)
def test_jacobian(drawn):
    f, x = drawn
    dense = fgrad.jacfwd(f)(x)
    pattern = fgrad.sparsity(f)(x)
    assert not ((dense != 0) & ~pattern.toarray()).any()
    np.testing.assert_allclose(quiet(fgrad.jacobian(f, mode="sparse"), x).toarray(), dense, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(fgrad.jacobian(f, mode="compressed")(x), dense, rtol=1e-12, atol=1e-12)


@given(programs())
@settings(max_examples=75)
def test_hessian(drawn):
    f, x = drawn
    total = lambda x: fnp.sum(fnp.sin(f(x)))
    dense = fgrad.hessian(total, mode="forward-over-reverse")(x)
    np.testing.assert_allclose(quiet(fgrad.hessian(total, mode="sparse"), x).toarray(), dense, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(fgrad.hessian(total, mode="compressed")(x), dense, rtol=1e-10, atol=1e-10)
