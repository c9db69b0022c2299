"""checkpoint: recompute in the backward pass instead of keeping residuals.

`remat` saves its inputs, and the values its policy names. Its linear part is one call that recomputes the rest of the primal program and
applies the linear map; transposing that call evaluates what reads no tangent first (`backward_jaxpr`), which is the recomputation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.control.call import call
from fgrad.core.evaluate import runner
from fgrad.core.jaxpr import Equation, Jaxpr, Var, checked, dead_code_eliminated
from fgrad.core.primitive import Primitive
from fgrad.ops.contract import contract
from fgrad.ops.family import elementwise, elementwise_aval
from fgrad.transforms.jaxprs import Linearized, batch_jaxpr, cut, jvp_jaxpr, linearize_jaxpr, present, spread

named = elementwise(
    "checkpoint_name",
    lambda x, *, name: x,
    aval=lambda x, *, name: elementwise_aval(x),
    transposes=[lambda ct, x, *, name: ct],
    partials=[lambda out, x, *, name: lambda t: t],
)


@dataclass(frozen=True)
class Policy:
    """Which values are saved: those of these primitives (None: of all), those of these names, or all but those."""

    primitives: tuple[Primitive, ...] | None = ()
    names: tuple[str, ...] = ()
    all_names_but: tuple[str, ...] | None = None

    def __call__(self, primitive: Primitive, *avals: Any, **params: Any) -> bool:
        if primitive is named:
            if self.all_names_but is not None:
                return params["name"] not in self.all_names_but
            return self.primitives is None or params["name"] in self.names
        return self.primitives is None or primitive in self.primitives


nothing_saveable = Policy()
everything_saveable = Policy(primitives=None)
dots_saveable = Policy(primitives=(contract,))


def save_only_these_names(*names: str) -> Policy:
    """Saves the values marked with `checkpoint_name(x, name)` for one of these names."""
    return Policy(names=names)


def save_anything_except_these_names(*names: str) -> Policy:
    """Saves all values but those marked with one of these names."""
    return Policy(primitives=None, all_names_but=names)


def _cut_by_policy(lz: Linearized, policy: Callable[..., bool]) -> tuple[Jaxpr, Jaxpr]:
    """The primal program with the saved values as further outputs, and one jaxpr over [inputs, saved, active tangents] that recomputes the others."""
    n, n_outs = len(lz.sources), len(lz.out_active)
    residuals = lz.residuals(lz.primal.invars, lz.primal.outvars)
    env = dict(zip(lz.linear.invars[:n], residuals, strict=True))

    kept = {i: e for i, e in enumerate(lz.primal.eqns) if policy(e.primitive, *[a.aval for a in e.inputs], **e.params)}
    # a value and its name are one: where the named one is saved, the other need not be recomputed
    alias = {e.inputs[0]: e.outvars[0] for e in kept.values() if e.primitive is named}

    def substitute(a: Any) -> Any:
        a = env.get(a, a) if type(a) is Var else a
        return alias.get(a, a) if type(a) is Var else a

    def substituted(e: Equation) -> Equation:
        return e._replace(inputs=[substitute(a) for a in e.inputs])

    linear = tuple(map(substituted, lz.linear.eqns))
    outs = tuple(map(substitute, lz.linear.outvars))
    recomputed = tuple(substituted(e) for i, e in enumerate(lz.primal.eqns) if i not in kept)
    joined = dead_code_eliminated(Jaxpr((), recomputed + linear, outs))
    read = {a for e in joined.eqns for a in e.inputs if type(a) is Var} | {a for a in outs if type(a) is Var}
    saved = tuple(v for e in kept.values() for v in e.outvars if v in read)
    joined = checked(Jaxpr((*lz.primal.invars, *saved, *lz.linear.invars[n:]), joined.eqns, outs))
    primal = checked(dead_code_eliminated(Jaxpr(lz.primal.invars, lz.primal.eqns, (*lz.primal.outvars[:n_outs], *saved))))
    return primal, joined


def _linearize(primals: Sequence[Any], active: Sequence[bool], *, jaxpr: Jaxpr, policy: Callable[..., bool]) -> tuple[list, Any]:
    lz = linearize_jaxpr(jaxpr, active)
    primal, joined = jaxpr.memoize(("checkpoint", tuple(active), policy), lambda: _cut_by_policy(lz, policy))
    outs, saved = cut(remat(*primals, jaxpr=primal, policy=policy), len(lz.out_active))

    def lin(tangents: Sequence[Any]) -> list:
        if not any(lz.out_active):
            return [None] * len(lz.out_active)
        return spread(call(*primals, *saved, *present(tangents), jaxpr=joined, name="checkpoint"), lz.out_active)

    return outs, lin


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], *, jaxpr: Jaxpr, policy: Callable[..., bool]) -> tuple[list, list]:
    # forward mode recomputes nothing, and reverse mode over it is checkpointed too
    derived, out_active = jvp_jaxpr(jaxpr, [t is not None for t in tangents])
    outs, touts = cut(remat(*primals, *present(tangents), jaxpr=derived, policy=policy), len(jaxpr.outvars))
    return outs, spread(touts, out_active)


def _batch(
    size: int, values: Sequence[Any], mapped: Sequence[bool], *, jaxpr: Jaxpr, policy: Callable[..., bool]
) -> tuple[list, Sequence[bool]]:
    derived, out_mapped = batch_jaxpr(jaxpr, size, mapped)
    return remat(*values, jaxpr=derived, policy=policy), out_mapped


remat = Primitive(
    "checkpoint",
    multi=True,
    impl=lambda *args, jaxpr, policy: runner(jaxpr)(*args),
    aval=lambda *args, jaxpr, policy: jaxpr.out_avals,
    linearize=_linearize,
    jvp=_jvp,
    batch=_batch,
)
