"""Every row of the table, through every transformation: values against NumPy, derivatives against numbers, batches against loops."""

from __future__ import annotations

import itertools
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cases import ROWS, Case

import fgrad
from fgrad.api.flat import FlatFunction
from fgrad.core import tree
from fgrad.core.avals import is_inexact, typeof
from fgrad.core.jaxpr import subjaxprs
from fgrad.core.primitive import registry
from fgrad.numpy.protocol import FUNCTIONS
from fgrad.ops.special import SPECIAL
from fgrad.ops.ufuncs import UFUNCS
from fgrad.testing import check_grads
from fgrad.transforms.autodiff import jvp_flat

BATCH = 3
STAGEABLE = [c for c in ROWS if c.stageable]
DIFFERENTIABLE = [(c, d) for c in ROWS for d in c.grad]


@pytest.fixture(autouse=True)
def quiet():
    """Values at the edge of a domain are part of the tests; NumPy's warnings about them are not."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def name(x: Any) -> str | None:
    return x.name if isinstance(x, Case) else None


# -- the ways to run a function. Another way (a compiler) is another line here


def differentiated(f: Callable, *xs: Any) -> Any:
    """Under forward mode, with a tangent on every floating point argument."""
    leaves, in_tree = tree.flatten(xs)
    flat = FlatFunction(f, in_tree)
    tangents = [np.ones(x.shape, x.dtype)[()] if is_inexact(x.dtype) else None for x in leaves]
    return flat.unflatten(jvp_flat(flat, leaves, tangents)[0])


def staged(f: Callable, *xs: Any) -> Any:
    closed, out = fgrad.make_jaxpr(f, return_shape=True)(*xs)
    return tree.unflatten(tree.structure(out), closed(*xs))


def mapped(f: Callable, *xs: Any) -> Any:
    return tree.map(lambda y: y[0], fgrad.vmap(f)(*[x[None] for x in xs]))


evaluators: dict[str, Callable] = {"differentiated": differentiated, "staged": staged, "mapped": mapped}


# -- comparison


def floats(x: Any) -> bool:
    return is_inexact(x.dtype)


def assert_equal(got: Any, want: Any, rtol: float) -> None:
    """Equal values, dtypes and shapes, leaf by leaf."""
    got, want = tree.leaves(got), [np.asarray(w) for w in tree.leaves(want)]
    assert len(got) == len(want)
    for g, w in zip(got, want, strict=True):
        assert isinstance(g, (np.ndarray, np.generic)), f"{type(g).__name__} is not an array"
        assert (g.dtype, g.shape) == (w.dtype, w.shape)
        if floats(w):
            scale = float(np.max(np.abs(w[np.isfinite(w)]), initial=0.0)) if w.size else 0.0
            precision = max(rtol, 20 * float(np.finfo(w.dtype).eps))
            np.testing.assert_allclose(g, w, rtol=precision, atol=precision * max(scale, 1e-300))
        else:
            np.testing.assert_array_equal(g, w)


def expected(case: Case, xs: list) -> Any:
    return case.expected(*[x.copy() for x in xs])


@pytest.mark.parametrize("case", ROWS, ids=name)
def test_value(case):
    """The value, its dtype and its shape are NumPy's, in both spellings, in every dtype NumPy takes, however the function is run."""
    run = 0
    for dtype in case.values:
        xs = case.draw(dtype)
        try:
            want = expected(case, xs)
        except (TypeError, ValueError):
            continue
        run += 1
        rtol = case.rtol if dtype in ("float64", "complex128", "int64") else max(case.rtol, 2e-6)
        for spelling, (way, evaluate) in itertools.product(case.spellings, evaluators.items()):
            if not case.stageable and way != "differentiated":
                continue
            if way == "differentiated" and not ("fwd" in case.modes and any(map(floats, xs))):
                continue
            try:
                assert_equal(evaluate(case.function(spelling), *xs), want, rtol)
            except Exception as e:
                e.add_note(f"{case.name} with {dtype}, {spelling} spelling, {way}")
                raise
    assert run, "no dtype of this row is one that NumPy takes"


@pytest.mark.parametrize("case", STAGEABLE, ids=name)
def test_types(case):
    """The types that staging predicts are those of the results; staged programs and derivatives type-check, pickle and evaluate."""
    for dtype in ("float64", "float32"):
        xs = case.draw(dtype)
        f = case.function(case.spellings[0])
        out = tree.leaves(staged(f, *xs))
        assert [typeof(o) for o in out] == tree.leaves(fgrad.eval_shape(f, *xs))
    for program, args in all_programs(case):
        closed = fgrad.make_jaxpr(program)(*args)
        fgrad.check_jaxpr(closed)
        again = pickle.loads(pickle.dumps(closed)) if case.pickles else closed
        fgrad.check_jaxpr(again)
        assert str(again) == str(closed)
        want = tree.leaves(program(*args))
        for evaluate in (closed, again):
            assert_equal(evaluate(*args), want, 1e-12)


