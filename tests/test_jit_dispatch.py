"""How jit finds the program for a call: by structure, types and static values, quickly where nothing is traced; and what it says of calls that found none."""

from __future__ import annotations

import functools
import pickle
import re
from collections import OrderedDict, deque, namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, is_dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import fgrad
from fgrad.api import jit as jit_module
from fgrad.api.dispatch import REFUSED, NoWay, write_way
from fgrad.core import tree

X = np.array([1.0, 2.0, 3.0])


@pytest.fixture(autouse=True)
def compiling():
    before, fgrad.config.compile = fgrad.config.compile, True
    yield
    fgrad.config.compile = before


@pytest.fixture
def slow(monkeypatch):
    """How often the general way was taken."""
    taken = []
    general = jit_module._Jitted.compute
    monkeypatch.setattr(jit_module._Jitted, "compute", lambda self, args, kwargs: taken.append(args) or general(self, args, kwargs))
    return taken


def counted(fun):
    """A function that counts how often Python runs it."""

    @functools.wraps(fun)
    def wrapper(*args, **kwargs):
        wrapper.runs += 1
        return fun(*args, **kwargs)

    wrapper.runs = 0
    return wrapper


def same(a, b):
    """Equal in structure, types of containers and leaves, order of keys, and values."""
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            same(a[k], b[k])
    elif isinstance(a, (list, tuple, deque)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif is_dataclass(a):
        same(vars(a), vars(b))
    elif isinstance(a, (np.ndarray, np.generic)):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)
    else:
        assert a == b


class Pair(NamedTuple):
    first: Any
    second: Any


Odd = namedtuple("Odd", "a b")


class Backwards(Odd):
    """Whoever iterates over it sees something else."""

    def __iter__(self):
        return iter((self[1], self[0]))


@dataclass
class Layer:
    w: Any
    b: Any
    units: int = field(default=3, metadata={"static": True})


@dataclass
class Scaled:
    x: Any
    by: Any = field(default=2.0, metadata={"static": True})


class Registered:
    def __init__(self, x, name="r"):
        self.x, self.name = x, name

    def __eq__(self, other):
        return type(other) is Registered and self.name == other.name and np.array_equal(self.x, other.x)


fgrad.tree.register_pytree_node(Registered, lambda r: ((r.x,), r.name), lambda name, xs: Registered(*xs, name))

QUICK = {
    "array": X,
    "dict": {"w": X, "b": X + 1},
    "dict in another order": {"z": X, "a": X + 1, "m": X + 2},
    "integers for keys": {3: X, 1: X + 1, -2: X + 2},
    "list": [X, X + 1],
    "tuple": (X, (X + 1,), ()),
    "one": (X,),
    "None": {"a": None, "b": X, "c": [None, None]},
    "empty": {"a": {}, "b": [], "c": (), "d": X},
    "nothing": (),
    "nested": {"l": [{"w": X, "b": (X, None)}, {"w": X, "b": (X, None)}], "t": Pair(X, {"q": X})},
    "named tuple": Pair(X, Odd(X + 1, X + 2)),
    "dataclass": {"m": Layer(X, X + 1)},
    "dataclass with another static": [Layer(X, Pair(X, X), 7), Scaled(X, (2, "s"))],
    "numbers": {"a": np.float64(2.5), "b": np.array(3.5), "c": 1.5},
    "strange keys": {"": X, "a'b": X + 1, 'q"\\\n': X + 2, "κ": X + 3, "\ud800": X + 4},
    "wide": {f"p{i}": X + i for i in range(40)},
}
GENERAL = {
    "ordered": OrderedDict(b=X, a=X + 1),
    "deque": deque([X, X + 1]),
    "registered": [Registered(X), Registered(X + 1, "other")],
    "keys of a kind": {(1, 2): X, (1, 3): X + 1},
    "iterates otherwise": Backwards(X, X + 1),
    "static array": Scaled(X, pytest),
}


def deep(levels):
    return {"d": deep(levels - 1)} if levels else X


def doubled(x):
    return tree.map(lambda v: v * 2.0, x)


