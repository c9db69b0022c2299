"""grad and its kin: jvp, linearize, vjp, value_and_grad, hvp, linear_transpose."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.api.flat import (
    FlatFunction,
    check_argnums,
    check_inputs,
    check_like,
    flatten_args,
    instantiate,
    owned,
    user_path,
    with_argnums,
)
from fgrad.core import tree
from fgrad.core.avals import ShapedArray, is_inexact, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError
from fgrad.core.source import function_name
from fgrad.core.stage import stage
from fgrad.transforms.autodiff import LinearProgram, jvp_flat, linearize_flat
from fgrad.transforms.transpose import backward_jaxpr, transpose_program


def jvp(fun: Callable, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> tuple:
    """The value of a function and its directional derivative, by forward mode.

    Args:
        fun: a function of arrays or pytrees.
        primals: a tuple of its arguments.
        tangents: a tuple of the same structure, shapes and dtypes: the direction. Integers and booleans take float0 zeros.
        has_aux: `fun` returns (output, aux); aux is passed through.

    Returns:
        (output, tangent of the output), and aux if has_aux.

    Raises:
        TreeError, ShapeError, DtypeError: where tangents do not match primals.

    Example:
        >>> import fgrad, numpy as np
        >>> y, dy = fgrad.jvp(np.sin, (0.0,), (2.0,))
        >>> float(y), float(dy)
        (0.0, 2.0)
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError(
            f"jvp: primals and tangents are tuples with an entry for each argument, not {type(primals).__name__} and {type(tangents).__name__}",
            "For one argument write fgrad.jvp(f, (x,), (t,)).",
        )
    leaves, in_tree = flatten_args(tuple(primals), "jvp: the primal")
    ts = check_like("jvp", "tangents", tuple(tangents), in_tree, [typeof(x) for x in leaves])
    flat = FlatFunction(fun, in_tree, has_aux=has_aux)
    outs, touts = jvp_flat(flat, leaves, ts, fun)
    aux = flat.take_aux(outs) if has_aux else None
    n = len(outs)
    touts = touts[:n]
    both = owned(_merged(outs, touts))
    result = flat.unflatten(both[:n]), flat.unflatten(both[n:])
    return (*result, aux) if has_aux else result


