"""The vectorised mathematics as LLVM text, for modules that are compiled without Numba.

`vmath.ll` beside this file defines every function of `vmath.FUNCTIONS` for both formats, as `fgrad.<name>.<f64|f32>`: pure functions of one or two
numbers, `alwaysinline`, and what they call. `python -m fgrad.kernels.generate` writes it; this module cuts it into definitions, and imports the
standard library only.

A loop that calls them becomes vector code at LLVM's levels 2 and 3. Those that run rarely (`...huge`, `...negative`) have vector variants, which the loop
vectoriser calls by name: behind the optimiser, call `release` and run LLVM's passes `always-inline` and `globaldce`, so that their tests are inlined
into the vector loop, and those that no loop calls are dropped. The text needs LLVM 18, which declares intrinsics by itself.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("vmath.ll")
PREFIX = "fgrad."
USED = "llvm.compiler.used"
_NAME = re.compile(r"@(fgrad\.[\w.]+)")
_REFERENCES = re.compile(r"[@(](fgrad\.[\w.]+)")  # calls, tables, and the variants that a string attribute names


@functools.cache
def _chunks() -> dict[str, str]:
    """The definitions, by name: they are what stands between empty lines."""
    _, *chunks = PATH.read_text(encoding="utf-8").split("\n\n")
    return {_NAME.search(chunk).group(1): chunk.strip() for chunk in chunks}  # type: ignore[union-attr]


@functools.cache
def _needed(name: str) -> frozenset[str]:
    """The definitions that this one refers to, its own name among them."""
    return frozenset(_REFERENCES.findall(_chunks()[name]))


@functools.cache
def names() -> frozenset[str]:
    """What `definitions` defines: "exp.f64", "pow.f32", ..."""
    public = re.compile(rf"{re.escape(PREFIX)}(\w+\.f\d\d)")
    return frozenset(m.group(1) for chunk, text in _chunks().items() if (m := public.fullmatch(chunk)) and "alwaysinline" in text)


def definitions(wanted: Iterable[str]) -> str:
    """LLVM text that defines these functions and all they call, each once.

    Args:
        wanted: names like "exp.f64"; "exp.f64" is the function `@fgrad.exp.f64(double)`, "pow.f32" is `@fgrad.pow.f32(float, float)`.

    Returns:
        Text to append to that of a module, of which the names begin with `fgrad.`, and perhaps `@llvm.compiler.used`, which keeps the vector variants
        that the loop vectoriser will call. Neither target nor processor is named in it, nor metadata or attribute groups.

    Raises:
        KeyError: there is no function of that name.

    Example:
        >>> from fgrad.kernels.vmath_ir import definitions
        >>> definitions(["exp.f64"]).splitlines()[0]
        'define linkonce_odr double @fgrad.exp.f64(double %0) alwaysinline nounwind willreturn memory(none) {'
    """
    chunks = _chunks()
    found = dict.fromkeys(_reachable(PREFIX + name for name in wanted))
    texts = [chunks[name] for name in found]
    variants = sorted(name for name in found if re.search(r"\.x\d+$", name))
    if variants:
        pointers = ", ".join(f"ptr @{name}" for name in variants)
        texts.append(f'@{USED} = appending global [{len(variants)} x ptr] [{pointers}], section "llvm.metadata"')
    return "\n\n".join(texts) + "\n" if texts else ""


def release(module: Any) -> None:
    """Lets LLVM drop the vector variants of a module that was optimised, unless they are called: a matter of compile time only.

    Args:
        module: an `llvmlite.binding.ModuleRef` with `definitions` in it. A list `@llvm.compiler.used` is one no longer.
    """
    try:
        variable = module.get_global_variable(USED)
    except NameError:
        return
    variable.name, variable.linkage = f"{PREFIX}used", "internal"


def _reachable(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(names)[::-1]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += sorted(_needed(name) - seen, reverse=True)
            yield name
