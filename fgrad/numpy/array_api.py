"""What the Python array API standard (2024.12) asks of a namespace and of arrays, on traced values: `__array_namespace__`, `device`, ...

`fgrad.numpy` is a namespace of the standard because NumPy is one, and traced values say that it is theirs. A traced array is on the CPU, and
cannot be exported through DLPack. What the standard has and NumPy does not stands beside the function it belongs to (`descending=` of
sort, `dtype=` of fftfreq), and here. docs/array_api.md says what passes the standard's own tests.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fgrad.core.avals import short
from fgrad.core.errors import ArgumentError, ConcretizationError
from fgrad.core.trace import Tracer

__array_api_version__ = "2024.12"
__array_namespace_info__ = np.__array_namespace_info__


class _OfArrays(type):
    """The type of a class of NumPy's that is made of a dtype, and here of an array or a traced value too."""

    def __call__(cls, dtype: Any) -> Any:
        return cls.__base__(dtype.dtype if isinstance(dtype, (Tracer, np.ndarray)) else dtype)  # type: ignore[misc]

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__base__)  # type: ignore[arg-type]


class finfo(np.finfo, metaclass=_OfArrays):
    """NumPy's finfo: the limits of a floating point dtype, or of an array's.

    Args:
        dtype: a dtype, an array or a traced value, real or complex.

    Returns:
        The `numpy.finfo` of its dtype.

    Raises:
        ValueError: the dtype is not inexact.

    Example:
        >>> import fgrad, fgrad.numpy as fnp
        >>> fgrad.jit(lambda x: x / (x.sum() + fnp.finfo(x).tiny))(fnp.zeros(2))
        array([0., 0.])
    """


class iinfo(np.iinfo, metaclass=_OfArrays):
    """NumPy's iinfo: the limits of an integer dtype, or of an array's.

    Args:
        dtype: a dtype, an array or a traced value, of integers.

    Returns:
        The `numpy.iinfo` of its dtype.

    Raises:
        ValueError: the dtype is not an integer.

    Example:
        >>> import fgrad, fgrad.numpy as fnp
        >>> fgrad.make_jaxpr(lambda i: fnp.minimum(i, fnp.iinfo(i).max))(fnp.int8(3)).out_avals
        [i8[]]
    """


def _array_namespace(self: Tracer, *, api_version: str | None = None) -> Any:
    """The functions of this array: `fgrad.numpy`."""
    versions = ("2021.12", "2022.12", "2023.12", __array_api_version__)
    if api_version is not None and api_version not in versions:
        raise ArgumentError(f"__array_namespace__: the version {api_version!r} of the array API is none of {', '.join(versions)}")
    return sys.modules[__name__.rpartition(".")[0]]


def _to_device(self: Tracer, device: Any, /, *, stream: Any = None) -> Any:
    if device != "cpu" or stream is not None:
        raise ArgumentError(
            f"to_device: arrays are on the device 'cpu', not {device!r}" if stream is None else "to_device: there are no streams"
        )
    return self


def _not_exported(self: Tracer, *args: Any, **kwargs: Any) -> Any:
    raise ConcretizationError(
        f"a traced value x: {short(self)} has no memory that DLPack could share",
        "Return it from the traced function: what comes out is a NumPy array.",
    )


for _name, _value in {
    "__array_namespace__": _array_namespace, "device": property(lambda self: "cpu"), "to_device": _to_device, "__dlpack__": _not_exported,
    "__dlpack_device__": _not_exported,
}.items():  # fmt: skip
    setattr(Tracer, _name, _value)
