"""Compiled building blocks: Numba functions on scalars and arrays, and the LLVM instructions they are written in.

Imports NumPy and Numba, nothing of fgrad; nothing that `import fgrad` loads may import it, because Numba is slow to import.
"""
