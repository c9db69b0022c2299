"""The measured programs, a file for each family; `benchmarks.registry` has them all."""
