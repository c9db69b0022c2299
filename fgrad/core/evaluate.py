"""Evaluating a jaxpr many times: as a Python function written for it, a loop and its body in one, with no dispatch between the equations.

Only where values are computed and not traced; `eval_jaxpr` serves everything else.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var, eval_jaxpr, last_uses
from fgrad.core.primitive import Primitive
from fgrad.core.trace import EvalTrace, current_trace

# an operator costs a NumPy scalar a tenth of the ufunc's call
_INFIX: dict[Any, str] = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/",
    np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=", np.equal: "==", np.not_equal: "!=",
}  # fmt: skip
specialized: dict[Primitive, Callable[..., Callable]] = {}
"""`(**params) -> function of the operands`: a primitive's computation with its params worked out once. Filled by `ops/specialized.py`."""
thin: dict[Primitive, Callable[..., Callable | None]] = {}
"""Primitives that insert `axes` of copies: `(**params) -> view` with axes of size 1 in their place (None: the operand as it is)."""
_WORTH = 3  # calls after which writing the function has paid
_MANY = 1000  # steps: a loop of unknown length is taken to be a long one
_LONGEST = 5000  # equations; Python compiles a longer function slowly


def runner(jaxpr: Jaxpr, times: int = 1, prepare: Callable[[Jaxpr], Jaxpr] = lambda jaxpr: jaxpr) -> Callable[..., list]:
    """A function of the jaxpr's inputs that returns its outputs, for a caller that will use it `times` times.

    `prepare` makes an equivalent jaxpr; it is called where writing a function is worth while.
    """
    if _worth_writing("runner", times, jaxpr):
        return jaxpr.memoize(("runner",), lambda: _write(prepare(jaxpr)))
    return functools.partial(eval_jaxpr, jaxpr, ())


def looper(jaxpr: Jaxpr, n_consts: int, n_carry: int, times: int, prepare: Callable[[Jaxpr], Jaxpr]) -> Callable[..., Any]:
    """`loop(steps, consts, carry, xs, ys) -> carry`: the body [consts, carry, xs] -> [carry, ys] for each i of steps, from x[i] to y[i]."""
    if _worth_writing("looper", times, jaxpr):
        return jaxpr.memoize(("looper", n_consts, n_carry), lambda: _write_loop(prepare(jaxpr), n_consts, n_carry))

    def loop(steps: Iterable[int], consts: list, carry: list, xs: list, ys: list) -> list:
        for i in steps:
            outs = eval_jaxpr(jaxpr, (), *consts, *carry, *[x[i] for x in xs])
            carry = outs[:n_carry]
            for y, value in zip(ys, outs[n_carry:], strict=True):
                y[i] = value
        return carry

    return loop


def while_looper(
    cond: Jaxpr, body: Jaxpr, n_cond: int, n_body: int, prepare: Callable[[Jaxpr], Jaxpr]
) -> Callable[[list, list, list, list[list], int], tuple[list, int]]:
    """`loop(cond_consts, body_consts, carry, ys, most) -> (carry, trips)`: appends to each of ys; stops after `most` steps and one more."""
    if _worth_writing("while_looper", _MANY, cond, body):
        return body.memoize(("while_looper", cond, n_cond, n_body), lambda: _write_while(prepare(cond), prepare(body), n_cond, n_body))

    def loop(cond_consts: list, body_consts: list, carry: list, ys: list[list], most: int) -> tuple[list, int]:
        trips, n_carry = 0, len(carry)
        while trips <= most and eval_jaxpr(cond, (), *cond_consts, *carry)[0]:
            outs = eval_jaxpr(body, (), *body_consts, *carry)
            carry = outs[:n_carry]
            trips += 1
            for y, value in zip(ys, outs[n_carry:], strict=True):
                y.append(value)
        return carry, trips

    return loop


def _worth_writing(what: str, times: int, *jaxprs: Jaxpr) -> bool:
    """Whether a function for these is written: it pays after a few calls, and where nothing is traced."""
    if type(current_trace()) is not EvalTrace or any(len(j.eqns) > _LONGEST for j in jaxprs):
        return False
    memo = jaxprs[-1].memo
    memo[what] = uses = memo.get(what, 0) + times
    return uses >= _WORTH


