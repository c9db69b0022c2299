"""Pytrees: nested containers whose leaves are arrays.

A thin layer over optree: dict, list, tuple, None, NamedTuple, OrderedDict, deque, types the user registered, and dataclasses, which
need no registration (they are registered the first time one is met; a field with `metadata={"static": True}` is part of the structure).
Also what fgrad takes as a leaf, and the error when something else is found.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import optree

from fgrad.core.errors import DtypeError, TreeError
from fgrad.core.trace import Tracer, leaked

_NAMESPACE = "fgrad"
_PLAIN_LEAVES = {np.ndarray, float, int, bool, complex, np.float64, np.float32, np.int64, np.int32, np.bool_, np.complex128, str, type}
_lock = threading.Lock()

TreeDef = optree.PyTreeSpec
LEAF: TreeDef = optree.tree_structure(0, namespace=_NAMESPACE)  # type: ignore[arg-type]


def _is_new_dataclass(x: Any) -> bool:
    t = type(x)
    return t not in _PLAIN_LEAVES and dataclasses.is_dataclass(t) and not isinstance(x, Tracer)


def register_dataclass(cls: type) -> type:
    """Makes a dataclass a pytree: its fields are children, but for those with `metadata={"static": True}`. Called by itself when needed."""
    fields = dataclasses.fields(cls)
    children = tuple(f.name for f in fields if not f.metadata.get("static"))
    static = tuple(f.name for f in fields if f.metadata.get("static"))

    def flatten_fields(x: Any) -> tuple[tuple, tuple, tuple]:
        return tuple(getattr(x, n) for n in children), tuple(getattr(x, n) for n in static), children

    def unflatten_fields(meta: tuple, values: Iterable) -> Any:
        # not through __init__, which may convert or check its arguments; leaves may be tracers
        x = object.__new__(cls)
        for name, value in zip((*children, *static), (*values, *meta), strict=True):
            object.__setattr__(x, name, value)
        return x

    with _lock:
        try:
            optree.register_pytree_node(cls, flatten_fields, unflatten_fields, namespace=_NAMESPACE)  # type: ignore[arg-type]
        except ValueError:  # another thread was faster, or the user registered it
            pass
    return cls


def register_pytree_node(
    cls: type, flatten_func: Callable[[Any], tuple[Iterable, Any]], unflatten_func: Callable[[Any, Iterable], Any]
) -> type:
    """Makes a class of the user's a pytree node.

    Args:
        cls: the class.
        flatten_func: `x -> (children, metadata)`; the metadata is hashable and takes part in comparisons of structure.
        unflatten_func: `(metadata, children) -> x`.

    Example:
        >>> import fgrad
        >>> class Interval:
        ...     def __init__(self, low, high):
        ...         self.low, self.high = low, high
        >>> _ = fgrad.tree.register_pytree_node(Interval, lambda i: ((i.low, i.high), None), lambda _, c: Interval(*c))
        >>> g = fgrad.grad(lambda i: i.high ** 2 - i.low)(Interval(1.0, 3.0))
        >>> float(g.low), float(g.high)
        (-1.0, 6.0)
    """
    optree.register_pytree_node(cls, flatten_func, unflatten_func, namespace=_NAMESPACE)  # type: ignore[arg-type]
    return cls


def flatten(tree: Any) -> tuple[list, TreeDef]:
    """The leaves of a pytree and its structure."""
    if type(tree) is np.ndarray or type(tree) is float:
        return [tree], LEAF
    leaves, treedef = optree.tree_flatten(tree, namespace=_NAMESPACE)
    for x in leaves:
        if type(x) not in _PLAIN_LEAVES and _is_new_dataclass(x):
            register_dataclass(type(x))
            return flatten(tree)
    return leaves, treedef  # type: ignore[return-value]


def unflatten(treedef: TreeDef, leaves: Iterable) -> Any:
    """The pytree of this structure with these leaves."""
    if treedef is LEAF:
        (leaf,) = leaves
        return leaf
    return optree.tree_unflatten(treedef, leaves)  # type: ignore[arg-type]


def leaves(tree: Any) -> list:
    """The leaves of a pytree, in order."""
    return flatten(tree)[0]


def structure(tree: Any) -> TreeDef:
    """The structure of a pytree."""
    return flatten(tree)[1]


def map(f: Callable, tree: Any, *rest: Any) -> Any:
    """`f` applied to the corresponding leaves of pytrees of one structure.

    Example:
        >>> import fgrad
        >>> fgrad.tree.map(lambda p, g: p - g, {"w": 3, "b": 1}, {"w": 1, "b": 1})
        {'w': 2, 'b': 0}
    """
    first, treedef = flatten(tree)
    others = [flatten_like(treedef, r, "tree.map: trees") for r in rest]
    return unflatten(treedef, [f(*xs) for xs in zip(first, *others, strict=True)])


def flatten_like(treedef: TreeDef, tree: Any, what: str) -> list:
    """The leaves of `tree`, whose structure must be `treedef`; `what` begins the message if it is not."""
    found, other = flatten(tree)
    if other != treedef:
        raise TreeError(f"{what} have different structures", f"expected {show(treedef)}", f"found    {show(other)}")
    return found


def show(treedef: TreeDef) -> str:
    """The structure as the user would write it, `*` for a leaf."""
    return str(treedef).removeprefix("PyTreeSpec(").removesuffix(")").replace(f", namespace={_NAMESPACE!r}", "")


def paths(treedef: TreeDef) -> list[str]:
    """Where each leaf is, as the user would index it: `['w'][0]`, `.bias`; empty for a bare leaf."""
    return [a.codify("") for a in treedef.accessors()]


class _Unmapped:
    """Stands for None where None is a value and not an empty tree."""


def broadcast_prefix(prefix: Any, treedef: TreeDef, what: str) -> list:
    """A leaf of `prefix` (None counts as one) for each leaf of `treedef`."""
    marked = optree.tree_map(lambda a: _Unmapped if a is None else a, prefix, none_is_leaf=True, namespace=_NAMESPACE)
    full = unflatten(treedef, [0] * treedef.num_leaves)
    try:
        found = optree.broadcast_prefix(marked, full, namespace=_NAMESPACE)
    except ValueError as e:
        raise TreeError(f"{what} is not a prefix of the tree it is for", f"{what}: {prefix!r}", f"tree: {show(treedef)}") from e
    return [None if a is _Unmapped else a for a in found]


_CANONICAL = {float: np.float64, int: np.int64, bool: np.bool_, complex: np.complex128}


def canonical_leaf(x: Any, what: str = "an argument") -> Any:
    """A leaf as fgrad computes with it: an ndarray, a NumPy scalar or a tracer; raises for anything else."""
    t = type(x)
    if t is np.ndarray:
        if x.dtype.kind not in "fcuib" and x.dtype.names is None:
            raise DtypeError(
                f"{what} has dtype {x.dtype}, and is not numeric", "Convert it with .astype(float), or keep it out of the arguments."
            )
        return x
    make = _CANONICAL.get(t)
    if make is not None:
        return make(x)
    if isinstance(x, (np.generic, Tracer)):
        if isinstance(x, Tracer) and x._trace.done:
            raise leaked(x)
        if x.dtype.kind in "fcuib":
            return x
    elif isinstance(x, np.ndarray) or hasattr(x, "__array__"):
        return canonical_leaf(np.asarray(x), what)
    raise DtypeError(
        f"{what} is {x!r:.60} of type {t.__name__}, which is not a numeric array",
        "What is traced is arrays, numbers, and dicts, lists, tuples and dataclasses of them. Leave anything else out of the arguments and results"
        " (a function may close over it; static_argnums of fgrad.jit leaves an argument untraced, 0 for the self of a method),"
        " or register its type with fgrad.tree.register_pytree_node.",
    )
