"""Every word of up to three transformations, on several functions, against references that differentiate nothing.

Scalar functions know their derivatives of every order, and each transformation is an exact operator on these. Array functions are
differentiated by nested differences in extended precision, mapped with loops. A further transformation is one row in each table.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp
from fgrad import checkpoint, grad, hessian, hvp, jacfwd, jacobian, jacrev, jvp, linearize, vjp, vmap

# -- scalar functions: a reference is (n, x) -> the n-th derivative at x


SCALAR = {
    "jvp": (lambda f: lambda x: jvp(f, (x,), (1.0,))[1], lambda d: lambda n, x: d(n + 1, x)),
    "grad": (grad, lambda d: lambda n, x: d(n + 1, x)),
    "vmap": (lambda f: lambda x: np.sum(vmap(f)(x * np.array([1.0, 2.0]))), lambda d: lambda n, x: d(n, x) + 2.0**n * d(n, 2.0 * x)),
    "checkpoint": (checkpoint, lambda d: d),
}
"""Each transformation as a map from scalar functions to scalar functions, and what it does to derivatives."""

CONCRETE = {"jvp", "grad"}
"""Under these Python sees the values."""

WORDS = [w for k in (1, 2, 3) for w in itertools.product(SCALAR, repeat=k)]


def sin_derivative(n: int, x: float) -> float:
    return math.sin(x + n * math.pi / 2)


def falling(k: int, n: int) -> int:
    return math.prod(range(k - n + 1, k + 1))


def power_derivative(k: int) -> Callable[[int, float], float]:
    return lambda n, x: falling(k, n) * x ** (k - n) if n <= k else 0.0


@fgrad.custom_jvp
def custom_sin(x):
    return fnp.sin(x)


@custom_sin.defjvp
def _custom_sin_rule(primals, tangents):
    (x,), (t,) = primals, tangents
    return custom_sin(x), fnp.cos(x) * t


def branching(x):
    if x > 1.0:
        return x**4
    while x < 0.5:
        x = x * 2.0
    return fnp.sin(x)


def branching_derivative(n: int, x: float) -> float:
    if x > 1.0:
        return power_derivative(4)(n, x)
    return sin_derivative(n, x)


def closing_over(x):
    """x**2 * x**3 through two inner derivatives that close over the outer argument."""
    inner = grad(lambda y: y * y * x)(x)  # 2 x**2
    outer = jvp(lambda y: grad(lambda z: z * y * x)(y) * y, (x,), (1.0,))[1]  # d(x y**2)/dy... at y = x: 2 x**2
    return inner * x * outer / 4.0


def custom_over_closure(x):
    f = fgrad.custom_vjp(lambda y: fnp.sin(y))
    f.defvjp(lambda y: (fnp.sin(y), y), lambda y, ct: (ct * fnp.cos(y),))
    return f(x)


SCALAR_FUNCTIONS = {
    "sin": (fnp.sin, sin_derivative),
    "power": (lambda x: x**5, power_derivative(5)),
    "product": (lambda x: x * np.sin(x), lambda n, x: x * sin_derivative(n, x) + n * sin_derivative(n - 1, x)),
    "chain": (lambda x: np.log(np.exp(x * 2.0) ** 3) + 1.0, lambda n, x: (6.0 * x + 1.0, 6.0, 0.0)[min(n, 2)]),
    "quotient": (lambda x: 1.0 / x, lambda n, x: (-1) ** n * math.factorial(n) / x ** (n + 1)),
    "through arrays": (lambda x: np.sum(x * np.arange(3.0)) * x**2, lambda n, x: 3.0 * power_derivative(3)(n, x)),
    "custom_jvp": (lambda x: custom_sin(x) * 2.0, lambda n, x: 2.0 * sin_derivative(n, x)),
    "closure": (closing_over, lambda n, x: power_derivative(5)(n, x)),
    "constant": (lambda x: 3.0 * x**0, lambda n, x: 3.0 if n == 0 else 0.0),
}


def apply_word(table: dict, word: tuple[str, ...], f: Callable, i: int) -> Callable:
    """The word's transformations applied to f, the last one first."""
    for name in reversed(word):
        f = table[name][i](f)
    return f


