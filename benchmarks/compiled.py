"""Compiled programs: value and gradient of array programs in one `jit`, beside JAX's jit and eager fgrad.

    python -m benchmarks.compiled [--json FILE]

One process, one core, the candidates taking turns (`timing.py`); times are the shortest of many rounds. Results are compared before anything
is timed. First calls are measured with an empty kernel cache. Loops are in `benchmarks.control_flow`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import fgrad
from benchmarks.eager import machine
from benchmarks.timing import pin_to_one_core, side_by_side
from fgrad.core import tree
from fgrad.scipy import special

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Workload:
    """A scalar function written over a namespace with `np`, `erf`; derivatives in its first argument."""

    name: str
    text: Callable[[Any], Callable]
    args: tuple


def black_scholes(m: Any) -> Callable:
    def price(spot_and_volatility: Any, strike: Any, maturity: Any) -> Any:
        s, v = spot_and_volatility
        a = (m.np.log(s / strike) + (0.03 + 0.5 * v * v) * maturity) / (v * m.np.sqrt(maturity))
        b = a - v * m.np.sqrt(maturity)
        cdf = lambda x: 0.5 * (1.0 + m.erf(x / math.sqrt(2.0)))
        return m.np.sum(s * cdf(a) - strike * m.np.exp(-0.03 * maturity) * cdf(b))

    return price


def rosenbrock(m: Any) -> Callable:
    return lambda x: m.np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def logistic_regression(m: Any) -> Callable:
    return lambda w, x, y: m.np.mean(m.np.logaddexp(0.0, -y * (x @ w))) + 0.01 * m.np.sum(w * w)


def rbf_kernel(m: Any) -> Callable:
    return lambda x, y: m.np.sum(m.np.exp(-0.5 * m.np.sum((x[:, None, :] - y[None, :, :]) ** 2, axis=-1)))


def mixture(m: Any) -> Callable:
    """Log likelihood of a mixture of Gaussians with diagonal covariance."""

    def log_likelihood(p: Any, x: Any) -> Any:
        z = (x[:, None, :] - p["mean"]) * m.np.exp(-p["scale"])
        logs = -0.5 * m.np.sum(z * z, axis=-1) - m.np.sum(p["scale"], axis=-1) + p["weight"]
        top = m.np.max(logs, axis=1, keepdims=True)
        return m.np.sum(m.np.log(m.np.sum(m.np.exp(logs - top), axis=1)) + top[:, 0])

    return log_likelihood


def network(m: Any) -> Callable:
    def loss(p: Any, x: Any, y: Any) -> Any:
        h = m.np.tanh(x @ p["w1"] + p["b1"])
        h = m.np.tanh(h @ p["w2"] + p["b2"])
        z = h @ p["w3"] + p["b3"]
        z = z - m.np.max(z, axis=1, keepdims=True)
        return -m.np.mean(m.np.sum((z - m.np.log(m.np.sum(m.np.exp(z), axis=1, keepdims=True))) * y, axis=1))

    return loss


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape)


def workloads() -> Iterator[Workload]:
    n = 10**6
    options = (RNG.uniform(50, 150, n), RNG.uniform(0.1, 0.5, n)), RNG.uniform(50, 150, n), RNG.uniform(0.1, 2, n)
    yield Workload("Black-Scholes, 10⁶ options", black_scholes, options)
    yield Workload("Rosenbrock, 10³", rosenbrock, (normal(1000),))
    yield Workload("Rosenbrock, 10⁶", rosenbrock, (normal(10**6),))
    yield Workload("logistic regression, 10⁴ × 50", logistic_regression, (normal(50), normal(10**4, 50), np.sign(normal(10**4))))
    yield Workload("RBF kernel, 400 × 400", rbf_kernel, (normal(400, 3), normal(400, 3)))
    yield Workload(
        "mixture, 2000 × 10 × 8", mixture, ({"mean": normal(10, 8), "scale": 0.1 * normal(10, 8), "weight": normal(10)}, normal(2000, 8))
    )
    sizes = (784, 256, 128, 10)
    params = {f"w{k + 1}": normal(a, b) / math.sqrt(a) for k, (a, b) in enumerate(pairwise(sizes))}
    params |= {f"b{k + 1}": np.zeros(b) for k, b in enumerate(sizes[1:])}
    yield Workload("network 784-256-128-10, batch 128", network, (params, normal(128, 784), np.eye(10)[RNG.integers(0, 10, 128)]))
    small = {f"p{k}": normal(3) for k in range(10)}
    yield Workload("ten small arrays in a dict", lambda m: lambda p: sum(m.np.sum(m.np.sin(v) * v) for v in p.values()), (small,))


@dataclass(frozen=True)
class Row:
    """Milliseconds of value and gradient; above 1, `jax` and `eager` are slower than compiled fgrad. Seconds of the first calls."""

    workload: str
    milliseconds: float
    jax: float | None
    eager: float
    first_call: float
    jax_first_call: float | None


def first(f: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    out = f()
    return out, time.perf_counter() - start


def measure(w: Workload, jax: Any) -> Row:
    ours = fgrad.value_and_grad(w.text(SimpleNamespace(np=fgrad.numpy, erf=special.erf)))
    compiled = fgrad.jit(ours)
    found, started = first(lambda: compiled(*w.args))
    candidates: dict[str, Callable[[], Any]] = {"fgrad": lambda: compiled(*w.args), "eager": lambda: ours(*w.args)}
    jax_started = None
    if jax is not None:
        theirs = jax.jit(jax.value_and_grad(w.text(SimpleNamespace(np=jax.numpy, erf=jax.scipy.special.erf))))
        args = jax.tree.map(jax.numpy.asarray, w.args)
        expected, jax_started = first(lambda: jax.block_until_ready(theirs(*args)))
        for a, b in zip(tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8)
        candidates["jax"] = lambda: jax.block_until_ready(theirs(*args))
    times = side_by_side(candidates, rounds=15, seconds=0.01)
    ours_time = times["fgrad"].minimum
    over = lambda name: times[name].minimum / ours_time if name in times else None
    return Row(w.name, 1e3 * ours_time, over("jax"), times["eager"].minimum / ours_time, started, jax_started)


def load_jax() -> Any:
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    try:
        import jax
    except ImportError:
        print("JAX is not installed: its column is empty")
        return None
    jax.config.update("jax_enable_x64", True)
    return jax


def table(rows: list[Row]) -> str:
    number = lambda x, digits: "–" if x is None else f"{x:.{digits}f}"
    lines = [
        "| value and gradient, float64 | fgrad ms | JAX, jit | fgrad, eager | first call s | JAX's |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for r in rows:
        cells = (number(r.milliseconds, 3), number(r.jax, 2), number(r.eager, 1), number(r.first_call, 2), number(r.jax_first_call, 2))
        lines.append(f"| {r.workload} | {' | '.join(cells)} |")
    ratios = [r.jax for r in rows if r.jax is not None]
    if ratios:
        lines.append(f"| geometric mean | | {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f} | | | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    pin_to_one_core()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FGRAD_CACHE_DIR"] = folder
        jax = load_jax()
        rows = [measure(w, jax) for w in workloads()]
    print(f"{machine()}; times of JAX and of eager fgrad over compiled fgrad's (above 1: slower)\n")
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(r) for r in rows], indent=1))


if __name__ == "__main__":
    main()
