"""Here programs are interpreted: what is tested are the rules, and a kernel compiled for each small program would cost more than all of them."""

from __future__ import annotations

import pytest

import fgrad


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    monkeypatch.setattr(fgrad.config, "compile", False)
