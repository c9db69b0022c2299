"""`optim.fit`: its modes, stopping rule, errors, and what an interruption leaves."""

from __future__ import annotations

import os
import re
import types

import numpy as np
import pytest

import fgrad
from fgrad import nn, optim
from fgrad.core.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 3))
Y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * RNG.normal(size=10)
KEY = fgrad.random.key(7)
START = {"w": np.zeros(3)}


def loss(params, x, y):
    return np.mean(nn.squared_error(x @ params["w"], y))


def gradient(w, x, y):
    return 2 * x.T @ (x @ w - y) / len(y)


def by_hand(batches, rate):
    """Gradient descent over these index arrays: the losses before each step, and the weights after the last."""
    w, losses = np.zeros(3), []
    for chosen in batches:
        losses.append(np.mean((X[chosen] @ w - Y[chosen]) ** 2))
        w = w - rate * gradient(w, X[chosen], Y[chosen])
    return losses, w


@pytest.mark.parametrize("batch_size", [None, 4, 1])
@pytest.mark.parametrize("jit", [True, False])
def test_modes(batch_size, jit):
    """All data, mini-batches (the last one smaller) and single examples, in order: the steps are those written by hand."""
    found = optim.fit(loss, START, (X, Y), optim.sgd(0.05), epochs=3, batch_size=batch_size, jit=jit)
    size = batch_size or 10
    one_epoch = [np.arange(i, min(i + size, 10)) for i in range(0, 10, size)]
    losses, w = by_hand(one_epoch * 3, 0.05)
    np.testing.assert_allclose(found.params["w"], w, rtol=1e-12)
    np.testing.assert_allclose(found.history["loss"], losses, rtol=1e-12)
    per_epoch = np.average(np.reshape(losses, (3, -1)), axis=1, weights=list(map(len, one_epoch)))
    np.testing.assert_allclose(found.history["epoch_loss"], per_epoch, rtol=1e-12)
    assert found.stopped == "epochs"
    assert not START["w"].any()


def test_shuffling():
    """Each epoch sees every example once, in an order of its own that the key decides."""
    seen = []

    def watched(params, x, i):
        seen.append(i.tolist())
        return np.mean(nn.squared_error(x @ params["w"], Y[i]))

    run = lambda key: optim.fit(watched, START, (X, np.arange(10)), optim.sgd(0.1), epochs=2, batch_size=3, key=key, jit=False)
    first = run(KEY).params["w"]
    epochs = [[i for b in some for i in b] for some in (seen[:4], seen[4:])]
    assert [len(b) for b in seen] == [3, 3, 3, 1] * 2
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert len({tuple(e) for e in [*epochs, range(10)]}) == 3
    assert np.array_equal(first, run(KEY).params["w"])
    assert not np.array_equal(first, run(fgrad.random.key(8)).params["w"])


def test_data_are_pytrees():
    """What is no tuple is one argument; leaves of the parameters may be Python numbers; float32 stays float32."""

    def mean(params, batch):
        return np.mean(nn.squared_error(batch["x"] @ params[0] + params[1], batch["y"]))

    data = {"x": X.astype(np.float32), "y": Y.astype(np.float32)}
    found = optim.fit(mean, [np.zeros(3, np.float32), np.float32(0)], data, optim.adam(0.1), epochs=2, batch_size=5)
    assert [p.dtype for p in found.params] == [np.float32] * 2
    assert optim.fit(lambda p, batch: (p - np.mean(batch)) ** 2, 1.0, X, optim.sgd(0.5), epochs=1).params == pytest.approx(X.mean())


def test_stochastic_loss():
    """The loss gets a new key for each step, the same in every run."""
    keys = []

    def noisy(params, x, y, key):
        return np.mean(nn.squared_error(nn.dropout(key, x, 0.5) @ params["w"], y))

    settings = {"epochs": 2, "batch_size": 5, "key": KEY, "stochastic": True}
    watched = lambda params, x, y, key: keys.append(fgrad.random.key_data(key).tolist()) or noisy(params, x, y, key)
    once = optim.fit(watched, START, (X, Y), optim.sgd(0.1), jit=False, **settings)
    assert len({tuple(k) for k in keys}) == len(keys) == 4
    np.testing.assert_allclose(optim.fit(noisy, START, (X, Y), optim.sgd(0.1), **settings).params["w"], once.params["w"], rtol=1e-12)
    with pytest.raises(ArgumentError, match="needs a key"):
        optim.fit(noisy, START, (X, Y), optim.sgd(0.1), epochs=1, stochastic=True)


@pytest.mark.parametrize("k", [1, 3])
def test_stopping_rule(k):
    found = optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=500, tol=1e-6, tol_epochs=k)
    f = found.history["epoch_loss"]
    assert found.stopped == "tol"
    assert abs(f[-1] - f[-1 - k]) < 1e-6
    assert (np.abs(f[k:] - f[:-k])[:-1] >= 1e-6).all()


