"""Random calls of NumPy's functions on arrays of random shapes: values against NumPy, reverse mode against forward mode, staged and mapped."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import fgrad
import fgrad.numpy as fnp
from fgrad.core import tree
from fgrad.core.avals import is_inexact


@st.composite
def arrays(draw: st.DrawFn, min_dims: int = 0, max_dims: int = 3, min_side: int = 0) -> np.ndarray:
    shape = tuple(draw(st.lists(st.integers(min_side, 4), min_size=min_dims, max_size=max_dims)))
    n = int(np.prod(shape))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    # entries well apart, so that no step of a finite difference changes their order
    return (rng.permutation(n).reshape(shape) - n // 2 + 0.37) * 0.31 + rng.uniform(-0.03, 0.03, size=shape)


def _any_axis(draw: st.DrawFn, x: np.ndarray) -> int:
    return draw(st.integers(-x.ndim, x.ndim - 1))


def _axes(draw: st.DrawFn, x: np.ndarray) -> Any:
    axes = draw(st.lists(st.integers(0, x.ndim - 1), unique=True, max_size=x.ndim)) if x.ndim else []
    return draw(st.sampled_from([None, tuple(axes), *([_any_axis(draw, x)] if x.ndim else [])]))


def _call(name: str, *args: Any, **kwargs: Any) -> tuple[str, Callable]:
    return f"{name}({', '.join([*map(str, args), *(f'{k}={v}' for k, v in kwargs.items())])})", lambda np, x: getattr(np, name)(
        x, *args, **kwargs
    )


_REDUCTIONS = [
    "sum",
    "prod",
    "mean",
    "var",
    "std",
    "max",
    "min",
    "any",
    "all",
    "nansum",
    "nanmean",
    "nanmax",
    "nanvar",
    "median",
    "nanmedian",
    "ptp",
    "count_nonzero",
]
_ALONG = [
    "sort",
    "argsort",
    "cumsum",
    "cumprod",
    "nancumsum",
    "flip",
    "diff",
    "gradient",
    "unwrap",
    "argmax",
    "argmin",
    "trapezoid",
    "cumulative_sum",
    "roll",
]
_WHOLE = [
    "sin",
    "exp",
    "tanh",
    "sinc",
    "sign",
    "floor",
    "isnan",
    "signbit",
    "square",
    "ravel",
    "transpose",
    "atleast_2d",
    "sort_complex",
    "nan_to_num",
    "isposinf",
    "real",
    "imag",
    "angle",
    "fix",
    "round",
    "modf",
    "frexp",
    "ediff1d",
    "flipud",
    "tril",
    "triu",
    "vander",
    "diag",
    "trace",
    "cov",
    "corrcoef",
    "rot90",
    "expand_dims",
    "permute_dims",
    "diagflat",
]
_NEEDS = {
    "vander": (1, 1), "diag": (1, 2), "trace": (2, 3), "cov": (1, 2), "corrcoef": (1, 2), "tril": (2, 3), "triu": (2, 3), "rot90": (2, 3),
    "flipud": (1, 3), "sort_complex": (1, 3),
}  # fmt: skip
_QUANTILES = ("linear", "lower", "hazen", "midpoint", "nearest", "median_unbiased", "inverted_cdf")
_UFUNCS = ("add", "multiply", "subtract", "maximum", "fmin", "hypot", "logaddexp", "true_divide")


# what each kind of call draws: a description, the call as a function of a namespace and an array, and the array


@st.composite
def reductions(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(min_side=1))
    return *_call(draw(st.sampled_from(_REDUCTIONS)), axis=_axes(draw, x), keepdims=draw(st.booleans())), x


@st.composite
def along_an_axis(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(1, min_side=2))
    name = draw(st.sampled_from(_ALONG))
    return *_call(name, *([2] if name == "roll" else []), axis=_any_axis(draw, x)), x


@st.composite
def whole_arrays(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    name = draw(st.sampled_from(_WHOLE))
    low, high = _NEEDS.get(name, (0, 3))
    x = draw(arrays(low, high, min_side=2 if name in ("cov", "corrcoef") else 0))
    more: dict[str, Any] = {"expand_dims": {"axis": 0}, "permute_dims": {"axes": tuple(range(x.ndim))[::-1]}}
    return *_call(name, **more.get(name, {})), x


@st.composite
def quantiles(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(1, min_side=1))
    q = draw(st.sampled_from([0.0, 1.0, 0.5, 0.23, [0.1, 0.77]]))
    method = draw(st.sampled_from(_QUANTILES))
    return *_call(
        draw(st.sampled_from(["quantile", "nanquantile"])), q, axis=_axes(draw, x), method=method, keepdims=draw(st.booleans())
    ), x


@st.composite
def ufunc_methods(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(1, min_side=1))
    name, method = draw(st.sampled_from(_UFUNCS)), draw(st.sampled_from(["reduce", "accumulate", "outer"]))
    if method == "outer":
        return f"{name}.outer", lambda np, x: getattr(np, name).outer(np.abs(x) + 1, x[:2] ** 2 + 0.5), x
    axis = _any_axis(draw, x)
    return f"{name}.{method}({axis=})", lambda np, x: getattr(getattr(np, name), method)(np.abs(x) + 0.5, axis=axis), x


@st.composite
def pairs_of_sequences(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(1, 1, min_side=1))
    n = draw(st.integers(1, 5))
    name = draw(st.sampled_from(["convolve", "correlate", "polymul", "polyadd", "kron", "outer", "isin", "polyval", "polysub"]))
    mode = {"mode": draw(st.sampled_from(["full", "same", "valid"]))} if name in ("convolve", "correlate") else {}
    return *_call(name, np.random.default_rng(n).normal(size=n), **mode), x


@st.composite
def searches(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(min_side=1))
    points = np.sort(np.random.default_rng(x.size).normal(size=draw(st.integers(1, 5))))
    name = draw(st.sampled_from(["searchsorted", "digitize", "interp", "histogram"]))
    if name == "searchsorted":
        side = draw(st.sampled_from(["left", "right"]))
        return f"searchsorted({side=})", lambda np, x: np.searchsorted(points, x, side=side), x
    if name == "interp":
        return "interp", lambda np, x: np.interp(x, points, points**2), x
    return *_call(name, np.append(points, points[-1] + 1)), x


@st.composite
def rearrangements(draw: st.DrawFn) -> tuple[str, Callable, np.ndarray]:
    x = draw(arrays(1, min_side=1))
    axis = _any_axis(draw, x)
    k = draw(st.integers(-x.shape[axis], x.shape[axis] - 1))
    options = [
        _call("take", [k, 0], axis=axis), _call("delete", k, axis=axis), _call("insert", abs(k), 7.0, axis=axis),
        _call("partition", k, axis=axis), _call("repeat", 2, axis=axis), _call("tile", (2, 1)), _call("pad", 1, mode="edge"),
        _call("moveaxis", axis, 0), _call("swapaxes", axis, 0), _call("array_split", 2, axis=axis), _call("resize", (2, 3)),
        _call("append", 1.5), _call("unstack", axis=axis), _call("trapezoid", dx=0.5, axis=axis),
    ]  # fmt: skip
    if min(x.shape) > 2:
        options.append(_call("pad", ((1, 2),) * x.ndim, mode="reflect"))
    return *draw(st.sampled_from(options)), x


calls = st.one_of(
    reductions(), along_an_axis(), whole_arrays(), quantiles(), ufunc_methods(), pairs_of_sequences(), searches(), rearrangements()
)


def _floating(values: Any) -> list[Any]:
    return [v for v in tree.leaves(values) if is_inexact(v.dtype)]


def _close(got: Any, want: Any, rtol: float = 1e-10) -> None:
    got, want = tree.leaves(got), tree.leaves(want)
    assert len(got) == len(want)
    for g, w in zip(got, map(np.asarray, want), strict=True):
        assert (g.shape, g.dtype) == (w.shape, w.dtype)
        scale = np.max(np.abs(w[np.isfinite(w)]), initial=0.0) if w.size and is_inexact(w.dtype) else 0.0
        np.testing.assert_allclose(g, w, rtol=rtol, atol=rtol * scale)


@settings(max_examples=400)
@given(calls)
def test_random_calls(call):
    """The value is NumPy's in both spellings, traced, staged and mapped; reverse mode is the adjoint of forward mode, and staged it is the same."""
    _, f, x = call
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = f(np, x.copy())
        t = np.cos(np.arange(x.size)).reshape(x.shape)
        for space in (np, fnp):
            out, tangent = fgrad.jvp(lambda x, space=space: f(space, x), (x,), (t,))
            _close(out, want)
        traced = lambda x: f(np, x)
        _close(fgrad.make_jaxpr(traced)(x)(x), want)
        both = np.stack([x, x[::-1] if x.ndim else -x])
        _close(fgrad.vmap(traced)(both), tree.map(lambda *ys: np.stack(ys), want, f(np, both[1].copy())))
        outs, pull = fgrad.vjp(traced, x)
        cts = tree.map(
            lambda o: (
                np.sin(1.0 + np.arange(o.size)).reshape(o.shape).astype(o.dtype) if is_inexact(o.dtype) else np.zeros(o.shape, fgrad.float0)
            ),
            outs,
        )
        (gradient,) = pull(cts)
        forward = sum(np.sum(np.real(a * b)) for a, b in zip(_floating(cts), _floating(tangent), strict=True))
        backward = np.sum(gradient * t)
        if np.isfinite(forward):
            assert abs(forward - backward) <= 1e-9 * (1 + abs(forward))
        staged = fgrad.make_jaxpr(lambda x: fgrad.vjp(traced, x)[1](cts)[0])(x)(x)[0]
        _close(staged, gradient)


