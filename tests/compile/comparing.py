"""Whether two results are equal, up to what the order of roundings may do: random programs are not written to be well conditioned.

Where a result differs by more than the tolerance, the program is run by the interpreter with its roundings disturbed, and what then scatters as widely as
the results differ is no defect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad
from fgrad.core import tree
from fgrad.core.trace import EvalTrace, tracing

TOLERANCE = {"float64": 1e-6, "complex128": 1e-6, "float32": 1e-4, "complex64": 1e-4}
"""Programs round through float32 on their way, where the last bit of a float64 may decide. `test_jit_cases.py` compares function by function, to 1e-12."""
RUNS = 10


def difference(got: Any, want: Any, slack: Sequence[Any] | None = None) -> str | None:
    """How two results differ, None if they do not; `slack` says how far each entry may be off (for integers, whether it may be)."""
    g, w = tree.leaves(got), tree.leaves(want)
    if len(g) != len(w):
        return f"{len(g)} results, not {len(w)}"
    for k, (a, b) in enumerate(zip(g, w, strict=True)):
        a, b = np.asarray(a), np.asarray(b)
        if (a.dtype, a.shape) != (b.dtype, b.shape):
            return f"result {k} is {a.dtype}{list(a.shape)}, not {b.dtype}{list(b.shape)}"
        with np.errstate(all="ignore"):
            wrong = _wrong(a, b, None if slack is None else slack[k])
        if np.any(wrong):
            i = tuple(int(n) for n in np.argwhere(wrong)[0])
            return f"result {k}{list(i) if i else ''} is {a[i]!r}, not {b[i]!r}"
    return None


def _wrong(a: Any, b: Any, slack: Any) -> Any:
    if b.dtype.kind not in "fc":
        return a != b if slack is None else (a != b) & ~slack
    finite = np.isfinite(b)
    size = np.where(finite, np.abs(b), 0.0)
    tolerance = TOLERANCE[b.dtype.name] * (size + 1e-2 * np.max(size, initial=0.0) + 1e-3) + (0.0 if slack is None else slack)
    if b.dtype.kind == "c":  # infinities and NaN of complex numbers come in many forms
        same = ~np.isfinite(a)
    else:
        same = (a == b) | (np.isnan(a) & np.isnan(b))
    return ~np.where(finite, np.abs(a - b) <= tolerance, same) & np.isfinite(tolerance)


def finite(results: Any) -> bool:
    return all(np.all(np.isfinite(x)) for x in tree.leaves(results))


# -- roundings

MOVES = frozenset({
    "neg", "select", "concatenate", "transpose", "reshape", "broadcast", "slice", "pad", "reverse", "gather", "scatter", "conj", "real", "imag", "complex",
    "zeros", "full", "stop_gradient",
})  # fmt: skip
EXACT = MOVES | {
    "add", "sub", "mul", "div", "abs", "sign", "convert", "maximum", "minimum", "fmax", "fmin", "floor", "ceil", "trunc", "rint", "reduce_max", "reduce_min",
    "cummax", "cummin", "sort", "iota", "copysign",
}  # fmt: skip
"""Primitives that round nothing, or as the processor does; of complex numbers only what moves them."""


class Disturbed(EvalTrace):
    """Computes with roundings that are a little off."""

    __slots__ = ("exact", "rng")
    exact: frozenset[str]
    rng: np.random.Generator

    def __init__(self, seed: int, exact: frozenset[str]):
        super().__init__()
        self.rng, self.exact = np.random.default_rng(seed), exact

    def process(self, prim: Any, args: Any, params: dict[str, Any]) -> Any:
        out = super().process(prim, args, params)
        if prim.multi or not hasattr(out, "dtype") or out.dtype.kind not in "fc":
            return out
        of_complex = any(getattr(a, "dtype", out.dtype).kind == "c" for a in (out, *args))
        return out if prim.name in (MOVES if of_complex else self.exact) else self.off(out)

    def off(self, out: Any) -> Any:
        eps = np.finfo(out.dtype).eps
        return (out * (1 + eps * self.rng.integers(-4, 5, np.shape(out)))).astype(out.dtype)


def scattered(f: Callable, args: tuple, exact: frozenset[str] = EXACT) -> tuple[list[Any], list[Any]]:
    """The interpreted results of f (flat), and how far each entry moves when roundings are disturbed, but for those of `exact` primitives."""
    before, fgrad.config.compile = fgrad.config.compile, False
    try:
        with np.errstate(all="ignore"):
            closed, leaves = fgrad.make_jaxpr(f)(*args), tree.leaves(args)
            plain = [np.asarray(x) for x in closed(*leaves)]
            runs = []
            for k in range(RUNS):
                with tracing(Disturbed(k, exact)):
                    runs.append([np.asarray(x) for x in closed(*leaves)])
            return plain, [_movement(x, [r[k] for r in runs]) for k, x in enumerate(plain)]
    finally:
        fgrad.config.compile = before


def _movement(x: Any, ys: Sequence[Any]) -> Any:
    if x.dtype.kind not in "fc":
        return np.any([y != x for y in ys], axis=0)
    moved = np.max([np.abs(y - x) for y in ys], axis=0)
    # an entry in which all cancels may not move at all where its neighbours do
    moved = 30 * moved + 10 * np.max(moved[np.isfinite(moved)], initial=0.0)
    never_finite = ~np.isfinite(x) & np.all([~np.isfinite(y) for y in ys], axis=0)
    return np.where(never_finite, 0.0, np.where(np.isnan(moved), np.inf, moved))
