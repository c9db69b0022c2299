"""Rows of fgrad's own: loops, branches, jit, checkpoint, solves, callbacks, custom rules, and primitives that NumPy's names do not reach.

The reference is the same computation written as a Python loop, or what is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import fgrad
from cases.table import FLOATING, distinct, given, integers, matrix, normal, positive, row
from fgrad.ops.cumulative import cummax, cummin
from fgrad.ops.elementwise import complex_

OWN: dict[str, Any] = {"spellings": ("fnp",), "values": FLOATING, "grad": ("float64",)}


def own(f: Callable, *args: Any, reference: Callable, name: str, **options: Any) -> None:
    """A row of a function of arrays, without NumPy's namespace."""
    row(lambda np, *xs: f(*xs), *args, name=name, options=OWN | {"reference": reference} | options)


# -- scan


def _decay(c: Any, x: Any) -> tuple[Any, Any]:
    c = np.tanh(c * x) + 0.3 * c
    return c, c * x


def _scan_loop(c: Any, xs: Any, reverse: bool = False) -> tuple[Any, Any]:
    ys = []
    for x in xs[::-1] if reverse else xs:
        c, y = _decay(c, x)
        ys.append(y)
    return c, np.stack(ys[::-1] if reverse else ys)


own(lambda c, xs: fgrad.scan(_decay, c, xs), normal(), normal(4), reference=_scan_loop, name="scan")
own(lambda c, xs: fgrad.scan(_decay, c, xs), normal(2), normal(3, 2), reference=_scan_loop, name="scan of vectors")
own(
    lambda c, xs: fgrad.scan(_decay, c, xs, reverse=True),
    normal(),
    normal(4),
    reference=lambda c, xs: _scan_loop(c, xs, reverse=True),
    name="reversed scan",
)
own(lambda c, xs: fgrad.scan(_decay, c, xs, checkpoint=2), normal(), normal(5), reference=_scan_loop, name="checkpointed scan", order=1)
own(
    lambda w, xs: fgrad.scan(lambda c, x: (np.sin(w * c + x), c), 0.5, xs)[0],
    normal(),
    normal(3),
    reference=lambda w, xs: np.sin(w * np.sin(w * np.sin(w * w.dtype.type(0.5) + xs[0]) + xs[1]) + xs[2]),
    name="scan that closes over",
    values=("float64",),
)
own(lambda xs: fgrad.map(lambda x: np.sum(x * x), xs), normal(3, 2), reference=lambda xs: np.sum(xs * xs, axis=1), name="map")

# -- while: the number of steps depends on the data


def _while(x: Any, **options: Any) -> Any:
    return fgrad.while_loop(lambda v: np.sum(v * v) < 40.0, lambda v: v * 1.5 + np.sin(v), x, **options)


def _python_while(x: Any) -> Any:
    while np.sum(x * x) < 40.0:
        x = x * x.dtype.type(1.5) + np.sin(x)
    return x


def _power(x: Any, n: Any) -> Any:
    return fgrad.fori_loop(0, n, lambda i, v: v * np.cos(x) + x, x)


def _python_power(x: Any, n: Any) -> Any:
    v = x
    for _ in range(n):
        v = v * np.cos(x) + x
    return v


own(_while, positive(), reference=_python_while, name="while")
own(_while, positive(2), reference=_python_while, name="while of vectors")
own(lambda x: _while(x, checkpoint=2), positive(), reference=_python_while, name="checkpointed while", order=1)
own(_power, positive(), integers(0, 5), reference=_python_power, name="fori_loop with a traced end")
own(lambda x: _power(x, 3), positive(2), reference=lambda x: _python_power(x, 3), name="fori_loop")
own(
    lambda x: fgrad.fori_loop(0, 2, lambda i, v: _while(0.5 * v), x),
    positive(),
    reference=lambda x: _python_while(x.dtype.type(0.5) * _python_while(x.dtype.type(0.5) * x)),
    name="while in fori_loop",
)


def _while_slopes(x: Any) -> Any:
    """The Jacobian of `_while`, which works on each entry by itself but for the end."""
    slope = np.ones_like(x)
    while np.sum(x * x) < 40.0:
        slope = slope * (x.dtype.type(1.5) + np.cos(x))
        x = x * x.dtype.type(1.5) + np.sin(x)
    return np.diag(slope)


# a batch of tangents against one run of the loop: its residuals are shared by the batch
own(lambda x: fgrad.jacfwd(_while)(x), positive(2), reference=_while_slopes, name="jacobian of while, forward")
own(lambda x: fgrad.jacrev(_while)(x), positive(2), reference=_while_slopes, name="jacobian of while, reverse")

# -- branches


