"""The checker itself: it passes what is right, and says of what is wrong where, in which mode and at which order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.testing
from fgrad.core.errors import ArgumentError
from fgrad.testing import GradientError, check_grads, numerical_jvp


def scaled_sin(scale: float, slope: float) -> Any:
    """scale * sin(x), with a rule that says slope * cos(x)."""

    @fgrad.custom_jvp
    def f(x: Any) -> Any:
        return scale * np.sin(x)

    f.defjvps(lambda t, out, x: t * (slope * np.cos(x)))
    return f


def test_right_derivatives_pass():
    check_grads(lambda x: np.sin(x) * x, (np.array([0.3, -1.2]),), order=3)
    check_grads(lambda p, n: {"y": np.tanh(p["w"] @ p["x"]) * n, "n": n}, ({"w": np.ones((2, 3)), "x": np.arange(3.0)}, 3))
    check_grads(lambda z: np.exp(z) / z, (np.array([1 + 2j, 0.5]),))
    check_grads(lambda z: np.abs(z) * z.real, (np.array([1 + 2j, 0.5 - 1j]),))
    check_grads(lambda x, z: x * z, (np.array([2.0, 3.0]), np.array([1j, 2.0])))
    check_grads(lambda x: np.exp(x) * x, (np.array([0.5, 2.0], np.float32),))
    check_grads(lambda x: x * 2.0, (1.5,))
    check_grads(scaled_sin(2.0, 2.0), (np.array([0.3, 0.4]),))


def test_empty_and_constant():
    check_grads(lambda x: x * 2.0, (np.zeros((0, 3)),))
    check_grads(lambda x: np.ones(3), (1.0,))
    check_grads(lambda x: (x, 3, np.argmax(x)), (np.array([1.0, 2.0]),))


def test_what_it_says_of_a_wrong_forward_rule():
    f = scaled_sin(2.0, 3.0)
    with pytest.raises(GradientError) as e:
        check_grads(lambda p: p["scale"] * f(p["w"]), ({"scale": 1.0, "w": np.array([[0.1, 1.5], [3.1, 1.4]])},))
    lines = [line.strip() for line in str(e.value).splitlines()]
    assert lines[0].startswith("forward mode of") and lines[0].endswith("is wrong (order 1)")
    assert "the largest difference is in d output[1, 0] / d args[0]['w'][1, 0]" in lines
    found = {line.split(":")[0]: float(line.split(":")[1]) for line in lines[-2:]}
    assert found["forward mode"] == pytest.approx(3 * np.cos(3.1))
    assert found["finite differences"] == pytest.approx(2 * np.cos(3.1))


def test_reverse_mode_only():
    @fgrad.custom_vjp
    def f(x: Any, y: Any) -> Any:
        return x * y

    f.defvjp(lambda x, y: (x * y, (x, y)), lambda res, ct: (ct * res[1], ct * res[0]))
    check_grads(f, (np.array([1.0, 2.0]), np.array([3.0, -1.0])), modes=("rev",), order=1)

    @fgrad.custom_vjp
    def g(x: Any, y: Any) -> Any:
        return x * y

    g.defvjp(lambda x, y: (x * y, (x, y)), lambda res, ct: (ct * res[1], ct * 1.5 * res[0]))
    with pytest.raises(GradientError, match=r"reverse mode of g is wrong \(order 1\)[^@]*d args\[1\]\[1\]"):
        check_grads(g, (np.array([1.0, 2.0]), np.array([3.0, -1.0])), modes="rev")


def test_wrong_second_order():
    """A rule whose own derivative is wrong: its slope is right here, but hidden from derivatives."""
    f = fgrad.custom_jvp(np.sin)
    f.defjvps(lambda t, out, x: t * fgrad.stop_gradient(np.cos(x)))
    check_grads(f, (0.7,), order=1)
    with pytest.raises(GradientError, match=r"forward mode over forward mode of sin is wrong \(order 2\)"):
        check_grads(f, (0.7,), order=2)
    with pytest.raises(GradientError, match=r"reverse mode over reverse mode of sin is wrong \(order 2\)"):
        check_grads(f, (0.7,), order=2, modes="rev")


def test_the_modes_against_each_other(monkeypatch):
    """A transpose that is wrong by less than finite differences can see, but is not the transpose of the forward mode."""

    def nudged(f: Any, *primals: Any) -> tuple:
        out, pull = fgrad.vjp(f, *primals)
        return out, lambda ct: fgrad.tree.map(lambda g: g * (1 + 1e-6), pull(ct))

    monkeypatch.setattr(fgrad.testing, "vjp", nudged)
    check_grads(np.sin, (0.3,), modes="rev", order=1)
    with pytest.raises(GradientError, match=r"reverse mode of sin is wrong[^@]*forward mode:"):
        check_grads(np.sin, (0.3,), order=1)


def test_nan_is_wrong():
    with np.errstate(all="ignore"), pytest.raises(GradientError):
        check_grads(np.sqrt, (np.array([1.0, -1.0]),))


def test_another_value_when_traced():
    def f(x: Any) -> Any:
        return x * 2.0 if isinstance(x, np.ndarray) else x * 2.0 + 1.0

    with pytest.raises(GradientError, match="another value when it is traced"):
        check_grads(f, (np.ones(2),))


def test_arguments_it_refuses():
    with pytest.raises(ArgumentError, match="modes are"):
        check_grads(np.sin, (1.0,), modes=("forward",))
    with pytest.raises(ArgumentError, match="no argument is floating point"):
        check_grads(lambda n: n, (1,))


def test_numerical_jvp():
    primals, tangents = ({"a": 2.0, "n": 3},), ({"a": 1.0, "n": 0},)
    slope = numerical_jvp(lambda p: {"y": p["a"] ** p["n"], "n": p["n"]}, primals, tangents)
    assert float(slope["y"]) == pytest.approx(12.0, rel=1e-8)
    assert slope["n"].dtype == fgrad.float0
    assert numerical_jvp(np.sin, (np.float32(0.5),), (np.float32(1),)).dtype == np.float32
