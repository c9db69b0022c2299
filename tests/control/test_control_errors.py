"""Bad input to loops, branches and their kin: each error says what is wrong, which leaf, both types, and what to do."""

from __future__ import annotations

import re

import numpy as np
import pytest

import fgrad
from fgrad.core.errors import ArgumentError, ConcretizationError, DtypeError, FgradError, LeakedTracerError, ShapeError, TreeError

US = np.ones((4, 3))


def grow(c, u):
    return np.concatenate([c, c]), None


def retype(c, u):
    return {"n": c["n"] + 0.5, "x": c["x"]}, u


def narrow(c):
    return c * np.float64(2)


CARRIES = {
    "scan: another shape": (
        lambda: fgrad.scan(grow, np.ones(3), US),
        ShapeError,
        ["scan: the carry is f64[3] before a step of grow and f64[6] after it"],
    ),
    "scan: int becomes float": (
        lambda: fgrad.scan(retype, {"x": 1.0, "n": 3}, US),
        DtypeError,
        ["scan: the carry['n'] is i64[] before a step of retype and f64[] after it", "It starts as 3, an integer", "start it with 3.0"],
    ),
    "scan: integer array becomes float": (
        lambda: fgrad.scan(retype, {"x": 1.0, "n": np.arange(2)}, US),
        DtypeError,
        ["the carry['n'] is i64[2]", "f64[2] after it", ".astype(float)"],
    ),
    "scan: float32 becomes float64": (
        lambda: fgrad.scan(lambda c, u: (c * u[0], None), np.float32(1), US),
        DtypeError,
        ["the carry is f32[] before a step of <lambda> and f64[] after it", "convert one of them"],
    ),
    "scan: bool becomes int": (
        lambda: fgrad.scan(lambda c, u: (c + 1, None), True, US),
        DtypeError,
        ["the carry is bool[] before a step of <lambda> and i64[] after it"],
    ),
    "scan: nested leaf": (
        lambda: fgrad.scan(lambda c, u: ((c[0], {"k": [c[1]["k"][0][:1]]}), None), (1.0, {"k": [np.ones(2)]}), US),
        ShapeError,
        ["the carry[1]['k'][0] is f64[2] before a step of <lambda> and f64[1] after it"],
    ),
    "scan: another structure": (
        lambda: fgrad.scan(lambda c, u: ((c, c), None), 1.0, US),
        TreeError,
        ["scan: <lambda> must return a carry of the structure it takes", "takes   *", "returns (*, *)"],
    ),
    "scan: None for a carry": (
        lambda: fgrad.scan(lambda c, u: (None, u), 1.0, US),
        TreeError,
        ["must return a carry of the structure it takes", "returns None"],
    ),
    "scan: no pair": (
        lambda: fgrad.scan(lambda c, u: c, 1.0, US),
        TreeError,
        ["scan: <lambda> must return a pair (carry, y), and it returned *"],
    ),
    "scan: a list for a pair": (lambda: fgrad.scan(lambda c, u: [c, u], 1.0, US), TreeError, ["must return a pair (carry, y)"]),
    "while: another shape": (
        lambda: fgrad.while_loop(lambda c: np.sum(c) < 9, lambda c: np.concatenate([c, c]), np.ones(3)),
        ShapeError,
        ["while_loop: the carry is f64[3] before a step of <lambda> and f64[6] after it"],
    ),
    "while: int becomes float": (
        lambda: fgrad.while_loop(lambda c: c < 9, narrow, 1),
        DtypeError,
        ["while_loop: the carry is i64[] before a step of narrow and f64[] after it", "It starts as 1", "start it with 1.0"],
    ),
    "while: another structure": (
        lambda: fgrad.while_loop(lambda c: c[0] < 9, lambda c: c[0], (1.0, 2.0)),
        TreeError,
        ["while_loop: <lambda> must return a carry of the structure it takes"],
    ),
    "fori: int becomes float": (
        lambda: fgrad.fori_loop(0, 3, lambda i, v: v * 0.5, 1),
        DtypeError,
        ["fori_loop: the carry is i64[] before a step of <lambda> and f64[] after it", "start it with 1.0"],
    ),
    "fori: another shape": (
        lambda: fgrad.fori_loop(0, 3, lambda i, v: v[None], np.ones(2)),
        ShapeError,
        ["fori_loop: the carry is f64[2] before a step of <lambda> and f64[1,2] after it"],
    ),
}

