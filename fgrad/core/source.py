"""Where in the user's code something happened.

An error, an equation and a leaked tracer each point at a line of the user. A `Source` is that line, found by walking the
stack past the frames of fgrad and of the libraries that call back into it. It is cheap to record (no text is read until it is printed).
"""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

_FGRAD = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(np.__file__))) + os.sep
_INTERNAL_FOLDERS = (_FGRAD, _PACKAGES)  # the user is neither fgrad nor an installed library that calls back into it
_INTERNAL_FILES = ("functools.py", "contextlib.py", "contextvars.py")
_internal: dict[CodeType, bool] = {}


class Source(NamedTuple):
    """A line of the user's code."""

    filename: str
    line: int
    function: str

    @property
    def place(self) -> str:
        """`model.py:17`, relative to the working directory where that is shorter."""
        name = self.filename
        if os.path.isabs(name):
            relative = os.path.relpath(name) if name[:1] == os.getcwd()[:1] else name
            name = relative if not relative.startswith("..") else os.path.basename(name)
        return f"{name}:{self.line}"

    @property
    def text(self) -> str:
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        return f"{self.place}   {self.text}" if self.text else self.place


def _is_internal(code: CodeType) -> bool:
    name = code.co_filename
    found = name.startswith(_INTERNAL_FOLDERS) or os.path.basename(name) in _INTERNAL_FILES
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
            return Source(code.co_filename, frame.f_lineno, code.co_name)
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
