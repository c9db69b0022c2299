"""How NumPy's functions reach traced values, in either spelling.

`@implements(np.f)` registers what `np.f` is on traced values and returns the function `fgrad.numpy` exports: NumPy's own where no argument
is traced. `np.f(tracer)` arrives through NumPy's protocols (`__array_ufunc__`, `__array_function__`), which look in the same tables.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fgrad.core.errors import UnsupportedError
from fgrad.core.trace import Tracer
from fgrad.ops.special import SPECIAL
from fgrad.ops.ufuncs import UFUNCS, Ufunc

FUNCTIONS: dict[Callable, Callable] = {}
"""What each function of NumPy that is not a ufunc is on traced arguments."""
PUBLIC: dict[Callable, Callable] = {}
"""The function of `fgrad.numpy` for each function of NumPy: NumPy's own where nothing is traced."""
UFUNC_METHODS: dict[str, Callable] = {}
"""What `ufunc.reduce` and the other methods of a ufunc are on traced arguments, the ufunc (a `Ufunc`) before them."""
FOREIGN_UFUNCS: list[Callable[[Any, str], Callable | None]] = []
"""Asked, with its method, for what a ufunc that has no rule is on traced arguments."""


def has_tracer(args: Any) -> bool:
    """Whether a tracer is among these arguments, or inside lists and tuples among them."""
    for a in args:
        if isinstance(a, Tracer):
            return True
        if (type(a) is list or type(a) is tuple) and has_tracer(a):
            return True
    return False


def implements(*numpy_functions: Callable, own: Sequence[str] = ()) -> Callable[[Callable], Callable]:
    """Registers the decorated function as what these functions of NumPy are on traced arguments.

    The decorated function has NumPy's signature. What is returned dispatches: to the first NumPy function where nothing is traced.
    `own` are keywords that NumPy's function does not have (`size=`): a call that gives one comes to the decorated function.
    """

    def register(traced: Callable) -> Callable:
        original = numpy_functions[0]
        for f in numpy_functions:
            FUNCTIONS[f] = traced

        @functools.wraps(traced)
        def public(*args: Any, **kwargs: Any) -> Any:
            if has_tracer(args) or (kwargs and (has_tracer(kwargs.values()) or (own and any(kwargs.get(k) is not None for k in own)))):
                return traced(*args, **kwargs)
            if own:
                kwargs = {k: v for k, v in kwargs.items() if k not in own}
            return original(*args, **kwargs)

        public.__doc__ = traced.__doc__ or original.__doc__
        PUBLIC.update(dict.fromkeys(numpy_functions, public))
        return public

    return register


def namespace(name: str, module: Any) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the module `name` of fgrad, which mirrors one of NumPy.

    What has a rule is the function that dispatches, under every alias it has; the rest (constants, dtypes, functions that make arrays of
    plain numbers) is NumPy's own.
    """

    def lookup(attribute: str) -> Any:
        value = None if attribute.startswith("_") else getattr(module, attribute, None)
        if value is None and (attribute.startswith("_") or not hasattr(module, attribute)):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}, and neither has {module.__name__}", name=attribute)
        if isinstance(value, np.ufunc):
            value = UFUNCS.get(value, value)
        elif callable(value):
            value = PUBLIC.get(value, value)
        setattr(sys.modules[name], attribute, value)  # found once: __getattr__ is not asked again
        return value

    def names() -> list[str]:
        return sorted({n for n in (*vars(sys.modules[name]), *dir(module)) if not n.startswith("_")})

    return lookup, names


def missing(name: str, what: str = "function") -> UnsupportedError:
    return UnsupportedError(
        f"the NumPy {what} {name} has no rule for traced values",
        "Write it with functions that have one, wrap it with fgrad.custom_jvp or fgrad.custom_vjp, or add a rule with @implements.",
    )


def unsupported(name: str, **keywords: Any) -> None:
    """Raises where a keyword that traced values do not take is given: `unsupported("sum", out=out)`."""
    for key, value in keywords.items():
        if value is not None:
            raise UnsupportedError(f"{name}: the keyword {key} is not supported on traced values")


@functools.cache
def scipy_ufunc(name: str) -> Ufunc:
    """The ufunc of scipy.special of this name on traced values, made when it is first met: SciPy is not imported before."""
    return Ufunc(getattr(importlib.import_module("scipy.special"), name), SPECIAL[name])


def _is_special(ufunc: np.ufunc) -> bool:
    """Whether it is one of scipy.special that has a rule. Most rules are loaded here, when the first such ufunc is met."""
    if getattr(sys.modules.get("scipy.special"), ufunc.__name__, None) is not ufunc:
        return False
    importlib.import_module("fgrad.scipy.special")
    return ufunc.__name__ in SPECIAL


def _find(ufunc: np.ufunc) -> Ufunc | None:
    found = UFUNCS.get(ufunc)
    if found is None and _is_special(ufunc):
        return scipy_ufunc(ufunc.__name__)
    return found


def _array_ufunc(self: Tracer, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    found = _find(ufunc)
    if found is not None:
        return found.traced(*inputs, **kwargs) if method == "__call__" else UFUNC_METHODS[method](found, *inputs, **kwargs)
    if "numba" in sys.modules:
        importlib.import_module("fgrad.interop.ufuncs")  # registers itself: what NumPy does not know may be Numba's
    for find in FOREIGN_UFUNCS:
        foreign = find(ufunc, method)
        if foreign is not None:
            return foreign(*inputs, **kwargs)
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
