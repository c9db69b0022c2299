"""LLVM text to machine code, and machine code into the process. Compiled objects are kept on disk by `cache.py`.

Names that a text leaves open (BLAS, NumPy's functions) are bound when the object is loaded, so objects hold no addresses. Imports llvmlite when first
used; a process that finds all its objects on disk compiles nothing."""

from __future__ import annotations

import functools
import threading
from collections.abc import Mapping
from typing import Any

from fgrad.compile import cache
from fgrad.core.config import config
from fgrad.kernels.vmath_ir import release

_lock = threading.RLock()
_loaded: dict[str, tuple[dict[str, int], Any]] = {}  # functions by the key of their text, and what keeps them loaded


@functools.cache
def _binding() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@functools.cache
def cpu() -> tuple[str, str]:
    """The processor's name and features: code is compiled for these."""
    llvm = _binding()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@functools.cache
def _machine() -> str:
    return " ".join([".".join(map(str, _binding().llvm_version_info)), *cpu()])


def _new_target(level: int) -> Any:
    name, features = cpu()
    return (
        _binding()
        .Target.from_default_triple()
        .create_target_machine(cpu=name, features=features, opt=level, reloc="pic", codemodel="small")
    )


@functools.cache
def _target(level: int) -> Any:
    return _new_target(level)


@functools.cache
def _jit() -> Any:
    return _binding().create_lljit_compiler(_new_target(3))  # which takes it over


def optimised(text: str, level: int) -> Any:
    """The module of a text, verified and optimised at a level from 0 to 3."""
    llvm = _binding()
    module = llvm.parse_assembly(text)
    module.triple = llvm.get_default_triple()
    module.data_layout = str(_target(level).target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = level > 1
    builder = llvm.create_pass_builder(_target(level), options)
    builder.getModulePassManager().run(module, builder)
    # the tests for rare arguments are functions until loops are vectors; now they are written in place
    release(module)
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    return module


def load(text: str, symbols: Mapping[str, int], names: tuple[str, ...] = ("program",), level: int | None = None) -> dict[str, int]:
    """Addresses of the functions `names` of an LLVM text; `symbols` are addresses of functions that it declares. `level`: None for `config.opt_level`."""
    level = config.opt_level if level is None else level
    key = cache.key(f"{_machine()} O{level}", text)
    with _lock:
        found = _loaded.get(key)
        if found is None:
            cache.count("loaded")
            found = _loaded[key] = _linked(key, cache.object_code(key, lambda: _compiled(text, level)), symbols, names)
        return found[0]


def _compiled(text: str, level: int) -> bytes:
    return _target(level).emit_object(optimised(text, level))


def _linked(key: str, code: bytes, symbols: Mapping[str, int], names: tuple[str, ...]) -> tuple[dict[str, int], Any]:
    llvm = _binding()
    library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
    for name, address in symbols.items():
        library.import_symbol(name, address)
    for name in names:
        library.export_symbol(name)
    tracker = library.link(_jit(), f"fgrad_{key}_{len(_gone)}")
    return {name: tracker[name] for name in names}, tracker


_gone: list[Any] = []  # code that a program may still run is never unloaded


def _forget() -> None:
    with _lock:
        _gone.extend(_loaded.values())
        _loaded.clear()


cache.FORGET.append(_forget)
