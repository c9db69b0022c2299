"""Pytrees: whatever container the parameters come in, gradients come in the same."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp


class Pair(NamedTuple):
    first: Any
    second: Any


@dataclass
class Layer:
    w: Any
    b: Any
    activation: str = field(default="tanh", metadata={"static": True})


@dataclass(frozen=True)
class Frozen:
    x: Any


@dataclass
class Model:
    layers: list
    head: Frozen


@dataclass
class Scaled(Layer):
    scale: Any = 1.0


@dataclass(slots=True)
class Slotted:
    x: Any


@dataclass
class Checked:
    """Would refuse a tracer, if trees were built through __init__."""

    x: Any
    size: int = field(init=False, metadata={"static": True})

    def __post_init__(self):
        if not isinstance(self.x, np.ndarray):
            raise TypeError("x must be an array")
        self.size = self.x.size


class Interval:
    def __init__(self, low, high):
        self.low, self.high = low, high


fgrad.tree.register_pytree_node(Interval, lambda i: ((i.low, i.high), "interval"), lambda meta, children: Interval(*children))

A, B = np.array([1.0, 2.0]), np.array([[3.0], [4.0]])

TREES = {
    "array": A,
    "number": 2.0,
    "numpy scalar": np.float64(2.0),
    "dict": {"b": A, "a": 2.0},
    "list": [A, B],
    "tuple": (A, (B,)),
    "None inside": {"w": A, "b": None},
    "empty containers": [A, (), {}],
    "named tuple": Pair(A, B),
    "ordered dict": OrderedDict(b=A, a=B),
    "deque": deque([A, B]),
    "dataclass": Layer(A, 2.0),
    "frozen": Frozen(A),
    "slots": Slotted(A),
    "nested": Model([Layer(A, 1.0), Layer(B, 2.0, "relu")], Frozen({"x": Pair(A, None)})),
    "inherited": Scaled(A, 1.0, "relu", 3.0),
    "checked by __init__": Checked(A),
    "registered": {"i": Interval(A, B)},
}


def loss(t):
    return sum(fnp.sum(x**2) for x in fgrad.tree.leaves(t))


@pytest.mark.parametrize("name", TREES)
def test_gradients_have_the_structure_of_the_argument(name):
    t = TREES[name]
    expected = [2 * np.asarray(x) for x in fgrad.tree.leaves(t)]
    value, g = fgrad.value_and_grad(loss)(t)
    found = {
        "grad": fgrad.grad(loss)(t),
        "value_and_grad": g,
        "argnums": fgrad.grad(lambda y, t: loss(t), argnums=(1,))(1.0, t)[0],
        "vjp": fgrad.vjp(loss, t)[1](1.0)[0],
        "jacrev": fgrad.jacrev(loss)(t),
        "jacfwd": fgrad.jacfwd(loss)(t),
    }
    np.testing.assert_allclose(value, loss(t))
    for how, g in found.items():
        assert type(g) is type(t) or not fgrad.tree.structure(t).num_children, how
        assert fgrad.tree.structure(g) == fgrad.tree.structure(t), how
        for x, e in zip(fgrad.tree.leaves(g), expected, strict=True):
            np.testing.assert_allclose(x, e, err_msg=how)


@pytest.mark.parametrize("name", TREES)
def test_trees_pass_through(name):
    t = TREES[name]
    structure = fgrad.tree.structure(t)
    doubled = lambda t: fgrad.tree.map(lambda x: x * 2, t)
    floats = fgrad.tree.map(lambda x: np.asarray(x, float), t)
    out, tangent = fgrad.jvp(doubled, (floats,), (floats,))
    assert fgrad.tree.structure(out) == fgrad.tree.structure(tangent) == structure
    value, linear = fgrad.linearize(doubled, floats)
    assert fgrad.tree.structure(value) == fgrad.tree.structure(linear(floats)) == structure
    batch = fgrad.tree.map(lambda x: np.stack([x, 3 * x]), floats)
    mapped = fgrad.vmap(doubled)(batch)
    assert fgrad.tree.structure(mapped) == structure
    for x, y in zip(fgrad.tree.leaves(mapped), fgrad.tree.leaves(batch), strict=True):
        np.testing.assert_array_equal(x, 2 * y)
    assert fgrad.tree.structure(fgrad.checkpoint(doubled)(floats)) == structure
    shapes = fgrad.eval_shape(doubled, floats)
    assert fgrad.tree.structure(shapes) == structure
    assert [s.shape for s in fgrad.tree.leaves(shapes)] == [x.shape for x in fgrad.tree.leaves(floats)]


def test_static_fields_are_structure():
    seen = []

    def f(layer):
        seen.append(layer.activation)
        return fnp.sum(layer.w) * layer.b

    g = fgrad.grad(f)(Layer(A, 2.0, "relu"))
    assert seen == ["relu"]
    assert isinstance(g, Layer)
    assert g.activation == "relu"
    assert fgrad.tree.structure(Layer(A, 2.0, "relu")) != fgrad.tree.structure(Layer(A, 2.0, "tanh"))


def test_static_fields_of_a_parent_class():
    assert fgrad.tree.leaves(Scaled(1.0, 2.0, "relu", 3.0)) == [1.0, 2.0, 3.0]
    assert fgrad.grad(lambda m: m.w * m.b * m.scale)(Scaled(2.0, 3.0, "relu", 4.0)) == Scaled(12.0, 8.0, "relu", 6.0)


def test_methods_and_properties_work_on_traced_dataclasses():
    @dataclass(frozen=True)
    class Gaussian:
        mean: Any
        log_std: Any

        @property
        def std(self):
            return fnp.exp(self.log_std)

        def log_density(self, x):
            return -0.5 * ((x - self.mean) / self.std) ** 2 - self.log_std

    g = fgrad.grad(lambda d: d.log_density(1.0))(Gaussian(0.0, 0.0))
    assert (float(g.mean), float(g.log_std)) == (1.0, 0.0)
    assert dataclasses.replace(g, mean=0.0).mean == 0.0


def test_ordered_dicts_keep_their_order():
    g = fgrad.grad(loss)(OrderedDict(b=A, a=B))
    assert list(g) == ["b", "a"]
    assert list(fgrad.grad(loss)({"b": A, "a": B})) == ["b", "a"]


def test_a_tree_in_arguments_not_differentiated():
    g = fgrad.grad(lambda x, config: x * config["scale"] ** config["name"])(2.0, {"scale": 3.0, "name": 2})
    assert float(g) == 9.0
    g = fgrad.grad(lambda x, name: x * len(name))(2.0, "abc")  # not an array: passed as it is
    assert float(g) == 3.0


def test_none_as_an_argument():
    assert fgrad.grad(lambda p: p["w"] ** 2 if p["b"] is None else 0.0)({"w": 3.0, "b": None}) == {"w": 6.0, "b": None}
    assert fgrad.vmap(lambda x, y: x if y is None else y, in_axes=(0, None))(A, None).tolist() == A.tolist()


def test_a_class_local_to_a_function_is_met_twice():
    def run():
        @dataclass
        class Local:
            x: Any

        return fgrad.grad(lambda p: p.x**2)(Local(3.0)).x

    assert [float(run()) for _ in range(3)] == [6.0, 6.0, 6.0]


def test_two_structures_of_one_class_do_not_mix():
    with pytest.raises(fgrad.errors.TreeError, match="have different structures"):
        fgrad.tree.map(lambda a, b: a + b, Layer(1.0, 2.0, "relu"), Layer(1.0, 2.0, "tanh"))
