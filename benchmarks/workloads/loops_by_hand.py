"""The loops with their gradients written by hand: networks in NumPy, small states in Numba. Tapes are allocated once; products wait for the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.by_hand import compiled

SOFTENING = 0.01
SMALL = 1e-10

# -- recurrent networks, backward through time


def _readout(h: np.ndarray, p: dict[str, np.ndarray], targets: np.ndarray) -> tuple:
    """The loss, the gradient in W, and in the states h[t, batch, width]."""
    error = h @ p["W"] - targets
    slope = 2.0 / error.size * error
    return np.mean(error * error), np.tensordot(h, slope, axes=((0, 1), (0, 1))), slope @ p["W"].T


def _products(xs: np.ndarray, before: np.ndarray, dz: np.ndarray) -> dict[str, np.ndarray]:
    """The gradients in U, V and b of z = x U + h V + b at all steps."""
    flat = lambda a: a.reshape(-1, a.shape[-1])
    return {"U": flat(xs).T @ flat(dz), "V": flat(before).T @ flat(dz), "b": np.sum(dz, axis=(0, 1))}


def rnn_gradient(p: dict[str, np.ndarray], xs: np.ndarray, targets: np.ndarray) -> tuple:
    steps, batch = xs.shape[:2]
    h = np.zeros((steps + 1, batch, len(p["b"])))
    entered = xs @ p["U"] + p["b"]
    for t in range(steps):
        h[t + 1] = np.tanh(entered[t] + h[t] @ p["V"])
    value, dw, dh = _readout(h[1:], p, targets)
    dz, after = np.empty_like(entered), 0.0
    for t in range(steps - 1, -1, -1):
        dz[t] = (dh[t] + after) * (1.0 - h[t + 1] ** 2)
        after = dz[t] @ p["V"].T
    return value, _products(xs, h[:-1], dz) | {"W": dw}


def lstm_gradient(p: dict[str, np.ndarray], xs: np.ndarray, targets: np.ndarray) -> tuple:
    (steps, batch), n = xs.shape[:2], len(p["V"])
    h, c = np.zeros((2, steps + 1, batch, n))
    entered = xs @ p["U"] + p["b"]
    gates, squashed = np.empty_like(entered), np.empty((steps, batch, n))
    for t in range(steps):
        z = entered[t] + h[t] @ p["V"]
        gates[t, :, : 3 * n] = 0.5 * np.tanh(0.5 * z[:, : 3 * n]) + 0.5
        gates[t, :, 3 * n :] = np.tanh(z[:, 3 * n :])
        enter, forget, leave, new = (gates[t, :, k * n : (k + 1) * n] for k in range(4))
        c[t + 1] = forget * c[t] + enter * new
        squashed[t] = np.tanh(c[t + 1])
        h[t + 1] = leave * squashed[t]
    value, dw, dh = _readout(h[1:], p, targets)
    dz, after, dc = np.empty_like(entered), 0.0, 0.0
    for t in range(steps - 1, -1, -1):
        enter, forget, leave, new = (gates[t, :, k * n : (k + 1) * n] for k in range(4))
        up = dh[t] + after
        dc = dc + up * leave * (1.0 - squashed[t] ** 2)
        dz[t, :, :n] = dc * new * enter * (1.0 - enter)
        dz[t, :, n : 2 * n] = dc * c[t] * forget * (1.0 - forget)
        dz[t, :, 2 * n : 3 * n] = up * squashed[t] * leave * (1.0 - leave)
        dz[t, :, 3 * n :] = dc * enter * (1.0 - new * new)
        dc = dc * forget
        after = dz[t] @ p["V"].T
    return value, _products(xs, h[:-1], dz) | {"W": dw}


# -- Runge-Kutta


@compiled
def _rk4_step(mu, x, v, dt):
    half = 0.5 * dt
    a1, b1 = v, mu * (1.0 - x * x) * v - x
    x2, v2 = x + half * a1, v + half * b1
    a2, b2 = v2, mu * (1.0 - x2 * x2) * v2 - x2
    x3, v3 = x + half * a2, v + half * b2
    a3, b3 = v3, mu * (1.0 - x3 * x3) * v3 - x3
    x4, v4 = x + dt * a3, v + dt * b3
    a4, b4 = v4, mu * (1.0 - x4 * x4) * v4 - x4
    return x + dt / 6.0 * (a1 + 2.0 * a2 + 2.0 * a3 + a4), v + dt / 6.0 * (b1 + 2.0 * b2 + 2.0 * b3 + b4), x2, v2, x3, v3, x4, v4


@compiled
def _rk4(mu, x, v, times):
    for t in range(times.size):
        x, v = _rk4_step(mu, x, v, times[t])[:2]
    return 0.5 * (x * x + v * v)


@compiled
def _slope_back(mu, x, v, da, db):
    """The slope's transposed derivative at (x, v): in x, in v, and in mu."""
    return db * (-2.0 * mu * x * v - 1.0), da + db * mu * (1.0 - x * x), db * (1.0 - x * x) * v


