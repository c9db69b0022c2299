"""The door to the compiler, which is loaded when something is first compiled: `import fgrad` takes no time for it.

`simplify` alone is needed before. Read `program.py` next.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

from fgrad.compile.simplify import simplify
from fgrad.core.config import config
from fgrad.core.evaluate import runner
from fgrad.core.jaxpr import Jaxpr
from fgrad.core.trace import EvalTrace, current_trace

PARTS = ["fgrad.compile.program"]
"""What is loaded: the compiler, and modules of higher floors that add rules to it."""


@functools.cache
def program() -> Any:
    """The module `compile/program.py`, with every rule in its place."""
    for name in PARTS:
        importlib.import_module(name)
    return importlib.import_module(PARTS[0])


def compiled(jaxpr: Jaxpr) -> Callable[..., list] | None:
    """The compiled jaxpr, or None (with one warning) where it does not compile."""
    return program().compiled(jaxpr)


def evaluate(jaxpr: Jaxpr, args: Sequence[Any]) -> list:
    """Runs a jaxpr that will run again: compiled where values are computed, else traced."""
    run = compiled(jaxpr) if config.compile and type(current_trace()) is EvalTrace else None
    return runner(jaxpr, prepare=simplify)(*args) if run is None else run(*args)
