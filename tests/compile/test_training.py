"""Steps of training compute, compiled, what they compute otherwise; their programs are the same in every process; a run resumes to the bit."""

from __future__ import annotations

import numpy as np
import pytest

import fgrad
from fgrad import nn, optim
from fgrad.compile.fuse import NestStep, fuse
from fgrad.compile.simplify import prepared

RNG = np.random.default_rng(0)
KEY = fgrad.random.key(0)
LABELS = RNG.integers(0, 3, 6)


def test_step():
    model = nn.serial(
        nn.layers.embedding(9, 8), lambda x: x + nn.attention(x, x, x, is_causal=True), nn.layers.layer_norm(), nn.layers.dropout(0.25),
        lambda x: nn.gelu(np.mean(x, axis=1)), nn.dense(3),
    )  # fmt: skip
    x, optimizer = RNG.integers(0, 9, (6, 5)), optim.chain(optim.clip_by_global_norm(1.0), optim.adamw(0.01))

    def loss(params, x, y, key):
        return np.mean(nn.softmax_cross_entropy(model.apply(params, x, key), y)) + 1e-3 * nn.l2(params)

    def step(params, state, key):
        value, gradient = fgrad.value_and_grad(loss)(params, x, LABELS, key)
        updates, state = optimizer.update(gradient, state, params)
        return optim.apply_updates(params, updates), state, value

    params = model.init(KEY, x)
    state, compiled = optimizer.init(params), fgrad.jit(step)
    for key in fgrad.random.split(KEY, 3):
        expected, found = step(params, state, key), compiled(params, state, key)
        for a, b in zip(fgrad.tree.leaves(expected), fgrad.tree.leaves(found), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-12)
        params, state, _ = found


def test_resumes_bit_for_bit(tmp_path):
    x, y = RNG.normal(size=(40, 3)), RNG.integers(0, 4, 40)
    model = nn.serial(nn.dense(5), nn.layers.dropout(0.3), nn.dense(4))
    loss = lambda params, x, y, key: np.mean(nn.softmax_cross_entropy(model.apply(params, x, key), y))

    def run(**settings):
        return optim.fit(
            loss, model.init(KEY, x), (x, y), optim.adam(0.01), epochs=3, batch_size=16, key=KEY, stochastic=True, **settings
        )  # fmt: skip

    def interrupt(at):
        if at.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(checkpoint=tmp_path / "run.npz", callback=interrupt)
    for a, b in zip(fgrad.tree.leaves(run()), fgrad.tree.leaves(run(checkpoint=tmp_path / "run.npz")), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_same_program_in_every_process():
    """Steps stand in an order that does not depend on where objects happen to be in memory: a program on disk is found again."""
    optimizer, x = optim.chain(optim.clip_by_global_norm(1.0), optim.adamw(0.01)), RNG.normal(size=(6, 5))
    model = nn.serial(nn.dense(8), nn.gelu, nn.dense(3))
    params = model.init(KEY, x)

    def step(params, state):
        value, gradient = fgrad.value_and_grad(lambda p: np.mean(nn.softmax_cross_entropy(model.apply(p, x), LABELS)) + nn.l2(p))(params)
        updates, state = optimizer.update(gradient, state, params)
        return optim.apply_updates(params, updates), state, value

    def text() -> str:
        plan = fuse(prepared(fgrad.make_jaxpr(step)(params, optimizer.init(params)).jaxpr))
        return "\n".join(str(s.nest) if isinstance(s, NestStep) else s.primitive.name for s in plan.steps)

    assert len({text() for _ in range(8)}) == 1
