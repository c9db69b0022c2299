"""The examples in docstrings, README.md and docs/ run, and show what they print; the README's commands are those of the CI."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import scipy.special

import fgrad

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(?P<code>[^`]+)` +\| `(?P<value>[^`]+)` +\|", re.MULTILINE)


def docstrings() -> list[doctest.DocTest]:
    """The examples in fgrad's docstrings. Functions without one of their own show NumPy's or SciPy's, which is not ours to test."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = ["fgrad", *(m.name for m in pkgutil.walk_packages(fgrad.__path__, "fgrad."))]
    found = {t.name: t for name in names for t in finder.find(importlib.import_module(name)) if t.examples}
    theirs = {inspect.getdoc(f) for space in (np, np.linalg, np.fft, scipy.special, scipy.linalg) for f in vars(space).values()}
    return [t for t in found.values() if inspect.cleandoc(t.docstring) not in theirs]


def run(test: doctest.DocTest, keep_names: bool = False) -> None:
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=not keep_names)
    assert not result.failed, "".join(report)


@pytest.mark.parametrize("test", docstrings(), ids=lambda t: t.name)
def test_docstring(test):
    run(test)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_page(page):
    """The Python blocks of a page run in order, in one namespace; what stands after a prompt is compared with what it prints."""
    text = page.read_text()
    names: dict = {"__name__": page.stem}
    for block in BLOCK.finditer(text):
        line = text[: block.start(1)].count("\n")
        if ">>>" in block[1]:
            test = doctest.DocTestParser().get_doctest(block[1], names, f"{page.name}:{line}", str(page), line)
            run(test, keep_names=True)
            names.update(test.globs)
        else:
            exec(compile("\n" * line + block[1], str(page), "exec"), names)


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_derivative_conventions():
    """Every row of the tables in docs/derivatives.md: code, and its value."""
    names = {"np": np, "fgrad": fgrad, **vars(fgrad)}
    exec("from fgrad import numpy as fnp, scipy\nfrom numpy import array, inf, nan", names)
    rows = list(ROW.finditer((ROOT / "docs" / "derivatives.md").read_text()))
    assert len(rows) > 20
    for row in rows:
        np.testing.assert_array_equal(eval(row["code"], names), eval(row["value"], names), err_msg=row["code"])


def test_commands():
    """README.md has two commands that set everything up; the CI ends with the second."""
    setup = re.compile(r"^python3 -m venv \.venv && .*$", re.MULTILINE)
    commands = setup.findall((ROOT / "README.md").read_text())
    assert len(commands) == 2
    assert "fgrad.examples.digits" in commands[0]
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == commands[1]
