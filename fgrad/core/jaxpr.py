"""The jaxpr: a typed, immutable program of primitives, in single assignment form.

    { lambda a:f64[3]. let
        b:f64[3] = sin a
        c:f64[]  = reduce_sum[axes=(0,)] b
      in (c,) }

A `Jaxpr` holds no arrays: what a function closes over is a leading input, and a `ClosedJaxpr` pairs it with those values. 0-d
constants are literals. Here: the types, evaluation, dead code elimination and the type checker. `stage.py` writes
jaxprs, `printer.py` prints them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from fgrad.core.avals import PYTHON_SCALARS, ShapedArray, typeof
from fgrad.core.errors import ArgumentError, JaxprError, NanError
from fgrad.core.primitive import Primitive
from fgrad.core.printer import show_jaxpr
from fgrad.core.source import Source


class Var:
    """A variable, immutable and equal only to itself."""

    __slots__ = ("aval",)
    aval: Any

    def __init__(self, aval: Any):
        _set_aval(self, aval)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a variable is immutable; cannot set {name}")

    def __repr__(self) -> str:
        return f"Var:{self.aval!r}"

    def __reduce__(self):
        return Var, (self.aval,)


_set_aval = Var.aval.__set__  # type: ignore[attr-defined]


class Literal:
    """A 0-d constant, immutable."""

    __slots__ = ("value",)
    value: Any

    def __init__(self, value: Any):
        _set_value(self, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a literal is immutable; cannot set {name}")

    def __reduce__(self):
        return Literal, (self.value,)

    @property
    def aval(self) -> ShapedArray:
        return typeof(self.value)

    def __repr__(self) -> str:
        return repr(self.value) if type(self.value) in PYTHON_SCALARS else f"{self.value}:{self.aval!r}"


_set_value = Literal.value.__set__  # type: ignore[attr-defined]
Atom = Var | Literal


class Params(dict):
    """The parameters of an equation: a dict that does not change."""

    __slots__ = ()

    def _frozen(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the parameters of an equation are immutable")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _frozen  # type: ignore[assignment]

    def __reduce__(self):
        return Params, (dict(self),)


class Equation(NamedTuple):
    """`outvars = primitive[params] inputs`, written on the user's line `source`."""

    primitive: Primitive
    inputs: Sequence[Any]
    params: dict[str, Any]
    outvars: Sequence[Var]
    source: Source | None


def _frozen(eqn: Equation) -> Equation:
    if type(eqn.params) is Params and type(eqn.inputs) is tuple:
        return eqn
    return Equation(eqn.primitive, tuple(eqn.inputs), Params(eqn.params), tuple(eqn.outvars), eqn.source)


@dataclass(frozen=True, eq=False)
class Jaxpr:
    """A program: inputs, equations, outputs. Equal only to itself; `memo` keeps what passes derive from it."""

    invars: tuple[Var, ...]
    eqns: tuple[Equation, ...]
    outvars: tuple[Atom, ...]
    memo: dict = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        # traces write equations with lists and plain dicts, which are quicker; here they become final
        if any(type(e.params) is not Params or type(e.inputs) is not tuple for e in self.eqns):
            object.__setattr__(self, "eqns", tuple(map(_frozen, self.eqns)))

    @property
    def in_avals(self) -> list:
        return [v.aval for v in self.invars]

    @property
    def out_avals(self) -> list:
        return [a.aval for a in self.outvars]

    def memoize(self, key: tuple, make: Callable[[], Any]) -> Any:
        """`make()`, once for each key. Keys hold objects (never an id, which may be reused)."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def __call__(self, *args: Any) -> list:
        return eval_jaxpr(self, (), *args)

    def __repr__(self) -> str:
        return show_jaxpr(self)

    def __getstate__(self):
        return {"invars": self.invars, "eqns": self.eqns, "outvars": self.outvars}

    def __setstate__(self, state):
        for name, value in {**state, "memo": {}}.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class ClosedJaxpr:
    """A jaxpr and the values of its leading inputs. Call it to evaluate it on flat arguments."""

    jaxpr: Jaxpr
    consts: tuple[Any, ...]

    @property
    def eqns(self) -> tuple[Equation, ...]:
        return self.jaxpr.eqns

    @property
    def in_avals(self) -> list:
        return self.jaxpr.in_avals[len(self.consts) :]

    @property
    def out_avals(self) -> list:
        return self.jaxpr.out_avals

    def __call__(self, *args: Any) -> list:
        return eval_jaxpr(self.jaxpr, self.consts, *args)

    def pretty(self, source: bool = False) -> str:
        """The printed form; with `source`, each equation shows the user's line it came from."""
        return show_jaxpr(self.jaxpr, len(self.consts), source)

    def __repr__(self) -> str:
        return self.pretty()


