"""Floor 0: errors, abstract values, pytrees, traces, primitives and the jaxpr. Imports NumPy and optree only.

Read `avals`, `primitive`, `trace`, `jaxpr`, `stage`, in that order.
"""
