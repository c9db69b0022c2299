"""NumPy's main namespace: what has a rule and what needs none, sizes that values decide, writing, and dtypes that are not traced."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad.core import tree

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])

# -- completeness

WITHOUT_RULE = {
    "they make arrays of plain numbers": """bartlett blackman hamming hanning empty eye identity indices ones zeros tri tril_indices
        triu_indices diag_indices mask_indices fromfunction broadcast_shapes""",
    "they read and write files, text and memory": """array2string array_repr array_str base_repr binary_repr format_float_positional
        format_float_scientific from_dlpack frombuffer fromfile fromiter fromregex fromstring genfromtxt load loadtxt save savetxt savez
        savez_compressed get_printoptions set_printoptions printoptions may_share_memory shares_memory isfortran""",
    "they are of types, or of NumPy itself": """isdtype isscalar issubdtype iterable mintypecode promote_types typename get_include getbufsize
        setbufsize geterr seterr geterrcall seterrcall info show_config show_runtime test frompyfunc nested_iters""",
    "traced values are no dates, matrices or objects": """busday_count busday_offset datetime_as_string datetime_data is_busday isnat asmatrix
        bmat""",
    "deprecated, or gone from NumPy": "row_stack in1d trapz",
}  # fmt: skip


def public_functions() -> list[str]:
    names = (n for n in np.__all__ if not n.startswith("_") and n not in WITHOUT_RULE["deprecated, or gone from NumPy"].split())
    return [n for n in names if callable(v := getattr(np, n, None)) and not isinstance(v, (type, types.ModuleType))]


def test_every_function_of_numpy_has_a_rule_or_a_reason():
    excused = {n for names in WITHOUT_RULE.values() for n in names.split()}
    without = [n for n in public_functions() if getattr(fnp, n) is getattr(np, n) and n not in excused]
    assert without == []
    needless = [n for n in excused if hasattr(np, n) and n in public_functions() and getattr(fnp, n) is not getattr(np, n)]
    assert needless == []


def test_aliases_are_one_function():
    """Every name that NumPy gives a function, the array API's too, is the same function."""
    for name in public_functions():
        others = [n for n in public_functions() if getattr(np, n) is getattr(np, name)]
        assert {id(getattr(fnp, n)) for n in others} == {id(getattr(fnp, name))}, others


def test_what_is_no_function_is_numpys():
    for name in ("pi", "newaxis", "float32", "errstate", "s_", "dtype", "ndarray", "ScalarType"):
        assert getattr(fnp, name) is getattr(np, name)
    assert fnp.__array_api_version__ == "2024.12"
    assert fnp.__array_namespace_info__().default_device() == "cpu"
    assert fnp.r_[1:3, 0].tolist() == [1, 2, 0]
    assert fnp.mgrid[0:2, 0:2].shape == (2, 2, 2)
    with pytest.raises(AttributeError, match="in1d_"):
        fnp.in1d_  # noqa: B018


def test_traced_arrays_know_their_namespace():
    def f(x: Any) -> Any:
        assert x.__array_namespace__() is x.__array_namespace__(api_version="2024.12") is fnp
        assert x.device == "cpu"
        assert x.to_device("cpu") is x
        with pytest.raises(ValueError, match="cpu"):
            x.to_device("gpu")
        with pytest.raises(ValueError, match="1999"):
            x.__array_namespace__(api_version="1999.12")
        with pytest.raises(TypeError, match="DLPack"):
            np.from_dlpack(x)
        return x.sum()

    fgrad.grad(f)(X)
    fgrad.make_jaxpr(f)(X)


def test_ufunc_attributes():
    assert fnp.add.identity == 0
    assert (fnp.add.nin, fnp.add.nargs, fnp.matmul.signature) == (2, 3, np.matmul.signature)
    assert fnp.add.types == np.add.types
    assert fnp.add.reduce([1, 2, 3]) == 6
    out = np.zeros(2)
    fnp.add.at(out, [0, 0, 1], 1.0)
    assert out.tolist() == [2.0, 1.0]
    with pytest.raises(AttributeError):
        fnp.add.nothing  # noqa: B018


def test_contains():
    seen = []
    fgrad.grad(lambda x: seen.append((2.0 in x, 9.0 in x, x[0] in x)) or x.sum())(X)
    assert seen == [(True, False, True)]
    with pytest.raises(fgrad.errors.ConcretizationError):
        fgrad.jit(lambda x: 2.0 in x)(X)


