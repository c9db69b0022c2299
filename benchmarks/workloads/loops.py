"""Programs whose time is spent in loops: scans of recurrent networks, integrators and a filter, and a while whose length the data decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from benchmarks.languages import Language, language
from benchmarks.workload import GRADIENT, VALUE, Text, Workload
from benchmarks.workloads import loops_by_hand as hand
from benchmarks.workloads.data import generator

GROUP = "loops"
Params = Mapping[str, Any]

# -- recurrent networks


def rnn(lang: Language) -> Any:
    """h' = tanh(x U + h V + b); the mean squared error of a readout at every step."""
    xp = lang.np

    def loss(p: Params, xs: Any, targets: Any) -> Any:
        def step(h: Any, inputs: Any) -> tuple:
            x, target = inputs
            h = xp.tanh(x @ p["U"] + h @ p["V"] + p["b"])
            return h, xp.mean((h @ p["W"] - target) ** 2)

        h = xp.zeros((xs.shape[1], p["b"].shape[0]))
        return xp.mean(lang.scan(step, h, (xs, targets))[1])

    return loss


def lstm(lang: Language) -> Any:
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
        return xp.mean(lang.scan(step, (zero, zero), (xs, targets))[1])

    return loss


def recurrent(gates: int, steps: int, batch: int, width: int, inputs: int) -> tuple:
    rng = generator()
    params = {
        "U": rng.normal(0, inputs**-0.5, (inputs, gates * width)),
        "V": rng.normal(0, width**-0.5, (width, gates * width)),
        "b": np.zeros(gates * width),
        "W": rng.normal(0, width**-0.5, (width, 4)),
    }
    return params, rng.normal(size=(steps, batch, inputs)), rng.normal(size=(steps, batch, 4))


# -- differential equations


def rk4(lang: Language) -> Any:
    """Classical Runge-Kutta steps of the van der Pol oscillator, on plain numbers; the energy at the end."""

    def loss(p: Params, times: Any) -> Any:
        def slope(s: tuple) -> tuple:
            x, v = s
            return v, p["mu"] * (1.0 - x * x) * v - x

        def along(s: tuple, k: tuple, h: Any) -> tuple:
            return s[0] + h * k[0], s[1] + h * k[1]

        def step(s: tuple, dt: Any) -> tuple:
            k1 = slope(s)
            k2 = slope(along(s, k1, dt / 2.0))
            k3 = slope(along(s, k2, dt / 2.0))
            k4 = slope(along(s, k3, dt))
            return tuple(a + dt / 6.0 * (b + 2.0 * c + 2.0 * d + e) for a, b, c, d, e in zip(s, k1, k2, k3, k4, strict=True)), None

        (x, v), _ = lang.scan(step, (p["x"], p["v"]), times)
        return 0.5 * (x * x + v * v)

    return loss


def oscillator(steps: int) -> tuple:
    return {"mu": np.float64(1.5), "x": np.float64(1.0), "v": np.float64(0.0)}, np.full(steps, 0.01)


def nbody(lang: Language) -> Any:
    """Leapfrog steps of bodies under softened gravity; the mean squared distance from the centre at the end."""
    xp = lang.np

    def loss(p: Params, times: Any) -> Any:
        def acceleration(x: Any) -> Any:
            d = x[None, :, :] - x[:, None, :]
            r2 = xp.sum(d * d, axis=-1) + hand.SOFTENING
            return xp.sum((p["m"] * r2**-1.5)[:, :, None] * d, axis=1)

        def step(s: tuple, dt: Any) -> tuple:
            x, v, a = s
            v = v + 0.5 * dt * a
            x = x + dt * v
            a = acceleration(x)
            return (x, v + 0.5 * dt * a, a), None

        (x, _, _), _ = lang.scan(step, (p["x"], p["v"], acceleration(p["x"])), times)
        return xp.mean(x * x)

    return loss


def bodies(n: int, steps: int) -> tuple:
    rng = generator()
    return {"x": rng.normal(size=(n, 3)), "v": rng.normal(0, 0.3, (n, 3)), "m": rng.uniform(0.5, 1.5, n) / n}, np.full(steps, 0.01)


# -- filtering


