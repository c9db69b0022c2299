"""linear_transpose, eval_shape, make_jaxpr: what needs types and no values; and long programs."""

from __future__ import annotations

import functools

import numpy as np

import fgrad
import fgrad.numpy as fnp
from fgrad import grad, vmap

X = np.array([0.5, -1.0, 2.0])
close = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-14)


# -- linear_transpose, eval_shape, make_jaxpr


def test_linear_transpose():
    a = np.arange(6.0).reshape(2, 3)
    (x,) = fgrad.linear_transpose(lambda x: a @ x, X)(np.array([1.0, 2.0]))
    close(x, a.T @ np.array([1.0, 2.0]))
    gx, gy = fgrad.linear_transpose(lambda x, y: 2 * x[::-1] + np.sum(y), fgrad.ShapeDtypeStruct((3,), float), 0.0)(X)
    close(gx, 2 * X[::-1])
    close(gy, X.sum())
    back = fgrad.linear_transpose(lambda x: fgrad.linear_transpose(lambda y: a @ y, X)(x)[0], np.ones(2))
    close(back(X)[0], a @ X)
    close(vmap(lambda ct: fgrad.linear_transpose(lambda x: a @ x, X)(ct)[0])(np.eye(2)), a)
    close(grad(lambda s: fgrad.linear_transpose(lambda x: s * x, 1.0)(2.0)[0])(3.0), 2.0)
    close(fgrad.linear_transpose(lambda x: {"a": x, "b": 3 * x}, 1.0)({"a": 1.0, "b": 2.0})[0], 7.0)


def test_eval_shape_computes_nothing():
    huge = fgrad.ShapeDtypeStruct((10**6, 10**6), np.float32)
    out = fgrad.eval_shape(lambda x, y: {"s": np.sin(x), "sum": np.sum(x, axis=0), "m": x > 0, "y": y}, huge, 1)
    assert {k: str(v) for k, v in out.items()} == {
        "s": "f32[1000000,1000000]",
        "sum": "f32[1000000]",
        "m": "bool[1000000,1000000]",
        "y": "i64[]",
    }
    assert fgrad.eval_shape(grad(lambda x: fnp.sum(x)), huge) == huge
    assert fgrad.eval_shape(lambda x, *, scale: x * scale, 1.0, scale=X).shape == (3,)


def test_make_jaxpr_arguments():
    closed = fgrad.make_jaxpr(lambda x, n, f: f(x) * n, static_argnums=(1, 2))(1.0, 3, np.sin)
    assert len(closed.in_avals) == 1
    close(closed(0.7)[0], 3 * np.sin(0.7))
    assert fgrad.make_jaxpr(lambda n, x: x**n, static_argnums=0)(3, 1.0).in_avals == [fgrad.ShapeDtypeStruct((), float)]
    assert len(fgrad.make_jaxpr(lambda x, f: f(x), static_argnums=-1)(1.0, np.sin).in_avals) == 1
    closed, shape = fgrad.make_jaxpr(lambda p: {"y": p["x"] * 2}, return_shape=True)({"x": X})
    assert shape == {"y": fgrad.ShapeDtypeStruct((3,), float)}
    assert len(fgrad.make_jaxpr(lambda x, *, y: x * y)(1.0, y=2.0).in_avals) == 2
    assert str(fgrad.make_jaxpr(np.sin)(fgrad.ShapeDtypeStruct((3,), np.float32)).out_avals[0]) == "f32[3]"


def test_constants_are_evaluated_and_not_staged():
    closed = fgrad.make_jaxpr(lambda x: x * np.sin(np.ones(3)) + fnp.exp(np.ones(3)))(1.0)
    assert [e.primitive.name for e in closed.eqns] == ["broadcast", "mul", "add"]
    assert len(closed.consts) == 2


def test_printing_inside_a_traced_function(capsys):
    grad(lambda x: print(x) or x * 2.0)(1.5)
    fgrad.make_jaxpr(lambda x: print(x) or x)(1.5)
    vmap(lambda x: print(x) or x)(X)
    lines = capsys.readouterr().out.splitlines()
    assert "1.5" in lines[0]
    assert "f64[]" in lines[1]
    assert "f64[]" in lines[2]
