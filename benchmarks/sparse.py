"""Sparse Jacobians and Hessians: how long they take beside the function itself, beside JAX's dense ones, and beside CasADi's sparse ones.

    python -m benchmarks.sparse            all problems, on one core
    python -m benchmarks.sparse --quick    small ones: whether it runs

A first call stages the function, finds the pattern, colours it and compiles the passes; later calls with arguments of the same types evaluate. "per
colour" is a later call over the time of the compiled function times the number of colours (a reverse pass counts twice). JAX and CasADi, if they are
installed, compute the same matrix of the same problem, JAX at a size whose dense matrix fits in memory; the matrices are compared.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.tables import Seconds, show
from benchmarks.timing import pin_to_one_core, side_by_side


@dataclass(frozen=True)
class Problem:
    """A function of one vector, written for any namespace with NumPy's functions; `size` is its scale, `small` one whose dense matrix fits in memory.

    make: (size, rng) -> (function of (namespace, x), x). casadi: (size, rng) -> (expression, variable, x), from the same draws; None: it is not written in it.
    """

    name: str
    size: int
    small: int
    make: Callable[[int, np.random.Generator], tuple[Callable[[Any, Any], Any], np.ndarray]]
    casadi: Callable[[int, np.random.Generator], tuple[Any, Any, np.ndarray]] | None = None
    second: bool = False


def relu(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    return lambda np, x: np.maximum(x, 0.0), rng.normal(size=n)


def heat(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    def f(np: Any, u: Any) -> Any:
        inside = u[2:] - 2.0 * u[1:-1] + u[:-2] + np.exp(-(u[1:-1] ** 2))
        return np.concatenate([u[:1] - 1.0, inside, u[-1:]])

    return f, rng.normal(size=n)


def heat_in_casadi(n: int, rng: np.random.Generator) -> tuple[Any, Any, np.ndarray]:
    import casadi as ca

    u = ca.SX.sym("u", n)
    inside = u[2:] - 2.0 * u[1:-1] + u[:-2] + ca.exp(-(u[1:-1] ** 2))
    return ca.vertcat(u[0] - 1.0, inside, u[-1]), u, rng.normal(size=n)


def brusselator(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    side = round((n / 2) ** 0.5)

    def laplacian(np: Any, w: Any) -> Any:
        return np.roll(w, 1, 0) + np.roll(w, -1, 0) + np.roll(w, 1, 1) + np.roll(w, -1, 1) - 4.0 * w

    def f(np: Any, y: Any) -> Any:
        u, v = y.reshape(2, side, side)
        du = 1.0 + u * u * v - 4.4 * u + 10.0 * laplacian(np, u)
        return np.stack([du, 3.4 * u - u * u * v + 10.0 * laplacian(np, v)]).reshape(-1)

    return f, rng.normal(size=2 * side * side)


def brusselator_in_casadi(n: int, rng: np.random.Generator) -> tuple[Any, Any, np.ndarray]:
    import casadi as ca

    side = round((n / 2) ** 0.5)
    y = ca.SX.sym("y", 2 * side * side)
    u, v = (
        ca.reshape(part, side, side) for part in (y[: side * side], y[side * side :])
    )  # by columns: the equations are symmetric in the axes
    back, on = list(range(-1, side - 1)), [*range(1, side), 0]
    laplacian = lambda w: w[back, :] + w[on, :] + w[:, back] + w[:, on] - 4.0 * w
    du, dv = 1.0 + u * u * v - 4.4 * u + 10.0 * laplacian(u), 3.4 * u - u * u * v + 10.0 * laplacian(v)
    return ca.vertcat(ca.vec(du), ca.vec(dv)), y, rng.normal(size=2 * side * side)


def bundle(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    """Reprojection errors of n observations: cameras of 9 numbers (rotation vector, translation, focal length, two distortions), points of 3."""
    cameras, points = max(n // 1000, 2), max(n // 5, 10)
    camera, point = rng.integers(0, cameras, n), rng.integers(0, points, n)
    seen = rng.normal(size=(n, 2))

    def f(np: Any, p: Any) -> Any:
        c = p[: 9 * cameras].reshape(cameras, 9)[camera]
        x, y, z = p[9 * cameras :].reshape(points, 3)[point].T
        a, b, d, tx, ty, tz, focal, k1, k2 = c.T
        # Rodrigues' formula
        angle2 = a * a + b * b + d * d + 1e-12
        angle = np.sqrt(angle2)
        cos, sin = np.cos(angle), np.sin(angle) / angle
        along = (1.0 - cos) * (a * x + b * y + d * z) / angle2
        qx = cos * x + sin * (b * z - d * y) + along * a + tx
        qy = cos * y + sin * (d * x - a * z) + along * b + ty
        qz = cos * z + sin * (a * y - b * x) + along * d + tz
        px, py = -qx / qz, -qy / qz
        r2 = px * px + py * py
        scale = focal * (1.0 + r2 * (k1 + k2 * r2))
        return np.stack([scale * px - seen[:, 0], scale * py - seen[:, 1]])

    x = rng.normal(size=9 * cameras + 3 * points) * 0.1
    x[5 : 9 * cameras : 9] += 5.0
    x[6 : 9 * cameras : 9] += 500.0
    return (lambda np, p: f(np, p).reshape(-1)), x


def rosenbrock(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    return lambda np, x: np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2), rng.normal(size=n)


def rosenbrock_in_casadi(n: int, rng: np.random.Generator) -> tuple[Any, Any, np.ndarray]:
    import casadi as ca

    x = ca.SX.sym("x", n)
    return ca.sum1(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2), x, rng.normal(size=n)


def surface(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    side = round(n**0.5)

    def f(np: Any, x: Any) -> Any:
        u = x.reshape(side, side)
        return np.sum(np.sqrt(1.0 + (u[1:, :-1] - u[:-1, :-1]) ** 2 + (u[:-1, 1:] - u[:-1, :-1]) ** 2))

    return f, rng.normal(size=side * side)


def arrow(n: int, rng: np.random.Generator) -> tuple[Callable, np.ndarray]:
    return lambda np, x: np.concatenate([np.sum(x**2).reshape(1), x[1:] ** 2 * x[0]]), rng.normal(size=n)


PROBLEMS = (
    Problem("ReLU of 100 × 4096", 409_600, 2000, relu),
    Problem("heat equation, a band", 100_000, 2000, heat, heat_in_casadi),
    Problem("Brusselator in two dimensions", 100_000, 1800, brusselator, brusselator_in_casadi),
    Problem("bundle adjustment, observations", 100_000, 1000, bundle),
    Problem("arrow: dense first row and column", 100_000, 2000, arrow),
    Problem("Rosenbrock, Hessian", 100_000, 2000, rosenbrock, rosenbrock_in_casadi, True),
    Problem("minimal surface, Hessian", 100_000, 1600, surface, None, True),
)


def ours(problem: Problem, size: int, effort: tuple) -> list[Any]:
    """A row of the first table."""
    import fgrad

    f, x = problem.make(size, np.random.default_rng(0))
    derivative = (fgrad.hessian if problem.second else fgrad.jacobian)(lambda x: f(np, x), mode="sparse")
    start = time.perf_counter()
    matrix = derivative(x)
    first = time.perf_counter() - start
    plain = fgrad.jit(lambda x: f(np, x))
    times = side_by_side({"matrix": lambda: derivative(x), "function": lambda: plain(x)}, *effort)
    coloring = derivative.plan(x).coloring
    colors = coloring.forward + 2 * coloring.reverse
    later, function = times["matrix"].minimum, times["function"].minimum
    shown = f"{matrix.shape[0]:,} × {matrix.shape[1]:,}"
    counted = f"{coloring.forward} + {coloring.reverse}" if coloring.reverse else f"{coloring.forward}"
    return [problem.name, shown, f"{matrix.nnz:,}", counted, Seconds(first), Seconds(later), Seconds(function), later / function / colors]


def beside_jax(problem: Problem, size: int, effort: tuple) -> list[Any]:
    """A row of the second table: the size, and JAX's dense matrix over our sparse one."""
    import jax
    import jax.numpy as jnp

    import fgrad

    jax.config.update("jax_enable_x64", True)
    f, x = problem.make(size, np.random.default_rng(0))
    derivative = (fgrad.hessian if problem.second else fgrad.jacobian)(lambda x: f(np, x), mode="sparse")
    theirs = jax.jit((jax.hessian if problem.second else jax.jacfwd)(lambda x: f(jnp, x)))
    np.testing.assert_allclose(derivative(x).toarray(), theirs(x), rtol=1e-8, atol=1e-8)
    times = side_by_side({"fgrad": lambda: derivative(x), "JAX": lambda: theirs(x).block_until_ready()}, *effort)
    mine, dense = times["fgrad"].minimum, times["JAX"].minimum
    return [problem.name, f"{x.size:,}", Seconds(mine), Seconds(dense), dense / mine]


