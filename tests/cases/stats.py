"""Rows of fgrad.scipy.stats: every distribution, in its density and its distribution functions."""

from __future__ import annotations

from typing import Any

import numpy
import scipy.stats

import fgrad.scipy.stats
from cases.table import given, normal, positive, row, spd, uniform

_UNIT = uniform(0.1, 0.9, 3)
CONTINUOUS: dict[str, tuple[Any, ...]] = {
    "norm": (normal(2, 3),), "expon": (positive(3),), "uniform": (_UNIT,), "gamma": (positive(3), positive(2, 1)), "chi2": (positive(3), positive(3)),
    "invgamma": (positive(3), positive(3)), "beta": (_UNIT, positive(3), positive(3)), "t": (normal(3), positive(3)),
    "f": (positive(3), positive(3), positive(3)), "cauchy": (normal(3),), "laplace": (given([-0.6, 0.4, 1.2]),), "logistic": (normal(3),),
    "lognorm": (positive(3), positive(3)), "weibull_min": (positive(3), positive(3)), "pareto": (uniform(2.5, 4.0, 3), positive(3)),
    "powerlaw": (_UNIT, positive(3)), "gumbel_r": (normal(3),), "gumbel_l": (normal(3),), "genextreme": (uniform(0.1, 0.4, 3), given([0.4, -0.3, 0.9])),
    "halfnorm": (positive(3),), "halfcauchy": (positive(3),), "rayleigh": (positive(3),), "maxwell": (positive(3),),
    "skewnorm": (normal(3), normal(3)), "truncnorm": (uniform(0.2, 0.6, 3), given([-1.0, -0.5, 0.1]), uniform(1.0, 3.0, 3)),
}  # fmt: skip
DISCRETE: dict[str, tuple[Any, ...]] = {
    "bernoulli": (numpy.array([0, 1, 1]), _UNIT), "binom": (numpy.array([0, 2, 4]), 4, _UNIT), "geom": (numpy.array([1, 2, 5]), _UNIT),
    "nbinom": (numpy.array([0, 2, 4]), 3, _UNIT), "poisson": (numpy.array([0, 2, 4]), positive(3)),
}  # fmt: skip
_OPTIONS: dict[str, Any] = {"spellings": ("fnp",), "values": ("float64",), "grad": ("float64",), "rtol": 1e-9}


def _row(name: str, method: str, *args: Any, **kwargs: Any) -> None:
    theirs, ours = (getattr(getattr(module, name), method) for module in (scipy.stats, fgrad.scipy.stats))
    reference = lambda *xs: theirs(*_filled(args, xs), **kwargs)
    row(lambda np, *xs: ours(*xs, **kwargs), *args, name=f"stats.{name}.{method}", options=_OPTIONS | {"reference": reference})


def _filled(args: tuple, xs: tuple) -> list[Any]:
    values = iter(xs)
    return [next(values) if callable(a) else a for a in args]


for _name, _args in CONTINUOUS.items():
    for _name_of_method in ("logpdf", "cdf", "sf"):
        _row(_name, _name_of_method, *_args)
    _row(_name, "pdf", *_args, loc=0.05, scale=1.3)
for _name in ("norm", "logistic", "weibull_min"):
    for _name_of_method in ("logcdf", "logsf"):
        _row(_name, _name_of_method, *CONTINUOUS[_name])
for _name, _args in DISCRETE.items():
    for _name_of_method in ("logpmf", "pmf", "cdf", "sf"):
        _row(_name, _name_of_method, *_args)
_row("norm", "logpdf", normal(3), normal(3), positive(3))
_row("multivariate_normal", "logpdf", normal(4, 3), normal(3), spd(3, 3))
_row("multivariate_normal", "pdf", normal(2), normal(2), 0.7)
_row("dirichlet", "logpdf", numpy.array([0.2, 0.3, 0.5]), positive(3))
