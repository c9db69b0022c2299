"""A function of NumPy as one equation: for what NumPy computes quicker than loops written for it, such as a median or a histogram.

`outside(np.median)` decorates what a function is on traced values. While it is staged, a call becomes one equation, which holds the call of NumPy and an
equivalent jaxpr: the value is NumPy's own, derivatives and batches are those of the jaxpr, and inside native loops, and of few entries, it is
the jaxpr that is compiled. Its native rule is in `native.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np

from fgrad.control.call import like_a_call
from fgrad.core import tree
from fgrad.core.evaluate import specialized
from fgrad.core.jaxpr import Jaxpr, dead_code_eliminated
from fgrad.core.stage import StageTrace, stage
from fgrad.core.trace import Tracer, current_trace

FEW = 128
"""Of so many entries the equivalent loops are quicker than a call."""


@dataclass(frozen=True, eq=False)
class Outside:
    """A call of a function of NumPy, with holes for arrays. places: the numbers of the results that are wanted. consts: so many operands of the equivalent
    jaxpr come before the arrays, and are none of the call's."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    places: tuple[int, ...]
    consts: int

    def __call__(self, *arrays: Any) -> list:
        values = iter(arrays[self.consts :])
        # most holes are arguments: they are filled without a look inside
        args = [next(values) if type(x) is _Hole else x if type(x) in _PLAIN else _filled(x, values) for x in self.args]
        kwargs = {k: next(values) if type(x) is _Hole else x if type(x) in _PLAIN else _filled(x, values) for k, x in self.kwargs.items()}
        out = self.function(*args, **kwargs)
        if isinstance(out, (np.ndarray, np.generic)):
            return [out]
        found = out if type(out) is tuple and not any(type(x) in (list, tuple) for x in out) else tree.leaves(out)
        return [found[i] for i in self.places]

    @property
    def __name__(self) -> str:
        owner = getattr(self.function, "__self__", None)  # of a method of a ufunc
        return f"{f'{owner.__name__}.' if isinstance(owner, np.ufunc) else ''}{self.function.__name__}"


_PLAIN = (int, float, bool, str, NoneType, np.ndarray, np.float64, np.dtype)


class _Hole:
    """Where an array goes."""

    def __repr__(self) -> str:
        return "_"


def _is(kind: type, x: Any) -> Iterator[Any]:
    if isinstance(x, kind):
        yield x
    elif type(x) in (list, tuple):
        for y in x:
            yield from _is(kind, y)


def _filled(x: Any, values: Iterator[Any], kind: type = _Hole) -> Any:
    if isinstance(x, kind):
        return next(values)
    if type(x) in (list, tuple) and next(_is(kind, x), None) is not None:
        return type(x)(_filled(y, values, kind) for y in x)
    return x


def _caller(*, jaxpr: Jaxpr, function: Outside) -> Callable[..., list]:
    dtypes = [a.dtype for a in jaxpr.out_avals]

    def call(*arrays: Any) -> list:
        return [x if x.dtype == d else x.astype(d) for x, d in zip(function(*arrays), dtypes, strict=True)]

    return call


by_numpy = like_a_call("by_numpy", lambda *arrays, **params: _caller(**params)(*arrays), lambda *, jaxpr, function: jaxpr)
specialized[by_numpy] = _caller


def outside(function: Callable[..., Any]) -> Callable[[Callable], Callable]:
    """Where the decorated function is staged, it is a call of this function of NumPy, of the same arguments."""

    def decorate(traced: Callable) -> Callable:
        @functools.wraps(traced)
        def staged(*args: Any, **kwargs: Any) -> Any:
            if type(current_trace()) is not StageTrace:
                return traced(*args, **kwargs)
            given = [*args, *kwargs.values()]
            tracers = list(_is(Tracer, given))
            holes = _filled(given, iter([_Hole()] * len(tracers)), Tracer)
            seen: list[Any] = []

            def flat(*xs: Any) -> list:
                found = _filled(holes, iter(xs))
                out = traced(*found[: len(args)], **dict(zip(kwargs, found[len(args) :], strict=True)))
                seen[:], structure = tree.flatten(out)
                seen.append(structure)
                return [x for x in seen[:-1] if isinstance(x, Tracer)]

            jaxpr, consts = stage(flat, [t.aval for t in tracers])
            *leaves, structure = seen
            places = tuple(i for i, x in enumerate(leaves) if isinstance(x, Tracer))
            call = Outside(function, tuple(holes[: len(args)]), dict(zip(kwargs, holes[len(args) :], strict=True)), places, len(consts))
            for i, x in zip(places, by_numpy(*consts, *tracers, jaxpr=dead_code_eliminated(jaxpr), function=call), strict=True):
                leaves[i] = x
            return tree.unflatten(structure, leaves)

        return staged

    return decorate
