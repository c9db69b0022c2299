"""vmap: axes, trees of axes, nests, sizes."""

from __future__ import annotations

import functools

import numpy as np

import fgrad.numpy as fnp
from fgrad import grad, vmap

X = np.array([0.5, -1.0, 2.0])
close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


# -- vmap


def test_vmap_axes():
    a = np.arange(24.0).reshape(2, 3, 4)
    f = lambda x: x.sum(axis=0) * 2
    for i in (0, 1, 2, -1, -2, -3):
        expected = np.stack([f(x) for x in np.moveaxis(a, i, 0)])
        close(vmap(f, in_axes=i)(a), expected)
        for o in (0, 1, -1, -2):
            found = vmap(f, in_axes=i, out_axes=o)(a)
            close(found, np.moveaxis(expected, 0, o))


def test_vmap_trees_of_axes():
    p = {"w": np.arange(6.0).reshape(2, 3), "b": np.arange(3.0), "s": 2.0}
    f = lambda p, x: {"y": p["w"] * x + p["b"], "s": p["s"]}
    out = vmap(f, in_axes=({"w": 1, "b": 0, "s": None}, None), out_axes={"y": 1, "s": None})(p, np.array([1.0, 2.0]))
    close(out["y"], p["w"] * np.array([[1.0], [2.0]]) + p["b"])
    assert out["s"] == 2.0
    out = vmap(f, in_axes=(None, 0))(p, np.ones((5, 3)))
    assert out["y"].shape == (5, 2, 3)
    assert out["s"].shape == (5,)
    close(vmap(lambda p: p["a"] + p["b"])({"a": X, "b": X}), 2 * X)
    close(vmap(lambda x, y: x + y, in_axes=[0, None])(X, 1.0), X + 1)
    close(vmap(lambda x, y: (x, y), in_axes=(0, None), out_axes=(0, None))(X, 1.0)[1], 1.0)
    close(vmap(lambda t: t[0] * t[1], in_axes=((0, None),))((X, 2.0)), 2 * X)


def test_vmap_axis_size():
    assert vmap(lambda: 1.0, axis_size=3)().tolist() == [1.0, 1.0, 1.0]
    assert vmap(lambda x: x, in_axes=None, axis_size=2)(X).shape == (2, 3)
    close(vmap(lambda x: x * 2, axis_size=3)(X), 2 * X)


def test_vmap_nested():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    close(vmap(vmap(lambda x, y: x * y), in_axes=(0, None))(a, b), a * b)
    close(vmap(vmap(lambda x, y: x * y, in_axes=(0, None)), in_axes=(None, 0))(b, b), np.outer(b, b))
    close(vmap(vmap(vmap(lambda x: x**2)))(np.ones((2, 3, 4))), np.ones((2, 3, 4)))
    close(vmap(lambda x: vmap(lambda y: x @ y)(a))(a), a @ a.T)


def test_vmap_of_empty_and_single_batches():
    assert vmap(lambda x: x * 2)(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(grad(lambda x: fnp.sum(x**2)))(np.zeros((0, 3))).shape == (0, 3)
    close(vmap(lambda x: x * 2)(np.ones((1, 3))), 2 * np.ones((1, 3)))
