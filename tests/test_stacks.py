"""The primitives that take stacks, the residuals of loops of dynamic length: their transposes and their batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fgrad.core.avals import ShapedArray, Stack, typeof
from fgrad.ops import stacks
from fgrad.transforms.autodiff import jvp_flat, linearize_flat
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import transpose_program

SHAPE = (2, 3)
ELEM = ShapedArray(SHAPE, np.float64)
MASK = np.array([True, False])

# name: (the function of stacks, how many it takes)
FUNCTIONS: dict[str, tuple[Callable, int]] = {
    "add": (stacks.accumulate, 2),
    "select": (lambda x, y: stacks.choose(MASK, x, y), 2),
    "broadcast": (lambda x: stacks.stack_broadcast(x, size=4), 1),
    "sum": (stacks.stack_sum, 1),
    "swap": (stacks.swap_first_axes, 1),
    "lane fill": (lambda x: stacks.lane_fill(MASK, x), 1),
}
each = pytest.mark.parametrize("name", FUNCTIONS)


def draw(rng: np.random.Generator, length: int, aval: Any = ELEM, nested: bool = False) -> Stack:
    if nested:
        inner = [draw(rng, length, aval) for _ in range(2)]
        return Stack(inner, inner[0].aval)
    return Stack([rng.normal(size=aval.shape) for _ in range(length)], aval)


def like(rng: np.random.Generator, x: Any) -> Any:
    """A random value of the type, and the length, of a stack."""
    if isinstance(x, Stack):
        return Stack([like(rng, i) for i in x.items], x.aval.elem)
    return rng.normal(size=np.shape(x))


def arrays(x: Any) -> list[np.ndarray]:
    return [a for i in x.items for a in arrays(i)] if isinstance(x, Stack) else [np.asarray(x)]


def inner(x: Any, y: Any) -> float:
    return float(sum(np.sum(a * b) for a, b in zip(arrays(x), arrays(y), strict=True)))


@each
@pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])
def test_transpose(name, nested, rng):
    """They are linear: the tangent is the function of the tangent, and the transpose is adjoint to it."""
    f, n = FUNCTIONS[name]
    xs = [draw(rng, 3, nested=nested) for _ in range(n)]
    ts = [like(rng, x) for x in xs]
    out, tout = jvp_flat(lambda *xs: [f(*xs)], xs, ts)
    assert typeof(out[0]) == typeof(tout[0])
    _, program = linearize_flat(lambda *xs: [f(*xs)], xs, [True] * n)
    ct = like(rng, tout[0])
    cts = transpose_program(program, [ct])
    assert inner(ct, tout[0]) == pytest.approx(sum(inner(c, t) for c, t in zip(cts, ts, strict=True)))
    if name != "lane fill":  # which has no tangent where it fills
        np.testing.assert_array_equal(arrays(tout[0]), arrays(f(*ts)))


@each
def test_batch(name, rng):
    """A batch of stacks is a stack of batches; each example of it comes out as it would alone."""
    f, n = FUNCTIONS[name]
    size = 4
    batched = [draw(rng, 3, ShapedArray((size, *SHAPE), np.float64)) for _ in range(n)]
    for shared in [None, *(range(n) if n > 1 else [])]:
        xs = [draw(rng, 3) if i == shared else b for i, b in enumerate(batched)]
        mapped = [i != shared for i in range(n)]
        (out,), (is_mapped,) = batch_flat(lambda *xs: [f(*xs)], size, xs, mapped)
        assert is_mapped
        for k in range(size):
            alone = f(*[Stack([a[k] for a in x.items], ELEM) if m else x for x, m in zip(xs, mapped, strict=True)])
            np.testing.assert_array_equal([a[k] for a in arrays(out)], arrays(alone))


@each
def test_the_empty_stack_is_zero(name):
    f, n = FUNCTIONS[name]
    out = f(*[Stack([], ELEM)] * n)
    assert len(out) == 0
    assert typeof(out) == stacks.typeof(f(*[Stack([np.zeros(SHAPE)], ELEM)] * n))


def test_adding_nothing(rng):
    x = draw(rng, 2)
    np.testing.assert_array_equal(arrays(stacks.stack_add(x, Stack([], ELEM))), arrays(x))
    np.testing.assert_array_equal(arrays(stacks.stack_add(Stack([], ELEM), x)), arrays(x))
