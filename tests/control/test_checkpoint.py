"""checkpoint: what is saved and what is recomputed, by policies and by the binomial schedule of loops."""

from __future__ import annotations

import functools
import math
import tracemalloc

import numpy as np
import pytest

import fgrad
from fgrad import checkpoint, checkpoint_name
from fgrad.control.schedule import recomputed_steps, repetitions, reverse_steps
from fgrad.core.jaxpr import subjaxprs
from fgrad.testing import check_grads

W = np.array([[0.4, -0.3, 0.1], [0.2, 0.5, -0.6], [0.3, 0.1, 0.2]])
X = np.array([0.3, -0.7, 0.5])


def all_equations(jaxpr):
    for e in jaxpr.eqns:
        yield e
        for sub in subjaxprs(e.params):
            yield from all_equations(sub)


def count(fun, *args):
    """How often each primitive stands in the jaxpr of a function."""
    found: dict[str, int] = {}
    for e in all_equations(fgrad.make_jaxpr(fun)(*args).jaxpr):
        found[e.primitive.name] = found.get(e.primitive.name, 0) + 1
    return found


# -- checkpoint of functions


def network(x):
    h = checkpoint_name(np.sin(W @ x), "h")
    g = checkpoint_name(np.exp(W @ h), "g")
    return np.sum(np.tanh(g))


POLICIES = {
    "none": None,
    "nothing": "nothing",
    "everything": "everything",
    "dots": "dots",
    "object": fgrad.checkpoint_policies.nothing_saveable,
    "h": fgrad.checkpoint_policies.save_only_these_names("h"),
    "h and g": fgrad.checkpoint_policies.save_only_these_names("h", "g"),
    "all but h": fgrad.checkpoint_policies.save_anything_except_these_names("h"),
    "callable": lambda primitive, *avals, **params: primitive.name == "exp",
}


@pytest.mark.parametrize("policy", POLICIES)
def test_values_and_derivatives_are_the_same(policy):
    f = checkpoint(network, policy=POLICIES[policy])
    assert f(X) == network(X)
    np.testing.assert_allclose(fgrad.grad(f)(X), fgrad.grad(network)(X), rtol=1e-14)
    check_grads(f, (X,), order=2)
    xs = np.stack([X, -X])
    np.testing.assert_allclose(fgrad.vmap(fgrad.grad(f))(xs), fgrad.vmap(fgrad.grad(network))(xs), rtol=1e-14)


@pytest.mark.parametrize(
    ("policy", "sins", "exps", "tanhs", "products"),
    # a gradient needs cos(W x), exp(W h), tanh(g) and W: forward, they take one sine, one exp, one tanh, two products; backward, two products
    [
        ("nothing", 2, 2, 2, 6),
        ("everything", 1, 1, 1, 4),
        ("dots", 1, 2, 2, 4),  # the saved products stand for both, and h is not needed
        ("h", 1, 2, 2, 6),
        ("h and g", 1, 1, 2, 5),
        ("all but h", 1, 1, 1, 4),
        ("callable", 1, 1, 2, 5),
    ],
)
def test_what_is_recomputed(policy, sins, exps, tanhs, products):
    found = count(fgrad.grad(checkpoint(network, policy=POLICIES[policy])), X)
    assert (found["sin"], found["exp"], found["tanh"], found["contract"]) == (sins, exps, tanhs, products)


def test_names_are_transparent():
    assert float(checkpoint_name(2.0, "a")) == 2.0
    t = checkpoint_name({"a": X, "n": 3}, "t")
    np.testing.assert_array_equal(t["a"], X)
    check_grads(lambda x: np.sin(checkpoint_name(x, "a")), (X,), order=2)
    np.testing.assert_array_equal(fgrad.vmap(lambda x: checkpoint_name(x, "a"))(X), X)


def test_closures_pytrees_and_keywords():
    def f(x, w):
        inner = checkpoint(lambda t, *, scale: {"y": np.sin(w @ t["a"] * scale) * x})
        return np.sum(inner({"a": x, "n": 2}, scale=0.5)["y"])

    g = lambda x, w: np.sum(np.sin(w @ x * 0.5) * x)
    np.testing.assert_allclose(fgrad.grad(f, argnums=(0, 1))(X, W)[1], fgrad.grad(g, argnums=(0, 1))(X, W)[1], rtol=1e-14)
    check_grads(f, (X, W), order=2)


