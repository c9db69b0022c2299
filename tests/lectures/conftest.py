"""What the lectures' tests share: `compiling` for those that train, and the digits, read once."""

from __future__ import annotations

import pytest

import fgrad
from fgrad.control import native as _native  # noqa: F401 (adds its rules to the compiler, as the first jit does)
from fgrad.examples import mnist


@pytest.fixture
def compiling():
    before, fgrad.config.compile = fgrad.config.compile, True
    yield
    fgrad.config.compile = before


@pytest.fixture(scope="package")
def digits():
    """((training images f[4000, 784], labels), (test images f[1000, 784], labels))."""
    return mnist.load()
