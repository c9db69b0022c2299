"""Here `jit` compiles."""

from __future__ import annotations

import pytest

import fgrad


@pytest.fixture(autouse=True)
def compiling():
    before, fgrad.config.compile = fgrad.config.compile, True
    yield
    fgrad.config.compile = before
