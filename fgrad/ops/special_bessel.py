"""Bessel functions of scipy.special: of whole and real order, modified, scaled, spherical; Airy and Struve functions.

Derivatives by the argument are DLMF 10.6, 10.29, 10.51, 9.2 and 11.4; by the order there is none. Reads `special` and `special_hypergeometric`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, short, typeof
from fgrad.core.errors import UnsupportedError
from fgrad.ops.elementwise import is_complex, pow_, scaled, sign
from fgrad.ops.family import elementwise, like
from fgrad.ops.special import SPECIAL, gamma, scipy_special, ufunc, underived
from fgrad.ops.special_hypergeometric import of_order


def _neighbours(f: Callable[..., Any], below: float, above: float) -> Callable[[Any, Any], Any]:
    """The slope `below` f(v - 1, z) + `above` f(v + 1, z)."""

    def slope(v: Any, z: Any) -> Any:
        lower, upper = f(v - 1, z), f(v + 1, z)
        return below * lower + above * upper

    return slope


def _real(name: str, z: Any) -> Any:
    if is_complex(z):
        raise UnsupportedError(
            f"{name} at z: {short(z)} has no derivative: the factor exp(-|Re z|) or exp(-|Im z|) is not complex differentiable"
        )
    return z


def _of_real_order(name: str, slope: Callable[[Any, Any, Any], Any]) -> Any:
    return ufunc(name, underived(name, "the order v"), slope)


# -- of real order

jv = _of_real_order("jv", lambda out, v, z: _neighbours(jv, 0.5, -0.5)(v, z))
yv = _of_real_order("yv", lambda out, v, z: _neighbours(yv, 0.5, -0.5)(v, z))
iv = _of_real_order("iv", lambda out, v, z: _neighbours(iv, 0.5, 0.5)(v, z))
kv = _of_real_order("kv", lambda out, v, z: _neighbours(kv, -0.5, -0.5)(v, z))
jve = _of_real_order("jve", lambda out, v, z: _neighbours(jve, 0.5, -0.5)(v, _real("jve", z)))
yve = _of_real_order("yve", lambda out, v, z: _neighbours(yve, 0.5, -0.5)(v, _real("yve", z)))
ive = _of_real_order("ive", lambda out, v, z: _neighbours(ive, 0.5, 0.5)(v, _real("ive", z)) - sign(z) * out)
kve = _of_real_order("kve", lambda out, v, z: _neighbours(kve, -0.5, -0.5)(v, z) + out)
SPECIAL["jn"] = jv

# -- of whole order

yn = of_order("yn", lambda out, n, x: _neighbours(yv, 0.5, -0.5)(n, x))
kn = of_order("kn", lambda out, n, x: _neighbours(kv, -0.5, -0.5)(n, x))
j0 = ufunc("j0", lambda out, x: -j1(x))
j1 = ufunc("j1", lambda out, x: 0.5 * j0(x) - 0.5 * jv(like(x, 2), x))
y0 = ufunc("y0", lambda out, x: -y1(x))
y1 = ufunc("y1", lambda out, x: 0.5 * y0(x) - 0.5 * yv(like(x, 2), x))
k0 = ufunc("k0", lambda out, x: -k1(x))
k1 = ufunc("k1", lambda out, x: -0.5 * k0(x) - 0.5 * kv(like(x, 2), x))
k0e = ufunc("k0e", lambda out, x: out - k1e(x))
k1e = ufunc("k1e", lambda out, x: out - 0.5 * k0e(x) - 0.5 * kve(like(x, 2), x))

# -- spherical, of a whole order n: f' is a mean of the neighbours


def _spherical(kind: str, below: int, above: int) -> tuple[Any, Callable[..., Any]]:
    name = f"spherical_{kind}"

    def slope(out: Any, z: Any, *, n: int) -> Any:
        upper = above * (n + 1) / (2 * n + 1) * prim(z, n=n + 1)
        return upper + below * n / (2 * n + 1) * prim(z, n=n - 1) if n else upper

    prim = elementwise(
        name,
        lambda z, *, n: np.asarray(scipy_special(name)(n, z), np.asarray(z).dtype)[()],
        aval=lambda z, *, n: ShapedArray(typeof(z).shape, typeof(z).dtype),
        partials=[scaled(slope)],
    )
    return prim, lambda z, n: slope(None, z, n=n)


SPHERICAL = {
    "spherical_jn": _spherical("jn", 1, -1), "spherical_yn": _spherical("yn", 1, -1),
    "spherical_in": _spherical("in", 1, 1), "spherical_kn": _spherical("kn", -1, -1),
}  # fmt: skip
"""Each spherical Bessel function as a primitive of z, its order n a parameter, and its derivative."""

# -- Airy functions and their derivatives: w'' = z w


def _airy_slope(out: Any, z: Any, *, part: int) -> Any:
    return z * airy_part(z, part=part - 1) if part % 2 else airy_part(z, part=part + 1)


airy_part = elementwise(
    "airy_part",
    lambda z, *, part: scipy_special("airy")(z)[part],
    aval=lambda z, *, part: ShapedArray(typeof(z).shape, typeof(z).dtype),
    partials=[scaled(_airy_slope)],
)
"""Ai, Ai', Bi, Bi' for the parts 0 to 3."""
SPECIAL["airy"] = lambda z: tuple(airy_part(z, part=k) for k in range(4))

# -- Struve functions


def _struve_slope(f: Callable[..., Any], sign_above: float) -> Callable[..., Any]:
    def slope(out: Any, v: Any, x: Any) -> Any:
        term = pow_(x / 2, v) / (math.sqrt(math.pi) * gamma(v + 1.5))
        return _neighbours(f, 0.5, 0.5 * sign_above)(v, x) + 0.5 * term

    return slope


struve = _of_real_order("struve", lambda out, v, x: _struve_slope(struve, -1)(out, v, x))
modstruve = _of_real_order("modstruve", lambda out, v, x: _struve_slope(modstruve, 1)(out, v, x))