def test_einsum_path():
    paths = []
    fgrad.make_jaxpr(lambda x: paths.append(np.einsum_path("ij,jk,kl->il", x, X.T, X)) or x)(X)
    assert paths[0] == np.einsum_path("ij,jk,kl->il", X, X.T, X)


# -- where values decide a shape

SIZED: dict[str, Callable] = {
    "nonzero": lambda np, x: np.nonzero(x), "flatnonzero": lambda np, x: np.flatnonzero(x), "argwhere": lambda np, x: np.argwhere(x),
    "where": lambda np, x: np.where(x > 1), "extract": lambda np, x: np.extract(x > 1, x), "unique": lambda np, x: np.unique(x),
    "compress": lambda np, x: np.compress(x[0] > 1, x[0]), "unique_all": lambda np, x: np.unique_all(x),
    "unique_counts": lambda np, x: np.unique_counts(x), "unique_inverse": lambda np, x: np.unique_inverse(x),
    "unique_values": lambda np, x: np.unique_values(x), "union1d": lambda np, x: np.union1d(x, x),
    "intersect1d": lambda np, x: np.intersect1d(x, x), "setdiff1d": lambda np, x: np.setdiff1d(x, x), "setxor1d": lambda np, x: np.setxor1d(x, x),
    "mask": lambda np, x: x[x > 1],
}  # fmt: skip
KNOWN: dict[str, tuple[Callable, str]] = {
    "bincount": (lambda np, x: np.bincount(x[0].astype(int)), "length=n"),
    "histogram": (lambda np, x: np.histogram(x, "auto"), "bins=n"),
    "roots": (lambda np, x: np.roots(x[0]), "strip_zeros=False"),
    "trim_zeros": (lambda np, x: np.trim_zeros(x[0]), "Keep the zeros"),
    "repeat": (lambda np, x: fnp.repeat(x[0], x[1].astype(int)), "total_repeat_length=n"),
    "arange": (lambda np, x: fnp.arange(x[0, 0]), "linspace"),
    "real_if_close": (lambda np, x: np.real_if_close(x + 0j), "np.real"),
    "delete": (lambda np, x: np.delete(x[0], x[0].astype(int)), "not traced"),
    "reduceat": (lambda np, x: np.add.reduceat(x[0], x[1].astype(int)), "at\\(np.zeros"),
    "if": (lambda np, x: x if x[0, 0] else 1, "where or fgrad.cond"),
}  # fmt: skip


@pytest.mark.parametrize("transformation", ["jit", "vmap"])
@pytest.mark.parametrize("name", [*SIZED, *KNOWN])
def test_errors_name_what_fixes_the_shape(name, transformation):
    f, says = KNOWN.get(name) or (SIZED[name], "size=n")
    with pytest.raises(fgrad.errors.ConcretizationError, match=says) as caught:
        fgrad.jit(lambda x: f(np, x))(X) if transformation == "jit" else fgrad.vmap(lambda x: f(np, x))(np.stack([X, X]))
    assert isinstance(caught.value, TypeError)
    assert "test_numpy_surface.py" in str(caught.value)


@pytest.mark.parametrize("name", SIZED)
def test_with_values_they_are_numpys(name):
    """Under grad there are values, and no size is needed."""
    for space in (np, fnp):
        got = tree.leaves(fgrad.jvp(lambda x, space=space: SIZED[name](space, x), (X,), (X,))[0])
        for g, w in zip(got, tree.leaves(SIZED[name](np, X)), strict=True):
            np.testing.assert_array_equal(g, w)


# -- writing

