"""The vectorised mathematics as LLVM text: it says bit for bit what the Numba functions say, becomes vector code, and is what the generator writes."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys

import llvmlite.binding as llvm
import numpy as np
import pytest
from test_vmath import BINARY, ours, spread

from fgrad.kernels import vmath_ir
from fgrad.kernels.vmath import FUNCTIONS

NAMES = [f"{name}.{kind}" for name in FUNCTIONS for kind in ("f64", "f32")]
LOOP = """
define void @loop.{name}(ptr noalias %x, ptr noalias %y, ptr noalias %out, i64 %n) "prefer-vector-width"="512" {{
entry:
  %any = icmp sgt i64 %n, 0
  br i1 %any, label %body, label %done
body:
  %i = phi i64 [0, %entry], [%next, %body]
  %x.at = getelementptr inbounds {t}, ptr %x, i64 %i
  %y.at = getelementptr inbounds {t}, ptr %y, i64 %i
  %out.at = getelementptr inbounds {t}, ptr %out, i64 %i
  %a = load {t}, ptr %x.at
  %b = load {t}, ptr %y.at
  %r = call {t} @fgrad.{name}({args})
  store {t} %r, ptr %out.at
  %next = add nuw nsw i64 %i, 1
  %last = icmp eq i64 %next, %n
  br i1 %last, label %done, label %body
done:
  ret void
}}
"""


def loop_text(name: str) -> str:
    t = "double" if name.endswith("64") else "float"
    return LOOP.format(name=name, t=t, args=f"{t} %a, {t} %b" if name.split(".")[0] in BINARY else f"{t} %a")


def optimised(text: str) -> tuple[llvm.ModuleRef, llvm.TargetMachine]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(text)
    module.verify()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3, jit=True)
    module.triple, module.data_layout = llvm.get_process_triple(), str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    passes = llvm.create_new_module_pass_manager()
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    vmath_ir.release(module)
    passes.run(module, builder)
    return module, machine


@pytest.fixture(scope="module")
def linked() -> tuple[llvm.ModuleRef, llvm.ExecutionEngine]:
    """One module of a loop over each function: nothing in the text of one clashes with that of another."""
    module, machine = optimised("".join(map(loop_text, NAMES)) + vmath_ir.definitions(NAMES))
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return module, engine


def run(engine: llvm.ExecutionEngine, name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    address = engine.get_function_address(f"loop.{name}")
    ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)(address)(x.ctypes.data, y.ctypes.data, out.ctypes.data, x.size)
    return out


def same_bits(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    kind = f"u{a.dtype.itemsize}"
    return (a.view(kind) == b.view(kind)) | (np.isnan(a) & np.isnan(b))


def test_every_function_is_there():
    assert vmath_ir.names() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_same_bits_as_numba(name, linked):
    module, engine = linked
    function, kind = name.split(".")
    dtype = np.dtype(f"f{int(kind[1:]) // 8}")
    rng = np.random.default_rng(5)
    x = spread(dtype, 100_000, rng)
    y = rng.permutation(x)
    expected = ours(function, *((x, y) if function in BINARY else (x,)))
    found = run(engine, name, x, y)
    different = ~same_bits(found, expected)
    assert not different.any(), f"at {x[different][:3]}: {found[different][:3]}, not {expected[different][:3]}"
    body = re.search(rf"^define void @loop\.{re.escape(name)}\(.*?^\}}", str(module), re.M | re.S)
    assert body and re.search(r"= f(mul|add|sub|div) <\d+ x (double|float)>", body.group()), "no vector code"
    assert not re.search(r"call <\d+ x \w+> @fgrad\.\w+\.f\d\d\.\w+\.x\d+\(", body.group()), "the test of rare arguments was not inlined"


@pytest.mark.parametrize("name", NAMES)
def test_each_function_alone(name):
    text = vmath_ir.definitions([name])
    llvm.parse_assembly(text).verify()
    assert not re.search(r"^(declare|target|attributes|source_filename)|(^|\s)[!#]\d", text, re.M)


def test_definitions_are_not_repeated():
    wanted = ["sin.f64", "cos.f64", "sin.f64", "tan.f32"]
    text = vmath_ir.definitions(wanted)
    defined = re.findall(r"^(?:define .*?)?(@[\w.]+)(?:\(| =)", text, re.M)
    assert len(defined) == len(set(defined)) and "@fgrad.huge.f64" in defined
    assert vmath_ir.definitions([]) == ""
    with pytest.raises(KeyError):
        vmath_ir.definitions(["sine.f64"])


def test_huge_arguments_beside_small_ones(linked, rng):
    x = rng.uniform(-10, 10, 1000)
    x[::37] = 10.0 ** rng.uniform(14, 308, x[::37].size)
    for name in ("sin", "cos", "tan"):
        np.testing.assert_allclose(run(linked[1], f"{name}.f64", x, x), getattr(np, name)(x), rtol=1e-15)


def test_numba_is_not_imported():
    code = "import sys; from importlib import import_module as i; i('fgrad.kernels.vmath_ir').definitions(['sin.f64']); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_file_is_what_the_generator_writes(tmp_path):
    from fgrad.kernels.generate import header

    text = vmath_ir.PATH.read_text(encoding="utf-8")
    if text.splitlines()[0] != header():
        pytest.skip("other versions of Numba and llvmlite than those that wrote the file")
    path = tmp_path / "vmath.ll"
    subprocess.run([sys.executable, "-m", "fgrad.kernels.generate", "--output", str(path)], check=True)
    assert path.read_text(encoding="utf-8") == text, "python -m fgrad.kernels.generate writes another text"
