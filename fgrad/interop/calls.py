"""@njit functions on traced values: their Python source runs in place of the machine code, and is traced.

`hook.py` notices such calls. Imports `namespace` and `arrays`, which say what the source means; `ufuncs.py` does the same for @vectorize and @guvectorize.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from fgrad.core.errors import ConcretizationError, FgradError, MutationError, UnsupportedError
from fgrad.core.source import function_source
from fgrad.interop.arrays import local, plain
from fgrad.interop.hook import RUN
from fgrad.interop.namespace import inside, traced_source, translated

_PASSED = "an argument of the Numba function, which would change its caller's array"


def call_source(function: Any, args: tuple) -> Any:
    """Runs the Python function under a Numba function on traced values.

    Raises:
        FgradError: what the source does that traced values cannot, and what to do, on the line of the source.
    """
    module = function.__module__ or ""
    jitclass = "__numba_cls_" in function.__globals__
    if jitclass or module.partition(".")[0] == "numba":
        raise UnsupportedError(
            f"{'a jitclass' if jitclass else module} holds values of Numba's types, and cannot hold traced ones",
            "Use a tuple, a NamedTuple, or a list.",
        )
    source = traced_source(function)
    if inside.get():
        return source(*local(args))
    found = _entered(function, source, *[translated(a) if callable(a) else local(a, _PASSED) for a in args])
    return _generated(function, found) if isinstance(found, Generator) else found


def _entered(function: Any, source: Callable, *args: Any) -> Any:
    """What source gives to a caller that is none."""
    token = inside.set(True)
    try:
        return plain(source(*args))
    except FgradError as e:
        explain(e, function)
        raise
    finally:
        inside.reset(token)


def _generated(function: Any, source: Generator) -> Generator:
    """A generator of @njit, each of whose steps is source."""
    while True:
        try:
            value = _entered(function, source.__next__)
        except StopIteration:
            return
        yield value


RUN.append(call_source)

_INSTEAD = {
    ConcretizationError: "A Python function, without @njit, has fgrad.fori_loop for `for i in range(n)`, fgrad.while_loop for `while`, and"
    " fgrad.cond or np.where for `if`. Or keep what it depends on out of the traced arguments (static_argnums of jit, argnums of grad).",
    MutationError: "Arrays that are made inside of the function can be assigned to.",
}


def explain(error: FgradError, function: Any) -> None:
    """Adds to an error what it has to do with Numba."""
    source = function_source(function)
    where = f" ({source.place})" if source else ""
    more = [f"The Python source of the Numba function `{function.__name__}`{where} was being traced."]
    more += [text for kind, text in _INSTEAD.items() if isinstance(error, kind)]
    more.append(f"fgrad.lift({function.__name__}, jvp=...) calls the compiled function instead, with a derivative that you give.")
    error.hints += tuple(more)
    error.args = ("\n  ".join([str(error), *more]),)
