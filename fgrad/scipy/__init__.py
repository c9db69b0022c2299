"""SciPy's functions on traced values: `special`, `linalg`, `stats`, `integrate`. SciPy itself is imported when a value is first computed."""

from fgrad.scipy import integrate as integrate
from fgrad.scipy import linalg as linalg
from fgrad.scipy import special as special
from fgrad.scipy import stats as stats
