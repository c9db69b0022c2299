"""Rows of scipy.special, in its own spelling and in that of fgrad.scipy.special."""

from __future__ import annotations

from typing import Any

import numpy
import scipy.special

import fgrad.scipy.special
from cases.table import FLOATING, distinct, given, normal, positive, row, uniform, unit

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


# -- functions of several arguments, or with parameters that are constants

_DERIVED: dict[str, tuple[Any, ...]] = {
    "exp10": (normal(2, 3),), "exp2": (normal(3),), "cbrt": (positive(3),), "exprel": (given([-3.0, 0.0, 0.5]),), "cosm1": (normal(3),),
    "expm1": (normal(3),), "log1p": (positive(3),),
    "powm1": (positive(2, 3), normal(3)), "sindg": (uniform(-90, 90, 3),), "cosdg": (uniform(-90, 90, 3),), "tandg": (uniform(10, 80, 3),),
    "cotdg": (uniform(10, 80, 3),), "radian": (positive(3), positive(2, 1), positive(3)), "boxcox": (positive(2, 3), given([-0.7, 0.0, 1.3])),
    "boxcox1p": (positive(3), given([-0.7, 0.0, 1.3])), "inv_boxcox": (positive(2, 3), given([-0.2, 0.0, 1.3])),
    "inv_boxcox1p": (positive(3), given([-0.2, 0.0, 1.3])), "rel_entr": (positive(3), positive(3)), "kl_div": (positive(2, 1), positive(3)),
    "huber": (positive(3), distinct(2, 3)), "pseudo_huber": (positive(3), normal(2, 3)), "gammasgn": (normal(3),),
    "gammainc": (positive(2, 3), positive(3)), "gammaincc": (positive(2, 3), positive(3)), "gammaincinv": (positive(2, 1), uniform(0.1, 0.9, 3)),
    "gammainccinv": (positive(3), uniform(0.1, 0.9, 3)), "chdtr": (positive(3), positive(3)), "chdtrc": (positive(3), positive(3)),
    "chdtri": (positive(3), uniform(0.1, 0.9, 3)), "gdtr": (positive(3), positive(3), positive(2, 3)), "gdtrc": (positive(3), positive(3), positive(3)),
    "pdtr": (numpy.array([0.0, 2.0, 5.0]), positive(3)), "pdtrc": (numpy.array([0.0, 2.0, 5.0]), positive(3)),
    "loggamma": (positive(2, 3),), "rgamma": (positive(3),), "beta": (positive(2, 1), positive(3)), "poch": (positive(3), positive(3)),
    "binom": (uniform(3.1, 5.0, 3), positive(3)),
    "betainc": (positive(2, 3), positive(3), uniform(0.1, 0.9, 3)), "betaincc": (positive(3), positive(3), uniform(0.1, 0.9, 3)),
    "betaincinv": (positive(3), positive(3), uniform(0.1, 0.9, 3)), "betainccinv": (positive(3), positive(3), uniform(0.1, 0.9, 3)),
    "stdtr": (positive(2, 3), distinct(3)), "stdtrit": (positive(3), uniform(0.6, 0.9, 3)), "fdtr": (positive(3), positive(3), positive(3)),
    "fdtrc": (positive(3), positive(3), positive(3)), "fdtri": (positive(3), uniform(2.0, 4.0, 3), uniform(0.2, 0.8, 3)),
    "bdtr": (numpy.array([1, 2, 0]), 5, uniform(0.1, 0.9, 3)), "bdtrc": (numpy.array([1, 2, 0]), 5, uniform(0.1, 0.9, 3)),
    "nbdtr": (numpy.array([1, 2, 0]), 5, uniform(0.1, 0.9, 3)), "nbdtrc": (numpy.array([1, 2, 0]), 5, uniform(0.1, 0.9, 3)),
    "hyp0f1": (1.5, normal(2, 3)), "hyp1f1": (0.7, 1.9, normal(3)), "hyp2f1": (0.7, 1.2, 1.9, unit(3)), "hyperu": (0.7, 1.9, positive(3)),
    "eval_legendre": (3, unit(2, 3)), "eval_chebyt": (4, unit(3)), "eval_chebyu": (3, unit(3)), "eval_gegenbauer": (3, 0.7, unit(3)),
    "eval_jacobi": (3, 0.7, 1.2, unit(3)), "eval_laguerre": (3, positive(3)), "eval_genlaguerre": (3, 0.7, positive(3)),
    "eval_hermite": (4, normal(3)), "eval_hermitenorm": (4, normal(3)),
    "jv": (1.3, positive(2, 3)), "yv": (1.3, positive(3)), "iv": (1.3, positive(3)), "kv": (1.3, positive(3)), "jve": (0.4, positive(3)),
    "yve": (1.3, positive(3)), "ive": (1.3, positive(3)), "kve": (1.3, positive(3)), "jn": (2, normal(3)), "yn": (2, positive(3)),
    "kn": (2, positive(3)), "j0": (normal(2, 3),), "j1": (normal(3),), "y0": (positive(3),), "y1": (positive(3),), "k0": (positive(3),),
    "k1": (positive(3),), "k0e": (positive(3),), "k1e": (positive(3),), "airy": (normal(2, 3),), "struve": (0.6, positive(3)),
    "modstruve": (0.6, positive(3)), "sici": (positive(3),), "shichi": (positive(3),), "fresnel": (normal(2, 3),), "expn": (2, positive(3)),
    "erfi": (normal(3),), "dawsn": (normal(2, 3),), "wofz": (normal(3),), "spence": (given([0.3, 1.0, 2.5]),), "owens_t": (normal(3), normal(2, 3)),
    "ndtri_exp": (uniform(-3.0, -0.1, 3),), "wrightomega": (normal(3),), "zetac": (uniform(1.5, 4.0, 3),),
    "elliprf": (positive(3), positive(3), positive(3)), "elliprd": (positive(3), positive(3), positive(3)), "elliprc": (positive(3), positive(3)),
    "elliprg": (positive(3), positive(3), positive(3)), "elliprj": (positive(3), positive(3), positive(3), positive(3)),
    "ellipk": (given([-2.0, 0.0, 0.7]),), "ellipkm1": (positive(3),), "ellipe": (given([-2.0, 0.0, 0.7]),),
    "ellipkinc": (given([-0.4, 0.7, 4.0, -8.0]), given([0.3, 0.0, 0.8, -1.0])), "ellipeinc": (given([-0.4, 0.7, 4.0, -8.0]), given([0.3, 0.0, 0.8, -1.0])),
    "ellipj": (normal(3), uniform(0.1, 0.9, 3)), "agm": (positive(3), positive(2, 3)),
    "spherical_jn": (2, positive(3)), "spherical_yn": (1, positive(3)), "spherical_in": (0, positive(3)), "spherical_kn": (2, positive(3)),
    "lambertw": (positive(3),), "zeta": (uniform(1.5, 4.0, 3), positive(3)), "multigammaln": (uniform(2.0, 4.0, 3), 3), "factorial": (positive(3),),
}  # fmt: skip
_WRITTEN_IN_PYTHON = ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn", "lambertw", "zeta", "multigammaln", "factorial")
for _name, _args in _DERIVED.items():
    _spellings = ("fnp",) if _name in _WRITTEN_IN_PYTHON else ("np", "fnp")
    _row(_name, *_args, options={"values": FLOATING, "spellings": _spellings})
_row("spherical_jn", 1, positive(3), derivative=True, options={"values": FLOATING, "spellings": ("fnp",)})
