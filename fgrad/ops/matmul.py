"""NumPy's products with batches (matmul, vecdot, matvec, vecmat) on traced operands, and `product`, which `einsum` and its kin share.

Each becomes one `contract` (batch axes in small letters, the last one `a`): axes of size 1 that NumPy would stretch are dropped from the
operand that has them, nothing is repeated.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, short
from fgrad.core.errors import ShapeError
from fgrad.core.trace import Tracer
from fgrad.ops import elementwise as e
from fgrad.ops.axes import normalize_axis
from fgrad.ops.contract import contract
from fgrad.ops.promote import as_operand, cast, resolve_dtypes
from fgrad.ops.shapes import drop, move_axis, reduce_sum, reshape
from fgrad.ops.ufuncs import Ufunc


def product(x: Any, y: Any, x_labels: str, y_labels: str, out_labels: str) -> Any:
    """The sum of products that einsum writes `x_labels,y_labels->out_labels`, of operands of one dtype.

    No letter stands twice in one operand. Sizes of 1 go with any other; a letter that an operand has alone may be summed.
    """
    ones_x = [i for i, c in enumerate(x_labels) if x.shape[i] == 1 and y_labels.find(c) >= 0 and y.shape[y_labels.index(c)] != 1]
    ones_y = [i for i, c in enumerate(y_labels) if y.shape[i] == 1 and x_labels.find(c) >= 0 and x.shape[x_labels.index(c)] != 1]
    x, x_labels = _without(x, x_labels, ones_x)
    y, y_labels = _without(y, y_labels, ones_y)
    x, x_labels = _summed(x, x_labels, y_labels + out_labels)
    y, y_labels = _summed(y, y_labels, x_labels + out_labels)
    return contract(x, y, x_labels=x_labels, y_labels=y_labels, out_labels=out_labels)


def _without(x: Any, labels: str, axes: list[int]) -> tuple[Any, str]:
    if not axes:
        return x, labels
    return reshape(x, shape=drop(x.shape, axes)), "".join(c for i, c in enumerate(labels) if i not in axes)


def _summed(x: Any, labels: str, others: str) -> tuple[Any, str]:
    """x summed over the letters that nothing else has."""
    axes = tuple(i for i, c in enumerate(labels) if c not in others)
    if not axes:
        return x, labels
    return reduce_sum(x, axes=axes), "".join(c for c in labels if c in others)


Cores = dict[tuple[int, int], tuple[str, str, str]]
_MATMUL: Cores = {(2, 2): ("IK", "KJ", "IJ"), (2, 1): ("IK", "K", "I"), (1, 2): ("K", "KJ", "J"), (1, 1): ("K", "K", "")}
_VECDOT: Cores = {(1, 1): ("K", "K", "")}
_MATVEC: Cores = {(2, 1): ("IK", "K", "I")}
_VECMAT: Cores = {(1, 2): ("K", "KJ", "J")}


class Product(Ufunc):
    """A ufunc whose entries are products of vectors and matrices.

    `cores` gives the letters of x, y and the result, by the number of axes of x and y; further axes in front are batches.
    """

    def __init__(self, ufunc: np.ufunc, cores: Cores, conjugate: bool = False):
        super().__init__(ufunc, self._product)
        self.cores, self.conjugate = cores, conjugate
        self.deepest = max(m for m, _ in cores), max(n for _, n in cores)
        self.quick = {
            k: (x.index("K"), y.index("K"), {"x_labels": x, "y_labels": y, "out_labels": out}) for k, (x, y, out) in cores.items()
        }

    def traced(self, *xs: Any, **kwargs: Any) -> Any:
        x, y = xs
        if not kwargs and isinstance(x, (Tracer, np.ndarray)) and isinstance(y, (Tracer, np.ndarray)):
            m, n = x.shape, y.shape
            quick = self.quick.get((len(m), len(n)))
            if quick is not None and (dtype := x.dtype) is y.dtype and dtype.kind == "f" and m[quick[0]] == n[quick[1]]:
                return contract(x, y, **quick[2])
        if kwargs:
            x, y = self._apply_keywords(xs, **kwargs)
        x, y = (np.asarray(a) if type(a) in PYTHON_SCALARS else as_operand(a) for a in (x, y))
        x, y = (cast(a, d) for a, d in zip((x, y), resolve_dtypes(self.__name__, self.ufunc, (x, y)), strict=True))
        return self._product(x, y)

    def _product(self, x: Any, y: Any) -> Any:
        core = self.cores.get((min(x.ndim, self.deepest[0]), min(y.ndim, self.deepest[1])))
        if core is None:
            raise ShapeError(
                f"{self.__name__}: x: {short(x)} and y: {short(y)} have too few axes", f"{self.__name__} takes {self._takes()}."
            )
        core_x, core_y, core_out = core
        batch = x.shape[: x.ndim - len(core_x)], y.shape[: y.ndim - len(core_y)]
        n, m = x.shape[len(batch[0]) + core_x.index("K")], y.shape[len(batch[1]) + core_y.index("K")]
        if n != m:
            raise ShapeError(
                f"{self.__name__}: shapes {short(x)} and {short(y)} do not fit",
                f"the axis that is summed has {n} entries in x and {m} in y.",
            )
        if any(a != b and 1 not in (a, b) for a, b in zip(batch[0][::-1], batch[1][::-1], strict=False)):
            raise ShapeError(
                f"{self.__name__}: the batch axes {batch[0]} of x: {short(x)} and {batch[1]} of y: {short(y)} do not broadcast"
            )
        if self.conjugate and x.dtype.kind == "c":
            x = e.conj(x)
        lead_x, lead_y = (ascii_lowercase[: len(b)][::-1] for b in batch)
        return product(x, y, lead_x + core_x, lead_y + core_y, max(lead_x, lead_y, key=len) + core_out)

    def _takes(self) -> str:
        return " or ".join(f"(..., {', '.join(x)}) and (..., {', '.join(y)})" for x, y, _ in self.cores.values())


class _VecDot(Product):
    def traced(self, *xs: Any, axis: int = -1, keepdims: bool = False, **kwargs: Any) -> Any:
        if axis != -1:
            xs = tuple(move_axis(a, normalize_axis("vecdot", axis, a.ndim), a.ndim - 1) for a in map(as_operand, xs))
        out = super().traced(*xs, **kwargs)
        if not keepdims:
            return out
        at = normalize_axis("vecdot", axis, out.ndim + 1)
        return reshape(out, shape=(*out.shape[:at], 1, *out.shape[at:]))


matmul = Product(np.matmul, _MATMUL)
vecdot = _VecDot(np.vecdot, _VECDOT, conjugate=True)
if hasattr(np, "matvec"):  # NumPy 2.2
    matvec = Product(np.matvec, _MATVEC)
    vecmat = Product(np.vecmat, _VECMAT, conjugate=True)
