"""`fgrad.numpy.fft`: numpy.fft, whose functions take traced values. Only a namespace; the functions are in `fourier.py`."""

from __future__ import annotations

import numpy as _np

from fgrad.numpy import fourier as _fourier  # noqa: F401 (registers its functions)
from fgrad.numpy.protocol import namespace as _namespace

__getattr__, __dir__ = _namespace("fgrad.numpy.fft", _np.fft)
