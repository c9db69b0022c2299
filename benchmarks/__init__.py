"""Measurements of fgrad beside the libraries of its kind: `python -m benchmarks`.

Ratios taken in one run, the candidates taking turns. Libraries read how many threads they may start from the environment when they are
imported, so it is set here, before NumPy or another is. Standard library only.
"""

import os

_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
_CHOICE = "BENCHMARKS_THREADS"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"  # float64 everywhere, as in NumPy


def use_threads(which: str) -> None:
    """ "one" thread for every library, or "all" that each of them takes by itself. To be called before they are imported; processes started later agree."""
    os.environ[_CHOICE] = which
    for name, value in _ONE_THREAD.items():
        if which == "one":
            os.environ[name] = value
        elif os.environ.get(name) == value:
            del os.environ[name]


def threads() -> str:
    return os.environ[_CHOICE]


use_threads(os.environ.get(_CHOICE, "one"))
