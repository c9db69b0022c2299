"""A call of every function of NumPy's main namespace, `linalg` and `fft`, and of fgrad.random, at a size that it is used at.

`CALLS` is compared with the functions of docs/coverage.md: none is left out. What is an array is traced, what is not is passed as it is. Views are
copied where they are not compiled: results of `jit` are arrays of their own, contiguous ones. Imports NumPy and fgrad.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad.random as frandom
from fgrad import tree

LENGTH = 50_000
SHAPE = (200, 250)
SIDE = 200
SMALL = 5


@dataclass(frozen=True)
class Call:
    """name: the function's. label: what is called. f: `(namespace, *args) -> result`. view: NumPy's result is one, or may be."""

    name: str
    label: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    view: bool = False

    def function(self, namespace: Any) -> Callable[..., Any]:
        """The function of the arrays among the arguments."""
        return lambda *arrays: self.f(namespace, *_filled(self.args, iter(arrays)))

    def copied(self, namespace: Any) -> Callable[..., Any]:
        """The function, its results copied where they are views."""
        f = self.function(namespace)
        return (lambda *arrays: tree.map(_copy, f(*arrays))) if self.view else f

    @property
    def arrays(self) -> list[Any]:
        return list(_arrays(self.args))


def _arrays(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic, frandom.KeyArray)):
        yield x
    elif isinstance(x, (list, tuple)):
        for y in x:
            yield from _arrays(y)


def _filled(x: Any, arrays: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic, frandom.KeyArray)):
        return next(arrays)
    return type(x)(_filled(y, arrays) for y in x) if type(x) in (list, tuple) else x


def _copy(x: Any) -> Any:
    return np.array(x, order="C")


def _shown(x: Any) -> str:
    if isinstance(x, (np.ndarray, np.generic)):
        return f"{x.dtype.kind}{8 * x.dtype.itemsize}[{','.join(map(str, x.shape))}]"
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(_shown, x[:4]))}{', …' if len(x) > 4 else ''}]"
    return getattr(x, "__name__", None) or str(x)


CALLS: list[Call] = []


def call(names: str, *args: Any, f: Callable[..., Any] | None = None, view: bool = False, note: str = "", **kwargs: Any) -> None:
    """A call of each of these functions with these arguments; `f` says how, where that is not as NumPy's."""
    for name in names.split():
        function = f or (lambda np, *xs, name=name: operator.attrgetter(name)(np)(*xs, **kwargs))
        label = f"{name}({', '.join([*map(_shown, args), *(f'{k}={_shown(v)}' for k, v in kwargs.items())])}){note and f' {note}'}"
        CALLS.append(Call(name, label, function, args, view))


_rng = np.random.default_rng(0)
X, Y, Z = _rng.normal(size=(3, LENGTH))
POSITIVE, MORE = _rng.uniform(0.4, 2.4, (2, LENGTH))
ABOVE = POSITIVE + 0.7
UNIT = _rng.uniform(-0.9, 0.9, LENGTH)
GAPS = np.where(_rng.uniform(size=LENGTH) < 0.01, np.nan, X)
INTS, MORE_INTS = _rng.integers(1, 1000, (2, LENGTH))
FEW = _rng.integers(0, 20, LENGTH)
BOOLS, MORE_BOOLS = _rng.integers(0, 2, (2, LENGTH)).astype(bool)
BYTES = _rng.integers(0, 256, LENGTH).astype(np.uint8)
COMPLEX, MORE_COMPLEX = X + 1j * Y, Y + 1j * Z
M, N = _rng.normal(size=(2, *SHAPE))
MGAPS = np.where(_rng.uniform(size=SHAPE) < 0.01, np.nan, M)
MINTS = _rng.integers(0, 250, SHAPE)
MBOOLS = MINTS > 100
SQUARE, OTHER = (np.ascontiguousarray(_x[:, :200]) for _x in (M, N))
SORTED = np.sort(Y[:1000])
SINGLE = X.astype(np.float32)
T = _rng.normal(size=(40, 30, 40))
SHORT = _rng.normal(size=100)
PLACES = _rng.integers(0, LENGTH, 10_000)
VALUES = _rng.normal(size=10_000)
MASK = np.arange(LENGTH) % 3 == 0  # known when tracing: NumPy's shapes
SHUFFLED = _rng.permutation(1000)

# -- elementwise

