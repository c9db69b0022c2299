"""A pytree as one vector: what the solvers of SciPy work on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.api.flat import flatten_args
from fgrad.core import tree
from fgrad.core.avals import is_inexact, short
from fgrad.core.errors import DtypeError

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
