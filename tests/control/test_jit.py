"""jit as a call: when it stages, what it closes over, and its rules inside everything else."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import fgrad
from fgrad.testing import check_grads


def counted(fun):
    """A function that counts how often Python runs it."""

    @functools.wraps(fun)
    def wrapper(*args, **kwargs):
        wrapper.runs += 1
        return fun(*args, **kwargs)

    wrapper.runs = 0
    return wrapper


def test_python_runs_once_for_each_structure_and_types():
    f = counted(lambda t: {"y": t["a"] * 2, "n": None})
    g = fgrad.jit(f)
    for a in (1.0, np.float64(2.0), np.array(3.0)):
        np.testing.assert_array_equal(g({"a": a})["y"], 2 * a)
    assert f.runs == 1
    g({"a": np.ones(3)}), g({"a": np.zeros(3)})
    assert f.runs == 2
    for new in (np.ones(4), np.ones(3, np.float32), 1, True, 1j):
        before = f.runs
        g({"a": new}), g({"a": new})
        assert f.runs == before + 1
    runs = f.runs
    g({"a": 1.0})
    assert f.runs == runs


def test_side_effects_happen_once():
    seen = []
    f = fgrad.jit(lambda x: (seen.append("ran"), x + 1.0)[1])
    assert [float(f(x)) for x in (1.0, 2.0, 3.0)] == [2.0, 3.0, 4.0]
    assert seen == ["ran"]


def test_derivatives_and_batches_do_not_stage_again():
    f = counted(lambda x: np.sin(x) * x)
    g = fgrad.jit(f)
    for _ in range(3):
        fgrad.grad(g)(1.0), fgrad.jvp(g, (1.0,), (1.0,)), fgrad.grad(fgrad.grad(g))(2.0), fgrad.vmap(g)(np.ones(3)), g(1.0)
    assert f.runs == 1
    h = counted(lambda x: np.sin(x) * x)
    slope = fgrad.jit(fgrad.grad(h))
    slope(1.0), slope(2.0)
    assert h.runs == 1


@pytest.mark.parametrize(
    "how", [{"static_argnums": 1}, {"static_argnums": (-2,)}, {"static_argnames": "n"}, {"static_argnames": ("n", "shift")}]
)
def test_static_arguments_by_position_and_by_name(how):
    def power(x, n, shift=0.0):
        out = 1.0
        for _ in range(n):  # a traced n would not be a range
            out = out * x
        return out + shift

    f = counted(power)
    g = fgrad.jit(f, **how)
    assert float(g(2.0, 3, 0.5)) == 8.5
    if how.get("static_argnums") != (-2,):
        assert float(g(2.0, 3)) == float(g(2.0, n=3)) == 8.0
    runs = f.runs
    assert float(g(3.0, 3, 0.5)) == 27.5
    assert f.runs == runs
    assert float(g(3.0, 2, 0.5)) == 9.5
    assert f.runs == runs + 1
    assert float(fgrad.grad(g)(3.0, 3, 0.5)) == 27.0
    np.testing.assert_array_equal(fgrad.vmap(lambda x: g(x, 2, 0.0))(np.array([2.0, 3.0])), [4.0, 9.0])


def test_static_values_of_other_types_are_others():
    f = counted(lambda x, flag: x * (2 if flag is True else 3))
    g = fgrad.jit(f, static_argnums=1)
    assert (float(g(1.0, True)), float(g(1.0, 1)), float(g(1.0, 1.0))) == (2.0, 3.0, 3.0)
    assert f.runs == 3


def test_keywords_and_defaults():
    f = counted(lambda x, *, scale=2.0, t=None: x * scale + (0.0 if t is None else t["b"]))
    g = fgrad.jit(f)
    assert float(g(1.0)) == 2.0
    assert float(g(1.0, scale=3.0)) == 3.0
    assert float(g(1.0, t={"b": 5.0}, scale=3.0)) == float(g(1.0, scale=3.0, t={"b": 5.0})) == 8.0
    assert f.runs == 3
    assert float(fgrad.grad(lambda s: g(2.0, scale=s))(1.0)) == 2.0


def test_closures_over_arrays_and_over_tracers():
    w = np.array([1.0, 2.0])
    f = counted(lambda x: np.sum(w * x))
    g = fgrad.jit(f)
    assert float(g(w)) == 5.0
    assert float(g(w)) == 5.0
    assert f.runs == 1

    def outer(y):
        inner = fgrad.jit(lambda x: np.sin(x) * y)
        return inner(y * y) + inner(2.0)

    by_hand = lambda y: np.sin(y * y) * y + np.sin(2.0) * y
    check_grads(outer, (0.7,), order=2)
    for t in (fgrad.grad, fgrad.vmap, fgrad.jit, fgrad.checkpoint):
        y = np.array([0.7, 0.2]) if t is fgrad.vmap else 0.7
        np.testing.assert_allclose(t(outer)(y), t(by_hand)(y), rtol=1e-14)


def test_a_tracer_of_one_call_does_not_serve_another():
    """What a jitted function closes over is looked up anew where it was traced."""
    cell = [0.0]
    inner = fgrad.jit(lambda x: x * cell[0])

    def outer(y):
        cell[0] = y
        return inner(3.0)

    assert float(fgrad.grad(outer)(1.0)) == 3.0
    assert float(fgrad.grad(outer)(2.0)) == 3.0
    np.testing.assert_array_equal(fgrad.vmap(outer)(np.array([1.0, 2.0])), [3.0, 6.0])
    assert float(fgrad.jit(outer)(5.0)) == 15.0


def test_nested_and_unused():
    f = fgrad.jit(lambda a, b: (np.sin(a) * b, fgrad.jit(lambda c: np.exp(c) * 2.0)(a), 7, b))
    check_grads(f, (0.3, 0.8), order=2)
    g = fgrad.jit(lambda a, b: b)
    assert float(fgrad.grad(g)(1.0, 2.0)) == 0.0
    assert fgrad.jit(lambda: (None, 3))() == (None, 3)
    assert fgrad.jit(lambda a: None)(1.0) is None


def test_dtypes_pass():
    for x in (np.float32(1.5), np.int8(3), np.True_, np.complex64(1j), np.arange(3, dtype=np.uint16)):
        out = fgrad.jit(lambda x: (x, x[..., None]))(x)
        assert out[0].dtype == out[1].dtype == x.dtype
        np.testing.assert_array_equal(out[0], x)


def test_in_every_loop_and_branch():
    def program(x, jit):
        f = jit(lambda c, u: np.sin(c * x) + u)
        c = fgrad.scan(lambda c, u: (f(c, u), None), x, np.array([0.3, -0.5]))[0]
        c = fgrad.while_loop(jit(lambda c: c < 2.0), jit(lambda c: f(c, 1.0) + 0.5 * c), c)
        c = fgrad.fori_loop(0, 2, jit(lambda i, c: f(c, 0.1 * i)), c)
        c = fgrad.cond(c > 0.0, jit(lambda c: f(c, 0.0)), jit(lambda c: c * c), c)
        return c + np.sum(fgrad.map(jit(lambda u: f(u, c)), np.array([0.2, 0.4])))

    jitted, plain = (lambda x: program(x, fgrad.jit)), (lambda x: program(x, lambda f: f))
    for t in (
        lambda f: f,
        fgrad.grad,
        lambda f: fgrad.grad(fgrad.grad(f)),
        fgrad.jit,
        lambda f: fgrad.jit(fgrad.grad(fgrad.checkpoint(f))),
    ):
        np.testing.assert_allclose(t(jitted)(0.8), t(plain)(0.8), rtol=1e-12)
    xs = np.array([0.8, 0.3, 1.7])
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(jitted))(xs), fgrad.vmap(fgrad.grad(plain))(xs), rtol=1e-12)


def test_inline_writes_no_call():
    g = fgrad.jit(np.sin, inline=True)
    assert [e.primitive.name for e in fgrad.make_jaxpr(lambda x: g(x) * 2.0)(1.0).eqns] == ["sin", "mul"]
    assert float(fgrad.grad(g)(0.0)) == 1.0


def test_an_unhashable_static_argument():
    f = fgrad.jit(lambda x, shape: x, static_argnums=1)
    with pytest.raises(fgrad.errors.ArgumentError, match=r"static argument 1 of <lambda> is not hashable: list") as info:
        f(1.0, [2, 3])
    assert "tuple" in str(info.value)
    g = fgrad.jit(lambda x, *, shape: x, static_argnames="shape")
    with pytest.raises(fgrad.errors.ArgumentError, match=r"static argument 'shape' of <lambda> is not hashable: dict"):
        g(1.0, shape={})
    assert float(f(1.0, (2, 3))) == 1.0


def test_python_control_flow_on_a_traced_value():
    with pytest.raises(fgrad.errors.ConcretizationError, match="needs a value"):
        fgrad.jit(lambda x: x if x > 0 else -x)(1.0)


def test_a_leak_names_the_function():
    kept = []

    @fgrad.jit
    def leaky(x):
        kept.append(x * 2.0)
        return x

    leaky(1.0)
    with pytest.raises(fgrad.errors.LeakedTracerError, match="leaky"):
        kept[0] + 1.0
