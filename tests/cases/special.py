"""Rows of scipy.special, in its own spelling and in that of fgrad.scipy.special."""

from __future__ import annotations

from typing import Any

import numpy
import scipy.special

import fgrad.scipy.special
from cases.table import FLOATING, given, normal, positive, row, uniform, unit

_OPTIONS: dict[str, Any] = {"values": (*FLOATING, "int64"), "rtol": 1e-10}
_UNARY = {
    "expit": normal, "logit": None, "log_expit": normal, "erf": normal, "erfc": normal, "erfcx": normal, "erfinv": unit, "erfcinv": None,
    "ndtr": normal, "ndtri": None, "log_ndtr": normal, "gammaln": positive, "gamma": positive, "psi": positive, "digamma": positive,
    "i0": normal,
    "i1": normal, "i0e": normal, "i1e": normal, "entr": positive, "exp1": positive, "expi": positive,
}  # fmt: skip


def _both(name: str) -> Any:
    """The function of SciPy's namespace for NumPy's spelling, else that of fgrad.scipy.special."""
    original, ours = getattr(scipy.special, name), getattr(fgrad.scipy.special, name)
    return lambda np, *xs, **kwargs: (original if np.__name__ == "numpy" else ours)(*xs, **kwargs)


def _row(name: str, *args: Any, options: dict[str, Any] | None = None, **kwargs: Any) -> None:
    row(_both(name), *args, name=f"special.{name}", options=_OPTIONS | (options or {}), **kwargs)


for _name, _draw in _UNARY.items():
    for _shape in ((2, 3), ()):
        _row(
            _name,
            _draw(*_shape) if _draw else uniform(0.1, 0.9, *_shape),
            options={"values": FLOATING} if _draw is None or _draw is unit else None,
        )
for _name in ("expit", "log_expit", "erf", "erfc", "ndtr", "log_ndtr", "erfcx"):
    _row(_name, given([-30.0, -5.0, 0.0, 5.0]), options={"values": FLOATING, "grad": ()})
for _name in ("i0e", "i1e", "i1"):
    _row(_name, given([-3.0, 2.0, 0.1]), options={"values": FLOATING})
for _name in ("xlogy", "xlog1py", "betaln"):
    for _a, _b in (((2, 3), (2, 3)), ((2, 1), (3,)), ((), (3,))):
        _row(_name, positive(*_a), positive(*_b))
for _n in (0, 1, 3):
    row(
        lambda np, x, n: fgrad.scipy.special.polygamma(n, x),
        positive(2, 3),
        _n,
        name="special.polygamma",
        options=_OPTIONS
        | {"spellings": ("fnp",), "grad": ("float64",), "values": ("float64",), "reference": lambda x, n=_n: scipy.special.polygamma(n, x)},
    )
for _name in ("softmax", "log_softmax", "logsumexp"):
    for _axis in (None, 0, -1):
        _row(_name, normal(3, 4), axis=_axis, options={"spellings": ("fnp",), "values": FLOATING})
_row("logsumexp", normal(2, 3), axis=1, keepdims=True, options={"spellings": ("fnp",), "values": FLOATING})
row(
    lambda np, x: fgrad.scipy.special.softplus(x),
    normal(2, 3),
    name="special.softplus",
    options={"spellings": ("fnp",), "values": FLOATING, "reference": lambda x: numpy.log1p(numpy.exp(x))},
)
