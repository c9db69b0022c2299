"""Pytrees of arrays in a file: written whole or not at all, and read without running code of the file's.

The file is NumPy's .npz, one entry for each leaf, beside their paths and some JSON; nothing is pickled. It is written under another name, flushed to the
disk and then renamed, so that whoever reads or is interrupted finds the old file or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError

_FORMAT, _VERSION = "fgrad checkpoint", 1


def save_checkpoint(path: str | os.PathLike, target: Any) -> None:
    """Writes a pytree of arrays to a file, in one piece: an interruption leaves what was there before.

    Args:
        path: of the file, which is replaced.
        target: the pytree.

    Raises:
        DtypeError: a leaf is no numeric array. OSError: the file cannot be written.

    Example:
        >>> import fgrad, numpy as np, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "params.npz")
        >>> fgrad.optim.save_checkpoint(path, {"w": np.array([1.0, 2.0])})
        >>> fgrad.optim.restore_checkpoint(path, {"w": np.zeros(2)})
        {'w': array([1., 2.])}
    """
    write_checkpoint(path, target, {}, np.zeros(0))


def write_checkpoint(path: str | os.PathLike, target: Any, metadata: Mapping[str, Any], losses: np.ndarray) -> None:
    """As `save_checkpoint`, with what JSON can say, and numbers, beside it."""
    leaves, treedef = tree.flatten(target)
    arrays = {f"leaf{i}": np.asarray(tree.canonical_leaf(x, "save_checkpoint: a leaf")) for i, x in enumerate(leaves)}
    head = {"format": _FORMAT, "version": _VERSION, "paths": tree.paths(treedef), "metadata": dict(metadata)}
    temporary = f"{os.fspath(path)}.tmp"
    try:
        with open(temporary, "wb") as file:
            np.savez(file, head=np.array(json.dumps(head)), losses=losses, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.remove(temporary)
        raise


def restore_checkpoint(path: str | os.PathLike, like: Any) -> Any:
    """Reads a pytree that `save_checkpoint` wrote.

    Args:
        path: of the file.
        like: a pytree of the same structure, shapes and dtypes, whose values do not count.

    Returns:
        A pytree like it.

    Raises:
        ArgumentError: the file is no checkpoint, or one of another structure or other types. OSError: it cannot be read.

    Example:
        >>> import fgrad, numpy as np, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "params.npz")
        >>> fgrad.optim.save_checkpoint(path, [np.ones(2), 3])
        >>> fgrad.optim.restore_checkpoint(path, [np.zeros(2), 0])
        [array([1., 1.]), np.int64(3)]
    """
    return read_checkpoint(path, like)[0]


def read_checkpoint(path: str | os.PathLike, like: Any) -> tuple[Any, dict[str, Any], np.ndarray]:
    """The pytree, and what was written beside it."""
    with _opened(path) as file:
        head = json.loads(str(file["head"])) if "head" in file.files else {}
        if head.get("format") != _FORMAT or head.get("version") != _VERSION:
            raise ArgumentError(
                f"{os.fspath(path)} is no checkpoint of this version", f"it says {head.get('format')!r}, {head.get('version')!r}"
            )
        leaves, treedef = tree.flatten(like)
        leaves = [tree.canonical_leaf(x, "restore_checkpoint: a leaf") for x in leaves]
        paths = tree.paths(treedef)
        if head["paths"] != paths:
            missing, more = sorted(set(paths) - set(head["paths"])), sorted(set(head["paths"]) - set(paths))
            raise ArgumentError(
                f"{os.fspath(path)} has a pytree of another structure",
                f"not in the file: {', '.join(missing)}" if missing else "",
                f"in the file alone: {', '.join(more)}" if more else "",
            )
        found = []
        for i, (where, x) in enumerate(zip(paths, leaves, strict=True)):
            array = file[f"leaf{i}"]
            if array.shape != x.shape or array.dtype != x.dtype:
                raise ArgumentError(f"{os.fspath(path)} has {short(array)} at {where or 'its leaf'}, and {short(x)} is expected")
            found.append(array if array.ndim else array[()])
        losses = file["losses"]
    return tree.unflatten(treedef, found), head["metadata"], losses


@contextlib.contextmanager
def _opened(path: str | os.PathLike) -> Any:
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ArgumentError(f"{os.fspath(path)} is no checkpoint: it has a single array")
            yield file
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as e:
        if isinstance(e, ArgumentError):
            raise
        raise ArgumentError(f"{os.fspath(path)} is no checkpoint, or a damaged one: {e}", "Delete it to start again.") from e


__all__ = ["restore_checkpoint", "save_checkpoint"]
