"""Compiled kernels, in memory and on disk.

A kernel is known by its source, the versions of fgrad, NumPy and Numba, and the CPU. Its source is a file of the cache folder, beside which Numba keeps
the machine code. Files appear whole or not at all (written apart, then renamed), so several processes may write at once; where the folder cannot be
written, kernels are compiled in memory, with one warning.

The folder is FGRAD_CACHE_DIR, or `fgrad` in the user's cache folder.
"""

from __future__ import annotations

import os
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_VERSION = "1"
_loaded: dict[str, Callable] = {}
_lock = threading.RLock()
_warned: list[str] = []


def folder() -> str:
    """Where compiled kernels are kept."""
    given = os.environ.get("FGRAD_CACHE_DIR")
    if given:
        return given
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser(os.path.join("~", ".cache")), "fgrad")


def load(source: str, name: str) -> Callable:
    """The function `name` of a module of this source, which compiles when it runs (its decorator names the types)."""
    with _lock:
        found = _loaded.get(source)
        if found is None:
            found = _loaded[source] = _compile(source, name)
        return found


def _compile(source: str, name: str) -> Callable:
    # slow to import, and needed by compiled code alone
    import hashlib

    import numba

    key = hashlib.sha256("\0".join([_VERSION, numba.__version__, np.__version__, _cpu(), source]).encode()).hexdigest()[:24]
    module = types.ModuleType(f"fgrad_kernel_{key}")
    path = os.path.join(folder(), f"{module.__name__}.py")
    on_disk = _write(path, source)
    module.__file__ = path
    text = source if on_disk else source.replace("cache=True", "cache=False")
    if on_disk:
        sys.modules[module.__name__] = module  # Numba's cache finds the function by its module
    try:
        exec(compile(text, module.__file__, "exec"), module.__dict__)
    except (OSError, EOFError, ValueError, KeyError, AttributeError) as e:  # a damaged or unwritable cache file
        _warn(f"the kernel cache cannot be used ({e}); compiling in memory")
        exec(compile(source.replace("cache=True", "cache=False"), module.__file__, "exec"), module.__dict__)
    return module.__dict__[name]


def _write(path: str, source: str) -> bool:
    parent = os.path.dirname(path)
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                if f.read() == source:
                    return os.access(parent, os.W_OK)
        os.makedirs(parent, exist_ok=True)
        part = f"{path}.{os.getpid()}.{threading.get_ident()}.part"
        with open(part, "w", encoding="utf-8") as f:
            f.write(source)
        os.replace(part, path)
        return True
    except OSError as e:
        _warn(f"the kernel cache {parent} cannot be written ({e}); kernels are compiled in each process")
        return False


def _warn(message: str) -> None:
    if not _warned:
        _warned.append(message)
        warnings.warn(f"fgrad: {message}", RuntimeWarning, stacklevel=2)


def _cpu() -> str:
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name() + llvm.get_host_cpu_features().flatten()


def _files() -> Iterator[str]:
    for parent, _, names in os.walk(folder()):
        for name in names:
            if name.startswith("fgrad_kernel_"):
                yield os.path.join(parent, name)


def clear() -> None:
    """Forgets all compiled kernels, in memory and on disk."""
    with _lock:
        _loaded.clear()
        for path in _files():
            try:
                os.remove(path)
            except FileNotFoundError:  # another process clears too
                continue


def stats() -> dict[str, Any]:
    """The cache folder, the number of kernels in memory and on disk, and their size in bytes.

    Example:
        >>> import fgrad
        >>> sorted(fgrad.cache.stats())
        ['bytes', 'folder', 'in_memory', 'on_disk']
    """
    files = list(_files())
    return {
        "folder": folder(),
        "in_memory": len(_loaded),
        "on_disk": sum(f.endswith(".py") for f in files),
        "bytes": sum(os.path.getsize(f) for f in files),
    }
