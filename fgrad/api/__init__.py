"""The public transformations over pytrees. Each flattens its arguments, runs a flat transformation of `transforms/`, and unflattens."""
