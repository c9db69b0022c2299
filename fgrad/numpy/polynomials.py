"""NumPy's polynomials of traced coefficients, the highest power first: arithmetic, derivatives, roots, fits.

Leading zeros that NumPy drops are dropped where the coefficients have values; traced without values they stay.
"""

from __future__ import annotations

import operator
import warnings
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy import reductions as r
from fgrad.numpy.contraction import dot, outer
from fgrad.numpy.convolution import convolve
from fgrad.numpy.creation import vander
from fgrad.numpy.joining import concatenate
from fgrad.numpy.protocol import implements
from fgrad.numpy.shapes import as_array, atleast_1d, cut, expand_dims, transpose
from fgrad.numpy.sized import has_value, value_of
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.getitem import concrete_or_none
from fgrad.ops.promote import cast, result_dtype
from fgrad.ops.ufuncs import UFUNCS

_F64 = np.dtype(np.float64)
_add, _sub, _mul, _div = UFUNCS[np.add], UFUNCS[np.subtract], UFUNCS[np.multiply], UFUNCS[np.true_divide]


def _coefficients(p: Any) -> Any:
    return atleast_1d(as_array(p.coeffs if isinstance(p, np.poly1d) else p))


def _like_operands(value: Any, *operands: Any) -> Any:
    """A poly1d where one of the operands is."""
    return np.poly1d(value) if any(isinstance(p, np.poly1d) for p in operands) else value


def _zeros(n: int, dtype: Any) -> Any:
    return s.full(value=0, shape=(n,), dtype=np.dtype(dtype))


def _floating(x: Any) -> Any:
    x = as_array(x)
    return x if x.dtype.kind in "fc" else cast(x, _F64)


def _number(x: Any, i: int) -> Any:
    return s.reshape(cut(x, 0, i, i + 1), shape=())


