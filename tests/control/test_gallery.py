"""Algorithms as people write them, each differentiated and checked against a closed form, its unrolled version, or finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, linalg

import fgrad
from fgrad import grad, jvp, scan, vmap, while_loop
from fgrad.testing import check_grads

# -- solvers


def test_newton_for_keplers_equation():
    """E - e sin E = M: dE/dM = 1 / (1 - e cos E), dE/de = sin E / (1 - e cos E)."""

    def anomaly(mean, e):
        def step(v):
            x, _ = v
            return x - (x - e * np.sin(x) - mean) / (1.0 - e * np.cos(x)), x

        return while_loop(lambda v: np.abs(v[0] - v[1]) > 1e-15 * (1.0 + np.abs(v[0])), step, (mean + e, mean))[0]

    mean, e = np.linspace(0.1, 3.0, 7), np.linspace(0.9, 0.1, 7)
    x = vmap(anomaly)(mean, e)
    np.testing.assert_allclose(x - e * np.sin(x), mean, rtol=1e-14)
    d_mean, d_e = vmap(grad(anomaly, argnums=(0, 1)))(mean, e)
    np.testing.assert_allclose(d_mean, 1 / (1 - e * np.cos(x)), rtol=1e-10)
    np.testing.assert_allclose(d_e, np.sin(x) / (1 - e * np.cos(x)), rtol=1e-10)
    second = -e * np.sin(x) / (1 - e * np.cos(x)) ** 3
    np.testing.assert_allclose(vmap(grad(grad(anomaly)))(mean, e), second, rtol=1e-9)


def test_bisection_with_an_implicit_gradient():
    """The interest rate at which a loan's payments have a given present value. Bisection itself has derivative zero."""

    def value(rate, payment, n=24):
        return scan(lambda c, _: ((c + payment) / (1.0 + rate), None), 0.0 * payment, length=n)[0]

    def bisect(f, guess):
        def step(v):
            low, high = v
            middle = 0.5 * (low + high)
            return fgrad.cond(f(middle) > 0.0, lambda: (middle, high), lambda: (low, middle))

        return while_loop(lambda v: v[1] - v[0] > 1e-15, step, (0.0 * guess, 0.0 * guess + 1.0))[0]

    rate = lambda payment: fgrad.custom_root(lambda r: value(r, payment) - 1000.0, 0.1, bisect)
    np.testing.assert_allclose(value(rate(50.0), 50.0), 1000.0, rtol=1e-12)
    slope = -grad(value, argnums=1)(rate(50.0), 50.0) / grad(value)(rate(50.0), 50.0)
    np.testing.assert_allclose(grad(rate)(50.0), slope, rtol=1e-10)
    assert float(grad(lambda p: bisect(lambda r: value(r, p) - 1000.0, 0.1))(50.0)) == 0.0
    payments = np.array([45.0, 50.0, 70.0])
    np.testing.assert_allclose(vmap(grad(rate))(payments), [grad(rate)(p) for p in payments], rtol=1e-9)
    check_grads(rate, (50.0,), order=2, eps=1e-3)


def test_gauss_seidel_fixed_point():
    """A sweep updates the unknowns one after the other in an inner loop; its fixed point solves A x = b."""
    a = np.array([[4.0, -1.0, 0.5], [-1.0, 5.0, 1.0], [0.2, 1.0, 3.0]])
    b = np.array([1.0, -2.0, 0.5])

    def sweep(a, b, x):
        def update(i, x):
            row = fgrad.numpy.take(a, i, axis=0)
            return x.at[i].set(x[i] + (fgrad.numpy.take(b, i) - row @ x) / row[i])

        return fgrad.fori_loop(0, 3, update, x)

    solution = lambda a, b: fgrad.custom_fixed_point(lambda x: sweep(a, b, x), np.zeros(3), tol=1e-14)
    np.testing.assert_allclose(solution(a, b), np.linalg.solve(a, b), rtol=1e-12)
    weights = np.array([1.0, -0.5, 2.0])
    loss = lambda a, b: weights @ solution(a, b)
    adjoint = np.linalg.solve(a.T, weights)
    d_a, d_b = grad(loss, argnums=(0, 1))(a, b)
    np.testing.assert_allclose(d_b, adjoint, rtol=1e-11)
    np.testing.assert_allclose(d_a, -np.outer(adjoint, np.linalg.solve(a, b)), rtol=1e-11, atol=1e-13)
    # differentiating the iteration itself gives the same
    through = lambda a, b: weights @ fgrad.fori_loop(0, 60, lambda i, x: sweep(a, b, x), np.zeros(3))
    np.testing.assert_allclose(grad(through)(a, b), d_a, rtol=1e-10, atol=1e-13)


