"""`doctor(f)(*args)`: what is wrong with a computation and its gradient, and where.

It runs the program equation by equation, forward and backward, and looks for the first NaN or infinity, for inputs that the result does not depend on, for
gradients that die out or blow up; and it checks the rule of every equation against finite differences, so that a wrong backward of a
`custom_vjp` is found and named.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, is_inexact, short
from fgrad.core.errors import FgradError
from fgrad.core.jaxpr import Equation, Var
from fgrad.core.source import Source
from fgrad.core.trace import EVAL, tracing
from fgrad.explore.circuit import Circuit, trace_circuit
from fgrad.explore.plain import html_table, report, sentence, text_table
from fgrad.explore.runs import Run, linear_map, operands
from fgrad.transforms.transpose import transpose_program

VANISHING, EXPLODING = 1e-8, 1e8
"""A gradient is called vanishing (exploding) where an entry of it is so much smaller (larger) than one of the result's own cotangent."""
MAX_CHECKED = 2_000
"""Equations whose rules are checked."""
_HEADS = ("kind", "where", "what happened", "line")
_TRIES = 6  # directions, until the differences along one can tell
_TOLERANCE = {"float64": 1e-4, "float32": 2e-2, "complex128": 1e-4, "complex64": 2e-2}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its kind, the operation or input, the user's line, and what happened."""

    kind: str
    what: str
    source: Source | None
    message: str


@dataclass(frozen=True)
class Diagnosis:
    """What `doctor` found; empty if all is well."""

    name: str
    findings: tuple[Finding, ...]
    checked: int

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def kinds(self) -> list[str]:
        return [f.kind for f in self.findings]

    def _rows(self) -> list[list[str]]:
        return [[f.kind, f.what, f.message, str(f.source or "")] for f in self.findings]

    def _title(self) -> str:
        state = f"{len(self.findings)} finding{'s' * (len(self.findings) != 1)}" if self.findings else "nothing is wrong"
        return f"{self.name}: {state}; the rules of {self.checked:,} operations were checked against finite differences."

    def __repr__(self) -> str:
        if not self.findings:
            return self._title()
        return f"{self._title()}\n{text_table(_HEADS, self._rows(), (0, 1, 2, 3))}"

    def _repr_html_(self) -> str:
        table = html_table(_HEADS, self._rows(), (1, 3), words=(0, 2)) if self.findings else ""
        return report(sentence(self._title()), table)


def doctor(f: Callable) -> Callable[..., Diagnosis]:
    """Looks for what is wrong with a function and its gradient at a point.

    Args:
        f: a function of arrays or pytrees; gradients are those of the sum of its results.

    Returns:
        A function of the arguments of f, which gives a Diagnosis: findings of the kinds "nan", "overflow", "nan gradient", "overflow of the
        gradient", "disconnected", "zero gradient", "vanishing", "exploding", "wrong rule".

    Example:
        >>> import fgrad, numpy as np
        >>> from fgrad.explore import doctor
        >>> doctor(lambda x, y: np.sum(np.sqrt(x)) + 0 * np.floor(y))(np.array([0.0, 1.0]), 2.5).kinds
        ['overflow of the gradient', 'disconnected']
    """

    @functools.wraps(f)
    def diagnosed(*args: Any, **kwargs: Any) -> Diagnosis:
        with np.errstate(all="ignore"):
            circuit = trace_circuit(f, args, kwargs)
            found = [*_first_bad_value(circuit.run), *_first_bad_cotangent(circuit.run)]
            found += _inputs(circuit, bad=bool(found))
            checker = _Checker()
            checker.check(circuit.run)
        return Diagnosis(circuit.name, tuple(found + checker.findings), checker.count)

    return diagnosed


def _finite(x: Any) -> bool:
    return not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fc" or bool(np.isfinite(x).all())


