"""Floor 5: fgrad and Numba. `calls` traces the source of @njit functions, `lift` makes them primitives, `functions` is for calls from @njit code."""
