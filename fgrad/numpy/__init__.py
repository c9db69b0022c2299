"""NumPy on traced values: `import fgrad.numpy as np` is NumPy, with functions that trace.

Plain `numpy` calls trace too (`numpy.sin(x)` of a traced x arrives through NumPy's protocols); this namespace adds what NumPy cannot
dispatch, such as `array([x, y])`. Names that have no meaning of their own for traced values (`errstate`, `s_`, `zeros`) are NumPy's.
"""

from __future__ import annotations

import numpy as _np

import fgrad.ops.operators as _operators
from fgrad.numpy import array_api as _array_api
from fgrad.numpy import contraction as _contraction
from fgrad.numpy import convolution as _convolution
from fgrad.numpy import covariance as _covariance
from fgrad.numpy import creation as _creation
from fgrad.numpy import cumulative as _cumulative
from fgrad.numpy import diagonals as _diagonals
from fgrad.numpy import elementwise as _elementwise
from fgrad.numpy import fft as fft
from fgrad.numpy import histograms as _histograms
from fgrad.numpy import indexing as _indexing
from fgrad.numpy import joining as _joining
from fgrad.numpy import linalg as linalg
from fgrad.numpy import methods as _methods
from fgrad.numpy import nan_reductions as _nan_reductions
from fgrad.numpy import norms as _norms
from fgrad.numpy import polynomials as _polynomials
from fgrad.numpy import predicates as _predicates
from fgrad.numpy import quantiles as _quantiles
from fgrad.numpy import reductions as _reductions
from fgrad.numpy import sets as _sets
from fgrad.numpy import shapes as _shapes
from fgrad.numpy import sorting as _sorting
from fgrad.numpy import tiling as _tiling
from fgrad.numpy import ufunc_methods as _ufunc_methods
from fgrad.numpy import writing as _writing
from fgrad.numpy.array_api import __array_api_version__ as __array_api_version__
from fgrad.numpy.array_api import __array_namespace_info__ as __array_namespace_info__
from fgrad.numpy.array_api import finfo as finfo
from fgrad.numpy.array_api import iinfo as iinfo
from fgrad.numpy.einsum import einsum as einsum  # the function, in place of its module of the same name
from fgrad.numpy.grids import c_ as c_
from fgrad.numpy.grids import mgrid as mgrid
from fgrad.numpy.grids import ogrid as ogrid
from fgrad.numpy.grids import r_ as r_
from fgrad.numpy.indexing import at as at
from fgrad.numpy.mapping import vectorize as vectorize
from fgrad.numpy.protocol import namespace as _namespace

__getattr__, __dir__ = _namespace("fgrad.numpy", _np)
