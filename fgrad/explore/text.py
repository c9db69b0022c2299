"""How numbers, arrays and operations are written in a figure, and how wide that is. Imports nothing of the drawing."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray, Stack, typeof
from fgrad.core.jaxpr import Equation, Literal
from fgrad.core.printer import show_param

BINS = 12
"""Bars of a small histogram."""
_MAX_LABEL = 28


def number(x: Any, digits: int = 3) -> str:
    """A number to so many significant digits: `−0.535`, `1.2e−07`, `3+1j`; integers and truth values in full."""
    kind = np.asarray(x).dtype.kind
    if kind == "b":
        return str(bool(x))
    if kind in "iu":
        return str(int(x)).replace("-", "−")
    if kind == "c":
        z = complex(x)
        sign = "" if np.signbit(z.imag) else "+"
        return f"{number(z.real, digits)}{sign}{number(z.imag, digits)}j"
    text = f"{x:.0f}" if 10**digits <= abs(float(x)) < 1e6 else f"{float(x):.{digits}g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}e{int(exponent)}"
    elif "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


@dataclass(frozen=True)
class Summary:
    """What is shown of a value on a wire: one text, and for arrays a histogram (bars from 0 to 1, and their range) and its type."""

    text: str
    kind: str = ""  # the type of an array; empty for a number
    bars: tuple[float, ...] = ()
    exact: str = ""  # the number, or the norm, in full


def summary(x: Any, digits: int = 3) -> Summary:
    """A number as itself; an array as its type, its Euclidean norm and a histogram of its entries; a stack by its length."""
    if isinstance(x, Stack):
        return Summary(f"{len(x)} steps", repr(x.aval), exact=str(len(x)))
    x = np.asarray(x)
    if not x.shape:
        return Summary(number(x, digits), exact=repr(x.item()))
    kind = repr(typeof(x))
    if not x.size:
        return Summary("empty", kind)
    magnitudes = np.abs(x).astype(float)
    finite = magnitudes[np.isfinite(magnitudes)]
    if finite.size < x.size:
        nan = int(np.isnan(magnitudes).sum())
        text = f"{nan:,} nan" if nan else f"{x.size - finite.size:,} inf"
        return Summary(text, kind, bars(x), "nan" if nan else "inf")
    if x.dtype.kind == "b":
        share = float(np.mean(x))
        return Summary(f"{number(100 * share, digits)}% true", kind, (), repr(share))
    largest = float(magnitudes.max())  # divided out, so that the norm of what is finite is finite where it can be
    norm = largest * float(np.linalg.norm(magnitudes.ravel() / largest)) if largest else 0.0
    return Summary(f"‖{number(norm, digits)}‖", kind, bars(x), repr(norm))


def bars(x: np.ndarray) -> tuple[float, ...]:
    """The heights of a histogram of the entries (absolute values of complex ones), the tallest 1."""
    data = np.abs(x) if x.dtype.kind == "c" else x
    data = data[np.isfinite(data)].astype(float).ravel()
    if not data.size:
        return ()
    low, high = float(data.min()), float(data.max())
    if math.isinf(high - low) or high - low <= 1e-12 * max(abs(low), abs(high)):  # one value, or a range that overflows
        return tuple(1.0 if i == BINS // 2 else 0.0 for i in range(BINS))
    counts, _ = np.histogram(data, BINS, (low, high))
    return tuple(round(float(c), 3) for c in counts / counts.max())


def entries(x: Any, digits: int = 4, most: int = 6) -> str:
    """A value in one line: a number, or the first entries of an array."""
    if isinstance(x, Stack):
        return repr(x)
    x = np.asarray(x)
    if not x.shape:
        return number(x, digits)
    if x.size > most and (x == x.flat[0]).all():
        return f"all {number(x.flat[0], digits)}" + (f" {x.shape}" if x.ndim > 1 else "")
    flat = [number(v, digits) for v in x.ravel()[:most]]
    return f"[{', '.join(flat)}{', …' if x.size > most else ''}]" + (f" {x.shape}" if x.ndim > 1 else "")


# -- operations ------------------------------------------------------------------------------------------------------------------------------

# a name in a figure; {x} and {y} stand for operands that are literals
_SIGNS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−x", "reciprocal": "1/x", "square": "x²", "sqrt": "√", "cbrt": "∛", "abs": "|x|",
    "reduce_sum": "Σ", "reduce_prod": "Π", "reduce_max": "max", "reduce_min": "min", "reduce_and": "all", "reduce_or": "any",
    "contract": "@", "transpose": "xᵀ", "maximum": "max", "minimum": "min", "eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥",
    "and": "and", "or": "or", "not": "not", "select": "where", "pow": "xʸ", "logistic": "σ", "erf": "erf", "conj": "x̄", "floor_divide": "//",
    "remainder": "%",
}  # fmt: skip
_LITERAL_LEFT = {"add": "{}+", "sub": "{}−", "mul": "{}×", "div": "{}/x", "pow": "{}ˣ", "maximum": "max {}", "minimum": "min {}"}
_LITERAL_RIGHT = {
    "add": "+{}", "sub": "−{}", "mul": "×{}", "div": "÷{}", "pow": "x^{}", "maximum": "max {}", "minimum": "min {}", "eq": "={}", "ne": "≠{}",
    "lt": "<{}", "le": "≤{}", "gt": ">{}", "ge": "≥{}",
}  # fmt: skip
STRUCTURAL = frozenset((
    "broadcast", "convert", "reshape", "transpose", "slice", "reverse", "pad", "concatenate", "stop_gradient", "zeros", "full", "iota",
    "constant", "checkpoint_name",
))  # fmt: skip
"""Operations that move data and compute nothing: drawn smaller."""
COMMUTATIVE = frozenset(["add", "mul", "maximum", "minimum", "and", "or", "xor", "eq", "ne", "hypot", "logaddexp"])
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def superscript(n: int) -> str:
    return str(n).translate(_SUPERSCRIPT)


def sign(eqn: Equation) -> str:
    """What stands on an operation's node: `+`, `×2`, `1/x`, `exp`."""
    name = eqn.primitive.name
    if name == "integer_pow":
        return "x" + superscript(eqn.params["y"])
    if len(eqn.inputs) == 2:
        x, y = eqn.inputs
        if type(y) is Literal and name in _LITERAL_RIGHT and type(x) is not Literal:
            return _LITERAL_RIGHT[name].format(number(y.value))
        if type(x) is Literal and name in _LITERAL_LEFT and type(y) is not Literal:
            # a sum and a product read the same from both sides
            table = _LITERAL_RIGHT if name in ("add", "mul") else _LITERAL_LEFT
            return table[name].format(number(x.value))
    return _SIGNS.get(name, name.removeprefix("reduce_"))


