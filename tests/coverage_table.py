"""The table of what is checked for each function: `python -m tests.coverage_table` runs the rows of tests/cases and writes docs/coverage.md.

A cell says whether the rows of a function have passed a check: each is one of the tests that go through the table. `test_coverage_table.py` holds
the page and the rows together, so that no cell is lost unseen.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "coverage.md"
COMMAND = "python -m tests.coverage_table"
YES, NO, NONE = "✓", "✗", "–"

# for each column: the test whose success it stands for, and whether a row goes through it
COLUMNS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "value": ("test_value", lambda c: True),
    "`np.` call": ("test_value", lambda c: "np" in c.spellings),
    "jvp": ("test_derivatives", lambda c: bool(c.grad) and "fwd" in c.modes),
    "vjp": ("test_derivatives", lambda c: bool(c.grad) and "rev" in c.modes),
    "2nd order": ("test_derivatives", lambda c: "float64" in c.grad and c.order >= 2),
    "complex": ("test_derivatives", lambda c: "complex128" in c.grad),
    "vmap": ("test_vmap", lambda c: c.stageable),
    "jit": ("test_compiled", lambda c: c.stageable),
}

INTRODUCTION = f"""# What is checked

Written by `{COMMAND}`, which runs the rows of `tests/cases` and marks what passed. A row is a call with drawn arguments; a function has
one or more of them. The columns:

| column | {YES} means |
|---|---|
| value | value, dtype and shape are NumPy's, in the dtypes that the row lists, under forward mode, staged and mapped |
| `np.` call | so they are where the function is called by NumPy's (or SciPy's) own name on traced values, not only as `fgrad.numpy` |
| jvp | forward mode agrees with finite differences |
| vjp | reverse mode agrees with finite differences and, by the adjoint identity, with forward mode |
| 2nd order | so do derivatives of derivatives, in all four combinations of modes |
| complex | jvp and vjp hold for complex arguments |
| vmap | mapped over every axis of an argument, and over all arguments together, it is the loop of NumPy calls |
| jit | compiled, the function and its derivatives are the eager ones |

{NONE} stands where there is nothing to check: integers have no derivatives; a result whose shape depends on values cannot be staged without `size=`.
"""


# rows of one thing that are named by what is different about them
_FAMILIES = (
    (re.compile(r"x\[.*"), "x[index]"),
    (re.compile(r"at[\[ ].*"), "x.at[index]"),
    (re.compile(r"(\w+\.at)\b.*"), r"\1"),
    (re.compile(r"((?:conv\dd|(?:max|avg)_pool|global_)\w*)\b.*"), r"nn.\1"),
)


def _label(name: str) -> str:
    for pattern, family in _FAMILIES:
        if found := pattern.fullmatch(name):
            return found.expand(family)
    return name.partition("(")[0]


def function_names(rows: Iterable[Any]) -> dict[int, str]:
    """The name of each row's function, by the id of the row: that of NumPy, or what the row is called."""
    functions = [(f"{space}{name}", f) for space, module in _spaces() for name, f in vars(module).items() if callable(f)]
    every = {name for name, _ in functions}
    own = {id(f): name for name, f in functions if name.rpartition(".")[2] == getattr(f, "__name__", None)}  # of several aliases
    names = {}
    for case in rows:
        label = _label(case.name)
        names[id(case)] = label if label in every or case.target is None else own.get(id(case.target), label)
    return names


def _spaces() -> list[tuple[str, ModuleType]]:
    return [("", np), ("linalg.", np.linalg), ("fft.", np.fft)]


_PREFIXES = (
    ("linalg.", "numpy.linalg"), ("fft.", "numpy.fft"), ("special.", "scipy.special"), ("scipy.", "scipy.linalg"),
    ("stats.", "scipy.stats"), ("nn.", "fgrad.nn"),
)  # fmt: skip


def _section(name: str) -> str:
    plain = {f"{space}{n}" for space, module in _spaces() for n in dir(module)}
    for prefix, title in _PREFIXES:
        if name.startswith(prefix) and (prefix not in ("linalg.", "fft.") or name in plain):
            return title
    if name.partition(".")[2] in ("reduce", "accumulate", "reduceat", "outer", "at") and hasattr(np, name.partition(".")[0]):
        return "Methods of ufuncs"
    return "numpy" if name in plain else "Indexing, methods, control flow and other programs"


SECTIONS = (
    "numpy",
    "Methods of ufuncs",
    "numpy.linalg",
    "numpy.fft",
    "scipy.special",
    "scipy.linalg",
    "scipy.stats",
    "fgrad.nn",
    "Indexing, methods, control flow and other programs",
)


def declared(rows: list[Any], passed: Callable[[Any, str], bool] = lambda case, test: True) -> dict[str, list[str]]:
    """The cells of each function: what its rows go through, and whether that has passed."""
    names, by_name = function_names(rows), defaultdict(list)
    for case in rows:
        by_name[names[id(case)]].append(case)
    table = {}
    for name, cases in by_name.items():
        cells = []
        for test, goes_through in COLUMNS.values():
            held = [passed(c, test) for c in cases if goes_through(c)]
            cells.append(NONE if not held else YES if all(held) else NO)
        table[name] = cells
    return table


def page(table: dict[str, list[str]]) -> str:
    """The Markdown of a table."""
    lines = [INTRODUCTION]
    for section in SECTIONS:
        names = sorted((n for n in table if _section(n) == section), key=str.lower)
        if names:
            lines += [f"## {section}", "", f"| function | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
            lines += [f"| `{n}` | {' | '.join(table[n])} |" for n in names] + [""]
    return "\n".join(lines)


def written(text: str) -> dict[str, list[str]]:
    """The table of a page."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `") and line.count("|") == len(COLUMNS) + 2]
    return {name.strip("`"): [c.strip() for c in cells] for name, *cells in rows}


class Recorder:
    """A plugin of pytest that notes which test failed for which row."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()
        self.failed: set[tuple[str, str]] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Any:
        report = yield
        params = item.callspec.params if hasattr(item, "callspec") else {}
        for case in params.get("cases", [params["case"]] if "case" in params else []):
            key = case.name, item.originalname
            self.seen.add(key)
            if report.failed:
                self.failed.add(key)
        return report

    def passed(self, case: Any, test: str) -> bool:
        key = case.name, test
        return key in self.seen and key not in self.failed


def main() -> int:
    recorder = Recorder()
    tests = [str(ROOT / "tests" / f) for f in ("test_cases.py", "compile/test_jit_cases.py")]
    status = pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", *sys.argv[1:], *tests], plugins=[recorder])
    from cases import ROWS  # importable once pytest has read tests/conftest.py

    table = declared(ROWS, recorder.passed)
    PAGE.write_text(page(table))
    lost = [name for name, cells in table.items() if NO in cells]
    print(f"{PAGE.relative_to(ROOT)}: {len(table)} functions; not all passed: {', '.join(lost) or 'none'}")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
