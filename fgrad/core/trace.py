"""Traces run while the user's Python runs; a tracer is a value that belongs to one.

One trace is current (a context variable, so threads and tasks are separate). Calling a primitive asks the current trace to
process it. Each trace knows its parent; a value that does not belong to a trace (`x._trace is not self`) is a constant to it.
Imports `errors` and `avals`. Operators, methods and NumPy's protocols are put on `Tracer` by the floors that define them
(`ops/operators.py`, `numpy/methods.py`, `numpy/protocol.py`).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from fgrad.core.avals import ShapedArray
from fgrad.core.errors import ConcretizationError, LeakedTracerError, MutationError, UnsupportedError
from fgrad.core.source import function_name, function_source

if TYPE_CHECKING:
    from fgrad.core.primitive import Primitive


class Trace:
    """What a primitive means while a function runs. `fun` is the user's function, for messages."""

    __slots__ = ("fun", "done")
    fun: Any
    done: bool

    def __init__(self, fun: Any = None):
        self.fun = fun
        self.done = False

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        raise UnsupportedError(f"{type(self).__name__} cannot process {prim.name}")


class EvalTrace(Trace):
    """Computes with NumPy: the trace at the bottom. `watched`: linear programs are to remember the user's lines, for its errors."""

    __slots__ = ()
    watched = False

    def process(self, prim: Primitive, args: Any, params: dict[str, Any]) -> Any:
        for a in args:
            if isinstance(a, Tracer):
                raise leaked(a)
        return prim.impl(*args, **params)


EVAL = EvalTrace()
_current: ContextVar[Trace] = ContextVar("fgrad_trace", default=EVAL)
current_trace = _current.get
set_current = _current.set


class tracing:
    """`with tracing(trace):` makes a trace current, and marks it done when its function has returned."""

    __slots__ = ("trace", "before", "last")

    def __init__(self, trace: Trace, last: bool = False):
        self.trace, self.last = trace, last

    def __enter__(self) -> Trace:
        self.before = current_trace()
        set_current(self.trace)
        return self.trace

    def __exit__(self, *exc: Any) -> None:
        set_current(self.before)
        if self.last:
            self.trace.done = True


class Tracer:
    """A stand-in for an array while a function is traced. Subclasses give `aval`, and `concrete` where there is a value."""

    __slots__ = ("_trace",)
    __array_priority__ = 1000.0
    _trace: Trace
    if TYPE_CHECKING:
        # put on the class by ops/operators.py and numpy/methods.py
        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __getitem__(self, index: Any) -> Any: ...

    @property
    def aval(self) -> ShapedArray:
        raise NotImplementedError  # every subclass gives it

    @property
    def shape(self) -> tuple[int, ...]:
        return self.aval.shape

    @property
    def dtype(self) -> np.dtype:
        return self.aval.dtype

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return self.aval.size

    def concrete(self, what: str) -> Any:
        """The NumPy value behind this tracer; raises where there is none. `what` is what asked for it."""
        if self._trace.done:
            raise leaked(self)
        raise ConcretizationError(
            f"{what} needs a value, but x: {self.aval!r} is being {self.describe_trace()}", *_ADVICE.get(what, (_KEEP,))
        )

    def describe_trace(self) -> str:
        return f"traced by {type(self._trace).__name__}"

    def __bool__(self) -> bool:
        return bool(self.concrete(_TRUTH))

    def __float__(self) -> float:
        return float(self.concrete("float()"))

    def __int__(self) -> int:
        return int(self.concrete("int()"))

    def __complex__(self) -> complex:
        return complex(self.concrete("complex()"))

    def __index__(self) -> int:
        return self.concrete(_SIZE).__index__()

    def __round__(self, ndigits: int | None = None) -> Any:
        if ndigits is None:  # an int, as of NumPy's scalars
            return round(self.concrete("round()"))
        return self.round(ndigits)  # type: ignore[attr-defined]

    def __format__(self, spec: str) -> str:
        return format(self.concrete(_FORMATTED), spec) if spec else repr(self)

    def item(self, *args: int) -> Any:
        return self.concrete(".item()").item(*args)

    def tolist(self) -> Any:
        return self.concrete(".tolist()").tolist()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if self._trace.done:
            raise leaked(self)
        raise ConcretizationError(
            f"a traced value x: {self.aval!r} cannot become a NumPy array while it is being {self.describe_trace()}",
            "In place of np.array([x, y]) or np.asarray(x), write fgrad.numpy.array([x, y]), or np.stack([x, y]).",
            "In place of a[x] with a NumPy array a, write fgrad.numpy.take(a, x, axis=0), or fgrad.numpy.at(a)[x].get();"
            " in place of a[i] = x, a = fgrad.numpy.at(a)[i].set(x).",
            _KNOWN if self.dtype.kind in "iu" and not self.shape else "",
            "A function that does not know traced values (in C, or of another library) ends here too; fgrad.scipy has some of SciPy.",
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise MutationError(
            f"traced arrays are immutable; x: {self.aval!r} cannot be assigned to",
            "In place of x[i] = v write x = x.at[i].set(v); for x[i] += v, x = x.at[i].add(v).",
        )

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Any:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return iter([self[i] for i in range(self.shape[0])])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.aval!r})"


_TRUTH, _SIZE, _FORMATTED = "`if`, `while`, `and`, `or` or bool()", "an index or a size", "a formatted string"
_KEEP = "Keep the computation in NumPy functions, or move this conversion out of the traced function."
_KNOWN = "A size, as in range(n) or np.arange(n), must be known: fgrad.jit(f, static_argnums=...) leaves an argument untraced."
_ADVICE = {
    _TRUTH: (
        "Use fgrad.numpy.where or fgrad.cond for a choice, fgrad.while_loop for a loop, or keep the value out of the traced arguments.",
        "In place of `a < x < b` or `and` write (a < x) & (x < b), of max(x, y) np.maximum(x, y).",
    ),
    "float()": (
        _KEEP,
        "In place of math.sin(x) write np.sin(x); in place of a[i] = x with a NumPy array a, a = fgrad.numpy.at(a)[i].set(x).",
    ),
    _SIZE: (
        _KNOWN,
        "fgrad.fori_loop(0, n, ...) takes a traced n; in place of x[i:i + 3] write x[i + np.arange(3)],"
        " in place of items[i] with a list, fgrad.numpy.take(np.array(items), i).",
    ),
    _FORMATTED: (
        _KEEP,
        'fgrad.debug_print("x = {:.3f}", x) prints values when they are computed.',
    ),
}  # what asks for a value -> what to do


def leaked(x: Tracer) -> LeakedTracerError:
    """The error for a tracer met outside its own function."""
    fun = x._trace.fun
    name = function_name(fun) if fun is not None else "a function"
    source = function_source(fun)
    made = getattr(x, "source", None)
    return LeakedTracerError(
        f"x: {x.aval!r} was traced in `{name}`"
        + (f" ({source.place})" if source else "")
        + (" and used after it had returned" if x._trace.done else " and used where that trace is not current"),
        f"it was made at {made}" if made else "",
        "Return values from the function rather than storing them in a global, a list, a cache or an object."
        if x._trace.done
        else "A function with a custom derivative, a callback or another thread does not see the values around it: pass them as arguments.",
    )