# -- differential equations

DORMAND_PRINCE = [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
]
FOURTH_ORDER = [5179 / 57600, 0.0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40]


def rk45(f, y, t_end, tol, checkpoint=None):
    """Dormand and Prince's method with step control: steps are accepted or refused as the error estimate says.

    The step size takes no derivative (it is a choice, not part of the solution)."""

    def attempt(y, h):
        ks = []
        for row in DORMAND_PRINCE:
            ks.append(f(y + h * sum((a * k for a, k in zip(row, ks, strict=True)), 0.0 * y)))
        better = y + h * sum(a * k for a, k in zip(DORMAND_PRINCE[-1], ks[:-1], strict=True))
        worse = y + h * sum(a * k for a, k in zip(FOURTH_ORDER, ks, strict=True))
        return better, np.max(np.abs(better - worse))

    def step(state):
        y, t, h, steps, refused = state
        h = np.minimum(h, t_end - t)
        new, error = attempt(y, h)
        factor = np.clip(0.9 * (tol / (error + 1e-300)) ** 0.2, 0.2, 5.0)
        accept = error <= tol
        y, t = fgrad.cond(accept, lambda: (new, t + h), lambda: (y, t))
        return y, t, fgrad.stop_gradient(h * factor), steps + 1, refused + np.where(accept, 0, 1)

    out = while_loop(lambda s: s[1] < t_end, step, (y, 0.0 * t_end, 0.5 + 0.0 * t_end, 0, 0), checkpoint=checkpoint)
    return out[0], out[3], out[4]


def van_der_pol(mu):
    return lambda y: np.stack([y[1], mu * (1.0 - y[0] ** 2) * y[1] - y[0]])


@pytest.mark.parametrize("checkpoint", [None, True])
def test_adaptive_rk45(checkpoint):
    y0 = np.array([2.0, 0.0])
    end = lambda mu, y0: rk45(van_der_pol(mu), y0, 3.0, 1e-10, checkpoint)[0]
    y, steps, refused = rk45(van_der_pol(2.0), y0, 3.0, 1e-10)
    assert steps > 30 and refused >= 1

    # the variational equations: the state's derivatives in mu and y0, integrated beside it
    def variational(_, z):
        y, s = z[:2], z[2:].reshape(2, 3)
        jacobian = np.array([[0.0, 1.0], [-4.0 * y[0] * y[1] - 1.0, 2.0 * (1 - y[0] ** 2)]])
        ds = jacobian @ s
        ds[1, 0] += (1 - y[0] ** 2) * y[1]
        return np.concatenate([[y[1], 2.0 * (1 - y[0] ** 2) * y[1] - y[0]], ds.ravel()])

    start = np.concatenate([y0, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).ravel()])
    exact = integrate.solve_ivp(variational, (0.0, 3.0), start, rtol=1e-12, atol=1e-12).y[:, -1]
    sensitivities = exact[2:].reshape(2, 3)
    np.testing.assert_allclose(y, exact[:2], atol=1e-8)
    d_mu, d_y0 = fgrad.jacrev(end, argnums=(0, 1))(2.0, y0)
    np.testing.assert_allclose(np.column_stack([d_mu, d_y0]), sensitivities, atol=1e-7)
    np.testing.assert_allclose(fgrad.jacfwd(end)(2.0, y0), sensitivities[:, 0], atol=1e-7)