def test_callback():
    seen = []

    def callback(at):
        seen.append((at.step, at.epoch, at.epoch_loss is not None))
        return at.step == 5

    found = optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=9, batch_size=5, callback=callback)
    assert found.stopped == "callback"
    assert seen == [(1, 0, False), (2, 0, True), (3, 1, False), (4, 1, True), (5, 2, False)]
    assert [len(found.history[k]) for k in ("loss", "epoch_loss")] == [5, 2]
    # what is no truth value (a tqdm bar's update returns such things) stops nothing
    assert optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=2, callback=lambda at: at).stopped == "epochs"


def test_progress_bar(capsys):
    optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=3, batch_size=5, progress=True)
    assert "6/6" in capsys.readouterr().err


# -- interruptions


def interrupted(path, at, error=KeyboardInterrupt, **settings):
    def callback(now):
        if now.step == at:
            raise error

    with pytest.raises(error):
        optim.fit(loss, START, (X, Y), optim.adam(0.1), checkpoint=path, callback=callback, **settings)


@pytest.mark.parametrize(("batch_size", "key", "stops"), [(None, None, [2, 5]), (4, KEY, [1, 4, 7]), (4, KEY, [3, 6]), (1, KEY, [12])])
def test_resumes_bit_for_bit(tmp_path, batch_size, key, stops):
    """However often a run is interrupted, in the middle of an epoch or at its end, it goes on as if it had not been."""
    settings = {"epochs": 6 if batch_size is None else 3, "batch_size": batch_size, "key": key}
    whole = optim.fit(loss, START, (X, Y), optim.adam(0.1), **settings)
    path = tmp_path / "run.npz"
    for stop in stops:
        interrupted(path, stop, **settings)
    found = optim.fit(loss, START, (X, Y), optim.adam(0.1), checkpoint=path, **settings)
    for a, b in zip(fgrad.tree.leaves(whole), fgrad.tree.leaves(found), strict=True):
        np.testing.assert_array_equal(a, b)
    assert os.listdir(tmp_path) == ["run.npz"]
    again = optim.fit(loss, START, (X, Y), optim.adam(0.1), checkpoint=path, **settings)  # it is at its end
    assert len(again.history["loss"]) == len(whole.history["loss"])


def test_interruption_within_a_step_loses_that_step(tmp_path):
    """Wherever an exception strikes, the file has the last step that was done."""
    path, calls = tmp_path / "run.npz", []

    def failing(params, x, y):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return loss(params, x, y)

    settings = {"epochs": 8, "checkpoint": path, "jit": False}
    with pytest.raises(KeyboardInterrupt):
        optim.fit(failing, START, (X, Y), optim.sgd(0.1), **settings)
    steps = []
    found = optim.fit(loss, START, (X, Y), optim.sgd(0.1), callback=lambda at: steps.append(at.step), **settings)
    assert steps == [4, 5, 6, 7, 8]
    np.testing.assert_array_equal(found.params["w"], optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=8, jit=False).params["w"])


def test_a_failure_to_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    optim.save_checkpoint(path, {"w": np.ones(2)})
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space"):
        optim.save_checkpoint(path, {"w": np.zeros(2)})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


def test_no_step_no_file(tmp_path):
    """An error before the first step is done (in the shapes of the loss, say) leaves no file that the corrected program would stumble over."""
    with pytest.raises(ValueError):
        optim.fit(
            lambda p, x, y: np.mean(x @ np.ones(4) - p["w"]), START, (X, Y), optim.sgd(0.1), epochs=1, checkpoint=tmp_path / "run.npz"
        )
    assert os.listdir(tmp_path) == []


def test_checkpoint_after_each_step(tmp_path):
    """checkpoint_seconds=0: not even a killed process loses more than its step."""
    path, steps = tmp_path / "run.npz", []
    copy = lambda at: steps.append(np.load(path)["losses"].size)
    optim.fit(loss, START, (X, Y), optim.sgd(0.1), epochs=3, checkpoint=path, checkpoint_seconds=0, callback=copy)
    assert steps == [1, 2, 3]


