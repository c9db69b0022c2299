"""A linear solve as a primitive: x with matvec(x) = b, found by a solver the user gives, differentiated without looking into it.

    operands [matvec consts, solver consts, transposed solver's consts, b];  jaxprs: matvec over [matvec consts, x],
    solve over [matvec consts, solver consts, b], transpose_solve over [matvec consts, its consts, ct] or None.

Differentiating A(p) x = b gives A dx = db - dA x, one more solve; the transpose in b solves with the transposed matvec.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fgrad.core.errors import UnsupportedError
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import neg
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import accumulate, materialize
from fgrad.transforms.jaxprs import batch_jaxpr, cut, linearize_jaxpr, present, spread, transpose_jaxpr


def _impl(*args: Any, matvec: Jaxpr, solve: Jaxpr, transpose_solve: Jaxpr | None, sizes: tuple[int, int, int]) -> list:
    mc, sc, _, b = cut(args, *sizes)
    return solve(*mc, *sc, *b)


def _aval(*args: Any, matvec: Jaxpr, solve: Jaxpr, transpose_solve: Jaxpr | None, sizes: tuple[int, int, int]) -> list:
    return matvec.in_avals[sizes[0] :]


def _linearize(primals: Sequence[Any], active: Sequence[bool], *, matvec: Jaxpr, **params: Any) -> tuple[list, Any]:
    sizes = params["sizes"]
    mc, sc, tc, _ = cut(primals, *sizes)
    x = linear_solve(*primals, matvec=matvec, **params)
    lz = linearize_jaxpr(matvec, (*active[: sizes[0]], *[False] * len(x)))
    residuals = lz.residuals([*mc, *x], lz.primal(*mc, *x)) if any(lz.out_active) else []

    def lin(tangents: Sequence[Any]) -> list:
        t_mc, _, _, rhs = cut(tangents, *sizes)
        if any(lz.out_active):
            moved = spread(lz.linear(*residuals, *present(t_mc)), lz.out_active)
            rhs = [_difference(t, m) for t, m in zip(rhs, moved, strict=True)]
        if all(t is None for t in rhs):
            return [None] * len(x)
        rhs = [zeros(aval=a) if t is None else t for t, a in zip(rhs, matvec.out_avals, strict=True)]
        return linear_solve(*mc, *sc, *tc, *rhs, matvec=matvec, **params)

    return x, lin


def _difference(a: Any, b: Any) -> Any:
    if b is None:
        return a
    return neg(b) if a is None else accumulate(a, neg(b))


def _transpose(
    cts: Sequence[Any], *args: Any, matvec: Jaxpr, solve: Jaxpr, transpose_solve: Jaxpr | None, sizes: tuple[int, int, int]
) -> list:
    if transpose_solve is None:
        raise UnsupportedError(
            "custom_linear_solve needs transpose_solve (or symmetric=True) for reverse mode", "It solves vecmat(x) = b; see the docstring."
        )
    mc, sc, tc, b = cut(args, *sizes)
    cts = [zeros(aval=a) if ct is None else ct for ct, a in zip(cts, matvec.in_avals[sizes[0] :], strict=True)]
    vecmat, _ = transpose_jaxpr(matvec, [False] * len(mc) + [True] * len(b), [True] * len(b), force=True)
    found = linear_solve(
        *mc, *tc, *sc, *cts, matvec=vecmat, solve=transpose_solve, transpose_solve=solve, sizes=(sizes[0], sizes[2], sizes[1])
    )
    return [None] * sum(sizes) + found


def _batch(
    size: int,
    values: Sequence[Any],
    mapped: Sequence[bool],
    *,
    matvec: Jaxpr,
    solve: Jaxpr,
    transpose_solve: Jaxpr | None,
    sizes: tuple[int, int, int],
) -> tuple[list, list[bool]]:
    mc, sc, tc, b = cut(values, *sizes)
    m_mc, m_sc, m_tc, m_b = cut(mapped, *sizes)
    b = [materialize(size, x, m) for x, m in zip(b, m_b, strict=True)]
    every = [True] * len(b)
    matvec_b, _ = batch_jaxpr(matvec, size, m_mc + every, True)
    solve_b, _ = batch_jaxpr(solve, size, m_mc + m_sc + every, True)
    transpose_b = None if transpose_solve is None else batch_jaxpr(transpose_solve, size, m_mc + m_tc + every, True)[0]
    outs = linear_solve(*mc, *sc, *tc, *b, matvec=matvec_b, solve=solve_b, transpose_solve=transpose_b, sizes=sizes)
    return outs, every


linear_solve = Primitive("linear_solve", multi=True, impl=_impl, aval=_aval, linearize=_linearize, transpose=_transpose, batch=_batch)
