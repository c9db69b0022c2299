"""What users read when something is wrong: what happened, the types, their own line, what to do. And nothing is left half-done."""

from __future__ import annotations

import contextlib
import linecache
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core import errors
from fgrad.core.trace import EVAL, current_trace

X = np.array([1.0, 2.0, 3.0])


def message_of(kind: type[Exception], f: Callable, *args: Any) -> str:
    """The text of the error f raises. The current trace must be the bottom one again, and fgrad work as before."""
    with pytest.raises(kind) as caught:
        f(*args)
    assert current_trace() is EVAL
    assert float(fgrad.grad(lambda x: fgrad.vmap(lambda y: x * y)(np.ones(2)).sum())(1.0)) == 2.0
    return str(caught.value)


def assert_message(message: str, *parts: str) -> None:
    """The first line is the first part; the others are found in order."""
    assert message.splitlines()[0] == parts[0]
    at = 0
    for part in parts[1:]:
        at = message.find(part, at)
        assert at >= 0, f"{part!r} is not in order in:\n{message}"


def assert_line(message: str, code: str) -> None:
    """The message points at the line of this file that holds `code`."""
    found = re.search(r"\n  at (?:.*/)?test_errors\.py:(\d+)   (.*)", message)
    assert found, message
    assert code in found[2]
    assert linecache.getline(__file__, int(found[1])).strip() == found[2]


def test_errors_are_also_what_numpy_would_raise():
    for ours, numpys in (
        (errors.ShapeError, ValueError),
        (errors.DtypeError, TypeError),
        (errors.AxisError, IndexError),
        (errors.AxisError, ValueError),
        (errors.TreeError, ValueError),
        (errors.ArgumentError, TypeError),
        (errors.ConcretizationError, TypeError),
        (errors.LeakedTracerError, RuntimeError),
        (errors.IndexingError, IndexError),
        (errors.UnsupportedError, NotImplementedError),
        (errors.MutationError, TypeError),
        (errors.NanError, FloatingPointError),
    ):
        assert issubclass(ours, numpys)
        assert issubclass(ours, errors.FgradError)
        assert getattr(fgrad.errors, ours.__name__) is ours


# -- outputs of grad


def test_output_is_not_a_scalar():
    def model(x):
        return x * 2

    message = message_of(errors.ShapeError, lambda: fgrad.grad(model)(X))
    assert_message(message, "grad: model must return a scalar, and it returned f64[3]", "Sum or average it", "fgrad.jacobian", "fgrad.vjp")
    assert_line(message, "fgrad.grad(model)(X)")
    assert "value_and_grad: model" in message_of(ValueError, lambda: fgrad.value_and_grad(model)(X))


def test_output_is_several_arrays_or_nothing():
    message = message_of(errors.ShapeError, lambda: fgrad.grad(lambda x: (x, x))(1.0))
    assert_message(message, "grad: <lambda> must return a scalar, and it returned 2 arrays", "has_aux=True")
    message = message_of(errors.ShapeError, lambda: fgrad.grad(lambda x: None)(1.0))
    assert_message(message, "grad: <lambda> must return a scalar, and it returned nothing", "Does it end with `return`?")


def test_output_is_an_integer_or_complex():
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: np.argmax(x))(X))
    assert_message(
        message, "grad: <lambda> must return a real floating point number, and it returned i64[]", "An integer has no derivative."
    )
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: x * 1j)(1.0))
    assert_message(message, "grad: <lambda> must return a real floating point number, and it returned c128[]", ".real", "holomorphic=True")


def test_output_is_not_an_array():
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: "high")(1.0))
    assert_message(message, "the output of <lambda> is 'high' of type str, which is not a numeric array", "Leave anything else out")


# -- inputs of grad


def test_integer_input():
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: x * 2.0)(3))
    assert_message(message, "grad: inputs must be floating point, but argument 0 is i64[]", "3.0 for 3", "argnums")
    assert_line(message, "fgrad.grad(lambda x: x * 2.0)(3)")
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x, p: x * 2.0, argnums=1)(3.0, {"w": [np.arange(3)]}))
    assert_message(message, "grad: inputs must be floating point, but argument 1['w'][0] is i64[3]")
    for jac in (fgrad.jacfwd, fgrad.jacrev, fgrad.hessian):
        assert "inputs must be floating point, but argument 0 is bool[2]" in message_of(
            errors.DtypeError, lambda jac=jac: jac(np.sin)(np.ones(2, bool))
        )


