"""debug_nans: a bottom trace that looks at every result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short, typeof
from fgrad.core.errors import NanError
from fgrad.core.primitive import Primitive
from fgrad.core.trace import EvalTrace, current_trace, tracing


class NanCheckTrace(EvalTrace):
    """Computes, and raises at the first primitive that makes a NaN of operands that have none."""

    __slots__ = ()
    watched = True

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        with np.errstate(invalid="ignore", divide="ignore"):
            out = super().process(prim, args, params)
        for o in out if prim.multi else [out]:
            if _has_nan(o) and not any(map(_has_nan, args)):
                operands = ", ".join(f"{short(typeof(a))} = {_shown(a)}" for a in args)
                raise NanError(
                    f"{prim.name} made a NaN in its result {short(typeof(o))}",
                    f"its operands: {operands}",
                    "If this is the gradient of a branch that fgrad.numpy.where does not take, make the operand safe inside the branch too.",
                )
        return out


def _has_nan(x: Any) -> bool:
    if type(x) in PYTHON_SCALARS:
        return x != x
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and bool(np.isnan(x).any())


def _shown(x: Any) -> str:
    return np.array2string(np.asarray(x), threshold=6, edgeitems=2, precision=4)


@contextmanager
def debug_nans() -> Iterator[None]:
    """A context in which the first primitive that makes a NaN raises, in the function or in its derivative.

    Raises:
        NanError: naming the primitive, its operands and the user's line.

    Example:
        >>> import fgrad, numpy as np
        >>> with fgrad.debug_nans():
        ...     fgrad.grad(lambda x: np.sqrt(x) * 0.0)(0.0)
        Traceback (most recent call last):
        ...
        fgrad.core.errors.NanError: mul made a NaN in its result f64[]
          ...
    """
    if not isinstance(current_trace(), EvalTrace):
        yield  # inside a traced function: the computing trace below was chosen outside
        return
    with tracing(NanCheckTrace()):
        yield