BRANCHES = {
    "shapes": (
        lambda: fgrad.cond(True, lambda x: x, lambda x: np.concatenate([x, x]), np.ones(2)),
        ShapeError,
        ["cond: the branches must return the same types", "f64[2]", "f64[4]", "<lambda> returns"],
    ),
    "int and float": (
        lambda: fgrad.cond(True, lambda x: {"y": x}, lambda x: {"y": 0}, 1.0),
        DtypeError,
        ["their results['y'] are", "f64[]", "i64[]", "0.0 for 0"],
    ),
    "structures": (
        lambda: fgrad.switch(0, [np.sin, lambda x: (x, x)], 1.0),
        TreeError,
        ["switch: the branches must return the same structure", "sin returns *", "<lambda> returns (*, *)"],
    ),
    "nothing and something": (
        lambda: fgrad.cond(True, lambda x: x, lambda x: None, 1.0),
        TreeError,
        ["the same structure", "returns None"],
    ),
    "no branches": (lambda: fgrad.switch(0, [], 1.0), ArgumentError, ["switch: there are no branches"]),
}

PREDICATES = {
    "cond: an array": (
        lambda: fgrad.cond(np.array([True, False]), np.sin, np.cos, 1.0),
        DtypeError,
        ["cond: the predicate must be a boolean scalar, and it is bool[2]", ".any() or .all()"],
    ),
    "cond: a float": (lambda: fgrad.cond(1.0, np.sin, np.cos, 1.0), DtypeError, ["boolean scalar, and it is f64[]", "comparison"]),
    "cond: an integer": (lambda: fgrad.cond(1, np.sin, np.cos, 1.0), DtypeError, ["boolean scalar, and it is i64[]"]),
    "cond: None": (lambda: fgrad.cond(None, np.sin, np.cos, 1.0), FgradError, ["cond: the predicate"]),
    "while: an array": (
        lambda: fgrad.while_loop(lambda v: v < 3.0, np.sin, np.ones(2)),
        DtypeError,
        ["while_loop: the predicate must be a boolean scalar, and <lambda> returns bool[2]", ".any() or .all()"],
    ),
    "while: a float": (lambda: fgrad.while_loop(lambda v: v, np.sin, 1.0), DtypeError, ["and <lambda> returns f64[]", "comparison"]),
    "while: a pair": (lambda: fgrad.while_loop(lambda v: (True, v), np.sin, 1.0), DtypeError, ["and <lambda> returns 2 values"]),
    "while: nothing": (lambda: fgrad.while_loop(lambda v: None, np.sin, 1.0), DtypeError, ["and <lambda> returns 0 values"]),
    "switch: a float": (
        lambda: fgrad.switch(1.0, [np.sin], 1.0),
        DtypeError,
        ["switch: the index must be an integer scalar, and is f64[]"],
    ),
    "switch: an array": (lambda: fgrad.switch(np.arange(2), [np.sin], 1.0), DtypeError, ["an integer scalar, and is i64[2]"]),
}

