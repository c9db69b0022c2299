"""Settings of the library, `fgrad.config`; environment variables give their first values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0") not in ("", "0")


@dataclass
class Config:
    """Settings; change them with `fgrad.config.jit = False`.

    jit: `fgrad.jit` stages and compiles (FGRAD_JIT=0: it calls the function as it is).
    compile: staged programs are compiled to kernels (FGRAD_COMPILE=0: they are interpreted).
    """

    jit: bool = _flag("FGRAD_JIT", True)
    compile: bool = _flag("FGRAD_COMPILE", True)


config = Config()


@contextmanager
def disable_jit() -> Iterator[None]:
    """A context in which `jit` calls its function as it is: values are there to be printed, and Python control flow works.

    Example:
        >>> import fgrad
        >>> f = fgrad.jit(lambda x: x * 2 if x > 0 else x)
        >>> with fgrad.disable_jit():
        ...     float(f(3.0))
        6.0
    """
    before, config.jit = config.jit, False
    try:
        yield
    finally:
        config.jit = before