call(
    "absolute angle arctan arcsinh cbrt ceil conjugate copy cos cosh deg2rad degrees exp exp2 expm1 fabs fix floor frexp i0 imag iscomplex isfinite"
    " isinf isnan isneginf isposinf isreal logical_not modf nan_to_num negative positive rad2deg radians rint round around sign signbit sin sinc"
    " sinh spacing square tan tanh trunc",
    X,
)  # fmt: skip
call("real real_if_close", X, view=True)
call("real imag", COMPLEX, view=True)
call("absolute angle conjugate exp log sqrt square", COMPLEX)
call("log log10 log1p log2 reciprocal sqrt", POSITIVE)
call("arccos arcsin arctanh", UNIT)
call("arccosh", ABOVE)
call(
    "add subtract multiply copysign arctan2 equal fmax fmin greater greater_equal heaviside hypot less less_equal logaddexp logaddexp2",
    X,
    Y,
)
call("maximum minimum nextafter not_equal logical_and logical_or logical_xor isclose array_equal allclose array_equiv", X, Y)
call("divide true_divide floor_divide remainder divmod fmod", X, POSITIVE)
call("power float_power", POSITIVE, X)
call("add multiply true_divide", COMPLEX, MORE_COMPLEX)
call("bitwise_and bitwise_or bitwise_xor floor_divide remainder gcd lcm add multiply", INTS, MORE_INTS)
call("left_shift right_shift", INTS, FEW)
call("ldexp", X, FEW)
call("bitwise_count invert", INTS)
call("where", BOOLS, X, Y)
call("clip", X, -0.5, 0.5)
call("select", [BOOLS, MORE_BOOLS], [X, Y], 0.5)
call("choose", BOOLS.astype(int), [X, Y])
call("piecewise", X, [MASK], [lambda x: x * x, 3.0])
call("piecewise", X, f=lambda np, x: np.piecewise(x, [x < 0, x > 1], [lambda x: -x, lambda x: x * x, 0.5]), note="of conditions")
call("astype", X, np.float32)
call("sin exp tanh sqrt", SINGLE)
call("add", M, N[0], note="of a row")
call("sin", SHORT)
call("exp log1p arctan tanh", X[:1000])

# -- reductions

for _axis in (None, 0, 1):
    call("all any", MBOOLS, axis=_axis)
    call("sum prod mean std var max min amax amin ptp argmax argmin count_nonzero median", M, axis=_axis)
    call("nansum nanprod nanmean nanstd nanvar nanmax nanmin nanargmax nanargmin nanmedian", MGAPS, axis=_axis)
    call("percentile quantile", M, 0.3, axis=_axis)
    call("nanpercentile nanquantile", MGAPS, 0.3, axis=_axis)
    call("cumsum cumprod nancumsum nancumprod", M, axis=_axis)
call("sum", SINGLE)
call("sum mean max", T, axis=(0, 2))
call("quantile", X, np.array([0.1, 0.5, 0.9]))
call("average", M, f=lambda np, x: np.average(x, axis=0, weights=np.abs(x)))
call("cumulative_sum cumulative_prod", X)
call("corrcoef cov", M)
call("trapezoid", X)
call("diff ediff1d unwrap", X)
call("diff", M, 2, axis=0)
call("gradient", X)
call("gradient", M)

# -- sorting and searching

for _axis in (-1, 0):
    call("sort argsort", M, axis=_axis)
