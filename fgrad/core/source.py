"""Where in the user's code something happened.

An error, an equation and a leaked tracer each point at a line of the user. A `Source` is that line, found by walking the
stack past the frames of fgrad and of the libraries that call back into it. It is cheap to record (no text is read until it is printed).
It also knows the names that the user gave to this part of the program, with `fgrad.name`.
"""

from __future__ import annotations

import linecache
import os
import sys
from contextvars import ContextVar
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

_FGRAD = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__))) + os.sep
_EXAMPLES = _FGRAD + "examples" + os.sep  # are written as a user would
_INTERNAL_FOLDERS = (_FGRAD, _PACKAGES)  # the user is neither fgrad nor an installed library that calls back into it
_INTERNAL_FILES = ("functools.py", "contextlib.py", "contextvars.py")
_internal: dict[CodeType, bool] = {}


class Scope:
    """One run of a `with fgrad.name(...)` block, inside another or None. Equal only to itself: a block that runs twice makes two."""

    __slots__ = ("name", "parent")

    def __init__(self, name: str, parent: Scope | None):
        self.name, self.parent = name, parent

    @property
    def path(self) -> str:
        """`encoder/layer1`."""
        return f"{self.parent.path}/{self.name}" if self.parent else self.name

    def __repr__(self) -> str:
        return f"Scope({self.path})"


_scope: ContextVar[Scope | None] = ContextVar("fgrad_scope", default=None)
current_scope = _scope.get
set_scope = _scope.set


class Source(NamedTuple):
    """A line of the user's code, and the named scope it ran in."""

    filename: str
    line: int
    function: str
    scope: Scope | None = None

    @property
    def place(self) -> str:
        """`model.py:17`, relative to the working directory where that is shorter; `In[3]:2` for a cell of a notebook."""
        name = self.filename
        cell = _cell(name)
        if cell is not None:
            return f"In[{cell}]:{self.line}"
        if os.path.isabs(name):
            relative = os.path.relpath(name) if name[:1] == os.getcwd()[:1] else name
            name = relative if not relative.startswith("..") else os.path.basename(name)
        return f"{name}:{self.line}"

    @property
    def text(self) -> str:
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        place = f"{self.place} in {self.scope.path}" if self.scope else self.place
        return f"{place}   {self.text}" if self.text else place


def _cell(filename: str) -> int | None:
    """The number of the notebook's cell that is compiled under this file name."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(getattr(shell, "compile", None), "_filename_map", {}).get(filename)


def _is_internal(code: CodeType) -> bool:
    name = code.co_filename
    library = name.startswith(_INTERNAL_FOLDERS) and not name.startswith(_EXAMPLES)
    found = library or os.path.basename(name) in _INTERNAL_FILES
    _internal[code] = found
    return found


def user_source(depth: int = 1) -> Source | None:
    """The innermost line on the stack that is not fgrad's own, or None (a stack with no user on it)."""
    frame = sys._getframe(depth)
    known = _internal
    while frame is not None:
        code = frame.f_code
        inside = known.get(code)
        if inside is None:
            inside = _is_internal(code)
        if not inside:
            return Source(code.co_filename, frame.f_lineno, code.co_name, current_scope())
        frame = frame.f_back
    return None


def function_name(fun: Any) -> str:
    """A function's name as the user knows it."""
    fun = getattr(fun, "func", fun)  # functools.partial
    return getattr(fun, "__name__", None) or type(fun).__name__


def function_source(fun: Any) -> Source | None:
    """The line a function is defined on."""
    code = getattr(getattr(fun, "func", fun), "__code__", None)
    return Source(code.co_filename, code.co_firstlineno, code.co_name) if code else None
