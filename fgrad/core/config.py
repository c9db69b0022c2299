"""Settings of the library, `fgrad.config`; environment variables give their first values."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0") not in ("", "0")


def _default_level() -> int:
    given = os.environ.get("FGRAD_OPT_LEVEL", "")
    return int(given) if given in ("0", "1", "2", "3") else 3


def _default_threads() -> int:
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        given = os.environ.get(name, "").split(",")[0]
        if given.isdigit() and int(given):
            return int(given)
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


@dataclass
class Config:
    """Settings; change them with `fgrad.config.jit = False`.

    jit: `fgrad.jit` stages and compiles (FGRAD_JIT=0: it calls the function as it is).
    compile: staged programs are compiled to kernels (FGRAD_COMPILE=0: they are interpreted).
    threads: compiled loops of enough work run on so many threads (NUMBA_NUM_THREADS or OMP_NUM_THREADS; by default one for each core). Sums over
        the outermost loop are added up part by part, so results depend on this number in their last digits, and on nothing else.
    opt_level: how hard LLVM works on what is compiled from now on, 0 to 3 (FGRAD_OPT_LEVEL). Below 2 loops are not vectorised: first calls take about a
        quarter of the time, and the others longer.
    """

    jit: bool = _flag("FGRAD_JIT", True)
    compile: bool = _flag("FGRAD_COMPILE", True)
    threads: int = field(default_factory=_default_threads)
    opt_level: int = field(default_factory=_default_level)
    _watchers: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "threads" and (not isinstance(value, int) or value < 1):
            raise ValueError(f"config.threads: a positive number of threads is needed, not {value!r}")
        if name == "opt_level" and value not in (0, 1, 2, 3):
            raise ValueError(f"config.opt_level: it is 0, 1, 2 or 3, not {value!r}")
        object.__setattr__(self, name, value)
        for changed in getattr(self, "_watchers", ()):
            changed()

    def watch(self, changed: Callable[[], None]) -> None:
        """Calls `changed` now, and whenever a setting has changed."""
        self._watchers.append(changed)
        changed()


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