def _cond(x: Any) -> Any:
    return fgrad.cond(np.sum(x) > 0, lambda x: np.sqrt(np.abs(x)) * x, lambda x: np.exp(x), x)


own(_cond, given(0.7), reference=lambda x: np.sqrt(x) * x, name="cond, taken")
own(_cond, given(-0.7), reference=np.exp, name="cond, not taken")
own(_cond, distinct(), reference=lambda x: np.sqrt(np.abs(x)) * x if x > 0 else np.exp(x), name="cond")
own(
    lambda i, x, y: fgrad.switch(i, [lambda x, y: x * y, lambda x, y: np.sin(x), lambda x, y: y / (1 + x * x)], x, y),
    integers(0, 3),
    normal(2),
    normal(2),
    reference=lambda i, x, y: (x * y, np.sin(x), y / (1 + x * x))[i],
    name="switch",
)
own(
    lambda x: fgrad.scan(lambda c, v: (fgrad.cond(v > 0, lambda: np.sin(c) * v, lambda: c * 0.5), c), 1.0, x)[0],
    distinct(4),
    reference=lambda x: _branching(x),
    name="cond in scan",
    values=("float64",),
)


def _branching(x: Any) -> Any:
    c = np.float64(1.0)
    for v in x:
        c = np.sin(c) * v if v > 0 else c * 0.5
    return c


# -- calls


def _smooth(x: Any, y: Any) -> Any:
    return np.sin(x * y) + np.cos(np.sin(x))


own(fgrad.jit(_smooth), normal(3), normal(3), reference=_smooth, name="jit")
own(fgrad.checkpoint(_smooth), normal(3), normal(3), reference=_smooth, name="checkpoint")
own(
    fgrad.checkpoint(lambda x: np.sin(fgrad.checkpoint_name(np.exp(x), "e"))),
    normal(3),
    reference=lambda x: np.sin(np.exp(x)),
    name="checkpoint_name",
)

# -- solves, callbacks, custom rules: they hold functions of Python, which do not pickle


def _linear_solve(a: Any, b: Any) -> Any:
    return fgrad.custom_linear_solve(lambda x: a @ x, b, fgrad.dense_solve, fgrad.dense_solve)


own(_linear_solve, matrix(3, 3), normal(3), reference=np.linalg.solve, name="custom_linear_solve", pickles=False, rtol=1e-6)


def _printing(x: Any) -> Any:
    fgrad.debug_print("{}", x)
    return x * 2.0


own(_printing, normal(2), reference=lambda x: x * x.dtype.type(2), name="debug_print", pickles=False)
own(
    lambda x: fgrad.pure_callback(np.cbrt, fgrad.ShapeDtypeStruct(x.shape, x.dtype), x),
    normal(3),
    reference=np.cbrt,
    name="pure_callback",
    pickles=False,
    grad=(),
    modes=(),
)


@fgrad.custom_jvp
def _cube(x: Any) -> Any:
    return x**3


_cube.defjvps(lambda t, out, x: t * 3.0 * x**2)


_WEIGHTS = np.array([0.5, -1.5, 2.0])


@fgrad.custom_jvp
def _weighted(x: Any) -> Any:
    return x * np.sum(_WEIGHTS)


# the rule brings an array into the derived program of jit, whose jaxprs hold no constants
_weighted.defjvps(lambda t, out, x: np.sum(t[:, None] * _WEIGHTS, axis=1))
own(fgrad.jit(_weighted), normal(2), reference=lambda x: x * np.sum(_WEIGHTS), name="custom_jvp in jit", pickles=False, values=("float64",))


@fgrad.custom_vjp
def _product(x: Any, y: Any) -> Any:
    return x * y


_product.defvjp(lambda x, y: (x * y, (x, y)), lambda res, ct: (ct * res[1], ct * res[0]))
own(_cube, normal(3), reference=lambda x: x**3, name="custom_jvp", pickles=False)
own(_product, normal(3), normal(3), reference=lambda x, y: x * y, name="custom_vjp", pickles=False, modes=("rev",))

# -- primitives by themselves

for _primitive, _ufunc in ((cummax, np.maximum), (cummin, np.minimum)):
    for _axis, _reverse in ((0, False), (1, True)):
        row(
            lambda np, x, f, axis, reverse: f(x, axis=axis, reverse=reverse),
            distinct(3, 4),
            _primitive,
            _axis,
            _reverse,
            name="running extremum",
            options=OWN
            | {
                "reference": lambda x, u=_ufunc, a=_axis, r=_reverse: (
                    np.flip(u.accumulate(np.flip(x, a), a), a) if r else u.accumulate(x, a)
                ),
                "grad": ("float64", "float32"),
            },
        )
own(complex_, normal(3), normal(3), reference=lambda x, y: x + 1j * y, name="complex", values=("float64",))
