"""`debug_key_reuse`: a context in which the second use of a random key is an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from fgrad.core.config import disable_jit
from fgrad.core.errors import FgradError
from fgrad.core.source import Source, user_source
from fgrad.core.stage import StageTracer
from fgrad.transforms.autodiff import ADTracer
from fgrad.transforms.batch import BatchTracer


class KeyReuseError(FgradError, ValueError):
    """A random key was used twice while `debug_key_reuse` was on."""


_seen: ContextVar[dict[Any, tuple[str, Source | None]] | None] = ContextVar("fgrad_used_keys", default=None)


def _identities(words: Any) -> set[Any]:
    """What tells these keys from others: their words, or the variable that stands for them."""
    while isinstance(words, (ADTracer, BatchTracer)):
        words = words.primal if isinstance(words, ADTracer) else words.value
    if isinstance(words, StageTracer):
        return {words._var}
    return {tuple(w) for w in np.reshape(words, (-1, 2)).tolist()}


def note_use(name: str, words: Any) -> None:
    """Remembers that these keys were used; raises if one was before."""
    seen = _seen.get()
    if seen is None:
        return
    source = user_source(3)
    for identity in _identities(words):
        if identity in seen:
            before, where = seen[identity]
            raise KeyReuseError(
                f"{name}: the key was used before, so its numbers repeat",
                f"first used by {before}" + (f" at {where}" if where else ""),
                "Make a key for each use: key, subkey = fgrad.random.split(key).",
                source=source,
            )
    seen.update(dict.fromkeys(_identities(words), (name, source)))


@contextmanager
def debug_key_reuse(enable: bool = True) -> Iterator[None]:
    """A context in which the second use of a key raises, with the lines of both uses.

    Drawing numbers and `split` use a key up; `fold_in` and `key_data` do not. Functions under `jit` run as they are, so that every
    use is seen. The body of a loop is traced once: a key that its steps share is not found, a key that one step uses twice is.

    Args:
        enable: False switches the check off inside.

    Raises:
        KeyReuseError: a key is used twice.

    Example:
        >>> import fgrad
        >>> with fgrad.random.debug_key_reuse():
        ...     key = fgrad.random.key(0)
        ...     noise = fgrad.random.normal(key, (3,)) + fgrad.random.normal(key, (3,))
        Traceback (most recent call last):
        ...
        fgrad.random.reuse.KeyReuseError: normal: the key was used before, so its numbers repeat
          ...
    """
    before = _seen.set({} if enable else None)
    try:
        with disable_jit():
            yield
    finally:
        _seen.reset(before)


__all__ = ["KeyReuseError", "debug_key_reuse"]