def test_checkpoints_of_other_runs(tmp_path):
    path = tmp_path / "run.npz"
    interrupted(path, 2, epochs=3, batch_size=4, key=KEY)

    def go_on(params=START, data=(X, Y), optimizer=optim.adam, batch_size=4, key=KEY):
        optim.fit(loss, params, data, optimizer(0.1), epochs=3, batch_size=batch_size, key=key, checkpoint=path)

    before = path.read_bytes()
    with pytest.raises(ArgumentError, match=r"another run: batch_size=4"):
        go_on(batch_size=5)
    with pytest.raises(ArgumentError, match="another run: key="):
        go_on(key=fgrad.random.key(8))
    with pytest.raises(ArgumentError, match=r"another run: data="):
        go_on(data=(X[:8], Y[:8]))
    with pytest.raises(ArgumentError, match=r"another structure\n.*\n?.*in the file alone: \['state'\]\[0\].count"):
        go_on(optimizer=optim.sgd)
    with pytest.raises(ArgumentError, match=r"has f64\[3\] at \['params'\]\['w'\], and f32\[3\] is expected"):
        go_on(params={"w": np.zeros(3, np.float32)})
    assert path.read_bytes() == before
    path.write_bytes(before[: len(before) // 2])
    with pytest.raises(ArgumentError, match="no checkpoint, or a damaged one"):
        go_on()


def test_checkpoints_run_no_code(tmp_path):
    """An array of objects would be unpickled: it is refused."""
    path = tmp_path / "run.npz"
    np.savez(path, head=np.array([types.SimpleNamespace()]), allow_pickle=True)
    with pytest.raises(ArgumentError, match="no checkpoint"):
        optim.restore_checkpoint(path, {"w": np.zeros(3)})


# -- losses that are not finite


def test_nan_stops_with_the_last_good_parameters(tmp_path):
    """The third step of this descent crosses 0, where the loss has no logarithm."""
    bad = lambda p, x: np.mean(x) * np.log(p["w"] + 0.0)
    path = tmp_path / "run.npz"
    with np.errstate(all="ignore"), pytest.raises(optim.DivergenceError) as e:
        optim.fit(bad, {"w": np.float64(1.0)}, np.ones(4), optim.sgd(0.5), epochs=9, checkpoint=path)
    good = e.value.result
    w = [1.0]
    while w[-1] > 0:
        w.append(w[-1] - 0.5 / w[-1])
    assert good.stopped == "nan"
    assert good.params["w"] == w[-2]
    assert good.history["loss"].size == len(w) - 2
    text = str(e.value)
    assert re.search(rf"the loss is nan at step {len(w) - 1} \(epoch {len(w) - 1}, batch 0\)", text)
    assert "log made a NaN in its result f64[]" in text
    assert "its operands: f64[] = " in text
    assert optim.restore_checkpoint(path, {"params": good.params, "state": good.state})["params"] == good.params
    assert isinstance(e.value, FloatingPointError)


def test_nan_of_a_gradient_is_found_in_the_step_that_made_it():
    """The loss is finite, its gradient is not: the parameters of the next step are NaN already."""
    bad = lambda p, x: np.sum(np.sqrt(p * x)) * 0.0 + np.sum(p)
    with np.errstate(all="ignore"), pytest.raises(optim.DivergenceError, match=r"(?s)at step 1 .*made a NaN, at step 0: mul") as e:
        optim.fit(bad, np.array([1.0, 0.0]), np.ones((2, 2)), optim.sgd(0.1), epochs=3)
    np.testing.assert_array_equal(e.value.result.params, [1.0, 0.0])


def test_nan_in_the_data():
    x = X.copy()
    x[7, 1] = np.nan
    with pytest.raises(optim.DivergenceError, match=r"at step 1 .*\n(.*\n)?  The data are not finite: data\[0\]: f64\[5,3\]") as e:
        optim.fit(loss, START, (x, Y), optim.sgd(0.1), epochs=1, batch_size=5)
    np.testing.assert_array_equal(e.value.result.params["w"], START["w"])
    with pytest.raises(optim.DivergenceError, match="parameters are not finite to begin with"):
        optim.fit(loss, {"w": np.full(3, np.nan)}, (X, Y), optim.sgd(0.1), epochs=1)


def test_overflow():
    with np.errstate(all="ignore"), pytest.raises(optim.DivergenceError, match=r"(?s)the loss is inf.*overflowed.*smaller learning rate"):
        optim.fit(loss, START, (X, Y), optim.sgd(1e6), epochs=200)


def test_labels_out_of_range():
    """A compiled step finds them where they index; the error is nevertheless the one that shows shapes and formula."""
    f = lambda p, x, y: np.mean(nn.softmax_cross_entropy(x @ p, y))
    with pytest.raises(ArgumentError, match=r"(?s)labels\[4\] is 4, and the 4 classes.*logits: f64\[10,4\]"):
        optim.fit(f, np.zeros((3, 4)), (X, np.arange(10) % 5), optim.sgd(0.1), epochs=1)


@pytest.mark.parametrize(
    ("data", "settings", "error", "message"),
    [
        ((X[:0], Y[:0]), {}, ShapeError, r"no examples: data\[0\]: f64\[0,3\], data\[1\]: f64\[0\]"),
        ((X, Y[:7]), {}, ShapeError, r"data\[0\]: f64\[10,3\], data\[1\]: f64\[7\]"),
        ((X, 3.0), {}, ShapeError, "not one first axis"),
        ((X, Y), {"batch_size": 0}, ArgumentError, "batch_size is 0"),
        ((X, Y), {"epochs": -1}, ArgumentError, "epochs is -1"),
        ((X, Y), {"loss": lambda p, x, y: nn.squared_error(x @ p["w"], y)}, ShapeError, r"returned f64\[10\], and one number"),
    ],
    ids=["empty", "unequal", "scalar", "batch_size", "epochs", "per example"],
)
def test_bad_arguments(data, settings, error, message):
    settings = {"epochs": 1, "loss": loss, **settings}
    with pytest.raises(error, match=message):
        optim.fit(settings.pop("loss"), START, data, optim.sgd(0.1), **settings)
