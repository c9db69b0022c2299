"""Functions of SciPy on traced values. `fgrad.scipy.special` mirrors `scipy.special`; SciPy itself is imported when a value is first computed."""
