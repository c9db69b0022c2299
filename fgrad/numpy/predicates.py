"""NumPy's small questions and conversions: signs of infinities, real_if_close, asarray_chkfinite, require, einsum_path, packed bits."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fgrad.control.by_numpy import outside
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions as r
from fgrad.numpy.creation import asarray
from fgrad.numpy.protocol import implements, unsupported
from fgrad.numpy.shapes import as_array, cut, moveaxis, ravel
from fgrad.numpy.sized import value_of
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.axes import normalize_axis
from fgrad.ops.family import like
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS

_U8 = np.dtype(np.uint8)


def _infinite(name: str, x: Any, out: Any, sign: float) -> Any:
    unsupported(name, out=out)
    x = as_array(x)
    if x.dtype.kind == "c":
        raise DtypeError(f"{name}: x: {short(x)} must be real")
    return e.eq(x, like(x, sign * np.inf)) if x.dtype.kind == "f" else s.full(value=False, shape=x.shape, dtype=np.dtype(bool))


@implements(np.isposinf)
def isposinf(x: Any, out: Any = None) -> Any:
    return _infinite("isposinf", x, out, 1.0)


@implements(np.isneginf)
def isneginf(x: Any, out: Any = None) -> Any:
    return _infinite("isneginf", x, out, -1.0)


@implements(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """NumPy's real_if_close; a complex array must have values, which decide the dtype of the result."""
    x = as_array(a)
    if x.dtype.kind != "c":
        return x
    known = value_of("real_if_close", x, "Use np.real(x), or keep it complex.", decides="the dtype of the result")
    return x if np.iscomplexobj(np.real_if_close(known, tol)) else e.real(x)


@implements(np.asarray_chkfinite)
def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """NumPy's asarray_chkfinite; an array of floating point numbers must have values, to be tested."""
    x = asarray(a, dtype)
    if x.dtype.kind in "fc" and not np.all(
        np.isfinite(value_of("asarray_chkfinite", x, "Use np.asarray(x).", decides="whether it raises"))
    ):
        raise ArgumentError("asarray_chkfinite: array must not contain infs or NaNs")
    return x


@implements(np.require)
def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """The array in a dtype: a traced array has no memory layout to require."""
    return asarray(a, dtype, like=like)


@implements(np.min_scalar_type)
def min_scalar_type(a: Any, /) -> np.dtype:
    x = as_array(a)
    return x.dtype if x.ndim else np.min_scalar_type(value_of("min_scalar_type", x, "Use x.dtype.", decides="the dtype"))


@implements(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: bool = False) -> Any:
    """NumPy's einsum_path, which looks at shapes alone."""
    return np.einsum_path(
        *[np.broadcast_to(np.zeros((), x.dtype), x.shape) if isinstance(x, Tracer) else x for x in operands], optimize=optimize
    )


# -- bits


def _bit_weights(bitorder: str) -> np.ndarray:
    if bitorder not in ("big", "little"):
        raise ArgumentError(f"bitorder is 'big' or 'little', not {bitorder!r}")
    return np.arange(7, -1, -1) if bitorder == "big" else np.arange(8)


def _flat_axis(name: str, x: Any, axis: Any) -> tuple[Any, int]:
    if axis is None:
        return ravel(x), 0
    return x, normalize_axis(name, axis, x.ndim, x)


@implements(np.packbits)
@outside(np.packbits)
def packbits(a: Any, /, axis: Any = None, bitorder: Any = "big") -> Any:
    x = as_array(a)
    if x.dtype.kind not in "iub":
        raise DtypeError(f"packbits: a: {short(x)} must be integers or booleans")
    x, axis = _flat_axis("packbits", x, axis)
    bits = moveaxis(cast(UFUNCS[np.not_equal](x, 0), _U8), axis, -1)
    n = bits.shape[-1]
    bits = s.pad(bits, widths=(*[(0, 0, 0)] * (bits.ndim - 1), (0, -n % 8, 0)))
    bits = s.reshape(bits, shape=(*bits.shape[:-1], -(-n // 8), 8))
    return moveaxis(r.sum(UFUNCS[np.left_shift](bits, _bit_weights(bitorder).astype(_U8)), -1, _U8), -1, axis)


@implements(np.unpackbits)
@outside(np.unpackbits)
def unpackbits(a: Any, /, axis: Any = None, count: Any = None, bitorder: Any = "big") -> Any:
    x = as_array(a)
    if x.dtype != _U8:
        raise DtypeError(f"unpackbits: a: {short(x)} must be of dtype uint8")
    x, axis = _flat_axis("unpackbits", x, axis)
    x = moveaxis(x, axis, -1)
    shifted = UFUNCS[np.right_shift](s.reshape(x, shape=(*x.shape, 1)), _bit_weights(bitorder).astype(_U8))
    bits = s.reshape(UFUNCS[np.bitwise_and](shifted, np.uint8(1)), shape=(*x.shape[:-1], 8 * x.shape[-1]))
    if count is not None:
        wanted, n = operator.index(count), bits.shape[-1]
        extra = wanted if wanted < 0 else wanted - n
        if extra > 0:
            bits = s.pad(bits, widths=(*[(0, 0, 0)] * (bits.ndim - 1), (0, extra, 0)))
        else:
            bits = cut(bits, bits.ndim - 1, 0, max(n + extra, 0))
    return moveaxis(bits, -1, axis)
