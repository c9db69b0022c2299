"""What `jit(f).lower(*args)` gives: the stages of a program, to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fgrad.compile import backend
from fgrad.compile.simplify import simplify
from fgrad.core.jaxpr import ClosedJaxpr

if TYPE_CHECKING:  # loaded when something is compiled
    from fgrad.compile.listing import Costs
    from fgrad.compile.loops import LoopNest
    from fgrad.compile.program import Stages


@dataclass(frozen=True)
class Lowered:
    """The stages of a jitted function for one set of argument types.

    Example:
        >>> import fgrad, numpy as np
        >>> lowered = fgrad.jit(lambda x: np.sum(np.sin(x) * 2.0)).lower(np.ones(3))
        >>> lowered.jaxpr
        { lambda a:f64[3]. let
            b:f64[3] = sin a
            c:f64[3] = mul b 2.0
            d:f64[]  = reduce_sum[axes=(0,)] c
          in (d,) }
        >>> print(lowered.source)
        native part 0: a:f64[3] -> b:f64[]
          b:f64[]:
            for i0 < 3:
                v0 = a[i0]
                v1 = sin(v0)
                v2 = v1 * 2.0
                sum b[] of v2
        >>> lowered.cost
        kernel   flops  bytes  times
        b:f64[]      9     32      1
        in all       9     32
    """

    jaxpr: ClosedJaxpr

    @property
    def simplified(self) -> ClosedJaxpr:
        """The program in fewer equations: calls inlined, constants folded, common subexpressions shared, dead code removed."""
        return ClosedJaxpr(simplify(self.jaxpr.jaxpr), self.jaxpr.consts)

    @property
    def _stages(self) -> Stages:
        return self.jaxpr.jaxpr.memoize(("stages",), lambda: backend.program().stages(self.jaxpr.jaxpr))

    @property
    def loops(self) -> tuple[LoopNest, ...]:
        """The fused loop nests, with parameters for arrays, sizes and numbers."""
        return self._stages.loops

    @property
    def source(self) -> str:
        """A listing of what runs: nests, calls of libraries, loops and branches, with the variables' types and the sizes."""
        return self._stages.source

    @property
    def llvm(self) -> str:
        """The LLVM text after its optimiser, for this processor."""
        return self._stages.llvm

    @property
    def cost(self) -> Costs:
        """Operations and bytes of each part of the program, in one call."""
        return self._stages.cost