LENGTHS = {
    "unequal": (
        lambda: fgrad.scan(lambda c, u: (c, None), 0.0, {"a": np.ones(3), "b": (np.ones(4),)}),
        ShapeError,
        ["scan: xs (and length) disagree", "xs['a'] has 3", "xs['b'][0] has 4"],
    ),
    "unlike length": (lambda: fgrad.scan(lambda c, u: (c, None), 0.0, np.ones(3), length=2), ShapeError, ["xs has 3", "length has 2"]),
    "none": (lambda: fgrad.scan(lambda c, u: (c, None), 0.0), ArgumentError, ["scan: xs has no arrays", "Pass length="]),
    "negative": (lambda: fgrad.scan(lambda c, u: (c, None), 0.0, length=-1), ArgumentError, ["scan: length is negative: -1"]),
    "a float": (
        lambda: fgrad.scan(lambda c, u: (c, None), 0.0, length=2.0),
        ArgumentError,
        ["scan: length must be an integer, and is 2.0", "fori_loop"],
    ),
    "traced": (lambda: fgrad.jit(lambda n: fgrad.scan(lambda c, u: (c, None), 0.0, length=n)[0])(3), FgradError, ["fori_loop"]),
    "scalar xs": (
        lambda: fgrad.scan(lambda c, u: (c, None), 0.0, (np.ones(2), 3.0)),
        ShapeError,
        ["scan: xs[1] is f64[], which has no axis"],
    ),
    "map of a scalar": (lambda: fgrad.map(np.sin, 3.0), ShapeError, ["which has no axis to loop over"]),
    "fori: a float bound": (
        lambda: fgrad.fori_loop(0, 3.0, lambda i, v: v, 1.0),
        DtypeError,
        ["fori_loop: upper must be an integer scalar, and is 3.0"],
    ),
    "fori: an array": (
        lambda: fgrad.fori_loop(np.arange(2), 3, lambda i, v: v, 1.0),
        DtypeError,
        ["fori_loop: lower must be an integer scalar, and is i64[2]"],
    ),
    "fori: a traced float": (
        lambda: fgrad.jit(lambda n: fgrad.fori_loop(0, n, lambda i, v: v, 1.0))(3.0),
        DtypeError,
        ["upper must be an integer scalar, and is f64[]"],
    ),
    "xs of objects": (lambda: fgrad.scan(lambda c, u: (c, None), 0.0, ["a", "b"]), FgradError, ["scan: xs"]),
    "a carry of strings": (lambda: fgrad.scan(lambda c, u: (c, None), {"k": "text"}, US), FgradError, ["scan: the carry", "['k']"]),
}

BUDGETS = {
    f"{budget!r}": (
        lambda budget=budget: fgrad.scan(lambda c, u: (c, None), 0.0, US, checkpoint=budget),
        ArgumentError,
        ["scan: checkpoint is True, a number of states to keep (at least 1), or bytes such as '64 MB'", repr(budget)],
    )
    for budget in (0, -3, 2.5, "lots", "-1 MB", "10 apples", "MB", [2])
}

OTHERS = {
    "while: budget": (
        lambda: fgrad.while_loop(lambda v: v < 1.0, np.exp, 0.0, checkpoint="1 x"),
        ArgumentError,
        ["while_loop: checkpoint is"],
    ),
    "fori: budget": (lambda: fgrad.fori_loop(0, 1, lambda i, v: v, 0.0, checkpoint=0), ArgumentError, ["fori_loop: checkpoint is"]),
    "checkpoint: policy": (
        lambda: fgrad.checkpoint(np.sin, policy="all"),
        ArgumentError,
        ["checkpoint: there is no policy 'all'", "'nothing', 'everything', 'dots'"],
    ),
    "checkpoint: python branch": (lambda: fgrad.checkpoint(lambda x: x if x > 0 else -x)(1.0), ConcretizationError, ["needs a value"]),
    "scan: python branch": (
        lambda: fgrad.scan(lambda c, u: (c if c > 0 else -c, None), 1.0, US),
        ConcretizationError,
        ["needs a value", "cond"],
    ),
    "while: python loop on the value": (lambda: fgrad.while_loop(lambda v: v < 3, lambda v: v + len(range(v)), 1), ConcretizationError, []),
    "scan: not a function": (lambda: fgrad.scan(3, 1.0, US), TypeError, []),
}


CASES = CARRIES | BRANCHES | PREDICATES | LENGTHS | BUDGETS | OTHERS


@pytest.mark.parametrize("name", CASES)
def test_bad_input(name):
    run, kind, parts = CASES[name]
    with pytest.raises(kind) as info:
        run()
    text = str(info.value)
    for part in parts:
        assert part in text, text
    if isinstance(info.value, FgradError):
        assert re.search(r"at .*test_control_errors\.py:\d+   ", text), text  # the user's own line


@pytest.mark.parametrize("transform", ["grad", "vmap", "jit", "checkpoint"])
def test_errors_are_the_same_under_transformations(transform):
    f = lambda x: np.sum(fgrad.scan(lambda c, u: (c[:1], None), np.ones(2) * x, US)[0])
    with pytest.raises(ShapeError, match=r"scan: the carry is f64\[2\] before a step of <lambda> and f64\[1\] after it"):
        getattr(fgrad, transform)(f)(np.ones(2) if transform == "vmap" else 1.0)


