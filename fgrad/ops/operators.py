"""Python's operators on tracers: the only place that puts `+`, `*`, `<`, `[]` on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS
from fgrad.core.trace import Tracer
from fgrad.ops.at import At
from fgrad.ops.getitem import getitem
from fgrad.ops.matmul import matmul  # noqa: F401  (adds NumPy's products to the table)
from fgrad.ops.ufuncs import UFUNCS, Ufunc


def _takes(x: Any) -> bool:
    return type(x) in PYTHON_SCALARS or isinstance(x, (Tracer, np.ndarray, np.generic, list, tuple))


def _binary(ufunc: Ufunc) -> tuple[Callable, Callable]:
    def forward(self: Tracer, other: Any) -> Any:
        return ufunc.traced(self, other) if _takes(other) else NotImplemented

    def reflected(self: Tracer, other: Any) -> Any:
        return ufunc.traced(other, self) if _takes(other) else NotImplemented

    return forward, reflected


def _unary(ufunc: Ufunc) -> Callable:
    return lambda self: ufunc.traced(self)


_BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide, "floordiv": np.floor_divide, "mod": np.remainder,
    "pow": np.power, "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
    "divmod": np.divmod, "matmul": np.matmul,
}  # fmt: skip
_COMPARISON = {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}
_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}

for _name, _ufunc in _BINARY.items():
    _forward, _reflected = _binary(UFUNCS[_ufunc])
    setattr(Tracer, f"__{_name}__", _forward)
    setattr(Tracer, f"__r{_name}__", _reflected)
for _name, _ufunc in _COMPARISON.items():
    setattr(Tracer, f"__{_name}__", _binary(UFUNCS[_ufunc])[0])
for _name, _ufunc in _UNARY.items():
    setattr(Tracer, f"__{_name}__", _unary(UFUNCS[_ufunc]))
Tracer.__getitem__ = getitem  # type: ignore[method-assign]
Tracer.at = property(At)  # type: ignore[attr-defined]
Tracer.__hash__ = object.__hash__  # type: ignore[method-assign]  # == compares entries; identity is the hash
