"""The libraries that eager fgrad is measured against, each behind the same few functions. Those that are not installed are left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import fgrad

Tree = dict[str, np.ndarray]


@dataclass(frozen=True)
class Library:
    """A library as the benchmarks use it.

    np: its NumPy, with which the measured functions are written.
    array: makes its array of a NumPy array; wait: waits until a result is there.
    value_and_grad, grad: of a function of a dict or an array. jvp: `(f, x, t) -> (f(x), tangent)`.
    per_example: vmap of grad over the second argument.
    """

    name: str
    np: Any
    array: Callable[[Any], Any]
    wait: Callable[[Any], Any]
    grad: Callable[[Callable], Callable]
    value_and_grad: Callable[[Callable], Callable]
    jvp: Callable[[Callable, Any, Any], Any] | None
    per_example: Callable[[Callable], Callable] | None


def same(x: Any) -> Any:
    return x


def _fgrad() -> Library:
    return Library(
        "fgrad", np, np.asarray, same, fgrad.grad, fgrad.value_and_grad,
        jvp=lambda f, x, t: fgrad.jvp(f, (x,), (t,)),
        per_example=lambda f: fgrad.vmap(fgrad.grad(f), in_axes=(None, 0)),
    )  # fmt: skip


def _autograd() -> Library:
    import autograd
    import autograd.numpy as anp
    from autograd.core import make_jvp

    return Library(
        "autograd", anp, np.asarray, same, autograd.grad, autograd.value_and_grad,
        jvp=lambda f, x, t: make_jvp(f, x)(t),
        per_example=None,
    )  # fmt: skip


def _jax() -> Library:
    import jax
    import jax.numpy as jnp

    return Library(
        "JAX, eager", jnp, jnp.asarray, jax.block_until_ready, jax.grad, jax.value_and_grad,
        jvp=lambda f, x, t: jax.jvp(f, (x,), (t,)),
        per_example=lambda f: jax.vmap(jax.grad(f), in_axes=(None, 0)),
    )  # fmt: skip


class _TorchNumpy:
    """The few functions of NumPy that the benchmarks write their losses with, in PyTorch."""

    def __init__(self, torch: Any):
        self.sin, self.tanh, self.exp, self.log, self.mean = torch.sin, torch.tanh, torch.exp, torch.log, torch.mean
        self.sum, self.max = torch.sum, torch.amax


def _torch() -> Library:
    import torch

    torch.set_num_threads(1)

    def value_and_grad(f: Callable) -> Callable:
        def both(x: Any, *rest: Any) -> Any:
            leaves = x if isinstance(x, dict) else {"": x}
            hot = {k: v.detach().requires_grad_() for k, v in leaves.items()}
            value = f(hot if isinstance(x, dict) else hot[""], *rest)
            grads = torch.autograd.grad(value, list(hot.values()))
            return value.detach(), dict(zip(hot, grads, strict=True)) if isinstance(x, dict) else grads[0]

        return both

    def grad(f: Callable) -> Callable:
        both = value_and_grad(f)
        return lambda *args: both(*args)[1]

    return Library(
        "torch, eager", _TorchNumpy(torch), torch.as_tensor, same, grad, value_and_grad,
        jvp=lambda f, x, t: torch.func.jvp(f, (x,), (t,)),
        per_example=lambda f: torch.func.vmap(torch.func.grad(f), in_dims=(None, 0)),
    )  # fmt: skip


def installed() -> list[Library]:
    """fgrad, and the others that can be imported; says which cannot."""
    found = [_fgrad()]
    for name, make in (("autograd", _autograd), ("JAX", _jax), ("torch", _torch)):
        try:
            found.append(make())
        except ImportError as e:
            print(f"{name} is left out: {e}")
    return found