def linearize(fun: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """The value of a function at a point, and its derivative there as a linear function.

    The function runs once; the linear function can be applied to many tangents.

    Args:
        fun: a function of arrays or pytrees.
        primals: the point.
        has_aux: `fun` returns (output, aux).

    Returns:
        (output, f_jvp), and aux if has_aux; `f_jvp(*tangents)` is the tangent of the output, and `f_jvp.jaxpr` the linear program.

    Example:
        >>> import fgrad, numpy as np
        >>> y, df = fgrad.linearize(lambda x: x ** 3, 2.0)
        >>> float(y), float(df(1.0)), float(df(10.0))
        (8.0, 12.0, 120.0)
    """
    leaves, in_tree = flatten_args(primals, "linearize: the primal")
    flat = FlatFunction(fun, in_tree, has_aux=has_aux)
    outs, program = linearize_flat(flat, leaves, [is_inexact(x.dtype) for x in leaves], fun)
    aux = flat.take_aux(outs) if has_aux else None
    linear = LinearFunction(program, in_tree, [typeof(x) for x in leaves], flat.out_tree, [typeof(o) for o in outs])
    out = flat.unflatten(owned(outs))
    return (out, linear, aux) if has_aux else (out, linear)


class LinearFunction:
    """The derivative of a function at a point: call it on tangents."""

    def __init__(self, program: LinearProgram, in_tree: tree.TreeDef, in_avals: list, out_tree: tree.TreeDef, out_avals: list):
        self.program, self.in_tree, self.in_avals, self.out_tree, self.out_avals = program, in_tree, in_avals, out_tree, out_avals

    def __call__(self, *tangents: Any) -> Any:
        ts = check_like("linearize", "tangents", tangents, self.in_tree, self.in_avals)
        active = [t for t, a in zip(ts, self.in_avals, strict=True) if is_inexact(a.dtype)]
        outs = self.program(active)[: len(self.out_avals)]
        del ts, active
        return tree.unflatten(self.out_tree, owned(_instantiated(outs, [True] * len(outs), self.out_avals)))

    @property
    def jaxpr(self) -> Any:
        """The linear program over [residuals, tangents]; outputs that are always zero are left out."""
        return self.program.to_jaxpr()[0]


def vjp(fun: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """The value of a function at a point, and its derivative's transpose: reverse mode.

    Args:
        fun: a function of arrays or pytrees.
        primals: the point.
        has_aux: `fun` returns (output, aux).

    Returns:
        (output, f_vjp), and aux if has_aux. `f_vjp(ct)`, with ct like the output, returns a tuple with the cotangent of each argument
        (dtype float0 for integers and booleans); it can be called many times.

    Example:
        >>> import fgrad, numpy as np
        >>> y, pull = fgrad.vjp(lambda x, w: x * w, 2.0, 3.0)
        >>> [float(g) for g in pull(1.0)]
        [3.0, 2.0]
    """
    leaves, in_tree = flatten_args(primals, "vjp: the primal")
    active = [is_inexact(x.dtype) for x in leaves]
    flat = FlatFunction(fun, in_tree, has_aux=has_aux)
    outs, program = linearize_flat(flat, leaves, active, fun)
    aux = flat.take_aux(outs) if has_aux else None
    program.outvars = program.outvars[: len(outs)]
    in_avals, out_avals = [typeof(x) for x in leaves], [typeof(o) for o in outs]
    del leaves

    def f_vjp(ct: Any) -> tuple:
        cts = check_like("vjp", "cotangents", ct, flat.out_tree, out_avals)
        return tree.unflatten(in_tree, owned(_instantiated(transpose_program(program, cts), active, in_avals)))

    out = flat.unflatten(owned(outs))
    return (out, f_vjp, aux) if has_aux else (out, f_vjp)


def value_and_grad(
    fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False
) -> Callable:
    """A function that returns the value of `fun` and its gradient, by reverse mode.

    Args:
        fun: a function with a scalar output (f[] or, if holomorphic, c[]); its arguments are arrays or pytrees.
        argnums: the argument(s) to differentiate with respect to: an int, or a sequence for a tuple of gradients.
        has_aux: `fun` returns (output, aux); the new function returns ((output, aux), gradient).
        holomorphic: promises that `fun` is holomorphic; inputs and output are complex.
        allow_int: integer inputs are allowed; their gradients have dtype float0.

    Returns:
        A function of the same arguments. The gradient has the structure, shapes and dtypes of the argument.

    Raises:
        DtypeError: an input is not floating point, or the output not real.
        ShapeError: the output is not a scalar.
        ArgumentError: argnums is out of range.

    Example:
        >>> import fgrad, numpy as np
        >>> value, g = fgrad.value_and_grad(lambda p: np.sum(p["w"] ** 2) + p["b"])({"w": np.arange(3.0), "b": 1.0})
        >>> float(value), g["w"], float(g["b"])
        (6.0, array([0., 2., 4.]), 1.0)
    """
    return _gradient("value_and_grad", fun, argnums, has_aux, holomorphic, allow_int, with_value=True)


def grad(
    fun: Callable, argnums: int | Sequence[int] = 0, has_aux: bool = False, holomorphic: bool = False, allow_int: bool = False
) -> Callable:
    """A function that returns the gradient of `fun`, by reverse mode.

    Args:
        fun: a function with a scalar output; its arguments are arrays or pytrees.
        argnums, has_aux, holomorphic, allow_int: as in `value_and_grad`; with has_aux the new function returns (gradient, aux).

    Returns:
        A function of the same arguments. For a complex argument z = x + iy of a real function the gradient is df/dx - i df/dy (JAX's convention).

    Raises:
        DtypeError, ShapeError, ArgumentError: as `value_and_grad`.

    Example:
        >>> import fgrad, numpy as np
        >>> x = np.array([0.0, 1.0])
        >>> fgrad.grad(lambda x: np.sum(np.sin(x) * x))(x)
        array([0.        , 1.38177329])
    """
    return _gradient("grad", fun, argnums, has_aux, holomorphic, allow_int, with_value=False)


def _gradient(
    name: str, fun: Callable, argnums: int | Sequence[int], has_aux: bool, holomorphic: bool, allow_int: bool, with_value: bool
) -> Callable:
    if not callable(fun):
        raise ArgumentError(f"{name} takes a function, not {short(fun)}", f"Write fgrad.{name}(f)(x), not fgrad.{name}(f(x)).")
    for i in argnums if isinstance(argnums, (tuple, list)) else (argnums,):
        if not isinstance(i, int):
            raise ArgumentError(
                f"{name}: argnums is an int or a tuple of ints, not {short(argnums)}",
                f"It counts positional arguments from 0. For the gradient at x write fgrad.{name}(f)(x), not fgrad.{name}(f, x).",
            )
    single = isinstance(argnums, int)

    @functools.wraps(fun)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        numbers = check_argnums(name, fun, argnums, args)
        leaves, in_tree = flatten_args(tuple([args[i] for i in numbers]), f"{name}: argument", lambda p: user_path(p, numbers))
        check_inputs(name, leaves, in_tree, numbers, holomorphic, allow_int)
        active = [not allow_int or is_inexact(x.dtype) for x in leaves]
        flat = FlatFunction(with_argnums(fun, numbers, args), in_tree, kwargs, has_aux)
        outs, program = linearize_flat(flat, leaves, active, fun)
        aux = flat.take_aux(outs) if has_aux else None
        program.outvars = program.outvars[: len(outs)]
        value = _check_scalar(name, fun, outs, holomorphic)
        in_avals = [typeof(x) for x in leaves]
        del leaves
        grads = owned(_instantiated(transpose_program(program, [value.dtype.type(1)], consume=True), active, in_avals))
        result = tree.unflatten(in_tree, grads)
        result = result[0] if single else result
        if with_value:
            return ((flat.unflatten(outs), aux), result) if has_aux else (flat.unflatten(outs), result)
        return (result, aux) if has_aux else result

    return gradient


def _check_scalar(name: str, fun: Callable, outs: list, holomorphic: bool) -> Any:
    f = function_name(fun)
    if len(outs) != 1:
        raise ShapeError(
            f"{name}: {f} must return a scalar, and it returned {len(outs)} arrays"
            if outs
            else f"{name}: {f} must return a scalar, and it returned nothing",
            "Return (loss, aux) and pass has_aux=True, or use fgrad.jacobian or fgrad.vjp." if outs else "Does it end with `return`?",
        )
    out = outs[0]
    if out.shape != ():
        raise ShapeError(
            f"{name}: {f} must return a scalar, and it returned {short(typeof(out))}",
            "Sum or average it (.sum(), .mean()); for all derivatives of an array use fgrad.jacobian, for one direction fgrad.vjp.",
        )
    if holomorphic and out.dtype.kind != "c":
        raise DtypeError(f"{name}: with holomorphic=True {f} must return a complex number, and it returned {short(typeof(out))}")
    if not holomorphic and out.dtype.kind != "f":
        raise DtypeError(
            f"{name}: {f} must return a real floating point number, and it returned {short(typeof(out))}",
            "Take .real or abs() of it, or pass holomorphic=True if it is holomorphic."
            if out.dtype.kind == "c"
            else "An integer has no derivative.",
        )
    return out


def hvp(fun: Callable, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of a scalar function times a vector, forward over reverse: the cost of a few gradients, and no matrix.

    Args:
        fun: a function with a scalar output.
        primals: a tuple of its arguments.
        tangents: a tuple like primals: the vector.

    Returns:
        Like primals[0] for one argument; a tuple for several.

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.hvp(lambda x: np.sum(x ** 3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
        array([6., 0.])
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise ArgumentError("hvp: primals and tangents are tuples with an entry for each argument", "Write fgrad.hvp(f, (x,), (v,)).")
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return jvp(grad(fun, argnums), tuple(primals), tuple(tangents))[1]


def linear_transpose(fun: Callable, *primals: Any) -> Callable:
    """The transpose of a function that is linear in its arguments.

    Args:
        fun: a linear function.
        primals: examples of its arguments (arrays, or fgrad.ShapeDtypeStruct); only their types are used.

    Returns:
        A function of a cotangent like the output, which returns a tuple of cotangents like the arguments.

    Example:
        >>> import fgrad, numpy as np
        >>> A = np.array([[1.0, 2.0], [3.0, 4.0]])
        >>> (x,) = fgrad.linear_transpose(lambda x: A @ x, np.zeros(2))(np.array([1.0, 0.0]))
        >>> x
        array([1., 2.])
    """
    leaves, in_tree = tree.flatten(primals)
    avals = [x if isinstance(x, ShapedArray) else typeof(tree.canonical_leaf(x, "linear_transpose: the primal")) for x in leaves]
    flat = FlatFunction(fun, in_tree)
    jaxpr, consts = stage(flat, avals, fun)
    out_tree, out_avals = flat.out_tree, jaxpr.out_avals

    def transposed(ct: Any) -> tuple:
        cts = check_like("linear_transpose", "cotangents", ct, out_tree, out_avals)
        grads = backward_jaxpr(jaxpr, [False] * len(consts) + [True] * len(avals), consts, cts)
        return tree.unflatten(in_tree, owned(_instantiated(grads, [True] * len(grads), avals)))

    return transposed


def _instantiated(found: list, active: Sequence[bool], avals: Sequence[Any]) -> list:
    """What there is for the active values (the rest have no tangents), as the user gets it. Empties `found`, to hold nothing twice."""
    found.reverse()
    return [instantiate(found.pop() if m else None, a) for m, a in zip(active, avals, strict=True)]


def _merged(outs: list, touts: list) -> list:
    """Outputs and their tangents in one list, which alone holds them."""
    merged = outs + _instantiated(touts, [True] * len(outs), [typeof(o) for o in outs])
    outs.clear()
    return merged


__all__ = ["grad", "hvp", "jvp", "linear_transpose", "linearize", "value_and_grad", "vjp"]
