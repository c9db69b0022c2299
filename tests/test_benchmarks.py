"""The measured programs at tiny sizes: fgrad's results against NumPy and Numba by hand, and against the other libraries that are installed.

No figure is judged. What is written by hand for Numba runs as plain Python here, which takes no time to compile.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
numba.config.DISABLE_JIT = True  # type: ignore[attr-defined] # while the modules below define their functions
try:
    from benchmarks import programs, registry, tables, timing, workload
    from benchmarks.languages import is_installed, language, leaves
finally:
    numba.config.DISABLE_JIT = False  # type: ignore[attr-defined]

CASES = [pytest.param(w, what, id=f"{w.group}: {w.name}, {what}") for w in registry.WORKLOADS for what in w.measures]
OTHERS = [
    pytest.param(w, what, name, id=f"{w.group}: {w.name}, {what}, {name}")
    for name in ("JAX", "torch", "autograd")
    if is_installed(name)
    for w in registry.WORKLOADS
    if name in w.rivals
    for what in w.measures
]


def result(w: workload.Workload, what: str, library: str, args: tuple):
    call = workload.runnable(w, what, library, args, jit=library != "autograd")
    return None if call is None else call()


@pytest.mark.parametrize(("w", "what"), CASES)
def test_by_hand(w, what):
    """Where nobody wrote the derivative by hand, its part along a direction is a quotient of differences."""
    args = w.tiny()
    ours, numpy, compiled = (result(w, what, name, args) for name in ("fgrad", "NumPy", "Numba"))
    workload.check(w, what, ours, [(name, r) for name, r in (("NumPy", numpy), ("Numba", compiled)) if r is not None])
    if numpy is None:
        differences(w, what, args, ours)


def differences(w, what, args, ours):
    x, *data = args
    f = w.text(language("NumPy"))
    if what == workload.HVP:
        direction, *data = data
        gradient = fgrad.grad(w.text(language("fgrad")))
        f, found = (lambda x, *data: leaves(gradient(x, *data))), leaves(ours)
    else:
        assert what == workload.GRADIENT
        rng = np.random.default_rng(1)
        direction = fgrad.tree.map(lambda a: rng.normal(size=np.shape(a)), x)
        value, gradient = ours
        np.testing.assert_allclose(value, f(*args), rtol=1e-10)
        found = [sum(np.sum(g * t) for g, t in zip(leaves(gradient), leaves(direction), strict=True))]
    moved = lambda h: fgrad.tree.map(lambda a, t: a + h * t, x, direction)
    above, below = f(moved(1e-6), *data), f(moved(-1e-6), *data)
    for a, b, g in zip(fgrad.tree.leaves(above), fgrad.tree.leaves(below), found, strict=True):
        np.testing.assert_allclose(g, (a - b) / 2e-6, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("w", "what", "library"), OTHERS)
def test_other_libraries(w, what, library):
    args = w.tiny()
    theirs = result(w, what, library, args)
    if theirs is not None:
        workload.check(w, what, result(w, what, "fgrad", args), [(library, theirs)])


def test_command(tmp_path):
    """It runs, and writes what it prints."""
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--rivals", "numpy", "--only", "dispatch", "--json", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(report.read_text(encoding="utf-8"))
    assert [line["measure"] for line in found["summary"]] == [line.split("|")[1].strip() for line in done.stdout.splitlines()[-2:]]
    assert {w["workload"] for w in found["workloads"]} == {w.name for w in registry.WORKLOADS if w.group == "dispatch"}
    assert not found["left_out"]


def test_selection():
    assert registry.select(None) == dict(registry.TABLES)
    assert list(registry.select(["Loops", "batch sizes"])) == ["loops", "batch sizes"]
    assert registry.select(["newton", "rk4"])["loops"] == ("RK4, 1000 steps, 2 numbers", "Newton by while, 100 equations")
    with pytest.raises(LookupError, match="'nothing'"):
        registry.select(["loops", "nothing"])


def test_first_calls_start_with_nothing_loaded():
    """What fgrad imports when it compiles is counted in the process that makes the first call: the benchmarks have not imported it before."""
    program = "import sys, benchmarks.fresh as f; f.PROGRAMS; print([m for m in ('numba', 'llvmlite', 'scipy', 'jax') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_inputs_make_arrays():
    """The sizes that are measured are larger than the tiny ones, and the results of both have one structure."""
    for w in registry.WORKLOADS:
        count = lambda args: sum(np.size(leaf) for leaf in fgrad.tree.leaves(args))
        assert count(w.inputs()) > count(w.tiny()), w.name


def test_names_are_unique():
    names = [(w.group, w.name, what) for w in registry.WORKLOADS for what in w.measures]
    assert len(set(names)) == len(names)


NOT_COMPILED = {
    "arange", "asarray_chkfinite", "can_cast", "common_type", "copyto", "einsum_path", "finfo", "iinfo", "iscomplexobj", "isrealobj",
    "min_scalar_type", "ndim", "result_type", "shape", "size", "trim_zeros",
}  # fmt: skip


def test_surface_is_whole():
    """Every function of NumPy's namespaces that has a rule is measured under jit, but for those that ask for values, or of types."""
    measured = {c.name for c in registry.surface.CALLS}
    for prefix, ours, theirs in (("", fnp, np), ("linalg.", fnp.linalg, np.linalg), ("fft.", fnp.fft, np.fft)):
        same = {id(getattr(theirs, n.removeprefix(prefix), None)) for n in measured if n.startswith(prefix)}
        for name in dir(theirs):
            function = getattr(theirs, name)
            if not name.startswith("_") and callable(function) and getattr(ours, name) is not function and name not in NOT_COMPILED:
                assert id(function) in same, f"{prefix}{name} is not measured"
    labels = [c.label for c in registry.surface.CALLS]
    assert len(set(labels)) == len(labels)


def test_generated_programs():
    """They have about as many equations as they say, and are the same at every call."""
    for n in (10, 50, 200):
        text = programs.generated(n)
        f = text(language("fgrad"))
        eqns = fgrad.make_jaxpr(f)(*programs.matrix()).jaxpr.eqns
        assert 0.8 * n <= len(eqns) <= 1.6 * n
        np.testing.assert_array_equal(f(*programs.matrix()), text(language("NumPy"))(*programs.matrix()))


def test_side_by_side_takes_turns():
    order = []
    found = timing.side_by_side({name: lambda name=name: order.append(name) for name in "ab"}, rounds=4, seconds=0.0)
    assert set(found) == {"a", "b"}
    assert all(0 < m.minimum <= m.median for m in found.values())
    assert "".join(order[-8:]) == "abababab"


def test_markdown():
    text = tables.markdown(("what", "time", "ratio"), [("a", tables.Seconds(1.5e-3), 2.0), ("mean", None, None)])
    assert [re.split(r" *\| *", line)[1:-1] for line in text.splitlines()] == [
        ["what", "time", "ratio"],
        ["------", "--------:", "------:"],
        ["a", "1.50 ms", "2.00"],
        ["mean", "–", "–"],
    ]
    assert tables.geometric_mean([2.0, None, 8.0]) == pytest.approx(4.0)
    assert tables.geometric_mean([None]) is None
