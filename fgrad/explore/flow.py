"""`gradient_flow(loss, params, ...)`: how large gradients are in each parameter, and how much each named layer stretches what flows through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.core import tree
from fgrad.core.avals import ShapedArray, is_inexact
from fgrad.core.errors import ArgumentError, FgradError
from fgrad.core.jaxpr import Equation, Literal, Var
from fgrad.core.source import Scope
from fgrad.core.trace import EVAL, tracing
from fgrad.explore.circuit import trace_circuit
from fgrad.explore.plain import html_table, report, sentence, text_table
from fgrad.explore.runs import Run
from fgrad.explore.style import figure, legend
from fgrad.transforms.autodiff import LinearProgram, linearize_flat
from fgrad.transforms.transpose import transpose_program

_ITERATIONS, _PRECISION = 60, 1e-4
"""Of the power iteration for a spectral norm: the most, and the change at which it ends."""


@dataclass(frozen=True)
class ParameterFlow:
    """A leaf of the parameters: the norms of its value and of its gradient, and the largest entry of that."""

    name: str
    size: int
    norm: float
    gradient: float
    largest: float


@dataclass(frozen=True)
class LayerFlow:
    """A named part of the program: the root mean squares of what leaves it and of its cotangent, and the spectral norm of its Jacobian by what enters."""

    name: str
    activation: float
    cotangent: float
    spectral: float


@dataclass(frozen=True)
class Flow:
    """What `gradient_flow` found. Prints as tables; `.plot()` draws them."""

    loss: float
    parameters: tuple[ParameterFlow, ...]
    layers: tuple[LayerFlow, ...]

    def _tables(self) -> list[tuple[list[str], list[list[str]]]]:
        found = [
            (
                ["parameter", "entries", "norm", "gradient", "largest entry", "gradient / norm"],
                [
                    [
                        p.name,
                        f"{p.size:,}",
                        f"{p.norm:.3g}",
                        f"{p.gradient:.3g}",
                        f"{p.largest:.3g}",
                        f"{p.gradient / p.norm:.3g}" if p.norm else "–",
                    ]
                    for p in self.parameters
                ],
            )
        ]
        if self.layers:
            found.append(
                (
                    ["layer", "activation (rms)", "cotangent (rms)", "spectral norm of the Jacobian"],
                    [[x.name, f"{x.activation:.3g}", f"{x.cotangent:.3g}", f"{x.spectral:.3g}"] for x in self.layers],
                )
            )
        return found

    def _hint(self) -> str:
        return "" if self.layers else "Name the layers (with fgrad.name('layer1'):) to see their activations and Jacobians."

    def __repr__(self) -> str:
        return "\n\n".join(filter(None, [f"loss {self.loss:.6g}", *(text_table(*t) for t in self._tables()), self._hint()]))

    def _repr_html_(self) -> str:
        tables = [html_table(heads, rows) for heads, rows in self._tables()]
        return report(sentence(f"loss {self.loss:.6g}"), *tables, *([sentence(self._hint())] if self._hint() else []))

    def plot(self) -> Any:
        """Draws the gradient norm of each parameter, and beside it activations, cotangents and spectral norms by layer.

        Returns:
            A matplotlib Figure.
        """
        fig, axes = figure(1, 2 if self.layers else 1, width=5.2, height=3.4, squeeze=False)
        left = axes[0][0]
        names = [p.name for p in self.parameters]
        left.plot([p.gradient for p in self.parameters], names, "o")
        left.invert_yaxis()
        left.set(xscale="log", title="norm of the gradient")
        if self.layers:
            right = axes[0][1]
            at = range(len(self.layers))
            for values, label in (
                ([x.activation for x in self.layers], "activation (rms)"),
                ([x.cotangent for x in self.layers], "cotangent (rms)"),
                ([x.spectral for x in self.layers], "spectral norm of the Jacobian"),
            ):
                right.plot(at, values, "o-", label=label)
            right.set(yscale="log", title="by layer")
            right.set_xticks(list(at), [x.name for x in self.layers], rotation=30, ha="right")
            legend(right)
        return fig


def gradient_flow(loss: Callable, params: Any, *args: Any) -> Flow:
    """How a gradient flows back through a function.

    Args:
        loss: loss(params, *args) -> a scalar. Parts under `with fgrad.name("layer1"):` are its layers.
        params: a pytree of floating point arrays.
        args: further arguments.

    Returns:
        A Flow: for each leaf of params the norms of its value and gradient; for each layer the sizes of its activation and of its cotangent, and the
        spectral norm of its Jacobian (by power iteration; of a batch, that of the example it stretches most).

    Raises:
        ArgumentError: loss does not return one number.

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.explore import gradient_flow
        >>> def loss(w, x):
        ...     with fgrad.name("layer"):
        ...         h = np.tanh(x @ w)
        ...     return np.sum(h)
        >>> flow = gradient_flow(loss, 0.5 * np.eye(2), np.zeros((3, 2)))
        >>> round(flow.layers[0].spectral, 6)
        0.5
    """
    with np.errstate(all="ignore"):
        circuit = trace_circuit(loss, (params, *args), {})
        run = circuit.run
        if [a.shape for a in circuit.jaxpr.out_avals if type(a) is ShapedArray] != [()]:
            raise ArgumentError(f"gradient_flow: {circuit.name} must return one number, and it returned {circuit.jaxpr.out_avals}")
        leaves, treedef = tree.flatten(params)
        paths = tree.paths(treedef)
        own = circuit.invars[: len(leaves)]
        head = circuit.inputs[0].split("[")[0].split(".")[0] if circuit.inputs else "params"
        rows = [_parameter(head + path, run, v) for path, v in zip(paths, own, strict=True) if is_inexact(v.aval.dtype)]
        layers = [x for scope, eqns in _scopes(run) if (x := _layer(scope, eqns, run, set(own))) is not None]
        (value,) = (run.value(a) for a in circuit.jaxpr.outvars)
    return Flow(float(value), tuple(rows), tuple(layers))


def _norm(x: Any) -> float:
    return 0.0 if x is None else float(np.linalg.norm(np.ravel(x)))


def _rms(x: Any) -> float:
    return _norm(x) / max(np.size(x), 1) ** 0.5 if x is not None else 0.0


def _parameter(name: str, run: Run, v: Var) -> ParameterFlow:
    value, ct = run.values[v], run.cotangents.get(v)
    return ParameterFlow(name, v.aval.size, _norm(value), _norm(ct), float(np.max(np.abs(ct))) if ct is not None and np.size(ct) else 0.0)


def _outermost(scope: Scope | None) -> Scope | None:
    while scope is not None and scope.parent is not None:
        scope = scope.parent
    return scope


def _scopes(run: Run) -> list[tuple[Scope, list[Equation]]]:
    """The named parts at the top, in order, with their equations. One scope around everything is opened."""
    found: dict[Scope, list[Equation]] = {}
    for eqn in run.jaxpr.eqns:
        scope = _outermost(eqn.source.scope if eqn.source else None)
        if scope is not None:
            found.setdefault(scope, []).append(eqn)
    return list(found.items())


def _layer(scope: Scope, eqns: Sequence[Equation], run: Run, params: set[Var]) -> LayerFlow | None:
    made = {v for e in eqns for v in e.outvars}
    read = dict.fromkeys(a for e in eqns for a in e.inputs if type(a) is Var and a not in made)
    enters = [v for v in read if v in run.active and v not in params and type(v.aval) is ShapedArray]
    later = {a for e in run.jaxpr.eqns if not made.issuperset(e.outvars) for a in e.inputs if type(a) is Var}
    later |= {a for a in run.jaxpr.outvars if type(a) is Var}
    leaves = [v for v in made if v in later and v in run.active and type(v.aval) is ShapedArray]
    if not enters or not leaves:
        return None
    order = {v: i for i, e in enumerate(eqns) for v in e.outvars}
    leaves.sort(key=order.__getitem__)
    main = leaves[-1]
    return LayerFlow(scope.name, _rms(run.values[main]), _rms(run.cotangents.get(main)), _spectral_norm(eqns, run, enters, leaves))


def _spectral_norm(eqns: Sequence[Equation], run: Run, enters: Sequence[Var], leaves: Sequence[Var]) -> float:
    """The largest singular value of the Jacobian of these equations, by power iteration with its transpose."""

    def part(*xs: Any) -> list:
        env: dict[Var, Any] = dict(zip(enters, xs, strict=True))
        read = lambda a: a.value if type(a) is Literal else env.get(a, run.values.get(a))
        for e in eqns:
            out = e.primitive(*map(read, e.inputs), **e.params)
            env.update(zip(e.outvars, out if e.primitive.multi else (out,), strict=True))
        return [env[v] for v in leaves]

    rng = np.random.default_rng(0)
    try:
        with tracing(EVAL):
            program: LinearProgram = linearize_flat(part, [run.values[v] for v in enters], [True] * len(enters))[1]
            t = _unit([np.asarray(rng.normal(size=v.aval.shape), v.aval.dtype)[()] for v in enters])
            norm = 0.0
            for _ in range(_ITERATIONS):
                image = [np.zeros(v.aval.shape, v.aval.dtype)[()] if y is None else y for y, v in zip(program(t), leaves, strict=True)]
                before, norm = norm, float(np.sqrt(sum(_norm(y) ** 2 for y in image)))
                if not norm or not np.isfinite(norm) or abs(norm - before) <= _PRECISION * norm:
                    break
                back = transpose_program(program, [np.conj(y) for y in image])
                t = _unit(
                    [np.zeros(v.aval.shape, v.aval.dtype)[()] if x is None else np.conj(x) for x, v in zip(back, enters, strict=True)]
                )
            return norm
    except FgradError:
        return float("nan")


def _unit(ts: list) -> list:
    norm = np.sqrt(sum(_norm(t) ** 2 for t in ts)) or 1.0
    return [np.asarray(t / norm, t.dtype)[()] for t in ts]
