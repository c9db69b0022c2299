"""simplify: the same program in fewer equations.

One pass forward (calls inlined, constants folded, algebra on zeros, ones and views, common subexpressions shared), then dead code is removed. Values
are kept to the bit: nothing is reassociated, and x * 0 stays, for x may be infinite. Inner jaxprs of loops and branches are simplified too, and
what is checkpointed is left alone, since sharing its recomputation with the primal program would undo it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.jaxpr import Atom, Equation, Jaxpr, Literal, Var, checked, dead_code_eliminated
from fgrad.core.primitive import Primitive
from fgrad.ops import elementwise as e
from fgrad.ops.contract import contract
from fgrad.ops.shapes import broadcast, reduce_sum, reshape, slice_, transpose, zeros
from fgrad.ops.stacks import stack_add

OPAQUE = {"checkpoint"}
"""Names of calls that are not inlined, and primitives whose jaxprs are left as they are."""


def simplify(jaxpr: Jaxpr) -> Jaxpr:
    """An equivalent jaxpr with the same inputs; memoised.

    Example:
        >>> import fgrad
        >>> from fgrad.compile.simplify import simplify
        >>> closed = fgrad.make_jaxpr(fgrad.grad(lambda x: x * x + 3.0))(1.0)
        >>> simplify(closed.jaxpr)
        { lambda a:f64[]. let
            b:f64[] = add a a
          in (b,) }
    """

    return jaxpr.memoize(("simplify",), lambda: _Pass({}).over(jaxpr))


def prepared(jaxpr: Jaxpr) -> Jaxpr:
    """As `simplify`, for a program that will be compiled: rewritten also where results may differ by rounding; memoised."""
    return jaxpr.memoize(("prepared",), lambda: _Pass(REWRITES).over(simplify(jaxpr)))


REWRITES: dict[str, Callable[[Equation], Jaxpr | None]] = {}
"""For primitives by name, an equation as a jaxpr of its operands that runs faster, or None."""


class _Pass:
    def __init__(self, rewrites: Mapping[str, Callable[[Equation], Jaxpr | None]]) -> None:
        self.rewrites = rewrites
        self.env: dict[Var, Atom] = {}
        self.eqns: list[Equation] = []
        self.made_by: dict[Var, Equation] = {}
        self.seen: dict[tuple, Sequence[Var]] = {}

    def over(self, jaxpr: Jaxpr) -> Jaxpr:
        for v in jaxpr.invars:
            self.env[v] = v
        self.run(jaxpr.eqns)
        outs = tuple(self.read(a) for a in jaxpr.outvars)
        return checked(dead_code_eliminated(Jaxpr(jaxpr.invars, tuple(self.eqns), outs)))

    def read(self, a: Atom) -> Atom:
        return self.env[a] if type(a) is Var else a

    def inline(self, inner: Jaxpr, inputs: Sequence[Atom]) -> list[Atom]:
        for v, a in zip(inner.invars, inputs, strict=True):
            self.env[v] = a
        self.run(inner.eqns)
        return [self.read(a) for a in inner.outvars]

    def run(self, eqns: Sequence[Equation]) -> None:
        for eqn in eqns:
            inputs = [self.read(a) for a in eqn.inputs]
            outs = self.rewritten(eqn, inputs)
            if outs is None:
                outs = self.emit(eqn, inputs)
            for v, a in zip(eqn.outvars, outs, strict=True):
                self.env[v] = a

    def rewritten(self, eqn: Equation, inputs: list[Atom]) -> Sequence[Atom] | None:
        """The outputs as existing atoms, where the equation is not needed."""
        prim, params = eqn.primitive, eqn.params
        if prim.name == "call" and params["name"] not in OPAQUE:
            return self.inline(params["jaxpr"], inputs)
        rewrite = self.rewrites.get(prim.name)
        if rewrite is not None:
            faster = rewrite(eqn)
            if faster is not None:
                return self.inline(faster, inputs)
        if prim.effectful:
            return None
        aval: Any = eqn.outvars[0].aval if eqn.outvars else None
        if prim.elementwise and (constants := [_uniform(self, a) for a in inputs]) and None not in constants:
            with np.errstate(all="ignore"):
                value = Literal(prim.impl(*[c.value for c in constants], **params))  # type: ignore[union-attr]
            if not aval.shape:
                return [value]
            return [self.add(broadcast, [value], {"shape": aval.shape, "axes": tuple(range(aval.ndim))}, aval)]
        if self.rewrites and prim.elementwise and 1 in aval.shape:
            return [self.squeezed(eqn, inputs, aval)]
        rule = _RULES.get(prim) or (_LATE.get(prim) if self.rewrites else None)
        found = rule(self, inputs, params, aval) if rule else None
        return None if found is None else [found]

    def emit(self, eqn: Equation, inputs: list[Atom]) -> Sequence[Atom]:
        params = eqn.params
        if eqn.primitive.name not in OPAQUE:
            params = {k: _simplified(v) for k, v in params.items()}
        key = None if eqn.primitive.effectful else _key(eqn.primitive, inputs, params)
        if key is not None and key in self.seen:
            return self.seen[key]
        outs = [Var(v.aval) for v in eqn.outvars]
        new = Equation(eqn.primitive, inputs, params, outs, eqn.source)
        self.eqns.append(new)
        for v in outs:
            self.made_by[v] = new
        if key is not None:
            self.seen[key] = outs
        return outs

    def add(self, prim: Primitive, inputs: list[Atom], params: dict[str, Any], aval: Any) -> Atom:
        """A new equation in place of the one being rewritten."""
        return self.emit(Equation(prim, inputs, params, (Var(aval),), None), inputs)[0]

    def made(self, prim: Primitive, inputs: list[Atom], params: dict[str, Any], aval: Any) -> Atom:
        """As `add`, but simplified."""
        eqn = Equation(prim, inputs, params, (Var(aval),), None)
        outs = self.rewritten(eqn, inputs)
        return (self.emit(eqn, inputs) if outs is None else outs)[0]

    def squeezed(self, eqn: Equation, inputs: list[Atom], aval: Any) -> Atom:
        """An elementwise equation without the axes of size 1 (keepdims leaves them): one loop less, and it fuses with what has none."""
        shape = tuple(n for n in aval.shape if n != 1)
        inner = [
            self.made(reshape, [a], {"shape": shape}, ShapedArray(shape, a.aval.dtype)) if type(a) is Var and a.aval.shape else a
            for a in inputs
        ]
        out = self.made(eqn.primitive, inner, eqn.params, ShapedArray(shape, aval.dtype))
        if type(out) is Literal:
            return self.add(broadcast, [out], {"shape": aval.shape, "axes": tuple(range(aval.ndim))}, aval)
        return self.made(reshape, [out], {"shape": aval.shape}, aval)

    def producer(self, a: Atom, *prims: Primitive) -> Equation | None:
        """The equation that makes a, if it is of one of these primitives."""
        eqn = self.made_by.get(a) if type(a) is Var else None
        return eqn if eqn is not None and eqn.primitive in prims else None


def _simplified(value: Any) -> Any:
    if isinstance(value, Jaxpr):
        return simplify(value)
    if isinstance(value, tuple) and value and all(isinstance(v, Jaxpr) for v in value):
        return tuple(map(simplify, value))
    return value


def _key(prim: Primitive, inputs: Sequence[Atom], params: dict[str, Any]) -> tuple | None:
    """Equal for equations that compute the same; None where that cannot be said."""
    atoms = tuple((type(a.value), np.asarray(a.value).dtype, np.asarray(a.value).tobytes()) if type(a) is Literal else a for a in inputs)
    key = (prim, atoms, tuple(sorted(params.items())))
    try:
        hash(key)
    except TypeError:
        return None
    return key


# -- algebra: each rule gives the atom the equation's output is, or None

_Rule = Callable[[_Pass, list[Atom], dict[str, Any], Any], Atom | None]
_RULES: dict[Primitive, _Rule] = {}
_LATE: dict[Primitive, _Rule] = {}  # for `prepared` alone


def _rule(*prims: Primitive) -> Callable[[_Rule], _Rule]:
    def register(f: _Rule) -> _Rule:
        for p in prims:
            _RULES[p] = f
        return f

    return register


def _is(a: Atom, value: float) -> bool:
    return type(a) is Literal and a.value == value


def _same_type(a: Atom, aval: Any) -> bool:
    """A literal stands for any shape, but an output keeps its type."""
    return type(a) is Var and a.aval == aval


def _uniform(p: _Pass, a: Atom) -> Literal | None:
    """The literal of which every entry of a is a copy."""
    if type(a) is Literal:
        return a
    eqn = p.producer(a, broadcast)
    return eqn.inputs[0] if eqn is not None and type(eqn.inputs[0]) is Literal else None


@_rule(e.mul)
def _mul(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    for x, y in (xs, xs[::-1]):
        constant = _uniform(p, y)
        if constant is None:
            continue
        if _is(constant, 1) and _same_type(x, aval):
            return x
        if y is not constant and _same_type(x, aval):
            operands: list[Atom] = [x, constant] if x is xs[0] else [constant, x]
            return p.add(e.mul, operands, params, aval)
    return None


@_rule(e.div)
def _div(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    return xs[0] if _is(xs[1], 1) and _same_type(xs[0], aval) else None


def _is_zero(p: _Pass, a: Atom) -> bool:
    """A zero of the linear program; its sign is of no account."""
    return p.producer(a, zeros) is not None


@_rule(e.add, stack_add)
def _add(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    for x, y in (xs, xs[::-1]):
        if _is_zero(p, y) and _same_type(x, aval):
            return x
    return None


@_rule(e.neg)
def _neg(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    eqn = p.producer(xs[0], e.neg)
    return eqn.inputs[0] if eqn else None


@_rule(e.conj)
def _conj(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    return xs[0] if aval.dtype.kind != "c" and _same_type(xs[0], aval) else None


@_rule(e.select)
def _select(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    chosen = _uniform(p, xs[0])
    if chosen is None:
        return None
    value = xs[1] if chosen.value else xs[2]
    if _same_type(value, aval):
        return value
    if type(value) is Literal and aval.shape:
        number = Literal(aval.dtype.type(value.value))
        return p.add(broadcast, [number], {"shape": aval.shape, "axes": tuple(range(aval.ndim))}, aval)
    return None


def _contract(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    """A transposed operand is the operand with its letters in another order."""
    operands, labels = list(xs), [params["x_labels"], params["y_labels"]]
    for k, x in enumerate(xs):
        eqn = p.producer(x, transpose)
        if eqn is not None:
            operands[k] = eqn.inputs[0]
            labels[k] = "".join(letter for _, letter in sorted(zip(eqn.params["axes"], labels[k], strict=True)))
    if operands != xs:
        return p.made(contract, operands, params | {"x_labels": labels[0], "y_labels": labels[1]}, aval)
    return _outer_product(p, xs, params, aval)


def _outer_product(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    """What sums nothing is a product of broadcast operands, and fuses with what is around it."""
    labels = params["out_labels"]
    if not aval.shape:
        return None
    if any(c not in labels for c in params["x_labels"]):
        return _sum_of_rows(p, xs, params, aval)
    spread = []
    for x, own in zip(xs, (params["x_labels"], params["y_labels"]), strict=True):
        order = tuple(own.index(c) for c in labels if c in own)
        missing = tuple(k for k, c in enumerate(labels) if c not in own)
        if order != tuple(range(len(order))):
            x = p.add(transpose, [x], {"axes": order}, ShapedArray(tuple(x.aval.shape[k] for k in order), aval.dtype))
        if missing:
            x = p.add(broadcast, [x], {"shape": aval.shape, "axes": missing}, aval)
        spread.append(x)
    return p.add(e.mul, spread, {}, aval)


def _sum_of_rows(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    """Products of entries, summed over axes before the last: a loop over rows, not a sum with a stride for each entry of the result."""
    (x, y), own, other, labels = xs, params["x_labels"], params["y_labels"], params["out_labels"]
    if set(own) != set(other) or labels != "".join(c for c in own if c in labels) or own[-1] != labels[-1]:
        return None
    if own != other:
        y = p.made(transpose, [y], {"axes": tuple(other.index(c) for c in own)}, x.aval)
    product = p.add(e.mul, [x, y], {}, x.aval)
    return p.add(reduce_sum, [product], {"axes": tuple(k for k, c in enumerate(own) if c not in labels)}, aval)


@_rule(e.convert)
def _convert(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    return xs[0] if _same_type(xs[0], aval) else None


@_rule(reshape)
def _reshape(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    if _same_type(xs[0], aval):
        return xs[0]
    eqn = p.producer(xs[0], reshape)
    if eqn is None:
        return None
    return eqn.inputs[0] if _same_type(eqn.inputs[0], aval) else p.add(reshape, [eqn.inputs[0]], params, aval)


@_rule(transpose)
def _transpose(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    axes = params["axes"]
    if axes == tuple(range(len(axes))):
        return xs[0]
    shape = xs[0].aval.shape
    long = [a for a in axes if shape[a] != 1]
    if long == sorted(long):  # only axes of size 1 move
        return p.made(reshape, [xs[0]], {"shape": aval.shape}, aval)
    eqn = p.producer(xs[0], transpose)
    if eqn is None:
        return None
    composed = tuple(eqn.params["axes"][a] for a in axes)
    return eqn.inputs[0] if composed == tuple(range(len(axes))) else p.add(transpose, [eqn.inputs[0]], {"axes": composed}, aval)


@_rule(slice_)
def _slice(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    return xs[0] if _same_type(xs[0], aval) else None  # as large as its operand: all of it


@_rule(broadcast)
def _broadcast(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    if not params["axes"]:
        return xs[0] if _same_type(xs[0], aval) else None
    eqn = p.producer(xs[0], broadcast)
    if eqn is None:
        return None
    # the axes of the inner broadcast, as the outer one numbers them
    outer = params["axes"]
    kept = [i for i in range(len(aval.shape)) if i not in outer]
    axes = tuple(sorted((*outer, *[kept[i] for i in eqn.params["axes"]])))
    return p.add(broadcast, [eqn.inputs[0]], {"shape": params["shape"], "axes": axes}, aval)


@_rule(reduce_sum)
def _reduce_sum(p: _Pass, xs: list[Atom], params: dict, aval: Any) -> Atom | None:
    return xs[0] if not params["axes"] and _same_type(xs[0], aval) else None


_LATE[contract] = _contract
