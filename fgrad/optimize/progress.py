"""A progress bar over the calls of a function that a solver makes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted(f: Callable, shown: bool, what: str, measure: Callable[[Any], float]) -> Iterator[Callable]:
    """f, with a bar of its calls and of a measure of its results, if it is to be shown."""
    if not shown:
        yield f
        return
    with importlib.import_module("tqdm.auto").tqdm(desc=what, unit=" calls") as bar:

        def call(*xs: Any) -> Any:
            out = f(*xs)
            bar.set_postfix_str(f"{measure(out):.6g}", refresh=False)
            bar.update()
            return out

        yield call