@pytest.mark.parametrize("transform", [fgrad.grad, fgrad.vmap, fgrad.make_jaxpr, fgrad.jacrev, fgrad.checkpoint], ids=lambda f: f.__name__)
def test_input_is_not_an_array(transform):
    message = message_of(errors.DtypeError, lambda: transform(lambda x: x)("abc"))
    assert re.match(r"\w+: .*argument.* is 'abc' of type str, which is not a numeric array\n", message)
    assert "register its type with fgrad.tree.register_pytree_node" in message
    message = message_of(errors.DtypeError, lambda: transform(lambda x: x)(np.array([None, 1])))
    assert re.match(r"\w+: .*argument.* has dtype object, and is not numeric\n", message)
    assert ".astype(float)" in message


def test_input_is_an_object():
    class Config:
        def __repr__(self):
            return "Config(lr=0.1)"

    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda p: p["w"])({"w": 1.0, "config": Config()}))
    assert_message(message, "grad: argument 0['config'] is Config(lr=0.1) of type Config, which is not a numeric array")
    message = message_of(errors.DtypeError, lambda: fgrad.vjp(lambda a, b: a, 1.0, Config()))
    assert_message(message, "vjp: the primal 1 is Config(lr=0.1) of type Config, which is not a numeric array")
    message = message_of(errors.DtypeError, lambda: fgrad.vmap(lambda a, scale: a)(X, scale="x"))
    assert_message(message, "vmap: argument scale is 'x' of type str, which is not a numeric array")


def test_grad_of_a_value_and_not_of_a_function():
    message = message_of(errors.ArgumentError, lambda: fgrad.grad(3.0))
    assert_message(message, "grad takes a function, not 3.0", "Write fgrad.grad(f)(x), not fgrad.grad(f(x)).")


@pytest.mark.parametrize(
    "transform", [fgrad.grad, fgrad.value_and_grad, fgrad.jacfwd, fgrad.jacrev, fgrad.hessian], ids=lambda f: f.__name__
)
def test_wrong_argnums(transform):
    def f(x, y):
        return x * y

    message = message_of(errors.ArgumentError, lambda: transform(f, argnums=2)(1.0, 2.0))
    assert re.match(r"\w+: argnums=2 needs positional argument 2, but f was called with 2 of them\n", message)
    assert "given by keyword" in message
    assert_line(message, "transform(f, argnums=2)(1.0, 2.0)")
    assert "argnums=(0, -3) needs positional argument -3" in message_of(ValueError, lambda: transform(f, argnums=(0, -3))(1.0, 2.0))
    assert "argnums=(0, -2) names an argument twice" in message_of(TypeError, lambda: transform(f, argnums=(0, -2))(1.0, 2.0))
    assert "argnums is an int or a tuple of ints, not 'x'" in message_of(TypeError, lambda: transform(f, argnums="x")(1.0, 2.0))
    assert "argnums is an int or a tuple of ints, not (0, 1.0)" in message_of(TypeError, lambda: transform(f, argnums=(0, 1.0))(1.0, 2.0))
    assert "needs positional argument 0, but f was called with 0" in message_of(TypeError, lambda: transform(f)(x=1.0, y=2.0))


def test_has_aux_without_aux():
    message = message_of(errors.ArgumentError, lambda: fgrad.grad(lambda x: x, has_aux=True)(1.0))
    assert_message(message, "with has_aux=True, <lambda> must return a pair (output, aux), and it returned f64[]")


def test_holomorphic_of_real():
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: x, holomorphic=True)(1.0))
    assert_message(message, "grad: with holomorphic=True inputs must be complex, but argument 0 is f64[]", ".astype(complex)")
    message = message_of(errors.DtypeError, lambda: fgrad.grad(lambda x: x.real, holomorphic=True)(1j))
    assert_message(message, "grad: with holomorphic=True <lambda> must return a complex number, and it returned f64[]")


# -- tangents and cotangents


