"""Writing LLVM: a module as text, its functions as blocks of instructions.

A value is a name (`%12`) or a literal. Variables that change are slots in the function's entry block, which LLVM turns into registers. Text is what LLVM reads,
what the cache is addressed by, and what `lower(...).llvm` shows. Imports nothing of fgrad; read `scalars.py` next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

KERNEL = 'nounwind "prefer-vector-width"="512" "stackrealign" "no-trapping-math"="true"'
"""Attributes of every function: vectors as wide as the machine has them (LLVM by itself takes 256 bits)."""

_METADATA = ["!0 = !{}", "!1 = distinct !{!1, !2}", '!2 = !{!"llvm.loop.unroll.runtime.disable"}']
_ONCE = ", !llvm.loop !1"
"""The note of every loop: LLVM, but for its loop vectoriser, does not unroll it for a number of steps that it does not know. With that, programs were a third
longer and none was quicker."""


@dataclass(eq=False)
class Module:
    """A module being written: functions, the declarations they need, and metadata."""

    functions: list[str] = field(default_factory=list)
    declarations: dict[str, str] = field(default_factory=dict)  # text by name
    math: set[str] = field(default_factory=set)  # functions of kernels/vmath that are called, as "exp.f64"
    metadata: list[str] = field(default_factory=lambda: list(_METADATA))
    named: dict[object, str] = field(default_factory=dict)  # functions by what they do, so that each is written once

    def declare(self, name: str, text: str) -> str:
        self.declarations.setdefault(name, text)
        return name

    def node(self, text: str) -> str:
        """A metadata node; `{}` in the text is its own name."""
        name = f"!{len(self.metadata)}"
        self.metadata.append(f"{name} = {text.replace('{}', name)}")
        return name

    def text(self) -> str:
        return "\n".join([*self.declarations.values(), *self.functions, *self.metadata]) + "\n"


class Function:
    """A function being written, at the end of its current block."""

    def __init__(
        self, module: Module, name: str, parameters: list[str], result: str = "void", attributes: str = "", linkage: str = "internal"
    ):
        self.module, self.name = module, name
        self.head = f"define {linkage} {result} @{name}({', '.join(parameters)}) {KERNEL} {attributes} {{"
        self.entry: list[str] = []
        self.lines: list[str] = []
        self.count = 0
        self.block = "entry"
        self.outlined = False  # whether mathematics is called rather than written in place

    # -- instructions

    def fresh(self) -> str:
        self.count += 1
        return f"%x{self.count}"

    def op(self, text: str) -> str:
        """An instruction with a result; returns its name."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def early(self, text: str) -> str:
        """An instruction of the entry block: of constants and parameters alone."""
        name = self.fresh()
        self.entry.append(f"  {name} = {text}")
        return name

    def slot(self, kind: str) -> str:
        """A variable of this type."""
        return self.early(f"alloca {kind}")

    # -- blocks

    def label(self) -> str:
        self.count += 1
        return f"b{self.count}"

    def place(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str, note: str = "") -> None:
        self.do(f"br label %{label}{note}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")

    @contextmanager
    def loop(self, stop: str, start: str = "0", note: str = _ONCE) -> Iterator[str]:
        """for i in range(start, stop); yields i. `note` is metadata of the loop."""
        head, body, latch, done = (self.label() for _ in range(4))
        before = self.block
        self.jump(head)
        self.place(head)
        i, following = self.fresh(), self.fresh()
        self.do(f"{i} = phi i64 [{start}, %{before}], [{following}, %{latch}]")
        self.branch(self.op(f"icmp slt i64 {i}, {stop}"), body, done)
        self.place(body)
        yield i
        self.jump(latch)
        self.place(latch)
        self.do(f"{following} = add nsw i64 {i}, 1")
        self.jump(head, note)
        self.place(done)

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        yes, done = self.label(), self.label()
        self.branch(condition, yes, done)
        self.place(yes)
        yield
        self.jump(done)
        self.place(done)

    # -- memory

    def at(self, pointer: str, kind: str, offset: str) -> str:
        """The address of an entry; the pointer itself for offset 0."""
        return pointer if offset == "0" else self.op(f"getelementptr inbounds {kind}, ptr {pointer}, i64 {offset}")

    def finish(self) -> None:
        self.module.functions.append(
            "\n".join([self.head, "entry:", *self.entry, "  br label %start", "start:", *self._after_entry(), "}"])
        )

    def _after_entry(self) -> list[str]:
        # phis that name the entry block as their predecessor come from the block behind the slots
        return [line.replace("%entry]", "%start]") for line in self.lines]


# -- integers at run time: literals are folded, so that small sizes stay literals


def is_literal(x: str) -> bool:
    return not x.startswith("%")


def multiplied(f: Function, x: str, y: str) -> str:
    if is_literal(x) and is_literal(y):
        return str(int(x) * int(y))
    if x == "1":
        return y
    if y == "1":
        return x
    return "0" if "0" in (x, y) else f.op(f"mul nsw i64 {x}, {y}")


def added(f: Function, x: str, y: str) -> str:
    if is_literal(x) and is_literal(y):
        return str(int(x) + int(y))
    if x == "0":
        return y
    return x if y == "0" else f.op(f"add nsw i64 {x}, {y}")
