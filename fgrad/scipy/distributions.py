"""Distributions as objects with SciPy's methods: on untraced arguments SciPy's own answer, on traced ones the formulas that a row of `stats` gives."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Callable
from typing import Any

import fgrad.numpy as fnp
from fgrad.core.errors import ArgumentError
from fgrad.numpy.protocol import has_tracer

Formula = Callable[..., Any]


def scipy_stats(name: str) -> Any:
    return getattr(importlib.import_module("scipy.stats"), name)


class _Distribution:
    """What continuous and discrete ones share: SciPy's own methods where nothing is traced, arguments by position or by name.

    `shapes` are the names of the shape parameters, as SciPy's; `valid` says where they are parameters of a distribution.
    """

    def __init__(self, name: str, shapes: str, extra: tuple[str, ...], valid: Formula | None):
        self.name, self.shapes, self._valid = name, tuple(shapes.split()), valid or (lambda *shapes: True)
        names = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in ("x", *self.shapes)]
        defaults = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=float(n == "scale")) for n in extra]
        self._signature = inspect.Signature(names + defaults)

    def __repr__(self) -> str:
        return f"fgrad.scipy.stats.{self.name}"

    def _arguments(self, method: str, args: tuple, kwargs: dict[str, Any]) -> list[Any] | None:
        """The arguments in order, of floating point; None: nothing is traced."""
        if not has_tracer((*args, *kwargs.values())):
            return None
        if "k" in kwargs:
            kwargs = {"x" if n == "k" else n: v for n, v in kwargs.items()}
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as err:
            raise ArgumentError(f"{self.name}.{method}: {err}", f"Its arguments are {self._signature}.") from None
        bound.apply_defaults()
        return list(bound.arguments.values())

    def _own(self, method: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        return getattr(scipy_stats(self.name), method)(*args, **kwargs)


def _method(name: str, compute: Callable[..., Any], what: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        xs = self._arguments(name, args, kwargs)
        return self._own(name, args, kwargs) if xs is None else compute(self, *xs)

    method.__name__, method.__doc__ = name, f"{what}, at x, of the shape that the arguments broadcast to."
    return method


class Continuous(_Distribution):
    """A continuous distribution: `logpdf`, `pdf`, `cdf`, `sf`, `logcdf`, `logsf` of (x, *shapes, loc=0, scale=1).

    low, high: the support of z, numbers or functions of the shapes; `within`: a point of it.
    log_density, cdf, sf: functions of (z, *shapes), of z inside of the support; sf is 1 - cdf if it is not given.
    """

    def __init__(
        self, name: str, shapes: str, low: Any, high: Any, within: Any, log_density: Formula, cdf: Formula, sf: Formula | None = None,
        valid: Formula | None = None, log_cdf: Formula | None = None, log_sf: Formula | None = None,
    ):  # fmt: skip
        super().__init__(name, shapes, ("loc", "scale"), valid)
        self._low, self._high, self._within = low, high, within
        self._log_density, self._cdf, self._sf = log_density, cdf, sf or (lambda *zs: 1 - cdf(*zs))
        self._log_cdf, self._log_sf = log_cdf or (lambda *zs: fnp.log(cdf(*zs))), log_sf or (lambda *zs: fnp.log(self._sf(*zs)))

    def _at(self, formula: Formula, below: float, above: float, x: Any, *rest: Any) -> Any:
        """The formula inside of the support, and what is below and above of it; NaN for parameters out of range."""
        *shapes, loc, scale = rest
        z = (x - loc) / scale
        low, high = (end(*shapes) if callable(end) else end for end in (self._low, self._high))
        under, over = z < low, z > high
        # outside, the formula is computed at another point: where() would multiply its infinite slope with zero
        at = fnp.where(under | over, self._within if not callable(self._within) else self._within(*shapes), z)
        out = fnp.where(under, below, fnp.where(over, above, formula(at, *shapes)))
        return fnp.where((scale > 0) & self._valid(*shapes), out, math.nan)

    def _log_of_density(self, x: Any, *rest: Any) -> Any:
        return self._at(self._log_density, -math.inf, -math.inf, x, *rest) - fnp.log(rest[-1])

    logpdf = _method("logpdf", _log_of_density, "The logarithm of the density")
    pdf = _method("pdf", lambda self, *xs: fnp.exp(self._log_of_density(*xs)), "The density")
    cdf = _method("cdf", lambda self, *xs: self._at(self._cdf, 0.0, 1.0, *xs), "The probability of at most x")
    sf = _method("sf", lambda self, *xs: self._at(self._sf, 1.0, 0.0, *xs), "The probability of more than x")
    logcdf = _method("logcdf", lambda self, *xs: self._at(self._log_cdf, -math.inf, 0.0, *xs), "The logarithm of cdf")
    logsf = _method("logsf", lambda self, *xs: self._at(self._log_sf, 0.0, -math.inf, *xs), "The logarithm of sf")


class Discrete(_Distribution):
    """A distribution of whole numbers: `logpmf`, `pmf`, `cdf`, `sf` of (k, *shapes, loc=0)."""

    def __init__(
        self, name: str, shapes: str, low: float, high: Any, log_mass: Formula, cdf: Formula, sf: Formula, valid: Formula | None = None
    ):
        super().__init__(name, shapes, ("loc",), valid)
        self._low, self._high, self._log_mass, self._cdf, self._sf = low, high, log_mass, cdf, sf

    def _at(self, formula: Formula, below: float, above: float, x: Any, *rest: Any) -> Any:
        *shapes, loc = rest
        k = fnp.floor(x - loc)
        high = self._high(*shapes) if callable(self._high) else self._high
        under, over = k < self._low, k > high
        out = fnp.where(under, below, fnp.where(over, above, formula(fnp.where(under | over, self._low, k), *shapes)))
        return fnp.where(self._valid(*shapes), out, math.nan)

    def _log_of_mass(self, x: Any, *rest: Any) -> Any:
        out = self._at(self._log_mass, -math.inf, -math.inf, x, *rest)
        return fnp.where(fnp.floor(x) == x, out, -math.inf)

    logpmf = _method("logpmf", _log_of_mass, "The logarithm of the probability")
    pmf = _method("pmf", lambda self, *xs: fnp.exp(self._log_of_mass(*xs)), "The probability")
    cdf = _method("cdf", lambda self, *xs: self._at(self._cdf, 0.0, 1.0, *xs), "The probability of at most k")
    sf = _method("sf", lambda self, *xs: self._at(self._sf, 1.0, 0.0, *xs), "The probability of more than k")
