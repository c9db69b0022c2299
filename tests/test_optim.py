"""fgrad.optim: updates against recurrences written by hand and, where it is installed, optax; under jit and scan; schedules; states."""

from __future__ import annotations

import math

import numpy as np
import pytest

import fgrad
from fgrad import optim
from fgrad.core.errors import ArgumentError, TreeError
from fgrad.testing import check_grads

RNG = np.random.default_rng(0)
PARAMS = {"w": RNG.normal(size=(2, 3)), "b": [np.array([0.5, -1.0]), np.float64(2.0)]}
STEPS = 5
GRADS = [fgrad.tree.map(lambda p: RNG.normal(size=np.shape(p)), PARAMS) for _ in range(STEPS)]
RATE = 0.1


def plain(p, gs):
    return [p := p - RATE * g for g in gs]


def heavy_ball(p, gs, nesterov=False, mu=0.9):
    v, out = 0.0, []
    for g in gs:
        v = g + mu * v
        out.append(p := p - RATE * (g + mu * v if nesterov else v))
    return out


def adagrad(p, gs):
    s, out = 0.1, []
    for g in gs:
        s = s + g**2
        out.append(p := p - RATE * g / np.sqrt(s + 1e-7))
    return out


def rmsprop(p, gs, initial=0.0, inside=True):
    s, out = initial, []
    for g in gs:
        s = 0.9 * s + 0.1 * g**2
        out.append(p := p - RATE * g / (np.sqrt(s + 1e-8) if inside else np.sqrt(s) + 1e-8))
    return out


