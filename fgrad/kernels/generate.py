"""Writes `vmath.ll`, the vectorised mathematics as LLVM text: `vmath_ir` reads it where Numba is not to be imported.

    python -m fgrad.kernels.generate [--output FILE]

Numba's front end compiles each function of `vmath.FUNCTIONS`, for no processor in particular and without optimisation. Around it, a function of
numbers alone takes the place of Numba's calling convention (a status, and results through a pointer); LLVM inlines everything into that, and
simplifies it, vectorising nothing. What is left is written without names of values, metadata, attribute groups and declarations, which would
clash with those of the module that the text is appended to, and without flags that older versions of LLVM do not read. Imports Numba.
"""

from __future__ import annotations

import argparse
import platform
import re
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import numba
import numpy as np
from numba import types
from numba.core import config

from fgrad.kernels.vmath import FUNCTIONS
from fgrad.kernels.vmath_ir import PATH, PREFIX

FORMATS = {"f64": (np.dtype(np.float64), types.float64, "double"), "f32": (np.dtype(np.float32), types.float32, "float")}
PURE = "nounwind willreturn memory(none)"
# Of a function's attributes, those that the text keeps. What runs rarely is optimised here, and not again in each module.
WORDS = {"alwaysinline": "alwaysinline", "noinline": "noinline", "cold": "cold optnone"}
FLAGS = re.compile(r"\b(disjoint|nneg|samesign|nusw) |(?<=trunc )nuw |(?<=trunc )nsw |(?<=getelementptr )nuw |(?<=inbounds )nuw ")


def header() -> str:
    """The first line of the file: the versions on which the rest depends."""
    version = ".".join(map(str, llvm.llvm_version_info))
    made_with = f"Numba {numba.__version__}, llvmlite {llvmlite.__version__}, LLVM {version}, {platform.machine()}"
    return f"; Written by `python -m fgrad.kernels.generate`; do not edit. {made_with}."


def compiled(name: str, kind: str) -> llvm.ModuleRef:
    """A module whose function fgrad.<name>.<kind> calls what Numba made of the function."""
    dtype, numba_type, t = FORMATS[kind]
    function = FUNCTIONS[name][dtype]
    arity = function.py_func.__code__.co_argcount
    signature = (numba_type,) * arity
    function.compile(signature)
    result = function.overloads[signature]
    module = llvm.parse_assembly(result.library.get_llvm_str())
    theirs = result.fndesc.llvm_func_name
    args = ", ".join(f"{t} %x{k}" for k in range(arity))
    wrapper = llvm.parse_assembly(f"""
        declare i32 @"{theirs}"(ptr, ptr, {", ".join([t] * arity)})
        define {t} @{PREFIX}{name}.{kind}({args}) alwaysinline {PURE} {{
            %result = alloca {t}
            %error = alloca ptr
            call i32 @"{theirs}"(ptr %result, ptr %error, {args})
            %y = load {t}, ptr %result
            ret {t} %y
        }}""")
    wrapper.triple, wrapper.data_layout = module.triple, module.data_layout
    module.link_in(wrapper)
    return module


