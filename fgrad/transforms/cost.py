"""What the equations of a linear program cost, forward and transposed, and how long they would take: a model for choosing between modes.

An equation's work is counted from its types: entries computed, multiplications of products, bytes moved, calls of NumPy. Of k passes at once the first
three are k times as much, the calls are not. The rates are those of NumPy on one core; only their ratios matter for a choice, and `benchmarks/modes.py`
measures how often it is right. Transposing turns a slice into a pad, a gather into a scatter, a broadcast into a sum, and a value that is read
twice into a sum of cotangents. Loops count their body as often as it runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fgrad.core.avals import ShapedArray, typeof
from fgrad.core.jaxpr import Equation, Jaxpr, Var, subjaxprs
from fgrad.core.primitive import Primitive
from fgrad.ops import elementwise as e
from fgrad.ops import indexing, shapes
from fgrad.ops.contract import contract
from fgrad.ops.stacks import stack_add

CALL = 4e-6
"""Seconds that an operation takes beside its work, on a batch."""
ENTRY, PRODUCT, PLACE = 0.25e-9, 0.05e-9, 1.2e-9
"""Seconds for an entry computed, a multiplication and addition in a product of matrices, an entry read or written at a named place."""
BYTE = ((2**17, 0.015e-9), (2**23, 0.04e-9), (math.inf, 0.2e-9))
"""Seconds for a byte moved, in arrays of up to so many bytes: larger ones get fresh memory each time."""
CALLS: dict[Primitive, float] = {
    e.mul: 1.6, e.select: 2, shapes.pad: 1.8, indexing.gather: 2, indexing.scatter_add: 12, indexing.scatter: 8, contract: 1.4,
}  # fmt: skip
"""Operations that take so many times as long beside their work."""
SLOW: dict[Primitive, float] = {
    e.select: 8, e.pow_: 16, e.float_power: 16, e.sin: 32, e.cos: 32, e.tan: 48, e.exp: 4, e.log: 4, e.tanh: 7, e.logaddexp: 40,
}  # fmt: skip
"""Elementwise operations that take so many times as long as a multiplication."""
BACKWARD = 1.6
"""How many times as long a transposed loop takes."""
UNKNOWN_TRIPS = 10
"""How often a loop is taken to run whose number of steps only the run knows."""

VIEWS = {shapes.broadcast, shapes.reshape, shapes.transpose, shapes.reverse, shapes.slice_}
_PASSED_ON = {e.add, e.sub, stack_add, shapes.reduce_sum, shapes.reshape, shapes.transpose, shapes.reverse, shapes.pad, shapes.concatenate}
"""What, transposed, hands its cotangent on, or a view of it."""


@dataclass(frozen=True)
class Work:
    """What an operation does in one pass: entries computed (a slow one counts as one), multiplications and additions in products, entries at named
    places, and bytes moved, of which `largest` in one array; `weight` is how many times as long an entry takes as a multiplication, `calls` how often NumPy
    is called."""

    entries: float = 0
    products: float = 0
    places: float = 0
    bytes: float = 0
    largest: float = 0
    weight: float = 1
    calls: float = 1

    @property
    def flops(self) -> float:
        return self.entries + 2 * self.products

    def seconds(self, passes: int) -> float:
        """How long so many passes at once would take."""
        each = self.entries * self.weight * ENTRY + self.products * PRODUCT + self.places * PLACE
        each += self.bytes * per_byte(self.largest * passes)
        return self.calls * CALL + passes * each

    def times(self, n: float) -> Work:
        """The same, one after another."""
        return Work(
            self.entries * n, self.products * n, self.places * n, self.bytes * n, self.largest / max(n, 1), self.weight, self.calls * n
        )


def per_byte(size: float) -> float:
    """Seconds for a byte moved in arrays of this size."""
    return next(rate for limit, rate in BYTE if size <= limit)


def size_of(aval: Any) -> int:
    return aval.size if type(aval) is ShapedArray else 1


def bytes_of(aval: Any) -> int:
    return size_of(aval) * aval.dtype.itemsize


def _aval(a: Any) -> Any:
    return a.aval if type(a) is Var else typeof(a) if not hasattr(a, "aval") else a.aval


def forward_work(eqn: Equation) -> list[Work]:
    """What an equation does."""
    prim = eqn.primitive
    inner = list(subjaxprs(eqn.params))
    if inner:
        return _inner_work(eqn, inner)
    calls = CALLS.get(prim, 1)
    ins, outs = [_aval(a) for a in eqn.inputs], [v.aval for v in eqn.outvars]
    size, moved = sum(map(size_of, outs)), sum(map(bytes_of, ins)) + sum(map(bytes_of, outs))
    largest = max(map(bytes_of, [*ins, *outs]), default=0)
    if prim in VIEWS:
        return [Work()]
    if prim.elementwise:
        return [Work(size, bytes=moved, largest=largest, weight=SLOW.get(prim, 1), calls=calls)]
    if prim is contract:
        return [Work(products=products(eqn), bytes=moved, largest=largest, calls=calls)]
    if prim is indexing.gather:
        return [Work(places=size, bytes=moved, largest=largest, calls=calls)]
    if prim in _SCATTERS:
        return [_scattered(ins[0], ins[1])]
    if prim.name in _CUBIC:  # by each column of a matrix
        return [Work(products=max(map(size_of, ins)) * max((a.shape[-1] for a in ins if a.shape), default=1), bytes=moved, largest=largest)]
    return [Work(max(map(size_of, ins), default=size), bytes=moved, largest=largest, calls=calls)]


_CUBIC = {"triangular_solve", "lu_solve", "lyapunov", "expm_frechet", "inv", "adjugate_tangent"}


def products(eqn: Equation) -> int:
    """How many products of entries a contraction sums."""
    x, y = (_aval(a) for a in eqn.inputs)
    sizes = dict(zip(eqn.params["x_labels"], x.shape, strict=True)) | dict(zip(eqn.params["y_labels"], y.shape, strict=True))
    return math.prod(sizes.values())


_SCATTERS = {indexing.scatter, indexing.scatter_add, indexing.scatter_mul, indexing.scatter_min, indexing.scatter_max}


def _scattered(into: Any, updates: Any) -> Work:
    size, calls = bytes_of(into), CALLS[indexing.scatter_add]
    return Work(places=2 * size_of(updates), bytes=2 * size + bytes_of(updates), largest=size, calls=calls)


def transposed_work(eqn: Equation) -> list[Work]:
    """What its transpose does."""
    prim = eqn.primitive
    if prim in _PASSED_ON:
        return [Work()]
    if prim is shapes.slice_:  # zeros around it
        into = bytes_of(_aval(eqn.inputs[0]))
        return [Work(bytes=into + bytes_of(eqn.outvars[0].aval), largest=into, calls=CALLS[shapes.pad])]
    if prim is shapes.broadcast:
        out = eqn.outvars[0].aval
        return [Work(out.size, bytes=bytes_of(out), largest=bytes_of(out))]
    if prim is indexing.gather:
        return [_scattered(_aval(eqn.inputs[0]), eqn.outvars[0].aval)]
    if any(True for _ in subjaxprs(eqn.params)):
        return [w.times(BACKWARD) for w in forward_work(eqn)]
    return forward_work(eqn)


def _inner_work(eqn: Equation, inner: Sequence[Jaxpr]) -> list[Work]:
    bodies = [[w for sub in body.eqns for w in forward_work(sub)] for body in inner]
    if eqn.primitive.name == "cond":
        return max(bodies, key=lambda works: sum(w.seconds(1) for w in works), default=[])
    trips = eqn.params.get("length", UNKNOWN_TRIPS if eqn.primitive.name in ("while", "checkpointed_while") else 1)
    return [w.times(UNKNOWN_TRIPS if trips is None else trips) for works in bodies for w in works]


@dataclass(frozen=True)
class LinearCost:
    """What the passes of a linear program do: `forward` for each seed, `reverse` transposed; `peak`: the bytes that live at once in one pass.

    (A cotangent lives from the last read of its variable back to where that is made: the same interval as the tangent's, so the peak is the same.)
    """

    forward: tuple[Work, ...]
    reverse: tuple[Work, ...]
    peak: float


def linear_cost(eqns: Sequence[Equation], invars: Sequence[Var], outvars: Sequence[Any]) -> LinearCost:
    """The cost of a linear program's passes, in each direction."""
    forward: list[Work] = []
    reverse: list[Work] = []
    read: set[Any] = set()
    for a in outvars:
        read.add(a)
    for eqn in reversed(eqns):
        forward += forward_work(eqn)
        reverse += transposed_work(eqn)
        for a in eqn.inputs:
            if type(a) is Var and a in read:  # read again: its cotangents are added up
                moved = bytes_of(a.aval)
                reverse.append(Work(size_of(a.aval), bytes=3 * moved, largest=moved))
            elif type(a) is Var:
                read.add(a)
    return LinearCost(tuple(forward), tuple(reverse), _peak(eqns, invars, outvars))


def _peak(eqns: Sequence[Equation], invars: Sequence[Var], outvars: Sequence[Any]) -> float:
    """Bytes of the linear variables that live at once, each from where it is made to where it is last read."""
    made: dict[Any, int] = dict.fromkeys(invars, -1) | {v: i for i, eqn in enumerate(eqns) for v in eqn.outvars}
    last = dict(made) | {a: i for i, eqn in enumerate(eqns) for a in eqn.inputs if type(a) is Var and a in made}
    last |= {v: len(eqns) for v in outvars if v is not None}
    change = [0] * (len(eqns) + 3)
    for v, i in made.items():
        change[i + 1] += bytes_of(v.aval)
        change[last[v] + 2] -= bytes_of(v.aval)
    live = peak = 0
    for c in change:
        live += c
        peak = max(peak, live)
    return float(peak)


def seconds(works: Sequence[Work], passes: int) -> float:
    """How long so many passes at once would take."""
    return sum(w.seconds(passes) for w in works) if passes else 0.0
