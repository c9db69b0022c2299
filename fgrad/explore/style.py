"""One style for the plots: readable on light and dark pages. Matplotlib is imported at the first plot."""

from __future__ import annotations

import importlib
from typing import Any

COLORS = ("#3b82d0", "#d9573f", "#3f9b54", "#a06cc4", "#c98a1b", "#4aa5a8")
"""Lines, in order: of about equal lightness, so that they stand out on white and on black."""
_INK = "#7d8590"
RULES: dict[str, Any] = {
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none", "axes.edgecolor": _INK, "axes.labelcolor": _INK,
    "axes.titlecolor": _INK, "xtick.color": _INK, "ytick.color": _INK, "text.color": _INK,
    "axes.grid": True, "grid.color": _INK, "grid.alpha": 0.25, "axes.spines.top": False, "axes.spines.right": False, "font.size": 10,
    "axes.titlesize": 11, "figure.dpi": 110, "figure.constrained_layout.use": True,
}  # fmt: skip


def figure(rows: int = 1, columns: int = 1, width: float = 6.4, height: float = 3.6, **options: Any) -> tuple[Any, Any]:
    """A matplotlib figure of this style and its axes, as `matplotlib.pyplot.subplots` gives them; the figure is not shown twice in a notebook."""
    matplotlib = importlib.import_module("matplotlib")
    with matplotlib.rc_context(RULES | {"axes.prop_cycle": matplotlib.cycler(color=COLORS)}):
        made = importlib.import_module("matplotlib.figure").Figure(figsize=(width * columns, height * rows))
        importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(made)
        return made, made.subplots(rows, columns, **options)


def legend(axes: Any) -> None:
    """The legend, without a frame that would stand out on a dark page."""
    axes.legend(frameon=False, labelcolor=_INK)
