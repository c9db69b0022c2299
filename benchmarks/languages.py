"""The libraries that are measured, each behind the same few functions, so that a workload is written once and runs in all of them.

Imports NumPy and fgrad; the others where they are asked for.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad
from fgrad.core import tree


@dataclass(frozen=True)
class Language:
    """A library as the workloads use it; what it lacks is None.

    np, special: its NumPy, and its `erf`.
    scan, while_loop, fori_loop: as in jax.lax. Where a library has none they are loops of Python.
    add_at: x with v added at the indices i of its first axis.
    array, wait: makes its array of a NumPy array; waits until a result is there (None: it is there).
    jit: compiles a function, or returns it.
    value_and_grad, grad: of a function's first argument. hessian: a matrix, of a vector.
    hvp: `hvp(f)(x, v, *data)`, the Hessian in x times v. per_example: the gradients of f(x, *row) for each row of the data.
    jvp: `jvp(f, (x,), (t,))`.
    """

    name: str
    np: Any
    special: Any
    scan: Callable
    while_loop: Callable
    fori_loop: Callable
    add_at: Callable[[Any, Any, Any], Any]
    array: Callable[[Any], Any]
    wait: Callable[[Any], Any] | None = None
    jit: Callable[[Callable], Callable] = lambda f: f
    value_and_grad: Callable[[Callable], Callable] | None = None
    grad: Callable[[Callable], Callable] | None = None
    hessian: Callable[[Callable], Callable] | None = None
    hvp: Callable[[Callable], Callable] | None = None
    per_example: Callable[[Callable], Callable] | None = None
    jvp: Callable[..., Any] | None = None

    def inputs(self, args: Any) -> Any:
        """Its arrays for NumPy's."""
        return tree.map(self.array, args)

    def call(self, f: Callable, args: tuple) -> Callable[[], Any]:
        """What is timed: f of these arguments, which are its arrays, with nothing around it that the library does not need."""
        run, wait = functools.partial(f, *args), self.wait
        return run if wait is None else lambda: wait(run())


def leaves(x: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in tree.leaves(x)]


def of_numpy(x: Any) -> Any:
    """NumPy's scalars rather than its 0-d arrays: what its own functions return."""
    return np.asarray(x)[()]


# -- loops of Python, for libraries that have no others


def python_scan(stack: Callable[[list], Any]) -> Callable:
    def scan(f: Callable, init: Any, xs: Any) -> tuple[Any, Any]:
        rows, structure = tree.flatten(xs)
        carry, ys = init, []
        for i in range(len(rows[0])):
            carry, y = f(carry, tree.unflatten(structure, [row[i] for row in rows]))
            ys.append(y)
        return carry, tree.map(lambda *some: stack(list(some)), *ys)

    return scan


def python_while(go_on: Callable, step: Callable, x: Any) -> Any:
    while go_on(x):
        x = step(x)
    return x


def python_for(start: int, stop: int, step: Callable, x: Any) -> Any:
    for i in range(start, stop):
        x = step(i, x)
    return x


# -- the libraries


def _numpy() -> Language:
    import scipy.special

    def add_at(x: Any, i: Any, v: Any) -> Any:
        out = x.copy()
        np.add.at(out, i, v)
        return out

    return Language("NumPy", np, scipy.special, python_scan(np.stack), python_while, python_for, add_at, of_numpy)


def _fgrad() -> Language:
    return Language(
        "fgrad",
        np,
        fgrad.scipy.special,
        fgrad.scan,
        fgrad.while_loop,
        fgrad.fori_loop,
        lambda x, i, v: fgrad.numpy.at(x)[i].add(v),
        of_numpy,
        jit=fgrad.jit,
        value_and_grad=fgrad.value_and_grad,
        grad=fgrad.grad,
        hessian=fgrad.hessian,
        hvp=lambda f: lambda x, v, *data: fgrad.hvp(lambda x: f(x, *data), (x,), (v,)),
        per_example=lambda f: lambda x, *data: fgrad.vmap(fgrad.grad(f), in_axes=(None, *(0 for _ in data)))(x, *data),
        jvp=fgrad.jvp,
    )


