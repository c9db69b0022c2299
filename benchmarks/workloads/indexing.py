"""Gathers, and the scatters that are their gradients: bundle adjustment, vectors of words, sums by segment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.by_hand import compiled
from benchmarks.languages import Language
from benchmarks.workload import GRADIENT, VALUE, Workload
from benchmarks.workloads.data import generator
from benchmarks.workloads.regression import sigmoid

GROUP = "indexing"

# -- reprojection residuals: each observation reads a camera and a point


def reprojection(lang: Language) -> Any:
    """Half the squared distance of projected points from where they were seen.

    A camera is a rotation vector, a translation, a focal length and two coefficients of radial distortion (the model of Agarwal, Snavely, Seitz,
    Szeliski, Bundle Adjustment in the Large, ECCV 2010).
    """
    xp = lang.np

    def loss(p: dict[str, Any], camera: Any, point: Any, seen: Any) -> Any:
        c, x = p["cameras"][camera], p["points"][point]
        turn = c[:, :3]
        angle = xp.sqrt(xp.sum(turn * turn, axis=1, keepdims=True) + 1e-12)
        axis = turn / angle
        cross = xp.stack(
            [
                axis[:, 1] * x[:, 2] - axis[:, 2] * x[:, 1],
                axis[:, 2] * x[:, 0] - axis[:, 0] * x[:, 2],
                axis[:, 0] * x[:, 1] - axis[:, 1] * x[:, 0],
            ],
            axis=1,
        )
        along = xp.sum(axis * x, axis=1, keepdims=True)
        turned = x * xp.cos(angle) + cross * xp.sin(angle) + axis * along * (1.0 - xp.cos(angle)) + c[:, 3:6]
        flat = -turned[:, :2] / turned[:, 2:]
        r2 = xp.sum(flat * flat, axis=1, keepdims=True)
        error = c[:, 6:7] * (1.0 + r2 * (c[:, 7:8] + r2 * c[:, 8:9])) * flat - seen
        return 0.5 * xp.sum(error * error)

    return loss


@compiled
def _reprojection_loop(cameras, points, camera, point, seen):
    total = 0.0
    for i in range(camera.size):
        c, x = cameras[camera[i]], points[point[i]]
        angle = math.sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2] + 1e-12)
        a, b, d = c[0] / angle, c[1] / angle, c[2] / angle
        sine, cosine = math.sin(angle), math.cos(angle)
        along = (a * x[0] + b * x[1] + d * x[2]) * (1.0 - cosine)
        u = x[0] * cosine + (b * x[2] - d * x[1]) * sine + a * along + c[3]
        v = x[1] * cosine + (d * x[0] - a * x[2]) * sine + b * along + c[4]
        w = x[2] * cosine + (a * x[1] - b * x[0]) * sine + d * along + c[5]
        u, v = -u / w, -v / w
        r2 = u * u + v * v
        scale = c[6] * (1.0 + r2 * (c[7] + r2 * c[8]))
        total += 0.5 * ((scale * u - seen[i, 0]) ** 2 + (scale * v - seen[i, 1]) ** 2)
    return total


def reprojection_numba(p: dict[str, np.ndarray], camera: np.ndarray, point: np.ndarray, seen: np.ndarray) -> Any:
    return _reprojection_loop(p["cameras"], p["points"], camera, point, seen)


def reprojection_inputs(cameras: int, points: int, observations: int) -> tuple:
    rng = generator()
    c = np.concatenate(
        [
            rng.normal(0, 0.3, (cameras, 3)),
            rng.normal(0, 0.5, (cameras, 2)),
            rng.normal(-8, 0.5, (cameras, 1)),
            rng.normal(500, 20, (cameras, 1)),
            rng.normal(0, 0.01, (cameras, 2)),
        ],
        axis=1,
    )
    camera, point = rng.integers(0, cameras, observations), rng.integers(0, points, observations)
    return {"cameras": c, "points": rng.normal(size=(points, 3))}, camera, point, rng.normal(0, 60, (observations, 2))


# -- vectors of words, positive and negative pairs


def word_vectors(lang: Language) -> Any:
    """The skip-gram loss with negative samples: sign is 1 or -1 for each pair of a word and its context."""
    xp = lang.np

    def loss(p: dict[str, Any], word: Any, context: Any, sign: Any) -> Any:
        return xp.sum(xp.logaddexp(0.0, -sign * xp.sum(p["words"][word] * p["contexts"][context], axis=1)))

    return loss


def word_vectors_gradient(p: dict[str, np.ndarray], word: np.ndarray, context: np.ndarray, sign: np.ndarray) -> tuple:
    u, v = p["words"][word], p["contexts"][context]
    z = -sign * np.sum(u * v, axis=1)
    slope = (-sign * sigmoid(z))[:, None]
    words, contexts = np.zeros_like(p["words"]), np.zeros_like(p["contexts"])
    np.add.at(words, word, slope * v)
    np.add.at(contexts, context, slope * u)
    return np.sum(np.logaddexp(0.0, z)), {"words": words, "contexts": contexts}


@compiled
def _word_vectors_loop(u, v, word, context, sign):
    total, du, dv, m = 0.0, np.zeros_like(u), np.zeros_like(v), u.shape[1]
    for i in range(word.size):
        a, b = word[i], context[i]
        product = 0.0
        for k in range(m):
            product += u[a, k] * v[b, k]
        z = -sign[i] * product
        small = math.exp(-abs(z))
        total += max(z, 0.0) + math.log1p(small)
        slope = -sign[i] * (1.0 if z >= 0.0 else small) / (1.0 + small)
        for k in range(m):
            du[a, k] += slope * v[b, k]
            dv[b, k] += slope * u[a, k]
    return total, du, dv


def word_vectors_numba(p: dict[str, np.ndarray], word: np.ndarray, context: np.ndarray, sign: np.ndarray) -> tuple:
    total, words, contexts = _word_vectors_loop(p["words"], p["contexts"], word, context, sign)
    return total, {"words": words, "contexts": contexts}


def word_vectors_inputs(words: int, width: int, pairs: int) -> tuple:
    rng = generator()
    p = {"words": rng.normal(0, 0.3, (words, width)), "contexts": rng.normal(0, 0.3, (words, width))}
    return p, rng.integers(0, words, pairs), rng.integers(0, words, pairs), rng.choice([-1.0, 1.0], pairs)


# -- exponentials summed by segment: a scatter, whose gradient is a gather


def segments(lang: Language) -> Any:
    """The sum over segments of log(1 + the sum of exponentials in it); `zeros` has an entry for each segment."""
    xp = lang.np
    return lambda x, segment, zeros: xp.sum(xp.log(1.0 + lang.add_at(zeros, segment, xp.exp(x))))


def segments_numpy(x: np.ndarray, segment: np.ndarray, zeros: np.ndarray) -> Any:
    return np.sum(np.log(1.0 + np.bincount(segment, np.exp(x), len(zeros))))


def segments_gradient(x: np.ndarray, segment: np.ndarray, zeros: np.ndarray) -> tuple:
    e = np.exp(x)
    sums = 1.0 + np.bincount(segment, e, len(zeros))
    return np.sum(np.log(sums)), e / sums[segment]


@compiled
def segments_numba(x, segment, zeros):
    sums, total = np.ones_like(zeros), 0.0
    for i in range(x.size):
        sums[segment[i]] += math.exp(x[i])
    for k in range(sums.size):
        total += math.log(sums[k])
    return total


@compiled
def segments_gradient_numba(x, segment, zeros):
    sums, gradient, total = np.ones_like(zeros), np.empty_like(x), 0.0
    for i in range(x.size):
        gradient[i] = math.exp(x[i])
        sums[segment[i]] += gradient[i]
    for k in range(sums.size):
        total += math.log(sums[k])
    for i in range(x.size):
        gradient[i] /= sums[segment[i]]
    return total, gradient


def segments_inputs(n: int, count: int) -> tuple:
    rng = generator()
    return rng.normal(size=n), rng.integers(0, count, n), np.zeros(count)


WORKLOADS = (
    Workload(
        "reprojection, 20 000 observations", GROUP, reprojection, lambda: reprojection_inputs(50, 5000, 20_000),
        lambda: reprojection_inputs(2, 3, 6), by_hand={("Numba", VALUE): reprojection_numba},
    ),
    Workload(
        "word vectors, 20 000 pairs, 5000 × 64", GROUP, word_vectors, lambda: word_vectors_inputs(5000, 64, 20_000),
        lambda: word_vectors_inputs(4, 3, 7), (GRADIENT,),
        {("NumPy", GRADIENT): word_vectors_gradient, ("Numba", GRADIENT): word_vectors_numba},
    ),
    Workload(
        "sums in 1000 segments, 10⁵", GROUP, segments, lambda: segments_inputs(10**5, 1000), lambda: segments_inputs(7, 3),
        by_hand={
            ("NumPy", VALUE): segments_numpy, ("NumPy", GRADIENT): segments_gradient,
            ("Numba", VALUE): segments_numba, ("Numba", GRADIENT): segments_gradient_numba,
        },
        rivals=("JAX", "torch"),
    ),
)  # fmt: skip
