"""Operations the way people write them, `1 / l`, and the derivatives of elementwise ones, `∂h/∂a = cos(a)`: their own rules, staged and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fgrad.core.avals import ShapedArray
from fgrad.core.errors import FgradError
from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var
from fgrad.core.stage import stage
from fgrad.explore.text import call_text, number, superscript

_MAX = 60  # characters; a longer formula says less than the value

_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly a text binds
_INFIX = {
    "add": (" + ", _SUM), "sub": (" − ", _SUM), "mul": ("·", _PRODUCT), "div": (" / ", _PRODUCT), "eq": (" = ", _SUM), "ne": (" ≠ ", _SUM),
    "lt": (" < ", _SUM), "le": (" ≤ ", _SUM), "gt": (" > ", _SUM), "ge": (" ≥ ", _SUM),
}  # fmt: skip


def derivative_formula(eqn: Equation, operand: int, names: Mapping[Var, str]) -> str:
    """The derivative of an elementwise equation with respect to one operand, in the names of its variables; empty where there is no short one."""
    prim, (out, *_) = eqn.primitive, eqn.outvars
    rule = prim.partials[operand] if prim.elementwise and prim.partials is not None and not prim.multi else None
    if rule is None:
        return ""
    variables = [out, *[a for a in eqn.inputs if type(a) is Var]]

    def derivative(result: Any, *given: Any) -> list:
        values = iter(given)
        linear = rule(result, *[next(values) if type(a) is Var else a.value for a in eqn.inputs], **eqn.params)
        return [linear(out.aval.dtype.type(1))]

    try:
        jaxpr, consts = stage(derivative, [ShapedArray((), v.aval.dtype) for v in variables])
    except (FgradError, TypeError, AttributeError):  # a rule that does not apply, or asks for more than a number
        return ""
    if consts or type(jaxpr.outvars[0]) is Literal:
        return ""
    text = _written(jaxpr, [names[v] for v in variables])
    return text if len(text) <= _MAX and text.count("where(") < 2 else ""  # guards of rare arguments hide what a rule says


def operation_text(eqn: Equation, names: Mapping[Var, str]) -> str:
    """What an equation computes: elementwise operations as formulas, others as in the printed jaxpr."""
    given = [(names[a], _ATOM) if type(a) is Var else (number(a.value, 4), _ATOM) for a in eqn.inputs]
    if eqn.primitive.elementwise and set(eqn.params) <= {"y"}:
        text, _ = _operation(eqn, given)
        if all(text != operand for operand, _ in given):
            return text
    return " ".join([call_text(eqn), *(text for text, _ in given)])


def _written(jaxpr: Jaxpr, names: list[str]) -> str:
    texts: dict[Var, tuple[str, int]] = {v: (n, _ATOM) for v, n in zip(jaxpr.invars, names, strict=True)}

    def read(a: Any) -> tuple[str, int]:
        if type(a) is Var:
            return texts[a]
        text = number(a.value, 4)
        return text, _SUM if text.startswith("−") else _ATOM

    for eqn in jaxpr.eqns:
        texts[eqn.outvars[0]] = _operation(eqn, [read(a) for a in eqn.inputs])
    return read(jaxpr.outvars[0])[0]


def _operation(eqn: Equation, given: list[tuple[str, int]]) -> tuple[str, int]:
    name = eqn.primitive.name
    ones = [text in ("1", "1+0j") for text, _ in given]
    if name in ("convert", "broadcast") or (name in ("mul", "div") and ones[1]):
        return given[0]
    if name == "mul" and ones[0]:
        return given[1]
    if name in _INFIX:
        between, binds = _INFIX[name]
        if name == "mul" and type(eqn.inputs[1]) is Literal:
            given = given[::-1]  # numbers come first
        left, right = _inside(given[0], binds), _inside(given[1], binds + (name in ("sub", "div")))
        return left + between + (f"({right})" if right.startswith("−") else right), binds
    if name == "neg":
        return f"−{_inside(given[0], _PRODUCT)}", _PRODUCT
    if name == "reciprocal":
        return f"1 / {_inside(given[0], _POWER)}", _PRODUCT
    if name in ("square", "integer_pow"):
        return f"{_inside(given[0], _ATOM)}{superscript(eqn.params.get('y', 2))}", _POWER
    if name == "pow":
        return f"{_inside(given[0], _ATOM)}^{_inside(given[1], _ATOM)}", _POWER
    return f"{'where' if name == 'select' else name}({', '.join(text for text, _ in given)})", _ATOM


def _inside(part: tuple[str, int], binds: int) -> str:
    """A part of an operation that binds so tightly, in parentheses where it must be."""
    text, own = part
    return f"({text})" if own < binds else text
