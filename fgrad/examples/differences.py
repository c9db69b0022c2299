"""Derivatives by differences, to be compared with exact ones: one-sided, centred, and by the complex step.

A difference of step h errs by the terms of Taylor's series it leaves out, and by rounding: f(x + h) and f(x) agree in most of their digits,
and what is left of the difference is divided by h. The complex step subtracts nothing, so h can be 1e-200.
(Squire, Trapp, Using complex variables to estimate derivatives of real functions, SIAM Review 40, 1998; the test function is theirs.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[[Any], Any]


def one_sided(f: Function, x: Any, h: float) -> Any:
    """(f(x + h) - f(x)) / h. Errs by h f''/2, and by rounding eps f / h: best near h = 1e-8, with half of the digits."""
    return (f(x + h) - f(x)) / h


def centred(f: Function, x: Any, h: float) -> Any:
    """(f(x + h) - f(x - h)) / 2h. Errs by h^2 f'''/6, and by eps f / h: best near h = 1e-5, with two thirds of the digits."""
    return (f(x + h) - f(x - h)) / (2 * h)


def complex_step(f: Function, x: Any, h: float) -> Any:
    """Im f(x + ih) / h, for a function that takes complex numbers. Errs by h^2 f'''/6, and by rounding not at all."""
    return np.imag(f(x + 1j * h)) / h


RULES: dict[str, Callable[[Function, Any, float], Any]] = {"one-sided": one_sided, "centred": centred, "complex step": complex_step}


def errors(f: Function, x: float, exact: float, steps: np.ndarray) -> dict[str, np.ndarray]:
    """The relative error of each rule at each step h."""
    return {name: np.array([abs(rule(f, x, h) - exact) / abs(exact) for h in steps]) for name, rule in RULES.items()}


def gradient(f: Function, x: np.ndarray, rule: Callable = centred, h: float = 1e-5) -> np.ndarray:
    """The gradient of f at x: f[...], one entry after another, which takes one or two calls of f for each."""
    found = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        along = np.zeros(x.shape)
        along[i] = 1.0
        found[i] = rule(lambda t, along=along: f(x + t * along), 0.0, h)
    return found


def squire_trapp(x: Any) -> Any:
    """e^x / sqrt(sin^3 x + cos^3 x)."""
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


def squire_trapp_slope(x: float) -> float:
    """Its derivative, by hand."""
    s, c = np.sin(x), np.cos(x)
    return squire_trapp(x) * (1 - 1.5 * (s**2 * c - c**2 * s) / (s**3 + c**3))
