"""Convolution and correlation of sequences: what `fgrad/ops/sliding.py` computes, with NumPy's modes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.sliding import sliding_dot

_MODES = ("valid", "same", "full")


def _sequences(name: str, a: Any, v: Any) -> list[Any]:
    xs = [as_array(x) for x in (a, v)]
    dtype = result_dtype(*xs)
    out = []
    for x in xs:
        if x.ndim > 1:
            raise ShapeError(f"{name}: takes sequences, with one axis, not {short(xs[0])} and {short(xs[1])}")
        if not x.size:
            raise ShapeError(f"{name}: a sequence is empty: {short(xs[0])} and {short(xs[1])}")
        out.append(cast(x if x.ndim else s.reshape(x, shape=(1,)), dtype))
    return out


def _mode(name: str, mode: Any) -> str:
    if mode in (0, 1, 2):
        return _MODES[mode]
    if mode not in _MODES:
        raise ArgumentError(f"{name}: mode is 'full', 'same' or 'valid', not {mode!r}")
    return mode


def _slid(long: Any, short: Any, mode: str, centre: int) -> Any:
    """The shorter one slid over the longer; in the mode "same" its entry `centre` stands over the first entry of the longer."""
    m = short.shape[0]
    widths = {"valid": (0, 0), "full": (m - 1, m - 1), "same": (centre, m - 1 - centre)}[mode]
    return sliding_dot(long, short, widths=widths)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    a, v = _sequences("convolve", a, v)
    a, v = (v, a) if v.shape[0] > a.shape[0] else (a, v)
    return _slid(a, s.reverse(v, axes=(0,)), _mode("convolve", mode), v.shape[0] // 2)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    a, v = _sequences("correlate", a, v)
    v = e.conj(v) if v.dtype.kind == "c" else v
    mode = _mode("correlate", mode)
    if v.shape[0] <= a.shape[0]:
        return _slid(a, v, mode, v.shape[0] // 2)
    return s.reverse(_slid(v, a, mode, a.shape[0] // 2), axes=(0,))