def test_tangents_of_another_structure():
    message = message_of(errors.TreeError, lambda: fgrad.jvp(lambda p: p["w"], ({"w": 1.0},), ({"v": 1.0},)))
    assert_message(message, "jvp: the tangents must have the structure of the primals", "expected ({'w': *},)", "found    ({'v': *},)")
    assert_line(message, "fgrad.jvp(lambda p")
    assert "found    (*,)" in message_of(ValueError, lambda: fgrad.jvp(lambda a, b: a, (1.0, 2.0), (1.0,)))
    _, linear = fgrad.linearize(lambda a, b: a * b, 1.0, 2.0)
    assert "linearize: the tangents must have the structure" in message_of(TypeError, lambda: linear(1.0))
    _, pull = fgrad.vjp(lambda x: (x, x), 1.0)
    message = message_of(errors.TreeError, lambda: pull(1.0))
    assert_message(message, "vjp: the cotangents must have the structure of the output", "expected (*, *)", "found    *")


def test_tangents_of_another_shape_or_dtype():
    message = message_of(errors.ShapeError, lambda: fgrad.jvp(np.sin, (X,), (np.ones(4),)))
    assert_message(message, "jvp: the tangent[0] has shape (4,), but its value is f64[3]", "A tangent has the shape of its value.")
    message = message_of(errors.DtypeError, lambda: fgrad.jvp(np.sin, (X,), (np.ones(3, np.float32),)))
    assert_message(message, "jvp: the tangent[0] has dtype float32, but its value is f64[3]", "Convert it with .astype(float64).")
    assert "the cotangent has shape (2,), but its value is f64[3]" in message_of(ValueError, lambda: fgrad.vjp(np.sin, X)[1](np.ones(2)))
    assert "the cotangent has dtype complex128" in message_of(TypeError, lambda: fgrad.vjp(np.sin, X)[1](np.ones(3, complex)))
    message = message_of(errors.DtypeError, lambda: fgrad.jvp(lambda n: n * 2.0, (3,), (1.0,)))
    assert_message(
        message, "jvp: the tangent[0] of a value of type i64[] must be of dtype float0, and is 1.0", "np.zeros(shape, fgrad.float0)"
    )


def test_tangents_that_are_no_tuples():
    message = message_of(errors.ArgumentError, lambda: fgrad.jvp(np.sin, 1.0, 1.0))
    assert_message(message, "jvp: primals and tangents are tuples with an entry for each argument, not float and float", "(x,), (t,)")
    assert "fgrad.hvp(f, (x,), (v,))" in message_of(errors.ArgumentError, lambda: fgrad.hvp(np.sin, 1.0, 1.0))


def test_linear_transpose_of_what_is_not_linear():
    for f, name in ((np.sin, "sin"), (lambda x: x * x, "mul"), (lambda x: 1.0 / x, "div"), (lambda x: x @ x, "contract")):
        arg = X if name == "contract" else 1.0
        message = message_of(errors.UnsupportedError, lambda f=f, arg=arg: fgrad.linear_transpose(f, arg)(1.0))
        assert_message(message, f"{name} cannot be transposed: it is not linear in the operand, or has no transpose rule", "fgrad.vjp")


# -- values asked of tracers that have none


@pytest.mark.parametrize("stage", [fgrad.make_jaxpr, fgrad.checkpoint], ids=lambda f: f.__name__)
def test_if_and_while_on_a_staged_value(stage):
    def model(x):
        if x > 0:
            return x
        return -x

    message = message_of(errors.ConcretizationError, lambda: stage(model)(1.0))
    assert_message(
        message,
        "`if`, `while`, `and`, `or` or bool() needs a value, but x: bool[] is being staged in `model` (no values, only types)",
        "fgrad.numpy.where or fgrad.cond",
        "fgrad.while_loop",
    )
    assert_line(message, "if x > 0:")

    def loop(x):
        while x > 0:
            x = x - 1.0
        return x

    assert_line(message_of(TypeError, lambda: stage(loop)(1.0)), "while x > 0:")


