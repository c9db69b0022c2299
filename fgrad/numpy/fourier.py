"""numpy.fft on traced values: lengths, axes and norms are resolved here, and the primitives of `ops/fft.py` bound.

float32 gives complex64, as in NumPy 2; integers count as float64.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, cut, roll
from fgrad.ops import fft as f
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axes, normalize_axis
from fgrad.ops.elementwise import conj
from fgrad.ops.promote import cast

Sizes = tuple[int, ...]

# -- arguments


def _array(name: str, a: Any, is_real: bool = False) -> Any:
    """An array of floating point numbers that NumPy's transforms take."""
    x = as_array(a)
    if x.dtype.kind in "biu":
        return cast(x, np.dtype(np.float64))
    if is_real and x.dtype.kind == "c":
        raise DtypeError(f"{name}: a: {short(x)} is complex, and this transform is of real values", "Use fft, or take the real part.")
    return cast(x, np.dtype(np.float32)) if x.dtype == np.float16 else x


def _norm(name: str, norm: Any) -> str:
    if norm is not None and norm not in f.SWAPPED:
        raise ArgumentError(f'{name}: norm is "backward", "ortho" or "forward", not {norm!r}')
    return norm or "backward"


def _size(name: str, n: Any) -> int:
    n = operator.index(n)
    if n < 1:
        raise ShapeError(f"{name}: a transform has at least one point, not {n}", "Give n=, or an axis that has entries.")
    return n


def _fitted(x: Any, axis: int, n: int) -> Any:
    """x with n entries along the axis: cropped, or with zeros after them."""
    missing = n - x.shape[axis]
    if missing > 0:
        return s.pad(x, widths=tuple((0, missing if i == axis else 0, 0) for i in range(x.ndim)))
    return cut(x, axis, 0, n)


def _axis_and_size(name: str, x: Any, n: Any, axis: Any, half: bool = False) -> tuple[int, int]:
    """The axis and the length of the transform; `half`: x is half a spectrum."""
    axis = normalize_axis(name, axis, x.ndim, x)
    if n is None:
        n = 2 * (x.shape[axis] - 1) if half else x.shape[axis]
    return axis, _size(name, n)


def _axes_and_sizes(name: str, x: Any, sizes: Any, axes: Any, half: bool = False) -> tuple[Sizes, Sizes]:
    """The axes, which may stand twice, and the lengths along them."""
    if axes is None:
        axes = range(x.ndim) if sizes is None else range(x.ndim - len(sizes), x.ndim)
    axes = tuple(normalize_axis(name, a, x.ndim, x) for a in axes)
    if sizes is None:
        sizes = [x.shape[a] for a in axes]
        if half and axes:
            sizes[-1] = 2 * (x.shape[axes[-1]] - 1)
    if len(sizes) != len(axes):
        raise ShapeError(f"{name}: s={tuple(sizes)} and axes={axes} have different lengths")
    return axes, tuple(_size(name, x.shape[a] if n is None or n == -1 else n) for n, a in zip(sizes, axes, strict=True))


# -- along one axis


