"""Transposition: running a linear program backward.

Each equation's cotangent is sent to its linear operands by the primitive's transpose rule. The walk is a loop over the equations
(no recursion), and can consume the program as it goes, so that each residual is freed as soon as it was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fgrad.core.errors import NanError, UnsupportedError
from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var
from fgrad.core.primitive import Primitive
from fgrad.ops.stacks import accumulate
from fgrad.transforms.autodiff import LinearProgram


def transpose_program(program: LinearProgram, cts: Sequence[Any], consume: bool = False) -> list:
    """Cotangents of the inputs from those of the outputs, in the current trace; None is zero. `consume` empties the program."""
    env: dict[Var, Any] = {}
    for v, ct in zip(program.outvars, cts, strict=True):
        if v is not None and ct is not None:
            env[v] = accumulate(env[v], ct) if v in env else ct
    backward_pass(program.eqns if consume else list(program.eqns), env)
    return [env.get(v) for v in program.invars]


def backward_pass(eqns: list[Equation], cts: dict[Var, Any]) -> None:
    """Pops equations off the end, moving the cotangents in `cts` from their outputs to their linear operands (the Vars among the inputs)."""
    pop, get = cts.pop, cts.get
    source = None
    try:
        while eqns:
            prim, inputs, params, outvars, source = eqns.pop()
            if prim.multi:
                ct = [pop(v, None) for v in outvars]
                if all(c is None for c in ct):
                    continue
            else:
                ct = pop(outvars[0], None)
                if ct is None:
                    continue
            rules = prim.transposes
            if rules is None:
                if prim.transpose is None:
                    if not inputs:  # zeros
                        continue
                    raise _not_linear(prim)
                for a, g in zip(inputs, prim.transpose(ct, *inputs, **params), strict=True):
                    if g is not None and type(a) is Var:
                        before = get(a)
                        cts[a] = g if before is None else accumulate(before, g)
                continue
            for a, rule in zip(inputs, rules, strict=True):
                if type(a) is Var:
                    if rule is None:
                        raise _not_linear(prim)
                    g = rule(ct, *inputs, **params)
                    before = get(a)
                    cts[a] = g if before is None else accumulate(before, g)
            # a residual that the rules closed over must not outlive this step
            del inputs, ct
    except NanError as err:
        if source is None:
            raise
        # the lines of a linear program are kept where results are watched: this is more help than the line that called grad
        raise NanError(
            err.what, *err.hints, "This happened in reverse mode, on the way back through the line above.", source=source
        ) from err


def _not_linear(prim: Primitive) -> UnsupportedError:
    return UnsupportedError(
        f"{prim.name} cannot be transposed: it is not linear in the operand, or has no transpose rule",
        "linear_transpose is for functions that are linear in their arguments; fgrad.vjp takes any function, at a point.",
    )


def backward_jaxpr(jaxpr: Jaxpr, linear: Sequence[bool], values: Sequence[Any], cts: Sequence[Any]) -> list:
    """The transpose of a jaxpr that is linear in the inputs `linear`, at values of the others; a None among the results is zero.

    Equations that read no linear input are evaluated first (which is what makes checkpointed code recompute).
    """
    env: dict[Var, Any] = {}
    given = iter(values)
    linear_vars: set[Var] = set()
    for v, is_linear in zip(jaxpr.invars, linear, strict=True):
        if is_linear:
            linear_vars.add(v)
        else:
            env[v] = next(given)

    def read(a: Any) -> Any:
        return a.value if type(a) is Literal else a if a in linear_vars else env[a]

    program: list[Equation] = []
    for eqn in jaxpr.eqns:
        inputs = [read(a) for a in eqn.inputs]
        if linear_operands := sum(type(a) is Var for a in inputs):
            if linear_operands > 1 and eqn.primitive.multilinear:
                raise _not_linear(eqn.primitive)
            linear_vars.update(eqn.outvars)
            program.append(eqn._replace(inputs=inputs))
        else:
            out = eqn.primitive(*inputs, **eqn.params)
            env.update(zip(eqn.outvars, out if eqn.primitive.multi else (out,), strict=True))
    out_cts: dict[Var, Any] = {}
    for a, ct in zip(jaxpr.outvars, cts, strict=True):
        if ct is not None and type(a) is Var and a in linear_vars:
            out_cts[a] = accumulate(out_cts[a], ct) if a in out_cts else ct
    backward_pass(program, out_cts)
    return [out_cts.get(v) for v, m in zip(jaxpr.invars, linear, strict=True) if m]
