"""The memory behind local arrays: traced values one after the other, of which an array of positions picks the entries.

Imports the front end; read `arrays.py` next.
"""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np

import fgrad.numpy as fnp
from fgrad.core.trace import Tracer


class Memory:
    """What all views of an array share.

    value: what it held at first: an ndarray, written in place while nothing traced is stored, or a tracer.
    sources, starts: the stored values one after the other, and the position of the first entry of each; none while `value` is all there is.
    version: counts the writes. shared: somebody may hold `value`, so it is copied before it is written.
    refusal: why it cannot be written, or None.
    """

    __slots__ = ("value", "sources", "starts", "end", "version", "shared", "refusal")

    def __init__(self, value: Any, refusal: str | None = None):
        self.value, self.refusal = value, refusal
        self.sources: list[Any] = []
        self.starts: list[int] = []
        self.end = 0
        self.version = 0
        self.shared = True

    @property
    def concrete(self) -> bool:
        return not self.sources and not isinstance(self.value, Tracer)

    def store(self, value: Any) -> int:
        """Keeps a value; the position of its first entry."""
        start = self.end
        self.sources.append(value)
        self.starts.append(start)
        self.end += value.size
        return start

    def read(self, places: Any) -> Any:
        """The entries at these positions, in the shape of `places`.

        What is put together of several values is stored, and `places` changed to say so: the next reading finds one.
        """
        if np.ndim(places) == 0:
            k = bisect.bisect_right(self.starts, places) - 1
            source = self.sources[k]
            return fnp.ravel(source)[int(places) - self.starts[k]] if source.ndim else source
        flat = places.ravel()
        if not flat.size:
            return np.empty(places.shape, self.value.dtype)
        starts = np.asarray(self.starts)
        which = np.searchsorted(starts, flat, "right") - 1
        used = np.unique(which)
        ends = np.flatnonzero((np.diff(flat) != 1) | (np.diff(which) != 0)) + 1
        if len(ends) < 4 * len(used):  # few runs: slices are views, and cost less than a gather
            runs = np.split(flat - starts[which], ends)
            pieces = [_run(fnp.ravel(self.sources[k]), r) for k, r in zip(which[[0, *ends]], runs, strict=True)]
            found = pieces[0] if len(pieces) == 1 else fnp.concatenate(pieces)
        else:
            sources = [fnp.ravel(self.sources[k]) for k in used]
            moved = np.cumsum([0, *[s.size for s in sources[:-1]]]) - starts[used]
            every = sources[0] if len(sources) == 1 else fnp.concatenate(sources)
            found = every[flat + moved[np.searchsorted(used, which)]]
        found = fnp.reshape(found, places.shape)
        if len(used) > 1 and places.flags.writeable:
            places[...] = self.store(found) + np.arange(found.size).reshape(found.shape)
        return found


def _run(flat: Any, positions: np.ndarray) -> Any:
    """flat[positions], which follow each other."""
    first, n = int(positions[0]), len(positions)
    return flat if n == flat.size else flat[first : first + n]
