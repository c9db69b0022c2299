"""The functions of the Python array API standard, version 2024.12, called as the standard writes them: on arrays, traced, staged and mapped.

A line is a call with every keyword that the standard gives the function. Results are compared with `array_api_strict`, the standard's own
minimal implementation, where it is installed, and with NumPy. The names the standard has are asked of it too.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core import tree
from fgrad.core.avals import is_inexact

RNG = np.random.default_rng(5)
ARRAYS: dict[str, np.ndarray] = {
    "x": RNG.uniform(0.1, 0.9, (2, 3)), "y": RNG.uniform(0.1, 0.9, (2, 3)), "u": np.array([0.3, -0.4, 0.7]), "w": np.array([0.2, 0.5, -0.6]),
    "c": RNG.normal(size=(2, 3)) + 1j * RNG.normal(size=(2, 3)), "i": RNG.integers(1, 9, (2, 3)), "j": RNG.integers(0, 3, (2, 3)),
    "b": np.array([[True, False, True], [False, False, True]]), "d": np.array([[True, True, False], [False, True, True]]),
    "f": RNG.uniform(0.1, 0.9, (2, 3)).astype(np.float32), "k": np.array([2, 0]), "s": np.array([0.1, 0.4, 0.4, 0.8]), "r": np.array([1, 0, 2, 3]),
    "a": RNG.normal(size=(2, 3, 3)) * 0.4 + 2 * np.eye(3), "p": (lambda m: m @ m.T + 3 * np.eye(3))(RNG.normal(size=(3, 3))),
    "n": np.array([1.0, np.nan, np.inf, -np.inf]), "z": np.array([3.0, 1.0, 3.0, 2.0]), "t": np.array([1.0, 0.0] * 20), "o": np.zeros(0, bool),
}  # fmt: skip

CALLS = """
abs(x) abs(c) acos(x) acosh(1 + x) add(x, y) add(x, 2.0) asin(x) asinh(x) atan(x) atan2(x, y) atanh(x) bitwise_and(i, j)
bitwise_left_shift(i, j) bitwise_invert(i) bitwise_or(b, d) bitwise_right_shift(i, j) bitwise_xor(i, j) ceil(3 * x) clip(x, 0.3, 0.6)
clip(x, min=0.3) clip(x, max=y) conj(c) copysign(u, w) cos(x) cosh(x) divide(x, y) equal(i, j) exp(x) expm1(x) floor(3 * x)
floor_divide(x, y) greater(x, y) greater_equal(x, y) hypot(x, y) imag(c) isfinite(n) isinf(n) isnan(n) less(x, y) less_equal(x, y)
log(x) log1p(x) log2(x) log10(x) logaddexp(x, y) logical_and(b, d) logical_not(b) logical_or(b, d) logical_xor(b, d) maximum(x, y)
minimum(x, y) multiply(x, y) multiply(2, x) negative(x) nextafter(x, y) not_equal(i, j) positive(x) pow(x, y) pow(x, 2) real(c)
reciprocal(x) remainder(x, y) round(3 * x) sign(u) signbit(u) sin(x) sinh(x) square(x) sqrt(x) subtract(x, y) tan(x) tanh(x)
trunc(3 * x)

where(b, x, y) where(b, x, 0.0) argmax(x, axis=1, keepdims=True) argmin(x) count_nonzero(b, axis=0, keepdims=True)
searchsorted(s, u, side="right", sorter=r) searchsorted(s, x)

all(b, axis=0, keepdims=True) any(b, axis=(0, 1)) diff(x, axis=0, n=1, prepend=y, append=x) cumulative_sum(x, axis=1, dtype=f.dtype,
include_initial=True) cumulative_prod(u, include_initial=True) cumulative_prod(x, axis=0, dtype=x.dtype) max(x, axis=1, keepdims=True)
mean(x, axis=(0, 1), keepdims=True) min(x) prod(f, axis=0, dtype=x.dtype, keepdims=True) prod(i) std(x, axis=1, correction=1.0, keepdims=True)
sum(f, axis=0, dtype=x.dtype, keepdims=True) sum(i) sum(x) var(x, axis=None, correction=0.0, keepdims=False)