def _complex_transform(name: str, inverse: bool) -> Callable[..., Any]:
    def transform(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
        unsupported(name, out=out)
        x = _array(name, a)
        axis, n = _axis_and_size(name, x, n, axis)
        return f.fft(_fitted(x, axis, n), axes=(axis,), inverse=inverse, norm=_norm(name, norm))

    transform.__name__ = transform.__qualname__ = name
    return transform


fft = implements(np.fft.fft)(_complex_transform("fft", False))
ifft = implements(np.fft.ifft)(_complex_transform("ifft", True))


def _half_spectrum(name: str, a: Any, n: Any, axis: Any, norm: str) -> Any:
    x = _array(name, a, is_real=True)
    axis, n = _axis_and_size(name, x, n, axis)
    return f.rfft(_fitted(x, axis, n), axis=axis, norm=norm)


def _from_half_spectrum(name: str, x: Any, n: Any, axis: Any, norm: str) -> Any:
    axis, n = _axis_and_size(name, x, n, axis, half=True)
    return f.irfft(_fitted(cast(x, f.complex_dtype(x.dtype)), axis, n // 2 + 1), axis=axis, n=n, norm=norm)


@implements(np.fft.rfft)
def rfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    unsupported("rfft", out=out)
    return _half_spectrum("rfft", a, n, axis, _norm("rfft", norm))


@implements(np.fft.irfft)
def irfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    """NumPy's inverse of rfft. The imaginary parts of the first entry, and for even n of the last, are not read: their derivative is 0."""
    unsupported("irfft", out=out)
    return _from_half_spectrum("irfft", _array("irfft", a), n, axis, _norm("irfft", norm))


@implements(np.fft.hfft)
def hfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    unsupported("hfft", out=out)
    return _from_half_spectrum("hfft", conj(_array("hfft", a)), n, axis, f.SWAPPED[_norm("hfft", norm)])


@implements(np.fft.ihfft)
def ihfft(a: Any, n: Any = None, axis: int = -1, norm: Any = None, out: Any = None) -> Any:
    unsupported("ihfft", out=out)
    return conj(_half_spectrum("ihfft", a, n, axis, f.SWAPPED[_norm("ihfft", norm)]))


# -- along several axes


def _over(name: str, x: Any, axes: Sizes, sizes: Sizes, inverse: bool, norm: str) -> Any:
    """Complex transforms over these axes, in NumPy's order where one stands twice."""
    if len(set(axes)) < len(axes):
        for axis, n in zip(axes[::-1], sizes[::-1], strict=True):
            x = f.fft(_fitted(x, axis, n), axes=(axis,), inverse=inverse, norm=norm)
        return x
    for axis, n in zip(axes, sizes, strict=True):
        x = _fitted(x, axis, n)
    return f.fft(x, axes=axes, inverse=inverse, norm=norm) if axes else x


def _complex_transforms(name: str, inverse: bool, default: Any) -> Callable[..., Any]:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        unsupported(name, out=out)
        x = _array(name, a)
        axes, sizes = _axes_and_sizes(name, x, s, axes)
        return _over(name, x, axes, sizes, inverse, _norm(name, norm))

    transform.__name__ = transform.__qualname__ = name
    return transform


def _half_spectra(name: str, default: Any) -> Callable[..., Any]:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        unsupported(name, out=out)
        x, norm = _array(name, a, is_real=True), _norm(name, norm)
        axes, sizes = _axes_and_sizes(name, x, s, axes)
        _check_some(name, axes)
        half = f.rfft(_fitted(x, axes[-1], sizes[-1]), axis=axes[-1], norm=norm)
        return _over(name, half, axes[:-1], sizes[:-1], False, norm)

    transform.__name__ = transform.__qualname__ = name
    return transform


def _from_half_spectra(name: str, default: Any) -> Callable[..., Any]:
    def transform(a: Any, s: Any = None, axes: Any = default, norm: Any = None, out: Any = None) -> Any:
        unsupported(name, out=out)
        x, norm = _array(name, a), _norm(name, norm)
        axes, sizes = _axes_and_sizes(name, x, s, axes, half=True)
        _check_some(name, axes)
        x = _over(name, x, axes[:-1], sizes[:-1], True, norm)
        return _from_half_spectrum(name, x, sizes[-1], axes[-1], norm)

    transform.__name__ = transform.__qualname__ = name
    return transform


def _check_some(name: str, axes: Sizes) -> None:
    if not axes:
        raise ShapeError(f"{name}: there is no axis to transform", "Give axes= of one axis or more.")


_LAST_TWO = (-2, -1)
fftn = implements(np.fft.fftn)(_complex_transforms("fftn", False, None))
ifftn = implements(np.fft.ifftn)(_complex_transforms("ifftn", True, None))
fft2 = implements(np.fft.fft2)(_complex_transforms("fft2", False, _LAST_TWO))
ifft2 = implements(np.fft.ifft2)(_complex_transforms("ifft2", True, _LAST_TWO))
rfftn = implements(np.fft.rfftn)(_half_spectra("rfftn", None))
rfft2 = implements(np.fft.rfft2)(_half_spectra("rfft2", _LAST_TWO))
irfftn = implements(np.fft.irfftn)(_from_half_spectra("irfftn", None))
irfft2 = implements(np.fft.irfft2)(_from_half_spectra("irfft2", _LAST_TWO))

# -- frequencies and their order


def _frequencies(name: str, numpy_function: Callable) -> Callable[..., Any]:
    def frequencies(n: int, d: Any = 1.0, device: Any = None, *, dtype: Any = None) -> Any:
        """NumPy's, which takes a traced spacing as it is; `dtype` is the array API standard's keyword, which NumPy does not have."""
        found = numpy_function(n, d, device=device)
        if dtype is not None and np.dtype(dtype).kind != "f":
            raise DtypeError(f"{name}: frequencies are real floating point numbers, not {np.dtype(dtype)}")
        return found if dtype is None else cast(found, np.dtype(dtype))

    frequencies.__name__ = frequencies.__qualname__ = name
    return implements(numpy_function, own=("dtype",))(frequencies)


fftfreq = _frequencies("fftfreq", np.fft.fftfreq)
rfftfreq = _frequencies("rfftfreq", np.fft.rfftfreq)


@implements(np.fft.fftshift)
def fftshift(x: Any, axes: Any = None) -> Any:
    x = as_array(x)
    axes = normalize_axes("fftshift", axes, x.ndim, x)
    return roll(x, tuple(x.shape[a] // 2 for a in axes), axes)


@implements(np.fft.ifftshift)
def ifftshift(x: Any, axes: Any = None) -> Any:
    x = as_array(x)
    axes = normalize_axes("ifftshift", axes, x.ndim, x)
    return roll(x, tuple(-(x.shape[a] // 2) for a in axes), axes)
