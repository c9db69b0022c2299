"""The errors of fgrad: what happened, where in the user's code, what to do.

Each is also of the built-in type NumPy would raise, so `except ValueError` written for NumPy keeps working.
"""

from __future__ import annotations

import numpy as np

from fgrad.core.source import Source, user_source


class FgradError(Exception):
    """Base of all errors of fgrad. `hints` are lines that say more, or what to do."""

    def __init__(self, what: str, *hints: str, source: Source | None = None):
        source = source or user_source(2)
        self.what, self.hints = what, hints
        lines = [what] + ([f"at {source}"] if source else []) + [h for h in hints if h]
        super().__init__("\n  ".join(lines))


class ShapeError(FgradError, ValueError):
    """Shapes, axes or sizes that do not fit."""


class DtypeError(FgradError, TypeError):
    """Dtypes that do not fit, or values that are not numeric arrays."""


class AxisError(ShapeError, np.exceptions.AxisError):
    """An axis that is out of range."""


class TreeError(FgradError, ValueError, TypeError):
    """Pytrees whose structures differ."""


class ArgumentError(FgradError, ValueError, TypeError):
    """An argument that is not what the function takes."""


class ConcretizationError(FgradError, TypeError):
    """A Python value was asked of a tracer that has none."""


class LeakedTracerError(FgradError, RuntimeError):
    """A tracer was used after the function that made it had returned."""


class IndexingError(FgradError, IndexError):
    """An index that an array does not have, or of a kind that arrays do not take."""


class UnknownAttributeError(FgradError, AttributeError):
    """An attribute that a traced value does not have."""


class UnsupportedError(FgradError, NotImplementedError, TypeError):
    """A NumPy function or argument, or a combination of transformations, that has no rule."""


class MutationError(FgradError, TypeError):
    """An attempt to change a traced array in place."""


class TapeError(FgradError, MemoryError):
    """The residuals of a loop take more memory than they may."""


class NanError(FgradError, FloatingPointError):
    """A primitive made a NaN while `debug_nans` was on."""

    placed = False

    def at(self, source: Source | None) -> NanError:
        """The same, at the line that an equation came from; the innermost says most."""
        if source is None or self.placed:
            return self
        found = NanError(self.what, *self.hints, source=source)
        found.placed = True
        return found


class ConvergenceError(FgradError, RuntimeError):
    """A solver did not reach the solution that a derivative needs."""


class JaxprError(FgradError, AssertionError):
    """A jaxpr that is not well formed: a defect in a rule, not in the user's code."""
