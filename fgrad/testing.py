"""Derivatives against numbers: `check_grads` compares forward and reverse mode of a function with finite differences and with each other.

For the tests of anyone who writes a derivative rule (`custom_jvp`, `custom_vjp`), or who doubts one. Stands on the public transformations.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.api.derivatives import jvp, vjp
from fgrad.api.flat import flatten_args
from fgrad.core import tree
from fgrad.core.avals import float0, is_inexact, typeof
from fgrad.core.errors import ArgumentError, FgradError
from fgrad.core.source import function_name

_MODES = {"fwd": "forward mode", "rev": "reverse mode"}
_MAX_PROBES = 400  # entries examined one by one to say which is wrong


class GradientError(FgradError, AssertionError):
    """A derivative that is not what finite differences, or the other mode, say it is."""


def numerical_jvp(fun: Callable, primals: Sequence[Any], tangents: Sequence[Any], eps: float | None = None) -> Any:
    """The directional derivative of a function by central differences: (f(x + eps t) - f(x - eps t)) / (2 eps).

    Args:
        fun: a function of arrays or pytrees; it is called twice, on arrays, and not traced.
        primals: a tuple of its arguments.
        tangents: a tuple like primals. Entries for integers and booleans are ignored.
        eps: the step; by default the cube root of the coarsest dtype's precision (6e-6 for float64).

    Returns:
        The pytree of the output; float0 zeros for its integers and booleans.

    Example:
        >>> import fgrad.testing, numpy as np
        >>> round(float(fgrad.testing.numerical_jvp(np.sin, (0.0,), (1.0,))), 6)
        1.0
    """
    leaves, treedef = flatten_args(tuple(primals), "numerical_jvp: the primal")
    ts = [np.asarray(t) for t in tree.flatten_like(treedef, tuple(tangents), "numerical_jvp: primals and tangents")]
    eps = _default_eps(leaves) if eps is None else eps

    def at(step: float) -> Any:
        moved = [_moved(x, t, step) if is_inexact(x.dtype) else x for x, t in zip(leaves, ts, strict=True)]
        return fun(*tree.unflatten(treedef, moved))

    return tree.map(lambda a, b: _slope(a, b, eps), at(eps), at(-eps))


def check_grads(
    f: Callable,
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: float | None = None,
    rtol: float | None = None,
    eps: float | None = None,
    seed: int = 0,
) -> None:
    """Checks the derivatives of a function at a point, in both modes and to the given order, in random directions.

    Forward mode is compared with central differences. Reverse mode is compared with them too, and with forward mode by the adjoint identity
    Re<ct, J t> = Re<J^T ct, t>, <a, b> being sum(a * b). For order 2 the derivatives are themselves checked as functions of the point, in
    both modes again: forward over forward, reverse over forward, forward over reverse, reverse over reverse.

    Args:
        f: a function of arrays or pytrees, smooth at the point. Integers and booleans among its arguments and outputs are skipped.
        args: a tuple of its arguments.
        order: the highest derivative that is checked.
        modes: "fwd" and "rev", or one of them (("rev",) for a function with custom_vjp).
        atol, rtol: tolerance of the comparisons with finite differences, rtol relative to the largest entry; by default the square root
            of the precision of the coarsest dtype times 100 (1.5e-6 for float64, 3e-2 for float32).
        eps: the step of the finite differences; by default the cube root of that precision.
        seed: of the random directions.

    Raises:
        GradientError: (an AssertionError) naming the mode, the order, the argument and its entry that disagrees most, and both numbers.

    Example:
        >>> import fgrad, fgrad.testing, numpy as np
        >>> fgrad.testing.check_grads(lambda p: np.sum(np.tanh(p["w"]) * p["b"]), ({"w": np.ones(3), "b": 2.0},))
        >>> @fgrad.custom_jvp
        ... def cube(x):
        ...     return x**3
        >>> cube.defjvps(lambda t, out, x: t * 2 * x**2)
        >>> fgrad.testing.check_grads(cube, (np.array([1.0, 2.0]),))
        Traceback (most recent call last):
        ...
        fgrad.testing.GradientError: forward mode of cube is wrong (order 1)
          ...
    """
    modes = (modes,) if isinstance(modes, str) else tuple(modes)
    if not set(modes) <= set(_MODES) or not modes:
        raise ArgumentError(f"check_grads: modes are 'fwd' and 'rev', not {modes!r}")
    leaves, treedef = flatten_args(tuple(args), "check_grads: the argument")
    active = [is_inexact(x.dtype) for x in leaves]
    paths = [f"args{p}" for p, m in zip(tree.paths(treedef), active, strict=True) if m]
    xs = [x for x, m in zip(leaves, active, strict=True) if m]
    if not xs:
        raise ArgumentError("check_grads: no argument is floating point", "Integers and booleans have no derivatives.")
    out_paths: list[str] = []

    def flat(*some: Any) -> list:
        given = iter(some)
        out = f(*tree.unflatten(treedef, [next(given) if m else x for x, m in zip(leaves, active, strict=True)]))
        outs, out_tree = tree.flatten(out)
        outs = [tree.canonical_leaf(o, f"the output of {function_name(f)}") for o in outs]
        floating = [is_inexact(o.dtype) for o in outs]
        out_paths[:] = [f"output{p}" for p, m in zip(tree.paths(out_tree), floating, strict=True) if m]
        return [o for o, m in zip(outs, floating, strict=True) if m]

    precision = _precision(xs + flat(*xs))
    tol = 100 * precision**0.5
    checker = _Checker(
        function_name(f), modes, tol if atol is None else atol, tol if rtol is None else rtol, precision ** (1 / 3) if eps is None else eps,
        10 * precision**0.5, np.random.default_rng(seed),
    )  # fmt: skip
    checker.check(flat, xs, paths, out_paths, order, ())


@dataclass(frozen=True)
class _Checker:
    """The comparisons, on functions of flat floating point arrays that return lists of them."""

    name: str
    modes: tuple[str, ...]
    atol: float
    rtol: float
    eps: float
    adjoint_tol: float
    rng: np.random.Generator

    def check(self, f: Callable, xs: list, paths: list[str], out_paths: list[str], order: int, before: tuple[str, ...]) -> None:
        if order < 1:
            return
        ts = [self.direction(x) for x in xs]
        numerical = self.numerical(f, xs, ts)
        forward = None
        if "fwd" in self.modes:
            forward = self.check_forward(f, xs, ts, numerical, paths, out_paths, before)
            self.check(lambda *xs: jvp(f, xs, tuple(ts))[1], xs, paths, out_paths, order - 1, (*before, "fwd"))
        if "rev" in self.modes:
            cts = [self.direction(o) for o in f(*xs)]
            self.check_reverse(f, xs, ts, cts, numerical, forward, paths, before)
            self.check(lambda *xs: list(vjp(f, *xs)[1](cts)), xs, paths, [f"gradient of {p}" for p in paths], order - 1, (*before, "rev"))

    def check_forward(
        self, f: Callable, xs: list, ts: list, numerical: list, paths: list[str], out_paths: list[str], before: tuple
    ) -> list:
        outs, touts = jvp(f, tuple(xs), tuple(ts))
        self.same_value(f(*xs), outs, "fwd", before)
        if all(self.close(a, b) for a, b in zip(touts, numerical, strict=True)):
            return touts
        worst = _Worst()
        for leaf, index, unit in self.probes(xs):
            got, want = jvp(f, tuple(xs), tuple(unit))[1], self.numerical(f, xs, unit)
            for path, a, b in zip(out_paths, got, want, strict=True):
                worst.see(a, b, lambda at, path=path, leaf=leaf, index=index: f"d {path}{_at(at)} / d {paths[leaf]}{_at(index)}")
        raise self.error("fwd", before, worst, "forward mode", "finite differences")

    def check_reverse(
        self, f: Callable, xs: list, ts: list, cts: list, numerical: list, forward: list | None, paths: list[str], before: tuple
    ) -> None:
        outs, pull = vjp(f, *xs)
        self.same_value(f(*xs), outs, "rev", before)
        grads = list(pull(cts))
        backward, scale = _inner(grads, ts), _inner_abs(grads, ts)

        def agree(touts: list, atol: float, rtol: float) -> bool:
            return bool(abs(_inner(cts, touts) - backward) <= atol + rtol * (scale + _inner_abs(cts, touts)))

        if not agree(numerical, self.atol, self.rtol):
            worst = _Worst()
            for leaf, index, unit in self.probes(xs):
                want = _inner(cts, self.numerical(f, xs, unit))
                worst.see(_inner(grads, unit), want, lambda _, leaf=leaf, index=index: f"d <ct, output> / d {paths[leaf]}{_at(index)}")
            raise self.error("rev", before, worst, "reverse mode", "finite differences")
        if forward is not None and not agree(forward, 1e-3 * self.adjoint_tol, self.adjoint_tol):
            worst = _Worst()
            for leaf, index, unit in self.probes(xs):
                want = _inner(cts, jvp(f, tuple(xs), tuple(unit))[1])
                worst.see(_inner(grads, unit), want, lambda _, leaf=leaf, index=index: f"d <ct, output> / d {paths[leaf]}{_at(index)}")
            raise self.error("rev", before, worst, "reverse mode", "forward mode")

    # -- parts of these

    def direction(self, x: Any) -> Any:
        t = self.rng.normal(size=x.shape)
        if x.dtype.kind == "c":
            t = t + 1j * self.rng.normal(size=x.shape)
        return np.asarray(t).astype(x.dtype)[()]

    def probes(self, xs: list) -> Iterator[tuple[int, tuple[int, ...], list]]:
        """Unit directions, one entry at a time: (which argument, which entry, the direction). Complex entries have two."""
        places = [(i, k) for i, x in enumerate(xs) for k in np.ndindex(x.shape)]
        if len(places) > _MAX_PROBES:
            places = [places[j] for j in np.sort(self.rng.choice(len(places), _MAX_PROBES, replace=False))]
        for i, k in places:
            for unit in (1, 1j) if xs[i].dtype.kind == "c" else (1,):
                direction = [np.zeros(x.shape, x.dtype) for x in xs]
                direction[i][k] = unit
                yield i, k, [d[()] for d in direction]

    def numerical(self, f: Callable, xs: list, ts: list) -> list:
        return numerical_jvp(f, xs, ts, self.eps)

    def close(self, a: Any, b: Any) -> bool:
        return _gap(a, b) <= self.atol + self.rtol * float(np.max(np.abs(b), initial=0.0))

    def same_value(self, plain: list, traced: list, mode: str, before: tuple) -> None:
        for a, b in zip(plain, traced, strict=True):
            if typeof(a) != typeof(b) or not np.allclose(a, b, self.rtol, self.atol, equal_nan=True):
                raise GradientError(
                    f"{self.what(mode, before)}: the function has another value when it is traced",
                    f"not traced: {a!r}",
                    f"traced:     {b!r}",
                )

    def what(self, mode: str, before: tuple[str, ...]) -> str:
        over = "".join(f" over {_MODES[m]}" for m in reversed(before))
        return f"{_MODES[mode]}{over} of {self.name} is wrong (order {len(before) + 1})"

    def error(self, mode: str, before: tuple, worst: _Worst, first: str, second: str) -> GradientError:
        width = max(len(first), len(second)) + 1
        return GradientError(
            self.what(mode, before),
            f"the largest difference is in {worst.where()}",
            f"{first + ':':{width}} {worst.got!s}",
            f"{second + ':':{width}} {worst.want!s}",
            "Several entries together disagree, though each alone is within tolerance."
            if worst.gap <= self.atol + self.rtol * abs(worst.want)
            else "",
        )


class _Worst:
    """The pair of numbers that differs most of those seen."""

    gap, got, want = -1.0, 0.0, 0.0

    def see(self, got: Any, want: Any, where: Callable[[tuple], str]) -> None:
        gaps = np.asarray(_gaps(got, want))
        if gaps.size and gaps.max() > self.gap:
            at = tuple(int(i) for i in np.unravel_index(int(gaps.argmax()), gaps.shape))
            self.gap, self.got, self.want, self.name = float(gaps[at]), np.asarray(got)[at], np.asarray(want)[at], where(at)

    def where(self) -> str:
        return getattr(self, "name", "no entry: there are none")


def _precision(xs: Sequence[Any]) -> float:
    """The relative precision of the coarsest dtype."""
    return max(float(np.finfo(x.dtype).eps) for x in xs)


def _default_eps(leaves: Sequence[Any]) -> float:
    floating = [x for x in leaves if is_inexact(x.dtype)]
    return _precision(floating) ** (1 / 3) if floating else 0.0


def _moved(x: Any, t: Any, step: float) -> Any:
    return np.asarray(x + x.real.dtype.type(step) * t).astype(x.dtype, copy=False)[()]


def _slope(a: Any, b: Any, eps: float) -> Any:
    a, b = np.asarray(a), np.asarray(b)
    if not is_inexact(a.dtype):
        return np.zeros(a.shape, float0)
    return ((a - b) / a.real.dtype.type(2 * eps)).astype(a.dtype)[()]


def _gaps(a: Any, b: Any) -> Any:
    """Absolute differences; a NaN in either is infinitely wrong."""
    gaps = np.abs(np.subtract(a, b))
    return np.where(np.isnan(gaps), np.inf, gaps)


def _gap(a: Any, b: Any) -> float:
    return float(np.max(_gaps(a, b), initial=0.0))


def _inner(xs: Sequence[Any], ys: Sequence[Any]) -> float:
    """Re sum(x * y): bilinear, as cotangents pair with tangents."""
    return float(sum(np.sum(np.real(np.multiply(x, y)), dtype=np.float64) for x, y in zip(xs, ys, strict=True)))


def _inner_abs(xs: Sequence[Any], ys: Sequence[Any]) -> float:
    return float(sum(np.sum(np.abs(np.multiply(x, y)), dtype=np.float64) for x, y in zip(xs, ys, strict=True)))


def _at(index: Sequence[int]) -> str:
    return f"[{', '.join(map(str, itertools.chain(index)))}]" if index else ""


__all__ = ["GradientError", "check_grads", "numerical_jvp"]
