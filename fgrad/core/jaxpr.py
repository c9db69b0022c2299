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
from fgrad.core.errors import ArgumentError, JaxprError
from fgrad.core.primitive import Primitive
from fgrad.core.printer import show_jaxpr
from fgrad.core.source import Source


class Var:
    """A variable, equal only to itself."""

    __slots__ = ("aval",)

    def __init__(self, aval: Any):
        self.aval = aval

    def __repr__(self) -> str:
        return f"Var:{self.aval!r}"


class Literal:
    """A 0-d constant."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    @property
    def aval(self) -> ShapedArray:
        return typeof(self.value)

    def __repr__(self) -> str:
        return repr(self.value) if type(self.value) in PYTHON_SCALARS else f"{self.value}:{self.aval!r}"


Atom = Var | Literal


class Equation(NamedTuple):
    """`outvars = primitive[params] inputs`, written on the user's line `source`."""

    primitive: Primitive
    inputs: Sequence[Any]
    params: dict[str, Any]
    outvars: Sequence[Var]
    source: Source | None


@dataclass(frozen=True, eq=False)
class Jaxpr:
    """A program: inputs, equations, outputs. Equal only to itself; `memo` keeps what passes derive from it."""

    invars: tuple[Var, ...]
    eqns: tuple[Equation, ...]
    outvars: tuple[Atom, ...]
    memo: dict = field(default_factory=dict, repr=False, compare=False)

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
        out = prim(*[env[a] if type(a) is Var else a.value for a in eqn.inputs], **eqn.params)
        if prim.multi:
            env.update(zip(eqn.outvars, out, strict=True))
        else:
            env[eqn.outvars[0]] = out
        for v in dead:
            del env[v]
    return [env[a] if type(a) is Var else a.value for a in jaxpr.outvars]


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
        avals = eqn.primitive.aval(*[operand(a, where) for a in eqn.inputs], **eqn.params)
        expected = list(avals) if eqn.primitive.multi else [avals]
        found = [v.aval for v in eqn.outvars]
        if expected != found:
            raise JaxprError(f"{where} has outputs of type {found}; its primitive says {expected}", source=eqn.source)
        define(eqn.outvars, where)
    for a in jaxpr.outvars:
        operand(a, "the output list")


CHECK = os.environ.get("FGRAD_CHECK", "0") not in ("", "0")


def checked(jaxpr: Jaxpr) -> Jaxpr:
    """The jaxpr, type-checked first where the environment says FGRAD_CHECK=1 (the tests do)."""
    if CHECK:
        check_jaxpr(jaxpr)
    return jaxpr


def is_scalar_constant(x: Any) -> bool:
    """Whether a value that belongs to no trace is kept as a literal: a number or a 0-d array."""
    return type(x) in PYTHON_SCALARS or isinstance(x, np.generic) or (type(x) is np.ndarray and x.ndim == 0)
