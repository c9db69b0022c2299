"""What NumPy refuses is refused on traced values, with errors that an `except` written for NumPy catches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import fgrad

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])

WRONG: dict[str, Callable] = {
    "axis": lambda np, x: np.sum(x, axis=5),
    "axis twice": lambda np, x: np.sum(x, axis=(0, 0)),
    "sort axis": lambda np, x: np.sort(x, axis=2),
    "flip axis": lambda np, x: np.flip(x, 3),
    "broadcast": lambda np, x: np.add(x, x[:, :2]),
    "concatenate": lambda np, x: np.concatenate([x, x[0]]),
    "reshape": lambda np, x: np.reshape(x, (4, 4)),
    "index": lambda np, x: x[5],
    "take": lambda np, x: np.take(x, 99),
    "quantile range": lambda np, x: np.quantile(x, 1.5),
    "percentile range": lambda np, x: np.percentile(x, -1),
    "quantile method": lambda np, x: np.quantile(x, 0.5, method="best"),
    "quantile weights": lambda np, x: np.quantile(x, 0.5, weights=x),
    "complex quantile": lambda np, x: np.quantile(x + 0j, 0.5),
    "empty maximum": lambda np, x: np.max(x[:0]),
    "empty quantile": lambda np, x: np.quantile(x[:0], 0.5),
    "searchsorted side": lambda np, x: np.searchsorted(x[0], x, side="up"),
    "searchsorted 2d": lambda np, x: np.searchsorted(x, x),
    "digitize bins": lambda np, x: np.digitize(x, np.array([0.0, 2.0, 1.0])),
    "complex digitize": lambda np, x: np.digitize(x + 0j, x[0]),
    "interp lengths": lambda np, x: np.interp(x, x[0], x[0, :2]),
    "interp period": lambda np, x: np.interp(x, x[0], x[0], period=0),
    "interp empty": lambda np, x: np.interp(x, x[0, :0], x[0, :0]),
    "bincount floats": lambda np, x: np.bincount(x[0]),
    "bincount 2d": lambda np, x: np.bincount(x.astype(int)),
    "bincount negative": lambda np, x: np.bincount((-x[0]).astype(int)),
    "bincount weights": lambda np, x: np.bincount(x[0].astype(int), x[0, :2]),
    "histogram bins": lambda np, x: np.histogram(x, 0),
    "histogram bins 2d": lambda np, x: np.histogram(x, x),
    "histogram order": lambda np, x: np.histogram(x, np.array([1.0, 0.0])),
    "histogram weights": lambda np, x: np.histogram(x, weights=x[0]),
    "histogram range": lambda np, x: np.histogram(x, 3, (2.0, 1.0)),
    "histogram inf": lambda np, x: np.histogram(x / 0.0, 3),
    "histogramdd bins": lambda np, x: np.histogramdd(x, [2, 2]),
    "convolve empty": lambda np, x: np.convolve(x[0], x[0, :0]),
    "convolve mode": lambda np, x: np.convolve(x[0], x[0], "half"),
    "convolve 2d": lambda np, x: np.convolve(x, x),
    "cov 3d": lambda np, x: np.cov(x[None]),
    "cov ddof": lambda np, x: np.cov(x, ddof=0.5),
    "cov weights": lambda np, x: np.cov(x, aweights=-x[0]),
    "cov fweights": lambda np, x: np.cov(x, fweights=x[0] + 0.5),
    "cov weights 2d": lambda np, x: np.cov(x, aweights=x),
    "polyder order": lambda np, x: np.polyder(x[0], -1),
    "polyint constants": lambda np, x: np.polyint(x[0], 3, k=[1, 2]),
    "polyfit degree": lambda np, x: np.polyfit(x[0], x[0], -1),
    "polyfit x": lambda np, x: np.polyfit(x, x, 1),
    "poly 3d": lambda np, x: np.poly(x[None]),
    "roots 2d": lambda np, x: np.roots(x),
    "trim": lambda np, x: np.trim_zeros(x[0], "z"),
    "reduce unary": lambda np, x: np.negative.reduce(x),
    "reduce not reorderable": lambda np, x: np.subtract.reduce(x, axis=(0, 1)),
    "reduce empty": lambda np, x: np.fmax.reduce(x[:0]),
    "reduce where": lambda np, x: np.maximum.reduce(x, where=x > 2),
    "accumulate scalar": lambda np, x: np.add.accumulate(x[0, 0]),
    "reduceat index": lambda np, x: np.add.reduceat(x[0], [0, 9]),
    "bitwise floats": lambda np, x: np.bitwise_or.reduce(x),
    "reduce matmul": lambda np, x: np.matmul.reduce(x),
    "ravel_multi_index": lambda np, x: np.ravel_multi_index((x.astype(int), x.astype(int)), (2, 2)),
    "unravel_index": lambda np, x: np.unravel_index(x.astype(int), (2, 2)),
    "packbits": lambda np, x: np.packbits(x),
    "unpackbits": lambda np, x: np.unpackbits(x),
    "ix_": lambda np, x: np.ix_(x),
    "gcd": lambda np, x: np.gcd(x, x),
    "invert": lambda np, x: ~x,
    "lexsort shapes": lambda np, x: np.lexsort((x[0], x[0, :2])),
    "partition": lambda np, x: np.partition(x, 9),
    "isposinf": lambda np, x: np.isposinf(x + 0j),
    "compress 2d": lambda np, x: np.compress(x > 1, x),
    "compress": lambda np, x: np.compress([True] * 9, x, axis=0),
    "swapaxes": lambda np, x: np.swapaxes(x, 0, 4),
    "diff": lambda np, x: np.diff(x, -1),
    "gradient": lambda np, x: np.gradient(x[:1]),
    "cross": lambda np, x: np.cross(x, np.ones((2, 4))),
    "kth": lambda np, x: np.argpartition(x, -9),
    "take_along_axis": lambda np, x: np.take_along_axis(x, np.array([0]), 0),
    "dot": lambda np, x: np.dot(x, x),
    "einsum": lambda np, x: np.einsum("ij,jk", x, x),
    "apply_over_axes": lambda np, x: np.apply_over_axes(lambda y, a: y[0, 0], x, 0),
    "apply_along_axis": lambda np, x: np.apply_along_axis(np.sum, 2, x),
    "broadcast_to": lambda np, x: np.broadcast_to(x, (3, 3)),
    "argmax empty": lambda np, x: np.argmax(x[:0]),
    "split": lambda np, x: np.split(x, 5),
    "moveaxis": lambda np, x: np.moveaxis(x, 0, 7),
    "repeat": lambda np, x: np.repeat(x, -1),
    "tril_indices_from": lambda np, x: np.tril_indices_from(x[0]),
    "diag_indices_from": lambda np, x: np.diag_indices_from(x),
    "average": lambda np, x: np.average(x, weights=x[0]),
    "insert": lambda np, x: np.insert(x, 99, 1),
    "require": lambda np, x: np.stack([x, x[0]]),
    "rot90": lambda np, x: np.rot90(x[0]),
    "vdot": lambda np, x: np.vdot(x, x[0]),
    "choose": lambda np, x: np.choose([9], [x[0], x[1]]),
    "select": lambda np, x: np.select([x], [x]),
    "squeeze": lambda np, x: np.squeeze(x, 0),
    "expand_dims": lambda np, x: np.expand_dims(x, 9),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.filterwarnings("ignore")
def test_errors_are_of_numpys_types(name):
    """What NumPy refuses is refused, with an error that an `except` written for NumPy catches."""
    try:
        WRONG[name](np, X)
    except Exception as theirs:
        expected = next(t for t in type(theirs).__mro__ if t.__module__ in ("builtins", "numpy.exceptions"))
    else:
        pytest.skip("this version of NumPy takes it")
    with np.errstate(all="ignore"), pytest.raises(expected):
        fgrad.jvp(lambda x: WRONG[name](np, x), (X,), (X,))
