"""A plan as a Python function: kernels and calls in order, arrays made contiguous where a kernel needs them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.compile import cache
from fgrad.compile.emit import dtype_name, source
from fgrad.compile.fuse import NestStep, Plan, fuse
from fgrad.compile.loops import LoopNest
from fgrad.compile.native import NUMBA, NotNative
from fgrad.compile.simplify import simplify
from fgrad.core.avals import PYTHON_SCALARS
from fgrad.core.config import config
from fgrad.core.evaluate import runner
from fgrad.core.jaxpr import Equation, Jaxpr, Literal, Var
from fgrad.core.trace import EvalTrace, current_trace

LOOPS: dict[str, Callable[[Equation], Callable[..., list]]] = {}
"""Loops as native functions, by the primitive's name; `control/native.py` fills it."""


def called(eqn: Equation) -> Callable:
    """The function that an equation outside of nests calls."""
    make = LOOPS.get(eqn.primitive.name)
    if make is None:
        return eqn.primitive.impl
    try:
        return make(eqn)
    except NotNative:
        return eqn.primitive.impl


def scalar(x: Any) -> Any:
    """A 0-d array as the number it holds."""
    return x[()] if type(x) is np.ndarray else x


def signature(nest: LoopNest) -> str:
    """The kernel's argument types, as Numba writes them. Arrays may be read-only."""
    arguments = ["types.int64"] * (nest.rank + nest.integers) + [NUMBA[dtype_name(d)] for d in nest.scalars]
    arguments += [f"types.Array({NUMBA[dtype_name(d)]}, {ndim}, 'C', readonly=True)" for d, ndim in nest.arrays]
    return f"({', '.join(arguments)}{',' if len(arguments) == 1 else ''})"


def module_source(nest: LoopNest) -> str:
    """The whole module of a kernel: what is written to the cache, and what `lower(...).source` shows."""
    return (
        "import numpy as np\n"
        "from numba import njit, types\n"
        "from fgrad.compile.runtime import *\n"
        "\n\n"
        f'@njit([{signature(nest)}], error_model="numpy", cache=True)\n'
        f"{source(nest)}"
    )


def kernel(nest: LoopNest) -> Callable:
    """The compiled nest."""
    return cache.load(module_source(nest), "kernel")


def program(jaxpr: Jaxpr) -> Callable[..., list]:
    """The compiled jaxpr: a function of its inputs that returns its outputs."""
    return jaxpr.memoize(("program",), lambda: _write(simplify(jaxpr)))


def compiled(jaxpr: Jaxpr) -> Callable[..., list] | None:
    """The compiled jaxpr, or None (with one warning) where it does not compile."""
    if ("failed",) in jaxpr.memo:
        return None
    try:
        return program(jaxpr)
    except Exception as e:  # a kernel that does not compile is a defect here, and must not stop the user
        jaxpr.memo["failed",] = True
        warnings.warn(
            f"fgrad: a program could not be compiled and is interpreted ({type(e).__name__}: {str(e).strip().splitlines()[0]:.200})",
            RuntimeWarning,
            stacklevel=2,
        )
        return None


def evaluate(jaxpr: Jaxpr, args: Sequence[Any]) -> list:
    """Runs a jaxpr that will run again: compiled where values are computed, else traced."""
    run = compiled(jaxpr) if config.compile and type(current_trace()) is EvalTrace else None
    return runner(jaxpr, prepare=simplify)(*args) if run is None else run(*args)


def _last_reads(plan: Plan, jaxpr: Jaxpr) -> list[list[Var]]:
    """For each step the arrays that nothing reads after it: dropped there, to hold no memory that is not needed."""
    seen = {a for a in jaxpr.outvars if type(a) is Var}
    dead = []
    for step in reversed(plan.steps):
        read = [*step.arrays, *step.outvars] if isinstance(step, NestStep) else [*step.inputs, *step.outvars]
        now = [v for v in dict.fromkeys(read) if type(v) is Var and v not in seen and getattr(v.aval, "shape", (1,))]
        seen.update(now)
        dead.append(now)
    return dead[::-1]


def _write(jaxpr: Jaxpr) -> Callable[..., list]:
    plan: Plan = fuse(jaxpr)
    names: dict[Var, str] = {}
    space: dict[str, Any] = {"contiguous": np.ascontiguousarray, "scalar": scalar}

    def name(v: Var) -> str:
        return names.setdefault(v, f"v{len(names)}")

    def constant(value: Any) -> str:
        key = f"k{len(space)}"
        space[key] = value
        return key

    def atom(a: Any, dtype: np.dtype | None = None) -> str:
        if type(a) is Literal:
            return constant(a.value if dtype is None or type(a.value) not in PYTHON_SCALARS else dtype.type(a.value))
        return name(a)

    lines = [f"def run({', '.join(map(name, jaxpr.invars))}):"]
    ready: set[Var] = set()  # what kernels take as it is: contiguous arrays, and numbers that are no 0-d arrays
    for step, dead in zip(plan.steps, _last_reads(plan, jaxpr), strict=True):
        if isinstance(step, NestStep):
            for v in step.arrays:
                if v not in ready:
                    lines.append(f"  {name(v)} = contiguous({name(v)})")
                    ready.add(v)
            for a in step.scalars:
                if type(a) is Var and a not in ready:
                    lines.append(f"  {name(a)} = scalar({name(a)})")
                    ready.add(a)
            scalars = [atom(a, d) for a, d in zip(step.scalars, step.nest.scalars, strict=True)]
            arguments = [*map(str, step.sizes + step.integers), *scalars, *map(name, step.arrays)]
            outs = [name(v) for v in step.outvars]
            lines.append(f"  {', '.join(outs)} = {constant(kernel(step.nest))}({', '.join(arguments)})")
            for v in step.outvars:
                ready.add(v)
                if not v.aval.shape:  # Numba returns Python numbers
                    lines.append(f"  {name(v)} = {constant(v.aval.dtype.type)}({name(v)})")
        else:
            prim = step.primitive
            run = called(step)
            keywords = [] if run is not prim.impl else [f"{k}={constant(v)}" for k, v in step.params.items()]
            outs = ", ".join(map(name, step.outvars))
            call = f"{constant(run)}({', '.join([*map(atom, step.inputs), *keywords])})"
            lines.append(f"  [{outs}] = {call}" if prim.multi else f"  {outs} = {call}")
        if dead:
            lines.append(f"  del {', '.join(map(name, dead))}")
    lines.append(f"  return [{', '.join(map(atom, jaxpr.outvars))}]")
    exec("\n".join(lines), space)  # the names are ours; values are bound, not written
    return space["run"]
