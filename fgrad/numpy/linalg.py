"""`fgrad.numpy.linalg`: numpy.linalg, whose functions take traced values where they have a rule. Only a namespace."""

from __future__ import annotations

import numpy as _np

from fgrad.numpy.protocol import namespace as _namespace

__getattr__, __dir__ = _namespace("fgrad.numpy.linalg", _np.linalg)
