"""pure_callback and debug_print, wherever equations can be."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import ShapeDtypeStruct as Shape


class Recorder:
    """A function that notes the shapes it is called with."""

    def __init__(self, fun):
        self.fun, self.shapes = fun, []

    def __call__(self, *args):
        assert all(isinstance(a, (np.ndarray, np.generic)) for a in args)
        self.shapes.append(tuple(a.shape for a in args))
        return self.fun(*args)


def cbrt(x, **options):
    return fgrad.pure_callback(np.cbrt, x, x, **options)


def test_values_structures_and_types():
    f = lambda t: fgrad.pure_callback(
        lambda t, k: {"s": t["a"].sum(), "k": (k, None)}, {"s": Shape((), float), "k": (Shape((), int), None)}, t, k=3
    )
    for g in (f, fgrad.jit(f)):
        out = g({"a": np.arange(4.0)})
        assert float(out["s"]) == 6.0
        assert int(out["k"][0]) == 3 and out["k"][1] is None
    single = fgrad.pure_callback(lambda x: x * 2.0, Shape((2,), np.float32), np.ones(2))
    assert single.dtype == np.float32
    assert fgrad.pure_callback(lambda: 4, 0).dtype == np.int64


def test_vmap_one_by_one_and_all_at_once():
    x = np.arange(6.0).reshape(3, 2)
    one = Recorder(lambda x, w: np.cbrt(x).sum() * w)
    f = lambda x, w: fgrad.pure_callback(one, Shape((), float), x, w)
    np.testing.assert_allclose(fgrad.vmap(f, in_axes=(0, None))(x, 2.0), 2.0 * np.cbrt(x).sum(axis=1))
    assert one.shapes == [((2,), ())] * 3
    np.testing.assert_allclose(
        fgrad.vmap(f, in_axes=(1, 0))(x, np.array([1.0, 3.0])), [np.cbrt(x[:, 0]).sum(), 3.0 * np.cbrt(x[:, 1]).sum()]
    )

    whole = Recorder(lambda x, w: np.cbrt(x).sum(axis=-1) * w)
    g = lambda x, w: fgrad.pure_callback(whole, Shape((), float), x, w, vmap_method="broadcast_all")
    np.testing.assert_allclose(fgrad.vmap(g, in_axes=(0, None))(x, 2.0), 2.0 * np.cbrt(x).sum(axis=1))
    assert whole.shapes == [((3, 2), (3,))]
    np.testing.assert_allclose(fgrad.vmap(fgrad.vmap(g))(x[:, :, None], x), np.cbrt(x) * x)
    assert whole.shapes[1:] == [((3, 2, 1), (3, 2))]
    np.testing.assert_allclose(fgrad.vmap(fgrad.vmap(cbrt))(x), np.cbrt(x))


def test_in_loops_branches_and_jit():
    f = lambda x: fgrad.scan(lambda c, u: (cbrt(c) + u, cbrt(u)), x, np.array([1.0, 8.0]))
    g = lambda x: fgrad.while_loop(lambda c: cbrt(c) < 2.0, lambda c: cbrt(c) + c, x)
    h = lambda x: fgrad.cond(x > 0.0, cbrt, lambda x: x, x)
    for jit in (lambda f: f, fgrad.jit):
        c, ys = jit(f)(27.0)
        np.testing.assert_allclose(c, np.cbrt(4.0) + 8.0)
        np.testing.assert_allclose(ys, [1.0, 2.0])
        x = 1.0
        while np.cbrt(x) < 2.0:
            x = np.cbrt(x) + x
        np.testing.assert_allclose(jit(g)(1.0), x)
        np.testing.assert_allclose(jit(h)(8.0), 2.0)
        np.testing.assert_allclose(jit(fgrad.vmap(g))(np.array([1.0, 9.0])), [x, 9.0])
        np.testing.assert_allclose(jit(fgrad.vmap(h))(np.array([8.0, -8.0])), [2.0, -8.0])
        np.testing.assert_allclose(jit(lambda x: fgrad.map(cbrt, x))(np.array([8.0, 27.0])), [2.0, 3.0])


def test_with_a_derivative_of_the_users():
    @fgrad.custom_jvp
    def root(x):
        return cbrt(x)

    @root.defjvp
    def rule(primals, tangents):
        y = root(primals[0])
        return y, tangents[0] / (3.0 * y * y)

    f = lambda x: fgrad.scan(lambda c, u: (root(c) * u, None), x, np.array([1.5, 8.0]))[0]
    expected = fgrad.grad(lambda x: 8.0 * np.abs(1.5 * np.abs(x) ** (1 / 3)) ** (1 / 3))
    for g in (
        fgrad.grad(f),
        fgrad.jit(fgrad.grad(f)),
        fgrad.grad(fgrad.checkpoint(f)),
        lambda x: fgrad.vmap(fgrad.grad(f))(np.array([x]))[0],
    ):
        np.testing.assert_allclose(g(2.0), expected(2.0), rtol=1e-12)
    np.testing.assert_allclose(fgrad.grad(fgrad.grad(f))(2.0), fgrad.grad(expected)(2.0), rtol=1e-11)


def test_it_has_no_derivative():
    for d in (fgrad.grad, lambda f: lambda x: fgrad.jvp(f, (x,), (1.0,))):
        for f in (cbrt, fgrad.jit(cbrt), lambda x: fgrad.fori_loop(0, 2, lambda i, c: cbrt(c), x)):
            with pytest.raises(fgrad.errors.UnsupportedError, match="pure_callback has no derivative: cbrt is a black box") as info:
                d(f)(8.0)
            assert "custom_jvp" in str(info.value) and "stop_gradient" in str(info.value)
    assert float(fgrad.grad(lambda x: x * cbrt(fgrad.stop_gradient(x)))(8.0)) == 2.0


def test_wrong_results():
    with pytest.raises(fgrad.errors.ShapeError, match=r"pure_callback: <lambda> returned f64\[3\], and result_shape says f64\[2\]"):
        fgrad.pure_callback(lambda x: np.ones(3), Shape((2,), float), 1.0)
    with pytest.raises(fgrad.errors.TreeError, match="pure_callback: <lambda> returned"):
        fgrad.jit(lambda x: fgrad.pure_callback(lambda x: (x, x), Shape((), float), x))(1.0)
    with pytest.raises(fgrad.errors.ArgumentError, match="vmap_method is 'sequential' or 'broadcast_all', not 'fast'"):
        cbrt(1.0, vmap_method="fast")
    for n in (3, 1):  # one that would broadcast is wrong too
        with pytest.raises(fgrad.errors.ShapeError, match=rf"<lambda> returned f64\[{n}\], and result_shape says f64\[2\]"):
            fgrad.vmap(lambda x: fgrad.pure_callback(lambda x: np.ones(n), Shape((2,), float), x))(np.ones(2))  # noqa: B023


def test_the_users_own_error_comes_through():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fgrad.jit(lambda x: fgrad.scan(lambda c, u: (fgrad.pure_callback(broken, c, c), None), x, np.ones(2))[0])(1.0)


# -- debug_print


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def test_prints_when_computed(capsys):
    f = fgrad.jit(lambda x: (fgrad.debug_print("x = {} and {y:.1f}", x, y=2 * x), x + 1)[1])
    assert lines(capsys) == []
    f(1.0), f(2.5)
    assert lines(capsys) == ["x = 1.0 and 2.0", "x = 2.5 and 5.0"]
    fgrad.debug_print("{a[0]} {n}", a=np.arange(3) + 1, n=None)
    fgrad.debug_print("nothing")
    assert lines(capsys) == ["1 None", "nothing"]


def test_prints_in_loops_and_branches(capsys):
    show = lambda what, x: (fgrad.debug_print(what + " {:.1f}", x), x)[1]

    def f(x):
        x = fgrad.fori_loop(0, 2, lambda i, c: show("fori", c) * 2.0, x)
        x, _ = fgrad.scan(lambda c, u: (show("scan", c) + u, None), x, np.ones(2))
        x = fgrad.while_loop(lambda c: c < 9.0, lambda c: show("while", c) + 2.0, x)
        return fgrad.cond(x > 0.0, lambda x: show("yes", x), lambda x: show("no", x), x)

    expected = ["fori 1.0", "fori 2.0", "scan 4.0", "scan 5.0", "while 6.0", "while 8.0", "yes 10.0"]
    for g in (f, fgrad.jit(f)):
        g(1.0)
        assert lines(capsys) == expected
    assert float(fgrad.grad(f)(1.0)) == 4.0
    assert lines(capsys) == expected
    fgrad.jvp(f, (1.0,), (1.0,))
    assert lines(capsys) == expected


def test_prints_once_for_each_example(capsys):
    f = lambda x, y: (fgrad.debug_print("{} {}", x, y), x * y)[1]
    fgrad.vmap(f, in_axes=(0, None))(np.array([1, 2]), 5)
    assert lines(capsys) == ["1 5", "2 5"]
    fgrad.vmap(fgrad.vmap(f, in_axes=(None, 0)), in_axes=(0, None))(np.array([1, 2]), np.array([3, 4]))
    assert sorted(lines(capsys)) == ["1 3", "1 4", "2 3", "2 4"]


def test_a_print_of_nothing_traced_survives_staging(capsys):
    f = fgrad.jit(lambda x: (fgrad.debug_print("here"), x)[1])
    f(1.0), f(1.0)
    assert lines(capsys) == ["here", "here"]


def test_a_format_that_is_no_string():
    with pytest.raises(fgrad.errors.ArgumentError, match="the first argument is a format string, not 1"):
        fgrad.debug_print(1.0)
