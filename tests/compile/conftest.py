"""Here `jit` compiles."""

from __future__ import annotations

import pytest

import fgrad
from fgrad.control import native as _native  # noqa: F401 (adds its rules to the compiler, as the first jit does)


@pytest.fixture(autouse=True)
def compiling():
    before, fgrad.config.compile = fgrad.config.compile, True
    yield
    fgrad.config.compile = before
