"""lgamma and digamma beside their negative zeros, where the reflection cancels, and at the ends of the pieces they are made of."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from test_vmath import BOUNDS, F32, F64, exact_value, neighbours, ours

from fgrad.kernels import vmath_coefficients
from fgrad.kernels.vmath_gamma_negative import LAST, ROW

NAMES = ("lgamma", "digamma")


def errors(name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """In units of the last place of the exact value, and absolutely."""
    info = np.finfo(x.dtype)
    relative, absolute = [], []
    with mp.workdps(80):
        for v, y in zip(x, ours(name, x), strict=True):
            exact = exact_value(name, mp.mpf(float(v)))
            error = abs(mp.mpf(float(y)) - exact)
            absolute.append(float(error))
            relative.append(float(error / mp.ldexp(1, max(mp.frexp(exact)[1] - 1, int(info.minexp)) - info.nmant)))
    return np.array(relative), np.array(absolute)


def about(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The numbers, their neighbours, and more at all distances."""
    distances = rng.normal(size=(40, x.size)) * 10.0 ** rng.uniform(-17, -2, (40, x.size))
    x = np.concatenate([neighbours(neighbours(x)), (x * (1 + distances)).astype(x.dtype).ravel()])
    return x[x != np.rint(x)]


@pytest.mark.parametrize("dtype", (F64, F32), ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_all_digits_beside_the_zeros(name, dtype, rng):
    zeros = np.array(getattr(vmath_coefficients, f"{name.upper()}_ZEROS_64"))[::ROW]
    relative, _ = errors(name, about(zeros.astype(dtype), rng))
    assert relative.max() <= BOUNDS[name][dtype == F32]


@pytest.mark.parametrize("name", NAMES)
def test_ends_of_the_pieces(name, rng):
    ends = np.array([0.8, 1.0, 1.4616321449683622, 2.0, 3.0, *(-np.arange(0.5, LAST + 3)), *(-np.arange(0.25, LAST + 3))])
    relative, _ = errors(name, about(ends, rng))
    assert relative.max() <= BOUNDS[name][0]


def test_beside_the_poles(rng):
    poles = -np.concatenate([np.arange(1.0, 40), rng.integers(40, 10**9, 100)])
    x = neighbours(neighbours(poles))
    x = x[x != np.rint(x)]
    for name in NAMES:
        relative, _ = errors(name, x)
        assert relative.max() <= BOUNDS[name][0]


def test_far_zeros_of_digamma(rng):
    """digamma has zeros between all negative integers; beyond those with a series, the error beside them is 2**-62."""
    m = np.concatenate([np.arange(LAST + 1, 40), np.rint(10.0 ** rng.uniform(2, 12, 40))])
    with mp.workdps(80):
        zeros = np.array([float(-n + mp.acot(mp.digamma(1 + mp.mpf(n)) / mp.pi) / mp.pi) for n in m])
    relative, absolute = errors("digamma", about(zeros, rng))
    wrong = (relative > BOUNDS["digamma"][0]) & (absolute > 2.0**-62)
    assert not wrong.any(), f"{np.max(absolute[wrong])}"