def _jax() -> Language:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    return Language(
        "JAX",
        jnp,
        jax.scipy.special,
        jax.lax.scan,
        jax.lax.while_loop,
        jax.lax.fori_loop,
        lambda x, i, v: x.at[i].add(v),
        jnp.asarray,
        jax.block_until_ready,
        jit=jax.jit,
        value_and_grad=jax.value_and_grad,
        grad=jax.grad,
        hessian=jax.hessian,
        hvp=lambda f: lambda x, v, *data: jax.jvp(jax.grad(lambda x: f(x, *data)), (x,), (v,))[1],
        per_example=lambda f: lambda x, *data: jax.vmap(jax.grad(f), in_axes=(None, *(0 for _ in data)))(x, *data),
        jvp=jax.jvp,
    )


def _autograd() -> Language:
    import autograd
    import autograd.numpy as anp
    import autograd.scipy.special
    from autograd.core import make_jvp

    return Language(
        "autograd",
        anp,
        autograd.scipy.special,
        python_scan(anp.stack),
        python_while,
        python_for,
        _no_scatter,
        of_numpy,
        value_and_grad=autograd.value_and_grad,  # type: ignore[arg-type]
        grad=autograd.grad,  # type: ignore[arg-type]
        hessian=autograd.hessian,  # type: ignore[arg-type]
        hvp=lambda f: lambda x, v, *data: autograd.hessian_vector_product(f)(x, *data, v),
        jvp=lambda f, primals, tangents: make_jvp(f, *primals)(*tangents),
    )


def _no_scatter(x: Any, i: Any, v: Any) -> Any:
    raise NotImplementedError("autograd has no functional form of np.add.at")


class _TorchNumpy:
    """NumPy's names in PyTorch, where they are others or take no numbers."""

    def __init__(self, torch: Any):
        tensor = lambda x: x if isinstance(x, torch.Tensor) else torch.as_tensor(x)
        self._torch = torch
        self.max, self.transpose, self.linalg = torch.amax, torch.permute, torch.linalg
        self.maximum = lambda x, y: torch.maximum(tensor(x), tensor(y))
        self.minimum = lambda x, y: torch.minimum(tensor(x), tensor(y))
        self.logaddexp = lambda x, y: torch.logaddexp(tensor(x), tensor(y))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._torch, name)


def _torch() -> Language:
    import torch

    torch.set_default_dtype(torch.float64)

    def value_and_grad(f: Callable) -> Callable:
        def both(x: Any, *data: Any) -> Any:
            tensors, structure = tree.flatten(x)
            active = [t.detach().requires_grad_() for t in tensors]
            value = f(tree.unflatten(structure, active), *data)
            return value.detach(), tree.unflatten(structure, torch.autograd.grad(value, active))

        return both

    def grad(f: Callable) -> Callable:
        both = value_and_grad(f)
        return lambda *args: both(*args)[1]

    return Language(
        "torch",
        _TorchNumpy(torch),
        torch.special,
        python_scan(torch.stack),
        python_while,
        python_for,
        lambda x, i, v: torch.index_add(x, 0, i, v),
        torch.as_tensor,
        value_and_grad=value_and_grad,
        grad=grad,
        hessian=lambda f: lambda x, *data: torch.func.hessian(lambda x: f(x, *data))(x),
        hvp=lambda f: lambda x, v, *data: torch.func.jvp(torch.func.grad(lambda x: f(x, *data)), (x,), (v,))[1],
        per_example=lambda f: lambda x, *data: torch.func.vmap(torch.func.grad(f), in_dims=(None, *(0 for _ in data)))(x, *data),
        jvp=torch.func.jvp,
    )


_MAKERS = {"fgrad": _fgrad, "JAX": _jax, "torch": _torch, "autograd": _autograd, "NumPy": _numpy}
LIBRARIES = tuple(_MAKERS)
RIVALS = (*LIBRARIES[1:], "Numba")
"""What fgrad is measured against. Numba has no text in common with the others: what it runs is written by hand."""


@functools.cache
def language(name: str) -> Language:
    return _MAKERS[name]()


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(name.lower()) is not None


def version(name: str) -> str:
    return importlib.metadata.version(name.lower())