KEPT: list = []


def test_what_leaks_out_of_a_body_says_so():
    def body(c, u):
        KEPT.append(c * 2.0)
        return c, None

    for loop in (
        lambda: fgrad.scan(body, 1.0, US),
        lambda: fgrad.fori_loop(0, 2, lambda i, c: body(c, i)[0], 1.0),
        lambda: fgrad.while_loop(lambda c: c < 0.0, lambda c: body(c, None)[0], 1.0),
        lambda: fgrad.cond(True, lambda c: body(c, None)[0], lambda c: c, 1.0),
        lambda: fgrad.checkpoint(lambda c: body(c, None)[0])(1.0),
        lambda: fgrad.custom_root(lambda x: body(x, None)[0], 1.0, lambda f, x: x),
    ):
        KEPT.clear()
        loop()
        with pytest.raises(LeakedTracerError, match=r"KEPT\.append") as info:
            KEPT[0] + 1.0
        assert "Return values from the function" in str(info.value)


def test_a_leak_into_a_later_body():
    kept = []
    fgrad.scan(lambda c, u: (kept.append(c), (c, None))[1], 1.0, US)
    with pytest.raises(LeakedTracerError):
        fgrad.scan(lambda c, u: (c + kept[0], None), 1.0, US)
    with pytest.raises(LeakedTracerError):
        fgrad.jit(lambda x: x + kept[0])(1.0)


IMPLICIT = {
    "root: another shape": (
        lambda: fgrad.custom_root(lambda x: x[:1], np.ones(2), lambda f, x: x),
        ShapeError,
        ["custom_root: <lambda> must return the types of the guess: the guess is f64[2], and it returned f64[1]"],
    ),
    "root: another structure": (
        lambda: fgrad.custom_root(lambda x: (x, x), 1.0, lambda f, x: x),
        TreeError,
        ["custom_root: <lambda> must return the structure of the guess"],
    ),
    "root: the solver's shape": (
        lambda: fgrad.custom_root(lambda x: x, 1.0, lambda f, x: np.ones(2)),
        ShapeError,
        ["the guess is f64[], and it returned f64[2]"],
    ),
    "root: the solver's dtype": (
        lambda: fgrad.custom_root(lambda x: x, 1.0, lambda f, x: 3),
        DtypeError,
        ["the guess is f64[], and it returned i64[]"],
    ),
    "linear solve: not square": (
        lambda: fgrad.custom_linear_solve(lambda x: x[:1], np.ones(2), lambda m, b: b),
        ShapeError,
        ["custom_linear_solve: <lambda> must return the types of b"],
    ),
    "linear solve: the solver's shape": (
        lambda: fgrad.custom_linear_solve(lambda x: x, np.ones(2), lambda m, b: b[:1]),
        ShapeError,
        ["custom_linear_solve: <lambda> returned"],
    ),
    "linear solve: the solver's structure": (
        lambda: fgrad.custom_linear_solve(lambda x: x, np.ones(2), lambda m, b: (b, b)),
        TreeError,
        ["custom_linear_solve: b and the solution"],
    ),
    "fixed point: tolerance": (
        lambda: fgrad.custom_fixed_point(np.cos, 1.0, tol=-1.0),
        ArgumentError,
        ["tol and max_steps are not negative"],
    ),
    "fixed point: another shape": (lambda: fgrad.custom_fixed_point(lambda x: x[:1], np.ones(2)), FgradError, []),
}


@pytest.mark.parametrize("name", IMPLICIT)
def test_bad_input_of_implicit_differentiation(name):
    run, kind, parts = IMPLICIT[name]
    with pytest.raises(kind) as info:
        run()
    for part in parts:
        assert part in str(info.value), str(info.value)


def test_reverse_mode_of_a_linear_solve_needs_the_transposed_solver():
    f = lambda b: np.sum(fgrad.custom_linear_solve(lambda x: 2.0 * x, b, lambda m, b: b / 2.0))
    assert float(fgrad.jvp(f, (np.ones(2),), (np.ones(2),))[1]) == 1.0
    with pytest.raises(fgrad.errors.UnsupportedError, match=r"needs transpose_solve \(or symmetric=True\) for reverse mode"):
        fgrad.grad(f)(np.ones(2))
