"""A function of a pytree as the solvers of SciPy see it: a function of one float64 vector, staged once, compiled, with its derivatives.

A function that asks for values (`if x > 0`) cannot be staged; it is traced anew at each call then, and not compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.derivatives import grad
from fgrad.api.flat import flatten_args
from fgrad.api.jit import jit
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, is_inexact, short, typeof
from fgrad.core.errors import ConcretizationError, DtypeError, NanError, ShapeError
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer
from fgrad.transforms.debug import debug_nans

F64 = np.dtype(np.float64)


class Vector:
    """A pytree as a vector of float64, and back."""

    def __init__(self, name: str, x0: Any):
        leaves, treedef = flatten_args((x0,), f"{name}: x0")
        self.treedef = treedef.children()[0]
        self.paths = tree.paths(self.treedef)
        for path, x in zip(self.paths, leaves, strict=True):
            if x.dtype.kind == "c":
                raise DtypeError(
                    f"{name}: x0{path}: {short(x)} is complex", "SciPy's solvers take real vectors: pass the real and the imaginary part."
                )
        self.shapes = [x.shape for x in leaves]
        self.dtypes = [x.dtype if is_inexact(x.dtype) else F64 for x in leaves]  # integers are where the search starts, not what it finds
        self.stops = np.cumsum([math.prod(s) for s in self.shapes]).tolist()
        self.size = self.stops[-1] if self.stops else 0
        self.plain = len(self.shapes) == 1 and self.treedef.num_nodes == 1 and len(self.shapes[0]) == 1 and self.dtypes[0] == F64
        self.leaves = leaves

    def pack(self, x: Any) -> Any:
        """The entries of such a pytree, one after another."""
        parts = [fnp.astype(fnp.reshape(fnp.asarray(v), (-1,)), F64) for v in tree.flatten_like(self.treedef, x, "a pytree and that of x0")]
        return parts[0] if len(parts) == 1 else fnp.concatenate(parts) if parts else np.empty(0)

    def unpack(self, vector: Any) -> Any:
        """The pytree with these entries."""
        if self.plain:
            return vector
        starts = [0, *self.stops]
        parts = zip(self.shapes, self.dtypes, starts, self.stops, strict=False)
        return tree.unflatten(self.treedef, [fnp.astype(fnp.reshape(vector[i:j], shape), dtype)[()] for shape, dtype, i, j in parts])

    def entry(self, i: int) -> str:
        """How the user writes entry i."""
        k = next(k for k, stop in enumerate(self.stops) if i < stop)
        shape = self.shapes[k]
        at = np.unravel_index(i - (self.stops[k] - math.prod(shape)), shape)
        return f"x0{self.paths[k]}" + (f"[{', '.join(map(str, at))}]" if shape else "")


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
