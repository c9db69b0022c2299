"""Compiled programs on disk.

An object file is known by its LLVM text, the versions of fgrad and LLVM, and the processor. It starts with a checksum, so one that is damaged is
compiled again; it appears whole or not at all (written apart, then renamed), so several processes may write at once, and a process killed while it
compiles leaves nothing that is read. Where the folder cannot be written, or the disk is full, programs are compiled in each process, with one
warning. The folder is kept below `LIMIT` bytes: the files used longest ago go first.

The folder is FGRAD_CACHE_DIR, or `fgrad` in the user's cache folder.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

VERSION = "2"
LIMIT = 512 * 2**20
"""The most bytes that the folder holds; FGRAD_CACHE_LIMIT sets another number."""

FORGET: list[Callable[[], None]] = []
"""Called by `clear`: what forgets the programs in memory."""

_counts = {"loaded": 0, "compiled": 0}
_warned: list[str] = []
_CHECK = 32  # bytes of the checksum


def folder() -> str:
    """Where compiled programs are kept."""
    given = os.environ.get("FGRAD_CACHE_DIR")
    if given:
        return given
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(os.path.join("~", ".cache")), "fgrad")


def limit() -> int:
    given = os.environ.get("FGRAD_CACHE_LIMIT") or LIMIT
    try:
        return int(given)
    except ValueError:
        _warn(f"FGRAD_CACHE_LIMIT is {given!r}, which is no number of bytes; the cache of compiled programs may hold {LIMIT:,}")
        return LIMIT


def count(what: str) -> None:
    _counts[what] += 1


def key(machine: str, text: str) -> str:
    """The name of the object file of a text on a machine, without its ending."""
    import hashlib

    return hashlib.sha256("\0".join([VERSION, machine, text]).encode()).hexdigest()[:32]


def object_code(name: str, make: Callable[[], bytes]) -> bytes:
    """The object file of this name, compiled if it is not on disk."""
    path = os.path.join(folder(), f"{name}.o")
    found = _read(path)
    if found is None:
        found = make()
        count("compiled")
        _write(path, found)
    return found


def _digest(code: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(code).digest()


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as f:
            whole = f.read()
        with contextlib.suppress(OSError):
            os.utime(path)  # used now
    except OSError:
        return None
    check, code = whole[:_CHECK], whole[_CHECK:]
    return code if _digest(code) == check else None


def _write(path: str, code: bytes) -> None:
    parent = os.path.dirname(path)
    part = f"{path}.{os.getpid()}.{threading.get_ident()}.part"
    try:
        os.makedirs(parent, exist_ok=True)
        with open(part, "wb") as f:
            f.write(_digest(code) + code)
        os.replace(part, path)
    except OSError as e:
        with contextlib.suppress(OSError):
            os.remove(part)
        _warn(f"the cache of compiled programs {parent} cannot be written ({e}); programs are compiled in each process")
        return
    _keep_small()


def _warn(message: str) -> None:
    if not _warned:
        _warned.append(message)
        warnings.warn(f"fgrad: {message}", RuntimeWarning, stacklevel=2)


def _files() -> Iterator[os.DirEntry]:
    with contextlib.suppress(OSError), os.scandir(folder()) as entries:
        for entry in entries:
            if entry.name.endswith((".o", ".part")):
                yield entry


def keep_failed(program: str, text: str) -> str:
    """Keeps the source of a program that did not compile, for its defect to be found; returns where."""
    import hashlib

    path = os.path.join(folder(), f"failed_{hashlib.sha256(program.encode()).hexdigest()[:16]}.txt")
    try:
        os.makedirs(folder(), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"{program}\n\n{text}")
    except OSError as e:
        return f"no file, since {path} cannot be written ({e})"
    return path


_unmeasured = [0]  # writes since the folder was last measured


def _keep_small() -> None:
    """Removes the files used longest ago where the folder is too large; measured at every eighth write, for it may hold thousands."""
    _unmeasured[0] += 1
    if _unmeasured[0] % 8 != 1:
        return
    known = []
    for entry in _files():
        with contextlib.suppress(OSError):
            status = entry.stat()
            known.append((status.st_mtime, status.st_size, entry.path))
    total = sum(size for _, size, _ in known)
    for _, size, path in sorted(known):
        if total <= limit():
            return
        with contextlib.suppress(OSError):
            os.remove(path)
            total -= size


def clear() -> None:
    """Forgets all compiled programs, in memory and on disk."""
    for forget in FORGET:
        forget()
    for entry in _files():
        with contextlib.suppress(OSError):  # another process clears too
            os.remove(entry.path)


def stats() -> dict[str, Any]:
    """The cache folder, the programs this process has loaded and compiled, and the number of programs on disk and their size in bytes.

    Example:
        >>> import fgrad
        >>> sorted(fgrad.cache.stats())
        ['bytes', 'compiled', 'folder', 'loaded', 'on_disk']
    """
    sizes = []
    for entry in _files():
        with contextlib.suppress(OSError):
            sizes.append(entry.stat().st_size)
    return {"folder": folder(), **_counts, "on_disk": len(sizes), "bytes": sum(sizes)}
