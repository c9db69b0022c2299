"""Looking at programs: the computation graph with values and gradients, and the jaxpr as a table. Notebooks show them, elsewhere they print."""

from __future__ import annotations

from fgrad.explore.graph import Figure, graph, jaxpr_html

__all__ = ["Figure", "graph", "jaxpr_html"]
