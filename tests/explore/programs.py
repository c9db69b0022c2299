"""Functions that the figures are tested on."""

from __future__ import annotations

import numpy as np

import fgrad

RNG = np.random.default_rng(7)


def lecture(x, y, z):
    q = x + y
    return q * z


def neuron(w, x):
    return 1 / (1 + np.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))


NEURON = ((2.0, -3.0, -3.0), (-1.0, -2.0))


def network(params, x, y):
    h = x
    for i, (w, b) in enumerate(params):
        with fgrad.name(f"layer{i + 1}"):
            h = np.tanh(h @ w + b)
    with fgrad.name("loss"):
        return np.mean((h - y) ** 2)


PARAMS = [(RNG.normal(size=(4, 8)), RNG.normal(size=8)), (RNG.normal(size=(8, 3)), RNG.normal(size=3))]
DATA = (RNG.normal(size=(5, 4)), RNG.normal(size=(5, 3)))


def newton(a):
    root = fgrad.while_loop(lambda x: abs(x * x - a) > 1e-9 * a, lambda x: 0.5 * (x + a / x), a)
    return np.log(root)


def recurrent(w, xs):
    def step(h, x):
        h = np.tanh(w * h + x)
        return h, h**2

    h, ys = fgrad.scan(step, 0.1 * w, xs)
    return h + np.sum(ys)


def backward_scan(w, xs):
    return np.sum(fgrad.scan(lambda c, x: (c * x, np.sin(c * w)), w, xs, reverse=True)[1])


def branches(x):
    y = fgrad.cond(x > 0, lambda x: np.sin(x) * x, lambda x: -x, x)
    return fgrad.jit(lambda y: y**2 + 1)(y)


def nested(x):
    def outer(c, t):
        inner = fgrad.while_loop(lambda u: u[0] < t, lambda u: (u[0] + 1.0, u[1] * 1.5), (0.0, c))[1]
        return fgrad.cond(inner > 3.0, lambda v: v / 2, lambda v: np.sin(v), inner), inner

    c, ys = fgrad.scan(outer, x, np.array([1.0, 3.0, 2.0]))
    return c + np.sum(ys)


def checkpointed(x):
    return (
        fgrad.checkpoint(lambda x: np.sum(np.exp(np.sin(x))))(x) + fgrad.scan(lambda c, t: (np.sin(c) * t, None), 1.0, x, checkpoint=2)[0]
    )


def many_outputs(x):
    sign, log = np.linalg.slogdet(x)
    return {"log": log * 2, "sums": np.sum(x, axis=0), "sign": sign}


def many(n):
    """A function of about n equations."""

    def chain(x, w):
        h = x
        for _ in range(n // 4):
            a = h * w
            b = np.sin(a)
            h = b + 0.5 * h
        return np.sum(h)

    return chain


CASES = [
    (lecture, (-2.0, 5.0, -4.0)),
    (neuron, NEURON),
    (network, (PARAMS, *DATA)),
    (newton, (9.0,)),
    (recurrent, (0.5, np.array([0.1, -0.2, 0.3]))),
    (backward_scan, (0.5, np.array([0.1, -0.2, 0.3]))),
    (branches, (1.5,)),
    (branches, (-1.5,)),
    (nested, (0.7,)),
    (checkpointed, (np.array([0.3, -0.4, 0.5, 0.1]),)),
    (many(160), (0.3, 1.1)),
]
IDS = [f"{f.__name__}{i}" for i, (f, _) in enumerate(CASES)]
