"""Settings of the tests: every jaxpr is type-checked after every pass, one BLAS thread, seeded data, goldens rewritten on demand."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["FGRAD_CHECK"] = "1"  # read when fgrad is imported
os.environ["FGRAD_COMPILE"] = "0"  # tests/compile/ turns it on: elsewhere jit interprets, which takes no time to compile
os.environ["FGRAD_CACHE_DIR"] = str(Path(__file__).parent.parent / ".pytest_cache" / "kernels")
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import hypothesis  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

hypothesis.settings.register_profile("fgrad", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("fgrad")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate-goldens", action="store_true", help="rewrite tests/goldens/ from what the programs print now")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--regenerate-goldens"))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
