"""The examples of each step of `fit`: all of them or some, in order or in the order that a key gives each epoch.

A batch is a function of the data, the key and the number of the step alone.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from fgrad import random
from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ShapeError


class Batches:
    """The examples of each step."""

    def __init__(self, data: Any, batch_size: int | None, key: Any, stochastic: bool):
        leaves, self.treedef = tree.flatten(data if type(data) is tuple else (data,))
        self.arrays = [np.asarray(tree.canonical_leaf(x, "fit: data")) for x in leaves]
        shown = ", ".join(f"data{p}: {short(x)}" for p, x in zip(tree.paths(self.treedef), self.arrays, strict=True))
        sizes = {x.shape[0] if x.ndim else None for x in self.arrays}
        if len(sizes) != 1 or None in sizes:
            raise ShapeError(
                f"fit: the arrays of the data have not one first axis, that of the examples: {shown}",
                "The loss is called with the same examples of each.",
            )
        self.examples: int = self.arrays[0].shape[0]
        if not self.examples:
            raise ShapeError(f"fit: there are no examples: {shown}")
        if batch_size is not None and (isinstance(batch_size, bool) or operator.index(batch_size) < 1):
            raise ArgumentError(f"fit: batch_size is {batch_size!r}, and None (all data) or a positive integer is expected")
        if stochastic and key is None:
            raise ArgumentError("fit: stochastic=True needs a key", "fgrad.random.key(0) makes one.")
        self.size = min(self.examples, batch_size or self.examples)
        self.count = -(-self.examples // self.size)
        self.keys = None if key is None else random.split(key)  # of the orders, and of the loss
        self.words = None if key is None else random.key_data(key).tolist()
        self.order: tuple[int, Any] = (-1, None)

    def sizes(self) -> list[int]:
        """How many examples each batch of an epoch has."""
        return [min(self.size, self.examples - start) for start in range(0, self.examples, self.size)]

    def batch(self, step: int) -> Any:
        """The arguments of the loss."""
        if self.count == 1:
            return tree.unflatten(self.treedef, self.arrays)
        epoch, at = divmod(step, self.count)
        chosen: Any = slice(at * self.size, (at + 1) * self.size)
        if self.keys is not None:
            if self.order[0] != epoch:
                self.order = epoch, random.permutation(random.fold_in(self.keys[0], epoch), self.examples)
            chosen = self.order[1][chosen]
        return tree.unflatten(self.treedef, [x[chosen] for x in self.arrays])

    def step_key(self, step: int) -> Any:
        return None if self.keys is None else random.fold_in(self.keys[1], step)

    def identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on."""
        return {"data": [short(x) for x in self.arrays], "batch_size": self.size, "key": self.words}
