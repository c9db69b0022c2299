"""NumPy on traced values: `import fgrad.numpy as np` is NumPy, with functions that trace.

Plain `numpy` calls trace too (`numpy.sin(x)` of a traced x arrives through NumPy's protocols); this namespace adds what NumPy cannot
dispatch, such as `array([x, y])`. Names that have no meaning of their own for traced values (`errstate`, `iinfo`, `zeros`) are NumPy's.
"""

from __future__ import annotations

from typing import Any

import numpy as _np

import fgrad.ops.operators
from fgrad.numpy import creation, elementwise, joining, methods, shapes
from fgrad.numpy.protocol import exports as _exports

globals().update(_exports(_np))


def __getattr__(name: str) -> Any:
    """What is not defined for traced values is NumPy's: constants, dtypes, and functions that make arrays of plain numbers."""
    if not name.startswith("_"):
        try:
            return getattr(_np, name)
        except AttributeError:
            pass
    raise AttributeError(f"module 'fgrad.numpy' has no attribute {name!r}, and neither has numpy", name=name)


def __dir__() -> list[str]:
    return sorted({*(n for n in globals() if not n.startswith("_")), *(n for n in dir(_np) if not n.startswith("_"))})