def tangents_like(xs: list, seed: int = 7) -> list:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.normal(size=x.shape)).astype(x.dtype)[()] if floats(x) else np.zeros(x.shape, fgrad.float0) for x in xs]


def programs(case: Case, dtype: str = "float64") -> list[tuple[Callable, list]]:
    """The function, its forward and its reverse mode, as functions of the traced arguments."""
    f, xs = case.function(case.spellings[0]), case.draw(dtype)
    found: list[tuple[Callable, list]] = [(lambda *xs: tree.leaves(f(*xs)), xs)]
    if case.grad:
        ts = tangents_like(xs)
        if "fwd" in case.modes:
            found.append((lambda *xs: float_leaves(fgrad.jvp(f, xs, tuple(ts))[1]), xs))
        found.append((lambda *xs: float_leaves(pullback(f, xs)), xs))
    return found


def all_programs(case: Case) -> list[tuple[Callable, list]]:
    return [p for dtype in case.program_dtypes for p in programs(case, dtype)]


def float_leaves(x: Any) -> list:
    return [y for y in tree.leaves(x) if floats(y)]


def pullback(f: Callable, xs: Any) -> tuple:
    """Reverse mode of f, at cotangents that are different for each entry of the output."""
    out, pull = fgrad.vjp(f, *xs)

    def cotangent(o: Any) -> Any:
        if not floats(o):
            return np.zeros(o.shape, fgrad.float0)
        return (np.arange(1, 1 + np.prod(o.shape, dtype=int)).reshape(o.shape) * 0.37 % 1.9).astype(o.dtype)[()]

    return pull(tree.map(cotangent, out))


@pytest.mark.parametrize(("case", "dtype"), DIFFERENTIABLE, ids=lambda x: name(x) or x)
def test_derivatives(case, dtype):
    """Forward mode against finite differences, reverse mode against forward mode, and derivatives of derivatives."""
    xs = case.draw(dtype)
    order = case.order if dtype == "float64" else 1
    tol = case.grad_tol if dtype in ("float64", "complex128") else None
    check_grads(case.function(case.spellings[0]), tuple(xs), order=order, modes=case.modes, atol=tol, rtol=tol)


@pytest.mark.parametrize("case", [c for c in ROWS if "float32" in c.grad], ids=name)
def test_float32_stays(case):
    """Derivatives have the dtypes of values."""
    xs = case.draw("float32")
    f = case.function(case.spellings[0])
    out, tangent = fgrad.jvp(f, tuple(xs), tuple(tangents_like(xs)))
    for o, t in zip(tree.leaves(out), tree.leaves(tangent), strict=True):
        assert t.shape == o.shape
        assert t.dtype == (o.dtype if floats(o) else fgrad.float0)
    for x, g in zip(xs, pullback(f, xs), strict=True):
        assert g.shape == x.shape
        assert g.dtype == (x.dtype if floats(x) else fgrad.float0)


# -- vmap


def one_at_a_time(case: Case) -> range | tuple[int, ...]:
    return range(len(case.draws)) if case.alone is None else case.alone


def axes_to_map(case: Case) -> list[tuple[int | None, ...]]:
    """in_axes: each argument alone, on every axis; then all of them, first and last."""
    xs = case.draw()
    none: list[int | None] = [None] * len(xs)
    alone = [tuple(none[:i] + [a] + none[i + 1 :]) for i in one_at_a_time(case) for a in range(xs[i].ndim + 1)]
    together = [tuple(0 for _ in xs), tuple(x.ndim for x in xs)] if len(xs) > 1 else []
    return [*alone, *together]


def batch_and_loop(examples: list, in_axes: tuple) -> tuple[list, list]:
    """Arguments with mapped axes, and for each example the arguments it stands for."""
    batch = [vs[0] if a is None else np.stack(vs, a) for vs, a in zip(examples, in_axes, strict=True)]
    return batch, [[vs[0] if a is None else vs[i] for vs, a in zip(examples, in_axes, strict=True)] for i in range(len(examples[0]))]


def assert_mapped(f: Callable, one: Callable, examples: list, in_axes: tuple, rtol: float) -> None:
    batch, each = batch_and_loop(examples, in_axes)
    got = tree.leaves(fgrad.vmap(f, in_axes=in_axes)(*batch))
    want = zip(*[tree.leaves(one(*xs)) for xs in each], strict=True)
    assert_equal(got, [np.stack([np.asarray(w) for w in ws]) for ws in want], rtol)


