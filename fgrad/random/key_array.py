"""`KeyArray`: a random key as a value. It holds u32[..., 2] and is a pytree node with that one leaf: so it is an argument of jit, is mapped by
vmap, carried by scan, stored among parameters. It is no array: arithmetic on it is an error that says what to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from fgrad.core import tree
from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, DtypeError, IndexingError, ShapeError
from fgrad.core.trace import Tracer
from fgrad.numpy.shapes import as_shape
from fgrad.ops import elementwise as e
from fgrad.ops import shapes as s
from fgrad.ops.getitem import getitem
from fgrad.random.reuse import note_use

_U32 = np.dtype(np.uint32)


class KeyArray:
    """A random key, or an array of them; made by `key`, `split`, `fold_in` and `wrap_key_data`.

    It has a shape and can be indexed, iterated over, reshaped and compared; `key_data` gives its words.

    Example:
        >>> import fgrad
        >>> keys = fgrad.random.split(fgrad.random.key(0), 3)
        >>> keys.shape, keys[0].shape, bool(keys[0] == keys[1])
        ((3,), (), False)
    """

    __slots__ = ("_words",)
    __tree_fields__ = ("_words",)
    __array_priority__ = 2000.0  # above traced values, whose operators would take it for an array
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, words: Any):
        self._words = words  # not checked here: pytree functions put other things in its place

    @property
    def shape(self) -> tuple[int, ...]:
        return self._words.shape[:-1]

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise ShapeError("a single key has no length", "fgrad.random.split(key, n) makes n keys of it.")
        return self.shape[0]

    def __iter__(self) -> Iterator[KeyArray]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> KeyArray:
        parts = index if isinstance(index, tuple) else (index,)
        if not self.shape and parts not in ((), (Ellipsis,)):
            raise IndexingError("a single key has no axes to index", "fgrad.random.split(key, n) makes n keys of it.")
        rest = () if any(p is Ellipsis for p in parts) else (Ellipsis,)
        full = (*parts, *rest, slice(None))  # the axis of the words is not the user's
        if isinstance(self._words, Tracer) or any(isinstance(p, Tracer) for p in parts):
            return KeyArray(getitem(self._words, full))
        return KeyArray(self._words[full])

    def reshape(self, *shape: Any) -> KeyArray:
        """The same keys in another shape."""
        new = as_shape(shape[0] if len(shape) == 1 else shape)
        known = math.prod(n for n in new if n >= 0)
        if new.count(-1) == 1 and known and self.size % known == 0:
            new = tuple(self.size // known if n == -1 else n for n in new)
        if math.prod(new) != self.size or min(new, default=0) < 0:
            raise ShapeError(f"{self.size} keys cannot take the shape {new}")
        return KeyArray(s.reshape(self._words, shape=(*new, 2)))

    def __eq__(self, other: Any) -> Any:
        if not isinstance(other, KeyArray):
            return NotImplemented
        mine, theirs = np.broadcast_shapes(self.shape, other.shape), (self._words, other._words)
        same = e.eq(*[s.broadcast_to(w, (*mine, 2)) for w in theirs])
        return e.and_(*[getitem(same, (Ellipsis, i)) for i in (0, 1)])

    def __ne__(self, other: Any) -> Any:
        same = self.__eq__(other)
        return same if same is NotImplemented else e.not_(same)

    def __repr__(self) -> str:
        words = self._words
        if isinstance(words, Tracer):
            return f"KeyArray({_kind(self)}, traced)"
        return f"KeyArray({_kind(self)}, {words.tolist()})" if isinstance(words, np.ndarray) else f"KeyArray({words!r})"

    # -- what it is not

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise _not_an_array(self, "cannot become a NumPy array")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> NoReturn:
        raise _not_an_array(self, f"cannot be an operand of {ufunc.__name__}")

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> NoReturn:
        raise _not_an_array(
            self,
            f"cannot be an argument of {func.__name__}",
            "Keys are joined by their words: wrap_key_data(np.stack([key_data(k) for k in keys])).",
        )


def _kind(key: KeyArray) -> str:
    return f"key<fry>[{','.join(map(str, key.shape))}]"


def _not_an_array(key: KeyArray, what: str, *hints: str) -> DtypeError:
    return DtypeError(
        f"a random key {what}: it is not a number",
        "New keys come from fgrad.random.split(key, n) and fgrad.random.fold_in(key, i); random numbers from fgrad.random.normal(key) and others.",
        *(hints or ("Its words as an array are fgrad.random.key_data(key).",)),
    )


def _refused(symbol: str) -> Callable[..., NoReturn]:
    def operation(self: KeyArray, *others: Any) -> NoReturn:
        raise _not_an_array(self, f"cannot be an operand of {symbol}")

    return operation


_BINARY = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@", "and": "&", "or": "|",
    "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
_OTHERS = {
    "neg": "-", "pos": "+", "abs": "abs()", "invert": "~", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "bool": "bool()", "int": "int()", "float": "float()", "complex": "complex()", "index": "an index",
}  # fmt: skip
for _name, _symbol in _BINARY.items():
    setattr(KeyArray, f"__{_name}__", _refused(_symbol))
    setattr(KeyArray, f"__r{_name}__", _refused(_symbol))
for _name, _symbol in _OTHERS.items():
    setattr(KeyArray, f"__{_name}__", _refused(_symbol))
tree.register_pytree_node(KeyArray, lambda key: ((key._words,), None), lambda _, children: KeyArray(*children))

# -- the words of a key, for those who draw with it


def words_of(name: str, key: Any) -> Any:
    """The words u32[..., 2] of keys; an error that begins with `name` for anything else."""
    if not isinstance(key, KeyArray):
        raise _no_key(name, key)
    words = key._words
    if getattr(words, "dtype", None) != _U32 or not words.shape or words.shape[-1] != 2:
        raise ArgumentError(
            f"{name}: the key has lost its last axis, that of its two words: it holds {short(words)}",
            "The axes of vmap (in_axes, out_axes) count it: for keys they must not be negative, nor move an axis past it.",
        )
    return words


def one_key(name: str, key: Any) -> Any:
    """The words u32[2] of a single key."""
    words = words_of(name, key)
    if len(words.shape) != 1:
        raise ShapeError(
            f"{name} takes one key, and key is {_kind(key)}",
            f"For each of them: fgrad.vmap(lambda key: fgrad.random.{name}(key, ...))(keys).",
        )
    return words


def use(name: str, key: Any) -> Any:
    """The words of a single key, which this is the one use of."""
    words = one_key(name, key)
    note_use(name, words)
    return words


def _no_key(name: str, x: Any) -> ArgumentError:
    if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
        hint = f"A key is made of a seed: fgrad.random.key({x})."
    elif isinstance(x, (np.ndarray, Tracer)) and x.dtype == _U32 and x.shape[-1:] == (2,):
        hint = "It has the type of the words of a key: fgrad.random.wrap_key_data(key) makes a key of them."
    elif isinstance(x, (np.random.Generator, np.random.RandomState)):
        hint = "NumPy's generators have a state, which traced code cannot change: fgrad.random.key(int(rng.integers(2**32))) is a key drawn from one."
    else:
        hint = "fgrad.random.key(seed) makes one."
    return ArgumentError(f"{name}: the first argument must be a random key, not {short(x)}", hint)
