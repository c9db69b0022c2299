"""What the public transformations share: functions of flat arguments, and the checks of what users pass in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core import tree
from fgrad.core.avals import PYTHON_SCALARS, float0, is_inexact, short, typeof
from fgrad.core.errors import ArgumentError, DtypeError, ShapeError, TreeError
from fgrad.core.source import function_name
from fgrad.core.trace import Tracer
from fgrad.interop.hook import watch
from fgrad.ops.promote import cast
from fgrad.ops.shapes import zeros


class FlatFunction:
    """A function of pytrees as one of flat leaves; remembers the structure of its last output.

    With `has_aux` the function returns (output, aux): the arrays in aux follow the outputs, so that they are untraced with them.
    """

    __slots__ = ("fun", "in_tree", "kwargs", "has_aux", "out_tree", "outs", "aux", "aux_tree")

    def __init__(self, fun: Callable, in_tree: tree.TreeDef, kwargs: dict[str, Any] | None = None, has_aux: bool = False):
        self.fun, self.in_tree, self.kwargs, self.has_aux = fun, in_tree, kwargs or {}, has_aux
        watch()

    def __call__(self, *leaves: Any) -> list:
        out = self.fun(*tree.unflatten(self.in_tree, leaves), **self.kwargs)
        if self.has_aux:
            if not (isinstance(out, tuple) and len(out) == 2):
                raise ArgumentError(
                    f"with has_aux=True, {function_name(self.fun)} must return a pair (output, aux), and it returned {short(out)}"
                )
            out, aux = out
            self.aux, self.aux_tree = tree.flatten(aux)
        found, self.out_tree = tree.flatten(out)
        self.outs = len(found)
        flat = [tree.canonical_leaf(x, f"the output of {function_name(self.fun)}") for x in found]
        return flat + [x for x in self.aux if isinstance(x, Tracer)] if self.has_aux else flat

    def take_aux(self, outs: list) -> Any:
        """Removes the aux values from `outs`, and returns aux as the user returned it."""
        values = iter(outs[self.outs :])
        del outs[self.outs :]
        return tree.unflatten(self.aux_tree, [next(values) if isinstance(x, Tracer) else x for x in self.aux])

    def unflatten(self, outs: Sequence[Any]) -> Any:
        return tree.unflatten(self.out_tree, outs)


def user_path(path: str, numbers: Sequence[int] | None = None) -> str:
    """Where a leaf of a tuple of arguments is, in words: `[1]['w']` as ` 1['w']`; `numbers` are the arguments' own positions."""
    head, _, tail = path.removeprefix("[").partition("]")
    return f" {numbers[int(head)] if numbers else head}{tail}"


def call_path(path: str, numbers: Sequence[int] | None = None) -> str:
    """The same for a leaf of (args, kwargs): `[0][1]['w']` as ` 1['w']`, `[1]['scale']` as ` scale`."""
    return user_path(path[3:]).replace("'", "", 2) if path.startswith("[1]") else user_path(path[3:], numbers)


def flatten_args(args: tuple, what: str, path: Callable[[str], str] = user_path) -> tuple[list, tree.TreeDef]:
    """Canonical leaves of the arguments, and their structure. Errors name a leaf by `what` and its `path`."""
    leaves, treedef = tree.flatten(args)
    try:
        return [tree.canonical_leaf(x, what) for x in leaves], treedef
    except DtypeError:
        for x, p in zip(leaves, tree.paths(treedef), strict=True):
            tree.canonical_leaf(x, what + path(p))
        raise


def check_argnums(name: str, fun: Callable, argnums: int | Sequence[int], args: tuple, key: str = "argnums") -> tuple[int, ...]:
    """argnums as non-negative positions among the arguments of this call."""
    numbers: tuple[Any, ...] = tuple(argnums) if isinstance(argnums, (tuple, list)) else (argnums,)
    for i in numbers:
        if not isinstance(i, int) or isinstance(i, bool):
            raise ArgumentError(f"{name}: {key} is an int or a tuple of ints, not {argnums!r}", "It counts positional arguments from 0.")
        if not -len(args) <= i < len(args):
            raise ArgumentError(
                f"{name}: {key}={argnums} needs positional argument {i}, but {function_name(fun)} was called with {len(args)} of them",
                "It counts positional arguments from 0; what is given by keyword does not count.",
            )
    found = tuple(int(i) % len(args) for i in numbers)
    if len(set(found)) != len(found):
        raise ArgumentError(f"{name}: {key}={argnums} names an argument twice")
    return found