@pytest.mark.parametrize(
    ("f", "start"),
    [
        pytest.param(lambda x: bool(x), "`if`, `while`, `and`, `or` or bool() needs a value", id="bool"),
        pytest.param(lambda x: x > 0 and x < 1, "`if`, `while`, `and`, `or` or bool() needs a value", id="and"),
        pytest.param(lambda x: not x, "`if`, `while`, `and`, `or` or bool() needs a value", id="not"),
        pytest.param(lambda x: float(x), "float() needs a value", id="float"),
        pytest.param(lambda x: math.sin(x), "float() needs a value", id="math.sin"),
        pytest.param(lambda x: int(x), "int() needs a value", id="int"),
        pytest.param(lambda x: complex(x), "complex() needs a value", id="complex"),
        pytest.param(lambda x: x.item(), ".item() needs a value", id="item"),
        pytest.param(lambda x: x.tolist(), ".tolist() needs a value", id="tolist"),
        pytest.param(lambda x: f"{x:.3f}", "a formatted string needs a value", id="format"),
        pytest.param(lambda x: np.array([x, 1.0]), "a traced value x: f64[] cannot become a NumPy array", id="np.array"),
        pytest.param(lambda x: np.asarray(x), "a traced value x: f64[] cannot become a NumPy array", id="np.asarray"),
        pytest.param(lambda x: max(x, 0.0), "`if`, `while`, `and`, `or` or bool() needs a value", id="max"),
    ],
)
def test_conversions_of_a_staged_value(f, start):
    message = message_of(errors.ConcretizationError, lambda: fgrad.make_jaxpr(f)(1.0))
    assert message.startswith(start)
    assert "staged in `<lambda>` (no values, only types)" in message.splitlines()[0]
    assert "fgrad.numpy" in message or "NumPy functions" in message
    assert_line(message, "pytest.param(lambda x")


def test_sizes_and_indices_of_a_staged_value():
    for f in (lambda n: sum(range(n)), lambda n: [1, 2, 3][n]):
        message = message_of(errors.ConcretizationError, lambda f=f: fgrad.make_jaxpr(f)(1))
        assert message.startswith("an index or a size needs a value, but x: i64[] is being staged in `<lambda>`")


def test_if_on_a_mapped_value():
    message = message_of(errors.ConcretizationError, lambda: fgrad.vmap(lambda x: x if x > 0 else -x)(X))
    assert "x: bool[] is being mapped by vmap (it has one value for each example)" in message
    assert "fgrad.numpy.where" in message


def test_conversions_that_would_lose_a_derivative():
    """A value is known under grad, yet as a plain float it has no derivative: silence would be a wrong gradient."""
    message = message_of(errors.ConcretizationError, lambda: fgrad.grad(lambda x: math.sin(x))(1.0))
    assert_message(
        message, "float() of x: f64[] would lose its derivative, and x is being differentiated", "write np.sin(x)", "fgrad.stop_gradient(x)"
    )
    assert_line(message, "math.sin(x)")

    def assigned(x):
        out = np.zeros(3)
        out[0] = x[0]
        return out.sum()

    with pytest.raises(ValueError, match="setting an array element with a sequence") as caught:  # NumPy's, because of ours
        fgrad.grad(assigned)(X)
    assert "write np.stack of its entries" in str(caught.value.__cause__)
    assert_line(str(caught.value.__cause__), "out[0] = x[0]")
    message = message_of(errors.ConcretizationError, lambda: fgrad.grad(lambda x: np.array([x, 1.0]).sum())(1.0))
    assert_message(
        message,
        "a traced value x: f64[] cannot become a NumPy array while it is being differentiated (its tangent would be lost)",
        "fgrad.numpy.array([x, y])",
        "np.stack([x, y])",
    )


def test_in_place_addition_to_an_array():
    def f(x):
        out = np.zeros(3)
        out += x
        return out.sum()

    message = message_of(errors.UnsupportedError, lambda: fgrad.grad(f)(X))
    assert_message(message, "add: out= writes into an array, which traced code cannot do", "write a = a + x")
    assert_line(message, "out += x")
    assert "sin: out= writes" in message_of(TypeError, lambda: fgrad.grad(lambda x: np.sin(x, out=np.zeros(3)).sum())(X))


# -- item assignment


