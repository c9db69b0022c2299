"""Elliptic integrals of scipy.special: Carlson's symmetric ones, Legendre's, Jacobi's functions, the arithmetic-geometric mean.

Legendre's integrals have derivatives that are quotients 0/0 at m = 0 or 1; as Carlson's integrals they are smooth (DLMF 19.25). Carlson's own derivatives are
integrals with other exponents, all of which are one primitive, `carlson`. Reads `special`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, typeof
from fgrad.ops.elementwise import cos, rint, scaled, sin, sqrt, square
from fgrad.ops.family import elementwise, like
from fgrad.ops.special import SPECIAL, scipy_special, ufunc

_STEP = 0.5  # of the trapezoidal rule in log t. The integrand is analytic for |Im log t| < pi: the error is exp(-2 pi^2 / step), 1e-17
_CUTOFF = 40.0

# -- int_0^inf t^k prod (t + z_i)^-p_i dt, of real z_i >= 0


def _carlson(*zs: Any, k: int, powers: tuple[float, ...]) -> Any:
    dtype = np.result_type(*zs)
    values = np.broadcast_arrays(*[np.asarray(z, np.float64) for z in zs])
    z = np.stack([v.ravel() for v in values])
    p = np.array(powers)[:, None]
    total = p.sum()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        positive = np.where(z > 0, z, np.nan)
        smallest, largest = np.log(np.nanmin(positive, 0)), np.log(np.nanmax(positive, 0))
        at_zero = k + 1 - np.where(z == 0, p, 0).sum(0)  # the integrand of d log t falls like these powers of t at both ends
        low, high = smallest - _CUTOFF / at_zero, largest + _CUTOFF / (total - k - 1)
        steps = int(np.nanmax(np.append((high - low) / _STEP, 1.0))) + 1
        out, u, step = np.zeros(z.shape[1]), low, (high - low) / steps
        for _ in range(steps + 1):
            out += step * np.exp((k + 1) * u - (p * np.log(np.exp(u) + z)).sum(0))
            u = u + step
    out = np.where((z < 0).any(0) | np.isnan(z).any(0), np.nan, np.where(at_zero <= 0, np.inf, out))
    return out.reshape(values[0].shape).astype(dtype)[()]


def _raised(i: int) -> Callable[..., Any]:
    def coefficient(out: Any, *zs: Any, k: int, powers: tuple[float, ...]) -> Any:
        return -powers[i] * carlson(*zs, k=k, powers=(*powers[:i], powers[i] + 1, *powers[i + 1 :]))

    return coefficient


def _widest(*zs: Any, k: int, powers: tuple[float, ...]) -> ShapedArray:
    return ShapedArray(max((typeof(z).shape for z in zs), key=len), typeof(zs[0]).dtype)


_carlson_of = {n: elementwise(f"carlson{n}", _carlson, aval=_widest, partials=[scaled(_raised(i)) for i in range(n)]) for n in (3, 4)}


def carlson(*zs: Any, k: int, powers: tuple[float, ...]) -> Any:
    return _carlson_of[len(zs)](*zs, k=k, powers=powers)


_HALF = 0.5


def _symmetric(name: str, factor: float, k: int, powers: tuple[float, ...]) -> Any:
    """A ufunc that is `factor` times an integral of these exponents."""

    def slope(i: int) -> Callable[..., Any]:
        return lambda out, *zs: factor * _raised(i)(out, *zs, k=k, powers=powers)

    return ufunc(name, *(slope(i) for i in range(len(powers))))


elliprd = _symmetric("elliprd", 1.5, 0, (_HALF, _HALF, 1.5))
_symmetric("elliprj", 1.5, 0, (_HALF, _HALF, _HALF, 1.0))
elliprf = ufunc(
    "elliprf",
    lambda out, x, y, z: elliprd(y, z, x) / -6,
    lambda out, x, y, z: elliprd(x, z, y) / -6,
    lambda out, x, y, z: elliprd(x, y, z) / -6,
)
ufunc("elliprc", lambda out, x, y: elliprd(y, y, x) / -6, lambda out, x, y: elliprd(x, y, y) / -3)
ufunc(
    "elliprg",
    *(lambda out, *zs, i=i: carlson(*zs, k=1, powers=(*(_HALF,) * i, 1.5, *(_HALF,) * (2 - i))) / 8 for i in range(3)),
)

# -- Legendre's, as SciPy takes them: by the parameter m = k^2


def _complete_first(m: Any) -> Any:
    """dK/dm."""
    return elliprd(like(m, 0), like(m, 1), 1 - m) / 6


def _complete_second(m: Any) -> Any:
    """dE/dm."""
    return elliprd(like(m, 0), 1 - m, like(m, 1)) / -6


def _delta(phi: Any, m: Any) -> Any:
    return 1 - m * square(sin(phi))


def _by_parameter(phi: Any, m: Any, complete: Any, part: Callable[..., Any]) -> Any:
    """An incomplete integral adds twice the complete one with each half turn, which m moves too."""
    s = sin(phi)
    within = s * s * s * part(square(cos(phi)), _delta(phi, m))
    # sin^3 has the sign of the rest of phi in (-pi/2, pi/2) where the number of half turns is even
    turns = rint(phi / math.pi)
    return cos(math.pi * turns) * within + 2 * turns * complete


ufunc("ellipk", lambda out, m: _complete_first(m))
ufunc("ellipkm1", lambda out, p: elliprd(like(p, 0), like(p, 1), p) / -6)
ufunc("ellipe", lambda out, m: _complete_second(m))
ellipkinc = ufunc(
    "ellipkinc",
    lambda out, phi, m: 1 / sqrt(_delta(phi, m)),
    lambda out, phi, m: _kinc_by_m(phi, m),
)


def _kinc_by_m(phi: Any, m: Any) -> Any:
    return _by_parameter(phi, m, _complete_first(m), lambda c, d: elliprd(c, like(c, 1), d) / 6)


ufunc(
    "ellipeinc",
    lambda out, phi, m: sqrt(_delta(phi, m)),
    lambda out, phi, m: _by_parameter(phi, m, _complete_second(m), lambda c, d: elliprd(c, d, like(c, 1)) / -6),
)

# -- Jacobi's functions sn, cn, dn and the amplitude am: d am = dn (du - F_m(am, m) dm)


def _ellipj_slope(part: int, by_am: Any, u: Any, m: Any, am: Any) -> Any:
    sn, cn = sin(am), cos(am)
    return (cn, -sn, -m * sn * cn / sqrt(_delta(am, m)), like(am, 1))[part] * by_am


def _jacobi_by_u(out: Any, u: Any, m: Any, *, part: int) -> Any:
    am = jacobi_part(u, m, part=3)
    return _ellipj_slope(part, jacobi_part(u, m, part=2), u, m, am)


def _jacobi_by_m(out: Any, u: Any, m: Any, *, part: int) -> Any:
    am, dn = jacobi_part(u, m, part=3), jacobi_part(u, m, part=2)
    moved = _ellipj_slope(part, -dn * _kinc_by_m(am, m), u, m, am)
    return moved - square(sin(am)) / (2 * dn) if part == 2 else moved


jacobi_part = elementwise(
    "jacobi_part",
    lambda u, m, *, part: scipy_special("ellipj")(u, m)[part],
    aval=lambda u, m, *, part: ShapedArray(typeof(u).shape or typeof(m).shape, typeof(u).dtype),
    partials=[scaled(_jacobi_by_u), scaled(_jacobi_by_m)],
)
SPECIAL["ellipj"] = lambda u, m: tuple(jacobi_part(u, m, part=k) for k in range(4))

# -- the arithmetic-geometric mean: pi / 2 / R_F(0, a^2, b^2)


def _agm_slope(out: Any, a: Any, b: Any) -> Any:
    return 2 * square(out) / math.pi * a * elliprd(like(a, 0), square(b), square(a)) / 3


ufunc("agm", lambda out, a, b: _agm_slope(out, a, b), lambda out, a, b: _agm_slope(out, b, a))