def test_forward_mode_recomputes_nothing():
    found = count(lambda x: fgrad.jvp(checkpoint(network), (x,), (x,)), X)
    assert found["exp"] == 1


def test_in_a_scan_only_the_carry_is_stacked():
    def body(c, u):
        return np.sin(np.exp(np.tanh(W @ c)) * u) + c, None

    us = np.ones((7, 3))
    loss = lambda f: lambda x: np.sum(fgrad.scan(f, x, us)[0])

    def stacked(f):
        scans = [e for e in fgrad.make_jaxpr(fgrad.grad(loss(f)))(X).eqns if e.primitive.name == "scan"]
        return [v.aval.shape for e in scans for v in e.outvars if v.aval.shape[:1] == (7,)]

    assert stacked(checkpoint(body)) == [(7, 3)]
    assert len(stacked(body)) > 1
    np.testing.assert_allclose(fgrad.grad(loss(checkpoint(body)))(X), fgrad.grad(loss(body))(X), rtol=1e-14)


def test_checkpoint_keeps_no_residuals():
    """Peak memory of a chain of elementwise functions on a large array, the input and a few temporaries aside."""
    n = 200_000

    def chain(x):
        for _ in range(20):
            x = np.sin(x) * 1.01
        return x

    def peak(f):
        loss = lambda x: np.sum(f(f(x)))
        x = np.linspace(0.0, 1.0, n)
        fgrad.grad(loss)(x[:2])
        tracemalloc.start()
        fgrad.grad(loss)(x)
        found = tracemalloc.get_traced_memory()[1] / (8 * n)
        tracemalloc.stop()
        return found

    assert peak(chain) > 35
    assert peak(checkpoint(chain)) < 30


# -- the schedule


@functools.cache
def fewest_steps(n, s):
    """The fewest recomputed steps to reverse n with s states, found by trying every split."""
    if n <= 1:
        return 0
    if s == 1:
        return n * (n - 1) // 2
    return min(k + fewest_steps(n - k, s - 1) + fewest_steps(k, s) for k in range(1, n))


@pytest.mark.parametrize("s", range(1, 8))
def test_the_count_is_that_of_the_best_schedule(s):
    for n in range(1, 60):
        assert recomputed_steps(n, s) == fewest_steps(n, s)


@pytest.mark.parametrize("s", [1, 2, 3, 5, 8, 40])
def test_the_schedule_takes_that_many_steps_and_states(s):
    for n in (1, 2, 3, 7, 20, 45):
        advanced, reversed_ = [], []

        def advance(state, start, stop):
            assert state == start < stop
            advanced.extend(range(start, stop))  # noqa: B023
            return stop

        def adjoint(state, i):
            assert state == i
            reversed_.append(i)  # noqa: B023

        kept = {}
        reverse_steps(n, s, 0, advance, adjoint, kept)
        assert len(kept) <= s
        assert reversed_ == list(range(n))[::-1]
        assert len(advanced) == recomputed_steps(n, s)
        # the bound of the theory: no step is taken more often than r times, C(s + r, s) >= n
        assert max(map(advanced.count, advanced), default=0) <= repetitions(n, s)
        assert math.comb(s + repetitions(n, s), s) >= n


class Counter:
    """A loop whose body counts how often it runs."""

    def __init__(self):
        self.runs = 0

    def tick(self, c):
        self.runs += 1
        return np.float64(1.0)

    def __call__(self, c):
        one = fgrad.pure_callback(self.tick, c, fgrad.stop_gradient(c))
        return np.sin(c) * one  # the derivative needs it too


def loops(n, checkpoint):
    return {
        "scan": lambda f: lambda x: fgrad.scan(lambda c, _: (f(c), None), x, length=n, checkpoint=checkpoint)[0],
        "scan reverse": lambda f: lambda x: fgrad.scan(lambda c, _: (f(c), None), x, length=n, reverse=True, checkpoint=checkpoint)[0],
        "fori": lambda f: lambda x: fgrad.fori_loop(0, n, lambda i, c: f(c), x, checkpoint=checkpoint),
        "fori traced": lambda f: lambda x: fgrad.fori_loop(0, np.int64(n) + (x > 10.0), lambda i, c: f(c), x, checkpoint=checkpoint),
        "while": lambda f: lambda x: fgrad.while_loop(lambda v: v[1] < n, lambda v: (f(v[0]), v[1] + 1), (x, 0), checkpoint=checkpoint)[0],
    }


