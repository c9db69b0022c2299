"""Dropout: entries set to 0 at random, by a key."""

from __future__ import annotations

from typing import Any

from fgrad import random
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError
from fgrad.core.trace import Tracer
from fgrad.nn.arguments import real_input, where
from fgrad.numpy.protocol import has_tracer
from fgrad.ops.promote import cast


def dropout(key: Any, x: Any, rate: Any, training: bool = True) -> Any:
    """Each entry 0 with probability `rate`, and the others divided by 1 - rate, so that their mean stays.

    Args:
        key: a random key, used here and nowhere else; None where it is not for training.
        x: f[...].
        rate: from 0, nothing, to less than 1.
        training: False gives x as it is.

    Returns:
        f[...] like x. The derivative is the same factor, 0 or 1 / (1 - rate).

    Raises:
        ArgumentError: a rate outside of 0 to 1, or no key. DtypeError: integers.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014).

    Example:
        >>> import fgrad, numpy as np
        >>> fgrad.nn.dropout(fgrad.random.key(0), np.ones(6), 0.5)
        array([2., 2., 0., 0., 0., 2.])
        >>> fgrad.nn.dropout(None, np.ones(2), 0.5, training=False)
        array([1., 1.])
    """
    x = real_input("dropout", "x", x, _FORMULA)
    known = not has_tracer((rate,))
    if known and not 0 <= rate < 1:
        raise ArgumentError(f"dropout: rate is {rate!r:.60}, and a probability below 1 is expected", f"the formula is {_FORMULA}")
    if isinstance(training, Tracer):
        raise ArgumentError(
            f"dropout: training is traced, {short(training)}",
            "It must be known: fgrad.jit(f, static_argnames='training') leaves it untraced.",
        )
    if not training or (known and rate == 0):
        return x
    kept = 1 - rate
    return where(random.bernoulli(key, kept, x.shape), x / cast(kept, x.dtype), 0)


_FORMULA = "x / (1 - rate) with probability 1 - rate, and else 0"

__all__ = ["dropout"]