def with_argnums(fun: Callable, argnums: tuple[int, ...], args: tuple) -> Callable:
    """fun as a function of the arguments `argnums` only."""
    if len(args) == 1:
        return fun

    def partial(*some: Any, **kwargs: Any) -> Any:
        full = list(args)
        for i, x in zip(argnums, some, strict=True):
            full[i] = x
        return fun(*full, **kwargs)

    partial.__qualname__ = function_name(fun)
    partial.__wrapped__ = fun  # type: ignore[attr-defined]
    return partial


def check_inputs(
    name: str, leaves: Sequence[Any], treedef: tree.TreeDef, numbers: Sequence[int], holomorphic: bool, allow_int: bool = False
) -> None:
    """The inputs of a derivative, the arguments `numbers`, are floating point (complex if holomorphic)."""
    for i, x in enumerate(leaves):
        dtype = x.dtype
        if holomorphic and dtype.kind != "c":
            what = "with holomorphic=True inputs must be complex"
        elif not holomorphic and not is_inexact(dtype) and not allow_int:
            what = "inputs must be floating point"
        else:
            continue
        raise DtypeError(
            f"{name}: {what}, but argument{user_path(tree.paths(treedef)[i], numbers)} is {short(typeof(x))}",
            "Convert it (x.astype(float), or 3.0 for 3), or leave it out of argnums."
            if not holomorphic
            else "Convert it with .astype(complex).",
        )


def check_like(name: str, what: str, given: Any, treedef: tree.TreeDef, avals: Sequence[Any]) -> list:
    """Tangents or cotangents for values of these types: the same structure and shapes. None stands for those of integers and booleans."""
    leaves, found = tree.flatten(given)
    if found != treedef:
        raise TreeError(
            f"{name}: the {what} must have the structure of the {'primals' if what == 'tangents' else 'output'}",
            f"expected {tree.show(treedef)}",
            f"found    {tree.show(found)}",
        )
    return [_check_leaf(name, what, x, a, treedef, i) for i, (x, a) in enumerate(zip(leaves, avals, strict=True))]


def _check_leaf(name: str, what: str, x: Any, aval: Any, treedef: tree.TreeDef, i: int) -> Any:
    one = what.removesuffix("s")
    if not is_inexact(aval.dtype):
        if getattr(x, "dtype", None) == float0:
            return None
        raise DtypeError(
            f"{name}: the {one}{tree.paths(treedef)[i]} of a value of type {aval!r} must be of dtype float0, and is {short(x)}",
            f"Integers and booleans have no {what}; pass np.zeros(shape, fgrad.float0), or close over the value.",
        )
    if type(x) in PYTHON_SCALARS and not (type(x) is complex and aval.dtype.kind != "c"):
        x = cast(x, aval.dtype)
    x = tree.canonical_leaf(x, f"{name}: the {one}{tree.paths(treedef)[i] if treedef.num_leaves > 1 else ''}")
    if x.shape != aval.shape:
        raise ShapeError(
            f"{name}: the {one}{tree.paths(treedef)[i]} has shape {x.shape}, but its value is {aval!r}",
            f"A {one} has the shape of its value.",
        )
    if x.dtype != aval.dtype:
        raise DtypeError(
            f"{name}: the {one}{tree.paths(treedef)[i]} has dtype {x.dtype}, but its value is {aval!r}",
            f"Convert it with .astype({aval.dtype}).",
        )
    return x


def instantiate(ct: Any, aval: Any) -> Any:
    """A tangent or cotangent as the user gets it: zeros for a symbolic zero, and float0 for what has none."""
    if not is_inexact(aval.dtype):
        return np.zeros(aval.shape, float0)
    return zeros(aval=aval) if ct is None else ct


def owned(values: list) -> list:
    """Arrays that share no memory with each other or with anything else, so that users may change them in place.

    Another holder of the array (an argument, a residual of a vjp that can be called again, a constant of a compiled program) shows in its
    reference count; a view shows by its base. (The base of an array that Numba made is its memory, which nothing else has.)
    """
    for i in range(len(values)):
        x = values[i]
        if type(x) is np.ndarray and (isinstance(x.base, np.ndarray) or not x.flags.writeable or _references(values, i) > _ALONE):
            values[i] = x.copy()
    return values


def _references(values: list, i: int) -> int:
    return sys.getrefcount(values[i])


def _references_of_new() -> int:
    values = [np.empty(0)]
    x = values[0]
    count = _references(values, 0)
    del x
    return count


_ALONE = _references_of_new()