argsort(x, axis=0, descending=True, stable=True) argsort(z, descending=True) argsort(t, descending=True) sort(x, axis=0, descending=True, stable=True) sort(z)
matmul(a, p) matrix_transpose(x) tensordot(x, y, axes=((0,), (0,))) tensordot(a, p, axes=1) vecdot(c, c, axis=-2) vecdot(u, w)

broadcast_arrays(x, u) broadcast_to(u, (4, 3)) concat((x, f), axis=0) concat([x, f], axis=None) expand_dims(x, axis=-1) flip(x, axis=(0, 1)) flip(x)
moveaxis(a, 0, -1) permute_dims(a, (2, 0, 1)) repeat(x, 2, axis=1) repeat(u, 3) reshape(x, (3, -1), copy=None) roll(x, (1, -1), axis=(0, 1))
roll(x, 2) squeeze(a[:1, ...], axis=0) stack((x, y), axis=-1) tile(x, (2, 1)) unstack(x, axis=1)
take(x, k, axis=1) take_along_axis(x, j, axis=1) tril(x, k=1) triu(a, k=-1) meshgrid(u, w, indexing="ij")

asarray(x, dtype=f.dtype, device=None, copy=None) astype(x, f.dtype, copy=True, device=None) astype(i, x.dtype) empty_like(x, dtype=f.dtype,
device=None).shape full((2, 2), 0.5, dtype=f.dtype, device=None) full_like(x, 0.5, dtype=f.dtype, device=None) ones_like(x, dtype=f.dtype,
device=None) zeros_like(x, dtype=f.dtype, device=None) linspace(0.0, 1.0, num=4, dtype=f.dtype, device=None, endpoint=False)
arange(1.0, stop=4.0, step=0.5, dtype=f.dtype, device=None) eye(2, 3, k=1, dtype=f.dtype, device=None) ones((2,), dtype=f.dtype, device=None)
zeros((2,), dtype=f.dtype, device=None) empty((2,), dtype=f.dtype, device=None).shape
result_type(x, f) result_type(f, 1.0) result_type(f, x.dtype) can_cast(f, x.dtype) can_cast(f.dtype, x.dtype) isdtype(x.dtype, "real floating")
isdtype(x.dtype, ("integral", "bool")) finfo(f.dtype).eps iinfo(i.dtype).max finfo(x).eps
iinfo(i).max

fft.fft(c, n=4, axis=0, norm="ortho") fft.ifft(c, n=4, axis=0, norm="forward") fft.fftn(c, s=(2, 2), axes=(0, 1), norm="ortho")
fft.ifftn(c, s=(2, 2), axes=(0, 1), norm="ortho") fft.rfft(x, n=4, axis=-1, norm="backward") fft.irfft(c, n=4, axis=-1, norm="ortho")
fft.rfftn(x, s=(2, 3), axes=(0, 1), norm="ortho") fft.irfftn(c, s=(2, 4), axes=(0, 1), norm="ortho") fft.hfft(c, n=4, axis=1, norm="ortho")
fft.ihfft(x, n=3, axis=1, norm="ortho") fft.fftfreq(4, d=0.5, dtype=f.dtype, device=None) fft.rfftfreq(4, d=0.5, dtype=f.dtype, device=None)
fft.fftshift(x, axes=(1,)) fft.ifftshift(x, axes=0)

