"""Covariances and correlation coefficients of traced arrays."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.contraction import dot
from fgrad.numpy.diagonals import diagonal
from fgrad.numpy.indexing import clip
from fgrad.numpy.joining import concatenate
from fgrad.numpy.means import average
from fgrad.numpy.protocol import implements
from fgrad.numpy.reductions import NOT_GIVEN, sum
from fgrad.numpy.shapes import as_array, expand_dims, squeeze, transpose
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import cast
from fgrad.ops.ufuncs import UFUNCS

_F64 = np.dtype(np.float64)
_sub, _mul, _div = UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]


def _variables(x: Any, dtype: np.dtype, rowvar: bool, is_row: bool) -> Any:
    """A matrix with a row for each variable."""
    x = cast(x, dtype)
    x = x if x.ndim == 2 else s.reshape(x, shape=(1, x.size))
    return x if rowvar or is_row else transpose(x)


def _sample_weights(name: str, weights: Any, n: int, whole: bool) -> Any:
    w = cast(as_array(weights), _F64)
    if w.ndim != 1 or w.shape[0] != n:
        raise RuntimeError(f"cov: {name}: {short(w)} must have one axis, with an entry for each of the {n} samples")
    known = concrete_or_none(w)
    if known is not None:
        if whole and not np.all(known == np.around(known)):
            raise DtypeError("cov: fweights must be whole numbers")
        if np.any(known < 0):
            raise ArgumentError(f"cov: {name} cannot be negative")
    return w


@implements(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None, aweights: Any = None,
    *, dtype: Any = None,
) -> Any:  # fmt: skip
    """NumPy's covariance matrix. Weights that are traced without a value are not tested."""
    if ddof is not None and ddof != int(ddof):
        raise ArgumentError(f"cov: ddof must be an integer, not {ddof}")
    parts = [as_array(v) for v in (m, y) if v is not None]
    for name, v in zip("my", parts, strict=False):
        if v.ndim > 2:
            raise ShapeError(f"cov: {name}: {short(v)} has more than two axes")
    dtype = np.result_type(*[v.dtype for v in parts], _F64) if dtype is None else np.dtype(dtype)
    x = _variables(parts[0], dtype, bool(rowvar), parts[0].ndim == 1)
    if not x.shape[0]:
        return np.zeros((0, 0))
    if y is not None:
        other = parts[1] if parts[1].ndim == 2 else s.reshape(parts[1], shape=(1, parts[1].size))
        x = concatenate([x, _variables(other, dtype, bool(rowvar), other.shape[0] == 1)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    n = x.shape[1]
    frequency, importance = (
        None if w is None else _sample_weights(name, w, n, name == "fweights")
        for name, w in (("fweights", fweights), ("aweights", aweights))
    )
    w = frequency if importance is None else importance if frequency is None else _mul(frequency, importance)
    mean: Any = average(x, 1, w) if n else np.full(x.shape[0], np.nan)
    if w is None:
        factor: Any = n - ddof
    else:
        total = sum(w)
        if ddof == 0:
            factor = total
        elif importance is None:
            factor = _sub(total, ddof)
        else:
            factor = _sub(total, _div(_mul(ddof, sum(_mul(w, importance))), total))
    if not isinstance(factor, Tracer) and factor <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
        factor = 0.0
    x = _sub(x, cast(expand_dims(mean, 1), dtype))
    weighted = x if w is None else _mul(x, w)
    products = dot(x, transpose(UFUNCS[np.conjugate](weighted)))
    return squeeze(_mul(products, cast(as_array(_div(1.0, factor)), np.empty(0, products.dtype).real.dtype)))


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, bias: Any = NOT_GIVEN, ddof: Any = NOT_GIVEN, *, dtype: Any = None) -> Any:
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return _div(c, c)
    d = diagonal(c)
    deviation = UFUNCS[np.sqrt](e.real(d) if d.dtype.kind == "c" else d)
    c = _div(_div(c, expand_dims(deviation, 1)), deviation)
    if c.dtype.kind == "c":
        return e.complex_(clip(e.real(c), -1, 1), clip(e.imag(c), -1, 1))
    return clip(c, -1, 1)