@pytest.mark.parametrize("name", QUICK)
def test_structures_that_are_quick(name, slow):
    x = QUICK[name]
    for f in (doubled, lambda x: [x, {"again": x}, tree.map(lambda v: v[()] + 1.0, x)]):
        expected = tree.map(lambda v: v[()], f(tree.map(np.asarray, x)))
        g = fgrad.jit(f)
        slow.clear()
        for _ in range(3):
            found = g(x)
            same(tree.map(lambda v: v[()], found), expected)
            same(found, g(x))
        assert len(slow) == 1


@pytest.mark.parametrize("name", GENERAL)
def test_structures_that_are_not(name, slow):
    x = GENERAL[name]
    g = fgrad.jit(doubled)
    for _ in range(3):
        found = g(x)
        same(found, doubled(x))
    assert len(slow) == 3


@pytest.mark.parametrize("levels", [10, 55, 90, 500])
def test_depth(levels):
    g = fgrad.jit(doubled)
    for _ in range(3):
        out = g(deep(levels))
    for _ in range(levels):
        (out,) = out.values()
    np.testing.assert_array_equal(out, 2 * X)


OTHERS = {
    "a new key": {"w": X, "b": [X, X], "t": (X, None), "c": X},
    "a missing key": {"w": X, "b": [X, X]},
    "another key": {"w": X, "b": [X, X], "s": (X, None)},
    "a longer list": {"w": X, "b": [X, X, X], "t": (X, None)},
    "an empty list": {"w": X, "b": [], "t": (X, None)},
    "tuple for list": {"w": X, "b": (X, X), "t": (X, None)},
    "array for list": {"w": X, "b": np.ones((2, 3)), "t": (X, None)},
    "list for array": {"w": [X], "b": [X, X], "t": (X, None)},
    "None for array": {"w": None, "b": [X, X], "t": (X, None)},
    "array for None": {"w": X, "b": [X, X], "t": (X, X)},
    "named tuple for tuple": {"w": X, "b": [X, X], "t": Pair(X, None)},
    "ordered dict": OrderedDict(b=[X, X], t=(X, None), w=X),
    "list for dict": [X],
    "array for dict": X,
    "None": None,
    "other shape": {"w": np.ones(4), "b": [X, X], "t": (X, None)},
    "other dtype": {"w": X, "b": [X, X.astype(np.float32)], "t": (X, None)},
    "float": {"w": 1.5, "b": [X, X], "t": (X, None)},
    "int": {"w": 1, "b": [X, X], "t": (X, None)},
    "strided": {"w": np.ones(6)[::2], "b": [X, X[::-1]], "t": (X, None)},
    "swapped": {"w": X.astype(">f8"), "b": [X, X], "t": (X, None)},
    "a number of NumPy's": {"w": np.float32(1.5), "b": [X, np.float64(2.0)], "t": (np.int8(3), None)},
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_structures_and_types_find_their_own_program(name):
    first = {"w": X, "b": [X, X + 1], "t": (X, None)}
    f = counted(doubled)
    g = fgrad.jit(f)
    for x in (first, OTHERS[name], first, OTHERS[name], OTHERS[name], first):
        expected = tree.map(lambda v: v[()], doubled(tree.map(np.asarray, x)))
        same(tree.map(lambda v: v[()], g(x)), expected)
    assert f.runs <= 4  # twice by hand


def test_the_number_of_arguments_and_keywords(slow):
    f = counted(lambda *args, **kwargs: (sum(args), doubled(kwargs)))
    g = fgrad.jit(f)
    calls = [((X,), {}), ((X, X), {}), ((X,), {"a": X}), ((X,), {"b": X}), ((X,), {"a": X, "b": X + 1}), ((), {"a": {"q": X}})]
    for _ in range(3):
        for args, kwargs in calls:
            total, named = g(*args, **kwargs)
            np.testing.assert_array_equal(total, sum(args))
            same(named, doubled(kwargs))
    assert f.runs == len(slow) == len(calls)
    same(g(X, b=X, a=X + 1)[1], {"a": 2 * (X + 1), "b": 2 * X})
    assert f.runs == len(slow) == len(calls)


def test_results_belong_to_the_caller():
    w = np.ones(3)
    g = fgrad.jit(lambda x: {"x": x, "again": x, "w": w, "new": x + w})
    for _ in range(3):
        x = X.copy()
        out = g(x)
        for v in out.values():
            v += 100.0
        np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(g(X)["w"], 1.0)


def test_closed_over_arrays_are_copied_when_staged():
    w = np.ones(3)
    g = fgrad.jit(lambda x: x * w)
    first = g(X)
    w[:] = 5.0
    for _ in range(2):
        np.testing.assert_array_equal(g(X), first)


# -- numbers


NUMBERS = [(2.0, np.float64(3.0), np.array(4.0)), (2, np.int64(3), np.array(4)), (True, np.True_, np.array(False)), (1j, np.complex128(2))]


@pytest.mark.parametrize("same_type", NUMBERS)
def test_numbers_of_one_type_are_staged_once(same_type):
    f = counted(lambda x: (x, x + x))
    g = fgrad.jit(f)
    for x in same_type * 3:
        for y, e in zip(g(x), (x, np.asarray(x) + x), strict=True):
            assert type(y) is np.asarray(x).dtype.type
            assert y == e
    assert f.runs == 1
    others = [
        x for x in (1.0, 1, True, 1j, np.float32(1), np.ones(1)) if np.asarray(x).dtype != np.asarray(same_type[0]).dtype or np.ndim(x)
    ]
    for n, x in enumerate(others):
        g(x), g(x)
        assert f.runs == n + 2


def test_numbers_promote_as_when_interpreted():
    x = np.ones(3, np.float32)
    f = fgrad.jit(lambda x, s: x * s)
    for s in (2.0, 2, True, np.float32(2), np.float64(2)):
        fgrad.config.compile = False
        expected = fgrad.jit(lambda x, s: x * s)(x, s)
        fgrad.config.compile = True
        for _ in range(3):
            same(f(x, s), expected)


def test_integers_that_are_too_large():
    f = fgrad.jit(lambda n: n + 1)
    assert f(1) == f(1) == 2
    for _ in range(2):
        with pytest.raises(OverflowError):
            f(2**63)


# -- static arguments


def test_static_arguments_are_quick(slow):
    f = counted(lambda x, n, mode, scale=1.0: np.sum(x) * n * scale + (1.0 if mode == "one" else 0.0))
    g = fgrad.jit(f, static_argnums=1, static_argnames=("mode",))
    for _ in range(4):
        assert g(X, 2, "one") == 13.0
        assert g(X, 3, "one") == 19.0
        assert g(X, 3, "two") == 18.0
        assert g(X, 3, mode="one") == 19.0
        assert g(X, 3, scale=2.0, mode="two") == 36.0
    assert f.runs == 5
    assert len(slow) == 5


def test_static_values_that_are_equal_and_of_other_types():
    g = fgrad.jit(lambda x, flag: x * (2 if flag is True else 3 if type(flag) is int else 4), static_argnums=1)
    for _ in range(3):
        assert [float(g(1.0, v)) for v in (True, 1, 1.0, np.float64(1.0))] == [2.0, 3.0, 4.0, 4.0]


def test_static_values_that_change_their_hash():
    class Mutable:
        def __init__(self, n):
            self.n = n

        def __hash__(self):
            return hash(self.n)

        def __eq__(self, other):
            return self.n == other.n

    g = fgrad.jit(lambda x, m: x * m.n, static_argnums=1)
    m = Mutable(2)
    assert [float(g(1.0, m)) for _ in range(3)] == [2.0] * 3
    m.n = 5
    assert float(g(1.0, m)) == 5.0


def test_static_values_that_do_not_compare():
    g = fgrad.jit(lambda x, shape: x + len(shape), static_argnums=1)
    assert g(1.0, (2, 3)) == g(1.0, (2, 3)) == 3.0
    with pytest.raises(fgrad.errors.ArgumentError, match="static argument 1 of <lambda> is not hashable"):
        g(1.0, (np.ones(2), 3))
    assert np.isnan(fgrad.jit(lambda x, v: x + v, static_argnums=1)(1.0, float("nan")))


def test_static_fields_of_dataclasses():
    f = counted(lambda m: m.w * m.units)
    g = fgrad.jit(f)
    for _ in range(3):
        for units in (2, 3, 4):
            np.testing.assert_array_equal(g(Layer(X, None, units)), X * units)
    assert f.runs == 3


def test_errors_name_arguments_by_their_own_position():
    g = fgrad.jit(lambda n, x: x, static_argnums=0)
    with pytest.raises(fgrad.errors.DtypeError, match=r"jit: argument 1\['a'\] is 'text' of type str"):
        g(3, {"a": "text"})


# -- many programs


def test_many_shapes(slow):
    f = counted(lambda x: x * 2.0)
    g = fgrad.jit(f)
    for n in [*range(30), *range(30)]:
        np.testing.assert_array_equal(g(np.arange(float(n))), 2 * np.arange(float(n)))
    assert f.runs == 30
    slow.clear()
    for _ in range(5):
        for n in range(3):  # a few that alternate stay quick, once they have been seen
            g(np.arange(float(n)))
    assert len(slow) <= 3


def test_what_becomes_common_is_tried_first():
    g = fgrad.jit(lambda x: x * 2.0)
    for n in range(5):
        g(np.ones(n))
    state = next(c.cell_contents for c in g.__closure__ if isinstance(c.cell_contents, jit_module._Jitted))
    (way,) = state.ways.known.values()
    last = way.programs[0]
    for _ in range(20):
        g(np.ones(1))
    assert way.programs[0] is not last
    assert way.space["first"] is way.programs[0]
    assert len(way.programs) == 5


def test_layouts(slow):
    a = np.arange(12.0).reshape(3, 4)
    g = fgrad.jit(lambda x: x * 2.0)
    g(a), g(a.T.copy())
    slow.clear()
    unaligned = np.frombuffer(b"\0" + a.tobytes(), np.uint8)[1:].view(float).reshape(3, 4)
    readonly = a.copy()
    readonly.flags.writeable = False
    for x in (a, a.T, a[::-1], np.asfortranarray(a), np.broadcast_to(a[0], (3, 4)), unaligned, readonly):
        np.testing.assert_array_equal(g(x), x * 2)
    assert not slow
    for x in (a.astype(">f8"), a.view(np.matrix), np.ma.masked_array(a)):
        np.testing.assert_array_equal(g(x), np.asarray(x) * 2)
    assert len(slow) == 3
    np.testing.assert_array_equal(g(pickle.loads(pickle.dumps(a))), 2 * a)
    assert len(slow) == 3


def test_other_arrays_are_known_by_their_shape():
    class Series:
        def __init__(self, n):
            self.n = n

        def __array__(self, dtype=None, copy=None):
            return np.arange(float(self.n))

    g = fgrad.jit(lambda x: np.sum(x) * np.ones(3))
    for n in (3, 4, 4, 3, 5):
        np.testing.assert_array_equal(g(Series(n)), sum(range(n)))


def test_two_structures_of_the_result():
    g = fgrad.jit(lambda x: {"a": x * 2.0} if x.shape == (3,) else [x * 2.0])
    for _ in range(4):
        same(g(X), {"a": 2 * X})
        same(g(np.ones(2)), [np.full(2, 2.0)])


# -- where the quick way is not to be taken


def test_settings_are_asked_in_each_call():
    f = counted(lambda x: np.sin(x) * 2.0)
    g = fgrad.jit(f)
    expected = g(X)
    g(X)
    with fgrad.disable_jit():
        np.testing.assert_allclose(g(X), expected)
    assert f.runs == 2
    fgrad.config.compile = False
    np.testing.assert_allclose(g(X), expected)
    fgrad.config.compile = True
    np.testing.assert_array_equal(g(X), expected)
    assert f.runs == 2


def test_debug_nans():
    g = fgrad.jit(lambda x: np.log(x) * 2.0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(g(-1.0)) and np.isnan(g(-1.0))
    with fgrad.debug_nans(), pytest.raises(fgrad.errors.NanError, match="log made a NaN"):
        g(-1.0)
    with np.errstate(invalid="ignore"):
        assert np.isnan(g(-1.0))


def test_inside_other_transformations():
    f = counted(lambda p: np.sum(np.sin(p["w"]) * p["b"]))
    g = fgrad.jit(f)
    p = {"w": X, "b": X + 1}
    for _ in range(3):
        value = g(p)
        grads = fgrad.grad(g)(p)
        np.testing.assert_allclose(grads["b"], np.sin(X))
        np.testing.assert_allclose(fgrad.jit(g)(p), value)
        np.testing.assert_allclose(fgrad.vmap(g)({"w": np.stack([X, X]), "b": np.stack([X + 1, X + 1])}), [value, value])
        np.testing.assert_allclose(fgrad.jit(fgrad.grad(g))(p)["w"], grads["w"])
        jaxpr = fgrad.make_jaxpr(lambda q: g(p) + g(q))(p)  # known arguments, while something is staged
        np.testing.assert_allclose(jaxpr(X + 1, X)[0], 2 * value)
    assert f.runs == 1


def test_a_leaked_tracer_is_refused():
    g = fgrad.jit(lambda x: x * 2.0)
    g(X)
    kept = []
    fgrad.grad(lambda x: kept.append(x) or np.sum(x))(X)
    with pytest.raises(fgrad.errors.LeakedTracerError):
        g(kept[0])


def test_a_closed_over_tracer_stages_each_time():
    cell = [1.0]
    inner = fgrad.jit(lambda x: x * cell[0])
    assert inner(3.0) == inner(3.0) == 3.0

    def outer(y):
        cell[0] = y
        return fgrad.jit(lambda x: x * cell[0])(3.0)

    assert [float(fgrad.grad(outer)(v)) for v in (1.0, 2.0)] == [3.0, 3.0]
    assert float(fgrad.jit(fgrad.grad(outer))(1.0)) == 3.0


def test_threads_of_different_kinds():
    g = fgrad.jit(lambda p: np.sum(np.sin(p["w"])) * p["s"])
    jobs = {
        "compute": lambda n: float(g({"w": np.arange(float(n)), "s": 2.0})),
        "grad": lambda n: float(fgrad.grad(lambda s: g({"w": np.arange(float(n)), "s": s}))(2.0)),
        "interpret": lambda n: float(2.0 * np.sum(np.sin(np.arange(float(n))))),
    }

    def run(k):
        names = list(jobs)
        return [jobs[names[(k + i) % 3]](i % 12) * (2.0 if names[(k + i) % 3] == "grad" else 1.0) for i in range(120)]

    expected = [2.0 * float(np.sum(np.sin(np.arange(float(i % 12))))) for i in range(120)]
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(run, range(8)):
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_errors_of_programs_are_raised(slow):
    g = fgrad.jit(lambda x, i: x[i])
    assert g(X, 1) == g(X, 1) == 2.0
    with pytest.raises(IndexError) as quick:
        g(X, 7)
    with fgrad.disable_jit(), pytest.raises(IndexError):
        g(X, 7)
    assert g(X, 2) == 3.0
    assert "7" in str(quick.value)


def test_inline_and_methods():
    g = fgrad.jit(lambda x: x * 2.0, inline=True)
    for _ in range(3):
        np.testing.assert_array_equal(g(X), 2 * X)

    @fgrad.jit
    def named(x):
        """Says what it does."""
        return x

    assert (named.__name__, named.__doc__) == ("named", "Says what it does.")

    class Model:
        @functools.partial(fgrad.jit, static_argnums=0)
        def __call__(self, x):
            return x * 3.0

    model = Model()
    for _ in range(3):
        np.testing.assert_array_equal(model(X), 3 * X)


def test_programs_without_a_native_function(monkeypatch):
    """A program that is a plain Python function is found by its structure and types."""
    monkeypatch.setattr(jit_module, "compiled", lambda jaxpr: lambda *args: jaxpr(*args))
    f = counted(lambda p: {"y": p["x"] * 2.0})
    g = fgrad.jit(f)
    for x in (X, np.ones(4), 1.0, np.float64(1.0), X.astype(np.float32), X[::-1]) * 2:
        np.testing.assert_array_equal(g({"x": x})["y"], np.asarray(x) * 2)
    assert f.runs == 4


def test_programs_that_do_not_compile(monkeypatch):
    monkeypatch.setattr(jit_module, "compiled", lambda jaxpr: None)
    g = fgrad.jit(lambda x: x * 2.0)
    for _ in range(3):
        np.testing.assert_array_equal(g(X), 2 * X)


def test_ways_refuse_what_raises():
    """A guard that fails in any way leaves the call to the general way."""
    args = ({"a": X}, [X, X])
    in_tree = tree.structure((args, {}))
    out_tree = tree.structure({"y": X})
    way = write_way(in_tree, args, {}, {}, {}, out_tree, {"y": X})
    way.add(lambda *leaves: (leaves[0],))
    same(way.call(args, {}), {"y": X})

    class Raises:
        def __len__(self):
            raise ValueError

    for other in ((), args[:1], (*args, X), ({"b": X}, [X, X]), ({"a": X}, [X]), (Raises(), [X, X]), (None, None)):
        assert way.call(other, {}) is REFUSED
    assert way.call(args, {"k": 1}) is REFUSED
    with pytest.raises(NoWay):
        write_way(tree.structure(((deque([X]),), {})), (deque([X]),), {}, {}, {}, out_tree, {"y": X})


def random_tree(rng, depth):
    kind = rng.integers(9) if depth else 0
    children = lambda: [random_tree(rng, depth - 1) for _ in range(rng.integers(4))]
    if kind in (1, 2):
        names = rng.permutation(["a", "b", "c", "d"])
        return dict(zip(map(str, names), children(), strict=False))
    if kind in (3, 4):
        return children()
    if kind in (5, 6):
        return tuple(children())
    if kind == 7:
        return Pair(random_tree(rng, depth - 1), random_tree(rng, depth - 1))
    if kind == 8:
        return Layer(random_tree(rng, depth - 1), None, int(rng.integers(2)))
    return None if rng.integers(5) == 0 else object()


def test_ways_agree_with_flattening(rng):
    """On random trees: a way takes the leaves in the order of the pytree, and serves its own structure alone."""
    trees = [random_tree(rng, 3) for _ in range(150)]
    flat = [tree.flatten(((t,), {})) for t in trees]
    program = lambda *leaves: leaves if all(type(x) is object for x in leaves) else REFUSED  # as an entry refuses what is no leaf
    ways = []
    for t, (_, in_tree) in zip(trees, flat, strict=True):
        leaves, out_tree = tree.flatten(t)
        way = write_way(in_tree, (t,), {}, {}, {}, out_tree, tree.unflatten(out_tree, leaves))
        way.add(program)
        ways.append(way)
    served = 0
    for way, (_, own) in zip(ways, flat, strict=True):
        for t, (leaves, in_tree) in zip(trees, flat, strict=True):
            out = way.call((t,), {})
            assert (out is not REFUSED) == (in_tree == own)
            if out is not REFUSED:
                served += 1
                found, out_tree = tree.flatten(out)
                assert out_tree == in_tree.children()[0].children()[0]
                assert all(x is y for x, y in zip(found, leaves, strict=True))
    assert served > len(trees)


# -- explain_misses


def reasons(g):
    """The text, without the users' lines."""
    return [re.sub(r" at .*", "", line) for line in g.explain_misses().splitlines()]


def test_explain_misses_says_why():
    def f(params, x, n=1, *, scale=1.0):
        return np.sum(params["w"] @ x) * n * scale

    g = fgrad.jit(f, static_argnames="n")
    assert g.explain_misses() == "f has not been called"
    p = {"w": np.ones((2, 3))}
    for _ in range(3):
        g(p, X)
    g(p, np.ones((3, 4)))
    g({**p, "b": X}, X)
    g(p, X, n=2)
    g(p, X, n=True)
    g(p, X.astype(np.float32))
    g(p, X, scale=2.0)
    g({"w": p["w"].astype(np.float32)}, X.astype(np.float32))
    assert reasons(g) == [
        "f: 8 calls found no program",
        "1.",
        "   the first call: {'w': f64[2,3]}, f64[3]",
        "2.",
        "   argument 1 is f64[3,4], and was f64[3]",
        "3.",
        "   argument 0 has a new key 'b'",
        "   (beside 1, the nearest before)",
        "4.",
        "   static argument n is 2, and was not given",
        "   (beside 1, the nearest before)",
        "5.",
        "   static argument n is True of type bool, and was 2 of type int",
        "   (beside 4, the nearest before)",
        "6.",
        "   argument 1 is f32[3], and was f64[3]",
        "   (beside 1, the nearest before)",
        "7.",
        "   argument scale is given by name, and was not",
        "   (beside 1, the nearest before)",
        "8.",
        "   argument 0['w'] is f32[2,3], and was f64[2,3]",
        "   (beside 6, the nearest before)",
    ]
    assert re.search(r"2\. at .*test_jit_dispatch\.py:\d+   g\(p, np\.ones\(\(3, 4\)\)\)", g.explain_misses())


def test_explain_misses_of_structures():
    g = fgrad.jit(lambda *args: args)
    g({"a": [X, X], "b": Layer(X, X)})
    for other in (
        {"a": (X, X), "b": Layer(X, X)},
        {"a": [X, X, X], "b": Layer(X, X)},
        {"a": [X, None], "b": Layer(X, X)},
        {"a": [X, {"q": X}], "b": Layer(X, X)},
        {"a": [X, X], "b": Layer(X, X, 4)},
        {"a": [X, X], "b": Layer(X, [X])},
        X,
    ):
        g(other)
    g(X, X)
    text = g.explain_misses()
    for line in (
        "argument 0['a'] is a tuple of 2, and was a list of 2",
        "argument 0['a'] is a list of 3, and was a list of 2",
        "argument 0['a'][1] is None, and was an array or a number",
        "argument 0['a'][1] is a dict, and was None",
        "argument 0['b'] is CustomTreeNode(Layer[(4,)], [*, *]), and was CustomTreeNode(Layer[(3,)], [*, *])",
        "argument 0['b'].b is a list of 1, and was an array or a number",
        "argument 0 is an array or a number, and was a dict",
        "2 arguments are given by position, and 1 were",
    ):
        assert line in text, text


def test_explain_misses_of_settings_and_transformations():
    g = fgrad.jit(lambda x: x * 2.0)
    fgrad.grad(g)(1.0)
    g(1.0), g(1.0)
    fgrad.config.compile = False
    g(X)
    fgrad.config.compile = True
    g(X), g(X)
    g.lower(np.ones(2))
    g(np.ones(2))
    with fgrad.disable_jit():
        g(X), g(X)
    assert reasons(g) == [
        "<lambda>: 6 calls found no program",
        "1.",
        "   the first call: f64[]",
        "   inside another transformation",
        "2.",
        "   compiled now; 1 staged it inside another transformation",
        "3.",
        "   argument 0 is f64[3], and was f64[]",
        "   with config.compile off",
        "4.",
        "   compiled now; 3 staged it with config.compile off",
        "5.",
        "   argument 0 is f64[2], and was f64[3]",
        "   (beside 3, the nearest before)",
        "   for lower()",
        "6.",
        "   compiled now; 5 staged it for lower()",
        "2 calls with fgrad.config.jit off ran <lambda> as it is",
    ]


def test_explain_misses_of_closed_over_tracers():
    cell = [1.0]
    g = fgrad.jit(lambda x: x * cell[0])

    def outer(y):
        cell[0] = y
        return g(3.0)

    fgrad.grad(outer)(1.0), fgrad.grad(outer)(2.0)
    assert reasons(g) == [
        "<lambda>: 2 calls found no program",
        *["1.", "   it closes over a traced value, f64[]: what is staged is of use to this call alone"],
        *["2.", "   it closes over a traced value, f64[]: what is staged is of use to this call alone"],
    ]


def test_explain_misses_of_many():
    g = fgrad.jit(lambda x: x)
    for n in range(1100):
        g.lower(np.ones(n))
    lines = g.explain_misses().splitlines()
    assert lines[0] == "<lambda>: 1100 calls found no program; the last 1000:"
    h = fgrad.jit(lambda xs: xs)
    h([np.ones(1)] * 20), h([np.ones(2)] * 20)
    assert h.explain_misses().splitlines()[-1].strip() == "and 14 more differences"
