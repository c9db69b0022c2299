"""Rows of compiled Numba functions as primitives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

import fgrad
from cases.control import own
from cases.table import normal, positive


@njit
def _root(x: Any) -> Any:
    return np.sqrt(x) + x


@njit
def _running(x: Any, s: Any) -> Any:
    return np.cumsum(x) * s, x.sum()


def _root_rule(primals: Any, tangents: Any) -> Any:
    (x,), (t,) = primals, tangents
    return _lifted_root(x), t * (0.5 / np.sqrt(x) + x.dtype.type(1))


_lifted_root = fgrad.lift(_root, jvp=_root_rule, elementwise=True)


def _running_rule(primals: Any, tangents: Any) -> Any:
    (x, s), (tx, ts) = primals, tangents
    a, b = _lifted_running(x, s)
    return (a, b), (np.cumsum(tx) * s + np.cumsum(x) * ts, np.sum(tx))


_lifted_running = fgrad.lift(_running, jvp=_running_rule, result=lambda x, s: (x, fgrad.ShapeDtypeStruct((), x.dtype)))

own(_lifted_root, positive(2, 3), reference=lambda x: np.sqrt(x) + x, name="lift elementwise", pickles=False)
own(
    _lifted_running,
    normal(4),
    normal(),
    reference=lambda x, s: (np.cumsum(x) * s, x.sum()),
    name="lift",
    pickles=False,
    values=("float64",),
)