IN_PLACE: dict[str, Callable] = {
    "put": lambda x: np.put(x, [0], [1.0]), "place": lambda x: np.place(x, x > 1, [1.0]), "putmask": lambda x: np.putmask(x, x > 1, x),
    "put_along_axis": lambda x: np.put_along_axis(x, np.array([[0], [0]]), 1.0, 1), "fill_diagonal": lambda x: np.fill_diagonal(x, 1.0),
    "add.at": lambda x: np.add.at(x, 0, 1.0), "hypot.at": lambda x: np.hypot.at(x, 0, 1.0), "negative.at": lambda x: np.negative.at(x, 0),
    "fnp.put": lambda x: fnp.put(x, [0], [1.0]), "fnp.add.at": lambda x: fnp.add.at(x, 0, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_PLACE)
def test_writing_names_the_functional_form(name):
    with pytest.raises(fgrad.errors.MutationError, match="inplace=False"):
        fgrad.grad(lambda x: IN_PLACE[name](x))(X)


def test_writing_traced_values_into_arrays():
    for write in (
        lambda x: np.copyto(np.zeros(3), x), lambda x: np.add.at(np.zeros(3), [0], x[0]), lambda x: np.put(np.zeros(3), [0], x[:1]),
        lambda x: fnp.place(np.zeros(3), [True] * 3, x),
    ):  # fmt: skip
        with pytest.raises(fgrad.errors.MutationError, match=r"where|inplace=False|dispatch"):
            fgrad.grad(write)(X[0])


def test_plain_arrays_are_written():
    x = np.zeros(3)
    assert fnp.put(x, [0], [2.0]) is None
    fnp.place(x, [False, True, False], [5.0])
    fnp.putmask(x, [False, False, True], [7.0])
    assert x.tolist() == [2.0, 5.0, 7.0]
    y = np.zeros((2, 2))
    fnp.fill_diagonal(y, 3.0)
    fnp.put_along_axis(y, np.array([[1], [0]]), -1.0, 1)
    assert y.tolist() == [[3.0, -1.0], [-1.0, 3.0]]
    assert fnp.fill_diagonal(y, 0.0, inplace=False).tolist() == [[0.0, -1.0], [-1.0, 0.0]]
    assert y[0, 0] == 3.0


# -- dtypes that are not traced, and those that pass through

NOT_NUMERIC = {
    "objects": np.array([1, 2], object), "dates": np.array(["2020", "2021"], "M8[D]"), "strings": np.array(["a", "b"]),
    "records": np.zeros(2, [("a", float)]),
}  # fmt: skip
MEETINGS: dict[str, Callable] = {
    "multiply": lambda x, v: x * v, "reflected": lambda x, v: v * x, "concatenate": lambda x, v: np.concatenate([x, v]),
    "array": lambda x, v: fnp.array([x, v]), "where": lambda x, v: np.where(v, x, x), "interp": lambda x, v: np.interp(x, v, v),
    "astype": lambda x, v: x.astype(v.dtype), "stack": lambda x, v: np.stack([x, v]), "dot": lambda x, v: np.dot(x, v),
    "set": lambda x, v: x.at[:].set(v), "isin": lambda x, v: np.isin(x, v), "cov": lambda x, v: np.cov(x, v),
}  # fmt: skip


@pytest.mark.parametrize("meeting", MEETINGS)
@pytest.mark.parametrize("kind", NOT_NUMERIC)
def test_what_is_not_numeric_is_refused(kind, meeting):
    v = NOT_NUMERIC[kind]
    for transform in (lambda f: fgrad.jvp(f, (X[0, :2],), (X[0, :2],)), lambda f: fgrad.make_jaxpr(f)(X[0, :2])):
        with pytest.raises(fgrad.errors.DtypeError):
            transform(lambda x: MEETINGS[meeting](x, v))


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.clongdouble])
def test_other_precisions_pass_through(dtype):
    """Half and extended precision are computed by NumPy in that precision, under every transformation."""
    x = (X[0] / 4).astype(dtype)
    f = lambda x: np.cumsum(np.sin(x) * 2.0) + np.sort(x)[::-1] * x.mean()
    for value in (fgrad.jit(f)(x), fgrad.jvp(f, (x,), (x,))[0], fgrad.vmap(f)(x[None])[0]):
        assert value.dtype == dtype
        np.testing.assert_allclose(value, f(x), rtol=8 * float(np.finfo(dtype).eps))
    real = lambda x: np.real(np.sum(f(x)))
    g = fgrad.grad(real)(x)
    assert g.dtype == dtype
    h = np.finfo(dtype).eps ** np.longdouble(1 / 3)
    step = np.zeros_like(x)
    step[1] = h
    assert abs((real(x + step) - real(x - step)) / (2 * h) - np.real(g[1])) < 30 * float(h) ** 2 + 0.02 * (dtype is np.float16)
