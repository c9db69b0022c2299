"""Tests of loops, branches, calls and callbacks under every transformation."""
