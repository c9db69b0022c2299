"""`fgrad.numpy.linalg`: numpy.linalg, whose functions take traced values where they have a rule. Only a namespace.

The functions are in `solving.py`, `factoring.py` and `norms.py`; the products in `contraction.py`, `diagonal` in `diagonals.py`.
"""

from __future__ import annotations

import numpy as _np

from fgrad.numpy import factoring as _factoring  # noqa: F401 (these modules register their functions)
from fgrad.numpy import norms as _norms  # noqa: F401
from fgrad.numpy import solving as _solving  # noqa: F401
from fgrad.numpy.protocol import namespace as _namespace

__getattr__, __dir__ = _namespace("fgrad.numpy.linalg", _np.linalg)
