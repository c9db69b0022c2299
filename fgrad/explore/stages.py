"""`explain(f)(*args)`: the stages of a program side by side, from the jaxpr to what runs, and what each stage changed."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fgrad.api.derivatives import grad, jvp
from fgrad.api.flat import FlatFunction, flatten_args
from fgrad.api.jit import jit
from fgrad.api.staging import make_jaxpr
from fgrad.api.vmap import vmap
from fgrad.core import tree
from fgrad.core.avals import is_inexact, typeof
from fgrad.core.errors import ArgumentError
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.explore.plain import report, sentence
from fgrad.explore.svg import escape
from fgrad.transforms.jaxprs import linearize_jaxpr

_TRANSFORMS = ("jit", "grad", "jvp", "vmap")


@dataclass(frozen=True)
class Stage:
    """A stage: its name, its program as text, and in a sentence what became of the one before."""

    name: str
    text: str
    changed: str


@dataclass(frozen=True)
class Explanation:
    """The stages of a program, in order. Prints them; in a notebook they stand side by side."""

    title: str
    stages: tuple[Stage, ...]

    def __getitem__(self, name: str) -> Stage:
        for s in self.stages:
            if s.name == name:
                return s
        raise KeyError(f"{name!r} is none of the stages {', '.join(s.name for s in self.stages)}")

    def __repr__(self) -> str:
        return "\n".join([f"{self.title}\n", *(f"── {s.name}: {s.changed}\n{s.text}\n" for s in self.stages)])

    def _repr_html_(self) -> str:
        columns = "".join(
            f'<div class="fg-stage"><h4>{escape(s.name)}</h4><p>{escape(s.changed)}</p><pre>{escape(s.text)}</pre></div>'
            for s in self.stages
        )
        return report(sentence(self.title), f'<div class="fg-stages">{columns}</div>')


def explain(f: Callable, transform: str = "grad") -> Callable[..., Explanation]:
    """Shows what becomes of a function on its way to machine code.

    Args:
        f: a function of arrays or pytrees; for "grad", of a scalar result. The derivative is by the first argument.
        transform: "jit", "grad", "jvp" or "vmap" (over the first axis of all arguments).

    Returns:
        A function of the arguments of f, which gives an Explanation: the stages jaxpr, linearized (for grad: the part that computes values and keeps
        residuals, and the linear part), transformed (for grad, transposed), simplified, loops, and source.

    Raises:
        ArgumentError: there is no such transformation.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.explore import explain
        >>> found = explain(lambda x: np.sum(np.sin(x) ** 2))(np.ones(3))
        >>> [s.name for s in found.stages]
        ['jaxpr', 'linearized', 'transposed', 'simplified', 'loops', 'source']
        >>> print(found["jaxpr"].text)
        { lambda a:f64[3]. let
            b:f64[3] = sin a
            c:f64[3] = square b
            d:f64[]  = reduce_sum[axes=(0,)] c
          in (d,) }
    """
    if transform not in _TRANSFORMS:
        raise ArgumentError(f"explain: transform is one of {', '.join(_TRANSFORMS)}, not {transform!r}")

    @functools.wraps(f)
    def explained(*args: Any) -> Explanation:
        return _explanation(f, transform, args)

    return explained


def _explanation(f: Callable, transform: str, args: tuple) -> Explanation:
    name = function_name(f).replace("<lambda>", "f")
    examples = tuple(tree.map(lambda x: x[0], a) for a in args) if transform == "vmap" else args
    first = make_jaxpr(f)(*examples)
    found = [Stage("jaxpr", str(first), f"{name}, traced: {_size(first.jaxpr)}")]
    whole, inputs = _transformed(f, transform, args)
    if transform == "grad":
        found.append(_linearized(f, args))
    staged = make_jaxpr(whole)(*inputs)
    if transform != "jit":
        word = {"grad": "transposed", "jvp": "with tangents", "vmap": "batched"}[transform]
        found.append(Stage(word, str(staged), _change(first.jaxpr, staged.jaxpr)))
    lowered = jit(whole).lower(*inputs)
    simplified = lowered.simplified
    found.append(Stage("simplified", str(simplified), _change(staged.jaxpr, simplified.jaxpr)))
    nests = lowered.loops
    found.append(
        Stage("loops", "\n\n".join(map(str, nests)), f"{_size(simplified.jaxpr)} in {len(nests)} loop nest{'s' * (len(nests) != 1)}")
    )
    cost = lowered.cost
    found.append(Stage("source", lowered.source, f"what runs: {cost.flops:,} operations, {cost.bytes:,} bytes moved"))
    return Explanation(f"{transform} of {name}", tuple(found))


def _transformed(f: Callable, transform: str, args: tuple) -> tuple[Callable, tuple]:
    if transform == "grad":
        return grad(f), args
    if transform == "vmap":
        return vmap(f), args
    if transform == "jvp":
        return lambda primals, tangents: jvp(f, primals, tangents), (args, args)
    return f, args


def _linearized(f: Callable, args: tuple) -> Stage:
    """What computes the value and keeps residuals, and the linear program that reads them."""
    leaves, in_tree = flatten_args(args, "explain: argument")
    jaxpr, consts = stage(FlatFunction(f, in_tree), [typeof(x) for x in leaves], f)
    active = [False] * len(consts)
    sizes = [tree.structure(a).num_leaves for a in args]
    active += [k < sizes[0] and is_inexact(typeof(x).dtype) for k, x in enumerate(leaves)]
    lz = linearize_jaxpr(jaxpr, active, [True] * len(jaxpr.outvars))
    text = f"values and residuals:\n{ClosedJaxpr(lz.primal, ())}\n\nlinear in the tangents:\n{ClosedJaxpr(lz.linear, ())}"
    return Stage("linearized", text, f"{_size(lz.primal)} that compute, {_size(lz.linear)} that are linear")


def _size(jaxpr: Jaxpr) -> str:
    n = len(jaxpr.eqns)
    return f"{n:,} equation{'s' * (n != 1)}"


def _change(before: Jaxpr, after: Jaxpr) -> str:
    """What of the operations of a program there is more or less of in another."""
    a, b = (Counter(e.primitive.name for e in jaxpr.eqns) for jaxpr in (before, after))
    more = [f"+{n} {name}" for name, n in (b - a).items()]
    less = [f"−{n} {name}" for name, n in (a - b).items()]
    detail = ", ".join([*less, *more][:8])
    return f"{_size(before)} → {_size(after)}" + (f" ({detail})" if detail else "")
