"""The choice of a mode: where it is plain, what it rests on, and that each mode gives the same arrays, under other transformations too."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core.avals import typeof
from fgrad.transforms.autodiff import linearize_flat
from fgrad.transforms.cost import linear_cost, seconds

X = np.random.default_rng(0).normal(size=40)
stencil = lambda x: x[2:] * x[:-2] + np.sin(x[1:-1])
PLAIN = [
    ("forward", lambda t: np.sin(t * np.linspace(0, 1, 1000)), np.float64(0.3)),
    ("reverse", lambda x: np.sum(np.sin(x) ** 2), np.ones(1000)),
    ("forward", lambda x: np.repeat(np.sin(x), 100), np.ones(10)),
    ("reverse", lambda x: np.stack([np.sum(x), np.prod(x)]), np.ones(1000)),
    ("compressed", lambda x: x[1:] * x[:-1], np.ones(3000)),
]


@pytest.mark.parametrize("mode, f, x", PLAIN)
def test_plain_choices(mode, f, x):
    plan = fgrad.jacobian(f).plan(x)
    assert plan.mode == mode == min(plan.costs, key=lambda c: c.seconds).mode
    expected = {"forward": np.size(x), "reverse": np.size(f(x)), "compressed": 2}
    assert all(c.passes == expected[c.mode] for c in plan.costs)


@pytest.mark.parametrize("mode", ["forward", "reverse", "compressed", "auto"])
def test_modes_agree(mode):
    jacobian = fgrad.jacobian(stencil, mode=mode)
    expected = fgrad.jacfwd(stencil)(X)
    assert type(jacobian(X)) is np.ndarray
    np.testing.assert_allclose(jacobian(X), expected)
    np.testing.assert_allclose(fgrad.jit(jacobian)(X), expected)
    np.testing.assert_allclose(fgrad.vmap(jacobian)(np.stack([X, 2 * X]))[0], expected)
    total = lambda x: fnp.sum(jacobian(x) ** 2)
    np.testing.assert_allclose(fgrad.grad(total)(X), fgrad.grad(lambda x: fnp.sum(fgrad.jacfwd(stencil)(x) ** 2))(X))
    assert jacobian.plan(X).mode == mode or mode == "auto"


@pytest.mark.parametrize("mode", ["forward", "reverse", "forward-over-reverse", "compressed", "auto"])
def test_hessian_modes_agree(mode):
    f = lambda x: np.sum(stencil(x) ** 2)
    np.testing.assert_allclose(fgrad.hessian(f, mode=mode)(X), fgrad.jacfwd(fgrad.jacrev(f))(X))
    assert mode in ("auto", fgrad.hessian(f, mode=mode).plan(X).mode)


def test_trees_in_every_mode():
    f = lambda p: {"a": p["u"] * p["s"], "b": np.sum(p["u"][:2])}
    p = {"u": X[:3], "s": np.float32(2.0)}
    expected = fgrad.jacfwd(f)(p)
    found = fgrad.jacobian(f, mode="compressed")(p)
    fgrad.tree.map(lambda a, b: np.testing.assert_allclose(a, b), found, expected)
    assert fgrad.tree.map(lambda a: (a.shape, a.dtype), found) == fgrad.tree.map(lambda a: (a.shape, a.dtype), expected)


def test_the_choice_sees_what_is_there_now():
    """Nothing is kept between calls: a function may close over what changes, and branch on values."""
    scale = [1.0]
    jacobian = fgrad.jacobian(lambda x: x * scale[0] if x[0] > 0 else x[::-1] * scale[0], mode="compressed")
    assert np.array_equal(jacobian(np.ones(3)), np.eye(3))
    scale[0] = 2.0
    assert np.array_equal(jacobian(-np.ones(3)), 2.0 * np.eye(3)[::-1])


def test_only_possible_modes_are_chosen():
    scaled = fgrad.custom_vjp(lambda x: x * 2.0)
    scaled.defvjp(lambda x: (x * 2.0, None), lambda _, ct: (ct * 2.0,))
    assert np.array_equal(fgrad.jacobian(lambda x: np.repeat(scaled(x), 3))(np.ones(2)), np.repeat(2.0 * np.eye(2), 3, axis=0))
    one_way = lambda b: fgrad.custom_linear_solve(lambda x: 2.0 * x, b, solve=lambda _, b: b / 2.0)
    assert [c.mode for c in fgrad.jacobian(lambda b: np.sum(one_way(b))).plan(X).costs] == ["forward"]
    np.testing.assert_allclose(fgrad.hessian(lambda b: np.sum(one_way(b)[:2] ** 2), mode="auto")(X[:2]), 0.5 * np.eye(2))
    to_complex = lambda x: np.sum(x * (1 + 1j))[None]
    assert [c.mode for c in fgrad.jacobian(to_complex).plan(X).costs] == ["forward"]
    np.testing.assert_array_equal(fgrad.jacobian(to_complex)(X), np.full((1, 40), 1 + 1j))


def test_a_plan_prints_as_a_table():
    lines = repr(fgrad.jacobian(stencil).plan(X)).splitlines()
    assert lines[0].split() == ["passes", "flops", "bytes", "peak", "bytes", "expected"]
    assert len(lines) == 3 and sum(line.startswith("→ ") for line in lines) == 1


def test_costs_of_sparse_plans():
    plan = fgrad.jacobian(stencil, mode="sparse").plan(X)
    assert plan.mode == "sparse" and plan.coloring.forward == 3
    assert {c.mode: c.passes for c in plan.costs} == {"forward": 40, "reverse": 38, "sparse": 3}


def test_what_is_counted():
    """A product of matrices: as many multiplications and additions as there are, and bytes that live at once."""
    w = np.ones((20, 30))
    outs, program = linearize_flat(lambda x: [np.tanh(x @ w)], [np.ones((5, 20))], [True])
    cost = linear_cost(program.eqns, program.invars, program.outvars)
    assert sum(c.products for c in cost.forward) == sum(c.products for c in cost.reverse) == 5 * 20 * 30
    assert sum(c.entries for c in cost.forward) == typeof(outs[0]).size == 150
    assert cost.peak == 8 * (150 + 150)
    assert seconds(cost.forward, 200) > seconds(cost.forward, 100) > 0 == seconds(cost.forward, 0)
    steps = lambda n: linearize_flat(lambda x: [fgrad.scan(lambda c, _: (np.sin(c), None), x, None, length=n)[0]], [X], [True])[1]
    flops = [sum(c.flops for c in linear_cost(p.eqns, p.invars, p.outvars).forward) for p in map(steps, (10, 30))]
    assert flops[1] == 3 * flops[0] > 0
