"""Primitives that carry rules the user wrote: `custom_jvp` and `custom_vjp`.

They hold the function and its rules as functions of flat values. Staging turns the function into a jaxpr and keeps the rules as they are:
they are traced only if the jaxpr is differentiated. What the function closes over becomes leading operands (`consts` counts them).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fgrad.core.avals import typeof
from fgrad.core.errors import UnsupportedError
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.primitive import Primitive
from fgrad.core.stage import StageTrace, stage
from fgrad.ops.shapes import reduce_sum, zeros
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.jaxprs import cut, present, spread


def _run(fun: Any, args: Sequence[Any]) -> list:
    return fun(*args)


def _out_avals(*args: Any, fun: Any, **params: Any) -> list:
    # only a staged function is typed: `stage` below has replaced it with its jaxpr
    return fun.out_avals


def _stage_function(prim: Primitive) -> Callable:
    def rule(trace: StageTrace, args: Sequence[Any], params: dict[str, Any]) -> list:
        fun = params["fun"]
        if isinstance(fun, Jaxpr):
            return trace.record(prim, args, params, fun.out_avals)
        jaxpr, consts = stage(fun, [typeof(a) for a in args], params["rule"] if prim is custom_jvp_call else params["fwd"])
        params = {**params, "fun": jaxpr, "consts": params["consts"] + len(consts)}
        return trace.record(prim, [*consts, *args], params, jaxpr.out_avals)

    return rule


def _no_const_tangents(tangents: Sequence[Any]) -> None:
    if any(t is not None and t is not False for t in tangents):
        raise UnsupportedError(
            "a function with a custom derivative closes over a value that is being differentiated",
            "Its rule says nothing about that value; pass it as an argument.",
        )


def _batched(fun: Any, size: int, mapped: Sequence[bool]) -> Callable:
    return lambda *args: batch_flat(lambda *xs: _run(fun, xs), size, args, mapped, True)[0]


# -- custom_jvp: the rule (primals, tangents) -> (outs, tangents). Linearization differentiates the rule at zero tangents, which is linear in them


def _custom_jvp_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, fun: Any, rule: Any, consts: int) -> tuple[list, list]:
    _no_const_tangents(tangents[:consts])
    return rule(primals[consts:], tangents[consts:])


def _custom_jvp_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, fun: Any, rule: Any, consts: int) -> tuple[list, list]:
    def batched_rule(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[list, list]:
        active, out_active = [t is not None for t in tangents], []
        # a tangent is mapped as its primal is, or where it is a batch of tangents of one shared primal
        ts = present(tangents)
        shared = [typeof(t).shape == typeof(p).shape for p, t in zip(primals, tangents, strict=True) if t is not None]
        ts_mapped = [
            m if same else True for m, same in zip([m for m, a in zip(mapped[consts:], active, strict=True) if a], shared, strict=True)
        ]

        def both(*args: Any) -> list:
            ps, some = cut(args, len(primals))
            outs, touts = rule(ps, spread(some, active))
            out_active[:] = [t is not None for t in touts]
            return list(outs) + present(touts)

        found, _ = batch_flat(both, size, [*primals, *ts], [*mapped[consts:], *ts_mapped], True)
        outs, touts = cut(found, len(found) - sum(out_active))
        return outs, spread(touts, out_active)

    outs = custom_jvp_call(*values, fun=_batched(fun, size, mapped), rule=batched_rule, consts=consts)
    return outs, [True] * len(outs)


custom_jvp_call = Primitive(
    "custom_jvp_call",
    multi=True,
    impl=lambda *args, fun, rule, consts: _run(fun, args),
    aval=_out_avals,
    jvp=_custom_jvp_jvp,
    batch=_custom_jvp_batch,
)
custom_jvp_call.stage = _stage_function(custom_jvp_call)

# -- custom_vjp: fwd gives outputs and residuals; the linear map is a primitive that has a transpose (bwd) and nothing else


def _custom_vjp_linearize(primals: Sequence[Any], active: Sequence[bool], *, fun: Any, fwd: Any, bwd: Any, consts: int) -> tuple[list, Any]:
    _no_const_tangents(active[:consts])
    outs, residuals = fwd(*primals[consts:])
    avals = tuple(typeof(o) for o in outs)
    mask = tuple(active[consts:])

    def lin(tangents: Sequence[Any]) -> list:
        return custom_linear(*residuals, *present(tangents[consts:]), residuals=len(residuals), bwd=bwd, active=mask, avals=avals)

    return outs, lin


def _custom_vjp_batch(
    size: int, values: Sequence[Any], mapped: Sequence[bool], *, fun: Any, fwd: Any, bwd: Any, consts: int
) -> tuple[list, list]:
    own = mapped[consts:]

    def batched_fwd(*args: Any) -> tuple[list, list]:
        n_outs: list[int] = []

        def flat(*xs: Any) -> list:
            outs, residuals = fwd(*xs)
            n_outs[:] = [len(outs)]
            return [*outs, *residuals]

        found, _ = batch_flat(flat, size, args, own, True)
        outs, residuals = cut(found, n_outs[0])
        return outs, residuals

    def batched_bwd(residuals: Sequence[Any], cts: Sequence[Any]) -> list:
        flat = lambda *xs: bwd(xs[: len(residuals)], xs[len(residuals) :])
        grads, _ = batch_flat(flat, size, [*residuals, *cts], [True] * (len(residuals) + len(cts)), True)
        return [g if m else reduce_sum(g, axes=(0,)) for g, m in zip(grads, own, strict=True)]

    outs = custom_vjp_call(*values, fun=_batched(fun, size, mapped), fwd=batched_fwd, bwd=batched_bwd, consts=consts)
    return outs, [True] * len(outs)


def _no_forward_mode(*args: Any, **params: Any) -> Any:
    raise UnsupportedError(
        "forward mode through a function with custom_vjp, which has a rule for reverse mode only",
        "Use fgrad.custom_jvp, whose one rule serves both modes, or reverse mode: grad, vjp, jacrev.",
    )


def _custom_linear_transpose(cts: Sequence[Any], *args: Any, residuals: int, bwd: Any, active: tuple, avals: tuple) -> list:
    full = [zeros(aval=a) if c is None else c for c, a in zip(cts, avals, strict=True)]
    grads = bwd(args[:residuals], full)
    return [None] * residuals + [g for g, m in zip(grads, active, strict=True) if m]


def _custom_linear_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], **params: Any) -> Any:
    return _no_forward_mode()


custom_vjp_call = Primitive(
    "custom_vjp_call",
    multi=True,
    impl=lambda *args, fun, fwd, bwd, consts: _run(fun, args),
    aval=_out_avals,
    linearize=_custom_vjp_linearize,
    jvp=_no_forward_mode,
    batch=_custom_vjp_batch,
)
custom_vjp_call.stage = _stage_function(custom_vjp_call)

custom_linear = Primitive(
    "custom_linear",
    multi=True,
    impl=_no_forward_mode,
    aval=lambda *args, residuals, bwd, active, avals: list(avals),
    jvp=_no_forward_mode,
    transpose=_custom_linear_transpose,
    batch=_custom_linear_batch,
)
