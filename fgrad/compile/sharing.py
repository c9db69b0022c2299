"""The code of a rule as a function of its own: what a program does several times is written once, and LLVM's passes, whose time grows faster than a
function does, see short ones.

A rule writes where the program stands. Its variables move into the new function; what comes from outside is a parameter, and what is read of it
afterwards is stored through one. Names are given as they appear, so the same code twice is the same text. Imports `assembly.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from fgrad.compile.assembly import KERNEL, Function

_NAME = re.compile(r"%[\w.]+")
_PLACE = re.compile(r"^\w+(?=:$)", re.MULTILINE)
_EITHER = re.compile(f"{_NAME.pattern}|{_PLACE.pattern}", re.MULTILINE)
_MADE = re.compile(r"^  (%[\w.]+) = (.*)", re.MULTILINE)
_TYPES = [  # of results, by the instruction
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"(?:alloca|getelementptr|inttoptr) ", "ptr"),
        (r"[if]cmp ", "i1"),
        (r"\w+ .* to (\w+)$", ""),
        (r"select i1 [^,]+, (\w+) ", ""),
        (r"(?:load|phi) (\w+)[ ,]", ""),
        (r"call (\w+) @", ""),
        (r"(?:[fsu]?add|[fsu]?sub|f?mul|[fsu]div|[fsu]rem|fneg|shl|[al]shr|and|x?or) (?:(?:nsw|nuw|exact|reassoc) )*(\w+) ", ""),
    )
]


def _type(instruction: str) -> str | None:
    for pattern, kind in _TYPES:
        found = pattern.match(instruction)
        if found:
            return kind or found[1]
    return None


class Sharing:
    """Makes functions of what is written into a function; `leave` is the label to which code jumps that ends the program."""

    def __init__(self, f: Function, leave: str):
        self.f, self.leave = f, leave
        self.made: dict[str, str] = {}  # instructions by the name of their result
        self.seen = [0, 0]  # how many lines of the entry block and behind it these are of

    def apart(self, name: str, write: Callable[[], Collection[str] | None]) -> None:
        """What `write` writes, as a call of a function if there are loops in it. It returns the names that are read afterwards; None: the code stays."""
        f = self.f
        lines, block, first = f.lines, f.block, len(f.entry)
        f.lines = []
        try:
            wanted = write()
        finally:
            body, f.lines = f.lines, lines
        if wanted is None or not any(" = phi " in line for line in body) or not self._moved(name, body, first, block, wanted):
            f.lines += body

    def _moved(self, name: str, body: list[str], first: int, block: str, wanted: Collection[str]) -> bool:
        """Makes a function of lines that were written in `block`, and of their variables, which are behind line `first` of the entry block."""
        f = self.f
        self._look()
        # a variable that the rest knows stays where it is
        rest = [line for line in f.entry[first:] if " = alloca " not in line]
        known = {*wanted, *_NAME.findall("\n".join(rest))}
        own = [line for line in f.entry[first:] if " = alloca " in line and line.split(maxsplit=1)[0] not in known]
        moved = "\n".join([*own, *body])

        inside = dict(_MADE.findall(moved))
        labels = dict.fromkeys(f"%{label}" for label in _PLACE.findall(moved))
        names = {f"%{block}": "%start", f"%{self.leave}": "%leave"}
        outside: dict[str, str | None] = {}  # types of what it is given
        used = dict.fromkeys(_NAME.findall(moved))
        for x in {**used, **labels}:
            if x not in names:
                names[x] = f"%v{len(names)}"
                if x not in inside and x not in labels:
                    outside[x] = _type(self.made.get(x, ""))
        results = {x: _type(text) for x, text in inside.items() if x in wanted}
        if None in (*outside.values(), *results.values()):
            return False

        slots = {x: f.slot(kind) for x, kind in results.items()}  # type: ignore[arg-type]
        parameters = [*[f"{kind} {names[x]}" for x, kind in outside.items()], *[f"ptr %r{k}" for k in range(len(slots))]]
        given = [*[f"{kind} {x}" for x, kind in outside.items()], *[f"ptr {slot}" for slot in slots.values()]]
        names |= {x[1:]: names[x][1:] for x in labels}
        text = [_EITHER.sub(lambda m: names[m[0]], moved)]
        text += [f"  store {kind} {names[x]}, ptr %r{k}" for k, (x, kind) in enumerate(results.items())]
        leaves = f"%{self.leave}" in used
        kind = "i1" if leaves else "void"
        text += ["  ret i1 false", "leave:", "  ret i1 true"] if leaves else ["  ret void"]
        function = self._function(name, kind, "\n".join([f"({', '.join(parameters)}) {KERNEL} noinline {{", "start:", *text, "}"]))

        f.entry[first:] = [line for line in f.entry[first:] if line not in own]
        self.seen[0] = first
        f.block = block
        call = f"call {kind} @{function}({', '.join(given)})"
        if leaves:
            following = f.label()
            f.branch(f.op(call), self.leave, following)
            f.place(following)
        else:
            f.do(call)
        f.lines += [f"  {x} = load {kind}, ptr {slots[x]}" for x, kind in results.items()]
        return True

    def _function(self, name: str, kind: str, text: str) -> str:
        """The function of this text, which is written once."""
        module = self.f.module
        function = module.named.get(text)
        if function is None:
            function = module.named[text] = f"{name}{len(module.named)}"
            module.functions.append(f"define internal {kind} @{function}{text}")
        return function

    def _look(self) -> None:
        """Takes note of the instructions that were written since the last time."""
        for k, lines in enumerate((self.f.entry, self.f.lines)):
            self.made.update(_MADE.findall("\n".join(lines[self.seen[k] :])))
            self.seen[k] = len(lines)