@pytest.mark.parametrize("transform", [fgrad.grad, fgrad.make_jaxpr, fgrad.vmap], ids=lambda f: f.__name__)
def test_item_assignment(transform):
    def f(x):
        x[0] = 1.0
        return x.sum()

    x = np.ones((2, 3)) if transform is fgrad.vmap else X
    message = message_of(errors.MutationError, lambda: transform(f)(x))
    assert_message(message, "traced arrays are immutable; x: f64[3] cannot be assigned to", "x = x.at[i].set(v)", "x = x.at[i].add(v)")
    assert_line(message, "x[0] = 1.0")

    def g(x):
        x[1:] += 1.0
        return x.sum()

    assert_line(message_of(TypeError, lambda: transform(g)(x)), "x[1:] += 1.0")


# -- leaks


def leak_from(transform, arg):
    box = []

    def leaky(x):
        y = np.sin(x)
        box.append(y)
        return y

    transform(leaky)(arg)
    return box[0]


LEAKS = {"grad": (fgrad.grad, 1.0), "make_jaxpr": (fgrad.make_jaxpr, 1.0), "vmap": (fgrad.vmap, X), "checkpoint": (fgrad.checkpoint, 1.0)}


@pytest.mark.parametrize("name", LEAKS)
def test_leaked_tracer(name):
    tracer = leak_from(*LEAKS[name])
    line = leak_from.__code__.co_firstlineno + 3
    uses = {
        "a call": lambda: np.cos(tracer),
        "an operator": lambda: tracer + 1.0,
        "under grad": lambda: fgrad.grad(lambda z: z * tracer)(1.0),
        "under vmap": lambda: fgrad.vmap(lambda z: z * tracer)(X),
        "while staging": lambda: fgrad.make_jaxpr(lambda z: z * tracer)(1.0),
        "as an argument": lambda: fgrad.grad(np.sin)(tracer),
        "as an output": lambda: fgrad.grad(lambda z: tracer)(1.0),
        "float": lambda: float(tracer),
        "np.array": lambda: np.array([tracer]),
    }
    for how, use in uses.items():
        message = message_of(errors.LeakedTracerError, use)
        assert re.match(rf"x: f64\[\] was traced in `leaky` \(.*test_errors\.py:{line}\) and used after it had returned\n", message), how
        assert "Return values from the function rather than storing them" in message
    if name in ("make_jaxpr", "checkpoint"):
        assert re.search(r"it was made at .*test_errors\.py:\d+   y = np\.sin\(x\)", message)


def test_a_leaked_tracer_can_be_shown():
    assert "f64[]" in repr(leak_from(fgrad.make_jaxpr, 1.0))
    assert "0.84" in repr(leak_from(fgrad.grad, 1.0))


def test_a_custom_derivative_that_closes_over_a_tracer():
    def outer(x):
        f = fgrad.custom_vjp(lambda y: y * x)
        f.defvjp(lambda y: (y * x, None), lambda r, ct: (ct,))
        return f(1.0)

    message = message_of(errors.LeakedTracerError, lambda: fgrad.grad(outer)(1.0))
    assert "was traced in `outer`" in message.splitlines()[0]
    assert "used where that trace is not current" in message
    assert "pass them as arguments" in message


# -- vmap


def test_vmap_of_unequal_sizes():
    message = message_of(errors.ShapeError, lambda: fgrad.vmap(lambda a, b: a + b["w"])(np.ones(3), {"w": np.ones(4)}))
    assert_message(
        message,
        "vmap: <lambda> is mapped over axes of different sizes",
        "argument 0 has 3 along its mapped axis",
        "argument 1['w'] has 4 along its mapped axis",
    )
    message = message_of(errors.ShapeError, lambda: fgrad.vmap(lambda a, scale: a, axis_size=5)(np.ones(3), scale=np.ones(5)))
    assert_message(
        message,
        "vmap: <lambda> is mapped over axes of different sizes",
        "argument 0 has 3 along",
        "argument scale has 5 along",
        "axis_size is 5",
    )


def test_vmap_axis_out_of_range():
    message = message_of(errors.AxisError, lambda: fgrad.vmap(lambda a, b: a, in_axes=(0, 1))(X, X))
    assert_message(message, "vmap: axis 1 is out of range for argument 1 of type f64[3]")
    message = message_of(IndexError, lambda: fgrad.vmap(lambda a: a)(1.0))
    assert_message(message, "vmap: axis 0 is out of range for argument 0 of type f64[]", "None in its place in in_axes")
    message = message_of(ValueError, lambda: fgrad.vmap(lambda a: a, out_axes=-2)(X))
    assert_message(message, "vmap: axis -2 is out of range for out_axes, for an output of <lambda> of type f64[3]")