def simplified(module: llvm.ModuleRef, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """All that Numba compiled inlined into the functions whose names begin with `fgrad.`, and these optimised."""
    for f in module.functions:
        if not f.is_declaration and not f.name.startswith(PREFIX):
            f.linkage = "internal"
            f.add_function_attribute("alwaysinline")
    for variable in module.global_variables:
        if not variable.is_declaration and not variable.name.startswith("llvm."):
            variable.linkage = "internal"
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = options.loop_interleaving = False
    builder = llvm.create_pass_builder(machine, options)
    for _ in range(2):
        builder.getModulePassManager().run(module, builder)
    passes = llvm.create_new_module_pass_manager()
    passes.add_strip_symbols_pass()
    passes.run(module, builder)
    module.verify()
    return module


def chunks(module: llvm.ModuleRef) -> dict[str, str]:
    """The definitions of the module as text, by name."""
    text = str(module)
    groups = dict(re.findall(r"^attributes (#\d+) = \{ (.*) \}$", text, re.M))
    weights = dict(re.findall(r'^(!\d+) = !\{!"branch_weights", (.*)\}$', text, re.M))
    found: dict[str, str] = {}
    owners: dict[str, str] = {}
    for f in module.functions:
        if f.is_declaration:
            continue
        attributes, body = re.search(rf"^define [^\n]*@{re.escape(f.name)}\([^\n]*\)([^\n]*) \{{\n(.*?)^\}}", text, re.M | re.S).groups()  # type: ignore[union-attr]
        words = groups[re.search(r"#\d+", attributes).group()].split()  # type: ignore[union-attr]
        kept_words = " ".join([*(kept for word, kept in WORDS.items() if word in words), PURE])
        result, args = re.fullmatch(r"(.*) \((.*)\)", str(f.global_value_type)).groups()  # type: ignore[union-attr]
        parameters = ", ".join(f"{t} %{k}" for k, t in enumerate(split_types(args)))
        for constant in re.findall(r"@\d+", body):
            owners.setdefault(constant, f"@{f.name}.constant{len(owners)}")
        body = "\n".join(line for old in body.splitlines() for line in cleaned(old, groups, weights))
        found[f.name] = f"define linkonce_odr {result} @{f.name}({parameters}) {kept_words} {{\n{body}\n}}"
    found = {name: re.sub(r"@\d+", lambda m: owners[m.group()], chunk) for name, chunk in found.items()}
    for constant, name in owners.items():
        value = re.search(rf"^{constant} = internal (?:unnamed_addr )?constant (.*)$", text, re.M).group(1)  # type: ignore[union-attr]
        found[name[1:]] = f"{name} = private unnamed_addr constant {value}"
    return found


def split_types(args: str) -> list[str]:
    return [t.strip() for t in args.split(",") if t.strip()]


def cleaned(line: str, groups: dict[str, str], weights: dict[str, str]) -> list[str]:
    """A line of a body without metadata, groups, new flags and the comment; branch weights become a call of llvm.expect."""
    line = re.sub(r" *;.*$", "", line)
    if not line:
        return []
    line = line.replace("tail call", "call")
    variants = [v for g in re.findall(r"#\d+", line) for v in re.findall(r'"vector-function-abi-variant"="[^"]*"', groups[g])]
    line = " ".join([re.sub(r" #\d+", "", line), *variants])
    if vector := re.search(r"<(\d+) x ", line):  # a constant vector of equal elements
        line = re.sub(r"splat \(([^)]+)\)", lambda m: f"<{', '.join([m.group(1)] * int(vector.group(1)))}>", line)
    line = FLAGS.sub("", line)
    before = []
    if weighted := re.search(r"br i1 (%[\w.]+), .*!prof (!\d+)", line):
        condition, node = weighted.groups()
        first, second = (int(n.split()[-1]) for n in weights[node].split(", ")[-2:])
        likely = f"%likely.{condition[1:]}"
        before = [f"  {likely} = call i1 @llvm.expect.i1(i1 {condition}, i1 {'true' if first > second else 'false'})"]
        line = line.replace(f"br i1 {condition}", f"br i1 {likely}")
    return [*before, re.sub(r", !\w+(\.\w+)* !\d+", "", line)]


def generated() -> str:
    """The text of the file."""
    # Set before Numba compiles anything: it reads them once.
    config.OPT, config.LOOP_VECTORIZE, config.SLP_VECTORIZE = config._OptLevel(0), 0, 0
    config.CPU_NAME, config.CPU_FEATURES = "generic", ""
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine(cpu="generic", features="", opt=2)
    found: dict[str, str] = {}
    for name in FUNCTIONS:
        for kind in FORMATS:
            for key, chunk in chunks(simplified(compiled(name, kind), machine)).items():
                if found.setdefault(key, chunk) != chunk:
                    raise ValueError(f"two definitions of {key}")
    return "\n\n".join([header(), *(found[name] for name in sorted(found))]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PATH)
    parser.parse_args().output.write_text(generated(), encoding="utf-8")


if __name__ == "__main__":
    main()
