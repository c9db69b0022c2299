"""Binomial checkpointing: reversing n steps with s states in memory, in the fewest recomputed steps.

With s states and at most r recomputations of any step, C(s + r, s) steps can be reversed, and no schedule does better.

Griewank, Walther: Algorithm 799: Revolve. ACM Transactions on Mathematical Software 26 (2000), 19-45.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any


def repetitions(n: int, s: int) -> int:
    """The smallest r with C(s + r, s) >= n: how often a step is recomputed at most."""
    r = 0
    while comb(s + r, s) < n:
        r += 1
    return r


def recomputed_steps(n: int, s: int) -> int:
    """The fewest forward steps that reversing n steps with s states (the first one among them) takes: r n - C(s + r, r - 1)."""
    r = repetitions(n, s)
    return r * n - comb(s + r, r - 1) if r else 0


def split(n: int, s: int) -> int:
    """How far to go before keeping the next state, with n > 1 steps to reverse and s > 1 states free, the one at the start among them."""
    r = repetitions(n, s)
    # the first part is reversed with s states and r - 1 recomputations, the rest with s - 1 and r; any split within both bounds is optimal
    return min(comb(s + r - 1, s), n - comb(s + r - 2, s - 1))


def default_states(n: int) -> int:
    """States for n steps where the user names no budget: log2 n, which costs at most log2 n recomputations of a step."""
    return max(n.bit_length(), 1)


def reverse_steps(
    n: int, s: int, first: Any, advance: Callable[[Any, int, int], Any], adjoint: Callable[[Any, int], None], kept: Any = None
) -> None:
    """Calls adjoint(state before step i, i) for i = n - 1, ..., 0, with at most s states kept beside the one in hand.

    advance(state, start, stop) goes from the state before step `start` to that before `stop`. `kept[k]` is where state k is put and found (a dict if None).
    """
    kept = {} if kept is None else kept
    kept[0] = first
    starts = [0]
    end = n
    while starts:
        start = starts[-1]
        left = end - start
        if left == 0:
            starts.pop()
            continue
        free = s - len(starts) + 1
        keep = left > 1 and free > 1
        target = start + split(left, free) if keep else end - 1
        state = kept[len(starts) - 1]
        if target > start:
            state = advance(state, start, target)
        if keep:
            kept[len(starts)] = state
            starts.append(target)
        else:
            adjoint(state, target)
            end = target
