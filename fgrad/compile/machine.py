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


def _new_target() -> Any:
    name, features = cpu()
    return _binding().Target.from_default_triple().create_target_machine(cpu=name, features=features, opt=3, reloc="pic", codemodel="small")


@functools.cache
def _target() -> Any:
    return _new_target()


@functools.cache
def _jit() -> Any:
    return _binding().create_lljit_compiler(_new_target())  # which takes it over


def optimised(text: str) -> Any:
    """The module of a text, verified and optimised."""
    llvm = _binding()
    module = llvm.parse_assembly(text)
    module.triple = llvm.get_default_triple()
    module.data_layout = str(_target().target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=config.opt_level)
    options.loop_vectorization = options.slp_vectorization = config.opt_level > 1
    builder = llvm.create_pass_builder(_target(), options)
    builder.getModulePassManager().run(module, builder)
    # the tests for rare arguments are functions until loops are vectors; now they are written in place
    release(module)
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    return module


def load(text: str, symbols: Mapping[str, int], names: tuple[str, ...] = ("program",)) -> dict[str, int]:
    """Addresses of the functions `names` of an LLVM text; `symbols` are addresses of functions that it declares."""
    key = cache.key(f"{_machine()} O{config.opt_level}", text)
    with _lock:
        found = _loaded.get(key)
        if found is None:
            cache.count("loaded")
            found = _loaded[key] = _linked(key, cache.object_code(key, lambda: _compiled(text)), symbols, names)
        return found[0]


def _compiled(text: str) -> bytes:
    return _target().emit_object(optimised(text))


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