def eval_jaxpr(jaxpr: Jaxpr, consts: Sequence[Any], *args: Any) -> list:
    """Evaluates a jaxpr in the current trace: on arrays it computes, on tracers it is traced again.

    Args:
        jaxpr: a `Jaxpr`, as in `make_jaxpr(f)(x).jaxpr`.
        consts: values of its leading inputs, `make_jaxpr(f)(x).consts`.
        args: values of the others, flat.

    Returns:
        The list of outputs.

    Example:
        >>> import fgrad, numpy as np
        >>> closed = fgrad.make_jaxpr(lambda x: np.sin(x) * 2.0)(1.0)
        >>> fgrad.eval_jaxpr(closed.jaxpr, closed.consts, np.float64(0.0))
        [np.float64(0.0)]
    """
    if len(consts) + len(args) != len(jaxpr.invars):
        raise ArgumentError(
            f"eval_jaxpr: the jaxpr takes {len(jaxpr.invars) - len(consts)} arguments beside its constants, and was given {len(args)}"
        )
    env: dict[Var, Any] = dict(zip(jaxpr.invars, (*consts, *args), strict=True))
    last = last_uses(jaxpr)
    for eqn, dead in zip(jaxpr.eqns, last, strict=True):
        prim = eqn.primitive
        try:
            out = prim(*[env[a] if type(a) is Var else a.value for a in eqn.inputs], **eqn.params)
        except NanError as err:
            raise err.at(eqn.source) from None
        if prim.multi:
            env.update(zip(eqn.outvars, out, strict=True))
        else:
            env[eqn.outvars[0]] = out
        for v in dead:
            del env[v]
    return [a.value if isinstance(a, Literal) else env[a] for a in jaxpr.outvars]


def last_uses(jaxpr: Jaxpr) -> list[list[Var]]:
    """For each equation, the variables nothing reads after it: evaluation drops them, to keep no memory it does not need."""

    def make() -> list[list[Var]]:
        seen = {a for a in jaxpr.outvars if type(a) is Var}
        dead: list[list[Var]] = []
        for eqn in reversed(jaxpr.eqns):
            now = []
            for a in (*eqn.inputs, *eqn.outvars):
                if type(a) is Var and a not in seen:
                    seen.add(a)
                    now.append(a)
            dead.append(now)
        return dead[::-1]

    return jaxpr.memoize(("last_uses",), make)


def dead_code_eliminated(jaxpr: Jaxpr) -> Jaxpr:
    """The jaxpr without the equations that no output needs."""
    live = {a for a in jaxpr.outvars if type(a) is Var}
    kept = []
    for eqn in reversed(jaxpr.eqns):
        if eqn.primitive.effectful or any(v in live for v in eqn.outvars):
            kept.append(eqn)
            live.update(a for a in eqn.inputs if type(a) is Var)
    return Jaxpr(jaxpr.invars, tuple(reversed(kept)), jaxpr.outvars)


def subjaxprs(params: dict[str, Any]) -> Iterable[Jaxpr]:
    """The jaxprs inside an equation's parameters."""
    for value in params.values():
        for v in value if isinstance(value, tuple) else (value,):
            if isinstance(v, Jaxpr):
                yield v


def check_jaxpr(jaxpr: Jaxpr | ClosedJaxpr) -> None:
    """Type-checks a jaxpr: every variable is defined once and before its use, and every equation's types are what its primitive says.

    Raises:
        JaxprError: naming the equation. It is a defect of a primitive's rule.
    """
    jaxpr = jaxpr.jaxpr if isinstance(jaxpr, ClosedJaxpr) else jaxpr
    defined: set[Var] = set()

    def define(variables: Iterable[Var], where: str) -> None:
        for v in variables:
            if v in defined:
                raise JaxprError(f"{where} defines a variable twice")
            defined.add(v)

    def operand(a: Any, where: str) -> Any:
        if type(a) is Literal:
            return a.value
        if type(a) is not Var or a not in defined:
            raise JaxprError(f"{where} reads {a!r}, which is not defined before it")
        return a.aval

    define(jaxpr.invars, "the input list")
    for i, eqn in enumerate(jaxpr.eqns):
        where = f"equation {i} ({eqn.primitive.name})"
        for sub in subjaxprs(eqn.params):
            check_jaxpr(sub)
        expected = _output_types(eqn, [operand(a, where) for a in eqn.inputs], where)
        found = [v.aval for v in eqn.outvars]
        if expected != found:
            raise JaxprError(f"{where} has outputs of type {found}; its primitive says {expected}", source=eqn.source)
        define(eqn.outvars, where)
    for a in jaxpr.outvars:
        operand(a, "the output list")


def _output_types(eqn: Equation, operands: list, where: str) -> list:
    """What the equation's primitive says of operands of these types; its own complaint about them names the equation."""
    prim = eqn.primitive
    rules = prim.partials or prim.transposes
    if rules is not None and len(rules) != len(operands):
        raise JaxprError(f"{where} has {len(operands)} operands; its primitive takes {len(rules)}", source=eqn.source)
    try:
        avals = prim.aval(*operands, **eqn.params)
    except Exception as err:
        raise JaxprError(
            f"{where} has operands or parameters that its primitive refuses: {str(err).splitlines()[0]}", source=eqn.source
        ) from err
    return list(avals) if prim.multi else [avals]


CHECK = os.environ.get("FGRAD_CHECK", "0") not in ("", "0")


def checked(jaxpr: Jaxpr) -> Jaxpr:
    """The jaxpr, type-checked first where the environment says FGRAD_CHECK=1 (the tests do)."""
    if CHECK:
        check_jaxpr(jaxpr)
    return jaxpr


def is_scalar_constant(x: Any) -> bool:
    """Whether a value that belongs to no trace is kept as a literal: a number or a 0-d array."""
    return type(x) in PYTHON_SCALARS or isinstance(x, np.generic) or (type(x) is np.ndarray and x.ndim == 0)
