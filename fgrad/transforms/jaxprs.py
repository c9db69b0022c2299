"""Transformations from jaxpr to jaxpr, memoised on the jaxpr: what primitives that contain jaxprs are differentiated and mapped with.

The jaxprs here hold no constants (see `without_consts`). Each function is a flat transformation of this floor, run on `eval_jaxpr`, and staged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.core.avals import ShapedArray, batched
from fgrad.core.errors import JaxprError
from fgrad.core.jaxpr import Equation, Jaxpr, Var, checked, dead_code_eliminated, eval_jaxpr
from fgrad.core.primitive import Primitive
from fgrad.core.stage import StageTrace, StageTracer, stage
from fgrad.core.trace import tracing
from fgrad.ops.shapes import zeros
from fgrad.transforms.autodiff import ADTrace, ADTracer, LinearProgram, LinearTrace, jvp_flat
from fgrad.transforms.batch import batch_flat
from fgrad.transforms.transpose import backward_jaxpr


def cut(xs: Sequence[Any], *sizes: int) -> list[list]:
    """xs in consecutive parts of these sizes, and the rest."""
    parts, start = [], 0
    for n in sizes:
        parts.append(list(xs[start : start + n]))
        start += n
    if start > len(xs):
        raise JaxprError(f"{len(xs)} values cannot be cut into parts of {sizes}")
    return [*parts, list(xs[start:])]


def spread(values: Sequence[Any], mask: Sequence[bool]) -> list:
    """The values at the true places of mask, None elsewhere."""
    if len(values) != sum(mask):
        raise JaxprError(f"{len(values)} values for {sum(mask)} places")
    it = iter(values)
    return [next(it) if m else None for m in mask]


def present(xs: Sequence[Any]) -> list:
    """Those that are not None."""
    return [x for x in xs if x is not None]


class Constant:
    """An array as a parameter: equal only to itself."""

    def __init__(self, value: Any):
        self.value = value

    def __repr__(self) -> str:
        return f"<array {self.value.dtype}{list(self.value.shape)}>"


constant = Primitive("constant", impl=lambda *, array: array.value, aval=lambda *, array: ShapedArray(array.value.shape, array.value.dtype))


def without_consts(jaxpr: Jaxpr, consts: Sequence[Any]) -> Jaxpr:
    """The jaxpr with its leading inputs `consts`, arrays, written as equations."""
    if not consts:
        return jaxpr
    heads = tuple(
        Equation(constant, (), {"array": Constant(c)}, (v,), None) for v, c in zip(jaxpr.invars[: len(consts)], consts, strict=True)
    )
    return checked(Jaxpr(jaxpr.invars[len(consts) :], heads + jaxpr.eqns, jaxpr.outvars))


def stage_closed(flat_fun: Any, avals: Sequence[Any]) -> Jaxpr:
    """The jaxpr, free of dead code, of a function that closes over no tracer."""
    jaxpr, consts = stage(flat_fun, avals)
    return dead_code_eliminated(without_consts(jaxpr, consts))


@dataclass(frozen=True, eq=False)
class Linearized:
    """A jaxpr cut in two: `primal` (its further outputs are residuals) and `linear` over [residuals, active tangents].

    `sources` says where each residual is found: ("in", i), an input, or ("out", i), an output of primal.
    """

    primal: Jaxpr
    linear: Jaxpr
    out_active: tuple[bool, ...]
    sources: tuple[tuple[str, int], ...]

    def residuals(self, ins: Sequence[Any], outs: Sequence[Any]) -> list:
        return [(ins if kind == "in" else outs)[i] for kind, i in self.sources]


def linearize_jaxpr(
    jaxpr: Jaxpr, active: Sequence[bool], force: Sequence[bool] | None = None, no_forward: Sequence[int] = ()
) -> Linearized:
    """Linearizes in the active inputs. Outputs of `force` get a tangent even if it is zero; inputs of `no_forward` are not named as residuals."""
    active, no_forward = tuple(active), tuple(no_forward)
    force = (False,) * len(jaxpr.outvars) if force is None else tuple(force)
    _check_length(active, jaxpr.invars)
    _check_length(force, jaxpr.outvars)

    def make() -> Linearized:
        primal, linear = StageTrace(), LinearTrace()
        ad = ADTrace(primal, linear)
        ps = [primal.new_input(v.aval) for v in jaxpr.invars]
        ts = [StageTracer(linear, v.aval) if a else None for v, a in zip(jaxpr.invars, active, strict=True)]
        with tracing(ad, last=True):
            outs = eval_jaxpr(jaxpr, (), *[p if t is None else ADTracer(ad, p, t) for p, t in zip(ps, ts, strict=True)])
        pairs = [ad.split(o) for o in outs]
        with tracing(linear):
            touts = [zeros(aval=a) if t is None and f else t for (_, t), f, a in zip(pairs, force, jaxpr.out_avals, strict=True)]
        program = LinearProgram([t._var for t in ts if t is not None], linear.eqns, [None if t is None else t._var for t in touts])
        lin, values = program.to_jaxpr()
        lin = dead_code_eliminated(lin)
        used = {a for e in lin.eqns for a in e.inputs if type(a) is Var}
        kept = [(v, x) for v, x in zip(lin.invars[: len(values)], values, strict=True) if v in used]
        lin = Jaxpr((*[v for v, _ in kept], *program.invars), lin.eqns, lin.outvars)

        positions = {p._var: i for i, p in enumerate(ps) if i not in no_forward}
        pouts = [primal.atom(p) for p, _ in pairs]
        sources: list[tuple[str, int]] = []
        for _, x in kept:
            atom = primal.atom(x)
            if atom in positions:
                sources.append(("in", positions[atom]))  # type: ignore[index]
                continue
            if atom not in pouts[len(outs) :]:
                pouts.append(atom)
            sources.append(("out", len(outs) + pouts[len(outs) :].index(atom)))
        whole = Jaxpr((*primal.constvars, *[p._var for p in ps]), tuple(primal.eqns), tuple(pouts))
        primal.done = linear.done = True
        return Linearized(
            checked(dead_code_eliminated(without_consts(whole, primal.consts))),
            checked(lin),
            tuple(t is not None for t in touts),
            tuple(sources),
        )

    return jaxpr.memoize(("linearize", active, force, no_forward), make)


def jvp_jaxpr(jaxpr: Jaxpr, active: Sequence[bool], force: Sequence[bool] | None = None) -> tuple[Jaxpr, tuple[bool, ...]]:
    """The jaxpr over [inputs, active tangents] of [outputs, tangents of those that have one], and which have."""
    active = tuple(active)
    force = (False,) * len(jaxpr.outvars) if force is None else tuple(force)
    _check_length(active, jaxpr.invars)

    def make() -> tuple[Jaxpr, tuple[bool, ...]]:
        out_active: list[bool] = []

        def run(*args: Any) -> list:
            ps, ts = cut(args, len(jaxpr.invars))
            outs, touts = jvp_flat(lambda *xs: eval_jaxpr(jaxpr, (), *xs), ps, spread(ts, active))
            touts = [zeros(aval=a) if t is None and f else t for t, f, a in zip(touts, force, jaxpr.out_avals, strict=True)]
            out_active[:] = [t is not None for t in touts]
            return outs + present(touts)

        made = stage_closed(run, jaxpr.in_avals + [a for a, m in zip(jaxpr.in_avals, active, strict=True) if m])
        return made, tuple(out_active)

    return jaxpr.memoize(("jvp", active, force), make)


def transpose_jaxpr(jaxpr: Jaxpr, linear: Sequence[bool], ct_given: Sequence[bool], force: bool = False) -> tuple[Jaxpr, tuple[bool, ...]]:
    """The jaxpr over [inputs not linear, cotangents given] of the cotangents of the linear inputs (all of them if `force`), and which are there."""
    linear, ct_given = tuple(linear), tuple(ct_given)
    _check_length(linear, jaxpr.invars)
    _check_length(ct_given, jaxpr.outvars)

    def make() -> tuple[Jaxpr, tuple[bool, ...]]:
        found: list[bool] = []
        linear_avals = [v.aval for v, m in zip(jaxpr.invars, linear, strict=True) if m]

        def run(*args: Any) -> list:
            values, cts = cut(args, len(linear) - sum(linear))
            grads = backward_jaxpr(jaxpr, linear, values, spread(cts, ct_given))
            grads = [zeros(aval=a) if g is None and force else g for g, a in zip(grads, linear_avals, strict=True)]
            found[:] = [g is not None for g in grads]
            return present(grads)

        avals = [v.aval for v, m in zip(jaxpr.invars, linear, strict=True) if not m]
        made = stage_closed(run, avals + [a for a, m in zip(jaxpr.out_avals, ct_given, strict=True) if m])
        return made, tuple(found)

    return jaxpr.memoize(("transpose", linear, ct_given, force), make)


def batch_jaxpr(jaxpr: Jaxpr, size: int, mapped: Sequence[bool], force: Sequence[bool] | bool = False) -> tuple[Jaxpr, tuple[bool, ...]]:
    """The jaxpr on batches (axis 0 of the mapped inputs), and which outputs are mapped; those of `force` always are."""
    mapped = tuple(mapped)
    force = force if isinstance(force, bool) else tuple(force)
    _check_length(mapped, jaxpr.invars)

    def make() -> tuple[Jaxpr, tuple[bool, ...]]:
        out_mapped: list[bool] = []

        def run(*args: Any) -> list:
            outs, out_mapped[:] = batch_flat(lambda *xs: eval_jaxpr(jaxpr, (), *xs), size, args, mapped, force)
            return outs

        avals = [batched(a, size) if m else a for a, m in zip(jaxpr.in_avals, mapped, strict=True)]
        made = stage_closed(run, avals)
        return made, tuple(out_mapped)

    return jaxpr.memoize(("batch", size, mapped, force), make)


def _check_length(mask: Sequence[bool], variables: Sequence[Any]) -> None:
    if len(mask) != len(variables):
        raise JaxprError(f"a mask of {len(mask)} entries for {len(variables)} variables")
