"""SciPy's own solvers for functions of pytrees, with the derivatives they ask for: `minimize`, `least_squares`, `root`, `curve_fit`.

Results are SciPy's objects, with the solution as a pytree beside the vector; the solution is differentiable in what the function closes over.
SciPy is imported at the first call.
"""

from fgrad.optimize.equations import curve_fit, least_squares, root
from fgrad.optimize.minimization import minimize

__all__ = ["curve_fit", "least_squares", "minimize", "root"]
