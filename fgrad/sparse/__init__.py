"""Sparse Jacobians and Hessians: which entry depends on which (`propagation`), which columns share a pass (`coloring`), and the passes (`compressed`)."""
