"""Fourier transforms beyond the table: transposes are transforms again, inverses undo, derivatives of convolutions; errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import fgrad
import fgrad.numpy as fnp

NORMS = (None, "backward", "ortho", "forward")


def close(got: Any, want: Any) -> None:
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def names(f: Any, *xs: Any) -> list[str]:
    return [e.primitive.name for e in fgrad.make_jaxpr(f)(*xs).jaxpr.eqns]


@pytest.mark.parametrize("norm", NORMS)
def test_transposes_are_transforms(rng, norm):
    """Against the transpose of the matrix whose columns are the transforms of the unit vectors."""
    for n in (1, 2, 5, 6):
        complex_matrix = np.fft.fft(np.eye(n), norm=norm, axis=0)
        ct = rng.normal(size=n) + 1j * rng.normal(size=n)
        z = rng.normal(size=n) + 1j * rng.normal(size=n)
        close(fgrad.vjp(lambda x, norm=norm: np.fft.fft(x, norm=norm), z)[1](ct)[0], complex_matrix.T @ ct)
        half = np.fft.rfft(np.eye(n), norm=norm, axis=0)
        ct = ct[: n // 2 + 1]
        close(fgrad.vjp(lambda x, norm=norm: np.fft.rfft(x, norm=norm), z.real)[1](ct)[0], np.real(half.T @ ct))
        back = np.stack([np.fft.irfft(u, n, norm=norm) for u in np.eye(n // 2 + 1)], 1)
        back_imaginary = np.stack([np.fft.irfft(1j * u, n, norm=norm) for u in np.eye(n // 2 + 1)], 1)
        real_ct = z.real
        pulled = fgrad.vjp(lambda x, n=n, norm=norm: np.fft.irfft(x, n, norm=norm), z[: n // 2 + 1])[1](real_ct)[0]
        close(pulled, back.T @ real_ct - 1j * (back_imaginary.T @ real_ct))


def test_gradients_are_one_transform(rng):
    x = rng.normal(size=8)
    counts = lambda f: [n for n in names(f, x) if "fft" in n]
    assert counts(fgrad.grad(lambda x: np.sum(np.abs(np.fft.rfft(x)) ** 2))) == ["rfft", "irfft"]
    assert counts(fgrad.grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))) == ["fft", "fft"]


@pytest.mark.parametrize("norm", NORMS)
def test_inverses(rng, norm):
    x, z = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 4, 5)) + 1j * rng.normal(size=(3, 4, 5))
    for forward, inverse, y in (
        (np.fft.fft, np.fft.ifft, z), (np.fft.fft2, np.fft.ifft2, z), (np.fft.fftn, np.fft.ifftn, z),
    ):  # fmt: skip
        round_trip = lambda y, f=forward, g=inverse: g(f(y, norm=norm), norm=norm)
        close(fgrad.jvp(round_trip, (y,), (z,))[1], z)
    for forward, inverse, size in ((np.fft.rfft, np.fft.irfft, 5), (np.fft.rfft2, np.fft.irfft2, (4, 5))):
        round_trip = lambda y, f=forward, g=inverse, n=size: g(f(y, norm=norm), n, norm=norm)
        close(fgrad.jvp(round_trip, (x,), (x + 1,))[1], x + 1)
    close(fgrad.jvp(lambda x: np.fft.hfft(np.fft.ihfft(x, norm=norm), 5, norm=norm), (x,), (x + 1,))[1], x + 1)
    shifted = lambda x: np.fft.ifftshift(np.fft.fftshift(x, axes=(0, 2)), axes=(0, 2))
    close(fgrad.jvp(shifted, (x,), (x + 1,))[1], x + 1)


def test_convolution_theorem(rng):
    """The gradient of a convolution by transforms is that of the convolution by sums."""
    x, k = rng.normal(size=9), rng.normal(size=9)
    by_transforms = lambda x, k: np.sum(np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(k), 9) ** 3)
    places = (np.arange(9)[:, None] - np.arange(9)) % 9
    by_sums = lambda x, k: np.sum((k[places] @ x) ** 3)
    for got, want in zip(fgrad.grad(by_transforms, (0, 1))(x, k), fgrad.grad(by_sums, (0, 1))(x, k), strict=True):
        close(got, want)
    close(fgrad.hessian(by_transforms)(x, k), fgrad.hessian(by_sums)(x, k))


def test_dtypes():
    for dtype, want in (("float32", "complex64"), ("float64", "complex128"), ("complex64", "complex64"), ("int8", "complex128")):
        assert fgrad.eval_shape(np.fft.fft, np.ones(4, dtype)).dtype == want
    assert fgrad.eval_shape(np.fft.irfft, np.ones(4, np.complex64)).dtype == np.float32
    assert fgrad.eval_shape(np.fft.rfft, np.ones(4, np.float32)).dtype == np.complex64


def test_frequencies(rng):
    close(fgrad.grad(lambda d: np.sum(np.fft.fftfreq(4, d)[1]))(0.5), -1.0)
    assert fnp.fft.rfftfreq(4, np.float32(0.5)).dtype == np.fft.rfftfreq(4, np.float32(0.5)).dtype


def refused(error: type[Exception], match: str, f: Any, x: Any) -> None:
    with pytest.raises(error, match=match):
        fgrad.make_jaxpr(f)(x)


def test_errors():
    x = np.ones((2, 3))
    refused(ValueError, "at least one point, not 0", lambda x: np.fft.fft(x, 0), x)
    refused(ValueError, "at least one point, not 0", np.fft.irfft, np.ones((2, 1)))
    refused(TypeError, "is complex, and this transform is of real values", np.fft.rfft, x + 0j)
    refused(ValueError, '"backward", "ortho" or "forward"', lambda x: np.fft.fft(x, norm="both"), x)
    refused(IndexError, "axis 2 is out of range", lambda x: np.fft.fft(x, axis=2), x)
    refused(ValueError, "different lengths", lambda x: np.fft.fftn(x, s=(2,), axes=(0, 1)), x)
    refused(ValueError, "no axis to transform", lambda x: np.fft.rfftn(x, axes=()), x)
    refused(NotImplementedError, "keyword out", lambda x: np.fft.fft(x, out=np.ones((2, 3), complex)), x)