def call_text(eqn: Equation) -> str:
    """`reduce_sum[axes=(0,)]`: the operation and those of its parameters that are no programs."""
    shown = [f"{k}={show_param(v)}" for k, v in eqn.params.items() if v is not None and not _programs(v)]
    return eqn.primitive.name + (f"[{' '.join(shown)}]" if shown else "")


def _programs(value: Any) -> bool:
    return hasattr(value, "eqns") or (isinstance(value, tuple) and bool(value) and all(hasattr(v, "eqns") for v in value))


def type_text(aval: Any) -> str:
    return repr(aval) if isinstance(aval, ShapedArray) or hasattr(aval, "elem") else type(aval).__name__


def shortened(text: str, most: int = _MAX_LABEL) -> str:
    """One line of at most so many characters, without control characters."""
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return text if len(text) <= most else text[: most - 1] + "…"


# -- widths ----------------------------------------------------------------------------------------------------------------------------------

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|![]() "), frozenset("mwMWQOG@%&+=<>×÷−→≤≥≠Σ—…_~")


def width(text: str, size: float) -> float:
    """At least the width of a text in any of the figure's fonts; widths differ between machines, and a figure must not depend on them."""
    em = 0.0
    for c in text:
        if c in _NARROW:
            em += 0.42
        elif c in _WIDE:
            em += 1.0
        elif ord(c) < 0x3000 or unicodedata.east_asian_width(c) in ("N", "Na", "H"):
            em += 0.8 if c.isupper() else 0.66
        else:
            em += 1.3
    return math.ceil(em * size)
