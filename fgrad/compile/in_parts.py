"""Functions that a program's rules write once and call, in parts on several threads where their work is worth it. Read `parallel.py` first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fgrad.compile import parallel
from fgrad.compile.assembly import Function, multiplied
from fgrad.compile.native import Program
from fgrad.core.config import config


def max_parts() -> int:
    """How many threads a program has memory for."""
    return max(config.threads, parallel.CORES) if parallel.AVAILABLE else 1


def outlined(p: Program, key: object, given: dict[str, tuple[str, str]], write: Callable[[Function], None], split: bool = True) -> str:
    """A function of these parameters (name: type and value), written once. `split`: and of a part, its number, first and last unit."""
    module = p.module
    name = module.named.get(key)
    if name is None:
        name = module.named[key] = f"{key[0]}{len(module.named)}"  # type: ignore[index]
        parameters = [f"{'ptr noalias' if kind == 'ptr' else kind} %{k}" for k, (kind, _) in given.items()]
        f = Function(module, name, parameters + (["i64 %part", "i64 %from", "i64 %to"] if split else []), attributes="noinline")
        write(f)
        f.do("ret void")
        f.finish()
    return name


def run_split(
    p: Program,
    name: str,
    given: Sequence[tuple[str, str]],
    units: int,
    parts: int,
    joined: Sequence[tuple[parallel.Joined, str]] = (),
    *,
    work: int,
) -> None:
    """Calls a function for all its units, in as many parts as there are threads if its work, in operations, is worth it."""
    if p.hot or not parallel.AVAILABLE:
        p.f.do(f"call void @{name}({', '.join(f'{k} {v}' for k, v in given)}, i64 0, i64 0, i64 {p.large(units)})")
    else:
        parallel.call_split(p.f, name, given, p.large(units), p.large(parts if work >= parallel.WORTH else 1), joined)


def clear(f: Function, to: str, entries: str, itemsize: int) -> None:
    f.module.declare("llvm.memset.p0.i64", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
    f.do(f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {multiplied(f, entries, str(itemsize))}, i1 false)")