def _converted(x: np.ndarray, dtype: str) -> Any:
    if dtype == "float64":
        x = np.array(x)
        x.flat[::3], x.flat[1::5] = np.nan, np.inf
        return x[()]
    if dtype.startswith("complex"):
        x = x + 1j * (x[::-1] if x.ndim else x)
    elif not dtype.startswith("float"):
        x = np.rint(4 * x)
    return x.astype(dtype)


_ROUGH = {"float32": 2e-5, "complex64": 2e-5, "int8": 2e-3, "uint8": 2e-3, "bool": 2e-3}  # small integers become float16


@settings(max_examples=400)
@given(calls, st.sampled_from([*_ROUGH, "int64", "complex128", "float64"]))
def test_random_calls_in_other_dtypes(call, dtype):
    """The value, its dtype and its shape are NumPy's, where NumPy takes the dtype at all; in float64 with NaN and infinities."""
    name, f, x = call
    if name.startswith(("polymul", "partition")) or (name == "interp" and dtype.startswith("complex")):
        return  # leading zeros have no values to be dropped by; the order within parts is undefined; of complex numbers NumPy takes only scalars
    x = _converted(x, dtype)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            want = f(np, x.copy())
        except (TypeError, ValueError, ArithmeticError):
            return
        rtol = _ROUGH.get(dtype, 1e-10)
        _close(fgrad.make_jaxpr(lambda x: f(np, x))(x)(x), want, rtol)
        _close(tree.map(lambda y: y[0], fgrad.vmap(lambda x: f(fnp, x))(x[None])), want, rtol)
