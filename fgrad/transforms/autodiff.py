"""Differentiation while the function runs: one trace serves forward mode and linearization.

`ADTrace(parent, tangent_trace)` carries primal and tangent. The parent runs the primal program; the tangent trace runs the linear maps:
the parent itself gives `jvp`, a `LinearTrace` writes them down, which is `linearize`. Reverse mode is the transpose of what was
written (`transpose.py`). A tangent of None is a symbolic zero, known here and in `transpose.py` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fgrad.core.avals import is_inexact, typeof
from fgrad.core.errors import ConcretizationError, FgradError, JaxprError, UnsupportedError
from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var, checked
from fgrad.core.primitive import Primitive
from fgrad.core.source import user_source
from fgrad.core.stage import StageTracer
from fgrad.core.trace import EvalTrace, Trace, Tracer, current_trace, leaked, set_current, tracing
from fgrad.ops.family import elementwise_aval
from fgrad.ops.shapes import zeros
from fgrad.ops.stacks import accumulate


class ADTracer(Tracer):
    """A primal and its tangent."""

    __slots__ = ("primal", "tangent")

    def __init__(self, trace: Trace, primal: Any, tangent: Any):
        self._trace = trace
        self.primal = primal
        self.tangent = tangent

    @property
    def aval(self) -> Any:
        return typeof(self.primal)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.primal.shape

    @property
    def dtype(self) -> Any:
        return self.primal.dtype

    def concrete(self, what: str) -> Any:
        return self.primal.concrete(what) if isinstance(self.primal, Tracer) else self.primal

    def __float__(self) -> float:
        # math.sin(x), and a[i] = x on a NumPy array, ask for this: a value would silently have no derivative
        raise self._lost("float()")

    def __complex__(self) -> complex:
        raise self._lost("complex()")

    def _lost(self, what: str) -> FgradError:
        if self._trace.done:
            return leaked(self)
        return ConcretizationError(
            f"{what} of x: {self.aval!r} would lose its derivative, and x is being differentiated",
            "In place of math.sin(x) write np.sin(x); in place of out[i] = x on a NumPy array write np.stack of its entries,"
            " or out = fgrad.numpy.at(out)[i].set(x).",
            "For the value as a constant write x.item(), or fgrad.stop_gradient(x).",
        )

    def describe_trace(self) -> str:
        return "differentiated (its tangent would be lost)"

    def __repr__(self) -> str:
        return f"ADTracer({self.primal!r})"


class ADTrace(Trace):
    """Primals in `parent`, linear maps in `tangent_trace`."""

    __slots__ = ("parent", "tangent_trace")

    def __init__(self, parent: Trace, tangent_trace: Trace, fun: Any = None):
        self.parent = parent
        self.tangent_trace = tangent_trace
        self.fun = fun
        self.done = False

    def split(self, x: Any) -> tuple[Any, Any]:
        if type(x) is ADTracer and x._trace is self:
            return x.primal, x.tangent
        return x, None

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        primals = list(args)
        tangents: list[Any] | None = None
        for i, a in enumerate(args):
            if type(a) is ADTracer and a._trace is self:
                if tangents is None:
                    tangents = [None] * len(args)
                primals[i] = a.primal
                tangents[i] = a.tangent
        parent = self.parent
        before = current_trace()
        set_current(parent)
        try:
            if tangents is None:
                return parent.process(prim, primals, params)
            if prim.partials is None:
                return self.process_whole(prim, primals, tangents, params)
            out = parent.process(prim, primals, params)
            maps = []
            for partial, t in zip(prim.partials, tangents):  # noqa: B905 (strict costs as much as the loop)
                if t is not None and partial is not None:
                    f = partial(out, *primals, **params)
                    if f is not None:
                        maps.append(f)
                        maps.append(t)
            if not maps:
                return out
            set_current(self.tangent_trace)
            if prim.multi:
                sums = [f(t) for f, t in zip(maps[::2], maps[1::2], strict=True)]
                return [self.join(o, add_up(ts)) for o, ts in zip(out, zip(*sums, strict=True), strict=True)]
            tangent = maps[0](maps[1])
            for i in range(2, len(maps), 2):
                tangent = accumulate(tangent, maps[i](maps[i + 1]))
            return ADTracer(self, out, tangent)
        finally:
            set_current(before)

    def join(self, primal: Any, tangent: Any) -> Any:
        return primal if tangent is None else ADTracer(self, primal, tangent)

    def process_whole(self, prim: Primitive, primals: list, tangents: list, params: dict[str, Any]) -> Any:
        """Primitives with a rule for all operands at once, and those without a derivative."""
        forward = self.tangent_trace is self.parent
        if prim.jvp is not None and (forward or prim.linearize is None):
            if forward:
                outs, touts = prim.jvp(primals, tangents, **params)
            else:
                outs, touts = self.linearize_jvp_rule(prim, primals, tangents, params)
        elif prim.linearize is not None:
            outs, lin = prim.linearize(primals, [t is not None for t in tangents], **params)
            set_current(self.tangent_trace)
            touts = lin(tangents)
        else:
            out = self.parent.process(prim, primals, params)
            kinds = [is_inexact(o.dtype) for o in (out if prim.multi else [out]) if hasattr(o, "dtype")]
            if any(kinds) and prim.transposes is not None:
                raise UnsupportedError(f"{prim.name} has no derivative")
            return out
        joined = [self.join(o, t) for o, t in zip(outs, touts, strict=True)]
        return joined if prim.multi else joined[0]

    def linearize_jvp_rule(self, prim: Primitive, primals: list, tangents: list, params: dict[str, Any]) -> tuple[list, list]:
        """A jvp written as one function is linear in its tangents, so its derivative at zero tangents is that linear map."""
        ad = ADTrace(self.parent, self.tangent_trace, self.fun)
        hot = [None if t is None else ADTracer(ad, zeros(aval=typeof(p)), t) for p, t in zip(primals, tangents, strict=True)]
        with tracing(ad, last=True):
            outs, touts = prim.jvp(primals, hot, **params)  # type: ignore[misc]
        return [ad.split(o)[0] for o in outs], [None if t is None else ad.split(t)[1] for t in touts]


def add_up(ts: Sequence[Any]) -> Any:
    total = None
    for t in ts:
        if t is not None:
            total = t if total is None else accumulate(total, t)
    return total


class LinearTrace(Trace):
    """Writes a linear program. What is not a tangent is a residual and stands in the equation as a value.

    It refuses an equation with no tangent operand, and so catches a residual computed in the wrong place.
    """

    __slots__ = ("eqns", "watched")

    def __init__(self, fun: Any = None, parent: Trace | None = None):
        super().__init__(fun)
        self.eqns: list[Equation] = []
        while parent is not None and not isinstance(parent, EvalTrace):
            parent = getattr(parent, "parent", None)
        self.watched = parent is not None and parent.watched

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        inputs = list(args)
        tangent: Any = None
        for i, a in enumerate(args):
            if type(a) is StageTracer and a._trace is self:
                inputs[i] = a._var
                tangent = a
        if tangent is None and prim is not zeros:
            raise JaxprError(
                f"a linear map runs `{prim.name}` on no tangent",
                "A derivative rule must compute what does not depend on the tangent in its outer function.",
            )
        source = user_source(3) if self.watched else None  # as long as a small operation, so only where it was asked for
        if prim.multi:
            outs = [StageTracer(self, a) for a in prim.aval(*args, **params)]
            self.eqns.append(Equation(prim, inputs, params, [o._var for o in outs], source))
            return outs
        # a strict elementwise primitive keeps the type of its operands
        out = StageTracer(self, tangent.aval if tangent is not None and prim.aval is elementwise_aval else prim.aval(*args, **params))
        self.eqns.append(Equation(prim, inputs, params, (out._var,), source))
        return out


class LinearProgram:
    """What linearization wrote: `outvars` (None is zero) as linear functions of `invars`; residuals stand in the equations."""

    __slots__ = ("_last", "invars", "eqns", "outvars")

    def __init__(self, invars: Sequence[Var], eqns: list[Equation], outvars: Sequence[Var | None]):
        self.invars, self.eqns, self.outvars = invars, eqns, outvars
        self._last: list[list[Var]] | None = None

    def __call__(self, tangents: Sequence[Any]) -> list:
        """Runs it forward in the current trace, dropping each value after its last read; a None among the results is a zero."""
        env: dict[Var, Any] = dict(zip(self.invars, tangents, strict=True))
        if self._last is None:
            self._last = self.last_reads()
        for (prim, inputs, params, outvars, _), dead in zip(self.eqns, self._last, strict=True):
            out = prim(*[env[a] if type(a) is Var else a for a in inputs], **params)
            if prim.multi:
                env.update(zip(outvars, out, strict=True))
            else:
                env[outvars[0]] = out
            del out
            for v in dead:
                del env[v]
        return [None if v is None else env[v] for v in self.outvars]

    def last_reads(self) -> list[list[Var]]:
        """For each equation the variables that nothing reads after it."""
        read, found = {v for v in self.outvars if v is not None}, []
        for eqn in reversed(self.eqns):
            dead = []
            for a in (*eqn.inputs, *eqn.outvars):
                if type(a) is Var and a not in read:
                    read.add(a)
                    dead.append(a)
            found.append(dead)
        return found[::-1]

    def to_jaxpr(self) -> tuple[Jaxpr, list[Any]]:
        """The same as a jaxpr over [residuals, tangents] (its outputs are those that are not zero), and the residuals."""
        residuals: list[Any] = []
        known: dict[int, Var] = {}

        def atom(a: Any) -> Any:
            if type(a) is Var:
                return a
            if not isinstance(a, Tracer) and not getattr(a, "ndim", 0) and not hasattr(a, "aval"):
                return Literal(a)
            if id(a) not in known:
                known[id(a)] = Var(typeof(a))
                residuals.append(a)
            return known[id(a)]

        eqns = tuple(e._replace(inputs=[atom(a) for a in e.inputs]) for e in self.eqns)
        outs = tuple(v for v in self.outvars if v is not None)
        return checked(Jaxpr((*known.values(), *self.invars), eqns, outs)), residuals


def jvp_flat(flat_fun: Callable[..., Sequence[Any]], primals: Sequence[Any], tangents: Sequence[Any], fun: Any = None) -> tuple[list, list]:
    """Outputs and their tangents (None is zero)."""
    parent = current_trace()
    ad = ADTrace(parent, parent, fun)
    with tracing(ad, last=True):
        outs = flat_fun(*[p if t is None else ADTracer(ad, p, t) for p, t in zip(primals, tangents, strict=True)])
    pairs = [ad.split(o) for o in outs]
    return [p for p, _ in pairs], [t for _, t in pairs]


def linearize_flat(
    flat_fun: Callable[..., Sequence[Any]], primals: Sequence[Any], active: Sequence[bool], fun: Any = None
) -> tuple[list, LinearProgram]:
    """Outputs, and the derivative at `primals` as a linear program over the active inputs."""
    parent = current_trace()
    linear = LinearTrace(fun, parent)
    ad = ADTrace(parent, linear, fun)
    inputs = [StageTracer(linear, typeof(p)) if a else None for p, a in zip(primals, active, strict=True)]
    with tracing(ad, last=True):
        outs = flat_fun(*[p if t is None else ADTracer(ad, p, t) for p, t in zip(primals, inputs, strict=True)])
    pairs = [ad.split(o) for o in outs]
    linear.done = True
    program = LinearProgram([t._var for t in inputs if t is not None], linear.eqns, [None if t is None else t._var for _, t in pairs])
    return [p for p, _ in pairs], program
