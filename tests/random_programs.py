"""Random programs on small arrays: compositions of elementwise functions, reductions, shape functions and indexing.

They are smooth, and bounded whatever they are composed of, so that finite differences are accurate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

ELEMENTWISE: dict[str, Callable] = {
    "sin": np.sin,
    "tanh": np.tanh,
    "arctan": np.arctan,
    "softplus": lambda x: np.logaddexp(x, 0.0),
    "gauss": lambda x: np.exp(-(x**2)),
    "rational": lambda x: x / (1 + x**2),
    "root": lambda x: np.sqrt(1 + np.square(x)),
    "affine": lambda x: 0.7 * x - 0.3,
    "log": lambda x: np.log1p(x * x),
    "where": lambda x: np.where(np.arange(x.size).reshape(x.shape) % 2 == 0, x, 0.5 * x),
}
BINARY: dict[str, Callable] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: np.tanh(x) * y,
    "divide": lambda x, y: x / (2 + y * y),
    "hypot": lambda x, y: np.hypot(x, 1 + y * y),
    "logaddexp": np.logaddexp,
    "arctan2": lambda x, y: np.arctan2(x, 1 + y * y),
}


@st.composite
def shape_function(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[str, Callable]:
    """A reduction, a shape function or an index that fits arrays of this shape."""
    n = len(shape)
    options: list[tuple[str, Callable]] = [
        ("ravel", np.ravel),
        ("new axis", lambda x: x[None]),
        ("transpose", np.transpose),
        ("flip", np.flip),
        ("tile", lambda x: np.tile(x, 2)[..., :3]),
        ("stack", lambda x: np.stack([x, np.cos(x)])),
    ]
    if n:
        axis = draw(st.integers(-n, n - 1))
        size = shape[axis]
        options += [
            (f"sum {axis}", lambda x: np.sum(x, axis=axis)),
            (f"mean {axis}", lambda x: np.mean(x, axis=axis, keepdims=True)),
            (f"cumsum {axis}", lambda x: np.cumsum(x, axis=axis)),
            (f"roll {axis}", lambda x: np.roll(x, 1, axis=axis)),
            (f"concatenate {axis}", lambda x: np.concatenate([x, x * x], axis=axis)),
            (f"flip {axis}", lambda x: np.flip(x, axis)),
            (f"moveaxis {axis}", lambda x: np.moveaxis(x, axis, 0)),
            (f"outer difference {axis}", lambda x: np.expand_dims(x, axis) - np.sin(x)),
        ]
        if size:
            picked = draw(st.lists(st.integers(-size, size - 1), min_size=1, max_size=3))
            options += [
                (f"take {picked} {axis}", lambda x: np.take(x, picked, axis=axis)),
                ("strided", lambda x: x[::2]),
                ("entry", lambda x: x[..., -1] if x.shape[-1] else x),
                ("reversed", lambda x: x[::-1]),
                (f"var {axis}", lambda x: np.var(x, axis=axis)),
                (f"prod {axis}", lambda x: np.prod(np.tanh(x), axis=axis)),
            ]
    return draw(st.sampled_from(options))


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[str], Callable, np.ndarray]:
    """(what it is made of, the function, its argument)."""
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    x = np.random.default_rng(draw(st.integers(0, 1000))).uniform(-1.5, 1.5, size=shape)
    steps: list[tuple[str, Callable]] = []
    value = x
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["elementwise", "binary", "shape"]))
        if kind == "elementwise":
            name = draw(st.sampled_from(sorted(ELEMENTWISE)))
            step = ELEMENTWISE[name]
        elif kind == "binary":
            name = draw(st.sampled_from(sorted(BINARY)))
            other = draw(st.sampled_from(sorted(ELEMENTWISE)))
            step = lambda y, f=BINARY[name], g=ELEMENTWISE[other]: f(y, g(y))
        else:
            name, step = draw(shape_function(np.shape(value)))
        after = step(value)
        if np.size(after) <= 64:
            value = after
            steps.append((name, step))

    def f(y: Any) -> Any:
        for _, step in steps:
            y = step(y)
        return y

    return [n for n, _ in steps], f, x