@compiled
def _rk4_gradient(mu, x, v, times):
    n = times.size
    xs, vs = np.empty(n), np.empty(n)
    for t in range(n):
        xs[t], vs[t] = x, v
        x, v = _rk4_step(mu, x, v, times[t])[:2]
    value, dx, dv, dmu = 0.5 * (x * x + v * v), x, v, 0.0
    for t in range(n - 1, -1, -1):
        dt, x, v = times[t], xs[t], vs[t]
        _, _, x2, v2, x3, v3, x4, v4 = _rk4_step(mu, x, v, dt)
        sixth, third = dt / 6.0, dt / 3.0
        p4, q4, m4 = _slope_back(mu, x4, v4, sixth * dx, sixth * dv)
        p3, q3, m3 = _slope_back(mu, x3, v3, third * dx + dt * p4, third * dv + dt * q4)
        p2, q2, m2 = _slope_back(mu, x2, v2, third * dx + 0.5 * dt * p3, third * dv + 0.5 * dt * q3)
        p1, q1, m1 = _slope_back(mu, x, v, sixth * dx + 0.5 * dt * p2, sixth * dv + 0.5 * dt * q2)
        dx, dv, dmu = dx + p1 + p2 + p3 + p4, dv + q1 + q2 + q3 + q4, dmu + m1 + m2 + m3 + m4
    return value, dmu, dx, dv


def rk4_numba(p: dict[str, Any], times: np.ndarray) -> Any:
    return _rk4(p["mu"], p["x"], p["v"], times)


def rk4_gradient_numba(p: dict[str, Any], times: np.ndarray) -> tuple:
    value, dmu, dx, dv = _rk4_gradient(p["mu"], p["x"], p["v"], times)
    return value, {"mu": dmu, "x": dx, "v": dv}


# -- bodies


@compiled
def _accelerate(x, m, a):
    a[:] = 0.0
    for i in range(len(m)):
        for j in range(i):
            d0, d1, d2 = x[j, 0] - x[i, 0], x[j, 1] - x[i, 1], x[j, 2] - x[i, 2]
            r2 = d0 * d0 + d1 * d1 + d2 * d2 + SOFTENING
            s = 1.0 / (r2 * np.sqrt(r2))
            for k, d in ((0, d0), (1, d1), (2, d2)):
                a[i, k] += m[j] * s * d
                a[j, k] -= m[i] * s * d


@compiled
def _accelerate_back(x, m, g, dx, dm):
    """Adds to dx and dm the transposed derivative of the accelerations, applied to g."""
    for i in range(len(m)):
        for j in range(i):
            d0, d1, d2 = x[j, 0] - x[i, 0], x[j, 1] - x[i, 1], x[j, 2] - x[i, 2]
            r2 = d0 * d0 + d1 * d1 + d2 * d2 + SOFTENING
            s = 1.0 / (r2 * np.sqrt(r2))
            gi = g[i, 0] * d0 + g[i, 1] * d1 + g[i, 2] * d2
            gj = g[j, 0] * d0 + g[j, 1] * d1 + g[j, 2] * d2
            dm[j] += s * gi
            dm[i] -= s * gj
            pull = 3.0 * s / r2 * (m[j] * gi - m[i] * gj)
            for k, d in ((0, d0), (1, d1), (2, d2)):
                part = s * (m[j] * g[i, k] - m[i] * g[j, k]) - pull * d
                dx[j, k] += part
                dx[i, k] -= part


