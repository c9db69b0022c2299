"""How NumPy's functions reach traced values, in either spelling.

`@implements(np.f)` registers what `np.f` is on traced values and returns the function `fgrad.numpy` exports: NumPy's own where no argument
is traced. `np.f(tracer)` arrives through NumPy's protocols (`__array_ufunc__`, `__array_function__`), which look in the same tables.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from fgrad.core.errors import UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.ops.ufuncs import UFUNCS

FUNCTIONS: dict[Callable, Callable] = {}
"""What each function of NumPy that is not a ufunc is on traced arguments."""


def has_tracer(args: Any) -> bool:
    """Whether a tracer is among these arguments, or inside lists and tuples among them."""
    for a in args:
        if isinstance(a, Tracer):
            return True
        if (type(a) is list or type(a) is tuple) and has_tracer(a):
            return True
    return False


def implements(*numpy_functions: Callable) -> Callable[[Callable], Callable]:
    """Registers the decorated function as what these functions of NumPy are on traced arguments.

    The decorated function has NumPy's signature. What is returned dispatches: to the first NumPy function where nothing is traced.
    """

    def register(traced: Callable) -> Callable:
        original = numpy_functions[0]
        for f in numpy_functions:
            FUNCTIONS[f] = traced

        @functools.wraps(traced)
        def public(*args: Any, **kwargs: Any) -> Any:
            if has_tracer(args) or (kwargs and has_tracer(kwargs.values())):
                return traced(*args, **kwargs)
            return original(*args, **kwargs)

        public.__doc__ = traced.__doc__ or original.__doc__
        return public

    return register


def missing(name: str, what: str = "function") -> UnsupportedError:
    return UnsupportedError(
        f"the NumPy {what} {name} has no rule for traced values",
        "Write it with functions that have one, wrap it with fgrad.custom_jvp or fgrad.custom_vjp, or add it to fgrad/numpy with @implements.",
    )


def unsupported(name: str, **keywords: Any) -> None:
    """Raises where a keyword that traced values do not take is given: `unsupported("sum", out=out)`."""
    for key, value in keywords.items():
        if value is not None:
            raise UnsupportedError(f"{name}: the keyword {key} is not supported on traced values")


def _array_ufunc(self: Tracer, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    found = UFUNCS.get(ufunc)
    if method == "__call__" and found is not None:
        return found.traced(*inputs, **kwargs)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    raise missing(name, "ufunc" if method == "__call__" else "ufunc method")


def _array_function(self: Tracer, func: Callable, types: Any, args: Any, kwargs: Any) -> Any:
    found = FUNCTIONS.get(func)
    if found is None:
        module = getattr(func, "__module__", "numpy") or "numpy"
        raise missing(f"{module}.{func.__name__}")
    return found(*args, **kwargs)


Tracer.__array_ufunc__ = _array_ufunc  # type: ignore[attr-defined]
Tracer.__array_function__ = _array_function  # type: ignore[attr-defined]
