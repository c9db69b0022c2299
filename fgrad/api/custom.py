"""custom_jvp, custom_vjp and stop_gradient: derivatives the user gives."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.api.flat import FlatFunction, flatten_args
from fgrad.core import tree
from fgrad.core.avals import float0, is_inexact, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.source import function_name
from fgrad.core.trace import Tracer
from fgrad.ops.elementwise import convert
from fgrad.ops.elementwise import stop_gradient as _stop_gradient
from fgrad.ops.shapes import zeros
from fgrad.transforms.custom import custom_jvp_call, custom_vjp_call


def stop_gradient(x: Any) -> Any:
    """The value of x, as a constant to every derivative.

    Args:
        x: an array or a pytree.

    Example:
        >>> import fgrad
        >>> float(fgrad.grad(lambda x: fgrad.stop_gradient(x) * x)(3.0))
        3.0
    """
    return tree.map(lambda leaf: _stop_gradient(leaf) if isinstance(leaf, Tracer) else leaf, x)


class _CustomFunction:
    """A function whose derivative is given, called with some arguments (`nondiff_argnums`) set aside."""

    name: str

    def __init__(self, fun: Callable, nondiff_argnums: Sequence[int] | int = ()):
        self.fun = fun
        self.nondiff = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else tuple(nondiff_argnums)
        functools.update_wrapper(self, fun)

    def __call__(self, *args: Any) -> Any:
        raise NotImplementedError  # both kinds of custom function define it

    def __repr__(self) -> str:
        return f"<{self.name} {function_name(self.fun)}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def split(self, args: tuple, kwargs: dict) -> tuple[tuple, tuple, Callable]:
        """(the arguments set aside, the others, the function of the others)."""
        if kwargs:
            raise ArgumentError(
                f"{self.name}: {function_name(self.fun)} was called with keyword arguments {sorted(kwargs)}",
                "Pass all arguments by position.",
            )
        if any(i >= len(args) for i in self.nondiff):
            raise ArgumentError(
                f"{self.name}: nondiff_argnums={self.nondiff}, but {function_name(self.fun)} was called with {len(args)} arguments"
            )
        fixed = {i % len(args): args[i] for i in self.nondiff}

        def fun(*dynamic: Any) -> Any:
            rest = iter(dynamic)
            return self.fun(*[fixed[i] if i in fixed else next(rest) for i in range(len(args))])

        return tuple(args[i] for i in self.nondiff), tuple(a for i, a in enumerate(args) if i not in fixed), fun

    def undefined(self, how: str) -> ArgumentError:
        return ArgumentError(f"{self.name}: no derivative was defined for {function_name(self.fun)}", how)


class custom_jvp(_CustomFunction):
    """A function whose derivative is given as a jvp rule, which serves forward and reverse mode.

    Args:
        fun: the function.
        nondiff_argnums: positions of arguments the rule takes as they are, before the others; they need not be arrays.

    `defjvp(rule)`: rule(*nondiff, primals, tangents) returns (output, tangent of the output), linear in tangents. `defjvps(*rules)`: for each
    argument a function (tangent, output, *primals) -> tangent of the output, or None.

    Example:
        >>> import fgrad, numpy as np
        >>> @fgrad.custom_jvp
        ... def log1pexp(x):
        ...     return np.log1p(np.exp(x))
        >>> @log1pexp.defjvp
        ... def _(primals, tangents):
        ...     (x,), (t,) = primals, tangents
        ...     return log1pexp(x), t * (1 - 1 / (1 + np.exp(x)))
        >>> float(fgrad.grad(log1pexp)(0.0))
        0.5
    """

    name = "custom_jvp"
    rule: Callable | None = None

    def defjvp(self, rule: Callable) -> Callable:
        """Gives the rule; can be used as a decorator."""
        self.rule = rule
        return rule

    def defjvps(self, *rules: Callable | None) -> None:
        """Gives a rule for each argument."""

        def rule(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple:
            out = self(*primals)
            parts = [f(t, out, *primals) for f, t in zip(rules, tangents, strict=True) if f is not None]
            if not parts:
                return out, tree.map(lambda o: zeros(aval=typeof(o)), out)
            return out, functools.reduce(lambda a, b: tree.map(lambda x, y: x + y, a, b), parts)

        self.rule = rule

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.rule is None:
            raise self.undefined("Define it with f.defjvp(rule) or f.defjvps(...) before calling f.")
        rule, name = self.rule, function_name(self.fun)
        nondiff, dynamic, fun = self.split(args, kwargs)
        leaves, in_tree = flatten_args(dynamic, f"{name}: argument")
        flat = FlatFunction(fun, in_tree)

        def flat_rule(primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[list, list]:
            ts = [zeros(aval=typeof(p)) if t is None else t for p, t in zip(primals, tangents, strict=True)]
            pair = rule(*nondiff, tree.unflatten(in_tree, primals), tree.unflatten(in_tree, ts))
            if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
                raise ArgumentError(f"custom_jvp: the rule of {name} must return (output, tangent), not {short(pair)}")
            outs, flat.out_tree = tree.flatten(pair[0])
            outs = [tree.canonical_leaf(o, f"custom_jvp: the output of the rule of {name}") for o in outs]
            touts = tree.flatten_like(flat.out_tree, pair[1], f"custom_jvp: the output and the tangent that the rule of {name} returns")
            return outs, [_matching("custom_jvp", name, "tangent", t, typeof(o)) for t, o in zip(touts, outs, strict=True)]

        outs = custom_jvp_call(*leaves, fun=flat, rule=flat_rule, consts=0)
        return flat.unflatten(outs)


class custom_vjp(_CustomFunction):
    """A function whose derivative is given for reverse mode: fwd runs the function and saves what bwd needs.

    Args:
        fun: the function.
        nondiff_argnums: positions of arguments that are passed on as they are; bwd takes them first.

    `defvjp(fwd, bwd)`: fwd(*args) returns (output, residuals); bwd(*nondiff, residuals, ct) returns a tuple with the cotangent of each other argument
    (None for zero). Forward mode (jvp, jacfwd) raises; forward over reverse (hvp, hessian)
    differentiates fwd and bwd, and so works where fwd does not call the function itself.

    Example:
        >>> import fgrad, numpy as np
        >>> @fgrad.custom_vjp
        ... def clip_gradient(x):
        ...     return x
        >>> clip_gradient.defvjp(lambda x: (x, None), lambda _, ct: (np.clip(ct, -1.0, 1.0),))
        >>> float(fgrad.grad(lambda x: clip_gradient(x) * 10.0)(3.0))
        1.0
    """

    name = "custom_vjp"
    rules: tuple[Callable, Callable] | None = None

    def defvjp(self, fwd: Callable, bwd: Callable) -> None:
        """Gives the rules."""
        self.rules = fwd, bwd

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.rules is None:
            raise self.undefined("Define it with f.defvjp(fwd, bwd) before calling f.")
        (fwd, bwd), name = self.rules, function_name(self.fun)
        nondiff, dynamic, fun = self.split(args, kwargs)
        leaves, in_tree = flatten_args(dynamic, f"{name}: argument")
        in_avals = [typeof(x) for x in leaves]
        flat = FlatFunction(fun, in_tree)
        fixed = {i % len(args): args[i] for i in self.nondiff}
        residual_tree: list[tree.TreeDef] = []

        def flat_fwd(*xs: Any) -> tuple[list, list]:
            rest = iter(tree.unflatten(in_tree, xs))
            pair = fwd(*[fixed[i] if i in fixed else next(rest) for i in range(len(args))])
            if not (isinstance(pair, tuple) and len(pair) == 2):
                raise ArgumentError(f"custom_vjp: fwd of {name} must return (output, residuals), not {short(pair)}")
            outs, flat.out_tree = tree.flatten(pair[0])
            residuals, treedef = tree.flatten(pair[1])
            residual_tree[:] = [treedef]
            outs = [tree.canonical_leaf(o, f"custom_vjp: the output of fwd of {name}") for o in outs]
            return outs, [tree.canonical_leaf(r, f"custom_vjp: a residual of {name}") for r in residuals]

        def flat_bwd(residuals: Sequence[Any], cts: Sequence[Any]) -> list:
            found = bwd(*nondiff, tree.unflatten(residual_tree[0], residuals), tree.unflatten(flat.out_tree, cts))
            return _input_cotangents(name, found, in_tree, in_avals)

        outs = custom_vjp_call(*leaves, fun=flat, fwd=flat_fwd, bwd=flat_bwd, consts=0)
        return flat.unflatten(outs)


def _input_cotangents(name: str, found: Any, in_tree: tree.TreeDef, in_avals: Sequence[Any]) -> list:
    """What a bwd returned, as a flat list; None for an argument stands for zeros."""
    children = in_tree.children()
    if not isinstance(found, (tuple, list)) or len(found) != len(children):
        given = f"{len(found)}" if isinstance(found, (tuple, list)) else short(found)
        raise TreeError(
            f"custom_vjp: bwd of {name} must return a tuple of {len(children)} cotangents, one for each argument, and it returned {given}",
            "None stands for zeros; an argument of nondiff_argnums has none.",
        )
    cts: list[Any] = []
    for i, (ct, treedef) in enumerate(zip(found, children, strict=True)):
        avals = in_avals[len(cts) : len(cts) + treedef.num_leaves]
        if ct is None:
            cts += [zeros(aval=a) for a in avals]
            continue
        leaves = tree.flatten_like(treedef, ct, f"custom_vjp: argument {i} of {name} and the cotangent that bwd returned")
        cts += [_matching("custom_vjp", name, f"cotangent of argument {i}", x, a) for x, a in zip(leaves, avals, strict=True)]
    return cts


def _matching(kind: str, name: str, what: str, x: Any, aval: Any) -> Any:
    """A tangent or cotangent that a rule returned, checked against the value's type."""
    if not is_inexact(aval.dtype):
        return None if kind == "custom_jvp" else zeros(aval=aval)
    if getattr(x, "dtype", None) == float0:
        return None if kind == "custom_jvp" else zeros(aval=aval)
    x = tree.canonical_leaf(x, f"{kind}: the {what} of {name}")
    if x.shape != aval.shape:
        raise ShapeError(f"{kind}: the rule of {name} returned a {what} of shape {x.shape}, but the value is {aval!r}")
    if x.dtype != aval.dtype:
        if x.dtype.kind == "c" and aval.dtype.kind != "c":
            raise DtypeError(f"{kind}: the rule of {name} returned a {what} of dtype {x.dtype}, but the value is {aval!r}")
        x = convert(x, dtype=aval.dtype)
    return x


__all__ = ["custom_jvp", "custom_vjp", "stop_gradient"]