call("sort argsort", X)
call("sort argsort", SINGLE)
call("sort argsort", INTS)
call("sort argsort", X, kind="stable")
call("sort", X[:100])
call("partition argpartition", X, 1000)
call("lexsort", (X, FEW))
call("sort_complex", COMPLEX)
call("searchsorted", SORTED, X)
call("digitize", X, SORTED)
call("interp", X, SORTED, SHUFFLED.astype(float))
call("nonzero", BOOLS, f=lambda np, x: np.nonzero(x, size=LENGTH // 2))
call("flatnonzero", BOOLS, f=lambda np, x: np.flatnonzero(x, size=LENGTH // 2))
call("argwhere", MBOOLS, f=lambda np, x: np.argwhere(x, size=LENGTH // 2))
call("extract", BOOLS, X, f=lambda np, m, x: np.extract(m, x, size=LENGTH // 2))
call("compress", BOOLS, X, f=lambda np, m, x: np.compress(m, x, size=LENGTH // 2))
call("unique unique_values", INTS, f=lambda np, x: np.unique(x, size=1000))
call("unique", X, f=lambda np, x: np.unique(x, size=LENGTH))
call("unique_all unique_counts unique_inverse", INTS, size=1000)
call("union1d", INTS, MORE_INTS, size=1000)
call("intersect1d setdiff1d setxor1d", INTS, MORE_INTS[:500], size=1000)
call("isin", INTS, MORE_INTS[:100])
call("isin", X, Y)
call("bincount", FEW, length=20)
call("bincount", FEW, X, f=lambda np, i, w: np.bincount(i, w, length=20))
call("histogram", X, 50)
call("histogram", X, POSITIVE, f=lambda np, x, w: np.histogram(x, 50, (-3.0, 3.0), weights=w))
call("histogram", X, SORTED)
call("histogram2d", X, Y, 20)
call("histogramdd", X.reshape(-1, 2), 20)
call("histogram_bin_edges", X, 50)

# -- moving entries: views are copied

call("asanyarray asarray ascontiguousarray atleast_1d atleast_2d atleast_3d ravel", M, view=True)
call("array require asfortranarray", M, view=True)
call("reshape", M, (250, 200), view=True)
call("reshape", M, (250, 200), view=True, order="F")
call("transpose matrix_transpose flip fliplr flipud rot90 diagonal", M, view=True)
call("moveaxis", T, 0, -1, view=True)
call("rollaxis", T, 2, view=True)
call("swapaxes", T, 0, 2, view=True)
call("expand_dims", M, 1, view=True)
call("squeeze", M[:, None], view=True)
call("broadcast_to", X[:250], SHAPE, view=True)
call("broadcast_arrays", M[:, :1].copy(), N[:1], view=True)
call("array_split split", X, 5, view=True)
call("hsplit vsplit", M, 2, view=True)
call("dsplit", T, 2, view=True)
call("unstack", M[:10], view=True)
call("meshgrid", X[:200], Y[:250], view=True)
call("roll", X, 100)
call("roll", M, 3, axis=1)
call("concatenate stack vstack hstack dstack column_stack", [X, Y])
call("concatenate", [M, N], axis=1)
call("block", [[M, N], [N, M]])
call("append", X, Y)
call("insert", X, 5, 1.0)
call("delete", X, 5)
call("tile", M, (1, 2))
call("repeat", X, 3)
call("repeat", M, 2, axis=0)
call("resize", X, (400, 200))
call("pad", M, 10)
for _mode in ("edge", "reflect", "symmetric", "wrap", "linear_ramp", "maximum", "mean"):
    call("pad", M, 10, mode=_mode)
call("tril triu", M)
call("diag", M, view=True)
call("diag diagflat", SHORT)
call("trace", M)
call("c_", X, Y, f=lambda np, x, y: np.c_[x, y])
call("r_", X, Y, f=lambda np, x, y: np.r_[x, 1.0, y])
call("ix_", MINTS[0], MINTS[1], view=True)
call("take", X, PLACES)
call("take", M, MINTS[0], axis=1)
call("take_along_axis", M, MINTS, axis=1)
call("x[index]", X, PLACES, f=lambda np, x, i: x[i])
call("x[index]", M, f=lambda np, x: np.copy(x[::2, 1:]), note="of slices")
call("x.at[index]", X, PLACES, VALUES, f=lambda np, x, i, v: np.at(x)[i].add(v), note="added")
call("x.at[index]", X, PLACES, VALUES, f=lambda np, x, i, v: np.at(x)[i].set(v), note="set")
call("x.at[index]", M, N[1:3], f=lambda np, x, v: np.at(x)[3:5].set(v), note="rows set")
call("put", X, PLACES, VALUES, inplace=False)
call("place putmask", X, BOOLS, VALUES, inplace=False)
call("put_along_axis", M, MINTS[:, :1].copy(), N[:, :1].copy(), axis=1, inplace=False)
call("fill_diagonal", M, 2.0, inplace=False)

# -- making arrays

call("zeros_like ones_like", M)
call("empty_like", M, f=lambda np, x: np.zeros_like(x))  # which is what jit makes of it
call("full_like", M, 1.5)
call("full", SHAPE, X[0])
call("linspace logspace", X[0], X[1], LENGTH)
call("geomspace", POSITIVE[0], POSITIVE[1], LENGTH)
call("vander", X[:1000], 10)
call("kaiser", 1000, POSITIVE[0])
call("mgrid", POSITIVE[0], f=lambda np, x: np.mgrid[0:x:200j, 0:250])
call("diag_indices_from", SQUARE, view=True)
call("tril_indices_from triu_indices_from", SQUARE, view=True)
call("ravel_multi_index", (MINTS, MINTS), (250, 250))
call("unravel_index", PLACES, SHAPE)
call("packbits", BOOLS)
call("unpackbits", BYTES)

# -- products

call("dot matmul", SQUARE, OTHER)
call("dot matmul vdot vecdot inner", X, Y)
call("matvec", M, N[0])
call("vecmat", M[:, 0].copy(), N)
call("outer", X[:200], Y[:250])
call("kron", SHORT.reshape(10, 10), M[:20, :25].copy())
call("tensordot", T, T.transpose(1, 2, 0).copy(), 2)
call("cross", X[:49_998].reshape(-1, 3), Y[:49_998].reshape(-1, 3))
call("matmul", T, T.swapaxes(1, 2).copy())
for _spec, _operands in {
    "ij,jk->ik": (SQUARE, OTHER), "ij,ij->": (M, N), "ij->ji": (M,), "ii->i": (SQUARE,), "ij->": (M,), "i,j->ij": (X[:200], Y[:250]),
    "bij,bkj->bik": (T, T), "ij,jk,kl->il": (M, N.T.copy(), M), "ijk,ijk->k": (T, T), "ij,j->i": (M, N[0]),
}.items():  # fmt: skip
    call("einsum", _spec, *_operands, view=_spec in ("ij->ji", "ii->i"))
call("einsum", "ij,jk,kl->il", M, N.T.copy(), M, optimize=True)

# -- polynomials, convolution, mapping

call("convolve correlate", X[:2000], SHORT)
call("convolve correlate", X, SHORT[:10], mode="same")
call("polyval", SHORT[:10], X)
call("polyadd polysub polymul", X[:1000], Y[:500])
call("polydiv", SHORT, SHORT[:30] + 2.0)
call("polyder polyint", X)
call("poly", SHORT / 2)
call("polyfit", X[:1000], Y[:1000], 4)
call("roots", SHORT[:20], f=lambda np, p: np.roots(p, strip_zeros=False))
call("apply_along_axis", lambda row: row * row[0], 1, M)
call("apply_over_axes", np.sum, T, [0, 2])
call("vectorize", X[:2000], Y[:2000], f=lambda np, x, y: np.vectorize(lambda a, b: a * np.sin(b) + 1.0)(x, y))

# -- methods of ufuncs

_EVEN, _UNEVEN = list(range(0, LENGTH, 500)), sorted(_rng.integers(0, LENGTH, 100).tolist())
_FOLDS = "add multiply maximum minimum fmax fmin logaddexp logaddexp2 hypot"
for _name in _FOLDS.split():
    call(f"{_name}.reduce {_name}.accumulate", M)
    call(f"{_name}.reduce {_name}.accumulate", M, axis=1)
    call(f"{_name}.reduceat", X, _EVEN)
    call(f"{_name}.reduceat", X, _UNEVEN)
for _name in ("subtract", "true_divide", "copysign", "arctan2", "heaviside", "nextafter"):
    call(f"{_name}.reduce {_name}.accumulate", M + 3.0)
    call(f"{_name}.reduceat", M, [0, 50, 100, 150])
for _name in ("power", "float_power", "floor_divide", "remainder", "fmod"):
    call(f"{_name}.reduce {_name}.accumulate", M + 5.0)
    call(f"{_name}.reduceat", abs(M) + 0.5, [0, 50, 100, 150])
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "left_shift", "right_shift"):
    call(f"{_name}.reduce {_name}.accumulate", MINTS % 5 + 1)
    call(f"{_name}.reduceat", INTS % 5 + 1, _EVEN)
for _name in ("logical_and", "logical_or", "logical_xor"):
    call(f"{_name}.reduce {_name}.accumulate", MBOOLS)
    call(f"{_name}.reduceat", BOOLS, _EVEN)
call("add.outer subtract.outer multiply.outer maximum.outer arctan2.outer less.outer", X[:200], Y[:250])
call("power.outer", POSITIVE[:200], Y[:250])
call("add.at subtract.at multiply.at true_divide.at maximum.at minimum.at fmax.at hypot.at", X, PLACES, MORE[:10_000], inplace=False)
call("power.at", POSITIVE, PLACES, MORE[:10_000], inplace=False)
call("negative.at sin.at square.at", X, PLACES, inplace=False)

# -- linear algebra: one large matrix, one small, many small

_LARGE, _TINY, _MANY = (
    _rng.normal(size=s) / s[-1] ** 0.5 + 2.0 * np.eye(s[-1]) for s in ((SIDE, SIDE), (SMALL, SMALL), (500, SMALL, SMALL))
)
for _a in (_LARGE, _TINY, _MANY):
    _sym, _b = (_a + np.swapaxes(_a, -1, -2)) / 2, _a[..., :1].copy()
    call(
        "linalg.det linalg.inv linalg.pinv linalg.qr linalg.slogdet linalg.svd linalg.svdvals linalg.cond linalg.matrix_rank linalg.eigvals",
        _a,
    )
    call("linalg.eig", _a)
    call("linalg.cholesky linalg.eigh linalg.eigvalsh", _sym + 3 * np.eye(_a.shape[-1]))
    call("linalg.solve", _a, _b)
    call("linalg.matrix_power", _a, 5)
    call("linalg.matrix_norm", _a)
    call("linalg.matmul", _a, _a)
    call("linalg.matrix_transpose linalg.diagonal", _a, view=True)
    call("linalg.trace", _a)
for _a in (_LARGE, _TINY):
    call("linalg.lstsq", np.concatenate([_a, _a + 1.0]), np.concatenate([_a[:, 0].copy(), _a[:, 1]]))
    call("linalg.multi_dot", [_a, _a, _a])
    for _order in (None, 1, 2, -2, np.inf, "nuc"):
        call("linalg.norm", _a, _order)
    call("linalg.tensorinv", _a.reshape(*((SIDE // 10, 10) if len(_a) == SIDE else (5, 1)), -1), ind=2)
call("linalg.tensorsolve", _LARGE.reshape(20, 10, SIDE), _LARGE[0].reshape(20, 10))
for _order in (2, 1, 3, np.inf):
    call("linalg.norm linalg.vector_norm", X, ord=_order)
call("linalg.norm", M, axis=1)
call("linalg.vecdot", X, Y)
call("linalg.outer", X[:200], Y[:250])
call("linalg.cross", X[:49_998].reshape(-1, 3), Y[:49_998].reshape(-1, 3))
call("linalg.tensordot", T, T.transpose(1, 2, 0).copy())

# -- Fourier transforms

call("fft.fft fft.ifft fft.ihfft fft.rfft", X)
call("fft.fft fft.rfft", SHORT)
call("fft.fft fft.ifft fft.hfft fft.irfft", COMPLEX)
call("fft.fft fft.rfft", M, n=128, axis=0, norm="ortho")
call("fft.fft2 fft.ifft2 fft.fftn fft.ifftn fft.rfft2 fft.rfftn", M)
call("fft.irfft2 fft.irfftn", M + 1j * N)
call("fft.fftshift fft.ifftshift", M)
call("fft.fftfreq fft.rfftfreq", LENGTH, POSITIVE[0])

# -- random numbers

_KEY = frandom.key(0)


def draw(name: str, *args: Any, note: str = "", **kwargs: Any) -> None:
    call(f"random.{name}", _KEY, *args, f=lambda np, *xs: getattr(frandom, name)(*xs, **kwargs), note=note)


call("random.key", INTS[0], f=lambda np, s: frandom.key(s))
draw("split", 100)
draw("fold_in", 7)
for _name in ("bits", "uniform", "normal", "truncated_normal", "exponential", "gumbel", "laplace", "logistic", "cauchy", "rademacher"):
    draw(_name, *((-1.0, 1.0) if _name == "truncated_normal" else ()), shape=(LENGTH,))
draw("rayleigh", POSITIVE)
draw("lognormal", POSITIVE, shape=(LENGTH,))
draw("weibull_min", POSITIVE, MORE)
draw("pareto", POSITIVE)
draw("bernoulli", 0.3, (LENGTH,))
draw("randint", (LENGTH,), 0, 1000)
draw("choice", X, (1000,))
draw("choice", X, (1000,), replace=False, note="without replacement")
draw("permutation", X)
draw("gamma", POSITIVE[:10_000])
draw("loggamma", POSITIVE[:10_000])
draw("chisquare", POSITIVE[:10_000])
draw("t", POSITIVE[:10_000])
draw("beta", POSITIVE[:10_000], MORE[:10_000])
draw("dirichlet", POSITIVE[:10], shape=(1000,))
draw("poisson", POSITIVE[:10_000])
draw("categorical", M)
draw("multivariate_normal", SHORT[:20], np.eye(20) * 2.0, shape=(1000,))
draw("orthogonal", 50)
