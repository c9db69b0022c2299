"""How often `jacobian` and `hessian` choose the mode that is the fastest one measured.

    python -m benchmarks.modes            all functions, on one core
    python -m benchmarks.modes --quick    few rounds: whether it runs

Each function's Jacobian, or Hessian, is computed in every mode that returns an array (forward, reverse, compressed; the orders of a Hessian), results are
compared, and then the modes take turns. A choice counts where its mode is the fastest, or within 10 % of it: a smaller difference is in the noise.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.tables import Seconds, show
from benchmarks.timing import pin_to_one_core, side_by_side

NEAR = 1.10
MOST_BYTES = 2**30
"""A mode that would take more memory is not measured, and is no fastest one."""


@dataclass(frozen=True)
class Case:
    """A function and its argument."""

    name: str
    fun: Callable[[Any], Any]
    x: Any
    second: bool = False


def cases() -> list[Case]:
    import fgrad
    import fgrad.numpy as fnp

    rng = np.random.default_rng(0)
    draw = lambda *shape: rng.normal(size=shape)
    w1, w2, w3 = draw(20, 16) / 4, draw(16, 16) / 4, draw(16, 5) / 4
    network = lambda x: np.tanh(np.tanh(x @ w1) @ w2) @ w3
    images, labels = draw(30, 20), np.eye(5)[rng.integers(0, 5, 30)]

    def weights_loss(p: Any) -> Any:
        z = np.tanh(images @ p[:320].reshape(20, 16)) @ p[320:].reshape(16, 5)
        return np.sum(labels * (z - fnp.log(np.sum(np.exp(z), axis=1, keepdims=True))), axis=1)

    def heat(u: Any) -> Any:
        return np.concatenate([u[:1], u[2:] - 2.0 * u[1:-1] + u[:-2] + np.sin(u[1:-1]), u[-1:]])

    def brusselator(y: Any) -> Any:
        u, v = y[0], y[1]
        lap = lambda w: np.roll(w, 1, 0) + np.roll(w, -1, 0) + np.roll(w, 1, 1) + np.roll(w, -1, 1) - 4.0 * w
        return np.stack([1.0 + u * u * v - 4.4 * u + lap(u), 3.4 * u - u * u * v + lap(v)])

    def lorenz(p: Any) -> Any:
        def step(s: Any, _: Any) -> Any:
            d = np.stack([p[0] * (s[1] - s[0]), s[0] * (p[1] - s[2]) - s[1], s[0] * s[1] - p[2] * s[2]])
            return s + 0.01 * d, s

        return fgrad.scan(step, np.ones(3), None, length=50)[1]

    camera, point = rng.integers(0, 5, 200), rng.integers(0, 40, 200)

    def projections(p: Any) -> Any:
        c, q = p[:30].reshape(5, 6)[camera], p[30:].reshape(40, 3)[point]
        q = q + c[:, 3:] + np.cross(c[:, :3], q)
        return q[:, :2] / (q[:, 2:] ** 2 + 1.0)

    a = draw(12, 12) + 12 * np.eye(12)
    features, target = draw(200, 30), (draw(200) > 0).astype(float)

    def logistic(p: Any) -> Any:
        z = features @ p
        return np.sum(np.logaddexp(0.0, z) - target * z)

    rosenbrock = lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)
    mixture = lambda x: -np.sum(np.log(np.sum(np.exp(-0.5 * (features[:, :1] - x[:4]) ** 2 + x[4:]), axis=1)))
    surface = lambda u: np.sum(np.sqrt(1.0 + (u[1:, :-1] - u[:-1, :-1]) ** 2 + (u[:-1, 1:] - u[:-1, :-1]) ** 2))
    return [
        Case("one scalar to 1000", lambda t: np.sin(t * np.linspace(0, 1, 1000)), np.float64(0.3)),
        Case("1000 to one", lambda x: np.sum(np.sin(x) ** 2), draw(1000)),
        Case("elementwise, 10", np.tanh, draw(10)),
        Case("elementwise, 300", lambda x: np.tanh(x) * np.exp(-x * x), draw(300)),
        Case("elementwise, 3000", lambda x: np.tanh(x) * np.exp(-x * x), draw(3000)),
        Case("a layer, 16 to 20", lambda x: np.sin(w1 @ x), draw(16)),
        Case("3 to 500", lambda p: np.exp(-p[0] * np.linspace(0, 1, 500)) * p[1] + p[2], draw(3)),
        Case("500 to 3", lambda x: np.stack([np.sum(x), np.sum(x * x), np.prod(1.0 + 0.001 * x)]), draw(500)),
        Case("network, inputs of 30 images", network, images),
        Case("network, one image", network, draw(20)),
        Case("losses of 30 images by 400 weights", weights_loss, draw(400) / 4),
        Case("heat equation, 50", heat, draw(50)),
        Case("heat equation, 500", heat, draw(500)),
        Case("heat equation, 3000", heat, draw(3000)),
        Case("Brusselator, 2 × 8 × 8", brusselator, draw(2, 8, 8)),
        Case("Brusselator, 2 × 32 × 32", brusselator, draw(2, 32, 32)),
        Case("Lorenz, 50 steps by 3 parameters", lorenz, np.array([10.0, 28.0, 8 / 3])),
        Case("200 projections by 150 parameters", projections, draw(150)),
        Case("softmax of rows, 20 × 10", lambda x: np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True), draw(20, 10)),
        Case("softmax, 200", lambda x: np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))), draw(200)),
        Case("linear solve by the right-hand side", lambda b: np.linalg.solve(a, b * b), draw(12)),
        Case("linear solve by the matrix", lambda m: np.linalg.solve(m, np.ones(12)), a),
        Case("running sums, 200", lambda x: np.cumsum(np.exp(x)), draw(200)),
        Case("every fourth of 400", lambda x: np.sin(x)[::4] * x[1::4], draw(400)),
        Case("repeated, 40 to 400", lambda x: np.repeat(np.sin(x), 10) * np.arange(400.0), draw(40)),
        Case("gather, 100 to 1000", lambda x: np.sin(x)[np.arange(1000) * 7 % 100], draw(100)),
        Case("Rosenbrock, Hessian, 5", rosenbrock, draw(5), True),
        Case("Rosenbrock, Hessian, 100", rosenbrock, draw(100), True),
        Case("Rosenbrock, Hessian, 2000", rosenbrock, draw(2000), True),
        Case("logistic regression, Hessian, 30", logistic, draw(30) / 10, True),
        Case("mixture of normals, Hessian, 8", mixture, draw(8), True),
        Case("minimal surface, Hessian, 10 × 10", surface, draw(10, 10), True),
        Case("minimal surface, Hessian, 40 × 40", surface, draw(40, 40), True),
        Case("a quartic of one number, Hessian", lambda x: x**4 + np.sin(x), np.float64(0.7), True),
        Case("a function of two numbers, Hessian", lambda x: np.sin(x[0]) * np.exp(x[1]), draw(2), True),
    ]


@dataclass(frozen=True)
class Choice:
    """A case, its choice, and the seconds of each mode."""

    case: Case
    mode: str
    times: dict[str, float]

    @property
    def over_fastest(self) -> float:
        return self.times[self.mode] / min(self.times.values())


def measure(case: Case, rounds: int, seconds: float, longest: float) -> Choice:
    import fgrad

    derivative = fgrad.hessian if case.second else fgrad.jacobian
    modes = ("forward-over-reverse", "forward", "reverse", "compressed") if case.second else ("forward", "reverse", "compressed")
    expected = derivative(case.fun)(case.x)
    runs = {}
    for mode in modes:
        f = derivative(case.fun, mode=mode)
        if any(c.mode == mode and c.peak_bytes > MOST_BYTES for c in f.plan(case.x).costs):
            continue
        np.testing.assert_allclose(f(case.x), expected, rtol=1e-9, atol=1e-9, err_msg=f"{case.name}: {mode}")
        runs[mode] = lambda f=f: f(case.x)
    plan = derivative(case.fun).plan(case.x)
    if plan.mode not in runs:  # an order that has no name of its own
        chosen = derivative(case.fun)
        runs[plan.mode] = lambda: chosen(case.x)
    times = side_by_side(runs, rounds, seconds, longest)
    return Choice(case, plan.mode, {mode: t.minimum for mode, t in times.items()})


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.modes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds: whether it runs")
    quick = parser.parse_args().quick
    found = [measure(case, *((3, 0.001, 0.1) if quick else (60, 0.004, 2.0))) for case in cases()]
    modes = list(dict.fromkeys(mode for c in found for mode in c.times))
    lines = [[c.case.name, c.mode, *(Seconds(c.times[m]) if m in c.times else None for m in modes), c.over_fastest] for c in found]
    right, near = sum(c.over_fastest == 1 for c in found), sum(c.over_fastest <= NEAR for c in found)
    show(
        "The mode chosen",
        ["function", "choice", *modes, "choice over fastest"],
        lines,
        f"The choice is the fastest mode in {right} of {len(found)}, and within {NEAR - 1:.0%} of it in {near} of {len(found)}.",
    )


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    pin_to_one_core()
    main()