def test_vmap_of_nothing_mapped():
    message = message_of(errors.ArgumentError, lambda: fgrad.vmap(lambda a: a, in_axes=None)(X))
    assert_message(message, "vmap: no argument of <lambda> is mapped, so the number of examples is unknown", "Pass axis_size=")
    message = message_of(errors.ArgumentError, lambda: fgrad.vmap(lambda a: a, out_axes=None)(X))
    assert_message(message, "vmap: out_axes is None for an output of <lambda> that differs between examples", "Give it an axis")


def test_vmap_axes_that_do_not_fit_the_arguments():
    message = message_of(errors.ArgumentError, lambda: fgrad.vmap(lambda a, b: a, in_axes=(0,))(X, X))
    assert_message(message, "vmap: in_axes has 1 entries, but <lambda> was called with 2 positional arguments")
    message = message_of(errors.TreeError, lambda: fgrad.vmap(lambda a: a["x"], in_axes=({"y": 0},))({"x": X}))
    assert_message(message, "vmap: in_axes is not a prefix of the tree it is for", "({'y': 0},)", "({'x': *},)")
    message = message_of(errors.ArgumentError, lambda: fgrad.vmap(lambda a: a, in_axes=0.5)(X))
    assert_message(message, "vmap: an axis is an int or None, not 0.5 (for argument 0)")


def test_axis_of_a_function_out_of_range():
    for f in (lambda x: np.sum(x, axis=1), lambda x: np.concatenate([x, x], axis=1), lambda x: np.expand_dims(x, 3)):
        message = message_of(errors.AxisError, lambda f=f: fgrad.make_jaxpr(f)(X))
        assert "out of range" in message or "out of bounds" in message
        assert "f64[3]" in message or "1-d" in message or "dimension" in message
        assert_line(message, "for f in")
        with pytest.raises((IndexError, ValueError)):  # as NumPy's
            f(X)


# -- shapes


def test_shapes_that_do_not_broadcast():
    def model(w):
        return (w + np.ones(5)).sum()

    message = message_of(errors.ShapeError, lambda: fgrad.grad(model)(np.ones((3, 4))))
    assert_message(message, "add: shapes f64[3,4] and f64[5] do not broadcast", "the last axis has 4 entries in (3, 4) and 5 in (5,)")
    assert_line(message, "return (w + np.ones(5)).sum()")


def test_shapes_that_do_not_multiply():
    message = message_of(ValueError, lambda: fgrad.grad(lambda w: (w @ np.ones(5)).sum())(np.ones((3, 4))))
    assert_message(message, "matmul: shapes f64[3,4] and f64[5] do not fit", "4 entries", "5")


def test_an_index_out_of_bounds():
    message = message_of(IndexError, lambda: fgrad.grad(lambda x: x[5])(X))
    assert message.startswith("index 5 is out of bounds for axis 0 with size 3")
    assert_line(message, "x[5]")


# -- attributes and functions that are not there


def test_unknown_attribute():
    message = message_of(AttributeError, lambda: fgrad.grad(lambda x: x.summ())(X))
    assert message.startswith("the traced value x: f64[3] has no attribute 'summ'")
    assert "attributes and methods of a NumPy array" in message
    assert "test_errors.py" in message and "x.summ()" in message
    assert "x.astype(dtype)" in message_of(AttributeError, lambda: fgrad.make_jaxpr(lambda x: x.view(int))(X))
    assert fgrad.grad(lambda x: x.sum() if not hasattr(x, "numpy") else x)(X).tolist() == [1.0, 1.0, 1.0]


def test_numpy_function_without_a_rule():
    for f, name in (
        (lambda x: np.is_busday(x), "function numpy.is_busday"),
        (lambda x: np.isnat(x), "ufunc isnat"),
        (lambda x: np.isnat.at(x, [0]), "ufunc method isnat.at"),
    ):
        message = message_of(errors.UnsupportedError, lambda f=f: fgrad.grad(f)(X))
        assert_message(message, f"the NumPy {name} has no rule for traced values", "fgrad.custom_jvp or fgrad.custom_vjp", "@implements")
        assert_line(message, "lambda x: np.")
        assert issubclass(errors.UnsupportedError, NotImplementedError)


