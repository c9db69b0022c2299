"""fgrad: composable transformations of NumPy programs.

`grad`, `vjp`, `jvp`, `linearize`, `vmap` of functions written with NumPy; results are NumPy arrays. This module re-exports the public names.
"""

import importlib
from typing import TYPE_CHECKING, Any

from fgrad import numpy as numpy
from fgrad.api.associative_scan import associative_scan
from fgrad.api.branches import cond, switch
from fgrad.api.callbacks import debug_print, pure_callback
from fgrad.api.checkpoint import checkpoint, checkpoint_name, checkpoint_policies
from fgrad.api.custom import custom_jvp, custom_vjp, stop_gradient
from fgrad.api.derivatives import grad, hvp, jvp, linear_transpose, linearize, value_and_grad, vjp
from fgrad.api.implicit import custom_fixed_point, custom_linear_solve, custom_root, dense_solve
from fgrad.api.jacobians import hessian, jacfwd, jacobian, jacrev
from fgrad.api.jit import jit
from fgrad.api.loops import fori_loop, map, scan, while_loop
from fgrad.api.staging import eval_shape, make_jaxpr
from fgrad.api.vmap import vmap
from fgrad.compile import cache as cache
from fgrad.core import errors as errors
from fgrad.core import tree as tree
from fgrad.core.avals import ShapedArray as ShapeDtypeStruct
from fgrad.core.avals import float0
from fgrad.core.config import config, disable_jit
from fgrad.core.jaxpr import ClosedJaxpr, Jaxpr, check_jaxpr, eval_jaxpr
from fgrad.transforms.debug import debug_nans

if TYPE_CHECKING:
    from fgrad import explore as explore
    from fgrad import nn as nn
    from fgrad import optim as optim
    from fgrad import optimize as optimize
    from fgrad import random as random
    from fgrad import scipy as scipy
    from fgrad import testing as testing
    from fgrad.api.naming import name as name
    from fgrad.interop.functions import numba_function as numba_function
    from fgrad.interop.lift import lift as lift
    from fgrad.sparse.api import sparsity as sparsity

_LATER = {
    "explore": "fgrad.explore",
    "lift": "fgrad.interop.lift",
    "name": "fgrad.api.naming",
    "nn": "fgrad.nn",
    "numba_function": "fgrad.interop.functions",
    "optim": "fgrad.optim",
    "optimize": "fgrad.optimize",
    "random": "fgrad.random",
    "scipy": "fgrad.scipy",
    "sparsity": "fgrad.sparse.api",
    "testing": "fgrad.testing",
}
"""Public names that are loaded when they are first asked for: a program that does without them starts sooner."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'fgrad' has no attribute {name!r}")
    module = importlib.import_module(_LATER[name])
    value = module if module.__name__ == f"fgrad.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def _show_jaxpr(closed: ClosedJaxpr) -> str:
    """What a notebook shows of a jaxpr; the room that draws is loaded when one is shown."""
    return __getattr__("explore").jaxpr_html(closed)


ClosedJaxpr._repr_html_ = _show_jaxpr  # type: ignore[attr-defined]


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext fgrad` in IPython and Jupyter: `%jaxpr f(x)`, `%%graph`, `%timegrad f(x)`."""
    importlib.import_module("fgrad.explore.magics").load(shell)


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
