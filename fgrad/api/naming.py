"""Names for parts of a program: `with fgrad.name("layer1"):`, kept by the equations written there."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError
from fgrad.core.source import Scope, current_scope, set_scope


class name:
    """Names the operations of a block, or of a function as `@fgrad.name("layer1")`.

    The name shows where the program is shown: in `make_jaxpr(f)(x).pretty(source=True)`, in errors, and as a part that folds in
    `fgrad.explore.graph`. It changes no result and no compiled program. Blocks nest.

    Args:
        label: any text that is not empty.

    Raises:
        ArgumentError: the label is not a text.

    Example:
        >>> import fgrad, numpy as np
        >>> def f(x):
        ...     with fgrad.name("activation"):
        ...         return np.tanh(x)
        >>> fgrad.make_jaxpr(f)(1.0).eqns[0].source.scope
        Scope(activation)
    """

    def __init__(self, label: str):
        if not isinstance(label, str) or not label.strip():
            raise ArgumentError(f"name: a scope is named by a text, not by {short(label)}", 'Write `with fgrad.name("layer1"):`.')
        self.label = label
        self._before: list[Scope | None] = []  # a stack: one object may be entered again inside itself

    def __enter__(self) -> name:
        self._before.append(current_scope())
        set_scope(Scope(self.label, self._before[-1]))
        return self

    def __exit__(self, *exc: Any) -> None:
        set_scope(self._before.pop())

    def __call__(self, fun: Callable) -> Callable:
        label = self.label

        @functools.wraps(fun)
        def named(*args: Any, **kwargs: Any) -> Any:
            with name(label):
                return fun(*args, **kwargs)

        return named


__all__ = ["name"]
