"""A primitive: an operation that every trace knows how to process, with its rules.

A primitive is strict: operands have equal shapes and dtypes (a Python number or a 0-d NumPy scalar may stand beside
arrays in an elementwise primitive, as a constant). The front end broadcasts and converts. See `Primitive` for the rules.
Imports `trace`; the primitives themselves are in `ops/`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.core.trace import current_trace

registry: dict[str, Primitive] = {}
"""Every primitive by name: for pickling, printing and the completeness test."""

Rule = Callable[..., Any]


def named(name: str) -> Primitive:
    """The primitive of this name: what a pickle of it refers to. Rooms of `ops/` that nobody has needed yet may define it."""
    if name not in registry:
        rooms = importlib.import_module("fgrad.ops")
        for room in pkgutil.iter_modules(rooms.__path__, "fgrad.ops."):
            importlib.import_module(room.name)
    return registry[name]


class Primitive:
    """An operation and its rules.

    impl: `(*arrays, **params) -> array`, the NumPy computation.
    aval: `(*operands, **params) -> ShapedArray`; operands have `.shape` and `.dtype`.
    partials: a function for each operand, `(out, *primals, **params) -> (t -> tangent)`, or None where there is no derivative. The
        outer call runs in the parent trace and computes residuals; the inner map is linear and runs in the tangent trace.
    transposes: a function for each operand the primitive is linear in, `(ct, *operands, **params) -> ct of that operand`; the linear
        operand itself is a `Var` (it has an `.aval`, no value). Where there are no partials, they are derived from these:
        the primitive is then linear in each of these operands separately.
    linearize: in place of partials, `(primals, active, **params) -> (outs, lin)`, `lin(tangents) -> tangents`, None being a symbolic zero:
        for primitives of many operands, or that contain jaxprs. `transpose`: the whole-equation form of transposes, `(ct, *operands, **params) -> cts`.
    jvp: an optional fused form of linearize, `(primals, tangents, **params) -> (outs, tangents)`.
    batch: `(size, values, mapped, **params) -> (out, out_mapped)`; the mapped axis is axis 0.
    multi: the primitive returns a list; `out`, `ct` and `aval` above are lists then.
    effectful: never evaluated while staging, even on constants.
    """

    __slots__ = (
        "name", "impl", "aval", "partials", "transposes", "linearize", "transpose", "jvp", "batch", "multi", "effectful", "stage", "elementwise",
        "multilinear",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        impl: Rule,
        aval: Callable[..., Any],
        partials: Sequence[Rule | None] | None = None,
        transposes: Sequence[Rule | None] | None = None,
        linearize: Rule | None = None,
        transpose: Rule | None = None,
        jvp: Rule | None = None,
        batch: Rule | None = None,
        stage: Rule | None = None,
        multi: bool = False,
        effectful: bool = False,
        elementwise: bool = False,
    ):
        if name in registry:
            raise ValueError(f"there is a primitive named {name} already")
        self.name, self.impl, self.aval, self.multi = name, impl, aval, multi
        # linear in each of several operands separately, and so not in two of them together: mul, not add
        self.multilinear = partials is None and transposes is not None and sum(t is not None for t in transposes) > 1
        if partials is None and transposes is not None:
            partials = [None if t is None else _linear_partial(self, i) for i, t in enumerate(transposes)]
        self.partials, self.transposes = partials, transposes
        self.linearize, self.transpose, self.jvp, self.batch, self.stage = linearize, transpose, jvp, batch, stage
        self.effectful, self.elementwise = effectful, elementwise
        registry[name] = self

    def __call__(self, *args: Any, **params: Any) -> Any:
        return current_trace().process(self, args, params)

    @property
    def differentiable(self) -> bool:
        return self.partials is not None or self.linearize is not None or self.jvp is not None

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self):
        return named, (self.name,)


def _linear_partial(prim: Primitive, i: int) -> Rule:
    """The derivative of a primitive that is linear in operand i: itself, with the tangent in that place."""

    def partial(out: Any, *primals: Any, **params: Any) -> Rule:
        before, after = primals[:i], primals[i + 1 :]
        return lambda t: prim(*before, t, *after, **params)

    return partial