def test_adaptive_rk45_in_batches():
    """Each example takes its own number of steps."""
    y0 = np.array([2.0, 0.0])
    f = lambda mu: rk45(van_der_pol(mu), y0, 1.5, 1e-6)
    mus = np.array([0.1, 3.0, 8.0])
    y, steps, _ = vmap(f)(mus)
    assert len(set(steps.tolist())) > 1
    assert steps.tolist() == [int(f(mu)[1]) for mu in mus]
    np.testing.assert_allclose(y, np.stack([f(mu)[0] for mu in mus]), rtol=1e-12)
    g = grad(lambda mu: np.sum(f(mu)[0]))
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_allclose(vmap(g)(mus), [g(mu) for mu in mus], rtol=1e-10)


def test_n_body_with_leapfrog():
    masses = np.array([1.0, 0.5, 0.2])
    x0 = np.array([[0.0, 0.0], [1.0, 0.1], [-0.4, 1.5]])
    v0 = np.array([[0.0, -0.2], [0.1, 0.7], [-0.6, 0.0]])

    def potential(x):
        r2 = np.sum((x[:, None] - x[None, :]) ** 2, axis=-1) + 0.01
        return -0.5 * np.sum(masses[:, None] * masses / np.sqrt(r2) * (1.0 - np.eye(3)))

    def energy(x, v):
        return potential(x) + 0.5 * np.sum(masses[:, None] * v**2)

    def simulate(x, v, n=40, dt=0.01, checkpoint=None):
        force = lambda x: -grad(potential)(x) / masses[:, None]

        def step(state, _):
            x, v = state
            v = v + 0.5 * dt * force(x)
            x = x + dt * v
            return (x, v + 0.5 * dt * force(x)), None

        return scan(step, (x, v), length=n, checkpoint=checkpoint)[0]

    x, v = simulate(x0, v0)
    np.testing.assert_allclose(energy(x, v), energy(x0, v0), rtol=1e-3)
    for checkpoint in (None, 4):
        loss = lambda v: np.sum(simulate(x0, v, checkpoint=checkpoint)[0] ** 2)  # noqa: B023
        check_grads(loss, (v0,), order=1)
    # leapfrog is symplectic: M^T J M = J for the derivative M of the flow in positions and momenta
    flow = lambda z: np.concatenate([a.ravel() for a in simulate(z[:6].reshape(3, 2), z[6:].reshape(3, 2) / masses[:, None])])
    m = fgrad.jacrev(flow)(np.concatenate([x0.ravel(), (v0 * masses[:, None]).ravel()]))
    scale = np.concatenate([np.ones(6), np.repeat(masses, 2)])
    m = scale[:, None] * m  # the flow returns velocities
    j = np.block([[np.zeros((6, 6)), np.eye(6)], [-np.eye(6), np.zeros((6, 6))]])
    np.testing.assert_allclose(m.T @ j @ m, j, atol=1e-10)


# -- time series


def test_kalman_filter_likelihood():
    """The log-likelihood of a state space model, against the Gaussian density of all observations at once."""
    rng = np.random.default_rng(0)
    ys = rng.normal(size=8)
    h = np.array([1.0, 0.5])

    def log_likelihood(p):
        f = np.stack([np.stack([p["decay"], p["rate"]]), np.array([0.0, 0.9])])
        q, r = np.eye(2) * p["q"], p["r"]

        def step(state, y):
            x, cov = state
            x, cov = f @ x, f @ cov @ f.T + q
            s = h @ cov @ h + r
            gain = cov @ h / s
            residual = y - h @ x
            return (x + gain * residual, cov - np.outer(gain, h @ cov)), -0.5 * (residual**2 / s + np.log(2 * np.pi * s))

        return np.sum(scan(step, (np.zeros(2), np.eye(2)), ys)[1])

    def joint(p):
        f = np.array([[p["decay"], p["rate"]], [0.0, 0.9]])
        cov, states = np.eye(2), []
        for _ in ys:
            cov = f @ cov @ f.T + np.eye(2) * p["q"]
            states.append(cov)
        n = len(ys)
        c = np.zeros((n, n))
        for i in range(n):
            for j in range(i, n):
                c[i, j] = c[j, i] = h @ states[i] @ np.linalg.matrix_power(f, j - i).T @ h
        c += np.eye(n) * p["r"]
        return -0.5 * (ys @ np.linalg.solve(c, ys) + np.linalg.slogdet(2 * np.pi * c)[1])

    p = {"decay": 0.8, "rate": 0.3, "q": 0.4, "r": 0.25}
    np.testing.assert_allclose(log_likelihood(p), joint(p), rtol=1e-12)
    g = fgrad.jit(grad(log_likelihood))(p)
    for k in p:
        up, down = {**p, k: p[k] + 1e-5}, {**p, k: p[k] - 1e-5}
        np.testing.assert_allclose(g[k], (joint(up) - joint(down)) / 2e-5, rtol=1e-7)
    check_grads(log_likelihood, (p,), order=2)


