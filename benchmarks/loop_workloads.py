"""Programs whose time is spent in loops, each written once, over a `Language`: fgrad and JAX run the same text.

A workload is a scalar function of parameters (differentiated) and of data (not). Imports NumPy, and fgrad; JAX where it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad

Params = Mapping[str, Any]
Loss = Callable[..., Any]


@dataclass(frozen=True)
class Language:
    """A library as the workloads use it.

    np: its NumPy. lax: `scan`, `while_loop`, `fori_loop`, `cond`. transforms: `jit`, `value_and_grad`, `jvp`.
    array: makes its array of a NumPy array; wait: waits until a result is there.
    """

    name: str
    np: Any
    lax: Any
    transforms: Any
    array: Callable[[Any], Any]
    wait: Callable[[Any], Any]


def fgrad_language() -> Language:
    return Language("fgrad", np, fgrad, fgrad, lambda x: np.asarray(x)[()], lambda x: x)


def jax_language() -> Language:
    import jax
    import jax.numpy as jnp

    return Language("JAX", jnp, jax.lax, jax, jnp.asarray, jax.block_until_ready)


@dataclass(frozen=True)
class Workload:
    """A loss `text(language)(params, *data)`, and what it is measured on.

    unbounded: the loop is a while, which JAX does not differentiate in reverse mode; `bounded(trips)` is then the text with a
    loop of that many steps, and `trips(params, *data)` how many the while makes.
    """

    name: str
    text: Callable[[Language], Loss]
    inputs: Callable[[], tuple[dict[str, Any], tuple]]
    bounded: Callable[[int], Callable[[Language], Loss]] | None = None
    trips: Callable[..., int] | None = None

    @property
    def unbounded(self) -> bool:
        return self.bounded is not None


# -- recurrent networks


def rnn(lang: Language) -> Loss:
    """h' = tanh(x U + h V + b); the mean squared error of a readout at every step."""
    xp = lang.np

    def loss(p: Params, xs: Any, targets: Any) -> Any:
        def step(h: Any, inputs: Any) -> tuple:
            x, target = inputs
            h = xp.tanh(x @ p["U"] + h @ p["V"] + p["b"])
            return h, xp.mean((h @ p["W"] - target) ** 2)

        h = xp.zeros((xs.shape[1], p["b"].shape[0]))
        return xp.mean(lang.lax.scan(step, h, (xs, targets))[1])

    return loss


def lstm(lang: Language) -> Loss:
    """An LSTM with the four gates in one product; the mean squared error of a readout at every step."""
    xp = lang.np

    def sigmoid(z: Any) -> Any:
        return 0.5 * xp.tanh(0.5 * z) + 0.5

    def loss(p: Params, xs: Any, targets: Any) -> Any:
        n = p["V"].shape[0]

        def step(state: tuple, inputs: Any) -> tuple:
            (h, c), (x, target) = state, inputs
            z = x @ p["U"] + h @ p["V"] + p["b"]
            enter, forget, leave = sigmoid(z[:, :n]), sigmoid(z[:, n : 2 * n]), sigmoid(z[:, 2 * n : 3 * n])
            c = forget * c + enter * xp.tanh(z[:, 3 * n :])
            h = leave * xp.tanh(c)
            return (h, c), xp.mean((h @ p["W"] - target) ** 2)

        zero = xp.zeros((xs.shape[1], n))
        return xp.mean(lang.lax.scan(step, (zero, zero), (xs, targets))[1])

    return loss


def _recurrent(gates: int, steps: int = 100, batch: int = 16, width: int = 64, inputs: int = 32) -> Callable[[], tuple]:
    def make() -> tuple[dict[str, Any], tuple]:
        rng = np.random.default_rng(0)
        params = {
            "U": rng.normal(0, inputs**-0.5, (inputs, gates * width)),
            "V": rng.normal(0, width**-0.5, (width, gates * width)),
            "b": np.zeros(gates * width),
            "W": rng.normal(0, width**-0.5, (width, 4)),
        }
        return params, (rng.normal(size=(steps, batch, inputs)), rng.normal(size=(steps, batch, 4)))

    return make


# -- differential equations


def rk4(lang: Language) -> Loss:
    """1000 classical Runge-Kutta steps of the van der Pol oscillator, on plain numbers; the energy at the end."""

    def loss(p: Params) -> Any:
        mu, dt = p["mu"], 0.01

        def slope(s: tuple) -> tuple:
            x, v = s
            return v, mu * (1.0 - x * x) * v - x

        def along(s: tuple, k: tuple, h: float) -> tuple:
            return s[0] + h * k[0], s[1] + h * k[1]

        def step(s: tuple, _: None) -> tuple:
            k1 = slope(s)
            k2 = slope(along(s, k1, dt / 2))
            k3 = slope(along(s, k2, dt / 2))
            k4 = slope(along(s, k3, dt))
            return tuple(a + dt / 6 * (b + 2.0 * c + 2.0 * d + e) for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)), None

        (x, v), _ = lang.lax.scan(step, (p["x"], p["v"]), None, length=1000)
        return 0.5 * (x * x + v * v)

    return loss


