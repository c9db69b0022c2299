"""The house stands on its floors: what each module may import, read from the source; and what `import fgrad` loads."""

from __future__ import annotations

import ast
import functools
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import fgrad

PACKAGE = Path(fgrad.__file__).parent
FLOORS = {
    "core": 0, "kernels": 0, "ops": 1, "transforms": 2, "compile": 3, "control": 4,
    "numpy": 5, "random": 5, "scipy": 5, "nn": 5, "optim": 5, "optimize": 5, "sparse": 5, "explore": 5, "testing": 5, "api": 5, "interop": 5,
    "__init__": 6, "examples": 7,
}  # fmt: skip
ALLOWED_OUTSIDE = {"core": {"numpy", "optree"}, "kernels": {"numpy", "numba", "llvmlite"}}
SLOW = {"scipy", "numba", "llvmlite", "hashlib"}  # what `import fgrad` must not load, and so the only imports inside functions
MODULES = {".".join(("fgrad", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): p for p in PACKAGE.rglob("*.py")}


def room(module: str) -> str:
    """`fgrad.core.tree` is in room core; `fgrad` itself is `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(tree: ast.AST, package: str, inside: bool = False) -> Iterator[tuple[ast.stmt, str, bool]]:
    """Every module imported, and whether inside a function; those for the type checker alone are left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module or ""
            for alias in node.names:  # `from fgrad.core import tree` imports a module
                name = f"{base}.{alias.name}"
                yield node, name if name in MODULES else base, inside
        else:
            yield from imports(node, package, inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


@functools.cache
def imported_by(module: str) -> list[tuple[str, str, bool]]:
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return [(f"{path.name}:{node.lineno}", name, inside) for node, name, inside in imports(ast.parse(path.read_text()), package)]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_only_from_floors_below(module):
    assert room(module) in FLOORS, f"{module} is in no room of the house"
    floor = FLOORS[room(module)]
    for where, name, _ in imported_by(module):
        top = name.split(".")[0]
        if top == "fgrad":
            assert FLOORS[room(name)] <= floor, f"{where} imports {name} from a floor above"
            if room(module) != room(name):
                assert FLOORS[room(name)] < floor or floor == 5, f"{where} imports {name} from a room beside it"
        elif top not in sys.stdlib_module_names and room(module) in ALLOWED_OUTSIDE:
            assert top in ALLOWED_OUTSIDE[room(module)], f"{where} imports {name}, which {room(module)} does without"


@functools.cache
def loaded_by(module: str) -> set[str]:
    """The modules of fgrad that importing this one loads."""
    found, waiting = {module}, [module]
    while waiting:
        for _, name, inside in imported_by(waiting.pop()):
            if name in MODULES and not inside and name not in found:
                found.add(name)
                waiting.append(name)
    return found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_stand_at_the_top(module):
    for where, name, inside in imported_by(module):
        slow = name.split(".")[0] in SLOW
        assert slow or not inside, f"{where} imports {name} inside a function"
        assert inside or not slow or module not in loaded_by("fgrad"), f"{where} makes `import fgrad` load {name}"


def test_no_circles():
    graph = {m: {name for _, name, _ in imported_by(m) if name.split(".")[0] == "fgrad"} - {m} for m in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as e:
        pytest.fail(" -> ".join(e.args[1]))


def test_import_loads_no_compiler():
    program = "import fgrad, sys; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "fgrad" in loaded
    assert not set(loaded) & {"numba", "llvmlite", "scipy", "sklearn", "matplotlib", "pandas"}


def test_typed():
    assert (PACKAGE / "py.typed").exists()
