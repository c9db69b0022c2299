"""Hypergeometric functions and the classical orthogonal polynomials of scipy.special: derivatives by the argument.

By the argument they are functions of the same families with shifted parameters (DLMF 13.3, 15.5, 18.9); by a parameter they leave them, and there is no
derivative. Reads `special`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import le, maximum, scaled, select
from fgrad.ops.family import elementwise, like
from fgrad.ops.promote import cast
from fgrad.ops.special import SPECIAL, scipy_special, ufunc, underived

# -- hypergeometric functions

hyp0f1 = ufunc("hyp0f1", underived("hyp0f1", "v"), lambda out, v, z: hyp0f1(v + 1, z) / v)
hyp1f1 = ufunc("hyp1f1", underived("hyp1f1", "a"), underived("hyp1f1", "b"), lambda out, a, b, z: a / b * hyp1f1(a + 1, b + 1, z))
hyp2f1 = ufunc(
    "hyp2f1",
    *(underived("hyp2f1", p) for p in "abc"),
    lambda out, a, b, c, z: a * b / c * hyp2f1(a + 1, b + 1, c + 1, z),
)
hyperu = ufunc("hyperu", underived("hyperu", "a"), underived("hyperu", "b"), lambda out, a, b, x: -a * hyperu(a + 1, b + 1, x))

# -- functions with whole parameters, which SciPy takes as integers or as floats


def with_whole(name: str, positions: tuple[int, ...], *coefficients: Callable[..., Any] | None) -> Primitive:
    """The primitive of a ufunc some of whose operands are whole numbers; the table takes those of any dtype."""

    def impl(*operands: Any) -> Any:
        xs, dtype = list(operands), operands[-1].dtype
        for i in positions:
            x = np.asarray(xs[i])
            whole = x.astype(np.int64)
            if np.array_equal(whole, x):  # SciPy has a loop for integers, exact, and for most functions another for the rest
                xs[i] = whole
        return np.asarray(scipy_special(name)(*xs)).astype(dtype)[()]

    def strict(*xs: Any) -> Any:
        return prim(*(cast(x, xs[-1].dtype) if i in positions else x for i, x in enumerate(xs)))

    prim = elementwise(name, impl, partials=[c and scaled(c) for c in coefficients])
    SPECIAL[name] = strict
    return prim


def of_order(name: str, *coefficients: Callable[..., Any] | None) -> Primitive:
    """That of a ufunc whose first operand is an order."""
    return with_whole(name, (0,), underived(name, "n"), *coefficients)


def _lowered(f: Callable[[Any], Any], n: Any, x: Any) -> Any:
    """f(n - 1), and 0 for n = 0: the derivative of a constant."""
    return select(le(n, like(n, 0)), like(x, 0), f(maximum(n - 1, like(n, 0))))


legendre = of_order("eval_legendre", lambda out, n, x: _lowered(lambda m: gegenbauer(m, like(x, 1.5), x), n, x))
chebyt = of_order("eval_chebyt", lambda out, n, x: n * _lowered(lambda m: chebyu(m, x), n, x))
chebyu = of_order("eval_chebyu", lambda out, n, x: 2 * _lowered(lambda m: gegenbauer(m, like(x, 2), x), n, x))
gegenbauer = of_order(
    "eval_gegenbauer",
    underived("eval_gegenbauer", "alpha"),
    lambda out, n, a, x: 2 * a * _lowered(lambda m: gegenbauer(m, a + 1, x), n, x),
)
jacobi = of_order(
    "eval_jacobi",
    underived("eval_jacobi", "alpha"),
    underived("eval_jacobi", "beta"),
    lambda out, n, a, b, x: (n + a + b + 1) / 2 * _lowered(lambda m: jacobi(m, a + 1, b + 1, x), n, x),
)
laguerre = of_order("eval_laguerre", lambda out, n, x: -_lowered(lambda m: genlaguerre(m, like(x, 1), x), n, x))
genlaguerre = of_order(
    "eval_genlaguerre",
    underived("eval_genlaguerre", "alpha"),
    lambda out, n, a, x: -_lowered(lambda m: genlaguerre(m, a + 1, x), n, x),
)
hermite = of_order("eval_hermite", lambda out, n, x: 2 * n * _lowered(lambda m: hermite(m, x), n, x))
hermitenorm = of_order("eval_hermitenorm", lambda out, n, x: n * _lowered(lambda m: hermitenorm(m, x), n, x))
