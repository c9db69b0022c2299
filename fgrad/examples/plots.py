"""The look of the notebooks' figures, on light and dark pages alike, and the few kinds that come up more than once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from fgrad.explore.style import COLORS, INK, RULES

BLUE, ORANGE = COLORS[:2]
DIVERGING = LinearSegmentedColormap.from_list("diverging", [BLUE, "#80808000", ORANGE])
"""From blue by nothing (transparent) to orange."""


def style() -> None:
    """Sets Matplotlib's defaults: no background, grey ink."""
    sizes: dict[str, Any] = {
        "figure.figsize": (6.4, 2.4), "figure.dpi": 80, "axes.titlesize": 9, "grid.linewidth": 0.6, "lines.linewidth": 1.6, "lines.markersize": 4,
    }  # fmt: skip
    settings: Any = RULES | sizes | {"axes.prop_cycle": cycler(color=COLORS)}
    mpl.rcParams.update(settings)


def images(pictures: Sequence[np.ndarray], titles: Sequence[str], size: float = 1.1, limit: float | None = None) -> Figure:
    """Pictures f[h, w] in a row: what is positive in orange, what is negative in blue, as strong as it is large beside `limit`."""
    fig, axes = plt.subplots(1, len(pictures), figsize=(size * len(pictures), size + 0.25), squeeze=False)
    for ax, picture, title in zip(axes[0], pictures, titles, strict=True):
        top = limit or float(np.max(np.abs(picture))) or 1.0
        ax.imshow(picture, cmap=DIVERGING, vmin=-top, vmax=top, interpolation="nearest")
        ax.set_title(title)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
    return fig


def points(ax: Axes, x: np.ndarray, labels: np.ndarray) -> None:
    """Points f[n, 2] of two classes."""
    for label, color in ((0, BLUE), (1, ORANGE)):
        ax.plot(*x[labels == label].T, ".", color=color, markersize=3)


def decision(ax: Axes, score: Callable[[Any], Any], x: np.ndarray, labels: np.ndarray, reach: float = 1.2) -> None:
    """The plane in the colours of the classes, the line where the score is 0, and the points."""
    across = np.linspace(-reach, reach, 120)
    grid = np.stack(np.meshgrid(across, across), axis=-1)
    scores = score(grid.reshape(-1, 2)).reshape(grid.shape[:2])
    ax.contourf(across, across, np.tanh(scores / 4), levels=np.linspace(-1, 1, 9), cmap=DIVERGING, alpha=0.45)
    ax.contour(across, across, scores, levels=[0.0], colors=[INK], linewidths=1.2)
    points(ax, x, labels)
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.grid(False)


def warped(
    ax: Axes, hidden: Callable[[Any], Any], line: tuple[np.ndarray, float], x: np.ndarray, labels: np.ndarray, reach: float = 1.2
) -> None:
    """Where a layer of two units puts a square grid of the plane and the points, and the straight line w . h + b = 0 that cuts them apart."""
    along, lines = np.linspace(-reach, reach, 300), np.linspace(-reach, reach, 13)
    for c in lines:
        for track in (np.stack([along, np.full(300, c)], axis=1), np.stack([np.full(300, c), along], axis=1)):
            ax.plot(*hidden(track).T, color=INK, linewidth=0.4, alpha=0.6)
    points(ax, hidden(x), labels)
    (w0, w1), b = line
    low, high = ax.get_xlim(), ax.get_ylim()
    foot = -b * np.array([w0, w1]) / (w0**2 + w1**2)
    ends = foot + np.array([[-10.0], [10.0]]) * np.array([-w1, w0]) / np.hypot(w0, w1)
    ax.plot(*ends.T, color=INK, linewidth=1.4)
    ax.set(xlim=low, ylim=high, xticks=[], yticks=[])
    ax.grid(False)
