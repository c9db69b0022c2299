"""The model behind the figures: values, cotangents and local derivatives of every equation, against evaluation, `grad` and differences."""

from __future__ import annotations

import re

import numpy as np
import pytest

import fgrad
from fgrad.core import tree
from fgrad.core.errors import ArgumentError, ConcretizationError, DtypeError
from fgrad.explore import graph
from fgrad.explore.circuit import MAX_EQUATIONS, trace_circuit
from fgrad.explore.costs import equation_flops, jaxpr_flops
from fgrad.explore.formula import derivative_formula, operation_text
from fgrad.explore.grouping import LEVEL, Group, Op, tree_of, variable_names, walk
from fgrad.explore.local import local_derivatives
from tests.explore.programs import (
    CASES,
    DATA,
    IDS,
    NEURON,
    PARAMS,
    backward_scan,
    branches,
    lecture,
    many,
    network,
    neuron,
    newton,
    recurrent,
)


def circuit(f, *args, **kwargs):
    return trace_circuit(f, args, kwargs)


@pytest.mark.parametrize(("f", "args"), CASES, ids=IDS)
def test_values_and_gradients(f, args):
    """Those of the inputs are `grad`'s, those of the output are the function's; inside loops and branches each step's add up to the whole."""
    c = circuit(f, *args)
    np.testing.assert_allclose(c.run.value(c.jaxpr.outvars[0]), f(*args), rtol=1e-12)
    expected = tree.leaves(fgrad.grad(f, argnums=tuple(range(len(args))))(*args))
    for v, g in zip(c.invars, expected, strict=True):
        np.testing.assert_allclose(c.run.cotangent(v), g, rtol=1e-10, atol=1e-12)
    for i, body in c.run.bodies.items():
        eqn = c.jaxpr.eqns[i]
        n = len(body.runs[-1].jaxpr.outvars)
        last = [body.runs[-1].value(a) for a in body.jaxpr.outvars]
        if body.kind != "loop":
            for found, v in zip(last, eqn.outvars, strict=True):
                np.testing.assert_array_equal(found, c.run.value(v))
        assert len(body.runs) == body.steps and n >= 1


def test_loop_steps():
    """d(carry)/d(a) of Newton's iteration, step by step; the first carry's cotangent and those of `a` in each step make the gradient."""
    c = circuit(newton, 9.0)
    (body,) = c.run.bodies.values()
    a, carry = body.jaxpr.invars
    assert [r.value(carry) for r in body.runs] == [9.0, *[r.value(body.jaxpr.outvars[0]) for r in body.runs[:-1]]]
    total = sum(r.cotangent(a) for r in body.runs) + body.runs[0].cotangent(carry)
    np.testing.assert_allclose(total, fgrad.grad(newton)(9.0), rtol=1e-12)
    reverse = circuit(backward_scan, 0.5, np.array([0.1, -0.2, 0.3]))
    (body,) = reverse.run.bodies.values()
    x = body.jaxpr.invars[-1]
    assert [float(r.value(x)) for r in body.runs] == [0.3, -0.2, 0.1]  # in the order in which they ran
    grads = fgrad.grad(backward_scan, argnums=1)(0.5, np.array([0.1, -0.2, 0.3]))
    np.testing.assert_allclose([r.cotangent(x) for r in body.runs][::-1], grads, rtol=1e-12)


def test_lecture_numbers():
    c = circuit(lecture, -2.0, 5.0, -4.0)
    q, f = (v for e in c.jaxpr.eqns for v in e.outvars)
    assert (c.run.value(q), c.run.value(f)) == (3.0, -12.0)
    assert [c.run.cotangent(v) for v in c.invars] == [-4.0, -4.0, 3.0]
    c = circuit(neuron, *NEURON)
    chain = [v for e in c.jaxpr.eqns for v in e.outvars][-5:]
    assert [round(float(c.run.value(v)), 2) for v in chain] == [1.0, -1.0, 0.37, 1.37, 0.73]
    assert [round(float(c.run.cotangent(v)), 2) for v in chain] == [0.2, -0.2, -0.53, -0.53, 1.0]
    assert [round(float(c.run.cotangent(v)), 2) for v in c.invars] == [-0.2, -0.39, 0.2, 0.39, -0.59]
    assert c.inputs == ["w[0]", "w[1]", "w[2]", "x[0]", "x[1]"]


