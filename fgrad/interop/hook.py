"""How calls of Numba functions with traced arguments are noticed, at no cost to other calls.

Numba asks a value that it does not know for its `_numba_type_`. That question is the hook: the first tracer that meets a Numba function answers it (to
Numba it is a Python object), and puts two functions in the way Numba goes from there, which is the way to a compilation. So a call for which there is a
compiled version runs as it did, it does not matter which library is imported first, and fgrad never imports Numba. Of what a function closes over,
Numba asks too late; for tracers there, the hook is also set when a transformation starts and Numba is loaded (`watch`).

Imports core only. `calls.py` says what runs instead.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from typing import Any

from fgrad.core.trace import Tracer

RUN: list[Callable[[Any, tuple], Any]] = []
"""The function that runs the source of a Numba function on traced arguments."""
_lock = threading.Lock()
_set = False
_reopened: set[Any] = set()  # functions of fixed signatures that are to be compiled, for a moment


class SourceValue:
    """A value that stands for a tracer in the source of a Numba function."""

    __slots__ = ()


def watch() -> None:
    """Sets the hook if Numba is loaded."""
    if not _set and "numba.core.dispatcher" in sys.modules:
        _set_hook()


def _numba_type(self: Any) -> Any:
    if "numba.core.dispatcher" not in sys.modules:
        raise AttributeError("_numba_type_")
    _set_hook()
    return sys.modules["numba.core.types"].pyobject


Tracer._numba_type_ = SourceValue._numba_type_ = property(_numba_type)  # type: ignore[attr-defined]


def _set_hook() -> None:
    global _set
    with _lock:
        if not _set:
            _set = True
            base = getattr(sys.modules["numba.core.dispatcher"], "_DispatcherBase", None)
            # of a Numba that we do not know, its own error says that it cannot type a tracer
            if hasattr(base, "_compile_for_args") and hasattr(base, "_search_new_conversions"):
                _wrap(base)


def _wrap(base: Any) -> None:
    compile_for_args, search_new_conversions = base._compile_for_args, base._search_new_conversions

    def compile_or_trace(self: Any, *args: Any, **kwargs: Any) -> Any:
        """In place of Numba's, which is called for arguments that no compiled version takes, and returns what to call with them."""
        if is_traced(args):
            if self in _reopened:
                _reopened.discard(self)
                self._can_compile = False
        elif not _closes_over_tracers(self.py_func):
            return compile_for_args(self, *args, **kwargs)
        importlib.import_module("fgrad.interop.calls")  # registers itself
        return lambda *xs: RUN[0](self.py_func, _unfolded(self, xs))

    def search_or_trace(self: Any, *args: Any, **kwargs: Any) -> bool:
        """In place of Numba's, which a function of fixed signatures asks for conversions of its arguments."""
        if not is_traced(args):
            return search_new_conversions(self, *args, **kwargs)
        _reopened.add(self)
        self._can_compile = True  # so that Numba goes on to `compile_or_trace`, which takes it back
        return False

    base._compile_for_args, base._search_new_conversions = compile_or_trace, search_or_trace


def is_traced(args: Any) -> bool:
    """Whether there is a traced value among these, or inside tuples and lists among them."""
    for a in args:
        if isinstance(a, (Tracer, SourceValue)):
            return True
        if isinstance(a, (tuple, list)) and is_traced(a):
            return True
    return False


def _closes_over_tracers(function: Any) -> bool:
    for cell in function.__closure__ or ():
        try:
            if is_traced((cell.cell_contents,)):
                return True
        except ValueError:  # not assigned yet
            continue
    return False


def _unfolded(dispatcher: Any, args: tuple) -> tuple:
    """The arguments for the Python function: Numba has put keywords and defaults in their places, and *args into a tuple."""
    omitted = sys.modules["numba.core.dispatcher"].OmittedArg
    args = tuple(a.value if isinstance(a, omitted) else a for a in args)
    return (*args[:-1], *args[-1]) if dispatcher.py_func.__code__.co_flags & 0x04 else args  # CO_VARARGS