def adam(p, gs, rate=lambda t: RATE, decay=0.0):
    m = v = 0.0
    out = []
    for t, g in enumerate(gs, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        out.append(p := p - rate(t - 1) * (step + decay * p))
    return out


def clipped(p, gs):
    return [p := p - RATE * np.clip(g, -0.5, 0.5) for g in gs]


# (optimiser, its recurrence, how optax spells it)
OPTIMIZERS = {
    "sgd": (optim.sgd(RATE), plain, lambda ox: ox.sgd(RATE)),
    "momentum": (optim.momentum(RATE), heavy_ball, lambda ox: ox.sgd(RATE, 0.9)),
    "nesterov": (optim.nesterov(RATE), lambda p, gs: heavy_ball(p, gs, True), lambda ox: ox.sgd(RATE, 0.9, nesterov=True)),
    "adagrad": (optim.adagrad(RATE), adagrad, lambda ox: ox.adagrad(RATE)),
    "rmsprop": (optim.rmsprop(RATE), rmsprop, lambda ox: ox.rmsprop(RATE)),
    "rmsprop, eps outside": (
        optim.rmsprop(RATE, initial_scale=1.0, eps_in_sqrt=False),
        lambda p, gs: rmsprop(p, gs, 1.0, False),
        lambda ox: ox.rmsprop(RATE, initial_scale=1.0, eps_in_sqrt=False),
    ),
    "adam": (optim.adam(RATE), adam, lambda ox: ox.adam(RATE)),
    "adamw": (optim.adamw(RATE, weight_decay=0.2), lambda p, gs: adam(p, gs, decay=0.2), lambda ox: ox.adamw(RATE, weight_decay=0.2)),
    "adam, schedule": (
        optim.adam(optim.linear_schedule(0.2, 0.0, 4)),
        lambda p, gs: adam(p, gs, lambda t: 0.2 * (1 - min(t, 4) / 4)),
        lambda ox: ox.adam(ox.linear_schedule(0.2, 0.0, 4)),
    ),
    "clip": (optim.chain(optim.clip(0.5), optim.sgd(RATE)), clipped, lambda ox: ox.chain(ox.clip(0.5), ox.sgd(RATE))),
    "clip by norm": (
        optim.chain(optim.clip_by_global_norm(1.0), optim.sgd(RATE)),
        None,  # a norm of all arrays together: see test_clip_by_global_norm
        lambda ox: ox.chain(ox.clip_by_global_norm(1.0), ox.sgd(RATE)),
    ),
}  # fmt: skip


def run(opt, params, grads, one_step):
    state, out = opt.init(params), []
    for g in grads:
        params, state = one_step(params, state, g)
        out.append(params)
    return out, state


def stepper(opt):
    def one_step(params, state, g):
        updates, state = opt.update(g, state, params)
        return optim.apply_updates(params, updates), state

    return one_step


def assert_same(a, b, rtol=1e-12):
    for x, y in zip(fgrad.tree.leaves(a), fgrad.tree.leaves(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", [n for n, row in OPTIMIZERS.items() if row[1]])
def test_recurrences(name):
    opt, recurrence, _ = OPTIMIZERS[name]
    found, _ = run(opt, PARAMS, GRADS, stepper(opt))
    leaves = [fgrad.tree.leaves(g) for g in GRADS]
    for i, p in enumerate(fgrad.tree.leaves(PARAMS)):
        expected = recurrence(p, [g[i] for g in leaves])
        for step in range(STEPS):
            np.testing.assert_allclose(fgrad.tree.leaves(found[step])[i], expected[step], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_jit_and_scan(name, dtype):
    """The same steps compiled, and in one loop; every array keeps its dtype; states keep their types, so that a loop can carry them."""
    opt = OPTIMIZERS[name][0]
    params, grads = (fgrad.tree.map(lambda x: np.asarray(x, dtype)[()], t) for t in (PARAMS, GRADS))
    one_step = stepper(opt)
    eager, state = run(opt, params, grads, one_step)
    assert {x.dtype for x in fgrad.tree.leaves(eager[-1])} == {np.dtype(dtype)}
    before = [fgrad.eval_shape(lambda s: s, s) for s in (opt.init(params), state)]
    assert fgrad.tree.leaves(before[0]) == fgrad.tree.leaves(before[1])
    tol = 1e-12 if dtype == np.float64 else 1e-5
    assert_same(eager, run(opt, params, grads, fgrad.jit(one_step))[0], tol)
    stacked = fgrad.tree.map(lambda *gs: np.stack(gs), *grads)
    (last, _), _ = fgrad.jit(lambda c: fgrad.scan(lambda c, g: (one_step(*c, g), None), c, stacked))((params, opt.init(params)))
    assert_same(eager[-1], last, tol)


def test_like_optax():
    """Where optax is installed: the same updates, and the same schedules."""
    optax = pytest.importorskip("optax")
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        params, grads = PARAMS["w"][0], np.stack([g["w"][0] for g in GRADS])
        for name, (opt, _, make) in OPTIMIZERS.items():
            theirs = make(optax)

            def step(carry, g, theirs=theirs):
                updates, state = theirs.update(g, carry[1], carry[0])
                return (params := optax.apply_updates(carry[0], updates), state), params

            _, found = jax.lax.scan(step, (params, theirs.init(params)), grads)
            # some of optax's numbers are float32
            np.testing.assert_allclose(run(opt, params, grads, stepper(opt))[0], found, rtol=1e-6, err_msg=name)
        for name, ((function, args, kwargs), _) in SCHEDULES.items():
            ours, theirs = (getattr(library, function)(*args, **kwargs) for library in (optim, optax))
            found = np.asarray(theirs(jax.numpy.arange(12))) * np.ones(12)
            np.testing.assert_allclose([ours(i) for i in range(12)], found, rtol=1e-6, atol=1e-12, err_msg=name)
    finally:
        jax.config.update("jax_enable_x64", before)


def cosine(t):
    return 0.5 * (1 + math.cos(math.pi * t))


# (function, arguments), closed form
SCHEDULES = {
    "constant": (("constant_schedule", (0.3,), {}), lambda t: 0.3),
    "linear": (("linear_schedule", (1.0, 0.2, 5), {"transition_begin": 2}), lambda t: 1 - 0.8 * min(max(t - 2, 0), 5) / 5),
    "exponential": (("exponential_decay", (2.0, 3, 0.5), {}), lambda t: 2 * 0.5 ** (t / 3)),
    "exponential, stairs": (
        ("exponential_decay", (2.0, 3, 0.5, 1, True, 0.6), {}),
        lambda t: max(0.6, 2 * 0.5 ** (max(t - 1, 0) // 3)),
    ),
    "exponential, growing": (("exponential_decay", (1.0, 2, 2.0), {"end_value": 5.0}), lambda t: min(5, 2 ** (t / 2))),
    "cosine": (("cosine_decay_schedule", (2.0, 8, 0.1), {}), lambda t: 2 * (0.9 * cosine(min(t, 8) / 8) + 0.1)),
    "cosine, power": (("cosine_decay_schedule", (2.0, 8), {"exponent": 2.0}), lambda t: 2 * cosine(min(t, 8) / 8) ** 2),
    "piecewise": (("piecewise_constant_schedule", (1.0, {3: 0.5, 7: 0.1}), {}), lambda t: (0.5 if t >= 3 else 1) * (0.1 if t >= 7 else 1)),
    "warmup": (
        ("warmup_cosine_decay_schedule", (0.1, 1.0, 3, 9, 0.2), {}),
        lambda t: 0.1 + 0.9 * t / 3 if t < 3 else 0.8 * cosine(min(t - 3, 6) / 6) + 0.2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    (function, args, kwargs), closed_form = SCHEDULES[name]
    schedule = getattr(optim, function)(*args, **kwargs)
    expected = [closed_form(t) for t in range(12)]
    np.testing.assert_allclose([schedule(t) for t in range(12)], expected, rtol=1e-12, atol=1e-15)
    staged = fgrad.jit(lambda t: schedule(t) + 0.0)
    np.testing.assert_allclose([staged(np.int64(t)) for t in range(12)], expected, rtol=1e-12, atol=1e-15)


def test_join_schedules():
    joined = optim.join_schedules([lambda t: t, lambda t: 10 + t, lambda t: 20 + t], [2, 5])
    assert [int(joined(t)) for t in range(7)] == [0, 1, 10, 11, 12, 20, 21]


# -- parts


def test_clip_by_global_norm():
    g = {"w": np.array([3.0, 0.0]), "b": np.array([[4.0]])}
    assert float(optim.global_norm(g)) == 5.0
    short, long = (optim.clip_by_global_norm(n).update(g, ())[0] for n in (6.0, 1.0))
    assert_same(short, g)
    assert_same(long, {"w": np.array([0.6, 0.0]), "b": np.array([[0.8]])})
    zero = optim.clip_by_global_norm(1.0).update(np.zeros(2), ())[0]
    np.testing.assert_array_equal(zero, [0, 0])


def test_weight_decay_mask():
    """Of a pytree of truth values, or of a function that gives one."""
    zeros = fgrad.tree.map(np.zeros_like, PARAMS)
    for mask in ({"w": True, "b": [False, False]}, lambda p: fgrad.tree.map(lambda x: x.ndim > 1, p)):
        decayed = optim.add_decayed_weights(0.5, mask).update(zeros, (), PARAMS)[0]
        assert_same(decayed, {"w": 0.5 * PARAMS["w"], "b": zeros["b"]})


def test_own_transformation():
    """Any pair of functions takes part in a chain."""
    flip = optim.GradientTransformation(
        lambda params: (), lambda updates, state, params=None: (fgrad.tree.map(np.negative, updates), state)
    )
    assert_same(optim.chain(flip, optim.scale(2.0)).update({"w": 3.0}, ((), ()))[0], {"w": -6.0})


def test_differentiable():
    """Steps can be differentiated, by the learning rate or the start."""

    def after(x, rate):
        opt = optim.chain(optim.clip_by_global_norm(10.0), optim.adam(rate, eps_root=1e-3))
        state = opt.init(x)
        for _ in range(3):
            updates, state = opt.update(2 * x, state, x)
            x = optim.apply_updates(x, updates)
        return np.sum(x**2)

    check_grads(after, (np.array([1.0, -2.0]), 0.1))


def test_many_at_once():
    """vmap trains several starts."""
    opt = optim.adam(0.1)
    starts = np.array([[1.0, 2.0], [3.0, -4.0]])
    state = fgrad.vmap(opt.init)(starts)
    updates, state = fgrad.vmap(opt.update)(2 * starts, state)
    alone = [opt.update(2 * s, opt.init(s))[0] for s in starts]
    np.testing.assert_allclose(updates, alone)


def test_empty_pytrees_and_none():
    opt = optim.adam(0.1)
    assert opt.update({}, opt.init({}))[0] == {}
    assert float(optim.global_norm({})) == 0.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.adamw(0.1).update(1.0, optim.adamw(0.1).init(1.0)), ArgumentError, r"opt\.update\(grads, state, params\)"),
        (lambda: optim.adam(0.1).update(1.0, ()), ArgumentError, r"opt\.init\(params\)"),
        (lambda: optim.adam(0.1).update({"w": 1.0}, optim.adam(0.1).init({"v": 1.0})), TreeError, "different structures"),
        (lambda: optim.apply_updates({"w": 1.0}, {"v": 1.0}), TreeError, "different structures"),
        (lambda: optim.linear_schedule(0.1, 0.0, 0), ArgumentError, "must be positive"),
        (lambda: optim.exponential_decay(0.1, 1, -0.5), ArgumentError, "decay_rate must be positive"),
        (lambda: optim.join_schedules([lambda t: t], [3]), ArgumentError, "have 0 boundaries"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
