"""jit as a primitive: a call of a jaxpr. Its derivatives, batches and transposes are calls of derived jaxprs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fgrad.compile.backend import PARTS, evaluate
from fgrad.compile.simplify import OPAQUE, simplify
from fgrad.core.evaluate import runner
from fgrad.core.jaxpr import Jaxpr, Var
from fgrad.core.primitive import Primitive, Rule
from fgrad.transforms.jaxprs import batch_jaxpr, cut, jvp_jaxpr, linearize_jaxpr, present, spread, transpose_jaxpr


def _run(*args: Any, jaxpr: Jaxpr, name: str) -> list:
    # what is checkpointed is staged anew in each call, so it would be compiled in each
    return runner(jaxpr, prepare=simplify)(*args) if name in OPAQUE else evaluate(jaxpr, args)


def _linearize(primals: Sequence[Any], active: Sequence[bool], *, jaxpr: Jaxpr, name: str) -> tuple[list, Any]:
    lz = linearize_jaxpr(jaxpr, active)
    outs = call(*primals, jaxpr=lz.primal, name=name)
    residuals = lz.residuals(primals, outs)

    def lin(tangents: Sequence[Any]) -> list:
        if not any(lz.out_active):
            return [None] * len(lz.out_active)
        return spread(call(*residuals, *present(tangents), jaxpr=lz.linear, name=name), lz.out_active)

    return outs[: len(jaxpr.outvars)], lin


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], *, jaxpr: Jaxpr, name: str) -> tuple[list, list]:
    derived, out_active = jvp_jaxpr(jaxpr, [t is not None for t in tangents])
    outs, touts = cut(call(*primals, *present(tangents), jaxpr=derived, name=name), len(jaxpr.outvars))
    return outs, spread(touts, out_active)


def linear_operands(args: Sequence[Any]) -> tuple[list[bool], list]:
    """Which operands of an equation being transposed are linear (Vars), and the values of the others."""
    return [type(a) is Var for a in args], [a for a in args if type(a) is not Var]


def _transpose(cts: Sequence[Any], *args: Any, jaxpr: Jaxpr, name: str) -> list:
    linear, values = linear_operands(args)
    derived, found = transpose_jaxpr(jaxpr, linear, [ct is not None for ct in cts])
    grads = call(*values, *present(cts), jaxpr=derived, name=name)
    return spread(spread(grads, found), linear)


def _batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, jaxpr: Jaxpr, name: str) -> tuple[list, Sequence[bool]]:
    derived, out_mapped = batch_jaxpr(jaxpr, size, mapped)
    return call(*values, jaxpr=derived, name=name), out_mapped


def like_a_call(name: str, impl: Rule, equivalent: Callable[..., Jaxpr], transpose: Rule | None = None) -> Primitive:
    """A primitive that computes what the jaxpr `equivalent(**params)` computes, in a way of its own; its derivatives and batches are the jaxpr's."""
    as_call = lambda params: {"jaxpr": equivalent(**params), "name": name}
    return Primitive(
        name,
        multi=True,
        impl=impl,
        aval=lambda *args, **params: equivalent(**params).out_avals,
        linearize=lambda primals, active, **params: _linearize(primals, active, **as_call(params)),
        jvp=lambda primals, tangents, **params: _jvp(primals, tangents, **as_call(params)),
        transpose=transpose or (lambda cts, *args, **params: _transpose(cts, *args, **as_call(params))),
        batch=lambda size, values, mapped, **params: _batch(size, values, mapped, **as_call(params)),
    )


PARTS.append("fgrad.control.native")  # its rules for loops and branches

call = Primitive(
    "call",
    multi=True,
    impl=_run,
    aval=lambda *args, jaxpr, name: jaxpr.out_avals,
    linearize=_linearize,
    jvp=_jvp,
    transpose=_transpose,
    batch=_batch,
)
