"""The jaxpr: typed, frozen, printed in columns, checked, pickled."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core.avals import ShapedArray
from fgrad.core.errors import JaxprError
from fgrad.core.jaxpr import Equation, Literal, Var
from fgrad.core.primitive import registry
from fgrad.core.trace import tracing
from fgrad.transforms.autodiff import ADTrace, ADTracer, LinearTrace

SCALAR = ShapedArray((), float)
VECTOR = ShapedArray((3,), float)


def program(x, w):
    y = np.tanh(w @ x) * 2.0
    return {"total": fnp.sum(y), "y": y}


@pytest.fixture
def closed():
    return fgrad.make_jaxpr(program)(np.ones(3), np.ones((2, 3)))


# -- printing


def test_printed_in_columns():
    closed = fgrad.make_jaxpr(lambda x: fnp.sum(np.sin(x) * 2.0))(np.ones(3))
    assert str(closed) == (
        "{ lambda a:f64[3]. let\n    b:f64[3] = sin a\n    c:f64[3] = mul b 2.0\n    d:f64[]  = reduce_sum[axes=(0,)] c\n  in (d,) }"
    )


def test_printed_types_and_constants():
    table = np.arange(3, dtype=np.float32)
    closed = fgrad.make_jaxpr(lambda x, n: (np.exp(x) * table, n + 1, x > 0.5))(np.ones(3, np.float32), 2)
    assert str(closed) == (
        "{ lambda a:f32[3] ; b:f32[3] c:i64[]. let\n"
        "    d:f32[3]  = exp b\n"
        "    e:f32[3]  = mul d a\n"
        "    f:i64[]   = add c 1:i64[]\n"
        "    g:bool[3] = gt b 0.5:f32[]\n"
        "  in (e, f, g) }"
    )


def test_printed_inner_jaxprs_are_indented():
    text = str(fgrad.make_jaxpr(fgrad.checkpoint(lambda x: np.sin(x) * x))(1.0))
    assert "\n      jaxpr = { lambda a:f64[]. let\n          b:f64[] = sin a\n          c:f64[] = mul b a\n        in (c,) }\n" in text


def test_printed_without_equations():
    assert str(fgrad.make_jaxpr(lambda x: (x, 3.0))(1.0)) == "{ lambda a:f64[]. let\n  in (a, 3.0:f64[]) }"


def test_names_go_on_after_z():
    def f(x):
        for _ in range(30):
            x = np.sin(x)
        return x

    last = str(fgrad.make_jaxpr(f)(1.0)).splitlines()
    assert last[25] == "    z:f64[]  = sin y"
    assert last[26] == "    ba:f64[] = sin z"
    assert last[-1] == "  in (be,) }"


def test_source_lines_on_request(closed):
    here = inspect.getsourcelines(program)[1]
    lines = closed.pretty(source=True).splitlines()
    assert f"test_jaxpr.py:{here + 1}   y = np.tanh(w @ x) * 2.0" in lines[1]
    assert f'test_jaxpr.py:{here + 2}   return {{"total": fnp.sum(y), "y": y}}' in lines[4]
    assert len({line.index("#") for line in lines[1:5]}) == 1
    assert "#" not in str(closed)


# -- frozen


def test_nothing_can_be_changed(closed):
    jaxpr, eqn = closed.jaxpr, closed.eqns[0]
    for thing, name in ((closed, "consts"), (jaxpr, "eqns"), (jaxpr, "invars")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, ())
    for thing, name in (
        (eqn, "inputs"),
        (eqn, "primitive"),
        (jaxpr.invars[0], "aval"),
        (jaxpr.invars[0].aval, "shape"),
        (Literal(1.0), "value"),
    ):
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
    assert all(type(x) is tuple for x in (jaxpr.invars, jaxpr.eqns, jaxpr.outvars, closed.consts, eqn.inputs, eqn.outvars))
    for change in (
        lambda p: p.update(axes=()),
        lambda p: p.pop("x_labels"),
        lambda p: p.clear(),
        lambda p: p.__setitem__("axes", ()),
        lambda p: p.setdefault("axes", ()),
    ):
        with pytest.raises(TypeError, match="immutable"):
            change(eqn.params)


def test_avals_are_values():
    assert ShapedArray((3,), np.float64) == VECTOR
    assert hash(ShapedArray((3,), "float64")) == hash(VECTOR)
    assert VECTOR != SCALAR
    assert ShapedArray((3,), np.float32) != VECTOR


# -- types


def test_types_of_inputs_and_outputs(closed):
    assert [str(a) for a in closed.in_avals] == ["f64[3]", "f64[2,3]"]
    assert [str(a) for a in closed.out_avals] == ["f64[]", "f64[2]"]
    _, shapes = fgrad.make_jaxpr(program, return_shape=True)(np.ones(3), np.ones((2, 3)))
    assert shapes == {"total": fgrad.ShapeDtypeStruct((), float), "y": fgrad.ShapeDtypeStruct((2,), float)}


def test_a_jaxpr_evaluates(closed):
    x, w = np.array([0.1, 0.2, 0.3]), np.ones((2, 3))
    expected = program(x, w)
    total, y = closed(x, w)
    np.testing.assert_allclose(total, expected["total"], rtol=1e-15)
    np.testing.assert_array_equal(y, expected["y"])
    np.testing.assert_array_equal(fgrad.eval_jaxpr(closed.jaxpr, closed.consts, x, w)[1], y)
    with pytest.raises(fgrad.errors.ArgumentError, match="the jaxpr takes 2 arguments beside its constants, and was given 1"):
        closed(x)


# -- checking


def jaxpr_of(eqns, invars, outvars):
    return fgrad.Jaxpr(tuple(invars), tuple(eqns), tuple(outvars))


def equation(name, inputs, out, **params):
    return Equation(registry[name], inputs, params, (out,), None)


def test_check_accepts(closed):
    fgrad.check_jaxpr(closed)
    fgrad.check_jaxpr(closed.jaxpr)
    a, b = Var(SCALAR), Var(SCALAR)
    fgrad.check_jaxpr(jaxpr_of([equation("mul", [a, Literal(2.0)], b)], [a], [b, a, Literal(1.0)]))


def ill_formed():
    a, b, c, v, n = Var(SCALAR), Var(SCALAR), Var(SCALAR), Var(VECTOR), Var(ShapedArray((), np.int64))
    sin = lambda x, out: equation("sin", [x], out)
    inner = jaxpr_of([sin(c, b)], [a], [b])
    yield "an undefined operand", jaxpr_of([sin(b, c)], [a], [c]), r"equation 0 \(sin\) reads Var:f64\[\], which is not defined before it"
    yield "use before definition", jaxpr_of([sin(b, c), sin(a, b)], [a], [c]), r"equation 0 \(sin\) reads"
    yield "an undefined output", jaxpr_of([], [a], [b]), "the output list reads"
    yield "a second definition", jaxpr_of([sin(a, b), sin(a, b)], [a], [b]), r"equation 1 \(sin\) defines a variable twice"
    yield "an input defined again", jaxpr_of([sin(a, a)], [a], [a]), r"equation 0 \(sin\) defines a variable twice"
    yield "an input twice", jaxpr_of([], [a, a], [a]), "the input list defines a variable twice"
    yield (
        "a wrong output type",
        jaxpr_of([sin(a, v)], [a], [v]),
        r"equation 0 \(sin\) has outputs of type \[f64\[3\]\]; its primitive says \[f64\[\]\]",
    )
    yield "operands of two dtypes", jaxpr_of([equation("add", [a, n], b)], [a, n], [b]), r"equation 0 \(add\) has operands .* one dtype"
    yield "operands of two shapes", jaxpr_of([equation("add", [a, v], b)], [a, v], [b]), r"equation 0 \(add\) has operands .* one shape"
    yield "too many operands", jaxpr_of([equation("sin", [a, a], b)], [a], [b]), r"equation 0 \(sin\) has 2 operands; its primitive takes 1"
    yield (
        "a missing parameter",
        jaxpr_of([equation("reduce_sum", [v], b)], [v], [b]),
        r"equation 0 \(reduce_sum\) has operands or parameters .*axes",
    )
    yield "an operand that is an array", jaxpr_of([equation("sin", [np.ones(3)], v)], [], [v]), r"equation 0 \(sin\) reads array"
    call = Equation(registry["call"], (a,), {"jaxpr": inner, "name": "f"}, (v,), None)
    yield "an inner jaxpr", jaxpr_of([call], [a], [v]), r"equation 0 \(sin\) reads"


@pytest.mark.parametrize(("jaxpr", "message"), [pytest.param(j, m, id=name) for name, j, m in ill_formed()])
def test_check_refuses(jaxpr, message):
    with pytest.raises(JaxprError, match=message):
        fgrad.check_jaxpr(jaxpr)


def test_every_pass_is_checked_in_tests():
    """FGRAD_CHECK=1 checks each jaxpr where it is made."""
    code = (
        "from fgrad.core.jaxpr import *; from fgrad.core.avals import F64; import fgrad\n"
        "try: checked(Jaxpr((), (), (Var(F64),)))\n"
        "except fgrad.errors.JaxprError: print('refused')"
    )
    for value, expected in (("1", "refused"), ("0", "")):
        env = {"FGRAD_CHECK": value, "PYTHONPATH": str(Path(fgrad.__file__).parents[1])}
        out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, timeout=60)
        assert out.stdout.strip() == expected


# -- pickling


def test_pickled_and_back(closed):
    again = pickle.loads(pickle.dumps(closed))
    assert str(again) == str(closed)
    assert again.pretty(source=True) == closed.pretty(source=True)
    fgrad.check_jaxpr(again)
    x, w = np.array([0.1, 0.2, 0.3]), np.ones((2, 3))
    for a, b in zip(again(x, w), closed(x, w), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(TypeError, match="immutable"):
        again.eqns[0].params["axes"] = ()


def test_pickled_with_constants_and_inner_jaxprs():
    table = np.arange(3.0)
    f = fgrad.grad(lambda x: fnp.sum(fgrad.checkpoint(lambda x: np.sin(x) * table)(x)))
    closed = fgrad.make_jaxpr(f)(np.ones(3))
    again = pickle.loads(pickle.dumps(closed))
    fgrad.check_jaxpr(again)
    x = np.array([0.1, 0.2, 0.3])
    np.testing.assert_array_equal(again(x)[0], np.cos(x) * table)
    np.testing.assert_allclose(fgrad.jacfwd(lambda x: again(x)[0])(x), np.diag(-np.sin(x) * table), rtol=1e-14)


def test_primitives_pickle_by_name():
    for prim in registry.values():
        assert pickle.loads(pickle.dumps(prim)) is prim


# -- linear programs


def test_a_linear_program_refuses_a_residual_computed_inside():
    from fgrad.ops.elementwise import cos, mul

    linear = LinearTrace()
    with tracing(linear), pytest.raises(JaxprError, match="a linear map runs `cos` on no tangent"):
        mul(cos(np.float64(1.0)), np.float64(2.0))


def test_a_rule_that_computes_its_residual_in_the_inner_function_is_caught():
    from fgrad.core.primitive import Primitive
    from fgrad.ops.elementwise import cos, mul

    bad = Primitive("sin_with_a_bad_rule", impl=np.sin, aval=lambda x: x.aval, partials=[lambda out, x: lambda t: mul(t, cos(x))])
    try:
        with pytest.raises(JaxprError, match="must compute what does not depend on the tangent in its outer function"):
            fgrad.grad(bad)(1.0)
    finally:
        del registry["sin_with_a_bad_rule"]


def test_a_linear_trace_takes_what_has_a_tangent():
    linear, parent = LinearTrace(), fgrad.core.trace.EVAL
    ad = ADTrace(parent, linear)
    t = fgrad.core.stage.StageTracer(linear, SCALAR)
    with tracing(ad):
        y = np.sin(ADTracer(ad, np.float64(0.0), t)) * 3.0
    assert y.primal == 0.0
    assert [e.primitive.name for e in linear.eqns] == ["mul", "mul"]


def test_the_linear_program_of_linearize_can_be_seen():
    _, linear = fgrad.linearize(lambda x: np.sin(x) * 2.0, np.zeros(3))
    assert str(linear.jaxpr) == ("{ lambda a:f64[3] b:f64[3]. let\n    c:f64[3] = mul b a\n    d:f64[3] = mul c 2.0\n  in (d,) }")