@compiled
def _nbody(x, v, m, times, tape):
    """Moves x and v; keeps the positions after each step where `tape` has room."""
    a = np.empty_like(x)
    _accelerate(x, m, a)
    for t in range(times.size):
        dt = times[t]
        v += 0.5 * dt * a
        x += dt * v
        _accelerate(x, m, a)
        v += 0.5 * dt * a
        if t < len(tape):
            tape[t] = x
    return np.mean(x * x)


@compiled
def _nbody_gradient(start, v, m, times):
    x, tape = start.copy(), np.empty((times.size, *start.shape))
    value = _nbody(x, v, m, times, tape)
    dx, dv, da, dm = 2.0 / x.size * x, np.zeros_like(x), np.zeros_like(x), np.zeros_like(m)
    for t in range(times.size - 1, -1, -1):
        dt = times[t]
        da += 0.5 * dt * dv
        _accelerate_back(tape[t], m, da, dx, dm)
        dv += dt * dx
        da[:] = 0.5 * dt * dv
    _accelerate_back(start, m, da, dx, dm)
    return value, dx, dv, dm


def nbody_numba(p: dict[str, np.ndarray], times: np.ndarray) -> Any:
    return _nbody(p["x"].copy(), p["v"].copy(), p["m"], times, np.empty((0, *p["x"].shape)))


def nbody_gradient_numba(p: dict[str, np.ndarray], times: np.ndarray) -> tuple:
    value, dx, dv, dm = _nbody_gradient(p["x"], p["v"].copy(), p["m"], times)
    return value, {"x": dx, "v": dv, "m": dm}


# -- Newton's iteration, and the derivative of every step of it


def newton_gradient(p: dict[str, Any]) -> tuple:
    e, mean = p["e"], p["M"]
    tape, x = [], mean.copy()
    while True:
        sine, cosine = np.sin(x), np.cos(x)
        residual = x - e * sine - mean
        if np.max(np.abs(residual)) <= SMALL:
            break
        slope = 1.0 - e * cosine
        tape.append((sine, cosine, residual, slope))
        x = x - residual / slope
    value, dx, de, dmean = np.mean(cosine), -sine / len(x), 0.0, np.zeros_like(mean)
    for sine, cosine, residual, slope in reversed(tape):
        de += dx @ ((sine * slope - residual * cosine) / slope**2)
        dmean += dx / slope
        dx = dx * residual * e * sine / slope**2
    return value, {"e": de, "M": dmean + dx}


@compiled
def _far(e, mean, x):
    worst = 0.0
    for i in range(x.size):
        worst = max(worst, abs(x[i] - e * np.sin(x[i]) - mean[i]))
    return worst > SMALL


@compiled
def _newton(e, mean):
    x = mean.copy()
    while _far(e, mean, x):
        for i in range(x.size):
            x[i] -= (x[i] - e * np.sin(x[i]) - mean[i]) / (1.0 - e * np.cos(x[i]))
    return np.mean(np.cos(x))


@compiled
def _newton_gradient(e, mean):
    x, tape = mean.copy(), [mean.copy()]
    while _far(e, mean, x):
        for i in range(x.size):
            x[i] -= (x[i] - e * np.sin(x[i]) - mean[i]) / (1.0 - e * np.cos(x[i]))
        tape.append(x.copy())
    value, de, dmean = 0.0, 0.0, np.zeros_like(x)
    dx = np.empty_like(x)
    for i in range(x.size):
        value += np.cos(x[i]) / x.size
        dx[i] = -np.sin(x[i]) / x.size
    for t in range(len(tape) - 2, -1, -1):
        before = tape[t]
        for i in range(x.size):
            sine, cosine = np.sin(before[i]), np.cos(before[i])
            slope, residual = 1.0 - e * cosine, before[i] - e * sine - mean[i]
            de += dx[i] * (sine * slope - residual * cosine) / (slope * slope)
            dmean[i] += dx[i] / slope
            dx[i] *= residual * e * sine / (slope * slope)
    return value, de, dmean + dx


def newton_numba(p: dict[str, Any]) -> Any:
    return _newton(p["e"], p["M"])


def newton_gradient_numba(p: dict[str, Any]) -> tuple:
    value, de, dmean = _newton_gradient(p["e"], p["M"])
    return value, {"e": de, "M": dmean}