@implements(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """NumPy's trim_zeros; the entries must have values, which decide the shape of the result."""
    x = as_array(filt)
    sides: Any = trim.lower()
    if not sides or set(sides) - set("fb") or len(sides) > 2:
        raise ArgumentError(f"trim_zeros: trim is 'f', 'b' or 'fb', not {trim!r}")
    known = value_of("trim_zeros", x, "Keep the zeros, or cut with indices that are known.")
    # which entries stay is asked of NumPy, of an array that holds the numbers of its entries (0 where there is a zero)
    numbers = np.where(known != 0, np.arange(1, known.size + 1).reshape(known.shape), 0)
    kept = np.trim_zeros(numbers, sides) if axis is None else np.trim_zeros(numbers, sides, axis)
    places = np.argwhere(numbers != 0)
    axes = tuple(range(x.ndim)) if axis is None else {a % x.ndim for a in np.atleast_1d(axis).tolist()}
    low = places.min(0) if len(places) else np.zeros(x.ndim, int)
    for a in axes:
        start = int(low[a]) if "f" in sides else 0
        x = cut(x, a, start, start + kept.shape[a])
    return x


# -- arithmetic


def _sum(name: str, f: Any, a1: Any, a2: Any) -> Any:
    p, q = _coefficients(a1), _coefficients(a2)
    n = max(p.shape[0], q.shape[0])
    p, q = (x if x.shape[0] == n else concatenate([_zeros(n - x.shape[0], x.dtype), x]) for x in (p, q))
    return _like_operands(f(p, q), a1, a2)


@implements(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    return _sum("polyadd", _add, a1, a2)


@implements(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    return _sum("polysub", _sub, a1, a2)


def _without_leading_zeros(p: Any) -> Any:
    if not has_value(p):
        return p
    left = trim_zeros(p, "f")
    return left if left.shape[0] else _zeros(1, p.dtype)


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    parts = [_without_leading_zeros(_coefficients(p)) for p in (a1, a2)]
    product = convolve(*[p if p.shape[0] else _zeros(1, p.dtype) for p in parts])
    return _like_operands(product, a1, a2)


@implements(np.polydiv)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    num, den = (_floating(_coefficients(p)) for p in (u, v))
    dtype = result_dtype(num, den)
    rest, den = cast(num, dtype), cast(den, dtype)
    m, n = rest.shape[0] - 1, den.shape[0] - 1
    scale = _div(1.0, _number(den, 0))
    factors = []
    for k in range(m - n + 1):
        d = _mul(scale, _number(rest, k))
        factors.append(s.reshape(d, shape=(1,)))
        rest = _sub(rest, s.pad(_mul(d, den), widths=((k, m - n - k, 0),)))
    quotient = concatenate(factors) if factors else _zeros(1, dtype)
    if (known := concrete_or_none(rest)) is None:
        rest = cut(rest, 0, min(max(m - n + 1, 0), m), None)  # what was divided is zero now, up to rounding
    else:
        while rest.shape[0] > 1 and np.allclose(known[-rest.shape[0]], 0, rtol=1e-14):
            rest = cut(rest, 0, 1, None)
    return _like_operands(quotient, u, v), _like_operands(rest, u, v)


@implements(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    if operator.index(m) < 0:
        raise ArgumentError("polyder: the order of the derivative cannot be negative", "polyint integrates.")
    out = _coefficients(p)
    for _ in range(m):
        n = out.shape[0]
        out = _mul(cut(out, 0, 0, max(n - 1, 0)), np.arange(n - 1, 0, -1))
    return _like_operands(out, p)


@implements(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if operator.index(m) < 0:
        raise ArgumentError("polyint: the order of the integral cannot be negative", "polyder differentiates.")
    constants = atleast_1d(as_array(0.0 if k is None else k))
    if constants.shape[0] < m and constants.shape[0] != 1:
        raise ArgumentError(f"polyint: {constants.shape[0]} constants for {m} integrals; there must be one, or as many")
    out = _coefficients(p)
    for i in range(m):
        constant = cut(constants, 0, 0 if constants.shape[0] == 1 else i, 1 if constants.shape[0] == 1 else i + 1)
        out = concatenate([_div(out, np.arange(out.shape[0], 0, -1)), constant])
    return _like_operands(out, p)


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    if isinstance(x, np.poly1d):
        out: Any = 0
        for i in range((q := _coefficients(p)).shape[0]):
            out = polyadd(polymul(out, x), _number(q, i))
        return out
    p, x = _coefficients(p), as_array(x)
    out = s.full(value=0, shape=x.shape, dtype=x.dtype)
    for i in range(p.shape[0]):
        out = _add(_mul(out, x), _number(p, i))
    return out


# -- roots


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The coefficients of the polynomial with these roots, or the characteristic polynomial of a matrix.

    Where the roots are complex and have no values, the coefficients stay complex, even if the roots come in conjugate pairs.
    """
    zeros = atleast_1d(as_array(seq_of_zeros))
    if zeros.ndim == 2 and zeros.shape[0] == zeros.shape[1] and zeros.shape[0]:
        zeros = np.linalg.eigvals(zeros)
    elif zeros.ndim != 1:
        raise ShapeError(f"poly: {short(zeros)} is neither a sequence of roots nor a square matrix")
    zeros = _floating(zeros)
    if not zeros.shape[0]:
        return 1.0
    out: Any = np.ones(1, zeros.dtype)
    for i in range(zeros.shape[0]):
        out = convolve(out, concatenate([np.ones(1, zeros.dtype), UFUNCS[np.negative](cut(zeros, 0, i, i + 1))]))
    if zeros.dtype.kind == "c" and (known := concrete_or_none(zeros)) is not None and np.all(np.sort(known) == np.sort(known.conj())):
        return e.real(out)
    return out


@implements(np.roots, own=("strip_zeros",))
def roots(p: Any, *, strip_zeros: bool = True) -> Any:
    """The roots of a polynomial, the eigenvalues of its companion matrix.

    Args:
        p: coefficients, the highest power first.
        strip_zeros: (JAX's keyword) drop leading and trailing zeros, as NumPy does, for which the coefficients must have values. False takes them as
            they are: the first one must not be zero.

    Raises:
        ConcretizationError: the coefficients have no values, and zeros are to be dropped.
    """
    p = atleast_1d(as_array(p))
    if p.ndim != 1:
        raise ShapeError(f"roots: p: {short(p)} must have one axis")
    trailing = 0
    if strip_zeros:
        known = np.flatnonzero(value_of("roots", p, "Give strip_zeros=False: fgrad.numpy.roots(p, strip_zeros=False)."))
        if not known.size:
            return np.array([])
        trailing = p.shape[0] - int(known[-1]) - 1
        p = cut(p, 0, int(known[0]), int(known[-1]) + 1)
    p = _floating(p)
    n = p.shape[0]
    if n < 2:
        return np.zeros(trailing)
    top = expand_dims(_div(UFUNCS[np.negative](cut(p, 0, 1, n)), _number(p, 0)), 0)
    companion = concatenate([top, np.eye(n - 2, n - 1, dtype=p.dtype)])
    found = np.linalg.eigvals(companion)
    if p.dtype.kind == "f" and found.dtype.kind == "c" and (known := concrete_or_none(found)) is not None and not known.imag.any():
        found = e.real(found)
    return concatenate([found, _zeros(trailing, found.dtype)]) if trailing else found


# -- fits


def _check_points(x: Any, y: Any, w: Any) -> None:
    if x.ndim != 1 or not x.size:
        raise ArgumentError(f"polyfit: x: {short(x)} must have one axis, and entries")
    if y.ndim not in (1, 2) or y.shape[0] != x.shape[0]:
        raise ArgumentError(f"polyfit: y: {short(y)} must have one axis or two, the first as long as x: {short(x)}")
    if w is not None and w.shape != x.shape:
        raise ArgumentError(f"polyfit: w: {short(w)} must have the shape of x: {short(x)}")


@implements(np.polyfit)
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """NumPy's least squares fit, with a derivative in points and weights where they determine the coefficients."""
    order = operator.index(deg) + 1
    if order < 1:
        raise ArgumentError(f"polyfit: deg cannot be negative, and is {deg}")
    x, y = (_floating(v) for v in (x, y))
    w = None if w is None else _floating(w)
    _check_points(x, y, w)
    n = x.shape[0]
    rcond = n * np.finfo(x.dtype).eps if rcond is None else rcond
    left, right = vander(x, order), y
    if w is not None:
        left = _mul(left, expand_dims(w, 1))
        right = _mul(right, expand_dims(w, 1) if right.ndim == 2 else w)
    scale = UFUNCS[np.sqrt](r.sum(_mul(left, left), 0))
    left = _div(left, scale)
    c, residuals, rank, singular = np.linalg.lstsq(left, right, rcond)
    c = transpose(_div(transpose(c), scale))
    if full:
        return c, residuals, rank, singular, rcond
    if not isinstance(rank, Tracer) and rank != order:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=2)
    if not cov:
        return c
    base = _div(np.linalg.inv(dot(transpose(left), left)), outer(scale, scale))
    factor: Any = 1
    if cov != "unscaled":
        if n <= order:
            raise ArgumentError("polyfit: the number of points must exceed the order of the fit to scale the covariance matrix")
        gap = _sub(right, dot(left, _mul(c, expand_dims(scale, 1) if c.ndim == 2 else scale)))
        factor = _div(r.sum(_mul(gap, gap), 0, keepdims=y.ndim == 1), n - order)
    return (c, _mul(base, factor)) if y.ndim == 1 else (c, _mul(expand_dims(base, 2), factor))