@pytest.mark.parametrize(
    "f",
    [
        np.sin,
        lambda x: np.sum(x * x),
        lambda x: x @ np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        lambda x: np.broadcast_to(np.sum(x), (5,)) * 2,
        lambda x: np.cumsum(x)[1:],
        lambda x: np.exp(1j * x).real,
    ],
)
def test_local_derivatives(f):
    """Of each equation, against differences of that equation alone."""
    c = circuit(f, np.array([0.3, -0.5, 0.8]))
    found = 0
    for eqn in c.jaxpr.eqns:
        given = [c.run.value(a) for a in eqn.inputs]
        for d in local_derivatives(eqn, c.run):
            x = np.asarray(given[d.operand])
            step = 1e-6
            columns = []
            for e in np.ndindex(x.shape):
                high, low = x.copy(), x.copy()
                high[e] += step
                low[e] -= step
                pair = [eqn.primitive(*given[: d.operand], y, *given[d.operand + 1 :], **eqn.params) for y in (high[()], low[()])]
                columns.append((np.asarray(pair[0]) - np.asarray(pair[1])) / (2 * step))
            numeric = np.moveaxis(np.reshape(columns, (x.size, *np.shape(columns[0]))), 0, -1).reshape(*np.shape(columns[0]), *x.shape)
            if d.kind == "diagonal":
                exact = np.diag(np.ravel(d.value)).reshape(numeric.shape)
            else:
                exact = d.value
            if numeric.dtype.kind != "c":  # of complex ones the rule sends the conjugate back
                np.testing.assert_allclose(exact, numeric, atol=1e-8)
            found += 1
    assert found


FORMULAS = [
    (np.sin, (0.7,), ["cos(a)"]),
    (np.exp, (0.7,), ["b"]),
    (np.tanh, (0.7,), ["(1 − b)·(1 + b)"]),
    (lambda x, y: x / y, (1.5, 0.7), ["1 / b", "−c / b"]),
    (lambda x, y: x * y, (1.5, 0.7), ["b", "a"]),
    (lambda x: 1 / x, (0.7,), ["−b / a"]),
    (lambda x: x**3, (0.7,), ["3·a²"]),
    (np.sqrt, (0.7,), ["0.5 / b"]),
    (np.arcsin, (0.7,), ["1 / sqrt((1 − a)·(1 + a))"]),
    (np.arctan2, (1.5, 0.7), ["b / (b·b + a·a)", "−a / (b·b + a·a)"]),
    (lambda x: x**-2.0, (0.7,), None),
    (np.log1p, (0.7,), None),
    (np.tan, (0.7,), None),
    (np.cosh, (0.7,), None),
    (np.cbrt, (0.7,), None),
    (np.arctanh, (0.7,), None),
    (np.hypot, (1.5, 0.7), None),
    (lambda x: 2 * x, (0.7,), [""]),  # a number, which is its value
    (lambda x, y: x**y, (1.5, 0.7), ["", "c·log(where(a = 0, 1, a))"]),  # the first is guarded twice
]


@pytest.mark.parametrize(("f", "args", "texts"), FORMULAS, ids=range(len(FORMULAS)))
def test_formulas(f, args, texts):
    """A derivative as it is written has the value of the local derivative."""
    c = circuit(f, *args)
    (eqn,) = c.jaxpr.eqns
    names = variable_names(c.jaxpr)
    found = [derivative_formula(eqn, d.operand, names) for d in local_derivatives(eqn, c.run)]
    assert texts is None or found == texts
    python = str.maketrans({"·": "*", "−": "-"})
    space = {
        "where": np.where,
        **{n: getattr(np, n) for n in ["sin", "cos", "tan", "sinh", "cosh", "exp", "log", "sqrt"]},
        **{names[v]: x for v, x in c.run.values.items()},
    }
    for d, text in zip(local_derivatives(eqn, c.run), found, strict=True):
        if text:
            text = re.sub("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")), text)
            value = eval(text.translate(python).replace(" = ", " == "), space)
            np.testing.assert_allclose(value, d.value, rtol=1e-3)  # numbers are written with four digits


