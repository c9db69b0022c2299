"""A function of a pytree as the solvers of SciPy see it: a function of one float64 vector, staged once, compiled, with its derivatives.

A function that asks for values (`if x > 0`) cannot be staged; it is traced anew at each call then, and not compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.derivatives import grad
from fgrad.api.jit import jit
from fgrad.api.vector import F64, Vector
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.errors import ConcretizationError, NanError, ShapeError
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer
from fgrad.transforms.debug import debug_nans


class Program:
    """fun(x, *args) as a jaxpr over what it closes over and the vector; None where it cannot be staged."""

    def __init__(self, name: str, fun: Callable, vector: Vector, args: tuple):
        self.name, self.fun, self.vector, self.args = name, fun, vector, args
        self.jaxpr: Jaxpr | None = None
        self.known: list[Any] = []
        try:
            self.jaxpr, self.known = stage(lambda x: [self._flat(x)], [ShapedArray((vector.size,), F64)], fun)
        except ConcretizationError:
            if any(isinstance(x, Tracer) for x in tree.leaves(args)):
                raise
            self.aval = typeof(self._flat(vector.pack(tree.unflatten(vector.treedef, vector.leaves))))
        else:
            (self.aval,) = self.jaxpr.out_avals

    def _flat(self, x: Any) -> Any:
        out = self.fun(self.vector.unpack(x), *self.args)
        leaves, treedef = tree.flatten(out)
        if treedef.num_nodes != 1 or len(leaves) != 1:
            raise ShapeError(f"{self.name}: {function_name(self.fun)} returned {tree.show(treedef)}, and must return one array")
        return tree.canonical_leaf(leaves[0], f"{self.name}: the result of {function_name(self.fun)}")

    @property
    def traced(self) -> bool:
        """Whether it depends on values of a transformation that is under way, by which the solution can be differentiated."""
        return any(isinstance(c, Tracer) for c in self.known)

    def of(self, known: Sequence[Any]) -> Callable[[Any], Any]:
        """The function of the vector, for what it closes over."""
        jaxpr = self.jaxpr
        if jaxpr is None:
            return self._flat
        return lambda x: eval_jaxpr(jaxpr, (), *known, x)[0]

    def compiled(self, derivative: Callable[[Callable], Callable], known: Sequence[Any]) -> Callable[..., Any]:
        """derivative(function of the vector), compiled where it can be."""
        if self.jaxpr is None:
            return derivative(self._flat)
        program = jit(lambda known, *xs: derivative(self.of(known))(*xs))
        fixed = list(known)
        return lambda *xs: program(fixed, *[np.asarray(x, F64) for x in xs])  # solvers try their operators with vectors of int8

    def check_start(self, known: Sequence[Any], x: np.ndarray, value: Any) -> None:
        """Raises where the function (or its gradient beside it) is NaN at the start, naming the primitive that made it."""
        if any(np.isnan(v).any() for v in tree.leaves(value)):
            if not np.isfinite(x).all():
                bad = int(np.flatnonzero(~np.isfinite(x))[0])
                raise NanError(f"{self.name}: {self.vector.entry(bad)} is {x[bad]}, so {function_name(self.fun)} is NaN at the start")
            with debug_nans():
                grad(lambda x: fnp.sum(self.of(known)(x)))(x)
            raise NanError(f"{self.name}: {function_name(self.fun)} or its derivative is NaN at x0")
