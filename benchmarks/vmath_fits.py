"""Computes the coefficients of `fgrad/kernels/vmath_coefficients.py`: minimax polynomials by the Remez exchange, in 50 digits.

    python -m benchmarks.vmath_fits > fgrad/kernels/vmath_coefficients.py

Each fit is a row of `FITS`: a function, an interval, a weight (what an error of the fit is worth in the result) and a degree for each
precision. The exchange runs on a fine Chebyshev grid: the reference and the largest error are taken among its points. Where a function is fitted
by a quotient, it agrees with it at Chebyshev points, which is nearly as good. Coefficients are then rounded one by one. Every line of the
output says how large the weighted error of the fit is, before rounding. Needs mpmath.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

mp.mp.dps = 50
HEAD = '''"""Coefficients of the polynomials of the vectorised mathematics, lowest degree first.

Written by `python -m benchmarks.vmath_fits`, where the fitted functions, intervals and weights stand: change them there.
"""

# fmt: off
'''


@dataclass(frozen=True)
class Fit:
    """The polynomial (or with `below` the quotient of two) that is nearest to f on [low, high], its error multiplied by weight.

    split: whether the constant term is written in two numbers.
    """

    name: str
    f: Callable[[Any], Any]
    low: Any
    high: Any
    weight: Callable[[Any], Any]
    degree64: int | None
    degree32: int | None
    below64: int = 0
    below32: int = 0
    split: bool = False


def remez(f: Callable, low: Any, high: Any, weight: Callable, degree: int) -> tuple[list[Any], Any]:
    """The polynomial, and the largest weighted error."""
    n = degree + 2
    xs = chebyshev(low, high, 40 * n)
    ys, ws = [f(x) for x in xs], [weight(x) for x in xs]
    at = [round((len(xs) - 1) * i / (n - 1)) for i in range(n)]
    p: list[Any] = []
    worst = mp.inf
    for _ in range(60):
        rows = mp.matrix([[xs[i] ** j for j in range(degree + 1)] + [-((-1) ** k) / ws[i]] for k, i in enumerate(at)])
        solved = mp.lu_solve(rows, mp.matrix([ys[i] for i in at]))
        p, level = list(solved[: degree + 1]), solved[degree + 1]
        errors = [w * (mp.polyval(p[::-1], x) - y) for x, y, w in zip(xs, ys, ws, strict=True)]
        worst = max(map(abs, errors))
        if worst <= abs(level) * mp.mpf("1.0001"):
            break
        at = exchanged(errors, n)
    return p, worst


def quotient(f: Callable, low: Any, high: Any, weight: Callable, degree: int, below: int) -> tuple[list[Any], list[Any], Any]:
    """Numerator and denominator (its constant term 1) that agree with f at Chebyshev points, and the largest weighted error."""
    nodes = chebyshev(low, high, degree + below + 1)
    rows = mp.matrix([[x**j for j in range(degree + 1)] + [-f(x) * x**j for j in range(1, below + 1)] for x in nodes])
    solved = list(mp.lu_solve(rows, mp.matrix([f(x) for x in nodes])))
    p, q = solved[: degree + 1], [mp.mpf(1), *solved[degree + 1 :]]
    xs = chebyshev(low, high, 500)
    return p, q, max(weight(x) * abs(mp.polyval(p[::-1], x) / mp.polyval(q[::-1], x) - f(x)) for x in xs)


def chebyshev(low: Any, high: Any, n: int) -> list[Any]:
    middle, half = (mp.mpf(low) + high) / 2, (mp.mpf(high) - low) / 2
    return [middle - half * mp.cos(mp.pi * (2 * i + 1) / (2 * n)) for i in range(n)]


def exchanged(errors: Sequence[Any], n: int) -> list[int]:
    """The n alternating extrema of the error, among them the largest."""
    runs: list[int] = []
    for i, e in enumerate(errors):
        if runs and (errors[runs[-1]] > 0) == (e > 0):
            if abs(e) > abs(errors[runs[-1]]):
                runs[-1] = i
        else:
            runs.append(i)
    if len(runs) < n:
        raise ArithmeticError(f"the error alternates {len(runs)} times, and {n} are needed")
    while len(runs) > n:
        if len(runs) - n == 1 or abs(errors[runs[0]]) < abs(errors[runs[-1]]):
            drop = 0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1
            runs.pop(drop)
        else:
            runs.pop()
    return runs


def direct(terms: Callable[[int], Any], z: Any) -> Any:
    """The sum of terms(k) z^k: no cancellation near z = 0."""
    total, k, power = mp.mpf(0), 0, mp.mpf(1)
    while True:
        term = terms(k) * power
        total += term
        if abs(term) < mp.mpf(10) ** -55:
            return total
        k, power = k + 1, power * z


def one(x: Any) -> Any:
    return mp.mpf(1)


def near(x: Any) -> Any:
    return abs(x) + mp.mpf("1e-3")


LN2 = mp.log(2)
R = LN2 / 2 * mp.mpf("1.002")  # a remainder modulo ln(2), with room for its quotient's rounding
QUARTER = mp.pi / 4 * mp.mpf("1.012")
S2 = (3 - 2 * mp.sqrt(2)) ** 2 * mp.mpf("1.0001")  # the square of f / (2 + f) for 1 + f in [sqrt(1/2), sqrt(2)]
T2 = (mp.sqrt(2) - 1) ** 2 * mp.mpf("1.0001")
K = mp.mpf("3.75")


def arcsin_term(k: int) -> Any:
    return mp.binomial(2 * k + 2, k + 1) / mp.mpf(4) ** (k + 1) / (2 * k + 3)


def erfcx_from(t: Any) -> Any:
    x = K * (1 + t) / (1 - t)
    scaled = (
        mp.exp(x * x) * mp.erfc(x)
        if x < 40
        else sum((-1) ** k * mp.fac2(2 * k - 1) / (2 * x * x) ** k for k in range(20)) / x / mp.sqrt(mp.pi)
    )
    return (1 + 2 * x) * scaled


def stirling(z: Any) -> Any:
    """x (lgamma(x) - Stirling's main part), z = 1 / x^2."""
    if z < mp.mpf("1e-6"):
        return sum(mp.bernoulli(2 * k) / (2 * k * (2 * k - 1)) * z ** (k - 1) for k in range(1, 12))
    x = 1 / mp.sqrt(z)
    return x * (mp.loggamma(x) - ((x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2))


def gamma_middle(x: Any) -> Any:
    return mp.loggamma(x) / ((x - 1) * (x - 2))


def psi_tail(z: Any) -> Any:
    """(log(x) - 1/(2x) - digamma(x)) x^2, z = 1 / x^2."""
    if z < mp.mpf("1e-6"):
        return sum(mp.bernoulli(2 * k) / (2 * k) * z ** (k - 1) for k in range(1, 12))
    x = 1 / mp.sqrt(z)
    return (mp.log(x) - 1 / (2 * x) - mp.digamma(x)) / z


def lgamma_term(k: int) -> Any:
    """Of the series of lgamma(2 + t) / t."""
    return 1 - mp.euler if k == 0 else (-1) ** (k + 1) * (mp.zeta(k + 1) - 1) / (k + 1)


def psi_term(k: int) -> Any:
    """Of the series of digamma(2 + t)."""
    return lgamma_term(k) * (k + 1)


def zeros_of_lgamma() -> list[Any]:
    """Those below 0 that are further from the integers than numbers of 53 bits are from each other, the largest first: two between integers."""
    found = []
    for n in range(2, 15):
        lowest = mp.findroot(mp.digamma, (-n - mp.mpf("0.9"), -n - mp.mpf("0.1")), solver="anderson")
        for end in (-n, -n - 1):  # the zero is about 1 / n! from the integer
            near = end + (lowest - end) * mp.mpf("1e-20")
            found.append(mp.findroot(lambda x: mp.re(mp.loggamma(x)), (near, lowest), solver="anderson", tol=1e-80, maxsteps=300))
    return found


def zeros_of_digamma() -> list[Any]:
    ends = ((-n - mp.mpf("0.999"), -n - mp.mpf("0.01")) for n in range(18))
    return [mp.findroot(mp.digamma, pair, solver="anderson", tol=1e-80, maxsteps=300) for pair in ends]


PSI_ROOT = mp.findroot(mp.digamma, mp.mpf("1.4616"))

FITS = (
    Fit("EXPM1", lambda r: direct(lambda k: 1 / mp.factorial(k + 2), r), -R, R, near, 9, 5),  # (e^r - 1 - r) / r^2
    Fit("LOG", lambda w: direct(lambda k: mp.mpf(2) / (2 * k + 3), w), 0, S2, near, 6, 3),  # (log(1 + f) / s - 2) / s^2, s^2
    Fit("LOG_TAIL", lambda w: direct(lambda k: mp.mpf(2) / (2 * k + 5), w), 0, S2, near, 6, None),
    Fit("SINH", lambda z: direct(lambda k: 1 / mp.factorial(2 * k + 3), z), 0, mp.mpf("0.3136"), one, 5, 3),  # (sinh(r) - r) / r^3, r^2
    # (cosh(r) - 1 - r^2 / 2) / r^4
    Fit("COSH", lambda z: direct(lambda k: 1 / mp.factorial(2 * k + 4), z), 0, mp.mpf("0.3136"), one, 5, 2),
    Fit("SIN", lambda z: direct(lambda k: (-1) ** (k + 1) / mp.factorial(2 * k + 3), z), 0, QUARTER**2, near, 5, 2),
    Fit("COS", lambda z: direct(lambda k: (-1) ** k / mp.factorial(2 * k + 4), z), 0, QUARTER**2, near, 5, 2),
    Fit("ARCTAN", lambda z: direct(lambda k: (-1) ** (k + 1) / mp.mpf(2 * k + 3), z), 0, T2, near, 10, 4),
    Fit("ARCSIN", lambda z: direct(arcsin_term, z), 0, mp.mpf("0.2501"), near, 11, 4),
    Fit("ERF", lambda z: direct(lambda k: (-1) ** k * 2 / mp.sqrt(mp.pi) / mp.factorial(k) / (2 * k + 1), z) - 1, 0, 1, one, 12, 6),
    Fit("ERF_TAIL", lambda x: -mp.log(mp.erfc(x)), 1, 6, lambda x: mp.erfc(x) / mp.erf(x), 15, None),
    Fit("ERF_TAIL", lambda x: -mp.log(mp.erfc(x)), 1, 4, lambda x: mp.erfc(x) / mp.erf(x), None, 7),
    Fit("ERFCX", erfcx_from, mp.mpf("-0.65"), mp.mpf("0.77"), one, 20, None, split=True),
    Fit("ERFCX", erfcx_from, mp.mpf("-0.65"), mp.mpf("0.47"), one, None, 9, split=True),
    Fit("LGAMMA", lambda v: gamma_middle(v + 1) - mp.mpf("0.46875"), mp.mpf("-0.2"), 2, one, 9, 5, 9, 4),
    Fit("STIRLING", stirling, mp.mpf("1e-30"), mp.mpf(1) / 9, one, 11, 3),
    Fit("DIGAMMA", lambda v: mp.digamma(v + 1) / (v + 1 - PSI_ROOT) - mp.mpf(3) / 4, 0, 2, one, 7, 4, 7, 4),
    Fit("DIGAMMA_TAIL", psi_tail, mp.mpf("1e-30"), mp.mpf(1) / 9, one, 11, 4),
    Fit("DIGAMMA_FAR", psi_tail, mp.mpf("1e-30"), mp.mpf(1) / 18**2, one, 7, None),
    Fit("CBRT", lambda m: mp.cbrt(m), 1, 8, lambda m: 1 / mp.cbrt(m), 4, 4),
)


FLOATS = {64: np.float64, 32: np.float32}
HALF = mp.mpf("0.5001")
# A function as the first terms of its series, whose coefficients are written in two numbers each, and a polynomial: terms, how many, interval, degree.
SERIES = {
    "LGAMMA": (lgamma_term, 5, -HALF, HALF, 18),
    "DIGAMMA": (psi_term, 6, -HALF, HALF, 19),
    "SINE": (lambda k: (-1) ** k / mp.factorial(2 * k + 1), 3, 0, QUARTER**2, 5),
    "COSINE": (lambda k: (-1) ** k / mp.factorial(2 * k), 4, 0, QUARTER**2, 4),
}
ZEROS = {"LGAMMA": (zeros_of_lgamma, 0), "DIGAMMA": (zeros_of_digamma, 1)}  # and the derivative of lgamma that vanishes


def zero_row(x: Any, order: int) -> str:
    """The zero and the first Taylor coefficient in two numbers each, and four more coefficients."""
    slope, *more = (mp.psi(k + order, x) / mp.factorial(k + 1) for k in range(5))
    return rounded([x, rest(x), slope, rest(slope), *more], 64)[1:-1]


def nearest(x: Any, bits: int = 64) -> float:
    return float(FLOATS[bits](str(mp.nstr(x, 30))))


def rest(x: Any, bits: int = 64) -> Any:
    return x - mp.mpf(nearest(x, bits))


def after(terms: Callable[[int], Any], many: int) -> Callable[[Any], Any]:
    return lambda x: direct(lambda k: terms(k + many), x)


def pairs_and_zeros() -> None:
    for name, (terms, many, low, high, degree) in SERIES.items():
        head = [terms(k) for k in range(many)]
        p, worst = remez(after(terms, many), low, high, one, degree)
        print(f"# {name}: {mp.nstr(worst, 2)}")
        print(f"{name}_HEAD_64 = {rounded(head, 64)}")
        print(f"{name}_HEAD_LOW_64 = {rounded(list(map(rest, head)), 64)}")
        print(f"{name}_REST_64 = {rounded(p, 64)}")
    for name, (zeros, order) in ZEROS.items():
        print(f"# Zeros of {name.lower()}, and its Taylor series there")
        print(f"{name}_ZEROS_64 = (\n" + "".join(f"    {zero_row(x, order)},\n" for x in zeros()) + ")")


def rounded(values: Sequence[Any], bits: int) -> str:
    return "(" + ", ".join(repr(nearest(v, bits)) for v in values) + ")"


def main() -> None:
    print(HEAD)
    for fit in FITS:
        for bits, degree, below in ((64, fit.degree64, fit.below64), (32, fit.degree32, fit.below32)):
            if degree is None:
                continue
            ends = fit.f, fit.low, fit.high, fit.weight
            if below:
                p, q, worst = quotient(*ends, degree, below)
            else:
                (p, worst), q = remez(*ends, degree), []
            print(f"# {fit.name}: {mp.nstr(worst, 2)}")
            print(f"{fit.name}_{bits} = {rounded(p, bits)}")
            if q:
                print(f"{fit.name}_BELOW_{bits} = {rounded(q, bits)}")
            if fit.split:
                print(f"{fit.name}_LOW_{bits} = {rounded([rest(p[0], bits)], bits)[1:-1]}")
    pairs_and_zeros()


if __name__ == "__main__":
    main()
