"""Staging: running a function on tracers that write a jaxpr instead of computing.

Only what depends on a tracer is written: an operation on constants is evaluated as it would be outside, so plain NumPy calls and
`fgrad.numpy` calls on constants stage alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fgrad.core.avals import PYTHON_SCALARS, typeof
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var, checked, is_scalar_constant
from fgrad.core.primitive import Primitive
from fgrad.core.source import Source, current_scope, function_name, set_scope, user_source
from fgrad.core.trace import EVAL, Trace, Tracer, leaked, tracing


class StageTracer(Tracer):
    """A variable of the jaxpr being written."""

    __slots__ = ("_aval", "_var", "source")

    def __init__(self, trace: Trace, aval: Any, source: Source | None = None):
        self._trace, self._aval, self._var, self.source = trace, aval, Var(aval), source

    @property
    def aval(self) -> Any:
        return self._aval

    def describe_trace(self) -> str:
        return (
            f"staged in `{function_name(self._trace.fun)}` (no values, only types)" if self._trace.fun else "staged (no values, only types)"
        )


class StageTrace(Trace):
    """Writes equations. What belongs to no trace, or to an outer one, becomes a constant: an input of the jaxpr."""

    __slots__ = ("eqns", "consts", "constvars", "known")

    def __init__(self, fun: Any = None):
        super().__init__(fun)
        self.eqns: list[Equation] = []
        self.consts: list[Any] = []
        self.constvars: list[Var] = []
        self.known: dict[int, Var] = {}  # by id; `consts` keeps the objects alive

    def new_input(self, aval: Any) -> StageTracer:
        return StageTracer(self, aval)

    def atom(self, x: Any) -> Atom:
        if isinstance(x, Tracer):
            if x._trace is self:
                return x._var  # type: ignore[attr-defined]
            if x._trace.done:
                raise leaked(x)
        elif is_scalar_constant(x):
            return Literal(x if type(x) in PYTHON_SCALARS else x[()])
        var = self.known.get(id(x))
        if var is None:
            var = self.known[id(x)] = Var(typeof(x))
            self.consts.append(x)
            self.constvars.append(var)
        return var

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        if not prim.effectful and self.is_constant(prim, args):
            with tracing(EVAL):  # what evaluates a jaxpr meets equations without operands, which this trace would write
                return EVAL.process(prim, args, params)
        if prim.stage is not None:
            return prim.stage(self, args, params)
        return self.record(prim, args, params, prim.aval(*args, **params))

    def is_constant(self, prim: Primitive, args: Any) -> bool:
        if not args:
            return False
        data = prim.elementwise
        for a in args:
            if isinstance(a, Tracer):
                return False
            data = data or getattr(a, "ndim", 0) > 0
        return data  # a scalar that is broadcast stays an equation: it need not be stored

    def record(self, prim: Primitive, args: Any, params: dict[str, Any], aval: Any) -> Any:
        """Writes one equation whose outputs have these avals."""
        source = user_source(3)
        atoms = [a._var if type(a) is StageTracer and a._trace is self else self.atom(a) for a in args]
        if prim.multi:
            outs = [StageTracer(self, a, source) for a in aval]
            self.eqns.append(Equation(prim, atoms, params, [o._var for o in outs], source))
            return outs
        out = StageTracer(self, aval, source)
        self.eqns.append(Equation(prim, atoms, params, [out._var], source))
        return out

    def close(self, inputs: Sequence[StageTracer], outs: Sequence[Any]) -> Jaxpr:
        """The jaxpr of what was written, its constants as leading inputs."""
        outvars = tuple(self.atom(o) for o in outs)
        return checked(Jaxpr((*self.constvars, *[i._var for i in inputs]), tuple(self.eqns), outvars))


def stage(
    flat_fun: Callable[..., Sequence[Any]], avals: Sequence[Any], fun: Any = None, kind: type[StageTrace] = StageTrace
) -> tuple[Jaxpr, list[Any]]:
    """The jaxpr of a function of flat arguments, and the values it closes over (leading inputs of the jaxpr)."""
    trace = kind(fun if fun is not None else flat_fun)
    inputs = [trace.new_input(a) for a in avals]
    scope = current_scope()
    set_scope(None)  # the scopes of a program are those it opens: a jitted function is staged once and called from many
    try:
        with tracing(trace, last=True):
            outs = flat_fun(*inputs)
            jaxpr = trace.close(inputs, outs)
    finally:
        set_scope(scope)
    return jaxpr, trace.consts