@pytest.mark.parametrize("s", [1, 2, 3, 6, 100, True])
@pytest.mark.parametrize("kind", loops(1, 1))
def test_loops_recompute_as_many_steps_as_the_theory_says(kind, s):
    for n in (1, 2, 9, 23):
        counter = Counter()
        x = 0.7
        slope = fgrad.grad(loops(n, s)[kind](counter))(x)
        expected = 1.0
        for _ in range(n):
            x, expected = np.sin(x), expected * np.cos(x)
        np.testing.assert_allclose(slope, expected, rtol=1e-13)
        states = max(n.bit_length(), 1) if s is True else s
        # once to compute the value, once for the adjoint of each step, and those recomputed
        assert counter.runs == 2 * n + recomputed_steps(n, states)


def test_without_checkpoints_nothing_is_recomputed():
    for kind in loops(9, None):
        counter = Counter()
        fgrad.grad(loops(9, None)[kind](counter))(0.7)
        assert counter.runs == 9


@pytest.mark.parametrize("kind", loops(1, 1))
def test_checkpointed_loops_to_second_order_and_in_batches(kind):
    f = loops(7, 2)[kind](lambda c: np.sin(c) * 1.1)
    plain = loops(7, None)[kind](lambda c: np.sin(c) * 1.1)
    check_grads(f, (0.7,), order=2)
    xs = np.array([0.7, -1.2, 2.0])
    for g in (lambda f: fgrad.vmap(fgrad.grad(f)), lambda f: fgrad.grad(lambda xs: np.sum(fgrad.vmap(f)(xs)))):
        np.testing.assert_allclose(g(f)(xs), g(plain)(xs), rtol=1e-12)
        np.testing.assert_allclose(fgrad.jit(g(f))(xs), g(plain)(xs), rtol=1e-12)


@pytest.mark.parametrize(
    ("budget", "states"),
    [
        ("24 bytes", None),
        ("24 B", 3),
        ("24B", 3),
        ("25 b", 3),
        ("8 B", 1),
        ("1 B", 1),
        ("0.05 kB", 6),
        ("0.05 KiB", 6),
        ("1MB", 125_000),
        ("2 GiB", 2**28),
    ],
)
def test_a_budget_in_bytes(budget, states):
    """How many carries of 8 bytes fit into it, at least one."""
    loop = lambda x: fgrad.scan(lambda c, _: (np.sin(c), None), x, length=4, checkpoint=budget)[0]
    if states is None:
        with pytest.raises(fgrad.errors.ArgumentError, match="checkpoint is True, a number of states"):
            loop(0.5)
        return
    (found,) = {e.params["states"] for e in fgrad.make_jaxpr(loop)(0.5).eqns if "states" in e.params}
    assert found == states


def peak_states(checkpoint, n, kind="scan", size=64):
    """Peak memory of a loop's gradient in states of the loop, the input's aside."""
    x = np.linspace(0.1, 1.0, size)
    step = lambda c: c - 1e-6 * c * c
    make = lambda n: lambda x: np.sum(loops(n, checkpoint)[kind](step)(x))
    fgrad.grad(make(5))(x)
    loss = make(n)
    fgrad.grad(loss)(x)  # traced and derived
    tracemalloc.start()
    fgrad.grad(loss)(x)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / x.nbytes


@pytest.mark.parametrize("kind", ["scan", "while"])
def test_peak_memory(kind):
    # arrays of 8 kB, beside which Python's own objects are small
    n, size = 400, 1000
    assert peak_states(None, n, kind, size) > n
    assert peak_states(int(n**0.5), n, kind, size) < 3 * n**0.5
    assert peak_states(True, n, kind, size) < 4 * math.log2(n)


@pytest.mark.parametrize(("n", "checkpoint", "states"), [(100_000, 316, 3 * 100_000**0.5), (10_000, True, 8 * math.log2(10_000))])
def test_peak_memory_of_a_long_scalar_loop(n, checkpoint, states):
    step = lambda c, _: (c - c * c / n, None)
    f = fgrad.grad(lambda x: fgrad.scan(step, x, length=n, checkpoint=checkpoint)[0])
    tracemalloc.start()
    got = f(0.5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(got, 1.5**-2, rtol=1e-3)  # Euler's method for c' = -c^2, at time 1
    # a state is a number in a list in a tuple, of 200 bytes together; the traced programs take a constant
    assert (peak - 100_000) / 200 < states
