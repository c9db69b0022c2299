"""What a workload is: a function written over a `Language`, what it is measured on, and what it is worth comparing with by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.languages import Language, language, leaves

Text = Callable[[Language], Callable]
Inputs = Callable[[], tuple]


def _of(transform: str) -> Callable[[Language, Callable], Callable | None]:
    def applied(lang: Language, f: Callable) -> Callable | None:
        transformation = getattr(lang, transform)
        return transformation and transformation(f)

    return applied


MEASURES: Mapping[str, Callable[[Language, Callable], Callable | None]] = {
    "value": lambda lang, f: f,
    "value and gradient": _of("value_and_grad"),
    "training step": lambda lang, f: f,
    "Hessian": _of("hessian"),
    "Hessian times vector": _of("hvp"),
    "per-example gradients": _of("per_example"),
    "value and jvp": lambda lang, f: lang.jvp and (lambda x, t, *data: lang.jvp(lambda x: f(x, *data), (x,), (t,))),  # type: ignore[misc]
}
VALUE, GRADIENT, STEP, HESSIAN, HVP, PER_EXAMPLE, JVP = MEASURES
"""What may be measured of a function; a library that lacks a transformation gives None."""


@dataclass(frozen=True)
class Workload:
    """A function, and what is measured of it.

    group: the table it stands in.
    text: the function, given a language; it is differentiated in its first argument.
    inputs, tiny: make its arguments as NumPy arrays, those it is timed with, and very small ones.
    measures: which of MEASURES; "Hessian times vector" and "value and jvp" take the vector as second argument.
    by_hand: functions of the same arguments and results by library ("NumPy" or "Numba") and measure. The value in NumPy is the text itself.
    rivals: the libraries that can run it.
    instead: `instead[library](args)` is the text for a library that cannot run the other.
    tolerance: how far results may differ, relative to the largest entry.
    note: printed below the table.
    """

    name: str
    group: str
    text: Text
    inputs: Inputs
    tiny: Inputs
    measures: tuple[str, ...] = (VALUE, GRADIENT)
    by_hand: Mapping[tuple[str, str], Callable] = field(default_factory=dict)
    rivals: tuple[str, ...] = ("JAX", "torch", "autograd")
    instead: Mapping[str, Callable[[tuple], Text]] = field(default_factory=dict)
    tolerance: float = 1e-9
    note: str = ""


def runnable(w: Workload, what: str, library: str, args: tuple, jit: bool = True) -> Callable[[], Any] | None:
    """The measured function in a library as a call of no arguments, or None where there is none; as it is, or compiled where that can be."""
    by_hand = w.by_hand.get((library, what))
    if by_hand is None and library == "NumPy" and what == VALUE:
        by_hand = w.text(language("NumPy"))
    if by_hand is not None:
        return language("NumPy").call(by_hand, language("NumPy").inputs(args))
    if library != "fgrad" and library not in w.rivals:
        return None
    lang = language(library)
    f = MEASURES[what](lang, w.instead[library](args)(lang) if library in w.instead else w.text(lang))
    return f and lang.call(lang.jit(f) if jit else f, lang.inputs(args))


def check(w: Workload, what: str, ours: Any, others: Iterable[tuple[str, Any]]) -> None:
    """Results that should be equal are.

    Raises:
        AssertionError: names the workload and the library whose result differs.
    """
    for name, theirs in others:
        for a, b in zip(leaves(ours), leaves(theirs), strict=True):
            largest = np.max(np.abs(b), initial=0.0)
            np.testing.assert_allclose(a, b, rtol=w.tolerance, atol=w.tolerance * largest, err_msg=f"{w.name}, {what}: fgrad and {name}")
