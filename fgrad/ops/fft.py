"""Discrete Fourier transforms: three linear primitives, each the transpose of itself or, up to weights, of another.

`fft` is complex to complex over any axes (a real operand is taken as complex: NumPy is quicker on it). Its matrix is symmetric, so its
transpose is itself. `rfft` keeps the first half of the spectrum of real values along one axis, `irfft` goes back; the frequencies between
the ends of the half stand for two, and so have twice the weight. `norm` is NumPy's: "backward", "ortho" or "forward". Lengths are those of
the operands: cropping and padding is the front end's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.primitive import Primitive
from fgrad.ops.elementwise import and_, conj, gt, lt, mul, real, select
from fgrad.ops.family import like
from fgrad.ops.shapes import broadcast, iota, shift

SWAPPED = {"backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The norm that scales one direction as this norm scales the other."""
_INT = np.dtype(np.int64)


def complex_dtype(dtype: np.dtype) -> np.dtype:
    return np.result_type(dtype, np.complex64)


def _resized(shape: tuple[int, ...], axis: int, n: int) -> tuple[int, ...]:
    return (*shape[:axis], n, *shape[axis + 1 :])


def _weighted(x: Any, axis: int, n: int, weight: float) -> Any:
    """Half a spectrum of n real values, the frequencies that stand for two times this weight."""
    shape = x.shape
    place = broadcast(iota(size=shape[axis], dtype=_INT), shape=shape, axes=tuple(i for i in range(len(shape)) if i != axis))
    twice = and_(gt(place, np.int64(0)), lt(place, np.int64((n + 1) // 2)))
    return select(twice, mul(x, like(x, weight)), x)


def _fft(x: Any, *, axes: tuple[int, ...], inverse: bool, norm: str) -> np.ndarray:
    if len(axes) == 1:
        return (np.fft.ifft if inverse else np.fft.fft)(x, axis=axes[0], norm=norm)  # type: ignore[arg-type]
    return (np.fft.ifftn if inverse else np.fft.fftn)(x, axes=axes, norm=norm)  # type: ignore[arg-type]


def _fft_transpose(ct: Any, x: Any, **params: Any) -> Any:
    out = fft(ct, **params)
    return out if x.aval.dtype.kind == "c" else real(out)


def _fft_batch(size: int, values: Sequence[Any], mapped: Sequence[bool], *, axes: tuple[int, ...], **params: Any) -> tuple[Any, bool]:
    return fft(values[0], axes=shift(axes), **params), True


fft = Primitive(
    "fft",
    impl=_fft,
    aval=lambda x, **params: ShapedArray(x.shape, complex_dtype(x.dtype)),
    transposes=[_fft_transpose],
    batch=_fft_batch,
)


def _rfft_transpose(ct: Any, x: Any, *, axis: int, norm: str) -> Any:
    n = x.aval.shape[axis]
    return irfft(_weighted(conj(ct), axis, n, 0.5), axis=axis, n=n, norm=SWAPPED[norm])


def _irfft_transpose(ct: Any, x: Any, *, axis: int, n: int, norm: str) -> Any:
    return _weighted(conj(rfft(ct, axis=axis, norm=SWAPPED[norm])), axis, n, 2.0)


rfft = Primitive(
    "rfft",
    impl=lambda x, *, axis, norm: np.fft.rfft(x, axis=axis, norm=norm),
    aval=lambda x, *, axis, norm: ShapedArray(_resized(x.shape, axis, x.shape[axis] // 2 + 1), complex_dtype(x.dtype)),
    transposes=[_rfft_transpose],
    batch=lambda size, values, mapped, *, axis, norm: (rfft(values[0], axis=axis + 1, norm=norm), True),
)
irfft = Primitive(
    "irfft",
    impl=lambda x, *, axis, n, norm: np.fft.irfft(x, n, axis, norm),
    aval=lambda x, *, axis, n, norm: ShapedArray(_resized(x.shape, axis, n), np.empty(0, x.dtype).real.dtype),
    transposes=[_irfft_transpose],
    batch=lambda size, values, mapped, *, axis, n, norm: (irfft(values[0], axis=axis + 1, n=n, norm=norm), True),
)