def beside_casadi(problem: Problem, size: int, effort: tuple) -> list[Any]:
    """A row of the third table: CasADi's sparse matrix over ours, first and later calls."""
    import casadi as ca
    from scipy.sparse import csr_array

    import fgrad

    assert problem.casadi is not None
    start = time.perf_counter()
    out, variable, x = problem.casadi(size, np.random.default_rng(0))
    matrix = ca.hessian(out, variable)[0] if problem.second else ca.jacobian(out, variable)
    theirs = ca.Function("derivative", [variable], [matrix])
    found = theirs(x)
    their_first = time.perf_counter() - start
    f, _ = problem.make(size, np.random.default_rng(0))
    derivative = (fgrad.hessian if problem.second else fgrad.jacobian)(lambda x: f(np, x), mode="sparse")
    start = time.perf_counter()
    mine = derivative(x)
    my_first = time.perf_counter() - start
    difference = mine - csr_array(found.sparse())
    assert abs(difference).max() <= 1e-8 * abs(mine).max(), problem.name
    times = side_by_side({"fgrad": lambda: derivative(x), "CasADi": lambda: theirs(x)}, *effort)
    my_later, their_later = times["fgrad"].minimum, times["CasADi"].minimum
    return [problem.name, f"{x.size:,}", Seconds(my_first), their_first / my_first, Seconds(my_later), their_later / my_later]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sparse", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small problems, few rounds: whether it runs")
    quick = parser.parse_args().quick
    effort = (3, 0.001, 0.2) if quick else (60, 0.005, 8.0)
    size = lambda p: p.small if quick else p.size
    show(
        "Sparse derivatives",
        ["problem", "matrix", "entries", "colours", "first call", "later", "function", "per colour"],
        [ours(p, size(p), effort) for p in PROBLEMS],
        "Colours: of forward passes, and of reverse passes. A later call writes the matrix, 12 bytes an entry: of a cheap function that is the more.",
    )
    if importlib.util.find_spec("jax"):
        lines = [beside_jax(p, 100 if quick else p.small, effort) for p in PROBLEMS]
        show("Beside JAX's dense matrix", ["problem", "unknowns", "fgrad, sparse", "JAX, dense", "JAX over fgrad"], lines)
    if importlib.util.find_spec("casadi"):
        lines = [beside_casadi(p, size(p), effort) for p in PROBLEMS if p.casadi]
        show(
            "Beside CasADi's sparse matrix",
            ["problem", "unknowns", "first call", "CasADi over fgrad", "later call", "CasADi over fgrad, later"],
            lines,
            "CasADi's first call builds the graph, its derivative and a function of its virtual machine, and evaluates it.",
        )


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    pin_to_one_core()
    main()