def nbody(lang: Language) -> Loss:
    """200 leapfrog steps of 16 bodies under softened gravity; the mean squared distance from the centre at the end."""
    xp = lang.np

    def loss(p: Params) -> Any:
        dt, softening = 0.01, 0.01

        def acceleration(x: Any) -> Any:
            d = x[None, :, :] - x[:, None, :]
            r2 = xp.sum(d * d, axis=-1) + softening
            return xp.sum((p["m"] * r2**-1.5)[:, :, None] * d, axis=1)

        def step(s: tuple, _: None) -> tuple:
            x, v, a = s
            v = v + 0.5 * dt * a
            x = x + dt * v
            a = acceleration(x)
            return (x, v + 0.5 * dt * a, a), None

        (x, _, _), _ = lang.lax.scan(step, (p["x"], p["v"], acceleration(p["x"])), None, length=200)
        return xp.mean(x * x)

    return loss


def _bodies(n: int = 16) -> tuple[dict[str, Any], tuple]:
    rng = np.random.default_rng(0)
    return {"x": rng.normal(size=(n, 3)), "v": rng.normal(0, 0.3, (n, 3)), "m": rng.uniform(0.5, 1.5, n) / n}, ()


# -- filtering


def kalman(lang: Language) -> Loss:
    """The negative log likelihood of a track in the plane, position observed, under constant velocity.

    The two observations of a step have independent noise, so they are taken in one after the other: each divides by a number, and no
    matrix is inverted.
    """
    xp = lang.np

    def loss(p: Params, transition: Any, noise_shape: Any, observed: Any) -> Any:
        q, r = xp.exp(p["log_q"]) * noise_shape, xp.exp(p["log_r"])

        def update(m: Any, cov: Any, y: Any, i: int) -> tuple:
            column = cov[:, i]
            s = cov[i, i] + r
            error = y - m[i]
            m = m + column * (error / s)
            cov = cov - column[:, None] * column[None, :] / s
            return m, cov, 0.5 * (xp.log(2 * np.pi * s) + error * error / s)

        def step(state: tuple, y: Any) -> tuple:
            m, cov = state
            m = transition @ m
            cov = transition @ cov @ transition.T + q
            m, cov, first = update(m, cov, y[0], 0)
            m, cov, second = update(m, cov, y[1], 1)
            return (m, cov), first + second

        return xp.sum(lang.lax.scan(step, (p["m"], xp.eye(4)), observed)[1])

    return loss


def _track(steps: int = 300, dt: float = 0.1) -> tuple[dict[str, Any], tuple]:
    rng = np.random.default_rng(0)
    transition = np.eye(4) + dt * np.eye(4, k=2)
    half = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    noise_shape = np.kron(half, np.eye(2))
    root = np.linalg.cholesky(noise_shape)
    state, observed = np.zeros(4), []
    for _ in range(steps):
        state = transition @ state + root @ rng.normal(size=4)
        observed.append(state[:2] + 0.3 * rng.normal(size=2))
    return {"log_q": np.array(0.3), "log_r": np.array(-2.0), "m": np.zeros(4)}, (transition, noise_shape, np.array(observed))


# -- iteration until it converges


def _kepler(lang: Language, loop: Callable[[Language, Callable, Callable, Any], Any]) -> Loss:
    """Kepler's equation E - e sin E = M for 100 mean anomalies M, by Newton's method until the largest residual is small."""
    xp = lang.np

    def loss(p: Params) -> Any:
        e, mean = p["e"], p["M"]

        def residual(x: Any) -> Any:
            return x - e * xp.sin(x) - mean

        def go_on(x: Any) -> Any:
            return xp.max(xp.abs(residual(x))) > 1e-10

        def newton(x: Any) -> Any:
            return x - residual(x) / (1.0 - e * xp.cos(x))

        x = loop(lang, go_on, newton, mean + 0.0)
        return xp.mean(xp.cos(x))

    return loss


def newton(lang: Language) -> Loss:
    return _kepler(lang, lambda lang, go_on, step, x: lang.lax.while_loop(go_on, step, x))


def newton_bounded(trips: int) -> Callable[[Language], Loss]:
    return lambda lang: _kepler(lang, lambda lang, go_on, step, x: lang.lax.fori_loop(0, trips, lambda i, x: step(x), x))


def newton_trips(params: Params) -> int:
    trips = 0

    def counted(lang: Language, go_on: Callable, step: Callable, x: Any) -> Any:
        nonlocal trips
        while go_on(x):
            x, trips = step(x), trips + 1
        return x

    _kepler(fgrad_language(), counted)(params)
    return trips


def _anomalies() -> tuple[dict[str, Any], tuple]:
    return {"e": np.array(0.9), "M": np.linspace(0.3, 6.0, 100)}, ()


WORKLOADS = (
    Workload("RNN, 100 steps, 16 x 64", rnn, _recurrent(1)),
    Workload("LSTM, 100 steps, 16 x 64", lstm, _recurrent(4)),
    Workload("RK4, 1000 steps, 2 numbers", rk4, lambda: ({"mu": np.array(1.5), "x": np.array(1.0), "v": np.array(0.0)}, ())),
    Workload("N-body, 200 steps, 16 bodies", nbody, _bodies),
    Workload("Kalman filter, 300 steps, 4 states", kalman, _track),
    Workload("Newton with while, 100 equations", newton, _anomalies, newton_bounded, newton_trips),
)
