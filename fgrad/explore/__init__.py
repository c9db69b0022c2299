"""Looking at programs: the computation graph with values and gradients, the stages of a program, its modes, its gradients, its faults and its time.

Notebooks show what these functions return, elsewhere it prints as text.
"""

from __future__ import annotations

from fgrad.explore.comparison import Comparison, compare_modes
from fgrad.explore.diagnosis import Diagnosis, doctor
from fgrad.explore.flow import Flow, gradient_flow
from fgrad.explore.graph import Figure, graph, jaxpr_html
from fgrad.explore.stages import Explanation, explain
from fgrad.explore.timings import Profile, profile

__all__ = [
    "Comparison", "Diagnosis", "Explanation", "Figure", "Flow", "Profile", "compare_modes", "doctor", "explain", "gradient_flow", "graph", "jaxpr_html",
    "profile",
]  # fmt: skip
