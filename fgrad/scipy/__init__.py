"""SciPy's functions on traced values: `fgrad.scipy.special` and `fgrad.scipy.linalg`. SciPy itself is imported when a value is first computed."""

from fgrad.scipy import linalg as linalg
from fgrad.scipy import special as special
