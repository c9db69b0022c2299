"""Rows of numpy.fft: every transform in lengths that crop and pad, even and odd, over axes, in every norm."""

from __future__ import annotations

from typing import Any

import numpy

from cases.table import ALL_DTYPES, FLOATING, normal, positive, row

EVERY: dict[str, Any] = {"values": ALL_DTYPES, "grad": ("float64", "float32", "complex128")}
COMPLEX: dict[str, Any] = {"values": (*FLOATING, "complex128", "complex64"), "grad": ("float64", "complex128")}
REAL: dict[str, Any] = {"values": (*FLOATING, "int64"), "grad": FLOATING}
NORMS = ("backward", "ortho", "forward")

for _name, _options in (("fft", COMPLEX), ("ifft", COMPLEX), ("rfft", REAL), ("irfft", COMPLEX), ("hfft", COMPLEX), ("ihfft", REAL)):
    row(f"fft.{_name}", normal(5), options=EVERY if _options is COMPLEX else REAL)
    row(f"fft.{_name}", normal(4, 3), axis=0, options=_options)
    for _n in (1, 2, 3, 6, 9):
        row(f"fft.{_name}", normal(2, 5), _n, options=_options)
    for _norm in NORMS:
        row(f"fft.{_name}", normal(6, 2), 7, 0, _norm, options=_options)
    row(f"fft.{_name}", normal(0, 3), options=_options)
for _name, _options in (
    ("fft2", COMPLEX), ("ifft2", COMPLEX), ("rfft2", REAL), ("irfft2", COMPLEX), ("fftn", COMPLEX), ("ifftn", COMPLEX), ("rfftn", REAL),
    ("irfftn", COMPLEX),
):  # fmt: skip
    row(f"fft.{_name}", normal(2, 3, 4), options=_options)
    row(f"fft.{_name}", normal(2, 3, 3), (2, 5), (2, 0), options=_options)
    row(f"fft.{_name}", normal(3, 4), (-1, 3), (0, 1), "ortho", options=_options)
    row(f"fft.{_name}", normal(3, 2), axes=(1, 1), options=_options)
    row(f"fft.{_name}", normal(0, 3, 2), axes=(1, 2), options=_options)
    for _norm in NORMS:
        row(f"fft.{_name}", normal(2, 5), norm=_norm, options=_options)
for _axes in (None, 0, (1,), (0, 1)):
    row("fft.fftshift", normal(3, 4), axes=_axes, options=EVERY)
    row("fft.ifftshift", normal(3, 4), axes=_axes, options=EVERY)
row(lambda np, d: np.fft.fftfreq(5, d), positive(), name="fftfreq", target=numpy.fft.fftfreq, options=REAL | {"values": FLOATING})
row(lambda np, d: np.fft.rfftfreq(6, d), positive(), name="rfftfreq", target=numpy.fft.rfftfreq, options=REAL | {"values": FLOATING})