def test_linear_recurrence_is_a_matrix_power():
    a = np.array([[0.2, 0.5], [-0.4, 0.7]])
    x = np.array([1.0, -1.0])
    end = lambda a: scan(lambda c, _: (a @ c, None), x, length=10)[0]
    np.testing.assert_allclose(end(a), np.linalg.matrix_power(a, 10) @ x)
    direction = np.array([[0.0, 1.0], [2.0, 0.0]])
    powers = [np.linalg.matrix_power(a, k) for k in range(10)]
    np.testing.assert_allclose(jvp(end, (a,), (direction,))[1], sum(powers[9 - k] @ direction @ powers[k] for k in range(10)) @ x)


def test_matrix_exponential_by_scaling_and_squaring():
    """The number of squarings depends on the norm."""

    def expm(a):
        n = np.maximum(np.ceil(np.log2(np.max(np.abs(a)) * 4.0)), 0.0)
        scaled = a * 0.5**n
        add_term = lambda c, k: ((c[0] @ scaled / k, c[1] + c[0] @ scaled / k), None)
        total = scan(add_term, (np.eye(2), np.eye(2)), np.arange(1.0, 18.0))[0][1]
        return while_loop(lambda v: v[1] > 0.0, lambda v: (v[0] @ v[0], v[1] - 1.0), (total, n))[0]

    a = np.array([[0.3, -2.0], [1.5, 0.4]])
    e = np.array([[0.5, 1.0], [-0.2, 0.1]])
    batch = np.stack([a, 0.01 * a, 5.0 * a])
    np.testing.assert_allclose(vmap(expm)(batch), np.stack([linalg.expm(m) for m in batch]), rtol=1e-11)
    found = vmap(lambda a: jvp(expm, (a,), (e,))[1])(batch)
    np.testing.assert_allclose(found, np.stack([linalg.expm_frechet(m, e)[1] for m in batch]), rtol=1e-10)
    w = np.array([[1.0, 2.0], [-1.0, 0.5]])
    reverse = vmap(grad(lambda a: np.sum(w * expm(a))))(batch)
    np.testing.assert_allclose(reverse, np.stack([linalg.expm_frechet(m.T, w)[1] for m in batch]), rtol=1e-10)


