"""Vectorised mathematics: functions of scalars without branches, which LLVM turns into vector code inside a loop.

`FUNCTIONS[name][dtype]` is the `@njit` function of that name for float64 or float32, to be called in a loop of another `@njit` function, where
it is inlined: `out[i] = exp(x[i])` runs several times faster than with the mathematical library. Largest errors are in `tests/test_vmath.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.kernels.vmath_error import ERROR
from fgrad.kernels.vmath_exponential import EXPONENTIAL
from fgrad.kernels.vmath_formats import FLOAT32, FLOAT64
from fgrad.kernels.vmath_gamma import GAMMA
from fgrad.kernels.vmath_hyperbolic import HYPERBOLIC
from fgrad.kernels.vmath_inverse import INVERSE
from fgrad.kernels.vmath_logarithmic import LOGARITHMIC
from fgrad.kernels.vmath_power import POWER
from fgrad.kernels.vmath_trigonometric import TRIGONOMETRIC

FAMILIES = (EXPONENTIAL, LOGARITHMIC, TRIGONOMETRIC, INVERSE, HYPERBOLIC, ERROR, GAMMA, POWER)
PARTS = {"exp_normal", "reduced", "expm1_small", "scaled", "small", "log_sum"}  # of other functions, valid on a part of the numbers

FUNCTIONS: dict[str, dict[Any, Callable[..., Any]]] = {
    name: {np.dtype(t.kind): family[t][name] for t in (FLOAT64, FLOAT32)}
    for family in FAMILIES
    for name in family[FLOAT64]
    if name not in PARTS
}
