"""Milliseconds it takes LLVM to compile a module of one loop over a function of `fgrad/kernels/vmath.ll`.

    python -m benchmarks.vmath_ir [--only exp.f64,...] [--rounds N] [--level 2|3]

Processor time of parsing, optimising, inlining what the vectoriser called, and machine code; the least of some rounds, in which the functions take
turns. The first row is a loop over `x + 1`: what a loop takes by itself.
"""

from __future__ import annotations

import argparse
import itertools
import time

import llvmlite.binding as llvm

from benchmarks.timing import markdown
from fgrad.kernels import vmath_ir

FEW = "exp,log,sin,tanh,pow,erf,lgamma"
BINARY = ("pow", "hypot", "arctan2")
NOTHING = "define linkonce_odr double @fgrad.nothing.f64(double %0) alwaysinline {\n  %2 = fadd double %0, 1.0\n  ret double %2\n}\n"
LOOP = """
define void @loop(ptr noalias %x, ptr noalias %y, ptr noalias %out, i64 %n) {{
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


def text_of(name: str) -> str:
    t = "double" if name.endswith("64") else "float"
    args = f"{t} %a, {t} %b" if name.split(".")[0] in BINARY else f"{t} %a"
    return LOOP.format(name=name, t=t, args=args) + (NOTHING if name == "nothing.f64" else vmath_ir.definitions([name]))


def compile_times(text: str, level: int) -> list[float]:
    """Milliseconds of each stage."""
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=level, jit=True
    )
    marks = [time.process_time()]
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = llvm.get_process_triple(), str(machine.target_data)
    marks.append(time.process_time())
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    passes = llvm.create_new_module_pass_manager()
    vmath_ir.release(module)
    passes.add_always_inliner_pass()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)
    marks.append(time.process_time())
    machine.emit_object(module)
    marks.append(time.process_time())
    return [1e3 * (b - a) for a, b in itertools.pairwise(marks)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(f"{name}.{kind}" for kind in ("f64", "f32") for name in FEW.split(",")))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--level", type=int, default=3)
    options = parser.parse_args()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    texts = {name: text_of(name) for name in ("nothing.f64", *options.only.split(","))}
    measured = {name: [] for name in texts}
    for _ in range(options.rounds):
        for name, text in texts.items():
            measured[name].append(compile_times(text, options.level))
    rows = [(name, *map(min, zip(*times, strict=True)), min(map(sum, times))) for name, times in measured.items()]
    print(markdown(("function", "parse", "optimise", "machine code", "together"), rows))


if __name__ == "__main__":
    main()
