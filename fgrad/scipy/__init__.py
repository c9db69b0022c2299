"""SciPy's functions on traced values: `fgrad.scipy.special`. SciPy itself is imported when a value is first computed."""

from fgrad.scipy import special as special
