"""What one equation costs: arithmetic operations, and bytes read and written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from fgrad.core.jaxpr import Equation, Jaxpr
from fgrad.explore.text import STRUCTURAL

_MOVES = STRUCTURAL | frozenset((
    "copysign", "real", "imag", "complex", "gather", "scatter", "select",
    "convert", "triangle", "lane_fill", "neighbour", "debug_print",
))  # fmt: skip
# cubic in the last size n, for each matrix: Golub and Van Loan, Matrix Computations (4th ed.), leading terms
_CUBIC = {
    "cholesky": 1 / 3, "lu_factor": 2 / 3, "inv": 2.0, "det": 2 / 3, "slogdet": 2 / 3, "qr": 4 / 3, "qr_r": 4 / 3, "eigh": 9.0, "eigvalsh": 4 / 3,
    "eig": 25.0, "eigvals": 10.0, "svd": 21.0, "svdvals": 8 / 3,
}  # fmt: skip


def equation_bytes(eqn: Equation) -> int:
    """Bytes of its operands and outputs; 0-d literals are free."""
    avals: list[Any] = [a.aval for a in (*eqn.inputs, *eqn.outvars)]
    return sum(a.size * a.dtype.itemsize for a in avals if hasattr(a, "shape"))


def equation_flops(eqn: Equation, steps: int | None = None) -> int | None:
    """Arithmetic operations, exp and the like counted as one; of a loop those of all its steps. None where that is not known."""
    prim, p = eqn.primitive, eqn.params
    name = prim.name
    if name in _MOVES:
        return 0
    if name == "contract":
        sizes = dict(zip(p["x_labels"], eqn.inputs[0].aval.shape, strict=True)) | dict(
            zip(p["y_labels"], eqn.inputs[1].aval.shape, strict=True)
        )
        return 2 * math.prod(sizes.values())
    if "branches" in p:
        return _most([jaxpr_flops(b) for b in p["branches"]])
    body = p.get("body", p.get("jaxpr"))
    if isinstance(body, Jaxpr):
        inside = jaxpr_flops(body)
        trips = steps if steps is not None else p.get("length", 1 if name in ("call", "checkpoint") else None)
        return None if inside is None or trips is None else inside * trips
    avals: list[Any] = [a.aval for a in (*eqn.inputs, *eqn.outvars)]
    if not all(hasattr(a, "shape") for a in avals):
        return None
    if prim.elementwise:
        return eqn.outvars[0].aval.size
    if name.startswith(("reduce_", "cum", "arg")):
        return eqn.inputs[0].aval.size
    if name in ("fft", "rfft", "irfft"):
        n = max(a.size for a in avals)
        return round(5 * n * math.log2(max(n, 2)))
    if name in _CUBIC:
        shape = eqn.inputs[0].aval.shape
        return round(_CUBIC[name] * math.prod(shape[:-2]) * shape[-2] * shape[-1] * min(shape[-2:]))
    return None


def jaxpr_flops(jaxpr: Jaxpr) -> int | None:
    found = [equation_flops(e) for e in jaxpr.eqns]
    return None if None in found else sum(f for f in found if f is not None)


def _most(found: Sequence[int | None]) -> int | None:
    return None if None in found else max((f for f in found if f is not None), default=0)


def short_count(n: float | None) -> str:
    """`1.2k`, `34M`; a dash for what is not known."""
    if n is None:
        return "–"
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if n >= limit:
            return f"{n / (1e3 if unit == 'k' else limit):.3g}{unit}"
    return f"{n:,.0f}"


def short_time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for limit, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= limit:
            return f"{seconds / limit:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