def kalman(lang: Language) -> Any:
    """The negative log likelihood of a track in the plane, position observed, under constant velocity.

    The two observations of a step have independent noise, so they are taken in one after the other: each divides by a number, and no
    matrix is inverted.
    """
    xp = lang.np

    def loss(p: Params, transition: Any, noise_shape: Any, start: Any, observed: Any) -> Any:
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

        return xp.sum(lang.scan(step, (p["m"], start), observed)[1])

    return loss


def track(steps: int, dt: float = 0.1) -> tuple:
    rng = generator()
    transition = np.eye(4) + dt * np.eye(4, k=2)
    half = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    noise_shape = np.kron(half, np.eye(2))
    root = np.linalg.cholesky(noise_shape)
    state, observed = np.zeros(4), []
    for _ in range(steps):
        state = transition @ state + root @ rng.normal(size=4)
        observed.append(state[:2] + 0.3 * rng.normal(size=2))
    return {"log_q": np.float64(0.3), "log_r": np.float64(-2.0), "m": np.zeros(4)}, transition, noise_shape, np.eye(4), np.array(observed)


# -- iteration until it converges


def _kepler(lang: Language, loop: Callable[[Language, Callable, Callable, Any], Any]) -> Any:
    """Kepler's equation E - e sin E = M for many mean anomalies M, by Newton's method until the largest residual is small."""
    xp = lang.np

    def loss(p: Params) -> Any:
        e, mean = p["e"], p["M"]

        def residual(x: Any) -> Any:
            return x - e * xp.sin(x) - mean

        def go_on(x: Any) -> Any:
            return xp.max(xp.abs(residual(x))) > hand.SMALL

        def newton(x: Any) -> Any:
            return x - residual(x) / (1.0 - e * xp.cos(x))

        return xp.mean(xp.cos(loop(lang, go_on, newton, mean + 0.0)))

    return loss


def newton(lang: Language) -> Any:
    return _kepler(lang, lambda lang, go_on, step, x: lang.while_loop(go_on, step, x))


def newton_bounded(args: tuple) -> Text:
    """A loop of as many steps as the while makes with these arguments."""
    trips = 0

    def counted(lang: Language, go_on: Callable, step: Callable, x: Any) -> Any:
        nonlocal trips
        while go_on(x):
            x, trips = step(x), trips + 1
        return x

    _kepler(language("NumPy"), counted)(*args)
    return lambda lang: _kepler(lang, lambda lang, go_on, step, x: lang.fori_loop(0, trips, lambda i, x: step(x), x))


def anomalies(n: int) -> tuple:
    return ({"e": np.float64(0.9), "M": np.linspace(0.3, 6.0, n)},)


def _numba(value: Callable, gradient: Callable) -> dict:
    return {("Numba", VALUE): value, ("Numba", GRADIENT): gradient}


WORKLOADS = (
    Workload(
        "RNN, 100 steps, 16 × 64", GROUP, rnn, partial(recurrent, 1, 100, 16, 64, 32), partial(recurrent, 1, 3, 2, 4, 3), (GRADIENT,),
        {("NumPy", GRADIENT): hand.rnn_gradient},
    ),
    Workload(
        "LSTM, 100 steps, 16 × 64", GROUP, lstm, partial(recurrent, 4, 100, 16, 64, 32), partial(recurrent, 4, 3, 2, 4, 3), (GRADIENT,),
        {("NumPy", GRADIENT): hand.lstm_gradient},
    ),
    Workload(
        "RK4, 1000 steps, 2 numbers", GROUP, rk4, partial(oscillator, 1000), partial(oscillator, 4), (GRADIENT,),
        _numba(hand.rk4_numba, hand.rk4_gradient_numba),
    ),
    Workload(
        "N-body, 200 steps, 16 bodies", GROUP, nbody, partial(bodies, 16, 200), partial(bodies, 3, 4), (GRADIENT,),
        _numba(hand.nbody_numba, hand.nbody_gradient_numba),
    ),
    Workload("Kalman filter, 300 steps, 4 states", GROUP, kalman, partial(track, 300), partial(track, 3), (GRADIENT,)),
    Workload(
        "Newton by while, 100 equations", GROUP, newton, partial(anomalies, 100), partial(anomalies, 4), (GRADIENT,),
        {("NumPy", GRADIENT): hand.newton_gradient} | _numba(hand.newton_numba, hand.newton_gradient_numba),
        instead={"JAX": newton_bounded},
        note="Newton: JAX has no reverse mode through a while loop. It runs a loop of as many steps as these data need, which a program cannot know.",
    ),
)  # fmt: skip