def _has_nan(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc" and bool(np.isnan(x).any())


def _shown(x: Any) -> str:
    return np.array2string(np.asarray(x), threshold=4, edgeitems=2, precision=3)


# -- values and cotangents that are not finite


def _first_bad_value(run: Run) -> Iterator[Finding]:
    """The first equation that makes a NaN or an infinity of finite operands; that of a loop's body, if its program was opened."""
    for i, eqn in enumerate(run.jaxpr.eqns):
        given, outs = operands(eqn, run), [run.values[v] for v in eqn.outvars]
        if not all(map(_finite, given)) or all(map(_finite, outs)):
            continue
        body = run.bodies.get(i)
        inside = next((f for r in body.runs for f in _first_bad_value(r)), None) if body else None
        if inside is not None:
            yield inside
            return
        nan = any(map(_has_nan, outs))
        shown = ", ".join(f"{short(a)} = {_shown(x)}" for a, x in zip((a.aval for a in eqn.inputs), given, strict=True))
        yield Finding("nan" if nan else "overflow", eqn.primitive.name, eqn.source, f"made {'NaN' if nan else 'an infinity'} of {shown}")
        return


def _first_bad_cotangent(run: Run) -> Iterator[Finding]:
    """Going backward, the first equation that sends a NaN or an infinity although what it got is finite."""
    for i in range(len(run.jaxpr.eqns) - 1, -1, -1):
        eqn = run.jaxpr.eqns[i]
        got = [run.cotangents.get(v) for v in eqn.outvars]
        sent = [run.cotangents.get(a) for a in eqn.inputs if type(a) is Var]
        if all(c is None for c in got) or not all(map(_finite, got)) or all(map(_finite, sent)):
            continue
        body = run.bodies.get(i)
        inside = next((f for r in reversed(body.runs) for f in _first_bad_cotangent(r)), None) if body else None
        if inside is not None:
            yield inside
            return
        nan = any(map(_has_nan, sent))
        values = ", ".join(_shown(run.value(a)) for a in eqn.inputs)
        kind = "nan gradient" if nan else "overflow of the gradient"
        yield Finding(
            kind,
            eqn.primitive.name,
            eqn.source,
            f"its derivative at {values} is {'NaN' if nan else 'infinite'}, though its value may be finite",
        )
        return


# -- inputs


def _inputs(circuit: Circuit, bad: bool) -> Iterator[Finding]:
    run = circuit.run
    reference = max((_largest(run.cotangents.get(a)) for a in circuit.jaxpr.outvars if type(a) is Var), default=1.0) or 1.0
    for v, name in zip(circuit.invars, circuit.inputs, strict=True):
        if not is_inexact(v.aval.dtype):
            continue
        ct = run.cotangents.get(v)
        if ct is None:
            end = _where_the_path_ends(run, v)
            where = "nothing reads it" if end is None else f"its path ends at {end.primitive.name}, which passes no derivative on"
            yield Finding("disconnected", name, end.source if end else None, f"the result's derivative does not reach it: {where}")
        elif not np.any(ct):
            yield Finding("zero gradient", name, None, "every entry of its gradient is exactly 0")
        elif not bad and _finite(ct):
            ratio = _largest(ct) / reference
            if ratio < VANISHING:
                yield Finding(
                    "vanishing", name, None, f"the largest entry of its gradient is {ratio:.1e} times that of the result's cotangent"
                )
            elif ratio > EXPLODING:
                yield Finding(
                    "exploding", name, None, f"the largest entry of its gradient is {ratio:.1e} times that of the result's cotangent"
                )


def _largest(x: Any) -> float:
    return float(np.max(np.abs(x))) if x is not None and np.size(x) else 0.0


def _where_the_path_ends(run: Run, start: Var) -> Equation | None:
    """The last equation that depends on an input and passes no derivative to what is active."""
    reached, last = {start}, None
    for eqn in run.jaxpr.eqns:
        if any(type(a) is Var and a in reached for a in eqn.inputs):
            if any(v in run.active for v in eqn.outvars):
                reached.update(eqn.outvars)
            last = eqn
    return last


# -- the rule of each equation


class _Checker:
    """Compares <ct, numerical derivative along t> with <what the transposed rule makes of ct, t>, for random t and ct."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.count = 0
        self.rng = np.random.default_rng(0)
        self.seen: set[Any] = set()

    def check(self, run: Run) -> None:
        for i, eqn in enumerate(run.jaxpr.eqns):
            body = run.bodies.get(i)
            own_rule = eqn.primitive.name in ("custom_vjp_call", "custom_jvp_call")
            if body is not None and not own_rule:
                for r in {id(r): r for r in (body.runs[0], body.runs[-1])}.values():
                    self.check(r)
                continue
            if self.count >= MAX_CHECKED or (i in run.closed and not own_rule):
                continue
            self.equation(eqn, run)

    def equation(self, eqn: Equation, run: Run) -> None:
        active = [type(a) is Var and a in run.active and type(a.aval) is ShapedArray for a in eqn.inputs]
        outs = [v in run.active and type(v.aval) is ShapedArray for v in eqn.outvars]
        given = operands(eqn, run)
        if (
            not any(active)
            or not any(outs)
            or not all(map(_finite, given))
            or any(type(a) is Var and type(a.aval) is not ShapedArray for a in eqn.inputs)
        ):
            return
        self.count += 1
        for _ in range(_TRIES):
            verdict = self.compared(eqn, given, active, outs, run)
            if verdict is not None:
                break
        if verdict:
            self.findings.append(Finding("wrong rule", _rule_name(eqn), eqn.source, verdict))

    def compared(self, eqn: Equation, given: list, active: list[bool], outs: list[bool], run: Run) -> str | None:
        """What is wrong along a random direction; empty if nothing is, None where the differences cannot tell."""
        tangents = [self.direction(x) if a else None for x, a in zip(given, active, strict=True)]
        cts = [self.direction(run.values[v], unit=True) if o else None for v, o in zip(eqn.outvars, outs, strict=True)]
        dtype = next(v.aval.dtype for v, o in zip(eqn.outvars, outs, strict=True) if o).name
        try:
            slopes = [self.slope(eqn, given, tangents, cts, h) for h in self.steps(dtype)]
            sent = transpose_program(linear_map(eqn, given, active), cts)
        except (FgradError, FloatingPointError, np.linalg.LinAlgError):
            return ""
        by_rule = sum(_pairing(ct, t) for ct, t in zip(sent, (t for t in tangents if t is not None), strict=True))
        if not all(np.isfinite(s) for pair in slopes for s in pair):
            return None
        size = max(abs(by_rule) if np.isfinite(by_rule) else 0.0, *(abs(s) for pair in slopes for s in pair), 1e-12)
        tolerance = _TOLERANCE.get(dtype, 1e-4) * size
        # a kink, or rounding: the differences to both sides, or of two steps, do not agree
        if any(abs(a - b) > tolerance for a, b in slopes) or abs(sum(slopes[0]) - sum(slopes[1])) / 2 > tolerance:
            return None
        numerical = sum(slopes[-1]) / 2
        if np.isfinite(by_rule) and abs(by_rule - numerical) <= tolerance:
            return ""
        return f"along a random direction its rule gives {by_rule:.6g}, finite differences {numerical:.6g}"

    def direction(self, x: Any, unit: bool = False) -> Any:
        x = np.asarray(x)
        t = self.rng.normal(size=x.shape)
        if x.dtype.kind == "c":
            t = t + 1j * self.rng.normal(size=x.shape)
        scale = 1.0 if unit else max(1e-3, float(np.abs(x).max()) if x.size else 1.0)
        return np.asarray(t * scale, x.dtype)[()]

    def steps(self, dtype: str) -> tuple[float, float]:
        return (1e-5, 3e-6) if dtype in ("float64", "complex128") else (1e-2, 5e-3)

    def slope(self, eqn: Equation, given: list, tangents: list, cts: list, h: float) -> tuple[float, float]:
        """The derivative of <ct, out> by differences to the right and to the left."""

        def at(step: float) -> list:
            moved = [
                x if t is None else np.asarray(x + x.dtype.type(step) * t, x.dtype)[()]
                for x, t in zip(map(_array, given), tangents, strict=True)
            ]
            with tracing(EVAL):
                out = eqn.primitive(*moved, **eqn.params)
            return list(out) if eqn.primitive.multi else [out]

        left, middle, right = at(-h), at(0.0), at(h)
        pairing = lambda a, b: sum(_pairing(ct, np.subtract(x, y)) for ct, x, y in zip(cts, a, b, strict=True) if ct is not None) / h
        return pairing(right, middle), pairing(middle, left)


def _array(x: Any) -> Any:
    return x if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x)[()]


def _pairing(ct: Any, t: Any) -> float:
    """sum(ct t), of complex ones the real part: the convention of vjp."""
    return 0.0 if ct is None else float(np.sum(np.asarray(ct) * np.asarray(t)).real)


def _rule_name(eqn: Equation) -> str:
    if eqn.primitive.name not in ("custom_vjp_call", "custom_jvp_call"):
        return eqn.primitive.name
    kind = eqn.primitive.name.removesuffix("_call")
    fun = eqn.params.get("fun")
    inner = [e.source.function for e in getattr(fun, "eqns", ()) if e.source]
    return f"{kind} of {inner[0]}" if inner else kind


__all__ = ["Diagnosis", "Finding", "doctor"]