class _Writer:
    """Python text for jaxprs. Names are its own; values are bound, not written."""

    def __init__(self) -> None:
        self.names: dict[Any, str] = {}
        self.space: dict[str, Any] = {}
        self.lines: list[str] = []

    def name(self, v: Any) -> str:
        return self.names.setdefault(v, f"v{len(self.names)}")

    def atoms(self, xs: Iterable[Any]) -> list[str]:
        return [self.constant(a.value) if type(a) is Literal else self.name(a) for a in xs]

    def constant(self, value: Any) -> str:
        key = f"k{len(self.space)}"
        self.space[key] = value
        return key

    def line(self, indent: int, text: str) -> None:
        self.lines.append("  " * indent + text)

    def equations(self, jaxpr: Jaxpr, indent: int, keep: Sequence[Any] = ()) -> None:
        """The equations, large values dropped after their last use, except for `keep`."""
        stretched = left_to_numpy(jaxpr)
        for eqn, dead in zip(jaxpr.eqns, last_uses(jaxpr), strict=True):
            outs = ", ".join(map(self.name, eqn.outvars))
            value = self.computation(eqn, eqn.outvars[0] in stretched if eqn.outvars else False)
            self.line(indent, f"[{outs}] = {value}" if eqn.primitive.multi else f"{outs} = {value}")
            self.drop(indent, [v for v in dead if v not in keep])

    def computation(self, eqn: Equation, stretched: bool) -> str:
        prim, operands = eqn.primitive, self.atoms(eqn.inputs)
        infix = _INFIX.get(prim.impl)
        if infix and len(operands) == 2:
            return f"{operands[0]} {infix} {operands[1]}"
        special = (thin if stretched else specialized).get(prim)
        if special is not None and all(type(a) is Var for a in eqn.inputs):
            f = special(**eqn.params)
            return operands[0] if f is None else f"{self.constant(f)}({', '.join(operands)})"
        keywords = [f"{k}={self.constant(v)}" for k, v in eqn.params.items()]
        return f"{self.constant(prim.impl)}({', '.join(operands + keywords)})"

    def drop(self, indent: int, variables: Iterable[Any]) -> None:
        large = [self.name(v) for v in variables if getattr(v.aval, "shape", (1,))]
        if large:
            self.line(indent, f"del {', '.join(large)}")

    def unpack(self, indent: int, variables: Sequence[Any], value: str) -> None:
        self.line(indent, f"[{', '.join(map(self.name, variables))}] = {value}")

    def advance(self, indent: int, jaxpr: Jaxpr, carry: Sequence[Any]) -> None:
        """The carry becomes the new one, and no second name keeps it alive."""
        if carry:
            self.line(indent, f"{', '.join(map(self.name, carry))} = {', '.join(self.atoms(jaxpr.outvars[: len(carry)]))}")
        made, outs = {v for e in jaxpr.eqns for v in e.outvars}, dict.fromkeys(a for a in jaxpr.outvars if type(a) is Var)
        self.drop(indent, [v for v in outs if v in made])

    def function(self, head: str) -> Callable[..., Any]:
        exec("\n".join([head, *self.lines]), self.space)
        return self.space["run"]


def left_to_numpy(jaxpr: Jaxpr) -> set[Any]:
    """Results of broadcasts that only ufuncs read, beside operands with the entries of every axis: NumPy broadcasts them by itself."""
    axes: dict[Any, set] = {e.outvars[0]: set(e.params["axes"]) for e in jaxpr.eqns if e.primitive in thin and type(e.inputs[0]) is Var}
    for a in jaxpr.outvars:
        axes.pop(a, None)
    refused = True
    while axes and refused:
        refused = False
        for eqn in jaxpr.eqns:
            found = [a for a in eqn.inputs if a in axes]
            if not found:
                continue
            others = [a for a in eqn.inputs if a not in axes and getattr(a.aval, "shape", ())]  # a stack has no shape
            ufunc = eqn.primitive.impl in _INFIX or isinstance(eqn.primitive.impl, np.ufunc)
            if not ufunc or not (others or not set.intersection(*[axes[a] for a in found])):
                for a in found:
                    axes.pop(a, None)
                refused = True
    return set(axes)


def _write(jaxpr: Jaxpr) -> Callable[..., list]:
    w = _Writer()
    head = f"def run({', '.join(map(w.name, jaxpr.invars))}):"
    w.equations(jaxpr, 1)
    w.line(1, f"return [{', '.join(w.atoms(jaxpr.outvars))}]")
    return w.function(head)


def _write_loop(jaxpr: Jaxpr, n_consts: int, n_carry: int) -> Callable[..., list]:
    w = _Writer()
    consts, carry, xs = jaxpr.invars[:n_consts], jaxpr.invars[n_consts : n_consts + n_carry], jaxpr.invars[n_consts + n_carry :]
    ys = jaxpr.outvars[n_carry:]
    w.unpack(1, consts, "consts")
    w.unpack(1, carry, "carry")
    w.line(1, f"del carry; [{', '.join(f'x{j}' for j in range(len(xs)))}] = xs; [{', '.join(f'y{j}' for j in range(len(ys)))}] = ys")
    w.line(1, "for i in steps:")
    for j, x in enumerate(xs):
        w.line(2, f"{w.name(x)} = x{j}[i]")
    w.equations(jaxpr, 2, consts)
    for j, y in enumerate(w.atoms(ys)):
        w.line(2, f"y{j}[i] = {y}")
    w.advance(2, jaxpr, carry)
    w.line(2, "pass")
    w.line(1, f"return [{', '.join(map(w.name, carry))}]")
    return w.function("def run(steps, consts, carry, xs, ys):")


def _write_while(cond: Jaxpr, body: Jaxpr, n_cond: int, n_body: int) -> Callable[..., tuple[list, int]]:
    w = _Writer()
    consts, carry = body.invars[:n_body], body.invars[n_body:]
    ys = body.outvars[len(carry) :]
    w.unpack(1, cond.invars[:n_cond], "cond_consts")
    w.unpack(1, consts, "body_consts")
    w.unpack(1, carry, "carry")
    w.line(1, f"del carry; [{', '.join(f'y{j}' for j in range(len(ys)))}] = ys; trips = 0")
    w.line(1, "while trips <= most:")
    for a, b in zip(cond.invars[n_cond:], carry, strict=True):
        w.names[a] = w.name(b)
    w.equations(cond, 2, cond.invars)
    w.line(2, f"if not {w.atoms(cond.outvars)[0]}: break")
    w.equations(body, 2, consts)
    for j, y in enumerate(w.atoms(ys)):
        w.line(2, f"y{j}.append({y})")
    w.advance(2, body, carry)
    w.line(2, "trips += 1")
    w.line(1, f"return [{', '.join(map(w.name, carry))}], trips")
    return w.function("def run(cond_consts, body_consts, carry, ys, most):")