# -- custom derivatives


def test_custom_derivative_not_defined():
    for make in (fgrad.custom_jvp, fgrad.custom_vjp):

        @make
        def f(x):
            return x

        message = message_of(errors.ArgumentError, lambda f=f: f(1.0))
        assert_message(
            message,
            f"{make.__name__}: no derivative was defined for f",
            "Define it with f.defjvp" if make is fgrad.custom_jvp else "f.defvjp",
        )


def custom(bwd, fwd=lambda x, y: (x * y, (x, y))):
    @fgrad.custom_vjp
    def product(x, y):
        return x * y

    product.defvjp(fwd, bwd)
    return lambda: fgrad.grad(lambda x, y: product(x, y).sum(), (0, 1))(X, X)


def test_bad_rules_of_custom_vjp():
    message = message_of(errors.TreeError, custom(lambda r, ct: (ct,)))
    assert_message(
        message,
        "custom_vjp: bwd of product must return a tuple of 2 cotangents, one for each argument, and it returned 1",
        "None stands for zeros",
    )
    message = message_of(errors.TreeError, custom(lambda r, ct: ct * 2.0))
    assert message.startswith(
        "custom_vjp: bwd of product must return a tuple of 2 cotangents, one for each argument, and it returned f64[3]"
    )
    message = message_of(errors.ShapeError, custom(lambda r, ct: (ct, np.ones(2))))
    assert_message(message, "custom_vjp: the rule of product returned a cotangent of argument 1 of shape (2,), but the value is f64[3]")
    message = message_of(errors.DtypeError, custom(lambda r, ct: (ct, ct * 1j)))
    assert_message(
        message, "custom_vjp: the rule of product returned a cotangent of argument 1 of dtype complex128, but the value is f64[3]"
    )
    message = message_of(errors.TreeError, custom(lambda r, ct: (ct, [ct])))
    assert "expected *" in message
    message = message_of(errors.ArgumentError, custom(lambda r, ct: (ct, ct), fwd=lambda x, y: x * y))
    assert_message(message, "custom_vjp: fwd of product must return (output, residuals), not f64[3]")


def test_forward_mode_of_custom_vjp():
    f = fgrad.custom_vjp(lambda x: x)
    f.defvjp(lambda x: (x, None), lambda r, ct: (ct,))
    for use in (lambda: fgrad.jvp(f, (1.0,), (1.0,)), lambda: fgrad.jacfwd(f)(X), lambda: fgrad.jacfwd(fgrad.jacfwd(f))(X)):
        message = message_of(errors.UnsupportedError, use)
        assert_message(
            message, "forward mode through a function with custom_vjp, which has a rule for reverse mode only", "fgrad.custom_jvp"
        )


def test_bad_rules_of_custom_jvp():
    @fgrad.custom_jvp
    def f(x):
        return x

    for rule, kind, first in (
        (lambda p, t: p[0], errors.ArgumentError, "custom_jvp: the rule of f must return (output, tangent), not f64[3]"),
        (
            lambda p, t: (p[0], np.ones(2)),
            errors.ShapeError,
            "custom_jvp: the rule of f returned a tangent of shape (2,), but the value is f64[3]",
        ),
        (
            lambda p, t: (p[0], [t[0]]),
            errors.TreeError,
            "custom_jvp: the output and the tangent that the rule of f returns have different structures",
        ),
    ):
        f.defjvp(rule)
        assert_message(message_of(kind, lambda: fgrad.grad(lambda x: f(x).sum())(X)), first)
        assert_message(message_of(kind, lambda: fgrad.jvp(f, (X,), (X,))), first)


def test_custom_derivative_called_with_keywords():
    f = fgrad.custom_jvp(lambda x: x)
    f.defjvps(lambda t, out, x: t)
    assert_message(
        message_of(errors.ArgumentError, lambda: f(x=1.0)), "custom_jvp: <lambda> was called with keyword arguments ['x']", "by position"
    )


# -- NaN