@pytest.mark.parametrize("name", SCALAR_FUNCTIONS)
@pytest.mark.parametrize("word", WORDS, ids="-".join)
def test_words_on_scalar_functions(word, name):
    f, d = SCALAR_FUNCTIONS[name]
    got = apply_word(SCALAR, word, f, 0)(0.7)
    assert got.dtype == np.float64
    assert got.shape == ()
    np.testing.assert_allclose(got, apply_word(SCALAR, word, d, 1)(0, 0.7), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("x", [0.2, 0.7, 1.5])
@pytest.mark.parametrize("word", [w for w in WORDS if set(w) <= CONCRETE], ids="-".join)
def test_words_on_python_control_flow(word, x):
    # a value of 0.2 is doubled twice before its sine is taken
    doubled = 4.0 if x == 0.2 else 1.0
    n = len(word)
    expected = doubled**n * branching_derivative(n, doubled * x)
    np.testing.assert_allclose(apply_word(SCALAR, word, branching, 0)(x), expected, rtol=1e-13)


@pytest.mark.parametrize("word", [w for w in WORDS if not set(w) <= CONCRETE], ids="-".join)
def test_words_that_hide_the_value_say_so(word):
    with pytest.raises(fgrad.errors.ConcretizationError, match="needs a value"):
        apply_word(SCALAR, word, branching, 0)(0.7)


@pytest.mark.parametrize("word", [w for w in WORDS if "jvp" not in w and w.count("grad") <= 1], ids="-".join)
def test_words_on_custom_vjp(word):
    got = apply_word(SCALAR, word, custom_over_closure, 0)(0.7)
    np.testing.assert_allclose(got, apply_word(SCALAR, word, sin_derivative, 1)(0, 0.7), rtol=1e-13)


# -- array functions: references are differences and loops in extended precision

DIRECTION = np.array([0.5, -1.0, 2.0])
WEIGHTS = np.array([1.0, 0.5, -0.25])
SCALES = np.array([1.0, -0.5])
LONG = np.longdouble
STEP = LONG(2e-3)


def difference(f: Callable, x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The derivative of f at x along v: a difference of fourth order."""
    at = lambda k: f(x + k * STEP * v)
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


def reference_grad(f: Callable) -> Callable:
    weighted = lambda x: np.sum(WEIGHTS * f(x))
    return lambda x: np.stack([difference(weighted, x, e) for e in np.eye(3, dtype=LONG)])


ARRAY = {
    "jvp": (lambda f: lambda x: jvp(f, (x,), (DIRECTION,))[1], lambda f: lambda x: difference(f, x, DIRECTION)),
    "grad": (lambda f: grad(lambda x: np.sum(WEIGHTS * f(x))), reference_grad),
    "vmap": (
        lambda f: lambda x: np.sum(vmap(f, in_axes=1, out_axes=-1)(x[:, None] * SCALES), axis=1),
        lambda f: lambda x: sum(f(x * s) for s in SCALES),
    ),
    "checkpoint": (checkpoint, lambda f: f),
}
"""Each transformation as a map of functions from f[3] to f[3]."""

MATRIX = np.array([[0.2, -0.4, 0.1], [0.5, 0.3, -0.2], [-0.1, 0.6, 0.4]])

ARRAY_FUNCTIONS = {
    "elementwise": lambda x: np.tanh(x) * np.exp(-x),
    "reversed": lambda x: x * np.sin(x[::-1]),
    "layer": lambda x: np.tanh(MATRIX @ x + 0.1),
    "normalized": lambda x: x / np.sqrt(np.sum(x**2) + 1.0),
    "slices": lambda x: np.concatenate([x[1:] * x[:-1], np.sum(np.cos(x[:2]) * x[1:])[None]]),
    "broadcast": lambda x: np.sum(x[:, None] * np.sin(x[None, :]), axis=0),
    "indexed": lambda x: x[np.array([2, 0, 2])] * x.reshape((1, 3)).T[:, 0],
}


@pytest.mark.parametrize("name", ARRAY_FUNCTIONS)
@pytest.mark.parametrize("word", WORDS, ids="-".join)
def test_words_on_array_functions(word, name):
    f = ARRAY_FUNCTIONS[name]
    x = np.array([0.3, -0.8, 0.6])
    got = apply_word(ARRAY, word, f, 0)(x)
    assert type(got) is np.ndarray
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, apply_word(ARRAY, word, f, 1)(x.astype(LONG)).astype(float), rtol=1e-7, atol=2e-8)


# -- jit: fewer functions, as each word compiles

JIT_WORDS = [w for k in (1, 2, 3) for w in itertools.product((*SCALAR, "jit"), repeat=k) if "jit" in w]


@pytest.mark.parametrize("name", ["product", "closure", "custom_jvp"])
@pytest.mark.parametrize("word", JIT_WORDS, ids="-".join)
def test_words_with_jit_on_scalar_functions(word, name):
    f, d = SCALAR_FUNCTIONS[name]
    got = apply_word({**SCALAR, "jit": (fgrad.jit,)}, word, f, 0)(0.7)
    np.testing.assert_allclose(got, apply_word({**SCALAR, "jit": (None, lambda d: d)}, word, d, 1)(0, 0.7), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", ["layer", "slices"])
@pytest.mark.parametrize("word", JIT_WORDS, ids="-".join)
def test_words_with_jit_on_array_functions(word, name):
    f = ARRAY_FUNCTIONS[name]
    x = np.array([0.3, -0.8, 0.6])
    got = apply_word({**ARRAY, "jit": (fgrad.jit,)}, word, f, 0)(x)
    assert type(got) is np.ndarray
    without = apply_word(ARRAY, tuple(t for t in word if t != "jit"), f, 0)(x)  # held to differences above
    np.testing.assert_allclose(got, without, rtol=1e-11, atol=1e-12)


def test_results_under_float32_stay_float32():
    x = np.array([0.3, -0.8, 0.6], np.float32)
    for word in WORDS:
        weights, direction, scales = (a.astype(np.float32) for a in (WEIGHTS, DIRECTION, SCALES))
        table = {
            "jvp": lambda f: lambda x: jvp(f, (x,), (direction,))[1],  # noqa: B023
            "grad": lambda f: grad(lambda x: np.sum(weights * f(x))),  # noqa: B023
            "vmap": lambda f: lambda x: np.sum(vmap(f)(x * scales[:, None]), axis=0),  # noqa: B023
            "checkpoint": checkpoint,
        }
        f = lambda x: np.tanh(x) * np.exp(-x) + 2.0 * x / 3
        for name in reversed(word):
            f = table[name](f)
        assert f(x).dtype == np.float32, word


# -- several outputs, as a pytree

PAIR = {
    "jvp": (lambda f: lambda x: jvp(f, (x,), (1.0,))[1], lambda d: lambda n, x: d(n + 1, x)),
    "grad": (
        lambda f: lambda x: {"a": grad(lambda x: f(x)["a"])(x), "b": (grad(lambda x: f(x)["b"][0])(x),)},
        lambda d: lambda n, x: d(n + 1, x),
    ),
    "vmap": (
        lambda f: lambda x: fgrad.tree.map(np.sum, vmap(f)(x * np.array([1.0, 2.0]))),
        lambda d: lambda n, x: d(n, x) + 2.0**n * d(n, 2.0 * x),
    ),
    "checkpoint": (checkpoint, lambda d: d),
}


@pytest.mark.parametrize("word", WORDS, ids="-".join)
def test_words_on_several_outputs(word):
    def f(x):
        s = np.sin(x)
        return {"a": s * 2.0, "b": (x**4,)}

    got = apply_word(PAIR, word, f, 0)(0.7)
    np.testing.assert_allclose(got["a"], apply_word(PAIR, word, lambda n, x: 2.0 * sin_derivative(n, x), 1)(0, 0.7), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(got["b"][0], apply_word(PAIR, word, power_derivative(4), 1)(0, 0.7), rtol=1e-12, atol=1e-12)


# -- deep nests


@pytest.mark.parametrize("word", [w for k in (4, 5) for w in itertools.product(("jvp", "grad"), repeat=k)], ids="-".join)
def test_deep_derivatives(word):
    f, d = SCALAR_FUNCTIONS["product"]
    np.testing.assert_allclose(apply_word(SCALAR, word, f, 0)(0.7), d(len(word), 0.7), rtol=1e-12)


@pytest.mark.parametrize(
    "word",
    [
        ("vmap", "grad", "vmap", "jvp"),
        ("grad", "vmap", "grad", "vmap"),
        ("grad", "checkpoint", "vmap", "jvp", "grad"),
        ("checkpoint", "grad", "checkpoint", "grad", "checkpoint"),
        ("vmap", "vmap", "vmap", "grad", "grad"),
        ("jvp", "vmap", "checkpoint", "grad", "vmap"),
    ],
    ids="-".join,
)
def test_deep_words(word):
    for name in ("product", "custom_jvp", "closure"):
        f, d = SCALAR_FUNCTIONS[name]
        np.testing.assert_allclose(apply_word(SCALAR, word, f, 0)(0.7), apply_word(SCALAR, word, d, 1)(0, 0.7), rtol=1e-11)


def test_words_stage_to_the_same_values():
    """The jaxpr of a transformed function, evaluated, gives what the transformed function gives; and it is transformed in turn."""
    for word in [w for w in WORDS if len(w) <= 2]:
        f, d = SCALAR_FUNCTIONS["product"]
        closed = fgrad.make_jaxpr(apply_word(SCALAR, word, f, 0))(1.0)
        fgrad.check_jaxpr(closed)
        again = lambda x: fgrad.eval_jaxpr(closed.jaxpr, closed.consts, x)[0]  # noqa: B023
        reference = apply_word(SCALAR, word, d, 1)
        np.testing.assert_allclose(again(np.float64(0.7)), reference(0, 0.7), rtol=1e-12)
        np.testing.assert_allclose(grad(again)(0.7), reference(1, 0.7), rtol=1e-12)
        np.testing.assert_allclose(vmap(again)(np.array([0.7, 0.9])), [reference(0, 0.7), reference(0, 0.9)], rtol=1e-12)


# -- the public transformations against each other


def vector_function(x, w):
    return {"y": np.tanh(MATRIX @ x) * w["a"], "z": np.sum(x) * w["b"]}


X = np.array([0.3, -0.8, 0.6])
W = {"a": np.array([1.0, 2.0, -1.0]), "b": np.array([[0.5, 1.5]])}
TX, TW = np.array([1.0, -0.5, 0.25]), {"a": np.array([0.1, 0.2, 0.3]), "b": np.array([[-1.0, 2.0]])}
CT = {"y": np.array([1.0, -2.0, 0.5]), "z": np.array([[0.3, -0.7]])}


def assert_trees_close(a, b, rtol=1e-12):
    assert fgrad.tree.structure(a) == fgrad.tree.structure(b)
    for x, y in zip(fgrad.tree.leaves(a), fgrad.tree.leaves(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-13)


def inner_product(a, b):
    return sum(np.sum(x * y) for x, y in zip(fgrad.tree.leaves(a), fgrad.tree.leaves(b), strict=True))


def test_linearize_is_jvp():
    out, tangent = jvp(vector_function, (X, W), (TX, TW))
    value, linear = linearize(vector_function, X, W)
    assert_trees_close(value, out)
    assert_trees_close(linear(TX, TW), tangent)
    assert_trees_close(linear(2 * TX, fgrad.tree.map(lambda t: 2 * t, TW)), fgrad.tree.map(lambda t: 2 * t, tangent))


def test_vjp_is_the_adjoint_of_jvp():
    _, tangent = jvp(vector_function, (X, W), (TX, TW))
    _, pull = vjp(vector_function, X, W)
    np.testing.assert_allclose(inner_product(CT, tangent), inner_product(pull(CT), (TX, TW)), rtol=1e-13)


def test_linear_transpose_of_linearize_is_vjp():
    _, linear = linearize(vector_function, X, W)
    _, pull = vjp(vector_function, X, W)
    assert_trees_close(fgrad.linear_transpose(linear, X, W)(CT), pull(CT))


def test_jacobians_agree():
    forward = jacfwd(vector_function, argnums=(0, 1))(X, W)
    assert forward["y"][1]["b"].shape == (3, 1, 2)
    assert_trees_close(forward, jacrev(vector_function, argnums=(0, 1))(X, W))
    assert_trees_close(forward, jacobian(vector_function, argnums=(0, 1))(X, W))
    _, linear = linearize(vector_function, X, W)
    column = linear(np.eye(3)[1], fgrad.tree.map(np.zeros_like, W))
    assert_trees_close(fgrad.tree.map(lambda j: j[..., 1], {k: v[0] for k, v in forward.items()}), column)


def test_hessians_agree():
    def f(x, w):
        out = vector_function(x, w)
        return np.sum(out["y"] ** 2) + np.sum(out["z"] ** 3)

    h = hessian(f, argnums=(0, 1))(X, W)
    for one, other in itertools.product((jacfwd, jacrev), repeat=2):
        assert_trees_close(h, one(other(f, argnums=(0, 1)), argnums=(0, 1))(X, W), rtol=1e-10)
    np.testing.assert_allclose(h[0][0], h[0][0].T, rtol=1e-13)
    np.testing.assert_allclose(h[0][1]["a"], h[1]["a"][0].T, rtol=1e-13, atol=1e-14)
    product = hvp(f, (X, W), (TX, TW))
    by_rows = np.tensordot(h[0][0], TX, 1) + np.tensordot(h[0][1]["a"], TW["a"], 1) + np.tensordot(h[0][1]["b"], TW["b"], 2)
    np.testing.assert_allclose(product[0], by_rows, rtol=1e-12)
    forward = jvp(lambda x, w: jvp(f, (x, w), (TX, TW))[1], (X, W), (TX, TW))[1]
    np.testing.assert_allclose(inner_product(product, (TX, TW)), forward, rtol=1e-12)
    np.testing.assert_allclose(hvp(lambda x: f(x, W), (X,), (TX,)), h[0][0] @ TX, rtol=1e-12)


def test_gradients_of_examples():
    """vmap(grad) is a loop of gradients, and their sum is the gradient of the sum."""
    xs = np.array([[0.3, -0.8, 0.6], [1.0, 0.5, -0.2]])
    loss = lambda w, x: np.sum(np.tanh(MATRIX @ x) * w) ** 2
    w = np.array([0.1, 0.2, 0.3])
    each = vmap(grad(loss), in_axes=(None, 0))(w, xs)
    np.testing.assert_allclose(each, np.stack([grad(loss)(w, x) for x in xs]), rtol=1e-13)
    np.testing.assert_allclose(each.sum(0), grad(lambda w: np.sum(vmap(loss, in_axes=(None, 0))(w, xs)))(w), rtol=1e-13)
