"""The table of primitives and functions that `test_cases.py` goes through, a file for each family. `table.py` says what a row is."""

from cases import contraction, control, elementwise, indexing, reductions, shapes, special
from cases.table import ROWS, Case, Draw

__all__ = ["ROWS", "Case", "Draw", "contraction", "control", "elementwise", "indexing", "reductions", "shapes", "special"]
