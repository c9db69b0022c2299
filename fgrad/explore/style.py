"""One style for the plots: readable on light and dark pages. Matplotlib is imported at the first plot."""

from __future__ import annotations

import importlib
from typing import Any

COLORS = ("#2f86b8", "#d9722a", "#3f9e5a", "#b05cc2", "#c8a018", "#d1495b")
"""Lines, in order: they read as well on white as on black."""
INK = "#808080"
RULES: dict[str, Any] = {
    "figure.facecolor": "none", "figure.constrained_layout.use": True, "savefig.facecolor": "none", "axes.facecolor": "none", "axes.edgecolor": INK,
    "axes.labelcolor": INK, "axes.titlecolor": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": INK,
    "grid.alpha": 0.25, "xtick.color": INK, "ytick.color": INK, "text.color": INK, "legend.frameon": False, "font.size": 9,
}  # fmt: skip
"""Matplotlib's settings: no background, grey ink."""


def figure(rows: int = 1, columns: int = 1, width: float = 6.4, height: float = 3.6, **options: Any) -> tuple[Any, Any]:
    """A matplotlib figure of this style and its axes, as `matplotlib.pyplot.subplots` gives them; the figure is not shown twice in a notebook."""
    matplotlib = importlib.import_module("matplotlib")
    with matplotlib.rc_context(RULES | {"axes.titlesize": 11, "figure.dpi": 110, "axes.prop_cycle": matplotlib.cycler(color=COLORS)}):
        made = importlib.import_module("matplotlib.figure").Figure(figsize=(width * columns, height * rows))
        importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(made)
        return made, made.subplots(rows, columns, **options)


def legend(axes: Any) -> None:
    """The legend, without a frame that would stand out on a dark page."""
    axes.legend(frameon=False, labelcolor=INK)
