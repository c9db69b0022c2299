"""Tests of the figures: the model behind them, their layout, and the pages in a real browser."""