def test_debug_nans_names_the_rule_and_the_line():
    def forward(x):
        y = x - 2.0
        z = np.log(y)
        return z * 2.0

    with fgrad.debug_nans():
        message = message_of_nan(lambda: fgrad.grad(forward)(1.0))
    assert_message(message, "log made a NaN in its result f64[]", "its operands: f64[] = -1.")
    assert_line(message, "z = np.log(y)")


def message_of_nan(f):
    with pytest.raises(errors.NanError) as caught:
        f()
    return str(caught.value)


def test_debug_nans_in_reverse_mode_names_the_line_that_was_differentiated():
    def loss(x):
        r = np.sqrt(x)
        y = fnp.where(x > 0, r, 0.0)
        return y * 3.0

    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(fgrad.grad(loss)(0.0))
    with fgrad.debug_nans():
        message = message_of_nan(lambda: fgrad.grad(loss)(0.0))
    assert_message(
        message, "mul made a NaN in its result f64[]", "its operands: f64[] = 0., f64[] = inf", "make the operand safe", "in reverse mode"
    )
    assert_line(message, "r = np.sqrt(x)")
    with fgrad.debug_nans():
        message = message_of_nan(lambda: fgrad.vmap(fgrad.grad(loss))(np.array([1.0, 0.0])))
    assert_message(message, "mul made a NaN in its result f64[2]")
    assert_line(message, "r = np.sqrt(x)")
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(fgrad.grad(loss)(0.0))  # outside all is as it was


def test_debug_nans_lets_what_was_nan_pass():
    with fgrad.debug_nans():
        assert np.isnan(fgrad.grad(lambda x: x * np.nan)(1.0))
        assert float(fgrad.grad(np.sin)(0.0)) == 1.0


# -- nothing half-done


def test_after_any_error_the_same_call_works():
    class Boom(Exception):
        pass

    fail = True

    def f(x):
        y = np.sin(x)
        if fail:
            raise Boom
        return y

    transforms = {
        "grad": lambda: fgrad.grad(f)(0.0),
        "jvp": lambda: fgrad.jvp(f, (0.0,), (1.0,))[1],
        "linearize": lambda: fgrad.linearize(f, 0.0)[1](1.0),
        "vjp": lambda: fgrad.vjp(f, 0.0)[1](1.0)[0],
        "vmap": lambda: fgrad.vmap(f)(np.zeros(1))[0] + 1.0,
        "make_jaxpr": lambda: fgrad.make_jaxpr(f)(0.0)(0.0)[0] + 1.0,
        "checkpoint": lambda: fgrad.grad(fgrad.checkpoint(f))(0.0),
        "hessian": lambda: fgrad.hessian(lambda x: f(x) + x**2 / 2)(0.0),
        "nested": lambda: fgrad.grad(lambda x: fgrad.vmap(lambda y: fgrad.jvp(f, (y,), (x,))[1])(np.zeros(1)).sum())(1.0),
        "custom_jvp rule": lambda: fgrad.grad(with_rule(f))(0.0),
        "debug_nans": lambda: in_debug_nans(lambda: fgrad.grad(f)(0.0)),
    }
    for name, run in transforms.items():
        fail = True
        with pytest.raises(Boom):
            run()
        assert current_trace() is EVAL, name
        fail = False
        assert float(run()) == 1.0, name


def with_rule(f):
    g = fgrad.custom_jvp(lambda x: np.sin(x))
    g.defjvp(lambda p, t: (f(p[0]), t[0]))
    return g


def in_debug_nans(f):
    with fgrad.debug_nans():
        return f()


def test_an_error_inside_a_traced_function_can_be_caught_there():
    def f(x):
        with contextlib.suppress(ValueError):
            np.ones(3) + x + np.ones(4)
        return x * 2.0

    assert float(fgrad.grad(lambda x: f(x))(1.0)) == 2.0
    assert float(fgrad.grad(lambda x: fgrad.make_jaxpr(f)(1.0)(x)[0])(1.0)) == 2.0


def test_a_caught_error_of_an_inner_transformation_leaves_the_outer_trace():
    def f(x):
        with pytest.raises(ZeroDivisionError):
            fgrad.grad(lambda y: y * x * (1 / 0))(x)
        with pytest.raises(errors.ConcretizationError):
            fgrad.make_jaxpr(lambda y: y if y > x else x)(1.0)
        return np.sin(x)

    assert float(fgrad.grad(f)(0.0)) == 1.0
