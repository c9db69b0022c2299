"""Measurements of fgrad beside the libraries of its kind: `python -m benchmarks.eager`.

Ratios taken in one run on one thread. The environment is set here, before NumPy or another library is imported and reads it.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"  # float64 everywhere, as in NumPy
