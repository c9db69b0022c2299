"""vmap: a trace that carries a mapped axis, always axis 0 of the value it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fgrad.core.avals import typeof, unbatched
from fgrad.core.errors import UnsupportedError
from fgrad.core.primitive import Primitive
from fgrad.core.trace import Trace, Tracer, current_trace, set_current, tracing
from fgrad.ops.stacks import materialize


class BatchTracer(Tracer):
    """An example of a batch: its type is that of `value` without the first axis."""

    __slots__ = ("value",)

    def __init__(self, trace: Trace, value: Any):
        self._trace = trace
        self.value = value

    @property
    def aval(self) -> Any:
        return unbatched(typeof(self.value))

    def describe_trace(self) -> str:
        return "mapped by vmap (it has one value for each example)"


class BatchTrace(Trace):
    """Runs each primitive's batch rule in the parent trace."""

    __slots__ = ("parent", "batch_size")

    def __init__(self, parent: Trace, size: int, fun: Any = None):
        super().__init__(fun)
        self.parent = parent
        self.batch_size = size

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        mapped = [type(a) is BatchTracer and a._trace is self for a in args]
        values = [a.value if m else a for a, m in zip(args, mapped, strict=True)]
        before = current_trace()
        set_current(self.parent)
        try:
            if True not in mapped:
                return self.parent.process(prim, values, params)
            if prim.batch is None:
                raise UnsupportedError(f"{prim.name} has no batch rule, so vmap cannot map it")
            out, out_mapped = prim.batch(self.batch_size, values, mapped, **params)
        finally:
            set_current(before)
        if prim.multi:
            return [BatchTracer(self, o) if m else o for o, m in zip(out, out_mapped, strict=True)]
        return BatchTracer(self, out) if out_mapped else out


def batch_flat(
    flat_fun: Callable[..., Sequence[Any]],
    size: int,
    values: Sequence[Any],
    mapped: Sequence[bool],
    force: Sequence[bool] | bool = False,
    fun: Any = None,
) -> tuple[list, list[bool]]:
    """Outputs with the mapped axis in front, and which have it; those of `force` are repeated where they don't."""
    trace = BatchTrace(current_trace(), size, fun)
    with tracing(trace, last=True):
        outs = flat_fun(*[BatchTracer(trace, v) if m else v for v, m in zip(values, mapped, strict=True)])
    found = [type(o) is BatchTracer and o._trace is trace for o in outs]
    unwrapped = [o.value if m else o for o, m in zip(outs, found, strict=True)]
    forced = [force] * len(outs) if isinstance(force, bool) else force
    both = [m or f for m, f in zip(found, forced, strict=True)]
    return [materialize(size, o, m) if b and not m else o for o, m, b in zip(unwrapped, found, both, strict=True)], both
