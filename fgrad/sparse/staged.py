"""A function staged for its arguments, as one of the leaves it is differentiated in.

Floating point arguments are traced, so that a program serves all their values; integers, booleans and other objects decide what depends on what, so they
are part of the program. The programs of a function are kept by these, and by the types of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from fgrad.api.flat import FlatFunction, check_argnums, check_inputs, user_path
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, is_inexact, typeof
from fgrad.core.errors import UnsupportedError
from fgrad.core.jaxpr import Jaxpr, eval_jaxpr
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.core.trace import Tracer


class Arguments:
    """The arguments of one call: `wrt`, the leaves of the argnums; `others`, further floating point leaves; `fixed`, the rest; `key`, of the program."""

    def __init__(self, name: str, fun: Callable, argnums: int | Sequence[int], holomorphic: bool, args: tuple, kwargs: dict[str, Any]):
        self.numbers = check_argnums(name, fun, argnums, args)
        self.count = len(args)
        rest = tuple(a for i, a in enumerate(args) if i not in self.numbers)
        wrt, self.wrt_tree = tree.flatten(tuple([args[i] for i in self.numbers]))
        paths = tree.paths(self.wrt_tree)
        self.wrt = [
            x if isinstance(x, ShapedArray) else tree.canonical_leaf(x, f"{name}: argument{user_path(p, self.numbers)}")
            for x, p in zip(wrt, paths, strict=True)
        ]
        check_inputs(name, self.wrt, self.wrt_tree, self.numbers, holomorphic)
        leaves, self.rest_tree = tree.flatten((rest, kwargs))
        self.traced = tuple(isinstance(x, ShapedArray) or _floating(x) for x in leaves)
        self.others = [x for x, t in zip(leaves, self.traced, strict=True) if t]
        self.fixed = [x for x, t in zip(leaves, self.traced, strict=True) if not t]
        for x in (*self.wrt, *leaves):
            if isinstance(x, Tracer):
                raise UnsupportedError(
                    f"{name}: a sparse result is a SciPy matrix, and x: {x.aval!r} is being {x.describe_trace()}",
                    "Call it outside of jit, vmap and grad (it compiles its passes by itself), or ask for a dense result: mode='auto'.",
                )
        types = tuple(typeof(x) for x in (*self.wrt, *self.others))
        self.key = self.numbers, self.wrt_tree, self.rest_tree, types, tuple(map(_content, self.fixed))

    def whole(self, fun: Callable) -> Callable:
        """The function of the leaves `wrt` and `others`, both pytrees."""
        numbers, count, rest_tree, traced, fixed = self.numbers, self.count, self.rest_tree, self.traced, list(self.fixed)

        def of(wrt: tuple, others: list) -> Any:
            given, known = iter(others), iter(fixed)
            rest, kwargs = tree.unflatten(rest_tree, [next(given) if t else next(known) for t in traced])
            positional, differentiated = iter(rest), dict(zip(numbers, wrt, strict=True))
            return fun(*[differentiated[i] if i in differentiated else next(positional) for i in range(count)], **kwargs)

        of.__qualname__ = function_name(fun)
        of.__wrapped__ = fun  # type: ignore[attr-defined]
        return of


def _floating(x: Any) -> bool:
    return isinstance(x, (float, complex)) or (hasattr(x, "dtype") and hasattr(x, "shape") and is_inexact(x.dtype))


def _content(x: Any) -> Hashable:
    """What tells a fixed argument from others: the entries of an array, a hashable object, or which object it is."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.dtype, x.shape, x.tobytes()
    try:
        hash(x)
    except TypeError:
        return _Same(x)
    return type(x), x


class _Same:
    """An object that equals itself only; it is kept, so that no other gets its place in memory."""

    def __init__(self, x: Any):
        self.x = x

    def __hash__(self) -> int:
        return id(self.x)

    def __eq__(self, other: object) -> bool:
        return type(other) is _Same and self.x is other.x


class Staged:
    """The program of a function for such arguments: `jaxpr` over [consts, others, wrt] of [outputs, aux]."""

    def __init__(self, fun: Callable, given: Arguments, has_aux: bool):
        self.wrt_tree = given.wrt_tree
        self.ins = [typeof(x) for x in given.wrt]
        in_tree = tree.flatten((tree.unflatten(given.wrt_tree, self.ins), list(given.others)))[1]
        self.flat = FlatFunction(given.whole(fun), in_tree, has_aux=has_aux)
        n = len(self.ins)
        avals = [typeof(x) for x in given.others]
        run = lambda *leaves: self.flat(*leaves[len(avals) :], *leaves[: len(avals)])
        self.jaxpr, consts = stage(run, avals + self.ins, fun)
        # as jit does: what was computed of a constant is fixed, so the constant itself must be
        self.consts = [c.copy() if type(c) is np.ndarray else c for c in consts]
        self.outs = self.jaxpr.out_avals[: self.flat.outs]
        self.known = len(self.consts) + len(avals)
        assert len(self.jaxpr.invars) == self.known + n

    def outputs_alone(self) -> Jaxpr:
        return Jaxpr(self.jaxpr.invars, self.jaxpr.eqns, self.jaxpr.outvars[: len(self.outs)])

    def of(self, known: Sequence[Any]) -> Callable[..., list]:
        """The program as a function of the leaves it is differentiated in, the values of all others being given."""
        return lambda *leaves: eval_jaxpr(self.jaxpr, known, *leaves)