# -- networks


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm_loss(p, xs, targets, loop=scan):
    def cell(state, x):
        h, c = state
        i, f, o, g = np.split(p["w"] @ np.concatenate([x, h]) + p["b"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        return (h, c), h

    zero = np.zeros(3)
    hs = loop(cell, (zero, zero), xs)[1]
    return np.mean((hs @ p["v"] - targets) ** 2)


def test_lstm():
    rng = np.random.default_rng(1)
    p = {"w": rng.normal(size=(12, 5)) * 0.4, "b": rng.normal(size=12) * 0.1, "v": rng.normal(size=3)}
    xs, targets = rng.normal(size=(6, 2)), rng.normal(size=6)

    def unrolled(f, state, xs):
        ys = []
        for x in xs:
            state, y = f(state, x)
            ys.append(y)
        return state, np.stack(ys)

    expected = grad(lambda p: lstm_loss(p, xs, targets, unrolled))(p)
    versions = {
        "plain": lstm_loss,
        "jit": fgrad.jit(lstm_loss),
        "checkpointed loop": lambda *args: lstm_loss(*args, loop=lambda f, s, xs: scan(f, s, xs, checkpoint=2)),
        "checkpointed cell": lambda *args: lstm_loss(*args, loop=lambda f, s, xs: scan(fgrad.checkpoint(f), s, xs)),
    }
    for name, loss in versions.items():
        got = grad(loss)(p, xs, targets)
        for k in p:
            np.testing.assert_allclose(got[k], expected[k], rtol=1e-11, atol=1e-14, err_msg=name)
    check_grads(lambda p: lstm_loss(p, xs, targets), (p,), order=2)
    # per-example gradients
    batch = rng.normal(size=(4, 6, 2))
    per_example = vmap(grad(lstm_loss), in_axes=(None, 0, None))(p, batch, targets)
    np.testing.assert_allclose(per_example["w"][2], grad(lstm_loss)(p, batch[2], targets)["w"], rtol=1e-11, atol=1e-14)
    mean = grad(lambda p: np.mean(vmap(lstm_loss, in_axes=(None, 0, None))(p, batch, targets)))(p)
    np.testing.assert_allclose(mean["w"], per_example["w"].mean(axis=0), rtol=1e-11, atol=1e-14)


def test_neural_turing_machine():
    """Content addressing, interpolation, shift, sharpening, erase and add: Graves, Wayne, Danihelka (2014), equations 3 to 9."""
    rng = np.random.default_rng(2)
    slots, width, hidden = 5, 3, 4
    p = {
        "controller": rng.normal(size=(hidden, 2 + width)) * 0.5,
        "key": rng.normal(size=(width, hidden)),
        "heads": rng.normal(size=(6, hidden)),
        "erase": rng.normal(size=(width, hidden)),
        "add": rng.normal(size=(width, hidden)),
    }
    xs = rng.normal(size=(4, 2))

    def softmax(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    def step(p, state, x):
        memory, weights, read = state
        h = np.tanh(p["controller"] @ np.concatenate([x, read]))
        key, controls = p["key"] @ h, p["heads"] @ h
        strength, gate, sharpness = np.log1p(np.exp(controls[0])), sigmoid(controls[1]), 1.0 + np.log1p(np.exp(controls[2]))
        shift = softmax(controls[3:])
        similarity = memory @ key / (np.linalg.norm(memory, axis=1) * np.linalg.norm(key) + 1e-8)
        w = gate * softmax(strength * similarity) + (1.0 - gate) * weights
        w = shift[0] * np.roll(w, -1) + shift[1] * w + shift[2] * np.roll(w, 1)
        w = w**sharpness
        w = w / np.sum(w)
        memory = memory * (1.0 - np.outer(w, sigmoid(p["erase"] @ h))) + np.outer(w, np.tanh(p["add"] @ h))
        read = w @ memory
        return (memory, w, read), read

    start = (rng.normal(size=(slots, width)), np.full(slots, 1.0 / slots), np.zeros(width))
    loss = lambda p, memory: np.sum(np.sin(scan(lambda s, x: step(p, s, x), (memory, *start[1:]), xs)[1]))

    def unrolled(p, memory):
        state, total = (memory, *start[1:]), 0.0
        for x in xs:
            state, read = step(p, state, x)
            total = total + np.sum(np.sin(read))
        return total

    got, expected = grad(loss, argnums=(0, 1))(p, start[0]), grad(unrolled, argnums=(0, 1))(p, start[0])
    for a, b in zip(fgrad.tree.leaves(got), fgrad.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)
    check_grads(loss, (p, start[0]), order=1)


# -- derivatives of algorithms that take derivatives


def test_meta_gradient():
    """The derivative of what gradient descent reaches in its step size and its start; for a quadratic it is known."""
    a = np.diag([1.0, 3.0])
    b = np.array([1.0, -2.0])
    objective = lambda x: 0.5 * x @ a @ x - b @ x

    def trained(rate, x, n=5):
        return objective(fgrad.fori_loop(0, n, lambda i, x: x - rate * grad(objective)(x), x))

    # x_n - x* = (I - rate A)^n (x_0 - x*)
    rate, x0 = 0.2, np.array([2.0, 2.0])
    best = np.linalg.solve(a, b)
    d = np.diag(a)
    gap = lambda rate: (1 - rate * d) ** 5 * (x0 - best)
    np.testing.assert_allclose(trained(rate, x0), objective(best) + 0.5 * np.sum(d * gap(rate) ** 2), rtol=1e-13)
    slope = np.sum(d * gap(rate) * 5 * (1 - rate * d) ** 4 * -d * (x0 - best))
    np.testing.assert_allclose(grad(trained)(rate, x0), slope, rtol=1e-12)
    np.testing.assert_allclose(grad(trained, argnums=1)(rate, x0), d * (1 - rate * d) ** 10 * (x0 - best), rtol=1e-12)
    check_grads(trained, (rate, x0), order=2)

    # to convergence, with a trip count that depends on the rate; and learning the rate by meta-gradient descent
    def until(rate):
        go_on = lambda v: (np.sum(grad(objective)(v[0]) ** 2) > 1e-4) & (v[1] < 200)
        return objective(while_loop(go_on, lambda v: (v[0] - rate * grad(objective)(v[0]), v[1] + 1), (x0, 0))[0])

    check_grads(until, (0.2,), order=2)
    rates = np.array([0.05, 0.2, 0.4])
    np.testing.assert_allclose(vmap(grad(until))(rates), [grad(until)(r) for r in rates], rtol=1e-11)
    learned, losses = scan(lambda r, _: (r - 0.005 * grad(trained)(r, x0), trained(r, x0)), 0.05, length=10)
    assert np.all(np.diff(losses) < 0.0) and learned > 0.05


def test_a_particle_in_a_potential():
    """How far it rolls, in a while loop; where to start so that it ends at a given place, by Newton's method, whose derivative is taken.

    The potential is x**2 / 2, so the motion is a rotation and everything is known.
    """
    potential = lambda x, stiffness: 0.5 * stiffness * x * x

    def end(x, stiffness, steps=200):
        """A while loop with a gradient in its body."""
        dt = 1.0 / steps

        def step(s):
            x, v, t = s
            v = v - 0.5 * dt * grad(potential)(x, stiffness)
            x = x + dt * v
            return x, v - 0.5 * dt * grad(potential)(x, stiffness), t + dt

        return while_loop(lambda s: s[2] < 1.0 - 0.5 * dt, step, (x, 0.0 * x, 0.0 * x))[0]

    def start(target, stiffness):
        def newton(s):
            x, _ = s
            miss = lambda x: end(x, stiffness) - target
            return x - miss(x) / grad(miss)(x), x

        return while_loop(lambda s: np.abs(s[0] - s[1]) > 1e-12, newton, (target, target + 1.0))[0]

    # x(1) = x(0) cos(sqrt(k))
    k, target = 0.8, 0.5
    exact = target / np.cos(np.sqrt(k))
    d_target = 1 / np.cos(np.sqrt(k))
    d_k = target * np.sin(np.sqrt(k)) / np.cos(np.sqrt(k)) ** 2 / (2 * np.sqrt(k))
    np.testing.assert_allclose(start(target, k), exact, rtol=1e-5)
    got = grad(start, argnums=(0, 1))(target, k)
    np.testing.assert_allclose(got, (d_target, d_k), rtol=1e-4)
    np.testing.assert_allclose(jvp(start, (target, k), (0.0, 1.0))[1], got[1], rtol=1e-10)
    np.testing.assert_allclose(fgrad.jit(vmap(start, in_axes=(0, None)))(np.array([0.5, -1.0]), k), [exact, -2 * exact], rtol=1e-5)
