"""NumPy on traced values: `import fgrad.numpy as np` is NumPy, with functions that trace.

Plain `numpy` calls trace too (`numpy.sin(x)` of a traced x arrives through NumPy's protocols); this namespace adds what NumPy cannot
dispatch, such as `array([x, y])`. Names that have no meaning of their own for traced values (`errstate`, `iinfo`, `zeros`) are NumPy's.
"""

from __future__ import annotations

import numpy as _np

import fgrad.ops.operators as _operators
from fgrad.numpy import contraction as _contraction
from fgrad.numpy import creation as _creation
from fgrad.numpy import cumulative as _cumulative
from fgrad.numpy import diagonals as _diagonals
from fgrad.numpy import elementwise as _elementwise
from fgrad.numpy import indexing as _indexing
from fgrad.numpy import joining as _joining
from fgrad.numpy import linalg as linalg
from fgrad.numpy import methods as _methods
from fgrad.numpy import nan_reductions as _nan_reductions
from fgrad.numpy import norms as _norms
from fgrad.numpy import reductions as _reductions
from fgrad.numpy import shapes as _shapes
from fgrad.numpy import sorting as _sorting
from fgrad.numpy import tiling as _tiling
from fgrad.numpy.einsum import einsum as einsum  # the function, in place of its module of the same name
from fgrad.numpy.indexing import at as at
from fgrad.numpy.protocol import namespace as _namespace

__getattr__, __dir__ = _namespace("fgrad.numpy", _np)
