"""The table of primitives and functions that `test_cases.py` goes through, a file for each family. `table.py` says what a row is."""

import importlib
from pathlib import Path

from cases.table import ROWS, Case, Draw

for _file in sorted(Path(__file__).parent.glob("[!_]*.py")):  # every file here adds its rows to the table
    importlib.import_module(f"cases.{_file.stem}")

__all__ = ["ROWS", "Case", "Draw"]
