"""Where BLAS is: NumPy's own OpenBLAS, which is loaded already and whose threads NumPy users know how to set, else SciPy's `cython_blas`.

Programs call `blas_dgemm`, `blas_dgemv` and so on with the arguments of CBLAS and 64-bit integers. SciPy offers Fortran's interface with 32-bit
integers, and `definitions` is then the text of functions in between."""

from __future__ import annotations

import ctypes
import functools
import glob
import os
from collections.abc import Iterable

import numpy as np

_PATTERNS = ("scipy_cblas_{}64_", "cblas_{}64_")


@functools.cache
def _numpy_blas() -> ctypes.CDLL | None:
    """The OpenBLAS that came with NumPy, if it is one with 64-bit integers."""
    package = os.path.dirname(np.__file__)
    for folder in (f"{package}.libs", os.path.join(package, ".dylibs")):
        for path in sorted(glob.glob(os.path.join(folder, "*openblas*"))):
            library = ctypes.CDLL(path)
            if _address(library, "dgemm") is not None:
                return library
    return None


def _address(library: ctypes.CDLL, name: str) -> int | None:
    for pattern in _PATTERNS:
        function = getattr(library, pattern.format(name), None)
        if function is not None:
            return ctypes.cast(function, ctypes.c_void_p).value
    return None


def symbols(names: Iterable[str]) -> dict[str, int]:
    """Addresses of BLAS functions (`blas_dgemm`), by the names that a program leaves open."""
    library = _numpy_blas()
    short = {name: name.removeprefix("blas_") for name in names}
    if library is not None:
        return {name: _address(library, s) or 0 for name, s in short.items()}
    return {f"fortran_{s}": _fortran(s) for s in short.values()}


def _fortran(name: str) -> int:
    import scipy.linalg.cython_blas as cython_blas

    capsule = cython_blas.__pyx_capi__[name]
    get_name, get_pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return get_pointer(capsule, get_name(capsule))


def definitions(names: Iterable[str]) -> dict[str, str]:
    """Texts that define BLAS functions on top of Fortran's, by name; empty where they need none."""
    if _numpy_blas() is not None:
        return {}
    return {name: _shim(name.removeprefix("blas_")) for name in names}


def _shim(name: str) -> str:
    """Row by row for CBLAS is column by column, transposed, for Fortran: products are taken in the other order."""
    number = {"s": "float", "d": "double"}.get(name[0], "ptr")
    body: list[str] = []

    def integer(value: str) -> str:
        slot, short = f"%s{len(body)}", f"%t{len(body)}"
        body.extend([f"{slot} = alloca i32", f"{short} = trunc i64 {value} to i32", f"store i32 {short}, ptr {slot}"])
        return f"ptr {slot}"

    def scalar(value: str) -> str:
        if number == "ptr":
            return f"ptr {value}"
        slot = f"%s{len(body)}"
        body.extend([f"{slot} = alloca {number}", f"store {number} {value}, ptr {slot}"])
        return f"ptr {slot}"

    def turned(value: str, plain: str, transposed: str) -> str:
        slot, test, word = f"%s{len(body)}", f"%c{len(body)}", f"%w{len(body)}"
        body.extend(
            [
                f"{slot} = alloca i8",
                f"{test} = icmp eq i32 {value}, 111",
                f"{word} = select i1 {test}, i8 {ord(plain)}, i8 {ord(transposed)}",
                f"store i8 {word}, ptr {slot}",
            ]
        )
        return f"ptr {slot}"

    if name.endswith("gemm"):
        head = f"i32 %order, i32 %ta, i32 %tb, i64 %m, i64 %n, i64 %k, {number} %alpha, ptr %a, i64 %lda, ptr %b, i64 %ldb, {number} %beta, ptr %c, i64 %ldc"
        arguments = [turned("%tb", "N", "T"), turned("%ta", "N", "T"), integer("%n"), integer("%m"), integer("%k"), scalar("%alpha")]
        arguments += ["ptr %b", integer("%ldb"), "ptr %a", integer("%lda"), scalar("%beta"), "ptr %c", integer("%ldc")]
    elif name.endswith("syrk"):
        head = f"i32 %order, i32 %uplo, i32 %ta, i64 %n, i64 %k, {number} %alpha, ptr %a, i64 %lda, {number} %beta, ptr %c, i64 %ldc"
        arguments = [turned("%uplo", "L", "L"), turned("%ta", "T", "N"), integer("%n"), integer("%k"), scalar("%alpha")]
        arguments += ["ptr %a", integer("%lda"), scalar("%beta"), "ptr %c", integer("%ldc")]
    else:
        head = (
            f"i32 %order, i32 %ta, i64 %m, i64 %n, {number} %alpha, ptr %a, i64 %lda, ptr %x, i64 %incx, {number} %beta, ptr %y, i64 %incy"
        )
        arguments = [
            turned("%ta", "T", "N"),
            integer("%n"),
            integer("%m"),
            scalar("%alpha"),
            "ptr %a",
            integer("%lda"),
            "ptr %x",
            integer("%incx"),
        ]
        arguments += [scalar("%beta"), "ptr %y", integer("%incy")]
    lines = [*body, f"call void @fortran_{name}({', '.join(arguments)})", "ret void"]
    declaration = f"declare void @fortran_{name}({', '.join(['ptr'] * len(arguments))})"
    return "\n".join([declaration, f"define internal void @blas_{name}({head}) {{", *[f"  {line}" for line in lines], "}"])