def test_operations_as_written():
    c = circuit(neuron, *NEURON)
    names = {**variable_names(c.jaxpr), **dict(zip(c.invars, c.inputs, strict=True))}
    found = [operation_text(e, names) for e in c.jaxpr.eqns]
    assert found == ["w[0]·x[0]", "w[1]·x[1]", "f + g", "h + w[2]", "−i", "exp(j)", "1 + k", "1 / l"]
    c = circuit(lambda x: np.sum(x**3, axis=0) * 1.0, np.ones((2, 3)))
    assert [operation_text(e, variable_names(c.jaxpr)) for e in c.jaxpr.eqns] == ["a³", "reduce_sum[axes=(0,)] b", "mul c 1"]


def test_cotangent_and_outputs():
    g = graph(lambda x: np.sin(x), cotangent=np.array([1.0, 10.0, 100.0]))(np.zeros(3))
    np.testing.assert_array_equal(g.circuit.run.cotangent(g.circuit.invars[0]), [1.0, 10.0, 100.0])
    assert not g.circuit.notes
    g = graph(np.sin)(np.zeros(3))
    assert "not one number" in g.circuit.notes[0]
    assert "no gradients" in graph(lambda n: n + 1)(3).circuit.notes[0]
    assert "complex" in graph(lambda z: abs(z * z))(1 + 2j).circuit.notes[0]
    with pytest.raises(ArgumentError, match="It has the output's shape"):
        graph(np.sin, cotangent=np.ones(4))(np.zeros(3))
    with pytest.raises(ArgumentError, match="structure"):
        graph(np.sin, cotangent=(1.0, 2.0))(np.zeros(3))


def test_input_names():
    def f(params, *rest, scale):
        return params["w"] * rest[0] * rest[1] * scale

    assert circuit(f, {"w": 1.0}, 2.0, 3.0, scale=4.0).inputs == ["params['w']", "rest[0]", "rest[1]", "scale"]
    c = trace_circuit(lambda x, how, y: x * y if how == "mul" else x, (2.0, "mul", 3.0), {}, static_argnums=1)
    assert c.inputs == ["x", "y"] and c.run.value(c.jaxpr.outvars[0]) == 6.0


def test_no_derivative_is_told():
    """A rule that is missing ends the way back there, and only there."""
    f = fgrad.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (x * 2, None), lambda res, ct: (ct * 2,))
    g = graph(lambda x: np.sin(f(x)))(0.5)
    np.testing.assert_allclose(g.circuit.run.cotangent(g.circuit.invars[0]), 2 * np.cos(1.0))
    h = fgrad.pure_callback
    g = graph(lambda x: h(np.sin, fgrad.ShapeDtypeStruct((), float), np.cos(x)) + x)(0.5)
    (problem,) = g.circuit.run.problems.values() or [""]
    assert problem
    assert problem in "\n".join(s.infos[0] for s in g.scene.shapes.values() if s.infos)


def test_bad_input():
    with pytest.raises(ArgumentError, match="takes a function"):
        graph(3.0)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="digits"):
        graph(np.sin, digits=0)
    with pytest.raises(DtypeError, match="not a numeric array"):
        graph(lambda x: x)("text")
    with pytest.raises(ConcretizationError, match="outside of jit"):
        fgrad.jit(lambda x: (graph(np.sin)(x), x)[1])(1.0)

    def endless(x):
        while True:
            x = x + 1.0

    with pytest.raises(ArgumentError, match=r"more than 20,000 operations[\s\S]*fgrad.scan"):
        graph(endless)(1.0)