@pytest.mark.parametrize("case", STAGEABLE, ids=name)
def test_vmap(case):
    """vmap against a loop of NumPy: each argument, each axis."""
    examples = case.draw_batch(BATCH)
    f = case.function(case.spellings[0])
    for in_axes in axes_to_map(case):
        assert_mapped(f, case.expected, examples, in_axes, max(case.rtol, 1e-11))


@pytest.mark.parametrize("case", [c for c in STAGEABLE if c.grad], ids=name)
def test_vmap_of_derivatives(case):
    """Forward and reverse mode under vmap, and under vmap of vmap, against loops."""
    for dtype in case.program_dtypes:
        check_mapped_derivatives(case, dtype)


def check_mapped_derivatives(case: Case, dtype: str) -> None:
    examples = case.draw_batch(BATCH, dtype)
    every = tuple(0 for _ in examples)
    alone = [tuple(0 if i == j else None for j in range(len(every))) for i in one_at_a_time(case)] if len(every) > 1 else []
    for program, _ in programs(case, dtype)[1:]:
        for in_axes in (every, *alone):
            assert_mapped(program, program, examples, in_axes, 1e-10)
    for program, _ in programs(case, dtype):
        outer = [np.stack([vs, vs[::-1]]) for vs in (np.stack(vs) for vs in examples)]
        got = tree.leaves(fgrad.vmap(fgrad.vmap(program))(*outer))
        want = [tree.leaves(fgrad.vmap(program)(*[x[i] for x in outer])) for i in range(2)]
        assert_equal(got, [np.stack(ws) for ws in zip(*want, strict=True)], 1e-10)


@pytest.mark.parametrize("case", [c for c in STAGEABLE if c.grad], ids=name)
def test_derivative_of_vmap(case):
    """The programs that batch rules write are differentiable, and right."""
    batch, _ = batch_and_loop(case.draw_batch(2), tuple(0 for _ in case.draws))
    f = fgrad.vmap(case.function(case.spellings[0]))
    check_grads(f, tuple(batch), order=1, modes=case.modes, atol=case.grad_tol, rtol=case.grad_tol)


# -- completeness


def primitives(jaxpr: Any, found: set[str]) -> None:
    for eqn in jaxpr.eqns:
        found.add(eqn.primitive.name)
        for sub in subjaxprs(eqn.params):
            primitives(sub, found)


ELSEWHERE = {
    "stack_add", "stack_broadcast", "stack_select", "stack_sum", "stack_swap",  # test_stacks.py: they take stacks, which no argument is
}  # fmt: skip


def test_every_primitive_has_a_row():
    found: set[str] = set()
    for case in STAGEABLE:
        for program, args in all_programs(case):
            primitives(fgrad.make_jaxpr(program)(*args).jaxpr, found)
            primitives(fgrad.make_jaxpr(fgrad.vmap(program))(*[x[None] for x in args]).jaxpr, found)
            if case.modes:
                primitives(fgrad.linearize(program, *args)[1].jaxpr, found)
    assert set(registry) - found - ELSEWHERE == set()


def test_every_function_has_a_row():
    targets = {id(c.target) for c in ROWS if c.target is not None}
    functions = [*FUNCTIONS, *(f for f in UFUNCS if getattr(np, f.__name__, None) is f)]  # SciPy's ufuncs join the table when they are met
    without = [
        f"{getattr(f, '__module__', 'numpy')}.{f.__name__}" for f in functions if id(f) not in targets and f not in {*QUERIES, *NO_ARRAYS}
    ]
    assert without == []


def test_every_special_function_has_a_row():
    rows = {c.name.split("(")[0].removeprefix("special.") for c in ROWS}
    assert [n for n in SPECIAL if n not in rows] == []


# -- questions about types: their answers are no arrays

QUERIES = {
    np.shape: ((2, 3), {}), np.ndim: (2, {}), np.size: (6, {}), np.iscomplexobj: (False, {}), np.isrealobj: (True, {}),
    np.result_type: (np.dtype("float32"), {}), np.common_type: (np.float32, {}), np.can_cast: (True, {"to": np.float64}),
    np.min_scalar_type: (np.dtype("float32"), {}),
}  # fmt: skip
NO_ARRAYS = {np.copyto, np.einsum_path}  # one is refused, the other's result is text: test_numpy_surface.py


@pytest.mark.parametrize("query", QUERIES, ids=lambda f: f.__name__)
def test_query(query):
    want, kwargs = QUERIES[query]
    answers = []

    def f(x: Any) -> Any:
        answers.append(query(x, **kwargs))
        return x

    x = np.ones((2, 3), np.float32)
    fgrad.make_jaxpr(f)(x)
    fgrad.jvp(f, (x,), (x,))
    assert answers == [want, want]
