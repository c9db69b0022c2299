"""Nanoseconds per element of the vectorised mathematics, beside NumPy and SciPy, Numba's calls of the C library, JAX and PyTorch.

    python -m benchmarks.vmath [--json FILE] [--quick] [--only exp,log,...]

One thread on one core; the candidates take turns. 10^5 elements of moderate size: they stay in the cache. A loop is `out[i] = f(x[i])`; ratios are
the other's time over ours, so that above 1 ours is quicker.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special
from numba import njit

from benchmarks.timing import markdown, pin_to_one_core, side_by_side
from fgrad.kernels.intrinsics import prefer_512
from fgrad.kernels.vmath import FUNCTIONS

SIZE = 100_000
RANGES = {"arcsin": (-0.95, 0.95), "arccos": (-0.95, 0.95), "arctanh": (-0.95, 0.95), "arccosh": (1.05, 4.0)}
BINARY = ("pow", "hypot", "arctan2")
IN_SCIPY = {"sigmoid": "expit", "erf": "erf", "erfc": "erfc", "lgamma": "gammaln", "digamma": "digamma"}
IN_MATH = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
    "sigmoid": None, "digamma": None, "exp2": None, "cbrt": None, "pow": "pow",
}  # fmt: skip
IN_TORCH = {"lgamma": "lgamma", "cbrt": None}


def loop(f: Callable[..., Any], binary: bool, wide: bool = True) -> Any:
    widen = prefer_512 if wide else njit(lambda: None)
    if binary:

        @njit(error_model="numpy")
        def run(x, y, out):
            widen()
            for i in range(x.size):
                out[i] = f(x[i], y[i])

    else:

        @njit(error_model="numpy")
        def run(x, out):
            widen()
            for i in range(x.size):
                out[i] = f(x[i])

    return run


def rivals(name: str, xs: list[np.ndarray]) -> dict[str, Callable[[], Any]]:
    out = np.empty_like(xs[0])
    array = getattr(scipy.special, IN_SCIPY[name]) if name in IN_SCIPY else getattr(np, "power" if name == "pow" else name)
    found: dict[str, Callable[[], Any]] = {"numpy": lambda: array(*xs, out)}
    of_math = IN_MATH.get(name, name)
    if of_math:
        scalar = getattr(math, of_math)
        run = loop(njit(lambda x, y: scalar(x, y)) if name in BINARY else njit(lambda x: scalar(x)), name in BINARY, wide=False)
        found["libm"] = lambda: run(*xs, out)
    try:
        import jax
    except ImportError:
        pass
    else:
        places = (jax.numpy, jax.nn, jax.scipy.special)
        called = {"pow": "power", "lgamma": "gammaln"}.get(name, name)
        compiled = jax.jit(next(getattr(place, called) for place in places if hasattr(place, called)))
        js = [jax.numpy.asarray(x) for x in xs]
        found["jax"] = lambda: compiled(*js).block_until_ready()
    try:
        import torch
    except ImportError:
        pass
    else:
        function = getattr(torch, IN_TORCH.get(name, name) or "", None)
        if function:
            torch.set_num_threads(1)
            ts, result = [torch.from_numpy(x) for x in xs], torch.from_numpy(np.empty_like(xs[0]))
            found["torch"] = lambda: function(*ts, out=result)
    return found


def measure(name: str, dtype: np.dtype, rounds: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    low, high = RANGES.get(name, (0.1, 4.0))
    xs = [rng.uniform(low, high, SIZE).astype(dtype) for _ in range(2 if name in BINARY else 1)]
    out = np.empty_like(xs[0])
    run = loop(FUNCTIONS[name][dtype], name in BINARY)
    measured = side_by_side({"own": lambda: run(*xs, out)} | rivals(name, xs), rounds)
    return {who: 1e9 * m.minimum / SIZE for who, m in measured.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(FUNCTIONS))
    options = parser.parse_args()
    pin_to_one_core()
    report = {}
    for dtype in (np.dtype(np.float64), np.dtype(np.float32)):
        lines = []
        for name in options.only.split(","):
            times = measure(name, dtype, 5 if options.quick else 30)
            report[f"{name} {dtype}"] = times
            ratios = [f"{times[who] / times['own']:.1f}x" if who in times else "" for who in ("numpy", "libm", "jax", "torch")]
            lines.append((name, times["own"], *ratios))
        print(f"\n{dtype}\n\n" + markdown(("function", "ns", "NumPy/SciPy", "Numba libm", "JAX", "PyTorch"), lines), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