linalg.cholesky(p, upper=True) linalg.cross(u, w, axis=-1) linalg.det(a) linalg.diagonal(a, offset=1) linalg.eigvalsh(p) linalg.inv(a)
linalg.matmul(a, p) linalg.matrix_norm(a, keepdims=True, ord="fro") linalg.matrix_norm(a, ord=1) linalg.matrix_power(a, 3)
linalg.matrix_rank(a, rtol=0.001) linalg.matrix_transpose(x) linalg.outer(u, w) linalg.pinv(x, rtol=0.001) linalg.slogdet(a) linalg.solve(a, a)
linalg.svdvals(x) linalg.tensordot(x, y, axes=2) linalg.trace(a, offset=0, dtype=a.dtype) linalg.vecdot(u, w, axis=-1)
linalg.vector_norm(x, axis=1, keepdims=True, ord=3) linalg.vector_norm(x)
"""
# results that are unique up to signs, and those whose shape the values decide: the latter are not staged
PRODUCTS = ("linalg.eigh(p)", "linalg.qr(x, mode='reduced')", "linalg.svd(x, full_matrices=False)")
UNSTAGED = ("nonzero(b)", "unique_all(z)", "unique_counts(z)", "unique_inverse(z)", "unique_values(z)", "x[b]", "x[o]")
ELSEWHERE = {"from_dlpack": "it takes memory, which traced values do not have"}


def _calls(text: str) -> list[str]:
    """The calls in a text, which may be broken over lines: each ends where its brackets do."""
    found, call, depth = [], "", 0
    for word in text.split():
        call, depth = f"{call} {word}".strip(), depth + word.count("(") - word.count(")")
        if not depth:
            found.append(call)
            call = ""
    return found


LINES = _calls(CALLS)


def _program(call: str) -> tuple[list[str], Callable]:
    """The arrays a call names, and the call as a function of a namespace and these arrays."""
    names = [n for n in dict.fromkeys(re.findall(r"(?<![\w.\"'])([a-z])(?![\w(=\"'])", call)) if n in ARRAYS]
    source = compile(call if call.startswith("x[") else f"xp.{call}", call, "eval")

    def run(xp: Any, *arrays: Any) -> Any:
        return eval(source, {"xp": xp, **dict(zip(names, arrays, strict=True))})

    return names, run


def _strict() -> Any:
    try:
        import array_api_strict
    except ImportError:
        return None
    array_api_strict.set_array_api_strict_flags(api_version="2024.12")
    return array_api_strict


def _plain(value: Any) -> list[Any]:
    """The leaves of a result as plain arrays or values, wherever it comes from."""
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in _plain(v)]
    if hasattr(value, "_array"):  # an array of array_api_strict
        return [np.asarray(value._array)]
    if hasattr(value, "_np_dtype"):
        return [value._np_dtype]
    return [value]


def _assert_equal(got: Any, want: Any) -> None:
    got, want = _plain(got), _plain(want)
    assert len(got) == len(want)
    for g, w in zip(got, want, strict=True):
        if isinstance(w, (np.ndarray, np.generic)) and hasattr(g, "dtype"):
            assert (g.dtype, g.shape) == (w.dtype, w.shape)
            np.testing.assert_allclose(g, w, rtol=1e-5 if w.dtype in (np.float32, np.complex64) else 1e-10, atol=1e-12)
        else:
            assert g == w


def _arrays(names: list[str]) -> list[np.ndarray]:
    return [ARRAYS[n] for n in names]


def _is_array(value: Any) -> bool:
    return all(isinstance(v, (np.ndarray, np.generic)) for v in _plain(value))


@pytest.mark.parametrize("call", [*LINES, *UNSTAGED])
@pytest.mark.filterwarnings("ignore")
def test_call(call):
    names, run = _program(call)
    xs = _arrays(names)
    want = run(fnp, *xs)
    reference = _strict()
    if reference is not None:
        _assert_equal(want, run(reference, *[reference.asarray(x) for x in xs]))
    if _is_array(want) and any(is_inexact(x.dtype) for x in xs):
        ones = tuple(np.ones_like(x) if is_inexact(x.dtype) else np.zeros(x.shape, fgrad.float0) for x in xs)
        _assert_equal(tree.leaves(fgrad.jvp(lambda *xs: run(fnp, *xs), tuple(xs), ones)[0]), want)
    if call in UNSTAGED or not xs:
        return
    seen = []

    def traced(*xs: Any) -> Any:
        seen.append(out := run(fnp, *xs))
        return out if _is_array(want) else ()

    staged = fgrad.make_jaxpr(traced)(*xs)(*xs)
    if not _is_array(want):  # a question about types
        _assert_equal(seen[0], want)
        return
    _assert_equal(staged if len(staged) > 1 or isinstance(want, (tuple, list)) else staged[0], want)
    _assert_equal(tree.map(lambda o: o[0], tree.leaves(fgrad.vmap(lambda *xs: run(fnp, *xs))(*[x[None] for x in xs]))), want)


@pytest.mark.parametrize("call", PRODUCTS)
def test_decomposition(call):
    """The product of the factors is the matrix, staged and under forward mode."""
    names, run = _program(call)
    xs = _arrays(names)

    def product(*xs: Any) -> Any:
        factors = run(fnp, *xs)
        if "eigh" in call:
            return (factors[1] * factors[0]) @ factors[1].mT
        return factors[0] @ factors[1] if "qr" in call else (factors[0] * factors[1]) @ factors[2]

    _assert_equal(fgrad.make_jaxpr(product)(*xs)(*xs)[0], xs[0])
    _assert_equal(fgrad.jvp(product, tuple(xs), tuple(np.ones_like(x) for x in xs))[1], np.ones_like(xs[0]))


CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "complex64", "complex128"]
ATTRIBUTES = [
    "T", "dtype", "device", "mT", "ndim", "shape", "size", "__abs__", "__add__", "__and__", "__array_namespace__", "__bool__",
    "__complex__", "__dlpack__", "__dlpack_device__", "__eq__", "__float__", "__floordiv__", "__ge__", "__getitem__", "__gt__",
    "__index__", "__int__", "__invert__", "__le__", "__lshift__", "__lt__", "__matmul__", "__mod__", "__mul__", "__ne__", "__neg__",
    "__or__", "__pos__", "__pow__", "__rshift__", "__setitem__", "__sub__", "__truediv__", "__xor__", "to_device", "__radd__",
    "__rmul__", "__rpow__", "__rmatmul__", "__rtruediv__", "__rlshift__", "__rand__",
]  # fmt: skip


def test_names():
    """Constants, dtypes, and what an array has."""
    assert [n for n in (*CONSTANTS, *DTYPES) if not hasattr(fnp, n)] == []
    fgrad.make_jaxpr(lambda x: [getattr(type(x), n) for n in ATTRIBUTES] and x)(ARRAYS["x"])
    info = fnp.__array_namespace_info__()
    assert info.default_dtypes()["real floating"] == np.float64
    assert set(DTYPES) <= set(info.dtypes())


def test_limits_are_numpys():
    assert isinstance(np.finfo(np.float32), fnp.finfo)
    assert not isinstance(np.finfo(np.float32), fnp.iinfo)
    assert isinstance(fnp.iinfo(np.ones(2, np.int8)), np.iinfo)
    with pytest.raises(ValueError, match="not inexact"):
        fnp.finfo(ARRAYS["i"])


def _is_later(function: Callable) -> bool:
    """Whether array_api_strict refuses it as of a later version."""
    try:
        function()
    except (TypeError, ValueError):  # it waits for arguments
        return False
    except RuntimeError as err:
        return "API version" in str(err)
    return False


def test_every_function_of_the_standard_is_called():
    strict = pytest.importorskip("array_api_strict")
    _strict()
    called = {c.partition("(")[0] for c in (*LINES, *UNSTAGED, *PRODUCTS)}
    for space, prefix in ((strict, ""), (strict.fft, "fft."), (strict.linalg, "linalg.")):
        names = [n for n in space.__all__ if isinstance(getattr(space, n, None), types.FunctionType) and "flags" not in n and n[0] != "_"]
        assert [n for n in names if prefix + n not in called and n not in ELSEWHERE and not _is_later(getattr(space, n))] == []


def _keywords(function: Any) -> set[str] | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def test_keywords_are_the_standards():
    """What the standard passes by keyword has that name here."""
    strict = pytest.importorskip("array_api_strict")
    _strict()
    missing = {}
    for space, ours in ((strict, fnp), (strict.fft, fnp.fft), (strict.linalg, fnp.linalg)):
        for name in space.__all__:
            function = getattr(space, name)
            if (
                not isinstance(function, types.FunctionType)
                or "flags" in name
                or name[0] == "_"
                or name in ELSEWHERE
                or _is_later(function)
            ):
                continue
            has = _keywords(getattr(ours, name))
            wants = {p.name for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY}
            if has is not None and wants - has:
                missing[name] = wants - has
    assert missing == {}