def test_long_loop_stays_closed():
    g = graph(lambda x: fgrad.fori_loop(0, 10**6, lambda i, x: x + 1.0, x))(1.0)
    assert not g.circuit.run.bodies
    assert "too many to open" in next(iter(g.circuit.run.closed.values()))
    assert g.circuit.run.cotangent(g.circuit.invars[0]) == 1.0
    assert MAX_EQUATIONS < 10**6


# -- names and groups ------------------------------------------------------------------------------------------------------------------------


def test_name():
    closed = fgrad.make_jaxpr(network)(PARAMS, *DATA)
    paths = [e.source.scope.path for e in closed.eqns]
    assert list(dict.fromkeys(paths)) == ["layer1", "layer2", "loss"]
    assert "in loss" in closed.pretty(source=True)

    @fgrad.name("inner")
    def f(x):
        with fgrad.name("a/b"):
            return np.sin(x)

    def g(x):
        with fgrad.name("outer"):
            return f(x) + f(x)

    scopes = [e.source.scope for e in fgrad.make_jaxpr(g)(1.0).eqns]
    assert [s.path for s in scopes] == ["outer/inner/a/b", "outer/inner/a/b", "outer"]
    assert scopes[0] is not scopes[1] and scopes[0].parent.parent is scopes[2]
    for bad in ("", 3, None):
        with pytest.raises(ArgumentError, match="named by a text"):
            fgrad.name(bad)  # type: ignore[arg-type]


def test_name_inside_jit_is_relative():
    """A jitted function is staged once: it keeps the names opened in it and none of its callers'."""

    @fgrad.jit
    def f(x):
        with fgrad.name("in"):
            return np.sin(x)

    def g(x):
        with fgrad.name("one"):
            y = f(x)
        with fgrad.name("two"):
            return f(y)

    closed = fgrad.make_jaxpr(g)(1.0)
    assert [e.source.scope.path for e in closed.eqns] == ["one", "two"]
    assert [e.params["jaxpr"].eqns[0].source.scope.path for e in closed.eqns] == ["in", "in"]


def test_name_ends_with_its_block():
    def f(x):
        try:
            with fgrad.name("broken"):
                raise ValueError
        except ValueError:
            return np.sin(x)

    assert fgrad.make_jaxpr(f)(1.0).eqns[0].source.scope is None


@pytest.mark.parametrize(("f", "args"), [*CASES, (many(2000), (0.3, 1.1))], ids=[*IDS, "long"])
def test_every_equation_is_in_one_place(f, args):
    c = circuit(f, *args)
    level = tree_of(c.run, {})
    keys = [item.key for item in walk(level)]
    assert len(keys) == len(set(keys))
    top = [it.index for it in walk(level) if isinstance(it, Op) and "." not in it.key]
    top += [it.first for it in walk(level) if isinstance(it, Group) and it.kind in ("loop", "branch", "call") and "." not in it.key]
    assert sorted(top) == list(range(len(c.jaxpr.eqns)))
    assert len(level.items) <= LEVEL
    for item in walk(level):
        assert isinstance(item, Op) or 0 < len(item.level.items) <= LEVEL


def test_costs():
    closed = fgrad.make_jaxpr(lambda a, b: np.sum(np.sin(a @ b)))(np.ones((3, 4)), np.ones((4, 5)))
    assert [equation_flops(e) for e in closed.eqns] == [2 * 3 * 4 * 5, 15, 15]
    loop = fgrad.make_jaxpr(recurrent)(0.5, np.ones(3))
    assert jaxpr_flops(loop.jaxpr) == 1 + 3 * 4 + 3 + 1
    unknown = fgrad.make_jaxpr(newton)(9.0)
    assert jaxpr_flops(unknown.jaxpr) is None
    assert jaxpr_flops(fgrad.make_jaxpr(branches)(1.0).jaxpr) is not None
