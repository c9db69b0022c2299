"""`fit`: minimises a loss over data, in batches, with history, stopping rule, progress bar and checkpoints.

A step is one compiled program: value, gradient and update. What is random (the order of examples, and the loss if it asks for it) is a function of the key
and the number of the step alone, so that a run that was interrupted goes on with the very numbers it would have had.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from fgrad.api.derivatives import value_and_grad
from fgrad.api.jit import jit as compile_step
from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.config import disable_jit
from fgrad.core.errors import ArgumentError, NanError, ShapeError
from fgrad.core.source import function_name
from fgrad.optim.batches import Batches
from fgrad.optim.checkpointing import read_checkpoint, write_checkpoint
from fgrad.optim.transformations import GradientTransformation, apply_updates
from fgrad.random.key_array import KeyArray
from fgrad.transforms.debug import debug_nans


class FitResult(NamedTuple):
    """What `fit` returns.

    params, state: of the parameters and of the optimiser, as they are after the last step.
    history: "loss", f64[steps], that of each step's batch before the step; "epoch_loss", f64[epochs], its mean over the examples of each epoch.
    stopped: why: "epochs" (all are done), "tol", "callback", or "nan".
    """

    params: Any
    state: Any
    history: dict[str, np.ndarray]
    stopped: str


class FitStep(NamedTuple):
    """What a callback gets after each step.

    step: how many steps are done. epoch: the epoch of this one, from 0.
    loss: of its batch, before it. epoch_loss: the mean over the epoch's examples where this was its last step, else None.
    params, state: after it.
    """

    step: int
    epoch: int
    loss: float
    epoch_loss: float | None
    params: Any
    state: Any


class DivergenceError(NanError):
    """The loss became NaN or infinite. `result` is the FitResult up to the last step whose loss was finite, with the parameters it was computed with."""

    result: FitResult


def fit(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    optimizer: GradientTransformation,
    *,
    epochs: int,
    batch_size: int | None = None,
    key: KeyArray | None = None,
    stochastic: bool = False,
    tol: float | None = None,
    tol_epochs: int = 1,
    callback: Callable[[FitStep], Any] | None = None,
    progress: bool = False,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_seconds: float = 10.0,
    jit: bool = True,
) -> FitResult:
    """Minimises a loss over data.

    Args:
        loss: `loss(params, *batch)` -> f[], the mean over the examples of a batch.
        params: a pytree of floating point arrays.
        data: a tuple (inputs, labels, ...) of arrays, or of pytrees of them, whose first axis counts examples: a batch of each is an argument of
            the loss. What is no tuple (a dict, one array) is one argument.
        optimizer: such as optim.adam(1e-3).
        epochs: how often all data are gone through.
        batch_size: None takes all data at once, an integer so many examples for each step (the last batch may be smaller), 1 each by itself.
        key: a random key, by which each epoch's examples are shuffled; None leaves them in order.
        stochastic: the loss is called with `key=`, a new key for each step (for dropout).
        tol, tol_epochs: stop where the mean losses f of epochs t and t + tol_epochs differ by less: |f(t + tol_epochs) - f(t)| < tol. With batch_size None
            an epoch is a step.
        callback: called with a FitStep after each step; it stops the run by returning True.
        progress: show a bar, by tqdm.
        checkpoint: a file. If it exists the run goes on from there, with bit for bit the result it would have had. It is written every
            `checkpoint_seconds` (0: after each step), at the end, and when the run is interrupted or fails: what is lost is the step that was not done.
        jit: compile the step.

    Returns:
        A FitResult: params, state, history, stopped.

    Raises:
        DivergenceError: a loss is NaN or infinite. It names the step and the first operation that made a NaN; its `result` has the last good parameters.
        ShapeError: no examples, arrays of different numbers of them, or a loss that is no single number.
        ArgumentError: arguments that do not fit, or a checkpoint of another run.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad import nn, optim
        >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
        >>> y = 3.0 * x[:, 0] + 1.0
        >>> def loss(params, x, y):
        ...     return np.mean(nn.squared_error(x @ params["w"] + params["b"], y))
        >>> params = {"w": np.zeros(1), "b": 0.0}
        >>> found = optim.fit(loss, params, (x, y), optim.sgd(0.5), epochs=40, batch_size=16, key=fgrad.random.key(0))
        >>> found.params["w"].round(3), round(float(found.params["b"]), 3), found.stopped
        (array([3.]), 1.0, 'epochs')
        >>> found.history["loss"].shape, found.history["epoch_loss"].shape
        ((160,), (40,))
    """
    batches = Batches(data, batch_size, key, stochastic)
    if epochs < 0 or tol_epochs < 1:
        raise ArgumentError(f"fit: epochs is {epochs} and tol_epochs is {tol_epochs}; at least 0 and 1 are expected")
    run = _Run(loss, optimizer, batches, stochastic, jit, params, checkpoint, checkpoint_seconds)
    with run.kept(), _bar(progress, epochs * batches.count, run.now.step) as advance:
        while True:
            epoch, at = divmod(run.now.step, batches.count)
            if epoch >= epochs:
                return run.result("epochs")
            if not at and tol is not None and _settled(run.epoch_losses, tol, tol_epochs):
                return run.result("tol")
            for value in run.epoch(epoch, at):
                advance(value)
                if callback is not None and isinstance(done := callback(run.report(epoch, value)), (bool, np.bool_)) and done:
                    return run.result("callback")


def _settled(f: list[float], tol: float, k: int) -> bool:
    return len(f) > k and abs(f[-1] - f[-1 - k]) < tol


class _Now(NamedTuple):
    """Where a run is. It is replaced in one assignment, so that an interruption finds a whole one."""

    params: Any
    state: Any
    step: int


class _Run:
    """A run: the step as a program, where it is, and its losses."""

    def __init__(
        self,
        loss: Callable,
        optimizer: GradientTransformation,
        batches: Batches,
        stochastic: bool,
        jit: bool,
        params: Any,
        path: str | os.PathLike | None,
        seconds: float,
    ):
        self.batches, self.stochastic, self.path, self.seconds = batches, stochastic, path, seconds
        self.now = _Now(params, optimizer.init(params), 0)
        self.before = self.now  # a step earlier: its loss was finite
        self.losses: list[float] = []
        self.epoch_losses: list[float] = []
        self.sizes = batches.sizes()
        self.saved_at, self.saved_step = time.monotonic(), 0
        self.plain = _step(loss, optimizer)
        self.step = compile_step(self.plain) if jit else self.plain
        if path is not None and os.path.exists(path):
            self.resume(path)

    def epoch(self, epoch: int, at: int) -> Iterator[float]:
        """Goes through an epoch from one of its batches on; yields after each step, when all is in place, its loss."""
        for step in range(epoch * self.batches.count + at, (epoch + 1) * self.batches.count):
            now = self.now
            new_params, new_state, value = self.stepped(now, step)
            value = float(value)
            if not math.isfinite(value):
                raise self.diverged(step, value)
            self.before = now
            self.losses[step:] = [value]
            self.now = _Now(new_params, new_state, step + 1)
            if step + 1 == (epoch + 1) * self.batches.count:
                self.epoch_losses[epoch:] = [self.mean(epoch)]
            if self.path is not None and time.monotonic() - self.saved_at >= self.seconds:
                self.save()
            yield value

    def stepped(self, now: _Now, step: int) -> tuple:
        arguments = self.arguments(step)
        try:
            return self.step(now.params, now.state, *arguments)
        except IndexError:  # of a label, say: where values are known the error shows shapes and formula
            with disable_jit():
                self.plain(now.params, now.state, *arguments)
            raise

    def mean(self, epoch: int) -> float:
        """The mean of an epoch's losses over its examples."""
        count = self.batches.count
        losses = self.losses[epoch * count : (epoch + 1) * count]
        return math.fsum(n * x for n, x in zip(self.sizes, losses, strict=True)) / self.batches.examples

    def arguments(self, step: int) -> tuple:
        return self.batches.batch(step), self.batches.step_key(step) if self.stochastic else None

    def report(self, epoch: int, value: float) -> FitStep:
        now, done = self.now, not self.now.step % self.batches.count
        return FitStep(now.step, epoch, value, self.epoch_losses[epoch] if done else None, now.params, now.state)

    def result(self, stopped: str) -> FitResult:
        steps = self.now.step
        history = {"loss": np.array(self.losses[:steps]), "epoch_loss": np.array(self.epoch_losses[: steps // self.batches.count])}
        return FitResult(self.now.params, self.now.state, history, stopped)

    # -- checkpoints

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """However the run ends, what it did is kept."""
        try:
            yield
        finally:
            if self.path is not None and self.now.step != self.saved_step:
                self.save()

    def save(self) -> None:
        now = self.now
        target = {"params": now.params, "state": now.state}
        metadata = {"run": self.batches.identity(), "step": now.step}
        write_checkpoint(self.path, target, metadata, np.array(self.losses[: now.step]))  # type: ignore[arg-type]
        self.saved_at, self.saved_step = time.monotonic(), now.step

    def resume(self, path: str | os.PathLike) -> None:
        target, metadata, losses = read_checkpoint(path, {"params": self.now.params, "state": self.now.state})
        run, own = metadata.get("run"), self.batches.identity()
        if run != own:
            theirs = ", ".join(f"{k}={run.get(k)}" for k in own if run and run.get(k) != own[k]) or "no run"
            raise ArgumentError(
                f"fit: the checkpoint {os.fspath(path)} is of another run: {theirs}",
                f"this one has {', '.join(f'{k}={v}' for k, v in own.items())}",
                "Delete the file to start again, or give another one.",
            )
        self.now = self.before = _Now(target["params"], target["state"], metadata["step"])
        self.saved_step, self.losses = metadata["step"], losses.tolist()
        self.epoch_losses = [self.mean(epoch) for epoch in range(len(self.losses) // self.batches.count)]

    # -- losses that are not finite

    def diverged(self, step: int, value: float) -> DivergenceError:
        """The error, after going back to the last step whose loss was finite."""
        cause = self.first_nan(step)
        bad, self.now = self.now, self.before
        epoch, at = divmod(step, self.batches.count)
        error = DivergenceError(
            f"fit: the loss is {value} at step {step} (epoch {epoch}, batch {at})",
            *cause,
            f"The last good parameters, of step {self.now.step}, are in the `result` of this error"
            + (f", and in {os.fspath(self.path)}." if self.path is not None else "."),
            "A smaller learning rate, optim.clip_by_global_norm before the optimiser, or losses in a form that does not overflow may help."
            if bad.step
            else "",
        )
        error.result = self.result("nan")
        return error

    def first_nan(self, step: int) -> list[str]:
        """What made it: a step is repeated with every operation looked at. Where the parameters are bad already, the step before."""
        batch, _ = self.arguments(step)
        for path, x in zip(tree.paths(self.batches.treedef), tree.leaves(batch), strict=True):
            if x.dtype.kind in "fc" and not np.isfinite(x).all():
                return [f"The data are not finite: data{path}: {short(x)} in this batch."]
        if self.before is self.now and not _finite(self.now.params):
            return ["The parameters are not finite to begin with."]
        repeat = [(self.before, step - 1)] if _finite(self.before.params) and not _finite(self.now.params) else []
        for at, k in [*repeat, (self.now, step)]:
            try:
                with debug_nans(), disable_jit(), np.errstate(all="ignore"):
                    self.plain(at.params, at.state, *self.arguments(k))
            except NanError as e:
                return [f"The first operation that made a NaN, at step {k}: {e.what}", *str(e).splitlines()[1:3]]
        return ["No operation made a NaN of finite numbers: they overflowed before."]


def _finite(params: Any) -> bool:
    return all(np.isfinite(x).all() for x in tree.leaves(params))


def _step(loss: Callable, optimizer: GradientTransformation) -> Callable[..., tuple]:
    """One step: (params, state, batch, key) -> (params, state, loss)."""

    def single(params: Any, batch: tuple, key: Any) -> Any:
        out = loss(params, *batch) if key is None else loss(params, *batch, key=key)
        if getattr(out, "shape", ()) != ():
            raise ShapeError(
                f"fit: {function_name(loss)} returned {short(out)}, and one number is expected",
                "Return the mean over the examples: np.mean(...).",
            )
        return out

    def step(params: Any, state: Any, batch: tuple, key: Any) -> tuple:
        value, grads = value_and_grad(single)(params, batch, key)
        updates, state = optimizer.update(grads, state, params)
        return apply_updates(params, updates), state, value

    return step


@contextlib.contextmanager
def _bar(show: bool, total: int, done: int) -> Iterator[Callable[[float], None]]:
    """What shows that a step was done: nothing, or tqdm's bar."""
    if not show:
        yield lambda value: None
        return
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError as e:
        raise ArgumentError("fit: progress=True needs tqdm", "pip install tqdm") from e
    with tqdm(total=total, initial=done, desc="fit", unit="step") as bar:

        def advance(value: float) -> None:
            bar.set_postfix_str(f"loss {value:.4g}", refresh=False)
            bar.update()

        yield advance


__all__ = ["DivergenceError", "FitResult", "FitStep", "fit"]
